//! The clock that local times of a file are of.

use crate::value::{Date, Instant, NANOS_PER_DAY, NANOS_PER_MINUTE, TimeOfDay};

/// A wall clock somewhere: what instant its date and time of day are.
///
/// Where a zone jumps, a time that it leaves out is the first instant after the gap, and one that
/// it shows twice is the first of the two.
pub trait LocalClock: Send + Sync {
    /// The instant at which the clock shows `time` on `date`.
    fn instant(&self, date: Date, time: TimeOfDay) -> Instant;
}

impl<F: Fn(Date, TimeOfDay) -> Instant + Send + Sync> LocalClock for F {
    fn instant(&self, date: Date, time: TimeOfDay) -> Instant {
        self(date, time)
    }
}

/// A clock that is always the same time ahead of UTC, or behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedOffset {
    minutes: i32,
}

impl FixedOffset {
    /// UTC.
    pub const UTC: Self = Self { minutes: 0 };

    /// The clock so many minutes ahead of UTC; negative is behind.
    pub const fn minutes(minutes: i32) -> Self {
        Self { minutes }
    }
}

impl LocalClock for FixedOffset {
    fn instant(&self, date: Date, time: TimeOfDay) -> Instant {
        let midnight = Instant::from_nanos(i64::from(date.days()).saturating_mul(NANOS_PER_DAY));
        midnight.plus(time.nanos()).plus(-i64::from(self.minutes) * NANOS_PER_MINUTE)
    }
}
