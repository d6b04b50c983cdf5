//! What cannot be read: where, what, and how to mend it.

use std::fmt::Write;
use std::sync::Arc;

use crate::event::EventError;

/// Something in a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct ReadError {
    /// The file's name; after `/`, the member of an archive.
    pub file: String,
    /// The line in it, counted from 1.
    pub line: Option<u64>,
    /// The field or column.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl ReadError {
    fn text(&self) -> String {
        let mut text = self.file.clone();
        // Writing to a string cannot fail.
        if let Some(line) = self.line {
            let _ = write!(text, ":{line}");
        }
        if let Some(field) = &self.field {
            let _ = write!(text, ": field `{field}`");
        }
        let _ = write!(text, ": {}; {}", self.message, self.help);
        text
    }
}

/// Where a reader stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: Arc<str>,
    pub(super) line: Option<u64>,
}

impl Place {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.into(), line: None }
    }

    pub(super) fn at_line(&self, line: u64) -> Self {
        Self { file: self.file.clone(), line: Some(line) }
    }

    /// The place in a member of this archive.
    pub(super) fn member(&self, name: &str) -> Self {
        Self::new(&format!("{}/{name}", self.file))
    }

    pub(super) fn error(&self, field: Option<&str>, message: impl Into<String>, help: impl Into<String>) -> ReadError {
        ReadError { file: self.file.to_string(), line: self.line, field: field.map(Into::into), message: message.into(), help: help.into() }
    }

    pub(super) fn event(&self, error: EventError) -> ReadError {
        self.error(error.field.as_deref(), error.message, error.help)
    }

    pub(super) fn io(&self, error: &std::io::Error) -> ReadError {
        self.error(None, format!("cannot be read further: {error}"), "check that the file is whole, or get it again")
    }

    /// The file's name without folders and extension: what the ids of its events begin with.
    pub(super) fn stem(&self) -> &str {
        let name = self.file.rsplit(['/', '\\']).next().unwrap_or(&self.file);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let end = (0..=stem.len().min(MAX_STEM_BYTES)).rev().find(|end| stem.is_char_boundary(*end)).unwrap_or(0);
        stem.get(..end).unwrap_or("")
    }
}

/// Rows of a CSV, with the number of each row's line also where lines end as on Windows: the reader
/// that understands those line ends counts them late. A carriage return is left in the last cell.
pub(super) fn csv_rows<R: std::io::Read>(text: R) -> csv::Reader<R> {
    let line_end = csv::Terminator::Any(b'\n');
    csv::ReaderBuilder::new().has_headers(false).flexible(true).terminator(line_end).trim(csv::Trim::All).from_reader(text)
}

/// Leaves room for the row in an id.
const MAX_STEM_BYTES: usize = 48;
