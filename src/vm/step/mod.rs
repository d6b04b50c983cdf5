//! The state machines of nodes, one instance at a time.
//!
//! An evaluation may fault anywhere: the machine then puts back the node's cells, what it changed of
//! others, and what it left to be done.

mod act;
mod copy;
mod floor;
mod goal;
mod held;
pub(super) mod kept;
mod limit;
mod payout;
mod rule;
mod samples;
mod tracker;

pub(super) use limit::{OUT_OF_FORCE, Sides};

use super::machine::{At, Machine, Outcome};
use super::view::View;
use crate::code::NodeCell;
use crate::ir::{Node, NodeId, NodeKind};
use crate::vocabulary::{Moment, Occasion};

impl<'a, V: View> Machine<'a, V> {
    pub(super) fn evaluate(&mut self, id: NodeId, node: &'a Node, at: At) -> Outcome<()> {
        match &node.kind {
            NodeKind::Value(value) => self.plain_value(node, at, *value),
            NodeKind::Held(held) => self.held(at, held),
            NodeKind::Baseline(baseline) => self.baseline(node, at, baseline),
            NodeKind::DayCopy(value) => self.day_copy(at, *value),
            NodeKind::EventCopy(value) => self.event_copy(at, *value),
            NodeKind::Tracker(tracker) => self.tracker(id, node, at, tracker),
            NodeKind::State(first) => self.state(node, at, *first),
            NodeKind::Floor(floor) => self.floor(id, node, at, floor),
            NodeKind::Limit(limit) => self.limit(id, node, at, limit),
            NodeKind::Rule(rule) => self.rule(id, node, at, rule),
            NodeKind::Goal(goal) => self.goal(id, node, at, goal),
            NodeKind::Payout(payout) => self.payout_policy(id, at, payout),
        }
    }

    /// Whether a node begins, or its phase is entered.
    fn entering(&self, at: At) -> bool {
        at.begins || self.moment == Moment::Enter
    }

    /// The same for what outlives phases: outside phases it begins with the account only.
    fn entering_for_good(&self, node: &Node, at: At) -> bool {
        at.begins || (self.moment == Moment::Enter && (node.phase.is_some() || self.occasion(Occasion::AccountStart)))
    }

    /// The edge told by what was evaluated, for nodes that wait.
    fn own_edge(&self, node: &Node) -> i64 {
        if node.waits { self.edge } else { super::view::NEVER }
    }

    fn show(&mut self, at: At, value: i64) {
        self.set(at, NodeCell::Value, value);
    }
}
