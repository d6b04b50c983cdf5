//! The layout of programs: it is reached in one step, and says what was written.

use std::fs;
use std::path::PathBuf;

use ringfence::diagnostic::Code;
use ringfence::format::{format, same_program};
use ringfence::source::Source;
use ringfence::syntax::parse;

use crate::language::programs;
use crate::shipped::shipped;

/// Every program that is shipped or tested, those that must be rejected too.
fn texts() -> Vec<(PathBuf, String)> {
    let folders = ["tests/language", "tests/semantics", "tests/rejected", "tests/slips"].map(programs);
    let paths = folders.into_iter().flatten().chain(shipped());
    paths.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// A text with one slip: a line that is lost, said twice, or cut short, or a letter that is lost.
fn damaged(text: &str, seed: usize) -> String {
    let at = seed.wrapping_mul(7_919) % text.lines().count();
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        let line = match seed % 4 {
            _ if number != at => line.to_owned(),
            0 => continue,
            1 => format!("{line}\n{line}"),
            2 => line.chars().take(line.chars().count() / 2).collect(),
            _ => line.replacen(['{', '}', '"', '|', '(', ')'], "", 1),
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// Where braces do not balance, indentation tells what is meant: such a text is mended before it is laid out.
#[test]
fn the_layout_says_what_was_written() {
    for (path, text) in texts() {
        let (source, laid_out) = (Source::new("before", &*text), Source::new("after", format(&text)));
        let unbalanced = parse(&source).diagnostics.iter().any(|found| found.code == Code::Brace);
        assert!(unbalanced || same_program(&source, &laid_out), "{}", path.display());
    }
}

#[test]
fn the_layout_of_a_layout_is_itself_and_only_blanks_change() {
    for (path, text) in texts() {
        for text in std::iter::once(text.clone()).chain((0..8).map(|seed| damaged(&text, seed))) {
            let laid_out = format(&text);
            assert_eq!(format(&laid_out), laid_out, "{}", path.display());
            assert_eq!(without_blanks(&laid_out), without_blanks(&text), "{}", path.display());
        }
    }
}

#[test]
fn the_shipped_programs_stand_in_the_layout() {
    for path in shipped() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(format(&text) == text, "{}: run `ringfence fmt rules`", path.display());
    }
}
