//! What was told of an account, and how that differs from what is decided now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::outcome::{Action, ActionKind, Answered, Cause, Change, Fault, Key, Outcome, Recomputed, Undone, Verdict, Withdrawn};

/// What was told of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    actions: BTreeMap<Key, Issued>,
    changes: Vec<(Cause, Change)>,
    faults: Vec<(Cause, Fault)>,
    answers: BTreeMap<Cause, Verdict>,
    issued: u64,
}

/// An action that was issued.
#[derive(Clone, Debug)]
struct Issued {
    attempt: u32,
    kind: ActionKind,
    /// Whether it was not withdrawn since.
    stands: bool,
    /// Its place among all.
    place: u64,
}

impl Told {
    /// Remembers what an outcome tells.
    pub(super) fn remember(&mut self, outcome: &Outcome) {
        for action in &outcome.actions {
            self.issue(action);
        }
        let cause = &outcome.cause;
        self.changes.extend(outcome.changes.iter().map(|change| (cause.clone(), change.clone())));
        self.faults.extend(outcome.faults.iter().map(|fault| (cause.clone(), fault.clone())));
        if let Some(verdict) = &outcome.verdict {
            self.answers.insert(cause.clone(), verdict.clone());
        }
    }

    /// Takes what is decided now in the place of what was told; the difference goes into an outcome.
    pub(super) fn renew(&mut self, now: &[Outcome], reason: &str, outcome: &mut Outcome) {
        let mut recomputed = Recomputed::default();
        self.actions_now(now, reason, outcome, &mut recomputed);
        self.changes_now(now, outcome, &mut recomputed);
        self.faults_now(now, outcome);
        self.answers_now(now, outcome, &mut recomputed);
        outcome.recomputed = (recomputed != Recomputed::default()).then(|| Box::new(recomputed));
    }

    fn issue(&mut self, action: &Action) {
        let issued = Issued { attempt: action.attempt, kind: action.kind.clone(), stands: true, place: self.issued };
        self.issued += 1;
        self.actions.insert(action.key.clone(), issued);
    }

    fn actions_now(&mut self, now: &[Outcome], reason: &str, outcome: &mut Outcome, recomputed: &mut Recomputed) {
        let reason: Arc<str> = reason.into();
        let decided: BTreeMap<&Key, &ActionKind> = actions(now).map(|action| (&action.key, &action.kind)).collect();
        let mut gone: Vec<(&Key, &mut Issued)> =
            self.actions.iter_mut().filter(|(key, issued)| issued.stands && decided.get(key) != Some(&&issued.kind)).collect();
        gone.sort_by_key(|(_, issued)| issued.place);
        for (key, issued) in gone {
            issued.stands = false;
            let (key, kind) = (key.clone(), issued.kind.clone());
            recomputed.withdrawn.push(Withdrawn { key, attempt: issued.attempt, kind, reason: reason.clone() });
        }
        for action in actions(now) {
            let before = self.actions.get(&action.key);
            if before.is_some_and(|issued| issued.stands) {
                continue;
            }
            let attempt = before.map_or(1, |issued| issued.attempt + 1);
            let action = Action { attempt, late: true, ..action.clone() };
            self.issue(&action);
            outcome.actions.push(action);
        }
    }

    fn changes_now(&mut self, now: &[Outcome], outcome: &mut Outcome, recomputed: &mut Recomputed) {
        let decided: Vec<(Cause, Change)> =
            now.iter().flat_map(|outcome| outcome.changes.iter().map(|change| (outcome.cause.clone(), change.clone()))).collect();
        let mut before = std::mem::replace(&mut self.changes, decided);
        for (cause, change) in &self.changes {
            match before.iter().position(|(other, told)| other == cause && is_same(told, change)) {
                Some(place) => drop(before.remove(place)),
                None => outcome.changes.push(change.clone()),
            }
        }
        recomputed.undone = before.into_iter().map(|(cause, told)| Undone { cause, told }).collect();
    }

    fn faults_now(&mut self, now: &[Outcome], outcome: &mut Outcome) {
        let decided: Vec<(Cause, Fault)> =
            now.iter().flat_map(|outcome| outcome.faults.iter().map(|fault| (outcome.cause.clone(), fault.clone()))).collect();
        for (cause, fault) in &decided {
            let told = self.faults.iter().any(|(other, told)| other == cause && (told.kind, &told.rule) == (fault.kind, &fault.rule));
            if !told {
                outcome.faults.push(fault.clone());
            }
        }
        self.faults = decided;
    }

    /// The answer to the event itself is the outcome's own.
    fn answers_now(&mut self, now: &[Outcome], outcome: &mut Outcome, recomputed: &mut Recomputed) {
        let answered = |outcome: &Outcome| Some((outcome.cause.clone(), outcome.verdict.clone()?));
        let decided: BTreeMap<Cause, Verdict> = now.iter().filter_map(answered).collect();
        let questions: BTreeSet<&Cause> = self.answers.keys().chain(decided.keys()).collect();
        for cause in questions {
            let (was, is) = (self.answers.get(cause), decided.get(cause));
            if *cause == outcome.cause {
                outcome.verdict = is.cloned();
            } else if was.map(answer) != is.map(answer) {
                recomputed.answers.push(Answered { cause: cause.clone(), was: was.cloned(), is: is.cloned() });
            }
        }
        self.answers = decided;
    }
}

fn actions(outcomes: &[Outcome]) -> impl Iterator<Item = &Action> {
    outcomes.iter().flat_map(|outcome| &outcome.actions)
}

/// Whether two changes say the same, whatever the figures beside them.
fn is_same(one: &Change, other: &Change) -> bool {
    match (one, other) {
        (
            Change::Breach { limit, instance, number, .. },
            Change::Breach { limit: other, instance: other_instance, number: other_number, .. },
        ) => (limit, instance, number) == (other, other_instance, other_number),
        (Change::Reached { goal, .. }, Change::Reached { goal: other, .. })
        | (Change::Lost { goal, .. }, Change::Lost { goal: other, .. }) => goal == other,
        (Change::PayoutReachesFloor { floor, .. }, Change::PayoutReachesFloor { floor: other, .. }) => floor == other,
        _ => one == other,
    }
}

/// What an answer comes down to: its word, and the amount or quantity.
fn answer(verdict: &Verdict) -> (u8, Option<crate::value::Decimal>) {
    match verdict {
        Verdict::Allow => (0, None),
        Verdict::Reduce { quantity, .. } => (1, Some(*quantity)),
        Verdict::Reject { .. } => (2, None),
        Verdict::Approve(amounts) => (3, Some(amounts.amount)),
        Verdict::Deny { .. } => (4, None),
        Verdict::Review { amounts, .. } => (5, Some(amounts.amount)),
    }
}
