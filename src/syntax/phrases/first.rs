//! First words that begin no statement: of other languages, of everyday speech, of conditions that stand alone.

use super::table::FIRST_WORDS;
use super::{Token, sentences, tokenize};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::words::is_reserved;
use crate::vocabulary::FUNCTIONS;

/// The message for a first word of another language or of everyday speech.
pub(in crate::syntax) fn first_word(text: &str, base: usize, block: &str) -> Option<Diagnostic> {
    let tokens = tokenize(text);
    let first = *tokens.first()?;
    let span = Span::new(base..base + first.text.len());
    if matches!(first.text, "+" | "-" | "*" | "/") {
        let found = Diagnostic::new(Code::Syntax, span, format!("a line cannot begin with `{}`", first.text));
        return Some(found.help("put a value of several lines in brackets `( )`"));
    }
    let read = unrequired(&tokens, base, block).or_else(|| chosen(text, &tokens, base, block)).or_else(|| time_first(text, base, block));
    let read = read.or_else(|| when_used(&tokens, base, block));
    if let Some(found) = read.or_else(|| sentences::find(text, &tokens, base, block)) {
        return Some(found);
    }
    let begins = |wrong: &str| {
        let same = |(word, token): (&str, &Token<'_>)| token.text.eq_ignore_ascii_case(word);
        let words = wrong.split(' ').count();
        (words <= tokens.len() && wrong.split(' ').zip(&tokens).all(same)).then_some(words)
    };
    let rows = FIRST_WORDS.iter().filter(|(_, blocks, _)| blocks.contains(&block));
    let (words, (wrong, _, right)) = rows.filter_map(|row| Some((begins(row.0)?, row))).max_by_key(|(words, _)| *words)?;
    let span = Span::new(base..base + tokens.get(words - 1)?.end());
    let missing = right.strip_suffix(wrong).map(str::trim_end).filter(|missing| !missing.is_empty());
    let message = if let Some(missing) = missing {
        format!("`{missing}` is missing before `{wrong}`")
    } else if FUNCTIONS.iter().any(|row| row.name == *wrong) || is_reserved(wrong) {
        format!("no line of a {block} begins with `{wrong}`")
    } else if words == 1 {
        format!("`{wrong}` is not a word of programs")
    } else {
        format!("programs do not say `{wrong}`")
    };
    let found = Diagnostic::new(Code::UnknownStatement, span, message);
    let help = format!("write `{right}`");
    // What an account is to suffer is for its author to say.
    Some(if block == "actions" { found.guess(span, *right, help) } else { found.fix(span, *right, help) })
}

/// `if … then …` as a rule on one line.
fn chosen(text: &str, tokens: &[Token<'_>], base: usize, block: &str) -> Option<Diagnostic> {
    let then = tokens.iter().find(|token| token.text == "then").filter(|_| tokens[0].text == "if")?;
    let (condition, done) = (text.get(2..then.start)?.trim(), text.get(then.end()..)?.trim());
    if !["program", "phase"].contains(&block) || done.is_empty() {
        return None;
    }
    let action = FIRST_WORDS.iter().find(|(wrong, blocks, _)| *wrong == done && blocks.contains(&"actions"));
    let right = format!("when {condition} {{ {} }}", action.map_or(done, |(_, _, right)| right));
    let span = Span::new(base..base + text.trim_end().len());
    let found = Diagnostic::new(Code::UnknownStatement, span, "a rule begins with `when`, and what is done stands in braces");
    Some(found.fix(span, right.clone(), format!("write `{right}`")))
}

/// `when 80% used { … }` in a limit.
fn when_used(tokens: &[Token<'_>], base: usize, block: &str) -> Option<Diagnostic> {
    let [first, number, percent, rest @ ..] = tokens else { return None };
    let of_share = block == "limit" && matches!(first.text, "when" | "on" | "if" | "after") && number.is_number() && percent.text == "%";
    if !of_share || !rest.iter().any(|token| token.text == "used") {
        return None;
    }
    let span = Span::new(base + first.start..base + first.end());
    let found = Diagnostic::new(Code::UnknownStatement, span, format!("a warning of a limit does not begin with `{}`", first.text));
    Some(found.fix(span, "at", format!("write `at {}% used`", number.text)))
}

/// `at 15:10 every day`: the days stand first.
fn time_first(text: &str, base: usize, block: &str) -> Option<Diagnostic> {
    let clock = text.strip_prefix("at ").filter(|_| ["program", "phase"].contains(&block))?;
    let time = clock.split_whitespace().next().filter(|time| time.starts_with(|c: char| c.is_ascii_digit()))?;
    let days = clock.trim_start().get(time.len()..)?.trim();
    let days = if days.is_empty() { "every day" } else { days };
    days.starts_with("every ").then(|| {
        let right = format!("{days} at {time}");
        let span = Span::new(base..base + text.trim_end().len());
        let found = Diagnostic::new(Code::UnknownStatement, span, "a rule of the clock begins with its days");
        found.fix(span, right.clone(), format!("write `{right}`"))
    })
}

/// A condition where only requirements stand.
fn unrequired(tokens: &[Token<'_>], base: usize, block: &str) -> Option<Diagnostic> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let compares = tokens.iter().any(|token| token.text == "is") && !["require", "requires", "needs", "must"].contains(&first.text);
    if !compares || !["goal", "payout", "pending"].contains(&block) {
        return None;
    }
    let span = Span::new(base + first.start..base + last.end());
    let found = Diagnostic::new(Code::UnknownStatement, span, "`require` and a title in quotes are missing before this condition");
    Some(found.help("write `require \"title\" …`: the title names it in answers"))
}
