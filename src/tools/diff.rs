//! `ringfence diff`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::replay::{self, Asked, Recorded};
use super::{Exit, files, render, rollout};
use crate::code::Program;
use crate::ir::{Ir, NodeId};
use crate::page;
use crate::versions::{self, Comparison, Fate, Period, Rule, Term};

/// What `diff` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The version that accounts run on.
    old: PathBuf,
    /// The version that shall follow it.
    new: PathBuf,
    /// Files of events of accounts, or folders of such files: show of which accounts the new version decides otherwise, and
    /// what happens when they go over from where they stand at the end.
    #[arg(long, num_args = 1.., value_name = "FILE")]
    events: Vec<PathBuf>,
    #[command(flatten)]
    recorded: Recorded,
    /// Print the whole comparison as one JSON object; with events, what was decided of each account as another.
    #[arg(long)]
    json: bool,
}

/// Compares two versions of a program.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let (Some(old), Some(new)) = (program(&arguments.old)?, program(&arguments.new)?) else {
        return Err("versions are compared once both are without errors".into());
    };
    let comparison = versions::compare(&old.ir, &new.ir);
    let migration = rollout::between(&old, &new);
    let mut can_go_over = true;
    if arguments.json {
        let mut whole = serde_json::to_value(&comparison).map_err(|error| error.to_string())?;
        if let Some(fields) = whole.as_object_mut() {
            fields.insert("migration".into(), rollout::to_json(migration.as_ref()));
        }
        render::line(&whole.to_string());
    } else {
        show(&old.ir, &new.ir, &comparison);
        can_go_over = migration.as_ref().is_none_or(|migration| rollout::show(&old, &new.ir, migration));
    }
    let mut exit = if comparison.is_same() && can_go_over { Exit::Ok } else { Exit::Found };
    if !arguments.events.is_empty() {
        render::line("");
        let goes = migration.and_then(Result::ok);
        let asked = Asked { new: &arguments.new, old: &arguments.old, events: &arguments.events, json: arguments.json, goes };
        if replay::compare(&asked, &arguments.recorded)? == Exit::Found {
            exit = Exit::Found;
        }
    }
    Ok(exit)
}

fn program(path: &Path) -> Result<Option<Arc<Program>>, String> {
    let (source, checked) = files::checked(path)?;
    Ok(super::compiled(&source, checked))
}

fn show(old: &Ir, new: &Ir, comparison: &Comparison) {
    render::line(&format!("{} {} → {} {}", old.title, version(old), new.title, version(new)));
    if comparison.is_same() {
        render::line("Both mean the same.");
    }
    if comparison.same_version {
        let number = &new.header.version;
        render::line(&format!(
            "Both are called version \"{number}\" and mean something else: give the new one another, so that it can be said which one an account is under."
        ));
    }
    terms("The program", &comparison.terms);
    terms("Plans: accounts that are open keep the cells they were opened with, unless `migrate` takes others", &comparison.cells);
    let mut phase = None;
    for rule in comparison.rules.iter().filter(|rule| rule.fate != Fate::Kept) {
        if phase != Some(&rule.phase) {
            render::line(&format!(
                "\n{}",
                rule.phase.as_ref().map_or_else(|| "In every phase".to_owned(), |phase| format!("Phase {phase}"))
            ));
            phase = Some(&rule.phase);
        }
        differs(old, new, rule);
    }
    kept(comparison);
}

fn version(ir: &Ir) -> String {
    if ir.header.version.is_empty() { "(no version)".into() } else { format!("version {}", ir.header.version) }
}

fn terms(heading: &str, terms: &[Term]) {
    if terms.is_empty() {
        return;
    }
    render::line(&format!("\n{heading}"));
    for Term { what, was, is } in terms {
        render::line(&match (was, is) {
            (Some(was), Some(is)) => format!("  ~ {what}: {was} → {is}"),
            (None, Some(is)) => format!("  + {what}: {is}"),
            (Some(was), None) => format!("  - {what}: {was}"),
            (None, None) => String::new(),
        });
    }
}

/// A rule that differs: the sentences that only one version says.
fn differs(old: &Ir, new: &Ir, rule: &Rule) {
    let mark = match rule.fate {
        Fate::New => '+',
        Fate::Dropped => '-',
        Fate::Changed | Fate::Kept => '~',
    };
    let title = if matches!(rule.kind, "limit" | "goal") { format!("\"{}\"", rule.name) } else { rule.name.clone() };
    let renamed = rule.renamed_from.as_ref().map_or_else(String::new, |was| format!(", called \"{was}\" before"));
    let kind = if rule.kind == "rule" { String::new() } else { format!("{} ", rule.kind) };
    render::line(&format!("  {mark} {kind}{title}{renamed}"));
    let (was, is) = (said(old, rule.old), said(new, rule.new));
    let shown = match rule.fate {
        Fate::New | Fate::Dropped => is.iter().chain(&was).map(|sentence| format!("      {sentence}")).collect::<Vec<_>>(),
        _ => {
            let gone = was.iter().filter(|sentence| !is.contains(sentence)).map(|sentence| format!("      was: {sentence}"));
            gone.chain(is.iter().filter(|sentence| !was.contains(sentence)).map(|sentence| format!("      now: {sentence}"))).collect()
        }
    };
    for line in &shown {
        render::line(line);
    }
    if !rule.because_of.is_empty() {
        let names: Vec<String> = rule.because_of.iter().map(|name| format!("`{name}`")).collect();
        render::line(&format!("      it reads {}, which changed", names.join(", ")));
    }
}

fn said(ir: &Ir, id: Option<NodeId>) -> Vec<String> {
    id.map(|id| page::sentences(ir, id)).unwrap_or_default()
}

/// What accounts keep from one event to the next, by what becomes of it.
fn kept(comparison: &Comparison) {
    render::line("\nWhat running accounts keep");
    for (fate, words) in [(Fate::Kept, "kept"), (Fate::Changed, "changed in meaning"), (Fate::New, "new"), (Fate::Dropped, "dropped")] {
        let periods = comparison.periods.iter().filter(|period| period.fate == fate);
        let periods = periods.map(|Period { name, .. }| if name == "day" { name.clone() } else { format!("period {name}") });
        let rules = comparison.rules.iter().filter(|rule| rule.keeps && rule.fate == fate && !rule.restarts).map(name);
        let names: Vec<String> = periods.chain(rules).collect();
        if !names.is_empty() {
            render::line(&format!("  {words}: {}", names.join(", ")));
        }
    }
    let anew: Vec<String> = comparison.rules.iter().filter(|rule| rule.restarts).map(name).collect();
    if !anew.is_empty() {
        render::line(&format!("  begins anew: {}", anew.join(", ")));
    }
}

fn name(rule: &Rule) -> String {
    let phase = rule.phase.as_ref().map_or_else(String::new, |phase| format!(" ({phase})"));
    // A payout has no name besides.
    if rule.kind == rule.name { format!("{}{phase}", rule.kind) } else { format!("{} {}{phase}", rule.kind, rule.name) }
}
