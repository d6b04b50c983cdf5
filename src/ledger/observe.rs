//! What can be read of a ledger.

use super::{
    Conversion, ConversionRate, Fill, Fixed, Instrument, Ledger, LedgerFault, MarkRule, Position, PositionMode, Quote, SymbolId, Totals,
};

impl Ledger {
    /// Realised: the start, cash, and net results booked, with what a snapshot said beyond that.
    ///
    /// # Errors
    /// When it is out of range.
    pub fn balance(&self) -> Result<Fixed, LedgerFault> {
        Ok(self.balance.add(self.balance_offset)?)
    }

    /// Marked result of all open positions; `None` while one has no conversion rate.
    pub fn open_profit(&self) -> Option<Fixed> {
        self.open_profit.and_then(|profit| profit.add(self.equity_offset).ok())
    }

    /// Balance and open profit; `None` while it is missing or out of range.
    pub fn equity(&self) -> Option<Fixed> {
        self.balance().ok()?.add(self.open_profit()?).ok()
    }

    /// Whether positions of a symbol are kept as one or apart.
    pub const fn mode(&self) -> PositionMode {
        self.mode
    }

    /// Running totals since the phase began.
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The open positions in the order of their opening.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// What a snapshot's equity had beyond balance and open profit.
    pub const fn equity_offset(&self) -> Fixed {
        self.equity_offset
    }

    /// The latest prices of a symbol.
    pub fn quote(&self, symbol: SymbolId) -> Quote {
        self.quotes.get(usize::from(symbol.0)).copied().unwrap_or_default()
    }

    /// The price at which the latest prices of its symbol would value a position.
    pub fn market_price(&self, position: &Position) -> Option<Fixed> {
        super::price_for(self.marks, &self.quote(position.symbol), position.long)
    }

    /// Whether ticks of a symbol move this ledger: it is held, or converts what is held.
    pub fn is_moved_by(&self, symbol: SymbolId) -> bool {
        self.positions.iter().any(|position| {
            position.symbol == symbol
                || self.instrument(position.symbol).is_some_and(|instrument| instrument.conversion.symbol() == Some(symbol))
        })
    }

    /// What positions are marked at.
    pub const fn mark_rule(&self) -> MarkRule {
        self.marks
    }

    /// How results in a symbol become the account's.
    pub fn conversion(&self, symbol: SymbolId) -> Option<Conversion> {
        self.instrument(symbol).map(|instrument| instrument.conversion)
    }

    /// What a position gains as its mark rises by one, at the present rate; `None` without one.
    pub fn profit_per_point(&self, position: &Position) -> Option<Fixed> {
        let instrument = self.instrument(position.symbol)?;
        let gain = position.signed_quantity().mul(instrument.multiplier).ok()?;
        self.rate_of(instrument.conversion)?.apply(gain).ok()
    }

    /// Open profit of a position at another mark and middle of the symbol that converts it; `None` where
    /// it cannot be computed.
    pub fn profit_at(&self, position: &Position, mark: Fixed, middle: Option<Fixed>) -> Option<Fixed> {
        let (instrument, rate) = self.valuation(position, middle)?;
        position.profit_at(mark, &instrument, rate).ok()
    }

    /// Notional of a position at another mark and middle of the symbol that converts it; `None` where it
    /// cannot be computed.
    pub fn notional_at(&self, position: &Position, mark: Fixed, middle: Option<Fixed>) -> Option<Fixed> {
        let (instrument, rate) = self.valuation(position, middle)?;
        position.notional_at(mark, &instrument, rate).ok()
    }

    fn valuation(&self, position: &Position, middle: Option<Fixed>) -> Option<(Instrument, ConversionRate)> {
        let instrument = self.instrument(position.symbol)?;
        let rate = match (instrument.conversion, middle) {
            (Conversion::Multiply(_), Some(middle)) => ConversionRate::Multiply(middle),
            (Conversion::Divide(_), Some(middle)) => ConversionRate::Divide(middle),
            (conversion, _) => self.rate_of(conversion)?,
        };
        Some((instrument, rate))
    }

    /// The margin of a position of so much notional value.
    pub fn margin_of(&self, position: &Position, notional: Fixed) -> Option<Fixed> {
        notional.mul(self.instrument(position.symbol)?.margin_rate?).ok()
    }

    /// Net quantity of a symbol, positive is long.
    ///
    /// # Errors
    /// When it is out of range.
    pub fn net_quantity(&self, symbol: SymbolId) -> Result<Fixed, LedgerFault> {
        let held = self.positions.iter().filter(|position| position.symbol == symbol);
        Ok(held.map(Position::signed_quantity).try_fold(Fixed::ZERO, Fixed::add)?)
    }

    /// Net quantity of each symbol times its weight, without sign, summed.
    ///
    /// # Errors
    /// When it is out of range.
    pub fn weighted_quantity(&self) -> Result<Fixed, LedgerFault> {
        let mut sum = Fixed::ZERO;
        for symbol in self.held_symbols() {
            let weight = self.instrument(symbol).map_or(Fixed::ONE, |instrument| instrument.weight);
            sum = sum.add(self.net_quantity(symbol)?.abs().mul(weight)?)?;
        }
        Ok(sum)
    }

    /// Net notional of each symbol, without sign, summed; `None` while a rate is missing.
    pub fn exposure(&self) -> Option<Fixed> {
        let mut sum = Fixed::ZERO;
        for symbol in self.held_symbols() {
            let mut net = Fixed::ZERO;
            for position in self.positions.iter().filter(|position| position.symbol == symbol) {
                let notional = self.notional(position)?;
                net = if position.long { net.add(notional) } else { net.sub(notional) }.ok()?;
            }
            sum = sum.add(net.abs()).ok()?;
        }
        Some(sum)
    }

    /// Notional times margin rate over open positions; `None` where a rate is missing.
    pub fn margin(&self) -> Option<Fixed> {
        self.positions.iter().try_fold(Fixed::ZERO, |sum, position| sum.add(self.position_margin(position)?).ok())
    }

    /// A position's notional times its margin rate.
    pub fn position_margin(&self, position: &Position) -> Option<Fixed> {
        let rate = self.instrument(position.symbol)?.margin_rate?;
        self.notional(position)?.mul(rate).ok()
    }

    /// A position's mark times quantity times multiplier, in the account's currency.
    pub fn notional(&self, position: &Position) -> Option<Fixed> {
        let instrument = self.instrument(position.symbol)?;
        position.notional_at(position.mark, &instrument, self.rate_of(instrument.conversion)?).ok()
    }

    /// A position's entry to stop in money; `None` without a stop or rate.
    pub fn risk(&self, position: &Position) -> Option<Fixed> {
        let instrument = self.instrument(position.symbol)?;
        position.risk(&instrument, self.rate_of(instrument.conversion)?)
    }

    /// Risk to the stop over open positions; `None` where one has no stop.
    pub fn open_risk(&self) -> Option<Fixed> {
        self.positions.iter().try_fold(Fixed::ZERO, |sum, position| sum.add(self.risk(position)?).ok())
    }

    /// Open profit of a symbol's positions; `None` while it is missing.
    pub fn symbol_open_profit(&self, symbol: SymbolId) -> Option<Fixed> {
        let held = self.positions.iter().filter(|position| position.symbol == symbol);
        held.map(|position| position.open_profit).try_fold(Fixed::ZERO, |sum, profit| sum.add(profit?).ok())
    }

    /// The ledger as if an order had filled at a price, with nil profit and no costs, for questions.
    ///
    /// # Errors
    /// As [`Ledger::fill`].
    pub fn if_filled(&self, order: &Fill, scratch: &mut Self) -> Result<(), LedgerFault> {
        scratch.clone_from(self);
        scratch.fill(&Fill { gross_profit: Some(Fixed::ZERO), costs: Fixed::ZERO, ..*order }).map(|_| ())
    }

    /// The price at which an order would enter now: ask for a buy, bid for a sell, else the last trade.
    pub fn entry_price(&self, symbol: SymbolId, buys: bool) -> Option<Fixed> {
        let quote = self.quote(symbol);
        if buys { quote.ask.or(quote.last) } else { quote.bid.or(quote.last) }
    }

    /// The symbols of open positions, each once, in the order of opening.
    pub fn held_symbols(&self) -> impl Iterator<Item = SymbolId> {
        let positions = &self.positions;
        positions
            .iter()
            .enumerate()
            .filter(|(at, position)| positions[..*at].iter().all(|earlier| earlier.symbol != position.symbol))
            .map(|(_, position)| position.symbol)
    }
}
