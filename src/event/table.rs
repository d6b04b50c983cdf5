//! The table of kinds and fields: what the reader checks, the reference prints and the editor
//! completes.

use std::{collections::BTreeMap, fmt};

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::raw::{FieldValue, Raw};
use crate::value::{Currency, Date, Decimal, Instant, Rate, Unit};

/// One kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindRow {
    /// The word under `kind`.
    pub name: &'static str,
    /// What has happened.
    pub doc: &'static str,
    /// Whose event it is.
    pub scope: Scope,
    /// Its place among the events of one instant when sources are merged; 0 comes first.
    pub order: u8,
    /// The fields besides those of the envelope.
    pub fields: &'static [FieldRow],
}

/// One field of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// The name in files.
    pub name: &'static str,
    /// What it says, with its unit.
    pub doc: &'static str,
    /// Whether it must be there.
    pub presence: Presence,
    /// What it is written as.
    pub ty: FieldType,
}

/// Whose event a kind is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of everybody: it has no `account`.
    Market,
    /// Of one account: it names it.
    Account,
    /// Of one account where it names one, of everybody where it does not.
    Either,
}

/// Whether a field must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be absent, which means *not told*.
    Optional,
    /// It may be absent, which means the value that its text names; it is left out when written.
    Default,
}

/// What a field is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    Text,
    /// A decimal in quotes.
    Decimal,
    /// A conversion rate in quotes.
    Rate,
    /// A time, RFC 3339.
    Instant,
    /// A date.
    Date,
    /// The code of a currency.
    Currency,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Whole,
    /// One of some words.
    Words(&'static [&'static str]),
    /// `true`, `false` or text.
    Value,
    /// A list of texts.
    Texts,
    /// A list of codes of currencies.
    Currencies,
    /// Names with their values.
    Values,
    /// Anything.
    Any,
}

/// A type that fields may have.
pub(super) trait Field: Serialize + for<'de> Deserialize<'de> {
    const TYPE: FieldType;
}

macro_rules! fields {
    ($($ty:ty => $name:ident),* $(,)?) => { $( impl Field for $ty { const TYPE: FieldType = FieldType::$name; } )* };
}

fields! {
    String => Text,
    Decimal => Decimal,
    Rate => Rate,
    Instant => Instant,
    Date => Date,
    Currency => Currency,
    bool => Bool,
    u32 => Whole,
    u64 => Whole,
    FieldValue => Value,
    Vec<String> => Texts,
    Vec<Currency> => Currencies,
    BTreeMap<String, FieldValue> => Values,
    Raw => Any,
}

impl Field for Unit {
    const TYPE: FieldType = FieldType::Words(&["contract", "lot", "share", "unit", "coin"]);
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::new(&code).ok_or_else(|| {
            de::Error::custom(format_args!("`{code}` is no currency: write its code of 3 or 4 capital letters, as in \"USD\""))
        })
    }
}

/// The known name that a misspelt one is closest to, if any is close.
pub(crate) fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let reach = (name.len() / 3).max(1);
    let scored = known.map(|known| (strsim::damerau_levenshtein(name, known), known));
    scored.filter(|(distance, _)| *distance <= reach).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

impl fmt::Display for FieldType {
    /// How to write it, as in "write a decimal in quotes".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text in quotes",
            Self::Decimal => "a decimal in quotes with at most 8 decimals, as in \"1250.50\"",
            Self::Rate => "a rate above zero in quotes with at most 18 decimals, as in \"1.0852\"",
            Self::Instant => "a time with its zone, as in \"2026-03-02T14:30:00.250Z\"",
            Self::Date => "a date, as in \"2026-03-02\"",
            Self::Currency => "the code of a currency, as in \"USD\"",
            Self::Bool => "true or false",
            Self::Whole => "a whole number that is not negative, without quotes",
            Self::Value => "true, false or text in quotes, as in \"12.5\"",
            Self::Texts => "a list of texts, as in [\"EURUSD\"]",
            Self::Currencies => "a list of codes of currencies, as in [\"USD\"]",
            Self::Values => "names with values in quotes, as in {\"volume\":\"12\"}",
            Self::Any => "any value",
            Self::Words(words) => return write!(f, "one of {}", words.join(", ")),
        })
    }
}
