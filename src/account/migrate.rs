//! An account goes over to another version of its program.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bands::Rest;
use super::books::Told;
use super::carried::Renumbering;
use super::hand::Hand;
use super::intake::Refusal;
use super::picture::Picture;
use super::texts::Texts;
use super::{Account, calendar_of, capacity, mark_rule, symbols};
use crate::code::Program;
use crate::event::Event;
use crate::ir::Period;
use crate::market::Market;
use crate::outcome::{Change, FaultKind, Outcome};
use crate::syntax::ast::{Applies, Since};
use crate::value::{Date, Instant, TimeOfDay};
use crate::versions::{self, Carry};
use crate::vm::view::NEVER;
use crate::vm::{self, Effects};
use crate::vocabulary::{Moment, PeriodField};

/// Another version that accounts of one may go over to, and how.
#[derive(Debug)]
pub(crate) struct Upgrade {
    pub(crate) program: Arc<Program>,
    pub(crate) carry: Carry,
    pub(crate) applies: Applies,
    /// Only accounts that are as young as that.
    pub(crate) accounts: Option<(Since, Date)>,
}

impl Upgrade {
    /// How accounts of one version go over to another.
    ///
    /// # Errors
    /// What the new version leaves open, in words.
    pub(crate) fn of(from: &Program, to: &Arc<Program>) -> Result<Self, String> {
        let carry = versions::carry(&from.ir, &to.ir).map_err(|unsettled| {
            let told = unsettled.iter().map(|open| format!("{}: {}: {}", open.what, open.why, open.mend));
            told.collect::<Vec<_>>().join("; ")
        })?;
        let migration = to.ir.migration_from(&from.ir.header.version);
        let applies = migration.and_then(|migration| migration.applies.as_ref()).map_or(Applies::Now, |applies| applies.node);
        let accounts = migration.and_then(|migration| migration.accounts.as_ref()).map(|(since, date)| (*since, date.node));
        Ok(Self { program: to.clone(), carry, applies, accounts })
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
    /// The number of the day or cycle that ran then.
    running: i64,
}

impl Account {
    /// The version that the account is on its way to: its title and version.
    pub(crate) fn upcoming(&self) -> Option<(&str, &str)> {
        self.books.upcoming.as_ref().map(|upcoming| (upcoming.program.as_str(), upcoming.version.as_str()))
    }

    /// Gives the account the version that it is on its way to, or that the event at hand names.
    pub(crate) fn offer(&mut self, upgrade: Result<Arc<Upgrade>, String>) {
        self.upgrade = Some(upgrade);
    }

    /// Whether it is on its way to another version.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.books.upcoming.is_some()
    }

    /// An event that takes the account over to the version that was offered.
    pub(super) fn migrate(&mut self, market: &Market, event: &Event, outcomes: &mut Vec<Outcome>) {
        let upgrade = match self.acceptable(market) {
            Ok(upgrade) => upgrade,
            Err((kind, detail)) => {
                self.books.ordinal -= 1;
                self.refuse(event, kind, detail, outcomes);
                return;
            }
        };
        if upgrade.applies == Applies::Now {
            self.books.upcoming = None;
            self.go_over(market, &upgrade, &event.id, outcomes);
            return;
        }
        let ir = &upgrade.program.ir;
        let cycle = upgrade.applies == Applies::NextCycle;
        let (program, version) = (ir.title.clone(), ir.header.version.clone());
        let to = version.as_str().into();
        self.books.upcoming = Some(Upcoming { program, version, event: event.id.clone(), cycle, running: self.number_of(cycle) });
        self.upgrade = Some(Ok(upgrade.clone()));
        let mut draft = self.draft(Some(&event.id));
        draft.outcome.changes.push(Change::Migrates { to, when: upgrade.applies.words() });
        self.conclude(market, &Hand::default(), draft, outcomes);
    }

    /// The version that was offered, if this account can go over to it.
    fn acceptable(&mut self, market: &Market) -> Result<Arc<Upgrade>, Refusal> {
        let refuse = |detail: String| (FaultKind::Inconsistent, detail);
        // What the account is on its way to stays offered where this event is refused.
        let offered = self.upgrade.take().unwrap_or_else(|| Err("nobody has said what to go over to".into()));
        let upgrade = offered.map_err(refuse)?;
        if let Some((since, date)) = upgrade.accounts {
            let (what, at) = match since {
                Since::Opened => ("opened", self.books.facts.opened_at),
                Since::Bought => ("bought", self.books.facts.purchased_at),
            };
            if Instant::from_nanos(at) < self.calendar.rule.zone.to_instant(date, TimeOfDay::default()) {
                let version = &upgrade.program.ir.header.version;
                return Err(refuse(format!("the account was {what} before {date}: version `{version}` takes those {what} from then on")));
            }
        }
        self.gone_over(market, &upgrade).map_err(refuse)?;
        Ok(upgrade)
    }

    /// Goes over where the day or cycle has come for which it waits.
    pub(super) fn go_over_when_due(&mut self, market: &Market, outcomes: &mut Vec<Outcome>) {
        let Some(upcoming) = &self.books.upcoming else { return };
        if self.number_of(upcoming.cycle) == upcoming.running {
            return;
        }
        let event = upcoming.event.clone();
        self.books.upcoming = None;
        if let Some(Ok(upgrade)) = self.upgrade.take() {
            self.go_over(market, &upgrade, &event, outcomes);
        }
    }

    /// The number of the day that runs, or ran last, or of the cycle: another once the next has begun.
    fn number_of(&self, cycle: bool) -> i64 {
        if cycle { self.books.periods.now(Period::CYCLE, PeriodField::Number, &self.books.ledger) } else { self.books.clock.number }
    }

    /// Goes over, and is judged by the other version.
    fn go_over(&mut self, market: &Market, upgrade: &Upgrade, event: &str, outcomes: &mut Vec<Outcome>) {
        let (from, to) = (self.program.ir.header.version.as_str().into(), upgrade.program.ir.header.version.as_str().into());
        let mut next = match self.gone_over(market, upgrade) {
            Ok(next) => next,
            Err(detail) => {
                let mut draft = self.draft(Some(event));
                draft.fault(FaultKind::Inconsistent, detail);
                self.conclude(market, &Hand::default(), draft, outcomes);
                return;
            }
        };
        let mut draft = next.draft(Some(event));
        draft.outcome.changes.push(Change::Migrated { from, to });
        next.begin_own_periods(&upgrade.carry);
        next.begin_nodes(market);
        let hand = Hand::default();
        next.evaluate(market, &hand, Moment::Judge);
        next.settle(market, &hand, &mut draft, 0, None);
        next.conclude(market, &hand, draft, outcomes);
        *self = next;
    }

    /// The account under the other version, before anything is judged.
    ///
    /// # Errors
    /// What it cannot go on with, in words.
    fn gone_over(&self, market: &Market, upgrade: &Upgrade) -> Result<Self, String> {
        let program = &upgrade.program;
        let mut renumbering = Renumbering {
            old: &self.program,
            new: program,
            carry: &upgrade.carry,
            met: self.books.texts.clone(),
            texts: Texts::default(),
        };
        // Both are numbered alike: what the cells hold has met its texts before the books keep them.
        let cells = renumbering.cells(self.slots.values());
        let books = renumbering.books(&self.books)?;
        let slots = vm::settled(program, cells).ok_or("the rules' state does not fit")?;
        let mut next = Self {
            calendar: calendar_of(&program.ir, market),
            books,
            slots,
            effects: Effects::new(),
            renews: false,
            rest: Rest::default(),
            upgrade: None,
            program: program.clone(),
        };
        next.books.upcoming = None;
        next.renews = next.books.opening.is_none();
        next.set_ledger_rules(market)?;
        let plan = self.books.texts.get(&self.program.ir.texts, self.books.facts.plan_name).unwrap_or_default();
        next.fill_settings(market, plan, &upgrade.carry)?;
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
        let is_new = |list: &[Option<usize>], at: usize| list.get(at).copied().flatten().is_none();
        for (at, option) in ir.options.iter().enumerate().filter(|(at, _)| is_new(&carry.options, *at)) {
            let value = self.default_of(market, "option", option).map_err(|error| error.0)?;
            put(&mut self.books.facts.options, at, value);
        }
        let row = ir.plans.names.iter().position(|name| name == plan).and_then(|row| ir.plans.cells.get(row));
        for (at, column) in ir.plans.columns.iter().enumerate().filter(|(at, _)| is_new(&carry.columns, *at)) {
            let cell = row.and_then(|row| row.get(at));
            let cell = cell.ok_or_else(|| format!("version `{}` has no plan `{plan}` to take `{}` from", ir.header.version, column.name))?;
            let value = self.value_of(market, &Hand::default(), *cell);
            let value = value.map_err(|_| format!("column `{}` of the plan cannot be computed", column.name))?;
            put(&mut self.books.facts.plan, at, value);
        }
        for (at, input) in ir.inputs.iter().enumerate().filter(|(at, _)| is_new(&carry.inputs, *at)) {
            let value = self.default_of(market, "input", input).map_err(|error| error.0)?;
            put(&mut self.books.inputs, at, Told { value, at: NEVER });
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
