//! What an event does to the account's books, and which moment it makes.

use crate::event::{
    BalancePolicy, Cash, CashType, Event, Fill, Kind, Order, OrderStatus, Payout, PayoutStatus, Position, PositionMode, Protect, Snapshot,
    Staff, StaffDecision,
};
use crate::ir::{NodeId, NodeKind};
use crate::outcome::{Change, FaultKind};
use crate::vocabulary::{Moment, Occasion};

use super::account::{Account, Lock, Memory, Paid, PayoutRecord, Step, Working};
use super::days::NEVER;
use super::draft::Effect;
use super::market::Market;
use super::number::{add, larger, mul, sub};
use super::val::Val;

impl Account {
    /// Books an event and answers the step that it makes; nothing for events that only are kept.
    /// On an error nothing is booked.
    pub(super) fn book(&mut self, market: &Market, event: &Event) -> Result<Option<Step>, FaultKind> {
        let at = event.at.nanos();
        let mut step = Step::new(Moment::Staff, at, false);
        match &event.kind {
            Kind::Fill(fill) => self.book_fill(market, fill, &mut step)?,
            Kind::Cash(cash) if cash.cash_type == CashType::Rollback => self.roll_back(market, cash, &mut step)?,
            Kind::Cash(cash) => self.book_cash(cash, &mut step)?,
            Kind::Order(order) => self.book_order(order, &mut step),
            Kind::Protect(protect) => self.book_protect(protect, &mut step)?,
            Kind::Position(position) => self.book_position(market, position, &mut step)?,
            Kind::Payout(payout) => self.book_payout(payout, &mut step)?,
            Kind::Snapshot(snapshot) => self.book_snapshot(market, snapshot, &mut step)?,
            Kind::Input(input) if self.ir.options.iter().any(|option| option.changeable && option.name == input.name) => {
                self.change_option(&input.name, &input.value)?;
                step.kind = Moment::Input;
            }
            Kind::Input(input) => {
                let Some(number) = self.ir.inputs.iter().position(|known| known.name == input.name) else {
                    return Err(FaultKind::Inconsistent);
                };
                let ty = self.ir.inputs.get(number).map(|known| &known.ty);
                let value = ty.and_then(|ty| Val::read(&input.value, ty)).ok_or(FaultKind::Inconsistent)?;
                self.inputs.insert(number, (value, at));
                (step.kind, step.input) = (Moment::Input, u16::try_from(number).ok());
            }
            Kind::Host(host) => {
                let number = self.ir.events.iter().position(|known| known.name == host.name).ok_or(FaultKind::Inconsistent)?;
                step.kind = Moment::Host;
                step.host = u16::try_from(number).ok().map(|number| (number, host.fields.clone()));
            }
            Kind::Staff(staff) => self.book_staff(staff)?,
            Kind::Tick(tick) => {
                (step.kind, step.hand.tick) = (Moment::Mark, Some(tick.clone()));
                step.occasions.insert(Occasion::Mark);
            }
            Kind::News(_) => step.kind = Moment::News,
            // It knows one version of one program.
            Kind::Open(_) | Kind::Migrate(_) => return Err(FaultKind::Inconsistent),
            Kind::Gap(gap) => {
                self.gap(gap);
                return Ok(None);
            }
            Kind::Ack(_) | Kind::Clock | Kind::Close | Kind::Calendar(_) | Kind::Instrument(_) => return Ok(None),
        }
        self.remember(step.hand.position, market);
        Ok(Some(step))
    }

    /// An option that may be changed has another value from now on.
    fn change_option(&mut self, name: &str, told: &crate::event::FieldValue) -> Result<(), FaultKind> {
        let ir = std::sync::Arc::clone(&self.ir);
        let known = ir.options.iter().enumerate().find(|(_, option)| option.name == name);
        let Some((place, option)) = known else { return Err(FaultKind::Inconsistent) };
        let value = Val::read(told, &option.ty).ok_or(FaultKind::Inconsistent)?;
        if let Some(kept) = self.options.get_mut(place) {
            *kept = value;
        }
        Ok(())
    }

    fn book_fill(&mut self, market: &Market, fill: &Fill, step: &mut Step) -> Result<(), FaultKind> {
        let pricing = self.pricing(market);
        let filled = self.ledger.book_fill(fill, step.now, pricing)?;
        step.kind = Moment::Fill;
        step.occasions.extend([Occasion::Mark, Occasion::Fill]);
        step.occasions.extend(filled.entry.then_some(Occasion::Entry));
        step.occasions.extend(filled.exit.then_some(Occasion::Exit));
        step.occasions.extend(filled.realised.then_some(Occasion::Realised));
        step.occasions.extend(filled.trade.as_ref().map(|_| Occasion::Trade));
        self.fill_order(fill, filled.entry.then_some(filled.position).flatten());
        step.hand.position = filled.position;
        step.ended = self.regroup(market, &filled, step.now);
        step.hand.fill = Some((fill.clone(), filled));
        Ok(())
    }

    /// Takes a fill off its working order, whose stops its position then has.
    fn fill_order(&mut self, fill: &Fill, entered: Option<u64>) {
        let Some(working) = self.working.iter_mut().find(|working| Some(&working.order.order_id) == fill.order_id.as_ref()) else { return };
        working.remaining = sub(working.remaining, fill.quantity.abs()).unwrap_or_default();
        let (stop, target) = (working.order.stop_loss, working.order.take_profit);
        if let Some(position) = self.ledger.positions.iter_mut().find(|position| Some(position.serial) == entered) {
            position.stop = stop.or(position.stop);
            position.target = target.or(position.target);
        }
        self.working.retain(|working| !working.remaining.is_negative() && !working.remaining.is_zero());
    }

    fn book_cash(&mut self, cash: &Cash, step: &mut Step) -> Result<(), FaultKind> {
        use CashType::{Adjustment, Commission, Deposit, Dividend, Fee, Funding, Interest, Rebase, Resize, Swap, Tax, Withdrawal};
        self.opening.renews |= self.ledger.book_cash(cash)?.is_some();
        step.kind = Moment::Cash;
        step.occasions.extend(match cash.cash_type {
            Deposit => Some(Occasion::Deposit),
            Withdrawal => Some(Occasion::Withdrawal),
            Resize => Some(Occasion::Resize),
            Rebase => Some(Occasion::LedgerReset),
            Adjustment => Some(Occasion::Adjustment),
            Commission | Fee | Tax | Swap | Funding | Interest | Dividend => Some(Occasion::Realised),
            _ => None,
        });
        Ok(())
    }

    /// A new order is a question and is none of the working orders until it has been answered.
    fn book_order(&mut self, order: &Order, step: &mut Step) {
        self.ledger.use_symbol(&order.symbol);
        step.kind = Moment::Order;
        let known = self.working.iter().position(|working| working.order.order_id == order.order_id);
        let mut working = Working { order: order.clone(), remaining: order.quantity.abs() };
        match order.status {
            OrderStatus::New => {
                self.asked = true;
                step.occasions.insert(Occasion::Order);
            }
            OrderStatus::Changed => {
                if let Some(kept) = known.and_then(|at| self.working.get_mut(at)) {
                    let filled = sub(kept.order.quantity.abs(), kept.remaining).unwrap_or_default();
                    working.remaining = sub(working.remaining, filled).unwrap_or_default();
                    *kept = working.clone();
                }
            }
            OrderStatus::Cancelled | OrderStatus::Rejected | OrderStatus::Expired => {
                known.map(|at| self.working.remove(at));
            }
        }
        step.hand.order = Some(working);
    }

    /// The open position that the platform names.
    fn named_position(&mut self, name: &str) -> Option<&mut super::position::Position> {
        let netting = self.ledger.mode == PositionMode::Netting;
        let positions = &mut self.ledger.positions;
        let at = positions.iter().position(|position| position.id.as_deref() == Some(name));
        let at = at.or_else(|| positions.iter().position(|position| netting && position.symbol == name));
        at.and_then(|at| positions.get_mut(at))
    }

    /// Stops and targets that are not told are gone.
    fn book_protect(&mut self, protect: &Protect, step: &mut Step) -> Result<(), FaultKind> {
        let position = self.named_position(&protect.position_id).ok_or(FaultKind::Inconsistent)?;
        (position.stop, position.target) = (protect.stop_loss, protect.take_profit);
        (step.kind, step.hand.position) = (Moment::Protect, Some(position.serial));
        Ok(())
    }

    /// The platform's statement of a position holds from now on; that it differs is told.
    fn book_position(&mut self, market: &Market, stated: &Position, step: &mut Step) -> Result<(), FaultKind> {
        self.ledger.use_symbol(&stated.symbol);
        step.kind = Moment::Protect;
        let name = stated.position_id.clone().unwrap_or_else(|| stated.symbol.clone());
        let (ticks, now) = (market.ticks, step.now);
        let Some(position) = self.named_position(&name) else {
            if !stated.quantity.is_zero() {
                return Err(FaultKind::LedgerDisagrees);
            }
            return Ok(());
        };
        let serial = position.serial;
        position.accrued = add(stated.swap.unwrap_or_default(), stated.commission.unwrap_or_default())?;
        if position.signed() == stated.quantity {
            step.hand.position = Some(serial);
            return Ok(());
        }
        let price = stated.price.map_or_else(|| position.entry_price(), Ok)?;
        position.changed = now;
        position.largest = larger(position.largest, stated.quantity.abs());
        position.long = !stated.quantity.is_negative();
        position.quantity = stated.quantity.abs();
        position.entry_value = mul(price, position.quantity)?;
        position.filled_at = (price, ticks);
        let closed = (position.quantity.is_zero()).then(|| position.clone());
        self.ledger.positions.retain(|position| !position.quantity.is_zero());
        if let Some(closed) = closed {
            step.ended = self.leave(&closed, step.now);
        }
        self.draft.faults.push(FaultKind::LedgerDisagrees);
        step.hand.position = self.ledger.positions.iter().map(|position| position.serial).find(|open| *open == serial);
        Ok(())
    }

    fn book_snapshot(&mut self, market: &Market, snapshot: &Snapshot, step: &mut Step) -> Result<(), FaultKind> {
        let pricing = self.pricing(market);
        self.ledger.take_snapshot(snapshot, pricing)?;
        if snapshot.anchor.is_some() {
            let (balance, offset) = (self.ledger.balance()?, self.ledger.offset);
            let equity = sub(snapshot.equity, offset)?;
            self.periods.anchor_day(balance, equity, &self.ledger);
            if let Some(opening) = &mut self.opening.kept {
                opening.ledger.take_balance(snapshot.balance)?;
                opening.periods.anchor_day(balance, equity, &opening.ledger);
            }
        }
        step.kind = Moment::Mark;
        step.occasions.insert(Occasion::Mark);
        Ok(())
    }

    /// A payout is asked for, or has changed.
    fn book_payout(&mut self, payout: &Payout, step: &mut Step) -> Result<(), FaultKind> {
        step.kind = Moment::Payout;
        let known = self.payouts.iter().position(|record| record.id == payout.payout_id);
        if payout.status == PayoutStatus::Requested && known.is_none() {
            step.hand.payout = Some(self.add_payout(payout)?);
            step.occasions.insert(Occasion::PayoutRequest);
            return Ok(());
        }
        if payout.status == PayoutStatus::Requested {
            return Err(FaultKind::Inconsistent);
        }
        // One that was never asked for, as in a history that begins later, is known from now on.
        let at = known.map_or_else(|| self.add_payout(payout), Ok)?;
        let balance = self.ledger.balance()?;
        let order = u32::try_from(self.paid_payouts().count()).unwrap_or(u32::MAX);
        let line = self.ledger.lines.len();
        let Some(record) = self.payouts.get_mut(at) else { return Err(FaultKind::Inconsistent) };
        record.amount = payout.amount.unwrap_or(record.amount);
        record.status = payout.status;
        match payout.status {
            PayoutStatus::Approved => step.occasions.extend([Occasion::PayoutApproval]),
            PayoutStatus::Denied => step.occasions.extend([Occasion::PayoutDenial]),
            PayoutStatus::Paid => {
                record.paid = Some(Paid { order, at: step.now, balance, line });
                step.occasions.extend([Occasion::PayoutPayment, Occasion::CycleEnd, Occasion::CycleStart]);
                self.opening.renews = true;
            }
            PayoutStatus::Returned => record.paid = None,
            PayoutStatus::Cancelled | PayoutStatus::Requested => {}
        }
        step.hand.payout = Some(at);
        Ok(())
    }

    /// A payout that is new: its number counts those that were paid before; all that is available
    /// where no amount is told.
    fn add_payout(&mut self, payout: &Payout) -> Result<usize, FaultKind> {
        let paid = u32::try_from(self.paid_payouts().count()).unwrap_or(u32::MAX);
        let amount = payout.amount.map_or_else(|| self.reserved().and_then(|reserved| self.ledger.available(reserved)), Ok)?;
        let (id, number) = (payout.payout_id.clone(), paid.saturating_add(1));
        self.payouts.push(PayoutRecord { id, number, amount, status: PayoutStatus::Requested, paid: None, denied: false });
        Ok(self.payouts.len() - 1)
    }

    /// What a person decided: an override clears breaches and leads back from a standing phase; a
    /// suspension is a lock that staff lift.
    fn book_staff(&mut self, staff: &Staff) -> Result<(), FaultKind> {
        let locked = !self.locks.is_empty();
        match staff.decision {
            StaffDecision::Override => self.override_breach(staff),
            StaffDecision::Suspend | StaffDecision::EmergencyStop => self.lock_until_staff(),
            StaffDecision::Reinstate => self.locks.retain(|lock| lock.until != NEVER),
        }
        if staff.balance == Some(BalancePolicy::Reset) {
            let start = self.ledger.start()?;
            self.ledger.start_with(start)?;
            self.opening.renews = true;
        }
        self.tell_lock(locked);
        Ok(())
    }

    /// A lock that only staff lift.
    pub(super) fn lock_until_staff(&mut self) {
        let by = (NodeId(u16::MAX), 0, 0);
        self.locks.retain(|lock| lock.by != by);
        self.locks.push(Lock { by, title: "staff".into(), cites: None, until: NEVER });
    }

    fn override_breach(&mut self, staff: &Staff) {
        let ir = std::sync::Arc::clone(&self.ir);
        let standing = self.phase.is_some_and(|phase| ir.phase(phase).standing);
        if let Some(left) = self.left.filter(|_| standing) {
            let from = self.phase_name();
            (self.phase, self.left) = (Some(left), None);
            self.draft.effects.push(Effect::Change(Change::Entered { from, to: self.phase_name() }));
        }
        for ((id, _), slot) in &mut self.slots {
            let node = ir.node(*id);
            let cleared = staff.breach.as_ref().is_none_or(|title| *title == node.name);
            if let (Memory::Limit(cell), NodeKind::Limit(_), true) = (&mut slot.memory, &node.kind, cleared) {
                cell.rearm();
            }
        }
    }
}
