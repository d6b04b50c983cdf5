//! JSON Lines: one event a line.

use std::io::{BufRead, Read};

use super::error::{Place, ReadError};
use crate::event::{Event, Raw};

/// How long a line may be, in bytes.
const MAX_LINE_BYTES: u64 = 1024 * 1024;

/// Reads line by line; holds one line at a time.
pub(super) struct Lines<'i> {
    place: Place,
    input: Box<dyn BufRead + 'i>,
    line: Vec<u8>,
    number: u64,
    ended: bool,
}

impl<'i> Lines<'i> {
    pub(super) fn new(place: Place, input: Box<dyn BufRead + 'i>) -> Self {
        Self { place, input, line: Vec::new(), number: 0, ended: false }
    }

    /// Reads the next line; says whether there is one.
    fn advance(&mut self) -> std::io::Result<bool> {
        self.line.clear();
        self.number += 1;
        self.input.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut self.line)?;
        Ok(!self.line.is_empty())
    }

    fn too_long(&self) -> bool {
        u64::try_from(self.line.len()).is_ok_and(|length| length > MAX_LINE_BYTES) && self.line.last() != Some(&b'\n')
    }

    fn skip_rest(&mut self) -> Result<(), ReadError> {
        while self.line.last().is_some_and(|last| *last != b'\n') {
            self.line.clear();
            let read = self.input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut self.line);
            read.map_err(|error| self.place.at_line(self.number).io(&error))?;
        }
        Ok(())
    }

    fn event(&self) -> Result<Event, ReadError> {
        let place = self.place.at_line(self.number);
        match serde_json::from_slice(self.line.trim_ascii_end()) {
            Ok(Raw::Map(fields)) => Event::from_fields(fields).map_err(|error| place.event(error)),
            Ok(_) => Err(place.error(None, "is no event", "write an object with `id`, `at`, `kind` and the fields of its kind")),
            Err(error) => Err(place.error(None, not_json(&error), "write one event a line, as JSON in UTF-8")),
        }
    }
}

/// The parser's words without its line, which is always the first.
fn not_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    format!("is no JSON at column {}: {}", error.column(), what.replace("EOF while parsing", "it ends inside"))
}

impl Iterator for Lines<'_> {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.advance() {
                Ok(true) if self.too_long() => {
                    let error = self.place.at_line(self.number).error(
                        None,
                        format!("has more than {MAX_LINE_BYTES} bytes"),
                        "write one event a line",
                    );
                    return Some(Err(self.skip_rest().err().unwrap_or(error)));
                }
                Ok(true) if self.line.trim_ascii().is_empty() => {}
                Ok(true) => return Some(self.event()),
                Ok(false) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(self.place.at_line(self.number).io(&error)));
                }
            }
        }
        None
    }
}
