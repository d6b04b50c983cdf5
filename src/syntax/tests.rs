//! Tests of the whole way from text to tree.

mod examples;
mod precedence;
mod properties;
mod recovery;
mod slips;
mod spellings;

use super::ast::{Expr, ExprKind};
use super::{Parsed, parse, parse_expression};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Source;

/// Parses a text.
pub(super) fn parsed(text: &str) -> Parsed {
    parse(&Source::new("test", text))
}

/// A statement inside blocks: `wrapped(&["limit \"a\"", "on breach"], "fail")`.
pub(super) fn wrapped(heads: &[&str], statement: &str) -> String {
    let mut text = String::from("program \"test\" {\n");
    for (depth, head) in heads.iter().enumerate() {
        text.extend(["    ".repeat(depth + 1).as_str(), head, " {\n"]);
    }
    let indent = "    ".repeat(heads.len() + 1);
    for line in statement.lines() {
        text.extend([indent.as_str(), line, "\n"]);
    }
    for depth in (0..=heads.len()).rev() {
        text.extend(["    ".repeat(depth).as_str(), "}\n"]);
    }
    text
}

/// The heads of the blocks in which statements of a kind stand.
pub(super) fn heads(block: &str) -> &'static [&'static str] {
    match block {
        "phase" => &["phase a"],
        "floor" => &["phase a", "floor f"],
        "limit" => &["phase a", "limit \"l\""],
        "clause" => &["phase a", "limit \"l\"", "on breach"],
        "goal" => &["phase a", "goal \"g\""],
        "payout" => &["phase a", "payout"],
        "pending" => &["phase a", "payout", "pending"],
        "scenario" => &["scenario \"s\""],
        "fields" => &["event e"],
        _ => &[],
    }
}

/// An expression with all its brackets written out.
fn shown(expr: &Expr) -> String {
    use ExprKind as K;
    match &expr.kind {
        K::Number(value) => value.to_string(),
        K::Money(value, currency) => format!("{value}{currency}"),
        K::Percent(value) => format!("{value}%"),
        K::Name(name) | K::Text(name) => name.clone(),
        K::Bool(value) => value.to_string(),
        K::Member(record, field) => format!("{}.{}", shown(record), field.node),
        K::Last(name) => format!("last-{}", name.node),
        K::Negate(inner) => format!("(- {})", shown(inner)),
        K::Not(inner) => format!("(not {})", shown(inner)),
        K::Binary(left, op, right) => format!("({} {:?} {})", shown(left), op.node, shown(right)),
        K::Of(left, right) => format!("({} of {})", shown(left), shown(right)),
        K::Else(left, right) => format!("({} else {})", shown(left), shown(right)),
        K::If(condition, then, otherwise) => format!("(if {} {} {})", shown(condition), shown(then), shown(otherwise)),
        K::IsMissing(inner, missing) => format!("({} {})", shown(inner), if *missing { "missing" } else { "known" }),
        K::IsOneOf(inner, choices, negated) => {
            let choices: Vec<String> = choices.iter().map(shown).collect();
            format!("({} {}in {})", shown(inner), if *negated { "not " } else { "" }, choices.join(","))
        }
        K::Since(inner, event) => {
            let words: Vec<&str> = event.words.iter().map(|word| word.node.as_str()).collect();
            format!("({} since {})", shown(inner), words.join(" "))
        }
        K::BeforeToday(inner) => format!("({} before-today)", shown(inner)),
        K::After(inner, from) => format!("({} after {})", shown(inner), shown(from)),
        K::Days(count, unit) => format!("{count}{unit:?}"),
        K::Call(name, arguments) => {
            let arguments: Vec<String> = arguments.iter().map(shown).collect();
            format!("{}[{}]", name.node, arguments.join(","))
        }
        K::Aggregate(aggregate) => {
            let what = aggregate.what.as_ref().map_or(String::new(), |what| format!(" {}", shown(what)));
            let filter = aggregate.filter.as_ref().map_or(String::new(), |filter| format!(" where {}", shown(filter)));
            format!("<{:?}{what}{filter}>", aggregate.function)
        }
        other => format!("{other:?}"),
    }
}

/// An expression read alone, without findings.
fn expression(text: &str) -> String {
    let (expr, diagnostics) = parse_expression(&Source::new("test", text));
    let errors: Vec<Diagnostic> = diagnostics.into_iter().filter(|found| found.severity() == Severity::Error).collect();
    assert_eq!(errors, [], "{text}");
    shown(&expr.unwrap())
}
