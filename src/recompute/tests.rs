//! Corrections by hand: what they take back, what they issue, and what is refused.

use super::Remembering;
use crate::event::Event;
use crate::outcome::{ActionKind, Change, FaultKind, Outcome, Verdict};
use crate::source::Source;
use crate::value::Value;

/// A limit of $1,000 on what a day loses, and of 2 contracts on orders; `corrections` is a line of the header.
fn engine(corrections: &str) -> Remembering {
    let text = format!(
        r#"program "P" {{
  currency USD
  timezone "UTC"
  day 00:00 every day
  {corrections}
  plans
    | plan | size    |
    | S    | $10,000 |
  phase first {{
    ledger starts at size
    limit "Daily loss" {{
      equity stays above day.start_balance - $1,000
      on breach {{ flatten, fail }}
    }}
    limit "Size" for each order {{
      order.quantity stays at or below (if balance is at least $10,000 then 2 contracts else 1 contract)
      refuse orders that would break it
    }}
    on deposit {{ notify trader "{{balance}}" }}
  }}
}}"#
    );
    let mut engine = Remembering::default();
    engine.load(crate::compile(&Source::new("p.fence", text)).unwrap());
    let instrument = r#""kind":"instrument","symbol":"ES","class":"future","unit":"contract","lot_size":"1","multiplier":"50","tick_size":"0.25","quantity_step":"1","quote_currency":"USD","weight":"1""#;
    take(&mut engine, "2026-03-02T00:00:00Z", "i", None, instrument);
    let open = r#""kind":"open","program":"P","version":"","plan":"S","currency":"USD","start_balance":"10000","position_mode":"netting","trader":"T","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position""#;
    take(&mut engine, "2026-03-02T00:00:00Z", "o", Some("A"), open);
    engine
}

fn take(engine: &mut Remembering, at: &str, id: &str, account: Option<&str>, rest: &str) -> Vec<Outcome> {
    let account = account.map_or_else(String::new, |account| format!(r#""account":"{account}","#));
    let event: Event = serde_json::from_str(&format!(r#"{{"id":"{id}","at":"{at}",{account}{rest}}}"#)).unwrap();
    engine.apply(&event).to_vec()
}

/// At a time of 2 March.
fn at(engine: &mut Remembering, time: &str, id: &str, rest: &str) -> Vec<Outcome> {
    take(engine, &format!("2026-03-02T{time}:00Z"), id, Some("A"), rest)
}

fn cash(kind: &str, amount: &str) -> String {
    format!(r#""kind":"cash","cash_id":"c","type":"{kind}","amount":"{amount}""#)
}

fn phase(engine: &Remembering) -> String {
    engine.engine().account("A").unwrap().status().phase.to_string()
}

fn balance(engine: &Remembering) -> String {
    let Value::Money(balance, _) = engine.engine().account("A").unwrap().status().balance else { unreachable!() };
    balance.to_string()
}

fn fault(outcomes: &[Outcome]) -> Option<FaultKind> {
    outcomes.first()?.faults.first().map(|fault| fault.kind)
}

#[test]
fn a_failure_that_a_wrong_fee_brought_about_is_taken_back() {
    let mut engine = engine("corrections within 24h");
    let failed = at(&mut engine, "10:00", "fee", &cash("fee", "-1000"));
    assert_eq!(failed[0].actions.iter().map(|action| action.kind.words()).collect::<Vec<_>>(), ["flatten", "fail"]);
    assert_eq!(phase(&engine), "failed");
    let corrected = at(&mut engine, "11:00", "right", &format!(r#""corrects":"fee",{}"#, cash("fee", "-999.99")));
    assert_eq!((phase(&engine).as_str(), balance(&engine).as_str()), ("first", "9000.01"));
    let recomputed = corrected[0].recomputed.as_ref().unwrap();
    assert_eq!(recomputed.withdrawn.iter().map(|gone| gone.kind.words()).collect::<Vec<_>>(), ["flatten", "fail"]);
    assert_eq!(recomputed.withdrawn[1].key, failed[0].actions[1].key);
    assert_eq!(&*recomputed.withdrawn[1].reason, "event `right` corrects event `fee`");
    assert!(matches!(&recomputed.undone[0].told, Change::Breach { limit, .. } if &**limit == "Daily loss"));
    assert!(corrected[0].actions.is_empty());
}

#[test]
fn what_is_missing_is_issued_late_under_the_key_it_should_have_had() {
    let mut engine = engine("corrections within 24h");
    at(&mut engine, "10:00", "fee", &cash("fee", "-999.99"));
    at(&mut engine, "11:00", "later", &cash("interest", "5000"));
    let corrected = at(&mut engine, "12:00", "right", &format!(r#""corrects":"fee",{}"#, cash("fee", "-1000")));
    assert_eq!(phase(&engine), "failed");
    let fail = &corrected[0].actions[1];
    assert_eq!((fail.kind.words(), fail.late, fail.attempt), ("fail", true, 1));
    assert_eq!(serde_json::to_value(&fail.key.cause).unwrap()["event"], "fee");
    assert_eq!(fail.at.to_string(), "2026-03-02T10:00:00Z");
}

/// docs/semantics.md: instant.16
#[test]
fn an_action_that_is_withdrawn_and_comes_back_is_another_attempt() {
    let mut engine = engine("corrections within 24h");
    at(&mut engine, "10:00", "fee", &cash("fee", "-1000"));
    at(&mut engine, "10:10", "one", &format!(r#""corrects":"fee",{}"#, cash("fee", "-1")));
    let again = at(&mut engine, "10:20", "two", &format!(r#""corrects":"fee",{}"#, cash("fee", "-2000")));
    assert_eq!(again[0].actions.iter().map(|action| action.attempt).collect::<Vec<_>>(), [2, 2]);
    let gone = at(&mut engine, "10:30", "three", &format!(r#""busts":"fee",{}"#, cash("fee", "-2000")));
    assert_eq!(gone[0].recomputed.as_ref().unwrap().withdrawn.iter().map(|gone| gone.attempt).collect::<Vec<_>>(), [2, 2]);
    assert_eq!((phase(&engine).as_str(), balance(&engine).as_str()), ("first", "10000"));
}

#[test]
fn an_action_that_says_something_else_now_is_withdrawn_and_issued_anew() {
    let mut engine = engine("corrections within 24h");
    at(&mut engine, "10:00", "d", &cash("deposit", "10"));
    let corrected = at(&mut engine, "11:00", "right", &format!(r#""corrects":"d",{}"#, cash("deposit", "20")));
    let gone = &corrected[0].recomputed.as_ref().unwrap().withdrawn[0];
    let told = &corrected[0].actions[0];
    assert_eq!((&gone.key, gone.attempt), (&told.key, 1));
    assert_eq!(told.attempt, 2);
    assert!(matches!(&told.kind, ActionKind::Notify { message, .. } if message == "$10,020.00"));
}

/// docs/semantics.md: instant.14
#[test]
fn a_late_event_is_put_where_its_instant_lies() {
    let mut engine = engine("corrections within 24h");
    at(&mut engine, "12:00", "gain", &cash("interest", "3000"));
    let late = at(&mut engine, "11:00", "fee", &cash("fee", "-1500"));
    assert_eq!(late[0].actions.iter().map(|action| action.kind.words()).collect::<Vec<_>>(), ["flatten", "fail"]);
    assert_eq!(late[0].at.to_string(), "2026-03-02T12:00:00Z");
    assert_eq!((phase(&engine).as_str(), balance(&engine).as_str()), ("failed", "11500"));
    // The same once more is a duplicate.
    assert_eq!(at(&mut engine, "11:00", "fee", &cash("fee", "-1500")), []);
    assert_eq!(engine.events().len(), 4);
}

#[test]
fn answers_that_would_have_been_others_are_told() {
    let mut engine = engine("corrections within 24h");
    take(&mut engine, "2026-03-02T09:00:00Z", "t", None, r#""kind":"tick","symbol":"ES","bid":"5000","ask":"5000""#);
    let order = r#""kind":"order","order_id":"q","symbol":"ES","side":"buy","type":"market","quantity":"2","status":"new""#;
    at(&mut engine, "10:00", "fee", &cash("fee", "-1"));
    let refused = at(&mut engine, "11:00", "q", order);
    assert!(matches!(refused[0].verdict, Some(Verdict::Reject { .. })), "{refused:?}");
    let corrected = at(&mut engine, "12:00", "none", &format!(r#""busts":"fee",{}"#, cash("fee", "-1")));
    let answers = &corrected[0].recomputed.as_ref().unwrap().answers;
    assert_eq!((answers.len(), &answers[0].is), (1, &Some(Verdict::Allow)));
    // A late question is answered by the outcome itself.
    let late = at(&mut engine, "10:30", "q2", &order.replace(r#""q""#, r#""q2""#));
    assert_eq!((late[0].verdict.as_ref(), &late[0].recomputed), (Some(&Verdict::Allow), &None));
}

#[test]
fn a_price_that_was_none_is_taken_away_for_every_account() {
    let mut engine = engine("corrections within 24h");
    let fill = r#""kind":"fill","fill_id":"f","symbol":"ES","quantity":"1","price":"5000","entry":"in","reason":"user""#;
    at(&mut engine, "10:00", "f", fill);
    let tick = |price: &str| format!(r#""kind":"tick","symbol":"ES","bid":"{price}","ask":"{price}""#);
    assert_eq!(take(&mut engine, "2026-03-02T10:01:00Z", "t", None, &tick("4980"))[0].actions.len(), 2);
    take(&mut engine, "2026-03-02T10:02:00Z", "u", None, &tick("4999"));
    let gone = take(&mut engine, "2026-03-02T10:03:00Z", "b", None, &format!(r#""busts":"t",{}"#, tick("4980")));
    assert_eq!((&*gone[0].account, gone[0].recomputed.as_ref().unwrap().withdrawn.len()), ("A", 2));
    assert_eq!(phase(&engine), "first");
    let listing = engine.engine().market().listings().iter().find(|listing| listing.name == "ES").unwrap();
    assert_eq!(crate::value::Fixed::from_raw(listing.quote.bid).map(|bid| bid.to_string()).as_deref(), Some("4999"));
}

/// docs/semantics.md: instant.15
#[test]
fn the_header_says_how_far_back() {
    let fee = |id: &str| format!(r#""corrects":"{id}",{}"#, cash("fee", "-2"));
    // 24 hours: exactly so far back is within.
    let mut hours = engine("corrections within 24h");
    at(&mut hours, "10:00", "a", &cash("fee", "-1"));
    take(&mut hours, "2026-03-03T10:00:00Z", "b", Some("A"), &cash("fee", "-1"));
    assert_eq!(fault(&take(&mut hours, "2026-03-03T11:00:00Z", "c", Some("A"), &fee("a"))), None);
    assert_eq!(balance(&hours), "9997");
    take(&mut hours, "2026-03-03T10:00:00.000000001Z", "d", Some("A"), &cash("fee", "-1"));
    let refused = take(&mut hours, "2026-03-03T11:00:00Z", "e", Some("A"), &fee("a"));
    assert_eq!(fault(&refused), Some(FaultKind::BeyondCorrections));
    assert!(refused[0].faults[0].detail.ends_with("the program takes corrections within 24h"), "{}", refused[0].faults[0].detail);
    // Two days: all of the day before yesterday is within.
    let mut days = engine("corrections within 2 days");
    at(&mut days, "00:00", "a", &cash("fee", "-1"));
    take(&mut days, "2026-03-04T23:59:00Z", "b", Some("A"), &cash("fee", "-1"));
    assert_eq!(fault(&take(&mut days, "2026-03-04T23:59:30Z", "c", Some("A"), &fee("a"))), None);
    take(&mut days, "2026-03-05T00:00:00Z", "d", Some("A"), &cash("fee", "-1"));
    assert_eq!(fault(&take(&mut days, "2026-03-05T00:00:30Z", "e", Some("A"), &fee("a"))), Some(FaultKind::BeyondCorrections));
    // Nothing said: nothing taken.
    let mut none = engine("");
    at(&mut none, "10:00", "a", &cash("fee", "-1"));
    assert_eq!(fault(&at(&mut none, "10:00", "b", &fee("a"))), Some(FaultKind::BeyondCorrections));
    assert_eq!(fault(&at(&mut none, "09:00", "late", &cash("fee", "-1"))), Some(FaultKind::BeyondCorrections));
    assert_eq!(balance(&none), "9999");
}

#[test]
fn what_contradicts_the_history_is_refused_by_name() {
    let mut engine = engine("corrections within 24h");
    at(&mut engine, "10:00", "fee", &cash("fee", "-1"));
    let cases = [
        (r#""corrects":"nothing","#, cash("fee", "-2"), FaultKind::NeedsHistory, "not in the history"),
        (r#""busts":"o","#, cash("fee", "-2"), FaultKind::Inconsistent, "send a `close`"),
        (r#""corrects":"o","#, cash("fee", "-2"), FaultKind::Inconsistent, "cancel that with `busts`"),
    ];
    for (number, (head, rest, kind, words)) in cases.into_iter().enumerate() {
        let refused = at(&mut engine, "11:00", &format!("x{number}"), &format!("{head}{rest}"));
        assert_eq!(fault(&refused), Some(kind), "{head}");
        assert!(refused[0].faults[0].detail.contains(words), "{}", refused[0].faults[0].detail);
    }
    engine.forget();
    let refused = at(&mut engine, "11:00", "y", &format!(r#""corrects":"fee",{}"#, cash("fee", "-2")));
    assert_eq!(fault(&refused), Some(FaultKind::NeedsHistory));
    assert_eq!(fault(&at(&mut engine, "09:00", "z", &cash("fee", "-2"))), Some(FaultKind::NeedsHistory));
    assert_eq!(balance(&engine), "9999");
}
