//! Trading days.

use std::sync::Arc;

use super::zone::year;
use super::{Holidays, Zone};
use crate::value::{Date, Instant, TimeOfDay, Weekday};

/// How a program's trading day is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRule {
    /// The zone of its times.
    pub zone: Zone,
    /// When it opens; on the evening before, when that is later than the other times.
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
    /// The stamp: it stays at its time on early closes.
    pub settles: Instant,
    /// The opening of the next day that exists.
    pub next_opens: Instant,
    /// Its name: the local date of the last instant before its stamp.
    pub date: Date,
    /// Whether the exchange closes early.
    pub early: bool,
    /// Whether the date lies outside the loaded calendar.
    pub outside_calendar: bool,
}

/// The trading days of a program with the calendar of its exchange.
#[derive(Clone, Debug)]
pub struct TradingCalendar {
    /// How a day is made.
    pub rule: DayRule,
    /// The exchange's sessions; Monday to Friday without them.
    pub holidays: Option<Arc<Holidays>>,
    /// The weekday a week begins with.
    pub week_starts: Weekday,
}

/// How many dates are looked at to find a day: longer than any exchange was ever closed.
const SEARCH: i32 = 400;

impl TradingCalendar {
    /// Whether a date is a trading day.
    pub fn is_day(&self, date: Date) -> bool {
        if self.rule.every_day {
            return true;
        }
        match &self.holidays {
            Some(holidays) if holidays.is_closed(date) => false,
            Some(holidays) => !holidays.outside(date) || is_weekday(date),
            None => is_weekday(date),
        }
    }

    /// The day whose span from its opening to the next opening holds the instant.
    pub fn day_at(&self, at: Instant) -> TradingDay {
        let latest = self.rule.zone.to_local(at).date.plus(2);
        let found = (0..SEARCH).map(|back| latest.plus(-back)).find(|date| self.is_day(*date) && self.opening(*date) <= at);
        self.day(found.unwrap_or(latest))
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

    /// The date so many trading days later.
    pub fn add_trading_days(&self, date: Date, days: u32) -> Date {
        (0..days).fold(date, |date, _| self.next_date(date))
    }

    /// How many trading days lie after the first date up to the second, which is included.
    pub fn trading_days_between(&self, from: Date, to: Date) -> u32 {
        let dates = (1..=(to.days() - from.days()).max(0)).map(|days| from.plus(days));
        u32::try_from(dates.filter(|date| self.is_day(*date)).count()).unwrap_or(u32::MAX)
    }

    /// The number of a date's week: it rises by one with each.
    pub fn week_index(&self, date: Date) -> i64 {
        // 1970-01-01 was a Thursday.
        let shift = 3 - self.week_starts.number();
        (i64::from(date.days()) + shift).div_euclid(7)
    }

    /// The number of a date's month.
    pub fn month_index(&self, date: Date) -> i64 {
        use chrono::Datelike;
        i64::from(year(date)) * 12 + i64::from(date.civil().month0())
    }

    /// The number of a date's quarter.
    pub fn quarter_index(&self, date: Date) -> i64 {
        self.month_index(date).div_euclid(3)
    }

    /// The number of a date's year.
    pub fn year_index(&self, date: Date) -> i64 {
        i64::from(year(date))
    }

    fn next_date(&self, date: Date) -> Date {
        (1..SEARCH).map(|days| date.plus(days)).find(|date| self.is_day(*date)).unwrap_or(date.plus(1))
    }

    fn previous_date(&self, date: Date) -> Date {
        (1..SEARCH).map(|days| date.plus(-days)).find(|date| self.is_day(*date)).unwrap_or(date.plus(-1))
    }

    /// The date and time on the clock at which the day of a date is stamped.
    fn stamp(&self, date: Date) -> (Date, TimeOfDay) {
        let time = self.rule.settles.or(self.rule.stops).unwrap_or(self.rule.opens);
        // A stamp at midnight belongs to the date that ends there.
        if time == TimeOfDay::MIDNIGHT { (date.plus(1), time) } else { (date, time) }
    }

    fn opening(&self, date: Date) -> Instant {
        let (stamp_date, stamp) = self.stamp(date);
        let date = if self.rule.opens < stamp { stamp_date } else { stamp_date.plus(-1) };
        self.rule.zone.to_instant(date, self.rule.opens)
    }

    fn day(&self, date: Date) -> TradingDay {
        let zone = self.rule.zone;
        let (stamp_date, stamp) = self.stamp(date);
        let settles = zone.to_instant(stamp_date, stamp);
        let opens = self.opening(date);
        let planned = match self.rule.stops {
            Some(stops) if stops <= stamp => zone.to_instant(stamp_date, stops),
            Some(stops) => zone.to_instant(stamp_date.plus(-1), stops),
            None => settles,
        };
        let close = self.holidays.as_ref().and_then(|holidays| holidays.closes(date)).filter(|closes| *closes > opens && *closes < planned);
        let next_opens = self.opening(self.next_date(date));
        let outside_calendar = self.holidays.as_ref().is_some_and(|holidays| holidays.outside(date));
        TradingDay {
            opens,
            stops: close.unwrap_or(planned),
            settles: settles.min(next_opens),
            next_opens,
            date,
            early: close.is_some(),
            outside_calendar,
        }
    }
}

/// Whether a date is Monday to Friday.
fn is_weekday(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

impl Date {
    /// The date so many days of Monday to Friday later.
    #[must_use]
    pub fn plus_weekdays(self, days: u32) -> Self {
        let mut date = self;
        for _ in 0..days {
            date = date.plus(1);
            while !is_weekday(date) {
                date = date.plus(1);
            }
        }
        date
    }
}

impl Zone {
    /// The first instant strictly after another at which the clock shows a time, on one weekday or on any.
    pub fn next_local(self, after: Instant, time: TimeOfDay, weekday: Option<Weekday>) -> Instant {
        let today = self.to_local(after).date;
        let dates = (-1..10).map(|days| today.plus(days)).filter(|date| weekday.is_none_or(|day| date.weekday() == day));
        let instants = dates.map(|date| self.to_instant(date, time)).filter(|at| *at > after);
        instants.min().unwrap_or(Instant::MAX)
    }
}
