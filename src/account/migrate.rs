//! An account goes over to another version of its program.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::books::Told;
use super::carried::Renumbering;
use super::hand::Hand;
use super::picture::Picture;
use super::texts::Texts;
use super::{Account, capacity, mark_rule, symbols};
use crate::code::{Fingerprint, Program};
use crate::event::Event;
use crate::ir::Period;
use crate::market::Market;
use crate::outcome::{Change, FaultKind, Outcome};
use crate::syntax::ast::{Applies, Since};
use crate::value::{Date, Instant, NANOS_PER_DAY, TimeOfDay};
use crate::versions::{self, Carry, Unsettled};
use crate::vm;
use crate::vm::view::{MISSING, NEVER};
use crate::vocabulary::{Moment, PeriodField};

/// How accounts go over from one version of a program to another: found once, for as many accounts as there are.
#[derive(Clone, Debug)]
pub struct Migration {
    from: Fingerprint,
    to: Arc<Program>,
    carry: Carry,
    applies: Applies,
    /// Only accounts that are as young as that.
    accounts: Option<(Since, Date)>,
}

/// Why accounts do not go over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MigrationError {
    /// The new version leaves open what becomes of something.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unsettled(Vec<Unsettled>),
    /// The version is not loaded.
    #[error("program `{0}` version `{1}` is not loaded")]
    NotLoaded(String, String),
    /// The account is under another version than the one that this is about.
    #[error("the account is under another version than the one that accounts go over from here")]
    OtherVersion,
    /// This account cannot, or is not to.
    #[error("{0}")]
    Account(String),
}

impl Migration {
    /// How accounts of one version go over to another, as the other says by `migrate`.
    ///
    /// # Errors
    /// With all that the new version leaves open.
    pub fn new(from: &Program, to: &Arc<Program>) -> Result<Self, MigrationError> {
        let carry = versions::carry(&from.ir, &to.ir).map_err(MigrationError::Unsettled)?;
        let said = to.ir.migration_from(&from.ir.header.version);
        let applies = said.and_then(|said| said.applies.as_ref()).map_or(Applies::Now, |applies| applies.node);
        let accounts = said.and_then(|said| said.accounts.as_ref()).map(|(since, date)| (*since, date.node));
        Ok(Self { from: from.fingerprint, to: to.clone(), carry, applies, accounts })
    }

    /// When accounts go over once their event has come.
    pub const fn applies(&self) -> Applies {
        self.applies
    }

    /// The phases of the old version that the new one has none for: accounts in them stay.
    pub fn phases_that_stay<'a>(&self, old: &'a Program) -> Vec<&'a str> {
        let phases = old.ir.phases.iter().zip(&self.carry.phases);
        phases.filter(|(_, there)| there.is_none()).map(|(phase, _)| phase.name.as_str()).collect()
    }

    /// The new version.
    pub const fn to(&self) -> &Arc<Program> {
        &self.to
    }
}

/// A version that an account goes over to later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Upcoming {
    /// The program's title.
    pub program: String,
    /// The version.
    pub version: String,
    /// The event that said so: what follows from going over has it as its cause.
    event: String,
    /// Whether it waits for a cycle; else for a day.
    cycle: bool,
    /// The day or cycle that ran then.
    running: Running,
}

/// A day or cycle: its number, of a cycle with the instant at which its phase was entered.
type Running = (i64, i64);

/// How many days ahead a dry run looks for the next day or cycle of an account.
pub const LONGEST_WAIT_DAYS: i64 = 400;

/// What comes of an account that is to go over.
#[derive(Clone, Debug)]
pub struct DryRun {
    /// What its version still decides by time alone, before.
    pub before: Vec<Outcome>,
    /// What going over leads to; `None` where no cycle begins by time alone within [`LONGEST_WAIT_DAYS`] days: it takes a payout,
    /// or another phase.
    pub over: Option<Vec<Outcome>>,
}

/// The cause of what a dry run tells.
const DRY_RUN: &str = "dry run";

impl Account {
    /// The version that the account is on its way to: its title and version.
    pub(crate) fn upcoming(&self) -> Option<(&str, &str)> {
        self.books.upcoming.as_ref().map(|upcoming| (upcoming.program.as_str(), upcoming.version.as_str()))
    }

    /// Tells which version the event at hand names, and how to go over to it.
    pub(crate) fn offer(&mut self, migration: Result<Arc<Migration>, MigrationError>) {
        self.offered = Some(migration);
    }

    /// Gives an account that was restored the version that it is on its way to.
    pub(crate) fn resume(&mut self, migration: Arc<Migration>) {
        self.going_to = Some(migration);
    }

    /// What going over now would lead to, whenever the new version says that it applies. Nothing changes.
    ///
    /// # Errors
    /// When the account cannot go over.
    pub fn dry_run(&self, market: &Market, migration: &Migration) -> Result<Vec<Outcome>, MigrationError> {
        let mut outcomes = Vec::new();
        self.accepted(market, migration)?.judge_anew(market, self, migration, DRY_RUN, &mut outcomes);
        Ok(outcomes)
    }

    /// What going over will lead to at the instant from which the new version applies: at once, or as the next day
    /// or cycle of the account begins, with prices as they are and nothing else happening until then. Nothing changes.
    ///
    /// # Errors
    /// When the account cannot go over.
    pub fn dry_run_when_due(&self, market: &Market, migration: &Migration) -> Result<DryRun, MigrationError> {
        if migration.applies == Applies::Now {
            return Ok(DryRun { before: Vec::new(), over: Some(self.dry_run(market, migration)?) });
        }
        self.accepted(market, migration)?;
        let mut waiting = self.clone();
        waiting.wait_for(Arc::new(migration.clone()), DRY_RUN);
        let last = Instant::from_nanos(self.books.newest.saturating_add(LONGEST_WAIT_DAYS * NANOS_PER_DAY));
        let mut before = Vec::new();
        while waiting.is_under_way() {
            let Some(due) = waiting.next_due().filter(|due| *due <= last) else { return Ok(DryRun { before, over: None }) };
            waiting.advance(market, due, &mut before);
        }
        let goes = |outcome: &Outcome| outcome.changes.iter().any(|change| matches!(change, Change::Migrated { .. }));
        let Some(first) = before.iter().position(goes) else {
            let fault = before.iter().flat_map(|outcome| &outcome.faults).next_back();
            return Err(MigrationError::Account(fault.map_or_else(|| "it stays".to_owned(), ToString::to_string)));
        };
        let over = Some(before.split_off(first));
        Ok(DryRun { before, over })
    }

    /// Whether it is on its way to another version.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.books.upcoming.is_some()
    }

    /// An event that takes the account over to the version that was offered.
    pub(super) fn migrate(&mut self, market: &Market, event: &Event, outcomes: &mut Vec<Outcome>) {
        let offered = self.offered.take().unwrap_or_else(|| Err(MigrationError::Account("the version was not looked up".into())));
        let accepted = offered.and_then(|migration| Ok((self.accepted(market, &migration)?, migration)));
        let (mut next, migration) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                self.books.ordinal -= 1;
                self.refuse(event, FaultKind::Inconsistent, error.to_string(), outcomes);
                return;
            }
        };
        if migration.applies == Applies::Now {
            next.judge_anew(market, self, &migration, &event.id, outcomes);
            *self = next;
            return;
        }
        let change = Change::Migrates { to: migration.to.ir.header.version.as_str().into(), when: migration.applies.words() };
        self.wait_for(migration, &event.id);
        let mut draft = self.draft(Some(&event.id));
        draft.outcome.changes.push(change);
        self.conclude(market, &Hand::default(), draft, outcomes);
    }

    /// Waits for the day or cycle with which the version applies, because of an event.
    fn wait_for(&mut self, migration: Arc<Migration>, event: &str) {
        let ir = &migration.to.ir;
        let cycle = migration.applies == Applies::NextCycle;
        let (program, version) = (ir.title.clone(), ir.header.version.clone());
        self.books.upcoming = Some(Upcoming { program, version, event: event.into(), cycle, running: self.running(cycle) });
        self.going_to = Some(migration);
    }

    /// This account under the other version, if it can go over and is to.
    fn accepted(&self, market: &Market, migration: &Migration) -> Result<Self, MigrationError> {
        if migration.from != self.program.fingerprint {
            return Err(MigrationError::OtherVersion);
        }
        if let Some((since, date)) = migration.accounts {
            let at = match since {
                Since::Opened => self.books.facts.opened_at,
                Since::Bought => self.books.facts.purchased_at,
            };
            if Instant::from_nanos(at) < self.calendar.rule.zone.to_instant(date, TimeOfDay::default()) {
                let (what, version) = (since.word(), &migration.to.ir.header.version);
                let why = format!("the account was {what} before {date}: version `{version}` takes those {what} from then on");
                return Err(MigrationError::Account(why));
            }
        }
        self.gone_over(market, migration).map_err(MigrationError::Account)
    }

    /// Goes over where the day or cycle has come for which it waits.
    pub(super) fn go_over_when_due(&mut self, market: &Market, outcomes: &mut Vec<Outcome>) {
        let Some(upcoming) = &self.books.upcoming else { return };
        if self.running(upcoming.cycle) == upcoming.running {
            return;
        }
        let event = upcoming.event.clone();
        let Some(migration) = self.going_to.take() else { return };
        match self.gone_over(market, &migration) {
            Ok(mut next) => {
                next.judge_anew(market, self, &migration, &event, outcomes);
                *self = next;
            }
            // What it has become since cannot go over: it stays.
            Err(detail) => {
                self.books.upcoming = None;
                let mut draft = self.draft(Some(&event));
                draft.fault(FaultKind::Inconsistent, detail);
                self.conclude(market, &Hand::default(), draft, outcomes);
            }
        }
    }

    /// The day that runs, or ran last, or the cycle: another once the next has begun.
    fn running(&self, cycle: bool) -> Running {
        let books = &self.books;
        if cycle {
            (books.periods.now(Period::CYCLE, PeriodField::Number, &books.ledger), books.phase_started)
        } else {
            (books.clock.number, 0)
        }
    }

    /// What was under another version before is judged by this one.
    fn judge_anew(&mut self, market: &Market, before: &Self, migration: &Migration, event: &str, outcomes: &mut Vec<Outcome>) {
        let version = |account: &Self| account.program.ir.header.version.as_str().into();
        let mut draft = self.draft(Some(event));
        draft.outcome.changes.push(Change::Migrated { from: version(before), to: version(self) });
        self.begin_own_periods(&migration.carry);
        self.begin_nodes(market);
        let hand = Hand::default();
        self.evaluate(market, &hand, Moment::Judge);
        self.settle(market, &hand, &mut draft, 0, None);
        self.conclude(market, &hand, draft, outcomes);
    }

    /// The account under the other version, before anything is judged.
    ///
    /// # Errors
    /// What it cannot go on with, in words.
    fn gone_over(&self, market: &Market, migration: &Migration) -> Result<Self, String> {
        let program = &migration.to;
        let mut renumbering = Renumbering {
            old: &self.program,
            new: program,
            carry: &migration.carry,
            met: self.books.texts.clone(),
            texts: Texts::default(),
        };
        // Both are numbered alike: what the cells hold has met its texts before the books keep them.
        let cells = renumbering.cells(self.slots.values());
        let books = renumbering.books(&self.books)?;
        let mut next = Self::of_parts(program.clone(), market, books, cells).map_err(|error| error.to_string())?;
        vm::settle(program, &mut next.slots);
        next.books.upcoming = None;
        next.renews = next.books.opening.is_none();
        next.set_ledger_rules(market)?;
        let plan = self.books.texts.get(&self.program.ir.texts, self.books.facts.plan_name).unwrap_or_default();
        next.fill_settings(market, plan, &migration.carry)?;
        next.books.clock.look_again(&next.calendar, &program.ir, next.books.at());
        Ok(next)
    }

    /// What is open is marked as this version says, and there must be room for it.
    fn set_ledger_rules(&mut self, market: &Market) -> Result<(), String> {
        let capacity = capacity(&self.program, self.books.ledger.mode());
        let open = self.books.ledger.positions();
        if open.iter().any(|position| position.place > capacity) || open.len() > capacity {
            return Err(format!("the account holds more positions than the {capacity} that this version keeps"));
        }
        if self.books.ledger.follow(mark_rule(&self.program.ir), capacity) {
            let symbols: Vec<_> = self.books.symbols.all().map(|(symbol, _)| symbol).collect();
            for symbol in symbols {
                if let Some(listing) = self.books.symbols.listing(symbol) {
                    self.books.ledger.mark(symbol, symbols::quote(market, listing), self.books.ordinal);
                }
            }
        }
        Ok(())
    }

    /// What is told once and is new in this version: defaults of options and inputs, cells of the plan of the account's name.
    fn fill_settings(&mut self, market: &Market, plan: &str, carry: &Carry) -> Result<(), String> {
        let program = self.program.clone();
        let ir = &program.ir;
        // What has no value under this version, such as a word that it does not have, is what it is by default.
        for (at, option) in ir.options.iter().enumerate() {
            if self.books.facts.options.get(at) == Some(&MISSING) {
                let value = self.default_of(market, "option", option).map_err(|error| error.0)?;
                put(&mut self.books.facts.options, at, value);
            }
        }
        let row = ir.plans.names.iter().position(|name| name == plan).and_then(|row| ir.plans.cells.get(row));
        let is_new = |at: usize| carry.columns.get(at).copied().flatten().is_none();
        for (at, column) in ir.plans.columns.iter().enumerate().filter(|(at, _)| is_new(*at)) {
            let cell = row.and_then(|row| row.get(at));
            let cell =
                cell.ok_or_else(|| format!("version `{}` has no plan `{plan}` to take `{}` from", ir.header.version, column.name))?;
            let value = self.value_of(market, &Hand::default(), *cell);
            let value = value.map_err(|_| format!("column `{}` of the plan cannot be computed", column.name))?;
            put(&mut self.books.facts.plan, at, value);
        }
        for (at, input) in ir.inputs.iter().enumerate() {
            if self.books.inputs.get(at).is_none_or(|told| told.value == MISSING) {
                let value = self.default_of(market, "input", input).map_err(|error| error.0)?;
                put(&mut self.books.inputs, at, Told { value, at: NEVER });
            }
        }
        Ok(())
    }

    /// Nodes of this version that go on with nothing begin, as when their phase is entered.
    fn begin_nodes(&mut self, market: &Market) {
        let Some(phase) = self.books.phase() else { return };
        let hand = Hand::default();
        let view = Picture::of(&self.program.ir, &self.books, &self.calendar, market, &hand);
        vm::begin(&self.program, phase, &mut self.slots, &view, &mut self.effects);
    }

    fn begin_own_periods(&mut self, carry: &Carry) {
        let program = self.program.clone();
        for (period, row) in program.ir.own_periods() {
            if carry.periods.get(period.index()).copied().flatten().is_none() {
                self.restart_period(period, row, true);
            }
        }
    }
}

fn put<T>(list: &mut [T], at: usize, value: T) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}
