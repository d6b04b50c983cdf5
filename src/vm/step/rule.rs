//! Rules: when a condition turns true, at events, and so long after them.

use super::super::machine::{At, Machine, Outcome};
use super::super::view::{MISSING, NEVER, View};
use crate::code::RuleCell;
use crate::compile::is_continuous;
use crate::ir::{Delay, Event, ExprId, Node, NodeId, Rule, Trigger};
use crate::syntax::ast::DayUnit;
use crate::vocabulary::Moment;

impl<'a, V: View> Machine<'a, V> {
    fn enter_rule(&mut self, at: At) {
        self.set(at, RuleCell::Memory, 0);
        self.set(at, RuleCell::Fired, 0);
        self.set(at, RuleCell::Since, self.now);
        self.set(at, RuleCell::TrueSince, NEVER);
        self.set(at, RuleCell::Deadline, NEVER);
    }

    pub(super) fn rule(&mut self, id: NodeId, node: &'a Node, at: At, rule: &'a Rule) -> Outcome<()> {
        if self.entering(at) {
            self.enter_rule(at);
        }
        match rule.trigger {
            Trigger::When(condition) => self.when(id, node, at, condition),
            Trigger::On(event, condition) => {
                if self.occurs(event) && self.holds_if(condition)? {
                    self.fire(id, node, at)?;
                }
                Ok(())
            }
            Trigger::After { delay, since, during } => self.after(id, node, at, delay, since, during),
        }
    }

    fn when(&mut self, id: NodeId, node: &'a Node, at: At, condition: ExprId) -> Outcome<()> {
        if !is_continuous(self.moment) {
            return Ok(());
        }
        let holds = self.holds_or_missing(condition)?;
        let due = self.own_edge(node);
        let turned = holds && self.get(at, RuleCell::Memory) == 0;
        self.set(at, RuleCell::Memory, i64::from(holds));
        if turned {
            self.fire(id, node, at)?;
        }
        self.set_due(at.base, due);
        Ok(())
    }

    fn after(&mut self, id: NodeId, node: &'a Node, at: At, delay: Delay, since: Event, during: Option<ExprId>) -> Outcome<()> {
        if self.occurs(since) {
            self.set(at, RuleCell::Since, self.now);
            self.set(at, RuleCell::Fired, 0);
        }
        let holds = self.holds_if(during)?;
        let edge = self.own_edge(node);
        let held = self.get(at, RuleCell::Memory) != 0;
        if holds && !held {
            self.set(at, RuleCell::TrueSince, self.now);
            self.set(at, RuleCell::Fired, 0);
        }
        self.set(at, RuleCell::Memory, i64::from(holds));
        // Elsewhere than at its instant only what passed while the rule was faulted can still be over.
        let its_time = self.moment == Moment::Timer || is_continuous(self.moment);
        let over = self.get(at, RuleCell::Deadline) <= self.now && its_time;
        let fires = over && holds && self.get(at, RuleCell::Fired) == 0;
        if fires {
            self.set(at, RuleCell::Fired, 1);
        }
        let mut deadline = NEVER;
        if holds && self.get(at, RuleCell::Fired) == 0 {
            let true_since = if during.is_some() { self.get(at, RuleCell::TrueSince) } else { MISSING };
            deadline = self.after_delay(delay, self.get(at, RuleCell::Since).max(true_since));
        }
        self.set(at, RuleCell::Deadline, deadline);
        self.set_due(at.base, deadline.min(edge));
        if fires {
            self.fire(id, node, at)?;
        }
        Ok(())
    }

    fn after_delay(&self, delay: Delay, start: i64) -> i64 {
        let (count, unit) = match delay {
            Delay::Nanos(nanos) => return start.saturating_add(nanos),
            Delay::Dates(count) => (count, DayUnit::Days),
            Delay::TradingDays(count) => (count, DayUnit::TradingDays),
            Delay::Weekdays(count) => (count, DayUnit::Weekdays),
            Delay::Months(count) => (count, DayUnit::Months),
        };
        let date = self.view.date_of(start);
        if date == MISSING { NEVER } else { self.view.opening_of(self.view.days_after(count, unit, date)) }
    }

    fn fire(&mut self, id: NodeId, node: &'a Node, at: At) -> Outcome<()> {
        if self.effects.fire(id, at.instance) { self.act(id, node, at, 0, MISSING) } else { Ok(()) }
    }
}
