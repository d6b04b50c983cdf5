//! Floors and limits.

use super::{Action, Clock, Effect, EventRef, Expr, Name};
use crate::source::{Span, Spanned};
use crate::value::Decimal;

/// `floor name { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    /// Its name.
    pub name: Name,
    /// Its clauses.
    pub clauses: Vec<FloorClause>,
}

/// A clause of a floor with its condition.
#[derive(Clone, Debug, PartialEq)]
pub struct FloorClause {
    /// What it does.
    pub kind: FloorClauseKind,
    /// `when C` behind a clause that has no `when` of its own meaning.
    pub when: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of floor clauses.
#[derive(Clone, Debug, PartialEq)]
pub enum FloorClauseKind {
    /// `starts at X`
    Starts(Expr),
    /// `trails X at CLOCK by D`
    Trails {
        /// What it follows.
        followed: Expr,
        /// When.
        clock: Clock,
        /// How far behind.
        distance: Distance,
    },
    /// `capped at L`
    Capped(Expr),
    /// `freezes when C`: the condition is the clause's `when`.
    Freezes,
    /// `jumps to L … when C | on EVENT`: a `when` condition is the clause's `when`.
    Jumps {
        /// Where to.
        jump: Jump,
        /// The event, for `on EVENT`.
        on: Option<EventRef>,
    },
    /// `takes effect next day`
    TakesEffect(Effect),
    /// Could not be parsed.
    Broken,
}

/// How far behind a floor trails.
#[derive(Clone, Debug, PartialEq)]
pub enum Distance {
    /// `by D`
    Amount(Expr),
    /// `by 6% of itself`
    OfItself(Expr),
}

/// A jump of a floor.
#[derive(Clone, Debug, PartialEq)]
pub struct Jump {
    /// The new number, or by how much.
    pub to: JumpTo,
    /// What follows.
    pub then: AfterJump,
}

/// Where a floor jumps.
#[derive(Clone, Debug, PartialEq)]
pub enum JumpTo {
    /// `to L`
    To(Expr),
    /// `by +A`, `by -A`
    By(Expr),
}

/// What a floor does after a jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterJump {
    /// As before the jump.
    AsBefore,
    /// `and freezes`
    Freezes,
    /// `and trails again`
    TrailsAgain,
}

/// `limit "title" … { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Its title.
    pub title: Name,
    /// `cites "…"`
    pub cites: Option<Name>,
    /// `at CLOCK`
    pub at: Option<Clock>,
    /// `for each position | order | symbol`
    pub for_each: Option<Name>,
    /// `once per day`
    pub once_per: Option<Name>,
    /// `counted per phase | account | payout`
    pub counted_per: Option<Name>,
    /// `when C`
    pub when: Option<Expr>,
    /// What must hold; none when its statement is broken.
    pub invariant: Option<Spanned<Invariant>>,
    /// `for 10s`
    pub lasting: Option<Expr>,
    /// `from 5min after position.opened`: the wait and the instant it counts from.
    pub from: Option<(Expr, Expr)>,
    /// The other statements of the body.
    pub clauses: Vec<Spanned<LimitClause>>,
}

/// What a limit demands.
#[derive(Clone, Debug, PartialEq)]
pub enum Invariant {
    /// `X stays above Y`
    Stays {
        /// The limited value.
        left: Expr,
        /// How.
        bound: Bound,
        /// The bound.
        right: Expr,
    },
    /// `never C`
    Never(Expr),
}

/// The words between the two sides of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// `stays above`: touching is a breach.
    Above,
    /// `stays at or above`: touching is not.
    AtOrAbove,
    /// `stays below`: touching is a breach.
    Below,
    /// `stays at or below`: touching is not.
    AtOrBelow,
}

/// A statement of a limit's body.
#[derive(Clone, Debug, PartialEq)]
pub enum LimitClause {
    /// `refuse orders that would break it [with working orders]`
    Refuse {
        /// Whether working orders count as filled.
        with_working_orders: bool,
    },
    /// `reduce orders to fit [with working orders]`
    Reduce {
        /// Whether working orders count as filled.
        with_working_orders: bool,
    },
    /// `allowance X`: what 100% used is.
    Allowance(Expr),
    /// `cure within 1h [once per account]`
    Cure {
        /// How long.
        within: Expr,
        /// `once per WHAT`
        once_per: Option<Name>,
    },
    /// `counts toward "Warnings"`
    CountsToward(Name),
    /// `on breach`, `on 2nd breach`, `on 3rd and later breach`
    OnBreach {
        /// The number, from 1; every breach when absent.
        nth: Option<u32>,
        /// `and later`
        and_later: bool,
        /// `when C`
        when: Option<Expr>,
        /// What to do.
        actions: Vec<Action>,
    },
    /// `at 80% used { … }`
    AtUsed {
        /// The percentage.
        percent: Spanned<Decimal>,
        /// What to do.
        actions: Vec<Action>,
    },
    /// Could not be parsed.
    Broken,
}
