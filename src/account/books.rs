//! All that is kept of an account, but the nodes' cells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::days::DayClock;
use super::groups::Groups;
use super::locks::Locks;
use super::migrate::Upcoming;
use super::orders::Orders;
use super::payouts::Payouts;
use super::periods::Periods;
use super::resolve::Standing;
use super::rollback::DayOpening;
use super::seen::Seen;
use super::spans::Spans;
use super::symbols::Symbols;
use super::texts::Texts;
use crate::event::Provenance;
use crate::ir::{Ir, NodeKind, Period, PhaseId};
use crate::ledger::Ledger;
use crate::syntax::ast::PayoutMoment;
use crate::value::{Currency, Fixed, Instant};
use crate::vm::view::{MISSING, NEVER};
use crate::vocabulary::AccountField;

/// What was told at opening, and stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    /// The account's key.
    pub account: Arc<str>,
    /// The account's currency.
    pub currency: Currency,
    /// The number of the plan's name among the texts.
    pub plan_name: i64,
    /// The cells of the plan.
    pub plan: Vec<i64>,
    /// The options.
    pub options: Vec<i64>,
    /// When it was opened.
    pub opened_at: i64,
    /// When it was bought.
    pub purchased_at: i64,
    /// The plan's size at opening.
    pub size: i64,
}

/// An input that was told, and when; [`NEVER`] for a default, which does not grow old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// The value.
    pub value: i64,
    /// When.
    pub at: i64,
}

/// A promotion that waits until the account is flat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Promotion {
    /// The phase.
    pub phase: u16,
    /// The node that asked for it.
    pub by: u16,
}

/// All that is kept of an account, but the nodes' cells.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Books {
    pub facts: Facts,
    pub inputs: Vec<Told>,
    pub texts: Texts,
    pub symbols: Symbols,
    /// The numbers of the platform's positions.
    pub position_keys: BTreeMap<String, u64>,
    pub next_position_key: u64,
    pub ledger: Ledger,
    pub groups: Groups,
    /// The balance with which the ledger started last.
    pub ledger_start: Fixed,
    /// The platform's balance minus the ledger's, since ledgers start anew.
    pub offset: Fixed,
    /// By how much the account was resized.
    pub resized: Fixed,
    pub periods: Periods,
    pub spans: Spans,
    pub clock: DayClock,
    pub orders: Orders,
    pub payouts: Payouts,
    pub locks: Locks,
    pub promotion: Option<Promotion>,
    /// The phase; none in a program without phases of its own.
    phase: Option<u16>,
    /// The phase before a standing one.
    left: Option<u16>,
    pub phase_started: i64,
    /// The phases that were ever entered.
    entered: BTreeSet<u16>,
    /// Account fields as they were when a phase was left last, by phase and field.
    pub finals: BTreeMap<(u16, u8), i64>,
    /// How many events have reached the rules.
    pub ordinal: u64,
    /// The instant of the last event or due instant.
    pub now: i64,
    /// The newest event of the account, due instant, or decision: what is older is late.
    pub newest: i64,
    /// The least instant at which something is due.
    pub due: i64,
    pub seen: Seen,
    /// Until when the feed was down last.
    pub gap_until: i64,
    /// How the last event that reached the rules is known.
    pub provenance: Provenance,
    /// Whether an order was ever asked for, and whether it was told that none was.
    pub asked: bool,
    pub told_not_asked: bool,
    /// Whether the host has told that the account is gone.
    pub gone: bool,
    /// How the account stood at the opening of the day, in programs that roll back.
    pub opening: Option<Box<DayOpening>>,
    /// The version that it goes over to.
    pub upcoming: Option<Upcoming>,
}

impl Books {
    /// The books of an account that has just been opened, in no phase yet.
    pub(super) fn new(facts: Facts, ledger: Ledger, texts: Texts, at: i64, (periods, groups): (usize, usize)) -> Self {
        let balance = ledger.balance().unwrap_or_default();
        Self {
            facts,
            inputs: Vec::new(),
            texts,
            symbols: Symbols::default(),
            position_keys: BTreeMap::new(),
            next_position_key: 1,
            ledger,
            groups: Groups::new(groups),
            ledger_start: balance,
            offset: Fixed::ZERO,
            resized: Fixed::ZERO,
            periods: Periods::new(periods),
            spans: Spans::new(periods.saturating_sub(Period::PREDECLARED.len())),
            clock: DayClock::default(),
            orders: Orders::default(),
            payouts: Payouts::default(),
            locks: Locks::default(),
            promotion: None,
            phase: None,
            left: None,
            phase_started: at,
            entered: BTreeSet::new(),
            finals: BTreeMap::new(),
            ordinal: 1,
            now: at,
            newest: at,
            due: NEVER,
            seen: Seen::default(),
            gap_until: -NEVER,
            provenance: Provenance::Broker,
            asked: false,
            told_not_asked: false,
            gone: false,
            opening: None,
            upcoming: None,
        }
    }

    /// The account's currency.
    pub(super) const fn currency(&self) -> Currency {
        self.facts.currency
    }

    /// The phase.
    pub(super) fn phase(&self) -> Option<PhaseId> {
        self.phase.map(PhaseId)
    }

    /// The phase before a standing one.
    pub(super) fn left(&self) -> Option<PhaseId> {
        self.left.map(PhaseId)
    }

    /// Enters a phase.
    pub(super) fn set_phase(&mut self, ir: &Ir, phase: PhaseId) {
        if let Some(left) = self.phase().filter(|left| !ir.phase(*left).standing) {
            self.left = Some(left.0);
        }
        self.phase = Some(phase.0);
        self.phase_started = self.now;
        self.entered.insert(phase.0);
    }

    /// Stands in phases that are numbered otherwise.
    pub(super) fn stand_in(&mut self, phase: Option<PhaseId>, left: Option<PhaseId>, renumbered: impl Fn(u16) -> Option<u16>) {
        (self.phase, self.left) = (phase.map(|phase| phase.0), left.map(|phase| phase.0));
        self.entered = self.entered.iter().filter_map(|phase| renumbered(*phase)).collect();
    }

    /// Whether a phase was ever entered.
    pub(super) fn has_entered(&self, phase: PhaseId) -> bool {
        self.entered.contains(&phase.0)
    }

    /// Goes back to a phase that was left, as it was.
    pub(super) fn return_to(&mut self, phase: PhaseId) {
        (self.phase, self.left) = (Some(phase.0), None);
    }

    /// Whether the phases and periods that are kept are the program's.
    pub(super) fn fits(&self, ir: &Ir) -> bool {
        let known = |phase: Option<u16>| phase.is_none_or(|phase| usize::from(phase) < ir.phases.len());
        let periods = self.periods.len() == ir.periods.len() && self.spans.len() + Period::PREDECLARED.len() == ir.periods.len();
        periods
            && self.groups.fits(&ir.groups)
            && known(self.phase)
            && known(self.left)
            && known(self.promotion.map(|promotion| promotion.phase))
    }

    /// The name of the phase; empty before one is entered.
    pub(super) fn phase_name<'a>(&self, ir: &'a Ir) -> &'a str {
        self.phase().map_or("", |phase| ir.phase(phase).name.as_str())
    }

    /// The instant.
    pub(super) const fn at(&self) -> Instant {
        Instant::from_nanos(self.now)
    }

    /// The name of the symbol that rules see by a number.
    pub(super) fn symbol_name(&self, number: i64) -> Option<&str> {
        self.symbols.name(self.symbols.numbered(number)?)
    }

    /// Whether any lock is in force.
    pub(super) fn is_locked(&self) -> bool {
        !self.locks.held().is_empty()
    }

    /// Whether a change of standing is possible: nothing but staff leaves `failed`, nothing leaves `closed`.
    pub(super) fn may_turn(&self, ir: &Ir, standing: Standing) -> bool {
        match self.phase_name(ir) {
            "closed" => false,
            "failed" => standing == Standing::Close,
            _ => true,
        }
    }

    /// When amounts of payouts leave `available`: as the policy in force says, else at payment.
    pub(super) fn deducts_at(&self, ir: &Ir) -> PayoutMoment {
        let in_force = |phase: Option<PhaseId>| phase.is_none() || phase == self.phase();
        let policy = ir.nodes.iter().filter(|node| in_force(node.phase)).find_map(|node| match &node.kind {
            NodeKind::Payout(payout) => Some(payout.deducts_at),
            _ => None,
        });
        policy.unwrap_or(PayoutMoment::Payment)
    }

    /// What a payout can take: balance minus the ledger's start and what is reserved, never below zero.
    /// A payout in question is not deducted yet.
    pub(super) fn available(&self, ir: &Ir, ledger: &Ledger, in_question: Option<&str>) -> i64 {
        let Ok(balance) = ledger.balance() else { return MISSING };
        let reserved = Fixed::from_raw(self.payouts.reserved(self.deducts_at(ir), in_question)).unwrap_or_default();
        let above = balance.sub(self.ledger_start).and_then(|above| above.sub(reserved));
        above.map_or(MISSING, |above| above.max(Fixed::ZERO).raw())
    }

    /// The account's number for a position of the platform.
    pub(super) fn position_key(&mut self, id: &str) -> u64 {
        if let Some(known) = self.position_keys.get(id) {
            return *known;
        }
        let key = self.next_position_key;
        self.next_position_key += 1;
        self.position_keys.insert(id.to_owned(), key);
        key
    }

    /// Forgets the platform's positions that are open no longer.
    pub(super) fn forget_positions(&mut self) {
        let open = self.ledger.positions();
        self.position_keys.retain(|_, key| open.iter().any(|position| position.key == Some(*key)));
    }

    /// A value of the account, with the ledger as it is or as it would be.
    pub(super) fn field(&self, ir: &Ir, ledger: &Ledger, field: AccountField) -> i64 {
        let raw = |value: Option<Fixed>| value.map_or(MISSING, Fixed::raw);
        let count = |count: u64| i64::try_from(count).ok().and_then(|count| count.checked_mul(Fixed::ONE_RAW)).unwrap_or(MISSING);
        let totals = ledger.totals();
        match field {
            AccountField::Size => raw(Fixed::from_raw(self.facts.size).and_then(|size| size.add(self.resized).ok())),
            AccountField::OriginalSize => self.facts.size,
            AccountField::Balance => raw(ledger.balance().ok()),
            AccountField::Equity => raw(ledger.equity()),
            AccountField::OpenProfit => raw(ledger.open_profit()),
            AccountField::Profit => totals.profit.raw(),
            AccountField::Costs => totals.costs.raw(),
            AccountField::Available => self.available(ir, ledger, None),
            AccountField::Withdrawn => totals.withdrawn.raw(),
            AccountField::Deposited => totals.deposited.raw(),
            AccountField::WeightedQuantity => raw(ledger.weighted_quantity().ok()),
            AccountField::Exposure => raw(ledger.exposure()),
            AccountField::Margin => raw(ledger.margin()),
            AccountField::MarginLevel => raw(margin_level(ledger)),
            AccountField::OpenRisk => raw(ledger.open_risk()),
            AccountField::PositionCount => count(ledger.positions().len() as u64),
            AccountField::Flat => i64::from(ledger.positions().is_empty()),
            AccountField::FillCount => count(totals.fills),
            AccountField::TradeCount => count(totals.trades),
            AccountField::Phase => self.phase.map_or(MISSING, i64::from),
            AccountField::Locked => i64::from(self.is_locked()),
            AccountField::OpenedAt => self.facts.opened_at,
            AccountField::PurchasedAt => self.facts.purchased_at,
            AccountField::PhaseStartedAt => self.phase_started,
            AccountField::PhaseStartBalance => self.ledger_start.raw(),
        }
    }
}

/// Equity as a percentage of margin; missing without margin.
fn margin_level(ledger: &Ledger) -> Option<Fixed> {
    let (margin, equity) = (ledger.margin()?, ledger.equity()?);
    let hundred = Fixed::from_int(100).ok()?;
    if margin == Fixed::ZERO { None } else { equity.share(hundred, margin).ok() }
}
