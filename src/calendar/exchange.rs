//! When the exchange is open, as far as its calendar knows.

use super::{Holidays, TradingCalendar};
use crate::value::{Date, Instant};

impl TradingCalendar {
    /// Whether the exchange is open at an instant, and the next instant at which that may change.
    ///
    /// It is open during its sessions. Where no session is known, a day on which it closes early is
    /// open until then, a date that is closed is closed as a whole, and dates outside the calendar
    /// are open; without a calendar all are.
    pub(super) fn exchange_at(&self, at: Instant) -> (bool, Instant) {
        let Some(holidays) = self.holidays.as_deref() else { return (true, Instant::MAX) };
        if at >= Instant::MAX {
            return (true, Instant::from_nanos(i64::MAX));
        }
        let at = at.max(Instant::MIN);
        let date = self.rule.date_at(at);
        let sessions = || sessions_about(holidays, date);
        let told = holidays.closes(date).filter(|_| holidays.session(date).is_none());
        let open = sessions().any(|(opens, closes)| opens <= at && at < closes)
            || told.map_or_else(|| holidays.outside(date), |closes| at < closes);
        let edges = sessions().flat_map(|(opens, closes)| [opens, closes]).chain(told);
        let next = edges.filter(|edge| *edge > at).min();
        let tomorrow = self.rule.opening(date.plus(1));
        (open, next.map_or(tomorrow, |edge| edge.min(tomorrow)))
    }
}

/// The sessions that may have to do with the instants of a date: an exchange far away in the east or
/// west names them by another date.
fn sessions_about(holidays: &Holidays, date: Date) -> impl Iterator<Item = (Instant, Instant)> {
    (-2..=2).filter_map(move |days| holidays.session(date.plus(days))).map(|session| (session.opens, session.closes))
}
