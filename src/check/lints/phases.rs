//! Phases into which nothing leads.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Ir, PhaseId};
use crate::syntax::ast::ScenarioHead;

use super::super::Checker;
use super::super::reach::promotions;

impl Checker<'_> {
    /// A phase to which no rule promotes, which is not the first, and in which no scenario opens an account, as the
    /// host then does.
    pub(super) fn phases_out_of_reach(&mut self, ir: &Ir) {
        let reached = reached(ir);
        let first = ir.phases.first().map(|phase| phase.name.clone()).unwrap_or_default();
        for (_, phase) in (0..).map(PhaseId).zip(&ir.phases).filter(|(id, _)| !reached.contains(id)) {
            let name = &phase.name;
            self.report(
                Diagnostic::new(Code::UnreachablePhase, phase.span, format!("no account comes into phase `{name}`"))
                    .label("nothing promotes to it")
                    .note(format!("an account opens in `{first}`, the first phase of the file, and goes on where `promote to` leads"))
                    .help(format!("write `promote to {name}` where the phase before it is passed, or put `{name}` first; where the host opens accounts in it, a scenario with `phase {name}` after its title says so")),
            );
        }
    }
}

/// The phases through which an account may go: from the first, from those in which a scenario opens one, and from those
/// that every program has, into which staff can bring it.
fn reached(ir: &Ir) -> BTreeSet<PhaseId> {
    let opened = |name: &str| {
        let mut heads = ir.scenarios.iter().flat_map(|scenario| &scenario.head);
        heads.any(|item| matches!(&item.node, ScenarioHead::Phase(phase) if phase.node == name))
    };
    let starts = (0..).map(PhaseId).zip(&ir.phases).filter(|(id, phase)| *id == PhaseId(0) || phase.standing || opened(&phase.name));
    let mut waiting: Vec<PhaseId> = starts.map(|(id, _)| id).collect();
    let mut reached = BTreeSet::new();
    while let Some(phase) = waiting.pop() {
        if reached.insert(phase) {
            waiting.extend(promotions(ir, phase));
        }
    }
    reached
}
