//! Scenarios run against the reference evaluator as against the engine.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::CheckedExpr;
use crate::event::Event;
use crate::ir::{Goal, Ir, NodeId, NodeKind};
use crate::outcome::Outcome;
use crate::scenario::Interpreter;
use crate::value::{Decimal, Instant, Value};

use super::Reference;
use super::account::Account;
use super::days::NEVER;
use super::eval::{Cursor, Eval};
use super::market::Market;

impl Interpreter for Reference {
    fn apply(&mut self, event: &Event) -> Vec<Outcome> {
        Self::apply(self, event)
    }

    fn advance(&mut self, to: Instant) -> Vec<Outcome> {
        Self::advance(self, to)
    }

    fn evaluate(&mut self, account: &str, expression: &CheckedExpr) -> Result<Value, String> {
        let mut account = self.asked(account).ok_or("the account is not open")?;
        let CheckedExpr { exprs, id, texts, symbols } = expression.clone();
        account.ir = Arc::new(Ir { exprs, texts, symbols, ..account.ir.as_ref().clone() });
        let edge = Cell::new(NEVER);
        let value = account.asks(&self.market, &edge).value(id).map_err(|kind| format!("it cannot be computed: {kind:?}"))?;
        Ok(value.show(&account.ir.expr(id).ty, &account.ir, account.facts.currency))
    }

    fn phase(&self, account: &str) -> Option<String> {
        self.account(account).map(|account| account.phase_name().to_string())
    }

    fn balance(&self, account: &str) -> Option<Value> {
        let account = self.account(account)?;
        account.ledger.balance().ok().map(|balance| Value::Money(balance, account.facts.currency))
    }

    fn platform_offset(&self, account: &str) -> Decimal {
        self.account(account).map(|account| account.ledger.offset).unwrap_or_default()
    }

    fn is_locked(&self, account: &str) -> bool {
        self.account(account).is_some_and(|account| !account.locks.is_empty())
    }

    fn goal_reached(&self, account: &str, goal: &str) -> Option<bool> {
        let account = self.account(account)?;
        let (id, _) = account.goals().find(|(id, _)| account.ir.node(*id).name == goal)?;
        let slot = account.slots.get(&(id, 0))?;
        slot.memory.goal().map(|cell| cell.reached)
    }

    fn requirement_met(&self, account: &str, requirement: &str) -> Option<bool> {
        let account = self.asked(account)?;
        let mut requirements = account.goals().flat_map(|(_, goal)| &goal.requirements);
        let found = requirements.find(|found| found.title == requirement)?;
        let edge = Cell::new(NEVER);
        account.asks(&self.market, &edge).holds(found.condition).ok()
    }

    fn state(&self, account: &str) -> BTreeMap<String, Value> {
        Self::state(self, account)
    }
}

impl Reference {
    fn account(&self, account: &str) -> Option<&Account> {
        self.accounts.get(account)
    }

    /// The account as a question sees it: as of the instant to which time has passed.
    fn asked(&self, account: &str) -> Option<Account> {
        let mut account = self.account(account)?.clone();
        account.step.now = self.reached.map_or(account.step.now, |reached| reached.nanos().max(account.step.now));
        Some(account)
    }
}

impl Account {
    /// What a question from outside is evaluated in: it decides nothing.
    fn asks<'a>(&'a self, market: &'a Market, edge: &'a Cell<i64>) -> Eval<'a> {
        Eval { decides: false, ..self.eval_at(market, Cursor::Event, edge) }
    }

    /// The goals: those in force first, then those of other phases.
    fn goals(&self) -> impl Iterator<Item = (NodeId, &Goal)> {
        let goals = |in_force: bool| {
            self.ir.nodes().filter(move |(id, _)| self.in_force(*id) == in_force).filter_map(|(id, node)| match &node.kind {
                NodeKind::Goal(goal) => Some((id, goal)),
                _ => None,
            })
        };
        goals(true).chain(goals(false))
    }
}
