//! The tree of a program: what was written, with places, before any meaning is given to it.
//!
//! A statement that could not be parsed is one `Broken` node; its neighbours are unaffected.

mod actions;
mod declarations;
mod expression;
mod kept;
mod limits;
mod migration;
mod rules;
mod scenario;

pub use actions::*;
pub use declarations::*;
pub use expression::*;
pub use kept::*;
pub use limits::*;
pub use migration::*;
pub use rules::*;
pub use scenario::*;

use super::reuse::{TemplateDecl, Use};
use crate::source::{Span, Spanned};
use crate::value::{Currency, Date, Decimal, TimeOfDay, Weekday};

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
    /// A pair that could not be parsed: the word it begins with.
    Broken(String),
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
    /// The first tick after it marks what is open at the worse of bid and ask.
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
    /// `migrate`
    Migration(Migration),
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

impl ItemKind {
    /// The name that it declares, where it declares one.
    pub fn name(&self) -> Option<&Name> {
        match self {
            Self::Table(Table { kind: TableKind::Named { name, .. }, .. })
            | Self::Option(OptionDecl { name, .. })
            | Self::Input(InputDecl { name, .. })
            | Self::Session(Session { name, .. })
            | Self::Let(Let { name, .. })
            | Self::Track(Track { name, .. })
            | Self::Group(Group { name, .. })
            | Self::State(StateDecl { name, .. })
            | Self::Floor(Floor { name, .. }) => Some(name),
            _ => None,
        }
    }
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
