//! The operands of an expression.

use crate::ir::{ExprId, ExprKind};

/// The operands, in the order in which they are written.
pub(super) fn operands(kind: &ExprKind) -> Vec<ExprId> {
    match kind {
        ExprKind::Lookup(_, _, a)
        | ExprKind::Negate(a)
        | ExprKind::Not(a)
        | ExprKind::Elapsed(a)
        | ExprKind::IsMissing(a)
        | ExprKind::Absolute(a)
        | ExprKind::Instrument(_, a)
        | ExprKind::OpeningOf(a)
        | ExprKind::DateOf(a) => vec![*a],
        ExprKind::Arithmetic(_, a, b)
        | ExprKind::Percent(a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::CompareElapsed(_, a, b)
        | ExprKind::And(a, b)
        | ExprKind::Or(a, b)
        | ExprKind::Else(a, b)
        | ExprKind::Round(a, b, _)
        | ExprKind::DaysAfter(a, b) => vec![*a, *b],
        ExprKind::ComparePercent(_, a, b, c) | ExprKind::If(a, b, c) => vec![*a, *b, *c],
        ExprKind::OneOf(first, rest) => std::iter::once(*first).chain(rest.iter().copied()).collect(),
        ExprKind::Minimum(list) | ExprKind::Maximum(list) => list.clone(),
        ExprKind::Fold(_, _, what, filter) => what.iter().chain(filter).copied().collect(),
        ExprKind::News(test) => test.symbol.iter().chain(&test.filter).copied().collect(),
        ExprKind::Constant(_)
        | ExprKind::Account(_)
        | ExprKind::Period(..)
        | ExprKind::LastPeriod(..)
        | ExprKind::Record(_)
        | ExprKind::Group(..)
        | ExprKind::Extension(..)
        | ExprKind::HostField(..)
        | ExprKind::Payout(_)
        | ExprKind::PhaseFinal(..)
        | ExprKind::PlanName
        | ExprKind::Plan(_)
        | ExprKind::Option(_)
        | ExprKind::Input(_)
        | ExprKind::Node(_)
        | ExprKind::Limit(..)
        | ExprKind::Goal(..)
        | ExprKind::SessionOpen(_)
        | ExprKind::SessionCloses(_) => Vec::new(),
    }
}
