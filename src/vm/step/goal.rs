//! Goals: what must be met together.

use super::super::machine::{At, Machine, Outcome};
use super::super::view::{Effect, MISSING, View};
use crate::code::GoalCell;
use crate::compile::is_continuous;
use crate::ir::{Goal, Node, NodeId, Requirement};
use crate::value::Fixed;

impl<'a, V: View> Machine<'a, V> {
    fn enter_goal(&mut self, at: At) {
        self.set(at, GoalCell::Reached, 0);
        self.set(at, GoalCell::Unmet, 0);
    }

    pub(super) fn goal(&mut self, id: NodeId, node: &'a Node, at: At, goal: &'a Goal) -> Outcome<()> {
        if self.entering(at) {
            self.enter_goal(at);
        }
        self.judge_goal(id, node, at, goal)?;
        let reached = self.get(at, GoalCell::Reached);
        self.show(at, reached);
        Ok(())
    }

    fn judge_goal(&mut self, id: NodeId, node: &'a Node, at: At, goal: &'a Goal) -> Outcome<()> {
        let judged = match goal.clock {
            None => is_continuous(self.moment),
            Some(clock) => self.occurs(clock),
        };
        let reached = self.get(at, GoalCell::Reached) != 0;
        if !judged || self.effects.ended() {
            return Ok(());
        }
        if !self.holds_if(goal.guard)? {
            let edge = self.own_edge(node);
            self.set_due(at.base, edge);
            return Ok(());
        }
        let mut unmet: i64 = 0;
        for requirement in &goal.requirements {
            unmet += i64::from(!self.is_met(requirement)?);
        }
        let edge = if goal.clock.is_none() { self.own_edge(node) } else { super::super::view::NEVER };
        self.set(at, GoalCell::Unmet, unmet.saturating_mul(Fixed::ONE_RAW));
        self.set_due(at.base, edge);
        if !reached && unmet == 0 {
            self.set(at, GoalCell::Reached, 1);
            self.clear_fault(at.base);
            let evidence = self.evidence(node);
            self.effects.push(Effect::Reached { node: id, evidence });
            self.act(id, node, at, 0, MISSING)?;
        } else if reached && unmet > 0 && goal.revocable {
            self.set(at, GoalCell::Reached, 0);
            self.clear_fault(at.base);
            let evidence = self.evidence(node);
            self.effects.push(Effect::Lost { node: id, evidence });
            self.act(id, node, at, 1, MISSING)?;
        }
        Ok(())
    }

    /// Whether a requirement is met, or not required.
    pub(super) fn is_met(&mut self, requirement: &Requirement) -> Outcome<bool> {
        Ok(!self.holds_if(requirement.when)? || self.holds(requirement.condition)?)
    }
}
