//! The programs that accounts may be opened under.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::migrate::{Migration, MigrationError};
use super::{Account, OpenError, refusal};
use crate::bytes::BytesError;
use crate::code::Program;
use crate::event::{Event, Kind};
use crate::market::Market;
use crate::outcome::Outcome;

/// Programs by title and version, and how accounts go over from one to another.
#[derive(Debug, Default, Clone)]
pub(crate) struct Programs {
    loaded: BTreeMap<(String, String), Arc<Program>>,
    /// What was found for each two fingerprints, so that many accounts ask once.
    migrations: BTreeMap<(u128, u128), Result<Arc<Migration>, MigrationError>>,
}

impl Programs {
    /// Makes a program known under its title and version, in the place of one of the same.
    pub(crate) fn load(&mut self, program: Arc<Program>) {
        let ir = &program.ir;
        self.loaded.insert((ir.title.clone(), ir.header.version.clone()), program);
        // The lines of `migrate` are no part of a fingerprint.
        self.migrations.clear();
    }

    /// All of them, by title and version.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Program>> {
        self.loaded.values()
    }

    /// What an event of an account leads to that is not open: only an `open` event begins it.
    pub(crate) fn begin(&self, market: &Market, name: &str, event: &Event, outcomes: &mut Vec<Outcome>) -> Option<Account> {
        let refused = match &event.kind {
            Kind::Clock => return None,
            Kind::Open(open) => match self.loaded.get(&(open.program.clone(), open.version.clone())) {
                Some(program) => match Account::open(Arc::clone(program), market, event, outcomes) {
                    Ok(account) => return Some(account),
                    Err(OpenError(detail)) => detail,
                },
                None => format!("program `{}` version `{}` is not loaded", open.program, open.version),
            },
            _ => format!("no account is called `{name}`: an `open` event begins it"),
        };
        outcomes.push(refusal(name, event, refused));
        None
    }

    /// Applies an event to an account that is open.
    pub(crate) fn apply(&mut self, account: &mut Account, market: &Market, event: &Event, outcomes: &mut Vec<Outcome>) {
        if let Kind::Migrate(to) = &event.kind {
            account.offer(self.migration(account.program(), &to.program, &to.version));
        }
        account.apply(market, event, outcomes);
    }

    /// Brings the version that a restored account is on its way to.
    ///
    /// # Errors
    /// When it is not loaded, or accounts cannot go over to it.
    pub(crate) fn resume(&mut self, account: &mut Account) -> Result<(), BytesError> {
        let Some((title, version)) = account.upcoming() else { return Ok(()) };
        let (title, version) = (title.to_owned(), version.to_owned());
        account.resume(self.migration(account.program(), &title, &version).map_err(|_| BytesError::Program)?);
        Ok(())
    }

    /// How accounts of a program go over to a version.
    pub(crate) fn migration(&mut self, from: &Arc<Program>, title: &str, version: &str) -> Result<Arc<Migration>, MigrationError> {
        let to = self.loaded.get(&(title.to_owned(), version.to_owned()));
        let to = to.ok_or_else(|| MigrationError::NotLoaded(title.to_owned(), version.to_owned()))?;
        let key = (from.fingerprint.0, to.fingerprint.0);
        self.migrations.entry(key).or_insert_with(|| Migration::new(from, to).map(Arc::new)).clone()
    }
}
