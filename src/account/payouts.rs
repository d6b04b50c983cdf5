//! Payouts: the one that is pending, what is reserved for it, and what was paid.

use serde::{Deserialize, Serialize};

use crate::event::PayoutStatus;
use crate::ir::PayoutFact;
use crate::syntax::ast::PayoutMoment;
use crate::value::Fixed;
use crate::vm::view::MISSING;

/// A payout on its way. Amounts count 10⁻⁸ of the account's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payout {
    /// The host's id of it.
    pub id: String,
    /// 1 for the account's first.
    pub number: i64,
    /// What is asked for, approved or paid; [`MISSING`] while a request asks for all there is.
    pub amount: i64,
    /// How far it has come.
    pub stage: Stage,
    /// What `cash` has already taken out of the balance for it.
    pub booked: i64,
}

/// How far a payout has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Stage {
    /// Asked for.
    Requested,
    /// Granted.
    Approved,
    /// Paid, though its cash may not be booked yet.
    Paid,
}

/// The last paid payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LastPaid {
    amount: i64,
    at: i64,
    balance: i64,
}

/// All payouts of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payouts {
    pending: Option<Payout>,
    /// Paid ones whose cash is not booked yet.
    unbooked: Vec<Payout>,
    last: Option<LastPaid>,
    count: i64,
    total: i64,
}

/// Why a payout event does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Another request is pending.
    Pending,
    /// No payout of that id is on its way.
    Unknown,
}

impl Payouts {
    /// The pending payout.
    pub(super) fn pending(&self) -> Option<&Payout> {
        self.pending.as_ref()
    }

    /// What the event with this status changes; the payout as it stands at that moment.
    pub(super) fn turn(&mut self, id: &str, status: PayoutStatus, amount: i64) -> Result<Payout, Misfit> {
        match status {
            PayoutStatus::Requested if self.pending.is_some() => Err(Misfit::Pending),
            PayoutStatus::Requested => Ok(self.begin(id, amount, Stage::Requested)),
            PayoutStatus::Approved => self.approve(id, amount),
            PayoutStatus::Paid => self.pay(id, amount),
            PayoutStatus::Denied | PayoutStatus::Cancelled => self.drop_pending(id),
            PayoutStatus::Returned => self.return_payment(id),
        }
    }

    /// Notes the balance after a payment that has just been counted.
    pub(super) fn note_paid(&mut self, payout: &Payout, at: i64, balance: i64) {
        let left = payout.amount.saturating_sub(payout.booked).max(0);
        self.last = Some(LastPaid { amount: payout.amount, at, balance: balance.saturating_sub(left) });
    }

    /// Books the cash that pays a payout: what it takes out is not reserved any more. `amount` is negative.
    pub(super) fn book(&mut self, id: &str, amount: i64) {
        let pending = self.pending.as_mut().filter(|payout| payout.id == id);
        if let Some(payout) = pending.or_else(|| self.unbooked.iter_mut().find(|payout| payout.id == id)) {
            payout.booked = payout.booked.saturating_sub(amount);
        }
        self.unbooked.retain(|payout| payout.booked < payout.amount);
    }

    /// What is reserved, when amounts leave `available` at that moment.
    pub(super) fn reserved(&self, deducts_at: PayoutMoment) -> i64 {
        let from = match deducts_at {
            PayoutMoment::Request => Stage::Requested,
            PayoutMoment::Approval => Stage::Approved,
            PayoutMoment::Payment | PayoutMoment::Denial => Stage::Paid,
        };
        let on_their_way = self.pending.iter().filter(|payout| payout.stage >= from).chain(&self.unbooked);
        on_their_way.map(|payout| if payout.amount == MISSING { 0 } else { payout.amount.saturating_sub(payout.booked).max(0) }).sum()
    }

    /// A fact; counts as decimals.
    pub(super) fn fact(&self, fact: PayoutFact) -> i64 {
        let last = |field: fn(&LastPaid) -> i64| self.last.as_ref().map_or(MISSING, field);
        match fact {
            PayoutFact::LastAmount => last(|paid| paid.amount),
            PayoutFact::LastAt => last(|paid| paid.at),
            PayoutFact::LastBalance => last(|paid| paid.balance),
            PayoutFact::Count => self.count.saturating_mul(Fixed::ONE_RAW),
            PayoutFact::Total => self.total,
            PayoutFact::Running => MISSING,
        }
    }

    fn begin(&mut self, id: &str, amount: i64, stage: Stage) -> Payout {
        let payout = Payout { id: id.to_owned(), number: self.count + 1, amount, stage, booked: 0 };
        self.pending = Some(payout.clone());
        payout
    }

    fn approve(&mut self, id: &str, amount: i64) -> Result<Payout, Misfit> {
        match &mut self.pending {
            Some(payout) if payout.id == id => {
                payout.stage = Stage::Approved;
                payout.amount = if amount == MISSING { payout.amount } else { amount };
                Ok(payout.clone())
            }
            Some(_) => Err(Misfit::Unknown),
            None => Ok(self.begin(id, amount, Stage::Approved)),
        }
    }

    fn pay(&mut self, id: &str, amount: i64) -> Result<Payout, Misfit> {
        let mut payout = self.approve(id, amount)?;
        self.pending = None;
        payout.stage = Stage::Paid;
        payout.amount = payout.amount.max(0);
        self.count += 1;
        self.total = self.total.saturating_add(payout.amount);
        if payout.booked < payout.amount {
            self.unbooked.push(payout.clone());
        }
        Ok(payout)
    }

    fn drop_pending(&mut self, id: &str) -> Result<Payout, Misfit> {
        self.pending.take_if(|payout| payout.id == id).ok_or(Misfit::Unknown)
    }

    fn return_payment(&mut self, id: &str) -> Result<Payout, Misfit> {
        match self.unbooked.iter().position(|payout| payout.id == id) {
            Some(at) => Ok(self.unbooked.remove(at)),
            // Its cash came and went: the ledger shows both.
            None => Ok(Payout { id: id.to_owned(), number: self.count, amount: MISSING, stage: Stage::Paid, booked: 0 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_reserved_from_its_moment_until_its_cash() {
        let mut payouts = Payouts::default();
        payouts.turn("p1", PayoutStatus::Requested, 500).unwrap();
        assert_eq!(payouts.reserved(PayoutMoment::Request), 500);
        assert_eq!(payouts.reserved(PayoutMoment::Approval), 0);
        payouts.turn("p1", PayoutStatus::Approved, 400).unwrap();
        assert_eq!(payouts.reserved(PayoutMoment::Approval), 400);
        assert_eq!(payouts.reserved(PayoutMoment::Payment), 0);
        let paid = payouts.turn("p1", PayoutStatus::Paid, MISSING).unwrap();
        assert_eq!((paid.number, paid.amount), (1, 400));
        assert_eq!(payouts.reserved(PayoutMoment::Payment), 400);
        payouts.note_paid(&paid, 7, 1_000);
        assert_eq!(payouts.fact(PayoutFact::LastBalance), 600);
        payouts.book("p1", -400);
        assert_eq!(payouts.reserved(PayoutMoment::Payment), 0);
        assert_eq!(payouts.fact(PayoutFact::Total), 400);
        assert_eq!(payouts.turn("p2", PayoutStatus::Requested, 1).unwrap().number, 2);
    }

    #[test]
    fn cash_may_come_before_the_status() {
        let mut payouts = Payouts::default();
        payouts.turn("p1", PayoutStatus::Approved, 400).unwrap();
        payouts.book("p1", -400);
        let paid = payouts.turn("p1", PayoutStatus::Paid, MISSING).unwrap();
        payouts.note_paid(&paid, 7, 600);
        assert_eq!(payouts.reserved(PayoutMoment::Request), 0);
        assert_eq!(payouts.fact(PayoutFact::LastBalance), 600);
    }

    #[test]
    fn one_request_at_a_time() {
        let mut payouts = Payouts::default();
        payouts.turn("p1", PayoutStatus::Requested, MISSING).unwrap();
        assert_eq!(payouts.turn("p2", PayoutStatus::Requested, 1), Err(Misfit::Pending));
        assert_eq!(payouts.turn("p2", PayoutStatus::Paid, 1), Err(Misfit::Unknown));
        payouts.turn("p1", PayoutStatus::Denied, MISSING).unwrap();
        assert_eq!(payouts.turn("p1", PayoutStatus::Denied, MISSING), Err(Misfit::Unknown));
        assert_eq!(payouts.turn("p2", PayoutStatus::Requested, 1).unwrap().number, 1);
    }
}
