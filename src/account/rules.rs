//! The door to the compiled rules: each call sees the account at this moment.

use super::Account;
use super::groups::Groups;
use super::hand::Hand;
use super::picture::Picture;
use crate::ir::ExprId;
use crate::ledger::Ledger;
use crate::market::Market;
use crate::outcome::FaultKind;
use crate::value::Instant;
use crate::vm;
use crate::vm::view::{MISSING, NEVER};
use crate::vocabulary::Moment;

impl Account {
    /// The account as the rules see it.
    pub(super) fn picture<'a>(&'a self, market: &'a Market, hand: &'a Hand) -> Picture<'a> {
        Picture::of(&self.program.ir, &self.books, &self.calendar, market, hand)
    }

    /// The account as a question sees it that is asked at an instant: nothing is due up to it, but time has passed.
    pub(super) fn picture_at<'a>(&'a self, market: &'a Market, hand: &'a Hand, asked: Option<Instant>) -> Picture<'a> {
        let now = asked.map_or(self.books.now, |asked| asked.nanos().max(self.books.now));
        Picture { now, ..self.picture(market, hand) }
    }

    /// The account as the rules see it, with the ledger and the groups as they would be.
    pub(super) fn picture_with<'a>(&'a self, market: &'a Market, hand: &'a Hand, ledger: &'a Ledger, groups: &'a Groups) -> Picture<'a> {
        Picture { ledger, groups, ..self.picture(market, hand) }
    }

    /// Evaluates the nodes in force for a moment.
    pub(super) fn evaluate(&mut self, market: &Market, hand: &Hand, moment: Moment) {
        let Some(phase) = self.books.phase() else { return };
        let view = Picture::of(&self.program.ir, &self.books, &self.calendar, market, hand);
        vm::run(&self.program, phase, moment, &mut self.slots, &view, &mut self.effects);
    }

    /// Enters the nodes in force in the phase that has just been entered.
    pub(super) fn enter_nodes(&mut self, market: &Market, hand: &Hand) {
        let Some(phase) = self.books.phase() else { return };
        let view = Picture::of(&self.program.ir, &self.books, &self.calendar, market, hand);
        vm::enter(&self.program, phase, &mut self.slots, &view, &mut self.effects);
    }

    /// Lets copies take the values of the end of this outcome.
    pub(super) fn copy_nodes(&mut self, market: &Market, hand: &Hand) {
        if !self.program.reads.copies_of_events {
            return;
        }
        let Some(phase) = self.books.phase() else { return };
        let view = Picture::of(&self.program.ir, &self.books, &self.calendar, market, hand);
        vm::finish(&self.program, phase, &mut self.slots, &view, &mut self.effects);
    }

    /// The value of a key of a group, with a position at hand; missing where it cannot be computed.
    pub(super) fn settled(&mut self, market: &Market, hand: &Hand, key: ExprId) -> i64 {
        let view = Picture::of(&self.program.ir, &self.books, &self.calendar, market, hand);
        vm::settled_value(&self.program, key, &mut self.slots, &view, &mut self.effects).unwrap_or(MISSING)
    }

    /// The least instant at which a node is due.
    pub(super) fn nodes_due(&self) -> i64 {
        self.books.phase().map_or(NEVER, |phase| vm::next_due(&self.program, &self.slots, phase))
    }

    /// Whether a rule that waits fires at an instant.
    pub(super) fn has_rule_due(&self, at: i64) -> bool {
        self.books.phase().is_some_and(|phase| vm::next_timer(&self.program, &self.slots, phase) <= at)
    }

    /// The value of an expression of the program, evaluated by itself.
    pub(super) fn value_of(&self, market: &Market, hand: &Hand, expr: ExprId) -> Result<i64, FaultKind> {
        vm::evaluate_root(&self.program, expr, &self.slots, &self.picture(market, hand))
    }
}
