//! Numbers, amounts, dates and times as they are written.

use super::ast::{DayUnit, Expr, ExprKind, Name};
use super::grammar::{Pair, Rule, child};
use super::parse::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;
use crate::value::{
    Currency, Date, Decimal, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND, ParseDecimalError, TimeOfDay, Unit, Weekday,
};

impl Parser<'_> {
    /// A number, its groups taken together.
    pub(super) fn decimal(&mut self, pair: &Pair<'_>) -> Option<Spanned<Decimal>> {
        let span = self.span(pair);
        let digits = pair.as_str().trim().replace(',', "");
        match digits.strip_prefix('+').unwrap_or(&digits).parse() {
            Ok(value) => Some(Spanned::new(value, span)),
            Err(error) => {
                let code = if error == ParseDecimalError::OutOfRange { Code::OutOfRange } else { Code::NumberFormat };
                let found = Diagnostic::new(code, span, format!("`{}` is {error}", pair.as_str().trim()));
                self.diagnostics.push(match code {
                    Code::OutOfRange => found.help("write a number within that range"),
                    _ => found,
                });
                None
            }
        }
    }

    /// A whole number.
    pub(super) fn whole(&mut self, pair: &Pair<'_>) -> Option<u32> {
        let digits = pair.as_str().trim_end_matches(|c: char| !c.is_ascii_digit());
        let value = digits.parse().ok();
        if value.is_none() {
            let found = Diagnostic::new(Code::NumberFormat, self.span(pair), format!("`{digits}` is larger than 4,294,967,295"));
            self.diagnostics.push(found);
        }
        value
    }

    /// A date.
    pub(super) fn date(&mut self, pair: &Pair<'_>) -> Option<Spanned<Date>> {
        let span = self.span(pair);
        match pair.as_str().trim().parse() {
            Ok(date) => Some(Spanned::new(date, span)),
            Err(error) => {
                let found = Diagnostic::new(Code::NumberFormat, span, format!("there is no date `{}`", pair.as_str().trim()));
                self.diagnostics.push(found.note(error.to_string()).help("a date is its year, month and day, such as `2026-12-31`"));
                None
            }
        }
    }

    /// A time of day.
    pub(super) fn time(&mut self, pair: &Pair<'_>) -> Option<Spanned<TimeOfDay>> {
        let (span, text) = (self.span(pair), pair.as_str().trim());
        if let Ok(time) = text.parse() {
            return Some(Spanned::new(time, span));
        }
        let found = Diagnostic::new(Code::NumberFormat, span, format!("`{text}` is not a time of day"));
        let padded = format!("0{text}");
        self.diagnostics.push(if padded.parse::<TimeOfDay>().is_ok() {
            found.fix(span, padded.clone(), format!("write `{padded}`"))
        } else {
            found.help("write hours and minutes from `00:00` to `24:00`")
        });
        None
    }

    /// A weekday.
    pub(super) fn weekday(&self, pair: &Pair<'_>) -> Option<Spanned<Weekday>> {
        let found = Weekday::ALL.into_iter().find(|day| day.name() == pair.as_str().trim());
        found.map(|day| Spanned::new(day, self.span(pair)))
    }

    /// The instant or date of an expression.
    pub(super) fn instant(&mut self, pair: &Pair<'_>) -> ExprKind {
        let Some(date) = child(pair, Rule::date).and_then(|date| self.date(&date)) else { return ExprKind::Broken };
        let Some(time) = child(pair, Rule::time) else { return ExprKind::Date(date.node) };
        let zone = child(pair, Rule::text).map(|zone| self.text(&zone));
        self.time(&time).map_or(ExprKind::Broken, |time| ExprKind::Instant(date.node, time.node, zone))
    }

    /// `$2,000`, `$0.10 a share`
    pub(super) fn money(&mut self, pair: &Pair<'_>) -> ExprKind {
        let currency = child(pair, Rule::currency_sign).and_then(|sign| Currency::from_sign(sign.as_str().chars().next()?));
        let amount = child(pair, Rule::number).and_then(|number| self.decimal(&number));
        let (Some(currency), Some(amount)) = (currency, amount) else { return ExprKind::Broken };
        // Of one unit, as `$1.125 a share`, money may have more decimals than coins.
        let whole_amount = child(pair, Rule::per_unit).is_none() && currency.minor_digits() == 2;
        if let Some(number) = child(pair, Rule::number).filter(|number| whole_amount && groups_by_points(number.as_str())) {
            let (span, text) = (self.span(&number), number.as_str());
            let right = text.replace('.', ",");
            let found = Diagnostic::new(
                Code::NumberFormat,
                span,
                format!("`{text}` could be {right} or {}", text.trim_end_matches('0').trim_end_matches('.')),
            );
            self.diagnostics.push(found.guess(
                span,
                right.clone(),
                format!("write `{right}`, or `{}` for the smaller amount", text.trim_end_matches('0').trim_end_matches('.')),
            ));
            return ExprKind::Broken;
        }
        match child(pair, Rule::per_unit).and_then(|per| unit_of(&per)) {
            Some(unit) => ExprKind::MovePerUnit(amount.node, unit),
            None => ExprKind::Money(amount.node, currency),
        }
    }

    /// A number with what it counts.
    pub(super) fn amount(&mut self, pair: &Pair<'_>) -> ExprKind {
        let mut parts = pair.clone().into_inner();
        let Some(number) = parts.next() else { return ExprKind::Broken };
        let Some(suffix) = parts.next() else { return self.bare_number(&number) };
        if matches!(suffix.as_rule(), Rule::day_unit | Rule::things) {
            return self.counted(&number, &suffix);
        }
        let Some(amount) = self.decimal(&number) else { return ExprKind::Broken };
        let value = amount.node;
        let kind = match suffix.as_rule() {
            Rule::percent => Some(ExprKind::Percent(value)),
            Rule::currency => Currency::new(suffix.as_str()).map(|currency| ExprKind::Money(value, currency)),
            Rule::unit => unit(suffix.as_str()).map(|unit| ExprKind::Quantity(value, unit)),
            Rule::step_unit => Some(ExprKind::Move(value, self.name(&suffix))),
            Rule::cents => {
                let hundredth = value.percent(decimal_one()).ok();
                hundredth
                    .zip(child(&suffix, Rule::per_unit).and_then(|per| unit_of(&per)))
                    .map(|(value, unit)| ExprKind::MovePerUnit(value, unit))
            }
            Rule::duration => return self.duration(pair, value, suffix.as_str()),
            _ => None,
        };
        kind.unwrap_or(ExprKind::Broken)
    }

    fn bare_number(&mut self, number: &Pair<'_>) -> ExprKind {
        if self.brackets > 0 && number.as_str().contains(',') {
            let span = self.span(number);
            let plain = number.as_str().replace(',', "");
            let found = Diagnostic::new(Code::NumberFormat, span, format!("`{}` could be one number or several", number.as_str()));
            self.diagnostics.push(found.fix(
                span,
                plain.clone(),
                format!("inside brackets write `{plain}`, or put a blank after the comma"),
            ));
            return ExprKind::Broken;
        }
        self.decimal(number).map_or(ExprKind::Broken, |number| ExprKind::Number(number.node))
    }

    fn counted(&mut self, number: &Pair<'_>, suffix: &Pair<'_>) -> ExprKind {
        let plain = number.as_str().replace(',', "");
        let Ok(count) = plain.parse::<u32>() else {
            let message = format!("`{}` is not a whole number of {}", number.as_str(), suffix.as_str());
            self.diagnostics.push(Diagnostic::new(Code::NumberFormat, self.span(number), message));
            return ExprKind::Broken;
        };
        match suffix.as_rule() {
            Rule::day_unit => ExprKind::Days(count, day_unit(suffix.as_str())),
            _ => ExprKind::Things(count, self.name(suffix)),
        }
    }

    fn duration(&mut self, pair: &Pair<'_>, value: Decimal, unit: &str) -> ExprKind {
        if let Some(nanos) = nanos(value, unit) {
            return ExprKind::Duration(nanos);
        }
        let message = format!("`{}` is longer than a duration can be", pair.as_str().trim());
        self.diagnostics.push(Diagnostic::new(Code::NumberFormat, self.span(pair), message));
        ExprKind::Broken
    }

    /// A literal as an expression.
    pub(super) fn literal(&mut self, pair: &Pair<'_>) -> Expr {
        let kind = match pair.as_rule() {
            Rule::instant => self.instant(pair),
            Rule::time => self.time(pair).map_or(ExprKind::Broken, |time| ExprKind::Time(time.node)),
            Rule::money => self.money(pair),
            Rule::amount => self.amount(pair),
            _ => ExprKind::Broken,
        };
        Expr { kind, span: self.span(pair) }
    }

    /// The text between quotes.
    pub(super) fn text(&self, pair: &Pair<'_>) -> Name {
        let quoted = pair.as_str().trim();
        let inner = quoted.strip_prefix('"').map_or(quoted, |rest| rest.strip_suffix('"').unwrap_or(rest));
        Name::new(inner.to_owned(), self.span(pair))
    }
}

fn decimal_one() -> Decimal {
    Decimal::from(1)
}

/// The nanoseconds of a duration; at most a hundred years.
pub(super) fn nanos(value: Decimal, unit: &str) -> Option<i64> {
    let one = match unit {
        "ms" => NANOS_PER_SECOND / 1000,
        "s" => NANOS_PER_SECOND,
        "min" => NANOS_PER_MINUTE,
        "h" => NANOS_PER_HOUR,
        _ => return None,
    };
    let exact = value.get().checked_mul(one.into())?.trunc();
    i64::try_from(exact).ok().filter(|nanos| *nanos <= 876_600 * NANOS_PER_HOUR)
}

fn day_unit(word: &str) -> DayUnit {
    DayUnit::ALL.into_iter().find(|unit| unit.words().contains(&word)).unwrap_or(DayUnit::TradingDays)
}

pub(super) fn unit(word: &str) -> Option<Unit> {
    Unit::ALL.into_iter().find(|unit| unit.plural() == word || unit.singular() == word)
}

fn unit_of(per: &Pair<'_>) -> Option<Unit> {
    child(per, Rule::unit).and_then(|pair| unit(pair.as_str().trim()))
}

/// Whether three digits stand behind a point and up to three before it, as where points group digits; the
/// last is a zero, which no one writes behind a decimal point.
fn groups_by_points(number: &str) -> bool {
    let grouped = |whole: &str| (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    number.split_once('.').is_some_and(|(whole, part)| part.len() == 3 && part.ends_with('0') && grouped(whole))
}
