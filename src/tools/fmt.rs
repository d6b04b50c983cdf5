//! `ringfence fmt`

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::{Exit, files, render};
use crate::format::{format, same_program};
use crate::source::Source;

/// Formats programs in place, or says which are not in the layout.
pub(super) fn run(paths: &[PathBuf], check: bool) -> Result<Exit, String> {
    if paths == [Path::new("-")] {
        return standard_input(check);
    }
    let (mut changed, mut programs) = (0, 0_usize);
    for path in files::programs(paths)? {
        let source = files::source(&path)?;
        programs += 1;
        let formatted = formatted(&source)?;
        if formatted == source.text() {
            continue;
        }
        changed += 1;
        if check {
            render::line(&format!("{}: {}", path.display(), first_difference(source.text(), &formatted)));
        } else {
            fs::write(&path, &formatted).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            render::line(&format!("formatted {}", path.display()));
        }
    }
    let programs = render::counted(programs, "program", "programs");
    render::line(&format!("{programs}, {changed} {}", if check { "to be formatted" } else { "formatted" }));
    Ok(if check && changed > 0 { Exit::Found } else { Exit::Ok })
}

fn standard_input(check: bool) -> Result<Exit, String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| format!("cannot read standard input: {error}"))?;
    let source = Source::new("standard input", text);
    let formatted = formatted(&source)?;
    if check {
        return Ok(if formatted == source.text() { Exit::Ok } else { Exit::Found });
    }
    std::io::stdout().write_all(formatted.as_bytes()).map_err(|error| format!("cannot write standard output: {error}"))?;
    Ok(Exit::Ok)
}

/// The layout of a program, held against what was written: the same tree and the same comments.
fn formatted(source: &Source) -> Result<String, String> {
    let formatted = format(source.text());
    if same_program(source, &Source::new(source.name(), formatted.as_str())) {
        return Ok(formatted);
    }
    Err(format!(
        "{} is left as it is: its layout could not be told apart from its meaning; mend what `ringfence check` finds in it first",
        source.name()
    ))
}

fn first_difference(before: &str, after: &str) -> String {
    let at = before.lines().zip(after.lines()).position(|(before, after)| before != after);
    let at = at.unwrap_or_else(|| before.lines().count().min(after.lines().count()));
    let line = |text: &str| text.lines().nth(at).unwrap_or_default().to_owned();
    format!("line {}\n  is:     {}\n  wanted: {}", at + 1, line(before), line(after))
}
