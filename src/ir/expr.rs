//! Typed expressions.
//!
//! Values in the account's state are `i64`: decimals count 10⁻⁸, durations and instants
//! nanoseconds, dates days since 1970-01-01, truth values 0 and 1, words, phases and symbols their
//! number, weekdays Monday 0, and `i64::MIN` is *missing*.

use crate::source::Span;
use crate::syntax::ast::DayUnit;
use crate::value::{Decimal, Type, Unit};
use crate::vocabulary::{AccountField, GroupField, Moments, PeriodField, Record, RecordField};

use super::{NodeId, Period};

/// The number of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// The number of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhaseId(pub u16);

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Whether it may be missing where it stands.
    pub maybe_missing: bool,
    /// The moments at which it can change.
    pub moments: Moments,
    /// Whether it can change with time alone, at an instant that its evaluation tells.
    pub waits: bool,
    /// Where it stands.
    pub span: Span,
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constant {
    /// A decimal of any numeric type, counts included.
    Decimal(Decimal),
    /// A duration in nanoseconds.
    Nanos(i64),
    /// A number of days, months, … for [`ExprKind::DaysAfter`].
    Days(u32, DayUnit),
    /// An instant, in nanoseconds.
    Instant(i64),
    /// A date, in days.
    Date(i32),
    /// A time of day, in nanoseconds.
    Time(i64),
    /// A truth value, the number of a weekday, of a word of a `one of` type, of a phase.
    Word(i64),
    /// A text of [`super::Ir::texts`].
    Text(u32),
    /// A symbol of [`super::Ir::symbols`].
    Symbol(u32),
    /// `none`
    Missing,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `is`
    Equal,
    /// `is not`
    NotEqual,
    /// `is at least`
    AtLeast,
    /// `is at most`
    AtMost,
    /// `is above`
    Above,
    /// `is below`
    Below,
}

impl Comparison {
    /// Whether an order of left against right satisfies it.
    pub const fn holds(self, order: std::cmp::Ordering) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        matches!(
            (self, order),
            (Self::Equal | Self::AtLeast | Self::AtMost, Equal)
                | (Self::NotEqual | Self::AtLeast | Self::Above, Greater)
                | (Self::NotEqual | Self::AtMost | Self::Below, Less)
        )
    }

    /// The comparison with its sides exchanged.
    #[must_use]
    pub const fn flipped(self) -> Self {
        match self {
            Self::AtLeast => Self::AtMost,
            Self::AtMost => Self::AtLeast,
            Self::Above => Self::Below,
            Self::Below => Self::Above,
            same => same,
        }
    }

    /// The comparison that holds exactly where this one does not.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::AtLeast => Self::Below,
            Self::AtMost => Self::Above,
            Self::Above => Self::AtMost,
            Self::Below => Self::AtLeast,
        }
    }

    /// The words in programs.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Equal => "is",
            Self::NotEqual => "is not",
            Self::AtLeast => "is at least",
            Self::AtMost => "is at most",
            Self::Above => "is above",
            Self::Below => "is below",
        }
    }
}

/// An operation on two decimals, or on times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    /// Exact sum. Also instant + duration, duration + duration.
    Add,
    /// Exact difference. Also instant − instant = duration, instant − duration, date − date = count of days.
    Subtract,
    /// Product, rounded once. Also duration × number.
    Multiply,
    /// Quotient, rounded once; zero is a fault. Also duration ÷ duration = number, duration ÷ number.
    Divide,
}

/// How a value is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Ties away from zero.
    HalfUp,
    /// Ties to even.
    HalfEven,
    /// Toward minus infinity.
    Down,
    /// Toward plus infinity.
    Up,
}

/// What an inline aggregate runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Collection {
    /// Open positions, in the order of their opening.
    OpenPositions,
    /// Working orders, in the order of their arrival; the order in question is none of them.
    WorkingOrders,
}

impl Collection {
    /// The record that is at hand for each element.
    pub const fn record(self) -> Record {
        match self {
            Self::OpenPositions => Record::Position,
            Self::WorkingOrders => Record::Order,
        }
    }
}

/// How an inline aggregate combines its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FoldFunction {
    /// How many.
    Count,
    /// The sum; zero for none.
    Sum,
    /// The highest; missing for none.
    Highest,
    /// The lowest; missing for none.
    Lowest,
    /// Sum divided by count, rounded once; missing for none.
    Average,
    /// Whether there is one.
    Any,
    /// Whether it holds for each: `what` is the condition.
    All,
}

/// A fact about payouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayoutFact {
    /// Amount of the last paid payout.
    LastAmount,
    /// When it was paid.
    LastAt,
    /// The balance just after it.
    LastBalance,
    /// How many were paid.
    Count,
    /// The sum of what was paid.
    Total,
    /// `amount` inside `payout { }`: what remains of the request so far.
    Running,
}

/// What can be read of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitFacet {
    /// The room left; missing while it is not in force.
    Headroom,
    /// The share used, in percent; missing while it is not in force or has no distance.
    Used,
    /// Whether it is broken now.
    Broken,
    /// How often it was breached, as it counts.
    Breaches,
}

/// A fact about an instrument; missing where the market does not tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstrumentFact {
    /// The smallest move of its price.
    Tick,
    /// One pip, as a move of its price.
    Pip,
    /// Quote currency per point of price and one of this unit; missing where it is counted in another.
    Multiplier(Unit),
}

impl InstrumentFact {
    /// The words in listings.
    pub fn words(self) -> String {
        match self {
            Self::Tick => "tick size".into(),
            Self::Pip => "pip size".into(),
            Self::Multiplier(unit) => format!("multiplier of one {}", unit.singular()),
        }
    }
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant.
    Constant(Constant),
    /// A value of the account.
    Account(AccountField),
    /// A value of the running period.
    Period(Period, PeriodField),
    /// A value of the last ended period.
    LastPeriod(Period, PeriodField),
    /// A field of the record at hand.
    Record(RecordField),
    /// A value of the instance of a group at hand.
    Group(u16, GroupField),
    /// A field that the host added to a record, by extension and field number.
    Extension(u16, u16),
    /// A field of the host event at hand, by event and field number.
    HostField(u16, u16),
    /// A fact about payouts.
    Payout(PayoutFact),
    /// The value an account field had when a phase was left last; missing before.
    PhaseFinal(PhaseId, AccountField),
    /// The name of the account's plan, a text.
    PlanName,
    /// A cell of the account's plan, by column.
    Plan(u16),
    /// An option.
    Option(u16),
    /// An input.
    Input(u16),
    /// The value of a `let`, tracker, state, floor or hidden node. For a node `for each`: of the record at hand.
    Node(NodeId),
    /// A fact about a limit.
    Limit(NodeId, LimitFacet),
    /// Whether a goal is reached (`None`), or how many of its requirements are missing (`Some(())`).
    Goal(NodeId, Option<()>),
    /// A table's cell: table, column, key, and the bounds and cells of its rows. [`super::Matching::Slices`] gives the amount.
    Lookup(u16, u16, ExprId, Vec<ExprId>),
    /// `-x`
    Negate(ExprId),
    /// `not x`
    Not(ExprId),
    /// `+ - * /`
    Arithmetic(Arithmetic, ExprId, ExprId),
    /// `P of X`
    Percent(ExprId, ExprId),
    /// A comparison. A missing side is a fault (the checker has guarded it).
    Compare(Comparison, ExprId, ExprId),
    /// `left CMP percent of whole`, compared exactly as 100·left with percent·whole.
    ComparePercent(Comparison, ExprId, ExprId, ExprId),
    /// The time from an instant to now: `(from)`.
    Elapsed(ExprId),
    /// `elapsed since FROM CMP bound`: tells the instant at which it changes, FROM + bound.
    CompareElapsed(Comparison, ExprId, ExprId),
    /// `a and b`, the second only evaluated when the first is true.
    And(ExprId, ExprId),
    /// `a or b`, the second only evaluated when the first is false.
    Or(ExprId, ExprId),
    /// `if c then a else b`; only the chosen branch is evaluated.
    If(ExprId, ExprId, ExprId),
    /// `a else b`: b where a is missing.
    Else(ExprId, ExprId),
    /// `x is missing`
    IsMissing(ExprId),
    /// `x is one of (…)`
    OneOf(ExprId, Vec<ExprId>),
    /// `min(…)`: missing ones are skipped, missing when all are.
    Minimum(Vec<ExprId>),
    /// `max(…)`
    Maximum(Vec<ExprId>),
    /// `abs(x)`
    Absolute(ExprId),
    /// `round(x to step, mode)`: to a whole multiple of the step.
    Round(ExprId, ExprId, Rounding),
    /// An inline aggregate: what it runs over, how, of what, where.
    Fold(Collection, FoldFunction, Option<ExprId>, Option<ExprId>),
    /// Whether a session is open now; tells the next edge.
    SessionOpen(u16),
    /// When the open session closes, as an instant; missing while closed.
    SessionCloses(u16),
    /// Whether now lies in [starts − before, ends + after] of a news item, both ends included;
    /// tells the next edge.
    News(Box<NewsTest>),
    /// A fact about the instrument of a symbol.
    Instrument(InstrumentFact, ExprId),
    /// A date so many days, months, … after a date: days, from.
    DaysAfter(ExprId, ExprId),
    /// The opening instant of a date's day (of the next day that exists): used where a date meets an instant.
    OpeningOf(ExprId),
    /// The date on which an instant falls, by the program's day.
    DateOf(ExprId),
}

impl ExprKind {
    /// The expressions that an expression is made of, in the order in which they are written; for a table
    /// that is looked up, all that its rows hold.
    pub fn operands(&self) -> Vec<ExprId> {
        match self {
            Self::Negate(a)
            | Self::Not(a)
            | Self::Elapsed(a)
            | Self::IsMissing(a)
            | Self::Absolute(a)
            | Self::Instrument(_, a)
            | Self::OpeningOf(a)
            | Self::DateOf(a) => vec![*a],
            Self::Arithmetic(_, a, b)
            | Self::Percent(a, b)
            | Self::Compare(_, a, b)
            | Self::CompareElapsed(_, a, b)
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Else(a, b)
            | Self::Round(a, b, _)
            | Self::DaysAfter(a, b) => vec![*a, *b],
            Self::ComparePercent(_, a, b, c) | Self::If(a, b, c) => vec![*a, *b, *c],
            Self::OneOf(first, rest) | Self::Lookup(_, _, first, rest) => std::iter::once(*first).chain(rest.iter().copied()).collect(),
            Self::Minimum(list) | Self::Maximum(list) => list.clone(),
            Self::Fold(_, _, what, filter) => what.iter().chain(filter).copied().collect(),
            Self::News(test) => test.symbol.iter().chain(&test.filter).copied().collect(),
            Self::Constant(_)
            | Self::Account(_)
            | Self::Period(..)
            | Self::LastPeriod(..)
            | Self::Record(_)
            | Self::Group(..)
            | Self::Extension(..)
            | Self::HostField(..)
            | Self::Payout(_)
            | Self::PhaseFinal(..)
            | Self::PlanName
            | Self::Plan(_)
            | Self::Option(_)
            | Self::Input(_)
            | Self::Node(_)
            | Self::Limit(..)
            | Self::Goal(..)
            | Self::SessionOpen(_)
            | Self::SessionCloses(_) => Vec::new(),
        }
    }
}

/// A window around news.
#[derive(Clone, Debug)]
pub struct NewsTest {
    /// Nanoseconds before the start.
    pub before: i64,
    /// Nanoseconds after the end.
    pub after: i64,
    /// The least impact: 0 low, 1 medium, 2 high.
    pub impact: i64,
    /// Only news for this symbol: naming it, its base or its quote currency.
    pub symbol: Option<ExprId>,
    /// Only items for which this holds; the item is at hand as `news`.
    pub filter: Option<ExprId>,
}
