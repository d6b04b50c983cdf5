//! `migrate`: what its lines name must be there. Whether they say enough is told beside the earlier version.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Ir, Node};
use crate::syntax::ast::{Carried, CarriedFate, CarriedKind, Migration, Name};

use super::errors;

/// The findings about how accounts go over from earlier versions.
pub(super) fn check(ir: &Ir) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (at, migration) in ir.migrations.iter().enumerate() {
        head(ir, migration, &mut found);
        if let Some(first) = ir.migrations[..at].iter().find(|first| first.from.node == migration.from.node) {
            let what = format!("migrate from \"{}\"", first.from.node);
            found.push(errors::twice(&what, migration.from.span, first.from.span));
        }
        for (at, line) in migration.lines.iter().enumerate() {
            found.extend(named(ir, line));
            found.extend(phase(ir, line));
            if let Some(first) = migration.lines[..at].iter().find(|first| claim_one(ir, first, line)) {
                found.push(
                    Diagnostic::new(Code::Contradiction, line.span, "two lines take over the same of the earlier version")
                        .other(first.span, "the first is here")
                        .help("one of them goes on with it; let the other begin anew, without a line"),
                );
            }
            let same = |first: &&Carried| first.what == line.what && first.name.node == line.name.node && in_phase(first) == in_phase(line);
            if let Some(first) = migration.lines[..at].iter().find(same) {
                found.push(
                    Diagnostic::new(Code::Contradiction, line.span, format!("two lines say what becomes of {}", shown(line)))
                        .other(first.span, "the first is here")
                        .help("keep one of them"),
                );
            }
        }
    }
    found
}

/// Whether two lines about different things take over the same of the earlier version, in the same phase.
fn claim_one(ir: &Ir, first: &Carried, line: &Carried) -> bool {
    // What is kept without `was` was called the same.
    let earlier = |line: &Carried| match &line.was {
        Some(was) => Some(was.node.clone()),
        None => (line.fate == CarriedFate::Keep).then(|| line.name.node.clone()),
    };
    let phase = |line: &Carried| {
        let (_, known) = known(ir, line);
        let alone = known.into_iter().find(|(name, _)| *name == line.name.node).and_then(|(_, phase)| phase);
        in_phase(line).or(alone).map(str::to_owned)
    };
    let are_two = first.what == line.what && first.name.node != line.name.node;
    are_two && earlier(first).is_some() && earlier(first) == earlier(line) && phase(first) == phase(line)
}

fn head(ir: &Ir, migration: &Migration, found: &mut Vec<Diagnostic>) {
    let from = &migration.from;
    if from.node == ir.header.version {
        let message = format!("this is version \"{}\" itself", from.node);
        found.push(
            Diagnostic::new(Code::Contradiction, from.span, message)
                .help("write the version that running accounts are under, and give this one a `version` of its own in the header"),
        );
    }
    if migration.applies.is_none() {
        found.push(
            Diagnostic::new(Code::Unsaid, from.span, "when do accounts go over?")
                .help("write a line `applies now`, `applies next day` or `applies next cycle`"),
        );
    }
}

/// A line about something that this version does not have.
fn named(ir: &Ir, line: &Carried) -> Option<Diagnostic> {
    let Name { node: name, span } = &line.name;
    let (is_title, known) = known(ir, line);
    let same = known.iter().filter(|(known, _)| known == name);
    let phases: Vec<Option<&str>> = same.map(|(_, phase)| *phase).collect();
    let asked = in_phase(line);
    if line.what == CarriedKind::Column && line.fate == CarriedFate::Take && name == "size" {
        let found = Diagnostic::new(Code::Contradiction, line.span, "an account keeps the size that it was opened with");
        return Some(found.help("resize accounts by `cash` events of type `resize`, or leave this line out"));
    }
    if phases.is_empty()
        && let Some(was) = line.was.as_ref().filter(|was| known.iter().any(|(known, _)| *known == was.node))
    {
        let swapped = Carried { name: was.clone(), was: Some(line.name.clone()), ..line.clone() };
        let code = if is_title { Code::UnknownTitle } else { Code::UnknownName };
        let found = Diagnostic::new(code, *span, format!("this version has no {}", shown(line)));
        return Some(found.other(was.span, "this version has that one").help(format!(
            "what it is called here stands first, and what it was called there behind `was`: `{} {} was {}`",
            line.fate.word(),
            shown(&swapped),
            quoted(line.what, name)
        )));
    }
    if phases.is_empty() {
        let names = known.iter().map(|(name, _)| *name);
        return Some(if is_title {
            errors::unknown_title(line.what.word(), name, *span, names)
        } else {
            errors::unknown_name(name, *span, names)
        });
    }
    let here = phases.iter().flatten().map(|phase| format!("`in {phase}`")).collect::<Vec<_>>();
    match asked {
        Some(asked) if !phases.contains(&Some(asked)) => {
            let help =
                if here.is_empty() { "it stands in no phase: leave `in` out".to_owned() } else { format!("write {}", here.join(" or ")) };
            Some(Diagnostic::new(Code::UnknownPhase, line.span, format!("{} does not stand in `{asked}`", shown(line))).help(help))
        }
        None if phases.len() > 1 => Some(
            Diagnostic::new(Code::Unsaid, line.span, format!("several phases have {}", shown(line)))
                .help(format!("write a line for each, with {} behind the name", here.join(" or "))),
        ),
        _ => None,
    }
}

fn phase(ir: &Ir, line: &Carried) -> Option<Diagnostic> {
    let phase = line.phase.as_ref()?;
    let known = || ir.phases.iter().map(|phase| phase.name.as_str());
    (!known().any(|known| known == phase.node)).then(|| errors::unknown_phase(&phase.node, phase.span, known()))
}

/// What this version has of the kind of a line, by name and phase, and whether that is a title.
fn known<'a>(ir: &'a Ir, line: &Carried) -> (bool, Vec<(&'a str, Option<&'a str>)>) {
    let alone = |names: Vec<&'a str>| (false, names.into_iter().map(|name| (name, None)).collect());
    match line.what {
        CarriedKind::Period => alone(ir.own_periods().map(|(_, period)| period.name.as_str()).collect()),
        CarriedKind::Group => alone(ir.groups.iter().map(|group| group.name.as_str()).collect()),
        CarriedKind::Phase => alone(ir.phases.iter().map(|phase| phase.name.as_str()).collect()),
        CarriedKind::Column => alone(ir.plans.columns.iter().map(|column| column.name.as_str()).collect()),
        what => {
            let of_kind = ir.nodes.iter().filter(|node| node.kind.carried() == Some(what));
            let phase = |node: &Node| node.phase.map(|phase| ir.phase(phase).name.as_str());
            (matches!(what, CarriedKind::Limit | CarriedKind::Goal), of_kind.map(|node| (node.name.as_str(), phase(node))).collect())
        }
    }
}

fn in_phase(line: &Carried) -> Option<&str> {
    line.phase.as_ref().map(|phase| phase.node.as_str())
}

/// What a line is about, as it is written.
fn shown(line: &Carried) -> String {
    format!("{} {}", line.what.word(), quoted(line.what, &line.name.node))
}

/// A title in quotes; a name as it is.
fn quoted(what: CarriedKind, name: &str) -> String {
    let quote = if matches!(what, CarriedKind::Limit | CarriedKind::Goal) { "\"" } else { "" };
    format!("{quote}{name}{quote}")
}
