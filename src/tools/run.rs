//! `ringfence run`

use std::path::PathBuf;

use super::feed::Feed;
use super::input::Input;
use super::{Exit, files, summary, timeline};
use crate::engine::Engine;

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
}

/// Runs a program over files of events.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let (source, checked) = files::checked(&arguments.program)?;
    let Some(program) = super::compiled(&source, checked) else {
        return Ok(Exit::Found);
    };
    if arguments.input.events.is_empty() {
        return Err("no events: name at least one file of events behind the program".into());
    }
    let (ir, input, json) = (&program.ir, &arguments.input, arguments.json);
    let files = input.open()?;
    let mut feed = Feed::new(ir, input, files.position_mode(), super::engine(&program, input.reading.holidays(ir)?))?;
    let show = |feed: &Feed<Engine>| {
        let (engine, outcomes) = (feed.interpreter(), feed.outcomes());
        if json { timeline::print_json(ir, engine, outcomes) } else { timeline::print_told(ir, engine, outcomes, arguments.full) }
    };
    let unread = files.each(|event| {
        feed.apply(event)?;
        show(&feed);
        Ok(())
    })?;
    if let Some(until) = input.until {
        feed.advance(until);
        show(&feed);
    }
    if json {
        summary::print_json(&feed);
    } else {
        summary::print(ir, &feed, arguments.full);
    }
    Ok(if unread > 0 { Exit::Found } else { Exit::Ok })
}
