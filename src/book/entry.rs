//! The accounts of a book: those that were looked at last as they are, the others packed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::Feed;
use crate::account::{Account, Band, Earlier, Packed, Packer, Skipped};
use crate::code::Program;
use crate::market::{ListingId, Market};
use crate::value::Instant;

/// An account, and how far it has seen.
#[derive(Debug)]
pub(super) struct Entry {
    pub name: Arc<str>,
    /// Which of the programs it is under.
    kind: u32,
    form: Form,
    /// Whether it was looked at since it was last considered for packing.
    used: bool,
    /// The symbols that it has met.
    pub seen: Vec<Seen>,
    /// Where prices may move and pass no extreme, while some are kept.
    calm: Option<Box<Calm>>,
    /// Whether the highest or lowest equity among the marks that it sleeps through is kept.
    pub keeps_extremes: bool,
    /// Rises with each look, so that older edges are known to be stale.
    pub look: u32,
    /// The instant under which it waits in the queue.
    pub queued: i64,
}

#[derive(Debug)]
enum Form {
    Whole(Box<Account>),
    Packed(Packed),
}

/// A symbol that an account has met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub listing: ListingId,
    /// How many of its marks were known when the account was looked at last.
    pub marks: u64,
    /// Whether the account is among those for which each mark is kept.
    pub kept: bool,
}

/// What an account that keeps extremes sleeps by.
#[derive(Clone, Debug)]
pub(super) struct Calm {
    /// Within these no extreme is passed.
    bands: Box<[Band]>,
    /// Marks in which none was, of each symbol that it has met; nothing before that was asked.
    passed_by: Vec<Earlier>,
}

/// All accounts, by number.
#[derive(Debug)]
pub(super) struct Entries {
    all: Vec<Entry>,
    /// The programs, each with what packs its accounts once one of them was packed.
    kinds: Vec<(Arc<Program>, Option<Packer>)>,
    /// The number of a program, by its fingerprint.
    known: BTreeMap<u128, u32>,
    /// Those that are whole, in the order in which they are considered for packing.
    whole: VecDeque<u32>,
    most_whole: usize,
}

impl Entries {
    /// No accounts; so many are kept whole at most.
    pub(super) const fn new(most_whole: usize) -> Self {
        Self { all: Vec::new(), kinds: Vec::new(), known: BTreeMap::new(), whole: VecDeque::new(), most_whole }
    }

    /// Takes an account in; its number.
    pub(super) fn add(&mut self, account: Account) -> u32 {
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let (name, kind) = (account.shared_name(), self.kind_of(account.program()));
        let form = Form::Whole(Box::new(account));
        let seen = Vec::new();
        self.all.push(Entry { name, kind, form, used: true, seen, calm: None, keeps_extremes: false, look: 0, queued: i64::MAX });
        self.note_whole(number);
        number
    }

    /// The number of a program.
    fn kind_of(&mut self, program: &Arc<Program>) -> u32 {
        let next = u32::try_from(self.kinds.len()).unwrap_or(u32::MAX);
        let kind = *self.known.entry(program.fingerprint.0).or_insert(next);
        if kind == next {
            self.kinds.push((Arc::clone(program), None));
        }
        kind
    }

    /// The number of the program that a whole account is under; none while it is on its way to another.
    fn settle_kind(&mut self, number: u32) -> Option<u32> {
        let account = self.all.get(number as usize)?.account().filter(|account| !account.is_under_way())?;
        let program = account.program().clone();
        let kind = self.kind_of(&program);
        self.all.get_mut(number as usize)?.kind = kind;
        Some(kind)
    }

    /// The entry of a number, as it is.
    pub(super) fn get(&self, number: u32) -> Option<&Entry> {
        self.all.get(number as usize)
    }

    /// The same, to change.
    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Entry> {
        self.all.get_mut(number as usize)
    }

    /// Puts numbers in the order of the accounts' names.
    pub(super) fn sort_by_name(&self, numbers: &mut [u32]) {
        let name = |number: u32| self.get(number).map(|entry| &entry.name);
        numbers.sort_unstable_by(|a, b| name(*a).cmp(&name(*b)));
    }

    /// Makes an account whole.
    pub(super) fn unpack(&mut self, market: &Market, number: u32) {
        let Some(entry) = self.all.get_mut(number as usize) else { return };
        entry.used = true;
        let (Form::Packed(packed), Some((_, Some(packer)))) = (&entry.form, self.kinds.get(entry.kind as usize)) else { return };
        // What was packed here is of this program, and was never out of memory.
        if let Ok(account) = packer.unpack(market, packed) {
            entry.form = Form::Whole(Box::new(account));
            self.note_whole(number);
        }
    }

    /// Another is whole: packs those that were not looked at for the longest time, while there are too many.
    fn note_whole(&mut self, number: u32) {
        self.whole.push_back(number);
        // Each that was looked at since it was considered last is spared once.
        for _ in 0..2 * self.whole.len() {
            if self.whole.len() <= self.most_whole {
                return;
            }
            let Some(oldest) = self.whole.pop_front() else { return };
            let Some(entry) = self.all.get_mut(oldest as usize) else { return };
            let is_spared = std::mem::take(&mut entry.used) || oldest == number;
            let packed = if is_spared { None } else { self.pack(oldest) };
            if packed.is_none() {
                self.whole.push_back(oldest);
            }
        }
    }

    /// Packs an account; none if it is not whole.
    fn pack(&mut self, number: u32) -> Option<()> {
        let kind = self.settle_kind(number)?;
        let (program, packer) = self.kinds.get_mut(kind as usize)?;
        if packer.is_none() {
            let entries = std::iter::once(&number).chain(&self.whole).filter_map(|number| self.all.get(*number as usize));
            let like = entries.filter(|entry| entry.kind == kind).filter_map(Entry::account);
            *packer = Packer::new(Arc::clone(program), like).ok();
        }
        let entry = self.all.get_mut(number as usize)?;
        entry.form = Form::Packed(packer.as_ref()?.pack(entry.account()?).ok()?);
        Some(())
    }
}

impl Entry {
    /// The account, which must have been made whole.
    pub(super) fn account(&self) -> Option<&Account> {
        match &self.form {
            Form::Whole(account) => Some(account),
            Form::Packed(_) => None,
        }
    }

    /// The account, and what it has seen.
    pub(super) fn parts(&mut self) -> (Option<&mut Account>, &mut Vec<Seen>) {
        let account = match &mut self.form {
            Form::Whole(account) => Some(&mut **account),
            Form::Packed(_) => None,
        };
        (account, &mut self.seen)
    }

    /// Takes the bands within which no extreme is passed.
    pub(super) fn calm_within(&mut self, bands: Vec<Band>) {
        self.calm = (!bands.is_empty()).then(|| Box::new(Calm { bands: bands.into(), passed_by: Vec::new() }));
    }

    /// It is not among those for which each mark of a symbol is kept any more.
    pub(super) fn leave(&mut self, listing: ListingId) {
        self.seen.iter_mut().filter(|seen| seen.listing == listing).for_each(|seen| seen.kept = false);
    }

    /// How many marks of a symbol it does not need any more: it has seen them, or none of them passed an extreme.
    pub(super) fn behind(&self, listing: ListingId) -> Option<u64> {
        let at = self.seen.iter().position(|seen| seen.listing == listing)?;
        Some(self.seen[at].marks + self.earlier(at).count)
    }

    fn earlier(&self, at: usize) -> Earlier {
        self.calm.as_ref().and_then(|calm| calm.passed_by.get(at)).copied().unwrap_or_default()
    }

    /// Notes that none of the marks that it has slept through so far passed an extreme; false where one may have.
    pub(super) fn passes_by(&mut self, feeds: &[Feed]) -> bool {
        let Some(calm) = &self.calm else { return false };
        let is_within = |band: &Band| {
            let (from, feed) = (self.behind(band.listing), feeds.get(band.listing.0 as usize));
            from.zip(feed).is_some_and(|(from, feed)| feed.history.between(from, feed.marks).lie_between(band.stream, band.low, band.high))
        };
        if !calm.bands.iter().all(is_within) {
            return false;
        }
        let come_to = |seen: &Seen| match feeds.get(seen.listing.0 as usize) {
            Some(feed) if seen.kept => Earlier { count: feed.marks - seen.marks, quotes: feed.since(seen.marks) },
            _ => Earlier::default(),
        };
        let passed_by = self.seen.iter().map(come_to).collect();
        if let Some(calm) = &mut self.calm {
            calm.passed_by = passed_by;
        }
        true
    }

    /// The marks that it has slept through, all of them seen then.
    pub(super) fn slept_through<'a>(&mut self, feeds: &'a [Feed]) -> Vec<Skipped<'a>> {
        let mut skipped = Vec::new();
        for at in 0..self.seen.len() {
            let seen = self.seen[at];
            let Some(feed) = feeds.get(seen.listing.0 as usize).filter(|feed| feed.marks > seen.marks) else { continue };
            let earlier = self.earlier(at);
            skipped.push(Skipped {
                listing: seen.listing,
                count: feed.marks - seen.marks,
                quotes: feed.since(seen.marks),
                sequence: feed.sequence,
                at: Instant::from_nanos(feed.at),
                provenance: feed.provenance,
                earlier,
                marks: (self.keeps_extremes && seen.kept).then(|| feed.history.between(seen.marks + earlier.count, feed.marks)),
            });
            self.seen[at].marks = feed.marks;
        }
        self.calm = None;
        skipped
    }

    /// The account, to change.
    pub(super) fn account_mut(&mut self) -> Option<&mut Account> {
        match &mut self.form {
            Form::Whole(account) => Some(account),
            Form::Packed(_) => None,
        }
    }
}
