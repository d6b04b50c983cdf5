//! Weekly sessions: `session rth mon to fri 08:30 to 15:00`.

use super::{TradingCalendar, Weekdays, Zone};
use crate::value::{Date, Instant, NANOS_PER_DAY, TimeOfDay, Weekday};

/// Windows that come every week. A window is half open: it begins at its opening and has ended at its close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeeklySession {
    zone: Zone,
    windows: Vec<Window>,
}

/// A weekly session as far as the exchange is open: [`WeeklySession::hours`].
#[derive(Clone, Copy, Debug)]
pub struct SessionHours<'a> {
    session: &'a WeeklySession,
    calendar: Option<&'a TradingCalendar>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    weekdays: Weekdays,
    opens: TimeOfDay,
    closes: TimeOfDay,
}

/// How far the next opening is looked for: longer than exchanges are closed for holidays.
const SEARCH: i64 = 60 * NANOS_PER_DAY;

impl WeeklySession {
    /// A session without windows.
    pub const fn new(zone: Zone) -> Self {
        Self { zone, windows: Vec::new() }
    }

    /// Adds a window on each weekday from the first to the last, over the weekend where the last
    /// comes before the first. One that closes at or before its opening time closes on the next day.
    pub fn add(&mut self, first: Weekday, last: Weekday, opens: TimeOfDay, closes: TimeOfDay) {
        self.windows.push(Window { weekdays: Weekdays::range(first, last), opens, closes });
    }

    /// Its windows: on which weekdays each opens, when it opens and closes.
    pub fn windows(&self) -> impl Iterator<Item = (Weekdays, TimeOfDay, TimeOfDay)> {
        self.windows.iter().map(|window| (window.weekdays, window.opens, window.closes))
    }

    /// The session with the calendar of an exchange: closed on its holidays, after its early closes
    /// and between its sessions. On dates outside the calendar the windows alone decide.
    pub const fn hours<'a>(&'a self, calendar: &'a TradingCalendar) -> SessionHours<'a> {
        SessionHours { session: self, calendar: Some(calendar) }
    }

    /// Whether a window is open, whatever the exchange does.
    pub fn is_open(&self, at: Instant) -> bool {
        self.closes(at).is_some()
    }

    /// When the window that is open closes; the latest where several are.
    pub fn closes(&self, at: Instant) -> Option<Instant> {
        let today = self.zone.to_local(at).date;
        let spans = (-1..=1).flat_map(|days| self.spans_on(today.plus(days)));
        spans.filter(|(opens, closes)| *opens <= at && at < *closes).map(|(_, closes)| closes).max()
    }

    /// The next instant, after another, at which the windows turn from closed to open.
    pub fn opens_next(&self, at: Instant) -> Option<Instant> {
        self.alone().opens_next(at)
    }

    /// The next instant, after another, at which a window opens or closes; [`Instant::MAX`] without windows.
    pub fn next_edge_after(&self, at: Instant) -> Instant {
        let today = self.zone.to_local(at).date;
        let mut next: Option<Instant> = None;
        for days in -1..9 {
            let found = next.is_some();
            let edges = self.spans_on(today.plus(days)).flat_map(|(opens, closes)| [opens, closes]);
            next = edges.chain(next).filter(|edge| *edge > at).min();
            // A window that opens one date later may come before the close that was found, but none after that.
            if found {
                break;
            }
        }
        next.unwrap_or(Instant::MAX)
    }

    const fn alone(&self) -> SessionHours<'_> {
        SessionHours { session: self, calendar: None }
    }

    /// The windows that open on a local date.
    fn spans_on(&self, date: Date) -> impl Iterator<Item = (Instant, Instant)> {
        let windows = self.windows.iter().filter(move |window| window.weekdays.contains(date.weekday()));
        windows.map(move |window| {
            let closing = if window.closes <= window.opens { date.plus(1) } else { date };
            (self.zone.to_instant(date, window.opens), self.zone.to_instant(closing, window.closes))
        })
    }
}

impl SessionHours<'_> {
    /// Whether a window is open and the exchange is.
    pub fn is_open(&self, at: Instant) -> bool {
        self.session.is_open(at) && self.exchange_at(at).0
    }

    /// When the window that is open closes, or the exchange does before that.
    pub fn closes(&self, at: Instant) -> Option<Instant> {
        let end = self.session.closes(at)?;
        let (mut open, mut until) = self.exchange_at(at);
        if !open {
            return None;
        }
        while until < end {
            let edge = until;
            (open, until) = self.exchange_at(edge);
            if !open {
                return Some(edge);
            }
        }
        Some(end)
    }

    /// The next instant, after another, at which the session turns from closed to open; none if that
    /// is more than 60 days away.
    pub fn opens_next(&self, at: Instant) -> Option<Instant> {
        let last = at.plus(SEARCH);
        let edges = std::iter::successors(Some(self.next_edge_after(at)), |edge| Some(self.next_edge_after(*edge)));
        edges.take_while(|edge| *edge <= last && *edge < Instant::MAX).find(|edge| self.is_open(*edge) && !self.is_open(edge.plus(-1)))
    }

    /// The next instant, after another, at which the session turns from open to closed; none if that
    /// is more than 60 days away.
    pub fn closes_next(&self, at: Instant) -> Option<Instant> {
        let last = at.plus(SEARCH);
        let opened = if self.is_open(at) { at } else { self.opens_next(at)? };
        // A window may begin where another closes.
        std::iter::successors(self.closes(opened), |closes| self.closes(*closes)).last().filter(|closes| *closes <= last)
    }

    /// The next instant, after another, at which the session may open or close; [`Instant::MAX`] if
    /// there is none. It may pass without a change.
    pub fn next_edge_after(&self, at: Instant) -> Instant {
        let edge = self.session.next_edge_after(at);
        if self.session.is_open(at) { edge.min(self.exchange_at(at).1) } else { edge }
    }

    fn exchange_at(&self, at: Instant) -> (bool, Instant) {
        self.calendar.map_or((true, Instant::MAX), |calendar| calendar.exchange_at(at))
    }
}
