//! What a rule does, as clauses: `all positions are closed and the account fails`.

use super::Text;
use super::text::{say, spaced};
use super::voice::{Said, Silence, Voice, money, shown};
use crate::ir::{Action, ActionKind, FlattenTarget, LockUntil, NodeId, Recipient, Template, TemplatePart};
use crate::outcome;
use crate::syntax::ast::{AfterJump, First};

impl Voice<'_> {
    /// Several actions as one clause.
    pub(super) fn actions(&self, actions: &[Action]) -> Said {
        let said = actions.iter().map(|action| self.action(&action.kind)).collect::<Result<Vec<_>, _>>()?;
        Ok(if said.is_empty() { "nothing follows".into() } else { Text::listed(said, "and") })
    }

    fn action(&self, action: &ActionKind) -> Said {
        Ok(match action {
            ActionKind::Flatten { target, down_to, first } => {
                let done = match down_to {
                    Some(quantity) => say![" reduced to ", self.value(*quantity)?],
                    None => " closed".into(),
                };
                let order = match first {
                    None => "",
                    Some(First::Newest) => ", the newest first",
                    Some(First::Largest) => ", the largest first",
                };
                say![self.flattened(*target)?, done, order]
            }
            ActionKind::CancelOrders => "working orders are cancelled".into(),
            ActionKind::Reject => "the order is refused".into(),
            ActionKind::Reduce => "the order is reduced to what the limits allow".into(),
            ActionKind::Lock(until) => say!["trading is locked until ", self.until(*until)?],
            ActionKind::Unlock => "the locks that rules have set are lifted".into(),
            ActionKind::Fail => say!["the account ", Text::strong("fails")],
            ActionKind::Promote(phase) => match self.ir.phase(*phase).name.as_str() {
                "passed" => say!["the account ", Text::strong("passes")],
                _ => say!["the account moves on to the phase ", self.phase(*phase)],
            },
            ActionKind::CloseAccount => say!["the account is ", Text::strong("closed for good")],
            ActionKind::Restart => "the phase begins anew".into(),
            ActionKind::Jump { floor, to, by, then } => {
                let how = if *by { " moves by " } else { " moves to " };
                say![self.named(*floor)?, how, self.value(*to)?, after(*then)]
            }
            ActionKind::Freeze(floor) => say![self.named(*floor)?, " stays where it is for good"],
            ActionKind::Set(state, to) if let Some(holds) = self.settled(*to) => {
                let name = Text::term(spaced(&self.node(*state)?.name), self.anchor(*state));
                say!["the condition ", name, if holds { " is met from then on" } else { " is no longer met" }]
            }
            ActionKind::Set(state, to) => say![self.named(*state)?, " becomes ", self.value(*to)?],
            ActionKind::Notify(who, message) => say![told(*who), " “", self.message(message)?, "”"],
            ActionKind::Review(message) => say!["a person at the firm reviews it (“", self.message(message)?, "”)"],
            ActionKind::Pay(amount) => say!["a payout of ", self.value(*amount)?, " is made without a request"],
            ActionKind::Resize { to, .. } => say!["the account size becomes ", self.value(*to)?],
            ActionKind::ResetLedger { to, .. } => say!["the balance starts anew at ", self.value(*to)?],
            ActionKind::AdjustBalance { by, reason } => {
                say!["the balance is corrected by ", self.value(*by)?, " (“", self.message(reason)?, "”)"]
            }
            ActionKind::RollBack => "the running day is undone".into(),
            ActionKind::Call(action, arguments) => self.call(*action, arguments)?,
        })
    }

    fn flattened(&self, target: FlattenTarget) -> Said {
        Ok(match target {
            FlattenTarget::All => "all positions are".into(),
            FlattenTarget::Position => "the position is".into(),
            FlattenTarget::Symbol(symbol) => say!["all positions in ", self.value(symbol)?, " are"],
            FlattenTarget::Where(condition) => say!["the positions for which ", self.condition(condition, true)?, " are"],
            FlattenTarget::Group(group) => say!["the open positions of the ", self.group_name(group)?, " are"],
        })
    }

    fn until(&self, until: LockUntil) -> Said {
        Ok(match until {
            LockUntil::Next(period) => say!["the next ", self.period(period)],
            LockUntil::Instant(at) => self.value(at)?,
            LockUntil::Staff => "the firm lifts it".into(),
        })
    }

    fn named(&self, node: NodeId) -> Said {
        Ok(say!["the ", Text::term(spaced(&self.node(node)?.name), self.anchor(node))])
    }

    /// A message with what stands in its place for each value.
    pub(super) fn message(&self, message: &Template) -> Said {
        let mut said = Text::default();
        for part in &message.parts {
            match part {
                TemplatePart::Text(words) => said.push(words),
                TemplatePart::Value(value) => said.push(say!["[", self.noun(self.sayable(*value)?)?, "]"]),
            }
        }
        Ok(said)
    }

    fn call(&self, action: u16, arguments: &[crate::ir::ExprId]) -> Said {
        let action = self.ir.actions.get(usize::from(action)).ok_or(Silence("it calls an action that is not there"))?;
        let mut parts = Vec::new();
        for ((name, _), value) in action.fields.iter().zip(arguments) {
            parts.push(say![spaced(name), ": ", self.value(*value)?]);
        }
        let with = if parts.is_empty() { Text::default() } else { say![" (", Text::listed(parts, "and"), ")"] };
        Ok(say!["the platform is asked for “", spaced(&action.name), "”", with])
    }

    /// An action that the engine asked for, as a clause.
    pub(super) fn asked(&self, action: &outcome::ActionKind) -> Text {
        let currency = self.ir.header.currency;
        match action {
            outcome::ActionKind::Flatten { down_to: Some(quantity), .. } => {
                say!["positions are reduced to ", Text::figure(quantity.to_string())]
            }
            outcome::ActionKind::Flatten { target: outcome::FlattenTarget::All, .. } => "all positions are closed".into(),
            outcome::ActionKind::Flatten { target: outcome::FlattenTarget::Symbol(symbol), .. } => {
                say!["all positions in ", &**symbol, " are closed"]
            }
            outcome::ActionKind::Flatten { .. } => "the position is closed".into(),
            outcome::ActionKind::CancelOrders => "working orders are cancelled".into(),
            outcome::ActionKind::Reject => "the order is refused".into(),
            outcome::ActionKind::Reduce => "the order is reduced".into(),
            outcome::ActionKind::Lock { until: Some(until) } => say!["trading is locked until ", Text::figure(self.instant(*until))],
            outcome::ActionKind::Lock { until: None } => "trading is locked until the firm lifts it".into(),
            outcome::ActionKind::Unlock => "locks are lifted".into(),
            outcome::ActionKind::Fail => say!["the account ", Text::strong("fails")],
            outcome::ActionKind::Promote { phase } if &**phase == "passed" => say!["the account ", Text::strong("passes")],
            outcome::ActionKind::Promote { phase } => {
                say!["the account moves on to the phase ", super::voice::phase_named(self.ir, phase)]
            }
            outcome::ActionKind::CloseAccount => "the account is closed for good".into(),
            outcome::ActionKind::Restart => "the phase begins anew".into(),
            outcome::ActionKind::Notify { to, message } if &**to == "trader" => say!["you are told “", message, "”"],
            outcome::ActionKind::Notify { message, .. } => say!["the firm is told “", message, "”"],
            outcome::ActionKind::Review { message } => say!["a person at the firm reviews it (“", message, "”)"],
            outcome::ActionKind::Pay { amount } => say![Text::figure(money(*amount, currency)), " is paid"],
            outcome::ActionKind::Resize { to, .. } => say!["the account size becomes ", Text::figure(money(*to, currency))],
            outcome::ActionKind::ResetLedger { to, .. } => say!["the balance starts anew at ", Text::figure(money(*to, currency))],
            outcome::ActionKind::AdjustBalance { by, .. } => say!["the balance is corrected by ", Text::figure(money(*by, currency))],
            outcome::ActionKind::RollBack { .. } => "the running day is undone".into(),
            outcome::ActionKind::Call { action, arguments } => {
                let parts: Vec<Text> = arguments.iter().map(|it| say![spaced(&it.text), ": ", Text::figure(shown(&it.value))]).collect();
                say!["the platform is asked for “", spaced(action), "” (", Text::listed(parts, "and"), ")"]
            }
        }
    }
}

const fn told(who: Recipient) -> &'static str {
    match who {
        Recipient::Trader => "you are told",
        Recipient::Risk => "the firm's risk desk is told",
        Recipient::Ops => "the firm is told",
    }
}

/// What becomes of a floor after a jump.
pub(super) const fn after(then: AfterJump) -> &'static str {
    match then {
        AfterJump::AsBefore => "",
        AfterJump::Freezes => " and stays there for good",
        AfterJump::TrailsAgain => " and trails again from there",
    }
}
