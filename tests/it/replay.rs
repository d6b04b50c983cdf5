//! A replay against an engine that shows each mark: random programs and streams, recorded ticks; the same outcomes
//! and the same state.

use std::collections::BTreeMap;
use std::sync::Arc;

use ringfence::book::Book;
use ringfence::code::Program;
use ringfence::engine::Engine;
use ringfence::event::{Event, Kind};
use ringfence::outcome::Outcome;
use ringfence::replay::{Counts, Recording, Replay, ReplayError};
use ringfence::value::Value;

use crate::book::{Walk, kept, pairs};
use crate::book_ticks;
use crate::differential::accepted;
use crate::random::Dice;
use crate::random_events;

type State = Option<BTreeMap<String, Value>>;

/// An account's own events, each after so many of the recording, and how the engine's account stood then.
struct Own {
    recorded: u64,
    event: Event,
    state: State,
}

/// What an engine decided of one account, and what a replay needs to decide the same.
struct Played {
    recording: Recording,
    own: Vec<Own>,
    outcomes: Vec<Outcome>,
    end: State,
}

fn words(outcome: Option<&Outcome>) -> String {
    outcome.map_or_else(|| "none".to_owned(), |outcome| serde_json::to_string(outcome).unwrap())
}

/// What an engine decides, event by event, of an account.
fn play(programs: &[Arc<Program>], events: &[Event], account: &str) -> Played {
    let mut engine = Engine::new();
    for program in programs {
        engine.load(Arc::clone(program));
    }
    let mut played = Played { recording: Recording::new(), own: Vec::new(), outcomes: Vec::new(), end: None };
    let of_it = |event: &Event| event.account.as_deref().is_none_or(|name| name == account);
    for event in events.iter().filter(|event| of_it(event)) {
        played.outcomes.extend_from_slice(engine.apply(event));
        if event.account.is_none() {
            played.recording.push(event).unwrap();
        } else {
            let state = engine.account(account).map(|account| account.state());
            played.own.push(Own { recorded: played.recording.events(), event: event.clone(), state });
        }
    }
    played.end = engine.account(account).map(|account| account.state());
    played
}

/// What a replay has done, if it decides the same.
fn compare(programs: &[Arc<Program>], events: &[Event], account: &str) -> Result<Counts, String> {
    let played = play(programs, events, account);
    let mut replay = Replay::new(&played.recording);
    for program in programs {
        replay.load(Arc::clone(program));
    }
    let mut outcomes: Vec<Outcome> = Vec::new();
    let differ = |wanted: &State, replay: &Replay<'_>| {
        let program = replay.account().map(|account| Arc::clone(account.account().program()));
        let filtered = |state: &State| program.as_ref().zip(state.clone()).map(|(program, state)| kept(program, state));
        let (wanted, found) = (filtered(wanted), filtered(&replay.account().map(|account| account.state())));
        let (wanted, found) = (wanted.unwrap_or_default(), found.unwrap_or_default());
        let names = wanted.keys().chain(found.keys()).filter(|name| wanted.get(*name) != found.get(*name));
        let each = |name: &String| format!("\n  {name}: engine {:?}, replay {:?}", wanted.get(name), found.get(name));
        names.map(each).reduce(|all, one| all + &one)
    };
    for Own { recorded, event, state } in &played.own {
        outcomes.extend_from_slice(replay.apply_after(*recorded, event).map_err(|error| error.to_string())?);
        if let Some(difference) = differ(state, &replay) {
            return Err(format!("after {} the state differs: {difference}", event.id));
        }
    }
    outcomes.extend_from_slice(replay.finish(None));
    for at in 0..outcomes.len().max(played.outcomes.len()) {
        let (wanted, found) = (played.outcomes.get(at), outcomes.get(at));
        if wanted != found {
            return Err(format!("outcome {at} differs\n  engine: {}\n  replay: {}", words(wanted), words(found)));
        }
    }
    differ(&played.end, &replay).map_or(Ok(replay.counts()), |difference| Err(format!("at the end the state differs: {difference}")))
}

fn random(seed: u64) -> Result<Counts, String> {
    let mut dice = Dice::new(seed);
    let (text, ir) = accepted(&mut dice);
    let Ok(program) = ringfence::compile::compile(ir.as_ref().clone()) else { return Ok(Counts::default()) };
    let mut walk = Walk::new();
    let mut events = Vec::new();
    for event in random_events::events(&mut dice, 60) {
        walk.follow(&event);
        events.push(event.clone());
        let marks = if dice.chance(10) { 300 } else { 30 };
        events.extend((0..dice.below(marks)).map(|_| walk.tick(&mut dice, &event)));
    }
    compare(&[Arc::new(program)], &events, "one").map_err(|difference| format!("seed {seed}: {difference}\n{text}"))
}

#[test]
fn a_replay_decides_as_an_engine_that_shows_each_mark() {
    let first = std::env::var("FIRST").ok().and_then(|first| first.parse().ok()).unwrap_or(1);
    let (mut counts, mut wrong) = (Counts::default(), Vec::new());
    for seed in first..first + pairs() {
        match random(seed) {
            Ok(of_it) => (counts.marks, counts.shown) = (counts.marks + of_it.marks, counts.shown + of_it.shown),
            Err(difference) => wrong.push(difference),
        }
    }
    if let Some(first) = wrong.first() {
        let each: Vec<&str> = wrong.iter().filter_map(|one| one.split(':').next()).collect();
        panic!("{} of {} differ: {}\nthe first: {first}", wrong.len(), pairs(), each.join(", "));
    }
    // Many random programs keep something of each mark.
    assert!(counts.shown < counts.marks / 5 * 4, "little was spared: {counts:?}");
}

#[test]
fn a_replay_decides_over_recorded_ticks_as_an_engine_does() {
    let (programs, events) = (book_ticks::programs(), book_ticks::stream(8_000));
    let mut counts = Counts::default();
    for number in 0..6 {
        let account = format!("A{number:02}");
        let of_it = compare(&programs, &events, &account).unwrap_or_else(|difference| panic!("{account}: {difference}"));
        (counts.marks, counts.shown) = (counts.marks + of_it.marks, counts.shown + of_it.shown);
    }
    assert!(counts.shown < counts.marks / 2, "little was spared: {counts:?}");
}

/// What a program adds to ticks is looked at with each of them, however far prices are from everything.
#[test]
fn fields_that_a_program_adds_to_ticks_are_seen() {
    let text = r#"program "Volumes" {
        version "1"
        currency USD
        timezone "UTC"
        day 00:00
        extend tick { volume: number }
        plans
            | plan | size     |
            | A    | $100,000 |
        phase only {
            ledger starts at size
            track largest = highest (tick.volume else 0) at mark from 0
            when largest is above 5 { notify trader "{largest}" }
        }
    }"#;
    let source = ringfence::source::Source::new("volumes.fence", text);
    let program = ringfence::compile(&source).unwrap_or_else(|found| panic!("{found:#?}"));
    let of = |id: &str, second: u32, rest: &str| event(&format!(r#"{{"id":"{id}","at":"2026-03-02T09:00:{second:02}Z",{rest}}}"#));
    let mut events = vec![
        of("i", 0, ES),
        of("t0", 0, r#""kind":"tick","symbol":"ES","bid":"5000","ask":"5000""#),
        of(
            "o",
            1,
            r#""account":"a","kind":"open","program":"Volumes","version":"1","plan":"A","options":{},"currency":"USD","start_balance":"100000","position_mode":"netting","trader":"t","purchased_at":"2026-03-01T00:00:00Z","swap":"in_position""#,
        ),
        of("f", 2, r#""account":"a","kind":"fill","fill_id":"f","symbol":"ES","quantity":"1","price":"5000","entry":"in","reason":"user""#),
    ];
    for (second, volume) in (3..).zip([1, 2, 9, 3]) {
        let rest = format!(r#""kind":"tick","symbol":"ES","bid":"5000","ask":"5000","extra":{{"volume":"{volume}"}}"#);
        events.push(of(&format!("t{second}"), second, &rest));
    }
    let mut book = Book::new();
    book.load(Arc::clone(&program));
    let told: Vec<(String, usize)> = events.iter().map(|event| (event.id.clone(), book.apply(event).len())).collect();
    assert_eq!(told.iter().filter(|(_, told)| *told > 0).map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["o", "t5"]);
    compare(&[program], &events, "a").unwrap_or_else(|difference| panic!("{difference}"));
}

const ES: &str = r#""kind":"instrument","symbol":"ES","class":"index","unit":"contract","lot_size":"1","multiplier":"50","tick_size":"0.25","quantity_step":"1","quote_currency":"USD""#;

fn event(line: &str) -> Event {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

#[test]
fn own_events_come_between_those_of_the_market_by_time_and_kind() {
    let mut recording = Recording::new();
    recording.push(&event(&format!(r#"{{"id":"i","at":"2026-03-02T08:00:00Z",{ES}}}"#))).unwrap();
    for (id, second) in [("t1", 1), ("t2", 2), ("t3", 2), ("t4", 3)] {
        recording
            .push(&event(&format!(r#"{{"id":"{id}","at":"2026-03-02T09:00:0{second}Z","kind":"tick","symbol":"ES","last":"5000"}}"#)))
            .unwrap();
    }
    let mut replay = Replay::new(&recording);
    let cash = |second: u32| {
        event(&format!(
            r#"{{"id":"c{second}","account":"a","at":"2026-03-02T09:00:0{second}Z","kind":"cash","cash_id":"c","type":"fee","amount":"-1"}}"#
        ))
    };
    assert_eq!(replay.apply(&cash(2)).unwrap().len(), 1, "no account is open");
    let other = Event { account: Some("b".into()), ..cash(3) };
    assert!(matches!(replay.apply(&other), Err(ReplayError::OtherAccount { replayed, .. }) if replayed == "a"));
    let tick = event(r#"{"id":"t9","at":"2026-03-02T09:00:09Z","kind":"tick","symbol":"ES","last":"5000"}"#);
    assert!(matches!(&tick.kind, Kind::Tick(_)));
    assert!(matches!(replay.apply(&tick), Err(ReplayError::Tick { .. })));
    assert_eq!(recording.push(&cash(4)).unwrap_err().account, "a");
}

/// What was held when the day opened is marked, after a gap, at the worse side of the first mark: a book and a replay
/// take it in by itself, though the account holds nothing by then.
#[test]
fn what_a_day_opened_with_is_marked_after_a_gap_by_each_mark() {
    let text = r#"program "Undone" {
        version "1"
        currency USD
        timezone "UTC"
        day 00:00
        marks at mid
        gaps worst side on resume
        plans
            | plan | size     |
            | A    | $100,000 |
        phase only {
            ledger starts at size
            on deposit { roll back to day start }
        }
    }"#;
    let source = ringfence::source::Source::new("undone.fence", text);
    let program = ringfence::compile(&source).unwrap_or_else(|found| panic!("{found:#?}"));
    let of = |id: &str, at: &str, rest: &str| event(&format!(r#"{{"id":"{id}","at":"2026-03-{at}:00Z",{rest}}}"#));
    let tick = |id: &str, at: &str, bid: u32| of(id, at, &format!(r#""kind":"tick","symbol":"ES","bid":"{bid}","ask":"{}""#, bid + 1));
    let own = |id: &str, at: &str, rest: &str| of(id, at, &format!(r#""account":"a",{rest}"#));
    let fill = |id: &str, at: &str, quantity: i32| {
        own(
            id,
            at,
            &format!(
                r#""kind":"fill","fill_id":"{id}","symbol":"ES","quantity":"{quantity}","price":"5000","entry":"unknown","reason":"user""#
            ),
        )
    };
    let events = [
        of("i", "02T09:00", ES),
        tick("t0", "02T09:00", 5_000),
        own(
            "o",
            "02T09:01",
            r#""kind":"open","program":"Undone","version":"1","plan":"A","options":{},"currency":"USD","start_balance":"100000","position_mode":"netting","trader":"t","purchased_at":"2026-03-01T00:00:00Z","swap":"in_position""#,
        ),
        fill("f", "02T09:02", 1),
        // The day opens with one contract, which is sold before the gap.
        fill("g", "03T09:00", -1),
        of("gap", "03T10:00", r#""kind":"gap","from":"2026-03-03T09:30:00Z","to":"2026-03-03T10:00:00Z","reason":"feed""#),
        tick("t1", "03T10:01", 5_010),
        tick("t2", "03T10:02", 5_020),
        own("r", "03T10:03", r#""kind":"cash","cash_id":"r","type":"rollback","amount":"0""#),
    ];
    // The contract is back, at the middle of the second mark: $20.50 a point of $50.
    let mut book = Book::new();
    book.load(Arc::clone(&program));
    for event in &events {
        book.apply(event);
    }
    let market = book.market().clone();
    let equity = book.account("a").map(|account| account.state(&market)["equity"].to_string());
    assert_eq!(equity.as_deref(), Some("$101,025.00"));
    compare(&[program], &events, "a").unwrap_or_else(|difference| panic!("{difference}"));
}

/// A condition that time turns, behind one that prices turn, is not looked at before prices do: an account that sleeps
/// by it would not wake as the session opens.
#[test]
fn a_session_that_opens_while_an_account_sleeps_is_noticed() {
    let text = r#"program "Session" {
        version "1"
        currency USD
        timezone "UTC"
        day 00:00
        marks at mid
        session rth mon to fri 08:30 to 15:00
        plans
            | plan | size     |
            | A    | $100,000 |
        phase only {
            ledger starts at size
            when open_profit is above $400 and rth is open { notify trader "{open_profit}" }
        }
    }"#;
    let source = ringfence::source::Source::new("session.fence", text);
    let program = ringfence::compile(&source).unwrap_or_else(|found| panic!("{found:#?}"));
    let of = |id: &str, at: &str, rest: &str| event(&format!(r#"{{"id":"{id}","at":"2026-03-03T{at}:00Z",{rest}}}"#));
    let tick = |id: &str, at: &str, price: u32| of(id, at, &format!(r#""kind":"tick","symbol":"ES","bid":"{price}","ask":"{price}""#));
    let events = [
        of("i", "07:00", ES),
        tick("t0", "07:00", 5_000),
        of(
            "o",
            "07:01",
            r#""account":"a","kind":"open","program":"Session","version":"1","plan":"A","options":{},"currency":"USD","start_balance":"100000","position_mode":"netting","trader":"t","purchased_at":"2026-03-01T00:00:00Z","swap":"in_position""#,
        ),
        of(
            "f",
            "07:02",
            r#""account":"a","kind":"fill","fill_id":"f","symbol":"ES","quantity":"1","price":"5000","entry":"in","reason":"user""#,
        ),
        tick("t1", "07:03", 5_001),
        tick("t2", "09:00", 5_010),
    ];
    let mut book = Book::new();
    book.load(Arc::clone(&program));
    let told: Vec<usize> = events.iter().map(|event| book.apply(event).len()).collect();
    assert_eq!(told, [0, 0, 1, 0, 0, 1], "$500 at nine o'clock");
    compare(&[program], &events, "a").unwrap_or_else(|difference| panic!("{difference}"));
}
