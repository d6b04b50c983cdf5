//! What all accounts share: instruments, marks, news and exchange calendars, as a fold of the
//! market-wide events. Nothing of it belongs to one account, and it has a snapshot of its own.

mod news;
mod quote;
mod stored;
#[cfg(test)]
mod tests;

pub use news::{KEPT_AFTER_END, NewsItem, NewsWindow};
pub use quote::Quote;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bytes::{self, BytesError, Content};
use crate::calendar::Holidays;
use crate::event::{CalendarDay, Event, Instrument, Kind};
use crate::value::Currency;
use std::sync::Arc;
use stored::Stored;

/// The number of a symbol in the market: symbols are numbered as they are first mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ListingId(pub u32);

/// The fold of market-wide events.
#[derive(Clone, Debug, Default)]
pub struct Market {
    listings: Vec<Listing>,
    by_name: BTreeMap<String, ListingId>,
    news: Vec<NewsItem>,
    calendars: BTreeMap<String, Arc<Holidays>>,
}

/// What is known of a symbol.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Its name.
    pub name: String,
    /// What it is; absent while only prices of it were seen.
    pub instrument: Option<Instrument>,
    /// Its prices.
    pub quote: Quote,
}

/// What a market-wide event changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketChange {
    /// New marks of a symbol.
    Mark(ListingId),
    /// Prices that are no marks: stale or indicative.
    Indication(ListingId),
    /// What a symbol is.
    Instrument(ListingId),
    /// An item of news.
    News,
    /// A date of a calendar.
    Calendar,
    /// Nothing that is kept.
    Nothing,
}

impl Market {
    /// A market in which nothing was seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A market that knows the names of symbols, in this order, and nothing else.
    pub(crate) fn of_symbols<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut market = Self::default();
        for name in names {
            market.intern(name);
        }
        market
    }

    /// Lets a symbol's prices be these.
    pub(crate) fn quote(&mut self, id: ListingId, quote: Quote) {
        if let Some(listing) = self.listing_mut(id) {
            listing.quote = quote;
        }
    }

    /// Takes a whole calendar of the host's under its name.
    pub fn load_calendar(&mut self, name: impl Into<String>, holidays: Holidays) {
        self.calendars.insert(name.into(), Arc::new(holidays));
    }

    /// Folds one event in; events of accounts change nothing.
    pub fn apply(&mut self, event: &Event) -> MarketChange {
        match &event.kind {
            Kind::Tick(tick) => {
                let id = self.intern(&tick.symbol);
                let is_mark = self.listing_mut(id).is_some_and(|listing| listing.quote.take(tick, event.at));
                if is_mark { MarketChange::Mark(id) } else { MarketChange::Indication(id) }
            }
            Kind::Instrument(instrument) => MarketChange::Instrument(self.list(instrument)),
            Kind::News(item) => {
                news::keep(&mut self.news, item, event.at);
                MarketChange::News
            }
            Kind::Calendar(day) => {
                self.turn_calendar(day);
                MarketChange::Calendar
            }
            _ => MarketChange::Nothing,
        }
    }

    /// The number of a symbol, if it was ever mentioned.
    pub fn symbol(&self, name: &str) -> Option<ListingId> {
        self.by_name.get(name).copied()
    }

    /// What is known of a symbol.
    pub fn listing(&self, id: ListingId) -> Option<&Listing> {
        self.listings.get(id.0 as usize)
    }

    /// All symbols, in the order of their first mention.
    pub fn listings(&self) -> &[Listing] {
        &self.listings
    }

    /// The instrument whose base and quote are the two currencies, in either order; the first by
    /// name, should there be several.
    pub fn pair(&self, one: Currency, other: Currency) -> Option<(ListingId, &Instrument)> {
        self.by_name.values().find_map(|id| {
            let instrument = self.listing(*id)?.instrument.as_ref()?;
            let (base, quote) = (instrument.base_currency?, instrument.quote_currency);
            ((base, quote) == (one, other) || (base, quote) == (other, one)).then_some((*id, instrument))
        })
    }

    /// The news that is kept, by start.
    pub fn news(&self) -> &[NewsItem] {
        &self.news
    }

    /// The calendar of that name.
    pub fn calendar(&self, name: &str) -> Option<&Arc<Holidays>> {
        self.calendars.get(name)
    }

    /// The whole state as bytes.
    ///
    /// # Errors
    /// None in practice: every part of the state has a form.
    pub fn snapshot(&self) -> Result<Vec<u8>, BytesError> {
        let state = bytes::to_bytes(&Stored::from(self))?;
        Ok(bytes::seal(Content::Market, 0, &state))
    }

    /// The market that [`Market::snapshot`] wrote.
    ///
    /// # Errors
    /// When the bytes are damaged, or are no snapshot of a market.
    pub fn restore(snapshot: &[u8]) -> Result<Self, BytesError> {
        let state = bytes::unseal(Content::Market, 0, snapshot)?;
        bytes::from_bytes::<Stored>(state).map(Self::from)
    }

    fn intern(&mut self, name: &str) -> ListingId {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let id = ListingId(u32::try_from(self.listings.len()).unwrap_or(u32::MAX));
        self.listings.push(Listing { name: name.to_owned(), instrument: None, quote: Quote::default() });
        self.by_name.insert(name.to_owned(), id);
        id
    }

    fn listing_mut(&mut self, id: ListingId) -> Option<&mut Listing> {
        self.listings.get_mut(id.0 as usize)
    }

    fn list(&mut self, instrument: &Instrument) -> ListingId {
        let id = self.intern(&instrument.symbol);
        if let Some(listing) = self.listing_mut(id) {
            listing.instrument = Some(instrument.clone());
        }
        id
    }

    fn turn_calendar(&mut self, day: &CalendarDay) {
        let known = self.calendars.entry(day.calendar.clone()).or_insert_with(|| Arc::new(Holidays::new(&day.calendar)));
        let holidays = Arc::make_mut(known);
        if let Some(close) = day.early_close {
            holidays.set_early_close(day.date, close);
        }
        match day.closed {
            Some(true) => holidays.close(day.date),
            Some(false) => holidays.reopen(day.date),
            None => {}
        }
    }
}
