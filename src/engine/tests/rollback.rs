//! `roll back` beyond what scenarios can say: cash of another day or amount, snapshots, late anchors.

use std::collections::BTreeMap;

use super::loaded::{checked, engine};
use crate::engine::Engine;
use crate::event::{Anchor, Cash, CashType, Event, Fill, FillEntry, FillReason, Kind, Open, PositionMode, Snapshot, SwapMode};
use crate::outcome::{ActionKind, FaultKind, Outcome};
use crate::reference::Reference;
use crate::scenario::standard_instrument;
use crate::value::{Currency, Date};

const PROGRAM: &str = r#"program "Rolled" {
    firm "Example"  version "1"
    currency USD
    timezone "UTC"
    day 00:00
    marks at last
    plans
        | plan | size    |
        | A    | $50,000 |
    phase trading {
        ledger starts at size
        track peak = highest balance at trade from size
        limit "Daily" {
            day.equity_profit stays above -$500
            on breach { roll back to day start }
        }
    }
}
"#;

fn event(id: &str, when: &str, kind: Kind) -> Event {
    let account = if matches!(kind, Kind::Instrument(_)) { None } else { Some("a") };
    Event::new(id, account, when.parse().unwrap(), kind)
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

fn rollback(amount: &str, value_date: Option<Date>) -> Kind {
    let (cash_id, amount) = ("c".into(), amount.parse().unwrap());
    Kind::Cash(Cash { cash_id, amount, cash_type: CashType::Rollback, value_date, ref_fill: None, payout_id: None })
}

fn beginning() -> Vec<Event> {
    let open = Open {
        program: "Rolled".into(),
        version: "1".into(),
        plan: "A".into(),
        options: BTreeMap::new(),
        currency: Currency::new("USD").unwrap(),
        start_balance: "50000".parse().unwrap(),
        position_mode: PositionMode::Netting,
        trader: "t".into(),
        household: None,
        phase: None,
        continues: None,
        purchased_at: "2026-03-02T10:00:00Z".parse().unwrap(),
        reset_at: None,
        price_paid: None,
        swap: SwapMode::InBalance,
    };
    vec![
        event("i", "2026-03-02T00:00:00Z", Kind::Instrument(standard_instrument("ES").unwrap())),
        event("o", "2026-03-02T10:00:00Z", Kind::Open(open)),
        // A day with +$500, then one with -$600.
        event("1", "2026-03-02T11:00:00Z", fill("1", "1", "5000")),
        event("2", "2026-03-02T12:00:00Z", fill("2", "-1", "5010")),
        event("3", "2026-03-03T11:00:00Z", fill("3", "1", "5000")),
        event("4", "2026-03-03T12:00:00Z", fill("4", "-1", "4988")),
    ]
}

/// The engine after some events, with what the last led to; the reference must have led to the same.
fn after(program: &str, events: &[Event]) -> (Engine, Vec<Outcome>) {
    let (_, checked) = checked("rolled", program);
    let (mut engine, mut reference) = (engine(&checked), Reference::new(std::sync::Arc::new(checked.ir.clone().unwrap())));
    let mut last = Vec::new();
    for event in events {
        last = engine.apply(event).to_vec();
        let mut plain = last.clone();
        plain.iter_mut().flat_map(|outcome| &mut outcome.faults).for_each(|fault| fault.detail.clear());
        assert_eq!(plain, reference.apply(event), "{}", event.id);
        let (ours, theirs) = (engine.account("a").map(|account| account.state()).unwrap_or_default(), reference.state("a"));
        for (name, value) in theirs {
            assert_eq!(ours.get(&name), Some(&value), "{name} after {}", event.id);
        }
    }
    (engine, last)
}

fn state(engine: &Engine, name: &str) -> String {
    engine.account("a").unwrap().state().get(name).unwrap().to_string()
}

#[test]
fn the_action_says_where_to_and_by_how_much() {
    let (_, outcomes) = after(PROGRAM, &beginning());
    let kinds: Vec<&ActionKind> = outcomes.iter().flat_map(|outcome| &outcome.actions).map(|action| &action.kind).collect();
    assert_eq!(kinds, [&ActionKind::RollBack { to: "50500".parse().unwrap(), by: "600".parse().unwrap() }]);
}

#[test]
fn an_amount_of_another_size_stays_in_the_balance_and_is_no_profit() {
    let mut events = beginning();
    events.push(event("c", "2026-03-03T13:00:00Z", rollback("575", None)));
    let (engine, outcomes) = after(PROGRAM, &events);
    assert!(outcomes.is_empty(), "{outcomes:#?}");
    assert_eq!(state(&engine, "balance"), "$50,475.00");
    assert_eq!(state(&engine, "day.start_balance"), "$50,475.00");
    assert_eq!(state(&engine, "profit"), "$500.00");
    assert_eq!(state(&engine, "trading: track peak"), "$50,500.00");
}

#[test]
fn only_the_running_day_can_be_named() {
    let date = |day| Some(format!("2026-03-{day:02}").parse::<Date>().unwrap());
    for (named, refused) in [(date(3), false), (date(2), true)] {
        let mut events = beginning();
        events.push(event("c", "2026-03-03T13:00:00Z", rollback("600", named)));
        let (engine, outcomes) = after(PROGRAM, &events);
        let faults: Vec<FaultKind> = outcomes.iter().flat_map(|outcome| &outcome.faults).map(|fault| fault.kind).collect();
        assert_eq!(faults, if refused { vec![FaultKind::NeedsHistory] } else { Vec::new() });
        assert_eq!(state(&engine, "balance"), if refused { "$49,900.00" } else { "$50,500.00" });
    }
}

#[test]
fn a_program_without_roll_back_keeps_no_opening() {
    let mut events = beginning();
    events.push(event("c", "2026-03-03T13:00:00Z", rollback("600", None)));
    let (engine, outcomes) = after(&PROGRAM.replace("roll back to day start", "flatten"), &events);
    assert_eq!(outcomes[0].faults[0].kind, FaultKind::NeedsHistory);
    assert_eq!(state(&engine, "balance"), "$49,900.00");
}

#[test]
fn the_platforms_own_stamp_of_the_day_stays() {
    let mut events = beginning();
    let anchor = Snapshot {
        balance: "50480".parse().unwrap(),
        equity: "50480".parse().unwrap(),
        open_profit: None,
        margin: None,
        version: None,
        anchor: Some(Anchor::Day),
    };
    events.insert(4, event("s", "2026-03-03T00:00:01Z", Kind::Snapshot(anchor)));
    events.push(event("c", "2026-03-03T13:00:00Z", rollback("600", None)));
    let (engine, _) = after(PROGRAM, &events);
    assert_eq!(state(&engine, "day.start_balance"), "$50,480.00");
}

#[test]
fn a_snapshot_keeps_the_opening_of_the_day() {
    let (_, checked) = checked("rolled", PROGRAM);
    let program = std::sync::Arc::new(crate::compile::compile(checked.ir.unwrap()).unwrap());
    let events = beginning();
    let (whole, _) = after(PROGRAM, &[events.as_slice(), &[event("c", "2026-03-03T13:00:00Z", rollback("600", None))]].concat());
    let (first, _) = after(PROGRAM, &events);
    let market = first.market().clone();
    let bytes = first.account("a").unwrap().snapshot().unwrap();
    let mut account = crate::account::Account::restore(program, &market, &bytes).unwrap();
    account.apply(&market, &event("c", "2026-03-03T13:00:00Z", rollback("600", None)), &mut Vec::new());
    assert_eq!(account.snapshot().unwrap(), whole.account("a").unwrap().snapshot().unwrap());
}
