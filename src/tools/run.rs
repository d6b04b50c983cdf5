//! `ringfence run`

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use super::feed::Feed;
use super::{Exit, files, render, timeline};
use crate::calendar::Zone;
use crate::event::Event;
use crate::ir::Ir;
use crate::readers::{self, ReadError, ReadOptions, Source};
use crate::value::{Date, Instant, TimeOfDay};

/// What `run` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The program.
    pub(super) program: PathBuf,
    /// Files of events; they are merged by time.
    #[arg(required = true)]
    pub(super) events: Vec<PathBuf>,
    /// The plan of accounts that no `open` event opens.
    #[arg(long)]
    pub(super) plan: Option<String>,
    /// An option of such accounts, as `NAME=VALUE`.
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = pair)]
    pub(super) options: Vec<(String, String)>,
    /// The phase in which such accounts begin.
    #[arg(long)]
    pub(super) phase: Option<String>,
    /// The account that a statement is of.
    #[arg(long, default_value = "account-1")]
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
    /// Sessions of the exchange that the program names, as CSV of date, open and close.
    #[arg(long, value_name = "FILE")]
    pub(super) calendar: Option<PathBuf>,
    /// Let time pass to this instant after the last event, such as `2014-05-06T00:00:00Z`.
    #[arg(long, value_name = "INSTANT")]
    pub(super) until: Option<Instant>,
    /// Print decisions and the final state as JSON, one a line.
    #[arg(long)]
    pub(super) json: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.into(), value.into()))
}

/// Runs a program over files of events.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let (source, checked) = files::checked(&arguments.program)?;
    let Some(program) = super::compiled(&source, checked) else {
        return Ok(Exit::Found);
    };
    let ir = Arc::clone(&program.ir);
    let holidays = arguments.calendar.as_deref().map(|path| calendar(path, &ir)).transpose()?;
    let options = read_options(arguments)?;
    let mut sources = arguments.events.iter().map(|path| open(path, &options)).collect::<Result<Vec<_>, _>>()?;
    let engine = super::engine(&program, holidays);
    let mut feed = Feed::new(&ir, arguments, Box::new(engine))?;
    let mut unread = 0u64;
    let progress = progress();
    let streams = sources.iter_mut().map(Source::events).collect();
    for item in readers::merge(streams) {
        progress.inc(1);
        match item {
            Ok(event) => progress.suspend(|| show(&mut feed, &event, arguments.json, &ir))?,
            Err(error) => {
                unread += 1;
                progress.suspend(|| told(&error));
            }
        }
    }
    progress.finish_and_clear();
    if let Some(until) = arguments.until {
        let outcomes = feed.advance(until);
        timeline::print(&ir, &outcomes, arguments.json);
    }
    timeline::summary(&ir, &feed, arguments.json);
    if unread > 0 {
        render::note(&format!("{unread} lines could not be read; everything else was"));
    }
    Ok(if unread > 0 { Exit::Found } else { Exit::Ok })
}

fn show(feed: &mut Feed, event: &Event, json: bool, ir: &Ir) -> Result<(), String> {
    let outcomes = feed.apply(event)?;
    timeline::print(ir, &outcomes, json);
    Ok(())
}

fn told(error: &ReadError) {
    render::note(&format!("error: {error}"));
}

fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {human_pos} events, {per_sec}, {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::no_length().with_style(style)
}

fn read_options(arguments: &Arguments) -> Result<ReadOptions, String> {
    let zone = match &arguments.zone {
        None => None,
        Some(name) => {
            let zone = Zone::parse(name).map_err(|error| format!("unknown time zone `{name}`: {error}"))?;
            let clock = move |date: Date, time: TimeOfDay| zone.to_instant(date, time);
            Some(Arc::new(clock) as Arc<dyn readers::LocalClock>)
        }
    };
    Ok(ReadOptions {
        account: Some(arguments.account.clone()),
        zone,
        symbol: arguments.symbol.clone(),
        contract: arguments.contract.clone(),
        market: arguments.market.clone(),
    })
}

fn file(path: &Path) -> Result<BufReader<File>, String> {
    File::open(path).map(BufReader::new).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn open(path: &Path, options: &ReadOptions) -> Result<Source<'static>, String> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    Source::open(&name, file(path)?, options).map_err(|error| error.to_string())
}

/// The exchange's sessions under the name by which the program asks for them.
fn calendar(path: &Path, ir: &Ir) -> Result<crate::calendar::Holidays, String> {
    let (sessions, errors) =
        readers::ExchangeCalendar::read(&path.display().to_string(), file(path)?).map_err(|error| error.to_string())?;
    errors.iter().for_each(told);
    let mut holidays = crate::calendar::Holidays::new(ir.header.calendar.clone().unwrap_or_default());
    for session in &sessions.sessions {
        holidays.insert(session.date, session.open, session.close);
    }
    Ok(holidays)
}

/// The accounts seen, in order of name.
pub(super) type Accounts = BTreeSet<String>;
