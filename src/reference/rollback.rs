//! `roll back`: the whole account is kept as its day opened, and what is undone is taken from there.

use crate::event::{Cash, CashType, Gap};
use crate::ir::Period;
use crate::outcome::FaultKind;
use crate::syntax::ast::Gaps;
use crate::value::Decimal;
use crate::vocabulary::{Moment, Occasion, PeriodField};

use super::account::{Account, Step};
use super::ledger::Line;
use super::market::Market;
use super::number::sub;
use super::periods::End;
use super::position::Position;
use super::val::Val;

/// What a day is rolled back to.
#[derive(Clone, Debug, Default)]
pub(super) struct DayOpening {
    /// The account as its day opened, in programs that roll back.
    pub(super) kept: Option<Box<Account>>,
    /// Whether the outcome in the making ends as what a day is rolled back to.
    pub(super) renews: bool,
}

impl Account {
    /// Keeps the account as it stands, where the outcome began something that is not undone.
    pub(super) fn keep_opening(&mut self) {
        if std::mem::take(&mut self.opening.renews) && self.ir.rolls_back() {
            self.opening.kept = None;
            self.opening.kept = Some(Box::new(self.clone()));
        }
    }

    /// The feed was down.
    pub(super) fn gap(&mut self, gap: &Gap) {
        self.gap_until = self.gap_until.max(gap.to.nanos());
        if self.ir.header.gaps == Gaps::WorstSideOnResume {
            self.open_now_or_at_opening().for_each(|position| position.missed = true);
        }
    }

    /// What is open, and what was open when the day opened.
    pub(super) fn open_now_or_at_opening(&mut self) -> impl Iterator<Item = &mut Position> {
        let at_opening = self.opening.kept.iter_mut().flat_map(|opening| &mut opening.ledger.positions);
        self.ledger.positions.iter_mut().chain(at_opening)
    }

    /// The balance that rolling back goes to, and how far that is from where it stands.
    pub(super) fn rolls_back_to(&self) -> Result<(Decimal, Decimal), FaultKind> {
        let stands = self.ledger.balance()?;
        let to = self.opening.kept.as_ref().map_or(Ok(stands), |opening| opening.ledger.balance())?;
        Ok((to, sub(to, stands)?))
    }

    /// What happened since the opening is forgotten: the lines of the ledger, samples, floors. What the
    /// amount says beyond that moves the balance.
    pub(super) fn roll_back(&mut self, market: &Market, cash: &Cash, step: &mut Step) -> Result<(), FaultKind> {
        let pricing = self.pricing(market);
        let today = self.periods.running(Period::DAY, PeriodField::Date, &self.ledger, pricing)?;
        if cash.value_date.is_some_and(|date| today != Val::Date(date.days())) {
            return Err(FaultKind::NeedsHistory);
        }
        let opening = self.opening.kept.clone().ok_or(FaultKind::NeedsHistory)?;
        let (_, owed) = self.rolls_back_to()?;
        let left = sub(cash.amount, owed)?;
        self.ledger.lines = opening.ledger.lines;
        self.ledger.positions = opening.ledger.positions;
        self.ledger.open_difference = opening.ledger.open_difference;
        self.ledger.lines.push(Line::Moved(CashType::Rollback, left));
        self.roll_back_periods(market, opening.periods)?;
        let ir = std::sync::Arc::clone(&self.ir);
        self.slots.retain(|(id, _), _| !ir.is_rolled_back(ir.node(*id)));
        self.slots.extend(opening.slots.into_iter().filter(|((id, _), _)| ir.is_rolled_back(ir.node(*id))));
        self.opening.renews = true;
        step.kind = Moment::Cash;
        step.occasions.insert(Occasion::RollBack);
        Ok(())
    }

    /// The records are as they were; a period that has ended since ends now instead.
    fn roll_back_periods(&mut self, market: &Market, earlier: super::periods::Periods) -> Result<(), FaultKind> {
        let pricing = self.pricing(market);
        let end = End { at: self.ledger.lines.len(), balance: self.ledger.balance()?, equity: self.ledger.equity(pricing)? };
        let ended: Vec<Period> =
            self.periods.running.iter().filter(|(_, record)| record.end.is_some()).map(|(period, _)| *period).collect();
        (self.periods.running, self.periods.last) = (earlier.running, earlier.last);
        for (_, record) in self.periods.running.iter_mut().filter(|(period, _)| ended.contains(period)) {
            record.end = record.end.or(Some(end));
        }
        Ok(())
    }
}
