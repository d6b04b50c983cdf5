//! Nodes that are kept for each position and symbol.

use super::super::view::{Cursor, Effect};
use super::super::{end_instance, judge_limit};
use super::{Bench, amount};
use crate::ir::{Per, PhaseId};
use crate::vocabulary::{Moment, Occasion, RecordField};

const BODY: &str = "phase p {
    ledger starts at size
    track peak for each position = highest position.open_profit at mark from $0
    limit \"Loss\" for each position {
        position.open_profit stays above -$500
        on breach { flatten position }
    }
}";

fn moved(bench: &mut Bench, index: usize, profit: &str) -> Vec<String> {
    bench.picture.positions[index].fields.insert(RecordField::PositionOpenProfit, amount(profit));
    bench.at(Moment::Mark, &[Occasion::Mark])
}

fn entry(bench: &mut Bench, serial: u64, place: usize) {
    bench.picture.open_position(serial, place, &[(RecordField::PositionOpenProfit, 0)]);
    bench.at(Moment::Fill, &[Occasion::Mark, Occasion::Fill, Occasion::Entry]);
}

#[test]
fn each_position_has_its_own_state() {
    let mut bench = Bench::open(BODY);
    entry(&mut bench, 1, 0);
    entry(&mut bench, 2, 1);
    assert_eq!(moved(&mut bench, 1, "-500"), ["breach Loss 1", "flatten"]);
    let instances: Vec<u64> = bench
        .effects
        .list()
        .iter()
        .map(|effect| match effect {
            Effect::Breach { instance, .. } => *instance,
            Effect::Act(act) => act.instance,
            _ => 0,
        })
        .collect();
    assert_eq!(instances, [2, 2]);
    assert_eq!(moved(&mut bench, 0, "-600"), ["breach Loss 1", "flatten"], "the other is still armed");
    assert_eq!(moved(&mut bench, 1, "-700"), Vec::<String>::new());
}

#[test]
fn a_place_that_is_used_again_begins_anew() {
    let mut bench = Bench::open(BODY);
    entry(&mut bench, 1, 0);
    moved(&mut bench, 0, "300");
    assert_eq!(bench.value("peak"), "300");
    bench.picture.positions.clear();
    bench.at(Moment::Fill, &[Occasion::Fill, Occasion::Exit]);
    assert_eq!(bench.value("peak"), "300", "what reads the trade still finds it");
    end_instance(&bench.program, &mut bench.slots, Per::Position, 0);
    assert_eq!(bench.value("peak"), "none");
    entry(&mut bench, 7, 0);
    assert_eq!(bench.value("peak"), "0");
    bench.picture.positions.clear();
    entry(&mut bench, 8, 0);
    moved(&mut bench, 0, "-500");
    assert_eq!(bench.told(), ["breach Loss 1", "flatten"]);
}

#[test]
fn a_symbol_keeps_its_state_between_positions() {
    let mut bench = Bench::open(
        "phase p {\n ledger starts at size\n track made for each symbol = sum trade.profit at trade where trade.symbol is symbol.itself\n }",
    );
    bench.picture.symbols = 2;
    bench.picture.records.insert(RecordField::SymbolItself, 0);
    bench.picture.records.insert(RecordField::TradeSymbol, 0);
    bench.trade("100");
    bench.trade("50");
    assert_eq!(bench.value("made"), "150");
}

#[test]
fn a_limit_on_orders_is_judged_once_and_keeps_nothing() {
    let mut bench = Bench::open(
        "phase p {\n ledger starts at size\n limit \"Stop\" for each order {\n never order.stop is missing\n on breach { reject }\n }\n }",
    );
    for _ in 0..2 {
        assert_eq!(bench.at(Moment::Order, &[Occasion::Order]), ["breach Stop 1", "reject"]);
    }
    bench.picture.records.insert(RecordField::OrderStop, amount("4990"));
    assert_eq!(bench.at(Moment::Order, &[Occasion::Order]), Vec::<String>::new());
    assert_eq!(bench.mark("1"), Vec::<String>::new());
}

#[test]
fn a_question_about_one_position() {
    let mut bench = Bench::open(BODY);
    entry(&mut bench, 1, 0);
    moved(&mut bench, 0, "-400");
    let judged = judge_limit(&bench.program, bench.node("Loss"), Cursor::Position(0), &bench.slots, &bench.picture).unwrap();
    assert_eq!((judged.broken, judged.headroom), (false, amount("100")));
    bench.enter(PhaseId(0), &[]);
}
