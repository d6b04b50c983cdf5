//! At which of the marks that an account slept through its equity was highest and lowest.
//!
//! The marks of all symbols that move the account are gone through in their order, a block at a time: of a
//! block in which no price can have led past what was found before, none is looked at.

use super::bands::Stream;
use super::history::{Size, SleptMarks};
use crate::ledger::{Conversion, Ledger, Position, SymbolId};
use crate::market::ListingId;
use crate::value::Fixed;
use crate::vm::Passed;

/// The sequence numbers of the first marks with the highest and the lowest equity among marks of the
/// symbols that move an account, of those that are wanted. The ledger stands as it stood before all of them.
pub(super) fn extremes<'a>(
    ledger: &'a Ledger,
    listing_of: impl Fn(SymbolId) -> Option<ListingId>,
    stream_of: impl Fn(&Position) -> Stream,
    marks: impl Iterator<Item = (ListingId, SleptMarks<'a>)>,
    wanted: Passed,
) -> [Option<u64>; 2] {
    let slept: Vec<(ListingId, SleptMarks<'a>)> = marks.collect();
    let feed = |listing: Option<ListingId>| listing.and_then(|listing| slept.iter().position(|(of, _)| *of == listing));
    let held = ledger.positions().iter().map(|position| {
        let converts = ledger.conversion(position.symbol).and_then(Conversion::symbol);
        Held {
            position,
            stream: stream_of(position),
            feed: feed(listing_of(position.symbol)),
            mark: position.mark,
            rate_feed: converts.and_then(|symbol| feed(listing_of(symbol))),
            rate: converts.and_then(|symbol| ledger.quote(symbol).mid()),
            profit: 0,
        }
    });
    let mut search = Search { ledger, held: held.collect(), feeds: slept.iter().map(|(_, marks)| *marks).collect(), high: None, low: None };
    let now = search.value();
    search.high = wanted.above.map(|more| (now.saturating_add(more), None));
    search.low = wanted.below.map(|less| (now.saturating_sub(less), None));
    search.go_through();
    [search.high.and_then(|(_, sequence)| sequence), search.low.and_then(|(_, sequence)| sequence)]
}

/// A position, and the prices that value it.
#[derive(Clone, Copy)]
struct Held<'a> {
    position: &'a Position,
    stream: Stream,
    feed: Option<usize>,
    mark: Fixed,
    rate_feed: Option<usize>,
    rate: Option<Fixed>,
    profit: i64,
}

#[derive(Clone)]
struct Search<'a> {
    ledger: &'a Ledger,
    held: Vec<Held<'a>>,
    /// What is left of the marks of each symbol.
    feeds: Vec<SleptMarks<'a>>,
    /// The highest open profit so far, and the sequence number of the mark that led to it.
    high: Option<(i64, Option<u64>)>,
    low: Option<(i64, Option<u64>)>,
}

impl Search<'_> {
    fn go_through(&mut self) {
        if self.feeds.iter().any(|marks| marks.block(Size::Large).len() < marks.len()) {
            self.look_ahead();
        }
        self.search();
    }

    /// Finds how high, and how low, the most promising block leads: of most others nothing is looked at then.
    fn look_ahead(&mut self) {
        let (mut highest, mut lowest) = (None, None);
        let mut scan = self.clone();
        while let Some(until) = scan.end_of(Size::Large) {
            if let Some((low, high)) = scan.between(Size::Large) {
                if scan.high.is_some() && highest.as_ref().is_none_or(|(bound, _)| high > *bound) {
                    highest = Some((high, scan.up_to(until)));
                }
                if scan.low.is_some() && lowest.as_ref().is_none_or(|(bound, _)| low < *bound) {
                    lowest = Some((low, scan.up_to(until)));
                }
            }
            scan.leave_out(until);
        }
        for (_, mut promising) in highest.into_iter().chain(lowest) {
            promising.search();
            // The first mark that leads as far is still to be found.
            let found = |one: Option<(i64, Option<u64>)>| one.and_then(|(total, sequence)| sequence.map(|_| total));
            self.high = self.high.map(|(least, _)| (found(promising.high).map_or(least, |total| least.max(total - 1)), None));
            self.low = self.low.map(|(most, _)| (found(promising.low).map_or(most, |total| most.min(total + 1)), None));
        }
    }

    /// The same search, over the marks up to one of them.
    fn up_to(&self, until: u64) -> Self {
        let mut part = self.clone();
        part.feeds.iter_mut().for_each(|marks| *marks = marks.take_until(until));
        part
    }

    fn search(&mut self) {
        while let Some(until) = self.end_of(Size::Large) {
            match self.end_of(Size::Small) {
                _ if !self.may_pass(Size::Large) => self.leave_out(until),
                Some(until) if self.may_pass(Size::Small) => self.look_at_each(until),
                Some(until) => self.leave_out(until),
                None => return,
            }
        }
    }

    /// The last mark of the block that ends first: up to it, what is left of each symbol lies in one block.
    fn end_of(&self, size: Size) -> Option<u64> {
        self.feeds.iter().filter_map(|marks| marks.block(size).last_sequence()).min()
    }

    /// Whether the prices of the blocks at hand can lead past what was found.
    fn may_pass(&self, size: Size) -> bool {
        let Some((low, high)) = self.between(size) else { return true };
        self.high.is_some_and(|(found, _)| high > found) || self.low.is_some_and(|(found, _)| low < found)
    }

    /// Between what the open profit lies over the blocks at hand.
    fn between(&self, size: Size) -> Option<(i64, i64)> {
        let mut each = self.held.iter().map(|held| held.between(self.ledger, &self.feeds, size));
        each.try_fold((0_i64, 0_i64), |(low, high), held| {
            let (least, greatest) = held?;
            Some((low.saturating_add(least), high.saturating_add(greatest)))
        })
    }

    fn look_at_each(&mut self, until: u64) {
        self.value();
        loop {
            let firsts = self.feeds.iter().enumerate().filter_map(|(feed, marks)| Some((marks.first_sequence()?, feed)));
            let Some((sequence, feed)) = firsts.min().filter(|(sequence, _)| *sequence <= until) else { return };
            let Some(mark) = self.feeds[feed].take_first() else { return };
            for held in &mut self.held {
                let told = if held.feed == Some(feed) { held.stream.of(&mark.told) } else { None };
                let converts = held.rate_feed == Some(feed);
                if told.is_some() || converts {
                    held.mark = told.unwrap_or(held.mark);
                    held.rate = if converts { mark.middle } else { held.rate };
                    held.value(self.ledger);
                }
            }
            self.note(sequence);
        }
    }

    /// The open profit of all positions at their prices.
    fn value(&mut self) -> i64 {
        self.held.iter_mut().for_each(|held| held.value(self.ledger));
        self.total()
    }

    fn total(&self) -> i64 {
        self.held.iter().fold(0, |total, held| total.saturating_add(held.profit))
    }

    fn note(&mut self, sequence: u64) {
        let total = self.total();
        if self.high.is_some_and(|(found, _)| total > found) {
            self.high = Some((total, Some(sequence)));
        }
        if self.low.is_some_and(|(found, _)| total < found) {
            self.low = Some((total, Some(sequence)));
        }
    }

    fn leave_out(&mut self, until: u64) {
        for (feed, marks) in self.feeds.iter_mut().enumerate() {
            let left_out = marks.take_until(until);
            let Some(last) = left_out.last() else { continue };
            for held in &mut self.held {
                if held.feed == Some(feed) {
                    held.mark = left_out.latest(held.stream).unwrap_or(held.mark);
                }
                if held.rate_feed == Some(feed) {
                    held.rate = last.middle;
                }
            }
        }
    }
}

impl Held<'_> {
    fn value(&mut self, ledger: &Ledger) {
        self.profit = ledger.profit_at(self.position, self.mark, self.rate).map_or(self.profit, Fixed::raw);
    }

    /// Between what its profit lies over the blocks at hand: profit rises or falls with each of its prices.
    fn between(&self, ledger: &Ledger, feeds: &[SleptMarks<'_>], size: Size) -> Option<(i64, i64)> {
        let widened = |price: Fixed, feed: Option<usize>, stream: Stream| {
            let range = feed.and_then(|feed| feeds[feed].block_range(size, stream));
            range.map_or([price, price], |(low, high)| [low.min(price), high.max(price)])
        };
        let rates = match self.rate {
            Some(rate) => widened(rate, self.rate_feed, Stream::Mid).map(Some),
            None => [None, None],
        };
        let (mut least, mut greatest) = (i64::MAX, i64::MIN);
        for mark in widened(self.mark, self.feed, self.stream) {
            for rate in &rates[..if rates[0] == rates[1] { 1 } else { 2 }] {
                let profit = ledger.profit_at(self.position, mark, *rate)?.raw();
                (least, greatest) = (least.min(profit), greatest.max(profit));
            }
        }
        Some((least, greatest))
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, KEPT_MARKS, ToldMark};
    use super::*;
    use crate::event::Provenance;
    use crate::ledger::{Fill, FillEntry, Instrument, MarkRule, PositionMode, Quote};
    use crate::value::Instant;

    fn fixed(raw: i64) -> Fixed {
        Fixed::from_raw(raw).unwrap()
    }

    /// A long of symbol 0, a short of symbol 1 that symbol 2 converts.
    fn holding() -> Ledger {
        let mut ledger = Ledger::new(PositionMode::Netting, MarkRule::ExitSide, 8, fixed(10_000_000_000_000));
        for (symbol, conversion) in [(0, Conversion::None), (1, Conversion::Divide(SymbolId(2))), (2, Conversion::None)] {
            let instrument = Instrument { multiplier: fixed(100_000_000_000), weight: Fixed::ONE, margin_rate: None, conversion };
            ledger.set_instrument(SymbolId(symbol), instrument);
            ledger.mark(SymbolId(symbol), quote(120_000_000), 0);
        }
        for (symbol, quantity) in [(0, 50_000_000), (1, -70_000_000)] {
            let fill = Fill {
                at: Instant::from_nanos(0),
                ordinal: 1,
                symbol: SymbolId(symbol),
                quantity: fixed(quantity),
                price: fixed(120_000_000),
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
        ledger
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
            ledger.mark(SymbolId(*symbol), mark.told, 1);
            let profit = ledger.open_profit().unwrap();
            high = if profit > high.0 { (profit, Some(mark.sequence)) } else { high };
            low = if profit < low.0 { (profit, Some(mark.sequence)) } else { low };
        }
        [high.1, low.1]
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(24))]
        #[test]
        fn extremes_are_those_of_looking_at_each_mark(seed: u64, count in 1_u64..9_000, drift in -2_i64..=2) {
            let ledger = holding();
            let mut histories = [History::default(), History::default(), History::default()];
            let (mut next, mut bids, mut numbers) = (seed | 1, [120_000_000_i64; 3], [0_u64; 3]);
            let mut marks = Vec::new();
            for sequence in 0..count {
                next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let symbol = usize::try_from((next >> 33) % 3).unwrap();
                bids[symbol] += (i64::try_from((next >> 40) % 9).unwrap() - 4 + drift * i64::from((next >> 50).is_multiple_of(8))) * 1_000;
                let full = quote(bids[symbol]);
                // Some marks tell one side.
                let told = if (next >> 55).is_multiple_of(8) { Quote { bid: None, ..full } } else { full };
                let mark = ToldMark { sequence, at: Instant::from_nanos(0), provenance: Provenance::Broker, told, middle: None };
                marks.push((u16::try_from(symbol).unwrap(), mark));
            }
            // The middle is that of the sides as they were told last.
            let mut known = [quote(120_000_000); 3];
            for (symbol, mark) in &mut marks {
                let known = &mut known[usize::from(*symbol)];
                *known = Quote { bid: mark.told.bid.or(known.bid), ask: mark.told.ask.or(known.ask), last: None };
                mark.middle = known.mid();
                histories[usize::from(*symbol)].keep(numbers[usize::from(*symbol)], *mark);
                numbers[usize::from(*symbol)] += 1;
            }
            proptest::prop_assume!(numbers.iter().all(|number| *number <= KEPT_MARKS));
            let wanted = Passed { above: Some(0), below: Some(0) };
            let slept = (0..3).map(|symbol| (ListingId(symbol), histories[symbol as usize].between(0, numbers[symbol as usize])));
            let stream = |position: &Position| if position.long { Stream::Bid } else { Stream::Ask };
            let found = extremes(&ledger, |symbol| Some(ListingId(symbol.0.into())), stream, slept, wanted);
            proptest::prop_assert_eq!(found, one_by_one(&ledger, &marks));
        }
    }
}
