//! The calendar of an exchange: on which dates there is a session, and when it closes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::value::{Date, Instant};

/// The session of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// When it opens.
    pub opens: Instant,
    /// When it closes: earlier than usual on early closes.
    pub closes: Instant,
}

/// The sessions of an exchange between two dates. Dates between them without a session are closed;
/// dates outside are unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holidays {
    name: String,
    sessions: BTreeMap<Date, Session>,
    closed: BTreeSet<Date>,
    early: BTreeMap<Date, Instant>,
}

impl Holidays {
    /// A calendar without sessions.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The name by which programs ask for it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds the session of a date.
    pub fn insert(&mut self, date: Date, opens: Instant, closes: Instant) {
        self.closed.remove(&date);
        self.sessions.insert(date, Session { opens, closes });
    }

    /// Says that there is no session on a date.
    pub fn close(&mut self, date: Date) {
        self.sessions.remove(&date);
        self.early.remove(&date);
        self.closed.insert(date);
    }

    /// Lets the session of a date close early, whether or not its session is known.
    pub fn set_early_close(&mut self, date: Date, closes: Instant) {
        self.closed.remove(&date);
        self.early.insert(date, closes);
    }

    /// Takes back that there is no session on a date, or that it closes early.
    pub fn reopen(&mut self, date: Date) {
        self.closed.remove(&date);
        self.early.remove(&date);
    }

    /// When the session of a date closes, where that is known.
    pub fn closes(&self, date: Date) -> Option<Instant> {
        self.early.get(&date).copied().or_else(|| self.session(date).map(|session| session.closes))
    }

    /// Whether there is no session on a date, as far as the calendar knows.
    pub fn is_closed(&self, date: Date) -> bool {
        self.closed.contains(&date) || (!self.outside(date) && !self.sessions.contains_key(&date) && !self.early.contains_key(&date))
    }

    /// The session of a date, where there is one.
    pub fn session(&self, date: Date) -> Option<Session> {
        self.sessions.get(&date).copied()
    }

    /// Whether a date lies outside what the calendar knows.
    pub fn outside(&self, date: Date) -> bool {
        let first = self.sessions.first_key_value().map(|(date, _)| *date);
        let last = self.sessions.last_key_value().map(|(date, _)| *date);
        let within = first.zip(last).is_some_and(|(first, last)| (first..=last).contains(&date));
        !within && !self.closed.contains(&date)
    }
}
