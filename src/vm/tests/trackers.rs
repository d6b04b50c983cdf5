//! Trackers: functions, clocks, days, windows, the n best.

use super::super::view::NEVER;
use super::Bench;
use crate::value::{NANOS_PER_DAY, NANOS_PER_SECOND};
use crate::vocabulary::{Moment, Occasion};

/// Opens a program with one tracker `t` that a limit reads.
fn track(tracker: &str) -> Bench {
    Bench::open(&format!("phase p {{\n ledger starts at size\n track t = {tracker}\n notify_rule\n }}").replace(" notify_rule\n", ""))
}

fn after(tracker: &str, trades: &[&str]) -> String {
    let mut bench = track(tracker);
    for trade in trades {
        bench.trade(trade);
    }
    bench.value("t")
}

#[test]
fn functions_over_trades() {
    let trades = ["300", "-100", "200", "200"];
    for (tracker, expected) in [
        ("highest trade.profit at trade", "300"),
        ("highest trade.profit at trade from $1,000", "1000"),
        ("lowest trade.profit at trade", "-100"),
        ("sum trade.profit at trade", "600"),
        ("sum trade.profit at trade from $50", "650"),
        ("sum trade.profit at trade where trade.profit is above $0", "700"),
        ("average trade.profit at trade from $0", "150"),
        ("latest trade.profit at trade from $0", "200"),
        ("2nd highest trade.profit at trade", "200"),
        ("sum of best 2 trade.profit at trade", "500"),
        ("sum of worst 2 trade.profit at trade", "100"),
    ] {
        assert_eq!(after(tracker, &trades), expected, "{tracker}");
    }
}

#[test]
fn before_any_sample() {
    for (tracker, expected) in [
        ("highest trade.profit at trade", "none"),
        ("sum trade.profit at trade", "0"),
        ("average trade.profit at trade from $7", "7"),
        ("latest trade.profit at trade from $7", "7"),
        ("2nd highest trade.profit at trade", "none"),
        ("sum of best 4 trade.profit at trade", "0"),
    ] {
        assert_eq!(after(tracker, &[]), expected, "{tracker}");
    }
    assert_eq!(after("2nd highest trade.profit at trade", &["5"]), "none");
    assert_eq!(after("average trade.profit at trade from $7", &["1", "1", "0"]), "0.66666667");
}

#[test]
fn closed_days_see_finished_days_only_and_days_so_far_the_running_one() {
    let mut closed = track("highest day.profit over closed days");
    let mut so_far = track("highest day.profit over days so far");
    for bench in [&mut closed, &mut so_far] {
        bench.trade("700");
        bench.trade("-200");
    }
    assert_eq!(closed.value("t"), "none");
    assert_eq!(so_far.value("t"), "500", "today as it stands, not as it stood");
    for bench in [&mut closed, &mut so_far] {
        bench.next_day();
    }
    assert_eq!(closed.value("t"), "500");
    assert_eq!(so_far.value("t"), "500");
    closed.trade("900");
    so_far.trade("900");
    assert_eq!((closed.value("t"), so_far.value("t")), ("500".to_owned(), "900".to_owned()));
}

#[test]
fn traded_days_have_a_fill() {
    let mut bench = track("count traded days");
    bench.next_day();
    assert_eq!(bench.value("t"), "0");
    bench.trade("1");
    bench.next_day();
    bench.next_day();
    assert_eq!(bench.value("t"), "1");
    let mut best = track("sum of best 2 day.profit over closed days");
    for profit in ["100", "-50", "300", "200"] {
        best.trade(profit);
        best.next_day();
    }
    assert_eq!(best.value("t"), "500");
}

#[test]
fn a_reset_begins_anew_and_its_own_day_counts_for_neither() {
    let mut bench = track("count closed days since last payout");
    bench.next_day();
    bench.next_day();
    assert_eq!(bench.value("t"), "2");
    bench.at(Moment::Payout, &[Occasion::PayoutPayment, Occasion::CycleEnd, Occasion::CycleStart]);
    assert_eq!(bench.value("t"), "0");
    bench.next_day();
    assert_eq!(bench.value("t"), "0", "the day of the payout");
    bench.next_day();
    assert_eq!(bench.value("t"), "1");
}

#[test]
fn a_reset_takes_no_sample_in_its_own_moment() {
    let mut bench = track("sum trade.profit at trade since last payout");
    bench.trade("100");
    bench.at(Moment::Payout, &[Occasion::PayoutPayment, Occasion::Trade]);
    assert_eq!(bench.value("t"), "0");
    bench.trade("40");
    assert_eq!(bench.value("t"), "40");
}

#[test]
fn what_is_exactly_so_old_has_left_the_window() {
    let mut bench = track("sum trade.profit at trade in last 60s");
    let start = bench.picture.now;
    bench.trade("100");
    bench.picture.now = start + 20 * NANOS_PER_SECOND;
    bench.trade("10");
    assert_eq!(bench.value("t"), "110");
    assert_eq!(bench.next_due(), start + 60 * NANOS_PER_SECOND);
    bench.picture.now = start + 60 * NANOS_PER_SECOND - 1;
    bench.trade("1");
    assert_eq!(bench.value("t"), "111");
    bench.judge_after(1);
    assert_eq!(bench.value("t"), "11");
    assert_eq!(bench.next_due(), start + 80 * NANOS_PER_SECOND);
    bench.judge_after(60 * NANOS_PER_SECOND);
    assert_eq!((bench.value("t"), bench.next_due()), ("0".to_owned(), NEVER));
}

#[test]
fn windows_of_samples_and_of_days() {
    assert_eq!(after("sum trade.profit at trade in last 3 trades", &["1", "2", "4", "8", "16"]), "28");
    let mut bench = track("sum day.profit over closed days in last 2 days");
    for profit in ["100", "20", "3"] {
        bench.trade(profit);
        bench.next_day();
    }
    // The running day is one of the two: only yesterday is left beside it.
    assert_eq!(bench.value("t"), "3");
}

#[test]
fn a_full_window_is_a_fault_until_its_oldest_leaves() {
    let mut bench = track("count trades at trade in last 60s keeps 2");
    bench.trade("1");
    bench.picture.now += 10 * NANOS_PER_SECOND;
    bench.trade("1");
    assert_eq!(bench.value("t"), "2");
    assert_eq!(bench.trade("1"), ["fault t WindowFull"]);
    assert_eq!(bench.value("t"), "none");
    assert_eq!(bench.trade("1"), Vec::<String>::new(), "told when it begins only");
    bench.judge_after(50 * NANOS_PER_SECOND);
    assert_eq!(bench.value("t"), "1");
    assert_eq!(bench.slots.faults(), 0);
}

#[test]
fn the_extreme_of_a_window_passes_to_the_event_that_is_left() {
    let mut bench = Bench::open(
        "phase p {\n ledger starts at size\n track peak = highest equity at mark in last 60s\n limit \"Fall\" when peak is known {\n equity stays above peak - $1,000\n on breach { fail }\n }\n }",
    );
    bench.mark("52000");
    bench.picture.now += 30 * NANOS_PER_SECOND;
    bench.mark("51500");
    let second = bench.picture.ordinal;
    bench.picture.now += 30 * NANOS_PER_SECOND;
    bench.mark("50500");
    let extreme = bench.effects.list().iter().find_map(|effect| match effect {
        super::super::view::Effect::Breach { extreme, .. } => Some(*extreme),
        _ => None,
    });
    assert_eq!(extreme, Some(Some(second)), "{:?}", bench.told());
}

#[test]
fn a_streak_ends_with_the_first_that_does_not_hold() {
    let rising = "streak trade.profit is below $0 at trade";
    assert_eq!(after(rising, &["-1", "-2"]), "2");
    assert_eq!(after(rising, &["-1", "-2", "3", "-4"]), "1");
    assert_eq!(after(rising, &["3"]), "0");
}

#[test]
fn dates_leave_with_the_opening_of_a_day() {
    let mut bench = track("count trades at trade in last 2 days");
    bench.trade("1");
    bench.picture.now -= NANOS_PER_DAY / 4;
    bench.next_day();
    assert_eq!(bench.value("t"), "1");
    bench.next_day();
    assert_eq!(bench.value("t"), "0");
}
