//! `ringfence repl`

use std::collections::BTreeSet;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::input::Reading;
use super::{Exit, explain, files, prelude, prompt, render};
use crate::event::{Event, Kind, PositionMode};
use crate::repl::{Desk, Loaded, Options, Program, Session, Trouble, is_block_open};

/// What `repl` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The program; an empty one with one plan where it is left out.
    program: Option<PathBuf>,
    /// The plan of the account; the program's first where it is left out.
    #[arg(long)]
    plan: Option<String>,
    /// A setting of the account as the head of a scenario writes it, such as `phase funded`, `from 2026-03-02 09:30`,
    /// `hedging`, `payouts 2`, `daily_limit = yes`.
    #[arg(long = "set", value_name = "SETTING")]
    settings: Vec<String>,
    /// Keep what is typed in this file, not in the user's data folder.
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Keep nothing of what is typed.
    #[arg(long, conflicts_with = "history")]
    no_history: bool,
    #[command(flatten)]
    reading: Reading,
}

/// Runs a session: at a terminal, or over the lines of standard input.
pub(super) fn run(arguments: Arguments) -> Result<Exit, String> {
    let Arguments { program, plan, settings, history, no_history, reading } = arguments;
    let stopped = Arc::new(AtomicBool::new(false));
    let desk = Files { program, reading, stopped: Arc::clone(&stopped) };
    let mut session = match Session::new(Box::new(desk), &Options { plan, settings }) {
        Ok(session) => session,
        Err(trouble @ Trouble::Findings(..)) => {
            render::note(&words(&trouble));
            return Ok(Exit::Found);
        }
        Err(trouble) => return Err(words(&trouble).trim_start_matches("error: ").to_owned()),
    };
    render::line(&session.greeting());
    if std::io::stdin().is_terminal() {
        // While a line is typed, the editor takes Ctrl-C itself.
        let stop = move || stopped.store(true, Ordering::Relaxed);
        ctrlc::set_handler(stop).map_err(|error| format!("Ctrl-C cannot be taken: {error}"))?;
        let kept = if no_history { None } else { history.or_else(prompt::kept_history) };
        return prompt::run(session, kept.as_deref());
    }
    batch(&mut session)
}

/// Each input of a script behind the prompt, and below it what it came to.
fn batch(session: &mut Session) -> Result<Exit, String> {
    let mut lines = std::io::stdin().lock().lines().peekable();
    let mut failed = false;
    while let Some(line) = lines.next() {
        let mut input = line.map_err(|error| format!("cannot read the script: {error}"))?;
        let prompt = session.prompt();
        render::line(format!("{prompt}{input}").trim_end());
        while goes_on(&input, lines.peek()) {
            let Some(Ok(next)) = lines.next() else { break };
            render::line(&format!("| {next}"));
            input.push('\n');
            input.push_str(&next);
        }
        match session.enter(&input) {
            Ok(reply) => {
                show(&reply.text);
                if reply.over {
                    break;
                }
            }
            Err(trouble) => {
                failed = true;
                render::line(&words(&trouble));
            }
        }
    }
    Ok(if failed { Exit::Found } else { Exit::Ok })
}

/// Whether the next line of a script belongs to this input: where a block is open, and where the next is indented.
fn goes_on(input: &str, next: Option<&Result<String, std::io::Error>>) -> bool {
    let Some(Ok(next)) = next else { return false };
    let is_indented = next.starts_with([' ', '\t']) && !next.trim().is_empty();
    is_block_open(input) || (is_indented && !input.trim().is_empty())
}

/// Shows what a line came to.
pub(super) fn show(text: &str) {
    if !text.is_empty() {
        render::line(text);
    }
}

/// Why a line could not be done, as a person reads it.
pub(super) fn words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Words(words) => format!("error: {words}"),
        Trouble::Findings(source, found) => {
            let each: Vec<String> = found.iter().map(|found| render::diagnostic(source, found)).collect();
            each.join("\n")
        }
        Trouble::NotReloaded(inner) => {
            format!("{}\nnot reloaded: the program goes on as it was read before; mend the file and `reload` again", words(inner))
        }
    }
}

/// The files of a session.
struct Files {
    program: Option<PathBuf>,
    reading: Reading,
    /// Whether Ctrl-C was pressed while something ran.
    stopped: Arc<AtomicBool>,
}

impl Desk for Files {
    fn program(&mut self) -> Result<Option<Program>, Trouble> {
        let Some(path) = &self.program else { return Ok(None) };
        let (source, checked) = files::checked(path)?;
        let names = checked.names.clone();
        let (found, code) = super::compile(checked);
        let code = Arc::new(code.ok_or_else(|| Trouble::Findings(source.clone(), found))?);
        let engine = super::engine(&code, self.reading.holidays(&code.ir)?);
        Ok(Some(Program { code, names, engine }))
    }

    fn events(&mut self, files: &[String]) -> Result<Loaded, String> {
        let paths: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let opened = self.reading.open(&paths)?;
        let told = opened.position_mode();
        let mut loaded = Loaded { files: files.join(" "), ..Loaded::default() };
        let (mut events, unread) = (Vec::new(), &mut loaded.unread);
        let mut known = BTreeSet::new();
        opened.read(
            |event| {
                events.extend(convention(event, &mut known));
                events.push(event.clone());
                Ok(())
            },
            |error| unread.push(format!("error: {error}")),
        )?;
        loaded.events = Arc::new(events);
        let first = loaded.events.iter().find(|event| event.account.is_some());
        let mode = told.or_else(|| first.map(prelude::mode_of));
        loaded.hedging = mode == Some(PositionMode::Hedging);
        Ok(loaded)
    }

    #[expect(clippy::disallowed_methods, reason = "reading files is what the tools are for")]
    fn text(&mut self, file: &str) -> Result<Option<String>, String> {
        if !Path::new(file).exists() {
            return Ok(None);
        }
        std::fs::read_to_string(file).map(Some).map_err(|error| format!("cannot read {file}: {error}"))
    }

    fn explain(&mut self, code: &str) -> Result<String, String> {
        if code.is_empty() { Ok(explain::all()) } else { explain::words(code) }
    }

    fn is_stopped(&mut self) -> bool {
        self.stopped.swap(false, Ordering::Relaxed)
    }

    fn write(&mut self, file: &str, text: &str) -> Result<(), String> {
        std::fs::write(file, text).map_err(|error| format!("cannot write {file}: {error}"))
    }
}

/// What a symbol is by convention, before the first event that names one that nothing describes.
fn convention(event: &Event, known: &mut BTreeSet<String>) -> Option<Event> {
    if let Kind::Instrument(instrument) = &event.kind {
        known.insert(instrument.symbol.clone());
    }
    let symbol = prelude::symbol_of(&event.kind).filter(|symbol| known.insert((*symbol).to_owned()))?;
    let instrument = prelude::conventional(symbol)?;
    Some(Event::new(format!("convention-{symbol}"), None, event.at, Kind::Instrument(instrument)))
}
