//! Values with tails, baselines and copies.

use std::cmp::Ordering;

use crate::ir::{Baseline, EffectAt, Held, Wait};
use crate::outcome::FaultKind;
use crate::vocabulary::{Moment, Occasion, PeriodField};

use super::days::NEVER;
use super::eval::{Evaluated, arithmetic};
use super::turn::Turn;
use super::val::Val;

/// What a value with tails keeps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HeldCell {
    /// The value in force.
    pub(super) current: Val,
    /// What waits.
    pub(super) waiting: Option<Waiting>,
}

/// A value that waits to take effect.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Waiting {
    /// The value.
    pub(super) value: Val,
    /// Whether it is a rise.
    pub(super) rising: bool,
    /// How many days have ended since.
    pub(super) days: u32,
    /// When it takes effect, once that is known.
    pub(super) due: i64,
}

/// What a baseline keeps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BaseCell {
    /// What is taken off.
    pub(super) base: Val,
    /// Whether it starts with the next day that opens: until then nothing has grown.
    pub(super) until_day: bool,
}

impl Turn<'_> {
    /// Held: what the cause says takes effect later.
    pub(super) fn held(&self, held: &Held, kept: Option<&HeldCell>) -> Result<HeldCell, FaultKind> {
        let cause = self.eval().value(held.cause)?;
        let Some(kept) = kept.filter(|_| !self.enters()) else {
            // Enter: the cause holds at once.
            return Ok(HeldCell { current: cause, waiting: None });
        };
        let mut cell = kept.clone();
        self.take_effect(&mut cell);
        self.count_day(held, &mut cell);
        self.follow(held, &mut cell, cause)?;
        Ok(cell)
    }

    /// (a) What is due takes effect: at the start of a period, at judging, at any event.
    fn take_effect(&self, cell: &mut HeldCell) {
        let applies = !matches!(self.step().kind, Moment::PeriodEnd | Moment::Timer | Moment::Enter);
        if let Some(waiting) = cell.waiting.take_if(|waiting| applies && waiting.due <= self.step().now) {
            cell.current = waiting.value;
        }
    }

    /// (b) A day ends while a wait runs: one more has passed, of the days that count.
    fn count_day(&self, held: &Held, cell: &mut HeldCell) {
        let Some(waiting) = cell.waiting.as_mut().filter(|_| self.step().has(Occasion::DayEnd)) else { return };
        let wait = if waiting.rising { held.up } else { held.down };
        let Some((needed, traded)) = wait.days.filter(|_| waiting.due == NEVER) else { return };
        waiting.days += u32::from(!traded || self.day_had(PeriodField::Fills));
        if waiting.days < needed {
            return;
        }
        if wait.at == EffectAt::Now {
            cell.current = waiting.value.clone();
            cell.waiting = None;
        } else {
            waiting.due = self.effect_instant(wait.at);
        }
    }

    /// (c) The cause against the value in force: a rise or fall takes effect, waits or is dropped.
    fn follow(&self, held: &Held, cell: &mut HeldCell, cause: Val) -> Result<(), FaultKind> {
        match height(&cause, &cell.current)? {
            Ordering::Equal | Ordering::Less if held.sticky => {}
            Ordering::Equal => cell.waiting = None,
            Ordering::Greater => self.wait(held.up, true, held.sticky, cell, cause)?,
            Ordering::Less => self.wait(held.down, false, false, cell, cause)?,
        }
        Ok(())
    }

    /// What waits is the smallest change that the cause has not gone back from; with `sticky` the largest.
    fn wait(&self, wait: Wait, rising: bool, sticky: bool, cell: &mut HeldCell, cause: Val) -> Result<(), FaultKind> {
        if wait.days.is_none() && wait.at == EffectAt::Now {
            *cell = HeldCell { current: cause, waiting: None };
            return Ok(());
        }
        match cell.waiting.as_mut().filter(|waiting| waiting.rising == rising) {
            Some(waiting) => {
                let replaces = if rising == sticky { Ordering::Greater } else { Ordering::Less };
                if height(&cause, &waiting.value)? == replaces {
                    waiting.value = cause;
                }
            }
            None => {
                let due = if wait.days.is_none() { self.effect_instant(wait.at) } else { NEVER };
                cell.waiting = Some(Waiting { value: cause, rising, days: 0, due });
            }
        }
        Ok(())
    }

    /// When a change takes effect.
    pub(super) fn effect_instant(&self, at: EffectAt) -> i64 {
        let (days, now) = (self.days(), self.step().now);
        match at {
            EffectAt::Now => now,
            // A change made by the end of a period shows at the first opening at or after that end.
            EffectAt::NextDay => days.opening_after(now, self.is_before_openings()),
            EffectAt::AfterDays(count) => {
                let ahead = i32::try_from(count).unwrap_or(i32::MAX);
                days.opening_of(self.running_date().saturating_add(ahead))
            }
            EffectAt::On(weekday) => days.opening_on(weekday, now),
        }
    }

    /// Whether openings of this very instant are still to come.
    pub(super) fn is_before_openings(&self) -> bool {
        matches!(self.step().kind, Moment::PeriodEnd | Moment::Timer)
    }

    /// Baseline: `x` minus what it was at the event, or at the opening of the first day after it.
    pub(super) fn baseline(&self, baseline: &Baseline, kept: Option<&BaseCell>) -> Result<(BaseCell, Val), FaultKind> {
        let now = self.eval().value(baseline.value)?;
        let resets = self.occurs(baseline.reset);
        let cell = match kept {
            None => BaseCell { base: now.clone(), until_day: false },
            Some(_) if resets => BaseCell { base: now.clone(), until_day: baseline.by_day && !self.enters() },
            Some(kept) if kept.until_day => BaseCell { base: now.clone(), until_day: !self.step().has(Occasion::DayStart) },
            Some(kept) => kept.clone(),
        };
        let grown = arithmetic(crate::ir::Arithmetic::Subtract, &now, &cell.base)?;
        Ok((cell, grown))
    }

    /// `x before today`: what x was when the day opened.
    pub(super) fn day_copy(&self, what: crate::ir::ExprId, kept: Option<Val>) -> Evaluated {
        match kept {
            Some(kept) if !self.enters() && !self.step().has(Occasion::DayStart) => Ok(kept),
            _ if self.enters() && self.ir.reads_node(what) => Ok(Val::Missing),
            _ => self.eval().value(what),
        }
    }

    /// The date of the day that runs, or that ran last.
    pub(super) fn running_date(&self) -> i32 {
        let day = self.account().periods.running.get(&crate::ir::Period::DAY);
        day.map_or_else(|| self.days().date_of(self.step().now), |day| day.date)
    }
}

/// Which of two values stands higher: a missing one is below every other.
fn height(a: &Val, b: &Val) -> Result<Ordering, FaultKind> {
    match (a.is_missing(), b.is_missing()) {
        (false, false) => a.order(b),
        (a, b) => Ok(b.cmp(&a)),
    }
}
