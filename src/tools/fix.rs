//! `ringfence check --fix`: the mends that are certain, each applied only where its finding is then gone.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::check::check;
use crate::diagnostic::{Code, Diagnostic, Fix, Severity};
use crate::source::{Source, Span};
use crate::syntax;

use super::{compile, files, render};

/// How many mends may follow from one another, such as `50k` that becomes `50,000` and then `$50,000`.
const CHAIN: usize = 3;

/// How many mends of one program are looked at.
const MOST: usize = 1000;

/// A mend that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The finding that is gone with it.
    pub code: Code,
    /// What it said.
    pub message: String,
    /// Its line and column.
    pub place: (usize, usize),
    /// The text that stood there.
    pub before: String,
    /// The text that stands there now.
    pub after: String,
}

/// A mend that was not applied, because another error would have come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What its finding said.
    pub message: String,
    /// Its line and column.
    pub place: (usize, usize),
    /// What would have been found then.
    pub instead: String,
}

/// A program with what could be mended in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// Its text.
    pub text: String,
    /// What was changed, in the order of the places.
    pub changes: Vec<Change>,
    /// What was not.
    pub refused: Vec<Refused>,
}

/// A text of a program with everything that is found in it.
struct Looked {
    source: Source,
    found: Vec<Diagnostic>,
}

/// Reads what a program imports, by its path.
type Read<'r> = &'r mut dyn FnMut(&str) -> Result<String, String>;

/// Mends a program: the safe fixes, from top to bottom. Files that it imports are left as they are.
pub fn mend(name: &str, text: &str, read: Read) -> Mended {
    let mut mended = Mended { text: text.to_owned(), changes: Vec::new(), refused: Vec::new() };
    let mut now = look(name, text, read);
    let mut from = 0;
    for _ in 0..MOST {
        let Some((found, fix)) = next_safe(&now, from) else { break };
        let place = now.source.line_column(fix.span.start);
        from = fix.span.start;
        match tried(&now, &found, &fix, read) {
            Ok((then, after)) => {
                let before = now.source.slice(fix.span).to_owned();
                mended.changes.push(Change { code: found.code, message: found.message, place, before, after });
                now = then;
            }
            Err(instead) => {
                mended.refused.push(Refused { message: found.message, place, instead });
                from += 1;
            }
        }
    }
    now.own_text().clone_into(&mut mended.text);
    mended
}

fn look(name: &str, text: &str, read: Read) -> Looked {
    let source = syntax::load(Source::new(name, text), read);
    let checked = check(&source, &syntax::parse(&source));
    let found = compile(checked).0;
    Looked { source, found }
}

impl Looked {
    /// The text of the program itself, without what it imports.
    fn own_text(&self) -> &str {
        self.source.files().first().map_or("", |file| self.source.slice(file.span))
    }

    /// How often something is found, by its code and words.
    fn times(&self, one: &Diagnostic) -> usize {
        self.found.iter().filter(|other| (other.code, &other.message) == (one.code, &one.message)).count()
    }
}

/// The first safe fix of the program's own text at or behind a place.
fn next_safe(now: &Looked, from: u32) -> Option<(Diagnostic, Fix)> {
    let own = now.source.files().first()?.span;
    let safe = now.found.iter().filter_map(|found| Some((found, found.fix.as_ref().filter(|fix| fix.safe && own.holds(fix.span))?)));
    let next = safe.filter(|(_, fix)| fix.span.start >= from).min_by_key(|(_, fix)| fix.span);
    next.map(|(found, fix)| (found.clone(), fix.clone()))
}

/// The program with a fix and those that follow from it, and the text that then stands there; or what is found instead.
fn tried(before: &Looked, found: &Diagnostic, fix: &Fix, read: Read) -> Result<(Looked, String), String> {
    let mut place = Span { start: fix.span.start, end: fix.span.start };
    let mut then = with(before, fix, &mut place, read);
    for _ in 0..CHAIN {
        let further = then.found.iter().filter(|next| before.times(next) < then.times(next)).find_map(|next| next.fix.clone());
        match further.filter(|next| next.safe && place.holds(next.span)) {
            Some(next) => then = with(&then, &next, &mut place, read),
            None => break,
        }
    }
    let new = then.found.iter().find(|next| next.severity() == Severity::Error && before.times(next) < then.times(next));
    if let Some(new) = new {
        return Err(format!("{}: {}", new.code, new.message));
    }
    if then.times(found) >= before.times(found) {
        return Err(format!("{}: {}", found.code, found.message));
    }
    let after = then.source.slice(place).to_owned();
    Ok((then, after))
}

/// The program with a fix; the place grows with what stands there.
fn with(before: &Looked, fix: &Fix, place: &mut Span, read: Read) -> Looked {
    let mut text = before.own_text().to_owned();
    text.replace_range(fix.span.range(), &fix.text);
    let shorter = u32::try_from(fix.span.range().len()).unwrap_or(u32::MAX);
    let longer = u32::try_from(fix.text.len()).unwrap_or(u32::MAX);
    place.end = place.end.max(fix.span.end).saturating_add(longer).saturating_sub(shorter);
    look(before.source.name(), &text, read)
}

/// Mends programs in place, or shows how they would be mended, and says what was done.
pub(super) fn run(path: &Path, dry: bool, json: bool) -> Result<usize, String> {
    let source = files::source(path)?;
    let mended = mend(source.name(), source.text(), &mut |name| files::source(Path::new(name)).map(|source| source.text().to_owned()));
    if dry && !json {
        let diff = similar::TextDiff::from_lines(source.text(), &mended.text);
        if !mended.changes.is_empty() {
            render::line(diff.unified_diff().header(source.name(), "mended").to_string().trim_end());
        }
    } else if !dry && !mended.changes.is_empty() {
        replace(path, &mended.text)?;
    }
    for change in &mended.changes {
        tell_change(source.name(), change, dry, json);
    }
    for refused in &mended.refused {
        let (line, column) = refused.place;
        render::note(&format!("left {}:{line}:{column}: {}; mended, it would be {}", source.name(), refused.message, refused.instead));
    }
    Ok(mended.changes.len())
}

fn tell_change(name: &str, change: &Change, dry: bool, json: bool) {
    let (line, column) = change.place;
    if json {
        let told = serde_json::json!({ "file": name, "code": change.code.id(), "line": line, "column": column, "before": change.before, "after": change.after, "applied": !dry });
        render::line(&told.to_string());
    } else if !dry {
        let before = if change.before.is_empty() { String::new() } else { format!("`{}` -> ", change.before) };
        render::line(&format!("fixed {name}:{line}:{column}: {before}`{}` ({}: {})", change.after.trim(), change.code, change.message));
    }
}

/// Writes a file as a whole: another one beside it takes its place.
fn replace(path: &Path, text: &str) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
    // What a link points to is replaced, not the link.
    let path = fs::canonicalize(path).map_err(cannot)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let written = fs::File::create_new(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.set_permissions(fs::metadata(&path)?.permissions())?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, &path)).map_err(|error| {
        let _ = fs::remove_file(&beside);
        cannot(error)
    })
}
