//! The order of evaluation: a reader stands after all that sets what it reads, and a circle of
//! readings is an error that shows the circle.

use std::collections::BTreeSet;

use crate::ir::{ActionKind, Event, Expr, ExprId, ExprKind, Node, NodeId, NodeKind, TrackDomain, Trigger};

/// What one node reads and sets.
#[derive(Debug, Default)]
struct Links {
    reads: BTreeSet<NodeId>,
    /// Reads that only give arguments to its own actions.
    argument_reads: BTreeSet<NodeId>,
    sets: BTreeSet<NodeId>,
}

/// The nodes in evaluation order, or the circle that prevents one.
pub(super) fn order(nodes: &[Node], exprs: &[Expr]) -> Result<Vec<NodeId>, Vec<NodeId>> {
    let links: Vec<Links> = nodes.iter().map(|node| links_of(node, exprs)).collect();
    let before = predecessors(nodes, &links);
    let mut done = vec![false; nodes.len()];
    let mut order = Vec::with_capacity(nodes.len());
    let rank = |at: usize| (stage(&nodes[at].kind), at);
    while order.len() < nodes.len() {
        let ready = (0..nodes.len()).filter(|at| !done[*at] && before[*at].iter().all(|other| done[*other]));
        let Some(next) = ready.min_by_key(|at| rank(*at)) else {
            return Err(find_circle(&before, &done));
        };
        done[next] = true;
        order.push(number(next));
    }
    Ok(order)
}

/// For each node, the nodes that must stand before it.
fn predecessors(nodes: &[Node], links: &[Links]) -> Vec<BTreeSet<usize>> {
    let mut before: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); nodes.len()];
    for (reader, link) in links.iter().enumerate() {
        before[reader].extend(link.reads.iter().map(|read| read.0 as usize));
        // An action may show what its own rule has just found.
        before[reader].extend(link.argument_reads.iter().map(|read| read.0 as usize).filter(|read| *read != reader));
    }
    for (setter, link) in links.iter().enumerate() {
        for target in &link.sets {
            let target_at = target.0 as usize;
            if matches!(nodes[target_at].kind, NodeKind::State(_)) {
                before[setter].insert(target_at);
                let readers = links
                    .iter()
                    .enumerate()
                    .filter(|(reader, other)| *reader != setter && (other.reads.contains(target) || other.argument_reads.contains(target)));
                for (reader, _) in readers {
                    before[reader].insert(setter);
                }
                if link.reads.contains(target) {
                    // A rule whose own condition reads what it sets would decide on its own result.
                    before[setter].insert(setter);
                }
            } else {
                before[target_at].insert(setter);
            }
        }
    }
    before
}

/// Where nodes stand when nothing else decides: ledger → trackers → values → handlers → floors → limits → goals → payout.
fn stage(kind: &NodeKind) -> u8 {
    match kind {
        NodeKind::DayCopy(_) | NodeKind::EventCopy(_) | NodeKind::State(_) => 0,
        NodeKind::Tracker(_) | NodeKind::Baseline(_) => 1,
        NodeKind::Value(_) | NodeKind::Held(_) => 2,
        NodeKind::Rule(_) => 3,
        NodeKind::Floor(_) => 4,
        NodeKind::Limit(_) => 5,
        NodeKind::Goal(_) => 6,
        NodeKind::Payout(_) => 7,
    }
}

fn number(at: usize) -> NodeId {
    NodeId(u16::try_from(at).unwrap_or(u16::MAX))
}

/// A shortest circle among the nodes that are left.
fn find_circle(before: &[BTreeSet<usize>], done: &[bool]) -> Vec<NodeId> {
    let left = (0..before.len()).filter(|at| !done[*at]);
    let circles = left.filter_map(|start| circle_through(start, before, done));
    circles.min_by_key(Vec::len).unwrap_or_default().into_iter().map(number).collect()
}

fn circle_through(start: usize, before: &[BTreeSet<usize>], done: &[bool]) -> Option<Vec<usize>> {
    let mut came_from = vec![None; before.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for next in before[at].iter().copied().filter(|next| !done[*next]) {
            if next == start {
                let mut path = vec![at];
                while let Some(previous) = came_from[path[path.len() - 1]] {
                    path.push(previous);
                }
                path.reverse();
                return Some(path);
            }
            if came_from[next].is_none() {
                came_from[next] = Some(at);
                queue.push_back(next);
            }
        }
    }
    None
}

fn links_of(node: &Node, exprs: &[Expr]) -> Links {
    let mut links = Links::default();
    if matches!(node.kind, NodeKind::DayCopy(_) | NodeKind::EventCopy(_)) {
        return links;
    }
    for id in own_exprs(node) {
        reads(id, exprs, &mut links.reads);
    }
    for event in events_of(node) {
        if let Event::Breach(limit) = event {
            links.reads.insert(limit);
        }
    }
    for action in actions_of(node) {
        for id in action_exprs(&action.kind) {
            reads(id, exprs, &mut links.argument_reads);
        }
        match action.kind {
            ActionKind::Set(state, _) => links.sets.insert(state),
            ActionKind::Jump { floor, .. } | ActionKind::Freeze(floor) => links.sets.insert(floor),
            _ => false,
        };
    }
    if let NodeKind::Limit(limit) = &node.kind
        && let Some(target) = limit.counts_toward
    {
        links.sets.insert(target);
    }
    links
}

fn reads(id: ExprId, exprs: &[Expr], found: &mut BTreeSet<NodeId>) {
    let kind = &exprs[id.0 as usize].kind;
    match kind {
        ExprKind::Node(node) | ExprKind::Limit(node, _) | ExprKind::Goal(node, _) => {
            found.insert(*node);
        }
        _ => {}
    }
    for operand in kind.operands() {
        reads(operand, exprs, found);
    }
}

/// The expressions of a node, those of its actions excepted.
pub(super) fn own_exprs(node: &Node) -> Vec<ExprId> {
    let mut ids = Vec::new();
    match &node.kind {
        NodeKind::Value(id) | NodeKind::DayCopy(id) | NodeKind::EventCopy(id) | NodeKind::State(id) => ids.push(*id),
        NodeKind::Held(held) => ids.push(held.cause),
        NodeKind::Baseline(baseline) => ids.push(baseline.value),
        NodeKind::Tracker(tracker) => ids.extend(tracker.what.iter().chain(&tracker.from).chain(&tracker.filter)),
        NodeKind::Floor(floor) => {
            ids.push(floor.starts);
            ids.extend(floor.starts_when.iter().flat_map(|(start, when)| [*start, *when]));
            ids.extend(floor.trails.iter().flat_map(|trail| [Some(trail.followed), Some(trail.distance), trail.when]).flatten());
            ids.extend(floor.caps.iter().flat_map(|(cap, when)| [Some(*cap), *when]).flatten());
            ids.extend(&floor.freezes);
            ids.extend(floor.jumps.iter().flat_map(|jump| [Some(jump.to), jump.when]).flatten());
        }
        NodeKind::Limit(limit) => limit_exprs(limit, &mut ids),
        NodeKind::Rule(rule) => match &rule.trigger {
            Trigger::When(id) => ids.push(*id),
            Trigger::On(_, filter) => ids.extend(filter),
            Trigger::After { during, .. } => ids.extend(during),
        },
        NodeKind::Goal(goal) => {
            ids.extend(&goal.guard);
            ids.extend(goal.requirements.iter().flat_map(|requirement| [Some(requirement.condition), requirement.when]).flatten());
        }
        NodeKind::Payout(payout) => payout_exprs(payout, &mut ids),
    }
    ids
}

fn limit_exprs(limit: &crate::ir::Limit, ids: &mut Vec<ExprId>) {
    match &limit.invariant {
        crate::ir::Invariant::Stays { left, right, percent, .. } => {
            ids.extend([*left, *right]);
            ids.extend(percent.iter().flat_map(|(p, x)| [*p, *x]));
        }
        crate::ir::Invariant::Never(id) => ids.push(*id),
    }
    ids.extend(&limit.guard);
    ids.extend(limit.from.iter().map(|(instant, _)| *instant));
    ids.extend(limit.on_breach.iter().filter_map(|handler| handler.when));
    if let crate::ir::UsedOf::Allowance(id) = limit.used {
        ids.push(id);
    }
}

fn payout_exprs(payout: &crate::ir::Payout, ids: &mut Vec<ExprId>) {
    use crate::ir::PayoutStepKind as Step;
    for step in &payout.steps {
        ids.extend(step.when);
        match &step.kind {
            Step::Require(requirement) => ids.push(requirement.condition),
            Step::PaysAtMost(id) | Step::LeavesAtLeast(id) | Step::Minimum(id) | Step::Fee(id) | Step::Split(id) | Step::AlsoPays(id) => {
                ids.push(*id);
            }
            Step::Review(_) => {}
        }
    }
    ids.extend(payout.pending.iter().flat_map(|requirement| [Some(requirement.condition), requirement.when]).flatten());
}

/// The events a node looks at.
pub(super) fn events_of(node: &Node) -> Vec<Event> {
    match &node.kind {
        NodeKind::Baseline(baseline) => vec![baseline.reset],
        NodeKind::Tracker(tracker) => match tracker.domain {
            TrackDomain::At(event) => vec![tracker.reset, event],
            _ => vec![tracker.reset],
        },
        NodeKind::Floor(floor) => {
            floor.trails.iter().map(|trail| trail.clock).chain(floor.jumps.iter().filter_map(|jump| jump.on)).collect()
        }
        NodeKind::Limit(limit) => limit.clock.into_iter().collect(),
        NodeKind::Rule(rule) => match &rule.trigger {
            Trigger::On(event, _) => vec![*event],
            Trigger::After { since, .. } => vec![*since],
            Trigger::When(_) => Vec::new(),
        },
        NodeKind::Goal(goal) => goal.clock.into_iter().collect(),
        _ => Vec::new(),
    }
}

/// All actions of a node, in the order of their lists.
pub(crate) fn actions_of(node: &Node) -> Vec<&crate::ir::Action> {
    match &node.kind {
        NodeKind::Limit(limit) => limit
            .on_breach
            .iter()
            .flat_map(|handler| &handler.actions)
            .chain(limit.at_used.iter().flat_map(|(_, actions)| actions))
            .collect(),
        NodeKind::Rule(rule) => rule.actions.iter().collect(),
        NodeKind::Goal(goal) => goal.on_reached.iter().chain(&goal.on_lost).collect(),
        _ => Vec::new(),
    }
}

/// The expressions of an action.
pub(super) fn action_exprs(kind: &ActionKind) -> Vec<ExprId> {
    use crate::ir::{FlattenTarget, LockUntil};
    match kind {
        ActionKind::Flatten { target, down_to, .. } => {
            let target = match target {
                FlattenTarget::Symbol(id) | FlattenTarget::Where(id) => Some(*id),
                FlattenTarget::All | FlattenTarget::Position | FlattenTarget::Group(_) => None,
            };
            target.into_iter().chain(*down_to).collect()
        }
        ActionKind::Lock(LockUntil::Instant(id)) | ActionKind::Set(_, id) | ActionKind::Pay(id) | ActionKind::Jump { to: id, .. } => {
            vec![*id]
        }
        ActionKind::Resize { to, by } | ActionKind::ResetLedger { to, by } => vec![*to, *by],
        ActionKind::AdjustBalance { by, reason } => std::iter::once(*by).chain(template_exprs(reason)).collect(),
        ActionKind::Notify(_, template) | ActionKind::Review(template) => template_exprs(template).collect(),
        ActionKind::Call(_, ids) => ids.clone(),
        _ => Vec::new(),
    }
}

/// The values in a message.
fn template_exprs(template: &crate::ir::Template) -> impl Iterator<Item = ExprId> {
    template.parts.iter().filter_map(|part| match part {
        crate::ir::TemplatePart::Value(id) => Some(*id),
        crate::ir::TemplatePart::Text(_) => None,
    })
}
