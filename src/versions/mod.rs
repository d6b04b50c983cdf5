//! Two versions of a program beside each other: what means something else, rule by rule, and what of the state of
//! running accounts is kept, new, dropped or changed.
//!
//! Meanings are compared, not texts: a `let` that is written out, another order, another layout or a comment is no
//! change. What an account was opened with (its plan's cells, its options) stays with it.

mod carry;
mod header;
mod meaning;
mod places;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

pub use carry::{Carry, Unsettled, carry};

use crate::code::kind_word;
use crate::ir::{Ir, Node, NodeId, NodeKind};
use crate::syntax::ast::CarriedFate;
use meaning::Meanings;
use places::Places;

/// How two versions of a program differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// What the header, options, inputs, phases, sessions, periods and groups say otherwise.
    pub terms: Vec<Term>,
    /// Whether both carry the same number, and mean something else all the same: accounts are opened under a version,
    /// and nobody can tell which of the two.
    pub same_version: bool,
    /// The day and the periods of the program's own, which accounts keep.
    pub periods: Vec<Period>,
    /// Cells of plans that differ. Accounts that are open keep theirs.
    pub cells: Vec<Term>,
    /// Rules, and what is kept: those that differ, and those that keep something.
    pub rules: Vec<Rule>,
}

/// The day, or a period of the program's own: what accounts keep of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// Something that a program says once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Term {
    /// What, as in `timezone`, `phase funded`, `50K loss`.
    pub what: String,
    /// As the old version says it; none where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// As the new version says it; none where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
}

/// A rule, or something that is kept, in both versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// `limit`, `floor`, `tracker`, …
    pub kind: &'static str,
    /// Its title or name; the old one where it is in the old version alone.
    pub name: String,
    /// Its name in the old version, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// The phase in which it holds; none for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// What becomes of it.
    pub fate: Fate,
    /// Whether an account keeps something for it from one event to the next.
    pub keeps: bool,
    /// What it reads by name that has changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because_of: Vec<String>,
    /// Whether the new version says that it begins anew for accounts that go over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub restarts: bool,
    /// Its number in the old version.
    #[serde(skip)]
    pub old: Option<NodeId>,
    /// Its number in the new version.
    #[serde(skip)]
    pub new: Option<NodeId>,
}

/// What becomes of a rule, or of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It means the same.
    Kept,
    /// It means something else.
    Changed,
    /// The old version does not have it.
    New,
    /// The new version does not have it.
    Dropped,
}

impl Comparison {
    /// Whether both versions mean the same for accounts that are opened from now on.
    pub fn is_same(&self) -> bool {
        self.terms.is_empty() && self.cells.is_empty() && self.rules.iter().all(|rule| rule.fate == Fate::Kept)
    }
}

/// Compares two versions of a program.
pub fn compare(old: &Ir, new: &Ir) -> Comparison {
    let places = Places::of(old, new);
    let (before, after) = (Meanings::new(old), places.after());
    let Pairs { both, left, right } = Pairs::of(&before, &after);
    let paired = both.into_iter().map(|(one, other)| beside(&before, one, &after, other));
    let dropped = left.into_iter().map(|id| alone(old, id, Fate::Dropped));
    let added = right.into_iter().map(|id| alone(new, id, Fate::New));
    let mut rules: Vec<Rule> = paired.chain(dropped).chain(added).filter(|rule| rule.keeps || rule.fate != Fate::Kept).collect();
    for rule in &mut rules {
        rule.restarts = rule.new.and_then(|id| places.line_of(id)).is_some_and(|line| line.fate == CarriedFate::Restart);
    }
    let order = |rule: &Rule| rule.new.map(|id| new.node(id).span.start).or(rule.old.map(|id| old.node(id).span.start));
    rules.sort_by_key(|rule| (rule.phase.clone(), rule.fate == Fate::Dropped, order(rule)));
    let terms = header::terms(&before, &after);
    let periods = periods(old, new, &terms);
    let mut comparison = Comparison { terms, periods, cells: header::cells(&before, &after), rules, same_version: false };
    let number = &new.header.version;
    comparison.same_version = !comparison.is_same() && !number.is_empty() && *number == old.header.version && old.title == new.title;
    comparison
}

/// The day and the periods of both versions, by what became of the terms that tell them.
fn periods(old: &Ir, new: &Ir, terms: &[Term]) -> Vec<Period> {
    let of_clock = |what: &str| matches!(what, "day" | "timezone" | "calendar" | "week");
    let day = if terms.iter().any(|term| of_clock(&term.what)) { Fate::Changed } else { Fate::Kept };
    let mut found = vec![Period { name: "day".into(), fate: day }];
    let names = |ir: &Ir| ir.own_periods().map(|(_, period)| period.name.clone()).collect::<Vec<String>>();
    let (was, is) = (names(old), names(new));
    let dropped = was.iter().filter(|name| !is.contains(name));
    for name in is.iter().chain(dropped) {
        let term = terms.iter().find(|term| term.what == format!("period {name}"));
        let fate = match term.map(|term| (&term.was, &term.is)) {
            None => Fate::Kept,
            Some((Some(_), Some(_))) => Fate::Changed,
            Some((None, _)) => Fate::New,
            Some((_, None)) => Fate::Dropped,
        };
        found.push(Period { name: name.clone(), fate });
    }
    found
}

/// Which nodes of two versions belong together, and which have no other.
struct Pairs {
    both: Vec<(NodeId, NodeId)>,
    left: Vec<NodeId>,
    right: Vec<NodeId>,
}

impl Pairs {
    /// What the new version says itself comes first; then what has one name; then what means the same and is called
    /// otherwise; then rules with one trigger, or that do the same.
    fn of(before: &Meanings<'_>, after: &Meanings<'_>) -> Self {
        let (old, new) = (before.ir(), after.ir());
        let places = Places::of(old, new);
        let (mut left, mut right, mut both) = (numbers(old), numbers(new), Vec::new());
        let mut by = |fits: &dyn Fn(NodeId, NodeId) -> bool| {
            pair(&mut left, &mut right, &mut both, |one, other| places.are_one(one, other) && fits(one, other));
        };
        by(&|one, other| places.is_said(one, other));
        by(&|one, other| is_same_name(old, one, new, other));
        by(&|one, other| before.node(one) == after.node(other));
        by(&|one, other| is_rule(old, one) && is_rule(new, other) && same_trigger(before, one, after, other));
        by(&|one, other| is_rule(old, one) && is_rule(new, other) && same_actions(before, one, after, other));
        Self { both, left, right }
    }
}

fn numbers(ir: &Ir) -> Vec<NodeId> {
    ir.nodes().map(|(id, _)| id).collect()
}

/// Takes out of two lists what belongs together.
fn pair(left: &mut Vec<NodeId>, right: &mut Vec<NodeId>, pairs: &mut Vec<(NodeId, NodeId)>, fits: impl Fn(NodeId, NodeId) -> bool) {
    left.retain(|one| {
        let found = right.iter().position(|other| fits(*one, *other));
        pairs.extend(found.map(|at| (*one, right.remove(at))));
        found.is_none()
    });
}

/// Whether both are called the same. Rules are called after their lines: they are paired by what they mean.
fn is_same_name(old: &Ir, one: NodeId, new: &Ir, other: NodeId) -> bool {
    !is_rule(old, one) && old.node(one).name == new.node(other).name
}

fn is_rule(ir: &Ir, id: NodeId) -> bool {
    matches!(ir.node(id).kind, NodeKind::Rule(_))
}

fn same_trigger(before: &Meanings<'_>, one: NodeId, after: &Meanings<'_>, other: NodeId) -> bool {
    let (NodeKind::Rule(was), NodeKind::Rule(is)) = (&before.ir().node(one).kind, &after.ir().node(other).kind) else { return false };
    before.text(&was.trigger) == after.text(&is.trigger)
}

/// Whether both rules do the same, when something else happens.
fn same_actions(before: &Meanings<'_>, one: NodeId, after: &Meanings<'_>, other: NodeId) -> bool {
    let (NodeKind::Rule(was), NodeKind::Rule(is)) = (&before.ir().node(one).kind, &after.ir().node(other).kind) else { return false };
    before.text(&was.actions) == after.text(&is.actions)
}

fn phase_of<'a>(ir: &'a Ir, node: &Node) -> Option<&'a str> {
    node.phase.map(|phase| ir.phase(phase).name.as_str())
}

fn beside(before: &Meanings<'_>, one: NodeId, after: &Meanings<'_>, other: NodeId) -> Rule {
    let (old, new) = (before.ir(), after.ir());
    let same = before.node(one) == after.node(other) && old.node(one).cites == new.node(other).cites;
    let (was, is) = (old.node(one).name.as_str(), new.node(other).name.as_str());
    let renamed = was != is && !is_rule(new, other);
    Rule {
        fate: if same && !renamed { Fate::Kept } else { Fate::Changed },
        renamed_from: renamed.then(|| was.to_owned()),
        because_of: if same { Vec::new() } else { changed_values(before, one, after, other) },
        old: Some(one),
        ..alone(new, other, Fate::Kept)
    }
}

fn alone(ir: &Ir, id: NodeId, fate: Fate) -> Rule {
    let node = ir.node(id);
    let (old, new) = if fate == Fate::Dropped { (Some(id), None) } else { (None, Some(id)) };
    Rule {
        kind: if matches!(node.kind, NodeKind::Value(_)) { "let" } else { kind_word(&node.kind) },
        name: node.name.clone(),
        renamed_from: None,
        phase: phase_of(ir, node).map(str::to_owned),
        fate,
        keeps: !matches!(node.kind, NodeKind::Value(_)) && !is_stateless(&node.kind),
        because_of: Vec::new(),
        restarts: false,
        old,
        new,
    }
}

/// Whether nothing is kept for it but whether it held when it was looked at last.
const fn is_stateless(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::Rule(_) | NodeKind::EventCopy(_) | NodeKind::DayCopy(_))
}

/// The `let`s that both read, directly or through others, and that have changed.
fn changed_values(before: &Meanings<'_>, one: NodeId, after: &Meanings<'_>, other: NodeId) -> Vec<String> {
    let (was, is): (BTreeMap<_, _>, BTreeMap<_, _>) = (before.values_of(one), after.values_of(other));
    let changed = is.iter().filter(|(name, meaning)| was.get(*name).is_some_and(|was| was != *meaning));
    changed.map(|(name, _)| name.clone()).collect()
}
