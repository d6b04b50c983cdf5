//! What a program costs at most: bytes of state, and instructions per kind of moment.

use std::fmt;

use super::{Block, Code, NODE_CELLS, Op, Program, Segment};
use crate::compile::roots;
use crate::ir::{Collection, NodeId};
use crate::vocabulary::Moment;

/// What a program costs at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of state of one account.
    pub state_bytes: u64,
    /// Whether half of them are for the day's opening, to which a rule may roll back.
    pub twice: bool,
    /// Instructions at one moment of each kind, in the order of [`Moment::ALL`]: the most of all
    /// phases, with every branch taken and every collection full.
    pub instructions: Vec<u64>,
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let twice = if self.twice { ", of them half for the day's opening" } else { "" };
        writeln!(f, "state of one account: {} bytes{twice}", self.state_bytes)?;
        for (moment, most) in Moment::ALL.iter().zip(&self.instructions) {
            writeln!(f, "{}: at most {most} instructions", moment.name())?;
        }
        Ok(())
    }
}

/// How many items of news the bounds assume the market to keep: a busy month.
const NEWS_ITEMS: u64 = 512;

/// The numbers that are kept of a period of the program's own: of the running and the last record
/// sixteen each (four references, four sums, date, number, and six of the end), four sums of what
/// comes, and six of where it stands.
const OWN_PERIOD_CELLS: u64 = 42;

/// Computes the bounds of a program.
pub fn bounds(program: &Program) -> Bounds {
    let moments = Moment::ALL.len();
    let mut instructions = vec![0; moments];
    for (at, segments) in program.blocks.iter().enumerate() {
        let cost = segments.iter().map(|segment| segment_cost(program, *segment)).sum();
        let most: &mut u64 = &mut instructions[at % moments];
        *most = (*most).max(cost);
    }
    let ir = &program.ir;
    for (moment, most) in Moment::ALL.into_iter().zip(&mut instructions) {
        // The length of a period is decided where it opens.
        let opening = ir.periods.iter().filter(|row| row.starts.contains(moment)).filter_map(|row| program.root(row.length()?));
        *most = opening.fold(*most, |most, block| most.saturating_add(block_cost(program, &program.code, block)));
    }
    let own = ir.own_periods().count() as u64 * OWN_PERIOD_CELLS;
    let twice = program.rolls_back;
    let cells = program.layout.size as u64 + own;
    Bounds { state_bytes: if twice { 16 } else { 8 } * cells, twice, instructions }
}

fn segment_cost(program: &Program, segment: Segment) -> u64 {
    block_cost(program, &program.code, segment.block)
}

/// Every instruction counts one; a fold its blocks for each element, a step the node's expressions
/// and cells for each instance.
fn block_cost(program: &Program, code: &Code, block: Block) -> u64 {
    let ops = code.ops.get(block.start as usize..block.end as usize).unwrap_or(&[]);
    ops.iter().fold(0, |cost: u64, op| {
        cost.saturating_add(1).saturating_add(match op {
            Op::Fold { fold, .. } => fold_cost(program, code, block, usize::from(fold.0)),
            Op::News { news, .. } => news_cost(program, code, block, usize::from(news.0)),
            Op::Step { node } => step_cost(program, NodeId(node.0)),
            _ => 0,
        })
    })
}

fn fold_cost(program: &Program, code: &Code, caller: Block, fold: usize) -> u64 {
    let Some(fold) = code.folds.get(fold) else { return 0 };
    let capacity = match fold.collection {
        Collection::OpenPositions => program.limits.positions,
        Collection::WorkingOrders => program.limits.orders,
    };
    // A block stands before what calls it; anything else is refused by the verifier.
    let blocks = [fold.what, fold.filter].into_iter().flatten().filter(|block| block.end <= caller.start);
    let each: u64 = blocks.map(|block| block_cost(program, code, block)).fold(0, u64::saturating_add);
    each.saturating_mul(capacity as u64)
}

/// A condition on news is asked of each item that the market keeps.
fn news_cost(program: &Program, code: &Code, caller: Block, news: usize) -> u64 {
    let filter = code.news.get(news).and_then(|window| window.filter).filter(|block| block.end <= caller.start);
    filter.map_or(0, |block| block_cost(program, code, block).saturating_mul(NEWS_ITEMS))
}

fn step_cost(program: &Program, node: NodeId) -> u64 {
    let place = program.layout.place(node);
    let blocks = roots::of_node(program.ir.node(node)).into_iter().filter_map(|expr| program.root(expr));
    let own: u64 = blocks.map(|block| block_cost(program, &program.code, block)).fold(0, u64::saturating_add);
    let cells = (place.stride.max(NODE_CELLS)) as u64;
    own.saturating_add(cells).saturating_mul(place.count as u64)
}
