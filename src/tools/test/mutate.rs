//! `ringfence test --mutate`

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::super::{Exit, files, render};
use super::accepted::{self, Accepted};
use super::suite::{self, Count, Loaded, Runnable};
use super::{Arguments, Lines, show};
use crate::scenario::Report;
use crate::source::Source;
use crate::syntax::{self, ast::Scenario};
use crate::testing::mutate::{Cell, Fate, Slip, Trial};

/// What became of the changes of one or more programs.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    noticed: usize,
    unnoticed: usize,
    /// Not noticed, and said to be right.
    accepted: usize,
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
    for loaded in programs.iter().filter_map(Loaded::program) {
        let one = if loaded.program.ir.plans.names.is_empty() {
            // A file of templates has no scenarios of its own: those that import it notice what is changed in it.
            if !arguments.paths.iter().any(|path| path.display().to_string() == loaded.source.name()) {
                continue;
            }
            of_library(loaded, programs, lines, arguments.json)?
        } else {
            tried(&[loaded], loaded.source.name(), lines, arguments.json)?
        };
        tally.noticed += one.noticed;
        tally.unnoticed += one.unnoticed;
        tally.accepted += one.accepted;
    }
    let Tally { noticed, unnoticed, accepted } = tally;
    let all = noticed + unnoticed + accepted;
    if let (Lines::One(line), 0) = (lines, all) {
        return Err(format!("nothing on line {line} can be changed so that the program still checks"));
    }
    if arguments.json {
        render::line(&json!({ "changes": all, "noticed": noticed, "not": unnoticed, "accepted": accepted }).to_string());
    } else {
        let accepted = if accepted == 0 { String::new() } else { format!(", {accepted} accepted") };
        render::line(&format!("{all} changes, {noticed} noticed, {unnoticed} not{accepted}"));
    }
    Ok(if unnoticed == 0 { Exit::Ok } else { Exit::Found })
}

/// Changes a file of templates, and runs the scenarios of the programs that import it: those that were named, else those of its folder.
fn of_library(library: &Runnable, programs: &[Loaded], lines: Lines, json: bool) -> Result<Tally, String> {
    let name = library.source.name();
    let imports =
        |program: &&Runnable| !program.program.ir.plans.names.is_empty() && program.source.files().iter().any(|file| file.name == name);
    let named: Vec<&Runnable> = programs.iter().filter_map(Loaded::program).filter(imports).collect();
    if !named.is_empty() {
        return tried(&named, name, lines, json);
    }
    let folder = Path::new(name).parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let near = suite::load(&files::of_folder(folder)?)?;
    let near: Vec<&Runnable> = near.iter().filter_map(Loaded::program).filter(imports).collect();
    if near.is_empty() {
        return Err(format!("{name} declares templates, and no program beside it imports it: name one that does, too"));
    }
    tried(&near, name, lines, json)
}

/// Changes a file, and runs the scenarios of the programs that it belongs to.
fn tried(programs: &[&Runnable], name: &str, lines: Lines, json: bool) -> Result<Tally, String> {
    let mut accepted = Accepted::read(name)?;
    let mut slips: Vec<Slip> = Vec::new();
    let mut fates: Vec<Fate> = Vec::new();
    for program in programs {
        let source = &program.source;
        let trial = Trial::new(source, &syntax::parse(source));
        let Some(file) = source.files().iter().position(|file| file.name == name) else { continue };
        let mut own = trial.slips(file);
        own.retain(|slip| lines.holds(slip.line(source).0));
        let template = format!("{} {{bar}} {{pos}} of {{len}} changes, {{eta}} left", source.name().replace(['{', '}'], ""));
        let progress = render::progress(u64::try_from(own.len()).ok(), &template);
        let become_of = trial.fates(&own, &|| progress.inc(1));
        progress.finish_and_clear();
        // One program that notices is enough.
        fates = if fates.is_empty() { become_of } else { fates.into_iter().zip(become_of).map(|(a, b)| noticed_by_one(a, b)).collect() };
        slips = own;
    }
    let of = |fates: &[Fate], wanted: Fate| fates.iter().filter(|fate| **fate == wanted).count();
    let noticed = of(&fates, Fate::Noticed);
    if let Some(last) = programs.last() {
        for (slip, fate) in slips.iter().zip(&mut fates).filter(|(_, fate)| **fate == Fate::Unnoticed) {
            let change = accepted::change(&slip.before(&last.source), &slip.mutant.text);
            if accepted.accept(&slip.line(&last.source).1, &change) {
                *fate = Fate::Noticed;
            }
        }
        told(&last.source, name, &slips, &fates, json);
    }
    if lines == Lines::All {
        tell_stale(&accepted, json);
    }
    Ok(Tally { noticed, unnoticed: of(&fates, Fate::Unnoticed), accepted: of(&fates, Fate::Noticed) - noticed })
}

/// Tells what is accepted though nothing asks for it any more.
fn tell_stale(accepted: &Accepted, json: bool) {
    for entry in accepted.stale() {
        let (name, number) = (accepted.name(), entry.number);
        if json {
            render::line(&json!({ "file": name, "line": number, "text": entry.line, "stale": entry.change }).to_string());
        } else {
            render::line(&format!(
                "{name}:{number}: {} is accepted for nothing: a scenario notices it now, or the line reads otherwise\n    {}",
                entry.change, entry.line
            ));
        }
    }
}

const fn noticed_by_one(a: Fate, b: Fate) -> Fate {
    match (a, b) {
        (Fate::Noticed, _) | (_, Fate::Noticed) => Fate::Noticed,
        (Fate::Found, other) | (other, Fate::Found) => other,
        (Fate::Unnoticed, Fate::Unnoticed) => Fate::Unnoticed,
    }
}

/// Tells the changes that nothing notices; those in cells of one column together.
fn told(source: &Source, name: &str, slips: &[Slip], fates: &[Fate], json: bool) {
    let tried: Vec<(&Slip, Fate)> = slips.iter().zip(fates.iter().copied()).filter(|(_, fate)| *fate != Fate::Found).collect();
    let mut columns = BTreeSet::new();
    for (slip, _) in tried.iter().filter(|(_, fate)| *fate == Fate::Unnoticed) {
        match slip.cell(source).filter(|_| !json) {
            None => tell(source, name, slip, json),
            Some(cell) => {
                if columns.insert((cell.line, cell.column.clone())) {
                    render::line(&column(source, name, &cell, &tried));
                }
            }
        }
    }
}

/// How many values of a column nothing pins down, and in which rows they stand.
fn column(source: &Source, name: &str, cell: &Cell, tried: &[(&Slip, Fate)]) -> String {
    let mut rows: Vec<(String, bool)> = Vec::new();
    for (slip, fate) in tried {
        let Some(other) = slip.cell(source).filter(|other| (other.line, &other.column) == (cell.line, &cell.column)) else { continue };
        let open = *fate == Fate::Unnoticed;
        match rows.iter_mut().find(|(row, _)| *row == other.row) {
            Some((_, unnoticed)) => *unnoticed |= open,
            None => rows.push((other.row, open)),
        }
    }
    let all = rows.len();
    let open: Vec<String> = rows.into_iter().filter(|(_, open)| *open).map(|(row, _)| row).collect();
    let table = if cell.table == "plans" || cell.table == "instruments" { cell.table.clone() } else { format!("table {}", cell.table) };
    format!("{name}:{}: {table}, column {}: {} of {all} values, in {}", cell.line, cell.column, open.len(), open.join(", "))
}

fn tell(source: &Source, name: &str, slip: &Slip, json: bool) {
    let ((line, text), before, after) = (slip.line(source), slip.before(source), slip.mutant.text.as_str());
    if json {
        render::line(&json!({ "file": name, "line": line, "text": text, "was": before, "became": after }).to_string());
        return;
    }
    render::line(&format!("{name}:{line}: {}\n    {text}", accepted::change(&before, after)));
}
