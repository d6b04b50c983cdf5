//! `ringfence check`

use std::path::PathBuf;

use super::{Exit, explain, files, render};
use crate::diagnostic::{Code, Severity};

/// Checks programs and prints their findings: to stderr for people, to stdout as JSON.
pub(super) fn run(paths: &[PathBuf], json: bool) -> Result<Exit, String> {
    let (mut errors, mut warnings, mut programs) = (0, 0, 0);
    let mut gravest: Option<Code> = None;
    for path in files::programs(paths)? {
        let (source, checked) = files::checked(&path)?;
        programs += 1;
        for diagnostic in &super::compile(checked).0 {
            if gravest.is_none_or(|code| diagnostic.severity() < code.severity()) {
                gravest = Some(diagnostic.code);
            }
            match diagnostic.severity() {
                Severity::Error => errors += 1,
                Severity::Warning => warnings += 1,
            }
            if json {
                render::line(&render::json_diagnostic(&source, diagnostic).to_string());
            } else {
                render::note(&format!("{}\n", render::diagnostic(&source, diagnostic)));
            }
        }
    }
    if !json {
        render::line(&format!("{programs} checked, {errors} errors, {warnings} warnings"));
        if let Some(code) = gravest {
            render::note(&explain::hint(code));
        }
    }
    Ok(if errors > 0 { Exit::Found } else { Exit::Ok })
}
