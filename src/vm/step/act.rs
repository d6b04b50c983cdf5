//! What fires: evidence and arguments are evaluated only here. An action whose argument faults is
//! not carried out and the fault is told; the others are.

use super::super::machine::{At, Fault, Machine, Outcome};
use super::super::view::{Act, Cursor, Effect, MISSING, View};
use crate::code::{CellOf, FloorCell};
use crate::compile::roots;
use crate::ir::{Action, ActionKind, Collection, DownTo, ExprId, FlattenTarget, Node, NodeId};
use crate::outcome::FaultKind;

impl<'a, V: View> Machine<'a, V> {
    /// Carries out one list of a node's actions.
    pub(super) fn act(&mut self, id: NodeId, node: &'a Node, at: At, list: usize, headroom_before: i64) {
        let lists = roots::lists_of(node);
        let mut ordinal: usize = lists.iter().take(list).map(|actions| actions.len()).sum();
        let Some(actions) = lists.get(list) else { return };
        for (place, action) in actions.iter().enumerate() {
            if let Err(fault) = self.act_one(id, node, at, (list, place, ordinal), action, headroom_before) {
                self.effects.push(Effect::Fault { node: id, expr: fault.expr, kind: fault.kind });
            }
            ordinal += 1;
        }
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
                return self.jump_floor(base, to, *by, *then);
            }
            ActionKind::Freeze(floor) => {
                let base = self.target(*floor)?;
                self.slots.values[base + FloorCell::Frozen.offset()] = 1;
                return Ok(());
            }
            ActionKind::Fail | ActionKind::CloseAccount => self.effects.end(),
            _ => {}
        }
        let arguments = self.arguments(&action.kind)?;
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

    fn arguments(&mut self, kind: &ActionKind) -> Outcome<Vec<i64>> {
        let shown = matches!(kind, ActionKind::Notify(..) | ActionKind::Review(_));
        if let ActionKind::Flatten { target: FlattenTarget::Where(condition), down_to, .. } = kind {
            let mut serials = self.positions_where(*condition)?;
            if let Some(DownTo::Quantity(quantity)) = down_to {
                serials.push(self.known(*quantity)?);
            }
            return Ok(serials);
        }
        let exprs = roots::of_action(kind);
        let values = exprs.into_iter().map(|expr| match self.value(expr) {
            // A message goes out whatever its values are.
            Err(_) if shown => Ok(MISSING),
            other => other,
        });
        values.collect()
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
                serials.push(i64::try_from(self.view.position_serial(index)).unwrap_or(i64::MAX));
            }
        }
        Ok(serials)
    }

    /// The values of a node's evidence; what cannot be computed is missing.
    pub(super) fn evidence(&mut self, node: &Node) -> Vec<i64> {
        node.evidence.iter().map(|(_, expr)| self.value(*expr).unwrap_or(MISSING)).collect()
    }

    /// Whether a condition of something that fires holds; a fault is told and holds it back.
    pub(super) fn decides(&mut self, id: NodeId, condition: Option<ExprId>) -> bool {
        match self.holds_if(condition) {
            Ok(holds) => holds,
            Err(Fault { kind, expr }) => {
                self.effects.push(Effect::Fault { node: id, expr, kind });
                false
            }
        }
    }
}
