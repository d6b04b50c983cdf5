//! What fires: evidence and arguments are evaluated only here. An argument that faults is a fault of
//! the node, and nothing of what it fired in this evaluation stands.

use super::super::machine::{At, Machine, Outcome};
use super::super::view::{Act, Cursor, Effect, MISSING, View};
use crate::code::{CellOf, FloorCell};
use crate::compile::roots;
use crate::ir::{Action, ActionKind, Collection, ExprId, FlattenTarget, Node, NodeId, Per};
use crate::outcome::FaultKind;

impl<'a, V: View> Machine<'a, V> {
    /// Carries out one list of a node's actions.
    pub(super) fn act(&mut self, id: NodeId, node: &'a Node, at: At, list: usize, headroom_before: i64) -> Outcome<()> {
        let lists = roots::lists_of(node);
        let before: usize = lists.iter().take(list).map(|actions| actions.len()).sum();
        for (place, action) in lists.get(list).copied().unwrap_or_default().iter().enumerate() {
            self.act_one(id, node, at, (list, place, before + place), action, headroom_before)?;
        }
        Ok(())
    }

    fn act_one(
        &mut self,
        id: NodeId,
        node: &'a Node,
        at: At,
        (list, place, ordinal): (usize, usize, usize),
        action: &Action,
        headroom_before: i64,
    ) -> Outcome<()> {
        match &action.kind {
            ActionKind::Set(state, value) => {
                let value = self.value(*value)?;
                let base = self.target(*state)?;
                self.set_state(base, value);
                return Ok(());
            }
            ActionKind::Jump { floor, to, by, then } => {
                let to = self.known(*to)?;
                let base = self.target(*floor)?;
                self.jump_other(base, to, *by, *then)?;
                self.disturb_readers(*floor);
                return Ok(());
            }
            ActionKind::Freeze(floor) => {
                let base = self.target(*floor)?;
                self.change(base + FloorCell::Frozen.offset(), 1);
                return Ok(());
            }
            ActionKind::Fail | ActionKind::CloseAccount => self.effects.end(),
            _ => {}
        }
        let Some(arguments) = self.arguments(&action.kind)? else { return Ok(()) };
        let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        let act = Act {
            node: id,
            list: short(list),
            place: short(place),
            instance: at.instance,
            ordinal: u32::try_from(ordinal).unwrap_or(u32::MAX),
            arguments,
            evidence: self.evidence(node),
            headroom_before,
            extreme: self.extreme(id),
        };
        self.effects.push(Effect::Act(Box::new(act)));
        Ok(())
    }

    /// The instance of a state or floor that an action changes.
    fn target(&self, node: NodeId) -> Outcome<usize> {
        self.instance(node)?.ok_or(FaultKind::Missing.into())
    }

    /// The arguments of an action; nothing where there is nothing to flatten.
    fn arguments(&mut self, kind: &ActionKind) -> Outcome<Option<Vec<i64>>> {
        if let ActionKind::Flatten { target: target @ (FlattenTarget::Where(_) | FlattenTarget::Group(_)), down_to, .. } = kind {
            let mut serials = self.serials(*target)?;
            if serials.is_empty() {
                return Ok(None);
            }
            if let Some(quantity) = down_to {
                serials.push(self.known(*quantity)?);
            }
            return Ok(Some(serials));
        }
        let values = roots::of_action(kind).into_iter().map(|expr| self.value(expr));
        values.collect::<Outcome<Vec<i64>>>().map(Some)
    }

    fn serials(&mut self, target: FlattenTarget) -> Outcome<Vec<i64>> {
        match target {
            FlattenTarget::Where(condition) => self.positions_where(condition),
            FlattenTarget::Group(group) => {
                let members = self.view.members(group, self.cursor);
                Ok(members.into_iter().map(|serial| i64::try_from(serial).unwrap_or(i64::MAX)).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The serials of the open positions for which a condition holds.
    fn positions_where(&mut self, condition: ExprId) -> Outcome<Vec<i64>> {
        let cursor = self.cursor;
        let mut serials = Vec::new();
        for index in 0..self.view.len(Collection::OpenPositions) {
            self.cursor = Cursor::Position(index);
            let holds = self.holds(condition);
            self.cursor = cursor;
            if holds? {
                let serial = self.view.instance(Per::Position, index).map_or(0, |found| found.serial);
                serials.push(i64::try_from(serial).unwrap_or(i64::MAX));
            }
        }
        Ok(serials)
    }

    /// The values of a node's evidence, then those of its figures; what cannot be computed is missing.
    pub(super) fn evidence(&mut self, node: &Node) -> Vec<i64> {
        let shown = node.evidence.iter().map(|(_, expr)| expr).chain(&node.figures);
        shown.map(|expr| self.value(*expr).unwrap_or(MISSING)).collect()
    }
}
