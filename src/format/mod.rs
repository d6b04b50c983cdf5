//! One layout for all programs: indentation by braces, columns that line up, tables by display width.
//!
//! Only blanks and empty lines change. Words, texts and comments stay, in their order, and the author's
//! own breaks within a statement too.
//!
//! ```
//! use ringfence::format::format;
//! assert_eq!(format("plans\n|plan|size|\n|50K|$50,000|\n"), "plans\n    | plan | size    |\n    | 50K  | $50,000 |\n");
//! ```

mod columns;
mod line;
mod table;
#[cfg(test)]
mod tests;

use line::{Content, Line};

use crate::source::Source;
use crate::syntax::parse;

/// Blanks for each brace that is open.
const INDENT: usize = 4;

/// Columns past which nothing is indented or lined up: no program goes there, and what does would grow by the square of its lines.
const WIDEST: usize = 256;

/// A program in its layout. The same program again comes out as it went in.
pub fn format(text: &str) -> String {
    let mut lines = line::lines(text);
    indent(&mut lines);
    table::align(&mut lines);
    columns::align(&mut lines);
    continue_lines(&mut lines);
    columns::align_comments(&mut lines);
    write(&lines)
}

/// Whether two texts say the same: the same tree but for places, the same comments.
pub fn same_program(before: &Source, after: &Source) -> bool {
    meaning(before) == meaning(after)
}

/// The tree without places, and the comments.
fn meaning(source: &Source) -> (String, Vec<String>) {
    let parsed = parse(source);
    let comments = parsed.comments.iter().map(|comment| comment.text.clone()).collect();
    (without_places(&format!("{:?}", parsed.program)), comments)
}

/// A tree as text, without the numbers of its spans.
fn without_places(tree: &str) -> String {
    let mut out = String::with_capacity(tree.len());
    let mut rest = tree;
    while let Some(at) = rest.find("Span {") {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once('}').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// Blanks by braces; rows of tables stand one step further in.
fn indent(lines: &mut [Line]) {
    let mut depth: usize = 0;
    for line in lines.iter_mut() {
        let (closing, change) = braces(&line.content);
        let outer = depth.saturating_sub(closing);
        line.indent = WIDEST.min(INDENT * (outer + usize::from(matches!(line.content, Content::Row(_)))));
        depth = depth.saturating_add_signed(change);
    }
    // A comment above a row stands with it.
    for at in (0..lines.len()).rev() {
        let Some(next) = lines.get(at + 1).map(|next| (matches!(next.content, Content::Row(_)), next.indent)) else { continue };
        let between = at > 0 && matches!(lines[at - 1].content, Content::Row(_));
        if let (Content::Comment(_), true, (true, indent)) = (&lines[at].content, between, next) {
            lines[at].indent = indent;
        }
    }
}

/// How many braces a line closes before it says anything else, and by how many it changes what is open.
fn braces(content: &Content) -> (usize, isize) {
    let Content::Code(code) = content else { return (0, 0) };
    let leading = code.chars().take_while(|letter| matches!(letter, '}' | ' ')).filter(|letter| *letter == '}').count();
    let change = line::outside_texts(code).fold(0, |change, (_, letter)| match letter {
        '{' => change + 1,
        '}' => change - 1,
        _ => change,
    });
    (leading, change)
}

/// Lines that go on with a statement: under the bracket that is open, else one step in.
fn continue_lines(lines: &mut [Line]) {
    let mut open: Vec<usize> = Vec::new();
    for at in 0..lines.len() {
        let goes_on = line::continues(&lines[..at], &lines[at]);
        let line = &mut lines[at];
        let Content::Code(code) = &line.content else { continue };
        if let Some(column) = open.last() {
            line.indent = WIDEST.min(*column);
        } else if goes_on {
            line.indent += INDENT;
        }
        let mut column = line.indent;
        let mut before = 0;
        for (place, letter) in line::outside_texts(code) {
            column += table::width(&code[before..place]);
            before = place;
            match letter {
                '(' => open.push(column + 1),
                ')' => drop(open.pop()),
                '{' | '}' | ';' => open.clear(),
                _ => {}
            }
        }
    }
}

/// The text, with at most one empty line between two and none at the edges of a block.
fn write(lines: &[Line]) -> String {
    let mut out = String::new();
    let mut empty = false;
    let mut opened = true;
    for line in lines {
        if matches!(line.content, Content::Empty) {
            empty = true;
            continue;
        }
        let closes = matches!(&line.content, Content::Code(code) if code.starts_with('}'));
        if empty && !opened && !closes {
            out.push('\n');
        }
        empty = false;
        opened = matches!(&line.content, Content::Code(code) if code.ends_with('{'));
        line.write(&mut out);
    }
    out
}
