//! Floors: the log of what happened to one, folded anew whenever it is read.

use crate::ir::{ExprId, Floor, Trail};
use crate::outcome::FaultKind;
use crate::syntax::ast::AfterJump;
use crate::value::Decimal;

use super::days::NEVER;
use super::eval::Eval;
use super::number::{add, percent_of, sub};
use super::seen::{Sight, number};
use super::turn::Turn;
use super::val::Val;

/// Something that happened to a floor.
#[derive(Clone, Debug, PartialEq)]
enum Change {
    /// It started here.
    Started(Decimal),
    /// Its clock: what it follows minus the distance, the lowest cap in force, and the event.
    Followed { candidate: Decimal, cap: Option<Decimal>, ordinal: u64 },
    /// It froze.
    Froze,
    /// It jumped.
    Jumped { to: Decimal, by: bool, then: AfterJump },
    /// What it had risen to takes effect.
    Shown,
}

/// What a floor keeps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FloorCell {
    changes: Vec<Change>,
    /// Whether each jump's condition held at the last evaluation.
    jumps: Vec<bool>,
    /// When a rise takes effect.
    pub(super) due: i64,
}

/// What the changes of a floor add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FloorValue {
    /// Its number.
    pub(super) value: Decimal,
    /// The number that is in effect.
    pub(super) visible: Decimal,
    /// Whether it trails no more.
    pub(super) frozen: bool,
    /// The event that set the extreme which it follows.
    pub(super) extreme: Option<u64>,
}

impl FloorCell {
    /// Folds the changes.
    pub(super) fn fold(&self, next_day: bool) -> Result<FloorValue, FaultKind> {
        let mut floor = FloorValue::default();
        for change in &self.changes {
            apply(&mut floor, change)?;
            if !next_day || matches!(change, Change::Started(_) | Change::Jumped { .. } | Change::Shown) {
                floor.visible = floor.value;
            }
        }
        Ok(floor)
    }

    /// It jumps, by its own clause or by an action.
    pub(super) fn jump(&mut self, to: Decimal, by: bool, then: AfterJump) {
        self.changes.push(Change::Jumped { to, by, then });
        self.due = NEVER;
    }

    /// It freezes.
    pub(super) fn freeze(&mut self) {
        self.changes.push(Change::Froze);
    }
}

fn apply(floor: &mut FloorValue, change: &Change) -> Result<(), FaultKind> {
    match *change {
        Change::Started(value) => *floor = FloorValue { value, ..FloorValue::default() },
        // floor := max(floor, min(followed − distance, cap)); at the cap it freezes.
        Change::Followed { candidate, cap, ordinal } => {
            let candidate = cap.map_or(candidate, |cap| candidate.min(cap));
            if candidate > floor.value {
                (floor.value, floor.extreme) = (candidate, Some(ordinal));
            }
            floor.frozen |= cap.is_some_and(|cap| floor.value >= cap);
        }
        Change::Froze => floor.frozen = true,
        // The only way down; a frozen floor still jumps.
        Change::Jumped { to, by, then } => {
            floor.value = if by { add(floor.value, to)? } else { to };
            floor.extreme = None;
            match then {
                AfterJump::Freezes => floor.frozen = true,
                AfterJump::TrailsAgain => floor.frozen = false,
                AfterJump::AsBefore => {}
            }
        }
        Change::Shown => {}
    }
    Ok(())
}

impl Turn<'_> {
    /// Floor: due effects, its own jumps in file order, its trails in file order, then what freezes it.
    pub(super) fn floor(&self, floor: &Floor, kept: Option<&FloorCell>) -> Result<FloorCell, FaultKind> {
        let mut cell = match kept {
            Some(kept) if !self.enters_itself() => kept.clone(),
            _ => self.start(floor)?,
        };
        let (now, waits) = (self.step().now, self.is_before_openings());
        if cell.due <= now && !waits {
            cell.changes.push(Change::Shown);
            cell.due = NEVER;
        }
        self.own_jumps(floor, &mut cell)?;
        for (at, trail) in floor.trails.iter().enumerate() {
            if self.trail(floor, trail, &mut cell)? {
                self.market.tell(Sight::Trail(self.id, number(at)));
            }
        }
        for condition in &floor.freezes {
            if self.eval().holds(*condition)? {
                cell.freeze();
            }
        }
        Ok(cell)
    }

    /// The first `starts at X when C` whose condition holds, else the plain one.
    fn start(&self, floor: &Floor) -> Result<FloorCell, FaultKind> {
        let eval = self.eval();
        let mut start = floor.starts;
        for (value, condition) in &floor.starts_when {
            if eval.holds(*condition)? {
                start = *value;
                break;
            }
        }
        let value = eval.value(start)?.decimal()?;
        Ok(FloorCell { changes: vec![Change::Started(value)], jumps: vec![false; floor.jumps.len()], due: NEVER })
    }

    /// Jumps of its own: at their event if their condition holds, or each time the condition turns true.
    fn own_jumps(&self, floor: &Floor, cell: &mut FloorCell) -> Result<(), FaultKind> {
        let eval = self.eval();
        for (at, jump) in floor.jumps.iter().enumerate() {
            let jumps = match jump.on {
                Some(event) => self.occurs(event) && eval.holds_if(jump.when)?,
                None => {
                    let holds = eval.holds_if(jump.when)?;
                    let held = cell.jumps.get_mut(at).is_some_and(|memory| std::mem::replace(memory, holds));
                    holds && !held
                }
            };
            if jumps {
                self.market.tell(Sight::Jump(self.id, number(at)));
                cell.jump(eval.value(jump.to)?.decimal()?, jump.by, jump.then);
            }
        }
        Ok(())
    }

    /// At its clock, unless frozen, while its condition holds and what it follows is known; whether it looked.
    fn trail(&self, floor: &Floor, trail: &Trail, cell: &mut FloorCell) -> Result<bool, FaultKind> {
        let eval = self.eval();
        let before = cell.fold(floor.next_day)?;
        if !self.occurs(trail.clock) || before.frozen || !eval.holds_if(trail.when)? {
            return Ok(false);
        }
        let (Val::Decimal(followed), Val::Decimal(distance)) = (eval.value(trail.followed)?, eval.value(trail.distance)?) else {
            return Ok(false);
        };
        let distance = if trail.of_itself { percent_of(distance, followed)? } else { distance };
        let cap = lowest_cap(&eval, &floor.caps)?;
        cell.changes.push(Change::Followed { candidate: sub(followed, distance)?, cap, ordinal: self.account().ordinal });
        let after = cell.fold(floor.next_day)?;
        if floor.next_day && after.value > before.value && cell.due == NEVER {
            // It shows at the first opening at or after.
            cell.due = self.days().opening_after(self.step().now, self.is_before_openings());
        }
        Ok(true)
    }
}

/// The lowest cap in force.
fn lowest_cap(eval: &Eval, caps: &[(ExprId, Option<ExprId>)]) -> Result<Option<Decimal>, FaultKind> {
    let mut lowest: Option<Decimal> = None;
    for (cap, condition) in caps {
        if !eval.holds_if(*condition)? {
            continue;
        }
        if let Val::Decimal(cap) = eval.value(*cap)? {
            lowest = Some(lowest.map_or(cap, |lowest| lowest.min(cap)));
        }
    }
    Ok(lowest)
}
