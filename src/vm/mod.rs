//! Executes the blocks of a program over the slots of an account.
//!
//! [`run`] evaluates the nodes in force at one moment, [`enter`] those of a phase that begins,
//! [`finish`] ends an outcome. What is to be done is left in [`Effects`]; the machine allocates
//! only when something fires, and does not panic on a program that was verified.

mod effects;
mod execute;
mod fault;
mod fold;
mod glance;
mod machine;
mod question;
mod rollback;
mod slots;
mod step;
mod still;
#[cfg(test)]
pub(crate) mod tests;
pub mod view;

pub use effects::Effects;
pub use question::{
    GoalState, Judged, RequirementState, evaluate, evaluate_on_entry, evaluate_root, evaluate_root_at, fault_of, goal_state, judge_limit,
    value_of,
};
pub use rollback::{roll_back, settle};
pub use slots::Slots;
pub use still::{Banded, Passed, Range, is_still};

use crate::code::{CellOf, HeaderCell, NodeCell, Program, RuleCell};
use crate::ir::{ExprId, NodeId, NodeKind, Per, PhaseId};
use crate::outcome::FaultKind;
use crate::vocabulary::Moment;
use machine::Machine;
use view::{NEVER, View};

/// Evaluates the nodes in force in a phase, in order, at a moment.
pub fn run(program: &Program, phase: PhaseId, moment: Moment, slots: &mut Slots, view: &impl View, effects: &mut Effects) {
    let passed = glance::pass(program.glances(phase, moment), slots, view);
    let whole = passed == program.block(phase, moment).len();
    if whole && moment != Moment::Judge && slots.values[HeaderCell::Phase as usize] == i64::from(phase.0) {
        return;
    }
    Machine::new(program, phase, moment, slots, view, effects).run(passed);
}

/// Enters a phase: its nodes begin and are judged. The view tells the occasions: the phase's start,
/// at opening the account's.
pub fn enter(program: &Program, phase: PhaseId, slots: &mut Slots, view: &impl View, effects: &mut Effects) {
    Machine::new(program, phase, Moment::Enter, slots, view, effects).run(0);
}

/// Begins those nodes in force that have not begun, in order, as when their phase is entered: what another version of a
/// program has brought. Everything must be judged next.
pub fn begin(program: &Program, phase: PhaseId, slots: &mut Slots, view: &impl View, effects: &mut Effects) {
    Machine::new(program, phase, Moment::Judge, slots, view, effects).begin();
}

/// Ends an outcome: what is read `before this event` takes the value that it has now.
pub fn finish(program: &Program, phase: PhaseId, slots: &mut Slots, view: &impl View, effects: &mut Effects) {
    Machine::new(program, phase, Moment::Judge, slots, view, effects).finish();
}

/// Ends what is kept for one of what nodes are kept for each of: its position is closed, or its group
/// has ended. The place may be given to another then.
pub fn end_instance(program: &Program, slots: &mut Slots, per: Per, number: usize) {
    let mut waited = false;
    for (id, node) in program.ir.nodes().filter(|(_, node)| node.per == per) {
        let place = program.layout.place(id);
        if number < place.count {
            let base = place.base + number * place.stride;
            waited |= slots.values[base + NodeCell::Due.offset()] != NEVER;
            slots.clear_fault(base);
            slots.reset(node, base);
        }
    }
    if let (true, Ok(phase)) = (waited, u16::try_from(slots.values[HeaderCell::Phase as usize])) {
        slots.values[HeaderCell::NextDue as usize] = least_due(program, slots, PhaseId(phase));
    }
}

/// The value of an expression of the program that depends on nothing that is kept: a key of a group.
///
/// # Errors
/// With the fault that computing it met.
pub fn settled_value(
    program: &Program,
    expr: ExprId,
    slots: &mut Slots,
    view: &impl View,
    effects: &mut Effects,
) -> Result<i64, FaultKind> {
    Machine::new(program, PhaseId(0), Moment::Judge, slots, view, effects).value(expr).map_err(|fault| fault.kind)
}

/// The least instant at which a node in force is due; [`NEVER`] if none is.
pub fn next_due(program: &Program, slots: &Slots, phase: PhaseId) -> i64 {
    if slots.values[HeaderCell::Phase as usize] == i64::from(phase.0) {
        return slots.values[HeaderCell::NextDue as usize];
    }
    least_due(program, slots, phase)
}

/// The least instant at which an `after` rule in force fires, in the step of timers; [`NEVER`] if none waits.
pub fn next_timer(program: &Program, slots: &Slots, phase: PhaseId) -> i64 {
    let rules = program.ir.nodes().filter(|(id, node)| matches!(node.kind, NodeKind::Rule(_)) && program.in_force(*id, phase));
    rules.map(|(id, _)| least(program, slots, id, RuleCell::Deadline.offset())).min().unwrap_or(NEVER)
}

fn least_due(program: &Program, slots: &Slots, phase: PhaseId) -> i64 {
    // What is judged for an order is judged with it, and never again.
    let nodes = program.ir.nodes().filter(|(id, node)| node.per != Per::Order && program.in_force(*id, phase));
    nodes.map(|(id, _)| least(program, slots, id, NodeCell::Due.offset())).min().unwrap_or(NEVER)
}

fn least(program: &Program, slots: &Slots, node: NodeId, cell: usize) -> i64 {
    let place = program.layout.place(node);
    let instances = (0..place.count).map(|instance| slots.values[place.base + instance * place.stride + cell]);
    instances.min().unwrap_or(NEVER)
}
