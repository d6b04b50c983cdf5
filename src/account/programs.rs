//! The programs that accounts may be opened under.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Account, OpenError, refusal};
use crate::code::Program;
use crate::event::{Event, Kind};
use crate::market::Market;
use crate::outcome::Outcome;

/// Programs by title and version.
#[derive(Debug, Default, Clone)]
pub(crate) struct Programs(BTreeMap<(String, String), Arc<Program>>);

impl Programs {
    /// Makes a program known under its title and version, in the place of one of the same.
    pub(crate) fn load(&mut self, program: Arc<Program>) {
        let ir = &program.ir;
        self.0.insert((ir.title.clone(), ir.header.version.clone()), program);
    }

    /// All of them, by title and version.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Program>> {
        self.0.values()
    }

    /// What an event of an account leads to that is not open: only an `open` event begins it.
    pub(crate) fn begin(&self, market: &Market, name: &str, event: &Event, outcomes: &mut Vec<Outcome>) -> Option<Account> {
        let refused = match &event.kind {
            Kind::Clock => return None,
            Kind::Open(open) => match self.0.get(&(open.program.clone(), open.version.clone())) {
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
}
