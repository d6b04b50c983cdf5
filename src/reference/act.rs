//! Carries out the actions of a node: jumps, freezes and `set` at once, all others as data.

use std::sync::Arc;

use crate::ir::{Action, ActionKind, ExprId, FlattenTarget, LockUntil, NodeId, NodeKind, Template, TemplatePart};
use crate::outcome::{self, Cause, Evidence, FaultKind, Key, Why};
use crate::syntax::ast::First;
use crate::value::{Decimal, Instant, Value};

use super::account::Memory;
use super::days::NEVER;
use super::draft::{Act, Effect, Own, line_of};
use super::eval::{Cursor, Eval};
use super::seen::{Sight, number};
use super::turn::Turn;
use super::val::Val;

/// The lists of actions of a node, in the order of their numbers.
fn lists(kind: &NodeKind) -> Vec<&[Action]> {
    match kind {
        NodeKind::Limit(limit) => {
            let handlers = limit.on_breach.iter().map(|handler| handler.actions.as_slice());
            handlers.chain(limit.at_used.iter().map(|(_, actions)| actions.as_slice())).collect()
        }
        NodeKind::Rule(rule) => vec![&rule.actions],
        NodeKind::Goal(goal) => vec![&goal.on_reached, &goal.on_lost],
        _ => Vec::new(),
    }
}

impl Turn<'_> {
    /// Carries out one list of the node's actions.
    pub(super) fn perform(&mut self, list: usize, why: &Why) -> Result<(), FaultKind> {
        self.remember_before();
        let ir = Arc::clone(&self.ir);
        let all = lists(&ir.node(self.id).kind);
        self.market.tell(Sight::Actions(self.id, number(list)));
        let before: usize = all.iter().take(list).map(|actions| actions.len()).sum();
        for (place, action) in all.get(list).copied().unwrap_or_default().iter().enumerate() {
            let at = (u16::try_from(list).unwrap_or(u16::MAX), u16::try_from(place).unwrap_or(u16::MAX));
            self.act(action, at, u32::try_from(before + place).unwrap_or(u32::MAX), why)?;
        }
        Ok(())
    }

    fn act(&mut self, action: &Action, place: (u16, u16), ordinal: u32, why: &Why) -> Result<(), FaultKind> {
        match &action.kind {
            ActionKind::Jump { floor, to, by, then } => {
                let to = self.eval().value(*to)?.decimal()?;
                return self.change_floor(*floor, |cell| cell.jump(to, *by, *then));
            }
            ActionKind::Freeze(floor) => return self.change_floor(*floor, super::floor::FloorCell::freeze),
            ActionKind::Set(state, to) => {
                let value = self.eval().value(*to)?;
                if let Some(slot) = self.state.slots.get_mut(&(*state, 0)) {
                    (slot.value, slot.fault) = (value, None);
                }
                return Ok(());
            }
            _ => {}
        }
        if let Some((kind, own)) = self.outward(&action.kind)? {
            let action = self.action(kind, action, ordinal, why);
            self.state.draft.effects.push(Effect::Act(Box::new(Act { action, node: self.id, place, own })));
        }
        Ok(())
    }

    /// Jumps and freezes of floors show at once.
    fn change_floor(&mut self, floor: NodeId, change: impl FnOnce(&mut super::floor::FloorCell)) -> Result<(), FaultKind> {
        let ir = Arc::clone(&self.ir);
        let NodeKind::Floor(declared) = &ir.node(floor).kind else { return Ok(()) };
        let Some(slot) = self.state.slots.get_mut(&(floor, 0)) else { return Ok(()) };
        if let Memory::Floor(cell) = &mut slot.memory {
            change(cell);
            (slot.value, slot.due) = (Val::Decimal(cell.fold(declared.next_day)?.visible), cell.due);
        }
        Ok(())
    }

    fn action(&self, kind: outcome::ActionKind, written: &Action, ordinal: u32, why: &Why) -> outcome::Action {
        let (node, account) = (self.node(), self.account());
        let rule: Arc<str> = node.name.as_str().into();
        outcome::Action {
            key: Key {
                account: Arc::clone(&account.key),
                cause: self.cause(),
                phase: node.phase.map(|phase| self.ir.phase(phase).name.as_str().into()),
                rule: Arc::clone(&rule),
                instance: self.instance,
                ordinal,
            },
            attempt: 1,
            late: false,
            kind,
            at: Instant::from_nanos(account.step.now),
            rule,
            cites: node.cites.as_deref().map(Into::into),
            line: line_of(&self.ir, written.span.start),
            evidence: why.clone(),
        }
    }

    fn cause(&self) -> Cause {
        self.account().draft.cause.clone()
    }

    /// What the host is told, and what the account does itself; nothing for an empty set of positions.
    fn outward(&self, kind: &ActionKind) -> Result<Option<(outcome::ActionKind, Own)>, FaultKind> {
        use outcome::ActionKind as Out;
        let ir = &self.ir;
        let told = |kind| Ok(Some((kind, Own::Nothing)));
        match kind {
            ActionKind::Flatten { target, down_to, first } => {
                let Some(target) = self.target(*target)? else { return Ok(None) };
                let down_to = match down_to {
                    Some(quantity) => Some(self.eval().value(*quantity)?.decimal()?),
                    None => None,
                };
                let first = first.map(|first| Arc::from(if first == First::Newest { "newest" } else { "largest" }));
                told(Out::Flatten { target, down_to, first })
            }
            ActionKind::CancelOrders => told(Out::CancelOrders),
            ActionKind::Reject => told(Out::Reject),
            ActionKind::Reduce => told(Out::Reduce),
            ActionKind::Lock(until) => {
                let until = self.lock_until(*until)?;
                let shown = (until != NEVER).then(|| Instant::from_nanos(until));
                Ok(Some((Out::Lock { until: shown }, Own::Lock(until))))
            }
            ActionKind::Unlock => Ok(Some((Out::Unlock, Own::Unlock))),
            ActionKind::Fail => Ok(Some((Out::Fail, Own::Fail))),
            ActionKind::Promote(phase) => Ok(Some((Out::Promote { phase: ir.phase(*phase).name.as_str().into() }, Own::Promote(*phase)))),
            ActionKind::CloseAccount => Ok(Some((Out::CloseAccount, Own::Close))),
            ActionKind::Restart => Ok(Some((Out::Restart, Own::Restart))),
            ActionKind::Notify(to, template) => told(Out::Notify { to: to.word().into(), message: self.message(template)? }),
            ActionKind::Review(template) => told(Out::Review { message: self.message(template)? }),
            ActionKind::Pay(amount) => told(Out::Pay { amount: self.amount(*amount)? }),
            ActionKind::Resize { to, by } => told(Out::Resize { to: self.amount(*to)?, by: self.amount(*by)? }),
            ActionKind::ResetLedger { to, by } => told(Out::ResetLedger { to: self.amount(*to)?, by: self.amount(*by)? }),
            ActionKind::AdjustBalance { by, reason } => told(Out::AdjustBalance { by: self.amount(*by)?, reason: self.message(reason)? }),
            ActionKind::RollBack => {
                let (to, by) = self.account().rolls_back_to()?;
                told(Out::RollBack { to, by })
            }
            ActionKind::Call(action, arguments) => {
                let Some(declared) = ir.actions.get(usize::from(*action)) else { return Ok(None) };
                let named = declared.fields.iter().zip(arguments);
                let arguments = named.map(|((name, _), value)| Ok(Evidence { text: name.as_str().into(), value: self.shown(*value)? }));
                told(Out::Call { action: declared.name.as_str().into(), arguments: arguments.collect::<Result<_, FaultKind>>()? })
            }
            ActionKind::Jump { .. } | ActionKind::Freeze(_) | ActionKind::Set(..) => Ok(None),
        }
    }

    fn amount(&self, amount: ExprId) -> Result<Decimal, FaultKind> {
        self.eval().value(amount)?.decimal()
    }

    fn target(&self, target: FlattenTarget) -> Result<Option<outcome::FlattenTarget>, FaultKind> {
        let eval = self.eval();
        let serials = match target {
            FlattenTarget::All => return Ok(Some(outcome::FlattenTarget::All)),
            FlattenTarget::Symbol(symbol) => return Ok(Some(outcome::FlattenTarget::Symbol(eval.value(symbol)?.symbol()?.into()))),
            FlattenTarget::Position => match self.cursor {
                Cursor::Position(serial) => vec![serial],
                _ => self.step().hand.position.into_iter().collect(),
            },
            FlattenTarget::Group(group) => eval.members_at_hand(group),
            FlattenTarget::Where(condition) => {
                let mut serials = Vec::new();
                for position in &self.account().ledger.positions {
                    if eval.at(Cursor::Position(position.serial)).holds(condition)? {
                        serials.push(position.serial);
                    }
                }
                serials
            }
        };
        Ok((!serials.is_empty()).then_some(outcome::FlattenTarget::Positions(serials)))
    }

    /// When a lock ends. At the end of a period, or by the clock, the next start may be this instant.
    fn lock_until(&self, until: LockUntil) -> Result<i64, FaultKind> {
        match until {
            LockUntil::Next(period) => {
                Ok(self.days().start_after(self.ir.period(period), period, self.step().now, self.is_before_openings()))
            }
            LockUntil::Instant(at) => self.eval().value(at)?.instant(),
            LockUntil::Staff => Ok(NEVER),
        }
    }

    fn message(&self, template: &Template) -> Result<String, FaultKind> {
        let zone = self.ir.header.day.zone;
        let mut message = String::new();
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => message.push_str(text),
                TemplatePart::Value(value) => message.push_str(&zone.words(&self.shown(*value)?)),
            }
        }
        Ok(message)
    }

    /// The value of an expression as it leaves the engine.
    pub(super) fn shown(&self, id: ExprId) -> Result<Value, FaultKind> {
        self.shown_in(&self.eval(), id)
    }

    fn shown_in(&self, eval: &Eval, id: ExprId) -> Result<Value, FaultKind> {
        let value = eval.value(id)?;
        Ok(value.show(&self.ir.expr(id).ty, &self.ir, self.account().facts.currency))
    }

    /// Words and values; one that cannot be computed is shown as missing.
    pub(super) fn evidence(&self, evidence: &[(String, ExprId)]) -> Vec<Evidence> {
        let eval = Eval { decides: false, ..self.eval() };
        let shown = |(text, id): &(String, ExprId)| Evidence {
            text: text.as_str().into(),
            value: self.shown_in(&eval, *id).unwrap_or(Value::Missing),
        };
        evidence.iter().map(shown).collect()
    }

    /// What the evidence of the node is made of.
    fn figures(&self) -> Vec<(u32, Value)> {
        let eval = Eval { decides: false, ..self.eval() };
        self.node().figures.iter().map(|id| (id.0, self.shown_in(&eval, *id).unwrap_or(Value::Missing))).collect()
    }

    /// Why something is decided now.
    pub(super) fn why(&self, headroom_before: Option<Value>, extreme: Option<u64>) -> Why {
        let account = self.account();
        Why {
            values: self.evidence(&self.node().evidence),
            figures: self.figures(),
            headroom_before,
            extreme,
            crossed: (!account.step.due).then_some(account.ordinal),
            phase: account.phase_name(),
        }
    }
}
