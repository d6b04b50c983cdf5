//! `ringfence replay`

mod judged;
mod recorded;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use super::input::{Accounts, Reading};
use super::prelude::Prelude;
use super::{Exit, files, render};
use crate::calendar::Holidays;
use crate::code::Program;
use crate::engine::Migration;
use crate::value::Instant;
use judged::{Judged, judge};
use recorded::{Shared, of_file};

/// What `replay` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The program.
    program: PathBuf,
    /// Files of events of accounts, or folders of such files. Each file is replayed by itself, its accounts over the
    /// ticks that stand in it.
    #[arg(required = true)]
    events: Vec<PathBuf>,
    /// Another program, such as the one in force: show only the accounts of which it decides otherwise, and how.
    #[arg(long, value_name = "PROGRAM")]
    against: Option<PathBuf>,
    #[command(flatten)]
    recorded: Recorded,
    /// Print what was decided of each account as JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// How recorded accounts are read.
#[derive(Debug, clap::Args)]
pub(super) struct Recorded {
    /// Files of what the market told to all accounts, such as archives of ticks; they are named behind the others.
    #[arg(long, num_args = 1.., value_name = "FILE")]
    shared: Vec<PathBuf>,
    #[command(flatten)]
    accounts: Accounts,
    #[command(flatten)]
    reading: Reading,
    /// Let time pass to this instant after the last event, such as `2014-05-06T00:00:00Z`.
    #[arg(long, value_name = "INSTANT")]
    until: Option<Instant>,
}

/// What two versions are compared by.
pub(super) struct Asked<'a> {
    pub(super) new: &'a Path,
    pub(super) old: &'a Path,
    pub(super) events: &'a [PathBuf],
    pub(super) json: bool,
    /// How accounts go over, if they can: tried with each as it stands at the end.
    pub(super) goes: Option<Migration>,
}

/// A program that accounts are replayed under.
struct Candidate {
    program: Arc<Program>,
    holidays: Option<Holidays>,
    prelude: Prelude,
    /// To which version accounts go over at the end, as a trial.
    goes: Option<Migration>,
}

/// What each program decides of an account, the one at hand first.
struct Row {
    account: String,
    judged: Vec<Judged>,
}

/// What came of a file: its accounts, and what could not be read.
type Done = Result<(Vec<Row>, Vec<String>), String>;

/// Replays recorded accounts under a program, and tells what would have become of them.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let programs = std::iter::once((arguments.program.as_path(), None)).chain(arguments.against.iter().map(|path| (path.as_path(), None)));
    replay(programs, &arguments.events, &arguments.recorded, arguments.json)
}

/// Replays recorded accounts under two versions, and lets those of the old one go over at the end.
pub(super) fn compare(asked: &Asked<'_>, recorded: &Recorded) -> Result<Exit, String> {
    replay([(asked.new, None), (asked.old, asked.goes.clone())].into_iter(), asked.events, recorded, asked.json)
}

fn replay<'a>(
    programs: impl Iterator<Item = (&'a Path, Option<Migration>)>,
    events: &[PathBuf],
    recorded: &Recorded,
    json: bool,
) -> Result<Exit, String> {
    let mut candidates = Vec::new();
    for (path, goes) in programs {
        let (source, checked) = files::checked(path)?;
        let Some(program) = super::compiled(&source, checked) else { return Ok(Exit::Found) };
        let holidays = recorded.reading.holidays(&program.ir)?;
        let prelude = Prelude::new(&program.ir, &recorded.accounts, &recorded.reading, None)?;
        candidates.push(Candidate { program, holidays, prelude, goes });
    }
    let (shared, mut unread) = Shared::read(&recorded.shared, &recorded.reading)?;
    let paths = event_files(events)?;
    let (mut rows, mut holders) = (Vec::new(), BTreeMap::<String, &Path>::new());
    for (path, done) in paths.iter().zip(each(&paths, |path| replayed(path, recorded, &shared, &candidates))) {
        match done {
            Ok((found, errors)) => {
                unread.extend(errors);
                for row in &found {
                    if let Some(other) = holders.insert(row.account.clone(), path) {
                        let (one, other) = (other.display(), path.display());
                        render::note(&format!("note: account `{}` is in {one} and in {other}: each was replayed by itself", row.account));
                    }
                }
                rows.extend(found);
            }
            Err(error) => unread.push(error),
        }
    }
    for error in &unread {
        render::note(&format!("error: {error}"));
    }
    match candidates.as_slice() {
        _ if json => table::print_json(&rows),
        [new, old] => {
            table::print_changes(&new.program.ir, &old.program.ir, &rows)?;
            if let Some(goes) = &old.goes {
                table::print_over(&new.program.ir, goes.applies(), &rows);
            }
        }
        [one, ..] => table::print(&one.program.ir, &rows)?,
        [] => {}
    }
    let is_unopened = rows.iter().flat_map(|row| &row.judged).any(|judged| !judged.opened);
    Ok(if unread.is_empty() && !is_unopened { Exit::Ok } else { Exit::Found })
}

/// What becomes of the accounts of a file.
fn replayed(path: &Path, arguments: &Recorded, shared: &Shared, candidates: &[Candidate]) -> Done {
    let mut rows: Vec<Row> = Vec::new();
    let (read, unread) = recorded::read(path, &arguments.reading)?;
    for candidate in candidates {
        let file = of_file(&read, shared, &candidate.prelude).map_err(|error| format!("{}: {error}", path.display()))?;
        let recording = file.recording.as_ref().unwrap_or(&shared.recording);
        for (account, own) in &file.accounts {
            let judged = judge(candidate, recording, own, arguments.until).map_err(|error| format!("{}: {error}", path.display()))?;
            match rows.iter_mut().find(|row| row.account == *account) {
                Some(row) => row.judged.push(judged),
                None => rows.push(Row { account: account.clone(), judged: vec![judged] }),
            }
        }
    }
    Ok((rows, unread))
}

/// What comes of each file, in their order, on all cores.
fn each(paths: &[PathBuf], act: impl Fn(&Path) -> Done + Sync) -> Vec<Done> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(paths.len().max(1));
    let (next, progress) = (AtomicUsize::new(0), render::progress(Some(paths.len() as u64), "{spinner} {pos} of {len} files, {elapsed}"));
    let take = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(number) else { return done };
            done.push((number, act(path)));
            progress.inc(1);
        }
    };
    let mut done: Vec<(usize, Done)> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        let joined = running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    });
    progress.finish_and_clear();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, done)| done).collect()
}

/// Files as they are, and those of folders in the order of their names; hidden ones are left out.
fn event_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in paths {
        let cannot = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
        if fs::metadata(path).map_err(cannot)?.is_file() {
            found.push(path.clone());
            continue;
        }
        let inside = fs::read_dir(path).map_err(cannot)?.map(|entry| entry.map(|entry| entry.path()));
        let mut inside = inside.collect::<Result<Vec<_>, _>>().map_err(cannot)?;
        let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        inside.retain(|path| path.is_file() && !is_hidden(path));
        inside.sort();
        if inside.is_empty() {
            return Err(format!("no files of events in {}", path.display()));
        }
        found.extend(inside);
    }
    Ok(found)
}
