//! The table: ratios to the rules by hand, and what is decided otherwise.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use comfy_table::{Table, presets};

use crate::contest::{self, CONTESTANTS, Money, RULES, Row, Task};
use crate::measure::{self, Found};
use crate::state::STATES;
use crate::versions;

/// The contestants as a table.
pub(crate) fn list() -> Table {
    let mut table = plain(&["name", "contestant", "version", "money", "licence", "in this build"]);
    for row in CONTESTANTS {
        let built = if row.build.is_some() { "yes" } else { "no" };
        table.add_row([row.name, row.title, &versions::of(row), row.money.words(), row.licence, built]);
    }
    table
}

fn plain(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_header(header.iter().copied());
    table
}

/// Shows the tables, and writes the page of results where it is told to.
///
/// # Errors
/// When a result cannot be read or the page not written.
pub(crate) fn write(results: &Path, to: Option<&Path>) -> Result<()> {
    let mut found = Vec::new();
    for row in CONTESTANTS {
        found.extend(measure::stored(results, row)?.map(|found| (row, found)));
    }
    let mut page = page(&found)?;
    let missing = CONTESTANTS.iter().filter(|row| found.iter().all(|(other, _)| other.name != row.name));
    for (number, row) in missing.enumerate() {
        page += if number == 0 { "\n## Not measured\n\n" } else { "" };
        let why = measure::stored_failure(results, row).unwrap_or_else(|| "not run yet".to_owned());
        writeln!(page, "- {}: {why}", row.title)?;
    }
    println!("{page}");
    match to {
        Some(path) => std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display())),
        None => Ok(()),
    }
}

fn page(found: &[(&Row, Found)]) -> Result<String> {
    let mut page = String::from("# Twelve rules, side by side\n\n");
    let latest = found.iter().map(|(_, found)| found.at.as_str()).max().unwrap_or("never");
    let command = "cargo run --release --manifest-path benches/peers/Cargo.toml -- all";
    writeln!(page, "Written by `{command}`;\n[peers/README.md](peers/README.md) says what is measured and how.\n")?;
    writeln!(page, "Measured until {latest} UTC on {}.\n", machine())?;
    page += "A ratio is the median over turns of the time of a contestant divided by that of the rules by hand, which took\n\
             the turns between; the spread leaves out the tenth of the turns at either end. Nanoseconds are for orientation:\n\
             they depend on the machine and on what else it does.\n";
    for (task, title) in [
        (Task::State, "## All twelve rules, of a state that is handed over whole\n"),
        (Task::Mark, "## What a mark can change, of one account whose state is kept\n"),
    ] {
        let of_task: Vec<_> = found.iter().filter(|(row, _)| row.task == task).collect();
        writeln!(page, "\n{title}\n{}", ratios(&of_task))?;
    }
    page += "\nThe others know no marks: with them each mark is a whole state, decided anew, as in the first table.\n\
             Against all twelve rules by hand, of a state that is handed over, in the same turns:\n\n";
    let marks = found.iter().filter(|(row, found)| row.task == Task::Mark && found.ratio_to_all > 0.0);
    for (row, found) in marks {
        writeln!(page, "- {}: {}", row.title, shown(found.ratio_to_all))?;
    }
    writeln!(page, "\n## What is decided otherwise\n\n{}", differences(found)?)?;
    Ok(page)
}

fn ratios(found: &[&(&Row, Found)]) -> Table {
    let mut table = plain(&["contestant", "version", "money", "ratio", "spread", "ns", "by hand, ns", "turns"]);
    let mut found = found.to_vec();
    found.sort_by(|a, b| a.1.ratio.total_cmp(&b.1.ratio));
    for (row, found) in found {
        table.add_row([
            row.title.to_owned(),
            found.version.clone(),
            row.money.words().to_owned(),
            shown(found.ratio),
            format!("{} to {}", shown(found.spread.0), shown(found.spread.1)),
            shown(found.nanos),
            shown(found.by_hand),
            found.turns.to_string(),
        ]);
    }
    table
}

/// Three figures, and no more decimals than two.
fn shown(number: f64) -> String {
    let decimals = if number < 10.0 { 2 } else { usize::from(number < 100.0) };
    format!("{number:.decimals$}")
}

fn differences(found: &[(&Row, Found)]) -> Result<String> {
    let mut text = String::new();
    let of_states = || found.iter().filter(|(row, _)| row.task == Task::State);
    let by_hand = contest::baseline(Task::State).and_then(|row| found.iter().find(|(other, _)| other.name == row.name));
    writeln!(
        text,
        "Each of the {STATES} states is decided by every contestant. One in sixteen was put on a threshold of one of the\n\
         rules, exactly or a cent beside it, as happens where equity is a balance and profits added up in cents; the\n\
         others stand where accounts do.\n"
    )?;
    let same: Vec<&str> = of_states().filter(|(_, found)| found.wrong_states == 0).map(|(row, _)| row.title).collect();
    writeln!(text, "Every state as by hand: {}.\n", same.join("; "))?;
    let wrong: Vec<_> = of_states().filter(|(_, found)| found.wrong_states > 0).collect();
    let mut header = vec!["rule".to_owned(), "states".to_owned()];
    header.extend(wrong.iter().map(|(row, _)| row.title.to_owned()));
    let mut table = plain(&header.iter().map(String::as_str).collect::<Vec<_>>());
    for (number, rule) in RULES.iter().enumerate() {
        let count = by_hand.map_or("?".to_owned(), |(_, found)| found.counts[number].to_string());
        let told = wrong.iter().map(|(_, found)| found.wrong[number].to_string());
        table.add_row([(*rule).to_owned(), count].into_iter().chain(told));
    }
    let totals = wrong.iter().map(|(_, found)| format!("{} ({} of them on thresholds)", found.wrong_states, found.wrong_edges));
    table.add_row(["states decided otherwise".to_owned(), String::new()].into_iter().chain(totals));
    writeln!(text, "How many states break or reach each rule, and how many of all states a contestant decides otherwise:\n\n{table}")?;
    if wrong.iter().all(|(row, _)| row.money == Money::Float) {
        text += "\nAll of these calculate with binary floats, in which a tenth has no exact form: sums of cents then miss a\n\
                 threshold that they meet.\n";
    }
    Ok(text.trim_end().to_owned())
}

/// The processor, how many cores there are, and the compiler.
fn machine() -> String {
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let told = Command::new("rustc").arg("--version").output().ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let compiler = told.as_deref().map_or("an unknown compiler", str::trim);
    format!("{model}, {cores} cores, {}, {compiler}, release build with thin LTO", std::env::consts::OS)
}
