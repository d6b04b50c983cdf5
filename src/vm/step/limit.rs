//! Limits: what must hold, breaches and their handlers, warnings, cures.

use super::super::execute::{allowance_reaches, compare_percent, ratio_reaches};
use super::super::machine::{At, Machine, Outcome, difference, sum};
use super::super::view::{Effect, MISSING, NEVER, View};
use crate::code::{CellOf, FloorCell, LimitCell, NodeCell, TrackerCell};
use crate::compile::{comparison, is_continuous};
use crate::ir::{Counted, Invariant, Limit, Node, NodeId, NodeKind, Per, Rearm, UsedOf};
use crate::syntax::ast::Bound;
use crate::value::Fixed;
use crate::vocabulary::Occasion;

/// What the cell `quiet` of a limit holds while its own condition keeps it out of force and nothing waits.
pub(in super::super) const OUT_OF_FORCE: i64 = -1;

/// The sides of a limit that is in force.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Sides {
    pub(in super::super) left: i64,
    pub(in super::super) right: i64,
    pub(in super::super) broken: bool,
    /// The room left; missing for `never`.
    pub(in super::super) headroom: i64,
}

impl<'a, V: View> Machine<'a, V> {
    /// What happens to a limit whatever its sides say; whether breaches of others counted toward it.
    fn turn_limit(&mut self, id: NodeId, node: &'a Node, at: At, limit: &'a Limit) -> Outcome<bool> {
        if self.entering(at) {
            self.enter_limit(at, limit);
            if limit.counted == Counted::Phase {
                self.set(at, LimitCell::Count, 0);
            }
        }
        if self.rearms(limit) {
            self.rearm(at);
        }
        if limit.counted == Counted::Payout && self.occasion(Occasion::PayoutPayment) {
            self.set(at, LimitCell::Count, 0);
        }
        let pending = self.get(at, LimitCell::Pending);
        self.set(at, LimitCell::Pending, 0);
        for _ in 0..pending {
            let before = self.get(at, NodeCell::Value);
            self.breach(id, node, at, limit, before)?;
        }
        Ok(pending > 0)
    }

    /// Whether a period starts that re-arms a limit.
    fn rearms(&self, limit: &Limit) -> bool {
        matches!(limit.rearm, Rearm::Period(period) if self.occasions & period.start_bit() != 0)
    }

    /// A breach that counts for the account's whole life stands in every phase.
    fn enter_limit(&mut self, at: At, limit: &Limit) {
        let (open, armed) = (self.get(at, LimitCell::Open), self.get(at, LimitCell::Armed));
        self.clear_limit(at);
        if limit.rearm == Rearm::Account {
            self.set(at, LimitCell::Open, open);
            self.set(at, LimitCell::Armed, armed);
        }
        self.show(at, MISSING);
    }

    fn clear_limit(&mut self, at: At) {
        self.rearm(at);
        self.set(at, LimitCell::Since, NEVER);
        self.set(at, LimitCell::CureDue, NEVER);
        self.set(at, LimitCell::Broken, 0);
    }

    fn rearm(&mut self, at: At) {
        self.set(at, LimitCell::Open, 0);
        self.set(at, LimitCell::Armed, 1);
        self.set(at, LimitCell::Fired, 0);
    }

    pub(super) fn limit(&mut self, id: NodeId, node: &'a Node, at: At, limit: &'a Limit) -> Outcome<()> {
        let judged = match limit.clock {
            None => is_continuous(self.moment),
            Some(clock) => self.occurs(clock),
        };
        let mut breached = self.turn_limit(id, node, at, limit)?;
        if !judged {
            self.settle(id, at, limit);
            // Nothing of it was looked at, unless a period re-arms it: a fault that it has stands.
            self.idle = !self.rearms(limit) && !breached && !self.entering(at);
            return Ok(());
        }
        let before = self.get(at, NodeCell::Value);
        let (sides, starts) = self.sides(limit)?;
        let edge = self.own_edge(node);
        let Some(sides) = sides else {
            let guarded = limit.guard.map_or(Ok(false), |guard| self.holds_or_missing(guard).map(|holds| !holds))?;
            self.not_in_force(id, at, limit, guarded);
            self.set_due(at.base, if limit.clock.is_none() { edge.min(starts) } else { NEVER });
            return Ok(());
        };
        let (warnings, allowance) = self.warnings_reached(id, limit, sides)?;
        let broken = self.lasting(at, limit, sides.broken);
        self.set(at, LimitCell::Broken, i64::from(broken));
        // What its own actions show is the room there is now.
        self.show(at, sides.headroom);
        if broken {
            breached |= self.broken(id, node, at, limit, before)?;
        } else {
            self.holds_again(id, at, limit);
        }
        if !breached {
            self.warn(id, node, at, limit, warnings, before)?;
        }
        self.settle(id, at, limit);
        if self.program.details[usize::from(id.0)].keeps && self.get(at, LimitCell::Quiet) == 1 {
            let strict = matches!(limit.invariant, Invariant::Stays { bound: Bound::Above | Bound::Below, .. });
            self.keep_bound(at.base, strict, sides.right, allowance);
        }
        let own = if limit.clock.is_some() { NEVER } else { edge.min(self.limit_due(at, limit)) };
        self.set_due(at.base, own);
        Ok(())
    }

    /// The sides if the limit is in force, and when it will be if only time is missing.
    pub(in super::super) fn sides(&mut self, limit: &Limit) -> Outcome<(Option<Sides>, i64)> {
        if let Some(guard) = limit.guard
            && !self.holds_or_missing(guard)?
        {
            return Ok((None, NEVER));
        }
        if let Some((from, after)) = limit.from {
            let from = self.value(from)?;
            if from == MISSING {
                return Ok((None, NEVER));
            }
            let starts = sum(from, after)?;
            if self.now < starts {
                return Ok((None, starts));
            }
        }
        let sides = match &limit.invariant {
            Invariant::Never(condition) => {
                let broken = self.value(*condition)?;
                if broken == MISSING {
                    return Ok((None, NEVER));
                }
                let broken = broken != 0;
                Some(Sides { left: MISSING, right: MISSING, broken, headroom: MISSING })
            }
            Invariant::Stays { left, bound, right, percent } => {
                let (left, right) = (self.value(*left)?, self.value(*right)?);
                if left == MISSING || right == MISSING {
                    return Ok((None, NEVER));
                }
                let how = comparison(*bound);
                let holds = match percent {
                    None => how.holds(left.cmp(&right)),
                    Some((percent, whole)) => {
                        let (percent, whole) = (self.known(*percent)?, self.known(*whole)?);
                        compare_percent(how, left, percent, whole)?
                    }
                };
                let upper = matches!(bound, Bound::Below | Bound::AtOrBelow);
                let headroom = if upper { difference(right, left)? } else { difference(left, right)? };
                Some(Sides { left, right, broken: !holds, headroom })
            }
        };
        Ok((sides, NEVER))
    }

    fn not_in_force(&mut self, id: NodeId, at: At, limit: &Limit, guarded: bool) {
        self.clear_limit(at);
        self.show(at, MISSING);
        self.settle(id, at, limit);
        let waits = self.get(at, LimitCell::Pending) != 0 || self.get(at, NodeCell::Fault) != 0;
        self.disturb(at.base);
        self.set(at, LimitCell::Quiet, if guarded && !waits { OUT_OF_FORCE } else { 0 });
    }

    /// Broken only when broken for so long without a break.
    fn lasting(&mut self, at: At, limit: &Limit, broken: bool) -> bool {
        let Some(lasting) = limit.lasting else { return broken };
        if !broken {
            self.set(at, LimitCell::Since, NEVER);
            return false;
        }
        let since = self.get(at, LimitCell::Since).min(self.now);
        self.set(at, LimitCell::Since, since);
        self.now >= since.saturating_add(lasting)
    }

    /// A limit that is broken: whether it is breached now.
    fn broken(&mut self, id: NodeId, node: &'a Node, at: At, limit: &'a Limit, before: i64) -> Outcome<bool> {
        let fires = self.get(at, LimitCell::Armed) != 0 && self.get(at, LimitCell::Open) == 0;
        if !fires {
            return Ok(false);
        }
        if let Some((nanos, once)) = limit.cure
            && !(once && self.get(at, LimitCell::CureUsed) != 0)
        {
            let due = match self.get(at, LimitCell::CureDue) {
                NEVER => self.now.saturating_add(nanos),
                due => due,
            };
            self.set(at, LimitCell::CureDue, due);
            if self.now < due {
                return Ok(false);
            }
        }
        self.breach(id, node, at, limit, before)?;
        Ok(true)
    }

    fn holds_again(&mut self, id: NodeId, at: At, limit: &Limit) {
        if self.get(at, LimitCell::CureDue) != NEVER {
            self.set(at, LimitCell::CureDue, NEVER);
            self.set(at, LimitCell::CureUsed, 1);
            self.effects.push(Effect::Cured { node: id });
        }
        if self.get(at, LimitCell::Open) != 0 && limit.rearm == Rearm::Holds {
            self.rearm(at);
        }
    }

    /// A breach counts, is told, and its handlers act.
    fn breach(&mut self, id: NodeId, node: &'a Node, at: At, limit: &'a Limit, before: i64) -> Outcome<()> {
        let count = self.get(at, LimitCell::Count).saturating_add(Fixed::ONE_RAW);
        self.set(at, LimitCell::Count, count);
        self.set(at, LimitCell::Open, 1);
        self.set(at, LimitCell::Armed, 0);
        self.set(at, LimitCell::CureDue, NEVER);
        self.set(at, LimitCell::Fired, all_fired(limit));
        // Judged, so sound: its own handlers and words may read it.
        self.clear_fault(at.base);
        let number = u32::try_from(count / Fixed::ONE_RAW).unwrap_or(u32::MAX);
        let evidence = self.evidence(node);
        let extreme = self.extreme(id);
        self.effects.push(Effect::Breach { node: id, instance: at.instance, number, evidence, headroom_before: before, extreme });
        for (list, handler) in limit.on_breach.iter().enumerate() {
            let in_range = handler.from <= number && handler.to.is_none_or(|to| number <= to);
            if in_range && self.holds_if(handler.when)? {
                self.act(id, node, at, list, before)?;
            }
        }
        if let Some(target) = limit.counts_toward {
            self.count_toward(target);
        }
        Ok(())
    }

    /// A breach counts toward another limit, which stands later in the order.
    fn count_toward(&mut self, target: NodeId) {
        let node = self.program.ir.node(target);
        let base = match node.per {
            Per::Account | Per::Order => self.place(target).base,
            Per::Position | Per::Symbol | Per::Group(_) => match self.instance(target) {
                Ok(Some(base)) => base,
                _ => return,
            },
        };
        let pending = base + LimitCell::Pending.offset();
        self.change(pending, self.slots.values[pending] + 1);
        self.change(base + LimitCell::Quiet.offset(), 0);
        self.change(base + LimitCell::Near.offset(), NEVER);
    }

    /// The percentages that are reached, as bits, and of what they are: the allowance, or the bound.
    fn warnings_reached(&mut self, id: NodeId, limit: &Limit, sides: Sides) -> Outcome<(i64, i64)> {
        if limit.at_used.is_empty() || sides.left == MISSING {
            return Ok((0, sides.right));
        }
        let allowance = match limit.used {
            UsedOf::Allowance(allowance) => self.value(allowance)?,
            _ => sides.right,
        };
        let mut reached = 0;
        for (number, percent) in self.percents(id).iter().copied().enumerate() {
            let reaches = match limit.used {
                UsedOf::Ratio => ratio_reaches(sides.left, sides.right, percent),
                UsedOf::Allowance(_) => allowance_reaches(allowance, sides.headroom, percent),
                UsedOf::Unsaid => false,
            };
            reached |= i64::from(reaches) << number;
        }
        Ok((reached, allowance))
    }

    fn warn(&mut self, id: NodeId, node: &'a Node, at: At, limit: &'a Limit, reached: i64, before: i64) -> Outcome<()> {
        // A limit that was re-armed in this very evaluation has begun its percentages anew.
        let fired = self.get(at, LimitCell::Fired);
        let reached = reached & !fired;
        if reached == 0 {
            return Ok(());
        }
        self.set(at, LimitCell::Fired, fired | reached);
        self.clear_fault(at.base);
        for number in (0..limit.at_used.len()).filter(|number| reached & (1 << number) != 0) {
            self.act(id, node, at, limit.on_breach.len() + number, before)?;
        }
        Ok(())
    }

    /// What the glance at a limit reads: whether it is quiet, and the next percentage.
    fn settle(&mut self, id: NodeId, at: At, limit: &Limit) {
        let fired = self.get(at, LimitCell::Fired);
        let waiting = self.percents(id).iter().enumerate().filter(|(number, _)| fired & (1 << number) == 0);
        let next = waiting.map(|(_, percent)| *percent).min().unwrap_or(NEVER);
        self.set(at, LimitCell::NextPercent, next);
        let never = matches!(limit.invariant, Invariant::Never(_));
        let in_force = never || self.get(at, NodeCell::Value) != MISSING;
        let idle = self.get(at, LimitCell::Broken) == 0
            && self.get(at, LimitCell::Open) == 0
            && self.get(at, LimitCell::Since) == NEVER
            && self.get(at, LimitCell::CureDue) == NEVER
            && self.get(at, LimitCell::Pending) == 0
            && self.get(at, NodeCell::Fault) == 0;
        self.set(at, LimitCell::Quiet, i64::from(in_force && idle));
        self.set(at, LimitCell::Near, NEVER);
    }

    fn percents(&self, id: NodeId) -> &'a [i64] {
        &self.program.details[usize::from(id.0)].percents
    }

    fn limit_due(&self, at: At, limit: &Limit) -> i64 {
        let lasting = match (limit.lasting, self.get(at, LimitCell::Since)) {
            (Some(lasting), since) if since != NEVER => since.saturating_add(lasting),
            _ => NEVER,
        };
        let lasting = if lasting > self.now { lasting } else { NEVER };
        lasting.min(self.get(at, LimitCell::CureDue))
    }

    /// The event that set the extreme which decides a node.
    pub(super) fn extreme(&self, id: NodeId) -> Option<u64> {
        let sources = &self.program.details[usize::from(id.0)].extremes;
        sources.iter().find_map(|source| {
            let base = self.instance(*source).ok().flatten()?;
            let at = At { base, instance: 0, begins: false };
            let ordinal = match self.program.ir.node(*source).kind {
                NodeKind::Floor(_) => self.get(at, FloorCell::Extreme),
                _ => self.get(at, TrackerCell::Extreme),
            };
            u64::try_from(ordinal).ok()
        })
    }
}

fn all_fired(limit: &Limit) -> i64 {
    (1_i64 << limit.at_used.len().min(62)) - 1
}
