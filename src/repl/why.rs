//! `why`: the last decision, or the one that is asked for, its clause, and its figures down to the events.

use std::fmt::Write as _;
use std::sync::Arc;

use super::ask::event_words;
use super::course::Course;
use super::session::{Session, entry_words};
use super::world::{Decision, OPENING, Origin};
use super::{Trouble, show};
use crate::outcome::{Action, ActionKind, Change};
use crate::sentences::{Told, beyond};

impl Session {
    /// `why` of the last decision; of the last breach; or of what led into a phase.
    pub(super) fn why(&self, of: &str) -> Result<String, Trouble> {
        let course = self.course()?;
        let breaks = |change: &Change| matches!(change, Change::Breach { .. });
        match of {
            "" => Ok(match decided(course, |_| true) {
                Some(decision) => self.all_told(course, decision) + &self.ended(decision),
                None => "nothing was decided yet".into(),
            }),
            "breach" => Ok(decided(course, |decision| decision.outcome.changes.iter().any(breaks))
                .map_or_else(|| "no limit was broken yet".into(), |decision| self.all_told(course, decision))),
            phase if self.program.ir().phase_named(phase).is_some() => {
                let led = decided(course, |decision| decision.outcome.changes.iter().any(|change| enters(change, phase)));
                Ok(led.map_or_else(
                    || format!("no decision led into phase {phase}"),
                    |decision| self.told_first(course, decision, &leading(decision, phase)),
                ))
            }
            other => Err(self.hinted(&format!("why {other}"), Trouble::words("write `why`, `why breach` or `why` and a phase"))),
        }
    }

    /// The decision that led into the standing phase in which the account is; the phase; and what it was about, and when.
    pub(super) fn ended_by(&self) -> Option<(&Decision, &str, String)> {
        let course = self.course().ok()?;
        let phase = self.program.ir().phase(course.phase(&self.program));
        let led = |decision: &Decision| decision.outcome.changes.iter().any(|change| enters(change, &phase.name));
        let decision = decided(course, led).filter(|_| phase.standing)?;
        let rules = leading(decision, &phase.name);
        let told = decision.told.iter().find(|told| rules.contains(&told.rule.as_str())).or(decision.told.first())?;
        Some((decision, &phase.name, format!("{}, at {}", told.heading, self.local(decision.outcome.at))))
    }

    /// Where an account stands still, the way to what brought it there, if that is not what was just told.
    fn ended(&self, told: &Decision) -> String {
        match self.ended_by() {
            Some((decision, phase, because)) if !std::ptr::eq(decision, told) => {
                format!("\nthe account is in phase {phase}: {because}; `why {phase}` tells it")
            }
            _ => String::new(),
        }
    }

    fn all_told(&self, course: &Course, decision: &Decision) -> String {
        self.told_first(course, decision, &[])
    }

    /// Everything that was told, that of some rules first.
    fn told_first(&self, course: &Course, decision: &Decision, rules: &[&str]) -> String {
        let mut out = String::new();
        let (first, rest): (Vec<&Told>, Vec<&Told>) = decision.told.iter().partition(|told| rules.contains(&told.rule.as_str()));
        for told in first.into_iter().chain(rest) {
            self.told(course, told, &mut out);
        }
        out.trim_end().to_owned()
    }

    fn told(&self, course: &Course, told: &Told, out: &mut String) {
        let zone = self.program.ir().header.day.zone;
        let _ = writeln!(out, "{}\n  {}", told.heading, told.sentence);
        if !told.clause.is_empty() {
            let _ = writeln!(out, "  {}", told.clause);
        }
        for part in &told.parts {
            show::tree(zone, part, 2, out);
        }
        if let Some(room) = &told.room_before {
            let words = beyond(room).map_or_else(|| format!("room before: {room}"), |by| format!("over by {by} already before"));
            let _ = writeln!(out, "  {words}");
        }
        if let Some(number) = told.extreme {
            let _ = writeln!(out, "  what it follows was set by {}", self.origin(course, number));
        }
        match told.crossed {
            Some(number) => {
                let _ = writeln!(out, "  decided by {}", self.origin(course, number));
            }
            None if !told.clause.is_empty() => out.push_str("  decided by time alone\n"),
            None => {}
        }
    }

    /// An event of the account, by the line or the loaded event that it came from.
    fn origin(&self, course: &Course, number: u64) -> String {
        let from = match course.world.origin(number) {
            Some(Origin::Line(OPENING)) => "the opening of the account".into(),
            Some(Origin::Line(line)) => match course.history.get(line) {
                Some(played) => entry_words(&self.program, &played.entry),
                None => "the line just typed".into(),
            },
            Some(Origin::Loaded(place)) => match course.world.loaded(place) {
                Some(event) => format!("{} of {}", event_words(event), self.local(event.at)),
                None => "a loaded event".into(),
            },
            None => "an event before this session".into(),
        };
        format!("{from} (event {number} of the account)")
    }
}

/// The last decision of a kind of which something is told.
fn decided(course: &Course, is: impl Fn(&Decision) -> bool) -> Option<&Decision> {
    let decisions = course.world.decisions().iter().rev().map(Arc::as_ref);
    decisions.filter(|decision| !decision.told.is_empty()).find(|decision| is(decision))
}

fn enters(change: &Change, phase: &str) -> bool {
    matches!(change, Change::Entered { to, .. } if **to == *phase)
}

/// The rules that asked for what led into a phase: of two limits that break at once, the one that fails, not the one
/// that locks.
fn leading<'a>(decision: &'a Decision, phase: &str) -> Vec<&'a str> {
    let leads = |action: &&Action| match &action.kind {
        ActionKind::Fail => phase == "failed",
        ActionKind::CloseAccount => phase == "closed",
        ActionKind::Promote { phase: to } => **to == *phase,
        _ => false,
    };
    decision.outcome.actions.iter().filter(leads).map(|action| &*action.rule).collect()
}
