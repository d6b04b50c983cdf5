//! Groups of trades, folded anew from the list of what was opened and closed each time they are read.

use crate::ir::{Group, Joins};
use crate::outcome::FaultKind;
use crate::value::Decimal;
use crate::vocabulary::{GroupField, Moment, Occasion, RecordField};

use super::account::{Account, Step};
use super::days::NEVER;
use super::eval::{Cursor, Eval, Evaluated};
use super::fills::Filled;
use super::market::Market;
use super::number::{Num, add, count, total};
use super::position::Position;
use super::turn::Turn;
use super::val::Val;

/// Something that makes or ends a group, in the order in which it happened.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// A position was opened, with its keys for each group.
    Opened {
        /// Its serial.
        serial: u64,
        /// When.
        at: i64,
        /// The keys, by group.
        keys: Vec<Vec<Val>>,
    },
    /// A position was closed, with what it had brought and its largest quantity.
    Closed {
        /// Its serial.
        serial: u64,
        /// When.
        at: i64,
        /// Its result, net of its costs.
        profit: Decimal,
        /// Its largest quantity.
        quantity: Decimal,
    },
    /// An instance of a group has ended: the group's number, the instance's serial.
    Ended(u16, u64),
}

/// An instance of a group that lives.
#[derive(Clone, Debug)]
struct Live {
    serial: u64,
    keys: Vec<Val>,
    opened: i64,
    open: Vec<u64>,
    /// Members that have closed: when, what they brought, how large they were.
    closed: Vec<(i64, Decimal, Decimal)>,
}

/// The instances of a group that live, and the open positions for which there was no room.
#[derive(Clone, Debug, Default)]
struct Members {
    live: Vec<Live>,
    strays: Vec<u64>,
}

impl Live {
    /// Until when a trade may join though no member is open; never where that is not so.
    fn until(&self, joins: Joins) -> i64 {
        let loses = |profit: &Decimal| profit.is_negative();
        match joins {
            Joins::WhileOpen => i64::MIN,
            Joins::AfterClose { within, losing } => {
                let closes = self.closed.iter().filter(|(_, profit, _)| !losing || loses(profit));
                closes.map(|(at, ..)| at.saturating_add(within)).max().unwrap_or(i64::MIN)
            }
            Joins::AfterFirst { within } => self.opened.saturating_add(within),
        }
    }

    fn takes(&self, joins: Joins, at: i64) -> bool {
        match joins {
            Joins::AfterFirst { .. } => at < self.until(joins),
            Joins::WhileOpen | Joins::AfterClose { .. } => !self.open.is_empty() || at < self.until(joins),
        }
    }

    fn is_over(&self, joins: Joins, at: i64) -> bool {
        self.open.is_empty() && self.until(joins) <= at
    }
}

impl Account {
    /// What lives of a group now.
    fn members(&self, number: u16) -> Members {
        let Some(group) = self.ir.groups.get(usize::from(number)) else { return Members::default() };
        let (mut members, mut begun) = (Members::default(), 0);
        for deed in &self.deeds {
            match deed {
                Deed::Opened { serial, at, keys } => {
                    let Some(own) = keys.get(usize::from(number)) else { continue };
                    members.join(group, (*serial, *at), own, &mut begun);
                }
                Deed::Closed { serial, at, profit, quantity } => {
                    members.strays.retain(|stray| stray != serial);
                    for live in members.live.iter_mut().filter(|live| live.open.contains(serial)) {
                        live.open.retain(|open| open != serial);
                        live.closed.push((*at, *profit, *quantity));
                    }
                }
                Deed::Ended(of, serial) if *of == number => members.live.retain(|live| live.serial != *serial),
                Deed::Ended(..) => {}
            }
        }
        members
    }

    /// The serials of the live instances of a group.
    pub(super) fn live_groups(&self, number: u16) -> Vec<u64> {
        self.members(number).live.iter().map(|live| live.serial).collect()
    }

    /// Whether a group had no room for a position that is open.
    pub(super) fn is_full(&self, number: u16) -> bool {
        !self.members(number).strays.is_empty()
    }

    /// The instances that are over at an instant, in order.
    fn over(&self, at: i64) -> Vec<(u16, u64)> {
        let all = (0..).zip(&self.ir.groups);
        let over = all.flat_map(|(number, group)| {
            let live = self.members(number).live;
            live.into_iter().filter(|live| live.is_over(group.joins, at)).map(move |live| (number, live.serial)).collect::<Vec<_>>()
        });
        over.collect()
    }

    /// The next instant at which an instance ends with time alone.
    pub(super) fn next_group_end(&self) -> i64 {
        let ends = (0..).zip(&self.ir.groups).flat_map(|(number, group)| {
            let flat = self.members(number).live.into_iter().filter(|live| live.open.is_empty());
            flat.map(|live| live.until(group.joins)).collect::<Vec<_>>()
        });
        ends.min().unwrap_or(NEVER)
    }

    /// What a fill makes of the groups: the instances that end with it.
    pub(super) fn regroup(&mut self, market: &Market, filled: &Filled, at: i64) -> Vec<(u16, u64)> {
        let mut ended = Vec::new();
        if let Some(trade) = &filled.trade {
            ended = self.leave(&trade.position, at);
        }
        if let Some(serial) = filled.opened {
            let keys = self.keys_of(market, serial);
            self.deeds.push(Deed::Opened { serial, at, keys });
        }
        ended
    }

    /// A position leaves its groups: the instances that end with it.
    pub(super) fn leave(&mut self, position: &Position, at: i64) -> Vec<(u16, u64)> {
        let before = self.over(at);
        let profit = position.realised().unwrap_or_default();
        self.deeds.push(Deed::Closed { serial: position.serial, at, profit, quantity: position.largest });
        self.over(at).into_iter().filter(|named| !before.contains(named)).collect()
    }

    fn keys_of(&self, market: &Market, serial: u64) -> Vec<Vec<Val>> {
        let edge = std::cell::Cell::new(NEVER);
        let eval = self.eval_at(market, Cursor::Position(serial), &edge);
        let keys = self.ir.groups.iter().map(|group| group.keys.iter().map(|key| eval.value(*key).unwrap_or(Val::Missing)).collect());
        keys.collect()
    }

    /// Instances that are over at an instant end one by one, each in an evaluation of its own.
    pub(super) fn end_groups(&mut self, market: &Market, at: i64) {
        for named in self.over(at) {
            self.step = Step { ended: vec![named], ..Step::new(Moment::PeriodEnd, at, true) };
            self.evaluate_all(market);
        }
    }

    /// What has ended in this evaluation lives no longer.
    pub(super) fn bury(&mut self) {
        let ended = std::mem::take(&mut self.step.ended);
        self.deeds.extend(ended.into_iter().map(|(number, serial)| Deed::Ended(number, serial)));
    }
}

impl Members {
    fn join(&mut self, group: &Group, (serial, at): (u64, i64), keys: &[Val], begun: &mut u64) {
        let full = self.live.len() >= group.keeps as usize;
        let joined = self.live.iter_mut().rev().find(|live| live.keys == keys && live.takes(group.joins, at));
        match joined {
            Some(live) => live.open.push(serial),
            None if full => self.strays.push(serial),
            None => {
                *begun += 1;
                self.live.push(Live { serial: *begun, keys: keys.to_vec(), opened: at, open: vec![serial], closed: Vec::new() });
            }
        }
    }
}

impl Eval<'_> {
    /// The serial of the instance of a group at hand: of the cursor, else the one that ends.
    pub(super) fn group_at_hand(&self, number: u16) -> Option<u64> {
        let of_group = |cursor: &Cursor| match cursor {
            Cursor::Group(of, serial) if *of == number => Some(*serial),
            _ => None,
        };
        match std::iter::once(&self.cursor).chain(self.around.iter().rev()).find_map(of_group) {
            Some(serial) => Some(serial),
            None => self.account.step.ended.iter().find(|(of, _)| *of == number).map(|(_, serial)| *serial),
        }
    }

    /// A value of the instance of a group at hand.
    pub(super) fn group_field(&self, number: u16, field: GroupField) -> Evaluated {
        let wanted = self.group_at_hand(number);
        let Some(live) = self.account.members(number).live.into_iter().find(|live| Some(live.serial) == wanted) else {
            return Ok(Val::Missing);
        };
        let key = |field| self.account.ir.group_key(number, field).and_then(|at| live.keys.get(at)).cloned().unwrap_or(Val::Missing);
        let open: Vec<&Position> = self.account.ledger.positions.iter().filter(|position| live.open.contains(&position.serial)).collect();
        let open_only = self.account.ir.groups.get(usize::from(number)).is_some_and(|group| group.open_only);
        let closed: &[(i64, Decimal, Decimal)] = if open_only { &[] } else { &live.closed };
        let pricing = self.pricing();
        let of = |long: bool| count(open.iter().filter(|position| position.long == long).count()).map(Val::Decimal);
        match field {
            GroupField::Count => count(open.len() + closed.len()).map(Val::Decimal),
            GroupField::Positions => count(open.len()).map(Val::Decimal),
            GroupField::Longs => of(true),
            GroupField::Shorts => of(false),
            GroupField::Symbols => {
                let symbols: std::collections::BTreeSet<&str> = open.iter().map(|position| position.symbol.as_str()).collect();
                count(symbols.len()).map(Val::Decimal)
            }
            GroupField::Symbol => Ok(key(RecordField::PositionSymbol)),
            GroupField::Side => Ok(key(RecordField::PositionSide)),
            GroupField::Opened => Ok(Val::Instant(live.opened)),
            GroupField::Profit => Ok(shown(profit(closed, &open))),
            GroupField::OpenProfit => Ok(shown(sum(&open, |position| position.open_profit(pricing)))),
            GroupField::Result => {
                let both = profit(closed, &open).and_then(|profit| match (profit, sum(&open, |position| position.open_profit(pricing))?) {
                    (Some(profit), Some(open)) => add(profit, open).map(Some),
                    _ => Ok(None),
                });
                Ok(shown(both))
            }
            GroupField::Risk => Ok(shown(sum(&open, |position| position.risk(pricing)))),
            GroupField::Quantity => {
                let quantities = closed.iter().map(|(_, _, quantity)| *quantity).chain(open.iter().map(|position| position.largest));
                Ok(shown(total(quantities).map(Some)))
            }
            GroupField::OpenQuantity => Ok(shown(total(open.iter().map(|position| position.quantity)).map(Some))),
            GroupField::Notional => Ok(shown(sum(&open, |position| position.notional(pricing)))),
            GroupField::Margin => Ok(shown(sum(&open, |position| position.margin(pricing)))),
        }
    }

    /// The serials of the open members of the instance of a group at hand.
    pub(super) fn members_at_hand(&self, number: u16) -> Vec<u64> {
        let wanted = self.group_at_hand(number);
        let live = self.account.members(number).live.into_iter().find(|live| Some(live.serial) == wanted);
        live.map_or_else(Vec::new, |live| live.open)
    }
}

/// What cannot be summed is missing.
fn shown(sum: Result<Option<Decimal>, FaultKind>) -> Val {
    sum.ok().flatten().map_or(Val::Missing, Val::Decimal)
}

fn profit(closed: &[(i64, Decimal, Decimal)], open: &[&Position]) -> Result<Option<Decimal>, FaultKind> {
    let realised = open.iter().map(|position| position.realised()).collect::<Result<Vec<Decimal>, FaultKind>>()?;
    total(closed.iter().map(|(_, profit, _)| *profit).chain(realised)).map(Some)
}

/// The sum over positions; nothing where one has none.
fn sum(open: &[&Position], of: impl Fn(&Position) -> Result<Option<Decimal>, FaultKind>) -> Result<Option<Decimal>, FaultKind> {
    let mut sum: Num = Ok(Decimal::ZERO);
    for position in open {
        match of(position)? {
            Some(amount) => sum = add(sum?, amount),
            None => return Ok(None),
        }
    }
    sum.map(Some)
}

impl Turn<'_> {
    /// Whether something happens in this evaluation that concerns the node's instance: a position, or
    /// a group, is concerned by its own fills, and a group by its own end.
    pub(super) fn occurs(&self, what: crate::ir::Event) -> bool {
        if !self.step().occurs(what) {
            return false;
        }
        match (what, &self.cursor) {
            (crate::ir::Event::GroupEnd(number), Cursor::Group(of, serial)) if number == *of => {
                self.step().ended.contains(&(number, *serial))
            }
            (crate::ir::Event::Occasion(occasion), Cursor::Position(_) | Cursor::Group(..)) => self.concerns(occasion),
            _ => true,
        }
    }

    fn concerns(&self, occasion: Occasion) -> bool {
        let Some((_, filled)) = &self.step().hand.fill else { return true };
        let closed = filled.trade.as_ref().map(|trade| trade.position.serial);
        let concerned = match occasion {
            Occasion::Fill => [filled.added, filled.reduced],
            Occasion::Entry => [filled.added, None],
            Occasion::Exit => [filled.reduced, None],
            Occasion::Trade => [closed, None],
            _ => return true,
        };
        concerned.into_iter().flatten().any(|serial| match self.cursor {
            Cursor::Position(own) => own == serial,
            Cursor::Group(number, own) => self.account().was_member(number, own, serial),
            _ => true,
        })
    }
}

impl Account {
    /// Whether a position belongs to a live instance, or has belonged to it until it closed.
    fn was_member(&self, number: u16, instance: u64, serial: u64) -> bool {
        let mut before = self.clone();
        let closed = before.deeds.iter().rposition(|deed| matches!(deed, Deed::Closed { serial: closed, .. } if *closed == serial));
        if let Some(at) = closed {
            before.deeds.truncate(at);
        }
        before.members(number).live.iter().any(|live| live.serial == instance && live.open.contains(&serial))
    }
}
