//! Files of events as the input of a command: what they are of, and in which order they are applied.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::render;
use crate::calendar::{Holidays, Zone};
use crate::event::{Event, PositionMode};
use crate::ir::Ir;
use crate::readers::{self, ReadOptions, Source};
use crate::value::{Date, Instant, TimeOfDay};

/// What commands take that read events.
#[derive(Debug, clap::Args)]
pub(super) struct Input {
    /// Files of events; they are merged by time.
    pub(super) events: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) accounts: Accounts,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// Let time pass to this instant after the last event, such as `2014-05-06T00:00:00Z`.
    #[arg(long, value_name = "INSTANT")]
    pub(super) until: Option<Instant>,
}

/// How accounts are opened that no event opens.
#[derive(Debug, clap::Args)]
pub(super) struct Accounts {
    /// The plan of accounts that no `open` event opens.
    #[arg(long)]
    pub(super) plan: Option<String>,
    /// An option of such accounts, as `NAME=VALUE`.
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) options: Vec<(String, String)>,
    /// The phase in which such accounts begin.
    #[arg(long)]
    pub(super) phase: Option<String>,
}

/// What a statement's account is called where nobody says it.
const ACCOUNT: &str = "account-1";

/// How files of events are read.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Reading {
    /// The account that a statement is of.
    #[arg(long, default_value = ACCOUNT)]
    pub(super) account: String,
    /// The zone of a statement's times, such as `Europe/Prague` or `UTC+2`.
    #[arg(long)]
    pub(super) zone: Option<String>,
    /// What an archive calls its symbol otherwise.
    #[arg(long)]
    pub(super) symbol: Option<String>,
    /// The market an archive is of, such as `fxcm`.
    #[arg(long)]
    pub(super) market: Option<String>,
    /// The only contract month to read from an archive of futures, such as `201312`.
    #[arg(long)]
    pub(super) contract: Option<String>,
    /// The exchange calendar: a CSV file headed `,open,close,break_start,break_end`, a row for each session
    /// with its date, opening and close, and a break where there is one. What its sessions leave out is closed.
    #[arg(long, value_name = "FILE")]
    pub(super) calendar: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.into(), value.into()))
}

impl Input {
    /// Opens and recognises the files.
    ///
    /// # Errors
    /// In words, when a file cannot be opened or is of no known format.
    pub(super) fn open(&self) -> Result<Opened, String> {
        self.reading.open(&self.events)
    }
}

impl Reading {
    /// The same for a statement of this account, where the command names none.
    pub(super) fn of_account(&self, name: Option<String>) -> Self {
        let account = name.filter(|_| self.account == ACCOUNT).unwrap_or_else(|| self.account.clone());
        Self { account, ..self.clone() }
    }

    /// Opens and recognises files.
    ///
    /// # Errors
    /// In words, when a file cannot be opened or is of no known format.
    pub(super) fn open(&self, files: &[PathBuf]) -> Result<Opened, String> {
        let options = self.read_options()?;
        Ok(Opened { sources: files.iter().map(|path| open(path, &options)).collect::<Result<_, _>>()? })
    }

    /// The exchange's sessions under the name by which the program asks for them.
    ///
    /// # Errors
    /// In words, when the file cannot be read.
    pub(super) fn holidays(&self, ir: &Ir) -> Result<Option<Holidays>, String> {
        let Some(path) = &self.calendar else { return Ok(None) };
        let (sessions, errors) =
            readers::ExchangeCalendar::read(&path.display().to_string(), file(path)?).map_err(|error| error.to_string())?;
        for error in &errors {
            render::note(&format!("error: {error}"));
        }
        let mut holidays = Holidays::new(ir.header.calendar.clone().unwrap_or_default());
        for session in &sessions.sessions {
            holidays.insert(session.date, session.open, session.close);
        }
        Ok(Some(holidays))
    }

    fn read_options(&self) -> Result<ReadOptions, String> {
        let zone = match &self.zone {
            None => None,
            Some(name) => {
                let zone = Zone::parse(name).map_err(|error| format!("unknown time zone `{name}`: {error}"))?;
                let clock = move |date: Date, time: TimeOfDay| zone.to_instant(date, time);
                Some(Arc::new(clock) as Arc<dyn readers::LocalClock>)
            }
        };
        Ok(ReadOptions {
            account: Some(self.account.clone()),
            zone,
            symbol: self.symbol.clone(),
            contract: self.contract.clone(),
            market: self.market.clone(),
        })
    }
}

/// The files of a command, recognised.
pub(super) struct Opened {
    sources: Vec<Source<'static>>,
}

impl Opened {
    /// How the platform counts positions, where a statement tells it.
    pub(super) fn position_mode(&self) -> Option<PositionMode> {
        self.sources.iter().find_map(Source::position_mode)
    }

    /// All events in order of time, and what cannot be read in words.
    pub(super) fn all(mut self) -> (Vec<Event>, Vec<String>) {
        let (mut events, mut unread) = (Vec::new(), Vec::new());
        for item in readers::merge(self.sources.iter_mut().map(Source::events).collect()) {
            match item {
                Ok(event) => events.push(event),
                Err(error) => unread.push(error.to_string()),
            }
        }
        (events, unread)
    }

    /// Hands each event on in order of time; lines that cannot be read are told, and counted.
    ///
    /// # Errors
    /// By `apply`.
    pub(super) fn each(self, apply: impl FnMut(&Event) -> Result<(), String>) -> Result<u64, String> {
        let mut unread = 0;
        self.read(apply, |error| {
            unread += 1;
            render::note(&format!("error: {error}"));
        })?;
        if unread > 0 {
            render::note(&format!("{unread} lines could not be read; everything else was"));
        }
        Ok(unread)
    }

    /// Hands each event on in order of time, and what cannot be read in words.
    ///
    /// # Errors
    /// By `apply`.
    pub(super) fn read(
        mut self,
        mut apply: impl FnMut(&Event) -> Result<(), String>,
        mut unread: impl FnMut(String),
    ) -> Result<(), String> {
        let progress = render::progress(None, "{spinner} {human_pos} events, {per_sec}, {elapsed}");
        for item in readers::merge(self.sources.iter_mut().map(Source::events).collect()) {
            progress.inc(1);
            match item {
                Ok(event) => progress.suspend(|| apply(&event))?,
                Err(error) => progress.suspend(|| unread(error.to_string())),
            }
        }
        progress.finish_and_clear();
        Ok(())
    }
}

fn file(path: &Path) -> Result<BufReader<File>, String> {
    File::open(path).map(BufReader::new).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn open(path: &Path, options: &ReadOptions) -> Result<Source<'static>, String> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    Source::open(&name, file(path)?, options).map_err(|error| error.to_string())
}
