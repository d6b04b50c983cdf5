//! Floors: one number that trails, jumps and freezes.

use super::super::machine::{At, Machine, Outcome, difference, percent_of, sum};
use super::super::view::{MISSING, NEVER, View};
use crate::code::{CellOf, FloorCell, NodeCell};
use crate::ir::{Floor, FloorJump, Node, NodeId, Trail};
use crate::syntax::ast::AfterJump;

impl<V: View> Machine<'_, V> {
    pub(super) fn floor(&mut self, id: NodeId, node: &Node, at: At, floor: &Floor) -> Outcome<()> {
        let shown = self.get(at, NodeCell::Value);
        if self.entering_for_good(node, at) {
            self.start_floor(at, floor)?;
        }
        if self.get(at, FloorCell::Effect) <= self.now && !self.before_opening() {
            self.set(at, FloorCell::Effect, NEVER);
            let current = self.get(at, FloorCell::Current);
            self.set(at, FloorCell::Visible, current);
        }
        for (number, jump) in floor.jumps.iter().enumerate() {
            self.own_jump(at, number, jump)?;
        }
        for trail in &floor.trails {
            self.trail(at, floor, trail)?;
        }
        for condition in &floor.freezes {
            if self.holds(*condition)? {
                self.set(at, FloorCell::Frozen, 1);
            }
        }
        let visible = self.get(at, FloorCell::Visible);
        self.show(at, visible);
        if visible != shown {
            self.disturb_readers(id);
        }
        let due = self.get(at, FloorCell::Effect).min(self.own_edge(node));
        self.set_due(at.base, due);
        Ok(())
    }

    const fn before_opening(&self) -> bool {
        matches!(self.moment, crate::vocabulary::Moment::PeriodEnd | crate::vocabulary::Moment::Timer)
    }

    fn start_floor(&mut self, at: At, floor: &Floor) -> Outcome<()> {
        let mut starts = floor.starts;
        for (start, when) in &floor.starts_when {
            if self.holds(*when)? {
                starts = *start;
                break;
            }
        }
        let value = self.known(starts)?;
        self.set(at, FloorCell::Current, value);
        self.set(at, FloorCell::Visible, value);
        self.set(at, FloorCell::Frozen, 0);
        self.set(at, FloorCell::Effect, NEVER);
        self.set(at, FloorCell::Extreme, MISSING);
        self.set(at, FloorCell::Held, 0);
        self.set(at, FloorCell::Rise, MISSING);
        Ok(())
    }

    /// A jump of the floor's own: at its event, or each time its condition turns true.
    fn own_jump(&mut self, at: At, number: usize, jump: &FloorJump) -> Outcome<()> {
        let jumps = match jump.on {
            Some(event) => self.occurs(event) && self.holds_if(jump.when)?,
            None => {
                let (bit, held) = (1_i64 << number, self.get(at, FloorCell::Held));
                let holds = self.holds_if(jump.when)?;
                self.set(at, FloorCell::Held, if holds { held | bit } else { held & !bit });
                holds && held & bit == 0
            }
        };
        if jumps {
            let to = self.known(jump.to)?;
            self.jump_floor(at.base, to, jump.by, jump.then)?;
        }
        Ok(())
    }

    /// Moves a floor; it shows at once.
    pub(super) fn jump_floor(&mut self, base: usize, to: i64, by: bool, then: AfterJump) -> Outcome<()> {
        let at = At { base, instance: 0, begins: false };
        let value = if by { sum(self.get(at, FloorCell::Current), to)? } else { to };
        self.set(at, FloorCell::Current, value);
        self.set(at, FloorCell::Effect, NEVER);
        self.set(at, FloorCell::Extreme, MISSING);
        self.set(at, FloorCell::Rise, MISSING);
        match then {
            AfterJump::AsBefore => {}
            AfterJump::Freezes => self.set(at, FloorCell::Frozen, 1),
            AfterJump::TrailsAgain => self.set(at, FloorCell::Frozen, 0),
        }
        self.set(at, FloorCell::Visible, value);
        self.show(at, value);
        Ok(())
    }

    /// The same for a floor that an action of another node moves.
    pub(super) fn jump_other(&mut self, base: usize, to: i64, by: bool, then: AfterJump) -> Outcome<()> {
        let at = At { base, instance: 0, begins: false };
        let touched = [FloorCell::Current, FloorCell::Effect, FloorCell::Extreme, FloorCell::Frozen, FloorCell::Visible, FloorCell::Rise];
        for cell in touched {
            let before = self.get(at, cell);
            self.change(base + cell.offset(), before);
        }
        let shown = base + NodeCell::Value.offset();
        self.change(shown, self.slots.values[shown]);
        self.jump_floor(base, to, by, then)
    }

    /// The lowest cap in force; missing for none.
    fn lowest_cap(&mut self, floor: &Floor) -> Outcome<i64> {
        let mut lowest = MISSING;
        for (cap, when) in &floor.caps {
            if self.holds_if(*when)? {
                let cap = self.value(*cap)?;
                lowest = if lowest == MISSING || (cap != MISSING && cap < lowest) { cap } else { lowest };
            }
        }
        Ok(lowest)
    }

    fn trail(&mut self, at: At, floor: &Floor, trail: &Trail) -> Outcome<()> {
        if !self.occurs(trail.clock) {
            return Ok(());
        }
        if self.get(at, FloorCell::Frozen) != 0 || !self.holds_if(trail.when)? {
            self.set(at, FloorCell::Rise, NEVER);
            return Ok(());
        }
        let followed = self.value(trail.followed)?;
        if followed == MISSING {
            return Ok(());
        }
        let told = self.value(trail.distance)?;
        if told == MISSING {
            return Ok(());
        }
        let distance = if trail.of_itself { percent_of(told, followed)? } else { told };
        let mut candidate = difference(followed, distance)?;
        let cap = self.lowest_cap(floor)?;
        if cap != MISSING {
            candidate = candidate.min(cap);
        }
        if candidate > self.get(at, FloorCell::Current) {
            self.set(at, FloorCell::Current, candidate);
            let ordinal = i64::try_from(self.view.ordinal()).unwrap_or(i64::MAX);
            self.set(at, FloorCell::Extreme, ordinal);
            if floor.next_day && self.get(at, FloorCell::Effect) == NEVER {
                let opening = self.next_opening();
                self.set(at, FloorCell::Effect, opening);
            } else if !floor.next_day {
                self.set(at, FloorCell::Visible, candidate);
            }
        }
        let current = self.get(at, FloorCell::Current);
        let freezes = cap != MISSING && current >= cap;
        if freezes {
            self.set(at, FloorCell::Frozen, 1);
        }
        let rise = if freezes { NEVER } else { current.checked_add(distance).unwrap_or(MISSING) };
        self.set(at, FloorCell::Rise, rise);
        Ok(())
    }
}
