//! The engine and the reference evaluator side by side: what both are told, both must decide alike.
//!
//! Left out of the comparison is what a fault says in words, that a limit was not asked before a fill
//! (only the engine tells it), and how long something has been held (that depends on when one asks).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::Holidays;
use crate::check::CheckedExpr;
use crate::code::Program;
use crate::engine::Engine;
use crate::event::Event;
use crate::outcome::{FaultKind, Outcome};
use crate::reference::Reference;
use crate::scenario::Interpreter;
use crate::value::{Decimal, Instant, Value};

/// Up to so many events what is kept is compared after each; after that with each decision and each
/// due instant.
pub const COMPARED_AT_EACH: u64 = 2_000;

/// The engine and the reference evaluator of one program, each told the same.
#[derive(Debug)]
pub struct SideBySide {
    engine: Engine,
    reference: Reference,
    events: u64,
    disagreements: Vec<Disagreement>,
}

/// Something that the two decided or kept differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The event or instant, in words.
    pub place: String,
    /// What differs: `outcome`, `expression`, or the name of something kept.
    pub what: String,
    /// What the engine says.
    pub engine: String,
    /// What the reference evaluator says.
    pub reference: String,
}

impl SideBySide {
    /// Both, without accounts.
    pub fn new(program: &Arc<Program>) -> Self {
        let mut engine = Engine::new();
        engine.load(Arc::clone(program));
        Self { engine, reference: Reference::new(Arc::clone(&program.ir)), events: 0, disagreements: Vec::new() }
    }

    /// Makes an exchange calendar known to both.
    pub fn load_calendar(&mut self, holidays: &Holidays) {
        self.engine.load_calendar(holidays.name().to_owned(), holidays.clone());
        self.reference.load_calendar(holidays.clone());
    }

    /// What they disagreed on, in order.
    pub fn disagreements(&self) -> &[Disagreement] {
        &self.disagreements
    }

    /// The engine of the two.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    fn compare(&mut self, place: &str, ours: &[Outcome], theirs: &[Outcome]) {
        let (ours, theirs) = (comparable(ours), comparable(theirs));
        for at in 0..ours.len().max(theirs.len()) {
            let (engine, reference) = (ours.get(at), theirs.get(at));
            if engine != reference {
                self.differ(place, "outcome", &engine, &reference);
            }
        }
        if self.events > COMPARED_AT_EACH && ours.is_empty() && theirs.is_empty() {
            return;
        }
        let accounts: Vec<String> = self.engine.accounts().map(|account| account.name().to_owned()).collect();
        for account in accounts {
            self.compare_state(place, &account);
        }
    }

    fn compare_state(&mut self, place: &str, account: &str) {
        let have = Interpreter::state(&self.engine, account);
        let kept = Interpreter::state(&self.reference, account);
        // A phase that was never entered has nothing to keep: the reference has no cells for it.
        for (name, reference) in kept.iter().filter(|(name, _)| !is_running(name)) {
            let engine = have.get(name);
            if engine != Some(reference) {
                self.differ(place, name, &engine, reference);
            }
        }
    }

    fn differ(&mut self, place: &str, what: &str, engine: &dyn std::fmt::Debug, reference: &dyn std::fmt::Debug) {
        let (engine, reference) = (format!("{engine:?}"), format!("{reference:?}"));
        self.disagreements.push(Disagreement { place: place.to_owned(), what: what.to_owned(), engine, reference });
    }
}

/// Whether a kept value is how long something has lasted.
fn is_running(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| matches!(last, "held" | "mark_age"))
}

/// The outcomes in which something happened, without what is not compared.
fn comparable(outcomes: &[Outcome]) -> Vec<Outcome> {
    let mut outcomes = outcomes.to_vec();
    for outcome in &mut outcomes {
        outcome.faults.retain(|fault| fault.kind != FaultKind::NotAsked);
        outcome.faults.iter_mut().for_each(|fault| fault.detail.clear());
    }
    outcomes.retain(|outcome| !outcome.is_quiet());
    outcomes
}

impl Interpreter for SideBySide {
    fn apply(&mut self, event: &Event) -> Vec<Outcome> {
        self.events += 1;
        let ours = self.engine.apply(event).to_vec();
        let theirs = self.reference.apply(event);
        self.compare(&format!("{} {} at {}", event.kind.name(), event.id, event.at), &ours, &theirs);
        ours
    }

    fn advance(&mut self, to: Instant) -> Vec<Outcome> {
        let ours = self.engine.advance(to).to_vec();
        let theirs = self.reference.advance(to);
        self.compare(&format!("until {to}"), &ours, &theirs);
        ours
    }

    fn evaluate(&mut self, account: &str, expression: &CheckedExpr) -> Result<Value, String> {
        let ours = Interpreter::evaluate(&mut self.engine, account, expression);
        let theirs = Interpreter::evaluate(&mut self.reference, account, expression);
        if ours.as_ref().ok() != theirs.as_ref().ok() {
            self.differ("an expression", "expression", &ours, &theirs);
        }
        ours
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
