//! Events on their way into an interpreter, with what must come before them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::input::Input;
use super::prelude::Prelude;
use crate::event::{Event, Kind, PositionMode};
use crate::ir::Ir;
use crate::outcome::{ActionKind, Change, Outcome};
use crate::scenario::Interpreter;
use crate::value::Instant;

/// An interpreter and what it has been told.
pub(super) struct Feed<I> {
    interpreter: I,
    prelude: Prelude,
    accounts: BTreeMap<String, Seen>,
    events: u64,
    outcomes: Vec<Outcome>,
}

/// What was seen of an account besides its state.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The plan it was opened with.
    pub(super) plan: String,
    /// The limit that was breached last, and when.
    pub(super) breach: Option<(Arc<str>, Instant)>,
    /// The phase that was left last.
    pub(super) left: Option<Arc<str>>,
    /// How many actions were asked for.
    pub(super) actions: u64,
}

impl<I: Interpreter> Feed<I> {
    /// A feed that opens accounts as the arguments say, and positions as a statement counts them.
    pub(super) fn new(ir: &Ir, input: &Input, mode: Option<PositionMode>, interpreter: I) -> Result<Self, String> {
        let prelude = Prelude::new(ir, &input.accounts, &input.reading, mode)?;
        Ok(Self { interpreter, prelude, accounts: BTreeMap::new(), events: 0, outcomes: Vec::new() })
    }

    /// Applies an event and what must come before it.
    ///
    /// # Errors
    /// When an account is not open and no plan was said.
    pub(super) fn apply(&mut self, event: &Event) -> Result<&[Outcome], String> {
        self.events += 1;
        self.outcomes.clear();
        let before = self.prelude.before(event)?;
        let itself = (!before.instead).then_some(event);
        for event in before.events.iter().chain(itself) {
            self.tell(event);
        }
        Ok(&self.outcomes)
    }

    fn tell(&mut self, event: &Event) {
        if let (Kind::Open(open), Some(account)) = (&event.kind, &event.account) {
            self.accounts.entry(account.clone()).or_default().plan.clone_from(&open.plan);
        }
        let outcomes = self.interpreter.apply(event);
        self.keep(outcomes);
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, to: Instant) -> &[Outcome] {
        self.outcomes.clear();
        let outcomes = self.interpreter.advance(to);
        self.keep(outcomes);
        &self.outcomes
    }

    /// What the last event, or the time that passed, led to.
    pub(super) fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// What is told.
    pub(super) const fn interpreter(&self) -> &I {
        &self.interpreter
    }

    /// The accounts seen, by name.
    pub(super) const fn accounts(&self) -> &BTreeMap<String, Seen> {
        &self.accounts
    }

    /// How many events were applied.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    fn keep(&mut self, outcomes: Vec<Outcome>) {
        for outcome in &outcomes {
            let Some(seen) = self.accounts.get_mut(&*outcome.account) else { continue };
            seen.actions += outcome.actions.len() as u64;
            let fails = |rule: &Arc<str>| outcome.actions.iter().any(|action| action.kind == ActionKind::Fail && action.rule == *rule);
            // Of several at once, the one that fails the account.
            let mut failed = false;
            for change in &outcome.changes {
                match change {
                    Change::Breach { limit, .. } if !failed => {
                        failed = fails(limit);
                        seen.breach = Some((Arc::clone(limit), outcome.at));
                    }
                    Change::Entered { from, .. } => seen.left = Some(Arc::clone(from)),
                    _ => {}
                }
            }
        }
        self.outcomes.extend(outcomes);
    }
}
