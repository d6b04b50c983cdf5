//! The builtin values: of the account, of periods, and of the records at hand.

use super::{Moment, Moments};
use crate::value::{Currency, Type};

/// The type of a builtin value, before the program's currency is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Money in the account's currency.
    Money,
    /// A price.
    Price,
    /// A quantity in the symbol's unit.
    Quantity,
    /// A quantity summed over symbols by their weights: contracts, lots or shares alike.
    WeightedQuantity,
    /// A percentage.
    Percent,
    /// A number.
    Number,
    /// A count.
    Count,
    /// A length of time, up to now: only compared with a bound, or read where an event is handled.
    Duration,
    /// A date.
    Date,
    /// A weekday.
    Weekday,
    /// An instant.
    Instant,
    /// Yes or no.
    Bool,
    /// Text.
    Text,
    /// A symbol.
    Symbol,
    /// A phase.
    Phase,
    /// `long` or `short`
    Side,
    /// Why a fill happened.
    Reason,
    /// The impact of news.
    Impact,
    /// How an order is priced.
    OrderType,
}

impl FieldType {
    /// The words of a type that is one of some words.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Side => &["long", "short"],
            Self::Reason => &["user", "stop_loss", "take_profit", "stop_out", "rollover", "dealer", "risk"],
            Self::Impact => &["low", "medium", "high"],
            Self::OrderType => &["market", "limit", "stop", "stop_limit"],
            _ => &[],
        }
    }

    /// The type in a program of this currency.
    pub fn in_currency(self, currency: Currency) -> Type {
        match self {
            Self::Money => Type::Money(currency),
            Self::Price => Type::Price,
            Self::Quantity | Self::WeightedQuantity => Type::Quantity(None),
            Self::Percent => Type::Percent,
            Self::Number => Type::Number,
            Self::Count => Type::Count,
            Self::Duration => Type::Duration,
            Self::Date => Type::Date,
            Self::Weekday => Type::Weekday,
            Self::Instant => Type::Instant,
            Self::Bool => Type::Bool,
            Self::Text => Type::Text,
            Self::Symbol => Type::Symbol,
            Self::Phase => Type::Phase,
            Self::Side | Self::Reason | Self::Impact | Self::OrderType => {
                Type::OneOf(self.words().iter().map(|word| (*word).to_owned()).collect())
            }
        }
    }
}

/// What is known of a builtin value.
#[derive(Clone, Copy, Debug)]
pub struct FieldRow {
    /// Its name, behind the record's name and a dot where it belongs to a record.
    pub name: &'static str,
    /// Its type.
    pub ty: FieldType,
    /// The moments at which it can change.
    pub moments: Moments,
    /// Whether it may be missing.
    pub missing: bool,
    /// Whether it is a running total, so that `since EVENT` has a meaning.
    pub additive: bool,
    /// What it is: realised or marked, costs in or out, moved by cash or not.
    pub doc: &'static str,
}

macro_rules! fields {
    ($(#[$meta:meta])* $enum:ident { $( $variant:ident $name:literal $ty:ident $moments:expr, $missing:literal $additive:literal $doc:literal; )* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $enum { $( #[doc = $doc] $variant, )* }

        impl $enum {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$( Self::$variant, )*];
            const ROWS: &[FieldRow] = &[$( FieldRow { name: $name, ty: FieldType::$ty, moments: $moments, missing: $missing != 0, additive: $additive != 0, doc: $doc }, )*];

            /// What is known of it.
            pub const fn row(self) -> &'static FieldRow {
                &Self::ROWS[self as usize]
            }

            /// The field of that name.
            pub fn find(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|field| field.row().name == name)
            }
        }
    };
}
pub(super) use fields;

const NEVER: Moments = Moments::of(&[Moment::Enter]);
const RESIZED: Moments = Moments::of(&[Moment::Enter, Moment::Cash]);
const MONEY: Moments = Moments::MONEY.with(Moments::of(&[Moment::Mark]));
const EQUITY: Moments = Moments::EQUITY;
const POSITIONS: Moments = Moments::POSITIONS;
const PAYOUT: Moments = Moments::of(&[Moment::Payout, Moment::Cash]);
const PERIOD_MONEY: Moments = Moments::MONEY.with(Moments::PERIODS).with(Moments::of(&[Moment::Payout]));
const PERIOD_EQUITY: Moments = Moments::EQUITY.with(Moments::PERIODS).with(Moments::of(&[Moment::Payout]));
const TURN: Moments = Moments::PERIODS.with(Moments::of(&[Moment::Payout, Moment::Cash]));

// name, type, moments, may be missing, additive, doc
fields! {
    /// Values of the account.
    AccountField {
        Size "size" Money RESIZED, 0 0 "the plan's size, until the account is resized";
        OriginalSize "original_size" Money NEVER, 0 0 "the plan's size at opening";
        Balance "balance" Money MONEY, 0 0 "realised: the ledger's start, cash, and net results booked; moved by cash";
        Equity "equity" Money EQUITY, 0 0 "marked: balance and open profit; moved by cash; reading it while an open position has no mark or rate is a fault";
        OpenProfit "open_profit" Money EQUITY, 0 0 "marked: of all open positions, before costs not yet booked; not moved by cash";
        Profit "profit" Money Moments::MONEY, 0 1 "realised: net result since the phase began, after costs; cash and payouts never change it";
        Costs "costs" Money Moments::MONEY, 0 1 "commissions, fees, taxes, swaps and funding booked since the phase began, as a positive amount";
        Available "available" Money MONEY.with(PAYOUT), 0 0 "balance minus the ledger's start and amounts reserved for payouts, never below zero: what a payout can take";
        Withdrawn "withdrawn" Money PAYOUT, 0 1 "payouts and withdrawals booked since the phase began";
        Deposited "deposited" Money Moments::of(&[Moment::Cash]), 0 1 "deposits booked since the phase began";
        WeightedQuantity "weighted_quantity" WeightedQuantity POSITIONS, 0 0 "net quantity of each symbol times its weight, without sign, summed";
        Exposure "exposure" Money EQUITY, 0 0 "net notional value of each symbol, without sign, summed, in the account's currency";
        Margin "margin" Money EQUITY, 1 0 "notional value times margin rate over open positions; missing where a margin rate or mark is";
        MarginLevel "margin_level" Percent EQUITY, 1 0 "equity as a percentage of margin; missing without margin";
        OpenRisk "open_risk" Money EQUITY, 1 0 "risk to the stop over open positions; missing where a position has no stop";
        PositionCount "positions" Count POSITIONS, 0 0 "how many positions are open";
        Flat "flat" Bool POSITIONS, 0 0 "whether no position is open";
        FillCount "fills" Count Moments::of(&[Moment::Fill]), 0 1 "fills since the phase began";
        TradeCount "trades" Count Moments::of(&[Moment::Fill]), 0 1 "complete trades since the phase began";
        Phase "phase" Phase NEVER, 0 0 "the phase the account is in";
        Locked "locked" Bool Moments::ALL, 0 0 "whether any lock is in force";
        OpenedAt "opened_at" Instant NEVER, 0 0 "when the account was opened";
        PurchasedAt "purchased_at" Instant NEVER, 0 0 "when the account was bought; its opening, where that was not told";
        PhaseStartedAt "phase_started_at" Instant NEVER, 0 0 "when the phase was entered";
        PhaseStartBalance "start_balance" Money RESIZED, 0 0 "the balance with which the phase's ledger started, or with which it was reset since; moves with a resize";
    }
}

fields! {
    /// Values of a period: `day.profit`, `last week.close_balance`.
    PeriodField {
        StartBalance "start_balance" Money TURN, 0 0 "the balance at the period's opening, after all booked before it; moves with cash inside the period";
        StartEquity "start_equity" Money TURN, 0 0 "the equity at the period's opening; moves with cash inside the period";
        CloseBalance "close_balance" Money TURN, 1 0 "the balance at the period's end; missing while it runs";
        CloseEquity "close_equity" Money TURN, 1 0 "the equity at the period's end; missing while it runs";
        HighEquity "high_equity" Money PERIOD_EQUITY, 0 0 "the highest equity in the period; moves with cash";
        LowEquity "low_equity" Money PERIOD_EQUITY, 0 0 "the lowest equity in the period; moves with cash";
        Profit "profit" Money PERIOD_MONEY, 0 1 "realised: net result booked in the period";
        EquityProfit "equity_profit" Money PERIOD_EQUITY, 0 0 "marked: equity minus start equity";
        Opened "opened" Count PERIOD_MONEY, 0 1 "positions opened in the period";
        Entries "entries" Count PERIOD_MONEY, 0 1 "fills in the period that opened a position or added to one";
        Closed "closed" Count PERIOD_MONEY, 0 1 "trades completed in the period";
        Fills "fills" Count PERIOD_MONEY, 0 1 "fills in the period";
        Date "date" Date TURN, 0 0 "the period's date: of a day, the local date of the last instant before its stamp; of others, the first day's";
        Weekday "weekday" Weekday TURN, 0 0 "the weekday of the date";
        Number "number" Count TURN, 0 0 "1 for the period in which the phase began, 2 for the next";
        Open "open" Bool TURN, 0 0 "whether the period runs";
    }
}

/// A record that can be at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Record {
    /// An open position: in `for each position` and aggregates over open positions.
    Position,
    /// The order: in order events and limits on orders.
    Order,
    /// The fill: where fills are handled.
    Fill,
    /// The completed trade: where trades are handled, and in aggregates over trades.
    Trade,
    /// The payout: in `payout` and payout events.
    Payout,
    /// The symbol: in `for each symbol`.
    Symbol,
    /// The news item: in news conditions.
    News,
    /// The tick: where marks are handled. It has the fields that the host adds.
    Tick,
}

macro_rules! records {
    ($( $record:ident $word:literal { $( $variant:ident $name:literal $ty:ident $moments:expr, $missing:literal $doc:literal; )* } )*) => {
        /// A field of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum RecordField { $( $( #[doc = $doc] $variant, )* )* }

        impl RecordField {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$( $( Self::$variant, )* )*];
            const ROWS: &[(Record, FieldRow)] = &[$( $(
                (Record::$record, FieldRow { name: $name, ty: FieldType::$ty, moments: $moments, missing: $missing != 0, additive: false, doc: $doc }),
            )* )*];

            /// The record it belongs to.
            pub const fn record(self) -> Record {
                Self::ROWS[self as usize].0
            }

            /// What is known of it.
            pub const fn row(self) -> &'static FieldRow {
                &Self::ROWS[self as usize].1
            }

            /// The field of that name.
            pub fn find(record: Record, name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|field| field.record() == record && field.row().name == name)
            }
        }

        impl Record {
            /// All records.
            pub const ALL: &[Self] = &[$( Self::$record, )*];

            /// The word in programs.
            pub const fn word(self) -> &'static str {
                match self { $( Self::$record => $word, )* }
            }
        }
    };
}

const FILL: Moments = Moments::of(&[Moment::Fill]);
const ORDER: Moments = Moments::of(&[Moment::Order]);
const MARKED: Moments = FILL.with(Moments::of(&[Moment::Mark, Moment::Protect]));
const PAID: Moments = Moments::of(&[Moment::Payout]);
const ALWAYS: Moments = Moments::NONE;

// name, type, moments, may be missing, doc
records! {
    Position "position" {
        PositionSymbol "symbol" Symbol FILL, 0 "its symbol";
        PositionSide "side" Side FILL, 0 "`long` or `short`";
        PositionQuantity "quantity" Quantity POSITIONS, 0 "how much is open, without sign";
        PositionOpened "opened" Instant FILL, 0 "when it was first entered";
        PositionChanged "changed" Instant POSITIONS, 0 "when its quantity last changed";
        PositionHeld "held" Duration FILL, 0 "how long it has been open";
        PositionMarked "marked" Instant MARKED, 1 "when the latest tick of its symbol that was a mark came; missing before the first";
        PositionMarkAge "mark_age" Duration MARKED, 1 "how long ago that was";
        PositionEntryPrice "entry_price" Price POSITIONS, 0 "entry value divided by quantity";
        PositionNotional "notional" Money EQUITY, 0 "mark times quantity times multiplier, in the account's currency";
        PositionMargin "margin" Money EQUITY, 1 "notional times margin rate";
        PositionOpenProfit "open_profit" Money EQUITY, 0 "marked result, before costs not yet booked";
        PositionProfit "profit" Money POSITIONS, 0 "realised: what partial exits of it have brought, net of its costs";
        PositionCosts "costs" Money POSITIONS, 0 "costs booked on it";
        PositionRisk "risk" Money POSITIONS, 1 "entry to stop in money, never below zero; missing without a stop";
        PositionWidestRisk "widest_risk" Money POSITIONS, 1 "the largest risk it ever had; missing while it never had a stop";
        PositionWorst "worst" Money EQUITY, 0 "the lowest open profit it has had";
        PositionBest "best" Money EQUITY, 0 "the highest open profit it has had";
        PositionGiveback "giveback" Money EQUITY, 0 "best minus open profit";
        PositionUnstopped "unstopped_quantity" Quantity POSITIONS, 0 "its quantity while it has no stop, else zero";
        PositionStop "stop" Price POSITIONS, 1 "its stop price";
        PositionTarget "target" Price POSITIONS, 1 "its target price";
    }
    Order "order" {
        OrderSymbol "symbol" Symbol ORDER, 0 "its symbol";
        OrderSide "side" Side ORDER, 0 "`long` for a buy, `short` for a sell";
        OrderQuantity "quantity" Quantity ORDER, 0 "how much, without sign";
        OrderPrice "price" Price ORDER, 1 "its own price; missing for a market order";
        OrderStop "stop" Price ORDER, 1 "its stop-loss price";
        OrderTarget "target" Price ORDER, 1 "its take-profit price";
        OrderType "type" OrderType ORDER, 0 "how it is priced";
        OrderMarked "marked" Instant ORDER, 1 "when the latest tick of its symbol that was a mark came; missing before the first";
        OrderMarkAge "mark_age" Duration ORDER, 1 "how long ago that was";
    }
    Fill "fill" {
        FillSymbol "symbol" Symbol FILL, 0 "its symbol";
        FillSide "side" Side FILL, 0 "`long` for a buy, `short` for a sell";
        FillQuantity "quantity" Quantity FILL, 0 "how much, without sign";
        FillPrice "price" Price FILL, 0 "at what price";
        FillReason "reason" Reason FILL, 0 "why it happened";
        FillProfit "profit" Money FILL, 0 "realised by it, net of its costs";
        FillHeld "held" Duration FILL, 1 "how long the position it reduces had been open; missing for an entry";
    }
    Trade "trade" {
        TradeSymbol "symbol" Symbol FILL, 0 "its symbol";
        TradeSide "side" Side FILL, 0 "`long` or `short`";
        TradeQuantity "quantity" Quantity FILL, 0 "the largest quantity it had";
        TradeOpened "opened" Instant FILL, 0 "when it was first entered";
        TradeClosed "closed" Instant FILL, 0 "when it was complete";
        TradeHeld "held" Duration FILL, 0 "from first entry to the end";
        TradeProfit "profit" Money FILL, 0 "its result, net of its costs";
        TradeCosts "costs" Money FILL, 0 "its costs";
        TradeWorst "worst" Money FILL, 0 "the lowest open profit it had";
        TradeBest "best" Money FILL, 0 "the highest open profit it had";
        TradeReason "reason" Reason FILL, 0 "why its last fill happened";
    }
    Payout "payout" {
        PayoutAmount "amount" Money PAID, 0 "what is asked for, approved or paid";
        PayoutNumber "number" Count PAID, 0 "1 for the first";
    }
    Symbol "symbol" {
        SymbolItself "itself" Symbol ALWAYS, 0 "the symbol";
        SymbolQuantity "quantity" Quantity POSITIONS, 0 "net quantity, without sign";
        SymbolOpenProfit "open_profit" Money EQUITY, 0 "open profit of its positions";
        SymbolMarked "marked" Instant MARKED, 1 "when its latest tick that was a mark came; missing before the first, and while none of it is open";
        SymbolMarkAge "mark_age" Duration MARKED, 1 "how long ago that was";
    }
    News "news" {
        NewsImpact "impact" Impact ALWAYS, 0 "`low`, `medium` or `high`";
        NewsTitle "title" Text ALWAYS, 0 "its title";
    }
    Tick "tick" {
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for field in AccountField::ALL {
            assert_eq!(AccountField::find(field.row().name), Some(*field));
        }
        for field in PeriodField::ALL {
            assert_eq!(PeriodField::find(field.row().name), Some(*field));
        }
        for field in RecordField::ALL {
            assert_eq!(RecordField::find(field.record(), field.row().name), Some(*field));
        }
    }
}
