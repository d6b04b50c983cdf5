//! Which expressions a node evaluates by itself, and what they depend on.

use std::collections::BTreeSet;

use crate::ir::{
    Action, ActionKind, ExprId, ExprKind, FlattenTarget, Invariant, Ir, LimitFacet, LockUntil, Node, NodeId, NodeKind, PayoutStepKind,
    Requirement, Template, TemplatePart, TrackFunction, Trigger, UsedOf,
};

/// All expressions that a node evaluates, those of its actions, its evidence and its figures included.
pub(crate) fn of_node(node: &Node) -> Vec<ExprId> {
    let mut found = of_kind(&node.kind);
    found.extend(actions_of(node).flat_map(|action| of_action(&action.kind)));
    found.extend(node.evidence.iter().map(|(_, expr)| *expr));
    found.extend(&node.figures);
    found
}

/// The expressions outside nodes: cells of plans, starts of ledgers, defaults, lengths of periods, keys of groups.
pub(crate) fn of_tables(ir: &Ir) -> Vec<ExprId> {
    let plans = ir.plans.cells.iter().flatten().copied();
    let ledgers = ir.phases.iter().filter_map(|phase| phase.ledger);
    let defaults = ir.options.iter().chain(&ir.inputs).filter_map(|setting| setting.default);
    let lengths = ir.periods.iter().filter_map(crate::ir::PeriodRow::length);
    let keys = ir.groups.iter().flat_map(|group| &group.keys).copied();
    plans.chain(ledgers).chain(defaults).chain(lengths).chain(keys).collect()
}

/// The expressions that decide a node, in the order in which they are written.
pub(crate) fn of_kind(kind: &NodeKind) -> Vec<ExprId> {
    let mut found = Vec::new();
    match kind {
        NodeKind::Value(value) | NodeKind::DayCopy(value) | NodeKind::EventCopy(value) | NodeKind::State(value) => found.push(*value),
        NodeKind::Held(held) => found.push(held.cause),
        NodeKind::Baseline(baseline) => found.push(baseline.value),
        NodeKind::Tracker(tracker) => found.extend(tracker.what.iter().chain(&tracker.from).chain(&tracker.filter)),
        NodeKind::Floor(floor) => {
            found.push(floor.starts);
            found.extend(floor.starts_when.iter().flat_map(|(start, when)| [*start, *when]));
            found.extend(floor.trails.iter().flat_map(|trail| [trail.followed, trail.distance].into_iter().chain(trail.when)));
            found.extend(floor.caps.iter().flat_map(|(cap, when)| std::iter::once(*cap).chain(*when)));
            found.extend(&floor.freezes);
            found.extend(floor.jumps.iter().flat_map(|jump| std::iter::once(jump.to).chain(jump.when)));
        }
        NodeKind::Limit(limit) => {
            found.extend(sides_of(&limit.invariant));
            found.extend(limit.guard);
            found.extend(limit.from.map(|(from, _)| from));
            if let UsedOf::Allowance(allowance) = limit.used {
                found.push(allowance);
            }
            found.extend(limit.on_breach.iter().filter_map(|handler| handler.when));
        }
        NodeKind::Rule(rule) => found.extend(match rule.trigger {
            Trigger::When(condition) => Some(condition),
            Trigger::On(_, condition) => condition,
            Trigger::After { during, .. } => during,
        }),
        NodeKind::Goal(goal) => {
            found.extend(goal.guard);
            found.extend(goal.requirements.iter().flat_map(of_requirement));
        }
        NodeKind::Payout(payout) => {
            for step in &payout.steps {
                found.extend(step.when);
                match &step.kind {
                    PayoutStepKind::Require(requirement) => found.extend(of_requirement(requirement)),
                    PayoutStepKind::PaysAtMost(x)
                    | PayoutStepKind::LeavesAtLeast(x)
                    | PayoutStepKind::Minimum(x)
                    | PayoutStepKind::Fee(x)
                    | PayoutStepKind::Split(x)
                    | PayoutStepKind::AlsoPays(x) => found.push(*x),
                    PayoutStepKind::Review(_) => {}
                }
            }
            found.extend(payout.pending.iter().flat_map(of_requirement));
        }
    }
    found
}

/// The sides of an invariant.
fn sides_of(invariant: &Invariant) -> Vec<ExprId> {
    match invariant {
        Invariant::Stays { left, right, percent, .. } => {
            let mut found = vec![*left, *right];
            found.extend(percent.iter().flat_map(|(percent, whole)| [*percent, *whole]));
            found
        }
        Invariant::Never(condition) => vec![*condition],
    }
}

fn of_requirement(requirement: &Requirement) -> Vec<ExprId> {
    let shown = requirement.evidence.iter().map(|(_, expr)| *expr);
    std::iter::once(requirement.condition).chain(requirement.when).chain(shown).collect()
}

/// All actions of a node in the order of their keys: over its lists, in file order.
pub(crate) fn actions_of(node: &Node) -> impl Iterator<Item = &Action> {
    lists_of(node).into_iter().flatten()
}

/// The lists of actions of a node, numbered as in [`crate::vm::view::Act::list`].
pub(crate) fn lists_of(node: &Node) -> Vec<&[Action]> {
    match &node.kind {
        NodeKind::Limit(limit) => {
            let breach = limit.on_breach.iter().map(|handler| handler.actions.as_slice());
            breach.chain(limit.at_used.iter().map(|(_, actions)| actions.as_slice())).collect()
        }
        NodeKind::Rule(rule) => vec![&rule.actions],
        NodeKind::Goal(goal) => vec![&goal.on_reached, &goal.on_lost],
        _ => Vec::new(),
    }
}

/// The expressions of an action in the order in which its arguments are given.
pub(crate) fn of_action(kind: &ActionKind) -> Vec<ExprId> {
    match kind {
        ActionKind::Flatten { target, down_to, .. } => {
            let mut found = match target {
                FlattenTarget::Symbol(x) | FlattenTarget::Where(x) => vec![*x],
                FlattenTarget::All | FlattenTarget::Position | FlattenTarget::Group(_) => Vec::new(),
            };
            if let Some(quantity) = down_to {
                found.push(*quantity);
            }
            found
        }
        ActionKind::Lock(LockUntil::Instant(x)) | ActionKind::Jump { to: x, .. } | ActionKind::Set(_, x) | ActionKind::Pay(x) => vec![*x],
        ActionKind::Resize { to, by } | ActionKind::ResetLedger { to, by } => vec![*to, *by],
        ActionKind::AdjustBalance { by, reason } => std::iter::once(*by).chain(of_template(reason)).collect(),
        ActionKind::Notify(_, template) | ActionKind::Review(template) => of_template(template),
        ActionKind::Call(_, arguments) => arguments.clone(),
        ActionKind::CancelOrders
        | ActionKind::Reject
        | ActionKind::Reduce
        | ActionKind::Lock(LockUntil::Next(_) | LockUntil::Staff)
        | ActionKind::Unlock
        | ActionKind::Fail
        | ActionKind::Promote(_)
        | ActionKind::CloseAccount
        | ActionKind::Restart
        | ActionKind::RollBack
        | ActionKind::Freeze(_) => Vec::new(),
    }
}

fn of_template(template: &Template) -> Vec<ExprId> {
    let values = template.parts.iter().filter_map(|part| match part {
        TemplatePart::Value(value) => Some(*value),
        TemplatePart::Text(_) => None,
    });
    values.collect()
}

/// The nodes that an expression reads itself, in the order in which they are written.
fn reads(ir: &Ir, expr: ExprId, found: &mut Vec<NodeId>) {
    let kind = &ir.expr(expr).kind;
    match kind {
        ExprKind::Node(node) | ExprKind::Limit(node, _) | ExprKind::Goal(node, _) => found.push(*node),
        _ => {}
    }
    if let ExprKind::Limit(node, LimitFacet::Used) = kind {
        // The share used is computed from the limit's sides.
        for side in of_kind(&ir.node(*node).kind) {
            reads(ir, side, found);
        }
    }
    for operand in kind.operands() {
        reads(ir, operand, found);
    }
}

/// The floors and trackers that the sides of a limit read, through values, in the order in which they are written.
pub(crate) fn extremes_of(ir: &Ir, node: NodeId) -> Vec<NodeId> {
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    if let NodeKind::Limit(limit) = &ir.node(node).kind
        && let Invariant::Stays { left, right, .. } = limit.invariant
    {
        extremes_read(ir, left, &mut found, &mut seen);
        extremes_read(ir, right, &mut found, &mut seen);
    }
    found
}

/// Each part is looked at once: a value that is read twice doubles nothing.
fn extremes_read(ir: &Ir, expr: ExprId, found: &mut Vec<NodeId>, seen: &mut BTreeSet<ExprId>) {
    if !seen.insert(expr) {
        return;
    }
    let kind = &ir.expr(expr).kind;
    let ExprKind::Node(node) = kind else {
        return kind.operands().into_iter().for_each(|operand| extremes_read(ir, operand, found, seen));
    };
    match &ir.node(*node).kind {
        NodeKind::Value(value) => extremes_read(ir, *value, found, seen),
        NodeKind::Held(held) => extremes_read(ir, held.cause, found, seen),
        NodeKind::Tracker(_) | NodeKind::Floor(_) if !found.contains(node) => found.push(*node),
        _ => {}
    }
}

/// Whether a tracker keeps the event that set its extreme.
pub(crate) const fn has_extreme(function: TrackFunction) -> bool {
    matches!(function, TrackFunction::Highest | TrackFunction::Lowest | TrackFunction::NthHighest(_))
}

/// The `let` values that an expression reads, itself or through each other, in node order.
pub(crate) fn values_read(ir: &Ir, expr: ExprId) -> Vec<NodeId> {
    let mut needed = BTreeSet::new();
    let mut stack = vec![expr];
    while let Some(expr) = stack.pop() {
        let mut found = Vec::new();
        reads(ir, expr, &mut found);
        for read in found {
            if let NodeKind::Value(value) = &ir.node(read).kind
                && needed.insert(read)
            {
                stack.push(*value);
            }
        }
    }
    needed.into_iter().collect()
}

/// The pure values that a node depends on, in node order: what is computed anew when a question is
/// asked about another picture of the account.
pub(crate) fn needs_of(ir: &Ir, node: NodeId) -> Vec<NodeId> {
    let mut needed = BTreeSet::new();
    let mut stack = of_kind(&ir.node(node).kind);
    while let Some(expr) = stack.pop() {
        let mut found = Vec::new();
        reads(ir, expr, &mut found);
        for read in found {
            let kind = &ir.node(read).kind;
            if matches!(kind, NodeKind::Value(_) | NodeKind::Baseline(_)) && needed.insert(read) {
                stack.extend(of_kind(kind));
            }
        }
    }
    needed.into_iter().collect()
}
