//! The latest marks of a symbol, kept for accounts that sleep through them, so that the highest and the
//! lowest equity among them can be found without showing each mark to each account.
//!
//! Time is cut into stretches, for all symbols at the same marks: a short one ends as soon as one symbol has
//! told so many marks in it. Of each symbol and stretch the least and the greatest prices are known.

use std::collections::VecDeque;

use super::bands::Stream;
use super::chunk::{CHUNK, CHUNK_MARKS, Chunk};
use super::summary::{NONE, SHORTS, Summary};
use crate::event::Provenance;
use crate::ledger::Quote;
use crate::value::{Fixed, Instant};

/// So many marks of a symbol are kept at most.
const MOST: u64 = 1_048_576;
/// So many more are kept for each account that needs them: they take a third of a kilobyte then.
const FOR_EACH: u64 = 16;
/// A short stretch ends when a symbol has told so many marks in it.
const SHORT: u64 = 64;

/// How many marks of a symbol are kept while so many accounts need them, of those that are kept at least.
pub fn marks_kept_for(accounts: usize, at_least: u64) -> u64 {
    u64::try_from(accounts).unwrap_or(u64::MAX).saturating_mul(FOR_EACH).min(MOST).max(at_least)
}

/// What marks of a symbol come to, in order: the latest bid and ask that were told together, then the bid, the
/// ask and the last dealt that were told after.
pub type Quotes = [Option<Quote>; 4];

/// What marks come to, and then later ones.
pub(super) fn followed(earlier: Quotes, later: Quotes) -> Quotes {
    let ([pair, bid, ask, last], [later_pair, later_bid, later_ask, later_last]) = (earlier, later);
    let dealt = later_last.or(last);
    if later_pair.is_some() { [later_pair, later_bid, later_ask, dealt] } else { [pair, later_bid.or(bid), later_ask.or(ask), dealt] }
}

/// A mark as it was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToldMark {
    /// Which mark it is among those of all symbols.
    pub sequence: u64,
    /// When it was told.
    pub at: Instant,
    /// How it is known.
    pub provenance: Provenance,
    /// The prices that were known after it.
    pub known: Quote,
    /// Which of them it told itself: bid, ask, last.
    pub tells: [bool; 3],
}

impl ToldMark {
    /// The prices that it told itself.
    pub fn told(&self) -> Quote {
        let [bid, ask, last] = self.tells;
        Quote { bid: self.known.bid.filter(|_| bid), ask: self.known.ask.filter(|_| ask), last: self.known.last.filter(|_| last) }
    }
}

/// Short stretches of time, or long ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Short,
    Long,
}

/// The latest marks of a symbol, by number; the first that was ever told is number 0.
#[derive(Clone, Debug, Default)]
pub struct History {
    chunks: VecDeque<Chunk>,
    /// The number of the first mark that is kept.
    first: u64,
    next: u64,
    /// What the marks of each stretch come to, short and long ones.
    stretches: [VecDeque<Summary>; 2],
}

/// Some marks of a symbol in a row: those from one number up to another.
#[derive(Clone, Copy, Debug)]
pub struct SleptMarks<'a> {
    history: &'a History,
    from: u64,
    to: u64,
}

impl History {
    /// Keeps a mark in a stretch, and at least so many before it. One that does not follow the last that was
    /// kept makes the history begin anew. Whether the stretch is full is returned: the next mark of any
    /// symbol begins another then.
    pub fn keep(&mut self, stretch: u64, number: u64, mark: &ToldMark, at_least: u64) -> bool {
        if number != self.next || self.chunks.is_empty() {
            *self = Self { first: number, ..Self::default() };
        }
        if self.chunks.back().is_none_or(Chunk::is_full) {
            self.chunks.push_back(Chunk::new());
            self.forget(number.saturating_sub(at_least));
        }
        if let Some(chunk) = self.chunks.back_mut() {
            chunk.push(mark);
        }
        self.next = number + 1;
        let (quote, middle) = (mark.told(), mark.known.mid());
        // The middle of both sides is the same whether they are known or told.
        let paired = middle.filter(|_| quote.bid.is_some() && quote.ask.is_some());
        let told = Stream::ALL.map(|stream| if stream == Stream::Mid { paired } else { stream.of(&quote) });
        for (summaries, stretch) in self.stretches.iter_mut().zip([stretch, Summary::long_of(stretch)]) {
            if summaries.back().is_none_or(|last| last.stretch != stretch) {
                summaries.push_back(Summary::new(stretch, number));
            }
            if let Some(summary) = summaries.back_mut() {
                summary.take(&told, middle);
            }
        }
        self.stretches[Size::Short as usize].back().is_some_and(|last| last.marks >= SHORT)
    }

    /// Forgets marks before a number, where they fill their place in memory.
    fn forget(&mut self, before: u64) {
        while self.chunks.len() > 1 && self.first + CHUNK_MARKS <= before {
            self.chunks.pop_front();
            self.first += CHUNK_MARKS;
        }
        for summaries in &mut self.stretches {
            while summaries.get(1).is_some_and(|second| second.first <= self.first) {
                summaries.pop_front();
            }
        }
    }

    /// The marks from one number up to another, which is not among them.
    pub fn between(&self, from: u64, to: u64) -> SleptMarks<'_> {
        debug_assert!(from == to || (self.first <= from && to <= self.next), "marks that are needed were forgotten");
        SleptMarks { history: self, from: from.max(self.first).min(to), to }
    }

    /// The chunk of a mark, and its place there.
    fn place(&self, number: u64) -> Option<(&Chunk, usize)> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        Some((self.chunks.get(at / CHUNK)?, at % CHUNK))
    }

    /// The sequence number of a mark.
    pub(crate) fn sequence(&self, number: u64) -> u64 {
        self.place(number).map_or(0, |(chunk, at)| chunk.sequences.get(at).cast_unsigned())
    }

    /// A mark, if it is kept.
    pub(crate) fn mark(&self, number: u64) -> Option<ToldMark> {
        self.place(number).map(|(chunk, at)| chunk.mark(at))
    }

    /// How many of its marks were told before a sequence number.
    pub fn told_before(&self, sequence: u64) -> u64 {
        let mut marks = SleptMarks { history: self, from: self.first, to: self.next };
        sequence.checked_sub(1).map_or(0, |last| self.first + marks.take_until(last).len())
    }

    fn known(&self, number: u64, stream: Stream) -> Option<Fixed> {
        self.place(number).and_then(|(chunk, at)| stream.of(&chunk.quote(at)))
    }

    fn told(&self, number: u64, stream: Stream) -> Option<Fixed> {
        self.place(number).and_then(|(chunk, at)| chunk.told(at, stream))
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

    /// The sequence number of the first.
    pub(super) fn first_sequence(&self) -> Option<u64> {
        (!self.is_empty()).then(|| self.history.sequence(self.from))
    }

    /// The last of them.
    pub fn last(&self) -> Option<ToldMark> {
        if self.is_empty() { None } else { self.history.mark(self.to - 1) }
    }

    /// Takes the first of them out.
    pub fn take_first(&mut self) -> Option<ToldMark> {
        if self.is_empty() {
            return None;
        }
        self.from += 1;
        self.history.mark(self.from - 1)
    }

    /// Leaves the first of them out.
    pub(super) fn skip_first(&mut self) {
        self.from = self.to.min(self.from + 1);
    }

    /// The price that the first of them told.
    pub(super) fn first_told(&self, stream: Stream) -> Option<Fixed> {
        self.history.told(self.from, stream)
    }

    /// The middle of the sides that were known after the first of them.
    pub(super) fn first_middle(&self) -> Option<Fixed> {
        self.history.place(self.from).and_then(|(chunk, at)| chunk.quote(at).mid())
    }

    /// Takes those out that were told before or with the mark of a sequence number.
    #[must_use]
    pub fn take_until(&mut self, sequence: u64) -> Self {
        let (mut low, mut high) = (self.from, self.to);
        while low < high {
            let middle = low.midpoint(high);
            if self.history.sequence(middle) <= sequence { low = middle + 1 } else { high = middle }
        }
        let taken = Self { to: low, ..*self };
        self.from = low;
        taken
    }

    /// What the stretches come to in which they lie, in order; the first may hold marks before them. Only
    /// the short ones of one long stretch, where one is given.
    pub(super) fn summaries(&self, size: Size, within: Option<u64>) -> impl Iterator<Item = (&'a Summary, Self)> {
        let (all, marks) = (&self.history.stretches[size as usize], *self);
        let begin = match within {
            Some(long) => all.partition_point(|summary| summary.stretch < long * SHORTS),
            None => 0,
        };
        let begin = begin.max(all.partition_point(|summary| summary.first <= marks.from).saturating_sub(1));
        let end = if marks.is_empty() { begin } else { all.len().max(begin) };
        let lies_within = move |summary: &Summary| within.is_none_or(|long| Summary::long_of(summary.stretch) == long);
        all.range(begin..end)
            .take_while(move |summary| summary.first < marks.to && lies_within(summary))
            .map(move |summary| (summary, marks.of(summary)))
    }

    /// Those of them that lie in a stretch.
    fn of(&self, summary: &Summary) -> Self {
        let from = summary.first.max(self.from);
        Self { from, to: summary.end().min(self.to).max(from), ..*self }
    }

    /// The number after the last of them.
    pub(super) const fn end(&self) -> u64 {
        self.to
    }

    /// Those of them that lie in a short stretch.
    pub(super) fn within(&self, short: u64) -> Self {
        let all = &self.history.stretches[Size::Short as usize];
        let found = all.get(all.partition_point(|summary| summary.stretch < short)).filter(|summary| summary.stretch == short);
        found.map_or(Self { to: self.from, ..*self }, |summary| self.of(summary))
    }

    /// The sequence number of the first of them, told before a sequence number, after which a price that was told
    /// lies outside two; the middle as the sides are known.
    pub fn first_outside(&self, stream: Stream, (low, high): (Fixed, Fixed), before: u64) -> Option<u64> {
        let leaves = |summary: &Summary| summary.range(stream).is_some_and(|(least, greatest)| least < low || high < greatest);
        let begins_in_time = |marks: &Self| marks.first_sequence().is_some_and(|first| first < before);
        let longs = self.summaries(Size::Long, None).take_while(|(_, marks)| begins_in_time(marks));
        for (long, _) in longs.filter(|(summary, _)| leaves(summary)) {
            let shorts = self.summaries(Size::Short, Some(long.stretch)).take_while(|(_, marks)| begins_in_time(marks));
            for (_, marks) in shorts.filter(|(summary, _)| leaves(summary)) {
                let is_outside = |number: &u64| self.history.known(*number, stream).is_some_and(|price| price < low || high < price);
                let found = (marks.from..marks.to).find(is_outside).map(|number| self.history.sequence(number));
                if found.is_some() {
                    return found.filter(|sequence| *sequence < before);
                }
            }
        }
        None
    }

    /// Whether each price that they told lies between two; the middle as the sides were known.
    pub fn lie_between(&self, stream: Stream, low: Fixed, high: Fixed) -> bool {
        let mut ranges = self.summaries(Size::Long, None).filter_map(|(summary, _)| summary.range(stream));
        ranges.all(|(least, greatest)| low <= least && greatest <= high)
    }

    /// The price that they told last.
    pub(super) fn latest(&self, stream: Stream) -> Option<Fixed> {
        self.newest(stream).and_then(|number| self.history.told(number, stream))
    }

    /// What they come to.
    pub fn merged(&self) -> Quotes {
        let alone = Quote::default();
        let pair = self.newest(Stream::Mid);
        let told = |number: u64| self.history.mark(number).map(|mark| mark.told()).unwrap_or_default();
        let later = |stream: Stream| self.newest(stream).filter(|number| pair.is_none_or(|pair| *number > pair));
        [
            pair.map(|number| Quote { last: None, ..told(number) }),
            later(Stream::Bid).map(|number| Quote { bid: told(number).bid, ..alone }),
            later(Stream::Ask).map(|number| Quote { ask: told(number).ask, ..alone }),
            self.newest(Stream::Last).map(|number| Quote { last: told(number).last, ..alone }),
        ]
    }

    /// The number of the last mark that told a price.
    fn newest(&self, stream: Stream) -> Option<u64> {
        self.last_stretch(stream, Size::Long)?.last_stretch(stream, Size::Short)?.newest_of_all(stream)
    }

    /// Those of them that lie in the last stretch of which a mark told a price.
    fn last_stretch(&self, stream: Stream, size: Size) -> Option<Self> {
        let all = &self.history.stretches[size as usize];
        let end = all.partition_point(|summary| summary.first < self.to);
        let mut to = self.to;
        for summary in all.range(..end).rev() {
            let part = Self { from: summary.first.max(self.from), to, ..*self };
            // The first stretch may have told it before them, the last after them.
            let is_whole = self.from <= summary.first && summary.end() <= self.to;
            if summary.latest[stream as usize] != NONE && (is_whole || part.newest_of_all(stream).is_some()) {
                return Some(part);
            }
            if summary.first <= self.from {
                return None;
            }
            to = summary.first;
        }
        None
    }

    fn newest_of_all(&self, stream: Stream) -> Option<u64> {
        (self.from..self.to).rev().find(|number| self.history.told(*number, stream).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(raw: i64) -> Option<Fixed> {
        Fixed::from_raw(raw)
    }

    /// Keeps marks that tell bid and ask, or one of them, each after the one before, in stretches of their own.
    #[derive(Default)]
    struct Teller {
        history: History,
        known: Quote,
        number: u64,
        stretch: u64,
    }

    impl Teller {
        fn tell(&mut self, bid: Option<i64>, ask: Option<i64>) {
            let told = Quote { bid: bid.and_then(price), ask: ask.and_then(price), last: None };
            self.known = Quote { bid: told.bid.or(self.known.bid), ask: told.ask.or(self.known.ask), last: None };
            let (sequence, tells) = (self.number * 3, [bid.is_some(), ask.is_some(), false]);
            let mark = ToldMark { sequence, known: self.known, tells, ..ToldMark::default() };
            let full = self.history.keep(self.stretch, self.number, &mark, u64::MAX);
            self.stretch += u64::from(full);
            self.number += 1;
        }
    }

    #[test]
    fn stretches_know_their_least_and_greatest_price() {
        let mut teller = Teller::default();
        for number in 0..200 {
            teller.tell(Some(1_000 + number), None);
        }
        let mut marks = teller.history.between(10, 200);
        let shorts: Vec<_> = marks.summaries(Size::Short, None).collect();
        assert_eq!(
            shorts.iter().map(|(summary, marks)| (summary.stretch, marks.len())).collect::<Vec<_>>(),
            [(0, 54), (1, 64), (2, 64), (3, 8)]
        );
        assert_eq!(shorts[0].0.range(Stream::Bid), price(1_000).zip(price(1_063)));
        assert_eq!(shorts[0].0.range(Stream::Ask), None);
        assert_eq!(marks.summaries(Size::Long, None).count(), 1);
        assert_eq!(marks.summaries(Size::Short, Some(1)).count(), 0, "the second long stretch has not begun");
        assert_eq!(marks.within(3).first_sequence(), Some(192 * 3));
        // 190 marks from number 10 on; those up to sequence number 300 are numbers 10 to 100.
        assert_eq!(marks.take_until(300).len(), 91);
        assert_eq!(marks.first_told(Stream::Bid), price(1_101));
        assert_eq!(marks.last().unwrap().sequence, 597);
    }

    #[test]
    fn what_marks_come_to_is_the_latest_of_each_side() {
        let mut teller = Teller::default();
        teller.tell(Some(5), Some(7));
        teller.tell(Some(6), None);
        (2..3_000).for_each(|_| teller.tell(None, Some(9)));
        let history = &teller.history;
        let [pair, bid, ask, last] = history.between(0, 3_000).merged();
        assert_eq!(pair.map(|pair| (pair.bid, pair.ask)), Some((price(5), price(7))));
        assert_eq!((bid.unwrap().bid, ask.unwrap().ask, last), (price(6), price(9), None));
        assert_eq!(history.between(2, 3_000).latest(Stream::Bid), None, "what was told before is not theirs");
        assert_eq!(history.between(1, 3_000).latest(Stream::Bid), price(6));
        assert_eq!(history.between(0, 1).merged()[1], None, "the bid of the pair is the latest");
    }

    #[test]
    fn what_is_told_after_marks_is_not_theirs() {
        let mut teller = Teller::default();
        (0..64).for_each(|_| teller.tell(Some(5), Some(7)));
        (64..70).for_each(|_| teller.tell(Some(6), None));
        (70..80).for_each(|_| teller.tell(Some(8), Some(9)));
        let [pair, bid, ask, _] = teller.history.between(0, 70).merged();
        assert_eq!(pair.map(|pair| (pair.bid, pair.ask)), Some((price(5), price(7))), "the last of its stretch are told after these");
        assert_eq!((bid.and_then(|bid| bid.bid), ask), (price(6), None));
    }

    #[test]
    fn the_first_mark_outside_is_found() {
        let mut teller = Teller::default();
        (0..3_000).for_each(|number| teller.tell(Some(1_000 + number % 700), (number == 2_000).then_some(4_000)));
        let marks = teller.history.between(650, 3_000);
        let band = |low: i64, high: i64| price(low).zip(price(high)).unwrap();
        // Sequence numbers count by threes, and each 700th bid is 1,000 again.
        assert_eq!(marks.first_outside(Stream::Bid, band(1_000, 1_698), u64::MAX), Some(699 * 3));
        assert_eq!(marks.first_outside(Stream::Bid, band(1_000, 1_698), 699 * 3), None, "told before that, none is");
        assert_eq!(marks.first_outside(Stream::Bid, band(1_001, 1_699), u64::MAX), Some(700 * 3));
        assert_eq!(marks.first_outside(Stream::Bid, band(1_000, 1_699), u64::MAX), None);
        assert_eq!(marks.first_outside(Stream::Ask, band(1, 3_999), u64::MAX), Some(2_000 * 3));
        assert_eq!(
            (teller.history.told_before(0), teller.history.told_before(3_001), teller.history.told_before(u64::MAX)),
            (0, 1_001, 3_000)
        );
    }

    #[test]
    fn what_comes_later_takes_the_place_of_what_was() {
        let quote = |bid: Option<i64>, ask: Option<i64>| Some(Quote { bid: bid.and_then(price), ask: ask.and_then(price), last: None });
        let earlier = [quote(Some(1), Some(2)), quote(Some(3), None), quote(None, Some(4)), None];
        assert_eq!(followed(earlier, [None, None, quote(None, Some(5)), None]), [earlier[0], earlier[1], quote(None, Some(5)), None]);
        let pair = [quote(Some(6), Some(7)), None, None, None];
        assert_eq!(followed(earlier, pair), pair, "what was told before a pair is gone");
        assert_eq!(followed(pair, [None; 4]), pair);
    }

    #[test]
    fn whether_prices_lie_between_two_is_told_of_each() {
        let mut teller = Teller::default();
        (0..3_000).for_each(|number| teller.tell(Some(1_000 + number % 10), None));
        let marks = teller.history.between(5, 3_000);
        let [low, high] = [1_000, 1_009].map(|raw| price(raw).unwrap());
        assert!(marks.lie_between(Stream::Bid, low, high));
        assert!(!marks.lie_between(Stream::Bid, low, price(1_008).unwrap()));
        assert!(!marks.lie_between(Stream::Bid, price(1_001).unwrap(), high));
        assert!(marks.lie_between(Stream::Ask, high, low), "no mark told one");
    }

    #[test]
    fn marks_are_what_was_kept() {
        let mut history = History::default();
        let marks: Vec<ToldMark> = (0..5_000_u64)
            .map(|number| ToldMark {
                sequence: number * 7,
                at: Instant::from_nanos(i64::try_from(number).unwrap() * 1_000_001),
                provenance: if number % 3 == 0 { Provenance::Estimated } else { Provenance::Broker },
                known: Quote {
                    bid: price(100_000 + i64::try_from(number).unwrap()),
                    ask: price(200_000).filter(|_| number > 1_500),
                    last: price(i64::MAX).filter(|_| number > 3_000),
                },
                tells: [true, number % 2 == 0, number % 5 == 0],
            })
            .collect();
        for (number, mark) in (0..).zip(&marks) {
            history.keep(number / 64, number, mark, 2_048);
        }
        let first = usize::try_from(history.first).unwrap();
        assert_eq!(first, 2_048, "2,048 before the chunk that begins with number 4,096");
        let mut kept = history.between(history.first, 5_000);
        for mark in &marks[first..] {
            assert_eq!(kept.take_first().as_ref(), Some(mark));
        }
        assert_eq!(kept.take_first(), None);
    }

    #[test]
    fn a_history_that_was_interrupted_begins_anew() {
        let mut teller = Teller::default();
        teller.tell(Some(5), None);
        teller.number = 70;
        teller.tell(Some(8), None);
        teller.tell(Some(9), None);
        let (summary, marks) = teller.history.between(70, 72).summaries(Size::Short, None).next().unwrap();
        assert_eq!((summary.range(Stream::Bid), marks.len()), (price(8).zip(price(9)), 2));
    }
}
