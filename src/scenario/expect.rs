//! What a scenario expects, against what was decided.

use super::stage::{ACCOUNT, Stage};
use crate::outcome::{Action, ActionKind, Change, FlattenTarget, Verdict};
use crate::source::Span;
use crate::syntax::ast::{self, Expect, OrderAnswer};
use crate::value::{Decimal, Value};

impl Stage<'_> {
    /// Looks whether an expectation holds, and keeps it as a failure where it does not.
    pub(super) fn expect(&mut self, expect: &Expect, span: Span) {
        let found = match expect {
            Expect::Condition(condition) => self.condition(condition),
            Expect::Breach(title) => self.breach(&title.node),
            Expect::NoBreach(title) => self.no_breach(title.as_ref()),
            Expect::Actions(expected) => self.actions(expected),
            Expect::Action(name) => self.action(&name.node),
            Expect::NoActions => self.actions(&[]),
            Expect::Notify(who, text) => self.notified(&who.node, text.as_ref().map(|text| text.node.as_str())),
            Expect::Phase(name) => {
                let phase = self.phase().unwrap_or_default();
                holds(phase == name.node, || format!("phase {phase}"))
            }
            Expect::Approved(amount) => self.approved(amount.as_ref()),
            Expect::Receives(amount, outside) => self.receives(amount, *outside),
            Expect::Denied(by) => self.denied(by.as_ref().map(|by| by.node.as_str())),
            Expect::InReview => holds(matches!(self.verdict(), Some(Verdict::Review { .. })), || self.verdict_words()),
            Expect::Order(answer) => self.answered(answer),
            Expect::Goal(title, reached) => match self.interpreter().goal_reached(ACCOUNT, &title.node) {
                Some(found) => holds(found == *reached, || if found { "it is reached".into() } else { "it is open".into() }),
                None => Err("no such goal in this phase".into()),
            },
            Expect::Requirement(title, met) => match self.interpreter().requirement_met(ACCOUNT, &title.node) {
                Some(found) => holds(found == *met, || if found { "it is met".into() } else { "it is missing".into() }),
                None => Err("no such requirement in this phase".into()),
            },
            Expect::Locked(locked) => {
                let found = self.interpreter().is_locked(ACCOUNT);
                holds(found == *locked, || if found { "locked".into() } else { "not locked".into() })
            }
            Expect::Warned(floor) => {
                let mut changes = self.scene.recent.iter().flat_map(|outcome| &outcome.changes);
                let warned = |change: &Change| matches!(change, Change::PayoutReachesFloor { floor: other, .. } if **other == *floor.node);
                holds(changes.any(warned), || "no such warning".into())
            }
            Expect::Fault => {
                let faulted = self.scene.recent.iter().any(|outcome| !outcome.faults.is_empty());
                holds(faulted, || "no fault".into())
            }
            Expect::NoFault => match self.scene.recent.iter().flat_map(|outcome| &outcome.faults).next() {
                Some(fault) => Err(fault.to_string()),
                None => Ok(()),
            },
        };
        if let Err(found) = found {
            let expected = self.source.words(span);
            self.fail(span, expected, found);
        }
    }

    fn condition(&mut self, condition: &ast::Expr) -> Result<(), String> {
        match self.evaluate(condition)? {
            Value::Bool(true) => Ok(()),
            Value::Bool(false) => Err(self.sides(condition)),
            other => Err(format!("{other}, which is no condition")),
        }
    }

    /// The values of a condition that does not hold: both sides of a comparison, as they are.
    fn sides(&mut self, condition: &ast::Expr) -> String {
        let words = self.source.slice(condition.span).to_owned();
        match &condition.kind {
            ast::ExprKind::Binary(left, op, right) if matches!(op.node, ast::BinaryOp::And | ast::BinaryOp::Or) => {
                self.parts(&[left, right])
            }
            ast::ExprKind::Binary(left, op, right) => self.compared(left, op.node, right),
            ast::ExprKind::Not(inner) => match &inner.kind {
                ast::ExprKind::Binary(left, op, right) if !matches!(op.node, ast::BinaryOp::And | ast::BinaryOp::Or) => {
                    self.compared(left, op.node, right)
                }
                _ => format!("{} is yes", self.source.slice(inner.span)),
            },
            ast::ExprKind::IsMissing(value, _) | ast::ExprKind::IsOneOf(value, ..) => self.value_words(value).unwrap_or_else(|error| error),
            _ => format!("{words} is no"),
        }
    }

    fn compared(&mut self, left: &ast::Expr, op: ast::BinaryOp, right: &ast::Expr) -> String {
        if let Some(state) = state_found(left, op, right) {
            return state;
        }
        match (self.value_words(left), is_literal(right)) {
            (Ok(left), true) => left,
            (Ok(left), false) => match self.value_words(right) {
                Ok(right) => format!("{left}, {right}"),
                Err(_) => left,
            },
            (Err(error), _) => error,
        }
    }

    /// A value in the words of the scenario: `balance is $50,500.00`.
    fn value_words(&mut self, expr: &ast::Expr) -> Result<String, String> {
        let words = self.source.slice(expr.span).to_owned();
        self.evaluate(expr).map(|value| format!("{words} is {value}"))
    }

    /// The parts of a condition made of several, those that do not hold.
    fn parts(&mut self, parts: &[&ast::Expr]) -> String {
        let mut words = Vec::new();
        for part in parts {
            if self.evaluate(part) != Ok(Value::Bool(true)) {
                words.push(self.sides(part));
            }
        }
        words.join("; ")
    }

    fn breaches(&self) -> impl Iterator<Item = &str> {
        self.scene.recent.iter().flat_map(|outcome| &outcome.changes).filter_map(|change| match change {
            Change::Breach { limit, .. } => Some(limit.as_ref()),
            _ => None,
        })
    }

    fn breach(&self, title: &str) -> Result<(), String> {
        let found: Vec<&str> = self.breaches().collect();
        holds(found.contains(&title), || if found.is_empty() { "no breach".into() } else { format!("breach of {}", found.join(", ")) })
    }

    fn no_breach(&self, title: Option<&ast::Name>) -> Result<(), String> {
        let mut found = self.breaches().filter(|limit| title.is_none_or(|title| title.node == *limit));
        match found.next() {
            None => Ok(()),
            Some(limit) => Err(format!("breach of {limit}")),
        }
    }

    fn recent_actions(&self) -> impl Iterator<Item = &Action> {
        self.scene.recent.iter().flat_map(|outcome| &outcome.actions)
    }

    /// These actions and no others, messages aside.
    fn actions(&self, expected: &[ast::Name]) -> Result<(), String> {
        let mut found: Vec<String> = self
            .recent_actions()
            .filter(|action| !matches!(action.kind, ActionKind::Notify { .. }))
            .map(|action| words(&action.kind))
            .collect();
        let all = found.join(", ");
        for name in expected {
            match found.iter().position(|found| matches(found, &name.node)) {
                Some(at) => {
                    found.remove(at);
                }
                None => return Err(if all.is_empty() { "no actions".into() } else { all }),
            }
        }
        holds(found.is_empty(), || all)
    }

    fn action(&self, name: &str) -> Result<(), String> {
        let found: Vec<String> = self.recent_actions().map(|action| words(&action.kind)).collect();
        holds(found.iter().any(|found| matches(found, name)), || if found.is_empty() { "no actions".into() } else { found.join(", ") })
    }

    fn notified(&self, who: &str, text: Option<&str>) -> Result<(), String> {
        let messages: Vec<(&str, &str)> = self
            .recent_actions()
            .filter_map(|action| match &action.kind {
                ActionKind::Notify { to, message } => Some((to.as_ref(), message.as_str())),
                _ => None,
            })
            .collect();
        let fits = |(to, message): &(&str, &str)| *to == who && text.is_none_or(|text| message.contains(text));
        holds(messages.iter().any(fits), || if messages.is_empty() { "no message".into() } else { format!("{messages:?}") })
    }

    fn approved(&mut self, amount: Option<&ast::Expr>) -> Result<(), String> {
        let expected = amount.map(|amount| self.amount(amount)).transpose()?;
        match self.verdict() {
            Some(Verdict::Approve(amounts)) => {
                holds(expected.is_none_or(|expected| expected == amounts.amount), || format!("approved {}", amounts.amount))
            }
            _ => Err(self.verdict_words()),
        }
    }

    /// What the trader gets of the payout that was granted, fee taken off, or besides it from outside the account.
    fn receives(&mut self, amount: &ast::Expr, outside: bool) -> Result<(), String> {
        let expected = self.amount(amount)?;
        match self.verdict() {
            Some(Verdict::Approve(amounts) | Verdict::Review { amounts, .. }) => {
                let found = if outside { amounts.besides } else { amounts.trader };
                holds(expected == found, || format!("the trader receives {found}"))
            }
            _ => Err(self.verdict_words()),
        }
    }

    fn denied(&self, by: Option<&str>) -> Result<(), String> {
        match self.verdict() {
            Some(Verdict::Deny { reasons, .. }) => {
                holds(by.is_none_or(|by| reasons.iter().any(|reason| reason.rule.as_ref() == by)), || self.verdict_words())
            }
            _ => Err(self.verdict_words()),
        }
    }

    fn answered(&self, answer: &OrderAnswer) -> Result<(), String> {
        let fits = match (answer, self.verdict()) {
            (OrderAnswer::Allowed, Some(Verdict::Allow)) => true,
            (OrderAnswer::Rejected(by), Some(Verdict::Reject { reasons })) => {
                by.as_ref().is_none_or(|by| reasons.iter().any(|reason| *reason.rule == *by.node))
            }
            (OrderAnswer::ReducedTo(expected), Some(Verdict::Reduce { quantity, .. })) => expected == quantity,
            _ => false,
        };
        holds(fits, || self.verdict_words())
    }

    fn verdict_words(&self) -> String {
        let by =
            |reasons: &[crate::outcome::Reason]| reasons.iter().map(|reason| format!("\"{}\"", reason.rule)).collect::<Vec<_>>().join(", ");
        match self.verdict() {
            None => "no question was asked".into(),
            Some(Verdict::Allow) => "allowed".into(),
            Some(Verdict::Reduce { quantity, reasons }) => format!("reduced to {quantity} by {}", by(reasons)),
            Some(Verdict::Reject { reasons }) => format!("rejected by {}", by(reasons)),
            Some(Verdict::Approve(amounts)) => format!("approved {}", amounts.amount),
            Some(Verdict::Deny { reasons, .. }) => format!("denied by {}", by(reasons)),
            Some(Verdict::Review { reasons, .. }) => format!("in review by {}", by(reasons)),
        }
    }
}

fn holds(yes: bool, found: impl FnOnce() -> String) -> Result<(), String> {
    if yes { Ok(()) } else { Err(found()) }
}

/// What `window is open` is instead where it does not hold: its left side is no value that could be shown.
fn state_found(left: &ast::Expr, op: ast::BinaryOp, right: &ast::Expr) -> Option<String> {
    let (ast::ExprKind::Name(subject), ast::ExprKind::Name(word)) = (&left.kind, &right.kind) else { return None };
    let found = match (subject.as_str(), word.as_str(), op) {
        (_, "open", ast::BinaryOp::Is) | (_, "closed", ast::BinaryOp::IsNot) => "closed",
        (_, "closed", ast::BinaryOp::Is) | (_, "open", ast::BinaryOp::IsNot) => "open",
        ("account", "flat" | "locked", ast::BinaryOp::IsNot) => word.as_str(),
        ("account", "flat", ast::BinaryOp::Is) => "not flat",
        ("account", "locked", ast::BinaryOp::Is) => "not locked",
        _ => return None,
    };
    Some(format!("{subject} is {found}"))
}

fn is_literal(expr: &ast::Expr) -> bool {
    !matches!(
        expr.kind,
        ast::ExprKind::Name(_) | ast::ExprKind::Member(..) | ast::ExprKind::Binary(..) | ast::ExprKind::Of(..) | ast::ExprKind::Call(..)
    )
}

/// An action in the words of programs: `promote to funded`, `lock`, `flatten`.
fn words(kind: &ActionKind) -> String {
    match kind {
        ActionKind::Promote { phase } => format!("promote to {phase}"),
        ActionKind::Call { action, .. } => format!("call {action}"),
        ActionKind::Pay { amount } => format!("pay {amount}"),
        ActionKind::Resize { to, .. } => format!("resize to {to}"),
        ActionKind::ResetLedger { to, .. } => format!("reset ledger to {to}"),
        ActionKind::AdjustBalance { by, .. } => format!("adjust balance by {by}"),
        ActionKind::Flatten { target, down_to, first } => flatten_words(target, *down_to, first.as_deref()),
        other => other.words().to_owned(),
    }
}

/// `flatten`, `flatten symbol ES`, `flatten positions 1 3 down to 2 newest first`.
fn flatten_words(target: &FlattenTarget, down_to: Option<Decimal>, first: Option<&str>) -> String {
    let mut words = match target {
        FlattenTarget::All => "flatten".to_owned(),
        FlattenTarget::Symbol(symbol) => format!("flatten symbol {symbol}"),
        FlattenTarget::Positions(serials) => {
            serials.iter().fold("flatten positions".to_owned(), |words, serial| format!("{words} {serial}"))
        }
    };
    words.extend(down_to.map(|quantity| format!(" down to {quantity}")));
    words.extend(first.map(|first| format!(" {first} first")));
    words
}

/// Whether an action is what an expectation names: in full, by its first words, or a host action by
/// its name. What is written behind `lock`, `notify` and `review` is not looked at.
fn matches(found: &str, expected: &str) -> bool {
    let first = |text: &str| text.split(' ').next().unwrap_or("").to_owned();
    found == expected
        || found.strip_prefix(expected).is_some_and(|rest| rest.starts_with(' '))
        || found.strip_prefix("call ") == Some(expected)
        || (expected == "flatten position" && found.starts_with("flatten positions "))
        || (first(expected) == found && ["lock", "notify", "review"].contains(&found))
}
