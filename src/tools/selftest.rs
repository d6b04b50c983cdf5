//! `ringfence selftest`

use std::path::PathBuf;

use super::feed::Feed;
use super::input::Input;
use super::{Exit, files, render};
use crate::scenario;
use crate::selftest::{Disagreement, SideBySide};

/// How many disagreements are shown.
const SHOWN: usize = 20;

/// What `selftest` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The program.
    program: PathBuf,
    #[command(flatten)]
    input: Input,
}

/// Runs the scenarios of a program, and events where some are given, on the engine and on the reference
/// evaluator, and compares what both decide and keep.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let (source, checked) = files::checked(&arguments.program)?;
    let names = checked.names.clone();
    let Some(program) = super::compiled(&source, checked) else {
        return Ok(Exit::Found);
    };
    let (ir, input) = (&program.ir, &arguments.input);
    let mut found = 0;
    for scenario in &ir.scenarios {
        let mut both = SideBySide::new(&program);
        scenario::run(ir, &names, scenario, &mut both);
        found += show(&scenario.title.node, both.disagreements());
    }
    let mut both = SideBySide::new(&program);
    if let Some(holidays) = input.reading.holidays(ir)? {
        both.load_calendar(&holidays);
    }
    let files = input.open()?;
    let mut feed = Feed::new(ir, input, files.position_mode(), both)?;
    let unread = files.each(|event| feed.apply(event).map(|_| ()))?;
    if let Some(until) = input.until {
        feed.advance(until);
    }
    found += show("the events", feed.interpreter().disagreements());
    let scenarios = render::counted(ir.scenarios.len(), "scenario", "scenarios");
    let events = render::counted(feed.events(), "event", "events");
    render::line(&format!("{scenarios} and {events} on both evaluators, {}", render::counted(found, "disagreement", "disagreements")));
    Ok(if found + usize::try_from(unread).unwrap_or(usize::MAX) > 0 { Exit::Found } else { Exit::Ok })
}

fn show(of: &str, disagreements: &[Disagreement]) -> usize {
    for found in disagreements.iter().take(SHOWN) {
        let Disagreement { place, what, engine, reference } = found;
        render::note(&format!("{of}: {what} differs at {place}\n    engine:    {engine}\n    reference: {reference}"));
    }
    disagreements.len()
}
