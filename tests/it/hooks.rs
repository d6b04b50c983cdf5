//! A process that is killed between sending an action and recording what became of it: nothing is lost, and nothing is
//! asked for under another key.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Stdout, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ringfence::event::{AckStatus, Kind as What};
use ringfence::hooks::{Answer, Delivery, Hook, JsonLines, Outbox, Pace};
use ringfence::journal::{self, Journaled};
use ringfence::value::Instant;

use crate::journal::{event, options, program};

/// Says to this very test that it is the process that will be killed.
const CHILD: &str = "RINGFENCE_HOOKS_OF_CHILD";
const SECOND: i64 = 1_000_000_000;

/// A platform that writes down what it is asked for, and now and then refuses a first attempt or says nothing to it.
///
/// With a standard output it says there that something is sent.
struct Platform(JsonLines<File>, Option<Stdout>);

impl Platform {
    fn of(folder: &Path, told: Option<Stdout>) -> Self {
        Self(JsonLines(OpenOptions::new().create(true).append(true).open(folder.join("platform.jsonl")).unwrap()), told)
    }
}

impl Hook for Platform {
    fn deliver(&mut self, delivery: &Delivery) -> Answer {
        assert_eq!(self.0.deliver(delivery), Answer::Done);
        if let Some(mut told) = self.1.as_ref() {
            // Whoever kills this process does so about now: the platform has it, and the answer is not recorded.
            told.write_all(b"sent\n").unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
        if refuses(&delivery.key, delivery.attempt) { Answer::Failed("not now".into()) } else { Answer::Done }
    }
}

fn refuses(key: &str, attempt: u32) -> bool {
    attempt == 1 && key.len().is_multiple_of(2)
}

#[test]
fn killed_between_sending_and_recording_nothing_is_lost_and_nothing_has_another_key() {
    if let Some(folder) = std::env::var_os(CHILD) {
        return send_until_killed(Path::new(&folder));
    }
    let folder = std::env::temp_dir().join(format!("ringfence-hooks-killed-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let kills = std::env::var("KILLS").map_or(20, |kills| kills.parse::<u64>().unwrap().min(100));
    for kill in 0..kills {
        run_and_kill(&folder, kill * 7 % 9, Duration::from_micros(kill * 731 % 2_900));
    }
    // What is still to be done is done now.
    let (mut host, _) = Journaled::open(folder.join("journal"), options()).unwrap();
    let mut outbox = rebuilt(&folder);
    let mut platform = Platform::of(&folder, None);
    let mut now = event(count(&folder)).at;
    while !outbox.is_empty() {
        send(&mut host, &mut outbox, &mut platform, now);
        now = now.plus(SECOND);
    }
    drop(host);
    assert!(rebuilt(&folder).is_empty());
    check(&folder, kills);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Applies events where the journal ends, and sends what they lead to.
fn send_until_killed(folder: &Path) {
    let place = folder.join("journal");
    let mut host = if place.join("0000000000.journal").exists() {
        Journaled::open(&place, options()).unwrap().0
    } else {
        let mut host = Journaled::create(&place, options()).unwrap();
        host.load(&program()).unwrap();
        host
    };
    let (mut outbox, mut platform) = (rebuilt(folder), Platform::of(folder, Some(std::io::stdout())));
    for number in count(folder).. {
        let event = event(number);
        let now = event.at;
        outbox.take(host.apply(&event).unwrap(), now);
        // Each sending is a second later than the one before: what was refused goes out again within these.
        for second in 0..30 {
            send(&mut host, &mut outbox, &mut platform, now.plus(second * SECOND));
        }
    }
}

fn send(host: &mut Journaled, outbox: &mut Outbox, platform: &mut Platform, now: Instant) {
    for delivery in outbox.due(now) {
        let answer = platform.deliver(&delivery);
        if let Some(told) = outbox.answer(&delivery, &answer, now) {
            host.apply(&told).unwrap();
        }
    }
}

/// An outbox as the journal has it; empty where there is no journal yet.
fn rebuilt(folder: &Path) -> Outbox {
    let mut outbox = Outbox::new(Pace { first: 5 * SECOND, ..Pace::default() });
    if folder.join("journal/0000000000.journal").exists() {
        journal::decide_again(folder.join("journal"), |event, outcomes| outbox.recorded(event, outcomes)).unwrap();
    }
    outbox
}

/// How many events that are no answers are recorded.
fn count(folder: &Path) -> u64 {
    let mut events = 0;
    if folder.join("journal/0000000000.journal").exists() {
        journal::decide_again(folder.join("journal"), |event, _| {
            events += u64::from(event.is_some_and(|event| !matches!(event.kind, What::Ack(_))));
        })
        .unwrap();
    }
    events
}

fn run_and_kill(folder: &Path, lines: u64, pause: Duration) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hooks::killed_between_sending_and_recording_nothing_is_lost_and_nothing_has_another_key", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).filter(|line| line.ends_with("sent"));
    let seen = told.take(usize::try_from(lines).unwrap() + 1).count() as u64;
    std::thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(seen, lines + 1, "the process ended by itself");
}

/// What was decided, what reached the platform, and what is recorded of it, beside each other.
fn check(folder: &Path, kills: u64) {
    let (mut decided, mut done) = (Vec::new(), BTreeMap::new());
    journal::decide_again(folder.join("journal"), |event, outcomes| {
        decided.extend(outcomes.iter().flat_map(|outcome| &outcome.actions).map(|action| action.key.to_string()));
        if let Some(What::Ack(ack)) = event.map(|event| &event.kind)
            && ack.status == AckStatus::Done
        {
            *done.entry(ack.key.clone()).or_insert(0) += 1;
        }
    })
    .unwrap();
    let lines = std::fs::read_to_string(folder.join("platform.jsonl")).unwrap();
    let sent = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let sent: Vec<(String, u64)> = sent.map(|line| (line["key"].as_str().unwrap().to_owned(), line["attempt"].as_u64().unwrap())).collect();

    assert!(decided.len() as u64 > 2 * kills, "{} actions", decided.len());
    assert_eq!(done.keys().collect::<BTreeSet<_>>(), decided.iter().collect::<BTreeSet<_>>(), "all is done, and nothing else");
    assert!(done.values().all(|times| *times == 1));
    // Each key is seen in the order in which it was decided, an attempt behind the one before it, a second one only
    // where the first was refused.
    let mut first = Vec::new();
    for (key, _) in &sent {
        if !first.contains(key) {
            first.push(key.clone());
        }
    }
    assert_eq!(first, decided);
    for key in &decided {
        let attempts: Vec<u64> = sent.iter().filter(|(sent, _)| sent == key).map(|(_, attempt)| *attempt).collect();
        assert!(attempts.is_sorted(), "{key}: {attempts:?}");
        let distinct: BTreeSet<u64> = attempts.iter().copied().collect();
        assert_eq!(distinct, if refuses(key, 1) { [1, 2].into() } else { BTreeSet::from([1]) }, "{key}");
    }
    let again = sent.len() - sent.iter().collect::<BTreeSet<_>>().len();
    assert!(again > 0, "no kill fell between sending and recording");
    let mut out = std::io::stdout();
    writeln!(out, "{kills} kills, {} actions, {} sent, {again} of them again under the same key and attempt", decided.len(), sent.len())
        .unwrap();
}
