//! From tree to meaning: names, types and units, what is known when, the order of evaluation.
//!
//! Checking never fails: it returns what it found, and an [`Ir`] exactly when nothing was an error.

mod aggregate;
mod collect;
mod compare;
mod context;
mod counted;
mod errors;
mod events;
mod evidence;
mod expr;
mod finish;
mod groups;
mod header;
mod items;
mod ledger;
mod limits;
mod lints;
mod migrations;
mod missing;
mod moves;
mod names;
mod order;
mod periods;
mod reach;
mod read;
mod reuse;
mod rules;
mod scenarios;
mod tables;
#[cfg(test)]
mod tests;
mod types;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::ir::{self, Expr, HostRecord, Ir, Node, NodeId, NodeKind, Per, Phase, PhaseId, Schedule, Setting, Table};
use crate::source::{Source, Span};
use crate::syntax::reuse::TemplateDecl;
use crate::syntax::{Parsed, ast, told_once};
use crate::value::Type;
use crate::vocabulary::Moments;

pub use names::Names;
#[cfg(feature = "cli")]
pub(crate) use names::nearest;
pub(crate) use order::actions_of;
pub(crate) use scenarios::constant;
pub use scenarios::{check_scenario_head, check_steps};

/// The most expressions of a program, those counted again that a template is given and reads.
const MAX_EXPRS: usize = 200_000;
/// How deep expressions stand in each other, through the values that they read too, and how much of that a value takes.
const MAX_NESTED: usize = 300;
const NESTED_IN_NODE: usize = 3;

/// What checking a program found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The meaning; there exactly when no finding is an error.
    pub ir: Option<Ir>,
    /// What its names mean, for expressions that are checked later.
    pub names: Names,
    /// The findings of parser and checker, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a parsed program.
pub fn check(source: &Source, parsed: &Parsed) -> Checked {
    let mut checker = Checker::new(source);
    if Diagnostic::are_not_all(&parsed.diagnostics) {
        return Checked { ir: None, names: checker.names, diagnostics: parsed.diagnostics.clone() };
    }
    checker.diagnostics.clone_from(&parsed.diagnostics);
    checker.program(&parsed.program);
    let syntax_error = checker.diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error);
    let ir = if syntax_error { None } else { checker.finish(&parsed.program) };
    let mut diagnostics = std::mem::take(&mut checker.diagnostics);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    told_once(source.text(), &mut diagnostics);
    // What is wrong in a template is told once, with its first use.
    diagnostics.dedup_by(|later, first| (later.span, later.code, &later.message) == (first.span, first.code, &first.message));
    Diagnostic::tell_most(&mut diagnostics);
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error);
    Checked { ir: ir.filter(|_| !failed), names: checker.names, diagnostics }
}

/// An expression of its own, checked against a program: its parts and its number among them.
#[derive(Clone, Debug)]
pub struct CheckedExpr {
    /// The program's expressions, followed by those of this one.
    pub exprs: Vec<Expr>,
    /// The expression.
    pub id: ir::ExprId,
    /// The program's texts, followed by new ones.
    pub texts: Vec<String>,
    /// The program's symbols, followed by new ones.
    pub symbols: Vec<String>,
}

/// Checks an expression as it would be read in a phase of a program: for questions and expectations.
/// The source is the expression's own.
///
/// # Errors
/// The findings, when it has no meaning there.
pub fn check_expression(
    ir: &Ir,
    names: &Names,
    source: &Source,
    phase: PhaseId,
    expression: &ast::Expr,
) -> Result<CheckedExpr, Vec<Diagnostic>> {
    let mut checker = Checker::of_program(source, ir, names);
    checker.asking = true;
    let context = context::Context { handles_event: true, ..context::Context::of(Some(phase)) };
    let nodes = checker.drafts.len();
    let id = checker.expr(&context, expression);
    if checker.drafts.len() > nodes && checker.diagnostics.is_empty() {
        checker.report(
            expr::not_yet("a value kept over time in a question", expression.span)
                .help("name it in the program with `track`, then ask for its name"),
        );
    }
    if checker.diagnostics.is_empty() {
        Ok(CheckedExpr { exprs: checker.exprs, id, texts: checker.texts, symbols: checker.symbols })
    } else {
        Err(checker.diagnostics)
    }
}

/// The work of checking one program.
struct Checker<'a> {
    source: &'a Source,
    diagnostics: Vec<Diagnostic>,
    names: Names,
    header: ir::Header,
    plans: ir::Plans,
    tables: Vec<Table>,
    /// The value each table is looked up by; none for `instruments`.
    table_keys: Vec<Option<&'a ast::Expr>>,
    /// The tables whose key is being read.
    looked_up: Vec<u16>,
    options: Vec<Setting>,
    inputs: Vec<Setting>,
    events: Vec<HostRecord>,
    host_actions: Vec<HostRecord>,
    extensions: Vec<HostRecord>,
    groups: Vec<ir::Group>,
    group_drafts: Vec<groups::GroupDraft<'a>>,
    sessions: Vec<(String, crate::calendar::WeeklySession)>,
    periods: Vec<ir::PeriodRow>,
    schedules: Vec<Schedule>,
    phases: Vec<Phase>,
    exprs: Vec<Expr>,
    texts: Vec<String>,
    symbols: Vec<String>,
    drafts: Vec<Draft<'a>>,
    /// The drafts in the order of evaluation, once it is known.
    order: Vec<NodeId>,
    /// The cell behind a state with tails, which is what `set` sets.
    set_targets: BTreeMap<NodeId, NodeId>,
    current_limit: Option<NodeId>,
    /// The templates, each with its place.
    templates: BTreeMap<&'a str, (&'a TemplateDecl, Span)>,
    uses: Vec<reuse::UseSite<'a>>,
    /// Whether an import could not be read, so that templates may be missing.
    unread_imports: bool,
    /// The use of a template in which the checker stands.
    current_use: Option<usize>,
    used_columns: BTreeSet<u16>,
    /// Columns of tables that are read: which table, which column.
    used_cells: BTreeSet<(u16, u16)>,
    /// Whether the plans are not understood, or a template is used that is not there: what they would have declared is not known.
    names_unknown: bool,
    used_options: BTreeSet<u16>,
    used_nodes: BTreeSet<NodeId>,
    circles_told: BTreeSet<NodeId>,
    resolving: Vec<NodeId>,
    /// How deep the checker stands in expressions, and in the values that they read.
    nested: usize,
    /// A question is asked: what is missing then is an answer.
    asking: bool,
}

/// A node on its way from tree to meaning.
struct Draft<'a> {
    item: DraftItem<'a>,
    name: String,
    cites: Option<String>,
    phase: Option<PhaseId>,
    /// The use of a template that declares it.
    used: Option<usize>,
    span: Span,
    head: Span,
    state: DraftState,
    facts: Facts,
    node: Option<Node>,
}

/// What a node was written as.
#[derive(Clone, Copy)]
enum DraftItem<'a> {
    Let(&'a ast::Let),
    Track(&'a ast::Track),
    State(&'a ast::StateDecl),
    Floor(&'a ast::Floor),
    Limit(&'a ast::Limit),
    Rule(&'a ast::Rule),
    Handler(crate::vocabulary::Occasion, &'a [ast::Action]),
    Goal(&'a ast::Goal),
    Counted(&'a ast::Counted),
    Payout(&'a ast::Payout),
    /// Made by the checker itself.
    Hidden,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DraftState {
    Waiting,
    Working,
    Done,
}

/// What a reader must know of a node.
#[derive(Clone, Debug)]
struct Facts {
    ty: Type,
    maybe_missing: bool,
    per: Per,
}

impl<'a> Checker<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            diagnostics: Vec::new(),
            names: Names::default(),
            header: header::empty(),
            plans: ir::Plans { names: Vec::new(), columns: Vec::new(), cells: Vec::new() },
            tables: Vec::new(),
            table_keys: Vec::new(),
            looked_up: Vec::new(),
            options: Vec::new(),
            inputs: Vec::new(),
            events: Vec::new(),
            host_actions: Vec::new(),
            extensions: Vec::new(),
            groups: Vec::new(),
            group_drafts: Vec::new(),
            sessions: Vec::new(),
            periods: ir::PeriodRow::predeclared(),
            schedules: Vec::new(),
            phases: Vec::new(),
            exprs: Vec::new(),
            texts: Vec::new(),
            symbols: Vec::new(),
            drafts: Vec::new(),
            order: Vec::new(),
            set_targets: BTreeMap::new(),
            current_limit: None,
            templates: BTreeMap::new(),
            uses: Vec::new(),
            unread_imports: false,
            current_use: None,
            used_columns: BTreeSet::new(),
            used_cells: BTreeSet::new(),
            names_unknown: false,
            used_options: BTreeSet::new(),
            used_nodes: BTreeSet::new(),
            circles_told: BTreeSet::new(),
            resolving: Vec::new(),
            nested: 0,
            asking: false,
        }
    }

    /// A checker for expressions of their own against a checked program.
    fn of_program(source: &'a Source, ir: &'a Ir, names: &Names) -> Self {
        let mut checker = Self::new(source);
        checker.names = names.clone();
        checker.header = ir.header.clone();
        checker.plans = ir.plans.clone();
        checker.tables.clone_from(&ir.tables);
        checker.table_keys = ir.tables.iter().map(|table| table.by.as_ref()).collect();
        checker.options.clone_from(&ir.options);
        checker.inputs.clone_from(&ir.inputs);
        checker.events.clone_from(&ir.events);
        checker.host_actions.clone_from(&ir.actions);
        checker.extensions.clone_from(&ir.extensions);
        checker.groups.clone_from(&ir.groups);
        checker.sessions.clone_from(&ir.sessions);
        checker.periods.clone_from(&ir.periods);
        checker.schedules.clone_from(&ir.schedules);
        checker.phases.clone_from(&ir.phases);
        checker.exprs.clone_from(&ir.exprs);
        checker.texts.clone_from(&ir.texts);
        checker.symbols.clone_from(&ir.symbols);
        checker.drafts = ir.nodes.iter().map(|node| Draft::done(node.clone(), true)).collect();
        checker
    }

    fn report(&mut self, mut diagnostic: Diagnostic) {
        let percent = self.source.slice(diagnostic.span);
        if let Some(help) = diagnostic.help.as_mut().filter(|_| diagnostic.code == Code::PercentOfWhat && percent.ends_with('%')) {
            *help = help.replace("5%", percent);
        }
        let diagnostic = self.with_uses(diagnostic);
        self.diagnostics.push(diagnostic);
    }

    fn report_unless(&mut self, said: bool, diagnostic: Diagnostic) {
        if !said {
            self.report(diagnostic);
        }
    }

    /// Reports, once, that a program needs too many of something.
    fn over_limit(&mut self, span: Span, limit: usize, of_what: &str) {
        let said = self.diagnostics.iter().any(|found| found.code == Code::Limit);
        let found = Diagnostic::new(Code::Limit, span, format!("the program needs more than {limit} {of_what}"));
        self.report_unless(said, found.help("divide it into programs of their own"));
    }

    /// Reports, once, that a value is computed through too many others.
    fn too_nested(&mut self, span: Span) {
        let found = Diagnostic::new(Code::Nesting, span, "this is computed through too many values that are declared below it");
        let said = self.diagnostics.iter().any(|found| found.code == Code::Nesting);
        self.report_unless(said, found.help("declare what others read before them"));
    }

    /// Adds a node that is complete.
    fn add_node(&mut self, node: Node, maybe_missing: bool) -> NodeId {
        self.drafts.push(Draft::done(node, maybe_missing));
        NodeId(u16::try_from(self.drafts.len() - 1).unwrap_or(u16::MAX))
    }

    fn set_per(&mut self, node: NodeId, per: Per) {
        let draft = &mut self.drafts[node.0 as usize];
        draft.facts.per = per;
        if let Some(node) = &mut draft.node {
            node.per = per;
        }
    }

    /// What is known of a node, checking it first where that has not been done.
    fn resolve(&mut self, id: NodeId, span: Span) -> Facts {
        self.used_nodes.insert(id);
        match self.drafts[id.0 as usize].state {
            DraftState::Done => {}
            DraftState::Waiting => self.lower(id),
            DraftState::Working => self.circle_at(id, span),
        }
        self.drafts[id.0 as usize].facts.clone()
    }

    /// A value whose type depends on itself. Declared types need no circle to be known.
    fn circle_at(&mut self, id: NodeId, span: Span) {
        let draft = &self.drafts[id.0 as usize];
        if !matches!(draft.item, DraftItem::Let(_) | DraftItem::Track(_)) || !self.circles_told.insert(id) {
            return;
        }
        let from = self.resolving.iter().position(|other| *other == id).unwrap_or(0);
        let steps: Vec<(String, Span)> = self.resolving[from..].iter().map(|node| self.drafts[node.0 as usize].place()).collect();
        let mut diagnostic = errors::circle(&steps);
        if steps.len() == 1 {
            diagnostic = diagnostic.other(span, "read here");
        }
        self.circles_told.extend(self.resolving[from..].iter().copied());
        self.report(diagnostic);
    }

    /// Gives a draft its meaning.
    fn lower(&mut self, id: NodeId) {
        let at = id.0 as usize;
        self.drafts[at].state = DraftState::Working;
        self.resolving.push(id);
        self.nested += NESTED_IN_NODE;
        let context = context::Context::of(self.drafts[at].phase);
        let item = self.drafts[at].item;
        let outer_use = std::mem::replace(&mut self.current_use, self.drafts[at].used);
        let outer_limit = std::mem::replace(&mut self.current_limit, matches!(item, DraftItem::Limit(_)).then_some(id));
        let lowered = match item {
            DraftItem::Let(item) => Some(self.lower_let(&context, item)),
            DraftItem::Track(item) => self.lower_track(&context, item),
            DraftItem::State(item) => self.lower_state(&context, item, id),
            DraftItem::Floor(item) => self.lower_floor(&context, item),
            DraftItem::Limit(item) => self.lower_limit(&context, item),
            DraftItem::Rule(item) => self.lower_rule(&context, item),
            DraftItem::Handler(occasion, actions) => Some(self.lower_handler(&context, occasion, actions)),
            DraftItem::Goal(item) => self.lower_goal(&context, item),
            DraftItem::Counted(item) => Some(self.lower_counted(&context, item, self.drafts[at].head)),
            DraftItem::Payout(item) => Some(self.lower_payout(&context, item, self.drafts[at].head)),
            DraftItem::Hidden => None,
        };
        self.current_limit = outer_limit;
        self.current_use = outer_use;
        let used_at = self.outermost(self.drafts[at].used);
        self.resolving.pop();
        self.nested -= NESTED_IN_NODE;
        let draft = &mut self.drafts[at];
        draft.state = DraftState::Done;
        let Some(lowered) = lowered else {
            draft.facts = Facts { ty: Type::Error, maybe_missing: false, per: Per::Account };
            return;
        };
        draft.node = Some(Node {
            name: draft.name.clone(),
            cites: draft.cites.clone(),
            phase: draft.phase,
            per: lowered.per,
            kind: lowered.kind,
            moments: Moments::NONE,
            waits: false,
            ty: lowered.facts.ty.clone(),
            evidence: Vec::new(),
            figures: Vec::new(),
            span: draft.span,
            head: used_at.unwrap_or(draft.head),
        });
        draft.facts = lowered.facts;
    }

    fn node_kind(&self, id: NodeId) -> Option<&NodeKind> {
        self.drafts.get(id.0 as usize)?.node.as_ref().map(|node| &node.kind)
    }

    fn is_floor(&self, id: NodeId) -> bool {
        matches!(self.drafts[id.0 as usize].item, DraftItem::Floor(_)) || matches!(self.node_kind(id), Some(NodeKind::Floor(_)))
    }

    fn is_state(&self, id: NodeId) -> bool {
        matches!(self.drafts[id.0 as usize].item, DraftItem::State(_)) || matches!(self.node_kind(id), Some(NodeKind::State(_)))
    }

    fn phase_named(&self, name: &str) -> Option<PhaseId> {
        let at = self.phases.iter().position(|phase| phase.name == name)?;
        u16::try_from(at).ok().map(PhaseId)
    }
}

impl Draft<'_> {
    fn done(node: Node, maybe_missing: bool) -> Self {
        let facts = Facts { ty: node.ty.clone(), maybe_missing, per: node.per };
        Self {
            item: DraftItem::Hidden,
            name: node.name.clone(),
            cites: None,
            phase: node.phase,
            used: None,
            span: node.span,
            head: node.head,
            state: DraftState::Done,
            facts,
            node: Some(node),
        }
    }

    /// Name and first line, for a circle.
    fn place(&self) -> (String, Span) {
        (self.name.clone(), self.head)
    }
}
