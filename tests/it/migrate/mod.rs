//! Accounts go over to another version of their program.

mod random;
mod rollout;

use std::sync::Arc;

use ringfence::code::Program;
use ringfence::engine::{Engine, Migration, MigrationError};
use ringfence::event::Event;
use ringfence::journal::{Asked, Journaled, Options, Proof};
use ringfence::outcome::{Cause, Change, Outcome};
use ringfence::scenario::Interpreter;
use ringfence::source::Source;
use ringfence::syntax::ast::CarriedKind;
use ringfence::value::Value;

/// A version of a program: its name, what its plans and rules say, and how accounts go over to it.
fn version(name: &str, loss: &str, rules: &str, migrate: &str) -> String {
    format!(
        "program \"Evaluation\" {{
  version \"{name}\"
  currency USD
  timezone \"UTC\"
  day 00:00
  plans
    | plan | size    | loss   |
    | 50K  | $50,000 | {loss} |
  phase funded {{
    ledger starts at size
    track best = highest day.profit over closed days from $0
    floor trailing {{
      starts at size - loss
      trails equity at fill by loss
      capped at size
    }}
    limit \"Maximum loss\" {{
      equity stays above trailing
      on breach {{ fail }}
    }}
{rules}
  }}
  {migrate}
}}
"
    )
}

const DAILY: &str = "    limit \"Daily loss\" {
      day.profit stays above -$1,000
      on breach { lock until next day }
    }";

fn compiled(text: &str) -> Arc<Program> {
    ringfence::compile(&Source::new("evaluation.fence", text.to_owned())).unwrap_or_else(|found| panic!("{found:#?}\n{text}"))
}

fn event(line: &str) -> Event {
    serde_json::from_str(line).unwrap()
}

const OPEN: &str = r#"{"id":"o","account":"A","at":"2026-03-02T08:00:00Z","kind":"open","program":"Evaluation","version":"1","plan":"50K","currency":"USD","start_balance":"50000","position_mode":"netting","trader":"T","purchased_at":"2026-02-20T12:00:00Z","swap":"in_position"}"#;

fn cash(id: &str, at: &str, amount: &str) -> Event {
    event(&format!(r#"{{"id":"{id}","account":"A","at":"{at}","kind":"cash","cash_id":"{id}","amount":"{amount}","type":"interest"}}"#))
}

fn migrate(id: &str, at: &str) -> Event {
    event(&format!(r#"{{"id":"{id}","account":"A","at":"{at}","kind":"migrate","program":"Evaluation","version":"2","who":"risk"}}"#))
}

/// An engine with both versions and an account under the first.
fn engine(first: &str, second: &str) -> Engine {
    let mut engine = Engine::new();
    engine.load(compiled(first));
    engine.load(compiled(second));
    assert!(engine.apply(&event(OPEN)).iter().all(|outcome| outcome.faults.is_empty()));
    engine
}

fn value(engine: &Engine, name: &str) -> String {
    Interpreter::state(engine, "A").get(name).map_or_else(|| "none".into(), Value::to_string)
}

/// What happened, in words that a test can name.
fn changes(outcomes: &[Outcome]) -> Vec<String> {
    let faults = outcomes.iter().flat_map(|outcome| &outcome.faults).map(|fault| format!("fault: {}", fault.detail));
    let changes = outcomes.iter().flat_map(|outcome| &outcome.changes).map(|change| match change {
        Change::Migrated { from, to } => format!("{from} to {to}"),
        Change::Migrates { to, when } => format!("to {to} {when}"),
        Change::Breach { limit, number, .. } => format!("{limit} breached, {number}"),
        Change::Locked { locked } => format!("locked {locked}"),
        Change::Entered { to, .. } => format!("in {to}"),
        other => format!("{other:?}"),
    });
    changes.chain(faults).collect()
}

/// docs/semantics.md: versions.6, versions.8
#[test]
fn a_tighter_limit_is_broken_at_the_switch_and_what_is_kept_goes_on() {
    let tighter = DAILY.replace("-$1,000", "-$500");
    let second = version("2", "$2,000", &tighter, "migrate from \"1\" { applies now; keep limit \"Daily loss\" }");
    let mut engine = engine(&version("1", "$2,000", DAILY, ""), &second);
    assert!(engine.apply(&cash("c1", "2026-03-02T10:00:00Z", "800")).is_empty());
    engine.advance("2026-03-03T06:00:00Z".parse().unwrap());
    assert_eq!(value(&engine, "funded: track best"), "$800.00");
    assert!(engine.apply(&cash("c2", "2026-03-03T10:00:00Z", "-600")).is_empty(), "$600 is within $1,000");
    // What a dry run tells is what happens then, and it changes nothing.
    let to = Migration::new(&compiled(&version("1", "$2,000", DAILY, "")), &compiled(&second)).unwrap();
    let tried = engine.account("A").unwrap().dry_run(&to).unwrap();
    assert_eq!(changes(&tried), ["1 to 2", "Daily loss breached, 1", "locked true"]);
    let outcomes = engine.apply(&migrate("m", "2026-03-03T10:00:00Z")).to_vec();
    assert_eq!(changes(&outcomes), changes(&tried));
    assert_eq!(outcomes[0].actions[0].key.to_string(), tried[0].actions[0].key.to_string().replace("dry run", "m"));
    assert_eq!(value(&engine, "funded: track best"), "$800.00", "it has seen yesterday");
    assert_eq!(value(&engine, "day.start_balance"), "$50,800.00");
    // The lock of the new version ends with the day, as it says.
    assert_eq!(changes(engine.advance("2026-03-04T00:00:00Z".parse().unwrap())), ["locked false"]);
}

/// docs/semantics.md: versions.7
#[test]
fn a_dry_run_waits_for_the_day_with_which_the_version_applies() {
    let first = version("1", "$2,000", DAILY, "");
    let tighter = DAILY.replace("-$1,000", "-$500");
    // What is broken at midday is not broken as the next day begins, and what the account may lose in all is.
    for (limit, lines, expected) in [
        (tighter.as_str(), "keep limit \"Daily loss\"", vec!["1 to 2"]),
        (
            &DAILY.replace("day.profit stays above -$1,000", "equity stays above size - $500"),
            "keep limit \"Daily loss\"",
            vec!["1 to 2", "Daily loss breached, 1", "locked true"],
        ),
    ] {
        let second = version("2", "$2,000", limit, &format!("migrate from \"1\" {{ applies next day; {lines} }}"));
        let mut engine = engine(&first, &second);
        assert!(engine.apply(&cash("c", "2026-03-02T10:00:00Z", "-600")).is_empty(), "$600 is within $1,000");
        let to = Migration::new(&compiled(&first), &compiled(&second)).unwrap();
        let tried = engine.account("A").unwrap().dry_run_when_due(&to).unwrap();
        assert_eq!(changes(&tried.before), Vec::<String>::new());
        let tried = tried.over.unwrap();
        assert_eq!(changes(&tried), expected);
        assert_eq!(tried[0].at.to_string(), "2026-03-03T00:00:00Z");
        assert_eq!(changes(engine.apply(&migrate("m", "2026-03-02T10:00:00Z"))), ["to 2 next day"]);
        let happened = engine.advance("2026-03-03T00:00:00Z".parse().unwrap());
        assert_eq!(changes(happened), changes(&tried));
    }
}

/// docs/semantics.md: versions.1, versions.3
#[test]
fn what_changed_needs_a_word_and_nothing_happens_without_it() {
    let tighter = DAILY.replace("-$1,000", "-$500");
    let silent = version("2", "$2,000", &tighter, "migrate from \"1\" { applies now }");
    let mut engine = engine(&version("1", "$2,000", DAILY, ""), &silent);
    let told = changes(engine.apply(&migrate("m", "2026-03-02T10:00:00Z")));
    let [fault] = &told[..] else { panic!("{told:?}") };
    assert!(fault.contains("limit \"Daily loss\" in funded") && fault.contains("keep limit \"Daily loss\" in funded"), "{fault}");
    // It is under the first version still: $600 is within $1,000.
    assert!(engine.apply(&cash("c", "2026-03-02T11:00:00Z", "-600")).is_empty());
    let alone = compiled(&version("2", "$2,000", DAILY, ""));
    let Err(MigrationError::Unsettled(open)) = Migration::new(&compiled(&version("1", "$2,000", DAILY, "")), &alone) else { panic!() };
    assert!(open[0].why.contains("does not say how"), "{open:?}");
    let unknown = event(r#"{"id":"u","account":"A","at":"2026-03-02T12:00:00Z","kind":"migrate","program":"Evaluation","version":"9"}"#);
    assert_eq!(changes(engine.apply(&unknown)), ["fault: program `Evaluation` version `9` is not loaded"]);
}

/// The floor has trailed to $49,500 when equity was $51,500: $52,000 less $500 that came later.
fn trailed(loss: &str, migrate_lines: &str) -> Engine {
    let second = version("2", loss, DAILY, &format!("migrate from \"1\" {{ applies now; {migrate_lines} }}"));
    let mut engine = engine(&version("1", "$2,000", DAILY, ""), &second);
    for line in [
        r#"{"id":"i","at":"2026-03-02T08:30:00Z","kind":"instrument","symbol":"ES","class":"future","unit":"contract","lot_size":"1","multiplier":"50","tick_size":"0.25","quantity_step":"1","quote_currency":"USD"}"#,
        r#"{"id":"t","at":"2026-03-02T09:00:00Z","kind":"tick","symbol":"ES","bid":"5000","ask":"5000","last":"5000"}"#,
        r#"{"id":"f1","account":"A","at":"2026-03-02T09:00:01Z","kind":"fill","fill_id":"f1","symbol":"ES","quantity":"1","price":"5000","entry":"in","reason":"user"}"#,
        r#"{"id":"f2","account":"A","at":"2026-03-02T09:10:00Z","kind":"fill","fill_id":"f2","symbol":"ES","quantity":"-1","price":"5030","entry":"out","reason":"user"}"#,
    ] {
        assert!(engine.apply(&event(line)).is_empty(), "{line}");
    }
    assert_eq!(value(&engine, "funded: floor trailing"), "$49,500.00", "$51,500 less $2,000");
    assert_eq!(changes(engine.apply(&migrate("m", "2026-03-02T10:00:00Z"))), ["1 to 2"]);
    engine
}

/// docs/semantics.md: versions.4, versions.5
#[test]
fn cells_stay_with_the_account_unless_the_version_takes_its_own() {
    // The account keeps its $2,000, the floor where it stood.
    assert_eq!(value(&trailed("$1,000", ""), "funded: floor trailing"), "$49,500.00");
    // It takes the new $1,000: the floor stands where it stood until the next fill, and begins anew at $50,000 less $1,000.
    let mut taken = trailed("$1,000", "take column loss");
    assert_eq!(value(&taken, "funded: floor trailing"), "$49,500.00");
    let fill = r#"{"id":"f3","account":"A","at":"2026-03-02T11:00:00Z","kind":"fill","fill_id":"f3","symbol":"ES","quantity":"1","price":"5000","entry":"in","reason":"user"}"#;
    assert!(taken.apply(&event(fill)).is_empty());
    assert_eq!(value(&taken, "funded: floor trailing"), "$50,000.00", "$51,500 less $1,000, capped at the size");
    assert_eq!(value(&trailed("$1,000", "take column loss; restart floor trailing"), "funded: floor trailing"), "$49,000.00");
}

#[test]
fn lines_of_migrate_are_mended_in_their_own_words() {
    let told = |line: &str| {
        let text = version("2", "$2,000", DAILY, &format!("migrate from \"1\" {{ applies now; {line} }}"));
        let found = ringfence::compile(&Source::new("evaluation.fence", text)).unwrap_err();
        assert_eq!(found.len(), 1, "{found:#?}");
        format!("{}: {}", found[0].message, found[0].help.clone().unwrap_or_default())
    };
    assert_eq!(
        told("keep limit \"Daily\" was \"Daily loss\""),
        "this version has no limit \"Daily\": what it is called here stands first, and what it was called there behind `was`: \
         `keep limit \"Daily loss\" was \"Daily\"`"
    );
    let kinds: Vec<String> = CarriedKind::ALL.iter().map(|kind| format!("`{}`", kind.word())).collect();
    let (last, others) = kinds.split_last().unwrap();
    let kinds = format!("expected {} or {last}", others.join(", "));
    assert_eq!(told("keep payout"), format!("`payout` does not fit here: {kinds}"));
    assert_eq!(told("take columns loss"), format!("`columns` does not fit here: {kinds}"));
}

/// The same title stood in two phases; each of the two that it became is one of them.
#[test]
fn two_lines_take_over_the_same_only_in_one_phase() {
    let limit = |title: &str| format!("    limit \"{title}\" {{ day.profit stays above -$9; on breach {{ fail }} }}");
    let found = |lines: &str| {
        let more = format!(
            "phase later {{\n    ledger starts at size\n{}\n  }}\n  migrate from \"1\" {{ applies now; {lines} }}",
            limit("Later loss")
        );
        let text = version("2", "$2,000", &limit("Daily loss"), &more);
        let found = ringfence::compile(&Source::new("evaluation.fence", text)).err().unwrap_or_default();
        found.into_iter().map(|one| one.message).collect::<Vec<_>>()
    };
    let none = Vec::<String>::new();
    assert_eq!(found("keep limit \"Daily loss\" in funded was \"Loss\"; keep limit \"Later loss\" in later was \"Loss\""), none);
    assert_eq!(found("keep limit \"Daily loss\" was \"Loss\"; keep limit \"Later loss\" was \"Loss\""), none);
    // The one that is kept by its own name is the one that the other was.
    assert_eq!(
        found("keep limit \"Daily loss\"; keep limit \"Maximum loss\" was \"Daily loss\""),
        ["two lines take over the same of the earlier version"]
    );
    assert_eq!(found("restart limit \"Daily loss\"; keep limit \"Maximum loss\" was \"Daily loss\""), none);
}

#[test]
fn a_line_about_what_was_never_there_is_told() {
    let first = compiled(&version("1", "$2,000", DAILY, ""));
    for (line, why) in [
        ("keep floor ceiling", None),
        ("keep limit \"Daily loss\" was \"Pause\"", Some("version \"1\" has no limit \"Pause\"")),
        ("restart tracker best was \"best before\"", Some("version \"1\" has no tracker \"best before\"")),
    ] {
        let text = version("2", "$2,000", DAILY, &format!("migrate from \"1\" {{ applies now; {line} }}"));
        let source = Source::new("evaluation.fence", text);
        // What this version does not have is told by the checker, what the other did not have beside it.
        let Ok(second) = ringfence::compile(&source) else {
            assert_eq!(why, None, "{line}");
            continue;
        };
        let Err(MigrationError::Unsettled(open)) = Migration::new(&first, &second) else { panic!("{line}") };
        assert_eq!(Some(open[0].why.as_str()), why);
    }
}

#[test]
fn accounts_of_a_phase_that_is_gone_stay_unless_another_takes_them() {
    let renamed = |lines: &str| {
        version("2", "$2,000", DAILY, &format!("migrate from \"1\" {{ applies now; {lines} }}")).replace("phase funded", "phase live")
    };
    let mut engine = engine(&version("1", "$2,000", DAILY, ""), &renamed(""));
    let told = changes(engine.apply(&migrate("m", "2026-03-02T10:00:00Z")));
    assert!(told[0].contains("no phase for accounts in `funded`: `keep phase … was funded`"), "{told:?}");
    engine.load(compiled(&renamed("keep phase live was funded")));
    assert_eq!(changes(engine.apply(&migrate("n", "2026-03-02T10:00:00Z"))), ["1 to 2"]);
    assert_eq!(engine.account("A").unwrap().status().phase.as_ref(), "live");
    assert_eq!(value(&engine, "live: floor trailing"), "$48,000.00", "$50,000 less $2,000");
}

/// docs/semantics.md: versions.4
#[test]
fn a_limit_of_another_title_is_the_one_that_it_was() {
    let renamed = DAILY.replace("Daily loss", "Daily pause");
    let lines = "keep limit \"Daily pause\" in funded was \"Daily loss\"";
    let second = version("2", "$2,000", &renamed, &format!("migrate from \"1\" {{ applies now; {lines} }}"));
    let mut engine = engine(&version("1", "$2,000", DAILY, ""), &second);
    assert_eq!(changes(engine.apply(&cash("c", "2026-03-02T09:00:00Z", "-1200"))), ["Daily loss breached, 1", "locked true"]);
    // The breach stands: it is not told again, and the lock is still its own.
    assert_eq!(changes(engine.apply(&migrate("m", "2026-03-02T10:00:00Z"))), ["1 to 2"]);
    assert_eq!(value(&engine, "funded: limit Daily pause.breaches"), "1");
    assert!(Interpreter::is_locked(&engine, "A"));
    // One that begins anew breaks at once, for the first time.
    let lines = "restart limit \"Daily pause\"";
    let anew = version("2", "$2,000", &renamed, &format!("migrate from \"1\" {{ applies now; {lines} was \"Daily loss\" }}"));
    let mut engine = self::engine(&version("1", "$2,000", DAILY, ""), &anew);
    engine.apply(&cash("c", "2026-03-02T09:00:00Z", "-1200"));
    assert_eq!(changes(engine.apply(&migrate("m", "2026-03-02T10:00:00Z"))), ["1 to 2", "Daily pause breached, 1"]);
}

/// docs/semantics.md: versions.6, versions.7
#[test]
fn it_goes_over_with_the_next_day_and_is_on_its_way_in_a_snapshot() {
    let tighter = DAILY.replace("-$1,000", "-$500");
    let second = version("2", "$2,000", &tighter, "migrate from \"1\" { applies next day; keep limit \"Daily loss\" }");
    let first = version("1", "$2,000", DAILY, "");
    let mut engine = engine(&first, &second);
    assert_eq!(changes(engine.apply(&migrate("m", "2026-03-02T10:00:00Z"))), ["to 2 next day"]);
    assert!(engine.apply(&cash("c1", "2026-03-02T12:00:00Z", "-600")).is_empty(), "the first version holds until midnight");
    let kept = engine.account("A").unwrap().snapshot().unwrap();
    let mut other = Engine::new();
    other.load(compiled(&first));
    assert!(other.restore_account(&kept).is_err(), "the version that it is on its way to is not loaded");
    other.load(compiled(&second));
    other.restore_account(&kept).unwrap();
    for engine in [&mut engine, &mut other] {
        let midnight = engine.advance("2026-03-03T00:00:00Z".parse().unwrap()).to_vec();
        assert_eq!(changes(&midnight), ["1 to 2"]);
        assert_eq!((midnight[0].at.to_string().as_str(), &midnight[0].cause), ("2026-03-03T00:00:00Z", &Cause::Event("m".into())));
        let told = engine.apply(&cash("c2", "2026-03-03T10:00:00Z", "-500")).to_vec();
        assert_eq!(changes(&told), ["Daily loss breached, 1", "locked true"], "$500 is the limit itself");
    }
}

#[test]
fn only_accounts_that_are_young_enough_go_over() {
    for (since, takes) in [("opened from 2026-03-02", true), ("opened from 2026-03-03", false), ("bought from 2026-02-21", false)] {
        let second = version("2", "$2,000", DAILY, &format!("migrate from \"1\" {{ applies now; accounts {since} }}"));
        let mut engine = engine(&version("1", "$2,000", DAILY, ""), &second);
        let told = changes(engine.apply(&migrate("m", "2026-03-04T10:00:00Z")));
        assert_eq!(told == ["1 to 2"], takes, "{since}: {told:?}");
    }
}

#[test]
fn a_journal_recovers_an_account_that_went_over() {
    let folder = std::env::temp_dir().join(format!("ringfence-migrate-{}", std::process::id()));
    let tighter = DAILY.replace("-$1,000", "-$500");
    let second = version("2", "$2,000", &tighter, "migrate from \"1\" { applies next day; keep limit \"Daily loss\" }");
    let source = |text: &str| Source::new("evaluation.fence", text.to_owned());
    let mut journal = Journaled::create(&folder, Options::default()).unwrap();
    journal.load(&source(&version("1", "$2,000", DAILY, ""))).unwrap();
    journal.load(&source(&second)).unwrap();
    for event in [event(OPEN), migrate("m", "2026-03-02T10:00:00Z")] {
        journal.apply(&event).unwrap();
    }
    journal.snapshot().unwrap();
    let breach = changes(journal.apply(&cash("c", "2026-03-03T10:00:00Z", "-500")).unwrap());
    assert_eq!(breach, ["1 to 2", "Daily loss breached, 1", "locked true"]);
    let stands = journal.engine().account("A").unwrap().snapshot().unwrap();
    drop(journal);
    let (opened, _) = Journaled::open(&folder, Options::default()).unwrap();
    assert!(opened.engine().account("A").unwrap().snapshot().unwrap() == stands);
    drop(opened);
    assert_eq!(ringfence::journal::verify(&folder).unwrap().programs, 2);
    // Each decision on the way is proved: the event, and what it led to once the day had come.
    for what in ["m", "c"] {
        let asked = Asked { account: "A", what, from_opening: false };
        let proof = ringfence::journal::prove(&folder, &asked).unwrap().unwrap();
        let proof = Proof::from_json(&proof.to_json().unwrap()).unwrap();
        assert_eq!(proof.decide().unwrap(), proof.recorded(), "{what}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// docs/semantics.md: versions.4
#[test]
fn time_since_something_goes_on_or_begins_as_the_account_goes_over() {
    let idle = |days: u32| format!("{DAILY}\n    after {days} days since trade {{ review \"idle\" }}");
    let reviews = |outcomes: &[Outcome]| outcomes.iter().flat_map(|outcome| &outcome.actions).count();
    // Open since 2 March: 30 days are over on 1 April; 20 days, which are new, count from 27 March and are over on 16 April.
    for (days, before, then) in [(30, "2026-03-31T23:59:59Z", "2026-04-01T00:00:00Z"), (20, "2026-04-15T23:59:59Z", "2026-04-16T00:00:00Z")]
    {
        let second = version("2", "$2,000", &idle(days), "migrate from \"1\" { applies now }");
        let mut engine = engine(&version("1", "$2,000", &idle(30), ""), &second);
        assert_eq!(reviews(engine.apply(&migrate("m", "2026-03-27T10:00:00Z"))), 0);
        assert_eq!(reviews(engine.advance(before.parse().unwrap())), 0, "{days}");
        assert_eq!(reviews(engine.advance(then.parse().unwrap())), 1, "{days}");
    }
}
