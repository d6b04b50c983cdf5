//! The values that the reference evaluator computes with, each in its plainest form.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::event::FieldValue;
use crate::ir::Ir;
use crate::outcome::FaultKind;
use crate::syntax::ast::DayUnit;
use crate::value::{Currency, Date, Decimal, Instant, TimeOfDay, Type, Value, Weekday};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Val {
    /// There is none.
    Missing,
    /// Any number: money, price, quantity, percentage, count.
    Decimal(Decimal),
    /// A length of time in nanoseconds.
    Nanos(i64),
    /// A number of days, months, …
    Days(u32, DayUnit),
    /// A point in time, in nanoseconds.
    Instant(i64),
    /// A date, in days since 1970-01-01.
    Date(i32),
    /// A time of day, in nanoseconds after midnight.
    Time(i64),
    /// Yes or no.
    Bool(bool),
    /// The number of a word, weekday or phase.
    Word(i64),
    /// A text.
    Text(String),
    /// A symbol.
    Symbol(String),
}

impl Val {
    /// Whether there is none.
    pub(super) const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The number; a missing one is a fault.
    pub(super) fn decimal(&self) -> Result<Decimal, FaultKind> {
        match self {
            Self::Decimal(number) => Ok(*number),
            _ => Err(FaultKind::Missing),
        }
    }

    /// The truth value; a missing one is a fault.
    pub(super) fn truth(&self) -> Result<bool, FaultKind> {
        match self {
            Self::Bool(yes) => Ok(*yes),
            _ => Err(FaultKind::Missing),
        }
    }

    /// The instant; a missing one is a fault.
    pub(super) fn instant(&self) -> Result<i64, FaultKind> {
        match self {
            Self::Instant(nanos) => Ok(*nanos),
            _ => Err(FaultKind::Missing),
        }
    }

    /// The length of time; a missing one is a fault.
    pub(super) fn nanos(&self) -> Result<i64, FaultKind> {
        match self {
            Self::Nanos(nanos) => Ok(*nanos),
            _ => Err(FaultKind::Missing),
        }
    }

    /// The symbol's name; a missing one is a fault.
    pub(super) fn symbol(&self) -> Result<&str, FaultKind> {
        match self {
            Self::Symbol(name) => Ok(name),
            _ => Err(FaultKind::Missing),
        }
    }

    /// The order of two values of one kind; a missing side is a fault.
    pub(super) fn order(&self, other: &Self) -> Result<Ordering, FaultKind> {
        Ok(match (self, other) {
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Nanos(a), Self::Nanos(b))
            | (Self::Instant(a), Self::Instant(b))
            | (Self::Time(a), Self::Time(b))
            | (Self::Word(a), Self::Word(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) | (Self::Symbol(a), Self::Symbol(b)) => a.cmp(b),
            (Self::Days(a, unit), Self::Days(b, other)) if unit == other => a.cmp(b),
            _ => return Err(FaultKind::Missing),
        })
    }

    /// The value as it leaves the engine.
    pub(super) fn show(&self, ty: &Type, ir: &Ir, account: Currency) -> Value {
        match self {
            Self::Missing => Value::Missing,
            Self::Decimal(number) => show_number(*number, ty, account),
            Self::Nanos(nanos) => Value::Duration(*nanos),
            Self::Days(count, unit) => Value::Days(*count, unit.word(*count)),
            Self::Instant(nanos) => Value::Instant(Instant::from_nanos(*nanos)),
            Self::Date(days) => Value::Date(Date::from_days(*days)),
            Self::Time(nanos) => Value::Time(TimeOfDay::from_nanos(*nanos).unwrap_or_default()),
            Self::Bool(yes) => Value::Bool(*yes),
            Self::Word(number) => show_word(*number, ty, ir),
            Self::Text(text) | Self::Symbol(text) => Value::Text(text.as_str().into()),
        }
    }

    /// The value that a host wrote for something of a type; `None` where it does not fit.
    pub(super) fn read(value: &FieldValue, ty: &Type) -> Option<Self> {
        let text = match value {
            FieldValue::Bool(yes) => return matches!(ty, Type::Bool).then_some(Self::Bool(*yes)),
            FieldValue::Text(text) => text,
        };
        match ty {
            ty if ty.is_numeric() => value.decimal().map(Self::Decimal),
            Type::Text => Some(Self::Text(text.clone())).filter(|_| text.len() <= LONGEST_TEXT),
            Type::Symbol => Some(Self::Symbol(text.clone())),
            Type::Instant => text.parse().ok().map(|at: Instant| Self::Instant(at.nanos())),
            Type::Date => text.parse().ok().map(|date: Date| Self::Date(date.days())),
            Type::Duration => duration(text).map(Self::Nanos),
            Type::Days => DayUnit::read(text).map(|(count, unit)| Self::Days(count, unit)),
            Type::Time => text.parse().ok().map(|time: TimeOfDay| Self::Time(time.nanos())),
            Type::OneOf(words) => position(words.iter().position(|word| word == text)),
            Type::Weekday => position(Weekday::ALL.iter().position(|day| day.name() == text)),
            _ => None,
        }
    }
}

/// How long a text in state may be, in bytes.
const LONGEST_TEXT: usize = 64;

/// `250ms`, `90s`, `5min`, `2h`.
fn duration(text: &str) -> Option<i64> {
    let units = [("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000), ("h", 3_600_000_000_000_i64)];
    units.iter().find_map(|(unit, nanos)| text.strip_suffix(unit)?.parse::<u32>().ok().and_then(|count| nanos.checked_mul(count.into())))
}

fn position(at: Option<usize>) -> Option<Val> {
    at.and_then(|at| i64::try_from(at).ok()).map(Val::Word)
}

fn show_number(number: Decimal, ty: &Type, account: Currency) -> Value {
    match ty {
        Type::Money(currency) if *currency == Currency::ACCOUNT => Value::Money(number, account),
        Type::Money(currency) => Value::Money(number, *currency),
        Type::Quantity(unit) => Value::Quantity(number, *unit),
        Type::Percent => Value::Percent(number),
        _ => Value::Number(number),
    }
}

fn show_word(number: i64, ty: &Type, ir: &Ir) -> Value {
    let at = usize::try_from(number).unwrap_or(usize::MAX);
    let text = |word: Option<&str>| word.map_or(Value::Missing, |word| Value::Text(Arc::from(word)));
    match ty {
        Type::Weekday => Weekday::ALL.get(at).map_or(Value::Missing, |day| Value::Weekday(*day)),
        Type::Phase => text(ir.phases.get(at).map(|phase| phase.name.as_str())),
        Type::OneOf(words) => text(words.get(at).map(String::as_str)),
        _ => Value::Missing,
    }
}
