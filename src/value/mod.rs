//! Values and their types: exact decimals, the fixed-point numbers of the VM, instants, units.

mod any;
mod decimal;
mod fixed;
mod time;
mod types;

pub use any::Value;
pub use decimal::{Decimal, ParseDecimalError, Rate};
pub use fixed::{ArithmeticError, Fixed, percent_of, product, round_ratio};
pub use time::{Date, Instant, NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND, ParseTimeError, TimeOfDay, Weekday};
pub use types::{Currency, Type, Unit};
