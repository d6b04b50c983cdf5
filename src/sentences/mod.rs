//! Decisions in plain sentences: the evidence that a decision carries, and how its figures came about.
//!
//! A decision keeps the figures that it read, so that what is told of it is the same at any time later.

mod floor;
mod part;
#[cfg(test)]
mod tests;
mod timeline;

use timeline::of_file;

pub use part::{Part, Reading, figure};
pub use timeline::{asked, beyond, evidence_words, lines, local};

use std::fmt::Write as _;

use crate::ir::{ActionKind, ExprId, Invariant, Ir, Node, NodeKind};
use crate::outcome::{Action, Change, Evidence, Outcome, PayoutAmounts, Reason, Verdict, Why};
use crate::syntax::ast::Bound;
use crate::value::{Instant, Value};
use part::long_date;

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
    /// The limit, goal or rule; empty of an answer.
    pub rule: String,
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

/// The figures of a decision, as it read them.
struct AsRead<'a>(&'a [(u32, Value)]);

impl Values for AsRead<'_> {
    fn value(&self, expression: ExprId) -> Option<Value> {
        let place = self.0.binary_search_by_key(&expression.0, |(number, _)| *number).ok()?;
        self.0.get(place).map(|(_, value)| value.clone())
    }
}

/// What an outcome decided, each decision in a sentence: breaches, answers, goals, and what rules ask for.
///
/// Its figures are those that the decision read, whatever became of the account since.
pub fn tell(ir: &Ir, outcome: &Outcome) -> Vec<Told> {
    let teller = Teller { ir, at: outcome.at };
    let mut told = Vec::new();
    if let Some(verdict) = &outcome.verdict {
        told.extend(teller.verdict(verdict));
    }
    told.extend(outcome.changes.iter().filter_map(|change| teller.change(change)));
    let same = |one: &Action, next: &Action| one.rule == next.rule && one.line == next.line && one.evidence == next.evidence;
    for group in outcome.actions.chunk_by(same) {
        told.extend(group.first().filter(|action| !is_said(outcome, action)).map(|action| teller.rule(action, group)));
    }
    told
}

/// The sentences of an outcome, one behind the other.
pub fn sentence(ir: &Ir, outcome: &Outcome) -> String {
    tell(ir, outcome).into_iter().map(|told| told.sentence).collect::<Vec<_>>().join(" ")
}

/// What a payout request would be answered: `denied because of "flat", as …`
pub fn answer_to_request(ir: &Ir, verdict: &Verdict) -> Option<String> {
    let teller = Teller { ir, at: Instant::MIN };
    Some(match verdict {
        Verdict::Approve(amounts) => {
            format!("be approved for {}: {}", teller.money(amounts.amount), teller.shares(*amounts))
        }
        Verdict::Deny { reasons, .. } => format!("be denied{}", teller.because(reasons)),
        Verdict::Review { amounts, reasons } => {
            format!("wait for a person, with {}{}", teller.money(amounts.amount), teller.because(reasons))
        }
        _ => return None,
    })
}

/// What a breach or a goal leads to is said with it.
fn is_said(outcome: &Outcome, action: &Action) -> bool {
    outcome.changes.iter().any(|change| match change {
        Change::Breach { limit: title, .. } | Change::Reached { goal: title, .. } | Change::Lost { goal: title, .. } => {
            *title == action.rule
        }
        _ => false,
    })
}

struct Teller<'a> {
    ir: &'a Ir,
    at: Instant,
}

impl Teller<'_> {
    fn change(&self, change: &Change) -> Option<Told> {
        match change {
            Change::Breach { limit, evidence, .. } => Some(self.limit(limit, evidence, format!("breach of \"{limit}\""))),
            Change::Reached { goal, evidence } => Some(self.goal(goal, "reached", evidence)),
            Change::Lost { goal, evidence } => Some(self.goal(goal, "lost", evidence)),
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
        if node.is_some_and(|node| matches!(node.kind, NodeKind::Limit(_))) {
            return Told { by_rule: true, ..self.limit(&action.rule, &action.evidence, heading) };
        }
        let because = if action.evidence.values.is_empty() { String::new() } else { format!(": {}", self.facts(&action.evidence.values)) };
        let sentence = format!("{} \"{}\" asked to {what}{because}.", self.when(), action.rule);
        let parts = self.parts(node, &action.evidence);
        Told { heading, rule: action.rule.to_string(), sentence, by_rule: true, parts, ..self.with(node, &action.evidence) }
    }

    fn limit(&self, title: &str, why: &Why, heading: String) -> Told {
        let node = self.node_at(title, None, why);
        let sides = node.and_then(|node| self.sides(node, why));
        let sentence = match &sides {
            Some(sides) => format!("{} {}.", self.when(), self.sides_words(title, sides)),
            None => format!("{} \"{title}\" did not hold: {}.", self.when(), self.facts(&why.values)),
        };
        Told { heading, rule: title.to_owned(), sentence, parts: self.parts(node, why), ..self.with(node, why) }
    }

    /// Both sides of a limit, as its evidence tells them; a side that is written out is not among it.
    fn sides(&self, node: &Node, why: &Why) -> Option<Sides> {
        let NodeKind::Limit(limit) = &node.kind else { return None };
        let Invariant::Stays { left, bound, right, .. } = limit.invariant else { return None };
        let told = |id: ExprId| {
            let words = self.words(node, id);
            let found = why.values.iter().find(|evidence| *evidence.text == *words).map(|evidence| evidence.value.clone());
            found.or_else(|| AsRead(&why.figures).value(id))
        };
        let (value, bound_at) = (told(left)?, told(right)?);
        let formula = self.reading(&AsRead(&why.figures)).formula(right);
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

    fn reading<'a>(&'a self, values: &'a dyn Values) -> Reading<'a> {
        Reading { ir: self.ir, exprs: &self.ir.exprs, source: &self.ir.source, values, at: Some(self.at) }
    }

    fn goal(&self, title: &str, how: &str, why: &Why) -> Told {
        let phase = self.ir.phase_named(&why.phase);
        let goal = |node: &Node| node.name == title && matches!(node.kind, NodeKind::Goal(_));
        let node = self.ir.nodes.iter().find(|node| goal(node) && (node.phase.is_none() || node.phase == phase));
        let because = if why.values.is_empty() { String::new() } else { format!(": {}", self.facts(&why.values)) };
        let asks = node.map_or_else(String::new, Self::asked_by_goal);
        let sentence = format!("{} the goal \"{title}\"{asks} was {how}{because}.", self.when());
        let rule = title.to_owned();
        Told { rule, heading: format!("goal \"{title}\" {how}"), sentence, parts: self.parts(node, why), ..self.with(node, why) }
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
            Verdict::Approve(amounts) => {
                (format!("the payout of {} was approved: {}", self.money(amounts.amount), self.shares(*amounts)), &[][..])
            }
            // What the steps made of the amount is not what was asked for, and is paid to nobody.
            Verdict::Deny { reasons, .. } => ("the payout was denied".into(), reasons.as_slice()),
            Verdict::Review { amounts, reasons } => {
                (format!("the payout of {} waits for a person to look at it", self.money(amounts.amount)), reasons.as_slice())
            }
        };
        let because = self.because(reasons);
        let parts = reasons.iter().filter(|reason| !reason.evidence.is_empty()).map(|reason| Part {
            words: format!("\"{}\"", reason.rule),
            value: None,
            parts: reason.evidence.iter().map(leaf).collect(),
        });
        Some(Told { heading: what.clone(), sentence: format!("{} {what}{because}.", self.when()), parts: parts.collect(), ..Told::none() })
    }

    /// ` because of "flat", as …`
    fn because(&self, reasons: &[Reason]) -> String {
        let each: Vec<String> = reasons.iter().map(|reason| self.reason(reason)).collect();
        if each.is_empty() { String::new() } else { format!(" because of {}", each.join("; and ")) }
    }

    /// `$1,600.00 for you, after a fee of $50.00, and $400.00 for the firm`
    fn shares(&self, amounts: PayoutAmounts) -> String {
        let PayoutAmounts { trader, firm, fee, besides, .. } = amounts;
        let mut words = format!("{} for you", self.money(trader));
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

    /// What the evidence tells, with its parts where they are known.
    fn parts(&self, node: Option<&Node>, why: &Why) -> Vec<Part> {
        let as_read = AsRead(&why.figures);
        let reading = self.reading(&as_read);
        let each = why.values.iter().map(|told| {
            let expr = node.and_then(|node| node.evidence.iter().find(|(words, _)| *words == *told.text));
            let parts = expr.filter(|_| !why.figures.is_empty()).map_or_else(Vec::new, |(_, expr)| reading.parts(*expr));
            Part { parts, ..leaf(told) }
        });
        each.collect()
    }

    fn with(&self, node: Option<&Node>, why: &Why) -> Told {
        Told {
            clause: self.clause(node),
            room_before: why.headroom_before.clone().filter(|room| *room != Value::Missing),
            extreme: why.extreme,
            crossed: why.crossed,
            ..Told::none()
        }
    }

    /// The words of the program that decided; both sides of a limit may stand apart, one in a template.
    fn clause(&self, node: Option<&Node>) -> String {
        let Some(node) = node else { return String::new() };
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
    fn node_at(&self, title: &str, line: Option<u32>, why: &Why) -> Option<&Node> {
        let phase = self.ir.phase_named(&why.phase);
        let named = |node: &Node| node.name == title && (node.phase.is_none() || node.phase == phase);
        let starts = |node: &Node| line.is_none_or(|line| self.ir.source.line_column(node.head.start).0 == line as usize);
        let decides = |node: &Node| matches!(node.kind, NodeKind::Limit(_) | NodeKind::Rule(_)) && named(node);
        let found = self.ir.nodes.iter().find(|node| decides(node) && starts(node));
        // What a template holds is told by the template's line, and stands where it is used.
        found.or_else(|| self.ir.nodes.iter().find(|node| decides(node)))
    }
}

impl Told {
    fn none() -> Self {
        Self {
            heading: String::new(),
            rule: String::new(),
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

fn leaf(evidence: &Evidence) -> Part {
    Part { words: evidence.text.to_string(), value: Some(evidence.value.clone()), parts: Vec::new() }
}

/// What a trader calls a value: a row for each that has a name besides its word in programs.
const SUBJECTS: &[(&str, &str)] = &[
    ("equity", "your equity"),
    ("balance", "your balance"),
    ("open_profit", "your open profit"),
    ("profit", "your profit"),
    ("amount", "the amount left to pay"),
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
