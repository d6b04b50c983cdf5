//! What scenarios take a symbol to be when they only name it: the contract sizes that exchanges and
//! brokers publish.

use crate::event::Instrument;
use crate::value::{Currency, Decimal, Unit};

/// Symbol, dollars per point, weight of one contract, tick size.
const FUTURES: &[(&str, &str, &str, &str)] = &[
    ("ES", "50", "1", "0.25"),
    ("MES", "5", "0.1", "0.25"),
    ("NQ", "20", "1", "0.25"),
    ("MNQ", "2", "0.1", "0.25"),
    ("YM", "5", "1", "1"),
    ("MYM", "0.5", "0.1", "1"),
    ("RTY", "50", "1", "0.1"),
    ("M2K", "5", "0.1", "0.1"),
    ("CL", "1000", "1", "0.01"),
    ("MCL", "100", "0.1", "0.01"),
    ("NG", "10000", "1", "0.001"),
    ("GC", "100", "1", "0.1"),
    ("MGC", "10", "0.1", "0.1"),
    ("SI", "5000", "1", "0.005"),
    ("ZN", "1000", "1", "0.015625"),
    ("ZB", "1000", "1", "0.03125"),
    ("6E", "125000", "1", "0.00005"),
    ("6J", "12500000", "1", "0.0000005"),
];

/// Shares to write examples with: one share each, a tick of a cent.
const SHARES: [&str; 8] = ["AAPL", "AMD", "AMZN", "GOOGL", "META", "MSFT", "NVDA", "TSLA"];

/// The symbol of whole trades that name none: one dollar a point, and no weight.
pub(super) const ANY: &str = "TRADE";

/// What a symbol is by common convention: a futures product, a currency pair of six letters (lots of
/// 100,000), gold or silver in dollars, one of some large American shares; `None` for anything else.
pub fn standard_instrument(symbol: &str) -> Option<Instrument> {
    if let Some((_, multiplier, weight, tick)) = FUTURES.iter().find(|(known, ..)| *known == symbol) {
        return Some(instrument(symbol, "future", Unit::Contract, ["1", multiplier, tick, "1", weight], Currency::new("USD")?, None));
    }
    if symbol == ANY {
        return Some(instrument(symbol, "any", Unit::Contract, ["1", "1", "0.01", "1", "0"], Currency::new("USD")?, None));
    }
    if let Some(metal) = [("XAUUSD", "100"), ("XAGUSD", "5000")].iter().find(|(known, _)| *known == symbol) {
        return Some(instrument(symbol, "metal", Unit::Lot, [metal.1, metal.1, "0.01", "0.01", "1"], Currency::new("USD")?, None));
    }
    if SHARES.contains(&symbol) {
        return Some(instrument(symbol, "stock", Unit::Share, ["1", "1", "0.01", "1", "1"], Currency::new("USD")?, None));
    }
    let (base, quote) = (symbol.get(..3)?, symbol.get(3..)?);
    let tick = if quote == "JPY" { "0.001" } else { "0.00001" };
    let (base, quote) = (Currency::new(base)?, Currency::new(quote)?);
    Some(instrument(symbol, "fx", Unit::Lot, ["100000", "100000", tick, "0.01", "1"], quote, Some(base)))
}

/// Lot size, multiplier, tick size, quantity step and weight are written out.
fn instrument(symbol: &str, class: &str, unit: Unit, numbers: [&str; 5], quote: Currency, base: Option<Currency>) -> Instrument {
    let [lot_size, multiplier, tick_size, quantity_step, weight] = numbers.map(|text| text.parse::<Decimal>().unwrap_or_default());
    Instrument {
        symbol: symbol.into(),
        class: class.into(),
        unit,
        lot_size,
        multiplier,
        tick_size,
        pip_size: base.and_then(|_| tick_size.mul(Decimal::from(10)).ok()),
        quantity_step,
        min_quantity: None,
        max_quantity: None,
        margin_rate: None,
        quote_currency: quote,
        base_currency: base,
        root: None,
        weight: Some(weight),
        group: None,
        calendar: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conventions_are_known_and_every_number_reads() {
        for (symbol, ..) in FUTURES {
            assert!(!standard_instrument(symbol).unwrap().multiplier.is_zero());
        }
        assert_eq!(standard_instrument("USDJPY").unwrap().tick_size.to_string(), "0.001");
        assert_eq!(standard_instrument("XAUUSD").unwrap().multiplier.to_string(), "100");
        assert_eq!(standard_instrument("AAPL").unwrap().unit, Unit::Share);
        assert!(standard_instrument("ES1").is_none());
    }
}
