//! The main job of the front page, on the real ticks shipped here, against figures computed by hand.

use std::process::Command;

/// The decisions of the front page's command, one JSON object each.
fn decisions() -> Vec<serde_json::Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence"));
    command.args(["run", "rules/ftmo/two-step.fence", "--plan", "100K", "--market", "fxcm", "--json", "examples/data/fills.jsonl"]);
    command.args(["20140501", "20140502", "20140504", "20140505"].map(|day| format!("examples/data/fxcm_eurusd_tick_{day}_quote.zip")));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn values(decision: &serde_json::Value) -> Vec<&str> {
    decision["actions"][0]["evidence"]["values"].as_array().unwrap().iter().map(|value| value["value"].as_str().unwrap()).collect()
}

#[test]
fn each_warning_and_breach_stands_where_the_hand_computes_it() {
    let all = decisions();
    let decided: Vec<&serde_json::Value> = all.iter().filter(|line| line["actions"].is_array()).collect();
    assert_eq!(decided.len(), 3);

    // Ten lots bought at 1.38661: $100 a hundredth of a cent. 80% of $5,000 is used from a bid of 1.38261
    // down; the first is 1.38259, 402 points below: $4,020.
    let warning = decided[0];
    assert_eq!((&warning["account"], &warning["at"]), (&"release".into(), &"2014-05-02T12:30:01.607Z".into()));
    assert_eq!(warning["actions"][0]["kind"]["message"], "$980.00 left to the maximum daily loss");
    assert_eq!(values(warning), ["95980", "95000"]);

    // At 1.38162 the loss is $4,990; at 1.38160, the next bid below, $5,010.
    let breach = decided[1];
    assert_eq!((&breach["account"], &breach["at"]), (&"release".into(), &"2014-05-02T12:30:19.933Z".into()));
    assert_eq!(values(breach), ["94990", "95000"]);
    assert_eq!(breach["actions"][0]["evidence"]["headroom_before"], "10");
    assert_eq!(breach["cause"]["event"], "20140502_eurusd_tick_quote/27264");
    assert_eq!(
        breach["sentence"],
        "On 2 May 2014 at 14:30:19.933 (Europe/Prague) your equity was $94,990.00; the floor of \"Maximum Daily Loss\" is $95,000.00 = \
         $100,000.00 at midnight − 5% of $100,000.00."
    );

    // $4,200 were realised on Monday. At midnight in Prague the floor rises to $99,200 while the open
    // result is 50 lots × (1.38744 − 1.38863) + 2 lots × (1.38744 − 1.38661) = −$5,950 + $166.
    let midnight = decided[2];
    assert_eq!((&midnight["account"], &midnight["at"]), (&"weekend".into(), &"2014-05-05T22:00:00Z".into()));
    assert_eq!(midnight["cause"]["due"], "2014-05-05T22:00:00Z");
    assert_eq!(values(midnight), ["98416", "99200"]);
    assert_eq!(midnight["actions"][0]["evidence"]["headroom_before"], "3416");
    assert!(midnight["actions"][0]["evidence"]["crossed"].is_null(), "time alone");
    let sentence = midnight["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("On 6 May 2014 at 00:00:00 (Europe/Prague) your equity was $98,416.00;"), "{sentence}");
    assert!(sentence.ends_with("is $99,200.00 = $104,200.00 at midnight − 5% of $100,000.00."), "{sentence}");
}
