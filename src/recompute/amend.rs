//! The events as they are known now: one in the place of another, one less, or one more where its instant lies.

use std::mem;

use crate::event::{Event, Kind};
use crate::outcome::FaultKind;
use crate::value::Instant;

/// What was done to the events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Amendment {
    /// When what is corrected happened.
    pub at: Instant,
    /// In words.
    pub reason: String,
}

/// Why an event is not taken: the kind of the fault, and words.
type Refused = (FaultKind, String);

/// The events of an account and the market, with one more that is late, or that corrects or cancels another.
///
/// What corrects another stands in its place, under its id and at its instant: what was decided there keeps its keys.
///
/// # Errors
/// When it contradicts them.
pub(super) fn amended(events: &[Event], account: Option<&str>, event: &Event) -> Result<(Vec<Event>, Amendment), Refused> {
    let inconsistent = |detail: String| (FaultKind::Inconsistent, detail);
    let mut events = events.to_vec();
    let (id, cancels) = match (&event.corrects, &event.busts) {
        (Some(_), Some(_)) => return Err(inconsistent(format!("event `{}` says that it corrects and that it cancels: say one", event.id))),
        (None, None) => return Ok(inserted(events, account, event)),
        (Some(id), None) => (id, false),
        (None, Some(id)) => (id, true),
    };
    let place = events.iter().position(|other| other.id == *id && other.account.as_deref() == account);
    let Some((place, other)) = place.and_then(|place| Some((place, events.get_mut(place)?))) else {
        return Err((
            FaultKind::NeedsHistory,
            format!("event `{}` is about event `{id}`, which is not in the history that is kept", event.id),
        ));
    };
    let at = other.at;
    if cancels {
        if matches!(other.kind, Kind::Open(_)) {
            return Err(inconsistent(format!("event `{}` cancels the opening of the account: send a `close`", event.id)));
        }
        events.remove(place);
        return Ok((events, Amendment { at, reason: format!("event `{}` cancels event `{id}`", event.id) }));
    }
    if mem::discriminant(&other.kind) != mem::discriminant(&event.kind) {
        let (have, told) = (other.kind.name(), event.kind.name());
        let detail =
            format!("event `{}` is `{told}` and event `{id}` is `{have}`: cancel that with `busts`, and send this by itself", event.id);
        return Err(inconsistent(detail));
    }
    *other = Event { id: mem::take(&mut other.id), seq: other.seq, at, corrects: None, ..event.clone() };
    Ok((events, Amendment { at, reason: format!("event `{}` corrects event `{id}`", event.id) }))
}

/// Where an event belongs by its instant, behind what happened at the same one before it.
pub(super) fn place_of(events: &[Event], account: Option<&str>, event: &Event) -> usize {
    let when = |event: &Event| (event.at, event.order_in_instant());
    let concerns = |other: &Event| other.account.is_none() || other.account.as_deref() == account;
    let last = events.iter().rposition(|other| concerns(other) && when(other) <= when(event));
    last.map_or(0, |last| last + 1)
}

fn inserted(mut events: Vec<Event>, account: Option<&str>, event: &Event) -> (Vec<Event>, Amendment) {
    let place = place_of(&events, account, event);
    // Its number in the platform's order is above those of events that now stand behind it.
    events.insert(place, Event { seq: None, ..event.clone() });
    (events, Amendment { at: event.at, reason: format!("event `{}` of {} came late", event.id, event.at) })
}
