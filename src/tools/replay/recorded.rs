//! Files of events as what a market told and what is of each account.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::input::Reading;
use super::super::prelude::{Prelude, conventional, symbol_of};
use crate::event::{Event, Kind, PositionMode};
use crate::replay::Recording;

/// The events of an account, each after so many of the recording; where it is shared, by time.
pub(super) type Own = Vec<(Option<u64>, Event)>;

/// What the market told to all accounts.
pub(super) struct Shared {
    pub(super) recording: Recording,
    /// Whether a file of it was given.
    is_given: bool,
    /// The symbols that it describes itself.
    described: BTreeSet<String>,
}

/// A file that was read.
pub(super) struct Read {
    events: Vec<Event>,
    mode: Option<PositionMode>,
}

/// What a file comes to.
pub(super) struct OfFile {
    /// The market as the file tells it; none where it is shared.
    pub(super) recording: Option<Recording>,
    pub(super) accounts: BTreeMap<String, Own>,
}

impl Shared {
    /// Reads files, and what cannot be read of them in words.
    pub(super) fn read(paths: &[PathBuf], reading: &Reading) -> Result<(Self, Vec<String>), String> {
        let mut shared = Self { recording: Recording::new(), is_given: !paths.is_empty(), described: BTreeSet::new() };
        let (mut known, mut unread) = (BTreeSet::new(), Vec::new());
        reading.open(paths)?.read(|event| shared.take(event, &mut known), |error| unread.push(error))?;
        Ok((shared, unread))
    }

    /// Records an event; a symbol that none describes, before its first price, as it is by convention.
    fn take(&mut self, event: &Event, known: &mut BTreeSet<String>) -> Result<(), String> {
        if let Kind::Instrument(instrument) = &event.kind {
            self.described.insert(instrument.symbol.clone());
            known.insert(instrument.symbol.clone());
        }
        if let Some(symbol) = symbol_of(&event.kind).filter(|symbol| known.insert((*symbol).to_owned()))
            && let Some(instrument) = conventional(symbol)
        {
            let event = Event::new(format!("convention-{symbol}"), None, event.at, Kind::Instrument(instrument));
            self.recording.push(&event).map_err(|error| error.to_string())?;
        }
        self.recording.push(event).map_err(|error| format!("{error}; what is of accounts is named without --shared"))
    }
}

/// Reads a file of events; what cannot be read of it in words. What names no account, as a statement, is of the
/// account that the file is called by.
pub(super) fn read(path: &Path, reading: &Reading) -> Result<(Read, Vec<String>), String> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let opened = reading.of_account(stem).open(&[path.to_owned()])?;
    let mode = opened.position_mode();
    let (events, unread) = opened.all();
    Ok((Read { events, mode }, unread))
}

/// What is of the market in a file, and what of each account.
pub(super) fn of_file(read: &Read, shared: &Shared, prelude: &Prelude) -> Result<OfFile, String> {
    let mut prelude = prelude.beside(&shared.described, read.mode);
    let (mut recording, mut accounts, mut told) = (Recording::new(), BTreeMap::<String, Own>::new(), Vec::new());
    for event in &read.events {
        let before = prelude.before(event)?;
        for event in before.events.iter().chain((!before.instead).then_some(event)) {
            match (&event.account, &event.kind) {
                (Some(account), _) => {
                    // Beside a shared market, what the file told of it comes first for each of its accounts.
                    let own = accounts.entry(account.clone()).or_insert_with(|| told.clone());
                    own.push(((!shared.is_given).then(|| recording.events()), event.clone()));
                }
                (None, Kind::Tick(tick)) if shared.is_given => {
                    let symbol = &tick.symbol;
                    return Err(format!("it holds ticks of `{symbol}` beside the market of --shared: leave one of the two out"));
                }
                (None, _) if shared.is_given => {
                    told.push((None, event.clone()));
                    for own in accounts.values_mut() {
                        own.push((None, event.clone()));
                    }
                }
                (None, _) => recording.push(event).map_err(|error| error.to_string())?,
            }
        }
    }
    Ok(OfFile { recording: (!shared.is_given).then_some(recording), accounts })
}
