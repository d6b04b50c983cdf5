//! The reference evaluator over random streams of events: what must hold for every program.

use std::collections::BTreeMap;
use std::sync::Arc;

use ringfence::event::{Event, Kind};
use ringfence::ir::Ir;
use ringfence::outcome::{FaultKind, Outcome};
use ringfence::reference::Reference;
use ringfence::value::Value;

use crate::differential::is_running;
use crate::generate::{Setup, stream};
use crate::shipped::{checked, root};

const PROGRAMS: [(&str, &str, i32); 3] = [
    ("rules/topstep/trading-combine.fence", "50K", 50_000),
    ("rules/apex/eod.fence", "50K", 50_000),
    ("rules/ftmo/two-step.fence", "100K", 100_000),
];

fn compiled(name: &str) -> Arc<Ir> {
    let (_, checked) = checked(&root().join(name));
    Arc::new(checked.ir.unwrap_or_else(|| panic!("{name}: {:?}", checked.diagnostics)))
}

fn setup(ir: &Ir, plan: &str, start_balance: i32, hedging: bool) -> Setup {
    Setup {
        account: "a".into(),
        program: ir.title.clone(),
        version: ir.header.version.clone(),
        plan: plan.into(),
        start_balance,
        hedging,
        phase: None,
        inputs: Vec::new(),
        from: "2026-02-25T15:00:00Z".parse().unwrap(),
    }
}

fn play(ir: &Arc<Ir>, events: &[Event]) -> (Vec<Outcome>, BTreeMap<String, Value>) {
    let mut reference = Reference::new(Arc::clone(ir));
    let mut outcomes: Vec<Outcome> = events.iter().flat_map(|event| reference.apply(event)).collect();
    let end = events.last().unwrap().at;
    outcomes.extend(reference.advance(end));
    (outcomes, reference.state("a"))
}

/// Every program, both ways of counting positions, some seeds.
fn each(mut test: impl FnMut(&str, &Arc<Ir>, &[Event])) {
    for (name, plan, start_balance) in PROGRAMS {
        let ir = compiled(name);
        for seed in 1..=3 {
            let events = stream(seed, 250, &setup(&ir, plan, start_balance, seed % 2 == 0));
            test(name, &ir, &events);
        }
    }
}

#[test]
fn streams_are_applied_and_lead_to_something() {
    let mut actions = 0;
    each(|name, ir, events| {
        let (outcomes, state) = play(ir, events);
        let inconsistent: Vec<_> =
            outcomes.iter().filter(|outcome| outcome.faults.iter().any(|fault| fault.kind == FaultKind::Inconsistent)).collect();
        assert!(inconsistent.is_empty(), "{name}: {inconsistent:?}");
        actions += outcomes.iter().map(|outcome| outcome.actions.len()).sum::<usize>();
        assert!(outcomes.iter().any(|outcome| outcome.verdict.is_some()), "{name}: no verdicts");
        assert_ne!(state.get("fills").map(ToString::to_string), Some("0".into()), "{name}: nothing was traded");
    });
    assert!(actions > 20, "{actions} actions");
}

#[test]
fn without_clock_events_everything_is_decided_alike() {
    each(|name, ir, events| {
        let (with, mut state) = play(ir, events);
        let silent: Vec<Event> = events.iter().filter(|event| !matches!(event.kind, Kind::Clock)).cloned().collect();
        let mut reference = Reference::new(Arc::clone(ir));
        let mut without: Vec<Outcome> = silent.iter().flat_map(|event| reference.apply(event)).collect();
        without.extend(reference.advance(events.last().unwrap().at));
        let mut silent_state = reference.state("a");
        for kept in [&mut state, &mut silent_state] {
            // How long something has been held depends on the instant at which it is asked.
            kept.retain(|name, _| !is_running(name));
        }
        assert_eq!(with, without, "{name}");
        assert_eq!(state, silent_state, "{name}");
    });
}

#[test]
fn keys_are_unique() {
    each(|name, ir, events| {
        let (outcomes, _) = play(ir, events);
        let mut keys: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.actions).map(|action| action.key.clone()).collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count, "{name}");
    });
}
