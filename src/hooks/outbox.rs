//! What is still to be done, for each account in order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;

use super::Answer;
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
}

impl Default for Pace {
    /// Ten seconds, up to five minutes, for a day.
    fn default() -> Self {
        Self { first: 10_000_000_000, longest: 300_000_000_000, expires: 86_400_000_000_000 }
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
}

/// A delivery that waits.
#[derive(Clone, Debug)]
struct Waiting {
    delivery: Delivery,
    /// When it goes out next.
    due: Instant,
    /// How long its answer is waited for then.
    pause: i64,
    expires: Instant,
    /// Whether it went out at least once.
    sent: bool,
}

/// What is still to be done, for each account in order: the next task of an account goes out when the one before is
/// done, refused for good, or given up. What one account waits for holds up no other.
#[derive(Clone, Debug)]
pub struct Outbox {
    pace: Pace,
    waiting: BTreeMap<Arc<str>, VecDeque<Waiting>>,
}

impl Outbox {
    /// One in which nothing waits.
    pub fn new(pace: Pace) -> Self {
        Self { pace, waiting: BTreeMap::new() }
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

    /// What goes out now: the first task of each account, if it is its time. It counts as sent.
    pub fn due(&mut self, now: Instant) -> Vec<Delivery> {
        let longest = self.pace.longest;
        let mut due = Vec::new();
        for first in self.waiting.values_mut().filter_map(VecDeque::front_mut).filter(|first| first.due <= now) {
            first.sent = true;
            first.due = now.plus(first.pause);
            first.pause = first.pause.saturating_mul(2).min(longest);
            due.push(first.delivery.clone());
        }
        due
    }

    /// When something goes out next, or is given up.
    pub fn next_due(&self) -> Option<Instant> {
        self.waiting.values().filter_map(VecDeque::front).map(|first| first.due.min(first.expires)).min()
    }

    /// Takes what a hook answered; the event that tells the account, to be recorded and applied. An answer to what is
    /// not the account's first task, or to another attempt of it, is none.
    pub fn answer(&mut self, delivery: &Delivery, answer: &Answer, now: Instant) -> Option<Event> {
        let first = self.first(&delivery.account, &delivery.key, delivery.attempt)?;
        let (status, remaining, text) = match answer {
            Answer::Silence => return None,
            Answer::Accepted => (AckStatus::Accepted, None, None),
            Answer::Done => (AckStatus::Done, None, None),
            // More than was asked cannot be left: that is no answer.
            Answer::Partial { remaining } if first.delivery.remaining.is_some_and(|before| *remaining > before) => return None,
            Answer::Partial { remaining } => (AckStatus::Partial, Some(*remaining), None),
            Answer::Failed(text) | Answer::Impossible(text) => (AckStatus::Failed, None, Some(text.clone())),
        };
        let ack = Ack { key: delivery.key.clone(), attempt: Some(delivery.attempt), status, remaining, text };
        let event = event(&delivery.account, ack, matches!(answer, Answer::Impossible(_)), now);
        self.settle(&delivery.account, answer, now);
        Some(event)
    }

    /// Gives up what has expired: the events that tell the accounts.
    pub fn expire(&mut self, now: Instant) -> Vec<Event> {
        let mut events = Vec::new();
        let accounts: Vec<Arc<str>> = self.waiting.keys().cloned().collect();
        for account in accounts {
            while let Some(first) = self.waiting.get(&account).and_then(VecDeque::front).filter(|first| first.expires <= now) {
                let (key, attempt) = (first.delivery.key.clone(), first.delivery.attempt);
                let text = Some("it was not done in time, and is given up".to_owned());
                let ack = Ack { key, attempt: Some(attempt), status: AckStatus::Failed, remaining: None, text };
                events.push(event(&account, ack, true, now));
                self.drop_first(&account);
            }
        }
        events
    }

    /// Takes an `ack` event of the journal, in its place among the outcomes: how an outbox is rebuilt.
    pub fn acknowledged(&mut self, event: &Event) {
        let (Some(account), Kind::Ack(ack)) = (event.account.as_deref(), &event.kind) else { return };
        let Some(first) = self.waiting.get(account).and_then(VecDeque::front) else { return };
        if first.delivery.key != ack.key || ack.attempt.is_some_and(|attempt| attempt != first.delivery.attempt) {
            return;
        }
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
        self.settle(&account, &answer, event.at);
    }

    /// What an answer makes of the first task of an account.
    fn settle(&mut self, account: &Arc<str>, answer: &Answer, now: Instant) {
        let pace = self.pace;
        let Some(first) = self.waiting.get_mut(account).and_then(VecDeque::front_mut) else { return };
        first.sent = true;
        match answer {
            Answer::Silence => {}
            // It is under way: there is no hurry.
            Answer::Accepted => (first.due, first.pause) = (now.plus(pace.longest), pace.longest),
            Answer::Done | Answer::Impossible(_) => self.drop_first(account),
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
        let delivery = Delivery { account: account.clone(), key, attempt, remaining: None, task };
        let waiting = Waiting { delivery, due: now, pause: self.pace.first, expires: now.plus(self.pace.expires), sent: false };
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

    fn drop_first(&mut self, account: &Arc<str>) {
        let Some(waiting) = self.waiting.get_mut(account) else { return };
        waiting.pop_front();
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

/// How the id of an event ends that tells that an action will never be done.
const FINAL: &str = "-for-good";

/// The key of what takes an action back: that of the action, marked.
fn withdrawal(key: &Key) -> String {
    format!("{key}/withdrawn")
}
