//! Money that moves, asked to be exactly an amount.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Comparison, ExprId, Node, NodeKind, Trigger};
use crate::value::{Decimal, Type};

use super::super::Checker;
use super::amounts::{self, Compared, Known};
use super::goals::conjuncts;
use super::{reads_money, requirements_of};

impl Checker<'_> {
    /// Requirements and conditions that hold of one amount alone, which what is gained steps over.
    pub(super) fn exact_amounts(&mut self, ir: &Known) {
        for (at, node) in ir.nodes.iter().enumerate() {
            self.stand_in(at);
            let found =
                conditions(node).into_iter().flat_map(|(what, id)| conjuncts(ir, id).into_iter().map(move |one| (what.clone(), one)));
            for found in found.filter_map(|(what, compared)| exact(ir, &what, compared)).collect::<Vec<_>>() {
                self.report(found);
            }
        }
        self.current_use = None;
    }
}

/// What must hold of a node, with its name.
fn conditions(node: &Node) -> Vec<(String, ExprId)> {
    match &node.kind {
        NodeKind::Rule(rule) => match rule.trigger {
            Trigger::When(condition) => vec![("the condition".to_owned(), condition)],
            _ => Vec::new(),
        },
        kind => requirements_of(kind).into_iter().map(|one| (format!("\"{}\"", one.title), one.condition)).collect(),
    }
}

fn exact(ir: &Known, what: &str, compared: Compared) -> Option<Diagnostic> {
    let Compared { comparison: Comparison::Equal, left, right, .. } = compared else { return None };
    if !matches!(ir.expr(left).ty, Type::Money(_)) || !reads_money(ir, left) {
        return None;
    }
    (0..ir.plans.names.len()).find_map(|plan| {
        // Nothing gained, nothing open: that is a state, and no amount.
        let amount = compared.bound(ir, plan)?.number().filter(|amount| !amount.is_zero())?;
        let words = |amount: Decimal| amounts::written(ir, &ir.expr(left).ty, amount);
        let more = words(amount.add(Decimal::from(1)).ok()?);
        let left_words = ir.source.words(ir.expr(left).span);
        Some(
            Diagnostic::new(
                Code::ExactAmount,
                ir.expr(left).span.to(ir.expr(right).span),
                format!("{what} holds only at exactly {}", words(amount)),
            )
            .note(format!("with plan {}, it does not hold at {more}", ir.plans.names[plan]))
            .help(format!("write `{left_words} is at least …` where more is as good, `is at most …` where less is")),
        )
    })
}
