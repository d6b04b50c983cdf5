//! The builtin values: of the account, of the records at hand, of payouts, times and host facts.

use crate::event::{FieldValue, OrderType, Side};
use crate::ir::{ExprId, PayoutFact, Per};
use crate::outcome::FaultKind;
use crate::value::Decimal;
use crate::vocabulary::{AccountField, Record, RecordField};

use super::days::NEVER;
use super::eval::{Cursor, Eval, Evaluated};
use super::fills::Trade;
use super::ledger::known;
use super::number::{count, share, sub, total};
use super::position::Position;
use super::val::Val;

fn price(told: Option<Decimal>) -> Val {
    known(told)
}

fn number(value: Result<Decimal, FaultKind>) -> Evaluated {
    value.map(Val::Decimal)
}

fn figure(value: Result<Option<Decimal>, FaultKind>) -> Evaluated {
    value.map(known)
}

fn side(long: bool) -> Val {
    Val::Word(i64::from(!long))
}

impl Eval<'_> {
    /// A value of the account.
    pub(super) fn account_field(&self, field: AccountField) -> Evaluated {
        use crate::event::CashType::{Deposit, Payout, Withdrawal};
        let (account, pricing) = (self.account, self.pricing());
        let ledger = &account.ledger;
        match field {
            AccountField::Size => number(super::number::add(account.facts.size, ledger.resized()?)),
            AccountField::OriginalSize => Ok(Val::Decimal(account.facts.size)),
            AccountField::Balance => number(ledger.balance()),
            AccountField::Equity => figure(ledger.equity(pricing)),
            AccountField::OpenProfit => figure(ledger.open_profit(pricing)),
            AccountField::Profit => number(ledger.profit()),
            AccountField::Costs => number(ledger.costs()),
            AccountField::Available => number(ledger.available(account.reserved()?)),
            AccountField::Withdrawn => number(ledger.moved(&[Withdrawal, Payout]).map(Decimal::neg)),
            AccountField::Deposited => number(ledger.moved(&[Deposit])),
            AccountField::WeightedQuantity => number(ledger.weighted_quantity(pricing)),
            AccountField::Exposure => figure(ledger.exposure(pricing)),
            AccountField::Margin => figure(ledger.sum_over_positions(|position| position.margin(pricing))),
            AccountField::MarginLevel => self.margin_level(),
            AccountField::OpenRisk => figure(ledger.sum_over_positions(|position| position.risk(pricing))),
            AccountField::PositionCount => number(count(ledger.positions.len())),
            AccountField::Flat => Ok(Val::Bool(ledger.positions.is_empty())),
            AccountField::FillCount => number(count(ledger.fills_and_trades().0)),
            AccountField::TradeCount => number(count(ledger.fills_and_trades().1)),
            AccountField::Phase => Ok(account.phase.map_or(Val::Missing, |phase| Val::Word(i64::from(phase.0)))),
            AccountField::Locked => Ok(Val::Bool(!account.locks.is_empty())),
            AccountField::OpenedAt => Ok(Val::Instant(account.facts.opened_at)),
            AccountField::PurchasedAt => Ok(Val::Instant(account.facts.purchased_at)),
            AccountField::PhaseStartedAt => Ok(Val::Instant(account.phase_started)),
            AccountField::PhaseStartBalance => Ok(Val::Decimal(ledger.start()?)),
        }
    }

    /// Equity as a percentage of margin; missing without margin.
    fn margin_level(&self) -> Evaluated {
        let ledger = &self.account.ledger;
        let margin = ledger.sum_over_positions(|position| position.margin(self.pricing()))?;
        let (Some(margin), Some(equity)) = (margin, ledger.equity(self.pricing())?) else { return Ok(Val::Missing) };
        if margin.is_zero() { Ok(Val::Missing) } else { number(share(equity, margin)) }
    }

    /// A field of the record at hand; missing where there is none.
    pub(super) fn record_field(&self, field: RecordField) -> Evaluated {
        match field.record() {
            Record::Position => self.position_at_hand().map_or(Ok(Val::Missing), |position| self.position_field(field, position)),
            Record::Order => Ok(self.order_field(field)),
            Record::Fill => Ok(self.fill_field(field)),
            Record::Trade => match self.account.step.hand.trade() {
                Some(trade) => Self::trade_field(field, trade),
                None => Ok(Val::Missing),
            },
            Record::Payout => Ok(self.payout_field(field)),
            Record::Symbol => self.symbol_field(field),
            Record::News => Ok(match (self.news, field) {
                (Some(news), RecordField::NewsTitle) => Val::Text(news.title.clone()),
                (Some(news), _) => Val::Word(i64::from(news.impact as u8)),
                (None, _) => Val::Missing,
            }),
            // Only what the host adds: see `extension`.
            Record::Tick => Ok(Val::Missing),
        }
    }

    /// The position at hand: of the `for each` or aggregate, else the one that the event concerns.
    fn position_at_hand(&self) -> Option<&Position> {
        let serial = match self.cursor_of(Record::Position) {
            Cursor::Position(serial) => serial,
            _ => self.account.step.hand.position?,
        };
        self.account.ledger.positions.iter().find(|position| position.serial == serial)
    }

    fn position_field(&self, field: RecordField, position: &Position) -> Evaluated {
        let pricing = self.pricing();
        match field {
            RecordField::PositionSymbol => Ok(Val::Symbol(position.symbol.clone())),
            RecordField::PositionSide => Ok(side(position.long)),
            RecordField::PositionQuantity => Ok(Val::Decimal(position.quantity)),
            RecordField::PositionOpened => Ok(Val::Instant(position.opened)),
            RecordField::PositionChanged => Ok(Val::Instant(position.changed)),
            RecordField::PositionHeld => Ok(Val::Nanos(self.now() - position.opened)),
            RecordField::PositionMarked => Ok(self.marked(&position.symbol)),
            RecordField::PositionEntryPrice => number(position.entry_price()),
            RecordField::PositionNotional => figure(position.notional(pricing)),
            RecordField::PositionMargin => figure(position.margin(pricing)),
            RecordField::PositionOpenProfit => figure(position.open_profit(pricing)),
            RecordField::PositionProfit => number(position.realised()),
            RecordField::PositionCosts => Ok(Val::Decimal(position.costs.neg())),
            RecordField::PositionRisk => figure(position.risk(pricing)),
            RecordField::PositionWidestRisk => Ok(known(position.risks.iter().max().copied())),
            RecordField::PositionWorst => Ok(known(position.worst())),
            RecordField::PositionBest => Ok(known(position.best())),
            RecordField::PositionGiveback => match (position.best(), position.open_profit(pricing)?) {
                (Some(best), Some(now)) => number(sub(best, now)),
                _ => Ok(Val::Missing),
            },
            RecordField::PositionUnstopped => Ok(Val::Decimal(if position.stop.is_none() { position.quantity } else { Decimal::ZERO })),
            RecordField::PositionStop => Ok(price(position.stop)),
            RecordField::PositionTarget => Ok(price(position.target)),
            _ => Ok(Val::Missing),
        }
    }

    /// When the latest mark of a symbol came, and no later than now.
    fn marked(&self, symbol: &str) -> Val {
        self.market.quote(symbol).at.map_or(Val::Missing, |at| Val::Instant(at.min(self.now())))
    }

    /// A field of the order at hand: of the aggregate, else the order in question.
    fn order_field(&self, field: RecordField) -> Val {
        let working = match self.cursor_of(Record::Order) {
            Cursor::Order(at) => self.account.working.get(at),
            _ => self.account.step.hand.order.as_ref(),
        };
        let Some(working) = working else { return Val::Missing };
        let order = &working.order;
        match field {
            RecordField::OrderSymbol => Val::Symbol(order.symbol.clone()),
            RecordField::OrderSide => side(order.side == Side::Buy),
            RecordField::OrderQuantity => Val::Decimal(working.remaining),
            RecordField::OrderPrice => price(order.price.or(order.stop_price)),
            RecordField::OrderStop => price(order.stop_loss),
            RecordField::OrderTarget => price(order.take_profit),
            RecordField::OrderMarked => self.marked(&order.symbol),
            RecordField::OrderType => Val::Word(match order.order_type {
                OrderType::Market => 0,
                OrderType::Limit => 1,
                OrderType::Stop | OrderType::TrailingStop => 2,
                OrderType::StopLimit => 3,
            }),
            _ => Val::Missing,
        }
    }

    fn fill_field(&self, field: RecordField) -> Val {
        let Some((fill, filled)) = &self.account.step.hand.fill else { return Val::Missing };
        match field {
            RecordField::FillSymbol => Val::Symbol(fill.symbol.clone()),
            RecordField::FillSide => side(!fill.quantity.is_negative()),
            RecordField::FillQuantity => Val::Decimal(fill.quantity.abs()),
            RecordField::FillPrice => Val::Decimal(fill.price),
            RecordField::FillReason => Val::Word(i64::from(fill.reason as u8)),
            RecordField::FillProfit => Val::Decimal(filled.profit),
            RecordField::FillHeld => filled.held.map_or(Val::Missing, Val::Nanos),
            _ => Val::Missing,
        }
    }

    fn trade_field(field: RecordField, trade: &Trade) -> Evaluated {
        let position = &trade.position;
        Ok(match field {
            RecordField::TradeSymbol => Val::Symbol(position.symbol.clone()),
            RecordField::TradeSide => side(position.long),
            RecordField::TradeQuantity => Val::Decimal(position.largest),
            RecordField::TradeOpened => Val::Instant(position.opened),
            RecordField::TradeClosed => Val::Instant(trade.closed),
            RecordField::TradeHeld => Val::Nanos(trade.closed - position.opened),
            RecordField::TradeProfit => Val::Decimal(position.realised()?),
            RecordField::TradeCosts => Val::Decimal(position.costs.neg()),
            RecordField::TradeWorst => known(position.worst()),
            RecordField::TradeBest => known(position.best()),
            RecordField::TradeReason => Val::Word(i64::from(trade.reason as u8)),
            _ => Val::Missing,
        })
    }

    fn payout_field(&self, field: RecordField) -> Val {
        let at = self.account.step.hand.payout.or(self.account.pending_payout());
        let Some(payout) = at.and_then(|at| self.account.payouts.get(at)) else { return Val::Missing };
        match field {
            RecordField::PayoutAmount => Val::Decimal(payout.amount),
            RecordField::PayoutNumber => count(payout.number).map_or(Val::Missing, Val::Decimal),
            _ => Val::Missing,
        }
    }

    fn symbol_field(&self, field: RecordField) -> Evaluated {
        let ledger = &self.account.ledger;
        let Cursor::Symbol(number) = self.cursor_of(Record::Symbol) else { return Ok(Val::Missing) };
        let Some(symbol) = number.checked_sub(1).and_then(|at| ledger.symbols.get(at)) else { return Ok(Val::Missing) };
        match field {
            RecordField::SymbolItself => Ok(Val::Symbol(symbol.clone())),
            RecordField::SymbolQuantity => Ok(Val::Decimal(ledger.net_quantity(symbol)?.abs())),
            RecordField::SymbolMarked if ledger.positions.iter().any(|open| open.symbol == *symbol) => Ok(self.marked(symbol)),
            RecordField::SymbolOpenProfit => figure(ledger.symbol_open_profit(symbol, self.pricing())),
            _ => Ok(Val::Missing),
        }
    }

    /// The instance of a node `for each` that belongs to the record at hand.
    pub(super) fn instance_of(&self, per: Per) -> u64 {
        match (per, &self.cursor) {
            (Per::Position, Cursor::Position(serial)) => *serial,
            // A completed trade is still known by its position.
            (Per::Position, _) => {
                let hand = &self.account.step.hand;
                hand.trade().map(|trade| trade.position.serial).or(hand.position).unwrap_or(0)
            }
            (Per::Group(group), _) => self.group_at_hand(group).unwrap_or(0),
            (Per::Symbol, Cursor::Symbol(number)) => u64::try_from(*number).unwrap_or(0),
            _ => 0,
        }
    }

    /// A field that the host added to an order, fill or tick.
    pub(super) fn extension(&self, record: u16, field: u16) -> Val {
        let hand = &self.account.step.hand;
        let Some(declared) = self.account.ir.extensions.get(usize::from(record)) else { return Val::Missing };
        let extra = match declared.name.as_str() {
            "order" => match self.cursor_of(Record::Order) {
                Cursor::Order(at) => self.account.working.get(at).map(|working| &working.order.extra),
                _ => hand.order.as_ref().map(|working| &working.order.extra),
            },
            "fill" => hand.fill.as_ref().map(|(fill, _)| &fill.extra),
            _ => hand.tick.as_ref().map(|tick| &tick.extra),
        };
        told(extra, &declared.fields, field)
    }

    /// A field of the host event at hand.
    pub(super) fn host_field(&self, event: u16, field: u16) -> Val {
        let Some(declared) = self.account.ir.events.get(usize::from(event)) else { return Val::Missing };
        let fields = self.account.step.host.as_ref().filter(|(at_hand, _)| *at_hand == event).map(|(_, fields)| fields);
        told(fields, &declared.fields, field)
    }

    /// A fact about payouts.
    pub(super) fn payout_fact(&self, fact: PayoutFact) -> Evaluated {
        let account = self.account;
        let last = account.payouts.iter().filter_map(|payout| payout.paid.map(|paid| (payout, paid))).max_by_key(|(_, paid)| paid.order);
        Ok(match fact {
            PayoutFact::Running => known(self.amount),
            PayoutFact::Count => Val::Decimal(count(account.paid_payouts().count())?),
            PayoutFact::Total => Val::Decimal(total(account.paid_payouts().map(|payout| payout.amount))?),
            PayoutFact::LastAmount => known(last.map(|(payout, _)| payout.amount)),
            PayoutFact::LastAt => last.map_or(Val::Missing, |(_, paid)| Val::Instant(paid.at)),
            PayoutFact::LastBalance => match last {
                Some((payout, paid)) => Val::Decimal(account.balance_after_payout(payout, paid)?),
                None => Val::Missing,
            },
        })
    }

    /// A date so many days, months, … after a date; missing when a side is.
    pub(super) fn days_after(&self, days: ExprId, from: ExprId) -> Evaluated {
        match (self.value(days)?, self.value(from)?) {
            (Val::Days(count, unit), Val::Date(date)) => Ok(Val::Date(self.account.days(self.market).days_after(count, unit, date))),
            _ => Ok(Val::Missing),
        }
    }

    /// The opening of the first day at or after a date.
    pub(super) fn opening_of(&self, date: ExprId) -> Evaluated {
        match self.value(date)? {
            Val::Date(date) => Ok(Val::Instant(self.account.days(self.market).opening_of(date))),
            _ => Ok(Val::Missing),
        }
    }

    /// The program's date of an instant.
    pub(super) fn date_of(&self, instant: ExprId) -> Evaluated {
        match self.value(instant)? {
            Val::Instant(at) => Ok(Val::Date(self.account.days(self.market).date_of(at))),
            _ => Ok(Val::Missing),
        }
    }

    /// Whether a session is open.
    pub(super) fn session_open(&self, session: u16) -> Val {
        let (closes, edge) = self.account.days(self.market).session(usize::from(session), self.now());
        self.changes_at(edge);
        Val::Bool(closes.is_some())
    }

    /// When the open session closes; missing while closed.
    pub(super) fn session_closes(&self, session: u16) -> Val {
        let (closes, edge) = self.account.days(self.market).session(usize::from(session), self.now());
        self.changes_at(edge);
        closes.filter(|closes| *closes != NEVER).map_or(Val::Missing, Val::Instant)
    }

    /// `100 · part ÷ base` of two numbers, or missing where the base is not above zero.
    pub(super) fn share_used(part: Decimal, base: Decimal) -> Evaluated {
        if base.is_negative() || base.is_zero() { Ok(Val::Missing) } else { number(share(part, base)) }
    }
}

/// A declared field of what the host told.
fn told(fields: Option<&std::collections::BTreeMap<String, FieldValue>>, declared: &[(String, crate::value::Type)], field: u16) -> Val {
    let Some((name, ty)) = declared.get(usize::from(field)) else { return Val::Missing };
    fields.and_then(|fields| fields.get(name)).and_then(|value| Val::read(value, ty)).unwrap_or(Val::Missing)
}
