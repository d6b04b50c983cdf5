//! What is not done is told to the program, which says what follows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Delivery, Task};
use crate::event::{Event, FieldValue, HostEvent, Kind};
use crate::outcome::Cause;
use crate::value::Instant;

/// The event of the host's own that tells a program that an action of its own is not done. One that wants to know
/// declares it, with those of these fields that it reads:
///
/// `event action_not_done { action: text, rule: text, key: text, attempt: count, why: text, said: text }`
///
/// `action` is in the words of programs (`flatten`, `withdraw`, …). `why` is `late` for what nobody has answered in time,
/// which goes out again all the same; `refused` for good; `given up`. `said` is what the platform said, where it did.
pub const ACTION_NOT_DONE: &str = "action_not_done";

/// How the ids of these events begin.
const ID: &str = "not-done-";

/// Why an action is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Late,
    Refused,
    GivenUp,
}

impl Why {
    const fn word(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Refused => "refused",
            Self::GivenUp => "given up",
        }
    }
}

/// The event, or none for what such an event led to itself: a message that cannot be sent is not answered by another.
pub(super) fn event(delivery: &Delivery, why: Why, said: Option<&str>, now: Instant) -> Option<Event> {
    let (cause, rule) = match &delivery.task {
        Task::Act(action) => (&action.key.cause, &action.rule),
        Task::Withdraw(withdrawn) => (&withdrawn.key.cause, &withdrawn.key.rule),
    };
    if matches!(cause, Cause::Event(id) if is_of_escalation(id)) {
        return None;
    }
    let texts = [
        ("action", delivery.words()),
        ("rule", &**rule),
        ("key", &delivery.key),
        ("attempt", &delivery.attempt.to_string()),
        ("why", why.word()),
    ];
    let texts = texts.into_iter().chain(said.filter(|said| !said.is_empty()).map(|said| ("said", said)));
    let fields: BTreeMap<String, FieldValue> = texts.map(|(name, text)| (name.to_owned(), FieldValue::Text(text.to_owned()))).collect();
    let account: &Arc<str> = &delivery.account;
    let host = Kind::Host(HostEvent { name: ACTION_NOT_DONE.into(), fields });
    Some(Event::new(id(delivery, why), Some(account), now, host))
}

/// The id is the same each time that the same is told.
pub(super) fn id(delivery: &Delivery, why: Why) -> String {
    let sum = crate::bytes::checksum(delivery.key.as_bytes());
    format!("{ID}{sum:016x}-{}-{}", delivery.attempt, why.word().replace(' ', "-"))
}

/// Whether an event tells a program that an action is not done.
pub(super) fn is_of_escalation(id: &str) -> bool {
    id.starts_with(ID)
}
