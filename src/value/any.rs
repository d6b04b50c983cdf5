//! A value with its type, as it leaves the engine: in evidence, action arguments and answers.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::{Currency, Date, Decimal, Instant, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND, TimeOfDay, Unit, Weekday};

/// A value as it leaves the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// There is none.
    Missing,
    /// An amount of money.
    Money(Decimal, Currency),
    /// A price, move, number or count.
    Number(Decimal),
    /// A percentage, in percents.
    Percent(Decimal),
    /// A quantity; the unit is the symbol's where it is not known.
    Quantity(Decimal, Option<Unit>),
    /// Yes or no.
    Bool(bool),
    /// A point in time.
    Instant(Instant),
    /// A date.
    Date(Date),
    /// A time of day.
    Time(TimeOfDay),
    /// A length of time in nanoseconds.
    Duration(i64),
    /// A number of days, or of what the word says: `14 trading days`.
    Days(u32, &'static str),
    /// A weekday.
    Weekday(Weekday),
    /// A text, word, symbol or phase.
    Text(Arc<str>),
}

impl fmt::Display for Value {
    /// As programs write it: `$48,500.00`, `55%`, `3 contracts`, `2min`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("none"),
            Self::Money(amount, currency) => write_money(f, *amount, *currency),
            Self::Number(number) => f.write_str(&grouped(*number, 0)),
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Quantity(quantity, None) => write!(f, "{quantity}"),
            Self::Quantity(quantity, Some(unit)) => {
                let word = if *quantity == Decimal::from(1) { unit.singular() } else { unit.plural() };
                write!(f, "{quantity} {word}")
            }
            Self::Bool(yes) => f.write_str(if *yes { "yes" } else { "no" }),
            Self::Instant(at) => at.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Time(time) => time.fmt(f),
            Self::Duration(nanos) => write_duration(f, *nanos),
            Self::Days(count, word) => write!(f, "{count} {word}"),
            Self::Weekday(day) => day.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl Serialize for Value {
    /// Decimals as strings, truth values as such, everything else as text; missing is null.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Missing => serializer.serialize_none(),
            Self::Bool(yes) => serializer.serialize_bool(*yes),
            Self::Money(number, _) | Self::Number(number) | Self::Percent(number) | Self::Quantity(number, _) => {
                number.serialize(serializer)
            }
            other => serializer.collect_str(other),
        }
    }
}

fn write_money(f: &mut fmt::Formatter<'_>, amount: Decimal, currency: Currency) -> fmt::Result {
    let digits = grouped(amount.abs(), currency.minor_digits());
    let sign = if amount.is_negative() { "-" } else { "" };
    match currency.sign() {
        Some(symbol) => write!(f, "{sign}{symbol}{digits}"),
        None => write!(f, "{sign}{digits} {currency}"),
    }
}

/// Digits in groups of three, with at least so many decimals.
fn grouped(number: Decimal, decimals: u8) -> String {
    let text = number.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    let width = usize::from(decimals);
    if !part.is_empty() || width > 0 {
        out.push('.');
        out.push_str(part);
        out.extend(std::iter::repeat_n('0', width.saturating_sub(part.len())));
    }
    out
}

fn write_duration(f: &mut fmt::Formatter<'_>, nanos: i64) -> fmt::Result {
    let units = [(NANOS_PER_HOUR, "h"), (NANOS_PER_MINUTE, "min"), (NANOS_PER_SECOND, "s"), (1_000_000, "ms"), (1, "ns")];
    let mut rest = nanos.unsigned_abs();
    if nanos < 0 {
        f.write_str("-")?;
    }
    if rest == 0 {
        return f.write_str("0s");
    }
    let mut first = true;
    for (size, name) in units {
        let count = rest / size.unsigned_abs();
        rest %= size.unsigned_abs();
        if count > 0 {
            write!(f, "{}{count}{name}", if first { "" } else { " " })?;
            first = false;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_as_programs_write_them() {
        let usd = Currency::new("USD").unwrap();
        let money = |text: &str| Value::Money(text.parse().unwrap(), usd).to_string();
        assert_eq!(money("48500"), "$48,500.00");
        assert_eq!(money("-1234567.125"), "-$1,234,567.125");
        assert_eq!(money("0.5"), "$0.50");
        assert_eq!(Value::Money("1000".parse().unwrap(), Currency::new("CHF").unwrap()).to_string(), "1,000.00 CHF");
        assert_eq!(Value::Money("1000".parse().unwrap(), Currency::new("JPY").unwrap()).to_string(), "¥1,000");
        assert_eq!(Value::Quantity("1".parse().unwrap(), Some(Unit::Contract)).to_string(), "1 contract");
        assert_eq!(Value::Duration(90 * NANOS_PER_SECOND).to_string(), "1min 30s");
    }
}
