//! The account model: positions, trades, costs, balance, equity.
//!
//! Formulas, each product and quotient rounded once to 10⁻⁸, half to even, in this order:
//! - open profit of a position = side × (mark × quantity − entry value) × multiplier, then converted;
//! - realised by an exit = side × (price × closed − share of entry value) × multiplier, then converted,
//!   unless the platform told it; the share is entry value × closed ÷ quantity, the last exit takes what remains;
//! - conversion: by the fill's rate for what is realised; else, and for what is open, multiplied by the
//!   middle of the pair whose quote is the account's currency, or divided by that of the pair whose base it is;
//! - equity = balance + open profit of all positions + what a platform snapshot said beyond that.
//!
//! Costs change the balance at once and are signed as they do: what is paid is negative. A fill that
//! reverses a position charges its costs to the trade that ends.
//!
//! Nothing here allocates in steady state, and a fault leaves the ledger as it was.

mod fill;
mod observe;
mod position;

use serde::{Deserialize, Serialize};

pub use fill::{ClosedTrade, FillEffect, FillEntry};
pub use position::Position;

use crate::value::{ArithmeticError, Fixed, Instant, Rate};

/// A symbol by the account's own numbering, in the order of first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SymbolId(pub u16);

/// How results in a symbol's quote currency become the account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Conversion {
    /// The quote currency is the account's.
    None,
    /// Multiplied by the middle of this symbol.
    Multiply(SymbolId),
    /// Divided by the middle of this symbol.
    Divide(SymbolId),
    /// No instrument converts it: missing.
    Unknown,
}

/// What the ledger must know of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// Quote currency per point for one unit.
    pub multiplier: Fixed,
    /// What one unit counts in weighted quantities.
    pub weight: Fixed,
    /// Margin as a share of notional.
    pub margin_rate: Option<Fixed>,
    /// The way to the account's currency.
    pub conversion: Conversion,
}

/// The latest prices of a symbol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Best bid.
    pub bid: Option<Fixed>,
    /// Best ask.
    pub ask: Option<Fixed>,
    /// Last trade.
    pub last: Option<Fixed>,
}

/// What a position is marked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkRule {
    /// The last trade.
    Last,
    /// The middle of bid and ask.
    Mid,
    /// Bid for longs, ask for shorts.
    ExitSide,
}

/// Whether positions of a symbol are kept as one or apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PositionMode {
    /// One net position a symbol.
    Netting,
    /// One position a ticket.
    Hedging,
}

/// A fill as the ledger takes it.
#[derive(Clone, Copy, Debug)]
pub struct Fill {
    /// When.
    pub at: Instant,
    /// The event's number in the account.
    pub ordinal: u64,
    /// Of what.
    pub symbol: SymbolId,
    /// How much, positive for a buy.
    pub quantity: Fixed,
    /// At what price.
    pub price: Fixed,
    /// The platform's position, interned.
    pub position: Option<u64>,
    /// What it does to the position.
    pub entry: FillEntry,
    /// Realised before costs, in the account's currency, where told.
    pub gross_profit: Option<Fixed>,
    /// All costs together, signed as they change the balance.
    pub costs: Fixed,
    /// Account currency per quote currency, where told.
    pub rate: Option<Rate>,
    /// Its stop, where it opens a position.
    pub stop: Option<Fixed>,
    /// Its target.
    pub target: Option<Fixed>,
}

/// Why an event could not be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LedgerFault {
    /// A result outside the range, or a division by zero.
    #[error(transparent)]
    Arithmetic(#[from] ArithmeticError),
    /// The symbol's instrument was never announced.
    #[error("the symbol's instrument was never announced")]
    UnknownInstrument,
    /// An exit of a position that is not open.
    #[error("the position is not open")]
    UnknownPosition,
    /// An exit of more than is open.
    #[error("more is closed than is open")]
    ExitTooLarge,
    /// A quantity of zero.
    #[error("a quantity of zero")]
    NoQuantity,
    /// More positions than the account keeps.
    #[error("more open positions than the account's capacity")]
    Capacity,
    /// No rate to the account's currency.
    #[error("no rate from the quote currency to the account's currency")]
    NoConversion,
}

/// The ledger of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    mode: PositionMode,
    marks: MarkRule,
    capacity: usize,
    symbols: Vec<Option<Instrument>>,
    quotes: Vec<Quote>,
    positions: Vec<Position>,
    next_serial: u64,
    balance: Fixed,
    balance_offset: Fixed,
    equity_offset: Fixed,
    totals: Totals,
    open_profit: Option<Fixed>,
}

/// Running totals since the phase began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Realised, net of costs.
    pub profit: Fixed,
    /// Costs, as a positive amount.
    pub costs: Fixed,
    /// Withdrawals and payouts.
    pub withdrawn: Fixed,
    /// Deposits.
    pub deposited: Fixed,
    /// Fills.
    pub fills: u64,
    /// Complete trades.
    pub trades: u64,
}

/// What cash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CashKind {
    /// Money in: no profit.
    Deposit,
    /// Money out, payouts included: no profit.
    Withdrawal,
    /// A cost or its return: part of profit.
    Cost,
    /// Interest or a dividend: part of profit, and no cost.
    Income,
    /// Anything else that moves the balance and is no profit.
    Adjustment,
}

impl Ledger {
    /// A ledger with a balance and no positions.
    pub fn new(mode: PositionMode, marks: MarkRule, capacity: usize, balance: Fixed) -> Self {
        Self {
            mode,
            marks,
            capacity,
            symbols: Vec::new(),
            quotes: Vec::new(),
            positions: Vec::with_capacity(capacity.min(16)),
            next_serial: 1,
            balance,
            balance_offset: Fixed::ZERO,
            equity_offset: Fixed::ZERO,
            totals: Totals::default(),
            open_profit: Some(Fixed::ZERO),
        }
    }

    /// Marks by another rule from now on, and keeps so many positions; whether the rule is another. What is open is valued by
    /// it at the next mark.
    pub fn follow(&mut self, marks: MarkRule, capacity: usize) -> bool {
        let is_another = self.marks != marks;
        (self.marks, self.capacity) = (marks, capacity);
        is_another
    }

    /// Tells what a symbol is. Its first use must come after.
    pub fn set_instrument(&mut self, symbol: SymbolId, instrument: Instrument) {
        let at = usize::from(symbol.0);
        if self.symbols.len() <= at {
            self.symbols.resize(at + 1, None);
            self.quotes.resize(at + 1, Quote::default());
        }
        self.symbols[at] = Some(instrument);
        self.refresh(symbol);
    }

    /// Takes the latest prices of a symbol; prices that are not told stay. Positions of the symbol, and
    /// those that it converts, are marked. The ordinal is kept with new extremes.
    pub fn mark(&mut self, symbol: SymbolId, quote: Quote, ordinal: u64) {
        let at = usize::from(symbol.0);
        if self.quotes.len() <= at {
            self.symbols.resize(at + 1, None);
            self.quotes.resize(at + 1, Quote::default());
        }
        let known = &mut self.quotes[at];
        *known = known.updated(quote);
        self.note_mark(symbol, &quote);
        self.refresh_with(symbol, ordinal);
    }

    /// Marks of all that is open were missed: the next tick of each symbol marks at the worse of its sides.
    pub fn miss_marks(&mut self) {
        for position in &mut self.positions {
            position.missed = true;
        }
    }

    /// Books cash. Deposits, withdrawals and adjustments are never profit.
    ///
    /// # Errors
    /// When the result is out of range; nothing is booked then.
    pub fn cash(&mut self, kind: CashKind, amount: Fixed) -> Result<(), LedgerFault> {
        let balance = self.balance.add(amount)?;
        let mut totals = self.totals;
        match kind {
            CashKind::Deposit => totals.deposited = totals.deposited.add(amount)?,
            CashKind::Withdrawal => totals.withdrawn = totals.withdrawn.sub(amount)?,
            CashKind::Cost => {
                totals.profit = totals.profit.add(amount)?;
                totals.costs = totals.costs.sub(amount)?;
            }
            CashKind::Income => totals.profit = totals.profit.add(amount)?,
            CashKind::Adjustment => {}
        }
        self.balance = balance;
        self.totals = totals;
        Ok(())
    }

    /// Takes the platform's own balance and equity: what they differ by from the ledger's figures is
    /// kept until the next snapshot, and later marks move equity from there.
    ///
    /// # Errors
    /// When a difference is out of range; the snapshot is not taken then.
    pub fn snapshot(&mut self, balance: Fixed, equity: Fixed) -> Result<(), LedgerFault> {
        let balance_offset = balance.sub(self.balance)?;
        let own = balance.add(self.open_profit.unwrap_or_default())?;
        let equity_offset = equity.sub(own)?;
        self.balance_offset = balance_offset;
        self.equity_offset = equity_offset;
        Ok(())
    }

    /// Moves a stop or target; `None` leaves it, `Some(None)` removes it.
    ///
    /// # Errors
    /// When no such position is open.
    pub fn protect(&mut self, position: u64, stop: Option<Option<Fixed>>, target: Option<Option<Fixed>>) -> Result<(), LedgerFault> {
        let at = self.positions.iter().position(|open| open.key == Some(position)).ok_or(LedgerFault::UnknownPosition)?;
        let instrument = self.instrument(self.positions[at].symbol);
        let rate = instrument.and_then(|instrument| self.rate_of(instrument.conversion));
        let open = &mut self.positions[at];
        if let Some(stop) = stop {
            open.stop = stop;
        }
        if let Some(target) = target {
            open.target = target;
        }
        open.note_risk(instrument, rate);
        Ok(())
    }

    /// Begins the running totals anew with a balance, as entering a phase does.
    pub fn rebase(&mut self, balance: Fixed) {
        self.balance = balance;
        self.balance_offset = Fixed::ZERO;
        self.totals = Totals::default();
    }

    /// Goes back to how the ledger stood: balance, totals and positions. What is known of symbols and
    /// their prices stays, and positions are valued anew at the marks that the earlier ledger was told.
    pub fn roll_back(&mut self, earlier: &Self, ordinal: u64) {
        (self.balance, self.balance_offset, self.equity_offset) = (earlier.balance, earlier.balance_offset, earlier.equity_offset);
        self.totals = earlier.totals;
        self.positions.clone_from(&earlier.positions);
        for at in 0..self.positions.len() {
            let Some(instrument) = self.instrument(self.positions[at].symbol) else { continue };
            let rate = self.rate_of(instrument.conversion);
            self.positions[at].revalue(&instrument, rate, ordinal);
        }
        self.sum_open_profit();
    }

    /// Takes the platform's own balance, and leaves what is marked as it is.
    ///
    /// # Errors
    /// When the difference is out of range; nothing is taken then.
    pub fn anchor(&mut self, balance: Fixed) -> Result<(), LedgerFault> {
        self.balance_offset = balance.sub(self.balance)?;
        Ok(())
    }

    /// Takes the marks of a symbol and values nothing: for a ledger that is only kept.
    pub fn note_mark(&mut self, symbol: SymbolId, quote: &Quote) {
        let rule = self.marks;
        for position in self.positions.iter_mut().filter(|position| position.symbol == symbol) {
            let worse = if position.missed { quote.worse(position.long) } else { None };
            position.missed &= worse.is_none();
            if let Some(price) = worse.or_else(|| price_for(rule, quote, position.long)) {
                position.mark = price;
            }
        }
    }

    /// Sets the balance and keeps the running totals.
    pub fn set_balance(&mut self, balance: Fixed) {
        self.balance = balance;
        self.balance_offset = Fixed::ZERO;
    }

    /// The costs of a position that the platform stated and has not booked yet, in the place of those
    /// it stated before.
    ///
    /// # Errors
    /// When no such position is open.
    pub fn accrue(&mut self, position: u64, costs: Fixed, ordinal: u64) -> Result<(), LedgerFault> {
        let open = self.positions.iter_mut().find(|open| open.key == Some(position)).ok_or(LedgerFault::UnknownPosition)?;
        open.accrued = costs;
        let symbol = open.symbol;
        self.refresh_with(symbol, ordinal);
        Ok(())
    }

    /// The platform's statement of a position holds from now on; its costs and results so far stay.
    /// A quantity of zero ends it without a trade.
    ///
    /// # Errors
    /// When no such position is open, or a result is out of range; nothing changes then.
    pub fn restate(&mut self, position: u64, quantity: Fixed, price: Option<Fixed>, at: Instant, ordinal: u64) -> Result<u64, LedgerFault> {
        let place = self.positions.iter().position(|open| open.key == Some(position)).ok_or(LedgerFault::UnknownPosition)?;
        let open = &self.positions[place];
        let (serial, symbol) = (open.serial, open.symbol);
        if quantity == Fixed::ZERO {
            self.positions.remove(place);
            self.sum_open_profit();
            return Ok(serial);
        }
        let price = price.map_or_else(|| open.entry_price(), Ok)?;
        let entry_value = price.mul(quantity.abs())?;
        let open = &mut self.positions[place];
        (open.long, open.quantity, open.entry_value) = (quantity > Fixed::ZERO, quantity.abs(), entry_value);
        (open.peak_quantity, open.changed, open.mark) = (open.peak_quantity.max(open.quantity), at, price);
        self.refresh_with(symbol, ordinal);
        Ok(serial)
    }

    /// Begins the running totals anew and keeps the balance.
    pub fn reset_totals(&mut self) {
        self.totals = Totals::default();
    }

    fn refresh(&mut self, symbol: SymbolId) {
        self.refresh_with(symbol, 0);
    }

    /// Computes the open profit of the positions that a symbol's prices concern.
    fn refresh_with(&mut self, symbol: SymbolId, ordinal: u64) {
        for at in 0..self.positions.len() {
            let Some(instrument) = self.instrument(self.positions[at].symbol) else { continue };
            if self.positions[at].symbol == symbol || instrument.conversion.symbol() == Some(symbol) {
                let rate = self.rate_of(instrument.conversion);
                self.positions[at].revalue(&instrument, rate, ordinal);
            }
        }
        self.sum_open_profit();
    }

    fn sum_open_profit(&mut self) {
        let sum = self.positions.iter().try_fold(Fixed::ZERO, |sum, position| sum.add(position.open_profit?).ok());
        self.open_profit = sum;
    }

    fn instrument(&self, symbol: SymbolId) -> Option<Instrument> {
        self.symbols.get(usize::from(symbol.0)).copied().flatten()
    }

    /// The conversion as a step on an amount, where its rate is known.
    fn rate_of(&self, conversion: Conversion) -> Option<ConversionRate> {
        let mid = |symbol: SymbolId| self.quotes.get(usize::from(symbol.0)).and_then(Quote::mid);
        match conversion {
            Conversion::None => Some(ConversionRate::Same),
            Conversion::Multiply(symbol) => mid(symbol).map(ConversionRate::Multiply),
            Conversion::Divide(symbol) => mid(symbol).map(ConversionRate::Divide),
            Conversion::Unknown => None,
        }
    }
}

impl Conversion {
    /// The symbol whose prices it needs.
    pub const fn symbol(self) -> Option<SymbolId> {
        match self {
            Self::Multiply(symbol) | Self::Divide(symbol) => Some(symbol),
            Self::None | Self::Unknown => None,
        }
    }
}

impl Quote {
    /// The lower of bid and ask for a long, the higher for a short; of one alone, that one.
    fn worse(&self, long: bool) -> Option<Fixed> {
        let sides = [self.bid, self.ask].into_iter().flatten();
        if long { sides.min() } else { sides.max() }
    }

    /// With the prices that are told later in the place of these.
    #[must_use]
    pub fn updated(self, later: Self) -> Self {
        Self { bid: later.bid.or(self.bid), ask: later.ask.or(self.ask), last: later.last.or(self.last) }
    }

    /// The middle of bid and ask, rounded once.
    pub fn mid(&self) -> Option<Fixed> {
        let two = Fixed::from_raw(2 * Fixed::ONE_RAW)?;
        self.bid?.add(self.ask?).ok()?.div(two).ok()
    }
}

/// A conversion with its rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConversionRate {
    Same,
    Multiply(Fixed),
    Divide(Fixed),
}

impl ConversionRate {
    fn apply(self, amount: Fixed) -> Result<Fixed, ArithmeticError> {
        match self {
            Self::Same => Ok(amount),
            Self::Multiply(rate) => amount.mul(rate),
            Self::Divide(rate) => amount.div(rate),
        }
    }
}

/// The price a position is marked at, where the quote has it.
fn price_for(rule: MarkRule, quote: &Quote, long: bool) -> Option<Fixed> {
    match rule {
        MarkRule::Last => quote.last,
        MarkRule::Mid => quote.mid(),
        MarkRule::ExitSide if long => quote.bid,
        MarkRule::ExitSide => quote.ask,
    }
}

#[cfg(test)]
mod tests;
