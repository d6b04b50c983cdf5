//! The first pass over the text, without a grammar: comments and texts in quotes are recognised,
//! characters that programs do not use are replaced, nesting is capped, and lines that continue a
//! statement are joined to it. The result has the length of the text, so that places stay true.

use std::ops::Range;

use super::words::CONTINUATIONS;
use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::source::{Source, Span};
use crate::value::Weekday;

/// The deepest nesting of brackets and braces that is parsed.
pub(super) const MAX_NESTING: usize = 64;

/// A comment with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Which kind.
    pub kind: CommentKind,
    /// All of it, with its marks.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentKind {
    /// `// …`
    Line,
    /// `/* … */`
    Block,
    /// `/// …`: documents the item below.
    Doc,
}

/// A text made ready for the skeleton.
pub(super) struct Layout {
    /// As long as the source, with blanks for comments and for the ends of lines that go on.
    pub(super) text: String,
    /// The comments in order.
    pub(super) comments: Vec<Comment>,
    /// What was found on the way.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Prepares all files of a source, one behind the other.
pub(super) fn lay_out_files(source: &Source) -> Layout {
    let mut all = Layout { text: String::with_capacity(source.text().len()), comments: vec![], diagnostics: vec![] };
    for file in source.files() {
        let base = file.span.start;
        // A line end may have been put between two files.
        all.text.extend(std::iter::repeat_n('\n', (base as usize).saturating_sub(all.text.len())));
        let one = lay_out(source.slice(file.span));
        all.text.push_str(&one.text);
        all.comments.extend(one.comments.into_iter().map(|comment| Comment { span: comment.span.moved(base), ..comment }));
        all.diagnostics.extend(one.diagnostics.into_iter().map(|found| found.moved(base)));
    }
    all
}

/// Prepares a text.
fn lay_out(text: &str) -> Layout {
    let mut scanner = Scanner { text, out: String::with_capacity(text.len()), may_close: true, ..Scanner::default() };
    scanner.run();
    Layout { text: join_lines(scanner.out), comments: scanner.comments, diagnostics: scanner.diagnostics }
}

#[derive(Default)]
struct Scanner<'a> {
    text: &'a str,
    /// What was read so far; its length is the place that is read next.
    out: String,
    comments: Vec<Comment>,
    diagnostics: Vec<Diagnostic>,
    /// Where the line that is read begins and ends.
    line: Range<usize>,
    /// Whether a `*/` may follow; once none does, none is looked for again.
    may_close: bool,
    /// The braces that are open, and the brackets within the innermost of them.
    braces: usize,
    brackets: usize,
    too_deep: bool,
}

impl Scanner<'_> {
    fn run(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            self.find_line();
            match c {
                '/' if self.rest().starts_with("//") => self.line_comment(),
                '/' if self.rest().starts_with("/*") => self.block_comment(),
                '"' | '“' | '”' | '„' | '«' | '»' => self.quoted(c),
                '\'' if self.single_quoted() => {}
                '(' | '{' => self.opening(c),
                ')' | '}' => self.closing(c),
                '#' | '-' if self.foreign_comment() => {}
                '\n' | '€' | '£' | '¥' => self.out.push(c),
                '\r' | '\t' | ' ' => self.out.push(' '),
                '\'' | '‘' | '’' | '`' => self.report(c, "texts stand in double quotes", None),
                _ if c.is_ascii() && !c.is_ascii_control() => self.out.push(c),
                _ => self.foreign(c),
            }
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.out.len()..).unwrap_or("")
    }

    /// Replaces the next bytes by blanks, keeping the ends of lines.
    fn blank(&mut self, bytes: usize) {
        let end = self.out.len() + bytes;
        let Some(skipped) = self.text.get(self.out.len()..end) else { return };
        self.out.extend(skipped.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    }

    fn span(&self, bytes: usize) -> Span {
        Span::new(self.out.len()..self.out.len() + bytes)
    }

    /// Looks for the ends of the line once, however often they are asked for.
    fn find_line(&mut self) {
        let here = self.out.len();
        if here > self.line.end || here == 0 {
            let start = self.text.get(..here).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
            self.line = start..here + self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// The bytes up to the end of the line.
    fn line_end(&self) -> usize {
        self.line.end.saturating_sub(self.out.len())
    }

    /// Keeps a finding, up to the most that are told.
    fn found(&mut self, found: Diagnostic) {
        if self.diagnostics.len() <= Diagnostic::MOST {
            self.diagnostics.push(found);
        }
    }

    fn line_comment(&mut self) {
        let text = self.rest()[..self.line_end()].trim_end();
        let kind = if text.starts_with("///") && !text.starts_with("////") { CommentKind::Doc } else { CommentKind::Line };
        self.comment(kind, text.len());
    }

    /// A comment as other languages write it: `# …`, `-- …`. What it says is passed over.
    fn foreign_comment(&mut self) -> bool {
        let mark = if self.rest().starts_with('#') { "#" } else { "--" };
        let behind = self.rest().strip_prefix(mark);
        let ends = behind.is_some_and(|behind| behind.starts_with([' ', '\t', '\n']) || (behind.starts_with(mark) && mark == "#"));
        if !ends || !(self.out.is_empty() || self.out.ends_with([' ', '\n'])) {
            return false;
        }
        let found = Diagnostic::new(Code::Character, self.span(mark.len()), "a comment is written `// …`");
        self.found(found.fix(self.span(mark.len()), "//", "write `//`"));
        self.blank(self.line_end());
        true
    }

    fn block_comment(&mut self) {
        let end = if self.may_close { self.rest().find("*/") } else { None };
        self.may_close = end.is_some();
        if let Some(end) = end {
            self.comment(CommentKind::Block, end + 2);
        } else {
            // Taken to end with its line, so that the rest of the file is still read.
            let bytes = self.line_end();
            let found = Diagnostic::new(Code::Quote, self.span(2), "the comment is not closed").help("close it with `*/`");
            self.found(found);
            self.comment(CommentKind::Block, bytes);
        }
    }

    fn comment(&mut self, kind: CommentKind, bytes: usize) {
        let text = self.rest().get(..bytes).unwrap_or("").to_owned();
        self.comments.push(Comment { kind, text, span: self.span(bytes) });
        self.blank(bytes);
    }

    /// A text in quotes; a text ends at the latest with its line.
    fn quoted(&mut self, opening: char) {
        let width = opening.len_utf8();
        let line = &self.rest()[width..self.line_end()];
        let is_curly = |c| matches!(c, '“' | '”' | '«' | '»');
        let end = if opening == '"' { line.find('"').or_else(|| line.find(is_curly)) } else { line.find(|c| c == '"' || is_curly(c)) };
        let content = end.unwrap_or_else(|| unfinished_end(line));
        let closing = end.and_then(|at| line[at..].chars().next());
        if closing.is_none() {
            let span = self.span(width + content);
            let at = Span { start: span.end, end: span.end };
            let found = Diagnostic::new(Code::Quote, span, "the text is not closed").label("opened here");
            // A mark right behind a word closes a text that nothing opened.
            let closes = self.out.ends_with(|c: char| c.is_alphanumeric());
            self.found(if closes {
                found.help("a text stands between two `\"`: one is missing before its first word, or after its last")
            } else {
                found.fix(at, "\"", "close it with `\"` on the same line")
            });
        }
        let (place, said) = (self.out.len(), self.diagnostics.len());
        self.quote_mark(opening, true);
        let from = self.out.len();
        let text = self.text;
        self.out.push_str(text.get(from..from + content).unwrap_or(""));
        match closing {
            Some(closing) => self.quote_mark(closing, false),
            // A blank becomes the missing mark, so that what follows is read as it was meant.
            None if self.rest().starts_with([' ', '\t', '\r']) => self.out.push('"'),
            None => {}
        }
        // Both marks are mended at once.
        let whole = text.get(place + width..place + width + content);
        if let (Some(found), Some(whole), Some(closing)) = (self.diagnostics.get_mut(said), whole, closing) {
            let span = Span::new(place..place + width + whole.len() + closing.len_utf8());
            found.fix = Some(Fix { span, text: format!("\"{whole}\""), safe: true });
            found.help = Some(format!("write `\"{whole}\"`"));
        }
    }

    /// Writes a quotation mark, next to the text it belongs to where it was a curly one.
    fn quote_mark(&mut self, mark: char, opening: bool) {
        let padding = mark.len_utf8() - 1;
        if mark != '"' {
            let span = self.span(mark.len_utf8());
            self.found_character(span, &format!("`{mark}` is not a quotation mark of programs"), Some("\""));
        }
        if opening {
            self.out.extend(std::iter::repeat_n(' ', padding));
        }
        self.out.push('"');
        if !opening {
            self.out.extend(std::iter::repeat_n(' ', padding));
        }
    }

    /// A word in single quotes is read as the text that it was meant to be.
    fn single_quoted(&mut self) -> bool {
        let line = &self.rest()[1..self.line_end()];
        let Some(end) = line.find('\'').filter(|end| !line[..*end].contains('"')) else { return false };
        let (span, text) = (self.span(end + 2), self.text);
        let content = text.get(self.out.len() + 1..self.out.len() + 1 + end).unwrap_or("");
        self.found_character(span, "texts stand in double quotes", Some(&format!("\"{content}\"")));
        self.out.push('"');
        self.out.push_str(content);
        self.out.push('"');
        true
    }

    fn opening(&mut self, bracket: char) {
        if bracket == '{' {
            (self.braces, self.brackets) = (self.braces + 1, 0);
        } else {
            self.brackets += 1;
        }
        if self.braces + self.brackets <= MAX_NESTING {
            self.out.push(bracket);
            return;
        }
        if !self.too_deep {
            self.too_deep = true;
            let message = format!("brackets are nested more than {MAX_NESTING} deep");
            self.found(Diagnostic::new(Code::Nesting, self.span(1), message).help("give parts of it a name with `let`"));
        }
        self.out.push(' ');
    }

    fn closing(&mut self, bracket: char) {
        if bracket == '}' {
            self.brackets = 0;
        }
        let was_kept = self.braces + self.brackets <= MAX_NESTING;
        if bracket == '}' {
            self.braces = self.braces.saturating_sub(1);
        } else {
            self.brackets = self.brackets.saturating_sub(1);
        }
        self.out.push(if was_kept { bracket } else { ' ' });
    }

    fn foreign(&mut self, c: char) {
        match c {
            '–' | '—' if self.parts_days() => {
                self.report(c, "weekdays from one to another are written with `to`: `mon to fri`", Some("-"));
                self.diagnostics
                    .iter_mut()
                    .next_back()
                    .and_then(|found| found.fix.as_mut())
                    .into_iter()
                    .for_each(|fix| fix.text = " to ".into());
            }
            '–' | '—' | '−' => self.report(c, "a minus sign or hyphen is written `-`", Some("-")),
            '≥' => self.report(c, "write `>=`, or `is at least`", Some(">=")),
            '≤' => self.report(c, "write `<=`, or `is at most`", Some("<=")),
            '×' => self.report(c, "write `*`", Some("*")),
            '÷' => self.report(c, "write `/`", Some("/")),
            '\u{feff}' if self.out.is_empty() => self.blank(c.len_utf8()),
            _ if c.is_whitespace() => self.report(c, "write an ordinary blank", Some(" ")),
            _ => self.report(c, "letters beyond a to z stand in texts and comments only", None),
        }
    }

    /// Whether a dash stands right between two weekdays or times.
    fn parts_days(&self) -> bool {
        let letters = |text: &str| text.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
        let before: String = self.out.chars().rev().take_while(char::is_ascii_alphabetic).collect();
        let before: String = before.chars().rev().collect::<String>().to_lowercase();
        let is_day = |word: &str| word.len() >= 3 && Weekday::ALL.iter().any(|day| word.starts_with(day.name()));
        is_day(&before) && is_day(&letters(self.rest().trim_start_matches(['–', '—'])))
    }

    fn report(&mut self, c: char, help: &str, instead: Option<&str>) {
        let shown = if c.is_whitespace() || c.is_control() { format!("U+{:04X}", u32::from(c)) } else { c.to_string() };
        let span = self.span(c.len_utf8());
        let message = format!("`{shown}` is not a character of programs");
        self.found_character(span, &message, instead);
        if let Some(last) = self.diagnostics.last_mut().filter(|last| last.span == span) {
            last.help = Some(help.to_owned());
        }
        let replacement = instead.unwrap_or(" ");
        self.out.push_str(replacement);
        self.out.extend(std::iter::repeat_n(' ', c.len_utf8().saturating_sub(replacement.len())));
    }

    /// Reports a character, once a line.
    fn found_character(&mut self, span: Span, message: &str, instead: Option<&str>) {
        let said = self.diagnostics.last().filter(|last| last.code == Code::Character);
        if said.is_some_and(|last| last.span.end as usize > self.line.start) {
            return;
        }
        let found = Diagnostic::new(Code::Character, span, message);
        self.found(match instead {
            Some(text) => found.fix(span, text, format!("write `{text}`")),
            None => found,
        });
    }
}

/// Where an unfinished text is taken to end: before a brace that ends its line, else with the line.
fn unfinished_end(line: &str) -> usize {
    let content = line.trim_end();
    let brace = content.strip_suffix(['{', '}']).filter(|before| before.is_empty() || before.ends_with(' '));
    brace.map_or(content.len(), |before| before.trim_end().len())
}

/// Replaces the ends of lines inside brackets, and those before a line that continues its
/// statement, by blanks.
fn join_lines(text: String) -> String {
    let mut bytes = text.into_bytes();
    for (start, end) in brackets(&bytes) {
        bytes[start..end].iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
    }
    join_continuations(&mut bytes);
    // Only ends of lines were replaced, so this is still the text it was.
    String::from_utf8(bytes).unwrap_or_default()
}

/// The outermost pairs of brackets. A brace, a `;` or a table row ends the search for a `)`.
fn brackets(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut open: Vec<usize> = Vec::new();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut quoted = false;
    let mut at_line_start = true;
    for (at, byte) in bytes.iter().copied().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' => quoted = false,
            _ if quoted => {}
            b'(' => open.push(at),
            b')' => {
                if let Some(start) = open.pop() {
                    pairs.truncate(pairs.partition_point(|pair| pair.0 < start));
                    pairs.push((start, at));
                }
            }
            b'{' | b'}' | b';' => open.clear(),
            b'|' if at_line_start => open.clear(),
            _ => {}
        }
        at_line_start = byte == b'\n' || (at_line_start && byte == b' ');
    }
    pairs
}

fn join_continuations(bytes: &mut [u8]) {
    let (mut line, mut from) = (0, 0);
    while let Some(end) = bytes[from..].iter().position(|byte| *byte == b'\n').map(|offset| from + offset) {
        let next = bytes[end..].iter().position(|byte| !byte.is_ascii_whitespace()).map_or(bytes.len(), |offset| end + offset);
        if continues(&bytes[line..end], &bytes[next..]) {
            bytes[end..next].fill(b' ');
            from = next;
        } else {
            // The next line with text; what lies between is empty.
            line = bytes[..next].iter().rposition(|byte| *byte == b'\n').map_or(next, |at| at + 1);
            from = line;
        }
    }
}

/// Whether a line goes on with what follows it.
fn continues(line: &[u8], next: &[u8]) -> bool {
    let line = line.trim_ascii();
    let word_end = next.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(next.len());
    let can_go_on = line.last().is_some_and(|last| !matches!(last, b'{' | b'}' | b';')) && line.first() != Some(&b'|');
    can_go_on && CONTINUATIONS.iter().any(|word| word.as_bytes() == &next[..word_end])
}
