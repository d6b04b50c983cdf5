//! Several sources into one stream.

use std::collections::VecDeque;

use super::Events;
use super::error::ReadError;
use crate::event::Event;
use crate::value::Instant;

/// Merges sources by time. Within one instant events come by kind ([`Event::order_in_instant`]),
/// then by `seq`, then by source, then by place in the source.
///
/// Each source keeps its own order of times: where one goes back, as with late events, what went
/// back comes as soon as its turn is reached. Only the events of one instant are held at a time.
pub fn merge(sources: Vec<Events<'_>>) -> Events<'_> {
    let heads = sources.into_iter().map(|events| Head { events, next: None, ended: false }).collect();
    Box::new(Merged { heads, ready: VecDeque::new() })
}

struct Merged<'a> {
    heads: Vec<Head<'a>>,
    ready: VecDeque<Result<Event, ReadError>>,
}

struct Head<'a> {
    events: Events<'a>,
    next: Option<Event>,
    ended: bool,
}

impl Head<'_> {
    /// The time of the next event; errors on the way to it are handed over.
    fn at(&mut self, errors: &mut VecDeque<Result<Event, ReadError>>) -> Option<Instant> {
        while self.next.is_none() && !self.ended {
            match self.events.next() {
                Some(Ok(event)) => self.next = Some(event),
                Some(Err(error)) => errors.push_back(Err(error)),
                None => self.ended = true,
            }
        }
        self.next.as_ref().map(|event| event.at)
    }
}

impl Merged<'_> {
    /// Collects all events of the earliest instant.
    fn fill(&mut self) {
        let earliest = self.heads.iter_mut().filter_map(|head| head.at(&mut self.ready)).min();
        let Some(earliest) = earliest else { return };
        let (mut instant, mut behind) = (Vec::new(), VecDeque::new());
        for head in &mut self.heads {
            while head.at(&mut behind) == Some(earliest) {
                instant.extend(head.next.take());
            }
        }
        // The sort is stable, and sources were visited in order.
        instant.sort_by_key(|event| (event.order_in_instant(), event.seq));
        self.ready.extend(instant.into_iter().map(Ok));
        self.ready.append(&mut behind);
    }
}

impl Iterator for Merged<'_> {
    type Item = Result<Event, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() {
            self.fill();
        }
        self.ready.pop_front()
    }
}
