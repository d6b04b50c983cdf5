//! Expressions: exact results, choices, tables, aggregates, what changes with time alone.

use super::super::view::{MISSING, NEVER};
use super::{Bench, amount};
use crate::value::{NANOS_PER_HOUR, NANOS_PER_SECOND};
use crate::vocabulary::{AccountField, Moment, Occasion, RecordField};

/// What `let x = …` shows with these words before the phase, after one fill with $1,234.50 of profit.
fn with(head: &str, expression: &str) -> String {
    let mut bench = Bench::open(&format!("{head}\nphase p {{\n ledger starts at size\n let x = {expression}\n }}"));
    bench.trade("1234.50");
    bench.value("x")
}

#[test]
fn arithmetic_rounds_once_half_to_even() {
    for (expression, expected) in [
        ("profit + $0.50", "1235"),
        ("balance - profit", "50000"),
        ("profit * 3", "3703.5"),
        ("-profit", "-1234.5"),
        ("abs($1,000 - balance)", "50234.5"),
        ("5% of profit", "61.725"),
        ("0.00000001% of profit", "0.00000012"),
        ("profit / 7", "176.35714286"),
        ("profit / $3", "411.5"),
        ("round(profit to $1, half_up)", "1235"),
        ("round(profit to $1, half_even)", "1234"),
        ("round(-profit to $1, half_up)", "-1235"),
        ("round(-profit to $1, down)", "-1235"),
        ("round(profit to $10, up)", "1240"),
        ("min(profit, $900, balance)", "900"),
        ("max(profit, $900)", "1234.5"),
        ("if profit is above $1,000 and balance is at least $50,000 then $1 else $2", "1"),
        ("if profit is below $1,000 or not (account is flat) then $1 else $2", "2"),
        ("2 * 3 + 4", "10"),
        ("if size is one of ($25,000, $50,000) then $1 else $2", "1"),
        ("profit - day.profit", "0"),
        ("last day.close_balance else $7", "7"),
        ("payouts.count * $2 + profit", "1234.5"),
    ] {
        let mut bench = Bench::open(&format!("phase p {{\n ledger starts at size\n let x = {expression}\n }}"));
        bench.picture.payouts.insert(crate::ir::PayoutFact::Count as u8, 0);
        bench.trade("1234.50");
        assert_eq!(bench.value("x"), expected, "{expression}");
    }
}

#[test]
fn steps_choose_by_their_bound() {
    let table = |heading: &str| {
        format!("table tier by profit steps\n| {heading} | share |\n| $0 | 10% |\n| $1,234.50 | 20% |\n| $5,000 | 30% |\n| any | 40% |\n")
    };
    for (heading, expected) in [("from", "20"), ("above", "10"), ("up to", "20"), ("below", "30")] {
        assert_eq!(with(&table(heading), "tier.share"), expected, "{heading}");
    }
}

#[test]
fn slices_take_each_rate_on_its_own_part() {
    let head = "table split by profit slices\n| up to | share |\n| $1,000 | 100% |\n| any | 90% |\n";
    // $1,000 and 90% of $234.50.
    assert_eq!(with(head, "split.share"), "1211.05");
}

#[test]
fn aggregates_run_over_what_is_open() {
    for (expression, expected) in [
        ("count open positions", "3"),
        ("sum position.open_profit over open positions", "60"),
        ("highest position.open_profit over open positions", "100"),
        ("lowest position.open_profit over open positions", "-60"),
        ("average position.open_profit over open positions", "20"),
        ("(sum position.open_profit over open positions where position.open_profit is above $0)", "120"),
        ("(highest position.open_profit over open positions where position.open_profit is above $500) else $7", "7"),
    ] {
        let mut bench = Bench::unopened(&format!("phase p {{\n ledger starts at size\n let x = {expression}\n }}"));
        for (serial, place, profit) in [(1, 0, "100"), (2, 1, "-60"), (3, 2, "20")] {
            bench.picture.open_position(serial, place, &[(RecordField::PositionOpenProfit, amount(profit))]);
        }
        bench.enter(crate::ir::PhaseId(0), &[Occasion::AccountStart]);
        bench.trade("0");
        assert_eq!(bench.value("x"), expected, "{expression}");
    }
}

#[test]
fn time_alone_changes_an_elapsed_comparison_at_its_bound() {
    let body = "phase p {\n ledger starts at size\n limit \"Long\" for each position {\n never position.held is above 2h\n on breach { flatten position }\n }\n }";
    let mut bench = Bench::open(body);
    let start = bench.picture.now;
    bench.picture.open_position(1, 0, &[(RecordField::PositionOpened, start), (RecordField::PositionHeld, 0)]);
    bench.at(Moment::Fill, &[Occasion::Fill, Occasion::Entry]);
    assert_eq!(bench.next_due(), start + 2 * NANOS_PER_HOUR);
    assert_eq!(bench.judge_after(2 * NANOS_PER_HOUR), Vec::<String>::new(), "exactly two hours is not above");
    assert_eq!(bench.next_due(), start + 2 * NANOS_PER_HOUR + 1);
    assert_eq!(bench.judge_after(1), ["breach Long 1", "flatten"]);
    assert_eq!(bench.next_due(), NEVER);
}

#[test]
fn a_session_tells_its_next_edge() {
    let mut bench = Bench::unopened(
        "session rth mon to fri 13:00 to 15:00\nphase p {\n ledger starts at size\n limit \"Hours\" {\n never rth is open\n on breach { flatten }\n }\n }",
    );
    let start = bench.picture.now;
    bench.picture.session = Some((start + NANOS_PER_HOUR, start + 3 * NANOS_PER_HOUR));
    bench.enter(crate::ir::PhaseId(0), &[Occasion::AccountStart]);
    assert_eq!(bench.next_due(), start + NANOS_PER_HOUR);
    assert_eq!(bench.judge_after(NANOS_PER_HOUR), ["breach Hours 1", "flatten"]);
    assert_eq!(bench.next_due(), start + 3 * NANOS_PER_HOUR);
    assert_eq!(bench.judge_after(2 * NANOS_PER_HOUR), Vec::<String>::new());
}

#[test]
fn a_window_around_news_holds_at_both_ends() {
    let mut bench = Bench::open("phase p {\n ledger starts at size\n when within 2min of high news { notify trader \"news\" }\n }");
    let start = bench.picture.now;
    bench.picture.news = Some(start + 600 * NANOS_PER_SECOND);
    bench.at(Moment::News, &[]);
    assert_eq!(bench.next_due(), start + 480 * NANOS_PER_SECOND);
    assert_eq!(bench.judge_after(480 * NANOS_PER_SECOND), ["notify"]);
    assert_eq!(bench.next_due(), start + 720 * NANOS_PER_SECOND + 1);
}

#[test]
fn an_input_turns_stale_at_an_instant() {
    let mut bench = Bench::open(
        "input cap: money stale after 1h\nphase p {\n ledger starts at size\n let x = cap else $7\n limit \"Cap\" {\n equity stays below x\n on breach { notify risk \"cap\" }\n }\n }",
    );
    let stale = bench.picture.now + NANOS_PER_HOUR;
    bench.picture.inputs.insert(0, (amount("90000"), stale));
    bench.picture.changed_input = Some(0);
    bench.at(Moment::Input, &[]);
    assert_eq!((bench.value("x"), bench.next_due()), ("90000".to_owned(), stale));
    bench.picture.inputs.insert(0, (MISSING, stale));
    bench.picture.changed_input = None;
    // The first breach was at opening, before the host had told a cap.
    assert_eq!(bench.judge_after(NANOS_PER_HOUR), ["breach Cap 2", "notify"]);
    assert_eq!(bench.value("x"), "7");
}

#[test]
fn the_room_of_a_limit_is_read_by_others() {
    let mut bench = Bench::open(
        "phase p {\n ledger starts at size\n limit \"Max\" {\n equity stays above $48,000\n allowance $2,000\n on breach { fail }\n }\n let room = limit(\"Max\").headroom else $0\n let used = limit(\"Max\").used else 0%\n let count = limit(\"Max\").breaches\n when room is below $500 { notify trader \"low\" }\n when used is at least 90% { notify risk \"{count}\" }\n }",
    );
    assert_eq!(bench.mark("48500.01"), Vec::<String>::new());
    assert_eq!(bench.mark("48400"), ["notify"]);
    assert_eq!((bench.value("room"), bench.value("used")), ("400".to_owned(), "80".to_owned()));
    assert_eq!(bench.mark("48200"), ["notify 0"]);
    bench.picture.set(AccountField::Equity, "50500");
    bench.mark("50500");
    assert_eq!(bench.value("used"), "0", "never below zero");
}
