//! What hostile input is given to, one function each. The fuzzers of `tests/fuzz` run them on what they make up,
//! plain tests on what is kept of that.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ringfence::bytes::{Content, seal};
use ringfence::check::{Checked, check};
use ringfence::code::Program;
use ringfence::diagnostic::{Diagnostic, Severity};
use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::format::{format, same_program};
use ringfence::journal::{self, Journaled, Options};
use ringfence::readers::{self, FixedOffset, ReadOptions};
use ringfence::recompute::Remembering;
use ringfence::scenario;
use ringfence::source::Source;
use ringfence::syntax::{load, parse, parse_expression, parse_steps};
use ringfence::tools::plain_diagnostic;

use super::forged;

/// A way in for input of strangers.
pub(crate) struct Target {
    /// Its name, and its folder in `tests/fuzz/corpus`.
    pub(crate) name: &'static str,
    /// Fails by a panic.
    pub(crate) run: fn(&[u8]),
    /// Folders of the project with more that it takes.
    pub(crate) seeds: &'static [&'static str],
    /// Whether its input is text, of words and lines.
    pub(crate) is_text: bool,
}

/// Folders with programs.
const PROGRAMS: &[&str] = &["rules", "tests/language", "tests/rejected", "tests/semantics", "tests/slips"];

/// All of them.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "parser", run: parser, seeds: PROGRAMS, is_text: true },
    Target { name: "program", run: program, seeds: PROGRAMS, is_text: true },
    Target { name: "formatter", run: formatter, seeds: PROGRAMS, is_text: true },
    Target { name: "scenarios", run: scenarios, seeds: &["tests/language", "tests/semantics"], is_text: true },
    Target { name: "events", run: events, seeds: &[], is_text: true },
    Target { name: "files", run: files, seeds: &["tests/data/statements"], is_text: false },
    Target { name: "snapshots", run: snapshots, seeds: &[], is_text: false },
    Target { name: "journal", run: journal, seeds: &[], is_text: false },
];

/// Most scenarios of one program, lines of events, and events of one file that are looked at.
const SCENARIOS: usize = 8;
const LINES: usize = 64;
const RECORDS: usize = 2_000;

/// The folder of the project.
fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.ancestors().find(|folder| folder.join("grammar/ringfence.pest").exists()).unwrap().to_owned()
    })
}

fn text_of(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// The shipped programs by their names, which are what a text may import.
fn shipped() -> &'static BTreeMap<String, String> {
    static SHIPPED: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let mut found = BTreeMap::new();
        let mut folders = vec![root().join("rules")];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "fence") {
                    let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                    found.insert(name, std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        found
    })
}

/// A text as a program among the shipped ones.
fn loaded(data: &[u8]) -> Source {
    let text = Source::new("rules/ftmo/hostile.fence", text_of(data));
    load(text, &mut |import| shipped().get(import).cloned().ok_or_else(|| "there is no such file".to_owned()))
}

/// What is wrong can be shown, and says something.
fn shown(source: &Source, found: &[Diagnostic]) {
    for found in found.iter().take(20) {
        assert!(!found.message.is_empty());
        assert!(!plain_diagnostic(source, found).is_empty());
    }
}

fn parser(data: &[u8]) {
    let source = Source::new("hostile.fence", text_of(data));
    let parsed = parse(&source);
    shown(&source, &parsed.diagnostics);
    assert_eq!(format!("{parsed:?}"), format!("{:?}", parse(&source)), "read otherwise the second time");
    // As at the prompt.
    shown(&source, &parse_expression(&source).1);
    shown(&source, &parse_steps(&source).1);
}

fn checked(source: &Source) -> Checked {
    let checked = check(source, &parse(source));
    let wrong = checked.diagnostics.iter().any(|found| found.severity() == Severity::Error);
    assert_eq!(checked.ir.is_none(), wrong, "a meaning beside an error, or neither: {:?}", checked.diagnostics);
    checked
}

fn program(data: &[u8]) {
    let source = loaded(data);
    let checked = checked(&source);
    shown(&source, &checked.diagnostics);
    let Some(ir) = checked.ir else { return };
    match ringfence::compile::compile(ir) {
        Ok(program) => {
            assert_eq!(ringfence::code::verify(&program), Ok(()));
            assert!(!program.listing().is_empty());
        }
        Err(over) => shown(&source, &over),
    }
}

fn formatter(data: &[u8]) {
    let text = text_of(data);
    let once = format(&text);
    assert_eq!(format(&once), once, "formatted twice is otherwise");
    let (before, after) = (Source::new("a.fence", text), Source::new("a.fence", once));
    if parse(&before).diagnostics.is_empty() {
        assert!(same_program(&before, &after), "formatted says something else");
    }
}

fn scenarios(data: &[u8]) {
    let checked = checked(&loaded(data));
    let Some(ir) = &checked.ir else { return };
    let Ok(program) = ringfence::compile::compile(ir.clone()).map(Arc::new) else { return };
    for scenario in ir.scenarios.iter().take(SCENARIOS) {
        let mut engine = Engine::new();
        engine.load(Arc::clone(&program));
        let report = scenario::run(ir, &checked.names, scenario, &mut engine);
        assert!(report.failures.len() <= 10_000, "{} failures", report.failures.len());
        asked(&engine);
    }
}

/// The programs that events, snapshots and journals are of.
const FIXED: [(&str, &str, &str); 3] = [
    ("rules/ftmo/two-step.fence", "100K", "hedging"),
    ("tests/language/payouts.fence", "A", "netting"),
    ("tests/language/orders.fence", "A", "netting"),
];

/// Those programs; all but the first take corrections.
fn fixed() -> &'static [Arc<Program>] {
    static PROGRAMS: OnceLock<Vec<Arc<Program>>> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let compiled = |(path, ..): (&str, &str, &str)| {
            let read = |name: &str| std::fs::read_to_string(root().join(name)).map_err(|error| error.to_string());
            let mut text = read(path).unwrap();
            if !path.starts_with("rules") {
                text = text.replacen("day 00:00\n", "day 00:00\n    corrections within 5 days\n", 1);
            }
            ringfence::compile(&load(Source::new(path, text), &mut |import| read(import))).unwrap()
        };
        FIXED.map(compiled).to_vec()
    })
}

fn event(line: &str) -> Event {
    serde_json::from_str(line).unwrap()
}

/// Instruments, an account of each program, and a position in each.
pub(crate) fn prelude() -> Vec<Event> {
    let mut events = vec![
        event(
            r#"{"id":"i1","at":"2026-03-02T08:00:00Z","kind":"instrument","symbol":"EURUSD","class":"fx","unit":"lot","lot_size":"100000","multiplier":"100000","tick_size":"0.00001","quantity_step":"0.01","quote_currency":"USD","base_currency":"EUR","weight":"1"}"#,
        ),
        event(
            r#"{"id":"i2","at":"2026-03-02T08:00:00Z","kind":"instrument","symbol":"ES","class":"future","unit":"contract","lot_size":"1","multiplier":"50","tick_size":"0.25","quantity_step":"1","quote_currency":"USD"}"#,
        ),
        event(r#"{"id":"t1","at":"2026-03-02T08:00:01Z","kind":"tick","symbol":"EURUSD","bid":"1.09600","ask":"1.09602"}"#),
        event(r#"{"id":"t2","at":"2026-03-02T08:00:01Z","kind":"tick","symbol":"ES","bid":"5000.00","ask":"5000.25","last":"5000.00"}"#),
    ];
    for (at, (program, (_, plan, mode))) in fixed().iter().zip(FIXED).enumerate() {
        let (title, version) = (&program.ir.title, &program.ir.header.version);
        events.push(event(&format!(
            r#"{{"id":"o{at}","account":"A{at}","at":"2026-03-02T08:00:02Z","kind":"open","program":"{title}","version":"{version}","plan":"{plan}","currency":"USD","start_balance":"100000","position_mode":"{mode}","trader":"T","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}}"#
        )));
        events.push(event(&format!(
            r#"{{"id":"f{at}","account":"A{at}","at":"2026-03-02T08:00:03Z","kind":"fill","fill_id":"f{at}","position_id":"1","symbol":"EURUSD","quantity":"1","price":"1.09600","entry":"in","reason":"user"}}"#
        )));
    }
    events
}

/// An engine of the fixed programs, behind the prelude.
pub(crate) fn under_way() -> Engine {
    let mut engine = Engine::new();
    for program in fixed() {
        engine.load(Arc::clone(program));
    }
    for event in prelude() {
        engine.apply(&event);
    }
    engine
}

/// Every question that an engine answers, of every account.
fn asked(engine: &Engine) {
    for account in engine.accounts() {
        let told = (account.status(), account.limits(), account.goals(), account.floors(), account.state());
        assert!(!format!("{told:?}").is_empty());
        for symbol in ["EURUSD", "ES", "unknown"] {
            let _ = (account.largest_order(symbol, true), account.largest_order(symbol, false), account.prices_of_limits(symbol));
        }
    }
}

/// An engine that stands where another does, by way of bytes.
fn by_way_of_bytes(engine: &Engine) {
    let mut other = Engine::new();
    for program in fixed() {
        other.load(Arc::clone(program));
    }
    other.restore_market(&engine.market().snapshot().unwrap()).unwrap();
    for account in engine.accounts() {
        let bytes = account.snapshot().unwrap();
        other.restore_account(&bytes).unwrap();
        assert_eq!(other.account(account.name()).unwrap().snapshot().unwrap(), bytes, "{}", account.name());
    }
}

fn events(data: &[u8]) {
    let text = text_of(data);
    let told: Vec<Event> = text.lines().take(LINES).filter_map(|line| serde_json::from_str(line).ok()).collect();
    if told.is_empty() {
        return;
    }
    let mut engine = under_way();
    let mut remembering = Remembering::from(Engine::new());
    for program in fixed() {
        remembering.load(Arc::clone(program));
    }
    for event in prelude() {
        remembering.apply(&event);
    }
    for event in &told {
        let line = serde_json::to_string(event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), *event, "{line}");
        let outcomes = engine.apply(event).to_vec();
        assert!(serde_json::to_string(&outcomes).is_ok());
        remembering.apply(event);
    }
    asked(&engine);
    by_way_of_bytes(&engine);
}

/// Files of each kind: the name says what to take them for where the bytes do not.
fn files(data: &[u8]) {
    let zone = Some(Arc::new(FixedOffset::minutes(120)) as Arc<dyn readers::LocalClock>);
    let options = ReadOptions { account: Some("A1".into()), zone, ..ReadOptions::default() };
    for name in ["hostile.jsonl", "20140501_quote.zip", "20140501_eurusd_tick_quote.csv"] {
        match readers::Source::open(name, data, &options) {
            Ok(mut source) => {
                let found: Vec<_> = source.events().take(RECORDS).collect();
                found.iter().flatten().for_each(|event| assert_eq!(event.check(), Ok(()), "{event:?}"));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    let _ = readers::ExchangeCalendar::read("hostile.json", data);
}

/// What an account lives through behind a snapshot.
fn afterwards(engine: &mut Engine) {
    let lines = [
        r#"{"id":"b1","at":"2026-03-02T09:00:00Z","kind":"tick","symbol":"EURUSD","bid":"1.05000","ask":"1.05002"}"#,
        r#"{"id":"b2","account":"A1","at":"2026-03-02T09:00:01Z","kind":"fill","fill_id":"b2","position_id":"1","symbol":"EURUSD","quantity":"-1","price":"1.05000","entry":"out","reason":"user"}"#,
        r#"{"id":"b3","account":"A0","at":"2026-03-02T09:00:01Z","kind":"fill","fill_id":"b3","position_id":"1","symbol":"EURUSD","quantity":"-1","price":"1.05000","entry":"out","reason":"user"}"#,
        r#"{"id":"b4","account":"A1","at":"2026-03-02T09:00:02Z","kind":"payout","payout_id":"p","status":"requested","amount":"100"}"#,
        r#"{"id":"b5","at":"2026-03-04T09:00:00Z","kind":"clock"}"#,
    ];
    for line in lines {
        engine.apply(&event(line));
    }
    asked(engine);
}

/// The first byte says what the rest is: a whole snapshot, or the state in one whose envelope is right.
fn snapshots(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else { return };
    let mut engine = under_way();
    let refused = match way % 6 {
        0 => engine.restore_account(rest),
        1 => engine.restore_market(rest),
        2 => engine.restore_market(&seal(Content::Market, 0, rest)),
        program => engine.restore_account(&seal(Content::Account, fixed()[usize::from(program) - 3].fingerprint.0, rest)),
    };
    match refused {
        Ok(()) => {
            afterwards(&mut engine);
            for account in engine.accounts() {
                assert!(account.snapshot().is_ok());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The first byte says what the rest is: the bytes of a segment, or records that a forger binds into one.
fn journal(data: &[u8]) {
    let Some((way, rest)) = data.split_first() else { return };
    let segment = if way % 2 == 0 { rest.to_vec() } else { forged::segment(&forged::records(rest)) };
    let folder = std::env::temp_dir().join(format!("ringfence-hostile-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("0000000000.journal"), segment).unwrap();
    let read = journal::read(&folder, |_, _| Ok(()));
    let verified = journal::verify(&folder);
    if let Err(error) = &read {
        assert!(verified.is_err() && !error.to_string().is_empty());
    }
    if let Ok(verified) = verified {
        let (opened, recovery) = Journaled::open(&folder, Options::default()).unwrap();
        assert_eq!(recovery.events, verified.events);
        asked(opened.engine());
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
