//! What is still to be done, for each account in order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use super::Answer;
use super::escalation::{self, Why};
use crate::event::{Ack, AckStatus, Event, Kind};
use crate::outcome::{Action, Key, Outcome, Withdrawn};
use crate::value::{Decimal, Instant};

/// How often what is not answered goes out again. Times are in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long the first answer is waited for; each time it fails to come, twice as long.
    pub first: i64,
    /// How long an answer is waited for at most.
    pub longest: i64,
    /// What is not done so long after it was decided is given up.
    pub expires: i64,
    /// What nobody has answered so long after it was decided is told to the program, and so is what is refused or given
    /// up: by an event [`super::ACTION_NOT_DONE`], which the programs of these accounts then declare. Nothing is told
    /// where this is none.
    pub escalates: Option<i64>,
}

impl Default for Pace {
    /// Ten seconds, up to five minutes, for a day; programs are told nothing.
    fn default() -> Self {
        Self { first: 10_000_000_000, longest: 300_000_000_000, expires: 86_400_000_000_000, escalates: None }
    }
}

/// What is asked of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Carry this out.
    Act(Action),
    /// This should not have been: what of it is not done need not be done.
    Withdraw(Withdrawn),
}

/// A task on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The account.
    pub account: Arc<str>,
    /// The key under which it is known; with the attempt, what makes it harmless to deliver it twice.
    pub key: String,
    /// 1, and one more each time that it failed or was done in part.
    pub attempt: u32,
    /// What is left of the quantity, after part was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<Decimal>,
    /// When it goes out, by the host's clock: another instant each time.
    pub sent_at: Instant,
    /// What is asked for.
    pub task: Task,
}

impl Delivery {
    /// What is asked for, in the words of programs.
    pub fn words(&self) -> &str {
        match &self.task {
            Task::Act(action) => action.kind.words(),
            Task::Withdraw(_) => "withdraw",
        }
    }

    /// Whether more would be left than was asked for, or less than nothing: who says so has not understood.
    fn cannot_leave(&self, remaining: Decimal) -> bool {
        remaining.is_negative() || self.remaining.is_some_and(|before| remaining > before)
    }
}

/// A delivery that waits.
#[derive(Clone, Debug)]
struct Waiting {
    delivery: Delivery,
    /// When it goes out next.
    due: Instant,
    /// How long its answer is waited for then.
    pause: i64,
    decided: Instant,
    /// Whether it may have gone out.
    sent: bool,
    /// Whether somebody has said that it is under way, or the program was told that nobody has.
    accounted: bool,
}

/// What is still to be done, for each account in order: the next task of an account goes out when the one before is
/// done, refused for good, or given up. What one account waits for holds up no other.
#[derive(Clone, Debug)]
pub struct Outbox {
    pace: Pace,
    waiting: BTreeMap<Arc<str>, VecDeque<Waiting>>,
    /// What programs are told next, by id.
    untold: BTreeMap<String, Event>,
}

impl Outbox {
    /// One in which nothing waits.
    pub fn new(pace: Pace) -> Self {
        Self { pace, waiting: BTreeMap::new(), untold: BTreeMap::new() }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes in what was decided, once it is durable. A withdrawal takes an action that never went out away, and
    /// follows one that did.
    pub fn take(&mut self, outcomes: &[Outcome], now: Instant) {
        for outcome in outcomes {
            for gone in outcome.recomputed.iter().flat_map(|recomputed| &recomputed.withdrawn) {
                self.withdraw(&outcome.account, gone, now);
            }
            for action in &outcome.actions {
                self.push(&outcome.account, action.key.to_string(), action.attempt, Task::Act(action.clone()), now);
            }
        }
    }

    /// Takes what a journal holds, in order: how an outbox is rebuilt after a restart. Each event is given with what it
    /// led to; what time alone led to, without one.
    ///
    /// What went out before is not recorded, only what was answered: all that is not answered counts as sent, goes out
    /// again under its key and attempt, and is followed by its withdrawal if it was withdrawn.
    pub fn recorded(&mut self, event: Option<&Event>, outcomes: &[Outcome]) {
        if let Some(event) = event {
            self.acknowledged(event);
            self.untold.remove(&event.id);
            self.told_late(event);
        }
        for outcome in outcomes {
            self.take(std::slice::from_ref(outcome), event.map_or(outcome.at, |event| event.at));
            self.waiting.get_mut(&outcome.account).into_iter().flatten().for_each(|waiting| waiting.sent = true);
        }
    }

    /// What goes out now: the first task of each account, if it is its time. It counts as sent.
    pub fn due(&mut self, now: Instant) -> Vec<Delivery> {
        let longest = self.pace.longest;
        let mut due = Vec::new();
        for first in self.waiting.values_mut().filter_map(VecDeque::front_mut).filter(|first| first.due <= now) {
            first.sent = true;
            first.delivery.sent_at = now;
            first.due = now.plus(first.pause);
            first.pause = first.pause.saturating_mul(2).min(longest);
            due.push(first.delivery.clone());
        }
        due
    }

    /// When something goes out next, is given up, or told to a program.
    pub fn next_due(&self) -> Option<Instant> {
        let first = self.waiting.values().filter_map(VecDeque::front).map(|first| first.due.min(first.decided.plus(self.pace.expires)));
        let told = self.pace.escalates.into_iter().flat_map(|after| {
            self.waiting.values().flatten().filter(|waiting| !waiting.accounted).map(move |waiting| waiting.decided.plus(after))
        });
        first.chain(told).min()
    }

    /// Takes what a hook answered; the event that tells the account, to be recorded and applied. An answer to what is
    /// not the account's first task, or to another attempt of it, is none; but what becomes of a task that was withdrawn
    /// while it was under way is told.
    pub fn answer(&mut self, delivery: &Delivery, answer: &Answer, now: Instant) -> Option<Event> {
        let first = self.first(&delivery.account, &delivery.key, delivery.attempt);
        if first.is_none() && !self.is_withdrawn(delivery) {
            return None;
        }
        let (asked, is_first) = (first.map_or(delivery, |first| &first.delivery), first.is_some());
        let (status, remaining, text) = match answer {
            Answer::Silence => return None,
            Answer::Accepted => (AckStatus::Accepted, None, None),
            Answer::Done => (AckStatus::Done, None, None),
            // More than was asked cannot be left: that is no answer.
            Answer::Partial { remaining } if asked.cannot_leave(*remaining) => return None,
            Answer::Partial { remaining } => (AckStatus::Partial, Some(*remaining), None),
            Answer::Failed(text) | Answer::Impossible(text) => (AckStatus::Failed, None, Some(text.clone())),
        };
        let ack = Ack { key: delivery.key.clone(), attempt: Some(delivery.attempt), status, remaining, text };
        let event = event(&delivery.account, ack, matches!(answer, Answer::Impossible(_)), now);
        if is_first {
            self.settle(&delivery.account, 0, answer, now);
        }
        Some(event)
    }

    /// Whether an attempt is one that a withdrawal on its way takes back.
    fn is_withdrawn(&self, delivery: &Delivery) -> bool {
        let takes_back = |gone: &Withdrawn| gone.attempt >= delivery.attempt && gone.key.to_string() == delivery.key;
        let waiting = self.waiting.get(&delivery.account).into_iter().flatten();
        waiting.filter_map(|waiting| if let Task::Withdraw(gone) = &waiting.delivery.task { Some(gone) } else { None }).any(takes_back)
    }

    /// What programs are told now, each once: which actions nobody has answered in time, and which are refused for good
    /// or given up. To be recorded and applied, as answers are. Nothing, unless [`Pace::escalates`] says when.
    pub fn escalations(&mut self, now: Instant) -> Vec<Event> {
        let Some(after) = self.pace.escalates else { return Vec::new() };
        let mut told = Vec::new();
        for waiting in self.waiting.values_mut().flatten().filter(|waiting| !waiting.accounted && waiting.decided.plus(after) <= now) {
            waiting.accounted = true;
            told.extend(escalation::event(&waiting.delivery, Why::Late, None, now));
        }
        told.extend(std::mem::take(&mut self.untold).into_values().map(|told| Event { at: now, ..told }));
        told
    }

    /// Gives up what has expired: the events that tell the accounts.
    pub fn expire(&mut self, now: Instant) -> Vec<Event> {
        let mut events = Vec::new();
        let accounts: Vec<Arc<str>> = self.waiting.keys().cloned().collect();
        for account in accounts {
            while let Some(first) =
                self.waiting.get(&account).and_then(VecDeque::front).filter(|first| first.decided.plus(self.pace.expires) <= now)
            {
                let delivery = first.delivery.clone();
                let (key, attempt) = (delivery.key.clone(), delivery.attempt);
                let text = Some(GIVEN_UP.to_owned());
                let ack = Ack { key, attempt: Some(attempt), status: AckStatus::Failed, remaining: None, text };
                events.push(event(&account, ack, true, now));
                self.settle(&account, 0, &Answer::Impossible(GIVEN_UP.to_owned()), now);
            }
        }
        events
    }

    /// Takes an `ack` event of the journal.
    fn acknowledged(&mut self, event: &Event) {
        let (Some(account), Kind::Ack(ack)) = (event.account.as_deref(), &event.kind) else { return };
        let Some(waiting) = self.waiting.get_mut(account) else { return };
        let answers =
            |waiting: &Waiting| waiting.delivery.key == ack.key && ack.attempt.is_none_or(|attempt| attempt == waiting.delivery.attempt);
        let Some(place) = waiting.iter().position(answers) else { return };
        // One task goes out after the other: withdrawals before this one were of actions that had never gone out.
        let mut passed = 0;
        waiting.retain(|waiting| {
            passed += 1;
            passed > place || matches!(waiting.delivery.task, Task::Act(_))
        });
        let Some(place) = waiting.iter().position(answers) else { return };
        let text = ack.text.clone().unwrap_or_default();
        let answer = match (ack.status, ack.remaining) {
            (AckStatus::Accepted, _) => Answer::Accepted,
            (AckStatus::Done, _) => Answer::Done,
            (AckStatus::Partial, remaining) => Answer::Partial { remaining: remaining.unwrap_or_default() },
            // Refused for good and given up are told in the same words: both are dropped, the rest goes out again.
            (AckStatus::Failed, _) if event.id.ends_with(FINAL) => Answer::Impossible(text),
            (AckStatus::Failed, _) => Answer::Failed(text),
        };
        let account: Arc<str> = account.into();
        self.settle(&account, place, &answer, event.at);
    }

    /// That a program was told that a task is late is not told again.
    fn told_late(&mut self, event: &Event) {
        if escalation::is_of_escalation(&event.id) {
            let waiting = event.account.as_deref().and_then(|account| self.waiting.get_mut(account));
            let told = waiting.into_iter().flatten().filter(|waiting| escalation::id(&waiting.delivery, Why::Late) == event.id);
            told.for_each(|waiting| waiting.accounted = true);
        }
    }

    /// What an answer makes of a task of an account.
    fn settle(&mut self, account: &Arc<str>, place: usize, answer: &Answer, now: Instant) {
        let pace = self.pace;
        let Some(first) = self.waiting.get_mut(account).and_then(|waiting| waiting.get_mut(place)) else { return };
        first.sent = true;
        match answer {
            Answer::Silence => {}
            // It is under way: there is no hurry.
            Answer::Accepted => {
                first.accounted = true;
                (first.due, first.pause) = (now.plus(pace.longest), pace.longest);
            }
            Answer::Done => self.drop(account, place),
            Answer::Impossible(said) => {
                if pace.escalates.is_some() {
                    let why = if said == GIVEN_UP { Why::GivenUp } else { Why::Refused };
                    let told = escalation::event(&first.delivery, why, Some(said).filter(|_| why == Why::Refused).map(String::as_str), now);
                    self.untold.extend(told.map(|told| (told.id.clone(), told)));
                }
                self.drop(account, place);
            }
            Answer::Partial { remaining } => {
                first.delivery.attempt += 1;
                first.delivery.remaining = Some(*remaining);
                (first.due, first.pause) = (now, pace.first);
            }
            Answer::Failed(_) => {
                first.delivery.attempt += 1;
                first.due = now.plus(first.pause);
            }
        }
    }

    fn push(&mut self, account: &Arc<str>, key: String, attempt: u32, task: Task, now: Instant) {
        let delivery = Delivery { account: account.clone(), key, attempt, remaining: None, sent_at: now, task };
        let waiting = Waiting { delivery, due: now, pause: self.pace.first, decided: now, sent: false, accounted: false };
        self.waiting.entry(account.clone()).or_default().push_back(waiting);
    }

    fn withdraw(&mut self, account: &Arc<str>, gone: &Withdrawn, now: Instant) {
        let key = gone.key.to_string();
        let waiting = self.waiting.entry(account.clone()).or_default();
        let unsent = waiting.iter().any(|waiting| waiting.delivery.key == key && !waiting.sent);
        waiting.retain(|waiting| waiting.delivery.key != key || !matches!(waiting.delivery.task, Task::Act(_)));
        if waiting.is_empty() {
            self.waiting.remove(account);
        }
        if !unsent {
            self.push(account, withdrawal(&gone.key), gone.attempt, Task::Withdraw(gone.clone()), now);
        }
    }

    fn first(&self, account: &Arc<str>, key: &str, attempt: u32) -> Option<&Waiting> {
        let first = self.waiting.get(account)?.front()?;
        (first.delivery.key == key && first.delivery.attempt == attempt).then_some(first)
    }

    fn drop(&mut self, account: &Arc<str>, place: usize) {
        let Some(waiting) = self.waiting.get_mut(account) else { return };
        waiting.remove(place);
        if waiting.is_empty() {
            self.waiting.remove(account);
        }
    }
}

/// The event of an answer; its id is the same each time that the same is told.
fn event(account: &Arc<str>, ack: Ack, for_good: bool, now: Instant) -> Event {
    let (sum, attempt) = (crate::bytes::checksum(ack.key.as_bytes()), ack.attempt.unwrap_or(1));
    let id = format!("ack-{sum:016x}-{attempt}-{}{}", ack.status.word(), if for_good { FINAL } else { "" });
    Event::new(id, Some(account), now, Kind::Ack(ack))
}

/// What is told of a task that has expired.
const GIVEN_UP: &str = "it was not done in time, and is given up";

/// How the id of an event ends that tells that an action will never be done.
const FINAL: &str = "-for-good";

/// The key of what takes an action back: that of the action, marked.
fn withdrawal(key: &Key) -> String {
    format!("{key}/withdrawn")
}
