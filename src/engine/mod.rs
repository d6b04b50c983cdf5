//! The embedder's door: load programs, hand events in, take outcomes out, ask questions.
//!
//! The engine reads no clock, file or random source. Time is the `at` of events, so the same
//! events give the same outcomes, whenever and wherever they are applied.

mod ask;
mod interpreter;
#[cfg(test)]
mod tests;

pub use ask::Status;

pub use crate::account::{DryRun, GoalReport, LONGEST_WAIT_DAYS, LimitReport, Migration, MigrationError, PriceAnswer, RequirementReport};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::account::{self, Account, Programs};
use crate::bytes::BytesError;
use crate::calendar::Holidays;
use crate::code::Program;
use crate::event::{Event, Kind};
use crate::market::{Market, MarketChange};
use crate::outcome::Outcome;
use crate::value::Instant;

/// Programs, the market, and accounts in memory.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    market: Market,
    programs: Programs,
    accounts: BTreeMap<String, Account>,
    outcomes: Vec<Outcome>,
    /// The latest instant to which time has passed for all accounts.
    reached: Option<Instant>,
}

/// An account and the market it lives in: what questions are asked of.
#[derive(Clone, Copy, Debug)]
pub struct AccountRef<'a> {
    account: &'a Account,
    market: &'a Market,
    reached: Option<Instant>,
}

impl<'a> AccountRef<'a> {
    /// An account in its market, as of the instant to which time has passed.
    pub(crate) const fn new(account: &'a Account, market: &'a Market, reached: Option<Instant>) -> Self {
        Self { account, market, reached }
    }
}

impl Engine {
    /// An engine without programs and accounts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a program known under its title and version, in the place of one of the same.
    pub fn load(&mut self, program: Arc<Program>) {
        self.programs.load(program);
    }

    /// The programs that are loaded, by title and version.
    pub fn programs(&self) -> impl Iterator<Item = &Arc<Program>> {
        self.programs.all()
    }

    /// Makes an exchange calendar known under the name by which programs call it.
    /// Accounts that are open take it from their next day on.
    pub fn load_calendar(&mut self, name: impl Into<String>, holidays: Holidays) {
        self.market.load_calendar(name, holidays);
        for account in self.accounts.values_mut() {
            account.calendar_changed(&self.market);
        }
    }

    /// Applies one event: all that is due up to its instant first, in order of time and then of
    /// the accounts' names; then the event itself. Outcomes in which nothing happened are left out.
    pub fn apply(&mut self, event: &Event) -> &[Outcome] {
        self.outcomes.clear();
        match &event.account {
            Some(name) => self.apply_to_account(name, event),
            None => self.apply_to_market(event),
        }
        &self.outcomes
    }

    /// Lets time pass up to an instant, that instant included, for all accounts.
    pub fn advance(&mut self, to: Instant) -> &[Outcome] {
        self.outcomes.clear();
        self.advance_all(to);
        &self.outcomes
    }

    /// What was applied last has led to this.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The account of that name.
    pub fn account(&self, name: &str) -> Option<AccountRef<'_>> {
        let account = self.accounts.get(name)?;
        Some(AccountRef { account, market: &self.market, reached: self.reached })
    }

    /// All accounts, by name.
    pub fn accounts(&self) -> impl Iterator<Item = AccountRef<'_>> {
        self.accounts.values().map(|account| AccountRef { account, market: &self.market, reached: self.reached })
    }

    /// An engine of one account alone, with the same programs and market. It decides of that account what this
    /// one decides, and nothing of others.
    #[must_use]
    pub fn alone(&self, name: &str) -> Self {
        let account = self.accounts.get(name).map(|account| (name.to_owned(), account.clone()));
        Self {
            market: self.market.clone(),
            programs: self.programs.clone(),
            accounts: account.into_iter().collect(),
            outcomes: Vec::new(),
            reached: self.reached,
        }
    }

    /// Takes an account in, in the place of one of the same name.
    pub(crate) fn put(&mut self, account: Account) {
        self.accounts.insert(account.name().to_owned(), account);
    }

    /// Takes outcomes in the place of those of what was applied last.
    #[cfg(feature = "journal")]
    pub(crate) fn put_outcomes(&mut self, outcomes: &[Outcome]) {
        self.outcomes = outcomes.to_vec();
    }

    /// Takes a market in the place of the present one.
    pub(crate) fn put_market(&mut self, market: Market) {
        self.market = market;
    }

    /// The latest instant to which time has passed for all accounts.
    pub fn reached(&self) -> Option<Instant> {
        self.reached
    }

    /// The market as it stands.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// The next instant at which something is due in any account.
    pub fn next_due(&self) -> Option<Instant> {
        self.accounts.values().filter_map(Account::next_due).min()
    }

    /// Takes the market of a snapshot in the place of the present one.
    ///
    /// # Errors
    /// When the bytes are no snapshot of a market.
    pub fn restore_market(&mut self, snapshot: &[u8]) -> Result<(), BytesError> {
        self.market = Market::restore(snapshot)?;
        Ok(())
    }

    /// Takes an account of a snapshot in; its program must be loaded.
    ///
    /// # Errors
    /// When the bytes are no snapshot of an account of a loaded program.
    pub fn restore_account(&mut self, snapshot: &[u8]) -> Result<(), BytesError> {
        let mut refused = BytesError::Program;
        let restored = self.programs.all().find_map(|program| match Account::restore(program.clone(), &self.market, snapshot) {
            Ok(account) => Some(account),
            Err(error) => {
                refused = error;
                None
            }
        });
        let mut account = restored.ok_or(refused)?;
        self.programs.resume(&mut account)?;
        self.put(account);
        Ok(())
    }

    fn apply_to_market(&mut self, event: &Event) {
        if event.is_correction() {
            self.outcomes.push(account::needs_history(event));
            return;
        }
        self.advance_all(event.at);
        let change = self.market.apply(event);
        if change == MarketChange::Nothing && !matches!(event.kind, Kind::Gap(_) | Kind::Host(_)) {
            return;
        }
        for account in self.accounts.values_mut() {
            account.apply_market(&self.market, event, change, &mut self.outcomes);
        }
    }

    fn apply_to_account(&mut self, name: &str, event: &Event) {
        if let Some(account) = self.accounts.get_mut(name) {
            self.programs.apply(account, &self.market, event, &mut self.outcomes);
            return;
        }
        if let Some(account) = self.programs.begin(&self.market, name, event, &mut self.outcomes) {
            self.accounts.insert(name.to_owned(), account);
        }
    }

    /// Everything due up to an instant, in order of time, then of names.
    fn advance_all(&mut self, to: Instant) {
        self.reached = self.reached.max(Some(to));
        let begun = self.outcomes.len();
        for account in self.accounts.values_mut() {
            account.advance(&self.market, to, &mut self.outcomes);
        }
        if let Some(due) = self.outcomes.get_mut(begun..) {
            // Stable: outcomes of one instant stay in the order of the names.
            due.sort_by_key(|outcome| outcome.at);
        }
    }
}
