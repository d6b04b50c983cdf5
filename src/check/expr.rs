//! Expressions: literals, operators, choices.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Arithmetic, Constant, Expr, ExprId, ExprKind, Rounding};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp};
use crate::value::{Currency, Decimal, Type};
use crate::vocabulary::{FUNCTIONS, Moments};

use super::context::{Context, words};
use super::{Checker, MAX_EXPRS, MAX_NESTED, compare, errors, types};

impl Checker<'_> {
    /// Checks an expression and gives its number. One in error has type `Error`.
    pub(super) fn expr(&mut self, context: &Context, expr: &ast::Expr) -> ExprId {
        self.expr_as(context, expr, None)
    }

    /// Checks an expression where a type is expected, so that words of a choice, phases and symbols
    /// are known for what they are.
    pub(super) fn expr_as(&mut self, context: &Context, expr: &ast::Expr, expected: Option<&Type>) -> ExprId {
        if self.exprs.len() > MAX_EXPRS {
            self.over_limit(expr.span, MAX_EXPRS, "values, with those that templates are given");
            return self.error(expr.span);
        }
        if self.nested > MAX_NESTED {
            self.too_nested(expr.span);
            return self.error(expr.span);
        }
        self.nested += 1;
        let id = self.expr_of_kind(context, expr, expected);
        self.nested -= 1;
        id
    }

    fn expr_of_kind(&mut self, context: &Context, expr: &ast::Expr, expected: Option<&Type>) -> ExprId {
        use ast::ExprKind as Ast;
        let span = expr.span;
        match &expr.kind {
            Ast::Name(name) => self.name(context, name, span, expected),
            Ast::Member(base, field) => self.member(context, base, field, span),
            Ast::Last(word) => self.last_alone(word),
            Ast::Text(text) => self.text(text, span, expected),
            Ast::Negate(inner) => self.negate(context, inner, span),
            Ast::Not(inner) => {
                let inner = self.condition(context, inner);
                self.push(ExprKind::Not(inner), Type::Bool, span)
            }
            Ast::Binary(left, op, right) if self.greater_of(left, op.node, right, span) => self.error(span),
            Ast::Binary(left, op, right) => self.binary(context, expr, left, op.node, right),
            Ast::Of(percent, whole) => self.percent_of(context, percent, whole, span),
            Ast::Else(value, otherwise) => self.otherwise(context, value, otherwise, span, expected),
            Ast::If(condition, then, otherwise) => self.choice(context, [condition, then, otherwise], span, expected),
            Ast::IsMissing(inner, missing) => self.is_missing(context, inner, *missing, span),
            Ast::IsOneOf(value, list, negated) => self.is_one_of(context, value, list, *negated, span),
            Ast::Call(name, arguments) => self.call(context, name, arguments, span),
            Ast::Round(value, step, mode) => self.round(context, value, step, mode, span),
            Ast::Since(value, event) => self.since(context, value, event, span),
            Ast::BeforeToday(inner) => self.copy(context, inner, span, true),
            Ast::BeforeThisEvent(inner) => self.copy(context, inner, span, false),
            Ast::Aggregate(aggregate) => self.inline_aggregate(context, aggregate, span),
            Ast::News(window) => self.news(context, window, span),
            Ast::After(amount, from) => self.days_after(context, amount, from, span),
            Ast::DayOf(number, period, trading) => self.day_of(context, number, period, *trading, span),
            Ast::Move(count, unit) => self.counted_move(context, *count, unit, span),
            Ast::MovePerUnit(amount, unit) => self.move_per_unit(context, *amount, *unit, span),
            Ast::Broken => self.error(span),
            literal => self.literal(literal, span),
        }
    }

    /// Checks an expression that must be yes or no, and known.
    pub(super) fn condition(&mut self, context: &Context, expr: &ast::Expr) -> ExprId {
        let id = self.expr(context, expr);
        if !matches!(self.ty(id), Type::Bool | Type::Error) {
            let found = self.ty(id).clone();
            self.report(errors::not_a_condition(&found, expr.span));
            return self.error(expr.span);
        }
        self.must_be_known(id, expr);
        id
    }

    /// Checks an expression that must have a type. Its value may be missing.
    pub(super) fn expr_of(&mut self, context: &Context, expr: &ast::Expr, expected: &Type) -> ExprId {
        let id = self.expr_as(context, expr, Some(expected));
        if *expected == Type::Price {
            self.number_as_price(id);
        }
        let found = self.ty(id).clone();
        if types::join(expected, &found).is_none() {
            if self.bare_column(expr, expected) {
                return self.error(expr.span);
            }
            let told = errors::wrong_type(&expected.to_string(), &found, expr.span);
            self.report(with_unit(told, expected, expr));
            return self.error(expr.span);
        }
        id
    }

    /// Reports two sides that do not fit.
    pub(super) fn mismatch(&mut self, doing: &str, (left_ty, left): (&Type, &ast::Expr), (right_ty, right): (&Type, &ast::Expr)) {
        let is_told = *left_ty == Type::Error || *right_ty == Type::Error;
        if is_told || self.bare_column(left, right_ty) || self.bare_column(right, left_ty) {
            return;
        }
        if *left_ty == Type::Count && *right_ty == Type::Days && self.count_of_days(left, right) {
            return;
        }
        for (choice, other, other_ty) in [(left_ty, right, right_ty), (right_ty, left, left_ty)] {
            if let (Type::OneOf(words), ast::ExprKind::Name(name)) = (choice, &other.kind)
                && words.contains(name)
            {
                self.report(errors::reads_another(name, other_ty, other.span));
                return;
            }
        }
        for side in [left, right] {
            if let ast::ExprKind::Text(title) = &side.kind
                && self.names.titles(false).any(|known| known == title)
            {
                let found = Diagnostic::new(Code::TypeMismatch, side.span, format!("\"{title}\" is a text here, and the title of a limit"));
                self.report(found.help(format!(
                    "its bound is written out, as in `expect size - loss is $48,000`; what is left to it is `limit(\"{title}\").headroom`; that it is broken is `expect breach \"{title}\"`"
                )));
                return;
            }
        }
        let found = errors::mismatch(doing, left_ty, left.span, right_ty, right.span);
        self.report(with_unit(with_unit(found, left_ty, right), right_ty, left));
    }

    /// The type of a checked expression.
    pub(super) fn ty(&self, id: ExprId) -> &Type {
        &self.exprs[id.0 as usize].ty
    }

    /// Adds an expression that is always known when its operands are.
    pub(super) fn push(&mut self, kind: ExprKind, ty: Type, span: Span) -> ExprId {
        let missing = kind.operands().iter().any(|operand| self.exprs[operand.0 as usize].maybe_missing);
        self.push_with(kind, ty, span, missing)
    }

    /// Adds an expression.
    pub(super) fn push_with(&mut self, kind: ExprKind, ty: Type, span: Span, maybe_missing: bool) -> ExprId {
        let id = ExprId(u32::try_from(self.exprs.len()).unwrap_or(u32::MAX));
        self.exprs.push(Expr { kind, ty, maybe_missing, moments: Moments::NONE, waits: false, span });
        id
    }

    /// Adds a constant.
    pub(super) fn constant(&mut self, constant: Constant, ty: Type, span: Span) -> ExprId {
        let missing = constant == Constant::Missing && ty != Type::Error;
        self.push_with(ExprKind::Constant(constant), ty, span, missing)
    }

    /// The expression that stands for one in error.
    pub(super) fn error(&mut self, span: Span) -> ExprId {
        self.constant(Constant::Missing, Type::Error, span)
    }

    fn literal(&mut self, literal: &ast::ExprKind, span: Span) -> ExprId {
        use ast::ExprKind as Ast;
        let (constant, ty) = match literal {
            Ast::Number(number) if number.get().fract().is_zero() => (Constant::Decimal(*number), Type::Count),
            Ast::Number(number) => (Constant::Decimal(*number), Type::Number),
            Ast::Money(amount, currency) => (Constant::Decimal(*amount), Type::Money(*currency)),
            Ast::Percent(percent) => (Constant::Decimal(*percent), Type::Percent),
            Ast::Quantity(amount, unit) => (Constant::Decimal(*amount), Type::Quantity(Some(*unit))),
            Ast::Duration(nanos) => (Constant::Nanos(*nanos), Type::Duration),
            Ast::Days(count, unit) => (Constant::Days(*count, *unit), Type::Days),
            Ast::Time(time) => (Constant::Time(time.nanos()), Type::Time),
            Ast::Date(date) => (Constant::Date(date.days()), Type::Date),
            Ast::Instant(date, time, zone) => return self.instant_literal(*date, *time, zone.as_ref(), span),
            Ast::Weekday(day) => (Constant::Word(day.number()), Type::Weekday),
            Ast::Bool(yes) => (Constant::Word(i64::from(*yes)), Type::Bool),
            Ast::None => (Constant::Missing, Type::Missing),
            _ => {
                self.report(Diagnostic::new(Code::Contradiction, span, "a number of things is only used as a window, after `in last`"));
                return self.error(span);
            }
        };
        self.constant(constant, ty, span)
    }

    fn instant_literal(&mut self, date: crate::value::Date, time: crate::value::TimeOfDay, zone: Option<&ast::Name>, span: Span) -> ExprId {
        let zone = match zone {
            None => self.header.day.zone,
            Some(name) => match self.zone(name, 0) {
                Some(zone) => zone,
                None => return self.error(span),
            },
        };
        self.constant(Constant::Instant(zone.to_instant(date, time).nanos()), Type::Instant, span)
    }

    fn text(&mut self, text: &str, span: Span, expected: Option<&Type>) -> ExprId {
        if expected == Some(&Type::Symbol) {
            let symbol = self.symbol(text);
            return self.constant(Constant::Symbol(symbol), Type::Symbol, span);
        }
        let index = intern(&mut self.texts, text);
        self.constant(Constant::Text(index), Type::Text, span)
    }

    /// The number of a symbol that the program names.
    pub(super) fn symbol(&mut self, name: &str) -> u32 {
        intern(&mut self.symbols, name)
    }

    fn negate(&mut self, context: &Context, inner: &ast::Expr, span: Span) -> ExprId {
        let inner_id = self.expr(context, inner);
        let ty = self.ty(inner_id).clone();
        if let ExprKind::Constant(Constant::Decimal(value)) = &self.exprs[inner_id.0 as usize].kind {
            let value = value.neg();
            return self.constant(Constant::Decimal(value), ty, span);
        }
        if !(ty.is_numeric() || matches!(ty, Type::Duration | Type::Error)) {
            self.report(errors::wrong_type("a number or an amount", &ty, inner.span));
            return self.error(span);
        }
        self.push(ExprKind::Negate(inner_id), ty, span)
    }

    fn binary(&mut self, context: &Context, whole: &ast::Expr, left: &ast::Expr, op: BinaryOp, right: &ast::Expr) -> ExprId {
        let span = whole.span;
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let first = self.condition(context, left);
                let second_context = context.assuming(self.source, left, op == BinaryOp::And);
                let second = self.condition(&second_context, right);
                let kind = if op == BinaryOp::And { ExprKind::And(first, second) } else { ExprKind::Or(first, second) };
                self.push(kind, Type::Bool, span)
            }
            BinaryOp::Add => self.arithmetic(context, Arithmetic::Add, left, right, span),
            BinaryOp::Sub => self.arithmetic(context, Arithmetic::Subtract, left, right, span),
            BinaryOp::Mul => self.arithmetic(context, Arithmetic::Multiply, left, right, span),
            BinaryOp::Div => self.arithmetic(context, Arithmetic::Divide, left, right, span),
            comparison => self.comparison(context, left, compare::comparison_of(comparison), right, span),
        }
    }

    fn arithmetic(&mut self, context: &Context, op: Arithmetic, left: &ast::Expr, right: &ast::Expr, span: Span) -> ExprId {
        let (a, b) = (self.expr(context, left), self.expr(context, right));
        let (left_ty, right_ty) = (self.ty(a).clone(), self.ty(b).clone());
        if op == Arithmetic::Divide && right_ty == Type::Percent && matches!(left_ty, Type::Money(_) | Type::Quantity(_)) {
            return self.whole_of_share(context, (a, &left_ty), (b, right), span);
        }
        let Some(ty) = types::arithmetic(op, &left_ty, &right_ty) else {
            let doing = match op {
                Arithmetic::Add => "add",
                Arithmetic::Subtract => "subtract",
                Arithmetic::Multiply => "multiply",
                Arithmetic::Divide => "divide",
            };
            self.mismatch(doing, (&left_ty, left), (&right_ty, right));
            return self.error(span);
        };
        if op == Arithmetic::Divide && !self.is_nonzero(context, b, right) {
            let zero = matches!(&self.exprs[b.0 as usize].kind, ExprKind::Constant(Constant::Decimal(value)) if value.is_zero());
            let words = words(self.source, right);
            self.report(if zero { errors::is_zero(&words, right.span) } else { errors::maybe_zero(&words, right.span) });
        }
        self.push(ExprKind::Arithmetic(op, a, b), ty, span)
    }

    /// `best_day / 55%`: the whole of which an amount is so many percent, 100 × amount ÷ percents.
    fn whole_of_share(
        &mut self,
        context: &Context,
        (part, ty): (ExprId, &Type),
        (share, words_of): (ExprId, &ast::Expr),
        span: Span,
    ) -> ExprId {
        if !self.is_nonzero(context, share, words_of) {
            self.report(errors::maybe_zero(&words(self.source, words_of), words_of.span));
        }
        let hundred = self.constant(Constant::Decimal(Decimal::from(100)), Type::Number, span);
        let scaled = self.push(ExprKind::Arithmetic(Arithmetic::Multiply, part, hundred), ty.clone(), span);
        self.push(ExprKind::Arithmetic(Arithmetic::Divide, scaled, share), ty.clone(), span)
    }

    fn is_nonzero(&self, context: &Context, id: ExprId, expr: &ast::Expr) -> bool {
        let never_zero =
            |id: &ExprId| matches!(&self.exprs[id.0 as usize].kind, ExprKind::Constant(Constant::Decimal(value)) if !value.is_zero());
        match &self.exprs[id.0 as usize].kind {
            ExprKind::Constant(Constant::Nanos(nanos)) => *nanos != 0,
            ExprKind::Account(crate::vocabulary::AccountField::Size | crate::vocabulary::AccountField::OriginalSize) => true,
            ExprKind::Plan(column) => self.plans.cells.iter().all(|row| row.get(usize::from(*column)).is_some_and(never_zero)),
            _ => never_zero(&id) || matches!(self.ty(id), Type::Error) || context.nonzero.contains(&words(self.source, expr)),
        }
    }

    fn percent_of(&mut self, context: &Context, percent: &ast::Expr, whole: &ast::Expr, span: Span) -> ExprId {
        let percent_id = self.expr_of(context, percent, &Type::Percent);
        let whole_id = self.expr(context, whole);
        let ty = self.ty(whole_id).clone();
        if !(ty.is_numeric() || matches!(ty, Type::Duration | Type::Error)) {
            self.report(errors::wrong_type("an amount to take a percentage of", &ty, whole.span));
            return self.error(span);
        }
        let ty = if ty == Type::Count { Type::Number } else { ty };
        self.push(ExprKind::Percent(percent_id, whole_id), ty, span)
    }

    fn otherwise(&mut self, context: &Context, value: &ast::Expr, otherwise: &ast::Expr, span: Span, expected: Option<&Type>) -> ExprId {
        let a = self.expr_as(context, value, expected);
        let ty = self.ty(a).clone();
        let b = self.expr_as(context, otherwise, Some(&ty));
        self.literal_as_price(a, b);
        let Some(ty) = types::join(self.ty(a), self.ty(b)) else {
            let right = self.ty(b).clone();
            self.mismatch("choose between", (&ty, value), (&right, otherwise));
            return self.error(span);
        };
        let missing = self.exprs[b.0 as usize].maybe_missing;
        self.push_with(ExprKind::Else(a, b), ty, span, missing)
    }

    fn choice(&mut self, context: &Context, parts: [&ast::Expr; 3], span: Span, expected: Option<&Type>) -> ExprId {
        let [condition, then, otherwise] = parts;
        let c = self.condition(context, condition);
        let a = self.expr_as(&context.assuming(self.source, condition, true), then, expected);
        let ty = self.ty(a).clone();
        let b = self.expr_as(&context.assuming(self.source, condition, false), otherwise, Some(&ty));
        self.literal_as_price(a, b);
        let Some(ty) = types::join(self.ty(a), self.ty(b)) else {
            let right = self.ty(b).clone();
            self.mismatch("choose between", (&ty, then), (&right, otherwise));
            return self.error(span);
        };
        let missing = self.exprs[a.0 as usize].maybe_missing || self.exprs[b.0 as usize].maybe_missing;
        self.push_with(ExprKind::If(c, a, b), ty, span, missing)
    }

    fn is_missing(&mut self, context: &Context, inner: &ast::Expr, missing: bool, span: Span) -> ExprId {
        let inner_id = self.presence(context, inner);
        let test = self.push_with(ExprKind::IsMissing(inner_id), Type::Bool, span, false);
        if missing { test } else { self.push_with(ExprKind::Not(test), Type::Bool, span, false) }
    }

    fn is_one_of(&mut self, context: &Context, value: &ast::Expr, list: &[ast::Expr], negated: bool, span: Span) -> ExprId {
        let id = self.expr(context, value);
        self.must_be_known(id, value);
        let ty = self.ty(id).clone();
        let members = list.iter().map(|member| self.expr_of(context, member, &ty)).collect();
        let test = self.push(ExprKind::OneOf(id, members), Type::Bool, span);
        if negated { self.push(ExprKind::Not(test), Type::Bool, span) } else { test }
    }

    fn call(&mut self, context: &Context, name: &ast::Name, arguments: &[ast::Expr], span: Span) -> ExprId {
        match (name.node.as_str(), arguments) {
            ("min" | "max", [_, _, ..]) => self.extreme(context, name.node == "min", arguments, span),
            ("abs", [argument]) => {
                let inner = self.expr(context, argument);
                let ty = self.ty(inner).clone();
                if !(ty.is_numeric() || matches!(ty, Type::Duration | Type::Error)) {
                    self.report(errors::wrong_type("a number or an amount", &ty, argument.span));
                }
                self.push(ExprKind::Absolute(inner), ty, span)
            }
            ("min" | "max" | "abs", _) => {
                let wants = if name.node == "abs" { "one value" } else { "two or more values" };
                self.report(Diagnostic::new(Code::Arguments, span, format!("`{}` takes {wants} in brackets", name.node)).help(format!(
                    "write them all, such as `{}`",
                    if name.node == "abs" { "abs(profit)".to_owned() } else { format!("{}(size, $60,000)", name.node) }
                )));
                self.error(span)
            }
            ("limit" | "goal", _) => {
                let what = &name.node;
                let example = if what == "limit" { "headroom" } else { "missing" };
                self.report(
                    Diagnostic::new(Code::Arguments, span, format!("`{what}(\"title\")` is read by its facts"))
                        .help(format!("write `{what}(\"title\").{example}`")),
                );
                self.error(span)
            }
            ("round", _) => {
                let value = arguments.first().map_or_else(|| "x".to_owned(), |value| words(self.source, value));
                self.report(
                    Diagnostic::new(Code::Arguments, span, "`round` says to which step, and which way")
                        .help(format!("write `round({value} to $0.01, half_up)`; the ways are half_up, half_even, down and up")),
                );
                self.error(span)
            }
            _ => {
                self.report(errors::unknown_name(&name.node, name.span, FUNCTIONS.iter().map(|function| function.name)));
                self.error(span)
            }
        }
    }

    fn extreme(&mut self, context: &Context, lowest: bool, arguments: &[ast::Expr], span: Span) -> ExprId {
        let ids: Vec<ExprId> = arguments.iter().map(|argument| self.expr(context, argument)).collect();
        for (a, b) in ids.iter().flat_map(|a| ids.iter().map(move |b| (*a, *b))) {
            self.literal_as_price(a, b);
        }
        let mut ty = self.ty(ids[0]).clone();
        for (id, argument) in ids.iter().zip(arguments).skip(1) {
            let other = self.ty(*id).clone();
            match types::join(&ty, &other) {
                Some(joined) if types::ordered(&joined) => ty = joined,
                _ => {
                    self.mismatch("compare", (&ty, &arguments[0]), (&other, argument));
                    return self.error(span);
                }
            }
        }
        let missing = ids.iter().all(|id| self.exprs[id.0 as usize].maybe_missing);
        let kind = if lowest { ExprKind::Minimum(ids) } else { ExprKind::Maximum(ids) };
        self.push_with(kind, ty, span, missing)
    }

    fn round(&mut self, context: &Context, value: &ast::Expr, step: &ast::Expr, mode: &ast::Name, span: Span) -> ExprId {
        let id = self.expr(context, value);
        let ty = self.ty(id).clone();
        let step_id = self.expr_of(context, step, &ty);
        if !self.is_nonzero(context, step_id, step) {
            self.report(errors::maybe_zero(&words(self.source, step), step.span));
        }
        let rounding = match mode.node.as_str() {
            "half_up" => Rounding::HalfUp,
            "half_even" => Rounding::HalfEven,
            "down" => Rounding::Down,
            "up" => Rounding::Up,
            other => {
                self.report(errors::unknown_name(other, mode.span, ["half_up", "half_even", "down", "up"].into_iter()));
                Rounding::HalfEven
            }
        };
        self.push(ExprKind::Round(id, step_id, rounding), ty, span)
    }

    /// Turns a decimal literal of a scenario or table into the value it stands for.
    pub(super) fn decimal_constant(&self, id: ExprId) -> Option<Decimal> {
        match &self.exprs[id.0 as usize].kind {
            ExprKind::Constant(Constant::Decimal(value)) => Some(*value),
            _ => None,
        }
    }
}

/// The place of a text in a list, added when it is new.
pub(super) fn intern(list: &mut Vec<String>, text: &str) -> u32 {
    let at = list.iter().position(|known| known == text).unwrap_or_else(|| {
        list.push(text.to_owned());
        list.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}

pub(super) fn not_yet(what: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::NotYet, span, format!("{what} is not available in this version"))
}

/// A bare number where an amount is needed, with the amount that it was meant to be.
fn with_unit(mut found: Diagnostic, ty: &Type, number: &ast::Expr) -> Diagnostic {
    let (sign, amount) = match &number.kind {
        ast::ExprKind::Number(amount) => ("", amount),
        ast::ExprKind::Negate(inner) => match &inner.kind {
            ast::ExprKind::Number(amount) => ("-", amount),
            _ => return found,
        },
        _ => return found,
    };
    let amount = grouped(&amount.to_string());
    let right = match ty {
        Type::Money(currency) if currency.code() == "USD" => format!("{sign}${amount}"),
        Type::Money(currency) if *currency != Currency::ACCOUNT => format!("{sign}{amount} {currency}"),
        Type::Percent if amount.starts_with("0.") => {
            // `0.05` is five in a hundred where it is a factor.
            let help = format!(
                "a share is written in percent: `5%` is five in a hundred, `0.05%` five in ten thousand; `{sign}{amount}` could be either"
            );
            return found.help(help);
        }
        Type::Percent => format!("{sign}{amount}%"),
        Type::Quantity(Some(unit)) => format!("{sign}{amount} {}", unit.plural()),
        _ => return found,
    };
    if matches!(ty, Type::Money(_)) {
        "an amount of money has its currency".clone_into(&mut found.message);
        found.label = if found.span == number.span { "a number".into() } else { found.label };
    }
    found.fix(number.span, right.clone(), format!("write `{right}`"))
}

/// The digits of a number with a comma before each group of three.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.find('.').map_or((number, ""), |at| number.split_at(at));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}
