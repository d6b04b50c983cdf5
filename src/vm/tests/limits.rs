//! Limits: touching and crossing, percentages, warnings, re-arming, numbers, cures, lasting.

use super::super::view::{Effect, MISSING};
use super::{Bench, amount};
use crate::ir::PhaseId;
use crate::value::{NANOS_PER_HOUR, NANOS_PER_SECOND};
use crate::vocabulary::{AccountField, Moment, Occasion};

fn limit_on(bound: &str) -> Bench {
    Bench::open(&format!(
        "limit \"L\" {{\n equity stays {bound} $48,000\n on breach {{ flatten }}\n }}\n phase p {{ ledger starts at size }}"
    ))
}

#[test]
fn each_bound_says_whether_touching_breaks_it() {
    for (bound, at, below, above) in [
        ("above", true, true, false),
        ("at or above", false, true, false),
        ("below", true, false, true),
        ("at or below", false, false, true),
    ] {
        for (equity, breaks) in [("48000", at), ("47999.99999999", below), ("48000.00000001", above)] {
            let mut bench = limit_on(bound);
            // At opening equity is $50,000: an upper bound is broken at once.
            let opened = bench.told();
            if bound.contains("below") {
                assert_eq!(opened, ["breach L 1", "flatten"], "{bound}");
                bench.mark("47000");
            }
            let told = bench.mark(equity);
            assert_eq!(!told.is_empty(), breaks, "{bound} {equity}: {told:?}");
        }
    }
}

#[test]
fn a_breach_stands_until_the_limit_holds_again() {
    let mut bench = limit_on("above");
    assert_eq!(bench.mark("48000"), ["breach L 1", "flatten"]);
    assert_eq!(bench.mark("47000"), Vec::<String>::new());
    assert_eq!(bench.mark("48500"), Vec::<String>::new());
    assert_eq!(bench.mark("47999"), ["breach L 2", "flatten"]);
    assert_eq!(bench.value("L"), "-1");
}

#[test]
fn the_room_before_is_that_of_the_evaluation_before() {
    let mut bench = limit_on("above");
    bench.mark("48500");
    bench.mark("48250");
    bench.mark("47000");
    let rooms: Vec<i64> = bench
        .effects
        .list()
        .iter()
        .map(|effect| match effect {
            Effect::Breach { headroom_before, .. } => *headroom_before,
            Effect::Act(act) => act.headroom_before,
            _ => 0,
        })
        .collect();
    assert_eq!(rooms, [amount("250"), amount("250")]);
}

#[test]
fn a_percentage_of_a_value_is_compared_without_rounding() {
    // 33.33333333% of $100.00 is $33.33333333: rounded, one step less would be equal to a bound of 33.333333330.
    let mut bench = Bench::open(
        "limit \"Share\" {\n profit stays at or below 0.5% of balance\n on breach { flatten }\n }\n phase p { ledger starts at size }",
    );
    bench.picture.set(AccountField::Balance, "0.00000101");
    bench.picture.set(AccountField::Profit, "0.00000001");
    // 0.5% of 0.00000101 is 0.00000000505, which rounds up to 0.00000001: exactly, profit is above it.
    assert_eq!(bench.at(Moment::Fill, &[Occasion::Fill]), ["breach Share 1", "flatten"]);
    bench.picture.set(AccountField::Balance, "0.00000200");
    assert_eq!(bench.at(Moment::Fill, &[Occasion::Fill]), Vec::<String>::new());
    assert_eq!(bench.value("Share"), "0");
}

#[test]
fn a_limit_by_day_is_armed_again_by_the_next_day() {
    let mut bench = Bench::open(
        "limit \"Daily\" {\n equity stays above day.start_balance - $1,000\n on breach { flatten, lock until next day }\n }\n phase p { ledger starts at size }",
    );
    assert_eq!(bench.mark("49000"), ["breach Daily 1", "flatten", "lock"]);
    assert_eq!(bench.mark("49500"), Vec::<String>::new());
    assert_eq!(bench.mark("48900"), Vec::<String>::new(), "once a day");
    bench.picture.set(AccountField::Balance, "50000");
    // The open loss is carried over midnight: broken at the reset itself.
    assert_eq!(bench.next_day(), ["breach Daily 2", "flatten", "lock"]);
    bench.picture.set(AccountField::Balance, "48900");
    assert_eq!(bench.next_day(), Vec::<String>::new());
    assert_eq!(bench.value("Daily"), "1000");
}

#[test]
fn percentages_are_told_once_and_not_with_the_breach() {
    let mut bench = Bench::open(
        "limit \"Max\" {\n equity stays above $48,000\n allowance $2,000\n on breach { fail }\n at 50% used { notify trader \"half {headroom}\" }\n at 80% used { notify risk \"{headroom}\" }\n }\n phase p { ledger starts at size }",
    );
    assert_eq!(bench.mark("49000.01"), Vec::<String>::new());
    // Exactly half is reached; the message shows the room left before.
    assert_eq!(bench.mark("49000").len(), 1);
    assert_eq!(bench.mark("49000"), Vec::<String>::new());
    assert_eq!(bench.mark("49500"), Vec::<String>::new());
    assert_eq!(bench.mark("48900"), Vec::<String>::new(), "told already");
    assert_eq!(bench.mark("47000"), ["breach Max 1", "fail"]);
    let mut jump = Bench::open(
        "limit \"Max\" {\n equity stays above $48,000\n allowance $2,000\n on breach { fail }\n at 80% used { notify risk \"near\" }\n }\n phase p { ledger starts at size }",
    );
    assert_eq!(jump.mark("48000"), ["breach Max 1", "fail"], "a breach in the same event tells no percentage");
    assert_eq!(jump.mark("50000"), Vec::<String>::new());
    assert_eq!(jump.mark("48400"), ["notify"], "it held again: the percentages begin anew");
}

#[test]
fn a_share_of_an_upper_bound_is_left_over_right() {
    let mut bench = Bench::open(
        "limit \"Size\" {\n exposure stays at or below $100,000\n on breach { flatten }\n at 90% used { notify risk \"much\" }\n }\n phase p { ledger starts at size }",
    );
    bench.picture.set(AccountField::Exposure, "89999.99");
    assert_eq!(bench.mark("50000"), Vec::<String>::new());
    bench.picture.set(AccountField::Exposure, "90000");
    assert_eq!(bench.mark("50000"), ["notify"]);
    bench.picture.set(AccountField::Exposure, "100000");
    assert_eq!(bench.mark("50000"), Vec::<String>::new());
    assert_eq!(bench.value("Size"), "0");
}

#[test]
fn breaches_are_numbered_per_phase() {
    let mut bench = Bench::open(
        "limit \"Loss\" once per day {\n equity stays above day.start_balance - $500\n on 1st breach { notify trader \"first\" }\n on 2nd breach { lock until staff }\n on 3rd and later breach { fail }\n }\n phase p { ledger starts at size }\n phase q { ledger starts at size }",
    );
    let mut all = Vec::new();
    for _ in 0..4 {
        all.extend(bench.mark("49000"));
        bench.picture.set(AccountField::Equity, "50000");
        bench.next_day();
    }
    assert_eq!(all, ["breach Loss 1", "notify", "breach Loss 2", "lock", "breach Loss 3", "fail", "breach Loss 4", "fail"]);
    bench.enter(PhaseId(1), &[]);
    assert_eq!(bench.mark("49000"), ["breach Loss 1", "notify"], "the next phase counts from the start");
}

#[test]
fn a_breach_may_be_cured_in_time() {
    let body =
        "limit \"Margin\" {\n equity stays above $48,000\n cure within 1h\n on breach { flatten }\n }\n phase p { ledger starts at size }";
    let mut bench = Bench::open(body);
    assert_eq!(bench.mark("47000"), Vec::<String>::new());
    assert_eq!(bench.next_due(), bench.picture.now + NANOS_PER_HOUR);
    bench.picture.now += NANOS_PER_HOUR - 1;
    assert_eq!(bench.mark("47500"), Vec::<String>::new());
    assert_eq!(bench.mark("48001"), ["cured Margin"]);
    assert_eq!(bench.next_due(), super::super::view::NEVER);
    bench.mark("47000");
    assert_eq!(bench.judge_after(NANOS_PER_HOUR), ["breach Margin 1", "flatten"]);
    assert_eq!(bench.next_due(), super::super::view::NEVER);
}

#[test]
fn a_cure_once_per_account_is_used_up() {
    let mut bench = Bench::open(
        "limit \"Margin\" {\n equity stays above $48,000\n cure within 1h once per account\n on breach { flatten }\n }\n phase p { ledger starts at size }",
    );
    bench.mark("47000");
    assert_eq!(bench.mark("49000"), ["cured Margin"]);
    assert_eq!(bench.mark("47000"), ["breach Margin 1", "flatten"]);
}

#[test]
fn broken_for_some_time_without_a_break() {
    let mut bench = Bench::open(
        "limit \"Slow\" {\n equity stays above $48,000 for 10s\n on breach { flatten }\n }\n phase p { ledger starts at size }",
    );
    bench.mark("47000");
    assert_eq!(bench.next_due(), bench.picture.now + 10 * NANOS_PER_SECOND);
    bench.picture.now += 9 * NANOS_PER_SECOND;
    assert_eq!(bench.mark("48001"), Vec::<String>::new(), "it held in between");
    bench.mark("47000");
    bench.picture.now += 10 * NANOS_PER_SECOND - 1;
    assert_eq!(bench.mark("46000"), Vec::<String>::new());
    assert_eq!(bench.judge_after(1), ["breach Slow 1", "flatten"]);
}

#[test]
fn a_guard_that_turns_true_begins_a_new_span() {
    let mut bench = Bench::open(
        "option strict: bool = no\n limit \"L\" when strict {\n equity stays above $48,000\n on breach { flatten }\n }\n phase p { ledger starts at size }",
    );
    assert_eq!(bench.mark("47000"), Vec::<String>::new());
    assert_eq!(bench.value("L"), "none");
    bench.picture.options[0] = 1;
    assert_eq!(bench.at(Moment::Input, &[]), ["breach L 1", "flatten"]);
    assert_eq!(bench.mark("47000"), Vec::<String>::new());
    bench.picture.options[0] = 0;
    bench.at(Moment::Input, &[]);
    assert_eq!(bench.value("L"), "none");
    bench.picture.options[0] = 1;
    assert_eq!(bench.at(Moment::Input, &[]), ["breach L 2", "flatten"]);
}

/// In force while it holds, out of force, in force again: a mark that breaks it is seen however it came there.
#[test]
fn a_guard_is_seen_at_a_glance() {
    let mut bench = Bench::open(
        "option strict: bool = no\n limit \"L\" when strict {\n equity stays above $48,000\n on breach { flatten }\n }\n phase p { ledger starts at size }",
    );
    for breaches in 1..3 {
        bench.mark("49000");
        assert_eq!(bench.value("L"), "none");
        bench.picture.options[0] = 1;
        assert_eq!(bench.at(Moment::Input, &[]), Vec::<String>::new());
        assert_eq!(bench.value("L"), "1000");
        bench.mark("48001");
        assert_eq!(bench.value("L"), "1");
        assert_eq!(bench.mark("48000"), [format!("breach L {breaches}"), "flatten".to_owned()]);
        bench.picture.options[0] = 0;
        bench.at(Moment::Input, &[]);
    }
}

#[test]
fn a_clocked_limit_is_judged_at_its_clock_only() {
    let mut bench = Bench::open(
        "limit \"Close\" at day end {\n balance stays above $49,000\n on breach { fail }\n }\n phase p { ledger starts at size }",
    );
    assert_eq!(bench.trade("-1500"), Vec::<String>::new());
    assert_eq!(bench.next_day(), ["breach Close 1", "fail"]);
    assert_eq!(bench.next_day(), Vec::<String>::new());
}

#[test]
fn a_bound_that_is_missing_is_not_in_force() {
    let mut bench = Bench::open(
        "input cap: money\n limit \"Cap\" {\n equity stays below cap\n on breach { flatten }\n }\n phase p { ledger starts at size }",
    );
    assert_eq!(bench.mark("90000"), Vec::<String>::new());
    assert_eq!(bench.value("Cap"), "none");
    bench.picture.inputs.insert(0, (amount("60000"), super::super::view::NEVER));
    assert_eq!(bench.mark("60000"), ["breach Cap 1", "flatten"]);
    bench.picture.inputs.insert(0, (MISSING, super::super::view::NEVER));
    bench.mark("90000");
    assert_eq!(bench.value("Cap"), "none");
}
