//! The tree of a program: what was written, with places, before any meaning is given to it.
//!
//! A statement that could not be parsed is one `Broken` node; its neighbours are unaffected.

use super::reuse::{TemplateDecl, Use};
use crate::source::{Span, Spanned};
use crate::value::{Currency, Date, Decimal, TimeOfDay, Unit, Weekday};

/// A name or word with its place.
pub type Name = Spanned<String>;

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// The title behind `program`; empty when the file has no program.
    pub title: Name,
    /// The pairs of the header.
    pub header: Vec<Spanned<Header>>,
    /// Everything else, in file order.
    pub items: Vec<Item>,
    /// The files it imports, and those that these import.
    pub imports: Vec<Name>,
    /// The templates beside the program and in the files it imports.
    pub library: Vec<Item>,
}

impl Default for Name {
    fn default() -> Self {
        Self::new(String::new(), Span::default())
    }
}

/// One pair of the header.
#[derive(Clone, Debug, PartialEq)]
pub enum Header {
    /// `firm "Topstep"`
    Firm(Name),
    /// `version "2026-09"`
    Version(Name),
    /// `effective 2026-09-15`
    Effective(Spanned<Date>),
    /// `source "https://…"`
    Source(Name),
    /// `as of 2026-09-20`
    AsOf(Spanned<Date>),
    /// `currency USD`
    Currency(Spanned<Currency>),
    /// `currency of plan`
    CurrencyOfPlan,
    /// `timezone "America/New_York" [+ 7h]`: the text and the shift in nanoseconds.
    Timezone(Name, i64),
    /// `day 17:00 [to 15:10] [settles 16:00] [every day]`
    Day {
        /// When it opens.
        opens: Spanned<TimeOfDay>,
        /// When trading stops.
        stops: Option<Spanned<TimeOfDay>>,
        /// When it is stamped.
        settles: Option<Spanned<TimeOfDay>>,
        /// Whether weekends and holidays are days too.
        every_day: bool,
    },
    /// `week sun`: the weekday a week begins with.
    Week(Spanned<Weekday>),
    /// `calendar "CME"`
    Calendar(Name),
    /// `marks at last | mid | exit side`
    Marks(Spanned<Marks>),
    /// `trades by lot | by position`
    Trades(Spanned<Trades>),
    /// `gaps hold | refuse new risk | worst side on resume`
    Gaps(Spanned<Gaps>),
    /// `corrections within 14 days`
    Corrections(Expr),
    /// `quantity_unit 1000`
    QuantityUnit(Spanned<Decimal>),
}

/// What a position is marked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marks {
    /// The last trade.
    Last,
    /// The middle of bid and ask.
    Mid,
    /// Bid for longs, ask for shorts.
    #[default]
    ExitSide,
}

/// What one trade is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trades {
    /// One lot from its entry to its exit.
    ByLot,
    /// One position from flat to flat.
    ByPosition,
}

/// What happens while the feed is down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gaps {
    /// The last marks stand.
    #[default]
    Hold,
    /// Orders that open or increase are refused.
    RefuseNewRisk,
    /// On resuming, the worse of bid and ask marks.
    WorstSideOnResume,
}

/// A declaration or rule, at the top level or in a phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Where it stands, with its body.
    pub span: Span,
    /// Its first line, for messages.
    pub head: Span,
    /// The `///` lines above it.
    pub doc: Option<String>,
}

/// The kinds of items.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a program has few items, and plain variants read better")]
pub enum ItemKind {
    /// `plans`, `instruments`, `table`
    Table(Table),
    /// `option`
    Option(OptionDecl),
    /// `input`
    Input(InputDecl),
    /// `event name { field: type }`
    Event(Fields),
    /// `action name { field: type }`
    Action(Fields),
    /// `extend order { field: type }`
    Extend(Fields),
    /// `session`
    Session(Session),
    /// `period`
    Period(PeriodDecl),
    /// `phase`
    Phase(Phase),
    /// `let`
    Let(Let),
    /// `track`
    Track(Track),
    /// `group`
    Group(Group),
    /// `state`
    State(StateDecl),
    /// `floor`
    Floor(Floor),
    /// `limit`
    Limit(Limit),
    /// `when`, `on`, `every`, `after`
    Rule(Rule),
    /// `goal`
    Goal(Goal),
    /// `counted profit`
    Counted(Counted),
    /// `payout`
    Payout(Payout),
    /// `scenario`
    Scenario(Scenario),
    /// `template`
    Template(TemplateDecl),
    /// `use`
    Use(Use),
    /// A statement with an error; the names it would have declared are taken as declared.
    Broken {
        /// The names it seems to declare.
        declares: Vec<Name>,
    },
}

/// What a table is looked up by.
#[derive(Clone, Debug, PartialEq)]
pub enum TableKind {
    /// `plans`
    Plans,
    /// `instruments`
    Instruments,
    /// `table NAME by X`
    Named {
        /// Its name.
        name: Name,
        /// The value looked up.
        by: Expr,
    },
}

/// How a table's first column is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableMode {
    /// The row whose first cell equals.
    Exact,
    /// The row whose bound holds.
    Steps,
    /// Each row's rate on its own slice.
    Slices,
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it is looked up by.
    pub kind: TableKind,
    /// How.
    pub mode: TableMode,
    /// The headings; the first is the key or the bound (`from`, `above`, `up to`, `below`).
    pub columns: Vec<Name>,
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The cells.
    pub cells: Vec<Cell>,
    /// The whole line.
    pub span: Span,
}

/// A cell: its text as written (keys such as `50K` are texts) and, where it is one, its expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The text, trimmed.
    pub text: Name,
    /// The expression; the keyword `any` and keys such as `50K` have none.
    pub value: Option<Expr>,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeName {
    /// `bool`, `money`, `percent`, `contracts`, …: resolved by the checker.
    Word(Name),
    /// `one of (a, b)`
    OneOf(Vec<Name>),
}

/// `option name: type = default [changeable]`
#[derive(Clone, Debug, PartialEq)]
pub struct OptionDecl {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeName,
    /// The value of accounts that do not say.
    pub default: Option<Expr>,
    /// Whether the trader may change it.
    pub changeable: bool,
}

/// `input name: type = default [per trader | per household] [stale after D]`
#[derive(Clone, Debug, PartialEq)]
pub struct InputDecl {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeName,
    /// The value until the host tells one.
    pub default: Option<Expr>,
    /// `trader` or `household`, where it is shared.
    pub per: Option<Name>,
    /// The age from which it counts as missing.
    pub stale_after: Option<Expr>,
}

/// Named fields: of a host event or action, or added to a builtin record.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// The event, action or record.
    pub name: Name,
    /// Its fields.
    pub fields: Vec<(Name, TypeName)>,
}

/// `session rth mon to fri 08:30 to 15:00, …`
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its name.
    pub name: Name,
    /// Its weekly windows.
    pub windows: Vec<Window>,
}

/// A weekly window.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The first weekday; all weekdays when absent.
    pub from_day: Option<Spanned<Weekday>>,
    /// The last weekday.
    pub to_day: Option<Spanned<Weekday>>,
    /// Opening time.
    pub opens: Spanned<TimeOfDay>,
    /// Closing time; not after the opening time it is on the next day.
    pub closes: Spanned<TimeOfDay>,
}

/// `period NAME …`
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodDecl {
    /// Its name.
    pub name: Name,
    /// When it begins and ends.
    pub span: PeriodSpan,
}

/// When a period begins and ends.
#[derive(Clone, Debug, PartialEq)]
pub enum PeriodSpan {
    /// `every day | month [on day N] | sun at 17:00 ["zone"]`
    Clock {
        /// What turns.
        unit: ClockUnit,
        /// At which time of its zone.
        at: Spanned<TimeOfDay>,
        /// The zone with its shift in nanoseconds; the program's when absent.
        zone: Option<(Name, i64)>,
    },
    /// `every LENGTH from EVENT`
    Every {
        /// How long each is.
        length: Expr,
        /// What opens the first.
        from: EventRef,
    },
    /// `opens on [first] EVENT [since EVENT], closes …`
    Opens {
        /// What opens it.
        on: EventRef,
        /// Where `first` stands.
        first: Option<Span>,
        /// It opens once after each such event.
        since: Option<EventRef>,
        /// What ends it.
        closes: PeriodEnd,
    },
}

/// The days, weeks or months of a clock.
#[derive(Clone, Debug, PartialEq)]
pub enum ClockUnit {
    /// `every day`
    Day,
    /// `every sun`: a week that begins on that weekday.
    Week(Weekday),
    /// `every month [on day N]`
    Month(Option<Spanned<u32>>),
}

/// What ends a period.
#[derive(Clone, Debug, PartialEq)]
pub enum PeriodEnd {
    /// `closes on EVENT`
    On(EventRef),
    /// `closes after LENGTH`
    After(Expr),
    /// `closes after LENGTH flat`
    Flat(Expr),
}

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
    /// `over closed days`, `over traded days`, `over days so far`
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
/// `market close of symbol`, `day at 15:10`, a host event. Resolved by the checker.
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

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `55`, `0.5`
    Number(Decimal),
    /// `$2,000`, `2,000 USD`
    Money(Decimal, Currency),
    /// `5%`
    Percent(Decimal),
    /// `3 contracts`
    Quantity(Decimal, Unit),
    /// `10 pips`, `8 ticks`: the amount and the word.
    Move(Decimal, Name),
    /// `10 cents a share`, in the account's currency for one unit.
    MovePerUnit(Decimal, Unit),
    /// `24h`, `2min`, `10s`, `500ms`, in nanoseconds.
    Duration(i64),
    /// `14 days`, `5 trading days`, `3 weekdays`, `4 months`
    Days(u32, DayUnit),
    /// `20 trades`: a window.
    Things(u32, Name),
    /// `15:10`
    Time(TimeOfDay),
    /// `2026-09-15`
    Date(Date),
    /// `2025-11-28 15:00 "America/New_York"`
    Instant(Date, TimeOfDay, Option<Name>),
    /// `mon`
    Weekday(Weekday),
    /// `yes`, `no`
    Bool(bool),
    /// `"50K"`
    Text(String),
    /// `none`
    None,
    /// A name. `weighted quantity` is the name `weighted_quantity`.
    Name(String),
    /// `day.profit`
    Member(Box<Expr>, Name),
    /// `last day`, `last payout`: the previous record of that name.
    Last(Name),
    /// `min(a, b)`, `limit("title")`
    Call(Name, Vec<Expr>),
    /// `round(x to $0.01, half_up)`
    Round(Box<Expr>, Box<Expr>, Name),
    /// `-x`
    Negate(Box<Expr>),
    /// `not x`
    Not(Box<Expr>),
    /// `a + b`, `a and b`, `a is at least b`
    Binary(Box<Expr>, Spanned<BinaryOp>, Box<Expr>),
    /// `5% of size`
    Of(Box<Expr>, Box<Expr>),
    /// `a else b`
    Else(Box<Expr>, Box<Expr>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `x is missing` (false: `x is known`)
    IsMissing(Box<Expr>, bool),
    /// `x is one of (a, b)`; true when negated.
    IsOneOf(Box<Expr>, Vec<Expr>, bool),
    /// `x since EVENT`
    Since(Box<Expr>, EventRef),
    /// `x before today`
    BeforeToday(Box<Expr>),
    /// `x before this event`
    BeforeThisEvent(Box<Expr>),
    /// An inline aggregate: `(count open positions where …)`.
    Aggregate(Box<Aggregate>),
    /// `within 2min of high news for symbol`, `from 2min before to 5min after news where …`
    News(Box<NewsWindow>),
    /// `14 days after D`: the amount and the date or instant.
    After(Box<Expr>, Box<Expr>),
    /// `day 30 of cycle` (true: `trading day`): the number and the period.
    DayOf(Box<Expr>, Name, bool),
    /// Could not be parsed.
    Broken,
}

/// What kind of days a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayUnit {
    /// Dates of the program's day.
    Days,
    /// Days of the calendar on which there is a session.
    TradingDays,
    /// Monday to Friday.
    Weekdays,
    /// Seven days.
    Weeks,
    /// Months.
    Months,
}

/// A window around news.
#[derive(Clone, Debug, PartialEq)]
pub struct NewsWindow {
    /// From how long before.
    pub before: Expr,
    /// Until how long after.
    pub after: Expr,
    /// `high`, `medium`, `low`
    pub impact: Option<Name>,
    /// `for symbol`
    pub symbol: Option<Expr>,
    /// `where C`
    pub filter: Option<Expr>,
}

/// The operators between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `and`
    And,
    /// `or`
    Or,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `is at least`
    AtLeast,
    /// `is at most`
    AtMost,
    /// `is above`, `is after`
    Above,
    /// `is below`, `is before`
    Below,
}

/// `scenario "title" head { steps }`
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its title.
    pub title: Name,
    /// `plan 50K, phase funded, …`
    pub head: Vec<Spanned<ScenarioHead>>,
    /// `cites "…"` in its body.
    pub cites: Vec<Name>,
    /// Its steps.
    pub steps: Vec<Spanned<Step>>,
}

/// A setting of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum ScenarioHead {
    /// `plan 50K`
    Plan(Name),
    /// `phase funded`
    Phase(Name),
    /// `daily_limit = yes`
    Option(Name, Expr),
    /// `from 2026-03-02 [10:15]`
    From(Date, Option<TimeOfDay>),
    /// `start balance $104,000`
    StartBalance(Expr),
    /// `payouts 2`
    Payouts(u32),
    /// `bought 2026-01-10`
    Bought(Date),
    /// `hedging`, `netting`
    Mode(Name),
}

/// What the host answers with `cash`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// `pay`
    Pay,
    /// `resize`
    Resize,
    /// `reset ledger`
    ResetLedger,
    /// `adjust balance`
    AdjustBalance,
    /// `roll back`
    RollBack,
}

/// A step of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `at 10:15`, `at mon 10:15`, `at 2026-03-02 10:15`: go there; `advance to …` and `advance 5min` are the same.
    At(When),
    /// `next day`: to the next opening.
    NextDay,
    /// `end day`: to the stamp.
    EndDay,
    /// `buy 2 ES @ 5000.25 [with stop 4990] [with target 5010] as a`
    Trade {
        /// Whether it buys.
        buy: bool,
        /// How many.
        quantity: Spanned<Decimal>,
        /// Of what.
        symbol: Name,
        /// At what price; the mark when absent.
        price: Option<Spanned<Decimal>>,
        /// A stop.
        stop: Option<Spanned<Decimal>>,
        /// A target.
        target: Option<Spanned<Decimal>>,
        /// Fields that the host adds.
        fields: Vec<(Name, Expr)>,
        /// The name of the position.
        name: Option<Name>,
    },
    /// `order buy 2 ES [@ 5000.25] [as a]`: a question; the fill does not follow.
    Order {
        /// Whether it buys.
        buy: bool,
        /// How many.
        quantity: Spanned<Decimal>,
        /// Of what.
        symbol: Name,
        /// A limit price.
        price: Option<Spanned<Decimal>>,
        /// A stop.
        stop: Option<Spanned<Decimal>>,
        /// A target.
        target: Option<Spanned<Decimal>>,
        /// Fields that the host adds.
        fields: Vec<(Name, Expr)>,
        /// Its name.
        name: Option<Name>,
    },
    /// `exit [1 of] a @ 5010 [by stop | by target]`
    Exit {
        /// How many; all when absent.
        quantity: Option<Spanned<Decimal>>,
        /// The position's name.
        name: Name,
        /// At what price; the mark when absent.
        price: Option<Spanned<Decimal>>,
        /// `stop` or `target`
        by: Option<Name>,
        /// Fields that the host adds.
        fields: Vec<(Name, Expr)>,
    },
    /// `move stop of a to 4990`, `remove stop of a`
    MoveStop {
        /// The position's name.
        name: Name,
        /// Where to; removed when absent.
        to: Option<Spanned<Decimal>>,
    },
    /// `tick ES 5000.00 5000.25`
    Tick {
        /// Of what.
        symbol: Name,
        /// Bid.
        bid: Spanned<Decimal>,
        /// Ask; the bid when absent.
        ask: Option<Spanned<Decimal>>,
        /// Fields that the host adds.
        fields: Vec<(Name, Expr)>,
    },
    /// `trade +$500 [peak +$900] [worst -$300] [held 40s] [on MNQ]`: one whole trade.
    Profit {
        /// What it brings, net.
        amount: Expr,
        /// The best open profit on the way.
        peak: Option<Expr>,
        /// The worst.
        worst: Option<Expr>,
        /// How long it is held.
        held: Option<Expr>,
        /// The symbol.
        symbol: Option<Name>,
    },
    /// `days +$500, -$200`: a trade on each of the following days, each day ended.
    Days(Vec<Expr>),
    /// `mark equity $48,500`
    MarkEquity(Expr),
    /// `floating -$300`: equity is balance and this.
    Floating(Expr),
    /// `deposit $500`
    Deposit(Expr),
    /// `withdraw $500`
    Withdraw(Expr),
    /// `cost $3.50`: booked as commission.
    Cost(Expr),
    /// `news "NFP" on USD at 08:30 [for 10min] [impact high]`
    News {
        /// Its title.
        title: Name,
        /// The currency or symbol.
        on: Name,
        /// When.
        at: When,
        /// How long it lasts.
        lasting: Option<Expr>,
        /// Its impact; high when absent.
        impact: Option<Name>,
    },
    /// `cancel news "NFP"`
    CancelNews(Name),
    /// `cancel order a`
    CancelOrder(Name),
    /// `answer resize`: the host does what the latest such action asked for.
    Answer(Answered),
    /// `staff overrides "Daily Loss Limit"`, `staff suspends`, `staff reinstates`; `with balance reset`.
    Staff {
        /// `overrides`, `suspends` or `reinstates`
        decision: Name,
        /// The limit that is overridden; all when absent.
        breach: Option<Name>,
        /// Whether the balance goes back to the start of the phase's ledger.
        reset: bool,
    },
    /// `estimate equity $48,500`: as `mark equity`, but the host only estimates it.
    EstimateEquity(Expr),
    /// `request payout $1,000`, `approve payout`, `deny payout`, `pay payout`
    Payout {
        /// What happens.
        moment: PayoutMoment,
        /// How much; all that is available when absent.
        amount: Option<Expr>,
    },
    /// `set input = value`
    Set(Name, Expr),
    /// `event bypass_pressed(reason = "x")`: a host event.
    Event(Name, Vec<(Name, Expr)>),
    /// `3 times { … }`
    Times(u32, Vec<Spanned<Step>>),
    /// `expect …`
    Expect(Expect),
    /// Could not be parsed.
    Broken,
}

/// A place in time.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// The date; today, or the next day on which the time is still to come, when absent.
    pub date: Option<Date>,
    /// The weekday.
    pub weekday: Option<Weekday>,
    /// The time of day.
    pub time: Option<TimeOfDay>,
    /// A duration from now.
    pub after: Option<i64>,
    /// A zone other than the program's.
    pub zone: Option<Name>,
}

/// What a scenario expects. Each looks at what happened since the last step that was no `expect`.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// `expect max_loss_floor is $48,500`: a condition that must be true now.
    Condition(Expr),
    /// `expect breach "title"`
    Breach(Name),
    /// `expect no breach ["title"]`
    NoBreach(Option<Name>),
    /// `expect actions flatten, cancel orders, fail`: these and no others, messages aside.
    Actions(Vec<Name>),
    /// `expect action flatten`
    Action(Name),
    /// `expect no actions`
    NoActions,
    /// `expect notify trader ["text"]`
    Notify(Name, Option<Name>),
    /// `expect phase funded`
    Phase(Name),
    /// `expect approved [$X]`
    Approved(Option<Expr>),
    /// `expect trader receives $900`: of an approved payout; `expect trader receives $540 outside the account`:
    /// what is paid besides
    Receives(Expr, bool),
    /// `expect denied [by "title"]`
    Denied(Option<Name>),
    /// `expect in review`
    InReview,
    /// `expect allowed`, `expect rejected [by "title"]`, `expect reduced to 3`
    Order(OrderAnswer),
    /// `expect goal "title" reached`, `expect goal "title" open`
    Goal(Name, bool),
    /// `expect requirement "title" met`, `expect requirement "title" missing`
    Requirement(Name, bool),
    /// `expect locked`, `expect not locked`
    Locked(bool),
    /// `expect warned of max_loss_floor`: the payout asked for would leave equity at or under it.
    Warned(Name),
    /// `expect fault`
    Fault,
}

/// The answer to an order.
#[derive(Clone, Debug, PartialEq)]
pub enum OrderAnswer {
    /// Allowed in full.
    Allowed,
    /// Rejected, perhaps by a limit's title.
    Rejected(Option<Name>),
    /// Reduced to a quantity.
    ReducedTo(Decimal),
}
