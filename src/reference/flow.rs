//! What happens at a due instant and after an evaluation: actions, locks, phases.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ir::{Event, NodeId, NodeKind, Period, PhaseId};
use crate::outcome::{ActionKind, Cause, Change, FaultKind, Outcome};
use crate::value::Instant;
use crate::vocabulary::{AccountField, Moment, Occasion};

use super::account::{Account, Lock, Slot, Step};
use super::days::{Day, NEVER, Span};
use super::draft::{Act, Draft, Effect, Own};
use super::eval::Cursor;
use super::market::Market;
use super::val::Val;

/// How often phases may be entered in one outcome.
const LONGEST_CHAIN: usize = 8;

/// The periods that end and start with days, with their occasions.
const SPANS: [(Span, Option<Period>, Occasion, Option<Occasion>); 4] = [
    (Span::Week, Some(Period::WEEK), Occasion::WeekEnd, Some(Occasion::WeekStart)),
    (Span::Month, Some(Period::MONTH), Occasion::MonthEnd, Some(Occasion::MonthStart)),
    (Span::Quarter, None, Occasion::QuarterEnd, None),
    (Span::Year, None, Occasion::YearEnd, None),
];

impl Account {
    /// The next instant at which something is due: everything that is kept is looked at.
    pub(super) fn next_due(&self, market: &Market) -> i64 {
        let days = self.days(market);
        let edges = [days.next_edge(self.served), self.next_period_end(market)].into_iter();
        let schedules = self.ir.schedules.iter().map(|schedule| days.next_due(*schedule, self.served));
        let locks = self.locks.iter().map(|lock| lock.until);
        let nodes = self.slots.iter().filter(|((id, _), _)| self.in_force(*id)).flat_map(|(_, slot)| [slot.due, slot.edge]);
        let groups = std::iter::once(self.next_group_end());
        let next = edges.chain(schedules).chain(locks).chain(nodes).chain(groups).filter(|due| *due > self.served).min();
        next.map_or(NEVER, |next| next.max(self.clock))
    }

    /// Processes everything due up to an instant, that instant included; quiet outcomes are left out.
    pub(super) fn advance(&mut self, market: &Market, to: i64) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        loop {
            let due = self.next_due(market);
            if due > to || due == NEVER {
                return outcomes;
            }
            outcomes.extend(Some(self.due(market, due)).filter(|outcome| !outcome.is_quiet()));
        }
    }

    /// One due instant.
    fn due(&mut self, market: &Market, at: i64) -> Outcome {
        self.draft = Draft::new(Cause::Due(Instant::from_nanos(at)));
        (self.served, self.clock) = (at, at);
        self.end_groups(market, at);
        let (ended, started) = self.turn_when_due(market, at);
        self.end_periods(market, at, &ended);
        self.run_timers(market, at);
        let locked = !self.locks.is_empty();
        self.locks.retain(|lock| lock.until > at);
        self.tell_lock(locked);
        self.start_periods(market, at, &started);
        self.step = Step::new(Moment::Judge, at, true);
        self.evaluate_all(market);
        self.settle(market, None);
        self.finish(market)
    }

    /// 1. Ends of periods: their records are closed, then everything that says so is evaluated once.
    fn end_periods(&mut self, market: &Market, at: i64, own: &[Period]) {
        let mut step = Step::new(Moment::PeriodEnd, at, true);
        let mut ended = own.to_vec();
        if let Some(day) = self.days(market).stamped_at(at) {
            step.occasions.extend(self.ends_with(market, &day));
            ended.push(Period::DAY);
            ended.extend(SPANS.into_iter().filter(|(_, _, end, _)| step.has(*end)).filter_map(|(_, period, ..)| period));
        }
        if ended.is_empty() {
            return;
        }
        step.turns.extend(own.iter().map(|period| Event::End(*period)));
        self.end_all(market, &ended);
        self.step = step;
        self.evaluate_all(market);
    }

    /// Closes the records of periods.
    pub(super) fn end_all(&mut self, market: &Market, ended: &[Period]) {
        let pricing = self.pricing(market);
        for period in ended {
            if let Err(kind) = self.periods.end(*period, &self.ledger, pricing) {
                self.draft.faults.push(kind);
            }
        }
    }

    /// What ends with a day.
    fn ends_with(&self, market: &Market, day: &Day) -> Vec<Occasion> {
        let days = self.days(market);
        let spans = SPANS.into_iter().filter(|(span, ..)| days.is_last(day, *span)).map(|(_, _, end, _)| end);
        std::iter::once(Occasion::DayEnd).chain(spans).collect()
    }

    /// What starts with a day.
    fn starts_with(&self, market: &Market, day: &Day) -> Vec<Occasion> {
        let days = self.days(market);
        let spans = SPANS.into_iter().filter(|(span, ..)| days.is_first(day, *span)).filter_map(|(.., start)| start);
        std::iter::once(Occasion::DayStart).chain(spans).collect()
    }

    /// The own periods that end and start at a due instant: with what is due then, or by themselves.
    fn turn_when_due(&mut self, market: &Market, at: i64) -> (Vec<Period>, Vec<Period>) {
        let mut step = Step::new(Moment::Judge, at, true);
        let days = self.days(market);
        step.occasions.extend(days.stamped_at(at).iter().flat_map(|day| self.ends_with(market, day)));
        step.occasions.extend(days.opens_at(at).iter().flat_map(|day| self.starts_with(market, day)));
        step.schedules = self.schedules_at(market, at);
        self.step = step;
        self.turn_own(market, true)
    }

    /// The schedules that are due at an instant.
    fn schedules_at(&self, market: &Market, at: i64) -> BTreeSet<usize> {
        let days = self.days(market);
        let due = self.ir.schedules.iter().enumerate().filter(|(_, schedule)| days.is_due(**schedule, at));
        due.map(|(number, _)| number).collect()
    }

    /// 2. Rules of the clock, and rules whose wait is over.
    fn run_timers(&mut self, market: &Market, at: i64) {
        let mut step = Step::new(Moment::Timer, at, true);
        step.schedules = self.schedules_at(market, at);
        let waits = self.slots.iter().any(|((id, _), slot)| matches!(self.ir.node(*id).kind, NodeKind::Rule(_)) && slot.due <= at);
        if !step.schedules.is_empty() || waits {
            self.step = step;
            self.evaluate_all(market);
        }
    }

    /// 4. Starts of periods: their records begin, then everything is evaluated once.
    fn start_periods(&mut self, market: &Market, at: i64, own: &[Period]) {
        let day = self.days(market).opens_at(at);
        let mut step = Step::new(Moment::PeriodStart, at, true);
        if let Some(day) = &day {
            step.occasions.extend(self.starts_with(market, day));
            self.open_day(market, day, &step);
        } else if own.is_empty() {
            return;
        }
        step.turns.extend(own.iter().map(|period| Event::Start(*period)));
        self.step = step;
        for period in own {
            self.open_own(market, *period, None);
        }
        self.evaluate_all(market);
    }

    /// Begins the records of a day that opens, and of the week and month that start with it.
    fn open_day(&mut self, market: &Market, day: &Day, step: &Step) {
        if day.outside && !self.told.outside {
            self.told.outside = true;
            self.draft.faults.push(FaultKind::OutsideCalendar);
        }
        let pricing = self.pricing(market);
        let spans = SPANS.into_iter().filter(|(.., start)| start.is_some_and(|start| step.has(start)));
        for period in std::iter::once(Period::DAY).chain(spans.filter_map(|(_, period, ..)| period)) {
            if let Err(kind) = self.periods.start(period, day.date, &self.ledger, pricing) {
                self.draft.faults.push(kind);
            }
        }
        self.opening.renews = true;
    }

    /// Carries out what the evaluation asked for; a phase that is entered is evaluated in turn.
    pub(super) fn settle(&mut self, market: &Market, forced: Option<PhaseId>) {
        let (mut from, mut forced) = (0, forced);
        for _ in 0..LONGEST_CHAIN {
            self.keep_locks(from);
            self.hold_back_estimates(from);
            let asked = self.draft.keep_one_standing(from);
            let target = forced.take().or_else(|| asked.and_then(|act| self.target_of(&act))).or_else(|| self.promotion_when_flat());
            let Some(target) = target else { return };
            from = self.draft.effects.len();
            self.enter(market, target, false);
        }
    }

    /// An estimate fails and closes nobody: a person looks instead.
    fn hold_back_estimates(&mut self, from: usize) {
        if !self.estimated {
            return;
        }
        for effect in self.draft.effects.iter_mut().skip(from) {
            if let Effect::Act(act) = effect
                && matches!(act.own, Own::Fail | Own::Close)
            {
                act.own = Own::Nothing;
                let message = format!("`{}` was asked for by an estimate", act.action.kind.words());
                act.action.kind = ActionKind::Review { message };
            }
        }
    }

    /// The phase that a standing action leads to at once.
    fn target_of(&mut self, act: &Act) -> Option<PhaseId> {
        match act.own {
            Own::Fail | Own::Close => {
                self.promotion = None;
                self.ir.phase_named(if act.own == Own::Fail { "failed" } else { "closed" })
            }
            Own::Restart => self.phase,
            Own::Promote(phase) => {
                self.promotion = Some((phase, act.node));
                None
            }
            Own::Nothing | Own::Lock(_) | Own::Unlock => None,
        }
    }

    /// A promotion waits until the account is flat.
    fn promotion_when_flat(&mut self) -> Option<PhaseId> {
        let flat = self.is_flat();
        self.promotion.take_if(|_| flat).map(|(phase, _)| phase)
    }

    /// Locks that were asked for since an effect: one for each rule, list and place.
    fn keep_locks(&mut self, from: usize) {
        let locked = !self.locks.is_empty();
        for effect in self.draft.effects.iter().skip(from) {
            let Effect::Act(act) = effect else { continue };
            match act.own {
                Own::Lock(until) => {
                    let by = (act.node, act.place.0, act.place.1);
                    self.locks.retain(|lock| lock.by != by);
                    let lock = Lock { by, title: Arc::clone(&act.action.rule), cites: act.action.cites.clone(), until };
                    self.locks.extend(Some(lock).filter(|lock| lock.until > self.step.now));
                }
                // What staff hold, only staff lift.
                Own::Unlock => self.locks.retain(|lock| lock.by.0 == NodeId(u16::MAX)),
                _ => {}
            }
        }
        self.tell_lock(locked);
    }

    /// Tells when the first lock comes into force, or the last is lifted.
    pub(super) fn tell_lock(&mut self, before: bool) {
        let locked = !self.locks.is_empty();
        if locked != before {
            self.draft.effects.push(Effect::Change(Change::Locked { locked }));
        }
    }

    /// Enters a phase: what was is kept readable, its ledger starts, period records begin anew, and
    /// everything in force is entered.
    pub(super) fn enter(&mut self, market: &Market, phase: PhaseId, opening: bool) {
        let from = self.phase_name();
        self.keep_finals(market);
        let standing = |phase: Option<PhaseId>| phase.is_some_and(|phase| self.ir.phase(phase).standing);
        if standing(Some(phase)) && !standing(self.phase) {
            self.left = self.phase;
        }
        (self.phase, self.phase_started) = (Some(phase), self.step.now);
        self.opening.renews |= !standing(self.phase);
        self.mark_phase();
        self.start_ledger(market, phase);
        let dates = self.dates(market);
        let pricing = self.pricing(market);
        if let Err(kind) = self.periods.restart(&dates, &self.ledger, pricing) {
            self.draft.faults.push(kind);
        }
        self.draft.effects.push(Effect::Change(Change::Entered { from, to: self.phase_name() }));
        let mut step = Step::new(Moment::Enter, self.step.now, self.step.due);
        step.occasions.extend([Occasion::PhaseStart, Occasion::CycleStart]);
        step.occasions.extend(opening.then_some(Occasion::AccountStart));
        self.step = step;
        self.restart_own(market);
        self.evaluate_all(market);
    }

    fn start_ledger(&mut self, market: &Market, phase: PhaseId) {
        let Some(amount) = self.ir.phase(phase).ledger else { return };
        let edge = Cell::new(NEVER);
        // Nothing of the phase has been evaluated: a `let` is read through to its expression.
        self.supposed = true;
        let amount = self.eval_at(market, Cursor::Event, &edge).value(amount).and_then(|value| value.decimal());
        self.supposed = false;
        if let Err(kind) = amount.and_then(|amount| self.ledger.start_with(amount)) {
            self.draft.faults.push(kind);
        }
    }

    /// The account's values as a phase is left.
    fn keep_finals(&mut self, market: &Market) {
        let Some(phase) = self.phase else { return };
        let edge = Cell::new(NEVER);
        let eval = self.eval_at(market, Cursor::Event, &edge);
        let value = |field: AccountField| eval.account_field(field).unwrap_or(Val::Missing);
        let finals: Vec<_> = AccountField::ALL.iter().map(|field| ((phase, *field), value(*field))).collect();
        self.finals.extend(finals);
    }

    /// The date of each period now, and whether it runs.
    fn dates(&self, market: &Market) -> BTreeMap<Period, (i32, bool)> {
        let (days, now) = (self.days(market), self.step.now);
        let coming = days.date_of(now);
        let running = days.running(now);
        let shown = running.or_else(|| days.last_stamped(now)).map_or(coming, |day| day.date);
        let mut dates = BTreeMap::from([(Period::DAY, (shown, running.is_some())), (Period::CYCLE, (coming, true))]);
        for (period, span) in [(Period::WEEK, Span::Week), (Period::MONTH, Span::Month)] {
            // It runs from the opening of its first day to the stamp of its last.
            let runs = running.is_some() || days.same(shown, coming, span);
            dates.insert(period, (days.first_date(shown, span), runs));
        }
        dates
    }

    /// What copies take last, and the outcome.
    pub(super) fn finish(&mut self, market: &Market) -> Outcome {
        let ir = Arc::clone(&self.ir);
        for (id, node) in ir.nodes() {
            let NodeKind::EventCopy(what) = &node.kind else { continue };
            if !self.in_force(id) {
                continue;
            }
            let edge = Cell::new(NEVER);
            let value = self.eval_at(market, Cursor::Event, &edge).value(*what);
            let slot = self.slots.entry((id, 0)).or_insert_with(Slot::empty);
            let was = slot.fault;
            (slot.fault, slot.value) = value.map_or_else(|kind| (Some(kind), Val::Missing), |value| (None, value));
            if let Some(kind) = slot.fault.filter(|kind| was != Some(*kind)) {
                self.draft.effects.push(Effect::Fault { node: id, kind });
            }
        }
        self.note_flat();
        self.keep_opening();
        // A request is judged before its own deduction; what is asked from now on is after it.
        self.step.occasions.remove(&Occasion::PayoutRequest);
        let draft = std::mem::replace(&mut self.draft, Draft::new(Cause::Due(Instant::from_nanos(self.step.now))));
        draft.finish(&ir, Arc::clone(&self.key), Instant::from_nanos(self.step.now))
    }
}
