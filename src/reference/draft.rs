//! The outcome in the making: effects in order, and how actions combine.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ir::{Ir, NodeId, PhaseId};
use crate::outcome::{Action, ActionKind, Cause, Change, Fault, FaultKind, FlattenTarget, Outcome, Reason, Verdict};
use crate::value::{Decimal, Instant};

/// Something that a node led to.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// Something changed.
    Change(Change),
    /// An action was asked for.
    Act(Box<Act>),
    /// A node could not be evaluated.
    Fault {
        /// The node.
        node: NodeId,
        /// Why.
        kind: FaultKind,
    },
}

/// An action that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Act {
    /// The action as it leaves the engine.
    pub(super) action: Action,
    /// The node.
    pub(super) node: NodeId,
    /// Its list and its place there.
    pub(super) place: (u16, u16),
    /// What the account itself does.
    pub(super) own: Own,
}

/// What the account itself does for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Own {
    /// Nothing.
    Nothing,
    /// It keeps a lock until then.
    Lock(i64),
    /// It lifts the program's locks.
    Unlock,
    /// It enters the phase anew.
    Restart,
    /// It enters a phase once it is flat.
    Promote(PhaseId),
    /// It is closed.
    Close,
    /// It is failed.
    Fail,
}

impl Own {
    /// Whether it changes the account's standing. The greater the more severe.
    pub(super) const fn is_standing(self) -> bool {
        matches!(self, Self::Restart | Self::Promote(_) | Self::Close | Self::Fail)
    }
}

/// The outcome in the making.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// What it answers.
    pub(super) cause: Cause,
    /// Effects, in order.
    pub(super) effects: Vec<Effect>,
    /// The answer.
    pub(super) verdict: Option<Verdict>,
    /// Faults of the event itself.
    pub(super) faults: Vec<FaultKind>,
    /// Rules that have fired: each at most once in an outcome.
    pub(super) fired: BTreeSet<(NodeId, u64)>,
}

impl Draft {
    /// Nothing has happened yet.
    pub(super) const fn new(cause: Cause) -> Self {
        Self { cause, effects: Vec::new(), verdict: None, faults: Vec::new(), fired: BTreeSet::new() }
    }

    /// Whether failing or closing was asked for.
    pub(super) fn ends_account(&self) -> bool {
        self.acts().any(|act| matches!(act.own, Own::Fail | Own::Close))
    }

    /// The actions asked for so far.
    pub(super) fn acts(&self) -> impl Iterator<Item = &Act> {
        self.effects.iter().filter_map(|effect| if let Effect::Act(act) = effect { Some(act.as_ref()) } else { None })
    }

    /// Of the standing actions from an effect on, only the most severe stays, the first among equals.
    pub(super) fn keep_one_standing(&mut self, from: usize) -> Option<Act> {
        let standing = |effect: &Effect| if let Effect::Act(act) = effect { Some(act.own).filter(|own| own.is_standing()) } else { None };
        let severity = |own: Own| if let Own::Promote(_) = own { Own::Promote(PhaseId(0)) } else { own };
        let later = self.effects.iter().enumerate().skip(from);
        let asked: Vec<(usize, Own)> = later.filter_map(|(at, effect)| standing(effect).map(|own| (at, severity(own)))).collect();
        let most = asked.iter().map(|(_, own)| *own).max()?;
        let chosen = asked.iter().find(|(_, own)| *own == most).map(|(at, _)| *at)?;
        let act = match self.effects.get(chosen) {
            Some(Effect::Act(act)) => act.as_ref().clone(),
            _ => return None,
        };
        let mut at = 0;
        self.effects.retain(|effect| {
            at += 1;
            at - 1 == chosen || at <= from || standing(effect).is_none()
        });
        Some(act)
    }

    /// The outcome.
    pub(super) fn finish(self, ir: &Ir, account: Arc<str>, at: Instant) -> Outcome {
        let (mut actions, mut changes, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        let of_event = |kind| Fault { kind, rule: "".into(), line: 0, detail: String::new() };
        faults.extend(self.faults.into_iter().map(of_event));
        for effect in self.effects {
            match effect {
                Effect::Change(change) => changes.push(change),
                Effect::Act(act) => actions.push(act.action),
                Effect::Fault { node, kind } => {
                    let node = ir.node(node);
                    let line = line_of(ir, node.head.start);
                    faults.push(Fault { kind, rule: node.name.as_str().into(), line, detail: String::new() });
                }
            }
        }
        Outcome { account, cause: self.cause, at, verdict: self.verdict, actions: combined(actions), changes, faults, recomputed: None }
    }
}

/// The line of a place, from 1.
pub(super) fn line_of(ir: &Ir, offset: u32) -> u32 {
    u32::try_from(ir.source.line_column(offset).0).unwrap_or(u32::MAX)
}

/// Market actions each once: all positions beat others, of equal targets the smallest rest stays;
/// cancelling, rejecting, reducing and rolling back once. Everything else stays as asked.
fn combined(actions: Vec<Action>) -> Vec<Action> {
    let all = actions.iter().any(|action| matches!(&action.kind, ActionKind::Flatten { target: FlattenTarget::All, .. }));
    let mut kept: Vec<Action> = Vec::new();
    for action in actions {
        match &action.kind {
            ActionKind::Flatten { target, .. } if all && *target != FlattenTarget::All => {}
            ActionKind::Flatten { target, down_to, .. } => {
                let same =
                    kept.iter().position(|other| matches!(&other.kind, ActionKind::Flatten { target: other, .. } if other == target));
                match same {
                    Some(at) if kept.get(at).is_some_and(|other| rest(&other.kind) > *down_to) => {
                        kept.remove(at);
                        kept.push(action);
                    }
                    Some(_) => {}
                    None => kept.push(action),
                }
            }
            ActionKind::CancelOrders | ActionKind::Reject | ActionKind::Reduce | ActionKind::RollBack { .. } => {
                if !kept.iter().any(|other| other.kind == action.kind) {
                    kept.push(action);
                }
            }
            _ => kept.push(action),
        }
    }
    kept
}

/// How much a flatten leaves; `None`, nothing, is less than any quantity.
fn rest(kind: &ActionKind) -> Option<Decimal> {
    if let ActionKind::Flatten { down_to, .. } = kind { *down_to } else { None }
}

/// A reason without values.
pub(super) fn bare_reason(rule: &str) -> Reason {
    Reason { rule: rule.into(), cites: None, evidence: Vec::new() }
}
