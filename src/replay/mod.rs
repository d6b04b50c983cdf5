//! One account over a recorded market: what a program would have decided, without looking at each mark.
//!
//! A [`Recording`] holds what a market told, marks as columns. A [`Replay`] shows it to one account, with the
//! account's own events between, and gives exactly the outcomes of an [`Engine`](crate::engine::Engine) to which
//! the same events are applied. From each look at the account it knows the bands in which prices may move without
//! any consequence (see [`Account::bands`]), searches the columns for the first mark outside of them, and goes on
//! there. What is no mark is applied as it is. Many accounts, or many programs, share one recording.
//!
//! ```
//! use ringfence::{event::Event, replay::{Recording, Replay}, source::Source};
//! let program = ringfence::compile(&Source::new("small.fence", r#"
//!     program "Small" {
//!         version "1"
//!         currency USD
//!         timezone "UTC"
//!         day 00:00
//!         plans
//!             | plan | size    |
//!             | 10K  | $10,000 |
//!         phase only {
//!             ledger starts at size
//!             limit "Loss" { equity stays above size - $500;  on breach { flatten, fail } }
//!         }
//!     }"#)).unwrap();
//! let event = |text: &str| serde_json::from_str::<Event>(text);
//!
//! let mut recording = Recording::new();
//! recording.push(&event(r#"{"id":"i","at":"2026-03-02T08:00:00Z","kind":"instrument","symbol":"EURUSD","class":"forex",
//!     "unit":"lot","lot_size":"100000","multiplier":"100000","tick_size":"0.00001","quantity_step":"0.01","quote_currency":"USD"}"#)?)?;
//! for (minute, bid) in [(1, "1.0850"), (2, "1.0853"), (3, "1.0799"), (4, "1.0810")] {
//!     recording.push(&event(&format!(
//!         r#"{{"id":"t{minute}","at":"2026-03-02T09:0{minute}:00Z","kind":"tick","symbol":"EURUSD","bid":"{bid}","ask":"{bid}"}}"#
//!     ))?)?;
//! }
//!
//! let mut replay = Replay::new(&recording);
//! replay.load(program);
//! replay.apply(&event(r#"{"id":"o","account":"A","at":"2026-03-02T08:30:00Z","kind":"open","program":"Small","version":"1","plan":"10K",
//!     "options":{},"currency":"USD","start_balance":"10000","position_mode":"netting","trader":"T",
//!     "purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}"#)?)?;
//! replay.apply(&event(r#"{"id":"f","account":"A","at":"2026-03-02T09:01:30Z","kind":"fill","fill_id":"f","symbol":"EURUSD",
//!     "quantity":"1","price":"1.0850","entry":"in","reason":"user"}"#)?)?;
//! // A lot that was bought at 1.0850 has lost $510 at 1.0799.
//! let told = replay.finish(None);
//! assert_eq!(told[0].at.to_string(), "2026-03-02T09:03:00Z");
//! assert_eq!(replay.account().unwrap().status().phase.as_ref(), "failed");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod recording;
mod walk;

use std::sync::Arc;

pub use recording::{OfAccount, Recording};

use crate::account::{Account, Programs};
use crate::calendar::Holidays;
use crate::code::Program;
use crate::engine::AccountRef;
use crate::event::{Event, Kind};
use crate::market::{Market, MarketChange};
use crate::outcome::Outcome;
use crate::value::Instant;
use walk::Patience;

/// One account over a recording.
#[derive(Clone, Debug)]
pub struct Replay<'a> {
    recording: &'a Recording,
    market: Market,
    programs: Programs,
    name: Option<Arc<str>>,
    account: Option<Account>,
    /// How many events of the recording were told.
    place: u64,
    /// How many of those that are told as they were.
    told: usize,
    /// At which place the market knew the prices of all symbols last.
    met: Option<u64>,
    /// How many marks of each symbol the market has taken in, and the account, where it has met the symbol.
    seen: Vec<u64>,
    outcomes: Vec<Outcome>,
    patience: Patience,
    counts: Counts,
    /// The latest instant to which time has passed without an event of the account.
    reached: Option<Instant>,
}

/// What a replay has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Marks of symbols that the account had met.
    pub marks: u64,
    /// Those of them that were shown to it one by one.
    pub shown: u64,
    /// How often it was asked how far prices may move.
    pub looks: u64,
}

/// Why an event cannot be applied to a replay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// Prices are of the recording.
    #[error("event `{id}` is a tick of `{symbol}`: prices belong into the recording, before the replay begins")]
    Tick {
        /// The event.
        id: String,
        /// The symbol.
        symbol: String,
    },
    /// A replay is of one account.
    #[error("event `{id}` is of account `{account}`: this replay is of `{replayed}`, each account has its own")]
    OtherAccount {
        /// The event.
        id: String,
        /// Its account.
        account: String,
        /// The account that is replayed.
        replayed: String,
    },
}

impl<'a> Replay<'a> {
    /// A replay from the beginning of a recording, of an account that its first event names.
    pub fn new(recording: &'a Recording) -> Self {
        Self {
            recording,
            market: recording.market(),
            programs: Programs::default(),
            name: None,
            account: None,
            place: 0,
            told: 0,
            met: None,
            seen: vec![0; recording.feeds().len()],
            outcomes: Vec::new(),
            patience: Patience::default(),
            counts: Counts::default(),
            reached: None,
        }
    }

    /// Makes a program known under its title and version, in the place of one of the same.
    pub fn load(&mut self, program: Arc<Program>) {
        self.programs.load(program);
    }

    /// Makes an exchange calendar known under the name by which programs call it.
    pub fn load_calendar(&mut self, name: impl Into<String>, holidays: Holidays) {
        self.meet_everything();
        self.market.load_calendar(name, holidays);
        if let Some(account) = &mut self.account {
            account.calendar_changed(&self.market);
        }
    }

    /// Applies an event of the account, or of the market but for ticks, after what was recorded before it: by time,
    /// within an instant by [`Event::order_in_instant`], of the same order what was recorded first.
    ///
    /// # Errors
    /// When it is a tick, or of another account.
    pub fn apply(&mut self, event: &Event) -> Result<&[Outcome], ReplayError> {
        self.apply_after(self.recording.before(event), event)
    }

    /// Applies an event after so many of the recording, or at once where more were told already.
    ///
    /// # Errors
    /// When it is a tick, or of another account.
    pub fn apply_after(&mut self, recorded: u64, event: &Event) -> Result<&[Outcome], ReplayError> {
        self.outcomes.clear();
        self.accept(event)?;
        self.pass_until(recorded);
        self.meet_everything();
        match &event.account {
            Some(name) => self.apply_to_account(name, event),
            None => self.apply_to_market(event),
        }
        Ok(&self.outcomes)
    }

    /// Tells the account the rest of the recording, and lets time pass to an instant after that, where one is given.
    pub fn finish(&mut self, until: Option<Instant>) -> &[Outcome] {
        self.outcomes.clear();
        self.pass_until(self.recording.events());
        if let Some(until) = until {
            self.reached = self.reached.max(Some(until));
            if let Some(account) = &mut self.account {
                account.advance(&self.market, until, &mut self.outcomes);
            }
        }
        &self.outcomes
    }

    /// The account, once it is open, as it stands after what was told.
    pub fn account(&self) -> Option<AccountRef<'_>> {
        let recorded = self.place.checked_sub(1).and_then(|last| self.recording.reached(last));
        self.account.as_ref().map(|account| AccountRef::new(account, &self.market, self.reached.max(recorded)))
    }

    /// How many marks were told, and how many of them had to be shown.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    fn accept(&mut self, event: &Event) -> Result<(), ReplayError> {
        match (&event.account, &event.kind) {
            (None, Kind::Tick(tick)) => Err(ReplayError::Tick { id: event.id.clone(), symbol: tick.symbol.clone() }),
            (Some(account), _) => {
                let replayed = self.name.get_or_insert_with(|| account.as_str().into());
                if **replayed == **account {
                    return Ok(());
                }
                Err(ReplayError::OtherAccount { id: event.id.clone(), account: account.clone(), replayed: replayed.to_string() })
            }
            (None, _) => Ok(()),
        }
    }

    fn apply_to_account(&mut self, name: &str, event: &Event) {
        match &mut self.account {
            Some(account) => self.programs.apply(account, &self.market, event, &mut self.outcomes),
            None => self.account = self.programs.begin(&self.market, name, event, &mut self.outcomes),
        }
    }

    /// What is told as it was: the account has taken in all before it.
    fn apply_to_market(&mut self, event: &Event) {
        self.reached = self.reached.max(Some(event.at));
        if let Some(account) = &mut self.account {
            account.advance(&self.market, event.at, &mut self.outcomes);
        }
        let change = self.market.apply(event);
        if let MarketChange::Mark(listing) = change
            && let Some(seen) = self.seen.get_mut(listing.0 as usize)
        {
            *seen += 1;
        }
        let is_told = change != MarketChange::Nothing || matches!(event.kind, Kind::Gap(_) | Kind::Host(_));
        if let Some(account) = self.account.as_mut().filter(|_| is_told) {
            account.apply_market(&self.market, event, change, &mut self.outcomes);
        }
    }
}
