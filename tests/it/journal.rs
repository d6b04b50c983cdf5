//! A process that is killed while it writes a journal: nothing that it confirmed is lost, and no action has two keys.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::journal::{Journaled, Kind, Options, read};
use ringfence::source::Source;

/// So often the writer of one journal is killed: each time the whole of it is looked through.
const JOURNAL: usize = 100;

/// Says to this very test that it is the process that will be killed.
const CHILD: &str = "RINGFENCE_JOURNAL_OF_CHILD";

/// `KILLS=10000 cargo test --test it killed_at_any_time -- --nocapture` kills as often, and counts; 25 times otherwise.
#[test]
fn killed_at_any_time_nothing_that_was_confirmed_is_lost() {
    if let Some(folder) = std::env::var_os(CHILD) {
        return write_until_killed(Path::new(&folder));
    }
    let kills: u64 = std::env::var("KILLS").map_or(25, |kills| kills.parse().unwrap());
    for first in (0..kills).step_by(JOURNAL) {
        let last = kills.min(first + JOURNAL as u64);
        killed(first..last);
        if kills > JOURNAL as u64 {
            writeln!(std::io::stdout(), "{last} kills: nothing lost, nothing doubled").unwrap();
        }
    }
}

/// Kills the writer of one journal so often.
fn killed(kills: Range<u64>) {
    let folder = std::env::temp_dir().join(format!("ringfence-killed-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let mut dispatched = BTreeSet::new();
    let mut confirmed = 0;
    let count = kills.end - kills.start;
    for kill in kills {
        // Behind so many lines, and then at any moment of what comes next.
        let (lines, pause) = (kill * 7 % 41, Duration::from_micros(kill * 131 % 2_900));
        confirmed = confirmed.max(run_and_kill(&folder, lines, pause, &mut dispatched));
        let recorded = check(&folder, &dispatched);
        assert!(recorded >= confirmed, "{confirmed} events were confirmed, {recorded} are recorded");
    }
    assert!(confirmed > count * 10 && dispatched.len() as u64 > count, "{confirmed} events, {} actions", dispatched.len());
    // The engine that comes back stands where one stands that was never killed.
    let (engine, _) = Journaled::open(&folder, options()).unwrap();
    let mut plain = Engine::new();
    plain.load(ringfence::compile(&program()).unwrap());
    let recorded = check_count(&folder);
    for number in 0..recorded {
        plain.apply(&event(number));
    }
    let state = |engine: &Engine| engine.accounts().map(|account| account.snapshot().unwrap()).collect::<Vec<_>>();
    assert_eq!(state(engine.engine()), state(&plain));
    drop(engine);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Applies events where the journal ends; a line for each that is confirmed, with the keys of its actions.
fn write_until_killed(folder: &Path) {
    let mut engine = if folder.join("0000000000.journal").exists() {
        Journaled::open(folder, options()).unwrap().0
    } else {
        let mut engine = Journaled::create(folder, options()).unwrap();
        engine.load(&program()).unwrap();
        engine
    };
    let mut out = std::io::stdout();
    for number in check_count(folder).. {
        let outcomes = engine.apply(&event(number)).unwrap();
        let mut line = format!("confirmed {number}");
        for action in outcomes.iter().flat_map(|outcome| &outcome.actions) {
            write!(line, "\t{}", serde_json::to_string(&action.key).unwrap()).unwrap();
        }
        writeln!(out, "{line}").unwrap();
        out.flush().unwrap();
        if number % 50 == 49 {
            engine.snapshot().unwrap();
        }
    }
}

/// Runs the writer, kills it, and answers how many events it had confirmed in all.
fn run_and_kill(folder: &Path, lines: u64, pause: Duration, dispatched: &mut BTreeSet<String>) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "journal::killed_at_any_time_nothing_that_was_confirmed_is_lost", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).filter(|line| line.contains("confirmed "));
    let mut confirmed = 0;
    let mut take = |line: String| {
        let (_, line) = line.split_once("confirmed ").unwrap();
        let mut parts = line.split('\t');
        confirmed = parts.next().unwrap().parse::<u64>().unwrap() + 1;
        dispatched.extend(parts.map(str::to_owned));
    };
    told.by_ref().take(usize::try_from(lines).unwrap() + 1).for_each(&mut take);
    std::thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
    told.for_each(take);
    confirmed
}

/// How many events are recorded. Every action that was dispatched is, and each under one key.
fn check(folder: &PathBuf, dispatched: &BTreeSet<String>) -> u64 {
    let (mut events, mut keys) = (0, BTreeMap::new());
    // Opening mends what a write that came to no end left, and goes on from the last snapshot.
    drop(Journaled::open(folder, options()).unwrap());
    read(folder, |record, place| {
        match record.kind {
            Kind::Event => events += 1,
            Kind::Outcome => {
                let outcome: serde_json::Value = serde_json::from_slice(record.payload).unwrap();
                for action in outcome["actions"].as_array().into_iter().flatten() {
                    let before = keys.insert(action["key"].to_string(), place.clone());
                    assert_eq!(before, None, "an action is there twice, the second at {place}");
                }
            }
            _ => {}
        }
        Ok(())
    })
    .unwrap();
    for key in dispatched {
        assert!(keys.contains_key(key), "{key} was dispatched and is not recorded");
    }
    events
}

fn check_count(folder: &Path) -> u64 {
    let mut events = 0;
    read(folder, |record, _| {
        events += u64::from(record.kind == Kind::Event);
        Ok(())
    })
    .unwrap();
    events
}

pub(crate) fn options() -> Options {
    Options { segment_bytes: 20_000, ..Options::default() }
}

/// A limit that warns and breaks anew each day.
pub(crate) fn program() -> Source {
    let text = "program \"P\" {\n firm \"F\"\n version \"1\"\n currency USD\n timezone \"UTC\"\n day 00:00 to 00:00\n plans\n | plan | size |\n | S | $10,000 |\n phase only {\n ledger starts at size\n limit \"Loss\" once per day {\n equity stays above $9,000\n allowance $1,000\n on breach { flatten, lock until next day }\n at 50% used { notify trader \"{headroom} left\" }\n }\n }\n}\n";
    Source::new("p.fence", text)
}

/// The first opens the account; the others are its marks, an hour apart.
pub(crate) fn event(number: u64) -> Event {
    if number == 0 {
        return serde_json::from_str(
            r#"{"id":"o","account":"A","at":"2026-03-01T00:00:00Z","kind":"open","program":"P","version":"1","plan":"S","currency":"USD","start_balance":"10000","position_mode":"netting","trader":"T","purchased_at":"2026-02-27T12:00:00Z","swap":"in_position"}"#,
        )
        .unwrap();
    }
    let equity = 8_900 + number * 37 % 1_500;
    let opened: Event = event(0);
    let at = ringfence::value::Instant::from_nanos(opened.at.nanos() + i64::try_from(number).unwrap() * 3_600_000_000_000);
    let line = format!(r#"{{"id":"e{number}","account":"A","at":"{at}","kind":"snapshot","balance":"10000","equity":"{equity}"}}"#);
    serde_json::from_str(&line).unwrap()
}

/// `ringfence audit`: its exit code, and what it told.
fn tool(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ringfence")).arg("audit").args(arguments).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), told)
}

/// A folder for a journal, and beside it for what is made of it.
fn empty(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ringfence-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The tool looks through the journal of a host.
#[test]
fn the_tool_audits_a_journal() {
    let folder = std::env::temp_dir().join(format!("ringfence-audited-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let mut engine = Journaled::create(&folder, options()).unwrap();
    engine.load(&program()).unwrap();
    for number in 0..20 {
        engine.apply(&event(number)).unwrap();
    }
    let place = folder.to_string_lossy().into_owned();
    // While the host has it open, too.
    let (code, told) = tool(&["verify", &place]);
    assert_eq!(code, 0, "{told}");
    assert!(told.starts_with("1 program, 20 events, ") && told.contains(&engine.position().hash()), "{told}");
    drop(engine);

    // Equity is 8,900 and 37 for each event, up to 1,500 more: 8,937 at the first mark breaks the limit of 9,000.
    let (code, told) = tool(&["show", &place, "A", "--event", "e1"]);
    assert_eq!(code, 0, "{told}");
    for part in [
        "event `e1`",
        "breach Loss",
        "equity = 8937",
        "Loss: flatten, key A/event:e1/only/Loss/0/0",
        "Loss: lock, key A/event:e1/only/Loss/0/1",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let (_, none) = tool(&["show", &place, "B"]);
    assert!(none.contains("nothing was decided of `B`"), "{none}");

    // Somebody makes the loss smaller than it was.
    let path = folder.join("0000000000.journal");
    let bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(6).position(|window| window == b"\"8937\"").unwrap();
    let mut changed = bytes.clone();
    changed[at + 1] = b'9';
    std::fs::write(&path, &changed).unwrap();
    let (code, told) = tool(&["verify", &place]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("0000000000.journal at byte "), "{told}");
    assert_eq!(tool(&["show", &place, "A"]).0, 1);
    assert_eq!(tool(&["verify", "/nowhere"]).0, 2);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A host signs with a key that the tool has made; the tool tells what is signed, by whom, and what is not.
#[test]
fn the_tool_demands_signatures() {
    let folder = empty("signed");
    let (secret, other, place) = (folder.join("secret"), folder.join("other"), folder.join("journal"));
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let public = |file: &Path| {
        let (code, told) = tool(&["keygen", &text(file)]);
        assert_eq!(code, 0, "{told}");
        told.lines().find(|line| line.len() == 64).unwrap().to_owned()
    };
    let (key, stranger) = (public(&secret), public(&other));
    assert_ne!(key, stranger);
    let (code, told) = tool(&["keygen", &text(&secret)]);
    assert!(code == 2 && told.contains("a key is not overwritten"), "{told}");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&secret).unwrap().permissions()) & 0o777, 0o600);

    let options = Options { segment_bytes: 4_000, key: Some(std::fs::read_to_string(&secret).unwrap().parse().unwrap()), ..options() };
    let mut engine = Journaled::create(&place, options).unwrap();
    engine.load(&program()).unwrap();
    (0..30).for_each(|number| drop(engine.apply(&event(number)).unwrap().to_vec()));
    engine.commit().unwrap();
    let verify = |key: &str| tool(&["verify", &text(&place), "--key", key]);
    let (code, told) = verify(&key);
    assert!(code == 0 && told.contains("signed to the end: ") && told.contains(" segments"), "{told}");
    // Neither this key nor none of a key.
    let (code, told) = verify(&stranger);
    assert!(code == 1 && told.contains(&format!("0000000000.journal: it is signed with another key, {key}")), "{told}");
    let (code, told) = verify("12");
    assert!(code == 2 && told.contains("64 hexadecimal digits"), "{told}");

    // The balance is the equity: a mark of 10,000 breaks nothing, its record is the only one.
    let mark = r#"{"id":"quiet","account":"A","at":"2026-03-09T00:00:00Z","kind":"snapshot","balance":"10000","equity":"10000"}"#;
    engine.apply(&serde_json::from_str(mark).unwrap()).unwrap();
    drop(engine);
    let (code, told) = verify(&key);
    assert!(code == 1 && told.contains(".journal: not signed: the last 1 record; the host signs at `commit`"), "{told}");
    assert_eq!(tool(&["verify", &text(&place)]).0, 0, "nothing is demanded without a key");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// One decision goes to somebody who has nothing but its file.
#[test]
fn the_tool_proves_a_decision_and_decides_it_again() {
    let folder = empty("proved");
    let (place, file) = (folder.join("journal"), folder.join("decision.json"));
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (place, file) = (text(&place), text(&file));
    let corrects = program().text().replace(" day 00:00 to 00:00\n", " day 00:00 to 00:00\n corrections within 5 days\n");
    let mut engine = Journaled::create(&place, options()).unwrap();
    engine.load(&Source::new("p.fence", corrects)).unwrap();
    (0..20).for_each(|number| drop(engine.apply(&event(number)).unwrap().to_vec()));
    // The equity at e1 was 8,937 and broke the limit of 9,000; it is put right to 9,900.
    let right =
        r#"{"id":"right","corrects":"e1","account":"A","at":"2026-03-01T01:00:00Z","kind":"snapshot","balance":"10000","equity":"9900"}"#;
    engine.apply(&serde_json::from_str(right).unwrap()).unwrap();
    drop(engine);

    for what in ["e1", "A/event:e1/only/Loss/0/0"] {
        let (code, told) = tool(&["prove", &place, "A", what, "--out", &file]);
        assert!(
            code == 0 && told.contains("recorded in 0000000000.journal at byte ") && told.contains("as they stood, and 1 event"),
            "{told}"
        );
        let (code, told) = tool(&["replay", &file]);
        assert_eq!(code, 0, "{told}");
        for part in
            ["breach Loss", "equity = 8937", "Loss: flatten, key A/event:e1/only/Loss/0/0", "decided again to the same bytes: 1 outcome"]
        {
            assert!(told.contains(part), "{part}\n{told}");
        }
    }
    // The same from all that the account has lived through: its opening and the mark.
    let (_, told) = tool(&["prove", &place, "A", "e1", "--out", &file, "--from-opening"]);
    assert!(told.contains("all that `A` has lived through, 2 events"), "{told}");
    assert_eq!(tool(&["replay", &file]).0, 0);
    // Somebody makes the loss smaller than it was, in the event or in what is recorded.
    let proof = std::fs::read_to_string(&file).unwrap();
    for changed in
        [proof.replacen(r#"\"equity\":\"8937\""#, r#"\"equity\":\"9937\""#, 1), proof.replace("8937", "8938").replacen("8938", "8937", 1)]
    {
        assert_ne!(changed, proof);
        std::fs::write(&file, changed).unwrap();
        let (code, told) = tool(&["replay", &file]);
        assert!(code == 1 && told.contains("outcome 1 is recorded otherwise than it is decided"), "{told}");
    }
    // A correction stands on the history: 20 events of before, and itself.
    let (code, told) = tool(&["prove", &place, "A", "right", "--out", &file]);
    assert!(code == 0 && told.contains("all that `A` has lived through, 21 events"), "{told}");
    let (code, told) = tool(&["replay", &file]);
    for part in [
        "withdrawn: flatten, key A/event:e1/only/Loss/0/0: event `right` corrects event `e1`",
        "undone: breach Loss",
        "same bytes: 1 outcome",
    ] {
        assert!(code == 0 && told.contains(part), "{part}\n{told}");
    }

    let (code, told) = tool(&["prove", &place, "B", "e1", "--out", &file]);
    assert!(code == 2 && told.contains("no event `e1` that concerns `B`"), "{told}");
    std::fs::write(&file, "{}").unwrap();
    let (code, told) = tool(&["replay", &file]);
    assert!(code == 2 && told.contains("it has no `form`"), "{told}");
    assert_eq!(tool(&["replay", "/nowhere"]).0, 2);
    std::fs::remove_dir_all(&folder).unwrap();
}
