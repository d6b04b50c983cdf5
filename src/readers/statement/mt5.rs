//! The history and the tester report of `MetaTrader` 5: positions, orders and deals.
//!
//! Deals say most: every fill with its own costs, and bookings. Positions are read instead where
//! the deals of a report do not cover them, as when a report was cut at a date.

use std::collections::BTreeMap;

use super::table::{Layout, Row, Table};
use super::{Context, cash, deposit_or_withdrawal, fill, signed, told};
use crate::event::{CashType, Event, FillEntry, FillReason, Kind};
use crate::readers::error::{Place, ReadError};
use crate::value::Decimal;

/// Whether the deals of the report open less than its positions hold.
pub(super) fn needs_positions(place: &Place, tables: &[Table]) -> bool {
    let mut open: BTreeMap<&str, Decimal> = BTreeMap::new();
    for table in tables {
        for row in table.rows(place) {
            let sign = match table.layout {
                Layout::Mt5Positions => Decimal::from(1),
                Layout::Mt5Deals if row.text("direction", 0).starts_with("in") => Decimal::from(-1),
                _ => continue,
            };
            let missing = open.entry(row.text("symbol", 0)).or_default();
            // What cannot be read is reported with its row, later.
            let quantity = row.quantity("volume").ok().and_then(|quantity| quantity.mul(sign).ok());
            *missing = quantity.and_then(|quantity| missing.add(quantity).ok()).unwrap_or(*missing);
        }
    }
    open.values().any(|missing| *missing > Decimal::ZERO)
}

/// A position is an entry and an exit that books its profit and all its costs.
pub(super) fn position(context: &Context<'_>, row: &Row<'_>) -> Result<Vec<Event>, ReadError> {
    let is_buy = is_buy(row)?;
    let ticket = row.text("position", 0);
    let symbol = row.text("symbol", 0);
    let quantity = row.quantity("volume")?;
    let mut entry = fill(format!("{ticket}/in"), symbol, signed(quantity, is_buy), row.required("price", 0)?, FillEntry::In);
    entry.position_id = Some(ticket.into());
    let mut events = vec![context.event(row, "/in", context.time(row, "time", 0)?, Kind::Fill(entry))];
    if !row.text("time", 1).is_empty() {
        let mut exit = fill(format!("{ticket}/out"), symbol, signed(quantity, !is_buy), row.required("price", 1)?, FillEntry::Out);
        exit.position_id = Some(ticket.into());
        exit.gross_profit = Some(row.required("profit", 0)?);
        exit.commission = row.decimal("commission", 0)?;
        exit.fee = row.decimal("fee", 0)?;
        exit.swap = row.decimal("swap", 0)?;
        events.push(context.event(row, "/out", context.time(row, "time", 1)?, Kind::Fill(exit)));
    }
    Ok(events)
}

fn is_buy(row: &Row<'_>) -> Result<bool, ReadError> {
    match row.text("type", 0).to_ascii_lowercase().as_str() {
        "buy" => Ok(true),
        "sell" => Ok(false),
        other => Err(row.error("type", 0, format!("unknown type `{other}`"), "a position is `buy` or `sell`")),
    }
}

/// A deal is a fill or a booking; fills are left out where the positions are read instead.
pub(super) fn deal(context: &Context<'_>, row: &Row<'_>, with_fills: bool) -> Result<Vec<Event>, ReadError> {
    let kind = match row.text("type", 0).to_ascii_lowercase().as_str() {
        "buy" | "sell" if !with_fills => return Ok(Vec::new()),
        "buy" => trade(row, true)?,
        "sell" => trade(row, false)?,
        other => booking(row, other)?,
    };
    Ok(vec![context.event(row, "", context.time(row, "time", 0)?, kind)])
}

fn trade(row: &Row<'_>, is_buy: bool) -> Result<Kind, ReadError> {
    let entry = match row.text("direction", 0).to_ascii_lowercase().as_str() {
        "in" => FillEntry::In,
        "out" => FillEntry::Out,
        "in/out" => FillEntry::InOut,
        "out by" => FillEntry::OutBy,
        other => return Err(row.error("direction", 0, format!("unknown direction `{other}`"), "known are in, out, in/out and out by")),
    };
    let quantity = signed(row.quantity("volume")?, is_buy);
    let mut fill = fill(row.text("deal", 0).into(), row.text("symbol", 0), quantity, row.required("price", 0)?, entry);
    fill.order_id = told(row.text("order", 0));
    // An entry wins nothing; some reports leave its profit empty, some write zero.
    fill.gross_profit = row.decimal("profit", 0)?.filter(|profit| entry != FillEntry::In || !profit.is_zero());
    fill.commission = row.decimal("commission", 0)?;
    fill.fee = row.decimal("fee", 0)?;
    fill.swap = row.decimal("swap", 0)?;
    fill.reason = reason(row.text("comment", 0));
    Ok(Kind::Fill(fill))
}

/// The platform says in the comment when it closed a position itself.
fn reason(comment: &str) -> FillReason {
    let comment = comment.trim_start_matches('[').to_ascii_lowercase();
    match comment.split([' ', ':', ']']).next() {
        Some("sl") => FillReason::StopLoss,
        Some("tp") => FillReason::TakeProfit,
        Some("so") => FillReason::StopOut,
        _ => FillReason::User,
    }
}

fn booking(row: &Row<'_>, name: &str) -> Result<Kind, ReadError> {
    let mut amount = row.required("profit", 0)?;
    for column in ["commission", "fee", "swap"] {
        let more = row.decimal(column, 0)?.unwrap_or_default();
        amount = amount.add(more).map_err(|error| row.error(column, 0, error.to_string(), "correct the cell"))?;
    }
    let cash_type = match name {
        "balance" => deposit_or_withdrawal(amount),
        "credit" => CashType::Credit,
        "bonus" => CashType::Bonus,
        "correction" => CashType::Correction,
        "charge" => CashType::Fee,
        "interest" => CashType::Interest,
        "dividend" | "franked dividend" => CashType::Dividend,
        "tax" => CashType::Tax,
        "commission" | "daily commission" | "monthly commission" => CashType::Commission,
        _ => {
            let help = "known are buy, sell, balance, credit, bonus, correction, charge, interest, dividend, tax and commission";
            return Err(row.error("type", 0, format!("unknown type `{name}`"), help));
        }
    };
    Ok(cash(row.text("deal", 0).into(), amount, cash_type))
}
