//! Warnings about limits that do nothing or allow everything, and conditions that never change: for each a program that
//! raises it, and one that nearly does.

use ringfence::diagnostic::Code;

use crate::lints::{codes, in_phase, one, raises};

/// A limit on the day's loss with these lines besides; plan A is of $50,000, plan B of $100,000.
fn daily(bound: &str, lines: &str) -> String {
    format!("limit \"Daily\" {{\n equity stays above {bound}\n{lines}\n}}")
}

#[test]
fn a_limit_that_nothing_handles_is_told_unless_something_reads_it() {
    let bare = daily("day.start_balance - $1,000", "");
    let idle = |more: &str| raises(Code::NoEffect, &format!("{bare}\n{more}"));
    assert!(idle(""));
    assert!(!raises(Code::NoEffect, &daily("day.start_balance - $1,000", "on breach { lock until next day }")));
    // What is done before the breach does nothing at it; at 100% it is the breach.
    let used = |share: &str| daily("day.start_balance - $1,000", &format!("allowance $1,000\nat {share} used {{ flatten }}"));
    assert!(raises(Code::NoEffect, &used("50%")) && !raises(Code::NoEffect, &used("100%")));
    assert!(!raises(
        Code::NoEffect,
        "limit \"L\" for each symbol {\n symbol.quantity stays at or below 3 contracts\n refuse orders that would break it\n}"
    ));
    // Handled elsewhere: its event, its count, its state; and a limit that another's breaches count for.
    assert!(!idle("on breach of \"Daily\" { lock until next day }"));
    assert!(!idle("when limit(\"Daily\").breaches is at least 3 { fail }"));
    let counted = "limit \"Three\" {\n never profit is below -$9,000\n}";
    let counting = daily("day.start_balance - $1,000", "counts toward \"Three\"");
    assert!(!codes(&in_phase(&format!("{counted}\n{counting}"))).contains(&Code::NoEffect));
}

#[test]
fn an_allowance_of_nothing_or_of_more_than_all_is_told() {
    let allowed = |amount: &str| {
        let lines = format!("allowance {amount}\non breach {{ lock until next day }}\nat 50% used {{ notify trader \"half\" }}");
        raises(Code::Allowance, &daily("day.start_balance - $1,000", &lines))
    };
    assert!(allowed("300% of size") && allowed("-$1,000") && allowed("$0") && allowed("-2% of size"));
    // One plan is enough: $60,000 is more than plan A holds.
    assert!(allowed("$60,000"));
    assert!(!allowed("$1,000") && !allowed("100% of size") && !allowed("loss"));
    let lost = |bound: &str| raises(Code::Allowance, &daily(bound, "on breach { lock until next day }"));
    assert!(lost("day.start_balance - 300% of size") && lost("size - $50,000.01") && lost("-$1"));
    assert!(!lost("day.start_balance - 3% of size") && !lost("size - $50,000") && !lost("$0"));
    let found = in_phase(&daily("day.start_balance - 300% of size", "on breach { lock until next day }"));
    assert_eq!(one(Code::Allowance, &found).notes, ["with plan A, $150,000 may be lost of $50,000"]);
}

#[test]
fn a_warning_that_comes_behind_the_breach_is_told() {
    let late = |stays: &str, percent: &str, more: &str| {
        let limit = format!(
            "limit \"Daily\" {{\n equity {stays} day.start_balance - $1,000{more}\n allowance $1,000\n on breach {{ lock until next day }}\n at {percent} used {{ notify trader \"used\" }}\n}}"
        );
        raises(Code::NeverReached, &limit)
    };
    assert!(late("stays above", "800%", "") && late("stays above", "100%", "") && late("stays above", "0%", ""));
    assert!(!late("stays above", "99%", ""));
    // At 100% the bound is touched, and touching is no breach of `at or above`.
    assert!(!late("stays at or above", "100%", "") && late("stays at or above", "101%", ""));
    // Ten seconds pass before the breach.
    assert!(!late("stays above", "120%", " for 10s"));
}

#[test]
fn a_condition_that_contradicts_itself_is_told() {
    let fixed = |condition: &str| raises(Code::NeverChanges, &format!("when {condition} {{ notify ops \"told\" }}"));
    assert!(fixed("profit is at least $3,000 and profit is at most $2,000"));
    assert!(fixed("profit is above $3,000 and (locked or flat) and profit is at most $3,000"));
    assert!(fixed("profit is $3,000 and profit is above $3,000"));
    assert!(fixed("locked and not locked"));
    assert!(fixed("day.weekday is fri and day.weekday is mon"));
    assert!(fixed("profit is below profit"));
    // Always: what one leaves out the other takes.
    assert!(fixed("profit is at least $2,000 or profit is at most $3,000"));
    assert!(fixed("not locked or locked"));
    assert!(fixed("day.weekday is not fri or day.weekday is not mon"));
    for changes in [
        "profit is at least $2,000 and profit is at most $3,000",
        "profit is at least $3,000 and profit is at most $3,000",
        "profit is at least $3,000 or profit is at most $2,000",
        "profit is at least $3,000 and day.profit is at most $2,000",
        "locked or not flat",
        "day.weekday is fri or day.weekday is mon",
        "day.weekday is not fri and day.weekday is not mon",
        "profit is at least loss and profit is at most $2,500",
    ] {
        assert!(!fixed(changes), "{changes}");
    }
    let told = in_phase("let much = profit is at least $3,000\nwhen much and profit is at most $2,000 { notify ops \"told\" }");
    let told = one(Code::NeverChanges, &told);
    assert_eq!(told.notes, ["`profit is at least $3,000` and `profit is at most $2,000` exclude each other"]);
    let told = in_phase("limit \"N\" {\n never flat or not flat\n on breach { lock until staff }\n}");
    assert_eq!(one(Code::NeverChanges, &told).notes, ["where `flat` does not hold, `not flat` does"]);
}

#[test]
fn requirements_that_exclude_each_other_are_told() {
    let goal = |first: &str, second: &str| {
        raises(
            Code::NeverChanges,
            &format!("goal \"G\" {{\n require \"a\" {first}\n require \"b\" {second}\n on reached {{ promote to passed }}\n}}"),
        )
    };
    assert!(goal("profit is at least $3,000", "profit is at most $2,000"));
    assert!(goal("flat", "profit is at least $3,000 and not flat"));
    assert!(!goal("profit is at least $2,000", "profit is at most $3,000"));
    let payout = |first: &str, second: &str| {
        raises(Code::NeverChanges, &format!("payout {{\n require \"a\" {first}\n require \"b\" {second}\n pays at most available\n}}"))
    };
    assert!(payout("profit is above $500", "profit is below $500"));
    // One of the two is only asked for at times.
    assert!(!payout("profit is above $500", "profit is below $500 when payouts.count is 0"));
}
