//! `ringfence test --boundaries`

use std::fs;

use super::super::{Exit, render};
use super::Arguments;
use super::suite::Loaded;
use crate::testing::boundaries;

/// Writes scenarios at the edges of programs.
pub(super) fn run(arguments: &Arguments, programs: &[Loaded]) -> Result<Exit, String> {
    let mut text = String::new();
    for program in programs.iter().filter_map(Loaded::program).filter(|program| !program.program.ir.plans.names.is_empty()) {
        let generated = boundaries::scenarios(&program.source, &program.checked, &program.program, arguments.plan.as_deref())?;
        text.extend(["    // ", program.source.name(), "\n", &generated]);
    }
    match &arguments.out {
        Some(path) => fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?,
        None => render::line(text.trim_end()),
    }
    let refused = programs.iter().any(|program| program.program().is_none());
    Ok(if refused { Exit::Found } else { Exit::Ok })
}
