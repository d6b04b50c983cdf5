//! Random but repeatable streams of events: the same seed gives the same stream on every machine.

use std::collections::BTreeMap;

use ringfence::event::{
    Cash, CashType, Event, Fill, FillEntry, FillReason, Impact, Input, Instrument, Kind, News, Open, Order, OrderStatus, OrderType, Payout,
    PayoutStatus, PositionMode, Protect, Side, Snapshot, SwapMode, Tick, TickQuality,
};
use ringfence::value::{Currency, Decimal, Instant, NANOS_PER_SECOND, Unit};

/// What a stream is for.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The account's key.
    pub(crate) account: String,
    /// The program's title.
    pub(crate) program: String,
    /// Its version.
    pub(crate) version: String,
    /// The plan.
    pub(crate) plan: String,
    /// The balance it begins with, in dollars.
    pub(crate) start_balance: i32,
    /// Whether a symbol may be held long and short.
    pub(crate) hedging: bool,
    /// The phase to begin in; the first one if none is said.
    pub(crate) phase: Option<String>,
    /// Inputs with values that they may take.
    pub(crate) inputs: Vec<(String, Vec<String>)>,
    /// When it begins.
    pub(crate) from: Instant,
}

type Listed = (&'static str, Option<&'static str>, &'static str, i32, i64, i64);

/// The symbols: name, base, quote, multiplier, ticks per point, first price in ticks.
const SYMBOLS: [Listed; 3] =
    [("ES", None, "USD", 50, 4, 20_000), ("EURUSD", Some("EUR"), "USD", 100_000, 100_000, 110_000), ("DAX", None, "EUR", 5, 2, 40_000)];

/// So many events of an account, and of the market that it trades in, in the order of their time.
/// Fills, ticks and orders come close together; the clock crosses nights, a weekend and a month's end.
pub(crate) fn stream(seed: u64, count: usize, setup: &Setup) -> Vec<Event> {
    let mut stream = Stream::begin(seed, setup);
    while stream.events.len() < count {
        stream.step(setup);
    }
    stream.events
}

/// A small generator of numbers (xorshift64*), so that streams depend on nothing but their seed.
#[derive(Clone, Debug)]
pub(crate) struct Numbers(u64);

impl Numbers {
    /// Numbers of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number below a bound above zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % bound.max(1)
    }

    /// The next number between two bounds, both included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.below(u64::try_from(most - least + 1).unwrap_or(1))).unwrap_or(0)
    }

    /// Whether one of so many chances is met.
    pub(crate) fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }
}

/// A held position, as the generator knows it.
#[derive(Clone, Debug)]
struct Held {
    id: String,
    symbol: usize,
    quantity: i64,
}

struct Stream {
    numbers: Numbers,
    events: Vec<Event>,
    now: i64,
    serial: u64,
    prices: [i64; 3],
    held: Vec<Held>,
    orders: Vec<(String, usize, i64)>,
    payout: Option<(String, PayoutStatus, Decimal)>,
}

impl Stream {
    fn begin(seed: u64, setup: &Setup) -> Self {
        let prices = SYMBOLS.map(|symbol| symbol.5);
        let now = setup.from.nanos();
        let (held, orders) = (Vec::new(), Vec::new());
        let mut stream = Self { numbers: Numbers::new(seed), events: Vec::new(), now, serial: 0, prices, held, orders, payout: None };
        for symbol in 0..SYMBOLS.len() {
            stream.market(Kind::Instrument(instrument(symbol)));
            stream.tick(symbol);
        }
        stream.own(setup, Kind::Open(open(setup)));
        stream
    }

    fn step(&mut self, setup: &Setup) {
        self.pass();
        let symbol = usize::try_from(self.numbers.below(3)).unwrap_or(0);
        match self.numbers.below(100) {
            0..42 => self.tick(symbol),
            42..66 => self.fill(setup, symbol),
            66..76 => self.order(setup, symbol),
            76..82 => self.cash(setup),
            82..86 => self.protect(setup),
            86..91 => self.payout(setup),
            91..93 => self.input(setup),
            93..95 => self.snapshot(setup),
            95..97 => self.news(),
            _ => self.own(setup, Kind::Clock),
        }
    }

    /// Mostly seconds pass, sometimes none, sometimes hours, seldom more than a day.
    fn pass(&mut self) {
        let seconds = match self.numbers.below(40) {
            0..4 => 0,
            4..30 => self.numbers.between(1, 90),
            30..37 => self.numbers.between(60, 3_600),
            37..39 => self.numbers.between(3_600, 30_000),
            _ => self.numbers.between(40_000, 200_000),
        };
        // A third of the long steps end on a full minute, where rules of the clock are due.
        let to = self.now + seconds * NANOS_PER_SECOND;
        let minute = 60 * NANOS_PER_SECOND;
        self.now = if seconds > 60 && self.numbers.one_in(3) { to / minute * minute } else { to };
    }

    fn push(&mut self, account: Option<&str>, kind: Kind) {
        self.serial += 1;
        self.events.push(Event::new(format!("g{}", self.serial), account, Instant::from_nanos(self.now), kind));
    }

    fn market(&mut self, kind: Kind) {
        self.push(None, kind);
    }

    fn own(&mut self, setup: &Setup, kind: Kind) {
        self.push(Some(&setup.account), kind);
    }

    fn price(&self, symbol: usize, ticks: i64) -> Decimal {
        ratio(self.prices[symbol] + ticks, SYMBOLS[symbol].4)
    }

    fn tick(&mut self, symbol: usize) {
        let step = if self.numbers.one_in(12) { 60 } else { 6 };
        self.prices[symbol] += self.numbers.between(-step, step);
        let spread = self.numbers.between(0, 2);
        let quality = if self.numbers.one_in(25) { TickQuality::Stale } else { TickQuality::Ok };
        let (bid, ask, last) =
            (self.price(symbol, 0), self.price(symbol, spread), self.price(symbol, self.numbers.clone().between(0, spread)));
        let tick =
            Tick { symbol: SYMBOLS[symbol].0.into(), bid: Some(bid), ask: Some(ask), last: Some(last), quality, extra: BTreeMap::new() };
        self.market(Kind::Tick(tick));
    }

    /// Entries, adds, partial and whole exits, and, by netting, reversals.
    fn fill(&mut self, setup: &Setup, symbol: usize) {
        let open = self.held.iter().position(|held| held.symbol == symbol).filter(|_| !(setup.hedging && self.numbers.clone().one_in(3)));
        let size = self.numbers.between(1, 4);
        let (id, signed, entry) = match open {
            Some(at) => self.fill_of(setup, at, size),
            None if self.held.len() > 6 => return,
            None => {
                self.serial += 1;
                let (id, signed) = (format!("p{}", self.serial), if self.numbers.one_in(2) { size } else { -size });
                self.held.push(Held { id: id.clone(), symbol, quantity: signed });
                (id, signed, FillEntry::In)
            }
        };
        self.held.retain(|held| held.quantity != 0);
        let ticks = self.numbers.between(-3, 3);
        let order = self.orders.iter().position(|(_, of, quantity)| *of == symbol && quantity.signum() == signed.signum());
        let order_id = order.filter(|_| self.numbers.one_in(2)).map(|at| self.orders.remove(at).0);
        self.serial += 1;
        let fill = Fill {
            fill_id: format!("f{}", self.serial),
            order_id,
            position_id: Some(id),
            symbol: SYMBOLS[symbol].0.into(),
            quantity: whole(signed),
            price: self.price(symbol, ticks),
            entry,
            closed_quantity: None,
            gross_profit: self.numbers.one_in(6).then(|| ratio(self.numbers.clone().between(-30_000, 30_000), 100)),
            commission: self.numbers.one_in(2).then(|| ratio(self.numbers.clone().between(-500, 0), 100)),
            fee: self.numbers.one_in(5).then(|| ratio(-137, 100)),
            tax: None,
            swap: self.numbers.one_in(9).then(|| ratio(self.numbers.clone().between(-90, 90), 100)),
            fx_rate: (SYMBOLS[symbol].2 != "USD").then(|| "1.0875".parse().unwrap_or(ringfence::value::Rate::ONE)),
            reason: FillReason::ALL[usize::try_from(self.numbers.below(4)).unwrap_or(0)],
            extra: BTreeMap::new(),
        };
        self.own(setup, Kind::Fill(fill));
    }

    fn fill_of(&mut self, setup: &Setup, at: usize, size: i64) -> (String, i64, FillEntry) {
        let (id, quantity) = (self.held[at].id.clone(), self.held[at].quantity);
        let (signed, entry) = match self.numbers.below(10) {
            0..3 => (size * quantity.signum(), FillEntry::In),
            3..6 => (-quantity, FillEntry::Out),
            6..9 => (-size.min(quantity.abs()) * quantity.signum(), FillEntry::Out),
            _ if setup.hedging => (-quantity, FillEntry::Unknown),
            _ => (-(quantity + size * quantity.signum()), FillEntry::InOut),
        };
        self.held[at].quantity += signed;
        (id, signed, entry)
    }

    fn order(&mut self, setup: &Setup, symbol: usize) {
        if self.numbers.one_in(3) && !self.orders.is_empty() {
            let at = usize::try_from(self.numbers.below(self.orders.len() as u64)).unwrap_or(0);
            let (id, symbol, quantity) = self.orders[at].clone();
            let status = if self.numbers.one_in(2) { OrderStatus::Changed } else { OrderStatus::Cancelled };
            if status == OrderStatus::Cancelled {
                self.orders.remove(at);
            }
            return self.send_order(setup, (id, symbol, quantity), status);
        }
        let quantity = self.numbers.between(1, 9) * if self.numbers.one_in(2) { 1 } else { -1 };
        self.serial += 1;
        let order = (format!("o{}", self.serial), symbol, quantity);
        self.orders.push(order.clone());
        self.send_order(setup, order, OrderStatus::New);
    }

    fn send_order(&mut self, setup: &Setup, (order_id, symbol, quantity): (String, usize, i64), status: OrderStatus) {
        let is_limit = self.numbers.one_in(2);
        let away = self.numbers.between(-8, 8);
        let order = Order {
            order_id,
            symbol: SYMBOLS[symbol].0.into(),
            side: if quantity > 0 { Side::Buy } else { Side::Sell },
            order_type: if is_limit { OrderType::Limit } else { OrderType::Market },
            quantity: whole(quantity.abs()),
            price: is_limit.then(|| self.price(symbol, away)),
            stop_price: None,
            stop_loss: self.numbers.one_in(2).then(|| self.price(symbol, if quantity > 0 { -40 } else { 40 })),
            take_profit: None,
            status,
            parent: None,
            extra: BTreeMap::new(),
        };
        self.own(setup, Kind::Order(order));
    }

    fn cash(&mut self, setup: &Setup) {
        let (cash_type, least, most) = [
            (CashType::Deposit, 1_000, 50_000),
            (CashType::Withdrawal, -50_000, -1_000),
            (CashType::Commission, -900, -1),
            (CashType::Swap, -400, 400),
            (CashType::Dividend, 1, 2_000),
            (CashType::Adjustment, -2_000, 2_000),
        ][usize::try_from(self.numbers.below(6)).unwrap_or(0)];
        let amount = ratio(self.numbers.between(least, most), 100);
        self.book(setup, amount, cash_type, None);
    }

    fn book(&mut self, setup: &Setup, amount: Decimal, cash_type: CashType, payout_id: Option<String>) {
        self.serial += 1;
        let cash = Cash { cash_id: format!("c{}", self.serial), amount, cash_type, value_date: None, ref_fill: None, payout_id };
        self.own(setup, Kind::Cash(cash));
    }

    fn protect(&mut self, setup: &Setup) {
        if self.held.is_empty() {
            return;
        }
        let held = self.held[usize::try_from(self.numbers.below(self.held.len() as u64)).unwrap_or(0)].clone();
        let away = -30 * held.quantity.signum();
        let stop_loss = (!self.numbers.one_in(4)).then(|| self.price(held.symbol, away));
        let position_id = if setup.hedging { held.id } else { SYMBOLS[held.symbol].0.into() };
        self.own(setup, Kind::Protect(Protect { position_id, stop_loss, take_profit: None }));
    }

    /// One payout after another: requested, approved or denied, paid, its cash before or after.
    fn payout(&mut self, setup: &Setup) {
        self.serial += 1;
        let amount = ratio(self.numbers.between(5_000, 200_000), 100);
        let (payout_id, status, amount) = match self.payout.take() {
            None => (format!("y{}", self.serial), PayoutStatus::Requested, amount),
            Some((id, PayoutStatus::Requested, amount)) if self.numbers.one_in(3) => (id, PayoutStatus::Denied, amount),
            Some((id, PayoutStatus::Requested, amount)) => (id, PayoutStatus::Approved, amount),
            Some((id, _, amount)) => (id, PayoutStatus::Paid, amount),
        };
        let pays = status == PayoutStatus::Paid;
        let cash_first = pays && self.numbers.one_in(2);
        if cash_first {
            self.book(setup, amount.neg(), CashType::Payout, Some(payout_id.clone()));
        }
        let told = Some(amount).filter(|_| status != PayoutStatus::Requested || !self.numbers.clone().one_in(3));
        self.own(setup, Kind::Payout(Payout { payout_id: payout_id.clone(), status, amount: told, reason: None }));
        if pays && !cash_first {
            self.book(setup, amount.neg(), CashType::Payout, Some(payout_id.clone()));
        }
        self.payout = matches!(status, PayoutStatus::Requested | PayoutStatus::Approved).then_some((payout_id, status, amount));
    }

    fn input(&mut self, setup: &Setup) {
        if setup.inputs.is_empty() {
            return self.own(setup, Kind::Clock);
        }
        let (name, values) = &setup.inputs[usize::try_from(self.numbers.below(setup.inputs.len() as u64)).unwrap_or(0)];
        let value = &values[usize::try_from(self.numbers.below(values.len() as u64)).unwrap_or(0)];
        let value = match value.as_str() {
            "yes" => true.into(),
            "no" => false.into(),
            text => text.into(),
        };
        self.own(setup, Kind::Input(Input { name: name.clone(), value }));
    }

    fn snapshot(&mut self, setup: &Setup) {
        let start = i64::from(setup.start_balance) * 100;
        let balance = start + self.numbers.between(-100_000, 100_000);
        let equity = balance + if self.held.is_empty() { 0 } else { self.numbers.between(-50_000, 50_000) };
        let (balance, equity) = (ratio(balance, 100), ratio(equity, 100));
        let anchor = None;
        self.own(setup, Kind::Snapshot(Snapshot { balance, equity, open_profit: None, margin: None, version: None, anchor }));
    }

    fn news(&mut self) {
        self.serial += 1;
        let starts = Instant::from_nanos(self.now + self.numbers.between(0, 7_200) * NANOS_PER_SECOND);
        let news = News {
            news_id: format!("n{}", self.serial),
            title: "Release".into(),
            impact: Impact::ALL[usize::try_from(self.numbers.below(3)).unwrap_or(0)],
            currencies: vec![currency(if self.numbers.one_in(2) { "USD" } else { "EUR" })],
            symbols: Vec::new(),
            starts,
            ends: None,
            cancelled: None,
        };
        self.market(Kind::News(news));
    }
}

fn currency(code: &str) -> Currency {
    Currency::new(code).unwrap_or(Currency::ACCOUNT)
}

fn whole(number: i64) -> Decimal {
    i32::try_from(number).unwrap_or(0).into()
}

/// A fraction with at most eight decimals.
fn ratio(numerator: i64, divisor: i64) -> Decimal {
    let scaled = decimal(numerator).div(decimal(divisor));
    scaled.unwrap_or_default()
}

fn decimal(number: i64) -> Decimal {
    number.to_string().parse().unwrap_or_default()
}

fn instrument(symbol: usize) -> Instrument {
    let (name, base, quote, multiplier, ticks, _) = SYMBOLS[symbol];
    Instrument {
        symbol: name.into(),
        class: "any".into(),
        unit: Unit::Contract,
        lot_size: 1.into(),
        multiplier: multiplier.into(),
        tick_size: ratio(1, ticks),
        pip_size: None,
        quantity_step: 1.into(),
        min_quantity: None,
        max_quantity: None,
        margin_rate: (symbol != 2).then(|| ratio(1, 100)),
        quote_currency: currency(quote),
        base_currency: base.map(currency),
        root: None,
        weight: None,
        group: None,
        calendar: None,
    }
}

fn open(setup: &Setup) -> Open {
    Open {
        program: setup.program.clone(),
        version: setup.version.clone(),
        plan: setup.plan.clone(),
        options: BTreeMap::new(),
        currency: currency("USD"),
        start_balance: setup.start_balance.into(),
        position_mode: if setup.hedging { PositionMode::Hedging } else { PositionMode::Netting },
        trader: "trader".into(),
        household: None,
        phase: setup.phase.clone(),
        continues: None,
        purchased_at: setup.from,
        reset_at: None,
        price_paid: None,
        swap: SwapMode::InBalance,
    }
}
