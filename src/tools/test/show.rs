//! Scenarios and their failures, for people and for machines.

use serde_json::{Value, json};

use super::super::{render, timeline};
use super::suite::{Ran, Runnable};
use crate::outcome::Outcome;
use crate::scenario::{Failure, Report};
use crate::sentences;
use crate::source::Span;
use crate::syntax::ast::Scenario;

/// How many decisions are shown before a failure, and how many after it.
const AROUND: (usize, usize) = (3, 2);

/// A scenario by its place and title.
pub(super) fn listed(program: &Runnable, scenario: &Scenario, json: bool) {
    let (file, line, _) = place(program, scenario.title.span);
    let (title, cites) = (&scenario.title.node, cites(scenario));
    if json {
        render::line(&json!({ "file": file, "line": line, "scenario": title, "cites": cites }).to_string());
        return;
    }
    let cites = if cites.is_empty() { String::new() } else { format!(" (cites {})", cites.join(", ")) };
    render::line(&format!("{file}:{line}: {title}{cites}"));
}

/// A scenario that failed: each failure at its place with both values, and what was decided around it.
pub(super) fn failed(program: &Runnable, report: &Report, whole: bool) {
    render::note(&format!("failed: {} \"{}\"", program.source.name(), report.title));
    for failure in &report.failures {
        let title = format!("expected: {}", expected(failure));
        let at = format!("at {} on the program's clock", sentences::local(&program.program.ir, failure.at));
        render::note(&render::place(&program.source, failure.span, &title, &format!("found: {}", failure.found), &[at]));
        if !whole {
            around(program, report, failure);
        }
    }
    if whole {
        timeline::print(&program.program.ir, &report.outcomes);
    }
}

/// What was expected, without the word.
pub(super) fn expected(failure: &Failure) -> &str {
    failure.expected.strip_prefix("expect ").unwrap_or(&failure.expected)
}

/// The decisions before a failure, and those after it.
fn around(program: &Runnable, report: &Report, failure: &Failure) {
    let (before, after) = decided(report, failure);
    let tell =
        |outcome: &Outcome| sentences::lines(&program.program.ir, outcome, &[]).iter().for_each(|line| render::note(&format!("  {line}")));
    if before.is_empty() && after.is_empty() {
        render::note("  nothing was decided in this scenario\n");
        return;
    }
    before.iter().for_each(tell);
    render::note(&format!("  ---- line {}: expected {}", place(program, failure.span).1, expected(failure)));
    after.iter().for_each(tell);
    render::note("");
}

fn decided<'a>(report: &'a Report, failure: &Failure) -> (&'a [Outcome], &'a [Outcome]) {
    let (before, after) = report.outcomes.split_at(failure.decided.min(report.outcomes.len()));
    (&before[before.len().saturating_sub(AROUND.0)..], &after[..after.len().min(AROUND.1)])
}

/// A scenario that was run, as one object.
pub(super) fn json(program: &Runnable, scenario: &Scenario, report: &Report) {
    let (file, line, _) = place(program, scenario.title.span);
    let failures: Vec<Value> = report.failures.iter().map(|failure| json_failure(program, report, failure)).collect();
    let object = json!({
        "file": file,
        "line": line,
        "scenario": report.title,
        "cites": report.cites,
        "passed": report.passed(),
        "expectations": report.expectations,
        "failures": failures,
    });
    render::line(&object.to_string());
}

fn json_failure(program: &Runnable, report: &Report, failure: &Failure) -> Value {
    let (file, line, column) = place(program, failure.span);
    let (before, after) = decided(report, failure);
    json!({
        "file": file,
        "line": line,
        "column": column,
        "at": failure.at,
        "expected": expected(failure),
        "found": failure.found,
        "before": before,
        "after": after,
    })
}

/// A program that cannot be run, as one object.
pub(super) fn json_refused(ran: &Ran) {
    if let Ran::Refused(source) = ran {
        render::line(
            &json!({ "file": source.name(), "passed": false, "refused": "the program has errors: see `ringfence check`" }).to_string(),
        );
    }
}

/// File, line and column of a place.
pub(super) fn place(program: &Runnable, span: Span) -> (&str, usize, usize) {
    let (line, column) = program.source.line_column(span.start);
    (&program.source.file_at(span.start).name, line, column)
}

fn cites(scenario: &Scenario) -> Vec<&str> {
    scenario.cites.iter().map(|cites| cites.node.as_str()).collect()
}
