//! `ringfence explain`: what a finding means, from the pages of `docs/findings/`, which the tool carries with it.

use std::cmp::Reverse;

use annotate_snippets::renderer::{AnsiColor, Effects, Style};
use include_dir::{Dir, include_dir};

use super::{Exit, render};
use crate::diagnostic::Code;

static PAGES: Dir = include_dir!("$CARGO_MANIFEST_DIR/docs/findings");

/// How many codes are named beside one that there is not.
const NEAREST: usize = 3;

/// How many letters may be wrong for a code to be near.
const FARTHEST: usize = 2;

/// Shows the page of a code, whatever the case of its letters.
///
/// # Errors
/// In words with the nearest codes, when there is no such code.
pub(super) fn page(id: &str) -> Result<Exit, String> {
    render::line(&words(id)?);
    Ok(Exit::Ok)
}

/// The page of a code.
///
/// # Errors
/// In words with the nearest codes, when there is no such code.
pub(super) fn words(id: &str) -> Result<String, String> {
    let code = Code::ALL.iter().find(|code| code.id().eq_ignore_ascii_case(id)).ok_or_else(|| unknown(id))?;
    let page = PAGES.get_file(format!("{code}.md")).and_then(include_dir::File::contents_utf8);
    let page = page.ok_or_else(|| format!("the page of {code} cannot be read"))?;
    Ok(shown(page).trim_end().to_owned())
}

/// Lists all codes with their titles.
pub(super) fn list() -> Exit {
    render::line(&all());
    Exit::Ok
}

/// All codes with their titles.
pub(super) fn all() -> String {
    let each: Vec<String> = Code::ALL.iter().map(|code| format!("{code}  {}", code.title())).collect();
    let each = each.join("\n");
    format!("{each}\n\nE… refuses a program, W… does not; `ringfence explain CODE` says what one means")
}

/// The line below findings that says where there is more about one of them.
pub(super) fn hint(code: Code) -> String {
    format!("`ringfence explain {code}` says more")
}

fn unknown(id: &str) -> String {
    let wanted = id.to_ascii_uppercase();
    let wrong = |code: &Code| strsim::damerau_levenshtein(&wanted, code.id());
    let alike = |code: &Code| wanted.bytes().zip(code.id().bytes()).take_while(|(a, b)| a == b).count();
    let mut near: Vec<Code> = Code::ALL.iter().copied().filter(|code| wrong(code) <= FARTHEST).collect();
    near.sort_by_key(|code| (wrong(code), Reverse(alike(code))));
    let near: Vec<&str> = near.iter().take(NEAREST).map(|code| code.id()).collect();
    let hint = if near.is_empty() { String::new() } else { format!("; the nearest: {}", near.join(", ")) };
    format!("there is no code `{id}`{hint}; `ringfence explain` lists all")
}

/// A page for a terminal: its examples stand further in instead of between fences.
fn shown(page: &str) -> String {
    let mut shown = String::new();
    let mut within = false;
    for line in page.lines() {
        match (line.strip_prefix("```"), within) {
            (Some(_), _) => {
                within = !within;
                continue;
            }
            (None, true) => shown.push_str(&example(line)),
            (None, false) => shown.push_str(&prose(line)),
        }
        shown.push('\n');
    }
    shown
}

fn prose(line: &str) -> String {
    match line {
        "Bad:" => styled(AnsiColor::Red.on_default(), line),
        "Good:" => styled(AnsiColor::Green.on_default(), line),
        _ => match line.strip_prefix("# ") {
            Some(title) => styled(Style::new().effects(Effects::BOLD), title),
            None => line.to_owned(),
        },
    }
}

/// A line of an example, its comment dimmed.
fn example(line: &str) -> String {
    if line.is_empty() {
        return String::new();
    }
    let (code, comment) = line.split_at(line.find("//").unwrap_or(line.len()));
    let comment = if comment.is_empty() { String::new() } else { styled(Style::new().effects(Effects::DIMMED), comment) };
    format!("    {code}{comment}")
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
