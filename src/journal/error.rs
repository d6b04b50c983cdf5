//! Why a journal cannot be written, or not be trusted.

use std::fmt;
use std::path::PathBuf;

use crate::bytes::BytesError;

/// A place in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file of the segment.
    pub file: PathBuf,
    /// The byte in it at which the record begins.
    pub offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.file.display(), self.offset)
    }
}

/// Why something of a journal failed. Nothing that was confirmed is lost by any of these.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file system refused: a full or read-only disk, missing rights.
    #[error("cannot {doing} {}: {error}", .file.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        file: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Another process, or another handle of this one, writes the journal.
    #[error("{} is in use: one process writes a journal", .0.display())]
    InUse(PathBuf),
    /// There is a journal already where one was to be made.
    #[error("{} holds a journal already: open it, or name an empty folder", .0.display())]
    Exists(PathBuf),
    /// There is no journal.
    #[error("{} holds no journal", .0.display())]
    Missing(PathBuf),
    /// Bytes have changed, or are missing where more follow. Nothing behind that place is read.
    #[error("the journal is damaged: {place}: {what}. Restore the file from a copy; nothing was changed")]
    Damaged {
        /// Where.
        place: Place,
        /// What is wrong there.
        what: &'static str,
    },
    /// What the engine decides now is not what is recorded that it decided.
    #[error("{place}: the engine does not decide again what is recorded: it was written by another version of the engine, or changed")]
    Diverged {
        /// Where the other decision is recorded.
        place: Place,
    },
    /// A record is sound but says what this version does not know.
    #[error("{place}: {what}")]
    Unknown {
        /// Where.
        place: Place,
        /// What it says.
        what: String,
    },
    /// An earlier error left the journal behind the engine: it must be opened anew.
    #[error("an earlier error stopped this journal: open it again, and send again what was not confirmed")]
    Stopped,
    /// An event or a program has no form in the journal.
    #[error("cannot be recorded: {0}")]
    Form(String),
    /// The database of snapshots.
    #[error("the snapshots: {0}")]
    Snapshots(String),
    /// A snapshot cannot be read.
    #[error("a snapshot: {0}")]
    Bytes(#[from] BytesError),
}
