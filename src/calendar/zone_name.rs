//! Names of zones, and what was probably meant by one that is none.

use chrono_tz::Tz;

use super::Zone;
use crate::value::{NANOS_PER_HOUR, NANOS_PER_MINUTE};

/// Why a text names no zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneError {
    /// An abbreviation, which means different clocks in summer and winter or in different countries.
    #[error("`{name}` is an abbreviation that does not say when summer time holds: write {}", choice(.meant))]
    Abbreviation {
        /// What was written.
        name: String,
        /// The zones that were probably meant, the likeliest first.
        meant: &'static [&'static str],
    },
    /// A fixed offset written with `GMT`, which `Etc/GMT` counts westwards and everyone else eastwards.
    #[error("`{name}` is read in two ways: write \"{meant}\", or the city whose summer time the clock follows")]
    Gmt {
        /// What was written.
        name: String,
        /// The same offset with `UTC`.
        meant: String,
    },
    /// An offset that no clock has.
    #[error("`{0}` is no offset: write hours from -14 to +14, as in \"UTC+3\" or \"UTC-05:30\"")]
    Offset(String),
    /// A name near to a known one, or a city that is in another city's zone.
    #[error("did you mean \"{meant}\"?")]
    Misspelt {
        /// What was written.
        name: String,
        /// The known one.
        meant: &'static str,
    },
    /// Anything else.
    #[error("write an IANA name such as \"America/New_York\", or a fixed offset such as \"UTC+3\"")]
    Unknown(String),
}

impl Zone {
    /// A zone by its name: IANA, `UTC`, `UTC+3`, `UTC-05:00`.
    ///
    /// # Errors
    /// When the name is none, with the zone that was probably meant. Abbreviations are none, though
    /// the time-zone database keeps some: `EST` is a clock without summer time there.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        if let Some(offset) = name.strip_prefix("UTC") {
            let nanos = if offset.is_empty() { Some(0) } else { offset_of(offset) };
            return nanos.map(Self::fixed).ok_or_else(|| ZoneError::Offset(name.into()));
        }
        if let Some(meant) = abbreviation(name) {
            return Err(ZoneError::Abbreviation { name: name.into(), meant });
        }
        if let Some(meant) = with_gmt(name) {
            return Err(ZoneError::Gmt { name: name.into(), meant });
        }
        name.parse::<Tz>().map(Self::iana).map_err(|_| match near(name) {
            Some(meant) => ZoneError::Misspelt { name: name.into(), meant },
            None => ZoneError::Unknown(name.into()),
        })
    }
}

impl ZoneError {
    /// The zone that was probably meant, where it is but one: what an editor may offer as a fix.
    pub fn suggestion(&self) -> Option<&str> {
        match self {
            Self::Abbreviation { meant: [one], .. } => Some(one),
            Self::Gmt { meant, .. } => Some(meant),
            Self::Misspelt { meant, .. } => Some(meant),
            Self::Abbreviation { .. } | Self::Offset(_) | Self::Unknown(_) => None,
        }
    }
}

const NEW_YORK: &[&str] = &["America/New_York"];
const CHICAGO: &[&str] = &["America/Chicago"];
const DENVER: &[&str] = &["America/Denver", "America/Phoenix"];
const LOS_ANGELES: &[&str] = &["America/Los_Angeles"];
const CENTRAL_EUROPE: &[&str] = &["Europe/Prague", "Europe/Berlin", "Europe/Madrid"];
const EASTERN_EUROPE: &[&str] = &["Europe/Athens", "Europe/Bucharest", "Europe/Helsinki"];

/// Abbreviations, and what people mean by them. The likeliest zone comes first.
const ABBREVIATIONS: &[(&str, &[&str])] = &[
    ("EST", NEW_YORK),
    ("EDT", NEW_YORK),
    ("ET", NEW_YORK),
    ("EST5EDT", NEW_YORK),
    ("CST", &["America/Chicago", "Asia/Shanghai"]),
    ("CDT", CHICAGO),
    ("CT", CHICAGO),
    ("CST6CDT", CHICAGO),
    ("MST", DENVER),
    ("MDT", &["America/Denver"]),
    ("MT", DENVER),
    ("MST7MDT", &["America/Denver"]),
    ("PST", LOS_ANGELES),
    ("PDT", LOS_ANGELES),
    ("PT", LOS_ANGELES),
    ("PST8PDT", LOS_ANGELES),
    ("HST", &["Pacific/Honolulu"]),
    ("CET", CENTRAL_EUROPE),
    ("CEST", CENTRAL_EUROPE),
    ("CE(S)T", CENTRAL_EUROPE),
    ("MET", CENTRAL_EUROPE),
    ("EET", EASTERN_EUROPE),
    ("EEST", EASTERN_EUROPE),
    ("WET", &["Europe/Lisbon"]),
    ("WEST", &["Europe/Lisbon"]),
    ("GMT", &["UTC", "Europe/London"]),
    ("BST", &["Europe/London"]),
    ("MSK", &["Europe/Moscow"]),
    ("IST", &["Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"]),
    ("GST", &["Asia/Dubai"]),
    ("SGT", &["Asia/Singapore"]),
    ("HKT", &["Asia/Hong_Kong"]),
    ("JST", &["Asia/Tokyo"]),
    ("KST", &["Asia/Seoul"]),
    ("AEST", &["Australia/Sydney", "Australia/Brisbane"]),
    ("AEDT", &["Australia/Sydney"]),
    ("AET", &["Australia/Sydney", "Australia/Brisbane"]),
    ("AWST", &["Australia/Perth"]),
    ("NZST", &["Pacific/Auckland"]),
    ("NZDT", &["Pacific/Auckland"]),
];

/// Cities of finance that are in another city's zone.
const CITIES: &[(&str, &str)] = &[
    ("beijing", "Asia/Shanghai"),
    ("boston", "America/New_York"),
    ("dallas", "America/Chicago"),
    ("frankfurt", "Europe/Berlin"),
    ("geneva", "Europe/Zurich"),
    ("houston", "America/Chicago"),
    ("miami", "America/New_York"),
    ("milan", "Europe/Rome"),
    ("mumbai", "Asia/Kolkata"),
    ("munich", "Europe/Berlin"),
    ("san_francisco", "America/Los_Angeles"),
    ("washington", "America/New_York"),
];

fn abbreviation(name: &str) -> Option<&'static [&'static str]> {
    ABBREVIATIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, meant)| *meant)
}

/// `GMT+2` as `UTC+2`; `Etc/GMT+2` as `UTC-2`, which is what the database means by it.
fn with_gmt(name: &str) -> Option<String> {
    let (offset, reversed) = match name.strip_prefix("Etc/GMT") {
        Some(offset) => (offset, true),
        None => (name.strip_prefix("GMT")?, false),
    };
    if offset.is_empty() {
        return Some("UTC".into());
    }
    offset_of(offset)?;
    let (sign, hours) = offset.split_at_checked(1)?;
    let sign = if (sign == "-") == reversed { '+' } else { '-' };
    Some(format!("UTC{sign}{hours}"))
}

/// `+3` or `-05:30` in nanoseconds.
fn offset_of(text: &str) -> Option<i64> {
    let (sign, text) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "00"));
    let minutes = number(minutes).filter(|part| minutes.len() == 2 && *part < 60)?;
    let nanos = number(hours)? * NANOS_PER_HOUR + minutes * NANOS_PER_MINUTE;
    (nanos <= 14 * NANOS_PER_HOUR).then_some(sign * nanos)
}

/// A number of one or two digits.
fn number(text: &str) -> Option<i64> {
    let digits = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// The known zone, or the zone's city, that is spelt almost like a name.
fn near(name: &str) -> Option<&'static str> {
    let lower = name.trim().to_lowercase().replace([' ', '-'], "_");
    if let Some((_, zone)) = CITIES.iter().find(|(city, _)| city_of(&lower) == *city) {
        return Some(zone);
    }
    let score = |known: &str| {
        let known = known.to_lowercase();
        strsim::jaro_winkler(&lower, &known).max(strsim::jaro_winkler(city_of(&lower), city_of(&known)) - 0.01)
    };
    let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| name.contains('/') && !name.starts_with("Etc/"));
    let scored = known.map(|known| (score(known), known)).filter(|(score, _)| *score > 0.9);
    scored.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, known)| known)
}

fn city_of(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// `"A", "B" or "C"`.
fn choice(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
