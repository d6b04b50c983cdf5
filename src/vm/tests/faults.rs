//! A fault belongs to the node that met it and to its readers, and ends with it.

use super::super::fault_of;
use super::{Bench, amount};
use crate::outcome::FaultKind;
use crate::vocabulary::{AccountField, Moment, Occasion};

const BODY: &str = "phase p {
    ledger starts at size
    let doubled = profit * 2
    let fallback = doubled else $1
    limit \"Own\" {
        equity stays above $48,000
        on breach { flatten }
    }
    limit \"Reader\" {
        doubled stays below $1,000
        on breach { fail }
    }
}";

#[test]
fn no_other_rule_is_affected() {
    let mut bench = Bench::open(BODY);
    bench.picture.set(AccountField::Profit, "90000000000");
    let told = bench.at(Moment::Fill, &[Occasion::Fill]);
    assert!(told.contains(&"fault doubled Overflow".to_owned()), "{told:?}");
    assert!(told.contains(&"fault Reader Dependent".to_owned()), "{told:?}");
    assert_eq!(bench.mark("48000"), ["breach Own 1", "flatten"]);
    assert_eq!(fault_of(&bench.program, bench.node("doubled"), &bench.slots), Some(FaultKind::Overflow));
}

/// docs/semantics.md: numbers.8
#[test]
fn a_fault_is_told_when_it_begins_and_ends_with_the_next_good_evaluation() {
    let mut bench = Bench::open(BODY);
    bench.picture.set(AccountField::Profit, "90000000000");
    assert!(!bench.at(Moment::Fill, &[Occasion::Fill]).is_empty());
    assert_eq!(bench.at(Moment::Fill, &[Occasion::Fill]), Vec::<String>::new());
    bench.picture.set(AccountField::Profit, "100");
    bench.at(Moment::Fill, &[Occasion::Fill]);
    assert_eq!(bench.slots.faults(), 0);
    assert_eq!((bench.value("doubled"), bench.value("Reader")), ("200".to_owned(), "800".to_owned()));
    bench.picture.set(AccountField::Profit, "90000000000");
    assert!(!bench.at(Moment::Fill, &[Occasion::Fill]).is_empty(), "it begins again");
}

#[test]
fn a_promised_value_that_is_missing_is_a_fault() {
    let mut bench = Bench::open(BODY);
    bench.picture.account.insert(AccountField::Equity, super::super::view::MISSING);
    assert_eq!(bench.at(Moment::Mark, &[Occasion::Mark]), ["fault Own Missing"]);
    // Nothing was lost: the limit is where it was.
    assert_eq!(bench.mark("48000"), ["breach Own 1", "flatten"]);
}

#[test]
fn what_a_faulted_rule_did_is_undone() {
    let mut bench = Bench::open("phase p {\n ledger starts at size\n state paid: money = $5\n on trade { set paid = paid + $1; notify trader \"{profit * (profit / $1)}\" }\n }".replace("; notify", ", notify").as_str());
    bench.trade("100");
    assert_eq!(bench.value("paid"), "6");
    assert_eq!(bench.trade("9000000000").len(), 1);
    assert!(bench.told()[0].starts_with("fault "), "{:?}", bench.told());
    assert_eq!(bench.value("paid"), "6");
}

#[test]
fn a_faulted_value_is_no_missing_value() {
    let mut bench = Bench::open(
        "input cap: money\nphase p {\n ledger starts at size\n let share = if cap is known then profit * (profit / $1) else $0\n let safe = min(share, $1)\n }",
    );
    bench.picture.inputs.insert(0, (amount("1"), super::super::view::NEVER));
    bench.picture.set(AccountField::Profit, "9000000000");
    let told = bench.at(Moment::Input, &[]);
    assert_eq!(told, ["fault share Overflow", "fault safe Dependent"]);
}
