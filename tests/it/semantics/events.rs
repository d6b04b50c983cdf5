//! Instants, days, payouts and keys that scenarios cannot reach: single fields of events.

use ringfence::calendar::Holidays;
use ringfence::outcome::{ActionKind, Cause, Change, FaultKind, Outcome, Verdict};
use ringfence::scenario::Interpreter;
use ringfence::value::{Date, Instant};

use super::pair::{DAY, Pair, SIDE, faults};

/// docs/semantics.md: instant.10
#[test]
fn duplicates_by_id_and_by_number_are_ignored() {
    let mut pair = Pair::open(DAY, "", "netting");
    let deposit = |id: &str| format!(r#""kind":"cash","cash_id":"{id}","amount":"1","type":"deposit""#);
    pair.at("10:00:00", "c0", &deposit("c0"));
    assert!(pair.at("10:00:01", "c0", &deposit("other")).is_empty(), "the same id");
    assert_eq!(pair.value("balance"), "$100,001.00");
    for number in 1..=255 {
        pair.at("10:00:02", &format!("c{number}"), &deposit("c"));
    }
    pair.at("10:00:03", "c0", &deposit("c"));
    assert_eq!(pair.value("balance"), "$100,256.00", "c0 is the last but 255");
    pair.at("10:00:03", "c256", &deposit("c"));
    pair.at("10:00:03", "c0", &deposit("c"));
    assert_eq!(pair.value("balance"), "$100,258.00", "256 others came after it");
    let numbered = |seq: u64| format!(r#""seq":{seq},"kind":"cash","cash_id":"n","amount":"1","type":"deposit""#);
    pair.at("10:00:04", "n1", &numbered(7));
    pair.at("10:00:04", "n2", &numbered(7));
    pair.at("10:00:04", "n3", &numbered(6));
    assert_eq!(pair.value("balance"), "$100,259.00", "a number not above the last");
    pair.at("10:00:04", "n4", &numbered(8));
    assert_eq!(pair.value("balance"), "$100,260.00");
    assert_eq!(pair.0.engine.account("a").unwrap().status().duplicates, 4);
}

/// docs/semantics.md: instant.13
#[test]
fn what_is_older_than_the_account_is_late_and_the_market_makes_nothing_late() {
    let deposit = |id: &str| format!(r#""kind":"cash","cash_id":"{id}","amount":"1","type":"deposit""#);
    let mut pair = Pair::open(DAY, "  every day at 11:00 { notify ops \"eleven\" }", "netting");
    pair.at("10:00:00", "first", &deposit("first"));
    pair.tick("10:59:00", "t", "5000", "5000", "ok");
    assert_eq!(faults(&pair.at("10:30:00", "behind a tick", &deposit("b"))), []);
    assert_eq!(faults(&pair.at("10:30:00", "the same instant", &deposit("c"))), []);
    assert_eq!(faults(&pair.at("10:29:59.999999999", "older", &deposit("d"))), [FaultKind::NeedsHistory]);
    pair.apply(r#"{"id":"clock","at":"2026-03-02T12:00:00Z","kind":"clock"}"#);
    assert_eq!(faults(&pair.at("10:59:59", "behind what was due at eleven", &deposit("e"))), [FaultKind::NeedsHistory]);
    assert_eq!(faults(&pair.at("11:00:00", "with it", &deposit("f"))), []);
    assert_eq!(pair.value("balance"), "$100,004.00");
}

/// docs/semantics.md: pure.6
#[test]
fn a_text_of_64_bytes_is_kept_and_one_of_65_is_a_fault() {
    let mut pair = Pair::open(DAY, "  input desk: text = \"\"\n  on fill { notify ops \"{desk}\" }", "netting");
    let tell = |count: usize| format!(r#""kind":"input","name":"desk","value":"{}""#, "x".repeat(count));
    assert_eq!(faults(&pair.at("10:00:00", "i1", &tell(64))), []);
    let told = serde_json::to_string(&pair.fill("10:00:01", "f1", "1", "5000", "")).unwrap();
    assert!(told.contains(&"x".repeat(64)), "{told}");
    assert_eq!(faults(&pair.at("10:00:02", "i2", &tell(65))), [FaultKind::Inconsistent]);
}

/// docs/semantics.md: values.12
#[test]
fn the_fault_of_a_tracker_stands_until_it_looks_again() {
    let body = "  input big: number = 2\n  track area = highest (big * big) at fill in last 3 days from 0";
    let mut pair = Pair::open(DAY, body, "netting");
    let tell = |value: &str| format!(r#""kind":"input","name":"big","value":"{value}""#);
    pair.fill("10:00:00", "f1", "1", "5000", "");
    assert_eq!(pair.value("track area"), "4");
    pair.at("10:00:01", "i1", &tell("1000000"));
    assert_eq!(faults(&pair.fill("10:00:02", "f2", "1", "5000", "")), [FaultKind::Overflow], "a million squared");
    pair.at("10:00:03", "i2", &tell("3"));
    pair.at("10:00:04", "c", r#""kind":"cash","cash_id":"c","amount":"1","type":"deposit""#);
    assert_eq!(pair.value("track area"), "faulted", "nothing was looked at since");
    pair.fill("10:00:05", "f3", "1", "5000", "");
    assert_eq!(pair.value("track area"), "9");
}

/// docs/semantics.md: pure.5
#[test]
fn an_account_decides_alone_as_it_does_beside_others() {
    let body = "  on trade { notify trader \"{trade.symbol} {trade.profit}\" }\n  event say { what: text }\n  state said: text = \"\"\n  \
                on say { set said = say.what, notify trader \"{say.what}\" }\n  limit \"Loss\" { equity stays above size - $100\n on breach { flatten, lock until next day } }";
    let say = |id: &str, what: &str| (id.to_owned(), format!(r#""kind":"host","name":"say","fields":{{"what":"{what}"}}"#));
    let fill = |id: &str, symbol: &str, quantity: &str, price: &str| {
        let rest = format!(
            r#""kind":"fill","fill_id":"{id}","symbol":"{symbol}","quantity":"{quantity}","price":"{price}","reason":"user","entry":"unknown""#
        );
        (id.to_owned(), rest)
    };
    let mine =
        [say("s1", "mine"), fill("f1", "NQ", "1", "100"), fill("f2", "NQ", "-1", "99"), say("s2", "again"), fill("f3", "ES", "1", "100")];
    let others =
        [fill("o1", "ES", "1", "100"), say("o2", "theirs"), fill("o3", "ES", "-1", "90"), fill("o4", "NQ", "3", "100"), say("o5", "mine")];
    let run = |with_others: bool| {
        let mut pair = Pair::open(SIDE, body, "netting");
        pair.account("b", "netting");
        let mut told = Vec::new();
        for (at, (own, other)) in mine.iter().zip(&others).enumerate() {
            if with_others {
                pair.apply(&format!(r#"{{"id":"{}","account":"b","at":"2026-03-02T10:00:0{at}Z",{}}}"#, other.0, other.1));
            }
            told.extend(pair.at(&format!("10:00:0{at}"), &own.0, &own.1));
        }
        told.extend(pair.tick("10:01:00", "t", "97", "97", "ok").into_iter().filter(|outcome| &*outcome.account == "a"));
        serde_json::to_string(&told).unwrap()
    };
    let alone = run(false);
    assert!(alone.contains("Loss"), "{alone}");
    assert_eq!(alone, run(true));
}

/// docs/semantics.md: instant.8
#[test]
fn the_order_given_is_the_order_applied() {
    let body = "  event halt { }\n  on halt { lock until next day }";
    let halt = r#""kind":"host","name":"halt","fields":{}"#;
    let mut before = Pair::open(DAY, body, "netting");
    before.tick("09:00:00", "t", "5000", "5000", "ok");
    assert_eq!(before.order("10:00:00", "o", "buy", "1"), Some(Verdict::Allow));
    before.at("10:00:00", "h", halt);
    let mut after = Pair::open(DAY, body, "netting");
    after.tick("09:00:00", "t", "5000", "5000", "ok");
    after.at("10:00:00", "h", halt);
    assert!(matches!(after.order("10:00:00", "o", "buy", "1"), Some(Verdict::Reject { .. })));
}

const EXCHANGE: &str = "  day 17:00 to 15:10 settles 16:00\n  calendar \"X\"\n  marks at last";

/// Rules of the clock on days of an exchange, and how often each has fired.
const CLOCKS: &str = "  state ends: count = 0\n  state noons: count = 0\n  state twos: count = 0\n  track stamps = count at day end since account start\n  \
                      every day at close { set ends = ends + 1 }\n  every day at 11:00 { set noons = noons + 1 }\n  \
                      every day at 14:00 { set twos = twos + 1 }";

fn exchange() -> Pair {
    let mut pair = Pair::new(EXCHANGE, CLOCKS);
    for (id, date, told) in [("c1", "2026-03-03", r#""early_close":"2026-03-03T18:15:00Z""#), ("c2", "2026-03-04", r#""closed":true"#)] {
        pair.apply(&format!(r#"{{"id":"{id}","at":"2026-03-01T00:00:00Z","kind":"calendar","calendar":"X","date":"{date}",{told}}}"#));
    }
    pair.account("a", "netting");
    pair
}

/// docs/semantics.md: days.6, days.7, days.8
#[test]
fn an_early_close_moves_the_close_and_rules_after_it_but_not_the_stamp() {
    // 3 March opens on the 2nd at 17:00 and closes at 15:10. The close at 18:15 that was told first
    // lies after that and changes nothing; then an earlier one is told.
    let mut pair = exchange();
    pair.apply(r#"{"id":"c3","at":"2026-03-01T00:00:00Z","kind":"calendar","calendar":"X","date":"2026-03-03","early_close":"2026-03-03T12:15:00Z"}"#);
    let mut counts = |time: &str| {
        pair.0.advance(format!("2026-03-{time}Z").parse().unwrap());
        ["ends", "noons", "twos"].map(|name| pair.value(&format!("state {name}"))).join(" ") + " " + &pair.value("track stamps")
    };
    assert_eq!(counts("02T15:09:59"), "0 1 1 0");
    assert_eq!(counts("02T15:10:00"), "1 1 1 0");
    assert_eq!(counts("02T16:00:00"), "1 1 1 1");
    assert_eq!(counts("03T12:14:59"), "1 2 1 1", "11:00 lies before the early close");
    assert_eq!(counts("03T12:15:00"), "2 2 2 1", "the close, and with it the rule of 14:00");
    assert_eq!(counts("03T15:59:59"), "2 2 2 1");
    assert_eq!(counts("03T16:00:00"), "2 2 2 2", "the stamp stays");
}

/// docs/semantics.md: days.19, days.20
#[test]
fn a_session_follows_the_calendar_and_its_close_is_a_clock() {
    let body = "  session grains mon to fri 08:30 to 11:00, mon to fri 11:00 to 13:20\n  state ends: count = 0\n  state soon: count = 0\n  \
                state opened: count = 0\n  when grains is open { set opened = 1 }\n  when grains is closed { set opened = 0 }\n  every day at grains close { set ends = ends + 1 }\n  \
                every day at 5min before grains close { set soon = soon + 1 }\n";
    let mut pair = Pair::new(EXCHANGE, body);
    for (id, date, told) in [("c1", "2026-03-03", r#""early_close":"2026-03-03T12:15:00Z""#), ("c2", "2026-03-04", r#""closed":true"#)] {
        pair.apply(&format!(r#"{{"id":"{id}","at":"2026-03-01T00:00:00Z","kind":"calendar","calendar":"X","date":"{date}",{told}}}"#));
    }
    pair.account("a", "netting");
    let mut counts = |time: &str| {
        pair.0.advance(format!("2026-03-{time}Z").parse().unwrap());
        ["state soon", "state ends", "state opened"].map(|name| pair.value(name)).join(" ")
    };
    assert_eq!(counts("02T08:29:59"), "0 0 0");
    assert_eq!(counts("02T11:00:00"), "0 0 1", "the next window begins where the first closes");
    assert_eq!(counts("02T13:14:59"), "0 0 1");
    assert_eq!(counts("02T13:15:00"), "1 0 1");
    assert_eq!(counts("02T13:20:00"), "1 1 0");
    assert_eq!(counts("03T12:09:59"), "1 1 1");
    assert_eq!(counts("03T12:10:00"), "2 1 1", "the exchange closes early");
    assert_eq!(counts("03T12:15:00"), "2 2 0");
    assert_eq!(counts("04T10:00:00"), "2 2 0", "a holiday");
    assert_eq!(counts("05T08:29:59"), "2 2 0");
    assert_eq!(counts("05T13:20:00"), "3 3 0");
}

/// docs/semantics.md: days.9
#[test]
fn a_date_without_a_session_has_no_day() {
    let mut pair = exchange();
    pair.0.advance("2026-03-03T17:00:00Z".parse().unwrap());
    assert_eq!((pair.value("day.date"), pair.value("day.number")), ("2026-03-03".into(), "2".into()), "no day opens for the 4th");
    pair.0.advance("2026-03-04T16:59:59Z".parse().unwrap());
    assert_eq!((pair.value("day.number"), pair.value("track stamps")), ("2".into(), "2".into()));
    pair.0.advance("2026-03-04T17:00:00Z".parse().unwrap());
    assert_eq!((pair.value("day.date"), pair.value("day.number")), ("2026-03-05".into(), "3".into()));
}

/// docs/semantics.md: values.6
#[test]
fn an_account_keeps_so_many_open_positions() {
    for (mode, most) in [("netting", 64), ("hedging", 512)] {
        let mut pair = Pair::open(DAY, "", mode);
        for number in 0..=most {
            let symbol = if mode == "netting" { format!("S{number}") } else { "ES".to_owned() };
            if mode == "netting" {
                pair.instrument(&symbol, "1", "USD", "");
            }
            let told = pair.at(
                "10:00:00",
                &format!("f{number}"),
                &format!(
                    r#""kind":"fill","fill_id":"f{number}","symbol":"{symbol}","quantity":"1","price":"100","reason":"user","entry":"in""#
                ),
            );
            let expected = if number == most { vec![FaultKind::Capacity] } else { Vec::new() };
            assert_eq!(faults(&told), expected, "{mode}: position {}", number + 1);
        }
        assert_eq!(pair.value("positions"), most.to_string());
    }
}

/// docs/semantics.md: values.6
#[test]
fn a_fill_beyond_capacity_locks_until_staff_have_looked() {
    let mut pair = Pair::open(DAY, "", "hedging");
    for number in 1..=511 {
        pair.fill("10:00:00", &format!("f{number}"), "1", "100", r#","entry":"in""#);
    }
    assert_eq!(pair.order("10:00:01", "o1", "buy", "1"), Some(Verdict::Allow), "one place is left");
    assert_eq!(faults(&pair.fill("10:00:02", "f512", "1", "100", r#","entry":"in""#)), []);
    assert_eq!(pair.order("10:00:03", "o2", "buy", "1"), Some(Verdict::Allow), "all places are taken, and nothing is missing");
    assert_eq!(faults(&pair.fill("10:00:04", "f513", "1", "100", r#","entry":"in""#)), [FaultKind::Capacity]);
    assert!(matches!(pair.order("10:00:05", "o3", "buy", "1"), Some(Verdict::Reject { .. })));
    assert_eq!(pair.order("10:00:05", "o4", "sell", "1"), Some(Verdict::Allow));
    // An exit makes room; only staff lift the lock.
    assert_eq!(faults(&pair.fill("10:00:06", "f514", "-1", "100", r#","entry":"out""#)), []);
    assert!(matches!(pair.order("10:00:07", "o5", "buy", "1"), Some(Verdict::Reject { .. })));
    pair.at("10:00:08", "s1", r#""kind":"staff","decision":"reinstate","who":"Desk","why":"one ticket was closed""#);
    assert_eq!(pair.order("10:00:09", "o6", "buy", "1"), Some(Verdict::Allow));
    assert_eq!(faults(&pair.fill("10:00:10", "f515", "1", "100", r#","entry":"in""#)), []);
    assert_eq!(pair.value("positions"), "512");
}

/// docs/semantics.md: values.5
#[test]
fn a_window_keeps_256_unless_it_says_otherwise() {
    let body = "  track busy = count at entry in last 60s\n  limit \"l\" {\n    busy stays below 1,000\n    on breach { flatten }\n  }";
    let mut pair = Pair::open(DAY, body, "netting");
    for number in 1..=256 {
        assert_eq!(faults(&pair.fill("10:00:00", &format!("f{number}"), "1", "100", "")), []);
    }
    assert_eq!(pair.value("track busy"), "256");
    assert!(faults(&pair.fill("10:00:01", "f257", "1", "100", "")).contains(&FaultKind::WindowFull));
}

const PAYOUT: &str =
    "  payout {\n    pays at most $500\n  }\n  floor bottom {\n    starts at $99,000\n    trails balance at day end by $1,000\n  }";

/// docs/semantics.md: payouts.6
#[test]
fn one_request_is_pending_at_a_time() {
    let mut pair = Pair::open(DAY, PAYOUT, "netting");
    pair.fill("10:00:00", "f1", "1", "5000", "");
    pair.fill("10:00:01", "f2", "-1", "5020", "");
    let payout =
        |id: &str, status: &str, amount: &str| format!(r#""kind":"payout","payout_id":"{id}","status":"{status}","amount":"{amount}""#);
    let verdict = |outcomes: Vec<Outcome>| outcomes.into_iter().find_map(|outcome| outcome.verdict);
    assert!(matches!(verdict(pair.at("10:01:00", "p1", &payout("one", "requested", "100"))), Some(Verdict::Approve(_))));
    assert!(matches!(verdict(pair.at("10:02:00", "p2", &payout("two", "requested", "100"))), Some(Verdict::Deny { .. })));
    // What the engine answers changes nothing: the second is pending until the host has denied it too.
    pair.at("10:03:00", "p3", &payout("one", "denied", "100"));
    pair.at("10:03:00", "p5", &payout("two", "denied", "100"));
    assert!(matches!(verdict(pair.at("10:04:00", "p4", &payout("three", "requested", "100"))), Some(Verdict::Approve(_))));
}

/// docs/semantics.md: payouts.9
#[test]
fn a_payout_is_warned_of_at_a_floor_and_not_above_it() {
    let mut pair = Pair::open(DAY, PAYOUT, "netting");
    pair.fill("10:00:00", "f1", "1", "5000", "");
    pair.fill("10:00:01", "f2", "-1", "5020", "");
    for (time, id, equity, warned) in [("10:01", "1", "99500.01", false), ("10:02", "2", "99500", true)] {
        pair.at(&format!("{time}:00"), &format!("s{id}"), &format!(r#""kind":"snapshot","balance":"101000","equity":"{equity}""#));
        let request = format!(r#""kind":"payout","payout_id":"{id}","status":"requested","amount":"500""#);
        let outcomes = pair.at(&format!("{time}:01"), &format!("r{id}"), &request);
        let found = outcomes.iter().flat_map(|outcome| &outcome.changes).any(|change| matches!(change, Change::PayoutReachesFloor { .. }));
        assert_eq!(found, warned, "equity of {equity} less $500 against $99,000");
        pair.at(&format!("{time}:02"), &format!("d{id}"), &request.replace("requested", "denied"));
    }
}

/// docs/semantics.md: actions.7, pure.3
#[test]
fn a_key_names_the_event_or_the_due_instant() {
    let body = "  every day at 12:00 { cancel orders }\n  limit \"l\" {\n    equity stays above $99,900\n    on breach { flatten, notify risk \"l\" }\n  }";
    let mut pair = Pair::open(DAY, body, "netting");
    pair.fill("10:00:00", "f1", "1", "5000", "");
    let by_event = pair.apply(r#"{"id":"t1","at":"2026-03-02T11:00:00Z","kind":"tick","symbol":"ES","last":"4998","quality":"ok"}"#);
    let keys: Vec<_> = by_event[0].actions.iter().map(|action| (&action.key.cause, &*action.key.rule, action.key.ordinal)).collect();
    let cause = Cause::Event("t1".into());
    assert_eq!(keys, [(&cause, "l", 0), (&cause, "l", 1)]);
    assert_eq!(by_event[0].actions[0].evidence.crossed, Some(3), "the opening, the fill, the tick");
    let by_time = pair.0.advance("2026-03-02T13:00:00Z".parse().unwrap());
    assert_eq!(by_time[0].actions[0].key.cause, Cause::Due("2026-03-02T12:00:00Z".parse().unwrap()));
    assert_eq!(by_time[0].actions[0].evidence.crossed, None);
    assert!(matches!(by_time[0].actions[0].kind, ActionKind::CancelOrders));
}

/// docs/semantics.md: days.10
#[test]
fn a_date_outside_the_loaded_calendar_is_ordinary_and_says_so_once() {
    let date = |text: &str| text.parse::<Date>().unwrap();
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let mut holidays = Holidays::new("X");
    for day in ["2026-03-02", "2026-03-03"] {
        let opens = at(&format!("{}T17:00:00Z", date(day).plus(-1)));
        holidays.insert(date(day), opens, at(&format!("{day}T15:10:00Z")));
    }
    let mut pair = Pair::new(EXCHANGE, "");
    pair.0.engine.load_calendar("X", holidays.clone());
    pair.0.reference.load_calendar(holidays);
    pair.account("a", "netting");
    let inside = pair.0.advance(at("2026-03-03T16:59:59Z"));
    assert_eq!(faults(&inside), []);
    let outside = pair.0.advance(at("2026-03-03T17:00:00Z"));
    assert_eq!(faults(&outside), [FaultKind::OutsideCalendar]);
    assert_eq!(faults(&pair.0.advance(at("2026-03-06T12:00:00Z"))), []);
    assert_eq!((pair.value("day.date"), pair.value("day.number")), ("2026-03-06".into(), "5".into()));
}
