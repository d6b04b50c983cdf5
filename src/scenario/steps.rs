//! Steps as events.

use super::orders::{FillDetail, Told};
use super::stage::{ACCOUNT, Asked, Stage, TICK, any_symbol};
use crate::event::{self, CashType, FillReason, Kind, PayoutStatus, Provenance, TickQuality};
use crate::outcome::Verdict;
use crate::source::Spanned;
use crate::syntax::ast::{self, PayoutMoment, Step};
use crate::value::{Decimal, NANOS_PER_MINUTE};

/// Whether a step could be taken; else why not.
pub(super) type Taken = Result<(), String>;

/// Why no payout can be answered.
const NO_PAYOUT: &str = "no payout waits: none was requested, or it was denied or paid before; ask for one by `request payout`";
/// Why no amount of a payout is known.
const NOT_GRANTED: &str = "the request was not granted, so that nothing is due; ask again by `request payout` when its requirements are met, \
                           or say what is paid all the same: `pay payout $500`";

impl Stage<'_> {
    /// Takes one step.
    pub(super) fn step(&mut self, step: &Step) -> Taken {
        match step {
            Step::At(when) => self.go_to(when),
            Step::NextDay => {
                let opens = self.scene.calendar.day_at(self.scene.now).next_opens;
                self.advance(opens);
                Ok(())
            }
            Step::EndDay => {
                let day = self.scene.calendar.day_at(self.scene.now);
                let stamp = if self.scene.now < day.settles { day.settles } else { self.scene.calendar.day_after(&day).settles };
                self.advance(stamp);
                Ok(())
            }
            Step::Trade { .. } => self.enter(step),
            Step::Order { .. } => self.order(step),
            Step::Exit { .. } => self.exit(step),
            Step::MoveStop { name, to } => self.move_stop(&name.node, to.as_ref().map(|to| to.node)),
            Step::Tick { symbol, bid, ask, fields } => {
                self.announce(&symbol.node)?;
                let extra = self.told(fields)?;
                self.tick(&symbol.node, bid.node, ask.as_ref().map_or(bid.node, |ask| ask.node), extra);
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
            Step::CancelNews(title) => self.cancel_news(title),
            Step::CancelOrder(name) => self.cancel_order(name),
            Step::Staff { decision, breach, reset } => {
                self.staff(&decision.node, breach.as_ref(), *reset);
                Ok(())
            }
            Step::EstimateEquity(equity) => {
                let equity = self.amount(equity)?;
                self.estimate(equity)
            }
            Step::Payout { moment, amount } => self.payout_step(*moment, amount.as_ref()),
            Step::Answer(what) => self.answer(*what),
            Step::Set(name, value) => {
                let value = self.field(value)?;
                self.send(Some(ACCOUNT), Kind::Input(event::Input { name: name.node.clone(), value }));
                Ok(())
            }
            Step::Event(name, fields) => {
                let fields = self.told(fields)?;
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
        if to < self.scene.now {
            let zone = self.scene.calendar.rule.zone;
            let [to, now] = [to, self.scene.now].map(|at| zone.to_local(at));
            return Err(format!("{to} lies before {now}: time only goes forward"));
        }
        self.advance(to);
        Ok(())
    }

    fn current_balance(&self) -> Result<Decimal, String> {
        self.balance().ok_or_else(|| "the account has no balance".into())
    }

    fn snapshot(&mut self, equity: Decimal) -> Taken {
        let snapshot = self.snapshot_of(equity)?;
        self.send(Some(ACCOUNT), snapshot);
        Ok(())
    }

    /// A mark that the host only estimates.
    fn estimate(&mut self, equity: Decimal) -> Taken {
        let snapshot = self.snapshot_of(equity)?;
        self.send_as(Some(ACCOUNT), snapshot, Provenance::Estimated);
        Ok(())
    }

    fn snapshot_of(&self, equity: Decimal) -> Result<Kind, String> {
        let (balance, equity) = (self.on_the_platform(self.current_balance()?)?, self.on_the_platform(equity)?);
        Ok(Kind::Snapshot(event::Snapshot { balance, equity, open_profit: None, margin: None, version: None, anchor: None }))
    }

    pub(super) fn tick(&mut self, symbol: &str, bid: Decimal, ask: Decimal, extra: Told) {
        let tick = event::Tick { symbol: symbol.into(), bid: Some(bid), ask: Some(ask), last: Some(bid), quality: TickQuality::Ok, extra };
        self.send(None, Kind::Tick(tick));
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
        let id = format!("trade-{}", self.scene.now.nanos());
        let entered = self.scene.now;
        self.fill(&id, &symbol, Decimal::from(1), base, FillDetail::entry());
        for extreme in extremes.into_iter().flatten() {
            let extreme = self.amount(extreme)?;
            let price = extreme.div(multiplier).and_then(|distance| base.add(distance)).map_err(|error| error.to_string())?;
            self.advance(self.scene.now.plus(TICK));
            self.tick(&symbol, price, price, Told::new());
        }
        let held = match held.map(|held| &held.kind) {
            Some(ast::ExprKind::Duration(nanos)) => *nanos,
            Some(_) => return Err("`held` takes a duration such as `40s`".into()),
            None => NANOS_PER_MINUTE,
        };
        let exit_at = entered.plus(held).max(self.scene.now);
        self.advance(exit_at);
        let price = amount.div(multiplier).and_then(|distance| base.add(distance)).map_err(|error| error.to_string())?;
        self.fill(&id, &symbol, Decimal::from(-1), price, FillDetail { gross_profit: Some(amount), ..FillDetail::exit(FillReason::User) });
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

    pub(super) fn book(&mut self, amount: Decimal, cash_type: CashType, payout_id: Option<String>) {
        let cash_id = format!("cash-{}-{}", self.scene.now.nanos(), self.scene.all.len());
        self.send(Some(ACCOUNT), Kind::Cash(event::Cash { cash_id, amount, cash_type, value_date: None, ref_fill: None, payout_id }));
    }

    fn payout_step(&mut self, moment: PayoutMoment, amount: Option<&ast::Expr>) -> Taken {
        let told = amount.map(|amount| self.amount(amount)).transpose()?;
        if moment == PayoutMoment::Request {
            self.request_payout(told);
            return Ok(());
        }
        let Asked { id, amount: known, granted } = self.scene.payout.clone().ok_or(NO_PAYOUT)?;
        let amount = told.or(known);
        match moment {
            PayoutMoment::Approval => {
                self.payout_event(&id, PayoutStatus::Approved, amount);
                // What the host approves is due, whatever the program answered.
                self.scene.payout = Some(Asked { id: id.clone(), amount, granted: true });
            }
            PayoutMoment::Denial => self.payout_event(&id, PayoutStatus::Denied, amount),
            _ => {
                let due = if granted { amount } else { told };
                let paid = due.ok_or(if granted { "say how much is paid: `pay payout $500`" } else { NOT_GRANTED })?;
                self.book(paid.neg(), CashType::Payout, Some(id.clone()));
                self.payout_event(&id, PayoutStatus::Paid, Some(paid));
            }
        }
        if moment != PayoutMoment::Approval {
            self.scene.payout = None;
        }
        Ok(())
    }

    fn request_payout(&mut self, told: Option<Decimal>) {
        if let Some(earlier) = self.scene.payout.take_if(|earlier| !earlier.granted) {
            // The host tells what became of the request before this one: it was not granted.
            self.payout_event(&earlier.id, PayoutStatus::Denied, None);
        }
        let id = format!("payout-{}", self.events_sent());
        self.payout_event(&id, PayoutStatus::Requested, told);
        let granted = match self.verdict() {
            Some(Verdict::Approve(amounts) | Verdict::Review { amounts, .. }) => Some(amounts.amount),
            _ => None,
        };
        if self.scene.payout.is_some() {
            // One still waits; the new one is refused, and the host says so.
            return self.payout_event(&id, PayoutStatus::Denied, None);
        }
        self.scene.payout = Some(Asked { id, amount: granted.or(told), granted: granted.is_some() });
    }

    pub(super) fn payout_event(&mut self, id: &str, status: PayoutStatus, amount: Option<Decimal>) {
        self.send(Some(ACCOUNT), Kind::Payout(event::Payout { payout_id: id.into(), status, amount, reason: None }));
    }
}
