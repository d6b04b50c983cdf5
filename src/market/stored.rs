//! The market as it is stored.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Listing, ListingId, Market, NewsItem, Quote};
use crate::calendar::Holidays;
use crate::event::Instrument;
use crate::value::{Currency, Decimal, Unit};

/// What a snapshot holds; the indexes are built again from it.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    listings: Vec<StoredListing>,
    news: Vec<NewsItem>,
    calendars: Vec<(String, Holidays)>,
}

#[derive(Serialize, Deserialize)]
struct StoredListing {
    name: String,
    instrument: Option<StoredInstrument>,
    quote: Quote,
}

#[derive(Serialize, Deserialize)]
struct StoredInstrument(#[serde(with = "InstrumentForm")] Instrument);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Instrument")]
struct InstrumentForm {
    symbol: String,
    class: String,
    unit: Unit,
    lot_size: Decimal,
    multiplier: Decimal,
    tick_size: Decimal,
    pip_size: Option<Decimal>,
    quantity_step: Decimal,
    min_quantity: Option<Decimal>,
    max_quantity: Option<Decimal>,
    margin_rate: Option<Decimal>,
    quote_currency: Currency,
    base_currency: Option<Currency>,
    root: Option<String>,
    weight: Option<Decimal>,
    group: Option<String>,
    calendar: Option<String>,
}

impl From<&Market> for Stored {
    fn from(market: &Market) -> Self {
        let listings = market.listings.iter().map(|listing| StoredListing {
            name: listing.name.clone(),
            instrument: listing.instrument.clone().map(StoredInstrument),
            quote: listing.quote,
        });
        Self {
            listings: listings.collect(),
            news: market.news.clone(),
            calendars: market.calendars.iter().map(|(name, holidays)| (name.clone(), Holidays::clone(holidays))).collect(),
        }
    }
}

impl From<Stored> for Market {
    fn from(stored: Stored) -> Self {
        let listings: Vec<Listing> = stored.listings.into_iter().map(Listing::from).collect();
        let names = listings.iter().map(|listing| listing.name.clone());
        Self {
            by_name: names.zip((0..).map(ListingId)).collect(),
            listings,
            news: stored.news,
            calendars: stored.calendars.into_iter().map(|(name, holidays)| (name, Arc::new(holidays))).collect(),
        }
    }
}

impl From<StoredListing> for Listing {
    fn from(stored: StoredListing) -> Self {
        Self { name: stored.name, instrument: stored.instrument.map(|StoredInstrument(instrument)| instrument), quote: stored.quote }
    }
}
