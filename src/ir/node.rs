//! Nodes: everything that keeps a value or does something, in evaluation order.

use crate::source::Span;
use crate::syntax::ast::{AfterJump, Bound, First, PayoutMoment};
use crate::value::{Decimal, Type, Weekday};
use crate::vocabulary::{Moments, Occasion};

use super::{ExprId, Period, PhaseId};

/// The number of a node; nodes are evaluated in the order of their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u16);

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name or title; rules have `when`, `on fill`, … with the number of their line.
    pub name: String,
    /// The clause of the public terms it enforces.
    pub cites: Option<String>,
    /// The phase in which it holds; all but the standing ones when absent.
    pub phase: Option<PhaseId>,
    /// What it is kept for.
    pub per: Per,
    /// What it is.
    pub kind: NodeKind,
    /// The moments at which it must be evaluated.
    pub moments: Moments,
    /// Whether it can change with time alone: its evaluation tells the next instant, which is due then.
    pub waits: bool,
    /// The type of its value, for nodes that have one.
    pub ty: Type,
    /// What to show when it fires: words as written, and the value. Both sides of each comparison.
    pub evidence: Vec<(String, ExprId)>,
    /// Where it stands.
    pub span: Span,
    /// Its first line.
    pub head: Span,
}

/// What a node is kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Per {
    /// Once for the account.
    Account,
    /// For each open position, from its opening to its end.
    Position,
    /// For each symbol that the account has used.
    Symbol,
    /// For each live instance of a group, by the group's number.
    Group(u16),
    /// For each new order, judged once, nothing is kept.
    Order,
}

/// The kinds of nodes.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A `let` without tails: recomputed when what it reads changes.
    Value(ExprId),
    /// A value with tails.
    Held(Held),
    /// `x since EVENT`: x minus what it was at the event. With `by_day`, what it was at the opening
    /// of the first day after the event.
    Baseline(Baseline),
    /// `x before today`: what x was when the day opened, before anything else at that instant.
    DayCopy(ExprId),
    /// `x before this event`: what x was after the previous event or due instant.
    EventCopy(ExprId),
    /// `track`
    Tracker(Tracker),
    /// `state`: its first value on entering the phase.
    State(ExprId),
    /// `floor`
    Floor(Floor),
    /// `limit`
    Limit(Box<Limit>),
    /// `when`, `on`, `every`, `after`, `on enter`, and the moments of payouts.
    Rule(Rule),
    /// `goal`
    Goal(Goal),
    /// `payout`
    Payout(Payout),
}

/// A value with tails: what its cause says takes effect later.
#[derive(Clone, Debug)]
pub struct Held {
    /// What it follows.
    pub cause: ExprId,
    /// Only climbs.
    pub sticky: bool,
    /// When a rise takes effect.
    pub up: Wait,
    /// When a fall takes effect.
    pub down: Wait,
}

/// When a change takes effect. What waits is the smallest rise (or fall) that the cause has not
/// gone back from since the wait began; it is dropped when the cause is back at the value in force,
/// unless sticky.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// So many closed days (or closed days with at least one fill) must have ended first.
    pub days: Option<(u32, bool)>,
    /// Then it takes effect: at once, or at an opening.
    pub at: EffectAt,
}

/// At which instant a change takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectAt {
    /// At once.
    Now,
    /// At the first opening at or after.
    NextDay,
    /// At the opening so many days later.
    AfterDays(u32),
    /// At the first opening on that weekday.
    On(Weekday),
}

/// `x since EVENT`.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The running total.
    pub value: ExprId,
    /// What it is counted from.
    pub reset: Event,
    /// Whether it starts with the first day that opens after the event.
    pub by_day: bool,
}

/// Something that happens, resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A builtin occasion.
    Occasion(Occasion),
    /// A host event.
    Host(u16),
    /// A change of an input.
    Input(u16),
    /// A breach of a limit.
    Breach(NodeId),
    /// A schedule is due.
    Schedule(u16),
    /// An instance of a group ends; it is at hand.
    GroupEnd(u16),
    /// A period of the program's own starts.
    Start(Period),
    /// A period of the program's own ends.
    End(Period),
}

impl Event {
    /// Its bit among the occasions of a moment; none for what is no occasion.
    pub const fn bit(self) -> Option<u64> {
        match self {
            Self::Occasion(occasion) => Some(occasion.bit()),
            Self::Start(period) => Some(period.start_bit()),
            Self::End(period) => Some(period.end_bit()),
            Self::Host(_) | Self::Input(_) | Self::Breach(_) | Self::Schedule(_) | Self::GroupEnd(_) => None,
        }
    }
}

/// A tracker.
#[derive(Clone, Debug)]
pub struct Tracker {
    /// How.
    pub function: TrackFunction,
    /// Of what; none for `count` and `ever` without an expression.
    pub what: Option<ExprId>,
    /// When or over what.
    pub domain: TrackDomain,
    /// What begins it anew.
    pub reset: Event,
    /// Only what is younger.
    pub window: Option<Window>,
    /// Its value before anything was seen; evaluated at the start and again at every reset.
    pub from: Option<ExprId>,
    /// Which samples count.
    pub filter: Option<ExprId>,
}

/// How samples are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrackFunction {
    /// The highest; `from` counts as a sample; missing before any.
    Highest,
    /// The lowest.
    Lowest,
    /// The sum; starts at `from`, else at zero.
    Sum,
    /// How many samples; starts at `from`, else at zero.
    Count,
    /// Sum divided by count, rounded once; `from` before any.
    Average,
    /// The latest; `from` before any.
    Latest,
    /// How many samples in a row, up to the latest, for which `what` (a condition) held; zero before any.
    Streak,
    /// Whether `what` (a condition) ever held at a sample.
    Ever,
    /// The n-th highest sample, from 1; missing before there are n.
    NthHighest(u32),
    /// The sum of the n highest samples (of fewer, while there are fewer).
    SumOfBest(u32),
    /// The sum of the n lowest samples.
    SumOfWorst(u32),
}

/// When a tracker looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrackDomain {
    /// At each such event.
    At(Event),
    /// At each day's end (its stamp).
    ClosedDays,
    /// At each end of a day that had a fill.
    TradedDays,
    /// Closed days, and while a day is open that day as it stands, re-read at each use.
    DaysSoFar,
}

/// A sliding window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// What bounds it.
    pub span: WindowSpan,
    /// How many samples are kept at most; when full, readers are faulted until the oldest leaves.
    pub capacity: u32,
}

/// What bounds a sliding window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WindowSpan {
    /// The last n samples.
    Samples(u32),
    /// Nanoseconds: an element leaves when it is exactly so old, and leaving is due.
    Nanos(i64),
    /// Dates: the sample's day and the running day are less than n dates apart.
    Dates(u32),
    /// Trading days, the running one included.
    TradingDays(u32),
}

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
    /// What 100% used is.
    pub used: UsedOf,
    /// What happens on a breach, in file order.
    pub on_breach: Vec<BreachHandler>,
    /// What happens as it is used up, in file order.
    pub at_used: Vec<(Decimal, Vec<Action>)>,
    /// The limit toward whose count its breaches also count, with a title of its own.
    pub counts_toward: Option<NodeId>,
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
