//! A picture of an account, made by hand.

use std::collections::BTreeMap;

use super::super::view::{Cursor, Edge, Instance, MISSING, NEVER, View};
use super::amount;
use crate::code::Program;
use crate::ir::{Collection, PayoutFact, Per, Period, PhaseId};
use crate::syntax::ast::DayUnit;
use crate::value::{Fixed, NANOS_PER_DAY, Weekday};
use crate::vocabulary::{AccountField, GroupField, Occasion, PeriodField, RecordField};

/// Opened positions by their serial, in the order of opening.
#[derive(Clone, Debug, Default)]
pub(super) struct Opened {
    pub(super) serial: u64,
    pub(super) place: usize,
    pub(super) fields: BTreeMap<RecordField, i64>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    pub(super) now: i64,
    pub(super) ordinal: u64,
    pub(super) occasions: u64,
    pub(super) schedules: u64,
    pub(super) host_event: Option<u16>,
    pub(super) changed_input: Option<u16>,
    pub(super) due_instant: bool,
    pub(super) account: BTreeMap<AccountField, i64>,
    pub(super) periods: BTreeMap<(Period, PeriodField), i64>,
    pub(super) last_periods: BTreeMap<(Period, PeriodField), i64>,
    pub(super) records: BTreeMap<RecordField, i64>,
    pub(super) positions: Vec<Opened>,
    pub(super) orders: Vec<BTreeMap<RecordField, i64>>,
    pub(super) host_fields: BTreeMap<(u16, u16), i64>,
    pub(super) payouts: BTreeMap<u8, i64>,
    pub(super) plan: Vec<i64>,
    pub(super) options: Vec<i64>,
    pub(super) inputs: BTreeMap<u16, (i64, i64)>,
    pub(super) session: Option<(i64, i64)>,
    pub(super) news: Option<i64>,
    pub(super) symbols: u16,
    pub(super) stamped: bool,
}

impl Picture {
    /// Monday 2026-03-02, 12:00, with $50,000 and nothing done.
    pub(super) fn new(program: &Program) -> Self {
        let mut picture = Self { now: 20_514 * NANOS_PER_DAY + NANOS_PER_DAY / 2, ..Self::default() };
        for field in AccountField::ALL {
            picture.account.insert(*field, 0);
        }
        for field in [AccountField::Size, AccountField::Balance, AccountField::Equity] {
            picture.set(field, "50000");
        }
        picture.account.insert(AccountField::Flat, 1);
        picture.plan =
            program.ir.plans.columns.iter().map(|column| if column.name == "size" { amount("50000") } else { amount("2000") }).collect();
        picture.options = vec![0; program.ir.options.len()];
        picture.open_day();
        picture
    }

    pub(super) fn set(&mut self, field: AccountField, value: &str) {
        self.account.insert(field, amount(value));
    }

    /// A complete trade with this result; nothing stays open.
    pub(super) fn trade(&mut self, profit: &str) {
        let profit = amount(profit);
        for field in [AccountField::Balance, AccountField::Profit] {
            *self.account.entry(field).or_default() += profit;
        }
        let balance = self.account(AccountField::Balance);
        self.account.insert(AccountField::Equity, balance);
        for (field, more) in [(PeriodField::Profit, profit), (PeriodField::Fills, Fixed::ONE_RAW), (PeriodField::Closed, Fixed::ONE_RAW)] {
            *self.periods.entry((Period::DAY, field)).or_default() += more;
        }
        self.records.insert(RecordField::TradeProfit, profit);
        self.records.insert(RecordField::FillProfit, profit);
    }

    /// The day is stamped: its record stays until the next opens.
    pub(super) fn close_day(&mut self) {
        let (balance, equity) = (self.account(AccountField::Balance), self.account(AccountField::Equity));
        self.periods.insert((Period::DAY, PeriodField::CloseBalance), balance);
        self.periods.insert((Period::DAY, PeriodField::CloseEquity), equity);
        self.stamped = true;
    }

    pub(super) fn open_day(&mut self) {
        for field in PeriodField::ALL {
            let value = self.periods.insert((Period::DAY, *field), 0);
            self.last_periods.insert((Period::DAY, *field), value.unwrap_or(MISSING));
        }
        let (balance, equity) = (self.account(AccountField::Balance), self.account(AccountField::Equity));
        self.periods.insert((Period::DAY, PeriodField::StartBalance), balance);
        self.periods.insert((Period::DAY, PeriodField::StartEquity), equity);
        self.periods.insert((Period::DAY, PeriodField::CloseBalance), MISSING);
        self.periods.insert((Period::DAY, PeriodField::Date), self.now / NANOS_PER_DAY);
        self.stamped = false;
    }

    pub(super) fn open_position(&mut self, serial: u64, place: usize, fields: &[(RecordField, i64)]) {
        self.positions.push(Opened { serial, place, fields: fields.iter().copied().collect() });
    }
}

impl View for Picture {
    fn now(&self) -> i64 {
        self.now
    }
    fn ordinal(&self) -> u64 {
        self.ordinal
    }
    fn occasions(&self) -> u64 {
        self.occasions
    }
    fn schedules(&self) -> u64 {
        self.schedules
    }
    fn host_event(&self) -> Option<u16> {
        self.host_event
    }
    fn changed_input(&self) -> Option<u16> {
        self.changed_input
    }
    fn is_due_instant(&self) -> bool {
        self.due_instant
    }
    fn account(&self, field: AccountField) -> i64 {
        self.account.get(&field).copied().unwrap_or(MISSING)
    }
    fn period(&self, period: Period, field: PeriodField) -> i64 {
        self.periods.get(&(period, field)).copied().unwrap_or(MISSING)
    }
    fn last_period(&self, period: Period, field: PeriodField) -> i64 {
        self.last_periods.get(&(period, field)).copied().unwrap_or(MISSING)
    }
    fn day_is_running(&self) -> bool {
        !self.stamped
    }
    fn record(&self, field: RecordField, cursor: Cursor) -> i64 {
        let found = match cursor {
            Cursor::Position(index) => self.positions[index].fields.get(&field),
            Cursor::WorkingOrder(index) => self.orders[index].get(&field),
            Cursor::Event | Cursor::Symbol(_) | Cursor::Group(..) | Cursor::News(_) => self.records.get(&field),
        };
        found.copied().unwrap_or(MISSING)
    }
    fn extension(&self, record: u16, field: u16, _: Cursor) -> i64 {
        i64::from(record * 100 + field) * Fixed::ONE_RAW
    }
    fn host_field(&self, event: u16, field: u16) -> i64 {
        self.host_fields.get(&(event, field)).copied().unwrap_or(MISSING)
    }
    fn payout(&self, fact: PayoutFact) -> i64 {
        self.payouts.get(&(fact as u8)).copied().unwrap_or(MISSING)
    }
    fn phase_final(&self, _: PhaseId, field: AccountField) -> i64 {
        self.account(field)
    }
    fn plan_name(&self) -> i64 {
        0
    }
    fn plan(&self, column: u16) -> i64 {
        self.plan[usize::from(column)]
    }
    fn option(&self, option: u16) -> i64 {
        self.options[usize::from(option)]
    }
    fn input(&self, input: u16) -> (i64, i64) {
        self.inputs.get(&input).copied().unwrap_or((MISSING, NEVER))
    }
    fn symbol(&self, constant: u32) -> i64 {
        i64::from(constant)
    }
    fn len(&self, collection: Collection) -> usize {
        match collection {
            Collection::OpenPositions => self.positions.len(),
            Collection::WorkingOrders => self.orders.len(),
        }
    }
    fn symbols(&self) -> u16 {
        self.symbols
    }
    fn living(&self, _: Per) -> usize {
        self.positions.len()
    }
    fn instance(&self, _: Per, index: usize) -> Option<Instance> {
        self.positions.get(index).map(|open| Instance { serial: open.serial, place: open.place })
    }
    fn ending(&self, _: Per) -> Option<Instance> {
        None
    }
    fn concerns(&self, _: Occasion, _: Cursor) -> bool {
        true
    }
    fn is_full(&self, _: u16) -> bool {
        false
    }
    fn group(&self, _: u16, _: GroupField, _: Cursor) -> i64 {
        MISSING
    }
    fn members(&self, _: u16, _: Cursor) -> Vec<u64> {
        Vec::new()
    }
    fn session(&self, _: u16) -> Edge {
        match self.session {
            Some((opens, closes)) if self.now < opens => Edge { now: false, next: if closes > opens { opens } else { NEVER } },
            Some((_, closes)) if self.now < closes => Edge { now: true, next: closes },
            _ => Edge { now: false, next: NEVER },
        }
    }
    fn session_closes(&self, _: u16) -> i64 {
        self.session.filter(|(opens, closes)| (*opens..*closes).contains(&self.now)).map_or(MISSING, |(_, closes)| closes)
    }
    fn news_items(&self) -> usize {
        usize::from(self.news.is_some())
    }
    fn news(&self, _: usize, window: crate::code::NewsWindow, _: i64) -> Option<Edge> {
        let (from, until) = (self.news? - window.before, self.news? + window.after);
        let next = if self.now < from { from } else { until + 1 };
        Some(Edge { now: (from..=until).contains(&self.now), next: if next > self.now { next } else { NEVER } })
    }
    fn instrument(&self, _: crate::ir::InstrumentFact, _: i64) -> i64 {
        MISSING
    }
    fn days_after(&self, count: u32, unit: DayUnit, date: i64) -> i64 {
        date + i64::from(count) * if unit == DayUnit::Weeks { 7 } else { 1 }
    }
    fn opening_of(&self, date: i64) -> i64 {
        date * NANOS_PER_DAY
    }
    fn date_of(&self, instant: i64) -> i64 {
        instant.div_euclid(NANOS_PER_DAY)
    }
    fn opening_after(&self, instant: i64, or_at: bool) -> i64 {
        let from = if or_at { instant - 1 } else { instant };
        (from.div_euclid(NANOS_PER_DAY) + 1) * NANOS_PER_DAY
    }
    fn opening_on(&self, weekday: Weekday, instant: i64) -> i64 {
        // 1970-01-01 was a Thursday.
        let from = (instant + NANOS_PER_DAY - 1).div_euclid(NANOS_PER_DAY);
        (from + (weekday.number() - (from + 3)).rem_euclid(7)) * NANOS_PER_DAY
    }
    fn trading_day_number(&self) -> i64 {
        self.now / NANOS_PER_DAY
    }
}
