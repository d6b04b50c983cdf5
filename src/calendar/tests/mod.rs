use super::*;
use crate::value::{Date, Instant, NANOS_PER_HOUR, TimeOfDay, Weekday};

mod counting;
mod days;
mod holidays;
mod names;
mod properties;
mod sessions;
mod zones;

fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

fn time(text: &str) -> TimeOfDay {
    text.parse().unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The server clock of many platforms: midnight is 17:00 in New York, all year.
fn platform_clock() -> Zone {
    zone("America/New_York").shifted(7 * NANOS_PER_HOUR)
}

fn rule(zone: Zone, opens: &str, stops: Option<&str>, settles: Option<&str>) -> DayRule {
    DayRule { zone, opens: time(opens), stops: stops.map(time), settles: settles.map(time), every_day: false }
}

fn calendar(rule: DayRule) -> TradingCalendar {
    TradingCalendar { rule, holidays: None, week_starts: Weekday::Mon }
}

/// 17:00 to 15:10, stamped 16:00, in Chicago.
fn futures() -> TradingCalendar {
    calendar(rule(zone("America/Chicago"), "17:00", Some("15:10"), Some("16:00")))
}

/// Midnight to midnight, weekends too.
fn every_midnight(zone: Zone) -> TradingCalendar {
    calendar(DayRule { every_day: true, ..rule(zone, "00:00", None, None) })
}
