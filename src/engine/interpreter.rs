//! The engine as what scenarios are run on.

use std::collections::BTreeMap;

use super::Engine;
use crate::check::CheckedExpr;
use crate::event::Event;
use crate::outcome::Outcome;
use crate::scenario::Interpreter;
use crate::value::{Instant, Value};

impl Interpreter for Engine {
    fn apply(&mut self, event: &Event) -> Vec<Outcome> {
        Self::apply(self, event).to_vec()
    }

    fn advance(&mut self, to: Instant) -> Vec<Outcome> {
        Self::advance(self, to).to_vec()
    }

    fn evaluate(&mut self, account: &str, expression: &CheckedExpr) -> Result<Value, String> {
        let found = self.account(account).ok_or_else(|| format!("no account is called `{account}`"))?;
        found.evaluate(expression).map_err(|fault| format!("it cannot be computed: {fault:?}"))
    }

    fn phase(&self, account: &str) -> Option<String> {
        self.account(account).map(|account| account.account().phase().to_owned())
    }

    fn balance(&self, account: &str) -> Option<Value> {
        self.account(account).map(|account| account.account().balance())
    }

    fn offset(&self, account: &str) -> Option<Value> {
        self.account(account).map(|account| account.account().offset())
    }

    fn is_locked(&self, account: &str) -> bool {
        self.account(account).is_some_and(|account| !account.account().locks().is_empty())
    }

    fn goal_reached(&self, account: &str, goal: &str) -> Option<bool> {
        let goals = self.account(account)?.goals();
        goals.iter().find(|report| &*report.title == goal).map(|report| report.reached)
    }

    fn requirement_met(&self, account: &str, requirement: &str) -> Option<bool> {
        let goals = self.account(account)?.goals();
        let mut requirements = goals.iter().flat_map(|goal| &goal.requirements);
        requirements.find(|report| &*report.title == requirement).and_then(|report| report.met)
    }

    fn state(&self, account: &str) -> BTreeMap<String, Value> {
        self.account(account).map(|account| account.state()).unwrap_or_default()
    }
}
