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

#[test]
fn what_ended_an_account_is_told_behind_later_decisions() {
    let mut session = Session::new(Box::new(super::desk()), &Options::default()).ok().unwrap();
    told(&mut session, &["trade -$1,200", "order buy 1 ES @ 5000 as a"]);
    let last = told(&mut session, &["why"]);
    let way = "the account is in phase failed: breach of \"Daily\", at 2026-03-02 00:01:00; `why failed` tells it";
    assert!(last.starts_with("the order was rejected") && last.ends_with(way), "{last}");
    for asked in ["why failed", "why breach"] {
        let found = told(&mut session, &[asked]);
        assert!(found.starts_with("breach of \"Daily\"") && !found.contains("tells it"), "{found}");
    }
    assert_eq!(told(&mut session, &["why passed"]), "no decision led into phase passed");
    let most = told(&mut session, &["tick ES 5000 5000", "max order ES"]);
    assert_eq!(most, "no order is taken in phase failed: breach of \"Daily\", at 2026-03-02 00:01:00; `why failed` tells it");
}

#[test]
fn a_payout_of_an_amount_is_judged_with_that_amount() {
    let mut session = later();
    told(&mut session, &["trade +$600"]);
    let all = lines(&told(&mut session, &["why not payout"]));
    assert!(all.contains(&"\"much\": met".to_owned()), "{all:?}");
    let less = lines(&told(&mut session, &["why not payout $499"]));
    assert!(less.contains(&"\"much\": NOT MET: payout.amount is $499.00, needs at least $500.00, $1.00 missing".to_owned()), "{less:?}");
    assert!(super::refused(&mut session, "why not payout 3").contains("is no amount of money"));
}

#[test]
fn the_next_reset_is_the_opening_of_the_day() {
    let mut session = later();
    let found = told(&mut session, &["trade +$600", "next reset"]);
    assert!(found.starts_with("2026-03-03 00:00:00  the day is stamped, the next day opens"), "{found}");
    assert!(lines(&found).contains(&"day.profit $600.00 -> $0.00".to_owned()), "{found}");
}
