//! Rules of events and clocks, goals, payouts.

use super::{Action, Clock, EventRef, Expr, Name};
use crate::source::{Span, Spanned};

/// A rule outside limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What triggers it.
    pub trigger: Trigger,
    /// What to do.
    pub actions: Vec<Action>,
}

/// What triggers a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// `when C`: the condition turns true.
    When(Expr),
    /// `on EVENT [where C]`
    On {
        /// The event.
        event: EventRef,
        /// The condition.
        filter: Option<Expr>,
    },
    /// `every day at close [when C]`, `every 5min`, `every fri at 16:00`
    Every {
        /// The clock.
        clock: Clock,
        /// The interval of `every 5min`.
        interval: Option<Expr>,
        /// The condition.
        when: Option<Expr>,
    },
    /// `after 30 days since trade [while C]`
    After {
        /// How long.
        delay: Expr,
        /// Since what.
        since: EventRef,
        /// The condition that must hold throughout.
        during: Option<Expr>,
    },
}

/// `goal "title" [at CLOCK] [when C] { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Its title.
    pub title: Name,
    /// `cites "…"`
    pub cites: Option<Name>,
    /// When it is judged; whenever a requirement changes, if absent.
    pub at: Option<Clock>,
    /// `when C`
    pub when: Option<Expr>,
    /// `revocable`
    pub revocable: bool,
    /// What must be met.
    pub requirements: Vec<Requirement>,
    /// `on reached { }`
    pub on_reached: Vec<Action>,
    /// `on lost { }`
    pub on_lost: Vec<Action>,
    /// Whether a line of it could not be read, so that what it would have required is not missed.
    pub broken: bool,
}

/// `require "title" C [when C]`
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// Its title.
    pub title: Name,
    /// What must hold.
    pub condition: Expr,
    /// When it is required.
    pub when: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// `payout { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Payout {
    /// Its steps in order.
    pub steps: Vec<PayoutStep>,
    /// What happens at its moments.
    pub moments: Vec<(Spanned<PayoutMoment>, Vec<Action>)>,
    /// `deducts at MOMENT`
    pub deducts_at: Option<Spanned<PayoutMoment>>,
    /// `pending { require … }`
    pub pending: Vec<Requirement>,
}

/// A step on `amount`.
#[derive(Clone, Debug, PartialEq)]
pub struct PayoutStep {
    /// What it does.
    pub kind: PayoutStepKind,
    /// `when C`
    pub when: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of payout steps.
#[derive(Clone, Debug, PartialEq)]
pub enum PayoutStepKind {
    /// `require "title" C`
    Require(Name, Expr),
    /// `pays at most X`
    PaysAtMost(Expr),
    /// `leaves at least X`
    LeavesAtLeast(Expr),
    /// `minimum X`
    Minimum(Expr),
    /// `fee X`
    Fee(Expr),
    /// `split P to trader`
    Split(Expr),
    /// `also pays X to trader outside the account`
    AlsoPays(Expr),
    /// `review "why"`
    Review(Name),
    /// Could not be parsed.
    Broken,
}

/// The moments of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PayoutMoment {
    /// The trader asks.
    Request,
    /// The firm agrees.
    Approval,
    /// The money is paid.
    Payment,
    /// The firm refuses.
    Denial,
}
