//! Values kept and watched: `let`, `track`, `state`, `floor`.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{self, EffectAt, Event, ExprId, Held, NodeKind, Per, Wait};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Distance, Effect, FloorClauseKind, JumpTo, Tail};
use crate::value::Type;
use crate::vocabulary::Record;

use super::context::Context;
use super::expr::not_yet;
use super::{Checker, Facts, errors, types};

/// What a declaration came to: the node's kind, its type, whether it may be missing, what it is kept for.
pub(super) struct Lowered {
    pub(super) kind: NodeKind,
    pub(super) facts: Facts,
    pub(super) per: Per,
}

impl Lowered {
    fn new(kind: NodeKind, ty: Type, maybe_missing: bool, per: Per) -> Self {
        Self { kind, facts: Facts { ty, maybe_missing, per }, per }
    }
}

/// The record that is at hand for each of what something is kept for.
pub(super) fn record_of(per: Per) -> Option<Record> {
    match per {
        Per::Account | Per::Group(_) => None,
        Per::Position => Some(Record::Position),
        Per::Symbol => Some(Record::Symbol),
        Per::Order => Some(Record::Order),
    }
}

impl Checker<'_> {
    pub(super) fn lower_let(&mut self, context: &Context, item: &ast::Let) -> Lowered {
        let value = self.expr(context, &item.value);
        let (ty, missing) = (self.ty(value).clone(), self.exprs[value.0 as usize].maybe_missing);
        if matches!(ty, Type::Missing) {
            self.report(errors::wrong_type("a value", &ty, item.value.span));
        }
        let kind = match self.tails(&item.tails, &ty) {
            None => NodeKind::Value(value),
            Some(tails) => NodeKind::Held(Held { cause: value, ..tails }),
        };
        Lowered::new(kind, ty, missing, Per::Account)
    }

    pub(super) fn lower_track(&mut self, context: &Context, item: &ast::Track) -> Option<Lowered> {
        let per = self.per(context, item.for_each.as_ref())?;
        let inner = context.for_each(per);
        let (kind, ty, missing) = self.tracker(&inner, &item.aggregate.node, item.aggregate.span)?;
        if per == Per::Order {
            self.report(Diagnostic::new(Code::Contradiction, item.name.span, "nothing can be tracked for an order: it is judged once"));
            return None;
        }
        let Some(tails) = self.tails(&item.tails, &ty) else {
            return Some(Lowered::new(kind, ty, missing, per));
        };
        let span = item.aggregate.span;
        let name = format!("{} before its tails", item.name.node);
        let node = self.hidden_per(&inner, name, kind, ty.clone(), missing, span, per);
        let cause = self.push_with(ir::ExprKind::Node(node), ty.clone(), span, missing);
        Some(Lowered::new(NodeKind::Held(Held { cause, ..tails }), ty, missing, per))
    }

    pub(super) fn lower_state(&mut self, context: &Context, item: &ast::StateDecl, id: ir::NodeId) -> Option<Lowered> {
        let ty = self.type_named(&item.ty)?;
        let Some(initial) = &item.initial else {
            self.report(
                Diagnostic::new(Code::Unsaid, item.name.span, format!("`{}` does not say its first value", item.name.node))
                    .help("add `= …`, or `= none`"),
            );
            return None;
        };
        let initial = self.expr_of(context, initial, &ty);
        let missing = self.exprs[initial.0 as usize].maybe_missing;
        let Some(tails) = self.tails(&item.tails, &ty) else {
            return Some(Lowered::new(NodeKind::State(initial), ty, missing, Per::Account));
        };
        let span = item.name.span;
        let raw = self.hidden(context, format!("{} as set", item.name.node), NodeKind::State(initial), ty.clone(), missing, span);
        self.set_targets.insert(id, raw);
        let cause = self.push_with(ir::ExprKind::Node(raw), ty.clone(), span, missing);
        Some(Lowered::new(NodeKind::Held(Held { cause, ..tails }), ty, missing, Per::Account))
    }

    #[expect(clippy::too_many_arguments, reason = "a hidden node is described by just these")]
    fn hidden_per(&mut self, context: &Context, name: String, kind: NodeKind, ty: Type, missing: bool, span: Span, per: Per) -> ir::NodeId {
        let id = self.hidden(context, name, kind, ty, missing, span);
        self.set_per(id, per);
        id
    }

    /// What is kept for each of what.
    pub(super) fn per(&mut self, context: &Context, for_each: Option<&ast::Name>) -> Option<Per> {
        match for_each.map(|name| (name.node.as_str(), name.span)) {
            None => Some(Per::Account),
            Some(("position", _)) => Some(Per::Position),
            Some(("symbol", _)) => Some(Per::Symbol),
            Some(("order", _)) => Some(Per::Order),
            Some((closed @ ("trade" | "fill"), span)) => {
                let message = format!("nothing is kept for each {closed}: it is over when it is told");
                self.report(Diagnostic::new(Code::Contradiction, span, message).help(format!(
                    "keep it `for each position`, `for each order` or `for each symbol`, or judge it in `on {closed} where … {{ }}`"
                )));
                None
            }
            Some((other, span)) => {
                let group = self.group_named(context.phase, other);
                if group.is_none() {
                    let groups = self.groups.iter().map(|group| group.name.clone());
                    let known: Vec<String> = ["position", "symbol", "order"].map(str::to_owned).into_iter().chain(groups).collect();
                    self.report(errors::unknown_name(other, span, known.iter().map(String::as_str)));
                }
                group.map(Per::Group)
            }
        }
    }

    fn tails(&mut self, tails: &[Spanned<Tail>], ty: &Type) -> Option<Held> {
        let first = tails.first()?;
        if !(types::ordered(ty) || matches!(ty, Type::Bool)) {
            self.report(Diagnostic::new(Code::Contradiction, first.span, format!("{ty} cannot rise or fall, so its changes cannot wait")));
            return None;
        }
        let now = Wait { days: None, at: EffectAt::Now };
        self.tails_once(tails);
        let mut held = Held { cause: ExprId(0), sticky: false, up: now, down: now };
        for tail in tails {
            match &tail.node {
                Tail::Sticky => held.sticky = true,
                Tail::TakesEffect(effect) => {
                    let at = effect_at(effect);
                    held.up.at = at;
                    held.down.at = at;
                }
                Tail::After { up, days, which } => {
                    let wait = if *up { &mut held.up } else { &mut held.down };
                    wait.days = Some((days.node, *which == ast::DaySet::Traded));
                }
            }
        }
        // `up after … ` alone leaves falls at once, and the other way round.
        Some(held)
    }

    /// Of two tails of one kind the last would hold unseen.
    fn tails_once(&mut self, tails: &[Spanned<Tail>]) {
        let kind = |tail: &Tail| match tail {
            Tail::Sticky => "sticky",
            Tail::TakesEffect(_) => "takes effect",
            Tail::After { up: true, .. } => "up after",
            Tail::After { up: false, .. } => "down after",
        };
        for (at, tail) in tails.iter().enumerate() {
            if let Some(first) = tails[..at].iter().find(|first| kind(&first.node) == kind(&tail.node)) {
                self.report(errors::twice(kind(&tail.node), tail.span, first.span));
            }
        }
    }

    pub(super) fn lower_floor(&mut self, context: &Context, item: &ast::Floor) -> Option<Lowered> {
        let ty = Type::Money(self.header.currency);
        let mut parts = FloorParts::default();
        for clause in &item.clauses {
            self.floor_clause(context, clause, &ty, &mut parts);
        }
        let Some(starts) = parts.starts else {
            let message = format!("the floor `{}` does not say where it starts", item.name.node);
            let found = Diagnostic::new(Code::Unsaid, item.name.span, message);
            self.report_unless(
                parts.broken,
                found.help(match parts.starts_when[..] {
                    [] => "add where it begins, such as `starts at size - $2,000`",
                    _ => "add a `starts at …` without `when`, for where none of the conditions holds",
                }),
            );
            return None;
        };
        if parts.trails.is_empty()
            && parts.jumps.is_empty()
            && parts.freezes.is_empty()
            && !parts.broken
            && !self.jumps_elsewhere(&item.name.node)
        {
            self.report(Diagnostic::new(Code::Contradiction, item.name.span, format!("the floor `{}` never moves", item.name.node)).help(
                format!(
                    "write `let {} = {}`: a floor is for what trails, freezes or jumps",
                    item.name.node,
                    self.source.words(self.exprs[starts.0 as usize].span)
                ),
            ));
        }
        let floor = ir::Floor {
            starts,
            starts_when: parts.starts_when,
            trails: parts.trails,
            caps: parts.caps,
            freezes: parts.freezes,
            jumps: parts.jumps,
            next_day: parts.next_day,
        };
        Some(Lowered::new(NodeKind::Floor(floor), ty, false, Per::Account))
    }

    fn floor_clause(&mut self, context: &Context, clause: &ast::FloorClause, ty: &Type, parts: &mut FloorParts) {
        let when = clause.when.as_ref().map(|when| self.condition(context, when));
        match &clause.kind {
            FloorClauseKind::Starts(value) => {
                let id = self.expr_of(context, value, ty);
                self.must_be_known(id, value);
                match when {
                    Some(when) => parts.starts_when.push((id, when)),
                    None => parts.starts = parts.starts.or(Some(id)),
                }
            }
            FloorClauseKind::Trails { followed, clock, distance } => {
                let followed_id = self.expr_of(context, followed, ty);
                let Some(clock) = self.clock(context, clock) else {
                    parts.broken = true;
                    return;
                };
                let said = self.diagnostics.len();
                let (distance, of_itself) = match distance {
                    Distance::Amount(amount) => (self.expr_of(context, amount, ty), false),
                    Distance::OfItself(percent) => (self.expr_of(context, percent, &Type::Percent), true),
                };
                self.of_itself_too(said);
                parts.trails.push(ir::Trail { followed: followed_id, clock, distance, of_itself, when });
            }
            FloorClauseKind::Capped(cap) => {
                let cap = self.expr_of(context, cap, ty);
                parts.caps.push((cap, when));
            }
            FloorClauseKind::Freezes => match when {
                Some(when) => parts.freezes.push(when),
                None => {
                    parts.broken = true;
                    self.report(Diagnostic::new(Code::Unsaid, clause.span, "a floor freezes when something happens").help("add `when …`"));
                }
            },
            FloorClauseKind::Jumps { jump, on } => {
                let on = match on {
                    Some(event) => match self.event(context, event) {
                        Some(event) => Some(event),
                        None => {
                            parts.broken = true;
                            return;
                        }
                    },
                    None => None,
                };
                if on.is_none() && when.is_none() {
                    parts.broken = true;
                    self.report(
                        Diagnostic::new(Code::Unsaid, clause.span, "a floor jumps when something happens")
                            .help("add `when …` or `on …`, or let an action do it"),
                    );
                    return;
                }
                let inner = Self::handling(context, on);
                let (to, by) = self.jump_target(&inner, jump, ty);
                parts.jumps.push(ir::FloorJump { to, by, then: jump.then, on, when });
            }
            FloorClauseKind::TakesEffect(Effect::NextDay) => parts.next_day = true,
            FloorClauseKind::TakesEffect(_) => self.report(not_yet("a floor that takes effect later than the next day", clause.span)),
            FloorClauseKind::Broken => parts.broken = true,
        }
    }

    /// Where a floor jumps, and whether by an amount.
    pub(super) fn jump_target(&mut self, context: &Context, jump: &ast::Jump, ty: &Type) -> (ExprId, bool) {
        let (expr, by) = match &jump.to {
            JumpTo::To(expr) => (expr, false),
            JumpTo::By(expr) => (expr, true),
        };
        let id = self.expr_of(context, expr, ty);
        self.must_be_known(id, expr);
        (id, by)
    }

    /// The context in which an event is handled.
    pub(super) fn handling(context: &Context, event: Option<Event>) -> Context {
        let mut inner = context.clone();
        inner.handles_event = true;
        if let Some(event) = event {
            inner.at_hand.extend(super::aggregate::records_of(event));
            inner.take_in(event);
        }
        inner
    }

    /// The type that a declaration names.
    pub(super) fn type_named(&mut self, ty: &ast::TypeName) -> Option<Type> {
        match ty {
            ast::TypeName::OneOf(words) => {
                self.fields_once(words.iter());
                for word in words.iter().filter(|word| super::collect::is_built_in(&word.node)) {
                    self.report(errors::word_hidden(&word.node, word.span));
                }
                Some(Type::OneOf(words.iter().map(|word| word.node.clone()).collect()))
            }
            ast::TypeName::Word(word) => {
                let found = super::read::named_type(&word.node, self.header.currency);
                if found.is_none() {
                    let units = crate::value::Unit::ALL.into_iter().map(crate::value::Unit::plural);
                    let known = super::read::TYPES.iter().map(|(name, _)| *name).chain(units);
                    let told = errors::unknown_name(&word.node, word.span, known).label("no such type");
                    let told = if word.node == "symbol" {
                        told.help("no host tells a symbol: rules read it of orders, fills, trades and positions")
                    } else {
                        told
                    };
                    self.report(told);
                }
                found
            }
        }
    }
}

#[derive(Default)]
struct FloorParts {
    starts: Option<ExprId>,
    starts_when: Vec<(ExprId, ExprId)>,
    trails: Vec<ir::Trail>,
    caps: Vec<(ExprId, Option<ExprId>)>,
    freezes: Vec<ExprId>,
    jumps: Vec<ir::FloorJump>,
    next_day: bool,
    /// Whether a clause is in error, so that what it would have said is not missed.
    broken: bool,
}

fn effect_at(effect: &Effect) -> EffectAt {
    match effect {
        Effect::NextDay => EffectAt::NextDay,
        Effect::AfterDays(days) => EffectAt::AfterDays(*days),
        Effect::On(weekday) => EffectAt::On(*weekday),
    }
}

impl Checker<'_> {
    /// A bare percentage behind `by` may be of the followed value too.
    fn of_itself_too(&mut self, said: usize) {
        let bare = self.diagnostics[said..].iter_mut().find(|found| found.code == Code::PercentOfWhat);
        if let Some(help) = bare.and_then(|found| found.help.as_mut()) {
            help.push_str("; or `of itself`, which is of the value that the floor follows");
        }
    }
}
