//! Conditions as clauses, and their opposites: `your profit is at least $500.00`.

use super::Text;
use super::text::{say, spaced};
use super::voice::{Said, Voice, duration, shown};
use crate::ir::{Collection, Comparison, Constant, Expr, ExprId, ExprKind, FoldFunction, LimitFacet, NewsTest, NodeKind, PayoutFact};
use crate::value::{Type, Value};
use crate::vocabulary::{AccountField, PeriodField, RecordField};

impl Voice<'_> {
    /// A condition as a clause, or the clause that says that it does not hold.
    pub(super) fn condition(&self, id: ExprId, holds: bool) -> Said {
        self.clause(self.sayable(id)?, holds)
    }

    pub(super) fn clause(&self, expr: &Expr, holds: bool) -> Said {
        Ok(match &expr.kind {
            ExprKind::And(..) | ExprKind::Or(..) => self.joined(expr, holds)?,
            ExprKind::Not(inner) => self.condition(*inner, !holds)?,
            ExprKind::Compare(how, left, right) => self.compare(if holds { *how } else { how.opposite() }, *left, *right)?,
            ExprKind::ComparePercent(how, left, share, whole) => {
                let how = if holds { *how } else { how.opposite() };
                say![
                    self.value(*left)?,
                    " ",
                    how.words(),
                    " ",
                    self.share_of(*share)?,
                    self.value(*whole)?,
                    self.share_end(*share),
                    self.share(*share, *whole)
                ]
            }
            ExprKind::CompareElapsed(how, from, bound) => {
                let words = elapsed(if holds { *how } else { how.opposite() });
                say![words, " ", self.value(*bound)?, " have passed since ", self.value(*from)?]
            }
            ExprKind::IsMissing(inner) => self.missing(*inner, holds)?,
            ExprKind::OneOf(value, list) => {
                let list = list.iter().map(|item| self.value(*item)).collect::<Result<Vec<_>, _>>()?;
                say![self.value(*value)?, if holds { " is " } else { " is not " }, Text::listed(list, "or")]
            }
            ExprKind::If(condition, then, otherwise) => {
                let (then, otherwise) = (self.condition(*then, holds)?, self.condition(*otherwise, holds)?);
                say!["(if ", self.condition(*condition, true)?, ") ", then, ", (otherwise) ", otherwise]
            }
            ExprKind::Else(value, otherwise) => self.known_or(*value, *otherwise, holds)?,
            ExprKind::Constant(Constant::Word(word)) => if (*word != 0) == holds { "in every case" } else { "in no case" }.into(),
            ExprKind::Account(AccountField::Flat) => if holds { "no position is open" } else { "a position is open" }.into(),
            ExprKind::Account(AccountField::Locked) => if holds { "trading is locked" } else { "trading is not locked" }.into(),
            ExprKind::Period(period, PeriodField::Open) => {
                format!("the {} {}", self.period(*period), if holds { "runs" } else { "does not run" }).into()
            }
            ExprKind::Option(option) => say![self.option(*option)?, if holds { " is chosen" } else { " is not chosen" }],
            ExprKind::Limit(limit, LimitFacet::Broken) => say![self.title_of(*limit)?, if holds { " is broken" } else { " is not broken" }],
            ExprKind::Goal(goal, None) => {
                say!["the goal ", self.title_of(*goal)?, if holds { " is reached" } else { " is not reached" }]
            }
            ExprKind::SessionOpen(session) => {
                say!["the session ", self.session(*session)?, if holds { " is open" } else { " is closed" }]
            }
            ExprKind::News(test) => self.news(test, holds)?,
            ExprKind::Node(node) => self.node_condition(*node, holds)?,
            ExprKind::Fold(over, FoldFunction::Any, _, filter) => self.any(*over, *filter, holds)?,
            ExprKind::Fold(over, FoldFunction::All, Some(what), filter) => {
                let things = if *over == Collection::OpenPositions { "open position" } else { "working order" };
                let such = match filter {
                    Some(filter) => say![" for which ", self.condition(*filter, true)?],
                    None => Text::default(),
                };
                let lead = if holds { "for every " } else { "for some " };
                say![lead, things, such, ", ", self.condition(*what, holds)?]
            }
            _ => say![self.value_of(expr)?, if holds { " is yes" } else { " is no" }],
        })
    }

    /// A truth value by its noun.
    fn value_of(&self, expr: &Expr) -> Said {
        match &expr.kind {
            ExprKind::Input(input) => self.input(*input),
            ExprKind::Extension(..) | ExprKind::HostField(..) | ExprKind::Lookup(..) | ExprKind::Plan(_) => self.noun(expr),
            _ => Err(super::voice::Silence("it asks for a truth that has no words")),
        }
    }

    /// `A, B and C`; `A and B, or C`. Of a negated one the parts are negated, so that `and` becomes `or`.
    fn joined(&self, expr: &Expr, holds: bool) -> Said {
        let is_and = matches!(expr.kind, ExprKind::And(..)) == holds;
        let mut parts = Vec::new();
        let of_and = matches!(expr.kind, ExprKind::And(..));
        self.flat(expr, of_and, &mut parts)?;
        // What always holds says nothing beside `and`, what never holds nothing beside `or`.
        parts.retain(|part| self.settled_of(part) != Some(of_and));
        if parts.is_empty() {
            return Ok(if is_and { "in every case" } else { "in no case" }.into());
        }
        let mut mixed = false;
        let mut said = Vec::new();
        for part in parts {
            let clause = self.clause(part, holds)?;
            let is_other = matches!(unwrapped(self, part)?.kind, ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Else(..));
            mixed |= is_other && !matches!(part.kind, ExprKind::Constant(_));
            said.push(if is_other && is_and { say!["either ", clause] } else { clause });
        }
        let word = if is_and { "and" } else { "or" };
        if !mixed {
            return Ok(Text::listed(said, word));
        }
        let mut whole = Text::default();
        for (at, clause) in said.into_iter().enumerate() {
            if at > 0 {
                whole.push(format!(", {word} "));
            }
            whole.push(clause);
        }
        Ok(whole)
    }

    /// A condition that is the same whatever happens.
    pub(super) fn settled(&self, id: ExprId) -> Option<bool> {
        self.expr(id).ok().and_then(|expr| self.settled_of(expr))
    }

    fn settled_of(&self, expr: &Expr) -> Option<bool> {
        match &expr.kind {
            ExprKind::Constant(Constant::Word(word)) if expr.ty == Type::Bool => Some(*word != 0),
            ExprKind::Not(inner) => self.settled(*inner).map(|holds| !holds),
            ExprKind::And(left, right) => match (self.settled(*left), self.settled(*right)) {
                (Some(true), Some(true)) => Some(true),
                (Some(false), _) | (_, Some(false)) => Some(false),
                _ => None,
            },
            ExprKind::Or(left, right) => match (self.settled(*left), self.settled(*right)) {
                (Some(false), Some(false)) => Some(false),
                (Some(true), _) | (_, Some(true)) => Some(true),
                _ => None,
            },
            _ => None,
        }
    }

    fn flat<'b>(&'b self, expr: &'b Expr, of_and: bool, parts: &mut Vec<&'b Expr>) -> Result<(), super::voice::Silence> {
        match &expr.kind {
            ExprKind::And(left, right) if of_and => {
                self.flat(self.expr(*left)?, of_and, parts)?;
                self.flat(self.expr(*right)?, of_and, parts)
            }
            ExprKind::Or(left, right) if !of_and => {
                self.flat(self.expr(*left)?, of_and, parts)?;
                self.flat(self.expr(*right)?, of_and, parts)
            }
            _ => {
                parts.push(expr);
                Ok(())
            }
        }
    }

    fn compare(&self, how: Comparison, left: ExprId, right: ExprId) -> Said {
        let (of_left, of_right) = (self.expr(left)?, self.expr(right)?);
        if of_left.ty == Type::Bool
            && let ExprKind::Constant(Constant::Word(word)) = of_right.kind
        {
            return self.condition(left, (word != 0) == (how == Comparison::Equal));
        }
        if let ExprKind::DaysAfter(days, from) = of_right.kind {
            return Ok(say![self.value(left)?, " is ", distance(how), " ", self.value(days)?, " after ", self.value(from)?]);
        }
        let words = if matches!(of_left.ty, Type::Date | Type::Instant | Type::Time) { moment(how) } else { how.words() };
        Ok(say![self.value(left)?, " ", words, " ", self.value(right)?])
    }

    /// What a share of a whole comes to on the plan that is spoken of.
    pub(super) fn share(&self, share: ExprId, whole: ExprId) -> Text {
        let computed = self.figure(share).zip(self.figure(whole)).and_then(|(share, whole)| match (share, whole) {
            (Value::Percent(share), Value::Money(whole, currency)) => Some(Value::Money(whole.percent(share).ok()?, currency)),
            _ => None,
        });
        computed.map_or_else(Text::default, |value| say![" (", Text::figure(shown(&value)), ")"])
    }

    fn missing(&self, inner: ExprId, holds: bool) -> Said {
        let expr = self.sayable(inner)?;
        Ok(match &expr.kind {
            ExprKind::LastPeriod(period, _) => {
                let name = self.period(*period);
                if holds { format!("there is no previous {name} yet") } else { format!("there is a previous {name}") }.into()
            }
            ExprKind::Payout(PayoutFact::LastAmount | PayoutFact::LastAt | PayoutFact::LastBalance) => {
                if holds { "no payout has been paid yet" } else { "a payout has been paid" }.into()
            }
            ExprKind::PhaseFinal(phase, _) => {
                let words = if holds { "the account has not been through the phase " } else { "the account has been through the phase " };
                say![words, self.phase(*phase)]
            }
            ExprKind::Record(field) if let Some((has, none)) = lacks(*field) => if holds { none } else { has }.into(),
            ExprKind::Option(_) | ExprKind::Input(_) => say![self.noun(expr)?, if holds { " is not set" } else { " is set" }],
            _ => say![if holds { "there is no value yet for " } else { "there is a value for " }, self.value(inner)?],
        })
    }

    fn known_or(&self, value: ExprId, otherwise: ExprId, holds: bool) -> Said {
        let said = self.condition(value, holds)?;
        if let ExprKind::Constant(Constant::Word(word)) = self.expr(otherwise)?.kind {
            // What is unknown counts as the constant: as `no` it changes nothing in the words.
            let counts = if (word != 0) == holds { ", or it is not known" } else { "" };
            return Ok(say![said, counts]);
        }
        Ok(say![said, " (where that is not known: ", self.condition(otherwise, holds)?, ")"])
    }

    fn node_condition(&self, id: crate::ir::NodeId, holds: bool) -> Said {
        let node = self.node(id)?;
        if Self::is_named(node) {
            let name = Text::term(spaced(&node.name), self.anchor(id));
            return Ok(say!["the condition ", name, if holds { " is met" } else { " is not met" }]);
        }
        match &node.kind {
            NodeKind::Value(inner) | NodeKind::State(inner) => self.condition(*inner, holds),
            NodeKind::Held(held) => self.condition(held.cause, holds),
            NodeKind::Tracker(tracker) => self.ever(tracker, holds),
            NodeKind::DayCopy(inner) => Ok(say!["as the day opened, ", self.condition(*inner, holds)?]),
            NodeKind::EventCopy(inner) => Ok(say!["just before, ", self.condition(*inner, holds)?]),
            _ => Err(super::voice::Silence("it asks for a truth that has no name")),
        }
    }

    fn any(&self, over: Collection, filter: Option<ExprId>, holds: bool) -> Said {
        let things = match (over, holds) {
            (Collection::OpenPositions, true) => "an open position",
            (Collection::OpenPositions, false) => "no open position",
            (Collection::WorkingOrders, true) => "a working order",
            (Collection::WorkingOrders, false) => "no working order",
        };
        let such = match filter {
            Some(filter) => say![" for which ", self.condition(filter, true)?],
            None => Text::default(),
        };
        Ok(say!["there is ", things, such])
    }

    fn news(&self, test: &NewsTest, holds: bool) -> Said {
        let impact = match test.impact {
            0 => "a",
            1 => "a medium- or high-impact",
            _ => "a high-impact",
        };
        let span = match (test.before, test.after) {
            (before, after) if before == after => say!["within ", Text::figure(duration(before)), " of "],
            (0, after) => say!["within ", Text::figure(duration(after)), " after "],
            (before, 0) => say!["within ", Text::figure(duration(before)), " before "],
            (before, after) => say!["between ", Text::figure(duration(before)), " before and ", Text::figure(duration(after)), " after "],
        };
        let symbol = match test.symbol {
            Some(symbol) => say![" that concerns ", self.value(symbol)?],
            None => Text::default(),
        };
        let such = match test.filter {
            Some(filter) => say![" for which ", self.condition(filter, true)?],
            None => Text::default(),
        };
        Ok(say![if holds { "it is " } else { "it is not " }, span, impact, " news release", symbol, such])
    }
}

/// That a record has what it may lack, and that it does not.
const fn lacks(field: RecordField) -> Option<(&'static str, &'static str)> {
    Some(match field {
        RecordField::PositionStop => ("the position has a stop-loss", "the position has no stop-loss"),
        RecordField::PositionTarget => ("the position has a take-profit", "the position has no take-profit"),
        RecordField::OrderStop => ("the order has a stop-loss", "the order has no stop-loss"),
        RecordField::OrderTarget => ("the order has a take-profit", "the order has no take-profit"),
        _ => return None,
    })
}

/// What a part is behind its negations.
fn unwrapped<'b>(voice: &'b Voice<'_>, expr: &'b Expr) -> Result<&'b Expr, super::voice::Silence> {
    match expr.kind {
        ExprKind::Not(inner) => unwrapped(voice, voice.expr(inner)?),
        _ => Ok(expr),
    }
}

const fn moment(how: Comparison) -> &'static str {
    match how {
        Comparison::AtLeast => "is not before",
        Comparison::AtMost => "is not after",
        Comparison::Above => "is after",
        Comparison::Below => "is before",
        other => other.words(),
    }
}

const fn distance(how: Comparison) -> &'static str {
    match how {
        Comparison::Equal => "exactly",
        Comparison::NotEqual => "not exactly",
        Comparison::AtLeast => "at least",
        Comparison::AtMost => "at most",
        Comparison::Above => "more than",
        Comparison::Below => "less than",
    }
}

const fn elapsed(how: Comparison) -> &'static str {
    match how {
        Comparison::NotEqual => "not exactly",
        other => distance(other),
    }
}
