//! Many accounts on one market: how many marks a second a book takes, how many accounts they wake, what one
//! large mark costs; what accounts take over a recorded market; and what opening, loading, compiling and snapshots take.
//!
//! `cargo bench --bench book` prints four tables. `BOOK=100000` takes that many accounts, `MARKS` says how many
//! marks, `TRAILING` which one of the shares, `WHAT=marks`, `shards`, `replay` or `other` which of the tables. Each account
//! holds one to three of 28 symbols, or as many as `HELD` says; a share of the accounts trails its drawdown with
//! each mark. Times are those that the thread ran, but for the worst mark and for books side by side.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use common::{SYMBOLS, event, fill, opening, source, symbols, tick, twelve};
use ringfence::account::Account;
use ringfence::book::{Book, Shards};
use ringfence::code::Program;
use ringfence::engine::Engine;
use ringfence::event::{Event, Kind};
use ringfence::replay::{Recording, Replay};
use ringfence::source::Source;

/// A small linear congruential sequence: the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(bound)).unwrap_or(0)
    }
}

fn setting(name: &str, otherwise: u32) -> u32 {
    #[expect(clippy::disallowed_methods, reason = "a benchmark is told its size")]
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// How long this thread has run: of a machine that others use too, only what was its own. The time of day where
/// the system does not tell it.
fn busy(since: Clock) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads how long it has run")]
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Does something; how long this thread ran for it.
fn spent(act: impl FnOnce()) -> Duration {
    let since = clock();
    let before = busy(since);
    act();
    busy(since).saturating_sub(before)
}

/// Events that open an account and what it holds.
fn one(account: u32, trailing_percent: u32, numbers: &mut Numbers) -> Vec<Event> {
    let mut events = vec![opening(account, numbers.below(100) < trailing_percent)];
    let held = match setting("HELD", 0) {
        0 => numbers.below(3) + 1,
        held => held,
    };
    for number in 0..held {
        // No symbol twice.
        let (symbol, side) = (numbers.below(SYMBOLS / held) + SYMBOLS / held * number, if numbers.below(2) == 0 { "" } else { "-" });
        events.push(fill(account, number, symbol, side, numbers.below(9) + 1));
    }
    events
}

/// So many accounts, or marks, are prepared before they are timed.
const BATCH: u32 = 2_000;

/// Tells the symbols, and accounts with what they hold; how long that took.
fn open(accounts: u32, trailing_percent: u32, numbers: &mut Numbers, mut apply: impl FnMut(&[Event])) -> Duration {
    apply(&symbols().collect::<Vec<_>>());
    let mut taken = Duration::ZERO;
    for begun in (0..accounts).step_by(BATCH as usize) {
        let these = begun..accounts.min(begun + BATCH);
        let events: Vec<Event> = these.flat_map(|account| one(account, trailing_percent, numbers)).collect();
        taken += spent(|| apply(&events));
    }
    taken
}

/// Resident memory, where the system tells it.
fn resident() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a benchmark reads how much memory it has")]
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = told.lines().find(|line| line.starts_with("VmRSS"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

fn clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "a benchmark tells the time")]
    Clock::now()
}

/// Marks of all symbols that wander by up to three hundred-thousandths.
struct Walk {
    mids: Vec<u32>,
    numbers: Numbers,
    told: u32,
}

impl Walk {
    fn new() -> Self {
        Self { mids: vec![120_000; SYMBOLS as usize], numbers: Numbers(11), told: 0 }
    }

    fn batch(&mut self, marks: u32) -> Vec<Event> {
        (0..marks).map(|_| self.next()).collect()
    }

    fn next(&mut self) -> Event {
        let symbol = self.numbers.below(SYMBOLS);
        let mid = &mut self.mids[symbol as usize];
        *mid = *mid + self.numbers.below(7) - 3;
        self.told += 1;
        tick(symbol, self.told, *mid)
    }

    /// The first symbol loses a tenth at once.
    fn fall(&mut self) -> Event {
        self.told += 1;
        tick(0, self.told, self.mids[0] / 10 * 9)
    }
}

/// Applies so many marks: how long that took, and the slowest of them.
fn walk(book: &mut Book, walk: &mut Walk, marks: u32) -> (Duration, Duration) {
    let (mut taken, mut worst) = (Duration::ZERO, Duration::ZERO);
    for begun in (0..marks).step_by(BATCH as usize) {
        let events = walk.batch(BATCH.min(marks - begun));
        taken += spent(|| {
            for event in &events {
                let one = clock();
                book.apply(event);
                worst = worst.max(one.elapsed());
            }
        });
    }
    (taken, worst)
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn take(book: &mut Book, events: &[Event]) {
    for event in events {
        book.apply(event);
    }
}

/// One line of the first table.
fn measured(program: &Arc<Program>, accounts: u32, marks: u32, trailing: u32) -> String {
    let before = resident();
    let bytes = || resident().saturating_sub(before) * 1024 / u64::from(accounts.max(1));
    let mut book = Book::new();
    book.load(Arc::clone(program));
    let opening = open(accounts, trailing, &mut Numbers(7), |events| take(&mut book, events));
    let (opened, mut marked) = (bytes(), Walk::new());
    let before = book.counts();
    let (taken, worst) = walk(&mut book, &mut marked, marks);
    let counts = book.counts();
    let (wakes, reminded) = (counts.wakes - before.wakes, counts.reminded - before.reminded);
    let changed = counts.changed - before.changed;
    let kept = bytes();
    let fall = marked.fall();
    let mut failed = 0;
    let spike = spent(|| failed = book.apply(&fall).len());
    format!(
        "{trailing:>8}% {:>9.0} {opened:>6} {kept:>6} {:>12.0} {:>9.4} {:>9.4} {:>7.2} {:>8.2} ms {failed:>9} in {:>6.0} ms",
        f64::from(accounts) / opening.as_secs_f64(),
        f64::from(marks) / taken.as_secs_f64(),
        float(wakes) / f64::from(marks),
        float(reminded) / f64::from(marks),
        float(wakes + reminded) / float(changed.max(1)),
        worst.as_secs_f64() * 1e3,
        spike.as_secs_f64() * 1e3,
    )
}

/// How long so many books, side by side, take for the same marks.
fn side_by_side(program: &Arc<Program>, accounts: u32, marks: u32, books: usize) -> Duration {
    let mut shards = Shards::new(books);
    shards.load(program);
    open(accounts, 30, &mut Numbers(7), |events| drop(shards.apply(events)));
    let (mut marked, mut spent) = (Walk::new(), Duration::ZERO);
    for begun in (0..marks).step_by(BATCH as usize) {
        let events = marked.batch(BATCH.min(marks - begun));
        let begun = clock();
        shards.apply(&events);
        spent += begun.elapsed();
    }
    spent
}

/// So many accounts are shown each mark by an engine.
const SHOWN: u32 = 20;

/// One line of the table of replays: what an account and a mark of what it holds take over a recorded market, beside
/// an engine that is told these marks one by one.
fn replayed(program: &Arc<Program>, accounts: u32, (marks, recording): (&[Event], &Recording), trailing: u32, size: i32) -> String {
    let mut numbers = Numbers(7);
    let all: Vec<Vec<Event>> = (0..accounts).map(|account| larger(one(account, trailing, &mut numbers), size)).collect();
    let (mut held, mut shown, mut looks, mut told) = (0, 0, 0, 0);
    let taken = spent(|| {
        for own in &all {
            let mut replay = Replay::new(recording);
            replay.load(Arc::clone(program));
            for event in own {
                told += replay.apply(event).map_or(0, <[_]>::len);
            }
            told += replay.finish(None).len();
            let counts = replay.counts();
            (held, shown, looks) = (held + counts.marks, shown + counts.shown, looks + counts.looks);
        }
    });
    let opened: Vec<Event> = symbols().collect();
    let (mut applied, mut of_each) = (Duration::ZERO, 0);
    for own in all.iter().take(SHOWN as usize) {
        let mut engine = Engine::new();
        engine.load(Arc::clone(program));
        for event in opened.iter().chain(own) {
            engine.apply(event);
        }
        let holds = |symbol: &str| own.iter().any(|event| matches!(&event.kind, Kind::Fill(fill) if fill.symbol == symbol));
        let these: Vec<&Event> = marks.iter().filter(|event| matches!(&event.kind, Kind::Tick(tick) if holds(&tick.symbol))).collect();
        of_each += these.len() as u64;
        applied += spent(|| {
            for event in these {
                engine.apply(event);
            }
        });
    }
    let (replay, apply) = (taken.as_secs_f64() * 1e9 / float(held), applied.as_secs_f64() * 1e9 / float(of_each));
    format!(
        "{size:>4} {trailing:>8}% {replay:>9.2} {apply:>9.1} {:>9.4} {:>10.5} {:>12.1} {:>9.1} us {told:>9}",
        replay / apply,
        float(shown) / float(held),
        float(looks) / f64::from(accounts),
        taken.as_secs_f64() * 1e6 / f64::from(accounts),
    )
}

/// What a snapshot of equity takes that an account tells itself: read from its line, and applied.
fn snapshots(program: &Arc<Program>, recording: &Recording, count: u32) -> String {
    let line = |number: u32| {
        format!(
            r#"{{"id":"s{number}","account":"A0000000","at":"2026-03-03T15:{:02}:{:02}.{:03}Z","kind":"snapshot","balance":"100000","equity":"100{:03}.5"}}"#,
            number / 60_000 % 60,
            number / 1_000 % 60,
            number % 1_000,
            number * 7_919 % 400
        )
    };
    let lines: Vec<String> = (0..count).map(line).collect();
    let mut events = Vec::with_capacity(lines.len());
    let read = spent(|| events.extend(lines.iter().map(|line| event(line))));
    let mut replay = Replay::new(recording);
    replay.load(Arc::clone(program));
    assert!(replay.apply(&opening(0, true)).is_ok(), "an account of its own");
    let mut told = 0;
    let applied = spent(|| told = events.iter().map(|event| replay.apply_after(0, event).map_or(0, <[_]>::len)).sum());
    let each = |taken: Duration| taken.as_secs_f64() * 1e9 / f64::from(count);
    format!(
        "a snapshot of equity that an account tells itself: read in {:.0} ns, applied in {:.0}, {told} outcomes",
        each(read),
        each(applied)
    )
}

/// The same events with so many times as much in each fill.
fn larger(mut events: Vec<Event>, size: i32) -> Vec<Event> {
    for event in &mut events {
        if let Kind::Fill(fill) = &mut event.kind {
            fill.quantity = fill.quantity.mul(size.into()).unwrap_or(fill.quantity);
        }
    }
    events
}

/// The table of replays: of accounts that are far from every limit, and of such as come near one.
#[expect(clippy::print_stdout, reason = "its table is what a benchmark is for")]
fn replays(program: &Arc<Program>, accounts: u32, marks: u32) {
    let walked = Walk::new().batch(marks);
    let mut recording = Recording::new();
    let mut record = |event: &Event| assert!(recording.push(event).is_ok(), "an event of the market");
    symbols().for_each(|event| record(&event));
    let recorded = spent(|| walked.iter().for_each(record));
    println!("{accounts} accounts, each over {marks} marks; recorded in {:.0} ns a mark", recorded.as_secs_f64() * 1e9 / f64::from(marks));
    println!("size  trailing    ns by replay, apply     ratio      shown looks/account  an account  outcomes");
    for size in [1, 20] {
        for trailing in [0, 30, 100].into_iter().filter(|share| setting("TRAILING", *share) == *share) {
            println!("{}", replayed(program, accounts, (&walked, &recording), trailing, size));
        }
    }
    println!("{}", snapshots(program, &recording, marks));
}

/// How long something takes, so many times, and how many bytes it made or took.
fn timed(what: &str, times: u32, mut act: impl FnMut(u32) -> usize) -> String {
    let mut bytes = 0;
    let taken = spent(|| bytes = (0..times).map(&mut act).sum());
    let taken = taken.as_secs_f64();
    let rate = float(bytes as u64) / 1e6 / taken;
    let rate = if bytes > 0 { format!("{rate:>8.1} MB/s") } else { String::new() };
    format!("{what:<48} {times:>8} in {taken:>7.2} s, each {:>7.3} ms {rate}", taken * 1e3 / f64::from(times.max(1)))
}

/// What is not of marks: programs, and accounts as bytes.
#[expect(clippy::print_stdout, reason = "its table is what a benchmark is for")]
fn other(program: &Arc<Program>, accounts: u32) {
    let mut book = Book::new();
    let compile = |source: &Source| ringfence::compile(source).unwrap_or_else(|_| unreachable!("a program without findings"));
    let variant = |number: u32| Source::new("variant.fence", source().text().replace("$100,000 |", &format!("${},000 |", 1_000 + number)));
    let variants: Vec<Source> = (0..1_000).map(variant).collect();
    println!(
        "{}",
        timed("twelve rules compiled and loaded", 1_000, |number| {
            book.load(compile(&variants[number as usize]));
            0
        })
    );
    let read = |name: &str| {
        #[expect(clippy::disallowed_methods, reason = "a benchmark reads the programs that it compiles")]
        std::fs::read_to_string(name).map_err(|error| error.to_string())
    };
    let name = "rules/apex/legacy.fence";
    let large = ringfence::syntax::load(Source::new(name, read(name).unwrap_or_default()), &mut |name| read(name));
    println!(
        "{}",
        timed(&format!("a program of {} lines compiled", large.text().lines().count()), 100, |_| usize::from(
            compile(&large).fingerprint.0 == 0
        ))
    );
    let mut book = Book::new();
    book.load(Arc::clone(program));
    open(accounts, 30, &mut Numbers(7), |events| take(&mut book, events));
    let names: Vec<String> = (0..accounts).map(|account| format!("A{account:07}")).collect();
    let mut snapshots = Vec::with_capacity(names.len());
    let taken = timed("accounts unpacked, and snapshots taken", accounts, |account| {
        let snapshot = book.account(&names[account as usize]).map(Account::snapshot);
        snapshots.push(snapshot.and_then(Result::ok).unwrap_or_default());
        snapshots.last().map_or(0, Vec::len)
    });
    let restored = timed("accounts restored", accounts, |account| {
        let restored = Account::restore(Arc::clone(program), book.market(), &snapshots[account as usize]);
        assert!(restored.is_ok(), "what was taken is restored");
        snapshots[account as usize].len()
    });
    println!("{taken}\n{restored}");
}

#[expect(clippy::print_stdout, reason = "its table is what a benchmark is for")]
fn main() {
    let program = twelve();
    let (accounts, marks) = (setting("BOOK", 10_000), setting("MARKS", 200_000));
    #[expect(clippy::disallowed_methods, reason = "a benchmark is told what to measure")]
    let what = std::env::var("WHAT").unwrap_or_default();
    let is_wanted = |table: &str| what.is_empty() || what == table;
    if is_wanted("marks") {
        println!("{accounts} accounts, {marks} marks of {SYMBOLS} symbols; bytes an account as opened, and after the marks");
        println!("trailing  opened/s  bytes  later marks/second wakes/mark  reminded  looks/   worst mark  accounts failed by one");
        println!("{:>64} {:>9}  changed", "", "/mark");
        // A share of its own has the memory to itself: what is freed is not given back at once.
        for trailing in [0, 30, 100].into_iter().filter(|share| setting("TRAILING", *share) == *share) {
            println!("{}", measured(&program, accounts, marks, trailing));
        }
    }
    if is_wanted("shards") {
        let (one, two) = (side_by_side(&program, accounts, marks, 1), side_by_side(&program, accounts, marks, 2));
        println!("two books side by side take {:.2} of the time of one, at 30%", two.as_secs_f64() / one.as_secs_f64());
    }
    if is_wanted("replay") {
        replays(&program, accounts, marks);
    }
    if is_wanted("other") {
        other(&program, accounts);
    }
}
