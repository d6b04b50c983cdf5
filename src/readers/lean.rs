//! Rows of tick and minute archives in the layout of LEAN: milliseconds since midnight, prices.
//!
//! Which price becomes a tick: of a quote row its bid and ask, of a trade row its price as `last`;
//! of a minute its *closing* bid and ask, or closing price, at the end of the minute. An empty cell
//! is no quote. A trade of nothing, or marked as suspicious, is indicative, so it is no mark.

use std::io::Read;
use std::sync::Arc;

use super::ReadOptions;
use super::clock::{FixedOffset, LocalClock};
use super::error::{Place, ReadError, csv_rows};
use crate::event::{Event, Kind, Tick, TickQuality};
use crate::value::{Date, Decimal, Instant, NANOS_PER_MINUTE, TimeOfDay};

/// By what clock the archives of a market are written, in minutes ahead of UTC.
const MARKETS: &[(&str, i32)] = &[("fxcm", -5 * 60), ("oanda", 0), ("cme", 0), ("comex", 0), ("bybit", 0)];

/// The letters of contract months, January to December.
const MONTHS: &[u8; 12] = b"FGHJKMNQUVXZ";

/// What a member's name says.
#[derive(Clone, Debug)]
pub(super) struct Member {
    date: Date,
    symbol: String,
    layout: Layout,
    /// The name without its extension: what the ids of its events begin with.
    stem: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    TickQuote,
    TickTrade,
    MinuteQuote,
    MinuteTrade,
}

impl Layout {
    /// How many columns there are.
    const fn columns(self) -> usize {
        match self {
            Self::TickQuote => 3,
            Self::TickTrade | Self::MinuteTrade => 6,
            Self::MinuteQuote => 11,
        }
    }
}

impl Member {
    /// Reads a name such as `20131007_gc_tick_trade_201312.csv`.
    pub(super) fn of(place: &Place, name: &str, options: &ReadOptions) -> Result<Self, ReadError> {
        let inner = Place::new(name);
        let stem = inner.stem();
        let parts: Vec<&str> = stem.split('_').collect();
        let error = || {
            place.error(
                None,
                format!("`{stem}` does not say what it holds"),
                "name it as in `20140502_eurusd_tick_quote.csv`: date, symbol, `tick` or `minute`, `quote` or `trade`, and of a future its month as in `201312`",
            )
        };
        let (date, symbol, layout, contract) = match parts[..] {
            [date, symbol, resolution, kind] => (date, symbol, layout(resolution, kind), None),
            [date, symbol, resolution, kind, contract] => (date, symbol, layout(resolution, kind), Some(contract)),
            _ => return Err(error()),
        };
        let date = compact_date(date).ok_or_else(error)?;
        let symbol = contract.map_or_else(|| Some(symbol.to_uppercase()), |month| contract_symbol(symbol, month)).ok_or_else(error)?;
        let symbol = options.symbol.clone().unwrap_or(symbol);
        Ok(Self { date, symbol, layout: layout.ok_or_else(error)?, stem: stem.into() })
    }
}

fn layout(resolution: &str, kind: &str) -> Option<Layout> {
    match (resolution, kind) {
        ("tick", "quote") => Some(Layout::TickQuote),
        ("tick", "trade") => Some(Layout::TickTrade),
        ("minute", "quote") => Some(Layout::MinuteQuote),
        ("minute", "trade") => Some(Layout::MinuteTrade),
        _ => None,
    }
}

/// `20140502`.
fn compact_date(text: &str) -> Option<Date> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    format!("{year}-{month}-{day}").parse().ok()
}

/// `gc` and `201312` are `GCZ13`.
fn contract_symbol(root: &str, month: &str) -> Option<String> {
    let (year, month) = month.split_at_checked(4).filter(|(year, _)| year.bytes().all(|byte| byte.is_ascii_digit()))?;
    let letter = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    Some(format!("{}{}{}", root.to_uppercase(), char::from(*letter), year.get(2..)?))
}

/// The clock of an archive: of its market, else the one that the options name.
pub(super) fn clock(place: &Place, options: &ReadOptions) -> Result<Arc<dyn LocalClock>, ReadError> {
    let known = |name: &str| MARKETS.iter().find(|(market, _)| name.eq_ignore_ascii_case(market));
    let words = || place.file.split(|letter: char| !letter.is_ascii_alphanumeric());
    let market = options.market.as_deref().map_or_else(|| words().find_map(known), known);
    match (market, &options.zone) {
        (Some((_, minutes)), _) => Ok(Arc::new(FixedOffset::minutes(*minutes))),
        (None, Some(zone)) => Ok(zone.clone()),
        (None, None) => {
            let known: Vec<_> = MARKETS.iter().map(|(market, _)| *market).collect();
            let help = format!(
                "name the market ({}) or the zone of its clock; `fxcm` is UTC-05:00 all year, the others are UTC",
                known.join(", ")
            );
            Err(place.error(None, "the archive does not say by what clock its times are", help))
        }
    }
}

/// The ticks of one member; holds one row at a time.
pub(super) struct Rows<R> {
    place: Place,
    member: Member,
    clock: Arc<dyn LocalClock>,
    csv: csv::Reader<R>,
    row: csv::StringRecord,
    ended: bool,
}

impl<R: Read> Rows<R> {
    pub(super) fn new(place: Place, member: Member, clock: Arc<dyn LocalClock>, text: R) -> Self {
        let csv = csv_rows(text);
        Self { place, member, clock, csv, row: csv::StringRecord::new(), ended: false }
    }

    /// The tick of the current row; none where the row quotes nothing.
    fn tick(&self) -> Result<Option<Event>, ReadError> {
        let line = self.row.position().map_or(0, csv::Position::line);
        let place = self.place.at_line(line);
        let cells = Cells { place: &place, row: &self.row };
        let columns = self.member.layout.columns();
        if self.row.iter().all(str::is_empty) {
            return Ok(None);
        }
        if self.row.len() != columns {
            let message = format!("has {} columns instead of {columns}", self.row.len());
            return Err(place.error(None, message, "check that the name says what the rows hold"));
        }
        let at = self.at(&cells)?;
        let Some(kind) = self.prices(&cells)? else { return Ok(None) };
        Ok(Some(Event::new(format!("{}/{line}", self.member.stem), None, at, Kind::Tick(kind))))
    }

    fn at(&self, cells: &Cells<'_>) -> Result<Instant, ReadError> {
        let text = cells.text(0);
        let millis = text.parse::<i64>().ok().and_then(|millis| millis.checked_mul(1_000_000)).and_then(TimeOfDay::from_nanos);
        let error = || {
            cells.place.error(Some("time"), format!("`{text}` is no time of the day"), "write milliseconds since midnight, 0 to 86400000")
        };
        let start = self.clock.instant(self.member.date, millis.ok_or_else(error)?);
        let is_minute = matches!(self.member.layout, Layout::MinuteQuote | Layout::MinuteTrade);
        Ok(if is_minute { start.plus(NANOS_PER_MINUTE) } else { start })
    }

    fn prices(&self, cells: &Cells<'_>) -> Result<Option<Tick>, ReadError> {
        let mut tick = Tick {
            symbol: self.member.symbol.clone(),
            bid: None,
            ask: None,
            last: None,
            quality: TickQuality::Ok,
            extra: std::collections::BTreeMap::new(),
        };
        match self.member.layout {
            Layout::TickQuote => (tick.bid, tick.ask) = (cells.price(1, "bid")?, cells.price(2, "ask")?),
            Layout::MinuteQuote => (tick.bid, tick.ask) = (cells.price(4, "bid close")?, cells.price(9, "ask close")?),
            Layout::TickTrade => {
                tick.last = cells.price(1, "price")?;
                tick.quality = trade_quality(cells.price(2, "size")?, cells.text(5) == "1");
            }
            Layout::MinuteTrade => {
                tick.last = cells.price(4, "close")?;
                tick.quality = trade_quality(cells.price(5, "volume")?, false);
            }
        }
        Ok(Some(tick).filter(|tick| tick.bid.is_some() || tick.ask.is_some() || tick.last.is_some()))
    }
}

fn trade_quality(size: Option<Decimal>, suspicious: bool) -> TickQuality {
    let nothing = size.is_some_and(Decimal::is_zero);
    if nothing || suspicious { TickQuality::Indicative } else { TickQuality::Ok }
}

struct Cells<'a> {
    place: &'a Place,
    row: &'a csv::StringRecord,
}

impl Cells<'_> {
    fn text(&self, column: usize) -> &str {
        self.row.get(column).unwrap_or("")
    }

    fn price(&self, column: usize, name: &str) -> Result<Option<Decimal>, ReadError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|error| self.place.error(Some(name), format!("`{text}` is {error}"), "correct the cell, or leave it empty"))
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.csv.read_record(&mut self.row) {
                Ok(true) => match self.tick() {
                    Ok(Some(event)) => return Some(Ok(event)),
                    Ok(None) => {}
                    Err(error) => return Some(Err(error)),
                },
                Ok(false) => self.ended = true,
                Err(error) => {
                    // Text that is not UTF-8 spoils its row; a broken archive ends the reading.
                    self.ended = error.is_io_error();
                    let line = error.position().map_or(0, csv::Position::line);
                    let message = format!("cannot be read: {error}");
                    return Some(Err(self.place.at_line(line).error(None, message, "check that the file is whole, or get it again")));
                }
            }
        }
        None
    }
}
