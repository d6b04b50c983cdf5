//! Warnings: what a program may say, but probably does not mean.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Invariant, Ir, NodeKind};
use crate::syntax::ast::{self, Bound, ItemKind};

use super::Checker;

impl Checker<'_> {
    pub(super) fn lints(&mut self, ir: &Ir, program: &ast::Program) {
        self.unused_columns(ir);
        self.unused_options(ir);
        self.phases_without_loss_limit(ir, program);
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

fn reads_money(ir: &Ir, id: crate::ir::ExprId) -> bool {
    use crate::ir::ExprKind;
    use crate::vocabulary::{AccountField, PeriodField};
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
