//! The kinds of events. Each is written once, below: its Rust type, its row in the table, how it
//! is read and how it is written come from the same lines.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;

use super::raw::FieldValue;
use super::read::{EventError, Fields};
use super::table::{Field, FieldRow, KindRow, Presence, Scope};
use super::words::{
    AckStatus, Anchor, BalancePolicy, CashType, FillEntry, FillReason, Impact, OrderStatus, OrderType, PayoutStatus, PositionMode, Side,
    StaffDecision, SwapMode, TickQuality,
};
use crate::value::{Currency, Date, Decimal, Instant, Rate, Unit};

/// All kinds of events with their fields, in the order in which one instant is merged.
pub const fn kinds() -> &'static [KindRow] {
    KINDS
}

/// The place, in one instant, of an event that corrects or busts another.
pub(super) const CORRECTION_ORDER: u8 = 4;

macro_rules! field_type {
    (required $ty:ty) => { $ty };
    (optional $ty:ty) => { Option<$ty> };
    (default $ty:ty) => { $ty };
}

macro_rules! presence {
    (required) => {
        Presence::Required
    };
    (optional) => {
        Presence::Optional
    };
    (default) => {
        Presence::Default
    };
}

macro_rules! field_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $name:literal) => {
        $name
    };
}

macro_rules! kinds {
    (
        $( $(#[doc = $doc:literal])+ $order:literal $scope:ident $variant:ident($body:ident) $name:literal {
            $( $(#[doc = $field_doc:literal])+ $presence:ident $field:ident $(as $field_name:literal)?: $ty:ty, )*
        } )+
        without_fields
        $( $(#[doc = $unit_doc:literal])+ $unit_order:literal $unit_scope:ident $unit:ident $unit_name:literal; )+
    ) => {
        const KINDS: &[KindRow] = &[
            $( KindRow {
                name: $name,
                doc: concat!($($doc),+).trim_ascii(),
                scope: Scope::$scope,
                order: $order,
                fields: &[$( FieldRow {
                    name: field_name!($field $($field_name)?),
                    doc: concat!($($field_doc),+).trim_ascii(),
                    presence: presence!($presence),
                    ty: <$ty as Field>::TYPE,
                }, )*],
            }, )+
            $( KindRow {
                name: $unit_name,
                doc: concat!($($unit_doc),+).trim_ascii(),
                scope: Scope::$unit_scope,
                order: $unit_order,
                fields: &[],
            }, )+
        ];

        $( $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $body { $( $(#[doc = $field_doc])+ pub $field: field_type!($presence $ty), )* } )+

        /// What has happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Kind {
            $( $(#[doc = $doc])+ $variant($body), )+
            $( $(#[doc = $unit_doc])+ $unit, )+
        }

        impl Kind {
            /// The word under `kind`.
            pub const fn name(&self) -> &'static str {
                match self { $( Self::$variant(_) => $name, )+ $( Self::$unit => $unit_name, )+ }
            }

            /// The place among the events of one instant when sources are merged: 0 comes first.
            pub const fn order_in_instant(&self) -> u8 {
                match self { $( Self::$variant(_) => $order, )+ $( Self::$unit => $unit_order, )+ }
            }

            /// Whose event it is.
            pub const fn scope(&self) -> Scope {
                match self { $( Self::$variant(_) => Scope::$scope, )+ $( Self::$unit => Scope::$unit_scope, )+ }
            }

            pub(super) fn read(name: &str, fields: &mut Fields) -> Result<Option<Self>, EventError> {
                Ok(Some(match name {
                    $( $name => Self::$variant($body {
                        $( $field: fields.$presence(field_name!($field $($field_name)?))?, )*
                    }), )+
                    $( $unit_name => Self::$unit, )+
                    _ => return Ok(None),
                }))
            }

            pub(super) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self {
                    $( Self::$variant($body { $($field),* }) => {
                        $( write_field!($presence map, field_name!($field $($field_name)?), $field); )*
                    } )+
                    $( Self::$unit )|+ => {}
                }
                Ok(())
            }
        }
    };
}

macro_rules! write_field {
    (required $map:ident, $name:expr, $field:ident) => {
        $map.serialize_entry($name, $field)?
    };
    (optional $map:ident, $name:expr, $field:ident) => {
        if let Some(value) = $field {
            $map.serialize_entry($name, value)?;
        }
    };
    (default $map:ident, $name:expr, $field:ident) => {
        if !is_default($field) {
            $map.serialize_entry($name, $field)?;
        }
    };
}

kinds! {
    /// A date of an exchange calendar is not an ordinary session.
    0 Market Calendar(CalendarDay) "calendar" {
        /// The calendar's name.
        required calendar: String,
        /// The session's date.
        required date: Date,
        /// There is no session on this date. One of `closed` and `early_close` must be told.
        optional closed: bool,
        /// When trading stops earlier than usual.
        optional early_close: Instant,
    }

    /// What a symbol is and how its quantities and prices count.
    1 Market Instrument(Instrument) "instrument" {
        /// The symbol.
        required symbol: String,
        /// Its class in the firm's tables, such as `fx` or `metals`.
        required class: String,
        /// What every quantity of the symbol is counted in.
        required unit: Unit,
        /// How many of the underlying are in one unit.
        required lot_size: Decimal,
        /// Quote currency per point of price per one unit.
        required multiplier: Decimal,
        /// The smallest step of its price.
        required tick_size: Decimal,
        /// The price move that is called a pip.
        optional pip_size: Decimal,
        /// The smallest step of a quantity, in `unit`.
        required quantity_step: Decimal,
        /// The smallest quantity of an order, in `unit`.
        optional min_quantity: Decimal,
        /// The largest quantity of an order, in `unit`.
        optional max_quantity: Decimal,
        /// The share of the notional value that is held as margin: `0.01` is 1:100.
        optional margin_rate: Decimal,
        /// The currency its price is counted in.
        required quote_currency: Currency,
        /// The currency that is bought and sold.
        optional base_currency: Currency,
        /// The product that a contract month belongs to.
        optional root: String,
        /// How much one unit counts in weighted sums over symbols.
        optional weight: Decimal,
        /// The group of symbols it counts with.
        optional group: String,
        /// The exchange calendar it trades by.
        optional calendar: String,
    }

    /// A scheduled release or speech.
    2 Market News(News) "news" {
        /// Names the item; a later event of the same name replaces it.
        required news_id: String,
        /// What it is about.
        required title: String,
        /// How much it is expected to move prices.
        required impact: Impact,
        /// The currencies it is about. `currencies` or `symbols` must be told.
        default currencies: Vec<Currency>,
        /// The symbols it is about.
        default symbols: Vec<String>,
        /// When it is due.
        required starts: Instant,
        /// When it ends, where it lasts, as a speech does.
        optional ends: Instant,
        /// It does not take place.
        optional cancelled: bool,
    }

    /// The account begins, under one version of one program.
    3 Account Open(Open) "open" {
        /// The program's name.
        required program: String,
        /// The program's version.
        required version: String,
        /// The row of the program's plans.
        required plan: String,
        /// What was chosen or bought, by the names of the program's options.
        default options: BTreeMap<String, FieldValue>,
        /// The account's currency.
        required currency: Currency,
        /// The balance it begins with, in `currency`.
        required start_balance: Decimal,
        /// How positions of one symbol are counted.
        required position_mode: PositionMode,
        /// The trader, the same in all of one trader's accounts.
        required trader: String,
        /// The household, the same for all its traders.
        optional household: String,
        /// The phase to begin in; the first of the program where it is not told.
        optional phase: String,
        /// The key of the account that this one goes on from.
        optional continues: String,
        /// When it was bought.
        required purchased_at: Instant,
        /// When it was last set back to its start.
        optional reset_at: Instant,
        /// What was paid for it, in `currency`.
        optional price_paid: Decimal,
        /// Where accrued swap stands until a position is closed.
        required swap: SwapMode,
    }

    /// The account goes over to another version of its program, which says by `migrate` how and when.
    5 Account Migrate(Migrate) "migrate" {
        /// The title of the program.
        required program: String,
        /// The version to go over to.
        required version: String,
        /// Who decided.
        optional who: String,
        /// Why.
        optional why: String,
    }

    /// What a person decided about the account.
    5 Account Staff(Staff) "staff" {
        /// What was decided.
        required decision: StaffDecision,
        /// Who decided.
        required who: String,
        /// Why.
        required why: String,
        /// The title of the limit whose breach an `override` clears; all open breaches where it is not told.
        optional breach: String,
        /// What balance the account goes on with; an `override` of a failed account and `reinstate` may tell it.
        optional balance: BalancePolicy,
    }

    /// A fact that the host keeps up to date has changed.
    6 Account Input(Input) "input" {
        /// The name of the program's input.
        required name: String,
        /// What it is from now on.
        required value: FieldValue,
    }

    /// What became of an action.
    7 Account Ack(Ack) "ack" {
        /// The action's key.
        required key: String,
        /// Which attempt under that key it answers; the last one where it is not told.
        optional attempt: u32,
        /// What became of it.
        required status: AckStatus,
        /// The quantity that is left to do, unsigned, in the symbol's unit.
        optional remaining: Decimal,
        /// What the platform said.
        optional text: String,
    }

    /// The balance moved, other than by a fill.
    8 Account Cash(Cash) "cash" {
        /// Names the booking.
        required cash_id: String,
        /// By how much, in the account's currency; negative lowers the balance.
        required amount: Decimal,
        /// What it is.
        required cash_type as "type": CashType,
        /// The date it counts for, where that is another.
        optional value_date: Date,
        /// The `fill_id` that it belongs to.
        optional ref_fill: String,
        /// The payout that it pays; told for type `payout`.
        optional payout_id: String,
    }

    /// The platform states a position, to reconcile with. Its swap and commission are part of open
    /// profit until the exit books them.
    9 Account Position(Position) "position" {
        /// Names the position, where the platform counts positions by ticket.
        optional position_id: String,
        /// The symbol.
        required symbol: String,
        /// How much is held: positive is long, zero is flat.
        required quantity: Decimal,
        /// The average entry price.
        optional price: Decimal,
        /// The platform's open profit before costs, in the account's currency.
        optional open_profit: Decimal,
        /// Swap accrued and not booked yet, signed as it will change the balance.
        optional swap: Decimal,
        /// Commission not booked yet, signed as it will change the balance.
        optional commission: Decimal,
    }

    /// An order is asked for, or has changed.
    10 Account Order(Order) "order" {
        /// Names the order.
        required order_id: String,
        /// The symbol.
        required symbol: String,
        /// Its direction.
        required side: Side,
        /// How it is to be filled.
        required order_type as "type": OrderType,
        /// How much. Positive is long; a sell may be written with either sign, since `side` tells it.
        required quantity: Decimal,
        /// The limit price.
        optional price: Decimal,
        /// The price that wakes a stop.
        optional stop_price: Decimal,
        /// The stop-loss that its position shall have.
        optional stop_loss: Decimal,
        /// The take-profit that its position shall have.
        optional take_profit: Decimal,
        /// What has become of it; `new` is a question, answered by a verdict.
        required status: OrderStatus,
        /// The `order_id` of the order that it depends on.
        optional parent: String,
        /// Fields that the program declares by `extend order`.
        default extra: BTreeMap<String, FieldValue>,
    }

    /// The stops of a position have changed; one that is not told is gone.
    11 Account Protect(Protect) "protect" {
        /// The position.
        required position_id: String,
        /// The stop-loss from now on.
        optional stop_loss: Decimal,
        /// The take-profit from now on.
        optional take_profit: Decimal,
    }

    /// A trade took place. Costs are signed as they change the balance: a cost paid is negative.
    12 Account Fill(Fill) "fill" {
        /// Names the fill.
        required fill_id: String,
        /// The order it fills.
        optional order_id: String,
        /// The position it belongs to, where the platform counts positions by ticket.
        optional position_id: String,
        /// The symbol.
        required symbol: String,
        /// How much was traded: positive is bought, negative is sold.
        required quantity: Decimal,
        /// The price, in the symbol's quote currency.
        required price: Decimal,
        /// What it does to its position.
        required entry: FillEntry,
        /// How much of an `in_out` closes, unsigned; the ledger knows where it is not told.
        optional closed_quantity: Decimal,
        /// What was won or lost by what it closes, before costs, in the account's currency.
        optional gross_profit: Decimal,
        /// Commission, in the account's currency.
        optional commission: Decimal,
        /// Fees, in the account's currency.
        optional fee: Decimal,
        /// Taxes, in the account's currency.
        optional tax: Decimal,
        /// Swap booked by this fill, in the account's currency.
        optional swap: Decimal,
        /// Account currency per quote currency; used only where `gross_profit` is not told.
        optional fx_rate: Rate,
        /// Who or what caused it.
        required reason: FillReason,
        /// Fields that the program declares by `extend fill`.
        default extra: BTreeMap<String, FieldValue>,
    }

    /// Prices of a symbol. At least one of them is told; one that is not told is no quote.
    13 Market Tick(Tick) "tick" {
        /// The symbol.
        required symbol: String,
        /// What can be sold at.
        optional bid: Decimal,
        /// What can be bought at.
        optional ask: Decimal,
        /// What was last dealt at.
        optional last: Decimal,
        /// What the prices are worth; `ok` where it is not told.
        default quality: TickQuality,
        /// Fields that the program declares by `extend tick`.
        default extra: BTreeMap<String, FieldValue>,
    }

    /// The platform's own marks of the account, for hosts that do not feed ticks.
    14 Account Snapshot(Snapshot) "snapshot" {
        /// The balance, in the account's currency.
        required balance: Decimal,
        /// The equity, in the account's currency.
        required equity: Decimal,
        /// The open profit, in the account's currency.
        optional open_profit: Decimal,
        /// The margin in use, in the account's currency.
        optional margin: Decimal,
        /// The platform's version of the account.
        optional version: u64,
        /// What it is the platform's own stamp of; it then replaces the engine's reference.
        optional anchor: Anchor,
    }

    /// A payout is asked for, or has changed.
    15 Account Payout(Payout) "payout" {
        /// Names the payout.
        required payout_id: String,
        /// What has become of it; `requested` is a question, answered by a verdict.
        required status: PayoutStatus,
        /// How much, in the account's currency; all that is available where a request does not tell it.
        optional amount: Decimal,
        /// Why.
        optional reason: String,
    }

    /// An event of the host's own, declared by the program.
    16 Either Host(HostEvent) "host" {
        /// The name that the program declares.
        required name: String,
        /// The fields that the program declares.
        default fields: BTreeMap<String, FieldValue>,
    }

    /// The feed was down; marks in between are unknown.
    17 Either Gap(Gap) "gap" {
        /// From when.
        required from: Instant,
        /// Until when.
        required to: Instant,
        /// Why.
        required reason: String,
    }

    without_fields

    /// The account is gone.
    18 Account Close "close";
    /// Time has passed, nothing else happened.
    19 Either Clock "clock";
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Order {
    /// The quantity with the sign of its side: positive buys, negative sells.
    pub fn signed_quantity(&self) -> Decimal {
        match self.side {
            Side::Buy => self.quantity.abs(),
            Side::Sell => self.quantity.abs().neg(),
        }
    }
}
