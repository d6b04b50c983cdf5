//! From named values to an event, strictly: what is not known is an error that names what is.

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::kinds::{Kind, kinds};
use super::raw::{Problem, Raw, RawReader};
use super::table::{Field, FieldRow, KindRow, Presence, Scope, near};
use super::words::Side;
use super::{ENVELOPE, Event, MAX_ID_BYTES};

/// Why values are no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}; {help}", field.as_ref().map_or(String::new(), |field| format!("field `{field}`: ")))]
pub struct EventError {
    /// The field, where one is to blame.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl EventError {
    fn new(field: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { field: Some(field.into()), message: message.into(), help: help.into() }
    }
}

/// The values of one event that are not read yet.
pub(super) struct Fields {
    kind: &'static str,
    rows: &'static [FieldRow],
    values: Vec<(String, Raw)>,
}

impl Event {
    /// Reads an event from its names and values, in any order.
    ///
    /// # Errors
    /// The first thing that is wrong: a name that is unknown or there twice, a value that does not
    /// fit, a field that is missing, or fields that contradict each other.
    pub fn from_fields(values: Vec<(String, Raw)>) -> Result<Self, EventError> {
        let row = kind_of(&values)?;
        check_names(&values, row)?;
        let mut fields = Fields { kind: row.name, rows: row.fields, values };
        let event = Self {
            id: fields.required("id")?,
            account: fields.optional("account")?,
            seq: fields.optional("seq")?,
            at: fields.required("at")?,
            received: fields.optional("received")?,
            trade_date: fields.optional("trade_date")?,
            provenance: fields.default("provenance")?,
            corrects: fields.optional("corrects")?,
            busts: fields.optional("busts")?,
            kind: Kind::read(row.name, &mut fields)?.ok_or_else(|| unknown_kind(row.name))?,
            raw: fields.optional("raw")?,
        };
        event.check()?;
        Ok(event)
    }

    /// Checks what the types of the fields cannot say.
    ///
    /// # Errors
    /// When an id is empty or too long, `account` does not fit the kind, or fields contradict each
    /// other.
    pub fn check(&self) -> Result<(), EventError> {
        for (field, id) in [("id", Some(&self.id)), ("corrects", self.corrects.as_ref()), ("busts", self.busts.as_ref())] {
            check_id(field, id)?;
        }
        if self.corrects.is_some() && self.busts.is_some() {
            return Err(EventError::new("busts", "an event cannot both correct and bust", "keep `corrects` to replace, `busts` to cancel"));
        }
        let name = self.kind.name();
        match (self.kind.scope(), &self.account) {
            (Scope::Account, None) => {
                Err(EventError::new("account", "is missing", format!("add the key of the account; a `{name}` belongs to one account")))
            }
            (Scope::Market, Some(_)) => Err(EventError::new("account", format!("a `{name}` is market-wide"), "leave `account` out")),
            _ => self.kind.check(),
        }
    }
}

impl Kind {
    fn check(&self) -> Result<(), EventError> {
        match self {
            Self::Tick(tick) if tick.bid.is_none() && tick.ask.is_none() && tick.last.is_none() => {
                Err(EventError::new("bid", "a tick without any price", "give `bid`, `ask` or `last`"))
            }
            Self::News(news) if news.currencies.is_empty() && news.symbols.is_empty() => {
                Err(EventError::new("currencies", "news about nothing", "give `currencies` or `symbols`"))
            }
            Self::News(news) if news.ends.is_some_and(|ends| ends < news.starts) => {
                Err(EventError::new("ends", "is before `starts`", "give the end of what lasts, or leave it out"))
            }
            Self::Gap(gap) if gap.to < gap.from => Err(EventError::new("to", "is before `from`", "swap the two")),
            Self::Calendar(day) if (day.closed == Some(true)) == day.early_close.is_some() => Err(EventError::new(
                "closed",
                "a calendar event says one thing",
                "give either `\"closed\":true` or the time of an `early_close`",
            )),
            Self::Order(order) if order.quantity.is_zero() || (order.side == Side::Buy && order.quantity.is_negative()) => {
                Err(EventError::new(
                    "quantity",
                    format!("`{}` does not fit the side `{}`", order.quantity, order.side),
                    "give how much is to be traded, positive for a buy",
                ))
            }
            Self::Fill(fill) if fill.quantity.is_zero() => {
                Err(EventError::new("quantity", "a fill of nothing", "give how much was traded: positive is bought, negative is sold"))
            }
            Self::Fill(fill) if fill.closed_quantity.is_some_and(|closed| closed.is_negative() || closed > fill.quantity.abs()) => {
                Err(EventError::new(
                    "closed_quantity",
                    "is not between 0 and the quantity traded",
                    "give how much of it closes, without a sign",
                ))
            }
            Self::Cash(cash) if cash.payout_id.is_some() != (cash.cash_type == super::CashType::Payout) => {
                Err(EventError::new("payout_id", "belongs to cash of type `payout`, and only there", "name the payout that the cash pays"))
            }
            _ => Ok(()),
        }
    }
}

fn check_id(field: &str, id: Option<&String>) -> Result<(), EventError> {
    match id {
        Some(id) if id.is_empty() => Err(EventError::new(field, "is empty", "give an id that is unique within its account")),
        Some(id) if id.len() > MAX_ID_BYTES => {
            Err(EventError::new(field, format!("is {} bytes long", id.len()), format!("an id has at most {MAX_ID_BYTES} bytes")))
        }
        _ => Ok(()),
    }
}

fn kind_of(values: &[(String, Raw)]) -> Result<&'static KindRow, EventError> {
    match values.iter().find(|(name, _)| name == "kind") {
        Some((_, Raw::Text(name))) => kinds().iter().find(|row| row.name == name).ok_or_else(|| unknown_kind(name)),
        Some(_) => Err(EventError::new("kind", "is no text", format!("one of {}", kind_names().join(", ")))),
        None => Err(EventError::new("kind", "is missing", format!("one of {}", kind_names().join(", ")))),
    }
}

fn unknown_kind(name: &str) -> EventError {
    EventError::new("kind", format!("unknown kind `{name}`"), suggest(name, &kind_names(), "kinds are"))
}

fn kind_names() -> Vec<&'static str> {
    kinds().iter().map(|row| row.name).collect()
}

fn check_names(values: &[(String, Raw)], row: &'static KindRow) -> Result<(), EventError> {
    for (place, (name, _)) in values.iter().enumerate() {
        if !ENVELOPE.iter().chain(row.fields).any(|field| field.name == name) {
            return Err(unknown_field(name, row));
        }
        if values.iter().take(place).any(|(earlier, _)| earlier == name) {
            return Err(EventError::new(name, "is there twice", "keep one of the two"));
        }
    }
    Ok(())
}

fn unknown_field(name: &str, row: &'static KindRow) -> EventError {
    let all: Vec<_> = row.fields.iter().chain(ENVELOPE).map(|field| field.name).collect();
    let help = suggest(name, &all, "its fields are");
    EventError::new(name, format!("unknown field of a `{}`", row.name), format!("{help}; what is the vendor's own goes under `raw`"))
}

fn suggest(name: &str, known: &[&'static str], listing: &str) -> String {
    let near = near(name, known.iter().copied()).map_or(String::new(), |near| format!("did you mean `{near}`? "));
    format!("{near}{listing} {}", known.join(", "))
}

impl Fields {
    pub(super) fn required<T: Field>(&mut self, name: &'static str) -> Result<T, EventError> {
        match self.take(name) {
            Some(value) => Self::read(name, value),
            None => Err(self.missing(name)),
        }
    }

    pub(super) fn optional<T: Field>(&mut self, name: &'static str) -> Result<Option<T>, EventError> {
        self.take(name).map(|value| Self::read(name, value)).transpose()
    }

    pub(super) fn default<T: Field + Default>(&mut self, name: &'static str) -> Result<T, EventError> {
        self.optional(name).map(Option::unwrap_or_default)
    }

    fn take(&mut self, name: &str) -> Option<Raw> {
        let place = self.values.iter().position(|(known, _)| known == name)?;
        Some(self.values.swap_remove(place).1)
    }

    fn missing(&self, name: &str) -> EventError {
        let row = self.rows.iter().chain(ENVELOPE).find(|row| row.name == name);
        let doc = row.map_or(String::new(), |row| sentence_start(row.doc));
        EventError::new(name, "is missing", format!("add it to the `{}`: {doc}", self.kind))
    }

    fn read<T: Field>(name: &str, value: Raw) -> Result<T, EventError> {
        if value == Raw::Null && name != "raw" {
            return Err(EventError::new(name, "is `null`", "leave the field out where it is not told"));
        }
        T::deserialize(RawReader(value)).map_err(|Problem(message)| EventError::new(name, message, format!("write {}", T::TYPE)))
    }
}

/// The first letter of a sentence in lower case and no full stop, to go on after a colon.
fn sentence_start(doc: &str) -> String {
    let mut chars = doc.trim_end_matches('.').chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Raw::deserialize(deserializer)? {
            Raw::Map(values) => Self::from_fields(values).map_err(de::Error::custom),
            _ => Err(de::Error::custom("an event is an object with `id`, `at`, `kind` and the fields of its kind")),
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        entry(&mut map, "account", self.account.as_ref())?;
        entry(&mut map, "seq", self.seq.as_ref())?;
        map.serialize_entry("at", &self.at)?;
        entry(&mut map, "received", self.received.as_ref())?;
        entry(&mut map, "trade_date", self.trade_date.as_ref())?;
        entry(&mut map, "provenance", Some(&self.provenance).filter(|known| **known != super::Provenance::default()))?;
        entry(&mut map, "corrects", self.corrects.as_ref())?;
        entry(&mut map, "busts", self.busts.as_ref())?;
        map.serialize_entry("kind", self.kind.name())?;
        self.kind.write(&mut map)?;
        entry(&mut map, "raw", self.raw.as_ref())?;
        map.end()
    }
}

fn entry<M: SerializeMap, T: Serialize>(map: &mut M, name: &str, value: Option<&T>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, value))
}

/// The rows of the envelope are written here, next to the two places that must agree with them.
pub(super) const fn envelope_row(name: &'static str, presence: Presence, ty: super::FieldType, doc: &'static str) -> FieldRow {
    FieldRow { name, doc, presence, ty }
}
