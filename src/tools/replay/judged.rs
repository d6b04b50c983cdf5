//! What a program decides of a recorded account.

use std::sync::Arc;

use super::Candidate;
use super::recorded::Own;
use crate::engine::{DryRun, LONGEST_WAIT_DAYS};
use crate::event::{Event, Kind, Open};
use crate::outcome::{ActionKind, Change, Outcome, Verdict, Why};
use crate::replay::{Counts, Recording, Replay};
use crate::sentences::evidence_words;
use crate::value::{Decimal, Instant, Value};

/// What was decided of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Judged {
    /// Whether the program took it.
    pub(super) opened: bool,
    pub(super) phase: String,
    /// The first limit that was breached.
    pub(super) breach: Option<Breach>,
    /// The rule that failed the account.
    pub(super) failure: Option<Breach>,
    pub(super) breaches: u64,
    /// The goals that were reached, in order.
    pub(super) goals: Vec<(Arc<str>, Instant)>,
    /// How many payouts were approved, and what they came to for the trader.
    pub(super) payouts: u64,
    pub(super) paid: Decimal,
    /// What the first fault says.
    pub(super) fault: Option<String>,
    pub(super) balance: Option<Value>,
    pub(super) counts: Counts,
    /// What came of going over to another version from the end on, where that was tried.
    pub(super) over: Option<Result<Over, String>>,
}

/// What comes of an account that goes over to another version.
#[derive(Clone, Debug)]
pub(super) struct Over {
    /// What its version still decides while it waits.
    pub(super) before: Decided,
    /// What going over leads to.
    pub(super) then: Decided,
}

/// What some outcomes come to.
#[derive(Clone, Debug)]
pub(super) struct Decided {
    /// The instant of the first.
    pub(super) at: Option<Instant>,
    pub(super) breach: Option<Breach>,
    pub(super) fails: bool,
    /// The phase that it enters last.
    pub(super) enters: Option<Arc<str>>,
    pub(super) actions: usize,
}

impl Decided {
    fn of(outcomes: &[Outcome]) -> Self {
        let breaches = outcomes.iter().flat_map(|outcome| outcome.changes.iter().map(move |change| (outcome.at, change)));
        let mut found = breaches.filter_map(|(at, change)| match change {
            Change::Breach { limit, evidence, .. } => Some(Breach::new(limit, at, evidence)),
            _ => None,
        });
        let changes = || outcomes.iter().flat_map(|outcome| &outcome.changes);
        let mut entered = changes().filter_map(|change| if let Change::Entered { to, .. } = change { Some(to.clone()) } else { None });
        let enters = entered.next_back();
        let actions = || outcomes.iter().flat_map(|outcome| &outcome.actions);
        Self {
            at: outcomes.first().map(|outcome| outcome.at),
            breach: found.next(),
            fails: actions().any(|action| matches!(action.kind, ActionKind::Fail)),
            enters,
            actions: actions().count(),
        }
    }
}

/// The breach of a limit, or another rule that fails an account: when, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    pub(super) rule: Arc<str>,
    pub(super) at: Instant,
    pub(super) by: String,
}

/// Replays an account.
pub(super) fn judge(candidate: &Candidate, recording: &Recording, own: &Own, until: Option<Instant>) -> Result<Judged, String> {
    let mut replay = Replay::new(recording);
    replay.load(Arc::clone(&candidate.program));
    if let Some(holidays) = &candidate.holidays {
        replay.load_calendar(holidays.name().to_owned(), holidays.clone());
    }
    let mut judged = Judged::default();
    for (recorded, event) in own {
        let bound = bound_to(candidate, event);
        let event = bound.as_ref().unwrap_or(event);
        let told = match recorded {
            Some(recorded) => replay.apply_after(*recorded, event),
            None => replay.apply(event),
        };
        judged.note(told.map_err(|error| error.to_string())?)?;
    }
    judged.note(replay.finish(until))?;
    judged.counts = replay.counts();
    if let Some(account) = replay.account() {
        let status = account.status();
        (judged.opened, judged.phase, judged.balance) = (true, status.phase.to_string(), Some(status.balance));
        judged.over = candidate.goes.as_ref().map(|goes| match account.dry_run_when_due(goes) {
            Ok(DryRun { before, over: Some(over) }) => Ok(Over { before: Decided::of(&before), then: Decided::of(&over) }),
            Ok(_) => Err(format!(
                "time alone brings no next cycle within {LONGEST_WAIT_DAYS} days: it begins with a payout or with another phase"
            )),
            Err(error) => Err(error.to_string()),
        });
    }
    Ok(judged)
}

/// An opening, under the program at hand instead of the one that was in force.
fn bound_to(candidate: &Candidate, event: &Event) -> Option<Event> {
    let Kind::Open(open) = &event.kind else { return None };
    let ir = &candidate.program.ir;
    let open = Open { program: ir.title.clone(), version: ir.header.version.clone(), ..open.clone() };
    Some(Event { kind: Kind::Open(open), ..event.clone() })
}

impl Breach {
    fn new(rule: &Arc<str>, at: Instant, why: &Why) -> Self {
        Self { rule: Arc::clone(rule), at, by: evidence_words(&why.values) }
    }
}

impl Judged {
    fn note(&mut self, outcomes: &[Outcome]) -> Result<(), String> {
        for outcome in outcomes {
            for change in &outcome.changes {
                match change {
                    Change::Breach { limit, evidence, .. } => {
                        self.breaches += 1;
                        self.breach.get_or_insert_with(|| Breach::new(limit, outcome.at, evidence));
                    }
                    Change::Reached { goal, .. } => self.goals.push((Arc::clone(goal), outcome.at)),
                    _ => {}
                }
            }
            if let Some(Verdict::Approve(amounts)) = &outcome.verdict {
                self.pay(amounts.trader)?;
                self.paid = sum(self.paid, amounts.besides)?;
            }
            for action in &outcome.actions {
                match &action.kind {
                    ActionKind::Pay { amount } => self.pay(*amount)?,
                    ActionKind::Fail => {
                        self.failure.get_or_insert_with(|| Breach::new(&action.rule, outcome.at, &action.evidence));
                    }
                    _ => {}
                }
            }
            if let (None, Some(fault)) = (&self.fault, outcome.faults.first()) {
                self.fault = Some(fault.to_string());
            }
        }
        Ok(())
    }

    /// What failed the account; else the first limit that was breached.
    pub(super) fn worst(&self) -> Option<&Breach> {
        self.failure.as_ref().or(self.breach.as_ref())
    }

    fn pay(&mut self, amount: Decimal) -> Result<(), String> {
        self.payouts += 1;
        self.paid = sum(self.paid, amount)?;
        Ok(())
    }

    /// An amount in the account's currency.
    pub(super) fn money(&self, amount: Decimal) -> Value {
        match self.balance {
            Some(Value::Money(_, currency)) => Value::Money(amount, currency),
            _ => Value::Number(amount),
        }
    }
}

/// Two amounts of payouts.
pub(super) fn sum(one: Decimal, other: Decimal) -> Result<Decimal, String> {
    one.add(other).map_err(|error| format!("the payouts cannot be added up: {error}"))
}
