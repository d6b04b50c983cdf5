//! Warnings: what a program may say, but probably does not mean.

mod actions;
mod allowances;
mod amounts;
mod bounds;
mod clocks;
mod contradictions;
mod exact;
mod floors;
mod goals;
mod limits;
mod opening;
mod paid;
mod phases;
mod rows;
mod shares;
mod tiers;
mod unused;

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::ir::{ExprId, ExprKind, Invariant, Ir, Node, NodeId, NodeKind, PayoutStepKind, Requirement, TrackDomain};
use crate::syntax::ast::{self, Bound, ItemKind};
use crate::value::{Decimal, Type};
use crate::vocabulary::{AccountField, PeriodField};

use super::Checker;
use amounts::Known;

impl Checker<'_> {
    pub(super) fn lints(&mut self, ir: &Ir, program: &ast::Program) {
        // What is in error is mended first: its consequences are no findings of their own.
        if self.diagnostics.iter().any(|found| found.severity() == Severity::Error) {
            return;
        }
        self.unused(ir, program);
        self.phases_without_loss_limit(ir, program);
        self.phases_out_of_reach(ir);
        self.closed_days_against_today(ir);
        self.shares_of_other_days(ir);
        let known = Known::new(ir);
        self.limits_never_first(&known);
        self.moving_bases(&known);
        self.bounds_that_do_not_limit(&known);
        self.goals_out_of_reach(&known);
        self.tiers_never_reached(&known);
        self.actions_that_exclude_each_other(&known);
        self.limits_without_effect(ir);
        self.allowances_that_are_none(&known);
        self.conditions_that_never_change(&known);
        self.shares_of_more_than_all(&known);
        self.exact_amounts(&known);
        self.floors_out_of_step(&known);
        self.rows_out_of_step(&known);
        self.payouts_without_sense(&known);
        self.times_that_summer_time_moves(ir, program);
    }

    /// What is reported next is found in a node, which a template may have declared.
    fn stand_in(&mut self, node: usize) {
        self.current_use = self.order.get(node).and_then(|old| self.drafts.get(usize::from(old.0))).and_then(|draft| draft.used);
    }

    /// What is required of closed days beside a value that includes the running day.
    fn closed_days_against_today(&mut self, ir: &Ir) {
        for requirement in ir.nodes.iter().flat_map(judged_by_day) {
            if compares_closed_with_today(ir, requirement.condition) {
                self.report(
                    Diagnostic::new(
                        Code::ClosedAgainstToday,
                        ir.expr(requirement.condition).span,
                        "closed days are compared with a value that includes today",
                    )
                    .note(format!(
                        "{} gained today counts at once in what includes today, and in `over closed days` only when the day ends",
                        money(ir, 1000)
                    ))
                    .help("let both include today: where the value is tracked, write `over days so far` instead of `over closed days`"),
                );
            }
        }
    }

    /// A phase in which a trader may trade and nothing limits the loss.
    fn phases_without_loss_limit(&mut self, ir: &Ir, program: &ast::Program) {
        for item in &program.items {
            let ItemKind::Phase(phase) = &item.kind else { continue };
            let Some(id) = ir.phase_named(&phase.name.node).filter(|id| !ir.phase(*id).standing) else { continue };
            let limited = ir.nodes.iter().filter(|node| node.phase.is_none() || node.phase == Some(id)).any(|node| match &node.kind {
                NodeKind::Limit(limit) => match &limit.invariant {
                    Invariant::Stays { left, bound: Bound::Above | Bound::AtOrAbove, .. } => reads_money(ir, *left),
                    _ => false,
                },
                _ => false,
            });
            if !limited {
                self.report(
                    Diagnostic::new(Code::NoLossLimit, item.head, format!("phase `{}` has no limit on losses", phase.name.node)).help(
                        "add a limit such as `equity stays above …`, or close the account's risk in another way and say so in a comment",
                    ),
                );
            }
        }
    }
}

/// The requirements of a goal, or of a payout at its request and while it is pending.
fn requirements_of(kind: &NodeKind) -> Vec<&Requirement> {
    match kind {
        NodeKind::Goal(goal) => goal.requirements.iter().collect(),
        NodeKind::Payout(payout) => {
            let steps = payout.steps.iter().filter_map(|step| match &step.kind {
                PayoutStepKind::Require(requirement) if step.when.is_none() => Some(requirement),
                _ => None,
            });
            steps.chain(&payout.pending).collect()
        }
        _ => Vec::new(),
    }
}

/// A whole amount of the account's money, for an example.
fn money(ir: &Ir, amount: i32) -> String {
    amounts::written(ir, &Type::Money(ir.header.currency), Decimal::from(amount))
}

/// What a running day can change: a goal with a clock, such as `at day end`, is judged when no day runs.
fn judged_by_day(node: &Node) -> Vec<&Requirement> {
    match &node.kind {
        NodeKind::Goal(goal) if goal.clock.is_some() => Vec::new(),
        NodeKind::Payout(payout) => {
            let steps = payout.steps.iter().filter_map(|step| match &step.kind {
                PayoutStepKind::Require(requirement) => Some(requirement),
                _ => None,
            });
            steps.chain(&payout.pending).collect()
        }
        kind => requirements_of(kind),
    }
}

fn compares_closed_with_today(ir: &Ir, id: ExprId) -> bool {
    let kind = &ir.expr(id).kind;
    let (left, right) = match kind {
        ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Not(_) => {
            return kind.operands().into_iter().any(|operand| compares_closed_with_today(ir, operand));
        }
        ExprKind::Compare(_, left, right) | ExprKind::ComparePercent(_, left, _, right) => (*left, *right),
        _ => return false,
    };
    let (left, right) = (days_read(ir, left), days_read(ir, right));
    let only_closed = |(closed, today): (bool, bool)| closed && !today;
    (only_closed(left) && right.1) || (only_closed(right) && left.1)
}

/// Whether an expression reads, itself or through `let`, money of closed days; and money that the running day moves.
fn days_read(ir: &Ir, id: ExprId) -> (bool, bool) {
    let read = all_read(ir, id).into_iter().map(|id| match &ir.expr(id).kind {
        ExprKind::Account(AccountField::Equity | AccountField::Balance | AccountField::Profit)
        | ExprKind::Period(_, PeriodField::Profit | PeriodField::EquityProfit) => (false, true),
        ExprKind::Node(node) => match &ir.node(*node).kind {
            NodeKind::Tracker(tracker) if matches!(ir.node(*node).ty, Type::Money(_)) => {
                let so_far = tracker.domain == TrackDomain::DaysSoFar;
                (tracker.domain.is_of_days() && !so_far, so_far)
            }
            _ => (false, false),
        },
        _ => (false, false),
    });
    read.fold((false, false), |a, b| (a.0 || b.0, a.1 || b.1))
}

fn reads_money(ir: &Ir, id: ExprId) -> bool {
    all_read(ir, id).into_iter().any(|id| {
        matches!(
            ir.expr(id).kind,
            ExprKind::Account(AccountField::Equity | AccountField::Balance | AccountField::Profit | AccountField::OpenProfit)
                | ExprKind::Period(_, PeriodField::Profit | PeriodField::EquityProfit)
        )
    })
}

/// Whether an amount is, or sums, what was gained.
fn reads_gain(ir: &Ir, id: ExprId) -> bool {
    let sums = |node: NodeId| match &ir.node(node).kind {
        NodeKind::Tracker(tracker) => tracker.what.is_some_and(|what| reads_money(ir, what)),
        NodeKind::Baseline(baseline) => reads_money(ir, baseline.value),
        _ => false,
    };
    reads_money(ir, id) || all_read(ir, id).into_iter().any(|id| matches!(ir.expr(id).kind, ExprKind::Node(node) if sums(node)))
}

/// The expression that a `let` is, with tails or without.
fn value_of(ir: &Ir, node: NodeId) -> Option<ExprId> {
    match &ir.node(node).kind {
        NodeKind::Value(value) => Some(*value),
        NodeKind::Held(held) => Some(held.cause),
        _ => None,
    }
}

/// An expression and all that it reads, itself and through `let`, each once.
fn all_read(ir: &Ir, id: ExprId) -> Vec<ExprId> {
    let (mut waiting, mut seen, mut found) = (vec![id], BTreeSet::new(), Vec::new());
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        found.push(id);
        let kind = &ir.expr(id).kind;
        if let ExprKind::Node(node) = kind {
            waiting.extend(value_of(ir, *node));
        }
        waiting.extend(kind.operands().into_iter().rev());
    }
    found
}
