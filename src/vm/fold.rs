//! Aggregates over open positions and working orders.

use super::machine::{Machine, Outcome, sum};
use super::view::{Cursor, MISSING, View};
use crate::code::{Code, Fold, NewsWindow};
use crate::ir::{Collection, FoldFunction};
use crate::outcome::FaultKind;
use crate::value::{Fixed, round_ratio};
use crate::vocabulary::Record;

/// What an aggregate has seen.
struct Seen {
    /// How many elements.
    elements: i64,
    /// How many of them had a value.
    known: i64,
    /// The sum, highest or lowest; whether any, or all.
    total: i64,
}

impl<'a, V: View> Machine<'a, V> {
    /// Runs an aggregate's blocks for each element that its filter lets pass.
    pub(super) fn fold(&mut self, code: &'a Code, fold: Fold) -> Outcome<i64> {
        self.around.push(self.cursor);
        let result = self.fold_elements(code, fold);
        self.cursor = self.around.pop().unwrap_or(Cursor::Event);
        result
    }

    /// Whether now is within the window around a news item that its condition lets pass.
    pub(super) fn news(&mut self, code: &'a Code, window: NewsWindow, symbol: i64) -> Outcome<bool> {
        self.around.push(self.cursor);
        let mut near = Ok(false);
        for place in 0..self.view.news_items() {
            let Some(edge) = self.view.news(place, window, symbol) else { continue };
            self.cursor = Cursor::News(place);
            match window.filter.map_or(Ok(1), |filter| self.call(code, filter)) {
                Ok(0) => continue,
                Ok(MISSING) => near = Err(FaultKind::Missing.into()),
                Ok(_) => near = near.map(|near| near | edge.now),
                Err(fault) => near = Err(fault),
            }
            if near.is_err() {
                break;
            }
            self.changes_at(edge.next);
        }
        self.cursor = self.around.pop().unwrap_or(Cursor::Event);
        near
    }

    /// Where a record is read: the innermost element or instance that is one, else the event.
    pub(super) fn cursor_of(&self, record: Record) -> Cursor {
        if self.cursor.record() == Some(record) {
            return self.cursor;
        }
        self.around.iter().rev().copied().find(|cursor| cursor.record() == Some(record)).unwrap_or(Cursor::Event)
    }

    /// Where a field of a group is read: the innermost instance of it, else the one that ends.
    pub(super) fn cursor_of_group(&self, group: u16) -> Cursor {
        let all = std::iter::once(self.cursor).chain(self.around.iter().rev().copied());
        all.into_iter().find(|cursor| matches!(cursor, Cursor::Group(number, _) if *number == group)).unwrap_or(Cursor::Event)
    }

    fn fold_elements(&mut self, code: &'a Code, fold: Fold) -> Outcome<i64> {
        let total = match fold.function {
            FoldFunction::Highest | FoldFunction::Lowest => MISSING,
            FoldFunction::All => 1,
            _ => 0,
        };
        let mut seen = Seen { elements: 0, known: 0, total };
        for index in 0..self.view.len(fold.collection) {
            self.cursor = match fold.collection {
                Collection::OpenPositions => Cursor::Position(index),
                Collection::WorkingOrders => Cursor::WorkingOrder(index),
            };
            if let Some(filter) = fold.filter {
                match self.call(code, filter)? {
                    0 => continue,
                    MISSING => return Err(FaultKind::Missing.into()),
                    _ => {}
                }
            }
            let value = match fold.what {
                Some(what) => self.call(code, what)?,
                None => 1,
            };
            seen.take(fold.function, value)?;
        }
        seen.result(fold.function)
    }
}

impl Seen {
    fn take(&mut self, function: FoldFunction, value: i64) -> Outcome<()> {
        self.elements += 1;
        if value == MISSING {
            // Money must not vanish, and a condition must be decided.
            let vanishes = matches!(function, FoldFunction::Sum | FoldFunction::All);
            return if vanishes { Err(FaultKind::Missing.into()) } else { Ok(()) };
        }
        self.known += 1;
        match function {
            FoldFunction::Sum | FoldFunction::Average => self.total = sum(self.total, value)?,
            FoldFunction::Highest => self.total = self.total.max(value),
            FoldFunction::Lowest => self.total = if self.known == 1 { value } else { self.total.min(value) },
            FoldFunction::Any => self.total |= i64::from(value != 0),
            FoldFunction::All => self.total &= i64::from(value != 0),
            FoldFunction::Count => {}
        }
        Ok(())
    }

    fn result(self, function: FoldFunction) -> Outcome<i64> {
        match function {
            FoldFunction::Count => Ok(self.elements.saturating_mul(Fixed::ONE_RAW)),
            FoldFunction::Average if self.known == 0 => Ok(MISSING),
            FoldFunction::Average => Ok(round_ratio(i128::from(self.total), i128::from(self.known))?),
            _ => Ok(self.total),
        }
    }
}
