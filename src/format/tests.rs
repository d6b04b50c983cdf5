//! The layout: what it makes of a text, and that it changes nothing else.

use std::fmt::Write as _;

use super::format;

#[test]
fn blanks_follow_braces_and_columns_line_up() {
    let text = "program \"X\" {\n firm \"F\" version \"1\"\n  currency USD\n\n\n plans\n |plan|size|\n // small\n |A|$1,000|\n phase p{\nlet a=1\n\n  let long_name   = max( a ,2 )\n let b = $2\n}\n\n}\n";
    let laid_out = "program \"X\" {\n    firm      \"F\"  version \"1\"\n    currency  USD\n\n    plans\n        | plan | size   |\n        // small\n        | A    | $1,000 |\n    phase p {\n        let a = 1\n\n        let long_name = max(a, 2)\n        let b         = $2\n    }\n}\n";
    // Runs end at an empty line: `a` stands alone.
    assert_eq!(format(text), laid_out);
}

#[test]
fn a_statement_that_goes_on_stands_under_its_bracket_or_one_step_in() {
    let text = "limit \"x\" {\nuse floor(a = 1,\nb = 2) { fail }\nwhen a is 1\nand b is 2 { fail }\n}\n";
    assert_eq!(
        format(text),
        "limit \"x\" {\n    use floor(a = 1,\n              b = 2) { fail }\n    when a is 1\n        and b is 2 { fail }\n}\n"
    );
}

#[test]
fn texts_and_comments_are_left_alone() {
    let text = "notify trader \"a  {b}  ; c\"   //  as   it is\n/* two\n   lines */\n";
    assert_eq!(format(text), "notify trader \"a  {b}  ; c\"  //  as   it is\n/* two\n   lines */\n");
}

#[test]
fn steps_line_up_where_they_expect() {
    let text = "scenario \"s\" {\n        trade +$1;expect a is 1\n  trade +$1,000;next day;    expect b is 2\n}\n";
    assert_eq!(
        format(text),
        "scenario \"s\" {\n    trade +$1;                 expect a is 1\n    trade +$1,000;  next day;  expect b is 2\n}\n"
    );
}

/// A text with blanks put in, taken out and lines moved about, as far as that means nothing.
fn shaken(text: &str, mut seed: u64) -> String {
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    };
    let mut out = String::new();
    let mut in_comment = false;
    for line in text.lines() {
        let verbatim = in_comment || line.contains("/*");
        in_comment = (in_comment || line.contains("/*")) && !line.contains("*/");
        if verbatim {
            let _ = writeln!(out, "{line}");
            continue;
        }
        let inner = line.trim_start();
        out.extend(std::iter::repeat_n(' ', (line.len() - inner.len()) + (next() % 2) as usize));
        let code_end = inner.find("//").unwrap_or(inner.len());
        let mut quoted = false;
        for (at, letter) in inner.char_indices() {
            quoted ^= letter == '"';
            out.push(letter);
            if letter == ' ' && !quoted && at < code_end {
                out.extend(std::iter::repeat_n(' ', (next() % 3) as usize));
            }
        }
        out.extend(std::iter::repeat_n(' ', (next() % 3) as usize));
        out.push('\n');
        if line.trim().is_empty() && next() % 2 == 0 {
            out.push('\n');
        }
    }
    out
}

#[test]
fn what_was_shaken_comes_out_the_same() {
    let text = include_str!("../../rules/ftmo/two-step.fence");
    let laid_out = format(text);
    assert_eq!(format(&laid_out), laid_out);
    for seed in 0..50 {
        assert_eq!(format(&shaken(text, seed)), laid_out, "seed {seed}");
    }
}

#[test]
fn a_row_with_a_text_that_does_not_end_loses_nothing() {
    let text = "plans\n    | plan | size    |\n    | \"  | $50,000 |\n";
    assert_eq!(format("plans\n | plan | size |\n | \"  | $50,000 |\n"), "plans\n    | plan | size |\n| \"  | $50,000 |\n");
    assert_eq!(format(&format(text)), format(text));
}
