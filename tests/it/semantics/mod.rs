//! The page `docs/semantics.md`: each of its statements is cited by a test, each citation is of a
//! statement of the page, and the worked timeline is what the engine does.
//!
//! A scenario cites a statement by `cites "days.4"`. A Rust test cites it in its doc comment, by a
//! line `docs/semantics.md: days.4, days.5` right above its attributes.

mod events;
mod marks;
mod pair;
mod refused;
mod timeline;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ringfence::check::check;
use ringfence::source::Source;
use ringfence::syntax::parse;

use crate::language::programs;

/// The page.
const PAGE: &str = include_str!("../../../docs/semantics.md");

/// How a doc comment cites.
const CITES: &str = "/// docs/semantics.md: ";

/// The numbers of the page's statements, in its order: `- **days.4** …`.
fn statements() -> Vec<String> {
    let numbers = PAGE.lines().filter_map(|line| line.strip_prefix("- **")?.split_once("**"));
    numbers.map(|(number, _)| number.to_owned()).collect()
}

/// Where each statement is cited.
fn citations() -> BTreeMap<String, Vec<String>> {
    let mut cited: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let scenarios = ["tests/semantics", "tests/language"].into_iter().flat_map(programs).flat_map(|path| of_scenarios(&path));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = ["src", "tests/it"].iter().flat_map(|folder| rust_files(&root.join(folder))).flat_map(|path| of_tests(&path));
    for (number, place) in scenarios.chain(tests) {
        cited.entry(number).or_default().push(place);
    }
    cited
}

fn of_scenarios(path: &Path) -> Vec<(String, String)> {
    let source = Source::new(path.display().to_string(), std::fs::read_to_string(path).unwrap());
    let checked = check(&source, &parse(&source));
    let scenarios = checked.ir.map(|ir| ir.scenarios).unwrap_or_default();
    let cites =
        scenarios.iter().flat_map(|scenario| scenario.cites.iter().map(|number| (number.node.clone(), scenario.title.node.clone())));
    cites.map(|(number, title)| (number, format!("{} `{title}`", path.display()))).collect()
}

fn of_tests(path: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(numbers) = line.strip_prefix(CITES) else { continue };
        let below = lines.iter().skip(at + 1).take_while(|line| line.starts_with("///") || line.starts_with("#["));
        assert!(below.clone().any(|line| *line == "#[test]"), "{}:{}: no test stands below the citation", path.display(), at + 1);
        found.extend(numbers.split(", ").map(|number| (number.to_owned(), format!("{}:{}", path.display(), at + 1))));
    }
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn numbers_are_unique_and_count_up() {
    let mut last: BTreeMap<String, u32> = BTreeMap::new();
    for number in statements() {
        let (section, place) = number.split_once('.').unwrap_or_else(|| panic!("`{number}` is no number of a statement"));
        let place: u32 = place.parse().unwrap_or_else(|_| panic!("`{number}` is no number of a statement"));
        let before = last.insert(section.to_owned(), place).unwrap_or(0);
        assert!(place > before, "`{number}` stands after `{section}.{before}`");
    }
}

#[test]
fn each_statement_is_cited_by_a_test() {
    let cited = citations();
    let missing: Vec<String> = statements().into_iter().filter(|number| !cited.contains_key(number)).collect();
    assert!(missing.is_empty(), "no test cites {}", missing.join(", "));
}

#[test]
fn each_citation_is_of_a_statement() {
    let known: BTreeSet<String> = statements().into_iter().collect();
    let sections: BTreeSet<&str> = known.iter().filter_map(|number| number.split_once('.')).map(|(section, _)| section).collect();
    let named = |number: &str| number.split_once('.').is_some_and(|(section, _)| sections.contains(section));
    // Scenarios of the language cite clauses of firms' terms too: only what is written like a statement is looked up.
    let unknown: Vec<String> = citations()
        .into_iter()
        .filter(|(number, places)| !known.contains(number) && (named(number) || places.iter().any(|place| place.contains("semantics"))))
        .map(|(number, places)| format!("{number}: {}", places.join(", ")))
        .collect();
    assert!(unknown.is_empty(), "the page has no such statement:\n{}", unknown.join("\n"));
}
