//! Payouts: what was asked for, what is reserved, what was paid.

use serde::{Deserialize, Serialize};

use crate::event::PayoutStatus;
use crate::ir::PayoutFact;
use crate::syntax::ast::PayoutMoment;
use crate::value::Fixed;
use crate::vm::view::MISSING;

/// A payout and what became of it. Amounts count 10⁻⁸ of the account's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payout {
    /// The host's id of it.
    pub id: String,
    /// Its own number: 1 for the first, one more after each that is paid.
    pub number: i64,
    /// What is asked for, approved or paid.
    pub amount: i64,
    /// How far it has come.
    pub stage: Stage,
    /// Whether `cash` has taken it out of the balance.
    pub booked: bool,
    /// When it was paid, and the balance then, moved by the cash that booked it later.
    pub paid: Option<(i64, i64)>,
}

/// How far a payout has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Stage {
    /// Denied, cancelled or returned.
    Over,
    /// Asked for.
    Requested,
    /// Granted.
    Approved,
    /// Paid.
    Paid,
}

/// All payouts of an account, in the order of their requests; the last paid one by its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Payouts {
    all: Vec<Payout>,
    /// The places of the paid ones, in the order of payment.
    paid: Vec<usize>,
}

impl Payouts {
    /// The amount of a known payout.
    pub(super) fn amount_of(&self, id: &str) -> Option<i64> {
        self.all.iter().find(|payout| payout.id == id).map(|payout| payout.amount)
    }

    /// The payout that is requested or approved and not yet paid or denied.
    pub(super) fn pending(&self) -> Option<&Payout> {
        self.all.iter().find(|payout| payout.is_pending())
    }

    /// Whether another payout than this one is pending.
    pub(super) fn another_pending(&self, id: &str) -> bool {
        self.all.iter().any(|payout| payout.is_pending() && payout.id != id)
    }

    /// Begins a request; `None` where one of its id is known already.
    pub(super) fn request(&mut self, id: &str, amount: i64) -> Option<&Payout> {
        if self.all.iter().any(|payout| payout.id == id) {
            return None;
        }
        self.begin(id, amount, Stage::Requested);
        self.all.last()
    }

    /// Takes in a payout that is new; its place.
    fn begin(&mut self, id: &str, amount: i64, stage: Stage) -> usize {
        self.all.push(Payout { id: id.to_owned(), stage, ..self.next(amount) });
        self.all.len() - 1
    }

    /// A request of an amount as it would be, were it made now.
    pub(super) fn next(&self, amount: i64) -> Payout {
        let number = i64::try_from(self.paid.len()).unwrap_or(i64::MAX).saturating_add(1);
        Payout { id: String::new(), number, amount, stage: Stage::Requested, booked: false, paid: None }
    }

    /// What an event with this status makes of a payout. One that was never asked for is known from
    /// now on: it began before the account's history here, or a rule paid it without a request.
    pub(super) fn turn(&mut self, id: &str, status: PayoutStatus, amount: i64, at: i64, balance: i64) -> Option<&Payout> {
        let known = self.all.iter().position(|payout| payout.id == id);
        let place = known.unwrap_or_else(|| self.begin(id, amount, Stage::Requested));
        let payout = self.all.get_mut(place)?;
        payout.amount = amount;
        payout.stage = match status {
            PayoutStatus::Requested => Stage::Requested,
            PayoutStatus::Approved => Stage::Approved,
            PayoutStatus::Paid => Stage::Paid,
            PayoutStatus::Denied | PayoutStatus::Cancelled | PayoutStatus::Returned => Stage::Over,
        };
        if matches!(status, PayoutStatus::Paid | PayoutStatus::Returned) {
            self.paid.retain(|paid| *paid != place);
            payout.paid = None;
        }
        if status == PayoutStatus::Paid {
            self.paid.push(place);
            payout.paid = Some((at, balance));
        }
        Some(payout)
    }

    /// Books the cash that pays a payout: what it takes out is not reserved any more. `amount` is negative.
    pub(super) fn book(&mut self, id: &str, amount: i64) {
        // The cash may come before anything else is known of the payout.
        let known = self.all.iter().position(|payout| payout.id == id);
        let place = known.unwrap_or_else(|| self.begin(id, amount.saturating_neg(), Stage::Over));
        let Some(payout) = self.all.get_mut(place) else { return };
        payout.booked = true;
        if let Some((_, balance)) = &mut payout.paid {
            *balance = balance.saturating_add(amount);
        }
    }

    /// What is reserved, when amounts leave `available` at that moment. A request is judged before
    /// its own deduction: `in_question` is its id.
    pub(super) fn reserved(&self, deducts_at: PayoutMoment, in_question: Option<&str>) -> i64 {
        let from = match deducts_at {
            PayoutMoment::Request => Stage::Requested,
            PayoutMoment::Approval => Stage::Approved,
            PayoutMoment::Payment => Stage::Paid,
            PayoutMoment::Denial => return 0,
        };
        let reserved = self.all.iter().filter(|payout| payout.stage >= from && !payout.booked && Some(payout.id.as_str()) != in_question);
        reserved.fold(0, |sum, payout| sum.saturating_add(payout.amount))
    }

    /// A fact; counts as decimals.
    pub(super) fn fact(&self, fact: PayoutFact) -> i64 {
        let last = self.paid.last().and_then(|place| self.all.get(*place));
        match fact {
            PayoutFact::LastAmount => last.map_or(MISSING, |payout| payout.amount),
            PayoutFact::LastAt => last.and_then(|payout| payout.paid).map_or(MISSING, |(at, _)| at),
            PayoutFact::LastBalance => last.and_then(|payout| payout.paid).map_or(MISSING, |(_, balance)| balance),
            PayoutFact::Count => i64::try_from(self.paid.len()).unwrap_or(i64::MAX).saturating_mul(Fixed::ONE_RAW),
            PayoutFact::Total => {
                let paid = self.paid.iter().filter_map(|place| self.all.get(*place));
                paid.fold(0, |sum, payout| sum.saturating_add(payout.amount))
            }
            PayoutFact::Running => MISSING,
        }
    }
}

impl Payout {
    const fn is_pending(&self) -> bool {
        matches!(self.stage, Stage::Requested | Stage::Approved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_reserved_from_its_moment_until_its_cash() {
        let mut payouts = Payouts::default();
        payouts.request("p1", 500).unwrap();
        assert_eq!(payouts.reserved(PayoutMoment::Request, None), 500);
        assert_eq!(payouts.reserved(PayoutMoment::Request, Some("p1")), 0);
        assert_eq!(payouts.reserved(PayoutMoment::Approval, None), 0);
        payouts.turn("p1", PayoutStatus::Approved, 400, 5, 1_000).unwrap();
        assert_eq!(payouts.reserved(PayoutMoment::Approval, None), 400);
        assert_eq!(payouts.reserved(PayoutMoment::Payment, None), 0);
        let paid = payouts.turn("p1", PayoutStatus::Paid, 400, 7, 1_000).unwrap();
        assert_eq!((paid.number, paid.amount), (1, 400));
        assert_eq!(payouts.reserved(PayoutMoment::Payment, None), 400);
        assert_eq!(payouts.fact(PayoutFact::LastBalance), 1_000);
        payouts.book("p1", -400);
        assert_eq!(payouts.reserved(PayoutMoment::Payment, None), 0);
        assert_eq!(payouts.fact(PayoutFact::LastBalance), 600);
        assert_eq!(payouts.fact(PayoutFact::Total), 400);
        assert_eq!(payouts.request("p2", 1).unwrap().number, 2);
    }

    #[test]
    fn cash_may_come_before_the_status() {
        let mut payouts = Payouts::default();
        payouts.request("p1", 400).unwrap();
        payouts.book("p1", -400);
        payouts.turn("p1", PayoutStatus::Paid, 400, 7, 600).unwrap();
        assert_eq!(payouts.reserved(PayoutMoment::Request, None), 0);
        assert_eq!(payouts.fact(PayoutFact::LastBalance), 600);
    }

    #[test]
    fn a_denied_request_takes_no_number_and_a_returned_one_counts_no_more() {
        let mut payouts = Payouts::default();
        payouts.request("p1", 1).unwrap();
        assert!(payouts.another_pending("p2"));
        payouts.turn("p1", PayoutStatus::Denied, 1, 1, 1).unwrap();
        assert_eq!(payouts.request("p2", 1).unwrap().number, 1);
        payouts.turn("p2", PayoutStatus::Paid, 1, 1, 1).unwrap();
        payouts.turn("p2", PayoutStatus::Returned, 1, 1, 1).unwrap();
        assert_eq!(payouts.fact(PayoutFact::Count), 0);
        assert_eq!(payouts.fact(PayoutFact::LastAt), MISSING);
    }
}
