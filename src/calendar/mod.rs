//! The trading calendar: zones with their summer time, trading days, holidays and early closes,
//! weekly sessions, and counting in days.
//!
//! Everything here is pure: an instant goes in, an instant or a date comes out.

mod day;
mod holidays;
mod session;
mod zone;

pub use day::{DayRule, TradingCalendar, TradingDay};
pub use holidays::{Holidays, Session};
pub use session::WeeklySession;
pub use zone::{LocalTime, Zone, ZoneError};

#[cfg(test)]
mod tests;
