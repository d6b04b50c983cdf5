//! One position: what its fills made of it, and its figures at the marks of the moment.

use crate::event::{Instrument, Tick};
use crate::outcome::FaultKind;
use crate::syntax::ast::Marks;
use crate::value::{Currency, Decimal};

use super::market::{Market, Price};
use super::number::{Num, add, div, larger, mul, sub};

/// A position from its first entry on.
#[derive(Clone, Debug)]
pub(super) struct Position {
    /// 1 for the account's first.
    pub(super) serial: u64,
    /// The platform's name for it.
    pub(super) id: Option<String>,
    /// The symbol.
    pub(super) symbol: String,
    /// Whether it was bought.
    pub(super) long: bool,
    /// How much is open, without sign.
    pub(super) quantity: Decimal,
    /// Price times quantity of what is open.
    pub(super) entry_value: Decimal,
    /// When it was first entered.
    pub(super) opened: i64,
    /// When its quantity last changed.
    pub(super) changed: i64,
    /// What exits of it brought, before costs.
    pub(super) gross: Decimal,
    /// Its costs, signed as they changed the balance.
    pub(super) costs: Decimal,
    /// Swap and commission that the platform stated and has not booked yet, signed.
    pub(super) accrued: Decimal,
    /// The largest quantity it had.
    pub(super) largest: Decimal,
    /// Its stop price.
    pub(super) stop: Option<Decimal>,
    /// Its target price.
    pub(super) target: Option<Decimal>,
    /// The price of its last fill, or of its first tick after a gap, and how many ticks there were then.
    pub(super) filled_at: Price,
    /// Whether a gap was told since the last tick of its symbol, where the worse side marks after one.
    pub(super) missed: bool,
    /// Its open profit after each event of its life.
    pub(super) profits: Vec<Decimal>,
    /// Its risk after each fill and edit of it, where it had a stop.
    pub(super) risks: Vec<Decimal>,
}

/// What a position is priced with.
#[derive(Clone, Copy)]
pub(super) struct Pricing<'a> {
    /// The market.
    pub(super) market: &'a Market,
    /// What positions are marked at.
    pub(super) marks: Marks,
    /// The account's currency.
    pub(super) currency: Currency,
}

impl Pricing<'_> {
    /// The latest market price that marks a position of this direction.
    fn quoted(&self, symbol: &str, long: bool) -> Result<Option<Price>, FaultKind> {
        let quote = self.market.quote(symbol);
        Ok(match self.marks {
            Marks::Last => quote.last,
            Marks::Mid => quote.mid()?,
            Marks::ExitSide if long => quote.bid,
            Marks::ExitSide => quote.ask,
        })
    }

    /// An amount of a symbol's quote currency in the account's.
    pub(super) fn convert(&self, amount: Decimal, symbol: &str) -> Result<Option<Decimal>, FaultKind> {
        let Some(instrument) = self.market.instruments.get(symbol) else { return Ok(None) };
        self.market.convert(amount, instrument.quote_currency, self.currency)
    }

    /// The price at which an order would enter now: ask for a buy, bid for a sell, else the last: of the
    /// market, or the account's own where that is later.
    pub(super) fn entry_price(&self, symbol: &str, buys: bool, own: Option<Price>) -> Option<Decimal> {
        let quote = self.market.quote(symbol);
        let last = quote.last.into_iter().chain(own).max_by_key(|(_, tick)| *tick);
        if buys { quote.ask } else { quote.bid }.or(last).map(|(price, _)| price)
    }
}

impl Position {
    /// After a gap the tick of this number marks it at the worse of the sides that it tells.
    pub(super) fn resume(&mut self, tick: &Tick, number: u64) {
        if !self.missed || tick.symbol != self.symbol {
            return;
        }
        let sides = [tick.bid, tick.ask].into_iter().flatten();
        if let Some(price) = if self.long { sides.min() } else { sides.max() } {
            (self.filled_at, self.missed) = ((price, number), false);
        }
    }

    /// The price that marks it: of its last fill, until a later tick told a price for its side.
    pub(super) fn mark(&self, pricing: Pricing) -> Num {
        let newer = pricing.quoted(&self.symbol, self.long)?.filter(|(_, tick)| *tick > self.filled_at.1);
        Ok(newer.unwrap_or(self.filled_at).0)
    }

    /// What closing all of it at a price would bring, before costs, in the account's currency:
    /// side × (price × quantity − entry value) × multiplier, then conversion.
    pub(super) fn profit_at(&self, price: Decimal, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        let Some(instrument) = pricing.market.instruments.get(&self.symbol) else { return Ok(None) };
        let gained = sub(mul(price, self.quantity)?, self.entry_value)?;
        let gained = if self.long { gained } else { gained.neg() };
        pricing.convert(mul(gained, instrument.multiplier)?, &self.symbol)
    }

    /// Its marked result, with costs that the platform stated and has not booked.
    pub(super) fn open_profit(&self, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        let profit = self.profit_at(self.mark(pricing)?, pricing)?;
        profit.map(|profit| add(profit, self.accrued)).transpose()
    }

    /// Mark × quantity × multiplier, converted.
    pub(super) fn notional(&self, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        let Some(instrument) = pricing.market.instruments.get(&self.symbol) else { return Ok(None) };
        let value = mul(mul(self.mark(pricing)?, self.quantity)?, instrument.multiplier)?;
        pricing.convert(value, &self.symbol)
    }

    /// Notional × margin rate; missing without a rate.
    pub(super) fn margin(&self, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        let rate = pricing.market.instruments.get(&self.symbol).and_then(|instrument: &Instrument| instrument.margin_rate);
        let (Some(rate), Some(notional)) = (rate, self.notional(pricing)?) else { return Ok(None) };
        mul(notional, rate).map(Some)
    }

    /// What is lost from entry to stop, never below zero; missing without a stop.
    pub(super) fn risk(&self, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        let Some(stop) = self.stop else { return Ok(None) };
        Ok(self.profit_at(stop, pricing)?.map(|profit| larger(profit.neg(), Decimal::ZERO)))
    }

    /// Entry value divided by quantity.
    pub(super) fn entry_price(&self) -> Num {
        div(self.entry_value, self.quantity)
    }

    /// What exits of it brought, net of its costs.
    pub(super) fn realised(&self) -> Num {
        add(self.gross, self.costs)
    }

    /// The lowest open profit it has had.
    pub(super) fn worst(&self) -> Option<Decimal> {
        self.profits.iter().min().copied()
    }

    /// The highest open profit it has had.
    pub(super) fn best(&self) -> Option<Decimal> {
        self.profits.iter().max().copied()
    }

    /// Remembers its open profit as it stands after an event, and its risk where that concerns it.
    pub(super) fn remember(&mut self, concerned: bool, pricing: Pricing) {
        self.profits.extend(self.open_profit(pricing).ok().flatten());
        if concerned {
            self.risks.extend(self.risk(pricing).ok().flatten());
        }
    }

    /// The quantity with its sign.
    pub(super) fn signed(&self) -> Decimal {
        if self.long { self.quantity } else { self.quantity.neg() }
    }
}
