//! An engine that remembers as what events are fed to, by the tool too.

use std::collections::BTreeMap;

use super::Remembering;
use crate::check::CheckedExpr;
use crate::event::Event;
use crate::outcome::Outcome;
use crate::scenario::Interpreter;
use crate::value::{Decimal, Instant, Value};

impl Interpreter for Remembering {
    fn apply(&mut self, event: &Event) -> Vec<Outcome> {
        Self::apply(self, event).to_vec()
    }

    fn advance(&mut self, to: Instant) -> Vec<Outcome> {
        Self::advance(self, to).to_vec()
    }

    fn evaluate(&mut self, account: &str, expression: &CheckedExpr) -> Result<Value, String> {
        Interpreter::evaluate(&mut self.engine, account, expression)
    }

    fn phase(&self, account: &str) -> Option<String> {
        Interpreter::phase(&self.engine, account)
    }

    fn balance(&self, account: &str) -> Option<Value> {
        Interpreter::balance(&self.engine, account)
    }

    fn platform_offset(&self, account: &str) -> Decimal {
        Interpreter::platform_offset(&self.engine, account)
    }

    fn is_locked(&self, account: &str) -> bool {
        Interpreter::is_locked(&self.engine, account)
    }

    fn goal_reached(&self, account: &str, goal: &str) -> Option<bool> {
        Interpreter::goal_reached(&self.engine, account, goal)
    }

    fn requirement_met(&self, account: &str, requirement: &str) -> Option<bool> {
        Interpreter::requirement_met(&self.engine, account, requirement)
    }

    fn state(&self, account: &str) -> BTreeMap<String, Value> {
        Interpreter::state(&self.engine, account)
    }
}
