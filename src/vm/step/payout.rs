//! Payout policies: the steps on the amount of a request, and what must hold while one is pending.

use super::super::machine::{At, Machine, Outcome, difference, percent_of, sum};
use super::super::view::{Cursor, Effect, FailedStep, MISSING, PayoutAnswer, View};
use crate::code::PayoutCell;
use crate::ir::{ExprId, NodeId, Payout, PayoutStep, PayoutStepKind, Requirement};
use crate::value::{Fixed, Type};
use crate::vocabulary::{AccountField, Occasion, RecordField};

impl<V: View> Machine<'_, V> {
    pub(super) fn payout_policy(&mut self, id: NodeId, at: At, payout: &Payout) -> Outcome<()> {
        if self.occasion(Occasion::PayoutPayment) || self.occasion(Occasion::PayoutDenial) {
            self.set(at, PayoutCell::Pending, 0);
            self.set(at, PayoutCell::Denied, 0);
        }
        if self.occasion(Occasion::PayoutRequest) {
            let outer = self.running;
            let answer = self.answer(id, payout);
            self.running = outer;
            let answer = answer?;
            let asked = self.view.record(RecordField::PayoutAmount, Cursor::Event);
            self.set(at, PayoutCell::Pending, 1);
            self.set(at, PayoutCell::Denied, 0);
            self.set(at, PayoutCell::Amount, asked);
            self.effects.push(Effect::PayoutAnswer(Box::new(answer)));
            return Ok(());
        }
        if self.get(at, PayoutCell::Pending) != 0 && self.get(at, PayoutCell::Denied) == 0 {
            if self.occasion(Occasion::PayoutApproval) {
                let approved = self.view.record(RecordField::PayoutAmount, Cursor::Event);
                self.set(at, PayoutCell::Amount, approved);
            }
            let amount = self.get(at, PayoutCell::Amount);
            let outer = std::mem::replace(&mut self.running, amount);
            let judged = self.judge_pending(id, at, payout);
            self.running = outer;
            self.idle = payout.pending.is_empty();
            return judged;
        }
        self.idle = true;
        Ok(())
    }

    /// What must hold between request and payment: failing denies, once.
    fn judge_pending(&mut self, id: NodeId, at: At, payout: &Payout) -> Outcome<()> {
        let mut failed = Vec::new();
        for (number, requirement) in payout.pending.iter().enumerate() {
            if !self.is_met(requirement)? {
                failed.push(self.failed(step_number(number), requirement));
            }
        }
        if !failed.is_empty() {
            self.set(at, PayoutCell::Denied, 1);
            self.effects.push(Effect::PayoutAnswer(Box::new(PayoutAnswer { failed, pending: true, ..PayoutAnswer::of(id) })));
        }
        Ok(())
    }

    fn answer(&mut self, id: NodeId, payout: &Payout) -> Outcome<PayoutAnswer> {
        let available = self.view.account(AccountField::Available);
        let asked = self.view.record(RecordField::PayoutAmount, Cursor::Event);
        self.running = self.whole_coins(if asked == MISSING { available } else { asked.min(available) });
        let mut answer = PayoutAnswer::of(id);
        let mut share = None;
        for (number, step) in payout.steps.iter().enumerate() {
            if self.holds_if(step.when)? {
                self.payout_step(&mut answer, &mut share, step_number(number), step)?;
            }
        }
        let amount = self.running;
        let trader = difference(share.unwrap_or(amount), answer.fee)?;
        answer.amount = amount;
        answer.trader = self.whole_coins(trader);
        answer.firm = difference(difference(amount, answer.trader)?, answer.fee)?;
        answer.nothing = amount <= 0;
        Ok(answer)
    }

    /// One step. A bound that is missing is not in force.
    fn payout_step(&mut self, answer: &mut PayoutAnswer, share: &mut Option<i64>, number: u16, step: &PayoutStep) -> Outcome<()> {
        match &step.kind {
            PayoutStepKind::Require(requirement) => {
                if !self.is_met(requirement)? {
                    answer.failed.push(self.failed(number, requirement));
                }
            }
            PayoutStepKind::PaysAtMost(most) => self.bounded(*most, |running, most| Ok(running.min(most)))?,
            PayoutStepKind::LeavesAtLeast(least) => {
                let balance = self.view.account(AccountField::Balance);
                self.bounded(*least, |running, least| Ok(running.min(difference(balance, least)?.max(0))))?;
            }
            PayoutStepKind::Minimum(minimum) => {
                let minimum = self.value(*minimum)?;
                if minimum != MISSING && self.running < minimum {
                    answer.failed.push(FailedStep { step: number, values: vec![self.running, minimum] });
                }
            }
            PayoutStepKind::Fee(fee) => {
                let fee = self.value(*fee)?;
                answer.fee = if fee == MISSING { answer.fee } else { sum(answer.fee, fee)? };
            }
            PayoutStepKind::Split(split) => {
                let value = self.value(*split)?;
                if value != MISSING {
                    let percent = self.program.ir.expr(*split).ty == Type::Percent;
                    *share = Some(if percent { percent_of(value, self.running)? } else { value });
                }
            }
            PayoutStepKind::AlsoPays(besides) => {
                let besides = self.value(*besides)?;
                answer.besides = if besides == MISSING { answer.besides } else { sum(answer.besides, besides)? };
            }
            PayoutStepKind::Review(_) => answer.review.push(number),
        }
        Ok(())
    }

    /// A requirement that is not met, with its evidence; what cannot be computed is missing there.
    fn failed(&mut self, step: u16, requirement: &Requirement) -> FailedStep {
        let values = requirement.evidence.iter().map(|(_, expr)| self.value(*expr).unwrap_or(MISSING)).collect();
        FailedStep { step, values }
    }

    fn bounded(&mut self, bound: ExprId, lower: impl FnOnce(i64, i64) -> Outcome<i64>) -> Outcome<()> {
        let bound = self.value(bound)?;
        if bound != MISSING {
            let lowered = lower(self.running, bound)?;
            self.running = self.whole_coins(lowered);
        }
        Ok(())
    }

    /// Rounded down to the smallest coin of the account's currency.
    fn whole_coins(&self, amount: i64) -> i64 {
        let digits = u32::from(self.program.ir.header.currency.minor_digits());
        let coin = Fixed::ONE_RAW / 10_i64.pow(digits.min(8));
        amount - amount.rem_euclid(coin)
    }
}

fn step_number(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}
