//! From one mark that may change something to the next.

use std::collections::BTreeMap;

use super::Replay;
use super::recording::Feed;
use crate::account::{Band, Bands, Earlier, Mark, Skipped, ToldMark};
use crate::ledger;
use crate::market::{ListingId, Quote};
use crate::value::{Fixed, Instant};
use crate::vm::view::MISSING;

/// How many marks are shown one by one before it is asked again how far prices may move: asking costs as much as
/// dozens of marks, and gains little while an account is close to something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience(u64);

/// A look that spares no more marks than these was too dear.
const LITTLE: u64 = 32;
/// So many marks are shown one by one at most.
const MOST: u64 = 1_024;

impl Default for Patience {
    fn default() -> Self {
        Self(1)
    }
}

impl Patience {
    /// After a look that spared so many marks.
    fn after(self, spared: u64) -> Self {
        if spared > LITTLE { Self::default() } else { Self((self.0 * 2).clamp(LITTLE, MOST)) }
    }
}

impl Replay<'_> {
    /// Tells what was recorded up to a place.
    pub(super) fn pass_until(&mut self, end: u64) {
        let end = end.min(self.recording.events());
        while self.place < end {
            let next = self.recording.told(self.told).filter(|(place, _)| *place < end);
            self.walk(next.map_or(end, |(place, _)| place));
            if let Some((place, event)) = next {
                self.meet_everything();
                self.apply_to_market(event);
                (self.place, self.told) = (place + 1, self.told + 1);
            }
        }
    }

    /// Tells marks up to a place.
    fn walk(&mut self, stop: u64) {
        while self.place < stop {
            let (Some(account), Some(reached)) = (&mut self.account, self.recording.reached(self.place)) else { break };
            account.advance(&self.market, reached, &mut self.outcomes);
            let bands = account.bands(&self.market);
            self.counts.looks += 1;
            let due = account.next_due().map_or(stop, |due| self.recording.first_at(due)).min(stop);
            let wakes = self.first_outside(&bands, due);
            let spared = self.take_in(wakes.unwrap_or(due));
            if wakes.is_some() {
                self.patience = self.patience.after(spared);
                self.show(self.patience.0, stop);
            }
        }
        self.place = self.place.max(stop);
    }

    /// The place of the first mark before another place that must be shown.
    fn first_outside(&self, bands: &Bands, before: u64) -> Option<u64> {
        let marks = |listing: ListingId| {
            let feed = self.recording.feeds().get(listing.0 as usize)?;
            let seen = self.seen.get(listing.0 as usize)?;
            Some((feed, *seen))
        };
        if bands.bands.is_empty() {
            let first = |listing: &ListingId| marks(*listing).and_then(|(feed, seen)| feed.place(seen));
            return bands.moved_by.iter().filter_map(first).min().filter(|first| *first < before);
        }
        let mut found = None;
        for Band { listing, stream, low, high } in &bands.bands {
            let Some((feed, seen)) = marks(*listing) else { continue };
            let rest = feed.history.between(seen, feed.marks());
            found = rest.first_outside(*stream, (*low, *high), found.unwrap_or(before)).or(found);
        }
        found
    }

    /// Shows the account, as one, the marks up to a place that change nothing; how many there were.
    fn take_in(&mut self, place: u64) -> u64 {
        self.place = place;
        let Some(account) = &mut self.account else { return 0 };
        let mut skipped = Vec::new();
        for listing in account.met() {
            let at = listing.0 as usize;
            let (Some(feed), Some(seen)) = (self.recording.feeds().get(at), self.seen.get_mut(at)) else { continue };
            let until = feed.history.told_before(place);
            if let Some(last) = feed.history.mark(until.wrapping_sub(1)).filter(|_| until > *seen) {
                self.market.quote(listing, quote(&last));
                skipped.extend(Skipped::of(listing, Earlier::default(), feed.history.between(*seen, until)));
                *seen = until;
            }
        }
        let spared = skipped.iter().map(|marks| marks.count).sum();
        if spared > 0 {
            self.counts.marks += spared;
            account.catch_up(&self.market, &skipped, &mut self.outcomes);
        }
        spared
    }

    /// Shows the account so many marks one by one, of what it has met, before a place.
    fn show(&mut self, count: u64, stop: u64) {
        let Some(account) = &mut self.account else { return };
        let none = BTreeMap::new();
        let met: Vec<(ListingId, &Feed)> =
            account.met().filter_map(|listing| Some((listing, self.recording.feeds().get(listing.0 as usize)?))).collect();
        for _ in 0..count {
            let next = |(listing, feed): &(ListingId, &Feed)| feed.place(*self.seen.get(listing.0 as usize)?);
            let first = met.iter().filter_map(|of| Some((next(of)?, of))).min_by_key(|(place, _)| *place);
            let Some((place, (listing, feed))) = first.filter(|(place, _)| *place < stop) else {
                self.place = stop;
                return;
            };
            let Some(seen) = self.seen.get_mut(listing.0 as usize) else { return };
            let Some(mark) = feed.history.mark(*seen) else { return };
            *seen += 1;
            self.place = place + 1;
            // What was due before is decided by the prices before.
            account.advance(&self.market, mark.at, &mut self.outcomes);
            self.market.quote(*listing, quote(&mark));
            let (at, provenance, id) = (mark.at, mark.provenance, self.recording.id(place));
            let mark = Mark { listing: *listing, told: mark.told(), at, provenance, id, extra: &none };
            account.take_mark(&self.market, &mark, &mut self.outcomes);
            self.counts.marks += 1;
            self.counts.shown += 1;
        }
    }

    /// Lets the market know the prices of all symbols, as of the present place.
    pub(super) fn meet_everything(&mut self) {
        if self.met.replace(self.place) == Some(self.place) {
            return;
        }
        for (listing, (feed, seen)) in (0..).map(ListingId).zip(self.recording.feeds().iter().zip(&mut self.seen)) {
            let until = feed.history.told_before(self.place);
            if let Some(last) = feed.history.mark(until.wrapping_sub(1)).filter(|_| until > *seen) {
                self.market.quote(listing, quote(&last));
                *seen = until;
            }
        }
    }
}

/// The prices of a symbol after a mark, as a market keeps them.
fn quote(mark: &ToldMark) -> Quote {
    let raw = |price: Option<Fixed>| price.map_or(MISSING, Fixed::raw);
    let ledger::Quote { bid, ask, last } = mark.known;
    Quote { bid: raw(bid), ask: raw(ask), last: raw(last), at: Instant::nanos(mark.at), doubtful: false }
}
