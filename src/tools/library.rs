//! `ringfence rules` and `ringfence new`: the programs of `rules/`, which the tool carries with it.

use std::fs;
use std::path::{Path, PathBuf};

use comfy_table::{ContentArrangement, Table, presets};
use include_dir::{Dir, include_dir};
use serde_json::json;

use super::{Exit, render};
use crate::check::{check, nearest};
use crate::ir::{Ir, NodeKind};
use crate::source::Source;
use crate::syntax;

static RULES: Dir = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// What a library program is, in a line.
struct Entry {
    name: String,
    ir: Ir,
}

/// Lists the programs with their plans and rules.
pub(super) fn list(filter: Option<&str>, json: bool) -> Result<Exit, String> {
    let wanted = filter.unwrap_or_default().to_lowercase();
    let mut entries: Vec<Entry> = names().iter().filter_map(|name| entry(name)).collect();
    entries.retain(|entry| format!("{} {} {}", entry.name, entry.firm(), entry.ir.title).to_lowercase().contains(&wanted));
    if entries.is_empty() {
        return Err(format!("the library has no program with `{wanted}` in its name, firm or title: `ringfence rules` lists all"));
    }
    if json {
        for entry in &entries {
            render::line(&entry.json().to_string());
        }
        return Ok(Exit::Ok);
    }
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["NAME", "PROGRAM", "PLANS", "RULES"]);
    for entry in &entries {
        table.add_row([entry.name.clone(), entry.title(), entry.plans(), entry.rules().join(", ")]);
    }
    render::line(&table.trim_fmt());
    let programs = render::counted(entries.len(), "program", "programs");
    render::line(&format!("\n{programs}, unofficial readings all; `ringfence new --from NAME` copies one as a start"));
    Ok(Exit::Ok)
}

/// A small program that explains itself.
const STARTER: &str = include_str!("starter.fence");

/// What the starter's comments call its file.
const STARTER_FILE: &str = "program.fence";

/// Writes a small program to begin with.
pub(super) fn begin(path: &Path) -> Result<Exit, String> {
    if path.is_dir() {
        return Err(format!("{0} is a folder: name the file, such as `ringfence new {0}/{STARTER_FILE}`", path.display()));
    }
    if path.extension().is_none_or(|extension| extension != "fence") {
        return Err(format!("a program's file ends in .fence: `ringfence new {}`", path.with_extension("fence").display()));
    }
    let name = path.display().to_string();
    write_all(&[(path.to_owned(), STARTER.replace(STARTER_FILE, &name).as_str())])?;
    render::line(&format!("next: read it, then `ringfence check {name}` and `ringfence test {name}`"));
    Ok(Exit::Ok)
}

/// Copies a program and what it imports into a folder.
pub(super) fn copy(name: &str, to: &Path) -> Result<Exit, String> {
    let name = name.trim_end_matches(".fence");
    let to = to.strip_prefix(".").unwrap_or(to);
    let names = names();
    if !names.iter().any(|known| known == name) {
        return Err(unknown(name, &names));
    }
    let source = loaded(name).ok_or_else(|| format!("`{name}` cannot be read"))?;
    let files: Vec<(PathBuf, &str)> = source.files().iter().map(|file| (to.join(&file.name), source.slice(file.span))).collect();
    write_all(&files)?;
    let program = to.join(format!("{name}.fence"));
    render::line(&format!("next: change it, then `ringfence check {0}` and `ringfence test {0}`", program.display()));
    Ok(Exit::Ok)
}

/// Why a program of the library is not copied to a file.
pub(super) fn into_a_folder(name: &str, file: &Path) -> String {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("FOLDER"));
    format!(
        "a program of the library is copied into a folder, with what it imports, under its own name: `ringfence new --from {name} --to {}`",
        folder.display()
    )
}

/// Writes files, none of them where another stands already.
#[expect(clippy::disallowed_methods, reason = "reading files is what the tools are for")]
fn write_all(files: &[(PathBuf, &str)]) -> Result<(), String> {
    let mut fresh = Vec::new();
    for (path, text) in files {
        match fs::read_to_string(path) {
            Ok(there) if there == *text => {}
            Ok(_) => {
                return Err(format!("{} is there and differs: nothing was written; choose another file or folder", path.display()));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => fresh.push((path, text)),
            Err(error) => return Err(format!("cannot read {}: {error}; nothing was written", path.display())),
        }
    }
    for (path, text) in fresh {
        let cannot = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
        fs::create_dir_all(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))).map_err(cannot)?;
        fs::write(path, text).map_err(cannot)?;
        render::line(&format!("wrote {}", path.display()));
    }
    Ok(())
}

fn unknown(name: &str, names: &[String]) -> String {
    let ending: Vec<&str> = names.iter().map(String::as_str).filter(|known| known.contains(name)).take(8).collect();
    let hint = match (ending.is_empty(), nearest(name, names.iter().map(String::as_str))) {
        (false, _) => format!("; did you mean {}?", ending.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        (true, Some(near)) => format!("; did you mean `{near}`?"),
        (true, None) => String::new(),
    };
    // What `rules` shows as the title is as likely to be typed.
    let hint = if hint.is_empty() { titled(name, names) } else { hint };
    format!("the library has no program `{name}`{hint} `ringfence rules` lists all")
}

/// The program whose title is that, or is nearest to it.
fn titled(title: &str, names: &[String]) -> String {
    let wanted = title.to_lowercase();
    let titles: Vec<(String, &String)> =
        names.iter().filter_map(|name| entry(name).map(|entry| (entry.title().to_lowercase(), name))).collect();
    let near = nearest(&wanted, titles.iter().map(|(title, _)| title.as_str()));
    let found = titles.iter().find(|(title, _)| title.contains(&wanted) || near == Some(title.as_str()));
    found.map_or_else(|| ";".to_owned(), |(_, name)| format!("; did you mean `{name}`?"))
}

/// The names of all programs of firms, in order: those under `common` are there to be imported.
fn names() -> Vec<String> {
    let mut names = Vec::new();
    collect(&RULES, &mut names);
    names.sort();
    names
}

fn collect(folder: &Dir, names: &mut Vec<String>) {
    for file in folder.files() {
        if let Some(name) = file.path().to_str().and_then(|path| path.strip_suffix(".fence")) {
            let programs = |text: &str| text.lines().any(|line| line.starts_with("program "));
            if file.contents_utf8().is_some_and(programs) {
                names.push(name.replace('\\', "/"));
            }
        }
    }
    folder.dirs().filter(|inner| inner.path() != Path::new("common")).for_each(|inner| collect(inner, names));
}

fn text(path: &str) -> Option<&'static str> {
    RULES.get_file(path).and_then(include_dir::File::contents_utf8)
}

/// A program with what it imports.
fn loaded(name: &str) -> Option<Source> {
    let path = format!("{name}.fence");
    let source = Source::new(path.as_str(), text(&path)?);
    Some(syntax::load(source, &mut |import| text(import).map(str::to_owned).ok_or_else(|| "the library has no such file".to_owned())))
}

fn entry(name: &str) -> Option<Entry> {
    let source = loaded(name)?;
    let ir = check(&source, &syntax::parse(&source)).ir?;
    Some(Entry { name: name.to_owned(), ir })
}

impl Entry {
    fn firm(&self) -> &str {
        &self.ir.header.firm
    }

    /// The plans; of many the first ones and the last.
    fn plans(&self) -> String {
        match self.ir.plans.names.as_slice() {
            [first, second, .., last] if self.ir.plans.names.len() > 5 => {
                format!("{first}, {second}, … {last} ({})", self.ir.plans.names.len())
            }
            names => names.join(", "),
        }
    }

    /// The firm and the program, the firm once.
    fn title(&self) -> String {
        let (firm, title) = (self.firm(), self.ir.title.as_str());
        if title.starts_with(firm) { title.to_owned() } else { format!("{firm} {title}") }
    }

    /// The titles of its limits and goals, each once.
    fn rules(&self) -> Vec<String> {
        let mut titles: Vec<String> = Vec::new();
        for (_, node) in self.ir.nodes() {
            if matches!(node.kind, NodeKind::Limit(_) | NodeKind::Goal(_)) && !titles.contains(&node.name) {
                titles.push(node.name.clone());
            }
        }
        titles
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "firm": self.firm(),
            "program": self.ir.title,
            "version": self.ir.header.version,
            "plans": self.ir.plans.names,
            "rules": self.rules(),
        })
    }
}
