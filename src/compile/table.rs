//! Tables looked up by a value: a chain of comparisons in the order of the rows.

use super::emit::{Emitter, Patches};
use crate::code::{Both, Forward, In, Op, Out};
use crate::ir::{Comparison, ExprId, Matching, Table, TableRow};
use crate::vm::view::MISSING;

impl Emitter<'_> {
    /// The cell of a table for a key; missing where no row fits or the key is missing.
    pub(super) fn lookup(&mut self, table: u16, column: u16, key: ExprId, r: u8) {
        let ir = self.ir;
        let Some(table) = ir.tables.get(usize::from(table)) else { return };
        self.value(key, r);
        let mut end = Patches::new();
        self.jump(Op::JumpMissing { a: In(r), by: Forward(0) }, &mut end);
        let column = usize::from(column);
        match table.matching {
            Matching::Slices => self.slices(table, column, r),
            Matching::Exact => self.rows(table.rows.iter(), Comparison::Equal, column, r, &mut end),
            Matching::UpTo => self.rows(table.rows.iter(), Comparison::AtMost, column, r, &mut end),
            Matching::Below => self.rows(table.rows.iter(), Comparison::Below, column, r, &mut end),
            // The last row that fits: the first from behind.
            Matching::From => self.rows(bounded_from_behind(table), Comparison::AtLeast, column, r, &mut end),
            Matching::Above => self.rows(bounded_from_behind(table), Comparison::Above, column, r, &mut end),
        }
        self.land(end);
    }

    /// The first of the rows for which the key compares so with its bound; a row without bound fits always.
    fn rows<'t>(&mut self, rows: impl Iterator<Item = &'t TableRow>, how: Comparison, column: usize, r: u8, end: &mut Patches) {
        for row in rows {
            let mut next = Patches::new();
            if let Some(bound) = row.key {
                self.value(bound, self.above(r));
                self.jump(Op::UnlessCompare { how, a: In(r), b: In(self.above(r)), by: Forward(0) }, &mut next);
            }
            self.cell_of(row, column, r);
            if row.key.is_none() {
                return;
            }
            self.jump(Op::Jump { by: Forward(0) }, end);
            self.land(next);
        }
        let k = self.pool(MISSING);
        self.push(Op::Constant { d: Out(r), k });
    }

    fn cell_of(&mut self, row: &TableRow, column: usize, r: u8) {
        match row.cells.get(column) {
            Some(cell) => self.value(*cell, r),
            None => {
                let k = self.pool(MISSING);
                self.push(Op::Constant { d: Out(r), k });
            }
        }
    }

    /// The sum over rows of `percent of` the part of the value in the row's slice. The value is in
    /// `r`; above it stand the sum, the end of the slice before, the part, the percentage.
    fn slices(&mut self, table: &Table, column: usize, r: u8) {
        let sum = self.above(r);
        let from = self.above(sum);
        let part = self.above(from);
        let percent = self.above(part);
        let zero = self.pool(0);
        self.push(Op::Constant { d: Out(sum), k: zero });
        self.push(Op::Constant { d: Out(from), k: zero });
        let mut done = Patches::new();
        for row in &table.rows {
            // Nothing of the value lies above the slice before.
            self.jump(Op::UnlessCompare { how: Comparison::Above, a: In(r), b: In(from), by: Forward(0) }, &mut done);
            self.push(Op::Copy { d: Out(part), a: In(r) });
            if let Some(bound) = row.key {
                self.value(bound, percent);
                self.push(Op::Lesser { d: Both(part), a: In(percent) });
            }
            self.push(Op::Subtract { d: Out(part), a: In(part), b: In(from) });
            self.cell_of(row, column, percent);
            self.push(Op::Percent { d: Out(part), a: In(percent), b: In(part) });
            self.push(Op::Add { d: Out(sum), a: In(sum), b: In(part) });
            if let Some(bound) = row.key {
                self.value(bound, from);
            }
        }
        self.land(done);
        self.push(Op::Copy { d: Out(r), a: In(sum) });
    }
}

/// The rows with a bound from the last to the first, then the row `any`.
fn bounded_from_behind(table: &Table) -> impl Iterator<Item = &TableRow> {
    let bounded = table.rows.iter().rev().filter(|row| row.key.is_some());
    bounded.chain(table.rows.iter().filter(|row| row.key.is_none()))
}
