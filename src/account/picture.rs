//! The account at one moment, as the rules see it.

use super::bands::PositionRange;
use super::books::Books;
use super::days;
use super::groups::{Groups, Live};
use super::hand::Hand;
use crate::calendar::TradingCalendar;
use crate::event::Instrument;
use crate::ir::{Collection, InstrumentFact, Ir, PayoutFact, Per, Period, PhaseId};
use crate::ledger::{Ledger, Position, SymbolId};
use crate::market::{Market, NewsWindow};
use crate::syntax::ast::DayUnit;
use crate::value::{Date, Fixed, Instant, Weekday};
use crate::vm::view::{Cursor, Edge, Instance, MISSING, NEVER, View};
use crate::vocabulary::{AccountField, GroupField, Occasion, PeriodField, Record, RecordField};

/// The account at one moment. The ledger may be another than the account's: as it would be.
#[derive(Clone, Copy)]
pub(super) struct Picture<'a> {
    pub ir: &'a Ir,
    pub books: &'a Books,
    pub ledger: &'a Ledger,
    pub groups: &'a Groups,
    pub calendar: &'a TradingCalendar,
    pub market: &'a Market,
    pub hand: &'a Hand,
    /// The instant as of which it is seen: a question may be asked after the last thing that happened.
    pub now: i64,
    /// Between what each open position's values lie while prices stay within bands; empty elsewhere.
    pub ranges: &'a [PositionRange],
}

impl<'a> Picture<'a> {
    /// The account as its books stand, at the instant of the event.
    pub(super) fn of(ir: &'a Ir, books: &'a Books, calendar: &'a TradingCalendar, market: &'a Market, hand: &'a Hand) -> Self {
        Self { ir, books, ledger: &books.ledger, groups: &books.groups, calendar, market, hand, now: books.now, ranges: &[] }
    }
}

impl Picture<'_> {
    /// Whether a rate converts anything that is open.
    pub(super) fn converts(&self) -> bool {
        let open = self.ledger.positions().iter();
        open.filter_map(|position| self.ledger.conversion(position.symbol)).any(|conversion| conversion.symbol().is_some())
    }

    fn at(&self) -> Instant {
        Instant::from_nanos(self.now)
    }

    fn position(&self, cursor: Cursor) -> Option<&Position> {
        let open = self.ledger.positions();
        match cursor {
            Cursor::Position(at) => open.get(at),
            _ => open.iter().find(|position| Some(position.serial) == self.hand.position),
        }
    }

    fn position_field(&self, field: RecordField, position: &Position) -> i64 {
        let raw = |value: Option<Fixed>| value.map_or(MISSING, Fixed::raw);
        match field {
            RecordField::PositionSymbol => self.books.symbols.number(position.symbol),
            RecordField::PositionSide => i64::from(!position.long),
            RecordField::PositionQuantity => position.quantity.raw(),
            RecordField::PositionOpened => position.opened.nanos(),
            RecordField::PositionChanged => position.changed.nanos(),
            RecordField::PositionHeld => self.now - position.opened.nanos(),
            RecordField::PositionMarked => self.marked(position.symbol),
            RecordField::PositionEntryPrice => raw(position.entry_price().ok()),
            RecordField::PositionNotional => raw(self.ledger.notional(position)),
            RecordField::PositionMargin => raw(self.ledger.position_margin(position)),
            RecordField::PositionOpenProfit => raw(position.open_profit),
            RecordField::PositionProfit => raw(position.realised.add(position.costs).ok()),
            RecordField::PositionCosts => position.costs.neg().raw(),
            RecordField::PositionRisk => raw(self.ledger.risk(position)),
            RecordField::PositionWidestRisk => raw(position.widest_risk),
            RecordField::PositionWorst => position.worst.0.raw(),
            RecordField::PositionBest => position.best.0.raw(),
            RecordField::PositionGiveback => raw(position.open_profit.and_then(|profit| position.best.0.sub(profit).ok())),
            RecordField::PositionUnstopped => position.stop.map_or(position.quantity, |_| Fixed::ZERO).raw(),
            RecordField::PositionStop => raw(position.stop),
            RecordField::PositionTarget => raw(position.target),
            _ => MISSING,
        }
    }

    /// The instance of a group at hand: of the cursor, else the one that ends.
    fn live(&self, group: u16, cursor: Cursor) -> Option<&Live> {
        let live = self.groups.live(group);
        match cursor {
            Cursor::Group(number, at) if number == group => live.get(at),
            _ => self.hand.ending(group).and_then(|serial| live.iter().find(|live| live.instance().serial == serial)),
        }
    }

    fn order_field(&self, field: RecordField, cursor: Cursor) -> i64 {
        let order = match cursor {
            Cursor::WorkingOrder(at) => self.books.orders.working().get(at),
            _ => self.hand.order.as_ref(),
        };
        let Some(order) = order else { return MISSING };
        match field {
            RecordField::OrderSymbol => self.books.symbols.number(SymbolId(order.symbol)),
            RecordField::OrderSide => i64::from(order.quantity < 0),
            RecordField::OrderQuantity => order.quantity.saturating_abs(),
            RecordField::OrderPrice => order.price,
            RecordField::OrderStop => order.stop,
            RecordField::OrderTarget => order.target,
            RecordField::OrderType => order.order_type,
            RecordField::OrderMarked => self.marked(SymbolId(order.symbol)),
            _ => MISSING,
        }
    }

    fn fill_field(&self, field: RecordField) -> i64 {
        let Some(fill) = &self.hand.fill else { return MISSING };
        match field {
            RecordField::FillSymbol => fill.symbol,
            RecordField::FillSide => fill.side,
            RecordField::FillQuantity => fill.quantity,
            RecordField::FillPrice => fill.price,
            RecordField::FillReason => fill.reason,
            RecordField::FillProfit => fill.profit,
            RecordField::FillHeld => fill.held,
            _ => MISSING,
        }
    }

    fn trade_field(&self, field: RecordField) -> i64 {
        let Some(trade) = &self.hand.trade else { return MISSING };
        match field {
            RecordField::TradeSymbol => trade.symbol,
            RecordField::TradeSide => trade.side,
            RecordField::TradeQuantity => trade.quantity,
            RecordField::TradeOpened => trade.opened,
            RecordField::TradeClosed => trade.closed,
            RecordField::TradeHeld => trade.closed - trade.opened,
            RecordField::TradeProfit => trade.profit,
            RecordField::TradeCosts => trade.costs,
            RecordField::TradeWorst => trade.worst,
            RecordField::TradeBest => trade.best,
            RecordField::TradeReason => trade.reason,
            _ => MISSING,
        }
    }

    fn payout_field(&self, field: RecordField) -> i64 {
        let Some(payout) = self.hand.payout.as_ref().or(self.books.payouts.pending()) else { return MISSING };
        match field {
            RecordField::PayoutAmount => payout.amount,
            RecordField::PayoutNumber => payout.number.saturating_mul(Fixed::ONE_RAW),
            _ => MISSING,
        }
    }

    fn symbol_field(&self, field: RecordField, cursor: Cursor) -> i64 {
        let Cursor::Symbol(number) = cursor else { return MISSING };
        let Some(symbol) = self.books.symbols.traded_at(number) else { return MISSING };
        match field {
            RecordField::SymbolItself => i64::from(number),
            RecordField::SymbolQuantity => self.ledger.net_quantity(symbol).map_or(MISSING, |quantity| quantity.abs().raw()),
            // Ticks of what is not held are not looked at.
            RecordField::SymbolMarked if self.ledger.positions().iter().any(|open| open.symbol == symbol) => self.marked(symbol),
            RecordField::SymbolOpenProfit => self.ledger.symbol_open_profit(symbol).map_or(MISSING, Fixed::raw),
            _ => MISSING,
        }
    }

    fn news_field(&self, field: RecordField, cursor: Cursor) -> i64 {
        let Cursor::News(place) = cursor else { return MISSING };
        let Some(item) = self.market.news().get(place) else { return MISSING };
        match field {
            RecordField::NewsImpact => item.impact,
            // A title that neither the program nor the account has met equals no text.
            RecordField::NewsTitle => self.books.texts.find(&self.ir.texts, &item.title).unwrap_or(-1),
            _ => MISSING,
        }
    }

    /// When the latest mark of a symbol came; now, where the feed is ahead of the account.
    fn marked(&self, symbol: SymbolId) -> i64 {
        let listing = self.books.symbols.listing(symbol).and_then(|listing| self.market.listing(listing));
        let at = listing.map(|listing| listing.quote.at).filter(|at| *at != -NEVER);
        at.map_or(MISSING, |at| at.min(self.now))
    }

    fn listed(&self, symbol: SymbolId) -> Option<&Instrument> {
        self.market.listing(self.books.symbols.listing(symbol)?)?.instrument.as_ref()
    }
}

impl View for Picture<'_> {
    fn now(&self) -> i64 {
        self.now
    }

    fn ordinal(&self) -> u64 {
        self.books.ordinal
    }

    fn occasions(&self) -> u64 {
        self.hand.occasions
    }

    fn schedules(&self) -> u64 {
        self.hand.schedules
    }

    fn host_event(&self) -> Option<u16> {
        self.hand.host.as_ref().map(|(event, _)| *event)
    }

    fn changed_input(&self) -> Option<u16> {
        self.hand.input
    }

    fn is_due_instant(&self) -> bool {
        self.hand.due
    }

    fn account(&self, field: AccountField) -> i64 {
        let requested = self.hand.occasions & Occasion::PayoutRequest.bit() != 0;
        match (&self.hand.payout, field) {
            (Some(payout), AccountField::Available) if requested => self.books.available(self.ir, self.ledger, Some(&payout.id)),
            _ => self.books.field(self.ir, self.ledger, field),
        }
    }

    fn period(&self, period: Period, field: PeriodField) -> i64 {
        self.books.periods.now(period, field, self.ledger)
    }

    fn last_period(&self, period: Period, field: PeriodField) -> i64 {
        self.books.periods.last(period, field)
    }

    fn day_is_running(&self) -> bool {
        self.books.clock.runs
    }

    fn record(&self, field: RecordField, cursor: Cursor) -> i64 {
        match field.record() {
            Record::Position => self.position(cursor).map_or(MISSING, |position| self.position_field(field, position)),
            Record::Order => self.order_field(field, cursor),
            Record::Fill => self.fill_field(field),
            Record::Trade => self.trade_field(field),
            Record::Payout => self.payout_field(field),
            Record::Symbol => self.symbol_field(field, cursor),
            Record::News => self.news_field(field, cursor),
            // Only what the host adds: see `extension`.
            Record::Tick => MISSING,
        }
    }

    fn extension(&self, record: u16, field: u16, cursor: Cursor) -> i64 {
        let working = match cursor {
            Cursor::WorkingOrder(at) => self.books.orders.working().get(at),
            _ => None,
        };
        let extra = match working {
            Some(order) => Some(&order.extra),
            None => self.hand.extra.iter().find(|(extension, _)| *extension == record).map(|(_, values)| values),
        };
        extra.and_then(|values| values.get(usize::from(field))).copied().unwrap_or(MISSING)
    }

    fn host_field(&self, event: u16, field: u16) -> i64 {
        let at_hand = self.hand.host.as_ref().filter(|(number, _)| *number == event);
        at_hand.and_then(|(_, fields)| fields.get(usize::from(field))).copied().unwrap_or(MISSING)
    }

    fn payout(&self, fact: PayoutFact) -> i64 {
        self.books.payouts.fact(fact)
    }

    fn phase_final(&self, phase: PhaseId, field: AccountField) -> i64 {
        self.books.finals.get(&(phase.0, field as u8)).copied().unwrap_or(MISSING)
    }

    fn plan_name(&self) -> i64 {
        self.books.facts.plan_name
    }

    fn plan(&self, column: u16) -> i64 {
        self.books.facts.plan.get(usize::from(column)).copied().unwrap_or(MISSING)
    }

    fn option(&self, option: u16) -> i64 {
        self.books.facts.options.get(usize::from(option)).copied().unwrap_or(MISSING)
    }

    fn input(&self, input: u16) -> (i64, i64) {
        let at = usize::from(input);
        let Some(told) = self.books.inputs.get(at) else { return (MISSING, NEVER) };
        let after = self.ir.inputs.get(at).and_then(|setting| setting.stale_after).filter(|_| told.at != NEVER);
        match after.map(|after| told.at.saturating_add(after)) {
            Some(stale) if stale <= self.now => (MISSING, NEVER),
            Some(stale) => (told.value, stale),
            None => (told.value, NEVER),
        }
    }

    fn symbol(&self, constant: u32) -> i64 {
        let name = self.ir.symbols.get(constant as usize).map_or("", String::as_str);
        self.books.symbols.constant(constant, name)
    }

    fn len(&self, collection: Collection) -> usize {
        match collection {
            Collection::OpenPositions => self.ledger.positions().len(),
            Collection::WorkingOrders => self.books.orders.working().len(),
        }
    }

    fn symbols(&self) -> u16 {
        self.books.symbols.traded()
    }

    fn living(&self, per: Per) -> usize {
        match per {
            Per::Group(group) => self.groups.live(group).len(),
            _ => self.ledger.positions().len(),
        }
    }

    fn instance(&self, per: Per, index: usize) -> Option<Instance> {
        match per {
            Per::Group(group) => self.groups.live(group).get(index).map(Live::instance),
            _ => self.ledger.positions().get(index).map(|position| Instance { serial: position.serial, place: position.place }),
        }
    }

    fn ending(&self, per: Per) -> Option<Instance> {
        match per {
            Per::Group(group) => {
                let serial = self.hand.ending(group)?;
                self.groups.live(group).iter().map(Live::instance).find(|live| live.serial == serial)
            }
            _ => self.hand.closed.filter(|_| self.hand.trade.is_some()),
        }
    }

    fn concerns(&self, occasion: Occasion, cursor: Cursor) -> bool {
        let (added, reduced) = (self.hand.added, self.hand.reduced);
        let filled = match occasion {
            Occasion::Entry => [added, None],
            Occasion::Exit => [reduced, None],
            Occasion::Trade => [self.hand.closed.map(|closed| closed.serial), None],
            _ => [added, reduced],
        };
        let of = |serial: u64| match cursor {
            Cursor::Position(at) => self.ledger.positions().get(at).is_some_and(|position| position.serial == serial),
            Cursor::Group(group, at) => self.groups.live(group).get(at).is_some_and(|live| live.concerns(group, self.hand, serial)),
            _ => true,
        };
        filled.into_iter().flatten().any(of)
    }

    fn is_full(&self, group: u16) -> bool {
        self.groups.is_full(group)
    }

    fn group(&self, group: u16, field: GroupField, cursor: Cursor) -> i64 {
        let Some(live) = self.live(group, cursor) else { return MISSING };
        match field {
            GroupField::Symbol => live.key(self.ir.group_key(group, RecordField::PositionSymbol)),
            GroupField::Side => live.key(self.ir.group_key(group, RecordField::PositionSide)),
            _ => live.field(field, self.ledger),
        }
    }

    fn members(&self, group: u16, cursor: Cursor) -> Vec<u64> {
        self.live(group, cursor).map_or_else(Vec::new, |live| live.members().to_vec())
    }

    fn session(&self, session: u16) -> Edge {
        let Some((_, session)) = self.ir.sessions.get(usize::from(session)) else { return Edge { now: false, next: NEVER } };
        let hours = session.hours(self.calendar);
        let next = hours.next_edge_after(self.at());
        Edge { now: hours.is_open(self.at()), next: if next == Instant::MAX { NEVER } else { next.nanos() } }
    }

    fn session_closes(&self, session: u16) -> i64 {
        let closes = self.ir.sessions.get(usize::from(session)).and_then(|(_, session)| session.hours(self.calendar).closes(self.at()));
        closes.map_or(MISSING, Instant::nanos)
    }

    fn news_items(&self) -> usize {
        self.market.news().len()
    }

    fn news(&self, place: usize, window: crate::code::NewsWindow, symbol: i64) -> Option<Edge> {
        let symbol = self.books.symbols.numbered(symbol).filter(|_| symbol != MISSING);
        let named = symbol.and_then(|symbol| {
            let instrument = self.listed(symbol);
            let currencies = [instrument.and_then(|it| it.base_currency), instrument.map(|it| it.quote_currency)];
            Some((self.books.symbols.name(symbol)?, currencies))
        });
        let asked = NewsWindow { before: window.before, after: window.after, impact: window.impact, symbol: named };
        asked.edge(self.market.news().get(place)?, self.now)
    }

    fn instrument(&self, fact: InstrumentFact, symbol: i64) -> i64 {
        let listed = self.books.symbols.numbered(symbol).and_then(|symbol| self.listed(symbol));
        let value = listed.and_then(|listed| match fact {
            InstrumentFact::Tick => Some(listed.tick_size),
            InstrumentFact::Pip => listed.pip_size,
            InstrumentFact::Multiplier(unit) => (listed.unit == unit).then_some(listed.multiplier),
        });
        value.map_or(MISSING, |value| Fixed::from(value).raw())
    }

    fn days_after(&self, count: u32, unit: DayUnit, date: i64) -> i64 {
        i64::from(days::date_after(self.calendar, date_of_raw(date), count, unit).days())
    }

    fn opening_of(&self, date: i64) -> i64 {
        self.calendar.day_from(date_of_raw(date)).opens.nanos()
    }

    fn date_of(&self, instant: i64) -> i64 {
        i64::from(days::day_of(self.calendar, in_range(instant)).date.days())
    }

    fn opening_after(&self, instant: i64, or_at: bool) -> i64 {
        let from = if or_at { instant } else { instant.saturating_add(1) };
        self.calendar.opening_from(in_range(from)).nanos()
    }

    fn opening_on(&self, weekday: Weekday, instant: i64) -> i64 {
        let mut day = self.calendar.day_at(in_range(instant));
        for _ in 0..60 {
            if day.opens.nanos() >= instant && day.date.weekday() == weekday {
                return day.opens.nanos();
            }
            day = self.calendar.day_after(&day);
        }
        NEVER
    }

    fn trading_day_number(&self) -> i64 {
        self.books.clock.number
    }
}

fn date_of_raw(date: i64) -> Date {
    Date::from_days(i32::try_from(date).unwrap_or(i32::MAX))
}

/// An instant within the years that civil time is known for.
fn in_range(nanos: i64) -> Instant {
    Instant::from_nanos(nanos).plus(0)
}
