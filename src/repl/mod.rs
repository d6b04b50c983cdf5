//! The prompt: steps of scenarios, expressions, and questions about an account, one line at a time.
//!
//! Nothing here knows a terminal or reads a file: a [`Session`] takes a line and returns text or an
//! error, and asks its [`Desk`] for files.

mod ask;
mod close;
mod commands;
mod complete;
mod course;
mod differ;
mod hints;
mod loading;
mod needed;
mod open;
mod overrun;
mod paint;
mod payout;
mod program;
mod save;
mod session;
mod settings;
mod show;
mod steps;
#[cfg(test)]
mod tests;
mod undo;
mod why;
mod world;

pub use commands::{COMMANDS, Row};
pub use complete::Completion;
pub use hints::OF_THE_SHELL;
pub use open::{is_block_open, is_open};
pub use paint::{Paint, paint};
pub use program::{Options, Program};
pub use session::Session;

use crate::diagnostic::{Diagnostic, Severity};
use crate::event::Event;
use crate::source::Source;

/// How messages call what was typed.
const PROMPT: &str = "prompt";

/// The program of a session that is given none.
pub const EMPTY: &str = r#"program "Empty" {
    firm      "None"  version "1"
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size     |
        | 100K | $100,000 |

    phase trading {
        ledger starts at size
    }
}
"#;

/// What a session has from outside: files.
pub trait Desk {
    /// The program of the session, read anew; none where the session was given none.
    ///
    /// # Errors
    /// In words, when it cannot be read; with its findings, when it has errors.
    fn program(&mut self) -> Result<Option<Program>, Trouble>;

    /// The events of files, in order of time.
    ///
    /// # Errors
    /// In words, when a file cannot be read.
    fn events(&mut self, files: &[String]) -> Result<Loaded, String>;

    /// The text of a file; none where there is no such file.
    ///
    /// # Errors
    /// In words, when it cannot be read.
    fn text(&mut self, file: &str) -> Result<Option<String>, String>;

    /// Whether a person has asked to stop what is running; asked once for each time.
    fn is_stopped(&mut self) -> bool {
        false
    }

    /// What the code of a finding means; all codes where none is given.
    ///
    /// # Errors
    /// In words, when there is no such code.
    fn explain(&mut self, code: &str) -> Result<String, String>;

    /// Writes a file.
    ///
    /// # Errors
    /// In words, when it cannot be written.
    fn write(&mut self, file: &str, text: &str) -> Result<(), String>;
}

/// Events of files.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// What the files are called, for messages.
    pub files: String,
    /// The events in order of time, and before the first of a symbol what it is by convention, where no event says it.
    pub events: std::sync::Arc<Vec<Event>>,
    /// Whether each fill has a position of its own.
    pub hedging: bool,
    /// The lines that could not be read, in words.
    pub unread: Vec<String>,
}

/// What a line came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// What to show; may be empty.
    pub text: String,
    /// Whether the session is over.
    pub over: bool,
}

/// Why a line could not be done; nothing was changed by it.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// In words.
    Words(String),
    /// What was found in a text.
    Findings(Source, Vec<Diagnostic>),
    /// Why the program could not be read again; the session goes on with the one that it has.
    NotReloaded(Box<Self>),
}

impl Trouble {
    fn words(text: &str) -> Self {
        Self::Words(text.to_owned())
    }
}

impl From<String> for Trouble {
    fn from(text: String) -> Self {
        Self::Words(text)
    }
}

/// What was found in a text is why a line cannot be done, if an error is among it.
fn findings(source: &Source, found: Vec<Diagnostic>) -> Result<(), Trouble> {
    let errors: Vec<Diagnostic> = found.into_iter().filter(|found| found.severity() == Severity::Error).collect();
    if errors.is_empty() { Ok(()) } else { Err(Trouble::Findings(source.clone(), errors)) }
}
