//! What limits and floors can keep from one mark to the next: [`Detail::keeps`](crate::code::Detail::keeps).

use crate::ir::{Event, ExprId, ExprKind, Floor, Invariant, Ir, Limit, Node, NodeId, NodeKind, Per, UsedOf};
use crate::vocabulary::{Moment, Moments, Occasion};

/// Whether a limit keeps its bound: a glance can decide it, and its bound is a number of its own.
pub(super) fn keeps_bound(ir: &Ir, node: &Node, limit: &Limit) -> bool {
    let Invariant::Stays { bound, percent: None, .. } = limit.invariant else { return false };
    // What a share of the bound from above is has no room that says it.
    let shares = limit.used == UsedOf::Ratio && !limit.at_used.is_empty();
    let simple = limit.clock.is_none() && node.per == Per::Account && (!shares || super::emit::below(bound));
    simple && !waits(ir, node) && !glance_needs_step(ir, limit)
}

/// Whether an expression of a node changes with time alone.
pub(super) fn waits(ir: &Ir, node: &Node) -> bool {
    super::roots::of_kind(&node.kind).into_iter().any(|expr| ir.expr(expr).waits)
}

/// Whether a glance cannot decide a limit: it has its time to begin, or its condition may be missing.
pub(super) fn glance_needs_step(ir: &Ir, limit: &Limit) -> bool {
    let condition = match limit.invariant {
        Invariant::Never(condition) => Some(condition),
        Invariant::Stays { .. } => None,
    };
    limit.from.is_some() || condition.into_iter().chain(limit.guard).any(|expr| ir.expr(expr).maybe_missing)
}

/// Whether at a moment nothing of a limit that keeps its bound can change but what is limited. Floors that
/// keep what raises them tell the limits that read them.
pub(super) fn stands_still(ir: &Ir, limit: &Limit, moment: Moment) -> bool {
    let continuous = !matches!(moment, Moment::Judge | Moment::Enter);
    continuous && around(limit).all(|expr| !changes(ir, expr, moment))
}

/// Whether a floor keeps what raises it: it trails with marks by a distance that no mark changes.
pub(crate) fn keeps_rise(ir: &Ir, node: &Node, floor: &Floor) -> bool {
    let [trail] = floor.trails.as_slice() else { return false };
    let plain = floor.freezes.is_empty() && floor.jumps.is_empty() && !floor.next_day && !trail.of_itself;
    let by_mark = trail.clock == Event::Occasion(Occasion::Mark);
    plain && by_mark && node.per == Per::Account && !node.waits && !distance_changes(ir, floor).contains(Moment::Mark)
}

/// When the distance at which a floor trails, its caps and its conditions can change.
pub(super) fn distance_changes(ir: &Ir, floor: &Floor) -> Moments {
    let trails = floor.trails.iter().flat_map(|trail| std::iter::once(trail.distance).chain(trail.when));
    let caps = floor.caps.iter().flat_map(|(cap, when)| std::iter::once(*cap).chain(*when));
    trails.chain(caps).fold(Moments::NONE, |all, expr| all.with(ir.expr(expr).moments))
}

/// The limits that keep a bound which a floor moves.
pub(super) fn readers(ir: &Ir, floor: NodeId) -> Vec<NodeId> {
    let reads = |node: &Node| match &node.kind {
        NodeKind::Limit(limit) => keeps_bound(ir, node, limit) && around(limit).any(|expr| reads_floor(ir, expr, floor)),
        _ => false,
    };
    ir.nodes().filter(|(_, node)| reads(node)).map(|(id, _)| id).collect()
}

/// What decides a limit besides what is limited.
fn around(limit: &Limit) -> impl Iterator<Item = ExprId> {
    let bound = match limit.invariant {
        Invariant::Stays { right, .. } => Some(right),
        Invariant::Never(condition) => Some(condition),
    };
    let allowance = match limit.used {
        UsedOf::Allowance(allowance) => Some(allowance),
        _ => None,
    };
    bound.into_iter().chain(allowance).chain(limit.guard)
}

/// Whether an expression can change at a moment, apart from floors that tell so themselves.
fn changes(ir: &Ir, expr: ExprId, moment: Moment) -> bool {
    let expr = ir.expr(expr);
    match &expr.kind {
        _ if !expr.moments.contains(moment) => false,
        ExprKind::Node(node) => !matches!(&ir.node(*node).kind, NodeKind::Floor(floor) if keeps_rise(ir, ir.node(*node), floor)),
        ExprKind::Arithmetic(..) | ExprKind::Percent(..) | ExprKind::Minimum(_) | ExprKind::Maximum(_) => {
            expr.kind.operands().into_iter().any(|operand| changes(ir, operand, moment))
        }
        _ => true,
    }
}

/// Whether an expression reads a floor itself.
fn reads_floor(ir: &Ir, expr: ExprId, floor: NodeId) -> bool {
    let kind = &ir.expr(expr).kind;
    matches!(kind, ExprKind::Node(node) if *node == floor) || kind.operands().into_iter().any(|operand| reads_floor(ir, operand, floor))
}
