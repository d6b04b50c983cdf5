//! How the host answers actions that ask for money: by the `cash` that does what was asked for.

use super::stage::Stage;
use super::steps::Taken;
use crate::event::{CashType, PayoutStatus};
use crate::outcome::ActionKind;
use crate::syntax::ast::Answered;
use crate::value::Decimal;

impl Stage<'_> {
    /// Does what the latest action of a kind asked for; each is answered once.
    pub(super) fn answer(&mut self, what: Answered) -> Taken {
        let asked = self.scene.all.iter().rev().flat_map(|outcome| outcome.actions.iter().rev());
        let mut asked = asked.filter_map(|action| Some((&action.key, amount_of(&action.kind, what)?)));
        let Some((key, amount)) = asked.next().map(|(key, amount)| (key.clone(), amount)) else {
            return Err(format!("no `{}` was asked for", words(what)));
        };
        if self.scene.answered.contains(&key) {
            return Err(format!("the last `{}` has been answered", words(what)));
        }
        self.scene.answered.push(key);
        match what {
            Answered::Pay => self.pay(amount),
            Answered::Resize => self.book(amount, CashType::Resize, None),
            Answered::ResetLedger => self.book(amount, CashType::Rebase, None),
            Answered::AdjustBalance => self.book(amount, CashType::Adjustment, None),
            Answered::RollBack => self.book(amount, CashType::Rollback, None),
        }
        Ok(())
    }

    /// A payout that nobody requested: its cash, and that it is paid.
    fn pay(&mut self, amount: Decimal) {
        let id = format!("payout-{}", self.events_sent());
        self.book(amount.neg(), CashType::Payout, Some(id.clone()));
        self.payout_event(&id, PayoutStatus::Paid, Some(amount));
    }
}

/// How much an action of this kind asks for.
fn amount_of(kind: &ActionKind, what: Answered) -> Option<Decimal> {
    match (kind, what) {
        (ActionKind::Pay { amount }, Answered::Pay)
        | (ActionKind::Resize { by: amount, .. }, Answered::Resize)
        | (ActionKind::ResetLedger { by: amount, .. }, Answered::ResetLedger)
        | (ActionKind::AdjustBalance { by: amount, .. }, Answered::AdjustBalance)
        | (ActionKind::RollBack { by: amount, .. }, Answered::RollBack) => Some(*amount),
        _ => None,
    }
}

const fn words(what: Answered) -> &'static str {
    match what {
        Answered::Pay => "pay",
        Answered::Resize => "resize",
        Answered::ResetLedger => "reset ledger",
        Answered::AdjustBalance => "adjust balance",
        Answered::RollBack => "roll back",
    }
}
