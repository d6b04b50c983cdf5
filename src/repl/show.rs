//! How values, trees and bars are written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::program::Program;
use super::world::Decision;
use crate::calendar::Zone;
use crate::sentences::{self, Part, figure};
use crate::value::{Decimal, Value};

/// What was decided, in lines, with its sentences.
pub(super) fn decisions(program: &Program, decided: &[Arc<Decision>]) -> String {
    let lines = decided.iter().map(|decision| sentences::lines(program.ir(), &decision.outcome, &decision.told).join("\n"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A decision in lines, without its sentences: what two courses are compared by.
pub(super) fn decision_lines(program: &Program, decision: &Decision) -> String {
    sentences::lines(program.ir(), &decision.outcome, &[]).join("\n")
}

/// A value with what it is made of, each deeper by two blanks.
pub(super) fn tree(zone: Zone, part: &Part, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let shown = match &part.value {
        None if part.parts.is_empty() => " cannot be computed here".into(),
        None => String::new(),
        value => format!(" = {}", figure(zone, value.as_ref())),
    };
    let _ = writeln!(out, "{indent}{}{shown}", part.words);
    for inner in &part.parts {
        tree(zone, inner, depth + 1, out);
    }
}

/// `[########            ] 40% used`: a place for each full 5%.
pub(super) fn bar(used: &Value) -> String {
    let Value::Percent(percent) = used else { return String::new() };
    let full = (1..=20).filter(|place| Decimal::from(place * 100 / 20) <= *percent).count();
    format!("[{}{}] {}% used", "#".repeat(full), " ".repeat(20 - full), percent.truncated(2))
}

/// Rows in columns, indented.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| unicode_width::UnicodeWidthStr::width(cell.as_str())).max()
    };
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let pad = width.saturating_sub(unicode_width::UnicodeWidthStr::width(cell.as_str()));
            let _ = write!(line, "{cell}{}  ", " ".repeat(pad));
        }
        format!("  {}", line.trim_end())
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The values that differ, by name: before and after. Those of weeks, months, cycles and periods that are
/// over are left out, and how long positions are held: the day's values, and the clock, tell the same.
pub(super) fn changed(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> Vec<(String, Value, Value)> {
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let mut found: Vec<(String, Value, Value)> = Vec::new();
    for name in names.filter(|name| !OTHERS.iter().any(|other| name.starts_with(other)) && name.rsplit('.').next() != Some("held")) {
        let read = |state: &BTreeMap<String, Value>| state.get(name).cloned().unwrap_or(Value::Missing);
        let (old, new) = (read(before), read(after));
        if old != new {
            found.push((name.clone(), old, new));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// What a person asks about: money, limits, what the program keeps, and whether the account may trade; what is counted along the way
/// and the extremes of periods are left out.
pub(super) fn told_first(found: Vec<(String, Value, Value)>) -> Vec<(String, Value, Value)> {
    let kept = |name: &str| {
        let field = name.rsplit(['.', ' ']).next().unwrap_or(name);
        let of_position = name.starts_with("position ");
        !COUNTED.contains(&field) && (!of_position || ["symbol", "side", "quantity", "open_profit"].contains(&field))
    };
    let mut kept: Vec<_> = found.into_iter().filter(|(name, ..)| kept(name)).collect();
    for (name, ..) in &mut kept {
        *name = plainly(name);
    }
    kept.sort_by(|one, other| one.0.cmp(&other.0));
    kept
}

/// Names that count what was done, or remember how far something went.
const COUNTED: &[&str] = &[
    "phase_started_at",
    "fills",
    "trades",
    "opened",
    "closed",
    "entries",
    "high_equity",
    "low_equity",
    "equity_profit",
    "close_balance",
    "close_equity",
    "armed",
    "open",
];

/// A name of the state as the program writes it: `limit "Daily loss" headroom` for `trading: limit Daily loss.headroom`.
fn plainly(name: &str) -> String {
    let own = name.split_once(": ").map_or(name, |(_, own)| own);
    for kind in ["limit", "goal"] {
        if let Some((title, fact)) = own.strip_prefix(kind).and_then(|rest| rest.strip_prefix(' ')).and_then(|rest| rest.rsplit_once('.')) {
            return format!("{kind} \"{title}\" {fact}");
        }
    }
    for kind in ["let ", "track ", "state ", "floor "] {
        if let Some(name) = own.strip_prefix(kind) {
            return name.to_owned();
        }
    }
    own.to_owned()
}

const OTHERS: [&str; 4] = ["week.", "month.", "cycle.", "last "];

/// The same in lines: `balance  $100,000.00 -> $98,000.00`.
pub(super) fn changes(zone: Zone, found: &[(String, Value, Value)]) -> String {
    let rows = found.iter().map(|(name, old, new)| vec![name.clone(), format!("{} -> {}", zone.words(old), zone.words(new))]);
    columns(&rows.collect::<Vec<_>>())
}
