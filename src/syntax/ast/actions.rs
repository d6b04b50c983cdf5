//! Actions, and the parameters and arguments of templates.

use super::{Expr, Jump, Name};
use crate::source::Span;

/// An action as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// What it does.
    pub kind: ActionKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of actions.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionKind {
    /// `flatten …`
    Flatten {
        /// What.
        target: FlattenTarget,
        /// `down to Q` or `to fit`.
        down_to: Option<DownTo>,
        /// `newest first`, `largest first`
        first: Option<First>,
    },
    /// `cancel orders`
    CancelOrders,
    /// `reject`
    Reject,
    /// `reduce`
    Reduce,
    /// `lock until WHEN`
    Lock(LockUntil),
    /// `unlock`
    Unlock,
    /// `fail`
    Fail,
    /// `promote to PHASE`
    Promote(Name),
    /// `close account`
    CloseAccount,
    /// `restart`
    Restart,
    /// `FLOOR jumps to X [and freezes]`
    Jump {
        /// The floor.
        floor: Name,
        /// The jump.
        jump: Jump,
    },
    /// `FLOOR freezes`
    Freeze(Name),
    /// `set STATE = X`
    Set {
        /// The state.
        state: Name,
        /// Its new value.
        value: Expr,
    },
    /// `notify trader | risk | ops "…"`
    Notify {
        /// Whom.
        who: Name,
        /// The message.
        message: Template,
    },
    /// `review "…"`
    Review(Template),
    /// `pay X`
    Pay(Expr),
    /// `resize to M`
    Resize(Expr),
    /// `reset ledger to M`
    ResetLedger(Expr),
    /// `adjust balance by A "reason"`
    AdjustBalance {
        /// By how much.
        by: Expr,
        /// Why.
        reason: Template,
    },
    /// `roll back to day start`
    RollBack,
    /// `call freeze(reason = "…")`
    Call {
        /// The host action.
        name: Name,
        /// Its arguments.
        arguments: Vec<(Name, Expr)>,
    },
    /// `do consequences`: the actions that a use of the template gives.
    Do(Name),
    /// Could not be parsed.
    Broken,
}

/// What is flattened.
#[derive(Clone, Debug, PartialEq)]
pub enum FlattenTarget {
    /// Everything.
    All,
    /// `position`: the one at hand.
    Position,
    /// `symbol S`
    Symbol(Expr),
    /// `positions where C`
    Where(Expr),
    /// `group NAME`: the members of the one at hand.
    Group(Name),
}

/// How far.
#[derive(Clone, Debug, PartialEq)]
pub enum DownTo {
    /// `down to Q`
    Quantity(Expr),
    /// `to fit`: until the limit holds.
    Fit,
}

/// Which positions go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// `newest first`
    Newest,
    /// `largest first`
    Largest,
}

/// When a lock ends.
#[derive(Clone, Debug, PartialEq)]
pub enum LockUntil {
    /// `next day`: the next opening.
    NextDay,
    /// `next week`, `next month`: the named period's next start.
    Next(Name),
    /// An instant.
    Instant(Expr),
    /// `staff`
    Staff,
}

/// A message with values in braces.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Its parts in order.
    pub parts: Vec<TemplatePart>,
    /// Where it stands, with its quotes.
    pub span: Span,
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// Plain text.
    Text(String),
    /// `{expression}`
    Value(Expr),
}
