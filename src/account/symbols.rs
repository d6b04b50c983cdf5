//! The symbols of an account. The ledger numbers all it must price; rules see a symbol by its
//! number in the order of the account's first fills.

use serde::{Deserialize, Serialize};

use crate::event::Instrument as Listed;
use crate::ledger::{Conversion, Instrument, Quote, SymbolId};
use crate::market::{ListingId, Market};
use crate::value::{Currency, Decimal, Fixed};
use crate::vm::view::MISSING;

/// The number by which rules see the first symbol that the account has met but never traded.
const UNTRADED: i64 = 1 << 32;

/// The symbols that an account has met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Symbols {
    met: Vec<Symbol>,
    traded: Vec<SymbolId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Symbol {
    name: String,
    listing: u32,
    number: Option<u16>,
    /// Whether the ledger knows what it is: a symbol that only converts is met before.
    introduced: bool,
}

impl Symbols {
    /// The ledger's number of a symbol that was met.
    pub(super) fn find(&self, name: &str) -> Option<SymbolId> {
        self.met.iter().position(|symbol| symbol.name == name).and_then(id)
    }

    /// The ledger's number of a listed symbol that was met.
    pub(super) fn of_listing(&self, listing: ListingId) -> Option<SymbolId> {
        self.met.iter().position(|symbol| symbol.listing == listing.0).and_then(id)
    }

    /// The ledger's number of a symbol, taking it in; none when the market does not list it or there are too many.
    pub(super) fn meet(&mut self, market: &Market, name: &str) -> Option<SymbolId> {
        self.find(name).or_else(|| {
            let listing = market.symbol(name)?;
            let new = id(self.met.len())?;
            self.met.push(Symbol { name: name.to_owned(), listing: listing.0, number: None, introduced: false });
            Some(new)
        })
    }

    /// Whether the ledger was told what a symbol is.
    pub(super) fn is_introduced(&self, symbol: SymbolId) -> bool {
        self.met.get(usize::from(symbol.0)).is_some_and(|met| met.introduced)
    }

    /// Notes that the ledger was told what a symbol is.
    pub(super) fn introduce(&mut self, symbol: SymbolId) {
        if let Some(met) = self.met.get_mut(usize::from(symbol.0)) {
            met.introduced = true;
        }
    }

    /// The number by which rules see a symbol from now on, since the account trades it.
    pub(super) fn trade(&mut self, symbol: SymbolId) {
        let next = u16::try_from(self.traded.len()).ok();
        if let Some(met) = self.met.get_mut(usize::from(symbol.0))
            && met.number.is_none()
        {
            met.number = next;
            self.traded.push(symbol);
        }
    }

    /// How many symbols were traded.
    pub(super) fn traded(&self) -> u16 {
        u16::try_from(self.traded.len()).unwrap_or(u16::MAX)
    }

    /// The traded symbol of that number.
    pub(super) fn traded_at(&self, number: u16) -> Option<SymbolId> {
        self.traded.get(usize::from(number)).copied()
    }

    /// The number by which rules see a symbol.
    pub(super) fn number(&self, symbol: SymbolId) -> i64 {
        let met = self.met.get(usize::from(symbol.0));
        met.map_or(MISSING, |met| met.number.map_or(UNTRADED + i64::from(symbol.0), i64::from))
    }

    /// The number by which rules see a symbol that a program names; below zero where it was never met.
    pub(super) fn constant(&self, constant: u32, name: &str) -> i64 {
        self.find(name).map_or(-1 - i64::from(constant), |symbol| self.number(symbol))
    }

    /// The ledger's number of the symbol that rules see by a number.
    pub(super) fn numbered(&self, number: i64) -> Option<SymbolId> {
        match u16::try_from(number) {
            Ok(number) => self.traded_at(number),
            Err(_) => u16::try_from(number.checked_sub(UNTRADED)?).ok().map(SymbolId),
        }
    }

    /// The name of a symbol.
    pub(super) fn name(&self, symbol: SymbolId) -> Option<&str> {
        self.met.get(usize::from(symbol.0)).map(|met| met.name.as_str())
    }

    /// The market's number of a symbol.
    pub(super) fn listing(&self, symbol: SymbolId) -> Option<ListingId> {
        self.met.get(usize::from(symbol.0)).map(|met| ListingId(met.listing))
    }

    /// All symbols that were met.
    pub(super) fn all(&self) -> impl Iterator<Item = (SymbolId, &str)> {
        (0..).map(SymbolId).zip(self.met.iter().map(|met| met.name.as_str()))
    }
}

/// What the ledger must know of a listed instrument; the symbol that converts it is met on the way.
pub(super) fn instrument(symbols: &mut Symbols, market: &Market, listed: &Listed, account: Currency) -> Instrument {
    Instrument {
        multiplier: listed.multiplier.into(),
        weight: listed.weight.map_or(Fixed::ONE, Fixed::from),
        margin_rate: listed.margin_rate.map(Fixed::from),
        conversion: conversion(symbols, market, listed.quote_currency, account),
    }
}

fn conversion(symbols: &mut Symbols, market: &Market, quote: Currency, account: Currency) -> Conversion {
    if quote == account {
        return Conversion::None;
    }
    let Some((_, pair)) = market.pair(quote, account) else { return Conversion::Unknown };
    match symbols.meet(market, &pair.symbol) {
        Some(symbol) if pair.quote_currency == account => Conversion::Multiply(symbol),
        Some(symbol) => Conversion::Divide(symbol),
        None => Conversion::Unknown,
    }
}

/// The latest marks of a listing.
pub(super) fn quote(market: &Market, listing: ListingId) -> Quote {
    let quote = market.listing(listing).map(|listing| listing.quote).unwrap_or_default();
    let price = |raw: i64| Fixed::from_raw(raw);
    Quote { bid: price(quote.bid), ask: price(quote.ask), last: price(quote.last) }
}

/// The smallest step of a symbol's quantities: 1, or 0.01 of lots, where the market does not say.
pub(super) fn quantity_step(market: &Market, listing: ListingId) -> Fixed {
    let listed = market.listing(listing).and_then(|listing| listing.instrument.as_ref());
    let step = listed.map_or(Decimal::from(1), |listed| listed.quantity_step);
    let step = Fixed::from(step);
    if step > Fixed::ZERO { step } else { Fixed::ONE }
}

fn id(at: usize) -> Option<SymbolId> {
    u16::try_from(at).ok().map(SymbolId)
}
