//! Rules of events and clocks, goals, payouts.

use super::{Action, Event};
use crate::ir::ExprId;
use crate::source::Span;
use crate::syntax::ast::PayoutMoment;

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What triggers it.
    pub trigger: Trigger,
    /// What to do.
    pub actions: Vec<Action>,
}

/// What triggers a rule.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// The condition turns true; true on entering the phase counts as turning.
    When(ExprId),
    /// At the event, if the condition holds.
    On(Event, Option<ExprId>),
    /// So long after the event. The wait begins at the later of the event (the phase's start while
    /// there was none) and the instant the condition last turned true; it fires once per wait.
    After {
        /// How long.
        delay: Delay,
        /// Since what.
        since: Event,
        /// What must hold throughout.
        during: Option<ExprId>,
    },
}

/// A delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delay {
    /// Nanoseconds.
    Nanos(i64),
    /// Dates: due at the opening of the day so many dates after the event's day.
    Dates(u32),
    /// Trading days.
    TradingDays(u32),
    /// Monday to Friday.
    Weekdays(u32),
    /// Months.
    Months(u32),
}

/// A goal.
#[derive(Clone, Debug)]
pub struct Goal {
    /// When it is judged; whenever a requirement changes, if absent.
    pub clock: Option<Event>,
    /// In force while this holds.
    pub guard: Option<ExprId>,
    /// Whether it can be lost again.
    pub revocable: bool,
    /// What must be met.
    pub requirements: Vec<Requirement>,
    /// What happens when it is reached.
    pub on_reached: Vec<Action>,
    /// What happens when it is lost.
    pub on_lost: Vec<Action>,
}

/// A requirement.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Its title.
    pub title: String,
    /// What must hold.
    pub condition: ExprId,
    /// The same as programs write it, with what a template was given.
    pub words: String,
    /// When it is required.
    pub when: Option<ExprId>,
    /// Words and values to show.
    pub evidence: Vec<(String, ExprId)>,
    /// Where it stands.
    pub span: Span,
}

/// A payout policy.
#[derive(Clone, Debug)]
pub struct Payout {
    /// Steps on the amount, in order.
    pub steps: Vec<PayoutStep>,
    /// When the amount is taken out of `available`.
    pub deducts_at: PayoutMoment,
    /// What must hold between request and payment; judged whenever it changes.
    pub pending: Vec<Requirement>,
}

/// A step on the amount.
#[derive(Clone, Debug)]
pub struct PayoutStep {
    /// What it does.
    pub kind: PayoutStepKind,
    /// Only if this holds.
    pub when: Option<ExprId>,
    /// As programs write it, with what a template was given.
    pub words: String,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of steps.
#[derive(Clone, Debug)]
pub enum PayoutStepKind {
    /// Denies unless it holds.
    Require(Requirement),
    /// Lowers the amount to this.
    PaysAtMost(ExprId),
    /// Lowers the amount so that the balance keeps this.
    LeavesAtLeast(ExprId),
    /// Denies when the amount is lower.
    Minimum(ExprId),
    /// Taken from what the trader gets.
    Fee(ExprId),
    /// The trader's share, a percentage or a slices table's amount.
    Split(ExprId),
    /// Paid to the trader besides, from the firm.
    AlsoPays(ExprId),
    /// A person must look.
    Review(String),
}
