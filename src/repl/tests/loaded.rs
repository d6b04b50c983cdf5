//! Positions that loaded events have opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Memory, Options, Session, desk, refused, told};
use crate::event::{Event, Fill, FillEntry, FillReason, Kind, Tick, TickQuality};
use crate::scenario::standard_instrument;
use crate::value::{Decimal, Instant, NANOS_PER_SECOND};

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn fill(id: &str, quantity: &str, price: &str) -> Kind {
    Kind::Fill(Fill {
        fill_id: id.into(),
        order_id: None,
        position_id: Some("77".into()),
        symbol: "ES".into(),
        quantity: number(quantity),
        price: number(price),
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
    let price = Some(number(price));
    Kind::Tick(Tick { symbol: "ES".into(), bid: price, ask: price, last: price, quality: TickQuality::Ok, extra: BTreeMap::new() })
}

/// 2 ES bought at 5,000, one second before the price is 4,998, and two before it is 4,996.
fn bought() -> Arc<Vec<Event>> {
    let start: Instant = "2026-03-02T10:00:00Z".parse().unwrap();
    let kinds = [Kind::Instrument(standard_instrument("ES").unwrap()), tick("5000"), fill("f1", "2", "5000"), tick("4998"), tick("4996")];
    let account = |kind: &Kind| matches!(kind, Kind::Fill(_)).then_some(crate::scenario::ACCOUNT);
    let events = (0..).zip(kinds).map(|(at, kind)| Event::new(format!("e{at}"), account(&kind), start.plus(at * NANOS_PER_SECOND), kind));
    Arc::new(events.collect())
}

/// By hand: 2 points of $50 for 2 contracts are $200, and 4 points $400.
#[test]
fn what_loaded_events_have_opened_is_closed_once_none_waits() {
    let desk = Memory { events: bought(), ..desk() };
    let mut session = Session::new(Box::new(desk), &Options::default()).ok().unwrap();
    told(&mut session, &["load events x", "step 4"]);
    let found = refused(&mut session, "close all");
    assert!(found.contains("`until end`"), "{found}");
    told(&mut session, &["until end"]);
    assert!(told(&mut session, &["equity"]).starts_with("$49,600.00"));
    let found = told(&mut session, &["close all"]);
    assert!(found.starts_with("exit p1 @ 4996\n"), "{found}");
    assert!(told(&mut session, &["account is flat"]).starts_with("yes"));
    assert!(told(&mut session, &["balance"]).starts_with("$49,600.00"));
    assert_eq!(refused(&mut session, "close all"), "nothing is open");
    // Taken back it is open again, and can be closed in parts.
    told(&mut session, &["undo", "exit 1 of p1 @ 4996"]);
    assert!(told(&mut session, &["open_profit"]).starts_with("-$200.00"));
}
