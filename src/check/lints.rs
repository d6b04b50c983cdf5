//! Warnings: what a program may say, but probably does not mean.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{ExprId, ExprKind, Invariant, Ir, NodeKind, PayoutStepKind, Requirement, TrackDomain};
use crate::syntax::ast::{self, Bound, ItemKind};
use crate::value::Type;
use crate::vocabulary::{AccountField, PeriodField};

use super::Checker;

impl Checker<'_> {
    pub(super) fn lints(&mut self, ir: &Ir, program: &ast::Program) {
        self.unused_columns(ir);
        self.unused_by_symbol(ir);
        self.unused_options(ir);
        self.phases_without_loss_limit(ir, program);
        self.closed_days_against_today(ir);
    }

    /// What is required of closed days beside a value that includes the running day.
    fn closed_days_against_today(&mut self, ir: &Ir) {
        for requirement in ir.nodes.iter().flat_map(|node| requirements(&node.kind)) {
            if compares_closed_with_today(ir, requirement.condition) {
                self.report(
                    Diagnostic::new(
                        Code::ClosedAgainstToday,
                        ir.expr(requirement.condition).span,
                        "closed days are compared with a value that includes today",
                    )
                    .help("let both include it (`over days so far`), or neither: what is gained today counts on one side only"),
                );
            }
        }
    }

    fn unused_columns(&mut self, ir: &Ir) {
        for (at, column) in (0..).zip(&ir.plans.columns) {
            let read_by_cells = column.name == "size" || self.used_columns.contains(&at);
            if !read_by_cells {
                self.report(
                    Diagnostic::new(Code::Unused, column.span, format!("the plan column `{}` is never read", column.name))
                        .help("use it in a rule, or take it out"),
                );
            }
        }
    }

    /// A column by symbol that nothing reads, as one of the plans.
    fn unused_by_symbol(&mut self, ir: &Ir) {
        for (at, table) in (0..).zip(&ir.tables).filter(|(_, table)| table.by.is_none()) {
            for (column, row) in (0..).zip(&table.columns) {
                if !self.used_cells.contains(&(at, column)) {
                    self.report(
                        Diagnostic::new(Code::Unused, row.span, format!("the column `{}` of `{}` is never read", row.name, table.name))
                            .help("use it in a rule, or take it out"),
                    );
                }
            }
        }
    }

    fn unused_options(&mut self, ir: &Ir) {
        for (at, option) in (0..).zip(&ir.options) {
            if !self.used_options.contains(&at) {
                self.report(
                    Diagnostic::new(Code::Unused, option.span, format!("the option `{}` is never read", option.name))
                        .help("use it in a rule, or take it out"),
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

/// The requirements of a goal, or of a payout at its request and while it is pending; a goal with a clock, such as
/// `at day end`, is judged when no day runs.
fn requirements(kind: &NodeKind) -> Vec<&Requirement> {
    match kind {
        NodeKind::Goal(goal) if goal.clock.is_none() => goal.requirements.iter().collect(),
        NodeKind::Payout(payout) => {
            let steps = payout.steps.iter().filter_map(|step| match &step.kind {
                PayoutStepKind::Require(requirement) => Some(requirement),
                _ => None,
            });
            steps.chain(&payout.pending).collect()
        }
        _ => Vec::new(),
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
    let kind = &ir.expr(id).kind;
    let itself = match kind {
        ExprKind::Account(AccountField::Equity | AccountField::Balance | AccountField::Profit)
        | ExprKind::Period(_, PeriodField::Profit | PeriodField::EquityProfit) => (false, true),
        ExprKind::Node(node) => match &ir.node(*node).kind {
            NodeKind::Value(value) => days_read(ir, *value),
            NodeKind::Tracker(tracker) if matches!(ir.node(*node).ty, Type::Money(_)) => {
                let so_far = tracker.domain == TrackDomain::DaysSoFar;
                (tracker.domain.is_of_days() && !so_far, so_far)
            }
            _ => (false, false),
        },
        _ => (false, false),
    };
    kind.operands().into_iter().map(|operand| days_read(ir, operand)).fold(itself, |a, b| (a.0 || b.0, a.1 || b.1))
}

fn reads_money(ir: &Ir, id: ExprId) -> bool {
    let kind = &ir.expr(id).kind;
    let itself = matches!(
        kind,
        ExprKind::Account(AccountField::Equity | AccountField::Balance | AccountField::Profit | AccountField::OpenProfit)
            | ExprKind::Period(_, PeriodField::Profit | PeriodField::EquityProfit)
    );
    let through = match kind {
        ExprKind::Node(node) => matches!(&ir.node(*node).kind, NodeKind::Value(value) if reads_money(ir, *value)),
        _ => false,
    };
    itself || through || kind.operands().into_iter().any(|operand| reads_money(ir, operand))
}
