//! The commands as a shell sees them: what they write, where, and their exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::shipped::root;

pub(crate) const PROGRAM: &str = r#"program "P" {
    firm      "Example"  version "1"
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size     |
        | A    | $100,000 |

    phase trading {
        ledger starts at size
        limit "Loss" {
            equity stays above size - $1,000
            on breach { flatten, fail }
        }
    }

    scenario "a loss" plan A {
        trade -$1,000;  expect phase failed
    }
}
"#;

const EVENTS: &str = r#"{"id":"1","account":"a","at":"2026-03-02T00:00:00Z","kind":"open","program":"P","version":"1","plan":"A","options":{},"currency":"USD","start_balance":"100000","position_mode":"netting","trader":"t","purchased_at":"2026-03-01T00:00:00Z","swap":"in_position"}
{"id":"2","account":"a","at":"2026-03-02T10:00:00Z","kind":"snapshot","balance":"100000","equity":"99000"}
"#;

/// A folder of its own with these files.
pub(crate) fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("commands").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for (file, text) in files {
        fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
        fs::write(folder.join(file), text).unwrap();
    }
    folder
}

fn ringfence(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ringfence")).args(arguments).current_dir(folder).output().unwrap()
}

/// The exit code, and what stands on standard output and on standard error.
pub(crate) fn told(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = ringfence(folder, arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn all_well_is_0_a_finding_is_1_and_what_cannot_be_done_is_2() {
    let broken = PROGRAM.replace("equity stays above size", "equity stays above sise");
    let failing = PROGRAM.replace("expect phase failed", "expect phase trading");
    let folder = folder(
        "codes",
        &[("good.fence", PROGRAM), ("broken.fence", &broken), ("failing.fence", &failing), ("events.jsonl", EVENTS), ("bad.jsonl", "{}\n")],
    );
    let codes: &[(&[&str], i32)] = &[
        (&["check", "good.fence"], 0),
        (&["check", "broken.fence"], 1),
        (&["check", "nowhere.fence"], 2),
        (&["test", "good.fence"], 0),
        (&["test", "failing.fence"], 1),
        (&["test", "broken.fence"], 1),
        (&["test", "nowhere.fence"], 2),
        (&["test", "good.fence", "--filter", "a loss"], 0),
        (&["test", "good.fence", "--filter", "of no title"], 2),
        (&["fmt", "--check", "good.fence"], 0),
        (&["fmt", "--check", "nowhere.fence"], 2),
        (&["run", "good.fence", "--plan", "A", "events.jsonl"], 0),
        (&["run", "good.fence", "--plan", "A", "bad.jsonl"], 1),
        (&["run", "broken.fence", "--plan", "A", "events.jsonl"], 1),
        (&["run", "good.fence", "--plan", "A", "nowhere.jsonl"], 2),
        (&["doc", "good.fence"], 0),
        (&["doc", "good.fence", "--plan", "A", "--md"], 0),
        (&["doc", "good.fence", "--plan", "B"], 2),
        (&["doc", "good.fence", "--html", "--md"], 2),
        (&["doc", "good.fence", "--out", "nowhere/page.html"], 2),
        (&["doc", "broken.fence"], 1),
        (&["doc", "failing.fence"], 2),
        (&["dump", "--stage", "code", "good.fence"], 0),
        (&["dump", "--stage", "code", "broken.fence"], 1),
        (&["selftest", "good.fence", "--plan", "A", "events.jsonl"], 0),
        (&["selftest", "nowhere.fence"], 2),
        (&["no-such-command"], 2),
    ];
    let wrong: Vec<String> = codes
        .iter()
        .map(|(arguments, code)| (arguments, code, told(&folder, arguments)))
        .filter(|(_, code, (found, ..))| *code != found)
        .map(|(arguments, code, found)| format!("{arguments:?}: wanted {code}, found {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The line below the findings that says where there is more: the gravest finding's code, once in a run.
#[test]
fn findings_end_with_where_there_is_more() {
    let unread = PROGRAM.replace("| size     |", "| size     | more |").replace("| $100,000 |", "| $100,000 | $1   |");
    let broken = PROGRAM.replace("size - $1,000", "sise - $1,000");
    let files = [("good.fence", PROGRAM), ("unread.fence", &unread), ("broken.fence", &broken)];
    let folder = folder("more", &files);
    let hints = |arguments: &[&str]| {
        let (_, out, error) = told(&folder, arguments);
        assert!(!out.contains("says more"), "{out}");
        let hints: Vec<String> = error.lines().filter(|line| line.contains("says more")).map(str::to_owned).collect();
        assert!(hints.is_empty() || error.lines().last() == hints.last().map(String::as_str), "{error}");
        hints
    };
    assert_eq!(hints(&["check", "good.fence"]), [""; 0]);
    assert_eq!(hints(&["check", "unread.fence"]), ["`ringfence explain W0101` says more"]);
    assert_eq!(hints(&["check", "unread.fence", "broken.fence", "unread.fence"]), ["`ringfence explain E0201` says more"]);
    assert_eq!(hints(&["check", "--json", "broken.fence"]), [""; 0]);
}

/// A program that is well written and needs more than the limits allow is told by `check`, as by every other command.
#[test]
fn what_is_over_a_limit_is_found_by_check() {
    let large = PROGRAM
        .replace("ledger starts at size", "ledger starts at size\n        track fills_lately = count at fill in last 5h keeps 500000000\n        when fills_lately is above 9 { flatten }");
    let folder = folder("large", &[("large.fence", &large)]);
    let (code, out, error) = told(&folder, &["check", "large.fence"]);
    assert_eq!((code, out.as_str()), (1, "1 checked, 1 error, 0 warnings\n"), "{error}");
    assert!(error.contains("E0501"), "{error}");
}

#[test]
fn findings_for_machines_have_a_code_and_a_place_each() {
    let folder = folder("json", &[("broken.fence", &PROGRAM.replace("size - $1,000", "sise - $1,000"))]);
    let (code, out, _) = told(&folder, &["check", "--json", "broken.fence"]);
    let findings: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, findings.len()), (1, 1), "{out}");
    assert_eq!((findings[0]["code"].as_str(), findings[0]["severity"].as_str()), (Some("E0201"), Some("error")));
    assert_eq!(findings[0]["place"]["line"], 14, "{out}");
}

/// What was slipped in typing is told with what was meant.
#[test]
fn what_is_near_is_offered() {
    let folder = folder("near", &[("good.fence", PROGRAM), ("events.jsonl", EVENTS)]);
    let (code, _, error) = told(&folder, &["run", "good.fence", "--plan", "a", "events.jsonl"]);
    assert!(code == 2 && error.contains("no plan `a`") && error.contains("did you mean `A`?"), "{error}");
    let (code, _, error) = told(&folder, &["new", "--from", "Trading Combine"]);
    assert!(code == 2 && error.contains("did you mean `topstep/trading-combine`?"), "{error}");
}

/// What `--boundaries` writes stands in no program: one sentence says where it belongs.
#[test]
fn scenarios_without_their_program_are_one_error() {
    let folder = folder("alone", &[("good.fence", PROGRAM)]);
    assert_eq!(told(&folder, &["test", "--boundaries", "--out", "alone.fence", "good.fence"]).0, 0);
    let (code, out, error) = told(&folder, &["test", "alone.fence"]);
    assert_eq!((code, error.matches("error").count()), (1, 1), "{out}{error}");
    assert!(error.contains("holds scenarios only: append them to the program they were made for"), "{error}");
}

#[test]
fn a_run_takes_corrections_where_the_program_does() {
    let program = "program \"P\" {\n  version \"1\"\n  currency USD\n  timezone \"UTC\"\n  day 00:00\n  corrections within 2 days\n  plans\n    | plan | size |\n    | S | $10,000 |\n  phase first {\n    ledger starts at size\n    limit \"Maximum loss\" {\n      equity stays above $9,000\n      on breach { fail }\n    }\n  }\n}\n";
    let cash = |id: &str, head: &str, time: &str, amount: &str| {
        format!(
            "{{\"id\":\"{id}\",{head}\"account\":\"A\",\"at\":\"2026-03-02T{time}Z\",\"kind\":\"cash\",\"cash_id\":\"{id}\",\"type\":\"fee\",\"amount\":\"{amount}\"}}\n"
        )
    };
    let events = [
        cash("small", "", "09:00:00", "-1"),
        cash("fee", "", "10:00:00", "-1000"),
        cash("right", "\"corrects\":\"fee\",", "11:00:00", "-100"),
        cash("more", "", "12:00:00", "-1"),
        cash("late", "", "10:30:00", "-950"),
    ];
    let folder = folder("corrections", &[("p.fence", program), ("e.jsonl", &events.concat())]);
    let (code, out, err) = told(&folder, &["run", "p.fence", "--plan", "S", "e.jsonl"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let expected = [
        "    withdrawn fail  by \"Maximum loss\": event `right` corrects event `fee`",
        "    undone   entered  failed from first",
        "    action   fail  by \"Maximum loss\", line 14, late: of 2026-03-02 10:30:00",
    ];
    for line in expected {
        assert!(out.lines().any(|found| found.starts_with(line)), "{line}\n{out}");
    }
    let none = program.replace("  corrections within 2 days\n", "");
    std::fs::write(folder.join("none.fence"), none).unwrap();
    let (_, out, _) = told(&folder, &["run", "none.fence", "--plan", "S", "e.jsonl"]);
    assert!(out.contains("event `right` corrects another; the program takes no corrections"), "{out}");
}

#[test]
fn versions_are_compared_in_sentences() {
    let old = "program \"P\" {\n  version \"1\"\n  currency USD\n  timezone \"UTC\"\n  day 00:00\n  plans\n    | plan | size |\n    | S | $10,000 |\n  phase first {\n    ledger starts at size\n    limit \"Daily loss\" {\n      equity stays above day.start_balance - 5% of size\n      on breach { fail }\n    }\n  }\n}\n";
    let new = old.replace("5%", "4%").replace("version \"1\"", "version \"2\"");
    let folder = folder("versions", &[("old.fence", old), ("new.fence", &new)]);
    let (code, out, _) = told(&folder, &["diff", "old.fence", "new.fence"]);
    let expected = "P version 1 → P version 2\n\nPhase first\n  ~ limit \"Daily loss\"\n      was: Your equity must stay above your balance at the start of the day − 5% of the account size; touching it is a breach.\n      now: Your equity must stay above your balance at the start of the day − 4% of the account size; touching it is a breach.\n\nWhat running accounts keep\n  kept: day\n  changed in meaning: limit Daily loss (first)\n";
    let stays = "\nHow running accounts go over\n  they stay with their version\n  version \"2\" does not say how accounts of version \"1\" go over: write `migrate from \"1\" { applies next day }` into it, or leave these accounts where they are\n";
    assert_eq!((code, out), (1, format!("{expected}{stays}")));
    // It says so, and not what becomes of what has changed.
    let silent = new.replace("  phase first", "  migrate from \"1\" { applies next day }\n  phase first");
    std::fs::write(folder.join("silent.fence"), &silent).unwrap();
    let (code, _, error) = told(&folder, &["diff", "old.fence", "silent.fence"]);
    assert!(code == 1 && error.contains("limit \"Daily loss\" in first: it means something else"), "{error}");
    // Where it is said how accounts go over, what is missing there, and the line that mends it.
    let mend = "\n  write `keep limit \"Daily loss\" in first` or `restart limit \"Daily loss\" in first`\n";
    assert!(error.contains("error: silent.fence:9: limit") && error.contains(mend), "{error}");
    let anew = silent.replace("applies next day", "applies next day; restart limit \"Daily loss\"");
    std::fs::write(folder.join("anew.fence"), anew).unwrap();
    let (_, out, _) = told(&folder, &["diff", "old.fence", "anew.fence"]);
    assert!(out.contains("\n  begins anew: limit Daily loss (first)\n") && !out.contains("changed in meaning"), "{out}");
    assert!(out.ends_with("says so\n  restart limit \"Daily loss\"\n"), "{out}");
    // With a word about it, and a recorded account that goes over $450 down.
    let says = silent.replace("applies next day", "applies now; keep limit \"Daily loss\"");
    let open = "{\"id\":\"o\",\"account\":\"A\",\"at\":\"2026-03-02T08:00:00Z\",\"kind\":\"open\",\"program\":\"P\",\"version\":\"1\",\"plan\":\"S\",\"currency\":\"USD\",\"start_balance\":\"10000\",\"position_mode\":\"netting\",\"trader\":\"T\",\"purchased_at\":\"2026-03-01T08:00:00Z\",\"swap\":\"in_position\"}\n{\"id\":\"c\",\"account\":\"A\",\"at\":\"2026-03-02T09:00:00Z\",\"kind\":\"cash\",\"cash_id\":\"c\",\"amount\":\"-450\",\"type\":\"fee\"}\n";
    std::fs::write(folder.join("says.fence"), &says).unwrap();
    std::fs::write(folder.join("a.jsonl"), open).unwrap();
    let (code, out, _) = told(&folder, &["diff", "old.fence", "says.fence", "--events", "a.jsonl"]);
    assert_eq!(code, 1);
    assert!(out.contains("  they go over at once, once an event `migrate` says so\n"), "{out}");
    // $9,550 is above $9,500, and not above $9,600.
    assert!(
        out.contains("breaches \"Daily loss\", it fails: equity = $9,550.00, day.start_balance - 4% of size = $9,600.00; 1 action"),
        "{out}"
    );
    assert!(out.ends_with("on going over to version 2: 0 accounts go without a breach, 1 breach a limit, 0 stay\n"), "{out}");
    // The next day begins with $9,550: 4% of $10,000 below it is $9,150.
    std::fs::write(folder.join("says.fence"), says.replace("applies now", "applies next day")).unwrap();
    let (_, out, _) = told(&folder, &["diff", "old.fence", "says.fence", "--events", "a.jsonl"]);
    assert!(out.contains("  they go over with the next day, once an event `migrate` says so\n"), "{out}");
    let ends = "on going over to version 2 with the next day, if nothing else happens until then: 1 account goes without a breach, 0 breach a limit, 0 stay\n";
    assert!(out.ends_with(ends), "{out}");
    // No cycle of a phase without payouts begins by time alone.
    std::fs::write(folder.join("says.fence"), says.replace("applies now", "applies next cycle")).unwrap();
    let (_, out, _) = told(&folder, &["diff", "old.fence", "says.fence", "--events", "a.jsonl"]);
    assert!(out.contains("stays: time alone brings no next cycle within 400 days"), "{out}");
    // That of an account that nobody uses ends with its phase: it is closed, on the thirtieth day, and goes over as that.
    let idle = "    after 30 days since trade { close account }\n    limit \"Daily loss\"";
    let says = says.replace("applies now", "applies next cycle").replace("    limit \"Daily loss\"", idle);
    std::fs::write(folder.join("says.fence"), says).unwrap();
    std::fs::write(folder.join("idle.fence"), old.replace("    limit \"Daily loss\"", idle)).unwrap();
    let (_, out, error) = told(&folder, &["diff", "idle.fence", "says.fence", "--events", "a.jsonl"]);
    assert!(out.contains("while it waits, 2026-04-01 00:00:00: enters closed; 1 action; then goes over\n"), "{out}{error}");
    let (code, out, _) = told(&folder, &["diff", "old.fence", "old.fence"]);
    assert_eq!((code, out.lines().nth(1)), (0, Some("Both mean the same.")));
    // The same number for another meaning.
    fs::write(folder.join("same.fence"), old.replace("5%", "4%")).unwrap();
    let (_, out, _) = told(&folder, &["diff", "old.fence", "same.fence"]);
    assert!(out.contains("\nBoth are called version \"1\" and mean something else: give the new one another"), "{out}");
    let (code, out, _) = told(&folder, &["diff", "--json", "old.fence", "new.fence"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &json["rules"][0]["fate"], &json["rules"][0]["keeps"]), (1, &"changed".into(), &true.into()));
}

#[test]
fn each_stage_is_shown() {
    let folder = folder("dump", &[("good.fence", PROGRAM)]);
    for (stage, shown) in [("ast", "Limit"), ("ir", "limit"), ("code", "state")] {
        let (code, out, error) = told(&folder, &["dump", "--stage", stage, "good.fence"]);
        assert_eq!(code, 0, "{error}");
        assert!(out.contains(shown) && out.contains("Loss"), "{stage}: {out}");
    }
}

#[test]
fn a_run_tells_the_breach_with_both_sides() {
    let folder = folder("run", &[("good.fence", PROGRAM), ("events.jsonl", EVENTS)]);
    let (code, out, _) = told(&folder, &["run", "good.fence", "--plan", "A", "events.jsonl"]);
    assert_eq!(code, 0);
    assert!(out.contains("Loss") && out.contains("$99,000.00"), "{out}");
    let (_, lines, _) = told(&folder, &["run", "good.fence", "--plan", "A", "--json", "events.jsonl"]);
    let decided: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let actions = decided.iter().flat_map(|line| line["actions"].as_array().into_iter().flatten());
    assert_eq!(actions.count(), 2, "{lines}");
}

#[test]
fn output_in_a_file_has_no_colour_and_help_names_every_command() {
    let (_, out, error) = told(root(), &["check", "tests/rejected"]);
    assert!(!out.contains('\u{1b}') && !error.contains('\u{1b}'));
    let (code, help, _) = told(root(), &["--help"]);
    assert_eq!(code, 0);
    for command in ["check", "explain", "test", "fmt", "run", "replay", "doc", "selftest", "audit", "rules", "new", "dump"] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        assert_eq!(told(root(), &[command, "--help"]).0, 0);
    }
}
