//! The trading calendar: zones with their summer time, trading days, holidays and early closes,
//! weekly sessions, and counting in days.
//!
//! Everything here is pure: an instant goes in, an instant or a date comes out. Questions allocate
//! nothing, and have an answer for every instant and every date.

mod clock;
mod count;
mod day;
mod exchange;
mod holidays;
mod session;
mod zone;
mod zone_name;

pub use clock::Weekdays;
pub use day::{DayRule, TradingCalendar, TradingDay};
pub use holidays::{Holidays, Session};
pub use session::{SessionHours, WeeklySession};
pub use zone::{LocalTime, Zone};
pub use zone_name::ZoneError;

#[cfg(test)]
mod tests;
