//! Trading days.

use std::sync::Arc;

use super::count::is_weekday;
use super::{Holidays, Zone};
use crate::value::{Date, Instant, NANOS_PER_DAY, TimeOfDay, Weekday};

/// How a program's trading day is made.
///
/// A day begins at its opening, and each of its other times is the first one on the clock after
/// that: with `17:00 to 15:10` the opening is on the evening before, `17:00 to 17:00` is a whole
/// day, and `00:00` without further times is midnight to midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRule {
    /// The zone of its times.
    pub zone: Zone,
    /// When it opens.
    pub opens: TimeOfDay,
    /// When trading stops.
    pub stops: Option<TimeOfDay>,
    /// When it is stamped; where trading stops, when absent; at the next opening, without that.
    pub settles: Option<TimeOfDay>,
    /// Whether weekends and holidays are days too.
    pub every_day: bool,
}

/// A trading day: it opens, trading stops, it is stamped; the next one opens at or after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradingDay {
    /// The opening.
    pub opens: Instant,
    /// Where trading stops: the earlier of the rule's time and the exchange's close.
    pub stops: Instant,
    /// The stamp: it stays at its time on early closes. Without a time of its own or one where
    /// trading stops it is the opening time's next coming, even if no day opens then: a Friday that
    /// opened at midnight is stamped at the next midnight, not on Monday.
    pub settles: Instant,
    /// The opening of the next day that exists.
    pub next_opens: Instant,
    /// Its name: the local date of the last instant before its stamp.
    pub date: Date,
    /// Whether trading stops earlier than the rule says because the exchange closes earlier than it
    /// usually does.
    pub early: bool,
    /// Whether the date lies outside the loaded calendar.
    pub outside_calendar: bool,
}

/// The trading days of a program with the calendar of its exchange.
///
/// Days are the dates on which the exchange has a session; dates outside what its calendar knows,
/// and all dates without a calendar, are days from Monday to Friday. With `every_day` all dates are.
/// A date that a zone has skipped is none: Samoa had no 30 December 2011. A date that is no day is
/// simply not there: the day before lasts until the next opening.
#[derive(Clone, Debug)]
pub struct TradingCalendar {
    /// How a day is made.
    pub rule: DayRule,
    /// The exchange's sessions; Monday to Friday without them.
    pub holidays: Option<Arc<Holidays>>,
    /// The weekday a week begins with.
    pub week_starts: Weekday,
}

/// The dates that calendars can speak of, the years 1890 to 2210: all others are days, so that there
/// is a day before and after each. They go beyond the instants that are accepted.
const DATES: (i32, i32) = (-29_219, 88_022);

impl TradingCalendar {
    /// Whether a date is a trading day.
    pub fn is_day(&self, date: Date) -> bool {
        if !(DATES.0..=DATES.1).contains(&date.days()) {
            return true;
        }
        let named = self.rule.every_day
            || match &self.holidays {
                Some(holidays) if !holidays.outside(date) => !holidays.is_closed(date),
                _ => is_weekday(date),
            };
        named && self.rule.opening(date) < self.rule.opening(date.plus(1))
    }

    /// The day whose span from its opening to the next opening holds the instant. There always is
    /// one; instants are held within the range that is accepted.
    pub fn day_at(&self, at: Instant) -> TradingDay {
        let at = at.clamp(Instant::MIN, Instant::MAX);
        let clock_date = self.rule.date_at(at);
        self.day(if self.is_day(clock_date) { clock_date } else { self.previous_date(clock_date) })
    }

    /// The day after a day.
    pub fn day_after(&self, day: &TradingDay) -> TradingDay {
        self.day(self.next_date(day.date))
    }

    /// The day before a day.
    pub fn day_before(&self, day: &TradingDay) -> TradingDay {
        self.day(self.previous_date(day.date))
    }

    /// The first day whose date is at or after a date.
    pub fn day_from(&self, date: Date) -> TradingDay {
        self.day(if self.is_day(date) { date } else { self.next_date(date) })
    }

    /// The first opening at an instant or after it.
    pub fn opening_from(&self, at: Instant) -> Instant {
        let day = self.day_at(at);
        if day.opens >= at { day.opens } else { day.next_opens }
    }

    /// The first date after a date that is a day.
    pub(super) fn next_date(&self, date: Date) -> Date {
        let mut next = date.plus(1);
        while !self.is_day(next) {
            next = next.plus(1);
        }
        next
    }

    /// The last date before a date that is a day.
    pub(super) fn previous_date(&self, date: Date) -> Date {
        let mut previous = date.plus(-1);
        while !self.is_day(previous) {
            previous = previous.plus(-1);
        }
        previous
    }

    fn day(&self, date: Date) -> TradingDay {
        let rule = &self.rule;
        let opens = rule.opening(date);
        let settles = rule.stamp(date);
        let planned = rule.stops.map_or(settles, |time| rule.time_of(date, time));
        let holidays = self.holidays.as_deref();
        let close = holidays.and_then(|holidays| holidays.closes(date)).filter(|closes| *closes > opens && *closes < planned);
        TradingDay {
            opens,
            stops: close.unwrap_or(planned),
            settles,
            next_opens: rule.opening(self.next_date(date)),
            date,
            early: close.is_some() && holidays.is_some_and(|holidays| holidays.closes_early(date)),
            outside_calendar: holidays.is_some_and(|holidays| holidays.outside(date)),
        }
    }
}

/// The days of the clock: one a date, whether or not it is a trading day.
impl DayRule {
    /// The date whose day of the clock holds an instant.
    pub(super) fn date_at(&self, at: Instant) -> Date {
        // A day opens on its own date or on the evening before, and a clock turned back over
        // midnight shows a date once more: so it is at most two days on.
        let mut date = self.zone.to_local(at).date.plus(2);
        while self.opening(date) > at {
            date = date.plus(-1);
        }
        date
    }

    /// When the day of a date opens, if there is one.
    pub(super) fn opening(&self, date: Date) -> Instant {
        self.zone.to_instant(self.opening_date(date), self.opening_time())
    }

    /// When the day of a date is stamped.
    fn stamp(&self, date: Date) -> Instant {
        let time = self.settles.or(self.stops);
        time.map_or_else(|| self.opening(date.plus(1)), |time| self.time_of(date, time))
    }

    /// The first time on the clock after the opening of a date's day. Where summer time leaves
    /// nothing between the two, the day lasts until the next opening instead.
    fn time_of(&self, date: Date, time: TimeOfDay) -> Instant {
        let opening = self.opening_date(date);
        let on = if time > self.opening_time() { opening } else { opening.plus(1) };
        let at = self.zone.to_instant(on, time);
        if at > self.opening(date) { at } else { self.opening(date.plus(1)) }
    }

    /// The local date on which the day of a date opens: the one before, unless the stamp follows
    /// before midnight or at midnight.
    fn opening_date(&self, date: Date) -> Date {
        let stamp = self.settles.or(self.stops).unwrap_or_else(|| self.opening_time()).nanos();
        let same = stamp == 0 || stamp > self.opening_time().nanos();
        if same { date } else { date.plus(-1) }
    }

    /// The opening time; `24:00` is midnight, so that dates name the days of both alike.
    fn opening_time(&self) -> TimeOfDay {
        TimeOfDay::from_nanos(self.opens.nanos() % NANOS_PER_DAY).unwrap_or_default()
    }
}
