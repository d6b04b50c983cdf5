//! Tables of statements, whether they come from CSV or from a web page.

use chrono::NaiveDateTime;
use scraper::{ElementRef, Html};

use super::super::error::{Place, ReadError, csv_rows};
use crate::value::{Date, Decimal, NANOS_PER_SECOND, TimeOfDay};

/// A known table, told by its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Mt4,
    Mt5Positions,
    Mt5Orders,
    Mt5Deals,
    Tradovate,
    Executions,
}

/// The columns that make a table what it is, by their plain names.
const LAYOUTS: &[(Layout, &[&str])] = &[
    (Layout::Mt4, &["ticket", "opentime", "type", "size", "item", "price", "closetime", "swap", "profit"]),
    (Layout::Mt5Positions, &["time", "position", "symbol", "type", "volume", "price", "profit"]),
    (Layout::Mt5Deals, &["time", "deal", "symbol", "type", "direction", "volume", "price", "profit"]),
    (Layout::Mt5Orders, &["opentime", "order", "symbol", "type", "volume", "state"]),
    (Layout::Tradovate, &["timestamp", "bs", "contract", "filledqty", "price", "status"]),
    (Layout::Executions, &["time", "symbol", "side", "qty", "price"]),
];

impl Layout {
    pub(super) fn of(header: &[String]) -> Option<Self> {
        let names: Vec<_> = header.iter().map(|name| plain(name)).collect();
        let fits = |columns: &[&str]| columns.iter().all(|column| names.iter().any(|name| name == column));
        LAYOUTS.iter().find(|(_, columns)| fits(columns)).map(|(layout, _)| *layout)
    }

    /// The column that every row has a time in.
    pub(super) const fn time_column(self) -> &'static str {
        match self {
            Self::Mt4 | Self::Mt5Orders => "opentime",
            Self::Tradovate => "timestamp",
            Self::Mt5Positions | Self::Mt5Deals | Self::Executions => "time",
        }
    }

    pub(super) const fn time_style(self) -> TimeStyle {
        match self {
            Self::Mt4 | Self::Mt5Positions | Self::Mt5Orders | Self::Mt5Deals => TimeStyle::Dots,
            Self::Tradovate => TimeStyle::American,
            Self::Executions => TimeStyle::Iso,
        }
    }
}

/// How a platform writes local times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeStyle {
    Dots,
    American,
    Iso,
}

impl TimeStyle {
    const fn formats(self) -> &'static [&'static str] {
        match self {
            Self::Dots => &["%Y.%m.%d %H:%M:%S%.f", "%Y.%m.%d %H:%M"],
            Self::American => &["%m/%d/%Y %H:%M:%S%.f", "%m/%d/%Y %H:%M"],
            Self::Iso => &["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"],
        }
    }

    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Dots => "`2026.03.02 14:30:00`",
            Self::American => "`03/02/2026 14:30:00`, the month first",
            Self::Iso => "`2026-03-02 14:30:00`, or with a zone as in `2026-03-02T14:30:00Z`",
        }
    }
}

/// The date and time of day of a wall clock, in the years that events may have.
pub(super) fn local_time(text: &str, style: TimeStyle) -> Option<(Date, TimeOfDay)> {
    use chrono::Timelike;
    let civil = style.formats().iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    // Through text, so that the same years are accepted as everywhere.
    let date = civil.date().to_string().parse().ok()?;
    let time = civil.time();
    let nanos = i64::from(time.num_seconds_from_midnight()) * NANOS_PER_SECOND + i64::from(time.nanosecond());
    Some((date, TimeOfDay::from_nanos(nanos)?))
}

/// A table and its rows as text.
pub(super) struct Table {
    pub(super) layout: Layout,
    header: Vec<String>,
    names: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
    is_page: bool,
}

impl Table {
    fn of(header: Vec<String>, is_page: bool) -> Option<Self> {
        let layout = Layout::of(&header)?;
        let names = header.iter().map(|name| plain(name)).collect();
        Some(Self { layout, header, names, rows: Vec::new(), is_page })
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.names.iter().any(|name| name == column)
    }

    /// The columns as the file writes them, with their plain names.
    pub(super) fn columns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.header.iter().map(String::as_str).zip(self.names.iter().map(String::as_str))
    }

    pub(super) fn rows<'a>(&'a self, place: &Place) -> impl Iterator<Item = Row<'a>> {
        self.rows.iter().map(|(number, cells)| Row { table: self, place: place.at_line(*number), cells })
    }
}

/// A column's name in small letters and digits only: `S / L` and `S/L` are the same column.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// One row, read by the names of its columns.
pub(super) struct Row<'a> {
    table: &'a Table,
    place: Place,
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// The line of a CSV, the row of a page, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.place.line.unwrap_or_default()
    }

    pub(super) fn layout(&self) -> Layout {
        self.table.layout
    }

    /// The cell of the `nth` column of that plain name, counted from 0; empty where there is none.
    pub(super) fn text(&self, column: &str, nth: usize) -> &'a str {
        self.index(column, nth).and_then(|index| self.cells.get(index)).map_or("", String::as_str)
    }

    /// The last cell, for rows whose cells span several columns.
    pub(super) fn last(&self) -> &'a str {
        self.cells.last().map_or("", String::as_str)
    }

    /// Whether some cells span several columns, as they may on a page.
    pub(super) fn has_spans(&self) -> bool {
        self.table.is_page && self.cells.len() < self.table.header.len()
    }

    /// The amount of a cell; `None` where it is empty.
    pub(super) fn decimal(&self, column: &str, nth: usize) -> Result<Option<Decimal>, ReadError> {
        let text = self.text(column, nth);
        if text.is_empty() { Ok(None) } else { self.parse(column, nth, text).map(Some) }
    }

    pub(super) fn required(&self, column: &str, nth: usize) -> Result<Decimal, ReadError> {
        self.parse(column, nth, self.text(column, nth))
    }

    /// The filled part of a quantity that may be written as `filled / ordered`.
    pub(super) fn quantity(&self, column: &str) -> Result<Decimal, ReadError> {
        let text = self.text(column, 0);
        let quantity = self.parse(column, 0, text.split('/').next().unwrap_or(text).trim())?;
        if quantity.is_zero() { Err(self.error(column, 0, "a trade of nothing", "give how much was traded")) } else { Ok(quantity) }
    }

    /// Platforms group thousands by spaces.
    pub(super) fn parse(&self, column: &str, nth: usize, text: &str) -> Result<Decimal, ReadError> {
        let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        plain.parse().map_err(|error| self.error(column, nth, format!("`{text}` is {error}"), "correct the cell"))
    }

    pub(super) fn error(&self, column: &str, nth: usize, message: impl Into<String>, help: impl Into<String>) -> ReadError {
        let name = self.index(column, nth).and_then(|index| self.table.header.get(index)).map_or(column, String::as_str);
        self.place.error(Some(name), message, help)
    }

    fn index(&self, column: &str, nth: usize) -> Option<usize> {
        self.table.names.iter().enumerate().filter(|(_, name)| *name == column).nth(nth).map(|(index, _)| index)
    }
}

/// The one table of a CSV.
pub(super) fn of_csv(place: &Place, text: &str, errors: &mut Vec<ReadError>) -> Vec<Table> {
    let mut table: Option<Table> = None;
    let mut rows = csv_rows(text.as_bytes());
    for row in rows.records() {
        match row {
            Ok(row) => {
                let line = row.position().map_or(0, csv::Position::line);
                let cells: Vec<String> = row.iter().map(str::to_owned).collect();
                match &mut table {
                    None => table = Table::of(cells, false),
                    Some(table) if row.iter().any(|cell| !cell.is_empty()) => table.rows.push((line, cells)),
                    Some(_) => {}
                }
            }
            Err(error) => errors.push(place.error(None, format!("cannot be read: {error}"), "check that it is a CSV in UTF-8")),
        }
    }
    table.into_iter().collect()
}

/// The known tables of a web page. A row of one cell is a heading and ends a table; rows that
/// begin with an empty cell are totals.
pub(super) fn of_page(text: &str) -> Vec<Table> {
    let page = Html::parse_document(text);
    let mut tables: Vec<Table> = Vec::new();
    let mut inside = false;
    let rows = page.root_element().descendent_elements().filter(|element| element.value().name() == "tr");
    for (number, row) in (1..).zip(rows) {
        let cells: Vec<String> = row.child_elements().filter(is_shown_cell).map(|cell| cell_text(&cell)).collect();
        if let Some(table) = Table::of(cells.clone(), true) {
            tables.push(table);
            inside = true;
        } else if cells.len() < 2 {
            inside = false;
        } else if let Some(table) = tables.last_mut().filter(|_| inside && cells.first().is_some_and(|cell| !cell.is_empty())) {
            table.rows.push((number, cells));
        }
    }
    tables
}

fn is_shown_cell(element: &ElementRef<'_>) -> bool {
    let is_hidden = element.value().classes().any(|class| class == "hidden");
    matches!(element.value().name(), "td" | "th") && !is_hidden
}

fn cell_text(cell: &ElementRef<'_>) -> String {
    cell.text().collect::<String>().trim().to_owned()
}
