use std::sync::Arc;

use super::*;
use crate::value::{Date, Instant, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND, TimeOfDay, Weekday};

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

fn topstep() -> TradingCalendar {
    let rule = DayRule {
        zone: zone("America/Chicago"),
        opens: time("17:00"),
        stops: Some(time("15:10")),
        settles: Some(time("16:00")),
        every_day: false,
    };
    TradingCalendar { rule, holidays: None, week_starts: Weekday::Sun }
}

fn midnight(name: &str, every_day: bool) -> TradingCalendar {
    let rule = DayRule { zone: zone(name), opens: TimeOfDay::MIDNIGHT, stops: None, settles: None, every_day };
    TradingCalendar { rule, holidays: None, week_starts: Weekday::Mon }
}

#[test]
fn offsets_and_local_times_agree_with_a_second_source() {
    for name in ["America/New_York", "America/Chicago", "Europe/Prague", "Europe/London", "Australia/Sydney"] {
        let (ours, theirs) = (zone(name), jiff::tz::TimeZone::get(name).unwrap());
        let mut previous = None;
        // Every six hours over thirty years, and every minute around each change of the clock.
        for step in 0..(30 * 365 * 4) {
            let instant = at("2007-01-01T00:00:00Z").plus(step * 6 * NANOS_PER_HOUR);
            let offset = ours.offset_at(instant);
            assert_same(ours, &theirs, instant);
            if previous.is_some_and(|previous| previous != offset) {
                for minute in -500..500 {
                    assert_same(ours, &theirs, instant.plus(minute * NANOS_PER_MINUTE));
                }
            }
            previous = Some(offset);
        }
    }
}

fn assert_same(ours: Zone, theirs: &jiff::tz::TimeZone, instant: Instant) {
    let timestamp = jiff::Timestamp::from_second(instant.nanos() / NANOS_PER_SECOND).unwrap();
    let offset = i64::from(theirs.to_offset(timestamp).seconds()) * NANOS_PER_SECOND;
    assert_eq!(ours.offset_at(instant), offset, "{ours} {instant}");
    let local = ours.to_local(instant);
    let civil = theirs.to_datetime(timestamp);
    let back = theirs.to_ambiguous_timestamp(civil);
    let first = back.earlier().unwrap();
    let time = TimeOfDay::from_nanos(local.nanos).unwrap();
    assert_eq!(ours.to_instant(local.date, time).nanos(), i64::try_from(first.as_nanosecond()).unwrap(), "{ours} {instant}");
}

#[test]
fn a_removed_time_is_the_first_instant_after_the_gap_and_a_repeated_one_the_first() {
    let new_york = zone("America/New_York");
    for removed in ["02:00", "02:30", "02:59"] {
        assert_eq!(new_york.to_instant(date("2026-03-08"), time(removed)).to_string(), "2026-03-08T07:00:00Z");
    }
    assert_eq!(new_york.to_instant(date("2026-11-01"), time("01:30")).to_string(), "2026-11-01T05:30:00Z");
    // A server clock of New York plus seven hours skips nine to ten in the morning.
    let server = new_york.shifted(7 * NANOS_PER_HOUR);
    assert_eq!(server.to_instant(date("2026-03-08"), time("09:30")).to_string(), "2026-03-08T07:00:00Z");
    assert_eq!(server.to_local(at("2026-03-08T07:00:00Z")).to_string(), "2026-03-08 10:00:00");
}

#[test]
fn days_have_23_and_25_hours_where_summer_time_begins_and_ends() {
    let cases = [
        ("America/New_York", "2026-03-08", "2026-11-01"),
        ("America/Chicago", "2026-03-08", "2026-11-01"),
        ("Europe/Prague", "2026-03-29", "2026-10-25"),
        ("Europe/London", "2026-03-29", "2026-10-25"),
        ("Australia/Sydney", "2026-10-04", "2026-04-05"),
    ];
    for (name, short, long) in cases {
        let calendar = midnight(name, true);
        let hours = |day: &str| {
            let noon = calendar.rule.zone.to_instant(date(day), time("12:00"));
            let day = calendar.day_at(noon);
            (day.next_opens.nanos() - day.opens.nanos()) / NANOS_PER_HOUR
        };
        assert_eq!((hours(short), hours(long)), (23, 25), "{name}");
    }
    let mut server = midnight("America/New_York", true);
    server.rule.zone = server.rule.zone.shifted(7 * NANOS_PER_HOUR);
    let day = server.day_at(at("2026-03-08T12:00:00Z"));
    assert_eq!((day.next_opens.nanos() - day.opens.nanos()) / NANOS_PER_HOUR, 23);
}

#[test]
fn in_march_2023_a_platform_clock_runs_two_hours_ahead_of_prague() {
    let (platform, prague) = (zone("America/New_York").shifted(7 * NANOS_PER_HOUR), zone("Europe/Prague"));
    let ahead = |day: &str| (platform.offset_at(at(day)) - prague.offset_at(at(day))) / NANOS_PER_HOUR;
    assert_eq!((ahead("2023-03-10T12:00:00Z"), ahead("2023-03-13T12:00:00Z"), ahead("2023-03-28T12:00:00Z")), (1, 2, 1));
    let reset = prague.to_instant(date("2023-03-14"), TimeOfDay::MIDNIGHT);
    assert_eq!(platform.to_local(reset).to_string(), "2023-03-14 02:00:00");
}

#[test]
fn a_futures_day_opens_on_the_evening_before_and_is_named_by_its_stamp() {
    let calendar = topstep();
    // Sunday 17:00 in Chicago opens Monday.
    let monday = calendar.day_at(at("2026-03-01T23:00:00Z"));
    assert_eq!(monday.date.to_string(), "2026-03-02");
    assert_eq!(monday.opens, at("2026-03-01T23:00:00Z"));
    assert_eq!(monday.stops, at("2026-03-02T21:10:00Z"));
    assert_eq!(monday.settles, at("2026-03-02T22:00:00Z"));
    assert_eq!(monday.next_opens, at("2026-03-02T23:00:00Z"));
    // Friday's day lasts until Sunday evening.
    let friday = calendar.day_at(at("2026-03-07T12:00:00Z"));
    assert_eq!((friday.date.to_string().as_str(), friday.next_opens), ("2026-03-06", at("2026-03-08T22:00:00Z")));
    // One instant before the opening it is still the day before.
    assert_eq!(calendar.day_at(at("2026-03-01T22:59:59.999999999Z")).date.to_string(), "2026-02-27");
}

#[test]
fn holidays_have_no_day_and_early_closes_move_only_the_close() {
    let mut holidays = Holidays::new("CME");
    for day in ["2025-11-25", "2025-11-26", "2025-11-28", "2025-12-01"] {
        let closes = zone("America/Chicago").to_instant(date(day), time("16:00"));
        holidays.insert(date(day), closes.plus(-23 * NANOS_PER_HOUR), closes);
    }
    holidays.set_early_close(date("2025-11-28"), at("2025-11-28T18:15:00Z"));
    let calendar = TradingCalendar { holidays: Some(Arc::new(holidays)), ..topstep() };
    let wednesday = calendar.day_at(at("2025-11-27T12:00:00Z"));
    assert_eq!(wednesday.date.to_string(), "2025-11-26", "Thanksgiving has no day of its own");
    let friday = calendar.day_after(&wednesday);
    assert_eq!((friday.date.to_string().as_str(), friday.early), ("2025-11-28", true));
    assert_eq!(friday.stops, at("2025-11-28T18:15:00Z"));
    assert_eq!(friday.settles, at("2025-11-28T22:00:00Z"), "the stamp stays at its time");
    assert!(calendar.day_at(at("2025-12-10T12:00:00Z")).outside_calendar);
    assert_eq!(calendar.add_trading_days(date("2025-11-26"), 2).to_string(), "2025-12-01");
}

#[test]
fn weeks_months_and_counts() {
    let calendar = midnight("Europe/Prague", false);
    assert_eq!(calendar.week_index(date("2026-03-01")) + 1, calendar.week_index(date("2026-03-02")));
    assert_eq!(topstep().week_index(date("2026-02-28")) + 1, topstep().week_index(date("2026-03-01")));
    assert_eq!(calendar.month_index(date("2026-02-28")) + 1, calendar.month_index(date("2026-03-01")));
    assert_eq!(calendar.quarter_index(date("2026-03-31")) + 1, calendar.quarter_index(date("2026-04-01")));
    assert_eq!(date("2026-03-06").plus_weekdays(1).to_string(), "2026-03-09");
    assert_eq!(calendar.trading_days_between(date("2026-03-06"), date("2026-03-10")), 2);
}

#[test]
fn sessions_open_and_close_on_their_weekdays() {
    let mut rth = WeeklySession::new(zone("America/Chicago"));
    rth.add(Weekday::Mon, Weekday::Fri, time("08:30"), time("15:00"));
    assert!(!rth.is_open(at("2026-03-02T14:29:59Z")));
    assert!(rth.is_open(at("2026-03-02T14:30:00Z")));
    assert_eq!(rth.closes(at("2026-03-02T14:30:00Z")), Some(at("2026-03-02T21:00:00Z")));
    assert!(!rth.is_open(at("2026-03-02T21:00:00Z")), "the close is outside");
    assert_eq!(rth.next_edge_after(at("2026-03-06T21:00:00Z")), at("2026-03-09T13:30:00Z"), "summer time began on Sunday");
    let mut night = WeeklySession::new(zone("UTC"));
    night.add(Weekday::Sun, Weekday::Thu, time("22:00"), time("06:00"));
    assert!(night.is_open(at("2026-03-02T05:59:59Z")));
    assert!(!night.is_open(at("2026-03-07T01:00:00Z")));
    assert_eq!(zone("UTC").next_local(at("2026-03-02T10:00:00Z"), time("10:00"), None), at("2026-03-03T10:00:00Z"));
    assert_eq!(zone("UTC").next_local(at("2026-03-02T10:00:00Z"), time("16:00"), Some(Weekday::Fri)), at("2026-03-06T16:00:00Z"));
}

#[test]
fn zones_that_do_not_say_what_they_mean_are_refused_with_advice() {
    for (name, advice) in [
        ("EST", "America/New_York"),
        ("CET", "Europe/Prague"),
        ("GMT+2", "UTC+2"),
        ("America/NewYork", "America/New_York"),
        ("Chicago", "America/Chicago"),
        ("Nowhere", "IANA"),
    ] {
        let error = Zone::parse(name).unwrap_err().to_string();
        assert!(error.contains(advice), "{name}: {error}");
    }
    assert_eq!(zone("UTC+3").offset_at(at("2026-07-01T00:00:00Z")), 3 * NANOS_PER_HOUR);
    assert_eq!(zone("UTC-05:30").to_string(), "UTC-05:30");
    assert!(Zone::parse("UTC+99").is_err());
}

fn rules() -> impl proptest::strategy::Strategy<Value = TradingCalendar> {
    use proptest::prelude::*;
    let zones = prop::sample::select(vec![
        "America/New_York",
        "America/Chicago",
        "Europe/Prague",
        "Europe/London",
        "Australia/Sydney",
        "UTC",
        "UTC+3",
    ]);
    (zones, 0..24i64, prop::option::of(0..24i64), prop::option::of(0..24i64), any::<bool>(), prop::bool::ANY).prop_map(
        |(name, opens, stops, settles, every_day, shifted)| {
            let hour = |hour: i64| TimeOfDay::from_nanos(hour * NANOS_PER_HOUR).unwrap();
            let zone = zone(name).shifted(if shifted { 7 * NANOS_PER_HOUR } else { 0 });
            let rule = DayRule { zone, opens: hour(opens), stops: stops.map(hour), settles: stops.and(settles).map(hour), every_day };
            TradingCalendar { rule, holidays: None, week_starts: Weekday::Mon }
        },
    )
}

proptest::proptest! {
    #[test]
    fn days_cover_all_time_without_overlap(calendar in rules(), hours in 0..200_000i64) {
        let instant = at("2007-01-01T00:00:00Z").plus(hours * NANOS_PER_HOUR + 1);
        let day = calendar.day_at(instant);
        assert!(day.opens <= instant && instant < day.next_opens);
        assert!(day.opens < day.settles && day.settles <= day.next_opens);
        let after = calendar.day_after(&day);
        assert_eq!(day.next_opens, after.opens);
        assert_eq!(calendar.day_before(&after), day);
        assert!(day.date < after.date);
        assert_eq!(calendar.day_at(day.opens), day);
    }
}
