//! What wakes an account of a book, and what need not: a row for each. In each an account sleeps, something
//! happens, and it was looked at or not; the outcomes and the state are those of an engine either way.

use std::sync::Arc;

use ringfence::book::{Book, Counts, Sizes};
use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::source::Source;

use crate::book::kept;

/// What happens to the account while it sleeps.
enum Step {
    /// A mark: symbol, bid, ask; nothing for a price that is not told.
    Mark(&'static str, &'static str, &'static str),
    /// A tick that is no mark.
    Stale(&'static str, &'static str, &'static str),
    /// An event of the account.
    Own(&'static str),
    /// An event of the whole market.
    Market(&'static str),
    /// So many seconds pass.
    Pass(i64),
}

use Step::{Mark, Market, Own, Pass, Stale};

/// Something that happens to an account that holds one long contract of ES from 5,000, $50 a point, unless
/// `before` tells more.
struct Row {
    what: &'static str,
    /// What positions are marked at.
    marks: &'static str,
    /// The rules of its phase.
    rules: &'static str,
    before: &'static [Step],
    happens: Step,
    /// Whether the account is looked at.
    wakes: bool,
    /// What follows, and is to be told then.
    after: &'static [Step],
    tells: &'static str,
}

const SIDE: &str = "exit side";
const LOSS: &str = r#"limit "Loss" { equity stays above $99,500;  on breach { notify trader "loss" } }"#;
const GAIN: &str = r#"when open_profit is above $400 { notify trader "gain" }"#;
const TRAILS: &str = r#"floor trailing { starts at size - 2% of size;  trails equity at mark by 2% of size }
    limit "Trailing" { equity stays above trailing;  on breach { notify trader "trailing" } }"#;
const FAR: Step = Mark("ES", "4900", "4900.25");
const LOW: Step = Mark("ES", "4990", "4990.25");
const UP: Step = Mark("ES", "5002", "5002.25");
const HIGH: Step = Mark("ES", "5009", "5009.25");
const BOUGHT_JP: Step = Own(r#""kind":"fill","fill_id":"j","symbol":"JP","quantity":"1","price":"20000","entry":"in","reason":"user""#);
const SOLD_TWO: Step = Own(r#""kind":"fill","fill_id":"s","symbol":"ES","quantity":"-2","price":"5000","entry":"unknown","reason":"user""#);

const fn row(what: &'static str, rules: &'static str, happens: Step, wakes: bool, tells: &'static str) -> Row {
    Row { what, marks: SIDE, rules, before: &[], happens, wakes, after: &[], tells }
}

const MUST: &[Row] = &[
    row("a bound of equity", LOSS, LOW, true, "loss"),
    row("a condition on open profit", GAIN, HIGH, true, "gain"),
    row(
        "a bound of exposure",
        r#"limit "E" { exposure stays at or below $252,000;  on breach { notify trader "exposed" } }"#,
        Mark("ES", "5041", "5041.25"),
        true,
        "exposed",
    ),
    row(
        "a bound of margin",
        r#"limit "M" { margin stays at or below $12,550;  on breach { notify trader "margin" } }"#,
        Mark("ES", "5021", "5021.25"),
        true,
        "margin",
    ),
    row("a goal", r#"goal "G" { require "gain" equity is at least $100,400;  on reached { notify trader "goal" } }"#, HIGH, true, "goal"),
    row(
        "the guard of a limit",
        r#"limit "Guarded" when equity is above $100,300 { profit stays at or above $1;  on breach { notify trader "guarded" } }"#,
        HIGH,
        true,
        "guarded",
    ),
    row(
        "where a largest of two becomes the other",
        r#"when max(open_profit, $200) is above $300 { notify trader "largest" }"#,
        HIGH,
        true,
        "largest",
    ),
    row(
        "a step of a table",
        "let gained = open_profit
    table step by gained steps
        | from        | worth |
        | -$1,000,000 | $1    |
        | $300        | $2    |
    when (step.worth else $0) is above $1 { notify trader \"step\" }",
        HIGH,
        true,
        "step",
    ),
    row(
        "a percentage that was not told yet",
        r#"limit "Loss" { equity stays above $99,000;  allowance $1,000;  at 50% used { notify trader "half" };  on breach { flatten } }"#,
        LOW,
        true,
        "half",
    ),
    row(
        "a count over positions",
        r#"when (any open positions where position.open_profit is above $300) { notify trader "one of them" }"#,
        HIGH,
        true,
        "one of them",
    ),
    Row {
        after: &[Pass(11)],
        ..row(
            "where a wait begins",
            r#"limit "Loss" { equity stays above $99,500 for 10s;  on breach { notify trader "waited" } }"#,
            LOW,
            true,
            "waited",
        )
    },
    Row {
        before: &[LOW],
        after: &[Pass(4_000), LOW, Pass(4_000)],
        ..row(
            "where a breach is cured",
            r#"limit "Loss" { equity stays above $99,500;  cure within 1h;  on breach { notify trader "not cured" } }"#,
            UP,
            true,
            "not cured",
        )
    },
    Row {
        before: &[HIGH],
        after: &[Mark("ES", "5002.75", "5003")],
        ..row(
            "the best of a position",
            r#"limit "G" for each position { position.giveback stays below $400;  on breach { notify trader "gave back" } }"#,
            Mark("ES", "5011", "5011.25"),
            true,
            "gave back",
        )
    },
    row(
        "a floor that reaches its cap",
        r#"floor f { starts at size - 2% of size;  trails equity at mark by 2% of size;  capped at size - 1.9% of size }
    limit "F" { equity stays above f;  on breach { flatten } }
    when f is at least size - 1.9% of size { notify trader "capped" }"#,
        UP,
        true,
        "capped",
    ),
    Row {
        after: &[UP],
        ..row(
            "each mark, for an average of marks",
            r#"track mean = average equity at mark from size
    when mean is above $100,020 { notify trader "mean" }"#,
            Mark("ES", "5000.25", "5000.5"),
            true,
            "mean",
        )
    },
    row("the bid, for a long", LOSS, Mark("ES", "4990", ""), true, "loss"),
    Row { before: &[SOLD_TWO], ..row("the ask, for a short", LOSS, Mark("ES", "", "5010"), true, "loss") },
    Row { marks: "mid", ..row("either side, where the middle marks", GAIN, Mark("ES", "5000", "5020"), true, "gain") },
    Row {
        before: &[BOUGHT_JP, Mark("JP", "18500", "18510")],
        ..row(
            "what converts the profit",
            r#"limit "Loss" { equity stays above $88,000;  on breach { notify trader "converted" } }"#,
            Mark("USDJPY", "120", "120.02"),
            true,
            "converted",
        )
    },
    row(
        "its own fill",
        r#"on fill { notify trader "filled" }"#,
        Own(r#""kind":"fill","fill_id":"g","symbol":"ES","quantity":"1","price":"5000","entry":"in","reason":"user""#),
        true,
        "filled",
    ),
    Row {
        before: &[Own(r#""kind":"fill","fill_id":"n","symbol":"NQ","quantity":"1","price":"18000","entry":"in","reason":"user""#)],
        ..row("the first mark of a symbol", LOSS, Mark("NQ", "17970", "17970.25"), true, "loss")
    },
    row(
        "the age of a mark",
        r#"limit "Feed" for each position {
        never position.mark_age is known and position.mark_age is above 30s
        on breach { notify trader "no mark" }
    }"#,
        Pass(31),
        true,
        "no mark",
    ),
    row("what is due", r#"every day at 15:10 { notify trader "ten past three" }"#, Pass(3_600), true, "ten past three"),
    row(
        "cash",
        r#"on deposit { notify trader "cash" }"#,
        Own(r#""kind":"cash","cash_id":"c","type":"deposit","amount":"100""#),
        true,
        "cash",
    ),
    Row {
        before: &[SOLD_TWO],
        after: &[Mark("ES", "5000", "5011")],
        ..row(
            "a gap",
            LOSS,
            Market(r#""kind":"gap","from":"2026-03-02T15:01:00Z","to":"2026-03-02T15:01:30Z","reason":"feed down""#),
            true,
            "loss",
        )
    },
    row(
        "where a rule becomes faulted",
        r#"let points = open_profit / $1
    when points * points * points * points is below -1 { notify trader "never" }"#,
        Mark("ES", "5012", "5012.25"),
        true,
        r#""faults":[{"#,
    ),
    row(
        "each mark, for what no band can be found for",
        r#"when (margin_level else 1000%) is below 50% { notify trader "margin level" }"#,
        Mark("ES", "5000.25", "5000.5"),
        true,
        "",
    ),
];

const NEED_NOT: &[Row] = &[
    row("a mark within the band", LOSS, Mark("ES", "4999", "4999.25"), false, ""),
    row("a mark of what it does not hold", LOSS, Mark("NQ", "15000", "15000.25"), false, ""),
    row("the ask, for a long", LOSS, Mark("ES", "", "4000"), false, ""),
    Row { before: &[SOLD_TWO], ..row("the bid, for a short", LOSS, Mark("ES", "6000", ""), false, "") },
    row("a tick that is no mark", LOSS, Stale("ES", "4900", "4900.25"), false, ""),
    row("a new high that nothing reads", LOSS, HIGH, false, ""),
    Row { after: &[Mark("ES", "4962", "4962.25")], ..row("a new high under a floor that trails", TRAILS, UP, false, "trailing") },
    row("a new high of the day", r#"limit "D" { day.high_equity - equity stays below $600;  on breach { flatten } }"#, UP, false, ""),
    row(
        "a new low that is kept",
        r#"track lowest_equity = lowest equity at mark from size
    limit "L" { lowest_equity stays above $99,000;  on breach { flatten } }"#,
        Mark("ES", "4999", "4999.25"),
        false,
        "",
    ),
    Row {
        before: &[Own(r#""kind":"fill","fill_id":"x","symbol":"ES","quantity":"-1","price":"5000","entry":"out","reason":"user""#)],
        ..row("any mark, while it holds nothing", LOSS, FAR, false, "")
    },
    row("time in which nothing is due", LOSS, Pass(60), false, ""),
];

/// An engine and a book, told the same.
struct Both {
    program: Arc<ringfence::code::Program>,
    engine: Engine,
    book: Book,
    second: i64,
    number: u32,
}

impl Both {
    fn new(row: &Row) -> Self {
        let text = format!(
            "program \"P\" {{\n  version \"1\"\n  currency USD\n  timezone \"UTC\"\n  day 22:00 to 21:00\n  marks at {}\n  plans\n    | plan | size |\n    \
             | A | $100,000 |\n  phase only {{\n    ledger starts at size\n    {}\n  }}\n}}\n",
            row.marks, row.rules
        );
        let program = ringfence::compile(&Source::new("p.fence", text)).unwrap_or_else(|found| panic!("{}: {found:#?}", row.what));
        let (mut engine, mut book) = (Engine::new(), Book::with_sizes(Sizes { whole: 0, ..Sizes::default() }));
        engine.load(Arc::clone(&program));
        book.load(Arc::clone(&program));
        Self { program, engine, book, second: 0, number: 0 }
    }

    /// Both take an event in; what they tell, which must be the same.
    fn apply(&mut self, rest: &str) -> String {
        self.number += 1;
        let (minute, second) = (self.second / 60, self.second % 60);
        let at = format!("2026-03-02T{:02}:{:02}:{second:02}Z", 15 + minute / 60, minute % 60);
        let line = format!(r#"{{"id":"e{}","at":"{at}",{rest}}}"#, self.number);
        let event: Event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let wanted = serde_json::to_string(&self.engine.apply(&event)).unwrap();
        assert_eq!(wanted, serde_json::to_string(&self.book.apply(&event)).unwrap(), "{line}");
        wanted
    }

    fn step(&mut self, step: &Step) -> String {
        let price = |side: &str, price: &str| if price.is_empty() { String::new() } else { format!(r#","{side}":"{price}""#) };
        let tick =
            |symbol: &str, bid: &str, ask: &str| format!(r#""kind":"tick","symbol":"{symbol}"{}{}"#, price("bid", bid), price("ask", ask));
        self.second += if let Pass(seconds) = step { *seconds } else { 1 };
        match step {
            Mark(symbol, bid, ask) => self.apply(&tick(symbol, bid, ask)),
            Stale(symbol, bid, ask) => self.apply(&format!(r#"{},"quality":"stale""#, tick(symbol, bid, ask))),
            Own(rest) => self.apply(&format!(r#""account":"a",{rest}"#)),
            Market(rest) => self.apply(rest),
            Pass(_) => self.apply(r#""kind":"clock""#),
        }
    }

    /// What the market is, and an account with its first position.
    fn begin(&mut self) {
        for (symbol, multiplier, quote, more) in [
            ("ES", "50", "USD", ""),
            ("NQ", "20", "USD", ""),
            ("JP", "1000", "JPY", ""),
            ("USDJPY", "100000", "JPY", r#","base_currency":"USD""#),
        ] {
            self.apply(&format!(
                r#""kind":"instrument","symbol":"{symbol}","class":"any","unit":"contract","lot_size":"1","multiplier":"{multiplier}","tick_size":"0.01","quantity_step":"1","quote_currency":"{quote}","margin_rate":"0.05"{more}"#
            ));
        }
        for mark in [Mark("ES", "5000", "5000.25"), Mark("JP", "20000", "20010"), Mark("USDJPY", "150", "150.02")] {
            self.step(&mark);
        }
        self.step(&Own(
            r#""kind":"open","program":"P","version":"1","plan":"A","options":{},"currency":"USD","start_balance":"100000","position_mode":"netting","trader":"t","purchased_at":"2026-03-01T00:00:00Z","swap":"in_position""#,
        ));
        self.step(&Own(r#""kind":"fill","fill_id":"f","symbol":"ES","quantity":"1","price":"5000","entry":"in","reason":"user""#));
        self.step(&Mark("ES", "5000", "5000.25"));
    }

    fn assert_same_state(&mut self, what: &str) {
        let market = self.engine.market().clone();
        let wanted = kept(&self.program, self.engine.account("a").unwrap().state());
        let found = kept(&self.program, self.book.account("a").unwrap().state(&market));
        assert_eq!(found, wanted, "{what}");
    }
}

/// How often the account was looked at while something happened.
fn looks(before: Counts, after: Counts) -> u64 {
    after.looks - before.looks
}

fn check(row: &Row) {
    let mut both = Both::new(row);
    both.begin();
    for step in row.before {
        both.step(step);
    }
    // It sleeps: what it does not hold may do what it will.
    let asleep = both.book.counts();
    both.step(&Mark("JUNK", "1", "2"));
    assert_eq!(looks(asleep, both.book.counts()), 0, "{}: it does not sleep", row.what);
    let before = both.book.counts();
    let mut told = both.step(&row.happens);
    let after = both.book.counts();
    assert_eq!(looks(before, after) > 0, row.wakes, "{}: {before:?}, then {after:?}", row.what);
    if matches!(row.happens, Mark(..)) {
        assert_eq!(after.wakes - before.wakes, u64::from(row.wakes), "{}: woken by the mark", row.what);
    }
    for step in row.after {
        told = both.step(step);
    }
    assert!(told.contains(row.tells), "{}: {told}", row.what);
    both.assert_same_state(row.what);
}

#[test]
fn what_must_wake_an_account_does() {
    MUST.iter().for_each(check);
}

#[test]
fn what_need_not_wake_an_account_does_not() {
    NEED_NOT.iter().for_each(check);
}
