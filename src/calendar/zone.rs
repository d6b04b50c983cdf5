//! Zones: IANA names, fixed offsets, and a platform's server clock that is another zone shifted.

use std::fmt;

use chrono::{Datelike, LocalResult, NaiveDateTime, Offset, TimeZone, Timelike};
use chrono_tz::Tz;

use crate::value::{Date, Instant, NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND, TimeOfDay};

/// A zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    base: Base,
    /// Added to the base's local time, in nanoseconds.
    shift: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Iana(Tz),
    /// Nanoseconds east of UTC.
    Fixed(i64),
}

/// A time on a wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    /// The date.
    pub date: Date,
    /// Nanoseconds after midnight on the clock.
    pub nanos: i64,
}

/// Why a text names no zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// An abbreviation that means different clocks in summer and winter, or in different countries.
    #[error("`{0}` is an abbreviation that does not say when summer time holds: write {1}")]
    Abbreviation(String, &'static str),
    /// A name near to a known one.
    #[error("did you mean \"{1}\"?")]
    Misspelt(String, String),
    /// Anything else.
    #[error("write an IANA name such as \"America/New_York\", or a fixed offset such as \"UTC+3\"")]
    Unknown(String),
}

const ABBREVIATIONS: &[(&str, &str)] = &[
    ("EST", "\"America/New_York\""),
    ("EDT", "\"America/New_York\""),
    ("ET", "\"America/New_York\""),
    ("CST", "\"America/Chicago\""),
    ("CDT", "\"America/Chicago\""),
    ("CT", "\"America/Chicago\""),
    ("MST", "\"America/Denver\""),
    ("MDT", "\"America/Denver\""),
    ("PST", "\"America/Los_Angeles\""),
    ("PDT", "\"America/Los_Angeles\""),
    ("PT", "\"America/Los_Angeles\""),
    ("CET", "\"Europe/Prague\" or another city of Central Europe"),
    ("CEST", "\"Europe/Prague\" or another city of Central Europe"),
    ("CE(S)T", "\"Europe/Prague\" or another city of Central Europe"),
    ("EET", "\"Europe/Athens\" or another city of Eastern Europe"),
    ("EEST", "\"Europe/Athens\" or another city of Eastern Europe"),
    ("BST", "\"Europe/London\""),
    ("WET", "\"Europe/Lisbon\""),
    ("AEST", "\"Australia/Sydney\" (with summer time) or \"Australia/Brisbane\" (without)"),
    ("JST", "\"Asia/Tokyo\""),
    ("HKT", "\"Asia/Hong_Kong\""),
    ("SGT", "\"Asia/Singapore\""),
    ("GMT", "\"UTC\", or \"Europe/London\" if summer time holds"),
    ("EST5EDT", "\"America/New_York\""),
    ("CST6CDT", "\"America/Chicago\""),
    ("MST7MDT", "\"America/Denver\""),
    ("PST8PDT", "\"America/Los_Angeles\""),
    ("MET", "\"Europe/Prague\" or another city of Central Europe"),
    ("HST", "\"Pacific/Honolulu\""),
];

impl Zone {
    /// Universal time.
    pub const UTC: Self = Self { base: Base::Fixed(0), shift: 0 };

    /// A zone by its name: IANA, `UTC`, `UTC+3`, `UTC-05:00`.
    ///
    /// # Errors
    /// When the name is none, with the zone that was probably meant.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        if let Some(offset) = name.strip_prefix("UTC") {
            return fixed(offset).ok_or_else(|| ZoneError::Unknown(name.into()));
        }
        if let Some((_, advice)) = ABBREVIATIONS.iter().find(|(known, _)| *known == name) {
            return Err(ZoneError::Abbreviation(name.into(), advice));
        }
        if name.starts_with("GMT") || name.starts_with("Etc/GMT") {
            return Err(ZoneError::Abbreviation(
                name.into(),
                "a fixed offset as \"UTC+2\", or the city whose summer time the clock follows",
            ));
        }
        match name.parse::<Tz>() {
            Ok(zone) => Ok(Self { base: Base::Iana(zone), shift: 0 }),
            Err(_) => {
                Err(near(name).map_or_else(|| ZoneError::Unknown(name.into()), |found| ZoneError::Misspelt(name.into(), found.into())))
            }
        }
    }

    /// The clock that shows so many nanoseconds more (less, for a negative count) than this one.
    #[must_use]
    pub const fn shifted(self, nanos: i64) -> Self {
        Self { base: self.base, shift: self.shift + nanos }
    }

    /// How far the clock is ahead of UTC at an instant, in nanoseconds.
    pub fn offset_at(self, at: Instant) -> i64 {
        self.shift
            + match self.base {
                Base::Fixed(nanos) => nanos,
                Base::Iana(zone) => {
                    i64::from(zone.offset_from_utc_datetime(&at.utc().naive_utc()).fix().local_minus_utc()) * NANOS_PER_SECOND
                }
            }
    }

    /// What the clock shows at an instant.
    pub fn to_local(self, at: Instant) -> LocalTime {
        let local = at.nanos() + self.offset_at(at);
        let days = local.div_euclid(NANOS_PER_DAY);
        LocalTime { date: Date::from_days(i32::try_from(days).unwrap_or(i32::MAX)), nanos: local.rem_euclid(NANOS_PER_DAY) }
    }

    /// The instant at which the clock shows a time. A time that summer time removes is the first
    /// instant after the gap; one that is repeated is taken the first time.
    pub fn to_instant(self, date: Date, time: TimeOfDay) -> Instant {
        let local = i64::from(date.days()) * NANOS_PER_DAY + time.nanos() - self.shift;
        match self.base {
            Base::Fixed(nanos) => Instant::from_nanos(local - nanos),
            Base::Iana(zone) => resolve(zone, local),
        }
    }
}

/// The instant of a local time in a zone, both in nanoseconds.
fn resolve(zone: Tz, local: i64) -> Instant {
    let (seconds, rest) = (local.div_euclid(NANOS_PER_SECOND), local.rem_euclid(NANOS_PER_SECOND));
    let naive = chrono::DateTime::from_timestamp(seconds, 0).map(|at| at.naive_utc()).unwrap_or_default();
    match zone.offset_from_local_datetime(&naive) {
        LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => {
            // Of two instants the one with the greater offset comes first.
            let other = match zone.offset_from_local_datetime(&naive) {
                LocalResult::Ambiguous(a, b) => a.fix().local_minus_utc().max(b.fix().local_minus_utc()),
                _ => offset.fix().local_minus_utc(),
            };
            Instant::from_nanos((seconds - i64::from(other)) * NANOS_PER_SECOND + rest)
        }
        LocalResult::None => end_of_gap(zone, naive),
    }
}

/// The first instant after the gap in which a local time falls.
fn end_of_gap(zone: Tz, local: NaiveDateTime) -> Instant {
    let offset_at = |seconds: i64| {
        let at = chrono::DateTime::from_timestamp(seconds, 0).map(|at| at.naive_utc()).unwrap_or_default();
        i64::from(zone.offset_from_utc_datetime(&at).fix().local_minus_utc())
    };
    let guess = local.and_utc().timestamp();
    // Offsets lie within a day of UTC, and two changes are never as near as this.
    let (mut before, mut after) = (guess - 86_400, guess + 86_400);
    let old = offset_at(before);
    while after - before > 1 {
        let middle = i64::midpoint(before, after);
        if offset_at(middle) == old {
            before = middle;
        } else {
            after = middle;
        }
    }
    Instant::from_nanos(after * NANOS_PER_SECOND)
}

fn fixed(offset: &str) -> Option<Zone> {
    if offset.is_empty() {
        return Some(Zone::UTC);
    }
    let (sign, digits) = match offset.as_bytes().first()? {
        b'+' => (1, &offset[1..]),
        b'-' => (-1, &offset[1..]),
        _ => return None,
    };
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "00"));
    let digit = |text: &str| text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digit(hours) || !digit(minutes) {
        return None;
    }
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    let nanos = sign * (hours * NANOS_PER_HOUR + minutes * NANOS_PER_MINUTE);
    (hours <= 14 && minutes < 60).then_some(Zone { base: Base::Fixed(nanos), shift: 0 })
}

fn near(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase().replace(' ', "_");
    let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| name.contains('/'));
    let score = |known: &str| {
        let city = known.rsplit('/').next().unwrap_or(known).to_lowercase();
        strsim::jaro_winkler(&lower, &known.to_lowercase()).max(strsim::jaro_winkler(&lower, &city))
    };
    names.map(|known| (score(known), known)).filter(|(score, _)| *score > 0.9).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.base {
            Base::Iana(zone) => f.write_str(zone.name())?,
            Base::Fixed(0) => f.write_str("UTC")?,
            Base::Fixed(nanos) => {
                let minutes = nanos.abs() / NANOS_PER_MINUTE;
                write!(f, "UTC{}{:02}:{:02}", if nanos < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)?;
            }
        }
        if self.shift != 0 {
            write!(f, " {} {}h", if self.shift < 0 { '-' } else { '+' }, self.shift.abs() / NANOS_PER_HOUR)?;
        }
        Ok(())
    }
}

impl fmt::Display for LocalTime {
    /// `2026-03-02 14:30:07`, with as many decimals of a second as needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(
            u32::try_from(self.nanos / NANOS_PER_SECOND).unwrap_or(0),
            u32::try_from(self.nanos % NANOS_PER_SECOND).unwrap_or(0),
        )
        .unwrap_or_default();
        write!(f, "{} {:02}:{:02}:{:02}", self.date, time.hour(), time.minute(), time.second())?;
        let part = format!("{:09}", time.nanosecond() % 1_000_000_000);
        let part = part.trim_end_matches('0');
        if part.is_empty() { Ok(()) } else { write!(f, ".{part}") }
    }
}

/// The year of a date, for counting.
pub(super) fn year(date: Date) -> i32 {
    date.civil().year()
}
