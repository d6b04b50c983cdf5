//! Rules, states, goals and payouts.

use super::super::view::NEVER;
use super::super::{goal_state, next_timer};
use super::{Bench, amount};
use crate::ir::PhaseId;
use crate::value::{NANOS_PER_DAY, NANOS_PER_HOUR};
use crate::vocabulary::{AccountField, Moment, Occasion, RecordField};

fn ruled(rules: &str) -> Bench {
    Bench::open(&format!("phase p {{\n ledger starts at size\n {rules}\n }}"))
}

#[test]
fn a_condition_fires_when_it_turns_true() {
    let mut bench = ruled("when equity is above $51,000 { notify trader \"up\" }");
    assert_eq!(bench.mark("51000.01"), ["notify"]);
    assert_eq!(bench.mark("52000"), Vec::<String>::new());
    assert_eq!(bench.mark("51000"), Vec::<String>::new());
    assert_eq!(bench.mark("51001"), ["notify"]);
    assert_eq!(bench.enter(PhaseId(0), &[]), ["notify"], "true on entering counts as turning");
}

#[test]
fn an_event_fires_where_its_condition_holds() {
    let mut bench = ruled("on trade where trade.profit is below -$100 { notify risk \"loss of {trade.profit}\" }");
    assert_eq!(bench.trade("-100"), Vec::<String>::new());
    assert_eq!(bench.trade("-100.01"), ["notify -100.01"]);
    assert_eq!(bench.mark("1"), Vec::<String>::new());
}

#[test]
fn a_schedule_fires_when_it_is_due() {
    let mut bench = ruled("every day at close { flatten, cancel orders }");
    assert_eq!(bench.at(Moment::Timer, &[]), Vec::<String>::new());
    bench.picture.schedules = 1;
    assert_eq!(bench.at(Moment::Timer, &[]), ["flatten", "cancelorders"]);
}

#[test]
fn a_breach_of_another_limit_is_an_event() {
    let mut bench =
        ruled("limit \"Max\" {\n equity stays above $48,000\n on breach { flatten }\n }\n on breach of \"Max\" { review \"look\" }");
    assert_eq!(bench.mark("48000"), ["breach Max 1", "flatten", "review"]);
    assert_eq!(bench.mark("47000"), Vec::<String>::new());
}

#[test]
fn a_state_is_set_at_once() {
    let mut bench = ruled("state bonus: money = $100\n on trade { set bonus = bonus + $25 }");
    assert_eq!(bench.value("bonus"), "100");
    bench.trade("1");
    bench.trade("1");
    assert_eq!(bench.value("bonus"), "150");
    bench.enter(PhaseId(0), &[]);
    assert_eq!(bench.value("bonus"), "100");
}

#[test]
fn so_long_after_the_later_of_event_and_condition() {
    let mut bench = ruled("after 3h since trade while account is flat { review \"idle\" }");
    let start = bench.picture.now;
    assert_eq!(next_timer(&bench.program, &bench.slots, bench.phase), start + 3 * NANOS_PER_HOUR, "never traded: from the phase's start");
    bench.picture.now = start + NANOS_PER_HOUR;
    bench.picture.account.insert(AccountField::Flat, 0);
    bench.trade("1");
    assert_eq!(bench.next_due(), NEVER);
    bench.picture.now = start + 2 * NANOS_PER_HOUR;
    bench.picture.account.insert(AccountField::Flat, 1);
    bench.at(Moment::Fill, &[Occasion::Fill]);
    assert_eq!(bench.next_due(), start + 5 * NANOS_PER_HOUR);
    bench.picture.now = start + 5 * NANOS_PER_HOUR;
    assert_eq!(bench.at(Moment::Timer, &[]), ["review"]);
    assert_eq!(bench.next_due(), NEVER, "once per wait");
    bench.trade("1");
    assert_eq!(bench.next_due(), start + 8 * NANOS_PER_HOUR);
}

#[test]
fn days_after_an_event_end_at_an_opening() {
    let bench = ruled("after 30 days since trade { review \"idle\" }");
    let date = bench.picture.now / NANOS_PER_DAY;
    assert_eq!(bench.next_due(), (date + 30) * NANOS_PER_DAY);
}

#[test]
fn a_goal_is_reached_when_all_holds_together_and_stays_so() {
    let mut bench = ruled(
        "goal \"Target\" {\n require \"profit\" profit is at least $3,000\n require \"flat\" account is flat\n on reached { promote to q }\n }\n }\n phase q {\n ledger starts at size",
    );
    assert_eq!(bench.trade("2999.99"), Vec::<String>::new());
    let state = goal_state(&bench.program, bench.node("Target"), &bench.slots, &bench.picture);
    assert_eq!((state.reached, state.in_force), (false, true));
    assert_eq!(state.requirements.iter().map(|requirement| requirement.met).collect::<Vec<_>>(), [Some(false), Some(true)]);
    assert_eq!(bench.trade("0.01"), ["reached Target", "promote"]);
    assert_eq!(bench.trade("-500"), Vec::<String>::new());
}

#[test]
fn a_revocable_goal_is_lost_again() {
    let mut bench = ruled(
        "goal \"Fit\" revocable {\n require \"profit\" profit is at least $100\n on reached { notify trader \"in\" }\n on lost { notify trader \"out\" }\n }",
    );
    assert_eq!(bench.trade("100"), ["reached Fit", "notify"]);
    assert_eq!(bench.trade("-1"), ["lost Fit", "notify"]);
    assert_eq!(bench.trade("1"), ["reached Fit", "notify"]);
}

#[test]
fn no_goal_is_judged_where_the_account_fails() {
    let mut bench = ruled(
        "limit \"Max\" {\n equity stays above $48,000\n on breach { fail }\n }\n goal \"Low\" {\n require \"r\" equity is below $49,000\n }",
    );
    assert_eq!(bench.mark("47000"), ["breach Max 1", "fail"]);
    assert_eq!(bench.mark("47000"), ["reached Low"]);
}

fn payout(steps: &str) -> Bench {
    let mut bench = Bench::open(&format!("phase p {{\n ledger starts at size\n payout {{\n {steps}\n }}\n }}"));
    bench.picture.set(AccountField::Balance, "53000");
    bench.picture.set(AccountField::Available, "3000");
    bench
}

fn request(bench: &mut Bench, asked: &str) -> String {
    bench.picture.records.insert(RecordField::PayoutAmount, amount(asked));
    bench.at(Moment::Payout, &[Occasion::PayoutRequest]).concat()
}

#[test]
fn steps_run_on_the_amount_from_top_to_bottom() {
    let mut bench = payout(
        "pays at most 50% of available\n leaves at least $51,600\n minimum $125\n fee $10\n split 90% to trader\n also pays $5 to trader outside the account",
    );
    // $4,000 asked, $3,000 available, half of it $1,500, $51,600 left: $1,400; 90% is $1,260, less $10.
    assert_eq!(request(&mut bench, "4000"), "answer 1400 trader 1250 firm 140 fee 10 besides 5 failed [] review []");
    assert_eq!(request(&mut bench, "124.99"), "answer 124.99 trader 102.49 firm 12.5 fee 10 besides 5 failed [2] review []");
}

/// docs/semantics.md: payouts.8
#[test]
fn the_trader_gets_whole_cents_and_the_firm_the_rest() {
    let mut bench = payout("split 90% to trader");
    // 90% of $100.03 is $90.027.
    assert_eq!(request(&mut bench, "100.03"), "answer 100.03 trader 90.02 firm 10.01 fee 0 besides 0 failed [] review []");
}

#[test]
fn a_pending_payout_is_denied_once_when_a_requirement_fails() {
    let mut bench = payout("split 90% to trader\n pending {\n require \"flat\" account is flat\n }");
    request(&mut bench, "1000");
    bench.picture.account.insert(AccountField::Flat, 0);
    let told = bench.trade("0");
    assert_eq!(told, ["answer 0 trader 0 firm 0 fee 0 besides 0 failed [0] review [] pending"]);
    assert_eq!(bench.trade("0"), Vec::<String>::new());
    bench.at(Moment::Payout, &[Occasion::PayoutDenial]);
    assert_eq!(bench.trade("0"), Vec::<String>::new());
}
