//! Values with tails, and what a value was: since an event, before today, before this event.

use super::super::view::NEVER;
use super::Bench;
use crate::value::NANOS_PER_DAY;
use crate::vocabulary::{AccountField, Moment, Occasion};

fn valued(lets: &str) -> Bench {
    Bench::open(&format!("input size_cap: money\n phase p {{\n ledger starts at size\n {lets}\n }}"))
}

#[test]
fn a_value_follows_what_it_reads() {
    let mut bench = valued("let half = 50% of profit");
    bench.trade("1001");
    assert_eq!(bench.value("half"), "500.5");
}

#[test]
fn a_rise_waits_for_the_next_day_and_is_dropped_with_its_cause() {
    let mut bench = valued("let tier = balance takes effect next day");
    bench.trade("500");
    assert_eq!(bench.value("tier"), "50000");
    assert_eq!(bench.next_due(), (bench.picture.now / NANOS_PER_DAY + 1) * NANOS_PER_DAY);
    bench.trade("300");
    bench.trade("-200");
    bench.next_day();
    // The smallest rise that was not gone back from: $500, not $800 or $600.
    assert_eq!(bench.value("tier"), "50500");
    // What still waits is dropped when the cause is back at the value in force.
    bench.trade("-100");
    assert_eq!(bench.value("tier"), "50500");
    bench.picture.set(AccountField::Balance, "50500");
    bench.at(Moment::Fill, &[Occasion::Fill]);
    assert_eq!(bench.next_due(), NEVER);
    bench.next_day();
    assert_eq!(bench.value("tier"), "50500");
}

#[test]
fn a_sticky_value_only_climbs() {
    let mut bench = valued("let best = balance sticky");
    bench.trade("500");
    bench.trade("-900");
    assert_eq!(bench.value("best"), "50500");
}

#[test]
fn growth_since_an_event_starts_at_zero_there() {
    let mut bench = valued("let grown = profit since last payout");
    bench.trade("500");
    assert_eq!(bench.value("grown"), "500");
    bench.at(Moment::Payout, &[Occasion::PayoutPayment]);
    assert_eq!(bench.value("grown"), "0");
    bench.trade("-20");
    assert_eq!(bench.value("grown"), "-20");
}

#[test]
fn before_today_is_the_opening_picture() {
    let mut bench = valued("let opening = balance before today");
    bench.trade("500");
    assert_eq!(bench.value("opening"), "50000");
    bench.next_day();
    assert_eq!(bench.value("opening"), "50500");
}

#[test]
fn before_this_event_is_the_picture_after_the_last() {
    let mut bench = valued(
        "let change = equity - equity before this event\n limit \"Gap\" {\n change stays above -$1,000\n on breach { notify risk \"gap\" }\n }",
    );
    assert_eq!(bench.mark("49500"), Vec::<String>::new());
    assert_eq!(bench.mark("48600"), Vec::<String>::new());
    assert_eq!(bench.value("change"), "-900");
    assert_eq!(bench.mark("47600"), ["breach Gap 1", "notify"]);
}

#[test]
fn nothing_waits_at_first() {
    let bench = valued("let plain = balance");
    assert_eq!(bench.next_due(), NEVER);
}
