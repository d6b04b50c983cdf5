//! `ringfence check`

use std::path::PathBuf;

use super::{Exit, files, render};
use crate::diagnostic::Severity;

/// Checks programs and prints their findings: to stderr for people, to stdout as JSON.
pub(super) fn run(paths: &[PathBuf], json: bool) -> Result<Exit, String> {
    let (mut errors, mut warnings, mut programs) = (0, 0, 0);
    for path in files::programs(paths)? {
        let (source, checked) = files::checked(&path)?;
        programs += 1;
        for diagnostic in &checked.diagnostics {
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
    }
    Ok(if errors > 0 { Exit::Found } else { Exit::Ok })
}
