//! Records of periods, summed afresh from the ledger's lines whenever they are read.

use std::collections::BTreeMap;

use crate::ir::Period;
use crate::outcome::FaultKind;
use crate::value::{Date, Decimal};
use crate::vocabulary::PeriodField;

use super::ledger::{Ledger, Line, known};
use super::number::{add, count, sub, total};
use super::position::Pricing;
use super::val::Val;

/// What must be remembered of a period; the rest stands in the ledger's lines.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// The first line that is booked to it; what is booked between a stamp and the next opening
    /// stands before its opening.
    pub(super) booked_from: usize,
    /// How many lines there were at its opening.
    pub(super) opened_at: usize,
    /// The balance at its opening.
    pub(super) start_balance: Decimal,
    /// The equity at its opening.
    pub(super) start_equity: Option<Decimal>,
    /// Its end.
    pub(super) end: Option<End>,
    /// Its date.
    pub(super) date: i32,
    /// 1 for the one in which the phase began.
    pub(super) number: u32,
}

/// The picture that a period begins with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    /// How many lines there are.
    at: usize,
    balance: Decimal,
    equity: Option<Decimal>,
}

impl Before {
    /// The picture now.
    pub(super) fn now(ledger: &Ledger, pricing: Pricing) -> Result<Self, FaultKind> {
        Ok(Self { at: ledger.lines.len(), balance: ledger.balance()?, equity: ledger.equity(pricing)? })
    }

    fn record(self, date: i32, number: u32) -> Record {
        let Self { at, balance, equity } = self;
        Record { booked_from: at, opened_at: at, start_balance: balance, start_equity: equity, end: None, date, number }
    }
}

/// The end of a period.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// How many lines there were.
    pub(super) at: usize,
    /// The balance.
    pub(super) balance: Decimal,
    /// The equity.
    pub(super) equity: Option<Decimal>,
}

/// The periods of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Periods {
    /// The one that runs, or that has ended and is shown until the next begins.
    pub(super) running: BTreeMap<Period, Record>,
    /// The one before it.
    pub(super) last: BTreeMap<Period, Record>,
    /// Whether a trading day runs: not between its stamp and the next opening.
    pub(super) day_runs: bool,
    /// The number of trading days that have begun.
    pub(super) days: i64,
}

impl Periods {
    /// Ends a period; it stays at hand until the next begins.
    pub(super) fn end(&mut self, period: Period, ledger: &Ledger, pricing: Pricing) -> Result<(), FaultKind> {
        let end = End { at: ledger.lines.len(), balance: ledger.balance()?, equity: ledger.equity(pricing)? };
        if let Some(record) = self.running.get_mut(&period) {
            record.end = Some(end);
        }
        if period == Period::DAY {
            self.day_runs = false;
        }
        Ok(())
    }

    /// Begins a period; the one that ended becomes the last. What was booked since that end
    /// belongs to the new one.
    pub(super) fn start(&mut self, period: Period, date: i32, ledger: &Ledger, pricing: Pricing) -> Result<(), FaultKind> {
        let before = self.running.remove(&period);
        let booked_from = before.as_ref().and_then(|record| record.end).map_or(ledger.lines.len(), |end| end.at);
        let number = before.as_ref().map_or(1, |record| record.number + 1);
        self.running.insert(period, begun(ledger, pricing, booked_from, date, number)?);
        self.last.extend(before.filter(|record| record.end.is_some()).map(|record| (period, record)));
        if period == Period::DAY {
            self.day_runs = true;
            self.days += 1;
        }
        Ok(())
    }

    /// Begins an own period, from a picture; the one before it becomes the last.
    pub(super) fn open(&mut self, period: Period, date: i32, before: Before) {
        let ended = self.running.remove(&period);
        let number = ended.as_ref().map_or(0, |record| record.number) + 1;
        self.running.insert(period, before.record(date, number));
        self.last.extend(ended.filter(|record| record.number > 0).map(|record| (period, record)));
    }

    /// An own period begins anew with a phase. The one that ran becomes the last, unless it runs by a
    /// clock of its own.
    pub(super) fn restart_own(&mut self, period: Period, date: i32, now: Before, runs: bool) {
        let end = End { at: now.at, balance: now.balance, equity: now.equity };
        let old = self.running.remove(&period).filter(|record| !runs && record.number > 0);
        self.last.extend(old.map(|record| (period, Record { end: record.end.or(Some(end)), ..record })));
        let mut record = now.record(date, u32::from(runs));
        record.end = if runs { None } else { Some(end) };
        self.running.insert(period, record);
    }

    /// All periods begin anew with a phase. Where none runs, the coming one is the first.
    pub(super) fn restart(&mut self, dates: &BTreeMap<Period, (i32, bool)>, ledger: &Ledger, pricing: Pricing) -> Result<(), FaultKind> {
        if let Some(mut cycle) = self.running.remove(&Period::CYCLE) {
            cycle.end = Some(End { at: ledger.lines.len(), balance: ledger.balance()?, equity: ledger.equity(pricing)? });
            self.last.insert(Period::CYCLE, cycle);
        }
        for (period, (date, runs)) in dates {
            let mut record = begun(ledger, pricing, ledger.lines.len(), *date, u32::from(*runs))?;
            if !runs {
                record.end = Some(End { at: record.opened_at, balance: record.start_balance, equity: record.start_equity });
            }
            self.running.insert(*period, record);
            if *period == Period::DAY {
                // The day that runs at the account's opening is its first.
                self.days += i64::from(*runs && self.days == 0);
                self.day_runs = *runs;
            }
        }
        Ok(())
    }

    /// The platform's own stamp of the day replaces the day's reference.
    pub(super) fn anchor_day(&mut self, balance: Decimal, equity: Decimal, ledger: &Ledger) {
        if let Some(day) = self.running.get_mut(&Period::DAY) {
            (day.opened_at, day.start_balance, day.start_equity) = (ledger.lines.len(), balance, Some(equity));
        }
    }

    /// A value of the running period.
    pub(super) fn running(&self, period: Period, field: PeriodField, ledger: &Ledger, pricing: Pricing) -> Result<Val, FaultKind> {
        let Some(record) = self.running.get(&period) else { return Ok(Val::Missing) };
        if field == PeriodField::EquityProfit {
            let (Some(now), Some(start)) = (ledger.equity(pricing)?, record.start_equity) else { return Ok(Val::Missing) };
            return sub(now, add(start, Record::moved_after(record.opened_at, ledger.lines.len(), ledger)?)?).map(Val::Decimal);
        }
        record.value(field, ledger, ledger.lines.len())
    }

    /// A value of the last ended period.
    pub(super) fn last(&self, period: Period, field: PeriodField, ledger: &Ledger) -> Result<Val, FaultKind> {
        let Some(record) = self.last.get(&period) else { return Ok(Val::Missing) };
        let end = record.end.map_or(ledger.lines.len(), |end| end.at);
        if field == PeriodField::EquityProfit {
            let (Some(close), Some(start)) = (record.end.and_then(|end| end.equity), record.start_equity) else { return Ok(Val::Missing) };
            return sub(close, add(start, Record::moved_after(record.opened_at, end, ledger)?)?).map(Val::Decimal);
        }
        record.value(field, ledger, end)
    }
}

fn begun(ledger: &Ledger, pricing: Pricing, booked_from: usize, date: i32, number: u32) -> Result<Record, FaultKind> {
    Ok(Record {
        booked_from,
        opened_at: ledger.lines.len(),
        start_balance: ledger.balance()?,
        start_equity: ledger.equity(pricing)?,
        end: None,
        date,
        number,
    })
}

impl Record {
    /// The lines that are booked to it.
    fn booked<'a>(&self, ledger: &'a Ledger) -> impl Iterator<Item = Line> + 'a {
        let until = self.end.map_or(ledger.lines.len(), |end| end.at);
        ledger.lines.get(self.booked_from..until).unwrap_or_default().iter().copied()
    }

    /// The cash booked after one line and before another, by which reference values move.
    fn moved_after(from: usize, until: usize, ledger: &Ledger) -> super::number::Num {
        total(ledger.lines.get(from..until).unwrap_or_default().iter().filter_map(|line| line.moved()))
    }

    /// The equity at its opening and after each event while it ran, each moved by the cash after it.
    fn equities(&self, ledger: &Ledger, moves_until: usize) -> Result<Vec<Decimal>, FaultKind> {
        let until = self.end.map_or(ledger.lines.len(), |end| end.at);
        let mut moved = Self::moved_after(until, moves_until, ledger)?;
        let mut found = Vec::new();
        // From the last to the first, so that what moved after each is at hand.
        for (at, line) in ledger.lines.iter().enumerate().take(until).skip(self.opened_at).rev() {
            match line {
                Line::Equity(equity) => found.push(add(*equity, moved)?),
                line if at < moves_until => moved = add(moved, line.moved().unwrap_or_default())?,
                _ => {}
            }
        }
        found.extend(self.start_equity.map(|equity| add(equity, moved)).transpose()?);
        Ok(found)
    }

    /// A value of it. Reference values move with cash until `moves_until`.
    fn value(&self, field: PeriodField, ledger: &Ledger, moves_until: usize) -> Result<Val, FaultKind> {
        let moved = || Self::moved_after(self.opened_at, moves_until, ledger);
        let fills = || self.booked(ledger).filter_map(|line| if let Line::Filled(count) = line { Some(count) } else { None });
        Ok(match field {
            PeriodField::StartBalance => Val::Decimal(add(self.start_balance, moved()?)?),
            PeriodField::StartEquity => known(self.start_equity.map(|equity| add(equity, moved()?)).transpose()?),
            PeriodField::CloseBalance => known(self.end.map(|end| end.balance)),
            PeriodField::CloseEquity => known(self.end.and_then(|end| end.equity)),
            PeriodField::HighEquity => known(self.equities(ledger, moves_until)?.into_iter().max()),
            PeriodField::LowEquity => known(self.equities(ledger, moves_until)?.into_iter().min()),
            PeriodField::Profit => Val::Decimal(total(self.booked(ledger).filter_map(Line::result))?),
            PeriodField::Opened => Val::Decimal(count(fills().map(|fill| fill.opened).sum::<u32>())?),
            PeriodField::Entries => Val::Decimal(count(fills().map(|fill| fill.entered).sum::<u32>())?),
            PeriodField::Closed => Val::Decimal(count(fills().map(|fill| fill.trades).sum::<u32>())?),
            PeriodField::Fills => Val::Decimal(count(fills().count())?),
            PeriodField::Date => Val::Date(self.date),
            PeriodField::Weekday => Val::Word(Date::from_days(self.date).weekday().number()),
            PeriodField::Number => Val::Decimal(count(self.number)?),
            PeriodField::Open => Val::Bool(self.end.is_none()),
            PeriodField::EquityProfit => Val::Missing,
        })
    }
}
