//! Where each node keeps its state: one flat block of `i64` per account.
//!
//! The first cells of every node are the same; the rest belong to its kind. A node `for each` has
//! them once per position or symbol, a fixed number apart.

use crate::ir::{Ir, Node, NodeId, NodeKind, Per, TrackFunction, Tracker};
use crate::vm::view::{MISSING, NEVER};

use super::Limits;

/// Cells before those of the first node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderCell {
    /// The least instant at which a node is due.
    NextDue,
    /// How many nodes are faulted, instances counted singly.
    Faults,
    /// The phase for which `NextDue` holds.
    Phase,
}

/// How many cells stand before those of the first node.
pub const HEADER: usize = 3;

/// A cell of a node by its place behind the node's first.
pub trait CellOf: Copy {
    /// The place.
    fn offset(self) -> usize;
}

macro_rules! cells {
    ($( $(#[doc = $enum_doc:literal])+ $enum:ident from $first:literal { $( $(#[doc = $doc:literal])+ $cell:ident $name:literal $initial:expr; )* } )*) => { $(
        $(#[doc = $enum_doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $enum { $( $(#[doc = $doc])+ $cell, )* }

        impl $enum {
            /// Names and first values, in order.
            pub const ROWS: &[(&'static str, i64)] = &[$( ($name, $initial), )*];
        }

        impl CellOf for $enum {
            fn offset(self) -> usize {
                $first + self as usize
            }
        }
    )* };
}

cells! {
    /// What every node has.
    NodeCell from 0 {
        /// Its value.
        Value "value" MISSING;
        /// 0, or why it is faulted.
        Fault "fault" 0;
        /// When time alone may change it.
        Due "due" NEVER;
        /// 0 before it began; for instances the position's serial, or the symbol's number and one.
        Begun "begun" 0;
    }
    /// A value with tails.
    HeldCell from 4 {
        /// The value in force.
        Current "current" MISSING;
        /// What waits.
        Waiting "waiting" MISSING;
        /// 1 while a rise waits, -1 while a fall does, 0 where nothing waits.
        Change "change" 0;
        /// How many days it has waited.
        Days "days" 0;
        /// When it takes effect.
        Effect "effect" NEVER;
    }
    /// `since EVENT`.
    BaselineCell from 4 {
        /// The total at the event.
        Base "base" 0;
        /// Whether it waits for the next day's opening.
        Waits "waits" 0;
    }
    /// A tracker; behind these its best samples and its window.
    TrackerCell from 4 {
        /// The event that set the extreme.
        Extreme "extreme" MISSING;
        /// Whether the running day does not count.
        Skip "skip" 0;
        /// `from` as it was at the start.
        From "from" MISSING;
        /// The sum, extreme, latest, or row so far.
        Total "total" MISSING;
        /// How many samples.
        Count "count" 0;
        /// Whether the window is full.
        Full "full" 0;
        /// The place of the oldest sample in the window.
        Head "head" 0;
        /// How many samples are in the window.
        Length "length" 0;
    }
    /// A floor.
    FloorCell from 4 {
        /// The event that set the extreme.
        Extreme "extreme" MISSING;
        /// The floor itself; its value follows it, next day for `takes effect next day`.
        Current "current" MISSING;
        /// What shows of it.
        Visible "visible" MISSING;
        /// Whether it is frozen.
        Frozen "frozen" 0;
        /// When what has trailed shows.
        Effect "effect" NEVER;
        /// Which conditions of jumps held, as bits.
        Held "held" 0;
        /// What it follows must be above this to raise it; missing where its step must look.
        Rise "rise" MISSING;
    }
    /// A limit; its value is the room left.
    LimitCell from 4 {
        /// 1 while it is in force, holds, and nothing waits: then a glance at its sides is enough. -1 while its own
        /// condition keeps it out of force and nothing waits: then one at that. Else 0.
        Quiet "quiet" 0;
        /// The lowest percentage that has not been told.
        NextPercent "next percent" NEVER;
        /// Whether it was broken when judged last.
        Broken "broken" 0;
        /// Whether a breach stands.
        Open "open" 0;
        /// Whether the next breach counts.
        Armed "armed" 1;
        /// How often it was breached.
        Count "count" 0;
        /// Since when it is broken.
        Since "since" NEVER;
        /// By when it must be cured.
        CureDue "cure due" NEVER;
        /// Whether the cure is used up.
        CureUsed "cure used" 0;
        /// Which percentages were told, as bits.
        Fired "fired" 0;
        /// Breaches of other limits that count toward it.
        Pending "pending" 0;
        /// The bound, where the limit stands still but for what is limited.
        Bound "bound" MISSING;
        /// The most room with which its step must be taken though its bound is the one kept.
        Near "near" NEVER;
    }
    /// A rule.
    RuleCell from 4 {
        /// Whether the condition held.
        Memory "memory" 0;
        /// When the event happened.
        Since "since" NEVER;
        /// When the condition turned true.
        TrueSince "true since" NEVER;
        /// Whether it fired in this wait.
        Fired "fired" 0;
        /// When it fires.
        Deadline "deadline" NEVER;
    }
    /// A goal; its value is whether it is reached.
    GoalCell from 4 {
        /// Whether it is reached.
        Reached "reached" 0;
        /// How many requirements are not met.
        Unmet "unmet" 0;
    }
    /// A payout policy.
    PayoutCell from 4 {
        /// Whether a payout is pending.
        Pending "pending" 0;
        /// Whether it was denied while pending.
        Denied "denied" 0;
        /// The amount that is asked for.
        Amount "amount" MISSING;
    }
}

/// The first cells of every node.
pub const NODE_CELLS: usize = NodeCell::ROWS.len();
/// Cells of one sample in a window: the sample, its key, the event's number.
pub const SAMPLE: usize = 3;

/// The cells of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Where each node keeps its state.
    pub nodes: Vec<Place>,
    /// How many cells there are.
    pub size: usize,
}

/// Where a node keeps its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The first cell of its first instance.
    pub base: usize,
    /// How many cells an instance has.
    pub stride: usize,
    /// How many instances there are.
    pub count: usize,
    /// How many samples `the n highest` keeps.
    pub best: usize,
    /// How many samples its window keeps.
    pub ring: usize,
}

impl Layout {
    /// The cells of a program.
    pub fn of(ir: &Ir, limits: &Limits) -> Self {
        let mut size = HEADER;
        let nodes = ir.nodes.iter().map(|node| {
            let place = place_of(ir, node, size, limits);
            size = size.saturating_add(place.stride.saturating_mul(place.count));
            place
        });
        Self { nodes: nodes.collect(), size }
    }

    /// Where a node keeps its state.
    #[inline]
    pub fn place(&self, node: NodeId) -> Place {
        self.nodes[usize::from(node.0)]
    }

    /// The node, its instance and the name of a cell.
    pub fn name(&self, ir: &Ir, cell: usize) -> String {
        if cell < HEADER {
            return ["next due", "faults", "phase"][cell].to_owned();
        }
        let at = self.nodes.partition_point(|place| place.base <= cell).saturating_sub(1);
        let (Some(place), Some(node)) = (self.nodes.get(at), ir.nodes.get(at)) else { return format!("cell {cell}") };
        let inside = cell - place.base;
        let instance = if place.count > 1 { format!("[{}]", inside / place.stride) } else { String::new() };
        format!("{}{instance}.{}", node.name, cell_name(&node.kind, inside % place.stride))
    }

    /// The first values of all cells.
    pub fn initial(&self, ir: &Ir) -> Vec<i64> {
        let mut values = vec![NEVER, 0, MISSING];
        for (place, node) in self.nodes.iter().zip(&ir.nodes) {
            for _ in 0..place.count {
                values.extend((0..place.stride).map(|cell| initial(&node.kind, cell)));
            }
        }
        values
    }
}

/// The first value of a cell of a node.
fn initial(kind: &NodeKind, cell: usize) -> i64 {
    NodeCell::ROWS.get(cell).or_else(|| own_rows(kind).get(cell - NODE_CELLS)).map_or(MISSING, |row| row.1)
}

/// The first values of the cells of a node that are no samples.
pub(crate) fn first_values(kind: &NodeKind) -> impl Iterator<Item = i64> {
    NodeCell::ROWS.iter().chain(own_rows(kind)).map(|row| row.1)
}

/// How many cells of a node are no samples.
pub(crate) fn fixed_cells(kind: &NodeKind) -> usize {
    NODE_CELLS + own_rows(kind).len()
}

fn cell_name(kind: &NodeKind, cell: usize) -> String {
    let row = NodeCell::ROWS.get(cell).or_else(|| own_rows(kind).get(cell.wrapping_sub(NODE_CELLS)));
    row.map_or_else(|| format!("sample cell {}", cell - fixed_cells(kind)), |row| row.0.to_owned())
}

fn own_rows(kind: &NodeKind) -> &'static [(&'static str, i64)] {
    match kind {
        NodeKind::Held(_) => HeldCell::ROWS,
        NodeKind::Baseline(_) => BaselineCell::ROWS,
        NodeKind::Tracker(_) => TrackerCell::ROWS,
        NodeKind::Floor(_) => FloorCell::ROWS,
        NodeKind::Limit(_) => LimitCell::ROWS,
        NodeKind::Rule(_) => RuleCell::ROWS,
        NodeKind::Goal(_) => GoalCell::ROWS,
        NodeKind::Payout(_) => PayoutCell::ROWS,
        NodeKind::Value(_) | NodeKind::DayCopy(_) | NodeKind::EventCopy(_) | NodeKind::State(_) => &[],
    }
}

fn place_of(ir: &Ir, node: &Node, base: usize, limits: &Limits) -> Place {
    let (best, ring) = match &node.kind {
        NodeKind::Tracker(tracker) => (best_kept(tracker), tracker.window.map_or(0, |window| window.capacity as usize)),
        _ => (0, 0),
    };
    let stride = fixed_cells(&node.kind).saturating_add(best).saturating_add(ring.saturating_mul(SAMPLE));
    let count = match node.per {
        Per::Account | Per::Order => 1,
        // What a fill closes keeps its place beside what it opens.
        Per::Position => limits.positions + 1,
        Per::Group(group) => ir.groups.get(usize::from(group)).map_or(0, |group| group.keeps as usize),
        Per::Symbol => limits.symbols,
    };
    Place { base, stride, count, best, ring }
}

/// How many samples a tracker without a window keeps singly.
fn best_kept(tracker: &Tracker) -> usize {
    match tracker.function {
        TrackFunction::NthHighest(n) | TrackFunction::SumOfBest(n) | TrackFunction::SumOfWorst(n) => n as usize,
        _ => 0,
    }
}
