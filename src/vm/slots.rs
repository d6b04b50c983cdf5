//! The state of one account under one program: its cells.

use crate::code::{HeaderCell, Program};

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

    /// The cells, for a snapshot.
    pub fn values(&self) -> &[i64] {
        &self.values
    }

    /// How many nodes are faulted, instances counted singly.
    pub fn faults(&self) -> usize {
        usize::try_from(self.values[HeaderCell::Faults as usize]).unwrap_or(0)
    }
}
