//! Reading a text again of which little was changed: statements that stand as they stood are not read anew.

use std::collections::BTreeMap;

use super::{Parsed, Parser, read_program, with_parser};
use crate::source::Source;
use crate::syntax::ast::{Item, ItemKind};
use crate::syntax::skeleton::Statement;

/// A text with what was read of it.
#[derive(Clone, Debug)]
pub struct Known {
    source: Source,
    /// The items by where they begin, those inside others too.
    items: BTreeMap<u32, Item>,
}

impl Known {
    /// What was read of a text; nothing is known of one with findings.
    pub fn new(source: &Source, parsed: &Parsed) -> Self {
        let mut items = BTreeMap::new();
        if parsed.diagnostics.is_empty() {
            keep(&parsed.program.items, &mut items);
            keep(&parsed.program.library, &mut items);
        }
        Self { source: source.clone(), items }
    }

    /// The same as [`super::parse`] of a text of which most stands where it stood.
    pub fn parse(&self, source: &Source) -> Parsed {
        if source.text().len() > Source::MAX_BYTES {
            return super::parse(source);
        }
        let (program, comments, diagnostics) = with_parser(source, Some(self), read_program);
        Parsed { program, comments, diagnostics }
    }
}

fn keep(items: &[Item], known: &mut BTreeMap<u32, Item>) {
    for item in items {
        known.insert(item.span.start, item.clone());
        match &item.kind {
            ItemKind::Phase(phase) => keep(&phase.items, known),
            ItemKind::Template(template) => keep(&template.items, known),
            _ => {}
        }
    }
}

impl Parser<'_> {
    /// The item of a statement that stands as it stood.
    pub(super) fn known_item(&self, statement: &Statement) -> Option<Item> {
        let known = self.known?;
        let now = self.broken_item(statement);
        let item = known.items.get(&now.span.start)?;
        // The rows of a table are statements of their own.
        let is_table = matches!(item.kind, ItemKind::Table(_));
        let ends = item.span.end == now.span.end || (is_table && item.span.end > now.span.end);
        let same = known.source.text().get(item.span.range()) == self.source.get(item.span.range());
        (ends && same && !self.has_spot(item.span)).then(|| Item { doc: now.doc, ..item.clone() })
    }
}
