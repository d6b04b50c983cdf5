//! An account that is told wrong, late and too much, and then right, ends where one ends that was told right at once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;

use ringfence::code::Program;
use ringfence::engine::Engine;
use ringfence::event::{Event, Kind};
use ringfence::outcome::{ActionKind, Key, Outcome};
use ringfence::recompute::Remembering;
use ringfence::scenario::Interpreter;
use ringfence::source::Source;
use ringfence::value::{Decimal, Fixed, Value};

use crate::differential::is_running;
use crate::random::{self, Dice};
use crate::random_events;

/// What stands of the actions that were issued.
#[derive(Default)]
struct Platform {
    standing: BTreeMap<Key, ActionKind>,
    attempts: BTreeSet<(Key, u32)>,
    withdrawn: u64,
    late: u64,
}

impl Platform {
    fn take(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            for gone in outcome.recomputed.iter().flat_map(|recomputed| &recomputed.withdrawn) {
                assert_eq!(self.standing.remove(&gone.key).as_ref(), Some(&gone.kind), "what is withdrawn stood");
                self.withdrawn += 1;
            }
            for action in &outcome.actions {
                assert!(self.attempts.insert((action.key.clone(), action.attempt)), "{:?} is issued twice", action.key);
                assert_eq!(self.standing.insert(action.key.clone(), action.kind.clone()), None, "what is issued did not stand");
                self.late += u64::from(action.late);
            }
        }
    }
}

/// A program of the seed that takes corrections, and a clean history.
fn history(dice: &mut Dice, length: usize) -> Option<(Arc<Program>, Vec<Event>)> {
    let text = random::program(dice).replace("  gaps ", "  corrections within 400 days\n  gaps ");
    let program = ringfence::compile(&Source::new("random.fence", text)).ok()?;
    Some((program, random_events::events(dice, length)))
}

/// How a clean history is told wrongly: each event with those that come only later, behind so many others.
fn told(dice: &mut Dice, clean: &[Event]) -> Vec<Event> {
    let mut arrivals: Vec<(usize, Event)> = Vec::new();
    for (place, event) in clean.iter().enumerate() {
        let later = place + 1 + usize::try_from(dice.below(25)).unwrap();
        let may = matches!(event.kind, Kind::Fill(_) | Kind::Cash(_) | Kind::Snapshot(_) | Kind::Protect(_));
        match dice.below(if may { 8 } else { 40 }) {
            // It comes late, if its instant says where it belongs.
            0 if may && is_placed_by_instant(clean, place) => arrivals.push((later_than_another(clean, place, later), event.clone())),
            // It is told with another figure, and corrected.
            1 if may && event.account.is_some() => {
                arrivals.push((place, wrong(dice, event)));
                arrivals.push((later, Event { id: format!("right {}", event.id), corrects: Some(event.id.clone()), ..event.clone() }));
            }
            // Something that has not happened is told before it, and cancelled.
            2 if may && event.account.is_some() => {
                let ghost = Event { id: format!("ghost {}", event.id), ..wrong(dice, event) };
                let cancels = Event { id: format!("cancels {}", event.id), busts: Some(ghost.id.clone()), ..ghost.clone() };
                arrivals.extend([(place, ghost), (place, event.clone()), (later, cancels)]);
            }
            // So is a price.
            3 if matches!(event.kind, Kind::Tick(_)) => {
                arrivals.push((place, wrong(dice, event)));
                arrivals.push((later, Event { id: format!("right {}", event.id), corrects: Some(event.id.clone()), ..event.clone() }));
            }
            _ => arrivals.push((place, event.clone())),
        }
    }
    arrivals.sort_by_key(|(place, _)| *place);
    arrivals.into_iter().map(|(_, event)| event).collect()
}

/// A place behind another event of the account, or its own: what comes behind prices alone is not late.
fn later_than_another(clean: &[Event], place: usize, later: usize) -> usize {
    let between = clean.iter().take(later).skip(place + 1);
    let is_late = between.filter(|event| event.account.is_some()).any(|event| matches!(event.kind, Kind::Order(_) | Kind::Input(_)));
    if is_late { later } else { place }
}

/// Whether its instant alone puts an event where it stands among the others.
fn is_placed_by_instant(clean: &[Event], place: usize) -> bool {
    let when = |event: &Event| (event.at, event.order_in_instant());
    let here = when(&clean[place]);
    let behind = clean[place + 1..].iter().all(|event| when(event) > here);
    behind && clean[..place].last().is_some_and(|event| when(event) <= here)
}

/// The same event with another figure.
fn wrong(dice: &mut Dice, event: &Event) -> Event {
    let mut event = event.clone();
    let by = Decimal::from(i32::try_from(dice.below(4_000)).unwrap() - 2_000);
    let moved = |value: Decimal| Decimal::from(Fixed::from(value).add(Fixed::from(by)).unwrap());
    match &mut event.kind {
        Kind::Fill(fill) => fill.gross_profit = Some(by),
        Kind::Cash(cash) => cash.amount = moved(cash.amount),
        Kind::Snapshot(snapshot) => snapshot.equity = moved(snapshot.equity),
        Kind::Tick(tick) => (tick.bid, tick.ask) = (tick.bid.map(moved), tick.ask.map(moved)),
        _ => {}
    }
    event
}

/// What is kept, but for numbers of events and how often one came twice.
fn kept(state: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    state.into_iter().filter(|(name, _)| !is_running(name)).collect()
}

/// How many actions were withdrawn and issued late; what differs from a clean history.
fn compare(seed: u64, length: usize) -> Result<(u64, u64), String> {
    let mut dice = Dice::new(seed);
    let (program, clean) = loop {
        if let Some(found) = history(&mut dice, length) {
            break found;
        }
    };
    let (mut engine, mut right) = (Engine::new(), Platform::default());
    engine.load(Arc::clone(&program));
    for event in &clean {
        right.take(engine.apply(event));
    }
    let (mut remembering, mut platform) = (Remembering::default(), Platform::default());
    remembering.load(program);
    for event in told(&mut dice, &clean) {
        platform.take(remembering.apply(&event));
    }
    let (have, want) = (kept(remembering.engine().state("one")), kept(engine.state("one")));
    if let Some((name, want)) = want.iter().find(|(name, want)| have.get(*name) != Some(want)) {
        return Err(format!("seed {seed}: {name} is {:?}, in a clean history {want:?}", have.get(name)));
    }
    if platform.standing != right.standing {
        let differs = |one: &Platform, other: &Platform| one.standing.keys().filter(|key| !other.standing.contains_key(key)).count();
        return Err(format!(
            "seed {seed}: {} actions stand that should not, {} are missing",
            differs(&platform, &right),
            differs(&right, &platform)
        ));
    }
    Ok((platform.withdrawn, platform.late))
}

fn histories() -> u64 {
    std::env::var("HISTORIES").ok().and_then(|count| count.parse().ok()).unwrap_or(60)
}

/// `HISTORIES=10000 cargo test --test it corrected_histories -- --nocapture` tries more.
#[test]
fn corrected_histories_end_where_clean_ones_end() {
    let first = std::env::var("FIRST").ok().and_then(|first| first.parse().ok()).unwrap_or(1);
    let (mut withdrawn, mut late) = (0, 0);
    let mut differing = Vec::new();
    for seed in first..first + histories() {
        match compare(seed, 80) {
            Ok((gone, missing)) => (withdrawn, late) = (withdrawn + gone, late + missing),
            Err(differs) => differing.push(differs),
        }
    }
    writeln!(std::io::stdout(), "{} histories: {withdrawn} actions withdrawn, {late} issued late", histories()).unwrap();
    assert_eq!(differing.len(), 0, "of {}:\n{}", histories(), differing.join("\n"));
    assert!(withdrawn > histories() / 4 && late > histories() / 4, "{withdrawn} withdrawn, {late} late: the histories are too tame");
}
