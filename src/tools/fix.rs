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
const CHAIN: usize = 6;

/// How many mends of one program are looked at.
const MOST: usize = 1000;

/// How many findings are shown with what mends them; the others have theirs when those before are gone.
const MOST_SHOWN: usize = 100;

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

/// A finding with the text that is to mend it.
type Mend = (Diagnostic, Fix);

/// Takes the fixes away that do not mend their findings, and writes out those that need another one behind them: what a
/// program is told to write is what stands there when its finding is gone.
pub fn prove(source: &Source, found: &mut [Diagnostic], read: Read) {
    let now = Looked { source: source.clone(), found: found.to_vec() };
    for (at, finding) in found.iter_mut().enumerate() {
        let Some(fix) = finding.fix.clone() else { continue };
        let trial = (at < MOST_SHOWN).then(|| Trial::of(&now, vec![(finding.clone(), fix.clone())], read));
        match trial.filter(Trial::mends_its_place) {
            Some(trial) => finding.fix = Some(trial.written_out(finding, &fix)),
            None => finding.without_fix(),
        }
    }
}

/// Mends a program: the safe fixes, from top to bottom, each with those that it needs beside it. Files that it
/// imports are left as they are.
pub fn mend(name: &str, text: &str, read: Read) -> Mended {
    let mut mended = Mended { text: text.to_owned(), changes: Vec::new(), refused: Vec::new() };
    let mut now = look(Source::new(name, text), read);
    let mut from = 0;
    for _ in 0..MOST {
        let Some(next) = safe(&now).into_iter().find(|(_, fix)| fix.span.start >= from) else { break };
        from = next.1.span.start;
        match Trial::of(&now, vec![next], read) {
            trial if trial.mends() => now = trial.applied(&now, &mut mended),
            _ => from += 1,
        }
    }
    mended.refused = refused(&now, read);
    now.own_text().clone_into(&mut mended.text);
    mended
}

/// The fixes that are left, each with what would be found then.
fn refused(now: &Looked, read: Read) -> Vec<Refused> {
    let left = safe(now).into_iter().map(|mend| {
        let (message, place) = (mend.0.message.clone(), now.source.line_column(mend.1.span.start));
        let trial = Trial::of(now, vec![mend], read);
        let instead = trial.new.first().or_else(|| trial.mends.first().map(|(found, _)| found));
        Refused { message, place, instead: instead.map(|found| format!("{}: {}", found.code, found.message)).unwrap_or_default() }
    });
    left.collect()
}

fn look(source: Source, read: Read) -> Looked {
    let source = syntax::load(source, read);
    let checked = check(&source, &syntax::parse(&source));
    let found = compile(checked).0;
    Looked { source, found }
}

impl Looked {
    /// The text of the program itself, without what it imports.
    fn own_text(&self) -> &str {
        self.source.files().first().map_or("", |file| self.source.slice(file.span))
    }

    /// Whether a place lies in the program itself, and not in what it imports.
    fn is_own(&self, span: Span) -> bool {
        self.source.files().len() == 1 || self.source.files().first().is_some_and(|file| file.span.holds(span))
    }

    /// How often something is found, by its code and words.
    fn times(&self, one: &Diagnostic) -> usize {
        self.found.iter().filter(|other| (other.code, &other.message) == (one.code, &one.message)).count()
    }

    /// The program with some fixes; places that hold them grow with what stands there, those behind them move.
    fn with(&self, fixes: &[Fix], places: &mut [Span], read: Read) -> Self {
        let mut texts: Vec<(String, String)> =
            self.source.files().iter().map(|file| (file.name.clone(), self.source.slice(file.span).to_owned())).collect();
        let mut fixes: Vec<&Fix> = fixes.iter().collect();
        fixes.sort_by_key(|fix| std::cmp::Reverse(fix.span));
        for fix in fixes {
            let Some(file) = self.source.files().iter().position(|file| file.span.holds(fix.span)) else { continue };
            let base = self.source.files()[file].span.range().start;
            let range = fix.span.range();
            texts[file].1.replace_range(range.start - base..range.end - base, &fix.text);
            let moved = |at: u32| at.saturating_add(length(&fix.text)).saturating_sub(fix.span.end - fix.span.start);
            for place in places.iter_mut() {
                if place.start > fix.span.start {
                    place.start = moved(place.start);
                }
                if place.end >= fix.span.end {
                    place.end = moved(place.end);
                }
            }
        }
        let own = texts.remove(0);
        let mut imported = |name: &str| match texts.iter().find(|(known, _)| known == name) {
            Some((_, text)) => Ok(text.clone()),
            None => read(name),
        };
        look(Source::new(own.0, own.1), &mut imported)
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// The safe fixes of the program's own text, in the order of their places.
fn safe(now: &Looked) -> Vec<Mend> {
    let Some(own) = now.source.files().first().map(|file| file.span) else { return Vec::new() };
    let of = |found: &Diagnostic| Some((found.clone(), found.fix.clone().filter(|fix| fix.safe && own.holds(fix.span))?));
    let mut safe: Vec<Mend> = now.found.iter().filter_map(of).collect();
    safe.sort_by_key(|(_, fix)| fix.span);
    safe
}

/// A program with some fixes, and those that follow from them.
struct Trial {
    mends: Vec<Mend>,
    /// What was replaced, in the text before.
    replaced: Vec<Span>,
    /// What stands there now.
    places: Vec<Span>,
    then: Looked,
    /// The errors that were not there before.
    new: Vec<Diagnostic>,
    gone: bool,
}

impl Trial {
    fn of(before: &Looked, mut mends: Vec<Mend>, read: Read) -> Self {
        let fixes: Vec<Fix> = mends.iter().map(|(_, fix)| fix.clone()).collect();
        let mut replaced: Vec<Span> = fixes.iter().map(|fix| fix.span).collect();
        let mut places = replaced.clone();
        let mut then = before.with(&fixes, &mut places, read);
        let asked = mends.len();
        for _ in 0..CHAIN {
            let new = then.found.iter().filter(|next| before.times(next) < then.times(next));
            let further = new.filter_map(|next| Some((next.clone(), next.fix.clone().filter(|fix| fix.safe)?)));
            // What joins a place belongs to it; what was hidden by a finding is mended with it.
            let mut further: Vec<Mend> = further.filter(|(_, fix)| before.is_own(fix.span)).collect();
            further.sort_by_key(|(_, fix)| !places.iter().any(|place| meets(*place, fix.span)));
            let Some((finding, fix)) = further.into_iter().next() else { break };
            match places.iter().position(|place| meets(*place, fix.span)) {
                Some(at) => widen(&mut replaced[at], &mut places[at], fix.span),
                None => {
                    replaced.push(in_the_text_before(&replaced, &places, fix.span));
                    places.push(fix.span);
                    mends.push((finding, fix.clone()));
                }
            }
            then = then.with(&[fix], &mut places, read);
        }
        let new = then.found.iter().filter(|next| next.severity() == Severity::Error && before.times(next) < then.times(next));
        let new = new.cloned().collect();
        let same =
            |found: &Diagnostic| mends[..asked].iter().filter(|(one, _)| (one.code, &one.message) == (found.code, &found.message)).count();
        let gone = mends[..asked].iter().all(|(found, _)| then.times(found) + same(found) <= before.times(found));
        Self { mends, replaced, places, then, new, gone }
    }

    /// Whether what was found is gone, and nothing else has come.
    fn mends(&self) -> bool {
        self.gone && self.new.is_empty()
    }

    /// Whether what was found is gone, and no error is found at the place itself. One that stands elsewhere was hidden by it.
    fn mends_its_place(&self) -> bool {
        let comes_of_it = |found: &Diagnostic| match found.code {
            code if code <= Code::NoProgram => true,
            code if code <= Code::Misplaced => self.places.iter().any(|place| meets(*place, found.span)),
            // A guess at what was meant does not fit; a slip of the pen is mended, whatever else is wrong there.
            _ => self.is_guess() && self.places.iter().any(|place| place.start < found.span.end && found.span.start < place.end),
        };
        self.gone && !self.new.iter().any(comes_of_it)
    }

    fn is_guess(&self) -> bool {
        self.mends.iter().any(|(_, fix)| !fix.safe)
    }

    /// The fix of a finding with what followed from it; its help says the same.
    fn written_out(&self, found: &mut Diagnostic, fix: &Fix) -> Fix {
        let (Some(span), Some(place)) = (self.replaced.first(), self.places.first()) else { return fix.clone() };
        let text = self.then.source.slice(*place).to_owned();
        if text != fix.text {
            let said = |text: &str| format!("`{}`", text.trim());
            found.help = found.help.take().map(|help| help.replace(&said(&fix.text), &said(&text)));
        }
        Fix { span: *span, text, safe: fix.safe }
    }

    /// The program with these fixes, which are told.
    fn applied(self, before: &Looked, mended: &mut Mended) -> Looked {
        let mut told: Vec<_> = self.mends.into_iter().zip(self.replaced).zip(self.places).collect();
        told.sort_by_key(|((_, span), _)| *span);
        for (((found, _), span), place) in told {
            mended.changes.push(Change {
                code: found.code,
                message: found.message,
                place: before.source.line_column(span.start),
                before: before.source.slice(span).to_owned(),
                after: self.then.source.slice(place).to_owned(),
            });
        }
        self.then
    }
}

/// Whether two places overlap or stand side by side, with at most a blank between them.
fn meets(one: Span, other: Span) -> bool {
    other.start <= one.end.saturating_add(1) && one.start <= other.end.saturating_add(1)
}

/// Where a place of the text with some fixes stood in the text before them.
fn in_the_text_before(replaced: &[Span], places: &[Span], span: Span) -> Span {
    let back = |at: u32| {
        let behind = replaced.iter().zip(places).filter(|(_, place)| place.end <= span.start);
        behind.fold(at, |at, (before, now)| (at + (before.end - before.start)).saturating_sub(now.end - now.start))
    };
    Span { start: back(span.start), end: back(span.end) }
}

/// Lets a place hold another one, and what was replaced there as much more.
fn widen(replaced: &mut Span, place: &mut Span, other: Span) {
    replaced.start -= place.start.saturating_sub(other.start);
    replaced.end += other.end.saturating_sub(place.end);
    *place = place.to(other);
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
