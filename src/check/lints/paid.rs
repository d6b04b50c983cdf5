//! Lines of a payout that hold nothing back, or let nothing be paid.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{ExprId, ExprKind, NodeKind, PayoutStep, PayoutStepKind};
use crate::value::{Decimal, Type};
use crate::vocabulary::AccountField;

use super::super::Checker;
use super::amounts::{self, Known};

impl Checker<'_> {
    /// Amounts of payouts that are no bounds.
    pub(super) fn payouts_without_sense(&mut self, ir: &Known) {
        for (at, node) in ir.nodes.iter().enumerate() {
            let NodeKind::Payout(payout) = &node.kind else { continue };
            self.stand_in(at);
            for found in payout.steps.iter().filter_map(|step| without_sense(ir, step)).collect::<Vec<_>>() {
                self.report(found);
            }
        }
        self.current_use = None;
    }
}

fn without_sense(ir: &Known, step: &PayoutStep) -> Option<Diagnostic> {
    (0..ir.plans.names.len()).find_map(|plan| match step.kind {
        PayoutStepKind::PaysAtMost(most) => {
            more_than_available(ir, most, plan).or_else(|| nothing(ir, step, most, plan)).or_else(|| far_off(ir, most, plan))
        }
        PayoutStepKind::LeavesAtLeast(least) => doubled(ir, least, plan),
        _ => None,
    })
}

fn with_plan(ir: &Known, plan: usize) -> String {
    format!("with plan {}", ir.plans.names.get(plan).map_or("", String::as_str))
}

/// `pays at most 150% of available`
fn more_than_available(ir: &Known, id: ExprId, plan: usize) -> Option<Diagnostic> {
    let ExprKind::Percent(percent, whole) = ir.expr(id).kind else { return None };
    if !matches!(ir.expr(whole).kind, ExprKind::Account(AccountField::Available)) {
        return None;
    }
    let share = amounts::amount(ir, percent, plan)?.number().filter(|share| *share > Decimal::from(100))?;
    let share = amounts::written(ir, &Type::Percent, share);
    let found = Diagnostic::new(Code::Allowance, ir.expr(percent).span, format!("a share of {share} holds nothing back"));
    Some(found.label("up to 100%").note("never more is paid than is available").help("write the share that was meant, such as `50%`"))
}

/// `pays at most $0`
fn nothing(ir: &Known, step: &PayoutStep, id: ExprId, plan: usize) -> Option<Diagnostic> {
    let most = amounts::amount(ir, id, plan)?.number().filter(|most| *most <= Decimal::ZERO && step.when.is_none())?;
    let most = amounts::written(ir, &ir.expr(id).ty, most);
    let found = Diagnostic::new(Code::OutOfReach, step.span, format!("no payout is ever paid: it is at most {most}"));
    Some(
        found
            .note(format!("{}, every amount is lowered to {most}", with_plan(ir, plan)))
            .help("write the most that is paid, such as `pays at most $5,000`; a plan without one has `none` in its column"),
    )
}

/// `pays at most available - $1,000,000`
fn far_off(ir: &Known, id: ExprId, plan: usize) -> Option<Diagnostic> {
    let (amount, size) = (amounts::amount(ir, id, plan)?, amounts::size(ir, plan)?);
    let before = amount.off.neg();
    (amount.moves.len() == 1 && size > Decimal::ZERO && before >= size).then(|| {
        let words = |amount: Decimal| amounts::written(ir, &ir.expr(id).ty, amount);
        let message = format!("nothing is paid before {} are gained", words(before));
        let found = Diagnostic::new(Code::OutOfReach, ir.expr(id).span, message);
        let note = format!("{}, that is more than the whole size, {}", with_plan(ir, plan), words(size));
        found.note(note).help("write the amount that stays in the account, such as `available - $1,000`: look for a digit too many")
    })
}

/// `leaves at least size * 2`
fn doubled(ir: &Known, id: ExprId, plan: usize) -> Option<Diagnostic> {
    let (least, size) = (amounts::amount(ir, id, plan)?.number()?, amounts::size(ir, plan)?);
    (size > Decimal::ZERO && least >= size.add(size).ok()?).then(|| {
        let words = |amount: Decimal| amounts::written(ir, &ir.expr(id).ty, amount);
        let message = format!("nothing is paid before the balance is {}", words(least));
        let found = Diagnostic::new(Code::OutOfReach, ir.expr(id).span, message);
        let note = format!("{}, that is twice the size, {}, or more", with_plan(ir, plan), words(size));
        found.note(note).help("write the balance that must stay in the account, such as `leaves at least size + $100`")
    })
}
