//! Worked examples: an account is opened, brought to a limit and past it, and what the engine
//! answers is written down.

use std::sync::Arc;

use super::Text;
use super::bench::{Opening, Stand};
use super::model::{Example, Table};
use super::text::{say, spaced};
use super::voice::{Voice, duration, shown};
use crate::code::Program;
use crate::engine::LimitReport;
use crate::event::FieldValue;
use crate::ir::{ExprId, Invariant, Ir, Limit, Node, Per};
use crate::outcome::{Change, Verdict};
use crate::syntax::ast::Bound;
use crate::value::{Currency, Decimal, NANOS_PER_SECOND, Type, Unit, Value};

/// Where examples are computed: a program and what its accounts are opened with.
pub(super) struct Bench<'a> {
    /// The program.
    pub(super) program: &'a Arc<Program>,
    /// The plan of worked examples.
    pub(super) plan: String,
    /// Whether the page is of that plan alone.
    pub(super) of_plan: bool,
}

/// How an account is brought to a limit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// By open positions.
    Open,
    /// By a closed trade.
    Closed,
    /// By so many closed trades, one after the other or one a day, all but the last of whole amounts.
    Trades(u8, Spread),
}

/// When trades are closed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spread {
    OneDay,
    Days,
}

/// In one go.
const PLAIN: [By; 2] = [By::Open, By::Closed];

/// The ways to a limit, the plainest first. Where one breaks another limit on the way, a later one is taken.
fn ways() -> impl Iterator<Item = By> {
    let in_a_day = (2..=5).map(|trades| By::Trades(trades, Spread::OneDay));
    let by_days = (2..=10).map(|trades| By::Trades(trades, Spread::Days));
    PLAIN.into_iter().chain(in_a_day).chain(by_days)
}

/// What each trade but the last one brings.
fn part(amount: Decimal, trades: u8) -> Option<Decimal> {
    Some(amount.div(Decimal::from(i32::from(trades))).ok()?.truncated(0)).filter(|part| !part.is_zero())
}

/// What came of it.
struct Tried {
    report: Option<LimitReport>,
    breached: bool,
    others: Vec<String>,
    follows: Vec<Text>,
    equity: Option<Value>,
}

impl Bench<'_> {
    fn ir(&self) -> &Ir {
        &self.program.ir
    }

    /// What accounts of a node's phase are opened with.
    fn opening(&self, node: &Node, plan: &str) -> Opening {
        let phase = node.phase.map(|phase| self.ir().phase(phase).name.clone());
        Opening { plan: plan.to_owned(), phase, ..Opening::default() }
    }

    /// An example of a limit, where one can be computed.
    pub(super) fn of_limit(&self, voice: &Voice<'_>, node: &Node, limit: &Limit) -> Option<Example> {
        let Invariant::Stays { left, bound, right, .. } = limit.invariant else { return None };
        if node.per != Per::Account || node.phase.is_some_and(|phase| self.ir().phase(phase).standing) {
            return None;
        }
        let (opening, report) = self.in_force(node)?;
        let steps = match self.ir().expr(left).ty {
            Type::Money(_) if limit.clock.is_none() && limit.lasting.is_none() => {
                self.of_money(voice, node, &opening, &report, (left, bound))?
            }
            Type::Quantity(_) => self.of_quantity(voice, node, limit, &opening, right)?,
            _ => return None,
        };
        Some(Example { title: self.title(&opening), cites: Vec::new(), steps })
    }

    /// Where a limit stands as an account of the page's only plan starts.
    pub(super) fn at_start(&self, node: &Node) -> Option<Text> {
        if !self.of_plan || node.per != Per::Account {
            return None;
        }
        let report = Stand::open(self.program, &self.opening(node, &self.plan))?.limit(&node.name)?;
        if !report.in_force {
            return Some("It is not in force as the account starts".into());
        }
        matches!(report.right, Value::Money(..)).then(|| say!["As the account starts, the bound is ", Text::figure(shown(&report.right))])
    }

    fn title(&self, opening: &Opening) -> Text {
        let mut title = say!["Worked example: plan ", Text::strong(opening.plan.as_str())];
        if let Some(phase) = &opening.phase {
            title.push(say![", phase ", super::voice::phase_named(self.ir(), phase)]);
        }
        for (name, value) in &opening.options {
            title.push(say![", ", spaced(name), " = ", chosen(value)]);
        }
        title
    }

    /// An account in which the limit is in force: as it is bought, or with one option chosen otherwise.
    fn in_force(&self, node: &Node) -> Option<(Opening, LimitReport)> {
        let plain = self.opening(node, &self.plan);
        let tried = |opening: Opening| {
            let report = Stand::open(self.program, &opening)?.limit(&node.name)?;
            (report.in_force && !report.broken).then_some((opening, report))
        };
        tried(plain.clone()).or_else(|| {
            self.choices().find_map(|(name, value)| {
                let mut opening = plain.clone();
                opening.options.insert(name, value);
                tried(opening)
            })
        })
    }

    fn choices(&self) -> impl Iterator<Item = (String, FieldValue)> {
        self.ir().options.iter().flat_map(|option| {
            let values = match &option.ty {
                Type::Bool => vec![FieldValue::Bool(true), FieldValue::Bool(false)],
                Type::OneOf(words) => words.iter().map(|word| FieldValue::Text(word.clone())).collect(),
                _ => Vec::new(),
            };
            values.into_iter().map(|value| (option.name.clone(), value))
        })
    }

    fn of_money(
        &self,
        voice: &Voice<'_>,
        node: &Node,
        opening: &Opening,
        report: &LimitReport,
        (left, bound): (ExprId, Bound),
    ) -> Option<Vec<Text>> {
        let (Value::Money(from, currency), Value::Money(room, _)) = (&report.left, &report.headroom) else { return None };
        if room.is_negative() || room.is_zero() {
            return None;
        }
        let cent = Decimal::from(1).div(Decimal::from(10_i32.pow(u32::from(currency.minor_digits())))).ok()?;
        let loses = matches!(bound, Bound::Above | Bound::AtOrAbove);
        let amount = |more: Decimal| room.add(more).ok().map(|amount| if loses { amount.neg() } else { amount });
        let tried = |by: By, more: Decimal| amount(more).and_then(|amount| self.tried(voice, node, opening, by, amount));
        let leads_there = |by: &By| {
            let expected = amount(Decimal::ZERO).and_then(|amount| from.add(amount).ok());
            // A limit that was broken once a day may be out of force by then: its left side is still told.
            let moved = tried(*by, Decimal::ZERO).and_then(|tried| tried.report);
            moved.is_some_and(|moved| matches!(moved.left, Value::Money(left, _) if Some(left) == expected))
        };
        // What holds and what breaks: at the bound and beyond it, or before it and at it.
        let edge = |by: By| {
            let at = tried(by, Decimal::ZERO)?;
            Some(if at.breached { (cent.neg(), Decimal::ZERO) } else { (Decimal::ZERO, cent) })
        };
        let alone = |by: &By| {
            let sides = edge(*by).and_then(|(holds, breaks)| Some((tried(*by, holds)?, tried(*by, breaks)?)));
            sides.is_some_and(|(holds, breaks)| !holds.breached && breaks.breached && holds.others.is_empty() && breaks.others.is_empty())
        };
        let by = ways().find(alone).or_else(|| PLAIN.into_iter().find(leads_there));
        let mut steps = vec![self.begins(voice, opening, report, left)?];
        let by = by.or_else(|| self.breaks_at(voice, node, opening, amount(cent)?))?;
        let (holds, breaks) = edge(by)?;
        for more in [holds, breaks] {
            steps.push(step(by, &Value::Money(amount(more)?, *currency), &tried(by, more)?));
        }
        Some(steps)
    }

    /// A limit whose left side leaves force with its account shows nothing but its breach.
    fn breaks_at(&self, voice: &Voice<'_>, node: &Node, opening: &Opening, amount: Decimal) -> Option<By> {
        let breaks = |by: &By| self.tried(voice, node, opening, *by, amount).is_some_and(|tried| tried.breached);
        PLAIN.into_iter().find(breaks)
    }

    fn begins(&self, voice: &Voice<'_>, opening: &Opening, report: &LimitReport, left: ExprId) -> Option<Text> {
        let (balance, _) = Stand::open(self.program, opening)?.money()?;
        let value = voice.noun(voice.expr(left).ok()?).ok()?;
        Some(
            say![
                "The account starts with a balance of ",
                Text::figure(shown(&balance)),
                ". Then ",
                value,
                " is ",
                Text::figure(shown(&report.left)),
                " and the bound is ",
                Text::figure(shown(&report.right)),
                ", which leaves ",
                Text::figure(shown(&report.headroom)),
            ]
            .sentence(),
        )
    }

    fn tried(&self, voice: &Voice<'_>, node: &Node, opening: &Opening, by: By, amount: Decimal) -> Option<Tried> {
        let mut stand = Stand::open(self.program, opening)?;
        match by {
            By::Open => stand.float(amount)?,
            By::Closed => stand.trade(amount)?,
            By::Trades(trades, spread) => {
                let each = part(amount, trades)?;
                for _ in 1..trades {
                    stand.trade(each)?;
                    match spread {
                        Spread::OneDay => stand.wait(60 * NANOS_PER_SECOND),
                        Spread::Days => stand.next_day(),
                    }
                }
                stand.trade(amount.sub(each.mul(Decimal::from(i32::from(trades) - 1)).ok()?).ok()?)?;
            }
        }
        Some(outcome(voice, node, &stand))
    }

    fn of_quantity(&self, voice: &Voice<'_>, node: &Node, limit: &Limit, opening: &Opening, right: ExprId) -> Option<Vec<Text>> {
        let report = Stand::open(self.program, opening)?.limit(&node.name)?;
        let Value::Quantity(most, unit) = &report.right else { return None };
        let unit = unit.or(super::voice::unit_of(&self.ir().expr(right).ty))?;
        let (symbol, price, one) = traded(unit)?;
        let mut steps = vec![say!["The bound is ", Text::figure(shown(&Value::Quantity(*most, Some(unit)))), " when the account starts."]];
        for quantity in [*most, most.add(one).ok()?] {
            if quantity.is_zero() {
                continue;
            }
            let words = Text::figure(format!("{} of {symbol}", shown(&Value::Quantity(quantity, Some(unit)))));
            let mut stand = Stand::open(self.program, opening)?;
            if limit.refuses || limit.reduces {
                let verdict = stand.order(symbol, quantity, price)?;
                steps.push(say!["An order to buy ", words, " is ", answered(&verdict, unit)?]);
            } else {
                stand.enter(symbol, quantity, price)?;
                stand.wait(limit.lasting.unwrap_or(0).saturating_add(1));
                let lasting = limit.lasting.map_or_else(Text::default, |nanos| say![" for more than ", Text::figure(duration(nanos))]);
                let tried = outcome(voice, node, &stand);
                steps.push(say!["With ", words, " open", lasting, ", ", verdict_of(&tried)].sentence());
            }
        }
        Some(steps)
    }

    /// Where a limit stands as accounts of each plan start.
    pub(super) fn by_plan(&self, node: &Node, limit: &Limit) -> Option<Table> {
        let Invariant::Stays { .. } = limit.invariant else { return None };
        if node.per != Per::Account || self.of_plan || self.ir().plans.names.len() < 2 {
            return None;
        }
        let options = self.in_force(node).map(|(opening, _)| opening.options).unwrap_or_default();
        let unit = match limit.invariant {
            Invariant::Stays { right, .. } => super::voice::unit_of(&self.ir().expr(right).ty),
            Invariant::Never(_) => None,
        };
        let counted = |value: &Value| match value {
            Value::Quantity(number, None) => shown(&Value::Quantity(*number, unit)),
            other => shown(other),
        };
        let mut rows = Vec::new();
        for plan in &self.ir().plans.names {
            let opening = Opening { options: options.clone(), ..self.opening(node, plan) };
            let report = Stand::open(self.program, &opening)?.limit(&node.name)?;
            let cells =
                if report.in_force { [counted(&report.right), counted(&report.headroom)] } else { ["not in force".into(), "—".into()] };
            rows.push(std::iter::once(Text::from(plan)).chain(cells.map(Text::figure)).collect());
        }
        if rows.iter().all(|row: &Vec<Text>| row.get(1).is_some_and(|cell| cell.to_string() == "not in force")) {
            return None;
        }
        let head = vec![("plan".to_owned(), false), ("bound".to_owned(), true), ("room".to_owned(), true)];
        let anchors = vec![None; rows.len()];
        let mut caption = say!["As accounts start"];
        for (name, value) in &options {
            caption.push(format!(", {} = {}", spaced(name), chosen(value)));
        }
        Some(Table { anchor: None, caption, head, rows, anchors })
    }
}

/// What was decided of a limit, and how it stands.
fn outcome(voice: &Voice<'_>, node: &Node, stand: &Stand) -> Tried {
    let changes = stand.decided.iter().flat_map(|outcome| &outcome.changes);
    let breaches: Vec<&str> = changes
        .filter_map(|change| match change {
            Change::Breach { limit, .. } => Some(&**limit),
            _ => None,
        })
        .collect();
    let actions = stand.decided.iter().flat_map(|outcome| &outcome.actions);
    let mut others: Vec<String> = Vec::new();
    for title in breaches.iter().filter(|title| **title != node.name) {
        if !others.iter().any(|other| other == title) {
            others.push((*title).to_owned());
        }
    }
    let breached = breaches.contains(&node.name.as_str());
    Tried {
        report: stand.limit(&node.name),
        breached,
        others,
        // The messages of shares used tell the room at the instant they go out: here all of it is used in one step.
        follows: actions.filter(|action| breached && *action.rule == *node.name).map(|action| voice.asked(&action.kind)).collect(),
        equity: stand.money().map(|(_, equity)| equity),
    }
}

/// A choice in words.
fn chosen(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) => spaced(text),
        FieldValue::Bool(yes) => if *yes { "yes" } else { "no" }.into(),
    }
}

fn step(by: By, amount: &Value, tried: &Tried) -> Text {
    let Value::Money(number, currency) = amount else { return Text::default() };
    let number = *number;
    let size = Text::figure(shown(&Value::Money(number.abs(), *currency)));
    let lead = match (by, number.is_negative()) {
        (By::Open, true) => say!["When open positions lose ", size],
        (By::Open, false) => say!["When open positions gain ", size],
        (By::Closed, true) => say!["When a trade is closed with a loss of ", size],
        (By::Closed, false) => say!["When a trade is closed with a profit of ", size],
        (By::Trades(trades, spread), _) => in_parts(number, *currency, trades, spread),
    };
    let equity = match &tried.equity {
        Some(equity @ Value::Money(..)) => say![", at an equity of ", Text::figure(shown(equity))],
        _ => Text::default(),
    };
    say![lead, equity, ", ", verdict_of(tried)].sentence()
}

/// `When a trade is closed with a loss of $900.00 on each of 3 days, and one of $300.00 on the next, $3,000.00 in all`
fn in_parts(number: Decimal, currency: Currency, trades: u8, spread: Spread) -> Text {
    let figure = |amount: Decimal| Text::figure(shown(&Value::Money(amount.abs(), currency)));
    let each = part(number, trades).unwrap_or_default();
    let before = i32::from(trades) - 1;
    let last = each.mul(Decimal::from(before)).and_then(|all| number.sub(all)).unwrap_or(number);
    let of = if number.is_negative() { "a loss of " } else { "a profit of " };
    let (on, then) = match (spread, before) {
        (Spread::OneDay, 1) => (String::new(), " right after it"),
        (Spread::OneDay, _) => (format!(", {before} times in a row"), " right after them"),
        (Spread::Days, 1) => (" on a day".into(), " on the next"),
        (Spread::Days, _) => (format!(" on each of {before} days"), " on the next"),
    };
    say!["When a trade is closed with ", of, figure(each), on, ", and one of ", figure(last), then, ", ", figure(number), " in all"]
}

fn verdict_of(tried: &Tried) -> Text {
    let mut said = if tried.breached { say!["the limit is ", Text::strong("broken")] } else { say!["the limit ", Text::strong("holds")] };
    if !tried.follows.is_empty() {
        said.push(say![": ", Text::listed(tried.follows.clone(), "and")]);
    }
    if !tried.others.is_empty() {
        let others = tried.others.iter().map(|title| Text::from(format!("“{title}”"))).collect();
        let are = if tried.others.len() == 1 { " is broken too)" } else { " are broken too)" };
        said.push(say![" (by then ", Text::listed(others, "and"), are]);
    }
    said
}

/// A symbol to try a quantity with, its price, and one more of it.
fn traded(unit: Unit) -> Option<(&'static str, Decimal, Decimal)> {
    Some(match unit {
        Unit::Contract => ("ES", Decimal::from(5_000), Decimal::from(1)),
        Unit::Lot => ("EURUSD", "1.1".parse().ok()?, "0.01".parse().ok()?),
        Unit::Share => ("AAPL", Decimal::from(200), Decimal::from(1)),
        Unit::Unit | Unit::Coin => return None,
    })
}

fn answered(verdict: &Verdict, unit: Unit) -> Option<Text> {
    let by = |reasons: &[crate::outcome::Reason]| {
        let titles = reasons.iter().map(|reason| Text::from(format!("“{}”", reason.rule))).collect();
        say![" by ", Text::listed(titles, "and")]
    };
    Some(match verdict {
        Verdict::Allow => say![Text::strong("allowed"), "."],
        Verdict::Reject { reasons } => say![Text::strong("refused"), by(reasons), "."],
        Verdict::Reduce { quantity, reasons } => {
            say![Text::strong("reduced"), " to ", Text::figure(shown(&Value::Quantity(*quantity, Some(unit)))), by(reasons), "."]
        }
        Verdict::Approve(_) | Verdict::Deny { .. } | Verdict::Review { .. } => return None,
    })
}
