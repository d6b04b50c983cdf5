//! Prints what is kept of an account, by the names that the module's page describes.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::ir::{NodeId, NodeKind, Per};
use crate::value::{Instant, Type, Value};
use crate::vocabulary::{AccountField, GroupField, PeriodField, Record, RecordField};

use super::account::{Account, Slot};
use super::days::NEVER;
use super::eval::{Cursor, Evaluated};
use super::market::Market;
use super::val::Val;

impl Account {
    /// Everything that is kept, by name.
    pub(super) fn state(&self, market: &Market) -> BTreeMap<String, Value> {
        let mut state = BTreeMap::new();
        self.account_values(market, &mut state);
        self.period_values(market, &mut state);
        self.position_values(market, &mut state);
        self.group_values(market, &mut state);
        for ((id, instance), slot) in &self.slots {
            self.node_values(*id, *instance, slot, &mut state);
        }
        for lock in &self.locks {
            let until = if lock.until == NEVER { Value::Missing } else { Value::Instant(Instant::from_nanos(lock.until)) };
            state.insert(format!("lock {} {} {}", lock.title, lock.by.1, lock.by.2), until);
        }
        state
    }

    fn print(&self, value: Evaluated, ty: &Type) -> Value {
        value.map_or_else(|_| Value::Text("faulted".into()), |value| value.show(ty, &self.ir, self.facts.currency))
    }

    fn account_values(&self, market: &Market, state: &mut BTreeMap<String, Value>) {
        let edge = Cell::new(NEVER);
        let eval = self.eval_at(market, Cursor::Event, &edge);
        for field in AccountField::ALL {
            let ty = field.row().ty.in_currency(self.facts.currency);
            state.insert(field.row().name.to_owned(), self.print(eval.account_field(*field), &ty));
        }
    }

    fn period_values(&self, market: &Market, state: &mut BTreeMap<String, Value>) {
        let pricing = self.pricing(market);
        for (period, row) in self.ir.all_periods() {
            for field in PeriodField::ALL {
                let (ty, name) = (field.row().ty.in_currency(self.facts.currency), field.row().name);
                let running = self.periods.running(period, *field, &self.ledger, pricing);
                let last = self.periods.last(period, *field, &self.ledger);
                state.insert(format!("{}.{name}", row.name), self.print(running, &ty));
                state.insert(format!("last {}.{name}", row.name), self.print(last, &ty));
            }
        }
    }

    fn position_values(&self, market: &Market, state: &mut BTreeMap<String, Value>) {
        let edge = Cell::new(NEVER);
        for position in &self.ledger.positions {
            let eval = self.eval_at(market, Cursor::Position(position.serial), &edge);
            for field in RecordField::ALL.iter().filter(|field| field.record() == Record::Position) {
                let ty = field.row().ty.in_currency(self.facts.currency);
                state.insert(format!("position {}.{}", position.serial, field.row().name), self.print(eval.record_field(*field), &ty));
            }
        }
    }

    fn group_values(&self, market: &Market, state: &mut BTreeMap<String, Value>) {
        let edge = Cell::new(NEVER);
        for (number, group) in (0..).zip(&self.ir.groups) {
            for serial in self.live_groups(number) {
                let eval = self.eval_at(market, Cursor::Group(number, serial), &edge);
                for field in GroupField::ALL {
                    let ty = field.row().ty.in_currency(self.facts.currency);
                    let name = format!("group {} {serial}.{}", group.name, field.row().name);
                    state.insert(name, self.print(eval.group_field(number, *field), &ty));
                }
            }
        }
    }

    fn node_values(&self, id: NodeId, instance: u64, slot: &Slot, state: &mut BTreeMap<String, Value>) {
        let node = self.ir.node(id);
        let phase = node.phase.map_or(String::new(), |phase| format!("{}: ", self.ir.phase(phase).name));
        let behind = if node.per == Per::Account { String::new() } else { format!(" [{instance}]") };
        let mut tell = |kind: &str, facet: &str, value: Value| {
            let value = if slot.fault.is_some() { Value::Text("faulted".into()) } else { value };
            state.insert(format!("{phase}{kind} {}{behind}{facet}", node.name), value);
        };
        let shown = |value: &Val, ty: &Type| value.show(ty, &self.ir, self.facts.currency);
        match &node.kind {
            NodeKind::Value(_) | NodeKind::Held(_) => tell("let", "", shown(&slot.value, &node.ty)),
            NodeKind::Tracker(_) => tell("track", "", shown(&slot.value, &node.ty)),
            NodeKind::State(_) => tell("state", "", shown(&slot.value, &node.ty)),
            NodeKind::Floor(floor) => {
                tell("floor", "", shown(&slot.value, &node.ty));
                let frozen = slot.memory.floor().and_then(|cell| cell.fold(floor.next_day).ok()).is_some_and(|floor| floor.frozen);
                tell("floor", ".frozen", Value::Bool(frozen));
            }
            NodeKind::Limit(limit) => {
                let Some(cell) = slot.memory.limit() else { return };
                let ty = match &limit.invariant {
                    crate::ir::Invariant::Stays { left, .. } => self.ir.expr(*left).ty.clone(),
                    crate::ir::Invariant::Never(_) => Type::Bool,
                };
                tell("limit", ".open", Value::Bool(cell.open));
                tell("limit", ".breaches", Value::Number(i32::try_from(cell.count).unwrap_or(i32::MAX).into()));
                tell("limit", ".headroom", shown(&cell.headroom, &ty));
            }
            NodeKind::Goal(_) => tell("goal", ".reached", Value::Bool(slot.memory.goal().is_some_and(|cell| cell.reached))),
            NodeKind::Baseline(_) | NodeKind::DayCopy(_) | NodeKind::EventCopy(_) | NodeKind::Rule(_) | NodeKind::Payout(_) => {}
        }
    }
}
