//! Decimal arithmetic from its definition: the exact result as a fraction of two integers, then
//! one rounding, half to even, to a multiple of 10⁻⁸.

use crate::outcome::FaultKind;
use crate::value::{Decimal, Rate};

/// A number, or the fault that computing it met.
pub(super) type Num = Result<Decimal, FaultKind>;

/// How many smallest steps make one.
const ONE: i128 = 100_000_000;

/// `a + b`, exactly.
pub(super) fn add(a: Decimal, b: Decimal) -> Num {
    whole(steps(a) + steps(b))
}

/// `a − b`, exactly.
pub(super) fn sub(a: Decimal, b: Decimal) -> Num {
    whole(steps(a) - steps(b))
}

/// `a × b`, rounded once.
pub(super) fn mul(a: Decimal, b: Decimal) -> Num {
    rounded(steps(a) * steps(b), ONE)
}

/// `a ÷ b`, rounded once.
pub(super) fn div(a: Decimal, b: Decimal) -> Num {
    rounded(steps(a) * ONE, steps(b))
}

/// `percent of base`, rounded once.
pub(super) fn percent_of(percent: Decimal, base: Decimal) -> Num {
    rounded(steps(percent) * steps(base), ONE * 100)
}

/// `part` as a percentage of `base`, rounded once.
pub(super) fn share(part: Decimal, base: Decimal) -> Num {
    rounded(steps(part) * 100 * ONE, steps(base))
}

/// `whole × part ÷ of`, computed exactly and rounded once.
pub(super) fn part(whole: Decimal, part: Decimal, of: Decimal) -> Num {
    rounded(steps(whole) * steps(part), steps(of))
}

/// The sum of all.
pub(super) fn total(numbers: impl IntoIterator<Item = Decimal>) -> Num {
    numbers.into_iter().try_fold(Decimal::ZERO, add)
}

/// The sum divided by how many there are, rounded once; `None` for none.
pub(super) fn average(numbers: &[Decimal]) -> Result<Option<Decimal>, FaultKind> {
    let Ok(count @ 1..) = i128::try_from(numbers.len()) else { return Ok(None) };
    let sum = total(numbers.iter().copied())?;
    rounded(steps(sum), count).map(Some)
}

/// A whole number.
pub(super) fn count(number: impl TryInto<i64>) -> Num {
    whole(i128::from(number.try_into().map_err(|_| FaultKind::Overflow)?) * ONE)
}

/// `amount × rate`, rounded once.
pub(super) fn convert(amount: Decimal, rate: Rate) -> Num {
    rounded(steps(amount) * i128::from(rate.mantissa()), 10_i128.pow(u32::from(rate.scale())))
}

/// The larger.
pub(super) fn larger(a: Decimal, b: Decimal) -> Decimal {
    if a < b { b } else { a }
}

/// Compares `100 · left` with `percent · whole`, exactly.
pub(super) fn against_percent(left: Decimal, percent: Decimal, whole: Decimal) -> std::cmp::Ordering {
    (steps(left) * 100 * ONE).cmp(&(steps(percent) * steps(whole)))
}

/// The count of 10⁻⁸.
pub(super) fn steps(number: Decimal) -> i128 {
    let number = number.get();
    number.mantissa() * 10_i128.pow(u32::from(Decimal::SCALE).saturating_sub(number.scale()))
}

/// The number of so many 10⁻⁸.
pub(super) fn whole(steps: i128) -> Num {
    let number = rust_decimal::Decimal::try_from_i128_with_scale(steps, u32::from(Decimal::SCALE));
    number.ok().and_then(|number| Decimal::new(number).ok()).ok_or(FaultKind::Overflow)
}

/// Rounds a fraction to a whole number, half to even; `None` when the divisor is zero.
pub(super) fn nearest(numerator: i128, divisor: i128) -> Option<i128> {
    if divisor == 0 {
        return None;
    }
    let (numerator, divisor) = if divisor < 0 { (-numerator, -divisor) } else { (numerator, divisor) };
    let (below, rest) = (numerator.div_euclid(divisor), numerator.rem_euclid(divisor));
    let up = match (2 * rest).cmp(&divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => below % 2 != 0,
    };
    Some(below + i128::from(up))
}

fn rounded(numerator: i128, divisor: i128) -> Num {
    whole(nearest(numerator, divisor).ok_or(FaultKind::DivisionByZero)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// docs/semantics.md: numbers.3
    #[test]
    fn one_rounding_half_to_even() {
        assert_eq!(mul(d("0.00000001"), d("0.5")), Ok(d("0")));
        assert_eq!(mul(d("0.00000003"), d("0.5")), Ok(d("0.00000002")));
        assert_eq!(mul(d("-0.00000003"), d("0.5")), Ok(d("-0.00000002")));
        assert_eq!(div(d("2"), d("3")), Ok(d("0.66666667")));
        assert_eq!(div(d("1"), d("0")), Err(FaultKind::DivisionByZero));
        assert_eq!(percent_of(d("5"), d("50000")), Ok(d("2500")));
        assert_eq!(share(d("1"), d("3")), Ok(d("33.33333333")));
        assert_eq!(average(&[d("1"), d("2"), d("2")]), Ok(Some(d("1.66666667"))));
        assert_eq!(average(&[]), Ok(None));
    }

    /// docs/semantics.md: numbers.7
    #[test]
    fn the_range_ends_in_a_fault() {
        let most = d("92233720368.54775807");
        assert_eq!(add(most, d("0.00000001")), Err(FaultKind::Overflow));
        assert_eq!(mul(most, d("1")), Ok(most));
        assert_eq!(mul(most, most), Err(FaultKind::Overflow));
        assert_eq!(convert(d("100"), "1.085".parse().unwrap()), Ok(d("108.5")));
    }

    #[test]
    fn percentages_compare_without_rounding() {
        use std::cmp::Ordering::{Equal, Greater};
        assert_eq!(against_percent(d("0.00000001"), d("33.33333333"), d("0.00000003")), Greater);
        assert_eq!(against_percent(d("1650"), d("55"), d("3000")), Equal);
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_the_numbers_of_the_events(a in -i64::MAX..=i64::MAX, b in -i64::MAX..=i64::MAX, shift in 0u32..50) {
            let (a, b) = (whole(i128::from(a >> shift)).unwrap(), whole(i128::from(b >> shift)).unwrap());
            assert_eq!(mul(a, b).ok(), a.mul(b).ok());
            assert_eq!(div(a, b).ok(), a.div(b).ok());
            assert_eq!(percent_of(a, b).ok(), b.percent(a).ok());
        }
    }
}
