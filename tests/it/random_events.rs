//! Random streams of events for one account, from a seed.

use std::collections::BTreeMap;

use ringfence::event::{
    self, CashType, Event, FillEntry, FillReason, Kind, OrderStatus, OrderType, PayoutStatus, PositionMode, Side, TickQuality,
};
use ringfence::value::{Currency, Decimal, Instant};

use crate::random::Dice;

/// A stream of events of one account.
pub(crate) fn events(dice: &mut Dice, length: usize) -> Vec<Event> {
    let mut stream = Stream {
        dice,
        now: "2026-03-05T20:00:00Z".parse().unwrap(),
        events: Vec::new(),
        held: BTreeMap::new(),
        hedging: false,
        tickets: Vec::new(),
        mids: BTreeMap::from([("ES", 5000), ("NQ", 18000)]),
        payout: None,
    };
    stream.open();
    while stream.events.len() < length {
        stream.step();
    }
    stream.events
}

struct Stream<'a> {
    dice: &'a mut Dice,
    now: Instant,
    events: Vec<Event>,
    /// Net quantity by symbol.
    held: BTreeMap<&'static str, i64>,
    hedging: bool,
    /// Open tickets: name, symbol, quantity.
    tickets: Vec<(String, &'static str, i64)>,
    mids: BTreeMap<&'static str, i64>,
    payout: Option<(String, bool)>,
}

impl Stream<'_> {
    fn push(&mut self, account: bool, kind: Kind) {
        let id = format!("e{}", self.events.len());
        self.events.push(Event::new(id, account.then_some("one"), self.now, kind));
    }

    fn open(&mut self) {
        for symbol in ["ES", "NQ"] {
            self.push(false, Kind::Instrument(ringfence::scenario::standard_instrument(symbol).unwrap()));
        }
        let usd = Currency::new("USD").unwrap();
        let options =
            if self.dice.chance(50) { BTreeMap::from([("flag".to_owned(), event::FieldValue::Bool(true))]) } else { BTreeMap::new() };
        let plan = self.dice.pick(&["A", "B"]).to_owned();
        self.hedging = self.dice.chance(40);
        self.push(
            true,
            Kind::Open(event::Open {
                program: "Random".into(),
                version: String::new(),
                start_balance: Decimal::from(if plan == "A" { 100_000 } else { 50_000 }),
                plan,
                options,
                currency: usd,
                position_mode: if self.hedging { PositionMode::Hedging } else { PositionMode::Netting },
                trader: "t".into(),
                household: None,
                phase: None,
                continues: None,
                purchased_at: self.now,
                reset_at: None,
                price_paid: None,
                swap: event::SwapMode::InPosition,
            }),
        );
    }

    fn step(&mut self) {
        let pause = match self.dice.below(10) {
            0..=4 => self.dice.below(20),
            5..=7 => self.dice.below(3_600),
            8 => self.dice.below(40_000),
            _ => self.dice.below(200_000),
        };
        self.now = self.now.plus(i64::try_from(pause).unwrap() * 1_000_000_000);
        match self.dice.below(20) {
            0..=6 => self.tick(),
            7..=12 => self.fill(),
            13 => self.cash(),
            14 => self.order(),
            15 => self.payout(),
            16 => {
                let value = event::FieldValue::Text(self.dice.below(500).to_string());
                self.push(true, Kind::Input(event::Input { name: "fact".into(), value }));
            }
            17 => {
                let fields = BTreeMap::from([("amount".to_owned(), event::FieldValue::Text(self.dice.below(900).to_string()))]);
                self.push(true, Kind::Host(event::HostEvent { name: "nudge".into(), fields }));
            }
            18 if self.dice.chance(60) => self.protect(),
            18 => self.push(true, Kind::Clock),
            _ => self.snapshot(),
        }
    }

    fn symbol(&mut self) -> &'static str {
        if self.dice.chance(70) { "ES" } else { "NQ" }
    }

    fn price(&mut self, symbol: &'static str) -> i64 {
        let step = i64::try_from(self.dice.below(41)).unwrap() - 20;
        let mid = self.mids.entry(symbol).or_insert(5000);
        *mid = (*mid + step).max(100);
        *mid
    }

    fn tick(&mut self) {
        let symbol = self.symbol();
        let mid = self.price(symbol);
        let (bid, ask) = (Decimal::from(i32::try_from(mid).unwrap()), Decimal::from(i32::try_from(mid + 1).unwrap()));
        let quality = if self.dice.chance(5) { TickQuality::Stale } else { TickQuality::Ok };
        let last = self.dice.chance(70).then_some(bid);
        self.push(
            false,
            Kind::Tick(event::Tick { symbol: symbol.into(), bid: Some(bid), ask: Some(ask), last, quality, extra: BTreeMap::new() }),
        );
    }

    fn fill(&mut self) {
        if self.hedging {
            let (id, symbol, quantity, entry) = self.ticket();
            return self.send_fill(Some(id), symbol, quantity, entry);
        }
        let symbol = self.symbol();
        let held = self.held.get(symbol).copied().unwrap_or(0);
        let quantity = if held != 0 && self.dice.chance(60) { -held } else { i64::try_from(self.dice.below(7)).unwrap() - 3 };
        let quantity = if quantity == 0 { 1 } else { quantity };
        self.held.insert(symbol, held + quantity);
        self.send_fill(None, symbol, quantity, FillEntry::Unknown);
    }

    fn send_fill(&mut self, position_id: Option<String>, symbol: &'static str, quantity: i64, entry: FillEntry) {
        let price = Decimal::from(i32::try_from(self.price(symbol)).unwrap());
        let commission = self.dice.chance(40).then(|| "-2.05".parse().unwrap());
        let id = self.events.len();
        self.push(
            true,
            Kind::Fill(event::Fill {
                fill_id: format!("f{id}"),
                order_id: None,
                position_id,
                symbol: symbol.into(),
                quantity: Decimal::from(i32::try_from(quantity).unwrap()),
                price,
                entry,
                closed_quantity: None,
                gross_profit: None,
                commission,
                fee: None,
                tax: None,
                swap: None,
                fx_rate: None,
                reason: FillReason::User,
                extra: BTreeMap::new(),
            }),
        );
    }

    /// Opens a ticket, or closes all or a part of one.
    fn ticket(&mut self) -> (String, &'static str, i64, FillEntry) {
        if !self.tickets.is_empty() && self.dice.chance(50) {
            let at = usize::try_from(self.dice.below(self.tickets.len() as u64)).unwrap();
            let (id, symbol, quantity) = self.tickets[at].clone();
            let closes = if quantity.abs() > 1 && self.dice.chance(30) { quantity.signum() } else { quantity };
            self.tickets[at].2 -= closes;
            self.tickets.retain(|(_, _, quantity)| *quantity != 0);
            return (id, symbol, -closes, FillEntry::Out);
        }
        let (id, symbol) = (format!("k{}", self.events.len()), self.symbol());
        let quantity = i64::try_from(self.dice.below(3)).unwrap() + 1;
        let quantity = if self.dice.chance(50) { quantity } else { -quantity };
        self.tickets.push((id.clone(), symbol, quantity));
        (id, symbol, quantity, FillEntry::In)
    }

    fn protect(&mut self) {
        let open = if self.hedging {
            self.tickets.first().map(|(id, symbol, quantity)| (id.clone(), *symbol, *quantity))
        } else {
            let held = self.held.iter().find(|(_, quantity)| **quantity != 0);
            held.map(|(symbol, quantity)| ((*symbol).to_owned(), *symbol, *quantity))
        };
        let Some((position_id, symbol, quantity)) = open else { return self.push(true, Kind::Clock) };
        let stop = self.mids[symbol] - 10 * quantity.signum();
        let stop_loss = self.dice.chance(80).then(|| Decimal::from(i32::try_from(stop).unwrap()));
        self.push(true, Kind::Protect(event::Protect { position_id, stop_loss, take_profit: None }));
    }

    fn cash(&mut self) {
        let cash_type = [
            CashType::Deposit,
            CashType::Withdrawal,
            CashType::Commission,
            CashType::Adjustment,
            CashType::Resize,
            CashType::Rebase,
            CashType::Rollback,
            CashType::Rollback,
        ][usize::try_from(self.dice.below(8)).unwrap()];
        let amount = Decimal::from(i32::try_from(self.dice.below(500)).unwrap());
        let amount = if matches!(cash_type, CashType::Withdrawal | CashType::Commission) { amount.neg() } else { amount };
        let cash_id = format!("c{}", self.events.len());
        self.push(true, Kind::Cash(event::Cash { cash_id, amount, cash_type, value_date: None, ref_fill: None, payout_id: None }));
    }

    fn order(&mut self) {
        let symbol = self.symbol();
        let side = if self.dice.chance(50) { Side::Buy } else { Side::Sell };
        let order_id = format!("o{}", self.events.len());
        let quantity = Decimal::from(1 + i32::try_from(self.dice.below(5)).unwrap());
        let price = self.dice.chance(50).then(|| Decimal::from(5000));
        self.push(
            true,
            Kind::Order(event::Order {
                order_id,
                symbol: symbol.into(),
                side,
                order_type: if price.is_some() { OrderType::Limit } else { OrderType::Market },
                quantity,
                price,
                stop_price: None,
                stop_loss: None,
                take_profit: None,
                status: OrderStatus::New,
                parent: None,
                extra: BTreeMap::new(),
            }),
        );
    }

    fn payout(&mut self) {
        let amount = Some(Decimal::from(100));
        let (id, status) = match self.payout.take() {
            None => {
                let id = format!("p{}", self.events.len());
                self.payout = Some((id.clone(), false));
                (id, PayoutStatus::Requested)
            }
            Some((id, false)) if self.dice.chance(50) => {
                self.payout = Some((id.clone(), true));
                (id, PayoutStatus::Approved)
            }
            Some((id, _)) => {
                if self.dice.chance(30) {
                    (id, PayoutStatus::Denied)
                } else {
                    let cash_id = format!("c{}", self.events.len());
                    self.push(
                        true,
                        Kind::Cash(event::Cash {
                            cash_id,
                            amount: Decimal::from(-100),
                            cash_type: CashType::Payout,
                            value_date: None,
                            ref_fill: None,
                            payout_id: Some(id.clone()),
                        }),
                    );
                    (id, PayoutStatus::Paid)
                }
            }
        };
        self.push(true, Kind::Payout(event::Payout { payout_id: id, status, amount, reason: None }));
    }

    fn snapshot(&mut self) {
        let balance = Decimal::from(i32::try_from(97_000 + self.dice.below(6_000)).unwrap());
        let equity = Decimal::from(i32::try_from(96_000 + self.dice.below(8_000)).unwrap());
        if self.dice.chance(30) {
            self.push(
                true,
                Kind::Snapshot(event::Snapshot { balance, equity, open_profit: None, margin: None, version: None, anchor: None }),
            );
        } else if self.dice.chance(40) {
            let (from, to) = (self.now.plus(-60_000_000_000), self.now.plus(i64::try_from(self.dice.below(600)).unwrap() * 1_000_000_000));
            let account = self.dice.chance(50);
            self.push(account, Kind::Gap(event::Gap { from, to, reason: "feed down".into() }));
        } else {
            self.push(true, Kind::Clock);
        }
    }
}
