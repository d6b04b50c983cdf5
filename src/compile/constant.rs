//! Constants: their encoding, and the folding of what is constant. A fold that would be a fault is
//! left to the machine, which knows whom it faults.

use crate::ir::{Arithmetic, Constant, ExprId, ExprKind, Ir};
use crate::syntax::ast::DayUnit;
use crate::value::{ArithmeticError, Fixed, Type};
use crate::vm::view::MISSING;

/// The number of days, months, … as one `i64`: the unit in the lowest three bits.
pub fn encode_days(count: u32, unit: DayUnit) -> i64 {
    i64::from(count) << 3 | unit as i64
}

/// The count and unit that [`encode_days`] put together; `None` for what it cannot have made.
pub fn decode_days(raw: i64) -> Option<(u32, DayUnit)> {
    let unit = match raw & 7 {
        0 => DayUnit::Days,
        1 => DayUnit::TradingDays,
        2 => DayUnit::Weekdays,
        3 => DayUnit::Weeks,
        4 => DayUnit::Months,
        _ => return None,
    };
    Some((u32::try_from(raw >> 3).ok()?, unit))
}

/// The value of an expression that is constant; `None` if it is not, or would be a fault.
pub(crate) fn fold(ir: &Ir, id: ExprId) -> Option<i64> {
    let value = |id: ExprId| fold(ir, id);
    let number = |id: ExprId| fold(ir, id).and_then(Fixed::from_raw);
    let known = |id: ExprId| fold(ir, id).filter(|value| *value != MISSING);
    let expr = ir.expr(id);
    let folded = match &expr.kind {
        ExprKind::Constant(constant) => encode(ir, constant),
        ExprKind::Negate(a) => Some(number(*a)?.neg().raw()),
        ExprKind::Absolute(a) => Some(number(*a)?.abs().raw()),
        ExprKind::Not(a) => Some(1 - known(*a)?),
        ExprKind::Arithmetic(operation, a, b) => {
            if matches!(ir.expr(*a).ty, Type::Date) {
                return None;
            }
            arithmetic(*operation, number(*a)?, number(*b)?).ok()
        }
        ExprKind::Percent(percent, whole) => number(*whole)?.percent(number(*percent)?).ok().map(Fixed::raw),
        ExprKind::Compare(how, a, b) => Some(i64::from(how.holds(known(*a)?.cmp(&known(*b)?)))),
        ExprKind::ComparePercent(how, a, percent, whole) => {
            Some(i64::from(how.holds(number(*a)?.cmp_percent_of(number(*percent)?, number(*whole)?))))
        }
        ExprKind::And(a, b) => match known(*a)? {
            0 => Some(0),
            _ => known(*b),
        },
        ExprKind::Or(a, b) => match known(*a)? {
            0 => known(*b),
            yes => Some(yes),
        },
        ExprKind::If(condition, a, b) => value(if known(*condition)? == 0 { *b } else { *a }),
        ExprKind::Else(a, b) => value(*a).and_then(|first| if first == MISSING { value(*b) } else { Some(first) }),
        ExprKind::IsMissing(a) => Some(i64::from(value(*a)? == MISSING)),
        _ => None,
    };
    folded.filter(|folded| *folded != MISSING || expr.maybe_missing)
}

fn arithmetic(operation: Arithmetic, a: Fixed, b: Fixed) -> Result<i64, ArithmeticError> {
    let result = match operation {
        Arithmetic::Add => a.add(b),
        Arithmetic::Subtract => a.sub(b),
        Arithmetic::Multiply => a.mul(b),
        Arithmetic::Divide => a.div(b),
    };
    result.map(Fixed::raw)
}

/// A constant as the machine keeps it; `None` for symbols, whose number is the account's.
fn encode(ir: &Ir, constant: &Constant) -> Option<i64> {
    match constant {
        Constant::Decimal(number) => Some(Fixed::from(*number).raw()),
        Constant::Nanos(raw) | Constant::Instant(raw) | Constant::Time(raw) | Constant::Word(raw) => Some(*raw),
        Constant::Days(count, unit) => Some(encode_days(*count, *unit)),
        Constant::Date(days) => Some(i64::from(*days)),
        Constant::Text(text) => {
            // Texts are equal by content: the first of equal ones stands for all.
            let text = ir.texts.get(*text as usize)?;
            ir.texts.iter().position(|other| other == text).and_then(|at| i64::try_from(at).ok())
        }
        Constant::Symbol(_) => None,
        Constant::Missing => Some(MISSING),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_keep_their_unit() {
        for unit in [DayUnit::Days, DayUnit::TradingDays, DayUnit::Weekdays, DayUnit::Weeks, DayUnit::Months] {
            assert_eq!(decode_days(encode_days(14, unit)), Some((14, unit)));
        }
        assert_eq!(decode_days(7), None);
        assert_eq!(decode_days(-8), None);
    }
}
