//! Tables: `plans`, `instruments`, `table NAME by X`.

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{Cell, ItemKind, Name, Row, Table, TableKind, TableMode};
use crate::syntax::grammar::{Rule, has};
use crate::syntax::skeleton::{Statement, whole_characters};
use crate::syntax::words::is_reserved;

/// Who writes `none` lifts what is read of the cell.
const NONE: &str = "write the value, and `0 contracts` or the like where nothing is allowed; `none` says that there is no bound, and a limit that reads it is then not in force";

impl Parser<'_> {
    /// A table with the rows that follow its head.
    pub(super) fn table(&mut self, statement: &Statement, following: &[Statement]) -> Option<ItemKind> {
        let head = self.table_head(statement);
        let block = statement.block.as_ref().map_or(&[][..], |block| &block.children);
        self.no_block(statement);
        let rows = following.iter().take_while(|row| self.is_row(row)).chain(block.iter().filter(|row| self.is_row(row)));
        let rows: Vec<&Statement> = rows.collect();
        let mut lines: Vec<Vec<Name>> = Vec::new();
        let mut places = Vec::new();
        for row in rows {
            places.push(Span::new(row.head.clone()));
            lines.push(self.cells(row));
        }
        let mut lines = lines.into_iter().zip(places);
        let Some((mut columns, heading)) = lines.next() else {
            let found = Diagnostic::new(Code::TableShape, Span::new(statement.head.clone()), "the table has no rows");
            self.diagnostics.push(found.help("write its heading on the next line: `| plan | size |`"));
            return None;
        };
        self.headings(&mut columns);
        if lines.len() == 0 {
            let found = Diagnostic::new(Code::TableShape, heading, "the table has a heading and no rows");
            self.diagnostics.push(found.help("write a row below it, with a cell for each heading"));
        }
        let rows = lines.filter_map(|(cells, span)| self.row(cells, span, &columns, heading)).collect();
        let (kind, mode) = head?;
        Some(ItemKind::Table(Table { kind, mode, columns, rows }))
    }

    /// A heading names a value that rules read, so it is no word of the language. The first one is a key
    /// or a bound, such as `from`.
    fn headings(&mut self, columns: &mut [Name]) {
        for heading in columns.iter_mut().filter(|heading| is_name_of_words(&heading.node)) {
            let right = heading.node.split_whitespace().collect::<Vec<_>>().join("_");
            let found = Diagnostic::new(Code::TableShape, heading.span, format!("`{}` is no name: names have no blanks", heading.node));
            let help = format!("join its words with `_`: `{right}`, here and where it is read");
            self.diagnostics.push(found.guess(heading.span, right.clone(), help));
            // What reads it by that name is right.
            heading.node = right;
        }
        for heading in columns.iter().skip(1).filter(|heading| is_reserved(&heading.node)) {
            let found =
                Diagnostic::new(Code::ReservedWord, heading.span, format!("`{}` is a word of the language, not a name", heading.node));
            self.diagnostics.push(found.help(format!("choose another heading, such as `{}_value`", heading.node)));
        }
    }

    fn is_row(&self, statement: &Statement) -> bool {
        self.word(statement) == "|"
    }

    fn table_head(&mut self, statement: &Statement) -> Option<(TableKind, TableMode)> {
        match self.word(statement) {
            "plans" => self.head(statement, Rule::plans_head, |_, _| (TableKind::Plans, TableMode::Exact)),
            "instruments" => self.head(statement, Rule::instruments_head, |_, _| (TableKind::Instruments, TableMode::Exact)),
            _ => self.head(statement, Rule::table_head, |parser, pair| {
                let kind = TableKind::Named { name: parser.name_in(pair, Rule::ident), by: parser.expr_in(pair) };
                let mode = match () {
                    () if has(pair, Rule::w_steps) => TableMode::Steps,
                    () if has(pair, Rule::w_slices) => TableMode::Slices,
                    () => TableMode::Exact,
                };
                (kind, mode)
            }),
        }
    }

    /// The texts between the bars of a row.
    fn cells(&mut self, row: &Statement) -> Vec<Name> {
        let text = self.head_text(row);
        let mut bars: Vec<usize> = Vec::new();
        let mut quoted = false;
        for (at, byte) in text.bytes().enumerate() {
            quoted ^= byte == b'"';
            if byte == b'|' && !quoted {
                bars.push(at);
            }
        }
        let closed = text.ends_with('|') && bars.len() > 1;
        if !closed {
            bars.push(text.len());
        }
        let cells = bars.windows(2).map(|pair| cell(text, pair[0] + 1..pair[1], row.head.start));
        let cells = cells.map(|cell| Name::new(cell.node, whole_characters(self.source, cell.span))).collect();
        if !closed && !row.flagged && !self.has_spot(Span::new(row.head.clone())) {
            let end = Span::new(row.head.end..row.head.end);
            let found = Diagnostic::new(Code::TableShape, Span::new(row.head.clone()), "the row does not end with `|`");
            self.diagnostics.push(found.fix(end, " |", "end the row with `|`"));
        }
        cells
    }

    fn row(&mut self, cells: Vec<Name>, span: Span, columns: &[Name], heading: Span) -> Option<Row> {
        let quiet = self.has_spot(span);
        if cells.len() != columns.len() {
            if !quiet {
                let message = format!("the row has {} and its heading {}", counted(cells.len()), columns.len());
                let found = Diagnostic::new(Code::TableShape, span, message);
                self.diagnostics.push(
                    found
                        .other(heading, "the heading")
                        .help("give every row a cell for each heading; with `none` in it, a limit that reads it is not in force"),
                );
            }
            return None;
        }
        if let Some(empty) = cells.iter().find(|cell| cell.node.is_empty()) {
            if !quiet {
                let column =
                    cells.iter().zip(columns).find(|(cell, _)| cell.node.is_empty()).map_or("", |(_, column)| column.node.as_str());
                let row = cells.first().filter(|key| !key.node.is_empty()).map_or(String::new(), |key| format!(" for `{}`", key.node));
                let found = Diagnostic::new(Code::TableShape, empty.span, format!("the column `{column}` is empty{row}"));
                self.diagnostics.push(found.help(NONE));
            }
            return None;
        }
        let said = self.diagnostics.len();
        let cells = cells.into_iter().enumerate().map(|(column, text)| self.cell(column, text, quiet)).collect();
        self.diagnostics.truncate(said + 1);
        Some(Row { cells, span })
    }

    /// A cell; the first of a row may be a key that is no expression.
    fn cell(&mut self, column: usize, text: Name, quiet: bool) -> Cell {
        if text.node == "any" || (column == 0 && is_key(&text.node)) {
            return Cell { text, value: None };
        }
        if matches!(text.node.as_str(), "-" | "--" | "/" | "n/a" | "N/A" | "?") {
            if !quiet {
                let found = Diagnostic::new(Code::TableShape, text.span, format!("`{}` is no value of a table", text.node));
                self.diagnostics.push(found.help(NONE));
            }
            return Cell { text, value: None };
        }
        let said = self.diagnostics.len();
        let value = self.fragment(text.span.range(), Rule::cell, Self::expr_in);
        if quiet || (column == 0 && value.is_none() && !text.node.contains(' ')) {
            self.diagnostics.truncate(said);
        }
        Cell { text, value }
    }
}

/// Whether a text is a key such as `50K`: it begins with a digit and has letters.
fn is_key(text: &str) -> bool {
    let letters = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    letters.len() < text.len() && letters.starts_with(['K', 'k', 'M', 'm']) && letters.len() == 1
}

fn cell(text: &str, range: std::ops::Range<usize>, base: usize) -> Name {
    let raw = text.get(range.clone()).unwrap_or("");
    let start = base + range.start + raw.len() - raw.trim_start().len();
    let content = raw.trim();
    if content.is_empty() {
        // An empty cell is shown with its blanks.
        return Name::new(String::new(), Span::new(base + range.start..base + range.end));
    }
    Name::new(content.to_owned(), Span::new(start..start + content.len()))
}

/// Whether a heading is a name whose words are apart; `up to` is what slices begin with.
fn is_name_of_words(heading: &str) -> bool {
    heading.contains(' ')
        && !heading.contains("  ")
        && heading != "up to"
        && heading.split_whitespace().all(|word| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

fn counted(cells: usize) -> String {
    if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") }
}
