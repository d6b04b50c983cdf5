//! `ringfence run`

use std::path::PathBuf;

use super::feed::Feed;
use super::input::Input;
use super::{Exit, files, render, summary, timeline};
use crate::recompute::Remembering;
use crate::report::{self, Recorder};
use crate::value::Instant;

/// What `run` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The program.
    program: PathBuf,
    #[command(flatten)]
    input: Input,
    /// Print decisions and the final state as JSON, one object a line.
    #[arg(long)]
    json: bool,
    /// Show everything that is kept of each account at the end, by name, and a sentence for every decision.
    #[arg(long)]
    full: bool,
    /// Write a report to this HTML file: charts of equity with every floor and limit, positions, days, decisions.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Runs a program over files of events.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let (source, checked) = files::checked(&arguments.program)?;
    let Some(program) = super::compiled(&source, checked) else {
        return Ok(Exit::Found);
    };
    if arguments.input.events.is_empty() {
        return Err("no events: name at least one file of events after the program".into());
    }
    let (ir, input, json) = (&program.ir, &arguments.input, arguments.json);
    let files = input.open()?;
    let mut feed = Feed::new(ir, input, files.position_mode(), Remembering::from(super::engine(&program, input.reading.holidays(ir)?)))?;
    let mut recorder = arguments.report.as_ref().map(|_| Recorder::new(ir, timeline::decided));
    let show = |feed: &Feed<Remembering>| {
        let outcomes = feed.outcomes();
        if json { timeline::print_json(ir, outcomes) } else { timeline::print_told(ir, outcomes, arguments.full) }
    };
    let unread = files.each(|event| {
        if let Some(recorder) = &mut recorder {
            stop_at_each_due(&mut feed, recorder, event.at, &show);
        }
        feed.apply(event)?;
        show(&feed);
        if let Some(recorder) = &mut recorder {
            recorder.event(feed.interpreter().engine(), event, feed.outcomes());
        }
        Ok(())
    })?;
    if let Some(until) = input.until {
        if let Some(recorder) = &mut recorder {
            stop_at_each_due(&mut feed, recorder, until, &show);
        }
        feed.advance(until);
        show(&feed);
        if let Some(recorder) = &mut recorder {
            recorder.time(feed.interpreter().engine(), until, feed.outcomes());
        }
    }
    let opened = feed.accounts().keys().any(|name| feed.interpreter().engine().account(name).is_some());
    if let (Some(path), Some(recorder), true) = (&arguments.report, &mut recorder, opened) {
        recorder.finish(feed.interpreter().engine());
        files::write(path, &report::html(recorder))?;
    }
    if json {
        summary::print_json(&feed);
    } else {
        summary::print(ir, &feed, arguments.full);
    }
    if !opened && arguments.report.is_some() {
        return Err(format!("no report is written: {}", nobody(&feed)));
    }
    if !opened {
        render::note(&format!("note: nothing was judged: {}", nobody(&feed)));
    }
    Ok(if unread > 0 { Exit::Found } else { Exit::Ok })
}

/// Why there is no account, and what to do.
fn nobody(feed: &Feed<Remembering>) -> String {
    if let Some(name) = feed.accounts().keys().next() {
        return format!("the account `{name}` could not be opened; its faults are told above");
    }
    format!(
        "none of the {} events is of an account, such as ticks alone; name a file of its fills, of its statement, or with an `open` event, too",
        feed.events()
    )
}

/// Brings the clock to each instant at which something is due, up to another: so a report sees each day end. What is
/// decided is the same as when an event brings the clock there.
fn stop_at_each_due(feed: &mut Feed<Remembering>, recorder: &mut Recorder<'_>, until: Instant, show: &impl Fn(&Feed<Remembering>)) {
    while let Some(due) = feed.interpreter().engine().next_due().filter(|due| *due <= until) {
        feed.advance(due);
        show(feed);
        recorder.time(feed.interpreter().engine(), due, feed.outcomes());
        if feed.interpreter().engine().next_due() == Some(due) {
            return;
        }
    }
}
