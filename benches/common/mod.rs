//! What benchmarks of many accounts share: the twelve rules, symbols, accounts that hold some of them, marks.

use std::sync::Arc;

use ringfence::code::Program;
use ringfence::event::Event;
use ringfence::source::Source;

/// How many symbols there are.
pub(crate) const SYMBOLS: u32 = 28;

/// The text of the twelve rules.
pub(crate) fn source() -> Source {
    Source::new("twelve.fence", include_str!("../programs/twelve.fence"))
}

/// The twelve rules.
pub(crate) fn twelve() -> Arc<Program> {
    ringfence::compile(&source()).unwrap_or_else(|_| unreachable!("a program without findings"))
}

/// An event of a line.
pub(crate) fn event(line: &str) -> Event {
    serde_json::from_str(line).unwrap_or_else(|error| unreachable!("{line}: {error}"))
}

/// A price near 1.2, five decimals.
fn price(hundred_thousandths: u32) -> String {
    format!("{}.{:05}", hundred_thousandths / 100_000, hundred_thousandths % 100_000)
}

/// A mark of a symbol, a millisecond after the one before.
pub(crate) fn tick(symbol: u32, number: u32, bid: u32) -> Event {
    let (second, milli) = (number / 1_000, number % 1_000);
    event(&format!(
        r#"{{"id":"t{number}","at":"2026-03-03T15:{:02}:{:02}.{milli:03}Z","kind":"tick","symbol":"S{symbol:02}","bid":"{}","ask":"{}"}}"#,
        second / 60 % 60,
        second % 60,
        price(bid),
        price(bid + 2),
    ))
}

/// The symbols, each with a mark.
pub(crate) fn symbols() -> impl Iterator<Item = Event> {
    (0..SYMBOLS).flat_map(|symbol| {
        [
            event(&format!(
                r#"{{"id":"i{symbol}","at":"2026-03-03T14:00:00Z","kind":"instrument","symbol":"S{symbol:02}","class":"forex","unit":"lot","lot_size":"100000","multiplier":"100000","tick_size":"0.00001","quantity_step":"0.01","quote_currency":"USD"}}"#
            )),
            event(&format!(
                r#"{{"id":"f{symbol}","at":"2026-03-03T14:00:00Z","kind":"tick","symbol":"S{symbol:02}","bid":"1.20000","ask":"1.20002"}}"#
            )),
        ]
    })
}

/// The opening of an account of the twelve rules.
pub(crate) fn opening(account: u32, trailing: bool) -> Event {
    event(&format!(
        r#"{{"id":"o","account":"A{account:07}","at":"2026-03-03T14:00:01Z","kind":"open","program":"Twelve rules","version":"1","plan":"100K","options":{{"trailing":{trailing}}},"currency":"USD","start_balance":"100000","position_mode":"netting","trader":"T","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}}"#
    ))
}

/// A fill that opens a position of some tenths of a lot.
pub(crate) fn fill(account: u32, number: u32, symbol: u32, side: &str, tenths: u32) -> Event {
    event(&format!(
        r#"{{"id":"p{number}","account":"A{account:07}","at":"2026-03-03T14:00:02Z","kind":"fill","fill_id":"p{number}","symbol":"S{symbol:02}","quantity":"{side}0.{tenths}","price":"1.20001","entry":"in","reason":"user"}}"#
    ))
}
