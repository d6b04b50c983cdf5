//! Messages for statements that do not parse, in the words of account programs. Nothing the parser
//! generator says is shown: its set of expected rules is put into words, after the table of
//! likely slips has been asked.

use std::collections::BTreeSet;

use pest::error::Error;

use super::ast::CarriedFate;
use super::grammar::Rule;
use super::phrases;
use super::skeleton::first_word;
use super::words::{KEYWORDS, is_another_word, is_reserved};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The most words that a message lists as expected.
const MAX_EXPECTED: usize = 6;

/// What an aggregate begins with.
const AGGREGATES: &[&str] = &["highest", "lowest", "sum", "count", "average", "latest", "streak", "ever"];

/// What is wrong with a statement's text, which begins at `base`.
pub(super) fn explain(text: &str, base: usize, rule: Rule, block: &str, error: &Error<Rule>) -> Diagnostic {
    if let Some(found) = phrases::find(text, base, rule, block, error) {
        return found;
    }
    let (at, expected) = (phrases::stops_at(text, error), phrases::expected(error));
    reserved_name(text, base, at, expected).unwrap_or_else(|| unexpected(text, base, at, block, expected))
}

/// A word of the language where a name is declared.
fn reserved_name(text: &str, base: usize, at: usize, expected: &[Rule]) -> Option<Diagnostic> {
    let word = first_word(&text[at..]);
    let declares = expected.contains(&Rule::ident) && !expected.contains(&Rule::operand);
    (declares && is_reserved(word)).then(|| {
        let span = Span::new(base + at..base + at + word.len());
        let found = Diagnostic::new(Code::ReservedWord, span, format!("`{word}` is a word of the language, not a name"));
        found.help(format!("choose another name, such as `{word}_1` or `my_{word}`"))
    })
}

fn unexpected(text: &str, base: usize, at: usize, block: &str, expected: &[Rule]) -> Diagnostic {
    let statement = first_word(text);
    let words = in_words(expected);
    let list = or_list(&words);
    if at >= text.len() {
        let span = Span::new(base + last_word(text)..base + text.len());
        let found = Diagnostic::new(Code::Syntax, span, format!("`{statement}` ends too early"));
        return if words.is_empty() { found } else { found.label("something is missing after this").help(format!("go on with {list}")) };
    }
    let word = found_at(text, at);
    let span = Span::new(base + at..base + at + word.len());
    let found = Diagnostic::new(Code::Syntax, span, format!("`{word}` does not fit here"));
    let near = first_word(&text[at..]);
    let mut candidates: Vec<&str> = words.iter().filter_map(|word| word.strip_prefix('`')?.strip_suffix('`')).collect();
    if expected.iter().any(|rule| matches!(rule, Rule::aggregate | Rule::aggregate_function)) {
        candidates.extend(AGGREGATES);
    }
    // A word of the language in the wrong place is no slip of the pen.
    if let Some(near) = nearest(near, &candidates).filter(|right| !KEYWORDS.contains(&near) || right.eq_ignore_ascii_case(near)) {
        return found.fix(span, near, format!("write `{near}`"));
    }
    if let Some(how) = phrases::asks_for(text).filter(|_| ["goal", "limit", "payout"].contains(&block)) {
        let message = format!("`{}` is a sentence of a rulebook, and no line of a {block}", text.trim());
        let span = Span::new(base..base + text.trim_end().len());
        return Diagnostic { message, span, ..found }.help(how);
    }
    match misspelt_before(text, at) {
        Some((wrong, right)) => found.help(format!("did you mean `{right}` by `{wrong}`?")),
        None if words.is_empty() => found,
        None => found.help(format!("expected {list}")),
    }
}

/// A word right before the error that was read as a name and is nearly a word of the language.
fn misspelt_before(text: &str, at: usize) -> Option<(&str, String)> {
    let before = text[..at].trim_end();
    let rest = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let word = &before[rest.len()..];
    // Words that begin a line of `migrate` are no rules of their own.
    if CarriedFate::of(word).is_some() {
        return None;
    }
    let known: Vec<String> =
        Rule::all_rules().iter().filter_map(|rule| format!("{rule:?}").strip_prefix("w_").map(str::to_owned)).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let right = nearest(word, &known).filter(|right| *right != word && word.len() > 3)?;
    Some((word, right.to_owned()))
}

/// What stands at the place of an error: a word, a number, a text or a sign.
fn found_at(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    let end = match rest.chars().next() {
        Some('"') => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
        Some(c) if c.is_ascii_alphanumeric() || c == '_' => {
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.')).unwrap_or(rest.len())
        }
        first => first.map_or(0, char::len_utf8),
    };
    rest[..end].trim_end_matches('.')
}

fn last_word(text: &str) -> usize {
    text.trim_end().trim_end_matches(|c: char| !c.is_whitespace()).len()
}

/// The expected rules as people would say them, words first.
fn in_words(expected: &[Rule]) -> Vec<String> {
    let mut words = BTreeSet::new();
    let mut others = BTreeSet::new();
    let after_value = expected.iter().any(|rule| matches!(rule, Rule::infix | Rule::plain_infix));
    for rule in expected.iter().filter(|rule| !(after_value && **rule == Rule::w_after)) {
        let name = format!("{rule:?}");
        match name.strip_prefix("w_") {
            Some(word) => drop(words.insert(format!("`{word}`"))),
            None => others.extend(describe(*rule)),
        }
    }
    words.into_iter().chain(others.into_iter().map(str::to_owned)).take(MAX_EXPECTED).collect()
}

/// Some words for a rule; none for what can nearly always follow, such as operators.
fn describe(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::EOI => "the end of the line",
        Rule::ident => "a name",
        Rule::name | Rule::word | Rule::choice | Rule::field => "a word",
        Rule::text => "a text in quotes",
        Rule::migrate_kind => "`limit`, `goal`, `floor`, `tracker`, `state`, `let`, `period`, `group`, `phase` or `column`",
        Rule::migrate_name => "a name, or a title in quotes",
        Rule::number | Rule::signed | Rule::integer | Rule::digits => "a number",
        Rule::date => "a date such as `2026-03-02`",
        Rule::time => "a time such as `15:10`",
        Rule::currency => "a currency such as `USD`",
        Rule::weekday => "a weekday such as `mon`",
        Rule::duration => "`ms`, `s`, `min` or `h`",
        Rule::percent => "`%`",
        Rule::symbol => "a symbol",
        Rule::plan_key => "a plan",
        Rule::moment => "`request`, `approval`, `payment` or `denial`",
        Rule::event | Rule::event_words | Rule::event_word => "an event such as `trade` or `last payout`",
        Rule::clock | Rule::clock_words => "a clock such as `day end`",
        Rule::type_name => "what it holds, such as `bool`, `money` or `one of (a, b)`",
        Rule::expr | Rule::plain | Rule::operand | Rule::gain | Rule::ex_condition => "a value",
        Rule::bound => "a length or amount such as `30 days`",
        Rule::aggregate | Rule::aggregate_function => "what is kept, such as `highest balance at day end`",
        Rule::when_clause => "`when`",
        Rule::where_clause => "`where`",
        Rule::while_clause => "`while`",
        Rule::cites_clause => "`cites`",
        Rule::at_clock => "`at`",
        Rule::for_each => "`for each`",
        Rule::once_per => "`once per`",
        Rule::counted_per => "`counted per`",
        Rule::jump => "`jumps to`",
        Rule::lasting => "`for`",
        Rule::stays_bound => "`above`, `at or above`, `below` or `at or below`",
        Rule::flatten_to => "`down to`",
        Rule::default | Rule::equals => "`=`",
        Rule::colon => "`:` and what it holds, such as `bool` or `money`",
        Rule::close => "`)`",
        Rule::named_arguments => "`(`",
        Rule::tails | Rule::tail => "`takes effect`",
        Rule::at_price => "`@`",
        Rule::as_name => "`as`",
        Rule::settles => "`settles`",
        _ => return None,
    })
}

fn or_list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A first word that begins no statement of this block.
pub(super) fn unknown_word(text: &str, base: usize, block: &str, words: &[&str]) -> Diagnostic {
    let word = found_at(text, 0);
    let span = Span::new(base..base + word.len());
    let place = match block {
        "file" => "a file".to_owned(),
        "actions" => "a list of actions".to_owned(),
        block => format!("a {block}"),
    };
    let list = format!("{place} has {}", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "));
    if let Some(found) = phrases::first_word(text, base, block) {
        return found.otherwise(list);
    }
    let message =
        if block == "actions" { format!("`{word}` is not an action") } else { format!("`{word}` begins no statement of {place}") };
    let found = Diagnostic::new(Code::UnknownStatement, span, message);
    match nearest(word, words) {
        Some(near) => found.fix(span, near, format!("did you mean `{near}`?")).otherwise(list),
        None => found.help(list),
    }
}

/// The word that was probably meant.
pub(super) fn nearest<'w>(word: &str, words: &[&'w str]) -> Option<&'w str> {
    if let Some(same) = words.iter().find(|candidate| candidate.eq_ignore_ascii_case(word)) {
        return Some(same);
    }
    if word.len() < 3 {
        return None;
    }
    let distance = |candidate: &str| strsim::damerau_levenshtein(&word.to_lowercase(), candidate);
    let near = words.iter().map(|candidate| (distance(candidate), *candidate)).min()?;
    let allowed = if word.len() <= 4 { 1 } else { 2 };
    (near.0 <= allowed && near.0 < near.1.len() && !is_another_word(word, near.1)).then_some(near.1)
}
