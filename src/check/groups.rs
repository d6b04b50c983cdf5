//! Groups of trades: their keys, which trades join, and what is read of the one at hand.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{ExprId, ExprKind, Group, Joins, Per, PhaseId};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Type;
use crate::vocabulary::{GroupField, Record, RecordField};

use super::context::Context;
use super::names::{Declaration, Entity};
use super::{Checker, errors};

/// How many instances of a group live at once when the program does not say.
const DEFAULT_CAPACITY: u32 = 64;

/// A group on its way from tree to meaning.
pub(super) struct GroupDraft<'a> {
    phase: Option<PhaseId>,
    item: &'a ast::Group,
    head: Span,
    /// The use of a template that declares it.
    used: Option<usize>,
}

impl<'a> Checker<'a> {
    pub(super) fn declare_group(&mut self, phase: Option<PhaseId>, item: &'a ast::Group, head: Span) {
        let number = u16::try_from(self.group_drafts.len()).unwrap_or(u16::MAX);
        self.declare_name(phase, &item.name, Entity::Group(number));
        self.group_drafts.push(GroupDraft { phase, item, head, used: self.current_use });
    }

    /// Gives every group its meaning; tables and settings are known.
    pub(super) fn lower_groups(&mut self) {
        for draft in std::mem::take(&mut self.group_drafts) {
            self.current_use = draft.used;
            let group = self.lower_group(&draft);
            self.groups.push(group);
        }
        self.current_use = None;
    }

    fn lower_group(&mut self, draft: &GroupDraft<'a>) -> Group {
        let item = draft.item;
        let context = Context::of(draft.phase).with_record(Record::Position);
        let keys = item.keys.iter().map(|key| self.group_key(&context, key)).collect();
        let keeps = item.keeps.as_ref().map_or(DEFAULT_CAPACITY, |keeps| keeps.node);
        if let Some(keeps) = item.keeps.as_ref().filter(|keeps| keeps.node == 0) {
            self.report(
                Diagnostic::new(Code::Contradiction, keeps.span, format!("`{}` could never begin", item.name.node))
                    .help("`keeps` says how many of them live at once at most, such as `keeps 64`"),
            );
        }
        if let Some(joins) = item.joins.as_ref().filter(|joins| item.open && **joins != ast::Joins::WhileOpen) {
            self.report(
                Diagnostic::new(
                    Code::Contradiction,
                    span_of(joins, item.name.span),
                    "a group of open positions ends with its last close, so nothing can join it after that",
                )
                .help("leave this out, or write `of trades`, where members still count after their close"),
            );
        }
        let joins = self.joins(item);
        let name = self.real_name(&item.name.node);
        Group { name, open_only: item.open, keys, joins, keeps: keeps.max(1), span: draft.head }
    }

    /// A key: `symbol`, `side`, or what a table, the plan and options make of them.
    fn group_key(&mut self, context: &Context, key: &ast::Expr) -> ExprId {
        let field = match &key.kind {
            ast::ExprKind::Name(name) if name == "symbol" => Some(RecordField::PositionSymbol),
            ast::ExprKind::Name(name) if name == "side" && self.find(context.phase, name).is_none() => Some(RecordField::PositionSide),
            _ => None,
        };
        if let Some(field) = field {
            return self.push(ExprKind::Record(field), field.row().ty.in_currency(self.header.currency), key.span);
        }
        let id = self.expr(context, key);
        self.must_be_known(id, key);
        if !matches!(self.ty(id), Type::Error) && !self.is_settled(id) {
            self.report(
                Diagnostic::new(Code::Contradiction, key.span, "trades are grouped by what stays the same while a position is open")
                    .label("may change")
                    .help("group by `symbol`, by `side`, or by a column found with them, such as `instruments.family`"),
            );
        }
        id
    }

    /// Whether an expression depends on nothing but the symbol and side of a position.
    fn is_settled(&self, id: ExprId) -> bool {
        let kind = &self.exprs[id.0 as usize].kind;
        let itself = match kind {
            ExprKind::Record(RecordField::PositionSymbol | RecordField::PositionSide)
            | ExprKind::Constant(_)
            | ExprKind::Plan(_)
            | ExprKind::PlanName
            | ExprKind::Option(_)
            | ExprKind::If(..)
            | ExprKind::Else(..)
            | ExprKind::Compare(..)
            | ExprKind::OneOf(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Not(_)
            | ExprKind::IsMissing(_) => true,
            ExprKind::Lookup(table, column, ..) => self.tables.get(usize::from(*table)).is_some_and(|table| {
                let cells = table.rows.iter().flat_map(|row| row.key.iter().chain(row.cells.get(usize::from(*column))));
                cells.into_iter().all(|cell| self.is_settled(*cell))
            }),
            _ => false,
        };
        itself && kind.operands().into_iter().all(|operand| self.is_settled(operand))
    }

    fn joins(&mut self, item: &ast::Group) -> Joins {
        match &item.joins {
            None | Some(ast::Joins::WhileOpen) => Joins::WhileOpen,
            Some(ast::Joins::AfterClose { within, losing }) => Joins::AfterClose { within: self.join_window(within), losing: *losing },
            Some(ast::Joins::AfterFirst { within }) => Joins::AfterFirst { within: self.join_window(within) },
        }
    }

    fn join_window(&mut self, within: &ast::Expr) -> i64 {
        let nanos = self.nanos(within).unwrap_or(1);
        if nanos <= 0 {
            self.report(
                Diagnostic::new(Code::Contradiction, within.span, "nothing can be opened within no time").help("such as `within 5min`"),
            );
        }
        nanos
    }

    /// A value of the instance of a group at hand.
    pub(super) fn group_member(&mut self, context: &Context, group: u16, name: &str, field: &ast::Name, span: Span) -> ExprId {
        if !context.has(Per::Group(group)) {
            self.report(errors::not_at_hand(&format!("`{name}`"), span, &self.where_it_is(Per::Group(group))));
            return self.error(span);
        }
        let Some(found) = GroupField::find(&field.node) else {
            self.report(errors::unknown_field(name, &field.node, field.span, GroupField::ALL.iter().map(|field| field.row().name)));
            return self.error(span);
        };
        let needs = match found {
            GroupField::Symbol | GroupField::Quantity | GroupField::OpenQuantity => Some(RecordField::PositionSymbol),
            GroupField::Side => Some(RecordField::PositionSide),
            _ => None,
        };
        if let Some(key) = needs.filter(|key| !self.has_key(group, *key)) {
            let (key, declared) = (key.row().name, self.groups.get(usize::from(group)).map(|group| group.span).unwrap_or_default());
            let found = match found {
                GroupField::Symbol | GroupField::Side => format!("the members of `{name}` may differ in their {key}"),
                _ => format!("the members of `{name}` may be of several symbols, whose quantities do not add up"),
            };
            self.report(
                Diagnostic::new(Code::Contradiction, span, found)
                    .other(declared, format!("grouped here, not by `{key}`"))
                    .help(format!("group by `{key}` too, or read `notional`, `margin` or `risk`")),
            );
            return self.error(span);
        }
        let row = found.row();
        self.leaf(context, ExprKind::Group(group, found), row.ty.in_currency(self.header.currency), span, row.missing)
    }

    fn has_key(&self, group: u16, field: RecordField) -> bool {
        let keys = self.groups.get(usize::from(group)).map_or(&[][..], |group| group.keys.as_slice());
        keys.iter().any(|key| matches!(self.exprs[key.0 as usize].kind, ExprKind::Record(found) if found == field))
    }

    /// Where the record, or the group, that something is kept for can be read.
    pub(super) fn where_it_is(&self, per: Per) -> String {
        match per {
            Per::Group(group) => {
                let name = self.group_name(group);
                format!("in limits and trackers `for each {name}`, and where `{name} end` is handled")
            }
            _ => format!("inside `for each {}`", self.per_word(per)),
        }
    }

    /// The word behind `for each`.
    pub(super) fn per_word(&self, per: Per) -> &str {
        match per {
            Per::Group(group) => self.group_name(group),
            _ => super::items::record_of(per).map_or("account", Record::word),
        }
    }

    fn group_name(&self, group: u16) -> &str {
        let known = self.groups.get(usize::from(group)).map(|group| group.name.as_str());
        known.or_else(|| self.group_drafts.get(usize::from(group)).map(|draft| draft.item.name.node.as_str())).unwrap_or("group")
    }

    /// The group of that name, seen from a phase.
    pub(super) fn group_named(&self, phase: Option<PhaseId>, name: &str) -> Option<u16> {
        match self.find(phase, name) {
            Some(Declaration { entity: Entity::Group(group), .. }) => Some(group),
            _ => None,
        }
    }
}

/// Where a clause about joining stands.
fn span_of(joins: &ast::Joins, otherwise: Span) -> Span {
    match joins {
        ast::Joins::WhileOpen => otherwise,
        ast::Joins::AfterClose { within, .. } | ast::Joins::AfterFirst { within } => within.span,
    }
}
