//! What is kept of each account while a run goes on, for its report.

use std::collections::BTreeMap;

use super::series::{Point, Series};
use crate::engine::{AccountRef, Engine, LimitReport};
use crate::event::Event;
use crate::ir::{ExprId, ExprKind, Invariant, Ir, Node, NodeKind};
use crate::outcome::{Action, ActionKind, Change, Evidence, Outcome, Verdict};
use crate::syntax::ast::Bound;
use crate::value::{Decimal, Instant, Value};
use crate::vocabulary::{AccountField, Moment};

/// How many decisions of an account are listed; of those beyond it is told how many there were.
const MOST_DECISIONS: usize = 5_000;

/// Puts an outcome into words, one line for each thing that was decided.
pub type Words = fn(&Ir, &Outcome) -> Vec<String>;

/// What happened to accounts, as it is needed for a report.
pub struct Recorder<'a> {
    ir: &'a Ir,
    words: Words,
    accounts: BTreeMap<String, Record>,
}

/// What happened to an account.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Its equity.
    pub equity: Series,
    /// Its balance.
    pub balance: Series,
    /// Its floors and money limits, by their titles: at which equity, or balance, each is broken.
    pub lines: BTreeMap<String, Series>,
    /// How much of each symbol is held, by symbol; short is negative.
    pub positions: BTreeMap<String, Series>,
    /// Its days, in order.
    pub days: Vec<Day>,
    /// What was decided, in order.
    pub decisions: Vec<Decision>,
    /// How many more decisions there were.
    pub untold: u64,
    /// How it stands at the end, as the engine keeps it.
    pub phase: String,
    due: Option<Instant>,
    held: bool,
}

/// A trading day of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// Its date.
    pub date: String,
    /// The phase it was in.
    pub phase: String,
    /// Equity at the start, highest, lowest, at the end (as it stands, while the day runs).
    pub equity: [Value; 4],
    /// What was booked.
    pub profit: Value,
    /// How many trades were completed.
    pub trades: Value,
}

/// What a decision is about, from what matters most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// A limit was breached.
    Breach,
    /// Something could not be decided.
    Fault,
    /// A phase was entered, a goal reached or lost.
    Phase,
    /// A message, or a request to look.
    Warning,
    /// An order or payout was answered.
    Answer,
    /// Anything else that was done.
    Action,
}

impl Day {
    /// Takes a value of equity in. Where the phase ends with it, the day that runs ends there too.
    fn stands_at(&mut self, equity: &Value) {
        let Value::Money(now, _) = equity else { return };
        let [_, highest, lowest, end] = &mut self.equity;
        if matches!(highest, Value::Money(known, _) if *known < *now) {
            *highest = equity.clone();
        }
        if matches!(lowest, Value::Money(known, _) if *known > *now) {
            *lowest = equity.clone();
        }
        *end = equity.clone();
    }
}

impl Matter {
    /// Its word.
    pub const fn word(self) -> &'static str {
        ["breach", "fault", "phase", "warning", "answer", "action"][self as usize]
    }
}

/// Something that was decided.
#[derive(Clone, Debug)]
pub struct Decision {
    /// When.
    pub at: Instant,
    /// What it is about.
    pub matter: Matter,
    /// What a mark in a chart says.
    pub title: String,
    /// What was decided and why, line by line.
    pub lines: Vec<String>,
    /// Words and values that mattered.
    pub evidence: Vec<(String, String)>,
}

impl<'a> Recorder<'a> {
    /// A recorder of runs of a program, which says decisions in these words.
    pub fn new(ir: &'a Ir, words: Words) -> Self {
        Self { ir, words, accounts: BTreeMap::new() }
    }

    /// The accounts, by name.
    pub const fn accounts(&self) -> &BTreeMap<String, Record> {
        &self.accounts
    }

    /// The program.
    pub const fn ir(&self) -> &Ir {
        self.ir
    }

    /// Keeps what an event led to. Where the engine's clock was brought to each due instant before it, the
    /// days are told as they end.
    pub fn event(&mut self, engine: &Engine, event: &Event, outcomes: &[Outcome]) {
        self.after(engine, event.at, event.account.as_deref(), outcomes);
    }

    /// Keeps what time alone led to.
    pub fn time(&mut self, engine: &Engine, at: Instant, outcomes: &[Outcome]) {
        self.after(engine, at, None, outcomes);
    }

    /// Looks at each account as it stands at the end.
    pub fn finish(&mut self, engine: &Engine) {
        for account in engine.accounts() {
            if let Some(record) = self.accounts.get_mut(account.name())
                && let Some(last) = record.equity.last()
            {
                record.look(account, last.at);
            }
        }
    }

    fn after(&mut self, engine: &Engine, at: Instant, of: Option<&str>, outcomes: &[Outcome]) {
        for account in engine.accounts() {
            let decided = outcomes.iter().any(|outcome| *outcome.account == *account.name() && !outcome.is_quiet());
            let known = self.accounts.get(account.name());
            let is_due = known.is_none_or(|record| record.due.is_some_and(|due| due <= at));
            let is_own = of == Some(account.name());
            if !(decided || is_due || is_own || known.is_some_and(|record| record.held)) {
                continue;
            }
            let record = self.accounts.entry(account.name().to_owned()).or_default();
            record.sample(self.ir, account, at, outcomes);
            if decided || is_due || is_own {
                record.look(account, at);
            }
        }
        for outcome in outcomes.iter().filter(|outcome| !outcome.is_quiet()) {
            if let Some(record) = self.accounts.get_mut(&*outcome.account) {
                record.decide(self.ir, outcome, self.words);
            }
        }
    }
}

impl Record {
    /// Money and lines as they stand.
    fn sample(&mut self, ir: &Ir, account: AccountRef<'_>, at: Instant, outcomes: &[Outcome]) {
        let status = account.status();
        let (equity, balance) = (number(&status.equity), number(&status.balance));
        self.equity.push(Point { at, value: equity });
        self.balance.step(Point { at, value: balance });
        if let Some(day) = self.days.last_mut() {
            day.stands_at(&status.equity);
        }
        self.held = status.positions > 0;
        self.due = status.next_due;
        let mut lines: BTreeMap<String, Option<Decimal>> = BTreeMap::new();
        for report in account.limits() {
            if let Some(level) = standing(ir, &status.phase, &report, [equity, balance]) {
                lines.insert(report.title.to_string(), Some(level));
            }
        }
        for (name, value) in account.floors() {
            if !bounds_limit(ir, &status.phase, &name) {
                lines.insert(name.replace('_', " "), number(&value));
            }
        }
        // A line that is no longer in force ends there; where a breach ended it, at the level that was broken.
        let own = outcomes.iter().filter(|outcome| *outcome.account == *account.name());
        let broken: BTreeMap<&str, Decimal> =
            own.flat_map(|outcome| &outcome.changes).filter_map(|change| broken(ir, &self.phase, change, [equity, balance])).collect();
        for (name, series) in &mut self.lines {
            if !lines.contains_key(name) {
                series.end(at, broken.get(name.as_str()).copied());
            }
        }
        for (name, value) in lines {
            self.lines.entry(name).or_default().step(Point { at, value });
        }
    }

    /// Days and positions as they stand.
    fn look(&mut self, account: AccountRef<'_>, at: Instant) {
        let state = account.state();
        let read = |name: &str| state.get(name).cloned().unwrap_or(Value::Missing);
        account.account().phase().clone_into(&mut self.phase);
        if !matches!(read("last day.date"), Value::Missing) {
            self.day("last day.", "close_equity", &read);
        }
        self.day("day.", "", &read);
        let mut held: BTreeMap<String, Decimal> = BTreeMap::new();
        for (name, symbol) in &state {
            let Some(serial) = name.strip_prefix("position ").and_then(|rest| rest.strip_suffix(".symbol")) else { continue };
            let Value::Quantity(quantity, _) = read(&format!("position {serial}.quantity")) else { continue };
            let short = read(&format!("position {serial}.side")).to_string() == "short";
            let sum = held.entry(symbol.to_string()).or_default();
            *sum = sum.add(if short { quantity.neg() } else { quantity }).unwrap_or(*sum);
        }
        for (symbol, series) in &mut self.positions {
            if !held.contains_key(symbol) {
                series.step(Point { at, value: Some(Decimal::ZERO) });
            }
        }
        for (symbol, quantity) in held {
            self.positions.entry(symbol).or_default().step(Point { at, value: Some(quantity) });
        }
    }

    /// Takes a day in, in the place of what was known of it.
    fn day(&mut self, prefix: &str, end: &str, read: &dyn Fn(&str) -> Value) {
        let of = |field: &str| read(&format!("{prefix}{field}"));
        let now = if end.is_empty() { read("equity") } else { of(end) };
        let day = Day {
            date: of("date").to_string(),
            phase: self.phase.clone(),
            equity: [of("start_equity"), of("high_equity"), of("low_equity"), now],
            profit: of("profit"),
            trades: of("closed"),
        };
        let is_last = prefix != "day.";
        let known = self.days.iter().rposition(|known| known.date == day.date && (is_last || known.phase == day.phase));
        match known {
            Some(at) => {
                let phase = self.days[at].phase.clone();
                self.days[at] = Day { phase, ..day };
            }
            None => self.days.push(day),
        }
    }

    fn decide(&mut self, ir: &Ir, outcome: &Outcome, words: Words) {
        if self.decisions.len() >= MOST_DECISIONS {
            self.untold += 1;
            return;
        }
        let (matter, title) = matter(outcome);
        self.decisions.push(Decision { at: outcome.at, matter, title, lines: words(ir, outcome), evidence: evidence(ir, outcome) });
    }
}

/// What an outcome is about: the gravest of what it holds, and its title.
fn matter(outcome: &Outcome) -> (Matter, String) {
    let changes = outcome.changes.iter().filter_map(|change| match change {
        Change::Breach { limit, .. } => Some((Matter::Breach, limit.to_string())),
        Change::Entered { to, .. } => Some((Matter::Phase, format!("phase {to}"))),
        Change::Reached { goal, .. } => Some((Matter::Phase, format!("{goal} reached"))),
        Change::Lost { goal, .. } => Some((Matter::Phase, format!("{goal} lost"))),
        Change::PayoutReachesFloor { floor, .. } => Some((Matter::Warning, format!("the payout reaches {floor}"))),
        Change::Migrated { to, .. } => Some((Matter::Phase, format!("version {to}"))),
        Change::Cured { .. } | Change::Locked { .. } | Change::Migrates { .. } => None,
    });
    let faults = outcome.faults.iter().map(|fault| (Matter::Fault, fault.to_string()));
    let actions = outcome.actions.iter().map(|action| match &action.kind {
        ActionKind::Notify { message, .. } | ActionKind::Review { message } => (Matter::Warning, message.clone()),
        other => (Matter::Action, format!("{} by {}", other.words(), action.rule)),
    });
    let answers = outcome.verdict.iter().map(|verdict| (Matter::Answer, verdict_word(verdict).to_owned()));
    // The first of the gravest: later ones of the same kind follow from it.
    let all: Vec<(Matter, String)> = changes.chain(faults).chain(actions).chain(answers).collect();
    all.into_iter().reduce(|best, next| if next.0 < best.0 { next } else { best }).unwrap_or((Matter::Action, String::new()))
}

const fn verdict_word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "order allowed",
        Verdict::Reduce { .. } => "order reduced",
        Verdict::Reject { .. } => "order refused",
        Verdict::Approve(_) => "payout approved",
        Verdict::Deny { .. } => "payout denied",
        Verdict::Review { .. } => "payout in review",
    }
}

/// All words and values of an outcome that mattered, each once.
fn evidence(ir: &Ir, outcome: &Outcome) -> Vec<(String, String)> {
    let of_changes = outcome.changes.iter().flat_map(|change| match change {
        Change::Breach { evidence, .. } => evidence.values.as_slice(),
        _ => &[],
    });
    let of_actions = outcome.actions.iter().flat_map(|action: &Action| &action.evidence.values);
    let of_verdict = outcome.verdict.iter().flat_map(|verdict| match verdict {
        Verdict::Reduce { reasons, .. } | Verdict::Reject { reasons } | Verdict::Deny { reasons, .. } | Verdict::Review { reasons, .. } => {
            reasons.iter().flat_map(|reason| &reason.evidence).collect::<Vec<&Evidence>>()
        }
        Verdict::Allow | Verdict::Approve(_) => Vec::new(),
    });
    let mut found: Vec<(String, String)> = Vec::new();
    for evidence in of_changes.chain(of_actions).chain(of_verdict) {
        let pair = (evidence.text.to_string(), ir.header.day.zone.words(&evidence.value));
        if !found.contains(&pair) {
            found.push(pair);
        }
    }
    found
}

/// At which equity or balance a limit is broken, as it stands.
fn standing(ir: &Ir, phase: &str, report: &LimitReport, money: [Option<Decimal>; 2]) -> Option<Decimal> {
    if !report.in_force || report.instance != 0 {
        return None;
    }
    let (Value::Money(right, _), Value::Money(headroom, _)) = (&report.right, &report.headroom) else { return None };
    level(ir, limit(ir, phase, &report.title)?, [*right, *headroom], money)
}

/// At which equity or balance a limit was broken, by its title: after the breach its sides may be others.
fn broken<'o>(ir: &Ir, phase: &str, change: &'o Change, money: [Option<Decimal>; 2]) -> Option<(&'o str, Decimal)> {
    let Change::Breach { limit: title, instance: 0, evidence, .. } = change else { return None };
    let node = limit(ir, phase, title)?;
    let NodeKind::Limit(limit) = &node.kind else { return None };
    let Invariant::Stays { left, right, bound, .. } = limit.invariant else { return None };
    let side = |side: ExprId| {
        let (text, _) = node.evidence.iter().find(|(_, of)| *of == side)?;
        number(&evidence.values.iter().find(|known| *known.text == **text)?.value)
    };
    let (left, right) = (side(left)?, side(right)?);
    let headroom = match bound {
        Bound::Above | Bound::AtOrAbove => left.sub(right),
        Bound::Below | Bound::AtOrBelow => right.sub(left),
    };
    Some((title, level(ir, node, [right, headroom.ok()?], money)?))
}

/// A limit of a phase, by its title.
fn limit<'i>(ir: &'i Ir, phase: &str, title: &str) -> Option<&'i Node> {
    let own = |node: &&Node| matches!(node.kind, NodeKind::Limit(_)) && node.name == title && in_force(ir, node.phase, phase);
    ir.nodes.iter().find(own)
}

/// Where the left side of a limit is equity or balance, its bound; else that which is farther away by the room left.
fn level(ir: &Ir, limit: &Node, [right, headroom]: [Decimal; 2], [equity, balance]: [Option<Decimal>; 2]) -> Option<Decimal> {
    let NodeKind::Limit(limit) = &limit.kind else { return None };
    let Invariant::Stays { left, bound, .. } = limit.invariant else { return None };
    let left = ir.expr(left);
    if matches!(left.kind, ExprKind::Account(AccountField::Equity | AccountField::Balance)) {
        return Some(right);
    }
    let from = if left.moments.iter().any(|moment| moment == Moment::Mark) { equity } else { balance }?;
    match bound {
        Bound::Above | Bound::AtOrAbove => from.sub(headroom).ok(),
        Bound::Below | Bound::AtOrBelow => from.add(headroom).ok(),
    }
}

/// Whether a floor is the bound of a limit of the phase, which is drawn for it.
fn bounds_limit(ir: &Ir, phase: &str, floor: &str) -> bool {
    ir.nodes.iter().any(|node| match &node.kind {
        NodeKind::Limit(limit) if in_force(ir, node.phase, phase) => match limit.invariant {
            Invariant::Stays { right, .. } => matches!(ir.expr(right).kind, ExprKind::Node(of) if ir.node(of).name == floor),
            Invariant::Never(_) => false,
        },
        _ => false,
    })
}

fn in_force(ir: &Ir, of: Option<crate::ir::PhaseId>, phase: &str) -> bool {
    of.is_none_or(|of| ir.phase(of).name == phase)
}

const fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Money(number, _) | Value::Number(number) => Some(*number),
        _ => None,
    }
}
