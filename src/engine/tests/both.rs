//! Both interpreters at once: each event goes to both, and what they decide must agree.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{Checked, CheckedExpr, check};
use crate::compile::compile;
use crate::engine::Engine;
use crate::event::Event;
use crate::outcome::{ActionKind, FaultKind, Outcome};
use crate::reference::Reference;
use crate::scenario::Interpreter;
use crate::source::Source;
use crate::syntax::parse;
use crate::value::{Instant, Value};

/// A program from its text, checked without errors.
pub(super) fn checked(name: &str, text: &str) -> (Source, Checked) {
    let source = Source::new(name, text);
    let checked = check(&source, &parse(&source));
    assert!(checked.ir.is_some(), "{name}: {:#?}", checked.diagnostics);
    (source, checked)
}

/// An engine with a program loaded.
pub(super) fn engine(checked: &Checked) -> Engine {
    let mut engine = Engine::new();
    let program = compile(checked.ir.clone().unwrap()).unwrap_or_else(|errors| panic!("{errors:#?}"));
    engine.load(Arc::new(program));
    engine
}

/// The engine and the reference, side by side.
pub(super) struct Both {
    pub engine: Engine,
    pub reference: Reference,
    pub differences: Vec<String>,
    pub compare_state: bool,
}

impl Both {
    pub(super) fn new(checked: &Checked) -> Self {
        let reference = Reference::new(Arc::new(checked.ir.clone().unwrap()));
        Self { engine: engine(checked), reference, differences: Vec::new(), compare_state: true }
    }

    fn compare(&mut self, what: &str, ours: &[Outcome], theirs: &[Outcome]) {
        let (ours, theirs) = (plain(ours), plain(theirs));
        if ours != theirs {
            self.differences.push(format!("{what}\n{}", first_difference(&format!("{ours:?}"), &format!("{theirs:?}"))));
        }
        let Some(account) = ours.first().or(theirs.first()).map(|outcome| outcome.account.to_string()) else { return };
        if self.compare_state {
            let differences =
                state_differences(&self.engine.account(&account).map(|it| it.state()).unwrap_or_default(), &self.reference.state(&account));
            if !differences.is_empty() {
                self.differences.push(format!("{what}: state\n{}", differences.join("\n")));
            }
        }
    }
}

/// The surroundings of the first place at which two texts differ.
fn first_difference(ours: &str, theirs: &str) -> String {
    let at = ours.bytes().zip(theirs.bytes()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.chars().skip(at.saturating_sub(200)).take(500).collect::<String>();
    format!("  engine:    {}\n  reference: {}", part(ours), part(theirs))
}

fn state_differences(ours: &BTreeMap<String, Value>, theirs: &BTreeMap<String, Value>) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    // Extremes of a position whose result was never known: zero for the ledger, missing for the reference.
    let unknown_extreme = |name: &str| {
        name.rsplit('.').next().is_some_and(|field| field == "best" || field == "worst") && theirs.get(name) == Some(&Value::Missing)
    };
    let differing = names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name) && !unknown_extreme(name));
    differing.map(|name| format!("  {name}: engine {:?}, reference {:?}", ours.get(name), theirs.get(name))).collect()
}

/// Without what is for people alone, and without what only the engine tells.
fn plain(outcomes: &[Outcome]) -> Vec<Outcome> {
    let mut outcomes = outcomes.to_vec();
    for outcome in &mut outcomes {
        outcome.faults.retain(|fault| fault.kind != FaultKind::NotAsked);
        outcome.faults.iter_mut().for_each(|fault| fault.detail.clear());
        for action in &mut outcome.actions {
            if let ActionKind::Notify { message, .. } = &mut action.kind {
                // The room that a limit's own message tells is that of this event here, that before it there.
                message.clear();
            }
        }
    }
    outcomes.retain(|outcome| !outcome.is_quiet());
    outcomes
}

impl Interpreter for Both {
    fn apply(&mut self, event: &Event) -> Vec<Outcome> {
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
            self.differences.push(format!("an expression\n  engine:    {ours:?}\n  reference: {theirs:?}"));
        }
        ours
    }

    fn phase(&self, account: &str) -> Option<String> {
        self.engine.phase(account)
    }

    fn balance(&self, account: &str) -> Option<Value> {
        self.engine.balance(account)
    }

    fn offset(&self, account: &str) -> Option<Value> {
        Interpreter::offset(&self.engine, account)
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
        Interpreter::state(&self.engine, account)
    }
}
