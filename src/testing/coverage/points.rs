//! Everything in a program that scenarios can show.

use super::Point;
use crate::ir::{
    Action, Constant, ExprId, ExprKind, Floor, Goal, Invariant, Ir, Limit, Node, NodeId, NodeKind, Payout, PayoutStepKind, Requirement,
    Table, Trigger,
};
use crate::reference::Sight;
use crate::source::Span;
use crate::value::Type;
use crate::vocabulary::AccountField;

/// What is seen of a condition.
const CONDITION: [(&str, bool); 2] = [("true", true), ("false", false)];
/// What is seen of a requirement.
const REQUIREMENT: [(&str, bool); 2] = [("met", true), ("not met", false)];
/// What is seen of a limit.
const LIMIT: [(&str, bool); 2] = [("broken", true), ("kept", false)];
/// What is seen of a limit on orders.
const ORDER: [(&str, bool); 2] = [("against an order", true), ("letting an order through", false)];
/// What is seen of a step of a payout that can lower or deny it.
const STEP: [(&str, bool); 2] = [("in effect", true), ("without effect", false)];

/// Everything in a program that scenarios can show.
pub(super) fn points(ir: &Ir) -> Vec<Point> {
    let mut points = Vec::new();
    for (at, name) in (0..).zip(&ir.plans.names) {
        let place = ir.plans.cells.get(usize::from(at)).and_then(|cells| cells.first()).map_or(Span::default(), |cell| ir.expr(*cell).span);
        let outcomes = vec![("bought", Sight::Plan(at))];
        points.push(Point { place, phase: None, rule: "plans".into(), what: format!("plan `{name}`"), outcomes });
    }
    for (at, table) in (0..).zip(&ir.tables) {
        points.extend(rows(ir, at, table));
    }
    for (id, node) in ir.nodes() {
        let mut rule = Rule { ir, id, node, points: Vec::new() };
        rule.look();
        points.extend(rule.points);
    }
    points
}

fn rows(ir: &Ir, table: u16, declared: &Table) -> Vec<Point> {
    let row = |(at, row): (u16, &crate::ir::TableRow)| Point {
        place: row.span,
        phase: None,
        rule: format!("table {}", declared.name),
        what: format!("row `{}`", ir.source.words(row.span)),
        outcomes: vec![("chosen", Sight::Row(table, at))],
    };
    (0..).zip(&declared.rows).map(row).collect()
}

/// The points of one node.
struct Rule<'a> {
    ir: &'a Ir,
    id: NodeId,
    node: &'a Node,
    points: Vec<Point>,
}

impl Rule<'_> {
    fn look(&mut self) {
        match &self.node.kind {
            NodeKind::Value(what) | NodeKind::DayCopy(what) | NodeKind::EventCopy(what) | NodeKind::State(what) => self.within(*what),
            NodeKind::Held(held) => self.within(held.cause),
            NodeKind::Baseline(baseline) => self.within(baseline.value),
            NodeKind::Tracker(tracker) => {
                tracker.what.iter().chain(&tracker.from).for_each(|what| self.within(*what));
                self.condition("where", tracker.filter);
            }
            NodeKind::Floor(floor) => self.floor(floor),
            NodeKind::Limit(limit) => self.limit(limit),
            NodeKind::Rule(rule) => {
                match rule.trigger {
                    Trigger::When(condition) => self.condition("when", Some(condition)),
                    Trigger::On(_, condition) => self.condition("where", condition),
                    Trigger::After { during, .. } => self.condition("while", during),
                }
                self.actions(0, &rule.actions);
            }
            NodeKind::Goal(goal) => self.goal(goal),
            NodeKind::Payout(payout) => self.payout(payout),
        }
    }

    fn floor(&mut self, floor: &Floor) {
        self.within(floor.starts);
        for (value, condition) in &floor.starts_when {
            self.within(*value);
            self.condition("when", Some(*condition));
        }
        for (at, trail) in (0..).zip(&floor.trails) {
            self.within(trail.followed);
            self.within(trail.distance);
            self.condition("when", trail.when);
            self.push(self.ir.expr(trail.followed).span, "trails", vec![("looked at", Sight::Trail(self.id, at))]);
        }
        for (cap, condition) in &floor.caps {
            self.within(*cap);
            self.condition("when", *condition);
        }
        floor.freezes.iter().for_each(|condition| self.condition("freezes when", Some(*condition)));
        for (at, jump) in (0..).zip(&floor.jumps) {
            self.within(jump.to);
            self.condition("when", jump.when);
            self.push(self.ir.expr(jump.to).span, "jumps to", vec![("run", Sight::Jump(self.id, at))]);
        }
    }

    fn limit(&mut self, limit: &Limit) {
        let span = match &limit.invariant {
            Invariant::Stays { left, right, .. } => {
                self.within(*left);
                self.within(*right);
                self.joined(self.ir.expr(*left).span, self.ir.expr(*right).span)
            }
            Invariant::Never(condition) => {
                self.inside(*condition);
                self.ir.expr(*condition).span
            }
        };
        let on_orders = limit.refuses || limit.reduces;
        if on_orders {
            self.push(span, "limit on orders", ORDER.map(|(words, broken)| (words, Sight::Order(self.id, broken))).to_vec());
        }
        if !on_orders || !limit.on_breach.is_empty() || !limit.at_used.is_empty() {
            self.push(span, "limit", LIMIT.map(|(words, broken)| (words, Sight::Limit(self.id, broken))).to_vec());
        }
        self.condition("when", limit.guard);
        limit.from.iter().for_each(|(from, _)| self.within(*from));
        for handler in &limit.on_breach {
            self.condition("when", handler.when);
        }
        let lists = limit.on_breach.iter().map(|handler| &handler.actions).chain(limit.at_used.iter().map(|(_, actions)| actions));
        for (at, actions) in (0..).zip(lists) {
            self.actions(at, actions);
        }
    }

    fn goal(&mut self, goal: &Goal) {
        self.condition("when", goal.guard);
        self.push_as(
            self.node.head,
            "the goal".into(),
            vec![("reached", Sight::Goal(self.id, true)), ("open", Sight::Goal(self.id, false))],
        );
        goal.requirements.iter().for_each(|requirement| self.requirement(requirement));
        self.actions(0, &goal.on_reached);
        self.actions(1, &goal.on_lost);
    }

    fn payout(&mut self, payout: &Payout) {
        for (at, step) in (0..).zip(&payout.steps) {
            self.condition("when", step.when);
            let both = STEP.map(|(words, acted)| (words, Sight::Step(self.id, at, acted))).to_vec();
            let once = vec![("run", Sight::Step(self.id, at, true))];
            match &step.kind {
                PayoutStepKind::Require(requirement) => self.requirement(requirement),
                // Never more is paid than is available, said or not.
                PayoutStepKind::PaysAtMost(amount) if matches!(self.ir.expr(*amount).kind, ExprKind::Account(AccountField::Available)) => {
                    self.push(step.span, "", both.into_iter().filter(|(_, sight)| !matches!(sight, Sight::Step(_, _, true))).collect());
                }
                PayoutStepKind::PaysAtMost(amount) | PayoutStepKind::LeavesAtLeast(amount) | PayoutStepKind::Minimum(amount) => {
                    self.within(*amount);
                    self.push(step.span, "", both);
                }
                PayoutStepKind::Fee(amount) | PayoutStepKind::Split(amount) | PayoutStepKind::AlsoPays(amount) => {
                    self.within(*amount);
                    self.push(step.span, "", once);
                }
                PayoutStepKind::Review(_) => self.push(step.span, "", once),
            }
        }
        payout.pending.iter().for_each(|requirement| self.requirement(requirement));
    }

    fn requirement(&mut self, requirement: &Requirement) {
        self.condition("when", requirement.when);
        let outcomes = REQUIREMENT.map(|(words, met)| (words, Sight::Truth(requirement.condition, met))).to_vec();
        self.push(requirement.span, "", outcomes);
        self.inside(requirement.condition);
    }

    /// The parts of a condition which itself has been said, as it is or with `not` before it.
    fn inside(&mut self, condition: ExprId) {
        let core = self.without_not(condition);
        if self.is_made_of_several(core) {
            self.within(core);
        } else {
            self.ir.expr(core).kind.operands().into_iter().for_each(|operand| self.within(operand));
        }
    }

    /// What stands behind `not`. `x is known`, `is not one of` and `is closed` are a `not` too, of the same words:
    /// they are told by what is written, not by what is denied.
    fn without_not(&self, condition: ExprId) -> ExprId {
        match self.ir.expr(condition).kind {
            ExprKind::Not(inner) => self.without_not(inner),
            _ => condition,
        }
    }

    /// One list of actions: they run together.
    fn actions(&mut self, list: u16, actions: &[Action]) {
        let Some((first, last)) = actions.first().zip(actions.last()) else { return };
        self.push(self.joined(first.span, last.span), "actions", vec![("run", Sight::Actions(self.id, list))]);
    }

    /// A condition on its own, and what it is made of.
    fn condition(&mut self, kind: &str, condition: Option<ExprId>) {
        let Some(condition) = condition else { return };
        if self.is_made_of_several(condition) {
            self.truth(kind, condition);
        }
        self.parts(kind, condition);
    }

    fn is_made_of_several(&self, condition: ExprId) -> bool {
        matches!(self.ir.expr(condition).kind, ExprKind::And(..) | ExprKind::Or(..))
    }

    /// The conditions that stand in an expression.
    fn within(&mut self, expression: ExprId) {
        self.parts("condition", expression);
    }

    fn parts(&mut self, kind: &str, id: ExprId) {
        let expr = self.ir.expr(id);
        match &expr.kind {
            ExprKind::Constant(Constant::Word(_)) => {}
            ExprKind::And(a, b) | ExprKind::Or(a, b) => [a, b].into_iter().for_each(|part| self.parts(kind, *part)),
            ExprKind::Not(inner) => {
                let core = self.without_not(*inner);
                if self.is_made_of_several(core) {
                    self.parts(kind, core);
                } else {
                    self.truth(kind, id);
                    self.inside(core);
                }
            }
            ExprKind::If(condition, a, b) => {
                self.parts("if", *condition);
                self.within(*a);
                self.within(*b);
            }
            // What its rows hold is shown by their being chosen.
            ExprKind::Lookup(_, _, key, _) => self.within(*key),
            other => {
                if expr.ty == Type::Bool {
                    self.truth(kind, id);
                }
                other.operands().into_iter().for_each(|operand| self.within(operand));
            }
        }
    }

    fn truth(&mut self, kind: &str, condition: ExprId) {
        let outcomes = CONDITION.map(|(words, truth)| (words, Sight::Truth(condition, truth))).to_vec();
        self.push(self.ir.expr(condition).span, kind, outcomes);
    }

    fn joined(&self, first: Span, last: Span) -> Span {
        self.ir.source.within_statement(first, last).unwrap_or(first)
    }

    fn push(&mut self, place: Span, kind: &str, outcomes: Vec<(&'static str, Sight)>) {
        let words = format!("{kind} `{}`", self.ir.source.words(place));
        self.push_as(place, words.trim_start().to_owned(), outcomes);
    }

    fn push_as(&mut self, place: Span, what: String, outcomes: Vec<(&'static str, Sight)>) {
        let phase = self.node.phase.map(|phase| self.ir.phase(phase).name.clone());
        self.points.push(Point { place, phase, rule: self.node.title(), what, outcomes });
    }
}

impl Node {
    /// What the node is, as messages call it: `limit "Maximum loss"`, `floor bottom`, `on fill`.
    fn title(&self) -> String {
        let name = &self.name;
        match self.kind {
            NodeKind::Limit(_) => format!("limit \"{name}\""),
            NodeKind::Goal(_) => format!("goal \"{name}\""),
            NodeKind::Floor(_) => format!("floor {name}"),
            NodeKind::Tracker(_) => format!("track {name}"),
            NodeKind::State(_) => format!("state {name}"),
            NodeKind::Value(_) | NodeKind::Held(_) => format!("let {name}"),
            NodeKind::Payout(_) => "payout".into(),
            NodeKind::Rule(_) | NodeKind::Baseline(_) | NodeKind::DayCopy(_) | NodeKind::EventCopy(_) => name.clone(),
        }
    }
}
