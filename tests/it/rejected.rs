//! Programs that must be rejected, one mistake each: what their authors are told.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ringfence::check::check;
use ringfence::diagnostic::{Diagnostic, Severity};
use ringfence::source::Source;
use ringfence::syntax::parse;
use ringfence::tools::plain_diagnostic;

/// Each program of the folder with its findings, by name.
fn rejected() -> BTreeMap<String, (Source, Vec<Diagnostic>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rejected");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let programs = files.filter(|path| path.extension().is_some_and(|extension| extension == "fence"));
    programs
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let source = Source::new(format!("{name}.fence"), fs::read_to_string(&path).unwrap());
            let checked = check(&source, &parse(&source));
            (name, (source, checked.diagnostics))
        })
        .collect()
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|found| found.severity() == Severity::Error).count()
}

#[test]
fn each_mistake_is_told_in_words_that_were_read() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../rejected/told");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let all = rejected();
    assert!(all.len() >= 50, "{} programs", all.len());
    for (name, (source, found)) in all {
        let told = found.iter().fold(String::new(), |mut told, one| {
            let _ = writeln!(told, "{}\n", plain_diagnostic(&source, one));
            told
        });
        assert!(errors(&found) > 0, "{name} is accepted");
        settings.bind(|| insta::assert_snapshot!(name, told));
    }
}

/// Independent mistakes are all told in one run, each once.
#[test]
fn one_mistake_is_one_error() {
    for (name, (_, found)) in rejected() {
        let expected = if name == "six-mistakes" { 6 } else { 1 };
        assert_eq!(errors(&found), expected, "{name}: {:#?}", found.iter().map(|one| &one.message).collect::<Vec<_>>());
    }
}
