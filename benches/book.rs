//! Many accounts on one market: how many marks a second a book takes, and how many accounts they wake.
//!
//! `cargo bench --bench book` prints one table. `BOOK=100000 cargo bench --bench book` takes that many
//! accounts; `MARKS` says how many marks. Each account holds one to three of 28 symbols; a share of the
//! accounts trails its drawdown with each mark. Compare figures of one run only.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use common::{SYMBOLS, fill, opening, symbols, tick, twelve};
use ringfence::book::Book;
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

fn opened(program: &Arc<Program>, accounts: u32, trailing_percent: u32, numbers: &mut Numbers) -> Book {
    let mut book = Book::new();
    book.load(Arc::clone(program));
    for event in symbols() {
        book.apply(&event);
    }
    for account in 0..accounts {
        let trailing = numbers.below(100) < trailing_percent;
        book.apply(&opening(account, trailing));
        for held in 0..=numbers.below(3) {
            let (symbol, side) = (numbers.below(SYMBOLS), if numbers.below(2) == 0 { "" } else { "-" });
            book.apply(&fill(account, held, symbol, side, numbers.below(9) + 1));
        }
    }
    book
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
    let before = resident();
    let begun = clock();
    let mut book = opened(program, accounts, trailing, &mut numbers);
    let opening = begun.elapsed();
    let bytes = resident().saturating_sub(before) * 1024 / u64::from(accounts.max(1));
    let ticks = ticks(marks, &mut numbers);
    let woken = book.counts();
    let (mut worst, mut actions) = (Duration::ZERO, 0);
    let begun = clock();
    for event in &ticks {
        let one = clock();
        actions += book.apply(event).iter().map(|outcome| outcome.actions.len()).sum::<usize>();
        worst = worst.max(one.elapsed());
    }
    let spent = begun.elapsed();
    let wakes = u32::try_from(book.counts().wakes - woken.wakes).unwrap_or(u32::MAX);
    format!(
        "{trailing:>8}% {:>10.2} s {:>14.0} {:>14.3} {:>11.0} µs {bytes:>16} {actions:>10}",
        opening.as_secs_f64(),
        f64::from(marks) / spent.as_secs_f64(),
        f64::from(wakes) / f64::from(marks),
        worst.as_secs_f64() * 1e6,
    )
}

#[expect(clippy::print_stdout, reason = "its table is what a benchmark is for")]
fn main() {
    let program = twelve();
    let (accounts, marks) = (setting("BOOK", 10_000), setting("MARKS", 200_000));
    println!("{accounts} accounts, {marks} marks of {SYMBOLS} symbols");
    println!(
        "{:>9} {:>12} {:>14} {:>14} {:>14} {:>16} {:>10}",
        "trailing", "opened in", "marks/second", "wakes/mark", "worst mark", "bytes/account", "actions"
    );
    for trailing in [0, 30, 100] {
        println!("{}", measured(&program, accounts, marks, trailing));
    }
}
