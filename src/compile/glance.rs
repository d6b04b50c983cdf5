//! Nodes at a glance: while nothing fires and nothing waits, a few instructions do what the step of a node
//! would do. Whatever they cannot decide is the step's.

use super::emit::{Emitter, Patches, below, comparison};
use super::kept;
use crate::code::{Both, FloorCell, Forward, In, LimitCell, NodeCell, Op, Out, TrackerCell};
use crate::ir::{
    Comparison, Event, ExprId, ExprKind, Floor, Goal, Invariant, Limit, Node, NodeId, Per, TrackDomain, TrackFunction, Tracker, Trail,
    UsedOf,
};
use crate::value::Fixed;
use crate::vm::view::MISSING;
use crate::vocabulary::{AccountField, Moment, Occasion};

/// Whether a tracker shows the highest or lowest of the days so far with that of the running day.
pub(super) fn shows_running_day(tracker: &Tracker) -> bool {
    let simple = tracker.window.is_none() && tracker.domain == TrackDomain::DaysSoFar && tracker.what.is_some();
    simple && matches!(tracker.function, TrackFunction::Highest | TrackFunction::Lowest)
}

impl Emitter<'_> {
    pub(super) fn keeps(&self, id: NodeId, limit: &Limit) -> bool {
        kept::keeps_bound(self.ir, self.ir.node(id), limit)
    }

    /// Only what is limited can have changed: it is held against the bound that is kept.
    pub(super) fn hold(&mut self, id: NodeId, limit: &Limit) {
        let Invariant::Stays { left, bound, .. } = limit.invariant else { return self.step(id) };
        let mut end = Patches::new();
        let (below, s, by) = (below(bound), self.cell(id, NodeCell::Value), Forward(0));
        let op = match self.account_field(left) {
            Some(field) => Op::JumpKeepsAccount { below, field, s, by },
            None => {
                self.value(left, 0);
                Op::JumpKeeps { below, a: In(0), s, by }
            }
        };
        self.jump(op, &mut end);
        if limit.guard.is_some() {
            // What keeps it out of force does not change now either.
            let (mut slow, quiet) = (Patches::new(), self.cell(id, LimitCell::Quiet));
            self.jump(Op::UnlessOut { s: quiet, by: Forward(0) }, &mut slow);
            self.jump(Op::Jump { by: Forward(0) }, &mut end);
            self.land(slow);
        }
        self.step(id);
        self.land(end);
    }

    /// A value of the account by itself, that must be there.
    fn account_field(&self, expr: ExprId) -> Option<AccountField> {
        let expr = self.ir.expr(expr);
        match expr.kind {
            ExprKind::Account(field) if !expr.maybe_missing => Some(field),
            _ => None,
        }
    }

    /// A floor that keeps what raises it.
    pub(super) fn follow(&mut self, id: NodeId, floor: &Floor, moment: Moment) {
        let s = self.cell(id, NodeCell::Value);
        let anew = moment == Moment::Judge || kept::distance_changes(self.ir, floor).contains(moment);
        if anew {
            self.push(Op::Forget { s });
        }
        let mut end = Patches::new();
        for trail in &floor.trails {
            self.unless(trail.clock, &mut end);
            if anew {
                self.find_rise(id, floor, trail, &mut end);
                continue;
            }
            let by = Forward(0);
            let op = match self.account_field(trail.followed) {
                Some(field) => Op::UnlessRisesAccount { field, s, by },
                None => {
                    self.value(trail.followed, 0);
                    Op::UnlessRises { a: In(0), s, by }
                }
            };
            self.jump(op, &mut end);
        }
        self.step(id);
        self.land(end);
    }

    /// What raises a floor, from all that it depends on, in the order in which its step looks at it.
    fn find_rise(&mut self, id: NodeId, floor: &Floor, trail: &Trail, end: &mut Patches) {
        if floor.caps.iter().any(|(_, when)| when.is_some()) {
            return;
        }
        let mut moves = Patches::new();
        let frozen = self.cell(id, FloorCell::Frozen);
        self.jump(Op::UnlessSet { s: frozen, by: Forward(0) }, &mut moves);
        self.jump(Op::Jump { by: Forward(0) }, end);
        self.land(moves);
        if let Some(when) = trail.when {
            self.branch(when, false, 0, end);
        }
        self.value(trail.followed, 0);
        self.jump(Op::JumpMissing { a: In(0), by: Forward(0) }, end);
        self.value(trail.distance, 1);
        self.jump(Op::JumpMissing { a: In(1), by: Forward(0) }, end);
        match floor.caps.split_first() {
            None => {
                let k = self.pool(MISSING);
                self.push(Op::Constant { d: Out(2), k });
            }
            Some(((first, _), others)) => {
                self.value(*first, 2);
                for (cap, _) in others {
                    self.value(*cap, 3);
                    self.push(Op::Lesser { d: Both(2), a: In(3) });
                }
            }
        }
        let s = self.cell(id, NodeCell::Value);
        self.jump(Op::JumpFollows { a: In(0), b: In(1), c: In(2), s, by: Forward(0) }, end);
    }

    /// A limit for each order is judged with an order only, and looks at nothing of the one before.
    pub(super) fn order_limit(&mut self, id: NodeId, limit: &Limit) {
        if limit.clock.is_some() || kept::glance_needs_step(self.ir, limit) {
            return self.step(id);
        }
        let mut end = Patches::new();
        self.unless(Event::Occasion(Occasion::Order), &mut end);
        self.glance(id, limit);
        self.land(end);
    }

    /// The requirements of a goal in their order, and how many of them are not met.
    pub(super) fn judge_goal(&mut self, id: NodeId, node: &Node, goal: &Goal) {
        let (mut slow, mut done, mut end) = (Patches::new(), Patches::new(), Patches::new());
        let s = self.cell(id, NodeCell::Value);
        self.jump(Op::UnlessOpen { s, by: Forward(0) }, &mut slow);
        if let Some(guard) = goal.guard {
            self.branch(guard, false, 0, &mut done);
        }
        let (none, one) = (self.pool(0), self.pool(Fixed::ONE_RAW));
        self.push(Op::Constant { d: Out(0), k: none });
        for requirement in &goal.requirements {
            let mut next = Patches::new();
            if let Some(when) = requirement.when {
                self.branch(when, false, 1, &mut next);
            }
            self.branch(requirement.condition, true, 1, &mut next);
            self.push(Op::Constant { d: Out(1), k: one });
            self.push(Op::Add { d: Out(0), a: In(0), b: In(1) });
            self.land(next);
        }
        self.jump(Op::UnlessUnmet { a: In(0), s, by: Forward(0) }, &mut slow);
        self.land(done);
        self.due(id, node);
        self.jump(Op::Jump { by: Forward(0) }, &mut end);
        self.land(slow);
        self.step(id);
        self.land(end);
    }

    /// A tracker over the days so far, while a day runs: what it has with that day's value.
    pub(super) fn running_day(&mut self, id: NodeId, node: &Node, tracker: &Tracker) {
        let (mut slow, mut end) = (Patches::new(), Patches::new());
        let s = self.cell(id, NodeCell::Value);
        let mut stays = Patches::new();
        self.unless(tracker.reset, &mut stays);
        self.jump(Op::Jump { by: Forward(0) }, &mut slow);
        self.land(stays);
        self.jump(Op::UnlessRuns { s, by: Forward(0) }, &mut slow);
        let mut none = Patches::new();
        let total = self.cell(id, TrackerCell::Total);
        self.push(Op::Raw { d: Out(0), s: total });
        if let Some(filter) = tracker.filter {
            self.branch(filter, false, 1, &mut none);
        }
        if let Some(what) = tracker.what {
            self.value(what, 1);
            let both = Both(0);
            self.push(if tracker.function == TrackFunction::Lowest {
                Op::Lesser { d: both, a: In(1) }
            } else {
                Op::Greater { d: both, a: In(1) }
            });
        }
        self.land(none);
        self.push(Op::Store { a: In(0), s });
        self.due(id, node);
        self.jump(Op::Jump { by: Forward(0) }, &mut end);
        self.land(slow);
        self.step(id);
        self.land(end);
    }

    /// When time alone may change a node that waits.
    fn due(&mut self, id: NodeId, node: &Node) {
        if node.waits {
            let s = self.cell(id, NodeCell::Due);
            self.push(Op::Due { s });
        }
    }

    /// While a limit holds and nothing waits, its sides, the room left and the next percentage are all
    /// there is to look at; anything else is the step's.
    pub(super) fn glance(&mut self, id: NodeId, limit: &Limit) {
        let (mut slow, mut out, mut end) = (Patches::new(), Patches::new(), Patches::new());
        let quiet = self.cell(id, LimitCell::Quiet);
        self.jump(Op::UnlessSet { s: quiet, by: Forward(0) }, &mut slow);
        if let Some(guard) = limit.guard {
            self.branch(guard, false, 0, &mut out);
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
        let node = self.ir.node(id);
        let waits = node.per == Per::Account && kept::waits(self.ir, node);
        if waits {
            self.due(id, node);
        }
        if limit.guard.is_some() {
            self.push(Op::Quiet { s: quiet });
            self.jump(Op::Jump { by: Forward(0) }, &mut end);
            self.land(out);
            self.jump(Op::UnlessOut { s: quiet, by: Forward(0) }, &mut slow);
            if waits {
                self.due(id, node);
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
