//! placeholder
use super::grammar::Rule;
use crate::diagnostic::Diagnostic;

pub(super) fn find(_text: &str, _base: usize, _at: usize, _rule: Rule, _block: &str, _expected: &[Rule]) -> Option<Diagnostic> {
    None
}

pub(super) fn first_word(_text: &str, _base: usize, _block: &str) -> Option<Diagnostic> {
    None
}
