//! The code of programs: what the verifier refuses, what listings show, where limits lie.

use super::Segment;
use super::{Block, Cell, Forward, In, Limits, OPS, Op, Out, Pooled, Program, bounds, ir_listing, verify};
use crate::compile::{compile, compile_within};
use crate::vm::tests::{checked, compiled};
use crate::vocabulary::Moment;

/// A program in which every instruction occurs.
const EVERYTHING: &str = "extend order { latency: number }
event pressed { count: number }
action freeze { reason: text }
input cap: money = $1,000 stale after 1h
option strict: bool = no
option style: one of (fast, slow) = fast
session rth mon to fri 08:30 to 15:00
table tier by profit steps
| from | share |
| $0 | 10% |
| any | 20% |
table split by profit slices
| up to | share |
| $1,000 | 100% |
| any | 90% |
limit \"Daily\" when strict {
equity stays above day.start_balance - $1,000
allowance $1,000
on breach { flatten, lock until next day }
at 50% used { notify trader \"{headroom}\" }
}
limit \"Share\" {
profit stays at or below 40% of balance
on breach { notify risk \"much\" }
at 90% used { notify risk \"near\" }
}
limit \"Exposure\" {
exposure stays at or below $100,000
on breach { flatten }
at 90% used { notify risk \"near\" }
}
floor trailing {
starts at 94% of size
trails equity at mark by 6% of size
capped at size
}
limit \"Trailing\" {
equity stays above trailing
on breach { flatten }
}
floor behind {
starts at 90% of size
trails balance + open_profit at mark by 6% of size
}
limit \"Behind\" {
balance + open_profit stays above behind
on breach { flatten }
}
track best_day = highest day.profit over days so far from $0
limit \"Best day\" {
best_day stays below $5,000
on breach { flatten }
}
limit \"Gold\" for each order {
never order.symbol is \"XAUUSD\" or (order.latency else 0) is above 5
on breach { reject }
}
phase first {
ledger starts at size
let room = limit(\"Daily\").headroom else $0
let used = limit(\"Exposure\").used else 0%
let left = limit(\"Daily\").used else 0%
let share = tier.share
let part = split.share
let bounded = max(min(profit, cap else $5), $1)
let rounded = round(abs(-profit) to $1, half_up) / 3
let whole = sum position.open_profit over open positions
let again = limit(\"Daily\").breaches * 2 + (if not strict then 1 else 0)
let doubled = profit * again + max_loss
let loose = not strict
let age = day.date - cycle.date
let review_on = 14 days after opened_at
on trade where style is slow or strict { review \"{doubled} {loose} {age} {review_on}\", lock until 3 days after opened_at }
let calm = not (strict and style is fast) or cap is missing
let close = rth.closes
let stamped = last day.close_balance else $0
track peak for each position = highest position.open_profit at mark from $0
limit \"Giveback\" for each position {
position.open_profit stays above peak - $500
on breach { flatten position }
}
limit \"Long\" for each position {
never position.held is above 2h
on breach { flatten position, notify trader \"{position.held}\" }
}
when profit is above room and balance is at most 150% of size { review \"{used} {left} {share} {part} {bounded} {rounded} {whole} {calm}\" }
when plan is \"50K\" and rth is open { notify risk \"{stamped}\" }
when within 2min of high news { notify risk \"news\" }
limit \"Far\" for each order {
never order.price is known and order.stop is known and abs(order.price - order.stop) is above 10 pips
on breach { reject }
}
on pressed where pressed.count is at least 2 { call freeze(reason = \"pressed\") }
on breach of \"Daily\" { review \"look\" }
on cap { notify risk \"cap\" }
every day at close { flatten }
group idea of trades by symbol
on idea end { review \"{idea.profit}\" }
goal \"Target\" {
require \"profit\" profit is at least 6% of size
on reached { promote to second }
}
}
phase second {
ledger starts at $0
let earlier = first.profit else $0
when earlier is above $1 { notify risk \"{earlier}\" }
payout {
require \"first\" payouts.count is at most 5
pays at most 50% of amount
split 90% to trader
}
}";

#[test]
fn every_instruction_occurs_in_a_listing() {
    let listing = compiled(EVERYTHING).listing();
    let absent: Vec<&str> = OPS.iter().map(|row| row.name).filter(|name| !listing.contains(&format!(" {name} "))).collect();
    assert!(absent.is_empty(), "{absent:?}\n{listing}");
}

#[test]
fn every_instruction_is_described() {
    for row in OPS {
        assert!(row.doc.trim().ends_with('.') || row.doc.trim().ends_with('`'), "{}: {}", row.name, row.doc);
    }
}

#[test]
fn a_listing_reads_like_the_program() {
    let program = compiled("phase p {\n ledger starts at size\n limit \"Max\" {\n equity stays above $48,000\n on breach { fail }\n }\n }");
    let listing = program.listing();
    for part in [
        "phase p, mark",
        "Max: line ",
        "limit \"Max\"",
        "48000",
        "[Max.quiet]",
        "UnlessHolds",
        "is above, r0, r1",
        "Step                     \"Max\"",
    ] {
        assert!(listing.contains(part), "{part}\n{listing}");
    }
    let ir = ir_listing(&program.ir);
    for part in ["limit \"Max\"", "in p", "48000", "at mark, fill"] {
        assert!(ir.contains(part), "{part}\n{ir}");
    }
    assert!(!ir.contains("Span"), "{ir}");
}

/// The instructions of the nodes of the only phase at a moment.
fn names_at(program: &Program, moment: Moment) -> Vec<&'static str> {
    let ops = |segment: &Segment| &program.code.ops[segment.block.start as usize..segment.block.end as usize];
    program.block(crate::ir::PhaseId(0), moment).iter().flat_map(|segment| ops(segment).iter().map(|op| op.name())).collect()
}

/// A limit takes so few instructions while it holds: at a mark, where its bound stands still, and when all is judged.
#[test]
fn a_limit_that_holds_is_a_glance() {
    let program = compiled("phase p {\n ledger starts at size\n limit \"Max\" {\n equity stays above $48,000\n on breach { fail }\n }\n }");
    assert_eq!(names_at(&program, Moment::Mark), ["JumpKeepsAccount", "Step"]);
    let judged = ["UnlessSet", "Account", "Constant", "UnlessHolds", "Headroom", "Keep", "Jump", "Step"];
    assert_eq!(names_at(&program, Moment::Judge), judged);
}

/// A floor that trails with marks looks only at what could raise it, and the limit that reads it keeps it.
#[test]
fn a_floor_that_is_not_raised_is_a_glance() {
    let with = |floor: &str| {
        let limit = "limit \"Trailing\" {\n equity stays above trailing\n on breach { fail }\n }";
        compiled(&format!("phase p {{\n ledger starts at size\n floor trailing {{\n {floor}\n }}\n {limit}\n }}"))
    };
    let keeps = with("starts at 94% of size\n trails equity at mark by 6% of size\n capped at size");
    let glance = ["UnlessOccasion", "UnlessRisesAccount", "Step", "JumpKeepsAccount", "Step"];
    assert_eq!(names_at(&keeps, Moment::Mark), glance);
    // Two comparisons decide the whole mark.
    assert_eq!(keeps.glances(crate::ir::PhaseId(0), Moment::Mark).len(), 2);
    // The size changes with cash, and the distance with it.
    assert_eq!(names_at(&keeps, Moment::Cash)[..3], ["Forget", "UnlessOccasion", "UnlessSet"]);
    // A distance that moves with each mark cannot be kept, nor what reads the floor.
    let moves = with("starts at 94% of size\n trails equity at mark by 6% of equity");
    assert!(!names_at(&moves, Moment::Mark).contains(&"UnlessRises"), "{:?}", names_at(&moves, Moment::Mark));
    assert!(!names_at(&moves, Moment::Mark).contains(&"JumpKeeps"), "{:?}", names_at(&moves, Moment::Mark));
}

#[test]
fn a_comment_changes_no_fingerprint_and_a_number_does() {
    let with = |limit: &str| {
        compiled(&format!("phase p {{\n ledger starts at size\n {limit} {{\n equity stays above $48,000\n on breach {{ fail }}\n }}\n }}"))
            .fingerprint
    };
    let plain = with("limit \"Max\"");
    assert_eq!(plain, with("// a word\nlimit   \"Max\""));
    assert_ne!(plain, with("limit \"Max\" once per day"));
    assert_eq!(plain.to_string().len(), 32);
}

#[test]
fn bounds_count_full_collections() {
    let program = compiled(
        "phase p {\n ledger starts at size\n let all = sum position.open_profit over open positions\n when all is above $5 { notify risk \"x\" }\n }",
    );
    let mark = program.bounds.instructions[crate::vocabulary::Moment::Mark as usize];
    assert!(mark >= 2 * Limits::default().positions as u64, "{mark}");
    assert_eq!(program.bounds.state_bytes, 8 * program.layout.size as u64);
    assert!(program.bounds.to_string().contains(&format!("mark: at most {mark} instructions")), "{}", program.bounds);
    assert_eq!(bounds(&program), program.bounds);
}

#[test]
fn a_program_that_rolls_back_keeps_its_state_twice() {
    let with = |action: &str| {
        compiled(&format!(
            "phase p {{\n ledger starts at size\n track t = highest balance at trade from size\n on trade {{ {action} }}\n }}"
        ))
    };
    let (once, twice) = (with("flatten"), with("roll back to day start"));
    assert_eq!(once.layout.size, twice.layout.size);
    assert_eq!(twice.bounds.state_bytes, 2 * once.bounds.state_bytes);
    assert!(twice.bounds.to_string().contains("of them half for the day's opening"), "{}", twice.bounds);
    assert_ne!(once.fingerprint, twice.fingerprint);
}

#[test]
fn corrupted_programs_are_refused() {
    let good = compiled(EVERYTHING);
    assert_eq!(verify(&good), Ok(()));
    let first = |find: fn(&Op) -> bool| good.code.ops.iter().position(find).unwrap();
    let with = |at: usize, op: Op| {
        let mut bad = good.clone();
        bad.code.ops[at] = op;
        bad
    };
    let constant = first(|op| matches!(op, Op::Constant { d: Out(0), .. }));
    let add = first(|op| matches!(op, Op::Subtract { .. }));
    let store = first(|op| matches!(op, Op::Store { .. }));
    let returns = first(|op| matches!(op, Op::Return { .. }));
    let fold = first(|op| matches!(op, Op::Fold { .. }));
    let most = u16::MAX;
    for (bad, message) in [
        (with(constant, Op::Constant { d: Out(200), k: Pooled(0) }), "a register outside the block's"),
        (with(constant, Op::Constant { d: Out(0), k: Pooled(most) }), "a constant that is not there"),
        (with(add, Op::Copy { d: Out(0), a: In(47) }), "a register outside the block's"),
        (with(store, Op::Store { a: In(0), s: Cell(most) }), "a cell that is not there"),
        (with(constant, Op::Jump { by: Forward(most) }), "a jump out of its block"),
        (with(returns, Op::Jump { by: Forward(0) }), "an expression that ends without a value"),
        (with(returns, Op::Step { node: super::NodeNumber(0) }), "an expression that changes state"),
        (with(store, Op::Return { a: In(0) }), "a return outside an expression"),
        (with(fold, Op::Fold { d: Out(0), fold: super::FoldNumber(most) }), "a fold that is not there"),
        (with(store, Op::Step { node: super::NodeNumber(most) }), "a node that is not there"),
        (with(constant, Op::Return { a: In(0) }), "a register that is read before it is written"),
        (with(store, Op::Keep { strict: true, a: In(0), b: In(0), s: Cell(4) }), "a cell that is not the value of a limit"),
        (with(store, Op::Forget { s: Cell(4) }), "a cell that is not the value of a floor"),
        (with(store, Op::UnlessOpen { s: Cell(4), by: Forward(0) }), "a cell that is not the value of a goal"),
        (with(store, Op::UnlessRuns { s: Cell(4), by: Forward(0) }), "a cell that is not the value of a tracker"),
        (altered(&good, |bad| bad.glances.iter_mut().for_each(Vec::clear)), "the glances are not those of the instructions"),
        (altered(&good, |bad| bad.layout.size += 1), "the cells are not those of the nodes"),
        (altered(&good, |bad| bad.bounds.instructions[0] += 1), "the bounds are not those of the code"),
        (altered(&good, |bad| bad.blocks.truncate(1)), "there is not one block per phase and moment"),
        (altered(&good, |bad| bad.code.origins.truncate(1)), "not every instruction has its origin"),
        (altered(&good, |bad| bad.roots.iter_mut().for_each(|root| *root = None)), "an expression has no block"),
        (altered(&good, |bad| bad.roots[0] = Some(Block { start: 0, end: u32::MAX, registers: 1 })), "a block outside the code"),
        (altered(&good, swap_fold), "a fold whose blocks do not stand before it"),
    ] {
        let refusal = verify(&bad).expect_err(message);
        assert_eq!(refusal.message, message, "{refusal}");
    }
}

fn altered(good: &Program, alter: fn(&mut Program)) -> Program {
    let mut bad = good.clone();
    alter(&mut bad);
    bad
}

/// A fold that calls the block it stands in.
fn swap_fold(program: &mut Program) {
    let at = program.code.ops.iter().position(|op| matches!(op, Op::Fold { .. })).unwrap();
    let caller = program.roots.iter().flatten().find(|block| (block.start as usize..block.end as usize).contains(&at)).copied();
    program.code.folds[0].what = caller;
}

#[test]
fn each_limit_has_an_edge() {
    let body = "phase p {\n ledger starts at size\n track t = count trades at trade in last 60s keeps 20\n track best = sum of best 5 trade.profit at trade\n limit \"Max\" {\n equity stays above $48,000\n allowance $2,000\n on breach { fail }\n at 50% used { notify risk \"{t} {best}\" }\n }\n every day at close { flatten }\n }";
    let program = compiled(body);
    let longest = program.blocks.iter().flatten().map(|segment| segment.block).chain(program.roots.iter().flatten().copied());
    let longest = longest.map(|block| (block.end - block.start) as usize).max().unwrap();
    let registers = program.blocks.iter().flatten().map(|segment| segment.block).chain(program.roots.iter().flatten().copied());
    let registers = registers.map(|block| usize::from(block.registers)).max().unwrap();
    let event = usize::try_from(program.bounds.instructions.iter().copied().max().unwrap()).unwrap();
    let default = Limits::default();
    for (name, just, over) in [
        ("nodes", Limits { nodes: program.ir.nodes.len(), ..default }, Limits { nodes: program.ir.nodes.len() - 1, ..default }),
        ("slots", Limits { slots: program.layout.size, ..default }, Limits { slots: program.layout.size - 1, ..default }),
        ("ring", Limits { ring: 20, ..default }, Limits { ring: 19, ..default }),
        ("best", Limits { best: 5, ..default }, Limits { best: 4, ..default }),
        ("warnings", Limits { warnings: 1, ..default }, Limits { warnings: 0, ..default }),
        ("schedules", Limits { schedules: 1, ..default }, Limits { schedules: 0, ..default }),
        ("instructions", Limits { instructions: longest, ..default }, Limits { instructions: longest - 1, ..default }),
        ("registers", Limits { registers, ..default }, Limits { registers: registers - 1, ..default }),
        ("event_instructions", Limits { event_instructions: event, ..default }, Limits { event_instructions: event - 1, ..default }),
        (
            "constants",
            Limits { constants: program.code.constants.len(), ..default },
            Limits { constants: program.code.constants.len() - 1, ..default },
        ),
    ] {
        assert!(compile_within(checked(body), just).is_ok(), "{name}");
        let found = compile_within(checked(body), over).unwrap_err();
        assert!(found.iter().any(|found| found.message.contains(name)), "{name}: {found:?}");
    }
    assert!(compile(checked(body)).is_ok());
    assert!(Limits::ROWS.iter().all(|(name, _, doc)| !name.is_empty() && doc.trim().ends_with('.')));
}
