//! Actions in one list, or at one event, of which one undoes the other.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Action, ActionKind, Event, Ir, NodeKind, PhaseId, Trigger};

use super::super::Checker;
use super::amounts::{Known, sameness};

/// When rules fire: in which phase, at which event, under which condition.
type Firing = (Option<PhaseId>, Option<Event>, Option<u32>);

impl Checker<'_> {
    pub(super) fn actions_that_exclude_each_other(&mut self, ir: &Known) {
        for (at, node) in ir.nodes.iter().enumerate() {
            self.stand_in(at);
            for list in lists(&node.kind) {
                self.one_of_two(ir, list);
            }
        }
        let mut firing: BTreeMap<Firing, Vec<&Action>> = BTreeMap::new();
        for (at, node) in ir.nodes.iter().enumerate() {
            let Some(key) = firing_of(ir, node.phase, &node.kind) else { continue };
            let NodeKind::Rule(rule) = &node.kind else { continue };
            let before = firing.entry(key).or_default();
            self.stand_in(at);
            let mut pairs = before.iter().flat_map(|first| rule.actions.iter().map(|second| (*first, second)));
            let found = pairs.find_map(|(first, second)| excluded(ir, first, second));
            before.extend(&rule.actions);
            if let Some(found) = found {
                self.report(found);
            }
        }
        self.current_use = None;
    }

    fn one_of_two(&mut self, ir: &Ir, list: &[Action]) {
        let mut pairs = list.iter().enumerate().flat_map(|(at, second)| list[..at].iter().map(move |first| (first, second)));
        if let Some(found) = pairs.find_map(|(first, second)| excluded(ir, first, second)) {
            self.report(found);
        }
    }
}

/// The lists of actions that are carried out together.
fn lists(kind: &NodeKind) -> Vec<&[Action]> {
    match kind {
        NodeKind::Limit(limit) => {
            let used = limit.at_used.iter().map(|(_, actions)| actions.as_slice());
            limit.on_breach.iter().map(|handler| handler.actions.as_slice()).chain(used).collect()
        }
        NodeKind::Rule(rule) => vec![&rule.actions],
        NodeKind::Goal(goal) => vec![&goal.on_reached, &goal.on_lost],
        _ => Vec::new(),
    }
}

fn firing_of(ir: &Known, phase: Option<PhaseId>, kind: &NodeKind) -> Option<Firing> {
    let NodeKind::Rule(rule) = kind else { return None };
    match &rule.trigger {
        Trigger::When(condition) => Some((phase, None, Some(sameness(ir, *condition)))),
        Trigger::On(event, filter) => Some((phase, Some(*event), filter.map(|filter| sameness(ir, filter)))),
        Trigger::After { .. } => None,
    }
}

/// Two actions that cannot both happen: what becomes of them.
fn excluded(ir: &Ir, first: &Action, second: &Action) -> Option<Diagnostic> {
    use ActionKind::{CloseAccount, Fail, Lock, Promote, Restart, Unlock};
    let words = |action: &Action| ir.source.words(action.span);
    let (a, b) = (words(first), words(second));
    let changes = |kind: &ActionKind| matches!(kind, Fail | CloseAccount | Promote(_) | Restart);
    let note = match (&first.kind, &second.kind) {
        (Lock(_), Unlock) | (Unlock, Lock(_)) => "a lock that is set and lifted in one event locks nothing, or lifts nothing".to_owned(),
        (Promote(one), Promote(other)) if one != other => "an account is in one phase".to_owned(),
        (one, other) if std::mem::discriminant(one) != std::mem::discriminant(other) && changes(one) && changes(other) => {
            let rank = |kind: &ActionKind| match kind {
                Fail => 0,
                CloseAccount => 1,
                Promote(_) => 2,
                _ => 3,
            };
            let carried_out = if rank(one) < rank(other) { &a } else { &b };
            format!("of changes of an account's standing in one event the most severe is carried out: `{carried_out}`")
        }
        _ => return None,
    };
    Some(
        Diagnostic::new(Code::ActionsExclude, second.span, format!("`{a}` and `{b}` cannot both happen"))
            .label("excludes the other")
            .other(first.span, "asked for in the same event")
            .note(note)
            .help("keep one of them, or let each have a condition of its own"),
    )
}
