//! What holds for every rule, zone and calendar.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::value::{NANOS_PER_DAY, NANOS_PER_MINUTE};

/// Zones that change their clock at night, at midnight, by half an hour, by a whole day, or never.
const ZONES: [&str; 11] = [
    "America/New_York",
    "America/Chicago",
    "America/Havana",
    "America/Santiago",
    "Europe/Prague",
    "Europe/London",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
    "UTC-05:30",
];

fn zones() -> impl Strategy<Value = Zone> {
    (prop::sample::select(&ZONES[..]), -12..=12i64).prop_map(|(name, shift)| zone(name).shifted(shift * NANOS_PER_HOUR))
}

/// Quarters of an hour, the midnight at the end included.
fn times() -> impl Strategy<Value = TimeOfDay> {
    (0..=96i64).prop_map(|quarter| TimeOfDay::from_nanos(quarter * 15 * NANOS_PER_MINUTE).unwrap())
}

/// Sessions on some dates of the first months after 2007, and a word on some of them.
fn exchanges() -> impl Strategy<Value = Holidays> {
    (prop::collection::vec(0..4u8, 0..120), 0..24i64).prop_map(|(kinds, opens)| {
        let mut holidays = Holidays::new("any");
        for (date, kind) in (13_514..).map(Date::from_days).zip(kinds) {
            let opens = Zone::UTC.to_instant(date, TimeOfDay::MIDNIGHT).plus(opens * NANOS_PER_HOUR);
            match kind {
                0 => holidays.insert(date, opens, opens.plus(8 * NANOS_PER_HOUR)),
                1 => holidays.set_early_close(date, opens.plus(4 * NANOS_PER_HOUR)),
                2 => holidays.close(date),
                _ => {}
            }
        }
        holidays
    })
}

fn calendars() -> impl Strategy<Value = TradingCalendar> {
    let rules = (zones(), times(), prop::option::of(times()), prop::option::of(times()), any::<bool>())
        .prop_map(|(zone, opens, stops, settles, every_day)| DayRule { zone, opens, stops, settles, every_day });
    (rules, prop::option::of(exchanges())).prop_map(|(rule, holidays)| TradingCalendar {
        rule,
        holidays: holidays.map(Arc::new),
        week_starts: Weekday::Mon,
    })
}

/// Instants of 30 years, half of them in the months of the exchanges.
fn instants() -> impl Strategy<Value = Instant> {
    let hours = prop_oneof![0..3000i64, 0..270_000i64];
    (hours, -1..=1i64).prop_map(|(hours, nano)| at("2007-01-01T00:00:00Z").plus(hours * NANOS_PER_HOUR + nano))
}

fn sessions() -> impl Strategy<Value = WeeklySession> {
    let days = || prop::sample::select(&Weekday::ALL[..]);
    let windows = prop::collection::vec((days(), days(), times(), times()), 0..4);
    (zones(), windows).prop_map(|(zone, windows)| {
        let mut session = WeeklySession::new(zone);
        for (first, last, opens, closes) in windows {
            session.add(first, last, opens, closes);
        }
        session
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn days_cover_all_time_without_overlap(calendar in calendars(), instant in instants()) {
        let day = calendar.day_at(instant);
        prop_assert!(day.opens <= instant && instant < day.next_opens);
        prop_assert!(calendar.is_day(day.date));
        prop_assert!(day.opens < day.settles && day.settles <= day.next_opens);
        prop_assert!(day.opens < day.stops && day.stops <= day.next_opens);
        let after = calendar.day_after(&day);
        prop_assert_eq!(day.next_opens, after.opens);
        prop_assert!(day.date < after.date);
        prop_assert_eq!(calendar.day_before(&after), day);
        prop_assert_eq!(calendar.day_at(day.opens), day);
        prop_assert_eq!(calendar.day_at(day.next_opens.plus(-1)), day);
        prop_assert_eq!(calendar.day_from(day.date), day);
        prop_assert_eq!(calendar.trading_days_between(day.date, after.date), 1);
        prop_assert_eq!(calendar.add_trading_days(day.date, 1), after.date);
    }

    /// docs/semantics.md: days.3
    #[test]
    fn a_day_is_named_by_the_last_instant_before_its_stamp(calendar in calendars(), instant in instants()) {
        let (rule, day) = (calendar.rule, calendar.day_at(instant));
        let stamp = rule.settles.or(rule.stops).unwrap_or(rule.opens).nanos() % NANOS_PER_DAY;
        // A stamp that summer time moved keeps the name of its time.
        if rule.zone.to_local(day.settles).nanos == stamp {
            prop_assert_eq!(rule.zone.to_local(day.settles.plus(-1)).date, day.date);
        }
    }

    #[test]
    fn a_later_time_on_the_clock_is_no_earlier_instant(zone in zones(), days in 13_000..25_000i32, times in (times(), times())) {
        let (one, other) = (times.0.min(times.1), times.0.max(times.1));
        let date = Date::from_days(days);
        prop_assert!(zone.to_instant(date, one) <= zone.to_instant(date, other));
        prop_assert!(zone.to_instant(date, other) <= zone.to_instant(date.plus(1), one.min(TimeOfDay::MIDNIGHT)));
    }

    #[test]
    fn the_next_time_on_the_clock_is_the_first_of_its_dates(zone in zones(), after in instants(), time in times(), first in 0..7usize, last in 0..7usize) {
        let weekdays = Weekdays::range(Weekday::ALL[first], Weekday::ALL[last]);
        let today = zone.to_local(after).date;
        let dates = (-20..20).map(|days| today.plus(days)).filter(|date| weekdays.contains(date.weekday()));
        let expected = dates.map(|date| zone.to_instant(date, time)).filter(|at| *at > after).min().unwrap();
        prop_assert_eq!(zone.next_local(after, time, weekdays), expected);
    }

    #[test]
    fn between_two_edges_a_session_does_not_change(session in sessions(), calendar in calendars(), instant in instants()) {
        let hours = session.hours(&calendar);
        let edge = hours.next_edge_after(instant);
        prop_assert!(edge > instant);
        let open = hours.is_open(instant);
        let last = if edge == Instant::MAX { instant.plus(30 * NANOS_PER_DAY) } else { edge };
        let step = ((last.nanos() - instant.nanos()) / 50).max(1);
        for sample in (0..50).map(|count| instant.plus(count * step)).filter(|at| *at < last).chain([last.plus(-1)]) {
            prop_assert_eq!(hours.is_open(sample), open, "{}", sample);
        }
        prop_assert_eq!(hours.closes(instant).is_some(), open);
        if let Some(closes) = hours.closes(instant) {
            prop_assert!(closes > instant && hours.is_open(closes.plus(-1)));
            prop_assert!(session.closes(instant).is_some_and(|window| closes <= window));
        }
        if let Some(opens) = hours.opens_next(instant) {
            prop_assert!(opens > instant && hours.is_open(opens) && !hours.is_open(opens.plus(-1)));
        }
    }
}
