//! Precedence: the flat list of operands and operators that the grammar gives becomes a tree.

use std::iter::Peekable;
use std::vec::IntoIter;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{BinaryOp, EventRef, Expr, ExprKind};
use crate::value::{Date, Decimal};

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Infix {
    Binary(BinaryOp),
    Of,
    Else,
}

/// What stands behind an operand.
#[derive(Debug)]
pub(super) enum Postfix {
    IsMissing(bool),
    IsOneOf(Vec<Expr>, bool),
    BeforeToday,
    BeforeThisEvent,
    Since(EventRef),
}

/// A part of an expression in the order of the text.
#[derive(Debug)]
pub(super) enum Token {
    Operand(Expr),
    Minus(crate::source::Span),
    Not(crate::source::Span),
    Infix(Spanned<Infix>),
    Postfix(Spanned<Postfix>),
}

/// How tightly operators bind; a higher number binds tighter.
pub(super) const OPERATORS: &[(u8, &[Infix])] = &[
    (OR, &[Infix::Binary(BinaryOp::Or)]),
    (AND, &[Infix::Binary(BinaryOp::And)]),
    (
        COMPARISON,
        &[
            Infix::Binary(BinaryOp::Is),
            Infix::Binary(BinaryOp::IsNot),
            Infix::Binary(BinaryOp::AtLeast),
            Infix::Binary(BinaryOp::AtMost),
            Infix::Binary(BinaryOp::Above),
            Infix::Binary(BinaryOp::Below),
        ],
    ),
    (ELSE, &[Infix::Else]),
    (SUM, &[Infix::Binary(BinaryOp::Add), Infix::Binary(BinaryOp::Sub)]),
    (PRODUCT, &[Infix::Binary(BinaryOp::Mul), Infix::Binary(BinaryOp::Div)]),
    (OF, &[Infix::Of]),
];

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const ELSE: u8 = 5;
const SUM: u8 = 6;
const PRODUCT: u8 = 7;
const MINUS: u8 = 8;
const TIME: u8 = 9;
const OF: u8 = 10;

fn level(infix: Infix) -> u8 {
    OPERATORS.iter().find(|(_, operators)| operators.contains(&infix)).map_or(OF, |(level, _)| *level)
}

/// Builds the tree of a list that alternates as the grammar says.
pub(super) fn climb(tokens: Vec<Token>, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Expr> {
    Climber { tokens: tokens.into_iter().peekable(), text, joined: Vec::new(), diagnostics }.expression(OR)
}

struct Climber<'d> {
    tokens: Peekable<IntoIter<Token>>,
    /// The text of the file.
    text: &'d str,
    /// What `and` joins without brackets.
    joined: Vec<Span>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Climber<'_> {
    fn expression(&mut self, least: u8) -> Option<Expr> {
        let mut left = self.operand()?;
        let (mut compared, mut chained) = (false, false);
        loop {
            let (level, span) = match self.tokens.peek() {
                Some(Token::Infix(infix)) => (level(infix.node), infix.span),
                Some(Token::Postfix(postfix)) => (postfix_level(&postfix.node), postfix.span),
                _ => return Some(left),
            };
            if level < least {
                return Some(left);
            }
            if level == COMPARISON && std::mem::replace(&mut compared, true) {
                let found = Diagnostic::new(Code::Syntax, span, "comparisons do not follow each other");
                self.diagnostics.push(found.help("join two comparisons with `and`: `x is above a and x is below b`"));
                chained = true;
            }
            left = match self.tokens.next() {
                Some(Token::Infix(infix)) => {
                    let right_associative = matches!(infix.node, Infix::Of | Infix::Else);
                    let right = self.expression(if right_associative { level } else { level + 1 })?;
                    self.and_beside_or(&left, infix.node, &right);
                    chained |= self.date_with_strokes(&left, infix.node, &right);
                    binary(left, &infix, right)
                }
                Some(Token::Postfix(postfix)) => after(left, postfix),
                _ => return Some(left),
            };
            if chained {
                left.kind = ExprKind::Broken;
            }
        }
    }

    /// `a and b or c` is read as `(a and b) or c`, and brackets say so to people.
    fn and_beside_or(&mut self, left: &Expr, infix: Infix, right: &Expr) {
        match infix {
            Infix::Binary(BinaryOp::And) => self.joined.push(left.span.to(right.span)),
            Infix::Binary(BinaryOp::Or) => {
                for side in
                    [left, right].into_iter().filter(|side| matches!(side.kind, ExprKind::Binary(_, ref op, _) if op.node == BinaryOp::And))
                {
                    if let Some(at) = self.joined.iter().position(|joined| *joined == side.span) {
                        self.joined.remove(at);
                        let words = self.text.get(side.span.range()).unwrap_or_default();
                        let found =
                            Diagnostic::new(Code::AndBesideOr, side.span, "`and` is read before `or`: brackets say what belongs together");
                        self.diagnostics.push(found.label("read together").fix(
                            side.span,
                            format!("({words})"),
                            "put brackets around what is read together, as shown, or around what you meant",
                        ));
                    }
                }
            }
            _ => {}
        }
    }

    /// Refuses `12/31/2026`, which would be a division.
    fn date_with_strokes(&mut self, left: &Expr, infix: Infix, right: &Expr) -> bool {
        let (Infix::Binary(BinaryOp::Div), ExprKind::Binary(first, op, second)) = (infix, &left.kind) else { return false };
        let whole = |expr: &Expr| match expr.kind {
            ExprKind::Number(number) => self.text.get(expr.span.range()).filter(|text| !text.contains('.') && number > Decimal::ZERO),
            _ => None,
        };
        let (Some(first), Some(second), Some(year)) = (whole(first), whole(second), whole(right)) else { return false };
        if op.node != BinaryOp::Div || year.len() != 4 {
            return false;
        }
        let span = left.span.to(right.span);
        let found = Diagnostic::new(Code::NumberFormat, span, "this is a division, and a date is written with hyphens");
        let date = |month: &str, day: &str| format!("{year}-{month:0>2}-{day:0>2}");
        let readings = [date(first, second), date(second, first)].map(|text| text.parse::<Date>().ok().map(|_| text));
        self.diagnostics.push(match readings {
            [Some(right), None] | [None, Some(right)] => found.fix(span, right.clone(), format!("write `{right}`")),
            [Some(one), Some(other)] if one == other => found.fix(span, one.clone(), format!("write `{one}`")),
            [Some(one), Some(other)] => {
                let days = format!("`{one}` for day {second} of month {first}, or `{other}` for day {first} of month {second}");
                found.help(format!("write {days}: year, month, day"))
            }
            [None, None] => found.help("a date is written `2026-12-31`: year, month, day"),
        });
        true
    }

    fn operand(&mut self) -> Option<Expr> {
        match self.tokens.next()? {
            Token::Operand(expr) => Some(expr),
            Token::Minus(span) => {
                let inner = self.expression(MINUS)?;
                Some(Expr { span: span.to(inner.span), kind: ExprKind::Negate(Box::new(inner)) })
            }
            Token::Not(span) => {
                let inner = self.expression(NOT)?;
                Some(Expr { span: span.to(inner.span), kind: ExprKind::Not(Box::new(inner)) })
            }
            Token::Infix(_) | Token::Postfix(_) => None,
        }
    }
}

fn postfix_level(postfix: &Postfix) -> u8 {
    match postfix {
        Postfix::IsMissing(_) | Postfix::IsOneOf(..) => COMPARISON,
        Postfix::BeforeToday | Postfix::BeforeThisEvent | Postfix::Since(_) => TIME,
    }
}

fn binary(left: Expr, infix: &Spanned<Infix>, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    let (left, right) = (Box::new(left), Box::new(right));
    let kind = match infix.node {
        Infix::Binary(op) => ExprKind::Binary(left, Spanned::new(op, infix.span), right),
        Infix::Of => ExprKind::Of(left, right),
        Infix::Else => ExprKind::Else(left, right),
    };
    Expr { kind, span }
}

fn after(inner: Expr, postfix: Spanned<Postfix>) -> Expr {
    let span = inner.span.to(postfix.span);
    let inner = Box::new(inner);
    let kind = match postfix.node {
        Postfix::IsMissing(missing) => ExprKind::IsMissing(inner, missing),
        Postfix::IsOneOf(choices, negated) => ExprKind::IsOneOf(inner, choices, negated),
        Postfix::BeforeToday => ExprKind::BeforeToday(inner),
        Postfix::BeforeThisEvent => ExprKind::BeforeThisEvent(inner),
        Postfix::Since(event) => ExprKind::Since(inner, event),
    };
    Expr { kind, span }
}
