//! What is declared and never read, neither by a rule nor by a scenario.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Closing, Event, ExprKind, Ir, LockUntil, NodeKind, OpenedPeriod, Period, PeriodKind, Rearm, Schedule};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

use super::super::order::{actions_of, events_of};
use super::super::{Checker, DraftItem};

impl Checker<'_> {
    pub(super) fn unused(&mut self, ir: &Ir, program: &ast::Program) {
        // Words of a host that stand alone are there for other programs.
        if program.title.node.is_empty() {
            return;
        }
        let told = in_scenarios(ir, program);
        self.unused_columns(ir);
        self.unused_tables(ir, &told);
        self.unused_settings(ir, &told);
        self.unused_values(ir, &told);
        self.unused_sessions(ir, program, &told);
        self.unused_periods(ir, &told);
    }

    fn never_read(&mut self, span: Span, what: &str) {
        // What another file declares is there for other programs too.
        if self.source.files().first().is_some_and(|own| !own.span.holds(span)) {
            return;
        }
        self.report(Diagnostic::new(Code::Unused, span, format!("{what} is never read")).help("use it in a rule, or take it out"));
    }

    fn unused_columns(&mut self, ir: &Ir) {
        for (at, column) in (0..).zip(&ir.plans.columns) {
            let read_by_cells = column.name == "size" || self.used_columns.contains(&at);
            if !read_by_cells {
                self.never_read(column.span, &format!("the plan column `{}`", column.name));
            }
        }
    }

    /// Tables of which nothing is read, and columns by symbol; a column of another table may be there for people.
    fn unused_tables(&mut self, ir: &Ir, told: &BTreeSet<String>) {
        for (at, table) in (0..).zip(&ir.tables) {
            let is_told = |name: &str| told.contains(name);
            if !self.used_cells.iter().any(|(read, _)| *read == at) {
                if is_told(&table.name) {
                    continue;
                }
                self.never_read(table.span, &format!("the table `{}`", table.name));
                continue;
            }
            for (column, row) in (0..).zip(&table.columns).filter(|_| table.by.is_none()) {
                if !self.used_cells.contains(&(at, column)) && !is_told(&row.name) {
                    self.never_read(row.span, &format!("the column `{}` of `{}`", row.name, table.name));
                }
            }
        }
    }

    fn unused_settings(&mut self, ir: &Ir, told: &BTreeSet<String>) {
        for (at, option) in (0..).zip(&ir.options) {
            if !self.used_options.contains(&at) {
                self.never_read(option.span, &format!("the option `{}`", option.name));
            }
        }
        for (at, input) in (0..).zip(&ir.inputs) {
            let read = ir.exprs.iter().any(|expr| matches!(expr.kind, ExprKind::Input(read) if read == at));
            let mut events = ir.nodes.iter().flat_map(events_of);
            if !read && !events.any(|event| event == Event::Input(at)) && !told.contains(&input.name) && !changes_option(ir, &input.name) {
                self.never_read(input.span, &format!("the input `{}`", input.name));
            }
        }
    }

    /// Values with names: `let`, `track`, `state`, `floor`. Those that a template declares are its author's.
    fn unused_values(&mut self, ir: &Ir, told: &BTreeSet<String>) {
        let read: BTreeSet<_> =
            ir.exprs.iter().filter_map(|expr| if let ExprKind::Node(node) = expr.kind { Some(node) } else { None }).collect();
        for (id, node) in ir.nodes() {
            let Some(draft) = self.order.get(usize::from(id.0)).and_then(|old| self.drafts.get(usize::from(old.0))) else { continue };
            let what = match draft.item {
                DraftItem::Let(_) => "the value",
                DraftItem::Track(_) => "the tracker",
                DraftItem::State(_) => "the state",
                DraftItem::Floor(_) => "the floor",
                _ => continue,
            };
            if draft.used.is_none() && !read.contains(&id) && !told.contains(&node.name) {
                self.never_read(node.head, &format!("{what} `{}`", node.name));
            }
        }
    }

    fn unused_sessions(&mut self, ir: &Ir, program: &ast::Program, told: &BTreeSet<String>) {
        let all = program.items.iter().chain(program.items.iter().flat_map(|item| match &item.kind {
            ItemKind::Phase(phase) => phase.items.as_slice(),
            _ => &[],
        }));
        let places: Vec<(&str, Span)> = all
            .filter_map(|item| match &item.kind {
                ItemKind::Session(session) => Some((session.name.node.as_str(), item.head)),
                _ => None,
            })
            .collect();
        for (at, (name, _)) in (0..).zip(&ir.sessions) {
            let read =
                ir.exprs.iter().any(|expr| matches!(expr.kind, ExprKind::SessionOpen(read) | ExprKind::SessionCloses(read) if read == at));
            let waited_for = ir.schedules.iter().any(|schedule| matches!(schedule, Schedule::SessionClose(read, _) if *read == at));
            let place = places.iter().find(|(declared, _)| declared == name);
            if let Some((_, span)) = place.filter(|_| !read && !waited_for && !told.contains(name)) {
                self.never_read(*span, &format!("the session `{name}`"));
            }
        }
    }

    fn unused_periods(&mut self, ir: &Ir, told: &BTreeSet<String>) {
        for (period, row) in ir.own_periods() {
            if !is_read(ir, period) && !told.contains(&row.name) {
                self.never_read(row.span, &format!("the period `{}`", row.name));
            }
        }
    }
}

/// The words of the scenarios: what one of them sets or expects is there for people to rely on.
fn in_scenarios(ir: &Ir, program: &ast::Program) -> BTreeSet<String> {
    let scenarios = program.items.iter().filter(|item| matches!(item.kind, ItemKind::Scenario(_)));
    let words = scenarios.flat_map(|item| ir.source.slice(item.span).split(|letter: char| !(letter.is_alphanumeric() || letter == '_')));
    words.map(str::to_owned).collect()
}

/// Whether an input is the way in which an option is changed.
fn changes_option(ir: &Ir, name: &str) -> bool {
    ir.options.iter().any(|option| option.changeable && option.name == name)
}

fn is_read(ir: &Ir, period: Period) -> bool {
    let turns = |event: Event| event == Event::Start(period) || event == Event::End(period);
    let opened = |opened: &OpenedPeriod| {
        turns(opened.opens) || opened.since.is_some_and(turns) || matches!(opened.closes, Closing::On(event) if turns(event))
    };
    ir.exprs.iter().any(|expr| matches!(expr.kind, ExprKind::Period(read, _) | ExprKind::LastPeriod(read, _) if read == period))
        || ir.nodes.iter().flat_map(events_of).any(turns)
        || ir.nodes.iter().any(|node| matches!(&node.kind, NodeKind::Limit(limit) if limit.rearm == Rearm::Period(period)))
        || ir
            .nodes
            .iter()
            .flat_map(actions_of)
            .any(|action| matches!(action.kind, crate::ir::ActionKind::Lock(LockUntil::Next(until)) if until == period))
        || ir.periods.iter().any(|row| matches!(&row.kind, PeriodKind::Opened(other) if opened(other)))
}
