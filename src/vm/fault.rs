//! Faults of nodes, as they pass through the machine and as cells keep them.

use crate::ir::ExprId;
use crate::outcome::FaultKind;
use crate::value::ArithmeticError;

/// Why a node has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    pub(super) expr: Option<ExprId>,
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self { kind, expr: None }
    }
}

impl From<ArithmeticError> for Fault {
    fn from(error: ArithmeticError) -> Self {
        Self::from(match error {
            ArithmeticError::Overflow => FaultKind::Overflow,
            ArithmeticError::DivisionByZero => FaultKind::DivisionByZero,
        })
    }
}

pub(super) type Outcome<T> = Result<T, Fault>;

const FAULTS: [FaultKind; 12] = [
    FaultKind::Overflow,
    FaultKind::DivisionByZero,
    FaultKind::Missing,
    FaultKind::WindowFull,
    FaultKind::Dependent,
    FaultKind::NotAsked,
    FaultKind::NeedsHistory,
    FaultKind::Inconsistent,
    FaultKind::Capacity,
    FaultKind::LedgerDisagrees,
    FaultKind::OutsideCalendar,
    FaultKind::BeyondCorrections,
];

/// The number by which a fault is kept; 0 is none.
pub(super) fn fault_code(kind: FaultKind) -> i64 {
    FAULTS.iter().zip(1..).find(|(known, _)| **known == kind).map_or(1, |(_, code)| code)
}

/// The fault that a cell keeps.
pub(super) fn fault_of(code: i64) -> Option<FaultKind> {
    let at = usize::try_from(code.checked_sub(1)?).ok()?;
    FAULTS.get(at).copied()
}
