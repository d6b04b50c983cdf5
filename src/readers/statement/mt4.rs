//! The statement of `MetaTrader` 4: a row is a whole trade, from its opening to its close.

use super::table::Row;
use super::{Context, cash, deposit_or_withdrawal, fill, signed};
use crate::event::{CashType, Event, FillEntry, Kind};
use crate::readers::error::ReadError;

/// A trade is an entry and, once closed, an exit that books its profit and all its costs; a
/// balance row is cash; a pending order is nothing.
pub(super) fn events(context: &Context<'_>, row: &Row<'_>) -> Result<Vec<Event>, ReadError> {
    match row.text("type", 0).to_ascii_lowercase().as_str() {
        "buy" => trade(context, row, true),
        "sell" => trade(context, row, false),
        "buy limit" | "sell limit" | "buy stop" | "sell stop" => Ok(Vec::new()),
        "balance" => booking(context, row, None),
        "credit" => booking(context, row, Some(CashType::Credit)),
        other => {
            let help = "known are buy, sell, their limit and stop orders, balance and credit";
            Err(row.error("type", 0, format!("unknown type `{other}`"), help))
        }
    }
}

fn trade(context: &Context<'_>, row: &Row<'_>, is_buy: bool) -> Result<Vec<Event>, ReadError> {
    let ticket = row.text("ticket", 0);
    let symbol = row.text("item", 0);
    let quantity = row.quantity("size")?;
    let mut entry = fill(format!("{ticket}/in"), symbol, signed(quantity, is_buy), row.required("price", 0)?, FillEntry::In);
    entry.position_id = Some(ticket.into());
    let mut events = vec![context.event(row, "/in", context.time(row, "opentime", 0)?, Kind::Fill(entry))];
    if !row.text("closetime", 0).is_empty() {
        let mut exit = fill(format!("{ticket}/out"), symbol, signed(quantity, !is_buy), row.required("price", 1)?, FillEntry::Out);
        exit.position_id = Some(ticket.into());
        exit.gross_profit = Some(row.required("profit", 0)?);
        exit.commission = row.decimal("commission", 0)?;
        exit.tax = row.decimal("taxes", 0)?;
        exit.swap = row.decimal("swap", 0)?;
        events.push(context.event(row, "/out", context.time(row, "closetime", 0)?, Kind::Fill(exit)));
    }
    Ok(events)
}

fn booking(context: &Context<'_>, row: &Row<'_>, cash_type: Option<CashType>) -> Result<Vec<Event>, ReadError> {
    let amount = if row.has_spans() { row.parse("profit", 0, row.last())? } else { row.required("profit", 0)? };
    let cash_type = cash_type.unwrap_or_else(|| deposit_or_withdrawal(amount));
    let at = context.time(row, "opentime", 0)?;
    Ok(vec![context.event(row, "", at, cash(row.text("ticket", 0).into(), amount, cash_type))])
}
