//! Statements of platforms through shipped programs, by the command: what is left of an account at the
//! end, against figures added up by hand from the rows of the files.

use std::process::Command;

use crate::shipped::root;

/// Runs a statement through a program; what the command prints.
fn run(program: &str, plan: &str, zone: &str, statement: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ringfence"))
        .args(["run", program, "--plan", plan, "--zone", zone, &format!("tests/data/statements/{statement}")])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Whether some line has all of these.
fn has(text: &str, words: &[&str]) -> bool {
    text.lines().any(|line| words.iter().all(|word| line.contains(word)))
}

/// MT4: 250.00 − 3.50 − 0.20 = 246.30; −125.00 − 3.50 = −128.50; 500.00 − 7.00 − 0.30 = 492.70: together
/// 610.50. The deposit of 1,000 is no profit: it moves the balance to 101,610.50 and the day's reference
/// with it, so that the day's floor is 96,610.50. Three days had a trade.
#[test]
fn mt4_through_ftmo() {
    let told = run("rules/ftmo/two-step.fence", "100K", "Europe/Prague", "mt4-statement.csv");
    assert!(has(&told, &["balance", "$101,610.50", "equity $101,610.50"]), "{told}");
    assert!(has(&told, &["profit", "$610.50 in this phase", "$0.00 today (2026-02-05)"]), "{told}");
    assert!(has(&told, &["\"Maximum Daily Loss\"", "$5,000.00 left", "against $96,610.50"]), "{told}");
    assert!(has(&told, &["track trading_days", "3"]), "{told}");
    assert!(
        has(&told, &["7 events, 1 account, 0 actions"]),
        "three entries, three exits, one deposit; a limit order that was not filled is none: {told}"
    );
}

/// MT5, the history: 105.00 − 0.70 = 104.30 on the first day, 50.00 − 0.70 − 0.10 = 49.20 on the second.
#[test]
fn mt5_history_through_ftmo() {
    let told = run("rules/ftmo/two-step.fence", "100K", "Europe/Prague", "mt5-history.html");
    assert!(has(&told, &["balance", "$100,153.50"]), "{told}");
    assert!(has(&told, &["profit", "$153.50 in this phase", "$49.20 today (2026-03-03)"]), "{told}");
    assert!(has(&told, &["\"Maximum Daily Loss\"", "against $95,104.30"]), "{told}");
}

/// MT5, the tester, which counts positions by symbol: the deposit opens the account with 10,000.00;
/// 30.00 − 0.06 − 0.06 − 0.10 = 29.78; the trade that turns the position round brings
/// 20.00 − 0.10 − 0.16 = 19.74 and the rest 18.00 − 0.06 = 17.94: together 67.46, of it 17.94 on the last day.
#[test]
fn mt5_tester_through_ftmo() {
    let told = run("rules/ftmo/two-step.fence", "10K", "Europe/Prague", "mt5-tester-deals.html");
    assert!(has(&told, &["balance", "$10,067.46", "equity $10,067.46"]), "{told}");
    assert!(has(&told, &["profit", "$67.46 in this phase", "$17.94 today (2026-01-04)"]), "{told}");
    assert!(has(&told, &["\"Maximum Loss\"", "$1,067.46 left", "against $9,000.00"]), "{told}");
}

/// Tradovate counts by symbol: two micro contracts sold 30 points higher are 2 × 30 × $2 = $120.00, and the
/// account is flat. What was canceled or still works is no trade.
#[test]
fn tradovate_through_topstep() {
    let told = run("rules/topstep/trading-combine.fence", "50K", "America/Chicago", "tradovate-orders.csv");
    assert!(has(&told, &["balance", "$50,120.00", "equity $50,120.00"]), "{told}");
    assert!(has(&told, &["profit", "$120.00 in this phase"]), "{told}");
    assert!(has(&told, &["\"Maximum Loss Limit\"", "$2,120.00 left", "against $48,000.00"]), "{told}");
    assert!(!told.contains("position 1"), "{told}");
}
