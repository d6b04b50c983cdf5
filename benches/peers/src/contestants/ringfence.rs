//! Ringfence three ways: a state handed over whole, the rules of a mark, and a tick through the door.

mod handed;

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, ensure};
use ringfence::code::Program;
use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::ir::PhaseId;
use ringfence::source::Source;
use ringfence::value::Instant;
use ringfence::vm::{self, Effects, Slots};
use ringfence::vocabulary::{Moment, Occasion};

use super::marks;
use crate::contest::{Contestant, Mask};
use crate::state::State;
use handed::{Handed, Seen};

const TEXT: &str = include_str!("../../programs/p12.fence");

fn program() -> Result<Arc<Program>> {
    let compiled = ringfence::compile(&Source::new("p12.fence", TEXT));
    compiled.map_err(|found| anyhow!("p12.fence: {}", found.iter().map(|one| one.message.as_str()).collect::<Vec<_>>().join("; ")))
}

fn evaluation(program: &Program) -> Result<PhaseId> {
    program.ir.phase_named("evaluation").context("p12.fence has no phase `evaluation`")
}

/// All rules, of a state that is handed over: cells in place of those of the account before, and what the
/// account would tell of itself.
///
/// # Errors
/// When the program does not compile.
pub(crate) fn handed_over(states: &[State]) -> Result<Box<dyn Contestant>> {
    Ok(Box::new(Handed::new(program()?, states)?))
}

/// The rules that a mark concerns, of one account: what is kept stays in its cells.
///
/// # Errors
/// When the program does not compile.
pub(crate) fn mark(_states: &[State]) -> Result<Box<dyn Contestant>> {
    let program = program()?;
    let phase = evaluation(&program)?;
    let mut slots = Slots::new(&program);
    let mut effects = Effects::new();
    vm::enter(&program, phase, &mut slots, &Seen::sound(Occasion::PhaseStart.bit() | Occasion::AccountStart.bit()), &mut effects);
    ensure!(effects.is_empty(), "a sound account begins with {:?}", effects.list());
    Ok(Box::new(Marks { program, phase, slots, effects, seen: Seen::sound(Occasion::Mark.bit()), marks: marks::equities() }))
}

struct Marks {
    program: Arc<Program>,
    phase: PhaseId,
    slots: Slots,
    effects: Effects,
    seen: Seen,
    marks: Vec<i64>,
}

impl Contestant for Marks {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (equity, mask) in self.marks[range].iter().zip(masks) {
            self.effects.clear();
            self.seen.equity = *equity;
            vm::run(&self.program, self.phase, Moment::Mark, &mut self.slots, &self.seen, &mut self.effects);
            *mask = if self.effects.is_empty() { 0 } else { Mask::MAX };
        }
        Ok(())
    }
}

/// A tick of a held symbol through the engine: market, ledger, due instants, rules, outcome.
///
/// # Errors
/// When the program does not compile, or the account does not open.
pub(crate) fn apply(_states: &[State]) -> Result<Box<dyn Contestant>> {
    let program = program()?;
    let ticks = marks::equities().iter().enumerate().map(|(number, equity)| tick(number, *equity)).collect::<Result<_>>()?;
    Ok(Box::new(Applied { engine: opened(&program)?, program, ticks, reached: START }))
}

/// Tuesday at ten in the morning in New York, and six hours later.
const START: i64 = 1_772_550_000_000_000_000;
const END: i64 = START + 6 * 3_600_000_000_000;

struct Applied {
    program: Arc<Program>,
    engine: Engine,
    ticks: Vec<Event>,
    reached: i64,
}

impl Contestant for Applied {
    /// Ticks follow each other by a millisecond; before the day is over the account is opened anew.
    fn make_ready(&mut self, range: Range<usize>) -> Result<()> {
        if self.reached >= END {
            (self.engine, self.reached) = (opened(&self.program)?, START);
        }
        for tick in &mut self.ticks[range] {
            self.reached += 1_000_000;
            tick.at = Instant::from_nanos(self.reached);
        }
        Ok(())
    }

    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (tick, mask) in self.ticks[range].iter().zip(masks) {
            *mask = if self.engine.apply(tick).is_empty() { 0 } else { Mask::MAX };
        }
        Ok(())
    }
}

/// The price at which a tenth of a lot bought at 1.2 gives an equity.
fn tick(number: usize, equity: i64) -> Result<Event> {
    let dollars = equity / crate::state::ONE - 100_000;
    let price = |points: i64| format!("{}.{:04}", points / 10_000, points % 10_000);
    let points = 12_000 + dollars;
    let (bid, ask) = (price(points), price(points + 2));
    event(&format!(r#"{{"id":"t{number}","at":"2026-03-03T15:00:00Z","kind":"tick","symbol":"EURUSD","bid":"{bid}","ask":"{ask}"}}"#))
}

fn event(line: &str) -> Result<Event> {
    serde_json::from_str(line).with_context(|| line.to_owned())
}

/// An account of the program that holds a position.
fn opened(program: &Arc<Program>) -> Result<Engine> {
    let mut engine = Engine::new();
    engine.load(Arc::clone(program));
    for line in OPENING.lines() {
        let outcomes = engine.apply(&event(line)?);
        ensure!(outcomes.iter().all(|outcome| outcome.faults.is_empty()), "{line}: {outcomes:?}");
    }
    ensure!(engine.account("A").is_some_and(|account| account.status().positions == 1), "the account holds no position");
    Ok(engine)
}

const OPENING: &str = r#"{"id":"i","at":"2026-03-03T14:59:00Z","kind":"instrument","symbol":"EURUSD","class":"forex","unit":"lot","lot_size":"100000","multiplier":"100000","tick_size":"0.0001","quantity_step":"0.01","quote_currency":"USD"}
{"id":"f","at":"2026-03-03T14:59:01Z","kind":"tick","symbol":"EURUSD","bid":"1.2000","ask":"1.2002"}
{"id":"o","account":"A","at":"2026-03-03T14:59:02Z","kind":"open","program":"Twelve rules side by side","version":"1","plan":"100K","currency":"USD","start_balance":"100000","position_mode":"netting","trader":"T","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}
{"id":"p","account":"A","at":"2026-03-03T14:59:03Z","kind":"fill","fill_id":"p","symbol":"EURUSD","quantity":"0.1","price":"1.2000","entry":"in","reason":"user"}"#;
