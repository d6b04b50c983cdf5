//! Payout policies: the answer to a request, and what must hold until payment.

use crate::ir::{ExprId, ExprKind, NodeKind, Payout, PayoutStep, PayoutStepKind, Requirement};
use crate::outcome::{Change, Evidence, FaultKind, PayoutAmounts, Reason, Verdict};
use crate::value::{Decimal, Type};
use crate::vocabulary::{AccountField, Occasion, answers};

use super::account::{Memory, Slot};
use super::draft::{Effect, bare_reason};
use super::eval::Eval;
use super::number::{add, larger, percent_of, steps, sub, whole};
use super::seen::{Sight, number};
use super::turn::Turn;
use super::val::Val;

/// What a payout policy keeps: nothing; what was denied stands with the payout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PayoutCell;

/// A request on its way through the steps.
struct Request {
    amount: Decimal,
    fee: Decimal,
    split: Option<Decimal>,
    besides: Decimal,
    failed: Vec<Reason>,
    review: Vec<Reason>,
}

impl Turn<'_> {
    /// Payout policy.
    pub(super) fn payout(&mut self, payout: &Payout, _: Option<&PayoutCell>) -> Result<Slot, FaultKind> {
        if self.step().has(Occasion::PayoutRequest) {
            let verdict = self.answer(payout)?;
            self.state.draft.verdict = Some(verdict);
        } else if let Some(at) = self.account().pending_payout() {
            self.keep_judging(payout, at)?;
        }
        Ok(Slot { memory: Memory::Payout(PayoutCell), ..Slot::empty() })
    }

    /// What must hold between request and payment: failing denies, once.
    fn keep_judging(&mut self, payout: &Payout, at: usize) -> Result<(), FaultKind> {
        let Some(record) = self.account().payouts.get(at).filter(|record| !record.denied) else { return Ok(()) };
        let amount = record.amount;
        let reasons = self.failing(&payout.pending, amount)?;
        if reasons.is_empty() || self.account().draft.verdict.is_some() {
            return Ok(());
        }
        self.remember_before();
        self.state.draft.verdict = Some(Verdict::Deny { reasons, amount });
        if let Some(record) = self.state.payouts.get_mut(at) {
            record.denied = true;
        }
        Ok(())
    }

    fn failing(&self, requirements: &[Requirement], amount: Decimal) -> Result<Vec<Reason>, FaultKind> {
        let eval = Eval { amount: Some(amount), ..self.eval() };
        let mut reasons = Vec::new();
        for requirement in requirements {
            if eval.holds_if(requirement.when)? && !eval.holds(requirement.condition)? {
                reasons.push(self.reason(&eval, &requirement.title, &requirement.evidence));
            }
        }
        Ok(reasons)
    }

    /// The steps in order on the amount, which starts as the request, at most what is available.
    fn answer(&self, payout: &Payout) -> Result<Verdict, FaultKind> {
        let hand = self.step().hand.payout;
        let Some(record) = hand.and_then(|at| self.account().payouts.get(at)) else { return Err(FaultKind::Inconsistent) };
        if self.account().payouts.iter().enumerate().any(|(at, other)| Some(at) != hand && other.is_pending()) {
            return Ok(Verdict::Deny { reasons: vec![bare_reason(answers::ONE_AT_A_TIME)], amount: record.amount });
        }
        let available = self.eval().account_field(AccountField::Available)?.decimal()?;
        let mut request = Request {
            amount: self.whole_coins(record.amount.min(available))?,
            fee: Decimal::ZERO,
            split: None,
            besides: Decimal::ZERO,
            failed: Vec::new(),
            review: Vec::new(),
        };
        for (at, step) in payout.steps.iter().enumerate() {
            let (before, failed) = (request.amount, request.failed.len());
            if self.step_of(step, &mut request)? {
                let acted = match step.kind {
                    PayoutStepKind::Fee(_) | PayoutStepKind::Split(_) | PayoutStepKind::AlsoPays(_) | PayoutStepKind::Review(_) => true,
                    _ => request.amount != before || request.failed.len() > failed,
                };
                self.market.tell(Sight::Step(self.id, number(at), acted));
            }
        }
        if request.amount.is_negative() || request.amount.is_zero() {
            request.failed.push(bare_reason(answers::NOTHING_TO_PAY));
        }
        self.verdict_of(request)
    }

    fn verdict_of(&self, request: Request) -> Result<Verdict, FaultKind> {
        let Request { amount, fee, split, besides, failed, review } = request;
        if !failed.is_empty() {
            return Ok(Verdict::Deny { reasons: failed, amount });
        }
        let trader = self.whole_coins(sub(split.unwrap_or(amount), fee)?)?;
        let firm = sub(sub(amount, trader)?, fee)?;
        let amounts = PayoutAmounts { amount, trader, firm, fee, besides };
        Ok(if review.is_empty() { Verdict::Approve(amounts) } else { Verdict::Review { reasons: review, amounts } })
    }

    /// Rounded down to the currency's smallest coin.
    fn whole_coins(&self, amount: Decimal) -> Result<Decimal, FaultKind> {
        let digits = u32::from(self.account().facts.currency.minor_digits());
        let coin = 10_i128.pow(u32::from(Decimal::SCALE) - digits);
        whole(steps(amount).div_euclid(coin) * coin)
    }

    /// One step, and whether its condition held; a step whose bound is missing is not in force.
    fn step_of(&self, step: &PayoutStep, request: &mut Request) -> Result<bool, FaultKind> {
        let eval = Eval { amount: Some(request.amount), ..self.eval() };
        if !eval.holds_if(step.when)? {
            return Ok(false);
        }
        let bound = |id: ExprId| eval.value(id).map(|value| if let Val::Decimal(bound) = value { Some(bound) } else { None });
        match &step.kind {
            PayoutStepKind::Require(requirement) => {
                if eval.holds_if(requirement.when)? && !eval.holds(requirement.condition)? {
                    request.failed.push(self.reason(&eval, &requirement.title, &requirement.evidence));
                }
            }
            PayoutStepKind::PaysAtMost(most) => {
                if let Some(most) = bound(*most)? {
                    request.amount = self.whole_coins(request.amount.min(most))?;
                }
            }
            PayoutStepKind::LeavesAtLeast(least) => {
                if let Some(least) = bound(*least)? {
                    let room = larger(sub(self.account().ledger.balance()?, least)?, Decimal::ZERO);
                    request.amount = self.whole_coins(request.amount.min(room))?;
                }
            }
            PayoutStepKind::Minimum(least) => {
                if bound(*least)?.is_some_and(|least| request.amount < least) {
                    request.failed.push(self.too_little(&eval, step, *least, request.amount)?);
                }
            }
            PayoutStepKind::Fee(fee) => request.fee = add(request.fee, bound(*fee)?.unwrap_or_default())?,
            PayoutStepKind::Split(split) => request.split = self.part(&eval, *split, request.amount)?.or(request.split),
            PayoutStepKind::AlsoPays(extra) => request.besides = add(request.besides, bound(*extra)?.unwrap_or_default())?,
            PayoutStepKind::Review(why) => request.review.push(bare_reason(why)),
        }
        Ok(true)
    }

    /// The trader's part: so many percent of the amount, or the amount that a table of slices gives.
    fn part(&self, eval: &Eval, split: ExprId, amount: Decimal) -> Result<Option<Decimal>, FaultKind> {
        let Val::Decimal(split_value) = eval.value(split)? else { return Ok(None) };
        let of_amount = self.ir.expr(split).ty == Type::Percent;
        if of_amount { percent_of(split_value, amount).map(Some) } else { Ok(Some(split_value)) }
    }

    fn too_little(&self, eval: &Eval, step: &PayoutStep, least: ExprId, amount: Decimal) -> Result<Reason, FaultKind> {
        let (ty, currency) = (&self.ir.expr(least).ty, self.account().facts.currency);
        let words = |span| self.ir.source.words(span);
        let shown = |text: &str, value: Val| Evidence { text: text.into(), value: value.show(ty, &self.ir, currency) };
        let bound = self.ir.expr(least);
        let mut evidence = vec![shown("amount", Val::Decimal(amount))];
        if !matches!(bound.kind, ExprKind::Constant(_)) {
            evidence.push(shown(&words(bound.span), eval.value(least)?));
        }
        Ok(Reason { rule: step.words.as_str().into(), cites: self.node().cites.as_deref().map(Into::into), evidence })
    }

    /// A requirement that does not hold, with its values.
    fn reason(&self, eval: &Eval, title: &str, evidence: &[(String, ExprId)]) -> Reason {
        let currency = self.account().facts.currency;
        let shown = |(text, id): &(String, ExprId)| {
            let value = Eval { decides: false, ..eval.clone() }.value(*id).unwrap_or(Val::Missing);
            Evidence { text: text.as_str().into(), value: value.show(&self.ir.expr(*id).ty, &self.ir, currency) }
        };
        Reason { rule: title.into(), cites: self.node().cites.as_deref().map(Into::into), evidence: evidence.iter().map(shown).collect() }
    }
}

impl super::account::Account {
    /// Tells which floors equity would stand at or under once the amount that is asked for is gone.
    pub(super) fn warn_of_floors(&mut self, market: &super::market::Market) {
        let Some(Verdict::Approve(amounts) | Verdict::Review { amounts, .. }) = &self.draft.verdict else { return };
        let equity = self.ledger.equity(self.pricing(market)).ok().flatten();
        let Some(left) = equity.and_then(|equity| sub(equity, amounts.amount).ok()) else { return };
        let ir = std::sync::Arc::clone(&self.ir);
        let mut warnings = Vec::new();
        for (id, node) in ir.nodes().filter(|(id, node)| matches!(node.kind, NodeKind::Floor(_)) && self.in_force(*id)) {
            if let Some(Val::Decimal(stands)) = self.slots.get(&(id, 0)).map(|slot| slot.value.clone())
                && left <= stands
            {
                let shown = |value| Val::Decimal(value).show(&node.ty, &ir, self.facts.currency);
                let (floor, equity, stands) = (node.name.as_str().into(), shown(left), shown(stands));
                warnings.push(Effect::Change(Change::PayoutReachesFloor { floor, equity, stands }));
            }
        }
        self.draft.effects.splice(0..0, warnings);
    }
}

impl super::account::PayoutRecord {
    /// Whether it is requested or approved and not yet paid or denied.
    pub(super) const fn is_pending(&self) -> bool {
        use crate::event::PayoutStatus::{Approved, Requested};
        matches!(self.status, Requested | Approved)
    }
}
