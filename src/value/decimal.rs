//! The public decimal: what events, programs and the reference evaluator count in.

use std::{fmt, str::FromStr};

use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::fixed::{ArithmeticError, Fixed, round_ratio};

/// An exact decimal: a whole multiple of 10⁻⁸ between ±92,233,720,368.54775807.
///
/// It is a [`rust_decimal::Decimal`] that keeps this promise: it is made only by checked
/// constructors, its operations report overflow instead of panicking, and serde reads it from a
/// string only, because a JSON number has been through a float.
///
/// ```
/// use ringfence::value::Decimal;
/// let half: Decimal = "0.50".parse()?;
/// assert_eq!(half.to_string(), "0.5");
/// assert!("0.123456789".parse::<Decimal>().is_err()); // nine decimals: refused, never rounded
/// # Ok::<(), ringfence::value::ParseDecimalError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(rust_decimal::Decimal);

/// Why a text is no [`Decimal`] or [`Rate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ParseDecimalError {
    /// It is not written as digits with an optional sign and decimal point.
    #[error("not a decimal number: write digits with a point for decimals, as in \"1250.50\"")]
    Malformed,
    /// It has more decimals than are kept.
    #[error("more than {0} decimals: give the value with at most {0}, it is never rounded here")]
    TooPrecise(u8),
    /// It is too large.
    #[error("outside ±92,233,720,368.54775807")]
    OutOfRange,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self(rust_decimal::Decimal::ZERO);
    /// How many decimals are kept.
    pub const SCALE: u8 = 8;

    /// Takes a decimal that is a whole multiple of 10⁻⁸ in range.
    ///
    /// # Errors
    /// When it has more decimals or is out of range.
    pub fn new(value: rust_decimal::Decimal) -> Result<Self, ParseDecimalError> {
        let value = value.normalize();
        if value.scale() > u32::from(Self::SCALE) {
            return Err(ParseDecimalError::TooPrecise(Self::SCALE));
        }
        if value.abs() > Decimal::from(Fixed::MAX).0 {
            return Err(ParseDecimalError::OutOfRange);
        }
        Ok(Self(value))
    }

    /// The value as the library type.
    pub const fn get(self) -> rust_decimal::Decimal {
        self.0
    }

    /// `self + other`, exactly.
    pub fn add(self, other: Self) -> Result<Self, ArithmeticError> {
        Self::in_range(self.0.checked_add(other.0))
    }

    /// `self − other`, exactly.
    pub fn sub(self, other: Self) -> Result<Self, ArithmeticError> {
        Self::in_range(self.0.checked_sub(other.0))
    }

    /// `self × other`, rounded once, half to even, to eight decimals.
    ///
    /// A product in range has at most 27 digits, so the library computes it exactly.
    pub fn mul(self, other: Self) -> Result<Self, ArithmeticError> {
        let rounded = self
            .0
            .checked_mul(other.0)
            .map(|exact| exact.round_dp_with_strategy(u32::from(Self::SCALE), RoundingStrategy::MidpointNearestEven));
        Self::in_range(rounded)
    }

    /// `self ÷ other`, rounded once, half to even, to eight decimals.
    ///
    /// Long division by hand: the library's quotient is itself rounded to 28 digits.
    pub fn div(self, other: Self) -> Result<Self, ArithmeticError> {
        Fixed::from(self).div(other.into()).map(Self::from)
    }

    /// `percent of self`, rounded once.
    pub fn percent(self, percent: Self) -> Result<Self, ArithmeticError> {
        Fixed::from(self).percent(percent.into()).map(Self::from)
    }

    /// The number with the other sign.
    #[must_use]
    pub fn neg(self) -> Self {
        Self(-self.0).normalized()
    }

    /// The distance from zero.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Without the digits behind so many decimals: for display, where 99.999% must not read as all of it.
    #[must_use]
    pub fn truncated(self, decimals: u32) -> Self {
        Self(self.0.trunc_with_scale(decimals).normalize())
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.0 < rust_decimal::Decimal::ZERO
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    fn in_range(value: Option<rust_decimal::Decimal>) -> Result<Self, ArithmeticError> {
        value.and_then(|value| Self::new(value).ok()).ok_or(ArithmeticError::Overflow)
    }

    fn normalized(self) -> Self {
        Self(self.0.normalize())
    }
}

impl From<Fixed> for Decimal {
    fn from(value: Fixed) -> Self {
        Self(rust_decimal::Decimal::from_i128_with_scale(i128::from(value.raw()), u32::from(Self::SCALE)).normalize())
    }
}

impl From<Decimal> for Fixed {
    fn from(value: Decimal) -> Self {
        let shift = u32::from(Decimal::SCALE).saturating_sub(value.0.scale());
        let raw = value.0.mantissa() * 10_i128.pow(shift);
        // In range by the promise of `Decimal`.
        i64::try_from(raw).ok().and_then(Self::from_raw).unwrap_or_default()
    }
}

impl From<i32> for Decimal {
    fn from(value: i32) -> Self {
        Self(value.into())
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mantissa, scale) = parse_plain(text, Self::SCALE)?;
        let raw = mantissa.checked_mul(10_i128.pow(u32::from(Self::SCALE - scale))).and_then(|raw| i64::try_from(raw).ok());
        raw.and_then(Fixed::from_raw).map(Self::from).ok_or(ParseDecimalError::OutOfRange)
    }
}

impl fmt::Display for Decimal {
    /// Plain digits, no grouping, no trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromText(std::marker::PhantomData))
    }
}

/// A conversion rate: an integer and how many of its digits are decimals, up to 18.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    mantissa: i64,
    scale: u8,
}

impl Rate {
    /// How many decimals a rate may have.
    pub const MAX_SCALE: u8 = 18;
    /// The rate between a currency and itself.
    pub const ONE: Self = Self { mantissa: 1, scale: 0 };

    /// `amount × rate`: one wide product, one rounding, half to even.
    pub fn convert(self, amount: Fixed) -> Result<Fixed, ArithmeticError> {
        let raw = round_ratio(i128::from(amount.raw()) * i128::from(self.mantissa), 10_i128.pow(self.scale.into()))?;
        Fixed::from_raw(raw).ok_or(ArithmeticError::Overflow)
    }

    /// The integer without its point.
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// How many digits stand behind the point.
    pub const fn scale(self) -> u8 {
        self.scale
    }
}

impl FromStr for Rate {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (mantissa, scale) = parse_plain(text, Self::MAX_SCALE)?;
        let mantissa = i64::try_from(mantissa).ok().filter(|m| *m > 0).ok_or(ParseDecimalError::OutOfRange)?;
        Ok(Self { mantissa, scale })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        rust_decimal::Decimal::from_i128_with_scale(self.mantissa.into(), self.scale.into()).fmt(f)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromText(std::marker::PhantomData))
    }
}

/// Digits with an optional sign and point as an integer and its scale, trailing zeros dropped.
fn parse_plain(text: &str, max_scale: u8) -> Result<(i128, u8), ParseDecimalError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').map_or((digits, None), |(whole, part)| (whole, Some(part)));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !part.is_none_or(all_digits) {
        return Err(ParseDecimalError::Malformed);
    }
    let part = part.unwrap_or("").trim_end_matches('0');
    let scale = u8::try_from(part.len()).ok().filter(|scale| *scale <= max_scale).ok_or(ParseDecimalError::TooPrecise(max_scale))?;
    let mut mantissa: i128 = 0;
    for digit in whole.bytes().chain(part.bytes()) {
        mantissa = mantissa.checked_mul(10).and_then(|m| m.checked_add(i128::from(digit - b'0'))).ok_or(ParseDecimalError::OutOfRange)?;
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    Ok((sign * mantissa, scale))
}

/// Reads a decimal from a string and refuses numbers by name.
struct FromText<T>(std::marker::PhantomData<T>);

impl<T: FromStr<Err = ParseDecimalError>> de::Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal in quotes, such as \"1250.50\" (a bare JSON number has been through a float)")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|error| E::custom(format_args!("\"{text}\" is {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_numbers_are_refused() {
        let error = serde_json::from_str::<Decimal>("1.5").unwrap_err().to_string();
        assert!(error.contains("has been through a float"), "{error}");
        assert_eq!(serde_json::from_str::<Decimal>("\"-1.50\"").unwrap().to_string(), "-1.5");
    }

    /// docs/semantics.md: numbers.1
    #[test]
    fn the_range_ends_where_it_says() {
        assert!("92233720368.54775807".parse::<Decimal>().is_ok());
        assert_eq!("92233720368.54775808".parse::<Decimal>(), Err(ParseDecimalError::OutOfRange));
        assert_eq!("1.123456789".parse::<Decimal>(), Err(ParseDecimalError::TooPrecise(8)));
        assert_eq!("1.1234567800".parse::<Decimal>().unwrap().to_string(), "1.12345678");
        for text in ["", "-", "1.", ".5", "1e5", "+1", "1,000", " 1", "--1", "999999999999999999999999999999999999999999"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn decimal_and_fixed_agree(a in -i64::MAX..=i64::MAX, b in -i64::MAX..=i64::MAX, shift in 0u32..50) {
            let (a, b) = (Fixed::from_raw(a >> shift).unwrap(), Fixed::from_raw(b >> shift).unwrap());
            let (x, y) = (Decimal::from(a), Decimal::from(b));
            assert_eq!(Fixed::from(x), a);
            assert_eq!(a.add(b).map(Decimal::from), x.add(y));
            assert_eq!(a.sub(b).map(Decimal::from), x.sub(y));
            assert_eq!(a.mul(b).map(Decimal::from), x.mul(y));
            assert_eq!(x.to_string().parse::<Decimal>().unwrap(), x);
            assert_eq!(a.to_string(), x.to_string());
        }
    }
}
