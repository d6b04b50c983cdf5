//! The parser that is made from the grammar.

/// Parses one statement by the rule that its first word and its block name.
#[derive(pest_derive::Parser)]
#[grammar = "grammar/ringfence.pest"]
pub(super) struct Grammar;

/// A parsed rule.
pub(super) type Pair<'i> = pest::iterators::Pair<'i, Rule>;

/// The first child that was parsed by a rule.
pub(super) fn child<'i>(pair: &Pair<'i>, rule: Rule) -> Option<Pair<'i>> {
    pair.clone().into_inner().find(|inner| inner.as_rule() == rule)
}

/// The children that were parsed by a rule.
pub(super) fn children<'i>(pair: &Pair<'i>, rule: Rule) -> impl Iterator<Item = Pair<'i>> {
    pair.clone().into_inner().filter(move |inner| inner.as_rule() == rule)
}

/// Whether a child was parsed by a rule.
pub(super) fn has(pair: &Pair<'_>, rule: Rule) -> bool {
    child(pair, rule).is_some()
}
