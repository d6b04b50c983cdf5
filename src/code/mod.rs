//! A compiled program: register code over one flat block of cells per account, shared by all
//! accounts. The verifier accepts it before it runs; the listing shows it.
//!
//! Nodes that a few instructions cannot decide end in [`Op::Step`]: their state machines are
//! native, and evaluate the expressions of the checked program, each compiled to a block.

mod bounds;
mod fingerprint;
mod glance;
mod ir_listing;
mod layout;
mod limits;
mod listing;
mod op;
mod operand;
#[cfg(test)]
mod tests;
mod verify;

use std::fmt;
use std::sync::Arc;

pub use bounds::{Bounds, bounds};
pub(crate) use glance::glances;
pub use glance::{Glance, Test};
pub use ir_listing::ir_listing;
pub(crate) use ir_listing::{kind_word, without_spans};
pub use layout::{
    BaselineCell, CellOf, FloorCell, GoalCell, HEADER, HeaderCell, HeldCell, Layout, LimitCell, NODE_CELLS, NodeCell, PayoutCell, Place,
    RuleCell, SAMPLE, TrackerCell,
};
pub(crate) use layout::{first_values, fixed_cells};
pub use limits::Limits;
pub use op::{OPS, Op, OpRow};
pub use operand::{Both, Cell, FoldNumber, Forward, In, Names, NewsNumber, NodeNumber, Operand, Out, Pooled, Use};
pub use verify::{Refusal, verify};
pub(crate) use verify::{frame, verify_block};

pub(crate) use fingerprint::fingerprint;

use crate::ir::{Collection, ExprId, FoldFunction, Ir, NodeId, PhaseId, Reads};
use crate::vocabulary::Moment;

/// A compiled program. Made by [`crate::compile::compile`]; shared by all accounts.
#[derive(Clone, Debug)]
pub struct Program {
    /// The checked program: names, places, and what is evaluated only when something fires.
    pub ir: Arc<Ir>,
    /// The instructions of all blocks.
    pub code: Code,
    /// The block of each expression that is evaluated by itself, by [`ExprId`].
    pub roots: Vec<Option<Block>>,
    /// The segments of each phase and moment; see [`Program::block`].
    pub blocks: Vec<Vec<Segment>>,
    /// What decides the first segments of each block without the machine.
    pub glances: Vec<Vec<Glance>>,
    /// Where nodes keep their state.
    pub layout: Layout,
    /// What is known of each node besides.
    pub details: Vec<Detail>,
    /// Which extremes it reads.
    pub reads: Reads,
    /// Whether a rule rolls back a day: the state is then kept twice, as it is and as the day opened.
    pub rolls_back: bool,
    /// The named limits it was compiled under.
    pub limits: Limits,
    /// What it costs at most.
    pub bounds: Bounds,
    /// The same for programs that behave the same under this version of the engine.
    pub fingerprint: Fingerprint,
}

impl Program {
    /// What runs in a phase at a kind of moment, in node order.
    pub fn block(&self, phase: PhaseId, moment: Moment) -> &[Segment] {
        self.blocks.get(block_number(phase, moment)).map_or(&[], Vec::as_slice)
    }

    /// What decides the first of them without the machine.
    pub fn glances(&self, phase: PhaseId, moment: Moment) -> &[Glance] {
        self.glances.get(block_number(phase, moment)).map_or(&[], Vec::as_slice)
    }

    /// Whether a node is in force in a phase.
    pub fn in_force(&self, node: NodeId, phase: PhaseId) -> bool {
        in_force(&self.ir, node, phase)
    }

    /// The block of an expression; `None` for parts of others.
    #[inline]
    pub fn root(&self, expr: ExprId) -> Option<Block> {
        self.roots.get(expr.0 as usize).copied().flatten()
    }
}

/// Whether a node is in force in a phase: its own, or any but the standing ones.
pub fn in_force(ir: &Ir, node: NodeId, phase: PhaseId) -> bool {
    match ir.node(node).phase {
        Some(own) => own == phase,
        None => ir.phases.get(usize::from(phase.0)).is_some_and(|phase| !phase.standing),
    }
}

pub(crate) fn block_number(phase: PhaseId, moment: Moment) -> usize {
    usize::from(phase.0) * Moment::ALL.len() + moment as usize
}

/// Instructions and what they name by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Code {
    /// The instructions.
    pub ops: Vec<Op>,
    /// The expression that each instruction belongs to, for faults.
    pub origins: Vec<Option<ExprId>>,
    /// The constants.
    pub constants: Vec<i64>,
    /// The aggregates.
    pub folds: Vec<Fold>,
    /// The windows around news.
    pub news: Vec<NewsWindow>,
}

/// How many registers the machine has for blocks that call each other, whatever the limit `frame` allows.
pub(crate) const REGISTERS: usize = 128;

/// A run of instructions that ends with [`Op::Return`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The first instruction.
    pub start: u32,
    /// Behind the last.
    pub end: u32,
    /// How many registers it uses.
    pub registers: u8,
}

/// The instructions of one node at one moment: a fault skips the rest of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The node.
    pub node: NodeId,
    /// Its instructions.
    pub block: Block,
}

/// An aggregate over a collection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fold {
    /// Over what.
    pub collection: Collection,
    /// How.
    pub function: FoldFunction,
    /// Of what.
    pub what: Option<Block>,
    /// Of which elements.
    pub filter: Option<Block>,
}

/// A window around news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewsWindow {
    /// Around which items.
    pub filter: Option<Block>,
    /// Nanoseconds before the start.
    pub before: i64,
    /// Nanoseconds after the end.
    pub after: i64,
    /// The least impact.
    pub impact: i64,
}

/// What the machine wants to know of a node besides its code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// The floors and trackers whose extreme may decide a limit; the first that has one does.
    pub extremes: Vec<NodeId>,
    /// The pure values that the sides of a limit depend on, in node order.
    pub needs: Vec<NodeId>,
    /// The percentages at which a limit warns, in their order.
    pub percents: Vec<i64>,
    /// Whether a limit keeps its bound, or a floor what raises it.
    pub keeps: bool,
    /// The limits that keep a bound which a floor moves.
    pub readers: Vec<NodeId>,
}

/// The identity of a program's behaviour, 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u128);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
