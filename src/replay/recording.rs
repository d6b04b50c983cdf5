//! What a market has told, column by column.

use std::collections::BTreeMap;

use crate::account::{History, ToldMark};
use crate::event::{Event, Kind, Tick, TickQuality};
use crate::ledger::Quote;
use crate::market::{ListingId, Market};
use crate::value::{Fixed, Instant};

/// The events of a market in their order, marks as columns of numbers: read once, and replayed to any number of
/// accounts. A mark takes some 50 bytes and its id.
///
/// ```
/// use ringfence::replay::Recording;
/// let tick = r#"{"id":"t1","at":"2026-03-02T14:30:00Z","kind":"tick","symbol":"EURUSD","bid":"1.0850","ask":"1.0852"}"#;
/// let mut recording = Recording::new();
/// recording.push(&serde_json::from_str(tick)?)?;
/// assert_eq!((recording.events(), recording.marks()), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Recording {
    symbols: BTreeMap<String, ListingId>,
    feeds: Vec<Feed>,
    /// The latest instant up to each event.
    reached: Vec<i64>,
    /// The ids of marks in a row, and where that of each event ends.
    ids: String,
    id_ends: Vec<usize>,
    /// What is told to accounts as it was, each with its place: all but marks in order of time.
    told: Vec<(u64, Event)>,
    marks: u64,
    /// The stretch of time that runs, as histories know it.
    stretch: u64,
    /// The place of a mark among the events of one instant.
    order_of_marks: u8,
}

/// The marks of a symbol.
#[derive(Clone, Debug, Default)]
pub(super) struct Feed {
    pub name: String,
    pub history: History,
    known: Quote,
    marks: u64,
}

/// Why an event cannot be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event `{id}` is of account `{account}`: a recording holds what the market told; apply it to the replay of that account")]
pub struct OfAccount {
    /// The event.
    pub id: String,
    /// Its account.
    pub account: String,
}

impl Feed {
    /// How many marks there are.
    pub(super) const fn marks(&self) -> u64 {
        self.marks
    }

    /// The place of a mark in the recording, by its number.
    pub(super) fn place(&self, number: u64) -> Option<u64> {
        (number < self.marks).then(|| self.history.sequence(number))
    }
}

impl Recording {
    /// A recording of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records the next event of the market.
    ///
    /// # Errors
    /// When it is an account's.
    pub fn push(&mut self, event: &Event) -> Result<(), OfAccount> {
        if let Some(account) = &event.account {
            return Err(OfAccount { id: event.id.clone(), account: account.clone() });
        }
        let is_late = self.reached.last().is_some_and(|reached| event.at.nanos() < *reached);
        let is_plain = match &event.kind {
            Kind::Tick(tick) => {
                self.order_of_marks = event.order_in_instant();
                self.mark(tick, event) && tick.extra.is_empty() && !is_late
            }
            Kind::Instrument(instrument) => {
                self.listing(&instrument.symbol);
                false
            }
            _ => false,
        };
        if is_plain {
            self.ids.push_str(&event.id);
        } else {
            self.told.push((self.events(), event.clone()));
        }
        self.id_ends.push(self.ids.len());
        self.reached.push(self.reached.last().copied().unwrap_or(i64::MIN).max(event.at.nanos()));
        Ok(())
    }

    /// How many events it holds.
    pub fn events(&self) -> u64 {
        self.reached.len() as u64
    }

    /// How many of them are marks.
    pub const fn marks(&self) -> u64 {
        self.marks
    }

    /// Keeps a tick in its column; whether it is a mark.
    fn mark(&mut self, tick: &Tick, event: &Event) -> bool {
        let (listing, sequence) = (self.listing(&tick.symbol), self.events());
        if tick.quality != TickQuality::Ok {
            return false;
        }
        let Some(feed) = self.feeds.get_mut(listing.0 as usize) else { return false };
        let prices = [tick.bid, tick.ask, tick.last].map(|price| price.map(Fixed::from));
        let [bid, ask, last] = prices;
        feed.known = feed.known.updated(Quote { bid, ask, last });
        let tells = prices.map(|price| price.is_some());
        let mark = ToldMark { sequence, at: event.at, provenance: event.provenance, known: feed.known, tells };
        self.stretch += u64::from(feed.history.keep(self.stretch, feed.marks, &mark, u64::MAX));
        feed.marks += 1;
        self.marks += 1;
        true
    }

    /// The number of a symbol: symbols are numbered as they are first mentioned, as a market does.
    fn listing(&mut self, symbol: &str) -> ListingId {
        if let Some(known) = self.symbols.get(symbol) {
            return *known;
        }
        let listing = ListingId(u32::try_from(self.feeds.len()).unwrap_or(u32::MAX));
        self.feeds.push(Feed { name: symbol.to_owned(), ..Feed::default() });
        self.symbols.insert(symbol.to_owned(), listing);
        listing
    }

    /// A market that knows the symbols, before all events.
    pub(super) fn market(&self) -> Market {
        Market::of_symbols(self.feeds.iter().map(|feed| feed.name.as_str()))
    }

    /// The marks of each symbol, by the market's numbers.
    pub(super) fn feeds(&self) -> &[Feed] {
        &self.feeds
    }

    /// The latest instant up to the event of a place.
    pub(super) fn reached(&self, place: u64) -> Option<Instant> {
        self.reached.get(usize::try_from(place).ok()?).copied().map(Instant::from_nanos)
    }

    /// The place of the first event by which an instant is reached.
    pub(super) fn first_at(&self, at: Instant) -> u64 {
        self.reached.partition_point(|reached| *reached < at.nanos()) as u64
    }

    /// How many events come before another one, as [`crate::event::Event::order_in_instant`] says.
    pub(super) fn before(&self, event: &Event) -> u64 {
        let (mut place, order) = (self.first_at(event.at), event.order_in_instant());
        let end = self.reached.partition_point(|reached| *reached <= event.at.nanos()) as u64;
        // Most that is recorded of an instant are marks.
        let mut told = self.told_from(place);
        while place < end {
            let next = self.told.get(told).filter(|(next, _)| *next < end);
            let marks_end = next.map_or(end, |(next, _)| *next);
            if place < marks_end && self.order_of_marks > order {
                return place;
            }
            place = marks_end;
            if let Some((_, next)) = next {
                if next.order_in_instant() > order {
                    return place;
                }
                (place, told) = (place + 1, told + 1);
            }
        }
        place
    }

    /// The number, among what is told as it was, of the first from a place on.
    pub(super) fn told_from(&self, place: u64) -> usize {
        self.told.partition_point(|(at, _)| *at < place)
    }

    /// What is told as it was, by number, with its place.
    pub(super) fn told(&self, number: usize) -> Option<(u64, &Event)> {
        self.told.get(number).map(|(place, event)| (*place, event))
    }

    /// The id of the mark at a place.
    pub(super) fn id(&self, place: u64) -> &str {
        let at = usize::try_from(place).unwrap_or(usize::MAX);
        let begin = at.checked_sub(1).and_then(|before| self.id_ends.get(before)).copied().unwrap_or(0);
        self.id_ends.get(at).and_then(|end| self.ids.get(begin..*end)).unwrap_or_default()
    }
}
