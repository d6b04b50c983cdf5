//! The worked timeline of the page: its program runs on both evaluators, and its table is what the
//! engine kept at each instant.

use std::collections::BTreeMap;

use ringfence::check::{CheckedExpr, check};
use ringfence::event::Event;
use ringfence::outcome::{Action, Outcome};
use ringfence::scenario::{self, Interpreter};
use ringfence::source::Source;
use ringfence::syntax::parse;
use ringfence::value::{Decimal, Instant, NANOS_PER_MINUTE, Value};

use super::PAGE;
use crate::language::Both;

/// The page's program: its first block of code.
fn program() -> &'static str {
    PAGE.split_once("```fence\n").unwrap().1.split_once("```").unwrap().0
}

/// What was kept and asked for after each step, by its instant.
struct Recorded {
    both: Both,
    after: Vec<(Instant, BTreeMap<String, Value>)>,
    actions: Vec<(Instant, String)>,
}

impl Recorded {
    fn keep(&mut self, at: Instant, outcomes: &[Outcome]) {
        let words = |action: &Action| action.kind.words().to_owned();
        let asked = outcomes.iter().flat_map(|outcome| outcome.actions.iter().map(|action| (outcome.at, words(action))));
        self.actions.extend(asked);
        self.after.push((at, Interpreter::state(&self.both.engine, "scenario")));
    }

    fn value(&self, at: Instant, name: &str) -> String {
        let state = self.after.iter().rev().find(|(when, _)| *when <= at).map(|(_, state)| state).unwrap();
        state.get(name).unwrap_or_else(|| panic!("no `{name}` in {:#?}", state.keys())).to_string()
    }

    fn asked(&self, at: Instant) -> String {
        let asked: Vec<&str> = self.actions.iter().filter(|(when, _)| *when == at).map(|(_, words)| words.as_str()).collect();
        asked.join(", ")
    }
}

impl Interpreter for Recorded {
    fn apply(&mut self, event: &Event) -> Vec<Outcome> {
        let outcomes = self.both.apply(event);
        self.keep(event.at, &outcomes);
        outcomes
    }

    fn advance(&mut self, to: Instant) -> Vec<Outcome> {
        let outcomes = self.both.advance(to);
        self.keep(to, &outcomes);
        outcomes
    }

    fn evaluate(&mut self, account: &str, expression: &CheckedExpr) -> Result<Value, String> {
        self.both.evaluate(account, expression)
    }

    fn phase(&self, account: &str) -> Option<String> {
        self.both.phase(account)
    }

    fn balance(&self, account: &str) -> Option<Value> {
        self.both.balance(account)
    }

    fn platform_offset(&self, account: &str) -> Decimal {
        self.both.platform_offset(account)
    }

    fn is_locked(&self, account: &str) -> bool {
        self.both.is_locked(account)
    }

    fn goal_reached(&self, account: &str, goal: &str) -> Option<bool> {
        self.both.goal_reached(account, goal)
    }

    fn requirement_met(&self, account: &str, requirement: &str) -> Option<bool> {
        self.both.requirement_met(account, requirement)
    }

    fn state(&self, account: &str) -> BTreeMap<String, Value> {
        Interpreter::state(&self.both, account)
    }
}

/// The rows of the first table of the page: its cells without blanks and code marks.
fn rows() -> Vec<Vec<String>> {
    let rows = PAGE.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.replace('`', "").trim().to_owned()).collect();
    rows.filter(|line| !line.starts_with("|--") && !line.starts_with("| --")).map(cells).collect()
}

#[test]
fn the_timeline_is_what_happens() {
    let source = Source::new("docs/semantics.md", program());
    let checked = check(&source, &parse(&source));
    let ir = checked.ir.as_ref().unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let mut recorded = Recorded { both: Both::new(&checked), after: Vec::new(), actions: Vec::new() };
    let report = scenario::run(ir, &checked.names, &ir.scenarios[0], &mut recorded);
    assert!(report.passed(), "{:#?}", report.failures);
    assert!(recorded.both.differences.is_empty(), "{}", recorded.both.differences.join("\n"));

    let table = rows();
    let (head, rows) = table.split_first().unwrap();
    assert!(rows.len() > 8, "{rows:#?}");
    for row in rows {
        // Chicago is six hours behind UTC on these days.
        let local = format!("2026-03-{}:00Z", row[0].replace(' ', "T"));
        let at = local.parse::<Instant>().unwrap_or_else(|error| panic!("{local}: {error}")).plus(6 * 60 * NANOS_PER_MINUTE);
        for (name, cell) in head.iter().zip(row).skip(2) {
            let found = if name == "actions" { recorded.asked(at) } else { recorded.value(at, name) };
            assert_eq!(&found, cell, "{name} at {local}");
        }
    }
}
