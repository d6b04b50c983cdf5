//! Booking fills: entries, exits, reversals.

use super::{ConversionRate, Fill, Instrument, Ledger, LedgerFault, MarkRule, Position, PositionMode, Quote, SymbolId};
use crate::value::{Fixed, Instant, Rate};

/// What a fill does to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillEntry {
    /// Opens or adds.
    In,
    /// Reduces.
    Out,
    /// Closes and opens the other way.
    InOut,
    /// Follows from its sign and what is open.
    Unknown,
}

/// What booking a fill did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FillEffect {
    /// The position that was opened, by its serial.
    pub opened: Option<u64>,
    /// The position that it left open: the one it opened, else the one it changed.
    pub position: Option<u64>,
    /// Whether something was entered.
    pub entered: bool,
    /// Whether something was exited.
    pub exited: bool,
    /// Realised before costs.
    pub gross: Fixed,
    /// Realised net of the fill's costs.
    pub net: Fixed,
    /// The position that was opened or added to, by its serial.
    pub added: Option<u64>,
    /// The position that was reduced, by its serial.
    pub reduced: Option<u64>,
    /// When the position that was reduced had been opened.
    pub reduced_opened: Option<Instant>,
    /// The trade that is complete.
    pub trade: Option<ClosedTrade>,
}

/// A complete trade: a position's whole life, net of all its costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedTrade {
    /// The position's serial.
    pub serial: u64,
    /// The place it had.
    pub place: usize,
    /// Its symbol.
    pub symbol: SymbolId,
    /// Whether it was long.
    pub long: bool,
    /// The largest quantity it had.
    pub quantity: Fixed,
    /// When it was first entered.
    pub opened: Instant,
    /// When it was complete.
    pub closed: Instant,
    /// Its result, net of costs.
    pub profit: Fixed,
    /// Its costs, as a positive amount.
    pub costs: Fixed,
    /// The highest open profit it had.
    pub best: Fixed,
    /// The lowest open profit it had.
    pub worst: Fixed,
}

impl Ledger {
    /// Books a fill.
    ///
    /// # Errors
    /// A fault; the ledger is as it was then.
    pub fn fill(&mut self, fill: &Fill) -> Result<FillEffect, LedgerFault> {
        if fill.quantity == Fixed::ZERO {
            return Err(LedgerFault::NoQuantity);
        }
        let instrument = self.instrument(fill.symbol).ok_or(LedgerFault::UnknownInstrument)?;
        let plan = self.plan(fill)?;
        let (entered, exited) = (plan.entry > Fixed::ZERO, plan.exit > Fixed::ZERO);
        let gross = match plan.position {
            Some(at) if exited => self.gross(at, plan.exit, fill, &instrument)?,
            _ => Fixed::ZERO,
        };
        let opens = entered && (plan.position.is_none() || plan.reverses);
        if opens && !plan.reverses && self.positions.len() >= self.capacity {
            return Err(LedgerFault::Capacity);
        }
        let entry_value = if entered { fill.price.mul(plan.entry)? } else { Fixed::ZERO };
        let net = gross.add(fill.costs)?;
        // Everything that can fail is computed before anything changes.
        let mut totals = self.totals;
        totals.profit = totals.profit.add(net)?;
        totals.costs = totals.costs.sub(fill.costs)?;
        totals.fills += 1;
        let balance = self.balance.add(net)?;
        let changed = self.changed(plan.position, &plan, fill, gross, entry_value)?;
        let touched = plan.position.map(|at| self.positions[at].serial);
        let mut effect = FillEffect { entered, exited, gross, net, ..FillEffect::default() };
        self.balance = balance;
        self.totals = totals;
        self.apply(&plan, changed, fill, entry_value, &mut effect);
        effect.position = effect.opened.or(touched.filter(|serial| self.positions.iter().any(|open| open.serial == *serial)));
        self.mark_own(fill, &instrument, effect.position);
        Ok(effect)
    }

    /// Which position a fill concerns, how much it exits, how much it enters.
    fn plan(&self, fill: &Fill) -> Result<Plan, LedgerFault> {
        let size = fill.quantity.abs();
        let buys = fill.quantity > Fixed::ZERO;
        let position = self.position_for(fill, buys);
        let Some(at) = position else {
            if fill.entry == FillEntry::Out {
                return Err(LedgerFault::UnknownPosition);
            }
            return Ok(Plan { position: None, exit: Fixed::ZERO, entry: size, reverses: false });
        };
        let open = &self.positions[at];
        if open.long == buys {
            return match fill.entry {
                FillEntry::Out => Err(LedgerFault::UnknownPosition),
                _ => Ok(Plan { position, exit: Fixed::ZERO, entry: size, reverses: false }),
            };
        }
        if size <= open.quantity {
            return Ok(Plan { position, exit: size, entry: Fixed::ZERO, reverses: false });
        }
        if fill.entry == FillEntry::Out || (self.mode == PositionMode::Hedging && fill.entry != FillEntry::InOut) {
            return Err(LedgerFault::ExitTooLarge);
        }
        Ok(Plan { position, exit: open.quantity, entry: size.sub(open.quantity)?, reverses: true })
    }

    fn position_for(&self, fill: &Fill, buys: bool) -> Option<usize> {
        match (self.mode, fill.position) {
            (PositionMode::Netting, _) => self.positions.iter().position(|open| open.symbol == fill.symbol),
            (PositionMode::Hedging, Some(key)) => self.positions.iter().position(|open| open.key == Some(key)),
            // Without a ticket an exit takes the oldest position of the other side.
            (PositionMode::Hedging, None) if fill.entry != FillEntry::In => {
                self.positions.iter().position(|open| open.symbol == fill.symbol && open.long != buys)
            }
            (PositionMode::Hedging, None) => None,
        }
    }

    fn gross(&self, at: usize, closed: Fixed, fill: &Fill, instrument: &Instrument) -> Result<Fixed, LedgerFault> {
        if let Some(told) = fill.gross_profit {
            return Ok(told);
        }
        let position = &self.positions[at];
        let share = position.share(closed)?;
        let value = fill.price.mul(closed)?;
        let gain = if position.long { value.sub(share)? } else { share.sub(value)? };
        let amount = gain.mul(instrument.multiplier)?;
        match (fill.rate, self.rate_of(instrument.conversion)) {
            (Some(rate), _) => Ok(Rate::convert(rate, amount)?),
            (None, Some(rate)) => Ok(rate.apply(amount)?),
            (None, None) => Err(LedgerFault::NoConversion),
        }
    }

    /// The position at hand after the fill, before it is put back.
    fn changed(
        &self,
        at: Option<usize>,
        plan: &Plan,
        fill: &Fill,
        gross: Fixed,
        entry_value: Fixed,
    ) -> Result<Option<Position>, LedgerFault> {
        let Some(at) = at else { return Ok(None) };
        let mut position = self.positions[at].clone();
        position.changed = fill.at;
        position.costs = position.costs.add(fill.costs)?;
        if plan.exit > Fixed::ZERO {
            position.realised = position.realised.add(gross)?;
            position.accrued = Fixed::ZERO;
            position.entry_value = position.entry_value.sub(position.share(plan.exit)?)?;
            position.quantity = position.quantity.sub(plan.exit)?;
        } else {
            position.entry_value = position.entry_value.add(entry_value)?;
            position.quantity = position.quantity.add(plan.entry)?;
            position.peak_quantity = position.peak_quantity.max(position.quantity);
        }
        if position.quantity == Fixed::ZERO {
            // The trade's result must exist before it is booked.
            position.realised.add(position.costs)?;
        }
        Ok(Some(position))
    }

    fn apply(&mut self, plan: &Plan, changed: Option<Position>, fill: &Fill, entry_value: Fixed, effect: &mut FillEffect) {
        if let (Some(at), Some(position)) = (plan.position, changed) {
            effect.reduced_opened = effect.exited.then_some(position.opened);
            (effect.added, effect.reduced) = ((!effect.exited).then_some(position.serial), effect.exited.then_some(position.serial));
            if position.quantity == Fixed::ZERO {
                effect.trade = Some(position.complete(fill.at));
                self.totals.trades += 1;
                self.positions.remove(at);
            } else {
                self.positions[at] = position;
            }
        }
        if plan.entry > Fixed::ZERO && (plan.position.is_none() || plan.reverses) {
            let costs = if plan.reverses { Fixed::ZERO } else { fill.costs };
            let taken = effect.trade.map(|trade| trade.place);
            effect.opened = Some(self.open(fill, plan.entry, entry_value, costs, taken));
            effect.added = effect.opened;
        }
    }

    /// Opens a position in the first free place. What the fill closed keeps its own while the event lasts.
    fn open(&mut self, fill: &Fill, quantity: Fixed, entry_value: Fixed, costs: Fixed, taken: Option<usize>) -> u64 {
        let serial = self.next_serial;
        self.next_serial += 1;
        let is_free = |place: &usize| taken != Some(*place) && self.positions.iter().all(|open| open.place != *place);
        let place = (0..=self.capacity).find(is_free).unwrap_or(0);
        self.positions.push(Position {
            serial,
            place,
            key: fill.position,
            symbol: fill.symbol,
            long: fill.quantity > Fixed::ZERO,
            quantity,
            peak_quantity: quantity,
            entry_value,
            opened: fill.at,
            changed: fill.at,
            realised: Fixed::ZERO,
            costs,
            accrued: Fixed::ZERO,
            missed: false,
            stop: fill.stop,
            target: fill.target,
            widest_risk: None,
            mark: fill.price,
            open_profit: Some(Fixed::ZERO),
            best: (Fixed::ZERO, fill.ordinal),
            worst: (Fixed::ZERO, fill.ordinal),
        });
        serial
    }

    /// A fill marks its own position at its price; under `marks at last` it is a last price too.
    fn mark_own(&mut self, fill: &Fill, instrument: &Instrument, own: Option<u64>) {
        let rate = self.rate_of(instrument.conversion);
        let last = self.marks == MarkRule::Last;
        if last {
            self.quotes[usize::from(fill.symbol.0)] = Quote { last: Some(fill.price), ..self.quotes[usize::from(fill.symbol.0)] };
        }
        for position in self.positions.iter_mut().filter(|position| position.symbol == fill.symbol) {
            if last || own == Some(position.serial) {
                position.mark = fill.price;
                position.note_risk(Some(*instrument), rate);
                position.revalue(instrument, rate, fill.ordinal);
            }
        }
        self.sum_open_profit();
    }
}

impl Position {
    /// The part of the entry value that an exit takes: what remains, for the last.
    fn share(&self, closed: Fixed) -> Result<Fixed, LedgerFault> {
        if closed == self.quantity { Ok(self.entry_value) } else { Ok(self.entry_value.share(closed, self.quantity)?) }
    }

    fn complete(&self, at: Instant) -> ClosedTrade {
        ClosedTrade {
            serial: self.serial,
            place: self.place,
            symbol: self.symbol,
            long: self.long,
            quantity: self.peak_quantity,
            opened: self.opened,
            closed: at,
            // The sum was tried before anything changed.
            profit: self.realised.add(self.costs).unwrap_or_default(),
            costs: self.costs.neg(),
            best: self.best.0,
            worst: self.worst.0,
        }
    }
}

/// What a fill does.
#[derive(Clone, Copy, Debug)]
struct Plan {
    position: Option<usize>,
    exit: Fixed,
    entry: Fixed,
    reverses: bool,
}

impl ConversionRate {
    /// Whether amounts stay as they are.
    #[cfg(test)]
    pub(super) fn is_same(self) -> bool {
        matches!(self, Self::Same)
    }
}
