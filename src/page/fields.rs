//! What the builtin values are called on a page.

use crate::vocabulary::{AccountField, GroupField, PeriodField, RecordField};

/// A value of the account, as a noun.
pub(super) const fn account(field: AccountField) -> &'static str {
    match field {
        AccountField::Size => "the account size",
        AccountField::OriginalSize => "the original account size",
        AccountField::Balance => "your balance",
        AccountField::Equity => "your equity",
        AccountField::OpenProfit => "your open profit",
        AccountField::Profit => "your closed profit",
        AccountField::Costs => "your trading costs",
        AccountField::Available => "the profit available for payout",
        AccountField::Withdrawn => "what you have withdrawn",
        AccountField::Deposited => "what you have deposited",
        AccountField::WeightedQuantity => "the total size of your open positions",
        AccountField::Exposure => "your total exposure",
        AccountField::Margin => "your margin in use",
        AccountField::MarginLevel => "your margin level",
        AccountField::OpenRisk => "the risk of your open positions down to their stop-losses",
        AccountField::PositionCount => "the number of open positions",
        AccountField::Flat => "whether no position is open",
        AccountField::FillCount => "the number of your fills",
        AccountField::TradeCount => "the number of your closed trades",
        AccountField::Phase => "the phase of the account",
        AccountField::Locked => "whether trading is locked",
        AccountField::OpenedAt => "the opening of the account",
        AccountField::PurchasedAt => "the purchase of the account",
        AccountField::PhaseStartedAt => "the start of the phase",
        AccountField::PhaseStartBalance => "the balance that the phase started with",
    }
}

/// A value of a period that is called so, as a noun.
pub(super) fn period(field: PeriodField, name: &str) -> String {
    match field {
        PeriodField::StartBalance => format!("your balance at the start of the {name}"),
        PeriodField::StartEquity => format!("your equity at the start of the {name}"),
        PeriodField::CloseBalance => format!("your balance at the end of the {name}"),
        PeriodField::CloseEquity => format!("your equity at the end of the {name}"),
        PeriodField::HighEquity => format!("your highest equity of the {name}"),
        PeriodField::LowEquity => format!("your lowest equity of the {name}"),
        PeriodField::Profit => format!("your closed profit of the {name}"),
        PeriodField::EquityProfit => format!("your profit of the {name}, open positions included"),
        PeriodField::Opened => format!("the number of positions opened in the {name}"),
        PeriodField::Entries => format!("the number of entries in the {name}"),
        PeriodField::Closed => format!("the number of trades closed in the {name}"),
        PeriodField::Fills => format!("the number of fills in the {name}"),
        PeriodField::Date if name == "day" => "today's date".into(),
        PeriodField::Date if name == "previous day" => "the date of the previous day".into(),
        PeriodField::Date => format!("the first date of the {name}"),
        PeriodField::Weekday => format!("the weekday of the {name}"),
        PeriodField::Number => format!("the number of the {name}, counted from 1"),
        PeriodField::Open => format!("whether the {name} runs"),
    }
}

/// What is explained of a period's value, whatever the period.
pub(super) fn of_any_period(field: PeriodField) -> String {
    period(field, "period").replace(" the period", " a day or other period")
}

/// A value of the record at hand, as a noun.
pub(super) const fn record(field: RecordField) -> &'static str {
    match field {
        RecordField::PositionSymbol => "the position's symbol",
        RecordField::PositionSide => "the position's direction",
        RecordField::PositionQuantity => "the position's size",
        RecordField::PositionOpened => "the opening of the position",
        RecordField::PositionChanged => "the last change of the position's size",
        RecordField::PositionHeld => "how long the position has been open",
        RecordField::PositionMarked => "the latest price of the position's symbol",
        RecordField::PositionMarkAge => "the age of the position's latest price",
        RecordField::PositionEntryPrice => "the position's entry price",
        RecordField::PositionNotional => "the position's notional value",
        RecordField::PositionMargin => "the position's margin",
        RecordField::PositionOpenProfit => "the position's open profit",
        RecordField::PositionProfit => "the profit already taken from the position",
        RecordField::PositionCosts => "the position's costs",
        RecordField::PositionRisk => "the position's risk down to its stop-loss",
        RecordField::PositionWidestRisk => "the largest risk the position ever had",
        RecordField::PositionWorst => "the lowest open profit the position has had",
        RecordField::PositionBest => "the highest open profit the position has had",
        RecordField::PositionGiveback => "what the position has given back from its best open profit",
        RecordField::PositionUnstopped => "the position's size without a stop-loss",
        RecordField::PositionStop => "the position's stop-loss",
        RecordField::PositionTarget => "the position's take-profit",
        RecordField::OrderSymbol => "the order's symbol",
        RecordField::OrderSide => "the order's direction",
        RecordField::OrderQuantity => "the order's size",
        RecordField::OrderPrice => "the order's price",
        RecordField::OrderStop => "the order's stop-loss",
        RecordField::OrderTarget => "the order's take-profit",
        RecordField::OrderType => "the order's type",
        RecordField::OrderMarked => "the latest price of the order's symbol",
        RecordField::OrderMarkAge => "the age of the order's latest price",
        RecordField::FillSymbol => "the fill's symbol",
        RecordField::FillSide => "the fill's direction",
        RecordField::FillQuantity => "the fill's size",
        RecordField::FillPrice => "the fill's price",
        RecordField::FillReason => "the reason of the fill",
        RecordField::FillProfit => "the fill's profit after costs",
        RecordField::FillHeld => "how long the position had been open at its exit",
        RecordField::TradeSymbol => "the trade's symbol",
        RecordField::TradeSide => "the trade's direction",
        RecordField::TradeQuantity => "the trade's largest size",
        RecordField::TradeOpened => "the opening of the trade",
        RecordField::TradeClosed => "the close of the trade",
        RecordField::TradeHeld => "how long the trade lasted",
        RecordField::TradeProfit => "the trade's profit after costs",
        RecordField::TradeCosts => "the trade's costs",
        RecordField::TradeWorst => "the lowest open profit the trade had",
        RecordField::TradeBest => "the highest open profit the trade had",
        RecordField::TradeReason => "the reason of the trade's last fill",
        RecordField::PayoutAmount => "the amount of the payout",
        RecordField::PayoutNumber => "the number of the payout, counted from 1",
        RecordField::SymbolItself => "the symbol",
        RecordField::SymbolQuantity => "the net size in the symbol",
        RecordField::SymbolOpenProfit => "the open profit in the symbol",
        RecordField::SymbolMarked => "the latest price of the symbol",
        RecordField::SymbolMarkAge => "the age of the symbol's latest price",
        RecordField::NewsImpact => "the impact of the release",
        RecordField::NewsTitle => "the title of the release",
    }
}

/// A value of a group of trades that is called so, as a noun.
pub(super) fn group(field: GroupField, name: &str) -> String {
    let of = match field {
        GroupField::Count => "the number of trades",
        GroupField::Positions => "the number of open positions",
        GroupField::Longs => "the number of open long positions",
        GroupField::Shorts => "the number of open short positions",
        GroupField::Symbols => "the number of different symbols open",
        GroupField::Symbol => "the symbol",
        GroupField::Side => "the direction",
        GroupField::Opened => "the first opening",
        GroupField::Profit => "the closed profit",
        GroupField::OpenProfit => "the open profit",
        GroupField::Result => "the profit, open positions included,",
        GroupField::Risk => "the risk down to the stop-losses",
        GroupField::Quantity => "the total size",
        GroupField::OpenQuantity => "the size still open",
        GroupField::Notional => "the notional value",
        GroupField::Margin => "the margin",
    };
    format!("{of} of the {name}")
}
