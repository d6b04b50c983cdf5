//! Locks: while one is in force, orders that open or increase are refused.

use serde::{Deserialize, Serialize};

use crate::vm::view::NEVER;

/// Who locked: a place in the program, or staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LockedBy {
    /// An action, by its node, list and place.
    Rule(u16, u16, u16),
    /// A person.
    Staff,
}

/// A lock in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Who locked.
    pub by: LockedBy,
    /// When it ends, in nanoseconds; [`NEVER`] where only staff lift it.
    pub until: i64,
}

/// The locks of an account, one for each place that locks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Locks {
    held: Vec<Lock>,
}

impl Locks {
    /// Takes a lock; a later one of the same place replaces the earlier. One that has ended already is none.
    pub(super) fn add(&mut self, by: LockedBy, until: i64, now: i64) {
        self.held.retain(|lock| lock.by != by);
        if until > now {
            self.held.push(Lock { by, until });
        }
    }

    /// Does something with who has locked.
    pub(super) fn each_by(&mut self, act: impl FnMut(&mut LockedBy)) {
        self.held.iter_mut().map(|lock| &mut lock.by).for_each(act);
    }

    /// Lifts the locks of rules; those of staff stay.
    pub(super) fn unlock(&mut self) {
        self.held.retain(|lock| lock.by == LockedBy::Staff);
    }

    /// Lifts what only staff lift.
    pub(super) fn reinstate(&mut self) {
        self.held.retain(|lock| lock.until != NEVER && lock.by != LockedBy::Staff);
    }

    /// Ends what ends at or before an instant.
    pub(super) fn expire(&mut self, now: i64) {
        self.held.retain(|lock| lock.until > now);
    }

    /// The next instant at which one ends.
    pub(super) fn next_end(&self) -> i64 {
        self.held.iter().map(|lock| lock.until).min().unwrap_or(NEVER)
    }

    /// The locks, in the order in which they came into force.
    pub(super) fn held(&self) -> &[Lock] {
        &self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_one_lock_and_it_ends_at_its_instant() {
        let mut locks = Locks::default();
        locks.add(LockedBy::Rule(3, 0, 1), 100, 0);
        locks.add(LockedBy::Rule(3, 0, 1), 200, 0);
        locks.add(LockedBy::Rule(4, 0, 0), NEVER, 0);
        locks.expire(199);
        assert_eq!(locks.held().len(), 2);
        assert_eq!(locks.next_end(), 200);
        locks.expire(200);
        assert_eq!(locks.held(), [Lock { by: LockedBy::Rule(4, 0, 0), until: NEVER }]);
        locks.reinstate();
        assert!(locks.held().is_empty());
    }
}
