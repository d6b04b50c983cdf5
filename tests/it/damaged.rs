//! A program has a meaning exactly when nothing about it is an error, whatever is missing from it: for each program
//! that is refused, and for shipped ones without a line, without a block, and with a block left empty.

use std::path::Path;

use ringfence::check::check;
use ringfence::diagnostic::Severity;
use ringfence::source::Source;
use ringfence::syntax::{load, parse};

use crate::language::programs;
use crate::shipped::{root, shipped};

/// How many lines, and how many blocks, lie between two that are taken out of one program.
const STRIDE: usize = 47;

/// What is wrong with a text that has a meaning beside an error, or neither.
fn disagrees(name: &str, text: String) -> Option<String> {
    let read = |name: &str| std::fs::read_to_string(root().join(name)).map_err(|error| error.to_string());
    let source = load(Source::new(name, text), &mut |import| read(import));
    let checked = check(&source, &parse(&source));
    let errors = checked.diagnostics.iter().filter(|found| found.severity() == Severity::Error).count();
    (checked.ir.is_some() != (errors == 0)).then(|| format!("{name}: {errors} errors, a meaning: {}", checked.ir.is_some()))
}

fn text_of(path: &Path) -> (String, String) {
    let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    (name, std::fs::read_to_string(path).unwrap())
}

/// A text of lines before and after what was taken out.
fn joined(before: &[&str], after: &[&str]) -> String {
    [before, after].concat().join("\n") + "\n"
}

/// The text without each line, from the first one on, a stride apart.
fn without_lines(text: &str, first: usize) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let without = |at: usize| joined(&lines[..at], &lines[at + 1..]);
    (first..lines.len()).step_by(STRIDE).map(without).collect()
}

/// The text without each block that ends with its own line, and with nothing in it.
fn without_blocks(text: &str, first: usize) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let opens = (0..lines.len()).filter(|at| lines[*at].ends_with('{'));
    let blocks = opens.filter_map(|open| {
        let close = (open + 1..lines.len()).find(|at| lines[*at].trim() == "}" && indent(lines[*at]) == indent(lines[open]))?;
        Some((open, close))
    });
    let cut = blocks.skip(first % 6).step_by(6);
    cut.flat_map(|(open, close)| [joined(&lines[..open], &lines[close + 1..]), joined(&lines[..=open], &lines[close..])]).collect()
}

#[test]
fn what_is_refused_has_no_meaning() {
    let all = programs("tests/rejected");
    let found: Vec<String> = all.iter().map(|path| text_of(path)).filter_map(|(name, text)| disagrees(&name, text)).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_damaged_program_has_a_meaning_or_an_error() {
    let mut copies = 0;
    let mut found = Vec::new();
    for (at, path) in shipped().iter().chain(&programs("tests/language")).enumerate() {
        let (name, text) = text_of(path);
        let damaged = without_lines(&text, at % STRIDE).into_iter().chain(without_blocks(&text, at));
        for text in damaged {
            copies += 1;
            found.extend(disagrees(&name, text));
        }
    }
    assert!(copies > 500, "{copies} copies");
    assert!(found.is_empty(), "{} of {copies}\n{}", found.len(), found.join("\n"));
}
