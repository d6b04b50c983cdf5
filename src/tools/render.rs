//! What a person sees: diagnostics with their lines, and plain lines on the right stream.

use std::io::IsTerminal;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{File, Source, Span};

/// Prints a line of the result.
pub(super) fn line(text: &str) {
    anstream::println!("{text}");
}

/// How many there are of something, in words.
pub(super) fn counted(count: impl TryInto<u64>, one: &str, several: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    }
}

/// Prints a line beside the result: findings, progress, errors.
pub(super) fn note(text: &str) {
    anstream::eprintln!("{text}");
}

/// Prints why a command could not do its work.
pub(super) fn error(text: &str) {
    note(&format!("error: {text}"));
}

/// A finding as a person reads it, within the terminal; with colours, which streams that are no terminal strip.
pub fn diagnostic(source: &Source, diagnostic: &Diagnostic) -> String {
    let terminal = terminal_size::terminal_size_of(std::io::stderr());
    let width = terminal.map_or(usize::MAX, |(columns, _)| usize::from(columns.0).max(NARROWEST));
    render(source, diagnostic, &Renderer::styled(), width)
}

/// A finding as plain text.
pub fn plain_diagnostic(source: &Source, diagnostic: &Diagnostic) -> String {
    render(source, diagnostic, &Renderer::plain(), usize::MAX)
}

/// A finding as plain text in lines of so many columns.
pub fn diagnostic_within(source: &Source, diagnostic: &Diagnostic, width: usize) -> String {
    render(source, diagnostic, &Renderer::plain(), width)
}

/// Columns below which lines are not broken further.
const NARROWEST: usize = 40;

/// A text in lines of so many columns. What stands between backticks is kept together where it fits into one.
fn wrapped(text: &str, columns: usize) -> String {
    let (mut out, mut column) = (String::new(), 0);
    for piece in pieces(text, columns) {
        let length = piece.chars().count();
        if column > 0 && column + 1 + length > columns {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(piece);
        column += length;
    }
    out
}

/// The words of a text, and what stands between backticks as one of them.
fn pieces(text: &str, columns: usize) -> Vec<&str> {
    let (mut pieces, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        quoted ^= letter == '`';
        if letter == ' ' && !quoted {
            pieces.push(&text[start..at]);
            start = at + 1;
        }
    }
    pieces.push(&text[start..]);
    let fits = |piece: &&str| piece.chars().count() <= columns;
    pieces.into_iter().flat_map(|piece| if fits(&piece) { vec![piece] } else { piece.split(' ').collect() }).collect()
}

/// A finding in lines of so many columns. A label that does not fit beside its mark is told below.
fn render(source: &Source, diagnostic: &Diagnostic, renderer: &Renderer, width: usize) -> String {
    let mut shown = diagnostic.clone();
    while width != usize::MAX && !fits(&drawn(source, &shown, &Renderer::plain(), width), width) {
        let labels = std::iter::once((shown.span, &mut shown.label)).chain(shown.others.iter_mut().map(|(span, label)| (*span, label)));
        let Some((span, label)) = labels.filter(|(_, label)| !label.is_empty()).max_by_key(|(_, label)| label.chars().count()) else {
            break;
        };
        let told = format!("line {}: {}", source.line_column(span.start).0, std::mem::take(label));
        shown.notes.insert(0, told);
    }
    drawn(source, &shown, renderer, width)
}

/// Whether what is said fits; lines of the program, which begin with their number, and bare marks are as wide as they are.
fn fits(told: &str, width: usize) -> bool {
    let says = |line: &&str| !line.trim_start().starts_with(|c: char| c.is_ascii_digit()) && line.contains(char::is_alphabetic);
    told.lines().filter(says).all(|line| line.chars().count() <= width)
}

fn drawn(source: &Source, diagnostic: &Diagnostic, renderer: &Renderer, width: usize) -> String {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = wrapped(&diagnostic.message, width.saturating_sub("warning[W0000]: ".len()));
    let (line, _) = source.line_column(diagnostic.span.end.max(diagnostic.others.iter().map(|(span, _)| span.end).max().unwrap_or(0)));
    let beside = width.saturating_sub(line.to_string().len() + "  = note: ".len());
    let mut group = Group::with_title(level.primary_title(title.as_str()).id(diagnostic.code.id()));
    let home = source.file_at(diagnostic.span.start);
    let others = source.files().iter().filter(|file| *file != home);
    for file in std::iter::once(home).chain(others) {
        let mut annotations = Vec::new();
        if file == home {
            let primary = AnnotationKind::Primary.span(visible(file, diagnostic.span));
            annotations.push(if diagnostic.label.is_empty() { primary } else { primary.label(diagnostic.label.as_str()) });
        }
        for (span, label) in diagnostic.others.iter().filter(|(span, _)| source.file_at(span.start) == file) {
            let other = AnnotationKind::Context.span(visible(file, *span));
            annotations.push(if label.is_empty() { other } else { other.label(label.as_str()) });
        }
        let places = std::iter::once(diagnostic.span).chain(diagnostic.others.iter().map(|(span, _)| *span));
        if places.filter(|span| source.file_at(span.start) == file).any(|span| !can_be_shown(source, span)) {
            let (line, column) = source.line_column(diagnostic.span.start);
            let origin = Origin::path(file.name.as_str());
            group = group.element(if file == home { origin.line(line).char_column(column) } else { origin });
        } else if !annotations.is_empty() {
            group = group.element(Snippet::source(source.slice(file.span)).path(file.name.as_str()).annotations(annotations));
        }
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(wrapped(note, beside)));
    }
    let mended = diagnostic
        .fix
        .as_ref()
        .filter(|fix| diagnostic.help.is_some() && fix.text.len() <= 4 * LONGEST_LINE && can_be_shown(source, fix.span));
    let help = diagnostic.help.as_deref().unwrap_or_default();
    let mut groups = Vec::new();
    match mended {
        Some(fix) => {
            let file = source.file_at(fix.span.start);
            let patch = Patch::new(visible(file, fix.span), fix.text.as_str());
            let snippet = Snippet::source(source.slice(file.span)).patch(patch);
            let title = wrapped(help, width.saturating_sub("help: ".len()));
            groups.extend([group, Group::with_title(Level::HELP.secondary_title(title)).element(snippet)]);
        }
        None if help.is_empty() => groups.push(group),
        None => groups.push(group.element(Level::HELP.message(wrapped(help, beside)))),
    }
    let renderer = renderer.clone().decor_style(DecorStyle::Ascii);
    let renderer = if width == usize::MAX { renderer } else { renderer.term_width(width) };
    renderer.render(&groups)
}

/// The longest line that is shown, in bytes: nobody reads a longer one.
const LONGEST_LINE: usize = 4_000;

/// Whether the lines of a place are of a length that people read.
fn can_be_shown(source: &Source, span: Span) -> bool {
    let (text, range) = (source.text(), span.range());
    let start = text.get(..range.start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    let end = text.get(range.end..).map_or(text.len(), |behind| behind.find('\n').map_or(text.len(), |at| range.end + at));
    text.get(start..end).is_none_or(|lines| lines.lines().all(|line| line.len() <= LONGEST_LINE))
}

/// A place in a program with what is said of it: a title, a label at the place, notes below.
pub(super) fn place(source: &Source, span: Span, title: &str, label: &str, notes: &[String]) -> String {
    let file = source.file_at(span.start);
    let annotation = AnnotationKind::Primary.span(visible(file, span)).label(label);
    let snippet = Snippet::source(source.slice(file.span)).path(file.name.as_str()).annotation(annotation);
    let mut group = Group::with_title(Level::ERROR.primary_title(title)).element(snippet);
    for note in notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    Renderer::styled().decor_style(DecorStyle::Ascii).render(&[group])
}

/// A bar where a person watches.
pub(super) fn progress(length: Option<u64>, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    length.map_or_else(ProgressBar::no_length, ProgressBar::new).with_style(style)
}

/// A span as a range of its file's text.
fn visible(file: &File, span: Span) -> std::ops::Range<usize> {
    let (base, length) = (file.span.range().start, file.span.range().len());
    let inside = |at: usize| at.saturating_sub(base).min(length);
    let (start, end) = (inside(span.range().start), inside(span.range().end));
    start..end.max(start)
}

/// A finding for machines.
pub fn json_diagnostic(source: &Source, diagnostic: &Diagnostic) -> serde_json::Value {
    let place = |span: Span| {
        let (line, column) = source.line_column(span.start);
        let (end_line, end_column) = source.line_column(span.end);
        let file = source.file_at(span.start);
        let span = Span { start: span.start - file.span.start, end: span.end.saturating_sub(file.span.start) };
        json!({ "file": file.name, "start": span.start, "end": span.end, "line": line, "column": column, "end_line": end_line, "end_column": end_column })
    };
    json!({
        "file": source.file_at(diagnostic.span.start).name,
        "code": diagnostic.code.id(),
        "severity": match diagnostic.severity() { Severity::Error => "error", Severity::Warning => "warning" },
        "message": diagnostic.message,
        "place": place(diagnostic.span),
        "label": diagnostic.label,
        "others": diagnostic.others.iter().map(|(span, label)| json!({ "place": place(*span), "label": label })).collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "help": diagnostic.help,
        "fix": diagnostic.fix.as_ref().map(|fix| json!({ "place": place(fix.span), "text": fix.text, "safe": fix.safe })),
    })
}
