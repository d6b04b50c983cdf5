//! At which of the marks that an account slept through its equity was highest and lowest.
//!
//! For each stretch of time it is known between which values equity lay, from the least and the greatest prices
//! of each symbol. The stretch in which it may have been farthest is looked at first, by long stretches, by
//! short ones, then mark by mark: most others cannot lead as far then, and none of their marks is looked at.

use std::cmp::Reverse;

use super::bands::Stream;
use super::history::{Quotes, Size, SleptMarks};
use super::summary::Summary;
use crate::ledger::{Conversion, Ledger, Position, Quote, SymbolId};
use crate::market::ListingId;
use crate::value::Fixed;
use crate::vm::Passed;

/// The sequence numbers of the first marks with the highest and the lowest equity among marks of the
/// symbols that move an account, of those that are wanted. The ledger stands as it stood before all of them,
/// and before what earlier marks come to, none of which passed an extreme.
pub(super) fn extremes<'a>(
    ledger: &'a Ledger,
    listing_of: impl Fn(SymbolId) -> Option<ListingId>,
    stream_of: impl Fn(&Position) -> Stream,
    marks: impl Iterator<Item = (ListingId, Quotes, SleptMarks<'a>)>,
    wanted: Passed,
) -> [Option<u64>; 2] {
    let (mut earlier, mut feeds) = (Vec::new(), Vec::new());
    for (listing, told, marks) in marks {
        earlier.push((listing, told));
        feeds.push(marks);
    }
    let feed = |listing: Option<ListingId>| listing.and_then(|listing| earlier.iter().position(|(of, _)| *of == listing));
    let (mut held, mut stands) = (Vec::new(), Vec::new());
    for position in ledger.positions() {
        let converts = ledger.conversion(position.symbol).and_then(Conversion::symbol);
        held.push(Held {
            position,
            stream: stream_of(position),
            feed: feed(listing_of(position.symbol)),
            rate_feed: converts.and_then(|symbol| feed(listing_of(symbol))),
        });
        stands.push((position.mark, converts.map(|symbol| ledger.quote(symbol))));
    }
    let prices = |(mark, rate): &(Fixed, Option<Quote>)| Prices { mark: *mark, rate: rate.and_then(|quote| quote.mid()) };
    let search = Search { ledger, held, feeds };
    let now: Vec<Prices> = stands.iter().map(prices).collect();
    let now = search.profits(&now).into_iter().fold(0, i64::saturating_add);
    for (held, (mark, rate)) in search.held.iter().zip(&mut stands) {
        let told = |feed: Option<usize>| feed.map(|feed| earlier[feed].1).unwrap_or_default().into_iter().flatten();
        *mark = told(held.feed).filter_map(|quote| held.stream.of(&quote)).next_back().unwrap_or(*mark);
        *rate = rate.map(|known| told(held.rate_feed).fold(known, Quote::updated));
    }
    let begun: Vec<Prices> = stands.iter().map(prices).collect();
    let stretches = search.stretches(Size::Long, None, &begun);
    let farthest = |way: Way, by: Option<i64>| search.farthest(&stretches, way, way.height(now).saturating_add(by?));
    [farthest(Way::Up, wanted.above), farthest(Way::Down, wanted.below)]
}

/// A position, and where the prices come from that value it.
#[derive(Clone, Copy)]
struct Held<'a> {
    position: &'a Position,
    stream: Stream,
    feed: Option<usize>,
    rate_feed: Option<usize>,
}

/// The prices that value a position.
#[derive(Clone, Copy)]
struct Prices {
    mark: Fixed,
    rate: Option<Fixed>,
}

/// Which of the two extremes is looked for.
#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

/// Stretches in their order, each with the prices at which it begins.
struct Stretches {
    each: Vec<Stretch>,
    /// Of each position, stretch by stretch.
    begun: Vec<Prices>,
}

/// Between what the open profit lies in a stretch.
#[derive(Clone, Copy)]
struct Stretch {
    number: u64,
    low: i64,
    high: i64,
}

/// How far equity went, by which mark of which short stretch; by none before one went as far as is wanted.
#[derive(Clone, Copy)]
struct Farthest {
    height: i64,
    by: Option<(u64, u64)>,
}

struct Search<'a> {
    ledger: &'a Ledger,
    held: Vec<Held<'a>>,
    /// The marks of each symbol.
    feeds: Vec<SleptMarks<'a>>,
}

impl Way {
    /// How far a total is this way.
    const fn height(self, total: i64) -> i64 {
        match self {
            Self::Up => total,
            Self::Down => total.saturating_neg(),
        }
    }

    /// How far equity may have gone in a stretch.
    const fn bound(self, stretch: &Stretch) -> i64 {
        match self {
            Self::Up => stretch.high,
            Self::Down => stretch.low.saturating_neg(),
        }
    }
}

impl Farthest {
    /// Whether a mark of a stretch may go farther, or as far before.
    fn may_be_passed(&self, bound: i64, stretch: u64, size: Size) -> bool {
        let by = self.by.map(|(_, short)| if size == Size::Long { Summary::long_of(short) } else { short });
        bound > self.height || (bound == self.height && by.is_some_and(|by| stretch <= by))
    }

    fn note(&mut self, height: i64, sequence: u64, short: u64) {
        let is_before = self.by.is_some_and(|(by, _)| sequence < by);
        if height > self.height || (height == self.height && is_before) {
            *self = Self { height, by: Some((sequence, short)) };
        }
    }
}

impl Stretches {
    /// Where they stand in the order of how far equity may have gone in them.
    fn by_bound(&self, way: Way) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.each.len()).collect();
        order.sort_by_key(|at| Reverse(way.bound(&self.each[*at])));
        order
    }

    fn begun(&self, at: usize, positions: usize) -> &[Prices] {
        &self.begun[at * positions..(at + 1) * positions]
    }
}

impl Search<'_> {
    /// The first mark that leads farthest, and farther than a height.
    fn farthest(&self, stretches: &Stretches, way: Way, height: i64) -> Option<u64> {
        let mut farthest = Farthest { height, by: None };
        let held = self.held.len();
        for at in stretches.by_bound(way) {
            let long = &stretches.each[at];
            if !farthest.may_be_passed(way.bound(long), long.number, Size::Long) {
                continue;
            }
            let shorts = self.stretches(Size::Short, Some(long.number), stretches.begun(at, held));
            for at in shorts.by_bound(way) {
                let short = &shorts.each[at];
                if farthest.may_be_passed(way.bound(short), short.number, Size::Short) {
                    self.look_at_each(short.number, shorts.begun(at, held), way, &mut farthest);
                }
            }
        }
        farthest.by.map(|(sequence, _)| sequence)
    }

    /// The stretches in which the marks lie, of a long one where it is given.
    fn stretches(&self, size: Size, within: Option<u64>, begun: &[Prices]) -> Stretches {
        let mut found = Stretches { each: Vec::new(), begun: Vec::new() };
        let mut prices = begun.to_vec();
        let mut feeds: Vec<_> = self.feeds.iter().map(|marks| marks.summaries(size, within).peekable()).collect();
        let mut at_hand = Vec::with_capacity(feeds.len());
        while let Some(number) = feeds.iter_mut().filter_map(|feed| feed.peek().map(|(summary, _)| summary.stretch)).min() {
            at_hand.clear();
            at_hand.extend(feeds.iter_mut().map(|feed| feed.next_if(|(summary, _)| summary.stretch == number)));
            let (mut low, mut high) = (0_i64, 0_i64);
            for (held, prices) in self.held.iter().zip(&prices) {
                // What cannot be computed may be anything.
                let (least, greatest) = held.between(self.ledger, prices, &at_hand).unwrap_or((i64::MIN, i64::MAX));
                (low, high) = (low.saturating_add(least), high.saturating_add(greatest));
            }
            found.each.push(Stretch { number, low, high });
            found.begun.extend_from_slice(&prices);
            for (held, prices) in self.held.iter().zip(&mut prices) {
                held.leave_behind(prices, &at_hand);
            }
        }
        found
    }

    /// The open profit of each position.
    fn profits(&self, prices: &[Prices]) -> Vec<i64> {
        self.held.iter().zip(prices).map(|(held, prices)| held.profit(self.ledger, prices).unwrap_or_default()).collect()
    }

    fn look_at_each(&self, short: u64, begun: &[Prices], way: Way, farthest: &mut Farthest) {
        let (mut prices, mut profits) = (begun.to_vec(), self.profits(begun));
        let mut feeds: Vec<SleptMarks<'_>> = self.feeds.iter().map(|marks| marks.within(short)).collect();
        let mut next: Vec<Option<u64>> = feeds.iter().map(SleptMarks::first_sequence).collect();
        while let Some((sequence, feed)) = next.iter().enumerate().filter_map(|(feed, next)| Some(((*next)?, feed))).min() {
            let marks = &mut feeds[feed];
            for (held, (prices, profit)) in self.held.iter().zip(prices.iter_mut().zip(&mut profits)) {
                let told = if held.feed == Some(feed) { marks.first_told(held.stream) } else { None };
                let converts = held.rate_feed == Some(feed);
                if told.is_some() || converts {
                    let rate = if converts { marks.first_middle() } else { prices.rate };
                    *prices = Prices { mark: told.unwrap_or(prices.mark), rate };
                    *profit = held.profit(self.ledger, prices).unwrap_or(*profit);
                }
            }
            marks.skip_first();
            next[feed] = marks.first_sequence();
            let total = profits.iter().fold(0_i64, |total, profit| total.saturating_add(*profit));
            farthest.note(way.height(total), sequence, short);
        }
    }
}

/// What a stretch comes to of a symbol, and those of its marks that the account slept through.
type AtHand<'a> = Option<(&'a Summary, SleptMarks<'a>)>;

impl Held<'_> {
    fn profit(&self, ledger: &Ledger, prices: &Prices) -> Option<i64> {
        ledger.profit_at(self.position, prices.mark, prices.rate).map(Fixed::raw)
    }

    /// Between what its profit lies over a stretch: profit rises or falls with each of its prices.
    fn between(&self, ledger: &Ledger, prices: &Prices, at_hand: &[AtHand<'_>]) -> Option<(i64, i64)> {
        let widened = |price: Fixed, feed: Option<usize>, stream: Stream| {
            let range = feed.and_then(|feed| at_hand[feed]).and_then(|(summary, _)| summary.range(stream));
            range.map_or([price, price], |(low, high)| [low.min(price), high.max(price)])
        };
        let rates = match prices.rate {
            Some(rate) => widened(rate, self.rate_feed, Stream::Mid).map(Some),
            None => [None, None],
        };
        let marks = widened(prices.mark, self.feed, self.stream);
        let (mut least, mut greatest) = (i64::MAX, i64::MIN);
        for mark in &marks[..if marks[0] == marks[1] { 1 } else { 2 }] {
            for rate in &rates[..if rates[0] == rates[1] { 1 } else { 2 }] {
                let profit = ledger.profit_at(self.position, *mark, *rate)?.raw();
                (least, greatest) = (least.min(profit), greatest.max(profit));
            }
        }
        Some((least, greatest))
    }

    /// The prices after a stretch.
    fn leave_behind(&self, prices: &mut Prices, at_hand: &[AtHand<'_>]) {
        let of = |feed: Option<usize>| feed.and_then(|feed| at_hand[feed]).filter(|(_, marks)| !marks.is_empty());
        if let Some((summary, marks)) = of(self.feed) {
            prices.mark = summary.latest(&marks, self.stream).unwrap_or(prices.mark);
        }
        if let Some((summary, marks)) = of(self.rate_feed) {
            prices.rate = summary.middle(&marks);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, ToldMark};
    use super::*;
    use crate::ledger::{Fill, FillEntry, Instrument, MarkRule, PositionMode, Quote};
    use crate::value::Instant;

    fn fixed(raw: i64) -> Fixed {
        Fixed::from_raw(raw).unwrap()
    }

    /// The symbols' prices; profit of symbol 1 is converted by symbol 2.
    fn watching() -> Ledger {
        let mut ledger = Ledger::new(PositionMode::Netting, MarkRule::ExitSide, 8, fixed(10_000_000_000_000));
        for (symbol, conversion) in [(0, Conversion::None), (1, Conversion::Divide(SymbolId(2))), (2, Conversion::None)] {
            let instrument = Instrument { multiplier: fixed(100_000_000_000), weight: Fixed::ONE, margin_rate: None, conversion };
            ledger.set_instrument(SymbolId(symbol), instrument);
            ledger.mark(SymbolId(symbol), quote(120_000_000), 0);
        }
        ledger
    }

    /// Takes a long of symbol 0 and a short of symbol 1, at prices of their own.
    fn hold(ledger: &mut Ledger) {
        for (symbol, quantity) in [(0, 50_000_000), (1, -70_000_000)] {
            let fill = Fill {
                at: Instant::from_nanos(0),
                ordinal: 1,
                symbol: SymbolId(symbol),
                quantity: fixed(quantity),
                price: fixed(120_000_500),
                position: None,
                entry: FillEntry::Unknown,
                gross_profit: None,
                costs: Fixed::ZERO,
                rate: None,
                stop: None,
                target: None,
            };
            ledger.fill(&fill).unwrap();
        }
    }

    fn quote(bid: i64) -> Quote {
        Quote { bid: Some(fixed(bid)), ask: Some(fixed(bid + 2_000)), last: None }
    }

    /// What each mark comes to, one after the other.
    fn one_by_one(ledger: &Ledger, marks: &[(u16, ToldMark)]) -> [Option<u64>; 2] {
        let mut ledger = ledger.clone();
        let now = ledger.open_profit().unwrap();
        let (mut high, mut low) = ((now, None), (now, None));
        for (symbol, mark) in marks {
            ledger.mark(SymbolId(*symbol), mark.told(), 1);
            let profit = ledger.open_profit().unwrap();
            high = if profit > high.0 { (profit, Some(mark.sequence)) } else { high };
            low = if profit < low.0 { (profit, Some(mark.sequence)) } else { low };
        }
        [high.1, low.1]
    }

    /// Marks of three symbols that wander; some tell one side.
    fn wandering(seed: u64, count: u64, drift: i64) -> Vec<(u16, ToldMark)> {
        let (mut next, mut bids, mut known) = (seed | 1, [120_000_000_i64; 3], [quote(120_000_000); 3]);
        let one = |sequence: u64| {
            next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let symbol = usize::try_from((next >> 33) % 3).unwrap();
            bids[symbol] += (i64::try_from((next >> 40) % 9).unwrap() - 4 + drift * i64::from((next >> 50).is_multiple_of(8))) * 1_000;
            let (full, tells_bid) = (quote(bids[symbol]), !(next >> 55).is_multiple_of(8));
            let bid = if tells_bid { full.bid } else { known[symbol].bid };
            known[symbol] = Quote { bid, ..full };
            let mark = ToldMark { sequence, known: known[symbol], tells: [tells_bid, true, false], ..ToldMark::default() };
            (u16::try_from(symbol).unwrap(), mark)
        };
        (0..count).map(one).collect()
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(24))]
        #[test]
        fn extremes_are_those_of_looking_at_each_mark(seed: u64, count in 1_u64..9_000, before in 0_usize..400, drift in -2_i64..=2) {
            let marks = wandering(seed, count, drift);
            let (mut ledger, mut histories, mut seen) = (watching(), [(); 3].map(|()| History::default()), [0_u64; 3]);
            let (mut numbers, mut stretch) = ([0_u64; 3], 0);
            for (place, (symbol, mark)) in marks.iter().enumerate() {
                let at = usize::from(*symbol);
                stretch += u64::from(histories[at].keep(stretch, numbers[at], mark, u64::MAX));
                numbers[at] += 1;
                if place < before {
                    ledger.mark(SymbolId(*symbol), mark.told(), 0);
                    seen = numbers;
                }
            }
            hold(&mut ledger);
            let slept =
                (0..3_usize).map(|at| (ListingId(u32::try_from(at).unwrap()), Quotes::default(), histories[at].between(seen[at], numbers[at])));
            let stream = |position: &Position| if position.long { Stream::Bid } else { Stream::Ask };
            let wanted = Passed { above: Some(0), below: Some(0) };
            let found = extremes(&ledger, |symbol| Some(ListingId(symbol.0.into())), stream, slept, wanted);
            let rest = marks.get(before..).unwrap_or_default();
            proptest::prop_assert_eq!(found, one_by_one(&ledger, rest));
        }
    }
}
