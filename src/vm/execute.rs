//! The loop over the instructions of a block.

use std::slice::Iter;

use super::machine::{Fault, Machine, Outcome, difference, percent_of, sum};
use super::step::{OUT_OF_FORCE, kept};
use super::view::{Edge, MISSING, NEVER, View};
use crate::code::{Block, Cell, CellOf, Code, FloorCell, GoalCell, In, NodeCell, Op, Out, REGISTERS, Segment};
use crate::compile::decode_days;
use crate::ir::{Comparison, NodeId, PhaseId, Rounding};
use crate::outcome::FaultKind;
use crate::value::{Fixed, round_ratio};

const ONE: i128 = Fixed::ONE_RAW as i128;

impl<'a, V: View> Machine<'a, V> {
    /// Runs the instructions of a block; the value of its `Return`, or 0.
    pub(super) fn execute(&mut self, code: &'a Code, block: Block) -> Outcome<i64> {
        let mut at = block.start as usize;
        let result = self.dispatch(code, &mut at, block.end as usize, &mut Iter::default());
        result.map_err(|fault| located(code, at, fault))
    }

    /// Runs the instructions of segments, one after another, until one faults: its place among them is
    /// that of the last that was taken.
    pub(super) fn execute_segments(&mut self, code: &'a Code, segments: &mut Iter<'a, Segment>) -> Outcome<()> {
        let mut at = 0;
        match self.dispatch(code, &mut at, 0, segments) {
            Ok(_) => Ok(()),
            Err(fault) => Err(located(code, at, fault)),
        }
    }

    /// The value of a block that only loads it: an amount of the account, a cell of the plan, a node's.
    pub(super) fn loaded(&self, code: &'a Code, block: Block) -> Option<Outcome<i64>> {
        let at = block.start as usize;
        let [load, Op::Return { .. }] = code.ops.get(at..block.end as usize)? else { return None };
        let loaded = match *load {
            Op::Constant { k, .. } => Ok(code.constants[usize::from(k.0)]),
            Op::Value { s, known, .. } => self.node_value(s).and_then(|value| present(value, known)),
            Op::Account { field, known, .. } => present(self.view.account(field), known),
            Op::Period { period, field, known, .. } => present(self.view.period(period, field), known),
            Op::Plan { column, known, .. } => present(self.view.plan(column), known),
            _ => return None,
        };
        Some(loaded.map_err(|fault| located(code, at, fault)))
    }

    #[expect(clippy::too_many_lines, reason = "one arm per instruction")]
    fn dispatch(&mut self, code: &'a Code, place: &mut usize, end: usize, segments: &mut Iter<'a, Segment>) -> Outcome<i64> {
        let mut at = *place;
        let mut ops = code.ops.get(..end).unwrap_or(&[]);
        loop {
            let Some(op) = ops.get(at).copied() else {
                let Some(Segment { block, .. }) = segments.next() else { return Ok(0) };
                self.edge = NEVER;
                self.top = self.frame + usize::from(block.registers);
                at = block.start as usize;
                ops = code.ops.get(..block.end as usize).unwrap_or(&[]);
                continue;
            };
            *place = at;
            at += 1;
            match op {
                Op::Constant { d, k } => self.put(d, code.constants[usize::from(k.0)]),
                Op::Copy { d, a } => self.put(d, self.r(a)),
                Op::Value { d, s, known } => {
                    let value = self.node_value(s)?;
                    self.load(d, value, known)?;
                }
                Op::Raw { d, s } => self.put(d, self.cell(s)),
                Op::Guard { s } => self.guard(usize::from(s.0))?,
                Op::Instance { d, node, cell, known } => {
                    let value = self.instance_value(NodeId(node.0), usize::from(cell))?;
                    self.load(d, value, known)?;
                }
                Op::Account { d, field, known } => self.load(d, self.view.account(field), known)?,
                Op::Period { d, period, field, known } => self.load(d, self.view.period(period, field), known)?,
                Op::LastPeriod { d, period, field, known } => self.load(d, self.view.last_period(period, field), known)?,
                Op::Record { d, field, known } => self.load(d, self.view.record(field, self.cursor_of(field.record())), known)?,
                Op::Group { d, group, field, known } => self.load(d, self.view.group(group, field, self.cursor_of_group(group)), known)?,
                Op::Extension { d, record, field, known } => self.load(d, self.view.extension(record, field, self.cursor), known)?,
                Op::HostField { d, event, field, known } => self.load(d, self.view.host_field(event, field), known)?,
                Op::Payout { d, fact, known } => self.load(d, self.view.payout(fact), known)?,
                Op::Running { d } => self.put(d, self.running),
                Op::PhaseFinal { d, phase, field, known } => self.load(d, self.view.phase_final(PhaseId(phase), field), known)?,
                Op::PlanName { d } => self.put(d, self.view.plan_name()),
                Op::Plan { d, column, known } => self.load(d, self.view.plan(column), known)?,
                Op::Option { d, option, known } => self.load(d, self.view.option(option), known)?,
                Op::Input { d, input, known } => {
                    let (value, stale) = self.view.input(input);
                    self.changes_at(stale);
                    self.load(d, value, known)?;
                }
                Op::Symbol { d, symbol } => self.put(d, self.view.symbol(u32::from(symbol))),

                Op::Add { d, a, b } => self.both(d, a, b, sum)?,
                Op::Subtract { d, a, b } => self.both(d, a, b, difference)?,
                Op::Multiply { d, a, b } => self.both(d, a, b, product)?,
                Op::Divide { d, a, b } => self.both(d, a, b, quotient)?,
                Op::DaysBetween { d, a, b } => self.both(d, a, b, |a, b| ratio((i128::from(a) - i128::from(b)) * ONE, 1))?,
                Op::Percent { d, a, b } => self.both(d, a, b, percent_of)?,
                Op::PercentOfAccount { d, k, field } => {
                    let whole = present(self.view.account(field), true)?;
                    self.put(d, percent_of(code.constants[usize::from(k.0)], whole)?);
                }
                // Missing is its own negative and has no distance: both keep it.
                Op::Negate { d, a } => self.put(d, self.r(a).wrapping_neg()),
                Op::Absolute { d, a } => self.put(d, self.r(a).wrapping_abs()),
                Op::Not { d, a } => {
                    let value = 1 - self.truth(a)?;
                    self.put(d, value);
                }
                Op::Round { d, a, b, mode } => self.both(d, a, b, |a, b| round(a, b, mode))?,
                Op::Compare { d, how, a, b } => {
                    let holds = compare(how, self.r(a), self.r(b))?;
                    self.put(d, i64::from(holds));
                }
                Op::ComparePercent { d, how, a, b, c } => {
                    let holds = compare_percent(how, self.r(a), self.r(b), self.r(c))?;
                    self.put(d, i64::from(holds));
                }
                Op::Elapsed { d, a } => {
                    let from = self.r(a);
                    self.put(d, if from == MISSING { MISSING } else { self.now.saturating_sub(from) });
                }
                Op::CompareElapsed { d, how, a, b } => {
                    let holds = self.compare_elapsed(how, self.r(a), self.r(b))?;
                    self.put(d, i64::from(holds));
                }
                Op::IsMissing { d, a } => self.put(d, i64::from(self.r(a) == MISSING)),
                Op::Lesser { d, a } => {
                    let (so_far, next) = (self.r(In(d.0)), self.r(a));
                    self.put(Out(d.0), if so_far == MISSING || (next != MISSING && next < so_far) { next } else { so_far });
                }
                // Missing is the least of all, so the greater is the other.
                Op::Greater { d, a } => self.put(Out(d.0), self.r(In(d.0)).max(self.r(a))),
                Op::Fold { d, fold } => {
                    let value = self.fold(code, code.folds[usize::from(fold.0)])?;
                    self.put(d, value);
                }
                Op::Session { d, session } => {
                    let edge = self.view.session(session);
                    self.put_edge(d, edge);
                }
                Op::SessionCloses { d, session } => {
                    self.changes_at(self.view.session(session).next);
                    self.put(d, self.view.session_closes(session));
                }
                Op::News { d, a, news } => {
                    let near = self.news(code, code.news[usize::from(news.0)], self.r(a))?;
                    self.put(d, i64::from(near));
                }
                Op::Instrument { d, a, fact } => {
                    let symbol = self.r(a);
                    self.put(d, if symbol == MISSING { MISSING } else { self.view.instrument(fact, symbol) });
                }
                Op::DaysAfter { d, a, b } => {
                    let view = self.view;
                    self.both(d, a, b, |days, date| {
                        let (count, unit) = decode_days(days).ok_or(FaultKind::Overflow)?;
                        Ok(view.days_after(count, unit, date))
                    })?;
                }
                Op::OpeningOf { d, a } => {
                    let date = self.r(a);
                    self.put(d, if date == MISSING { MISSING } else { self.view.opening_of(date) });
                }
                Op::DateOf { d, a } => {
                    let instant = self.r(a);
                    self.put(d, if instant == MISSING { MISSING } else { self.view.date_of(instant) });
                }
                Op::UsedRatio { d, a, b } => self.both(d, a, b, used_ratio)?,
                Op::UsedAllowance { d, a, b } => self.both(d, a, b, used_allowance)?,
                Op::Require { a } => {
                    if self.r(a) == MISSING {
                        return Err(FaultKind::Missing.into());
                    }
                }

                Op::Jump { by } => at += usize::from(by.0),
                Op::JumpIf { a, by } => at += if self.truth(a)? != 0 { usize::from(by.0) } else { 0 },
                Op::JumpUnless { a, by } => at += if self.truth(a)? == 0 { usize::from(by.0) } else { 0 },
                Op::JumpMissing { a, by } => at += if self.r(a) == MISSING { usize::from(by.0) } else { 0 },
                Op::JumpKnown { a, by } => at += if self.r(a) == MISSING { 0 } else { usize::from(by.0) },
                Op::UnlessCompare { how, a, b, by } => {
                    at += if compare(how, self.r(a), self.r(b))? { 0 } else { usize::from(by.0) };
                }
                Op::UnlessCompareConstant { how, a, k, by } => {
                    at += if compare(how, self.r(a), code.constants[usize::from(k.0)])? { 0 } else { usize::from(by.0) };
                }
                Op::UnlessCompareCell { how, a, s, by } => {
                    let value = self.node_value(s)?;
                    at += if compare(how, self.r(a), value)? { 0 } else { usize::from(by.0) };
                }
                Op::UnlessComparePercent { how, a, b, c, by } => {
                    at += if compare_percent(how, self.r(a), self.r(b), self.r(c))? { 0 } else { usize::from(by.0) };
                }
                Op::UnlessOccasion { k, by } => {
                    let happens = self.occasions & code.constants[usize::from(k.0)].unsigned_abs() != 0;
                    at += if happens { 0 } else { usize::from(by.0) };
                }
                Op::UnlessSchedule { schedule, by } => at += if self.scheduled(schedule) { 0 } else { usize::from(by.0) },
                Op::UnlessGroupEnd { group, by } => at += if self.group_ends(group) { 0 } else { usize::from(by.0) },
                Op::UnlessHost { event, by } => at += if self.view.host_event() == Some(event) { 0 } else { usize::from(by.0) },
                Op::UnlessInput { input, by } => at += if self.view.changed_input() == Some(input) { 0 } else { usize::from(by.0) },
                Op::UnlessBreach { node, by } => at += if self.breached(NodeId(node.0)) { 0 } else { usize::from(by.0) },

                Op::UnlessSet { s, by } => at += if self.cell(s) == 0 { usize::from(by.0) } else { 0 },
                Op::UnlessOut { s, by } => at += if self.cell(s) == OUT_OF_FORCE { 0 } else { usize::from(by.0) },
                Op::Quiet { s } => self.slots.values[usize::from(s.0)] = 1,
                Op::UnlessHolds { how, a, b, by } => {
                    let (a, b) = (self.r(a), self.r(b));
                    let holds = a != MISSING && b != MISSING && how.holds(a.cmp(&b));
                    at += if holds { 0 } else { usize::from(by.0) };
                }
                Op::UnlessHoldsPercent { how, a, b, c, by } => {
                    let (a, b, c) = (self.r(a), self.r(b), self.r(c));
                    let holds = a != MISSING && b != MISSING && c != MISSING && compare_percent(how, a, b, c)?;
                    at += if holds { 0 } else { usize::from(by.0) };
                }
                Op::JumpKeeps { below, a, s, by } => at += if self.keeps(below, self.r(a), s) { usize::from(by.0) } else { 0 },
                Op::JumpKeepsAccount { below, field, s, by } => {
                    let limited = present(self.view.account(field), true)?;
                    at += if self.keeps(below, limited, s) { usize::from(by.0) } else { 0 };
                }
                Op::Keep { strict, a, b, s } => self.keep_bound(usize::from(s.0), strict, self.r(a), self.r(b)),
                Op::UnlessRises { a, s, by } => {
                    at += if kept::rises(&self.slots.values, self.r(a), usize::from(s.0)) { 0 } else { usize::from(by.0) }
                }
                Op::UnlessRisesAccount { field, s, by } => {
                    let followed = present(self.view.account(field), true)?;
                    at += if kept::rises(&self.slots.values, followed, usize::from(s.0)) { 0 } else { usize::from(by.0) };
                }
                Op::JumpFollows { a, b, c, s, by } => {
                    at += if self.follows(self.r(a), self.r(b), self.r(c), usize::from(s.0)) { usize::from(by.0) } else { 0 };
                }
                Op::UnlessOpen { s, by } => at += if self.is_open(usize::from(s.0)) { 0 } else { usize::from(by.0) },
                Op::UnlessUnmet { a, s, by } => {
                    let unmet = self.r(a);
                    self.slots.values[usize::from(s.0) + GoalCell::Unmet.offset()] = unmet;
                    at += if unmet == 0 { usize::from(by.0) } else { 0 };
                }
                Op::UnlessRuns { s, by } => at += if self.counts_running_day(usize::from(s.0)) { 0 } else { usize::from(by.0) },
                Op::Forget { s } => self.slots.values[usize::from(s.0) + FloorCell::Rise.offset()] = MISSING,
                Op::Headroom { d, a, b, s } => {
                    let room = difference(self.r(a), self.r(b))?;
                    self.put(d, room);
                    self.slots.values[usize::from(s.0)] = room;
                }
                Op::WarnRatio { a, b, s, by } => {
                    at += if ratio_reaches(self.r(a), self.r(b), self.cell(s)) { usize::from(by.0) } else { 0 };
                }
                Op::WarnAllowance { a, b, s, by } => {
                    at += if allowance_reaches(self.r(a), self.r(b), self.cell(s)) { usize::from(by.0) } else { 0 };
                }
                Op::Store { a, s } => {
                    self.slots.values[usize::from(s.0)] = self.r(a);
                    self.clear_fault(usize::from(s.0));
                }
                Op::Clear { s } => self.slots.values[usize::from(s.0)] = 0,
                Op::Sound { s } => self.clear_fault(usize::from(s.0)),
                Op::Due { s } => {
                    let edge = self.edge;
                    self.set_due(usize::from(s.0) - NodeCell::Due.offset(), edge);
                }
                Op::Step { node } => self.step(NodeId(node.0)),
                Op::Return { a } => return Ok(self.r(a)),
            }
        }
    }

    /// The verifier has seen to it that frames fit; the mask spares the check.
    fn r(&self, register: In) -> i64 {
        self.registers[(self.frame + usize::from(register.0)) % REGISTERS]
    }

    fn put(&mut self, register: Out, value: i64) {
        self.registers[(self.frame + usize::from(register.0)) % REGISTERS] = value;
    }

    fn cell(&self, cell: Cell) -> i64 {
        self.slots.values[usize::from(cell.0)]
    }

    fn load(&mut self, d: Out, value: i64, known: bool) -> Outcome<()> {
        self.put(d, present(value, known)?);
        Ok(())
    }

    fn keeps(&mut self, below: bool, limited: i64, s: Cell) -> bool {
        kept::keeps(&mut self.slots.values, below, limited, usize::from(s.0))
    }

    fn put_edge(&mut self, d: Out, edge: Edge) {
        self.changes_at(edge.next);
        self.put(d, i64::from(edge.now));
    }

    /// The value of a node; missing through a fault is a fault of the reader too.
    fn node_value(&self, cell: Cell) -> Outcome<i64> {
        let value = self.cell(cell);
        if value == MISSING {
            self.guard(usize::from(cell.0))?;
        }
        Ok(value)
    }

    fn guard(&self, base: usize) -> Outcome<()> {
        match self.slots.values[base + NodeCell::Fault.offset()] {
            0 => Ok(()),
            _ => Err(FaultKind::Dependent.into()),
        }
    }

    fn instance_value(&self, node: NodeId, cell: usize) -> Outcome<i64> {
        let Some(base) = self.instance(node)? else { return Ok(MISSING) };
        self.guard(base)?;
        Ok(self.slots.values[base + cell])
    }

    /// A condition in a register; a missing one is a fault.
    fn truth(&self, a: In) -> Outcome<i64> {
        match self.r(a) {
            MISSING => Err(FaultKind::Missing.into()),
            value => Ok(value),
        }
    }

    /// An operation on two values; missing if one is.
    fn both(&mut self, d: Out, a: In, b: In, operation: impl FnOnce(i64, i64) -> Outcome<i64>) -> Outcome<()> {
        let (a, b) = (self.r(a), self.r(b));
        let value = if a == MISSING || b == MISSING { MISSING } else { operation(a, b)? };
        self.put(d, value);
        Ok(())
    }

    /// Compares the time from an instant to now with a bound; the answer changes once the bound is
    /// reached, and for sides that touching does not satisfy an instant later.
    fn compare_elapsed(&mut self, how: Comparison, from: i64, bound: i64) -> Outcome<bool> {
        let holds = compare(how, self.now.saturating_sub(from), bound)?;
        if from == MISSING {
            return Err(FaultKind::Missing.into());
        }
        let reached = from.saturating_add(bound);
        if reached != NEVER {
            self.changes_at(reached);
            if !matches!(how, Comparison::AtLeast | Comparison::Below) {
                self.changes_at(reached.saturating_add(1));
            }
        }
        Ok(holds)
    }
}

/// A fault at an instruction belongs to its expression, unless it has told another.
#[cold]
fn located(code: &Code, at: usize, fault: Fault) -> Fault {
    Fault { kind: fault.kind, expr: fault.expr.or(code.origins[at]) }
}

fn present(value: i64, known: bool) -> Outcome<i64> {
    if value == MISSING && known { Err(FaultKind::Missing.into()) } else { Ok(value) }
}

fn ratio(numerator: i128, denominator: i128) -> Outcome<i64> {
    Ok(round_ratio(numerator, denominator)?)
}

pub(super) fn product(a: i64, b: i64) -> Outcome<i64> {
    Ok(crate::value::product(a, b)?)
}

pub(super) fn quotient(a: i64, b: i64) -> Outcome<i64> {
    ratio(i128::from(a) * ONE, i128::from(b))
}

fn compare(how: Comparison, a: i64, b: i64) -> Outcome<bool> {
    if a == MISSING || b == MISSING {
        return Err(FaultKind::Missing.into());
    }
    Ok(how.holds(a.cmp(&b)))
}

/// `a` against `percent of whole` without rounding: 100·a against percent·whole.
pub(super) fn compare_percent(how: Comparison, a: i64, percent: i64, whole: i64) -> Outcome<bool> {
    if a == MISSING || percent == MISSING || whole == MISSING {
        return Err(FaultKind::Missing.into());
    }
    let left = i128::from(a) * 100 * ONE;
    Ok(how.holds(left.cmp(&(i128::from(percent) * i128::from(whole)))))
}

/// Whether `left` has reached a percentage of a bound above zero. The percentage [`NEVER`] is none.
pub(super) fn ratio_reaches(left: i64, right: i64, percent: i64) -> bool {
    percent != NEVER && right > 0 && left != MISSING && i128::from(left) * 100 * ONE >= i128::from(percent) * i128::from(right)
}

/// Whether so much of an allowance above zero is used, with some room left.
pub(super) fn allowance_reaches(allowance: i64, room: i64, percent: i64) -> bool {
    let used = i128::from(allowance) - i128::from(room);
    percent != NEVER && allowance > 0 && room != MISSING && used * 100 * ONE >= i128::from(percent) * i128::from(allowance)
}

pub(super) fn used_ratio(left: i64, right: i64) -> Outcome<i64> {
    if right <= 0 { Ok(MISSING) } else { ratio(i128::from(left) * 100 * ONE, i128::from(right)) }
}

pub(super) fn used_allowance(allowance: i64, room: i64) -> Outcome<i64> {
    let used = (i128::from(allowance) - i128::from(room)).max(0);
    if allowance <= 0 { Ok(MISSING) } else { ratio(used * 100 * ONE, i128::from(allowance)) }
}

/// The whole multiple of a step nearest to a number, by the mode.
fn round(number: i64, step: i64, mode: Rounding) -> Outcome<i64> {
    let (number, step) = (i128::from(number), i128::from(step).abs());
    if step == 0 {
        return Err(FaultKind::DivisionByZero.into());
    }
    let (below, rest) = (number.div_euclid(step), number.rem_euclid(step));
    let multiple = match mode {
        Rounding::Down => below,
        Rounding::Up => below + i128::from(rest > 0),
        Rounding::HalfEven => below + i128::from(2 * rest > step || (2 * rest == step && below % 2 != 0)),
        // Ties go away from zero: up for positive numbers.
        Rounding::HalfUp if 2 * rest == step => below + i128::from(number > 0),
        Rounding::HalfUp => below + i128::from(2 * rest > step),
    };
    ratio(multiple * step, 1)
}
