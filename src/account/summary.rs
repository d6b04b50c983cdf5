//! What the marks of a symbol in one stretch of time come to.

use super::bands::Stream;
use super::history::SleptMarks;
use crate::value::Fixed;

/// So many short stretches make a long one.
pub(super) const SHORTS: u64 = 16;
/// A price that was not told.
pub(super) const NONE: i64 = i64::MIN;

/// What the marks of a symbol in one stretch come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Summary {
    /// Which stretch.
    pub(super) stretch: u64,
    /// The number of its first mark.
    pub(super) first: u64,
    pub(super) marks: u64,
    /// The least and the greatest price that was told, by stream; the middle is that of the sides as known.
    ranges: [(i64, i64); Stream::ALL.len()],
    /// The price that was told last, by stream; the middle of sides that were told together.
    pub(super) latest: [i64; Stream::ALL.len()],
    middle: i64,
}

impl Summary {
    pub(super) const fn new(stretch: u64, first: u64) -> Self {
        const STREAMS: usize = Stream::ALL.len();
        Self { stretch, first, marks: 0, ranges: [(NONE, NONE); STREAMS], latest: [NONE; STREAMS], middle: NONE }
    }

    /// Takes in a mark: the prices that it told, and the middle that was known after it.
    pub(super) fn take(&mut self, told: &[Option<Fixed>; Stream::ALL.len()], middle: Option<Fixed>) {
        self.marks += 1;
        self.middle = middle.map_or(NONE, Fixed::raw);
        for (stream, price) in Stream::ALL.into_iter().zip(told) {
            let at = stream as usize;
            self.latest[at] = price.map_or(self.latest[at], Fixed::raw);
            // A middle of sides that were told apart is what conversions read.
            let Some(price) = (if stream == Stream::Mid { middle } else { *price }).map(Fixed::raw) else { continue };
            let (low, high) = self.ranges[at];
            self.ranges[at] = if low == NONE { (price, price) } else { (low.min(price), high.max(price)) };
        }
    }

    /// Between which prices all of its marks lie; none if none of them told one.
    pub(super) fn range(&self, stream: Stream) -> Option<(Fixed, Fixed)> {
        let (low, high) = self.ranges[stream as usize];
        Fixed::from_raw(low).zip(Fixed::from_raw(high))
    }

    /// The long stretch of a short one.
    pub(super) const fn long_of(short: u64) -> u64 {
        short / SHORTS
    }

    /// The number after its last mark.
    pub(super) const fn end(&self) -> u64 {
        self.first + self.marks
    }

    /// What they told last of a price, and the middle that was known after them, where they are all of its marks.
    pub(super) fn latest(&self, marks: &SleptMarks<'_>, stream: Stream) -> Option<Fixed> {
        if marks.len() == self.marks { Fixed::from_raw(self.latest[stream as usize]) } else { marks.latest(stream) }
    }

    /// The middle that was known after the last of some of its marks.
    pub(super) fn middle(&self, marks: &SleptMarks<'_>) -> Option<Fixed> {
        if marks.end() == self.end() { Fixed::from_raw(self.middle) } else { marks.last().and_then(|mark| mark.known.mid()) }
    }
}
