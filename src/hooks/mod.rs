//! From decisions to the platform: actions are delivered in order, again under the same key until they are
//! answered, and what became of them comes back as `ack` events.
//!
//! An [`Outbox`] knows what is still to be done. It has no thread and no clock: the host says what time it is, asks
//! for what is due, delivers it, and tells the answer. Hand it outcomes only when they are durable, and rebuild it
//! after a restart from what the journal holds ([`Outbox::recorded`]).
//! A [`Hook`] is one way of delivering; [`deliver`] calls it, and takes a panic for no answer; [`Workers`] do so on
//! threads, so that one that hangs holds up nobody else.
//!
//! ```
//! use ringfence::hooks::{Answer, Outbox, Pace, deliver};
//! # use ringfence::{engine::Engine, event::Event, source::Source};
//! # let program = ringfence::compile(&Source::new("p.fence", "program \"P\" {\n version \"1\"\n currency USD\n timezone \"UTC\"\n day 00:00\n plans\n | plan | size |\n | S | $10,000 |\n phase only {\n ledger starts at size\n limit \"Loss\" {\n equity stays above $9,000\n on breach { flatten, fail }\n }\n }\n}\n")).unwrap();
//! # let mut engine = Engine::new();
//! # engine.load(program);
//! # engine.apply(&serde_json::from_str(r#"{"id":"o","account":"A","at":"2026-03-02T00:00:00Z","kind":"open","program":"P","version":"1","plan":"S","currency":"USD","start_balance":"10000","position_mode":"netting","trader":"T","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}"#)?);
//! # let loss: Event = serde_json::from_str(r#"{"id":"s","account":"A","at":"2026-03-02T10:00:00Z","kind":"snapshot","balance":"9000","equity":"9000"}"#)?;
//! # let now = loss.at;
//! let mut outbox = Outbox::new(Pace::default());
//! outbox.take(engine.apply(&loss), now);
//!
//! let mut platform = |delivery: &ringfence::hooks::Delivery| {
//!     println!("{} {} attempt {}", delivery.key, delivery.words(), delivery.attempt);
//!     Answer::Done
//! };
//! while let Some(delivery) = outbox.due(now).into_iter().next() {
//!     let answer = deliver(&mut platform, &delivery);
//!     if let Some(told) = outbox.answer(&delivery, &answer, now) {
//!         engine.apply(&told); // what became of it, for the record
//!     }
//! }
//! assert!(outbox.is_empty());
//! # Ok::<(), serde_json::Error>(())
//! ```

mod asynchronous;
mod command;
mod escalation;
mod lines;
mod outbox;
#[cfg(test)]
mod tests;
mod webhook;
mod workers;

pub use asynchronous::{AsyncHook, Waiting};
pub use command::RunCommand;
pub use escalation::ACTION_NOT_DONE;
pub use lines::{JsonLines, Record};
pub use outbox::{Delivery, Outbox, Pace, Task};
pub use webhook::{IDEMPOTENCY_HEADER, SIGNATURE_HEADER, Webhook};
pub use workers::Workers;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;

use crate::value::Decimal;

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is known and under way; it is not delivered again while there is time.
    Accepted,
    /// It is done.
    Done,
    /// Part of it is done. The rest goes out under the same key, as the next attempt.
    Partial {
        /// The quantity that is left, without sign, in the symbol's unit.
        remaining: Decimal,
    },
    /// It was refused, and may succeed later: it goes out again as the next attempt.
    Failed(String),
    /// It was refused, and always will be.
    Impossible(String),
    /// There was no answer: it goes out again under the same key and attempt.
    Silence,
}

/// A way of carrying out what programs ask for.
pub trait Hook {
    /// Carries out a delivery, or tries to. What came under the same key and attempt before must not be done twice.
    fn deliver(&mut self, delivery: &Delivery) -> Answer;
}

impl<F: FnMut(&Delivery) -> Answer> Hook for F {
    fn deliver(&mut self, delivery: &Delivery) -> Answer {
        self(delivery)
    }
}

/// Calls a hook. One that panics has not answered.
pub fn deliver(hook: &mut dyn Hook, delivery: &Delivery) -> Answer {
    catch_unwind(AssertUnwindSafe(|| hook.deliver(delivery))).unwrap_or(Answer::Silence)
}
