//! Phases into which nothing leads.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Action, ActionKind, Expr, ExprKind, Ir, Node, NodeKind, PhaseId};
use crate::syntax::ast::ScenarioHead;

use super::super::Checker;
use super::super::reach::promotions;

impl Checker<'_> {
    /// A phase to which no rule promotes, which is not the first, and in which no scenario opens an account, as the
    /// host then does.
    pub(super) fn phases_out_of_reach(&mut self, ir: &Ir) {
        let stuck = ir.nodes.iter().find(|node| leads_nowhere(ir, node));
        let reached = reached(ir, stuck.is_none());
        let first = ir.phases.first().map(|phase| phase.name.clone()).unwrap_or_default();
        for (_, phase) in (0..).map(PhaseId).zip(&ir.phases).filter(|(id, _)| !reached.contains(id)) {
            let name = &phase.name;
            let found = Diagnostic::new(Code::UnreachablePhase, phase.span, format!("no account comes into phase `{name}`"))
                .label("nothing promotes to it")
                .note(format!("an account opens in `{first}`, the first phase of the file, and goes on where `promote to` leads"));
            self.report(match stuck {
                Some(goal) => found.other(goal.head, "is reached, and leads nowhere").help(format!(
                    "add `on reached {{ promote to {name} }}` to the goal; where the host opens accounts in `{name}`, let the goal end its own phase: `on reached {{ promote to passed }}`"
                )),
                None => found.help(format!(
                    "write `promote to {name}` where the phase before it is passed, or put `{name}` first; where the host opens accounts in it, a scenario with `phase {name}` after its title says so"
                )),
            });
        }
    }
}

/// The phases through which an account may go: from the first, from those in which a scenario opens one, and from those
/// that every program has, into which staff can bring it. Where a goal leads nowhere, a scenario does not show that the
/// host opens accounts there: the goal was to lead there.
fn reached(ir: &Ir, shows: bool) -> BTreeSet<PhaseId> {
    let opened = |name: &str| {
        let mut heads = ir.scenarios.iter().flat_map(|scenario| &scenario.head);
        heads.any(|item| matches!(&item.node, ScenarioHead::Phase(phase) if phase.node == name))
    };
    let starts =
        (0..).map(PhaseId).zip(&ir.phases).filter(|(id, phase)| *id == PhaseId(0) || phase.standing || (shows && opened(&phase.name)));
    let mut waiting: Vec<PhaseId> = starts.map(|(id, _)| id).collect();
    let mut reached = BTreeSet::new();
    while let Some(phase) = waiting.pop() {
        if reached.insert(phase) {
            waiting.extend(promotions(ir, phase));
        }
    }
    reached
}

/// A goal with which its phase should end, and does not: nothing promotes, nobody is asked, and no account is closed.
fn leads_nowhere(ir: &Ir, node: &Node) -> bool {
    let NodeKind::Goal(goal) = &node.kind else { return false };
    let goes_on = |action: &Action| !matches!(action.kind, ActionKind::Notify(..) | ActionKind::Flatten { .. } | ActionKind::CancelOrders);
    let read = |expr: &Expr| matches!(expr.kind, ExprKind::Goal(read, _) if std::ptr::eq(ir.node(read), node));
    let ends = node.phase.is_some_and(|phase| promotions(ir, phase).is_empty());
    ends && !goal.revocable && !goal.on_reached.iter().any(goes_on) && !ir.exprs.iter().any(read)
}
