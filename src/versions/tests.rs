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
