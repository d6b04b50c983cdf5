//! What an evaluation shows of a program, for coverage: which conditions were true and false, which limits
//! broke and held, which rows were chosen, which actions ran.
//!
//! What a question from outside reads (an `expect`, the values shown as evidence) is left out: only what
//! decides counts.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ir::{ExprId, NodeId};

/// One thing that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// A condition was evaluated, with this truth.
    Truth(ExprId, bool),
    /// A limit in force was judged: broken, or kept.
    Limit(NodeId, bool),
    /// A limit on orders was asked: it stood against an order, or let it through.
    Order(NodeId, bool),
    /// A goal was judged: reached, or something was missing.
    Goal(NodeId, bool),
    /// A list of a node's actions was carried out, by its number: the handlers of a breach in file order,
    /// then the shares used; `on reached`, then `on lost`.
    Actions(NodeId, u16),
    /// A row of a table was chosen, or a slice of it reached: table, row.
    Row(u16, u16),
    /// An account was opened with this plan.
    Plan(u16),
    /// A step of a payout changed or stopped the request, or let it through as it was.
    Step(NodeId, u16, bool),
    /// A floor looked at what it trails.
    Trail(NodeId, u16),
    /// A floor made a jump of its own.
    Jump(NodeId, u16),
}

/// Everything that was seen, by all evaluators that tell it here.
#[derive(Debug, Default)]
pub struct Seen {
    sights: Mutex<BTreeSet<Sight>>,
}

impl Seen {
    /// Whether something was seen.
    pub fn holds(&self, sight: Sight) -> bool {
        self.sights().contains(&sight)
    }

    pub(super) fn tell(&self, sight: Sight) {
        self.sights().insert(sight);
    }

    /// A thread that stopped in the middle leaves a set that is whole.
    fn sights(&self) -> MutexGuard<'_, BTreeSet<Sight>> {
        self.sights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number of the program's, as sights name it.
pub(super) fn number(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}
