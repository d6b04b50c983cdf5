//! Values with tails: what their cause says takes effect later.

use super::super::machine::{At, Machine, Outcome};
use super::super::view::{MISSING, NEVER, View};
use crate::code::HeldCell;
use crate::ir::{EffectAt, Held, Period, Wait};
use crate::syntax::ast::DayUnit;
use crate::vocabulary::{Moment, Occasion, PeriodField};

impl<V: View> Machine<'_, V> {
    pub(super) fn held(&mut self, at: At, held: &Held) -> Outcome<()> {
        let cause = self.value(held.cause)?;
        let edge = self.edge;
        if self.entering(at) {
            self.take(at, cause);
        } else {
            self.take_due(at);
            self.count_day(at, held);
            self.follow(at, held, cause);
        }
        let current = self.get(at, HeldCell::Current);
        self.show(at, current);
        let due = self.get(at, HeldCell::Effect).min(edge);
        self.set_due(at.base, due);
        Ok(())
    }

    /// A value takes effect; nothing waits any more.
    fn take(&mut self, at: At, value: i64) {
        self.set(at, HeldCell::Current, value);
        self.drop_wait(at);
    }

    fn drop_wait(&mut self, at: At) {
        self.set(at, HeldCell::Waiting, MISSING);
        self.set(at, HeldCell::Change, 0);
        self.set(at, HeldCell::Days, 0);
        self.set(at, HeldCell::Effect, NEVER);
    }

    /// What is due takes effect: with the day's start, not with the end of the day before.
    fn take_due(&mut self, at: At) {
        let early = matches!(self.moment, Moment::PeriodEnd | Moment::Timer);
        if self.get(at, HeldCell::Change) != 0 && !early && self.get(at, HeldCell::Effect) <= self.now {
            let waiting = self.get(at, HeldCell::Waiting);
            self.take(at, waiting);
        }
    }

    /// A day ends for a wait that counts days.
    fn count_day(&mut self, at: At, held: &Held) {
        let (waiting, change) = (self.get(at, HeldCell::Waiting), self.get(at, HeldCell::Change));
        if change == 0 || !self.occasion(Occasion::DayEnd) {
            return;
        }
        let wait = if change > 0 { held.up } else { held.down };
        let Some((needed, traded)) = wait.days else { return };
        if self.get(at, HeldCell::Effect) != NEVER || (traded && self.view.period(Period::DAY, PeriodField::Fills) <= 0) {
            return;
        }
        let days = self.get(at, HeldCell::Days) + 1;
        self.set(at, HeldCell::Days, days);
        if days >= i64::from(needed) {
            match wait.at {
                EffectAt::Now => self.take(at, waiting),
                later => {
                    let instant = self.instant_of(later);
                    self.set(at, HeldCell::Effect, instant);
                }
            }
        }
    }

    /// A missing value stands below every other: one that becomes known rises, one that is lost falls.
    fn follow(&mut self, at: At, held: &Held, cause: i64) {
        let current = self.get(at, HeldCell::Current);
        match cause.cmp(&current) {
            std::cmp::Ordering::Greater => self.begin_change(at, held, cause, true),
            std::cmp::Ordering::Less if !held.sticky => self.begin_change(at, held, cause, false),
            std::cmp::Ordering::Equal if !held.sticky => self.drop_wait(at),
            _ => {}
        }
    }

    /// The cause is above (or below) the value in force.
    fn begin_change(&mut self, at: At, held: &Held, cause: i64, rising: bool) {
        let wait: Wait = if rising { held.up } else { held.down };
        if wait.days.is_none() && wait.at == EffectAt::Now {
            self.take(at, cause);
            return;
        }
        let (waiting, change) = (self.get(at, HeldCell::Waiting), if rising { 1 } else { -1 });
        if self.get(at, HeldCell::Change) == change {
            // The smallest change that the cause has not gone back from; a sticky one keeps the largest.
            let least = if rising == held.sticky { waiting.max(cause) } else { waiting.min(cause) };
            self.set(at, HeldCell::Waiting, least);
            return;
        }
        let effect = if wait.days.is_some() { NEVER } else { self.instant_of(wait.at) };
        self.set(at, HeldCell::Waiting, cause);
        self.set(at, HeldCell::Change, change);
        self.set(at, HeldCell::Days, 0);
        self.set(at, HeldCell::Effect, effect);
    }

    /// At which instant a change that comes about now takes effect.
    fn instant_of(&self, effect: EffectAt) -> i64 {
        match effect {
            EffectAt::Now => self.now,
            EffectAt::NextDay => self.next_opening(),
            EffectAt::AfterDays(count) => {
                let running = self.view.period(Period::DAY, PeriodField::Date);
                let today = if running == MISSING { self.view.date_of(self.now) } else { running };
                self.view.opening_of(self.view.days_after(count, DayUnit::Days, today))
            }
            EffectAt::On(weekday) => self.view.opening_on(weekday, self.now),
        }
    }

    /// The next opening: at an end of a day, the one at this very instant too.
    pub(super) fn next_opening(&self) -> i64 {
        let or_at = matches!(self.moment, Moment::PeriodEnd | Moment::Timer);
        self.view.opening_after(self.now, or_at)
    }
}
