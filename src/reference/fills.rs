//! What a fill does to the ledger: entries, exits, reversals, costs as lines of their own.

use crate::event::{Fill, FillEntry, FillReason, PositionMode};
use crate::outcome::FaultKind;
use crate::syntax::ast::Marks;
use crate::value::Decimal;

use super::ledger::{Count, Ledger, Line};
use super::number::{Num, add, convert, larger, mul, part, sub, total};
use super::position::{Position, Pricing};

/// How many positions may be open at once.
const fn capacity(mode: PositionMode) -> usize {
    match mode {
        PositionMode::Netting => 64,
        PositionMode::Hedging => 512,
    }
}

/// A completed trade.
#[derive(Clone, Debug)]
pub(super) struct Trade {
    /// The position that it was, at its end.
    pub(super) position: Position,
    /// When it was complete.
    pub(super) closed: i64,
    /// Why its last fill happened.
    pub(super) reason: FillReason,
}

/// What a fill has done.
#[derive(Clone, Debug, Default)]
pub(super) struct Filled {
    /// It opened or added.
    pub(super) entry: bool,
    /// It reduced.
    pub(super) exit: bool,
    /// It booked profit or a cost.
    pub(super) realised: bool,
    /// The trade it completed.
    pub(super) trade: Option<Trade>,
    /// What it realised, net of its costs.
    pub(super) profit: Decimal,
    /// How long the position that it reduced had been open.
    pub(super) held: Option<i64>,
    /// The position it left open, by serial.
    pub(super) position: Option<u64>,
    /// The position it opened.
    pub(super) opened: Option<u64>,
    /// The position it opened or added to.
    pub(super) added: Option<u64>,
    /// The position it reduced.
    pub(super) reduced: Option<u64>,
}

impl Ledger {
    /// Books a fill. On an error nothing is booked.
    pub(super) fn book_fill(&mut self, fill: &Fill, at: i64, pricing: Pricing) -> Result<Filled, FaultKind> {
        let mut after = self.clone();
        let filled = after.try_fill(fill, at, pricing)?;
        if after.positions.len() > capacity(self.mode) {
            return Err(FaultKind::Capacity);
        }
        *self = after;
        Ok(filled)
    }

    fn try_fill(&mut self, fill: &Fill, at: i64, pricing: Pricing) -> Result<Filled, FaultKind> {
        if fill.quantity.is_zero() || !pricing.market.instruments.contains_key(&fill.symbol) {
            return Err(FaultKind::Inconsistent);
        }
        self.use_symbol(&fill.symbol);
        let reduced = self.reduced_by(fill)?;
        let quantity = fill.quantity.abs();
        let closed = reduced.and_then(|index| self.positions.get(index)).map_or(Decimal::ZERO, |position| position.quantity.min(quantity));
        if closed < quantity && !self.may_enter(fill, reduced.is_some()) {
            return Err(FaultKind::Inconsistent);
        }
        let mut done = Filled { exit: reduced.is_some(), entry: closed < quantity, ..Filled::default() };
        let costs = total([fill.commission, fill.fee, fill.tax, fill.swap].into_iter().flatten())?;
        if let Some(index) = reduced {
            self.exit(index, closed, costs, (fill, at), &mut done, pricing)?;
        }
        let opened = if done.entry { self.enter(sub(quantity, closed)?, fill, at, pricing)? } else { None };
        if done.entry && !done.exit {
            self.add_cost_of_entry(fill, costs)?;
        }
        done.opened = opened;
        if done.entry {
            done.position = self.entered_by(fill).and_then(|index| self.positions.get(index)).map(|position| position.serial);
            done.added = done.position;
        }
        if pricing.marks == Marks::Last {
            // Its price is a last price too, for all positions of the symbol.
            self.last_fills.insert(fill.symbol.clone(), (fill.price, pricing.market.ticks));
            for position in self.positions.iter_mut().filter(|position| position.symbol == fill.symbol) {
                position.filled_at = (fill.price, pricing.market.ticks);
            }
        }
        let told = [fill.commission, fill.fee, fill.tax, fill.swap];
        self.lines.extend(told.into_iter().flatten().filter(|cost| !cost.is_zero()).map(Line::Cost));
        let (opened, entered, trades) = (opened.is_some().into(), done.entry.into(), done.trade.is_some().into());
        self.lines.push(Line::Filled(Count { opened, entered, trades }));
        done.profit = add(done.profit, costs)?;
        done.realised = done.exit || told.into_iter().flatten().any(|cost| !cost.is_zero());
        Ok(done)
    }

    /// Whether a fill may open or add: not if it is told to be an exit, and of tickets only a
    /// reversal closes one and opens another.
    fn may_enter(&self, fill: &Fill, reduces: bool) -> bool {
        let told_exit = matches!(fill.entry, FillEntry::Out | FillEntry::OutBy);
        let of_ticket = self.mode == PositionMode::Hedging && reduces && fill.entry != FillEntry::InOut;
        !told_exit && !of_ticket
    }

    /// The index of the open position that a fill reduces. Netting: the symbol's, if it stands on
    /// the other side. Hedging: the one that is named, if the fill says that it closes.
    fn reduced_by(&self, fill: &Fill) -> Result<Option<usize>, FaultKind> {
        let buys = !fill.quantity.is_negative();
        let opposite = |position: &Position| position.symbol == fill.symbol && position.long != buys;
        if self.mode == PositionMode::Netting {
            return Ok(self.positions.iter().position(opposite));
        }
        let named = self.positions.iter().position(|position| fill.position_id.is_some() && position.id == fill.position_id);
        match fill.entry {
            FillEntry::In => Ok(None),
            FillEntry::Unknown => Ok(named.filter(|index| self.positions.get(*index).is_some_and(opposite))),
            FillEntry::Out | FillEntry::InOut | FillEntry::OutBy => {
                let first = || self.positions.iter().position(opposite).filter(|_| fill.position_id.is_none());
                named.or_else(first).ok_or(FaultKind::Inconsistent).map(Some)
            }
        }
    }

    /// The index of the open position that a fill adds to.
    fn entered_by(&self, fill: &Fill) -> Option<usize> {
        let buys = !fill.quantity.is_negative();
        let same = |position: &Position| position.symbol == fill.symbol && position.long == buys;
        match self.mode {
            PositionMode::Netting => self.positions.iter().position(same),
            PositionMode::Hedging => {
                let id = Some(fill.position_id.clone().unwrap_or_else(|| fill.fill_id.clone()));
                self.positions.iter().position(|position| same(position) && position.id == id)
            }
        }
    }

    /// Adds a quantity to the position on the fill's side, or opens one; answers its serial if it is new.
    fn enter(&mut self, quantity: Decimal, fill: &Fill, at: i64, pricing: Pricing) -> Result<Option<u64>, FaultKind> {
        let value = mul(fill.price, quantity)?;
        let filled_at = (fill.price, pricing.market.ticks);
        if let Some(position) = self.entered_by(fill).and_then(|index| self.positions.get_mut(index)) {
            position.quantity = add(position.quantity, quantity)?;
            position.entry_value = add(position.entry_value, value)?;
            position.largest = larger(position.largest, position.quantity);
            (position.changed, position.filled_at) = (at, filled_at);
            position.id = fill.position_id.clone().or_else(|| position.id.take());
            return Ok(None);
        }
        self.serials += 1;
        self.positions.push(Position {
            serial: self.serials,
            id: fill.position_id.clone().or_else(|| Some(fill.fill_id.clone())),
            symbol: fill.symbol.clone(),
            long: !fill.quantity.is_negative(),
            quantity,
            entry_value: value,
            opened: at,
            changed: at,
            gross: Decimal::ZERO,
            costs: Decimal::ZERO,
            accrued: Decimal::ZERO,
            missed: false,
            largest: quantity,
            stop: None,
            target: None,
            filled_at,
            // Marked at its own fill price, it begins with nothing won or lost.
            profits: vec![Decimal::ZERO],
            risks: Vec::new(),
        });
        Ok(Some(self.serials))
    }

    fn add_cost_of_entry(&mut self, fill: &Fill, costs: Decimal) -> Result<(), FaultKind> {
        if let Some(position) = self.entered_by(fill).and_then(|index| self.positions.get_mut(index)) {
            position.costs = add(position.costs, costs)?;
        }
        Ok(())
    }

    /// Takes a quantity out of a position: entry value × closed ÷ quantity, the last takes what remains.
    fn exit(
        &mut self,
        index: usize,
        closed: Decimal,
        costs: Decimal,
        (fill, at): (&Fill, i64),
        done: &mut Filled,
        pricing: Pricing,
    ) -> Result<(), FaultKind> {
        let Some(position) = self.positions.get_mut(index) else { return Ok(()) };
        let whole = closed == position.quantity;
        let taken = if whole { position.entry_value } else { part(position.entry_value, closed, position.quantity)? };
        let gross = gross_of(fill, position, closed, taken, pricing)?;
        position.gross = add(position.gross, gross)?;
        position.costs = add(position.costs, costs)?;
        position.accrued = Decimal::ZERO;
        position.quantity = sub(position.quantity, closed)?;
        position.entry_value = sub(position.entry_value, taken)?;
        (position.changed, position.filled_at) = (at, (fill.price, pricing.market.ticks));
        (done.held, done.profit, done.position) = (Some(at - position.opened), gross, Some(position.serial));
        done.reduced = done.position;
        self.lines.push(Line::Gross(gross));
        if whole {
            let position = self.positions.remove(index);
            done.trade = Some(Trade { position, closed: at, reason: fill.reason });
            done.position = None;
        }
        Ok(())
    }
}

/// What an exit brings before costs: as it is told, else
/// side × (price × closed − entry value taken) × multiplier × rate.
fn gross_of(fill: &Fill, position: &Position, closed: Decimal, taken: Decimal, pricing: Pricing) -> Num {
    if let Some(told) = fill.gross_profit {
        return Ok(told);
    }
    let instrument = pricing.market.instruments.get(&fill.symbol).ok_or(FaultKind::Inconsistent)?;
    let gained = sub(mul(fill.price, closed)?, taken)?;
    let gained = mul(if position.long { gained } else { gained.neg() }, instrument.multiplier)?;
    match fill.fx_rate {
        Some(rate) => convert(gained, rate),
        None => pricing.convert(gained, &fill.symbol)?.ok_or(FaultKind::Missing),
    }
}
