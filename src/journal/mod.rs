//! An engine that loses nothing: every event is recorded before it is applied, and what it led to before anybody
//! acts on it.
//!
//! A journal is a folder: segments of records that are only ever added to, each bound to all before it by a hash,
//! and a database of snapshots. Opening it applies the events behind the last snapshot again, and compares what
//! the engine decides with what is recorded that it decided. A write that came to no end is cut off and told: it
//! was confirmed to nobody. A byte that has changed is an error that names its place, and nothing is changed then.
//!
//! ```
//! # use ringfence::{event::Event, source::Source};
//! use ringfence::journal::{Journaled, Options};
//!
//! # let folder = std::env::temp_dir().join(format!("ringfence-doc-{}", std::process::id()));
//! # let program = "program \"P\" {\n firm \"F\"\n version \"1\"\n currency USD\n timezone \"UTC\"\n day 00:00 to 00:00\n plans\n | plan | size |\n | S | $10,000 |\n phase only {\n ledger starts at size\n limit \"Loss\" {\n equity stays above $9,000\n on breach { fail }\n }\n }\n}\n";
//! # let opening = r#"{"id":"o","account":"A","at":"2026-03-02T00:00:00Z","kind":"open","program":"P","version":"1","plan":"S","currency":"USD","start_balance":"10000","position_mode":"netting","trader":"T","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}"#;
//! # let loss = r#"{"id":"s","account":"A","at":"2026-03-02T10:00:00Z","kind":"snapshot","balance":"9000","equity":"9000"}"#;
//! let mut engine = Journaled::create(&folder, Options::default())?;
//! engine.load(&Source::new("p.fence", program))?;
//! for line in [opening, loss] {
//!     let event: Event = serde_json::from_str(line)?;
//!     let outcomes = engine.apply(&event)?; // on the disk by now: act on it
//! #   let _ = outcomes;
//! }
//! drop(engine); // or the power goes
//!
//! let (engine, recovery) = Journaled::open(&folder, Options::default())?;
//! assert_eq!(recovery.events, 2);
//! assert_eq!(engine.engine().account("A").map(|account| account.status().phase.to_string()), Some("failed".to_owned()));
//! # drop(engine);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod hex;
mod proof;
mod record;
mod recovery;
mod segments;
mod signatures;
mod snapshots;
#[cfg(test)]
mod tests;

pub use error::{JournalError, Place};
pub use proof::{Asked, Proof, ProofError, prove};
pub use record::{Chain, Kind, MAX_PAYLOAD, Record};
pub use recovery::{Recovery, Verified, decide_again, read, verify};
pub use segments::{End, Position};
pub use signatures::{NotAKey, PublicKey, SecretKey, Signed, SignedSegment, signatures};

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::engine::Engine;
use crate::event::Event;
use crate::outcome::Outcome;
use crate::source::Source;
use crate::value::Instant;
use segments::Writer;
use snapshots::Snapshots;

/// When what is recorded is on the disk, and with it what may be lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// After each call that applies something: nothing that was returned is lost, whatever happens.
    #[default]
    Each,
    /// When [`Journaled::commit`] is called, and after each [`Journaled::apply_all`]. If the machine goes down,
    /// what was applied since is lost; if only the process does, nothing is. Act on outcomes behind a commit.
    Group,
    /// When the system sees fit. If only the process goes down nothing is lost; if the machine does, any number
    /// of the latest events may be. For rehearsals, and for hosts whose events can be sent again.
    System,
}

/// How a journal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// When it is on the disk.
    pub sync: Sync,
    /// A segment of more bytes is followed by another.
    pub segment_bytes: u64,
    /// Signs each segment at its end, and everything up to there at [`Journaled::commit`] and
    /// [`Journaled::snapshot`]. What is recorded later is not signed until then.
    pub key: Option<SecretKey>,
}

impl Default for Options {
    fn default() -> Self {
        Self { sync: Sync::Each, segment_bytes: 64 * 1024 * 1024, key: None }
    }
}

/// An engine and its journal.
#[derive(Debug)]
pub struct Journaled {
    engine: Engine,
    writer: Writer,
    snapshots: Snapshots,
    sync: Sync,
    /// Whether the engine may be ahead of the journal.
    stopped: bool,
    /// Held while this process writes the journal.
    _lock: File,
}

impl Journaled {
    /// Makes a journal in a folder, which is made too, of an engine without programs and accounts.
    ///
    /// # Errors
    /// When the folder holds a journal already, or the file system refuses.
    pub fn create(folder: impl AsRef<Path>, options: Options) -> Result<Self, JournalError> {
        let folder = folder.as_ref();
        fs::create_dir_all(folder).map_err(|error| JournalError::File { doing: "make", file: folder.to_owned(), error })?;
        let lock = locked(folder)?;
        if segments::file_of(folder, 0).exists() {
            return Err(JournalError::Exists(folder.to_owned()));
        }
        let snapshots = Snapshots::open(folder)?;
        let writer = Writer::create(folder, options)?;
        Ok(Self { engine: Engine::new(), writer, snapshots, sync: options.sync, stopped: false, _lock: lock })
    }

    /// Opens a journal: the last snapshot, and the events behind it applied again.
    ///
    /// # Errors
    /// When there is none, when it is damaged (its place is told, and nothing is changed), or when the engine
    /// does not decide again what is recorded.
    pub fn open(folder: impl AsRef<Path>, options: Options) -> Result<(Self, Recovery), JournalError> {
        let folder = folder.as_ref();
        if !segments::file_of(folder, 0).exists() {
            return Err(JournalError::Missing(folder.to_owned()));
        }
        let lock = locked(folder)?;
        let snapshots = Snapshots::open(folder)?;
        let (engine, missing, recovery) = recovery::recover(folder, &snapshots)?;
        let mut writer = Writer::resume(folder, recovery.position, options)?;
        for outcome in &missing {
            writer.add(Kind::Outcome, outcome)?;
        }
        writer.write()?;
        writer.settle(true)?;
        let journaled = Self { engine, writer, snapshots, sync: options.sync, stopped: false, _lock: lock };
        Ok((journaled, recovery))
    }

    /// The engine: what questions are asked of. What is applied goes through the journal.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Behind the last record.
    pub const fn position(&self) -> Position {
        self.writer.position()
    }

    /// Compiles a program and makes it known, as [`Engine::load`] does; its text is recorded.
    ///
    /// # Errors
    /// When it has errors, or cannot be recorded.
    pub fn load(&mut self, source: &Source) -> Result<(), JournalError> {
        let program = recovery::compiled(source)?;
        let files: Vec<(&str, &str)> = source.files().iter().map(|file| (file.name.as_str(), source.slice(file.span))).collect();
        self.record(Kind::Program, &to_json(&files)?)?;
        self.engine.load(program);
        self.settle(self.sync == Sync::Each)
    }

    /// Records an event, applies it, and records what it led to. The outcomes may be acted on when this
    /// returns, under [`Sync::Each`]; under [`Sync::Group`] behind the next [`Journaled::commit`].
    ///
    /// # Errors
    /// When the file system refuses. The event was then not confirmed: open the journal again and send it again.
    pub fn apply(&mut self, event: &Event) -> Result<&[Outcome], JournalError> {
        self.take(event)?;
        self.settle(self.sync == Sync::Each)?;
        Ok(self.engine.outcomes())
    }

    /// Records and applies events, and waits for the disk once. Gives the outcomes of each to a function, in
    /// order; they may be acted on when this returns.
    ///
    /// # Errors
    /// As [`Journaled::apply`]: none of them was confirmed then.
    pub fn apply_all(&mut self, events: &[Event], mut each: impl FnMut(&Event, &[Outcome])) -> Result<(), JournalError> {
        for event in events {
            self.take(event)?;
            each(event, self.engine.outcomes());
        }
        self.settle(self.sync != Sync::System)
    }

    /// Lets time pass up to an instant, as [`Engine::advance`] does.
    ///
    /// # Errors
    /// As [`Journaled::apply`].
    pub fn advance(&mut self, to: Instant) -> Result<&[Outcome], JournalError> {
        self.record(Kind::Advance, &to.nanos().to_le_bytes())?;
        self.engine.advance(to);
        self.record_outcomes()?;
        self.settle(self.sync == Sync::Each)?;
        Ok(self.engine.outcomes())
    }

    /// Signs everything that was recorded, where there is a key, and waits until it is on the disk.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn commit(&mut self) -> Result<(), JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped);
        }
        // A signature that cannot be written is taken back: what is recorded stands without it.
        self.writer.sign()?;
        self.settle(true)
    }

    /// Keeps a snapshot of the engine, so that opening need not apply what was before. The two latest are kept.
    ///
    /// # Errors
    /// When the file system refuses; the journal is whole without it.
    pub fn snapshot(&mut self) -> Result<(), JournalError> {
        self.commit()?;
        self.snapshots.keep(self.writer.position(), &self.engine)
    }

    fn take(&mut self, event: &Event) -> Result<(), JournalError> {
        let before = self.writer.position();
        self.record(Kind::Event, &to_json(event)?)?;
        // The event is recorded: without its outcomes the engine must not go on.
        recovery::apply(&mut self.engine, event, self.writer.folder(), before).inspect_err(|_| self.stopped = true)?;
        self.record_outcomes()
    }

    /// Records what comes before the engine is touched: if that fails nothing has happened.
    fn record(&mut self, kind: Kind, payload: &[u8]) -> Result<(), JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped);
        }
        self.writer.add(kind, payload)?;
        self.writer.write()
    }

    /// Records what the engine has decided: if that fails the engine is ahead, and nothing more is taken.
    fn record_outcomes(&mut self) -> Result<(), JournalError> {
        let recorded = self.engine.outcomes().iter().try_for_each(|outcome| self.writer.add(Kind::Outcome, &to_json(outcome)?));
        let written = recorded.and_then(|()| self.writer.write());
        self.stopped |= written.is_err();
        written
    }

    fn settle(&mut self, sync: bool) -> Result<(), JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped);
        }
        let settled = self.writer.settle(sync);
        // What a failed sync left on the disk nobody knows.
        self.stopped |= settled.is_err();
        settled
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<Vec<u8>, JournalError> {
    serde_json::to_vec(value).map_err(|error| JournalError::Form(error.to_string()))
}

/// Makes sure that nobody else writes the journal.
fn locked(folder: &Path) -> Result<File, JournalError> {
    let path: PathBuf = folder.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| JournalError::File { doing: "open", file: path.clone(), error })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(JournalError::InUse(folder.to_owned())),
        Err(fs::TryLockError::Error(error)) => Err(JournalError::File { doing: "lock", file: path, error }),
    }
}
