//! One open position.

use super::{ConversionRate, Instrument, SymbolId};
use crate::value::{ArithmeticError, Fixed, Instant};

/// An open position: by netting from flat to flat of a symbol, by hedging one ticket.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Its number in the account, from 1, never used again.
    pub serial: u64,
    /// Its place, at most the capacity, kept while it is open and then given to another.
    pub place: usize,
    /// The platform's identity, interned.
    pub key: Option<u64>,
    /// Its symbol.
    pub symbol: SymbolId,
    /// Whether it is long.
    pub long: bool,
    /// How much is open, without sign.
    pub quantity: Fixed,
    /// The largest quantity it had.
    pub peak_quantity: Fixed,
    /// Price × quantity of what is open, in quote currency without the multiplier.
    pub entry_value: Fixed,
    /// When it was first entered.
    pub opened: Instant,
    /// When its quantity last changed.
    pub changed: Instant,
    /// Realised by partial exits, before costs.
    pub realised: Fixed,
    /// Costs booked on it, signed as they change the balance.
    pub costs: Fixed,
    /// Costs that the platform stated and has not booked yet, signed as they will change the balance.
    pub accrued: Fixed,
    /// Its stop.
    pub stop: Option<Fixed>,
    /// Its target.
    pub target: Option<Fixed>,
    /// The largest risk it had.
    pub widest_risk: Option<Fixed>,
    /// The price it is marked at: its fill's until the next mark of the symbol.
    pub mark: Fixed,
    /// Whether marks of it were missed, so that the next tick marks it at its worse side.
    pub missed: bool,
    /// Marked result with the costs stated and not booked yet; missing without a conversion rate.
    pub open_profit: Option<Fixed>,
    /// The highest open profit, and the event that set it.
    pub best: (Fixed, u64),
    /// The lowest open profit, and the event that set it.
    pub worst: (Fixed, u64),
}

impl Position {
    /// Entry value divided by quantity.
    ///
    /// # Errors
    /// When it is out of range.
    pub fn entry_price(&self) -> Result<Fixed, ArithmeticError> {
        self.entry_value.div(self.quantity)
    }

    /// The quantity with its sign: positive is long.
    pub fn signed_quantity(&self) -> Fixed {
        if self.long { self.quantity } else { self.quantity.neg() }
    }

    /// Mark × quantity × multiplier, converted, without sign.
    pub(super) fn notional_at(&self, mark: Fixed, instrument: &Instrument, rate: ConversionRate) -> Result<Fixed, ArithmeticError> {
        rate.apply(mark.mul(self.quantity)?.mul(instrument.multiplier)?)
    }

    /// The open profit at a mark, with the costs stated and not booked yet.
    pub(super) fn profit_at(&self, mark: Fixed, instrument: &Instrument, rate: ConversionRate) -> Result<Fixed, ArithmeticError> {
        self.result(mark, self.quantity, self.entry_value, instrument, rate)?.add(self.accrued)
    }

    /// Entry to stop in money, never below zero; `None` without a stop or rate.
    pub(super) fn risk(&self, instrument: &Instrument, rate: ConversionRate) -> Option<Fixed> {
        let at_stop = self.stop?.mul(self.quantity).ok()?;
        let loss = if self.long { self.entry_value.sub(at_stop) } else { at_stop.sub(self.entry_value) };
        let loss = rate.apply(loss.ok()?.mul(instrument.multiplier).ok()?).ok()?;
        Some(loss.max(Fixed::ZERO))
    }

    /// Keeps the widest risk.
    pub(super) fn note_risk(&mut self, instrument: Option<Instrument>, rate: Option<ConversionRate>) {
        let risk = instrument.zip(rate).and_then(|(instrument, rate)| self.risk(&instrument, rate));
        if let Some(risk) = risk {
            self.widest_risk = Some(self.widest_risk.map_or(risk, |widest| widest.max(risk)));
        }
    }

    /// Computes the open profit at the mark and keeps its extremes.
    pub(super) fn revalue(&mut self, instrument: &Instrument, rate: Option<ConversionRate>, ordinal: u64) {
        self.open_profit = rate.and_then(|rate| self.profit_at(self.mark, instrument, rate).ok());
        let Some(profit) = self.open_profit else { return };
        if profit > self.best.0 {
            self.best = (profit, ordinal);
        }
        if profit < self.worst.0 {
            self.worst = (profit, ordinal);
        }
    }

    /// What so much of the position brings at a price.
    pub(super) fn result(
        &self,
        price: Fixed,
        quantity: Fixed,
        entry_value: Fixed,
        instrument: &Instrument,
        rate: ConversionRate,
    ) -> Result<Fixed, ArithmeticError> {
        let value = price.mul(quantity)?;
        let gain = if self.long { value.sub(entry_value)? } else { entry_value.sub(value)? };
        rate.apply(gain.mul(instrument.multiplier)?)
    }
}
