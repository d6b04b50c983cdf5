//! Whole programs on the machine: the same picture twice gives the same effects and slots, and a
//! quiet mark leaves nothing.

use super::Bench;
use crate::vm::Slots;

const BODY: &str = "track best_day = highest day.profit over days so far
limit \"Daily\" {
    equity stays above day.start_balance - $1,000
    on breach { flatten, cancel orders, lock until next day }
}
phase combine {
    ledger starts at size
    floor line {
        starts at size - max_loss
        trails balance at day end by max_loss
        capped at size
    }
    limit \"Maximum\" {
        equity stays above line
        on breach { flatten, cancel orders, fail }
        at 80% used { notify trader \"{headroom} left\" }
    }
    goal \"Target\" {
        require \"target\" profit is at least $3,000
        require \"consistency\" best_day is at most 55% of profit
        on reached { promote to funded }
    }
}
phase funded {
    ledger starts at $0
}";

fn life(bench: &mut Bench) -> Vec<String> {
    let mut told = Vec::new();
    for (profit, low) in [("1400", "49500"), ("-300", "50600"), ("1500", "50200"), ("500", "51600")] {
        told.extend(bench.mark(low));
        told.extend(bench.trade(profit));
        told.extend(bench.next_day());
    }
    told
}

#[test]
fn a_short_life() {
    let mut bench = Bench::open(BODY);
    let told = life(&mut bench);
    // Each day's low stays above the opening balance less $1,000, but for the last: $51,600 touches it.
    // Then $3,100 in all and the best day $1,500: the first time that this is at most 55%.
    assert_eq!(told, ["breach Daily 1", "flatten", "cancelorders", "lock", "reached Target", "promote"], "{told:?}");
    assert_eq!(bench.value("line"), "50000");
}

#[test]
fn a_snapshot_goes_on_where_it_was_taken() {
    let mut whole = Bench::open(BODY);
    life(&mut whole);
    let mut restored = Bench::open(BODY);
    life(&mut restored);
    restored.slots = Slots::from_values(&restored.program, whole.slots.values().to_vec()).unwrap();
    assert_eq!(whole.mark("50000"), restored.mark("50000"));
    assert_eq!(whole.slots, restored.slots);
    assert_eq!(Slots::from_values(&whole.program, vec![0; 3]), None);
}

#[test]
fn cells_are_replaced_all_or_none() {
    let mut bench = Bench::open(BODY);
    life(&mut bench);
    let before = bench.slots.clone();
    assert!(!bench.slots.replace(&[0; 3]));
    assert_eq!(bench.slots, before);
    let first = Slots::new(&bench.program);
    assert!(bench.slots.replace(first.values()));
    assert_eq!(bench.slots, first);
    assert_ne!(bench.slots, before);
}
