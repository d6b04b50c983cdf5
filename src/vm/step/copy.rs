//! Plain values of instances, states, and what a value was: since an event, before today, before this event.

use super::super::machine::{At, Machine, Outcome, difference};
use super::super::view::{MISSING, View};
use crate::code::{BaselineCell, CellOf, HeaderCell, NodeCell};
use crate::ir::{Baseline, ExprId, Node, NodeKind, Per};
use crate::vocabulary::{Moment, Occasion};

impl<V: View> Machine<'_, V> {
    pub(super) fn plain_value(&mut self, node: &Node, at: At, value: ExprId) -> Outcome<()> {
        let value = self.value(value)?;
        self.show(at, value);
        self.set_due(at.base, self.own_edge(node));
        Ok(())
    }

    pub(super) fn state(&mut self, node: &Node, at: At, first: ExprId) -> Outcome<()> {
        if self.entering_for_good(node, at) {
            let value = self.value(first)?;
            self.show(at, value);
        }
        Ok(())
    }

    pub(super) fn baseline(&mut self, node: &Node, at: At, baseline: &Baseline) -> Outcome<()> {
        let value = self.value(baseline.value)?;
        if at.begins {
            self.set(at, BaselineCell::Base, value);
            self.set(at, BaselineCell::Waits, 0);
        }
        let resets = self.occurs(baseline.reset);
        if resets {
            self.set(at, BaselineCell::Base, value);
            // Entering is the start of the count itself, not an event inside a running day.
            let waits = baseline.by_day && !self.entering(at);
            self.set(at, BaselineCell::Waits, i64::from(waits));
        }
        if self.get(at, BaselineCell::Waits) != 0 {
            self.set(at, BaselineCell::Base, value);
            if self.occasion(Occasion::DayStart) {
                self.set(at, BaselineCell::Waits, 0);
            }
        }
        let base = self.get(at, BaselineCell::Base);
        let growth = if value == MISSING || base == MISSING { MISSING } else { difference(value, base)? };
        self.show(at, growth);
        self.set_due(at.base, self.own_edge(node));
        Ok(())
    }

    pub(super) fn day_copy(&mut self, at: At, value: ExprId) -> Outcome<()> {
        let entering = self.entering(at);
        if entering || self.occasion(Occasion::DayStart) {
            let value = if entering && self.program.ir.reads_node(value) { MISSING } else { self.value(value)? };
            self.show(at, value);
        }
        Ok(())
    }

    /// The value that a copy takes when its phase is entered, missing where it reads what is only
    /// entered after it; afterwards it takes it at the end of outcomes.
    pub(super) fn event_copy(&mut self, at: At, value: ExprId) -> Outcome<()> {
        let unentered = self.moment == Moment::Enter && self.program.ir.reads_node(value);
        let value = if unentered { MISSING } else { self.value(value)? };
        self.show(at, value);
        Ok(())
    }

    /// Ends an outcome: every copy in force takes its value.
    pub(in super::super) fn finish(&mut self) {
        let program = self.program;
        for (id, node) in program.ir.nodes() {
            if matches!(node.kind, NodeKind::EventCopy(_)) && program.in_force(id, self.phase) {
                self.step(id);
            }
        }
    }

    /// Nodes in force that have not begun do so, each after those it reads. Plain values are computed again: what they read may
    /// have begun.
    pub(in super::super) fn begin(&mut self) {
        let program = self.program;
        for (id, node) in program.ir.nodes().filter(|(_, node)| node.per == Per::Account) {
            let has_begun = self.slots.values[self.place(id).base + NodeCell::Begun.offset()] != 0;
            if (!has_begun || matches!(node.kind, NodeKind::Value(_))) && program.in_force(id, self.phase) {
                self.step(id);
            }
        }
        self.finish_dues();
    }

    /// Sets a state, at once.
    pub(super) fn set_state(&mut self, base: usize, value: i64) {
        self.change(base + NodeCell::Value.offset(), value);
        let fault = base + NodeCell::Fault.offset();
        if self.slots.values[fault] != 0 {
            self.change(fault, 0);
            let faults = HeaderCell::Faults as usize;
            self.change(faults, self.slots.values[faults] - 1);
        }
    }
}
