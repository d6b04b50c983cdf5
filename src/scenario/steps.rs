//! Steps as events.

use super::stage::{ACCOUNT, OpenPosition, Stage, TICK, any_symbol, field_value};
use crate::event::{self, CashType, FillEntry, FillReason, Kind, OrderStatus, OrderType, PayoutStatus, Side, TickQuality};
use crate::outcome::Verdict;
use crate::source::Spanned;
use crate::syntax::ast::{self, PayoutMoment, Step};
use crate::value::{Currency, Decimal, NANOS_PER_MINUTE};

type Taken = Result<(), String>;

impl Stage<'_> {
    /// Takes one step.
    pub(super) fn step(&mut self, step: &Step) -> Taken {
        match step {
            Step::At(when) => self.go_to(when),
            Step::NextDay => {
                let opens = self.calendar.day_at(self.now).next_opens;
                self.advance(opens);
                Ok(())
            }
            Step::EndDay => {
                let day = self.calendar.day_at(self.now);
                let stamp = if self.now < day.settles { day.settles } else { self.calendar.day_after(&day).settles };
                self.advance(stamp);
                Ok(())
            }
            Step::Trade { buy, quantity, symbol, price, stop, target, name } => {
                let protection = (stop.as_ref().map(|stop| stop.node), target.as_ref().map(|target| target.node));
                self.enter(*buy, quantity.node, &symbol.node, price.as_ref().map(|price| price.node), protection, name.as_ref())
            }
            Step::Order { buy, quantity, symbol, price, name } => {
                self.order(*buy, quantity.node, &symbol.node, price.as_ref().map(|price| price.node), name.as_ref())
            }
            Step::Exit { quantity, name, price, by } => {
                self.exit(quantity.as_ref().map(|quantity| quantity.node), &name.node, price.as_ref().map(|price| price.node), by.as_ref())
            }
            Step::MoveStop { name, to } => self.move_stop(&name.node, to.as_ref().map(|to| to.node)),
            Step::Tick { symbol, bid, ask } => {
                self.announce(&symbol.node)?;
                self.tick(&symbol.node, bid.node, ask.as_ref().map_or(bid.node, |ask| ask.node));
                Ok(())
            }
            Step::Profit { amount, peak, worst, held, symbol } => {
                self.whole_trade(amount, [peak.as_ref(), worst.as_ref()], held.as_ref(), symbol.as_ref())
            }
            Step::Days(amounts) => self.days(amounts),
            Step::MarkEquity(equity) => {
                let equity = self.amount(equity)?;
                self.snapshot(equity)
            }
            Step::Floating(floating) => {
                let floating = self.amount(floating)?;
                let equity = self.current_balance()?.add(floating).map_err(|error| error.to_string())?;
                self.snapshot(equity)
            }
            Step::Deposit(amount) => self.cash(amount, CashType::Deposit, false),
            Step::Withdraw(amount) => self.cash(amount, CashType::Withdrawal, true),
            Step::Cost(amount) => self.cash(amount, CashType::Commission, true),
            Step::News { title, on, at, lasting, impact } => self.news(title, on, at, lasting.as_ref(), impact.as_ref()),
            Step::Payout { moment, amount } => self.payout_step(*moment, amount.as_ref()),
            Step::Set(name, value) => {
                let value = match field_value(value) {
                    Some(value) => value,
                    None => event::FieldValue::Text(self.amount(value)?.to_string()),
                };
                self.send(Some(ACCOUNT), Kind::Input(event::Input { name: name.node.clone(), value }));
                Ok(())
            }
            Step::Event(name, fields) => {
                let fields = fields.iter().filter_map(|(field, value)| Some((field.node.clone(), field_value(value)?))).collect();
                self.send(Some(ACCOUNT), Kind::Host(event::HostEvent { name: name.node.clone(), fields }));
                Ok(())
            }
            Step::Times(count, inner) => {
                self.repeat(*count, inner);
                Ok(())
            }
            Step::Expect(_) => Ok(()),
            Step::Broken => Err("it could not be understood".into()),
        }
    }

    fn repeat(&mut self, count: u32, steps: &[Spanned<Step>]) {
        for _ in 0..count {
            self.steps(steps);
        }
    }

    fn go_to(&mut self, when: &ast::When) -> Taken {
        let to = self.instant(when)?;
        if to < self.now {
            return Err(format!("{to} lies before {}: time only goes forward", self.now));
        }
        self.advance(to);
        Ok(())
    }

    fn current_balance(&self) -> Result<Decimal, String> {
        self.balance().ok_or_else(|| "the account has no balance".into())
    }

    fn snapshot(&mut self, equity: Decimal) -> Taken {
        let balance = self.current_balance()?;
        self.send(
            Some(ACCOUNT),
            Kind::Snapshot(event::Snapshot { balance, equity, open_profit: None, margin: None, version: None, anchor: None }),
        );
        Ok(())
    }

    pub(super) fn tick(&mut self, symbol: &str, bid: Decimal, ask: Decimal) {
        let tick = event::Tick {
            symbol: symbol.into(),
            bid: Some(bid),
            ask: Some(ask),
            last: Some(bid),
            quality: TickQuality::Ok,
            extra: std::collections::BTreeMap::new(),
        };
        self.send(None, Kind::Tick(tick));
    }

    fn enter(
        &mut self,
        buy: bool,
        quantity: Decimal,
        symbol: &str,
        price: Option<Decimal>,
        protection: (Option<Decimal>, Option<Decimal>),
        name: Option<&ast::Name>,
    ) -> Taken {
        self.announce(symbol)?;
        let price = price.ok_or("say the price: `@ 5000.25`")?;
        let id = name.map_or_else(|| format!("{symbol}-{}", self.positions.len() + 1), |name| name.node.clone());
        let signed = if buy { quantity } else { quantity.neg() };
        self.fill(&id, symbol, signed, price, (FillEntry::Unknown, FillReason::User, None));
        if protection != (None, None) {
            self.send(
                Some(ACCOUNT),
                Kind::Protect(event::Protect { position_id: id.clone(), stop_loss: protection.0, take_profit: protection.1 }),
            );
        }
        self.positions.insert(id.clone(), OpenPosition { id, symbol: symbol.into(), buy, quantity });
        Ok(())
    }

    fn fill(
        &mut self,
        position: &str,
        symbol: &str,
        quantity: Decimal,
        price: Decimal,
        (entry, reason, gross_profit): (FillEntry, FillReason, Option<Decimal>),
    ) {
        let fill = event::Fill {
            fill_id: format!("fill-{}-{}", position, self.all.len()),
            order_id: None,
            position_id: Some(position.into()),
            symbol: symbol.into(),
            quantity,
            price,
            entry,
            closed_quantity: None,
            gross_profit,
            commission: None,
            fee: None,
            tax: None,
            swap: None,
            fx_rate: None,
            reason,
            extra: std::collections::BTreeMap::new(),
        };
        self.send(Some(ACCOUNT), Kind::Fill(fill));
    }

    fn order(&mut self, buy: bool, quantity: Decimal, symbol: &str, price: Option<Decimal>, name: Option<&ast::Name>) -> Taken {
        self.announce(symbol)?;
        let order = event::Order {
            order_id: name.map_or_else(|| format!("order-{}", self.now.nanos()), |name| name.node.clone()),
            symbol: symbol.into(),
            side: if buy { Side::Buy } else { Side::Sell },
            order_type: if price.is_some() { OrderType::Limit } else { OrderType::Market },
            quantity,
            price,
            stop_price: None,
            stop_loss: None,
            take_profit: None,
            status: OrderStatus::New,
            parent: None,
            extra: std::collections::BTreeMap::new(),
        };
        self.send(Some(ACCOUNT), Kind::Order(order));
        Ok(())
    }

    fn exit(&mut self, quantity: Option<Decimal>, name: &str, price: Option<Decimal>, by: Option<&ast::Name>) -> Taken {
        let open = self.positions.get(name).cloned().ok_or_else(|| format!("no open position is called `{name}`"))?;
        let price = price.ok_or("say the price: `@ 5000.25`")?;
        let quantity = quantity.unwrap_or(open.quantity);
        let reason = match by.map(|by| by.node.as_str()) {
            Some("stop") => FillReason::StopLoss,
            Some("target") => FillReason::TakeProfit,
            _ => FillReason::User,
        };
        let left = open.quantity.sub(quantity).map_err(|error| error.to_string())?;
        if left.is_negative() {
            return Err(format!("`{name}` has {} open, less than {quantity}", open.quantity));
        }
        let signed = if open.buy { quantity.neg() } else { quantity };
        self.fill(&open.id, &open.symbol, signed, price, (FillEntry::Out, reason, None));
        if left.is_zero() {
            self.positions.remove(name);
        } else if let Some(position) = self.positions.get_mut(name) {
            position.quantity = left;
        }
        Ok(())
    }

    fn move_stop(&mut self, name: &str, to: Option<Decimal>) -> Taken {
        let open = self.positions.get(name).ok_or_else(|| format!("no open position is called `{name}`"))?;
        let protect = event::Protect { position_id: open.id.clone(), stop_loss: to, take_profit: None };
        self.send(Some(ACCOUNT), Kind::Protect(protect));
        Ok(())
    }

    /// Entry, the best and worst on the way, exit with the result told.
    fn whole_trade(
        &mut self,
        amount: &ast::Expr,
        extremes: [Option<&ast::Expr>; 2],
        held: Option<&ast::Expr>,
        symbol: Option<&ast::Name>,
    ) -> Taken {
        let amount = self.amount(amount)?;
        let symbol = symbol.map_or_else(|| any_symbol().to_owned(), |symbol| symbol.node.clone());
        self.announce(&symbol)?;
        let multiplier = super::standard_instrument(&symbol).map_or(Decimal::from(1), |instrument| instrument.multiplier);
        let base = Decimal::from(if symbol == any_symbol() { 1_000_000 } else { 5_000 });
        let id = format!("trade-{}", self.now.nanos());
        let entered = self.now;
        self.fill(&id, &symbol, Decimal::from(1), base, (FillEntry::In, FillReason::User, None));
        for extreme in extremes.into_iter().flatten() {
            let extreme = self.amount(extreme)?;
            let price = extreme.div(multiplier).and_then(|distance| base.add(distance)).map_err(|error| error.to_string())?;
            self.advance(self.now.plus(TICK));
            self.tick(&symbol, price, price);
        }
        let held = match held.map(|held| &held.kind) {
            Some(ast::ExprKind::Duration(nanos)) => *nanos,
            Some(_) => return Err("`held` takes a duration such as `40s`".into()),
            None => NANOS_PER_MINUTE,
        };
        let exit_at = entered.plus(held).max(self.now);
        self.advance(exit_at);
        let price = amount.div(multiplier).and_then(|distance| base.add(distance)).map_err(|error| error.to_string())?;
        self.fill(&id, &symbol, Decimal::from(-1), price, (FillEntry::Out, FillReason::User, Some(amount)));
        Ok(())
    }

    /// A trade a day, each day ended.
    fn days(&mut self, amounts: &[ast::Expr]) -> Taken {
        for amount in amounts {
            self.whole_trade(amount, [None, None], None, None)?;
            self.step(&Step::NextDay)?;
        }
        Ok(())
    }

    fn cash(&mut self, amount: &ast::Expr, cash_type: CashType, out: bool) -> Taken {
        let amount = self.amount(amount)?;
        let amount = if out { amount.abs().neg() } else { amount };
        self.book(amount, cash_type, None);
        Ok(())
    }

    fn book(&mut self, amount: Decimal, cash_type: CashType, payout_id: Option<String>) {
        let cash_id = format!("cash-{}-{}", self.now.nanos(), self.all.len());
        self.send(Some(ACCOUNT), Kind::Cash(event::Cash { cash_id, amount, cash_type, value_date: None, ref_fill: None, payout_id }));
    }

    fn news(
        &mut self,
        title: &ast::Name,
        on: &ast::Name,
        at: &ast::When,
        lasting: Option<&ast::Expr>,
        impact: Option<&ast::Name>,
    ) -> Taken {
        let starts = self.instant(at)?;
        let ends = match lasting.map(|lasting| &lasting.kind) {
            Some(ast::ExprKind::Duration(nanos)) => Some(starts.plus(*nanos)),
            Some(_) => return Err("news lasts for a duration such as `10min`".into()),
            None => None,
        };
        let currency = Currency::new(&on.node).filter(|_| on.node.len() == 3);
        let impact = match impact.map(|impact| impact.node.as_str()) {
            Some("low") => event::Impact::Low,
            Some("medium") => event::Impact::Medium,
            _ => event::Impact::High,
        };
        let news = event::News {
            news_id: title.node.clone(),
            title: title.node.clone(),
            impact,
            currencies: currency.into_iter().collect(),
            symbols: if currency.is_some() { Vec::new() } else { vec![on.node.clone()] },
            starts,
            ends,
            cancelled: None,
        };
        self.send(None, Kind::News(news));
        Ok(())
    }

    fn payout_step(&mut self, moment: PayoutMoment, amount: Option<&ast::Expr>) -> Taken {
        let told = amount.map(|amount| self.amount(amount)).transpose()?;
        if moment == PayoutMoment::Request {
            if let Some((earlier, _)) = self.payout.take() {
                // The host tells what became of the request before this one: it was not granted.
                self.payout_event(&earlier, PayoutStatus::Denied, None);
            }
            let id = format!("payout-{}", self.events_sent());
            self.payout = Some((id.clone(), told));
            self.payout_event(&id, PayoutStatus::Requested, told);
            if let Some(Verdict::Approve(amounts) | Verdict::Review { amounts, .. }) = self.verdict() {
                self.payout = Some((id, Some(amounts.amount)));
            }
            return Ok(());
        }
        let (id, known) = self.payout.clone().ok_or("no payout was requested")?;
        let amount = told.or(known);
        match moment {
            PayoutMoment::Approval => self.payout_event(&id, PayoutStatus::Approved, amount),
            PayoutMoment::Denial => self.payout_event(&id, PayoutStatus::Denied, amount),
            _ => {
                let paid = amount.ok_or("say how much is paid")?;
                self.book(paid.neg(), CashType::Payout, Some(id.clone()));
                self.payout_event(&id, PayoutStatus::Paid, Some(paid));
            }
        }
        if moment != PayoutMoment::Approval {
            self.payout = None;
        }
        Ok(())
    }

    fn payout_event(&mut self, id: &str, status: PayoutStatus, amount: Option<Decimal>) {
        self.send(Some(ACCOUNT), Kind::Payout(event::Payout { payout_id: id.into(), status, amount, reason: None }));
    }
}
