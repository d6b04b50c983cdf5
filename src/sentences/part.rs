//! What a value is made of: its words, its amount, and the same of each value in it.

use super::Values;
use super::floor::{Stand, high_words, stand};
use crate::calendar::{TradingCalendar, Zone};
use crate::ir::{Arithmetic, Expr, ExprId, ExprKind, Floor, Ir, NodeId, NodeKind};
use crate::source::Source;
use crate::value::{Date, Instant, TimeOfDay, Value};
use crate::vocabulary::PeriodField;

/// How deep values are taken apart.
const DEEPEST: usize = 12;

/// A value with what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// As the program writes it.
    pub words: String,
    /// Its value; none where it cannot be computed, or where it is no value of its own.
    pub value: Option<Value>,
    /// What it is made of.
    pub parts: Vec<Part>,
}

impl Part {
    /// What stands for a value that is told under the same words one level up, as the fact inside `is closed`, or the
    /// instant of a date: its parts, or the value itself where that is all there is to see.
    fn within(self) -> Vec<Self> {
        let is_none = self.parts.is_empty() && self.value == Some(Value::Missing);
        if is_none { vec![self] } else { self.parts }
    }
}

/// Where expressions stand, and what their values are.
pub struct Reading<'a> {
    /// The program.
    pub ir: &'a Ir,
    /// The expressions: the program's, or these with more behind them.
    pub exprs: &'a [Expr],
    /// The text of those behind the program's.
    pub source: &'a Source,
    /// The values.
    pub values: &'a dyn Values,
    /// When they are read; the day that begins then is named by its date.
    pub at: Option<Instant>,
}

impl Reading<'_> {
    /// A value with what it is made of.
    pub fn part(&self, id: ExprId) -> Part {
        self.part_at(id, 0)
    }

    /// What a value is made of; nothing for what is read as it is.
    pub fn parts(&self, id: ExprId) -> Vec<Part> {
        self.parts_at(id, 0)
    }

    fn part_at(&self, id: ExprId, depth: usize) -> Part {
        Part { words: self.words(id), value: self.values.value(id), parts: self.parts_at(id, depth) }
    }

    fn parts_at(&self, id: ExprId, depth: usize) -> Vec<Part> {
        let Some(expr) = self.expr(id).filter(|_| depth < DEEPEST) else { return Vec::new() };
        let inner: Vec<ExprId> = match &expr.kind {
            // What a name stands for, in the place of the name.
            ExprKind::Node(node) => match &self.ir.node(*node).kind {
                NodeKind::Value(value) if self.is_still(id, *value) => return self.named(*value, depth),
                NodeKind::Held(held) => vec![held.cause],
                NodeKind::Floor(floor) => return self.of_floor(id, *node, floor, depth),
                _ => return Vec::new(),
            },
            ExprKind::Lookup(_, _, key, _) => vec![*key],
            // Its values are those of each position or order.
            ExprKind::Fold(..) => return Vec::new(),
            ExprKind::If(condition, yes, no) => match self.values.value(*condition) {
                Some(Value::Bool(true)) => vec![*condition, *yes],
                Some(Value::Bool(false)) => vec![*condition, *no],
                _ => vec![*condition],
            },
            kind => kind.operands(),
        };
        let inner = inner.into_iter().filter(|id| !self.is_written_out(*id)).map(|id| self.part_at(id, depth + 1));
        let own = self.words(id);
        inner.flat_map(|part| if part.words == own { part.within() } else { vec![part] }).collect()
    }

    /// What a floor stands at: where it started, its cap, or so far behind what it follows.
    fn of_floor(&self, id: ExprId, node: NodeId, floor: &Floor, depth: usize) -> Vec<Part> {
        match stand(self, id, node, floor) {
            Some(Stand::Start(value)) => self.named(value, depth),
            Some(Stand::Cap(cap)) => {
                let cap = self.part_at(cap, depth + 1);
                vec![Part { words: format!("capped at {}", cap.words), ..cap }]
            }
            Some(Stand::Behind { high, distance }) => {
                let high = Part { words: high_words(self.ir, floor), value: Some(high), parts: Vec::new() };
                vec![high, self.part_at(distance, depth + 1)]
            }
            None => Vec::new(),
        }
    }

    /// A `let` is its expression: one line for both where that has parts of its own.
    fn named(&self, value: ExprId, depth: usize) -> Vec<Part> {
        if self.is_written_out(value) { Vec::new() } else { vec![self.part_at(value, depth + 1)] }
    }

    /// Whether what a name stands for still comes to its value: a phase that was left keeps the value, and what
    /// it was computed from begins anew with the next.
    fn is_still(&self, name: ExprId, value: ExprId) -> bool {
        self.values.value(name) == self.values.value(value)
    }

    fn is_written_out(&self, id: ExprId) -> bool {
        self.expr(id).is_none_or(|expr| matches!(expr.kind, ExprKind::Constant(_)))
    }

    fn expr(&self, id: ExprId) -> Option<&Expr> {
        self.exprs.get(id.0 as usize)
    }

    /// The words of an expression.
    fn words(&self, id: ExprId) -> String {
        let own = (id.0 as usize) >= self.ir.exprs.len();
        let source = if own { self.source } else { &self.ir.source };
        self.expr(id).map_or_else(String::new, |expr| source.words(expr.span))
    }

    /// How an amount is computed, in figures: `$100,000.00 at midnight − 5% of $100,000.00`. None where it is
    /// read as it is, or where a figure is missing.
    pub fn formula(&self, id: ExprId) -> Option<String> {
        let expr = self.expr(id)?;
        match &expr.kind {
            ExprKind::Node(node) => match &self.ir.node(*node).kind {
                NodeKind::Value(value) if self.is_still(id, *value) => self.formula(*value),
                NodeKind::Floor(floor) => match stand(self, id, *node, floor)? {
                    Stand::Start(value) => self.formula(value),
                    Stand::Cap(cap) => Some(format!("{}, its cap", self.operand(cap, false)?)),
                    Stand::Behind { high, distance } => {
                        let zone = self.ir.header.day.zone;
                        Some(format!("{} ({}) − {}", zone.words(&high), high_words(self.ir, floor), self.operand(distance, true)?))
                    }
                },
                _ => None,
            },
            ExprKind::Arithmetic(operation, left, right) => {
                let tight = matches!(operation, Arithmetic::Multiply | Arithmetic::Divide);
                let right_tight = tight || *operation == Arithmetic::Subtract;
                let sign = match operation {
                    Arithmetic::Add => "+",
                    Arithmetic::Subtract => "−",
                    Arithmetic::Multiply => "×",
                    Arithmetic::Divide => "÷",
                };
                Some(format!("{} {sign} {}", self.operand(*left, tight)?, self.operand(*right, right_tight)?))
            }
            ExprKind::Percent(percent, whole) => Some(format!("{} of {}", self.operand(*percent, true)?, self.operand(*whole, true)?)),
            ExprKind::Negate(inner) => Some(format!("−{}", self.operand(*inner, true)?)),
            ExprKind::Minimum(list) => self.list("the least", list),
            ExprKind::Maximum(list) => self.list("the greatest", list),
            _ => None,
        }
    }

    /// When the day began: `midnight`, `17:00 on 1 May 2014`, which may be the evening before.
    fn opening(&self) -> String {
        let rule = self.ir.header.day;
        if rule.opens == TimeOfDay::default() {
            return "midnight".into();
        }
        let calendar = TradingCalendar { rule, holidays: None, week_starts: self.ir.header.week };
        self.at.map_or_else(
            || rule.opens.to_string(),
            |at| format!("{} on {}", rule.opens, long_date(rule.zone.to_local(calendar.day_at(at).opens).date)),
        )
    }

    /// Whether an amount, or what its name stands for, is a sum or a difference.
    fn is_a_sum(&self, id: ExprId) -> bool {
        self.expr(id).is_some_and(|expr| match &expr.kind {
            ExprKind::Arithmetic(operation, ..) => matches!(operation, Arithmetic::Add | Arithmetic::Subtract),
            ExprKind::Node(node) => matches!(&self.ir.node(*node).kind, NodeKind::Value(value) if self.is_a_sum(*value)),
            _ => false,
        })
    }

    fn list(&self, what: &str, list: &[ExprId]) -> Option<String> {
        let each: Option<Vec<String>> = list.iter().map(|id| self.operand(*id, true)).collect();
        Some(format!("{what} of ({})", each?.join("; ")))
    }

    /// An operand: its formula, in brackets where it would be read otherwise, or its figure.
    fn operand(&self, id: ExprId, tight: bool) -> Option<String> {
        let expr = self.expr(id)?;
        if let Some(formula) = self.formula(id) {
            let loose = tight && self.is_a_sum(id);
            return Some(if loose { format!("({formula})") } else { formula });
        }
        let value = self.values.value(id).filter(|value| *value != Value::Missing)?;
        let figure = self.ir.header.day.zone.words(&value);
        Some(match &expr.kind {
            ExprKind::Constant(_) | ExprKind::Plan(_) | ExprKind::Account(crate::vocabulary::AccountField::Size) => figure,
            ExprKind::Period(period, PeriodField::StartBalance) if self.ir.period(*period).name == "day" => {
                format!("{figure} at {}", self.opening())
            }
            _ => format!("{figure} ({})", self.words(id)),
        })
    }
}

/// `2 May 2014`
pub(super) fn long_date(date: Date) -> String {
    date.civil().format("%-d %B %Y").to_string()
}

/// A value as sentences and trees show it.
pub fn figure(zone: Zone, value: Option<&Value>) -> String {
    value.map_or_else(|| "cannot be computed".into(), |value| zone.words(value))
}
