//! First pass: what a program declares, before anything is looked into.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{ExprId, ExprKind, HostRecord, MAX_NODES, NodeId, NodeKind, Phase, PhaseId, Setting};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, TableKind};
use crate::syntax::begins_statement;
use crate::value::Type;
use crate::vocabulary::{AccountField, Occasion, Record, RecordField};

use super::context::Context;
use super::names::{Declaration, Entity, Titled};
use super::reuse::Placed;
use super::{Checker, Draft, DraftItem, DraftState, Facts, errors};

/// The phases that every program has.
const STANDING: [&str; 3] = ["passed", "failed", "closed"];

impl<'a> Checker<'a> {
    /// Checks a whole program.
    pub(super) fn program(&mut self, program: &'a ast::Program) {
        self.lower_header(program);
        self.declare_phases(program);
        self.declare_templates(program);
        let mut all = Vec::new();
        self.placed(None, &program.items, &mut all);
        self.declare_all(&all);
        for item in &program.items {
            if let ItemKind::Phase(phase) = &item.kind {
                let id = self.phase_named(&phase.name.node);
                let outside = all.len();
                self.placed(id, &phase.items, &mut all);
                self.declare_all(&all[outside..]);
                self.declare_enter(id, phase, item.head);
            }
        }
        if self.drafts.len() > MAX_NODES {
            return;
        }
        self.settings_and_tables(program, &all);
        self.phase_ledgers(program);
        self.lower_groups();
        let mut at = 0;
        while at < self.drafts.len() {
            if self.drafts[at].state == DraftState::Waiting {
                self.lower(NodeId(u16::try_from(at).unwrap_or(u16::MAX)));
            }
            at += 1;
        }
    }

    fn declare_all(&mut self, items: &[Placed<'a>]) {
        for placed in items {
            if self.drafts.len() > MAX_NODES {
                self.over_limit(placed.item.head, MAX_NODES, "values and rules");
                break;
            }
            self.current_use = placed.used;
            self.declare(placed.phase, placed.item);
        }
        self.current_use = None;
    }

    fn declare_phases(&mut self, program: &'a ast::Program) {
        for item in &program.items {
            let ItemKind::Phase(phase) = &item.kind else { continue };
            if STANDING.contains(&phase.name.node.as_str()) {
                continue;
            }
            if self.phase_named(&phase.name.node).is_none() {
                self.phases.push(Phase { name: phase.name.node.clone(), ledger: None, standing: false, span: item.head });
            }
        }
        if self.phases.is_empty() && !program.title.node.is_empty() {
            self.report(
                Diagnostic::new(Code::Unsaid, program.title.span, "the program has no phase")
                    .help("put its rules into `phase NAME { … }`: an account is always in one"),
            );
        }
        for name in STANDING {
            let body = program.items.iter().find(|item| matches!(&item.kind, ItemKind::Phase(phase) if phase.name.node == name));
            self.phases.push(Phase {
                name: name.into(),
                ledger: None,
                standing: true,
                span: body.map(|item| item.head).unwrap_or_default(),
            });
        }
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for item in &program.items {
            let ItemKind::Phase(phase) = &item.kind else { continue };
            match seen.iter().find(|(name, _)| *name == phase.name.node) {
                Some((_, earlier)) => self.report(errors::duplicate(&phase.name.node, phase.name.span, *earlier)),
                None if is_built_in(&phase.name.node) => self.report(errors::built_in(&phase.name.node, phase.name.span)),
                None => seen.push((&phase.name.node, phase.name.span)),
            }
        }
        for (at, phase) in self.phases.iter().enumerate() {
            let id = PhaseId(u16::try_from(at).unwrap_or(u16::MAX));
            self.names.declare(None, &phase.name.clone(), Declaration { entity: Entity::Phase(id), span: phase.span });
        }
    }

    pub(super) fn declare_name(&mut self, phase: Option<PhaseId>, name: &ast::Name, entity: Entity) {
        let here = self.declared_at(name.span);
        let declaration = Declaration { entity, span: here };
        let real = self.real_name(&name.node);
        if begins_statement(&name.node) {
            self.report(errors::name_like_statement(&name.node, name.span));
        }
        if is_built_in(&real) && !(real == "size" && matches!(entity, Entity::Plan(_))) {
            self.report(errors::built_in(&real, name.span));
        } else if let Some(earlier) = self.names.declare(phase, &real, declaration) {
            self.report(errors::duplicate(&real, here, earlier.span));
        } else if let Some(phase) = phase
            && let Some(outer) = self.names.find(None, &real).filter(|outer| outer.entity != Entity::Broken)
            && self.names.find_in(phase, &real).is_some()
        {
            self.report(errors::duplicate(&real, here, outer.span).note("a name in a phase may not hide one of the program"));
        } else if phase.is_none()
            && let Some(inner) = (0..).map(PhaseId).take(self.phases.len()).find_map(|phase| self.names.find_in(phase, &real))
            && inner.entity != Entity::Broken
        {
            self.report(errors::duplicate(&real, inner.span, here).note("a name in a phase may not hide one of the program"));
        }
    }

    fn draft(&mut self, phase: Option<PhaseId>, name: &str, item: DraftItem<'a>, (span, head): (Span, Span), ty: Type) -> NodeId {
        let facts = Facts { ty, maybe_missing: false, per: crate::ir::Per::Account };
        let name = self.real_name(name);
        let used = self.current_use;
        self.drafts.push(Draft { item, name, cites: None, phase, used, span, head, state: DraftState::Waiting, facts, node: None });
        NodeId(u16::try_from(self.drafts.len() - 1).unwrap_or(u16::MAX))
    }

    fn declare(&mut self, phase: Option<PhaseId>, item: &'a ast::Item) {
        let place = (item.span, item.head);
        let money = Type::Money(self.header.currency);
        match &item.kind {
            ItemKind::Let(item) => {
                let node = self.draft(phase, &item.name.node, DraftItem::Let(item), place, Type::Error);
                self.declare_name(phase, &item.name, Entity::Node(node));
            }
            ItemKind::Track(item) => {
                let node = self.draft(phase, &item.name.node, DraftItem::Track(item), place, Type::Error);
                self.declare_name(phase, &item.name, Entity::Node(node));
            }
            ItemKind::Group(group) => self.declare_group(phase, group, item.head),
            ItemKind::State(item) => {
                let ty = match &item.ty {
                    ast::TypeName::Word(word) => super::read::named_type(&word.node, self.header.currency).unwrap_or(Type::Error),
                    ast::TypeName::OneOf(words) => Type::OneOf(words.iter().map(|word| word.node.clone()).collect()),
                };
                let node = self.draft(phase, &item.name.node, DraftItem::State(item), place, ty);
                self.declare_name(phase, &item.name, Entity::Node(node));
            }
            ItemKind::Floor(item) => {
                let node = self.draft(phase, &item.name.node, DraftItem::Floor(item), place, money);
                self.declare_name(phase, &item.name, Entity::Node(node));
            }
            ItemKind::Limit(limit) => {
                let node = self.draft(phase, &self.title_text(&limit.title.node), DraftItem::Limit(limit), place, money);
                self.drafts[node.0 as usize].cites = self.clause_text(limit.cites.as_ref());
                self.title(phase, &limit.title, node, false);
            }
            ItemKind::Goal(goal) => {
                let node = self.draft(phase, &self.title_text(&goal.title.node), DraftItem::Goal(goal), place, Type::Error);
                self.drafts[node.0 as usize].cites = self.clause_text(goal.cites.as_ref());
                self.title(phase, &goal.title, node, true);
            }
            ItemKind::Rule(rule) => {
                let name = self.rule_name(item.head);
                self.draft(phase, &name, DraftItem::Rule(rule), place, Type::Error);
            }
            ItemKind::Period(declared) => self.declare_period(declared, item.head),
            ItemKind::Counted(counted) => {
                let name = ast::Name::new(super::counted::NAME.into(), item.head);
                let node = self.draft(phase, &name.node, DraftItem::Counted(counted), place, money);
                self.declare_name(phase, &name, Entity::Node(node));
            }
            ItemKind::Payout(payout) => self.declare_payout(phase, payout, place),
            ItemKind::Phase(_) if phase.is_some() => self.report(
                Diagnostic::new(Code::Misplaced, item.head, "a phase inside a phase")
                    .help("phases stand side by side; `promote to` leads from one to the next"),
            ),
            ItemKind::Broken { declares } => {
                for name in declares {
                    self.names.declare(phase, &name.node, Declaration { entity: Entity::Broken, span: name.span });
                }
            }
            ItemKind::Template(_) if phase.is_some() => self.report(
                Diagnostic::new(Code::Misplaced, item.head, "a template inside a phase")
                    .help("templates stand beside the program, or at its top"),
            ),
            _ => {}
        }
    }

    fn declare_payout(&mut self, phase: Option<PhaseId>, payout: &'a ast::Payout, place: (Span, Span)) {
        let twice =
            self.drafts.iter().find(|draft| draft.phase == phase && matches!(draft.item, DraftItem::Payout(_))).map(|draft| draft.head);
        if let Some(earlier) = twice {
            self.report(Diagnostic::new(Code::Misplaced, place.1, "a phase has one payout policy").other(earlier, "the first stands here"));
        }
        self.draft(phase, "payout", DraftItem::Payout(payout), place, Type::Error);
        for (moment, actions) in &payout.moments {
            let (occasion, word) = match moment.node {
                ast::PayoutMoment::Request => (Occasion::PayoutRequest, "request"),
                ast::PayoutMoment::Approval => (Occasion::PayoutApproval, "approval"),
                ast::PayoutMoment::Payment => (Occasion::PayoutPayment, "payment"),
                ast::PayoutMoment::Denial => (Occasion::PayoutDenial, "denial"),
            };
            self.draft(phase, &format!("payout at {word}"), DraftItem::Handler(occasion, actions), (moment.span, moment.span), Type::Error);
        }
    }

    fn declare_enter(&mut self, id: Option<PhaseId>, phase: &'a ast::Phase, head: Span) {
        if !phase.on_enter.is_empty() {
            let name = format!("on enter {}", phase.name.node);
            self.draft(id, &name, DraftItem::Handler(Occasion::PhaseStart, &phase.on_enter), (head, head), Type::Error);
        }
    }

    fn title(&mut self, phase: Option<PhaseId>, title: &ast::Name, node: NodeId, goal: bool) {
        let text = self.title_text(&title.node);
        let here = self.declared_at(title.span);
        let titled = Titled { title: text.clone(), phase, node, goal, span: here };
        if let Some(earlier) = self.names.declare_title(titled) {
            self.report(errors::duplicate(&format!("\"{text}\""), here, earlier.span).help("give one of them another title"));
        }
    }

    /// Rules have no title: their trigger as written, up to the brace, with their line.
    fn rule_name(&self, head: Span) -> String {
        let text = self.words_here(head).split('{').next().unwrap_or("").trim().to_owned();
        let with_line = format!("{text} (line ");
        if self.drafts.iter().any(|draft| draft.name == text || draft.name.starts_with(&with_line)) {
            format!("{text} (line {})", self.source.line_column(self.outermost(self.current_use).unwrap_or(head).start).0)
        } else {
            text
        }
    }

    fn settings_and_tables(&mut self, program: &'a ast::Program, all: &[Placed<'a>]) {
        for placed in all {
            self.current_use = placed.used;
            self.host_records(placed.phase, placed.item);
        }
        self.current_use = None;
        let mut plans = all.iter().filter_map(|placed| match &placed.item.kind {
            ItemKind::Table(table) if matches!(table.kind, TableKind::Plans) => Some((table, placed.item.head)),
            _ => None,
        });
        let (plans, more) = (plans.next(), plans.next());
        if let (Some((_, first)), Some((_, second))) = (plans, more) {
            self.report(errors::twice("plans", second, first).help("put all plans into one table"));
        }
        match plans {
            Some((table, span)) => {
                for (at, column) in (0..).zip(table.columns.iter().skip(1)) {
                    self.declare_name(None, column, Entity::Plan(at));
                }
                self.lower_plans(table, span);
            }
            None if all
                .iter()
                .any(|placed| matches!(placed.item.kind, ItemKind::Broken { .. }) && self.begins_with(placed.item, "plans")) =>
            {
                self.names_unknown = true;
            }
            None if !program.title.node.is_empty() => {
                self.report(
                    Diagnostic::new(Code::Unsaid, program.title.span, "the program has no plans")
                        .help("add a table `plans` with at least the column `size`"),
                );
            }
            None => {}
        }
        for placed in all {
            self.current_use = placed.used;
            self.setting(placed.phase, placed.item);
        }
        for placed in all {
            self.current_use = placed.used;
            self.table(placed.phase, placed.item);
        }
        self.current_use = None;
        self.lower_periods(all.iter().filter_map(|placed| match &placed.item.kind {
            ItemKind::Period(declared) => Some(declared),
            _ => None,
        }));
    }

    fn begins_with(&self, item: &ast::Item, word: &str) -> bool {
        self.source.slice(item.head).split_whitespace().next() == Some(word)
    }

    fn host_records(&mut self, phase: Option<PhaseId>, item: &'a ast::Item) {
        let (fields, list) = match &item.kind {
            ItemKind::Event(fields) => (fields, 0),
            ItemKind::Action(fields) => (fields, 1),
            ItemKind::Extend(fields) => (fields, 2),
            _ => return,
        };
        self.fields_once(fields.fields.iter().map(|(name, _)| name));
        let typed = fields.fields.iter().filter_map(|(name, ty)| Some((name.node.clone(), self.type_named(ty)?))).collect();
        let record = HostRecord { name: fields.name.node.clone(), fields: typed, span: item.head };
        match list {
            0 => {
                let at = u16::try_from(self.events.len()).unwrap_or(u16::MAX);
                self.declare_name(phase, &fields.name, Entity::Event(at));
                self.events.push(record);
            }
            1 => {
                let at = u16::try_from(self.host_actions.len()).unwrap_or(u16::MAX);
                self.declare_name(phase, &fields.name, Entity::Action(at));
                self.host_actions.push(record);
            }
            _ => {
                if fields.fields.is_empty() {
                    let found = Diagnostic::new(Code::Unsaid, item.head, format!("`extend {}` adds nothing", record.name));
                    self.report(found.help("write its fields in braces: `extend order { device: text }`"));
                }
                if !["order", "fill", "tick"].contains(&record.name.as_str()) {
                    self.report(errors::unknown_name(&record.name, fields.name.span, ["order", "fill", "tick"].into_iter()));
                }
                self.extension_of_its_own(fields, item.head);
                self.extensions.push(record);
            }
        }
    }

    /// Fields and parameters of one list have names of their own.
    pub(super) fn fields_once<'n>(&mut self, names: impl Iterator<Item = &'n ast::Name>) {
        let mut seen: Vec<&ast::Name> = Vec::new();
        for name in names {
            match seen.iter().find(|first| first.node == name.node) {
                Some(first) => self.report(errors::duplicate(&name.node, name.span, first.span)),
                None => seen.push(name),
            }
        }
    }

    /// A record is extended once, by fields that it does not have.
    fn extension_of_its_own(&mut self, extension: &ast::Fields, head: Span) {
        let name = &extension.name.node;
        if let Some(first) = self.extensions.iter().find(|first| first.name == *name) {
            let found = errors::twice(&format!("extend {name}"), head, first.span);
            self.report(found.help("put all its fields into one `extend`"));
        }
        let Some(record) = Record::ALL.iter().copied().find(|record| record.word() == name) else { return };
        for (field, _) in extension.fields.iter().filter(|(field, _)| RecordField::find(record, &field.node).is_some()) {
            let found = Diagnostic::new(Code::DuplicateName, field.span, format!("every {name} has a `{}`", field.node));
            self.report(found.help("choose another name for what the host adds"));
        }
    }

    /// What an option or input is until it is told; `none` is no default.
    fn default(&mut self, default: Option<&'a ast::Expr>, ty: &Type) -> Option<crate::ir::ExprId> {
        let default = default?;
        if let (Type::OneOf(words), ast::ExprKind::Name(word)) = (ty, &default.kind)
            && words.contains(word)
            && is_built_in(word)
        {
            // Told where the words are declared.
            return Some(self.error(default.span));
        }
        let default = self.expr_of(&Context::default(), default, ty);
        Some(default).filter(|default| !self.exprs[default.0 as usize].maybe_missing)
    }

    /// What a host tells is of the account: of two phases with one name it would reach one.
    fn told_once(&mut self, phase: Option<PhaseId>, name: &ast::Name) {
        let real = self.real_name(&name.node);
        let earlier = self.options.iter().chain(&self.inputs).find(|setting| setting.name == real).map(|setting| setting.span);
        if let Some(earlier) = earlier.filter(|_| self.names.find(phase, &real).is_none()) {
            let found = errors::duplicate(&real, self.declared_at(name.span), earlier);
            self.report(found.help("declare it once, outside the phases: it is told of the account"));
        }
    }

    fn setting(&mut self, phase: Option<PhaseId>, item: &'a ast::Item) {
        match &item.kind {
            ItemKind::Option(option) => {
                let Some(ty) = self.type_named(&option.ty) else {
                    self.names.declare(phase, &option.name.node, Declaration { entity: Entity::Broken, span: option.name.span });
                    return;
                };
                self.told_once(phase, &option.name);
                let default = self.default(option.default.as_ref(), &ty);
                let at = u16::try_from(self.options.len()).unwrap_or(u16::MAX);
                self.declare_name(phase, &option.name, Entity::Option(at));
                let name = self.real_name(&option.name.node);
                self.options.push(Setting { name, ty, default, changeable: option.changeable, stale_after: None, span: item.head });
            }
            ItemKind::Input(input) => {
                let Some(ty) = self.type_named(&input.ty) else {
                    self.names.declare(phase, &input.name.node, Declaration { entity: Entity::Broken, span: input.name.span });
                    return;
                };
                self.told_once(phase, &input.name);
                let default = self.default(input.default.as_ref(), &ty);
                let stale_after = input.stale_after.as_ref().and_then(|age| self.nanos(age));
                let at = u16::try_from(self.inputs.len()).unwrap_or(u16::MAX);
                self.declare_name(phase, &input.name, Entity::Input(at));
                self.inputs.push(Setting {
                    name: self.real_name(&input.name.node),
                    ty,
                    default,
                    changeable: false,
                    stale_after,
                    span: item.head,
                });
            }
            ItemKind::Session(session) => {
                let at = u16::try_from(self.sessions.len()).unwrap_or(u16::MAX);
                match self.lower_session(session, item.head) {
                    Some(weekly) => {
                        self.declare_name(phase, &session.name, Entity::Session(at));
                        self.sessions.push((session.name.node.clone(), weekly));
                    }
                    None => {
                        self.names.declare(phase, &session.name.node, Declaration { entity: Entity::Broken, span: session.name.span });
                    }
                }
            }
            _ => {}
        }
    }

    fn table(&mut self, phase: Option<PhaseId>, item: &'a ast::Item) {
        let ItemKind::Table(table) = &item.kind else { return };
        let instruments = ast::Name::new("instruments".into(), item.head);
        let (name, by) = match &table.kind {
            TableKind::Plans => return,
            TableKind::Instruments => (&instruments, None),
            TableKind::Named { name, by } => (name, Some(by)),
        };
        let at = u16::try_from(self.tables.len()).unwrap_or(u16::MAX);
        self.declare_name(phase, name, Entity::Table(at));
        let lowered = self.lower_table(phase, table, name, item.head);
        self.tables.push(lowered);
        self.table_keys.push(by);
    }

    fn phase_ledgers(&mut self, program: &'a ast::Program) {
        let money = Type::Money(self.header.currency);
        for item in &program.items {
            let ItemKind::Phase(phase) = &item.kind else { continue };
            let (Some(id), Some(ledger)) = (self.phase_named(&phase.name.node), &phase.ledger) else { continue };
            let value = self.expr_of(&Context::of(Some(id)), ledger, &money);
            self.must_be_known(value, ledger);
            if let Some((name, span)) = self.begins_with_phase(id, value) {
                self.report(errors::begins_with_phase(&name, span, ledger.span));
            }
            self.phases[id.0 as usize].ledger = Some(value);
        }
    }

    /// What an expression reads, itself or through `let`, that is not there before the phase is entered:
    /// its name, and where it is read.
    fn begins_with_phase(&self, phase: PhaseId, id: ExprId) -> Option<(String, Span)> {
        let expr = &self.exprs[id.0 as usize];
        if let ExprKind::Node(node) | ExprKind::Limit(node, _) | ExprKind::Goal(node, _) = expr.kind {
            let draft = self.drafts.get(usize::from(node.0))?;
            let opening = phase == PhaseId(0) && draft.phase.is_none();
            return match self.node_kind(node)? {
                NodeKind::Value(value) => self.begins_with_phase(phase, *value).map(|(name, _)| (name, expr.span)),
                _ if opening || draft.phase == Some(phase) => Some((draft.name.clone(), expr.span)),
                _ => None,
            };
        }
        expr.kind.operands().into_iter().find_map(|operand| self.begins_with_phase(phase, operand))
    }

    /// Whether some action lets the floor of that name jump or freeze.
    pub(super) fn jumps_elsewhere(&self, name: &str) -> bool {
        let text = self.source.text();
        let moved = |name: &str| text.contains(&format!("{name} jumps")) || text.contains(&format!("{name} freezes"));
        moved(name) || moved(&self.real_name(name))
    }
}

/// Whether a name is one of the values that every program has: of the account, of its payouts, the amount of a
/// payout, the number of a period whose length is said.
pub(super) fn is_built_in(name: &str) -> bool {
    AccountField::find(name).is_some() || ["payouts", "amount", "number"].contains(&name)
}
