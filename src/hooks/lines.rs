//! A hook that writes deliveries down: for logs, for dry runs, and for whatever reads a file.

use std::io::Write;

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
