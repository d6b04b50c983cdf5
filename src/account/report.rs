//! How limits and goals stand, for hosts and prompts.

use std::sync::Arc;

use super::Account;
use super::hand::Hand;
use super::resolve::{left_type, name};
use super::values;
use crate::check::CheckedExpr;
use crate::code::{LimitCell, NodeCell};
use crate::ir::{Constant, Expr, ExprId, ExprKind, Invariant, NodeId, NodeKind, Per};
use crate::ledger::{Ledger, Quote, SymbolId};
use crate::market::Market;
use crate::outcome::{Evidence, FaultKind};
use crate::value::{Decimal, Fixed, Instant, Type, Value};
use crate::vm::view::{Cursor, MISSING};
use crate::vm::{self, Judged};
use crate::vocabulary::{AccountField, Occasion};

/// How a limit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitReport {
    /// Its title.
    pub title: Arc<str>,
    /// The position's serial or the symbol's number, for limits `for each`; else 0.
    pub instance: u64,
    /// Whether it is in force; the sides are missing otherwise.
    pub in_force: bool,
    /// The limited value.
    pub left: Value,
    /// The bound.
    pub right: Value,
    /// The room left.
    pub headroom: Value,
    /// The share used.
    pub used: Value,
    /// Whether it is broken now.
    pub broken: bool,
    /// How often it was breached, as it counts.
    pub breaches: u64,
    /// Why it cannot be judged, if it cannot.
    pub fault: Option<FaultKind>,
}

/// How a goal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalReport {
    /// Its title.
    pub title: Arc<str>,
    /// Whether it is reached.
    pub reached: bool,
    /// Whether it is in force.
    pub in_force: bool,
    /// Its requirements in order.
    pub requirements: Vec<RequirementReport>,
}

/// How a requirement of a goal stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementReport {
    /// Its title.
    pub title: Arc<str>,
    /// Whether it is required now.
    pub required: bool,
    /// Whether it is met; `None` where that cannot be computed.
    pub met: Option<bool>,
    /// The values that decide it.
    pub evidence: Vec<Evidence>,
}

/// At which prices of a symbol a limit is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceAnswer {
    /// The limit's title.
    pub title: Arc<str>,
    /// The highest price below the present one at which it is broken; `None` if at none.
    pub below: Option<Decimal>,
    /// The lowest price above the present one.
    pub above: Option<Decimal>,
    /// Whether it is broken as it stands: then it has no price at which it comes to be.
    pub broken: bool,
}

impl Account {
    /// The balance.
    pub fn balance(&self) -> Value {
        self.money(AccountField::Balance)
    }

    /// The platform's balance less the program's: a phase's ledger may start with another amount than
    /// the platform holds.
    pub fn platform_offset(&self) -> Decimal {
        Decimal::from(self.books.offset)
    }

    /// The profit of a phase that was left, as it stood then.
    pub fn profit_of(&self, phase: &str) -> Value {
        let left = self.program.ir.phase_named(phase).and_then(|phase| self.books.finals.get(&(phase.0, AccountField::Profit as u8)));
        self.shown(&Type::Money(self.books.currency()), left.copied().unwrap_or(MISSING))
    }

    /// The equity; missing while a rate is.
    pub fn equity(&self) -> Value {
        self.money(AccountField::Equity)
    }

    /// The floors of the phase with where each stands; missing while it cannot be computed.
    pub fn floors(&self) -> Vec<(Arc<str>, Value)> {
        let ir = &self.program.ir;
        let floors =
            self.nodes_in_force(|kind| matches!(kind, NodeKind::Floor(_))).into_iter().filter(|id| ir.node(*id).per == Per::Account);
        let stands = |id: NodeId| {
            let base = self.base_of(id, Cursor::Event);
            let faulted = self.cell(base, NodeCell::Fault) != 0;
            let raw = if faulted { MISSING } else { self.cell(base, NodeCell::Value) };
            (name(ir, id), self.shown(&ir.node(id).ty, raw))
        };
        floors.map(stands).collect()
    }

    fn money(&self, field: AccountField) -> Value {
        let raw = self.books.field(&self.program.ir, &self.books.ledger, field);
        self.shown(&Type::Money(self.books.currency()), raw)
    }

    /// Each limit in force in the phase, and each of its instances, as it stands at the instant that
    /// is asked about: `None`, or an instant before it, is that of the last thing that happened.
    pub fn limit_reports(&self, market: &Market, asked: Option<Instant>) -> Vec<LimitReport> {
        let hand = Hand::default();
        let picture = self.picture_at(market, &hand, asked);
        let mut reports = Vec::new();
        for id in self.nodes_in_force(|kind| matches!(kind, NodeKind::Limit(_))) {
            for (cursor, instance) in self.cursors(id) {
                let judged = vm::judge_limit(&self.program, id, cursor, &self.slots, &picture);
                reports.push(self.limit_report(id, cursor, instance, judged));
            }
        }
        reports
    }

    /// Each goal in force in the phase, as it stands at that instant.
    pub fn goal_reports(&self, market: &Market, asked: Option<Instant>) -> Vec<GoalReport> {
        let hand = Hand::default();
        let picture = self.picture_at(market, &hand, asked);
        let ir = &self.program.ir;
        let report = |id: NodeId| {
            let NodeKind::Goal(goal) = &ir.node(id).kind else { return None };
            let state = vm::goal_state(&self.program, id, &self.slots, &picture);
            let requirements = goal.requirements.iter().zip(state.requirements).map(|(requirement, state)| RequirementReport {
                title: requirement.title.as_str().into(),
                required: state.required,
                met: state.met,
                evidence: values::evidence(ir, &self.books, &requirement.evidence, &state.evidence),
            });
            let requirements = requirements.collect();
            Some(GoalReport { title: name(ir, id), reached: state.reached, in_force: state.in_force, requirements })
        };
        self.nodes_in_force(|kind| matches!(kind, NodeKind::Goal(_))).into_iter().filter_map(report).collect()
    }

    /// The value, at that instant, of an expression that was checked against the account's program.
    ///
    /// # Errors
    /// With the fault that computing it met; one that is over a limit of programs is out of range.
    pub fn evaluate_checked(&self, market: &Market, asked: Option<Instant>, expression: &CheckedExpr) -> Result<Value, FaultKind> {
        let mut ir = (*self.program.ir).clone();
        ir.exprs.clone_from(&expression.exprs);
        self.number_texts(&mut ir.exprs, &expression.texts);
        ir.symbols.clone_from(&expression.symbols);
        let compiled = crate::compile::expression(&self.program, &ir, expression.id).map_err(|_| FaultKind::Overflow)?;
        let hand = Hand::default();
        let picture = super::picture::Picture { ir: &ir, ..self.picture_at(market, &hand, asked) };
        let raw = vm::evaluate(&self.program, &compiled, &self.slots, &picture)?;
        Ok(values::value(&ir, &self.books, &ir.expr(expression.id).ty, raw))
    }

    /// The value, at that instant, of an expression of the account's program.
    ///
    /// # Errors
    /// With the fault that computing it met.
    pub fn evaluate_own(&self, market: &Market, asked: Option<Instant>, expression: ExprId) -> Result<Value, FaultKind> {
        self.evaluate_with(market, &Hand::default(), asked, expression)
    }

    /// The same, with a payout of an amount, or of all that is available, requested then; where one is pending, it stays that one.
    ///
    /// # Errors
    /// With the fault that computing it met.
    pub fn evaluate_at_request(
        &self,
        market: &Market,
        asked: Option<Instant>,
        amount: Option<Decimal>,
        expression: ExprId,
    ) -> Result<Value, FaultKind> {
        let available = self.books.field(&self.program.ir, &self.books.ledger, AccountField::Available);
        let amount = amount.map_or(available, |amount| Fixed::from(amount).raw());
        let payout = self.books.payouts.pending().cloned().unwrap_or_else(|| self.books.payouts.next(amount));
        let hand = Hand { payout: Some(payout), ..Hand::of(&[Occasion::PayoutRequest]) };
        self.evaluate_with(market, &hand, asked, expression)
    }

    fn evaluate_with(&self, market: &Market, hand: &Hand, asked: Option<Instant>, expression: ExprId) -> Result<Value, FaultKind> {
        let ir = &self.program.ir;
        let compiled = crate::compile::expression(&self.program, ir, expression).map_err(|_| FaultKind::Overflow)?;
        let raw = vm::evaluate(&self.program, &compiled, &self.slots, &self.picture_at(market, hand, asked))?;
        Ok(values::value(ir, &self.books, &ir.expr(expression).ty, raw))
    }

    /// Gives texts that are only the expression's the numbers they have in the account; one that was never
    /// met equals none.
    fn number_texts(&self, exprs: &mut [Expr], texts: &[String]) {
        let program = &self.program.ir.texts;
        for expr in exprs {
            if let ExprKind::Constant(Constant::Text(at)) = expr.kind
                && let Some(text) = texts.get(at as usize).filter(|_| at as usize >= program.len())
            {
                expr.kind = ExprKind::Constant(Constant::Word(self.books.texts.find(program, text).unwrap_or(-1)));
            }
        }
    }

    /// See [`crate::engine::AccountRef::prices_of_limits`].
    pub(crate) fn prices_of_limits(&self, market: &Market, symbol: &str) -> Vec<PriceAnswer> {
        let Some(found) = self.books.symbols.find(symbol) else { return Vec::new() };
        let listed = market.symbol(symbol).and_then(|listing| market.listing(listing)).and_then(|listing| listing.instrument.as_ref());
        let tick = listed.map_or(Fixed::ONE_RAW, |listed| Fixed::from(listed.tick_size).raw()).max(1);
        let quote = self.books.ledger.quote(found);
        let Some(now) = quote.bid.or(quote.last).or(quote.ask).map(Fixed::raw) else { return Vec::new() };
        let answer = |id: NodeId| {
            let title = name(&self.program.ir, id);
            if self.is_broken(market, id, &self.books.ledger) {
                return PriceAnswer { title, below: None, above: None, broken: true };
            }
            let price = |ticks: i64| self.first_broken(market, id, found, (now, tick), ticks);
            PriceAnswer { title, below: price(-(now / tick)), above: price(now / tick), broken: false }
        };
        self.nodes_in_force(|kind| matches!(kind, NodeKind::Limit(_))).into_iter().map(answer).collect()
    }

    /// The nearest price, up to so many ticks away, at which a limit is broken: found by halving.
    fn first_broken(&self, market: &Market, limit: NodeId, symbol: SymbolId, (now, tick): (i64, i64), most: i64) -> Option<Decimal> {
        let broken = |ticks: i64| self.is_broken_at(market, limit, symbol, now.saturating_add(ticks.saturating_mul(tick)));
        let direction = most.signum();
        let (mut holds, mut breaks) = (0, most.abs());
        if breaks == 0 || !broken(direction * breaks) {
            return None;
        }
        while breaks - holds > 1 {
            let middle = holds + (breaks - holds) / 2;
            if broken(direction * middle) { breaks = middle } else { holds = middle }
        }
        Fixed::from_raw(now + direction * breaks * tick).map(Decimal::from)
    }

    fn is_broken_at(&self, market: &Market, limit: NodeId, symbol: SymbolId, price: i64) -> bool {
        let mut ledger: Ledger = self.books.ledger.clone();
        let price = Fixed::from_raw(price);
        ledger.mark(symbol, Quote { bid: price, ask: price, last: price }, self.books.ordinal);
        self.is_broken(market, limit, &ledger)
    }

    /// Whether a limit is broken, with the ledger as it would be.
    fn is_broken(&self, market: &Market, limit: NodeId, ledger: &Ledger) -> bool {
        let hand = Hand::default();
        let picture = self.picture_with(market, &hand, ledger, &self.books.groups);
        self.cursors(limit).into_iter().any(|(cursor, _)| {
            let judged = vm::judge_limit(&self.program, limit, cursor, &self.slots, &picture);
            judged.is_ok_and(|judged| judged.in_force && judged.broken)
        })
    }

    /// The nodes in force in the phase that are of a kind.
    pub(super) fn nodes_in_force(&self, of_kind: impl Fn(&NodeKind) -> bool) -> Vec<NodeId> {
        let phase = self.books.phase();
        let in_force = self.program.ir.nodes().filter(|(id, _)| phase.is_some_and(|phase| self.program.in_force(*id, phase)));
        in_force.filter(|(_, node)| of_kind(&node.kind)).map(|(id, _)| id).collect()
    }

    /// The instances of a node: what is at hand for each, and its number as keys tell it.
    fn cursors(&self, id: NodeId) -> Vec<(Cursor, u64)> {
        match self.program.ir.node(id).per {
            Per::Account => vec![(Cursor::Event, 0)],
            Per::Order => Vec::new(),
            Per::Symbol => (0..self.books.symbols.traded()).map(|number| (Cursor::Symbol(number), u64::from(number) + 1)).collect(),
            Per::Group(group) => {
                let live = self.books.groups.live(group).iter().enumerate();
                live.map(|(at, live)| (Cursor::Group(group, at), live.instance().serial)).collect()
            }
            Per::Position => {
                self.books.ledger.positions().iter().enumerate().map(|(at, open)| (Cursor::Position(at), open.serial)).collect()
            }
        }
    }

    fn limit_report(&self, id: NodeId, cursor: Cursor, instance: u64, judged: Result<Judged, FaultKind>) -> LimitReport {
        let ir = &self.program.ir;
        let node = ir.node(id);
        let fault = judged.err();
        let missing = Judged { in_force: false, broken: false, left: MISSING, right: MISSING, headroom: MISSING, used: MISSING };
        let judged = judged.unwrap_or(missing);
        let left = left_type(ir, node);
        let right = match &node.kind {
            NodeKind::Limit(limit) => match limit.invariant {
                Invariant::Stays { right, .. } => ir.expr(right).ty.clone(),
                Invariant::Never(_) => Type::Bool,
            },
            _ => Type::Missing,
        };
        let breaches = self.cell(self.base_of(id, cursor), LimitCell::Count);
        LimitReport {
            title: name(ir, id),
            instance,
            in_force: judged.in_force,
            left: self.shown(&left, judged.left),
            right: self.shown(&right, judged.right),
            headroom: self.shown(&left, judged.headroom),
            used: self.shown(&Type::Percent, judged.used),
            broken: judged.broken,
            breaches: u64::try_from(breaches / Fixed::ONE_RAW).unwrap_or(0),
            fault,
        }
    }

    /// The first cell of a node's instance.
    fn base_of(&self, id: NodeId, cursor: Cursor) -> usize {
        let place = self.program.layout.place(id);
        let number = match cursor {
            Cursor::Position(at) => self.books.ledger.positions().get(at).map_or(0, |open| open.place),
            Cursor::Group(group, at) => self.books.groups.live(group).get(at).map_or(0, |live| live.instance().place),
            Cursor::Symbol(number) => usize::from(number),
            _ => 0,
        };
        place.base + number.min(place.count.saturating_sub(1)) * place.stride
    }
}
