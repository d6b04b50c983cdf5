//! Programs with their scenarios: read, checked, run.

use std::iter::Sum;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::{engine, files, render};
use crate::check::{Checked, Names};
use crate::code::Program;
use crate::scenario::{self, Report};
use crate::source::Source;
use crate::syntax::ast::Scenario;

/// How many scenarios held, how many did not, and how many programs have errors, so that none of theirs was run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) refused: usize,
}

impl Count {
    /// Whether anything is not as it should be.
    pub(super) const fn is_bad(self) -> bool {
        self.failed + self.refused > 0
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, count| Self {
            passed: sum.passed + count.passed,
            failed: sum.failed + count.failed,
            refused: sum.refused + count.refused,
        })
    }
}

/// A program that was read: one that can be run, or one whose findings forbid it.
#[derive(Debug)]
pub(super) enum Loaded {
    Runs(Box<Runnable>),
    Refused(Source),
}

/// A program that can be run.
#[derive(Debug)]
pub(super) struct Runnable {
    pub(super) source: Source,
    pub(super) checked: Checked,
    pub(super) names: Names,
    pub(super) program: Arc<Program>,
}

/// The scenarios of a program that were run.
#[derive(Debug)]
pub(super) enum Ran<'a> {
    Program(&'a Runnable, Vec<(&'a Scenario, Report)>),
    Refused(&'a Source),
}

/// Reads the programs that paths name; what is wrong with them is shown.
///
/// # Errors
/// In words, when a path cannot be read.
pub(super) fn load(paths: &[PathBuf]) -> Result<Vec<Loaded>, String> {
    files::programs(paths)?.iter().map(|path| load_one(path)).collect()
}

fn load_one(path: &Path) -> Result<Loaded, String> {
    let (source, mut checked) = files::checked(path)?;
    let ir = checked.ir.clone();
    let (diagnostics, program) = super::super::compile(checked.clone());
    let Some(program) = program else {
        if holds_scenarios_only(&source) {
            render::note(&format!(
                "error: {} holds scenarios only: append them to the program they were made for, and test that\n",
                source.name()
            ));
            return Ok(Loaded::Refused(source));
        }
        for diagnostic in &diagnostics {
            render::note(&format!("{}\n", render::diagnostic(&source, diagnostic)));
        }
        return Ok(Loaded::Refused(source));
    };
    checked.ir = ir;
    let names = checked.names.clone();
    Ok(Loaded::Runs(Box::new(Runnable { source, checked, names, program: Arc::new(program) })))
}

/// Whether a file begins with a scenario, as what `--boundaries` writes: outside of a program it means nothing.
fn holds_scenarios_only(source: &Source) -> bool {
    let mut lines = source.text().lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.next().is_some_and(|line| line.starts_with("scenario ")) && !source.text().lines().any(|line| line.starts_with("program "))
}

impl Loaded {
    /// The program, if it can be run.
    pub(super) fn program(&self) -> Option<&Runnable> {
        if let Self::Runs(program) = self { Some(program) } else { None }
    }

    /// The program's text, with what it imports.
    pub(super) fn source(&self) -> &Source {
        match self {
            Self::Runs(program) => &program.source,
            Self::Refused(source) => source,
        }
    }

    /// Runs the scenarios that are wanted; each is told as it ends.
    pub(super) fn run<'a>(
        &'a self,
        filter: Option<&'a str>,
        fail_fast: bool,
        tell: &mut dyn FnMut(&Runnable, &Scenario, &Report),
    ) -> Ran<'a> {
        let program = match self {
            Self::Runs(program) => program,
            Self::Refused(source) => return Ran::Refused(source),
        };
        let mut reports = Vec::new();
        for wanted in program.wanted(filter) {
            let report = scenario::run(&program.program.ir, &program.names, wanted, &mut engine(&program.program, None));
            tell(program, wanted, &report);
            let stops = fail_fast && !report.passed();
            reports.push((wanted, report));
            if stops {
                break;
            }
        }
        Ran::Program(program, reports)
    }
}

impl Runnable {
    /// The scenarios with a text in their title or among what they cite.
    pub(super) fn wanted<'a>(&'a self, filter: Option<&'a str>) -> impl Iterator<Item = &'a Scenario> {
        let has = |scenario: &Scenario, text: &str| {
            scenario.title.node.contains(text) || scenario.cites.iter().any(|cites| cites.node.contains(text))
        };
        self.program.ir.scenarios.iter().filter(move |scenario| filter.is_none_or(|text| has(scenario, text)))
    }
}

impl Ran<'_> {
    /// How many held.
    pub(super) fn count(&self) -> Count {
        match self {
            Self::Refused(_) => Count { refused: 1, ..Count::default() },
            Self::Program(_, reports) => {
                let passed = reports.iter().filter(|(_, report)| report.passed()).count();
                Count { passed, failed: reports.len() - passed, refused: 0 }
            }
        }
    }
}
