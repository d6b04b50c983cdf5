//! Events against the books: what is booked, when something is due, how actions are told.

use std::sync::Arc;

use crate::check;
use crate::event::{Event, Kind};
use crate::outcome::{ActionKind, Cause, Change, FaultKind, Outcome, Verdict};
use crate::reference::Reference;
use crate::source::Source;
use crate::syntax;
use crate::value::Instant;

use super::programs::program;

/// An account at work: events are written as JSON without the envelope's usual parts.
struct Desk {
    reference: Reference,
    events: u32,
}

impl Desk {
    fn open(body: &str, mode: &str) -> Self {
        let source = Source::new("test", program(body));
        let checked = check::check(&source, &syntax::parse(&source));
        let ir = checked.ir.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
        let mut desk = Self { reference: Reference::new(Arc::new(ir)), events: 0 };
        for (symbol, quote, base, multiplier) in [("ES", "USD", "", "50"), ("EURUSD", "USD", "EUR", "100000"), ("DAX", "EUR", "", "1")] {
            let base = if base.is_empty() { String::new() } else { format!(r#""base_currency":"{base}","#) };
            desk.market(&format!(
                r#""kind":"instrument","symbol":"{symbol}","class":"x","unit":"contract","lot_size":"1","multiplier":"{multiplier}","tick_size":"0.00001","quantity_step":"1",{base}"quote_currency":"{quote}""#
            ));
        }
        desk.at("2026-03-02T10:00:00Z", &format!(
            r#""kind":"open","program":"Test","version":"1","plan":"A","currency":"USD","start_balance":"10000","position_mode":"{mode}","trader":"t","purchased_at":"2026-03-01T00:00:00Z","swap":"in_balance""#
        ));
        desk
    }

    fn send(&mut self, envelope: &str, at: &str, body: &str) -> Vec<Outcome> {
        self.events += 1;
        let text = format!(r#"{{"id":"e{}",{envelope}"at":"{at}",{body}}}"#, self.events);
        let event: Event = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        self.reference.apply(&event)
    }

    fn market(&mut self, body: &str) -> Vec<Outcome> {
        self.send("", "2026-03-02T09:00:00Z", body)
    }

    fn at(&mut self, at: &str, body: &str) -> Vec<Outcome> {
        self.send(r#""account":"a","#, at, body)
    }

    fn tick(&mut self, at: &str, symbol: &str, bid: &str, ask: &str) -> Vec<Outcome> {
        self.send("", at, &format!(r#""kind":"tick","symbol":"{symbol}","bid":"{bid}","ask":"{ask}""#))
    }

    fn fill(&mut self, at: &str, symbol: &str, quantity: &str, price: &str, more: &str) -> Vec<Outcome> {
        let fill = self.events;
        self.at(at, &format!(
            r#""kind":"fill","fill_id":"f{fill}","symbol":"{symbol}","quantity":"{quantity}","price":"{price}","entry":"unknown","reason":"user"{more}"#
        ))
    }

    fn shown(&self, name: &str) -> String {
        self.reference.state("a").get(name).map_or_else(|| "nothing".into(), ToString::to_string)
    }

    #[track_caller]
    fn expect(&self, expected: &[(&str, &str)]) {
        for (name, value) in expected {
            assert_eq!(self.shown(name), *value, "{name}");
        }
    }
}

const EMPTY: &str = "\n    phase trial {\n    }\n";

#[test]
fn netting_adds_reduces_and_reverses() {
    let mut desk = Desk::open(EMPTY, "netting");
    desk.fill("2026-03-02T10:01:00Z", "ES", "2", "5000", r#","commission":"-4""#);
    desk.fill("2026-03-02T10:02:00Z", "ES", "1", "5003", "");
    desk.expect(&[("position 1.quantity", "3"), ("position 1.entry_price", "5,001"), ("open_profit", "$300.00"), ("balance", "$9,996.00")]);
    desk.tick("2026-03-02T10:03:00Z", "ES", "5001.5", "5002");
    // (5001.5 × 3 − 15003) × 50
    desk.expect(&[("open_profit", "$75.00"), ("equity", "$10,071.00"), ("position 1.worst", "$0.00"), ("position 1.best", "$300.00")]);
    desk.fill("2026-03-02T10:04:00Z", "ES", "-1", "5002", "");
    // 5002 − 15003 ÷ 3 = 1 point
    desk.expect(&[("balance", "$10,046.00"), ("profit", "$46.00"), ("costs", "$4.00"), ("position 1.quantity", "2")]);
    desk.fill("2026-03-02T10:05:00Z", "ES", "-5", "4999", r#","fee":"-1""#);
    // 2 × −2 × 50, and the rest is short
    desk.expect(&[("balance", "$9,845.00"), ("position 2.side", "short"), ("position 2.quantity", "3"), ("trades", "1"), ("fills", "4")]);
    desk.expect(&[("position 1.quantity", "nothing"), ("day.opened", "2"), ("day.closed", "1"), ("day.profit", "-$155.00")]);
    desk.tick("2026-03-02T10:06:00Z", "ES", "5000", "5001");
    desk.expect(&[("position 2.open_profit", "-$300.00"), ("day.low_equity", "$9,545.00"), ("day.high_equity", "$10,296.00")]);
}

#[test]
fn tickets_stand_apart() {
    let mut desk = Desk::open(EMPTY, "hedging");
    desk.fill("2026-03-02T10:01:00Z", "ES", "1", "5000", r#","position_id":"p1""#);
    desk.fill("2026-03-02T10:02:00Z", "ES", "-1", "5010", r#","position_id":"p2""#);
    desk.expect(&[("positions", "2"), ("weighted_quantity", "0"), ("position 2.side", "short")]);
    let refused = desk.fill("2026-03-02T10:03:00Z", "ES", "-2", "5010", r#","position_id":"p1""#);
    assert_eq!(refused.first().map(|outcome| outcome.faults.iter().map(|fault| fault.kind).collect()), Some(vec![FaultKind::Inconsistent]));
    desk.fill("2026-03-02T10:04:00Z", "ES", "-1", "5010", r#","position_id":"p1","gross_profit":"499.5""#);
    desk.expect(&[("positions", "1"), ("balance", "$10,499.50")]);
    desk.at("2026-03-02T10:05:00Z", r#""kind":"protect","position_id":"p2","stop_loss":"5012""#);
    desk.expect(&[("position 2.risk", "$100.00"), ("position 2.unstopped_quantity", "0"), ("open_risk", "$100.00")]);
    desk.at("2026-03-02T10:06:00Z", r#""kind":"protect","position_id":"p2""#);
    desk.expect(&[("position 2.risk", "none"), ("position 2.widest_risk", "$100.00"), ("open_risk", "none")]);
}

#[test]
fn open_profit_is_converted_by_the_middle_of_the_pair() {
    let mut desk = Desk::open(EMPTY, "netting");
    desk.fill("2026-03-02T10:01:00Z", "DAX", "2", "20000", "");
    desk.expect(&[("equity", "none"), ("position 1.open_profit", "none"), ("balance", "$10,000.00")]);
    desk.tick("2026-03-02T10:02:00Z", "EURUSD", "1.1000", "1.1001");
    desk.expect(&[("equity", "$10,000.00")]);
    desk.tick("2026-03-02T10:03:00Z", "DAX", "20010", "20011");
    // 10 × 2 × 1.10005
    desk.expect(&[("open_profit", "$22.001"), ("exposure", "$44,024.001")]);
    desk.fill("2026-03-02T10:04:00Z", "DAX", "-2", "20010", r#","fx_rate":"1.2""#);
    desk.expect(&[("balance", "$10,024.00")]);
}

#[test]
fn a_snapshot_stands_until_the_next() {
    let mut desk = Desk::open(EMPTY, "netting");
    desk.fill("2026-03-02T10:01:00Z", "ES", "1", "5000", "");
    desk.at("2026-03-02T10:02:00Z", r#""kind":"snapshot","balance":"10010","equity":"10100""#);
    desk.expect(&[("balance", "$10,010.00"), ("equity", "$10,100.00"), ("open_profit", "$90.00"), ("profit", "$0.00")]);
    desk.tick("2026-03-02T10:03:00Z", "ES", "5001", "5002");
    desk.expect(&[("equity", "$10,150.00")]);
    desk.at("2026-03-02T10:04:00Z", r#""kind":"cash","cash_id":"c","amount":"-500","type":"withdrawal""#);
    desk.expect(&[("equity", "$9,650.00"), ("withdrawn", "$500.00"), ("day.start_balance", "$9,500.00"), ("day.equity_profit", "$150.00")]);
    desk.expect(&[("day.high_equity", "$9,650.00"), ("day.low_equity", "$9,500.00"), ("day.profit", "$0.00")]);
}

#[test]
fn days_weeks_and_months_turn() {
    let mut desk = Desk::open(EMPTY, "netting");
    desk.expect(&[
        ("day.date", "2026-03-02"),
        ("day.weekday", "mon"),
        ("day.number", "1"),
        ("week.number", "1"),
        ("last day.profit", "none"),
    ]);
    desk.fill("2026-03-06T10:00:00Z", "ES", "1", "5000", "");
    desk.fill("2026-03-06T11:00:00Z", "ES", "-1", "5001", "");
    desk.expect(&[("day.number", "5"), ("day.profit", "$50.00"), ("day.start_balance", "$10,000.00")]);
    desk.at("2026-03-08T12:00:00Z", r#""kind":"clock""#);
    // Saturday has begun: the week is over and shown until Monday opens.
    desk.expect(&[
        ("day.date", "2026-03-06"),
        ("day.close_balance", "$10,050.00"),
        ("week.close_balance", "$10,050.00"),
        ("last day.date", "2026-03-05"),
    ]);
    desk.at("2026-03-08T13:00:00Z", r#""kind":"cash","cash_id":"c","amount":"-8","type":"commission""#);
    desk.at("2026-03-09T00:00:00Z", r#""kind":"clock""#);
    desk.expect(&[("day.date", "2026-03-09"), ("day.profit", "-$8.00"), ("day.start_balance", "$10,042.00"), ("week.number", "2")]);
    desk.expect(&[("last day.profit", "$50.00"), ("last week.profit", "$50.00"), ("month.profit", "$42.00"), ("month.number", "1")]);
    desk.at("2026-04-01T00:00:00Z", r#""kind":"clock""#);
    desk.expect(&[("month.number", "2"), ("last month.profit", "$42.00"), ("last month.date", "2026-03-02"), ("month.date", "2026-04-01")]);
}

const LOCKS: &str = r#"
    phase trial {
        limit "Daily" cites "4.2" {
            equity stays above day.start_balance - $100
            on breach { flatten, cancel orders, lock until next day, notify risk "down {day.equity_profit}" }
        }
    }
"#;

#[test]
fn a_breach_is_told_with_its_evidence_and_locks() {
    let mut desk = Desk::open(LOCKS, "netting");
    desk.fill("2026-03-02T10:01:00Z", "ES", "1", "5000", "");
    assert!(desk.tick("2026-03-02T10:02:00Z", "ES", "4998.01", "4999").is_empty());
    assert!(desk.tick("2026-03-02T10:02:30Z", "EURUSD", "1.1", "1.2").is_empty(), "a tick of what is not held reaches nothing");
    let outcomes = desk.tick("2026-03-02T10:03:00Z", "ES", "4998", "4999");
    let [outcome] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    let kinds: Vec<&str> = outcome.actions.iter().map(|action| action.kind.words()).collect();
    assert_eq!(kinds, ["flatten", "cancel orders", "lock", "notify"]);
    let last = outcome.actions.last().unwrap();
    assert_eq!((last.key.ordinal, last.key.instance, last.cites.as_deref()), (3, 0, Some("4.2")));
    assert_eq!(last.kind, ActionKind::Notify { to: "risk".into(), message: "down -$100.00".into() });
    // Opening, fill, and the two ticks of what is held.
    assert_eq!(last.evidence.crossed, Some(4));
    assert_eq!(last.evidence.headroom_before.as_ref().map(ToString::to_string), Some("$0.50".into()));
    let values: Vec<String> = last.evidence.values.iter().map(|shown| format!("{} {}", shown.text, shown.value)).collect();
    assert_eq!(values.first().map(String::as_str), Some("equity $9,900.00"));
    assert!(matches!(outcome.changes.as_slice(), [Change::Breach { number: 1, .. }, Change::Locked { locked: true }]));

    let order = |quantity: &str, side: &str| {
        format!(
            r#""kind":"order","order_id":"o{quantity}{side}","symbol":"ES","side":"{side}","type":"market","quantity":"{quantity}","status":"new""#
        )
    };
    let answer = desk.at("2026-03-02T10:04:00Z", &order("1", "buy"));
    assert!(matches!(&answer[0].verdict, Some(Verdict::Reject { reasons }) if &*reasons[0].rule == "Daily"));
    assert_eq!(desk.at("2026-03-02T10:04:00Z", &order("1", "sell"))[0].verdict, Some(Verdict::Allow));
    assert_eq!(
        desk.at("2026-03-02T10:04:00Z", &order("3", "sell"))[0].verdict.as_ref().map(|v| matches!(v, Verdict::Reject { .. })),
        Some(true)
    );
    desk.fill("2026-03-02T10:05:00Z", "ES", "-1", "4998", "");
    let next: Instant = "2026-03-03T00:00:00Z".parse().unwrap();
    assert_eq!(desk.reference.next_due("a"), Some(next));
    let outcomes = desk.reference.advance(next);
    let [outcome] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert_eq!((&outcome.cause, outcome.changes.as_slice()), (&Cause::Due(next), [Change::Locked { locked: false }].as_slice()));
    desk.expect(&[
        ("limit Daily.open", "nothing"),
        ("trial: limit Daily.open", "no"),
        ("trial: limit Daily.breaches", "1"),
        ("locked", "no"),
    ]);
}

#[test]
fn what_is_late_repeated_or_unknown_is_not_booked() {
    let mut desk = Desk::open(EMPTY, "netting");
    let unknown = desk.fill("2026-03-02T10:01:00Z", "NQ", "1", "5000", "");
    assert_eq!(unknown[0].faults[0].kind, FaultKind::Inconsistent);
    desk.fill("2026-03-02T10:02:00Z", "ES", "1", "5000", "");
    let late = desk.fill("2026-03-02T10:01:30Z", "ES", "1", "5000", "");
    assert_eq!(late[0].faults[0].kind, FaultKind::NeedsHistory);
    desk.events -= 2;
    assert!(desk.fill("2026-03-02T10:03:00Z", "ES", "1", "5000", "").is_empty(), "the same id again");
    desk.expect(&[("position 1.quantity", "1"), ("fills", "1")]);
    let event = Event::new("x", Some("b"), "2026-03-02T10:00:00Z".parse().unwrap(), Kind::Clock);
    assert_eq!(desk.reference.apply(&event)[0].faults[0].kind, FaultKind::Inconsistent);
}

const OVERFLOWS: &str = r#"
    phase trial {
        let big = profit * 2,000,000,000
        when big is above $5 { notify risk "big" }
        when profit is above $10 { notify ops "ten" }
    }
"#;

/// docs/semantics.md: numbers.8
#[test]
fn a_fault_begins_once_and_does_not_touch_other_rules() {
    let mut desk = Desk::open(OVERFLOWS, "netting");
    desk.expect(&[("trial: let big", "$0.00")]);
    desk.fill("2026-03-02T10:01:00Z", "ES", "1", "5000", "");
    let outcomes = desk.fill("2026-03-02T10:02:00Z", "ES", "-1", "5001", "");
    let kinds: Vec<FaultKind> = outcomes[0].faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [FaultKind::Overflow, FaultKind::Dependent]);
    assert_eq!(outcomes[0].actions.len(), 1, "the other rule fires");
    desk.expect(&[("trial: let big", "faulted")]);
    assert!(desk.fill("2026-03-02T10:03:00Z", "ES", "1", "5000", "").is_empty(), "told once");
    assert!(desk.fill("2026-03-02T10:04:00Z", "ES", "-1", "4999", "").is_empty(), "and it ends");
    desk.expect(&[("trial: let big", "$0.00")]);
}
