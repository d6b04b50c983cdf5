//! Weekly sessions, alone and with the calendar of an exchange.

use std::sync::Arc;

use super::*;

/// 08:30 to 15:00 from Monday to Friday in Chicago.
fn regular_hours() -> WeeklySession {
    let mut session = WeeklySession::new(zone("America/Chicago"));
    session.add(Weekday::Mon, Weekday::Fri, time("08:30"), time("15:00"));
    session
}

/// The session of futures: from the evening before to the afternoon.
fn globex() -> WeeklySession {
    let mut session = WeeklySession::new(zone("America/Chicago"));
    session.add(Weekday::Sun, Weekday::Thu, time("17:00"), time("16:00"));
    session
}

/// The sessions of a Thanksgiving week, of which Thursday and Friday end at noon, and nothing after it.
fn thanksgiving() -> TradingCalendar {
    let mut holidays = Holidays::new("CME");
    let chicago = zone("America/Chicago");
    for (day, close) in [("24", "17:00"), ("25", "17:00"), ("26", "17:00"), ("27", "12:00"), ("28", "12:00")] {
        let day = date(&format!("2025-11-{day}"));
        holidays.insert(day, chicago.to_instant(day.plus(-1), time("17:00")), chicago.to_instant(day, time(close)));
    }
    TradingCalendar { holidays: Some(Arc::new(holidays)), ..futures() }
}

#[test]
fn a_window_is_open_from_its_opening_until_before_its_close() {
    let session = regular_hours();
    assert!(!session.is_open(at("2026-03-02T14:29:59.999999999Z")));
    assert!(session.is_open(at("2026-03-02T14:30:00Z")));
    assert_eq!(session.closes(at("2026-03-02T14:30:00Z")), Some(at("2026-03-02T21:00:00Z")));
    assert!(session.is_open(at("2026-03-02T20:59:59.999999999Z")));
    assert!(!session.is_open(at("2026-03-02T21:00:00Z")), "the close is outside");
    assert_eq!(session.closes(at("2026-03-02T21:00:00Z")), None);
}

#[test]
fn edges_follow_one_another_over_the_weekend_and_into_summer_time() {
    let session = regular_hours();
    assert_eq!(session.next_edge_after(at("2026-03-06T14:30:00Z")), at("2026-03-06T21:00:00Z"));
    assert_eq!(session.next_edge_after(at("2026-03-06T21:00:00Z")), at("2026-03-09T13:30:00Z"), "summer time began on Sunday");
    assert_eq!(session.opens_next(at("2026-03-06T14:30:00Z")), Some(at("2026-03-09T13:30:00Z")));
    let never = WeeklySession::new(Zone::UTC);
    assert_eq!((never.next_edge_after(at("2026-03-06T00:00:00Z")), never.opens_next(at("2026-03-06T00:00:00Z"))), (Instant::MAX, None));
}

#[test]
fn a_window_may_end_on_the_next_day() {
    let session = globex();
    assert!(session.is_open(at("2026-03-01T23:00:00Z")), "Sunday 17:00");
    assert!(session.is_open(at("2026-03-06T21:59:59Z")), "Friday before 16:00, opened on Thursday");
    assert!(!session.is_open(at("2026-03-06T23:30:00Z")), "Friday evening");
    assert!(!session.is_open(at("2026-03-07T15:00:00Z")), "Saturday");
    assert_eq!(session.closes(at("2026-03-02T05:00:00Z")), Some(at("2026-03-02T22:00:00Z")));
    assert_eq!(session.opens_next(at("2026-03-06T22:00:00Z")), Some(at("2026-03-08T22:00:00Z")));
}

#[test]
fn windows_may_overlap_and_follow_one_another() {
    let mut session = regular_hours();
    session.add(Weekday::Mon, Weekday::Mon, time("14:00"), time("16:00"));
    session.add(Weekday::Tue, Weekday::Tue, time("15:00"), time("15:30"));
    let monday = at("2026-03-02T20:30:00Z");
    assert_eq!(session.closes(monday), Some(at("2026-03-02T22:00:00Z")), "the later of two");
    assert_eq!(session.next_edge_after(monday), at("2026-03-02T21:00:00Z"), "the earlier closes, and nothing changes");
    assert_eq!(session.opens_next(monday), Some(at("2026-03-03T14:30:00Z")));
    assert!(session.is_open(at("2026-03-03T21:00:00Z")), "the second window begins where the first ends");
    assert_eq!(session.opens_next(at("2026-03-03T14:30:00Z")), Some(at("2026-03-04T14:30:00Z")));
}

#[test]
fn a_close_after_midnight_comes_after_an_opening_before_it() {
    let mut session = WeeklySession::new(Zone::UTC);
    session.add(Weekday::Mon, Weekday::Mon, time("22:00"), time("06:00"));
    session.add(Weekday::Tue, Weekday::Tue, time("01:00"), time("02:00"));
    assert_eq!(session.next_edge_after(at("2026-03-02T22:00:00Z")), at("2026-03-03T01:00:00Z"));
}

#[test]
fn a_window_that_summer_time_removes_is_never_open() {
    let mut session = WeeklySession::new(zone("America/New_York"));
    session.add(Weekday::Sun, Weekday::Sun, time("02:15"), time("02:45"));
    assert!(!session.is_open(at("2026-03-08T07:00:00Z")));
    assert_eq!(session.opens_next(at("2026-03-07T00:00:00Z")), Some(at("2026-03-15T06:15:00Z")));
}

#[test]
fn the_exchange_closes_a_session_early() {
    let (session, calendar) = (regular_hours(), thanksgiving());
    let hours = session.hours(&calendar);
    assert!(session.is_open(at("2025-11-27T19:00:00Z")), "the windows do not know");
    assert!(!hours.is_open(at("2025-11-27T19:00:00Z")));
    assert!(hours.is_open(at("2025-11-27T17:59:59.999999999Z")));
    assert!(!hours.is_open(at("2025-11-27T18:00:00Z")));
    assert_eq!(hours.closes(at("2025-11-27T15:00:00Z")), Some(at("2025-11-27T18:00:00Z")));
    assert_eq!(hours.closes(at("2025-11-27T18:00:00Z")), None);
    assert_eq!(hours.next_edge_after(at("2025-11-27T15:00:00Z")), at("2025-11-27T18:00:00Z"));
    assert_eq!(hours.closes(at("2025-11-26T15:00:00Z")), Some(at("2025-11-26T21:00:00Z")));
}

#[test]
fn a_session_is_closed_on_holidays_and_opens_on_the_next_day() {
    let mut holidays = Holidays::clone(thanksgiving().holidays.as_deref().unwrap());
    holidays.close(date("2025-11-27"));
    let calendar = TradingCalendar { holidays: Some(Arc::new(holidays)), ..futures() };
    let (regular, globex) = (regular_hours(), globex());
    assert!(!regular.hours(&calendar).is_open(at("2025-11-27T15:00:00Z")));
    assert_eq!(regular.hours(&calendar).opens_next(at("2025-11-26T15:00:00Z")), Some(at("2025-11-28T14:30:00Z")));
    // The evening before belongs to the holiday as well.
    assert!(!globex.hours(&calendar).is_open(at("2025-11-26T23:00:00Z")));
    assert_eq!(globex.hours(&calendar).opens_next(at("2025-11-26T20:00:00Z")), Some(at("2025-11-27T23:00:00Z")));
}

#[test]
fn on_dates_outside_the_calendar_the_windows_decide() {
    let (session, calendar) = (regular_hours(), thanksgiving());
    let hours = session.hours(&calendar);
    assert!(hours.is_open(at("2025-07-04T15:00:00Z")));
    assert_eq!(hours.closes(at("2025-12-01T15:00:00Z")), Some(at("2025-12-01T21:00:00Z")));
    let alone = futures();
    assert!(session.hours(&alone).is_open(at("2025-11-27T19:00:00Z")), "without a calendar too");
}

#[test]
fn closings_that_are_told_hold_without_sessions() {
    let mut holidays = Holidays::new("CME");
    holidays.close(date("2026-04-03"));
    holidays.set_early_close(date("2026-07-03"), at("2026-07-03T17:00:00Z"));
    let calendar = TradingCalendar { holidays: Some(Arc::new(holidays)), ..futures() };
    let session = regular_hours();
    let hours = session.hours(&calendar);
    assert!(!hours.is_open(at("2026-04-03T15:00:00Z")));
    assert_eq!(hours.closes(at("2026-07-03T15:00:00Z")), Some(at("2026-07-03T17:00:00Z")));
    assert!(!hours.is_open(at("2026-07-03T17:00:00Z")));
    assert!(hours.is_open(at("2026-07-06T17:00:00Z")));
}

#[test]
fn a_program_of_midnight_days_sees_the_session_of_sunday_evening() {
    let rule = rule(zone("America/Chicago"), "00:00", None, None);
    let mut holidays = Holidays::clone(thanksgiving().holidays.as_deref().unwrap());
    let monday = date("2025-12-01");
    holidays.insert(monday, at("2025-11-30T23:00:00Z"), at("2025-12-01T23:00:00Z"));
    let calendar = TradingCalendar { rule, holidays: Some(Arc::new(holidays)), week_starts: Weekday::Mon };
    let session = globex();
    let hours = session.hours(&calendar);
    assert!(hours.is_open(at("2025-11-30T23:30:00Z")));
    assert_eq!(hours.closes(at("2025-11-30T23:30:00Z")), Some(at("2025-12-01T22:00:00Z")), "midnight is no close");
    assert_eq!(hours.opens_next(at("2025-11-28T18:00:00Z")), Some(at("2025-11-30T23:00:00Z")));
}
