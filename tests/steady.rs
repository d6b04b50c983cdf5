//! An account that is under way keeps what it has: a tick allocates nothing, however many come. A test
//! target of its own, because it counts what the process allocates.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test by a panic")]

use std::path::Path;
use std::sync::Arc;

use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::source::Source;
use ringfence::syntax::load;

#[expect(clippy::disallowed_methods, reason = "a test reads the shipped programs")]
fn text(path: &str) -> Result<String, String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).map_err(|error| error.to_string())
}

fn event(line: &str) -> Event {
    serde_json::from_str(line).unwrap()
}

/// An account of a shipped program with a position in ES.
fn holding(path: &str, plan: &str, size: &str) -> Engine {
    let source = load(Source::new(path, text(path).unwrap()), &mut |import| text(import));
    let program = ringfence::compile(&source).unwrap();
    let (title, version) = (program.ir.title.clone(), program.ir.header.version.clone());
    let mut engine = Engine::new();
    engine.load(Arc::clone(&program));
    for line in [
        r#"{"id":"i","at":"2026-03-02T15:00:00Z","kind":"instrument","symbol":"ES","class":"future","unit":"contract","lot_size":"1","multiplier":"50","tick_size":"0.25","quantity_step":"1","quote_currency":"USD"}"#.to_owned(),
        format!(
            r#"{{"id":"o","account":"A","at":"2026-03-02T15:00:01Z","kind":"open","program":"{title}","version":"{version}","plan":"{plan}","currency":"USD","start_balance":"{size}","position_mode":"netting","trader":"T","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}}"#
        ),
        r#"{"id":"t","at":"2026-03-02T15:00:02Z","kind":"tick","symbol":"ES","bid":"5000.00","ask":"5000.25","last":"5000.00"}"#.to_owned(),
        r#"{"id":"f","account":"A","at":"2026-03-02T15:00:03Z","kind":"fill","fill_id":"f","symbol":"ES","quantity":"1","price":"5000.25","entry":"in","reason":"user"}"#.to_owned(),
    ] {
        engine.apply(&event(&line));
    }
    assert_eq!(engine.account("A").unwrap().status().positions, 1, "{path}");
    engine
}

fn ticks(from: u32, count: u32) -> Vec<Event> {
    let tick = |number: u32| {
        let quarters = 20_000 + (number * 7 % 41) - 20;
        let price = |quarters: u32| format!("{}.{:02}", quarters / 4, quarters % 4 * 25);
        let (bid, ask) = (price(quarters), price(quarters + 1));
        let (minute, second) = (number / 60 + 1, number % 60);
        event(&format!(
            r#"{{"id":"t{number}","at":"2026-03-02T15:{minute:02}:{second:02}Z","kind":"tick","symbol":"ES","bid":"{bid}","ask":"{ask}","last":"{bid}"}}"#
        ))
    };
    (from..from + count).map(tick).collect()
}

#[test]
fn a_tick_allocates_nothing() {
    let programs = [
        ("rules/ftmo/two-step.fence", "100K", "100000"),
        ("rules/topstep/trading-combine.fence", "50K", "50000"),
        ("rules/apex/eod.fence", "50K", "50000"),
    ];
    for (path, plan, size) in programs {
        let mut engine = holding(path, plan, size);
        for tick in ticks(0, 200) {
            engine.apply(&tick);
        }
        let ticks = ticks(200, 2_000);
        let info = allocation_counter::measure(|| {
            for tick in &ticks {
                assert!(engine.apply(tick).is_empty(), "{path}: nothing is decided");
            }
        });
        assert_eq!((info.count_total, info.bytes_current), (0, 0), "{path}");
    }
}

/// The count sees what is allocated: an outcome is.
#[test]
fn an_action_does_allocate() {
    let mut engine = holding("rules/ftmo/two-step.fence", "100K", "100000");
    let fall =
        event(r#"{"id":"x","at":"2026-03-02T15:30:00Z","kind":"tick","symbol":"ES","bid":"4890.00","ask":"4890.25","last":"4890.00"}"#);
    let info = allocation_counter::measure(|| assert!(!engine.apply(&fall).is_empty()));
    assert!(info.count_total > 0);
}
