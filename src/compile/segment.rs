//! The instructions of one node at one moment: its gate, what a few instructions can decide, and
//! the step into its state machine.

use super::emit::{Emitter, Patches};
use super::glance::shows_running_day;
use super::kept;
use crate::code::{Block, Forward, In, NodeCell, NodeNumber, Op, Pooled, RuleCell};
use crate::ir::{Counted, Event, ExprId, Ir, Limit, Node, NodeId, NodeKind, Per, Rearm, Rule, TrackDomain, Tracker, Trigger};
use crate::vocabulary::Moment;

/// Whether continuous things are judged at a moment.
pub(crate) const fn is_continuous(moment: Moment) -> bool {
    !matches!(moment, Moment::PeriodEnd | Moment::Timer | Moment::PeriodStart)
}

/// Whether a node is evaluated at a moment at all.
pub(super) fn takes_part(ir: &Ir, node: &Node, moment: Moment) -> bool {
    match &node.kind {
        // Taken at the end of an outcome, not in blocks.
        NodeKind::EventCopy(_) => return moment == Moment::Enter,
        NodeKind::State(_) if node.per == Per::Account => return moment == Moment::Enter,
        NodeKind::DayCopy(_) if node.per == Per::Account => return matches!(moment, Moment::Enter | Moment::PeriodStart),
        _ => {}
    }
    if node.per == Per::Order {
        return moment == Moment::Order;
    }
    if matches!(moment, Moment::Judge | Moment::Enter) {
        return true;
    }
    // Instances begin and end with fills, and where the platform states a position.
    let instances = match node.per {
        Per::Position | Per::Group(_) => matches!(moment, Moment::Fill | Moment::Protect),
        Per::Symbol => matches!(moment, Moment::Fill | Moment::Protect | Moment::Order),
        Per::Account | Per::Order => false,
    };
    let deadline = matches!(&node.kind, NodeKind::Rule(Rule { trigger: Trigger::After { .. }, .. })) && moment == Moment::Timer;
    let continuous = match &node.kind {
        NodeKind::Rule(Rule { trigger: Trigger::When(_), .. }) => true,
        NodeKind::Goal(goal) => goal.clock.is_none(),
        _ => false,
    };
    if let NodeKind::Floor(floor) = &node.kind
        && kept::keeps_rise(ir, node, floor)
        && kept::distance_changes(ir, floor).contains(moment)
    {
        return true;
    }
    (instances || deadline || node.moments.contains(moment)) && (is_continuous(moment) || !continuous)
}

impl Emitter<'_> {
    /// The instructions of a node at a moment.
    pub(super) fn segment(&mut self, id: NodeId, moment: Moment) -> Block {
        let ir = self.ir;
        let node = ir.node(id);
        for expr in super::roots::of_kind(&node.kind) {
            self.prepare(expr);
        }
        self.block(node.span, |emit| {
            let single = node.per == Per::Account && moment != Moment::Enter;
            match &node.kind {
                NodeKind::Value(value) if matches!(node.per, Per::Account | Per::Order) => emit.store(id, node, *value),
                NodeKind::Limit(limit) if single => emit.limit(id, limit, moment),
                NodeKind::Limit(limit) if node.per == Per::Order => emit.order_limit(id, limit),
                NodeKind::Rule(rule) if single => emit.rule(id, node, rule),
                NodeKind::Tracker(tracker) if single && is_continuous(moment) && shows_running_day(tracker) => {
                    emit.running_day(id, node, tracker);
                }
                NodeKind::Tracker(tracker) if single => emit.tracker(id, tracker, moment),
                NodeKind::Floor(floor) if single && kept::keeps_rise(ir, node, floor) => emit.follow(id, floor, moment),
                NodeKind::Goal(goal) if single && is_continuous(moment) && goal.clock.is_none() => emit.judge_goal(id, node, goal),
                NodeKind::Floor(_) | NodeKind::Goal(_) if single => emit.clocked(id, node),
                _ => emit.step(id),
            }
        })
    }

    pub(super) fn step(&mut self, id: NodeId) {
        self.push(Op::Step { node: NodeNumber(id.0) });
    }

    fn store(&mut self, id: NodeId, node: &Node, value: ExprId) {
        self.value(value, 0);
        let s = self.cell(id, NodeCell::Value);
        self.push(Op::Store { a: In(0), s });
        if node.waits {
            let s = self.cell(id, NodeCell::Due);
            self.push(Op::Due { s });
        }
    }

    /// Jumps unless an event happens.
    pub(super) fn unless(&mut self, event: Event, patches: &mut Patches) {
        let by = Forward(0);
        let op = match event {
            Event::Occasion(_) | Event::Start(_) | Event::End(_) => Op::UnlessOccasion { k: self.occasions(event.bit().unwrap_or(0)), by },
            Event::Host(event) => Op::UnlessHost { event, by },
            Event::Input(input) => Op::UnlessInput { input, by },
            Event::Breach(node) => Op::UnlessBreach { node: NodeNumber(node.0), by },
            Event::Schedule(schedule) => Op::UnlessSchedule { schedule, by },
            Event::GroupEnd(group) => Op::UnlessGroupEnd { group, by },
        };
        self.jump(op, patches);
    }

    /// The pooled constant of a set of occasions. Bits of occasions never reach the sign.
    fn occasions(&mut self, bits: u64) -> Pooled {
        self.pool(i64::try_from(bits).unwrap_or(0))
    }

    /// Steps if one of some events happens.
    fn step_if_any(&mut self, id: NodeId, events: &[Event]) {
        let mut occasions = 0;
        let mut next = Patches::new();
        let mut happens = Patches::new();
        for event in events {
            match event.bit() {
                Some(bit) => occasions |= bit,
                None => {
                    self.unless(*event, &mut next);
                    self.jump(Op::Jump { by: Forward(0) }, &mut happens);
                    self.land(std::mem::take(&mut next));
                }
            }
        }
        if occasions != 0 {
            let k = self.occasions(occasions);
            self.jump(Op::UnlessOccasion { k, by: Forward(0) }, &mut next);
        } else {
            self.jump(Op::Jump { by: Forward(0) }, &mut next);
        }
        self.land(happens);
        self.step(id);
        self.land(next);
    }

    /// A floor or goal that only events can change.
    fn clocked(&mut self, id: NodeId, node: &Node) {
        match &node.kind {
            NodeKind::Goal(goal) => match goal.clock {
                Some(clock) => self.step_if_any(id, &[clock]),
                None => self.step(id),
            },
            NodeKind::Floor(floor) if !floor.next_day && floor.freezes.is_empty() && floor.jumps.iter().all(|jump| jump.on.is_some()) => {
                let jumps = floor.jumps.iter().filter_map(|jump| jump.on);
                let events: Vec<Event> = floor.trails.iter().map(|trail| trail.clock).chain(jumps).collect();
                self.step_if_any(id, &events);
            }
            _ => self.step(id),
        }
    }

    fn tracker(&mut self, id: NodeId, tracker: &Tracker, moment: Moment) {
        let slides = tracker.window.is_some();
        match tracker.domain {
            TrackDomain::At(event) if !slides => self.step_if_any(id, &[event, tracker.reset]),
            TrackDomain::ClosedDays | TrackDomain::TradedDays | TrackDomain::DaysWithEntries if !slides && is_continuous(moment) => {
                self.step_if_any(id, &[tracker.reset]);
            }
            _ => self.step(id),
        }
    }

    fn rule(&mut self, id: NodeId, node: &Node, rule: &Rule) {
        match rule.trigger {
            Trigger::On(event, _) => self.step_if_any(id, &[event]),
            Trigger::When(condition) if !node.waits && !self.ir.expr(condition).maybe_missing => {
                let (mut no, mut sound, mut end) = (Patches::new(), Patches::new(), Patches::new());
                let memory = self.cell(id, RuleCell::Memory);
                self.branch(condition, false, 0, &mut no);
                // True before as well: nothing turned.
                let mut turned = Patches::new();
                self.jump(Op::UnlessSet { s: memory, by: Forward(0) }, &mut turned);
                self.jump(Op::Jump { by: Forward(0) }, &mut sound);
                self.land(turned);
                self.step(id);
                self.jump(Op::Jump { by: Forward(0) }, &mut end);
                self.land(no);
                self.push(Op::Clear { s: memory });
                self.land(sound);
                let s = self.cell(id, NodeCell::Value);
                self.push(Op::Sound { s });
                self.land(end);
            }
            _ => self.step(id),
        }
    }

    fn limit(&mut self, id: NodeId, limit: &Limit, moment: Moment) {
        let turns = limit_turns(self.ir, limit, moment);
        let counted = self.ir.nodes.iter().any(|other| matches!(&other.kind, NodeKind::Limit(other) if other.counts_toward == Some(id)));
        match limit.clock {
            Some(clock) if !turns && !counted => self.step_if_any(id, &[clock]),
            None if !turns && !counted && !is_continuous(moment) => {}
            None if !turns && is_continuous(moment) && kept::stands_still(self.ir, limit, moment) && self.keeps(id, limit) => {
                self.hold(id, limit);
            }
            None if !turns && is_continuous(moment) && !kept::glance_needs_step(self.ir, limit) => self.glance(id, limit),
            _ => self.step(id),
        }
    }
}

/// Whether a limit's own state may change at a moment apart from being judged.
fn limit_turns(ir: &Ir, limit: &Limit, moment: Moment) -> bool {
    let rearmed = match limit.rearm {
        Rearm::Period(period) => ir.period(period).starts.contains(moment),
        _ => false,
    };
    rearmed || (limit.counted == Counted::Payout && moment == Moment::Payout)
}
