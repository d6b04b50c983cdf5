//! Limits: what must hold, what happens when it does not.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{self, BreachHandler, Comparison, Counted, ExprId, ExprKind, Invariant, NodeKind, Per, Period, Rearm, UsedOf};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, Bound, LimitClause};
use crate::value::{Decimal, Type};
use crate::vocabulary::PeriodField;

use super::context::Context;
use super::items::Lowered;
use super::{Checker, Facts, errors, types};

/// Less than this percentage of an allowance is used up by the first small loss.
const SOON: i32 = 10;

impl Checker<'_> {
    pub(super) fn lower_limit(&mut self, context: &Context, item: &ast::Limit) -> Option<Lowered> {
        let per = self.per(context, item.for_each.as_ref())?;
        let mut context = context.for_each(per);
        let clock = match &item.at {
            Some(clock) => Some(self.clock(&context, clock)?),
            None => None,
        };
        if let Some(clock) = clock {
            context = Self::handling(&context, Some(clock));
        }
        let guard = item.when.as_ref().map(|guard| self.condition(&context, guard));
        if let Some(guard) = &item.when {
            context = context.assuming(self.source, guard, true);
        }
        let Some(stated) = &item.invariant else {
            self.no_invariant(item);
            return None;
        };
        let (invariant, ty) = self.invariant(&context, &stated.node, stated.span)?;
        let rearm = self.rearm(&context, item, &invariant, per)?;
        let mut limit = ir::Limit {
            used: self.used_by_default(&invariant),
            invariant,
            clock,
            guard,
            rearm,
            counted: self.counted(item.counted_per.as_ref()),
            lasting: item.lasting.as_ref().and_then(|lasting| self.nanos(lasting)),
            from: self.limit_from(&context, item),
            cure: None,
            refuses: false,
            reduces: false,
            with_working_orders: false,
            order_price: ir::OrderPrice::Unneeded,
            on_breach: Vec::new(),
            at_used: Vec::new(),
            counts_toward: None,
        };
        for clause in &item.clauses {
            self.limit_clause(&context, &clause.node, clause.span, &ty, &mut limit);
        }
        for clause in &item.clauses {
            if let LimitClause::AtUsed { percent, .. } = &clause.node {
                self.warning_in_time(percent, &limit);
            }
        }
        if !limit.at_used.is_empty() && limit.used == UsedOf::Unsaid {
            let span = item
                .clauses
                .iter()
                .find(|clause| matches!(clause.node, LimitClause::AtUsed { .. }))
                .map_or(item.title.span, |clause| clause.span);
            let found = Diagnostic::new(Code::Unsaid, span, "the limit does not say what 100% used is");
            let allowed = item.invariant.as_ref().and_then(|stated| self.allowed(&stated.node));
            let place = Span { start: span.start, end: span.start };
            let two_sides = item.invariant.as_ref().and_then(|stated| self.as_two_sides(&stated.node));
            // A line of it that is not understood may be its allowance.
            let whole = item.title.span.to(item.clauses.last().map_or(span, |clause| clause.span));
            let said = self.diagnostics.iter().any(|found| found.code == Code::UnknownStatement && whole.holds(found.span));
            self.report_unless(said, match allowed {
                _ if matches!(ty, Type::Bool) => {
                    let such = two_sides.unwrap_or_else(|| "X stays at or above Y".to_owned());
                    found.help(format!(
                        "only a limit with a bound can be partly used: write `{such}` for `never …`, and `allowance $1,000` with what may be used in all"
                    ))
                }
                Some(allowed) => found.guess(
                    place,
                    format!("allowance {allowed}\n{}", self.indented(span)),
                    format!("say in the limit what may be used in all: `allowance {allowed}`"),
                ),
                None => found.help("say in the limit what may be used in all: `allowance …`, with an amount or a column of the plans"),
            });
        }
        let facts = Facts { ty, maybe_missing: true, per };
        Some(Lowered { kind: NodeKind::Limit(Box::new(limit)), facts, per })
    }

    /// `never X is below Y` as `X stays at or above Y`.
    fn as_two_sides(&self, invariant: &ast::Invariant) -> Option<String> {
        let ast::Invariant::Never(ast::Expr { kind: ast::ExprKind::Binary(left, op, right), .. }) = invariant else { return None };
        let bound = match op.node {
            ast::BinaryOp::Below => Bound::AtOrAbove,
            ast::BinaryOp::AtMost => Bound::Above,
            _ => return None,
        };
        Some(format!("{} {} {}", self.source.words(left.span), stays_words(bound), self.source.words(right.span)))
    }

    /// The blanks in front of a statement.
    fn indented(&self, span: Span) -> String {
        let before = self.source.text().get(..span.range().start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        " ".repeat(line.len() - line.trim_start().len())
    }

    /// What may be used in all, where the bound says it: what is taken off in `X - Y`, and `Y` in `-Y`.
    fn allowed(&self, invariant: &ast::Invariant) -> Option<String> {
        let ast::Invariant::Stays { right: bound, .. } = invariant else { return None };
        match &bound.kind {
            ast::ExprKind::Binary(_, op, taken) if op.node == ast::BinaryOp::Sub => Some(self.source.words(taken.span)),
            ast::ExprKind::Negate(taken) => Some(self.source.words(taken.span)),
            ast::ExprKind::Of(percent, whole) => {
                let left = percent.written_amount().and_then(|percent| Decimal::from(100).sub(percent).ok())?;
                (left > Decimal::ZERO).then(|| format!("{left}% of {}", self.source.words(whole.span)))
            }
            _ => None,
        }
    }

    /// A warning that comes only after the breach, or before anything is used.
    fn warning_in_time(&mut self, percent: &Spanned<Decimal>, limit: &ir::Limit) {
        let whole = Decimal::from(100);
        let waits = limit.lasting.is_some() || limit.cure.is_some() || limit.clock.is_some();
        let touches = matches!(limit.invariant, Invariant::Stays { bound: Bound::AtOrAbove | Bound::AtOrBelow, .. });
        let late = !waits && (percent.node > whole || (percent.node == whole && !touches));
        let found = |message: &str| Diagnostic::new(Code::NeverReached, percent.span, message.to_owned());
        if late {
            let why = "a warning comes before it, as `at 80% used`; what is done at the breach stands under `on breach`";
            self.report(found(&format!("the limit is broken before {}% of it is used", percent.node)).help(why));
        } else if percent.node > Decimal::ZERO && percent.node < Decimal::from(SOON) {
            let why = format!("write a share that is worth a warning, such as `at {}% used`", Decimal::from(80));
            self.report(found("this much is used by the first small loss").help(why));
        } else if percent.node <= Decimal::ZERO {
            self.report(
                found("this much is used before anything has happened").help("write a share between 0% and 100%, such as `at 80% used`"),
            );
        }
    }

    fn no_invariant(&mut self, item: &ast::Limit) {
        // Where a brace is missing, the lines of the limit stand elsewhere.
        let said = item.clauses.iter().any(|clause| matches!(clause.node, LimitClause::Broken))
            || self.diagnostics.iter().any(|found| found.code == Code::Brace);
        let message = format!("the limit \"{}\" does not say what must hold", item.title.node);
        let found = Diagnostic::new(Code::Unsaid, item.title.span, message);
        self.report_unless(said, found.help("write it as its first line: `equity stays above …`, or `never …`"));
    }

    fn invariant(&mut self, context: &Context, invariant: &ast::Invariant, span: Span) -> Option<(Invariant, Type)> {
        match invariant {
            ast::Invariant::Never(condition) => {
                let id = self.condition(context, condition);
                Some((Invariant::Never(id), Type::Bool))
            }
            ast::Invariant::Stays { left, bound, right } => {
                if let Some(right_way) = self.share_of_divisor(left, right, stays_words(*bound)) {
                    self.report(errors::quotient(span, &right_way));
                    return None;
                }
                // Only the duration itself may run: not a sum or a share of it.
                let runs = matches!(&left.kind, ast::ExprKind::Member(_, field) if field.node == "held");
                let left_id = self.expr(&Context { handles_event: runs || context.handles_event, ..context.clone() }, left);
                let (right_id, percent) = match &right.kind {
                    ast::ExprKind::Of(..) => {
                        let id = self.expr(context, right);
                        let parts = match self.exprs[id.0 as usize].kind {
                            ExprKind::Percent(percent, whole) => Some((percent, whole)),
                            _ => None,
                        };
                        (id, parts)
                    }
                    _ => (self.expr(context, right), None),
                };
                self.literal_as_price(left_id, right_id);
                if let Some(from) = self.elapsed_from(left_id).filter(|_| *self.ty(right_id) == Type::Duration) {
                    return Some((self.never_longer(from, *bound, right_id, span), Type::Bool));
                }
                let (a, b) = (self.ty(left_id).clone(), self.ty(right_id).clone());
                match types::join(&a, &b) {
                    Some(ty) if types::ordered(&ty) => {
                        Some((Invariant::Stays { left: left_id, bound: *bound, right: right_id, percent }, ty))
                    }
                    _ => {
                        self.mismatch("compare", (&a, left), (&b, right));
                        None
                    }
                }
            }
        }
    }

    /// A running duration changes all the time, so what is kept is when it crosses its bound: there is no
    /// room left that could be shown.
    fn never_longer(&mut self, from: ExprId, bound: Bound, right: ExprId, span: Span) -> Invariant {
        let crossed = match bound {
            Bound::Above => Comparison::AtMost,
            Bound::AtOrAbove => Comparison::Below,
            Bound::Below => Comparison::AtLeast,
            Bound::AtOrBelow => Comparison::Above,
        };
        Invariant::Never(self.push(ExprKind::CompareElapsed(crossed, from, right), Type::Bool, span))
    }

    /// What 100% used is when no allowance is said.
    fn used_by_default(&self, invariant: &Invariant) -> UsedOf {
        match invariant {
            Invariant::Stays { bound: Bound::Below | Bound::AtOrBelow, .. } => UsedOf::Ratio,
            Invariant::Stays { right, .. } => self.floor_distance(*right).map_or(UsedOf::Unsaid, UsedOf::Allowance),
            Invariant::Never(_) => UsedOf::Unsaid,
        }
    }

    /// The distance of the floor that an expression is.
    fn floor_distance(&self, id: ExprId) -> Option<ExprId> {
        let ExprKind::Node(node) = self.exprs[id.0 as usize].kind else { return None };
        match self.node_kind(node)? {
            NodeKind::Floor(floor) => floor.trails.first().filter(|trail| !trail.of_itself).map(|trail| trail.distance),
            _ => None,
        }
    }

    fn rearm(&mut self, context: &Context, item: &ast::Limit, invariant: &Invariant, per: Per) -> Option<Rearm> {
        if let Some(name) = &item.once_per {
            return match name.node.as_str() {
                "position" | "symbol" | "order" => Some(Rearm::Instance),
                word if matches!(per, Per::Group(group) if self.group_named(context.phase, word) == Some(group)) => Some(Rearm::Instance),
                "phase" => Some(Rearm::Phase),
                "account" => Some(Rearm::Account),
                word => match self.period_named(word) {
                    Some(period) => Some(Rearm::Period(period)),
                    None => {
                        let mut known = self.period_words();
                        known.extend(["position", "phase", "account"].map(str::to_owned));
                        self.report(errors::unknown_name(word, name.span, known.iter().map(String::as_str)));
                        None
                    }
                },
            };
        }
        let periods = match invariant {
            Invariant::Stays { left, right, .. } => self.periods_read(&[*left, *right]),
            Invariant::Never(condition) => self.periods_read(&[*condition]),
        };
        match periods[..] {
            [] if matches!(per, Per::Account | Per::Symbol) => Some(Rearm::Holds),
            [] => Some(Rearm::Instance),
            [period] => Some(Rearm::Period(period)),
            [first, second, ..] => {
                self.report(
                    Diagnostic::new(
                        Code::WhichPeriod,
                        item.title.span,
                        format!("this limit reads two periods, {} and {}", self.period_word(first), self.period_word(second)),
                    )
                    .help(format!(
                        "say which one re-arms it after a breach: `limit \"{}\" once per {}`",
                        item.title.node,
                        self.period_word(first)
                    )),
                );
                None
            }
        }
    }

    /// The periods whose reference values expressions read, themselves or through `let`, in the order of reading.
    fn periods_read(&self, ids: &[ExprId]) -> Vec<Period> {
        let mut waiting: Vec<ExprId> = ids.iter().rev().copied().collect();
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            let kind = &self.exprs[id.0 as usize].kind;
            waiting.extend(kind.operands().into_iter().rev());
            match kind {
                ExprKind::Period(period, field)
                    if !matches!(field, PeriodField::Number | PeriodField::Date | PeriodField::Weekday | PeriodField::Open)
                        && !found.contains(period) =>
                {
                    found.push(*period);
                }
                ExprKind::Node(node) => {
                    if let Some(NodeKind::Value(value)) = self.node_kind(*node) {
                        waiting.push(*value);
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn counted(&mut self, per: Option<&ast::Name>) -> Counted {
        match per.map(|name| (name.node.as_str(), name.span)) {
            None | Some(("phase", _)) => Counted::Phase,
            Some(("account", _)) => Counted::Account,
            Some(("payout", _)) => Counted::Payout,
            Some((other, span)) => {
                self.report(errors::unknown_name(other, span, ["phase", "account", "payout"].into_iter()));
                Counted::Phase
            }
        }
    }

    /// A duration that is written out.
    pub(super) fn nanos(&mut self, expr: &ast::Expr) -> Option<i64> {
        if let ast::ExprKind::Duration(nanos) = self.written(expr).kind {
            return Some(nanos);
        }
        self.report(Diagnostic::new(Code::TypeMismatch, expr.span, "a duration is needed here").help("such as `10s`, `5min`, `24h`"));
        None
    }

    fn limit_from(&mut self, context: &Context, item: &ast::Limit) -> Option<(ExprId, i64)> {
        let (wait, instant) = item.from.as_ref()?;
        let nanos = self.nanos(wait)?;
        let instant_id = self.expr_of(context, instant, &Type::Instant);
        Some((instant_id, nanos))
    }

    fn limit_clause(&mut self, context: &Context, clause: &LimitClause, span: Span, ty: &Type, limit: &mut ir::Limit) {
        match clause {
            LimitClause::Refuse { with_working_orders } | LimitClause::Reduce { with_working_orders } => {
                let refuse = matches!(clause, LimitClause::Refuse { .. });
                limit.refuses |= refuse;
                limit.reduces |= !refuse;
                limit.with_working_orders |= with_working_orders;
                if limit.refuses && limit.reduces {
                    let found = Diagnostic::new(Code::Contradiction, span, "an order is either refused or reduced");
                    self.report(found.help("keep `refuse orders that would break it`, or `reduce orders to fit`"));
                }
                if matches!(ty, Type::Bool) && !refuse {
                    self.report(
                        Diagnostic::new(Code::Contradiction, span, "orders can only be reduced to fit a limit of two sides")
                            .help("write the limit as `X stays at or below Y`, or `refuse orders that would break it`"),
                    );
                }
            }
            LimitClause::Allowance(amount) => {
                let id = self.expr_of(context, amount, ty);
                limit.used = UsedOf::Allowance(id);
            }
            LimitClause::Cure { within, once_per } => {
                if let Some(other) = once_per.as_ref().filter(|name| name.node != "account") {
                    self.report(
                        Diagnostic::new(Code::Contradiction, other.span, format!("a cure is not given once per {}", other.node)).guess(
                            other.span,
                            "account",
                            "write `once per account`, or leave it out: then each breach may be cured",
                        ),
                    );
                }
                if let Some(nanos) = self.nanos(within) {
                    limit.cure = Some((nanos, once_per.is_some()));
                }
            }
            LimitClause::CountsToward(title) => {
                match self.names.find_title(context.phase, &self.title_text(&title.node), false).map(|titled| titled.node) {
                    Some(node) => limit.counts_toward = Some(node),
                    None => {
                        let known: Vec<String> = self.names.titles(false).map(str::to_owned).collect();
                        self.report(errors::unknown_title("limit", &title.node, title.span, known.iter().map(String::as_str)));
                    }
                }
            }
            LimitClause::OnBreach { nth, and_later, when, actions } => {
                let inner = Context { handles_event: true, fit: fit(limit, ty), ..context.clone() };
                let when_id = when.as_ref().map(|when| self.condition(&inner, when));
                let inner = when.as_ref().map_or(inner.clone(), |when| inner.assuming(self.source, when, true));
                let actions = self.actions(&inner, actions);
                let from = nth.unwrap_or(1);
                let to = if nth.is_none() || *and_later { None } else { *nth };
                limit.on_breach.push(BreachHandler { from, to, when: when_id, actions });
            }
            LimitClause::AtUsed { percent, actions } => {
                let inner = Context { handles_event: true, fit: fit(limit, ty), ..context.clone() };
                let actions = self.actions(&inner, actions);
                limit.at_used.push((percent.node, actions));
            }
            LimitClause::Broken => {}
        }
    }
}

/// The bound to which quantities must come down for a limit to hold.
const fn fit(limit: &ir::Limit, ty: &Type) -> Option<ExprId> {
    match limit.invariant {
        Invariant::Stays { bound: Bound::AtOrBelow, right, .. } if matches!(ty, Type::Quantity(_)) => Some(right),
        _ => None,
    }
}

/// How a bound is written.
const fn stays_words(bound: Bound) -> &'static str {
    match bound {
        Bound::Above => "stays above",
        Bound::AtOrAbove => "stays at or above",
        Bound::Below => "stays below",
        Bound::AtOrBelow => "stays at or below",
    }
}
