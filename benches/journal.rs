//! An engine with its journal: events a second under each way of syncing, and how long opening takes afterwards.
//!
//! `EVENTS=1000000 cargo bench --bench journal`; with `SYNC_EACH=2000` as many are confirmed one by one. The folder is
//! in the system's place for temporary files: what a disk does there is what is measured.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark looks at the clock and its environment, and ends where something fails"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::journal::{Journaled, Options, Sync};
use ringfence::source::Source;

/// Events of one commit under [`Sync::Group`].
const GROUP: usize = 256;

fn main() {
    let count = |name: &str, usual: usize| std::env::var(name).ok().and_then(|count| count.parse().ok()).unwrap_or(usual);
    let (events, each) = (count("EVENTS", 50_000), count("SYNC_EACH", 500));
    let stream: Vec<Event> = (0..events).map(event).collect();
    let mut plain = Engine::new();
    plain.load(ringfence::compile(&program()).unwrap());
    let began = Instant::now();
    for event in &stream {
        plain.apply(event);
    }
    tell("the engine alone", events, began.elapsed());
    for (sync, words, of) in [
        (Sync::Each, "each event confirmed", each.min(events)),
        (Sync::Group, "256 confirmed at once", events),
        (Sync::System, "when the system sees fit", events),
    ] {
        let folder = folder();
        let taken = written(&folder, sync, &stream[..of]);
        tell(words, of, taken);
        if sync == Sync::System {
            recover(&folder, events);
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

fn written(folder: &Path, sync: Sync, stream: &[Event]) -> Duration {
    let mut engine = Journaled::create(folder, Options { sync, ..Options::default() }).unwrap();
    engine.load(&program()).unwrap();
    let began = Instant::now();
    for events in stream.chunks(GROUP) {
        match sync {
            Sync::Group => engine.apply_all(events, |_, _| ()).unwrap(),
            _ => {
                for event in events {
                    engine.apply(event).unwrap();
                }
            }
        }
    }
    began.elapsed()
}

/// Opens the journal from its beginning, takes a snapshot, and opens it again.
fn recover(folder: &Path, events: usize) {
    let bytes: u64 = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    say(&format!("{:>40}: {} MB, {} bytes an event", "on the disk", bytes / 1_000_000, bytes / events as u64));
    let began = Instant::now();
    let (mut engine, recovery) = Journaled::open(folder, Options::default()).unwrap();
    assert_eq!(recovery.events, events as u64);
    tell("opened, all applied again and compared", events, began.elapsed());
    engine.snapshot().unwrap();
    drop(engine);
    let began = Instant::now();
    let (_, recovery) = Journaled::open(folder, Options::default()).unwrap();
    assert_eq!(recovery.events, 0);
    tell("opened behind a snapshot, hashes looked at", events, began.elapsed());
}

fn tell(what: &str, events: usize, taken: Duration) {
    let rate = events as u128 * 1_000_000_000 / taken.as_nanos().max(1);
    say(&format!("{what:>40}: {events} events in {:.2} s, {rate} a second", taken.as_secs_f64()));
}

fn say(line: &str) {
    println!("{line}");
}

fn folder() -> PathBuf {
    let path = std::env::temp_dir().join(format!("ringfence-bench-journal-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn program() -> Source {
    Source::new("twelve.fence", include_str!("programs/twelve.fence"))
}

/// A hundred accounts in turns: each opened, then its marks, a second apart.
fn event(number: usize) -> Event {
    let (account, turn) = (number % 100, number / 100);
    let at = ringfence::value::Instant::from_nanos(1_772_461_800_000_000_000 + i64::try_from(turn).unwrap() * 1_000_000_000);
    let line = if turn == 0 {
        format!(
            r#"{{"id":"o","account":"A{account}","at":"{at}","kind":"open","program":"Twelve rules","version":"1","plan":"100K","currency":"USD","start_balance":"100000","position_mode":"netting","trader":"T","purchased_at":"{at}","swap":"in_position"}}"#
        )
    } else {
        let equity = 99_000 + (number * 37) % 2_000;
        format!(r#"{{"id":"e{number}","account":"A{account}","at":"{at}","kind":"snapshot","balance":"100000","equity":"{equity}"}}"#)
    };
    serde_json::from_str(&line).unwrap()
}
