//! A gate before the platform: each order is asked for, and goes out whole, smaller or not at all.

use std::collections::BTreeMap;

use ringfence::engine::Engine;
use ringfence::event::{Event, Kind, Order, OrderStatus, OrderType, Side};
use ringfence::outcome::{Outcome, Reason, Verdict};
use ringfence::scenario::standard_instrument;
use ringfence::source::Source;
use ringfence::value::{Decimal, Instant};

/// At most five lots at once: an order that asks for more is made smaller, and none goes out near the close.
const PROGRAM: &str = r#"program "Gate" {
    currency  USD
    timezone  "America/New_York"
    day       17:00 to 16:55

    plans
        | plan | size     |
        | 100K | $100,000 |

    session quiet mon to fri 16:30 to 17:00

    phase funded {
        ledger starts at size

        limit "Five lots" for each symbol {
            symbol.quantity stays at or below 5 lots
            reduce orders to fit
        }
        limit "Nothing new before the close" for each order {
            never session is open
            refuse orders that would break it
        }
    }
}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let program = ringfence::compile(&Source::new("gate.fence", PROGRAM)).map_err(|found| found[0].message.clone())?;
    let mut engine = Engine::new();
    engine.load(program);
    let opens = "2026-03-02T14:00:00Z".parse()?;
    engine.apply(&Event::new("eurusd", None, opens, Kind::Instrument(standard_instrument("EURUSD").ok_or("no such symbol")?)));
    engine.apply(&serde_json::from_str(
        r#"{"id":"open","account":"A1","at":"2026-03-02T14:00:00Z","kind":"open","program":"Gate","version":"","plan":"100K",
            "currency":"USD","start_balance":"100000","position_mode":"netting","trader":"T1","purchased_at":"2026-03-01T09:00:00Z",
            "swap":"in_position"}"#,
    )?);
    engine.apply(&serde_json::from_str(
        r#"{"id":"t1","at":"2026-03-02T14:00:01Z","kind":"tick","symbol":"EURUSD","bid":"1.0850","ask":"1.0851"}"#,
    )?);

    let small = ask(&mut engine, "o1", "2026-03-02T14:00:02Z".parse()?, 3);
    assert_eq!(small, Some(Decimal::from(3)));
    let large = ask(&mut engine, "o2", "2026-03-02T14:00:03Z".parse()?, 8);
    assert_eq!(large, Some(Decimal::from(5)), "five lots fit, eight do not");
    // 16:30 in New York.
    let late = ask(&mut engine, "o3", "2026-03-02T21:30:00Z".parse()?, 1);
    assert_eq!(late, None);
    Ok(())
}

/// Asks for a market order to buy: how much of it goes out.
fn ask(engine: &mut Engine, id: &str, at: Instant, lots: i32) -> Option<Decimal> {
    let order = Order {
        order_id: id.into(),
        symbol: "EURUSD".into(),
        side: Side::Buy,
        order_type: OrderType::Market,
        quantity: lots.into(),
        price: None,
        stop_price: None,
        stop_loss: None,
        take_profit: None,
        status: OrderStatus::New,
        parent: None,
        extra: BTreeMap::new(),
    };
    let outcomes = engine.apply(&Event::new(id, Some("A1"), at, Kind::Order(order)));
    // Locks that end, days that open: what was due before stands in outcomes before the answer.
    let answer = outcomes.iter().find_map(|outcome: &Outcome| outcome.verdict.clone());
    let (quantity, reasons) = match answer {
        Some(Verdict::Allow) => (Some(lots.into()), Vec::new()),
        Some(Verdict::Reduce { quantity, reasons }) => (Some(quantity), reasons),
        Some(Verdict::Reject { reasons }) => (None, reasons),
        // No answer is no leave: the account is not open, or the event was a duplicate.
        _ => (None, Vec::new()),
    };
    tell(id, quantity, &reasons);
    quantity
}

fn tell(id: &str, quantity: Option<Decimal>, reasons: &[Reason]) {
    let why: Vec<&str> = reasons.iter().map(|reason| &*reason.rule).collect();
    let said = quantity.map_or_else(|| "refused".to_owned(), |quantity| format!("{quantity} lots"));
    let line = format!("{id}: {said} {}\n", why.join(", "));
    let _ = std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes());
}
