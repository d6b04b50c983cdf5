//! A journal that is cut off or changed at any byte.

#![expect(clippy::disallowed_methods, reason = "what stands in a journal is looked at, and changed, from outside")]

mod proved;
mod signed;

use std::fs;
use std::path::PathBuf;

use super::segments::{self, beginning, file_of};
use super::{JournalError, Journaled, Kind, Options, Position, Sync, read};
use crate::event::Event;
use crate::source::Source;

/// A folder of its own, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ringfence-journal-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A limit that warns and breaks anew each day, so that marks lead to outcomes.
fn program() -> Source {
    let text = "program \"P\" {\n firm \"F\"\n version \"1\"\n currency USD\n timezone \"UTC\"\n day 00:00 to 00:00\n plans\n | plan | size |\n | S | $10,000 |\n phase only {\n ledger starts at size\n limit \"Loss\" once per day {\n equity stays above $9,000\n allowance $1,000\n on breach { flatten, lock until next day }\n at 50% used { notify trader \"{headroom} left\" }\n }\n }\n}\n";
    Source::new("p.fence", text)
}

fn event(number: u32) -> Event {
    let (account, at) = (number % 3, number / 3);
    let (day, minute) = (1 + at / 30, at % 30);
    let time = format!("2026-03-{day:02}T{:02}:{:02}:00Z", 9 + minute / 60, minute % 60);
    let text = if at == 0 {
        format!(
            r#"{{"id":"o{number}","account":"A{account}","at":"2026-03-01T08:00:00Z","kind":"open","program":"P","version":"1","plan":"S","currency":"USD","start_balance":"10000","position_mode":"netting","trader":"T","purchased_at":"2026-02-27T12:00:00Z","swap":"in_position"}}"#
        )
    } else {
        let equity = 8_900 + number * 37 % 1_500;
        format!(r#"{{"id":"e{number}","account":"A{account}","at":"{time}","kind":"snapshot","balance":"10000","equity":"{equity}"}}"#)
    };
    serde_json::from_str(&text).unwrap()
}

/// A journal of so many events in small segments; where it stood behind each.
fn written(folder: &Folder, events: u32) -> Vec<Position> {
    let mut engine = Journaled::create(&folder.0, Options { sync: Sync::System, segment_bytes: 4_096, ..Options::default() }).unwrap();
    engine.load(&program()).unwrap();
    let positions = (0..events).map(|number| {
        engine.apply(&event(number)).unwrap();
        engine.position()
    });
    positions.collect()
}

/// The places of all records, with the position before each.
fn places(folder: &Folder) -> Vec<(Position, Kind, u64)> {
    let (mut before, mut places) = (beginning(), Vec::new());
    segments::read_from(&folder.0, beginning(), |record, place, behind| {
        let from =
            if behind.segment == before.segment { before } else { Position { segment: behind.segment, offset: place.offset, ..before } };
        places.push((from, record.kind, behind.offset));
        before = behind;
        Ok(())
    })
    .unwrap();
    places
}

#[test]
fn what_is_recorded_is_applied_again() {
    let folder = Folder::new("again");
    let positions = written(&folder, 900);
    let states = |engine: &Journaled| engine.engine().accounts().map(|account| account.snapshot().unwrap()).collect::<Vec<_>>();
    let (engine, recovery) = Journaled::open(&folder.0, Options::default()).unwrap();
    assert_eq!((recovery.events, recovery.cut_off, recovery.completed), (900, 0, 0));
    assert!(recovery.outcomes > 40, "{recovery:?}");
    assert_eq!(recovery.position, positions[899]);
    let mut plain = crate::engine::Engine::new();
    plain.load(crate::compile(&program()).unwrap());
    for number in 0..900 {
        plain.apply(&event(number));
    }
    let expected: Vec<_> = plain.accounts().map(|account| account.snapshot().unwrap()).collect();
    assert_eq!(states(&engine), expected);
}

#[test]
fn a_snapshot_spares_what_was_before_and_changes_nothing() {
    let folder = Folder::new("snapshot");
    written(&folder, 300);
    let options = Options { segment_bytes: 4_096, ..Options::default() };
    let (mut engine, _) = Journaled::open(&folder.0, options).unwrap();
    for number in 300..320 {
        engine.apply(&event(number)).unwrap();
        engine.snapshot().unwrap();
    }
    for number in 320..350 {
        engine.apply(&event(number)).unwrap();
    }
    let state: Vec<_> = engine.engine().accounts().map(|account| account.snapshot().unwrap()).collect();
    assert!(matches!(Journaled::open(&folder.0, options), Err(JournalError::InUse(_))));
    drop(engine);
    let (engine, recovery) = Journaled::open(&folder.0, options).unwrap();
    assert_eq!(recovery.events, 30);
    assert!(recovery.snapshot.is_some());
    let restored: Vec<_> = engine.engine().accounts().map(|account| account.snapshot().unwrap()).collect();
    assert_eq!(restored, state);
}

/// The power goes at each byte: what was whole before is found, what was not is told, and nothing else.
/// The events of the other tests under a program that takes corrections; of ten one is corrected six events later.
fn corrected() -> (Source, Vec<Event>) {
    let text = program().text().replace(" day 00:00 to 00:00\n", " day 00:00 to 00:00\n corrections within 5 days\n");
    let mut events = Vec::new();
    for number in 0..300 {
        events.push(event(number));
        if number % 10 == 7 {
            let mut right = event(number - 6);
            let crate::event::Kind::Snapshot(snapshot) = &mut right.kind else { continue };
            snapshot.equity = 8_999.into();
            right.corrects = Some(std::mem::replace(&mut right.id, format!("right{number}")));
            events.push(right);
        }
    }
    (Source::new("p.fence", text), events)
}

#[test]
fn corrections_are_taken_from_what_is_recorded_and_decided_again_the_same() {
    let folder = Folder::new("corrections");
    let (source, events) = corrected();
    let mut remembering = crate::recompute::Remembering::default();
    remembering.load(crate::compile(&source).unwrap());
    let mut engine = Journaled::create(&folder.0, Options { sync: Sync::System, segment_bytes: 4_096, ..Options::default() }).unwrap();
    engine.load(&source).unwrap();
    let mut recomputed = 0;
    for (number, event) in events.iter().enumerate() {
        let outcomes = engine.apply(event).unwrap();
        assert_eq!(outcomes, remembering.apply(event), "{}", event.id);
        recomputed +=
            outcomes.iter().filter(|outcome| outcome.recomputed.is_some() || outcome.actions.iter().any(|action| action.late)).count();
        if number == 200 {
            engine.snapshot().unwrap();
        }
    }
    assert!(recomputed > 6, "{recomputed}");
    let states = |engine: &crate::engine::Engine| engine.accounts().map(|account| account.snapshot().unwrap()).collect::<Vec<_>>();
    let expected = states(engine.engine());
    assert_eq!(expected, states(remembering.engine()));
    drop(engine);
    let (engine, recovery) = Journaled::open(&folder.0, Options::default()).unwrap();
    assert!(recovery.snapshot.is_some() && recovery.events < 200 && recovery.outcomes > 10, "{recovery:?}");
    assert_eq!(states(engine.engine()), expected);
    assert_eq!(super::verify(&folder.0).unwrap().events, events.len() as u64);
}

#[test]
fn a_journal_cut_off_at_any_byte_keeps_all_that_was_whole() {
    let folder = Folder::new("cut");
    written(&folder, 2_500);
    let places = places(&folder);
    assert!(places.len() > 2_580, "{}", places.len());
    let mut cuts = 0_u64;
    for (before, _, behind) in places.iter().rev() {
        let path = file_of(&folder.0, before.segment);
        if let Ok(next) = fs::metadata(file_of(&folder.0, before.segment + 1)) {
            assert!(next.len() >= 64);
            fs::remove_file(file_of(&folder.0, before.segment + 1)).unwrap();
        }
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        for end in (before.offset..*behind).rev() {
            file.set_len(end).unwrap();
            let found =
                segments::read_from(&folder.0, *before, |record, place, _| panic!("{record:?} at {place} though cut at {end}")).unwrap();
            assert_eq!((found.position, found.cut_off), (*before, end - before.offset), "{end}");
            cuts += 1;
        }
    }
    assert!(cuts > 450_000, "{cuts}");
}

/// Recovery of the engine where the journal was cut within or behind each of its last records.
#[test]
fn an_engine_recovers_from_a_cut() {
    let folder = Folder::new("recover");
    written(&folder, 400);
    let places = places(&folder);
    let whole = |upto: usize| places[..upto].iter().filter(|(_, kind, _)| *kind == Kind::Event).count() as u64;
    for (number, (before, _, behind)) in places.iter().enumerate().rev().take(60) {
        let next = file_of(&folder.0, before.segment + 1);
        if next.exists() {
            fs::remove_file(next).unwrap();
        }
        let file = fs::OpenOptions::new().write(true).open(file_of(&folder.0, before.segment)).unwrap();
        file.set_len(before.offset + (behind - before.offset) / 2).unwrap();
        let options = Options { sync: Sync::System, segment_bytes: u64::MAX, ..Options::default() };
        let (engine, recovery) = Journaled::open(&folder.0, options).unwrap();
        assert_eq!(recovery.events, whole(number));
        assert!(recovery.cut_off > 0, "{recovery:?}");
        drop(engine);
        // What the last event led to was recorded again, so that it is all there.
        let (_, again) = Journaled::open(&folder.0, options).unwrap();
        assert_eq!((again.events, again.cut_off, again.completed), (recovery.events, 0, 0));
        fs::OpenOptions::new().write(true).open(file_of(&folder.0, before.segment)).unwrap().set_len(before.offset).unwrap();
    }
}

/// A bit that has changed is told with its place, whatever it is, and nothing is changed.
#[test]
fn a_changed_byte_is_told_with_its_place() {
    let folder = Folder::new("flip");
    written(&folder, 60);
    let mut flips = 0;
    for (before, _, behind) in places(&folder) {
        let path = file_of(&folder.0, before.segment);
        let bytes = fs::read(&path).unwrap();
        for at in before.offset..behind {
            let mut changed = bytes.clone();
            changed[usize::try_from(at).unwrap()] ^= 1 << (at % 8);
            fs::write(&path, &changed).unwrap();
            let error = segments::read_from(&folder.0, before, |_, _, _| Ok(())).unwrap_err();
            let JournalError::Damaged { place, .. } = &error else { panic!("{at}: {error}") };
            assert_eq!((&place.file, place.offset), (&path, before.offset), "{at}: {error}");
            flips += 1;
        }
        fs::write(&path, &bytes).unwrap();
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    assert!(flips > 14_000, "{flips}");
    let opened = Journaled::open(&folder.0, Options::default());
    assert!(opened.is_ok());
}

#[test]
fn a_segment_that_is_missing_or_changed_in_its_head_is_told() {
    let folder = Folder::new("segments");
    written(&folder, 200);
    let second = file_of(&folder.0, 1);
    let bytes = fs::read(&second).unwrap();
    for at in 0..64 {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&second, changed).unwrap();
        let error = read(&folder.0, |_, _| Ok(())).unwrap_err();
        assert!(matches!(&error, JournalError::Damaged { place, .. } if place.file == second && place.offset == 0), "{at}: {error}");
    }
    // Cut off in the middle though another follows: that is no write that came to no end.
    fs::write(&second, &bytes[..bytes.len() - 1]).unwrap();
    let error = read(&folder.0, |_, _| Ok(())).unwrap_err();
    assert!(error.to_string().contains("records are missing"), "{error}");
    fs::copy(file_of(&folder.0, 2), &second).unwrap();
    assert!(matches!(read(&folder.0, |_, _| Ok(())), Err(JournalError::Damaged { .. })));
}

#[test]
fn a_segment_begun_as_the_power_went_is_no_loss() {
    let folder = Folder::new("unborn");
    written(&folder, 50);
    let last = read(&folder.0, |_, _| Ok(())).unwrap().position.segment;
    for unborn in [&[][..], &[0; 64], b"RFJRNL01"] {
        fs::write(file_of(&folder.0, last + 1), unborn).unwrap();
        let (engine, recovery) = Journaled::open(&folder.0, Options::default()).unwrap();
        assert_eq!(recovery.events, 50);
        drop(engine);
    }
}

#[test]
fn what_was_decided_otherwise_is_told() {
    let folder = Folder::new("otherwise");
    let options = Options { sync: Sync::System, ..Options::default() };
    let mut engine = Journaled::create(&folder.0, options).unwrap();
    engine.load(&program()).unwrap();
    for number in 0..9 {
        engine.apply(&event(number)).unwrap();
    }
    engine.writer.add(Kind::Outcome, br#"{"account":"A0","actions":["pay"]}"#).unwrap();
    engine.writer.write().unwrap();
    drop(engine);
    assert!(matches!(Journaled::open(&folder.0, options), Err(JournalError::Diverged { .. })));
}

#[test]
fn a_disk_that_refuses_is_an_error_and_no_loss() {
    // A device that is always full, in the place of the segment.
    if std::path::Path::new("/dev/full").exists() {
        refused("full", super::segments::Writer::onto_full_disk);
    }
    refused("only-read", super::segments::Writer::onto_disk_that_is_only_read);
    // Where nothing may be made at all.
    let nowhere = std::path::Path::new("/proc/ringfence");
    assert!(matches!(Journaled::create(nowhere, Options::default()), Err(JournalError::File { doing: "make", .. })));
}

fn refused(name: &str, onto: fn(&mut super::segments::Writer)) {
    let folder = Folder::new(name);
    let options = Options { sync: Sync::System, ..Options::default() };
    let mut engine = Journaled::create(&folder.0, options).unwrap();
    engine.load(&program()).unwrap();
    for number in 0..30 {
        engine.apply(&event(number)).unwrap();
    }
    onto(&mut engine.writer);
    let before = engine.engine().account("A0").unwrap().account().events();
    let refused = engine.apply(&event(30)).unwrap_err();
    assert!(matches!(&refused, JournalError::File { doing: "write", .. }), "{refused}");
    assert_eq!(engine.engine().account("A0").unwrap().account().events(), before, "what is not recorded is not applied");
    drop(engine);
    let (mut engine, recovery) = Journaled::open(&folder.0, options).unwrap();
    assert_eq!(recovery.events, 30);
    assert!(engine.apply(&event(30)).is_ok());
}
