//! The shape of the source: which part may read which, and how long a file may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::shipped::root;

/// The parts of the library, each with the parts it reads. A part that is to read another is entered
/// here first, and thought about. Above all: the reference evaluator shares nothing with what it checks
/// (`account`, `code`, `compile`, `engine`, `ledger`, `market`, `vm`), and nothing but the tool reads files.
const PARTS: &[(&str, &[&str])] = &[
    (
        "account",
        &[
            "bytes",
            "calendar",
            "check",
            "code",
            "compile",
            "event",
            "ir",
            "ledger",
            "market",
            "outcome",
            "syntax",
            "value",
            "versions",
            "vm",
            "vocabulary",
        ],
    ),
    ("book", &["account", "bytes", "calendar", "code", "event", "ledger", "market", "outcome", "value"]),
    ("bytes", &[]),
    ("calendar", &["value"]),
    ("check", &["calendar", "diagnostic", "ir", "source", "syntax", "value", "vocabulary"]),
    ("code", &["compile", "ir", "value", "vm", "vocabulary"]),
    ("compile", &["code", "diagnostic", "ir", "source", "syntax", "value", "vm", "vocabulary"]),
    ("diagnostic", &["source"]),
    ("engine", &["account", "bytes", "calendar", "check", "code", "event", "ir", "market", "outcome", "scenario", "value"]),
    ("event", &["value"]),
    ("format", &["source", "syntax"]),
    ("hooks", &["bytes", "event", "outcome", "value"]),
    ("host", &["source", "syntax"]),
    ("ir", &["calendar", "check", "source", "syntax", "value", "vocabulary"]),
    ("journal", &["bytes", "code", "compile", "engine", "event", "outcome", "recompute", "source", "value"]),
    ("ledger", &["value"]),
    ("market", &["bytes", "calendar", "event", "value", "vm"]),
    ("outcome", &["value"]),
    ("page", &["calendar", "check", "code", "engine", "event", "ir", "outcome", "scenario", "source", "syntax", "value", "vocabulary"]),
    ("readers", &["event", "value"]),
    ("recompute", &["calendar", "check", "code", "engine", "event", "outcome", "scenario", "value"]),
    ("reference", &["calendar", "check", "event", "ir", "outcome", "scenario", "syntax", "value", "vocabulary"]),
    (
        "repl",
        &[
            "calendar",
            "check",
            "code",
            "compile",
            "diagnostic",
            "engine",
            "event",
            "ir",
            "market",
            "outcome",
            "scenario",
            "sentences",
            "source",
            "syntax",
            "value",
            "vocabulary",
        ],
    ),
    ("replay", &["account", "calendar", "code", "engine", "event", "ledger", "market", "outcome", "value", "vm"]),
    ("report", &["calendar", "engine", "event", "ir", "outcome", "syntax", "value", "vocabulary"]),
    ("scenario", &["calendar", "check", "event", "ir", "outcome", "source", "syntax", "value"]),
    ("selftest", &["calendar", "check", "code", "engine", "event", "outcome", "reference", "scenario", "value"]),
    ("sentences", &["calendar", "engine", "ir", "outcome", "source", "syntax", "value", "vocabulary"]),
    ("source", &[]),
    ("syntax", &["diagnostic", "source", "value", "vocabulary"]),
    (
        "testing",
        &[
            "calendar",
            "check",
            "code",
            "compile",
            "engine",
            "ir",
            "outcome",
            "reference",
            "scenario",
            "source",
            "syntax",
            "value",
            "vocabulary",
        ],
    ),
    (
        "tools",
        &[
            "calendar",
            "check",
            "code",
            "compile",
            "diagnostic",
            "engine",
            "event",
            "format",
            "ir",
            "journal",
            "outcome",
            "page",
            "readers",
            "recompute",
            "repl",
            "replay",
            "report",
            "scenario",
            "selftest",
            "sentences",
            "source",
            "syntax",
            "testing",
            "value",
            "versions",
        ],
    ),
    ("value", &[]),
    ("versions", &["bytes", "check", "code", "ir", "source", "syntax", "value"]),
    ("vm", &["code", "compile", "ir", "outcome", "syntax", "value", "vocabulary"]),
    ("vocabulary", &["value"]),
];

/// Lines that one can read in a sitting.
const LONGEST: usize = 510;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // What builds leave behind is no source.
            if !path.ends_with("target") {
                files(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

pub(crate) fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        files(&root().join(folder), &mut found);
    }
    found.sort();
    found
}

/// What a file reads of other parts of the library, outside its tests and comments.
fn reads(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let names = code.split("crate::").skip(1);
    names.map(|rest| rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()).collect()
}

#[test]
fn each_part_reads_what_it_may() {
    let source = root().join("src");
    let mut wrong = Vec::new();
    for path in sources(&["src"]) {
        let inside = path.strip_prefix(&source).unwrap();
        let part = inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        let is_test = inside.iter().any(|step| step == "tests" || step == "tests.rs");
        if is_test || part == "lib" || part == "main" {
            continue;
        }
        let Some((_, allowed)) = PARTS.iter().find(|(name, _)| *name == part) else {
            wrong.push(format!("{part} is no known part"));
            continue;
        };
        for read in reads(&fs::read_to_string(&path).unwrap()) {
            let is_part = PARTS.iter().any(|(name, _)| *name == read);
            if is_part && read != part && !allowed.contains(&read.as_str()) {
                wrong.push(format!("{} reads {read}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A part that is allowed and read by nothing would hide the next one.
#[test]
fn nothing_is_allowed_that_is_not_used() {
    let source = root().join("src");
    for (part, allowed) in PARTS {
        let mut read = BTreeSet::new();
        for path in sources(&["src"]) {
            let inside = path.strip_prefix(&source).unwrap();
            if inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs") == *part {
                read.extend(reads(&fs::read_to_string(&path).unwrap()));
            }
        }
        for other in *allowed {
            assert!(read.contains(*other), "{part} does not read {other}");
        }
    }
}

#[test]
fn files_can_be_read_in_a_sitting() {
    for path in sources(&["src", "tests", "benches", "examples"]) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST, "{}: {lines} lines", path.display());
    }
}
