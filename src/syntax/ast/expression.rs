//! Expressions.

use super::{Aggregate, EventRef, Name};
use crate::source::{Span, Spanned};
use crate::value::{Currency, Date, Decimal, TimeOfDay, Unit, Weekday};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `55`, `0.5`
    Number(Decimal),
    /// `$2,000`, `2,000 USD`
    Money(Decimal, Currency),
    /// `5%`
    Percent(Decimal),
    /// `3 contracts`
    Quantity(Decimal, Unit),
    /// `10 pips`, `8 ticks`: the amount and the word.
    Move(Decimal, Name),
    /// `10 cents a share`, in the account's currency for one unit.
    MovePerUnit(Decimal, Unit),
    /// `24h`, `2min`, `10s`, `500ms`, in nanoseconds.
    Duration(i64),
    /// `14 days`, `5 trading days`, `3 weekdays`, `4 months`
    Days(u32, DayUnit),
    /// `20 trades`: a window.
    Things(u32, Name),
    /// `15:10`
    Time(TimeOfDay),
    /// `2026-09-15`
    Date(Date),
    /// `2025-11-28 15:00 "America/New_York"`
    Instant(Date, TimeOfDay, Option<Name>),
    /// `mon`
    Weekday(Weekday),
    /// `yes`, `no`
    Bool(bool),
    /// `"50K"`
    Text(String),
    /// `none`
    None,
    /// A name. `weighted quantity` is the name `weighted_quantity`.
    Name(String),
    /// `day.profit`
    Member(Box<Expr>, Name),
    /// `last day`, `last payout`: the previous record of that name.
    Last(Name),
    /// `min(a, b)`, `limit("title")`
    Call(Name, Vec<Expr>),
    /// `round(x to $0.01, half_up)`
    Round(Box<Expr>, Box<Expr>, Name),
    /// `-x`
    Negate(Box<Expr>),
    /// `not x`
    Not(Box<Expr>),
    /// `a + b`, `a and b`, `a is at least b`
    Binary(Box<Expr>, Spanned<BinaryOp>, Box<Expr>),
    /// `5% of size`
    Of(Box<Expr>, Box<Expr>),
    /// `a else b`
    Else(Box<Expr>, Box<Expr>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `x is missing` (false: `x is known`)
    IsMissing(Box<Expr>, bool),
    /// `x is one of (a, b)`; true when negated.
    IsOneOf(Box<Expr>, Vec<Expr>, bool),
    /// `x since EVENT`
    Since(Box<Expr>, EventRef),
    /// `x before today`
    BeforeToday(Box<Expr>),
    /// `x before this event`
    BeforeThisEvent(Box<Expr>),
    /// An inline aggregate: `(count open positions where …)`.
    Aggregate(Box<Aggregate>),
    /// `within 2min of high news for symbol`, `from 2min before to 5min after news where …`
    News(Box<NewsWindow>),
    /// `14 days after D`: the amount and the date or instant.
    After(Box<Expr>, Box<Expr>),
    /// `day 30 of cycle` (true: `trading day`): the number and the period.
    DayOf(Box<Expr>, Name, bool),
    /// Could not be parsed.
    Broken,
}

impl Expr {
    /// An amount that is written out: a number, money, a percentage or a quantity, with its sign.
    pub fn written_amount(&self) -> Option<Decimal> {
        match &self.kind {
            ExprKind::Number(amount) | ExprKind::Money(amount, _) | ExprKind::Percent(amount) | ExprKind::Quantity(amount, _) => {
                Some(*amount)
            }
            ExprKind::Negate(inner) => inner.written_amount().map(Decimal::neg),
            _ => None,
        }
    }
}

/// What kind of days a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayUnit {
    /// Dates of the program's day.
    Days,
    /// Days of the calendar on which there is a session.
    TradingDays,
    /// Monday to Friday.
    Weekdays,
    /// Seven days.
    Weeks,
    /// Months.
    Months,
}

impl DayUnit {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Days, Self::TradingDays, Self::Weekdays, Self::Weeks, Self::Months];

    /// Its word, for one and for several.
    pub const fn words(self) -> [&'static str; 2] {
        match self {
            Self::Days => ["day", "days"],
            Self::TradingDays => ["trading day", "trading days"],
            Self::Weekdays => ["weekday", "weekdays"],
            Self::Weeks => ["week", "weeks"],
            Self::Months => ["month", "months"],
        }
    }

    /// Its word behind a count.
    pub const fn word(self, count: u32) -> &'static str {
        self.words()[if count == 1 { 0 } else { 1 }]
    }

    /// A length as hosts tell it, `14 days` or `5 trading days`.
    pub fn read(text: &str) -> Option<(u32, Self)> {
        let (count, word) = text.split_once(' ')?;
        let unit = Self::ALL.into_iter().find(|unit| unit.words().contains(&word))?;
        Some((count.parse().ok()?, unit))
    }
}

/// A window around news.
#[derive(Clone, Debug, PartialEq)]
pub struct NewsWindow {
    /// From how long before.
    pub before: Expr,
    /// Until how long after.
    pub after: Expr,
    /// `high`, `medium`, `low`
    pub impact: Option<Name>,
    /// `for symbol`
    pub symbol: Option<Expr>,
    /// `where C`
    pub filter: Option<Expr>,
}

/// The operators between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `and`
    And,
    /// `or`
    Or,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `is at least`
    AtLeast,
    /// `is at most`
    AtMost,
    /// `is above`, `is after`
    Above,
    /// `is below`, `is before`
    Below,
}
