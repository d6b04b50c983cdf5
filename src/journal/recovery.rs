//! Reading a journal: all of it, or behind the last snapshot, so that an engine stands where it stood.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use super::error::{JournalError, Place};
use super::record::{Kind, Record};
use super::segments::{self, End, Position};
use super::snapshots::Snapshots;
use super::to_json;
use crate::code::Program;
use crate::engine::Engine;
use crate::event::Event;
use crate::outcome::Outcome;
use crate::recompute::{self, Remembering};
use crate::source::Source;
use crate::value::Instant;

/// What opening a journal found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Where the snapshot stood that it began with; none where there was none.
    pub snapshot: Option<Position>,
    /// How many events were applied again.
    pub events: u64,
    /// How many outcomes were decided again as they are recorded.
    pub outcomes: u64,
    /// How many outcomes of the last event had not been recorded: they were confirmed to nobody, and are now.
    pub completed: u64,
    /// How many bytes of a write that came to no end were cut off.
    pub cut_off: u64,
    /// Behind the last record.
    pub position: Position,
}

/// Reads every record of a journal from its beginning, in order; where it ends.
///
/// # Errors
/// When it is damaged, and whatever the function answers.
pub fn read(folder: impl AsRef<Path>, each: impl FnMut(Record<'_>, Place) -> Result<(), JournalError>) -> Result<End, JournalError> {
    let mut each = each;
    segments::read_from(folder.as_ref(), segments::beginning(), |record, place, _| each(record, place))
}

/// What looking through a whole journal found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many programs were loaded.
    pub programs: u64,
    /// How many events are recorded.
    pub events: u64,
    /// How many outcomes are recorded; each was decided again, to the same bytes.
    pub outcomes: u64,
    /// Where it ends, and the hash of everything in it.
    pub end: End,
}

/// Looks through a journal from its beginning: no record is changed, missing or out of its place, and an engine
/// that is given the same programs and events decides the same. Nothing is written, and one that is in use can
/// be looked through.
///
/// # Errors
/// With the place of the first record for which that is not so.
pub fn verify(folder: impl AsRef<Path>) -> Result<Verified, JournalError> {
    decide_again(folder, |_, _| ())
}

/// The same, and gives each event with its outcomes to a function, in order; without an event where time was let
/// pass. So a host knows after a restart what was decided, and by the `ack` events among them what is still to be done.
///
/// # Errors
/// As [`verify`].
pub fn decide_again(folder: impl AsRef<Path>, mut each: impl FnMut(Option<&Event>, &[Outcome])) -> Result<Verified, JournalError> {
    let folder = folder.as_ref();
    if !segments::file_of(folder, 0).exists() {
        return Err(JournalError::Missing(folder.to_owned()));
    }
    let mut replay = Replay::of(folder);
    let mut programs = 0;
    let end = segments::read_from(folder, segments::beginning(), |record, place, at| {
        programs += u64::from(record.kind == Kind::Program);
        replay.take(record, &place, at)?;
        if matches!(record.kind, Kind::Event | Kind::Advance) {
            each(replay.event.as_ref(), replay.engine.outcomes());
        }
        Ok(())
    })?;
    Ok(Verified { programs, events: replay.events, outcomes: replay.outcomes, end })
}

/// The engine of a journal, the outcomes that are not recorded yet, and what was found.
pub(super) fn recover(folder: &Path, snapshots: &Snapshots) -> Result<(Engine, Vec<Vec<u8>>, Recovery), JournalError> {
    segments::drop_unborn(folder)?;
    let mut replay = Replay::of(folder);
    let snapshot = snapshots.position()?;
    if let Some(position) = snapshot {
        // Programs stand at any place before it, and the chain is looked at from the beginning.
        segments::read_from(folder, segments::beginning(), |record, place, at| replay.programs_before(position, record, &place, at))?;
        snapshots.restore(&mut replay.engine)?;
    }
    let from = snapshot.unwrap_or(segments::beginning());
    let end = segments::read_from(folder, from, |record, place, at| replay.take(record, &place, at))?;
    let Replay { engine, expected, events, outcomes, .. } = replay;
    let missing = Vec::from(expected);
    let recovery = Recovery { snapshot, events, outcomes, completed: missing.len() as u64, cut_off: end.cut_off, position: end.position };
    Ok((engine, missing, recovery))
}

/// Applies records again.
pub(super) struct Replay<'a> {
    folder: &'a Path,
    /// Behind the record that was taken last.
    behind: Position,
    /// The event of that record, if it was one.
    event: Option<Event>,
    engine: Engine,
    /// The outcomes that must be recorded next.
    expected: VecDeque<Vec<u8>>,
    events: u64,
    outcomes: u64,
}

impl<'a> Replay<'a> {
    pub(super) fn of(folder: &'a Path) -> Self {
        Self {
            folder,
            behind: segments::beginning(),
            event: None,
            engine: Engine::new(),
            expected: VecDeque::new(),
            events: 0,
            outcomes: 0,
        }
    }

    /// Behind the record that was taken last.
    pub(super) const fn behind(&self) -> Position {
        self.behind
    }

    /// The event of that record, if it was one.
    pub(super) const fn event(&self) -> Option<&Event> {
        self.event.as_ref()
    }

    pub(super) const fn engine(&self) -> &Engine {
        &self.engine
    }

    fn programs_before(&mut self, position: Position, record: Record<'_>, place: &Place, at: Position) -> Result<(), JournalError> {
        let before = (at.segment, at.offset) <= (position.segment, position.offset);
        if before && record.kind == Kind::Program { self.take(record, place, at) } else { Ok(()) }
    }

    pub(super) fn take(&mut self, record: Record<'_>, place: &Place, at: Position) -> Result<(), JournalError> {
        let before = std::mem::replace(&mut self.behind, at);
        let diverged = || JournalError::Diverged { place: place.clone() };
        if record.kind == Kind::Outcome {
            self.outcomes += 1;
            let expected = self.expected.pop_front().filter(|expected| expected == record.payload);
            return expected.map(drop).ok_or_else(diverged);
        }
        if !self.expected.is_empty() {
            return Err(diverged());
        }
        match record.kind {
            Kind::Program => self.engine.load(program(record.payload, place)?),
            Kind::Event => {
                self.events += 1;
                apply(&mut self.engine, self.event.insert(event(record.payload, place)?), self.folder, before)?;
                self.expect()?;
            }
            Kind::Advance => {
                self.event = None;
                self.engine.advance(instant(record.payload, place)?);
                self.expect()?;
            }
            Kind::Outcome | Kind::Signature => {}
        }
        Ok(())
    }

    fn expect(&mut self) -> Result<(), JournalError> {
        for outcome in self.engine.outcomes() {
            self.expected.push_back(to_json(outcome)?);
        }
        Ok(())
    }
}

/// Applies an event behind what is recorded up to a position. One that is late, or corrects another, is taken by
/// what the account has lived through, which the journal knows.
pub(super) fn apply(engine: &mut Engine, event: &Event, folder: &Path, before: Position) -> Result<(), JournalError> {
    if !recompute::needs_history(engine, event) {
        engine.apply(event);
        return Ok(());
    }
    let account = event.account.as_deref();
    let refuses = account.and_then(|name| engine.account(name)).is_some_and(|account| account.account().corrections_within().is_none());
    let mut remembering =
        if refuses { Remembering::from(engine.alone(account.unwrap_or_default())) } else { remembered(folder, before, account)? };
    remembering.apply(event);
    remembering.hand_over(engine, account);
    Ok(())
}

/// An engine of one account, or of all, that has lived through what is recorded up to a position.
fn remembered(folder: &Path, before: Position, account: Option<&str>) -> Result<Remembering, JournalError> {
    let mut remembering = Remembering::default();
    segments::read_from(folder, segments::beginning(), |record, place, at| {
        if (at.segment, at.offset) > (before.segment, before.offset) {
            return Ok(());
        }
        match record.kind {
            Kind::Program => remembering.load(program(record.payload, &place)?),
            Kind::Event => {
                let event = event(record.payload, &place)?;
                if event.account.is_none() || account.is_none() || event.account.as_deref() == account {
                    remembering.apply(&event);
                }
            }
            Kind::Advance => drop(remembering.advance(instant(record.payload, &place)?)),
            Kind::Outcome | Kind::Signature => {}
        }
        Ok(())
    })?;
    Ok(remembering)
}

pub(super) fn event(payload: &[u8], place: &Place) -> Result<Event, JournalError> {
    serde_json::from_slice(payload).map_err(|error| unknown(place, "event", &error))
}

pub(super) fn instant(payload: &[u8], place: &Place) -> Result<Instant, JournalError> {
    let nanos = <[u8; 8]>::try_from(payload).map_err(|error| unknown(place, "instant", &error))?;
    Ok(Instant::from_nanos(i64::from_le_bytes(nanos)))
}

fn program(payload: &[u8], place: &Place) -> Result<Arc<Program>, JournalError> {
    compiled(&Source::with_imports(files(payload, place)?, Vec::new()))
}

/// The files of a program, with their names.
pub(super) fn files(payload: &[u8], place: &Place) -> Result<Vec<(String, String)>, JournalError> {
    serde_json::from_slice(payload).map_err(|error| unknown(place, "program", &error))
}

/// A program from its text.
pub(super) fn compiled(source: &Source) -> Result<Arc<Program>, JournalError> {
    crate::compile(source).map_err(|found| {
        let first = found.first().map_or_else(String::new, |first| format!(": {}", first.message));
        JournalError::Form(format!("`{}` has errors{first}", source.name()))
    })
}

fn unknown(place: &Place, what: &str, error: &impl std::fmt::Display) -> JournalError {
    JournalError::Unknown { place: place.clone(), what: format!("an {what} that this version does not read: {error}") }
}
