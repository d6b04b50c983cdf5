//! Instants, dates and times of day, independent of any zone.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Nanoseconds in a second.
pub const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Nanoseconds in a minute.
pub const NANOS_PER_MINUTE: i64 = 60 * NANOS_PER_SECOND;
/// Nanoseconds in an hour.
pub const NANOS_PER_HOUR: i64 = 60 * NANOS_PER_MINUTE;
/// Nanoseconds in a day of 24 hours.
pub const NANOS_PER_DAY: i64 = 24 * NANOS_PER_HOUR;

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z. Years 1900 to 2200 are accepted.
///
/// Written as RFC 3339 in UTC, with as many decimals as needed, up to nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(i64);

/// Why a text is no instant, date or time of day.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ParseTimeError {
    /// Not written as RFC 3339 with `Z` or an offset.
    #[error("`{0}` is not a time: write RFC 3339 with a zone, as in 2026-03-02T14:30:00.250Z")]
    Instant(String),
    /// More than nine decimals of a second.
    #[error("`{0}` is finer than nanoseconds: write at most nine decimals of a second")]
    Finer(String),
    /// A year outside 1900 to 2200.
    #[error("`{0}` is outside the years 1900 to 2200")]
    Range(String),
    /// Not a date.
    #[error("`{0}` is not a date, such as 2026-03-02")]
    Date(String),
    /// Not a time of day.
    #[error("`{0}` is not a time of day: write it as 15:10 or 15:10:30")]
    TimeOfDay(String),
}

impl Instant {
    /// The last instant that is accepted.
    pub const MAX: Self = Self(7_258_118_400 * NANOS_PER_SECOND);
    /// The first instant that is accepted.
    pub const MIN: Self = Self(-2_208_988_800 * NANOS_PER_SECOND);

    /// From nanoseconds since 1970-01-01T00:00:00Z.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The instant so many nanoseconds later (or earlier, for a negative count), held within the accepted range.
    #[must_use]
    pub fn plus(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// As a civil time in UTC.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(self.0)
    }
}

impl FromStr for Instant {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fraction = text.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
        if fraction > 9 {
            return Err(ParseTimeError::Finer(text.into()));
        }
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| ParseTimeError::Instant(text.into()))?;
        let nanos = parsed.timestamp_nanos_opt().map(Self).filter(|at| (Self::MIN..=Self::MAX).contains(at));
        nanos.ok_or_else(|| ParseTimeError::Range(text.into()))
    }
}

impl TryFrom<String> for Instant {
    type Error = ParseTimeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Instant> for String {
    fn from(at: Instant) -> Self {
        at.to_string()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }
}

/// A date of the proleptic Gregorian calendar: days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(i32);

impl Date {
    /// From days since 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The date so many days later, or earlier for a negative count.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The date so many months later; from the 29th on it may be the month's last day.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        self.civil().checked_add_months(chrono::Months::new(months)).map_or(self, Self::from)
    }

    /// The weekday.
    pub fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        Weekday::ALL[usize::try_from((self.0 + 3).rem_euclid(7)).unwrap_or(0)]
    }

    /// As the library's date. Dates beyond its range (the year 262142) are held at its end.
    pub fn civil(self) -> NaiveDate {
        let days = self.0.saturating_add(719_163);
        NaiveDate::from_num_days_from_ce_opt(days).unwrap_or(NaiveDate::MAX)
    }
}

impl From<NaiveDate> for Date {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - 719_163)
    }
}

impl FromStr for Date {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        date.filter(|date| (1900..=2200).contains(&date.year())).map(Self::from).ok_or_else(|| ParseTimeError::Date(text.into()))
    }
}

impl TryFrom<String> for Date {
    type Error = ParseTimeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.civil().fmt(f)
    }
}

/// A time of day on a wall clock, in nanoseconds after midnight; `24:00` is the next midnight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(i64);

impl TimeOfDay {
    /// Midnight.
    pub const MIDNIGHT: Self = Self(0);

    /// From nanoseconds after midnight, 0 to 24 hours.
    pub const fn from_nanos(nanos: i64) -> Option<Self> {
        if nanos >= 0 && nanos <= NANOS_PER_DAY { Some(Self(nanos)) } else { None }
    }

    /// Nanoseconds after midnight.
    pub const fn nanos(self) -> i64 {
        self.0
    }
}

impl FromStr for TimeOfDay {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseTimeError::TimeOfDay(text.into());
        let parts =
            text.split(':').map(|part| part.parse::<i64>().ok().filter(|_| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())));
        let parts: Vec<i64> = parts.collect::<Option<_>>().ok_or_else(error)?;
        let (hour, minute, second) = match parts[..] {
            [hour, minute] => (hour, minute, 0),
            [hour, minute, second] => (hour, minute, second),
            _ => return Err(error()),
        };
        let nanos = hour * NANOS_PER_HOUR + minute * NANOS_PER_MINUTE + second * NANOS_PER_SECOND;
        Self::from_nanos(nanos).filter(|_| minute < 60 && second < 60).ok_or_else(error)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / NANOS_PER_SECOND;
        write!(f, "{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
        if seconds % 60 != 0 { write!(f, ":{:02}", seconds % 60) } else { Ok(()) }
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weekday {
    /// Monday
    Mon,
    /// Tuesday
    Tue,
    /// Wednesday
    Wed,
    /// Thursday
    Thu,
    /// Friday
    Fri,
    /// Saturday
    Sat,
    /// Sunday
    Sun,
}

impl Weekday {
    /// Monday to Sunday.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The name in programs.
    pub const fn name(self) -> &'static str {
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][self as usize]
    }

    /// Monday is 0.
    pub const fn number(self) -> i64 {
        self as i64
    }
}

impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_and_print() {
        let at: Instant = "2014-05-02T08:30:00.000000001-04:00".parse().unwrap();
        assert_eq!(at.to_string(), "2014-05-02T12:30:00.000000001Z");
        assert!("2014-05-02T12:30:00".parse::<Instant>().is_err());
        assert!("1800-05-02T12:30:00Z".parse::<Instant>().is_err());
    }

    #[test]
    fn dates_know_their_weekday_and_months() {
        let date: Date = "2014-05-02".parse().unwrap();
        assert_eq!(date.weekday(), Weekday::Fri);
        assert_eq!("2026-01-31".parse::<Date>().unwrap().plus_months(1).to_string(), "2026-02-28");
        assert_eq!(Date::from_days(0).to_string(), "1970-01-01");
        assert_eq!(Date::from_days(-1).weekday(), Weekday::Wed);
    }

    #[test]
    fn times_of_day() {
        assert_eq!("15:10".parse::<TimeOfDay>().unwrap().to_string(), "15:10");
        for bad in ["15", "15:60", "25:00", "24:01", "5:10", "15:1", "15:10:61"] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
    }
}
