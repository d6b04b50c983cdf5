//! Counting in days, and the greater periods that days make up.
//!
//! A boundary between two weeks, months, quarters or years lies between two consecutive trading days
//! whose numbers differ: a month ends with its last trading day.

use chrono::Datelike;

use super::TradingCalendar;
use crate::value::{Date, Weekday};

impl TradingCalendar {
    /// The date so many trading days later; the date itself, which need not be one, for 0.
    pub fn add_trading_days(&self, date: Date, days: u32) -> Date {
        let mut date = date;
        for passed in 0..days {
            if date > LAST {
                return date.plus(i32::try_from(days - passed).unwrap_or(i32::MAX));
            }
            date = self.next_date(date);
        }
        date
    }

    /// How many trading days lie after the first date up to the second, which is included.
    pub fn trading_days_between(&self, from: Date, to: Date) -> u32 {
        let first = from.clamp(FIRST, LAST).plus(1);
        let dates = (first.days()..=to.clamp(FIRST, LAST).days()).map(Date::from_days);
        u32::try_from(dates.filter(|date| self.is_day(*date)).count()).unwrap_or(u32::MAX)
    }

    /// The number of a date's week: it rises by one with each, on the weekday that weeks start with.
    pub fn week_index(&self, date: Date) -> i64 {
        // 1970-01-01 was a Thursday.
        let shift = 3 - self.week_starts.number();
        (i64::from(date.days()) + shift).div_euclid(7)
    }

    /// The number of a date's month: it rises by one with each.
    pub fn month_index(&self, date: Date) -> i64 {
        let civil = date.civil();
        i64::from(civil.year()) * 12 + i64::from(civil.month0())
    }

    /// The number of a date's quarter: it rises by one with each.
    pub fn quarter_index(&self, date: Date) -> i64 {
        self.month_index(date).div_euclid(3)
    }

    /// The number of a date's year.
    pub fn year_index(&self, date: Date) -> i64 {
        i64::from(date.civil().year())
    }
}

/// The dates that are counted, the years 1900 to 2200.
const FIRST: Date = Date::from_days(-25_567);
const LAST: Date = Date::from_days(84_370);

/// Whether a date is Monday to Friday.
pub(super) fn is_weekday(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

impl Date {
    /// The date so many days of Monday to Friday later; the date itself for 0.
    #[must_use]
    pub fn plus_weekdays(self, days: u32) -> Self {
        if days == 0 {
            return self;
        }
        // Counted from Monday; a weekend counts from the Friday before it.
        let number = (i64::from(self.days()) + 3).rem_euclid(7);
        let weekend = (number - 4).max(0);
        let counted = number - weekend + i64::from(days);
        let later = counted.div_euclid(5) * 7 + counted.rem_euclid(5) - number;
        self.plus(i32::try_from(later).unwrap_or(i32::MAX))
    }
}
