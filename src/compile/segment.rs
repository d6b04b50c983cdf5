//! The instructions of one node at one moment: its gate, what a few instructions can decide, and
//! the step into its state machine.

use super::emit::{Emitter, Patches, below, comparison};
use super::kept;
use crate::code::{Block, Forward, In, LimitCell, NodeCell, NodeNumber, Op, Out, Pooled, RuleCell};
use crate::ir::{
    Comparison, Counted, Event, ExprId, Floor, Invariant, Ir, Limit, Node, NodeId, NodeKind, Per, Rearm, Rule, TrackDomain, Tracker,
    Trigger, UsedOf,
};
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
                NodeKind::Rule(rule) if single => emit.rule(id, node, rule),
                NodeKind::Tracker(tracker) if single => emit.tracker(id, tracker, moment),
                NodeKind::Floor(floor) if single && kept::keeps_rise(ir, node, floor) => emit.follow(id, floor, moment),
                NodeKind::Floor(_) | NodeKind::Goal(_) if single => emit.clocked(id, node),
                _ => emit.step(id),
            }
        })
    }

    fn step(&mut self, id: NodeId) {
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
    fn unless(&mut self, event: Event, patches: &mut Patches) {
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
                self.hold(id, limit)
            }
            None if !turns && is_continuous(moment) && !kept::glance_needs_step(self.ir, self.ir.node(id), limit) => self.glance(id, limit),
            _ => self.step(id),
        }
    }

    fn keeps(&self, id: NodeId, limit: &Limit) -> bool {
        kept::keeps_bound(self.ir, self.ir.node(id), limit)
    }

    /// Only what is limited can have changed: it is held against the bound that is kept.
    fn hold(&mut self, id: NodeId, limit: &Limit) {
        let Invariant::Stays { left, bound, .. } = limit.invariant else { return self.step(id) };
        let mut end = Patches::new();
        self.value(left, 0);
        let s = self.cell(id, NodeCell::Value);
        self.jump(Op::JumpKeeps { below: below(bound), a: In(0), s, by: Forward(0) }, &mut end);
        self.step(id);
        self.land(end);
    }

    /// A floor that keeps what raises it.
    fn follow(&mut self, id: NodeId, floor: &Floor, moment: Moment) {
        let s = self.cell(id, NodeCell::Value);
        let anew = moment == Moment::Judge || kept::distance_changes(self.ir, floor).contains(moment);
        if anew {
            self.push(Op::Forget { s });
        }
        let mut end = Patches::new();
        for trail in &floor.trails {
            self.unless(trail.clock, &mut end);
            if !anew {
                self.value(trail.followed, 0);
                self.jump(Op::UnlessRises { a: In(0), s, by: Forward(0) }, &mut end);
            }
        }
        self.step(id);
        self.land(end);
    }

    /// While a limit holds and nothing waits, its sides, the room left and the next percentage are all
    /// there is to look at; anything else is the step's.
    fn glance(&mut self, id: NodeId, limit: &Limit) {
        let (mut slow, mut end) = (Patches::new(), Patches::new());
        let quiet = self.cell(id, LimitCell::Quiet);
        self.jump(Op::UnlessSet { s: quiet, by: Forward(0) }, &mut slow);
        if let Some(guard) = limit.guard {
            self.branch(guard, false, 0, &mut slow);
        }
        match &limit.invariant {
            Invariant::Never(condition) => self.branch(*condition, true, 0, &mut slow),
            Invariant::Stays { left, bound, right, percent } => {
                self.value(*left, 0);
                self.value(*right, 1);
                let how = comparison(*bound);
                match percent {
                    None => self.jump(Op::UnlessHolds { how, a: In(0), b: In(1), by: Forward(0) }, &mut slow),
                    Some((percent, whole)) => {
                        self.value(*percent, 2);
                        self.value(*whole, 3);
                        self.jump(Op::UnlessHoldsPercent { how, a: In(0), b: In(2), c: In(3), by: Forward(0) }, &mut slow);
                    }
                }
                self.warnings(id, limit, below(*bound), &mut slow);
                if self.keeps(id, limit) {
                    let told = matches!(limit.used, UsedOf::Allowance(_)) && !limit.at_used.is_empty();
                    let strict = matches!(how, Comparison::Above | Comparison::Below);
                    let s = self.cell(id, NodeCell::Value);
                    self.push(Op::Keep { strict, a: In(1), b: if told { In(3) } else { In(1) }, s });
                }
            }
        }
        self.jump(Op::Jump { by: Forward(0) }, &mut end);
        self.land(slow);
        self.step(id);
        self.land(end);
    }

    /// The room left, stored once no percentage is reached, so that the step still sees the room before.
    fn warnings(&mut self, id: NodeId, limit: &Limit, below: bool, slow: &mut Patches) {
        let s = self.cell(id, LimitCell::NextPercent);
        let room = self.cell(id, NodeCell::Value);
        let (a, b) = if below { (In(1), In(0)) } else { (In(0), In(1)) };
        if !limit.at_used.is_empty() {
            match limit.used {
                UsedOf::Ratio => self.jump(Op::WarnRatio { a: In(0), b: In(1), s, by: Forward(0) }, slow),
                UsedOf::Allowance(allowance) => {
                    self.push(Op::Subtract { d: Out(2), a, b });
                    self.value(allowance, 3);
                    self.jump(Op::WarnAllowance { a: In(3), b: In(2), s, by: Forward(0) }, slow);
                }
                UsedOf::Unsaid => {}
            }
        }
        self.push(Op::Headroom { d: Out(2), a, b, s: room });
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
