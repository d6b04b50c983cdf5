//! Marks, numbers and quantities that scenarios cannot reach: single fields of events.

use ringfence::event::Event;
use ringfence::outcome::{FaultKind, Verdict};

use super::pair::{DAY, Pair, SIDE, asked, breaches, faults};

/// docs/semantics.md: marks.3
#[test]
fn a_fill_marks_no_other_account() {
    let mut pair = Pair::open(DAY, "", "netting");
    pair.account("b", "netting");
    pair.fill("10:00:00", "f1", "1", "5000", "");
    pair.apply(r#"{"id":"g1","account":"b","at":"2026-03-02T10:00:01Z","kind":"fill","fill_id":"g1","symbol":"ES","quantity":"1","price":"4990","entry":"unknown","reason":"user"}"#);
    assert_eq!((pair.value("open_profit"), pair.value_of("b", "open_profit")), ("$0.00".into(), "$0.00".into()));
}

/// docs/semantics.md: marks.1
#[test]
fn an_exit_without_a_ticket_marks_the_position_that_it_reduces() {
    let mut pair = Pair::open(SIDE, "", "hedging");
    pair.fill("10:00:00", "f1", "2", "5000", "");
    pair.fill("10:00:01", "f2", "1", "5000", "");
    // Half of the oldest is sold ten points up: what is left of it stands $500 higher, the other does not.
    pair.fill("10:00:02", "f3", "-1", "5010", r#","entry":"out""#);
    assert_eq!((pair.value("profit"), pair.value("open_profit")), ("$500.00".into(), "$500.00".into()));
    assert_eq!(pair.value("position 2.open_profit"), "$0.00");
}

/// docs/semantics.md: marks.1
#[test]
fn fills_of_one_instant_mark_each_its_own() {
    let mut pair = Pair::open(SIDE, "", "hedging");
    pair.fill("10:00:00", "f1", "2", "5000", "");
    pair.fill("10:00:00", "f2", "1", "5010", "");
    pair.fill("10:00:00", "f3", "-1", "5020", r#","entry":"out""#);
    assert_eq!(pair.value("position 1.open_profit"), "$1,000.00");
    assert_eq!(pair.value("position 2.open_profit"), "$0.00");
}

/// docs/semantics.md: marks.6
#[test]
fn an_anchor_replaces_the_days_references() {
    let mut pair = Pair::open(DAY, "", "netting");
    pair.at("10:00:00", "s1", r#""kind":"snapshot","balance":"100200","equity":"100150","anchor":"day""#);
    assert_eq!((pair.value("day.start_balance"), pair.value("day.start_equity")), ("$100,200.00".into(), "$100,150.00".into()));
    assert_eq!((pair.value("day.equity_profit"), pair.value("week.start_balance")), ("$0.00".into(), "$100,000.00".into()));
}

/// docs/semantics.md: marks.7
#[test]
fn stale_and_indicative_ticks_are_no_marks() {
    let mut pair = Pair::open(SIDE, "  limit \"l\" {\n    equity stays above $99,900\n    on breach { flatten }\n  }", "netting");
    pair.fill("10:00:00", "f1", "1", "5000", "");
    for quality in ["stale", "indicative"] {
        assert_eq!(breaches(&pair.tick("10:00:01", quality, "4990", "4990.25", quality)), 0);
    }
    assert_eq!(pair.value("equity"), "$100,000.00");
    assert_eq!(breaches(&pair.tick("10:00:02", "t", "4998", "4998.25", "ok")), 1, "$99,900 is touched");
}

/// docs/semantics.md: marks.8
#[test]
fn a_statement_of_position_holds_over_the_ledger() {
    let mut pair = Pair::open(DAY, "", "netting");
    pair.fill("10:00:00", "f1", "2", "5000", "");
    let same = pair.at("10:00:01", "p1", r#""kind":"position","symbol":"ES","quantity":"2","price":"5000""#);
    assert_eq!(faults(&same), []);
    let differs = pair.at("10:00:02", "p2", r#""kind":"position","symbol":"ES","quantity":"3","price":"5000""#);
    assert_eq!(faults(&differs), [FaultKind::LedgerDisagrees]);
    assert_eq!(pair.value("weighted_quantity"), "3");
    let gone = pair.at("10:00:03", "p3", r#""kind":"position","symbol":"ES","quantity":"0""#);
    assert_eq!(faults(&gone), [FaultKind::LedgerDisagrees]);
    assert_eq!((pair.value("flat"), pair.value("balance")), ("yes".into(), "$100,000.00".into()));
}

/// docs/semantics.md: numbers.15
#[test]
fn a_cost_that_is_only_stated_is_open_profit_until_it_is_booked() {
    let mut pair = Pair::open(SIDE, "", "netting");
    pair.fill("10:00:00", "f1", "2", "5000", r#","commission":"-4""#);
    assert_eq!(
        (pair.value("balance"), pair.value("equity"), pair.value("profit")),
        ("$99,996.00".into(), "$99,996.00".into(), "-$4.00".into())
    );
    pair.at("10:00:01", "p1", r#""kind":"position","symbol":"ES","quantity":"2","price":"5000","swap":"-3","commission":"-2""#);
    assert_eq!(
        (pair.value("balance"), pair.value("open_profit"), pair.value("equity")),
        ("$99,996.00".into(), "-$5.00".into(), "$99,991.00".into())
    );
    pair.tick("10:00:02", "t1", "5001", "5001.25", "ok");
    assert_eq!(pair.value("open_profit"), "$95.00");
    pair.at("10:00:03", "p2", r#""kind":"position","symbol":"ES","quantity":"2","price":"5000","swap":"-6""#);
    assert_eq!(pair.value("open_profit"), "$94.00", "the last statement holds");
    pair.fill("10:00:04", "f2", "-1", "5001", r#","swap":"-6""#);
    assert_eq!((pair.value("open_profit"), pair.value("balance")), ("$50.00".into(), "$100,040.00".into()));
    pair.at("10:00:05", "c1", r#""kind":"cash","cash_id":"c1","amount":"-1.5","type":"fee""#);
    assert_eq!((pair.value("profit"), pair.value("costs")), ("$38.50".into(), "$11.50".into()));
}

/// docs/semantics.md: marks.9
#[test]
fn a_gap_refuses_new_risk_until_it_ends() {
    let mut pair = Pair::open("  day 00:00\n  marks at last\n  gaps refuse new risk", "", "netting");
    pair.fill("09:00:00", "f1", "2", "5000", "");
    pair.apply(r#"{"id":"g","at":"2026-03-02T10:00:00Z","kind":"gap","from":"2026-03-02T09:30:00Z","to":"2026-03-02T11:00:00Z","reason":"feed down"}"#);
    assert!(matches!(pair.order("10:59:59", "o1", "buy", "1"), Some(Verdict::Reject { .. })));
    assert_eq!(pair.order("10:59:59", "o2", "sell", "2"), Some(Verdict::Allow));
    assert_eq!(pair.order("11:00:00", "o3", "buy", "1"), Some(Verdict::Allow));
}

/// docs/semantics.md: marks.12
#[test]
fn an_estimated_mark_fails_nobody() {
    let body = "  limit \"l\" {\n    equity stays above $95,000\n    on breach { flatten, fail }\n  }";
    let mut pair = Pair::open(DAY, body, "netting");
    let estimate = r#""provenance":"estimated","kind":"snapshot","balance":"100000","equity":"95000""#;
    assert_eq!(asked(&pair.at("10:00:00", "s1", estimate)), ["flatten", "review"]);
    assert_eq!(pair.value("phase"), "trading");
}

/// docs/semantics.md: quantity.2
#[test]
fn a_fill_in_and_out_is_an_exit_then_an_entry() {
    let body = "  track exits = count at exit\n  track entries = count at entry";
    let mut pair = Pair::open(DAY, body, "hedging");
    pair.fill("10:00:00", "f1", "2", "5000", r#","position_id":"p""#);
    pair.fill("10:00:01", "f2", "-3", "5010", r#","position_id":"p","entry":"in_out""#);
    assert_eq!((pair.value("track exits"), pair.value("track entries")), ("1".into(), "2".into()));
    assert_eq!((pair.value("profit"), pair.value("trades"), pair.value("positions")), ("$1,000.00".into(), "1".into(), "1".into()));
    assert_eq!((pair.value("position 2.side"), pair.value("position 2.quantity")), ("short".into(), "1".into()));
}

/// docs/semantics.md: numbers.11
#[test]
fn a_result_that_is_told_wins_and_a_rate_serves_where_none_is() {
    let mut pair = Pair::open(DAY, "", "netting");
    pair.instrument("GER", "25", "EUR", "");
    let mut fill = |id: &str, quantity: &str, price: &str, more: &str| {
        pair.at("10:00:00", id, &format!(r#""kind":"fill","fill_id":"{id}","symbol":"GER","quantity":"{quantity}","price":"{price}","reason":"user","entry":"unknown"{more}"#));
    };
    fill("f1", "3", "100", "");
    fill("f2", "-1", "110", r#","gross_profit":"275.5","fx_rate":"1.25""#);
    fill("f3", "-1", "110", r#","fx_rate":"1.25""#);
    assert_eq!(pair.value("profit"), "$588.00", "275.50 told, and 250 euros at 1.25");
    let without = pair.at(
        "10:00:01",
        "f4",
        r#""kind":"fill","fill_id":"f4","symbol":"GER","quantity":"-1","price":"110","reason":"user","entry":"unknown""#,
    );
    assert_eq!(faults(&without), [FaultKind::Missing]);
    assert_eq!(pair.value("positions"), "1");
}

/// docs/semantics.md: numbers.11
#[test]
fn a_rate_that_is_told_is_used_in_the_accounts_own_currency_too() {
    let mut pair = Pair::open(DAY, "", "netting");
    pair.fill("10:00:00", "f1", "1", "5000", "");
    pair.fill("10:00:01", "f2", "-1", "5001", r#","fx_rate":"0.5""#);
    assert_eq!(pair.value("profit"), "$25.00");
}

/// docs/semantics.md: quantity.4
#[test]
fn a_market_order_is_judged_at_the_entry_side_and_has_no_profit_yet() {
    let body = "  limit \"notional\" {\n    exposure stays at or below $250,000\n    refuse orders that would break it\n  }\n  \
                limit \"loss\" {\n    equity stays at or above $100,000\n    refuse orders that would break it\n  }";
    let mut pair = Pair::open(SIDE, body, "netting");
    pair.tick("10:00:00", "t1", "4990", "5000", "ok");
    assert_eq!(pair.order("10:00:01", "o1", "buy", "1"), Some(Verdict::Allow), "50 × 5,000, and no loss of the spread");
    pair.tick("10:00:02", "t2", "4990", "5000.25", "ok");
    assert!(matches!(pair.order("10:00:03", "o2", "buy", "1"), Some(Verdict::Reject { .. })), "50 × 5,000.25");
    assert_eq!(pair.order("10:00:04", "o3", "sell", "1"), Some(Verdict::Allow), "50 × 4,990");
}

/// docs/semantics.md: numbers.10
#[test]
fn what_has_too_many_decimals_or_is_out_of_range_is_refused_by_name() {
    let fill = |quantity: &str, rate: &str| {
        format!(
            r#"{{"id":"f","account":"a","at":"2026-03-02T10:00:00Z","kind":"fill","fill_id":"f","symbol":"ES","quantity":"{quantity}","price":"1","entry":"in","reason":"user","fx_rate":"{rate}"}}"#
        )
    };
    let read = |line: String| serde_json::from_str::<Event>(&line).map_err(|error| error.to_string());
    assert!(read(fill("0.00000001", "0.000000000000000001")).is_ok());
    for (line, name) in [
        (fill("0.000000001", "1"), "quantity"),
        (fill("92233720368.54775808", "1"), "quantity"),
        (fill("1", "0.0000000000000000001"), "fx_rate"),
    ] {
        let told = read(line).unwrap_err();
        assert!(told.contains(&format!("field `{name}`")), "{told}");
    }
}

/// docs/semantics.md: numbers.7
#[test]
fn what_would_leave_the_range_is_not_booked() {
    let mut pair = Pair::open(DAY, "", "netting");
    let deposit = |amount: &str| format!(r#""kind":"cash","cash_id":"c","amount":"{amount}","type":"deposit""#);
    assert_eq!(faults(&pair.at("10:00:00", "c1", &deposit("92233620368.54775807"))), []);
    assert_eq!(pair.value("balance"), "$92,233,720,368.54775807");
    assert_eq!(faults(&pair.at("10:00:01", "c2", &deposit("0.00000001"))), [FaultKind::Overflow]);
    assert_eq!(pair.value("balance"), "$92,233,720,368.54775807");
    assert_eq!(faults(&pair.at("10:00:02", "c3", &deposit("-0.00000001"))), []);
    assert_eq!(pair.value("balance"), "$92,233,720,368.54775806");
}

/// docs/semantics.md: phases.3, marks.5
#[test]
fn a_snapshot_is_of_the_platforms_ledger() {
    let body = "  event go { }\n  on go { promote to paid }\n  phase trial {\n    ledger starts at size\n  }\n  \
                phase paid {\n    ledger starts at $0\n  }";
    let mut pair = Pair::open(DAY, body, "netting");
    pair.at("10:00:00", "g", r#""kind":"host","name":"go","fields":{}"#);
    assert_eq!((pair.value("phase"), pair.value("balance")), ("paid".into(), "$0.00".into()));
    pair.at("10:00:01", "s", r#""kind":"snapshot","balance":"100500","equity":"100400""#);
    assert_eq!((pair.value("balance"), pair.value("equity")), ("$500.00".into(), "$400.00".into()));
}

/// docs/semantics.md: marks.13, days.16
#[test]
fn the_age_of_a_mark_counts_from_the_latest_tick_that_was_one() {
    let age = "  limit \"l\" for each position {\n    never position.mark_age is known and position.mark_age is above 30s\n    on breach { review \"old\" }\n  }";
    let mut pair = Pair::open(SIDE, age, "netting");
    pair.fill("10:00:00", "f1", "1", "5000", "");
    assert_eq!(breaches(&pair.at("10:05:00", "c1", r#""kind":"clock""#)), 0, "there was no tick yet");
    pair.tick("10:05:00", "t1", "5000", "5000.25", "ok");
    // Neither of these is a tick that marks.
    pair.tick("10:05:20", "t2", "5000", "5000.25", "stale");
    pair.fill("10:05:20", "f2", "1", "5000", "");
    pair.at("10:05:20", "s1", r#""kind":"snapshot","balance":"100000","equity":"100000""#);
    assert_eq!(breaches(&pair.at("10:05:30", "c2", r#""kind":"clock""#)), 0, "exactly 30 seconds");
    assert_eq!(breaches(&pair.at("10:05:30.000000001", "c3", r#""kind":"clock""#)), 1);
}

const GAP: &str =
    r#"{"id":"g","at":"2026-03-02T10:00:00Z","kind":"gap","from":"2026-03-02T09:30:00Z","to":"2026-03-02T11:00:00Z","reason":"feed down"}"#;

/// docs/semantics.md: marks.14
#[test]
fn a_gap_changes_nothing_where_marks_hold() {
    for words in ["", "\n  gaps hold"] {
        let mut pair = Pair::open(&format!("  day 00:00\n  marks at mid{words}"), "", "netting");
        pair.fill("09:00:00", "f1", "1", "5000", "");
        pair.tick("09:00:01", "t1", "5010", "5012", "ok");
        pair.apply(GAP);
        assert_eq!(pair.value("open_profit"), "$550.00", "eleven points at $50");
        assert_eq!(pair.order("10:30:00", "o1", "buy", "1"), Some(Verdict::Allow));
        pair.tick("11:00:00", "t2", "5000", "5002", "ok");
        assert_eq!(pair.value("open_profit"), "$50.00");
    }
}

/// docs/semantics.md: marks.15
#[test]
fn the_worse_side_marks_once_after_a_gap() {
    let mut pair = Pair::open("  day 00:00\n  marks at mid\n  gaps worst side on resume", "", "hedging");
    pair.fill("09:00:00", "f1", "1", "5000", r#","position_id":"long","entry":"in""#);
    pair.fill("09:00:00", "f2", "-1", "5000", r#","position_id":"short","entry":"in""#);
    pair.tick("09:00:01", "t1", "5009", "5011", "ok");
    let profits = |pair: &Pair| (pair.value("position 1.open_profit"), pair.value("position 2.open_profit"));
    assert_eq!(profits(&pair), ("$500.00".into(), "-$500.00".into()));
    pair.apply(GAP);
    assert_eq!(profits(&pair), ("$500.00".into(), "-$500.00".into()), "the last marks stand");
    pair.fill("10:30:00", "f3", "1", "5000", r#","position_id":"later","entry":"in""#);
    pair.tick("11:00:00", "t2", "4999", "5003", "stale");
    assert_eq!(profits(&pair), ("$500.00".into(), "-$500.00".into()), "no mark");
    pair.tick("11:00:01", "t3", "4998", "5004", "ok");
    assert_eq!(profits(&pair), ("-$100.00".into(), "-$200.00".into()), "bid for the long, ask for the short");
    assert_eq!(pair.value("position 3.open_profit"), "$50.00", "the middle, 5001");
    pair.tick("11:00:02", "t4", "4998", "5004", "ok");
    assert_eq!(profits(&pair), ("$50.00".into(), "-$50.00".into()), "the middle again");
}

/// docs/semantics.md: marks.15
#[test]
fn a_loss_that_a_gap_hid_breaches_at_the_worse_side() {
    let body = "  limit \"l\" {\n    equity stays above $99,900\n    on breach { flatten }\n  }";
    for (words, low, breached) in
        [("", "4996", 0), ("\n  gaps worst side on resume", "4998.25", 0), ("\n  gaps worst side on resume", "4998", 1)]
    {
        let mut pair = Pair::open(&format!("  day 00:00\n  marks at mid{words}"), body, "netting");
        pair.fill("09:00:00", "f1", "1", "5000", "");
        pair.apply(GAP);
        // A middle of at least 4999.50, and sides two and more points apart.
        assert_eq!(breaches(&pair.tick("11:00:00", "t1", low, "5005", "ok")), breached, "{words} at {low}");
    }
}
