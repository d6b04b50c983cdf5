//! The market as a fold of market-wide events: the latest prices, instruments, news, calendars.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::Holidays;
use crate::event::{CalendarDay, Instrument, News, Tick, TickQuality};
use crate::outcome::FaultKind;
use crate::value::{Currency, Decimal};

use super::number::{add, div, mul};
use super::seen::{Seen, Sight};

/// A price and the number of the tick that told it.
pub(super) type Price = (Decimal, u64);

/// The latest price of each kind of a symbol.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quote {
    /// What can be sold at.
    pub(super) bid: Option<Price>,
    /// What can be bought at.
    pub(super) ask: Option<Price>,
    /// What was last dealt at.
    pub(super) last: Option<Price>,
    /// When the latest of them was told.
    pub(super) at: Option<i64>,
}

impl Quote {
    /// The middle of bid and ask, rounded once, with the number of the later of both.
    pub(super) fn mid(self) -> Result<Option<Price>, FaultKind> {
        let (Some((bid, first)), Some((ask, second))) = (self.bid, self.ask) else { return Ok(None) };
        let middle = div(add(bid, ask)?, Decimal::from(2))?;
        Ok(Some((middle, first.max(second))))
    }
}

/// What is known of the market.
#[derive(Clone, Debug, Default)]
pub(super) struct Market {
    /// How many ticks were marks.
    pub(super) ticks: u64,
    /// Prices by symbol.
    pub(super) quotes: BTreeMap<String, Quote>,
    /// Instruments by symbol.
    pub(super) instruments: BTreeMap<String, Instrument>,
    /// News by its name.
    pub(super) news: BTreeMap<String, News>,
    /// Exchange calendars by name.
    pub(super) calendars: BTreeMap<String, Arc<Holidays>>,
    /// Who is told what evaluations show; it is here because the market is at hand wherever one is made.
    pub(super) seen: Option<Arc<Seen>>,
}

impl Market {
    /// Tells what an evaluation showed.
    pub(super) fn tell(&self, sight: Sight) {
        if let Some(seen) = &self.seen {
            seen.tell(sight);
        }
    }

    /// Takes the prices of a tick. Stale and indicative ones are no marks; one that is not told
    /// leaves the price of that kind as it is. Answers whether it is a mark.
    pub(super) fn tick(&mut self, tick: &Tick, at: i64) -> bool {
        if tick.quality != TickQuality::Ok {
            return false;
        }
        self.ticks += 1;
        let number = self.ticks;
        let quote = self.quotes.entry(tick.symbol.clone()).or_default();
        for (price, told) in [(&mut quote.bid, tick.bid), (&mut quote.ask, tick.ask), (&mut quote.last, tick.last)] {
            *price = told.map(|told| (told, number)).or(*price);
        }
        quote.at = Some(at);
        true
    }

    /// Takes a date on which there is no session, or an early close.
    pub(super) fn turn_calendar(&mut self, day: &CalendarDay) {
        let known = self.calendars.entry(day.calendar.clone()).or_insert_with(|| Arc::new(Holidays::new(&day.calendar)));
        let holidays = Arc::make_mut(known);
        if let Some(close) = day.early_close {
            holidays.set_early_close(day.date, close);
        }
        if day.closed == Some(true) {
            holidays.close(day.date);
        }
    }

    /// The latest prices of a symbol.
    pub(super) fn quote(&self, symbol: &str) -> Quote {
        self.quotes.get(symbol).copied().unwrap_or_default()
    }

    /// The instrument whose base and quote are the two currencies, in either order.
    pub(super) fn pair(&self, one: Currency, other: Currency) -> Option<&Instrument> {
        self.instruments.values().find(|instrument| {
            let base = instrument.base_currency;
            (base == Some(one) && instrument.quote_currency == other) || (base == Some(other) && instrument.quote_currency == one)
        })
    }

    /// An amount in the account's currency: multiplied by the pair's mid where the account's
    /// currency is its quote, divided where it is its base. No pair or no price is missing.
    pub(super) fn convert(&self, amount: Decimal, from: Currency, account: Currency) -> Result<Option<Decimal>, FaultKind> {
        if from == account {
            return Ok(Some(amount));
        }
        let Some(pair) = self.pair(from, account) else { return Ok(None) };
        let Some((mid, _)) = self.quote(&pair.symbol).mid()? else { return Ok(None) };
        let converted = if pair.quote_currency == account { mul(amount, mid) } else { div(amount, mid) };
        converted.map(Some)
    }

    /// The symbol that converts what is counted in a symbol's quote currency, if one must.
    pub(super) fn converter(&self, symbol: &str, account: Currency) -> Option<&str> {
        let quote = self.instruments.get(symbol)?.quote_currency;
        if quote == account { None } else { self.pair(quote, account).map(|pair| pair.symbol.as_str()) }
    }
}
