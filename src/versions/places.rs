//! Where things of two versions stand beside each other, as far as the new version says so itself.

use super::meaning::Meanings;
use super::phase_of;
use crate::code::kind_word;
use crate::ir::{Ir, Node, NodeId};
use crate::syntax::ast::{Carried, CarriedKind};

/// Two versions, and what the new one says of the old.
pub(super) struct Places<'a> {
    old: &'a Ir,
    new: &'a Ir,
    lines: &'a [Carried],
}

impl<'a> Places<'a> {
    pub(super) fn of(old: &'a Ir, new: &'a Ir) -> Self {
        let migration = new.migration_from(&old.header.version);
        Self { old, new, lines: migration.map_or(&[], |migration| &migration.lines) }
    }

    /// The meanings in the new version, its phases called as they were in the old.
    pub(super) fn after(&self) -> Meanings<'a> {
        Meanings::after(self.new, |phase| self.earlier(CarriedKind::Phase, phase).to_owned())
    }

    /// Whether two nodes are of one kind, and stand in phases that are one.
    pub(super) fn are_one(&self, one: NodeId, other: NodeId) -> bool {
        let (was, is) = (self.old.node(one), self.new.node(other));
        kind_word(&was.kind) == kind_word(&is.kind)
            && phase_of(self.old, was) == phase_of(self.new, is).map(|phase| self.earlier(CarriedKind::Phase, phase))
    }

    /// Whether the new version says of a node that it was another.
    pub(super) fn is_said(&self, one: NodeId, other: NodeId) -> bool {
        let was = self.line_of(other).and_then(|line| line.was.as_ref());
        was.is_some_and(|was| was.node == self.old.node(one).name)
    }

    /// The name that something of the new version had in the old.
    pub(super) fn earlier<'n>(&self, what: CarriedKind, name: &'n str) -> &'n str
    where
        'a: 'n,
    {
        let line = self.lines.iter().find(|line| line.what == what && line.name.node == name);
        line.and_then(|line| line.was.as_ref()).map_or(name, |was| was.node.as_str())
    }

    /// What the new version says becomes of one of its nodes.
    pub(super) fn line_of(&self, id: NodeId) -> Option<&'a Carried> {
        let node: &Node = self.new.node(id);
        let what = node.kind.carried()?;
        let phase = phase_of(self.new, node);
        self.lines.iter().find(|line| {
            line.what == what && line.name.node == node.name && line.phase.as_ref().is_none_or(|asked| Some(asked.node.as_str()) == phase)
        })
    }

    /// What the new version says becomes of something that is no node.
    pub(super) fn line(&self, what: CarriedKind, name: &str) -> Option<&'a Carried> {
        self.lines.iter().find(|line| line.what == what && line.name.node == name)
    }
}
