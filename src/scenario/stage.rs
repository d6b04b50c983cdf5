//! A scenario on its way: the clock, the account's positions by name, and what was decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::instruments::{ANY, standard_instrument};
use super::{A_STEP, Failure, Interpreter};
use crate::calendar::{TradingCalendar, Zone};
use crate::check::{CheckedExpr, Names, check_expression, constant};
use crate::event::{self, Event, FieldValue, Kind, Provenance};
use crate::ir::{Ir, PhaseId};
use crate::outcome::{FaultKind, Outcome, Verdict};
use crate::source::{Source, Span, Spanned};
use crate::syntax::ast::{self, Expect, Step};
use crate::value::{Decimal, Instant, NANOS_PER_SECOND, TimeOfDay, Value};

const NANOS_PER_MILLISECOND: i64 = NANOS_PER_SECOND / 1000;

/// The account of a scenario.
pub const ACCOUNT: &str = "scenario";

/// A scenario on its way: what is told, and to whom.
pub(super) struct Stage<'a> {
    pub(super) ir: &'a Ir,
    pub(super) names: &'a Names,
    /// The text of the steps.
    pub(super) source: &'a Source,
    pub(super) interpreter: &'a mut dyn Interpreter,
    pub(super) scene: &'a mut Scene,
}

/// Where a scenario stands between two steps: its clock, the account's positions by name, what was decided.
#[derive(Clone, Debug)]
pub struct Scene {
    pub(super) calendar: TradingCalendar,
    pub(super) now: Instant,
    pub(super) events: u64,
    /// News by title, as told last.
    pub(super) news: BTreeMap<String, event::News>,
    /// Orders by name, as told last.
    pub(super) orders: BTreeMap<String, event::Order>,
    pub(super) announced: Vec<String>,
    pub(super) positions: BTreeMap<String, OpenPosition>,
    pub(super) payout: Option<Asked>,
    /// The actions that the host has answered with cash, by their keys.
    pub(super) answered: Vec<crate::outcome::Key>,
    /// What was decided since the last expectation.
    pub(super) recent: Vec<Arc<Outcome>>,
    /// The step of the first fault since the last expectation, and what it was.
    faulted: Option<(Span, String)>,
    /// Whether a fault is expected since then.
    pub(super) fault_expected: bool,
    /// The step that is being taken.
    pub(super) step: Span,
    /// Whether the last step was an expectation.
    pub(super) looked: bool,
    pub(super) all: Vec<Arc<Outcome>>,
    pub(super) failures: Vec<Failure>,
    /// Whether no step is taken after one that failed.
    pub(super) ends_at_failure: bool,
    pub(super) expectations: usize,
}

impl Scene {
    /// Whether the program did not grant the payout that was requested last, and the host has not answered it yet.
    pub fn waits_ungranted(&self) -> bool {
        self.payout.as_ref().is_some_and(|asked| !asked.granted)
    }

    /// The beginning of a program's account at an instant: nothing was told yet.
    pub fn new(ir: &Ir, now: Instant) -> Self {
        Self {
            calendar: TradingCalendar { rule: ir.header.day, holidays: None, week_starts: ir.header.week },
            now,
            events: 0,
            news: BTreeMap::new(),
            orders: BTreeMap::new(),
            announced: Vec::new(),
            positions: BTreeMap::new(),
            payout: None,
            answered: Vec::new(),
            recent: Vec::new(),
            faulted: None,
            fault_expected: false,
            step: Span::default(),
            looked: false,
            all: Vec::new(),
            failures: Vec::new(),
            ends_at_failure: false,
            expectations: 0,
        }
    }

    /// What the clock shows.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// The trading days by which steps go.
    pub const fn calendar(&self) -> &TradingCalendar {
        &self.calendar
    }

    /// The names of the positions that steps have opened.
    pub fn positions(&self) -> impl Iterator<Item = &str> {
        self.positions.keys().map(String::as_str)
    }

    /// What steps have opened and not closed: its name, its symbol, and whether it was bought.
    pub fn open(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.positions.iter().map(|(name, open)| (name.as_str(), open.symbol.as_str(), open.buy))
    }

    /// Gives positions that events opened, and no step, names by which steps can close them: `p1` by the account's number.
    pub fn adopt<'p>(&mut self, open: impl Iterator<Item = Held<'p>>) {
        self.positions.retain(|_, position| !position.adopted);
        for position in open {
            let known = self.positions.values().any(|known| position.names.contains(&known.id.as_str()));
            let name = format!("p{}", position.serial);
            let Some(id) = position.names.first().filter(|_| !known && !self.positions.contains_key(&name)) else { continue };
            let (id, symbol, quantity) = ((*id).to_owned(), position.symbol.to_owned(), position.quantity);
            self.positions.insert(name, OpenPosition { id, symbol, buy: position.long, quantity, adopted: true });
        }
    }

    /// Takes in what events that are no steps led to, up to an instant.
    pub fn take_in(&mut self, now: Instant, outcomes: Vec<Outcome>) {
        // Steps fill without asking first, by their nature.
        let mut faults = outcomes.iter().flat_map(|outcome| &outcome.faults).filter(|fault| fault.kind != FaultKind::NotAsked);
        if let Some(fault) = faults.next().filter(|_| self.faulted.is_none()) {
            self.faulted = Some((self.step, fault.to_string()));
        }
        self.now = self.now.max(now);
        let outcomes: Vec<Arc<Outcome>> = outcomes.into_iter().map(Arc::new).collect();
        self.all.extend(outcomes.iter().filter(|outcome| !outcome.is_quiet()).cloned());
        self.recent.extend(outcomes);
    }
}

/// A payout that was requested.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) amount: Option<Decimal>,
    /// Whether it waits for the host: it was approved, or is in review.
    pub(super) granted: bool,
}

/// A position that is open.
#[derive(Clone, Debug)]
pub struct Held<'a> {
    /// The account's number of it.
    pub serial: u64,
    /// The platform's names of it.
    pub names: Vec<&'a str>,
    /// Its symbol.
    pub symbol: &'a str,
    /// Whether it is long.
    pub long: bool,
    /// How much is open, without sign.
    pub quantity: Decimal,
}

/// A position that a step opened, by its name in the scenario.
#[derive(Clone, Debug)]
pub(super) struct OpenPosition {
    pub(super) id: String,
    pub(super) symbol: String,
    pub(super) buy: bool,
    pub(super) quantity: Decimal,
    /// Whether it was opened by an event, and no step.
    pub(super) adopted: bool,
}

impl Stage<'_> {
    /// Sends an event of this instant.
    pub(super) fn send(&mut self, account: Option<&str>, kind: Kind) {
        self.send_as(account, kind, Provenance::Broker);
    }

    /// Sends an event of this instant, of this provenance.
    pub(super) fn send_as(&mut self, account: Option<&str>, kind: Kind, provenance: Provenance) {
        self.scene.events += 1;
        let event = Event { provenance, ..Event::new(format!("step-{}", self.scene.events), account, self.scene.now, kind) };
        let outcomes = self.interpreter.apply(&event);
        self.keep(outcomes);
    }

    /// How many events were sent: for names that must differ.
    pub(super) const fn events_sent(&self) -> u64 {
        self.scene.events
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, to: Instant) {
        let outcomes = self.interpreter.advance(to);
        self.scene.now = self.scene.now.max(to);
        self.keep(outcomes);
    }

    fn keep(&mut self, outcomes: Vec<Outcome>) {
        let now = self.scene.now;
        self.scene.take_in(now, outcomes);
    }

    /// A fault that nothing expects is a failure: what it belongs to was not decided.
    fn expect_no_fault(&mut self) {
        let expected = std::mem::take(&mut self.scene.fault_expected);
        if let Some((span, found)) = self.scene.faulted.take().filter(|_| !expected) {
            self.fail(span, "no fault, or an `expect fault` after it", found);
        }
    }

    /// An expression's value now, in the phase the account is in.
    pub(super) fn evaluate(&mut self, expression: &ast::Expr) -> Result<Value, String> {
        let checked = self.checked(expression)?;
        self.interpreter.evaluate(ACCOUNT, &checked)
    }

    fn checked(&self, expression: &ast::Expr) -> Result<CheckedExpr, String> {
        let phase = self.phase().and_then(|name| self.ir.phase_named(&name)).unwrap_or(PhaseId(0));
        check_expression(self.ir, self.names, self.source, phase, expression)
            .map_err(|errors| errors.first().map_or_else(String::new, |error| error.message.clone()))
    }

    /// An amount of a step: written out, or computed now.
    pub(super) fn amount(&mut self, expression: &ast::Expr) -> Result<Decimal, String> {
        if let Some(amount) = expression.written_amount() {
            return Ok(amount);
        }
        match self.evaluate(expression)? {
            Value::Money(amount, _) | Value::Number(amount) | Value::Quantity(amount, _) => Ok(amount),
            other => Err(format!("an amount is needed, found {other}")),
        }
    }

    pub(super) fn phase(&self) -> Option<String> {
        self.interpreter.phase(ACCOUNT)
    }

    pub(super) fn balance(&self) -> Option<Decimal> {
        amount_of(&self.interpreter.balance(ACCOUNT)?)
    }

    /// An amount of the program's ledger as the platform's.
    pub(super) fn on_the_platform(&self, amount: Decimal) -> Result<Decimal, String> {
        amount.add(self.interpreter.platform_offset(ACCOUNT)).map_err(|error| error.to_string())
    }

    pub(super) fn interpreter(&self) -> &dyn Interpreter {
        self.interpreter
    }

    /// The last verdict since the last expectation.
    pub(super) fn verdict(&self) -> Option<&Verdict> {
        self.scene.recent.iter().rev().find_map(|outcome| outcome.verdict.as_ref())
    }

    /// Announces what a symbol is, once.
    pub(super) fn announce(&mut self, symbol: &str) -> Result<(), String> {
        if self.scene.announced.iter().any(|known| known == symbol) {
            return Ok(());
        }
        let instrument = standard_instrument(symbol)
            .ok_or_else(|| format!("`{symbol}` is no symbol that scenarios know: use a futures product such as `ES`, a currency pair such as `EURUSD`, `XAUUSD`, or a share such as `AAPL`"))?;
        self.scene.announced.push(symbol.to_owned());
        self.send(None, Kind::Instrument(instrument));
        Ok(())
    }

    pub(super) fn fail(&mut self, span: Span, expected: impl Into<String>, found: impl Into<String>) {
        let (at, decided) = (self.scene.now, self.scene.all.len());
        self.scene.failures.push(Failure { span, expected: expected.into(), found: found.into(), at, decided });
    }

    /// Takes all steps.
    pub(super) fn play(&mut self, steps: &[Spanned<Step>]) {
        self.steps(steps);
        self.expect_no_fault();
    }

    /// Takes the steps in order.
    pub(super) fn steps(&mut self, steps: &[Spanned<Step>]) {
        for step in steps {
            if self.scene.ends_at_failure && !self.scene.failures.is_empty() {
                return;
            }
            if let Step::Expect(expect) = &step.node {
                self.scene.fault_expected |= matches!(expect, Expect::Fault);
                self.scene.looked = true;
                self.scene.expectations += 1;
                self.expect(expect, step.span);
                continue;
            }
            if std::mem::take(&mut self.scene.looked) {
                self.expect_no_fault();
                self.scene.recent.clear();
            }
            self.scene.step = step.span;
            if let Err(message) = self.step(&step.node) {
                self.fail(step.span, A_STEP, message);
            }
        }
    }

    /// A value of a scenario's head; the checker lets pass what is written out and what is computed from that.
    pub(super) fn told_at_opening(&self, expr: &ast::Expr) -> Option<FieldValue> {
        self.field_value(expr).or_else(|| constant(expr).map(|amount| FieldValue::Text(amount.to_string())))
    }

    /// A value as a host tells it, where it is written out.
    pub(super) fn field_value(&self, expr: &ast::Expr) -> Option<FieldValue> {
        let text = match &expr.kind {
            ast::ExprKind::Bool(yes) => return Some(FieldValue::Bool(*yes)),
            ast::ExprKind::Text(text) | ast::ExprKind::Name(text) => text.clone(),
            ast::ExprKind::Date(date) => date.to_string(),
            ast::ExprKind::Time(time) => time.to_string(),
            ast::ExprKind::Weekday(day) => day.to_string(),
            ast::ExprKind::Instant(date, time, zone) => self.zone(zone.as_ref()).ok()?.to_instant(*date, *time).to_string(),
            ast::ExprKind::Days(count, unit) => format!("{count} {}", unit.word(*count)),
            ast::ExprKind::Duration(nanos) => format!("{}ms", nanos / NANOS_PER_MILLISECOND),
            _ => expr.written_amount()?.to_string(),
        };
        Some(FieldValue::Text(text))
    }

    fn zone(&self, named: Option<&ast::Name>) -> Result<Zone, String> {
        named.map_or(Ok(self.scene.calendar.rule.zone), |name| Zone::parse(&name.node).map_err(|error| error.to_string()))
    }

    /// The instant that a place in time means, from now on.
    pub(super) fn instant(&self, when: &ast::When) -> Result<Instant, String> {
        let zone = self.zone(when.zone.as_ref())?;
        if let Some(nanos) = when.after {
            return Ok(self.scene.now.plus(nanos));
        }
        if let Some(days) = when.days {
            let now = zone.to_local(self.scene.now);
            let time = TimeOfDay::from_nanos(now.nanos).unwrap_or_default();
            return Ok(zone.to_instant(now.date.plus(i32::from(days)), time));
        }
        let time = when.time.unwrap_or_default();
        Ok(match (when.date, when.weekday) {
            (Some(date), _) if when.time.is_some() => zone.to_instant(date, time),
            (Some(date), _) => self.scene.calendar.day_from(date).opens,
            (None, weekday) => zone.next_local(self.scene.now.plus(-1), time, weekday),
        })
    }
}

fn amount_of(value: &Value) -> Option<Decimal> {
    if let Value::Money(amount, _) = value { Some(*amount) } else { None }
}

/// A step's own seconds: what happens in a whole trade is this far apart.
pub(super) const TICK: i64 = NANOS_PER_SECOND;

/// The symbol of whole trades that name none.
pub(super) const fn any_symbol() -> &'static str {
    ANY
}
