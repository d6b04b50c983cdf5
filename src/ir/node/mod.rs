//! Nodes: everything that keeps a value or does something, in evaluation order.

mod action;
mod limit;
mod rule;

pub use action::*;
pub use limit::*;
pub use rule::*;

use crate::source::Span;
use crate::syntax::ast::CarriedKind;
use crate::value::{Type, Weekday};
use crate::vocabulary::{Moments, Occasion};

use super::{ExprId, Period, PhaseId};

/// The most nodes of a program: everything that keeps a value or does something.
pub const MAX_NODES: usize = 4_000;

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
    /// What that is made of, down to what is read as it is: its values are kept with a decision, for sentences.
    pub figures: Vec<ExprId>,
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

impl NodeKind {
    /// As what a line of `migrate` names it; none for what is not kept under a name of its own.
    pub const fn carried(&self) -> Option<CarriedKind> {
        match self {
            Self::Limit(_) => Some(CarriedKind::Limit),
            Self::Goal(_) => Some(CarriedKind::Goal),
            Self::Floor(_) => Some(CarriedKind::Floor),
            Self::Tracker(_) => Some(CarriedKind::Tracker),
            Self::State(_) => Some(CarriedKind::State),
            Self::Held(_) => Some(CarriedKind::Let),
            _ => None,
        }
    }
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

    /// Whether it may come in the middle of a day: what is counted by days from it on begins with the next, and the day in
    /// which it comes belongs to neither side.
    pub const fn cuts_a_day(self) -> bool {
        match self {
            Self::Occasion(occasion) => !matches!(
                occasion,
                Occasion::DayStart
                    | Occasion::DayEnd
                    | Occasion::WeekStart
                    | Occasion::WeekEnd
                    | Occasion::MonthStart
                    | Occasion::MonthEnd
                    | Occasion::QuarterEnd
                    | Occasion::YearEnd
                    | Occasion::PhaseStart
                    | Occasion::AccountStart
            ),
            Self::Start(_) => false,
            Self::Host(_) | Self::Input(_) | Self::Breach(_) | Self::Schedule(_) | Self::GroupEnd(_) | Self::End(_) => true,
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
    /// At each end of a day in which a position was opened or added to.
    DaysWithEntries,
    /// Closed days, and while a day is open that day as it stands, re-read at each use.
    DaysSoFar,
}

impl TrackDomain {
    /// Whether it looks at days, not at events.
    pub const fn is_of_days(self) -> bool {
        !matches!(self, Self::At(_))
    }
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
