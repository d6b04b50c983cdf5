//! What a file is, told by its content.

use super::error::{Place, ReadError};
use super::statement;

/// How much of a file is looked at.
pub(super) const HEAD_BYTES: u64 = 4096;
/// What some programs put before UTF-8.
pub(super) const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";
const ZIP_MARK: &[u8] = b"PK\x03\x04";

/// A format that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One event a line, as JSON.
    Jsonl,
    /// A zip of ticks or minutes.
    Archive,
    /// A member of such a zip, taken out of it.
    ArchiveRows,
    /// A statement as a web page.
    Html,
    /// A statement as CSV.
    Statement,
    /// Sessions of an exchange: no events, see [`super::ExchangeCalendar`].
    Calendar,
}

pub(super) fn recognise(head: &[u8]) -> Option<Format> {
    if head.starts_with(ZIP_MARK) {
        return Some(Format::Archive);
    }
    let text = statement::decode(head);
    let text = text.trim_start();
    let first = text.lines().next().unwrap_or("").trim_end();
    match text.chars().next()? {
        '{' => Some(Format::Jsonl),
        '<' => Some(Format::Html),
        _ if first == super::calendar::HEADER => Some(Format::Calendar),
        '0'..='9' if first.split(',').all(is_archive_cell) && first.contains(',') => Some(Format::ArchiveRows),
        _ => statement::is_header(first).then_some(Format::Statement),
    }
}

fn is_archive_cell(cell: &str) -> bool {
    cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte.is_ascii_lowercase())
}

pub(super) fn unknown(place: &Place, head: &[u8]) -> ReadError {
    let message = if head.is_empty() { "is empty" } else { "is of no known format" };
    place.error(
        None,
        message,
        "known are JSON Lines, MT4 and MT5 statements (CSV or HTML, in English), Tradovate orders (CSV), executions (CSV with \
         Time, Symbol, Side, Qty, Price), and zips of ticks and minutes",
    )
}
