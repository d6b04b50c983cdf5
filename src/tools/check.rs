//! `ringfence check`

use std::path::PathBuf;

use super::{Exit, explain, files, fix, render};
use crate::diagnostic::{Code, Severity};

/// What is done beside telling what is found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// Findings are printed as JSON.
    pub(super) json: bool,
    /// What is certain is mended.
    pub(super) fix: bool,
    /// Nothing is written.
    pub(super) dry_run: bool,
}

/// Checks programs and prints their findings: to stderr for people, to stdout as JSON.
pub(super) fn run(paths: &[PathBuf], options: Options) -> Result<Exit, String> {
    let (mut errors, mut warnings, mut programs, mut fixed, mut proposed) = (0_usize, 0_usize, 0, 0, 0);
    let mut gravest: Option<Code> = None;
    for path in files::programs(paths)? {
        if options.fix {
            fixed += fix::run(&path, options.dry_run, options.json)?;
        }
        let (source, checked) = files::checked(&path)?;
        programs += 1;
        for diagnostic in &super::compile(checked).0 {
            if gravest.is_none_or(|code| diagnostic.severity() < code.severity()) {
                gravest = Some(diagnostic.code);
            }
            proposed += usize::from(diagnostic.fix.as_ref().is_some_and(|fix| !fix.safe));
            match diagnostic.severity() {
                Severity::Error => errors += 1,
                Severity::Warning => warnings += 1,
            }
            if options.json {
                render::line(&render::json_diagnostic(&source, diagnostic).to_string());
            } else {
                render::note(&format!("{}\n", render::diagnostic(&source, diagnostic)));
            }
        }
    }
    if !options.json {
        let fixes = match (options.fix, options.dry_run) {
            (true, false) => format!(", {fixed} fixed"),
            (true, true) => format!(", {fixed} to be fixed"),
            (false, _) => String::new(),
        };
        // What is only likely is left to the author, and that is said.
        let left = if options.fix && proposed > 0 { format!(", {proposed} proposed and left to you") } else { String::new() };
        let (errors, warnings) = (render::counted(errors, "error", "errors"), render::counted(warnings, "warning", "warnings"));
        render::line(&format!("{programs} checked, {errors}, {warnings}{fixes}{left}"));
        if let Some(code) = gravest {
            render::note(&explain::hint(code));
        }
    }
    Ok(if errors > 0 || (options.dry_run && fixed > 0) { Exit::Found } else { Exit::Ok })
}
