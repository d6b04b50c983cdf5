//! A broken instruction is caught: each kind that has a plausible slip is broken so in the compiled
//! programs, and the comparison with the reference evaluator must tell.

use std::cell::Cell;

use ringfence::code::{Op, Program};
use ringfence::ir::Comparison;
use ringfence::vocabulary::AccountField;

use crate::differential::compare;

/// How many random programs are tried before a broken kind counts as not caught.
const SEEDS: u64 = 400;

/// The kinds that are broken.
const KINDS: &[&str] = &[
    "Add",
    "Subtract",
    "Multiply",
    "Percent",
    "Not",
    "Compare",
    "ComparePercent",
    "IsMissing",
    "Lesser",
    "Greater",
    "JumpIf",
    "JumpUnless",
    "JumpMissing",
    "JumpKnown",
    "UnlessCompare",
    "UnlessCompareConstant",
    "UnlessHolds",
    "UnlessHoldsPercent",
    "Headroom",
    "WarnAllowance",
    "UsedAllowance",
    "Account",
];

/// The instruction with the slip that is likeliest for it: the wrong side, the wrong sign, touch for cross.
fn broken(op: Op) -> Option<Op> {
    Some(match op {
        Op::Add { d, a, b } => Op::Subtract { d, a, b },
        Op::Subtract { d, a, b } => Op::Subtract { d, a: b, b: a },
        Op::Multiply { d, a, b } => Op::Add { d, a, b },
        Op::Percent { d, a, b } => Op::Multiply { d, a, b },
        Op::Not { d, a } | Op::IsMissing { d, a } => Op::Copy { d, a },
        Op::Compare { d, how, a, b } => Op::Compare { d, how: touching(how), a, b },
        Op::ComparePercent { d, how, a, b, c } => Op::ComparePercent { d, how: touching(how), a: c, b, c: a },
        Op::Lesser { d, a } => Op::Greater { d, a },
        Op::Greater { d, a } => Op::Lesser { d, a },
        Op::JumpIf { a, by } => Op::JumpUnless { a, by },
        Op::JumpUnless { a, by } => Op::JumpIf { a, by },
        Op::JumpMissing { a, by } => Op::JumpKnown { a, by },
        Op::JumpKnown { a, by } => Op::JumpMissing { a, by },
        Op::UnlessCompare { how, a, b, by } => Op::UnlessCompare { how: touching(how), a: b, b: a, by },
        Op::UnlessCompareConstant { how, a, k, by } => Op::UnlessCompareConstant { how: touching(how), a, k, by },
        Op::UnlessHolds { how, a, b, by } => Op::UnlessHolds { how: touching(how), a, b, by },
        Op::UnlessHoldsPercent { how, a, b, c, by } => Op::UnlessHoldsPercent { how: touching(how), a: c, b, c: a, by },
        Op::Headroom { d, a, b, s } => Op::Headroom { d, a: b, b: a, s },
        Op::WarnAllowance { a, b, s, by } => Op::WarnAllowance { a: b, b: a, s, by },
        Op::UsedAllowance { d, a, b } => Op::UsedAllowance { d, a: b, b: a },
        Op::Account { d, field: AccountField::Equity, known } => Op::Account { d, field: AccountField::Balance, known },
        _ => return None,
    })
}

/// Touch for cross, and the other way round.
const fn touching(how: Comparison) -> Comparison {
    match how {
        Comparison::Above => Comparison::AtLeast,
        Comparison::AtLeast => Comparison::Above,
        Comparison::Below => Comparison::AtMost,
        Comparison::AtMost => Comparison::Below,
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
    }
}

/// Breaks every instruction of a kind; whether there was one.
fn break_all(program: &mut Program, kind: &str) -> bool {
    let mut found = false;
    for op in program.code.ops.iter_mut().filter(|op| op.name() == kind) {
        if let Some(slip) = broken(*op) {
            (*op, found) = (slip, true);
        }
    }
    found
}

/// The seed with which a broken kind is caught, and in how many programs it stood before.
fn caught(kind: &str) -> Result<(u64, u32), u32> {
    let mut tried = 0;
    for seed in 1..=SEEDS {
        let stands = Cell::new(false);
        let told = compare(seed, 60, &|program| stands.set(break_all(program, kind)));
        tried += u32::from(stands.get());
        if told.is_err() {
            return Ok((seed, tried));
        }
    }
    Err(tried)
}

#[test]
fn each_broken_instruction_is_caught() {
    let missed: Vec<String> = KINDS
        .iter()
        .filter_map(|kind| caught(kind).err().map(|tried| format!("{kind}: broken in {tried} programs of {SEEDS}, and nothing told")))
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}
