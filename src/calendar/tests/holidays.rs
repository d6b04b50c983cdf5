//! Trading days and the sessions of an exchange.

use std::sync::Arc;

use super::*;

/// Sessions of the CME about Thanksgiving and Christmas 2025: a whole day each, or until noon in Chicago.
fn cme() -> Holidays {
    let mut holidays = Holidays::new("CME");
    let noon = ["2025-11-27", "2025-11-28", "2025-12-24"];
    let closed = ["2025-12-25"];
    for day in (0..40).map(|days| date("2025-11-24").plus(days)) {
        if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) || closed.contains(&day.to_string().as_str()) {
            continue;
        }
        let chicago = zone("America/Chicago");
        let close = if noon.contains(&day.to_string().as_str()) { "12:00" } else { "17:00" };
        holidays.insert(day, chicago.to_instant(day.plus(-1), time("17:00")), chicago.to_instant(day, time(close)));
    }
    holidays
}

fn with(holidays: Holidays, rule: DayRule) -> TradingCalendar {
    TradingCalendar { holidays: Some(Arc::new(holidays)), ..calendar(rule) }
}

/// docs/semantics.md: days.6, days.7
#[test]
fn an_early_close_moves_the_close_and_not_the_stamp() {
    let calendar = with(cme(), futures().rule);
    let thanksgiving = calendar.day_from(date("2025-11-27"));
    assert_eq!((thanksgiving.date, thanksgiving.early), (date("2025-11-27"), true));
    assert_eq!(thanksgiving.stops, at("2025-11-27T18:00:00Z"));
    assert_eq!(thanksgiving.settles, at("2025-11-27T22:00:00Z"));
    assert_eq!(thanksgiving.next_opens, at("2025-11-27T23:00:00Z"));
    let ordinary = calendar.day_from(date("2025-11-26"));
    assert_eq!((ordinary.early, ordinary.stops), (false, at("2025-11-26T21:10:00Z")));
}

#[test]
fn a_holiday_has_no_day_of_its_own() {
    let calendar = with(cme(), futures().rule);
    let eve = calendar.day_at(at("2025-12-25T15:00:00Z"));
    assert_eq!((eve.date, eve.next_opens), (date("2025-12-24"), at("2025-12-25T23:00:00Z")));
    assert_eq!(calendar.day_after(&eve).date, date("2025-12-26"));
    let every_day = TradingCalendar { rule: DayRule { every_day: true, ..calendar.rule }, ..calendar };
    assert_eq!(every_day.day_at(at("2025-12-25T15:00:00Z")).date, date("2025-12-25"));
}

#[test]
fn an_exchange_that_always_closes_before_the_rule_does_not_close_early() {
    let calendar = with(cme(), rule(zone("America/Chicago"), "00:00", None, None));
    let (ordinary, short) = (calendar.day_from(date("2025-12-01")), calendar.day_from(date("2025-11-28")));
    assert_eq!((ordinary.stops, ordinary.early), (at("2025-12-01T23:00:00Z"), false));
    assert_eq!((short.stops, short.early), (at("2025-11-28T18:00:00Z"), true));
    assert_eq!(short.settles, at("2025-11-29T06:00:00Z"));
}

#[test]
fn the_short_day_of_summer_time_does_not_close_early() {
    let mut whole = Holidays::new("whole days");
    let prague = zone("Europe/Prague");
    for days in 0..6 {
        let day = date("2026-03-25").plus(days);
        whole.insert(day, prague.to_instant(day, TimeOfDay::MIDNIGHT), prague.to_instant(day, time("24:00")));
    }
    assert!(!whole.closes_early(date("2026-03-29")), "23 hours");
    whole.insert(date("2026-03-26"), at("2026-03-25T23:00:00Z"), at("2026-03-26T21:59:59Z"));
    assert!(whole.closes_early(date("2026-03-26")), "a second less than 23 hours");
}

#[test]
fn dates_outside_the_calendar_are_ordinary_and_say_so() {
    let calendar = with(cme(), futures().rule);
    for outside in ["2025-11-21", "2026-01-05", "2025-07-04"] {
        let day = calendar.day_from(date(outside));
        assert_eq!((day.date, day.outside_calendar, day.early), (date(outside), true, false), "{outside}");
    }
    assert!(!calendar.is_day(date("2026-01-10")), "a Saturday");
    assert!(!calendar.day_from(date("2025-11-24")).outside_calendar);
    assert!(!calendar.day_from(date("2026-01-02")).outside_calendar, "the last that is known");
    assert!(calendar.holidays.as_ref().unwrap().outside(date("2026-01-03")));
}

#[test]
fn what_is_told_of_a_date_holds_until_it_is_taken_back() {
    let mut holidays = cme();
    let day = date("2025-12-03");
    holidays.close(day);
    assert!(holidays.is_closed(day) && holidays.session(day).is_none() && holidays.closes(day).is_none());
    holidays.set_early_close(day, at("2025-12-03T20:00:00Z"));
    assert!(!holidays.is_closed(day));
    assert_eq!(with(holidays.clone(), futures().rule).day_from(day).stops, at("2025-12-03T20:00:00Z"));
    holidays.reopen(day);
    assert_eq!(holidays, cme());
    // A session that is loaded later is the newer word.
    holidays.close(date("2025-12-25"));
    holidays.insert(date("2025-12-25"), at("2025-12-24T23:00:00Z"), at("2025-12-25T18:00:00Z"));
    assert!(!holidays.is_closed(date("2025-12-25")));
}

#[test]
fn a_calendar_of_events_alone_knows_the_dates_it_was_told_of() {
    let mut holidays = Holidays::new("CME");
    holidays.close(date("2026-04-03"));
    holidays.set_early_close(date("2026-07-03"), at("2026-07-03T17:00:00Z"));
    let calendar = with(holidays, futures().rule);
    assert_eq!(calendar.day_from(date("2026-04-03")).date, date("2026-04-06"));
    let early = calendar.day_from(date("2026-07-03"));
    assert_eq!((early.stops, early.early, early.outside_calendar), (at("2026-07-03T17:00:00Z"), true, false));
    assert!(calendar.day_from(date("2026-04-06")).outside_calendar);
}

#[test]
fn a_close_before_the_opening_or_after_the_stop_changes_nothing() {
    let mut holidays = cme();
    holidays.set_early_close(date("2025-12-03"), at("2025-12-02T23:00:00Z"));
    holidays.set_early_close(date("2025-12-04"), at("2025-12-04T21:10:00Z"));
    let calendar = with(holidays, futures().rule);
    for (day, stops) in [("2025-12-03", "2025-12-03T21:10:00Z"), ("2025-12-04", "2025-12-04T21:10:00Z")] {
        let day = calendar.day_from(date(day));
        assert_eq!((day.stops, day.early), (at(stops), false));
    }
}

#[test]
fn an_exchange_may_be_closed_for_years() {
    let mut holidays = Holidays::new("St. Petersburg");
    holidays.insert(date("1914-07-29"), at("1914-07-29T08:00:00Z"), at("1914-07-29T14:00:00Z"));
    holidays.insert(date("1917-01-24"), at("1917-01-24T08:00:00Z"), at("1917-01-24T14:00:00Z"));
    let calendar = with(holidays, rule(Zone::UTC, "00:00", None, None));
    let last = calendar.day_at(at("1916-05-01T12:00:00Z"));
    assert_eq!((last.date, last.next_opens), (date("1914-07-29"), at("1917-01-24T00:00:00Z")));
    assert_eq!(calendar.day_before(&calendar.day_after(&last)), last);
}

#[test]
fn a_calendar_survives_being_stored() {
    let mut holidays = cme();
    holidays.close(date("2025-12-03"));
    holidays.set_early_close(date("2025-12-04"), at("2025-12-04T20:00:00Z"));
    let text = serde_json::to_string(&holidays).unwrap();
    assert_eq!(serde_json::from_str::<Holidays>(&text).unwrap(), holidays);
}
