//! What an account says of events that correct others, or arrive late.

use super::Account;
use super::days;
use crate::event::Event;
use crate::ir::Horizon;
use crate::value::Instant;

impl Account {
    /// Whether an event cannot be applied to the account as it stands: it corrects or cancels another, or is
    /// older than the account's newest event, due instant or decision.
    pub fn needs_history(&self, event: &Event) -> bool {
        event.is_correction() || event.at < self.newest()
    }

    /// The account's newest event, due instant or decision: an event before it is late.
    pub fn newest(&self) -> Instant {
        Instant::from_nanos(self.books.newest)
    }

    /// How far back the program takes corrections; none where it takes none.
    pub fn corrections_within(&self) -> Option<Horizon> {
        self.program.ir.header.corrections
    }

    /// Whether the program, as things stand, takes corrections of what happened at an instant.
    pub fn may_correct(&self, at: Instant) -> bool {
        match self.corrections_within() {
            None => false,
            Some(Horizon::Nanos(within)) => self.books.newest.saturating_sub(at.nanos()) <= within,
            Some(Horizon::Days(count, unit)) => {
                let date = |at| days::day_of(&self.calendar, at).date;
                date(self.newest()) <= days::date_after(&self.calendar, date(at), count, unit)
            }
        }
    }

    /// Remembers a correction that was taken, so that it is a duplicate when it comes again.
    pub(crate) fn remember(&mut self, event: &Event) {
        self.books.seen.remember(&event.id, event.seq);
    }

    /// Whether an event is a duplicate of one that was applied.
    pub(crate) fn knows(&self, event: &Event) -> bool {
        self.books.seen.knows(&event.id, event.seq)
    }
}
