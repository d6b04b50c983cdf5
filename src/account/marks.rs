//! What the market tells: marks, instruments, calendars, news, and events of the host for all accounts.

use std::collections::BTreeMap;

use super::Account;
use super::hand::Hand;
use crate::event::{Event, FieldValue, Kind, Provenance};
use crate::ledger::Quote;
use crate::market::{ListingId, Market, MarketChange};
use crate::outcome::Outcome;
use crate::value::{Fixed, Instant};
use crate::vocabulary::{Moment, Occasion};

/// A mark of a symbol that the market has taken in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark<'a> {
    pub listing: ListingId,
    /// The prices that it told itself.
    pub told: Quote,
    pub at: Instant,
    pub provenance: Provenance,
    pub id: &'a str,
    pub extra: &'a BTreeMap<String, FieldValue>,
}

impl Account {
    /// Applies a market-wide event that the market has taken in already; what was due before it must
    /// have been processed. Ticks of symbols that are not held, and prices that are no marks, do not
    /// reach the rules.
    pub fn apply_market(&mut self, market: &Market, event: &Event, change: MarketChange, outcomes: &mut Vec<Outcome>) {
        self.advance(market, event.at, outcomes);
        match (change, &event.kind) {
            (MarketChange::Mark(listing), Kind::Tick(tick)) => {
                let price = |price: Option<crate::value::Decimal>| price.map(Fixed::from);
                let told = Quote { bid: price(tick.bid), ask: price(tick.ask), last: price(tick.last) };
                let (at, provenance, id, extra) = (event.at, event.provenance, &event.id, &tick.extra);
                self.take_mark(market, &Mark { listing, told, at, provenance, id, extra }, outcomes);
            }
            (MarketChange::Instrument(_), _) => self.reintroduce(market),
            (MarketChange::Calendar, _) => self.calendar_changed(market),
            (MarketChange::News, _) => {
                self.books.now = self.books.now.max(event.at.nanos());
                let draft = self.draft(Some(&event.id));
                self.run(market, &Hand::default(), Moment::News, draft, outcomes);
            }
            (_, Kind::Host(host)) => {
                self.begin(event.at);
                if let Ok(hand) = self.host(host) {
                    let draft = self.draft(Some(&event.id));
                    self.run(market, &hand, Moment::Host, draft, outcomes);
                }
            }
            (_, Kind::Gap(gap)) => self.gap(gap),
            _ => {}
        }
    }

    /// Applies a mark that the market has taken in already; what was due before it must have been processed.
    pub(crate) fn take_mark(&mut self, market: &Market, mark: &Mark<'_>, outcomes: &mut Vec<Outcome>) {
        let Some(symbol) = self.books.symbols.of_listing(mark.listing) else { return };
        let reaches = self.books.ledger.is_moved_by(symbol);
        if reaches {
            self.begin(mark.at);
            self.books.provenance = mark.provenance;
        }
        self.books.ledger.mark(symbol, mark.told, self.books.ordinal);
        self.mark_opening(symbol, &mark.told);
        if reaches {
            self.judge_mark(market, mark, outcomes);
        }
    }

    /// A new instant and a new event for the rules.
    pub(super) fn begin(&mut self, at: Instant) {
        self.books.now = self.books.now.max(at.nanos());
        self.books.ordinal += 1;
        if self.books.spans.len() > 0 {
            self.books.periods.begin_event(&self.books.ledger);
        }
    }

    fn judge_mark(&mut self, market: &Market, mark: &Mark<'_>, outcomes: &mut Vec<Outcome>) {
        self.books.periods.note_equity(self.books.ledger.equity());
        let mut hand = Hand::of(&[Occasion::Mark]);
        if !mark.extra.is_empty() {
            hand.extra = self.extra("tick", mark.extra);
        }
        if self.books.spans.len() > 0 || self.books.promotion.is_some() || self.renews || self.program.reads.copies_of_events {
            let draft = self.draft(Some(mark.id));
            return self.run(market, &hand, Moment::Mark, draft, outcomes);
        }
        // Almost every mark changes nothing that anybody would be told.
        self.effects.clear();
        let due = self.nodes_due();
        self.evaluate(market, &hand, Moment::Mark);
        if !self.effects.is_empty() || self.nodes_due() != due {
            let draft = self.draft_on(Some(mark.id));
            self.follow_up(market, &hand, 0, draft, outcomes);
        }
    }

    /// Tells the ledger anew what the symbols it knows are.
    fn reintroduce(&mut self, market: &Market) {
        let names: Vec<String> = self.books.symbols.all().map(|(_, name)| name.to_owned()).collect();
        for name in names {
            let listed = market.symbol(&name).and_then(|listing| market.listing(listing)).and_then(|listing| listing.instrument.as_ref());
            let met = self.books.symbols.find(&name).filter(|met| self.books.symbols.is_introduced(*met));
            let (Some(listed), Some(symbol)) = (listed, met) else { continue };
            let currency = self.books.currency();
            let instrument = super::symbols::instrument(&mut self.books.symbols, market, listed, currency);
            self.books.ledger.set_instrument(symbol, instrument);
        }
    }
}
