//! Whole programs: the scenarios of the shipped rules, and small programs with hand-computed numbers.

use std::sync::Arc;

use crate::check;
use crate::reference::Reference;
use crate::scenario;
use crate::source::Source;
use crate::syntax;

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

#[test]
fn the_shipped_programs_come_out_as_published() {
    for (name, text) in [
        ("topstep", include_str!("../../../rules/topstep/trading-combine.fence")),
        ("apex", include_str!("../../../rules/apex/eod.fence")),
        ("ftmo", include_str!("../../../rules/ftmo/two-step.fence")),
    ] {
        assert!(run_scenarios(name, text) > 0, "{name}");
    }
}
