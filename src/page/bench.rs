//! Accounts of a program in an engine of their own, to ask what they would get.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::TradingCalendar;
use crate::check::CheckedExpr;
use crate::code::Program;
use crate::engine::{AccountRef, Engine, LimitReport};
use crate::event::{self, Event, FieldValue, FillEntry, FillReason, Kind, OrderStatus, OrderType, PositionMode, Side, Snapshot};
use crate::ir::{Constant, ExprId, ExprKind, Ir};
use crate::outcome::{Outcome, Verdict};
use crate::scenario::standard_instrument;
use crate::value::{Currency, Date, Decimal, Instant, NANOS_PER_HOUR, NANOS_PER_SECOND, Value};

/// The account that is asked.
const ACCOUNT: &str = "example";
/// Monday 2 March 2026: the day on which accounts are opened here, as in scenarios.
const FIRST_DAY: i32 = 20_514;

/// What accounts are opened with.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    /// The plan.
    pub(super) plan: String,
    /// The phase to begin in.
    pub(super) phase: Option<String>,
    /// Options that differ from what they are by default.
    pub(super) options: BTreeMap<String, FieldValue>,
}

/// An account that was opened an hour ago.
pub(super) struct Stand {
    engine: Engine,
    calendar: TradingCalendar,
    now: Instant,
    events: u32,
    /// What was decided since the last question.
    pub(super) decided: Vec<Outcome>,
}

impl Stand {
    /// Opens an account.
    pub(super) fn open(program: &Arc<Program>, opening: &Opening) -> Option<Self> {
        let ir = &program.ir;
        let calendar = TradingCalendar { rule: ir.header.day, holidays: None, week_starts: ir.header.week };
        let opens = calendar.day_from(Date::from_days(FIRST_DAY)).opens;
        let mut engine = Engine::new();
        engine.load(Arc::clone(program));
        let mut stand = Self { engine, calendar, now: opens, events: 0, decided: Vec::new() };
        let open = event::Open {
            program: ir.title.clone(),
            version: ir.header.version.clone(),
            plan: opening.plan.clone(),
            options: opening.options.clone(),
            currency: currency(ir),
            start_balance: size_of(ir, &opening.plan).unwrap_or_else(|| Decimal::from(100_000)),
            position_mode: PositionMode::Hedging,
            trader: "trader".into(),
            household: None,
            phase: opening.phase.clone(),
            continues: None,
            purchased_at: opens,
            reset_at: None,
            price_paid: None,
            swap: event::SwapMode::InPosition,
        };
        stand.send(Some(ACCOUNT), Kind::Open(open));
        stand.wait(NANOS_PER_HOUR);
        stand.account()?;
        stand.decided.clear();
        Some(stand)
    }

    /// The account.
    pub(super) fn account(&self) -> Option<AccountRef<'_>> {
        self.engine.account(ACCOUNT)
    }

    /// A limit as it stands.
    pub(super) fn limit(&self, title: &str) -> Option<LimitReport> {
        self.account()?.limits().into_iter().find(|report| &*report.title == title && report.instance == 0)
    }

    /// What an expression comes to.
    pub(super) fn compute(&self, ir: &Ir, id: ExprId) -> Option<Value> {
        let checked = CheckedExpr { exprs: ir.exprs.clone(), id, texts: ir.texts.clone(), symbols: ir.symbols.clone() };
        self.account()?.evaluate(&checked).ok()
    }

    /// The balance and equity.
    pub(super) fn money(&self) -> Option<(Value, Value)> {
        let status = self.account()?.status();
        Some((status.balance, status.equity))
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, nanos: i64) {
        self.now = self.now.plus(nanos);
        let outcomes = self.engine.advance(self.now).to_vec();
        self.decided.extend(outcomes);
    }

    /// An hour after the next day opens.
    pub(super) fn next_day(&mut self) {
        let opens = self.calendar.day_at(self.now).next_opens;
        self.wait(opens.nanos() - self.now.nanos() + NANOS_PER_HOUR);
    }

    /// Open positions that have brought so much, as the platform tells it.
    pub(super) fn float(&mut self, by: Decimal) -> Option<()> {
        let account = self.account()?;
        let Value::Money(balance, _) = account.status().balance else { return None };
        let balance = balance.add(account.account().platform_offset()).ok()?;
        let equity = balance.add(by).ok()?;
        let snapshot = Snapshot { balance, equity, open_profit: None, margin: None, version: None, anchor: None };
        self.send(Some(ACCOUNT), Kind::Snapshot(snapshot));
        Some(())
    }

    /// A trade that has brought so much.
    pub(super) fn trade(&mut self, result: Decimal) -> Option<()> {
        let symbol = "TRADE";
        self.describe(symbol)?;
        let price = Decimal::from(1_000_000);
        self.fill(symbol, Decimal::from(1), price, None);
        self.wait(60 * NANOS_PER_SECOND);
        self.fill(symbol, Decimal::from(-1), price.add(result).ok()?, Some(result));
        Some(())
    }

    /// A position of so much of a symbol, without having asked.
    pub(super) fn enter(&mut self, symbol: &str, quantity: Decimal, price: Decimal) -> Option<()> {
        self.quote(symbol, price)?;
        self.fill(symbol, quantity, price, None);
        Some(())
    }

    /// The answer to an order.
    pub(super) fn order(&mut self, symbol: &str, quantity: Decimal, price: Decimal) -> Option<Verdict> {
        self.quote(symbol, price)?;
        let order = event::Order {
            order_id: format!("order-{}", self.events),
            symbol: symbol.into(),
            side: Side::Buy,
            order_type: OrderType::Market,
            quantity,
            price: None,
            stop_price: None,
            stop_loss: None,
            take_profit: None,
            status: OrderStatus::New,
            parent: None,
            extra: BTreeMap::new(),
        };
        let before = self.decided.len();
        self.send(Some(ACCOUNT), Kind::Order(order));
        self.decided.iter().skip(before).find_map(|outcome| outcome.verdict.clone())
    }

    fn quote(&mut self, symbol: &str, price: Decimal) -> Option<()> {
        self.describe(symbol)?;
        let tick = event::Tick {
            symbol: symbol.into(),
            bid: Some(price),
            ask: Some(price),
            last: Some(price),
            quality: event::TickQuality::Ok,
            extra: BTreeMap::new(),
        };
        self.send(None, Kind::Tick(tick));
        Some(())
    }

    fn describe(&mut self, symbol: &str) -> Option<()> {
        let instrument = standard_instrument(symbol)?;
        self.send(None, Kind::Instrument(instrument));
        Some(())
    }

    fn fill(&mut self, symbol: &str, quantity: Decimal, price: Decimal, gross_profit: Option<Decimal>) {
        let fill = event::Fill {
            fill_id: format!("fill-{}", self.events),
            order_id: None,
            position_id: Some(format!("position-{symbol}")),
            symbol: symbol.into(),
            quantity,
            price,
            entry: if gross_profit.is_some() { FillEntry::Out } else { FillEntry::In },
            closed_quantity: None,
            gross_profit,
            commission: None,
            fee: None,
            tax: None,
            swap: None,
            fx_rate: None,
            reason: FillReason::User,
            extra: BTreeMap::new(),
        };
        self.send(Some(ACCOUNT), Kind::Fill(fill));
    }

    fn send(&mut self, account: Option<&str>, kind: Kind) {
        self.events += 1;
        let event = Event::new(format!("event-{}", self.events), account, self.now, kind);
        let outcomes = self.engine.apply(&event).to_vec();
        self.decided.extend(outcomes);
    }
}

/// The currency of the accounts here; dollars where the plan decides it.
pub(super) fn currency(ir: &Ir) -> Currency {
    if ir.header.currency == Currency::ACCOUNT { Currency::new("USD").unwrap_or(Currency::ACCOUNT) } else { ir.header.currency }
}

/// The size of a plan, where it is written out.
pub(super) fn size_of(ir: &Ir, plan: &str) -> Option<Decimal> {
    let row = ir.plans.names.iter().position(|name| name == plan)?;
    let column = ir.plans.columns.iter().position(|column| column.name == "size")?;
    match ir.expr(*ir.plans.cells.get(row)?.get(column)?).kind {
        ExprKind::Constant(Constant::Decimal(size)) => Some(size),
        _ => None,
    }
}
