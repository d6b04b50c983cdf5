//! Zones against a second source of the same database.

use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, civil};

use super::*;
use crate::value::{NANOS_PER_DAY, NANOS_PER_MINUTE};

const NAMES: [&str; 5] = ["America/New_York", "America/Chicago", "Europe/Prague", "Europe/London", "Australia/Sydney"];

/// Each zone with how far its clock is shifted.
fn clocks() -> Vec<(Zone, TimeZone, i64)> {
    let plain = NAMES.map(|name| (zone(name), TimeZone::get(name).unwrap(), 0));
    let shifted = (platform_clock(), TimeZone::get("America/New_York").unwrap(), 7 * NANOS_PER_HOUR);
    plain.into_iter().chain([shifted]).collect()
}

/// The changes of a clock from 2007 to 2037, with the offset before each in nanoseconds.
fn changes(zone: &TimeZone) -> Vec<(Instant, i64)> {
    let (first, last): (Timestamp, Timestamp) = ("2007-01-01T00:00:00Z".parse().unwrap(), "2038-01-01T00:00:00Z".parse().unwrap());
    let changes = zone.following(first).map(|change| change.timestamp()).take_while(|at| *at < last);
    changes
        .map(|at| (instant(at), offset(zone, Timestamp::from_nanosecond(at.as_nanosecond() - 1).unwrap())))
        .filter(|(at, before)| offset(zone, timestamp(*at)) != *before)
        .collect()
}

fn instant(at: Timestamp) -> Instant {
    Instant::from_nanos(i64::try_from(at.as_nanosecond()).unwrap())
}

fn timestamp(at: Instant) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(at.nanos())).unwrap()
}

fn offset(zone: &TimeZone, at: Timestamp) -> i64 {
    i64::from(zone.to_offset(at).seconds()) * 1_000_000_000
}

/// Minute by minute from four hours before to four hours after, and the nanoseconds around each half hour.
fn about() -> impl Iterator<Item = i64> {
    let minutes = (-240..=240).map(|minute| minute * NANOS_PER_MINUTE);
    let edges = (-8..=8).flat_map(|half| [-1, 1].map(|nano| half * 30 * NANOS_PER_MINUTE + nano));
    minutes.chain(edges)
}

#[test]
fn each_zone_changes_its_clock_twice_a_year() {
    for (_, theirs, _) in clocks() {
        assert_eq!(changes(&theirs).len(), 62);
    }
}

#[test]
fn offsets_agree_around_every_change_and_on_ordinary_days() {
    for (ours, theirs, shift) in clocks() {
        let ordinary = (0..31 * 365).map(|day| at("2007-01-01T00:30:00Z").plus(day * NANOS_PER_DAY));
        let changing = changes(&theirs).into_iter().flat_map(|(change, _)| about().map(move |nanos| change.plus(nanos)));
        for instant in ordinary.chain(changing) {
            assert_eq!(ours.offset_at(instant), offset(&theirs, timestamp(instant)) + shift, "{ours} {instant}");
            let local = ours.to_local(instant);
            // The clock as the other source shows it, moved by the shift.
            let shown = theirs.to_datetime(timestamp(instant)).checked_add(jiff::Span::new().nanoseconds(shift)).unwrap();
            let day = civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(local.date.days())).unwrap();
            assert_eq!((day, local.nanos), (shown.date(), nanos_of(shown.time())), "{ours} {instant}");
        }
    }
}

fn nanos_of(time: civil::Time) -> i64 {
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    seconds * 1_000_000_000 + i64::from(time.subsec_nanosecond())
}

/// A local time in nanoseconds since 1970 on the clock, as a date and a time.
fn on_the_clock(local: i64) -> (Date, TimeOfDay) {
    let days = i32::try_from(local.div_euclid(NANOS_PER_DAY)).unwrap();
    (Date::from_days(days), TimeOfDay::from_nanos(local.rem_euclid(NANOS_PER_DAY)).unwrap())
}

#[test]
fn local_times_agree_in_gaps_in_folds_and_beside_them() {
    for (ours, theirs, shift) in clocks() {
        let (mut gaps, mut folds) = (0, 0);
        for (change, before) in changes(&theirs) {
            for nanos in about() {
                let local = change.nanos() + before + nanos;
                let civil = TimeZone::UTC.to_datetime(Timestamp::from_nanosecond(i128::from(local)).unwrap());
                let ambiguous = theirs.to_ambiguous_timestamp(civil);
                let expected = match ambiguous.offset() {
                    AmbiguousOffset::Gap { .. } => {
                        gaps += 1;
                        change
                    }
                    AmbiguousOffset::Fold { .. } => {
                        folds += 1;
                        instant(ambiguous.earlier().unwrap())
                    }
                    AmbiguousOffset::Unambiguous { .. } => instant(ambiguous.unambiguous().unwrap()),
                };
                let (date, time) = on_the_clock(local + shift);
                assert_eq!(ours.to_instant(date, time), expected, "{ours} {date} {time}");
            }
        }
        // An hour each in 31 springs and 31 autumns: 60 minutes, and the 4 nanoseconds inside it that lie beside a half hour.
        assert_eq!((gaps, folds), (31 * 64, 31 * 64), "{ours}");
    }
}

/// docs/semantics.md: days.18
#[test]
fn a_removed_time_is_the_first_instant_after_the_gap_and_a_repeated_one_the_first() {
    let new_york = zone("America/New_York");
    for removed in ["02:00", "02:30", "02:59:59", "03:00"] {
        assert_eq!(new_york.to_instant(date("2026-03-08"), time(removed)), at("2026-03-08T07:00:00Z"), "{removed}");
    }
    assert_eq!(new_york.to_instant(date("2026-03-08"), time("01:59:59")), at("2026-03-08T06:59:59Z"));
    assert_eq!(new_york.to_instant(date("2026-11-01"), time("01:00")), at("2026-11-01T05:00:00Z"));
    assert_eq!(new_york.to_instant(date("2026-11-01"), time("01:59:59")), at("2026-11-01T05:59:59Z"));
    assert_eq!(new_york.to_instant(date("2026-11-01"), time("02:00")), at("2026-11-01T07:00:00Z"));
    // New York plus seven hours skips 09:00 to 10:00 and repeats 08:00 to 09:00.
    assert_eq!(platform_clock().to_instant(date("2026-03-08"), time("09:30")), at("2026-03-08T07:00:00Z"));
    assert_eq!(platform_clock().to_local(at("2026-03-08T07:00:00Z")).to_string(), "2026-03-08 10:00:00");
    assert_eq!(platform_clock().to_instant(date("2026-11-01"), time("08:30")), at("2026-11-01T05:30:00Z"));
}

#[test]
fn the_midnight_that_ends_a_date_begins_the_next() {
    for zone in [zone("Europe/Prague"), platform_clock(), zone("UTC-05:00")] {
        assert_eq!(zone.to_instant(date("2026-03-28"), time("24:00")), zone.to_instant(date("2026-03-29"), TimeOfDay::MIDNIGHT));
    }
}

#[test]
fn in_march_2023_a_platform_clock_runs_two_hours_ahead_of_prague() {
    let prague = zone("Europe/Prague");
    let ahead = |day: &str| (platform_clock().offset_at(at(day)) - prague.offset_at(at(day))) / NANOS_PER_HOUR;
    assert_eq!((ahead("2023-03-10T12:00:00Z"), ahead("2023-03-13T12:00:00Z"), ahead("2023-03-28T12:00:00Z")), (1, 2, 1));
    // Midnight in Prague, at which limits begin anew, is 02:00 on the platform then, and 01:00 otherwise.
    let shown = |day: &str| platform_clock().to_local(prague.to_instant(date(day), TimeOfDay::MIDNIGHT)).to_string();
    assert_eq!(shown("2023-03-10"), "2023-03-10 01:00:00");
    assert_eq!(shown("2023-03-13"), "2023-03-13 02:00:00");
    assert_eq!(shown("2023-03-28"), "2023-03-28 01:00:00");
}

#[test]
fn local_times_print_with_the_decimals_they_need() {
    let shown = |text: &str| Zone::UTC.to_local(at(text)).to_string();
    assert_eq!(shown("2026-03-02T14:30:07Z"), "2026-03-02 14:30:07");
    assert_eq!(shown("2026-03-02T14:30:07.250Z"), "2026-03-02 14:30:07.25");
    assert_eq!(shown("2026-03-02T14:30:07.000000010Z"), "2026-03-02 14:30:07.00000001");
    assert_eq!(shown("1969-12-31T23:59:59.5Z"), "1969-12-31 23:59:59.5");
}

#[test]
fn no_instant_date_or_shift_is_too_far() {
    for clock in [zone("America/New_York").shifted(i64::MAX), zone("UTC-14").shifted(i64::MIN), zone("Pacific/Apia")] {
        for nanos in [i64::MIN, Instant::MIN.nanos(), Instant::MAX.nanos(), i64::MAX] {
            let local = clock.to_local(Instant::from_nanos(nanos));
            assert!((0..NANOS_PER_DAY).contains(&local.nanos));
        }
        let (first, last) = (Date::from_days(i32::MIN), Date::from_days(i32::MAX));
        assert!(clock.to_instant(first, TimeOfDay::MIDNIGHT) < Instant::MIN);
        assert!(clock.to_instant(last, time("24:00")) > Instant::MAX);
    }
}
