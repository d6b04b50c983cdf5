//! The program's own periods: when they open and end, worked out anew at each look.

use std::cell::Cell;
use std::sync::Arc;

use crate::ir::{Closing, Event, Ir, OpenedPeriod, Period, PeriodKind};
use crate::outcome::FaultKind;
use crate::syntax::ast::DayUnit;
use crate::value::{Date, Instant};

use super::account::Account;
use super::days::NEVER;
use super::eval::Cursor;
use super::market::Market;
use super::periods::Before;
use super::val::Val;

/// How the latest period of a kind came about.
#[derive(Clone, Debug)]
struct Opening {
    /// When it opened.
    at: i64,
    /// How long it is, where that is a duration decided at its opening.
    nanos: Option<i64>,
    /// Where its length is one of days: the date with whose day's opening it ends.
    ends_on: Option<EndDate>,
}

/// The date that a number of days led to.
#[derive(Clone, Copy, Debug)]
struct EndDate {
    date: i32,
    /// Months are counted from here, so that a month's end stays one.
    first: i32,
    /// How many months have been counted.
    months: u32,
}

/// What is remembered of the own periods.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    openings: std::collections::BTreeMap<Period, Opening>,
    /// The periods that have opened since what lets them open only once.
    spent: std::collections::BTreeSet<Period>,
    /// Since when the account is flat.
    pub(super) flat_since: Option<i64>,
}

impl Account {
    /// Whether a period runs.
    fn runs(&self, period: Period) -> bool {
        self.periods.running.get(&period).is_some_and(|record| record.end.is_none())
    }

    /// When a running period ends, as far as that is known.
    fn ends_at(&self, market: &Market, period: Period) -> i64 {
        let Some(opening) = self.spans.openings.get(&period).filter(|_| self.runs(period)) else { return NEVER };
        match &self.ir.period(period).kind {
            PeriodKind::Clock(clock) => clock.ends_after(Instant::from_nanos(opening.at)).nanos(),
            PeriodKind::Opened(OpenedPeriod { closes: Closing::Flat(nanos), .. }) => {
                self.spans.flat_since.map_or(NEVER, |since| since.max(opening.at).saturating_add(*nanos))
            }
            PeriodKind::Opened(OpenedPeriod { closes: Closing::After(_), .. }) => {
                let by_day = opening.ends_on.map(|end| self.days(market).opening_of(end.date));
                opening.nanos.map(|nanos| opening.at.saturating_add(nanos)).or(by_day).unwrap_or(NEVER)
            }
            _ => NEVER,
        }
    }

    /// The first date reached by adding a length again and again whose day opens later than now.
    fn end_date(&self, market: &Market, count: u32, unit: DayUnit, from: EndDate) -> Option<EndDate> {
        let days = self.days(market);
        let mut end = from;
        for _ in 0..64 {
            end = if unit == DayUnit::Months {
                let months = end.months + count;
                EndDate { date: Date::from_days(end.first).plus_months(months).days(), first: end.first, months }
            } else {
                let date = days.days_after(count, unit, end.date);
                EndDate { date, first: date, months: 0 }
            };
            if days.opening_of(end.date) > self.step.now {
                return Some(end);
            }
        }
        None
    }

    /// The next instant at which an own period ends.
    pub(super) fn next_period_end(&self, market: &Market) -> i64 {
        self.ir.own_periods().map(|(period, _)| self.ends_at(market, period)).min().unwrap_or(NEVER)
    }

    /// The own periods that end, and those that start, in order of declaration: with what happens in
    /// the step at hand, and with `due` because their time has come. The events are added to the step.
    pub(super) fn turn_own(&mut self, market: &Market, due: bool) -> (Vec<Period>, Vec<Period>) {
        let ir = Arc::clone(&self.ir);
        let (mut ended, mut started) = (Vec::new(), Vec::new());
        for (period, row) in ir.own_periods() {
            let over = due && self.runs(period) && self.ends_at(market, period) <= self.step.now;
            let (ends, starts) = match &row.kind {
                PeriodKind::Predeclared => (false, false),
                PeriodKind::Clock(_) => (over, over),
                PeriodKind::Opened(rule) => {
                    if rule.since.is_some_and(|since| self.step.occurs(since)) {
                        self.spans.spent.remove(&period);
                    }
                    let closed = matches!(rule.closes, Closing::On(event) if self.step.occurs(event));
                    let ends = over || (closed && self.runs(period));
                    let may_open = ends || !self.runs(period);
                    let spent = rule.since.is_some() && self.spans.spent.contains(&period);
                    (ends, may_open && ((self.step.occurs(rule.opens) && !spent) || (rule.repeats && ends)))
                }
            };
            if ends {
                self.step.turns.insert(Event::End(period));
                ended.push(period);
            }
            if starts {
                self.step.turns.insert(Event::Start(period));
                started.push(period);
            }
        }
        (ended, started)
    }

    /// Begins an own period, from the picture before the event that opens it or from the present one.
    pub(super) fn open_own(&mut self, market: &Market, period: Period, before: Option<Before>) {
        let ir = Arc::clone(&self.ir);
        let row = ir.period(period);
        let now = self.step.now;
        let date = match &row.kind {
            PeriodKind::Clock(clock) => clock.date_at(Instant::from_nanos(now)).days(),
            _ => self.days(market).date_of(now),
        };
        let begun = before.map_or_else(|| Before::now(&self.ledger, self.pricing(market)), Ok);
        match begun {
            Ok(before) => self.periods.open(period, date, before),
            Err(kind) => self.draft.faults.push(kind),
        }
        // One of several that follow each other goes on from the date that the last one led to.
        let last = self.spans.openings.get(&period).and_then(|opening| opening.ends_on);
        let repeats = matches!(&row.kind, PeriodKind::Opened(rule) if rule.repeats);
        let goes_on = last.filter(|last| repeats && self.days(market).opening_of(last.date) == now);
        let from = goes_on.unwrap_or(EndDate { date, first: date, months: 0 });
        let mut opening = Opening { at: now, nanos: None, ends_on: None };
        let decided = match self.length(market, &ir, period) {
            None => Ok(()),
            Some(Ok(Val::Nanos(nanos))) if nanos > 0 => {
                opening.nanos = Some(nanos);
                Ok(())
            }
            Some(Ok(Val::Days(count, unit))) if count > 0 => {
                opening.ends_on = self.end_date(market, count, unit, from);
                opening.ends_on.map(|_| ()).ok_or(FaultKind::Inconsistent)
            }
            Some(Ok(_)) => Err(FaultKind::Inconsistent),
            Some(Err(kind)) => Err(kind),
        };
        self.draft.faults.extend(decided.err());
        self.spans.openings.insert(period, opening);
        self.spans.spent.insert(period);
    }

    /// The length of a period that has just opened.
    fn length(&self, market: &Market, ir: &Ir, period: Period) -> Option<Result<Val, FaultKind>> {
        let id = ir.period(period).length()?;
        let edge = Cell::new(NEVER);
        Some(self.eval_at(market, Cursor::Event, &edge).value(id))
    }

    /// All own periods begin anew with a phase; those that the phase's start opens open.
    pub(super) fn restart_own(&mut self, market: &Market) {
        let ir = Arc::clone(&self.ir);
        let now = self.step.now;
        self.spans.spent.clear();
        for (period, row) in ir.own_periods() {
            let runs = matches!(row.kind, PeriodKind::Clock(_));
            let date = match &row.kind {
                PeriodKind::Clock(clock) => clock.date_at(Instant::from_nanos(now)).days(),
                _ => self.days(market).date_of(now),
            };
            let begun = Before::now(&self.ledger, self.pricing(market));
            match begun {
                Ok(before) => self.periods.restart_own(period, date, before, runs),
                Err(kind) => self.draft.faults.push(kind),
            }
            self.spans.openings.remove(&period);
            if runs {
                self.spans.openings.insert(period, Opening { at: now, nanos: None, ends_on: None });
            }
        }
        let (_, started) = self.turn_own(market, false);
        for period in started {
            self.open_own(market, period, None);
        }
    }

    /// Takes note of since when the account is flat.
    pub(super) fn note_flat(&mut self) {
        self.spans.flat_since = self.is_flat().then(|| self.spans.flat_since.unwrap_or(self.step.now));
    }
}
