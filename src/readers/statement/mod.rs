//! Statements of platforms: tables of trades, orders and bookings.
//!
//! Statements become `fill` and `cash` events. They tell no equity between their rows, so there are
//! no ticks and no snapshots. Orders that were not filled are no trades.

mod executions;
mod mt4;
mod mt5;
mod table;

use std::borrow::Cow;

use super::error::{Place, ReadError};
use super::{Format, ReadOptions};
use crate::event::{Cash, CashType, Event, Fill, FillEntry, FillReason, Kind};
use crate::value::{Decimal, Instant};
use table::{Layout, Row, Table};

/// Whether the first line of a CSV is that of a known statement.
pub(super) fn is_header(line: &str) -> bool {
    let cells: Vec<_> = line.split(',').map(|cell| cell.trim_matches(['"', ' ']).to_owned()).collect();
    Layout::of(&cells).is_some()
}

/// The text of a file: UTF-16 where it is marked, as MT5 writes it, else UTF-8.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.as_chunks().0.iter().map(|pair| unit(*pair));
        char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes).into(),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes).into(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// The events of a statement in order of time, after what cannot be read.
pub(super) fn read(place: &Place, bytes: &[u8], format: Format, options: &ReadOptions) -> Result<Vec<Result<Event, ReadError>>, ReadError> {
    let text = decode(bytes);
    let mut errors = Vec::new();
    let tables = if format == Format::Html { table::of_page(&text) } else { table::of_csv(place, &text, &mut errors) };
    if tables.is_empty() {
        let help = "save the history or the deals of the platform in English, as a report";
        return Err(place.error(None, "the page holds no table of positions, deals or transactions", help));
    }
    let context = Context { place, options };
    let mut events = Vec::new();
    let use_positions = mt5::needs_positions(place, &tables);
    for table in &tables {
        context.check_table(table)?;
        for row in table.rows(place) {
            let read = match table.layout {
                Layout::Mt4 => mt4::events(&context, &row),
                Layout::Mt5Positions if use_positions => mt5::position(&context, &row),
                Layout::Mt5Deals => mt5::deal(&context, &row, !use_positions),
                Layout::Mt5Positions | Layout::Mt5Orders => Ok(Vec::new()),
                Layout::Tradovate => executions::tradovate(&context, &row),
                Layout::Executions => executions::execution(&context, &row),
            };
            match read {
                Ok(more) => events.extend(more),
                Err(error) => errors.push(error),
            }
        }
    }
    // The sort is stable: what is equal stays in the order of the rows.
    events.sort_by_key(|event| (event.at, event.order_in_instant()));
    Ok(errors.into_iter().map(Err).chain(events.into_iter().map(Ok)).collect())
}

/// What all rows of a statement share.
struct Context<'a> {
    place: &'a Place,
    options: &'a ReadOptions,
}

impl Context<'_> {
    /// Whether what the table leaves open is told by the options.
    fn check_table(&self, table: &Table) -> Result<(), ReadError> {
        if self.options.account.is_none() && !table.has("account") {
            return Err(self.place.error(Some("account"), "the statement does not say whose it is", "give the key of the account"));
        }
        let first = table.rows(self.place).next();
        let is_local = first.is_some_and(|row| row.text(table.layout.time_column(), 0).parse::<Instant>().is_err());
        if self.options.zone.is_none() && is_local {
            let help = "give the zone of the platform's clock, such as `America/New_York`, or `UTC+2`";
            return Err(self.place.error(Some("zone"), "its times are local and it does not say of which zone", help));
        }
        if table.layout == Layout::Executions { executions::check_columns(self.place, table) } else { Ok(()) }
    }

    /// The time of a cell: with a zone as it is, else by the clock of the options.
    fn time(&self, row: &Row<'_>, column: &str, nth: usize) -> Result<Instant, ReadError> {
        let text = row.text(column, nth);
        if let Ok(at) = text.parse() {
            return Ok(at);
        }
        let style = row.layout().time_style();
        let Some(((date, time), zone)) = table::local_time(text, style).zip(self.options.zone.as_ref()) else {
            return Err(row.error(column, nth, format!("`{text}` is no time"), format!("write it as in {}", style.example())));
        };
        Ok(zone.instant(date, time))
    }

    /// An event of this row; `part` tells those of one row apart.
    fn event(&self, row: &Row<'_>, part: &str, at: Instant, kind: Kind) -> Event {
        let id = format!("{}/{}{part}", self.place.stem(), row.number());
        let account = self.options.account.as_deref().unwrap_or_else(|| row.text("account", 0));
        Event::new(id, Some(account), at, kind)
    }
}

/// A fill of which only the trade itself is told.
fn fill(fill_id: String, symbol: &str, quantity: Decimal, price: Decimal, entry: FillEntry) -> Fill {
    Fill {
        fill_id,
        order_id: None,
        position_id: None,
        symbol: symbol.into(),
        quantity,
        price,
        entry,
        closed_quantity: None,
        gross_profit: None,
        commission: None,
        fee: None,
        tax: None,
        swap: None,
        fx_rate: None,
        reason: FillReason::User,
        extra: std::collections::BTreeMap::new(),
    }
}

fn cash(cash_id: String, amount: Decimal, cash_type: CashType) -> Kind {
    Kind::Cash(Cash { cash_id, amount, cash_type, value_date: None, ref_fill: None, payout_id: None })
}

/// A booking by hand is a deposit or a withdrawal by its sign.
fn deposit_or_withdrawal(amount: Decimal) -> CashType {
    if amount.is_negative() { CashType::Withdrawal } else { CashType::Deposit }
}

/// `quantity` with the sign of a row that says `buy` or `sell`.
fn signed(quantity: Decimal, is_buy: bool) -> Decimal {
    if is_buy { quantity.abs() } else { quantity.abs().neg() }
}

/// Text of a platform, where it is told.
fn told(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(Into::into)
}
