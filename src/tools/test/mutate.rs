//! `ringfence test --mutate`

use serde_json::json;

use super::super::{Exit, render};
use super::suite::{Count, Loaded, Runnable};
use super::{Arguments, Lines, show};
use crate::scenario::Report;
use crate::syntax::ast::Scenario;
use crate::testing::mutate::{Fate, Slip, Trial};

/// What became of the changes of one or more programs.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    noticed: usize,
    unnoticed: usize,
}

/// Changes the rules in one place at a time, and tells which changes no scenario notices.
pub(super) fn run(arguments: &Arguments, programs: &[Loaded], lines: Lines) -> Result<Exit, String> {
    // What fails without a change would be taken for noticing one.
    let tell = &mut |program: &Runnable, _: &Scenario, report: &Report| {
        if !report.passed() {
            show::failed(program, report, arguments.timeline);
        }
    };
    let count: Count = programs.iter().map(|program| program.run(None, false, tell).count()).sum();
    if count.is_bad() {
        return Ok(super::close(arguments, count));
    }
    let mut tally = Tally::default();
    // A file of templates has no scenarios of its own to notice anything.
    for program in programs.iter().filter_map(Loaded::program).filter(|program| !program.program.ir.plans.names.is_empty()) {
        let one = tried(program, lines, arguments.json);
        tally = Tally { noticed: tally.noticed + one.noticed, unnoticed: tally.unnoticed + one.unnoticed };
    }
    let all = tally.noticed + tally.unnoticed;
    if let (Lines::One(line), 0) = (lines, all) {
        return Err(format!("nothing on line {line} can be changed so that the program still checks"));
    }
    if arguments.json {
        render::line(&json!({ "changes": all, "noticed": tally.noticed, "not": tally.unnoticed }).to_string());
    } else {
        render::line(&format!("{all} changes, {} noticed, {} not", tally.noticed, tally.unnoticed));
    }
    Ok(Exit::Ok)
}

fn tried(program: &Runnable, lines: Lines, json: bool) -> Tally {
    let source = &program.source;
    let trial = Trial::new(source, &program.checked);
    let mut slips = trial.slips(0);
    slips.retain(|slip| lines.holds(slip.line(source).0));
    let template = format!("{} {{bar}} {{pos}} of {{len}} changes, {{eta}} left", source.name().replace(['{', '}'], ""));
    let progress = render::progress(u64::try_from(slips.len()).ok(), &template);
    let fates = trial.fates(&slips, &|| progress.inc(1));
    progress.finish_and_clear();
    for (slip, _) in slips.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Unnoticed) {
        tell(program, slip, json);
    }
    let of = |wanted: Fate| fates.iter().filter(|fate| **fate == wanted).count();
    Tally { noticed: of(Fate::Noticed), unnoticed: of(Fate::Unnoticed) }
}

fn tell(program: &Runnable, slip: &Slip, json: bool) {
    let ((line, text), before, after) = (slip.line(&program.source), slip.before(&program.source), slip.mutant.text.as_str());
    let file = program.source.name();
    if json {
        render::line(&json!({ "file": file, "line": line, "text": text, "was": before, "became": after }).to_string());
        return;
    }
    let became = if after.is_empty() { "left out".to_owned() } else { format!("became `{after}`") };
    render::line(&format!("{file}:{line}: `{before}` {became}\n    {text}"));
}
