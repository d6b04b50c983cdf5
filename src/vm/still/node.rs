//! Nodes on ranges: whether what they keep, do or show can change at a mark, apart from values that
//! only show where things stand.

use super::super::execute::{allowance_reaches, ratio_reaches};
use super::super::machine::{difference, percent_of};
use super::super::view::{Cursor, Instance, MISSING, NEVER};
use super::expr::{against_percent, holds};
use super::{Banded, Range, Ranger, Sure, Unsure};
use crate::code::{CellOf, FloorCell, GoalCell, HeldCell, LimitCell, NodeCell, RuleCell};
use crate::compile::comparison;
use crate::ir::{
    Arithmetic, Event, ExprId, ExprKind, Floor, Goal, Held, Invariant, Limit, Node, NodeId, NodeKind, Payout, Per, Rearm, Requirement,
    Rule, TrackDomain, TrackFunction, Tracker, Trail, Trigger, UsedOf,
};
use crate::syntax::ast::Bound;
use crate::vocabulary::{AccountField, Occasion, PeriodField};

/// The event of a mark.
const MARK: Event = Event::Occasion(Occasion::Mark);

impl<V: Banded> Ranger<'_, V> {
    /// Whether a node, in each of its instances, keeps what it keeps.
    pub(super) fn node(&mut self, id: NodeId) -> Sure<()> {
        let program = self.machine.program;
        let node = program.ir.node(id);
        let place = self.machine.place(id);
        let (cursor, view) = (self.machine.cursor, self.machine.view);
        match node.per {
            Per::Order => {}
            Per::Account => self.instance(node, place.base, 1)?,
            Per::Symbol => {
                for (number, at) in (0..usize::from(view.symbols()).min(place.count)).zip(0_u16..) {
                    self.machine.cursor = Cursor::Symbol(at);
                    self.instance(node, place.base + number * place.stride, i64::from(at) + 1)?;
                }
            }
            Per::Position | Per::Group(_) => {
                for index in 0..view.living(node.per) {
                    let found = view.instance(node.per, index).filter(|found| found.place < place.count);
                    let Some(Instance { serial, place: number }) = found else { continue };
                    self.machine.cursor = match node.per {
                        Per::Group(group) => Cursor::Group(group, index),
                        _ => Cursor::Position(index),
                    };
                    let begun = i64::try_from(serial).unwrap_or(i64::MAX);
                    self.instance(node, place.base + number * place.stride, begun)?;
                }
            }
        }
        self.machine.cursor = cursor;
        Ok(())
    }

    /// One instance; one that is faulted, or has not begun, may change with any mark.
    fn instance(&mut self, node: &Node, base: usize, begun: i64) -> Sure<()> {
        if self.get(base, NodeCell::Fault) != 0 || (node.per != Per::Account && self.get(base, NodeCell::Begun) != begun) {
            return Err(Unsure);
        }
        match &node.kind {
            NodeKind::Value(value) => {
                let range = self.value(*value)?;
                self.note(base, range);
                Ok(())
            }
            NodeKind::Held(held) => self.held(base, held),
            NodeKind::Baseline(baseline) => self.stands(baseline.value),
            NodeKind::Tracker(tracker) => self.tracker(base, tracker),
            NodeKind::Floor(floor) => self.floor(base, floor),
            NodeKind::Limit(limit) => self.limit(base, limit),
            NodeKind::Rule(rule) => self.rule(base, rule),
            NodeKind::Goal(goal) => self.goal(base, goal),
            NodeKind::Payout(payout) => self.payout(base, payout),
            NodeKind::State(_) | NodeKind::DayCopy(_) | NodeKind::EventCopy(_) => Ok(()),
        }
    }

    fn get(&self, base: usize, cell: impl CellOf) -> i64 {
        self.machine.slots.values[base + cell.offset()]
    }

    fn note(&mut self, base: usize, range: Range) {
        if !range.is_point() || range.low != self.get(base, NodeCell::Value) {
            self.known.push((base, range));
        }
    }

    /// Requires a value that no price moves.
    fn stands(&mut self, id: ExprId) -> Sure<()> {
        if self.value(id)?.is_point() { Ok(()) } else { Err(Unsure) }
    }

    /// A cause that moves may rise above what waits, or fall back from it.
    fn held(&mut self, base: usize, held: &Held) -> Sure<()> {
        let cause = self.value(held.cause)?;
        let settled = cause.is_point() && (cause.low == self.get(base, HeldCell::Current) || self.get(base, HeldCell::Change) != 0);
        if settled { Ok(()) } else { Err(Unsure) }
    }

    fn tracker(&mut self, base: usize, tracker: &Tracker) -> Sure<()> {
        if tracker.reset == MARK {
            return Err(Unsure);
        }
        match tracker.domain {
            TrackDomain::At(MARK) => self.samples_marks(base, tracker),
            TrackDomain::DaysSoFar => {
                tracker.filter.map_or(Ok(()), |filter| self.decided(filter).map(|_| ()))?;
                tracker.what.map_or(Ok(()), |what| self.stands(what))
            }
            _ => Ok(()),
        }
    }

    fn samples_marks(&mut self, base: usize, tracker: &Tracker) -> Sure<()> {
        if tracker.window.is_some() {
            return Err(Unsure);
        }
        if let Some(filter) = tracker.filter
            && !self.decided(filter)?
        {
            return Ok(());
        }
        let sample = tracker.what.map_or(Err(Unsure), |what| self.value(what))?;
        let shown = self.get(base, NodeCell::Value);
        if sample.is_missing() {
            return Ok(());
        }
        match tracker.function {
            TrackFunction::Highest if shown != MISSING && sample.high <= shown => Ok(()),
            TrackFunction::Lowest if shown != MISSING && sample.low >= shown => Ok(()),
            TrackFunction::Highest if shown != MISSING && sample.low <= shown && self.follows(tracker.what) => {
                let more = shown.saturating_sub(self.now(tracker.what)?);
                self.passed.pass_above(more);
                self.note(base, Range { low: shown, high: sample.high });
                Ok(())
            }
            TrackFunction::Lowest if shown != MISSING && sample.high >= shown && self.follows(tracker.what) => {
                let less = self.now(tracker.what)?.saturating_sub(shown);
                self.passed.pass_below(less);
                self.note(base, Range { low: sample.low, high: shown });
                Ok(())
            }
            TrackFunction::Ever if shown == 1 || sample.high == 0 => Ok(()),
            _ => Err(Unsure),
        }
    }

    fn floor(&mut self, base: usize, floor: &Floor) -> Sure<()> {
        for (number, jump) in floor.jumps.iter().enumerate() {
            match jump.on {
                Some(MARK) => return Err(Unsure),
                Some(_) => {}
                None => {
                    let holds = jump.when.map_or(Ok(true), |when| self.decided(when))?;
                    if holds != (self.get(base, FloorCell::Held) & (1 << number) != 0) {
                        return Err(Unsure);
                    }
                }
            }
        }
        let (current, visible) = (self.get(base, FloorCell::Current), self.get(base, FloorCell::Visible));
        let mut highest = current;
        for trail in floor.trails.iter().filter(|trail| trail.clock == MARK) {
            let Some(lifted) = self.trail(base, floor, trail)? else { continue };
            // At the mark with the highest equity it rises the most, unless any mark lifts it.
            let follows = !floor.next_day && !trail.of_itself && lifted.low <= current && self.follows(Some(trail.followed));
            if lifted.high > current && !follows {
                return Err(Unsure);
            }
            if lifted.high > current {
                let (followed, distance) = (self.now(Some(trail.followed))?, self.now(Some(trail.distance))?);
                self.passed.pass_above(current.saturating_add(distance).saturating_sub(followed));
            }
            highest = highest.max(lifted.high);
        }
        if highest > current {
            self.note(base, Range { low: visible, high: visible.max(highest) });
        }
        for condition in &floor.freezes {
            if self.get(base, FloorCell::Frozen) == 0 && self.decided(*condition)? {
                return Err(Unsure);
            }
        }
        Ok(())
    }

    /// To where a trail would lift the floor; none where it does not trail. One that would reach its cap is
    /// not sure: it freezes there.
    fn trail(&mut self, base: usize, floor: &Floor, trail: &Trail) -> Sure<Option<Range>> {
        let trails = trail.when.map_or(Ok(true), |when| self.decided(when))?;
        if self.get(base, FloorCell::Frozen) != 0 || !trails {
            return Ok(None);
        }
        let (followed, told) = (self.value(trail.followed)?, self.value(trail.distance)?);
        if followed.is_missing() || told.is_missing() {
            return Ok(None);
        }
        if !told.is_point() {
            return Err(Unsure);
        }
        let lifted = |followed: i64| {
            let distance = if trail.of_itself { percent_of(told.low, followed)? } else { told.low };
            difference(followed, distance)
        };
        let (Ok(a), Ok(b)) = (lifted(followed.low), lifted(followed.high)) else { return Err(Unsure) };
        let lifted = Range::between(a, b);
        for (cap, when) in &floor.caps {
            if when.map_or(Ok(true), |when| self.decided(when))? {
                let cap = self.value(*cap)?;
                let reaches = !cap.is_missing() && cap.low <= lifted.high.max(self.get(base, FloorCell::Current));
                if reaches || !cap.is_point() {
                    return Err(Unsure);
                }
            }
        }
        Ok(Some(lifted))
    }

    /// A value as it is now.
    fn now(&mut self, what: Option<ExprId>) -> Sure<i64> {
        let value = what.map_or(Err(Unsure), |what| self.machine.value(what).map_err(|_| Unsure))?;
        if value == MISSING { Err(Unsure) } else { Ok(value) }
    }

    /// Whether a value is highest and lowest where equity is, and changes with nothing else.
    fn follows(&mut self, what: Option<ExprId>) -> bool {
        let Some(id) = what else { return false };
        let ir = &self.machine.program.ir;
        match &ir.expr(id).kind {
            ExprKind::Account(AccountField::Equity | AccountField::OpenProfit)
            | ExprKind::Period(_, PeriodField::EquityProfit | PeriodField::HighEquity) => true,
            ExprKind::Arithmetic(Arithmetic::Add, a, b) => {
                self.follows(Some(*a)) && self.stands(*b).is_ok() || self.stands(*a).is_ok() && self.follows(Some(*b))
            }
            ExprKind::Arithmetic(Arithmetic::Subtract, a, b) => self.follows(Some(*a)) && self.stands(*b).is_ok(),
            ExprKind::Maximum(list) => list.iter().all(|item| self.stands(*item).is_ok() || self.follows(Some(*item))),
            ExprKind::Node(node) => {
                let node = ir.node(*node);
                match &node.kind {
                    NodeKind::Value(value) if node.per == Per::Account => self.follows(Some(*value)),
                    _ => false,
                }
            }
            _ => false,
        }
    }

    fn limit(&mut self, base: usize, limit: &Limit) -> Sure<()> {
        if self.get(base, LimitCell::Pending) != 0 {
            return Err(Unsure);
        }
        if limit.clock.is_some_and(|clock| clock != MARK) {
            return Ok(());
        }
        let rearms = limit.rearm == Rearm::Holds && self.get(base, LimitCell::Open) != 0;
        let in_force = self.in_force(limit)?;
        let sides = if in_force { self.sides(limit)? } else { None };
        let Some((broken, room)) = sides else {
            // Not in force: so it was found before.
            let fresh = self.get(base, NodeCell::Value) == MISSING && self.get(base, LimitCell::Broken) == 0 && !rearms;
            return if fresh { Ok(()) } else { Err(Unsure) };
        };
        let never = matches!(limit.invariant, Invariant::Never(_));
        let was_in_force = never || self.get(base, NodeCell::Value) != MISSING;
        let was_broken = match limit.lasting {
            Some(_) => self.get(base, LimitCell::Since) != NEVER,
            None => self.get(base, LimitCell::Broken) != 0,
        };
        if !was_in_force
            || broken != was_broken
            || (broken && self.get(base, LimitCell::Open) == 0 && limit.cure.is_none() && limit.lasting.is_none())
        {
            return Err(Unsure);
        }
        self.percentages(base, limit, room)?;
        self.note(base, room.between);
        Ok(())
    }

    fn in_force(&mut self, limit: &Limit) -> Sure<bool> {
        if let Some(guard) = limit.guard {
            let guard = self.value(guard)?;
            match (guard.is_missing(), guard.low, guard.high) {
                (true, _, _) | (_, 0, 0) => return Ok(false),
                (_, 1, 1) => {}
                _ => return Err(Unsure),
            }
        }
        let Some((from, after)) = limit.from else { return Ok(true) };
        let from = self.value(from)?;
        match from.is_point() {
            true if from.is_missing() => Ok(false),
            true => Ok(self.machine.now >= from.low.saturating_add(after)),
            false => Err(Unsure),
        }
    }

    /// Whether it is broken over the whole range, with the ranges of its sides; none where it is not in force.
    fn sides(&mut self, limit: &Limit) -> Sure<Option<(bool, Room)>> {
        let (left, bound, right, percent) = match &limit.invariant {
            Invariant::Never(condition) => {
                let broken = self.value(*condition)?;
                let nothing = Room { left: broken, right: broken, between: Range::point(MISSING) };
                return match (broken.is_missing(), broken.low, broken.high) {
                    (true, _, _) => Ok(None),
                    (_, low, high) if low == high => Ok(Some((low != 0, nothing))),
                    _ => Err(Unsure),
                };
            }
            Invariant::Stays { left, bound, right, percent } => (self.value(*left)?, *bound, self.value(*right)?, percent),
        };
        if left.is_missing() || right.is_missing() {
            return Ok(None);
        }
        let how = comparison(bound);
        let holds = match percent {
            None => holds(how, left, right)?,
            Some((percent, whole)) => {
                let (percent, whole) = (self.value(*percent)?, self.value(*whole)?);
                against_percent(how, left, percent, whole)?
            }
        };
        if !holds.is_point() {
            return Err(Unsure);
        }
        let upper = matches!(bound, Bound::Below | Bound::AtOrBelow);
        let (more, less) = if upper { (right, left) } else { (left, right) };
        let minus = |a, b| difference(a, b).map_err(|_| Unsure);
        let room = Range { low: minus(more.low, less.high)?, high: minus(more.high, less.low)? };
        Ok(Some((holds.low == 0, Room { left, right, between: room })))
    }

    /// No percentage that has not been told may be reached.
    fn percentages(&mut self, base: usize, limit: &Limit, sides: Room) -> Sure<()> {
        let fired = self.get(base, LimitCell::Fired);
        let waiting = limit.at_used.iter().enumerate().filter(|(number, _)| fired & (1 << number) == 0);
        let least = waiting.map(|(_, (percent, _))| crate::value::Fixed::from(*percent).raw()).min();
        let (Some(percent), false) = (least, matches!(limit.invariant, Invariant::Never(_))) else { return Ok(()) };
        let reached = match limit.used {
            UsedOf::Unsaid => false,
            UsedOf::Ratio => {
                let right = if sides.right.low > 0 { sides.right.low } else { sides.right.high };
                sides.right.low <= 0 && sides.right.high > 0 || ratio_reaches(sides.left.high, right, percent)
            }
            UsedOf::Allowance(allowance) => {
                let allowance = self.value(allowance)?;
                if !allowance.is_point() {
                    return Err(Unsure);
                }
                allowance_reaches(allowance.low, sides.between.low, percent)
            }
        };
        if reached { Err(Unsure) } else { Ok(()) }
    }

    fn rule(&mut self, base: usize, rule: &Rule) -> Sure<()> {
        let holds = match rule.trigger {
            Trigger::On(MARK, None) | Trigger::After { since: MARK, .. } => return Err(Unsure),
            Trigger::On(MARK, Some(condition)) => return if self.decided(condition)? { Err(Unsure) } else { Ok(()) },
            Trigger::On(..) => return Ok(()),
            Trigger::After { during, .. } => during.map_or(Ok(true), |during| self.decided(during))?,
            Trigger::When(condition) => {
                let value = self.value(condition)?;
                match (value.is_missing(), value.low, value.high) {
                    (true, _, _) => false,
                    (_, low, high) if low == high => low != 0,
                    _ => return Err(Unsure),
                }
            }
        };
        if holds == (self.get(base, RuleCell::Memory) != 0) { Ok(()) } else { Err(Unsure) }
    }

    fn goal(&mut self, base: usize, goal: &Goal) -> Sure<()> {
        if goal.clock.is_some_and(|clock| clock != MARK) {
            return Ok(());
        }
        if !goal.guard.map_or(Ok(true), |guard| self.decided(guard))? {
            return Ok(());
        }
        let mut unmet = 0;
        for requirement in &goal.requirements {
            unmet += i64::from(!self.is_met(requirement)?);
        }
        let reached = self.get(base, GoalCell::Reached) != 0;
        let turns = (!reached && unmet == 0) || (reached && unmet > 0 && goal.revocable);
        if turns { Err(Unsure) } else { Ok(()) }
    }

    fn is_met(&mut self, requirement: &Requirement) -> Sure<bool> {
        Ok(!requirement.when.map_or(Ok(true), |when| self.decided(when))? || self.decided(requirement.condition)?)
    }

    /// What a pending payout requires is judged with every mark.
    fn payout(&mut self, base: usize, payout: &Payout) -> Sure<()> {
        let pending = self.get(base, crate::code::PayoutCell::Pending) != 0;
        if pending && !payout.pending.is_empty() { Err(Unsure) } else { Ok(()) }
    }
}

/// The sides of a limit, and the room between them.
#[derive(Clone, Copy)]
struct Room {
    left: Range,
    right: Range,
    between: Range,
}
