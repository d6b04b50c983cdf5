//! `ringfence test` beyond passing and failing: what a failure shows, `JUnit`, watching, coverage, changes,
//! boundaries.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use quick_xml::events::Event;
use ringfence::testing::boundaries;

use crate::commands::{folder, told};
use crate::shipped::{checked, root, shipped};

/// Two limits, a goal, two plans, a table; scenarios of which one fails.
const PROGRAM: &str = r#"program "Tested" {
    firm      "Example"  version "1"
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size     |
        | A    | $100,000 |
        | B    | $50,000  |

    option daily: bool = yes

    table fee by profit steps
        | from | amount |
        | $0   | $1     |
        | $500 | $2     |
        | any  | $0     |

    let cost_of_profit = if daily then fee.amount else $5

    phase trading {
        ledger starts at size

        limit "Loss" {
            equity stays above size - $1,000
            on breach { flatten, fail }
        }

        limit "Day" when daily {
            equity stays at or above day.start_balance - $500
            on breach { lock until next day }
        }

        goal "Target" {
            require "profit" profit is at least $500
            on reached { promote to passed }
        }
    }

    scenario "the day's <loss> & more" plan A {
        trade -$500;        expect not locked
        trade -$0.01;       expect breach "Day"
        expect cost_of_profit is $0
    }

    scenario "the loss" plan A {
        cites "case 7"
        trade -$1,000;      expect phase failed
    }
}
"#;

/// The same with an expectation that does not hold.
fn failing() -> String {
    PROGRAM.replace("expect phase failed", "expect balance is size - $999.50;  expect phase failed")
}

#[test]
fn a_failure_stands_at_its_line_with_both_values_and_what_was_decided() {
    let folder = folder("failure", &[("failing.fence", &failing())]);
    let (code, out, error) = told(&folder, &["test", "failing.fence"]);
    assert_eq!((code, out.as_str()), (1, "1 passed, 1 failed\n"), "{error}");
    for part in [
        "failed: failing.fence \"the loss\"",
        "error: expected: balance is size - $999.50",
        "--> failing.fence:49:29",
        "found: balance is $99,000.00, size - $999.50 is $99,000.50",
        "at 2026-03-02 00:01:00 on the program's clock",
        "breach   \"Loss\", its 1st breach: equity = $99,000.00, size - $1,000 = $99,000.00",
        "---- line 49: expected balance is size - $999.50",
    ] {
        assert!(error.contains(part), "no `{part}` in\n{error}");
    }
}

#[test]
fn scenarios_are_listed_and_the_first_failure_can_be_the_last() {
    let failing = PROGRAM.replace("expect not locked", "expect locked");
    let folder = folder("list", &[("a.fence", &failing), ("b.fence", PROGRAM)]);
    let (code, out, _) = told(&folder, &["test", "--list", "a.fence"]);
    assert_eq!(code, 0);
    assert_eq!(out, "a.fence:41: the day's <loss> & more\na.fence:47: the loss (cites case 7)\n");
    let (code, out, _) = told(&folder, &["test", "--list", "--filter", "case 7", "a.fence"]);
    assert_eq!((code, out.as_str()), (0, "a.fence:47: the loss (cites case 7)\n"));
    assert_eq!(told(&folder, &["test", "a.fence", "b.fence"]).1, "3 passed, 1 failed\n");
    assert_eq!(told(&folder, &["test", "--fail-fast", "a.fence", "b.fence"]).1, "0 passed, 1 failed\n");
}

#[test]
fn results_for_machines_are_one_object_a_line() {
    let folder = folder("results", &[("failing.fence", &failing()), ("broken.fence", &PROGRAM.replace("size - $1,000", "sise"))]);
    let (code, out, _) = told(&folder, &["test", "--json", "failing.fence", "broken.fence"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, lines.len()), (1, 4), "{out}");
    assert_eq!((lines[0]["passed"].as_bool(), lines[0]["line"].as_u64()), (Some(true), Some(41)));
    let failure = &lines[1]["failures"][0];
    assert_eq!(failure["expected"], "balance is size - $999.50");
    assert_eq!(failure["found"], "balance is $99,000.00, size - $999.50 is $99,000.50");
    assert_eq!((failure["line"].as_u64(), failure["before"].as_array().unwrap().is_empty()), (Some(49), false));
    assert_eq!(lines[2]["file"], "broken.fence");
    assert_eq!((lines[3]["passed"].as_u64(), lines[3]["failed"].as_u64()), (Some(1), Some(1)));
    assert_eq!(lines[3]["refused"].as_u64(), Some(1));
}

/// The name of an element, its attributes, and the text within.
type Element = (String, Vec<(String, String)>, String);

/// The elements of a document.
fn elements(xml: &str) -> Vec<Element> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut found: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) => {
                let attribute = |attribute: quick_xml::events::attributes::Attribute| {
                    let value = quick_xml::escape::unescape(std::str::from_utf8(&attribute.value).unwrap()).unwrap().into_owned();
                    (String::from_utf8(attribute.key.as_ref().to_vec()).unwrap(), value)
                };
                let attributes = tag.attributes().map(|found| attribute(found.unwrap())).collect();
                found.push((String::from_utf8(tag.name().as_ref().to_vec()).unwrap(), attributes, String::new()));
            }
            Event::Text(text) => {
                if let Some(last) = found.last_mut() {
                    last.2.push_str(&text.decode().unwrap());
                }
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[test]
fn junit_reads_back_as_it_was_run() {
    let folder = folder("junit", &[("failing.fence", &failing()), ("broken.fence", &PROGRAM.replace("size - $1,000", "sise"))]);
    let (code, out, _) = told(&folder, &["test", "--junit", "results.xml", "failing.fence", "broken.fence"]);
    assert_eq!((code, out.as_str()), (1, "1 passed, 1 failed; 1 program has errors and was not run\n"));
    let xml = fs::read_to_string(folder.join("results.xml")).unwrap();
    let elements = elements(&xml);
    let of = |name: &str| elements.iter().filter(|(found, ..)| found == name).collect::<Vec<_>>();
    let read = |element: &Element, name: &str| {
        element.1.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let suites: Vec<String> = of("testsuite").iter().map(|suite| read(suite, "name")).collect();
    assert_eq!(suites, ["failing.fence", "broken.fence"]);
    let cases: Vec<(String, String)> = of("testcase").iter().map(|case| (read(case, "name"), read(case, "line"))).collect();
    let expected = [("the day's <loss> & more", "41"), ("the loss", "47"), ("check", "")];
    assert_eq!(cases, expected.map(|(name, line)| (name.to_owned(), line.to_owned())));
    let failure = of("failure")[0];
    assert_eq!(
        read(failure, "message"),
        "line 49: expected balance is size - $999.50, found balance is $99,000.00, size - $999.50 is $99,000.50"
    );
    assert!(failure.2.contains("failing.fence:49:29"), "{xml}");
    assert_eq!((of("failure").len(), of("error").len(), read(of("testsuites")[0], "tests")), (1, 1, "3".to_owned()));
}

/// A changed import runs the programs that read it, and no others.
#[test]
fn what_a_changed_file_touches_is_run_again() {
    let library = "template bound(room: money) {\n    limit \"Bound\" {\n        equity stays above size - room\n        on breach { fail }\n    }\n}\n";
    let user = PROGRAM
        .replace("program \"Tested\" {", "import \"library.fence\"\n\nprogram \"Tested\" {")
        .replace("        goal \"Target\"", "        use bound(room = $900)\n\n        goal \"Target\"");
    let folder = folder("watch", &[("library.fence", library), ("user.fence", &user), ("other.fence", PROGRAM)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringfence"))
        .args(["test", "--watch", "user.fence", "other.fence"])
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, lines) = channel();
    let told: [Box<dyn std::io::Read + Send>; 2] = [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
    for stream in told {
        let sender = sender.clone();
        std::thread::spawn(move || BufReader::new(stream).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
    }
    let until = |wanted: &str| {
        let mut seen = Vec::new();
        loop {
            match lines.recv_timeout(Duration::from_mins(1)) {
                Ok(line) if line.contains(wanted) => return Ok(seen),
                Ok(line) => seen.push(line),
                Err(_) => return Err(format!("no `{wanted}` in {seen:#?}")),
            }
        }
    };
    let ran = until("4 passed, 0 failed").and_then(|_| until("waiting for changes")).and_then(|_| {
        fs::write(folder.join("library.fence"), library.replace("size - room", "size + room")).unwrap();
        until("1 passed, 1 failed")
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let again = ran.unwrap_or_else(|error| panic!("{error}"));
    assert!(again.iter().any(|line| line == "again: user.fence"), "{again:#?}");
    assert!(!again.iter().any(|line| line == "again: other.fence"), "{again:#?}");
}

/// Read off the program by hand: its second plan is not bought, one of its rows is not reached, nobody gets near the
/// target, and nobody is without the daily limit.
#[test]
fn coverage_tells_the_gaps_that_are_known() {
    let folder = folder("coverage", &[("good.fence", PROGRAM)]);
    let (code, out, error) = told(&folder, &["test", "--coverage", "good.fence"]);
    let expected = "\
good.fence: 13 of 20 seen, 65%
  line 10: plans: plan `B` never bought
  line 17: table fee: row `| $500 | $2 |` never chosen
  line 20: let cost_of_profit: if `daily` never false
  line 30: limit \"Day\" in trading: when `daily` never false
  line 35: goal \"Target\" in trading: the goal never reached
  line 36: goal \"Target\" in trading: `require \"profit\" profit is at least $500` never met
  line 37: goal \"Target\" in trading: actions `promote to passed` never run
in all: 13 of 20 seen, 65%
2 passed, 0 failed
";
    assert_eq!((code, out.as_str()), (0, expected), "{error}");
    let full = PROGRAM.replace("    scenario \"the loss\"", "    scenario \"won\" plan B, daily = no {\n        trade +$499;  expect cost_of_profit is $5\n        trade +$1;  expect phase passed\n    }\n\n    scenario \"the loss\"");
    fs::write(folder.join("good.fence"), full).unwrap();
    let (_, out, _) = told(&folder, &["test", "--coverage", "--json", "good.fence"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let gaps: Vec<&str> = lines[0]["gaps"].as_array().unwrap().iter().map(|gap| gap["what"].as_str().unwrap()).collect();
    assert_eq!(gaps, ["row `| $500 | $2 |`"], "{out}");
    assert_eq!((lines[1]["seen"].as_u64(), lines[1]["all"].as_u64()), (Some(19), Some(20)));
}

/// Read off the program by hand: no day was closed, the night is not over, nothing is open, nobody is locked. What denies is
/// told by what is written: `is known` was never true where the value was never there.
#[test]
fn coverage_tells_what_denies_the_right_way_round() {
    let limit = "{ equity stays above size - $1,000; on breach { fail } }";
    let rules = format!(
        "    session rth 09:30 to 16:00
    option path: one of (slow, fast) = slow
    option daily: bool = yes
    phase trading {{
        ledger starts at size
        let best = highest day.profit over closed days
        limit \"Best\" when best is known {limit}
        limit \"Path\" when path is not one of (fast) {limit}
        limit \"Daily\" when not daily {limit}
        limit \"Both\" when not (daily and account is locked) {limit}
        limit \"Night\" when rth is closed {limit}
        limit \"Flat\" when no open positions {limit}
        limit \"Never\" {{ never best is known; on breach {{ fail }} }}
        payout {{
            require \"a best day\" best is known
            require \"not locked\" not (account is locked)
        }}
    }}
    scenario \"too early\" plan A {{ request payout; expect denied }}
}}
"
    );
    let head = PROGRAM.split("    option daily").next().unwrap();
    let folder = folder("coverage-denials", &[("denied.fence", &format!("{head}{rules}"))]);
    let (code, out, error) = told(&folder, &["test", "--coverage", "denied.fence"]);
    assert_eq!(code, 0, "{error}");
    let is_condition = |line: &&str| line.contains(": when ") || line.contains(": `require") || line.contains(": condition ");
    let gaps: Vec<&str> = out.lines().filter(is_condition).map(|line| line.split_once(" in trading: ").unwrap().1).collect();
    let expected = [
        "when `best is known` never true",
        "when `path is not one of (fast)` never false",
        "when `not daily` never true",
        "when `daily` never false",
        "when `account is locked` never true",
        "when `rth is closed` never false",
        "when `no open positions` never false",
        "`require \"a best day\" best is known` never met",
        "`require \"not locked\" not (account is locked)` never not met",
    ];
    assert_eq!(gaps, expected, "{out}");
}

/// The scenarios lose $500 of $100,000 and buy plan A alone; the one fee that is looked at is that of a loss, which `any` gives.
const CELLS: &[&str] = &[
    "good.fence:8: plans, column size: 2 of 2 values, in A, B",
    "good.fence:15: table fee, column from: 2 of 2 values, in $0, $500",
    "good.fence:15: table fee, column amount: 2 of 3 values, in $0, $500",
];

/// By hand: touching, one dollar lower and another base are noticed on the line of the loss limit, another sign by `check`;
/// nothing stands between $99,000 and $99,001, and nothing is open.
#[test]
fn changes_that_nothing_notices_are_told() {
    let folder = folder("mutate", &[("good.fence", PROGRAM)]);
    let (code, out, error) = told(&folder, &["test", "--mutate=26", "good.fence"]);
    let line = "    equity stays above size - $1,000\n";
    assert_eq!(code, 1, "{error}");
    let told_of = |words: &str| format!("good.fence:26: {words}\n{line}");
    assert!(out.contains(&told_of("`equity` became `balance`")) && out.contains(&told_of("`$1,000` became `$999`")), "{out}");
    assert!(!out.contains("became `stays at or above`") && !out.contains("became `$1,001`"), "{out}");
    assert_eq!(out.lines().last(), Some("5 changes, 3 noticed, 2 not"));
    let (code, _, error) = told(&folder, &["test", "--mutate=2", "good.fence"]);
    assert_eq!((code, error.as_str()), (2, "error: nothing on line 2 can be changed so that the program still checks\n"));
    let failing = PROGRAM.replace("expect not locked", "expect locked");
    fs::write(folder.join("good.fence"), failing).unwrap();
    assert_eq!(told(&folder, &["test", "--mutate", "good.fence"]).1, "1 passed, 1 failed\n");
}

#[test]
fn what_is_accepted_is_told_no_more() {
    let accepted = "// Nothing is open.\nequity  stays above size - $1,000  // the loss\n    `equity` became `balance`\n";
    let folder = folder("mutate-accepted", &[("good.fence", PROGRAM), ("good.accepted", accepted)]);
    let line = &["test", "--mutate=26", "good.fence"];
    let (code, out, _) = told(&folder, line);
    assert_eq!(code, 1);
    assert!(!out.contains("became `balance`") && out.contains("`$1,000` became `$999`"), "{out}");
    assert_eq!(out.lines().last(), Some("5 changes, 3 noticed, 1 not, 1 accepted"));
    // The other one, too, and one that a scenario notices.
    let all = format!("{accepted}    `$1,000` became `$999`\n    `$1,000` became `$1,001`\n");
    fs::write(folder.join("good.accepted"), &all).unwrap();
    let (code, out, _) = told(&folder, line);
    assert_eq!((code, out.as_str()), (0, "5 changes, 3 noticed, 0 not, 2 accepted\n"));
    let (_, out, _) = told(&folder, &["test", "--mutate", "good.fence"]);
    let stale =
        "good.accepted:5: `$1,000` became `$1,001` is accepted for nothing: a scenario notices it now, or the line reads otherwise\n";
    assert!(out.contains(stale) && out.matches("for nothing").count() == 1, "{out}");
    fs::write(folder.join("good.accepted"), "equity stays above size\n    size became balance\n").unwrap();
    let (code, _, error) = told(&folder, line);
    assert!(code == 2 && error.starts_with("error: good.accepted:2: `size became balance` is no change"), "{error}");
}

#[test]
fn changes_in_cells_are_told_by_their_column() {
    let folder = folder("mutate-cells", &[("good.fence", PROGRAM)]);
    let (code, out, error) = told(&folder, &["test", "--mutate", "good.fence"]);
    assert_eq!(code, 1, "{error}");
    let cells: Vec<&str> = out.lines().filter(|line| line.contains(", column ")).collect();
    assert_eq!(cells, CELLS, "{out}");
    let (_, out, _) = told(&folder, &["test", "--mutate", "--json", "good.fence"]);
    assert!(out.lines().any(|line| line.contains("\"was\":\"$50,000\",\"became\":\"$50,001\"")), "{out}");
}

/// A file of templates has no scenarios: those of a program beside it, or of one that is named, notice what is changed in it.
#[test]
fn changes_of_templates_are_noticed_by_the_programs_that_import_them() {
    let library = "template loss(allowed: money) {\n    limit \"Loss\" {\n        equity stays above size - allowed - $0.50\n        on breach { fail }\n    }\n}\n";
    let program = "import \"library.fence\"\n\nprogram \"P\" {\n    firm \"Example\"  version \"1\"\n    currency USD\n    timezone \"UTC\"\n    day 00:00\n    plans\n        | plan | size |\n        | A | $1,000 |\n    phase trading {\n        ledger starts at size\n        use loss(allowed = $100)\n    }\n    scenario \"s\" plan A {\n        trade -$100.49;  expect no breach\n        trade -$0.01;    expect phase failed\n    }\n}\n";
    let folder = folder("mutate-library", &[("library.fence", library), ("program.fence", program)]);
    let (code, out, error) = told(&folder, &["test", "--mutate=3", "library.fence"]);
    assert_eq!((code, error.as_str()), (1, ""));
    // Noticed: touching, the balance for the size, $0.49 and $0.51, and the second sign; the first one `check` finds.
    assert!(out.contains("library.fence:3: `equity` became `balance`") && !out.contains("became `$0."), "{out}");
    assert_eq!(out.lines().last(), Some("6 changes, 5 noticed, 1 not"));
    fs::remove_file(folder.join("program.fence")).unwrap();
    let (code, _, error) = told(&folder, &["test", "--mutate", "library.fence"]);
    assert_eq!(code, 2);
    assert!(error.contains("library.fence declares templates, and no program beside it imports it"), "{error}");
}

/// A program with errors is no scenario that failed: it is counted on its own, in every mode, and the command has found something.
#[test]
fn a_program_with_errors_is_no_failed_scenario() {
    let folder = folder("refused", &[("bad.fence", &PROGRAM.replace("size - $1,000", "sise - $1,000"))]);
    for mode in [&["test"] as &[&str], &["test", "--coverage"], &["test", "--mutate"], &["test", "--filter", "loss"]] {
        let (code, out, error) = told(&folder, &[mode, &["bad.fence"]].concat());
        assert_eq!((code, out.as_str()), (1, "0 passed, 0 failed; 1 program has errors and was not run\n"), "{mode:?}: {error}");
        assert!(error.contains("unknown name `sise`"), "{error}");
    }
}

/// By hand: the account is closed at the stamp of its third day, Wednesday 4 March, before a week or month turns; the day turns
/// before that, and the bounds of the limits are reached on the first day.
#[test]
fn boundaries_behind_the_end_of_a_phase_are_told_and_not_generated() {
    let closes = PROGRAM.replace(
        "        goal \"Target\"",
        "        on day end where day.number is at least 3 { close account }\n\n        goal \"Target\"",
    );
    let folder = folder("ended", &[("ended.fence", &closes)]);
    let (code, out, error) = told(&folder, &["test", "--boundaries", "ended.fence"]);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("generated: the day turns\"") && out.contains("Loss in trading, at the bound\""), "{out}");
    for period in ["week", "month"] {
        let why = format!(
            "    // {period}: \"on day end where day.number is at least 3\" ends the phase, and `closed` is entered on 2026-03-05 00:00:00, before it turns"
        );
        assert!(out.contains(&why) && !out.contains(&format!("the {period} turns")), "{period}: {out}");
    }
}

/// By hand: $100,000 less $1,000, where touching breaks; less $500, where touching does not.
#[test]
fn boundaries_are_where_they_are_by_hand() {
    let folder = folder("boundaries", &[("good.fence", PROGRAM)]);
    let (code, out, error) = told(&folder, &["test", "--boundaries", "good.fence"]);
    assert_eq!(code, 0, "{error}");
    let steps: Vec<&str> = out.lines().map(str::trim).filter(|line| line.starts_with("mark equity")).collect();
    let expected = ["$99,000.01", "$99,000.00", "$98,999.99", "$99,500.01", "$99,500.00", "$99,499.99"];
    assert_eq!(steps, expected.map(|amount| format!("mark equity {amount}")));
    let said: Vec<&str> = out.lines().map(str::trim).filter(|line| line.ends_with("breach \"Loss\"")).collect();
    assert_eq!(said[..3], ["expect no breach \"Loss\"", "expect breach \"Loss\"", "expect breach \"Loss\""]);
    let said: Vec<&str> = out.lines().map(str::trim).filter(|line| line.ends_with("breach \"Day\"")).collect();
    assert_eq!(said[said.len() - 3..], ["expect no breach \"Day\"", "expect no breach \"Day\"", "expect breach \"Day\""]);
    let (code, _, error) = told(&folder, &["test", "--boundaries", "--plan", "C", "good.fence"]);
    assert_eq!((code, error.as_str()), (2, "error: good.fence has no plan `C`; it has A, B\n"));
}

/// What is generated for a program holds when it is put at its end, in every third program of the library.
#[test]
fn generated_boundaries_hold_behind_their_programs() {
    let programs: Vec<_> = shipped().into_iter().filter(|path| !path.starts_with(root().join("rules/common"))).step_by(4).collect();
    assert!(programs.len() >= 20, "{}", programs.len());
    let mut wrong = Vec::new();
    let mut scenarios = 0;
    for path in programs {
        let (source, found) = checked(&path);
        let Some(ir) = found.ir.clone().filter(|ir| !ir.plans.names.is_empty()) else { continue };
        let program = std::sync::Arc::new(ringfence::compile::compile(ir).unwrap());
        let text = boundaries::scenarios(&source, &found, &program, None).unwrap();
        let own = fs::read_to_string(&path).unwrap();
        let end = own.rfind('}').unwrap();
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let (_, with) = crate::manual::checked(&name, format!("{}\n{text}{}", &own[..end], &own[end..]));
        if !with.diagnostics.is_empty() {
            wrong.push(format!("{name}: {:?}", with.diagnostics));
            continue;
        }
        let ir = with.ir.unwrap();
        let program = std::sync::Arc::new(ringfence::compile::compile(ir).unwrap());
        let generated = program.ir.scenarios.iter().filter(|scenario| scenario.title.node.starts_with(boundaries::TITLE));
        for scenario in generated {
            scenarios += 1;
            let mut engine = ringfence::engine::Engine::new();
            engine.load(std::sync::Arc::clone(&program));
            let report = ringfence::scenario::run(&program.ir, &with.names, scenario, &mut engine);
            wrong.extend(report.failures.iter().map(|failure| format!("{name}: {}: {failure:?}", report.title)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(scenarios >= 200, "only {scenarios}");
}
