//! A naive ledger: everything booked is a line of a list, and every figure is summed from the
//! lines when it is asked for. Positions are folded from fills in the plainest way.

use std::collections::BTreeMap;

use crate::event::{Cash, CashType, PositionMode, Snapshot};
use crate::outcome::FaultKind;
use crate::value::Decimal;

use super::market::Price;
use super::number::{Num, add, larger, mul, sub, total};
use super::position::{Position, Pricing};
use super::val::Val;

/// What a fill counts for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Count {
    /// How many positions it opened.
    pub(super) opened: u32,
    /// How many it opened or added to.
    pub(super) entered: u32,
    /// How many trades it completed.
    pub(super) trades: u32,
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Line {
    /// An exit brought this, before costs.
    Gross(Decimal),
    /// A commission, fee, tax, swap or funding, signed as it changed the balance.
    Cost(Decimal),
    /// Interest or a dividend.
    Income(Decimal),
    /// Cash that is no result, such as a deposit.
    Moved(CashType, Decimal),
    /// A fill took place.
    Filled(Count),
    /// The equity after an event.
    Equity(Decimal),
    /// The ledger starts with this balance.
    Started(Decimal),
    /// The phase begins.
    Phase,
    /// A snapshot showed the balance to differ by this from the sum of the lines.
    Differs(Decimal),
}

impl Line {
    /// What it adds to the realised result.
    pub(super) const fn result(self) -> Option<Decimal> {
        match self {
            Self::Gross(amount) | Self::Cost(amount) | Self::Income(amount) => Some(amount),
            _ => None,
        }
    }

    /// By how much it moves the reference values of periods.
    pub(super) const fn moved(self) -> Option<Decimal> {
        if let Self::Moved(_, amount) = self { Some(amount) } else { None }
    }
}

/// The ledger of one account.
#[derive(Clone, Debug)]
pub(super) struct Ledger {
    /// How positions of one symbol are counted.
    pub(super) mode: PositionMode,
    /// Everything booked, in order.
    pub(super) lines: Vec<Line>,
    /// Open positions, in the order of their opening.
    pub(super) positions: Vec<Position>,
    /// The symbols in the order of the account's first use.
    pub(super) symbols: Vec<String>,
    /// The price of the last fill of each symbol, where that is a last price for this account.
    pub(super) last_fills: BTreeMap<String, Price>,
    /// How many positions there ever were.
    pub(super) serials: u64,
    /// The platform's balance minus the ledger's, since ledgers start anew.
    pub(super) offset: Decimal,
    /// What the last snapshot's open profit was above the ledger's own.
    pub(super) open_difference: Decimal,
    /// The cash that paid each payout, by its name: the line's number and the amount.
    pub(super) payout_cash: BTreeMap<String, (usize, Decimal)>,
}

impl Ledger {
    /// A ledger without anything.
    pub(super) fn new(mode: PositionMode) -> Self {
        Self {
            mode,
            lines: Vec::new(),
            positions: Vec::new(),
            symbols: Vec::new(),
            last_fills: BTreeMap::new(),
            serials: 0,
            offset: Decimal::ZERO,
            open_difference: Decimal::ZERO,
            payout_cash: BTreeMap::new(),
        }
    }

    /// Numbers a symbol at its first use.
    pub(super) fn use_symbol(&mut self, symbol: &str) {
        if !self.symbols.iter().any(|known| known == symbol) {
            self.symbols.push(symbol.to_owned());
        }
    }

    /// The lines since the ledger's last start, that line first.
    fn since_start(&self) -> &[Line] {
        let start = self.lines.iter().rposition(|line| matches!(line, Line::Started(_))).unwrap_or(0);
        self.lines.get(start..).unwrap_or_default()
    }

    /// The lines since the phase began.
    fn since_phase(&self) -> &[Line] {
        let start = self.lines.iter().rposition(|line| *line == Line::Phase).unwrap_or(0);
        self.lines.get(start..).unwrap_or_default()
    }

    /// The balance the ledger started with last. A reset is such a start; a resize moves it.
    pub(super) fn start(&self) -> Num {
        let lines = self.since_start();
        let reset = lines.iter().rposition(|line| matches!(line, Line::Moved(CashType::Rebase, _)));
        let (start, later) = match reset {
            Some(at) => (balance_of(lines.get(..=at).unwrap_or_default())?, lines.get(at..).unwrap_or_default()),
            None => (first_balance(lines), lines),
        };
        let resized = later.iter().filter_map(|line| if let Line::Moved(CashType::Resize, amount) = line { Some(*amount) } else { None });
        total(std::iter::once(start).chain(resized))
    }

    /// The ledger's start, cash, net results, and the difference that the last snapshot showed.
    pub(super) fn balance(&self) -> Num {
        balance_of(self.since_start())
    }

    /// Realised, net of costs, since the phase began.
    pub(super) fn profit(&self) -> Num {
        total(self.since_phase().iter().filter_map(|line| line.result()))
    }

    /// Costs since the phase began, as a positive amount.
    pub(super) fn costs(&self) -> Num {
        let costs = self.since_phase().iter().filter_map(|line| if let Line::Cost(amount) = line { Some(*amount) } else { None });
        total(costs).map(Decimal::neg)
    }

    /// Cash of these types since the phase began.
    pub(super) fn moved(&self, types: &[CashType]) -> Num {
        total(self.since_phase().iter().filter_map(|line| match line {
            Line::Moved(kind, amount) if types.contains(kind) => Some(*amount),
            _ => None,
        }))
    }

    /// How many fills there were since the phase began, and how many trades were completed.
    pub(super) fn fills_and_trades(&self) -> (u32, u32) {
        let fills = self.since_phase().iter().filter_map(|line| if let Line::Filled(count) = line { Some(count.trades) } else { None });
        fills.fold((0, 0), |(count, sum), trades| (count + 1, sum + trades))
    }

    /// By how much the account has been resized.
    pub(super) fn resized(&self) -> Num {
        total(self.lines.iter().filter_map(|line| if let Line::Moved(CashType::Resize, amount) = line { Some(*amount) } else { None }))
    }

    /// The open profit of all positions as the platform's last snapshot corrects it; missing when
    /// one of them has no rate.
    pub(super) fn open_profit(&self, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        self.own_open_profit(pricing)?.map(|own| add(own, self.open_difference)).transpose()
    }

    fn own_open_profit(&self, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        self.sum_over_positions(|position| position.open_profit(pricing))
    }

    /// The sum of a figure over open positions; missing when it is for one of them.
    pub(super) fn sum_over_positions(
        &self,
        figure: impl Fn(&Position) -> Result<Option<Decimal>, FaultKind>,
    ) -> Result<Option<Decimal>, FaultKind> {
        let mut sum = Decimal::ZERO;
        for position in &self.positions {
            let Some(amount) = figure(position)? else { return Ok(None) };
            sum = add(sum, amount)?;
        }
        Ok(Some(sum))
    }

    /// Balance and open profit; missing when that is.
    pub(super) fn equity(&self, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        let balance = self.balance()?;
        self.open_profit(pricing)?.map(|open| add(balance, open)).transpose()
    }

    /// The signed quantity of a symbol over its positions.
    pub(super) fn net_quantity(&self, symbol: &str) -> Num {
        total(self.positions.iter().filter(|position| position.symbol == symbol).map(Position::signed))
    }

    /// The net quantity of each symbol times its weight, without sign, summed.
    pub(super) fn weighted_quantity(&self, pricing: Pricing) -> Num {
        let mut sum = Decimal::ZERO;
        for symbol in &self.symbols {
            let weight = pricing.market.instruments.get(symbol).and_then(|instrument| instrument.weight);
            sum = add(sum, mul(self.net_quantity(symbol)?.abs(), weight.unwrap_or(Decimal::from(1)))?)?;
        }
        Ok(sum)
    }

    /// The net notional value of each symbol, without sign, summed.
    pub(super) fn exposure(&self, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        let mut sum = Decimal::ZERO;
        for symbol in &self.symbols {
            let mut net = Decimal::ZERO;
            for position in self.positions.iter().filter(|position| position.symbol == *symbol) {
                let Some(notional) = position.notional(pricing)? else { return Ok(None) };
                net = add(net, if position.long { notional } else { notional.neg() })?;
            }
            sum = add(sum, net.abs())?;
        }
        Ok(Some(sum))
    }

    /// The open profit of a symbol's positions.
    pub(super) fn symbol_open_profit(&self, symbol: &str, pricing: Pricing) -> Result<Option<Decimal>, FaultKind> {
        self.sum_over_positions(|position| if position.symbol == symbol { position.open_profit(pricing) } else { Ok(Some(Decimal::ZERO)) })
    }

    /// Starts the ledger anew with a balance; the difference to the platform's is kept.
    pub(super) fn start_with(&mut self, amount: Decimal) -> Result<(), FaultKind> {
        self.offset = add(self.offset, sub(self.balance()?, amount)?)?;
        self.lines.push(Line::Started(amount));
        Ok(())
    }

    /// Books cash outside fills. Costs, swaps, funding, interest and dividends are results; every
    /// other type only moves the balance: by how much is answered. What would leave the range is not booked.
    pub(super) fn book_cash(&mut self, cash: &Cash) -> Result<Option<Decimal>, FaultKind> {
        use CashType::{Commission, Dividend, Fee, Funding, Interest, Swap, Tax};
        let line = match cash.cash_type {
            Commission | Fee | Tax | Swap | Funding => Line::Cost(cash.amount),
            Interest | Dividend => Line::Income(cash.amount),
            other => Line::Moved(other, cash.amount),
        };
        let (place, moved) = (self.lines.len(), line.moved());
        self.lines.push(line);
        if let Err(fault) = self.balance().and(self.profit()).and(self.costs()) {
            self.lines.truncate(place);
            return Err(fault);
        }
        if let Some(payout) = cash.payout_id.clone().filter(|_| cash.cash_type == CashType::Payout) {
            self.payout_cash.insert(payout, (place, cash.amount));
        }
        Ok(moved)
    }

    /// Takes the platform's own balance and equity; the differences to the ledger's are kept until
    /// the next snapshot.
    pub(super) fn take_snapshot(&mut self, snapshot: &Snapshot, pricing: Pricing) -> Result<(), FaultKind> {
        self.take_balance(snapshot.balance)?;
        if let Some(own) = self.own_open_profit(pricing)? {
            self.open_difference = sub(sub(snapshot.equity, snapshot.balance)?, own)?;
        }
        Ok(())
    }

    /// Takes the platform's own balance.
    pub(super) fn take_balance(&mut self, balance: Decimal) -> Result<(), FaultKind> {
        self.lines.push(Line::Differs(Decimal::ZERO));
        let difference = sub(sub(balance, self.offset)?, self.balance()?)?;
        self.lines.push(Line::Differs(difference));
        Ok(())
    }

    /// Remembers the picture after an event: equity, each position's open profit, and the risk of
    /// the one that the event concerns.
    pub(super) fn remember(&mut self, concerned: Option<u64>, pricing: Pricing) {
        let line = self.equity(pricing).ok().flatten().map(Line::Equity);
        self.lines.extend(line.filter(|line| self.lines.last() != Some(line)));
        for position in &mut self.positions {
            position.remember(Some(position.serial) == concerned, pricing);
        }
    }

    /// The sum of all amounts reserved and not yet paid out is taken off here: what a payout can take.
    pub(super) fn available(&self, reserved: Decimal) -> Num {
        let above = sub(sub(self.balance()?, self.start()?)?, reserved)?;
        Ok(larger(above, Decimal::ZERO))
    }
}

/// The balance with which lines begin.
fn first_balance(lines: &[Line]) -> Decimal {
    lines.iter().find_map(|line| if let Line::Started(amount) = line { Some(*amount) } else { None }).unwrap_or_default()
}

/// The balance behind lines that begin with a start.
fn balance_of(lines: &[Line]) -> Num {
    let booked = lines.iter().filter_map(|line| line.result().or(line.moved()));
    let differs = lines.iter().rev().find_map(|line| if let Line::Differs(amount) = line { Some(*amount) } else { None });
    add(total(std::iter::once(first_balance(lines)).chain(booked))?, differs.unwrap_or_default())
}

/// A figure that may be missing, as a value.
pub(super) fn known(figure: Option<Decimal>) -> Val {
    figure.map_or(Val::Missing, Val::Decimal)
}
