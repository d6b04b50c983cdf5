//! Actions, and the texts they carry.

use super::NodeId;
use crate::ir::{ExprId, Period, PhaseId};
use crate::source::Span;
use crate::syntax::ast::{AfterJump, First};

/// An action.
#[derive(Clone, Debug)]
pub struct Action {
    /// What it does.
    pub kind: ActionKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of actions.
#[derive(Clone, Debug)]
pub enum ActionKind {
    /// `flatten`
    Flatten {
        /// What.
        target: FlattenTarget,
        /// Down to which quantity (for `to fit`, the bound of the limit); to nothing when absent.
        down_to: Option<ExprId>,
        /// Which positions go first.
        first: Option<First>,
    },
    /// `cancel orders`
    CancelOrders,
    /// `reject`
    Reject,
    /// `reduce`
    Reduce,
    /// `lock until`
    Lock(LockUntil),
    /// `unlock`
    Unlock,
    /// `fail`
    Fail,
    /// `promote to`
    Promote(PhaseId),
    /// `close account`
    CloseAccount,
    /// `restart`
    Restart,
    /// `FLOOR jumps to X`, done by the engine itself.
    Jump {
        /// The floor.
        floor: NodeId,
        /// Where to, or by how much.
        to: ExprId,
        /// Whether `to` is added.
        by: bool,
        /// What follows.
        then: AfterJump,
    },
    /// `FLOOR freezes`, done by the engine itself.
    Freeze(NodeId),
    /// `set STATE = X`, done by the engine itself.
    Set(NodeId, ExprId),
    /// `notify`
    Notify(Recipient, Template),
    /// `review`
    Review(Template),
    /// `pay X`
    Pay(ExprId),
    /// `resize to M`
    Resize {
        /// The size that is asked for.
        to: ExprId,
        /// By how much that is above the size as it stands.
        by: ExprId,
    },
    /// `reset ledger to M`
    ResetLedger {
        /// The balance that is asked for.
        to: ExprId,
        /// By how much that is above the balance as it stands.
        by: ExprId,
    },
    /// `adjust balance by A "reason"`
    AdjustBalance {
        /// By how much.
        by: ExprId,
        /// Why.
        reason: Template,
    },
    /// `roll back to day start`
    RollBack,
    /// A host action with its arguments in the order of its fields.
    Call(u16, Vec<ExprId>),
}

/// Whom to notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// The trader.
    Trader,
    /// The risk desk.
    Risk,
    /// Operations.
    Ops,
}

impl Recipient {
    /// The word in programs.
    pub const fn word(self) -> &'static str {
        ["trader", "risk", "ops"][self as usize]
    }
}

/// What is flattened.
#[derive(Clone, Copy, Debug)]
pub enum FlattenTarget {
    /// Everything.
    All,
    /// The position at hand.
    Position,
    /// All positions of a symbol.
    Symbol(ExprId),
    /// The positions for which it holds.
    Where(ExprId),
    /// The open members of the instance of a group at hand.
    Group(u16),
}

/// When a lock ends.
#[derive(Clone, Copy, Debug)]
pub enum LockUntil {
    /// At the next start of the period.
    Next(Period),
    /// At an instant.
    Instant(ExprId),
    /// When staff lift it.
    Staff,
}

/// A message with values.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its parts in order.
    pub parts: Vec<TemplatePart>,
}

/// A part of a message.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Plain text.
    Text(String),
    /// A value.
    Value(ExprId),
}
