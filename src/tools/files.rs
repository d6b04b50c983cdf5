//! Reading programs and folders of them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::check::{Checked, check};
use crate::source::Source;
use crate::syntax;

use super::fix::prove;

/// The extension of programs.
const EXTENSION: &str = "fence";

/// The programs that paths name: files as they are, folders with everything below them, in order.
///
/// # Errors
/// In words, when a path cannot be read or names no program.
pub(super) fn programs(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in paths {
        let before = found.len();
        collect(path, &mut found)?;
        if found.len() == before {
            return Err(format!("no programs (*.{EXTENSION}) under {}", path.display()));
        }
    }
    Ok(found)
}

/// The programs that stand in a folder, those below it left out.
///
/// # Errors
/// In words, when it cannot be read.
pub(super) fn of_folder(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let inside = programs(&[folder.to_owned()])?;
    Ok(inside.into_iter().filter(|path| path.parent() == Some(folder)).collect())
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    if fs::metadata(path).map_err(cannot)?.is_file() {
        found.push(path.to_owned());
        return Ok(());
    }
    let mut inside =
        fs::read_dir(path).map_err(cannot)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(cannot)?;
    inside.sort();
    for inner in inside {
        if inner.is_dir() || inner.extension().is_some_and(|extension| extension == EXTENSION) {
            collect(&inner, found)?;
        }
    }
    Ok(())
}

/// A program's text.
///
/// # Errors
/// In words, when it cannot be read or is too large.
#[expect(clippy::disallowed_methods, reason = "reading files is what the tools are for")]
pub(super) fn source(path: &Path) -> Result<Source, String> {
    let bytes = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if bytes.len() > Source::MAX_BYTES {
        return Err(format!("{} is larger than {} MiB, which no program needs", path.display(), Source::MAX_BYTES >> 20));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        format!("{} is no UTF-8 text: byte {} cannot be read; save it as UTF-8", path.display(), error.utf8_error().valid_up_to())
    })?;
    Ok(Source::new(path.display().to_string(), text))
}

/// A program, parsed and checked.
///
/// # Errors
/// In words, when it cannot be read.
pub(super) fn checked(path: &Path) -> Result<(Source, Checked), String> {
    let read = &mut |name: &str| self::source(Path::new(name)).map(|source| source.text().to_owned());
    let source = syntax::load(source(path)?, read);
    let parsed = syntax::parse(&source);
    let mut checked = check(&source, &parsed);
    prove(&source, &mut checked.diagnostics, read);
    Ok((source, checked))
}

/// Writes a file.
///
/// # Errors
/// In words, when it cannot be written.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}
