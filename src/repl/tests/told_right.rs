//! What decided, at which price, and from which amount it is counted.

use super::{Memory, Options, Session, lines, told};

/// A daily loss that only locks, and one that fails, both at the price of closing; and a policy with a share of profit.
const TWO: &str = r#"program "P" {
    firm      "Example"  version "1"
    currency  USD
    timezone  "UTC"
    day       00:00
    marks at  exit side

    plans
        | plan | size    |
        | 50K  | $50,000 |

    phase trading {
        ledger starts at size

        limit "Daily Loss" {
            equity stays above day.start_balance - $1,000
            on breach { lock until next day }
        }
        limit "Drawdown" {
            equity stays at or above size - $2,000
            on breach { fail }
        }
        track best_day = highest day.profit over closed days from $0
        payout {
            require "consistency" best_day is at most 40% of profit
            minimum $250
            split 80% to trader
        }
    }
}
"#;

fn two() -> Session {
    let desk = Memory::default();
    desk.texts.borrow_mut().insert("p.fence".into(), TWO.into());
    Session::new(Box::new(desk), &Options::default()).ok().unwrap()
}

#[test]
fn of_two_limits_that_break_at_once_the_one_that_fails_is_named() {
    let mut session = two();
    told(&mut session, &["trade -$2,500"]);
    let because = "breach of \"Drawdown\", at 2026-03-02 00:01:00; `why failed` tells it";
    assert!(told(&mut session, &["status"]).contains(because));
    assert_eq!(told(&mut session, &["headroom"]), format!("no limit is in force in phase failed: {because}"));
    assert_eq!(told(&mut session, &["max order ES"]), format!("no order is taken in phase failed: {because}"));
    let why = told(&mut session, &["why failed"]);
    assert!(why.starts_with("breach of \"Drawdown\"\n") && why.contains("\nbreach of \"Daily Loss\"\n"), "{why}");
    let why = told(&mut session, &["order buy 1 ES @ 5000", "why"]);
    assert!(why.ends_with(&format!("the account is in phase failed: {because}")), "{why}");
}

#[test]
fn a_failed_account_is_not_said_to_have_begun_its_day_with_what_it_failed_with() {
    let mut session = two();
    let status = told(&mut session, &["trade -$2,500", "status"]);
    assert!(status.contains("2026-03-02; it is counted anew since phase failed was entered"), "{status}");
    let reset = told(&mut session, &["next reset"]);
    assert!(reset.contains("a lock ends; orders that open or increase stay refused in phase failed"), "{reset}");
    assert!(!reset.contains("yes -> no"), "{reset}");
}

#[test]
fn the_day_is_counted_from_an_amount_that_cash_moves_along() {
    // 50,000 less the 1,500 that were taken out.
    let status = told(&mut two(), &["withdraw $1,500", "status"]);
    assert!(status.contains("counted from $48,500.00, profit $0.00"), "{status}");
}

#[test]
fn the_largest_order_keeps_every_limit_at_the_price_of_closing() {
    let mut session = two();
    // Bought at 5010 and worth 5000: 10 points of $50 are $500 for each, so that two would touch the bound of $1,000.
    let found = lines(&told(&mut session, &["tick ES 5000 5010", "max order ES"]));
    assert_eq!(found, ["buy 1 ES", "sell 1 ES"]);
    let after = told(&mut session, &["buy 1 ES @ 5010 as a", "tick ES 5000 5010", "headroom"]);
    assert!(after.contains("$500.00 left: $49,500.00 against $49,000.00"), "{after}");
    // One more would come to $1,000 in all; so would one sold beyond that one, which closes with its loss of $500.
    assert_eq!(lines(&told(&mut session, &["max order ES"])), ["buy 0 ES", "sell 1 ES"]);
}

#[test]
fn what_its_fill_still_values_is_told() {
    let mut session = two();
    told(&mut session, &["tick ES 5000 5010", "buy 1 ES @ 5010 as a"]);
    let row = "long 1 ES at its fill's 5010 until the next price of ES; the price it would be closed at is 5000 now";
    for asked in ["headroom", "status"] {
        let found = lines(&told(&mut session, &[asked]));
        assert!(found.contains(&row.to_owned()), "{found:?}");
    }
    let found = told(&mut session, &["tick ES 5000 5010", "headroom"]);
    assert!(!found.contains("its fill"), "{found}");
}

#[test]
fn a_share_of_a_loss_is_told_by_what_is_needed() {
    // The best day may be 40% of a profit of at least 400 / 40% = 1,000; the profit is 400 - 900 = -500.
    let found = told(&mut two(), &["days +$400, -$900", "why not payout"]);
    let needed = "best_day is $400.00, and profit is -$500.00: it needs profit of at least $1,000.00, $1,500.00 missing";
    assert!(found.contains(needed) && !found.contains("at most -"), "{found}");
}

#[test]
fn a_question_about_a_payout_is_answered_as_a_question() {
    let mut session = two();
    let found = told(&mut session, &["trade +$100", "why not payout $5,000"]);
    let head = "a request for $5,000.00 would be denied because of \"minimum $250\", as the amount left to pay was $100.00";
    assert!(found.starts_with(head) && !found.contains("was denied"), "{found}");
    let found = told(&mut session, &["trade +$900", "why not payout"]);
    // 80% and 20% of the 1,000 that are there.
    let head = "a request for all that is available would be approved for $1,000.00: $800.00 for you and $200.00 for the firm\n";
    assert!(found.starts_with(head), "{found}");
}

#[test]
fn what_a_host_decides_of_a_request_that_was_not_granted_is_told_as_that() {
    let mut session = two();
    let found = told(&mut session, &["trade +$100", "request payout", "approve payout"]);
    assert!(found.contains("the program did not grant this request; the host approves it all the same"), "{found}");
    let found = told(&mut two(), &["trade +$100", "request payout", "deny payout"]);
    assert!(found.contains("the program did not grant this request either; no request waits any more"), "{found}");
    let found = told(&mut two(), &["trade +$1,000", "request payout", "approve payout"]);
    assert!(!found.contains("did not grant"), "{found}");
}

#[test]
fn a_product_with_a_percentage_says_how_a_share_is_written() {
    // 40% of 2,200
    let found = lines(&told(&mut two(), &["2200 * 40%"]));
    assert_eq!(found[..2], ["88000% (a percentage)", "a share is written with `of`: 40% of 2200 = 880"]);
}

#[test]
fn a_fact_under_the_same_words_is_not_told_twice() {
    let mut session = two();
    let found = told(&mut session, &["last day.profit is known"]);
    assert_eq!(lines(&found), ["no (yes or no)", "last day.profit = none"]);
}
