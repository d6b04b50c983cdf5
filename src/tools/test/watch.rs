//! `ringfence test --watch`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use notify::{Config, Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

use super::super::{Exit, files, render};
use super::suite::{self, Loaded, Ran};
use super::{Arguments, close, scenarios};

/// How long a file must have been left alone: editors write in several steps.
const SETTLED: Duration = Duration::from_millis(100);
/// How often files are looked at where the system tells of no changes.
const POLLED: Duration = Duration::from_secs(1);

/// Runs all scenarios, and then again those of programs that a changed file touches.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let (mut watcher, changes) = watcher()?;
    let mut watched = BTreeSet::new();
    let mut programs = suite::load(&arguments.paths)?;
    tested(arguments, &programs);
    loop {
        watch(watcher.as_mut(), &arguments.paths, &programs, &mut watched);
        render::note("waiting for changes; Ctrl-C ends");
        let known = texts(&programs);
        loop {
            changes.recv().map_err(|_| "changes of files are told no more".to_owned())?;
            while changes.recv_timeout(SETTLED).is_ok() {}
            if texts_now(&arguments.paths, &programs) != known {
                break;
            }
        }
        // What cannot be read in the middle of a change is read with the next one.
        match suite::load(&arguments.paths) {
            Ok(read) => {
                let old: Vec<Vec<(String, String)>> = programs.iter().map(texts_of).collect();
                let (touched, rest): (Vec<Loaded>, Vec<Loaded>) = read.into_iter().partition(|program| !old.contains(&texts_of(program)));
                for program in &touched {
                    render::line(&format!("again: {}", program.source().name()));
                }
                tested(arguments, &touched);
                programs = touched.into_iter().chain(rest).collect();
            }
            Err(error) => render::error(&error),
        }
    }
}

fn tested(arguments: &Arguments, programs: &[Loaded]) {
    close(arguments, scenarios(arguments, programs).iter().map(Ran::count).sum());
}

/// What tells of changes: the system where it can, else files are looked at each second.
fn watcher() -> Result<(Box<dyn Watcher>, Receiver<()>), String> {
    let (sender, changes) = channel();
    // Reading is no change, and the command reads what it watches.
    let tell = move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            let _ = sender.send(());
        }
    };
    let watcher: Box<dyn Watcher> = match RecommendedWatcher::new(tell.clone(), Config::default()) {
        Ok(watcher) => Box::new(watcher),
        Err(_) => Box::new(
            PollWatcher::new(tell, Config::default().with_poll_interval(POLLED))
                .map_err(|error| format!("files cannot be watched: {error}"))?,
        ),
    };
    Ok((watcher, changes))
}

/// Watches the folders of all files: a file that an editor puts in the place of another is told by its folder.
fn watch(watcher: &mut dyn Watcher, paths: &[PathBuf], programs: &[Loaded], watched: &mut BTreeSet<PathBuf>) {
    let folders = paths.iter().filter(|path| path.is_dir()).map(|path| (path.clone(), RecursiveMode::Recursive));
    let names = programs.iter().flat_map(|program| program.source().files()).map(|file| Path::new(&file.name));
    let parent = |path: &Path| path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let beside = names.map(parent).map(|folder| (folder, RecursiveMode::NonRecursive));
    for (folder, mode) in folders.chain(beside) {
        if watched.insert(folder.clone())
            && let Err(error) = watcher.watch(&folder, mode)
        {
            render::error(&format!("{} is not watched: {error}", folder.display()));
        }
    }
}

/// The files of a program with their texts.
fn texts_of(program: &Loaded) -> Vec<(String, String)> {
    let source = program.source();
    source.files().iter().map(|file| (file.name.clone(), source.slice(file.span).to_owned())).collect()
}

fn texts(programs: &[Loaded]) -> BTreeSet<(String, String)> {
    programs.iter().flat_map(texts_of).collect()
}

/// The same files, and those that are new, as they are now.
fn texts_now(paths: &[PathBuf], programs: &[Loaded]) -> BTreeSet<(String, String)> {
    let known = programs.iter().flat_map(|program| program.source().files()).map(|file| PathBuf::from(&file.name));
    let all: BTreeSet<PathBuf> = known.chain(files::programs(paths).unwrap_or_default()).collect();
    let read = |path: PathBuf| {
        let text = files::source(&path).map(|source| source.text().to_owned()).unwrap_or_default();
        (path.display().to_string(), text)
    };
    all.into_iter().map(read).collect()
}
