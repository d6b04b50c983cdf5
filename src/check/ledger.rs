//! Actions that change the ledger itself: what they ask for, and the amount of the `cash` that does it.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{self, Arithmetic, ExprId, ExprKind};
use crate::source::Span;
use crate::syntax::ast::{self, Expr};
use crate::value::{Decimal, Type};
use crate::vocabulary::AccountField;

use super::Checker;
use super::context::Context;

impl Checker<'_> {
    /// `resize to M`
    pub(super) fn resize(&mut self, context: &Context, to: &Expr, span: Span) -> Option<ir::ActionKind> {
        if written(to).is_some_and(|size| size <= Decimal::ZERO) {
            let found = Diagnostic::new(Code::Contradiction, to.span, "an account cannot have a size of nothing or less");
            self.report(found.help("to set the balance and leave the size as it is, write `reset ledger to …`"));
            return None;
        }
        let (to, by) = self.goes_to(context, to, AccountField::Size, span);
        Some(ir::ActionKind::Resize { to, by })
    }

    /// `reset ledger to M`
    pub(super) fn reset_ledger(&mut self, context: &Context, to: &Expr, span: Span) -> ir::ActionKind {
        let (to, by) = self.goes_to(context, to, AccountField::Balance, span);
        ir::ActionKind::ResetLedger { to, by }
    }

    /// `adjust balance by A "reason"`
    pub(super) fn adjust_balance(&mut self, context: &Context, by: &Expr, reason: &ast::Template) -> Option<ir::ActionKind> {
        if written(by) == Some(Decimal::ZERO) {
            let found = Diagnostic::new(Code::Contradiction, by.span, "an adjustment of nothing changes nothing");
            self.report(found.help("an amount above zero is added, one below zero is taken off: `adjust balance by -$500 \"…\"`"));
            return None;
        }
        let by = self.amount_of(context, by);
        Some(ir::ActionKind::AdjustBalance { by, reason: self.template(context, reason) })
    }

    /// Where a value of the account shall go, and how far that is from where it stands.
    fn goes_to(&mut self, context: &Context, to: &Expr, from: AccountField, span: Span) -> (ExprId, ExprId) {
        let to = self.amount_of(context, to);
        let money = Type::Money(self.header.currency);
        let stands = self.push(ExprKind::Account(from), money.clone(), span);
        (to, self.push(ExprKind::Arithmetic(Arithmetic::Subtract, to, stands), money, span))
    }

    fn amount_of(&mut self, context: &Context, amount: &Expr) -> ExprId {
        let money = Type::Money(self.header.currency);
        let id = self.expr_of(context, amount, &money);
        self.must_be_known(id, amount);
        id
    }
}

/// An amount that is written out.
fn written(amount: &Expr) -> Option<Decimal> {
    match &amount.kind {
        ast::ExprKind::Money(amount, _) | ast::ExprKind::Number(amount) => Some(*amount),
        ast::ExprKind::Negate(inner) => written(inner).map(Decimal::neg),
        _ => None,
    }
}
