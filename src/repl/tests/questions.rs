//! Questions in the words of people: the one to ask here.

use super::{refused, session, told};

#[test]
fn words_of_the_trade_lead_to_the_question_to_ask() {
    let mut session = session();
    for (line, wanted) in [
        ("daily loss limit", "headroom"),
        ("what is my daily loss limit", "headroom"),
        ("max loss", "headroom"),
        ("how much can I lose today", "headroom"),
        ("best day", "status"),
        ("trading days", "status"),
        ("profit needed", "status"),
        ("how far to the target?", "status"),
        ("consistency", "status"),
        ("what have I made today", "day.profit"),
        ("made today", "day.profit"),
        ("what happens at midnight", "next reset"),
        ("when does the day end", "next reset"),
        ("how long until payout", "why not payout"),
        ("when can I get my money out", "why not payout"),
        ("how big on NQ", "max order NQ"),
        ("at what price do I fail", "price limit ES"),
        ("two courses", "forks"),
        ("what changed", "why"),
        ("why did I break the daily loss limit", "why"),
        ("go back", "undo"),
        ("what happens if I lose $500", "what if trade -$500"),
    ] {
        let found = refused(&mut session, line);
        assert!(found.contains(&format!("`{wanted}`")), "{line}: {found}");
    }
    assert!(refused(&mut session, "reset").contains("`next reset` or `undo`"));
    // What is nearly a condition is told as one.
    assert!(!refused(&mut session, "day profit is above the max loss").contains("headroom"));
}

#[test]
fn what_is_no_step_is_told_as_the_step_that_it_means() {
    let mut session = session();
    for (line, wanted) in [
        ("what if ES goes to 4980", "write `what if tick ES 4980`"),
        ("what if I lose $500", "write `what if trade -$500`"),
        ("what if I make 500", "write `what if trade +$500`"),
        ("what if it rains", "such as `what if trade -$2,000`"),
    ] {
        let found = refused(&mut session, line);
        assert!(found.contains(wanted), "{line}: {found}");
    }
}

/// 2 contracts of $50 a point, 5 points up at the bid.
#[test]
fn closing_all_can_be_asked_about() {
    let mut session = session();
    assert_eq!(refused(&mut session, "what if close all"), "nothing is open");
    told(&mut session, &["buy 2 ES @ 5000 as a", "tick ES 5005 5005.25"]);
    for line in ["what if close all", "what if I sell now", "what if flatten"] {
        let found = told(&mut session, &[line]);
        assert!(found.starts_with("exit a @ 5005\n") && found.contains("balance $50,500.00"), "{line}: {found}");
    }
    assert_eq!(told(&mut session, &["positions"]).lines().next(), Some("1  (a count)"));
    assert!(refused(&mut session, "what if exit a").contains("its price is missing"));
}

#[test]
fn more_than_was_done_is_not_taken_back() {
    let mut session = session();
    assert_eq!(refused(&mut session, "undo 10"), "no step was done that could be taken back");
    told(&mut session, &["trade +$10", "trade +$20"]);
    assert_eq!(refused(&mut session, "undo 10"), "only 2 steps were done that could be taken back: `undo 2` takes all of them back");
    assert_eq!(told(&mut session, &["balance"]).lines().next(), Some("$50,030.00  (money in USD)"));
}
