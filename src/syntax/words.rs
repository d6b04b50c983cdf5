//! The words of the language.

use crate::vocabulary::RecordField;

/// Words that are never names. The rule `keyword` of the grammar lists the same.
pub const KEYWORDS: &[&str] = &[
    "above", "after", "and", "any", "as", "at", "before", "below", "by", "closed", "closes", "down", "each", "else", "every", "for",
    "from", "if", "in", "is", "itself", "joins", "known", "last", "least", "missing", "most", "never", "next", "none", "not", "no", "of",
    "on", "open", "or", "over", "per", "since", "stays", "sticky", "takes", "then", "to", "traded", "until", "up", "when", "where",
    "while", "within", "with", "working", "yes",
];

/// The built-in records: they are read, and no name may be declared like them.
pub const RECORDS: &[&str] = &[
    "account", "cycle", "day", "fill", "month", "news", "order", "payout", "phase", "plan", "position", "session", "symbol", "trade",
    "week",
];

/// The weekdays.
pub const WEEKDAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A line that begins with one of these continues the line before it.
pub const CONTINUATIONS: &[&str] =
    &["and", "or", "then", "else", "where", "since", "from", "over", "in", "takes", "sticky", "up", "down", "joins", "closes", "with"];

/// Whether a word cannot be the name of something that a program declares.
pub fn is_reserved(word: &str) -> bool {
    [KEYWORDS, RECORDS, WEEKDAYS].iter().any(|list| list.contains(&word))
}

/// Whether words differ in letters that stand in each other's place, and in more of them than a slip of the pen
/// makes: `side` and `size`, `while` and `which`.
pub(crate) fn is_another_word(word: &str, other: &str) -> bool {
    let (word, other) = (word.to_lowercase(), other.to_lowercase());
    let replaced = strsim::hamming(&word, &other).unwrap_or(0);
    let is_a_field = RecordField::ALL.iter().any(|field| field.row().name == word);
    let slips = if word.len() < 3 || is_a_field { 0 } else { (word.len() / 5).max(1) };
    replaced > slips && replaced == strsim::damerau_levenshtein(&word, &other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: &str = include_str!("../../grammar/ringfence.pest");

    /// The quoted words of a rule of the grammar, in order.
    fn words_of(rule: &str) -> Vec<&'static str> {
        let start = GRAMMAR.find(&format!("\n{rule} ")).unwrap();
        let body = &GRAMMAR[start..];
        let body = &body[..body.find("~ !idc").unwrap()];
        body.split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn lists_equal_the_grammar() {
        assert_eq!(words_of("keyword"), KEYWORDS);
        assert_eq!(words_of("record "), RECORDS);
        assert_eq!(words_of("weekday"), WEEKDAYS);
    }

    #[test]
    fn no_continuation_word_can_be_declared() {
        for word in CONTINUATIONS {
            assert!(is_reserved(word), "{word}");
        }
    }
}
