//! Whether nothing of an account can change while the prices of what it holds stay within bands.
//!
//! The nodes that a mark evaluates are evaluated on ranges instead of numbers: each value that moves
//! with prices lies between two, each comparison must come out one way over the whole range, no
//! extreme that is kept may be passed. What cannot be decided so counts as a change, so that the answer
//! is never "nothing changes" where something may.

mod expr;
mod node;

use super::machine::Machine;
use super::view::{Cursor, MISSING, View};
use super::{Effects, Slots};
use crate::code::Program;
use crate::ir::{Period, PhaseId};
use crate::vocabulary::{AccountField, GroupField, Moment, PeriodField, RecordField};

/// The values between which one lies, both included; [`MISSING`] twice for a value that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub low: i64,
    /// The greatest.
    pub high: i64,
}

impl Range {
    /// A value that does not move.
    pub const fn point(value: i64) -> Self {
        Self { low: value, high: value }
    }

    /// The least range with two values, in either order.
    pub fn between(a: i64, b: i64) -> Self {
        Self { low: a.min(b), high: a.max(b) }
    }

    /// Whether the value does not move.
    pub const fn is_point(self) -> bool {
        self.low == self.high
    }

    const fn is_missing(self) -> bool {
        self.low == MISSING
    }

    fn with(self, other: Self) -> Sure<Self> {
        match (self.is_missing(), other.is_missing()) {
            (false, false) => Ok(Self { low: self.low.min(other.low), high: self.high.max(other.high) }),
            (true, true) => Ok(self),
            _ => Err(Unsure),
        }
    }
}

/// It cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unsure;

type Sure<T> = Result<T, Unsure>;

/// An account of which the prices of what it holds lie within bands.
pub trait Banded: View {
    /// Between which values a value of the account lies; none where that cannot be told.
    fn account_range(&self, field: AccountField) -> Option<Range>;
    /// The same of a value of the running period.
    fn period_range(&self, period: Period, field: PeriodField) -> Option<Range>;
    /// The same of a field of the record at hand.
    fn record_range(&self, field: RecordField, cursor: Cursor) -> Option<Range>;
    /// The same of a value of the instance of a group at hand.
    fn group_range(&self, group: u16, field: GroupField, cursor: Cursor) -> Option<Range>;
}

/// Whether no mark within the bands can change anything that a program decides or keeps.
pub fn is_still(program: &Program, phase: PhaseId, slots: &mut Slots, view: &impl Banded, effects: &mut Effects) -> bool {
    let machine = Machine::new(program, phase, Moment::Mark, slots, view, effects);
    let mut ranger = Ranger { machine, known: Vec::new() };
    program.block(phase, Moment::Mark).iter().all(|segment| ranger.node(segment.node).is_ok())
}

/// Evaluates on ranges.
struct Ranger<'a, V> {
    machine: Machine<'a, V>,
    /// The values of nodes that move, by their first cell.
    known: Vec<(usize, Range)>,
}
