//! Templates and imports.

use crate::check::{Checked, check};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Source;
use crate::syntax::{load, parse};

const FLOOR: &str = r#"
template trailing(floor_name: name, distance: money, title: text, clause: text = none, consequences: actions) {
    floor floor_name {
        starts at size - distance
        trails balance at day end by distance
    }
    limit "{title}" cites "{clause}" {
        equity stays above floor_name
        on breach { do consequences, notify trader "{distance} is gone" }
    }
}
"#;

/// A text with each line indented by the braces around it.
fn indented(text: &str) -> String {
    let mut depth = 0_usize;
    let mut out = String::new();
    for line in text.lines().map(str::trim) {
        let closes = usize::from(line.starts_with('}'));
        out.push_str(&" ".repeat(depth.saturating_sub(closes)));
        out.push_str(line);
        out.push('\n');
        depth = depth + line.matches('{').count() - line.matches('}').count();
    }
    out
}

fn checked(imports: &[(&str, &str)], body: &str) -> (Source, Checked) {
    let text = format!(
        "import \"lib.fence\"\nprogram \"p\" {{\n currency USD\n timezone \"UTC\"\n day 17:00\n plans\n | plan | size | loss |\n | 50K | $50,000 | $2,000 |\n phase one {{\n ledger starts at size\n{body}\n }}\n}}\n"
    );
    let source = load(Source::new("main.fence", indented(&text)), &mut |name| {
        imports.iter().find(|(file, _)| *file == name).map(|(_, text)| indented(text)).ok_or_else(|| "no such file".to_owned())
    });
    let found = check(&source, &parse(&source));
    (source, found)
}

fn codes(found: &[Diagnostic]) -> Vec<Code> {
    found.iter().map(|found| found.code).collect()
}

#[test]
fn a_use_means_what_the_template_says_with_its_arguments() {
    let written = " floor lowest {\n starts at size - loss\n trails balance at day end by loss\n }\n limit \"Loss\" cites \"7\" {\n equity stays above lowest\n on breach { flatten, fail, notify trader \"{loss} is gone\" }\n }";
    let used = " use trailing(floor_name = lowest, distance = loss, title = \"Loss\", clause = \"7\") { flatten, fail }";
    let (_, written) = checked(&[("lib.fence", FLOOR)], written);
    let (_, used) = checked(&[("lib.fence", FLOOR)], used);
    let listing = |checked: Checked| {
        let ir = checked.ir.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
        let names: Vec<_> = ir.nodes.iter().map(|node| (node.name.clone(), node.cites.clone())).collect();
        let evidence: Vec<Vec<String>> =
            ir.nodes.iter().map(|node| node.evidence.iter().map(|(words, _)| words.clone()).collect()).collect();
        let program = crate::compile::compile(ir).unwrap();
        (names, evidence, program.code.clone())
    };
    assert_eq!(listing(written), listing(used));
}

#[test]
fn evidence_speaks_in_the_words_of_the_program() {
    let lib = "template daily(loss_today: money) {\n limit \"Daily\" {\n equity stays above day.start_balance - loss_today\n on breach { fail }\n }\n}";
    let (_, checked) = checked(&[("lib.fence", lib)], " use daily(loss_today = 5% of size)");
    let ir = checked.ir.unwrap();
    let words: Vec<&str> = ir.nodes[0].evidence.iter().map(|(words, _)| words.as_str()).collect();
    assert_eq!(words, ["equity", "day.start_balance - 5% of size"]);
    // The place that is told is the use, not the template.
    assert_eq!(ir.source.line_column(ir.nodes[0].head.start).0, 11);
}

#[test]
fn a_clause_that_is_not_given_cites_nothing() {
    let (_, checked) = checked(&[("lib.fence", FLOOR)], " use trailing(floor_name = lowest, distance = loss, title = \"Loss\") { fail }");
    assert!(checked.ir.unwrap().nodes.iter().all(|node| node.cites.is_none()));
}

#[test]
fn templates_use_others_and_hand_on_what_they_are_given() {
    let lib = "import \"floors.fence\"\ntemplate both(name_of_it: name, much: money, consequences: actions) {\n use trailing(floor_name = name_of_it, distance = much, title = \"Trailing\") { do consequences }\n limit \"Hard\" {\n equity stays above size - much * 2\n on breach { do consequences }\n }\n}";
    let (source, checked) = checked(
        &[("lib.fence", lib), ("floors.fence", FLOOR)],
        " use both(name_of_it = lowest, much = loss) { close account }\n let room = equity - lowest",
    );
    let ir = checked.ir.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
    assert_eq!(ir.nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>(), ["lowest", "room", "Trailing", "Hard"]);
    assert_eq!(source.files().len(), 3);
}

#[test]
fn a_duration_and_a_delay_may_be_given() {
    let lib = "template slow(wait: duration, idle: days) {\n limit \"Slow\" {\n equity stays above $40,000 for wait\n on breach { fail }\n }\n after idle since trade { review \"idle\" }\n}";
    let (_, checked) = checked(&[("lib.fence", lib)], " use slow(wait = 10s, idle = 30 days)");
    assert!(checked.ir.is_some(), "{:?}", checked.diagnostics);
}

#[test]
fn a_mistake_in_a_template_is_told_once_with_its_first_use() {
    let lib = FLOOR.replace("balance at day end", "balanse at day end");
    let body = " use trailing(floor_name = a, distance = loss, title = \"A\") { fail }\n use trailing(floor_name = b, distance = loss, title = \"B\") { fail }";
    let (source, checked) = checked(&[("lib.fence", &lib)], body);
    assert_eq!(codes(&checked.diagnostics), [Code::UnknownName]);
    let found = &checked.diagnostics[0];
    let place = |span: crate::source::Span| (source.file_at(span.start).name.as_str(), source.line_column(span.start).0);
    assert_eq!((place(found.span), place(found.others[0].0)), (("lib.fence", 5), ("main.fence", 11)));
}

#[test]
fn a_mistake_in_an_argument_is_told_where_it_is_written() {
    let (source, checked) = checked(&[("lib.fence", FLOOR)], " use trailing(floor_name = a, distance = 5%, title = \"A\") { fail }");
    assert_eq!(codes(&checked.diagnostics), [Code::PercentOfWhat]);
    let found = &checked.diagnostics[0];
    assert_eq!(source.slice(found.span), "5%");
    // Beside it the parameter that asks for money.
    let told: Vec<(&str, &str)> = found.others.iter().map(|(span, words)| (source.slice(*span), words.as_str())).collect();
    assert_eq!(told, [("distance", "asked for here")]);
}

/// A template that uses another, which the program does not see.
const NESTED: &str = "import \"floors.fence\"\ntemplate outer(called: name, much: money) {\n use trailing(floor_name = called, distance = much, title = \"{called} loss\") { fail }\n}";

#[test]
fn a_mistake_in_a_nested_template_names_each_use_up_to_the_programs() {
    let floor = FLOOR.replace("balance at day end", "balanse at day end");
    let (source, checked) = checked(&[("lib.fence", NESTED), ("floors.fence", &floor)], " use outer(called = a, much = loss)");
    let files: Vec<&str> = checked.diagnostics[0].others.iter().map(|(span, _)| source.file_at(span.start).name.as_str()).collect();
    assert_eq!(files, ["lib.fence", "main.fence"]);
}

#[test]
fn what_two_uses_declare_is_told_at_both() {
    let body = " use outer(called = a, much = loss)\n use outer(called = a, much = loss)";
    let (source, checked) = checked(&[("lib.fence", NESTED), ("floors.fence", FLOOR)], body);
    let told: Vec<(usize, usize, &str)> = checked
        .diagnostics
        .iter()
        .map(|found| (source.line_column(found.others[0].0.start).0, source.line_column(found.span.start).0, found.message.as_str()))
        .collect();
    assert_eq!(told, [(11, 12, "`a` is declared twice"), (11, 12, "`\"a loss\"` is declared twice")]);
}

#[test]
fn what_may_be_missing_is_told_in_the_words_of_the_use() {
    let body = " use outer(called = a, much = last payout.amount)";
    let (source, checked) = checked(&[("lib.fence", NESTED), ("floors.fence", FLOOR)], body);
    assert_eq!(codes(&checked.diagnostics), [Code::MaybeMissing]);
    assert_eq!(source.slice(checked.diagnostics[0].span), "last payout.amount");
    assert!(checked.diagnostics[0].message.starts_with("`last payout.amount`"), "{}", checked.diagnostics[0].message);
}

#[test]
fn what_a_use_leaves_out_or_misspells_is_told() {
    for (used, expected) in [
        ("use trailing(floor_name = a, distance = loss) { fail }", vec![Code::Arguments]),
        ("use trailing(floor_name = a, distance = loss, title = \"A\")", vec![Code::Arguments]),
        ("use trailing(floor_name = a, distanse = loss, title = \"A\") { fail }", vec![Code::UnknownName]),
        ("use trailing(floor_name = \"a\", distance = loss, title = \"A\") { fail }", vec![Code::Arguments]),
        ("use trailing(floor_name = a, distance = loss, title = 5) { fail }", vec![Code::Arguments]),
        ("use trailing(floor_name = a, distance = loss, distance = loss, title = \"A\") { fail }", vec![Code::Misplaced]),
        ("use traling(floor_name = a, distance = loss, title = \"A\") { fail }", vec![Code::UnknownName]),
        ("when equity is below $1 { do consequences }", vec![Code::Misplaced]),
    ] {
        let (_, checked) = checked(&[("lib.fence", FLOOR)], used);
        let errors: Vec<Code> = codes(&checked.diagnostics).into_iter().filter(|code| code.id().starts_with('E')).collect();
        assert_eq!(errors, expected, "{used}: {:?}", checked.diagnostics);
    }
}

#[test]
fn an_import_that_cannot_be_read_is_one_finding() {
    let (source, checked) = checked(&[], " use trailing(floor_name = a, distance = loss, title = \"A\") { fail }");
    assert_eq!(codes(&checked.diagnostics), [Code::Import]);
    assert_eq!(source.slice(checked.diagnostics[0].span), "\"lib.fence\"");
    assert!(checked.diagnostics[0].message.ends_with("no such file"));
}

#[test]
fn templates_that_use_each_other_end() {
    let lib = "template a(x: money) {\n use b(x = x)\n}\ntemplate b(x: money) {\n use a(x = x)\n}";
    let (_, checked) = checked(&[("lib.fence", lib)], " use a(x = $1)");
    assert_eq!(codes(&checked.diagnostics), [Code::Circle]);
}

#[test]
fn two_uses_that_declare_the_same_are_told() {
    let used = " use trailing(floor_name = a, distance = loss, title = \"A\") { fail }";
    let (_, checked) = checked(&[("lib.fence", FLOOR)], &format!("{used}\n{used}"));
    assert_eq!(codes(&checked.diagnostics), [Code::DuplicateName, Code::DuplicateName]);
}
