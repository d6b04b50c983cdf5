//! Trading days, found by looking at one date after another.

use crate::calendar::{TradingCalendar, WeeklySession};
use crate::ir::{Ir, Period, PeriodKind, PeriodRow, Schedule};
use crate::syntax::ast::DayUnit;
use crate::value::{Date, Instant, NANOS_PER_DAY, TimeOfDay, Weekday};

use super::market::Market;

/// No instant.
pub(super) const NEVER: i64 = i64::MAX;

/// How many dates are looked at before a day counts as never coming.
const HORIZON: i32 = 800;

/// A trading day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    /// Its date.
    pub(super) date: i32,
    /// When it opens.
    pub(super) opens: i64,
    /// When trading stops.
    pub(super) stops: i64,
    /// When it is stamped.
    pub(super) stamped: i64,
    /// Whether the exchange closes early.
    pub(super) early: bool,
    /// Whether its date lies outside the loaded calendar.
    pub(super) outside: bool,
}

/// Knows the trading days of a program.
pub(super) struct Days<'a> {
    calendar: TradingCalendar,
    sessions: &'a [(String, WeeklySession)],
}

impl<'a> Days<'a> {
    /// The days of a program, with the calendar that the host has loaded.
    pub(super) fn new(ir: &'a Ir, market: &Market) -> Self {
        let header = &ir.header;
        let holidays = header.calendar.as_ref().and_then(|name| market.calendars.get(name)).cloned();
        Self { calendar: TradingCalendar { rule: header.day, holidays, week_starts: header.week }, sessions: &ir.sessions }
    }

    /// The trading day of a date, if there is one.
    pub(super) fn day(&self, date: i32) -> Option<Day> {
        let date = Date::from_days(date);
        let day = Some(date).filter(|date| self.calendar.is_day(*date)).map(|date| self.calendar.day_from(date))?;
        Some(Day {
            date: day.date.days(),
            opens: day.opens.nanos(),
            stops: day.stops.nanos(),
            stamped: day.settles.nanos(),
            early: day.early,
            outside: day.outside_calendar,
        })
    }

    /// The first instant at or after a trading day's opening at which the clock shows a time; on an
    /// early-close day not later than the close.
    fn time_on(&self, day: &Day, time: TimeOfDay) -> i64 {
        let at = self.calendar.rule.zone.next_local(Instant::from_nanos(day.opens - 1), time, None).nanos();
        if day.early { at.min(day.stops) } else { at }
    }

    /// When the open session closes, if it is open, and the next instant at which that may change.
    pub(super) fn session(&self, session: usize, at: i64) -> (Option<i64>, i64) {
        let Some((_, session)) = self.sessions.get(session) else { return (None, NEVER) };
        let (at, hours) = (Instant::from_nanos(at), session.hours(&self.calendar));
        (hours.closes(at).map(Instant::nanos), hours.next_edge_after(at).nanos())
    }

    /// The first instant after another at which a session is closed and was open just before: its
    /// edges one after another, for two months.
    fn session_close_after(&self, session: usize, after: i64) -> Option<i64> {
        let (mut at, last) = (after, after + 60 * NANOS_PER_DAY);
        loop {
            let (_, edge) = self.session(session, at);
            if edge == NEVER || edge > last {
                return None;
            }
            if self.session(session, edge).0.is_none() && self.session(session, edge - 1).0.is_some() {
                return Some(edge);
            }
            at = edge;
        }
    }

    /// The trading days from a date on, in order.
    fn from(&self, date: i32) -> impl Iterator<Item = Day> + '_ {
        (date..date.saturating_add(HORIZON)).filter_map(|date| self.day(date))
    }

    /// The trading days that may have something to do with an instant or with later ones.
    fn around(&self, at: i64) -> impl Iterator<Item = Day> + '_ {
        let date = i32::try_from(at.div_euclid(NANOS_PER_DAY)).unwrap_or_default();
        self.from(date.saturating_sub(12))
    }

    /// The day that runs at an instant: from its opening until its stamp, the stamp excluded.
    pub(super) fn running(&self, at: i64) -> Option<Day> {
        self.around(at).take_while(|day| day.opens <= at).find(|day| at < day.stamped)
    }

    /// The first day that is stamped after an instant: the one to which what is booked then belongs.
    pub(super) fn belongs(&self, at: i64) -> Option<Day> {
        self.around(at).find(|day| day.stamped > at)
    }

    /// The last day that was stamped at or before an instant.
    pub(super) fn last_stamped(&self, at: i64) -> Option<Day> {
        self.around(at).take_while(|day| day.stamped <= at).last()
    }

    /// The day that is stamped at an instant.
    pub(super) fn stamped_at(&self, at: i64) -> Option<Day> {
        self.around(at).take_while(|day| day.stamped <= at).find(|day| day.stamped == at)
    }

    /// The day that opens at an instant.
    pub(super) fn opens_at(&self, at: i64) -> Option<Day> {
        self.around(at).take_while(|day| day.opens <= at).find(|day| day.opens == at)
    }

    /// The first opening or stamp after an instant.
    pub(super) fn next_edge(&self, after: i64) -> i64 {
        let edges = self.around(after).take(30).flat_map(|day| [day.opens, day.stamped]);
        edges.filter(|edge| *edge > after).min().unwrap_or(NEVER)
    }

    /// The trading day before a date.
    fn before(&self, date: i32) -> Option<Day> {
        (1..HORIZON).find_map(|back| self.day(date.saturating_sub(back)))
    }

    /// Whether a trading day is the first of its week, month, …
    pub(super) fn is_first(&self, day: &Day, span: Span) -> bool {
        self.before(day.date).is_none_or(|before| self.span(before.date, span) != self.span(day.date, span))
    }

    /// Whether a trading day is the last of its week, month, …
    pub(super) fn is_last(&self, day: &Day, span: Span) -> bool {
        self.from(day.date + 1).next().is_none_or(|next| self.span(next.date, span) != self.span(day.date, span))
    }

    /// Whether two dates are in one week, month, …
    pub(super) fn same(&self, one: i32, other: i32, span: Span) -> bool {
        self.span(one, span) == self.span(other, span)
    }

    /// The first trading day of the week or month of a date.
    pub(super) fn first_date(&self, date: i32, span: Span) -> i32 {
        let before = (1..=31).map(|back| date.saturating_sub(back)).filter(|date| self.day(*date).is_some());
        before.take_while(|before| self.same(*before, date, span)).last().unwrap_or(date)
    }

    /// A number that all dates of one week, month, … share.
    fn span(&self, date: i32, span: Span) -> i64 {
        use chrono::Datelike;
        let civil = Date::from_days(date).civil();
        let (year, month) = (i64::from(civil.year()), i64::from(civil.month0()));
        match span {
            // 1970-01-01 was a Thursday, so the Monday before it was day -3.
            Span::Week => (i64::from(date) + 3 - self.calendar.week_starts.number()).div_euclid(7),
            Span::Month => year * 12 + month,
            Span::Quarter => year * 4 + month / 3,
            Span::Year => year,
        }
    }

    /// The first opening after an instant, or at it too when `or_at`.
    pub(super) fn opening_after(&self, at: i64, or_at: bool) -> i64 {
        self.around(at).map(|day| day.opens).find(|opens| *opens > at || (or_at && *opens == at)).unwrap_or(NEVER)
    }

    /// The first opening at or after an instant of a day with that weekday.
    pub(super) fn opening_on(&self, weekday: Weekday, at: i64) -> i64 {
        let mut days = self.around(at).filter(|day| Date::from_days(day.date).weekday() == weekday);
        days.find(|day| day.opens >= at).map_or(NEVER, |day| day.opens)
    }

    /// The first opening after an instant, or at it too when `or_at`, with which a period starts.
    pub(super) fn start_after(&self, row: &PeriodRow, period: Period, at: i64, or_at: bool) -> i64 {
        if let PeriodKind::Clock(clock) = &row.kind {
            return clock.ends_after(Instant::from_nanos(at - i64::from(or_at))).nanos();
        }
        let span = match period {
            Period::DAY => return self.opening_after(at, or_at),
            Period::WEEK => Span::Week,
            Period::MONTH => Span::Month,
            // No other turns with the trading days.
            _ => return NEVER,
        };
        let mut firsts = self.around(at).filter(|day| day.opens > at || (or_at && day.opens == at));
        firsts.find(|day| self.is_first(day, span)).map_or(NEVER, |day| day.opens)
    }

    /// The opening of the first day at or after a date.
    pub(super) fn opening_of(&self, date: i32) -> i64 {
        self.from(date).next().map_or(NEVER, |day| day.opens)
    }

    /// The date on which an instant falls: of the day to which what is booked then belongs.
    pub(super) fn date_of(&self, at: i64) -> i32 {
        self.belongs(at).map_or_else(|| i32::try_from(at.div_euclid(NANOS_PER_DAY)).unwrap_or_default(), |day| day.date)
    }

    /// The date so many days, trading days, weekdays, weeks or months after a date.
    pub(super) fn days_after(&self, count: u32, unit: DayUnit, date: i32) -> i32 {
        let number = i32::try_from(count).unwrap_or(i32::MAX);
        match unit {
            DayUnit::Days => date.saturating_add(number),
            DayUnit::Weeks => date.saturating_add(number.saturating_mul(7)),
            DayUnit::Months => Date::from_days(date).plus_months(count).days(),
            DayUnit::Weekdays => nth_after(date, count, |date| !matches!(Date::from_days(date).weekday(), Weekday::Sat | Weekday::Sun)),
            DayUnit::TradingDays => nth_after(date, count, |date| self.day(date).is_some()),
        }
    }

    /// The first instant after another at which a schedule is due.
    pub(super) fn next_due(&self, schedule: Schedule, after: i64) -> i64 {
        if let Schedule::SessionClose(session, before) = schedule {
            return self.session_close_after(usize::from(session), after + before).map_or(NEVER, |close| close - before);
        }
        let due = self.around(after).take(30).flat_map(|day| self.due_on(schedule, &day, after));
        due.filter(|at| *at > after).min().unwrap_or(NEVER)
    }

    /// Whether a schedule is due at an instant.
    pub(super) fn is_due(&self, schedule: Schedule, at: i64) -> bool {
        self.next_due(schedule, at - 1) == at
    }

    /// The instants of one day at which a schedule is due; of an interval those near `after`.
    fn due_on(&self, schedule: Schedule, day: &Day, after: i64) -> Vec<i64> {
        let at_time = |nanos| TimeOfDay::from_nanos(nanos).map(|time| self.time_on(day, time)).into_iter().collect();
        match schedule {
            Schedule::DayClose => vec![day.stops],
            Schedule::BeforeClose(nanos) => vec![day.stops - nanos],
            Schedule::DayAt(time) => at_time(time),
            Schedule::WeekdayAt(weekday, time) if Date::from_days(day.date).weekday() == weekday => at_time(time),
            Schedule::WeekdayAt(..) | Schedule::SessionClose(..) => Vec::new(),
            Schedule::Interval(nanos) => {
                let passed = (after - day.opens).max(0) / nanos.max(1);
                [passed, passed + 1].into_iter().map(|count| day.opens + count * nanos).filter(|at| *at < day.stamped).collect()
            }
        }
    }
}

/// A span of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// Seven days from the program's first weekday on.
    Week,
    /// A month.
    Month,
    /// Three months.
    Quarter,
    /// A year.
    Year,
}

fn nth_after(date: i32, count: u32, counts: impl Fn(i32) -> bool) -> i32 {
    let mut later = (1..HORIZON * 4).map(|ahead| date.saturating_add(ahead)).filter(|date| counts(*date));
    let Some(before_last) = count.checked_sub(1) else { return date };
    later.nth(before_last as usize).unwrap_or(i32::MAX)
}
