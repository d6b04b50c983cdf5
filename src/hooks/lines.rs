//! A hook that writes deliveries down: for logs, for dry runs, and for whatever reads a file.

use std::io::Write;

use serde::Serialize;

use super::{Answer, Delivery, Hook};

/// Writes each delivery as one JSON object on a line, and answers that it is done once the line is written.
///
/// Over a file it is a queue that others read; over standard output, a log. A line that cannot be written has not been
/// delivered: it goes out again.
#[derive(Debug)]
pub struct JsonLines<W>(pub W);

impl<W: Write> Hook for JsonLines<W> {
    fn deliver(&mut self, delivery: &Delivery) -> Answer {
        let Ok(mut line) = serde_json::to_vec(delivery) else { return Answer::Impossible("it has no form in JSON".into()) };
        line.push(b'\n');
        match self.0.write_all(&line).and_then(|()| self.0.flush()) {
            Ok(()) => Answer::Done,
            Err(error) => Answer::Failed(error.to_string()),
        }
    }
}

/// Delivers by another hook, and writes down what was delivered and what was answered: one JSON object on a line.
///
/// A line that cannot be written changes no answer: what is done is done.
#[derive(Debug)]
pub struct Record<H, W> {
    /// What delivers.
    pub hook: H,
    /// Where it is written down.
    pub lines: W,
}

/// A line of [`Record`].
#[derive(Serialize)]
struct Recorded<'a> {
    #[serde(flatten)]
    delivery: &'a Delivery,
    answer: &'a Answer,
}

impl<H: Hook, W: Write> Hook for Record<H, W> {
    fn deliver(&mut self, delivery: &Delivery) -> Answer {
        let answer = super::deliver(&mut self.hook, delivery);
        if let Ok(mut line) = serde_json::to_vec(&Recorded { delivery, answer: &answer }) {
            line.push(b'\n');
            let _ = self.lines.write_all(&line).and_then(|()| self.lines.flush());
        }
        answer
    }
}
