//! Snapshots of an engine in a database: recovery begins with the last, and applies the events behind it.

use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::error::JournalError;
use super::segments::Position;
use crate::engine::Engine;

/// By number: where the journal stood, and the market.
const ENGINES: TableDefinition<'_, u64, (&[u8], &[u8])> = TableDefinition::new("engines");
/// By the number of the snapshot and the account: the account.
const ACCOUNTS: TableDefinition<'_, (u64, &str), &[u8]> = TableDefinition::new("accounts");

/// So many snapshots are kept: the last, and the one before it.
const KEPT: u64 = 2;

/// The database of snapshots.
#[derive(Debug)]
pub(super) struct Snapshots(Database);

fn failed(error: impl std::fmt::Display) -> JournalError {
    JournalError::Snapshots(error.to_string())
}

impl Snapshots {
    /// Opens the database, or makes it.
    pub(super) fn open(folder: &Path) -> Result<Self, JournalError> {
        Database::create(folder.join("snapshots.redb")).map(Self).map_err(failed)
    }

    /// Keeps an engine as it stands at a position; older snapshots but one are dropped.
    pub(super) fn keep(&self, position: Position, engine: &Engine) -> Result<(), JournalError> {
        let position = crate::bytes::to_bytes(&position)?;
        let market = engine.market().snapshot()?;
        let change = self.0.begin_write().map_err(failed)?;
        {
            let mut engines = change.open_table(ENGINES).map_err(failed)?;
            let mut accounts = change.open_table(ACCOUNTS).map_err(failed)?;
            let number = engines.last().map_err(failed)?.map_or(0, |(number, _)| number.value() + 1);
            engines.insert(number, (position.as_slice(), market.as_slice())).map_err(failed)?;
            for account in engine.accounts() {
                accounts.insert((number, account.name()), account.snapshot()?.as_slice()).map_err(failed)?;
            }
            let oldest = (number + 1).saturating_sub(KEPT);
            engines.retain(|number, _| number >= oldest).map_err(failed)?;
            accounts.retain(|(number, _), _| number >= oldest).map_err(failed)?;
        }
        change.commit().map_err(failed)
    }

    /// Brings an engine, whose programs are loaded, to the last snapshot; where the journal stood then.
    pub(super) fn restore(&self, engine: &mut Engine) -> Result<Option<Position>, JournalError> {
        let read = self.0.begin_read().map_err(failed)?;
        let (Ok(engines), Ok(accounts)) = (read.open_table(ENGINES), read.open_table(ACCOUNTS)) else { return Ok(None) };
        let Some((number, kept)) = engines.last().map_err(failed)? else { return Ok(None) };
        let (position, market) = kept.value();
        let position = crate::bytes::from_bytes(position)?;
        engine.restore_market(market)?;
        let number = number.value();
        for row in accounts.range((number, "")..(number + 1, "")).map_err(failed)? {
            let (_, account) = row.map_err(failed)?;
            engine.restore_account(account.value())?;
        }
        Ok(Some(position))
    }

    /// The position of the last snapshot.
    pub(super) fn position(&self) -> Result<Option<Position>, JournalError> {
        let read = self.0.begin_read().map_err(failed)?;
        let Ok(engines) = read.open_table(ENGINES) else { return Ok(None) };
        let last = engines.last().map_err(failed)?;
        last.map(|(_, kept)| crate::bytes::from_bytes(kept.value().0).map_err(JournalError::from)).transpose()
    }
}
