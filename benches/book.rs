//! Many accounts on one market: how many marks a second a book takes, and how many accounts they wake.
//!
//! `cargo bench --bench book` prints one table. `BOOK=100000 cargo bench --bench book` takes that many
//! accounts, `MARKS` says how many marks, `TRAILING` which one of the shares. Each account holds one to three of 28 symbols; a share of the
//! accounts trails its drawdown with each mark. Compare figures of one run only.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use common::{SYMBOLS, fill, opening, symbols, tick, twelve};
use ringfence::book::{Book, Shards};
use ringfence::code::Program;
use ringfence::event::Event;

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

/// Tells the symbols, and accounts with what they hold.
fn open(accounts: u32, trailing_percent: u32, numbers: &mut Numbers, apply: &mut impl FnMut(Event)) {
    symbols().for_each(&mut *apply);
    for account in 0..accounts {
        apply(opening(account, numbers.below(100) < trailing_percent));
        for held in 0..=numbers.below(3) {
            let (symbol, side) = (numbers.below(SYMBOLS), if numbers.below(2) == 0 { "" } else { "-" });
            apply(fill(account, held, symbol, side, numbers.below(9) + 1));
        }
    }
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
fn ticks(marks: u32, numbers: &mut Numbers) -> Vec<Event> {
    let mut mids = vec![120_000_u32; SYMBOLS as usize];
    let one = |number: u32| {
        let symbol = numbers.below(SYMBOLS);
        let mid = &mut mids[symbol as usize];
        *mid = *mid + numbers.below(7) - 3;
        tick(symbol, number, *mid)
    };
    (0..marks).map(one).collect()
}

/// One line of the table.
fn measured(program: &Arc<Program>, accounts: u32, marks: u32, trailing: u32) -> String {
    let mut numbers = Numbers(7);
    let (before, begun) = (resident(), clock());
    let mut book = Book::new();
    book.load(Arc::clone(program));
    open(accounts, trailing, &mut numbers, &mut |event| {
        book.apply(&event);
    });
    let opening = begun.elapsed();
    let bytes = resident().saturating_sub(before) * 1024 / u64::from(accounts.max(1));
    let ticks = ticks(marks, &mut numbers);
    let (woken, mut worst, begun) = (book.counts(), Duration::ZERO, clock());
    for event in &ticks {
        let one = clock();
        book.apply(event);
        worst = worst.max(one.elapsed());
    }
    let spent = begun.elapsed();
    let counts = book.counts();
    let each = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / f64::from(marks);
    // The first symbol falls by a tenth at once.
    let begun = clock();
    let failed = book.apply(&tick(0, marks, 108_000)).len();
    format!(
        "{trailing:>8}% {:>9.2} s {bytes:>13} {:>12.0} {:>11.3} {:>13.3} {:>9.2} ms {failed:>9} in {:>6.1} ms",
        opening.as_secs_f64(),
        f64::from(marks) / spent.as_secs_f64(),
        each(counts.wakes - woken.wakes),
        each(counts.reminded - woken.reminded),
        worst.as_secs_f64() * 1e3,
        begun.elapsed().as_secs_f64() * 1e3,
    )
}

/// How long so many books, side by side, take for the same marks.
fn side_by_side(program: &Arc<Program>, accounts: u32, marks: u32, books: usize) -> Duration {
    let mut numbers = Numbers(7);
    let mut shards = Shards::new(books);
    shards.load(program);
    let mut events = Vec::new();
    open(accounts, 30, &mut numbers, &mut |event| events.push(event));
    shards.apply(&events);
    let ticks = ticks(marks, &mut numbers);
    let begun = clock();
    for batch in ticks.chunks(10_000) {
        shards.apply(batch);
    }
    begun.elapsed()
}

#[expect(clippy::print_stdout, reason = "its table is what a benchmark is for")]
fn main() {
    let program = twelve();
    let (accounts, marks) = (setting("BOOK", 10_000), setting("MARKS", 200_000));
    println!("{accounts} accounts, {marks} marks of {SYMBOLS} symbols");
    println!(
        "{:>9} {:>11} {:>13} {:>12} {:>11} {:>13} {:>12} {:>22}",
        "trailing", "opened in", "bytes/account", "marks/second", "wakes/mark", "reminded/mark", "worst mark", "accounts failed by one"
    );
    // A share of its own has the memory to itself: what is freed is not given back at once.
    let shares = [0, 30, 100].into_iter().filter(|share| setting("TRAILING", *share) == *share);
    for trailing in shares {
        println!("{}", measured(&program, accounts, marks, trailing));
    }
    let (one, two) = (side_by_side(&program, accounts, marks, 1), side_by_side(&program, accounts, marks, 2));
    println!("two books side by side take {:.2} of the time of one, at 30%", two.as_secs_f64() / one.as_secs_f64());
}
