//! Marks of a symbol in a row, column by column.

use super::bands::Stream;
use super::column::Column;
use super::history::ToldMark;
use crate::event::Provenance;
use crate::ledger::Quote;
use crate::value::{Fixed, Instant};

/// So many marks lie together in memory.
pub(super) const CHUNK: usize = 1_024;
pub(super) const CHUNK_MARKS: u64 = CHUNK as u64;

/// Marks in a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    pub(super) sequences: Column,
    at: Column,
    /// The prices that were known after each mark; nothing where none of the marks has one.
    prices: [Column; 3],
    /// Which prices a mark told, and how it is known.
    flags: Vec<u8>,
}

impl Chunk {
    /// An empty one.
    pub(super) fn new() -> Self {
        let column = || Column::with_room(CHUNK);
        Self { sequences: column(), at: column(), prices: Default::default(), flags: Vec::with_capacity(CHUNK) }
    }

    /// Whether no more marks fit in.
    pub(super) const fn is_full(&self) -> bool {
        self.flags.len() == CHUNK
    }

    /// Takes a mark in.
    pub(super) fn push(&mut self, mark: &ToldMark) {
        self.sequences.push(mark.sequence.cast_signed());
        self.at.push(mark.at.nanos());
        let known = [mark.known.bid, mark.known.ask, mark.known.last];
        for (column, price) in self.prices.iter_mut().zip(known) {
            // Of a mark without the price its flags tell that.
            if let (Some(price), 0) = (price, column.len()) {
                *column = Column::with_room(CHUNK);
                (0..self.flags.len()).for_each(|_| column.push(price.raw()));
            }
            if column.len() > 0 || price.is_some() {
                column.push(price.map_or_else(|| column.get(0), Fixed::raw));
            }
        }
        let bits = mark.tells.into_iter().chain(known.map(|price| price.is_some()));
        let bits = bits.enumerate().fold(0, |bits, (at, is)| bits | u8::from(is) << at);
        self.flags.push(bits | (mark.provenance as u8) << 6);
    }

    fn has(&self, at: usize, bit: usize) -> bool {
        self.flags.get(at).is_some_and(|flags| flags >> bit & 1 == 1)
    }

    /// A price that was known after a mark: bid, ask, last.
    fn known(&self, at: usize, price: usize) -> Option<Fixed> {
        if self.has(at, 3 + price) { Fixed::from_raw(self.prices.get(price)?.get(at)) } else { None }
    }

    /// The prices that were known after a mark.
    pub(super) fn quote(&self, at: usize) -> Quote {
        Quote { bid: self.known(at, 0), ask: self.known(at, 1), last: self.known(at, 2) }
    }

    /// A price that a mark told; the middle of sides that it told together.
    pub(super) fn told(&self, at: usize, stream: Stream) -> Option<Fixed> {
        let price = |price: usize| if self.has(at, price) { self.known(at, price) } else { None };
        match stream {
            Stream::Bid => price(0),
            Stream::Ask => price(1),
            Stream::Last => price(2),
            Stream::Mid => Quote { bid: price(0), ask: price(1), last: None }.mid(),
        }
    }

    /// A mark.
    pub(super) fn mark(&self, at: usize) -> ToldMark {
        let provenance = self.flags.get(at).map_or(0, |flags| flags >> 6);
        ToldMark {
            sequence: self.sequences.get(at).cast_unsigned(),
            at: Instant::from_nanos(self.at.get(at)),
            provenance: Provenance::ALL.get(usize::from(provenance)).copied().unwrap_or_default(),
            known: self.quote(at),
            tells: [0, 1, 2].map(|price| self.has(at, price)),
        }
    }
}
