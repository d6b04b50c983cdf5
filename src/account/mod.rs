//! One account under one program: a fold of its own events, of marks, and of time.
//!
//! It joins the ledger, the trading days and the compiled rules. Everything it keeps is in one
//! flat state that a snapshot writes: the same bytes on every machine. It reads no clock, and what
//! is due at an instant happens before the events of that instant.

mod asleep;
mod bands;
mod books;
mod carried;
mod chunk;
mod column;
mod corrections;
mod days;
mod extremes;
mod flow;
mod groups;
mod hand;
mod history;
mod intake;
mod locks;
mod marks;
mod migrate;
mod open;
mod opening;
mod orders;
mod packed;
mod payouts;
mod periods;
mod picture;
mod programs;
mod question;
mod report;
mod resolve;
mod rollback;
mod rules;
mod seen;
mod setting;
mod snapshot;
mod spans;
mod staff;
mod state;
mod summary;
mod symbols;
mod texts;
mod values;

use std::sync::Arc;

pub use asleep::{Earlier, Skipped};
pub use bands::{Band, Bands, Stream};
pub use flow::LONGEST_CHAIN;
pub use history::{History, Quotes, SleptMarks, ToldMark, marks_kept_for};
pub use locks::{Lock, LockedBy};
pub(crate) use marks::Mark;
pub use migrate::{DryRun, LONGEST_WAIT_DAYS, Migration, MigrationError};
pub use open::OpenPosition;
pub use orders::MAX_WORKING_ORDERS;
pub(crate) use packed::{Packed, Packer};
pub(crate) use programs::Programs;
pub use report::{GoalReport, LimitReport, PriceAnswer, RequirementReport};
pub use seen::REMEMBERED_IDS;
pub use texts::{MAX_TEXT_BYTES, MAX_TEXTS};

use bands::Rest;
use books::{Books, Facts, Told};
use hand::Hand;

use crate::calendar::TradingCalendar;
use crate::code::Program;
use crate::event::{Event, Kind, Open, PositionMode};
use crate::ir::{Ir, Setting};
use crate::ledger::{self, Ledger, MarkRule};
use crate::market::Market;
use crate::outcome::{Cause, Fault, FaultKind, Outcome};
use crate::syntax::ast::Marks;
use crate::value::{Fixed, Instant};
use crate::vm::view::{MISSING, NEVER};
use crate::vm::{Effects, Slots};

/// Why an account cannot be opened, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub String);

/// The answer to an event that no account can take.
fn refusal(name: &str, event: &Event, detail: String) -> Outcome {
    Outcome {
        account: name.into(),
        cause: Cause::Event(event.id.as_str().into()),
        at: event.at,
        verdict: None,
        actions: Vec::new(),
        changes: Vec::new(),
        faults: vec![Fault { kind: FaultKind::Inconsistent, rule: "".into(), line: 0, detail }],
        recomputed: None,
    }
}

/// The answer to a market-wide event that corrects another: what accounts made of it is past.
pub(crate) fn needs_history(event: &Event) -> Outcome {
    let mut outcome = refusal("", event, format!("event `{}` corrects an earlier event: recompute from an earlier snapshot", event.id));
    outcome.faults.iter_mut().for_each(|fault| fault.kind = FaultKind::NeedsHistory);
    outcome
}

/// One account under one program.
#[derive(Clone, Debug)]
pub struct Account {
    program: Arc<Program>,
    calendar: TradingCalendar,
    books: Books,
    slots: Slots,
    /// What the last outcome led to; cleared for each, kept for its room.
    effects: Effects,
    /// Whether this outcome ends as what a day is rolled back to.
    renews: bool,
    rest: Rest,
    /// The version that the event at hand names.
    offered: Option<Result<Arc<Migration>, MigrationError>>,
    /// The version that it is on its way to.
    going_to: Option<Arc<Migration>>,
}

impl Account {
    /// Opens an account by an `open` event. What follows at once, such as limits that are broken
    /// from the start, is told in the outcomes.
    ///
    /// # Errors
    /// When the event does not fit the program.
    pub fn open(program: Arc<Program>, market: &Market, event: &Event, outcomes: &mut Vec<Outcome>) -> Result<Self, OpenError> {
        let (Kind::Open(open), Some(name)) = (&event.kind, &event.account) else {
            return Err(OpenError("an account begins with an `open` event that names it".into()));
        };
        let mut texts = texts::Texts::default();
        let opening = opening::read(&program.ir, &mut texts, open).map_err(OpenError)?;
        let facts = Facts {
            account: name.as_str().into(),
            currency: opening.currency,
            plan_name: opening.plan_name,
            plan: Vec::new(),
            options: opening.options,
            opened_at: event.at.nanos(),
            purchased_at: open.purchased_at.nanos(),
            size: MISSING,
        };
        let kept = (program.ir.periods.len(), program.ir.groups.len());
        let books = Books::new(facts, new_ledger(&program, open), texts, event.at.nanos(), kept);
        let mut account = Self {
            calendar: calendar_of(&program.ir, market),
            slots: Slots::new(&program),
            books,
            effects: Effects::new(),
            renews: false,
            rest: Rest::default(),
            offered: None,
            going_to: None,
            program,
        };
        account.books.seen.remember(&event.id, event.seq);
        account.fill_plan(market, opening.plan)?;
        let schedules = account.program.clone();
        account.books.clock.begin(&account.calendar, &schedules.ir, event.at);
        let mut draft = account.draft(Some(&event.id));
        match opening.phase {
            Some(phase) => account.enter(market, false, phase, true, &mut draft),
            None => return Err(OpenError("the program has no phase: nothing could hold in it".into())),
        }
        let hand = Hand::default();
        account.settle(market, &hand, &mut draft, 0, None);
        account.conclude(market, &hand, draft, outcomes);
        Ok(account)
    }

    /// The account's key.
    pub fn name(&self) -> &str {
        &self.books.facts.account
    }

    /// The account's key, shared.
    pub(crate) fn shared_name(&self) -> Arc<str> {
        self.books.facts.account.clone()
    }

    /// The program it is bound to.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The next instant at which something is due.
    pub fn next_due(&self) -> Option<Instant> {
        (self.books.due != NEVER).then(|| Instant::from_nanos(self.books.due))
    }

    /// How many events were ignored because they had been applied before.
    pub fn duplicates(&self) -> u64 {
        self.books.seen.duplicates()
    }

    /// The number of the event that reached it last, as evidence counts them; the opening is 1.
    pub fn events(&self) -> u64 {
        self.books.ordinal
    }

    /// The ledger: positions, balance, equity.
    pub fn ledger(&self) -> &Ledger {
        &self.books.ledger
    }

    /// How many orders wait.
    pub fn working_orders(&self) -> usize {
        self.books.orders.working().len()
    }

    /// The locks in force.
    pub fn locks(&self) -> &[Lock] {
        self.books.locks.held()
    }

    /// The name of the phase it is in.
    pub fn phase(&self) -> &str {
        self.books.phase_name(&self.program.ir)
    }

    /// Takes the exchange calendar as the market has it now; it holds from the next edge on.
    pub fn calendar_changed(&mut self, market: &Market) {
        self.calendar = calendar_of(&self.program.ir, market);
        self.books.clock.look_again(&self.calendar, &self.program.ir, self.books.at());
        self.look_again_at_spans();
        self.refresh_due();
    }

    /// Evaluates what is evaluated once at opening: defaults, then the plan's cells in column order.
    fn fill_plan(&mut self, market: &Market, plan: usize) -> Result<(), OpenError> {
        let program = self.program.clone();
        let ir = &program.ir;
        for (at, option) in ir.options.iter().enumerate() {
            if self.books.facts.options.get(at) == Some(&MISSING) {
                let value = self.default_of(market, "option", option)?;
                if let Some(slot) = self.books.facts.options.get_mut(at) {
                    *slot = value;
                }
            }
        }
        for (column, cell) in ir.plans.columns.iter().zip(ir.plans.cells.get(plan).map_or(&[][..], Vec::as_slice)) {
            let value = self.value_of(market, &Hand::default(), *cell);
            let value = value.map_err(|_| OpenError(format!("column `{}` of the plan cannot be computed", column.name)))?;
            if column.name == "size" {
                self.books.facts.size = value;
            }
            self.books.facts.plan.push(value);
        }
        for input in &ir.inputs {
            let value = self.default_of(market, "input", input)?;
            self.books.inputs.push(Told { value, at: NEVER });
        }
        Ok(())
    }

    fn default_of(&self, market: &Market, what: &str, setting: &Setting) -> Result<i64, OpenError> {
        let Some(default) = setting.default else { return Ok(MISSING) };
        let value = self.value_of(market, &Hand::default(), default);
        value.map_err(|_| OpenError(format!("the default of {what} `{}` cannot be computed", setting.name)))
    }
}

fn new_ledger(program: &Program, open: &Open) -> Ledger {
    let mode = match open.position_mode {
        PositionMode::Netting => ledger::PositionMode::Netting,
        PositionMode::Hedging => ledger::PositionMode::Hedging,
    };
    Ledger::new(mode, mark_rule(&program.ir), capacity(program, mode), Fixed::from(open.start_balance))
}

/// How many positions are kept: what is kept for each has as many places as there are tickets at most.
fn capacity(program: &Program, mode: ledger::PositionMode) -> usize {
    let limits = &program.limits;
    match mode {
        ledger::PositionMode::Netting => limits.netted.min(limits.positions),
        ledger::PositionMode::Hedging => limits.positions,
    }
}

/// What a program marks positions at.
const fn mark_rule(ir: &Ir) -> MarkRule {
    match ir.header.marks {
        Marks::Last => MarkRule::Last,
        Marks::Mid => MarkRule::Mid,
        Marks::ExitSide => MarkRule::ExitSide,
    }
}

/// The program's trading days with the exchange calendar that the market knows by its name.
fn calendar_of(ir: &Ir, market: &Market) -> TradingCalendar {
    let holidays = ir.header.calendar.as_deref().and_then(|name| market.calendar(name)).cloned();
    TradingCalendar { rule: ir.header.day, holidays, week_starts: ir.header.week }
}
