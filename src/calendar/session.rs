//! Weekly sessions: `session rth mon to fri 08:30 to 15:00`.

use super::Zone;
use crate::value::{Date, Instant, TimeOfDay, Weekday};

/// Windows that come every week. A window is half open: it begins at its opening and has ended at its close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeeklySession {
    zone: Zone,
    windows: Vec<Window>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    first: Weekday,
    last: Weekday,
    opens: TimeOfDay,
    closes: TimeOfDay,
}

impl WeeklySession {
    /// A session without windows.
    pub const fn new(zone: Zone) -> Self {
        Self { zone, windows: Vec::new() }
    }

    /// Adds a window on each weekday from the first to the last. One that closes at or before its
    /// opening time closes on the next day.
    pub fn add(&mut self, first: Weekday, last: Weekday, opens: TimeOfDay, closes: TimeOfDay) {
        self.windows.push(Window { first, last, opens, closes });
    }

    /// Whether a window is open.
    pub fn is_open(&self, at: Instant) -> bool {
        self.closes(at).is_some()
    }

    /// When the window that is open closes; the latest where several are.
    pub fn closes(&self, at: Instant) -> Option<Instant> {
        self.spans(at).filter(|(opens, closes)| *opens <= at && at < *closes).map(|(_, closes)| closes).max()
    }

    /// When a window opens next.
    pub fn opens_next(&self, at: Instant) -> Option<Instant> {
        self.spans(at).map(|(opens, _)| opens).filter(|opens| *opens > at).min()
    }

    /// The next instant at which the session may open or close.
    pub fn next_edge_after(&self, at: Instant) -> Instant {
        self.spans(at).flat_map(|(opens, closes)| [opens, closes]).filter(|edge| *edge > at).min().unwrap_or(Instant::MAX)
    }

    /// The windows from the day before an instant to more than a week after it.
    fn spans(&self, at: Instant) -> impl Iterator<Item = (Instant, Instant)> {
        let today = self.zone.to_local(at).date;
        (-1..9)
            .map(move |days| today.plus(days))
            .flat_map(move |date| self.windows.iter().filter(move |window| window.on(date)).map(move |window| self.span(window, date)))
    }

    fn span(&self, window: &Window, date: Date) -> (Instant, Instant) {
        let closing = if window.closes <= window.opens { date.plus(1) } else { date };
        (self.zone.to_instant(date, window.opens), self.zone.to_instant(closing, window.closes))
    }
}

impl Window {
    fn on(&self, date: Date) -> bool {
        let day = date.weekday();
        if self.first <= self.last { (self.first..=self.last).contains(&day) } else { day >= self.first || day <= self.last }
    }
}
