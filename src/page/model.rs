//! What a page is made of, whatever it is rendered to.

use super::Text;

/// A program as the page of a rulebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its title: the program's.
    pub title: String,
    /// The firm, where the program names it.
    pub firm: String,
    /// What is known of the rules: version, dates, source.
    pub facts: Vec<(String, Text)>,
    /// What a reader must know before anything else.
    pub notice: Vec<Text>,
    /// Its parts.
    pub sections: Vec<Section>,
    /// How it came about.
    pub colophon: Vec<Text>,
    /// The rules that are shown in the program's own words, because no sentence says them.
    pub unsaid: Vec<Unsaid>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Where links lead.
    pub anchor: String,
    /// Its heading.
    pub heading: String,
    /// Its content.
    pub blocks: Vec<Block>,
}

/// What stands in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Sentences.
    Paragraph(Text),
    /// A heading below the part's own.
    Heading(String),
    /// Points in no order.
    List(Vec<Text>),
    /// Points that are taken in order.
    Steps(Vec<Text>),
    /// A table.
    Table(Table),
    /// One rule of the program.
    Card(Card),
    /// What the engine answers for figures of an account.
    Example(Example),
    /// The program's own words.
    Source {
        /// The words.
        words: String,
        /// Where they stand.
        place: String,
    },
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Where links lead.
    pub anchor: Option<String>,
    /// What it shows; nothing where the heading above says it.
    pub caption: Text,
    /// Its headings, each with whether the column is of figures.
    pub head: Vec<(String, bool)>,
    /// Its rows.
    pub rows: Vec<Vec<Text>>,
    /// The anchors of its rows, where links lead to them.
    pub anchors: Vec<Option<String>>,
}

/// One rule of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Where links lead.
    pub anchor: String,
    /// What kind of rule it is.
    pub kind: &'static str,
    /// Its title.
    pub title: String,
    /// The clause of the published terms.
    pub clause: Option<String>,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// What the engine answers for figures of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub title: Text,
    /// The published case it repeats.
    pub cites: Vec<String>,
    /// Step by step.
    pub steps: Vec<Text>,
}

/// A rule that no sentence says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaid {
    /// Its name.
    pub rule: String,
    /// What is in the way.
    pub why: String,
    /// Its first line in the program.
    pub line: usize,
}

impl Block {
    /// A paragraph of sentences.
    pub(super) fn sentences(sentences: Vec<Text>) -> Self {
        let mut whole = Text::default();
        for sentence in sentences.into_iter().filter(|sentence| !sentence.is_empty()) {
            if !whole.is_empty() {
                whole.push(" ");
            }
            whole.push(sentence.sentence());
        }
        Self::Paragraph(whole)
    }
}
