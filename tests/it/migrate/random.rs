//! Accounts go over to another version of their program: what means the same goes on as if nothing had happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use ringfence::code::Program;
use ringfence::engine::Engine;
use ringfence::event::{Ack, AckStatus, Event, Kind, Migrate};
use ringfence::outcome::{Change, Outcome};
use ringfence::scenario::Interpreter;
use ringfence::source::Source;
use ringfence::value::Value;

use crate::differential::is_running;
use crate::random::{self, Dice};
use crate::random_events;

fn compiled(text: &str) -> Option<Arc<Program>> {
    ringfence::compile(&Source::new("random.fence", text.to_owned())).ok()
}

/// The same program under another version, in which everything has another number: more stands before it.
fn renumbered(text: &str) -> String {
    let more = "  version \"next\"
  option more_option: text = \"something more\"
  input more_input: text = \"something else\"
  period more_period every month on day 28 at 13:00 \"UTC\"
  state more_state: one of (other, another) = other
  let more_value = balance * 2 sticky
  phase more_phase {
    ledger starts at size
    limit \"More\" {
      equity stays above $1
      on breach { notify trader \"more\" }
    }
  }
  migrate from \"one\" { applies now }
";
    // A program that rolls days back has no periods of its own.
    let period = "  period more_period every month on day 28 at 13:00 \"UTC\"\n";
    let more = if text.contains("roll back") { more.replace(period, "") } else { more.to_owned() };
    text.replacen("  version \"one\"\n", &more, 1)
}

fn told(outcomes: &[Outcome]) -> String {
    serde_json::to_string(outcomes).unwrap()
}

/// What both versions keep.
fn kept(state: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    state.into_iter().filter(|(name, _)| !is_running(name) && !name.contains("more_")).collect()
}

/// Runs a stream under one version, and again with a change of versions within; what differs.
fn compare(seed: u64, length: usize) -> Result<bool, String> {
    let mut dice = Dice::new(seed);
    let text = random::program(&mut dice).replacen("program \"Random\" {\n", "program \"Random\" {\n  version \"one\"\n", 1);
    if compiled(&text).is_none() {
        return Ok(false);
    }
    let next = renumbered(&text);
    // On the same lines, as outcomes tell them.
    let lines = next.lines().count() - text.lines().count();
    let text = text.replacen("  version \"one\"\n", &format!("  version \"one\"\n{}", "  // as many lines\n".repeat(lines)), 1);
    let program = compiled(&text).unwrap();
    let next = compiled(&next).unwrap_or_else(|| panic!("seed {seed}: it compiles with more before it:\n{next}"));
    let (mut stays, mut goes) = (Engine::new(), Engine::new());
    stays.load(Arc::clone(&program));
    goes.load(program);
    goes.load(Arc::clone(&next));
    let events = random_events::events(&mut dice, length);
    let at = 4 + usize::try_from(dice.below(length as u64 - 4)).unwrap();
    for (place, event) in events.iter().enumerate() {
        let mut event = event.clone();
        if let Kind::Open(open) = &mut event.kind {
            open.version = "one".into();
        }
        let (wanted, found) = (told(stays.apply(&event)), told(goes.apply(&event)));
        if wanted != found {
            return Err(format!("seed {seed}, over at {at}, event {place} {:?}\n  stays: {wanted}\n  goes:  {found}\n{text}", event.kind));
        }
        if place == at {
            let to = Migrate { program: "Random".into(), version: "next".into(), who: None, why: None };
            // An event that decides nothing, since events are counted.
            let ack = Ack { key: "none".into(), attempt: None, status: AckStatus::Done, remaining: None, text: None };
            assert!(stays.apply(&Event::new("over", Some("one"), event.at, Kind::Ack(ack))).is_empty());
            let outcomes = goes.apply(&Event::new("over", Some("one"), event.at, Kind::Migrate(to)));
            let [outcome] = outcomes else { return Err(format!("seed {seed}: {}", told(outcomes))) };
            let only = matches!(&outcome.changes[..], [Change::Migrated { from, to }] if &**from == "one" && &**to == "next");
            if !only || !outcome.actions.is_empty() || !outcome.faults.is_empty() {
                return Err(format!("seed {seed}, over at {at}: {}\n{text}", told(outcomes)));
            }
        }
        let (wanted, found) = (kept(stays.state("one")), kept(goes.state("one")));
        if let Some((name, value)) = wanted.iter().find(|(name, value)| found.get(*name) != Some(value)) {
            return Err(format!(
                "seed {seed}, over at {at}, event {place} {:?}: {name} is {:?}, not {value:?}\n{text}",
                event.kind,
                found.get(name)
            ));
        }
    }
    Ok(true)
}

/// docs/semantics.md: versions.2
#[test]
fn what_means_the_same_goes_on_in_another_version() {
    let number = |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|told| told.parse().ok()).unwrap_or(otherwise);
    let (first, count) = (number("FIRST", 1), number("PAIRS", 60));
    let (mut ran, mut wrong) = (0, Vec::new());
    for seed in first..first + count {
        match compare(seed, 60) {
            Ok(compared) => ran += u64::from(compared),
            Err(difference) => wrong.push(difference),
        }
    }
    let heads = wrong.iter().filter_map(|one| one.lines().next()).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{heads}\nthe first: {}", wrong.len(), wrong[0]);
    assert!(ran > count / 4, "{ran} of {count} are programs");
}
