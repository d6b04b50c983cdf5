//! The calendar of an exchange: on which dates there is a session, and when it closes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::value::{Date, Instant, NANOS_PER_HOUR};

/// The session of a date: open from its opening until its close, the close excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// When it opens.
    pub opens: Instant,
    /// When it closes: earlier than usual on early closes.
    pub closes: Instant,
}

/// The sessions of an exchange, and what was told about single dates since.
///
/// The calendar knows the dates from its first session to its last, and those it was told about.
/// A known date without a session is closed; other dates are outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holidays {
    name: String,
    sessions: BTreeMap<Date, Session>,
    /// Holds over the sessions.
    told: BTreeMap<Date, Told>,
    /// How many sessions last how long, in nanoseconds.
    lengths: BTreeMap<i64, u32>,
}

/// What was told about a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Told {
    Closed,
    ClosesAt(Instant),
}

/// A session that is shorter than usual by no more than this does not close early: where a calendar
/// counts whole days, the day on which summer time begins is that much shorter.
const ORDINARY_DIFFERENCE: i64 = NANOS_PER_HOUR;

impl Holidays {
    /// A calendar without sessions.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The name by which programs ask for it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds the session of a date, in the place of all that was known of that date. A session that
    /// does not close after its opening is none.
    pub fn insert(&mut self, date: Date, opens: Instant, closes: Instant) {
        self.told.remove(&date);
        if closes <= opens {
            return self.close(date);
        }
        let session = Session { opens, closes };
        if let Some(before) = self.sessions.insert(date, session) {
            self.count(before, -1);
        }
        self.count(session, 1);
    }

    /// Says that there is no session on a date, whatever the sessions say.
    pub fn close(&mut self, date: Date) {
        self.told.insert(date, Told::Closed);
    }

    /// Says that the session of a date closes early, whether or not that session is known.
    pub fn set_early_close(&mut self, date: Date, closes: Instant) {
        self.told.insert(date, Told::ClosesAt(closes));
    }

    /// Takes back what was said by [`Self::close`] or [`Self::set_early_close`]: the sessions hold again.
    pub fn reopen(&mut self, date: Date) {
        self.told.remove(&date);
    }

    /// The session of a date as it is held, where it is known: not on closed dates, and not where
    /// only its early close was told.
    pub fn session(&self, date: Date) -> Option<Session> {
        let session = *self.sessions.get(&date)?;
        match self.told.get(&date) {
            None => Some(session),
            Some(Told::Closed) => None,
            Some(Told::ClosesAt(closes)) => Some(Session { closes: *closes, ..session }),
        }
    }

    /// When the session of a date closes, where that is known.
    pub fn closes(&self, date: Date) -> Option<Instant> {
        match self.told.get(&date) {
            Some(Told::ClosesAt(closes)) => Some(*closes),
            Some(Told::Closed) => None,
            None => self.sessions.get(&date).map(|session| session.closes),
        }
    }

    /// Whether the session of a date is known to close earlier than usual: because it was told, or
    /// because it is shorter than most sessions of the calendar by more than an hour.
    pub fn closes_early(&self, date: Date) -> bool {
        match self.told.get(&date) {
            Some(told) => *told != Told::Closed,
            None => self.sessions.get(&date).is_some_and(|session| length(*session) < self.usual_length() - ORDINARY_DIFFERENCE),
        }
    }

    /// Whether there is no session on a date, as far as the calendar knows.
    pub fn is_closed(&self, date: Date) -> bool {
        match self.told.get(&date) {
            Some(told) => *told == Told::Closed,
            None => !self.outside(date) && !self.sessions.contains_key(&date),
        }
    }

    /// Whether a date lies outside what the calendar knows.
    pub fn outside(&self, date: Date) -> bool {
        let first = self.sessions.first_key_value().map(|(date, _)| *date);
        let last = self.sessions.last_key_value().map(|(date, _)| *date);
        let within = first.zip(last).is_some_and(|(first, last)| (first..=last).contains(&date));
        !within && !self.told.contains_key(&date)
    }

    /// How long most sessions last; the longest of several, 0 without sessions.
    fn usual_length(&self) -> i64 {
        self.lengths.iter().max_by_key(|(length, count)| (**count, **length)).map_or(0, |(length, _)| *length)
    }

    fn count(&mut self, session: Session, change: i32) {
        let count = self.lengths.entry(length(session)).or_default();
        *count = count.saturating_add_signed(change);
    }
}

const fn length(session: Session) -> i64 {
    session.closes.nanos().saturating_sub(session.opens.nanos())
}
