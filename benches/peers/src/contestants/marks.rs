//! One account of 100,000 dollars, and marks of it: equity that wanders and breaks nothing.

use crate::state::{ONE, STATES};

const SIZE: i64 = 100_000 * ONE;

/// What a mark is compared with.
pub(crate) struct Kept {
    pub(crate) size: i64,
    pub(crate) trail: i64,
    pub(crate) daily_loss: i64,
    pub(crate) maximum_loss: i64,
    pub(crate) trailing_floor: i64,
    pub(crate) daily_floor: i64,
    pub(crate) warning: i64,
}

/// As the account begins its first day.
pub(crate) const fn kept() -> Kept {
    let percent = SIZE / 100;
    Kept {
        size: SIZE,
        trail: 6 * percent,
        daily_loss: SIZE - 5 * percent,
        maximum_loss: SIZE - 10 * percent,
        trailing_floor: SIZE - 6 * percent,
        daily_floor: SIZE - 8 * percent,
        warning: SIZE - 4 * percent,
    }
}

/// As many marks as there are states: equity within 400 dollars of the size, in steps of ten dollars.
pub(crate) fn equities() -> Vec<i64> {
    (0..STATES).map(|number| SIZE + (i64::try_from(number * 7 % 81).unwrap_or(0) - 40) * 10 * ONE).collect()
}
