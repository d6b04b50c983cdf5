//! The trading day as it passes: which day runs, what ends, starts and is due at an instant.

use serde::{Deserialize, Serialize};

use crate::calendar::{TradingCalendar, TradingDay};
use crate::ir::{Ir, Period, PeriodKind, Schedule};
use crate::syntax::ast::DayUnit;
use crate::value::{Date, Instant, TimeOfDay};
use crate::vm::view::NEVER;
use crate::vocabulary::Occasion;

use super::hand::bits;

/// A number that all dates of one week, month, … share.
type SpanNumber = fn(&TradingCalendar, Date) -> i64;

/// Where an account stands in its trading days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DayClock {
    /// Whether a day runs: false between its stamp and the next opening.
    pub runs: bool,
    /// How many days have opened, for windows of trading days.
    pub number: i64,
    /// The next stamp.
    pub stamp: i64,
    /// The next opening.
    pub opening: i64,
    /// The next instant at which a schedule is due.
    pub schedule: i64,
    /// Whether a day outside the loaded calendar was told.
    pub told_outside: bool,
}

/// What is due at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DueNow {
    /// Occasions of ending periods, of day first.
    pub ends: u64,
    /// The schedules, as bits.
    pub schedules: u64,
    /// Occasions of starting periods.
    pub starts: u64,
    /// The day that starts.
    pub day: Option<TradingDay>,
}

impl DayClock {
    /// Where an account stands that begins at an instant.
    pub(super) fn begin(&mut self, calendar: &TradingCalendar, ir: &Ir, at: Instant) {
        let day = calendar.day_at(at);
        self.runs = day.opens <= at && at < day.settles;
        self.number = i64::from(self.runs);
        self.stamp = if self.runs { day.settles.nanos() } else { NEVER };
        self.opening = if day.opens > at { day.opens } else { day.next_opens }.nanos();
        self.schedule = next_schedule(calendar, ir, at);
    }

    /// Looks at the days anew, as when another calendar was loaded.
    pub(super) fn look_again(&mut self, calendar: &TradingCalendar, ir: &Ir, now: Instant) {
        let day = calendar.day_at(now);
        self.opening = if day.opens > now { day.opens } else { day.next_opens }.nanos();
        if self.runs {
            // The stamp of a running day stays where it was known to be, unless it has moved ahead.
            self.stamp = if day.settles > now { day.settles.nanos() } else { self.stamp.min(self.opening) };
        }
        self.schedule = next_schedule(calendar, ir, now);
    }

    /// The next instant at which something is due.
    pub(super) fn next(&self) -> i64 {
        self.stamp.min(self.opening).min(self.schedule)
    }

    /// What is due at an instant, and the clock moved past it; a day that opens is yet to be opened.
    pub(super) fn pass(&mut self, calendar: &TradingCalendar, ir: &Ir, at: Instant) -> DueNow {
        let mut due = DueNow::default();
        let nanos = at.nanos();
        if self.stamp <= nanos {
            due.ends = ending(calendar, at);
            (self.runs, self.stamp) = (false, NEVER);
        }
        if self.schedule <= nanos {
            due.schedules = due_schedules(calendar, ir, at);
            self.schedule = next_schedule(calendar, ir, at);
        }
        if self.opening <= nanos {
            let day = calendar.day_at(at);
            due.starts = starting(calendar, &day);
            due.day = Some(day);
        }
        due
    }

    /// A day opens, after what ends at the same instant was judged.
    pub(super) fn open(&mut self, day: &TradingDay) {
        (self.runs, self.stamp, self.opening) = (true, day.settles.nanos(), day.next_opens.nanos());
        self.number += 1;
    }
}

/// The day to which what is booked at an instant belongs: the first that is stamped after it.
pub(super) fn day_of(calendar: &TradingCalendar, at: Instant) -> TradingDay {
    let day = calendar.day_at(at);
    if at < day.settles { day } else { calendar.day_after(&day) }
}

/// The date so many days, weeks or months after a date.
pub(super) fn date_after(calendar: &TradingCalendar, from: Date, count: u32, unit: DayUnit) -> Date {
    let days = i32::try_from(count).unwrap_or(i32::MAX);
    match unit {
        DayUnit::Days => from.plus(days),
        DayUnit::Weeks => from.plus(days.saturating_mul(7)),
        DayUnit::Months => from.plus_months(count),
        DayUnit::Weekdays => from.plus_weekdays(count),
        DayUnit::TradingDays => calendar.add_trading_days(from, count),
    }
}

/// The first instant after another, or at it, at which a period starts that turns with the clock.
pub(super) fn start_after(calendar: &TradingCalendar, ir: &Ir, period: Period, at: Instant, or_at: bool) -> i64 {
    if let PeriodKind::Clock(clock) = &ir.period(period).kind {
        return clock.ends_after(if or_at { at.plus(-1) } else { at }).nanos();
    }
    let mut day = calendar.day_at(at);
    for _ in 0..40 {
        let far_enough = day.opens > at || (or_at && day.opens == at);
        if far_enough && starts(calendar, period, &day) {
            return day.opens.nanos();
        }
        day = calendar.day_after(&day);
    }
    NEVER
}

/// Whether a period starts with a day.
pub(super) fn starts(calendar: &TradingCalendar, period: Period, day: &TradingDay) -> bool {
    let before = calendar.day_before(day).date;
    match period {
        Period::DAY => true,
        Period::WEEK => calendar.week_index(before) != calendar.week_index(day.date),
        Period::MONTH => calendar.month_index(before) != calendar.month_index(day.date),
        // No other turns with the trading days.
        _ => false,
    }
}

/// The occasions of what ends with the day that is stamped at an instant.
fn ending(calendar: &TradingCalendar, at: Instant) -> u64 {
    // The stamp may be the next day's opening: the day that ends is found an instant earlier.
    let day = calendar.day_at(at.plus(-1));
    let (date, next) = (day.date, calendar.day_after(&day).date);
    let ends: [(Occasion, SpanNumber); 4] = [
        (Occasion::WeekEnd, TradingCalendar::week_index),
        (Occasion::MonthEnd, TradingCalendar::month_index),
        (Occasion::QuarterEnd, TradingCalendar::quarter_index),
        (Occasion::YearEnd, TradingCalendar::year_index),
    ];
    let with_it = ends.iter().filter(|(_, index)| index(calendar, date) != index(calendar, next));
    with_it.fold(Occasion::DayEnd.bit(), |all, (occasion, _)| all | occasion.bit())
}

fn starting(calendar: &TradingCalendar, day: &TradingDay) -> u64 {
    let mut occasions = vec![Occasion::DayStart];
    for (period, occasion) in [(Period::WEEK, Occasion::WeekStart), (Period::MONTH, Occasion::MonthStart)] {
        if starts(calendar, period, day) {
            occasions.push(occasion);
        }
    }
    bits(&occasions)
}

/// The next instant after another at which one of the schedules is due.
fn next_schedule(calendar: &TradingCalendar, ir: &Ir, after: Instant) -> i64 {
    ir.schedules.iter().map(|schedule| next_of(calendar, ir, *schedule, after)).min().unwrap_or(NEVER)
}

fn due_schedules(calendar: &TradingCalendar, ir: &Ir, at: Instant) -> u64 {
    let before = at.plus(-1);
    let due = ir.schedules.iter().enumerate().filter(|(_, schedule)| next_of(calendar, ir, **schedule, before) == at.nanos());
    due.fold(0, |bits, (place, _)| bits | 1_u64.checked_shl(u32::try_from(place).unwrap_or(64)).unwrap_or(0))
}

/// The next instant after another at which a schedule is due: looked for from the day before on,
/// since a time before the close may lie in the day before.
fn next_of(calendar: &TradingCalendar, ir: &Ir, schedule: Schedule, after: Instant) -> i64 {
    if let Schedule::SessionClose(session, before) = schedule {
        let Some((_, session)) = ir.sessions.get(usize::from(session)) else { return NEVER };
        let close = session.hours(calendar).closes_next(after.plus(before));
        return close.map_or(NEVER, |close| close.plus(-before).nanos());
    }
    let mut day = calendar.day_before(&calendar.day_at(after));
    // A weekday comes within a week of days, unless holidays take it away for a while.
    for _ in 0..60 {
        if let Some(at) = on_day(calendar, schedule, &day, after).filter(|at| *at > after) {
            return at.nanos();
        }
        day = calendar.day_after(&day);
    }
    NEVER
}

/// The instant of a day at which a schedule is due; of an interval, the first after the other instant.
fn on_day(calendar: &TradingCalendar, schedule: Schedule, day: &TradingDay, after: Instant) -> Option<Instant> {
    match schedule {
        // No matter of trading days.
        Schedule::SessionClose(..) => None,
        Schedule::DayClose => Some(day.stops),
        Schedule::BeforeClose(nanos) => Some(day.stops.plus(-nanos)),
        Schedule::DayAt(time) => Some(at_time(calendar, day, time)),
        Schedule::WeekdayAt(weekday, time) => (day.date.weekday() == weekday).then(|| at_time(calendar, day, time)),
        Schedule::Interval(nanos) => {
            let passed = after.nanos().saturating_sub(day.opens.nanos());
            let count = if passed < 0 { 0 } else { passed / nanos.max(1) + 1 };
            Some(day.opens.plus(count.saturating_mul(nanos))).filter(|at| *at < day.settles)
        }
    }
}

/// A time of day on a trading day: the first at or after its opening, not later than the close of an
/// early-close day.
fn at_time(calendar: &TradingCalendar, day: &TradingDay, time: i64) -> Instant {
    let time = TimeOfDay::from_nanos(time).unwrap_or_default();
    let at = calendar.rule.zone.next_local(day.opens.plus(-1), time, None);
    if day.early { at.min(day.stops) } else { at }
}

/// For day, week and month at an instant: the date of its first day, and whether it runs. A week or
/// month runs from the opening of its first day to the stamp of its last.
pub(super) fn dates(calendar: &TradingCalendar, at: Instant) -> [(Date, bool); 3] {
    let coming = day_of(calendar, at);
    let runs = coming.opens <= at;
    let shown = if runs { coming } else { calendar.day_before(&coming) };
    let span = |index: SpanNumber| {
        let number = index(calendar, shown.date);
        let mut first = shown;
        loop {
            let before = calendar.day_before(&first);
            if index(calendar, before.date) != number || before.date >= first.date {
                break;
            }
            first = before;
        }
        (first.date, runs || index(calendar, coming.date) == number)
    };
    [(shown.date, runs), span(TradingCalendar::week_index), span(TradingCalendar::month_index)]
}
