//! Zones: IANA names, fixed offsets, and a platform's server clock that is another zone shifted.

use std::fmt;

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};

use crate::value::{Date, Instant, NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND, TimeOfDay, Value};

/// A zone: where its clock stands at each instant.
///
/// An IANA zone has the summer time of the bundled time-zone database, which is known up to the end
/// of 2099; from then on its clocks stay on standard time.
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

/// The dates whose local times are taken as they stand, the years 1700 to 2250: farther ones would
/// not fit into an instant and are held at these.
const DATES: (i32, i32) = (-98_615, 102_632);

impl Zone {
    /// By how much a clock may be shifted, in nanoseconds, ahead or behind.
    pub const LARGEST_SHIFT: i64 = NANOS_PER_DAY;
    /// Universal time.
    pub const UTC: Self = Self { base: Base::Fixed(0), shift: 0 };

    /// A zone of the time-zone database.
    pub(super) const fn iana(zone: Tz) -> Self {
        Self { base: Base::Iana(zone), shift: 0 }
    }

    /// A clock without summer time, so many nanoseconds ahead of UTC.
    pub(super) const fn fixed(nanos: i64) -> Self {
        Self { base: Base::Fixed(nanos), shift: 0 }
    }

    /// The clock that shows so many nanoseconds more (less, for a negative count) than this one: it
    /// changes to summer time at the same instant. Held within [`Self::LARGEST_SHIFT`].
    #[must_use]
    pub fn shifted(self, nanos: i64) -> Self {
        let shift = self.shift.saturating_add(nanos).clamp(-Self::LARGEST_SHIFT, Self::LARGEST_SHIFT);
        Self { base: self.base, shift }
    }

    /// How far the clock is ahead of UTC at an instant, in nanoseconds.
    pub fn offset_at(self, at: Instant) -> i64 {
        let base = match self.base {
            Base::Fixed(nanos) => nanos,
            Base::Iana(zone) => nanos(&zone.offset_from_utc_datetime(&at.utc().naive_utc())),
        };
        base + self.shift
    }

    /// A value as people read it: instants on this zone's clock, with its name.
    ///
    /// ```
    /// use ringfence::calendar::Zone;
    /// use ringfence::value::Value;
    /// let at = "2026-03-02T15:00:00Z".parse()?;
    /// assert_eq!(Zone::parse("America/Chicago").unwrap().words(&Value::Instant(at)), "2026-03-02 09:00:00 America/Chicago");
    /// # Ok::<(), ringfence::value::ParseTimeError>(())
    /// ```
    pub fn words(self, value: &Value) -> String {
        match value {
            Value::Instant(at) => format!("{} {self}", self.to_local(*at)),
            other => other.to_string(),
        }
    }

    /// What the clock shows at an instant.
    pub fn to_local(self, at: Instant) -> LocalTime {
        let local = at.nanos().saturating_add(self.offset_at(at));
        let days = local.div_euclid(NANOS_PER_DAY);
        LocalTime { date: Date::from_days(i32::try_from(days).unwrap_or(i32::MAX)), nanos: local.rem_euclid(NANOS_PER_DAY) }
    }

    /// The instant at which the clock shows a time on a date; `24:00` is the midnight that ends it.
    ///
    /// A time that summer time removes is the first instant after the gap; one that is repeated is
    /// taken the first time. So a later date or time is never an earlier instant.
    pub fn to_instant(self, date: Date, time: TimeOfDay) -> Instant {
        let days = i64::from(date.days().clamp(DATES.0, DATES.1));
        let local = days * NANOS_PER_DAY + time.nanos() - self.shift;
        match self.base {
            Base::Fixed(offset) => Instant::from_nanos(local - offset),
            Base::Iana(zone) => resolve(zone, local),
        }
    }
}

/// The instant of a local time in a zone, in nanoseconds since 1970 on the local clock.
fn resolve(zone: Tz, local: i64) -> Instant {
    let civil = DateTime::from_timestamp_nanos(local).naive_utc();
    let offset = match zone.offset_from_local_datetime(&civil) {
        LocalResult::Single(offset) => nanos(&offset),
        // Of two instants the one with the greater offset comes first.
        LocalResult::Ambiguous(one, other) => nanos(&one).max(nanos(&other)),
        LocalResult::None => return end_of_gap(zone, &civil),
    };
    Instant::from_nanos(local - offset)
}

/// The first instant after the gap in which a local time falls: where the clock would have come to
/// the beginning of the gap.
fn end_of_gap(zone: Tz, civil: &NaiveDateTime) -> Instant {
    let (begins, offset) = match GapInfo::new(civil, &zone).and_then(|gap| gap.begin) {
        Some((begins, offset)) => (begins, nanos(&offset)),
        // There is no gap before the first change of a clock.
        None => (*civil, 0),
    };
    Instant::from_nanos(begins.and_utc().timestamp() * NANOS_PER_SECOND - offset)
}

fn nanos(offset: &impl Offset) -> i64 {
    i64::from(offset.fix().local_minus_utc()) * NANOS_PER_SECOND
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.base {
            Base::Iana(zone) => f.write_str(zone.name())?,
            Base::Fixed(0) => f.write_str("UTC")?,
            Base::Fixed(nanos) => {
                let minutes = nanos.abs() / NANOS_PER_MINUTE;
                write!(f, "UTC{}{:02}:{:02}", sign(nanos), minutes / 60, minutes % 60)?;
            }
        }
        let minutes = self.shift.abs() / NANOS_PER_MINUTE;
        match (self.shift, self.shift % NANOS_PER_HOUR) {
            (0, _) => Ok(()),
            (shift, 0) => write!(f, " {} {}h", sign(shift), minutes / 60),
            (shift, _) => write!(f, " {} {minutes}min", sign(shift)),
        }
    }
}

const fn sign(nanos: i64) -> char {
    if nanos < 0 { '-' } else { '+' }
}

impl fmt::Display for LocalTime {
    /// `2026-03-02 14:30:07`, with as many decimals of a second as needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, part) = (self.nanos / NANOS_PER_SECOND, self.nanos % NANOS_PER_SECOND);
        write!(f, "{} {:02}:{:02}:{:02}", self.date, seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if part == 0 {
            return Ok(());
        }
        // Trailing zeros say nothing.
        let (mut part, mut digits) = (part, 9);
        while part % 10 == 0 {
            (part, digits) = (part / 10, digits - 1);
        }
        write!(f, ".{part:0digits$}")
    }
}
