//! Results as `JUnit` XML: one suite a program, one case a scenario.

use std::fs::File;
use std::path::Path;

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::show;
use super::suite::{Ran, Runnable};
use crate::scenario::Report;
use crate::sentences;
use crate::syntax::ast::Scenario;

/// Writes the results. No times stand in them: the same results are the same bytes.
///
/// # Errors
/// In words, when the file cannot be written.
pub(super) fn write(path: &Path, ran: &[Ran]) -> Result<(), String> {
    let mut junit = Junit::new("ringfence");
    junit.add_test_suites(ran.iter().map(suite));
    let cannot = |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", path.display());
    let file = File::create(path).map_err(|error| cannot(&error))?;
    junit.serialize(file).map_err(|error| cannot(&error))
}

fn suite(ran: &Ran) -> TestSuite {
    match ran {
        Ran::Program(program, reports) => {
            let mut suite = TestSuite::new(program.source.name());
            suite.add_test_cases(reports.iter().map(|(scenario, report)| case(program, scenario, report)));
            suite
        }
        Ran::Refused(source) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message("the program has errors: see `ringfence check`").set_type("refused");
            let mut suite = TestSuite::new(source.name());
            suite.add_test_case(TestCase::new("check", status));
            suite
        }
    }
}

fn case(program: &Runnable, scenario: &Scenario, report: &Report) -> TestCase {
    let status = if report.passed() { TestCaseStatus::success() } else { failed(program, report) };
    let mut case = TestCase::new(report.title.as_str(), status);
    let (file, line, _) = show::place(program, scenario.title.span);
    case.set_classname(program.source.name()).set_assertions(report.expectations);
    case.extra.insert("file".into(), file.into());
    case.extra.insert("line".into(), line.to_string().into());
    case
}

fn failed(program: &Runnable, report: &Report) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let words = report.failures.iter().map(|failure| {
        let (file, line, column) = show::place(program, failure.span);
        let at = sentences::local(&program.program.ir, failure.at);
        format!("{file}:{line}:{column} at {at}\nexpected: {}\nfound: {}\n", show::expected(failure), failure.found)
    });
    status.set_description(words.collect::<Vec<_>>().join("\n"));
    if let Some(first) = report.failures.first() {
        let line = show::place(program, first.span).1;
        status.set_message(format!("line {line}: expected {}, found {}", show::expected(first), first.found)).set_type("expectation");
    }
    status
}
