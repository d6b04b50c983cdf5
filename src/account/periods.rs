//! The records of periods: day, week, month, cycle and the program's own.
//!
//! A record runs from its opening to its end, and is shown until the next begins. What is booked
//! between an end and the next opening belongs to the next; reference values move with cash, by
//! its amount, also after the end, until the record becomes the last one.

use serde::{Deserialize, Serialize};

use crate::ir::Period;
use crate::ledger::Ledger;
use crate::value::{Date, Fixed};
use crate::vm::view::MISSING;
use crate::vocabulary::PeriodField;

/// The records of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Periods {
    books: Vec<PeriodBook>,
    /// The picture before the event at hand: what a period that it opens begins with.
    #[serde(skip)]
    before: Option<References>,
}

/// The running record of a period and the last one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct PeriodBook {
    now: Record,
    last: Option<Record>,
    /// What was booked since the end of the record: the next one's.
    coming: Sums,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    start: References,
    sums: Sums,
    date: i32,
    number: i64,
    end: Option<End>,
}

/// Values that move with cash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct References {
    balance: Fixed,
    equity: Option<Fixed>,
    high: Option<Fixed>,
    low: Option<Fixed>,
}

/// What adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sums {
    profit: Fixed,
    opened: i64,
    entries: i64,
    closed: i64,
    fills: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct End {
    balance: Fixed,
    equity: Option<Fixed>,
    /// The reference values at the end: what is moved after it is not the record's.
    references: References,
}

/// A fill, as periods count it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FillCount {
    /// Whether it opened a position.
    pub opened: bool,
    /// Whether it opened a position or added to one.
    pub entered: bool,
    /// Whether it completed a trade.
    pub closed: bool,
}

impl Periods {
    /// The records of so many periods, before anything has begun.
    pub(super) fn new(count: usize) -> Self {
        Self { books: vec![PeriodBook::default(); count], before: None }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.books.len()
    }

    /// The records of the periods at some places of these, and empty ones.
    pub(super) fn chosen(&self, places: &[Option<usize>]) -> Self {
        let book = |place: &Option<usize>| place.and_then(|place| self.books.get(place).copied()).unwrap_or_default();
        Self { books: places.iter().map(book).collect(), before: None }
    }

    /// Whether a period runs.
    pub(super) fn runs(&self, period: Period) -> bool {
        self.books.get(period.index()).is_some_and(|book| book.now.end.is_none())
    }

    /// All periods begin anew with a phase; the cycle that ran becomes the last. `dates` has for day,
    /// week and month the date of the first day, and whether that period runs already.
    pub(super) fn restart(&mut self, ledger: &Ledger, dates: [(Date, bool); 3], today: Date, first: bool) {
        if let Some(cycle) = self.book_mut(Period::CYCLE) {
            let before = cycle.now.ended(ledger);
            // A phase ends the cycle that runs; at the account's opening there is none.
            cycle.last = if first { None } else { Some(before) };
            cycle.now = Record::begin(ledger, today, 1, Sums::default());
            cycle.coming = Sums::default();
        }
        for (book, (date, runs)) in self.books.iter_mut().zip(dates) {
            book.restart(ledger, date, runs);
        }
    }

    /// A period of the program's own begins anew with a phase. The one that ran becomes the last
    /// unless the phase interrupts what runs by a clock of its own.
    pub(super) fn restart_own(&mut self, period: Period, date: Date, ledger: &Ledger, runs: bool, first: bool) {
        let Some(book) = self.book_mut(period) else { return };
        if !first && !runs && book.now.number > 0 {
            book.last = Some(if book.now.end.is_some() { book.now.closed_off() } else { book.now.ended(ledger) });
        }
        book.restart(ledger, date, runs);
    }

    /// Remembers the picture before an event. What was booked while an own period did not run is nobody's.
    pub(super) fn begin_event(&mut self, ledger: &Ledger) {
        self.before = Some(References::of(ledger));
        for book in self.books.iter_mut().skip(Period::PREDECLARED.len()).filter(|book| book.now.end.is_some()) {
            book.coming = Sums::default();
        }
    }

    /// The event at hand is over.
    pub(super) fn forget_event(&mut self) {
        self.before = None;
    }

    /// Opens a period of the program's own. With `event`, the event at hand opens it and is its first:
    /// its reference values are those before the event, and what the event booked is its own.
    pub(super) fn open(&mut self, period: Period, date: Date, ledger: &Ledger, event: bool) {
        let before = self.before.filter(|_| event);
        let Some(book) = self.book_mut(period) else { return };
        if book.now.end.is_some() && book.now.number > 0 {
            book.last = Some(book.now.closed_off());
        }
        let sums = if event { book.coming } else { Sums::default() };
        let start = before.unwrap_or_else(|| References::of(ledger));
        book.now = Record { start, sums, date: date.days(), number: book.now.number + 1, end: None };
        book.coming = Sums::default();
    }

    /// Ends a period.
    pub(super) fn end(&mut self, period: Period, ledger: &Ledger) {
        let Some(book) = self.book_mut(period) else { return };
        book.now = book.now.ended(ledger);
        book.coming = Sums::default();
    }

    /// Begins the next period; the one that ended becomes the last.
    pub(super) fn start(&mut self, period: Period, date: Date, ledger: &Ledger) {
        let Some(book) = self.book_mut(period) else { return };
        if book.now.end.is_some() {
            book.last = Some(book.now.closed_off());
        }
        book.now = Record::begin(ledger, date, book.now.number + 1, book.coming);
        book.coming = Sums::default();
    }

    /// Books realised profit and fills.
    pub(super) fn book(&mut self, profit: Fixed, fill: Option<FillCount>) {
        for book in &mut self.books {
            let sums = if book.now.end.is_some() { &mut book.coming } else { &mut book.now.sums };
            sums.profit = sums.profit.add(profit).unwrap_or(sums.profit);
            if let Some(fill) = fill {
                sums.fills += 1;
                sums.opened += i64::from(fill.opened);
                sums.entries += i64::from(fill.entered);
                sums.closed += i64::from(fill.closed);
            }
        }
    }

    /// Moves reference values by cash that is no profit.
    pub(super) fn move_by(&mut self, amount: Fixed) {
        for start in self.books.iter_mut().map(|book| &mut book.now.start).chain(&mut self.before) {
            start.move_by(amount);
        }
    }

    /// Takes the equity after an event into the extremes.
    pub(super) fn note_equity(&mut self, equity: Option<Fixed>) {
        let Some(equity) = equity else { return };
        for record in self.books.iter_mut().map(|book| &mut book.now).filter(|record| record.end.is_none()) {
            record.start.high = Some(record.start.high.map_or(equity, |high| high.max(equity)));
            record.start.low = Some(record.start.low.map_or(equity, |low| low.min(equity)));
        }
    }

    /// Goes back to earlier records. A period that has ended since ends now instead.
    pub(super) fn roll_back(&mut self, earlier: &Self, moved: Fixed, ledger: &Ledger) {
        let ended = [0, 1, 2, 3].map(|at| self.books.get(at).is_some_and(|book| book.now.end.is_some()));
        self.clone_from(earlier);
        self.move_by(moved);
        for (book, ended) in self.books.iter_mut().zip(ended) {
            if ended && book.now.end.is_none() {
                book.now = book.now.ended(ledger);
            }
        }
    }

    /// The platform's own stamp of the day replaces the day's reference.
    pub(super) fn anchor_day(&mut self, balance: Fixed, equity: Fixed) {
        let Some(day) = self.book_mut(Period::DAY) else { return };
        day.now.start = References { balance, equity: Some(equity), high: Some(equity), low: Some(equity) };
    }

    /// A value of the running period.
    pub(super) fn now(&self, period: Period, field: PeriodField, ledger: &Ledger) -> i64 {
        let Some(record) = self.books.get(period.index()).map(|book| &book.now) else { return MISSING };
        if field == PeriodField::EquityProfit {
            return difference(ledger.equity(), record.start.equity);
        }
        record.value(field)
    }

    /// A value of the last ended period.
    pub(super) fn last(&self, period: Period, field: PeriodField) -> i64 {
        let Some(record) = self.books.get(period.index()).and_then(|book| book.last.as_ref()) else { return MISSING };
        if field == PeriodField::EquityProfit {
            return difference(record.end.and_then(|end| end.equity), record.start.equity);
        }
        record.value(field)
    }

    fn book_mut(&mut self, period: Period) -> Option<&mut PeriodBook> {
        self.books.get_mut(period.index())
    }
}

impl PeriodBook {
    fn restart(&mut self, ledger: &Ledger, date: Date, runs: bool) {
        let record = Record::begin(ledger, date, i64::from(runs), Sums::default());
        self.now = if runs { record } else { record.ended(ledger) };
        self.coming = Sums::default();
    }
}

impl Record {
    fn begin(ledger: &Ledger, date: Date, number: i64, sums: Sums) -> Self {
        Self { start: References::of(ledger), sums, date: date.days(), number, end: None }
    }

    fn ended(self, ledger: &Ledger) -> Self {
        let end = End { balance: ledger.balance().unwrap_or_default(), equity: ledger.equity(), references: self.start };
        Self { end: Some(end), ..self }
    }

    /// As it was at its end.
    fn closed_off(self) -> Self {
        Self { start: self.end.map_or(self.start, |end| end.references), ..self }
    }

    fn value(&self, field: PeriodField) -> i64 {
        let raw = |value: Option<Fixed>| value.map_or(MISSING, Fixed::raw);
        let count = |count: i64| count.saturating_mul(Fixed::ONE_RAW);
        match field {
            PeriodField::StartBalance => self.start.balance.raw(),
            PeriodField::StartEquity => raw(self.start.equity),
            PeriodField::CloseBalance => raw(self.end.map(|end| end.balance)),
            PeriodField::CloseEquity => raw(self.end.and_then(|end| end.equity)),
            PeriodField::HighEquity => raw(self.start.high),
            PeriodField::LowEquity => raw(self.start.low),
            PeriodField::Profit => self.sums.profit.raw(),
            PeriodField::Opened => count(self.sums.opened),
            PeriodField::Entries => count(self.sums.entries),
            PeriodField::Closed => count(self.sums.closed),
            PeriodField::Fills => count(self.sums.fills),
            PeriodField::Date => i64::from(self.date),
            PeriodField::Weekday => Date::from_days(self.date).weekday().number(),
            PeriodField::Number => count(self.number),
            PeriodField::Open => i64::from(self.end.is_none()),
            PeriodField::EquityProfit => MISSING,
        }
    }
}

impl References {
    /// Of a period that begins now.
    fn of(ledger: &Ledger) -> Self {
        let equity = ledger.equity();
        Self { balance: ledger.balance().unwrap_or_default(), equity, high: equity, low: equity }
    }

    fn move_by(&mut self, amount: Fixed) {
        self.balance = self.balance.add(amount).unwrap_or(self.balance);
        for value in [&mut self.equity, &mut self.high, &mut self.low].into_iter().flatten() {
            *value = value.add(amount).unwrap_or(*value);
        }
    }
}

fn difference(now: Option<Fixed>, start: Option<Fixed>) -> i64 {
    let profit = now.zip(start).and_then(|(now, start)| now.sub(start).ok());
    profit.map_or(MISSING, Fixed::raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{CashKind, MarkRule, PositionMode};

    const DATE: Date = Date::from_days(20_000);

    fn ledger() -> Ledger {
        Ledger::new(PositionMode::Netting, MarkRule::Last, 64, Fixed::from_int(1_000).unwrap())
    }

    fn whole(value: i64) -> i64 {
        value * Fixed::ONE_RAW
    }

    #[test]
    fn what_is_booked_after_the_stamp_is_the_next_days() {
        let (mut periods, mut ledger) = (Periods::new(4), ledger());
        periods.restart(&ledger, [(DATE, true); 3], DATE, true);
        let gain = Fixed::from_int(50).unwrap();
        ledger.cash(CashKind::Income, gain).unwrap();
        periods.book(gain, Some(FillCount { opened: true, entered: true, closed: false }));
        periods.end(Period::DAY, &ledger);
        ledger.cash(CashKind::Income, gain).unwrap();
        periods.book(gain, Some(FillCount { opened: false, entered: false, closed: true }));
        assert_eq!(periods.now(Period::DAY, PeriodField::Profit, &ledger), whole(50));
        assert_eq!(periods.now(Period::DAY, PeriodField::CloseBalance, &ledger), whole(1_050));
        assert_eq!(periods.now(Period::WEEK, PeriodField::Profit, &ledger), whole(100));
        periods.start(Period::DAY, DATE.plus(1), &ledger);
        assert_eq!(periods.now(Period::DAY, PeriodField::Profit, &ledger), whole(50));
        assert_eq!(periods.now(Period::DAY, PeriodField::Fills, &ledger), whole(1));
        assert_eq!(periods.now(Period::DAY, PeriodField::StartBalance, &ledger), whole(1_100));
        assert_eq!(periods.now(Period::DAY, PeriodField::Number, &ledger), whole(2));
        assert_eq!(periods.last(Period::DAY, PeriodField::CloseBalance), whole(1_050));
    }

    #[test]
    fn what_opens_a_period_is_its_own() {
        let (mut periods, mut ledger) = (Periods::new(5), ledger());
        let own = Period(4);
        periods.restart_own(own, DATE, &ledger, false, true);
        assert!(!periods.runs(own));
        let (cost, gain) = (Fixed::from_int(-5).unwrap(), Fixed::from_int(50).unwrap());
        // Nobody's: it does not run.
        periods.begin_event(&ledger);
        ledger.cash(CashKind::Income, gain).unwrap();
        periods.book(gain, Some(FillCount { opened: false, entered: false, closed: true }));
        periods.begin_event(&ledger);
        ledger.cash(CashKind::Cost, cost).unwrap();
        periods.book(cost, Some(FillCount { opened: true, entered: true, closed: false }));
        periods.open(own, DATE, &ledger, true);
        assert_eq!(periods.now(own, PeriodField::StartBalance, &ledger), whole(1_050));
        assert_eq!(periods.now(own, PeriodField::Profit, &ledger), whole(-5));
        assert_eq!(periods.now(own, PeriodField::EquityProfit, &ledger), whole(-5));
        assert_eq!(periods.now(own, PeriodField::Fills, &ledger), whole(1));
        assert_eq!(periods.now(own, PeriodField::Number, &ledger), whole(1));
        assert_eq!(periods.last(own, PeriodField::Number), MISSING, "none has ended");
    }

    #[test]
    fn references_move_with_cash_until_the_next_opening() {
        let (mut periods, mut ledger) = (Periods::new(4), ledger());
        periods.restart(&ledger, [(DATE, true); 3], DATE, true);
        let cash = Fixed::from_int(-400).unwrap();
        for _ in 0..2 {
            ledger.cash(CashKind::Withdrawal, cash).unwrap();
            periods.move_by(cash);
            periods.end(Period::DAY, &ledger);
        }
        assert_eq!(periods.now(Period::DAY, PeriodField::StartBalance, &ledger), whole(200));
        assert_eq!(periods.now(Period::DAY, PeriodField::EquityProfit, &ledger), 0, "a withdrawal is no loss");
        periods.end(Period::DAY, &ledger);
        ledger.cash(CashKind::Withdrawal, cash).unwrap();
        periods.move_by(cash);
        periods.start(Period::DAY, DATE.plus(1), &ledger);
        assert_eq!(periods.last(Period::DAY, PeriodField::StartBalance), whole(200), "cash after the end is not the ended day's");
    }
}
