//! How many instructions the hot paths take, counted by callgrind: the same on each run, whatever else the
//! machine does. A path that takes more than its limit fails.
//!
//! `cargo bench --profile dev --bench instructions` counts, in the build that the tests use, so that nothing
//! is built twice; it needs valgrind, and the runner that `cargo install gungraun-runner` brings, of the version
//! in Cargo.lock. Limits are some five percent above what was counted last: whoever makes a path shorter lowers
//! its limit, whoever makes it longer has a reason.

#![expect(missing_docs, reason = "what the macros of the benchmarks write has none")]

mod common;

use std::hint::black_box;
use std::sync::Arc;

use common::{event, fill, opening, symbols, tick, twelve};
use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind};
use ringfence::book::Book;
use ringfence::code::Program;
use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::source::Source;

/// So many marks in a measured round.
const MARKS: u32 = 1_000;

fn marks() -> Vec<Event> {
    // Up and down within a twentieth of a cent, and never where it was before.
    (0..MARKS).map(|number| tick(0, number, 120_000 + number * 7 % 41)).collect()
}

/// Accounts of the twelve rules that hold two symbols and trail their drawdown.
fn accounts(count: u32) -> Vec<Event> {
    let holds = |account: u32| [opening(account, true), fill(account, 0, 0, "", 5), fill(account, 1, 1 + account % 5, "-", 3)];
    symbols().chain((0..count).flat_map(holds)).collect()
}

/// An engine with one of them.
fn holding() -> (Engine, Vec<Event>) {
    let mut engine = Engine::new();
    engine.load(twelve());
    for event in accounts(1) {
        engine.apply(&event);
    }
    (engine, marks())
}

/// A book with a hundred.
fn book() -> (Book, Vec<Event>) {
    let mut book = Book::new();
    book.load(twelve());
    for event in accounts(100) {
        book.apply(&event);
    }
    (book, marks())
}

fn fills() -> (Engine, Vec<Event>) {
    let (engine, _) = holding();
    let fill = |number: u32| {
        let (side, entry) = if number.is_multiple_of(2) { ("", "in") } else { ("-", "out") };
        event(&format!(
            r#"{{"id":"g{number}","account":"A0000000","at":"2026-03-03T15:00:00Z","kind":"fill","fill_id":"g{number}","symbol":"S05","quantity":"{side}0.1","price":"1.20001","entry":"{entry}","reason":"user"}}"#
        ))
    };
    (engine, (0..100).map(fill).collect())
}

#[library_benchmark]
#[bench::a_thousand(setup = holding)]
fn marks_of_an_engine((mut engine, marks): (Engine, Vec<Event>)) -> usize {
    marks.iter().map(|mark| engine.apply(black_box(mark)).len()).sum()
}

#[library_benchmark]
#[bench::a_thousand(setup = book)]
fn marks_of_a_book((mut book, marks): (Book, Vec<Event>)) -> usize {
    marks.iter().map(|mark| book.apply(black_box(mark)).len()).sum()
}

#[library_benchmark]
#[bench::a_hundred(setup = fills)]
fn fills_of_an_engine((mut engine, fills): (Engine, Vec<Event>)) -> usize {
    fills.iter().map(|fill| engine.apply(black_box(fill)).len()).sum()
}

#[library_benchmark]
#[bench::twelve_rules(common::source())]
fn compiling(source: Source) -> Arc<Program> {
    ringfence::compile(black_box(&source)).unwrap_or_else(|_| unreachable!("a program without findings"))
}

/// At most so many instructions.
fn at_most(instructions: u64) -> LibraryBenchmarkConfig {
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(Callgrind::default().hard_limits([(EventKind::Ir, instructions)]));
    config
}

library_benchmark_group!(name = engine_marks, config = at_most(3_460_000), benchmarks = marks_of_an_engine);
library_benchmark_group!(name = book_marks, config = at_most(6_830_000), benchmarks = marks_of_a_book);
library_benchmark_group!(name = engine_fills, config = at_most(1_666_000), benchmarks = fills_of_an_engine);
library_benchmark_group!(name = compiler, config = at_most(61_200_000), benchmarks = compiling);

main!(library_benchmark_groups = engine_marks, book_marks, engine_fills, compiler);
