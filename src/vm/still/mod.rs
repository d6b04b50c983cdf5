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

    /// The least range around two.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    const fn is_missing(self) -> bool {
        self.low == MISSING
    }

    fn with(self, other: Self) -> Sure<Self> {
        match (self.is_missing(), other.is_missing()) {
            (false, false) => Ok(self.around(other)),
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

/// The extremes of equity that marks within bands may pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// So much more than now lifts a floor, or is above the highest equity that is kept.
    pub above: Option<i64>,
    /// So much less than now is below the lowest equity that is kept.
    pub below: Option<i64>,
}

impl Passed {
    /// Whether none may be.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// So much more than now passes the highest that is kept, as well.
    pub fn pass_above(&mut self, more: i64) {
        self.above = Some(self.above.map_or(more, |least| least.min(more)));
    }

    /// So much less than now passes the lowest that is kept, as well.
    pub fn pass_below(&mut self, less: i64) {
        self.below = Some(self.below.map_or(less, |least| least.min(less)));
    }
}

/// Which extremes of equity marks within the bands may pass; none if they can change anything else that a
/// program decides or keeps.
pub fn is_still(program: &Program, phase: PhaseId, slots: &mut Slots, view: &impl Banded, effects: &mut Effects) -> Option<Passed> {
    let machine = Machine::new(program, phase, Moment::Mark, slots, view, effects);
    let mut ranger = Ranger { machine, known: Vec::new(), assumed: Vec::new(), passed: Passed::default(), is_timed: false };
    ranger.all(phase).ok()?;
    if !ranger.passed.is_none() || program.reads.copies_of_events {
        // What is read before it is evaluated is what it came to with an earlier mark.
        ranger.assumed = std::mem::take(&mut ranger.known);
        ranger.all(phase).ok()?;
        if ranger.known != ranger.assumed {
            return None;
        }
    }
    Some(ranger.passed)
}

/// Evaluates on ranges.
struct Ranger<'a, V> {
    machine: Machine<'a, V>,
    /// The values of nodes that move, by their first cell.
    known: Vec<(usize, Range)>,
    /// The same of those that are not evaluated yet.
    assumed: Vec<(usize, Range)>,
    passed: Passed,
    /// Whether what was looked at last changes with time.
    is_timed: bool,
}

impl<V: Banded> Ranger<'_, V> {
    fn all(&mut self, phase: PhaseId) -> Sure<()> {
        let program = self.machine.program;
        program.block(phase, Moment::Mark).iter().try_for_each(|segment| self.node(segment.node))
    }
}
