//! `why`: the last decision, its clause, and its figures down to the events.

use std::fmt::Write as _;

use super::ask::event_words;
use super::course::Course;
use super::session::{Session, entry_words};
use super::world::{OPENING, Origin};
use super::{Trouble, show};
use crate::sentences::{Told, beyond};

impl Session {
    pub(super) fn why(&self) -> Result<String, Trouble> {
        let course = self.course()?;
        let last = course.world.decisions().iter().rev().find(|decision| !decision.told.is_empty());
        let Some(decision) = last else { return Ok("nothing was decided yet".into()) };
        let mut out = String::new();
        for told in &decision.told {
            self.told(course, told, &mut out);
        }
        Ok(out.trim_end().to_owned())
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
