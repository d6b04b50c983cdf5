//! Questions on the slots as they are: nothing changes.

use super::super::view::Cursor;
use super::super::{evaluate_root, judge_limit};
use super::{Bench, amount};
use crate::vocabulary::AccountField;

#[test]
fn a_limit_is_judged_on_another_picture_through_its_values() {
    let mut bench = Bench::open(
        "phase p {\n ledger starts at size\n let twice = exposure * 2\n let four = twice * 2\n limit \"Size\" {\n four stays at or below $100,000\n refuse orders that would break it\n }\n }",
    );
    bench.mark("50000");
    let before = bench.slots.clone();
    let node = bench.node("Size");
    for (exposure, broken, headroom) in [("25000", false, "0"), ("25000.01", true, "-0.04"), ("10000", false, "60000")] {
        let mut filled = bench.picture.clone();
        filled.set(AccountField::Exposure, exposure);
        let judged = judge_limit(&bench.program, node, Cursor::Event, &bench.slots, &filled).unwrap();
        assert_eq!((judged.in_force, judged.broken, judged.headroom), (true, broken, amount(headroom)), "{exposure}");
    }
    assert_eq!(bench.slots, before);
}

#[test]
fn a_limit_that_is_not_in_force_says_nothing_else() {
    let bench = Bench::open(
        "option strict: bool = no\nphase p {\n ledger starts at size\n limit \"L\" when strict {\n equity stays above $48,000\n on breach { fail }\n }\n }",
    );
    let judged = judge_limit(&bench.program, bench.node("L"), Cursor::Event, &bench.slots, &bench.picture).unwrap();
    assert!(!judged.in_force && !judged.broken);
}

#[test]
fn cells_of_plans_are_expressions_of_their_own() {
    let bench = Bench::open("phase p {\n ledger starts at size\n }");
    let cells: Vec<i64> = bench.program.ir.plans.cells[0]
        .iter()
        .map(|cell| evaluate_root(&bench.program, *cell, &bench.slots, &bench.picture).unwrap())
        .collect();
    assert_eq!(cells, [amount("50000"), amount("2000")]);
}
