//! `roll back`: how the account stood when its day opened, and the way back to it.
//!
//! What nothing undoes begins a new stretch: entering a phase, a payment, cash that is no result, the
//! balance set back by staff. A day is rolled back to the latest of these, or to its opening.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Account;
use super::books::Books;
use super::hand::Hand;
use super::intake::{Refusal, refusal};
use super::periods::Periods;
use crate::code::Program;
use crate::event::{Cash, Gap};
use crate::ir::Period;
use crate::ledger::{CashKind, Ledger, LedgerFault, Quote, SymbolId};
use crate::outcome::FaultKind;
use crate::syntax::ast::Gaps;
use crate::value::{Date, Fixed};
use crate::vm;
use crate::vocabulary::{Occasion, PeriodField};

/// How the account stood when its day opened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DayOpening {
    ledger: Ledger,
    periods: Periods,
    position_keys: BTreeMap<String, u64>,
    cells: Vec<i64>,
}

impl DayOpening {
    pub(super) const fn periods(&self) -> &Periods {
        &self.periods
    }

    /// The same under another version: with these records, and cells made of its own.
    pub(super) fn carried(&self, periods: Periods, cells: impl FnOnce(&[i64]) -> Vec<i64>) -> Self {
        Self { ledger: self.ledger.clone(), periods, position_keys: self.position_keys.clone(), cells: cells(&self.cells) }
    }

    /// Whether it is of an account of this program.
    pub(super) fn fits(&self, program: &Program) -> bool {
        self.cells.len() == program.layout.size
    }
}

impl Books {
    /// The balance that rolling back goes to, and how far that is from where it stands.
    pub(super) fn rolls_back_to(&self) -> Result<(Fixed, Fixed), LedgerFault> {
        let stands = self.ledger.balance()?;
        let to = self.opening.as_ref().map_or(Ok(stands), |opening| opening.ledger.balance())?;
        Ok((to, to.sub(stands)?))
    }
}

impl Account {
    /// Keeps the account as it stands at the end of an outcome, where that began something that is not undone.
    pub(super) fn keep_opening(&mut self) {
        if !std::mem::take(&mut self.renews) || !self.program.rolls_back {
            return;
        }
        let books = &mut self.books;
        books.opening = Some(Box::new(DayOpening {
            ledger: books.ledger.clone(),
            periods: books.periods.clone(),
            position_keys: books.position_keys.clone(),
            cells: self.slots.values().to_vec(),
        }));
    }

    /// The feed was down: marks of what is open, and of what was when the day opened, were missed.
    pub(super) fn gap(&mut self, gap: &Gap) {
        self.books.gap_until = self.books.gap_until.max(gap.to.nanos());
        if self.program.ir.header.gaps == Gaps::WorstSideOnResume {
            self.books.ledger.miss_marks();
            if let Some(opening) = &mut self.books.opening {
                opening.ledger.miss_marks();
            }
        }
    }

    /// The symbols of what was open when the day opened and marked last before a gap: the next mark counts at its worse
    /// side, so that several cannot be taken in as one.
    pub(super) fn missed_at_opening(&self) -> Vec<SymbolId> {
        let held = self.books.opening.iter().flat_map(|opening| opening.ledger.positions());
        held.filter(|position| position.missed).map(|position| position.symbol).collect()
    }

    /// The marks of positions that were open when the day opened are those of the market, whatever is undone.
    pub(super) fn mark_opening(&mut self, symbol: SymbolId, quote: &Quote) {
        if let Some(opening) = &mut self.books.opening {
            opening.ledger.note_mark(symbol, quote);
        }
    }

    /// The platform's own stamp of the day is that of its opening.
    pub(super) fn anchor_opening(&mut self, balance: Fixed, equity: Fixed) -> Result<(), LedgerFault> {
        if let Some(opening) = &mut self.books.opening {
            opening.ledger.anchor(balance)?;
            opening.periods.anchor_day(balance, equity);
        }
        Ok(())
    }

    /// Books the `cash` that undoes the running day: ledger, records of periods, trackers and floors are as
    /// they were. An amount that differs from what the day had brought leaves the difference in the balance.
    pub(super) fn roll_back(&mut self, cash: &Cash) -> Result<Hand, Refusal> {
        let needs = |why: &str| (FaultKind::NeedsHistory, format!("{why}: recompute the account from an earlier snapshot"));
        let books = &mut self.books;
        let today = books.periods.now(Period::DAY, PeriodField::Date, &books.ledger);
        if cash.value_date.is_some_and(|date: Date| i64::from(date.days()) != today) {
            return Err(needs("only the running day can be rolled back"));
        }
        let Some(opening) = &books.opening else { return Err(needs("the program has no `roll back`, so the day's opening is not kept")) };
        let fault = |fault| refusal(fault, "the account");
        let (_, owed) = books.rolls_back_to().map_err(fault)?;
        let left = Fixed::from(cash.amount).sub(owed).map_err(|error| fault(error.into()))?;
        let mut ledger = books.ledger.clone();
        ledger.roll_back(&opening.ledger, books.ordinal);
        ledger.cash(CashKind::Adjustment, left).map_err(fault)?;
        books.periods.roll_back(&opening.periods, left, &ledger);
        books.ledger = ledger;
        books.position_keys.clone_from(&opening.position_keys);
        books.periods.note_equity(books.ledger.equity());
        vm::roll_back(&self.program, &mut self.slots, &opening.cells);
        self.renews = true;
        Ok(Hand::of(&[Occasion::RollBack]))
    }
}
