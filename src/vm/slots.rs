//! The state of one account under one program: its cells.

use crate::code::{CellOf, HeaderCell, NodeCell, Program, first_values};
use crate::ir::Node;

/// The cells of one account. A snapshot of the rules' state is exactly these numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    pub(crate) values: Vec<i64>,
    /// Room to sort the samples of a window in; empty between evaluations.
    pub(crate) scratch: Vec<i64>,
}

impl Slots {
    /// The cells of an account that has not been opened.
    pub fn new(program: &Program) -> Self {
        Self::with(program, program.layout.initial(&program.ir))
    }

    /// The cells of a snapshot; `None` if they are not as many as the program's.
    pub fn from_values(program: &Program, values: Vec<i64>) -> Option<Self> {
        (values.len() == program.layout.size).then(|| Self::with(program, values))
    }

    fn with(program: &Program, values: Vec<i64>) -> Self {
        let largest = program.layout.nodes.iter().map(|place| place.ring.max(place.best) + 1).max().unwrap_or(0);
        Self { values, scratch: Vec::with_capacity(largest) }
    }

    /// Takes the cells of another account of the same program in the place of these, and allocates
    /// nothing: for hosts that keep the state of accounts themselves and hand it over with each event.
    /// False, and nothing changes, if they are not as many.
    #[must_use]
    pub fn replace(&mut self, values: &[i64]) -> bool {
        let fits = values.len() == self.values.len();
        if fits {
            self.values.copy_from_slice(values);
        }
        fits
    }

    /// The cells, for a snapshot.
    pub fn values(&self) -> &[i64] {
        &self.values
    }

    /// The first values of the cells of a node's instance, but for its fault.
    pub(super) fn reset(&mut self, node: &Node, base: usize) {
        let fault = self.values[base + NodeCell::Fault.offset()];
        for (cell, first) in self.values[base..].iter_mut().zip(first_values(&node.kind)) {
            *cell = first;
        }
        self.values[base + NodeCell::Fault.offset()] = fault;
    }

    /// Ends the fault of a node's instance.
    pub(super) fn clear_fault(&mut self, base: usize) {
        let fault = &mut self.values[base + NodeCell::Fault.offset()];
        if *fault != 0 {
            *fault = 0;
            self.values[HeaderCell::Faults as usize] -= 1;
        }
    }

    /// How many nodes are faulted, instances counted singly.
    pub fn faults(&self) -> usize {
        usize::try_from(self.values[HeaderCell::Faults as usize]).unwrap_or(0)
    }
}
