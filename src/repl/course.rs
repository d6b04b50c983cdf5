//! A course of events: what was typed so far, and where it led.

use std::collections::VecDeque;
use std::sync::Arc;

use super::program::{Opening, Program};
use super::world::{Decision, World};
use super::{Loaded, Trouble};
use crate::event::{Event, Kind};
use crate::outcome::Outcome;
use crate::scenario::{ACCOUNT, Failure, Held, Interpreter as _, Scene, Script};
use crate::source::Source;
use crate::syntax::parse_steps;
use crate::value::Instant;

/// How many of the last lines are taken back from a copy; what lies further back is played again.
const KEPT: usize = 32;

/// Something of the history.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// Steps, as typed.
    Steps(String),
    /// Files of events were loaded.
    Load(Arc<Loaded>),
    /// So many loaded events happened.
    Events(u64),
    /// Time passed.
    Until(Instant),
}

/// An entry, and how much was decided before it.
#[derive(Clone, Debug)]
pub(super) struct Played {
    pub(super) entry: Entry,
    pub(super) decided_before: usize,
}

/// A course of events.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub(super) world: World,
    pub(super) scene: Scene,
    pub(super) history: Vec<Arc<Played>>,
    /// The world and scene before each of the last entries.
    before: VecDeque<Arc<(World, Scene)>>,
    /// What was taken back since the last step, the latest last.
    pub(super) undone: Vec<Entry>,
}

impl Course {
    /// A course in which the account was opened, and nothing else.
    pub(super) fn open(program: &Program, opening: &Opening) -> Result<Self, Trouble> {
        let mut world = World::new(program.engine());
        let scene = opening.open(program, &mut world)?;
        Ok(Self { world, scene, history: Vec::new(), before: VecDeque::new(), undone: Vec::new() })
    }

    /// Plays an entry and keeps it, or leaves everything as it was.
    pub(super) fn play(&mut self, program: &Program, opening: &Opening, entry: Entry) -> Result<(), Trouble> {
        let before = (self.world.clone(), self.scene.clone());
        let decided_before = self.world.decisions().len();
        self.world.line = self.history.len();
        let played = match &entry {
            Entry::Steps(text) => self.steps(program, text),
            Entry::Load(loaded) => self.load(program, opening, loaded),
            Entry::Events(count) => self.events(*count),
            Entry::Until(to) => {
                self.pass(*to);
                Ok(())
            }
        };
        if let Err(trouble) = played {
            (self.world, self.scene) = before;
            return Err(trouble);
        }
        self.keep(before, entry, decided_before);
        Ok(())
    }

    /// Keeps what was played.
    pub(super) fn keep(&mut self, before: (World, Scene), entry: Entry, decided_before: usize) {
        self.undone.clear();
        self.before.push_back(Arc::new(before));
        if self.before.len() > KEPT {
            self.before.pop_front();
        }
        self.history.push(Arc::new(Played { entry, decided_before }));
    }

    /// Takes the last entry back.
    pub(super) fn undo(&mut self, program: &Program, opening: &Opening) -> Result<Entry, Trouble> {
        let last = self.history.last().cloned().ok_or_else(|| Trouble::words("nothing was done yet that could be taken back"))?;
        let mut undone = std::mem::take(&mut self.undone);
        undone.push(last.entry.clone());
        match self.before.pop_back() {
            Some(before) => {
                (self.world, self.scene) = Arc::unwrap_or_clone(before);
                self.history.pop();
            }
            None => {
                let mut again = Self::open(program, opening)?;
                for played in self.history.iter().take(self.history.len() - 1) {
                    again.play(program, opening, played.entry.clone())?;
                }
                *self = again;
            }
        }
        self.undone = undone;
        Ok(last.entry.clone())
    }

    /// What was decided from a place on.
    pub(super) fn decided_since(&self, before: usize) -> &[Arc<Decision>] {
        self.world.decisions().get(before..).unwrap_or_default()
    }

    /// What an entry of the history decided.
    pub(super) fn decided_by(&self, place: usize) -> &[Arc<Decision>] {
        let from = self.history.get(place).map_or(0, |played| played.decided_before);
        let to = self.history.get(place + 1).map_or(self.world.decisions().len(), |played| played.decided_before);
        self.world.decisions().get(from..to).unwrap_or_default()
    }

    /// The phase, as the program numbers it.
    pub(super) fn phase(&self, program: &Program) -> crate::ir::PhaseId {
        let name = self.world.phase(ACCOUNT);
        name.and_then(|name| program.ir().phase_named(&name)).unwrap_or(crate::ir::PhaseId(0))
    }

    /// Gives what loaded events have left open names for steps, once none of them waits that would close it.
    pub(super) fn adopt(&mut self) {
        if let Some(account) = self.world.account().filter(|_| self.world.waiting().is_empty()) {
            let open = account.account().open_positions();
            self.scene.adopt(open.map(|open| Held {
                serial: open.serial,
                names: open.names,
                symbol: open.symbol,
                long: open.long,
                quantity: open.quantity,
            }));
        }
    }

    fn steps(&mut self, program: &Program, text: &str) -> Result<(), Trouble> {
        self.adopt();
        let source = Source::new(super::PROMPT, text);
        let (steps, found) = parse_steps(&source);
        super::findings(&source, found)?;
        let phase = self.phase(program);
        super::findings(&source, crate::check::check_steps(program.ir(), &program.names, &source, phase, &steps))?;
        super::findings(&source, super::steps::found_in_amounts(program, &source, phase, &steps))?;
        let script = Script { ir: program.ir(), names: &program.names, source: &source };
        let failures = script.take(&steps, &mut self.scene, &mut self.world);
        match failures.first() {
            None => Ok(()),
            Some(failure) => Err(failed(&source, failure, steps.len() > 1)),
        }
    }

    /// Lets loaded events and time go on.
    pub(super) fn pass(&mut self, to: Instant) {
        let outcomes = self.world.advance(to);
        self.scene.take_in(to, outcomes);
    }

    /// Lets the next loaded event happen.
    pub(super) fn next_event(&mut self) -> bool {
        let Some((at, outcomes)) = self.world.step() else { return false };
        self.scene.take_in(at, outcomes);
        true
    }

    fn events(&mut self, count: u64) -> Result<(), Trouble> {
        for happened in 0..count {
            if !self.next_event() {
                return Err(Trouble::Words(format!("only {happened} events were left")));
            }
        }
        Ok(())
    }

    fn load(&mut self, program: &Program, opening: &Opening, loaded: &Loaded) -> Result<(), Trouble> {
        let mine = |event: &&Event| event.account.is_some();
        let first = loaded.events.iter().find(mine);
        let Some(earliest) = loaded.events.first() else { return Err(Trouble::words("the files hold no events")) };
        if !self.history.is_empty() {
            return self.load_more(program, loaded, earliest.at);
        }
        match first.map(|event| (event, &event.kind)) {
            Some((event, Kind::Open(_))) => self.open_as_told(program, loaded, event),
            _ => self.open_before(program, opening, loaded, earliest, first),
        }
    }

    /// Events behind what has happened.
    fn load_more(&mut self, program: &Program, loaded: &Loaded, from: Instant) -> Result<(), Trouble> {
        if from < self.scene.now() {
            let zone = program.ir().header.day.zone;
            return Err(Trouble::Words(format!(
                "the first event is of {}, and it is {}: time only goes forward; load events before the first step, or `undo` up to there",
                zone.to_local(from),
                zone.to_local(self.scene.now())
            )));
        }
        if loaded.events.iter().any(|event| matches!(event.kind, Kind::Open(_))) {
            return Err(Trouble::words("the events open the account, which is open: load them before the first step"));
        }
        self.world.load(&loaded.events);
        Ok(())
    }

    /// The account begins with the `open` event of the file.
    fn open_as_told(&mut self, program: &Program, loaded: &Loaded, open: &Event) -> Result<(), Trouble> {
        let mut world = World::new(program.engine());
        let place = place_of(loaded, open);
        let before = loaded.events.get(..=place).unwrap_or_default();
        let outcomes: Vec<Outcome> = before.iter().flat_map(|event| world.apply(event)).collect();
        if world.account().is_none() {
            let fault = outcomes.iter().flat_map(|outcome| &outcome.faults).next().map_or_else(String::new, ToString::to_string);
            return Err(Trouble::Words(format!("the account of the file cannot be opened: {fault}")));
        }
        world.begin(Arc::clone(&loaded.events), place + 1);
        self.scene = Scene::new(program.ir(), open.at);
        self.scene.take_in(open.at, outcomes);
        self.world = world;
        Ok(())
    }

    /// The account is opened as the command says, at the opening of the day of the first event. A deposit that
    /// begins a statement is the opening.
    fn open_before(
        &mut self,
        program: &Program,
        opening: &Opening,
        loaded: &Loaded,
        earliest: &Event,
        first: Option<&Event>,
    ) -> Result<(), Trouble> {
        let deposit = first.and_then(|event| match &event.kind {
            Kind::Cash(cash) if cash.cash_type == crate::event::CashType::Deposit => Some((cash.amount, place_of(loaded, event))),
            _ => None,
        });
        let date = self.scene.calendar().day_at(earliest.at).date;
        let opening = opening.for_events(program, date, loaded.hedging, deposit.map(|(amount, _)| amount))?;
        let mut world = World::new(program.engine());
        self.scene = opening.open(program, &mut world)?;
        let before = deposit.and_then(|(_, place)| loaded.events.get(..place)).unwrap_or_default();
        for event in before {
            let outcomes = world.apply(event);
            self.scene.take_in(event.at, outcomes);
        }
        world.begin(Arc::clone(&loaded.events), deposit.map_or(0, |(_, place)| place + 1));
        self.world = world;
        Ok(())
    }
}

fn place_of(loaded: &Loaded, event: &Event) -> usize {
    loaded.events.iter().position(|other| std::ptr::eq(other, event)).unwrap_or(0)
}

/// Why a step could not be taken, or what it found otherwise than expected.
fn failed(source: &Source, failure: &Failure, several: bool) -> Trouble {
    let step = source.words(failure.span);
    let rest = if several { "\nnothing of the line was done" } else { "" };
    if failure.expected == crate::scenario::A_STEP {
        let why = if step.ends_with("payout") { "; `why not payout` says what a request would find" } else { "" };
        return Trouble::Words(format!("`{step}` cannot be done: {}{why}{rest}", failure.found));
    }
    Trouble::Words(format!("`{step}` does not hold: {}{rest}", failure.found))
}
