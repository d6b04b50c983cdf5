//! What happens to an account, as the engine sees it: one schema for all platforms.
//!
//! Money, prices and quantities are decimals written in quotes; times are RFC 3339. Quantities are
//! signed, positive is long, in the symbol's unit. An absent optional field means *not told*, which
//! is not zero. Unknown kinds and fields are errors that name the known ones.
//!
//! ```
//! # // `serde_json` stands for any format of serde.
//! use ringfence::event::{Event, Kind};
//! let event: Event = serde_json::from_str(
//!     r#"{"id":"t1","at":"2026-03-02T14:30:00Z","kind":"tick","symbol":"EURUSD","bid":"1.0850","ask":"1.0852"}"#,
//! )?;
//! assert!(matches!(event.kind, Kind::Tick(tick) if tick.last.is_none()));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod kinds;
mod raw;
mod read;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use kinds::{
    Ack, CalendarDay, Cash, Fill, Gap, HostEvent, Input, Instrument, Kind, Migrate, News, Open, Order, Payout, Position, Protect, Snapshot,
    Staff, Tick, kinds,
};
pub use raw::{FieldValue, Raw};
pub use read::EventError;
pub use table::{FieldRow, FieldType, KindRow, Presence, Scope};
pub use words::{
    AckStatus, Anchor, BalancePolicy, CashType, FillEntry, FillReason, Impact, OrderStatus, OrderType, PayoutStatus, PositionMode,
    Provenance, Side, StaffDecision, SwapMode, TickQuality, UnknownWord,
};

use crate::value::{Date, Instant};
use read::envelope_row;

/// One event: the envelope that all kinds share, and what has happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Unique within its account (within the stream for market-wide events), at most
    /// [`MAX_ID_BYTES`] bytes.
    pub id: String,
    /// The account's key; `None` on market-wide events.
    pub account: Option<String>,
    /// Order within the account, where the platform gives one.
    pub seq: Option<u64>,
    /// When it happened at the source.
    pub at: Instant,
    /// When the adapter saw it.
    pub received: Option<Instant>,
    /// The venue's session date, where it gives one.
    pub trade_date: Option<Date>,
    /// How sure it is.
    pub provenance: Provenance,
    /// The id of the event that this one replaces.
    pub corrects: Option<String>,
    /// The id of the event that this one cancels.
    pub busts: Option<String>,
    /// What has happened.
    pub kind: Kind,
    /// What the vendor told besides; the engine does not look into it.
    pub raw: Option<Raw>,
}

/// How long an id may be, in bytes.
pub const MAX_ID_BYTES: usize = 64;

/// The fields that all kinds share.
pub const ENVELOPE: &[FieldRow] = &[
    envelope_row("id", Presence::Required, FieldType::Text, "Unique within its account (within the stream for market-wide events)."),
    envelope_row("account", Presence::Optional, FieldType::Text, "The account's key; absent on market-wide events."),
    envelope_row("seq", Presence::Optional, FieldType::Whole, "Order within the account, where the platform gives one."),
    envelope_row("at", Presence::Required, FieldType::Instant, "When it happened at the source."),
    envelope_row("received", Presence::Optional, FieldType::Instant, "When the adapter saw it."),
    envelope_row("trade_date", Presence::Optional, FieldType::Date, "The venue's session date, where it gives one."),
    envelope_row(
        "provenance",
        Presence::Default,
        FieldType::Words(Provenance::WORDS),
        "How sure it is; `broker` where it is not told. An estimate fails nobody unless the rule says so.",
    ),
    envelope_row("corrects", Presence::Optional, FieldType::Text, "The id of the event that this one replaces."),
    envelope_row("busts", Presence::Optional, FieldType::Text, "The id of the event that this one cancels."),
    envelope_row("kind", Presence::Required, FieldType::Text, "What has happened."),
    envelope_row("raw", Presence::Optional, FieldType::Any, "What the vendor told besides; the engine does not look into it."),
];

impl Event {
    /// An event with nothing told in the envelope but what it must have.
    pub fn new(id: impl Into<String>, account: Option<&str>, at: Instant, kind: Kind) -> Self {
        Self {
            id: id.into(),
            account: account.map(Into::into),
            seq: None,
            at,
            received: None,
            trade_date: None,
            provenance: Provenance::Broker,
            corrects: None,
            busts: None,
            kind,
            raw: None,
        }
    }

    /// Whether it replaces or cancels an earlier event.
    pub fn is_correction(&self) -> bool {
        self.corrects.is_some() || self.busts.is_some()
    }

    /// The place among the events of one instant when sources are merged: 0 comes first.
    pub fn order_in_instant(&self) -> u8 {
        if self.is_correction() { kinds::CORRECTION_ORDER } else { self.kind.order_in_instant() }
    }
}
