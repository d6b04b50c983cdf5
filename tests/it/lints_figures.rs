//! Warnings about figures that pass for right: rows, floors, payouts, shares and goals; for each a program that raises
//! it, and one that nearly does.

use ringfence::diagnostic::Code;

use crate::lints::{UTC, codes, found, in_phase, one, program, raises};

/// Whether plans raise a code: a phase reads their column `target`.
fn plans_raise(rows: &[&str]) -> bool {
    let goal = "goal \"Target\" {\n require \"profit\" profit is at least target\n on reached { promote to passed }\n}";
    let text = program(UTC, goal, "");
    let (head, rest) = text.split_once("plans\n").unwrap();
    let (_, rest) = rest.split_once("phase trading").unwrap();
    let rows: Vec<String> = rows.iter().map(|row| format!("| {row} | $1,000 |\n")).collect();
    let table = format!("| plan | size | target | loss |\n{}", rows.concat());
    codes(&found(format!("{head}plans\n{table}phase trading{rest}"))).contains(&Code::RowOutOfStep)
}

#[test]
fn a_row_with_a_digit_too_few_or_too_many_is_told() {
    // 6% and 0.6%; 60% beside two of 6%; a size that is not what the name says.
    assert!(plans_raise(&["A | $50,000 | $3,000", "B | $100,000 | $600"]));
    assert!(plans_raise(&["A | $50,000 | $30,000", "B | $100,000 | $6,000", "C | $150,000 | $9,000"]));
    assert!(plans_raise(&["50K | $5,000 | $300", "100K | $100,000 | $6,000"]));
    assert!(plans_raise(&["\"Pro 100k\" | $10,000 | $600", "\"Pro 50k\" | $50,000 | $3,000"]));
    // 6% and 3%, 6% and 1.2% (no digit), one that no digit mends, plans that are apart among themselves, a name of two sizes.
    assert!(!plans_raise(&["A | $50,000 | $3,000", "B | $100,000 | $3,000"]));
    assert!(!plans_raise(&["A | $50,000 | $3,000", "B | $100,000 | $1,500"]));
    assert!(!plans_raise(&["A | $50,000 | $3,000", "B | $100,000 | $6,000", "C | $150,000 | $1,500", "D | $10,000 | $60"]));
    assert!(!plans_raise(&["A | $50,000 | $1,000", "B | $100,000 | $6,000", "C | $150,000 | $30,000"]));
    assert!(!plans_raise(&["\"50K to 100K\" | $5,000 | $300", "5K | $5,000 | $300"]));
    assert!(!plans_raise(&["25K | $50,000 | $3,000", "100K | $100,000 | $6,000"]));
}

#[test]
fn a_floor_that_never_rises_is_told() {
    let floor = |start: &str, cap: &str, more: &str| {
        let floor = format!("floor bottom {{\n starts at {start}\n trails balance at day end by loss\n capped at {cap}\n{more}\n}}\n");
        raises(
            Code::FloorOutOfStep,
            &format!("{floor}limit \"Floor\" {{\n equity stays above bottom\n on breach {{ lock until staff }}\n}}"),
        )
    };
    assert!(floor("size - loss", "size - loss", ""));
    assert!(floor("size - loss", "$1,000", ""));
    assert!(!floor("size - loss", "size - loss + $0.01", ""));
    assert!(!floor("size - loss", "size", ""));
    // Plan A begins at $48,000 and B at $97,000; a jump lifts it; one that starts above the account is told otherwise.
    assert!(!floor("size - loss", "$50,000", ""));
    assert!(!floor("size - loss", "size - loss", "jumps to size and freezes on payout payment"));
    assert!(!floor("size + loss", "size", ""));
}

/// `loss` is $2,000 and $3,000.
#[test]
fn a_floor_that_follows_at_another_distance_is_told() {
    let floor = |distance: &str| {
        let floor = format!("floor bottom {{\n starts at size - loss\n trails balance at day end by {distance}\n}}\n");
        raises(
            Code::FloorOutOfStep,
            &format!("{floor}limit \"Floor\" {{\n equity stays above bottom\n on breach {{ lock until staff }}\n}}"),
        )
    };
    assert!(floor("$5,000"));
    assert!(floor("$1,000"));
    assert!(floor("1.5 * loss"));
    // The same, nearly the same, the same with one of the plans, a share of what it follows.
    assert!(!floor("loss"));
    assert!(!floor("1.4 * loss"));
    assert!(!floor("$3,000"));
    assert!(!floor("6% of itself"));
}

#[test]
fn a_limit_that_leaves_most_of_the_account_to_lose_is_told() {
    let limit = |bound: &str| {
        raises(Code::Allowance, &format!("limit \"Other\" {{\n equity stays above {bound}\n on breach {{ lock until staff }}\n}}"))
    };
    assert!(limit("loss"));
    assert!(limit("10% of size"));
    assert!(limit("-$1"));
    assert!(!limit("50% of size"));
    assert!(!limit("$0"));
}

#[test]
fn a_warning_with_the_first_loss_is_told() {
    let warning = |share: &str| {
        let lines = format!(
            "equity stays above size - loss + $1\n allowance loss - $1\n on breach {{ lock until staff }}\n at {share} used {{ notify trader \"x\" }}"
        );
        raises(Code::NeverReached, &format!("limit \"Other\" {{\n {lines}\n}}"))
    };
    assert!(warning("8%") && warning("9.9%"));
    assert!(!warning("10%") && !warning("80%"));
}

#[test]
fn a_goal_that_asks_for_nothing_is_told() {
    let goal = |requirements: &str| {
        raises(
            Code::FromTheFirst,
            &format!(
                "track days = count traded days\ntrack best = highest day.profit over days so far from $0\ngoal \"Target\" {{\n {requirements}\n on reached {{ promote to passed }}\n}}"
            ),
        )
    };
    let days = "require \"days\" days is at least 5";
    assert!(goal(&format!("require \"profit\" profit is at least $0\n{days}")));
    assert!(goal(&format!("require \"profit\" profit is at least -loss\n{days}")));
    assert!(goal("require \"profit\" profit is at least loss\nrequire \"days\" days is at most 0"));
    // A cent, a profit that must merely not be lost again beside a best day, days within which it is to be reached.
    assert!(!goal(&format!("require \"profit\" profit is at least $0.01\n{days}")));
    assert!(!goal(&format!("require \"profit\" profit is at least $0\nrequire \"best\" best is at least $500\n{days}")));
    assert!(!goal("require \"profit\" profit is at least loss\nrequire \"days\" days is at most 30"));
}

#[test]
fn a_count_beside_zero_never_changes() {
    let payout = |required: &str| {
        raises(
            Code::NeverChanges,
            &format!("track wins = count closed days where day.profit is above $0\npayout {{ require \"wins\" {required} }}"),
        )
    };
    assert!(payout("wins is at least 0"));
    assert!(payout("wins is above -1"));
    assert!(payout("wins is below 0"));
    assert!(!payout("wins is at least 1"));
    assert!(!payout("wins is above 0"));
    assert!(!payout("wins is at most 0"));
}

#[test]
fn a_payout_that_pays_nothing_or_holds_nothing_back_is_told() {
    let payout = |code: Code, lines: &str| raises(code, &format!("payout {{\n {lines}\n}}"));
    assert!(payout(Code::Allowance, "pays at most 150% of available"));
    assert!(!payout(Code::Allowance, "pays at most 100% of available"));
    assert!(payout(Code::OutOfReach, "pays at most $0"));
    assert!(payout(Code::OutOfReach, "pays at most available - $1,000,000"));
    assert!(payout(Code::OutOfReach, "leaves at least size * 2"));
    assert!(!payout(Code::OutOfReach, "pays at most $0 when payouts.count is 0"));
    assert!(!payout(Code::OutOfReach, "pays at most available - $1,000"));
    assert!(!payout(Code::OutOfReach, "leaves at least 150% of size"));
    // Of a maximum of nothing and a minimum one is wrong for certain.
    let told = in_phase("payout {\n pays at most $0\n minimum $250\n}");
    assert_eq!(one(Code::OutOfReach, &told).message, "no payout is ever paid: it is at most $0");
}

#[test]
fn consistency_that_is_written_the_wrong_way_is_told() {
    let payout = |required: &str| {
        raises(
            Code::Allowance,
            &format!("track best = highest day.profit over days so far\npayout {{\n require \"consistency\" {required}\n}}"),
        )
    };
    assert!(payout("(best else $0) is at least 40% of profit"));
    assert!(payout("(best else $0) is above 40% of (profit since phase start)"));
    assert!(payout("(best else $0) is at most 40% of balance"));
    assert!(payout("(best else $0) is at most $0"));
    assert!(!payout("(best else $0) is at most 40% of profit"));
    assert!(!payout("(best else $0) is at most 5% of balance"));
    assert!(!payout("(best else $0) is at least $200"));
    assert!(!payout("(best else $0) is at most $0.01"));
    assert!(!payout("day.profit is at least 10% of profit"));
}

#[test]
fn a_best_day_since_a_payout_beside_the_whole_phase_is_told() {
    let payout = |whole: &str| {
        let tracks = "track best = highest day.profit over closed days since last payout from $0\n";
        raises(
            Code::OtherDays,
            &format!(
                "{tracks}track total = sum day.profit over closed days{whole} from $0\npayout {{ require \"c\" best is at most 40% of total }}"
            ),
        )
    };
    assert!(payout(""));
    assert!(payout(" since phase start"));
    assert!(!payout(" since last payout"));
    let beside = |whole: &str| {
        raises(
            Code::OtherDays,
            &format!(
                "track best = highest day.profit over closed days since last payout from $0\npayout {{ require \"c\" best is at most 40% of {whole} }}"
            ),
        )
    };
    assert!(beside("profit"));
    // The profit target is no gain, and a best day of the whole phase is of the same days.
    assert!(!beside("loss"));
    assert!(!raises(
        Code::OtherDays,
        "track best = highest day.profit over days so far from $0\npayout { require \"c\" best is at most 40% of profit }"
    ));
}

/// The bound is not known where an option has no default; that a floor is no bound from above is known all the same.
#[test]
fn a_floor_as_a_bound_from_above_is_told_where_an_option_turns_it_off() {
    let limit = |words: &str, distance: &str| {
        let floor = format!("floor bottom {{\n starts at size - ({distance})\n trails balance at day end by {distance}\n}}\n");
        let limit = format!("limit \"Floor\" when drawdown is known {{\n equity {words} bottom\n on breach {{ lock until staff }}\n}}");
        codes(&found(program(UTC, &format!("{floor}{limit}"), "option drawdown: money"))).contains(&Code::FromTheFirst)
    };
    assert!(limit("stays at or below", "drawdown else size"));
    assert!(limit("stays below", "drawdown else size"));
    assert!(!limit("stays at or above", "drawdown else size"));
}
