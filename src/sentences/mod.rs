//! Decisions in plain sentences: the evidence that a decision carries, and how its figures came about.
//!
//! A figure is taken apart only where its parts, as they stand, give exactly the figure of the evidence.

mod floor;
mod part;
#[cfg(test)]
mod tests;
mod timeline;

use timeline::of_file;

pub use part::{Part, Reading, figure};
pub use timeline::{asked, beyond, evidence_words, lines, local};

use std::fmt::Write as _;

use crate::ir::{ActionKind, ExprId, Invariant, Ir, Node, NodeId, NodeKind, Per};
use crate::outcome::{Action, Change, Evidence, Outcome, PayoutAmounts, Reason, Verdict, Why};
use crate::syntax::ast::Bound;
use crate::value::{Date, Instant, Value};

/// Tells the values of a program's expressions for an account, as they stand now.
pub trait Values {
    /// The value; none where it cannot be computed.
    fn value(&self, expression: ExprId) -> Option<Value>;
}

impl Values for crate::engine::AccountRef<'_> {
    fn value(&self, expression: ExprId) -> Option<Value> {
        self.value(expression).ok()
    }
}

/// A decision, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What was decided, in short: `breach of "Maximum Daily Loss"`.
    pub heading: String,
    /// The clause of the program that decided, with its line; empty where it was none.
    pub clause: String,
    /// One exact sentence.
    pub sentence: String,
    /// Whether a rule asked for it; else it is a breach, an answer or a goal.
    pub by_rule: bool,
    /// The figures down to what is read as it is.
    pub parts: Vec<Part>,
    /// The room there was before.
    pub room_before: Option<Value>,
    /// The account's event that set the extreme which is followed.
    pub extreme: Option<u64>,
    /// The account's event that decided; none where time alone did.
    pub crossed: Option<u64>,
}

/// What an outcome decided, each decision in a sentence: breaches, answers, goals, and what rules ask for.
pub fn tell(ir: &Ir, values: &dyn Values, outcome: &Outcome) -> Vec<Told> {
    tell_beside(ir, &[values], outcome)
}

/// The same with values of several instants, such as those before the event: a figure is taken apart by the
/// first in which it stands as the evidence tells it.
pub fn tell_beside(ir: &Ir, values: &[&dyn Values], outcome: &Outcome) -> Vec<Told> {
    let readings = values.iter().map(|values| Reading { ir, exprs: &ir.exprs, source: &ir.source, values: *values });
    let teller = Teller { readings: readings.collect(), ir, at: outcome.at };
    let mut told = Vec::new();
    if let Some(verdict) = &outcome.verdict {
        told.extend(teller.verdict(verdict));
    }
    told.extend(outcome.changes.iter().filter_map(|change| teller.change(change, outcome)));
    let same = |one: &Action, next: &Action| one.rule == next.rule && one.line == next.line && one.evidence == next.evidence;
    for group in outcome.actions.chunk_by(same) {
        told.extend(group.first().filter(|action| !is_said(outcome, action)).map(|action| teller.rule(action, group)));
    }
    told
}

/// The sentences of an outcome, one behind the other.
pub fn sentence(ir: &Ir, values: &dyn Values, outcome: &Outcome) -> String {
    tell(ir, values, outcome).into_iter().map(|told| told.sentence).collect::<Vec<_>>().join(" ")
}

/// What a breach or a goal leads to is said with it.
fn is_said(outcome: &Outcome, action: &Action) -> bool {
    outcome.changes.iter().any(|change| match change {
        Change::Breach { limit: title, .. } | Change::Reached { goal: title } | Change::Lost { goal: title } => *title == action.rule,
        _ => false,
    })
}

struct Teller<'a> {
    readings: Vec<Reading<'a>>,
    ir: &'a Ir,
    at: Instant,
}

impl Teller<'_> {
    fn change(&self, change: &Change, outcome: &Outcome) -> Option<Told> {
        match change {
            Change::Breach { limit, evidence, .. } => Some(self.limit(limit, evidence, format!("breach of \"{limit}\""))),
            Change::Reached { goal } => Some(self.goal(goal, "reached", outcome)),
            Change::Lost { goal } => Some(self.goal(goal, "lost", outcome)),
            Change::PayoutReachesFloor { floor, equity, stands } => {
                let sentence =
                    format!("{} the payout that is asked for would leave {equity}, and `{floor}` stands at {stands}.", self.when());
                Some(Told { heading: format!("warning of `{floor}`"), sentence, ..Told::none() })
            }
            _ => None,
        }
    }

    /// What a rule, or a limit that is being used up, asks for.
    fn rule(&self, action: &Action, group: &[Action]) -> Told {
        let node = self.node_at(&action.rule, Some(action.line), &action.evidence);
        let what = group.iter().map(|action| asked(self.ir, action)).collect::<Vec<_>>().join(", ");
        let heading = format!("{what}, by \"{}\"", action.rule);
        if node.is_some_and(|(_, node)| matches!(node.kind, NodeKind::Limit(_))) {
            return Told { by_rule: true, ..self.limit(&action.rule, &action.evidence, heading) };
        }
        let because = if action.evidence.values.is_empty() { String::new() } else { format!(": {}", self.facts(&action.evidence.values)) };
        let sentence = format!("{} \"{}\" asked to {what}{because}.", self.when(), action.rule);
        let parts = self.parts(node, &action.evidence.values);
        Told { heading, sentence, by_rule: true, parts, ..self.with(node, &action.evidence) }
    }

    fn limit(&self, title: &str, why: &Why, heading: String) -> Told {
        let node = self.node_at(title, None, why);
        let sides = node.and_then(|(_, node)| self.sides(node, why));
        let sentence = match &sides {
            Some(sides) => format!("{} {}.", self.when(), self.sides_words(title, sides)),
            None => format!("{} \"{title}\" did not hold: {}.", self.when(), self.facts(&why.values)),
        };
        Told { heading, sentence, parts: self.parts(node, &why.values), ..self.with(node, why) }
    }

    /// Both sides of a limit, as its evidence tells them; a side that is written out is not among it.
    fn sides(&self, node: &Node, why: &Why) -> Option<Sides> {
        let NodeKind::Limit(limit) = &node.kind else { return None };
        let Invariant::Stays { left, bound, right, .. } = limit.invariant else { return None };
        let told = |id: ExprId| {
            let words = self.words(node, id);
            let found = why.values.iter().find(|evidence| *evidence.text == *words).map(|evidence| evidence.value.clone());
            found.or_else(|| {
                matches!(self.ir.expr(id).kind, crate::ir::ExprKind::Constant(_)).then(|| self.readings.first()?.values.value(id))?
            })
        };
        let (value, bound_at) = (told(left)?, told(right)?);
        // The parts as they stand there must give what stood then.
        let mut still = self.readings.iter().filter(|_| node.per == Per::Account);
        let formula =
            still.find(|reading| reading.values.value(right).as_ref() == Some(&bound_at)).and_then(|reading| reading.formula(right));
        Some(Sides { what: self.words(node, left), value, bound, bound_at, formula })
    }

    fn sides_words(&self, title: &str, sides: &Sides) -> String {
        let zone = self.ir.header.day.zone;
        let (name, strictly) = match sides.bound {
            Bound::AtOrAbove => ("floor", ""),
            Bound::Above => ("floor", ", which it must stay above,"),
            Bound::AtOrBelow => ("ceiling", ""),
            Bound::Below => ("ceiling", ", which it must stay below,"),
        };
        let mut words = format!(
            "{} was {}; the {name} of \"{title}\"{strictly} is {}",
            subject(&sides.what),
            zone.words(&sides.value),
            zone.words(&sides.bound_at)
        );
        if let Some(formula) = &sides.formula {
            words.push_str(" = ");
            words.push_str(formula);
        }
        words
    }

    /// The figures of a goal are those of the action that it led to, or those of now where it led to none.
    fn goal(&self, title: &str, how: &str, outcome: &Outcome) -> Told {
        let node = self.ir.nodes().find(|(_, node)| node.name == title && matches!(node.kind, NodeKind::Goal(_)));
        let action = outcome.actions.iter().find(|action| *action.rule == *title);
        let entered = outcome.changes.iter().any(|change| matches!(change, Change::Entered { .. }));
        let parts = match action {
            Some(action) => self.parts(node, &action.evidence.values),
            None if entered => Vec::new(),
            None => node.zip(self.readings.first()).map_or_else(Vec::new, |((_, node), reading)| evidence_parts(reading, &node.evidence)),
        };
        let known = parts.iter().filter_map(|part| Some(Evidence { text: part.words.as_str().into(), value: part.value.clone()? }));
        let known: Vec<Evidence> = known.collect();
        let because = if known.is_empty() { String::new() } else { format!(": {}", self.facts(&known)) };
        let asks = node.map_or_else(String::new, |(_, node)| Self::asked_by_goal(node));
        let sentence = format!("{} the goal \"{title}\"{asks} was {how}{because}.", self.when());
        let crossed = action.and_then(|action| action.evidence.crossed);
        Told { heading: format!("goal \"{title}\" {how}"), clause: self.clause(node), sentence, parts, crossed, ..Told::none() }
    }

    /// What a goal asks for, in the words of the program: ` (profit is at least 10% of size)`.
    fn asked_by_goal(node: &Node) -> String {
        let NodeKind::Goal(goal) = &node.kind else { return String::new() };
        let words = goal.requirements.iter().map(|requirement| requirement.words.as_str());
        format!(" ({})", words.collect::<Vec<_>>().join("; "))
    }

    fn verdict(&self, verdict: &Verdict) -> Option<Told> {
        let (what, reasons) = match verdict {
            Verdict::Allow => return None,
            Verdict::Reduce { quantity, reasons } => (format!("the order was reduced to {quantity}"), reasons.as_slice()),
            Verdict::Reject { reasons } => ("the order was rejected".into(), reasons.as_slice()),
            Verdict::Approve(amounts) => (self.approved(*amounts), &[][..]),
            Verdict::Deny { amount, reasons } => (format!("the payout of {} was denied", self.money(*amount)), reasons.as_slice()),
            Verdict::Review { amounts, reasons } => {
                (format!("the payout of {} waits for a person to look at it", self.money(amounts.amount)), reasons.as_slice())
            }
        };
        let each: Vec<String> = reasons.iter().map(|reason| self.reason(reason)).collect();
        let because = if each.is_empty() { String::new() } else { format!(" because of {}", each.join("; and ")) };
        let parts = reasons.iter().filter(|reason| !reason.evidence.is_empty()).map(|reason| Part {
            words: format!("\"{}\"", reason.rule),
            value: None,
            parts: reason.evidence.iter().map(leaf).collect(),
        });
        Some(Told { heading: what.clone(), sentence: format!("{} {what}{because}.", self.when()), parts: parts.collect(), ..Told::none() })
    }

    /// `the payout of $2,000.00 was approved: $1,600.00 for you, after a fee of $50.00, and $400.00 for the firm`
    fn approved(&self, amounts: PayoutAmounts) -> String {
        let PayoutAmounts { amount, trader, firm, fee, besides } = amounts;
        let mut words = format!("the payout of {} was approved: {} for you", self.money(amount), self.money(trader));
        for (amount, before, behind) in
            [(fee, ", after a fee of ", ","), (firm, " and ", " for the firm"), (besides, ", and ", " for you besides")]
        {
            if !amount.is_zero() {
                let _ = write!(words, "{before}{}{behind}", self.money(amount));
            }
        }
        words.trim_end_matches(',').to_owned()
    }

    fn reason(&self, reason: &Reason) -> String {
        if reason.evidence.is_empty() {
            // Nothing was compared: a lock stands, or the phase, or staff do.
            let of = if self.locks(&reason.rule) { "the lock of " } else { "" };
            return format!("{of}\"{}\"", reason.rule);
        }
        format!("\"{}\", as {}", reason.rule, self.facts(&reason.evidence))
    }

    /// Whether a rule or limit of that name locks accounts.
    fn locks(&self, name: &str) -> bool {
        let named = self.ir.nodes.iter().filter(|node| *node.name == *name);
        named.flat_map(floor::actions_of).any(|action| matches!(action.kind, ActionKind::Lock(_)))
    }

    /// `your equity was $94,990.12 and the size was $100,000.00`
    fn facts(&self, evidence: &[Evidence]) -> String {
        let zone = self.ir.header.day.zone;
        let each = evidence.iter().map(|evidence| {
            let value = if evidence.value == Value::Missing { "missing".into() } else { zone.words(&evidence.value) };
            format!("{} was {value}", subject(&evidence.text))
        });
        let each: Vec<String> = each.collect();
        match each.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
            None => "nothing more was told".into(),
        }
    }

    fn money(&self, amount: crate::value::Decimal) -> Value {
        Value::Money(amount, self.ir.header.currency)
    }

    /// `On 2 May 2014 at 14:30:07 (Europe/Prague)`
    fn when(&self) -> String {
        let zone = self.ir.header.day.zone;
        let local = zone.to_local(self.at);
        let shown = local.to_string();
        let time = shown.split_once(' ').map_or(shown.as_str(), |(_, time)| time);
        format!("On {} at {time} ({zone})", long_date(local.date))
    }

    /// What the evidence tells, with its parts where they stand so in one of the readings.
    fn parts(&self, node: Option<(NodeId, &Node)>, evidence: &[Evidence]) -> Vec<Part> {
        let of_node = node.filter(|(_, node)| node.per == Per::Account).map(|(_, node)| &node.evidence);
        let read = |reading: &Reading<'_>| of_node.map_or_else(Vec::new, |known| evidence_parts(reading, known));
        let known: Vec<Part> = self.readings.iter().flat_map(read).collect();
        let each = evidence.iter().map(|told| {
            let same = known.iter().find(|part| part.words == *told.text && part.value.as_ref() == Some(&told.value));
            same.cloned().unwrap_or_else(|| leaf(told))
        });
        each.collect()
    }

    fn with(&self, node: Option<(NodeId, &Node)>, why: &Why) -> Told {
        Told {
            clause: self.clause(node),
            room_before: why.headroom_before.clone().filter(|room| *room != Value::Missing),
            extreme: why.extreme,
            crossed: why.crossed,
            ..Told::none()
        }
    }

    /// The words of the program that decided; both sides of a limit may stand apart, one in a template.
    fn clause(&self, node: Option<(NodeId, &Node)>) -> String {
        let Some((_, node)) = node else { return String::new() };
        let source = &self.ir.source;
        let said = |id: ExprId| self.words(node, id);
        let words = match &node.kind {
            NodeKind::Limit(limit) => match limit.invariant {
                Invariant::Stays { left, bound, right, .. } => format!("{} stays {} {}", said(left), bound_words(bound), said(right)),
                Invariant::Never(condition) => format!("never {}", said(condition)),
            },
            _ => source.words(node.head),
        };
        format!("line {}{}: {words}", source.line_column(node.head.start).0, of_file(self.ir, node.head.start))
    }

    /// The words of one side of a node: its evidence has those of the program in place of a template's.
    fn words(&self, node: &Node, id: ExprId) -> String {
        let known = node.evidence.iter().find(|(_, known)| *known == id);
        known.map_or_else(|| self.ir.source.words(self.ir.expr(id).span), |(words, _)| words.clone())
    }

    /// The node that decided: by its title, in the phase in which it did.
    fn node_at(&self, title: &str, line: Option<u32>, why: &Why) -> Option<(NodeId, &Node)> {
        let phase = self.ir.phase_named(&why.phase);
        let named = |node: &Node| node.name == title && (node.phase.is_none() || node.phase == phase);
        let starts = |node: &Node| line.is_none_or(|line| self.ir.source.line_column(node.head.start).0 == line as usize);
        let decides = |node: &Node| matches!(node.kind, NodeKind::Limit(_) | NodeKind::Rule(_)) && named(node);
        let found = self.ir.nodes().find(|(_, node)| decides(node) && starts(node));
        // What a template holds is told by the template's line, and stands where it is used.
        found.or_else(|| self.ir.nodes().find(|(_, node)| decides(node)))
    }
}

impl Told {
    fn none() -> Self {
        Self {
            heading: String::new(),
            clause: String::new(),
            sentence: String::new(),
            by_rule: false,
            parts: Vec::new(),
            room_before: None,
            extreme: None,
            crossed: None,
        }
    }
}

const fn bound_words(bound: Bound) -> &'static str {
    match bound {
        Bound::AtOrAbove => "at or above",
        Bound::Above => "above",
        Bound::AtOrBelow => "at or below",
        Bound::Below => "below",
    }
}

/// Both sides of a limit.
struct Sides {
    what: String,
    value: Value,
    bound: Bound,
    bound_at: Value,
    formula: Option<String>,
}

fn evidence_parts(reading: &Reading<'_>, evidence: &[(String, ExprId)]) -> Vec<Part> {
    evidence.iter().map(|(words, id)| Part { words: words.clone(), ..reading.part(*id) }).collect()
}

fn leaf(evidence: &Evidence) -> Part {
    Part { words: evidence.text.to_string(), value: Some(evidence.value.clone()), parts: Vec::new() }
}

/// What a trader calls a value: a row for each that has a name besides its word in programs.
const SUBJECTS: &[(&str, &str)] = &[
    ("equity", "your equity"),
    ("balance", "your balance"),
    ("open_profit", "your open profit"),
    ("profit", "your profit"),
    ("day.profit", "your profit of the day"),
    ("day.equity_profit", "your profit of the day, open positions included,"),
    ("size", "the size of the account"),
    ("margin", "your margin"),
    ("positions", "the number of your open positions"),
    ("weighted_quantity", "the weighted quantity of your positions"),
];

fn subject(words: &str) -> String {
    let known = SUBJECTS.iter().find(|(word, _)| *word == words);
    known.map_or_else(|| format!("`{words}`"), |(_, name)| (*name).to_owned())
}

/// `2 May 2014`
fn long_date(date: Date) -> String {
    date.civil().format("%-d %B %Y").to_string()
}
