//! The answer to a new order: locks first, then every limit that refuses or reduces, judged on the
//! picture with the order filled.

use std::cell::Cell;

use crate::event::{Fill, FillEntry, FillReason, PositionMode};
use crate::ir::{Limit, Node, NodeId, NodeKind, OrderPrice, Per};
use crate::outcome::{ActionKind, Evidence, FaultKind, Reason, Verdict};
use crate::syntax::ast::Gaps;
use crate::value::Decimal;
use crate::vocabulary::{Occasion, answers};

use super::account::{Account, Working};
use super::days::NEVER;
use super::draft::{Effect, bare_reason};
use super::eval::{Cursor, Eval};
use super::fills::Filled;
use super::limit::is_lower;
use super::market::Market;
use super::number::{add, steps, sub, whole};
use super::position::Pricing;
use super::seen::Sight;
use super::val::Val;

impl Account {
    /// The answer to the new order at hand, if there is one, and the faults of limits that could not be judged.
    pub(super) fn answer_order(&self, market: &Market) -> Option<(Verdict, Vec<Effect>)> {
        let working = self.step.hand.order.as_ref().filter(|_| self.step.has(Occasion::Order))?;
        let mut faults = Vec::new();
        let mut refused = self.refused_by_standing(working);
        refused.extend(self.draft.acts().filter(|act| act.action.kind == ActionKind::Reject).map(|act| Reason {
            rule: act.action.rule.clone(),
            cites: act.action.cites.clone(),
            evidence: act.action.evidence.values.clone(),
        }));
        let mut reduced: Option<(Decimal, Vec<Reason>)> = None;
        for (limit, node, id) in self.limits_on_orders() {
            match self.breaks(market, (node, limit), working.remaining) {
                Ok(true) => market.tell(Sight::Order(id, true)),
                Ok(false) => {
                    market.tell(Sight::Order(id, false));
                    continue;
                }
                Err(kind) => {
                    faults.push(Effect::Fault { node: id, kind });
                    continue;
                }
            }
            let reason = self.reason_of_limit(market, (node, limit), working.remaining);
            if limit.refuses {
                refused.push(reason);
                continue;
            }
            let fits = self.largest_that_fits(market, (node, limit), working);
            let (least, reasons) = reduced.get_or_insert((fits, Vec::new()));
            *least = (*least).min(fits);
            reasons.push(reason);
        }
        let verdict = match reduced {
            _ if !refused.is_empty() => Verdict::Reject { reasons: refused },
            Some((quantity, reasons)) if quantity.is_zero() => Verdict::Reject { reasons },
            Some((quantity, reasons)) => Verdict::Reduce { quantity, reasons },
            None => Verdict::Allow,
        };
        Some((verdict, faults))
    }

    fn limits_on_orders(&self) -> impl Iterator<Item = (&Limit, &Node, NodeId)> {
        let in_force = self.ir.nodes().filter(|(id, _)| self.in_force(*id));
        in_force.filter_map(|(id, node)| match &node.kind {
            NodeKind::Limit(limit) if limit.refuses || limit.reduces => Some((limit.as_ref(), node, id)),
            _ => None,
        })
    }

    /// A host that fills without ever having asked has its limits on orders told, once.
    pub(super) fn tell_not_asked(&mut self) {
        if self.asked || self.told.not_asked || !self.step.has(Occasion::Entry) {
            return;
        }
        let ir = std::sync::Arc::clone(&self.ir);
        let on_orders = |node: &Node| matches!(&node.kind, NodeKind::Limit(limit) if limit.refuses || limit.reduces);
        let limits: Vec<NodeId> = ir.nodes().filter(|(id, node)| self.in_force(*id) && on_orders(node)).map(|(id, _)| id).collect();
        self.told.not_asked = !limits.is_empty();
        let faults = limits.into_iter().map(|node| Effect::Fault { node, kind: FaultKind::NotAsked });
        self.draft.effects.extend(faults);
    }

    /// A standing phase, locks, and a feed that is down where the header says so, refuse what opens or increases.
    fn refused_by_standing(&self, working: &Working) -> Vec<Reason> {
        let standing = self.phase.map(|phase| self.ir.phase(phase)).filter(|phase| phase.standing);
        let gap = self.ir.header.gaps == Gaps::RefuseNewRisk && self.step.now < self.gap_until;
        if (standing.is_none() && self.locks.is_empty() && !gap) || !self.increases(working).unwrap_or(true) {
            return Vec::new();
        }
        let mut reasons: Vec<Reason> = standing.map(|phase| bare_reason(&answers::in_phase(&phase.name))).into_iter().collect();
        for lock in &self.locks {
            let reason = Reason { cites: lock.cites.clone(), ..bare_reason(&lock.title) };
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons.extend(gap.then(|| bare_reason(answers::IN_A_GAP)));
        reasons
    }

    /// Whether an order makes the symbol's net quantity larger.
    fn increases(&self, working: &Working) -> Result<bool, FaultKind> {
        let before = self.ledger.net_quantity(&working.order.symbol)?;
        let after = add(before, signed(working, working.remaining))?;
        Ok(after.abs() > before.abs())
    }

    /// Whether an order of this quantity, filled, would break a limit and make its limited value
    /// worse. A limit that cannot be judged refuses nothing: that is its fault.
    fn breaks(&self, market: &Market, limit: (&Node, &Limit), quantity: Decimal) -> Result<bool, FaultKind> {
        Ok(self.broken_by(market, limit, quantity)?.is_some())
    }

    /// What is at hand for the first instance of a limit that an order of this quantity would break.
    fn broken_by(&self, market: &Market, limit: (&Node, &Limit), quantity: Decimal) -> Result<Option<Cursor>, FaultKind> {
        let after = self.suppose(market, limit.1, quantity)?;
        let cursors: Vec<Cursor> = match limit.0.per {
            Per::Position => after.ledger.positions.iter().map(|position| Cursor::Position(position.serial)).collect(),
            Per::Symbol => (1..=after.ledger.symbols.len()).map(Cursor::Symbol).collect(),
            Per::Group(group) => after.live_groups(group).into_iter().map(|serial| Cursor::Group(group, serial)).collect(),
            Per::Account | Per::Order => vec![Cursor::Event],
        };
        let mut fault = Ok(None);
        for cursor in cursors {
            let judged = after.judged_at(market, limit.1, cursor.clone());
            let before = || self.judged_at(market, limit.1, cursor.clone()).ok().flatten().filter(|_| limit.0.per != Per::Order);
            match judged {
                Ok(Some((true, left))) if is_worse(limit.1, before(), &left) => return Ok(Some(cursor)),
                Ok(_) => {}
                Err(kind) => fault = fault.and(Err(kind)),
            }
        }
        fault
    }

    fn judged_at(&self, market: &Market, limit: &Limit, cursor: Cursor) -> Result<Option<(bool, Val)>, FaultKind> {
        let edge = Cell::new(NEVER);
        self.eval_at(market, cursor, &edge).judged(limit)
    }

    /// What expressions are evaluated in.
    pub(super) fn eval_at<'a>(&'a self, market: &'a Market, cursor: Cursor, edge: &'a Cell<i64>) -> Eval<'a> {
        Eval { account: self, market, cursor, around: Vec::new(), news: None, amount: None, edge, looked: None, decides: true }
    }

    /// The account with an order filled at its own price, a market order at the entry side of the
    /// mark, its profit nil. Where there is no price, what needs none is judged all the same.
    fn suppose(&self, market: &Market, limit: &Limit, quantity: Decimal) -> Result<Self, FaultKind> {
        let Some(in_question) = self.step.hand.order.clone() else { return Err(FaultKind::Missing) };
        let mut account = self.clone();
        account.supposed = true;
        if let Some(order) = &mut account.step.hand.order {
            order.remaining = quantity;
        }
        let others = self.working.iter().filter(|_| limit.with_working_orders).map(|other| (other, other.remaining));
        for (order, quantity) in others.chain([(&in_question, quantity)]) {
            let pricing = self.pricing(market);
            let own = order.order.price.or(order.order.stop_price);
            let buys = !signed(order, quantity).is_negative();
            let last = self.ledger.last_fills.get(&order.order.symbol).copied();
            let price = own.or_else(|| pricing.entry_price(&order.order.symbol, buys, last));
            let price = price.or((limit.order_price == OrderPrice::Unneeded).then_some(Decimal::from(1))).ok_or(FaultKind::Missing)?;
            let filled = account.ledger.book_fill(&self.supposed_fill(order, quantity, price), self.step.now, pricing)?;
            account.protect_opened(&filled, order, pricing)?;
            account.step.ended = account.regroup(market, &filled, self.step.now);
            account.bury();
        }
        Ok(account)
    }

    /// A position that an order opened has the order's stops.
    fn protect_opened(&mut self, filled: &Filled, order: &Working, pricing: Pricing) -> Result<(), FaultKind> {
        let opened = self.ledger.positions.iter_mut().find(|position| Some(position.serial) == filled.opened);
        if let Some(position) = opened {
            (position.stop, position.target) = (order.order.stop_loss, order.order.take_profit);
            position.risks.extend(position.risk(pricing)?);
        }
        Ok(())
    }

    fn supposed_fill(&self, order: &Working, quantity: Decimal, price: Decimal) -> Fill {
        Fill {
            fill_id: order.order.order_id.clone(),
            order_id: Some(order.order.order_id.clone()),
            position_id: None,
            symbol: order.order.symbol.clone(),
            quantity: signed(order, quantity),
            price,
            entry: if self.ledger.mode == PositionMode::Hedging { FillEntry::In } else { FillEntry::Unknown },
            closed_quantity: None,
            gross_profit: Some(Decimal::ZERO),
            commission: None,
            fee: None,
            tax: None,
            swap: None,
            fx_rate: None,
            reason: FillReason::User,
            extra: std::collections::BTreeMap::new(),
        }
    }

    /// The largest quantity on the symbol's step that keeps a limit: tried one after another.
    fn largest_that_fits(&self, market: &Market, limit: (&Node, &Limit), working: &Working) -> Decimal {
        let instrument = market.instruments.get(&working.order.symbol);
        let step = instrument.map_or(Decimal::from(1), |instrument| instrument.quantity_step);
        let count = steps(working.remaining).checked_div(steps(step)).unwrap_or(0);
        let mut quantity = whole(count * steps(step)).unwrap_or_default();
        while !quantity.is_zero() && !quantity.is_negative() && self.breaks(market, limit, quantity) == Ok(true) {
            quantity = sub(quantity, step).unwrap_or_default();
        }
        if quantity.is_negative() { Decimal::ZERO } else { quantity }
    }

    /// The limit's title with its values on the picture with the order filled.
    fn reason_of_limit(&self, market: &Market, (node, limit): (&Node, &Limit), quantity: Decimal) -> Reason {
        let after = self.suppose(market, limit, quantity).ok();
        let cursor = self.broken_by(market, (node, limit), quantity).ok().flatten().unwrap_or(Cursor::Event);
        let account = after.as_ref().unwrap_or(self);
        let edge = Cell::new(NEVER);
        let eval = Eval { decides: false, ..account.eval_at(market, cursor, &edge) };
        let evidence = node.evidence.iter().map(|(text, id)| {
            let value = eval.value(*id).unwrap_or(Val::Missing);
            Evidence { text: text.as_str().into(), value: value.show(&self.ir.expr(*id).ty, &self.ir, self.facts.currency) }
        });
        Reason { rule: node.name.as_str().into(), cites: node.cites.as_deref().map(Into::into), evidence: evidence.collect() }
    }
}

/// A quantity with the sign of the order's side.
fn signed(working: &Working, quantity: Decimal) -> Decimal {
    if working.order.signed_quantity().is_negative() { quantity.neg() } else { quantity }
}

/// Whether a limited value is worse than before; a condition is when it did not hold before.
fn is_worse(limit: &Limit, before: Option<(bool, Val)>, after: &Val) -> bool {
    let Some((was_broken, before)) = before else { return true };
    match &limit.invariant {
        crate::ir::Invariant::Never(_) => !was_broken,
        crate::ir::Invariant::Stays { bound, .. } => match after.order(&before) {
            Ok(order) if is_lower(*bound) => order.is_lt(),
            Ok(order) => order.is_gt(),
            Err(_) => true,
        },
    }
}
