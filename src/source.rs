//! The text of a program and places in it. Byte offsets travel through every phase; lines and
//! columns are computed only where something is shown to a person.

use std::sync::Arc;

/// A program's text with its name, and the texts of what it imports behind it. Cheap to clone.
///
/// All files share one space of offsets: a [`Span`] says in which file it lies.
#[derive(Clone, Debug)]
pub struct Source {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    files: Vec<File>,
    unread: Vec<(String, String)>,
    text: String,
    line_starts: Vec<u32>,
}

/// A file of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The name by which messages call it, usually its path.
    pub name: String,
    /// Where its text lies among all.
    pub span: Span,
}

impl Source {
    /// The largest program accepted, in bytes, with all that it imports.
    pub const MAX_BYTES: usize = 4 * 1024 * 1024;

    /// Takes the text of a program under the name by which messages call it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::with_imports(vec![(name.into(), text.into())], Vec::new())
    }

    /// Takes a program's text, first, and what it imports, each with its name; and the imports that
    /// could not be read, each with the reason.
    pub fn with_imports(texts: Vec<(String, String)>, unread: Vec<(String, String)>) -> Self {
        let (mut files, mut text) = (Vec::new(), String::new());
        for (name, part) in texts {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            let start = text.len();
            text.push_str(&part);
            files.push(File { name, span: Span::new(start..text.len()) });
        }
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        let line_starts = starts.map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect();
        Self { inner: Arc::new(Inner { files, unread, text, line_starts }) }
    }

    /// The name by which messages call the program, usually its path.
    pub fn name(&self) -> &str {
        self.inner.files.first().map_or("", |file| &file.name)
    }

    /// The program's file, and behind it those that it imports, in the order in which they are met.
    pub fn files(&self) -> &[File] {
        &self.inner.files
    }

    /// The file in which an offset lies.
    pub fn file_at(&self, offset: u32) -> &File {
        let after = self.inner.files.partition_point(|file| file.span.start <= offset).max(1);
        &self.inner.files[after - 1]
    }

    /// Why a file that is imported could not be read.
    pub fn unread(&self, name: &str) -> Option<&str> {
        self.inner.unread.iter().find(|(unread, _)| unread == name).map(|(_, reason)| reason.as_str())
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The text of a span; empty where the span does not lie in this source.
    pub fn slice(&self, span: Span) -> &str {
        self.inner.text.get(span.range()).unwrap_or("")
    }

    /// The text of a span with single blanks, as titles and evidence show it.
    pub fn words(&self, span: Span) -> String {
        self.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The span from the beginning of one to the end of another, where both stand in one statement; what a
    /// template was given stands elsewhere.
    pub fn within_statement(&self, first: Span, last: Span) -> Option<Span> {
        let between = self.inner.text.get(first.end as usize..last.start as usize)?;
        let is_one = self.file_at(first.start) == self.file_at(last.start) && !between.contains(['{', '}', '"']);
        is_one.then(|| first.to(last))
    }

    /// Line and column of a byte offset in its file, both from 1, the column in characters.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let line = self.line(offset);
        let start = self.inner.line_starts[line - 1];
        let column = self.slice(Span { start, end: offset }).chars().count() + 1;
        (line + 1 - self.line(self.file_at(offset).span.start), column)
    }

    /// The line of an offset among the lines of all files, from 1.
    fn line(&self, offset: u32) -> usize {
        self.inner.line_starts.partition_point(|start| *start <= offset).max(1)
    }
}

/// A range of bytes in a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span of a byte range. Offsets beyond 4 GiB cannot occur: see [`Source::MAX_BYTES`].
    pub fn new(range: std::ops::Range<usize>) -> Self {
        let clamp = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: clamp(range.start), end: clamp(range.end) }
    }

    /// The span as a byte range.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The span so many bytes further on.
    #[must_use]
    pub fn moved(self, bytes: u32) -> Self {
        Self { start: self.start.saturating_add(bytes), end: self.end.saturating_add(bytes) }
    }

    /// Whether another span lies within this one.
    pub fn holds(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A value with the place it was written at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub node: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Puts a value and its place together.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_counts_its_own_lines() {
        let files = [("a", "x\ny"), ("b", "z\nw\n"), ("c", "v")].map(|(name, text)| (name.to_owned(), text.to_owned()));
        let source = Source::with_imports(files.to_vec(), vec![("d".into(), "no such file".into())]);
        let places = ["x", "y", "z", "w", "v"].map(|word| {
            let at = u32::try_from(source.text().find(word).unwrap()).unwrap();
            (source.file_at(at).name.clone(), source.line_column(at))
        });
        let expected = [("a", (1, 1)), ("a", (2, 1)), ("b", (1, 1)), ("b", (2, 1)), ("c", (1, 1))];
        assert_eq!(places, expected.map(|(name, place)| (name.to_owned(), place)));
        assert_eq!((source.unread("d"), source.unread("a")), (Some("no such file"), None));
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("x", "é = 1\nb");
        assert_eq!(source.line_column(3), (1, 3));
        assert_eq!(source.line_column(7), (2, 1));
    }
}
