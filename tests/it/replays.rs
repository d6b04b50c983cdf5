//! `ringfence replay`: many recorded accounts, what would have become of them, and what two programs decide otherwise.

use std::fmt::Write as _;

use crate::commands::{PROGRAM, folder, told};

fn opening(account: &str) -> String {
    format!(
        r#"{{"id":"1","account":"{account}","at":"2026-03-02T00:00:00Z","kind":"open","program":"P","version":"1","plan":"A","options":{{}},"currency":"USD","start_balance":"100000","position_mode":"netting","trader":"t","purchased_at":"2026-03-01T00:00:00Z","swap":"in_position"}}"#
    )
}

/// An account that buys so many lots at 1.0850.
fn buyer(account: &str, lots: &str) -> String {
    let fill = format!(
        r#"{{"id":"2","account":"{account}","at":"2026-03-02T09:00:00Z","kind":"fill","fill_id":"2","symbol":"EURUSD","quantity":"{lots}","price":"1.0850","entry":"in","reason":"user"}}"#
    );
    format!("{}\n{fill}\n", opening(account))
}

/// EURUSD falls from 1.0850 to 1.0740, twenty points with each minute from ten o'clock.
fn ticks() -> String {
    let mut lines = String::new();
    for minute in 0..56 {
        let bid = 10_850 - 2 * minute;
        let _ = writeln!(
            lines,
            r#"{{"id":"t{minute}","at":"2026-03-02T10:{minute:02}:00Z","kind":"tick","symbol":"EURUSD","bid":"1.{:04}","ask":"1.{:04}"}}"#,
            bid - 10_000,
            bid - 9_999
        );
    }
    lines
}

#[test]
fn accounts_of_a_folder_are_replayed_over_a_shared_market() {
    let (small, large) = (buyer("small", "0.5"), buyer("large", "1"));
    let files = [("good.fence", PROGRAM), ("ticks.jsonl", &ticks()), ("events/small.jsonl", &small), ("events/large.jsonl", &large)];
    let folder = folder("replay-shared", &files);
    let (code, out, error) = told(&folder, &["replay", "good.fence", "events", "--shared", "ticks.jsonl"]);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    // A lot loses $20 a minute; $1,000 are lost with the 50th: equity must stay above what is left then.
    let large: Vec<&str> = out.lines().find(|line| line.trim_start().starts_with("large")).unwrap().split_whitespace().collect();
    assert_eq!(large, ["large", "failed", "\"Loss\"", "at", "2026-03-02", "10:50:00", "-", "-", "$100,000.00"], "{out}");
    assert!(out.contains("P, version 1: 2 accounts, 1 failed, 1 breached a limit, 0 reached a goal, 0 payouts\n"), "{out}");
    assert!(out.contains("112 marks of what accounts had traded"), "{out}");
    // The same market in several files.
    let all = ticks();
    let (early, late) = all.split_at(all[..all.len() / 2].rfind('\n').unwrap() + 1);
    std::fs::write(folder.join("early.jsonl"), early).unwrap();
    std::fs::write(folder.join("late.jsonl"), late).unwrap();
    let (code, again, error) = told(&folder, &["replay", "good.fence", "events", "--shared", "early.jsonl", "late.jsonl"]);
    assert_eq!((code, error.as_str(), again), (0, "", out));
}

#[test]
fn a_file_with_ticks_of_its_own_is_replayed_over_them() {
    let own = buyer("own", "1") + &ticks();
    let folder = folder("replay-own", &[("good.fence", PROGRAM), ("own.jsonl", &own), ("ticks.jsonl", &ticks())]);
    let (code, out, error) = told(&folder, &["replay", "good.fence", "own.jsonl", "--json"]);
    let line: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &line["account"], &line["breach"]["at"]), (0, &"own".into(), &"2026-03-02T10:50:00Z".into()), "{error}");
    let (code, _, error) = told(&folder, &["replay", "good.fence", "own.jsonl", "--shared", "ticks.jsonl"]);
    let wanted = "error: own.jsonl: it holds ticks of `EURUSD` beside the market of --shared: leave one of the two out\n";
    assert_eq!((code, error.as_str()), (1, wanted));
}

#[test]
fn two_programs_are_compared_by_what_they_decide() {
    let strict = PROGRAM.replace("size - $1,000", "size - $400").replace(r#"version "1""#, r#"version "2""#);
    let (small, large, tiny) = (buyer("small", "0.5"), buyer("large", "1"), buyer("tiny", "0.01"));
    let files = [
        ("old.fence", PROGRAM),
        ("new.fence", &strict),
        ("ticks.jsonl", &ticks()),
        ("events/small.jsonl", &small),
        ("events/large.jsonl", &large),
        ("events/tiny.jsonl", &tiny),
    ];
    let folder = folder("replay-against", &files);
    let arguments = ["replay", "new.fence", "events", "--shared", "ticks.jsonl", "--against", "old.fence"];
    let (code, out, error) = told(&folder, &arguments);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    // $400 are lost by half a lot with the 40th minute, by one with the 20th; the hundredth of a lot loses $11.
    assert!(out.contains("\"Loss\" at 2026-03-02 10:50:00: "), "{out}");
    assert!(out.contains("\"Loss\" at 2026-03-02 10:40:00: ") && out.contains("\"Loss\" at 2026-03-02 10:20:00: "), "{out}");
    assert!(!out.contains("tiny"), "{out}");
    assert!(
        out.contains("P, version 1: 3 accounts, 1 failed, 1 breached a limit")
            && out.contains("P, version 2: 3 accounts, 2 failed, 2 breached a limit"),
        "{out}"
    );
    assert!(out.ends_with("2 of 3 accounts decided otherwise\n"), "{out}");
}

#[test]
fn what_cannot_be_replayed_is_told() {
    let broken = format!("{}\n{{\n", opening("broken"));
    let other = opening("other").replace(r#""plan":"A""#, r#""plan":"B""#);
    let files =
        [("good.fence", PROGRAM), ("events/broken.jsonl", broken.as_str()), ("events/other.jsonl", &other), ("events/again.jsonl", &other)];
    let folder = folder("replay-broken", &files);
    let (code, out, error) = told(&folder, &["replay", "good.fence", "events"]);
    assert_eq!(code, 1);
    assert!(error.contains("error: broken.jsonl:2: "), "{error}");
    assert!(
        error.contains("note: account `other` is in events/again.jsonl and in events/other.jsonl: each was replayed by itself"),
        "{error}"
    );
    assert!(out.contains("not opened: "), "{out}");
    assert!(
        error.contains("note: `other` met a fault under P, version 1: ") && error.contains("; so did 1 other account, see --json"),
        "{error}"
    );
    let (code, _, error) = told(&folder, &["replay", "good.fence", "nowhere"]);
    assert_eq!(code, 2, "{error}");
    let (code, _, error) = told(&folder, &["replay", "good.fence", "events", "--shared", "events/other.jsonl"]);
    assert!(code == 2 && error.contains("is of account `other`: a recording holds what the market told"), "{error}");
}
