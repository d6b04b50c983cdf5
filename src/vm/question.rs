//! Pure questions on the slots of an account: nothing changes, everything is computed on a copy.

use super::machine::{Machine, fault_of as known_fault};
use super::view::{Cursor, MISSING, View};
use super::{Effects, Slots};
use crate::code::{CellOf, HeaderCell, NodeCell, Program};
use crate::compile::Expression;
use crate::ir::{Event, ExprId, Node, NodeId, NodeKind, PhaseId, UsedOf};
use crate::outcome::FaultKind;
use crate::vocabulary::Moment;

/// A limit, judged without consequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whether it is in force; the rest says nothing if not.
    pub in_force: bool,
    /// Whether it is broken now, however long.
    pub broken: bool,
    /// The limited value; missing for `never`.
    pub left: i64,
    /// The bound.
    pub right: i64,
    /// The room left.
    pub headroom: i64,
    /// The share used in percent; missing where it has none.
    pub used: i64,
}

/// How a goal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalState {
    /// Whether it is reached.
    pub reached: bool,
    /// Whether it is in force now.
    pub in_force: bool,
    /// Its requirements in order.
    pub requirements: Vec<RequirementState>,
}

/// How a requirement stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementState {
    /// Whether it is required now.
    pub required: bool,
    /// Whether it is met; `None` where that cannot be computed.
    pub met: Option<bool>,
    /// The values of its evidence.
    pub evidence: Vec<i64>,
}

/// The value of an expression of its own, on the slots as they are.
///
/// # Errors
/// With the fault that computing it met.
pub fn evaluate(program: &Program, expression: &Expression, slots: &Slots, view: &impl View) -> Result<i64, FaultKind> {
    let mut copy = Copy::of(slots);
    copy.machine(program, view).call(&expression.code, expression.block).map_err(|fault| fault.kind)
}

/// The value of an expression of the program that stands by itself: a plan's cell, a ledger's start, a default.
///
/// # Errors
/// With the fault that computing it met.
pub fn evaluate_root(program: &Program, expr: ExprId, slots: &Slots, view: &impl View) -> Result<i64, FaultKind> {
    evaluate_root_at(program, expr, Cursor::Event, slots, view)
}

/// The same with the position, symbol or group of a `for each` at hand.
///
/// # Errors
/// With the fault that computing it met.
pub fn evaluate_root_at(program: &Program, expr: ExprId, cursor: Cursor, slots: &Slots, view: &impl View) -> Result<i64, FaultKind> {
    let mut copy = Copy::of(slots);
    let mut machine = copy.machine(program, view);
    machine.cursor = cursor;
    machine.value(expr).map_err(|fault| fault.kind)
}

/// The same before the phase is entered: each `let` that the expression reads is computed anew.
///
/// # Errors
/// With the fault that computing it met.
pub fn evaluate_on_entry(program: &Program, expr: ExprId, slots: &Slots, view: &impl View) -> Result<i64, FaultKind> {
    let mut copy = Copy::of(slots);
    let mut machine = copy.machine(program, view);
    for id in crate::compile::values_read(&program.ir, expr) {
        machine.step(id);
    }
    machine.value(expr).map_err(|fault| fault.kind)
}

/// Judges a limit on the picture that a view gives: the pure values it depends on are computed anew
/// from it, everything that is kept stands. `cursor` tells the position or symbol of a limit `for each`.
///
/// # Errors
/// With the fault that computing it met.
pub fn judge_limit(program: &Program, limit: NodeId, cursor: Cursor, slots: &Slots, view: &impl View) -> Result<Judged, FaultKind> {
    let mut copy = Copy::of(slots);
    let mut machine = copy.machine(program, view);
    machine.refresh(limit);
    machine.cursor = cursor;
    machine.judged(program.ir.node(limit))
}

/// How a goal and its requirements stand, computed from the view.
pub fn goal_state(program: &Program, goal: NodeId, slots: &Slots, view: &impl View) -> GoalState {
    let base = program.layout.place(goal).base;
    let reached = slots.values[base + crate::code::GoalCell::Reached.offset()] != 0;
    let NodeKind::Goal(goal) = &program.ir.node(goal).kind else {
        return GoalState { reached: false, in_force: false, requirements: Vec::new() };
    };
    let mut copy = Copy::of(slots);
    let mut machine = copy.machine(program, view);
    let in_force = machine.holds_if(goal.guard).unwrap_or(false);
    let requirements = goal.requirements.iter().map(|requirement| RequirementState {
        required: machine.holds_if(requirement.when).unwrap_or(true),
        met: machine.holds(requirement.condition).ok(),
        evidence: requirement.evidence.iter().map(|(_, expr)| machine.value(*expr).unwrap_or(MISSING)).collect(),
    });
    GoalState { reached, in_force, requirements: requirements.collect() }
}

/// The value of a node of the account: its first instance's for nodes `for each`.
pub fn value_of(program: &Program, node: NodeId, slots: &Slots) -> i64 {
    slots.values[program.layout.place(node).base + NodeCell::Value.offset()]
}

/// Why a node is faulted, if it is: its first faulted instance.
pub fn fault_of(program: &Program, node: NodeId, slots: &Slots) -> Option<FaultKind> {
    let place = program.layout.place(node);
    let cells = (0..place.count).map(|instance| slots.values[place.base + instance * place.stride + NodeCell::Fault.offset()]);
    cells.into_iter().find_map(known_fault)
}

/// A copy of an account's slots, to compute on.
struct Copy {
    slots: Slots,
    effects: Effects,
}

impl Copy {
    fn of(slots: &Slots) -> Self {
        Self { slots: slots.clone(), effects: Effects::new() }
    }

    fn machine<'a, V: View>(&'a mut self, program: &'a Program, view: &'a V) -> Machine<'a, V> {
        let phase = u16::try_from(self.slots.values[HeaderCell::Phase as usize]).map_or(PhaseId(0), PhaseId);
        Machine::new(program, phase, Moment::Judge, &mut self.slots, view, &mut self.effects)
    }
}

impl<'a, V: View> Machine<'a, V> {
    /// Computes the pure values that a limit depends on anew.
    fn refresh(&mut self, limit: NodeId) {
        let program = self.program;
        for id in &program.details[usize::from(limit.0)].needs {
            let node = program.ir.node(*id);
            if is_pure(node) {
                self.step(*id);
            }
        }
    }

    fn judged(&mut self, node: &'a Node) -> Result<Judged, FaultKind> {
        let not = Judged { in_force: false, broken: false, left: MISSING, right: MISSING, headroom: MISSING, used: MISSING };
        let NodeKind::Limit(limit) = &node.kind else { return Ok(not) };
        let (sides, _) = self.sides(limit).map_err(|fault| fault.kind)?;
        let Some(sides) = sides else { return Ok(not) };
        let used = match limit.used {
            _ if sides.left == MISSING => MISSING,
            UsedOf::Ratio => super::execute::used_ratio(sides.left, sides.right).map_err(|fault| fault.kind)?,
            UsedOf::Allowance(allowance) => match self.value(allowance).map_err(|fault| fault.kind)? {
                MISSING => MISSING,
                allowance => super::execute::used_allowance(allowance, sides.headroom).map_err(|fault| fault.kind)?,
            },
            UsedOf::Unsaid => MISSING,
        };
        let super::step::Sides { left, right, broken, headroom } = sides;
        Ok(Judged { in_force: true, broken, left, right, headroom, used })
    }
}

/// Values, and growth since an event that does not happen now.
fn is_pure(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Value(_) => true,
        NodeKind::Baseline(baseline) => !matches!(baseline.reset, Event::Occasion(crate::vocabulary::Occasion::Order)),
        _ => false,
    }
}
