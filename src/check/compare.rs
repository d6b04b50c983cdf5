//! Comparisons: of values, of words, of running durations, and with percentages.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Comparison, Constant, ExprId, ExprKind};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp};
use crate::value::Type;
use crate::vocabulary::{AccountField, PeriodField, Record, RecordField};

use super::context::Context;
use super::names::Entity;
use super::{Checker, errors, types};

impl Checker<'_> {
    /// `left CMP right`.
    pub(super) fn comparison(
        &mut self,
        context: &Context,
        left: &ast::Expr,
        comparison: Comparison,
        right: &ast::Expr,
        span: Span,
    ) -> ExprId {
        if let Some(right_way) = self.share_of_divisor(left, right, comparison_words(comparison)) {
            self.report(errors::quotient(span, &right_way));
            return self.error(span);
        }
        if let Some(state) = self.state_words(context, left, comparison, right, span) {
            return state;
        }
        if let ast::ExprKind::Of(percent, whole) = &right.kind {
            return self.percent_comparison(context, left, comparison, (percent, whole), span);
        }
        if let ast::ExprKind::Of(percent, whole) = &left.kind {
            return self.percent_comparison(context, right, comparison.flipped(), (percent, whole), span);
        }
        let (a, b) = self.sides(context, left, right);
        let (left_ty, right_ty) = (self.ty(a).clone(), self.ty(b).clone());
        let needs_order = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        match types::join(&left_ty, &right_ty) {
            Some(joined) if !needs_order || types::ordered(&joined) => {}
            _ => {
                self.mismatch("compare", (&left_ty, left), (&right_ty, right));
                return self.error(span);
            }
        }
        self.must_be_known(a, left);
        self.must_be_known(b, right);
        match (self.elapsed_from(a), self.elapsed_from(b)) {
            (Some(from), None) => self.push(ExprKind::CompareElapsed(comparison, from, b), Type::Bool, span),
            (None, Some(from)) => self.push(ExprKind::CompareElapsed(comparison.flipped(), from, a), Type::Bool, span),
            _ => self.push(ExprKind::Compare(comparison, a, b), Type::Bool, span),
        }
    }

    /// `a / b` beside a percentage: the comparison of `a` with that share of `b` which it was meant to be.
    pub(super) fn share_of_divisor(&self, left: &ast::Expr, right: &ast::Expr, comparison: &str) -> Option<String> {
        let ast::ExprKind::Binary(part, op, whole) = &left.kind else { return None };
        let percent = if let ast::ExprKind::Negate(inner) = &right.kind { inner } else { right };
        let words = |expr: &ast::Expr| match expr.kind {
            ast::ExprKind::Binary(..) => format!("({})", self.source.words(expr.span).trim_matches(['(', ')'])),
            _ => self.source.words(expr.span),
        };
        let share = self.source.words(right.span);
        (op.node == ast::BinaryOp::Div && matches!(percent.kind, ast::ExprKind::Percent(_)))
            .then(|| format!("{} {comparison} {share} of {}", words(part), words(whole)))
    }

    /// Both sides, each helped by the other's type, a date beside an instant taken as its day's opening.
    fn sides(&mut self, context: &Context, left: &ast::Expr, right: &ast::Expr) -> (ExprId, ExprId) {
        let (of_left, of_right) = (context.comparing(left), context.comparing(right));
        let (a, b) = if self.is_word(context, left) && !self.is_word(context, right) {
            let b = self.expr(&of_right, right);
            let ty = self.ty(b).clone();
            (self.expr_as(&of_left, left, Some(&ty)), b)
        } else {
            let a = self.expr(&of_left, left);
            let ty = self.ty(a).clone();
            (a, self.expr_as(&of_right, right, Some(&ty)))
        };
        self.literal_as_price(a, b);
        match (self.ty(a), self.ty(b)) {
            (Type::Instant, Type::Date) => (a, self.push(ExprKind::OpeningOf(b), Type::Instant, right.span)),
            (Type::Date, Type::Instant) => (self.push(ExprKind::OpeningOf(a), Type::Instant, left.span), b),
            _ => (a, b),
        }
    }

    /// Whether an expression is a bare word that nothing declares, such as `long`.
    fn is_word(&self, context: &Context, expr: &ast::Expr) -> bool {
        matches!(&expr.kind, ast::ExprKind::Name(name) if self.find(context.phase, name).is_none() && self.argument(name).is_none() && AccountField::find(name).is_none())
    }

    /// A bare number beside a price is a price: `fill.price is above 4990`. What was computed from numbers is not.
    pub(super) fn literal_as_price(&mut self, a: ExprId, b: ExprId) {
        for (price, number) in [(a, b), (b, a)] {
            if *self.ty(price) == Type::Price {
                self.number_as_price(number);
            }
        }
    }

    /// A bare number where a price stands.
    pub(super) fn number_as_price(&mut self, id: ExprId) {
        let expr = &mut self.exprs[id.0 as usize];
        if matches!((&expr.kind, &expr.ty), (ExprKind::Constant(Constant::Decimal(_)), Type::Number | Type::Count)) {
            expr.ty = Type::Price;
        }
    }

    /// The instant from which a running duration counts.
    pub(super) fn elapsed_from(&self, id: ExprId) -> Option<ExprId> {
        match self.exprs[id.0 as usize].kind {
            ExprKind::Elapsed(from) => Some(from),
            _ => None,
        }
    }

    /// A duration up to now: only compared with a bound, or read where an event is handled.
    pub(super) fn running(&mut self, context: &Context, from: ExprId, span: Span) -> ExprId {
        if !context.handles_event {
            self.report(
                Diagnostic::new(
                    Code::Contradiction,
                    span,
                    format!("`{}` grows all the time: nothing can be computed with it", self.source.words(span)),
                )
                .help("compare it alone with a bound, as in `never position.held is above 4min`, or read it where an event is handled"),
            );
            return self.error(span);
        }
        self.push(ExprKind::Elapsed(from), Type::Duration, span)
    }

    fn percent_comparison(
        &mut self,
        context: &Context,
        left: &ast::Expr,
        comparison: Comparison,
        right: (&ast::Expr, &ast::Expr),
        span: Span,
    ) -> ExprId {
        let (percent, whole) = right;
        let a = self.expr(context, left);
        let p = self.expr_of(context, percent, &Type::Percent);
        let x = self.expr(context, whole);
        let (left_ty, whole_ty) = (self.ty(a).clone(), self.ty(x).clone());
        if types::join(&left_ty, &whole_ty).is_none_or(|joined| !(joined.is_numeric() || joined == Type::Error)) {
            self.mismatch("compare", (&left_ty, left), (&whole_ty, whole));
            return self.error(span);
        }
        for (id, expr) in [(a, left), (p, percent), (x, whole)] {
            self.must_be_known(id, expr);
        }
        self.push(ExprKind::ComparePercent(comparison, a, p, x), Type::Bool, span)
    }

    /// `account is flat`, `rth is open`, `plan is "50K"`, `phase is funded`.
    fn state_words(
        &mut self,
        context: &Context,
        left: &ast::Expr,
        comparison: Comparison,
        right: &ast::Expr,
        span: Span,
    ) -> Option<ExprId> {
        let negated = match comparison {
            Comparison::Equal => false,
            Comparison::NotEqual => true,
            _ => return None,
        };
        let ast::ExprKind::Name(subject) = &left.kind else { return None };
        let test = match &right.kind {
            ast::ExprKind::Name(word) => self.named_state(context, subject, word, span)?,
            ast::ExprKind::Text(plan) if subject == "plan" => self.plan_is(plan, left.span, right.span, span),
            _ => return None,
        };
        Some(if negated { self.push(ExprKind::Not(test), Type::Bool, span) } else { test })
    }

    fn named_state(&mut self, context: &Context, subject: &str, word: &str, span: Span) -> Option<ExprId> {
        match (subject, word) {
            ("account", "flat") => Some(self.push(ExprKind::Account(AccountField::Flat), Type::Bool, span)),
            ("account", "locked") => Some(self.push(ExprKind::Account(AccountField::Locked), Type::Bool, span)),
            ("account", word) => Some(self.account_in_state(word, span)),
            (name, "open" | "closed") => {
                if self.find(context.phase, name).is_some_and(|found| found.entity == Entity::Broken) {
                    return Some(self.error(span));
                }
                let open = match self.session_named(context, name) {
                    Some(session) => ExprKind::SessionOpen(session),
                    None => ExprKind::Period(self.period_named(name)?, PeriodField::Open),
                };
                let open = self.push(open, Type::Bool, span);
                Some(if word == "open" { open } else { self.push(ExprKind::Not(open), Type::Bool, span) })
            }
            _ => None,
        }
    }

    /// `days_traded is at least 5 days`: what is counted has no unit.
    pub(super) fn count_of_days(&mut self, left: &ast::Expr, right: &ast::Expr) -> bool {
        let (count, days) = (self.source.words(left.span), self.source.words(right.span));
        let number = days.split(' ').next().filter(|number| number.chars().all(|c| c.is_ascii_digit()) && days.contains(' '));
        let Some(number) = number else { return false };
        let found = Diagnostic::new(Code::TypeMismatch, right.span, format!("`{count}` is a count, which has no unit"))
            .label("a number of days")
            .other(left.span, "a count");
        self.report(found.fix(right.span, number, format!("write `{number}`")));
        true
    }

    /// An account that is in a state of which programs do not speak.
    fn account_in_state(&mut self, word: &str, span: Span) -> ExprId {
        let found = Diagnostic::new(Code::UnknownName, span, format!("an account is `flat` or `locked`, and nothing is known as `{word}`"));
        self.report(match word {
            "open" => found.help("write `account is not flat` where something is open; where it may trade, `account is not locked`"),
            "failed" | "closed" | "passed" | "funded" => found.help(format!("write `phase is {word}`")),
            _ => found.help("write `account is flat` or `account is locked`, or read a field, such as `account.positions`"),
        });
        self.error(span)
    }

    /// The session of that name; `session` is the only one of a program.
    pub(super) fn session_named(&self, context: &Context, name: &str) -> Option<u16> {
        match self.find(context.phase, name).map(|declaration| declaration.entity) {
            Some(Entity::Session(session)) => Some(session),
            None if name == "session" && self.sessions.len() == 1 => Some(0),
            _ => None,
        }
    }

    fn plan_is(&mut self, plan: &str, left: Span, right: Span, span: Span) -> ExprId {
        if !self.plans.names.iter().any(|name| name == plan) {
            let known = self.plans.names.clone();
            self.report(errors::unknown_plan(plan, right, known.iter().map(String::as_str)));
        }
        let name = self.push(ExprKind::PlanName, Type::Text, left);
        let index = super::expr::intern(&mut self.texts, plan);
        let text = self.constant(Constant::Text(index), Type::Text, right);
        self.push(ExprKind::Compare(Comparison::Equal, name, text), Type::Bool, span)
    }
}

/// The instant from which a duration that runs on counts.
pub(super) fn counted_from(record: Record, field: &str) -> Option<RecordField> {
    match (record, field) {
        (Record::Position, "held") => Some(RecordField::PositionOpened),
        (Record::Position, "mark_age") => Some(RecordField::PositionMarked),
        (Record::Order, "mark_age") => Some(RecordField::OrderMarked),
        (Record::Symbol, "mark_age") => Some(RecordField::SymbolMarked),
        _ => None,
    }
}

/// How a comparison is written.
const fn comparison_words(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "is",
        Comparison::NotEqual => "is not",
        Comparison::AtLeast => "is at least",
        Comparison::AtMost => "is at most",
        Comparison::Above => "is above",
        Comparison::Below => "is below",
    }
}

/// The comparison of an operator.
pub(super) fn comparison_of(op: BinaryOp) -> Comparison {
    match op {
        BinaryOp::IsNot => Comparison::NotEqual,
        BinaryOp::AtLeast => Comparison::AtLeast,
        BinaryOp::AtMost => Comparison::AtMost,
        BinaryOp::Above => Comparison::Above,
        BinaryOp::Below => Comparison::Below,
        _ => Comparison::Equal,
    }
}
