//! The evaluation of one node at one moment.

use std::cell::Cell;
use std::sync::Arc;

use crate::ir::{Ir, Node, NodeId, NodeKind, Per, Period};
use crate::outcome::FaultKind;
use crate::value::Type;
use crate::vocabulary::{Moment, Occasion, PeriodField};

use super::account::{Account, Memory, Slot, Step};
use super::days::{Days, NEVER};
use super::draft::Effect;
use super::eval::{Cursor, Eval};
use super::market::Market;
use super::val::Val;

/// The evaluation of one instance of a node.
pub(super) struct Turn<'a> {
    /// The account.
    pub(super) state: &'a mut Account,
    /// The market.
    pub(super) market: &'a Market,
    /// The program.
    pub(super) ir: Arc<Ir>,
    /// The node.
    pub(super) id: NodeId,
    /// The position's serial, symbol's number, or 0.
    pub(super) instance: u64,
    /// The record at hand.
    pub(super) cursor: Cursor,
    /// Whether the instance is new.
    fresh: bool,
    edge: Cell<i64>,
    /// Whether anything was evaluated.
    pub(super) looked: Cell<bool>,
    /// The account as it was before the node's first action, to be restored if the node faults.
    before: Option<Box<Account>>,
}

impl Account {
    /// Evaluates every node in force, in order, for the moment at hand.
    pub(super) fn evaluate_all(&mut self, market: &Market) {
        let ir = Arc::clone(&self.ir);
        for (id, node) in ir.nodes() {
            if !self.in_force(id) {
                continue;
            }
            for (instance, cursor) in self.instances(node) {
                self.evaluate(market, id, instance, cursor);
            }
        }
        self.forget_ended();
    }

    /// The instances of a node, in the order of their indexes.
    fn instances(&self, node: &Node) -> Vec<(u64, Cursor)> {
        match node.per {
            Per::Account => vec![(0, Cursor::Event)],
            Per::Order if self.step.has(Occasion::Order) => vec![(0, Cursor::Event)],
            Per::Order => Vec::new(),
            Per::Position => self.ledger.positions.iter().map(|position| (position.serial, Cursor::Position(position.serial))).collect(),
            Per::Group(group) => self.live_groups(group).into_iter().map(|serial| (serial, Cursor::Group(group, serial))).collect(),
            Per::Symbol => (1..).zip(1..=self.ledger.symbols.len()).map(|(number, at)| (number, Cursor::Symbol(at))).collect(),
        }
    }

    /// What was kept for a position or group ends with it; of orders nothing is kept.
    fn forget_ended(&mut self) {
        let ir = Arc::clone(&self.ir);
        self.bury();
        let live: Vec<(u16, Vec<u64>)> = (0..).zip(&ir.groups).map(|(number, _)| (number, self.live_groups(number))).collect();
        let open: Vec<u64> = self.ledger.positions.iter().map(|position| position.serial).collect();
        self.slots.retain(|(id, instance), _| match ir.node(*id).per {
            Per::Position => open.contains(instance),
            Per::Group(group) => live.iter().any(|(number, serials)| *number == group && serials.contains(instance)),
            Per::Order => false,
            Per::Account | Per::Symbol => true,
        });
    }

    fn evaluate(&mut self, market: &Market, id: NodeId, instance: u64, cursor: Cursor) {
        let ir = Arc::clone(&self.ir);
        let old = self.slots.get(&(id, instance)).cloned();
        let effects = self.draft.effects.len();
        let fresh = old.is_none();
        let mut turn =
            Turn { state: self, market, ir, id, instance, cursor, fresh, edge: Cell::new(NEVER), looked: Cell::new(false), before: None };
        let result = turn.run(old.as_ref());
        let (edge, looked, before) = (turn.edge.get(), turn.looked.get(), turn.before.take());
        match result {
            Ok(mut slot) => {
                slot.edge = edge;
                // A fault ends when the node is evaluated without one, not where nothing of it is looked at.
                if let Some(fault) = old.as_ref().and_then(|old| old.fault).filter(|_| !looked && slot.fault.is_none()) {
                    (slot.fault, slot.value) = (Some(fault), Val::Missing);
                }
                self.slots.insert((id, instance), slot);
            }
            Err(kind) => {
                // The node keeps its state, what it did is undone, and its value is missing.
                if let Some(before) = before {
                    *self = *before;
                }
                self.draft.effects.truncate(effects);
                let was = old.as_ref().and_then(|slot| slot.fault);
                let mut kept = old.unwrap_or_else(Slot::empty);
                if let Memory::Limit(cell) = &mut kept.memory {
                    // The room left is a limit's value.
                    cell.headroom = Val::Missing;
                }
                self.fault(id, instance, Slot { value: Val::Missing, fault: Some(kind), edge, ..kept }, was);
            }
        }
    }

    /// Stores a faulted slot; the fault is told when it begins, not while it lasts.
    fn fault(&mut self, id: NodeId, instance: u64, slot: Slot, was: Option<FaultKind>) {
        if let Some(kind) = slot.fault.filter(|kind| was != Some(*kind)) {
            self.draft.effects.push(Effect::Fault { node: id, kind });
        }
        self.slots.insert((id, instance), slot);
    }
}

impl Turn<'_> {
    /// The account.
    pub(super) fn account(&self) -> &Account {
        self.state
    }

    /// The moment.
    pub(super) fn step(&self) -> &Step {
        &self.state.step
    }

    /// The node.
    pub(super) fn node(&self) -> &Node {
        self.ir.node(self.id)
    }

    /// The type of the node's value.
    pub(super) fn ty(&self) -> &Type {
        &self.node().ty
    }

    /// The trading days.
    pub(super) fn days(&self) -> Days<'_> {
        Days::new(&self.ir, self.market)
    }

    /// What expressions are evaluated in.
    pub(super) fn eval(&self) -> Eval<'_> {
        Eval {
            account: self.state,
            market: self.market,
            cursor: self.cursor.clone(),
            around: Vec::new(),
            news: None,
            amount: None,
            edge: &self.edge,
            looked: Some(&self.looked),
            decides: true,
        }
    }

    /// Whether the node is entered: a phase begins, or the instance is new.
    pub(super) fn enters(&self) -> bool {
        self.fresh || self.step().kind == Moment::Enter
    }

    /// The same for what begins only with its own phase, or outside phases with the account.
    pub(super) fn enters_itself(&self) -> bool {
        let begins = self.node().phase.is_some() || self.step().has(Occasion::AccountStart);
        self.fresh || (self.step().kind == Moment::Enter && begins)
    }

    /// Whether the day that runs, or has just ended, had any of what a field counts.
    pub(super) fn day_had(&self, counted: PeriodField) -> bool {
        let account = self.account();
        let found = account.periods.running(Period::DAY, counted, &account.ledger, account.pricing(self.market));
        found.is_ok_and(|found| matches!(found, Val::Decimal(count) if !count.is_zero()))
    }

    /// Remembers the account before the node's first action.
    pub(super) fn remember_before(&mut self) {
        if self.before.is_none() {
            self.before = Some(Box::new(self.state.clone()));
        }
    }

    /// Stores what the node keeps before it acts, so that its own actions read it.
    pub(super) fn store(&mut self, memory: Memory) {
        self.remember_before();
        let slot = self.state.slots.entry((self.id, self.instance)).or_insert_with(Slot::empty);
        (slot.memory, slot.fault) = (memory, None);
    }

    /// Evaluates the node: its value, what it keeps, and when it is due.
    fn run(&mut self, old: Option<&Slot>) -> Result<Slot, FaultKind> {
        let ir = Arc::clone(&self.ir);
        if let crate::ir::Per::Group(group) = self.node().per
            && self.account().is_full(group)
        {
            return Err(FaultKind::WindowFull);
        }
        let memory = old.map(|slot| &slot.memory);
        let kept = old.filter(|slot| slot.fault.is_none()).map(|slot| slot.value.clone());
        let plain = |value| Slot { value, ..Slot::empty() };
        Ok(match &ir.node(self.id).kind {
            NodeKind::Value(what) => plain(self.eval().value(*what)?),
            NodeKind::DayCopy(what) => plain(self.day_copy(*what, kept)?),
            NodeKind::EventCopy(what) => match kept.filter(|_| !self.enters()) {
                Some(value) => plain(value),
                None if self.enters() && self.ir.reads_node(*what) => plain(Val::Missing),
                None => plain(self.eval().value(*what)?),
            },
            NodeKind::State(init) => match kept.filter(|_| !self.enters_itself()) {
                Some(value) => plain(value),
                None => plain(self.eval().value(*init)?),
            },
            NodeKind::Held(held) => {
                let cell = self.held(held, memory.and_then(Memory::held))?;
                let due = cell.waiting.as_ref().map_or(NEVER, |waiting| waiting.due);
                Slot { value: cell.current.clone(), due, memory: Memory::Held(cell), ..Slot::empty() }
            }
            NodeKind::Baseline(baseline) => {
                let (cell, value) = self.baseline(baseline, memory.and_then(Memory::baseline))?;
                Slot { value, memory: Memory::Baseline(cell), ..Slot::empty() }
            }
            NodeKind::Tracker(tracker) => {
                let (cell, value, due) = self.tracker(tracker, memory.and_then(Memory::tracker))?;
                let (value, fault) = value.map_or_else(|kind| (Val::Missing, Some(kind)), |value| (value, None));
                let slot = Slot { value, fault, due, memory: Memory::Tracker(cell), ..Slot::empty() };
                self.told_anew(&slot, old);
                slot
            }
            NodeKind::Floor(floor) => {
                let cell = self.floor(floor, memory.and_then(Memory::floor))?;
                let value = Val::Decimal(cell.fold(floor.next_day)?.visible);
                Slot { value, due: cell.due, memory: Memory::Floor(cell), ..Slot::empty() }
            }
            NodeKind::Limit(limit) => self.limit(limit, memory.and_then(Memory::limit))?,
            NodeKind::Rule(rule) => self.rule(rule, memory.and_then(Memory::rule))?,
            NodeKind::Goal(goal) => self.goal(goal, memory.and_then(Memory::goal))?,
            NodeKind::Payout(payout) => self.payout(payout, memory.and_then(Memory::payout))?,
        })
    }

    /// A tracker keeps its samples although it faults.
    fn told_anew(&mut self, slot: &Slot, old: Option<&Slot>) {
        if let Some(kind) = slot.fault.filter(|kind| old.and_then(|old| old.fault) != Some(*kind)) {
            self.state.draft.effects.push(Effect::Fault { node: self.id, kind });
        }
    }
}

macro_rules! memories {
    ($( $name:ident $variant:ident $cell:ty; )*) => {
        impl Memory {
            $(
                #[doc = concat!("What a node of kind ", stringify!($variant), " keeps.")]
                pub(super) const fn $name(&self) -> Option<&$cell> {
                    if let Self::$variant(cell) = self { Some(cell) } else { None }
                }
            )*
        }
    };
}

memories! {
    held Held super::held::HeldCell;
    baseline Baseline super::held::BaseCell;
    tracker Tracker super::tracker::TrackCell;
    floor Floor super::floor::FloorCell;
    limit Limit super::limit::LimitCell;
    rule Rule super::rule::RuleCell;
    goal Goal super::goal::GoalCell;
    payout Payout super::payout::PayoutCell;
}
