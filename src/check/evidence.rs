//! What to show when something fires: both sides of each comparison, in the words of the program.

use std::collections::BTreeSet;

use crate::ir::{ExprId, ExprKind, Floor, Invariant, Ir, Node, NodeKind, Per, Trigger};

use super::Checker;

impl Checker<'_> {
    /// The evidence of a node: words and values.
    pub(super) fn evidence(&self, node: &Node) -> Vec<(String, ExprId)> {
        let mut found = Vec::new();
        match &node.kind {
            NodeKind::Limit(limit) => {
                match &limit.invariant {
                    Invariant::Stays { left, right, .. } => {
                        self.value_of(*left, &mut found);
                        self.value_of(*right, &mut found);
                    }
                    Invariant::Never(condition) => self.evidence_of(*condition, &mut found),
                }
                if let Some(guard) = limit.guard {
                    self.evidence_of(guard, &mut found);
                }
            }
            NodeKind::Rule(rule) => match &rule.trigger {
                Trigger::When(condition) | Trigger::On(_, Some(condition)) | Trigger::After { during: Some(condition), .. } => {
                    self.evidence_of(*condition, &mut found);
                }
                _ => {}
            },
            NodeKind::Goal(goal) => {
                for requirement in &goal.requirements {
                    self.evidence_of(requirement.condition, &mut found);
                }
            }
            _ => {}
        }
        found
    }

    /// The values that decide a condition.
    pub(super) fn evidence_of(&self, id: ExprId, found: &mut Vec<(String, ExprId)>) {
        let kind = &self.exprs[id.0 as usize].kind;
        match kind {
            // `is known`, `is closed`: the words are those of the opposite of what is asked inside.
            ExprKind::Not(operand) if self.says_the_opposite(id, *operand) => self.value_of(id, found),
            ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Not(_) => {
                for operand in kind.operands() {
                    self.evidence_of(operand, found);
                }
            }
            ExprKind::Compare(_, a, b) => {
                self.value_of(*a, found);
                self.value_of(*b, found);
            }
            ExprKind::ComparePercent(_, a, p, x) => {
                self.value_of(*a, found);
                self.value_of(*p, found);
                self.value_of(*x, found);
            }
            ExprKind::CompareElapsed(_, from, bound) => {
                self.value_of(*from, found);
                self.value_of(*bound, found);
            }
            ExprKind::OneOf(value, _) => self.value_of(*value, found),
            ExprKind::If(condition, _, _) => {
                self.evidence_of(*condition, found);
                self.value_of(id, found);
            }
            _ => self.value_of(id, found),
        }
    }

    /// Whether the words of a `not` stand for a single fact, so that there are none for the fact itself.
    fn says_the_opposite(&self, id: ExprId, operand: ExprId) -> bool {
        let operand_of = &self.exprs[operand.0 as usize];
        operand_of.span == self.exprs[id.0 as usize].span
            && !matches!(operand_of.kind, ExprKind::Compare(..) | ExprKind::And(..) | ExprKind::Or(..))
    }

    fn value_of(&self, id: ExprId, found: &mut Vec<(String, ExprId)>) {
        let expr = &self.exprs[id.0 as usize];
        if matches!(expr.kind, ExprKind::Constant(_)) {
            return;
        }
        let words = self.words_here(expr.span);
        if !found.iter().any(|(known, _)| *known == words) {
            found.push((words, id));
        }
    }
}

/// What the evidence of a node is made of, down to what is read as it is. What is kept for each position, symbol or
/// order is told by its evidence alone.
pub(super) fn figures(ir: &Ir, node: &Node) -> Vec<ExprId> {
    let mut found = BTreeSet::new();
    if node.per == Per::Account {
        if let NodeKind::Limit(limit) = &node.kind
            && let Invariant::Stays { left, right, .. } = limit.invariant
        {
            made_of(ir, left, &mut found);
            made_of(ir, right, &mut found);
        }
        node.evidence.iter().for_each(|(_, expr)| made_of(ir, *expr, &mut found));
    }
    found.into_iter().collect()
}

fn made_of(ir: &Ir, id: ExprId, found: &mut BTreeSet<ExprId>) {
    if !found.insert(id) {
        return;
    }
    let inner = match &ir.expr(id).kind {
        ExprKind::Node(node) => match &ir.node(*node).kind {
            NodeKind::Value(value) => vec![*value],
            NodeKind::Held(held) => vec![held.cause],
            NodeKind::Floor(floor) if ir.node(*node).per == Per::Account => of_floor(floor),
            _ => Vec::new(),
        },
        // Their operands are values of each position, order or item of news.
        ExprKind::Fold(..) | ExprKind::News(_) => Vec::new(),
        kind => kind.operands(),
    };
    for operand in inner {
        made_of(ir, operand, found);
    }
}

fn of_floor(floor: &Floor) -> Vec<ExprId> {
    let starts = std::iter::once(floor.starts);
    starts.chain(floor.caps.iter().map(|(cap, _)| *cap)).chain(floor.trails.iter().map(|trail| trail.distance)).collect()
}
