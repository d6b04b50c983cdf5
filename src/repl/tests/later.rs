//! Limits that act later, and payouts that are not requested yet.

use super::{Memory, Options, Session, lines, told};

/// A limit of 2 contracts that acts once it was broken for 10 seconds, and a policy that counts payouts.
const LATER: &str = r#"program "P" {
    firm      "Example"  version "1"
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size    |
        | 50K  | $50,000 |

    phase trading {
        ledger starts at size

        limit "Scaling" {
            weighted quantity stays at or below 2 contracts for 10s
            on breach { fail }
        }
        payout {
            require "second" payout.number is at least 2
            require "much"   payout.amount is at least $500
            split 80% to trader
        }
    }
}
"#;

fn later() -> Session {
    let desk = Memory::default();
    desk.texts.borrow_mut().insert("p.fence".into(), LATER.into());
    Session::new(Box::new(desk), &Options::default()).ok().unwrap()
}

#[test]
fn a_limit_that_acts_later_bounds_orders_and_is_told() {
    let mut session = later();
    let found = lines(&told(&mut session, &["tick ES 5000", "max order ES"]));
    assert_eq!(found, ["buy 2 ES", "sell 2 ES"]);
    assert!(!told(&mut session, &["what if buy 2 ES @ 5000"]).contains("Scaling\" is"));
    let found = told(&mut session, &["what if buy 5 ES @ 5000"]);
    assert!(found.contains("\"Scaling\" is over by 3; it breaches at 2026-03-02 00:00:1") && found.contains(" unless mended"), "{found}");
    let found = lines(&told(&mut session, &["buy 1 ES @ 5000", "price limit ES"]));
    assert_eq!(found, ["limit \"Scaling\" at no price"]);
    let found = lines(&told(&mut session, &["buy 2 ES @ 5000", "price limit ES"]));
    assert_eq!(found, ["limit \"Scaling\" broken already, as the price is"]);
}

#[test]
fn a_request_is_judged_as_if_it_were_made_now() {
    // The first payout, of the $700 that are available.
    let found = told(&mut later(), &["trade +$700", "why not payout"]);
    assert!(found.contains("\"second\": NOT MET: payout.number is 1, needs at least 2, 1 missing"), "{found}");
    assert!(found.contains("\"much\": met") && found.contains("payout.amount = $700.00"), "{found}");
    assert!(!found.contains("cannot be computed"), "{found}");
}
