//! A word of the language that was chosen as a name is one mistake: what its uses lead to is not told again.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// Drops what follows from a name that is a word of the language: findings at the places where it is used.
pub(crate) fn told_once(text: &str, diagnostics: &mut Vec<Diagnostic>) {
    let place = |found: &Diagnostic| text.get(found.span.range()).unwrap_or_default();
    let reserved = diagnostics.iter().filter(|found| found.code == Code::ReservedWord);
    let mut names: BTreeMap<&str, Span> = BTreeMap::new();
    for found in reserved {
        names.entry(place(found)).or_insert(found.span);
    }
    // A head that is not understood may have lost its block with what does not fit.
    let wrong: Vec<Span> =
        diagnostics.iter().filter(|found| matches!(found.code, Code::Syntax | Code::NumberFormat)).map(|found| found.span).collect();
    diagnostics.retain(|found| found.code != Code::Brace || !wrong.iter().any(|wrong| found.span.holds(*wrong)));
    if names.is_empty() {
        return;
    }
    diagnostics.retain(|found| match found.code {
        Code::ReservedWord => names.get(place(found)) == Some(&found.span),
        _ => !beside(text, found.span).any(|word| names.contains_key(word)),
    });
}

/// The words of a place, and the one before and behind it on its line.
fn beside(text: &str, place: Span) -> impl Iterator<Item = &str> {
    let range = place.range();
    let line = text.get(..range.start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    let before = text.get(line..range.start).and_then(|before| words(before).next_back());
    let behind = text.get(range.end..).and_then(|behind| words(behind.lines().next().unwrap_or_default()).next());
    words(text.get(range).unwrap_or_default()).chain(before).chain(behind)
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).filter(|word| !word.is_empty())
}
