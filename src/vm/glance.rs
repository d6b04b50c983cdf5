//! What a few comparisons decide before the machine is started.

use super::Slots;
use super::step::{OUT_OF_FORCE, kept};
use super::view::{MISSING, View};
use crate::code::{CellOf, Glance, LimitCell, Test};

/// How many of the first segments of a block need nothing more.
pub(super) fn pass(glances: &[Glance], slots: &mut Slots, view: &impl View) -> usize {
    let Some(first) = glances.first() else { return 0 };
    let (occasions, mut field, mut value) = (view.occasions(), first.field, view.account(first.field));
    let mut needs_no_more = |glance: &Glance| {
        if glance.field != field {
            (field, value) = (glance.field, view.account(glance.field));
        }
        let base = usize::from(glance.base);
        match glance.test {
            _ if value == MISSING => false,
            Test::Keeps { below, guarded } => {
                let out = |slots: &Slots| guarded && slots.values[base + LimitCell::Quiet.offset()] == OUT_OF_FORCE;
                kept::keeps(&mut slots.values, below, value, base) || out(slots)
            }
            Test::Stays { occasions: bits } => occasions & bits == 0 || !kept::rises(&slots.values, value, base),
        }
    };
    glances.iter().position(|glance| !needs_no_more(glance)).unwrap_or(glances.len())
}
