//! The program's own periods as they pass: what opens them, and when they end.

use serde::{Deserialize, Serialize};

use super::Account;
use super::days;
use super::hand::Hand;
use super::resolve::Draft;
use crate::compile::decode_days;
use crate::ir::{Closing, Event, ExprId, OpenedPeriod, Period, PeriodKind, PeriodRow};
use crate::market::Market;
use crate::outcome::FaultKind;
use crate::syntax::ast::DayUnit;
use crate::value::{Date, Type};
use crate::vm::view::{MISSING, NEVER, View};
use crate::vocabulary::Moment;

/// Where one period of the program's own stands, beside its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Span {
    /// When it ends, as far as that is known; [`NEVER`] while it is not.
    closes: i64,
    /// When it opened.
    opened: i64,
    /// Whether what may open it only once may do so again.
    armed: bool,
    /// The date with whose day's opening it ends, whether or not that date is a day.
    ends_on: Option<i32>,
    /// The date that its months are counted from, and how many have been: a month's end stays one.
    months: (i32, u32),
}

/// Where the program's own periods stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spans {
    own: Vec<Span>,
    /// Since when the account is flat; [`NEVER`] while it is not.
    flat_since: i64,
}

/// The own periods that end and start together with an event or at a due instant, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turns {
    pub ends: u64,
    pub starts: u64,
    /// Those of the starts that wait until the rules have looked at what ends with the same event.
    pub later: u64,
}

impl Spans {
    /// The spans of so many own periods, none of which runs.
    pub(super) fn new(count: usize) -> Self {
        let span = Span { closes: NEVER, opened: NEVER, armed: true, ends_on: None, months: (0, 0) };
        Self { own: vec![span; count], flat_since: NEVER }
    }

    /// The spans of the periods at some places of all, and ones that do not run.
    pub(super) fn chosen(&self, places: &[Option<usize>]) -> Self {
        let own = |place: &Option<usize>| place.and_then(|place| place.checked_sub(Period::PREDECLARED.len()));
        let mut chosen = Self::new(places.len().saturating_sub(Period::PREDECLARED.len()));
        for (span, place) in chosen.own.iter_mut().zip(places.iter().skip(Period::PREDECLARED.len())) {
            *span = own(place).and_then(|place| self.own.get(place).copied()).unwrap_or(*span);
        }
        Self { flat_since: self.flat_since, ..chosen }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.own.len()
    }

    /// The next instant at which one ends.
    pub(super) fn next(&self) -> i64 {
        self.own.iter().map(|span| span.closes).min().unwrap_or(NEVER)
    }

    fn of(&mut self, period: Period) -> Option<&mut Span> {
        self.own.get_mut(period.index().checked_sub(Period::PREDECLARED.len())?)
    }
}

impl Account {
    /// Which own periods end and start with what happens; with `due`, also those whose time has come.
    /// A period may turn with the ones that are declared before it.
    pub(super) fn turns(&mut self, hand: &Hand, due: bool) -> Turns {
        let program = self.program.clone();
        // A payment ends a cycle, and the next begins once the rules have looked at the one that ends.
        let mut turns = Turns { later: hand.occasions & Period::CYCLE.start_bit(), ..Turns::default() };
        for (period, row) in program.ir.own_periods() {
            let seen = hand.occasions | turns.ends | turns.starts;
            let runs = self.books.periods.runs(period);
            let now = self.books.now;
            let Some(span) = self.books.spans.of(period) else { continue };
            let over = due && runs && span.closes <= now;
            let mut later = false;
            let (ends, starts) = match &row.kind {
                PeriodKind::Predeclared => continue,
                PeriodKind::Clock(_) => (over, over),
                PeriodKind::Opened(rule) => {
                    span.armed |= rule.since.is_some_and(|event| happens(event, hand, seen));
                    let ends = over || (runs && matches!(rule.closes, Closing::On(event) if happens(event, hand, seen)));
                    later = ends || rule.opens.bit().is_some_and(|bit| turns.later & bit != 0);
                    let opens = happens(rule.opens, hand, seen) && (rule.since.is_none() || span.armed);
                    (ends, (ends || !runs) && (opens || (ends && rule.repeats)))
                }
            };
            if ends && !starts {
                // Nothing of it is due any more.
                (span.closes, span.ends_on) = (NEVER, None);
            }
            turns.ends |= if ends { period.end_bit() } else { 0 };
            turns.starts |= if starts { period.start_bit() } else { 0 };
            turns.later |= if starts && later { period.start_bit() } else { 0 };
        }
        turns
    }

    /// Before the rules look at an event: periods end with it, and own ones open with it, so that it
    /// is theirs. The event as the rules see it then, and the starts that wait until they have looked;
    /// none where nothing turns.
    pub(super) fn turn_with_event(&mut self, market: &Market, hand: &Hand, draft: &mut Draft) -> Option<(Hand, u64)> {
        let cycle = hand.occasions & Period::CYCLE.end_bit();
        if cycle == 0 && self.books.spans.len() == 0 {
            return None;
        }
        let turns = self.turns(hand, false);
        if turns == Turns::default() {
            return None;
        }
        let program = self.program.clone();
        for (period, _) in program.ir.all_periods() {
            if (turns.ends | cycle) & period.end_bit() != 0 {
                self.books.periods.end(period, &self.books.ledger);
            }
            if turns.starts & !turns.later & period.start_bit() != 0 {
                self.open_own(market, period, true, draft);
            }
        }
        self.books.periods.note_equity(self.books.ledger.equity());
        let occasions = (hand.occasions | turns.ends | turns.starts) & !turns.later;
        Some((Hand { occasions, ..hand.clone() }, turns.later))
    }

    /// What ended with an event and starts with it too starts now, and everything is judged on it.
    pub(super) fn turn_after_event(&mut self, market: &Market, hand: &Hand, later: u64, draft: &mut Draft) {
        if later != 0 {
            if later & Period::CYCLE.start_bit() != 0 {
                let date = days::day_of(&self.calendar, self.books.at()).date;
                self.books.periods.start(Period::CYCLE, date, &self.books.ledger);
            }
            self.open_now(market, later, draft);
            // Groups that the event ended are no more.
            let hand = Hand { occasions: later, schedules: 0, host: None, input: None, ended: Vec::new(), ..hand.clone() };
            self.evaluate(market, &hand, Moment::Judge);
        }
        self.books.periods.forget_event();
    }

    /// Opens own periods from the present picture.
    fn open_now(&mut self, market: &Market, starts: u64, draft: &mut Draft) {
        let program = self.program.clone();
        for (period, _) in program.ir.own_periods().filter(|(period, _)| starts & period.start_bit() != 0) {
            self.open_own(market, period, false, draft);
        }
    }

    /// Opens a period of the program's own; with `event`, from the picture before the event.
    pub(super) fn open_own(&mut self, market: &Market, period: Period, event: bool, draft: &mut Draft) {
        let program = self.program.clone();
        let row = program.ir.period(period);
        let at = self.books.at();
        let date = match &row.kind {
            PeriodKind::Clock(clock) => clock.date_at(at),
            _ => days::day_of(&self.calendar, at).date,
        };
        self.books.periods.open(period, date, &self.books.ledger, event);
        let Some(span) = self.books.spans.of(period) else { return };
        let before = span.ends_on.take();
        let went_on = span.closes == at.nanos();
        (span.opened, span.armed, span.closes) = (at.nanos(), false, NEVER);
        match &row.kind {
            PeriodKind::Clock(clock) => span.closes = clock.ends_after(at).nanos(),
            PeriodKind::Opened(OpenedPeriod { closes: Closing::After(length), repeats, .. }) => {
                let from = before.filter(|_| *repeats && went_on);
                self.set_end(market, period, *length, (date, from), draft);
            }
            _ => {}
        }
    }

    /// Decides when a period that has just opened ends; days are counted from its date, or, where it
    /// goes on, from where the one before it ended.
    fn set_end(&mut self, market: &Market, period: Period, length: ExprId, (date, goes_on): (Date, Option<i32>), draft: &mut Draft) {
        let program = self.program.clone();
        let hand = Hand::default();
        let (raw, now) = (self.value_of(market, &hand, length), self.books.now);
        let in_days = program.ir.expr(length).ty == Type::Days;
        let ends = match raw {
            Ok(raw) if raw != MISSING && raw > 0 && !in_days => Ok((now.saturating_add(raw), None, (0, 0))),
            Ok(raw) if raw != MISSING && raw > 0 => {
                let months = self.books.spans.of(period).map_or((0, 0), |span| span.months);
                let from = goes_on.map_or((date.days(), (date.days(), 0)), |from| (from, months));
                decode_days(raw)
                    .filter(|(count, _)| *count > 0)
                    .and_then(|length| self.day_end(market, length, from))
                    .ok_or(FaultKind::Inconsistent)
            }
            Ok(_) => Err(FaultKind::Inconsistent),
            Err(kind) => Err(kind),
        };
        match (ends, self.books.spans.of(period)) {
            (Ok(ends), Some(span)) => (span.closes, span.ends_on, span.months) = ends,
            (Err(kind), _) => {
                let name = &program.ir.period(period).name;
                draft.fault(kind, format!("the length of `{name}` cannot be computed, or is not above zero: it does not end"));
            }
            _ => {}
        }
    }

    /// The opening of the first day so long after a date that is still to come.
    fn day_end(&self, market: &Market, (count, unit): (u32, DayUnit), from: (i32, (i32, u32))) -> Option<(i64, Option<i32>, (i32, u32))> {
        let hand = Hand::default();
        let picture = self.picture(market, &hand);
        let (mut date, (mut first, mut months)) = from;
        // A date that is no day may lie between: its day is the next, which may have opened already.
        for _ in 0..64 {
            if unit == DayUnit::Months {
                months = months.saturating_add(count);
                date = Date::from_days(first).plus_months(months).days();
            } else {
                date = i32::try_from(picture.days_after(count, unit, i64::from(date))).ok()?;
                (first, months) = (date, 0);
            }
            let opening = picture.opening_of(i64::from(date));
            if opening > self.books.now {
                return Some((opening, Some(date), (first, months)));
            }
        }
        None
    }

    /// All own periods begin anew with a phase: those of a clock run, others wait for what opens them,
    /// which may be the phase's start itself. The occasions with the starts.
    pub(super) fn restart_own(&mut self, market: &Market, hand: &Hand, opening: bool, draft: &mut Draft) -> u64 {
        let program = self.program.clone();
        for (period, row) in program.ir.own_periods() {
            self.restart_period(period, row, opening);
        }
        let turns = self.turns(hand, false);
        self.open_now(market, turns.starts, draft);
        hand.occasions | turns.starts
    }

    /// An own period begins anew: one of a clock runs, another waits for what opens it.
    pub(super) fn restart_period(&mut self, period: Period, row: &PeriodRow, opening: bool) {
        let at = self.books.at();
        let (date, closes) = match &row.kind {
            PeriodKind::Clock(clock) => (clock.date_at(at), clock.ends_after(at).nanos()),
            _ => (days::day_of(&self.calendar, at).date, NEVER),
        };
        let runs = matches!(row.kind, PeriodKind::Clock(_));
        self.books.periods.restart_own(period, date, &self.books.ledger, runs, opening);
        if let Some(span) = self.books.spans.of(period) {
            *span = Span { closes, opened: at.nanos(), armed: true, ends_on: None, months: (0, 0) };
        }
    }

    /// Takes note of whether the account is flat, and of the ends that follow from it.
    pub(super) fn refresh_spans(&mut self) {
        if self.books.spans.len() == 0 {
            return;
        }
        let flat = self.books.ledger.positions().is_empty();
        let since = self.books.spans.flat_since;
        self.books.spans.flat_since = match (flat, since) {
            (false, _) => NEVER,
            (true, NEVER) => self.books.now,
            (true, since) => since,
        };
        let since = self.books.spans.flat_since;
        let program = self.program.clone();
        for (period, row) in program.ir.own_periods() {
            let runs = self.books.periods.runs(period);
            let PeriodKind::Opened(OpenedPeriod { closes: Closing::Flat(nanos), .. }) = row.kind else { continue };
            let Some(span) = self.books.spans.of(period) else { continue };
            span.closes = if runs && since != NEVER { since.max(span.opened).saturating_add(nanos) } else { NEVER };
        }
    }

    /// Another calendar was loaded: what ends with a day's opening ends when that now is.
    pub(super) fn look_again_at_spans(&mut self) {
        let now = self.books.now;
        for span in &mut self.books.spans.own {
            if let Some(date) = span.ends_on.filter(|_| span.closes != NEVER) {
                span.closes = self.calendar.day_from(Date::from_days(date)).opens.nanos().max(now.saturating_add(1));
            }
        }
    }
}

/// Whether an event is among what happens.
fn happens(event: Event, hand: &Hand, occasions: u64) -> bool {
    match event {
        Event::Host(number) => hand.host.as_ref().is_some_and(|(at_hand, _)| *at_hand == number),
        Event::Input(input) => hand.input == Some(input),
        Event::Schedule(schedule) => 1_u64.checked_shl(u32::from(schedule)).is_some_and(|bit| hand.schedules & bit != 0),
        // No period may open or end on a breach or with a group: see the checker.
        Event::Breach(_) | Event::GroupEnd(_) => false,
        Event::Occasion(_) | Event::Start(_) | Event::End(_) => event.bit().is_some_and(|bit| occasions & bit != 0),
    }
}
