//! What a program says once: its header, what an account is told at opening, phases, sessions, periods, groups.

use std::collections::BTreeMap;

use super::Term;
use super::meaning::Meanings;
use crate::ir::{Ir, Setting};
use crate::syntax::ast::{Gaps, Marks};

/// Terms by what they are about, each with its meaning and as it is shown.
type Terms = BTreeMap<String, (String, String)>;

/// The terms that differ.
pub(super) fn terms(before: &Meanings<'_>, after: &Meanings<'_>) -> Vec<Term> {
    differing(&said(before), &said(after))
}

/// The cells of plans that differ; a plan of one version alone as a whole.
pub(super) fn cells(before: &Meanings<'_>, after: &Meanings<'_>) -> Vec<Term> {
    let (old, new) = (&before.ir().plans.names, &after.ir().plans.names);
    let both = |plan: &String| old.contains(plan) && new.contains(plan);
    let mut terms = differing(&plans(before, both), &plans(after, both));
    terms.extend(old.iter().filter(|plan| !both(plan)).map(|plan| Term {
        what: format!("plan {plan}"),
        was: Some(row(before, plan)),
        is: None,
    }));
    terms.extend(new.iter().filter(|plan| !both(plan)).map(|plan| Term {
        what: format!("plan {plan}"),
        was: None,
        is: Some(row(after, plan)),
    }));
    terms
}

/// A plan's row on one line.
fn row(meanings: &Meanings<'_>, plan: &String) -> String {
    let cells = plans(meanings, |name| name == plan);
    let shown = cells.iter().map(|(what, (_, shown))| format!("{} {shown}", what.strip_prefix(plan.as_str()).unwrap_or(what).trim()));
    shown.collect::<Vec<_>>().join(", ")
}

fn differing(was: &Terms, is: &Terms) -> Vec<Term> {
    let mut names: Vec<&String> = was.keys().chain(is.keys()).collect();
    names.sort();
    names.dedup();
    let changed = names.into_iter().filter(|name| was.get(*name).map(|(meaning, _)| meaning) != is.get(*name).map(|(meaning, _)| meaning));
    let shown = |terms: &Terms, name: &String| terms.get(name).map(|(_, shown)| shown.clone());
    changed.map(|name| Term { what: name.clone(), was: shown(was, name), is: shown(is, name) }).collect()
}

fn said(meanings: &Meanings<'_>) -> Terms {
    let ir = meanings.ir();
    let header = &ir.header;
    let mut terms = Terms::new();
    let mut say = |what: &str, shown: String| drop(terms.insert(what.to_owned(), (shown.clone(), shown)));
    say("currency", header.currency.to_string());
    say("timezone", header.day.zone.to_string());
    say("day", day(ir));
    say("week", header.week.name().to_owned());
    say("calendar", header.calendar.clone().unwrap_or_else(|| "none".into()));
    say("marks at", marks(header.marks).to_owned());
    say("gaps", gaps(header.gaps).to_owned());
    say("corrections", header.corrections.map_or_else(|| "none".into(), |within| format!("within {within}")));
    for (kind, settings) in [("option", &ir.options), ("input", &ir.inputs)] {
        for setting in settings {
            terms.insert(
                format!("{kind} {}", setting.name),
                (setting_meaning(meanings, setting), behind_name(ir, setting.span, &setting.name)),
            );
        }
    }
    for phase in ir.phases.iter().filter(|phase| !phase.standing) {
        let ledger = phase.ledger.map(|ledger| meanings.expr(ledger)).unwrap_or_default();
        let shown = phase
            .ledger
            .map_or_else(|| "its ledger goes on".to_owned(), |id| format!("its ledger starts at {}", words(ir, ir.expr(id).span)));
        terms.insert(format!("phase {}", phase.name), (ledger, shown));
    }
    for (name, session) in &ir.sessions {
        let windows: Vec<String> = session.windows().map(|(days, opens, closes)| format!("{days:?} {opens} to {closes}")).collect();
        terms.insert(format!("session {name}"), (format!("{session:?}"), windows.join(", ")));
    }
    for (_, period) in ir.own_periods() {
        terms.insert(format!("period {}", period.name), (meanings.text(&period.kind), behind_name(ir, period.span, &period.name)));
    }
    for table in &ir.tables {
        let meaning = format!("{} {:?} {}", meanings.text(&table.by), table.matching, meanings.text(&table.rows));
        terms.insert(format!("table {}", table.name), (meaning, behind_name(ir, table.span, &table.name)));
    }
    for (kind, records) in [("event", &ir.events), ("action", &ir.actions), ("extend", &ir.extensions)] {
        for record in records {
            let fields: Vec<String> = record.fields.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
            terms.insert(format!("{kind} {}", record.name), (fields.join(", "), fields.join(", ")));
        }
    }
    for group in &ir.groups {
        terms.insert(format!("group {}", group.name), (meanings.text(group), behind_name(ir, group.span, &group.name)));
    }
    terms
}

fn day(ir: &Ir) -> String {
    let day = &ir.header.day;
    let stops = day.stops.map_or_else(String::new, |stops| format!(" to {stops}"));
    let settles = day.settles.map_or_else(String::new, |settles| format!(" settles {settles}"));
    format!("{}{stops}{settles}{}", day.opens, if day.every_day { " every day" } else { "" })
}

/// As the header says it.
const fn marks(marks: Marks) -> &'static str {
    match marks {
        Marks::Last => "last",
        Marks::Mid => "mid",
        Marks::ExitSide => "exit side",
    }
}

const fn gaps(gaps: Gaps) -> &'static str {
    match gaps {
        Gaps::Hold => "hold",
        Gaps::RefuseNewRisk => "refuse new risk",
        Gaps::WorstSideOnResume => "worst side on resume",
    }
}

fn setting_meaning(meanings: &Meanings<'_>, setting: &Setting) -> String {
    let default = setting.default.map(|default| meanings.expr(default));
    format!("{} {default:?} {} {:?}", setting.ty, setting.changeable, setting.stale_after)
}

/// Each cell of some plans, by plan and column.
fn plans(meanings: &Meanings<'_>, of: impl Fn(&String) -> bool) -> Terms {
    let ir = meanings.ir();
    let mut cells = Terms::new();
    for (plan, row) in ir.plans.names.iter().zip(&ir.plans.cells).filter(|(plan, _)| of(plan)) {
        for (column, cell) in ir.plans.columns.iter().zip(row) {
            cells.insert(format!("{plan} {}", column.name), (meanings.expr(*cell), words(ir, ir.expr(*cell).span)));
        }
    }
    cells
}

/// What a declaration says behind its name.
fn behind_name(ir: &Ir, span: crate::source::Span, name: &str) -> String {
    let words = words(ir, span);
    let behind = words.split_once(name).map(|(_, behind)| behind.trim_start_matches(':').trim().to_owned());
    behind.unwrap_or(words)
}

/// A piece of the program on one line.
fn words(ir: &Ir, span: crate::source::Span) -> String {
    ir.source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
}
