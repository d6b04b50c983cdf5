//! One account: what is kept of it, in the plainest form.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::event::{Fill, Order, PayoutStatus, Tick};
use crate::ir::{Event as Happening, Ir, NodeId, NodeKind, PhaseId};
use crate::outcome::FaultKind;
use crate::syntax::ast::PayoutMoment;
use crate::value::{Currency, Decimal};
use crate::vocabulary::{AccountField, Moment, Occasion};

use super::days::{Days, NEVER};
use super::draft::Draft;
use super::fills::{Filled, Trade};
use super::floor::FloorCell;
use super::goal::GoalCell;
use super::group::Deed;
use super::held::{BaseCell, HeldCell};
use super::ledger::{Ledger, Line};
use super::limit::LimitCell;
use super::market::Market;
use super::number::{Num, add, total};
use super::payout::PayoutCell;
use super::periods::Periods;
use super::position::Pricing;
use super::rollback::DayOpening;
use super::rule::RuleCell;
use super::spans::Spans;
use super::tracker::TrackCell;
use super::val::Val;

/// What was told at opening.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// The plan's name.
    pub(super) plan: String,
    /// The plan's size.
    pub(super) size: Decimal,
    /// The account's currency.
    pub(super) currency: Currency,
    /// When it was opened.
    pub(super) opened_at: i64,
    /// When it was bought.
    pub(super) purchased_at: i64,
}

/// A working order, or the order in question.
#[derive(Clone, Debug)]
pub(super) struct Working {
    /// As it was told.
    pub(super) order: Order,
    /// How much is not filled, without sign.
    pub(super) remaining: Decimal,
}

/// A payout and what became of it.
#[derive(Clone, Debug)]
pub(super) struct PayoutRecord {
    /// Its name.
    pub(super) id: String,
    /// Its own number.
    pub(super) number: u32,
    /// What was asked for, approved or paid.
    pub(super) amount: Decimal,
    /// What became of it.
    pub(super) status: PayoutStatus,
    /// That it was paid.
    pub(super) paid: Option<Paid>,
    /// Whether a requirement of the time between request and payment has denied it.
    pub(super) denied: bool,
}

/// That a payout was paid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paid {
    /// Its place among all that were paid.
    pub(super) order: u32,
    /// When.
    pub(super) at: i64,
    /// The balance then.
    pub(super) balance: Decimal,
    /// How many lines the ledger had.
    pub(super) line: usize,
}

/// A lock.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lock {
    /// The rule, its list and the place there.
    pub(super) by: (NodeId, u16, u16),
    /// The rule's title.
    pub(super) title: Arc<str>,
    /// The clause that it cites.
    pub(super) cites: Option<Arc<str>>,
    /// When it ends; never by itself for locks that staff lift.
    pub(super) until: i64,
}

/// The records that the event brings.
#[derive(Clone, Debug, Default)]
pub(super) struct Hand {
    /// The order in question.
    pub(super) order: Option<Working>,
    /// The fill and what it did.
    pub(super) fill: Option<(Fill, Filled)>,
    /// The tick.
    pub(super) tick: Option<Tick>,
    /// The payout, by its place.
    pub(super) payout: Option<usize>,
    /// The position that the event concerns, by serial.
    pub(super) position: Option<u64>,
}

impl Hand {
    /// The trade that the fill completed.
    pub(super) fn trade(&self) -> Option<&Trade> {
        self.fill.as_ref().and_then(|(_, filled)| filled.trade.as_ref())
    }
}

/// One evaluation of everything in force: when, and what happens.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Of which kind.
    pub(super) kind: Moment,
    /// When, in nanoseconds.
    pub(super) now: i64,
    /// Whether it belongs to a due instant and not to an event.
    pub(super) due: bool,
    /// Occasions.
    pub(super) occasions: BTreeSet<Occasion>,
    /// Starts and ends of the program's own periods.
    pub(super) turns: BTreeSet<Happening>,
    /// Schedules that are due.
    pub(super) schedules: BTreeSet<usize>,
    /// The host event at hand.
    pub(super) host: Option<(u16, BTreeMap<String, crate::event::FieldValue>)>,
    /// The input that has changed.
    pub(super) input: Option<u16>,
    /// Limits that were breached earlier in this evaluation.
    pub(super) breached: BTreeSet<NodeId>,
    /// Records at hand.
    pub(super) hand: Hand,
    /// The instances of groups that end: the group's number, the instance's serial.
    pub(super) ended: Vec<(u16, u64)>,
}

impl Step {
    /// A step without occasions.
    pub(super) fn new(kind: Moment, now: i64, due: bool) -> Self {
        Self {
            kind,
            now,
            due,
            occasions: BTreeSet::new(),
            turns: BTreeSet::new(),
            schedules: BTreeSet::new(),
            host: None,
            input: None,
            breached: BTreeSet::new(),
            hand: Hand::default(),
            ended: Vec::new(),
        }
    }

    /// Whether an occasion happens.
    pub(super) fn has(&self, occasion: Occasion) -> bool {
        self.occasions.contains(&occasion)
    }

    /// Whether something happens in this evaluation.
    pub(super) fn occurs(&self, what: Happening) -> bool {
        match what {
            Happening::Occasion(occasion) => self.has(occasion),
            Happening::Host(event) => self.host.as_ref().is_some_and(|(at_hand, _)| *at_hand == event),
            Happening::Input(input) => self.input == Some(input),
            Happening::Breach(limit) => self.breached.contains(&limit),
            Happening::Start(_) | Happening::End(_) => self.turns.contains(&what),
            Happening::Schedule(schedule) => self.schedules.contains(&usize::from(schedule)),
            Happening::GroupEnd(group) => self.ended.iter().any(|(number, _)| *number == group),
        }
    }

    /// Whether limits and goals without a clock, and `when` rules, are judged: at events, at the
    /// judging of a due instant, and on entering a phase.
    pub(super) const fn is_continuous(&self) -> bool {
        !matches!(self.kind, Moment::PeriodEnd | Moment::Timer | Moment::PeriodStart)
    }
}

/// What a kind of node keeps.
#[derive(Clone, Debug)]
pub(super) enum Memory {
    /// Only its value.
    Plain,
    /// A value with tails.
    Held(HeldCell),
    /// A baseline.
    Baseline(BaseCell),
    /// A tracker.
    Tracker(TrackCell),
    /// A floor.
    Floor(FloorCell),
    /// A limit.
    Limit(LimitCell),
    /// A rule.
    Rule(RuleCell),
    /// A goal.
    Goal(GoalCell),
    /// A payout policy.
    Payout(PayoutCell),
}

/// What is kept of one instance of a node.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// Its value.
    pub(super) value: Val,
    /// Why it could not be evaluated, while that lasts.
    pub(super) fault: Option<FaultKind>,
    /// What its kind keeps.
    pub(super) memory: Memory,
    /// The next instant at which it does something of its own.
    pub(super) due: i64,
    /// The next instant at which something that it reads may change with time alone.
    pub(super) edge: i64,
}

impl Slot {
    /// A slot that was never evaluated.
    pub(super) const fn empty() -> Self {
        Self { value: Val::Missing, fault: None, memory: Memory::Plain, due: NEVER, edge: NEVER }
    }
}

/// What an account tells once for all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// That a day lies outside the loaded calendar.
    pub(super) outside: bool,
    /// That limits on orders are not asked.
    pub(super) not_asked: bool,
}

/// An account.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// Its key.
    pub(super) key: Arc<str>,
    /// The program.
    pub(super) ir: Arc<Ir>,
    /// What was told at opening.
    pub(super) facts: Facts,
    /// The ledger.
    pub(super) ledger: Ledger,
    /// What was opened and closed, and which groups have ended.
    pub(super) deeds: Vec<Deed>,
    /// The periods.
    pub(super) periods: Periods,
    /// The program's own periods.
    pub(super) spans: Spans,
    /// Working orders, in the order of their arrival.
    pub(super) working: Vec<Working>,
    /// Payouts, in the order of their requests.
    pub(super) payouts: Vec<PayoutRecord>,
    /// The cells of the plan.
    pub(super) plan: Vec<Val>,
    /// The options.
    pub(super) options: Vec<Val>,
    /// Inputs that were told, and when.
    pub(super) inputs: BTreeMap<usize, (Val, i64)>,
    /// The nodes' slots by instance.
    pub(super) slots: BTreeMap<(NodeId, u64), Slot>,
    /// The account's values when each phase was left last.
    pub(super) finals: BTreeMap<(PhaseId, AccountField), Val>,
    /// The phase.
    pub(super) phase: Option<PhaseId>,
    /// The phase before a standing one.
    pub(super) left: Option<PhaseId>,
    /// When the phase was entered.
    pub(super) phase_started: i64,
    /// Locks in force.
    pub(super) locks: Vec<Lock>,
    /// The promotion that waits until the account is flat, and the node that asked for it.
    pub(super) promotion: Option<(PhaseId, NodeId)>,
    /// The moment.
    pub(super) step: Step,
    /// How many events have reached the rules.
    pub(super) ordinal: u64,
    /// The last due instant that was processed.
    pub(super) served: i64,
    /// The instant of the last event or due instant.
    pub(super) clock: i64,
    /// Ids of its last events.
    pub(super) ids: Vec<String>,
    /// The last `seq`.
    pub(super) seq: Option<u64>,
    /// Whether an order is supposed to be filled, or a phase is about to be entered: a `let` is then read
    /// through to its expression.
    pub(super) supposed: bool,
    /// Until when the feed is known to be down.
    pub(super) gap_until: i64,
    /// Whether the last event that reached the rules was only an estimate.
    pub(super) estimated: bool,
    /// Whether an order was ever asked about.
    pub(super) asked: bool,
    /// What has been told once for all.
    pub(super) told: Told,
    /// The outcome in the making.
    pub(super) draft: Draft,
    /// What a day is rolled back to.
    pub(super) opening: DayOpening,
}

impl Account {
    /// How positions are priced.
    pub(super) fn pricing<'a>(&self, market: &'a Market) -> Pricing<'a> {
        Pricing { market, marks: self.ir.header.marks, currency: self.facts.currency }
    }

    /// The trading days.
    pub(super) fn days<'a>(&'a self, market: &'a Market) -> Days<'a> {
        Days::new(&self.ir, market)
    }

    /// The name of the phase.
    pub(super) fn phase_name(&self) -> Arc<str> {
        self.phase.map_or("", |phase| self.ir.phase(phase).name.as_str()).into()
    }

    /// Whether a node holds: in its phase, or outside phases in all but the standing ones.
    pub(super) fn in_force(&self, node: NodeId) -> bool {
        let Some(current) = self.phase else { return false };
        self.ir.node(node).phase.map_or(!self.ir.phase(current).standing, |phase| phase == current)
    }

    /// The payout policy in force.
    pub(super) fn payout_policy(&self) -> Option<(NodeId, &crate::ir::Payout)> {
        self.ir.nodes().filter(|(id, _)| self.in_force(*id)).find_map(|(id, node)| match &node.kind {
            NodeKind::Payout(payout) => Some((id, payout)),
            _ => None,
        })
    }

    /// The place of the payout that is requested or approved and not yet paid or denied.
    pub(super) fn pending_payout(&self) -> Option<usize> {
        self.payouts.iter().position(|payout| matches!(payout.status, PayoutStatus::Requested | PayoutStatus::Approved))
    }

    /// Payouts that were paid.
    pub(super) fn paid_payouts(&self) -> impl Iterator<Item = &PayoutRecord> {
        self.payouts.iter().filter(|payout| payout.paid.is_some())
    }

    /// What is reserved for payouts: from the moment that the policy names until the cash is booked.
    /// A request is judged before its deduction.
    pub(super) fn reserved(&self) -> Num {
        let deducts = self.payout_policy().map_or(PayoutMoment::Payment, |(_, payout)| payout.deducts_at);
        let in_question = self.step.hand.payout.filter(|_| self.step.has(Occasion::PayoutRequest));
        let reserved = self.payouts.iter().enumerate().filter(|(at, payout)| {
            let reached = match payout.status {
                PayoutStatus::Requested => deducts == PayoutMoment::Request,
                PayoutStatus::Approved => matches!(deducts, PayoutMoment::Request | PayoutMoment::Approval),
                PayoutStatus::Paid => deducts != PayoutMoment::Denial,
                PayoutStatus::Denied | PayoutStatus::Returned | PayoutStatus::Cancelled => false,
            };
            reached && in_question != Some(*at) && !self.ledger.payout_cash.contains_key(&payout.id)
        });
        total(reserved.map(|(_, payout)| payout.amount))
    }

    /// The balance just after a payout: at its payment, moved by the cash that books it later.
    pub(super) fn balance_after_payout(&self, payout: &PayoutRecord, paid: Paid) -> Num {
        let booked = self.ledger.payout_cash.get(&payout.id).filter(|(line, _)| *line >= paid.line);
        add(paid.balance, booked.map_or(Decimal::ZERO, |(_, amount)| *amount))
    }

    /// Remembers the picture after an event's ledger.
    pub(super) fn remember(&mut self, concerned: Option<u64>, market: &Market) {
        let pricing = self.pricing(market);
        self.ledger.remember(concerned, pricing);
    }

    /// Whether the account is flat.
    pub(super) fn is_flat(&self) -> bool {
        self.ledger.positions.is_empty()
    }

    /// Marks that the phase begins in the ledger.
    pub(super) fn mark_phase(&mut self) {
        self.ledger.lines.push(Line::Phase);
    }
}
