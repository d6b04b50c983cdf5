//! Text of a page: runs of words, each with what it is, so that renderers escape and dress it.

use std::fmt;

/// A run of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Plain words.
    Plain(String),
    /// Words that stand out: headings inside a paragraph.
    Strong(String),
    /// A figure or phrase whose words stay together on a line.
    Figure(String),
    /// The name of something that the page explains, and where.
    Term {
        /// The name.
        name: String,
        /// The anchor of its explanation.
        anchor: String,
    },
    /// Words of the program, as written.
    Code(String),
    /// The address of a page elsewhere.
    Link(String),
}

/// Words in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pieces: Vec<Piece>,
}

/// Texts and words, one behind the other.
macro_rules! say {
    ($($part:expr),* $(,)?) => {{
        let mut said = $crate::page::Text::default();
        $( said.push($part); )*
        said
    }};
}
pub(super) use say;

impl Text {
    /// Words that stand out.
    pub fn strong(words: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Strong(words.into())] }
    }

    /// A figure.
    pub fn figure(words: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Figure(words.into())] }
    }

    /// A name that the page explains.
    pub fn term(name: impl Into<String>, anchor: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Term { name: name.into(), anchor: anchor.into() }] }
    }

    /// Words of the program.
    pub fn code(words: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Code(words.into())] }
    }

    /// The address of a page.
    pub fn link(address: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Link(address.into())] }
    }

    /// Adds words behind these.
    pub fn push(&mut self, more: impl Into<Self>) {
        for piece in more.into().pieces {
            match (self.pieces.last_mut(), piece) {
                (Some(Piece::Plain(before)), Piece::Plain(words)) => before.push_str(&words),
                (_, piece) => self.pieces.push(piece),
            }
        }
    }

    /// Its runs, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether it has no words.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The same with a capital letter in front and a full stop behind.
    #[must_use]
    pub fn sentence(self) -> Self {
        let ends = self.to_string().ends_with(['.', '!', '?', ':']);
        let mut whole = self.capital();
        if !ends {
            whole.push(".");
        }
        whole
    }

    /// The same with a capital letter in front.
    #[must_use]
    pub fn capital(mut self) -> Self {
        if let Some(Piece::Plain(words)) = self.pieces.first_mut() {
            let mut letters = words.chars();
            if let Some(first) = letters.next() {
                *words = first.to_uppercase().chain(letters).collect();
            }
        }
        self
    }

    /// Several in a row: `a`, `a and b`, `a, b and c`.
    pub fn listed(parts: Vec<Self>, last: &str) -> Self {
        let count = parts.len();
        let mut out = Self::default();
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 {
                out.push(if at + 1 == count { format!(" {last} ") } else { ", ".into() });
            }
            out.push(part);
        }
        out
    }
}

impl fmt::Display for Text {
    /// The words alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Plain(words) | Piece::Strong(words) | Piece::Figure(words) | Piece::Code(words) | Piece::Link(words) => {
                    f.write_str(words)?;
                }
                Piece::Term { name, .. } => f.write_str(name)?,
            }
        }
        Ok(())
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        Self::from(words.to_owned())
    }
}

impl From<String> for Text {
    fn from(words: String) -> Self {
        Self { pieces: if words.is_empty() { Vec::new() } else { vec![Piece::Plain(words)] } }
    }
}

impl From<&String> for Text {
    fn from(words: &String) -> Self {
        Self::from(words.clone())
    }
}

/// A name of a program as words: `max_loss_floor` is `max loss floor`.
pub(super) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// A name that can stand in an address: letters, digits and hyphens.
pub(super) fn slug(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            out.push(letter.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// `a` or `an`, by the letter a word begins with.
pub(super) fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
