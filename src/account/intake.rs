//! What each kind of event does to the books, and which moment it is for the rules.

use super::Account;
use super::books::Told;
use super::groups::Leaving;
use super::hand::{FillRecord, Hand, TradeRecord};
use super::opening;
use super::orders::WorkingOrder;
use super::periods::FillCount;
use super::setting;
use crate::event::{
    Anchor, Cash, CashType, Event, FieldValue, Fill, FillEntry, HostEvent, Input, Kind, Order, OrderStatus, Payout, PayoutStatus, Position,
    Protect, Snapshot,
};
use crate::ledger::{self, CashKind, LedgerFault};
use crate::market::Market;
use crate::outcome::{Change, Fault, FaultKind, Outcome};
use crate::value::{Fixed, Instant};
use crate::vm::view::{Instance, MISSING};
use crate::vocabulary::{Moment, Occasion};

/// Why an event cannot be taken: the kind of the fault, and words.
pub(super) type Refusal = (FaultKind, String);

/// What booking an event tells besides.
#[derive(Debug, Default)]
struct BookingNotes {
    changes: Vec<Change>,
    faults: Vec<Fault>,
}

/// What an event is for the rules.
pub(super) type Taken = Result<Option<(Moment, Hand)>, Refusal>;

impl Account {
    /// Applies an event of this account: everything due up to its instant first. Duplicates are
    /// ignored and counted; a late event, and one that corrects another, is answered with a fault.
    pub fn apply(&mut self, market: &Market, event: &Event, outcomes: &mut Vec<Outcome>) {
        if matches!(event.kind, Kind::Clock) {
            self.advance(market, event.at, outcomes);
            return;
        }
        if self.books.seen.is_duplicate(&event.id, event.seq) {
            return;
        }
        if self.needs_history(event) {
            let what = if event.is_correction() { "corrects an earlier event" } else { "is late" };
            let detail = format!("event `{}` {what}: recompute the account from an earlier snapshot", event.id);
            self.refuse(event, FaultKind::NeedsHistory, detail, outcomes);
            return;
        }
        self.advance(market, event.at, outcomes);
        self.books.seen.remember(&event.id, event.seq);
        self.books.newest = event.at.nanos();
        self.begin(event.at);
        self.books.provenance = event.provenance;
        if matches!(event.kind, Kind::Migrate(_)) {
            self.migrate(market, event, outcomes);
            return;
        }
        let mut told = BookingNotes::default();
        match self.take(market, event, &mut told) {
            Ok(Some((moment, hand))) => {
                let mut draft = self.draft(Some(&event.id));
                (draft.outcome.changes, draft.outcome.faults) = (told.changes, told.faults);
                self.run(market, &hand, moment, draft, outcomes);
            }
            Ok(None) => self.decided_alone(market, event, outcomes),
            Err((kind, detail)) => {
                self.books.ordinal -= 1;
                self.refuse(event, kind, detail, outcomes);
            }
        }
        self.go_over_when_due(market, outcomes);
    }

    fn take(&mut self, market: &Market, event: &Event, told: &mut BookingNotes) -> Taken {
        let at = |moment| move |hand| Some((moment, hand));
        match &event.kind {
            Kind::Fill(fill) => self.fill(market, fill, event.at).map(at(Moment::Fill)),
            // What trackers and floors were is back: everything is judged.
            Kind::Cash(cash) if cash.cash_type == CashType::Rollback => self.roll_back(cash).map(at(Moment::Judge)),
            Kind::Cash(cash) => self.cash(cash).map(at(Moment::Cash)),
            Kind::Position(position) => self.state_position(market, position, event.at, &mut told.faults).map(at(Moment::Protect)),
            Kind::Order(order) => self.order(market, order).map(at(Moment::Order)),
            Kind::Protect(protect) => self.protect(protect).map(at(Moment::Protect)),
            // The day begins with what the platform says: everything is judged.
            Kind::Snapshot(snapshot) if snapshot.anchor == Some(Anchor::Day) => self.snapshot_event(snapshot).map(at(Moment::Judge)),
            Kind::Snapshot(snapshot) => self.snapshot_event(snapshot).map(at(Moment::Mark)),
            Kind::Payout(payout) => self.payout(payout, event.at).map(at(Moment::Payout)),
            Kind::Input(input) => self.input(input, event.at).map(at(Moment::Input)),
            Kind::Host(host) => self.host(host).map(at(Moment::Host)),
            // A phase may be back, or the balance: everything is judged.
            Kind::Staff(staff) => self.staff(staff, &mut told.changes).map(at(Moment::Judge)),
            Kind::Gap(gap) => {
                self.gap(gap);
                Ok(None)
            }
            Kind::Open(_) => Err((FaultKind::Inconsistent, format!("account `{}` is open already", self.name()))),
            _ => Ok(None),
        }
    }

    fn fill(&mut self, market: &Market, fill: &Fill, at: Instant) -> Result<Hand, Refusal> {
        let Some(symbol) = self.introduce(market, &fill.symbol) else {
            return Err((FaultKind::Inconsistent, format!("no instrument is called `{}`: announce it before its first fill", fill.symbol)));
        };
        let costs = [fill.commission, fill.fee, fill.tax, fill.swap].into_iter().flatten();
        let booked = costs.clone().any(|cost| !cost.is_zero());
        let costs = costs.map(Fixed::from).try_fold(Fixed::ZERO, Fixed::add).map_err(|error| (FaultKind::Overflow, error.to_string()))?;
        let order = fill.order_id.as_deref().and_then(|id| self.books.orders.working().iter().find(|order| order.id == id));
        let (stop, target) = order.map_or((None, None), |order| (Fixed::from_raw(order.stop), Fixed::from_raw(order.target)));
        let entry = ledger::Fill {
            at,
            ordinal: self.books.ordinal,
            symbol,
            quantity: fill.quantity.into(),
            price: fill.price.into(),
            position: self.position_of(fill),
            entry: entry_of(fill.entry),
            gross_profit: fill.gross_profit.map(Fixed::from),
            costs,
            rate: fill.fx_rate,
            stop,
            target,
        };
        let effect = self.books.ledger.fill(&entry).map_err(|fault| refusal(fault, &fill.symbol))?;
        self.books.symbols.trade(symbol);
        if let (true, Some(key)) = (effect.entered && (stop.is_some() || target.is_some()), entry.position) {
            // Adding to a position gives it the stops of the order that was filled.
            self.books.ledger.protect(key, stop.map(Some), target.map(Some)).map_err(|fault| refusal(fault, &fill.symbol))?;
        }
        self.books.forget_positions();
        if let Some(id) = &fill.order_id {
            self.books.orders.filled(id, entry.quantity.raw());
        }
        let count = FillCount { opened: effect.opened.is_some(), entered: effect.entered, closed: effect.trade.is_some() };
        self.books.periods.book(effect.net, Some(count));
        self.books.periods.note_equity(self.books.ledger.equity());
        let number = self.books.symbols.number(symbol);
        let mut hand = Hand::of(&[Occasion::Mark, Occasion::Fill]);
        for (occasion, occurs) in [
            (Occasion::Entry, effect.entered),
            (Occasion::Exit, effect.exited),
            (Occasion::Realised, effect.exited || booked),
            (Occasion::Trade, effect.trade.is_some()),
        ] {
            if occurs {
                hand.occurs(occasion);
            }
        }
        hand.fill = Some(FillRecord {
            symbol: number,
            side: i64::from(entry.quantity < Fixed::ZERO),
            quantity: entry.quantity.abs().raw(),
            price: entry.price.raw(),
            reason: fill.reason as i64,
            profit: effect.net.raw(),
            held: effect.reduced_opened.map_or(MISSING, |opened| at.nanos() - opened.nanos()),
        });
        hand.trade = effect.trade.map(|trade| TradeRecord {
            symbol: number,
            side: i64::from(!trade.long),
            quantity: trade.quantity.raw(),
            opened: trade.opened.nanos(),
            closed: trade.closed.nanos(),
            profit: trade.profit.raw(),
            costs: trade.costs.raw(),
            worst: trade.worst.raw(),
            best: trade.best.raw(),
            reason: fill.reason as i64,
        });
        hand.position = effect.position;
        self.regroup(market, &effect, &mut hand);
        if !fill.extra.is_empty() {
            hand.extra = self.extra("fill", &fill.extra);
        }
        Ok(hand)
    }

    /// The platform's position by its number. By netting a symbol is one position, known by its
    /// symbol too; a hedging entry that names none is known by its fill.
    fn position_of(&mut self, fill: &Fill) -> Option<u64> {
        if !self.is_hedging() {
            let key = self.books.position_key(&fill.symbol);
            if let Some(id) = &fill.position_id {
                self.books.position_keys.insert(id.clone(), key);
            }
            return Some(key);
        }
        let enters = matches!(fill.entry, FillEntry::In | FillEntry::Unknown);
        match &fill.position_id {
            Some(id) => Some(self.books.position_key(id)),
            None if enters => Some(self.books.position_key(&fill.fill_id)),
            None => None,
        }
    }

    fn is_hedging(&self) -> bool {
        self.books.ledger.mode() == ledger::PositionMode::Hedging
    }

    fn cash(&mut self, cash: &Cash) -> Result<Hand, Refusal> {
        use CashType::{Commission, Deposit, Dividend, Fee, Funding, Interest, Rebase, Resize, Swap, Tax, Withdrawal};
        let amount = Fixed::from(cash.amount);
        let (kind, occasion) = match cash.cash_type {
            Commission | Fee | Tax | Swap | Funding => (CashKind::Cost, Some(Occasion::Realised)),
            Interest | Dividend => (CashKind::Income, Some(Occasion::Realised)),
            Deposit => (CashKind::Deposit, Some(Occasion::Deposit)),
            Withdrawal => (CashKind::Withdrawal, Some(Occasion::Withdrawal)),
            CashType::Payout => (CashKind::Withdrawal, None),
            Resize => (CashKind::Adjustment, Some(Occasion::Resize)),
            Rebase => (CashKind::Adjustment, Some(Occasion::LedgerReset)),
            CashType::Adjustment => (CashKind::Adjustment, Some(Occasion::Adjustment)),
            _ => (CashKind::Adjustment, None),
        };
        let (start, resized) = self.ledger_after(cash.cash_type, amount).map_err(|fault| refusal(fault, "the account"))?;
        self.books.ledger.cash(kind, amount).map_err(|fault| refusal(fault, "the account"))?;
        (self.books.ledger_start, self.books.resized) = (start, resized);
        if matches!(kind, CashKind::Cost | CashKind::Income) {
            self.books.periods.book(amount, None);
        } else {
            self.books.periods.move_by(amount);
            self.renews = true;
        }
        if let Some(id) = cash.payout_id.as_deref().filter(|_| cash.cash_type == CashType::Payout) {
            self.books.payouts.book(id, amount.raw());
        }
        self.books.periods.note_equity(self.books.ledger.equity());
        Ok(Hand::of(occasion.as_slice()))
    }

    /// The ledger's start, and by how much the account has been resized, once a `cash` is booked. A resize
    /// is the firm's money and moves the start with it, so that it cannot be paid out.
    fn ledger_after(&self, cash_type: CashType, amount: Fixed) -> Result<(Fixed, Fixed), LedgerFault> {
        let (start, resized) = (self.books.ledger_start, self.books.resized);
        Ok(match cash_type {
            CashType::Resize => (start.add(amount)?, resized.add(amount)?),
            CashType::Rebase => (self.books.ledger.balance()?.add(amount)?, resized),
            _ => (start, resized),
        })
    }

    /// The platform's statement of a position holds from now on; that it differs is told.
    fn state_position(&mut self, market: &Market, stated: &Position, at: Instant, faults: &mut Vec<Fault>) -> Result<Hand, Refusal> {
        let disagrees = |detail: String| (FaultKind::LedgerDisagrees, detail);
        let name = stated.position_id.as_deref().unwrap_or(&stated.symbol);
        let symbol = self.introduce(market, &stated.symbol);
        let key = self.books.position_keys.get(name).copied();
        let open = key.and_then(|key| self.books.ledger.positions().iter().find(|open| open.key == Some(key)));
        let (Some(key), Some(open)) = (key, open) else {
            return if stated.quantity.is_zero() {
                Ok(Hand::default())
            } else {
                Err(disagrees(format!("the platform holds {} of `{name}`, the ledger nothing: send the fills", stated.quantity)))
            };
        };
        let (quantity, serial) = (Fixed::from(stated.quantity), open.serial);
        let leaving = Leaving::of(open, at);
        let instance = Instance { serial, place: open.place };
        let (same, held) = (Some(open.symbol) == symbol && open.signed_quantity() == quantity, open.signed_quantity());
        let costs = [stated.swap, stated.commission].into_iter().flatten().map(Fixed::from).try_fold(Fixed::ZERO, Fixed::add);
        let costs = costs.map_err(|error| (FaultKind::Overflow, error.to_string()))?;
        self.books.ledger.accrue(key, costs, self.books.ordinal).map_err(|fault| refusal(fault, name))?;
        if same {
            self.books.periods.note_equity(self.books.ledger.equity());
            return Ok(Hand { position: Some(serial), ..Hand::default() });
        }
        let detail = format!("the platform holds {} of `{name}`, the ledger {}: the platform's statement holds", stated.quantity, held);
        let price = stated.price.map(Fixed::from);
        self.books.ledger.restate(key, quantity, price, at, self.books.ordinal).map_err(|fault| refusal(fault, name))?;
        self.books.forget_positions();
        self.books.periods.note_equity(self.books.ledger.equity());
        faults.push(Fault { kind: FaultKind::LedgerDisagrees, rule: "".into(), line: 0, detail });
        if quantity != Fixed::ZERO {
            return Ok(Hand { position: Some(serial), ..Hand::default() });
        }
        let (left, ended) = self.books.groups.close(&self.program.ir.groups, leaving);
        Ok(Hand { closed: Some(instance), left, ended, ..Hand::default() })
    }

    fn protect(&mut self, protect: &Protect) -> Result<Hand, Refusal> {
        let unknown = || (FaultKind::Inconsistent, format!("no position `{}` is open", protect.position_id));
        let key = self.books.position_keys.get(&protect.position_id).copied().ok_or_else(unknown)?;
        let (stop, target) = (protect.stop_loss.map(Fixed::from), protect.take_profit.map(Fixed::from));
        self.books.ledger.protect(key, Some(stop), Some(target)).map_err(|_| unknown())?;
        let position = self.books.ledger.positions().iter().find(|open| open.key == Some(key)).map(|open| open.serial);
        Ok(Hand { position, ..Hand::default() })
    }

    /// The platform's own marks of the account; its figures are of its own ledger, which may have
    /// started with another balance.
    fn snapshot_event(&mut self, snapshot: &Snapshot) -> Result<Hand, Refusal> {
        let own = |told: crate::value::Decimal| Fixed::from(told).sub(self.books.offset).map_err(LedgerFault::from);
        let figures = own(snapshot.balance).and_then(|balance| Ok((balance, own(snapshot.equity)?)));
        let (balance, equity) = figures.map_err(|fault| refusal(fault, "the account"))?;
        self.books.ledger.snapshot(balance, equity).map_err(|fault| refusal(fault, "the account"))?;
        if snapshot.anchor == Some(Anchor::Day) {
            self.books.periods.anchor_day(balance, equity);
            self.anchor_opening(balance, equity).map_err(|fault| refusal(fault, "the account"))?;
        }
        self.books.periods.note_equity(self.books.ledger.equity());
        Ok(Hand::of(&[Occasion::Mark]))
    }

    fn order(&mut self, market: &Market, order: &Order) -> Result<Hand, Refusal> {
        if self.introduce(market, &order.symbol).is_none() {
            return Err((
                FaultKind::Inconsistent,
                format!("no instrument is called `{}`: announce it before its first order", order.symbol),
            ));
        }
        let symbol = self.books.symbols.find(&order.symbol).unwrap_or(ledger::SymbolId(0));
        self.books.symbols.trade(symbol);
        let extra = self.extra("order", &order.extra);
        let working = WorkingOrder::new(order, symbol.0, extra.first().map(|(_, values)| values.clone()).unwrap_or_default());
        match order.status {
            OrderStatus::New => {
                self.books.asked = true;
                let mut hand = Hand::of(&[Occasion::Order]);
                (hand.order, hand.extra) = (Some(working), extra);
                return Ok(hand);
            }
            OrderStatus::Changed => self.books.orders.change(&working),
            OrderStatus::Cancelled | OrderStatus::Rejected | OrderStatus::Expired => self.books.orders.remove(&order.order_id),
        }
        Ok(Hand { order: Some(working), extra, ..Hand::default() })
    }

    /// A payout is asked for, or has changed. A request that tells no amount asks for all there is.
    fn payout(&mut self, payout: &Payout, at: Instant) -> Result<Hand, Refusal> {
        let ir = &self.program.ir;
        let told = payout.amount.map(|amount| Fixed::from(amount).raw());
        let available = self.books.available(ir, &self.books.ledger, None);
        let balance = self.books.ledger.balance().unwrap_or_default().raw();
        let known = if payout.status == PayoutStatus::Requested {
            self.books.payouts.request(&payout.payout_id, told.unwrap_or(available))
        } else {
            let amount = told.or_else(|| self.books.payouts.amount_of(&payout.payout_id)).unwrap_or(available);
            self.books.payouts.turn(&payout.payout_id, payout.status, amount, at.nanos(), balance)
        };
        let Some(record) = known.cloned() else {
            return Err((FaultKind::Inconsistent, format!("payout `{}` was asked for before", payout.payout_id)));
        };
        let occasions: &[Occasion] = match payout.status {
            PayoutStatus::Requested => &[Occasion::PayoutRequest],
            PayoutStatus::Approved => &[Occasion::PayoutApproval],
            PayoutStatus::Paid => &[Occasion::PayoutPayment, Occasion::CycleEnd, Occasion::CycleStart],
            PayoutStatus::Denied => &[Occasion::PayoutDenial],
            PayoutStatus::Returned | PayoutStatus::Cancelled => &[],
        };
        Ok(Hand { payout: Some(record), ..Hand::of(occasions) })
    }

    fn input(&mut self, input: &Input, at: Instant) -> Result<Hand, Refusal> {
        let program = self.program.clone();
        let names = program.ir.inputs.iter().map(|setting| setting.name.as_str());
        if let Some(place) = program.ir.options.iter().position(|option| option.changeable && option.name == input.name) {
            return self.change_option(place, input);
        }
        let Some((number, setting)) = program.ir.inputs.iter().enumerate().find(|(_, setting)| setting.name == input.name) else {
            return Err((FaultKind::Inconsistent, opening::unknown("input", &input.name, names)));
        };
        let value = setting::read(&program.ir, &mut self.books.texts, &setting.ty, &input.value);
        let value = value.map_err(|problem| (FaultKind::Inconsistent, format!("input `{}`: {problem}", input.name)))?;
        if let Some(told) = self.books.inputs.get_mut(number) {
            *told = Told { value, at: at.nanos() };
        }
        Ok(Hand { input: u16::try_from(number).ok(), ..Hand::default() })
    }

    /// An option that may be changed has another value from now on.
    fn change_option(&mut self, place: usize, input: &Input) -> Result<Hand, Refusal> {
        let program = self.program.clone();
        let told = program.ir.options.get(place).map(|option| setting::read(&program.ir, &mut self.books.texts, &option.ty, &input.value));
        if let (Some(told), Some(option)) = (told, self.books.facts.options.get_mut(place)) {
            *option = told.map_err(|problem| (FaultKind::Inconsistent, format!("option `{}`: {problem}", input.name)))?;
        }
        Ok(Hand::default())
    }

    pub(super) fn host(&mut self, host: &HostEvent) -> Result<Hand, Refusal> {
        let program = self.program.clone();
        let names = program.ir.events.iter().map(|event| event.name.as_str());
        let Some((number, declared)) = program.ir.events.iter().enumerate().find(|(_, event)| event.name == host.name) else {
            return Err((FaultKind::Inconsistent, opening::unknown("event", &host.name, names)));
        };
        let mut fields = Vec::with_capacity(declared.fields.len());
        for (name, ty) in &declared.fields {
            let told = host.fields.get(name);
            let value = told.map(|told| setting::read(&program.ir, &mut self.books.texts, ty, told)).transpose();
            let value = value.map_err(|problem| (FaultKind::Inconsistent, format!("field `{name}` of `{}`: {problem}", host.name)))?;
            fields.push(value.unwrap_or(MISSING));
        }
        Ok(Hand { host: u16::try_from(number).ok().map(|number| (number, fields)), ..Hand::default() })
    }

    /// The fields that the program adds to a record, as the host tells them; others are not the program's.
    pub(super) fn extra(&mut self, record: &str, told: &std::collections::BTreeMap<String, FieldValue>) -> Vec<(u16, Vec<i64>)> {
        let program = self.program.clone();
        let declared = program.ir.extensions.iter().enumerate().filter(|(_, extension)| extension.name == record);
        let mut all = Vec::new();
        for (number, extension) in declared {
            let fields = extension.fields.iter().map(|(name, ty)| {
                let value = told.get(name).and_then(|told| setting::read(&program.ir, &mut self.books.texts, ty, told).ok());
                value.unwrap_or(MISSING)
            });
            let values = fields.collect();
            all.extend(u16::try_from(number).ok().map(|number| (number, values)));
        }
        all
    }
}

fn entry_of(entry: FillEntry) -> ledger::FillEntry {
    match entry {
        FillEntry::In => ledger::FillEntry::In,
        FillEntry::Out | FillEntry::OutBy => ledger::FillEntry::Out,
        FillEntry::InOut => ledger::FillEntry::InOut,
        FillEntry::Unknown => ledger::FillEntry::Unknown,
    }
}

/// A fault of the ledger as one of the event.
pub(super) fn refusal(fault: LedgerFault, what: &str) -> Refusal {
    (kind_of(fault), format!("`{what}`: {fault}"))
}

/// The kind of fault that one of the ledger is.
pub(super) const fn kind_of(fault: LedgerFault) -> FaultKind {
    match fault {
        LedgerFault::Arithmetic(crate::value::ArithmeticError::Overflow) => FaultKind::Overflow,
        LedgerFault::Arithmetic(crate::value::ArithmeticError::DivisionByZero) => FaultKind::DivisionByZero,
        LedgerFault::Capacity => FaultKind::Capacity,
        LedgerFault::NoConversion => FaultKind::Missing,
        LedgerFault::UnknownInstrument | LedgerFault::UnknownPosition | LedgerFault::ExitTooLarge | LedgerFault::NoQuantity => {
            FaultKind::Inconsistent
        }
    }
}
