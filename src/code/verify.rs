//! Accepts a program before it runs: whatever passes here cannot make the machine read outside its
//! tables, use a register that was not written, or run without end.

use std::fmt;

use super::{Block, Cell, Code, Op, Program, REGISTERS, Use, bounds, layout::Layout};
use crate::compile::roots;
use crate::ir::{NodeId, NodeKind};
use crate::vocabulary::Moment;

/// Why a program is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The instruction, if it is one.
    pub at: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "instruction {at}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Refusal {}

type Verdict = Result<(), Refusal>;

fn refuse(at: usize, message: impl Into<String>) -> Verdict {
    Err(Refusal { at: Some(at), message: message.into() })
}

fn require(holds: bool, message: &str) -> Verdict {
    if holds { Ok(()) } else { Err(Refusal { at: None, message: message.to_owned() }) }
}

/// Checks that a program is safe to run.
///
/// # Errors
/// With the first thing that is wrong.
pub fn verify(program: &Program) -> Verdict {
    tables(program)?;
    for block in program.roots.iter().flatten() {
        verify_block(program, &program.code, *block, true)?;
    }
    let folds = program.code.folds.iter().flat_map(|fold| fold.what.iter().chain(&fold.filter));
    for block in folds.chain(program.code.news.iter().filter_map(|window| window.filter.as_ref())) {
        verify_block(program, &program.code, *block, true)?;
    }
    for segment in program.blocks.iter().flatten() {
        require(usize::from(segment.node.0) < program.ir.nodes.len(), "a segment of a node that is not there")?;
        verify_block(program, &program.code, segment.block, false)?;
    }
    frames(program)?;
    require(bounds(program) == program.bounds, "the bounds are not those of the code")
}

fn tables(program: &Program) -> Verdict {
    let ir = &program.ir;
    require(program.layout == Layout::of(ir, &program.limits), "the cells are not those of the nodes")?;
    require(program.blocks.len() == ir.phases.len() * Moment::ALL.len(), "there is not one block per phase and moment")?;
    require(program.roots.len() == ir.exprs.len(), "the expressions are not those of the program")?;
    require(program.details.len() == ir.nodes.len(), "the details are not those of the nodes")?;
    require(program.code.origins.len() == program.code.ops.len(), "not every instruction has its origin")?;
    require(super::glance::are_right(program), "the glances are not those of the instructions")?;
    let roots = ir.nodes.iter().flat_map(roots::of_node).chain(roots::of_tables(ir));
    for root in roots {
        require(program.root(root).is_some(), "an expression has no block")?;
    }
    for detail in &program.details {
        let known = detail.needs.iter().chain(&detail.extremes).all(|node| usize::from(node.0) < ir.nodes.len());
        require(known, "a detail names a node that is not there")?;
    }
    Ok(())
}

/// Checks the instructions of one block: operands in range, registers written before they are
/// read on every way, jumps that stay inside.
pub(crate) fn verify_block(program: &Program, code: &Code, block: Block, returns: bool) -> Verdict {
    let (start, end) = (block.start as usize, block.end as usize);
    require(start <= end && end <= code.ops.len(), "a block outside the code")?;
    // Which registers are written, on all ways that lead to each instruction; none known before one does.
    let mut written: Vec<Option<u128>> = vec![None; end - start + 1];
    written[0] = Some(0);
    for at in start..end {
        let op = code.ops[at];
        let Some(before) = written[at - start] else { continue };
        let after = registers(op, at, before, block.registers)?;
        ranges(program, code, op, at)?;
        if let Some(by) = forward(op) {
            let target = at + 1 + usize::from(by);
            if target > end {
                return refuse(at, "a jump out of its block");
            }
            meet(&mut written[target - start], after);
        }
        match op {
            Op::Jump { .. } => {}
            Op::Return { .. } if returns => {}
            Op::Return { .. } => return refuse(at, "a return outside an expression"),
            _ if returns && changes_state(op) => return refuse(at, "an expression that changes state"),
            _ => meet(&mut written[at + 1 - start], after),
        }
    }
    require(!returns || written[end - start].is_none(), "an expression that ends without a value")
}

const fn changes_state(op: Op) -> bool {
    matches!(
        op,
        Op::Store { .. }
            | Op::Clear { .. }
            | Op::Sound { .. }
            | Op::Due { .. }
            | Op::Step { .. }
            | Op::Headroom { .. }
            | Op::JumpKeeps { .. }
            | Op::JumpKeepsAccount { .. }
            | Op::JumpFollows { .. }
            | Op::UnlessUnmet { .. }
            | Op::Keep { .. }
            | Op::Quiet { .. }
            | Op::Forget { .. }
    )
}

fn meet(known: &mut Option<u128>, arriving: u128) {
    *known = Some(known.map_or(arriving, |known| known & arriving));
}

fn registers(op: Op, at: usize, before: u128, count: u8) -> Result<u128, Refusal> {
    let (mut wrong, mut after) = (None, before);
    op.operands(|operand| {
        let (register, reads, writes) = match operand {
            Use::Reads(register) => (register, true, false),
            Use::Writes(register) => (register, false, true),
            Use::Updates(register) => (register, true, true),
            _ => return,
        };
        if register >= count || register >= 128 {
            wrong = Some("a register outside the block's");
        } else if reads && before & (1 << register) == 0 {
            wrong = Some("a register that is read before it is written");
        } else if writes {
            after |= 1 << register;
        }
    });
    match wrong {
        Some(message) => Err(Refusal { at: Some(at), message: message.to_owned() }),
        None => Ok(after),
    }
}

fn forward(op: Op) -> Option<u16> {
    let mut found = None;
    op.operands(|operand| {
        if let Use::Forward(by) = operand {
            found = Some(by);
        }
    });
    found
}

fn ranges(program: &Program, code: &Code, op: Op, at: usize) -> Verdict {
    let mut wrong = None;
    op.operands(|operand| {
        let (number, count, what) = match operand {
            // The cell behind a value tells its fault.
            Use::Cell(cell) => (usize::from(cell) + 1, program.layout.size, "a cell"),
            Use::Constant(at) => (usize::from(at), code.constants.len(), "a constant"),
            Use::Fold(at) => (usize::from(at), code.folds.len(), "a fold"),
            Use::News(at) => (usize::from(at), code.news.len(), "a window around news"),
            Use::Node(at) => (usize::from(at), program.ir.nodes.len(), "a node"),
            _ => return,
        };
        if number >= count {
            wrong = Some(format!("{what} that is not there"));
        }
    });
    if let Some(message) = wrong {
        return refuse(at, message);
    }
    match op {
        Op::Fold { fold, .. } => {
            let fold = code.folds[usize::from(fold.0)];
            let before = [fold.what, fold.filter].into_iter().flatten().all(|block| block.end as usize <= at);
            if before { Ok(()) } else { refuse(at, "a fold whose blocks do not stand before it") }
        }
        Op::News { news, .. } if code.news[usize::from(news.0)].filter.is_some_and(|block| block.end as usize > at) => {
            refuse(at, "a window around news whose condition does not stand before it")
        }
        Op::JumpKeeps { s, .. } | Op::JumpKeepsAccount { s, .. } | Op::Keep { s, .. }
            if !begins(program, s, |kind| matches!(kind, NodeKind::Limit(_))) =>
        {
            refuse(at, "a cell that is not the value of a limit")
        }
        Op::UnlessRises { s, .. } | Op::UnlessRisesAccount { s, .. } | Op::JumpFollows { s, .. } | Op::Forget { s }
            if !begins(program, s, |kind| matches!(kind, NodeKind::Floor(_))) =>
        {
            refuse(at, "a cell that is not the value of a floor")
        }
        Op::UnlessOpen { s, .. } | Op::UnlessUnmet { s, .. } if !begins(program, s, |kind| matches!(kind, NodeKind::Goal(_))) => {
            refuse(at, "a cell that is not the value of a goal")
        }
        Op::UnlessRuns { s, .. } if !begins(program, s, |kind| matches!(kind, NodeKind::Tracker(_))) => {
            refuse(at, "a cell that is not the value of a tracker")
        }
        Op::Instance { node, cell, .. } if usize::from(cell) >= program.layout.place(NodeId(node.0)).stride => {
            refuse(at, "a cell outside its node")
        }
        _ => Ok(()),
    }
}

/// Whether a cell is the first of a node of some kind.
fn begins(program: &Program, cell: Cell, is: impl Fn(&NodeKind) -> bool) -> bool {
    let places = &program.layout.nodes;
    let found = places.binary_search_by_key(&usize::from(cell.0), |place| place.base);
    found.ok().and_then(|at| program.ir.nodes.get(at)).is_some_and(|node| is(&node.kind))
}

/// No chain of blocks needs more registers than there are.
fn frames(program: &Program) -> Verdict {
    for segment in program.blocks.iter().flatten() {
        let own = frame(&program.code, segment.block);
        let steps = roots::of_node(program.ir.node(segment.node)).into_iter().filter_map(|expr| program.root(expr));
        let deepest = steps.map(|block| frame(&program.code, block)).max().unwrap_or(0);
        require(own + deepest <= program.limits.frame.min(REGISTERS), "blocks that call each other need more registers than there are")?;
    }
    Ok(())
}

/// The registers of a block and of the blocks it calls.
pub(crate) fn frame(code: &Code, block: Block) -> usize {
    let ops = code.ops.get(block.start as usize..block.end as usize).unwrap_or(&[]);
    let calls = ops.iter().flat_map(|op| match op {
        Op::Fold { fold, .. } => code.folds.get(usize::from(fold.0)).map_or([None; 2], |fold| [fold.what, fold.filter]),
        Op::News { news, .. } => [code.news.get(usize::from(news.0)).and_then(|window| window.filter), None],
        _ => [None; 2],
    });
    let blocks = calls.flatten().filter(|called| called.end <= block.start);
    usize::from(block.registers) + blocks.map(|called| frame(code, called)).max().unwrap_or(0)
}
