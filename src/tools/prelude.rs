//! What must come before events: accounts that no event opens are opened as the command says, and symbols that no
//! event describes are what they are by convention.

use std::collections::{BTreeMap, BTreeSet};

use super::input::{Accounts, Reading};
use crate::event::{self, Event, FieldValue, Kind, PositionMode};
use crate::ir::Ir;
use crate::scenario::standard_instrument;
use crate::value::{Currency, Decimal, Instant};

/// What was opened and described so far.
#[derive(Clone, Debug)]
pub(super) struct Prelude {
    opening: Option<event::Open>,
    mode: Option<PositionMode>,
    accounts: BTreeSet<String>,
    symbols: BTreeSet<String>,
}

/// What an event comes to.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// These come first.
    pub(super) events: Vec<Event>,
    /// Whether they stand for the event too: a statement's first deposit is the opening.
    pub(super) instead: bool,
}

impl Prelude {
    /// A prelude that opens accounts as the arguments say, and positions as a statement counts them.
    pub(super) fn new(ir: &Ir, accounts: &Accounts, reading: &Reading, mode: Option<PositionMode>) -> Result<Self, String> {
        let opening = match &accounts.plan {
            None => None,
            Some(plan) => Some(opening(ir, plan, accounts, reading)?),
        };
        Ok(Self { opening, mode, accounts: BTreeSet::new(), symbols: BTreeSet::new() })
    }

    /// The same where a statement counts positions in another way, beside a market that describes symbols itself.
    pub(super) fn beside(&self, described: &BTreeSet<String>, mode: Option<PositionMode>) -> Self {
        Self { mode, symbols: described.clone(), ..self.clone() }
    }

    /// What comes before an event.
    ///
    /// # Errors
    /// When an account is not open and no plan was said.
    pub(super) fn before(&mut self, event: &Event) -> Result<Before, String> {
        let mut before = Before::default();
        before.events.extend(symbol_of(&event.kind).and_then(|symbol| self.describe(symbol, event.at)));
        match (&event.kind, &event.account) {
            (Kind::Instrument(instrument), _) => {
                self.symbols.insert(instrument.symbol.clone());
            }
            (Kind::Open(_), Some(account)) => {
                self.accounts.insert(account.clone());
            }
            (_, Some(account)) if !self.accounts.contains(account) => {
                before.events.push(self.open(account, event)?);
                before.instead = first_deposit(event).is_some();
            }
            _ => {}
        }
        Ok(before)
    }

    fn describe(&mut self, symbol: &str, at: Instant) -> Option<Event> {
        if !self.symbols.insert(symbol.to_owned()) {
            return None;
        }
        let instrument = conventional(symbol)?;
        Some(Event::new(format!("convention-{symbol}"), None, at, Kind::Instrument(instrument)))
    }

    fn open(&mut self, account: &str, first: &Event) -> Result<Event, String> {
        let opening =
            self.opening.clone().ok_or_else(|| format!("no `open` event opens the account `{account}`: say its plan with --plan"))?;
        self.accounts.insert(account.to_owned());
        let position_mode = self.mode.unwrap_or_else(|| mode_of(first));
        let start_balance = first_deposit(first).unwrap_or(opening.start_balance);
        let opening = event::Open { purchased_at: first.at, position_mode, start_balance, ..opening };
        Ok(Event::new("opened-by-command", Some(account), first.at, Kind::Open(opening)))
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

fn opening(ir: &Ir, plan: &str, accounts: &Accounts, reading: &Reading) -> Result<event::Open, String> {
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
    if let Some(phase) = &accounts.phase
        && ir.phase_named(phase).is_none()
    {
        let known: Vec<&str> = ir.phases.iter().map(|phase| phase.name.as_str()).collect();
        return Err(format!("the program has no phase `{phase}`: it has {}", known.join(", ")));
    }
    let mut options = BTreeMap::new();
    for (name, value) in &accounts.options {
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
        trader: reading.account.clone(),
        household: None,
        phase: accounts.phase.clone(),
        continues: None,
        purchased_at: Instant::default(),
        reset_at: None,
        price_paid: None,
        swap: event::SwapMode::InPosition,
    })
}
