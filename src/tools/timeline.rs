//! What was decided, for people and for machines.

use serde_json::json;

use super::render;
use crate::ir::Ir;
use crate::outcome::{Action, ActionKind, Cause, Change, Evidence, FlattenTarget, Outcome, Verdict, Why};
use crate::value::{Instant, Value};

/// Prints outcomes in which something was decided.
pub(super) fn print(ir: &Ir, outcomes: &[Outcome], json: bool) {
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_quiet()) {
        if json {
            render::line(&json!(outcome).to_string());
        } else {
            print_outcome(ir, outcome);
        }
    }
}

fn print_outcome(ir: &Ir, outcome: &Outcome) {
    let cause = match &outcome.cause {
        Cause::Event(id) => format!("event {id}"),
        Cause::Due(_) => "due by the clock".into(),
    };
    render::line(&format!("{}  {}  {cause}", local(ir, outcome.at), outcome.account));
    for line in decided(ir, outcome) {
        render::line(&format!("    {line}"));
    }
}

/// What was decided and why, line by line.
pub(super) fn decided(ir: &Ir, outcome: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(verdict) = &outcome.verdict {
        lines.push(format!("answer   {}", verdict_words(verdict)));
    }
    // A phase is entered at the end of what led to it.
    let (entered, others): (Vec<&Change>, Vec<&Change>) =
        outcome.changes.iter().partition(|change| matches!(change, Change::Entered { .. }));
    lines.extend(others.into_iter().map(change_words));
    for group in outcome.actions.chunk_by(|one, next| one.rule == next.rule && one.line == next.line && one.evidence == next.evidence) {
        lines.push(group_words(ir, group, &outcome.changes));
    }
    lines.extend(entered.into_iter().map(change_words));
    lines.extend(outcome.faults.iter().map(|fault| format!("fault    {fault}")));
    lines
}

/// The time on the program's clock.
pub(super) fn local(ir: &Ir, at: Instant) -> String {
    ir.header.day.zone.to_local(at).to_string()
}

fn change_words(change: &Change) -> String {
    match change {
        Change::Breach { limit, number, evidence, .. } => format!("breach   \"{limit}\", its {}: {}", nth(*number), why_words(evidence)),
        Change::PayoutReachesFloor { floor, equity, stands } => {
            format!("warning  the payout leaves {equity}, `{floor}` stands at {stands}")
        }
        Change::Cured { limit } => format!("cured    \"{limit}\""),
        Change::Reached { goal } => format!("reached  \"{goal}\""),
        Change::Lost { goal } => format!("lost     \"{goal}\""),
        Change::Entered { from, to } if from.is_empty() => format!("entered  {to}"),
        Change::Entered { from, to } => format!("entered  {to} from {from}"),
        Change::Locked { locked: true } => "locked".into(),
        Change::Locked { locked: false } => "unlocked".into(),
    }
}

/// What one rule asks for at once, with the reason, unless that was just said of its breach.
fn group_words(ir: &Ir, group: &[Action], changes: &[Change]) -> String {
    let what = group.iter().map(|action| action_words(ir, action)).collect::<Vec<_>>().join(", ");
    let Some(action) = group.first() else { return what };
    let by = format!("by \"{}\", line {}", action.rule, action.line);
    let said = changes.iter().any(|change| matches!(change, Change::Breach { limit, .. } if *limit == action.rule));
    let why = why_words(&action.evidence);
    if said || why.is_empty() { format!("action   {what}  {by}") } else { format!("action   {what}  {by}: {why}") }
}

/// `1st breach`, `2nd breach`
fn nth(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending} breach")
}

fn action_words(ir: &Ir, action: &Action) -> String {
    match &action.kind {
        ActionKind::Flatten { target, down_to, .. } => {
            let target = match target {
                FlattenTarget::All => String::new(),
                FlattenTarget::Positions(serials) => format!(" positions {serials:?}"),
                FlattenTarget::Symbol(symbol) => format!(" symbol {symbol}"),
            };
            let down_to = down_to.map_or_else(String::new, |quantity| format!(" down to {quantity}"));
            format!("flatten{target}{down_to}")
        }
        ActionKind::Lock { until: Some(until) } => format!("lock until {}", local(ir, *until)),
        ActionKind::Lock { until: None } => "lock until staff lift it".into(),
        ActionKind::Promote { phase } => format!("promote to {phase}"),
        ActionKind::Notify { to, message } => format!("notify {to}: {message}"),
        ActionKind::Review { message } => format!("review: {message}"),
        ActionKind::Pay { amount } => format!("pay {amount}"),
        ActionKind::Resize { to, .. } => format!("resize to {to}"),
        ActionKind::ResetLedger { to, .. } => format!("reset ledger to {to}"),
        ActionKind::AdjustBalance { by, .. } => format!("adjust balance by {by}"),
        ActionKind::RollBack { to, .. } => format!("roll back to {to}"),
        ActionKind::Call { action, arguments } => format!("call {action} ({})", evidence_words(arguments)),
        other => other.words().to_owned(),
    }
}

fn why_words(why: &Why) -> String {
    let mut parts = vec![evidence_words(&why.values)];
    if let Some(before) = why.headroom_before.as_ref().filter(|before| **before != Value::Missing) {
        parts.push(format!("room before {before}"));
    }
    if let Some(event) = why.extreme {
        parts.push(format!("extreme set by the account's event {event}"));
    }
    match why.crossed {
        Some(event) => parts.push(format!("crossed by the account's event {event}")),
        None => parts.push("crossed by time alone".into()),
    }
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// Words and values.
pub(super) fn evidence_words(evidence: &[Evidence]) -> String {
    evidence.iter().map(|evidence| format!("{} = {}", evidence.text, evidence.value)).collect::<Vec<_>>().join(", ")
}

fn verdict_words(verdict: &Verdict) -> String {
    let because = |reasons: &[crate::outcome::Reason]| {
        let each = reasons.iter().map(|reason| {
            let values = evidence_words(&reason.evidence);
            if values.is_empty() { format!("\"{}\"", reason.rule) } else { format!("\"{}\" ({values})", reason.rule) }
        });
        each.collect::<Vec<_>>().join("; ")
    };
    match verdict {
        Verdict::Allow => "allow".into(),
        Verdict::Reduce { quantity, reasons } => format!("reduce to {quantity}: {}", because(reasons)),
        Verdict::Reject { reasons } => format!("reject: {}", because(reasons)),
        Verdict::Approve(amounts) => {
            format!("approve {}: {} to the trader, {} to the firm, fee {}", amounts.amount, amounts.trader, amounts.firm, amounts.fee)
        }
        Verdict::Deny { reasons, .. } => format!("deny: {}", because(reasons)),
        Verdict::Review { reasons, amounts } => format!("review {}: {}", amounts.amount, because(reasons)),
    }
}
