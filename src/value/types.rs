//! The types of the rule language. Units are types: what cannot be added in the rulebook cannot
//! be added here.

use std::fmt;
use std::sync::Arc;

/// A currency by its code of three or four letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 4]);

impl Currency {
    /// The currency of the account where the program leaves it to the plan.
    pub const ACCOUNT: Self = Self([0; 4]);

    /// From a code of three or four capital letters.
    pub fn new(code: &str) -> Option<Self> {
        let letters = code.as_bytes();
        if !(3..=4).contains(&letters.len()) || !letters.iter().all(u8::is_ascii_uppercase) {
            return None;
        }
        let mut bytes = [0; 4];
        bytes[..letters.len()].copy_from_slice(letters);
        Some(Self(bytes))
    }

    /// The code, such as `USD`; empty for [`Currency::ACCOUNT`].
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("").trim_end_matches('\0')
    }

    /// The sign it is written with in programs, where it has one.
    pub fn sign(self) -> Option<char> {
        SIGNS.iter().find(|(_, code)| *code == self.code()).map(|(sign, _)| *sign)
    }

    /// The currency that a sign stands for.
    pub fn from_sign(sign: char) -> Option<Self> {
        SIGNS.iter().find(|(known, _)| *known == sign).and_then(|(_, code)| Self::new(code))
    }

    /// How many decimals its smallest coin has (ISO 4217): 2 for most, 0 for the yen.
    pub fn minor_digits(self) -> u8 {
        match self.code() {
            "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "UGX" | "XAF" | "XOF" | "XPF" => 0,
            "KWD" | "BHD" | "OMR" | "JOD" | "TND" | "IQD" | "LYD" => 3,
            _ => 2,
        }
    }
}

const SIGNS: &[(char, &str)] = &[('$', "USD"), ('€', "EUR"), ('£', "GBP"), ('¥', "JPY")];

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What quantities of a symbol are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Futures and options contracts.
    Contract,
    /// Lots of currencies, metals, indices.
    Lot,
    /// Shares.
    Share,
    /// Units of the base currency.
    Unit,
    /// Coins.
    Coin,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 5] = [Self::Contract, Self::Lot, Self::Share, Self::Unit, Self::Coin];

    /// The plural, as programs write it.
    pub const fn plural(self) -> &'static str {
        ["contracts", "lots", "shares", "units", "coins"][self as usize]
    }

    /// The singular.
    pub const fn singular(self) -> &'static str {
        ["contract", "lot", "share", "unit", "coin"][self as usize]
    }
}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// An amount in a currency.
    Money(Currency),
    /// A price of a symbol.
    Price,
    /// A difference of two prices.
    Move,
    /// A quantity in a unit; `None` where the unit is the symbol's.
    Quantity(Option<Unit>),
    /// A percentage, counted in percents.
    Percent,
    /// A bare number that may have decimals.
    Number,
    /// A whole number of things.
    Count,
    /// A length of time of a clock, in nanoseconds.
    Duration,
    /// A number of days of the program's day.
    Days,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A point in time.
    Instant,
    /// Yes or no.
    Bool,
    /// Text.
    Text,
    /// One of some words.
    OneOf(Arc<[String]>),
    /// A symbol.
    Symbol,
    /// A day of the week.
    Weekday,
    /// A phase of the program.
    Phase,
    /// The literal `none`: any type's missing value.
    Missing,
    /// What an expression in error has; it fits everything, so that one mistake is one message.
    Error,
}

impl Type {
    /// Whether values are decimals, as opposed to times, words and truth values.
    pub fn is_numeric(&self) -> bool {
        matches!(self, Self::Money(_) | Self::Price | Self::Move | Self::Quantity(_) | Self::Percent | Self::Number | Self::Count)
    }
}

impl fmt::Display for Type {
    /// The type in the words of account programs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(currency) if currency.code().is_empty() => f.write_str("money"),
            Self::Money(currency) => write!(f, "money in {currency}"),
            Self::Quantity(Some(unit)) => write!(f, "a quantity in {}", unit.plural()),
            Self::OneOf(words) => write!(f, "one of ({})", words.join(", ")),
            other => f.write_str(match other {
                Self::Price => "a price",
                Self::Move => "a price move",
                Self::Percent => "a percentage",
                Self::Number => "a number",
                Self::Count => "a count",
                Self::Duration => "a duration",
                Self::Days => "a number of days",
                Self::Date => "a date",
                Self::Time => "a time of day",
                Self::Instant => "an instant",
                Self::Bool => "yes or no",
                Self::Text => "text",
                Self::Symbol => "a symbol",
                Self::Weekday => "a weekday",
                Self::Phase => "a phase",
                Self::Missing => "`none`",
                Self::Quantity(_) => "a quantity",
                Self::Money(_) | Self::OneOf(_) | Self::Error => "something in error",
            }),
        }
    }
}
