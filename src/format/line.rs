//! A text as lines: what stands on each, without the blanks that mean nothing.

use crate::syntax::CONTINUATIONS;

/// A line of a program.
#[derive(Debug)]
pub(super) struct Line {
    /// Blanks before it.
    pub(super) indent: usize,
    /// What it says.
    pub(super) content: Content,
    /// A comment behind it.
    pub(super) comment: Option<String>,
    /// The column of that comment, at least two behind the line.
    pub(super) comment_column: usize,
}

/// What a line says.
#[derive(Debug)]
pub(super) enum Content {
    /// Nothing.
    Empty,
    /// A comment alone.
    Comment(String),
    /// A row of a table: its cells.
    Row(Vec<String>),
    /// Part of a block comment, as it is.
    Verbatim(String),
    /// Statements.
    Code(String),
}

impl Line {
    /// The line without its comment.
    pub(super) fn code(&self) -> &str {
        if let Content::Code(code) = &self.content { code } else { "" }
    }

    pub(super) fn write(&self, out: &mut String) {
        let text = match &self.content {
            Content::Empty => "",
            Content::Verbatim(text) => {
                out.push_str(text.trim_end());
                out.push('\n');
                return;
            }
            Content::Comment(text) | Content::Code(text) => text,
            Content::Row(cells) => return self.write_row(cells, out),
        };
        out.extend(std::iter::repeat_n(' ', self.indent));
        out.push_str(text);
        self.write_comment(self.indent + super::table::width(text), out);
    }

    fn write_row(&self, cells: &[String], out: &mut String) {
        out.extend(std::iter::repeat_n(' ', self.indent));
        let row = format!("| {} |", cells.join(" | "));
        out.push_str(&row);
        self.write_comment(self.indent + super::table::width(&row), out);
    }

    fn write_comment(&self, width: usize, out: &mut String) {
        if let Some(comment) = &self.comment {
            let column = self.comment_column.max(width + 2);
            out.extend(std::iter::repeat_n(' ', column - width));
            out.push_str(comment);
        }
        out.push('\n');
    }
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut in_comment = false;
    text.lines().map(|line| one(line, &mut in_comment)).collect()
}

fn one(text: &str, in_comment: &mut bool) -> Line {
    let (content, comment) = if *in_comment {
        *in_comment = !text.contains("*/");
        (Content::Verbatim(text.to_owned()), None)
    } else {
        let (code, comment) = split_comment(text.trim());
        *in_comment = comment.is_some_and(|comment| comment.starts_with("/*") && !comment.contains("*/"));
        match (code, comment) {
            ("", None) => (Content::Empty, None),
            ("", Some(comment)) => (Content::Comment(comment.to_owned()), None),
            (code, comment) if is_row(code) => (Content::Row(cells(code)), comment.map(str::to_owned)),
            (code, comment) => (Content::Code(spaced(code)), comment.map(str::to_owned)),
        }
    };
    Line { indent: 0, content, comment, comment_column: 0 }
}

/// The letters of a line that stand outside texts in quotes, with their places.
pub(super) fn outside_texts(line: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quoted = false;
    line.char_indices().filter(move |(_, letter)| {
        quoted ^= *letter == '"';
        !quoted && *letter != '"'
    })
}

/// The code of a line, and the comment at its end. A block comment that ends within the line is code.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let mut inside = 0;
    for (at, letter) in outside_texts(line) {
        if letter != '/' || at < inside {
            continue;
        }
        let rest = &line[at..];
        if rest.starts_with("//") {
            return (line[..at].trim_end(), Some(rest));
        }
        if rest.starts_with("/*") {
            match rest.find("*/") {
                Some(end) if at + end + 2 < line.len() => inside = at + end + 2,
                _ => return (line[..at].trim_end(), Some(rest)),
            }
        }
    }
    (line, None)
}

/// Whether a line is a row of cells: one with a text that does not end is none, or what stands behind would be lost.
fn is_row(code: &str) -> bool {
    code.starts_with('|') && code.len() > 1 && outside_texts(code).last() == Some((code.len() - 1, '|'))
}

fn cells(row: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut from = 1;
    for (at, letter) in outside_texts(row).skip(1) {
        if letter == '|' {
            cells.push(spaced(row[from..at].trim()));
            from = at + 1;
        }
    }
    cells
}

/// Statements with one blank where blanks stand, none inside round brackets and before commas, one on
/// each side of a brace and of `=`, two behind a `;`.
fn spaced(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut quoted = false;
    let mut letters = code.chars().peekable();
    while let Some(letter) = letters.next() {
        if quoted || letter == '"' {
            quoted ^= letter == '"';
            out.push(letter);
            continue;
        }
        let next = letters.peek().copied();
        match letter {
            _ if letter.is_whitespace() => {
                if !out.is_empty() && !out.ends_with([' ', '(']) && !matches!(next, Some(')' | ',' | ';')) {
                    out.push(' ');
                }
            }
            ',' if is_thousands(&out, next) => out.push(','),
            ',' | ';' => {
                trim(&mut out);
                out.push(letter);
                if letters.clone().any(|rest| !rest.is_whitespace()) {
                    out.push_str(if letter == ';' { "  " } else { " " });
                }
            }
            ')' => {
                trim(&mut out);
                out.push(')');
            }
            '{' | '}' | '=' if letter != '=' || is_alone(&out, next) => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
                out.push(letter);
                if letters.clone().any(|rest| !rest.is_whitespace()) {
                    out.push(' ');
                }
            }
            _ => out.push(letter),
        }
    }
    trim(&mut out);
    out
}

fn trim(out: &mut String) {
    out.truncate(out.trim_end().len());
}

/// Whether a comma stands within a number, such as `50,000`.
fn is_thousands(before: &str, next: Option<char>) -> bool {
    before.ends_with(|letter: char| letter.is_ascii_digit()) && next.is_some_and(|next| next.is_ascii_digit())
}

/// Whether a `=` is not part of a comparison sign.
fn is_alone(before: &str, next: Option<char>) -> bool {
    !before.ends_with(['<', '>', '=', '!']) && next != Some('=')
}

/// Whether a line goes on with the statement of the lines before it.
pub(super) fn continues(before: &[Line], line: &Line) -> bool {
    let word = line.code().split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap_or_default();
    if !CONTINUATIONS.contains(&word) {
        return false;
    }
    let previous = before.iter().rev().find(|line| !matches!(line.content, Content::Empty | Content::Comment(_)));
    previous.is_some_and(|previous| !previous.code().is_empty() && !previous.code().ends_with(['{', '}', ';']))
}
