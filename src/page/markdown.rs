//! A page as Markdown: the same words, for places that render it.

use std::fmt::Write;

use super::model::{Block, Card, Example, Page, Table};
use super::text::{Piece, Text};

/// A page as Markdown.
pub fn markdown(page: &Page) -> String {
    let mut out = format!("# {}\n\n", escaped(&page.title));
    for notice in &page.notice {
        let _ = writeln!(out, "> {}\n", text(notice));
    }
    for (name, fact) in &page.facts {
        let _ = writeln!(out, "- {}: {}", escaped(name), text(fact));
    }
    out.push_str("\nContents:\n\n");
    for section in &page.sections {
        let _ = writeln!(out, "- [{}](#{})", escaped(&section.heading), section.anchor);
    }
    for section in &page.sections {
        let _ = writeln!(out, "\n<a id=\"{}\"></a>\n\n## {}\n", section.anchor, escaped(&section.heading));
        for block in &section.blocks {
            one(&mut out, block, 3);
        }
    }
    out.push_str("\n---\n\n");
    for said in &page.colophon {
        let _ = writeln!(out, "{}\n", text(said));
    }
    format!("{}\n", out.trim_end())
}

fn one(out: &mut String, block: &Block, level: usize) {
    match block {
        Block::Paragraph(said) => {
            let _ = writeln!(out, "{}\n", text(said));
        }
        Block::Heading(words) => {
            let _ = writeln!(out, "{} {}\n", "#".repeat(level), escaped(words));
        }
        Block::List(points) => {
            for point in points {
                let _ = writeln!(out, "- {}", text(point));
            }
            out.push('\n');
        }
        Block::Steps(points) => steps(out, points),
        Block::Table(shown) => table(out, shown),
        Block::Card(shown) => card(out, shown, level + 1),
        Block::Example(shown) => example(out, shown),
        Block::Source { words, place } => {
            let fence = "`".repeat(longest_run(words).max(2) + 1);
            let _ = writeln!(out, "In the program's own words ({}):\n\n{fence}text\n{words}\n{fence}\n", escaped(place));
        }
    }
}

fn steps(out: &mut String, points: &[Text]) {
    for (at, point) in points.iter().enumerate() {
        let _ = writeln!(out, "{}. {}", at + 1, text(point));
    }
    out.push('\n');
}

fn card(out: &mut String, card: &Card, level: usize) {
    let _ = writeln!(out, "<a id=\"{}\"></a>\n", card.anchor);
    if !card.title.is_empty() {
        let clause = card.clause.as_ref().map_or_else(String::new, |clause| format!(" (clause {})", escaped(clause)));
        let _ = writeln!(out, "{} {}{clause}\n", "#".repeat(level), escaped(&card.title));
    }
    for block in &card.blocks {
        one(out, block, level + 1);
    }
}

fn table(out: &mut String, table: &Table) {
    if let Some(anchor) = &table.anchor {
        let _ = writeln!(out, "<a id=\"{anchor}\"></a>\n");
    }
    if !table.caption.is_empty() {
        let _ = writeln!(out, "{}\n", text(&table.caption));
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&line(table.head.iter().map(|(name, _)| escaped(&super::rule::capital(name))).collect()));
    out.push_str(&line(table.head.iter().map(|(_, figures)| if *figures { "---:" } else { "---" }.to_owned()).collect()));
    for (row, anchor) in table.rows.iter().zip(&table.anchors) {
        let mut cells: Vec<String> = row.iter().map(text).collect();
        if let (Some(anchor), Some(first)) = (anchor, cells.first_mut()) {
            first.insert_str(0, &format!("<a id=\"{anchor}\"></a>"));
        }
        out.push_str(&line(cells));
    }
    out.push('\n');
}

fn example(out: &mut String, example: &Example) {
    let _ = write!(out, "*{}*", text(&example.title));
    for cites in &example.cites {
        let _ = write!(out, " ({})", escaped(cites));
    }
    out.push_str("\n\n");
    steps(out, &example.steps);
}

fn text(said: &Text) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Plain(words) | Piece::Figure(words) => escaped(words),
        Piece::Strong(words) => format!("**{}**", escaped(words)),
        Piece::Term { name, anchor } => format!("[{}](#{anchor})", escaped(name)),
        Piece::Code(words) => {
            let fence = "`".repeat(longest_run(words) + 1);
            format!("{fence} {} {fence}", words.replace('|', "\\|"))
        }
        Piece::Link(address) if super::html::is_web(address) && !address.contains([' ', '<', '>', '|']) => format!("<{address}>"),
        Piece::Link(address) => escaped(address),
    };
    said.pieces().iter().map(piece).collect()
}

/// The longest row of backticks in a text.
fn longest_run(words: &str) -> usize {
    words.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

/// Words in which nothing means more than itself.
fn escaped(words: &str) -> String {
    let mut out = String::new();
    for letter in words.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '$' => {
                out.push('\\');
                out.push(letter);
            }
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}
