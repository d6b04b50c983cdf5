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
        raises(Code::Allowance, &daily(&format!("day.start_balance - {amount}"), &lines))
    };
    assert!(allowed("300% of size") && allowed("-$1,000") && allowed("$0") && allowed("-2% of size"));
    // One plan is enough: $60,000 is more than plan A holds.
    assert!(allowed("$60,000"));
    assert!(!allowed("$1,000") && !allowed("100% of size") && !allowed("loss"));
    let lost = |bound: &str| raises(Code::Allowance, &daily(bound, "on breach { lock until next day }"));
    assert!(lost("day.start_balance - 300% of size") && lost("size - $50,000.01") && lost("-$1"));
    assert!(!lost("day.start_balance - 3% of size") && !lost("size - $50,000") && !lost("$0"));
    // One cause, one finding: it is behind the maximum loss as well.
    assert_eq!(codes(&in_phase(&daily("size - $50,000.01", "on breach { lock until next day }"))).len(), 1);
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

/// Plan A is of $50,000: 5% of it are $2,500.
#[test]
fn an_allowance_other_than_what_the_bound_leaves_is_told() {
    let lines = |amount: &str| format!("allowance {amount}\non breach {{ lock until next day }}\nat 50% used {{ notify trader \"half\" }}");
    let beside = |bound: &str, amount: &str| raises(Code::Allowance, &daily(bound, &lines(amount)));
    assert!(beside("day.start_balance - 5% of size", "$500") && beside("day.start_balance - 5% of size", "5% of balance + $1"));
    assert!(beside("95% of size", "4% of size"));
    assert!(!beside("day.start_balance - 5% of size", "5% of size") && !beside("95% of size", "5% of size"));
    // What the bound moves with is not known beforehand, and a limit under a condition comes into force at another balance.
    assert!(!beside("last day.close_balance - $1,000", "$500"));
    let guarded = daily("day.start_balance - $1,000", &lines("$500")).replace("\"Daily\"", "\"Daily\" when day.number is above 5");
    assert!(!raises(Code::Allowance, &guarded));
    let gained = |amount: &str| {
        raises(Code::Allowance, &format!("limit \"Cap\" {{\n profit stays below $3,000\n allowance {amount}\n on breach {{ flatten }}\n}}"))
    };
    assert!(gained("$300") && !gained("$3,000"));
    let found = in_phase(&daily("day.start_balance - 5% of size", &lines("$500")));
    let told = one(Code::Allowance, &found);
    assert_eq!(told.notes, ["with plan A, $2,500 are left at the opening, and shares are taken of $500"]);
    assert_eq!(told.help.as_deref(), Some("write the same in both: `allowance 5% of size`"));
}

#[test]
fn money_that_is_to_be_exactly_an_amount_is_told() {
    let goal = |requirement: &str| {
        raises(
            Code::ExactAmount,
            &format!("goal \"G\" {{\n require \"profit\" {requirement}\n require \"flat\" flat\n on reached {{ promote to passed }}\n}}"),
        )
    };
    assert!(goal("profit is 10% of size") && goal("balance is size + $3,000") && goal("day.number is above 3 and equity is $53,000"));
    assert!(raises(Code::ExactAmount, "when profit is $3,000 { notify ops \"there\" }"));
    // More is as good; nothing gained is a state; both sides move; days are counted one by one.
    assert!(!goal("profit is at least 10% of size") && !goal("open_profit is $0") && !goal("balance is day.start_balance"));
    assert!(!goal("day.number is 5"));
    let found = in_phase("payout { require \"profit\" profit is 10% of size }");
    assert_eq!(one(Code::ExactAmount, &found).message, "\"profit\" holds only at exactly $5,000");
}

#[test]
fn a_gain_that_may_be_at_most_so_much_is_told_where_nothing_asks_for_more() {
    let goal = |first: &str, second: &str| {
        raises(
            Code::FromTheFirst,
            &format!("goal \"G\" {{\n require \"a\" {first}\n require \"b\" {second}\n on reached {{ promote to passed }}\n}}"),
        )
    };
    let days = "day.number is at least 5";
    assert!(
        goal("profit is at most $3,000", days)
            && goal("profit is below 6% of size", days)
            && goal("balance is at most size + $3,000", days)
    );
    assert!(!goal("profit is at most $3,000", "profit is at least $2,000") && !goal("open_profit is at most $100", days));
    assert!(!goal("profit is at most -$100", days) && !goal("profit is at least $3,000", days));
}

#[test]
fn a_minimum_above_the_cap_is_told_in_a_template_too() {
    let template = "template paid(cap: money, smallest: money) {\n payout {\n  pays at most cap\n  require \"minimum {smallest}\" amount is at least smallest\n }\n}\n";
    let used = |cap: &str, smallest: &str| {
        let program = crate::lints::program(crate::lints::UTC, &format!("use paid(cap = {cap}, smallest = {smallest})"), "");
        codes(&crate::lints::found(format!("{template}{program}"))).contains(&Code::OutOfReach)
    };
    assert!(used("$500", "$600") && used("1% of size", "$500.01"));
    assert!(!used("$500", "$500") && !used("none", "$600"));
    assert!(!raises(Code::OutOfReach, "payout { pays at most $500\n require \"much\" available is at least $600 }"));
}

#[test]
fn a_part_that_may_be_more_than_its_whole_is_told() {
    let share = |share: &str, total: &str| {
        let kept = "track best = highest day.profit over days so far";
        raises(Code::Allowance, &format!("{kept}\npayout {{ require \"c\" best is at most {share} of {total} }}"))
    };
    assert!(share("150%", "profit") && share("101%", "(sum day.profit over closed days)") && share("0%", "profit"));
    assert!(!share("100%", "profit") && !share("40%", "profit"));
    // A day of twice an account's size is much, and no part of it; what must be reached may be more.
    assert!(!share("150%", "size"));
    assert!(!raises(
        Code::Allowance,
        "payout { require \"c\" balance is at least 110% of size and day.profit is at least 150% of profit }"
    ));
}
