//! Counting in days, greater periods, and times of day.

use std::sync::Arc;

use super::*;

#[test]
fn weeks_begin_on_their_weekday() {
    for (starts, last, first) in [
        (Weekday::Mon, "2026-03-01", "2026-03-02"),
        (Weekday::Sun, "2026-02-28", "2026-03-01"),
        (Weekday::Wed, "2026-03-03", "2026-03-04"),
        (Weekday::Mon, "1969-12-28", "1969-12-29"),
    ] {
        let calendar = TradingCalendar { week_starts: starts, ..futures() };
        assert_eq!(calendar.week_index(date(last)) + 1, calendar.week_index(date(first)), "{starts}");
        assert_eq!(calendar.week_index(date(first)), calendar.week_index(date(first).plus(6)), "{starts}");
    }
}

#[test]
fn months_quarters_and_years_change_between_trading_days() {
    let calendar = futures();
    // 31 January and 1 February 2026 are a weekend: the month ends with Friday the 30th.
    let friday = calendar.day_from(date("2026-01-30"));
    let monday = calendar.day_after(&friday);
    assert_eq!(monday.date, date("2026-02-02"));
    assert_eq!(calendar.month_index(friday.date) + 1, calendar.month_index(monday.date));
    assert_eq!(calendar.quarter_index(friday.date), calendar.quarter_index(monday.date));
    assert_eq!(calendar.quarter_index(date("2026-03-31")) + 1, calendar.quarter_index(date("2026-04-01")));
    assert_eq!(calendar.year_index(date("2025-12-31")) + 1, calendar.year_index(date("2026-01-01")));
    assert_eq!(calendar.month_index(date("2025-12-31")) + 1, calendar.month_index(date("2026-01-01")));
}

#[test]
fn trading_days_are_counted_without_holidays() {
    let mut holidays = Holidays::new("CME");
    for day in ["2025-12-23", "2025-12-24", "2025-12-26", "2025-12-29"] {
        let close = zone("America/Chicago").to_instant(date(day), time("16:00"));
        holidays.insert(date(day), close.plus(-23 * NANOS_PER_HOUR), close);
    }
    let calendar = TradingCalendar { holidays: Some(Arc::new(holidays)), ..futures() };
    assert_eq!(calendar.add_trading_days(date("2025-12-24"), 1), date("2025-12-26"));
    assert_eq!(calendar.add_trading_days(date("2025-12-25"), 2), date("2025-12-29"));
    assert_eq!(calendar.add_trading_days(date("2025-12-25"), 0), date("2025-12-25"));
    assert_eq!(calendar.trading_days_between(date("2025-12-23"), date("2025-12-29")), 3);
    assert_eq!(calendar.trading_days_between(date("2025-12-24"), date("2025-12-25")), 0);
    assert_eq!(calendar.trading_days_between(date("2025-12-29"), date("2025-12-23")), 0);
}

#[test]
fn weekdays_are_counted_from_monday_to_friday() {
    for (from, days, to) in [
        ("2026-03-06", 1, "2026-03-09"),
        ("2026-03-02", 4, "2026-03-06"),
        ("2026-03-02", 5, "2026-03-09"),
        ("2026-03-07", 0, "2026-03-07"),
        ("2026-03-07", 1, "2026-03-09"),
        ("2026-03-08", 5, "2026-03-13"),
        ("2026-03-04", 260, "2027-03-03"),
    ] {
        assert_eq!(date(from).plus_weekdays(days), date(to), "{from} and {days}");
    }
}

#[test]
fn months_end_with_their_last_day() {
    assert_eq!(date("2026-01-31").plus_months(1), date("2026-02-28"));
    assert_eq!(date("2028-01-31").plus_months(1), date("2028-02-29"));
    assert_eq!(date("2026-10-31").plus_months(4), date("2027-02-28"));
}

#[test]
fn no_count_is_too_large() {
    let calendar = futures();
    assert!(calendar.add_trading_days(date("2026-03-02"), u32::MAX) > date("2200-12-31"));
    assert!(date("2026-03-02").plus_weekdays(u32::MAX) > date("2200-12-31"));
    assert_eq!(calendar.trading_days_between(Date::from_days(i32::MAX), Date::from_days(i32::MIN)), 0);
    // Three centuries have about 78,500 weekdays.
    assert!((78_000..79_000).contains(&calendar.trading_days_between(Date::from_days(i32::MIN), Date::from_days(i32::MAX))));
}

#[test]
fn the_next_time_on_the_clock_is_strictly_later() {
    let next = |after: &str, text: &str| zone("America/New_York").next_local(at(after), time(text), None);
    assert_eq!(next("2026-03-02T15:00:00Z", "10:00"), at("2026-03-03T15:00:00Z"));
    assert_eq!(next("2026-03-02T14:59:59.999999999Z", "10:00"), at("2026-03-02T15:00:00Z"));
    assert_eq!(next("2026-03-02T12:00:00Z", "24:00"), at("2026-03-03T05:00:00Z"));
    assert_eq!(next("2026-03-03T05:00:00Z", "24:00"), at("2026-03-04T05:00:00Z"));
}

#[test]
fn a_time_on_the_clock_comes_once_a_date_when_summer_time_begins_and_ends() {
    let next = |after: &str, text: &str| zone("America/New_York").next_local(at(after), time(text), None);
    // Removed on the 8th: at the first instant after the gap, and at its time on the 9th.
    assert_eq!(next("2026-03-07T08:00:00Z", "02:30"), at("2026-03-08T07:00:00Z"));
    assert_eq!(next("2026-03-08T07:00:00Z", "02:30"), at("2026-03-09T06:30:00Z"));
    // Repeated on 1 November: only the first time.
    assert_eq!(next("2026-11-01T05:00:00Z", "01:30"), at("2026-11-01T05:30:00Z"));
    assert_eq!(next("2026-11-01T05:30:00Z", "01:30"), at("2026-11-02T06:30:00Z"));
    assert_eq!(next("2026-11-01T06:15:00Z", "01:30"), at("2026-11-02T06:30:00Z"), "between the first and the second");
}

#[test]
fn a_time_on_the_clock_may_have_weekdays() {
    let next = |after: &str, days: Weekdays| Zone::UTC.next_local(at(after), time("16:00"), days);
    assert_eq!(next("2026-03-02T10:00:00Z", Weekday::Fri.into()), at("2026-03-06T16:00:00Z"));
    assert_eq!(next("2026-03-06T16:00:00Z", Weekday::Fri.into()), at("2026-03-13T16:00:00Z"));
    let weekdays = Weekdays::range(Weekday::Mon, Weekday::Fri);
    assert_eq!(next("2026-03-06T16:00:00Z", weekdays), at("2026-03-09T16:00:00Z"));
    assert_eq!(next("2026-03-06T16:00:00Z", Weekdays::NONE.with(Weekday::Sat).with(Weekday::Tue)), at("2026-03-07T16:00:00Z"));
    assert_eq!(next("2026-03-06T16:00:00Z", Weekdays::NONE), Instant::MAX);
    // The midnight that ends Friday.
    assert_eq!(Zone::UTC.next_local(at("2026-03-02T10:00:00Z"), time("24:00"), Weekday::Fri), at("2026-03-07T00:00:00Z"));
}

#[test]
fn weekdays_may_go_over_the_weekend() {
    let days = Weekdays::range(Weekday::Fri, Weekday::Mon);
    let inside: Vec<Weekday> = Weekday::ALL.into_iter().filter(|day| days.contains(*day)).collect();
    assert_eq!(inside, [Weekday::Mon, Weekday::Fri, Weekday::Sat, Weekday::Sun]);
    assert_eq!(Weekdays::range(Weekday::Tue, Weekday::Tue), Weekday::Tue.into());
    assert_eq!(Weekdays::range(Weekday::Mon, Weekday::Sun), Weekdays::ALL);
}
