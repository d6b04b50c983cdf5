//! At which of the marks that an account slept through its equity was highest and lowest.
//!
//! The marks of all symbols that move the account are gone through in their order, a block at a time: of a
//! block in which no price can have led past what was found before, none is looked at.

use super::bands::Stream;
use super::history::SleptMarks;
use super::symbols::Symbols;
use crate::ledger::{Conversion, Ledger, Position};
use crate::market::ListingId;
use crate::value::Fixed;

/// Which extremes are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The first mark with the highest equity.
    pub high: bool,
    /// The first with the lowest.
    pub low: bool,
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
    let mut search =
        Search { ledger, held: held.collect(), feeds: slept.iter().map(|(_, marks)| *marks).collect(), wanted, high: None, low: None };
    search.go_through();
    [search.high.map(|(_, sequence)| sequence), search.low.map(|(_, sequence)| sequence)]
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
    wanted: Wanted,
    /// The highest open profit so far, and the sequence number of the mark that led to it.
    high: Option<(i64, u64)>,
    low: Option<(i64, u64)>,
}

impl Search<'_> {
    fn go_through(&mut self) {
        // Up to the end of the block that ends first, all that is left of each symbol lies in one block.
        while let Some(until) = self.feeds.iter().filter_map(|marks| marks.block().last()).map(|mark| mark.sequence).min() {
            if self.may_pass() { self.look_at_each(until) } else { self.leave_out(until) }
        }
    }

    /// Whether the prices of the blocks at hand can lead past what was found.
    fn may_pass(&self) -> bool {
        let (mut low, mut high) = (0_i64, 0_i64);
        for held in &self.held {
            let Some((least, greatest)) = held.between(self.ledger, &self.feeds) else { return true };
            (low, high) = (low.saturating_add(least), high.saturating_add(greatest));
        }
        self.wanted.high && self.high.is_none_or(|(found, _)| high > found)
            || self.wanted.low && self.low.is_none_or(|(found, _)| low < found)
    }

    fn look_at_each(&mut self, until: u64) {
        self.held.iter_mut().for_each(|held| held.value(self.ledger));
        loop {
            let firsts = self.feeds.iter().enumerate().filter_map(|(feed, marks)| Some((marks.first()?.sequence, feed)));
            let Some((sequence, feed)) = firsts.min().filter(|(sequence, _)| *sequence <= until) else { return };
            let Some(mark) = self.feeds[feed].take_first() else { return };
            for held in &mut self.held {
                let told = if held.feed == Some(feed) { held.stream.of(&mark.told) } else { None };
                let converts = held.rate_feed == Some(feed);
                if told.is_some() || converts {
                    held.mark = told.unwrap_or(held.mark);
                    held.rate = if converts { mark.known.mid() } else { held.rate };
                    held.value(self.ledger);
                }
            }
            self.note(sequence);
        }
    }

    fn note(&mut self, sequence: u64) {
        let total = self.held.iter().fold(0_i64, |total, held| total.saturating_add(held.profit));
        if self.wanted.high && self.high.is_none_or(|(found, _)| total > found) {
            self.high = Some((total, sequence));
        }
        if self.wanted.low && self.low.is_none_or(|(found, _)| total < found) {
            self.low = Some((total, sequence));
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
                    held.rate = last.known.mid();
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
    fn between(&self, ledger: &Ledger, feeds: &[SleptMarks<'_>]) -> Option<(i64, i64)> {
        let widened = |price: Fixed, feed: Option<usize>, stream: Stream| {
            let range = feed.and_then(|feed| feeds[feed].block_range(stream));
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
