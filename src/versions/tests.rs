//! Versions of one program beside each other.

use super::{Comparison, Fate, compare};
use crate::check::check;
use crate::ir::Ir;
use crate::source::Source;
use crate::syntax::parse;

const PROGRAM: &str = r#"program "P" {
  version "1"
  currency USD
  timezone "UTC"
  day 00:00
  plans
    | plan | size    | loss   |
    | S    | $10,000 | $500   |
    | L    | $50,000 | $2,000 |
  option swing: bool = no
  let daily = 5% of size
  phase first {
    ledger starts at size
    track best = highest day.profit over closed days since phase start
    floor bottom {
      starts at size - loss
      trails balance at day end by loss
    }
    limit "Daily loss" {
      equity stays above day.start_balance - daily
      on breach { flatten, fail }
    }
    limit "Maximum loss" {
      equity stays above bottom
      on breach { fail }
    }
    goal "Target" {
      require "Profit" profit is at least 10% of size
      on reached { promote to passed }
    }
    every fri at 16:00 { flatten }
    on deposit { notify risk "{balance}" }
  }
}"#;

fn ir(text: &str) -> Ir {
    let source = Source::new("p.fence", text);
    let checked = check(&source, &parse(&source));
    checked.ir.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// The program against itself with replacements.
fn changed(pairs: &[(&str, &str)]) -> Comparison {
    let text = pairs.iter().fold(PROGRAM.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    compare(&ir(PROGRAM), &ir(&text))
}

/// What is not kept, in words.
fn told(comparison: &Comparison) -> Vec<String> {
    let terms = comparison.terms.iter().chain(&comparison.cells);
    let terms = terms.map(|term| format!("{}: {} -> {}", term.what, term.was.as_deref().unwrap_or("-"), term.is.as_deref().unwrap_or("-")));
    let rules = comparison.rules.iter().filter(|rule| rule.fate != Fate::Kept);
    terms
        .chain(rules.map(|rule| format!("{:?} {} {} {}", rule.fate, rule.kind, rule.name, rule.because_of.join(",")).trim_end().to_owned()))
        .collect()
}

#[test]
fn a_program_means_what_it_means() {
    let same = changed(&[]);
    assert!(same.is_same());
    let kept: Vec<&str> = same.rules.iter().filter(|rule| rule.keeps).map(|rule| rule.name.as_str()).collect();
    for name in ["best", "bottom", "Daily loss", "Maximum loss", "Target"] {
        assert!(kept.contains(&name), "{name}: {kept:?}");
    }
}

#[test]
fn another_spelling_is_no_change() {
    let spelt = changed(&[
        ("day.start_balance - daily", "day.start_balance - 5% of size"),
        ("  option swing", "  // a comment\n\n  option swing"),
        ("    every fri at 16:00 { flatten }\n", ""),
        ("    on deposit", "    every fri at 16:00 { flatten }\n    on deposit"),
        ("profit is at least 10% of size", "10% of size is at most profit"),
    ]);
    assert_eq!(told(&spelt), [""; 0]);
}

#[test]
fn each_change_is_told_once_where_it_stands() {
    let rows: &[(&str, &str, &[&str])] = &[
        ("5% of size", "4% of size", &["Changed let daily", "Changed limit Daily loss daily"]),
        ("$500  ", "$600  ", &["S loss: $500 -> $600"]),
        ("    | L    | $50,000 | $2,000 |\n", "", &["plan L: loss $2,000, size $50,000 -> -"]),
        ("day 00:00", "day 17:00", &["day: 00:00 -> 17:00"]),
        ("swing: bool = no", "swing: bool = yes", &["option swing: bool = no -> bool = yes"]),
        ("stays above bottom", "stays at or above bottom", &["Changed limit Maximum loss"]),
        ("over closed days since phase start", "over days so far since phase start", &["Changed tracker best"]),
        ("at day end by loss", "at mark by loss", &["Changed floor bottom"]),
        ("fri at 16:00 { flatten }", "fri at 16:00 { flatten, cancel orders }", &["Changed rule every fri at 16:00"]),
        ("\"Maximum loss\"", "\"Overall loss\"", &["Changed limit Overall loss"]),
        ("{balance}", "{equity}", &["Changed rule on deposit"]),
        ("    every fri at 16:00 { flatten }\n", "", &["Dropped rule every fri at 16:00"]),
        ("    on deposit", "    on withdrawal { notify ops \"out\" }\n    on deposit", &["New rule on withdrawal"]),
        ("promote to passed", "promote to closed", &["Changed goal Target"]),
    ];
    for (from, to, expected) in rows {
        let found = told(&changed(&[(from, to)]));
        let fits = found.len() == expected.len() && found.iter().zip(*expected).all(|(found, expected)| found.starts_with(expected));
        assert!(fits, "{from} -> {to}: {found:?}");
    }
}

#[test]
fn what_is_called_otherwise_is_known_by_what_it_means() {
    let renamed = changed(&[("\"Maximum loss\"", "\"Overall loss\"")]);
    let limit = renamed.rules.iter().find(|rule| rule.name == "Overall loss").unwrap();
    assert_eq!((limit.fate, limit.renamed_from.as_deref()), (Fate::Changed, Some("Maximum loss")));
}

#[test]
fn what_accounts_keep_of_days_periods_and_payouts_is_told() {
    let kept =
        |from: &str, to: &str| changed(&[(from, to)]).periods.iter().map(|period| (period.name.clone(), period.fate)).collect::<Vec<_>>();
    assert_eq!(kept("day 00:00", "day 17:00"), [("day".to_owned(), Fate::Changed)]);
    assert_eq!(kept("5% of size", "4% of size"), [("day".to_owned(), Fate::Kept)]);
    let period = "period month_one opens on first entry since phase start, closes after 30 days\n  option swing";
    assert_eq!(kept("option swing", period)[1], ("month_one".to_owned(), Fate::New));
    let with = PROGRAM.replace("option swing", period);
    let longer = compare(&ir(&with), &ir(&with.replace("30 days", "31 days")));
    assert_eq!((longer.periods[1].name.as_str(), longer.periods[1].fate), ("month_one", Fate::Changed));
    let with = PROGRAM.replace("    every fri", "    payout {\n      minimum $100\n      split 80% to trader\n    }\n    every fri");
    let less = compare(&ir(&with), &ir(&with.replace("$100", "$50")));
    let payout = less.rules.iter().find(|rule| rule.kind == "payout").unwrap();
    assert_eq!((payout.keeps, payout.fate), (true, Fate::Changed));
}

#[test]
fn a_rule_that_does_the_same_at_another_time_is_one_rule_changed() {
    let before = PROGRAM.replace("every fri at 16:00 { flatten }", "after 30 days since trade while account is flat { close account }");
    let after = before.replace(" while account is flat", "");
    let rules = compare(&ir(&before), &ir(&after)).rules;
    let rules: Vec<Fate> = rules.iter().filter(|rule| rule.kind == "rule").map(|rule| rule.fate).collect();
    assert_eq!(rules, [Fate::Changed]);
}

#[test]
fn a_goal_that_is_called_otherwise_is_known_by_what_it_means() {
    let renamed = changed(&[("goal \"Target\"", "goal \"Profit Target\"")]);
    assert_eq!(told(&renamed), ["Changed goal Profit Target"]);
    assert!(renamed.rules.iter().any(|rule| rule.renamed_from.as_deref() == Some("Target")));
}

#[test]
fn the_header_is_told_in_its_own_words_and_a_number_that_is_used_twice_is_remarked() {
    let moved = changed(&[("day 00:00", "day 00:00\n  marks at mid")]);
    assert_eq!(told(&moved), ["marks at: exit side -> mid"]);
    assert!(moved.same_version);
    assert!(!changed(&[("day 00:00", "day 00:00\n  marks at mid"), ("version \"1\"", "version \"2\"")]).same_version);
    assert!(!changed(&[]).same_version);
}
