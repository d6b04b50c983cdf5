//! What the parts of a line are, for colours.

use std::ops::Range;

use super::commands;
use crate::syntax::begins_step;

/// What a part of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// The words of a command, or the first of a step.
    Command,
    /// A text in quotes.
    Text,
    /// A number or an amount.
    Number,
    /// A comment.
    Comment,
}

/// The parts of a line that are shown otherwise than the rest, in order.
pub fn paint(line: &str) -> Vec<(Range<usize>, Paint)> {
    let mut parts = Vec::new();
    let mut at = command_end(line);
    if at > 0 {
        parts.push((0..at, Paint::Command));
    }
    while let Some(letter) = line.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = &line[at..];
        let (length, paint) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), Some(Paint::Comment))
        } else if letter == '"' {
            (rest[1..].find('"').map_or(rest.len(), |end| end + 2), Some(Paint::Text))
        } else if letter.is_ascii_digit() || matches!(letter, '$' | '€' | '£' | '¥') {
            let first = letter.len_utf8();
            let end = rest[first..].find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, ',' | '.' | ':' | '%' | '-'));
            (end.map_or(rest.len(), |end| end + first), Some(Paint::Number))
        } else if letter.is_alphanumeric() || letter == '_' {
            (rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len()), None)
        } else {
            (letter.len_utf8(), None)
        };
        parts.extend(paint.map(|paint| (at..at + length, paint)));
        at += length;
    }
    parts
}

fn command_end(line: &str) -> usize {
    if let Some((_, rest)) = commands::read(line) {
        return line.trim_end().len() - rest.len();
    }
    if begins_step(line) { line.find(char::is_whitespace).unwrap_or(line.len()) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_texts_and_numbers_are_told_apart() {
        let told = |line: &str| -> Vec<(String, Paint)> {
            paint(line).into_iter().map(|(range, paint)| (line[range].to_owned(), paint)).collect()
        };
        assert_eq!(told("max order ES"), [("max order ".into(), Paint::Command)]);
        assert_eq!(
            told("trade -$1,000 // x"),
            [("trade".into(), Paint::Command), ("$1,000".into(), Paint::Number), ("// x".into(), Paint::Comment)]
        );
        assert_eq!(told("\"a b\" is plan_50"), [("\"a b\"".into(), Paint::Text)]);
    }
}
