//! Sentences with figures computed by hand.

use std::sync::Arc;

use super::{Told, tell};
use crate::check::check;
use crate::compile::compile;
use crate::engine::Engine;
use crate::scenario;
use crate::source::Source;
use crate::syntax::parse;

const PROGRAM: &str = r#"program "P" {
    firm      "Example"  version "1"
    currency  USD
    timezone  "Europe/Prague"
    day       DAY

    plans
        | plan | size     |
        | A    | $100,000 |

    let loss = 5% of size

    phase challenge {
        ledger starts at size
        ITEMS
    }
    phase funded { ledger starts at size }

    scenario "told" plan A, from 2014-05-02 {
        STEPS
        expect no fault
    }
}
"#;

/// What the last outcome of steps on 2 May 2014 decided, told when it was new.
fn told_at(day: &str, items: &str, steps: &str) -> Vec<Told> {
    let source = Source::new("p.fence", PROGRAM.replace("DAY", day).replace("ITEMS", items).replace("STEPS", steps));
    let checked = check(&source, &parse(&source));
    let ir = checked.ir.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let program = Arc::new(compile(ir).unwrap_or_else(|found| panic!("{found:#?}")));
    let mut engine = Engine::new();
    engine.load(Arc::clone(&program));
    let report = scenario::run(&program.ir, &checked.names, &program.ir.scenarios[0], &mut engine);
    tell(&program.ir, report.outcomes.last().unwrap())
}

fn sentences(items: &str, steps: &str) -> Vec<String> {
    told_at("00:00", items, steps).into_iter().map(|told| told.sentence).collect()
}

const DAILY: &str = r#"limit "Maximum Daily Loss" {
            equity stays at or above day.start_balance - 5% of size
            allowance   5% of size
            on breach   { flatten, fail }
            at 80% used { notify trader "careful" }
        }"#;

#[test]
fn a_floor_is_told_with_how_it_came_about() {
    // 5% of 100,000 is 5,000 below midnight's 100,000.
    assert_eq!(
        sentences(DAILY, "at 14:30:07; mark equity $94,990.12"),
        ["On 2 May 2014 at 14:30:07 (Europe/Prague) your equity was $94,990.12; the floor of \"Maximum Daily Loss\" is $95,000.00 = \
          $100,000.00 at midnight − 5% of $100,000.00."]
    );
}

#[test]
fn the_clock_of_the_day_names_its_opening() {
    let told = told_at("17:00", DAILY, "at 14:30:07; mark equity $94,000");
    assert!(told[0].sentence.contains("= $100,000.00 at 17:00 on 1 May 2014 − 5% of $100,000.00."), "{}", told[0].sentence);
}

/// A phase that is left keeps what a name came to; the day that it came from begins anew in the next phase.
#[test]
fn figures_of_the_phase_that_was_left_are_not_taken_from_the_next() {
    let items = |action: &str| {
        format!(
            "let reference = max(day.start_balance, day.start_equity)\n let daily_floor = reference - 5% of size\n \
             limit \"Daily\" {{\n equity stays above daily_floor\n on breach {{ {action} }}\n }}"
        )
    };
    // At midnight 105,000 are booked, and equity is 107,000: the floor is 102,000.
    let steps = "trade +$5,000; mark equity $107,000; advance to 2014-05-05 09:00; mark equity $101,000";
    let floor = "your equity was $101,000.00; the floor of \"Daily\", which it must stay above, is $102,000.00";
    let told = sentences(&items("notify risk \"look\""), steps);
    let formula = " = the greatest of ($105,000.00 at midnight; $107,000.00 (day.start_equity)) − 5% of $100,000.00.";
    assert!(told[0].ends_with(&format!("{floor}{formula}")), "{told:?}");
    // The day begins anew in the phase `failed`, at 101,000: that is not what was read.
    assert_eq!(sentences(&items("fail"), steps), told, "whatever the breach leads to");
}

/// Equity at the breach comes to the greater of both sides' figures whether it is read before or after the phase is
/// entered: only the figures themselves tell which.
#[test]
fn the_equity_that_the_failed_phase_begins_with_is_not_what_the_day_began_with() {
    let items = "let reference = max(day.start_balance, day.start_equity)\n \
                 limit \"Daily\" {\n equity stays above reference - 5% of reference\n on breach { fail }\n }";
    let told = told_at("00:00", items, "at 10:00; mark equity $94,700");
    let day = "the greatest of ($100,000.00 at midnight; $100,000.00 (day.start_equity))";
    // 100,000 less 5% of it.
    assert!(told[0].sentence.ends_with(&format!("is $95,000.00 = {day} − 5% of {day}.")), "{told:?}");
    let reference = &told[0].parts[1].parts[0];
    let figures: Vec<String> = reference.parts[0].parts.iter().map(|part| part.value.clone().unwrap().to_string()).collect();
    assert_eq!((reference.words.as_str(), figures), ("reference", vec!["$100,000.00".to_owned(); 2]));
}

/// A counter that the next phase begins anew, and a period that ends in the same instant.
#[test]
fn what_a_goal_read_is_told_though_its_phase_begins_anew() {
    let goal = "track days = count closed days where day.profit is above $0\n \
                goal \"Target\" {\n require \"days\" days * 2 is at least 4\n on reached { promote to funded }\n }";
    let told = told_at("00:00", goal, "days +$100, +$200");
    assert!(told[0].sentence.ends_with("was reached: `days * 2` was 4."), "{told:?}");
    assert_eq!(told[0].parts[0].parts[0].value.clone().unwrap().to_string(), "2", "{told:?}");
    // One that asks for nothing is told with its figures, too.
    let quiet = "goal \"Target\" {\n require \"profit\" profit - $50 is at least $40\n }";
    let told = told_at("00:00", quiet, "trade +$100");
    // 100 less 50
    assert!(told[0].sentence.ends_with("was reached: `profit - $50` was $50.00."), "{told:?}");
}

#[test]
fn a_lock_is_told_as_what_refuses() {
    let items = "limit \"Daily\" {\n equity stays above $95,000\n on breach { lock until next day }\n }";
    let told = told_at("00:00", items, "at 09:00; mark equity $95,000; at 10:00; order buy 1 lot EURUSD @ 1.1000");
    assert!(told[0].sentence.ends_with("the order was rejected because of the lock of \"Daily\"."), "{told:?}");
    assert_eq!(told[0].parts, [], "nothing was compared");
}

#[test]
fn what_is_known_is_told_as_it_is_asked() {
    let items = "limit \"First day\" {\n never last day.profit is known\n on breach { notify risk \"look\" }\n }";
    let told = sentences(items, "trade +$5; advance to 2014-05-05 00:00");
    assert!(told[0].contains("`last day.profit is known` was yes"), "{told:?}");
}

#[test]
fn a_warning_is_told_as_its_rule_asks() {
    // 4,100 of 5,000 is 82%.
    let told = told_at("00:00", DAILY, "at 09:00; mark equity $95,900");
    assert_eq!((told.len(), told[0].by_rule), (1, true));
    assert!(
        told[0].sentence.starts_with("On 2 May 2014 at 09:00:00 (Europe/Prague) your equity was $95,900.00; the floor of"),
        "{told:#?}"
    );
}

#[test]
fn the_words_tell_whether_touching_is_enough() {
    let above = "limit \"Loss\" {\n equity stays above size - loss\n on breach { fail }\n }";
    assert_eq!(
        sentences(above, "at 10:00; mark equity $95,000"),
        ["On 2 May 2014 at 10:00:00 (Europe/Prague) your equity was $95,000.00; the floor of \"Loss\", which it must stay above, is \
          $95,000.00 = $100,000.00 − 5% of $100,000.00."]
    );
    let ceiling = "limit \"Gain\" {\n day.profit stays at or below 2 * (loss - $4,000)\n on breach { fail }\n }";
    // 2 × (5,000 − 4,000)
    assert_eq!(
        sentences(ceiling, "trade +$2,000.50"),
        ["On 2 May 2014 at 00:01:00 (Europe/Prague) your profit of the day was $2,000.50; the ceiling of \"Gain\" is $2,000.00 = \
          2 × (5% of $100,000.00 − $4,000.00)."]
    );
}

#[test]
fn a_goal_is_told_with_the_figures_that_reached_it() {
    // The ledger of the next phase has no profit any more.
    let goal = "goal \"Target\" {\n require \"profit\" profit is at least 10% of size\n on reached { promote to funded }\n }";
    assert_eq!(
        sentences(goal, "trade +$10,000"),
        ["On 2 May 2014 at 00:01:00 (Europe/Prague) the goal \"Target\" (profit is at least 10% of size) was reached: your profit was \
          $10,000.00 and the size of the account was $100,000.00."]
    );
}

#[test]
fn the_figures_go_down_to_what_is_read_as_it_is() {
    let told = told_at("00:00", DAILY, "at 14:30:07; mark equity $94,990.12");
    let floor = &told[0].parts[1];
    let words: Vec<(&str, String)> =
        floor.parts.iter().map(|part| (part.words.as_str(), part.value.clone().unwrap().to_string())).collect();
    assert_eq!(words, [("day.start_balance", "$100,000.00".to_owned()), ("5% of size", "$5,000.00".to_owned())]);
    assert_eq!(floor.parts[1].parts[0].words, "size");
    assert_eq!(told[0].clause, "line 15: equity stays at or above day.start_balance - 5% of size");
    assert_eq!(told[0].room_before.clone().unwrap().to_string(), "$5,000.00");
}

#[test]
fn an_answer_is_told_with_its_reasons() {
    let limit = "limit \"Position\" {\n weighted quantity stays at or below 5 contracts\n refuse orders that would break it\n }";
    let told = sentences(limit, "tick ES 5000; order buy 6 ES");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("On 2 May 2014 at 00:00:00 (Europe/Prague) the order was rejected because of \"Position\", as "),
        "{told:?}"
    );
    assert!(told[0].contains("was 6"), "{told:?}");
}

#[test]
fn a_floor_at_its_cap_is_told_as_capped() {
    let items = "floor bottom {\n starts at size - $2,000\n trails balance at realised by $2,000\n capped at size\n }\n \
                 limit \"Loss\" {\n equity stays above bottom\n on breach { fail }\n }";
    // 103,000 less 2,000 is above the cap of 100,000.
    let told = told_at("00:00", items, "trade +$3,000; at 10:00; mark equity $99,999");
    assert!(told[0].sentence.ends_with("is $100,000.00 = $100,000.00, its cap."), "{told:?}");
    assert_eq!(told[0].parts[1].parts[0].words, "capped at size", "{told:?}");
}
