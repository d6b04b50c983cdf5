//! From the effects of one moment to what the host is told: actions with their keys, changes,
//! faults; and the one change of standing that is carried out.

use std::sync::Arc;

use super::books::Books;
use super::days;
use super::locks::LockedBy;
use super::values;
use crate::calendar::TradingCalendar;
use crate::event::Provenance;
use crate::ir::{self, Ir, LockUntil, Node, NodeId, NodeKind, Per, PhaseId, TemplatePart};
use crate::outcome::{Action, ActionKind, Cause, Change, Evidence, Fault, FaultKind, FlattenTarget, Key, Outcome, Verdict, Why};
use crate::syntax::ast::First;
use crate::value::{Instant, Value};
use crate::vm::view::{Act, Effect, MISSING, NEVER};

/// A change of the account's standing that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Into the phase `failed`.
    Fail,
    /// Into the phase `closed`.
    Close,
    /// Into a phase, once the account is flat; by a goal or rule.
    Promote(PhaseId, NodeId),
    /// Into the current phase anew.
    Restart,
}

impl Standing {
    const fn severity(self) -> u8 {
        match self {
            Self::Fail => 2,
            Self::Close => 1,
            Self::Promote(..) | Self::Restart => 0,
        }
    }
}

/// An outcome as it grows over the moments of one event or due instant.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    /// The outcome so far; its cause is filled in only when something happens.
    pub outcome: Outcome,
    /// The id of the event, until it is the outcome's cause.
    event: Option<&'a str>,
    /// The number of the event that crossed; none where time alone did.
    pub crossed: Option<u64>,
    /// How many of the effects were taken in.
    taken: usize,
}

impl<'a> Draft<'a> {
    /// Nothing has happened yet.
    pub(super) fn new(account: Arc<str>, event: Option<&'a str>, at: i64, crossed: Option<u64>) -> Self {
        let at = Instant::from_nanos(at);
        let (actions, changes, faults) = (Vec::new(), Vec::new(), Vec::new());
        let outcome = Outcome { account, cause: Cause::Due(at), at, verdict: None, actions, changes, faults, recomputed: None };
        Self { outcome, event, crossed, taken: 0 }
    }

    /// The outcome, unless nothing happened.
    pub(super) fn finish(mut self) -> Option<Outcome> {
        if self.outcome.is_quiet() {
            return None;
        }
        self.cause();
        Some(self.outcome)
    }

    fn cause(&mut self) -> Cause {
        if let Some(id) = self.event.take() {
            self.outcome.cause = Cause::Event(id.into());
        }
        self.outcome.cause.clone()
    }

    /// Answers a question; the first answer stands.
    pub(super) fn answer(&mut self, verdict: Verdict) {
        self.outcome.verdict.get_or_insert(verdict);
    }

    /// Tells a fault of the event itself.
    pub(super) fn fault(&mut self, kind: FaultKind, detail: impl Into<String>) {
        self.outcome.faults.push(Fault { kind, rule: "".into(), line: 0, detail: detail.into() });
    }

    /// Tells that a rule cannot do what it says.
    pub(super) fn rule_fault(&mut self, ir: &Ir, node: NodeId, kind: FaultKind) {
        self.outcome.faults.push(Fault { kind, rule: name(ir, node), line: line(ir, node), detail: String::new() });
    }

    /// Takes the effects of a moment in, and answers the change of standing to carry out. The first
    /// `early` effects come from ends of periods and rules of the clock: the next start of a period
    /// may then be this very instant.
    pub(super) fn take(&mut self, context: Context, books: &mut Books, effects: &[Effect], early: usize) -> Option<Standing> {
        let new = effects.get(self.taken..).unwrap_or_default();
        let standing = most_severe(context.ir, books, new);
        let was_locked = books.is_locked();
        let mut told = false;
        for (at, effect) in (self.taken..).zip(new) {
            self.take_one(Context { or_at: at < early, ..context }, books, effect, standing, &mut told);
        }
        self.taken = effects.len();
        if books.is_locked() != was_locked {
            self.outcome.changes.push(Change::Locked { locked: !was_locked });
        }
        standing
    }

    fn take_one(&mut self, context: Context, books: &mut Books, effect: &Effect, standing: Option<Standing>, told: &mut bool) {
        let ir = context.ir;
        match effect {
            Effect::Breach { node, instance, number, evidence, headroom_before, extreme } => {
                let evidence = self.why(ir, books, *node, evidence, *headroom_before, *extreme);
                let instance = shown_instance(ir, *node, *instance);
                self.outcome.changes.push(Change::Breach { limit: name(ir, *node), instance, number: *number, evidence });
            }
            Effect::Cured { node } => self.outcome.changes.push(Change::Cured { limit: name(ir, *node) }),
            Effect::Reached { node, evidence } => {
                let evidence = self.why(ir, books, *node, evidence, MISSING, None);
                self.outcome.changes.push(Change::Reached { goal: name(ir, *node), evidence });
            }
            Effect::Lost { node, evidence } => {
                books.promotion.take_if(|promotion| promotion.by == node.0);
                let evidence = self.why(ir, books, *node, evidence, MISSING, None);
                self.outcome.changes.push(Change::Lost { goal: name(ir, *node), evidence });
            }
            Effect::Fault { node, expr, kind } => {
                let detail = expr.map(|expr| ir.source.slice(ir.expr(expr).span).to_owned()).unwrap_or_default();
                self.outcome.faults.push(Fault { kind: *kind, rule: name(ir, *node), line: line(ir, *node), detail });
            }
            Effect::Act(act) => self.act(context, books, act, standing, told),
            // Answered where the policy's values are at hand.
            Effect::PayoutAnswer(_) => {}
        }
    }

    fn act(&mut self, context: Context, books: &mut Books, act: &Act, standing: Option<Standing>, told: &mut bool) {
        let ir = context.ir;
        let Some(action) = actions_of(ir.node(act.node), act.list).get(usize::from(act.place)) else { return };
        let asked = standing_of(&action.kind, act.node);
        let held_back = asked.is_some_and(|asked| held_back(books, asked));
        if let Some(asked) = asked.filter(|_| !held_back) {
            // Only the most severe is carried out, the first of its kind.
            if standing != Some(asked) || std::mem::replace(told, true) {
                return;
            }
        }
        let Some(kind) = action_kind(context, books, act, &action.kind) else {
            if matches!(action.kind, ir::ActionKind::RollBack) {
                self.rule_fault(ir, act.node, FaultKind::Overflow);
            }
            return;
        };
        let kind =
            if held_back { ActionKind::Review { message: format!("`{}` was asked for by an estimate", kind.words()) } } else { kind };
        match &kind {
            ActionKind::Lock { until } => {
                let until = until.map_or(NEVER, Instant::nanos);
                let by = LockedBy::Rule(act.node.0, act.list, act.place);
                books.locks.add(by, until, books.now);
            }
            ActionKind::Unlock => books.locks.unlock(),
            _ => {}
        }
        if !self.makes_room(&kind) {
            return;
        }
        let why = self.why(ir, books, act.node, &act.evidence, act.headroom_before, act.extreme);
        let line = line_at(ir, action.span.start);
        self.push(ir, act.node, (act.instance, act.ordinal), kind, line, why);
    }

    /// Adds an action of a rule.
    pub(super) fn push(&mut self, ir: &Ir, node: NodeId, (instance, ordinal): (u64, u32), kind: ActionKind, line: u32, evidence: Why) {
        let rule = name(ir, node);
        let cause = self.cause();
        let instance = shown_instance(ir, node, instance);
        let phase = ir.node(node).phase.map(|phase| ir.phase(phase).name.as_str().into());
        let key = Key { account: self.outcome.account.clone(), cause, phase, rule: rule.clone(), instance, ordinal };
        let cites = ir.node(node).cites.as_deref().map(Arc::from);
        let action = Action { key, attempt: 1, late: false, kind, at: self.outcome.at, rule, cites, line, evidence };
        self.outcome.actions.push(action);
    }

    /// Combines an action with those already there: what closes, refuses or rolls back is done once. A flatten of
    /// everything beats others; of equal targets the one that leaves least stays. Whether it is added.
    fn makes_room(&mut self, kind: &ActionKind) -> bool {
        let actions = &mut self.outcome.actions;
        match kind {
            ActionKind::CancelOrders | ActionKind::Reject | ActionKind::Reduce | ActionKind::RollBack { .. } => {
                actions.iter().all(|action| action.kind != *kind)
            }
            ActionKind::Flatten { target, down_to, .. } => {
                let all = |kind: &ActionKind| matches!(kind, ActionKind::Flatten { target: FlattenTarget::All, .. });
                if all(kind) {
                    actions.retain(|action| !matches!(action.kind, ActionKind::Flatten { .. }) || all(&action.kind));
                } else if actions.iter().any(|action| all(&action.kind)) {
                    return false;
                }
                let same =
                    actions.iter().position(|action| matches!(&action.kind, ActionKind::Flatten { target: other, .. } if other == target));
                let Some(at) = same else { return true };
                let leaves = actions.get(at).and_then(|action| rest(&action.kind));
                // No quantity means down to nothing, which is less than any.
                let less = leaves > *down_to;
                if less {
                    actions.remove(at);
                }
                less
            }
            _ => true,
        }
    }

    /// Why a node decided.
    pub(super) fn why(&self, ir: &Ir, books: &Books, node: NodeId, raws: &[i64], headroom: i64, extreme: Option<u64>) -> Why {
        let node = ir.node(node);
        let headroom_before = (headroom != MISSING).then(|| values::value(ir, books, &left_type(ir, node), headroom));
        let phase = books.phase_name(ir);
        let values = values::evidence(ir, books, &node.evidence, raws);
        let raws = raws.iter().skip(node.evidence.len());
        let figures = node.figures.iter().zip(raws).map(|(expr, raw)| (expr.0, values::value(ir, books, &ir.expr(*expr).ty, *raw)));
        let figures = figures.collect();
        Why { values, figures, headroom_before, extreme, crossed: self.crossed, phase: phase.into() }
    }
}

/// What resolving an effect needs to know.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// The program.
    pub ir: &'a Ir,
    /// Its trading days.
    pub calendar: &'a TradingCalendar,
    /// Whether the next start of a period may be this instant.
    pub or_at: bool,
}

/// The name of a node, as keys and reports call it.
pub(super) fn name(ir: &Ir, node: NodeId) -> Arc<str> {
    ir.node(node).name.as_str().into()
}

/// The number of an instance as keys tell it: of symbols from 1, so that 0 is none.
fn shown_instance(ir: &Ir, node: NodeId, instance: u64) -> u64 {
    instance + u64::from(ir.node(node).per == Per::Symbol)
}

/// The line of a node, from 1.
pub(super) fn line(ir: &Ir, node: NodeId) -> u32 {
    line_at(ir, ir.node(node).head.start)
}

fn line_at(ir: &Ir, offset: u32) -> u32 {
    u32::try_from(ir.source.line_column(offset).0).unwrap_or(u32::MAX)
}

/// How much a flatten leaves.
fn rest(kind: &ActionKind) -> Option<crate::value::Decimal> {
    if let ActionKind::Flatten { down_to, .. } = kind { *down_to } else { None }
}

/// The actions of a node's list: handlers of a limit, then its percentages; a goal's two lists.
fn actions_of(node: &Node, list: u16) -> &[ir::Action] {
    let at = usize::from(list);
    let actions = match &node.kind {
        NodeKind::Limit(limit) => {
            let used = at.checked_sub(limit.on_breach.len()).and_then(|at| limit.at_used.get(at)).map(|(_, actions)| actions);
            limit.on_breach.get(at).map(|handler| &handler.actions).or(used)
        }
        NodeKind::Rule(rule) => (at == 0).then_some(&rule.actions),
        NodeKind::Goal(goal) => [&goal.on_reached, &goal.on_lost].get(at).copied(),
        _ => None,
    };
    actions.map_or(&[], Vec::as_slice)
}

/// Whether an action asks to reject the order at hand.
pub(super) fn is_reject(ir: &Ir, act: &Act) -> bool {
    let action = actions_of(ir.node(act.node), act.list).get(usize::from(act.place));
    matches!(action.map(|action| &action.kind), Some(ir::ActionKind::Reject))
}

/// The type of the limited value, in which headroom is counted.
pub(super) fn left_type(ir: &Ir, node: &Node) -> crate::value::Type {
    match &node.kind {
        NodeKind::Limit(limit) => match limit.invariant {
            ir::Invariant::Stays { left, .. } => ir.expr(left).ty.clone(),
            ir::Invariant::Never(_) => crate::value::Type::Bool,
        },
        _ => node.ty.clone(),
    }
}

fn standing_of(kind: &ir::ActionKind, by: NodeId) -> Option<Standing> {
    match kind {
        ir::ActionKind::Fail => Some(Standing::Fail),
        ir::ActionKind::CloseAccount => Some(Standing::Close),
        ir::ActionKind::Promote(phase) => Some(Standing::Promote(*phase, by)),
        ir::ActionKind::Restart => Some(Standing::Restart),
        _ => None,
    }
}

/// An estimate fails and closes nobody: a person decides.
fn held_back(books: &Books, standing: Standing) -> bool {
    books.provenance == Provenance::Estimated && matches!(standing, Standing::Fail | Standing::Close)
}

/// The most severe change of standing that is asked for and possible; the first among equals.
fn most_severe(ir: &Ir, books: &Books, effects: &[Effect]) -> Option<Standing> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::Act(act) => {
            let action = actions_of(ir.node(act.node), act.list).get(usize::from(act.place))?;
            let asked = standing_of(&action.kind, act.node).filter(|standing| !held_back(books, *standing));
            asked.filter(|standing| books.may_turn(ir, *standing))
        }
        _ => None,
    });
    asked.fold(None, |best: Option<Standing>, next| match best {
        Some(best) if best.severity() >= next.severity() => Some(best),
        _ => Some(next),
    })
}

fn action_kind(context: Context, books: &Books, act: &Act, kind: &ir::ActionKind) -> Option<ActionKind> {
    let ir = context.ir;
    let argument = |at: usize| act.arguments.get(at).copied().unwrap_or(MISSING);
    Some(match kind {
        ir::ActionKind::Flatten { target, down_to, first } => {
            return flatten(books, act, *target, down_to.is_some(), *first);
        }
        ir::ActionKind::CancelOrders => ActionKind::CancelOrders,
        ir::ActionKind::Reject => ActionKind::Reject,
        ir::ActionKind::Reduce => ActionKind::Reduce,
        ir::ActionKind::Lock(until) => ActionKind::Lock { until: lock_end(context, books, *until, argument(0)) },
        ir::ActionKind::Unlock => ActionKind::Unlock,
        ir::ActionKind::Fail => ActionKind::Fail,
        ir::ActionKind::Promote(phase) => ActionKind::Promote { phase: ir.phase(*phase).name.as_str().into() },
        ir::ActionKind::CloseAccount => ActionKind::CloseAccount,
        ir::ActionKind::Restart => ActionKind::Restart,
        ir::ActionKind::Notify(to, template) => {
            ActionKind::Notify { to: to.word().into(), message: message(ir, books, &template.parts, &act.arguments) }
        }
        ir::ActionKind::Review(template) => ActionKind::Review { message: message(ir, books, &template.parts, &act.arguments) },
        ir::ActionKind::Pay(_) => ActionKind::Pay { amount: values::decimal(argument(0)) },
        ir::ActionKind::Resize { .. } => ActionKind::Resize { to: values::decimal(argument(0)), by: values::decimal(argument(1)) },
        ir::ActionKind::ResetLedger { .. } => {
            ActionKind::ResetLedger { to: values::decimal(argument(0)), by: values::decimal(argument(1)) }
        }
        ir::ActionKind::AdjustBalance { reason, .. } => {
            let message = message(ir, books, &reason.parts, act.arguments.get(1..).unwrap_or_default());
            ActionKind::AdjustBalance { by: values::decimal(argument(0)), reason: message }
        }
        ir::ActionKind::RollBack => {
            let (to, by) = books.rolls_back_to().ok()?;
            ActionKind::RollBack { to: to.into(), by: by.into() }
        }
        ir::ActionKind::Call(action, _) => call(ir, books, *action, &act.arguments)?,
        // Done inside the evaluation.
        ir::ActionKind::Jump { .. } | ir::ActionKind::Freeze(_) | ir::ActionKind::Set(..) => return None,
    })
}

/// Arguments: the symbol for one, the serials for `where`; then how far down.
fn flatten(books: &Books, act: &Act, target: ir::FlattenTarget, partly: bool, first: Option<First>) -> Option<ActionKind> {
    let (down_to, rest) = match act.arguments.split_last() {
        Some((last, rest)) if partly => (Some(values::decimal(*last)), rest),
        _ => (None, act.arguments.as_slice()),
    };
    let target = match target {
        ir::FlattenTarget::All => FlattenTarget::All,
        ir::FlattenTarget::Position => FlattenTarget::Positions(vec![act.instance]),
        ir::FlattenTarget::Symbol(_) => {
            let symbol = rest.first().and_then(|number| books.symbol_name(*number)).unwrap_or_default();
            FlattenTarget::Symbol(symbol.into())
        }
        ir::FlattenTarget::Where(_) | ir::FlattenTarget::Group(_) => {
            FlattenTarget::Positions(rest.iter().filter_map(|serial| u64::try_from(*serial).ok()).collect())
        }
    };
    let word = |first| if first == First::Newest { "newest" } else { "largest" };
    let nothing = matches!(&target, FlattenTarget::Positions(serials) if serials.is_empty());
    (!nothing).then(|| ActionKind::Flatten { target, down_to, first: first.map(|first| word(first).into()) })
}

fn lock_end(context: Context, books: &Books, until: LockUntil, argument: i64) -> Option<Instant> {
    let end = match until {
        LockUntil::Next(period) => days::start_after(context.calendar, context.ir, period, books.at(), context.or_at),
        LockUntil::Instant(_) if argument == MISSING => NEVER,
        LockUntil::Instant(_) => argument,
        LockUntil::Staff => NEVER,
    };
    (end != NEVER).then(|| Instant::from_nanos(end))
}

fn message(ir: &Ir, books: &Books, parts: &[TemplatePart], arguments: &[i64]) -> String {
    let mut arguments = arguments.iter();
    let mut text = String::new();
    for part in parts {
        match part {
            TemplatePart::Text(plain) => text.push_str(plain),
            TemplatePart::Value(expr) => {
                let raw = arguments.next().copied().unwrap_or(MISSING);
                text.push_str(&ir.header.day.zone.words(&values::value(ir, books, &ir.expr(*expr).ty, raw)));
            }
        }
    }
    text
}

fn call(ir: &Ir, books: &Books, action: u16, arguments: &[i64]) -> Option<ActionKind> {
    let record = ir.actions.get(usize::from(action))?;
    let pairs = record.fields.iter().zip(arguments);
    let arguments = pairs.map(|((name, ty), raw)| Evidence { text: name.as_str().into(), value: values::value(ir, books, ty, *raw) });
    Some(ActionKind::Call { action: record.name.as_str().into(), arguments: arguments.collect::<Vec<Evidence>>() })
}

/// A value with the words of the program for it.
pub(super) fn said(text: &str, value: Value) -> Evidence {
    Evidence { text: text.into(), value }
}
