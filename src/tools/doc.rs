//! `ringfence doc`

use std::path::PathBuf;

use super::{Exit, files, render};
use crate::page;

/// What `doc` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The program.
    program: PathBuf,
    /// Speak of this plan alone, with its figures in the place of its columns.
    #[arg(long)]
    plan: Option<String>,
    /// Write HTML: one file that needs no other. So it is where nothing is said.
    #[arg(long, conflicts_with = "md")]
    html: bool,
    /// Write Markdown.
    #[arg(long)]
    md: bool,
    /// Write to this file; to standard output where it is left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes a program as the page of a rulebook.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let (source, checked) = files::checked(&arguments.program)?;
    let names = checked.names.clone();
    let Some(program) = super::compiled(&source, checked) else {
        return Ok(Exit::Found);
    };
    let page = page::page(&program, &names, arguments.plan.as_deref())?;
    let text = if arguments.md { page::markdown(&page) } else { page::html(&page) };
    match &arguments.out {
        Some(out) => files::write(out, &text)?,
        None => render::line(text.trim_end()),
    }
    for unsaid in &page.unsaid {
        render::note(&format!("note: \"{}\", line {}, is shown in the program's own words: {}", unsaid.rule, unsaid.line, unsaid.why));
    }
    Ok(Exit::Ok)
}
