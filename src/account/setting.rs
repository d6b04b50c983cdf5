//! From what a host tells in text to a value of the state: options, inputs, fields of host events.

use super::texts::Texts;
use crate::compile::encode_days;
use crate::event::FieldValue;
use crate::ir::Ir;
use crate::syntax::ast::DayUnit;
use crate::value::{Date, Decimal, Fixed, Instant, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND, TimeOfDay, Type, Weekday};

/// The value of a text in a declared type.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn read(ir: &Ir, texts: &mut Texts, ty: &Type, told: &FieldValue) -> Result<i64, String> {
    let text = match (ty, told) {
        (Type::Bool, FieldValue::Bool(yes)) => return Ok(i64::from(*yes)),
        (_, FieldValue::Bool(_)) => return Err(format!("found `{told}`, but it is {ty}")),
        (_, FieldValue::Text(text)) => text.as_str(),
    };
    let wrong = |how: &str| format!("`{text}` is not {ty}: {how}");
    if ty.is_numeric() {
        return decimal(text).map_err(|problem| wrong(&problem));
    }
    match ty {
        Type::Bool => truth(text).ok_or_else(|| wrong("write `true` or `false`")),
        Type::OneOf(words) => position(words.iter().map(String::as_str), text).ok_or_else(|| wrong("write one of its words")),
        Type::Weekday => position(Weekday::ALL.iter().map(|day| day.name()), text).ok_or_else(|| wrong("write it as `mon`")),
        Type::Phase => position(ir.phases.iter().map(|phase| phase.name.as_str()), text).ok_or_else(|| wrong("name a phase")),
        Type::Text => texts.intern(&ir.texts, text).ok_or_else(|| wrong("a text has at most 64 bytes")),
        Type::Date => text.parse().map(|date: Date| i64::from(date.days())).map_err(|error| error.to_string()),
        Type::Time => text.parse().map(TimeOfDay::nanos).map_err(|error| error.to_string()),
        Type::Instant => text.parse().map(Instant::nanos).map_err(|error| error.to_string()),
        Type::Duration => duration(text).ok_or_else(|| wrong("write it as `90s`, `5min` or `2h`")),
        Type::Days => DayUnit::read(text).map(|(count, unit)| encode_days(count, unit)).ok_or_else(|| wrong("write it as `14 days`")),
        _ => Err(wrong("a host cannot tell it")),
    }
}

fn decimal(text: &str) -> Result<i64, String> {
    text.parse::<Decimal>().map(|value| Fixed::from(value).raw()).map_err(|error| error.to_string())
}

fn truth(text: &str) -> Option<i64> {
    match text {
        "true" | "yes" => Some(1),
        "false" | "no" => Some(0),
        _ => None,
    }
}

fn position<'a>(mut words: impl Iterator<Item = &'a str>, text: &str) -> Option<i64> {
    words.position(|word| word == text).and_then(|at| i64::try_from(at).ok())
}

fn duration(text: &str) -> Option<i64> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = text.split_at_checked(digits)?;
    let size = match unit {
        "ms" => 1_000_000,
        "s" => NANOS_PER_SECOND,
        "min" => NANOS_PER_MINUTE,
        "h" => NANOS_PER_HOUR,
        _ => return None,
    };
    count.parse::<i64>().ok()?.checked_mul(size)
}
