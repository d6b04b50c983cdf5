//! Changes that no scenario notices and that a person has accepted: read from a file beside the program.
//!
//! ```text
//! // Nothing has been won or lost before: size and balance are one.
//! equity stays above size - $2,000
//!     `size` became `balance`
//! ```

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The extension of the files.
const EXTENSION: &str = "accepted";

/// The accepted changes of a program's file.
#[derive(Debug)]
pub(super) struct Accepted {
    /// The path of the file.
    name: String,
    entries: Vec<Entry>,
}

/// One accepted change.
#[derive(Debug)]
pub(super) struct Entry {
    /// The number of its line in the file, from 1.
    pub(super) number: usize,
    /// The line of the program, with single blanks and without its comment.
    pub(super) line: String,
    /// The change: what was, and what became of it.
    pub(super) change: String,
    /// Whether a change of this run is this one.
    met: bool,
}

impl Accepted {
    /// Reads the accepted changes of a file; there are none where no file says so.
    ///
    /// # Errors
    /// In words, when the file cannot be read or understood.
    #[expect(clippy::disallowed_methods, reason = "reading files is what the tools are for")]
    pub(super) fn read(program: &str) -> Result<Self, String> {
        let path = Path::new(program).with_extension(EXTENSION);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        let entries = entries(&text).map_err(|(line, what)| format!("{}:{line}: {what}", path.display()))?;
        Ok(Self { name: path.display().to_string(), entries })
    }

    /// Where they stand.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a change is accepted. Each line of the file accepts one: a change of a line that stands twice is written twice.
    pub(super) fn accept(&mut self, line: &str, change: &str) -> bool {
        let line = without_comment(line);
        let entry = self.entries.iter_mut().find(|entry| !entry.met && entry.change == change && entry.line == line);
        entry.map(|entry| entry.met = true).is_some()
    }

    /// What is accepted and was not met.
    pub(super) fn stale(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.met)
    }
}

/// A change as it is written: `` `size` became `balance` ``.
pub(super) fn change(was: &str, became: &str) -> String {
    if became.is_empty() { format!("`{was}` left out") } else { format!("`{was}` became `{became}`") }
}

/// The entries of a file, or the line that is none and why.
fn entries(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    let mut found = Vec::new();
    let mut line: Option<String> = None;
    for (at, written) in text.lines().enumerate() {
        let words = written.trim();
        if words.is_empty() || words.starts_with("//") {
            continue;
        }
        if !written.starts_with(char::is_whitespace) {
            line = Some(without_comment(words));
            continue;
        }
        let is_change = words.starts_with('`') && (words.ends_with("` left out") || (words.contains("` became `") && words.ends_with('`')));
        if !is_change {
            let shape = "a line that is indented is a change, `` `WAS` became `NEW` `` or `` `WAS` left out ``, as `--mutate` tells it; a line of the program is not indented, a comment begins with //";
            return Err((at + 1, format!("`{words}` is no change: {shape}")));
        }
        let Some(line) = &line else {
            return Err((at + 1, "the change stands under no line: write the line of the program above it, not indented".into()));
        };
        found.push(Entry { number: at + 1, line: line.clone(), change: words.to_owned(), met: false });
    }
    Ok(found)
}

/// A line's words with single blanks, without the comment at its end.
fn without_comment(line: &str) -> String {
    let mut quoted = false;
    let mut end = line.len();
    for (at, letter) in line.char_indices() {
        quoted ^= letter == '"';
        if !quoted && line[at..].starts_with("//") {
            end = at;
            break;
        }
    }
    line[..end].split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Accepted, change, entries, without_comment};

    const TEXT: &str = "// why\nequity stays above size - $2,000\n    `size` became `balance`\n    `$2,000` left out\n\nday.loss is below $5  // a comment\n\t`5` became `6`\n";

    #[test]
    fn changes_stand_under_their_line() {
        let found = entries(TEXT).unwrap();
        let read: Vec<_> = found.iter().map(|entry| (entry.number, entry.line.as_str(), entry.change.as_str())).collect();
        let line = "equity stays above size - $2,000";
        assert_eq!(
            read,
            [(3, line, "`size` became `balance`"), (4, line, "`$2,000` left out"), (7, "day.loss is below $5", "`5` became `6`")]
        );
        assert_eq!(entries("x\n  size became balance\n").unwrap_err().0, 2);
        assert!(entries("\n  `a` became `b`\n").unwrap_err().1.contains("under no line"));
    }

    #[test]
    fn each_entry_accepts_one_change() {
        let mut accepted = Accepted { name: String::new(), entries: entries(TEXT).unwrap() };
        let line = "  equity  stays above size - $2,000   // touching breaks";
        assert!(accepted.accept(line, &change("size", "balance")));
        assert!(!accepted.accept(line, &change("size", "balance")), "a second line that reads the same is a change of its own");
        assert!(!accepted.accept("equity stays above size", &change("$2,000", "")));
        assert_eq!(accepted.stale().map(|entry| entry.number).collect::<Vec<_>>(), [4, 7]);
        assert!(accepted.accept(line, &change("$2,000", "")));
        assert_eq!(accepted.stale().count(), 1);
    }

    #[test]
    fn a_comment_begins_outside_of_texts() {
        assert_eq!(without_comment("source  \"https://a.b\"  // read"), "source \"https://a.b\"");
    }
}
