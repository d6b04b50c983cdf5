//! Goals.

use std::sync::Arc;

use crate::ir::{Goal, NodeId};
use crate::outcome::{Change, FaultKind, Why};
use crate::value::Decimal;
use crate::vocabulary::Moment;

use super::account::{Memory, Slot};
use super::draft::Effect;
use super::eval::{Eval, Evaluated};
use super::number::count;
use super::seen::Sight;
use super::turn::Turn;
use super::val::Val;

/// What a goal keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GoalCell {
    /// Whether it is reached.
    pub(super) reached: bool,
    /// How many requirements were missing when it was judged last.
    pub(super) missing: u32,
}

impl Turn<'_> {
    /// Goal: reached at the first judging at which all requirements that apply hold together.
    pub(super) fn goal(&mut self, goal: &Goal, kept: Option<&GoalCell>) -> Result<Slot, FaultKind> {
        let mut cell = kept.filter(|_| self.step().kind != Moment::Enter).cloned().unwrap_or_default();
        let its_time = goal.clock.map_or(self.step().is_continuous(), |clock| self.occurs(clock));
        // Not judged in an outcome that fails or closes the account.
        if its_time && !self.account().draft.ends_account() && self.eval().holds_if(goal.guard)? {
            cell.missing = self.missing(goal)?;
            self.market.tell(Sight::Goal(self.id, cell.missing == 0));
            if cell.missing == 0 && !cell.reached {
                cell.reached = true;
                self.turn_goal(&cell, |goal, evidence| Change::Reached { goal, evidence }, 0)?;
            } else if cell.missing > 0 && cell.reached && goal.revocable {
                cell.reached = false;
                self.turn_goal(&cell, |goal, evidence| Change::Lost { goal, evidence }, 1)?;
                // A promotion that waits for flat is dropped with its goal.
                let (id, promotion) = (self.id, &mut self.state.promotion);
                promotion.take_if(|(_, asked_by)| *asked_by == id);
            }
        }
        Ok(Slot { memory: Memory::Goal(cell), ..Slot::empty() })
    }

    fn turn_goal(&mut self, cell: &GoalCell, change: fn(Arc<str>, Why) -> Change, list: usize) -> Result<(), FaultKind> {
        self.store(Memory::Goal(cell.clone()));
        let why = self.why(None, None);
        let change = change(self.node().name.as_str().into(), why.clone());
        self.state.draft.effects.push(Effect::Change(change));
        self.perform(list, &why)
    }

    /// How many of the requirements that apply do not hold.
    fn missing(&self, goal: &Goal) -> Result<u32, FaultKind> {
        let eval = self.eval();
        let mut missing = 0;
        for requirement in &goal.requirements {
            if eval.holds_if(requirement.when)? && !eval.holds(requirement.condition)? {
                missing += 1;
            }
        }
        Ok(missing)
    }
}

impl Eval<'_> {
    /// Whether a goal is reached, or how many of its requirements are missing.
    pub(super) fn goal_facet(&self, id: NodeId, missing: bool) -> Evaluated {
        let Some(slot) = self.account.slots.get(&(id, 0)) else {
            return Ok(if missing { Val::Decimal(Decimal::ZERO) } else { Val::Bool(false) });
        };
        if slot.fault.is_some() {
            return Err(FaultKind::Dependent);
        }
        let cell = slot.memory.goal().cloned().unwrap_or_default();
        if missing { count(cell.missing).map(Val::Decimal) } else { Ok(Val::Bool(cell.reached)) }
    }
}
