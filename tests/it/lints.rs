//! Warnings about what a program may say and hardly means: for each a program that raises it, and one that nearly does.

use std::collections::BTreeSet;

use ringfence::check::check;
use ringfence::diagnostic::{Code, Diagnostic, Severity};
use ringfence::source::Source;
use ringfence::syntax::parse;

/// A program of one phase with a loss limit, with more in the phase and behind it; `day` is the line of the header.
pub(crate) fn program(day: &str, phase: &str, items: &str) -> String {
    let plans = "plans\n| plan | size     | loss   |\n| A    | $50,000  | $2,000 |\n| B    | $100,000 | $3,000 |\n";
    let limit = "limit \"Maximum loss\" {\n equity stays above size - loss\n on breach { flatten, fail }\n}\n";
    format!(
        "program \"P\" {{\nfirm \"Example\" version \"1\"\ncurrency USD\n{day}\n{plans}phase trading {{\nledger starts at size\n{limit}{phase}\n}}\n{items}\n}}\n"
    )
}

pub(crate) const UTC: &str = "timezone \"UTC\"\nday 00:00 every day";

pub(crate) fn found(text: String) -> Vec<Diagnostic> {
    let source = Source::new("text.fence", text);
    let found = check(&source, &parse(&source)).diagnostics;
    let errors: Vec<&Diagnostic> = found.iter().filter(|one| one.severity() == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    found
}

pub(crate) fn in_phase(phase: &str) -> Vec<Diagnostic> {
    found(program(UTC, phase, ""))
}

pub(crate) fn codes(found: &[Diagnostic]) -> BTreeSet<Code> {
    found.iter().map(|one| one.code).collect()
}

pub(crate) fn raises(code: Code, phase: &str) -> bool {
    codes(&in_phase(phase)).contains(&code)
}

/// The one finding of a code.
pub(crate) fn one(code: Code, found: &[Diagnostic]) -> &Diagnostic {
    let of_code: Vec<&Diagnostic> = found.iter().filter(|one| one.code == code).collect();
    assert_eq!(of_code.len(), 1, "{found:#?}");
    of_code[0]
}

#[test]
fn a_share_of_other_days_is_told_where_the_event_cuts_a_day() {
    let share = |track: &str, required: &str| {
        raises(Code::OtherDays, &format!("track best = highest day.profit over {track} from $0\npayout {{ require \"c\" {required} }}"))
    };
    let total = "profit since last payout";
    assert!(share("closed days since last payout", &format!("best is at most 40% of ({total})")));
    assert!(share("days so far since last payout", &format!("best is at most 40% of ({total})")));
    assert!(share("closed days since cycle start", "best is at most 40% of (profit since cycle start)"));
    let quotient = "let total = profit since last payout\npayout { require \"c\" total is above $0 and best / total is below 0.4 }";
    assert!(raises(Code::OtherDays, &format!("track best = highest day.profit over closed days since last payout from $0\n{quotient}")));
    // The same days, no event that cuts a day, two events, and amounts that are not set in proportion.
    assert!(!share("closed days since last payout", "best is at most 40% of sum day.profit over closed days since last payout"));
    assert!(!share("closed days", "best is at most 40% of (profit since phase start)"));
    assert!(!share("closed days since month start", "best is at most 40% of (profit since month start)"));
    assert!(!share("closed days since last payout", "best is at most 40% of (profit since trade)"));
    assert!(!share("closed days since last payout", &format!("best is below {total}")));
}

#[test]
fn a_share_of_other_days_is_seen_through_let_and_says_the_sum() {
    let found = in_phase(
        "track best = highest day.profit over traded days since last payout from $0\nlet swing = best + $1\nlet total = profit since last payout\npayout { require \"c\" swing is at most 40% of total }",
    );
    let told = one(Code::OtherDays, &found);
    let wanted = "write the sum over the same days: `track total = sum day.profit over traded days since last payout from $0`";
    assert_eq!(told.help.as_deref(), Some(wanted));
}

/// `equity stays above size - loss` is at $48,000 and $97,000.
#[test]
fn a_limit_behind_a_tighter_one_is_told() {
    let hard = |bound: &str, actions: &str| {
        let limit = format!("limit \"Hard stop\" {{\n equity stays {bound}\n on breach {{ {actions} }}\n}}");
        raises(Code::NeverFirst, &limit)
    };
    assert!(hard("above size - $3,500", "flatten, fail"));
    assert!(hard("above 90% of size", "close account"));
    assert!(hard("above size - loss - $0.01", "notify risk \"late\""));
    // Tighter for plan A alone, tighter itself, another value, another way.
    assert!(!hard("above size - $2,500", "flatten, fail"));
    assert!(!hard("above size - $1,000", "flatten, lock until next day"));
    assert!(!hard("above day.start_balance - $5,000", "flatten, fail"));
    assert!(!hard("below size + $9,000", "flatten, fail"));
    let told = in_phase("limit \"Hard stop\" {\n equity stays above size - $3,500\n on breach { fail }\n}");
    let told = one(Code::NeverFirst, &told);
    assert_eq!(told.message, "\"Hard stop\" never breaks first: \"Maximum loss\" is always tighter");
    assert_eq!(told.notes, ["with plan A: \"Maximum loss\" is broken at $48,000, \"Hard stop\" only at $46,500"]);
}

#[test]
fn two_daily_limits_are_compared_by_what_the_day_began_with() {
    let daily = |first: &str, actions: &str, second: &str, more: &str| {
        let limit = |title: &str, bound: &str, actions: &str| {
            format!("limit \"{title}\" {{\n equity stays above {bound}\n on breach {{ {actions} }}\n{more}\n}}\n")
        };
        let two = limit("First", first, actions) + &limit("Second", second, "flatten, lock until next day");
        raises(Code::NeverFirst, &two)
    };
    let lock = "flatten, lock until next day";
    assert!(daily("day.start_balance - $500", lock, "day.start_balance - $800", ""));
    assert!(daily("day.start_balance - 1% of size", lock, "day.start_balance - 2% of size", ""));
    assert!(daily("98% of day.start_equity", lock, "97% of day.start_equity", ""));
    // One that only warns, one that locks for less, other days, a threshold of its own.
    assert!(!daily("day.start_balance - $500", "notify trader \"half\"", "day.start_balance - $800", ""));
    assert!(!daily("day.start_balance - $500", "flatten", "day.start_balance - $800", ""));
    assert!(!daily("day.start_balance - $500", lock, "day.start_equity - $800", ""));
    assert!(!daily("day.start_balance - $500", lock, "day.start_balance - $800", "allowance $800\nat 50% used { notify trader \"half\" }"));
}

#[test]
fn a_limit_in_another_phase_or_under_a_condition_of_its_own_is_not_behind() {
    let late = "limit \"Late\" {\n equity stays above size - $4,000\n on breach { fail }\n}";
    let other =
        found(program(UTC, "on trade where profit is above $9,000 { promote to next_one }", &format!("phase next_one {{ {late} }}")));
    assert!(!codes(&other).contains(&Code::NeverFirst));
    let guarded = "limit \"First\" when account.trades is above 5 {\n equity stays above size - $1,000\n on breach { fail }\n}\nlimit \"Late\" {\n equity stays above size - $1,500\n on breach { lock until staff }\n}";
    assert!(!raises(Code::NeverFirst, guarded));
    assert!(raises(Code::NeverFirst, &guarded.replace(" when account.trades is above 5", "")));
}

#[test]
fn a_target_beyond_what_ends_the_account_is_out_of_reach() {
    let goal = |requirement: &str, more: &str| {
        raises(
            Code::OutOfReach,
            &format!("goal \"Target\" {{\n require \"profit\" {requirement}\n on reached {{ promote to passed }}\n}}\n{more}"),
        )
    };
    let cap = "limit \"Cap\" {\n profit stays below $3,000\n on breach { fail }\n}";
    assert!(goal("profit is at least $3,000", cap));
    assert!(goal("account is flat and profit is at least 7% of size", cap));
    assert!(goal("equity is at most size - loss", ""));
    assert!(goal("profit is above $2,000", "when profit is at least $2,000 { fail }"));
    assert!(!goal("profit is at least $2,999.99", cap));
    assert!(!goal("profit is at least $3,000", &cap.replace("below", "at or below")));
    assert!(!goal("profit is at least $3,000", &cap.replace("fail", "notify risk \"much\"")));
    assert!(!goal("day.profit is at least $3,000", cap));
}

#[test]
fn days_that_do_not_pass_before_the_deadline_are_told() {
    let days = |deadline: &str, required: &str, day: &str| {
        let track = "track with_trades = count traded days";
        let goal = format!("goal \"Days\" {{\n require \"days\" {required}\n on reached {{ promote to passed }}\n}}");
        codes(&found(program(&format!("timezone \"UTC\"\nday {day}"), &format!("{track}\n{goal}\n{deadline}"), "")))
            .contains(&Code::OutOfReach)
    };
    assert!(days("after 10 days since phase start { fail }", "with_trades is at least 11", "00:00 every day"));
    assert!(!days("after 10 days since phase start { fail }", "with_trades is at least 10", "00:00 every day"));
    // Of ten dates from a Monday on, eight are from Monday to Friday.
    assert!(days("after 10 days since phase start { fail }", "with_trades is at least 9", "00:00"));
    assert!(!days("after 10 days since phase start { fail }", "with_trades is at least 8", "00:00"));
    assert!(days("when day.number is above 5 { close account }", "with_trades is above 5", "00:00"));
    assert!(!days("when day.number is above 5 { close account }", "with_trades is at least 5", "00:00"));
    assert!(!days("after 10 days since phase start { notify risk \"slow\" }", "with_trades is at least 11", "00:00"));
}

#[test]
fn a_minimum_above_the_cap_before_it_is_told() {
    let payout = |steps: &str| raises(Code::OutOfReach, &format!("payout {{\n{steps}\n}}"));
    assert!(payout("pays at most 1% of size\nminimum $600"));
    assert!(!payout("pays at most 2% of size\nminimum $600"));
    assert!(!payout("pays at most $500 when payouts.count is 0\nminimum $600"));
    // A best day of a third asks for three days, and nothing says that there are fewer.
    assert!(!raises(
        Code::OutOfReach,
        "track best = highest day.profit over days so far\ngoal \"G\" { require \"c\" best is at most 30% of profit }"
    ));
}

#[test]
fn a_phase_that_nothing_leads_to_is_told() {
    let funded =
        "phase funded {\n ledger starts at size\n limit \"Loss\" {\n  equity stays above size - loss\n  on breach { fail }\n }\n}\n";
    let reached =
        |phase: &str, items: &str| !codes(&found(program(UTC, phase, &format!("{funded}{items}")))).contains(&Code::UnreachablePhase);
    assert!(!reached("", ""));
    assert!(reached("when profit is at least $3,000 { promote to funded }", ""));
    assert!(reached("", "on payment { promote to funded }"));
    assert!(reached("", "scenario \"opened there\" plan A, phase funded { trade +$1; expect phase funded }"));
    assert!(!reached("", "scenario \"opened elsewhere\" plan A { trade +$1; expect phase trading }"));
    // A goal that leads nowhere was to lead there, whatever a scenario says.
    let goal = |reached: &str| format!("goal \"Target\" {{\n require \"profit\" profit is at least $3,000\n{reached}\n}}");
    let opened = "scenario \"opened there\" plan A, phase funded { trade +$1; expect phase funded }";
    assert!(!reached(&goal(""), opened) && !reached(&goal("on reached { notify trader \"passed\" }"), opened));
    assert!(reached(&goal("on reached { promote to passed }"), opened) && reached(&goal("on reached { review \"passed\" }"), opened));
    // What an opened phase leads to is reached too.
    let before = "phase paid {\n on payment { promote to funded }\n}\n";
    assert!(!reached("", before));
    assert!(reached("", &format!("{before}scenario \"opened before it\" plan A, phase paid {{ trade +$1; expect phase paid }}")));
}

#[test]
fn tiers_in_the_wrong_order_are_told() {
    let tiers = |tiers: &str| raises(Code::NeverReached, &format!("let share = {tiers} else 50%\npayout {{ split share to trader }}"));
    let of = |one: &str, other: &str| tiers(&format!("if profit is {one} then 80%\n else if profit is {other} then 90%"));
    assert!(of("at least $1,000", "at least $5,000"));
    assert!(of("at least $1,000", "above $1,000"));
    assert!(of("below $5,000", "at most $1,000"));
    assert!(of("above loss", "above 2 * loss"));
    assert!(!of("at least $5,000", "at least $1,000"));
    assert!(!of("above $1,000", "at least $1,000"));
    assert!(!of("at most $1,000", "below $5,000"));
    assert!(!tiers("if profit is at least $1,000 then 80%\n else if balance is at least $5,000 then 90%"));
}

#[test]
fn rows_that_no_value_reaches_are_told_and_slices_that_end() {
    let table = |table: &str| raises(Code::NeverReached, &format!("{table}\npayout {{ pays at most t.x }}"));
    let steps = |heading: &str, bound: &str| {
        table(&format!("table t by max(profit, $0) steps\n| {heading} | x |\n| {bound} | $5 |\n| $1,000 | $6 |\n| any | $7 |\n"))
    };
    assert!(steps("up to", "-$1"));
    assert!(steps("below", "$0"));
    assert!(!steps("up to", "$0"));
    assert!(!steps("from", "-$100"));
    let slices = |last: &str| table(&format!("table t by max(profit, $0) slices\n| up to | x |\n| $1,000 | 100% |\n| {last} | 80% |\n"));
    assert!(slices("$5,000"));
    assert!(!slices("any"));
}

#[test]
fn a_row_for_any_word_beside_all_of_them_is_told() {
    let words = |rows: &str| {
        let table = format!("option path: one of (slow, fast) = slow\ntable t by path exact\n| path | x |\n{rows}| any | $7 |\n");
        raises(Code::NeverReached, &format!("{table}payout {{ pays at most t.x }}"))
    };
    assert!(words("| slow | $5 |\n| fast | $6 |\n"));
    assert!(!words("| slow | $5 |\n"));
}

#[test]
fn actions_that_exclude_each_other_are_told() {
    let actions = |rules: &str| raises(Code::ActionsExclude, rules);
    assert!(actions("on trade where profit is above $9,000 { fail, promote to passed }"));
    assert!(actions("on trade where profit is above $9,000 { lock until staff, unlock }"));
    assert!(actions("when profit is above $9,000 { promote to passed }\nwhen profit is above $9,000 { close account }"));
    assert!(!actions("when profit is above $9,000 { promote to passed }\nwhen profit is above $9,000 { flatten }"));
    assert!(!actions("when profit is above $9,000 { promote to passed }\nwhen profit is above $9,000.01 { close account }"));
    // An account that fails is flattened only where the list says so, in whatever order.
    assert!(!actions("when profit is above $9,000 { fail, flatten, cancel orders }"));
}

#[test]
fn times_that_summer_time_removes_or_repeats_are_told_with_their_dates() {
    let at = |zone: &str, day: &str, time: &str| {
        let header = format!("timezone \"{zone}\"\nday {day}");
        found(program(&header, &format!("every day at {time} {{ cancel orders }}"), ""))
    };
    let told = at("Europe/Prague", "00:00 every day", "02:30");
    assert_eq!(
        one(Code::SummerTime, &told).notes,
        [
            "on 29 March 2026 02:30 does not exist in Europe/Prague; it is taken as 03:00; the day has 23 hours",
            "on 25 October 2026 02:30 comes twice in Europe/Prague; the first is taken; the day has 25 hours",
            "on 28 March 2027 02:30 does not exist in Europe/Prague; it is taken as 03:00; the day has 23 hours",
            "on 31 October 2027 02:30 comes twice in Europe/Prague; the first is taken; the day has 25 hours",
        ]
    );
    // Clocks change on Sundays, which are no days here; and three o'clock is there every day.
    assert!(!codes(&at("Europe/Prague", "00:00", "02:30")).contains(&Code::SummerTime));
    assert!(!codes(&at("Europe/Prague", "00:00 every day", "03:00")).contains(&Code::SummerTime));
    assert!(!codes(&at("Asia/Tokyo", "00:00 every day", "02:30")).contains(&Code::SummerTime));
}

/// In Cairo the clocks go forward at midnight, on the last Friday of April.
#[test]
fn an_opening_that_summer_time_removes_is_told() {
    let told = found(program("timezone \"Africa/Cairo\"\nday 00:00", "", ""));
    let notes = &one(Code::SummerTime, &told).notes;
    assert_eq!(notes[0], "on 24 April 2026 00:00 does not exist in Africa/Cairo; it is taken as 01:00; the day has 23 hours");
    assert!(!codes(&found(program("timezone \"Africa/Cairo\"\nday 01:00", "", ""))).contains(&Code::SummerTime));
}

#[test]
fn an_allowance_that_the_loss_makes_smaller_is_told_in_numbers() {
    let daily =
        |bound: &str| in_phase(&format!("limit \"Daily loss\" {{\n equity stays above {bound}\n on breach {{ lock until next day }}\n}}"));
    let told = daily("day.start_equity - 5% of equity");
    // 104% of $50,000 are $52,000, 101% are $50,500: 52,000 less 2,525, less 2,500, less 2,600.
    assert_eq!(
        one(Code::MovingBase, &told).notes,
        [
            "plan A, on a day that began at $52,000, when $50,500 is left: the floor is $49,475 as written, $49,500 with `size`, $49,400 with `day.start_equity`"
        ]
    );
    assert!(codes(&daily("day.start_balance - 4% of balance")).contains(&Code::MovingBase));
    for still in ["day.start_equity - 5% of size", "95% of day.start_equity", "day.start_balance - loss"] {
        assert!(!codes(&daily(still)).contains(&Code::MovingBase), "{still}");
    }
    // What is open beside what is booked: the loss of a trade in proportion to the account.
    assert!(!raises(Code::MovingBase, "limit \"Open loss\" {\n open_profit stays above -2% of balance\n on breach { flatten }\n}"));
}

#[test]
fn what_nothing_reads_is_told_and_what_a_scenario_reads_is_not() {
    let unused = |phase: &str, items: &str| {
        let found = found(program(UTC, phase, items));
        found.into_iter().filter(|one| one.code == Code::Unused).map(|one| one.message).collect::<Vec<_>>()
    };
    assert_eq!(unused("let room = equity - $1", ""), ["the value `room` is never read"]);
    assert_eq!(unused("track top = highest balance at day end from size", ""), ["the tracker `top` is never read"]);
    assert_eq!(unused("state seen: bool = no\non trade { set seen = yes }", ""), ["the state `seen` is never read"]);
    assert_eq!(unused("floor f {\n starts at size - $500\n trails balance at day end by $500\n}", ""), ["the floor `f` is never read"]);
    assert_eq!(unused("", "input score: number = 1"), ["the input `score` is never read"]);
    assert_eq!(unused("", "session rth mon to fri 09:00 to 17:00"), ["the session `rth` is never read"]);
    assert_eq!(unused("", "period review opens on entry, closes after 14 days"), ["the period `review` is never read"]);
    assert_eq!(unused("table t by profit steps\n| from | x |\n| $0 | $1 |\n| any | $2 |\n", ""), ["the table `t` is never read"]);
    assert_eq!(unused("let room = equity - $1\nwhen room is below $5 { notify trader \"{room}\" }", ""), [""; 0]);
    assert_eq!(unused("let room = equity - $1", "scenario \"s\" plan A { expect room is $49,999 }"), [""; 0]);
    assert_eq!(unused("every rth close { cancel orders }", "session rth mon to fri 09:00 to 17:00"), [""; 0]);
    assert_eq!(
        unused("limit \"L\" once per review {\n review.profit stays above -$500\n}", "period review opens on entry, closes after 14 days"),
        [""; 0]
    );
    assert_eq!(unused("on score { notify risk \"told\" }", "input score: number = 1"), [""; 0]);
}

/// A value that reads another one twice, forty times over, is looked at once each.
#[test]
fn values_that_double_themselves_are_looked_at_once() {
    let doubled: Vec<String> = (1..40).map(|at| format!("let a{at} = a{} + a{}", at - 1, at - 1)).collect();
    let doubled = doubled.join("\n");
    let limit =
        "limit \"L\" {\n equity stays above a39 - $5\n on breach { flatten, fail }\n}\ngoal \"G\" { require \"r\" profit is at least a39 }";
    let found = in_phase(&format!("let a0 = day.start_balance\n{doubled}\n{limit}"));
    assert_eq!(found, []);
}

fn daily(invariant: &str) -> String {
    format!("limit \"Daily\" {{\n {invariant}\n on breach {{ flatten, lock until next day }}\n}}")
}

#[test]
fn a_bound_that_moves_with_what_is_watched_is_told() {
    let along = |invariant: &str| raises(Code::MovesAlong, &daily(invariant));
    assert!(along("equity stays above equity - $1,000"));
    assert!(along("balance stays above balance - loss"));
    assert!(along("equity stays above 95% of equity"));
    assert!(along("equity stays above equity - 2% of equity"));
    assert!(along("profit stays above 2 * profit - profit - $500"));
    assert!(along("equity stays above equity + $1,000"));
    // The open loss, a day's loss, an upper bound at a share of itself, and a value that stands still.
    assert!(!along("equity stays above balance - $1,000"));
    assert!(!along("equity stays above day.start_equity - $1,000"));
    assert!(!along("equity stays above day.start_equity - 2% of equity"));
    assert!(!along("equity stays above 0.5 * equity + $20,000"));
    assert!(!along("equity stays above $0"));
    let told = in_phase(&format!("let now = equity\nlet allowed = now - loss\n{}", daily("equity stays above allowed")));
    let told = one(Code::MovesAlong, &told);
    assert_eq!(told.message, "\"Daily\" can never be broken: its bound moves with what it watches");
    assert_eq!(told.notes, ["with plan A, the bound is $2,000 below `equity`, whatever becomes of it"]);
    let told = in_phase(&daily("balance stays below balance - $1,000"));
    assert_eq!(one(Code::MovesAlong, &told).message, "\"Daily\" is always broken: its bound moves with what it watches");
    // What is always the same share is no smaller base: it is told once.
    let told = in_phase(&daily("equity stays above equity - 2% of equity"));
    assert_eq!(codes(&told), BTreeSet::from([Code::MovesAlong]));
}

#[test]
fn a_limit_that_is_broken_before_anything_happened_is_told_with_the_bound_that_was_meant() {
    let help = |invariant: &str| {
        let found = in_phase(&daily(invariant));
        found.into_iter().find(|one| one.code == Code::FromTheFirst).and_then(|one| one.help).unwrap_or_default()
    };
    assert_eq!(help("day.profit stays above loss"), "a loss is taken off: write `-loss`");
    assert_eq!(help("day.profit stays above 3% of size"), "a loss is taken off: write `-3% of size`");
    assert_eq!(help("equity stays above size + loss"), "a loss is taken off: write `size - loss`");
    assert_eq!(
        help("equity stays below day.start_balance - loss"),
        "a limit on losses bounds from below: write `equity stays above day.start_balance - loss`"
    );
    assert_eq!(
        help("equity stays above $60,000"),
        "the bound is above what the value begins with: write what must be left, such as `size - $2,000`"
    );
    assert_eq!(help("profit stays above $0"), "`stays at or above` lets the value stand at its bound");
    assert_eq!(help("account.positions stays below 0"), "`stays at or below` lets the value stand at its bound");
    for holds in ["day.profit stays above -loss", "profit stays at or above $0", "equity stays below day.start_balance + loss"] {
        assert_eq!(help(holds), "", "{holds}");
    }
    let told = in_phase(&daily("equity stays above size + loss"));
    let told = one(Code::FromTheFirst, &told);
    assert_eq!(told.notes, ["with plan A, `equity` is $50,000 at the opening, and must stay above `size + loss`, which is $52,000"]);
}

#[test]
fn a_limit_is_measured_against_each_plan_and_each_phase_that_says_what_it_begins_with() {
    // $50,000 is below $60,000, $100,000 is not: one of two plans is enough.
    assert!(raises(Code::FromTheFirst, &daily("equity stays above $60,000")));
    assert!(!raises(Code::FromTheFirst, &daily("equity stays above $49,000")));
    // Not judged at the opening, and not in force at it.
    assert!(!raises(Code::FromTheFirst, &daily("equity stays above $60,000").replace("\"Daily\"", "\"Daily\" at day end")));
    assert!(!raises(
        Code::FromTheFirst,
        &daily("equity stays above $60,000").replace("\"Daily\"", "\"Daily\" when account.trades is above 5")
    ));
    let funded = |start: &str| {
        let next = format!("phase funded {{\n{start}\n{}\n}}", daily("equity stays above $47,000"));
        let found = found(program(UTC, "when profit is at least $3,000 { promote to funded }", &next));
        found.into_iter().find(|one| one.code == Code::FromTheFirst).map(|one| one.notes.join("\n"))
    };
    let note = "with plan A, `equity` is $0 when phase `funded` begins, and must stay above $47,000";
    assert_eq!(funded("ledger starts at $0").as_deref(), Some(note));
    assert_eq!(funded("ledger starts at size"), None);
    // What it finds is not known beforehand.
    assert_eq!(funded(""), None);
}

#[test]
fn a_goal_that_is_met_before_anything_happened_is_told() {
    let goal = |requirements: &str| {
        in_phase(&format!(
            "track with_trades = count traded days\ngoal \"Target\" {{\n{requirements}\n on reached {{ promote to passed }}\n}}"
        ))
    };
    let met = |requirements: &str| codes(&goal(requirements)).contains(&Code::FromTheFirst);
    let told = goal("require \"target\" balance is at least $3,000\nrequire \"days\" with_trades is at least 5");
    let told = one(Code::FromTheFirst, &told);
    assert_eq!(told.notes, ["with plan A, `balance` is $50,000 at the opening, and at least $3,000 is asked for"]);
    assert_eq!(told.help.as_deref(), Some("what was gained is `profit is at least $3,000`, or `balance is at least size + $3,000`"));
    assert!(met("require \"days\" with_trades is at least 0"));
    assert!(met("require \"target\" profit is below $3,000\nrequire \"flat\" account is flat"));
    assert!(!met("require \"target\" profit is at least $3,000\nrequire \"days\" with_trades is at least 5"));
    // A condition beside the target may hold from the first.
    assert!(!met("require \"whole\" balance is at least size\nrequire \"days\" with_trades is at least 5"));
}

#[test]
fn a_bound_of_the_last_day_that_nothing_stands_in_for_is_told() {
    let first = |invariant: &str| raises(Code::NotOnTheFirst, &daily(invariant));
    assert!(first("equity stays above last day.close_balance - loss"));
    assert!(first("equity stays above 98% of last week.close_equity"));
    assert!(!first("equity stays above (last day.close_balance else size) - loss"));
    assert!(!first("equity stays above day.start_balance - loss"));
    let guarded = daily("equity stays above last day.close_balance - loss").replace("\"Daily\"", "\"Daily\" when last day is known");
    assert!(!raises(Code::NotOnTheFirst, &guarded));
    let told = in_phase(&format!("let begun = last day.close_balance\n{}", daily("equity stays above begun - loss")));
    let told = one(Code::NotOnTheFirst, &told);
    assert_eq!(told.message, "\"Daily\" is not in force during the first day");
    assert_eq!(told.help.as_deref(), Some("write `day.start_balance`, which is known from the opening on"));
}
