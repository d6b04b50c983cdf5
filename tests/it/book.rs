//! A book against an engine that shows each mark to each account: random programs, random streams with
//! many marks between events, the same outcomes and the same state.

use std::collections::BTreeMap;
use std::sync::Arc;

use ringfence::book::{Book, Sizes};
use ringfence::code::Program;
use ringfence::engine::Engine;
use ringfence::event::{Event, Kind, Tick, TickQuality};
use ringfence::value::{Decimal, Value};

use crate::differential::{accepted, is_running};
use crate::random::Dice;
use crate::random_events;

/// Marks of both symbols, some of one side only, that wander by quarters of a point.
pub(crate) struct Walk {
    quarters: BTreeMap<&'static str, i64>,
    number: u32,
}

impl Walk {
    pub(crate) fn new() -> Self {
        Self { quarters: BTreeMap::from([("ES", 20_000), ("NQ", 72_000)]), number: 0 }
    }

    /// Follows the prices that the stream itself tells.
    pub(crate) fn follow(&mut self, event: &Event) {
        let told = match &event.kind {
            Kind::Tick(tick) => tick.bid.map(|bid| (tick.symbol.clone(), bid)),
            Kind::Fill(fill) => Some((fill.symbol.clone(), fill.price)),
            _ => None,
        };
        let Some((symbol, price)) = told else { return };
        let whole: i64 = price.to_string().split('.').next().unwrap().parse().unwrap();
        for (name, quarters) in &mut self.quarters {
            if *name == symbol {
                *quarters = whole * 4;
            }
        }
    }

    pub(crate) fn tick(&mut self, dice: &mut Dice, after: &Event) -> Event {
        let symbol = dice.pick(&["ES", "NQ"]);
        let quarters = self.quarters.get_mut(symbol).unwrap();
        *quarters += i64::try_from(dice.below(7)).unwrap() - 3;
        let price = |quarters: i64| format!("{}.{:02}", quarters / 4, quarters % 4 * 25).parse::<Decimal>().unwrap();
        let (bid, ask) = (price(*quarters), price(*quarters + 1));
        let (bid, ask, last) = match dice.below(10) {
            0 => (Some(bid), None, None),
            1 => (None, Some(ask), None),
            2 => (None, None, Some(bid)),
            3 => (Some(bid), Some(ask), None),
            _ => (Some(bid), Some(ask), Some(bid)),
        };
        self.number += 1;
        let tick = Tick { symbol: symbol.into(), bid, ask, last, quality: TickQuality::Ok, extra: BTreeMap::new() };
        Event::new(format!("w{}", self.number), None::<&str>, after.at, Kind::Tick(tick))
    }
}

/// What nothing reads is not kept from mark to mark.
fn is_kept(program: &Program, name: &str) -> bool {
    let last = name.rsplit_once('.').map_or(name, |(_, last)| last);
    match last {
        "worst" | "best" | "giveback" => program.reads.extremes_of_positions,
        "high_equity" | "low_equity" => {
            let period = name.trim_start_matches("last ").split('.').next().unwrap_or_default();
            let read = &program.reads.extremes_of_periods;
            program.ir.all_periods().any(|(number, row)| row.name == period && read.contains(&number))
        }
        _ => true,
    }
}

/// The state that a book keeps of an account's.
pub(crate) fn kept(program: &Program, state: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    state.into_iter().filter(|(name, _)| !is_running(name) && is_kept(program, name)).collect()
}

/// How many marks a pair had, and how many of them woke the account.
fn compare(seed: u64, length: usize) -> Result<(u64, u64), String> {
    let mut dice = Dice::new(seed);
    let (text, ir) = accepted(&mut dice);
    let Ok(program) = ringfence::compile::compile(ir.as_ref().clone()) else { return Ok((0, 0)) };
    let program = Arc::new(program);
    let (mut engine, mut book) = (Engine::new(), Book::with_sizes(Sizes { whole: 1, marks: 64 }));
    engine.load(Arc::clone(&program));
    book.load(Arc::clone(&program));
    let mut walk = Walk::new();
    let events = random_events::events(&mut dice, length);
    for event in &events {
        let place = |event: &Event| format!("seed {seed}, event {} {:?} at {}\n{text}", event.id, event.kind, event.at);
        let mut told = vec![event.clone()];
        walk.follow(event);
        for _ in 0..dice.below(30) {
            told.push(walk.tick(&mut dice, event));
        }
        for event in &told {
            let wanted = serde_json::to_string(&engine.apply(event)).unwrap();
            let found = serde_json::to_string(&book.apply(event)).unwrap();
            if wanted != found {
                return Err(format!("outcomes differ\n  engine: {wanted}\n  book:   {found}\n{}", place(event)));
            }
        }
        if dice.chance(20) {
            let wanted = engine.account("one").map(|account| kept(&program, account.state()));
            let market = engine.market().clone();
            let found = book.account("one").map(|account| kept(&program, account.state(&market)));
            if wanted != found {
                let (wanted, found) = (wanted.unwrap_or_default(), found.unwrap_or_default());
                let differ = wanted.iter().find(|(name, value)| found.get(*name) != Some(value));
                let theirs = differ.and_then(|(name, _)| found.get(name));
                return Err(format!("state differs\n  engine: {differ:?}\n  book:   {theirs:?}\n{}", place(event)));
            }
        }
    }
    let counts = book.counts();
    Ok((counts.marks, counts.wakes))
}

/// How many random pairs of a program and a stream are compared.
pub(crate) fn pairs() -> u64 {
    std::env::var("PAIRS").ok().and_then(|pairs| pairs.parse().ok()).unwrap_or(100)
}

#[test]
fn a_book_decides_as_an_engine_that_shows_each_mark() {
    let first = std::env::var("FIRST").ok().and_then(|first| first.parse().ok()).unwrap_or(1);
    let (mut marks, mut wakes, mut wrong) = (0, 0, Vec::new());
    for seed in first..first + pairs() {
        match compare(seed, 60) {
            Ok((told, woke)) => (marks, wakes) = (marks + told, wakes + woke),
            Err(difference) => wrong.push(difference),
        }
    }
    if let Some(first) = wrong.first() {
        let each: Vec<&str> = wrong.iter().filter_map(|one| one.lines().find(|line| line.starts_with("seed"))).collect();
        panic!("{} of {} differ:\n{}\nthe first: {first}", wrong.len(), pairs(), each.join("\n").chars().take(2_000).collect::<String>());
    }
    assert!(wakes < marks, "nothing was saved: {wakes} of {marks}");
}
