//! Rules by the clock: at a time of day, on some weekdays.

use super::Zone;
use crate::value::{Instant, TimeOfDay, Weekday};

/// Some of the seven weekdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);
    /// No day.
    pub const NONE: Self = Self(0);

    /// From one weekday to another, both included; over the weekend where the second comes before
    /// the first, as in `sun to thu`.
    #[must_use]
    pub fn range(first: Weekday, last: Weekday) -> Self {
        let inside = |day: &Weekday| if first <= last { first <= *day && *day <= last } else { *day >= first || *day <= last };
        Weekday::ALL.into_iter().filter(inside).fold(Self::NONE, Self::with)
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, day: Weekday) -> Self {
        Self(self.0 | 1 << day as u8)
    }

    /// Whether a weekday is among them.
    pub const fn contains(self, day: Weekday) -> bool {
        self.0 & 1 << day as u8 != 0
    }
}

impl From<Weekday> for Weekdays {
    fn from(day: Weekday) -> Self {
        Self::NONE.with(day)
    }
}

impl From<Option<Weekday>> for Weekdays {
    /// Every day where none is named.
    fn from(day: Option<Weekday>) -> Self {
        day.map_or(Self::ALL, Self::from)
    }
}

impl Zone {
    /// The first instant strictly after another at which the clock shows a time on one of the
    /// weekdays; [`Instant::MAX`] if there are none.
    ///
    /// Each local date counts once: a time that summer time removes comes at the first instant after
    /// the gap, one that is repeated only the first time. `24:00` belongs to the date that it ends.
    pub fn next_local(self, after: Instant, time: TimeOfDay, weekdays: impl Into<Weekdays>) -> Instant {
        let weekdays = weekdays.into();
        let today = self.to_local(after).date;
        // A clock turned back over midnight shows the date before again. Dates come in order, so do
        // their instants.
        let dates = (-1..10).map(|days| today.plus(days)).filter(|date| weekdays.contains(date.weekday()));
        dates.map(|date| self.to_instant(date, time)).find(|at| *at > after).unwrap_or(Instant::MAX)
    }
}
