//! Questions about an account: what hosts show, and what a prompt asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::AccountRef;
use crate::account::{DryRun, GoalReport, LimitReport, Lock, Migration, MigrationError, PriceAnswer};
use crate::check::CheckedExpr;
use crate::ir::ExprId;
use crate::outcome::{FaultKind, Outcome};
use crate::value::{Decimal, Instant, Value};

/// How an account stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The phase.
    pub phase: Arc<str>,
    /// Realised.
    pub balance: Value,
    /// Marked; missing while a rate is.
    pub equity: Value,
    /// How many positions are open.
    pub positions: usize,
    /// The locks in force.
    pub locks: Vec<Lock>,
    /// How many events were ignored because they had been applied before.
    pub duplicates: u64,
    /// The next instant at which something is due.
    pub next_due: Option<Instant>,
}

impl AccountRef<'_> {
    /// The account's key.
    pub fn name(&self) -> &str {
        self.account.name()
    }

    /// How the account stands.
    pub fn status(&self) -> Status {
        Status {
            phase: self.account.phase().into(),
            balance: self.account.balance(),
            equity: self.account.equity(),
            positions: self.account.ledger().positions().len(),
            locks: self.account.locks().to_vec(),
            duplicates: self.account.duplicates(),
            next_due: self.account.next_due(),
        }
    }

    /// What going over to another version now would lead to, whenever that version says that it applies. Nothing changes.
    ///
    /// # Errors
    /// When the account cannot go over.
    pub fn dry_run(&self, migration: &Migration) -> Result<Vec<Outcome>, MigrationError> {
        self.account.dry_run(self.market, migration)
    }

    /// What going over will lead to at the instant from which the new version applies: at once, or as the next day
    /// or cycle of the account begins, with prices as they are and nothing else happening until then. Nothing changes.
    ///
    /// # Errors
    /// When the account cannot go over.
    pub fn dry_run_when_due(&self, migration: &Migration) -> Result<DryRun, MigrationError> {
        self.account.dry_run_when_due(self.market, migration)
    }

    /// Each limit of the phase, as it stands now.
    pub fn limits(&self) -> Vec<LimitReport> {
        self.account.limit_reports(self.market, self.reached)
    }

    /// Each goal of the phase with its requirements, as they stand now.
    pub fn goals(&self) -> Vec<GoalReport> {
        self.account.goal_reports(self.market, self.reached)
    }

    /// The floors of the phase, by their names, with where each stands.
    pub fn floors(&self) -> Vec<(std::sync::Arc<str>, Value)> {
        self.account.floors()
    }

    /// The largest market order of a symbol and side that keeps every limit in force, those too that are
    /// judged only behind its fill, valued at the prices of now as the next tick values it, or act only once they were broken for a while; on the symbol's step; zero
    /// while a lock refuses it. `None` where the symbol has no instrument or no price, or no limit bounds it.
    ///
    /// Other values than those that an order changes are taken as they are.
    pub fn largest_order(&self, symbol: &str, buys: bool) -> Option<Decimal> {
        // A symbol that the account has never met must be introduced, which a question may not do.
        let mut account = self.account.clone();
        account.largest_order(self.market, symbol, buys).map(Decimal::from)
    }

    /// For each limit of the phase, the price of a symbol nearest below and above the present one at
    /// which it is broken, on the symbol's ticks.
    ///
    /// Bid, ask and last are all moved to that price; other symbols, floors, trackers and time stay
    /// as they are; a limit that is broken, once the price goes one way, is taken to stay broken.
    pub fn prices_of_limits(&self, symbol: &str) -> Vec<PriceAnswer> {
        self.account.prices_of_limits(self.market, symbol)
    }

    /// The value of an expression that was checked against the account's program, as of the instant
    /// to which time has passed.
    ///
    /// # Errors
    /// With the fault that computing it met.
    pub fn evaluate(&self, expression: &CheckedExpr) -> Result<Value, FaultKind> {
        self.account.evaluate_checked(self.market, self.reached, expression)
    }

    /// The value of an expression of the account's program, as of the instant to which time has passed.
    ///
    /// # Errors
    /// With the fault that computing it met.
    pub fn value(&self, expression: ExprId) -> Result<Value, FaultKind> {
        self.account.evaluate_own(self.market, self.reached, expression)
    }

    /// The same, as if a payout of an amount, or of all that is available, were requested now.
    ///
    /// # Errors
    /// With the fault that computing it met.
    pub fn value_at_request(&self, amount: Option<Decimal>, expression: ExprId) -> Result<Value, FaultKind> {
        self.account.evaluate_at_request(self.market, self.reached, amount, expression)
    }

    /// Everything that is kept, by name; see [`crate::account::Account::state`].
    pub fn state(&self) -> BTreeMap<String, Value> {
        self.account.state(self.market)
    }

    /// The account as bytes.
    ///
    /// # Errors
    /// None in practice: every part of the state has a form.
    pub fn snapshot(&self) -> Result<Vec<u8>, crate::bytes::BytesError> {
        self.account.snapshot()
    }

    /// The account itself.
    pub fn account(&self) -> &crate::account::Account {
        self.account
    }
}
