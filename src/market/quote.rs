//! The prices of a symbol.

use serde::{Deserialize, Serialize};

use crate::event::{Tick, TickQuality};
use crate::value::{Fixed, Instant};
use crate::vm::view::{MISSING, NEVER};

/// The latest marks of a symbol, and the latest prices that were no marks.
///
/// Prices count 10⁻⁸; [`MISSING`] where a side was never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// What can be sold at.
    pub bid: i64,
    /// What can be bought at.
    pub ask: i64,
    /// What was last dealt at.
    pub last: i64,
    /// When they were told, in nanoseconds; the least instant before the first.
    pub at: i64,
    /// Whether what came last was stale or indicative, and so is in none of the above.
    pub doubtful: bool,
}

impl Default for Quote {
    fn default() -> Self {
        Self { bid: MISSING, ask: MISSING, last: MISSING, at: -NEVER, doubtful: false }
    }
}

impl Quote {
    /// Takes the prices of a tick; whether they are marks.
    pub fn take(&mut self, tick: &Tick, at: Instant) -> bool {
        self.doubtful = tick.quality != TickQuality::Ok;
        if self.doubtful {
            return false;
        }
        for (price, told) in [(&mut self.bid, tick.bid), (&mut self.ask, tick.ask), (&mut self.last, tick.last)] {
            // A price that is not told stays.
            *price = told.map_or(*price, |told| Fixed::from(told).raw());
        }
        self.at = at.nanos();
        true
    }
}
