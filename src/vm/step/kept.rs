//! What limits and floors keep, so that one comparison tells at a mark whether their step must look.
//!
//! A limit keeps its bound while only what is limited changes, and how near to it the step must be taken:
//! when it is broken, or the next percentage is reached. A floor keeps what raises it.

use super::super::machine::{At, Machine};
use super::super::view::{MISSING, NEVER, View};
use crate::code::{CellOf, FloorCell, GoalCell, LimitCell, NODE_CELLS, NodeCell, TrackerCell};
use crate::ir::NodeId;
use crate::vocabulary::Occasion;

/// Whether a limit stays as it is when what is limited becomes this; the room left is set then.
#[inline]
pub(in super::super) fn keeps(values: &mut [i64], below: bool, limited: i64, base: usize) -> bool {
    let Some(cells) = values.get_mut(base..).and_then(<[i64]>::first_chunk_mut::<LIMIT_CELLS>) else { return false };
    let bound = cells[LimitCell::Bound.offset()];
    let room = if below { bound.checked_sub(limited) } else { limited.checked_sub(bound) };
    match room {
        Some(room) if limited != MISSING && room > cells[LimitCell::Near.offset()] => {
            cells[NodeCell::Value.offset()] = room;
            true
        }
        _ => false,
    }
}

/// Whether what a floor follows raises it, as far as it knows.
#[inline]
pub(in super::super) fn rises(values: &[i64], followed: i64, base: usize) -> bool {
    let rise = values.get(base + FloorCell::Rise.offset()).copied().unwrap_or(MISSING);
    followed == MISSING || rise == MISSING || followed > rise
}

impl<V: View> Machine<'_, V> {
    /// Keeps the bound of a limit that holds, and how near to it the next percentage of an allowance lies.
    pub(in super::super) fn keep_bound(&mut self, base: usize, strict: bool, bound: i64, allowance: i64) {
        let at = At { base, instance: 0, begins: false };
        let breaks = if strict { 0 } else { -1 };
        let percent = self.get(at, LimitCell::NextPercent);
        let near = if percent == NEVER || allowance <= 0 { Some(breaks) } else { warns(percent, allowance).map(|warns| warns.max(breaks)) };
        self.set(at, LimitCell::Bound, bound);
        self.set(at, LimitCell::Near, if bound == MISSING { NEVER } else { near.unwrap_or(NEVER) });
    }

    /// Whether a floor stays where it is when what it follows at a distance, up to a cap, becomes this; what
    /// raises it is kept then.
    pub(in super::super) fn follows(&mut self, followed: i64, distance: i64, cap: i64, base: usize) -> bool {
        let at = At { base, instance: 0, begins: false };
        let current = self.get(at, FloorCell::Current);
        let known = followed != MISSING && distance != MISSING && current != MISSING && self.get(at, NodeCell::Fault) == 0;
        let Some(rise) = current.checked_add(distance).filter(|_| known && self.get(at, NodeCell::Begun) != 0) else { return false };
        let stays = followed <= rise && (cap == MISSING || current < cap);
        if stays {
            self.set(at, FloorCell::Rise, rise);
        }
        stays
    }

    /// Whether a goal is judged in the plain way: it has begun, is not reached, and nothing has ended.
    pub(in super::super) fn is_open(&self, base: usize) -> bool {
        let at = At { base, instance: 0, begins: false };
        self.is_plain(at) && self.get(at, GoalCell::Reached) == 0 && !self.effects.ended()
    }

    /// Whether a tracker shows what it has with the running day.
    pub(in super::super) fn counts_running_day(&self, base: usize) -> bool {
        let at = At { base, instance: 0, begins: false };
        let turns = Occasion::DayStart.bit() | Occasion::DayEnd.bit();
        self.is_plain(at) && self.get(at, TrackerCell::Skip) == 0 && self.occasions & turns == 0 && self.view.day_is_running()
    }

    /// Whether a node has begun and is sound.
    fn is_plain(&self, at: At) -> bool {
        self.get(at, NodeCell::Begun) != 0 && self.get(at, NodeCell::Fault) == 0
    }

    /// A limit must look again, whatever it keeps.
    pub(in super::super) fn disturb(&mut self, base: usize) {
        self.slots.values[base + LimitCell::Quiet.offset()] = 0;
        self.slots.values[base + LimitCell::Near.offset()] = NEVER;
    }

    /// The limits whose bound a floor moves must look again.
    pub(in super::super) fn disturb_readers(&mut self, floor: NodeId) {
        for reader in &self.program.details[usize::from(floor.0)].readers {
            let near = self.place(*reader).base + LimitCell::Near.offset();
            self.slots.values[near] = NEVER;
        }
    }
}

/// The cells of a limit.
const LIMIT_CELLS: usize = NODE_CELLS + LimitCell::ROWS.len();

/// The most room with which a percentage of an allowance may be reached, to a unit or two.
fn warns(percent: i64, allowance: i64) -> Option<i64> {
    let used = crate::value::percent_of(percent, allowance).ok()?;
    allowance.checked_sub(used)?.checked_add(1)
}
