//! Reports of runs: what stands in the file, and that making one changes nothing that is decided.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::shipped::root;

/// What `run` writes, and the report it makes.
fn reported(name: &str, program: &str, arguments: &[&str]) -> (String, String) {
    let out = folder().join(format!("{name}.html"));
    let path = out.to_string_lossy().into_owned();
    let with: Vec<&str> = ["run", program].into_iter().chain(arguments.iter().copied()).chain(["--report", &path]).collect();
    let without: Vec<&str> = ["run", program].into_iter().chain(arguments.iter().copied()).collect();
    let (told, plain) = (run(&with), run(&without));
    assert_eq!(told, plain, "a report changes what is decided");
    (told, fs::read_to_string(out).unwrap())
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reports");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ringfence")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What the charts of a report are drawn from.
fn data(report: &str) -> Value {
    let json = report.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}\n{json}"))
}

const PROGRAM: &str = r#"program "Report" {
    firm      "</script><script>alert(1)</script>"  version "1"
    currency  USD
    timezone  "America/New_York" + 7h
    day       00:00 every day

    plans
        | plan | size     |
        | A    | $100,000 |

    phase trading {
        ledger starts at size
        floor bottom {
            starts at size - $2,000
            trails balance at day end by $2,000
        }
        limit "Daily loss" {
            day.equity_profit stays above -$1,000
            on breach { lock until next day }
        }
        limit "Maximum loss" {
            equity stays above bottom
            on breach { fail }
        }
    }
}
"#;

/// An account that floats from -$900 to +$500 on its first day and to -$1,000 on its second; 2 March is in winter: the
/// clock is two hours ahead of UTC.
const EVENTS: &str = r#"{"id":"1","account":"a","at":"2026-03-02T06:00:00Z","kind":"open","program":"Report","version":"1","plan":"A","options":{},"currency":"USD","start_balance":"100000","position_mode":"netting","trader":"t","purchased_at":"2026-03-01T00:00:00Z","swap":"in_position"}
{"id":"2","account":"a","at":"2026-03-02T10:00:00Z","kind":"snapshot","balance":"100000","equity":"99100"}
{"id":"3","account":"a","at":"2026-03-02T11:00:00Z","kind":"snapshot","balance":"100000","equity":"100500.25"}
{"id":"4","account":"a","at":"2026-03-02T12:00:00Z","kind":"snapshot","balance":"100000","equity":"100000"}
{"id":"5","account":"a","at":"2026-03-03T09:00:00Z","kind":"snapshot","balance":"100000","equity":"99000"}
{"id":"6","account":"a","at":"2026-03-03T09:30:00Z","kind":"snapshot","balance":"100000","equity":"97999.99"}
"#;

#[test]
fn a_report_has_series_days_and_reasons() {
    fs::write(folder().join("report.fence"), PROGRAM).unwrap();
    fs::write(folder().join("events.jsonl"), EVENTS).unwrap();
    let path = |name: &str| folder().join(name).to_string_lossy().into_owned();
    let (told, report) = reported("own", &path("report.fence"), &["--plan", "A", &path("events.jsonl")]);
    assert!(told.contains("Maximum loss"), "{told}");
    assert!(!report.contains("<script>alert"), "names of a program are words");
    let data = data(&report);
    assert_eq!((data["zone"].as_str(), data["shift"].as_i64()), (Some("America/New_York"), Some(7 * 3600)));
    let account = &data["accounts"][0];
    let equity: Vec<f64> = account["equity"][1].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    for value in [100_000.0, 99_100.0, 100_500.25, 99_000.0, 97_999.99] {
        assert!(equity.contains(&value), "{value} in {equity:?}");
    }
    let line = |name: &str| {
        let lines = account["lines"].as_array().unwrap();
        lines.iter().find(|line| line["name"] == name).unwrap_or_else(|| panic!("{name} in {lines:?}"))["data"][1].clone()
    };
    // The floor is 98,000, drawn for its limit; the day's loss is broken at 99,000 of equity on both days.
    assert_eq!(line("Maximum loss")[0], 98_000);
    assert_eq!(line("Daily loss")[0], 99_000);
    // It fails at 09:30 UTC on 3 March: to that instant the floor is drawn, and no farther.
    let of_limit = |name: &str| account["lines"].as_array().unwrap().iter().find(|line| line["name"] == name).unwrap()["data"].clone();
    assert_eq!(of_limit("Maximum loss")[0].as_array().unwrap().len(), 3);
    assert_eq!(of_limit("Maximum loss")[0][1], serde_json::json!(1_772_530_200.0));
    assert_eq!(of_limit("Maximum loss")[1], serde_json::json!([98_000, 98_000, null]));
    let breaches: Vec<&str> =
        account["marks"].as_array().unwrap().iter().filter(|mark| mark[1] == "breach").map(|mark| mark[2].as_str().unwrap()).collect();
    assert_eq!(breaches, ["Daily loss", "Maximum loss"]);
    // Each decision has its sentence: the second is of 97,999.99 against the floor of 98,000.
    let why = "your equity was $97,999.99; the floor of &quot;Maximum loss&quot;";
    assert!(report.contains(why), "{report}");
    // The first day: start, highest, lowest, end.
    let cells = ["$100,000.00", "$100,500.25", "$99,100.00", "$100,000.00"].map(|cell| format!("<td class=\"figures\">{cell}</td>"));
    assert!(report.contains(&cells.concat()), "{report}");
    // The second ends in the phase `trading` with the equity that broke the limit.
    let cells = ["$100,000.00", "$100,000.00", "$97,999.99", "$97,999.99"].map(|cell| format!("<td class=\"figures\">{cell}</td>"));
    assert!(report.contains(&cells.concat()), "{report}");
    assert!(report.contains("<dt>equity</dt><dd>$97,999.99</dd>"), "{report}");
}

#[test]
fn each_account_has_a_part() {
    let (_, report) = reported(
        "ftmo",
        "rules/ftmo/two-step.fence",
        &["--plan", "100K", "--market", "fxcm", "examples/data/fills.jsonl", "examples/data/fxcm_eurusd_tick_20140504_quote.zip"],
    );
    let data = data(&report);
    assert_eq!(data["accounts"].as_array().unwrap().len(), 2);
    for part in ["id=\"account-0\"", "id=\"account-1\"", "href=\"#account-1\""] {
        assert!(report.contains(part), "{part}");
    }
    assert!(!report.contains("src=\"http") && !report.contains("url(http"), "nothing is loaded from elsewhere");
    let held = &data["accounts"][0]["positions"][0];
    assert_eq!((held["name"].as_str(), held["data"][1][0].as_i64()), (Some("EURUSD"), Some(10)));
}

/// In the README's example the account is broken 24 s after its start, on the day's loss: the limits are drawn to there.
#[test]
fn limits_are_drawn_to_the_breach() {
    let ticks = "examples/data/fxcm_eurusd_tick_20140502_quote.zip";
    let arguments = ["--plan", "100K", "--market", "fxcm", "examples/data/fills.jsonl", ticks];
    let (_, report) = reported("broken", "rules/ftmo/two-step.fence", &arguments);
    let data = data(&report);
    let lines = data["accounts"][0]["lines"].as_array().unwrap();
    let breach = data["accounts"][0]["marks"].as_array().unwrap().iter().find(|mark| mark[1] == "breach").unwrap();
    assert!(!lines.is_empty(), "{data}");
    for line in lines {
        let (times, values) = (line["data"][0].as_array().unwrap(), line["data"][1].as_array().unwrap());
        let end = values.iter().rposition(|value| !value.is_null()).unwrap();
        assert!(end > 0 && times[end] == breach[0], "{line} is not drawn to the breach {breach}");
    }
    assert!(report.contains(&format!("data-at=\"{:.6}\"", breach[0].as_f64().unwrap())), "a decision can be shown in the chart");
}

#[test]
fn a_report_that_cannot_be_written_is_told() {
    let output = Command::new(env!("CARGO_BIN_EXE_ringfence"))
        .args(["run", "rules/ftmo/two-step.fence", "--plan", "100K", "examples/data/day.jsonl", "--report", "nowhere/report.html"])
        .current_dir(root())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("cannot write nowhere/report.html"), "{told}");
}

/// Prices alone are of nobody: there is nothing to draw, which is said, and no page is left behind.
#[test]
fn a_report_of_no_account_is_told_and_not_written() {
    let path = folder().join("nobody.html");
    let _ = fs::remove_file(&path);
    let ticks = "examples/data/fxcm_eurusd_tick_20140502_quote.zip";
    let arguments = ["run", "rules/ftmo/two-step.fence", "--plan", "100K", "--market", "fxcm", ticks];
    let ran = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_ringfence")).args(arguments).args(more).current_dir(root()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = ran(&["--report", &path.to_string_lossy()]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.starts_with("error: no report is written: none of the ") && told.contains("name a file of its fills"), "{told}");
    assert!(!path.exists());
    let (code, told) = ran(&[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.starts_with("note: nothing was judged: none of the "), "{told}");
}
