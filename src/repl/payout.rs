//! `why not payout`: what a request would find now.

use std::fmt::Write as _;

use super::course::Entry;
use super::needed::missing;
use super::session::Session;
use super::{Trouble, show};
use crate::engine::AccountRef;
use crate::ir::{ExprId, ExprKind, Ir, NodeKind, Payout, PayoutFact, PayoutStep, PayoutStepKind, Requirement};
use crate::outcome::Verdict;
use crate::sentences::{Part, Reading, Values, answer_to_request, figure};
use crate::value::{Decimal, Value};

/// Values as they were if a payout of an amount, or of all that is available, were requested now.
#[derive(Clone, Copy)]
struct AtRequest<'a> {
    account: AccountRef<'a>,
    amount: Option<Decimal>,
}

impl Values for AtRequest<'_> {
    fn value(&self, id: ExprId) -> Option<Value> {
        self.account.value_at_request(self.amount, id).ok()
    }
}

impl Session {
    pub(super) fn why_not_payout(&self, amount: &str) -> Result<String, Trouble> {
        let course = self.course()?;
        let account = self.account()?;
        let ir = self.program.ir();
        let phase = course.phase(&self.program);
        let mut policies = ir.nodes().filter(|(id, _)| self.program.code.in_force(*id, phase));
        let policy = policies.find_map(|(_, node)| match &node.kind {
            NodeKind::Payout(policy) => Some(policy),
            _ => None,
        });
        let Some(policy) = policy else {
            return Ok(format!("there is no payout in phase {}: no request would be granted", ir.phase(phase).name));
        };
        let at = AtRequest { account, amount: self.amount_of(amount)? };
        let (mut out, answer) = self.request(amount)?;
        self.policy(policy, at, answer.as_ref(), &mut out);
        Ok(out.trim_end().to_owned())
    }

    /// What a request for an amount, or for all that is available, would be answered, in words too.
    fn request(&self, amount: &str) -> Result<(String, Option<Verdict>), Trouble> {
        let mut course = self.course()?.clone();
        let before = course.world.decisions().len();
        course.play(&self.program, &self.opening, Entry::Steps(format!("request payout {}", self.expanded(amount))))?;
        let decided = course.decided_since(before);
        let verdict = decided.iter().find_map(|decision| decision.outcome.verdict.as_ref());
        let answer = verdict.and_then(|verdict| answer_to_request(self.program.ir(), verdict));
        let answer = answer.unwrap_or_else(|| "not be answered".into());
        let asked = match self.amount_of(amount)? {
            Some(amount) => format!(" for {}", Value::Money(amount, self.program.ir().header.currency)),
            None => " for all that is available".into(),
        };
        Ok((format!("a request{asked} would {answer}\n"), verdict.cloned()))
    }

    /// The amount that is asked for; none where it is all that is available.
    fn amount_of(&self, text: &str) -> Result<Option<Decimal>, Trouble> {
        if text.is_empty() {
            return Ok(None);
        }
        match self.value_of(text).map_err(|trouble| self.hinted(&format!("why not payout {text}"), trouble))? {
            Value::Money(amount, _) => Ok(Some(amount)),
            _ => Err(Trouble::Words(format!("`{text}` is no amount of money: write one, such as `why not payout $5,000`"))),
        }
    }

    fn policy(&self, policy: &Payout, at: AtRequest<'_>, answer: Option<&Verdict>, out: &mut String) {
        let ir = self.program.ir();
        let reading = Reading { ir, exprs: &ir.exprs, source: &ir.source, values: &at, at: None };
        for step in &policy.steps {
            let applies = step.when.map(|when| at.value(when));
            let state = match applies {
                Some(Some(Value::Bool(false))) => "does not apply now",
                Some(None) => "its condition cannot be computed",
                _ => "",
            };
            match &step.kind {
                PayoutStepKind::Require(requirement) => self.requirement(requirement, &reading, state, (at, answer), out),
                kind => self.payout_step(step, kind, &reading, state, out),
            }
        }
        for requirement in &policy.pending {
            self.requirement(requirement, &reading, "while the request waits", (at, answer), out);
        }
    }

    fn requirement(
        &self,
        requirement: &Requirement,
        reading: &Reading<'_>,
        state: &str,
        (at, answer): (AtRequest<'_>, Option<&Verdict>),
        out: &mut String,
    ) {
        let met = match at.account.value_at_request(at.amount, requirement.condition) {
            Ok(Value::Bool(true)) => "met".to_owned(),
            Ok(Value::Bool(false)) => match missing(self.program.ir(), &at, requirement.condition) {
                Some(words) => format!("NOT MET: {words}"),
                None => "NOT MET".into(),
            },
            Ok(_) => "NOT MET".into(),
            Err(_) if reads_amount(self.program.ir(), requirement.condition) => with_the_amount(&requirement.title, answer).into(),
            Err(fault) => format!("NOT MET: it cannot be computed: {}", fault.words()),
        };
        let met = if state.is_empty() { met } else { format!("{met}, {state}") };
        let _ = writeln!(out, "  \"{}\": {met}\n    {}", requirement.title, requirement.words);
        for (words, id) in &requirement.evidence {
            let part = Part { words: words.clone(), ..reading.part(*id) };
            // What the steps leave of the amount is known to nobody outside them.
            if reads_amount(self.program.ir(), *id) && matches!(part.value, None | Some(Value::Missing)) {
                continue;
            }
            show::tree(self.program.ir().header.day.zone, &part, 3, out);
        }
    }

    fn payout_step(&self, step: &PayoutStep, kind: &PayoutStepKind, reading: &Reading<'_>, state: &str, out: &mut String) {
        let ir = self.program.ir();
        let shown = match amount(kind) {
            Some(id) => match reading.values.value(id) {
                value @ Some(_) => format!(" = {}", figure(ir.header.day.zone, value.as_ref())),
                None => " (computed from the amount that is asked for)".into(),
            },
            None => String::new(),
        };
        let state = if state.is_empty() { String::new() } else { format!("  ({state})") };
        let _ = writeln!(out, "  {}{shown}{state}", step.words);
        if let Some(id) = amount(kind) {
            for part in reading.parts(id) {
                show::tree(ir.header.day.zone, &part, 2, out);
            }
        }
    }
}

/// Whether a condition reads the amount of the request, as the steps before it leave it.
fn reads_amount(ir: &Ir, id: ExprId) -> bool {
    let kind = &ir.expr(id).kind;
    matches!(kind, ExprKind::Payout(PayoutFact::Running)) || kind.operands().into_iter().any(|operand| reads_amount(ir, operand))
}

/// Whether what reads the amount was met as a request was answered.
fn with_the_amount(title: &str, answer: Option<&Verdict>) -> &'static str {
    match answer {
        Some(Verdict::Approve(_) | Verdict::Review { .. }) => "met, with the amount of the request",
        Some(Verdict::Deny { reasons, .. }) if reasons.iter().any(|reason| *reason.rule == *title) => {
            "NOT MET, with the amount of the request"
        }
        _ => "looked at with the amount of the request",
    }
}

const fn amount(kind: &PayoutStepKind) -> Option<ExprId> {
    match kind {
        PayoutStepKind::PaysAtMost(id)
        | PayoutStepKind::LeavesAtLeast(id)
        | PayoutStepKind::Minimum(id)
        | PayoutStepKind::Fee(id)
        | PayoutStepKind::Split(id)
        | PayoutStepKind::AlsoPays(id) => Some(*id),
        PayoutStepKind::Require(_) | PayoutStepKind::Review(_) => None,
    }
}
