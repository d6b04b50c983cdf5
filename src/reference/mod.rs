//! The reference evaluator: a slow, plain tree walk over a checked program, written to be obviously
//! right. It shares parser, checker, calendar and events with the engine, and nothing of its
//! arithmetic, ledger or code.
//!
//! What can be computed from the past is computed from it each time: balances and period records
//! from the ledger's lines, trackers from their samples, floors from what happened to them.
//!
//! Only outcomes that hold something are told. Which instants are looked at is the engine's own
//! business, and what a fault says in words is for people: both are left out of a comparison.
//!
//! # Names in [`Reference::state`]
//!
//! | name | value |
//! | --- | --- |
//! | `phase`, `balance`, … | each value of the account, by its name in programs |
//! | `day.start_balance`, `last week.profit`, … | each value of each period and of the one before |
//! | `position 3.symbol`, `.side`, `.quantity`, … | each value of an open position, by its serial |
//! | `let NAME`, `track NAME`, `state NAME`, `floor NAME` | the value |
//! | `floor NAME.frozen` | whether it trails no more |
//! | `limit TITLE.open`, `.breaches`, `.headroom` | what is kept of a limit |
//! | `goal TITLE.reached` | whether it is reached |
//! | `lock TITLE LIST PLACE` | when the lock ends; missing until staff lift it |
//!
//! Nodes of a phase have `PHASE: ` before the name. Nodes `for each` position or symbol have
//! ` [N]` behind it, by serial or by the symbol's number. A node that is faulted is the text
//! `faulted`. Baselines and copies have no name and are not told.

mod account;
mod act;
mod booking;
mod builtins;
mod days;
mod draft;
mod eval;
mod fills;
mod floor;
mod flow;
mod goal;
mod group;
mod held;
mod interpreter;
mod ledger;
mod limit;
mod market;
mod number;
mod opening;
mod order;
mod payout;
mod periods;
mod position;
mod rollback;
mod rule;
mod seen;
mod spans;
mod state;
#[cfg(test)]
mod tests;
mod tracker;
mod turn;
mod val;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::Holidays;
use crate::event::{Event, Kind, OrderStatus, Provenance, Scope};
use crate::ir::{Ir, Period, PeriodKind};
use crate::outcome::{Cause, FaultKind, Outcome, Verdict};
use crate::value::{Instant, Value};
use crate::vocabulary::{Moment, Occasion};

use account::{Account, Step};
use draft::Draft;
use market::Market;
use periods::Before;

pub use seen::{Seen, Sight};

/// How many of its last ids an account remembers.
const REMEMBERED_IDS: usize = 256;

/// The reference evaluator of one program and all its accounts.
#[derive(Clone, Debug)]
pub struct Reference {
    ir: Arc<Ir>,
    market: Market,
    accounts: BTreeMap<String, Account>,
    /// The latest instant to which time has passed for all accounts.
    reached: Option<Instant>,
}

impl Reference {
    /// An evaluator of a program without accounts.
    pub fn new(ir: Arc<Ir>) -> Self {
        Self { ir, market: Market::default(), accounts: BTreeMap::new(), reached: None }
    }

    /// The same, which tells what its evaluations show.
    pub fn watched(ir: Arc<Ir>, seen: &Arc<Seen>) -> Self {
        let mut reference = Self::new(ir);
        reference.market.seen = Some(Arc::clone(seen));
        reference
    }

    /// Takes a whole exchange calendar of the host's under its name.
    pub fn load_calendar(&mut self, holidays: Holidays) {
        self.market.calendars.insert(holidays.name().to_owned(), Arc::new(holidays));
    }

    /// Applies one event: everything due before it first. A market-wide event reaches, in the order
    /// of their keys, the accounts that it concerns.
    pub fn apply(&mut self, event: &Event) -> Vec<Outcome> {
        match (&event.account, event.kind.scope()) {
            (Some(key), Scope::Account | Scope::Either) => self.apply_to(key, event),
            _ => self.apply_to_market(event),
        }
    }

    /// Processes what is due up to an instant, that instant included, in every account.
    pub fn advance(&mut self, to: Instant) -> Vec<Outcome> {
        self.reached = self.reached.max(Some(to));
        let market = &self.market;
        self.accounts.values_mut().flat_map(|account| account.advance(market, to.nanos())).collect()
    }

    /// The next instant at which something is due in an account; `None` for an unknown account.
    pub fn next_due(&self, account: &str) -> Option<Instant> {
        let due = self.accounts.get(account)?.next_due(&self.market);
        (due != days::NEVER).then(|| Instant::from_nanos(due))
    }

    /// Everything that is kept of an account, by the names that the module describes; empty for an
    /// unknown account.
    pub fn state(&self, account: &str) -> BTreeMap<String, Value> {
        self.accounts.get(account).map(|account| account.state(&self.market)).unwrap_or_default()
    }

    fn apply_to(&mut self, key: &str, event: &Event) -> Vec<Outcome> {
        let market = &self.market;
        if let Some(account) = self.accounts.get_mut(key) {
            return account.take(market, event);
        }
        let Kind::Open(open) = &event.kind else {
            return vec![refused(key, event, FaultKind::Inconsistent)];
        };
        match Account::open(&self.ir, market, key, event, open) {
            Ok((account, outcome)) => {
                self.accounts.insert(key.to_owned(), account);
                vec![outcome]
            }
            Err(kind) => vec![refused(key, event, kind)],
        }
    }

    fn apply_to_market(&mut self, event: &Event) -> Vec<Outcome> {
        let mut outcomes = self.advance(event.at);
        let is_mark = match &event.kind {
            Kind::Tick(tick) => self.market.tick(tick, event.at.nanos()),
            Kind::Instrument(instrument) => {
                self.market.instruments.insert(instrument.symbol.clone(), instrument.clone());
                false
            }
            Kind::News(news) => {
                self.market.news.insert(news.news_id.clone(), news.clone());
                true
            }
            // No event of an account: it is only known from here on.
            Kind::Gap(gap) => {
                self.accounts.values_mut().for_each(|account| account.gap(gap));
                false
            }
            Kind::Open(_) => return vec![refused("", event, FaultKind::Inconsistent)],
            Kind::Calendar(day) => {
                self.market.turn_calendar(day);
                false
            }
            // Nothing but time has passed.
            Kind::Clock => false,
            _ => true,
        };
        if let (true, Kind::Tick(tick)) = (is_mark, &event.kind) {
            let open = self.accounts.values_mut().flat_map(Account::open_now_or_at_opening);
            open.for_each(|position| position.resume(tick, self.market.ticks));
        }
        let market = &self.market;
        let concerned = self.accounts.values_mut().filter(|account| is_mark && account.is_concerned(market, event));
        outcomes.extend(concerned.filter_map(|account| account.run(market, event)));
        outcomes
    }
}

/// The outcome of an event that is not applied.
fn refused(key: &str, event: &Event, kind: FaultKind) -> Outcome {
    let fault = crate::outcome::Fault { kind, rule: "".into(), line: 0, detail: String::new() };
    Outcome {
        account: key.into(),
        cause: Cause::Event(event.id.as_str().into()),
        at: event.at,
        verdict: None,
        actions: Vec::new(),
        changes: Vec::new(),
        faults: vec![fault],
        recomputed: None,
    }
}

impl Account {
    /// Applies an event of the account; a duplicate leads to nothing, a late one or a correction is refused.
    fn take(&mut self, market: &Market, event: &Event) -> Vec<Outcome> {
        let repeated = self.ids.contains(&event.id) || event.seq.is_some_and(|seq| self.seq.is_some_and(|last| seq <= last));
        if repeated {
            return Vec::new();
        }
        if event.is_correction() || event.at.nanos() < self.clock {
            return vec![refused(&self.key, event, FaultKind::NeedsHistory)];
        }
        let mut outcomes = self.advance(market, event.at.nanos());
        if matches!(event.kind, Kind::Clock) {
            // Nothing but time has passed: leaving it out must change nothing.
            return outcomes;
        }
        self.ids.push(event.id.clone());
        let forgotten = self.ids.len().saturating_sub(REMEMBERED_IDS);
        self.ids.drain(..forgotten);
        self.seq = event.seq.or(self.seq);
        outcomes.extend(self.run(market, event));
        outcomes
    }

    /// Whether a market-wide event reaches the account's rules: ticks of what it holds and of what
    /// converts that, and everything else that is an event of all.
    fn is_concerned(&self, market: &Market, event: &Event) -> bool {
        let Kind::Tick(tick) = &event.kind else { return true };
        let converts = |symbol: &str| market.converter(symbol, self.facts.currency) == Some(tick.symbol.as_str());
        self.ledger.positions.iter().any(|position| position.symbol == tick.symbol || converts(&position.symbol))
    }

    /// Books an event, evaluates, and carries out what that led to; nothing where that is nothing.
    fn run(&mut self, market: &Market, event: &Event) -> Option<Outcome> {
        self.draft = Draft::new(Cause::Event(event.id.as_str().into()));
        // The passing of time and news of the market are no events of the account.
        let counts = !matches!(event.kind, Kind::News(_) | Kind::Clock);
        self.ordinal += u64::from(counts);
        if !matches!(event.kind, Kind::Tick(_) | Kind::News(_)) {
            self.clock = self.clock.max(event.at.nanos());
        }
        if event.account.is_some() || matches!(event.kind, Kind::Tick(_)) {
            self.estimated = event.provenance == Provenance::Estimated;
        }
        let mut closes = None;
        // A period that the event opens begins with the picture before it.
        let before = Before::now(&self.ledger, self.pricing(market)).ok();
        match self.book(market, event) {
            Ok(Some(step)) => {
                self.step = step;
                self.turn_and_evaluate(market, before);
            }
            Ok(None) => {
                self.step = Step::new(Moment::Staff, event.at.nanos(), false);
                closes = matches!(event.kind, Kind::Close).then(|| self.ir.phase_named("closed")).flatten();
            }
            Err(kind) => {
                self.ordinal -= u64::from(counts);
                self.draft.faults.push(kind);
                if kind == FaultKind::Capacity {
                    let locked = !self.locks.is_empty();
                    self.lock_until_staff();
                    self.tell_lock(locked);
                }
                self.step = Step::new(Moment::Staff, event.at.nanos(), false);
                return Some(self.finish_refused());
            }
        }
        self.after_evaluation(market);
        if let Some(order) = self.accepted_order() {
            // It works from here on: what reads the working orders is judged with it.
            self.working.push(order);
            let asked = std::mem::replace(&mut self.step, Step::new(Moment::Order, event.at.nanos(), false));
            self.evaluate_all(market);
            self.step = asked;
        }
        self.settle(market, closes);
        let outcome = self.finish(market);
        Some(outcome).filter(|outcome| !outcome.is_quiet())
    }

    /// Periods end with the event, and own ones open with it, so that it is theirs; what ends and
    /// starts with the same event starts once the rules have looked, and all is judged on it.
    fn turn_and_evaluate(&mut self, market: &Market, before: Option<Before>) {
        let (ended, started) = self.turn_own(market, false);
        let pays = self.step.has(Occasion::CycleEnd);
        if pays {
            self.end_all(market, &[Period::CYCLE]);
            self.step.occasions.remove(&Occasion::CycleStart);
        }
        self.end_all(market, &ended);
        let mut later: Vec<Period> = Vec::new();
        for period in started {
            if ended.contains(&period) || self.opens_with(period, pays, &later) {
                self.step.turns.remove(&crate::ir::Event::Start(period));
                later.push(period);
            } else {
                self.open_own(market, period, before);
            }
        }
        self.evaluate_all(market);
        if pays || !later.is_empty() {
            self.turn_later(market, pays, &later);
        }
    }

    /// Whether a period opens with the start of another that is still to come.
    fn opens_with(&self, period: Period, pays: bool, later: &[Period]) -> bool {
        use crate::ir::Event;
        let PeriodKind::Opened(rule) = &self.ir.period(period).kind else { return false };
        match rule.opens {
            Event::Occasion(Occasion::CycleStart) => pays,
            Event::Start(other) => later.contains(&other),
            _ => false,
        }
    }

    fn turn_later(&mut self, market: &Market, pays: bool, later: &[Period]) {
        let mut step = Step::new(crate::vocabulary::Moment::Judge, self.step.now, false);
        step.hand = self.step.hand.clone();
        step.occasions.extend(pays.then_some(Occasion::CycleStart));
        step.turns.extend(later.iter().map(|period| crate::ir::Event::Start(*period)));
        if pays {
            let date = self.days(market).date_of(self.step.now);
            let begun = self.periods.start(Period::CYCLE, date, &self.ledger, self.pricing(market));
            self.draft.faults.extend(begun.err());
        }
        for period in later {
            self.open_own(market, *period, None);
        }
        let looked = std::mem::replace(&mut self.step, step);
        self.evaluate_all(market);
        self.step = looked;
    }

    fn finish_refused(&mut self) -> Outcome {
        let draft = self.draft.clone();
        draft.finish(&self.ir, Arc::clone(&self.key), Instant::from_nanos(self.step.now))
    }

    /// Questions are answered.
    fn after_evaluation(&mut self, market: &Market) {
        self.tell_not_asked();
        if let Some((verdict, faults)) = self.answer_order(market) {
            self.draft.verdict = Some(verdict);
            self.draft.effects.extend(faults);
        }
        self.warn_of_floors(market);
        if self.step.has(Occasion::PayoutRequest) && self.payout_policy().is_none() {
            let amount = self.step.hand.payout.and_then(|at| self.payouts.get(at)).map(|payout| payout.amount).unwrap_or_default();
            self.draft.verdict = Some(Verdict::Deny { reasons: vec![draft::bare_reason(crate::vocabulary::answers::NO_PAYOUTS)], amount });
        }
    }

    /// The order in question, if it may go out: it works from here on.
    fn accepted_order(&self) -> Option<account::Working> {
        let mut order = self.step.hand.order.clone()?;
        match self.draft.verdict {
            Some(Verdict::Allow) => {}
            Some(Verdict::Reduce { quantity, .. }) => order.remaining = quantity,
            _ => return None,
        }
        Some(order).filter(|working| working.order.status == OrderStatus::New)
    }
}
