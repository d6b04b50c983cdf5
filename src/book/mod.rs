//! Many accounts on one market: a tick wakes only those for which something can change.
//!
//! A book gives the same outcomes, in the same order, as an [`Engine`](crate::engine::Engine) with the same
//! programs, accounts and events. It keeps, for each account, the bands in which the prices of what it
//! holds may move without any consequence (see [`Account::bands`]), and looks at an account again when a
//! price leaves its band, when something is due, and at the account's own events. A rule that needs each
//! mark, such as a tracker of averages `at mark`, makes its accounts wake with each mark of what they hold.

mod edges;
mod entry;
mod shards;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

pub use shards::Shards;

use edges::Edges;
use entry::{Entries, Entry, Seen};

use crate::account::{self, Account, History, Programs, Quotes, Stream, ToldMark, marks_kept_for};
use crate::calendar::Holidays;
use crate::code::Program;
use crate::event::{Event, Kind, Provenance, Tick, TickQuality};
use crate::ledger::Quote;
use crate::market::{ListingId, Market};
use crate::outcome::Outcome;
use crate::value::{Fixed, Instant};

/// Accounts by number, the market, and what wakes them.
#[derive(Debug)]
pub struct Book {
    market: Market,
    programs: Programs,
    names: BTreeMap<Arc<str>, u32>,
    entries: Entries,
    listings: Vec<Feed>,
    due: BinaryHeap<Reverse<(i64, u32)>>,
    outcomes: Vec<Outcome>,
    woken: Vec<u32>,
    counts: Counts,
    /// The stretch of time that runs, as histories know it.
    stretch: u64,
    sizes: Sizes,
}

/// What a book has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Marks that it was told.
    pub marks: u64,
    /// Accounts that marks woke.
    pub wakes: u64,
    /// Accounts that were looked at only since marks they had slept through would not be kept any longer.
    pub reminded: u64,
    /// Accounts that were not, since none of these marks had led past an extreme that they keep.
    pub spared: u64,
    /// Of those that marks woke and of those that were reminded, how many had an outcome, or an extreme of
    /// equity that was passed.
    pub changed: u64,
    /// Accounts that were looked at, for whatever cause.
    pub looks: u64,
}

/// The marks of a symbol, and what they wake.
#[derive(Debug, Default)]
struct Feed {
    marks: u64,
    /// The number of the last among the marks of all symbols.
    sequence: u64,
    at: i64,
    provenance: Provenance,
    /// The latest marks, kept as long as any account needs them, and how many are kept.
    history: History,
    kept: u64,
    /// The accounts that need each mark that they sleep through, and which of them is looked up next.
    keepers: Vec<u32>,
    next_keeper: usize,
    /// The number of the mark that told each price last: bid, ask, last.
    told: [u64; 3],
    quote: Quote,
    /// The latest bid and ask that were told together, and by which mark.
    pair: (u64, Quote),
    edges: [Edges; Stream::ALL.len()],
    /// Accounts that each mark wakes, with the look for which that holds.
    always: Vec<(u32, u32)>,
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

/// How much a book keeps in memory to be fast. It decides the same whatever they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// So many accounts are kept whole: those that were looked at last. The others are packed, in a tenth of
    /// the memory, and unpacked when something wakes them.
    pub whole: usize,
    /// So many marks of a symbol are kept at least while an account needs them, 64 or more. More are kept the
    /// more accounts do.
    pub marks: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { whole: 1_024, marks: 32_768 }
    }
}

impl Book {
    /// A book without programs and accounts.
    pub fn new() -> Self {
        Self::with_sizes(Sizes::default())
    }

    /// A book without programs and accounts, of other sizes.
    pub fn with_sizes(sizes: Sizes) -> Self {
        let sizes = Sizes { marks: sizes.marks.max(64), ..sizes };
        Self {
            market: Market::default(),
            programs: Programs::default(),
            names: BTreeMap::new(),
            entries: Entries::new(sizes.whole),
            listings: Vec::new(),
            due: BinaryHeap::new(),
            outcomes: Vec::new(),
            woken: Vec::new(),
            counts: Counts::default(),
            stretch: 0,
            sizes,
        }
    }

    /// Makes a program known under its title and version, in the place of one of the same.
    pub fn load(&mut self, program: Arc<Program>) {
        self.programs.load(program);
    }

    /// Makes an exchange calendar known under the name by which programs call it.
    pub fn load_calendar(&mut self, name: impl Into<String>, holidays: Holidays) {
        self.market.load_calendar(name, holidays);
        for number in self.by_name() {
            self.catch_up(number);
            self.with(number, |account, market, _| account.calendar_changed(market));
            self.look_out(number);
        }
    }

    /// Applies one event: all that is due up to its instant first, in order of time and then of the
    /// accounts' names; then the event itself. Outcomes in which nothing happened are left out.
    pub fn apply(&mut self, event: &Event) -> &[Outcome] {
        self.outcomes.clear();
        match (&event.account, &event.kind) {
            (Some(name), _) => self.apply_to_account(name, event),
            (None, _) if event.is_correction() => self.outcomes.push(account::needs_history(event)),
            (None, Kind::Tick(tick)) => {
                self.advance_all(event.at);
                self.tick(tick, event);
            }
            (None, _) => {
                self.advance_all(event.at);
                self.apply_to_all(event);
            }
        }
        &self.outcomes
    }

    /// Lets time pass up to an instant, that instant included, for all accounts.
    pub fn advance(&mut self, to: Instant) -> &[Outcome] {
        self.outcomes.clear();
        self.advance_all(to);
        &self.outcomes
    }

    /// The account of that name, brought up to date with the market.
    pub fn account(&mut self, name: &str) -> Option<&Account> {
        let number = *self.names.get(name)?;
        self.catch_up(number);
        self.look_out(number);
        self.entries.get(number).and_then(Entry::account)
    }

    /// The market as it stands.
    pub const fn market(&self) -> &Market {
        &self.market
    }

    /// How many marks were told, and how many accounts they woke.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Does something with an account that is caught up.
    fn with(&mut self, number: u32, act: impl FnOnce(&mut Account, &Market, &mut Vec<Outcome>)) {
        self.entries.unpack(&self.market, number);
        if let Some(account) = self.entries.get_mut(number).and_then(Entry::account_mut) {
            act(account, &self.market, &mut self.outcomes);
        }
    }

    fn by_name(&self) -> Vec<u32> {
        self.names.values().copied().collect()
    }

    fn apply_to_account(&mut self, name: &str, event: &Event) {
        if let Some(number) = self.names.get(name).copied() {
            self.catch_up(number);
            self.entries.unpack(&self.market, number);
            if let Some(account) = self.entries.get_mut(number).and_then(Entry::account_mut) {
                self.programs.apply(account, &self.market, event, &mut self.outcomes);
            }
            self.look_out(number);
            return;
        }
        if let Some(account) = self.programs.begin(&self.market, name, event, &mut self.outcomes) {
            let name = account.shared_name();
            let number = self.entries.add(account);
            self.names.insert(name, number);
            self.look_out(number);
        }
    }

    /// What concerns all accounts is told to each of them; what only lets time pass, to none.
    fn apply_to_all(&mut self, event: &Event) {
        if !matches!(event.kind, Kind::Instrument(_) | Kind::News(_) | Kind::Calendar(_) | Kind::Gap(_) | Kind::Host(_)) {
            return;
        }
        let all = self.by_name();
        for number in &all {
            self.catch_up(*number);
        }
        let change = self.market.apply(event);
        for number in all {
            self.with(number, |account, market, outcomes| account.apply_market(market, event, change, outcomes));
            self.look_out(number);
        }
    }

    /// A tick: the accounts whose bands it leaves are brought up to date as of the mark before, and are
    /// told it.
    fn tick(&mut self, tick: &Tick, event: &Event) {
        if tick.quality != TickQuality::Ok {
            self.market.apply(event);
            return;
        }
        self.counts.marks += 1;
        let listing = self.listing_of(&tick.symbol);
        let mut woken = std::mem::take(&mut self.woken);
        woken.clear();
        self.wake(listing, tick, &mut woken);
        let passed: Vec<bool> = woken.iter().map(|number| self.catch_up(*number)).collect();
        let change = self.market.apply(event);
        self.feed(listing, tick, event);
        for (number, passed) in woken.iter().zip(passed) {
            let told = self.outcomes.len();
            self.with(*number, |account, market, outcomes| account.apply_market(market, event, change, outcomes));
            self.counts.changed += u64::from(passed || self.outcomes.len() > told);
            self.look_out(*number);
        }
        self.counts.wakes += woken.len() as u64;
        self.remind(listing, &mut woken);
        self.woken = woken;
    }

    /// The market's number of a symbol; one that was never mentioned is the next.
    fn listing_of(&mut self, symbol: &str) -> ListingId {
        let next = ListingId(u32::try_from(self.market.listings().len()).unwrap_or(u32::MAX));
        let listing = self.market.symbol(symbol).unwrap_or(next);
        self.reach(listing);
        listing
    }

    fn reach(&mut self, listing: ListingId) -> &mut Feed {
        feed_of(&mut self.listings, listing)
    }

    /// The accounts whose bands the prices of a tick leave, each once, by name.
    fn wake(&mut self, listing: ListingId, tick: &Tick, woken: &mut Vec<u32>) {
        let Some(feed) = self.listings.get_mut(listing.0 as usize) else { return };
        let merged = feed.quote.updated(quote_of(tick));
        let entries = &self.entries;
        let is_current = |(number, look): (u32, u32)| entries.get(number).is_some_and(|entry| entry.look == look);
        for (stream, edges) in Stream::ALL.into_iter().zip(&mut feed.edges) {
            if let Some(price) = stream.of(&merged) {
                edges.leave(price, &is_current, woken);
            }
        }
        feed.always.retain(|waiting| is_current(*waiting));
        woken.extend(feed.always.iter().map(|(number, _)| *number));
        entries.sort_by_name(woken);
        woken.dedup();
    }

    /// Looks at accounts before marks that they have slept through are forgotten: a few with each mark, so
    /// that each has its turn in time.
    fn remind(&mut self, listing: ListingId, late: &mut Vec<u32>) {
        let Some(feed) = self.listings.get_mut(listing.0 as usize) else { return };
        late.clear();
        // Each has its turn within an eighth of the marks that are kept, and is late before the last quarter.
        let turn = usize::try_from(feed.kept / 8).unwrap_or(usize::MAX).max(1);
        for _ in 0..feed.keepers.len().div_ceil(turn) {
            feed.next_keeper = if feed.next_keeper < feed.keepers.len() { feed.next_keeper } else { 0 };
            let Some(number) = feed.keepers.get(feed.next_keeper).copied() else { break };
            let Some(entry) = self.entries.get_mut(number) else { break };
            if !entry.keeps_extremes {
                entry.leave(listing);
                feed.keepers.swap_remove(feed.next_keeper);
                continue;
            }
            feed.next_keeper += 1;
            let is_late = entry.behind(listing).is_some_and(|behind| feed.marks - behind >= feed.kept / 4 * 3);
            late.extend(is_late.then_some(number));
        }
        let (entries, feeds) = (&mut self.entries, &self.listings);
        let were_late = late.len();
        late.retain(|number| entries.get_mut(*number).is_some_and(|entry| !entry.passes_by(feeds)));
        self.counts.spared += (were_late - late.len()) as u64;
        for number in late {
            self.counts.reminded += 1;
            self.counts.changed += u64::from(self.catch_up(*number));
            self.look_out(*number);
        }
    }

    /// Notes what a mark told.
    fn feed(&mut self, listing: ListingId, tick: &Tick, event: &Event) {
        let Some(feed) = self.listings.get_mut(listing.0 as usize) else { return };
        feed.marks += 1;
        (feed.sequence, feed.at, feed.provenance) = (self.counts.marks, event.at.nanos(), event.provenance);
        let told = quote_of(tick);
        if told.bid.is_some() && told.ask.is_some() {
            feed.pair = (feed.marks, Quote { last: None, ..told });
        }
        let known = &mut feed.quote;
        for ((number, price), kept) in
            feed.told.iter_mut().zip([told.bid, told.ask, told.last]).zip([&mut known.bid, &mut known.ask, &mut known.last])
        {
            if price.is_some() {
                (*number, *kept) = (feed.marks, price);
            }
        }
        if feed.keepers.is_empty() {
            (feed.history, feed.kept) = (History::default(), 0);
            return;
        }
        feed.kept = feed.kept.max(marks_kept_for(feed.keepers.len(), self.sizes.marks));
        let tells = [told.bid, told.ask, told.last].map(|price| price.is_some());
        let mark = ToldMark { sequence: feed.sequence, at: event.at, provenance: event.provenance, known: feed.quote, tells };
        self.stretch += u64::from(feed.history.keep(self.stretch, feed.marks - 1, &mark, feed.kept));
    }

    /// Shows an account the marks that it slept through; whether an extreme that is kept was passed.
    fn catch_up(&mut self, number: u32) -> bool {
        self.entries.unpack(&self.market, number);
        let Some(entry) = self.entries.get_mut(number) else { return false };
        let skipped = entry.slept_through(&self.listings);
        match entry.account_mut() {
            Some(account) if !skipped.is_empty() => account.catch_up(&self.market, &skipped, &mut self.outcomes),
            _ => false,
        }
    }

    /// An account has been looked at: what will wake it next.
    fn look_out(&mut self, number: u32) {
        self.entries.unpack(&self.market, number);
        let Some(entry) = self.entries.get_mut(number) else { return };
        let (account, seen) = entry.parts();
        let Some(account) = account else { return };
        self.counts.looks += 1;
        let bands = account.bands(&self.market);
        let due = account.next_due().map_or(i64::MAX, Instant::nanos);
        for (at, listing) in account.met().enumerate() {
            let marks = self.listings.get(listing.0 as usize).map_or(0, |feed| feed.marks);
            // Symbols are met one after the other, and never forgotten.
            match seen.get_mut(at) {
                Some(seen) => seen.marks = marks,
                None => {
                    seen.reserve_exact(1);
                    seen.push(Seen { listing, marks, kept: false });
                }
            }
        }
        entry.look = entry.look.wrapping_add(1);
        entry.keeps_extremes = bands.keeps_extremes;
        entry.calm_within(bands.calm);
        if bands.keeps_extremes {
            for seen in entry.seen.iter_mut().filter(|seen| !seen.kept && bands.moved_by.contains(&seen.listing)) {
                seen.kept = true;
                feed_of(&mut self.listings, seen.listing).keepers.push(number);
            }
        }
        if due != entry.queued && due != i64::MAX {
            self.due.push(Reverse((due, number)));
        }
        entry.queued = due;
        let look = entry.look;
        let moved_by = if bands.bands.is_empty() { bands.moved_by } else { Vec::new() };
        for listing in moved_by {
            self.reach(listing).always.push((number, look));
        }
        for band in bands.bands {
            self.reach(band.listing).edges[band.stream as usize].put(band.low, band.high, (number, look));
        }
    }

    /// Everything due up to an instant, in order of time, then of names.
    fn advance_all(&mut self, to: Instant) {
        let begun = self.outcomes.len();
        let mut late = Vec::new();
        while let Some(Reverse((due, number))) = self.due.peek().copied() {
            if due > to.nanos() {
                break;
            }
            self.due.pop();
            if self.entries.get(number).is_some_and(|entry| entry.queued == due) {
                late.push(number);
                if let Some(entry) = self.entries.get_mut(number) {
                    entry.queued = i64::MAX;
                }
            }
        }
        let entries = &self.entries;
        entries.sort_by_name(&mut late);
        for number in late {
            self.catch_up(number);
            self.with(number, |account, market, outcomes| account.advance(market, to, outcomes));
            self.look_out(number);
        }
        if let Some(due) = self.outcomes.get_mut(begun..) {
            due.sort_by_key(|outcome| outcome.at);
        }
    }
}

impl Feed {
    /// What the marks after one come to: a middle is only of prices that were told together.
    fn since(&self, seen: u64) -> Quotes {
        let (paired, pair) = self.pair;
        let alone = Quote::default();
        let later = |at: usize| self.told[at] > seen.max(paired);
        [
            (paired > seen).then_some(pair),
            later(0).then_some(Quote { bid: self.quote.bid, ..alone }),
            later(1).then_some(Quote { ask: self.quote.ask, ..alone }),
            (self.told[2] > seen).then_some(Quote { last: self.quote.last, ..alone }),
        ]
    }
}

/// The marks of a symbol; of one that had none yet, an empty list.
fn feed_of(feeds: &mut Vec<Feed>, listing: ListingId) -> &mut Feed {
    let at = listing.0 as usize;
    if feeds.len() <= at {
        feeds.resize_with(at + 1, Feed::default);
    }
    &mut feeds[at]
}

fn quote_of(tick: &Tick) -> Quote {
    Quote { bid: tick.bid.map(Fixed::from), ask: tick.ask.map(Fixed::from), last: tick.last.map(Fixed::from) }
}
