//! What the engine costs on one account: a tick, an order, a line to read, compiling, a snapshot.
//!
//! `cargo bench` prints the time of each, and how many events a second that is. Compare figures of one
//! run only: they depend on the machine and on what else it does.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ringfence::code::Program;
use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::source::Source;
use ringfence::syntax::load;

/// Ticks in one measured round.
const TICKS: u32 = 10_000;

/// Shipped programs, each with a plan.
const PROGRAMS: [(&str, &str); 3] = [("ftmo/two-step", "100K"), ("topstep/trading-combine", "50K"), ("apex/eod", "50K")];

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the shipped programs")]
fn text(name: &str) -> Result<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(name);
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

fn source(name: &str) -> Source {
    let path = format!("{name}.fence");
    let main = text(&path).unwrap_or_else(|error| unreachable!("{path}: {error}"));
    load(Source::new(path, main), &mut |import| text(import))
}

fn program(name: &str) -> Arc<Program> {
    ringfence::compile(&source(name)).unwrap_or_else(|found| unreachable!("{name}: {} findings", found.len()))
}

/// A symbol, an account, and a position of one in it.
fn opening(program: &Program, plan: &str) -> String {
    let ir = &program.ir;
    let size = if plan == "50K" { "50000" } else { "100000" };
    let (title, version, currency) = (&ir.title, &ir.header.version, ir.header.currency);
    format!(
        r#"{{"id":"i","at":"2026-03-02T15:00:00Z","kind":"instrument","symbol":"ES","class":"future","unit":"contract","lot_size":"1","multiplier":"50","tick_size":"0.25","quantity_step":"1","quote_currency":"USD"}}
{{"id":"o","account":"A","at":"2026-03-02T15:00:01Z","kind":"open","program":"{title}","version":"{version}","plan":"{plan}","currency":"{currency}","start_balance":"{size}","position_mode":"netting","trader":"T","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}}
{{"id":"t","at":"2026-03-02T15:00:02Z","kind":"tick","symbol":"ES","bid":"5000.00","ask":"5000.25","last":"5000.00"}}
{{"id":"f","account":"A","at":"2026-03-02T15:00:03Z","kind":"fill","fill_id":"f","symbol":"ES","quantity":"1","price":"5000.25","entry":"in","reason":"user"}}
"#
    )
}

/// Ticks that wander within ten points, so that nothing is breached.
fn ticks() -> String {
    let mut lines = String::new();
    for number in 0..TICKS {
        let quarters = 20_000 + (number * 7 % 41) - 20;
        let price = |quarters: u32| format!("{}.{:02}", quarters / 4, quarters % 4 * 25);
        let (minute, second, thousandth) = (number / 60_000, number / 1_000 % 60, number % 1_000);
        let _ = writeln!(
            lines,
            r#"{{"id":"t{number}","at":"2026-03-02T15:{:02}:{second:02}.{thousandth:03}Z","kind":"tick","symbol":"ES","bid":"{}","ask":"{}","last":"{}"}}"#,
            minute + 1,
            price(quarters),
            price(quarters + 1),
            price(quarters),
        );
    }
    lines
}

fn events(lines: &str) -> Vec<Event> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| unreachable!("{line}: {error}"))).collect()
}

/// An engine with one account that holds a position.
fn holding(program: &Arc<Program>, plan: &str) -> Engine {
    let mut engine = Engine::new();
    engine.load(Arc::clone(program));
    for event in events(&opening(program, plan)) {
        engine.apply(&event);
    }
    assert!(engine.account("A").is_some_and(|account| account.status().positions == 1), "the account holds a position");
    engine
}

fn decide(criterion: &mut Criterion) {
    let ticks = events(&ticks());
    let mut group = criterion.benchmark_group("a tick, engine only");
    group.throughput(Throughput::Elements(TICKS.into()));
    for (name, plan) in PROGRAMS {
        let program = program(name);
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || holding(&program, plan),
                |engine| ticks.iter().map(|event| engine.apply(black_box(event)).len()).sum::<usize>(),
                BatchSize::LargeInput,
            );
        });
    }
}

fn read(criterion: &mut Criterion) {
    let lines = ticks();
    let program = program(PROGRAMS[0].0);
    let mut group = criterion.benchmark_group("a line of JSON");
    group.throughput(Throughput::Elements(TICKS.into()));
    group.bench_function("read", |bencher| bencher.iter(|| events(black_box(&lines)).len()));
    group.bench_function("read and decide", |bencher| {
        bencher.iter_batched_ref(
            || holding(&program, PROGRAMS[0].1),
            |engine| events(black_box(&lines)).iter().map(|event| engine.apply(event).len()).sum::<usize>(),
            BatchSize::LargeInput,
        );
    });
}

fn ask(criterion: &mut Criterion) {
    let (name, plan) = PROGRAMS[1];
    let engine = holding(&program(name), plan);
    let account = engine.account("A").unwrap_or_else(|| unreachable!("it was opened"));
    let mut group = criterion.benchmark_group("a question");
    group.bench_function("headroom of each limit", |bencher| bencher.iter(|| account.limits().len()));
    group.bench_function("largest order", |bencher| bencher.iter(|| account.largest_order(black_box("ES"), true)));
    group.bench_function("prices at which limits act", |bencher| bencher.iter(|| account.prices_of_limits(black_box("ES")).len()));
}

fn load_and_keep(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("from text to code");
    for (name, _) in PROGRAMS {
        let source = source(name);
        group.throughput(Throughput::Bytes(source.text().len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| ringfence::compile(black_box(&source)).is_ok()));
    }
    group.finish();
    let (name, plan) = PROGRAMS[0];
    let program = program(name);
    let engine = holding(&program, plan);
    let kept = engine.account("A").and_then(|account| account.snapshot().ok()).unwrap_or_default();
    let mut group = criterion.benchmark_group("an account");
    group.throughput(Throughput::Bytes(kept.len() as u64));
    group.bench_function("snapshot", |bencher| bencher.iter(|| engine.account("A").map(|account| account.snapshot().is_ok())));
    group.bench_function("restore", |bencher| {
        bencher.iter_batched_ref(
            || {
                let mut engine = Engine::new();
                engine.load(Arc::clone(&program));
                engine
            },
            |engine| engine.restore_account(black_box(&kept)).is_ok(),
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, decide, read, ask, load_and_keep);
criterion_main!(benches);
