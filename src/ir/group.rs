//! Groups of trades: what they have in common, and which trades join one.

use crate::source::Span;

use super::ExprId;

/// A group: trades that count as one.
///
/// A trade joins the youngest live instance with the same keys that still takes it, else it begins
/// one. An instance lives until its last member is closed and nothing can join it any more.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Whether a member leaves as it closes; else it counts while the instance lives.
    pub open_only: bool,
    /// What members have in common: evaluated once, as a position is opened, with it at hand.
    pub keys: Vec<ExprId>,
    /// Which trades join.
    pub joins: Joins,
    /// How many instances live at once at most.
    pub keeps: u32,
    /// Where it stands.
    pub span: Span,
}

/// Which trades join an instance of a group. Spans are half open: a trade opened exactly at the end
/// of one does not join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joins {
    /// Those opened while a member is open.
    WhileOpen,
    /// The same, and those opened within so many nanoseconds of its last close.
    AfterClose {
        /// Nanoseconds.
        within: i64,
        /// Whether only a close with a loss counts.
        losing: bool,
    },
    /// Those opened within so many nanoseconds of its first open.
    AfterFirst {
        /// Nanoseconds.
        within: i64,
    },
}
