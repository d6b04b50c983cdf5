//! The engine against the reference evaluator: random programs, random streams, one meaning.

use std::sync::Arc;

use ringfence::check::check;
use ringfence::code::Program;
use ringfence::ir::Ir;
use ringfence::outcome::{FaultKind, Outcome};
use ringfence::scenario::Interpreter;
use ringfence::source::Source;
use ringfence::syntax::parse;

use crate::random::{self, Dice};

/// The next program of a seed that has no error, with its text.
pub(crate) fn accepted(dice: &mut Dice) -> (String, Arc<Ir>) {
    loop {
        let text = random::program(dice);
        let source = Source::new("random.fence", text.clone());
        if let Some(ir) = check(&source, &parse(&source)).ir {
            return (text, Arc::new(ir));
        }
    }
}

#[test]
fn most_random_programs_are_programs() {
    let mut dice = Dice::new(7);
    let mut accepted = 0;
    for _ in 0..200 {
        let source = Source::new("random.fence", random::program(&mut dice));
        let checked = check(&source, &parse(&source));
        accepted += u32::from(checked.ir.is_some());
    }
    assert!(accepted > 60, "{accepted} of 200");
}

/// Runs a program and a stream through both, and compares what they decide and what they keep. The
/// engine's program may be changed before.
pub(crate) fn compare(seed: u64, length: usize, change: &dyn Fn(&mut Program)) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let (text, ir) = accepted(&mut dice);
    let Ok(mut program) = ringfence::compile::compile(ir.as_ref().clone()) else { return Ok(()) };
    change(&mut program);
    let mut engine = ringfence::engine::Engine::new();
    engine.load(Arc::new(program));
    let mut reference = ringfence::reference::Reference::new(ir);
    for event in crate::random_events::events(&mut dice, length) {
        let wanted: Vec<String> = reference.apply(&event).iter().map(comparable).filter(|text| !text.is_empty()).collect();
        let found: Vec<String> = engine.apply(&event).iter().map(comparable).filter(|text| !text.is_empty()).collect();
        let place = || format!("seed {seed}, event {} {:?} at {}\n{text}", event.id, event.kind, event.at);
        for at in 0..wanted.len().max(found.len()) {
            if wanted.get(at) != found.get(at) {
                return Err(format!(
                    "seed {seed}: outcomes differ\n  reference: {:?}\n  engine:    {:?}\n{}",
                    wanted.get(at),
                    found.get(at),
                    place()
                ));
            }
        }
        let (kept, have) = (Interpreter::state(&reference, "one"), Interpreter::state(&engine, "one"));
        let ended = have.keys().find(|name| name.starts_with("group ") && !kept.contains_key(*name));
        if let Some(name) = ended {
            return Err(format!("seed {seed}: {name} lives on\n{}", place()));
        }
        // A phase that was never entered has nothing to keep: the reference has no cells for it.
        // A running duration depends on when one asks.
        for name in kept.keys().filter(|name| !is_running(name)) {
            if kept.get(name) != have.get(name) {
                return Err(format!(
                    "seed {seed}: {name} differs\n  reference: {:?}\n  engine:    {:?}\n{}",
                    kept.get(name),
                    have.get(name),
                    place()
                ));
            }
        }
    }
    Ok(())
}

/// Whether a kept value is how long something has lasted: that depends on when one asks.
pub(crate) fn is_running(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, last)| matches!(last, "held" | "mark_age"))
}

/// An outcome as text. What a fault says in words is for people; that a limit was not asked before a
/// fill is told by the engine alone.
fn comparable(outcome: &Outcome) -> String {
    let mut outcome = outcome.clone();
    outcome.faults.retain(|fault| fault.kind != FaultKind::NotAsked);
    outcome.faults.iter_mut().for_each(|fault| fault.detail.clear());
    if outcome.is_quiet() { String::new() } else { serde_json::to_string(&outcome).unwrap_or_default() }
}

/// How many pairs are tried; `PAIRS=10000 cargo test --release differential` tries more.
fn pairs() -> u64 {
    std::env::var("PAIRS").ok().and_then(|pairs| pairs.parse().ok()).unwrap_or(100)
}

/// docs/semantics.md: pure.4
#[test]
fn engine_and_reference_agree_on_random_programs_and_streams() {
    let first = std::env::var("FIRST").ok().and_then(|first| first.parse().ok()).unwrap_or(1);
    let disagreements: Vec<String> = (first..first + pairs()).filter_map(|seed| compare(seed, 80, &|_| ()).err()).collect();
    if let Some(first) = disagreements.first() {
        let each: Vec<&str> = disagreements.iter().filter_map(|disagreement| disagreement.lines().next()).collect();
        panic!("{} of {} disagree:\n{}\nthe first:\n{first}", disagreements.len(), pairs(), each.join("\n"));
    }
}
