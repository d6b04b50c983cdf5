//! At which of the marks that an account slept through its equity was highest and lowest.
//!
//! The marks of all symbols that move the account are gone through in their order, a block at a time: of a
//! block in which no price can have led past what was found before, none is looked at.

use super::bands::Stream;
use super::history::{Size, SleptMarks};
use super::symbols::Symbols;
use crate::ledger::{Conversion, Ledger, Position};
use crate::market::ListingId;
use crate::value::Fixed;

/// Which extremes are looked for: by how much equity must be above, and below, where it stands now. None that
/// is not wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The first mark with the highest equity above so much more.
    pub high: Option<i64>,
    /// The first with the lowest below so much less.
    pub low: Option<i64>,
}

impl Wanted {
    /// Equity so much above where it stands is wanted as well.
    pub(super) fn also_above(&mut self, more: Option<i64>) {
        self.high = self.high.into_iter().chain(more).min();
    }

    /// Equity so much below where it stands is wanted as well.
    pub(super) fn also_below(&mut self, less: Option<i64>) {
        self.low = self.low.into_iter().chain(less).min();
    }
}

/// The sequence numbers of the first marks with the highest and the lowest equity among marks of the
/// symbols that move an account. The ledger stands as it stood before all of them.
pub(super) fn extremes<'a>(
    ledger: &'a Ledger,
    symbols: &Symbols,
    stream_of: impl Fn(&Position) -> Stream,
    marks: impl Iterator<Item = (ListingId, SleptMarks<'a>)>,
    wanted: Wanted,
) -> [Option<u64>; 2] {
    let slept: Vec<(ListingId, SleptMarks<'a>)> = marks.collect();
    let feed = |listing: Option<ListingId>| listing.and_then(|listing| slept.iter().position(|(of, _)| *of == listing));
    let held = ledger.positions().iter().map(|position| {
        let converts = ledger.conversion(position.symbol).and_then(Conversion::symbol);
        Held {
            position,
            stream: stream_of(position),
            feed: feed(symbols.listing(position.symbol)),
            mark: position.mark,
            rate_feed: converts.and_then(|symbol| feed(symbols.listing(symbol))),
            rate: converts.and_then(|symbol| ledger.quote(symbol).mid()),
            profit: 0,
        }
    });
    let mut search = Search { ledger, held: held.collect(), feeds: slept.iter().map(|(_, marks)| *marks).collect(), high: None, low: None };
    let now = search.value();
    search.high = wanted.high.map(|more| (now.saturating_add(more), None));
    search.low = wanted.low.map(|less| (now.saturating_sub(less), None));
    search.go_through();
    [search.high.and_then(|(_, sequence)| sequence), search.low.and_then(|(_, sequence)| sequence)]
}

/// A position, and the prices that value it.
struct Held<'a> {
    position: &'a Position,
    stream: Stream,
    feed: Option<usize>,
    mark: Fixed,
    rate_feed: Option<usize>,
    rate: Option<Fixed>,
    profit: i64,
}

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
        self.feeds.iter().filter_map(|marks| marks.block(size).last()).map(|mark| mark.sequence).min()
    }

    /// Whether the prices of the blocks at hand can lead past what was found.
    fn may_pass(&self, size: Size) -> bool {
        let (mut low, mut high) = (0_i64, 0_i64);
        for held in &self.held {
            let Some((least, greatest)) = held.between(self.ledger, &self.feeds, size) else { return true };
            (low, high) = (low.saturating_add(least), high.saturating_add(greatest));
        }
        self.high.is_some_and(|(found, _)| high > found) || self.low.is_some_and(|(found, _)| low < found)
    }

    fn look_at_each(&mut self, until: u64) {
        self.value();
        loop {
            let firsts = self.feeds.iter().enumerate().filter_map(|(feed, marks)| Some((marks.first()?.sequence, feed)));
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
