//! Which phases lead to which: a phase reads values of those alone through which an account may have been before.

use std::collections::BTreeSet;

use crate::ir::{ActionKind, ExprId, ExprKind, Ir, PhaseId};
use crate::source::Span;

use super::order::{action_exprs, actions_of, own_exprs};
use super::{Checker, errors};

impl Checker<'_> {
    /// Reports values of phases that never come before the one in which they are read.
    pub(super) fn never_known(&mut self, ir: &Ir) {
        let mut told: BTreeSet<Span> = BTreeSet::new();
        for (here, id) in read_in_phases(ir) {
            for (there, span) in values_of_phases(ir, id) {
                if here != there && !leads(ir, there, here) && told.insert(span) {
                    self.report(errors::never_been_there(&ir.phase(here).name, &ir.phase(there).name, span));
                }
            }
        }
    }
}

/// What is evaluated in each phase alone.
fn read_in_phases(ir: &Ir) -> Vec<(PhaseId, ExprId)> {
    let mut found = Vec::new();
    for node in &ir.nodes {
        let Some(phase) = node.phase else { continue };
        let of_actions = actions_of(node).into_iter().flat_map(|action| action_exprs(&action.kind));
        found.extend(own_exprs(node).into_iter().chain(of_actions).map(|id| (phase, id)));
    }
    let ledgers = (0..).map(PhaseId).zip(&ir.phases).filter_map(|(phase, row)| Some((phase, row.ledger?)));
    found.extend(ledgers);
    found
}

/// The values of phases that an expression reads itself, each with its place.
fn values_of_phases(ir: &Ir, id: ExprId) -> Vec<(PhaseId, Span)> {
    let expr = ir.expr(id);
    let own = match expr.kind {
        ExprKind::Node(node) => ir.node(node).phase,
        ExprKind::PhaseFinal(phase, _) => Some(phase),
        _ => None,
    };
    let mut found: Vec<(PhaseId, Span)> = own.map(|phase| (phase, expr.span)).into_iter().collect();
    found.extend(expr.kind.operands().into_iter().flat_map(|operand| values_of_phases(ir, operand)));
    found
}

/// Whether an account that is in a phase may come to another one later. Staff may fail and close an account, and
/// take a failure back, wherever it is.
fn leads(ir: &Ir, from: PhaseId, to: PhaseId) -> bool {
    let ends = |phase: PhaseId| matches!(ir.phase(phase).name.as_str(), "failed" | "closed");
    if ends(from) || ends(to) {
        return true;
    }
    let mut seen = vec![from];
    let mut at = 0;
    while let Some(phase) = seen.get(at).copied() {
        for next in promotions(ir, phase) {
            if next == to {
                return true;
            }
            if !seen.contains(&next) {
                seen.push(next);
            }
        }
        at += 1;
    }
    false
}

/// The phases to which rules of a phase promote, and rules outside phases, which hold in all that are not standing.
pub(super) fn promotions(ir: &Ir, phase: PhaseId) -> Vec<PhaseId> {
    let holds = |of: Option<PhaseId>| of.map_or(!ir.phase(phase).standing, |of| of == phase);
    let actions = ir.nodes.iter().filter(|node| holds(node.phase)).flat_map(actions_of);
    let targets = actions.filter_map(|action| match action.kind {
        ActionKind::Promote(target) => Some(target),
        _ => None,
    });
    targets.collect()
}
