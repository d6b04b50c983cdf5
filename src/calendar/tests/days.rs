//! Trading days without a calendar of an exchange.

use super::*;

fn hours(from: Instant, to: Instant) -> i64 {
    (to.nanos() - from.nanos()) / NANOS_PER_HOUR
}

#[test]
fn days_have_23_and_25_hours_where_summer_time_begins_and_ends() {
    let cases = [
        (zone("America/New_York"), "2026-03-08", "2026-11-01"),
        (zone("America/Chicago"), "2026-03-08", "2026-11-01"),
        (zone("Europe/Prague"), "2026-03-29", "2026-10-25"),
        (zone("Europe/London"), "2026-03-29", "2026-10-25"),
        (zone("Australia/Sydney"), "2026-10-04", "2026-04-05"),
        (platform_clock(), "2026-03-08", "2026-11-01"),
    ];
    for (zone, short, long) in cases {
        let calendar = every_midnight(zone);
        let lasts = |day: &str| {
            let day = calendar.day_from(date(day));
            hours(day.opens, day.next_opens)
        };
        assert_eq!((lasts(short), lasts(long)), (23, 25), "{zone}");
        let in_a_year = (0..365).filter(|days| lasts(&date("2026-01-01").plus(*days).to_string()) == 24);
        assert_eq!(in_a_year.count(), 363, "{zone}");
    }
}

/// docs/semantics.md: days.1, days.3
#[test]
fn a_futures_day_opens_on_the_evening_before_and_is_named_by_its_stamp() {
    let calendar = futures();
    // Sunday 17:00 in Chicago opens Monday.
    let monday = calendar.day_at(at("2026-03-01T23:00:00Z"));
    assert_eq!(monday.date, date("2026-03-02"));
    assert_eq!(monday.opens, at("2026-03-01T23:00:00Z"));
    assert_eq!(monday.stops, at("2026-03-02T21:10:00Z"));
    assert_eq!(monday.settles, at("2026-03-02T22:00:00Z"));
    assert_eq!(monday.next_opens, at("2026-03-02T23:00:00Z"));
    assert!(!monday.early && !monday.outside_calendar);
    // Friday's day lasts until Sunday evening, which has summer time.
    let friday = calendar.day_at(at("2026-03-07T12:00:00Z"));
    assert_eq!((friday.date, friday.next_opens), (date("2026-03-06"), at("2026-03-08T22:00:00Z")));
    assert_eq!(calendar.day_at(at("2026-03-08T21:59:59.999999999Z")), friday, "one instant before the opening");
    assert_eq!(calendar.day_at(at("2026-03-08T22:00:00Z")).date, date("2026-03-09"));
    assert_eq!(calendar.day_before(&monday).date, date("2026-02-27"));
}

#[test]
fn midnight_in_prague_on_every_day() {
    let calendar = every_midnight(zone("Europe/Prague"));
    let saturday = calendar.day_at(at("2026-03-07T12:00:00Z"));
    assert_eq!((saturday.date, saturday.opens), (date("2026-03-07"), at("2026-03-06T23:00:00Z")));
    assert_eq!(
        (saturday.stops, saturday.settles, saturday.next_opens),
        (saturday.next_opens, saturday.next_opens, at("2026-03-07T23:00:00Z"))
    );
    // Midnight is the new day.
    assert_eq!(calendar.day_at(at("2026-03-07T23:00:00Z")).date, date("2026-03-08"));
    assert_eq!(calendar.day_at(at("2026-03-07T22:59:59.999999999Z")).date, date("2026-03-07"));
}

/// docs/semantics.md: days.1
#[test]
fn without_other_times_a_friday_is_stamped_at_the_next_midnight() {
    let calendar = calendar(rule(Zone::UTC, "00:00", None, None));
    let friday = calendar.day_at(at("2026-03-08T12:00:00Z"));
    assert_eq!(friday.date, date("2026-03-06"));
    assert_eq!((friday.settles, friday.next_opens), (at("2026-03-07T00:00:00Z"), at("2026-03-09T00:00:00Z")));
}

#[test]
fn a_day_from_five_to_five_is_named_by_where_it_ends() {
    let calendar = calendar(rule(zone("America/New_York"), "17:00", Some("17:00"), None));
    let monday = calendar.day_at(at("2026-03-02T12:00:00Z"));
    assert_eq!((monday.date, monday.opens), (date("2026-03-02"), at("2026-03-01T22:00:00Z")));
    assert_eq!((monday.stops, monday.settles, monday.next_opens), (monday.next_opens, monday.next_opens, at("2026-03-02T22:00:00Z")));
    let alone = TradingCalendar { rule: DayRule { stops: None, ..calendar.rule }, ..calendar.clone() };
    assert_eq!(alone.day_at(at("2026-03-02T12:00:00Z")), monday);
}

#[test]
fn midnight_is_written_in_two_ways() {
    let end = |opens: &str, stops: &str| calendar(rule(Zone::UTC, opens, Some(stops), None)).day_at(at("2026-03-02T12:00:00Z"));
    let monday = end("00:00", "24:00");
    assert_eq!((monday.date, monday.opens, monday.settles), (date("2026-03-02"), at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z")));
    assert_eq!(end("00:00", "00:00"), monday);
    assert_eq!(end("24:00", "24:00"), monday);
    assert_eq!(end("24:00", "00:00"), monday);
    // An evening that ends at midnight still belongs to its own date.
    let evening = calendar(rule(Zone::UTC, "17:00", Some("24:00"), None)).day_at(at("2026-03-02T18:00:00Z"));
    assert_eq!(
        (evening.date, evening.settles, evening.next_opens),
        (date("2026-03-02"), at("2026-03-03T00:00:00Z"), at("2026-03-03T17:00:00Z"))
    );
}

#[test]
fn trading_may_stop_after_the_stamp_but_not_before_the_opening() {
    let day = calendar(rule(Zone::UTC, "17:00", Some("16:00"), Some("00:00"))).day_at(at("2026-03-03T12:00:00Z"));
    assert_eq!((day.date, day.opens), (date("2026-03-02"), at("2026-03-02T17:00:00Z")));
    assert_eq!((day.settles, day.stops), (at("2026-03-03T00:00:00Z"), at("2026-03-03T16:00:00Z")));
}

#[test]
fn where_summer_time_takes_the_whole_day_it_lasts_until_the_next_opening() {
    // 02:00 to 02:45 does not exist on 8 March in New York.
    let calendar = calendar(DayRule { every_day: true, ..rule(zone("America/New_York"), "02:00", Some("02:45"), None) });
    let day = calendar.day_from(date("2026-03-08"));
    assert_eq!(day.opens, at("2026-03-08T07:00:00Z"));
    assert_eq!((day.stops, day.settles), (at("2026-03-09T06:00:00Z"), at("2026-03-09T06:00:00Z")));
    let before = calendar.day_before(&day);
    assert_eq!((before.settles, before.next_opens), (at("2026-03-07T07:45:00Z"), day.opens));
}

#[test]
fn a_date_that_a_zone_skipped_is_no_day() {
    let samoa = every_midnight(zone("Pacific/Apia"));
    let before = samoa.day_at(at("2011-12-30T09:59:59Z"));
    let after = samoa.day_after(&before);
    assert_eq!((before.date, after.date), (date("2011-12-29"), date("2011-12-31")));
    assert_eq!((before.next_opens, after.opens), (at("2011-12-30T10:00:00Z"), at("2011-12-30T10:00:00Z")));
    assert!(!samoa.is_day(date("2011-12-30")));
}

#[test]
fn the_first_opening_from_an_instant_on_includes_it() {
    let calendar = futures();
    assert_eq!(calendar.opening_from(at("2026-03-01T23:00:00Z")), at("2026-03-01T23:00:00Z"));
    assert_eq!(calendar.opening_from(at("2026-03-01T23:00:00.000000001Z")), at("2026-03-02T23:00:00Z"));
    assert_eq!(calendar.opening_from(at("2026-03-07T12:00:00Z")), at("2026-03-08T22:00:00Z"));
    assert_eq!(calendar.day_from(date("2026-03-07")).date, date("2026-03-09"));
}

#[test]
fn every_instant_has_a_day() {
    for calendar in [futures(), every_midnight(platform_clock())] {
        for nanos in [i64::MIN, Instant::MIN.nanos(), Instant::MAX.nanos(), i64::MAX] {
            let instant = Instant::from_nanos(nanos);
            let (day, held) = (calendar.day_at(instant), instant.clamp(Instant::MIN, Instant::MAX));
            assert!(day.opens <= held && held < day.next_opens, "{nanos}");
        }
        for days in [i32::MIN, i32::MAX] {
            calendar.day_from(Date::from_days(days));
        }
    }
}
