//! `ringfence test --coverage`

use serde_json::json;

use super::super::{Exit, render};
use super::suite::{Count, Loaded, Runnable};
use super::{Arguments, show};
use crate::testing::coverage::{self, Coverage, Gap};

/// Tells what the scenarios never showed.
pub(super) fn run(arguments: &Arguments, programs: &[Loaded]) -> Result<Exit, String> {
    let (mut count, mut seen, mut all) = (Count::default(), 0, 0);
    for loaded in programs {
        let Some(program) = loaded.program() else {
            count.refused += 1;
            continue;
        };
        let scenarios = program.wanted(arguments.filter.as_deref());
        let (reports, coverage) = coverage::run(&program.program.ir, &program.names, scenarios);
        for report in &reports {
            if report.passed() {
                count.passed += 1;
            } else {
                count.failed += 1;
                show::failed(program, report, arguments.timeline);
            }
        }
        if coverage.all > 0 {
            tell(program, &coverage, arguments.json);
        }
        (seen, all) = (seen + coverage.seen, all + coverage.all);
    }
    super::nothing_fits(arguments, count)?;
    if arguments.json {
        render::line(&json!({ "seen": seen, "all": all }).to_string());
    } else if all > 0 {
        render::line(&format!("in all: {}", of(seen, all)));
    }
    Ok(super::close(arguments, count))
}

fn tell(program: &Runnable, coverage: &Coverage, json: bool) {
    let (seen, all) = (coverage.seen, coverage.all);
    if json {
        let gaps: Vec<serde_json::Value> = coverage.gaps.iter().map(|gap| json_gap(program, gap)).collect();
        render::line(&json!({ "file": program.source.name(), "seen": seen, "all": all, "gaps": gaps }).to_string());
        return;
    }
    render::line(&format!("{}: {}", program.source.name(), of(seen, all)));
    for gap in &coverage.gaps {
        let (file, line, _) = show::place(program, gap.place);
        let place = if file == program.source.name() { format!("line {line}") } else { format!("{file}:{line}") };
        render::line(&format!("  {place}: {}: {} never {}", rule(gap), gap.what, gap.never.join(", never ")));
    }
}

/// `120 of 140 seen, 85%`; the share is rounded down, so that 100% is all.
fn of(seen: usize, all: usize) -> String {
    let share = (seen * 100).checked_div(all).unwrap_or(100);
    format!("{seen} of {all} seen, {share}%")
}

fn rule(gap: &Gap) -> String {
    gap.phase.as_ref().map_or_else(|| gap.rule.clone(), |phase| format!("{} in {phase}", gap.rule))
}

fn json_gap(program: &Runnable, gap: &Gap) -> serde_json::Value {
    let (file, line, column) = show::place(program, gap.place);
    json!({ "file": file, "line": line, "column": column, "rule": gap.rule, "phase": gap.phase, "what": gap.what, "never": gap.never })
}
