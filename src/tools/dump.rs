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
    let Some(ir) = checked.ir else {
        for diagnostic in &checked.diagnostics {
            render::note(&format!("{}\n", render::diagnostic(&source, diagnostic)));
        }
        return Ok(Exit::Found);
    };
    for (id, node) in ir.nodes() {
        let phase = node.phase.map_or("every phase", |phase| ir.phase(phase).name.as_str());
        let moments: Vec<&str> = node.moments.iter().map(crate::vocabulary::Moment::name).collect();
        render::line(&format!("{:>4}  {}  [{phase}]  at {}", id.0, node.name, moments.join(", ")));
    }
    Ok(Exit::Ok)
}
