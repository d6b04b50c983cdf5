//! What a name or a dotted name reads.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Constant, ExprId, ExprKind, LimitFacet, NodeId, PayoutFact, Period, PhaseId};
use crate::source::Span;
use crate::syntax::RECORDS;
use crate::syntax::ast;
use crate::value::Type;
use crate::vocabulary::{
    AccountField, FactRow, FieldType, GOAL_FACTS, LAST_PAYOUT_FACTS, LIMIT_FACTS, PAYOUTS_FACTS, PeriodField, Record, RecordField,
    SESSION_FACTS,
};

use super::context::Context;
use super::names::Entity;
use super::{Checker, compare, errors};

impl Checker<'_> {
    /// A bare name.
    pub(super) fn name(&mut self, context: &Context, name: &str, span: Span, expected: Option<&Type>) -> ExprId {
        if let Some(argument) = self.argument(name)
            && !argument.is_name()
        {
            return self.read_argument(context, argument, name, span);
        }
        if let Some(declaration) = self.find(context.phase, name) {
            return self.entity(context, declaration.entity, name, span, expected);
        }
        if let Some(word) = self.word(name, expected) {
            let ty = expected.cloned().unwrap_or(Type::Error);
            return self.constant(word, ty, span);
        }
        if let Some(period) = context.length_of.filter(|_| name == "number") {
            return self.push(ExprKind::Period(period, PeriodField::Number), Type::Count, span);
        }
        if name == "amount" && context.in_payout {
            return self.push(ExprKind::Payout(PayoutFact::Running), Type::Money(self.header.currency), span);
        }
        if name == "plan" {
            return self.push(ExprKind::PlanName, Type::Text, span);
        }
        match AccountField::find(name) {
            Some(field) => self.account(field, span),
            None => self.unknown(context, name, span),
        }
    }

    /// A word that an expected type gives a meaning.
    fn word(&mut self, name: &str, expected: Option<&Type>) -> Option<Constant> {
        match expected? {
            Type::OneOf(words) => {
                let at = words.iter().position(|word| word == name)?;
                Some(Constant::Word(i64::try_from(at).ok()?))
            }
            Type::Phase => self.phase_named(name).map(|phase| Constant::Word(phase.0.into())),
            Type::Symbol if !RECORDS.contains(&name) => Some(Constant::Symbol(self.symbol(name))),
            _ => None,
        }
    }

    fn entity(&mut self, context: &Context, entity: Entity, name: &str, span: Span, expected: Option<&Type>) -> ExprId {
        match entity {
            Entity::Node(node) => self.read_node(context, node, span),
            Entity::Plan(_) if name == "size" => self.account(AccountField::Size, span),
            Entity::Plan(column) => {
                let Some((ty, missing)) =
                    self.plans.columns.get(usize::from(column)).map(|column| (column.ty.clone(), column.maybe_missing))
                else {
                    self.report(errors::read_by_its_table(name, span));
                    return self.error(span);
                };
                self.used_columns.insert(column);
                self.leaf(context, ExprKind::Plan(column), ty, span, missing)
            }
            Entity::Option(option) => {
                self.used_options.insert(option);
                let setting = &self.options[usize::from(option)];
                let (ty, missing) = (setting.ty.clone(), setting.default.is_none());
                self.leaf(context, ExprKind::Option(option), ty, span, missing)
            }
            Entity::Input(input) => {
                let setting = &self.inputs[usize::from(input)];
                let (ty, missing) = (setting.ty.clone(), setting.default.is_none() || setting.stale_after.is_some());
                self.leaf(context, ExprKind::Input(input), ty, span, missing)
            }
            Entity::Phase(phase) if expected.is_none_or(|ty| *ty == Type::Phase) => {
                self.constant(Constant::Word(phase.0.into()), Type::Phase, span)
            }
            Entity::Broken => self.error(span),
            Entity::Group(_) => self.wrong_use(name, "a group of trades", "name one of its values: `NAME.profit`", span),
            Entity::Table(_) => self.wrong_use(name, "a table", "name the column: `TABLE.column`", span),
            Entity::Session(_) => self.wrong_use(name, "a session", "write `NAME is open` or `NAME.closes`", span),
            Entity::Period(_) => {
                self.wrong_use(name, "a period", "name one of its values, such as `NAME.profit`, or write `NAME is open`", span)
            }
            Entity::Phase(_) => {
                self.wrong_use(name, "a phase", "compare it: `phase is NAME`, or read its last values: `NAME.profit`", span)
            }
            Entity::Event(_) => self.wrong_use(name, "an event", "it is handled by `on NAME { }`", span),
            Entity::Action(_) => self.wrong_use(name, "an action", "it is done by `call NAME(…)` in braces", span),
        }
    }

    fn wrong_use(&mut self, name: &str, what: &str, help: &str, span: Span) -> ExprId {
        self.report(
            Diagnostic::new(Code::TypeMismatch, span, format!("`{name}` is {what}, not a value"))
                .help(help.replace("NAME", name).replace("TABLE", name)),
        );
        self.error(span)
    }

    /// A value that may be missing unless something before says that it is known.
    pub(super) fn leaf(&mut self, context: &Context, kind: ExprKind, ty: Type, span: Span, maybe_missing: bool) -> ExprId {
        let words = self.source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let missing = maybe_missing && !context.known.contains(&words);
        self.push_with(kind, ty, span, missing)
    }

    /// The value of a node, `for each` ones where their record is at hand.
    pub(super) fn read_node(&mut self, context: &Context, node: NodeId, span: Span) -> ExprId {
        let facts = self.resolve(node, span);
        if !context.has(facts.per) {
            let found = errors::not_at_hand(self.per_word(facts.per), span, &self.where_it_is(facts.per));
            self.report(found);
            return self.error(span);
        }
        self.leaf(context, ExprKind::Node(node), facts.ty, span, facts.maybe_missing)
    }

    fn account(&mut self, field: AccountField, span: Span) -> ExprId {
        let row = field.row();
        let ty = row.ty.in_currency(self.header.currency);
        self.push_with(ExprKind::Account(field), ty, span, row.missing)
    }

    /// An expression behind `is known`: `last payout` alone stands for its amount.
    pub(super) fn presence(&mut self, context: &Context, expr: &ast::Expr) -> ExprId {
        match &expr.kind {
            ast::ExprKind::Last(word) if word.node == "payout" => {
                self.push_with(ExprKind::Payout(PayoutFact::LastAmount), Type::Money(self.header.currency), expr.span, true)
            }
            ast::ExprKind::Last(word) => match self.period_named(&word.node) {
                Some(period) => self.push_with(
                    ExprKind::LastPeriod(period, PeriodField::CloseBalance),
                    Type::Money(self.header.currency),
                    expr.span,
                    true,
                ),
                None => self.last_alone(word),
            },
            // A running duration is known when the instant is from which it counts.
            _ => {
                let id = self.expr(&context.comparing(expr), expr);
                self.elapsed_from(id).unwrap_or(id)
            }
        }
    }

    pub(super) fn last_alone(&mut self, word: &ast::Name) -> ExprId {
        let message = format!("`last {}` is a record: name one of its values", word.node);
        let help = if word.node == "payout" {
            "such as `last payout.amount`".to_owned()
        } else {
            format!("such as `last {}.close_balance`", word.node)
        };
        self.report(Diagnostic::new(Code::UnknownField, word.span, message).help(help));
        self.error(word.span)
    }

    /// A dotted name.
    pub(super) fn member(&mut self, context: &Context, base: &ast::Expr, field: &ast::Name, span: Span) -> ExprId {
        match &base.kind {
            ast::ExprKind::Last(word) => self.last_member(context, word, field, span),
            ast::ExprKind::Call(function, arguments) if function.node == "limit" || function.node == "goal" => {
                self.titled_member(context, function, arguments, field, span)
            }
            ast::ExprKind::Name(name) => self.named_member(context, name, base.span, field, span),
            _ => {
                self.report(Diagnostic::new(Code::UnknownField, field.span, "only records have fields"));
                self.error(span)
            }
        }
    }

    fn last_member(&mut self, context: &Context, word: &ast::Name, field: &ast::Name, span: Span) -> ExprId {
        let currency = self.header.currency;
        if word.node == "payout" {
            let (fact, ty) = match field.node.as_str() {
                "amount" => (PayoutFact::LastAmount, Type::Money(currency)),
                "at" => (PayoutFact::LastAt, Type::Instant),
                "balance" => (PayoutFact::LastBalance, Type::Money(currency)),
                other => {
                    self.report(errors::unknown_field("last payout", other, field.span, names_of(LAST_PAYOUT_FACTS)));
                    return self.error(span);
                }
            };
            let known = context.known.iter().any(|words| words == "last payout");
            let id = self.leaf(context, ExprKind::Payout(fact), ty, span, true);
            self.exprs[id.0 as usize].maybe_missing &= !known;
            return id;
        }
        let Some(period) = self.period_named(&word.node) else {
            let mut known = self.period_words();
            known.insert(0, "payout".into());
            self.report(errors::unknown_name(&word.node, word.span, known.iter().map(String::as_str)));
            return self.error(span);
        };
        let Some(row) = self.period_field(&format!("last {}", word.node), field) else { return self.error(span) };
        let ty = row.row().ty.in_currency(currency);
        let known = context.known.contains(&format!("last {}", word.node));
        let id = self.leaf(context, ExprKind::LastPeriod(period, row), ty, span, true);
        self.exprs[id.0 as usize].maybe_missing &= !known;
        id
    }

    fn period_field(&mut self, record: &str, field: &ast::Name) -> Option<PeriodField> {
        let found = PeriodField::find(&field.node);
        if found.is_none() {
            self.report(errors::unknown_field(record, &field.node, field.span, PeriodField::ALL.iter().map(|field| field.row().name)));
        }
        found
    }

    /// A value of the running period.
    pub(super) fn period_member(&mut self, context: &Context, period: Period, name: &str, field: &ast::Name, span: Span) -> ExprId {
        let Some(row) = self.period_field(name, field) else { return self.error(span) };
        let ty = row.row().ty.in_currency(self.header.currency);
        self.leaf(context, ExprKind::Period(period, row), ty, span, row.row().missing)
    }

    fn named_member(&mut self, context: &Context, name: &str, name_span: Span, field: &ast::Name, span: Span) -> ExprId {
        if let Some(declaration) = self.find(context.phase, name) {
            return self.declared_member(context, declaration.entity, name, field, span);
        }
        if let Some(period) = self.period_named(name) {
            return self.period_member(context, period, name, field, span);
        }
        if let Some(record) = Record::ALL.iter().copied().find(|record| record.word() == name) {
            return self.record_member(context, record, field, span);
        }
        match name {
            "account" => match AccountField::find(&field.node) {
                Some(found) => self.account(found, span),
                None => {
                    self.report(errors::unknown_field(
                        "account",
                        &field.node,
                        field.span,
                        AccountField::ALL.iter().map(|field| field.row().name),
                    ));
                    self.error(span)
                }
            },
            "payouts" => self.payouts_member(field, span),
            "plan" => self.plan_member(context, field, span),
            "session" if self.sessions.len() == 1 => self.session_member(0, name, field, span),
            "event" if context.host_event.is_some() => self.host_member(context.host_event.unwrap_or_default(), field, span),
            "phase" => {
                self.report(errors::unknown_field("phase", &field.node, field.span, std::iter::empty()).help("the phase's own values are `profit`, `start_balance`, `phase_started_at`; an earlier phase's are read by its name: `combine.profit`"));
                self.error(span)
            }
            _ if AccountField::find(name).is_some() => {
                let help = match AccountField::find(&field.node) {
                    Some(_) => format!("`{name}` is a single value; the other is read as `{}`", field.node),
                    None => format!("`{name}` is a single value and has no fields"),
                };
                self.report(errors::unknown_field(name, &field.node, field.span, std::iter::empty()).help(help));
                self.error(span)
            }
            _ => self.unknown(context, name, name_span),
        }
    }

    fn declared_member(&mut self, context: &Context, entity: Entity, name: &str, field: &ast::Name, span: Span) -> ExprId {
        match entity {
            Entity::Table(table) => self.lookup(context, table, field, span),
            Entity::Group(group) => self.group_member(context, group, name, field, span),
            Entity::Session(session) => self.session_member(session, name, field, span),
            Entity::Period(period) => self.period_member(context, period, name, field, span),
            Entity::Phase(phase) => self.phase_member(phase, name, field, span),
            Entity::Event(event) if context.host_event == Some(event) => self.host_member(event, field, span),
            Entity::Event(_) => {
                self.report(errors::not_at_hand(&format!("`{name}`"), span, &format!("inside `on {name} {{ }}`")));
                self.error(span)
            }
            Entity::Broken => self.error(span),
            _ => {
                self.report(
                    errors::unknown_field(name, &field.node, field.span, std::iter::empty())
                        .help(format!("`{name}` is a single value and has no fields")),
                );
                self.error(span)
            }
        }
    }

    fn record_member(&mut self, context: &Context, record: Record, field: &ast::Name, span: Span) -> ExprId {
        if !context.at_hand.contains(&record) {
            self.report(errors::not_at_hand(record.word(), span, where_at_hand(record)));
            return self.error(span);
        }
        if let Some(from) = compare::counted_from(record, &field.node) {
            let from = self.leaf(context, ExprKind::Record(from), Type::Instant, span, from.row().missing);
            return self.running(context, from, span);
        }
        if let Some(found) = RecordField::find(record, &field.node) {
            let row = found.row();
            let ty = row.ty.in_currency(self.header.currency);
            return self.leaf(context, ExprKind::Record(found), ty, span, row.missing);
        }
        if let Some((extension, at, ty)) = self.extension_field(record, &field.node) {
            return self.leaf(context, ExprKind::Extension(extension, at), ty, span, true);
        }
        let known: Vec<&str> = RecordField::ALL.iter().filter(|field| field.record() == record).map(|field| field.row().name).collect();
        self.report(errors::unknown_field(record.word(), &field.node, field.span, known.into_iter()));
        self.error(span)
    }

    fn extension_field(&self, record: Record, name: &str) -> Option<(u16, u16, Type)> {
        let (at, extension) = (0..).zip(&self.extensions).find(|(_, extension)| extension.name == record.word())?;
        let (field, (_, ty)) = (0..).zip(&extension.fields).find(|(_, (field, _))| field == name)?;
        Some((at, field, ty.clone()))
    }

    fn payouts_member(&mut self, field: &ast::Name, span: Span) -> ExprId {
        match field.node.as_str() {
            "count" => self.push(ExprKind::Payout(PayoutFact::Count), Type::Count, span),
            "total" => self.push(ExprKind::Payout(PayoutFact::Total), Type::Money(self.header.currency), span),
            other => {
                self.report(errors::unknown_field("payouts", other, field.span, names_of(PAYOUTS_FACTS)));
                self.error(span)
            }
        }
    }

    fn plan_member(&mut self, context: &Context, field: &ast::Name, span: Span) -> ExprId {
        match self.find(None, &field.node).map(|declaration| declaration.entity) {
            Some(entity @ Entity::Plan(_)) => self.entity(context, entity, &field.node, span, None),
            _ => {
                let known: Vec<String> = self.plans.columns.iter().map(|column| column.name.clone()).collect();
                self.report(errors::unknown_field("plan", &field.node, field.span, known.iter().map(String::as_str)));
                self.error(span)
            }
        }
    }

    fn session_member(&mut self, session: u16, name: &str, field: &ast::Name, span: Span) -> ExprId {
        if field.node == "closes" {
            return self.push_with(ExprKind::SessionCloses(session), Type::Instant, span, true);
        }
        self.report(errors::unknown_field(name, &field.node, field.span, names_of(SESSION_FACTS)));
        self.error(span)
    }

    fn phase_member(&mut self, phase: PhaseId, name: &str, field: &ast::Name, span: Span) -> ExprId {
        if let Some(Entity::Node(node)) = self.names.find_in(phase, &field.node).map(|declaration| declaration.entity) {
            let facts = self.resolve(node, span);
            return self.push_with(ExprKind::Node(node), facts.ty, span, true);
        }
        if let Some(found) = AccountField::find(&field.node) {
            let ty = found.row().ty.in_currency(self.header.currency);
            return self.push_with(ExprKind::PhaseFinal(phase, found), ty, span, true);
        }
        let known: Vec<String> = self.names.visible(Some(phase)).map(str::to_owned).collect();
        self.report(errors::unknown_field(name, &field.node, field.span, known.iter().map(String::as_str)));
        self.error(span)
    }

    fn host_member(&mut self, event: u16, field: &ast::Name, span: Span) -> ExprId {
        let fields = self.events[usize::from(event)].fields.clone();
        match (0..).zip(&fields).find(|(_, (name, _))| *name == field.node) {
            Some((at, (_, ty))) => self.push(ExprKind::HostField(event, at), ty.clone(), span),
            None => {
                let name = self.events[usize::from(event)].name.clone();
                self.report(errors::unknown_field(&name, &field.node, field.span, fields.iter().map(|(name, _)| name.as_str())));
                self.error(span)
            }
        }
    }

    fn titled_member(&mut self, context: &Context, function: &ast::Name, arguments: &[ast::Expr], field: &ast::Name, span: Span) -> ExprId {
        let goal = function.node == "goal";
        let [ast::Expr { kind: ast::ExprKind::Text(title), span: title_span }] = arguments else {
            self.report(Diagnostic::new(Code::Arguments, span, format!("`{}` takes the title in quotes", function.node)));
            return self.error(span);
        };
        let Some(node) = self.names.find_title(context.phase, &self.title_text(title), goal).map(|titled| titled.node) else {
            let known: Vec<String> = self.names.titles(goal).map(str::to_owned).collect();
            self.report(errors::unknown_title(&function.node, title, *title_span, known.iter().map(String::as_str)));
            return self.error(span);
        };
        if goal { self.goal_fact(node, field, span) } else { self.limit_fact(node, field, span) }
    }

    /// A fact about a limit.
    pub(super) fn limit_fact(&mut self, node: NodeId, field: &ast::Name, span: Span) -> ExprId {
        let facts = self.resolve(node, span);
        let (facet, ty, missing) = match field.node.as_str() {
            "headroom" => (LimitFacet::Headroom, facts.ty, true),
            "used" => (LimitFacet::Used, Type::Percent, true),
            "broken" => (LimitFacet::Broken, Type::Bool, false),
            "breaches" => (LimitFacet::Breaches, Type::Count, false),
            other => {
                self.report(errors::unknown_field("limit", other, field.span, names_of(LIMIT_FACTS)));
                return self.error(span);
            }
        };
        self.push_with(ExprKind::Limit(node, facet), ty, span, missing)
    }

    fn goal_fact(&mut self, node: NodeId, field: &ast::Name, span: Span) -> ExprId {
        match field.node.as_str() {
            "reached" => self.push(ExprKind::Goal(node, None), Type::Bool, span),
            "missing" => self.push(ExprKind::Goal(node, Some(())), Type::Count, span),
            other => {
                self.report(errors::unknown_field("goal", other, field.span, names_of(GOAL_FACTS)));
                self.error(span)
            }
        }
    }
}

fn names_of(facts: &'static [FactRow]) -> impl Iterator<Item = &'static str> {
    facts.iter().map(|fact| fact.name)
}

fn where_at_hand(record: Record) -> &'static str {
    match record {
        Record::Position => "in a limit or tracker `for each position`, and after words such as `any open positions where`",
        Record::Order => "in `on order { }`, in a limit `for each order`, and after words such as `any working orders where`",
        Record::Fill => "in `on fill`, `on entry`, `on exit` and in trackers `at fill`, `at entry`, `at exit`",
        Record::Trade => "in `on trade { }` and in trackers `at trade`",
        Record::Payout => "in `payout { }` and in rules on payout events",
        Record::Symbol => "in a limit or tracker `for each symbol`",
        Record::News => "after `where` in a news condition",
        Record::Tick => "in `on mark { }` and in trackers `at mark`",
    }
}

/// The words of types that a declaration may have; those of quantities in a unit stand beside them.
pub(super) const TYPES: &[(&str, DeclaredType)] = &[
    ("bool", DeclaredType::Field(FieldType::Bool)),
    ("money", DeclaredType::Field(FieldType::Money)),
    ("price", DeclaredType::Field(FieldType::Price)),
    ("move", DeclaredType::Plain(Type::Move)),
    ("quantity", DeclaredType::Field(FieldType::Quantity)),
    ("percent", DeclaredType::Field(FieldType::Percent)),
    ("number", DeclaredType::Field(FieldType::Number)),
    ("count", DeclaredType::Field(FieldType::Count)),
    ("duration", DeclaredType::Field(FieldType::Duration)),
    ("days", DeclaredType::Plain(Type::Days)),
    ("date", DeclaredType::Field(FieldType::Date)),
    ("time", DeclaredType::Plain(Type::Time)),
    ("instant", DeclaredType::Field(FieldType::Instant)),
    ("weekday", DeclaredType::Field(FieldType::Weekday)),
    ("text", DeclaredType::Field(FieldType::Text)),
];

/// What a word of [`TYPES`] means.
pub(super) enum DeclaredType {
    /// A type that fields have too; money in the program's currency.
    Field(FieldType),
    /// Another.
    Plain(Type),
}

/// The type of a field that a host declares, or that an option, an input or a state has.
pub(super) fn named_type(word: &str, currency: crate::value::Currency) -> Option<Type> {
    match TYPES.iter().find(|(name, _)| *name == word) {
        Some((_, DeclaredType::Field(field))) => Some(field.in_currency(currency)),
        Some((_, DeclaredType::Plain(ty))) => Some(ty.clone()),
        None => crate::value::Unit::ALL.into_iter().find(|unit| unit.plural() == word).map(|unit| Type::Quantity(Some(unit))),
    }
}
