//! Brings back what nodes kept at an earlier time.

use super::Slots;
use crate::code::{CellOf, HeaderCell, NodeCell, Program};

/// Gives trackers, floors, values with tails and running totals the cells that they had. The values that
/// read them are not computed: everything must be judged next.
pub fn roll_back(program: &Program, slots: &mut Slots, earlier: &[i64]) {
    for (id, _) in program.ir.nodes().filter(|(_, node)| program.ir.is_rolled_back(node)) {
        let place = program.layout.place(id);
        let cells = place.base..place.base + place.stride * place.count;
        if let (Some(now), Some(then)) = (slots.values.get_mut(cells.clone()), earlier.get(cells)) {
            now.copy_from_slice(then);
        }
    }
    settle(program, slots);
}

/// Brings what is kept of all nodes together up to date, once cells came from elsewhere. What is due next is looked for anew when everything is judged.
pub fn settle(program: &Program, slots: &mut Slots) {
    slots.values[HeaderCell::Faults as usize] = faulted(program, slots);
    slots.values[HeaderCell::NextDue as usize] = i64::MIN;
}

/// How many nodes are faulted, instances counted singly.
fn faulted(program: &Program, slots: &Slots) -> i64 {
    let instances = program.layout.nodes.iter().flat_map(|place| (0..place.count).map(|instance| place.base + instance * place.stride));
    instances.map(|base| i64::from(slots.values[base + NodeCell::Fault.offset()] != 0)).sum()
}
