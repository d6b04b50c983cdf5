mod archives;
mod calendars;
mod lines;
mod statements;

use std::sync::Arc;

use super::*;
use crate::event::{Event, Kind};

macro_rules! data {
    ($path:literal) => {
        ($path, include_bytes!(concat!("../../../tests/data/", $path)).as_slice())
    };
}
use data;

/// The account `A`, by a clock two hours ahead of UTC.
fn options() -> ReadOptions {
    ReadOptions { account: Some("A".into()), zone: Some(Arc::new(FixedOffset::minutes(120))), ..ReadOptions::default() }
}

fn read_with((name, bytes): (&str, &[u8]), options: &ReadOptions) -> Vec<Result<Event, ReadError>> {
    let mut source = Source::open(name, bytes, options).unwrap();
    source.events().collect()
}

/// All events of a file in which there is nothing wrong.
fn read(file: (&str, &[u8]), options: &ReadOptions) -> Vec<Event> {
    let events: Vec<Event> = read_with(file, options).into_iter().map(Result::unwrap).collect();
    for event in &events {
        event.check().unwrap();
    }
    events
}

fn open_error((name, bytes): (&str, &[u8]), options: &ReadOptions) -> String {
    Source::open(name, bytes, options).err().unwrap().to_string()
}

/// A fill or a booking on one line: what is not told is left out.
fn line(event: &Event) -> String {
    let told = |name: &str, value: Option<String>| value.map_or(String::new(), |value| format!(" {name} {value}"));
    let money = |name: &str, value: Option<crate::value::Decimal>| told(name, value.map(|value| value.to_string()));
    let body = match &event.kind {
        Kind::Fill(fill) => [
            format!("fill {} {} {} at {} {}", fill.fill_id, fill.symbol, fill.quantity, fill.price, fill.entry),
            told("order", fill.order_id.clone()),
            told("position", fill.position_id.clone()),
            money("gross", fill.gross_profit),
            money("commission", fill.commission),
            money("fee", fill.fee),
            money("tax", fill.tax),
            money("swap", fill.swap),
            format!(" {}", fill.reason),
        ]
        .concat(),
        Kind::Cash(cash) => format!("cash {} {} {}", cash.cash_id, cash.amount, cash.cash_type),
        Kind::Tick(tick) => {
            let prices = [money("bid", tick.bid), money("ask", tick.ask), money("last", tick.last)].concat();
            format!("tick {}{prices} {}", tick.symbol, tick.quality)
        }
        other => other.name().into(),
    };
    format!("{} {} {body}", event.at, event.id)
}

fn lines(events: &[Event]) -> Vec<String> {
    events.iter().map(line).collect()
}

/// What a statement's fills and bookings change the balance by.
fn balance(events: &[Event]) -> String {
    let amounts = events.iter().flat_map(|event| match &event.kind {
        Kind::Fill(fill) => vec![fill.gross_profit, fill.commission, fill.fee, fill.tax, fill.swap],
        Kind::Cash(cash) => vec![Some(cash.amount)],
        _ => Vec::new(),
    });
    amounts.flatten().fold(crate::value::Decimal::ZERO, |sum, amount| sum.add(amount).unwrap()).to_string()
}
