//! Calendars of exchanges: which sessions there are, from when to when.

use std::collections::BTreeMap;
use std::io::Read;

use super::error::{Place, ReadError, csv_rows};
use crate::event::CalendarDay;
use crate::value::{Date, Instant, Weekday};

/// The first line of a file of sessions.
pub(super) const HEADER: &str = ",open,close,break_start,break_end";

/// One session of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarSession {
    /// Its date.
    pub date: Date,
    /// When it opens.
    pub open: Instant,
    /// When it closes.
    pub close: Instant,
    /// When its break begins and ends, if it has one.
    pub pause: Option<(Instant, Instant)>,
}

/// The sessions of an exchange, by date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeCalendar {
    /// The sessions, the earliest first, one a date.
    pub sessions: Vec<CalendarSession>,
}

impl ExchangeCalendar {
    /// Reads the CSV of an exchange's sessions: date, open, close and break, all in UTC. Rows that
    /// cannot be read are left out and reported.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn read(name: &str, input: impl Read) -> Result<(Self, Vec<ReadError>), ReadError> {
        let place = Place::new(name);
        let mut rows = csv_rows(input);
        let (mut sessions, mut errors) = (BTreeMap::new(), Vec::new());
        let mut row = csv::StringRecord::new();
        let mut first = true;
        while rows.read_record(&mut row).map_err(|error| place.error(None, format!("cannot be read: {error}"), "check that it is whole"))? {
            if std::mem::take(&mut first) {
                if row.iter().ne(HEADER.split(',')) {
                    return Err(place.error(None, "is no exchange calendar", format!("its first line must be `{HEADER}`")));
                }
                continue;
            }
            let place = place.at_line(row.position().map_or(0, csv::Position::line));
            match session(&place, &row) {
                Ok(session) if sessions.contains_key(&session.date) => {
                    errors.push(place.error(Some("date"), format!("{} is there twice", session.date), "keep one of the two rows"));
                }
                Ok(session) => _ = sessions.insert(session.date, session),
                Err(error) => errors.push(error),
            }
        }
        Ok((Self { sessions: sessions.into_values().collect() }, errors))
    }

    /// The session of a date.
    pub fn session(&self, date: Date) -> Option<&CalendarSession> {
        let place = self.sessions.binary_search_by_key(&date, |session| session.date).ok()?;
        self.sessions.get(place)
    }

    /// What is not ordinary: weekdays without a session between the first and the last one, and
    /// sessions shorter than those of the calendar usually are, which close early.
    pub fn exceptions(&self, calendar: &str) -> Vec<CalendarDay> {
        let (Some(first), Some(last)) = (self.sessions.first(), self.sessions.last()) else { return Vec::new() };
        let usual = self.usual_length();
        let dates = (first.date.days()..=last.date.days()).map(Date::from_days);
        let day = |date, closed, early_close| CalendarDay { calendar: calendar.into(), date, closed, early_close };
        let exception = |date: Date| match self.session(date) {
            Some(session) => (session.length() < usual).then(|| day(date, None, Some(session.close))),
            None => (date.weekday() < Weekday::Sat).then(|| day(date, Some(true), None)),
        };
        dates.filter_map(exception).collect()
    }

    /// The most frequent length of a session, in nanoseconds; the longest of several.
    fn usual_length(&self) -> i64 {
        let mut lengths: BTreeMap<i64, usize> = BTreeMap::new();
        for session in &self.sessions {
            *lengths.entry(session.length()).or_default() += 1;
        }
        lengths.into_iter().max_by_key(|(length, count)| (*count, *length)).map_or(0, |(length, _)| length)
    }
}

impl CalendarSession {
    fn length(&self) -> i64 {
        self.close.nanos().saturating_sub(self.open.nanos())
    }
}

pub(super) fn is_no_source(place: &Place) -> ReadError {
    place.error(None, "is an exchange calendar, which holds sessions and no events", "give it as the program's calendar")
}

fn session(place: &Place, row: &csv::StringRecord) -> Result<CalendarSession, ReadError> {
    let instant = |column: usize, name: &str| match row.get(column).unwrap_or("") {
        "" => Ok(None),
        text => text.parse::<Instant>().map(Some).map_err(|error| place.error(Some(name), error.to_string(), "correct the cell")),
    };
    let told = |column, name| instant(column, name)?.ok_or_else(|| place.error(Some(name), "is empty", "give a time in UTC"));
    let session = CalendarSession {
        date: told(0, "date")?.utc().date_naive().into(),
        open: told(1, "open")?,
        close: told(2, "close")?,
        pause: instant(3, "break_start")?.zip(instant(4, "break_end")?),
    };
    if session.close <= session.open {
        return Err(place.error(Some("close"), "is not after `open`", "correct one of the two"));
    }
    Ok(session)
}
