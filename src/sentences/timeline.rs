//! What was decided, in lines.

use super::Told;
use super::floor::actions_of;
use crate::ir::Ir;
use crate::outcome::{Action, ActionKind, Cause, Change, Evidence, FlattenTarget, Outcome, Recomputed, Verdict, Why};
use crate::value::{Decimal, Instant, Value};

/// An outcome in lines; the first tells when and by what, the last the sentences that are given.
pub fn lines(ir: &Ir, outcome: &Outcome, told: &[Told]) -> Vec<String> {
    let cause = match &outcome.cause {
        Cause::Event(id) => format!("event {id}"),
        Cause::Due(_) => "due by the clock".into(),
    };
    let mut lines = vec![format!("{}  {}  {cause}", local(ir, outcome.at), outcome.account)];
    if let Some(verdict) = &outcome.verdict {
        lines.push(format!("    answer   {}", verdict_words(ir, verdict)));
    }
    // A phase is entered at the end of what led to it.
    let (entered, others): (Vec<&Change>, Vec<&Change>) =
        outcome.changes.iter().partition(|change| matches!(change, Change::Entered { .. }));
    for change in others {
        lines.push(format!("    {}", change_words(change)));
    }
    let recomputed = outcome.recomputed.as_deref();
    lines.extend(recomputed.iter().flat_map(|recomputed| taken_back(ir, recomputed)).map(|line| format!("    {line}")));
    let together =
        |one: &Action, next: &Action| (&one.rule, one.line, one.at, &one.evidence) == (&next.rule, next.line, next.at, &next.evidence);
    for group in outcome.actions.chunk_by(together) {
        lines.push(format!("    {}", group_words(ir, group, &outcome.changes)));
    }
    for change in entered {
        lines.push(format!("    {}", change_words(change)));
    }
    for fault in &outcome.faults {
        lines.push(format!("    fault    {fault}"));
    }
    lines.extend(told.iter().map(|told| format!("    why      {}", told.sentence)));
    lines
}

/// What was told before a correction, and is so no more.
fn taken_back(ir: &Ir, recomputed: &Recomputed) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for gone in &recomputed.withdrawn {
        lines.push(format!("withdrawn {}  by \"{}\": {}", asked_for(ir, &gone.kind), gone.key.rule, gone.reason));
    }
    lines.extend(recomputed.undone.iter().map(|undone| format!("undone   {}", change_words(&undone.told))));
    for answered in &recomputed.answers {
        let words = |verdict: &Option<Verdict>| verdict.as_ref().map_or_else(|| "none".to_owned(), |verdict| verdict_words(ir, verdict));
        let question = match &answered.cause {
            Cause::Event(id) => format!("event {id}"),
            Cause::Due(at) => local(ir, *at),
        };
        lines.push(format!("answer   of {question} would be: {}; it was: {}", words(&answered.is), words(&answered.was)));
    }
    lines
}

/// The time on the program's clock.
pub fn local(ir: &Ir, at: Instant) -> String {
    ir.header.day.zone.to_local(at).to_string()
}

fn change_words(change: &Change) -> String {
    match change {
        Change::Breach { limit, number, evidence, .. } => format!("breach   \"{limit}\", its {}: {}", nth(*number), why_words(evidence)),
        Change::PayoutReachesFloor { floor, equity, stands } => {
            format!("warning  the payout leaves {equity}, `{floor}` stands at {stands}")
        }
        Change::Cured { limit } => format!("cured    \"{limit}\""),
        Change::Reached { goal, .. } => format!("reached  \"{goal}\""),
        Change::Lost { goal, .. } => format!("lost     \"{goal}\""),
        Change::Entered { from, to } if from.is_empty() => format!("entered  {to}"),
        Change::Entered { from, to } => format!("entered  {to} from {from}"),
        Change::Locked { locked: true } => "locked".into(),
        Change::Locked { locked: false } => "unlocked".into(),
        Change::Migrates { to, when } => format!("goes over to version \"{to}\": {when}"),
        Change::Migrated { from, to } => format!("version  \"{to}\" from \"{from}\""),
    }
}

/// What one rule asks for at once, with the reason, unless that was just said of its breach.
fn group_words(ir: &Ir, group: &[Action], changes: &[Change]) -> String {
    let what = group.iter().map(|action| asked(ir, action)).collect::<Vec<_>>().join(", ");
    let Some(action) = group.first() else { return what };
    let late = if action.late { format!(", late: of {}", local(ir, action.at)) } else { String::new() };
    let by = format!("by \"{}\", line {}{}{late}", action.rule, action.line, of_rule(ir, action));
    let said = changes.iter().any(|change| matches!(change, Change::Breach { limit, .. } if *limit == action.rule));
    let why = why_words(&action.evidence);
    if said || why.is_empty() { format!("action   {what}  {by}") } else { format!("action   {what}  {by}: {why}") }
}

/// In which file the line of an action stands, where that is none of the program's own.
fn of_rule(ir: &Ir, action: &Action) -> String {
    let named = ir.nodes.iter().filter(|node| *node.name == *action.rule);
    let mut places = named.flat_map(actions_of).map(|action| action.span.start);
    let line = |offset: &u32| u32::try_from(ir.source.line_column(*offset).0).is_ok_and(|line| line == action.line);
    places.find(line).map_or_else(String::new, |offset| of_file(ir, offset))
}

/// ` of common/close.fence`: the file of an offset, where it is none of the program's own.
pub(super) fn of_file(ir: &Ir, offset: u32) -> String {
    let file = &ir.source.file_at(offset).name;
    if file == ir.source.name() { String::new() } else { format!(" of {file}") }
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

/// What an action asks for, in words.
pub fn asked(ir: &Ir, action: &Action) -> String {
    asked_for(ir, &action.kind)
}

fn asked_for(ir: &Ir, kind: &ActionKind) -> String {
    match kind {
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
        parts.push(room_words(before));
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

/// How far a limit was from its breach: `room before $10.00`, or by how much it was over already.
fn room_words(before: &Value) -> String {
    beyond(before).map_or_else(|| format!("room before {before}"), |by| format!("over by {by} already before"))
}

/// By how much less than nothing an amount is; nothing where it is not.
pub fn beyond(left: &Value) -> Option<Value> {
    Some(match left {
        Value::Money(left, currency) if left.is_negative() => Value::Money(left.neg(), *currency),
        Value::Number(left) if left.is_negative() => Value::Number(left.neg()),
        Value::Percent(left) if left.is_negative() => Value::Percent(left.neg()),
        Value::Quantity(left, unit) if left.is_negative() => Value::Quantity(left.neg(), *unit),
        _ => return None,
    })
}

/// Words and values.
pub fn evidence_words(evidence: &[Evidence]) -> String {
    evidence.iter().map(|evidence| format!("{} = {}", evidence.text, evidence.value)).collect::<Vec<_>>().join(", ")
}

fn verdict_words(ir: &Ir, verdict: &Verdict) -> String {
    let money = |amount: Decimal| Value::Money(amount, ir.header.currency).to_string();
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
            let fee = if amounts.fee.is_zero() { String::new() } else { format!(", after a fee of {}", money(amounts.fee)) };
            let (amount, trader, firm) = (money(amounts.amount), money(amounts.trader), money(amounts.firm));
            format!("the payout of {amount} is approved: {trader} for the trader{fee}, {firm} for the firm")
        }
        Verdict::Deny { reasons, .. } => format!("deny: {}", because(reasons)),
        Verdict::Review { reasons, amounts } => format!("review {}: {}", amounts.amount, because(reasons)),
    }
}
