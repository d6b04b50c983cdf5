//! Floors: trailing, caps, freezing, jumps, and showing the next day.

use super::super::view::Effect;
use super::Bench;
use crate::ir::PhaseId;
use crate::vocabulary::{AccountField, Moment, Occasion};

fn floor(clauses: &str) -> Bench {
    Bench::open(&format!(
        "phase p {{\n ledger starts at size\n floor line {{\n {clauses}\n }}\n limit \"Max\" {{\n equity stays above line\n on breach {{ fail }}\n }}\n }}\n phase q {{\n ledger starts at size\n }}"
    ))
}

#[test]
fn it_follows_the_close_and_never_falls() {
    let mut bench = floor("starts at size - max_loss\n trails balance at day end by max_loss\n capped at size");
    assert_eq!(bench.value("line"), "48000");
    bench.trade("500");
    assert_eq!(bench.value("line"), "48000", "not before the day ends");
    bench.next_day();
    assert_eq!(bench.value("line"), "48500");
    bench.trade("-400");
    bench.next_day();
    assert_eq!(bench.value("line"), "48500");
}

#[test]
fn at_its_cap_it_freezes_for_good() {
    let mut bench = floor("starts at size - max_loss\n trails balance at day end by max_loss\n capped at size");
    bench.trade("2500");
    bench.next_day();
    assert_eq!(bench.value("line"), "50000");
    bench.trade("9000");
    bench.next_day();
    assert_eq!(bench.value("line"), "50000");
}

#[test]
fn at_each_mark_it_follows_the_highest_and_names_the_event() {
    let mut bench = floor("starts at size - max_loss\n trails equity at mark by max_loss");
    bench.mark("51000");
    let set_by = bench.picture.ordinal;
    bench.mark("50200");
    assert_eq!(bench.value("line"), "49000");
    bench.mark("49000");
    let extreme = bench.effects.list().iter().find_map(|effect| match effect {
        Effect::Breach { extreme, .. } => *extreme,
        _ => None,
    });
    assert_eq!(extreme, Some(set_by));
}

#[test]
fn so_many_percent_of_itself_are_of_what_is_followed() {
    let mut bench = floor("starts at 94% of size\n trails equity at mark by 6% of itself");
    assert_eq!(bench.value("line"), "47000");
    bench.mark("51000");
    assert_eq!(bench.value("line"), "47940");
}

#[test]
fn what_takes_effect_next_day_shows_at_the_opening() {
    let mut bench = floor("starts at size - max_loss\n trails equity at mark by max_loss; takes effect next day");
    bench.mark("51000");
    assert_eq!(bench.value("line"), "48000");
    let opening = (bench.picture.now / crate::value::NANOS_PER_DAY + 1) * crate::value::NANOS_PER_DAY;
    assert_eq!(bench.next_due(), opening);
    bench.next_day();
    assert_eq!(bench.value("line"), "49000");
    assert_eq!(bench.next_due(), super::super::view::NEVER);
}

#[test]
fn a_jump_is_the_only_way_down_and_trailing_goes_on_from_there() {
    let mut bench =
        floor("starts at size - max_loss\n trails balance at day end by max_loss\n jumps to $45,000 when profit is above $1,000");
    bench.trade("1001");
    assert_eq!(bench.value("line"), "45000");
    bench.trade("-500");
    bench.next_day();
    assert_eq!(bench.value("line"), "48501", "$50,501 less $2,000");
    bench.trade("-100");
    bench.trade("700");
    assert_eq!(bench.value("line"), "45000", "the condition turned true again");
}

#[test]
fn a_jump_that_freezes_ends_trailing_and_one_that_trails_again_begins_it() {
    let mut frozen = floor(
        "starts at size - max_loss\n trails balance at day end by max_loss\n jumps to $47,000 and freezes when profit is above $1,000",
    );
    frozen.trade("5000");
    frozen.next_day();
    assert_eq!(frozen.value("line"), "47000");
    let mut again = floor(
        "starts at size - max_loss\n trails balance at day end by max_loss\n freezes when profit is above $0\n jumps to $46,000 and trails again on withdrawal",
    );
    again.trade("100");
    again.next_day();
    assert_eq!(again.value("line"), "48000", "frozen before the day ended");
    again.picture.set(AccountField::Profit, "0");
    again.picture.set(AccountField::Balance, "49000");
    again.at(Moment::Cash, &[Occasion::Withdrawal]);
    assert_eq!(again.value("line"), "46000");
    again.next_day();
    assert_eq!(again.value("line"), "47000");
}

#[test]
fn a_rule_moves_it_at_once() {
    let mut bench = Bench::open(
        "phase p {\n ledger starts at size\n floor line {\n starts at size - max_loss\n trails balance at day end by max_loss\n }\n on deposit { line jumps by $300 }\n on withdrawal { line freezes }\n limit \"Max\" {\n equity stays above line\n on breach { fail }\n }\n }",
    );
    bench.at(Moment::Cash, &[Occasion::Deposit]);
    assert_eq!(bench.value("line"), "48300");
    assert_eq!(bench.mark("48300"), ["breach Max 1", "fail"]);
    bench.at(Moment::Cash, &[Occasion::Withdrawal]);
    bench.trade("9000");
    bench.next_day();
    assert_eq!(bench.value("line"), "48300");
}

#[test]
fn entering_the_phase_again_starts_it_anew() {
    let mut bench = floor("starts at size - max_loss\n trails balance at day end by max_loss");
    bench.trade("500");
    bench.next_day();
    bench.enter(PhaseId(1), &[]);
    bench.picture.set(AccountField::Balance, "50000");
    bench.enter(PhaseId(0), &[]);
    assert_eq!(bench.value("line"), "48000");
}

#[test]
fn the_first_start_whose_condition_holds_wins() {
    let bench = floor(
        "starts at size - max_loss\n starts at $40,000 when size is above $60,000\n starts at $45,000 when size is at least $50,000\n trails balance at day end by max_loss",
    );
    assert_eq!(bench.value("line"), "45000");
}
