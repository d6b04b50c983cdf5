//! What holds of every message: its fix mends, its words are those of account programs, one slip is one finding.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use ringfence::check::check;
use ringfence::compile::compile;
use ringfence::diagnostic::{Code, Diagnostic, Severity};
use ringfence::source::Source;
use ringfence::syntax::parse;
use ringfence::tools::{mend, plain_diagnostic};

use crate::rejected::programs_in;
use crate::shipped::root;

/// Words of those who build languages, which no author of a program needs to know.
const OF_ENGINEERS: &[&str] = &[
    "argument",
    "aggregate",
    "arity",
    "ast",
    "boolean",
    "bytecode",
    "compile",
    "compiler",
    "constant",
    "declaration",
    "enum",
    "evaluate",
    "evaluated",
    "expression",
    "identifier",
    "instruction",
    "integer",
    "invalid",
    "invariant",
    "ir",
    "keyword",
    "lexer",
    "literal",
    "mismatch",
    "node",
    "null",
    "opcode",
    "operand",
    "operator",
    "overflow",
    "parameterised",
    "parse",
    "parser",
    "parsing",
    "runtime",
    "scope",
    "semantic",
    "span",
    "string",
    "symbol table",
    "syntax",
    "token",
    "tuple",
    "undeclared",
    "undefined",
    "variable",
];

/// The corpus: each program with a slip or mistake, as it is told.
fn corpus() -> impl Iterator<Item = (String, Source, Vec<Diagnostic>)> {
    let folders = ["tests/slips", "tests/rejected"].into_iter().map(programs_in);
    folders.flatten().map(|(name, (source, found))| (name, source, found))
}

/// Everything that is found in a text.
fn found(name: &str, text: &str) -> Vec<Diagnostic> {
    let source = Source::new(name, text);
    let checked = check(&source, &parse(&source));
    let compiled = checked.ir.and_then(|ir| compile(ir).err()).unwrap_or_default();
    checked.diagnostics.into_iter().chain(compiled).collect()
}

fn times(all: &[Diagnostic], one: &Diagnostic) -> usize {
    all.iter().filter(|other| (other.code, &other.message) == (one.code, &one.message)).count()
}

/// What a finding shows as its mend, a guess too, is text that mends it and brings no error.
#[test]
fn each_fix_that_is_shown_removes_its_finding_and_adds_none() {
    let (mut tried, mut wrong) = (0, String::new());
    for (name, source, before) in corpus() {
        for one in &before {
            let Some(fix) = &one.fix else { continue };
            tried += 1;
            let mut text = source.text().to_owned();
            text.replace_range(fix.span.range(), &fix.text);
            let after = found(source.name(), &text);
            let new: Vec<&str> = after
                .iter()
                .filter(|next| next.severity() == Severity::Error && times(&after, next) > times(&before, next))
                .map(|next| next.message.as_str())
                .collect();
            let alone = times(&after, one) < times(&before, one) && new.is_empty();
            let together = || {
                fix.safe
                    && mend(source.name(), source.text(), &mut |_| Err(String::new()))
                        .changes
                        .iter()
                        .any(|change| change.message == one.message)
            };
            if !alone && !together() {
                let _ = writeln!(wrong, "{name}: `{}` leads to {new:?}", fix.text);
            }
        }
    }
    assert!(tried >= 60, "{tried} fixes");
    assert!(wrong.is_empty(), "{wrong}");
}

/// A help that says what to write stands beside a fix, or is an example that differs from what stands there.
#[test]
fn each_finding_says_what_to_do() {
    let silent: Vec<String> = corpus()
        .flat_map(|(name, _, found)| found.into_iter().filter(|one| one.help.is_none()).map(move |one| format!("{name}: {}", one.message)))
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

/// The words of a text, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    // What stands between backticks is of the program.
    let said: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    said.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase).collect()
}

#[test]
fn no_message_needs_an_engineer() {
    let told = corpus().flat_map(|(name, _, found)| {
        found.into_iter().map(move |one| {
            let labels = one.others.iter().map(|(_, label)| label.clone()).chain(one.notes.clone());
            let all: Vec<String> = labels.chain([one.message.clone(), one.label.clone()]).chain(one.help.clone()).collect();
            (name.clone(), all.join(" "))
        })
    });
    let table = Code::ALL.iter().map(|code| (code.id().to_owned(), format!("{} {}", code.title(), code.explanation())));
    let pages = Code::ALL.iter().map(|code| {
        let text = fs::read_to_string(root().join(format!("docs/findings/{code}.md"))).unwrap();
        (format!("page of {code}"), text.split("```").step_by(2).collect::<Vec<_>>().join(" "))
    });
    let mut wrong = Vec::new();
    for (place, text) in told.chain(table).chain(pages) {
        let words = words(&text);
        let found: Vec<&&str> = OF_ENGINEERS.iter().filter(|word| words.contains(**word) || words.contains(&format!("{word}s"))).collect();
        if !found.is_empty() {
            wrong.push(format!("{place}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Texts of the source that are told, whether or not a program of the corpus leads to them.
#[test]
fn no_text_of_the_checker_needs_an_engineer() {
    let mut wrong = Vec::new();
    for folder in ["src/check", "src/syntax"] {
        for path in crate::tidy::sources(&[folder]) {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.to_string_lossy().contains("/tests") {
                continue;
            }
            for (line, content) in
                text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//") && !line.contains("reason = "))
            {
                for told in content.split('"').skip(1).step_by(2).filter(|told| told.contains(' ')) {
                    let words = words(told);
                    let found: Vec<&&str> = OF_ENGINEERS.iter().filter(|word| words.contains(**word)).collect();
                    if !found.is_empty() {
                        wrong.push(format!("{name}:{}: {found:?} in {told:?}", line + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Text that a terminal shows ends no line with a word alone that fits before it, and begins with what is claimed.
#[test]
fn messages_are_one_claim() {
    for (name, source, found) in corpus() {
        for one in found {
            let shown = plain_diagnostic(&source, &one);
            assert!(!one.message.contains(". ") && !one.message.ends_with('.'), "{name}: {}", one.message);
            assert!(one.message.chars().count() <= 100, "{name}: {}", one.message);
            assert!(shown.lines().all(|line| !line.contains('\t')), "{name}: {shown}");
        }
    }
}

/// A line that nobody reads is named, and not shown: megabytes of it for each of a thousand findings.
#[test]
fn of_a_line_without_measure_the_place_is_told() {
    let source = Source::new("long.fence", format!("program \"P\" {{\n{}\n}}\n", "}".repeat(5_000)));
    let found = parse(&source).diagnostics;
    let told = ringfence::tools::plain_diagnostic(&source, &found[1]);
    assert_eq!(told, "error[E0001]: `}` closes nothing\n--> long.fence:2:3\n = help: remove it");
}

/// Of a file with more findings than anybody mends one by one the first are told, and that there are more.
#[test]
fn of_findings_without_measure_the_first_are_told() {
    for text in ["}".repeat(5_000), "nonsense\n".repeat(5_000), "/*\n".repeat(5_000), "}\nnonsense\n".repeat(5_000)] {
        let source = Source::new("long.fence", text);
        let parsed = parse(&source);
        let (last, first) = parsed.diagnostics.split_last().unwrap();
        assert_eq!((first.len(), last.code), (1_000, Code::TooLarge));
        assert!(first.is_sorted_by_key(|found| found.span.start) && first[999].span.start <= last.span.start);
        assert_eq!(check(&source, &parsed).diagnostics, parsed.diagnostics);
    }
}

/// Braces that do not balance never nest blocks deeper than blocks are read.
#[test]
fn blocks_do_not_nest_without_end() {
    let source = Source::new("deep.fence", "on x {\n    }\n    y\n".repeat(100_000));
    assert!(parse(&source).diagnostics.iter().any(|found| found.code == Code::Nesting || found.code == Code::TooLarge));
}
