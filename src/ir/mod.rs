//! The checked program: every name resolved, every expression typed, every node with the moments
//! at which it can change. The compiler and the reference evaluator read this and nothing else.

mod expr;
mod group;
mod node;
mod period;
mod reads;

pub use expr::*;
pub use group::*;
pub use node::*;
pub use period::*;
pub use reads::Reads;

use crate::calendar::{DayRule, WeeklySession};
use crate::source::{Source, Span};
use crate::syntax::ast;
use crate::value::{Currency, Date, Type, Unit, Weekday};
use crate::vocabulary::RecordField;

/// A checked program.
#[derive(Clone, Debug)]
pub struct Ir {
    /// The text it was checked from.
    pub source: Source,
    /// The title.
    pub title: String,
    /// The header.
    pub header: Header,
    /// The plans; every program has a column `size`.
    pub plans: Plans,
    /// The other tables.
    pub tables: Vec<Table>,
    /// Options, in file order.
    pub options: Vec<Setting>,
    /// Inputs, in file order.
    pub inputs: Vec<Setting>,
    /// Host events.
    pub events: Vec<HostRecord>,
    /// Host actions.
    pub actions: Vec<HostRecord>,
    /// Fields that the host adds to orders, fills and ticks; `name` is the record.
    pub extensions: Vec<HostRecord>,
    /// Groups of trades.
    pub groups: Vec<Group>,
    /// Sessions.
    pub sessions: Vec<(String, WeeklySession)>,
    /// The periods: day, week, month and cycle, then the program's own, each after those it turns with.
    pub periods: Vec<PeriodRow>,
    /// Clock rules that something waits for, each once. At most 64.
    pub schedules: Vec<Schedule>,
    /// The program's phases in file order, then `passed`, `failed`, `closed`.
    pub phases: Vec<Phase>,
    /// All expressions; operands stand before what uses them.
    pub exprs: Vec<Expr>,
    /// All nodes **in the order in which they are evaluated** inside a moment.
    pub nodes: Vec<Node>,
    /// Texts of constants.
    pub texts: Vec<String>,
    /// Symbols of constants.
    pub symbols: Vec<String>,
    /// The scenarios, as written: they are run against the engine, not compiled into the program.
    pub scenarios: Vec<ast::Scenario>,
    /// How running accounts of earlier versions go over to this one, as written.
    pub migrations: Vec<ast::Migration>,
}

impl Ir {
    /// An expression by its number.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// A node by its number.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// A phase by its number.
    pub fn phase(&self, id: PhaseId) -> &Phase {
        &self.phases[id.0 as usize]
    }

    /// The phase of that name.
    pub fn phase_named(&self, name: &str) -> Option<PhaseId> {
        let at = self.phases.iter().position(|phase| phase.name == name)?;
        u16::try_from(at).ok().map(PhaseId)
    }

    /// A period by its number.
    pub fn period(&self, period: Period) -> &PeriodRow {
        &self.periods[period.index()]
    }

    /// The periods that the program declares, in order.
    pub fn own_periods(&self) -> impl Iterator<Item = (Period, &PeriodRow)> {
        self.all_periods().skip(Period::PREDECLARED.len())
    }

    /// All periods with their numbers.
    pub fn all_periods(&self) -> impl Iterator<Item = (Period, &PeriodRow)> {
        (0..).map(Period).zip(&self.periods)
    }

    /// The place of a field of the position among the keys of a group.
    pub fn group_key(&self, group: u16, field: RecordField) -> Option<usize> {
        let keys = &self.groups.get(usize::from(group))?.keys;
        keys.iter().position(|key| matches!(self.expr(*key).kind, ExprKind::Record(found) if found == field))
    }

    /// How accounts of an earlier version go over to this one.
    pub fn migration_from(&self, version: &str) -> Option<&ast::Migration> {
        self.migrations.iter().find(|migration| migration.from.node == version)
    }

    /// Whether an expression reads a node, itself or through an operand.
    pub fn reads_node(&self, id: ExprId) -> bool {
        let kind = &self.expr(id).kind;
        let itself = matches!(kind, ExprKind::Node(_) | ExprKind::Limit(..) | ExprKind::Goal(..));
        itself || kind.operands().into_iter().any(|operand| self.reads_node(operand))
    }

    /// Whether a rule rolls back a day, so that the opening of each must be kept.
    pub fn rolls_back(&self) -> bool {
        let mut actions = self.nodes.iter().flat_map(crate::check::actions_of);
        actions.any(|action| matches!(action.kind, ActionKind::RollBack))
    }

    /// Whether `roll back` brings back what a node keeps: trackers, floors, values with tails and running
    /// totals. Nothing is brought back of what a standing phase keeps.
    pub fn is_rolled_back(&self, node: &Node) -> bool {
        let keeps = matches!(node.kind, NodeKind::Tracker(_) | NodeKind::Floor(_) | NodeKind::Held(_) | NodeKind::Baseline(_));
        keeps && node.phase.is_none_or(|phase| !self.phase(phase).standing)
    }

    /// The nodes with their numbers, in evaluation order.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        (0..).map(NodeId).zip(&self.nodes)
    }
}

/// What the header says.
#[derive(Clone, Debug)]
pub struct Header {
    /// The firm.
    pub firm: String,
    /// The version.
    pub version: String,
    /// From when it is in effect.
    pub effective: Option<Date>,
    /// The published page.
    pub source: String,
    /// When the page was read.
    pub as_of: Option<Date>,
    /// The account's currency.
    pub currency: Currency,
    /// The zone and the trading day.
    pub day: DayRule,
    /// The weekday a week begins with.
    pub week: Weekday,
    /// The name of the exchange calendar the host loads.
    pub calendar: Option<String>,
    /// What a position is marked at.
    pub marks: ast::Marks,
    /// What happens while the feed is down.
    pub gaps: ast::Gaps,
    /// How far back corrections reach; none where the program takes none.
    pub corrections: Option<Horizon>,
}

/// How far back an event may be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// So many nanoseconds.
    Nanos(i64),
    /// So many dates of the program's days.
    Days(u32, ast::DayUnit),
}

impl std::fmt::Display for Horizon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nanos(nanos) => write!(f, "{}", crate::value::Value::Duration(*nanos)),
            Self::Days(count, unit) => write!(f, "{count} {}", unit.word(*count)),
        }
    }
}

/// The plans.
#[derive(Clone, Debug)]
pub struct Plans {
    /// The names.
    pub names: Vec<String>,
    /// The columns with their types.
    pub columns: Vec<Column>,
    /// One row a plan, one expression a column; evaluated at opening, in column order.
    pub cells: Vec<Vec<ExprId>>,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// The type of its cells.
    pub ty: Type,
    /// Whether some cell is `none`.
    pub maybe_missing: bool,
    /// Where the heading stands.
    pub span: Span,
}

/// A table looked up by a value.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The value it is looked up by, as written; none for `instruments`.
    pub by: Option<ast::Expr>,
    /// How rows are matched.
    pub matching: Matching,
    /// The type of the key.
    pub key: Type,
    /// The columns behind the key.
    pub columns: Vec<Column>,
    /// The rows in order: for steps ascending by bound.
    pub rows: Vec<TableRow>,
    /// Where it stands.
    pub span: Span,
}

/// How a row of a table is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matching {
    /// The row whose key equals; else the row `any`; else missing.
    Exact,
    /// Bounds are `from` (at or above): the last row whose bound is at or below the value.
    From,
    /// Bounds are `above`: the last row whose bound is below the value.
    Above,
    /// Bounds are `up to` (at or below): the first row whose bound is at or above the value.
    UpTo,
    /// Bounds are `below`: the first row whose bound is above the value.
    Below,
    /// Slices bounded by `up to`: the sum over rows of `percent of` the part of the value in the
    /// row's slice (above the previous bound, up to its own; the row `any` has no upper bound).
    Slices,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// The key or bound; `None` for the row `any`, which stands last.
    pub key: Option<ExprId>,
    /// One expression a column.
    pub cells: Vec<ExprId>,
    /// Where it stands.
    pub span: Span,
}

/// An option or input.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its value until told; a setting without one may be missing.
    pub default: Option<ExprId>,
    /// Whether an option may be changed after the account was bought, by an `input` of its name.
    pub changeable: bool,
    /// The age in nanoseconds from which an input counts as missing.
    pub stale_after: Option<i64>,
    /// Where it stands.
    pub span: Span,
}

/// A record that the host declares.
#[derive(Clone, Debug)]
pub struct HostRecord {
    /// Its name.
    pub name: String,
    /// Its fields.
    pub fields: Vec<(String, Type)>,
    /// Where it stands.
    pub span: Span,
}

/// A stage of the account's life.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// The balance its ledger starts with; the ledger goes on when absent.
    pub ledger: Option<ExprId>,
    /// Whether it is one of `passed`, `failed`, `closed`: rules outside phases do not hold there.
    pub standing: bool,
    /// Where it stands; empty for standing phases without a body.
    pub span: Span,
}

/// A rule of the clock that something waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Schedule {
    /// The close of each trading day: the header's second time, earlier on early closes.
    DayClose,
    /// So many nanoseconds before that close.
    BeforeClose(i64),
    /// A time of day on each trading day, in nanoseconds after local midnight; not later than the close of an early-close day.
    DayAt(i64),
    /// A time of day on one weekday.
    WeekdayAt(Weekday, i64),
    /// Every so many nanoseconds, counted from each opening.
    Interval(i64),
    /// The close of a session, earlier on early closes; or so many nanoseconds before it.
    SessionClose(u16, i64),
}

/// The unit by which quantities of a type are written.
pub fn unit_of(ty: &Type) -> Option<Unit> {
    match ty {
        Type::Quantity(unit) => *unit,
        _ => None,
    }
}
