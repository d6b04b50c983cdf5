//! The latest marks of a symbol, kept for accounts that sleep through them, so that the highest and the
//! lowest equity among them can be found without showing each mark to each account.

use super::bands::Stream;
use crate::event::Provenance;
use crate::ledger::Quote;
use crate::value::{Fixed, Instant};

/// How many marks of a symbol are kept.
pub const KEPT_MARKS: u64 = 16_384;
/// Of so many marks in a row the least and the greatest prices are known together.
const BLOCKS: [u64; 2] = [64, 1_024];

/// Blocks by how many marks they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Small,
    Large,
}

/// A mark as it was told.
#[derive(Clone, Copy, Debug, Default)]
pub struct ToldMark {
    /// Which mark it is among those of all symbols.
    pub sequence: u64,
    /// When it was told.
    pub at: Instant,
    /// How it is known.
    pub provenance: Provenance,
    /// The prices that it told.
    pub told: Quote,
    /// The middle of the bid and ask that were known after it.
    pub middle: Option<Fixed>,
}

/// The latest marks of a symbol, by number; the first that was ever told is number 0.
#[derive(Clone, Debug, Default)]
pub struct History {
    marks: Vec<ToldMark>,
    blocks: [Vec<Block>; BLOCKS.len()],
    next: u64,
}

/// The least and the greatest price that the marks of a block told, by stream.
type Block = [Option<(Fixed, Fixed)>; Stream::ALL.len()];

/// Some marks of a symbol in a row: those from one number up to another.
#[derive(Clone, Copy, Debug)]
pub struct SleptMarks<'a> {
    history: &'a History,
    from: u64,
    to: u64,
}

impl History {
    /// Keeps a mark. One that does not follow the last that was kept makes the history begin anew.
    pub fn keep(&mut self, number: u64, mark: ToldMark) {
        if self.marks.is_empty() {
            self.marks = vec![ToldMark::default(); place(KEPT_MARKS)];
            self.blocks = BLOCKS.map(|size| vec![Block::default(); place(KEPT_MARKS / size)]);
        }
        // A middle of sides that were told apart is what conversions read.
        let told = Stream::ALL.map(|stream| if stream == Stream::Mid { mark.middle } else { stream.of(&mark.told) });
        for (size, blocks) in BLOCKS.into_iter().zip(&mut self.blocks) {
            let block = &mut blocks[place(number / size % (KEPT_MARKS / size))];
            if number.is_multiple_of(size) || number != self.next {
                *block = Block::default();
            }
            for (price, range) in told.into_iter().zip(block) {
                let Some(price) = price else { continue };
                *range = Some(range.map_or((price, price), |(low, high)| (low.min(price), high.max(price))));
            }
        }
        self.marks[place(number % KEPT_MARKS)] = mark;
        self.next = number + 1;
    }

    /// The marks from one number up to another, which is not among them.
    pub const fn between(&self, from: u64, to: u64) -> SleptMarks<'_> {
        SleptMarks { history: self, from, to }
    }

    fn mark(&self, number: u64) -> &ToldMark {
        &self.marks[place(number % KEPT_MARKS)]
    }

    fn block(&self, number: u64, size: Size) -> &Block {
        let marks = BLOCKS[size as usize];
        &self.blocks[size as usize][place(number / marks % (KEPT_MARKS / marks))]
    }
}

impl<'a> SleptMarks<'a> {
    /// How many they are.
    pub const fn len(&self) -> u64 {
        self.to - self.from
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.to == self.from
    }

    /// The first of them.
    pub fn first(&self) -> Option<&'a ToldMark> {
        (!self.is_empty()).then(|| self.history.mark(self.from))
    }

    /// The last of them.
    pub fn last(&self) -> Option<&'a ToldMark> {
        (!self.is_empty()).then(|| self.history.mark(self.to - 1))
    }

    /// Takes the first of them out.
    pub fn take_first(&mut self) -> Option<&'a ToldMark> {
        let first = self.first()?;
        self.from += 1;
        Some(first)
    }

    /// Takes those out that were told before or with the mark of a sequence number.
    #[must_use]
    pub fn take_until(&mut self, sequence: u64) -> Self {
        let (mut low, mut high) = (self.from, self.to);
        while low < high {
            let middle = low.midpoint(high);
            if self.history.mark(middle).sequence <= sequence { low = middle + 1 } else { high = middle }
        }
        let taken = Self { to: low, ..*self };
        self.from = low;
        taken
    }

    /// Those of them that lie in the block of the first.
    pub(super) fn block(&self, size: Size) -> Self {
        let marks = BLOCKS[size as usize];
        Self { to: self.to.min((self.from / marks + 1) * marks), ..*self }
    }

    /// Between which prices all marks of the block of the first lie; none if none of them told one.
    pub(super) fn block_range(&self, size: Size, stream: Stream) -> Option<(Fixed, Fixed)> {
        if self.is_empty() { None } else { self.history.block(self.from, size)[stream as usize] }
    }

    /// The price that they told last.
    pub fn latest(&self, stream: Stream) -> Option<Fixed> {
        self.newest(stream).and_then(|number| stream.of(&self.history.mark(number).told))
    }

    /// What they come to, in order: the latest bid and ask that were told together, then what was told after.
    pub fn merged(&self) -> [Option<Quote>; 4] {
        let alone = Quote::default();
        let pair = self.newest(Stream::Mid);
        let told = |number: u64| &self.history.mark(number).told;
        let later = |stream: Stream| self.newest(stream).filter(|number| pair.is_none_or(|pair| *number > pair));
        [
            pair.map(|number| Quote { last: None, ..*told(number) }),
            later(Stream::Bid).map(|number| Quote { bid: told(number).bid, ..alone }),
            later(Stream::Ask).map(|number| Quote { ask: told(number).ask, ..alone }),
            self.newest(Stream::Last).map(|number| Quote { last: told(number).last, ..alone }),
        ]
    }

    /// The number of the last mark that told a price.
    fn newest(&self, stream: Stream) -> Option<u64> {
        let mut number = self.to;
        while number > self.from {
            number -= 1;
            if stream.of(&self.history.mark(number).told).is_some() {
                return Some(number);
            }
            if self.history.block(number, Size::Small)[stream as usize].is_none() {
                number = number / BLOCKS[0] * BLOCKS[0];
            }
        }
        None
    }
}

/// A place in a ring; rings are far shorter than an index may be.
fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(raw: i64) -> Option<Fixed> {
        Fixed::from_raw(raw)
    }

    fn mark(sequence: u64, bid: Option<Fixed>, ask: Option<Fixed>) -> ToldMark {
        let told = Quote { bid, ask, last: None };
        ToldMark { sequence, told, middle: told.mid(), ..ToldMark::default() }
    }

    #[test]
    fn blocks_know_their_least_and_greatest_price() {
        let mut history = History::default();
        for number in 0..200 {
            history.keep(number, mark(number * 3, price(1_000 + i64::try_from(number).unwrap()), None));
        }
        let mut marks = history.between(10, 200);
        assert_eq!(marks.block_range(Size::Small, Stream::Bid), price(1_000).zip(price(1_063)));
        assert_eq!(marks.block_range(Size::Small, Stream::Ask), None);
        assert_eq!(marks.block(Size::Small).len(), 54);
        // 190 marks from number 10 on; those up to sequence number 300 are numbers 10 to 100.
        assert_eq!(marks.take_until(300).len(), 91);
        assert_eq!(marks.first().unwrap().told.bid, price(1_101));
        assert_eq!(marks.last().unwrap().sequence, 597);
    }

    #[test]
    fn what_marks_come_to_is_the_latest_of_each_side() {
        let mut history = History::default();
        history.keep(0, mark(0, price(5), price(7)));
        history.keep(1, mark(1, price(6), None));
        for number in 2..300 {
            history.keep(number, mark(number, None, price(9)));
        }
        let [pair, bid, ask, last] = history.between(0, 300).merged();
        assert_eq!(pair.map(|pair| (pair.bid, pair.ask)), Some((price(5), price(7))));
        assert_eq!((bid.unwrap().bid, ask.unwrap().ask, last), (price(6), price(9), None));
        assert_eq!(history.between(2, 300).latest(Stream::Bid), None);
        let told_before = history.between(0, 1).merged();
        assert_eq!(told_before[1], None, "the bid of the pair is the latest");
    }

    #[test]
    fn a_history_that_was_interrupted_begins_anew() {
        let mut history = History::default();
        history.keep(0, mark(0, price(5), None));
        history.keep(70, mark(70, price(8), None));
        history.keep(71, mark(71, price(9), None));
        assert_eq!(history.between(70, 72).block_range(Size::Small, Stream::Bid), price(8).zip(price(9)));
    }
}
