//! What a floor stands at, where its figure says so.

use super::Reading;
use crate::ir::{Action, ActionKind, Event, ExprId, ExprKind, Floor, Ir, Node, NodeId, NodeKind};
use crate::value::Value;
use crate::vocabulary::AccountField;

/// Where a floor stands.
pub(super) enum Stand {
    /// Where it started: that expression.
    Start(ExprId),
    /// At its cap: that expression.
    Cap(ExprId),
    /// So far behind the highest of what it follows.
    Behind {
        /// The highest.
        high: Value,
        /// How far.
        distance: ExprId,
    },
}

/// How a floor comes to its figure. None where a jump may have moved it, or where it follows more than one value.
pub(super) fn stand(reading: &Reading<'_>, id: ExprId, node: NodeId, floor: &Floor) -> Option<Stand> {
    let value = |id: ExprId| reading.values.value(id);
    let Value::Money(stands, currency) = value(id)? else { return None };
    if !floor.jumps.is_empty() || is_moved(reading.ir, node) {
        return None;
    }
    let is_there = |id: &ExprId| value(*id) == Some(Value::Money(stands, currency));
    if let Some(start) = Some(floor.starts).filter(|start| floor.starts_when.is_empty() && is_there(start)) {
        return Some(Stand::Start(start));
    }
    let mut caps = floor.caps.iter().filter(|(_, when)| when.is_none()).map(|(cap, _)| *cap);
    if let Some(cap) = caps.find(is_there) {
        return Some(Stand::Cap(cap));
    }
    let [trail] = floor.trails.as_slice() else { return None };
    if trail.of_itself || !stands_still(reading.ir, trail.distance) {
        return None;
    }
    let Value::Money(distance, _) = value(trail.distance)? else { return None };
    Some(Stand::Behind { high: Value::Money(stands.add(distance).ok()?, currency), distance: trail.distance })
}

/// `highest balance at day end`
pub(super) fn high_words(ir: &Ir, floor: &Floor) -> String {
    let Some(trail) = floor.trails.first() else { return String::new() };
    let followed = ir.source.words(ir.expr(trail.followed).span);
    match trail.clock {
        Event::Occasion(occasion) => format!("highest {followed} at {}", occasion.row().words),
        _ => format!("highest {followed}"),
    }
}

/// Whether an action of the program moves a floor.
fn is_moved(ir: &Ir, floor: NodeId) -> bool {
    ir.nodes.iter().flat_map(actions_of).any(|action| matches!(action.kind, ActionKind::Jump { floor: moved, .. } if moved == floor))
}

/// All actions of a node.
pub(super) fn actions_of(node: &Node) -> Vec<&Action> {
    match &node.kind {
        NodeKind::Limit(limit) => {
            let used = limit.at_used.iter().flat_map(|(_, actions)| actions);
            limit.on_breach.iter().flat_map(|handler| &handler.actions).chain(used).collect()
        }
        NodeKind::Rule(rule) => rule.actions.iter().collect(),
        NodeKind::Goal(goal) => goal.on_reached.iter().chain(&goal.on_lost).collect(),
        _ => Vec::new(),
    }
}

/// Whether an amount is the same at all times: of the plan, an option, or written out.
fn stands_still(ir: &Ir, id: ExprId) -> bool {
    let kind = &ir.expr(id).kind;
    match kind {
        ExprKind::Constant(_)
        | ExprKind::Plan(_)
        | ExprKind::PlanName
        | ExprKind::Account(AccountField::Size | AccountField::OriginalSize) => true,
        ExprKind::Option(option) => ir.options.get(usize::from(*option)).is_some_and(|option| !option.changeable),
        ExprKind::Node(node) => matches!(ir.node(*node).kind, NodeKind::Value(value) if stands_still(ir, value)),
        ExprKind::Arithmetic(..)
        | ExprKind::Percent(..)
        | ExprKind::Negate(_)
        | ExprKind::Minimum(_)
        | ExprKind::Maximum(_)
        | ExprKind::If(..) => kind.operands().into_iter().all(|operand| stands_still(ir, operand)),
        _ => false,
    }
}
