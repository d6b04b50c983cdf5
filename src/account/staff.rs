//! What people decide about an account, and the end of it.

use super::Account;
use super::hand::Hand;
use super::intake::Refusal;
use super::locks::LockedBy;
use crate::code::{CellOf, LimitCell};
use crate::event::{BalancePolicy, Event, Kind, Staff, StaffDecision};
use crate::ir::{Ir, NodeKind};
use crate::market::Market;
use crate::outcome::{Change, FaultKind, Outcome};
use crate::vm::view::NEVER;

impl Account {
    /// An event that no rule is evaluated for: only a `close` changes anything here.
    pub(super) fn decided_alone(&mut self, market: &Market, event: &Event, outcomes: &mut Vec<Outcome>) {
        let mut draft = self.draft(Some(&event.id));
        let hand = Hand::default();
        let closes = matches!(event.kind, Kind::Close).then(|| self.program.ir.phase_named("closed")).flatten();
        self.settle(market, &hand, &mut draft, 0, closes.filter(|_| self.phase() != "closed"));
        self.conclude(market, &hand, draft, outcomes);
    }

    /// Books what a person decided; what it changes is told with the outcome of the event.
    pub(super) fn staff(&mut self, staff: &Staff, changes: &mut Vec<Change>) -> Result<Hand, Refusal> {
        let was_locked = self.books.is_locked();
        match staff.decision {
            StaffDecision::Override => self.override_breach(staff, changes)?,
            StaffDecision::Suspend | StaffDecision::EmergencyStop => self.books.locks.add(LockedBy::Staff, NEVER, self.books.now),
            StaffDecision::Reinstate => self.books.locks.reinstate(),
        }
        if staff.balance == Some(BalancePolicy::Reset) {
            self.reset_balance()?;
        }
        if was_locked != self.books.is_locked() {
            changes.push(Change::Locked { locked: !was_locked });
        }
        Ok(Hand::default())
    }

    /// An override leads back from a standing phase to the one that was left, and re-arms limits.
    fn override_breach(&mut self, staff: &Staff, changes: &mut Vec<Change>) -> Result<(), Refusal> {
        let program = self.program.clone();
        let ir = &program.ir;
        if let Some(title) = &staff.breach {
            let limits = ir.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Limit(_)));
            if !limits.clone().any(|node| node.name == *title) {
                let names = limits.map(|node| node.name.as_str());
                return Err((FaultKind::Inconsistent, super::opening::unknown("limit", title, names)));
            }
        }
        if self.books.phase().is_some_and(|phase| ir.phase(phase).standing)
            && let Some(left) = self.books.left()
        {
            let from = self.books.phase_name(ir).into();
            self.books.return_to(left);
            changes.push(Change::Entered { from, to: self.books.phase_name(ir).into() });
        }
        self.rearm(ir, staff.breach.as_deref());
        Ok(())
    }

    /// Lets limits breach again: that of a title, or all.
    fn rearm(&mut self, ir: &Ir, title: Option<&str>) {
        for (id, node) in ir.nodes() {
            let cleared = title.is_none_or(|title| title == node.name);
            if !matches!(node.kind, NodeKind::Limit(_)) || !cleared {
                continue;
            }
            let place = self.program.layout.place(id);
            for instance in 0..place.count {
                let base = place.base + instance * place.stride;
                let cells =
                    [(LimitCell::Quiet, 0), (LimitCell::Near, NEVER), (LimitCell::Open, 0), (LimitCell::Armed, 1), (LimitCell::Fired, 0)];
                for (cell, value) in cells {
                    if let Some(slot) = self.slots.values.get_mut(base + cell.offset()) {
                        *slot = value;
                    }
                }
            }
        }
    }

    /// The balance goes back to the start of the phase's ledger; the difference to the platform's is kept.
    fn reset_balance(&mut self) -> Result<(), Refusal> {
        let books = &mut self.books;
        let start = books.ledger_start;
        let offset = books.ledger.balance().ok().and_then(|balance| balance.sub(start).ok()).and_then(|by| books.offset.add(by).ok());
        let Some(offset) = offset else {
            return Err((FaultKind::Overflow, "the balance cannot be set back: its difference to the platform's is out of range".into()));
        };
        self.renews = true;
        let books = &mut self.books;
        books.ledger.set_balance(start);
        books.offset = offset;
        books.periods.note_equity(books.ledger.equity());
        Ok(())
    }
}
