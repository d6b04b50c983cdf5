//! The answers to questions: may this order go out, is this payout granted.

use std::sync::Arc;

use super::Account;
use super::groups::Groups;
use super::hand::Hand;
use super::intake::kind_of;
use super::locks::LockedBy;
use super::orders::WorkingOrder;
use super::picture::Picture;
use super::resolve::{Draft, is_reject, name, said};
use super::{symbols, values};
use crate::ir::{ExprId, ExprKind, Invariant, Limit, NodeId, NodeKind, OrderPrice, PayoutStep, PayoutStepKind, Per, Requirement};
use crate::ledger::{Fill, FillEntry, Ledger, PositionMode, SymbolId};
use crate::market::Market;
use crate::outcome::{Change, FaultKind, PayoutAmounts, Reason, Verdict};
use crate::syntax::ast::{Bound, Gaps};
use crate::value::{Decimal, Fixed};
use crate::vm::view::{Cursor, Effect, FailedStep, MISSING, PayoutAnswer};
use crate::vm::{self, Judged};
use crate::vocabulary::{Occasion, answers};

impl Account {
    /// Answers the question at hand, if there is one.
    pub(super) fn answer(&mut self, market: &Market, hand: &Hand, draft: &mut Draft) {
        if let Some(order) = hand.order.as_ref().filter(|_| hand.occasions & Occasion::Order.bit() != 0) {
            let (verdict, faults) = self.order_verdict(market, hand, order);
            draft.answer(verdict);
            for (id, kind) in faults {
                draft.rule_fault(&self.program.ir, id, kind);
            }
        }
        if hand.occasions & Occasion::Entry.bit() != 0 {
            self.tell_not_asked(draft);
        }
        self.answer_payout(hand, draft);
    }

    /// The answer, and the limits that could not be judged.
    fn order_verdict(&self, market: &Market, hand: &Hand, order: &WorkingOrder) -> (Verdict, Vec<(NodeId, FaultKind)>) {
        let mut refused = self.refused_by_standing(order);
        refused.extend(self.rejecting_rules());
        let quantity = order.quantity.saturating_abs();
        let mut reduced: Option<(i64, Vec<Reason>)> = None;
        let mut faults = Vec::new();
        for (id, limit) in self.order_limits() {
            match self.breaks(market, hand, (id, limit), order, quantity) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(kind) => {
                    faults.push((id, kind));
                    continue;
                }
            }
            let reason = self.limit_reason(market, hand, (id, limit), order);
            if limit.refuses {
                refused.push(reason);
                continue;
            }
            let fits = self.largest_that_fits(market, order, |quantity| self.breaks(market, hand, (id, limit), order, quantity));
            let (least, reasons) = reduced.get_or_insert((fits, Vec::new()));
            *least = (*least).min(fits);
            reasons.push(reason);
        }
        let verdict = match reduced {
            _ if !refused.is_empty() => Verdict::Reject { reasons: refused },
            Some((0, reasons)) => Verdict::Reject { reasons },
            Some((quantity, reasons)) => Verdict::Reduce { quantity: values::decimal(quantity), reasons },
            None => Verdict::Allow,
        };
        (verdict, faults)
    }

    /// The rules that ask to reject the order.
    fn rejecting_rules(&self) -> Vec<Reason> {
        let ir = &self.program.ir;
        let rejecting = self.effects.list().iter().filter_map(|effect| match effect {
            Effect::Act(act) if is_reject(ir, act) => Some(act),
            _ => None,
        });
        let reasons = rejecting.map(|act| {
            let node = ir.node(act.node);
            let evidence = values::evidence(ir, &self.books, &node.evidence, &act.evidence);
            Reason { rule: name(ir, act.node), cites: node.cites.as_deref().map(Into::into), evidence }
        });
        reasons.collect()
    }

    /// The limits in force that are asked before an order goes out.
    fn order_limits(&self) -> impl Iterator<Item = (NodeId, &Limit)> {
        let phase = self.books.phase();
        let in_force = self.program.ir.nodes().filter(move |(id, _)| phase.is_some_and(|phase| self.program.in_force(*id, phase)));
        in_force.filter_map(|(id, node)| match &node.kind {
            NodeKind::Limit(limit) if limit.refuses || limit.reduces => Some((id, limit.as_ref())),
            _ => None,
        })
    }

    /// A standing phase, locks, and a feed that was down, refuse what opens or increases.
    fn refused_by_standing(&self, order: &WorkingOrder) -> Vec<Reason> {
        let standing = self.books.phase().map(|phase| self.program.ir.phase(phase)).filter(|phase| phase.standing);
        let gap = self.program.ir.header.gaps == Gaps::RefuseNewRisk && self.books.now < self.books.gap_until;
        if (standing.is_none() && !self.books.is_locked() && !gap) || !self.increases(order) {
            return Vec::new();
        }
        let ir = &self.program.ir;
        let mut reasons: Vec<Reason> = standing.map(|phase| bare(&answers::in_phase(&phase.name))).into_iter().collect();
        for lock in self.books.locks.held() {
            let reason = match lock.by {
                LockedBy::Rule(node, ..) => {
                    let cites = ir.node(NodeId(node)).cites.as_deref().map(Into::into);
                    Reason { rule: name(ir, NodeId(node)), cites, evidence: Vec::new() }
                }
                LockedBy::Staff => bare(answers::STAFF),
            };
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons.extend(gap.then(|| bare(answers::IN_A_GAP)));
        reasons
    }

    /// Whether an order makes the symbol's net quantity larger.
    fn increases(&self, order: &WorkingOrder) -> bool {
        let before = self.books.ledger.net_quantity(SymbolId(order.symbol)).unwrap_or_default();
        let after = Fixed::from_raw(order.quantity).and_then(|quantity| before.add(quantity).ok());
        after.is_none_or(|after| after.abs() > before.abs())
    }

    /// Whether an order of this quantity, filled, would break a limit and make its limited value worse.
    /// A limit that cannot be judged refuses nothing: that is its fault.
    fn breaks(
        &self,
        market: &Market,
        hand: &Hand,
        limit: (NodeId, &Limit),
        order: &WorkingOrder,
        quantity: i64,
    ) -> Result<bool, FaultKind> {
        let after = self.supposed(market, limit.1, order, quantity, Some(Fixed::ZERO))?;
        Ok(self.broken_by(market, hand, limit, order, quantity, &after)?.is_some())
    }

    /// What is at hand for the first instance of a limit that is broken, and worse, on the picture with
    /// an order filled.
    fn broken_by(
        &self,
        market: &Market,
        hand: &Hand,
        (id, limit): (NodeId, &Limit),
        order: &WorkingOrder,
        quantity: i64,
        after: &(Ledger, Groups),
    ) -> Result<Option<Cursor>, FaultKind> {
        let quantity = order.quantity.signum() * quantity;
        let asked = Hand { order: Some(WorkingOrder { quantity, ..order.clone() }), ..hand.clone() };
        let (ledger, groups) = after;
        let (now, then) = (self.picture(market, hand), self.picture_with(market, &asked, ledger, groups));
        let per = self.program.ir.node(id).per;
        let mut fault = Ok(None);
        for (before, cursor) in self.instances(per, after) {
            match self.judge(&then, id, cursor) {
                Ok(Some(then)) if then.broken => {
                    let before = before.and_then(|cursor| self.judge(&now, id, cursor).ok().flatten());
                    if is_worse(limit, before, then) {
                        return Ok(Some(cursor));
                    }
                }
                Ok(_) => {}
                Err(kind) => fault = fault.and(Err(kind)),
            }
        }
        fault
    }

    /// The instances of a limit as the ledger would be, each with the one that it was.
    fn instances(&self, per: Per, (after, groups): &(Ledger, Groups)) -> Vec<(Option<Cursor>, Cursor)> {
        match per {
            Per::Group(group) => {
                let live = |groups: &Groups| groups.live(group).iter().map(|live| live.instance().serial).collect::<Vec<u64>>();
                let before = live(&self.books.groups);
                let was = |serial: &u64| before.iter().position(|known| known == serial).map(|at| Cursor::Group(group, at));
                live(groups).iter().enumerate().map(|(at, serial)| (was(serial), Cursor::Group(group, at))).collect()
            }
            Per::Order => vec![(None, Cursor::Event)],
            Per::Account => vec![(Some(Cursor::Event), Cursor::Event)],
            Per::Symbol => (0..self.books.symbols.traded()).map(|number| (Some(Cursor::Symbol(number)), Cursor::Symbol(number))).collect(),
            Per::Position => {
                let was = |serial| self.books.ledger.positions().iter().position(|open| open.serial == serial).map(Cursor::Position);
                after.positions().iter().enumerate().map(|(at, open)| (was(open.serial), Cursor::Position(at))).collect()
            }
        }
    }

    /// How a limit stands; none where it is not in force.
    fn judge(&self, picture: &Picture, limit: NodeId, cursor: Cursor) -> Result<Option<Judged>, FaultKind> {
        Ok(Some(vm::judge_limit(&self.program, limit, cursor, &self.slots, picture)?).filter(|judged| judged.in_force))
    }

    /// The ledger with an order filled at its own price, a market order at the entry side of the mark,
    /// its profit as told, or else what its price brings. Where there is no price, what needs none is judged all the same.
    fn supposed(
        &self,
        market: &Market,
        limit: &Limit,
        order: &WorkingOrder,
        quantity: i64,
        profit: Option<Fixed>,
    ) -> Result<(Ledger, Groups), FaultKind> {
        let (mut ledger, mut groups) = (self.books.ledger.clone(), self.books.groups.clone());
        let others = self.books.orders.working().iter().filter(|_| limit.with_working_orders);
        let signed = quantity.checked_mul(order.quantity.signum()).ok_or(FaultKind::Overflow)?;
        for (order, quantity) in others.map(|other| (other, other.quantity)).chain([(order, signed)]) {
            let price = self.supposed_price(order, quantity).or((limit.order_price == OrderPrice::Unneeded).then_some(Fixed::ONE));
            let fill = Fill { gross_profit: profit, ..self.supposed_fill(order, quantity, price.ok_or(FaultKind::Missing)?)? };
            let effect = ledger.fill(&fill).map_err(kind_of)?;
            self.supposed_groups(market, &mut groups, &ledger, &effect);
        }
        Ok((ledger, groups))
    }

    fn supposed_price(&self, order: &WorkingOrder, quantity: i64) -> Option<Fixed> {
        Fixed::from_raw(order.price).or_else(|| self.books.ledger.entry_price(SymbolId(order.symbol), quantity > 0))
    }

    fn supposed_fill(&self, order: &WorkingOrder, quantity: i64, price: Fixed) -> Result<Fill, FaultKind> {
        let symbol = SymbolId(order.symbol);
        let hedging = self.books.ledger.mode() == PositionMode::Hedging;
        Ok(Fill {
            at: self.books.at(),
            ordinal: self.books.ordinal,
            symbol,
            quantity: Fixed::from_raw(quantity).ok_or(FaultKind::Overflow)?,
            price,
            position: None,
            entry: if hedging { FillEntry::In } else { FillEntry::Unknown },
            gross_profit: None,
            costs: Fixed::ZERO,
            rate: None,
            stop: Fixed::from_raw(order.stop),
            target: Fixed::from_raw(order.target),
        })
    }

    /// Whether a limit is broken at once, or by the next tick at the prices of now: a long entered at the ask is then
    /// valued at the bid.
    fn breaks_with_the_next_tick(
        &self,
        market: &Market,
        hand: &Hand,
        (id, limit): (NodeId, &Limit),
        order: &WorkingOrder,
        quantity: i64,
    ) -> Result<bool, FaultKind> {
        let is_asked = limit.refuses || limit.reduces;
        if is_asked && self.breaks(market, hand, (id, limit), order, quantity)? {
            return Ok(true);
        }
        // What it closes brings its profit or loss.
        let mut after = self.supposed(market, limit, order, quantity, None)?;
        let symbol = SymbolId(order.symbol);
        after.0.mark(symbol, after.0.quote(symbol), self.books.ordinal);
        Ok(self.broken_by(market, hand, (id, limit), order, quantity, &after)?.is_some())
    }

    /// The largest quantity on the symbol's step that keeps a limit: above it every quantity breaks it.
    fn largest_that_fits(&self, market: &Market, order: &WorkingOrder, breaks_at: impl Fn(i64) -> Result<bool, FaultKind>) -> i64 {
        let listing = self.books.symbols.listing(SymbolId(order.symbol));
        let step = listing.map_or(Fixed::ONE, |listing| symbols::quantity_step(market, listing)).raw();
        let (mut fits, mut breaks) = (0, order.quantity.saturating_abs() / step + 1);
        while breaks - fits > 1 {
            let middle = fits + (breaks - fits) / 2;
            if breaks_at(middle * step) == Ok(true) {
                breaks = middle;
            } else {
                fits = middle;
            }
        }
        fits * step
    }

    /// The limit's title with its values on the picture with the order filled.
    fn limit_reason(&self, market: &Market, hand: &Hand, (id, limit): (NodeId, &Limit), order: &WorkingOrder) -> Reason {
        let ir = &self.program.ir;
        let quantity = order.quantity.saturating_abs();
        let after = self.supposed(market, limit, order, quantity, Some(Fixed::ZERO)).ok();
        let cursor = after.as_ref().and_then(|after| self.broken_by(market, hand, (id, limit), order, quantity, after).ok().flatten());
        let cursor = cursor.unwrap_or(Cursor::Event);
        let (ledger, groups) = after.as_ref().map_or((&self.books.ledger, &self.books.groups), |(ledger, groups)| (ledger, groups));
        let picture = self.picture_with(market, hand, ledger, groups);
        let node = ir.node(id);
        let judged = self.judge(&picture, id, cursor).ok().flatten();
        let raws: Vec<i64> = node.evidence.iter().map(|(_, expr)| self.supposed_value(&picture, cursor, limit, judged, *expr)).collect();
        let cites = node.cites.as_deref().map(Into::into);
        Reason { rule: name(ir, id), cites, evidence: values::evidence(ir, &self.books, &node.evidence, &raws) }
    }

    /// The sides as they were judged; other values as they stand.
    fn supposed_value(&self, picture: &Picture, cursor: Cursor, limit: &Limit, judged: Option<Judged>, expr: ExprId) -> i64 {
        match (&limit.invariant, judged) {
            (Invariant::Stays { left, .. }, Some(judged)) if *left == expr => judged.left,
            (Invariant::Stays { right, .. }, Some(judged)) if *right == expr => judged.right,
            _ => vm::evaluate_root_at(&self.program, expr, cursor, &self.slots, picture).unwrap_or(MISSING),
        }
    }

    /// The largest order of a symbol and side that keeps every limit, on the symbol's step; none where the
    /// symbol has no instrument, where no limit bounds it, or where a limit that is asked before orders cannot
    /// be judged, as one that needs a price where there is none.
    pub(crate) fn largest_order(&mut self, market: &Market, symbol: &str, buys: bool) -> Option<Fixed> {
        let id = self.introduce(market, symbol)?;
        let step = symbols::quantity_step(market, self.books.symbols.listing(id)?).raw();
        let listed = market.listing(self.books.symbols.listing(id)?)?.instrument.as_ref();
        let most = listed.and_then(|listed| listed.max_quantity).map_or(1_000_000 * Fixed::ONE_RAW, |most| Fixed::from(most).raw());
        let most = most / step * step;
        let mut order = WorkingOrder::market(id, if buys { most } else { -most });
        let hand = Hand { order: Some(order.clone()), ..Hand::of(&[Occasion::Order]) };
        let mut bounded = listed.is_some_and(|listed| listed.max_quantity.is_some());
        // Those that are not asked before the order are judged behind its fill, at once or once they were broken long enough.
        for id in self.nodes_in_force(|kind| matches!(kind, NodeKind::Limit(_))) {
            let NodeKind::Limit(limit) = &self.program.ir.node(id).kind else { continue };
            let is_asked = limit.refuses || limit.reduces;
            if !is_asked && self.supposed_price(&order, order.quantity).is_none() {
                continue;
            }
            let breaks_at = |quantity: i64| self.breaks_with_the_next_tick(market, &hand, (id, limit), &order, quantity);
            let breaks = match breaks_at(order.quantity.saturating_abs()) {
                Err(_) if is_asked => return None,
                breaks => breaks == Ok(true),
            };
            if breaks {
                let fits = self.largest_that_fits(market, &order, breaks_at);
                order.quantity = order.quantity.signum() * fits;
                bounded = true;
            }
        }
        if !self.refused_by_standing(&order).is_empty() {
            // What leaves no more than is held is not refused: up to twice that, the other way.
            let held = self.books.ledger.net_quantity(id).unwrap_or_default().raw();
            let opposite = held.signum() == -order.quantity.signum();
            let closes = if opposite { held.saturating_abs().saturating_mul(2).min(order.quantity.saturating_abs()) } else { 0 };
            return Fixed::from_raw(closes);
        }
        Fixed::from_raw(order.quantity.saturating_abs()).filter(|_| bounded)
    }

    /// Answers a payout request, or denies a pending one, as the policy in force says.
    pub(super) fn answer_payout(&self, hand: &Hand, draft: &mut Draft) {
        let requested = hand.payout.as_ref().filter(|_| hand.occasions & Occasion::PayoutRequest.bit() != 0);
        if let Some(payout) = requested {
            let refused = if self.books.payouts.another_pending(&payout.id) { Some(answers::ONE_AT_A_TIME) } else { None };
            let refused = refused.or_else(|| (!self.has_payout_policy()).then_some(answers::NO_PAYOUTS));
            if let Some(rule) = refused {
                draft.answer(Verdict::Deny { reasons: vec![bare(rule)], amount: values::decimal(payout.amount) });
            }
        }
        for effect in self.effects.list() {
            if let Effect::PayoutAnswer(answer) = effect {
                let verdict = self.payout_verdict(answer);
                if let Verdict::Approve(amounts) | Verdict::Review { amounts, .. } = &verdict {
                    draft.outcome.changes.extend(self.floors_reached(amounts.amount));
                }
                draft.answer(verdict);
            }
        }
    }

    /// Floors in force at or above which equity would not stand without an amount.
    fn floors_reached(&self, amount: Decimal) -> Vec<Change> {
        let (ir, phase) = (&self.program.ir, self.books.phase());
        let left = self.books.ledger.equity().and_then(|equity| equity.sub(Fixed::from(amount)).ok());
        let Some(left) = left else { return Vec::new() };
        let floors = ir
            .nodes()
            .filter(|(id, node)| matches!(node.kind, NodeKind::Floor(_)) && phase.is_some_and(|phase| self.program.in_force(*id, phase)));
        let reached = floors.filter_map(|(id, node)| {
            let stands = self.slots.values.get(self.program.layout.place(id).base).copied().filter(|stands| *stands != MISSING)?;
            (left.raw() <= stands).then(|| Change::PayoutReachesFloor {
                floor: name(ir, id),
                equity: self.shown(&node.ty, left.raw()),
                stands: self.shown(&node.ty, stands),
            })
        });
        reached.collect()
    }

    fn payout_verdict(&self, answer: &PayoutAnswer) -> Verdict {
        let node = self.program.ir.node(answer.node);
        let NodeKind::Payout(policy) = &node.kind else { return Verdict::Deny { reasons: Vec::new(), amount: Decimal::ZERO } };
        let cites = || node.cites.as_deref().map(Into::into);
        let requirement = |requirement: &Requirement, values: &[i64]| {
            let evidence = values::evidence(&self.program.ir, &self.books, &requirement.evidence, values);
            Reason { rule: requirement.title.as_str().into(), cites: cites(), evidence }
        };
        let amount = values::decimal(answer.amount);
        if answer.pending {
            let failed = answer.failed.iter().filter_map(|at| Some(requirement(policy.pending.get(usize::from(at.step))?, &at.values)));
            let amount = self.books.payouts.pending().map_or(Decimal::ZERO, |payout| values::decimal(payout.amount));
            return Verdict::Deny { reasons: failed.collect(), amount };
        }
        let reason = |at: &FailedStep| {
            let step = policy.steps.get(usize::from(at.step))?;
            Some(match &step.kind {
                PayoutStepKind::Require(required) => requirement(required, &at.values),
                PayoutStepKind::Minimum(least) => self.too_little(step, *least, &at.values, cites()),
                _ => bare(&step.words),
            })
        };
        let mut failed: Vec<Reason> = answer.failed.iter().filter_map(reason).collect();
        failed.extend(answer.nothing.then(|| bare(answers::NOTHING_TO_PAY)));
        if !failed.is_empty() {
            return Verdict::Deny { reasons: failed, amount };
        }
        let (trader, firm) = (values::decimal(answer.trader), values::decimal(answer.firm));
        let (fee, besides) = (values::decimal(answer.fee), values::decimal(answer.besides));
        let amounts = PayoutAmounts { amount, trader, firm, fee, besides };
        let reviews = answer.review.iter().filter_map(|at| match &policy.steps.get(usize::from(*at))?.kind {
            PayoutStepKind::Review(why) => Some(bare(why)),
            _ => None,
        });
        let reasons: Vec<Reason> = reviews.collect();
        if reasons.is_empty() { Verdict::Approve(amounts) } else { Verdict::Review { reasons, amounts } }
    }

    /// The values are the amount that was left to pay, and the minimum.
    fn too_little(&self, step: &PayoutStep, least: ExprId, values: &[i64], cites: Option<Arc<str>>) -> Reason {
        let ir = &self.program.ir;
        let ty = &ir.expr(least).ty;
        let words = [String::from("amount"), ir.source.words(ir.expr(least).span)];
        // A minimum that is written out is told by the step itself.
        let told = if matches!(ir.expr(least).kind, ExprKind::Constant(_)) { 1 } else { 2 };
        let evidence = words.iter().zip(values).take(told).map(|(text, raw)| said(text, self.shown(ty, *raw))).collect();
        Reason { rule: step.words.as_str().into(), cites, evidence }
    }

    fn has_payout_policy(&self) -> bool {
        let phase = self.books.phase();
        let mut in_force = self.program.ir.nodes().filter(|(id, _)| phase.is_some_and(|phase| self.program.in_force(*id, phase)));
        in_force.any(|(_, node)| matches!(node.kind, NodeKind::Payout(_)))
    }

    /// A host that fills without having asked has its limits on orders reported, once.
    fn tell_not_asked(&mut self, draft: &mut Draft) {
        if self.books.asked || self.books.told_not_asked {
            return;
        }
        let limits: Vec<NodeId> = self.order_limits().map(|(id, _)| id).collect();
        for id in limits {
            self.books.told_not_asked = true;
            draft.rule_fault(&self.program.ir, id, FaultKind::NotAsked);
        }
    }
}

/// The order in question, as it works from now on, if it may go out.
pub(super) fn accepted_order(hand: &Hand, draft: &Draft) -> Option<WorkingOrder> {
    let order = hand.order.as_ref().filter(|_| hand.occasions & Occasion::Order.bit() != 0)?;
    match draft.outcome.verdict {
        Some(Verdict::Allow) => Some(order.clone()),
        Some(Verdict::Reduce { quantity, .. }) => {
            let quantity = Fixed::from(quantity).raw() * order.quantity.signum();
            Some(WorkingOrder { quantity, ..order.clone() })
        }
        _ => None,
    }
}

/// Whether a limited value is worse than before; a condition is when it did not hold before.
fn is_worse(limit: &Limit, before: Option<Judged>, after: Judged) -> bool {
    let Some(before) = before else { return true };
    match &limit.invariant {
        Invariant::Never(_) => !before.broken,
        Invariant::Stays { bound: Bound::Above | Bound::AtOrAbove, .. } => after.left < before.left,
        Invariant::Stays { .. } => after.left > before.left,
    }
}

/// A reason without values.
pub(super) fn bare(rule: &str) -> Reason {
    Reason { rule: rule.into(), cites: None, evidence: Vec::new() }
}
