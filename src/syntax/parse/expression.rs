//! Expressions.

use super::operators::{Infix, Postfix, Token, climb};
use super::{MAX_DEPTH, Parser};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Name, NewsWindow, Template, TemplatePart};
use crate::syntax::grammar::{Pair, Rule, child, children, has};

impl Parser<'_> {
    /// The expression among the children of a pair; broken where there is none.
    pub(super) fn expr_in(&mut self, pair: &Pair<'_>) -> Expr {
        match child(pair, Rule::expr) {
            Some(inner) => self.expr(&inner),
            None => broken(self.span(pair)),
        }
    }

    /// The expression of a clause, where the statement has that clause.
    pub(super) fn clause(&mut self, pair: &Pair<'_>, rule: Rule) -> Option<Expr> {
        child(pair, rule).map(|inner| self.expr_in(&inner))
    }

    /// The bound in a pair: a length or amount without operators.
    pub(super) fn bound_in(&mut self, pair: &Pair<'_>) -> Expr {
        match child(pair, Rule::bound) {
            Some(inner) => self.bound(&inner),
            None => broken(self.span(pair)),
        }
    }

    /// An expression, or one inside an `if`.
    pub(super) fn expr(&mut self, pair: &Pair<'_>) -> Expr {
        let parts: Vec<Pair<'_>> = pair.clone().into_inner().collect();
        let prefixes = |part: &Pair<'_>| part.clone().into_inner().filter(|inner| inner.as_rule() == Rule::prefix).count();
        let levels = parts.len() / 2 + 1 + parts.iter().map(prefixes).sum::<usize>();
        if self.depth + levels > MAX_DEPTH {
            self.too_deep(self.span(pair));
            return broken(self.span(pair));
        }
        self.depth += levels;
        let expr = self.operators(&parts).unwrap_or_else(|| broken(self.span(pair)));
        self.depth -= levels;
        expr
    }

    fn operators(&mut self, parts: &[Pair<'_>]) -> Option<Expr> {
        if let [only] = parts
            && only.as_rule() == Rule::conditional
        {
            return Some(self.conditional(only));
        }
        let mut tokens = Vec::new();
        for part in parts {
            match part.as_rule() {
                Rule::operand => {
                    self.prefixes(part, &mut tokens);
                    let operand = self.operand(part);
                    self.whole_aggregate(part, parts.len() > 1, &operand);
                    tokens.push(Token::Operand(operand));
                }
                Rule::infix | Rule::plain_infix => {
                    tokens.push(Token::Infix(Spanned::new(infix(part)?, self.span(part))));
                }
                Rule::postfix => {
                    let postfix = self.postfix(part)?;
                    tokens.push(Token::Postfix(Spanned::new(postfix, self.span(part))));
                }
                _ => return None,
            }
        }
        climb(tokens, self.source, &mut self.diagnostics)
    }

    fn prefixes(&self, operand: &Pair<'_>, tokens: &mut Vec<Token>) {
        for prefix in children(operand, Rule::prefix) {
            let span = self.span(&prefix);
            tokens.push(if has(&prefix, Rule::minus) { Token::Minus(span) } else { Token::Not(span) });
        }
    }

    /// An aggregate with `where` takes all that follows, so beside an operator it needs brackets.
    fn whole_aggregate(&mut self, operand: &Pair<'_>, beside_operator: bool, expr: &Expr) {
        let ExprKind::Aggregate(aggregate) = &expr.kind else { return };
        if beside_operator && aggregate.filter.is_some() && !has(operand, Rule::group) {
            let found = Diagnostic::new(Code::Syntax, expr.span, "it is open how far this `where` reaches");
            self.diagnostics.push(found.help("put the part that begins before it and ends with its condition in brackets `( )`"));
        }
    }

    fn conditional(&mut self, pair: &Pair<'_>) -> Expr {
        let span = self.span(pair);
        let mut branches = children(pair, Rule::plain).map(|branch| self.expr(&branch)).collect::<Vec<_>>().into_iter();
        // `else if …` is one more choice in the place of the last value.
        let last = child(pair, Rule::conditional).map(|last| self.conditional(&last));
        let mut branches = branches.by_ref().chain(last);
        match (branches.next(), branches.next(), branches.next()) {
            (Some(condition), Some(then), Some(otherwise)) => {
                Expr { kind: ExprKind::If(Box::new(condition), Box::new(then), Box::new(otherwise)), span }
            }
            _ => broken(span),
        }
    }

    fn postfix(&mut self, pair: &Pair<'_>) -> Option<Postfix> {
        let inner = pair.clone().into_inner().next()?;
        Some(match inner.as_rule() {
            Rule::is_known => Postfix::IsMissing(has(&inner, Rule::w_missing)),
            Rule::is_one_of => {
                self.brackets += 1;
                let choices = children(&inner, Rule::expr).map(|choice| self.expr(&choice)).collect();
                self.brackets -= 1;
                Postfix::IsOneOf(choices, has(&inner, Rule::w_not))
            }
            Rule::before_now if has(&inner, Rule::w_today) => Postfix::BeforeToday,
            Rule::before_now => Postfix::BeforeThisEvent,
            _ => Postfix::Since(self.event_in(&inner)),
        })
    }

    /// A value with its fields, without the signs in front of it.
    pub(super) fn operand(&mut self, pair: &Pair<'_>) -> Expr {
        let mut built: Option<Expr> = None;
        let depth = self.depth;
        for part in pair.clone().into_inner() {
            built = match part.as_rule() {
                Rule::prefix => continue,
                Rule::member => built.map(|record| self.member(record, &part)),
                _ => Some(self.primary(&part)),
            };
        }
        self.depth = depth;
        built.unwrap_or_else(|| broken(self.span(pair)))
    }

    fn member(&mut self, record: Expr, pair: &Pair<'_>) -> Expr {
        let field = self.name_in(pair, Rule::word);
        let span = record.span.to(field.span);
        self.depth += 1;
        if self.depth > 2 * MAX_DEPTH {
            self.too_deep(span);
            return broken(span);
        }
        Expr { kind: ExprKind::Member(Box::new(record), field), span }
    }

    /// A bound: a literal, a name, or an expression in brackets.
    pub(super) fn bound(&mut self, pair: &Pair<'_>) -> Expr {
        let mut built: Option<Expr> = None;
        let depth = self.depth;
        for part in pair.clone().into_inner() {
            built = match part.as_rule() {
                Rule::member => built.map(|record| self.member(record, &part)),
                Rule::bare_group => Some(self.group(&part)),
                Rule::reference => Some(self.primary(&part)),
                _ => Some(self.literal(&part)),
            };
        }
        self.depth = depth;
        built.unwrap_or_else(|| broken(self.span(pair)))
    }

    pub(super) fn group(&mut self, pair: &Pair<'_>) -> Expr {
        self.brackets += 1;
        let mut inner = self.expr_in(pair);
        self.brackets -= 1;
        if let ExprKind::Money(..) = inner.kind {
            self.in_brackets(&inner, self.span(pair));
        }
        inner.span = self.span(pair);
        inner
    }

    /// Refuses `($2,000)`: accountants write a negative amount so.
    fn in_brackets(&mut self, amount: &Expr, span: Span) {
        let words = self.text.get(amount.span.range()).unwrap_or_default();
        let found = Diagnostic::new(Code::NumberFormat, span, "an amount alone in brackets is read as a positive one");
        let help = format!("write `-{words}` where it is negative, as accountants mean it, and `{words}` where it is not");
        self.diagnostics.push(found.guess(span, format!("-{words}"), help));
    }

    fn primary(&mut self, pair: &Pair<'_>) -> Expr {
        let span = self.span(pair);
        let kind = match pair.as_rule() {
            Rule::group | Rule::dated => return self.dated(pair),
            Rule::text => ExprKind::Text(self.text(pair).node),
            Rule::aggregate => ExprKind::Aggregate(Box::new(self.aggregate(pair).node)),
            Rule::news_within | Rule::news_around => ExprKind::News(Box::new(self.news(pair))),
            Rule::last_record => ExprKind::Last(self.name_in(pair, Rule::name)),
            Rule::day_of => self.day_of(pair),
            Rule::weekday => self.weekday(pair).map_or(ExprKind::Broken, |day| ExprKind::Weekday(day.node)),
            Rule::yes_no => ExprKind::Bool(has(pair, Rule::w_yes)),
            Rule::w_none => ExprKind::None,
            Rule::round => self.round(pair),
            Rule::weighted => ExprKind::Name("weighted_quantity".to_owned()),
            Rule::reference => self.reference(pair),
            Rule::state_word => ExprKind::Name(self.name(pair).node),
            _ => ExprKind::Broken,
        };
        Expr { kind, span }
    }

    /// A literal or brackets, perhaps with `after D`.
    fn dated(&mut self, pair: &Pair<'_>) -> Expr {
        let value = if pair.as_rule() == Rule::group {
            let end = child(pair, Rule::after_date).map_or(pair.as_span().end(), |after| after.as_span().start());
            let mut inner = self.group(pair);
            let own = pair.as_str().get(..end - pair.as_span().start()).unwrap_or("").trim_end().len();
            inner.span.end = inner.span.start + u32::try_from(own).unwrap_or(0);
            inner
        } else {
            match pair.clone().into_inner().next() {
                Some(literal) => self.literal(&literal),
                None => broken(self.span(pair)),
            }
        };
        let Some(after) = child(pair, Rule::after_date) else { return value };
        let from = match child(&after, Rule::operand) {
            Some(operand) => self.operand(&operand),
            None => broken(self.span(&after)),
        };
        let span = value.span.to(from.span);
        Expr { kind: ExprKind::After(Box::new(value), Box::new(from)), span }
    }

    fn day_of(&mut self, pair: &Pair<'_>) -> ExprKind {
        let Some(integer) = child(pair, Rule::integer) else { return ExprKind::Broken };
        let Some(value) = self.decimal(&integer) else { return ExprKind::Broken };
        let number = Expr { kind: ExprKind::Number(value.node), span: value.span };
        ExprKind::DayOf(Box::new(number), self.name_in(pair, Rule::name), has(pair, Rule::w_trading))
    }

    fn round(&mut self, pair: &Pair<'_>) -> ExprKind {
        self.brackets += 1;
        let mut values = children(pair, Rule::expr).map(|value| self.expr(&value)).collect::<Vec<_>>().into_iter();
        self.brackets -= 1;
        match (values.next(), values.next()) {
            (Some(value), Some(unit)) => ExprKind::Round(Box::new(value), Box::new(unit), self.name_in(pair, Rule::word)),
            _ => ExprKind::Broken,
        }
    }

    fn reference(&mut self, pair: &Pair<'_>) -> ExprKind {
        let name = self.name_in(pair, Rule::name);
        let Some(arguments) = child(pair, Rule::arguments) else { return ExprKind::Name(name.node) };
        self.brackets += 1;
        let values: Vec<Expr> = children(&arguments, Rule::expr).map(|value| self.expr(&value)).collect();
        self.brackets -= 1;
        self.list_commas(&values);
        ExprKind::Call(name, values)
    }

    /// Refuses `min(1,5)`: two numbers of a list, or one with a decimal comma?
    fn list_commas(&mut self, values: &[Expr]) {
        for pair in values.windows(2) {
            let (left, right) = (pair[0].span, pair[1].span);
            let digit = |at: u32| self.text.as_bytes().get(at as usize).is_some_and(u8::is_ascii_digit);
            if left.end + 1 == right.start && left.end > 0 && digit(left.end - 1) && digit(right.start) {
                let span = Span { start: left.end, end: right.start };
                let found = Diagnostic::new(Code::NumberFormat, span, "a comma between digits could be a list or one number");
                self.diagnostics.push(found.fix(span, ", ", "put a blank after the comma of a list; decimals take a point"));
            }
        }
    }

    fn news(&mut self, pair: &Pair<'_>) -> NewsWindow {
        let mut bounds = children(pair, Rule::bound).map(|bound| self.bound(&bound)).collect::<Vec<_>>().into_iter();
        let before = bounds.next().unwrap_or_else(|| broken(self.span(pair)));
        let after = bounds.next().unwrap_or_else(|| before.clone());
        let impact = child(pair, Rule::impact).map(|impact| self.name(&impact));
        let tail = child(pair, Rule::news_tail);
        let symbol = tail.as_ref().and_then(|tail| child(tail, Rule::news_symbol)).map(|symbol| self.news_symbol(&symbol));
        let filter = tail.and_then(|tail| self.clause(&tail, Rule::where_clause));
        NewsWindow { before, after, impact, symbol, filter }
    }

    fn news_symbol(&mut self, pair: &Pair<'_>) -> Expr {
        match child(pair, Rule::text) {
            Some(text) => self.primary(&text),
            None => self.bound(pair),
        }
    }

    /// A message with values in braces: `"{headroom} left"`; `{{` and `}}` stand for the braces.
    pub(super) fn template(&mut self, pair: &Pair<'_>) -> Template {
        let text = self.text(pair);
        let mut parts = Vec::new();
        let mut plain = String::new();
        // The place of a text holds a curly quotation mark whole; what stands in it is where it was laid out.
        let mut at = self.base + pair.as_span().start() + 1;
        let mut rest = text.node.as_str();
        while let Some(next) = rest.find(['{', '}']) {
            plain.push_str(&rest[..next]);
            let (brace, doubled) = (&rest[next..=next], rest[next..].starts_with("{{") || rest[next..].starts_with("}}"));
            let end = rest[next..].find('}').filter(|_| brace == "{" && !doubled);
            let Some(end) = end else {
                plain.push_str(brace);
                let taken = next + 1 + usize::from(doubled);
                at += taken;
                rest = &rest[taken..];
                continue;
            };
            if !plain.is_empty() {
                parts.push(TemplatePart::Text(std::mem::take(&mut plain)));
            }
            parts.push(TemplatePart::Value(self.template_value(at + next + 1..at + next + end)));
            at += next + end + 1;
            rest = &rest[next + end + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(TemplatePart::Text(plain));
        }
        Template { parts, span: text.span }
    }

    fn template_value(&mut self, range: std::ops::Range<usize>) -> Expr {
        let span = Span::new(range.clone());
        self.fragment(range, Rule::expression_only, Self::expr_in).unwrap_or_else(|| broken(span))
    }

    /// `name = value` pairs in brackets.
    pub(super) fn named_arguments(&mut self, pair: &Pair<'_>) -> Vec<(Name, Expr)> {
        let Some(arguments) = child(pair, Rule::named_arguments) else { return vec![] };
        self.brackets += 1;
        let values = children(&arguments, Rule::named_argument);
        let values = values.map(|argument| (self.name_in(&argument, Rule::word), self.expr_in(&argument))).collect();
        self.brackets -= 1;
        values
    }
}

/// An expression that could not be built.
pub(super) fn broken(span: Span) -> Expr {
    Expr { kind: ExprKind::Broken, span }
}

fn infix(pair: &Pair<'_>) -> Option<Infix> {
    let inner = pair.clone().into_inner().next()?;
    let op = match inner.as_rule() {
        Rule::w_else => return Some(Infix::Else),
        Rule::w_of => return Some(Infix::Of),
        Rule::w_and => BinaryOp::And,
        Rule::w_or => BinaryOp::Or,
        Rule::plus => BinaryOp::Add,
        Rule::minus => BinaryOp::Sub,
        Rule::times => BinaryOp::Mul,
        Rule::divide => BinaryOp::Div,
        Rule::comparison => comparison(&inner),
        _ => return None,
    };
    Some(Infix::Binary(op))
}

fn comparison(pair: &Pair<'_>) -> BinaryOp {
    let last = pair.clone().into_inner().last();
    match last.as_ref().map(|last| (last.as_rule(), last.as_str())) {
        Some((Rule::w_least, _) | (Rule::sign, ">=")) => BinaryOp::AtLeast,
        Some((Rule::w_most, _) | (Rule::sign, "<=")) => BinaryOp::AtMost,
        Some((Rule::w_above | Rule::w_after, _) | (Rule::sign, ">")) => BinaryOp::Above,
        Some((Rule::w_below | Rule::w_before, _) | (Rule::sign, "<")) => BinaryOp::Below,
        Some((Rule::w_not, _)) => BinaryOp::IsNot,
        _ => BinaryOp::Is,
    }
}
