//! A book against an engine over recorded ticks of EURUSD, with other symbols that wander beside it: accounts
//! that trail their drawdown with each mark, some with profit that another symbol converts, most of them packed.

use std::collections::BTreeMap;
use std::sync::Arc;

use ringfence::book::{Book, Shards, Sizes};
use ringfence::code::Program;
use ringfence::engine::Engine;
use ringfence::event::{Event, Kind, Tick, TickQuality};
use ringfence::outcome::Outcome;
use ringfence::readers::{ReadOptions, Source};
use ringfence::value::{Decimal, Instant, Value};

use crate::book::kept;
use crate::random::Dice;

/// What is highest and lowest at marks, read in each way there is.
const FOLLOWS: &str = r#"
program "Follows" {
    version  "1"
    currency USD
    day      17:00 to 16:55
    timezone "America/New_York"
    marks at exit side

    plans
        | plan | size     |
        | 100K | $100,000 |

    phase only {
        ledger starts at size

        floor trailing {
            starts at size - 1% of size
            trails equity at mark by 1% of size
            capped at size + 3% of size
        }
        limit "Trailing" { equity stays above trailing;  at 75% used { notify trader "{headroom} left" }
                           on breach { flatten, notify trader "trailing" } }

        track lowest_equity = lowest equity at mark from size
        limit "Once low" { lowest_equity stays above size - 0.5% of size;  on breach { notify trader "{lowest_equity}" } }

        limit "Given back" { day.high_equity - equity stays below $600;  on breach { notify trader "given back" } }

        floor of_both {
            starts at size - 2% of size
            trails max(equity, balance) at mark by 2% of size
        }
        limit "Of both" { equity stays above of_both;  on breach { notify trader "both" } }

        when (limit("Trailing").headroom else $0) is above $1,400 { notify trader "far above" }
    }
}
"#;
const SYMBOLS: [(&str, &str, &str); 3] = [("GBPUSD", "GBP", "USD"), ("USDJPY", "USD", "JPY"), ("EURJPY", "EUR", "JPY")];
const ACCOUNTS: u64 = 24;

fn event(line: &str) -> Event {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn recorded(count: usize) -> Vec<Event> {
    let name = "examples/data/fxcm_eurusd_tick_20140504_quote.zip";
    let options = ReadOptions { market: Some("fxcm".into()), ..ReadOptions::default() };
    let bytes = std::fs::File::open(name).unwrap();
    let mut source = Source::open(name, bytes, &options).unwrap();
    let ticks: Vec<Event> = source.events().map(Result::unwrap).filter(|event| matches!(event.kind, Kind::Tick(_))).take(count).collect();
    assert_eq!(ticks.len(), count);
    ticks
}

/// Prices of the other symbols, in their fifth or third decimal.
struct Others {
    mids: [u32; 3],
    number: u32,
}

impl Others {
    fn price(&self, symbol: usize, above: u32) -> Decimal {
        let (mid, scale) = (self.mids[symbol] + above, if symbol == 0 { 100_000 } else { 1_000 });
        format!("{}.{:0width$}", mid / scale, mid % scale, width = if symbol == 0 { 5 } else { 3 }).parse().unwrap()
    }

    fn tick(&mut self, dice: &mut Dice, at: Instant) -> Event {
        let symbol = usize::try_from(dice.below(3)).unwrap();
        self.mids[symbol] = self.mids[symbol] + u32::try_from(dice.below(9)).unwrap() - 4;
        let (bid, ask) = (Some(self.price(symbol, 0)), Some(self.price(symbol, 2)));
        let (bid, ask) = match dice.below(12) {
            0 => (bid, None),
            1 => (None, ask),
            _ => (bid, ask),
        };
        self.number += 1;
        let tick = Tick { symbol: SYMBOLS[symbol].0.into(), bid, ask, last: None, quality: TickQuality::Ok, extra: BTreeMap::new() };
        Event::new(format!("w{}", self.number), None::<&str>, at, Kind::Tick(tick))
    }
}

fn announced(first: Instant, others: &mut Others, dice: &mut Dice) -> Vec<Event> {
    let mut events = Vec::new();
    for (symbol, base, quote) in SYMBOLS.into_iter().chain([("EURUSD", "EUR", "USD")]) {
        let step = if quote == "JPY" { "0.001" } else { "0.00001" };
        events.push(event(&format!(
            r#"{{"id":"i{symbol}","at":"{first}","kind":"instrument","symbol":"{symbol}","class":"forex","unit":"lot","lot_size":"100000","multiplier":"100000","tick_size":"{step}","quantity_step":"0.01","quote_currency":"{quote}","base_currency":"{base}"}}"#
        )));
    }
    events.extend((0..30).map(|_| others.tick(dice, first)));
    for account in 0..ACCOUNTS {
        let (program, options) = match account % 3 {
            0 => ("Follows", "{}"),
            1 => ("Twelve rules", r#"{"trailing":true}"#),
            _ => ("Twelve rules", r#"{"trailing":false}"#),
        };
        events.push(event(&format!(
            r#"{{"id":"o","account":"A{account:02}","at":"{first}","kind":"open","program":"{program}","version":"1","plan":"100K","options":{options},"currency":"USD","start_balance":"100000","position_mode":"netting","trader":"T","purchased_at":"2014-05-01T12:00:00Z","swap":"in_position"}}"#
        )));
    }
    events
}

/// A fill, or cash, of a random account.
fn own(number: usize, at: Instant, eurusd: Decimal, others: &Others, dice: &mut Dice) -> Event {
    let account = dice.below(ACCOUNTS);
    if dice.chance(10) {
        let amount = dice.below(900);
        return event(&format!(
            r#"{{"id":"c{number}","account":"A{account:02}","at":"{at}","kind":"cash","cash_id":"c{number}","type":"deposit","amount":"{amount}"}}"#
        ));
    }
    let symbol = usize::try_from(dice.below(4)).unwrap();
    let (name, price) = SYMBOLS.get(symbol).map_or(("EURUSD", eurusd), |(name, ..)| (*name, others.price(symbol, 1)));
    let (side, lots) = (dice.pick(&["", "-"]), dice.below(5));
    event(&format!(
        r#"{{"id":"p{number}","account":"A{account:02}","at":"{at}","kind":"fill","fill_id":"p{number}","symbol":"{name}","quantity":"{side}{lots}.{}","price":"{price}","entry":"unknown","reason":"user"}}"#,
        dice.below(99) + 1
    ))
}

fn states(programs: &[Arc<Program>; 2], engine: &Engine, book: &mut Book) -> [Vec<String>; 2] {
    let market = engine.market().clone();
    let name = |account: u64| format!("A{account:02}");
    let shown = |account: u64, state: BTreeMap<String, Value>| {
        let program = &programs[usize::from(!account.is_multiple_of(3))];
        format!("{:#?}", kept(program, state).into_iter().collect::<Vec<_>>())
    };
    let engines = (0..ACCOUNTS).map(|account| shown(account, engine.account(&name(account)).unwrap().state())).collect();
    let books = (0..ACCOUNTS).map(|account| shown(account, book.account(&name(account)).unwrap().state(&market))).collect();
    [engines, books]
}

/// The recorded ticks, with marks of the other symbols, fills and cash between them.
pub(crate) fn stream(count: usize) -> Vec<Event> {
    let mut dice = Dice::new(20_140_504);
    let mut others = Others { mids: [168_700, 102_200, 141_700], number: 0 };
    let ticks = recorded(count);
    let mut events = announced(ticks[0].at, &mut others, &mut dice);
    for (number, tick) in ticks.into_iter().enumerate() {
        let (at, kind) = (tick.at, tick.kind.clone());
        events.push(tick);
        for _ in 0..dice.below(5) {
            events.push(others.tick(&mut dice, at));
        }
        if number < 200 || dice.below(60) == 0 {
            let Kind::Tick(Tick { bid: Some(bid), .. }) = kind else { continue };
            events.push(own(number, at, bid, &others, &mut dice));
        }
    }
    events
}

pub(crate) fn programs() -> [Arc<Program>; 2] {
    [("follows.fence", FOLLOWS), ("twelve.fence", include_str!("../../benches/programs/twelve.fence"))]
        .map(|(name, text)| ringfence::compile(&ringfence::source::Source::new(name, text)).unwrap_or_else(|found| panic!("{found:#?}")))
}

#[test]
fn a_book_decides_over_recorded_ticks_as_an_engine_does() {
    let programs = programs();
    let (mut engine, mut book) = (Engine::new(), Book::with_sizes(Sizes { whole: 7, marks: 256 }));
    for program in &programs {
        engine.load(Arc::clone(program));
        book.load(Arc::clone(program));
    }
    let mut told = 0;
    for (number, event) in stream(8_000).iter().enumerate() {
        let wanted = serde_json::to_string(&engine.apply(event)).unwrap();
        let found = serde_json::to_string(&book.apply(event)).unwrap();
        assert_eq!(wanted, found, "at event {} of {}", event.id, event.at);
        told += wanted.matches("\"key\"").count();
        if number % 2_999 == 2_998 {
            let [engines, books] = states(&programs, &engine, &mut book);
            for (engine, book) in engines.iter().zip(&books) {
                assert!(engine == book, "at event {} the states differ:\n{}", event.id, differing(engine, book));
            }
        }
    }
    assert!(told > 20, "{told} actions: too few to say anything");
    let counts = book.counts();
    // Each mark moves some twelve of the accounts, of which nearly none would have to be woken.
    assert!(counts.wakes < counts.marks / 4, "{counts:?}");
    assert!(counts.reminded > 20 && counts.spared > 20, "{counts:?}");
}

#[test]
fn a_book_that_keeps_none_whole_decides_the_same() {
    let (mut few, mut all) = (Book::with_sizes(Sizes { whole: 0, ..Sizes::default() }), Book::new());
    for program in programs() {
        few.load(Arc::clone(&program));
        all.load(program);
    }
    for event in stream(400) {
        assert_eq!(few.apply(&event), all.apply(&event), "at event {}", event.id);
    }
}

#[test]
fn shards_tell_what_one_book_tells() {
    let (mut book, mut shards) = (Book::new(), Shards::new(3));
    for program in programs() {
        shards.load(&program);
        book.load(program);
    }
    let events = stream(1_500);
    let mut told = 0;
    for batch in events.chunks(97) {
        let wanted: Vec<Outcome> = batch.iter().flat_map(|event| book.apply(event).to_vec()).collect();
        assert_eq!(shards.apply(batch), wanted);
        told += wanted.len();
    }
    assert!(told > 20, "{told} outcomes: too few to say anything");
    assert_eq!(shards.account("A03").unwrap().events(), book.account("A03").unwrap().events());
}

fn differing(a: &str, b: &str) -> String {
    let lines = a.lines().zip(b.lines()).filter(|(a, b)| a != b);
    lines.flat_map(|(a, b)| ["engine ", a, "\nbook   ", b, "\n"]).collect()
}
