//! Events on their way into an interpreter: accounts that no event opens are opened as the command
//! says, and symbols that no event describes are what they are by convention.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::input::Input;
use crate::event::{self, Event, FieldValue, Kind, PositionMode};
use crate::ir::Ir;
use crate::outcome::{Change, Outcome};
use crate::scenario::{Interpreter, standard_instrument};
use crate::value::{Currency, Decimal, Instant};

/// An interpreter and what it has been told.
pub(super) struct Feed<I> {
    interpreter: I,
    opening: Option<event::Open>,
    mode: Option<PositionMode>,
    accounts: BTreeMap<String, Seen>,
    symbols: BTreeSet<String>,
    events: u64,
    outcomes: Vec<Outcome>,
}

/// What was seen of an account besides its state.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The plan it was opened with.
    pub(super) plan: String,
    /// The limit that was breached last, and when.
    pub(super) breach: Option<(Arc<str>, Instant)>,
    /// How many actions were asked for.
    pub(super) actions: u64,
}

impl<I: Interpreter> Feed<I> {
    /// A feed that opens accounts as the arguments say, and positions as a statement counts them.
    pub(super) fn new(ir: &Ir, input: &Input, mode: Option<PositionMode>, interpreter: I) -> Result<Self, String> {
        let opening = match &input.plan {
            None => None,
            Some(plan) => Some(opening(ir, plan, input)?),
        };
        Ok(Self { interpreter, opening, mode, accounts: BTreeMap::new(), symbols: BTreeSet::new(), events: 0, outcomes: Vec::new() })
    }

    /// Applies an event and what must come before it.
    ///
    /// # Errors
    /// When an account is not open and no plan was said.
    pub(super) fn apply(&mut self, event: &Event) -> Result<&[Outcome], String> {
        self.events += 1;
        self.outcomes.clear();
        if let Some(symbol) = symbol_of(&event.kind) {
            self.describe(symbol, event.at);
        }
        match (&event.kind, &event.account) {
            (Kind::Instrument(instrument), _) => {
                self.symbols.insert(instrument.symbol.clone());
            }
            (Kind::Open(open), Some(account)) => {
                self.accounts.entry(account.clone()).or_default().plan.clone_from(&open.plan);
            }
            (_, Some(account)) if !self.accounts.contains_key(account) => {
                self.open(account, event)?;
                if first_deposit(event).is_some() {
                    return Ok(&self.outcomes);
                }
            }
            _ => {}
        }
        let outcomes = self.interpreter.apply(event);
        self.keep(outcomes);
        Ok(&self.outcomes)
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, to: Instant) -> &[Outcome] {
        self.outcomes.clear();
        let outcomes = self.interpreter.advance(to);
        self.keep(outcomes);
        &self.outcomes
    }

    /// What the last event, or the time that passed, led to.
    pub(super) fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// What is told.
    pub(super) const fn interpreter(&self) -> &I {
        &self.interpreter
    }

    /// The accounts seen, by name.
    pub(super) const fn accounts(&self) -> &BTreeMap<String, Seen> {
        &self.accounts
    }

    /// How many events were applied.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    fn keep(&mut self, outcomes: Vec<Outcome>) {
        for outcome in &outcomes {
            let Some(seen) = self.accounts.get_mut(&*outcome.account) else { continue };
            seen.actions += outcome.actions.len() as u64;
            for change in &outcome.changes {
                if let Change::Breach { limit, .. } = change {
                    seen.breach = Some((Arc::clone(limit), outcome.at));
                }
            }
        }
        self.outcomes.extend(outcomes);
    }

    fn describe(&mut self, symbol: &str, at: Instant) {
        if !self.symbols.insert(symbol.to_owned()) {
            return;
        }
        if let Some(instrument) = conventional(symbol) {
            let event = Event::new(format!("convention-{symbol}"), None, at, Kind::Instrument(instrument));
            let outcomes = self.interpreter.apply(&event);
            self.keep(outcomes);
        }
    }

    fn open(&mut self, account: &str, first: &Event) -> Result<(), String> {
        let opening =
            self.opening.clone().ok_or_else(|| format!("no `open` event opens the account `{account}`: say its plan with --plan"))?;
        self.accounts.entry(account.to_owned()).or_default().plan.clone_from(&opening.plan);
        let position_mode = self.mode.unwrap_or_else(|| mode_of(first));
        let start_balance = first_deposit(first).unwrap_or(opening.start_balance);
        let opening = event::Open { purchased_at: first.at, position_mode, start_balance, ..opening };
        let event = Event::new("opened-by-command", Some(account), first.at, Kind::Open(opening));
        let outcomes = self.interpreter.apply(&event);
        self.keep(outcomes);
        Ok(())
    }
}

/// What a statement that begins with a deposit was opened with: the deposit is the opening.
fn first_deposit(first: &Event) -> Option<Decimal> {
    match &first.kind {
        Kind::Cash(cash) if cash.cash_type == event::CashType::Deposit => Some(cash.amount),
        _ => None,
    }
}

/// How positions are counted where nothing else says it: by symbol if the first fill names no ticket.
pub(super) fn mode_of(first: &Event) -> PositionMode {
    match &first.kind {
        Kind::Fill(fill) if fill.position_id.is_none() => PositionMode::Netting,
        _ => PositionMode::Hedging,
    }
}

pub(super) fn symbol_of(kind: &Kind) -> Option<&str> {
    Some(match kind {
        Kind::Tick(tick) => &tick.symbol,
        Kind::Fill(fill) => &fill.symbol,
        Kind::Order(order) => &order.symbol,
        Kind::Position(position) => &position.symbol,
        _ => return None,
    })
}

/// What a symbol is by convention.
pub(super) fn conventional(symbol: &str) -> Option<event::Instrument> {
    standard_instrument(symbol).or_else(|| contract_month(symbol))
}

/// A contract month such as `MNQU6` or `ESZ13` is its product by convention.
fn contract_month(symbol: &str) -> Option<event::Instrument> {
    let root = symbol.trim_end_matches(|c: char| c.is_ascii_digit());
    let root = root.strip_suffix(['F', 'G', 'H', 'J', 'K', 'M', 'N', 'Q', 'U', 'V', 'X', 'Z']).filter(|_| root.len() < symbol.len())?;
    let instrument = standard_instrument(root)?;
    Some(event::Instrument { symbol: symbol.into(), root: Some(root.into()), ..instrument })
}

fn opening(ir: &Ir, plan: &str, input: &Input) -> Result<event::Open, String> {
    let row = ir.plans.names.iter().position(|name| name == plan).ok_or_else(|| {
        let known = ir.plans.names.iter().map(String::as_str);
        let same = known.clone().find(|known| known.eq_ignore_ascii_case(plan));
        let near = same.or_else(|| crate::check::nearest(plan, known)).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("the program has no plan `{plan}`: it has {}{near}", ir.plans.names.join(", "))
    })?;
    let size = ir.plans.columns.iter().position(|column| column.name == "size").map(|column| ir.plans.cells[row][column]);
    let start_balance = match size.map(|cell| &ir.expr(cell).kind) {
        Some(crate::ir::ExprKind::Constant(crate::ir::Constant::Decimal(size))) => *size,
        _ => Decimal::ZERO,
    };
    if let Some(phase) = &input.phase
        && ir.phase_named(phase).is_none()
    {
        let known: Vec<&str> = ir.phases.iter().map(|phase| phase.name.as_str()).collect();
        return Err(format!("the program has no phase `{phase}`: it has {}", known.join(", ")));
    }
    let mut options = BTreeMap::new();
    for (name, value) in &input.options {
        if !ir.options.iter().any(|option| option.name == *name) {
            let known: Vec<&str> = ir.options.iter().map(|option| option.name.as_str()).collect();
            return Err(format!("the program has no option `{name}`: it has {}", known.join(", ")));
        }
        let value = match value.as_str() {
            "yes" | "true" => FieldValue::Bool(true),
            "no" | "false" => FieldValue::Bool(false),
            text => FieldValue::Text(text.into()),
        };
        options.insert(name.clone(), value);
    }
    let currency =
        if ir.header.currency == Currency::ACCOUNT { Currency::new("USD").unwrap_or(Currency::ACCOUNT) } else { ir.header.currency };
    Ok(event::Open {
        program: ir.title.clone(),
        version: ir.header.version.clone(),
        plan: plan.into(),
        options,
        currency,
        start_balance,
        position_mode: PositionMode::Hedging,
        trader: input.reading.account.clone(),
        household: None,
        phase: input.phase.clone(),
        continues: None,
        purchased_at: Instant::default(),
        reset_at: None,
        price_paid: None,
        swap: event::SwapMode::InPosition,
    })
}
