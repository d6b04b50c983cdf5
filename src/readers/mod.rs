//! Files into events: JSON Lines, statements of platforms, archives of ticks and minutes.
//!
//! A file is recognised by what is in it, never by its extension. What cannot be read is reported
//! with its line, its field and how to mend it, and the rest of the file is still read. JSON Lines
//! and archives are streamed; statements are read whole and put in order of time.
//!
//! ```
//! use ringfence::readers::{ReadOptions, Source};
//! let lines = r#"{"id":"1","at":"2026-03-02T14:30:00Z","kind":"clock"}"#;
//! let mut source = Source::open("events.jsonl", lines.as_bytes(), &ReadOptions::default())?;
//! assert_eq!(source.events().filter(Result::is_ok).count(), 1);
//! # Ok::<(), ringfence::readers::ReadError>(())
//! ```

mod archive;
mod calendar;
mod clock;
mod error;
mod jsonl;
mod lean;
mod merge;
mod recognise;
mod statement;
#[cfg(test)]
mod tests;

use std::io::{BufRead, Cursor, Read};
use std::sync::Arc;

pub use calendar::{CalendarSession, ExchangeCalendar};
pub use clock::{FixedOffset, LocalClock};
pub use error::ReadError;
pub use merge::merge;
pub use recognise::Format;

use crate::event::{Event, Kind, PositionMode};
use archive::Archive;
use error::Place;

/// The events of a source, in its order; what cannot be read stands in its place as an error.
pub type Events<'a> = Box<dyn Iterator<Item = Result<Event, ReadError>> + 'a>;

/// How large a file may be that is not streamed: archives and statements, in bytes.
pub const MAX_WHOLE_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// What a file may leave open.
#[derive(Clone, Default)]
pub struct ReadOptions {
    /// The key of the account that a statement is of.
    pub account: Option<String>,
    /// The clock that a file's local times are of.
    pub zone: Option<Arc<dyn LocalClock>>,
    /// The symbol of an archive, where it shall be called otherwise than in the archive.
    pub symbol: Option<String>,
    /// The only contract month to read from an archive of futures, as in its names: `201312`.
    pub contract: Option<String>,
    /// The market that an archive is of, which says what clock it was written by, such as `fxcm`.
    pub market: Option<String>,
}

/// A recognised file, ready to be read.
pub struct Source<'i> {
    format: Format,
    content: Content<'i>,
}

enum Content<'i> {
    Jsonl(jsonl::Lines<'i>),
    Archive(Box<Archive>),
    Rows { place: Place, stem: lean::Member, clock: Arc<dyn LocalClock>, text: Box<dyn BufRead + 'i> },
    Statement(std::vec::IntoIter<Result<Event, ReadError>>),
}

impl<'i> Source<'i> {
    /// Recognises what `input` holds. `name` is the file's name, for messages and for the ids of
    /// events; an archive may say its market by it.
    ///
    /// # Errors
    /// When the content is of no known format, cannot be read at all, or leaves something open
    /// that `options` do not tell.
    pub fn open(name: &str, mut input: impl Read + 'i, options: &ReadOptions) -> Result<Self, ReadError> {
        let place = Place::new(name);
        let mut head = Vec::new();
        input.by_ref().take(recognise::HEAD_BYTES).read_to_end(&mut head).map_err(|error| place.io(&error))?;
        let format = recognise::recognise(&head).ok_or_else(|| recognise::unknown(&place, &head))?;
        let start = if head.starts_with(recognise::UTF8_MARK) { recognise::UTF8_MARK.len() } else { 0 };
        let mut text = Cursor::new(head);
        text.set_position(u64::try_from(start).unwrap_or(0));
        let input = text.chain(std::io::BufReader::new(input));
        let content = match format {
            Format::Jsonl => Content::Jsonl(jsonl::Lines::new(place, Box::new(input))),
            Format::Archive => Content::Archive(Box::new(Archive::open(place, whole(name, input)?, options)?)),
            Format::ArchiveRows => {
                let stem = lean::Member::of(&place, name, options)?;
                let clock = lean::clock(&place, options)?;
                Content::Rows { place, stem, clock, text: Box::new(input) }
            }
            Format::Html | Format::Statement => {
                Content::Statement(statement::read(&place, &whole(name, input)?, format, options)?.into_iter())
            }
            Format::Calendar => return Err(calendar::is_no_source(&place)),
        };
        Ok(Self { format, content })
    }

    /// What the file was recognised as.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How the platform of a statement counts positions: by ticket where its fills name them, else by
    /// symbol. `None` of a stream, whose accounts are opened by events that say it.
    pub fn position_mode(&self) -> Option<PositionMode> {
        let Content::Statement(events) = &self.content else { return None };
        let mut fills = events.as_slice().iter().flatten().filter_map(|event| match &event.kind {
            Kind::Fill(fill) => Some(fill),
            _ => None,
        });
        Some(if fills.any(|fill| fill.position_id.is_some()) { PositionMode::Hedging } else { PositionMode::Netting })
    }

    /// The events of the file. To be called once: reading may be ahead of what was given.
    pub fn events(&mut self) -> Events<'_> {
        match &mut self.content {
            Content::Jsonl(lines) => Box::new(lines),
            Content::Archive(archive) => archive.events(),
            Content::Rows { place, stem, clock, text } => Box::new(lean::Rows::new(place.clone(), stem.clone(), clock.clone(), text)),
            Content::Statement(events) => Box::new(events),
        }
    }
}

fn whole(name: &str, input: impl Read) -> Result<Vec<u8>, ReadError> {
    let place = Place::new(name);
    let mut bytes = Vec::new();
    input.take(MAX_WHOLE_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| place.io(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_WHOLE_FILE_BYTES) {
        return Ok(bytes);
    }
    Err(place.error(
        None,
        format!("has more than {MAX_WHOLE_FILE_BYTES} bytes"),
        "split it, or give its events as JSON Lines, which are streamed",
    ))
}
