//! Every scenario of the shipped rules holds on the engine, and the reference agrees at each step.

use super::both::{Both, checked};
use crate::scenario;

fn all_hold(name: &str, text: &str) {
    let (source, checked) = checked(name, text);
    let ir = checked.ir.as_ref().unwrap();
    let mut found = Vec::new();
    for scenario in &ir.scenarios {
        let mut both = Both::new(&checked);
        let report = scenario::run(ir, &checked.names, scenario, &mut both);
        for failure in &report.failures {
            let (line, _) = source.line_column(failure.span.start);
            found.push(format!("{name}:{line} `{}`: expected {}, found {}", report.title, failure.expected, failure.found));
        }
        found.extend(both.differences.iter().take(3).map(|difference| format!("`{}`: {difference}", report.title)));
    }
    assert!(!ir.scenarios.is_empty());
    assert!(found.is_empty(), "{} found\n{}", found.len(), found.join("\n\n"));
}

#[test]
fn topstep() {
    all_hold("trading-combine.fence", include_str!("../../../rules/topstep/trading-combine.fence"));
}

#[test]
fn ftmo() {
    all_hold("two-step.fence", include_str!("../../../rules/ftmo/two-step.fence"));
}

#[test]
fn apex() {
    all_hold("eod.fence", include_str!("../../../rules/apex/eod.fence"));
}
