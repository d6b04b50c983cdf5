//! The tables of a program as tables of the page.

use super::Text;
use super::model::{Block, Table as PageTable};
use super::text::{say, slug, spaced};
use super::voice::{Said, Silence, Voice};
use crate::ir::{ExprId, ExprKind, Matching, Table, TableRow};

/// Where a table stands on the page.
pub(super) fn anchor(number: u16, table: &Table) -> String {
    format!("table-{number}-{}", slug(&table.name)).trim_end_matches('-').to_owned()
}

/// The column of a table, by its number, and its name.
pub(super) fn column(table: &Table, column: u16) -> Result<(usize, String), Silence> {
    let at = usize::from(column);
    let column = table.columns.get(at).ok_or(Silence("it reads a column that is not there"))?;
    Ok((at, spaced(&column.name)))
}

impl Voice<'_> {
    /// A table of the program with what it is looked up by.
    pub(super) fn table(&self, number: u16, table: &Table) -> Result<Vec<Block>, Silence> {
        let by = match (self.key_of(number), &table.by) {
            (_, None) => "the symbol".into(),
            (Some(key), _) => self.value(key)?,
            (None, Some(by)) => Text::code(self.ir.source.words(by.span)),
        };
        let how = match table.matching {
            Matching::Exact => say!["The row whose first cell is ", by, " holds"],
            Matching::From => say!["The last row whose bound is at or below ", by, " holds"],
            Matching::Above => say!["The last row whose bound is below ", by, " holds"],
            Matching::UpTo => say!["The first row whose bound is at or above ", by, " holds"],
            Matching::Below => say!["The first row whose bound is above ", by, " holds"],
            Matching::Slices => say!["Each row's rate is taken of its own slice of ", by, ", and the slices are added up"],
        };
        let first = match table.matching {
            Matching::Exact => {
                if table.by.is_some() {
                    ""
                } else {
                    "symbol"
                }
            }
            Matching::From => "from",
            Matching::Above => "above",
            Matching::UpTo | Matching::Slices => "up to",
            Matching::Below => "below",
        };
        let figures = |column: &crate::ir::Column| column.ty.is_numeric();
        let mut head = vec![(first.to_owned(), false)];
        head.extend(table.columns.iter().map(|column| (spaced(&column.name), figures(column))));
        let rows = table.rows.iter().map(|row| self.row(row)).collect::<Result<Vec<_>, _>>()?;
        let anchors = vec![None; rows.len()];
        let shown = PageTable {
            anchor: Some(anchor(number, table)),
            caption: Text::strong(super::rule::capital(&spaced(&table.name))),
            head,
            rows,
            anchors,
        };
        Ok(vec![Block::Table(shown), Block::sentences(vec![how])])
    }

    fn row(&self, row: &TableRow) -> Result<Vec<Text>, Silence> {
        let first = match row.key {
            Some(key) => self.value(key)?,
            None => "any other".into(),
        };
        let cells = row.cells.iter().map(|cell| self.cell(*cell));
        std::iter::once(Ok(first)).chain(cells).collect()
    }

    /// A cell; `none` is an empty one.
    pub(super) fn cell(&self, cell: ExprId) -> Said {
        match self.expr(cell)?.kind {
            ExprKind::Constant(crate::ir::Constant::Missing) => Ok("—".into()),
            _ => self.value(cell),
        }
    }

    fn key_of(&self, number: u16) -> Option<ExprId> {
        self.ir.exprs.iter().find_map(|expr| match &expr.kind {
            ExprKind::Lookup(table, _, key, _) if *table == number => Some(*key),
            _ => None,
        })
    }
}
