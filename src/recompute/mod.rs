//! Late and corrected events: the account is computed anew from what is known now, what was wrongly asked for is
//! withdrawn by its key, what is missing is issued.
//!
//! A [`Remembering`] engine keeps the events since it began, or since [`Remembering::forget`]. An event that
//! `corrects` another takes its place, one that `busts` another takes it away, a late one is put where its instant
//! lies; the account then lives through all of it again. It ends where it would stand had the right events come
//! at once, and what is told is the difference: [`crate::outcome::Recomputed`], and late actions.
//!
//! ```
//! # use ringfence::{event::Event, source::Source};
//! use ringfence::recompute::Remembering;
//!
//! # let program = "program \"P\" {\n firm \"F\"\n version \"1\"\n currency USD\n timezone \"UTC\"\n day 00:00\n corrections within 2 days\n plans\n | plan | size |\n | S | $10,000 |\n phase only {\n ledger starts at size\n limit \"Loss\" {\n equity stays above $9,000\n on breach { fail }\n }\n }\n}\n";
//! # let program = ringfence::compile(&Source::new("p.fence", program)).unwrap();
//! # let opening = r#"{"id":"o","account":"A","at":"2026-03-02T00:00:00Z","kind":"open","program":"P","version":"1","plan":"S","currency":"USD","start_balance":"10000","position_mode":"netting","trader":"T","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}"#;
//! # let wrong = r#"{"id":"c1","account":"A","at":"2026-03-02T10:00:00Z","kind":"cash","cash_id":"c1","amount":"-1000","type":"fee"}"#;
//! # let right = r#"{"id":"c2","corrects":"c1","account":"A","at":"2026-03-02T10:00:00Z","kind":"cash","cash_id":"c1","amount":"-100","type":"fee"}"#;
//! let mut engine = Remembering::default();
//! engine.load(program);
//! for line in [opening, wrong] {
//!     engine.apply(&serde_json::from_str(line)?);
//! }
//! assert_eq!(engine.engine().account("A").unwrap().status().phase.as_ref(), "failed");
//!
//! let outcomes = engine.apply(&serde_json::from_str(right)?); // a fee of 100, not of 1,000
//! assert_eq!(outcomes[0].recomputed.as_ref().unwrap().withdrawn[0].kind.words(), "fail");
//! assert_eq!(engine.engine().account("A").unwrap().status().phase.as_ref(), "only");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod amend;
mod interpreter;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::Holidays;
use crate::code::Program;
use crate::engine::Engine;
use crate::event::{Event, Kind};
use crate::outcome::{Cause, Fault, FaultKind, Outcome};
use crate::value::Instant;
use amend::Amendment;
use told::Told;

/// An engine that keeps what it was told, so that it can take late and corrected events.
///
/// Its memory grows with each event until [`Remembering::forget`] is called, unless no program that it knows takes
/// corrections: then nothing is kept. Computing an account anew takes the
/// time of applying all events of the account and of the market that are kept.
#[derive(Clone, Debug, Default)]
pub struct Remembering {
    /// As it stood before the events that are kept.
    before: Engine,
    /// The events since, as they are known now.
    events: Vec<Event>,
    engine: Engine,
    /// What was told of each account.
    told: BTreeMap<String, Told>,
    /// Whether a program takes corrections: else nothing is kept.
    remembers: bool,
    outcomes: Vec<Outcome>,
}

impl Remembering {
    /// Goes on from an engine as it stands: what was before is not known, and cannot be corrected.
    pub fn from(engine: Engine) -> Self {
        let remembers = engine.programs().any(|program| program.ir.header.corrections.is_some());
        Self { before: engine.clone(), engine, remembers, ..Self::default() }
    }

    /// The engine: what questions are asked of.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The events that are kept, in the order in which they are taken to have happened.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Makes a program known, as [`Engine::load`] does.
    pub fn load(&mut self, program: Arc<Program>) {
        if !self.remembers && program.ir.header.corrections.is_some() {
            // Nothing was kept up to now: nothing up to now can be corrected.
            self.before = self.engine.clone();
            self.remembers = true;
        }
        self.before.load(Arc::clone(&program));
        self.engine.load(program);
    }

    /// Makes an exchange calendar known, as [`Engine::load_calendar`] does.
    pub fn load_calendar(&mut self, name: &str, holidays: &Holidays) {
        self.before.load_calendar(name, holidays.clone());
        self.engine.load_calendar(name, holidays.clone());
    }

    /// Forgets the events: what happened up to now cannot be corrected any more.
    pub fn forget(&mut self) {
        self.before = self.engine.clone();
        self.events.clear();
        self.told.clear();
    }

    /// Applies one event, as [`Engine::apply`] does; a late event, and one that corrects or cancels another, is
    /// taken too, where the program takes it.
    pub fn apply(&mut self, event: &Event) -> &[Outcome] {
        if needs_history(&self.engine, event) {
            self.outcomes.clear();
            match &event.account {
                Some(name) => self.correct(&name.clone(), event),
                None => self.correct_market(event),
            }
            return &self.outcomes;
        }
        if self.remembers && !knows(&self.engine, event) {
            self.events.push(event.clone());
        }
        self.outcomes = self.engine.apply(event).to_vec();
        self.remember_outcomes();
        &self.outcomes
    }

    /// Lets time pass up to an instant, as [`Engine::advance`] does.
    pub fn advance(&mut self, to: Instant) -> &[Outcome] {
        self.outcomes = self.engine.advance(to).to_vec();
        if self.remembers {
            self.events.push(Event::new(String::new(), None, to, Kind::Clock));
        }
        self.remember_outcomes();
        &self.outcomes
    }

    /// Brings another engine, which was told the same, to where this one stands after a correction: an account,
    /// or all and the market, and the outcomes.
    #[cfg(feature = "journal")]
    pub(crate) fn hand_over(&self, engine: &mut Engine, account: Option<&str>) {
        let renewed = self.engine.accounts().filter(|renewed| account.is_none_or(|name| name == renewed.name()));
        renewed.for_each(|renewed| engine.put(renewed.account().clone()));
        if account.is_none() {
            engine.put_market(self.engine.market().clone());
        }
        engine.put_outcomes(&self.outcomes);
    }

    fn remember_outcomes(&mut self) {
        for outcome in self.outcomes.iter().filter(|_| self.remembers) {
            self.told.entry(outcome.account.to_string()).or_default().remember(outcome);
        }
    }

    /// Takes an event that is late, or corrects another, into the account's history.
    fn correct(&mut self, name: &str, event: &Event) {
        let taken = self.amended(name, event).map(|(events, how)| {
            let (engine, events, outcomes) = self.live_again(name, events);
            (engine, events, self.difference(name, event, &how, &outcomes))
        });
        match taken {
            Ok((engine, events, outcome)) => {
                self.events = events;
                self.adopt(&engine, name, event);
                self.outcomes.extend(outcome);
            }
            Err((kind, detail)) => self.refuse(name, event, kind, detail),
        }
    }

    /// Takes an event that corrects a market-wide one: every account that may have seen it lives again.
    fn correct_market(&mut self, event: &Event) {
        let (mut events, how) = match amend::amended(&self.events, None, event) {
            Ok(amended) => amended,
            Err((kind, detail)) => return self.refuse("", event, kind, detail),
        };
        let names: Vec<String> = self.engine.accounts().map(|account| account.name().to_owned()).collect();
        for name in names {
            let may = self.engine.account(&name).is_some_and(|account| account.account().may_correct(how.at));
            if may {
                let (engine, placed, outcomes) = self.live_again(&name, events);
                events = placed;
                let outcome = self.difference(&name, event, &how, &outcomes);
                self.adopt(&engine, &name, event);
                self.outcomes.extend(outcome);
            } else {
                let (kind, detail) = self.beyond(&name, event, how.at);
                self.refuse(&name, event, kind, detail);
            }
        }
        let mut market = self.before.alone("");
        events.iter().filter(|event| event.account.is_none()).for_each(|event| drop(market.apply(event).to_vec()));
        self.engine.put_market(market.market().clone());
        self.events = events;
    }

    /// The events with this one in its place, if the program takes it.
    fn amended(&self, name: &str, event: &Event) -> Result<(Vec<Event>, Amendment), (FaultKind, String)> {
        let takes = self.engine.account(name).is_some_and(|account| account.account().corrections_within().is_some());
        if !takes {
            return Err(self.beyond(name, event, event.at));
        }
        let (events, how) = amend::amended(&self.events, Some(name), event)?;
        let begun = self.before.account(name).map(|account| account.account().newest());
        if let Some(begun) = begun.filter(|begun| how.at < *begun) {
            let detail = format!("event `{}` belongs before {begun}, where the history that is kept begins", event.id);
            return Err((FaultKind::NeedsHistory, detail));
        }
        let may = self.engine.account(name).is_some_and(|account| account.account().may_correct(how.at));
        if may { Ok((events, how)) } else { Err(self.beyond(name, event, how.at)) }
    }

    fn beyond(&self, name: &str, event: &Event, at: Instant) -> (FaultKind, String) {
        let within = self.engine.account(name).and_then(|account| account.account().corrections_within());
        let detail = match within {
            Some(within) => format!("event `{}` is about {at}; the program takes corrections within {within}", event.id),
            None => {
                let what = if event.is_correction() { "corrects another" } else { "is late" };
                format!("event `{}` {what}; the program takes no corrections: its header would say `corrections within 14 days`", event.id)
            }
        };
        (FaultKind::BeyondCorrections, detail)
    }

    /// An engine in which the account has lived through the events, the events in the order that this took, and
    /// what was decided.
    ///
    /// A decision that comes about only now may make late what was not: that event is put where its instant lies.
    fn live_again(&self, name: &str, mut events: Vec<Event>) -> (Engine, Vec<Event>, Vec<Outcome>) {
        // Each event is moved once at most.
        for _ in 0..=events.len() {
            let mut engine = self.before.alone(name);
            let mut outcomes = Vec::new();
            let mut late = None;
            for (place, event) in events.iter().enumerate().filter(|(_, event)| concerns(event, name)) {
                late = late.or_else(|| is_late(&engine, name, event).then_some(place));
                if late.is_some() {
                    break;
                }
                outcomes.extend_from_slice(engine.apply(event));
            }
            let Some(place) = late else { return (engine, events, outcomes) };
            let event = events.remove(place);
            let place = amend::place_of(&events, Some(name), &event);
            events.insert(place, event);
        }
        (self.engine.alone(name), events, Vec::new())
    }

    /// What was told and is so no more, and what should have been told.
    fn difference(&mut self, name: &str, event: &Event, how: &Amendment, outcomes: &[Outcome]) -> Option<Outcome> {
        let newest = self.engine.account(name).map(|account| account.account().newest());
        let at = newest.map_or(event.at, |newest| newest.max(event.at));
        let mut outcome = empty(name, event, at);
        self.told.entry(name.to_owned()).or_default().renew(outcomes, &how.reason, &mut outcome);
        (!outcome.is_quiet()).then_some(outcome)
    }

    /// Takes over the account that has lived again.
    fn adopt(&mut self, engine: &Engine, name: &str, event: &Event) {
        if let Some(account) = engine.account(name) {
            let mut account = account.account().clone();
            account.remember(event);
            self.engine.put(account);
        }
    }

    fn refuse(&mut self, name: &str, event: &Event, kind: FaultKind, detail: String) {
        let mut outcome = empty(name, event, event.at);
        outcome.faults.push(Fault { kind, rule: "".into(), line: 0, detail });
        self.outcomes.push(outcome);
    }
}

/// Whether an event cannot be applied to an engine as it stands, but to its history.
pub(crate) fn needs_history(engine: &Engine, event: &Event) -> bool {
    let Some(name) = &event.account else { return event.is_correction() };
    let account = engine.account(name).filter(|_| !matches!(event.kind, Kind::Clock));
    account.is_some_and(|account| account.account().needs_history(event)) && !knows(engine, event)
}

fn knows(engine: &Engine, event: &Event) -> bool {
    let account = event.account.as_deref().and_then(|name| engine.account(name));
    account.is_some_and(|account| account.account().knows(event))
}

fn concerns(event: &Event, name: &str) -> bool {
    event.account.as_deref().is_none_or(|account| account == name)
}

fn is_late(engine: &Engine, name: &str, event: &Event) -> bool {
    let account = engine.account(name).filter(|_| event.account.is_some() && !matches!(event.kind, Kind::Clock));
    account.is_some_and(|account| event.at < account.account().newest())
}

fn empty(name: &str, event: &Event, at: Instant) -> Outcome {
    Outcome {
        account: name.into(),
        cause: Cause::Event(event.id.as_str().into()),
        at,
        verdict: None,
        actions: Vec::new(),
        changes: Vec::new(),
        faults: Vec::new(),
        recomputed: None,
    }
}
