//! Floors and limits.

use super::{Action, Event, NodeId};
use crate::ir::{ExprId, Period};
use crate::syntax::ast::{AfterJump, Bound};
use crate::value::Decimal;

/// A floor: one number.
#[derive(Clone, Debug)]
pub struct Floor {
    /// First value, on entering the phase.
    pub starts: ExprId,
    /// `starts at X when C`: the first whose condition holds wins over `starts`.
    pub starts_when: Vec<(ExprId, ExprId)>,
    /// What it follows: applied in order at their clocks.
    pub trails: Vec<Trail>,
    /// Caps with their conditions; the lowest in force holds.
    pub caps: Vec<(ExprId, Option<ExprId>)>,
    /// Conditions that freeze it.
    pub freezes: Vec<ExprId>,
    /// Jumps of its own.
    pub jumps: Vec<FloorJump>,
    /// Its changes take effect at the next opening.
    pub next_day: bool,
}

/// `trails X at CLOCK by D [when C]`: `floor := max(floor, min(X − D, cap))`.
#[derive(Clone, Debug)]
pub struct Trail {
    /// What it follows.
    pub followed: ExprId,
    /// When.
    pub clock: Event,
    /// How far behind.
    pub distance: ExprId,
    /// Whether the distance is a percentage of the followed value itself.
    pub of_itself: bool,
    /// Only while this holds.
    pub when: Option<ExprId>,
}

/// A jump of a floor.
#[derive(Clone, Debug)]
pub struct FloorJump {
    /// Where to, or by how much.
    pub to: ExprId,
    /// Whether `to` is added to the floor.
    pub by: bool,
    /// What follows.
    pub then: AfterJump,
    /// At this event; else each time the condition turns true.
    pub on: Option<Event>,
    /// The condition.
    pub when: Option<ExprId>,
}

/// A limit.
#[derive(Clone, Debug)]
pub struct Limit {
    /// What must hold.
    pub invariant: Invariant,
    /// Only judged then; else whenever a side changes.
    pub clock: Option<Event>,
    /// In force while this holds.
    pub guard: Option<ExprId>,
    /// What re-arms it after a breach.
    pub rearm: Rearm,
    /// What its breaches are counted per.
    pub counted: Counted,
    /// Broken only when broken for so many nanoseconds without a break.
    pub lasting: Option<i64>,
    /// Not in force before: the instant, and nanoseconds after it.
    pub from: Option<(ExprId, i64)>,
    /// Cure: nanoseconds, and whether only once per account.
    pub cure: Option<(i64, bool)>,
    /// `refuse orders that would break it`
    pub refuses: bool,
    /// `reduce orders to fit`
    pub reduces: bool,
    /// Working orders count as filled.
    pub with_working_orders: bool,
    /// What it must know of an order to be judged with it filled.
    pub order_price: OrderPrice,
    /// What 100% used is.
    pub used: UsedOf,
    /// What happens on a breach, in file order.
    pub on_breach: Vec<BreachHandler>,
    /// What happens as it is used up, in file order.
    pub at_used: Vec<(Decimal, Vec<Action>)>,
    /// The limit toward whose count its breaches also count, with a title of its own.
    pub counts_toward: Option<NodeId>,
}

/// Whether an order must have a price for a limit to be judged with it filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderPrice {
    /// What the limit reads moves with prices.
    Needed,
    /// It reads quantities, counts and the order's own fields.
    Unneeded,
}

/// What must hold.
#[derive(Clone, Debug)]
pub enum Invariant {
    /// `X stays above Y`. When `whole` is there, the right side is `right of whole` and compared exactly.
    Stays {
        /// The limited value.
        left: ExprId,
        /// How.
        bound: Bound,
        /// The bound: its value (for `P of X` already multiplied, for display and headroom).
        right: ExprId,
        /// `P of X` as the right side: (P, X), compared exactly instead of `right`.
        percent: Option<(ExprId, ExprId)>,
    },
    /// `never C`
    Never(ExprId),
}

/// What re-arms a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rearm {
    /// When it holds again.
    Holds,
    /// At the start of the next such period.
    Period(Period),
    /// Never again for the same position, symbol or order.
    Instance,
    /// Never again in the phase.
    Phase,
    /// Never again.
    Account,
}

/// What breaches are counted per.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// The phase; begins at zero on entering it.
    Phase,
    /// The account's whole life.
    Account,
    /// From one payment to the next.
    Payout,
}

/// How the share used is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedOf {
    /// `X stays below Y`: X / Y.
    Ratio,
    /// (allowance − headroom) / allowance, never below zero; a floor's distance is its allowance.
    Allowance(ExprId),
    /// Nothing said: missing.
    Unsaid,
}

/// What happens on a breach.
#[derive(Clone, Debug)]
pub struct BreachHandler {
    /// From which breach, counted from 1.
    pub from: u32,
    /// To which, included; no end when absent.
    pub to: Option<u32>,
    /// Only if this holds.
    pub when: Option<ExprId>,
    /// What to do.
    pub actions: Vec<Action>,
}
