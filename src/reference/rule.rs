//! Rules.

use crate::ir::{Delay, Event, ExprId, Rule, Trigger};
use crate::outcome::FaultKind;
use crate::syntax::ast::DayUnit;
use crate::vocabulary::Moment;

use super::account::{Memory, Slot};
use super::days::NEVER;
use super::turn::Turn;

/// What a rule keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuleCell {
    /// Whether its condition held at the last evaluation.
    held: bool,
    /// When what it waits for happened last; the phase's start before.
    since: i64,
    /// When its condition turned true last.
    true_since: i64,
    /// Whether it has fired for this wait.
    fired: bool,
    /// When it is due.
    due: i64,
}

impl Turn<'_> {
    /// Rule.
    pub(super) fn rule(&mut self, rule: &Rule, kept: Option<&RuleCell>) -> Result<Slot, FaultKind> {
        let now = self.step().now;
        let fresh = RuleCell { held: false, since: now, true_since: now, fired: false, due: NEVER };
        let mut cell = kept.filter(|_| !self.enters()).cloned().unwrap_or(fresh);
        let fires = match rule.trigger {
            Trigger::When(condition) => self.turns_true(condition, &mut cell)?,
            Trigger::On(event, condition) => self.occurs(event) && self.eval().holds_if(condition)?,
            Trigger::After { delay, since, during } => self.is_over(delay, since, during, &mut cell)?,
        };
        // A rule fires at most once in an outcome.
        let place = (self.id, self.instance);
        if fires && !self.account().draft.fired.contains(&place) {
            let why = self.why(None, None);
            self.perform(0, &why)?;
            self.state.draft.fired.insert(place);
        }
        Ok(Slot { due: cell.due, memory: Memory::Rule(cell), ..Slot::empty() })
    }

    /// `when`: at the condition turning true; judged only where conditions are.
    fn turns_true(&self, condition: ExprId, cell: &mut RuleCell) -> Result<bool, FaultKind> {
        if !self.step().is_continuous() {
            return Ok(false);
        }
        let holds = self.eval().value(condition)? == super::val::Val::Bool(true);
        let held = std::mem::replace(&mut cell.held, holds);
        Ok(holds && !held)
    }

    /// `after`: so long after the later of the event and the turning true of the condition.
    fn is_over(&self, delay: Delay, since: Event, during: Option<ExprId>, cell: &mut RuleCell) -> Result<bool, FaultKind> {
        let now = self.step().now;
        if self.occurs(since) {
            (cell.since, cell.fired) = (now, false);
        }
        let holds = self.eval().holds_if(during)?;
        if during.is_some() && holds && !cell.held {
            (cell.true_since, cell.fired) = (now, false);
        }
        cell.held = holds;
        // What passed while the rule was faulted is over as soon as it can be judged again.
        let its_time = self.step().kind == Moment::Timer || self.step().is_continuous();
        let fires = its_time && holds && !cell.fired && cell.due <= now;
        cell.fired |= fires;
        let start = if during.is_some() { cell.since.max(cell.true_since) } else { cell.since };
        cell.due = if holds && !cell.fired { self.delayed(start, delay) } else { NEVER };
        Ok(fires)
    }

    /// So long after an instant: of days, at the opening of the day that many later.
    fn delayed(&self, start: i64, delay: Delay) -> i64 {
        let days = self.days();
        let (count, unit) = match delay {
            Delay::Nanos(nanos) => return start.saturating_add(nanos),
            Delay::Dates(count) => (count, DayUnit::Days),
            Delay::TradingDays(count) => (count, DayUnit::TradingDays),
            Delay::Weekdays(count) => (count, DayUnit::Weekdays),
            Delay::Months(count) => (count, DayUnit::Months),
        };
        days.opening_of(days.days_after(count, unit, days.date_of(start)))
    }
}
