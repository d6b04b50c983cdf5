//! What a requirement needs, and what is missing to it.

use crate::engine::{AccountRef, GoalReport};
use crate::ir::{Comparison, ExprId, ExprKind, Ir, NodeKind, Requirement};
use crate::sentences::{Values, evidence_words};
use crate::value::{Decimal, Value};

/// How a goal stands: each requirement that is outstanding, with its value, what is needed, and what is missing.
pub(super) fn goal_words(ir: &Ir, account: AccountRef<'_>, phase: crate::ir::PhaseId, report: &GoalReport) -> String {
    if report.reached {
        return "reached".into();
    }
    let declared = ir.nodes().find_map(|(_, node)| match &node.kind {
        NodeKind::Goal(goal) if *node.name == *report.title && node.phase.is_none_or(|own| own == phase) => Some(goal),
        _ => None,
    });
    let requirements = declared.map_or(&[] as &[Requirement], |goal| &goal.requirements);
    let outstanding =
        report.requirements.iter().enumerate().filter(|(_, requirement)| requirement.required && requirement.met != Some(true));
    let words: Vec<String> = outstanding
        .map(|(at, requirement)| {
            let needed = requirements.get(at).and_then(|declared| missing(ir, &account, declared.condition));
            match needed.unwrap_or_else(|| evidence_words(&requirement.evidence)).as_str() {
                "" => format!("\"{}\"", requirement.title),
                words => format!("\"{}\" ({words})", requirement.title),
            }
        })
        .collect();
    if words.is_empty() { "every requirement is met".into() } else { format!("outstanding: {}", words.join("; ")) }
}

/// What is missing to a condition that does not hold; nothing where it compares no values.
pub(super) fn missing(ir: &Ir, values: &dyn Values, condition: ExprId) -> Option<String> {
    let (comparison, left, right) = match &ir.expr(condition).kind {
        ExprKind::And(one, other) => {
            let fails = |part: &ExprId| values.value(*part) != Some(Value::Bool(true));
            let words: Vec<String> =
                [one, other].into_iter().filter(|part| fails(part)).filter_map(|part| missing(ir, values, *part)).collect();
            return (!words.is_empty()).then(|| words.join(", and "));
        }
        ExprKind::Compare(comparison, left, right) => (*comparison, *left, values.value(*right)?),
        ExprKind::ComparePercent(comparison, left, percent, whole) => (*comparison, *left, share(values, *percent, *whole)?),
        _ => return None,
    };
    let value = values.value(left)?;
    let zone = ir.header.day.zone;
    if let ExprKind::ComparePercent(Comparison::AtMost, _, percent, whole) = ir.expr(condition).kind
        && let Some(words) = of_a_loss(ir, values, &value, (percent, whole))
    {
        return Some(format!("{} is {}, {words}", ir.source.words(ir.expr(left).span), zone.words(&value)));
    }
    let needed = match comparison {
        Comparison::Equal => "must be",
        Comparison::NotEqual => "must not be",
        Comparison::AtLeast => "needs at least",
        Comparison::AtMost => "may be at most",
        Comparison::Above => "must be above",
        Comparison::Below => "must be below",
    };
    let off = match comparison {
        Comparison::AtLeast => less(&right, &value).map(|by| format!(", {by} missing")),
        Comparison::AtMost => less(&value, &right).map(|by| format!(", {by} too much")),
        _ => None,
    };
    let words = ir.source.words(ir.expr(left).span);
    Some(format!("{words} is {}, {needed} {}{}", zone.words(&value), zone.words(&right), off.unwrap_or_default()))
}

/// At most so many percent of what is less than nothing: what the whole must come to first.
fn of_a_loss(ir: &Ir, values: &dyn Values, value: &Value, (percent, whole): (ExprId, ExprId)) -> Option<String> {
    let (Value::Percent(share), Value::Money(whole_at, currency), Value::Money(part, _)) =
        (values.value(percent)?, values.value(whole)?, value)
    else {
        return None;
    };
    if !whole_at.is_negative() || part.is_negative() || share.is_zero() || share.is_negative() {
        return None;
    }
    let least = Value::Money(part.mul(Decimal::from(100)).ok()?.div(share).ok()?, currency);
    let missing = less(&least, &Value::Money(whole_at, currency))?;
    let words = ir.source.words(ir.expr(whole).span);
    Some(format!("and {words} is {}: it needs {words} of at least {least}, {missing} missing", Value::Money(whole_at, currency)))
}

/// A percentage of a value.
fn share(values: &dyn Values, percent: ExprId, whole: ExprId) -> Option<Value> {
    let Value::Percent(percent) = values.value(percent)? else { return None };
    Some(match values.value(whole)? {
        Value::Money(whole, currency) => Value::Money(whole.percent(percent).ok()?, currency),
        Value::Number(whole) => Value::Number(whole.percent(percent).ok()?),
        _ => return None,
    })
}

/// How much less one value is than another of its kind.
fn less(more: &Value, than: &Value) -> Option<Value> {
    let found = match (more, than) {
        (Value::Money(more, currency), Value::Money(than, _)) => Value::Money(more.sub(*than).ok()?, *currency),
        (Value::Number(more), Value::Number(than)) => Value::Number(more.sub(*than).ok()?),
        (Value::Percent(more), Value::Percent(than)) => Value::Percent(more.sub(*than).ok()?),
        (Value::Quantity(more, unit), Value::Quantity(than, _)) => Value::Quantity(more.sub(*than).ok()?, *unit),
        (Value::Date(more), Value::Date(than)) => Value::Days(u32::try_from(more.days() - than.days()).ok()?, "days"),
        _ => return None,
    };
    Some(found)
}
