//! What the machine leaves for the account to carry out, over all evaluations of one outcome.

use super::view::Effect;
use crate::code::REGISTERS;
use crate::ir::NodeId;

/// The effects of one outcome, in order. Kept and cleared from outcome to outcome, so that quiet
/// events allocate nothing.
#[derive(Clone, Debug)]
pub struct Effects {
    pub(super) told: Told,
    /// The registers of the machine. What a block reads it has written, as the verifier has seen, so
    /// they need not be cleared between evaluations.
    pub(super) registers: Box<[i64; REGISTERS]>,
}

/// What was told so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) list: Vec<Effect>,
    fired: Vec<(NodeId, u64)>,
    ended: bool,
}

/// How far the effects had come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    list: usize,
    fired: usize,
    ended: bool,
}

impl Default for Effects {
    fn default() -> Self {
        Self { told: Told::default(), registers: Box::new([0; REGISTERS]) }
    }
}

impl Effects {
    /// No effects.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins another outcome.
    pub fn clear(&mut self) {
        self.told.list.clear();
        self.told.fired.clear();
        self.told.ended = false;
    }

    /// The effects so far.
    pub fn list(&self) -> &[Effect] {
        &self.told.list
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.told.list.is_empty()
    }

    /// Whether `fail` or `close account` is among them: goals are not judged any more.
    pub fn ended(&self) -> bool {
        self.told.ended
    }
}

impl Told {
    pub(super) fn push(&mut self, effect: Effect) {
        self.list.push(effect);
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Whether `fail` or `close account` is among them.
    pub(super) const fn ended(&self) -> bool {
        self.ended
    }

    /// How things stand, to come back to if a node faults.
    pub(super) fn mark(&self) -> Mark {
        Mark { list: self.list.len(), fired: self.fired.len(), ended: self.ended }
    }

    pub(super) fn rewind(&mut self, mark: Mark) {
        self.list.truncate(mark.list);
        self.fired.truncate(mark.fired);
        self.ended = mark.ended;
    }

    /// Whether a rule may fire: once per outcome and instance.
    pub(super) fn fire(&mut self, node: NodeId, instance: u64) -> bool {
        let first = !self.fired.contains(&(node, instance));
        if first {
            self.fired.push((node, instance));
        }
        first
    }

    /// Whether a limit was breached since a place in the list.
    pub(super) fn breached_since(&self, start: usize, node: NodeId) -> bool {
        self.list.iter().skip(start).any(|effect| matches!(effect, Effect::Breach { node: breached, .. } if *breached == node))
    }
}
