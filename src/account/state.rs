//! Prints what is kept of an account, by name, for reports and for comparison with the reference.

use std::collections::BTreeMap;

use super::Account;
use super::groups::Live;
use super::hand::Hand;
use super::locks::LockedBy;
use super::resolve::{left_type, name};
use super::values;
use crate::code::{CellOf, FloorCell, GoalCell, LimitCell, NodeCell};
use crate::ir::{NodeId, NodeKind, Per};
use crate::market::Market;
use crate::value::{Instant, Type, Value};
use crate::vm::view::{Cursor, MISSING, NEVER, View};
use crate::vocabulary::{AccountField, GroupField, PeriodField, Record, RecordField};

impl Account {
    /// Everything that is kept, by name:
    ///
    /// | name | value |
    /// | --- | --- |
    /// | `phase`, `balance`, … | each value of the account, by its name in programs |
    /// | `day.start_balance`, `last week.profit`, … | each value of each period and of the one before |
    /// | `position 3.symbol`, `.side`, … | each value of an open position, by its serial |
    /// | `group NAME 2.profit`, … | each value of a live instance of a group, by its serial |
    /// | `let NAME`, `track NAME`, `state NAME`, `floor NAME` | the value |
    /// | `floor NAME.frozen` | whether it trails no more |
    /// | `limit TITLE.open`, `.breaches`, `.headroom` | what is kept of a limit |
    /// | `goal TITLE.reached` | whether it is reached |
    /// | `lock TITLE LIST PLACE` | when the lock ends; missing until staff lift it |
    ///
    /// Nodes of a phase have `PHASE: ` before the name, nodes `for each` position or symbol ` [N]`
    /// behind it. A node that is faulted is the text `faulted`.
    pub fn state(&self, market: &Market) -> BTreeMap<String, Value> {
        let mut state = BTreeMap::new();
        self.print_values(market, &mut state);
        self.print_groups(market, &mut state);
        for (id, _) in self.program.ir.nodes() {
            self.print_node(id, &mut state);
        }
        for lock in self.locks() {
            let (title, list, place) = match lock.by {
                LockedBy::Rule(node, list, place) => (name(&self.program.ir, NodeId(node)), list, place),
                LockedBy::Staff => ("staff".into(), 0, 0),
            };
            let until = if lock.until == NEVER { Value::Missing } else { Value::Instant(Instant::from_nanos(lock.until)) };
            state.insert(format!("lock {title} {list} {place}"), until);
        }
        state
    }

    fn print_values(&self, market: &Market, state: &mut BTreeMap<String, Value>) {
        let hand = Hand::default();
        let picture = self.picture(market, &hand);
        let currency = self.books.currency();
        for field in AccountField::ALL {
            let row = field.row();
            state.insert(row.name.to_owned(), self.shown(&row.ty.in_currency(currency), picture.account(*field)));
        }
        for (period, row) in self.program.ir.all_periods() {
            for field in PeriodField::ALL {
                let (ty, name) = (field.row().ty.in_currency(currency), field.row().name);
                state.insert(format!("{}.{name}", row.name), self.shown(&ty, picture.period(period, *field)));
                state.insert(format!("last {}.{name}", row.name), self.shown(&ty, picture.last_period(period, *field)));
            }
        }
        for (at, position) in self.books.ledger.positions().iter().enumerate() {
            for field in RecordField::ALL.iter().filter(|field| field.record() == Record::Position) {
                let (ty, name) = (field.row().ty.in_currency(currency), field.row().name);
                let value = self.shown(&ty, picture.record(*field, Cursor::Position(at)));
                state.insert(format!("position {}.{name}", position.serial), value);
            }
        }
    }

    fn print_groups(&self, market: &Market, state: &mut BTreeMap<String, Value>) {
        let hand = Hand::default();
        let picture = self.picture(market, &hand);
        let currency = self.books.currency();
        for (number, group) in (0..).zip(&self.program.ir.groups) {
            for (at, live) in self.books.groups.live(number).iter().enumerate() {
                for field in GroupField::ALL {
                    let value = picture.group(number, *field, Cursor::Group(number, at));
                    let name = format!("group {} {}.{}", group.name, live.instance().serial, field.row().name);
                    state.insert(name, self.shown(&field.row().ty.in_currency(currency), value));
                }
            }
        }
    }

    /// A raw value of a type, as it leaves the engine.
    pub(super) fn shown(&self, ty: &Type, raw: i64) -> Value {
        values::value(&self.program.ir, &self.books, ty, raw)
    }

    fn print_node(&self, id: NodeId, state: &mut BTreeMap<String, Value>) {
        let node = self.program.ir.node(id);
        let phase = node.phase.map_or(String::new(), |phase| format!("{}: ", self.program.ir.phase(phase).name));
        if node.phase.is_some_and(|phase| !self.books.has_entered(phase)) {
            return;
        }
        let place = self.program.layout.place(id);
        for number in 0..place.count {
            let base = place.base + number * place.stride;
            let Some(behind) = self.instance_name(node.per, base, number) else { continue };
            let faulted = self.cell(base, NodeCell::Fault) != 0;
            let mut tell = |kind: &str, facet: &str, ty: &Type, raw: i64| {
                let value = if faulted { Value::Text("faulted".into()) } else { self.shown(ty, raw) };
                state.insert(format!("{phase}{kind} {}{behind}{facet}", node.name), value);
            };
            let value = self.cell(base, NodeCell::Value);
            match &node.kind {
                NodeKind::Value(_) | NodeKind::Held(_) => tell("let", "", &node.ty, value),
                NodeKind::Tracker(_) => tell("track", "", &node.ty, value),
                NodeKind::State(_) => tell("state", "", &node.ty, value),
                NodeKind::Floor(_) => {
                    tell("floor", "", &node.ty, value);
                    tell("floor", ".frozen", &Type::Bool, self.cell(base, FloorCell::Frozen));
                }
                NodeKind::Limit(_) => {
                    tell("limit", ".open", &Type::Bool, self.cell(base, LimitCell::Open));
                    tell("limit", ".breaches", &Type::Count, self.cell(base, LimitCell::Count));
                    tell("limit", ".headroom", &left_type(&self.program.ir, node), value);
                }
                NodeKind::Goal(_) => tell("goal", ".reached", &Type::Bool, self.cell(base, GoalCell::Reached)),
                NodeKind::Baseline(_) | NodeKind::DayCopy(_) | NodeKind::EventCopy(_) | NodeKind::Rule(_) | NodeKind::Payout(_) => {}
            }
        }
    }

    /// What stands behind the name of a node's instance; none for instances that have not begun.
    fn instance_name(&self, per: Per, base: usize, number: usize) -> Option<String> {
        let begun = self.cell(base, NodeCell::Begun);
        match per {
            Per::Order => None,
            Per::Account => Some(String::new()),
            Per::Position | Per::Group(_) if begun == 0 => {
                // Faulted from the first: it has no number of its own yet.
                let faulted = self.cell(base, NodeCell::Fault) != 0;
                self.serial_at(per, number).filter(|_| faulted).map(|serial| format!(" [{serial}]"))
            }
            _ if begun == 0 => None,
            Per::Position | Per::Group(_) => Some(format!(" [{begun}]")),
            Per::Symbol => Some(format!(" [{}]", number + 1)),
        }
    }

    /// The serial of the open position, or live instance of a group, that has a place.
    fn serial_at(&self, per: Per, place: usize) -> Option<u64> {
        match per {
            Per::Group(group) => {
                let mut live = self.books.groups.live(group).iter().map(Live::instance);
                live.find(|live| live.place == place).map(|live| live.serial)
            }
            _ => self.books.ledger.positions().iter().find(|open| open.place == place).map(|open| open.serial),
        }
    }

    /// A cell of a node.
    pub(super) fn cell(&self, base: usize, cell: impl CellOf) -> i64 {
        self.slots.values().get(base + cell.offset()).copied().unwrap_or(MISSING)
    }
}
