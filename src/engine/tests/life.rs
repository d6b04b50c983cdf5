//! The life of accounts: days, cash, locks, promotions, duplicates, snapshots.

use std::collections::BTreeMap;

use super::loaded::{checked, engine, shipped};
use crate::engine::Engine;
use crate::event::{
    Cash, CashType, Event, Fill, FillEntry, FillReason, Kind, Open, Order, OrderStatus, OrderType, PositionMode, Side, SwapMode, Tick,
    TickQuality,
};
use crate::outcome::{Cause, Change, FaultKind, Outcome, Verdict};
use crate::scenario::standard_instrument;
use crate::value::{Currency, Instant, Value};

const TOPSTEP: &str = "rules/topstep/trading-combine.fence";
const FTMO: &str = "rules/ftmo/two-step.fence";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn event(id: &str, when: &str, kind: Kind) -> Event {
    let account = if matches!(kind, Kind::Tick(_) | Kind::Instrument(_)) { None } else { Some("a") };
    Event::new(id, account, at(when), kind)
}

fn open(program: &str, version: &str, plan: &str, balance: &str, options: &[(&str, &str)]) -> Kind {
    Kind::Open(Open {
        program: program.into(),
        version: version.into(),
        plan: plan.into(),
        options: options.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(),
        currency: Currency::new("USD").unwrap(),
        start_balance: balance.parse().unwrap(),
        position_mode: PositionMode::Netting,
        trader: "t".into(),
        household: None,
        phase: None,
        continues: None,
        purchased_at: at("2026-03-01T00:00:00Z"),
        reset_at: None,
        price_paid: None,
        swap: SwapMode::InBalance,
    })
}

fn fill(id: &str, quantity: &str, price: &str) -> Kind {
    Kind::Fill(Fill {
        fill_id: id.into(),
        order_id: None,
        position_id: None,
        symbol: "ES".into(),
        quantity: quantity.parse().unwrap(),
        price: price.parse().unwrap(),
        entry: FillEntry::Unknown,
        closed_quantity: None,
        gross_profit: None,
        commission: None,
        fee: None,
        tax: None,
        swap: None,
        fx_rate: None,
        reason: FillReason::User,
        extra: BTreeMap::new(),
    })
}

fn tick(price: &str) -> Kind {
    let price = Some(price.parse().unwrap());
    Kind::Tick(Tick { symbol: "ES".into(), bid: price, ask: price, last: price, quality: TickQuality::Ok, extra: BTreeMap::new() })
}

fn cash(amount: &str, cash_type: CashType) -> Kind {
    Kind::Cash(Cash { cash_id: "c".into(), amount: amount.parse().unwrap(), cash_type, value_date: None, ref_fill: None, payout_id: None })
}

fn order(id: &str, side: Side, quantity: &str) -> Kind {
    Kind::Order(Order {
        order_id: id.into(),
        symbol: "ES".into(),
        side,
        order_type: OrderType::Market,
        quantity: quantity.parse().unwrap(),
        price: None,
        stop_price: None,
        stop_loss: None,
        take_profit: None,
        status: OrderStatus::New,
        parent: None,
        extra: BTreeMap::new(),
    })
}

/// An engine with an account `a` of Topstep's 50K plan, and ES listed, opened on a Monday at 09:00 in Chicago.
fn topstep(options: &[(&str, &str)]) -> Engine {
    let (_, checked) = shipped(TOPSTEP);
    let mut engine = engine(&checked);
    engine.apply(&event("i", "2026-03-02T00:00:00Z", Kind::Instrument(standard_instrument("ES").unwrap())));
    let opening = open("Trading Combine and Express Funded Account", "2026-09", "50K", "50000", options);
    let outcomes = engine.apply(&event("o", "2026-03-02T15:00:00Z", opening)).to_vec();
    assert!(outcomes.iter().all(|outcome| outcome.faults.is_empty()), "{outcomes:#?}");
    engine
}

fn ftmo(opened: &str) -> Engine {
    let (_, checked) = shipped(FTMO);
    let mut engine = engine(&checked);
    engine.apply(&event("i", "2026-01-02T00:00:00Z", Kind::Instrument(standard_instrument("ES").unwrap())));
    let outcomes = engine.apply(&event("o", opened, open("FTMO 2-Step", "2026-10", "100K", "100000", &[]))).to_vec();
    assert!(outcomes.iter().all(|outcome| outcome.faults.is_empty()), "{outcomes:#?}");
    engine
}

fn state(engine: &Engine, name: &str) -> String {
    let state = engine.account("a").unwrap().state();
    state.get(name).unwrap_or_else(|| panic!("no `{name}` in {:#?}", state.keys())).to_string()
}

fn actions(outcomes: &[Outcome]) -> Vec<&str> {
    outcomes.iter().flat_map(|outcome| &outcome.actions).map(|action| action.kind.words()).collect()
}

#[test]
fn midnight_in_prague_follows_summer_time() {
    let mut engine = ftmo("2026-03-28T12:00:00Z");
    let mut midnights = Vec::new();
    for day in ["2026-03-29", "2026-03-30", "2026-03-31"] {
        midnights.push(engine.account("a").unwrap().status().next_due.unwrap().to_string());
        engine.advance(at(&format!("{day}T12:00:00Z")));
    }
    // Clocks go forward in the night to the 29th at 01:00 UTC: that day has 23 hours.
    assert_eq!(midnights, ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"]);
    assert_eq!(state(&engine, "day.number"), "4");
    assert_eq!(state(&engine, "day.date"), "2026-03-31");
}

/// docs/semantics.md: instant.5, pure.3
#[test]
fn a_loss_carried_over_midnight_breaches_at_the_reset() {
    let mut engine = ftmo("2026-03-02T12:00:00Z");
    // Balance grows to 103,000 in the day; the open loss of 5,500 is kept by the old reference.
    engine.apply(&event("f1", "2026-03-02T13:00:00Z", fill("f1", "2", "5000")));
    engine.apply(&event("f2", "2026-03-02T13:10:00Z", fill("f2", "-2", "5030")));
    engine.apply(&event("f3", "2026-03-02T13:20:00Z", fill("f3", "2", "5000")));
    let quiet = engine.apply(&event("t1", "2026-03-02T20:00:00Z", tick("4945"))).to_vec();
    assert!(quiet.iter().all(|outcome| outcome.changes.is_empty()), "97,500 stays above 95,000: {quiet:#?}");
    let outcomes = engine.advance(at("2026-03-02T23:00:00Z")).to_vec();
    assert_eq!(actions(&outcomes), ["flatten", "cancel orders", "fail"]);
    assert_eq!(outcomes[0].cause, Cause::Due(at("2026-03-02T23:00:00Z")), "97,500 is below 103,000 less 5,000");
    assert_eq!(outcomes[0].actions[0].evidence.crossed, None);
    assert_eq!(state(&engine, "phase"), "failed");
}

#[test]
fn cash_inside_the_day_moves_its_references() {
    let mut engine = topstep(&[("daily_limit", "true")]);
    engine.apply(&event("c1", "2026-03-02T16:00:00Z", cash("-900", CashType::Withdrawal)));
    assert_eq!(state(&engine, "day.start_balance"), "$49,100.00");
    assert_eq!(state(&engine, "day.equity_profit"), "$0.00");
    assert_eq!(state(&engine, "limit Daily Loss Limit.breaches"), "0");
    assert_eq!(state(&engine, "profit"), "$0.00");
}

#[test]
fn between_stamp_and_opening_the_old_references_hold() {
    let mut engine = topstep(&[]);
    engine.apply(&event("f1", "2026-03-02T16:00:00Z", fill("f1", "1", "5000")));
    engine.apply(&event("f2", "2026-03-02T17:00:00Z", fill("f2", "-1", "5010")));
    // 15:10 in Chicago: flat by rule; 16:00: the stamp.
    let close = engine.advance(at("2026-03-02T21:10:00Z")).to_vec();
    assert_eq!(actions(&close), ["flatten", "cancel orders"]);
    engine.advance(at("2026-03-02T22:00:00Z"));
    assert_eq!(state(&engine, "day.close_balance"), "$50,500.00");
    assert_eq!(state(&engine, "combine: floor max_loss_floor"), "$48,500.00");
    // Booked at 16:30: the next day's, though the stamped day is still shown.
    engine.apply(&event("f3", "2026-03-02T22:30:00Z", fill("f3", "1", "5000")));
    engine.apply(&event("f4", "2026-03-02T22:31:00Z", fill("f4", "-1", "5004")));
    assert_eq!(state(&engine, "day.start_balance"), "$50,000.00");
    assert_eq!(state(&engine, "day.profit"), "$500.00");
    engine.advance(at("2026-03-02T23:00:00Z"));
    assert_eq!(state(&engine, "day.start_balance"), "$50,700.00");
    assert_eq!(state(&engine, "day.profit"), "$200.00");
    assert_eq!(state(&engine, "last day.profit"), "$500.00");
    assert_eq!(state(&engine, "day.date"), "2026-03-03");
}

#[test]
fn duplicates_are_counted_and_late_events_answered() {
    let mut engine = topstep(&[]);
    let first = event("f1", "2026-03-02T16:00:00Z", fill("f1", "1", "5000"));
    engine.apply(&first);
    assert!(engine.apply(&first).is_empty());
    assert_eq!(engine.account("a").unwrap().status().duplicates, 1);
    let late = engine.apply(&event("f0", "2026-03-02T15:59:59Z", fill("f0", "1", "5000"))).to_vec();
    assert_eq!(late[0].faults[0].kind, FaultKind::NeedsHistory);
    assert_eq!(state(&engine, "weighted_quantity"), "1");
    let unknown = engine.apply(&Event::new("x", Some("b"), at("2026-03-02T16:00:00Z"), fill("x", "1", "1"))).to_vec();
    assert_eq!(unknown[0].faults[0].kind, FaultKind::Inconsistent);
}

#[test]
fn a_lock_refuses_only_what_increases() {
    let mut engine = topstep(&[("daily_limit", "true")]);
    engine.apply(&event("f1", "2026-03-02T16:00:00Z", fill("f1", "2", "5000")));
    let breach = engine.apply(&event("t1", "2026-03-02T16:10:00Z", tick("4990"))).to_vec();
    assert_eq!(actions(&breach), ["flatten", "cancel orders", "lock"], "touching the limit breaches");
    let buy = engine.apply(&event("o1", "2026-03-02T16:11:00Z", order("o1", Side::Buy, "1"))).to_vec();
    let Some(Verdict::Reject { reasons }) = &buy[0].verdict else { panic!("{buy:#?}") };
    assert_eq!(&*reasons[0].rule, "Daily Loss Limit");
    let sell = engine.apply(&event("o2", "2026-03-02T16:12:00Z", order("o2", Side::Sell, "2"))).to_vec();
    assert_eq!(sell[0].verdict, Some(Verdict::Allow));
    // Two are held: selling four leaves no more than that, the other way.
    let account = engine.account("a").unwrap();
    assert_eq!(account.largest_order("ES", true), Some("0".parse().unwrap()));
    assert_eq!(account.largest_order("ES", false), Some("4".parse().unwrap()));
    let next = engine.advance(at("2026-03-02T23:00:00Z")).to_vec();
    assert!(next.iter().any(|outcome| outcome.changes.contains(&Change::Locked { locked: false })), "{next:#?}");
}

#[test]
fn an_order_over_the_limit_is_refused_and_the_largest_is_told() {
    let mut engine = topstep(&[]);
    engine.apply(&event("t1", "2026-03-02T16:00:00Z", tick("5000")));
    engine.apply(&event("f1", "2026-03-02T16:00:01Z", fill("f1", "2", "5000")));
    let account = engine.account("a").unwrap();
    assert_eq!(account.largest_order("ES", true), Some("3".parse().unwrap()));
    assert_eq!(account.largest_order("ES", false), Some("7".parse().unwrap()));
    let over = engine.apply(&event("o1", "2026-03-02T16:01:00Z", order("o1", Side::Buy, "4"))).to_vec();
    let Some(Verdict::Reject { reasons }) = &over[0].verdict else { panic!("{over:#?}") };
    assert_eq!(&*reasons[0].rule, "Maximum position");
    let fits = engine.apply(&event("o2", "2026-03-02T16:02:00Z", order("o2", Side::Buy, "3"))).to_vec();
    assert_eq!(fits[0].verdict, Some(Verdict::Allow));
}

#[test]
fn the_price_at_which_a_limit_acts_is_on_its_tick() {
    let mut engine = topstep(&[]);
    engine.apply(&event("f1", "2026-03-02T16:00:00Z", fill("f1", "2", "5000")));
    let account = engine.account("a").unwrap();
    let answers = account.prices_of_limits("ES");
    let floor = answers.iter().find(|answer| &*answer.title == "Maximum Loss Limit").unwrap();
    // 2 contracts at $50 a point: $2,000 are 20 points, and touching is a breach.
    assert_eq!((floor.below, floor.above), (Some("4980".parse().unwrap()), None));
    let report = account.limits().into_iter().find(|limit| &*limit.title == "Maximum Loss Limit").unwrap();
    assert_eq!(report.headroom.to_string(), "$2,000.00");
    assert!(report.in_force && !report.broken);
}

#[test]
fn a_promotion_waits_until_the_account_is_flat() {
    let text = "program \"P\" {\n    firm \"F\"\n    version \"1\"\n    currency USD\n    timezone \"UTC\"\n    day 00:00 every day\n\n    \
                plans\n        | plan | size     |\n        | 50K  | $50,000  |\n\n    phase one {\n        goal \"Target\" {\n            \
                require \"target\" profit is at least $500\n            on reached { promote to two }\n        }\n    }\n\n    \
                phase two {\n        ledger starts at size\n    }\n}\n";
    let (_, checked) = checked("p", text);
    let mut engine = engine(&checked);
    engine.apply(&event("i", "2026-03-02T00:00:00Z", Kind::Instrument(standard_instrument("ES").unwrap())));
    engine.apply(&event("o", "2026-03-02T15:00:00Z", open("P", "1", "50K", "50000", &[])));
    engine.apply(&event("f1", "2026-03-02T16:00:00Z", fill("f1", "2", "5000")));
    let reached = engine.apply(&event("f2", "2026-03-02T16:10:00Z", fill("f2", "-1", "5010"))).to_vec();
    assert_eq!(actions(&reached), ["promote"]);
    assert_eq!(state(&engine, "phase"), "one");
    let flat = engine.apply(&event("f3", "2026-03-02T16:20:00Z", fill("f3", "-1", "5010"))).to_vec();
    assert_eq!(flat[0].changes, [Change::Entered { from: "one".into(), to: "two".into() }]);
    assert_eq!(state(&engine, "balance"), "$50,000.00");
    assert_eq!(engine.account("a").unwrap().account().balance(), Value::Money("50000".parse().unwrap(), Currency::new("USD").unwrap()));
}

/// Trades and ticks over some days; every third event is followed by a clock where wanted.
fn history(clocks: bool) -> Vec<Event> {
    let mut events = Vec::new();
    let mut price = 20_000_i64;
    for step in 0..240_i64 {
        let when = at("2026-03-02T15:00:01Z").plus(step * 29 * crate::value::NANOS_PER_MINUTE);
        price += [7, -5, 3, -9, 11, -6][usize::try_from(step % 6).unwrap()];
        let text = format!("{}", crate::value::Fixed::from_raw(price * 25_000_000).unwrap());
        let id = format!("e{step}");
        let kind = match step % 6 {
            1 => fill(&id, "1", &text),
            4 => fill(&id, "-1", &text),
            _ => tick(&text),
        };
        let account = if matches!(kind, Kind::Tick(_)) { None } else { Some("a") };
        events.push(Event::new(id.clone(), account, when, kind));
        if clocks && step % 3 == 0 {
            events.push(Event::new(format!("k{step}"), Some("a"), when.plus(crate::value::NANOS_PER_MINUTE), Kind::Clock));
        }
    }
    events
}

fn run(engine: &mut Engine, events: &[Event]) -> Vec<Outcome> {
    events.iter().flat_map(|event| engine.apply(event).to_vec()).collect()
}

/// docs/semantics.md: instant.12
#[test]
fn clocks_change_no_key_and_no_decision() {
    let (mut with, mut without) = (topstep(&[]), topstep(&[]));
    let decided = run(&mut with, &history(true));
    assert!(!decided.is_empty());
    assert_eq!(decided, run(&mut without, &history(false)));
    assert_eq!(with.account("a").unwrap().state(), without.account("a").unwrap().state());
}

/// docs/semantics.md: pure.1
#[test]
fn a_snapshot_and_the_rest_equal_the_whole() {
    let events = history(true);
    let mut whole = topstep(&[]);
    let decided = run(&mut whole, &events);
    for split in [1, 17, 100, 201, events.len() - 1] {
        let mut first = topstep(&[]);
        let mut outcomes = run(&mut first, &events[..split]);
        let (market, account) = (first.market().snapshot().unwrap(), first.account("a").unwrap().snapshot().unwrap());
        let (_, checked) = shipped(TOPSTEP);
        let mut second = engine(&checked);
        second.restore_market(&market).unwrap();
        second.restore_account(&account).unwrap();
        outcomes.extend(run(&mut second, &events[split..]));
        assert_eq!(outcomes, decided, "split at {split}");
        assert_eq!(second.account("a").unwrap().snapshot().unwrap(), whole.account("a").unwrap().snapshot().unwrap());
    }
}

#[test]
fn a_snapshot_of_another_program_is_refused() {
    let account = topstep(&[]).account("a").unwrap().snapshot().unwrap();
    assert_eq!(ftmo("2026-03-02T12:00:00Z").restore_account(&account), Err(crate::bytes::BytesError::Program));
}

#[test]
fn an_opening_that_does_not_fit_says_what_would() {
    let (_, checked) = shipped(TOPSTEP);
    let mut engine = engine(&checked);
    let title = "Trading Combine and Express Funded Account";
    let mut refused = |kind: Kind| engine.apply(&event("o", "2026-03-02T15:00:00Z", kind))[0].faults[0].detail.clone();
    assert_eq!(refused(open(title, "2026-09", "51K", "50000", &[])), "no plan is called `51K`: did you mean `50K`?");
    assert_eq!(refused(open(title, "2025-09", "50K", "50000", &[])), format!("program `{title}` version `2025-09` is not loaded"));
    assert!(refused(open(title, "2026-09", "50K", "50000", &[("daily_limt", "true")])).contains("did you mean `daily_limit`?"));
    assert!(
        refused(open(title, "2026-09", "50K", "50000", &[("path", "straight")])).starts_with("option `path`: `straight` is not one of")
    );
}
