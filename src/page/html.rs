//! A page as one HTML file: no script, nothing loaded from elsewhere.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::model::{Block, Card, Example, Page, Section, Table};
use super::rule::capital;
use super::text::{Piece, Text};

/// How the page looks: in light and dark, narrow and wide, and on paper.
const STYLE: &str = include_str!("page.css");

/// A page as HTML.
pub fn html(page: &Page) -> String {
    let whole = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) @if !page.firm.is_empty() { " · " (page.firm) } }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header.masthead {
                    div.inner {
                        @if !page.firm.is_empty() { p.firm { (page.firm) } }
                        h1 { (page.title) }
                        dl.facts {
                            @for (name, fact) in page.facts.iter().filter(|(name, _)| name != "Firm") {
                                div { dt { (name) } dd { (text(fact)) } }
                            }
                        }
                    }
                }
                @for notice in &page.notice { div.band { p.notice role="note" { (text(notice)) } } }
                div.columns {
                    nav.contents aria-label="Contents" {
                        h2 { "Contents" }
                        ol { @for section in &page.sections { li { a href={ "#" (section.anchor) } { (section.heading) } (inner_contents(section)) } } }
                    }
                    main {
                        @for section in &page.sections { (part(section)) }
                        footer { @for said in &page.colophon { p { (text(said)) } } }
                    }
                }
            }
        }
    };
    let mut out = whole.into_string();
    out.push('\n');
    out
}

/// The rules with titles of a part, below its line of the contents.
fn inner_contents(section: &Section) -> Markup {
    let cards: Vec<&Card> = section
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Card(card) if !card.title.is_empty() => Some(card),
            _ => None,
        })
        .collect();
    markup! {
        @if !cards.is_empty() { ol { @for card in cards { li { a href={ "#" (card.anchor) } { (card.title) } } } } }
    }
}

fn part(section: &Section) -> Markup {
    markup! {
        section id=(section.anchor) aria-labelledby={ "h-" (section.anchor) } {
            h2 id={ "h-" (section.anchor) } { (section.heading) }
            @for block in &section.blocks { (one(block)) }
        }
    }
}

fn one(block: &Block) -> Markup {
    match block {
        Block::Paragraph(said) => markup! { p { (text(said)) } },
        Block::Heading(words) => markup! { h3 { (words) } },
        Block::List(points) => markup! { ul { @for point in points { li { (text(point)) } } } },
        Block::Steps(points) => markup! { ol { @for point in points { li { (text(point)) } } } },
        Block::Table(shown) => table(shown),
        Block::Card(shown) => card(shown),
        Block::Example(shown) => example(shown),
        Block::Source { words, place } => markup! {
            figure.source { figcaption { "In the program's own words (" (place) ")" } pre { code { (words) } } }
        },
    }
}

fn card(card: &Card) -> Markup {
    markup! {
        article.card.(card.kind) id=(card.anchor) {
            @if !card.title.is_empty() {
                h4 {
                    (card.title)
                    @if let Some(clause) = &card.clause { " " span.clause { "clause " (clause) } }
                }
            }
            @for block in &card.blocks { (one(block)) }
        }
    }
}

fn table(table: &Table) -> Markup {
    let figures = |at: usize| table.head.get(at).is_some_and(|(_, figures)| *figures).then_some("figures");
    markup! {
        div.scrolls id=[table.anchor.as_deref()] {
            table {
                @if !table.caption.is_empty() { caption { (text(&table.caption)) } }
                thead { tr { @for (at, (name, _)) in table.head.iter().enumerate() { th scope="col" class=[figures(at)] { (capital(name)) } } } }
                tbody {
                    @for (row, anchor) in table.rows.iter().zip(&table.anchors) {
                        tr id=[anchor.as_deref()] {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 { th scope="row" class=[figures(at)] { (text(cell)) } }
                                @else { td class=[figures(at)] { (text(cell)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn example(example: &Example) -> Markup {
    markup! {
        aside.example {
            p.title {
                (text(&example.title))
                @for cites in &example.cites { " " span.clause { (cites) } }
            }
            ol { @for step in &example.steps { li { (text(step)) } } }
        }
    }
}

fn text(said: &Text) -> Markup {
    markup! {
        @for piece in said.pieces() {
            @match piece {
                Piece::Plain(words) => { (words) }
                Piece::Strong(words) => { strong { (words) } }
                Piece::Figure(words) => { span.figure { (words) } }
                Piece::Term { name, anchor } => { a.term href={ "#" (anchor) } { (name) } }
                Piece::Code(words) => { code { (words) } }
                Piece::Link(address) => {
                    @if is_web(address) { a href=(address) rel="noopener" { (address) } } @else { (address) }
                }
            }
        }
    }
}

/// Only addresses of the web are made links: whatever else a program names is shown and leads nowhere.
pub(super) fn is_web(address: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme))
}
