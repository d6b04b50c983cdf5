//! `ringfence dump`

use std::path::Path;

use super::{Exit, Stage, files, render};
use crate::syntax;

/// Prints a stage of a program's way from text to code.
pub(super) fn run(path: &Path, stage: Stage) -> Result<Exit, String> {
    if matches!(stage, Stage::Ast) {
        let source = files::source(path)?;
        render::line(&format!("{:#?}", syntax::parse(&source).program));
        return Ok(Exit::Ok);
    }
    let (source, checked) = files::checked(path)?;
    let Some(program) = super::compiled(&source, checked) else {
        return Ok(Exit::Found);
    };
    let listing = match stage {
        Stage::Code => program.listing(),
        _ => crate::code::ir_listing(&program.ir),
    };
    render::line(&listing);
    Ok(Exit::Ok)
}
