//! Last pass: the order of evaluation, final numbers, and the moments at which things can change.

use crate::ir::{
    ActionKind, Delay, EffectAt, Event, ExprId, ExprKind, Ir, Node, NodeId, NodeKind, OrderPrice, PeriodRow, Rearm, TrackDomain, Trigger,
    WindowSpan,
};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use crate::vocabulary::{Moment, Moments, RecordField};

use super::order::{self, actions_of, events_of, own_exprs};
use super::{Checker, errors};

impl Checker<'_> {
    /// Puts the meaning together. `None` when a finding is an error.
    pub(super) fn finish(&mut self, program: &ast::Program) -> Option<Ir> {
        let places: Vec<(String, Span)> = self.drafts.iter().map(super::Draft::place).collect();
        let nodes: Option<Vec<Node>> = self.drafts.iter_mut().map(|draft| draft.node.take()).collect();
        let mut nodes = nodes?;
        for (at, node) in nodes.iter_mut().enumerate() {
            self.current_use = self.drafts[at].used;
            node.evidence = self.evidence(node);
        }
        self.current_use = None;
        let order = match order::order(&nodes, &self.exprs) {
            Ok(order) => order,
            Err(circle) => {
                let steps: Vec<(String, Span)> = circle.iter().map(|node| places[node.0 as usize].clone()).collect();
                self.report(errors::circle(&steps));
                return None;
            }
        };
        let new = self.renumber(&mut nodes, &order);
        self.names.renumber(&new);
        self.order = order;
        self.moments(&mut nodes);
        let scenarios = program.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Scenario(scenario) => Some(scenario.clone()),
            _ => None,
        });
        let migrations = program.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Migration(migration) => Some(migration.clone()),
            _ => None,
        });
        let mut ir = Ir {
            source: self.source.clone(),
            title: program.title.node.clone(),
            header: self.header.clone(),
            plans: std::mem::replace(&mut self.plans, crate::ir::Plans { names: Vec::new(), columns: Vec::new(), cells: Vec::new() }),
            tables: std::mem::take(&mut self.tables),
            options: std::mem::take(&mut self.options),
            inputs: std::mem::take(&mut self.inputs),
            events: std::mem::take(&mut self.events),
            actions: std::mem::take(&mut self.host_actions),
            extensions: std::mem::take(&mut self.extensions),
            groups: std::mem::take(&mut self.groups),
            sessions: std::mem::take(&mut self.sessions),
            periods: std::mem::take(&mut self.periods),
            schedules: std::mem::take(&mut self.schedules),
            phases: std::mem::take(&mut self.phases),
            exprs: std::mem::take(&mut self.exprs),
            nodes,
            texts: std::mem::take(&mut self.texts),
            symbols: std::mem::take(&mut self.symbols),
            scenarios: scenarios.collect(),
            migrations: migrations.collect(),
        };
        price_orders(&mut ir);
        let figures: Vec<Vec<ExprId>> = ir.nodes.iter().map(|node| super::evidence::figures(&ir, node)).collect();
        for (node, figures) in ir.nodes.iter_mut().zip(figures) {
            node.figures = figures;
        }
        let more = super::scenarios::check(&ir, &self.names, self.source);
        self.diagnostics.extend(more);
        self.diagnostics.extend(super::migrations::check(&ir));
        self.rolled_back(&ir);
        self.standing(&ir);
        self.never_known(&ir);
        self.lints(&ir, program);
        Some(ir)
    }

    /// A change of phase that the phase it stands in never lets happen.
    fn standing(&mut self, ir: &Ir) {
        for (node, phase) in ir.nodes.iter().filter_map(|node| Some((node, &ir.phase(node.phase?).name))) {
            for action in actions_of(node) {
                let turns = matches!(action.kind, ActionKind::Promote(_) | ActionKind::Restart | ActionKind::Fail);
                let pointless = match phase.as_str() {
                    "failed" => turns,
                    "closed" => turns || matches!(action.kind, ActionKind::CloseAccount),
                    _ => false,
                };
                if pointless {
                    self.report(errors::stays_where_it_is(phase, action.span));
                }
            }
        }
    }

    /// What rolling back a day does to groups and to periods of the program's own is not told yet.
    fn rolled_back(&mut self, ir: &Ir) {
        if ir.groups.is_empty() && ir.own_periods().next().is_none() {
            return;
        }
        let actions = ir.nodes.iter().flat_map(actions_of);
        for action in actions.filter(|action| matches!(action.kind, ActionKind::RollBack)) {
            let what = "a program with a `group` or a `period` of its own cannot roll a day back";
            let mend = "set the balance right with `adjust balance`, or leave them out";
            self.report(crate::diagnostic::Diagnostic::new(crate::diagnostic::Code::NotYet, action.span, what).help(mend));
        }
    }

    /// Brings the nodes into order and gives every mention of one its new number.
    fn renumber(&mut self, nodes: &mut Vec<Node>, order: &[NodeId]) -> Vec<NodeId> {
        let mut new = vec![NodeId(0); nodes.len()];
        for (at, old) in (0..).zip(order) {
            new[old.0 as usize] = NodeId(at);
        }
        let fresh = |id: &mut NodeId| *id = new[id.0 as usize];
        for expr in &mut self.exprs {
            if let ExprKind::Node(node) | ExprKind::Limit(node, _) | ExprKind::Goal(node, _) = &mut expr.kind {
                fresh(node);
            }
        }
        for node in nodes.iter_mut() {
            for_each_mention(node, fresh);
        }
        let mut slots: Vec<Option<Node>> = nodes.drain(..).map(Some).collect();
        nodes.extend(order.iter().filter_map(|old| slots[old.0 as usize].take()));
        new
    }

    /// The moments of every expression and node, in evaluation order: a reader changes when what it reads does.
    fn moments(&mut self, nodes: &mut [Node]) {
        let mut known = vec![Moments::NONE; nodes.len()];
        let mut waits = vec![false; nodes.len()];
        for at in 0..nodes.len() {
            let node = &nodes[at];
            let mut own = Moments::NONE;
            let mut waiting = false;
            for id in own_exprs(node) {
                self.expr_moments(id, &known, &waits);
                own = own.with(self.exprs[id.0 as usize].moments);
                waiting |= self.exprs[id.0 as usize].waits;
            }
            for id in
                actions_of(node).iter().flat_map(|action| order::action_exprs(&action.kind)).chain(node.evidence.iter().map(|(_, id)| *id))
            {
                self.expr_moments(id, &known, &waits);
            }
            let (moments, waiting) = node_moments(node, own, waiting, &known, &self.periods);
            let moments = moments.with(known[at]);
            for target in targets(node) {
                known[target.0 as usize] = known[target.0 as usize].with(moments);
            }
            known[at] = moments;
            waits[at] = waiting;
            nodes[at].moments = moments;
            nodes[at].waits = waiting;
        }
    }

    fn expr_moments(&mut self, id: ExprId, known: &[Moments], waits: &[bool]) {
        let kind = self.exprs[id.0 as usize].kind.clone();
        let (mut moments, mut waiting) = leaf_moments(&kind, known, waits, &self.periods);
        for operand in kind.operands() {
            self.expr_moments(operand, known, waits);
            moments = moments.with(self.exprs[operand.0 as usize].moments);
            waiting |= self.exprs[operand.0 as usize].waits;
        }
        let expr = &mut self.exprs[id.0 as usize];
        expr.moments = moments;
        expr.waits = waiting;
    }
}

/// Marks the limits that cannot be judged with an order filled of which no price is known.
fn price_orders(ir: &mut Ir) {
    let needs_price = |node: &Node| match &node.kind {
        NodeKind::Limit(limit) => own_exprs(node).into_iter().any(|id| moves_with_price(ir, id)) && (limit.refuses || limit.reduces),
        _ => false,
    };
    let all: Vec<bool> = ir.nodes.iter().map(needs_price).collect();
    for (node, needs_price) in ir.nodes.iter_mut().zip(all) {
        if let NodeKind::Limit(limit) = &mut node.kind {
            limit.order_price = if needs_price { OrderPrice::Needed } else { OrderPrice::Unneeded };
        }
    }
}

/// Whether an expression reads, itself or through `let`, what the price of a supposed fill changes; what is
/// kept stands while an order is judged.
fn moves_with_price(ir: &Ir, id: ExprId) -> bool {
    let (mut seen, mut waiting) = (std::collections::BTreeSet::from([id]), vec![id]);
    while let Some(id) = waiting.pop() {
        let kind = &ir.expr(id).kind;
        let itself = match kind {
            ExprKind::Account(field) => field.row().moments.contains(Moment::Mark),
            ExprKind::Period(_, field) => field.row().moments.contains(Moment::Mark),
            ExprKind::Group(_, field) => field.row().moments.contains(Moment::Mark),
            ExprKind::Record(RecordField::PositionEntryPrice) => true,
            ExprKind::Record(field) => field.row().moments.contains(Moment::Mark),
            _ => false,
        };
        if itself {
            return true;
        }
        let through = match kind {
            ExprKind::Node(node) => match ir.node(*node).kind {
                NodeKind::Value(value) => Some(value),
                _ => None,
            },
            _ => None,
        };
        // Each part is looked at once: a value that is read twice doubles nothing.
        waiting.extend(kind.operands().into_iter().chain(through).filter(|part| seen.insert(*part)));
    }
    false
}

/// When a leaf can change, and whether it can with time alone.
fn leaf_moments(kind: &ExprKind, known: &[Moments], waits: &[bool], periods: &[PeriodRow]) -> (Moments, bool) {
    let of = Moments::of;
    match kind {
        ExprKind::Account(field) => (field.row().moments, false),
        ExprKind::Period(period, field) | ExprKind::LastPeriod(period, field) => {
            let turns = periods.get(period.index()).filter(|_| period.is_own()).map_or(Moments::NONE, |row| row.starts.with(row.ends));
            (field.row().moments.with(turns), false)
        }
        ExprKind::Record(field) => (field.row().moments, false),
        ExprKind::Group(_, field) => (field.row().moments, false),
        ExprKind::Extension(..) => (of(&[Moment::Order, Moment::Fill, Moment::Mark]), false),
        ExprKind::HostField(..) => (of(&[Moment::Host]), false),
        ExprKind::Payout(_) => (of(&[Moment::Payout, Moment::Cash]), false),
        ExprKind::Option(_) => (of(&[Moment::Input]), false),
        ExprKind::Input(_) => (of(&[Moment::Input]), true),
        ExprKind::Node(node) | ExprKind::Limit(node, _) | ExprKind::Goal(node, _) => {
            let at = node.0 as usize;
            (known.get(at).copied().unwrap_or(Moments::ALL), waits.get(at).copied().unwrap_or(false))
        }
        ExprKind::Fold(collection, ..) => match collection {
            crate::ir::Collection::OpenPositions => (Moments::POSITIONS, false),
            crate::ir::Collection::WorkingOrders => (of(&[Moment::Order, Moment::Fill]), false),
        },
        ExprKind::News(_) => (of(&[Moment::News, Moment::Fill, Moment::Order]), true),
        ExprKind::SessionOpen(_) | ExprKind::SessionCloses(_) | ExprKind::CompareElapsed(..) | ExprKind::Elapsed(_) => {
            (Moments::NONE, true)
        }
        _ => (Moments::NONE, false),
    }
}

/// The moments at which a node must be evaluated, from those of its expressions and of its kind.
fn node_moments(node: &Node, own: Moments, waiting: bool, known: &[Moments], periods: &[PeriodRow]) -> (Moments, bool) {
    let of = Moments::of;
    let events = events_of(node).into_iter().fold(Moments::NONE, |all, event| all.with(event_moments(event, known, periods)));
    // A value that changes with time alone is brought up to date before anything due reads it.
    let timed = if waiting { of(&[Moment::PeriodEnd, Moment::Timer, Moment::PeriodStart]) } else { Moments::NONE };
    match &node.kind {
        NodeKind::Value(_) => (own.with(timed), waiting),
        NodeKind::Held(held) => {
            let delayed = |wait: &crate::ir::Wait| wait.at != EffectAt::Now || wait.days.is_some();
            let turn = if delayed(&held.up) || delayed(&held.down) { Moments::PERIODS } else { Moments::NONE };
            (own.with(timed).with(turn), true)
        }
        NodeKind::Baseline(_) => (own.with(events).with(Moments::PERIODS), waiting),
        NodeKind::DayCopy(_) => (of(&[Moment::PeriodStart]), false),
        NodeKind::EventCopy(_) => (Moments::ALL, false),
        NodeKind::Tracker(tracker) => {
            let days = match tracker.domain {
                TrackDomain::At(_) => Moments::NONE,
                TrackDomain::ClosedDays | TrackDomain::TradedDays | TrackDomain::DaysWithEntries => Moments::PERIODS,
                // Rules of the clock read the running day as it stands at their instant.
                TrackDomain::DaysSoFar => own.with(Moments::PERIODS).with(timed),
            };
            let window = match tracker.window.map(|window| window.span) {
                Some(WindowSpan::Dates(_) | WindowSpan::TradingDays(_)) => Moments::PERIODS,
                // What leaves at the instant at which a period ends has left when rules look at that end.
                Some(WindowSpan::Nanos(_)) => Moments::PERIODS.with(of(&[Moment::Timer])),
                _ => Moments::NONE,
            };
            let slides = matches!(tracker.window.map(|window| window.span), Some(WindowSpan::Nanos(_)));
            (events.with(days).with(window), slides || (waiting && tracker.domain == TrackDomain::DaysSoFar))
        }
        NodeKind::State(_) => (Moments::NONE, false),
        NodeKind::Floor(floor) => {
            let turn = if floor.next_day { Moments::PERIODS } else { Moments::NONE };
            let conditions = if floor.freezes.is_empty() && floor.jumps.iter().all(|jump| jump.on.is_some()) { Moments::NONE } else { own };
            (events.with(turn).with(conditions), waiting || floor.next_day)
        }
        NodeKind::Limit(limit) => {
            let rearm = match limit.rearm {
                Rearm::Period(period) => periods.get(period.index()).map_or(Moments::NONE, |row| row.starts),
                _ => Moments::NONE,
            };
            let counted = if limit.counted == crate::ir::Counted::Payout { of(&[Moment::Payout]) } else { Moments::NONE };
            let judged = if limit.clock.is_some() { events } else { own };
            let judged = if node.per == crate::ir::Per::Order { of(&[Moment::Order]) } else { judged };
            (judged.with(rearm).with(counted), waiting || limit.lasting.is_some() || limit.cure.is_some() || limit.from.is_some())
        }
        NodeKind::Rule(rule) => match &rule.trigger {
            Trigger::When(_) => (own, waiting),
            Trigger::On(..) => (events, false),
            Trigger::After {
                delay: Delay::Nanos(_) | Delay::Dates(_) | Delay::TradingDays(_) | Delay::Weekdays(_) | Delay::Months(_),
                ..
            } => (events.with(own).with(of(&[Moment::Timer])), true),
        },
        NodeKind::Goal(goal) => (if goal.clock.is_some() { events } else { own }, waiting),
        NodeKind::Payout(payout) => (of(&[Moment::Payout]).with(if payout.pending.is_empty() { Moments::NONE } else { own }), false),
    }
}

fn event_moments(event: Event, known: &[Moments], periods: &[PeriodRow]) -> Moments {
    match event {
        Event::Breach(limit) => known.get(limit.0 as usize).copied().unwrap_or(Moments::ALL),
        other => super::periods::event_moments(other, periods),
    }
}

/// The nodes that a node sets.
fn targets(node: &Node) -> Vec<NodeId> {
    let by_action = actions_of(node).into_iter().filter_map(|action| match action.kind {
        ActionKind::Set(target, _) | ActionKind::Jump { floor: target, .. } | ActionKind::Freeze(target) => Some(target),
        _ => None,
    });
    let counted = match &node.kind {
        NodeKind::Limit(limit) => limit.counts_toward,
        _ => None,
    };
    by_action.chain(counted).collect()
}

/// Gives every mention of a node outside expressions to a function.
fn for_each_mention(node: &mut Node, mut fresh: impl FnMut(&mut NodeId)) {
    let mut event = |event: &mut Event| {
        if let Event::Breach(limit) = event {
            fresh(limit);
        }
    };
    let mut actions: Vec<&mut crate::ir::Action> = Vec::new();
    let mut toward = None;
    match &mut node.kind {
        NodeKind::Baseline(baseline) => event(&mut baseline.reset),
        NodeKind::Tracker(tracker) => {
            event(&mut tracker.reset);
            if let TrackDomain::At(at) = &mut tracker.domain {
                event(at);
            }
        }
        NodeKind::Floor(floor) => {
            floor.trails.iter_mut().for_each(|trail| event(&mut trail.clock));
            floor.jumps.iter_mut().filter_map(|jump| jump.on.as_mut()).for_each(&mut event);
        }
        NodeKind::Limit(limit) => {
            limit.clock.iter_mut().for_each(&mut event);
            actions.extend(limit.on_breach.iter_mut().flat_map(|handler| &mut handler.actions));
            actions.extend(limit.at_used.iter_mut().flat_map(|(_, actions)| actions));
            toward = limit.counts_toward.as_mut();
        }
        NodeKind::Rule(rule) => {
            match &mut rule.trigger {
                Trigger::On(at, _) | Trigger::After { since: at, .. } => event(at),
                Trigger::When(_) => {}
            }
            actions.extend(&mut rule.actions);
        }
        NodeKind::Goal(goal) => {
            goal.clock.iter_mut().for_each(&mut event);
            actions.extend(goal.on_reached.iter_mut().chain(&mut goal.on_lost));
        }
        _ => {}
    }
    for action in actions {
        if let ActionKind::Set(target, _) | ActionKind::Jump { floor: target, .. } | ActionKind::Freeze(target) = &mut action.kind {
            fresh(target);
        }
    }
    if let Some(target) = toward {
        fresh(target);
    }
}
