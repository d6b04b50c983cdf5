//! What is open, as the platform calls it.

use super::Account;
use crate::value::Decimal;

/// An open position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPosition<'a> {
    /// The account's number of it, from 1.
    pub serial: u64,
    /// The platform's names of it: one by hedging; by netting one of each fill that named it.
    pub names: Vec<&'a str>,
    /// Its symbol.
    pub symbol: &'a str,
    /// Whether it is long.
    pub long: bool,
    /// How much is open, without sign.
    pub quantity: Decimal,
    /// The price at which it is valued.
    pub mark: Decimal,
    /// The price at which the latest prices of its symbol would value it; another one while its fill still marks it.
    pub market: Option<Decimal>,
}

impl Account {
    /// What is open, in the order in which it was opened.
    pub fn open_positions(&self) -> impl Iterator<Item = OpenPosition<'_>> {
        self.books.ledger.positions().iter().filter_map(|position| {
            let names = self.books.position_keys.iter().filter(|(_, key)| Some(**key) == position.key);
            Some(OpenPosition {
                serial: position.serial,
                names: names.map(|(name, _)| name.as_str()).collect(),
                symbol: self.books.symbols.name(position.symbol)?,
                long: position.long,
                quantity: Decimal::from(position.quantity),
                mark: Decimal::from(position.mark),
                market: self.books.ledger.market_price(position).map(Decimal::from),
            })
        })
    }
}
