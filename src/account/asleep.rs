//! An account that sleeps: what it must be shown before it is looked at.

use super::Account;
use super::bands::Stream;
use super::extremes::extremes;
use super::hand::Hand;
use super::history::{Quotes, SleptMarks, followed};
use crate::event::Provenance;
use crate::ledger::{MarkRule, Position};
use crate::market::{ListingId, Market};
use crate::outcome::Outcome;
use crate::value::Instant;
use crate::vocabulary::{Moment, Occasion};

/// Marks of a symbol that an account was not shown.
#[derive(Clone, Copy, Debug)]
pub struct Skipped<'a> {
    /// The symbol.
    pub listing: ListingId,
    /// How many.
    pub count: u64,
    /// What they come to.
    pub quotes: Quotes,
    /// The number of the last of them among the marks of all symbols.
    pub sequence: u64,
    /// When the last of them came.
    pub at: Instant,
    /// How it is known.
    pub provenance: Provenance,
    /// The first of them, where it was found before that equity was not highest or lowest at any of these.
    pub earlier: Earlier,
    /// Each of the others, where the highest or the lowest equity among them is kept.
    pub marks: Option<SleptMarks<'a>>,
}

/// Marks of a symbol of which none led equity past an extreme that is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Earlier {
    /// How many.
    pub count: u64,
    /// What they come to.
    pub quotes: Quotes,
}

impl Account {
    /// Takes in marks that decided nothing: prices, time, the count of events. The rules are evaluated at the
    /// marks with the highest and the lowest equity where those are kept, and at the last, so that everything
    /// stands where it would stand after all of them. Whether there was such a mark is returned.
    pub fn catch_up(&mut self, market: &Market, skipped: &[Skipped<'_>], outcomes: &mut Vec<Outcome>) -> bool {
        let mut rest: Vec<Skipped<'_>> = skipped.to_vec();
        let mut stops = self.extremes_among(skipped);
        stops.sort_unstable();
        for sequence in stops.into_iter().flatten() {
            let taken: Vec<Skipped<'_>> = rest.iter_mut().filter_map(|marks| marks.take_until(sequence)).collect();
            self.take_in(market, &taken, outcomes);
        }
        self.take_in(market, &rest, outcomes);
        stops.iter().any(Option::is_some)
    }

    fn extremes_among(&self, skipped: &[Skipped<'_>]) -> [Option<u64>; 2] {
        if self.rest.wanted.is_none() {
            return [None, None];
        }
        let reach = |listing: ListingId| self.books.symbols.of_listing(listing).is_some_and(|symbol| self.books.ledger.is_moved_by(symbol));
        let held = skipped.iter().filter(|marks| reach(marks.listing));
        let marks = held.filter_map(|marks| Some((marks.listing, marks.earlier.quotes, marks.marks?)));
        extremes(
            &self.books.ledger,
            |symbol| self.books.symbols.listing(symbol),
            |position| self.stream_of(position),
            marks,
            self.rest.wanted,
        )
    }

    /// Takes in marks and evaluates at the last of them.
    fn take_in(&mut self, market: &Market, skipped: &[Skipped<'_>], outcomes: &mut Vec<Outcome>) {
        let mut last: Option<&Skipped<'_>> = None;
        let mut reached = 0;
        for marks in skipped.iter().filter(|marks| marks.count > 0) {
            let Some(symbol) = self.books.symbols.of_listing(marks.listing) else { continue };
            if self.books.ledger.is_moved_by(symbol) {
                reached += marks.count;
                last = last.filter(|last| last.sequence > marks.sequence).or(Some(marks));
            }
        }
        self.books.ordinal += reached;
        for marks in skipped.iter().filter(|marks| marks.count > 0) {
            let Some(symbol) = self.books.symbols.of_listing(marks.listing) else { continue };
            for quote in marks.quotes.into_iter().flatten() {
                self.books.ledger.mark(symbol, quote, self.books.ordinal);
                self.mark_opening(symbol, &quote);
            }
        }
        if let Some(last) = last {
            self.books.now = self.books.now.max(last.at.nanos());
            self.books.provenance = last.provenance;
            self.books.periods.note_equity(self.books.ledger.equity());
            let draft = self.draft(None);
            self.run(market, &Hand::of(&[Occasion::Mark]), Moment::Mark, draft, outcomes);
        }
    }

    /// The price of a position's symbol that marks it.
    pub(super) fn stream_of(&self, position: &Position) -> Stream {
        match self.books.ledger.mark_rule() {
            MarkRule::Last => Stream::Last,
            MarkRule::Mid => Stream::Mid,
            MarkRule::ExitSide if position.long => Stream::Bid,
            MarkRule::ExitSide => Stream::Ask,
        }
    }
}

impl<'a> Skipped<'a> {
    /// What a row of marks comes to, with earlier ones; none where there are none.
    pub(crate) fn of(listing: ListingId, earlier: Earlier, marks: SleptMarks<'a>) -> Option<Self> {
        let last = marks.last().unwrap_or_default();
        let count = earlier.count + marks.len();
        (count > 0).then(|| Self {
            listing,
            count,
            quotes: followed(earlier.quotes, marks.merged()),
            sequence: last.sequence,
            at: last.at,
            provenance: last.provenance,
            earlier,
            marks: Some(marks),
        })
    }

    /// Takes those out that were told before or with the mark of a sequence number; none where the marks
    /// are not known singly, or all were told later.
    fn take_until(&mut self, sequence: u64) -> Option<Self> {
        let mut marks = self.marks?;
        let taken = Self::of(self.listing, self.earlier, marks.take_until(sequence))?;
        let nothing = Self { count: 0, earlier: Earlier::default(), marks: Some(marks), ..*self };
        *self = Self::of(self.listing, Earlier::default(), marks).unwrap_or(nothing);
        Some(taken)
    }
}
