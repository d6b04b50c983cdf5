//! Values of the state as they leave the engine: typed, with their texts.

use std::sync::Arc;

use super::books::Books;
use crate::compile::decode_days;
use crate::ir::{ExprId, Ir};
use crate::outcome::Evidence;
use crate::value::{Date, Decimal, Fixed, Instant, TimeOfDay, Type, Value, Weekday};
use crate::vm::view::MISSING;

/// A raw value of a type as it leaves the engine. Values that the type cannot have read as missing.
pub(super) fn value(ir: &Ir, books: &Books, ty: &Type, raw: i64) -> Value {
    if raw == MISSING {
        return Value::Missing;
    }
    known(ir, books, ty, raw).unwrap_or(Value::Missing)
}

/// The decimal of a raw number.
pub(super) fn decimal(raw: i64) -> Decimal {
    Fixed::from_raw(raw).map_or(Decimal::ZERO, Decimal::from)
}

/// Words and values, paired; values that were not told are left out.
pub(super) fn evidence(ir: &Ir, books: &Books, words: &[(String, ExprId)], raws: &[i64]) -> Vec<Evidence> {
    let pairs = words.iter().zip(raws);
    pairs
        .map(|((text, expr), raw)| Evidence { text: Arc::from(text.as_str()), value: value(ir, books, &ir.expr(*expr).ty, *raw) })
        .collect()
}

fn known(ir: &Ir, books: &Books, ty: &Type, raw: i64) -> Option<Value> {
    let at = usize::try_from(raw);
    Some(match ty {
        Type::Money(currency) => Value::Money(decimal(raw), if currency.code().is_empty() { books.currency() } else { *currency }),
        Type::Price | Type::Move | Type::Number | Type::Count => Value::Number(decimal(raw)),
        Type::Quantity(unit) => Value::Quantity(decimal(raw), *unit),
        Type::Percent => Value::Percent(decimal(raw)),
        Type::Duration => Value::Duration(raw),
        Type::Days => decode_days(raw).map(|(count, unit)| Value::Days(count, unit.word(count)))?,
        Type::Date => Value::Date(Date::from_days(i32::try_from(raw).ok()?)),
        Type::Time => Value::Time(TimeOfDay::from_nanos(raw)?),
        Type::Instant => Value::Instant(Instant::from_nanos(raw)),
        Type::Bool => Value::Bool(raw != 0),
        Type::Text => Value::Text(books.texts.get(&ir.texts, raw)?.into()),
        Type::OneOf(words) => Value::Text(words.get(at.ok()?)?.as_str().into()),
        Type::Symbol => Value::Text(books.symbol_name(raw)?.into()),
        Type::Weekday => Value::Weekday(*Weekday::ALL.get(at.ok()?)?),
        Type::Phase => Value::Text(ir.phases.get(at.ok()?)?.name.as_str().into()),
        Type::Missing | Type::Error => return None,
    })
}
