//! Which types fit together.

use crate::ir::Arithmetic;
use crate::value::{Currency, Type};

/// The common type of two values that are compared or chosen between; `None` where they do not fit.
pub(super) fn join(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (Type::Error | Type::Missing, other) | (other, Type::Error | Type::Missing) => Some(other.clone()),
        (Type::Number, Type::Count) | (Type::Count, Type::Number) => Some(Type::Number),
        (Type::Quantity(None), Type::Quantity(unit)) | (Type::Quantity(unit), Type::Quantity(None)) => Some(Type::Quantity(*unit)),
        (Type::Money(a), Type::Money(b)) if *a == Currency::ACCOUNT || *b == Currency::ACCOUNT => Some(Type::Money(Currency::ACCOUNT)),
        (a, b) if a == b => Some(a.clone()),
        _ => None,
    }
}

/// The type of an operation; `None` where it has no meaning.
pub(super) fn arithmetic(op: Arithmetic, left: &Type, right: &Type) -> Option<Type> {
    if matches!(left, Type::Error) || matches!(right, Type::Error) {
        return Some(Type::Error);
    }
    match op {
        Arithmetic::Add => sum(left, right).or_else(|| sum(right, left)),
        Arithmetic::Subtract => difference(left, right),
        Arithmetic::Multiply => product(left, right).or_else(|| product(right, left)),
        Arithmetic::Divide => quotient(left, right),
    }
}

fn plain(ty: &Type) -> bool {
    matches!(ty, Type::Number | Type::Count)
}

fn sum(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (Type::Count, Type::Count) => Some(Type::Count),
        (Type::Price, Type::Move) => Some(Type::Price),
        (Type::Instant, Type::Duration) => Some(Type::Instant),
        (Type::Price, Type::Price) => None,
        (Type::Duration, Type::Duration) => Some(Type::Duration),
        (a, b) if a.is_numeric() && b.is_numeric() => join(a, b),
        _ => None,
    }
}

fn difference(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (Type::Price, Type::Price) => Some(Type::Move),
        (Type::Price, Type::Move) => Some(Type::Price),
        (Type::Instant, Type::Instant) | (Type::Duration, Type::Duration) => Some(Type::Duration),
        (Type::Instant, Type::Duration) => Some(Type::Instant),
        (Type::Date, Type::Date) | (Type::Count, Type::Count) => Some(Type::Count),
        (a, b) if a.is_numeric() && b.is_numeric() => join(a, b),
        _ => None,
    }
}

fn product(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (Type::Count, Type::Count) => Some(Type::Count),
        (a, b) if plain(a) && plain(b) => Some(Type::Number),
        (Type::Money(_) | Type::Price | Type::Move | Type::Quantity(_) | Type::Percent | Type::Duration, b) if plain(b) => {
            Some(left.clone())
        }
        _ => None,
    }
}

fn quotient(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (a, b) if plain(a) && plain(b) => Some(Type::Number),
        (Type::Money(_) | Type::Price | Type::Move | Type::Quantity(_) | Type::Percent | Type::Duration, b) if plain(b) => {
            Some(left.clone())
        }
        (Type::Duration, Type::Duration) | (Type::Price | Type::Move, Type::Price | Type::Move) => Some(Type::Number),
        (a, b) if a.is_numeric() && b.is_numeric() && join(a, b).is_some() => Some(Type::Number),
        _ => None,
    }
}

/// Whether values of a type have an order, so that `is above` has a meaning.
pub(super) fn ordered(ty: &Type) -> bool {
    ty.is_numeric() || matches!(ty, Type::Duration | Type::Days | Type::Date | Type::Time | Type::Instant | Type::Weekday | Type::Error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Unit;

    #[test]
    fn what_cannot_be_added_in_the_rulebook_cannot_be_added_here() {
        let usd = Type::Money(Currency::new("USD").unwrap());
        let eur = Type::Money(Currency::new("EUR").unwrap());
        let lots = Type::Quantity(Some(Unit::Lot));
        let contracts = Type::Quantity(Some(Unit::Contract));
        assert_eq!(arithmetic(Arithmetic::Add, &usd, &eur), None);
        assert_eq!(arithmetic(Arithmetic::Multiply, &contracts, &usd), None);
        assert_eq!(arithmetic(Arithmetic::Add, &lots, &contracts), None);
        assert_eq!(arithmetic(Arithmetic::Subtract, &usd, &Type::Percent), None);
        assert_eq!(arithmetic(Arithmetic::Divide, &usd, &usd), Some(Type::Number));
        assert_eq!(arithmetic(Arithmetic::Subtract, &Type::Price, &Type::Price), Some(Type::Move));
        assert_eq!(arithmetic(Arithmetic::Add, &Type::Move, &Type::Price), Some(Type::Price));
        assert_eq!(arithmetic(Arithmetic::Add, &Type::Price, &Type::Price), None);
        assert_eq!(arithmetic(Arithmetic::Multiply, &usd, &Type::Number), Some(usd.clone()));
        assert_eq!(join(&Type::Count, &Type::Number), Some(Type::Number));
    }
}
