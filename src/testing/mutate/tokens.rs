//! The words, figures and signs of a file.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    Time,
    Title,
    Sign,
}

/// A word, figure, text or sign of a file.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) place: Range<usize>,
}

/// The words of a phrase.
pub(super) fn words(phrase: &str) -> Vec<&str> {
    tokens(phrase).into_iter().map(|token| &phrase[token.place]).collect()
}

/// Words, figures, titles and signs; comments and blanks are passed over.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let run = |fits: fn(char) -> bool| rest.find(|next| !fits(next)).unwrap_or(rest.len());
        let in_word: fn(char) -> bool = |next| next.is_ascii_alphanumeric() || next == '_';
        let (kind, length) = match first {
            '/' if rest.starts_with("//") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (None, rest.find("*/").map_or(rest.len(), |end| end + 2)),
            '"' => (Some(Kind::Title), rest[1..].find('"').map_or(rest.len(), |end| end + 2)),
            '0'..='9' => {
                let length = figure(rest);
                let unit = rest[length..].find(|next| !in_word(next)).unwrap_or(rest.len() - length);
                match &rest[length..length + unit] {
                    "" | "s" | "min" | "h" if rest[..length].contains(':') => (Some(Kind::Time), length),
                    "" | "s" | "min" | "h" => (Some(Kind::Number), length),
                    _ => (Some(Kind::Word), length + unit),
                }
            }
            _ if in_word(first) => (Some(Kind::Word), run(in_word)),
            _ if first.is_whitespace() => (None, run(char::is_whitespace)),
            _ => (Some(Kind::Sign), first.len_utf8()),
        };
        found.extend(kind.map(|kind| Token { kind, place: at..at + length }));
        at += length;
    }
    found
}

/// How far a figure reaches: `2,000`, `0.55`, `15:10`; a comma of a list ends it.
fn figure(text: &str) -> usize {
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end) || (text[end..].starts_with([',', '.', ':']) && digit(end + 1)) {
        end += 1;
    }
    end
}
