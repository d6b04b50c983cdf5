//! What names a zone, and what is said of what does not.

use super::*;
use crate::value::NANOS_PER_MINUTE;

fn refused(name: &str) -> String {
    Zone::parse(name).unwrap_err().to_string()
}

#[test]
fn abbreviations_are_refused_with_the_zones_that_are_meant() {
    for (name, meant) in [
        ("EST", "\"America/New_York\""),
        ("est", "\"America/New_York\""),
        ("ET", "\"America/New_York\""),
        ("CT", "\"America/Chicago\""),
        ("PST", "\"America/Los_Angeles\""),
        ("CET", "\"Europe/Prague\", \"Europe/Berlin\" or \"Europe/Madrid\""),
        ("CE(S)T", "\"Europe/Prague\""),
        ("BST", "\"Europe/London\""),
        ("GMT", "\"UTC\" or \"Europe/London\""),
        ("AEST", "\"Australia/Sydney\" or \"Australia/Brisbane\""),
    ] {
        let error = refused(name);
        assert!(error.contains(meant) && error.contains(name), "{name}: {error}");
    }
    assert_eq!(Zone::parse("EST").unwrap_err().suggestion(), Some("America/New_York"));
    assert_eq!(Zone::parse("CET").unwrap_err().suggestion(), None, "several are as likely");
}

#[test]
fn offsets_written_with_gmt_are_refused_with_the_same_one_in_utc() {
    for (name, meant) in
        [("GMT+2", "UTC+2"), ("GMT-05:30", "UTC-05:30"), ("Etc/GMT+5", "UTC-5"), ("Etc/GMT-3", "UTC+3"), ("Etc/GMT", "UTC")]
    {
        assert_eq!(Zone::parse(name).unwrap_err().suggestion(), Some(meant), "{name}");
    }
}

#[test]
fn misspelt_names_and_other_cities_are_refused_with_the_nearest_zone() {
    for (name, meant) in [
        ("America/NewYork", "America/New_York"),
        ("America/Chicgo", "America/Chicago"),
        ("america/chicago", "America/Chicago"),
        ("New York", "America/New_York"),
        ("Chicago", "America/Chicago"),
        ("London", "Europe/London"),
        ("Europe/Prag", "Europe/Prague"),
        ("Europe/Frankfurt", "Europe/Berlin"),
        ("Asia/Tokio", "Asia/Tokyo"),
    ] {
        assert_eq!(Zone::parse(name).unwrap_err().suggestion(), Some(meant), "{name}");
    }
    for name in ["", "Nowhere", "+3", "Ω", "UTX"] {
        assert!(refused(name).contains("IANA"), "{name}: {}", refused(name));
    }
}

#[test]
fn every_suggestion_names_a_zone() {
    for name in ["EST", "EDT", "CT", "MDT", "PST", "HST", "WET", "BST", "MSK", "GST", "SGT", "HKT", "JST", "KST", "AEDT", "AWST", "NZST"] {
        let error = Zone::parse(name).unwrap_err();
        Zone::parse(error.suggestion().unwrap()).unwrap();
    }
    for city in ["Beijing", "Boston", "Dallas", "Frankfurt", "Geneva", "Houston", "Miami", "Milan", "Mumbai", "Munich", "Washington"] {
        let error = Zone::parse(city).unwrap_err();
        Zone::parse(error.suggestion().unwrap()).unwrap();
    }
}

#[test]
fn fixed_offsets() {
    let minutes = |name: &str| zone(name).offset_at(at("2026-07-01T00:00:00Z")) / NANOS_PER_MINUTE;
    for (name, offset) in [("UTC", 0), ("UTC+3", 180), ("UTC+03", 180), ("UTC-05:00", -300), ("UTC-05:30", -330), ("UTC+14", 840)] {
        assert_eq!(minutes(name), offset, "{name}");
    }
    for bad in ["UTC+99", "UTC+14:01", "UTC+3:5", "UTC+", "UTC3", "UTC+03:60", "UTC+0530", "UTC+-3", "UTC +3", "UTC+3:", "UTCé"] {
        assert!(refused(bad).contains("is no offset"), "{bad}: {}", refused(bad));
    }
}

#[test]
fn zones_print_as_programs_write_them() {
    assert_eq!(zone("UTC-05:30").to_string(), "UTC-05:30");
    assert_eq!(zone("UTC+0").to_string(), "UTC");
    assert_eq!(platform_clock().to_string(), "America/New_York + 7h");
    assert_eq!(zone("UTC").shifted(-90 * NANOS_PER_MINUTE).to_string(), "UTC - 90min");
}
