//! How one event, or one due instant, becomes an outcome: evaluate, resolve, enter phases, copy.

use super::Account;
use super::days;
use super::hand::{Hand, bits};
use super::locks::LockedBy;
use super::question;
use super::resolve::{Context, Draft, Standing};
use super::symbols;
use crate::event::Event;
use crate::ir::PhaseId;
use crate::market::Market;
use crate::outcome::{Change, FaultKind, Outcome};
use crate::value::{Fixed, Instant};
use crate::vm;
use crate::vm::view::NEVER;
use crate::vocabulary::{AccountField, Moment, Occasion};

/// How often phases may be entered in one outcome.
pub const LONGEST_CHAIN: usize = 8;

impl Account {
    /// Processes everything due up to an instant, that instant included.
    pub fn advance(&mut self, market: &Market, to: Instant, outcomes: &mut Vec<Outcome>) {
        while self.books.due <= to.nanos() && self.books.due != NEVER {
            self.due(market, self.books.due, outcomes);
        }
    }

    /// One due instant.
    fn due(&mut self, market: &Market, at: i64, outcomes: &mut Vec<Outcome>) {
        self.books.now = at;
        self.books.newest = self.books.newest.max(at);
        let instant = Instant::from_nanos(at);
        let mut draft = self.draft(None);
        self.end_groups(market, at);
        let now = self.books.clock.pass(&self.calendar, &self.program.ir, instant);
        let happening = Hand { schedules: now.schedules, ..Hand::due(now.ends | now.starts) };
        let turns = self.turns(&happening, true);
        if now.ends | turns.ends != 0 {
            self.end_periods(market, now.ends | turns.ends);
        }
        if now.schedules != 0 || self.has_rule_due(at) {
            let hand = Hand { schedules: now.schedules, ..Hand::due(0) };
            self.evaluate(market, &hand, Moment::Timer);
        }
        let early = self.effects.list().len();
        let was_locked = self.books.is_locked();
        self.books.locks.expire(at);
        if was_locked && !self.books.is_locked() {
            draft.outcome.changes.push(Change::Locked { locked: false });
        }
        if let Some(day) = now.day {
            self.books.clock.open(&day);
            self.tell_outside(day.outside_calendar, day.date, &mut draft);
            self.renews = true;
        }
        if now.starts | turns.starts != 0 {
            self.start_periods(market, now.starts | turns.starts, now.day.map(|day| day.date), &mut draft);
        }
        let hand = Hand::due(0);
        self.evaluate(market, &hand, Moment::Judge);
        self.answer_payout(&hand, &mut draft);
        self.settle(market, &hand, &mut draft, early, None);
        self.conclude(market, &hand, draft, outcomes);
        self.go_over_when_due(market, outcomes);
        // Nothing is due twice at one instant.
        self.books.due = self.books.due.max(at.saturating_add(1));
    }

    fn end_periods(&mut self, market: &Market, ends: u64) {
        for (period, _) in self.program.ir.all_periods().filter(|(period, _)| ends & period.end_bit() != 0) {
            self.books.periods.end(period, &self.books.ledger);
        }
        self.evaluate(market, &Hand::due(ends), Moment::PeriodEnd);
    }

    /// The date is that of the trading day that opens, if one does.
    fn start_periods(&mut self, market: &Market, starts: u64, date: Option<crate::value::Date>, draft: &mut Draft) {
        let program = self.program.clone();
        for (period, _) in program.ir.all_periods().filter(|(period, _)| starts & period.start_bit() != 0) {
            match date.filter(|_| !period.is_own()) {
                Some(date) => self.books.periods.start(period, date, &self.books.ledger),
                None => self.open_own(market, period, false, draft),
            }
        }
        self.evaluate(market, &Hand::due(starts), Moment::PeriodStart);
    }

    fn tell_outside(&mut self, outside: bool, date: crate::value::Date, draft: &mut Draft) {
        if outside && !self.books.clock.told_outside {
            self.books.clock.told_outside = true;
            let name = self.program.ir.header.calendar.as_deref().unwrap_or_default();
            draft
                .fault(FaultKind::OutsideCalendar, format!("{date} is outside the loaded calendar `{name}`: it counts as an ordinary day"));
        }
    }

    /// Evaluates the rules at an event, and brings the outcome to its end.
    pub(super) fn run(&mut self, market: &Market, hand: &Hand, moment: Moment, mut draft: Draft, outcomes: &mut Vec<Outcome>) {
        let turned = self.turn_with_event(market, hand, &mut draft);
        let (hand, later) = turned.as_ref().map_or((hand, 0), |(hand, later)| (hand, *later));
        self.evaluate(market, hand, moment);
        self.follow_up(market, hand, later, draft, outcomes);
    }

    /// What follows once the rules have looked at an event.
    pub(super) fn follow_up(&mut self, market: &Market, hand: &Hand, later: u64, mut draft: Draft, outcomes: &mut Vec<Outcome>) {
        self.forget_ended(hand);
        self.turn_after_event(market, hand, later, &mut draft);
        if hand.occasions & Occasion::PayoutPayment.bit() != 0 {
            self.renews = true;
        }
        self.answer(market, hand, &mut draft);
        if let Some(order) = question::accepted_order(hand, &draft) {
            // It works from here on: what reads the working orders is judged with it.
            self.books.orders.put(order);
            self.evaluate(market, &Hand::default(), Moment::Order);
        }
        self.settle(market, hand, &mut draft, 0, None);
        self.conclude(market, hand, draft, outcomes);
    }

    /// An outcome at this instant, of an event with this id, or of time alone.
    pub(super) fn draft<'a>(&mut self, event: Option<&'a str>) -> Draft<'a> {
        self.effects.clear();
        self.draft_on(event)
    }

    /// The same on effects that are there already.
    pub(super) fn draft_on<'a>(&self, event: Option<&'a str>) -> Draft<'a> {
        let crossed = event.map(|_| self.books.ordinal);
        Draft::new(self.books.facts.account.clone(), event, self.books.now, crossed)
    }

    /// Carries out what the evaluation asked for; a phase that is entered is evaluated in turn.
    pub(super) fn settle(&mut self, market: &Market, hand: &Hand, draft: &mut Draft, early: usize, forced: Option<PhaseId>) {
        let (mut early, mut forced) = (early, forced);
        for _ in 0..LONGEST_CHAIN {
            let context = Context { ir: &self.program.ir, calendar: &self.calendar, or_at: false };
            let standing = draft.take(context, &mut self.books, self.effects.list(), early);
            early = 0;
            let target = forced.take().or_else(|| self.target_of(standing)).or_else(|| self.promotion_when_flat());
            let Some(target) = target else { return };
            self.enter(market, hand.due, target, false, draft);
        }
        // What the last phase asked for is told, and no phase is entered any more.
        let context = Context { ir: &self.program.ir, calendar: &self.calendar, or_at: false };
        draft.take(context, &mut self.books, self.effects.list(), 0);
    }

    /// The phase that a change of standing leads to at once.
    fn target_of(&mut self, standing: Option<Standing>) -> Option<PhaseId> {
        let ir = &self.program.ir;
        match standing? {
            Standing::Fail => {
                self.books.promotion = None;
                ir.phase_named("failed")
            }
            Standing::Close => {
                self.books.promotion = None;
                ir.phase_named("closed")
            }
            Standing::Restart => self.books.phase(),
            Standing::Promote(phase, by) => {
                self.books.promotion = Some(super::books::Promotion { phase: phase.0, by: by.0 });
                None
            }
        }
    }

    /// A promotion waits until the account is flat.
    fn promotion_when_flat(&mut self) -> Option<PhaseId> {
        let flat = self.books.ledger.positions().is_empty();
        self.books.promotion.take_if(|_| flat).map(|promotion| PhaseId(promotion.phase))
    }

    /// Enters a phase: what was is kept readable, its ledger starts, period records begin anew, and
    /// everything in force is entered.
    pub(super) fn enter(&mut self, market: &Market, due: bool, phase: PhaseId, opening: bool, draft: &mut Draft) {
        let program = self.program.clone();
        let ir = &program.ir;
        let from = self.books.phase_name(ir).into();
        self.keep_finals();
        self.books.set_phase(ir, phase);
        // Staff may lead back from a standing phase, and then the day is still the one that began before it.
        self.renews |= !ir.phase(phase).standing;
        if !opening {
            self.books.ledger.reset_totals();
        }
        if let Some(amount) = ir.phase(phase).ledger {
            self.start_ledger(market, amount, draft);
        }
        let today = days::day_of(&self.calendar, self.books.at()).date;
        let dates = days::dates(&self.calendar, self.books.at());
        self.books.periods.restart(&self.books.ledger, dates, today, opening);
        draft.outcome.changes.push(Change::Entered { from, to: self.books.phase_name(ir).into() });
        let occasions = [Occasion::PhaseStart, Occasion::CycleStart, Occasion::AccountStart];
        let occasions = bits(occasions.get(..if opening { 3 } else { 2 }).unwrap_or_default());
        let mut hand = Hand { occasions, due, ..Hand::default() };
        hand.occasions = self.restart_own(market, &hand, opening, draft);
        self.enter_nodes(market, &hand);
    }

    /// Starts the ledger with an amount; the difference to the platform's balance is kept.
    fn start_ledger(&mut self, market: &Market, amount: crate::ir::ExprId, draft: &mut Draft) {
        let hand = Hand::default();
        let amount = vm::evaluate_on_entry(&self.program, amount, &self.slots, &self.picture(market, &hand));
        let books = &mut self.books;
        let started = amount.ok().and_then(Fixed::from_raw).and_then(|amount| {
            let difference = books.ledger.balance().ok()?.sub(amount).ok()?;
            Some((amount, books.offset.add(difference).ok()?))
        });
        let Some((amount, offset)) = started else {
            draft.fault(FaultKind::Missing, "the balance with which the phase's ledger starts cannot be computed: the ledger goes on");
            return;
        };
        books.ledger.rebase(amount);
        (books.ledger_start, books.offset) = (amount, offset);
    }

    /// The account's values as a phase is left.
    fn keep_finals(&mut self) {
        let Some(phase) = self.books.phase() else { return };
        for field in AccountField::ALL {
            let value = self.books.field(&self.program.ir, &self.books.ledger, *field);
            self.books.finals.insert((phase.0, *field as u8), value);
        }
    }

    /// The last of an outcome: copies, the next due instant; the outcome is told unless nothing happened.
    pub(super) fn conclude(&mut self, market: &Market, hand: &Hand, mut draft: Draft, outcomes: &mut Vec<Outcome>) {
        self.copy_nodes(market, hand);
        let context = Context { ir: &self.program.ir, calendar: &self.calendar, or_at: false };
        draft.take(context, &mut self.books, self.effects.list(), 0);
        self.keep_opening();
        self.refresh_due();
        if let Some(outcome) = draft.finish() {
            self.books.newest = self.books.newest.max(self.books.now);
            outcomes.push(outcome);
        }
    }

    /// Computes when something is due next.
    pub(super) fn refresh_due(&mut self) {
        self.refresh_spans();
        let nodes = self.nodes_due();
        let groups = self.books.groups.next_end(&self.program.ir.groups);
        let periods = self.books.clock.next().min(self.books.spans.next());
        self.books.due = periods.min(self.books.locks.next_end()).min(nodes).min(groups);
    }

    /// Tells what the ledger must know of a symbol, and of the one that converts it, with their marks.
    pub(super) fn introduce(&mut self, market: &Market, name: &str) -> Option<crate::ledger::SymbolId> {
        if let Some(known) = self.books.symbols.find(name).filter(|known| self.books.symbols.is_introduced(*known)) {
            return Some(known);
        }
        let listed = market.listing(market.symbol(name)?)?.instrument.as_ref()?;
        let symbol = self.books.symbols.meet(market, name)?;
        let currency = self.books.currency();
        let instrument = symbols::instrument(&mut self.books.symbols, market, listed, currency);
        self.books.ledger.set_instrument(symbol, instrument);
        self.books.symbols.introduce(symbol);
        for met in [Some(symbol), instrument.conversion.symbol()].into_iter().flatten() {
            if let Some(listing) = self.books.symbols.listing(met) {
                self.books.ledger.mark(met, symbols::quote(market, listing), self.books.ordinal);
            }
        }
        Some(symbol)
    }

    /// A fault of the event itself, as an outcome.
    pub(super) fn refuse(&mut self, event: &Event, kind: FaultKind, detail: impl Into<String>, outcomes: &mut Vec<Outcome>) {
        let mut draft = self.draft(Some(&event.id));
        draft.outcome.at = event.at;
        draft.fault(kind, detail);
        if kind == FaultKind::Capacity {
            // The platform holds what is not kept here: nothing may be added before people have looked.
            let locked = self.books.is_locked();
            self.books.locks.add(LockedBy::Staff, NEVER, self.books.now);
            draft.outcome.changes.extend((!locked).then_some(Change::Locked { locked: true }));
        }
        outcomes.extend(draft.finish());
    }
}
