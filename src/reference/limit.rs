//! Limits.

use crate::ir::{BreachHandler, Counted, ExprId, ExprKind, Invariant, Limit, LimitFacet, NodeId, NodeKind, Period, Rearm, UsedOf};
use crate::outcome::{Change, FaultKind, Why};
use crate::syntax::ast::Bound;
use crate::value::Decimal;
use crate::vocabulary::{Moment, Occasion};

use super::account::{Memory, Slot};
use super::days::NEVER;
use super::draft::Effect;
use super::eval::{Eval, Evaluated, arithmetic};
use super::number::{against_percent, count, larger, sub};
use super::seen::Sight;
use super::turn::Turn;
use super::val::Val;

/// What a limit keeps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LimitCell {
    /// Whether a breach stands; until it is re-armed it cannot breach again.
    pub(super) open: bool,
    /// Whether it is broken now.
    broken: bool,
    /// How many breaches it counts.
    pub(super) count: u32,
    /// The room left; missing while it is not in force.
    pub(super) headroom: Val,
    /// Since when it has been broken without a break.
    pub(super) lasting_since: Option<i64>,
    /// Until when a breach may be cured.
    pub(super) cure_due: Option<i64>,
    /// Whether a breach has been cured.
    pub(super) cure_used: bool,
    /// Which percentages have fired.
    pub(super) fired: Vec<bool>,
    /// Breaches of other limits that count toward this one and are not counted yet.
    pub(super) pending: u32,
}

/// The two sides of a limit in force.
struct Sides {
    broken: bool,
    headroom: Val,
}

impl LimitCell {
    fn armed(limit: &Limit) -> Self {
        Self {
            open: false,
            broken: false,
            count: 0,
            headroom: Val::Missing,
            lasting_since: None,
            cure_due: None,
            cure_used: false,
            fired: vec![false; limit.at_used.len()],
            pending: 0,
        }
    }

    /// It can breach again.
    pub(super) fn rearm(&mut self) {
        self.open = false;
        self.fired.fill(false);
    }
}

impl Turn<'_> {
    /// Limit.
    pub(super) fn limit(&mut self, limit: &Limit, kept: Option<&LimitCell>) -> Result<Slot, FaultKind> {
        let mut cell = self.limit_at_hand(limit, kept);
        self.turn_limit(limit, &mut cell);
        let headroom_before = cell.headroom.clone();
        let mut breached = false;
        for _ in 0..std::mem::take(&mut cell.pending) {
            breached = true;
            self.breach(limit, &mut cell, &headroom_before)?;
        }
        let mut due = NEVER;
        if limit.clock.map_or(self.step().is_continuous(), |clock| self.occurs(clock)) {
            due = self.judge(limit, &mut cell, &headroom_before, breached)?;
        } else if let Some(slot) = self.state.slots.get(&(self.id, self.instance)) {
            due = slot.due;
        }
        Ok(Slot { due, memory: Memory::Limit(cell), ..Slot::empty() })
    }

    /// Entering clears everything but what is counted for the account's whole life.
    fn limit_at_hand(&self, limit: &Limit, kept: Option<&LimitCell>) -> LimitCell {
        let Some(kept) = kept else { return LimitCell::armed(limit) };
        if self.step().kind != Moment::Enter {
            return kept.clone();
        }
        let mut cell = LimitCell { cure_used: kept.cure_used, pending: kept.pending, ..LimitCell::armed(limit) };
        if limit.counted != Counted::Phase {
            cell.count = kept.count;
        }
        if limit.rearm == Rearm::Account {
            cell.open = kept.open;
        }
        cell
    }

    /// 1. The period that re-arms it starts; a payment begins a new count.
    fn turn_limit(&self, limit: &Limit, cell: &mut LimitCell) {
        if let Rearm::Period(period) = limit.rearm {
            let starts = match period {
                Period::DAY => self.step().has(Occasion::DayStart),
                Period::WEEK => self.step().has(Occasion::WeekStart),
                Period::MONTH => self.step().has(Occasion::MonthStart),
                Period::CYCLE => self.step().has(Occasion::CycleStart),
                own => self.step().occurs(crate::ir::Event::Start(own)),
            };
            if starts {
                self.looked.set(true);
                cell.rearm();
            }
        }
        if limit.counted == Counted::Payout && self.step().has(Occasion::PayoutPayment) {
            cell.count = 0;
        }
    }

    /// 3 to 9. Judges it; answers the next instant at which time alone matters to it.
    fn judge(&mut self, limit: &Limit, cell: &mut LimitCell, before: &Val, mut breached: bool) -> Result<i64, FaultKind> {
        let now = self.step().now;
        let (in_force_from, sides) = self.eval().sides(limit)?;
        let Some(sides) = sides else {
            // 3. Not in force: a new span begins when it is again.
            cell.rearm();
            (cell.broken, cell.lasting_since, cell.cure_due, cell.headroom) = (false, None, None, Val::Missing);
            return Ok(in_force_from.filter(|from| *from > now).unwrap_or(NEVER));
        };
        // What its own actions show is the room there is now.
        cell.headroom = sides.headroom.clone();
        let (broken, mut due) = lasted(limit, cell, sides.broken, now);
        cell.broken = broken;
        self.market.tell(Sight::Limit(self.id, broken));
        if broken && !cell.open {
            // 5. Broken: with a cure the breach waits.
            match limit.cure.filter(|(_, once)| !(*once && cell.cure_used)) {
                Some((nanos, _)) if cell.cure_due.is_none_or(|cure| now < cure) => {
                    due = *cell.cure_due.get_or_insert(now.saturating_add(nanos));
                }
                _ => {
                    breached = true;
                    self.breach(limit, cell, before)?;
                }
            }
        }
        if !broken {
            self.holds_again(limit, cell);
        }
        if !breached {
            self.used_up(limit, cell, before, &sides)?;
        }
        Ok(due)
    }

    /// 6. It holds: a breach that waited is cured, one that stands ends if holding re-arms it.
    fn holds_again(&mut self, limit: &Limit, cell: &mut LimitCell) {
        if cell.cure_due.take().is_some() {
            cell.cure_used = true;
            self.remember_before();
            let cured = Change::Cured { limit: self.node().name.as_str().into() };
            self.state.draft.effects.push(Effect::Change(cured));
        }
        if cell.open && limit.rearm == Rearm::Holds {
            cell.rearm();
        }
    }

    /// 7. A breach: counted, told, and its handlers in file order.
    fn breach(&mut self, limit: &Limit, cell: &mut LimitCell, before: &Val) -> Result<(), FaultKind> {
        cell.count += 1;
        (cell.open, cell.cure_due) = (true, None);
        cell.fired.fill(true);
        self.store(Memory::Limit(cell.clone()));
        let why = self.why_of_limit(limit, before);
        self.state.step.breached.insert(self.id);
        let (title, instance) = (self.node().name.as_str().into(), self.instance);
        let change = Change::Breach { limit: title, instance, number: cell.count, evidence: why.clone() };
        self.state.draft.effects.push(Effect::Change(change));
        for (list, handler) in limit.on_breach.iter().enumerate() {
            if handler.is_for(cell.count) && self.eval().holds_if(handler.when)? {
                self.perform(list, &why)?;
            }
        }
        if let Some(other) = limit.counts_toward {
            self.count_toward(other);
        }
        Ok(())
    }

    fn count_toward(&mut self, other: NodeId) {
        if let Some(Memory::Limit(cell)) = self.state.slots.get_mut(&(other, 0)).map(|slot| &mut slot.memory) {
            cell.pending += 1;
        }
    }

    /// 8. Without a breach: each percentage that is used and has not fired.
    fn used_up(&mut self, limit: &Limit, cell: &mut LimitCell, before: &Val, sides: &Sides) -> Result<(), FaultKind> {
        for (at, (percent, _)) in limit.at_used.iter().enumerate() {
            let fired = cell.fired.get(at).copied().unwrap_or(true);
            if fired || !self.eval().has_used(limit, *percent, &sides.headroom)? {
                continue;
            }
            if let Some(fired) = cell.fired.get_mut(at) {
                *fired = true;
            }
            self.store(Memory::Limit(cell.clone()));
            let why = self.why_of_limit(limit, before);
            self.perform(limit.on_breach.len() + at, &why)?;
        }
        Ok(())
    }

    fn why_of_limit(&self, limit: &Limit, before: &Val) -> Why {
        let Invariant::Stays { left, right, .. } = &limit.invariant else { return self.why(None, None) };
        let ty = &self.ir.expr(*left).ty;
        let shown = Some(before).filter(|before| !before.is_missing());
        let shown = shown.map(|before| before.show(ty, &self.ir, self.account().facts.currency));
        self.why(shown, self.eval().extreme_read([*left, *right]))
    }
}

/// Whether it has been broken for long enough without a break, and when it will have been.
fn lasted(limit: &Limit, cell: &mut LimitCell, broken: bool, now: i64) -> (bool, i64) {
    let Some(nanos) = limit.lasting else { return (broken, NEVER) };
    if !broken {
        cell.lasting_since = None;
        return (false, NEVER);
    }
    let long_enough = cell.lasting_since.get_or_insert(now).saturating_add(nanos);
    if now >= long_enough { (true, NEVER) } else { (false, long_enough) }
}

impl BreachHandler {
    /// Whether it is for the breach of this number.
    fn is_for(&self, number: u32) -> bool {
        self.from <= number && self.to.is_none_or(|to| number <= to)
    }
}

impl Eval<'_> {
    /// From when a limit is in force, and its sides if it is: its guard holds, both sides are known.
    fn sides(&self, limit: &Limit) -> Result<(Option<i64>, Option<Sides>), FaultKind> {
        if let Some(guard) = limit.guard
            && self.value(guard)? != Val::Bool(true)
        {
            return Ok((None, None));
        }
        let from = match limit.from {
            Some((instant, after)) => match self.value(instant)? {
                Val::Instant(at) => Some(at.saturating_add(after)),
                _ => return Ok((None, None)),
            },
            None => None,
        };
        if from.is_some_and(|from| self.now() < from) {
            return Ok((from, None));
        }
        Ok((from, self.sides_now(limit)?))
    }

    fn sides_now(&self, limit: &Limit) -> Result<Option<Sides>, FaultKind> {
        let (left, bound, right, percent) = match &limit.invariant {
            Invariant::Never(condition) => {
                let sides = |value: Val| value.truth().map(|broken| Sides { broken, headroom: Val::Missing });
                let value = self.value(*condition)?;
                return if value.is_missing() { Ok(None) } else { sides(value).map(Some) };
            }
            Invariant::Stays { left, bound, right, percent } => (self.value(*left)?, *bound, self.value(*right)?, percent),
        };
        if left.is_missing() || right.is_missing() {
            return Ok(None);
        }
        let order = match percent {
            Some((percent, whole)) => against_percent(left.decimal()?, self.value(*percent)?.decimal()?, self.value(*whole)?.decimal()?),
            None => left.order(&right)?,
        };
        let holds = match bound {
            Bound::Above => order.is_gt(),
            Bound::AtOrAbove => order.is_ge(),
            Bound::Below => order.is_lt(),
            Bound::AtOrBelow => order.is_le(),
        };
        let minus = |a: &Val, b: &Val| arithmetic(crate::ir::Arithmetic::Subtract, a, b);
        let headroom = if is_lower(bound) { minus(&left, &right)? } else { minus(&right, &left)? };
        Ok(Some(Sides { broken: !holds, headroom }))
    }

    /// Whether a limit would be broken on this picture, and its limited value; nothing when it is
    /// not in force.
    pub(super) fn judged(&self, limit: &Limit) -> Result<Option<(bool, Val)>, FaultKind> {
        let Some(sides) = self.sides(limit)?.1 else { return Ok(None) };
        let left = match &limit.invariant {
            Invariant::Stays { left, .. } => self.value(*left)?,
            Invariant::Never(_) => Val::Missing,
        };
        Ok(Some((sides.broken, left)))
    }

    /// Whether so much is used, exactly: 100·left ≥ p·right, or 100·(allowance − headroom) ≥ p·allowance.
    fn has_used(&self, limit: &Limit, percent: Decimal, headroom: &Val) -> Result<bool, FaultKind> {
        let Some((part, whole)) = self.used_of(limit, headroom)? else { return Ok(false) };
        Ok(against_percent(part, percent, whole).is_ge())
    }

    /// What is used and of how much; nothing where that is not above zero.
    fn used_of(&self, limit: &Limit, headroom: &Val) -> Result<Option<(Decimal, Decimal)>, FaultKind> {
        let (part, whole) = match (&limit.used, &limit.invariant) {
            (UsedOf::Ratio, Invariant::Stays { left, right, .. }) => (self.value(*left)?, self.value(*right)?),
            (UsedOf::Allowance(allowance), _) => {
                let allowance = self.value(*allowance)?;
                (arithmetic(crate::ir::Arithmetic::Subtract, &allowance, headroom)?, allowance)
            }
            _ => return Ok(None),
        };
        let (Val::Decimal(part), Val::Decimal(whole)) = (part, whole) else { return Ok(None) };
        Ok(Some((part, whole)).filter(|(_, whole)| !whole.is_negative() && !whole.is_zero()))
    }

    /// A fact about a limit, as it was judged last; the share used from its sides as they stand.
    pub(super) fn limit_facet(&self, id: NodeId, facet: LimitFacet) -> Evaluated {
        let node = self.account.ir.node(id);
        let slot = self.account.slots.get(&(id, self.instance_of(node.per)));
        let (Some(slot), NodeKind::Limit(limit)) = (slot, &node.kind) else { return Ok(Val::Missing) };
        if slot.fault.is_some() {
            return Err(FaultKind::Dependent);
        }
        let Some(cell) = slot.memory.limit() else { return Ok(Val::Missing) };
        match facet {
            LimitFacet::Headroom => Ok(cell.headroom.clone()),
            LimitFacet::Broken => Ok(Val::Bool(cell.broken)),
            LimitFacet::Breaches => count(cell.count).map(Val::Decimal),
            LimitFacet::Used => self.used(limit),
        }
    }

    fn used(&self, limit: &Limit) -> Evaluated {
        let Some(sides) = self.sides(limit)?.1 else { return Ok(Val::Missing) };
        let Some((part, whole)) = self.used_of(limit, &sides.headroom)? else { return Ok(Val::Missing) };
        let part = if matches!(limit.used, UsedOf::Allowance(_)) { larger(part, sub(part, part)?) } else { part };
        Self::share_used(part, whole)
    }

    /// The event that set the extreme of the first floor or tracker that some expressions read and that has
    /// one, in depth-first order; each part is looked at once.
    fn extreme_read(&self, ids: [ExprId; 2]) -> Option<u64> {
        let [left, right] = ids;
        let (mut seen, mut waiting) = (std::collections::BTreeSet::new(), vec![right, left]);
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            let ExprKind::Node(node) = &self.account.ir.expr(id).kind else {
                waiting.extend(self.account.ir.expr(id).kind.operands().into_iter().rev());
                continue;
            };
            let declared = self.account.ir.node(*node);
            let slot = self.account.slots.get(&(*node, self.instance_of(declared.per)));
            let extreme = match &declared.kind {
                NodeKind::Value(what) => {
                    waiting.push(*what);
                    None
                }
                NodeKind::Held(held) => {
                    waiting.push(held.cause);
                    None
                }
                NodeKind::Tracker(_) => slot.and_then(|slot| slot.memory.tracker()).and_then(|cell| cell.extreme),
                NodeKind::Floor(floor) => {
                    slot.and_then(|slot| slot.memory.floor()).and_then(|cell| cell.fold(floor.next_day).ok()?.extreme)
                }
                _ => None,
            };
            if extreme.is_some() {
                return extreme;
            }
        }
        None
    }
}

/// Whether the bound is a lower one.
pub(super) const fn is_lower(bound: Bound) -> bool {
    matches!(bound, Bound::Above | Bound::AtOrAbove)
}
