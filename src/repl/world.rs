//! The engine of a session, the events that were loaded and have not happened yet, and everything
//! that was decided so far.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::CheckedExpr;
use crate::engine::{AccountRef, Engine};
use crate::event::Event;
use crate::outcome::{Action, ActionKind, Change, FaultKind, FlattenTarget, Outcome};
use crate::scenario::{ACCOUNT, Interpreter};
use crate::sentences::{self, Told};
use crate::value::{Decimal, Instant, Value};

/// Something that was decided, with the sentences that tell it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) outcome: Outcome,
    pub(super) told: Vec<Told>,
}

impl Decision {
    pub(super) fn has_breach(&self) -> bool {
        self.outcome.changes.iter().any(|change| matches!(change, Change::Breach { .. }))
    }
}

/// Where an event of the account came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A line of the session, by its place in the history.
    Line(usize),
    /// A loaded event, by its place.
    Loaded(usize),
}

/// Events of the account in a row that came from the same line, or from loaded events in a row.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u64,
    origin: Origin,
}

/// The place of what opens the account: before the history.
pub(super) const OPENING: usize = usize::MAX;

/// The engine, what will happen, and what was decided. Cheap to copy: what grows with events is shared.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) engine: Engine,
    loaded: Arc<Vec<Event>>,
    next: usize,
    decisions: Vec<Arc<Decision>>,
    origins: Arc<Vec<Run>>,
    /// The place in the history of the line that is being played.
    pub(super) line: usize,
}

impl World {
    pub(super) fn new(engine: Engine) -> Self {
        Self { engine, loaded: Arc::default(), next: 0, decisions: Vec::new(), origins: Arc::default(), line: OPENING }
    }

    pub(super) fn account(&self) -> Option<AccountRef<'_>> {
        self.engine.account(ACCOUNT)
    }

    /// Everything that was decided, in order.
    pub(super) fn decisions(&self) -> &[Arc<Decision>] {
        &self.decisions
    }

    /// Takes events to happen, from a place on; nothing waits yet.
    pub(super) fn begin(&mut self, events: Arc<Vec<Event>>, from: usize) {
        (self.loaded, self.next) = (events, from);
    }

    /// Puts events behind those that still wait, in order of time.
    pub(super) fn load(&mut self, events: &[Event]) {
        let mut waiting: Vec<Event> = self.loaded.get(self.next..).unwrap_or_default().to_vec();
        waiting.extend_from_slice(events);
        waiting.sort_by_key(|event| event.at);
        // What happened already keeps its place: decisions point there.
        let mut all = self.loaded.get(..self.next).unwrap_or_default().to_vec();
        all.extend(waiting);
        self.loaded = Arc::new(all);
    }

    /// The events that wait.
    pub(super) fn waiting(&self) -> &[Event] {
        self.loaded.get(self.next..).unwrap_or_default()
    }

    /// A loaded event.
    pub(super) fn loaded(&self, place: usize) -> Option<&Event> {
        self.loaded.get(place)
    }

    /// Applies the next event that waits, if there is one: when it is of, and what it led to.
    pub(super) fn step(&mut self) -> Option<(Instant, Vec<Outcome>)> {
        let loaded = Arc::clone(&self.loaded);
        let event = loaded.get(self.next)?;
        let origin = Origin::Loaded(self.next);
        self.next += 1;
        Some((event.at, self.give(event, origin)))
    }

    fn give(&mut self, event: &Event, origin: Origin) -> Vec<Outcome> {
        let before = self.account().map_or(0, |account| account.account().events());
        let outcomes = self.engine.apply(event).to_vec();
        let after = self.account().map_or(0, |account| account.account().events());
        if after > before {
            self.note_origin(after, origin);
        }
        self.note(&outcomes);
        outcomes
    }

    fn note_origin(&mut self, number: u64, origin: Origin) {
        if self.origins.last().is_none_or(|last| last.at(number) != origin) {
            Arc::make_mut(&mut self.origins).push(Run { first: number, origin });
        }
    }

    /// Where an event of the account came from, by its number.
    pub(super) fn origin(&self, number: u64) -> Option<Origin> {
        let after = self.origins.partition_point(|run| run.first <= number);
        self.origins.get(after.checked_sub(1)?).map(|run| run.at(number))
    }

    fn note(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            let mut outcome = outcome.clone();
            // Steps and statements fill without asking first, by their nature.
            outcome.faults.retain(|fault| fault.kind != FaultKind::NotAsked);
            if outcome.is_quiet() || self.asks_for_nothing(&outcome) {
                continue;
            }
            let told = self.tell(&outcome);
            self.decisions.push(Arc::new(Decision { outcome, told }));
        }
    }
}

impl World {
    /// Whether an outcome only asks a host to close what is not there, as many programs do at each close.
    fn asks_for_nothing(&self, outcome: &Outcome) -> bool {
        let closes =
            |action: &Action| matches!(action.kind, ActionKind::CancelOrders | ActionKind::Flatten { target: FlattenTarget::All, .. });
        let only = !outcome.actions.is_empty() && outcome.actions.iter().all(closes);
        let said = !outcome.changes.is_empty() || outcome.verdict.is_some() || !outcome.faults.is_empty();
        let nothing =
            |account: AccountRef<'_>| account.account().ledger().positions().is_empty() && account.account().working_orders() == 0;
        only && !said && self.account().is_some_and(nothing)
    }

    fn tell(&self, outcome: &Outcome) -> Vec<Told> {
        self.account().map_or_else(Vec::new, |account| sentences::tell(&account.account().program().ir, outcome))
    }
}

impl Run {
    const fn at(&self, number: u64) -> Origin {
        match self.origin {
            Origin::Line(line) => Origin::Line(line),
            #[expect(clippy::cast_possible_truncation, reason = "a count of events that are in memory")]
            Origin::Loaded(place) => Origin::Loaded(place + (number - self.first) as usize),
        }
    }
}

/// Time that passes brings the loaded events with it.
impl Interpreter for World {
    fn apply(&mut self, event: &Event) -> Vec<Outcome> {
        self.give(event, Origin::Line(self.line))
    }

    fn advance(&mut self, to: Instant) -> Vec<Outcome> {
        let mut all = Vec::new();
        while self.waiting().first().is_some_and(|event| event.at <= to) {
            all.extend(self.step().into_iter().flat_map(|(_, outcomes)| outcomes));
        }
        let outcomes = self.engine.advance(to).to_vec();
        self.note(&outcomes);
        all.extend(outcomes);
        all
    }

    fn evaluate(&mut self, account: &str, expression: &CheckedExpr) -> Result<Value, String> {
        Interpreter::evaluate(&mut self.engine, account, expression)
    }

    fn phase(&self, account: &str) -> Option<String> {
        self.engine.phase(account)
    }

    fn balance(&self, account: &str) -> Option<Value> {
        self.engine.balance(account)
    }

    fn platform_offset(&self, account: &str) -> Decimal {
        self.engine.platform_offset(account)
    }

    fn is_locked(&self, account: &str) -> bool {
        self.engine.is_locked(account)
    }

    fn goal_reached(&self, account: &str, goal: &str) -> Option<bool> {
        self.engine.goal_reached(account, goal)
    }

    fn requirement_met(&self, account: &str, requirement: &str) -> Option<bool> {
        self.engine.requirement_met(account, requirement)
    }

    fn state(&self, account: &str) -> BTreeMap<String, Value> {
        self.engine.state(account)
    }
}
