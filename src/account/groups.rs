//! Groups of trades: which instances live, and who belongs to them.
//!
//! An instance keeps its open members by serial; what closed ones have brought is added up. So its
//! size is bounded by the positions that can be open at once.

use serde::{Deserialize, Serialize};

use super::Account;
use super::hand::Hand;
use crate::ir::{ExprId, Group, Joins, Per};
use crate::ledger::{ClosedTrade, FillEffect, Ledger, Position};
use crate::market::Market;
use crate::value::{Fixed, Instant};
use crate::vm;
use crate::vm::view::{Instance, MISSING, NEVER};
use crate::vocabulary::{GroupField, Moment};

/// The groups of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Groups {
    books: Vec<GroupBook>,
}

/// One group of the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct GroupBook {
    /// How many instances there ever were.
    begun: u64,
    /// Those that live, in the order of their beginning.
    live: Vec<Live>,
    /// Open positions that found no room.
    strays: Vec<u64>,
}

/// A live instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Live {
    serial: u64,
    place: usize,
    keys: Vec<i64>,
    /// When its first member was opened.
    opened: i64,
    /// When the last member closed that lets others join after it; missing before.
    last_close: i64,
    /// The open members.
    open: Vec<u64>,
    closed: Closed,
}

/// What closed members have brought; none where a sum went out of range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Closed {
    count: i64,
    profit: Option<Fixed>,
    quantity: Option<Fixed>,
}

/// A member as it closes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaving {
    pub serial: u64,
    pub at: Instant,
    pub profit: Option<Fixed>,
    pub quantity: Fixed,
}

/// The group's number among the program's, and the serial of one of its instances.
pub(super) type Named = (u16, u64);

impl Groups {
    /// Nothing lives yet.
    pub(super) fn new(count: usize) -> Self {
        Self { books: vec![GroupBook::default(); count] }
    }

    /// Whether what is kept is of these groups.
    pub(super) fn fits(&self, groups: &[Group]) -> bool {
        let fits = |(book, group): (&GroupBook, &Group)| {
            book.live.iter().all(|live| live.place < group.keeps as usize && live.keys.len() == group.keys.len())
        };
        self.books.len() == groups.len() && self.books.iter().zip(groups).all(fits)
    }

    /// The groups at some places of these, and empty ones.
    pub(super) fn chosen(&self, places: &[Option<usize>]) -> Self {
        let book = |place: &Option<usize>| place.and_then(|place| self.books.get(place).cloned()).unwrap_or_default();
        Self { books: places.iter().map(book).collect() }
    }

    /// Does something with each key of each live instance: the group's number, the key's place, the key.
    pub(super) fn each_key(&mut self, mut act: impl FnMut(usize, usize, &mut i64)) {
        for (group, book) in self.books.iter_mut().enumerate() {
            let keys = book.live.iter_mut().flat_map(|live| live.keys.iter_mut().enumerate());
            keys.for_each(|(at, key)| act(group, at, key));
        }
    }

    /// A position that was opened joins an instance, or begins one.
    pub(super) fn open(&mut self, number: u16, group: &Group, serial: u64, at: Instant, keys: Vec<i64>) {
        let Some(book) = self.books.get_mut(usize::from(number)) else { return };
        let at = at.nanos();
        let joined = book.live.iter_mut().rev().find(|live| live.keys == keys && live.takes(group.joins, at));
        if let Some(live) = joined {
            live.open.push(serial);
            return;
        }
        let free = (0..group.keeps as usize).find(|place| book.live.iter().all(|live| live.place != *place));
        let Some(place) = free else {
            book.strays.push(serial);
            return;
        };
        book.begun += 1;
        let closed = Closed { count: 0, profit: Some(Fixed::ZERO), quantity: Some(Fixed::ZERO) };
        book.live.push(Live { serial: book.begun, place, keys, opened: at, last_close: MISSING, open: vec![serial], closed });
    }

    /// A position has closed: the instances that it leaves, and those of them that end with it.
    pub(super) fn close(&mut self, groups: &[Group], member: Leaving) -> (Vec<Named>, Vec<Named>) {
        let (mut left, mut ended) = (Vec::new(), Vec::new());
        for ((number, book), group) in (0..).zip(&mut self.books).zip(groups) {
            book.strays.retain(|stray| *stray != member.serial);
            let Some(live) = book.live.iter_mut().find(|live| live.open.contains(&member.serial)) else { continue };
            live.leave(group, member);
            left.push((number, live.serial));
            if live.ends(group.joins) <= member.at.nanos() {
                ended.push((number, live.serial));
            }
        }
        (left, ended)
    }

    /// The instances that nothing can join any more at an instant and whose members are all closed.
    pub(super) fn ending(&self, groups: &[Group], at: i64) -> Vec<Named> {
        let all = (0..).zip(&self.books).zip(groups);
        let ending = all.flat_map(|((number, book), group)| {
            let over = book.live.iter().filter(move |live| live.ends(group.joins) <= at);
            over.map(move |live| (number, live.serial))
        });
        ending.collect()
    }

    /// The least instant at which an instance ends with time alone.
    pub(super) fn next_end(&self, groups: &[Group]) -> i64 {
        let all = self.books.iter().zip(groups);
        all.flat_map(|(book, group)| book.live.iter().map(|live| live.ends(group.joins))).min().unwrap_or(NEVER)
    }

    /// Forgets an instance that has ended; the place it had.
    pub(super) fn forget(&mut self, (number, serial): Named) -> Option<usize> {
        let book = self.books.get_mut(usize::from(number))?;
        let at = book.live.iter().position(|live| live.serial == serial)?;
        Some(book.live.remove(at).place)
    }

    /// The live instances of a group.
    pub(super) fn live(&self, number: u16) -> &[Live] {
        self.books.get(usize::from(number)).map_or(&[], |book| &book.live)
    }

    /// Whether an open position found no room in a group.
    pub(super) fn is_full(&self, number: u16) -> bool {
        self.books.get(usize::from(number)).is_some_and(|book| !book.strays.is_empty())
    }
}

impl Live {
    /// Its number in the account, never used again, and the place it keeps while it lives.
    pub(super) const fn instance(&self) -> Instance {
        Instance { serial: self.serial, place: self.place }
    }

    /// Its open members, by serial.
    pub(super) fn members(&self) -> &[u64] {
        &self.open
    }

    /// Whether a fill concerns one of its members, with what the event says of those that have closed.
    pub(super) fn concerns(&self, number: u16, hand: &Hand, serial: u64) -> bool {
        self.open.contains(&serial) || (hand.closed_is(serial) && hand.left.contains(&(number, self.serial)))
    }

    fn leave(&mut self, group: &Group, member: Leaving) {
        self.open.retain(|serial| *serial != member.serial);
        let loses = member.profit.is_some_and(|profit| profit < Fixed::ZERO);
        if matches!(group.joins, Joins::AfterClose { losing, .. } if loses || !losing) {
            self.last_close = member.at.nanos();
        }
        if !group.open_only {
            let add = |sum: Option<Fixed>, more: Option<Fixed>| sum.zip(more).and_then(|(sum, more)| sum.add(more).ok());
            self.closed.count += 1;
            self.closed.profit = add(self.closed.profit, member.profit);
            self.closed.quantity = add(self.closed.quantity, Some(member.quantity));
        }
    }

    /// From when on nothing joins it that is not opened while a member is open.
    fn until(&self, joins: Joins) -> i64 {
        match joins {
            Joins::WhileOpen => MISSING,
            Joins::AfterClose { .. } if self.last_close == MISSING => MISSING,
            Joins::AfterClose { within, .. } => self.last_close.saturating_add(within),
            Joins::AfterFirst { within } => self.opened.saturating_add(within),
        }
    }

    fn takes(&self, joins: Joins, at: i64) -> bool {
        let open = !self.open.is_empty() && !matches!(joins, Joins::AfterFirst { .. });
        open || at < self.until(joins)
    }

    /// When it ends with time alone: never while a member is open.
    fn ends(&self, joins: Joins) -> i64 {
        if self.open.is_empty() { self.until(joins) } else { NEVER }
    }

    /// The value of a key, by its place.
    pub(super) fn key(&self, at: Option<usize>) -> i64 {
        at.and_then(|at| self.keys.get(at)).copied().unwrap_or(MISSING)
    }

    /// A value of it that is none of its keys.
    pub(super) fn field(&self, field: GroupField, ledger: &Ledger) -> i64 {
        let members = || ledger.positions().iter().filter(|position| self.open.contains(&position.serial));
        let sum = |start: Option<Fixed>, of: &dyn Fn(&Position) -> Option<Fixed>| {
            members().try_fold(start?, |sum, position| sum.add(of(position)?).ok())
        };
        let raw = |value: Option<Fixed>| value.map_or(MISSING, Fixed::raw);
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(Fixed::ONE_RAW);
        let zero = Some(Fixed::ZERO);
        let realised = |position: &Position| position.realised.add(position.costs).ok();
        match field {
            GroupField::Count => self.closed.count.saturating_mul(Fixed::ONE_RAW).saturating_add(count(self.open.len())),
            GroupField::Positions => count(self.open.len()),
            GroupField::Longs => count(members().filter(|position| position.long).count()),
            GroupField::Shorts => count(members().filter(|position| !position.long).count()),
            GroupField::Symbols => {
                let first = |at: usize, position: &Position| members().take(at).all(|other| other.symbol != position.symbol);
                count(members().enumerate().filter(|(at, position)| first(*at, position)).count())
            }
            GroupField::Symbol | GroupField::Side => MISSING,
            GroupField::Opened => self.opened,
            GroupField::Profit => raw(sum(self.closed.profit, &realised)),
            GroupField::OpenProfit => raw(sum(zero, &|position| position.open_profit)),
            GroupField::Result => {
                let profit = sum(self.closed.profit, &realised);
                raw(profit.zip(sum(zero, &|position| position.open_profit)).and_then(|(profit, open)| profit.add(open).ok()))
            }
            GroupField::Risk => raw(sum(zero, &|position| ledger.risk(position))),
            GroupField::Quantity => raw(sum(self.closed.quantity, &|position| Some(position.peak_quantity))),
            GroupField::OpenQuantity => raw(sum(zero, &|position| Some(position.quantity))),
            GroupField::Notional => raw(sum(zero, &|position| ledger.notional(position))),
            GroupField::Margin => raw(sum(zero, &|position| ledger.position_margin(position))),
        }
    }
}

impl Account {
    /// What a fill makes of the groups: a trade that is complete leaves them, a position that is opened joins.
    pub(super) fn regroup(&mut self, market: &Market, effect: &FillEffect, hand: &mut Hand) {
        (hand.added, hand.reduced) = (effect.added, effect.reduced);
        if let Some(trade) = &effect.trade {
            hand.closed = Some(Instance { serial: trade.serial, place: trade.place });
            (hand.left, hand.ended) = self.books.groups.close(&self.program.ir.groups, trade.into());
        }
        if let Some(serial) = effect.opened {
            self.join(market, serial);
        }
    }

    fn join(&mut self, market: &Market, serial: u64) {
        let program = self.program.clone();
        for (number, group) in (0..).zip(&program.ir.groups) {
            let hand = Hand { position: Some(serial), ..Hand::default() };
            let keys = group.keys.iter().map(|key| self.settled(market, &hand, *key)).collect();
            self.books.groups.open(number, group, serial, self.books.at(), keys);
        }
    }

    /// Instances that are over at an instant: each ends with an evaluation of its own, in which it is at hand.
    pub(super) fn end_groups(&mut self, market: &Market, at: i64) {
        for named in self.books.groups.ending(&self.program.ir.groups, at) {
            let hand = Hand { ended: vec![named], ..Hand::due(0) };
            self.evaluate(market, &hand, Moment::PeriodEnd);
            self.forget_ended(&hand);
        }
    }

    /// What is kept for a position that is closed, and for a group that has ended, ends with the evaluation.
    pub(super) fn forget_ended(&mut self, hand: &Hand) {
        if let Some(closed) = hand.closed {
            vm::end_instance(&self.program, &mut self.slots, Per::Position, closed.place);
        }
        for named in &hand.ended {
            if let Some(place) = self.books.groups.forget(*named) {
                vm::end_instance(&self.program, &mut self.slots, Per::Group(named.0), place);
            }
        }
    }

    /// The groups with an order filled in a ledger that is another than the account's.
    pub(super) fn supposed_groups(&self, market: &Market, groups: &mut Groups, ledger: &Ledger, effect: &FillEffect) {
        let ir = &self.program.ir;
        let ended = effect.trade.as_ref().map_or_else(Vec::new, |trade| groups.close(&ir.groups, trade.into()).1);
        let hand = Hand { position: effect.opened, ..Hand::default() };
        for ((number, group), serial) in (0..).zip(&ir.groups).zip(std::iter::repeat(effect.opened)) {
            let Some(serial) = serial else { break };
            let picture = self.picture_with(market, &hand, ledger, groups);
            let key = |key: &ExprId| vm::evaluate_root(&self.program, *key, &self.slots, &picture).unwrap_or(MISSING);
            let keys = group.keys.iter().map(key).collect();
            groups.open(number, group, serial, self.books.at(), keys);
        }
        for named in ended {
            groups.forget(named);
        }
    }
}

impl Leaving {
    /// A position that the platform states to be closed, with what it has brought.
    pub(super) fn of(position: &Position, at: Instant) -> Self {
        let profit = position.realised.add(position.costs).ok();
        Self { serial: position.serial, at, profit, quantity: position.peak_quantity }
    }
}

impl From<&ClosedTrade> for Leaving {
    fn from(trade: &ClosedTrade) -> Self {
        Self { serial: trade.serial, at: trade.closed, profit: Some(trade.profit), quantity: trade.quantity }
    }
}
