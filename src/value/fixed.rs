//! The number of the VM and the ledger: an `i64` that counts multiples of 10⁻⁸, with checked
//! operations that round once, half to even.

use std::fmt;

/// A number that is a whole multiple of 10⁻⁸ between ±92,233,720,368.54775807.
///
/// Every operation is exact or rounds its exact result once, half to even, and reports a result
/// outside the range instead of wrapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Fixed(i64);

impl TryFrom<i64> for Fixed {
    type Error = ArithmeticError;

    fn try_from(raw: i64) -> Result<Self, Self::Error> {
        Self::from_raw(raw).ok_or(ArithmeticError::Overflow)
    }
}

impl From<Fixed> for i64 {
    fn from(value: Fixed) -> Self {
        value.0
    }
}

/// Why an operation has no result. It becomes a fault of the rule that asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ArithmeticError {
    /// The result lies outside ±92,233,720,368.54775807.
    #[error("the result is outside ±92,233,720,368.54775807")]
    Overflow,
    /// A division by zero.
    #[error("division by zero")]
    DivisionByZero,
}

impl Fixed {
    /// How many of the smallest step make one.
    pub const ONE_RAW: i64 = 100_000_000;
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(Self::ONE_RAW);
    /// The largest number.
    pub const MAX: Self = Self(i64::MAX);
    /// The smallest number: `i64::MIN` is no number, the VM uses it for *missing*.
    pub const MIN: Self = Self(-i64::MAX);

    /// A number from its count of 10⁻⁸; `None` for `i64::MIN`, which is no number.
    pub const fn from_raw(raw: i64) -> Option<Self> {
        if raw == i64::MIN { None } else { Some(Self(raw)) }
    }

    /// A whole number.
    ///
    /// # Errors
    /// When it is outside the range.
    pub fn from_int(value: i64) -> Result<Self, ArithmeticError> {
        value.checked_mul(Self::ONE_RAW).and_then(Self::from_raw).ok_or(ArithmeticError::Overflow)
    }

    /// The count of 10⁻⁸.
    pub const fn raw(self) -> i64 {
        self.0
    }

    /// `self + other`, exactly.
    pub fn add(self, other: Self) -> Result<Self, ArithmeticError> {
        self.0.checked_add(other.0).and_then(Self::from_raw).ok_or(ArithmeticError::Overflow)
    }

    /// `self − other`, exactly.
    pub fn sub(self, other: Self) -> Result<Self, ArithmeticError> {
        self.0.checked_sub(other.0).and_then(Self::from_raw).ok_or(ArithmeticError::Overflow)
    }

    /// `self × other`, rounded once.
    pub fn mul(self, other: Self) -> Result<Self, ArithmeticError> {
        product(self.0, other.0).map(Self)
    }

    /// `self ÷ other`, rounded once.
    pub fn div(self, other: Self) -> Result<Self, ArithmeticError> {
        round_ratio(i128::from(self.0) * i128::from(Self::ONE_RAW), i128::from(other.0)).map(Self)
    }

    /// `percent of self`, where `percent` counts percents, rounded once.
    pub fn percent(self, percent: Self) -> Result<Self, ArithmeticError> {
        percent_of(percent.0, self.0).map(Self)
    }

    /// `self × closed ÷ whole`, rounded once: the share of an entry value that an exit takes.
    pub fn share(self, closed: Self, whole: Self) -> Result<Self, ArithmeticError> {
        round_ratio(i128::from(self.0) * i128::from(closed.0), i128::from(whole.0)).map(Self)
    }

    /// The distance from zero.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// The number with the other sign.
    #[must_use]
    pub const fn neg(self) -> Self {
        Self(-self.0)
    }

    /// −1, 0 or 1.
    pub const fn signum(self) -> i64 {
        self.0.signum()
    }

    /// Compares `self` with `percent of whole` without rounding: 100·self against percent·whole.
    pub fn cmp_percent_of(self, percent: Self, whole: Self) -> std::cmp::Ordering {
        let left = i128::from(self.0) * 100 * i128::from(Self::ONE_RAW);
        left.cmp(&(i128::from(percent.0) * i128::from(whole.0)))
    }
}

/// `a × b` of two counts of 10⁻⁸, rounded once, half to even.
///
/// # Errors
/// When the result does not fit the range of [`Fixed`].
pub fn product(a: i64, b: i64) -> Result<i64, ArithmeticError> {
    scaled_product::<390_625, 8>(a, b)
}

/// `percent` percent of `whole`, both counts of 10⁻⁸, rounded once, half to even.
///
/// # Errors
/// When the result does not fit the range of [`Fixed`].
pub fn percent_of(percent: i64, whole: i64) -> Result<i64, ArithmeticError> {
    scaled_product::<9_765_625, 10>(percent, whole)
}

/// `a × b ÷ (ODD × 2^SHIFT)`, rounded once, half to even. The divisor is a constant, so that the compiler
/// multiplies where the general division of 128 bits would take most of the time of an event.
#[expect(clippy::cast_possible_truncation, reason = "limbs are cut out of wider numbers")]
fn scaled_product<const ODD: u64, const SHIFT: u32>(a: i64, b: i64) -> Result<i64, ArithmeticError> {
    const LIMB: u32 = 32;
    let magnitude = u128::from(a.unsigned_abs()) * u128::from(b.unsigned_abs());
    let shifted = magnitude >> SHIFT;
    let (high, low) = ((shifted >> u64::BITS) as u64, shifted as u64);
    if high >= ODD {
        return Err(ArithmeticError::Overflow);
    }
    // Long division in limbs of 32 bits: a remainder is below 2²⁴, so that a step fits 64 bits.
    let first = (high << LIMB) | (low >> LIMB);
    let second = ((first % ODD) << LIMB) | (low & u64::from(u32::MAX));
    let quotient = (u128::from(first / ODD) << LIMB) + u128::from(second / ODD);
    let remainder = ((second % ODD) << SHIFT) | (magnitude as u64 & ((1 << SHIFT) - 1));
    let away = match (remainder * 2).cmp(&(ODD << SHIFT)) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => !quotient.is_multiple_of(2),
        std::cmp::Ordering::Greater => true,
    };
    let rounded = i64::try_from(quotient + u128::from(away)).map_err(|_| ArithmeticError::Overflow)?;
    Ok(if (a < 0) == (b < 0) { rounded } else { -rounded })
}

/// `numerator ÷ denominator` rounded to a whole number, half to even.
///
/// # Errors
/// When the denominator is zero or the result does not fit the range of [`Fixed`].
pub fn round_ratio(numerator: i128, denominator: i128) -> Result<i64, ArithmeticError> {
    if denominator == 0 {
        return Err(ArithmeticError::DivisionByZero);
    }
    let (quotient, remainder) = (numerator / denominator, numerator % denominator);
    let twice = remainder.unsigned_abs() * 2;
    let away = match twice.cmp(&denominator.unsigned_abs()) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => quotient % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    let step = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
    let rounded = if away { quotient + step } else { quotient };
    match i64::try_from(rounded) {
        Ok(raw) if raw != i64::MIN => Ok(raw),
        _ => Err(ArithmeticError::Overflow),
    }
}

impl fmt::Display for Fixed {
    /// Plain digits, no grouping, no trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / Self::ONE_RAW.unsigned_abs(), self.0.unsigned_abs() % Self::ONE_RAW.unsigned_abs());
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        if part != 0 {
            let digits = format!("{part:08}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(value: i64) -> Fixed {
        Fixed::from_raw(value).unwrap()
    }

    /// docs/semantics.md: numbers.3
    #[test]
    fn a_product_rounds_once_half_to_even() {
        assert_eq!(raw(5).mul(raw(50_000_000)).unwrap().raw(), 2);
        assert_eq!(raw(7).mul(raw(50_000_000)).unwrap().raw(), 4);
        assert_eq!(raw(-5).mul(raw(50_000_000)).unwrap().raw(), -2);
        assert_eq!(raw(-7).mul(raw(50_000_000)).unwrap().raw(), -4);
    }

    proptest::proptest! {
        #[test]
        fn products_are_those_of_the_general_division(a: i64, b: i64, small in -200_000_000_000_i64..200_000_000_000, halves in -9_i64..9) {
            let (one, hundred) = (i128::from(Fixed::ONE_RAW), 100 * i128::from(Fixed::ONE_RAW));
            // Halves and their neighbours are where rounding decides.
            for (a, b) in [(a, b), (a, small), (small, b), (small, small), (a, halves), (small, halves * 50_000_000), (small, halves * 25_000_001)] {
                let (a, b) = (a.max(-i64::MAX), b.max(-i64::MAX));
                proptest::prop_assert_eq!(product(a, b), round_ratio(i128::from(a) * i128::from(b), one));
                proptest::prop_assert_eq!(percent_of(a, b), round_ratio(i128::from(a) * i128::from(b), hundred));
            }
        }
    }

    /// docs/semantics.md: numbers.1
    #[test]
    fn the_range_is_symmetric() {
        assert_eq!(Fixed::from_raw(i64::MIN), None);
        assert_eq!(Fixed::MIN.sub(raw(1)), Err(ArithmeticError::Overflow));
        assert_eq!(Fixed::MAX.add(raw(1)), Err(ArithmeticError::Overflow));
        assert_eq!(Fixed::ONE.div(Fixed::ZERO), Err(ArithmeticError::DivisionByZero));
        assert_eq!(Fixed::MAX.to_string(), "92233720368.54775807");
    }

    /// docs/semantics.md: numbers.5
    #[test]
    fn a_percentage_in_a_comparison_is_not_rounded() {
        let third = raw(1);
        // 1% of 0.00000050 is 0.000000005: it would round to zero.
        assert_eq!(Fixed::ZERO.cmp_percent_of(Fixed::ONE, raw(50)), std::cmp::Ordering::Less);
        assert_eq!(third.cmp_percent_of(Fixed::ONE, raw(100)), std::cmp::Ordering::Equal);
    }
}
