//! The catalogue of what the checker says. One function a claim, in the words of account programs.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::value::{Currency, Decimal, Type, Value};

use super::names::nearest;

fn unknown<'a>(code: Code, what: &str, name: &str, span: Span, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let diagnostic = Diagnostic::new(code, span, format!("unknown {what} `{name}`"));
    match nearest(name, known.iter().copied().filter(|known| *known != name)) {
        Some(near) => diagnostic.guess(span, near, format!("did you mean `{near}`?")),
        None if known.is_empty() || known.len() > 24 => diagnostic,
        None => diagnostic.help(format!(
            "here there {} {}",
            if known.len() == 1 { "is" } else { "are" },
            known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")
        )),
    }
}

pub(super) fn unknown_name<'a>(name: &str, span: Span, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    unknown(Code::UnknownName, "name", name, span, known).label("nothing has this name")
}

pub(super) fn unknown_field<'a>(record: &str, name: &str, span: Span, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let mut diagnostic = unknown(Code::UnknownField, "field", name, span, known);
    diagnostic.message = format!("`{record}` has no `{name}`");
    if ["pnl", "net_pnl", "pl", "loss", "gain", "result", "drawdown", "dd"].contains(&name)
        && ["day", "week", "month", "cycle"].contains(&record)
    {
        diagnostic.fix = None;
        return diagnostic.help(format!(
            "a loss is a profit below zero: `{record}.profit stays above -$500`, or `{record}.equity_profit` with what is open"
        ));
    }
    diagnostic
}

pub(super) fn unknown_title<'a>(what: &str, title: &str, span: Span, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let diagnostic = Diagnostic::new(Code::UnknownTitle, span, format!("no {what} is titled \"{title}\""));
    match nearest(title, known.iter().copied()) {
        Some(near) => diagnostic.guess(span, format!("\"{near}\""), format!("did you mean \"{near}\"?")),
        None if known.is_empty() => diagnostic.help(format!("the program declares no {what}")),
        None => diagnostic.help(format!("titles: {}", known.iter().map(|title| format!("\"{title}\"")).collect::<Vec<_>>().join(", "))),
    }
}

pub(super) fn unknown_phase<'a>(name: &str, span: Span, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let mut found = unknown(Code::UnknownPhase, "phase", name, span, known).label("no such phase");
    let declared = format!("declare it: `phase {name} {{ … }}`");
    if found.fix.is_some() {
        return found.otherwise(declared);
    }
    let known = found.help.take().map_or(String::new(), |known| format!("; {known}"));
    found.help(format!("{declared}{known}"))
}

pub(super) fn unknown_plan<'a>(name: &str, span: Span, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    unknown(Code::UnknownPlan, "plan", name, span, known)
}

pub(super) fn unknown_event<'a>(words: &str, span: Span, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let found = unknown(Code::UnknownEvent, "event or clock", words, span, known);
    let such = "events are such as `trade`, `fill` and `day end`; a time of day is `every day at 15:10` or `every fri at 16:00`";
    if found.help.is_some() { found.otherwise(such) } else { found.help(such) }
}

/// A statement that stands a second time where once is allowed.
pub(crate) fn twice(what: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::Misplaced, span, format!("`{what}` stands here twice")).other(first, "the first is here").help("keep one of them")
}

/// A name that every program has a value for.
pub(super) fn built_in(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::DuplicateName, span, format!("`{name}` is a value that every program has"))
        .label("declared again here")
        .help(format!("choose another name, such as `my_{name}`; `{name}` is read as it is"))
}

/// A word to choose from that is read as a value of the account wherever it is compared with.
pub(super) fn word_hidden(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::DuplicateName, span, format!("`{name}` is a value that every program has, and no word to choose"))
        .label("would never be chosen")
        .help(format!("choose another word, such as `by_{name}`: where a rule says `is {name}`, the account's own `{name}` is read"))
}

/// A comparison with a word to choose that is read as something else.
pub(super) fn reads_another(word: &str, ty: &Type, span: Span) -> Diagnostic {
    Diagnostic::new(Code::TypeMismatch, span, format!("`{word}` is read here as {ty}, not as the word to choose"))
        .label(ty.to_string())
        .help(format!("give the word to choose another name, such as `by_{word}`, where it is declared and here"))
}

pub(super) fn duplicate(name: &str, span: Span, earlier: Span) -> Diagnostic {
    Diagnostic::new(Code::DuplicateName, span, format!("`{name}` is declared twice"))
        .label("declared again here")
        .other(earlier, "first declared here")
        .help("give one of them another name")
}

/// A ledger that starts with what is only there once its phase has been entered.
pub(super) fn begins_with_phase(name: &str, span: Span, ledger: Span) -> Diagnostic {
    let what = if name.is_empty() { "this value".to_owned() } else { format!("`{name}`") };
    let told = Diagnostic::new(Code::ReadTooEarly, span, format!("{what} begins with the phase, and the ledger starts before that"));
    let told = if span == ledger { told } else { told.other(ledger, "needed as the phase is entered") };
    told.help("start the ledger with what is known by then: `size`, `balance`, a column of the plans, an option, or a last value of an earlier phase")
}

/// A cell that reads what its own table, or one behind it, is still to say.
pub(super) fn read_by_its_table(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::ReadTooEarly, span, format!("`{name}` is read in a table that comes before it, or holds it"))
        .help("write the value itself in its place")
}

/// A value of a phase through which an account has not been by then.
pub(super) fn never_been_there(here: &str, there: &str, span: Span) -> Diagnostic {
    let message = format!("phase `{there}` never comes before phase `{here}`, so this is never known");
    Diagnostic::new(Code::ReadTooEarly, span, message)
        .label(format!("a value of phase `{there}`"))
        .help(format!("read it in a phase to which `promote to` leads from `{there}`, or declare the value outside phases"))
}

/// A value of a scenario's head that would have to be read from an account which is not there yet.
pub(super) fn not_told_at_opening(span: Span) -> Diagnostic {
    Diagnostic::new(Code::ReadTooEarly, span, "this is told as the account is opened, when nothing can be read yet")
        .help("write the amount, or compute it from amounts, as in `4 * $50,000`")
}

pub(super) fn name_like_statement(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::NameLikeStatement, span, format!("`{name}` also begins a statement"))
        .help("another name keeps a line that begins with it from being misread")
}

/// Two types that must fit and do not.
pub(super) fn mismatch(doing: &str, left: &Type, left_span: Span, right: &Type, right_span: Span) -> Diagnostic {
    match (left, right) {
        (Type::Money(a), Type::Money(b)) if a != b => Diagnostic::new(
            Code::CurrencyMismatch,
            right_span,
            format!("cannot {doing} money in {a} and money in {b}"),
        )
        .label(format!("money in {b}"))
        .other(left_span, format!("money in {a}"))
        .help("amounts of different currencies meet only through a conversion rate, never in a rule: write both in the account's currency"),
        (Type::Quantity(Some(a)), Type::Quantity(Some(b))) if a != b => {
            Diagnostic::new(Code::UnitMismatch, right_span, format!("cannot {doing} {} and {}", a.plural(), b.plural()))
                .label(b.plural())
                .other(left_span, a.plural())
                .help("write both in one unit, such as `0.5 lots + 1 lot`; what is held in different units is compared by `weighted_quantity`, `exposure` or `margin`")
        }
        (Type::Percent, Type::Money(_)) => percent_of_what(left_span, right, right_span),
        (Type::Money(_), Type::Percent) => percent_of_what(right_span, left, left_span),
        _ => Diagnostic::new(Code::TypeMismatch, right_span, format!("cannot {doing} {left} and {right}"))
            .label(right.to_string())
            .other(left_span, left.to_string())
            .help(what_fits(doing, left, right)),
    }
}

/// What can be done with values of these kinds.
fn what_fits(doing: &str, left: &Type, right: &Type) -> String {
    let has = |wanted: fn(&Type) -> bool| wanted(left) || wanted(right);
    match doing {
        "multiply" | "divide" => "one of the two must be a number without a unit, such as `3 * $5`".into(),
        _ if has(|ty| matches!(ty, Type::Date | Type::Instant)) && has(|ty| matches!(ty, Type::Number | Type::Count)) => {
            "a date is written `2026-12-31`".into()
        }
        _ if has(|ty| matches!(ty, Type::Price)) => {
            "beside a price stands a price, or a number as it is written, such as `fill.price is above 4990`".into()
        }
        _ if has(|ty| matches!(ty, Type::Days)) && has(|ty| matches!(ty, Type::Count)) => {
            "a count is compared with a number alone: leave `days` out, as in `days_traded is at least 5`".into()
        }
        _ => "both sides must be of one kind: an amount beside an amount, a count beside a number, a time beside a time".into(),
    }
}

/// How a value of a kind is written.
fn written_as(expected: &str) -> &'static str {
    let first = expected.split(' ').find(|word| !matches!(*word, "a" | "an")).unwrap_or_default();
    match first {
        "money" | "amount" => "an amount is written `$2,000`, and a share of one `5% of size`",
        "percentage" => "a percentage is written `80%`",
        "quantity" => "a quantity is written with its unit, such as `3 contracts` or `0.5 lots`",
        "count" | "whole" | "number" => "write a number, such as `5`, or read a value that is one",
        "length" | "duration" => "write a length in its place, or read a value that is one",
        "text" => "a text stands in quotes",
        "instant" | "date" => "a day is written `2026-03-02`, and a moment `2026-03-02 15:10`",
        "one" => "write one of these words, as it is",
        "yes" => "write `yes`, `no`, or a comparison such as `profit is above $0`",
        _ => "read a value of that kind, or write one",
    }
}

fn percent_of_what(percent: Span, other: &Type, other_span: Span) -> Diagnostic {
    Diagnostic::new(Code::PercentOfWhat, percent, "a percentage of money must say of what")
        .label("a percentage without its base")
        .other(other_span, other.to_string())
        .help("write the base after it, such as `5% of size` or `5% of day.start_balance`: they are different rules")
}

pub(super) fn wrong_type(expected: &str, found: &Type, span: Span) -> Diagnostic {
    if matches!(found, Type::Percent) && expected.starts_with("money") {
        return Diagnostic::new(Code::PercentOfWhat, span, "a percentage of money must say of what")
            .label("a percentage without its base")
            .help("write the base after it, such as `5% of size` or `5% of day.start_balance`: they are different rules");
    }
    if let (Type::Money(told), Some(own)) = (found, expected.strip_prefix("money in ")) {
        return Diagnostic::new(Code::CurrencyMismatch, span, format!("money in {own} is needed here, and this is money in {told}"))
            .label(format!("money in {told}"))
            .help(format!("one program has one currency: write the amount in it, such as `2,000 {own}`"));
    }
    let is_found = if matches!(found, Type::Error) { String::new() } else { format!(", and this is {found}") };
    Diagnostic::new(Code::TypeMismatch, span, format!("{expected} is needed here{is_found}"))
        .label(if is_found.is_empty() { String::new() } else { found.to_string() })
        .help(written_as(expected))
}

pub(super) fn not_a_condition(found: &Type, span: Span) -> Diagnostic {
    Diagnostic::new(Code::NotACondition, span, format!("a condition is needed here, and this is {found}"))
        .label(found.to_string())
        .help("say against what it is measured, as in `balance is below $48,000`")
}

pub(super) fn maybe_missing(words: &str, why: &str, otherwise: Option<&str>, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::MaybeMissing, span, format!("`{words}` may be missing")).label("may be missing here");
    let diagnostic = if why.is_empty() { diagnostic } else { diagnostic.note(why.to_owned()) };
    match otherwise {
        Some(value) => {
            let right = format!("({words} else {value})");
            diagnostic.guess(span, right.clone(), format!("say what holds then, as `{right}`, or test it first: `{words} is known and …`"))
        }
        None => diagnostic.help(format!("say what holds then: `({words} else …)`, or test it first: `{words} is known and …`")),
    }
}

/// A change of phase where an account has come to its end.
pub(super) fn stays_where_it_is(phase: &str, span: Span) -> Diagnostic {
    let stays = if phase == "failed" { "by a rule only `close account` leads out of it" } else { "nothing leads out of it" };
    Diagnostic::new(Code::Contradiction, span, format!("this never takes effect in phase `{phase}`: {stays}"))
        .help("where staff decide how it goes on, keep the account in the phase it is in with `lock until staff` instead of letting it end")
}

pub(super) fn is_zero(words: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::MaybeZero, span, format!("this divides by `{words}`, which is zero")).help("divide by what is never zero")
}

/// An amount of money that is written as a number.
pub(super) fn without_currency(amount: Decimal, currency: Currency, span: Span) -> Diagnostic {
    let found = Diagnostic::new(Code::TypeMismatch, span, "this amount has no currency").label("a number");
    let right = Value::Money(amount, currency).to_string().replace(".00", "");
    if currency == Currency::ACCOUNT {
        found.help("write it as `$50,000`")
    } else {
        found.fix(span, right.clone(), format!("write `{right}`"))
    }
}

/// A column of the plans in another currency than the program's.
pub(super) fn column_in_another_currency(column: &str, told: Currency, own: Currency, cell: Span) -> Diagnostic {
    let message = format!("the column `{column}` holds money in {told}, and the program's currency is {own}");
    Diagnostic::new(Code::CurrencyMismatch, cell, message).label(format!("money in {told}")).help(format!(
        "one program has one currency: write each amount of the column in it, such as `50,000 {own}`, or `currency {told}` in the header; \
         `currency of plan` takes the currency that each account is opened with"
    ))
}

/// A column of amounts that are written as numbers.
pub(super) fn column_without_currency(name: &str, cell: Span, read: Span) -> Diagnostic {
    Diagnostic::new(Code::TypeMismatch, cell, format!("the column `{name}` holds numbers, and an amount of money has its currency"))
        .label("a number")
        .other(read, "read as money here")
}

/// `best / profit is at most 50%`: a quotient beside a percentage.
pub(super) fn quotient(span: Span, right: &str) -> Diagnostic {
    Diagnostic::new(Code::TypeMismatch, span, "a division gives a number, and a number is not compared with a percentage")
        .help(format!("write `{right}`: it needs no divisor that may be zero"))
}

pub(super) fn maybe_zero(words: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::MaybeZero, span, format!("`{words}` may be zero"))
        .label("divides by this")
        .help(format!("a share is better compared as a product, as in `profit is at most 40% of {words}`; a value divides only where there is something: `if {words} is above $0 then profit / {words} else 0`"))
}

pub(super) fn not_at_hand(record: &str, span: Span, where_it_is: &str) -> Diagnostic {
    Diagnostic::new(Code::NotAtHand, span, format!("which {record} is meant is not known here"))
        .label(format!("which {record}?"))
        .help(format!("the {record} can be read {where_it_is}"))
}

/// A circle of readings, each with its place.
pub(super) fn circle(steps: &[(String, Span)]) -> Diagnostic {
    let path: Vec<&str> = steps.iter().map(|(name, _)| name.as_str()).collect();
    let first = path.first().copied().unwrap_or("");
    let span = steps.first().map(|(_, span)| *span).unwrap_or_default();
    let (said, which) = if path.len() > 1 { ("depends on", "one of them") } else { ("is computed from", "it") };
    let mut diagnostic = Diagnostic::new(Code::Circle, span, format!("`{first}` {said} itself"))
        .label(if path.len() > 1 { "the circle begins here" } else { "" })
        .help(format!("compute {which} from something else, such as `size` or `balance`, or keep it as a `state` that rules set"));
    if path.len() > 1 {
        diagnostic = diagnostic.note(format!("the circle: {} -> {first}", path.join(" -> ")));
    }
    for (name, span) in &steps[1.min(steps.len())..] {
        diagnostic = diagnostic.other(*span, format!("`{name}`"));
    }
    diagnostic
}
