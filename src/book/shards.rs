//! Several books over the cores of a machine.

use std::cmp::Ordering;
use std::sync::Arc;
use std::thread;

use super::Book;
use crate::account::Account;
use crate::bytes::checksum;
use crate::calendar::Holidays;
use crate::code::Program;
use crate::event::Event;
use crate::outcome::{Cause, Outcome};

/// Accounts spread over books, each with the whole market, that take in events side by side.
///
/// An account is in the book that its name says, so that it is the same one on every run. The outcomes are
/// those of a single [`Book`], in the same order.
///
/// ```
/// use ringfence::book::Shards;
/// let mut shards = Shards::new(2);
/// assert!(shards.apply(&[]).is_empty());
/// ```
#[derive(Debug)]
pub struct Shards {
    books: Vec<Book>,
}

/// The outcomes of an event, by the number of the event.
type Told = Vec<(usize, Outcome)>;

impl Shards {
    /// So many books, at least one: as many as there are cores to spare.
    pub fn new(count: usize) -> Self {
        Self { books: (0..count.max(1)).map(|_| Book::new()).collect() }
    }

    /// Makes a program known, as [`Book::load`] does.
    pub fn load(&mut self, program: &Arc<Program>) {
        self.books.iter_mut().for_each(|book| book.load(Arc::clone(program)));
    }

    /// Makes an exchange calendar known, as [`Book::load_calendar`] does.
    pub fn load_calendar(&mut self, name: &str, holidays: &Holidays) {
        self.books.iter_mut().for_each(|book| book.load_calendar(name, holidays.clone()));
    }

    /// Applies events in their order, each book its own and those of the market, at the same time.
    ///
    /// A panic of one of the threads goes on in the caller.
    pub fn apply(&mut self, events: &[Event]) -> Vec<Outcome> {
        let count = self.books.len();
        let mut told: Told = thread::scope(|scope| {
            let one = |(number, book)| scope.spawn(move || take(book, number, count, events));
            let running: Vec<_> = self.books.iter_mut().enumerate().map(one).collect();
            let done = running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            done.flatten().collect()
        });
        told.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| order(one, other)));
        told.into_iter().map(|(_, outcome)| outcome).collect()
    }

    /// The account of that name, brought up to date with the market.
    pub fn account(&mut self, name: &str) -> Option<&Account> {
        let number = book_of(name, self.books.len());
        self.books.get_mut(number)?.account(name)
    }
}

/// What one book makes of the events that concern it.
fn take(book: &mut Book, number: usize, count: usize, events: &[Event]) -> Told {
    let mut told = Told::new();
    for (at, event) in events.iter().enumerate() {
        if event.account.as_ref().is_none_or(|name| book_of(name, count) == number) {
            told.extend(book.apply(event).iter().map(|outcome| (at, outcome.clone())));
        }
    }
    told
}

/// The book of an account.
fn book_of(name: &str, count: usize) -> usize {
    let books = u64::try_from(count).unwrap_or(u64::MAX);
    usize::try_from(checksum(name.as_bytes()) % books).unwrap_or(0)
}

/// The order of the outcomes of one event: what was due before it by instant, then what it led to itself; each by
/// account. Those of one account stay as they are.
fn order(one: &Outcome, other: &Outcome) -> Ordering {
    let of = |outcome: &Outcome| (matches!(outcome.cause, Cause::Event(_)), outcome.at);
    of(one).cmp(&of(other)).then_with(|| one.account.cmp(&other.account))
}
