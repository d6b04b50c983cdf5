//! `ringfence test`

use std::path::PathBuf;

use super::{Exit, files, render};
use crate::scenario::{self, Report};
use crate::source::Source;

/// Runs the scenarios of programs.
pub(super) fn run(paths: &[PathBuf], filter: Option<&str>, timeline: bool) -> Result<Exit, String> {
    let (mut passed, mut failed) = (0, 0);
    for path in files::programs(paths)? {
        let (source, checked) = files::checked(&path)?;
        let names = checked.names.clone();
        let Some(program) = super::compiled(&source, checked) else {
            failed += 1;
            continue;
        };
        let ir = &program.ir;
        for scenario in ir.scenarios.iter().filter(|scenario| wanted(scenario, filter)) {
            let mut engine = super::engine(&program, None);
            let report = scenario::run(ir, &names, scenario, &mut engine);
            if report.passed() {
                passed += 1;
            } else {
                failed += 1;
                show(&source, &report);
                if timeline {
                    super::timeline::print(ir, &report.outcomes);
                }
            }
        }
    }
    if let Some(text) = filter.filter(|_| passed + failed == 0) {
        return Err(format!("no scenario has `{text}` in its title or among what it cites"));
    }
    render::line(&format!("{passed} passed, {failed} failed"));
    Ok(if failed > 0 { Exit::Found } else { Exit::Ok })
}

fn wanted(scenario: &crate::syntax::ast::Scenario, filter: Option<&str>) -> bool {
    filter.is_none_or(|text| scenario.title.node.contains(text) || scenario.cites.iter().any(|cites| cites.node.contains(text)))
}

fn show(source: &Source, report: &Report) {
    render::note(&format!("failed: {} \"{}\"", source.name(), report.title));
    for failure in &report.failures {
        let (line, _) = source.line_column(failure.span.start);
        render::note(&format!("  line {line} at {}\n    expected: {}\n    found:    {}", failure.at, failure.expected, failure.found));
    }
}
