//! What holds for every text.

use proptest::prelude::*;

use super::examples::{COMBINE, SCENARIO};
use super::parsed;
use super::recovery::check_spans;

/// Fragments of programs in which slips are likely to meet.
fn fragment() -> impl Strategy<Value = String> {
    let words = vec![
        "program",
        "\"a\"",
        "{",
        "}",
        "(",
        ")",
        ";",
        ",",
        "\n",
        "\n    ",
        "\n        ",
        "phase",
        "limit",
        "x",
        "stays above",
        "on breach",
        "let",
        "=",
        "track",
        "highest",
        "at day end",
        "since",
        "where",
        "5%",
        "of",
        "$2,000",
        "15:10",
        "|",
        "// c",
        "/*",
        "*/",
        "\"",
        "“",
        "–",
        "é",
        "not",
        "-",
        "if",
        "then",
        "else",
        "count",
        "open positions",
        "scenario",
        "trade +$5",
        "expect",
        "3 times",
        "plans",
        "table t by x",
        "is",
        "after",
        "/// doc",
        "no",
        "any",
        "sum",
        "notify trader \"{x}\"",
        "\"{\"",
        "2026-09-15",
        "€",
        ".",
        "every",
    ];
    prop::collection::vec(prop::sample::select(words), 0..60).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_parsed(text in any::<String>()) {
        check_spans(&text, &parsed(&text));
    }

    #[test]
    fn any_words_are_parsed(text in fragment()) {
        check_spans(&text, &parsed(&text));
        let inside = format!("program \"p\" {{\n    phase a {{\n{text}\n    }}\n}}\n");
        check_spans(&inside, &parsed(&inside));
    }

    #[test]
    fn damaged_programs_are_parsed(cuts in prop::collection::vec((0..4000_usize, 0..40_usize, fragment()), 1..4)) {
        let mut text = format!("{COMBINE}{SCENARIO}");
        for (at, length, instead) in cuts {
            let start = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let end = (start + length..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            text.replace_range(start..end, &instead);
        }
        check_spans(&text, &parsed(&text));
    }
}

/// Nanoseconds a byte of a text that has nothing wrong with it.
fn nanos_a_byte(text: &str) -> f64 {
    fastest(text, |text| assert_eq!(parsed(text).diagnostics, []))
}

/// Nanoseconds a byte of the fastest of some runs.
#[expect(clippy::disallowed_methods, reason = "this measures how long parsing takes")]
fn fastest(text: &str, parse: impl Fn(&str)) -> f64 {
    let run = || {
        let start = std::time::Instant::now();
        parse(text);
        start.elapsed().as_secs_f64() * 1e9
    };
    let fastest = (0..5).map(|_| run()).fold(f64::INFINITY, f64::min);
    fastest / f64::from(u32::try_from(text.len()).unwrap())
}

/// Time that grows faster than the text does so in each attempt; what else the machine does, does not.
fn flat(within: f64, measure: impl Fn() -> (f64, f64)) {
    let attempts: Vec<(f64, f64)> = (0..10).map(|_| measure()).take_while(|(small, large)| *large >= within * small).collect();
    assert!(attempts.len() < 10, "more than {within} times as long a byte in each attempt: {attempts:?}");
}

#[test]
fn time_per_byte_is_flat_in_size() {
    let phase = COMBINE.lines().skip_while(|line| !line.contains("phase combine")).take_while(|line| !line.contains("phase funded"));
    let phase: String = phase.flat_map(|line| [line, "\n"]).collect();
    let program = |times: usize| format!("program \"p\" {{\n{}}}\n", phase.repeat(times));
    flat(4.0, || (nanos_a_byte(&program(4)), nanos_a_byte(&program(64))));
}

#[test]
fn time_per_byte_is_flat_in_comments_and_continued_lines() {
    let continued = |lines: usize| {
        let text = super::wrapped(&["phase a"], &format!("let x = a{}", "\n// c\nor".repeat(lines)));
        super::wrapped(&["phase b"], "let y = 1") + &text
    };
    let nanos = |lines: usize| {
        let text = continued(lines);
        fastest(&text, |text| drop(parsed(text)))
    };
    flat(4.0, || (nanos(500), nanos(8000)));
}

#[test]
fn time_per_byte_is_flat_in_nesting() {
    let shapes: [(&str, &str, &str); 5] = [
        ("(", "a", ")"),
        ("min(a, ", "a", ")"),
        ("(if a is above 1 then ", "a", " else b)"),
        ("(a + 2 * ", "a", " is at least b)"),
        ("day(", "a", ")"),
    ];
    for (open, middle, close) in shapes {
        let nested = |depth: usize| super::wrapped(&["phase a"], &format!("let x = {}{middle}{}", open.repeat(depth), close.repeat(depth)));
        let many = |depth: usize| {
            let line = nested(depth).lines().nth(2).unwrap_or("").to_owned();
            super::wrapped(&["phase a"], &format!("{}\n", line.trim()).repeat(20))
        };
        flat(8.0, || (nanos_a_byte(&many(10)), nanos_a_byte(&many(60))));
    }
}
