//! Phases, and values: plain ones and those that are kept over time.

use super::{Action, Expr, Item, Name, TypeName};
use crate::source::{Span, Spanned};
use crate::value::{TimeOfDay, Weekday};

/// `phase NAME { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// Its name.
    pub name: Name,
    /// `ledger starts at X`
    pub ledger: Option<Expr>,
    /// `on enter { … }`
    pub on_enter: Vec<Action>,
    /// Its rules and declarations.
    pub items: Vec<Item>,
}

/// `let name = expression tails`
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub value: Expr,
    /// How changes take effect.
    pub tails: Vec<Spanned<Tail>>,
}

/// `state name: type = initial tails`
#[derive(Clone, Debug, PartialEq)]
pub struct StateDecl {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeName,
    /// Its first value.
    pub initial: Option<Expr>,
    /// How changes take effect.
    pub tails: Vec<Spanned<Tail>>,
}

/// `track name [for each position | symbol] = aggregate tails`
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Its name.
    pub name: Name,
    /// `position`, `symbol` or a group.
    pub for_each: Option<Name>,
    /// What is tracked.
    pub aggregate: Spanned<Aggregate>,
    /// How changes take effect.
    pub tails: Vec<Spanned<Tail>>,
}

/// `group NAME of trades | open positions by KEYS [joins …] [keeps N]`
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: Name,
    /// Whether members leave as they close: `of open positions`.
    pub open: bool,
    /// What members have in common.
    pub keys: Vec<Expr>,
    /// Which trades join; those opened while a member is open when absent.
    pub joins: Option<Joins>,
    /// How many live at once at most.
    pub keeps: Option<Spanned<u32>>,
}

/// Which trades join a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Joins {
    /// `joins while open`
    WhileOpen,
    /// `joins while open or when opened within T of its last close`
    AfterClose {
        /// How long after.
        within: Expr,
        /// Only after a losing close.
        losing: bool,
    },
    /// `joins when opened within T of its first open`
    AfterFirst {
        /// How long after.
        within: Expr,
    },
}

/// `counted profit { each trade counts P when C; each day counts at most X when C }`
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The shares of trades, each with its condition: the first that holds decides.
    pub trades: Vec<(Expr, Option<Expr>)>,
    /// The most that a day counts, each with its condition: the first that holds decides.
    pub days: Vec<(Expr, Option<Expr>)>,
}

/// When a change of a value takes effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Tail {
    /// `takes effect next day | after 2 days | on mon`
    TakesEffect(Effect),
    /// `sticky`
    Sticky,
    /// `up after 10 traded days`, `down after 2 days`: the direction, how many, which days.
    After {
        /// Whether it is about rises.
        up: bool,
        /// How many days.
        days: Spanned<u32>,
        /// Which days count.
        which: DaySet,
    },
}

/// When a change takes effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// At the next opening.
    NextDay,
    /// After so many days.
    AfterDays(u32),
    /// At the next opening of that weekday.
    On(Weekday),
}

/// Which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaySet {
    /// `closed days`, plain `days`
    Closed,
    /// `traded days`
    Traded,
    /// `days with entries`
    WithEntries,
    /// `days so far`
    SoFar,
}

/// What is aggregated: `highest day.profit over closed days since last payout`.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// How.
    pub function: Function,
    /// Of what; `count` and `ever` may have none.
    pub what: Option<Box<Expr>>,
    /// When or over what.
    pub domain: Domain,
    /// `since RESET`
    pub since: Option<EventRef>,
    /// `in last WINDOW`
    pub in_last: Option<Box<Expr>>,
    /// `from INITIAL`
    pub from: Option<Box<Expr>>,
    /// `keeps N`
    pub keeps: Option<Spanned<u32>>,
    /// `where C`
    pub filter: Option<Box<Expr>>,
}

/// How values are aggregated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `highest`
    Highest,
    /// `lowest`
    Lowest,
    /// `sum`
    Sum,
    /// `count`
    Count,
    /// `average`
    Average,
    /// `latest`
    Latest,
    /// `streak`: how often in a row, up to now, the condition held.
    Streak,
    /// `ever`
    Ever,
    /// `2nd highest`
    NthHighest(u32),
    /// `sum of best n`
    SumOfBest(u32),
    /// `sum of worst n`
    SumOfWorst(u32),
    /// `any … where`
    Any,
    /// `all … where`
    All,
    /// `no …`
    None,
}

/// What an aggregate runs over.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// `at CLOCK`
    At(Clock),
    /// `over closed days`, `over traded days`, `over days with entries`, `over days so far`
    Days(DaySet),
    /// `open positions`
    OpenPositions(Span),
    /// `working orders`
    WorkingOrders(Span),
    /// `trades`
    Trades(Span),
    /// Nothing was said.
    Unsaid,
}

/// A clock as written: `mark`, `day end`, `payout request`, `close`, `5min before close`,
/// `morning close`, `day at 15:10`, a host event. Resolved by the checker.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// The words in order, without the parts below.
    pub words: Vec<Name>,
    /// A duration in front: `5min before close`.
    pub before: Option<Box<Expr>>,
    /// A time of day: `day at 15:10`, `fri at 16:00`.
    pub time: Option<Spanned<TimeOfDay>>,
    /// What follows `of`.
    pub of: Option<Box<Expr>>,
    /// Everything.
    pub span: Span,
}

/// An event as written: `fill`, `payout request`, `phase start`, `last payout`, `breach of "title"`,
/// a host event. Resolved by the checker.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRef {
    /// The words in order.
    pub words: Vec<Name>,
    /// The title behind `breach of`.
    pub title: Option<Name>,
    /// Everything.
    pub span: Span,
}
