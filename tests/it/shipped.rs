//! The programs of `rules/`: each checks without a finding, and each of its scenarios holds on the
//! engine while the reference evaluator decides and keeps the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ringfence::check::{Checked, check};
use ringfence::scenario;
use ringfence::selftest::SideBySide;
use ringfence::source::Source;
use ringfence::syntax::{load, parse};

/// The programs and libraries of `rules/`, in the order of their paths.
pub(crate) fn shipped() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join("rules"), &mut found);
    found.sort();
    found
}

/// The folder of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "fence") {
            found.push(path);
        }
    }
}

/// A file with what it imports, checked; its name is its path from the project's folder.
pub(crate) fn checked(path: &Path) -> (Source, Checked) {
    let read = |name: &str| std::fs::read_to_string(root().join(name)).map_err(|error| error.to_string());
    let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    let source = load(Source::new(name.as_str(), read(&name).unwrap()), &mut |import| read(import));
    let found = check(&source, &parse(&source));
    (source, found)
}

/// What does not hold in a program; nothing for a library, which has no program.
fn findings(path: &Path) -> Vec<String> {
    let (source, checked) = checked(path);
    let place = |span: ringfence::source::Span| format!("{}:{}", source.file_at(span.start).name, source.line_column(span.start).0);
    let told: Vec<String> = checked.diagnostics.iter().map(|found| format!("{} {}", place(found.span), found.message)).collect();
    let Some(ir) = &checked.ir else { return told };
    let program = Arc::new(ringfence::compile::compile(ir.clone()).unwrap_or_else(|errors| panic!("{errors:#?}")));
    let mut found = told;
    for scenario in &ir.scenarios {
        let mut both = SideBySide::new(&program);
        let report = scenario::run(ir, &checked.names, scenario, &mut both);
        for failure in &report.failures {
            found.push(format!("{} `{}`: expected {}, found {}", place(failure.span), report.title, failure.expected, failure.found));
        }
        found.extend(both.disagreements().iter().take(3).map(|it| format!("{} `{}`: {it:?}", source.name(), report.title)));
    }
    found
}

#[test]
fn every_scenario_holds_on_both_evaluators() {
    let found: Vec<String> = shipped().iter().flat_map(|path| findings(path)).collect();
    assert!(found.is_empty(), "{} found\n{}", found.len(), found.join("\n"));
}
