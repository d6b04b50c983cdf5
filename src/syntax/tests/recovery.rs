//! One slip is one message, and what stands around it is still parsed.

use super::examples::{COMBINE, SCENARIO};
use super::{parsed, wrapped};
use crate::diagnostic::Code;
use crate::source::Span;
use crate::syntax::Parsed;
use crate::syntax::ast::{Item, ItemKind, Program};

/// Checks what holds for every text.
pub(super) fn check_spans(text: &str, parsed: &Parsed) {
    let valid = |span: Span| text.get(span.range()).is_some();
    for found in &parsed.diagnostics {
        assert!(valid(found.span), "{found:?}\n{text}");
        assert!(found.others.iter().all(|(span, _)| valid(*span)), "{found:?}\n{text}");
        assert!(found.fix.iter().all(|fix| valid(fix.span)), "{found:?}\n{text}");
    }
    for comment in &parsed.comments {
        assert_eq!(text.get(comment.span.range()), Some(comment.text.as_str()), "{text}");
    }
    parsed.program.items.iter().for_each(|item| check_item(text, item));
    // Every other span is printed by `Debug` as two numbers; all must lie in the text.
    let printed = format!("{:?}", parsed.program);
    for part in printed.split("Span { start: ").skip(1) {
        let mut numbers = part.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<usize>().ok());
        let (start, end) = (numbers.next().unwrap(), numbers.next().unwrap());
        assert!(start <= end && text.get(start..end).is_some(), "{start}..{end} in\n{text}\n{printed}");
    }
}

fn check_item(text: &str, item: &Item) {
    assert!(text.get(item.span.range()).is_some() && text.get(item.head.range()).is_some(), "{text}");
    assert!(item.span.start <= item.head.start && item.head.end <= item.span.end, "{item:?}\n{text}");
    if let ItemKind::Phase(phase) = &item.kind {
        phase.items.iter().for_each(|item| check_item(text, item));
    }
}

/// How many items were parsed, in phases too, without the broken ones.
fn sound_items(program: &Program) -> usize {
    let count = |item: &Item| match &item.kind {
        ItemKind::Broken { .. } => 0,
        ItemKind::Phase(phase) => 1 + phase.items.iter().filter(|item| !matches!(item.kind, ItemKind::Broken { .. })).count(),
        _ => 1,
    };
    program.items.iter().map(count).sum()
}

fn sample() -> String {
    format!("{COMBINE}{SCENARIO}")
}

/// The text without the bytes of a range.
fn without(text: &str, range: std::ops::Range<usize>) -> String {
    format!("{}{}", &text[..range.start], &text[range.end..])
}

/// The places of a sign outside comments; braces inside texts are no braces.
fn places(text: &str, sign: char) -> Vec<usize> {
    let mut places = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split(" //").next().unwrap_or(line);
        let code = code.find("///").map_or(code, |at| &code[..at]);
        let in_text = |at: usize| code[..at].matches('"').count() % 2 == 1;
        places.extend(code.match_indices(sign).filter(|(at, _)| sign == '"' || !in_text(*at)).map(|(at, _)| offset + at));
        offset += line.len();
    }
    places
}

/// Where the braces balance, nothing is read from how the lines stand.
#[test]
fn a_text_without_indentation_is_read_as_one_with_it() {
    let text = sample();
    let flat: String = text.lines().flat_map(|line| [line.trim_start(), "\n"]).collect();
    let parsed = parsed(&flat);
    assert!(parsed.diagnostics.is_empty(), "{:#?}", parsed.diagnostics);
    assert_eq!(sound_items(&parsed.program), sound_items(&super::parsed(&text).program));
}

#[test]
fn each_missing_brace_is_one_message_and_costs_nothing() {
    let text = sample();
    let whole = sound_items(&parsed(&text).program);
    for sign in ['{', '}'] {
        for place in places(&text, sign) {
            let damaged = without(&text, place..place + 1);
            let parsed = parsed(&damaged);
            check_spans(&damaged, &parsed);
            let codes: Vec<Code> = parsed.diagnostics.iter().map(|found| found.code).collect();
            let line = text[..place].matches('\n').count() + 1;
            assert!((1..=2).contains(&codes.len()) && codes.contains(&Code::Brace), "{sign} in line {line}: {:?}", parsed.diagnostics);
            assert!(sound_items(&parsed.program) + 1 >= whole, "{sign} in line {line}: {:?}", parsed.diagnostics);
        }
    }
}

#[test]
fn a_missing_brace_is_reported_where_it_was_opened() {
    let text = "program \"p\" {\n    phase a {\n        let x = 1\n    phase b {\n        let y = 2\n    }\n}\n";
    let parsed = parsed(text);
    let [found] = &parsed.diagnostics[..] else { panic!("{:?}", parsed.diagnostics) };
    assert_eq!(found.span.start as usize, text.find("{\n        let x").unwrap());
    assert_eq!(found.others[0].0.start as usize, text.find("phase b").unwrap());
    assert_eq!(sound_items(&parsed.program), 4);
}

#[test]
fn each_missing_quote_is_one_message() {
    let text = sample();
    let whole = sound_items(&parsed(&text).program);
    for place in places(&text, '"') {
        let damaged = without(&text, place..place + 1);
        let parsed = parsed(&damaged);
        check_spans(&damaged, &parsed);
        let line = text[..place].matches('\n').count() + 1;
        assert!((1..=3).contains(&parsed.diagnostics.len()), "line {line}: {:#?}", parsed.diagnostics);
        assert!(sound_items(&parsed.program) + 1 >= whole, "line {line}: {:#?}", parsed.diagnostics);
    }
}

#[test]
fn each_missing_token_leaves_the_rest() {
    let text = sample();
    let whole = sound_items(&parsed(&text).program);
    let mut start = 0;
    while start < text.len() {
        let end = text[start..].find(char::is_whitespace).map_or(text.len(), |at| start + at);
        if start < end {
            let damaged = without(&text, start..end);
            let parsed = parsed(&damaged);
            check_spans(&damaged, &parsed);
            let found = &parsed.diagnostics;
            let line = text[..start].matches('\n').count() + 1;
            assert!(found.len() <= 3, "line {line} without `{}`: {found:#?}", &text[start..end]);
            // Without its word or its name, a phase is lost with what it holds.
            let is_outer = ["phase", "combine", "funded", "scenario"].contains(&&text[start..end]) || line == 1;
            assert!(is_outer || sound_items(&parsed.program) + 2 >= whole, "line {line} without `{}`: {found:#?}", &text[start..end]);
        }
        start = end + 1;
    }
}

#[test]
fn names_of_broken_statements_are_taken_as_declared() {
    let parsed = parsed(&wrapped(&["phase a"], "let share = 5% size\ntrack best = highest\nlimit \"Daily\" foo { x stays above y }"));
    let ItemKind::Phase(phase) = &parsed.program.items[0].kind else { panic!() };
    let declared: Vec<String> = phase
        .items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Broken { declares } => declares[0].node.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(declared, ["share", "best", "Daily"]);
    assert_eq!(parsed.diagnostics.len(), 3);
}

#[test]
fn characters_from_documents_are_found_and_read_past() {
    let text =
        wrapped(&["phase a"], "limit “Daily” {\n    equity stays above size – max_loss\n    on breach { notify trader \"ünï “x”\" }\n}");
    let parsed = parsed(&text);
    assert_eq!(parsed.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::Character, Code::Character]);
    assert_eq!(parsed.diagnostics[1].fix.as_ref().unwrap().text, "-");
    let ItemKind::Phase(phase) = &parsed.program.items[0].kind else { panic!() };
    let ItemKind::Limit(limit) = &phase.items[0].kind else { panic!("{phase:?}") };
    assert_eq!(limit.title.node, "Daily");
    check_spans(&text, &parsed);
}

#[test]
fn nesting_beyond_the_limit_is_one_message() {
    for depth in [64 - 2, 64] {
        let text = wrapped(&["phase a"], &format!("let x = {}1{}", "(".repeat(depth), ")".repeat(depth)));
        let codes: Vec<Code> = parsed(&text).diagnostics.iter().map(|found| found.code).collect();
        assert_eq!(codes, if depth == 62 { vec![] } else { vec![Code::Nesting] }, "{depth}");
    }
    for text in [
        "- ".repeat(100_000) + "1",
        "not ".repeat(5000) + "a",
        "a + ".repeat(5000) + "a",
        "sum ".repeat(5000) + "a",
        "if a then 1 else ".repeat(5000) + "a",
        "a".to_owned() + &".b".repeat(5000),
    ] {
        let text = wrapped(&["phase a"], &format!("let x = {text}"));
        assert_eq!(parsed(&text).diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::Nesting]);
    }
    let inner = format!("let x = 1\non trade {{ notify trader \"{{{}1{}}}\" }}", "(".repeat(5000), ")".repeat(5000));
    let codes: Vec<Code> = parsed(&wrapped(&["phase a"], &inner)).diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::Nesting]);
}

#[test]
fn brackets_and_continuations_join_lines_and_an_open_bracket_does_not() {
    let joined = parsed(&wrapped(
        &["phase a"],
        "let x = (a\n    + b\n)\nwhen a\n    // why\n\n    and b { fail }\ntrack t = highest balance at day end\n    since trade",
    ));
    assert_eq!(joined.diagnostics, []);
    let open = parsed(&wrapped(&["phase a"], "let x = (a\nlet y = (b\n    + c)\nlet z = 2"));
    assert_eq!(open.diagnostics.len(), 1);
    assert_eq!(sound_items(&open.program), 3);
}

#[test]
fn a_row_without_its_table_is_one_message() {
    let parsed = parsed(&wrapped(&["phase a"], "let x = 1\n| a | b |\n| c | d |\nlet y = 2"));
    assert_eq!(parsed.diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::Misplaced]);
    assert_eq!(sound_items(&parsed.program), 3);
}

#[test]
fn doc_comments_belong_to_the_item_right_below() {
    let parsed = parsed(
        "program \"p\" {\n    /// one\n    /// two\n    phase a { }\n    /// far\n\n    phase b { }\n    // no\n    phase c { }\n}\n",
    );
    let docs: Vec<Option<&str>> = parsed.program.items.iter().map(|item| item.doc.as_deref()).collect();
    assert_eq!(docs, [Some("one\ntwo"), None, None]);
    assert_eq!(parsed.diagnostics, []);
}

#[test]
fn the_deepest_accepted_nesting_fits_a_small_stack() {
    let deepest =
        |open: &str, close: &str, depth: usize| wrapped(&["phase a"], &format!("let x = {}a{}", open.repeat(depth), close.repeat(depth)));
    let texts = [
        deepest("(", ")", 62),
        deepest("(if a then 1 + b else ", ")", 62),
        deepest("if a then 1 else ", "", 128),
        deepest("min(a, ", ")", 62),
        deepest("sum ", " over closed days", 128),
        deepest("(any open positions where ", ")", 62),
        deepest("1 day after ", "", 128),
        deepest("a + ", "", 250),
    ];
    let parse_all = move || texts.iter().map(|text| parsed(text).diagnostics).collect::<Vec<_>>();
    let small = std::thread::Builder::new().stack_size(1 << 20).spawn(parse_all).unwrap();
    assert_eq!(small.join().unwrap(), vec![vec![]; 8]);
}

#[test]
fn a_text_that_ends_with_an_opening_mark_keeps_its_places() {
    for (number, _) in sample().match_indices('\n') {
        let text = format!("{}\nphase \" \u{201c} \n{}", &sample()[..number], &sample()[number + 1..]);
        check_spans(&text, &parsed(&text));
    }
}
