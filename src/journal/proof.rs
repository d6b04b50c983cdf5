//! One decision by itself: what is needed to decide it again, and what was decided.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::{JournalError, Place};
use super::record::{Kind, Record};
use super::recovery::{self, Replay};
use super::segments::{self, Position};
use super::{hex, to_json};
use crate::bytes::BytesError;
use crate::code::Program;
use crate::engine::Engine;
use crate::event::{Event, Kind as Happened};
use crate::outcome::Outcome;
use crate::recompute::{self, Remembering};
use crate::source::Source;
use crate::value::Instant;

/// The version of the form.
const FORM: u32 = 1;

/// One decision of an account, from which anybody decides it again without the journal.
///
/// It holds the texts of the programs, the account and the market as they stood, the event, and what was decided, to the
/// byte. Where the account was computed anew, and where it is asked for, it holds all that the account has lived
/// through in their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The version of this form.
    form: u32,
    /// The version of Ringfence that wrote it.
    written_by: String,
    /// The account.
    account: String,
    /// The file of the journal in which it stands.
    segment: String,
    /// The byte in it at which the record of the event begins.
    offset: u64,
    /// The hash of everything in the journal before that record.
    hash: String,
    /// What was before, in order: programs, and where there is no state, everything that concerns the account.
    before: Vec<Step>,
    /// The account and the market, behind that; none where the account has lived through all of it.
    state: Option<State>,
    /// What led to the decision.
    decided: Step,
    /// What was decided: each outcome of the account as it is recorded.
    outcomes: Vec<String>,
}

/// Something that an engine is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// The files of a program, with their names.
    Program(Vec<(String, String)>),
    /// An event as it is recorded.
    Event(String),
    /// Time has passed up to an instant.
    Advance(Instant),
}

/// An account in a market, as snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    /// None before it was opened.
    account: Option<Digits>,
    market: Digits,
}

/// Bytes in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Digits(#[serde(with = "hex::text")] Vec<u8>);

/// Why a proof cannot be decided again.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The text is none.
    #[error("this is no decision that `ringfence audit prove` wrote: {0}")]
    Form(String),
    /// A later version has written it.
    #[error("it is of form {0}, this version reads form {FORM}: take the version of Ringfence that wrote it")]
    Version(u32),
    /// A program in it does not compile with this version.
    #[error("a program in it: {0}")]
    Program(String),
    /// Its snapshots cannot be read.
    #[error("the account or the market in it: {0}")]
    State(#[from] BytesError),
}

/// What is looked for in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The account.
    pub account: &'a str,
    /// The id of an event of the account or the market, or the key of an action.
    pub what: &'a str,
    /// Whether the decision is to stand on all that the account has lived through, and not on a snapshot.
    pub from_opening: bool,
}

/// The proof of a decision of a journal, which is looked through as [`super::verify`] does; none where nothing of that name
/// has concerned the account.
///
/// # Errors
/// As [`super::verify`].
pub fn prove(folder: impl AsRef<Path>, asked: &Asked<'_>) -> Result<Option<Proof>, JournalError> {
    let folder = folder.as_ref();
    if !segments::file_of(folder, 0).exists() {
        return Err(JournalError::Missing(folder.to_owned()));
    }
    let Some(found) = found(folder, asked)? else { return Ok(None) };
    let mut gathered = Gathered { asked: *asked, replay: Replay::of(folder), programs: Vec::new(), lived: Vec::new(), proof: None };
    segments::read_from(folder, segments::beginning(), |record, place, at| gathered.take(record, &place, at, found))?;
    Ok(gathered.proof)
}

/// Behind which record stands the one that is asked for: the first of an event, the last that issued an action.
fn found(folder: &Path, asked: &Asked<'_>) -> Result<Option<Position>, JournalError> {
    let (mut replay, mut found, mut by_event) = (Replay::of(folder), None, false);
    segments::read_from(folder, segments::beginning(), |record, place, at| {
        let before = replay.behind();
        replay.take(record, &place, at)?;
        if matches!(record.kind, Kind::Event | Kind::Advance) && !by_event {
            by_event = replay.event().is_some_and(|event| event.id == asked.what && concerns(event, asked.account));
            let issues = |outcome: &&Outcome| outcome.actions.iter().any(|action| action.key.to_string() == asked.what);
            if by_event || of_account(replay.engine(), asked.account).any(|outcome| issues(&outcome)) {
                found = Some(before);
            }
        }
        Ok(())
    })?;
    Ok(found)
}

fn concerns(event: &Event, account: &str) -> bool {
    event.account.as_deref().is_none_or(|of| of == account)
}

fn of_account<'a>(engine: &'a Engine, account: &'a str) -> impl Iterator<Item = &'a Outcome> {
    engine.outcomes().iter().filter(move |outcome| &*outcome.account == account)
}

/// What is gathered on the way to the decision.
struct Gathered<'a> {
    asked: Asked<'a>,
    replay: Replay<'a>,
    programs: Vec<(Step, Arc<Program>)>,
    /// Everything that concerns the account, programs too.
    lived: Vec<Step>,
    proof: Option<Proof>,
}

impl Gathered<'_> {
    fn take(&mut self, record: Record<'_>, place: &Place, at: Position, found: Position) -> Result<(), JournalError> {
        if self.proof.is_some() {
            return Ok(());
        }
        let before = self.replay.behind();
        let is_it = before == found && matches!(record.kind, Kind::Event | Kind::Advance);
        let Some(step) = self.step(record, place)? else { return self.replay.take(record, place, at) };
        if !is_it {
            self.replay.take(record, place, at)?;
            if let Step::Program(files) = &step {
                let program = recovery::compiled(&Source::with_imports(files.clone(), Vec::new()))?;
                self.programs.push((step.clone(), program));
            }
            self.lived.push(step);
            return Ok(());
        }
        let event = recovery::event(record.payload, place).ok();
        let anew = event.as_ref().is_some_and(|event| recompute::needs_history(self.replay.engine(), event));
        let goes_over = event.is_some_and(|event| matches!(event.kind, Happened::Migrate(_)));
        let state = if anew || self.asked.from_opening { None } else { Some(self.state()?) };
        let before_it = if state.is_some() { self.program(goes_over) } else { std::mem::take(&mut self.lived) };
        self.replay.take(record, place, at)?;
        let outcomes: Result<Vec<String>, JournalError> = of_account(self.replay.engine(), self.asked.account).map(text).collect();
        self.proof = Some(Proof {
            form: FORM,
            written_by: env!("CARGO_PKG_VERSION").into(),
            account: self.asked.account.into(),
            segment: place.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            offset: place.offset,
            hash: before.hash(),
            before: before_it,
            state,
            decided: step,
            outcomes: outcomes?,
        });
        Ok(())
    }

    /// What a record tells an engine of the account; none for what is of others, or was decided.
    fn step(&self, record: Record<'_>, place: &Place) -> Result<Option<Step>, JournalError> {
        Ok(match record.kind {
            Kind::Program => Some(Step::Program(recovery::files(record.payload, place)?)),
            Kind::Advance => Some(Step::Advance(recovery::instant(record.payload, place)?)),
            Kind::Event => {
                let event = recovery::event(record.payload, place)?;
                concerns(&event, self.asked.account).then(|| Step::Event(String::from_utf8_lossy(record.payload).into_owned()))
            }
            Kind::Outcome | Kind::Signature => None,
        })
    }

    fn state(&self) -> Result<State, JournalError> {
        let engine = self.replay.engine();
        let account = engine.account(self.asked.account).map(|account| account.snapshot()).transpose()?;
        Ok(State { account: account.map(Digits), market: Digits(engine.market().snapshot()?) })
    }

    /// The program of the account; all, where it has none, or goes over from one to another.
    fn program(&self, goes_over: bool) -> Vec<Step> {
        let account = self.replay.engine().account(self.asked.account);
        let stays = account.filter(|account| !goes_over && !account.account().is_under_way());
        let of = stays.map(|account| account.account().program().fingerprint);
        let programs = self.programs.iter().filter(|(_, program)| of.is_none_or(|of| program.fingerprint == of));
        programs.map(|(step, _)| step.clone()).collect()
    }
}

fn text(outcome: &Outcome) -> Result<String, JournalError> {
    String::from_utf8(to_json(outcome)?).map_err(|error| JournalError::Form(error.to_string()))
}

impl Proof {
    /// Reads what [`Proof::to_json`] wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_json(text: &str) -> Result<Self, ProofError> {
        let form = |error: serde_json::Error| ProofError::Form(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(form)?;
        match value["form"].as_u64().and_then(|form| u32::try_from(form).ok()) {
            Some(FORM) => serde_json::from_value(value).map_err(form),
            Some(other) => Err(ProofError::Version(other)),
            None => Err(ProofError::Form("it has no `form`".into())),
        }
    }

    /// As one JSON object.
    ///
    /// # Errors
    /// When it has no form in JSON, which does not happen to what [`prove`] or [`Proof::from_json`] gave.
    pub fn to_json(&self) -> Result<String, JournalError> {
        serde_json::to_string_pretty(self).map_err(|error| JournalError::Form(error.to_string()))
    }

    /// The account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Where the decision stands in the journal: the file, and the byte at which the record of the event begins.
    pub fn place(&self) -> (&str, u64) {
        (&self.segment, self.offset)
    }

    /// The hash of everything in the journal before it.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Whether the account lives through everything anew, and nothing rests on a snapshot.
    pub const fn is_from_opening(&self) -> bool {
        self.state.is_none()
    }

    /// How many events, and passings of time, are lived through, the one that led to the decision included.
    pub fn steps(&self) -> usize {
        1 + self.before.iter().filter(|step| !matches!(step, Step::Program(_))).count()
    }

    /// What is recorded as decided: each outcome, as JSON.
    pub fn recorded(&self) -> &[String] {
        &self.outcomes
    }

    /// Decides again: each outcome of the account, as JSON. It is the same decision if these are [`Proof::recorded`].
    ///
    /// # Errors
    /// When what it holds cannot be read.
    pub fn decide(&self) -> Result<Vec<String>, ProofError> {
        let mut engine = Remembering::default();
        for step in &self.before {
            tell(&mut engine, step)?;
        }
        if let Some(state) = &self.state {
            let mut at = engine.engine().clone();
            at.restore_market(&state.market.0)?;
            if let Some(account) = &state.account {
                at.restore_account(&account.0)?;
            }
            engine = Remembering::from(at);
        }
        let outcomes = tell(&mut engine, &self.decided)?;
        let of_account = outcomes.iter().filter(|outcome| *outcome.account == *self.account);
        of_account.map(|outcome| text(outcome).map_err(|error| ProofError::Form(error.to_string()))).collect()
    }
}

fn tell<'a>(engine: &'a mut Remembering, step: &Step) -> Result<&'a [Outcome], ProofError> {
    match step {
        Step::Program(files) => {
            let compiled = recovery::compiled(&Source::with_imports(files.clone(), Vec::new()));
            engine.load(compiled.map_err(|error| ProofError::Program(error.to_string()))?);
            Ok(&[])
        }
        Step::Event(event) => {
            let event: Event = serde_json::from_str(event).map_err(|error| ProofError::Form(error.to_string()))?;
            Ok(engine.apply(&event))
        }
        Step::Advance(to) => Ok(engine.advance(*to)),
    }
}
