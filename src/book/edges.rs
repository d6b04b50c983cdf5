//! The edges of bands on one price, and whom a new price wakes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::value::Fixed;

/// An account by number, and the look for which an edge holds.
pub(super) type Waiting = (u32, u32);

/// The edges of the bands on one price of one symbol. Edges of earlier looks stay until they are met,
/// or until they are many.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// Upper edges, the lowest first.
    above: BinaryHeap<Reverse<(i64, Waiting)>>,
    /// Lower edges, the highest first.
    below: BinaryHeap<(i64, Waiting)>,
    /// How many edges held when they were counted last.
    held: usize,
}

/// So many edges are kept before stale ones are looked for.
const FEW: usize = 64;

impl Edges {
    /// An account waits until the price leaves a band.
    pub(super) fn put(&mut self, low: Fixed, high: Fixed, waiting: Waiting) {
        self.above.push(Reverse((high.raw(), waiting)));
        self.below.push((low.raw(), waiting));
    }

    /// Takes out whom a price wakes.
    pub(super) fn leave(&mut self, price: Fixed, is_current: &impl Fn(Waiting) -> bool, woken: &mut Vec<u32>) {
        let price = price.raw();
        while let Some(Reverse((edge, waiting))) = self.above.peek().copied()
            && edge < price
        {
            self.above.pop();
            woken.extend(is_current(waiting).then_some(waiting.0));
        }
        while let Some((edge, waiting)) = self.below.peek().copied()
            && edge > price
        {
            self.below.pop();
            woken.extend(is_current(waiting).then_some(waiting.0));
        }
        if self.above.len().max(self.below.len()) > 2 * self.held + FEW {
            self.above.retain(|Reverse((_, waiting))| is_current(*waiting));
            self.below.retain(|(_, waiting)| is_current(*waiting));
            self.held = self.above.len().max(self.below.len());
        }
    }
}
