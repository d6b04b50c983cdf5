//! Whole programs: the scenarios of the shipped rules, and small programs with hand-computed numbers.

use std::sync::Arc;

use crate::check;
use crate::reference::Reference;
use crate::scenario;
use crate::source::Source;
use crate::syntax;

const HEADER: &str = r#"program "Test" {
    firm      "Firm"
    version   "1"  effective 2026-01-01
    source    "https://example.com"  as of 2026-01-01
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size    |
        | A    | $10,000 |
"#;

/// A program that is given without its header.
pub(super) fn program(body: &str) -> String {
    format!("{HEADER}{body}}}\n")
}

/// Runs the scenarios of a program that is given without its header.
pub(super) fn run(body: &str) {
    assert!(run_scenarios("test", &program(body)) > 0);
}

/// Checks a program and runs all its scenarios; answers how many expectations were looked at.
pub(super) fn run_scenarios(name: &str, text: &str) -> usize {
    let source = Source::new(name, text);
    let parsed = syntax::parse(&source);
    let checked = check::check(&source, &parsed);
    let found: Vec<String> = checked.diagnostics.iter().map(|found| format!("{:?} {}", found.code, found.message)).collect();
    let ir = Arc::new(checked.ir.unwrap_or_else(|| panic!("{name} does not compile: {found:#?}")));
    let mut expectations = 0;
    let mut failures = Vec::new();
    for scenario in &ir.scenarios {
        let mut reference = Reference::new(Arc::clone(&ir));
        let report = scenario::run(&ir, &checked.names, scenario, &mut reference);
        expectations += report.expectations;
        for failure in report.failures {
            let line = source.line_column(failure.span.start).0;
            failures.push(format!("{name}:{line} `{}`: expected {}, found {}", report.title, failure.expected, failure.found));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    expectations
}
