//! Lists of executions: Tradovate's orders, and a plain list of what was bought and sold.

use super::table::{Row, Table};
use super::{Context, fill, signed, told};
use crate::event::{Event, FillEntry, Kind};
use crate::readers::error::{Place, ReadError};

/// The columns of a plain list, with their plain names. Costs are signed as they change the balance.
const COLUMNS: &[(&str, &str)] = &[
    ("Time", "time"),
    ("Symbol", "symbol"),
    ("Side", "side"),
    ("Qty", "qty"),
    ("Price", "price"),
    ("Account", "account"),
    ("ID", "id"),
    ("Order", "order"),
    ("Commission", "commission"),
    ("Fee", "fee"),
];

/// A plain list has no vendor whose columns would be known, so none is passed over in silence.
pub(super) fn check_columns(place: &Place, table: &Table) -> Result<(), ReadError> {
    let Some((unknown, _)) = table.columns().find(|(_, plain)| COLUMNS.iter().all(|(_, known)| known != plain)) else {
        return Ok(());
    };
    let known: Vec<_> = COLUMNS.iter().map(|(name, _)| *name).collect();
    Err(place.at_line(1).error(Some(unknown), "unknown column of a list of executions", format!("known are {}", known.join(", "))))
}

/// An execution is a fill; whether it opens or closes, the ledger knows.
pub(super) fn execution(context: &Context<'_>, row: &Row<'_>) -> Result<Vec<Event>, ReadError> {
    let is_buy = is_buy(row, "side")?;
    let quantity = signed(row.quantity("qty")?, is_buy);
    let fill_id = told(row.text("id", 0)).unwrap_or_else(|| row.number().to_string());
    let mut fill = fill(fill_id, row.text("symbol", 0), quantity, row.required("price", 0)?, FillEntry::Unknown);
    fill.order_id = told(row.text("order", 0));
    fill.commission = row.decimal("commission", 0)?;
    fill.fee = row.decimal("fee", 0)?;
    Ok(vec![context.event(row, "", context.time(row, "time", 0)?, Kind::Fill(fill))])
}

/// An order is a fill when its status says so, whatever its quantity column holds.
pub(super) fn tradovate(context: &Context<'_>, row: &Row<'_>) -> Result<Vec<Event>, ReadError> {
    match row.text("status", 0).to_ascii_lowercase().as_str() {
        "filled" => {}
        "canceled" | "cancelled" | "working" | "rejected" | "expired" | "pending" | "suspended" => return Ok(Vec::new()),
        other => {
            let help = "known are Filled, Canceled, Working, Rejected, Expired, Pending and Suspended";
            return Err(row.error("status", 0, format!("unknown status `{other}`"), help));
        }
    }
    let quantity = signed(row.quantity("filledqty")?, is_buy(row, "bs")?);
    let order_id = told(row.text("orderid", 0));
    let fill_id = order_id.clone().unwrap_or_else(|| row.number().to_string());
    let mut fill = fill(fill_id, row.text("contract", 0), quantity, row.required("price", 0)?, FillEntry::Unknown);
    fill.order_id = order_id;
    Ok(vec![context.event(row, "", context.time(row, "timestamp", 0)?, Kind::Fill(fill))])
}

fn is_buy(row: &Row<'_>, column: &str) -> Result<bool, ReadError> {
    match row.text(column, 0).to_ascii_lowercase().as_str() {
        "b" | "buy" => Ok(true),
        "s" | "sell" => Ok(false),
        other => Err(row.error(column, 0, format!("unknown side `{other}`"), "write buy or sell, or B or S")),
    }
}
