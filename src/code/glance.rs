//! The first segments of a block that a few comparisons decide: what [`crate::vm::run`] looks at before it
//! starts the machine. Most marks need no more.

use super::{Block, Code, Op, Program, Segment};
use crate::vocabulary::AccountField;

/// One segment that a comparison decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// The value of the account that it looks at; always there, or the machine has to tell.
    pub field: AccountField,
    /// The first cell of its node.
    pub base: u16,
    /// What must be so.
    pub test: Test,
}

/// What must be so for a segment to need no step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// As [`Op::JumpKeepsAccount`]; `guarded` if it may be out of force by its own condition.
    Keeps {
        /// Whether the bound is one from above.
        below: bool,
        /// Whether it has a condition of its own.
        guarded: bool,
    },
    /// As [`Op::UnlessRisesAccount`], while one of these occasions happens; nothing else does.
    Stays {
        /// The occasions, as bits.
        occasions: u64,
    },
}

/// The glances of each block: of its first segments, so many as are no more than that.
pub(crate) fn glances(code: &Code, blocks: &[Vec<Segment>]) -> Vec<Vec<Glance>> {
    blocks.iter().map(|block| block.iter().map_while(|segment| glance(code, segment.block)).collect()).collect()
}

/// Whether the glances of a program are those of its instructions.
pub(super) fn are_right(program: &Program) -> bool {
    program.glances == glances(&program.code, &program.blocks)
}

fn glance(code: &Code, block: Block) -> Option<Glance> {
    match *code.ops.get(block.start as usize..block.end as usize)? {
        [Op::JumpKeepsAccount { below, field, s, by }, Op::Step { .. }] if by.0 == 1 => {
            Some(Glance { field, base: s.0, test: Test::Keeps { below, guarded: false } })
        }
        [Op::JumpKeepsAccount { below, field, s, by }, Op::UnlessOut { by: to_step, .. }, Op::Jump { .. }, Op::Step { .. }]
            if by.0 == 3 && to_step.0 == 1 =>
        {
            Some(Glance { field, base: s.0, test: Test::Keeps { below, guarded: true } })
        }
        [Op::UnlessOccasion { k, by }, Op::UnlessRisesAccount { field, s, by: to_end }, Op::Step { .. }] if by.0 == 2 && to_end.0 == 1 => {
            let occasions = code.constants.get(usize::from(k.0))?.unsigned_abs();
            Some(Glance { field, base: s.0, test: Test::Stays { occasions } })
        }
        _ => None,
    }
}
