//! From statements to the tree. Each statement is parsed alone by the rule of the grammar that its
//! first word and its block name.

mod actions;
mod beside;
mod clauses;
mod declarations;
mod expect;
mod expression;
mod floor;
mod goal;
mod header;
mod limit;
mod migration;
mod operators;
mod payout;
mod period;
mod program;
mod reuse;
mod rules;
mod scenario;
mod table;

use pest::Parser as _;

pub use beside::Known;
pub use program::begins_statement;
pub(super) use scenario::STEPS;
pub use scenario::{begins_step, step_words};

use super::ast::{Expr, Name, Program, Step};
use super::errors;
use super::grammar::{Grammar, Pair, Rule, child};
use super::layout::{Comment, CommentKind, MAX_NESTING, lay_out_files};
use super::phrases;
use super::reserved::told_once;
use super::skeleton::{Statement, cut_files, first_word, whole_characters};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Source, Span, Spanned};

/// A parsed file.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The tree; statements with an error are broken nodes.
    pub program: Program,
    /// The comments in order.
    pub comments: Vec<Comment>,
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a file. Never fails: what is wrong is in the diagnostics.
pub fn parse(source: &Source) -> Parsed {
    if source.text().len() > Source::MAX_BYTES {
        let message = format!("the file has more than {} bytes", Source::MAX_BYTES);
        let diagnostics = vec![Diagnostic::new(Code::TooLarge, Span::default(), message)];
        return Parsed { program: Program::default(), comments: vec![], diagnostics };
    }
    let (program, comments, diagnostics) = with_parser(source, None, read_program);
    Parsed { program, comments, diagnostics }
}

/// Parses one expression, as a prompt reads it.
pub fn parse_expression(source: &Source) -> (Option<Expr>, Vec<Diagnostic>) {
    let (expr, _, diagnostics) = with_parser(source, None, |parser, files| match files.first().map_or(&[][..], Vec::as_slice) {
        [statement] => {
            parser.no_block(statement);
            parser.head(statement, Rule::expression_only, Parser::expr_in)
        }
        [] => None,
        [_, second, ..] => {
            let found = Diagnostic::new(Code::Misplaced, Span::new(second.head.clone()), "one value or condition is read at a time");
            parser.diagnostics.push(found);
            None
        }
    });
    (expr, diagnostics)
}

/// Parses the steps of a scenario without its braces, as a prompt reads them.
pub fn parse_steps(source: &Source) -> (Vec<Spanned<Step>>, Vec<Diagnostic>) {
    let (steps, _, diagnostics) = with_parser(source, None, |parser, files| {
        parser.block = "scenario";
        parser.steps(files.first().map_or(&[][..], Vec::as_slice), &mut vec![])
    });
    (steps, diagnostics)
}

fn read_program(parser: &mut Parser<'_>, files: &[Vec<Statement>]) -> Program {
    let mut program = files.first().map_or_else(Program::default, |statements| parser.program(statements));
    for statements in files.iter().skip(1) {
        parser.library(statements, &mut program);
    }
    program
}

fn with_parser<T>(
    source: &Source,
    known: Option<&Known>,
    read: impl FnOnce(&mut Parser<'_>, &[Vec<Statement>]) -> T,
) -> (T, Vec<Comment>, Vec<Diagnostic>) {
    let layout = lay_out_files(source);
    let (files, skeleton) = cut_files(&layout.text, source);
    let mut spots: Vec<Span> = layout.diagnostics.iter().map(|found| found.span).collect();
    spots.sort_unstable();
    let mut diagnostics = layout.diagnostics;
    diagnostics.extend(skeleton);
    let mut parser = Parser {
        source: source.text(),
        known,
        text: &layout.text,
        comments: &layout.comments,
        spots,
        diagnostics,
        base: 0,
        flagged: false,
        depth: 0,
        brackets: 0,
        block: "",
    };
    let tree = read(&mut parser, &files);
    let mut diagnostics = parser.diagnostics;
    for found in &mut diagnostics {
        let places = found.others.iter_mut().map(|(span, _)| span).chain(found.fix.as_mut().map(|fix| &mut fix.span));
        places.chain([&mut found.span]).for_each(|span| *span = whole_characters(source.text(), *span));
    }
    diagnostics.sort_by_key(|found| (found.span.start, found.span.end));
    Diagnostic::tell_most(&mut diagnostics);
    told_once(source.text(), &mut diagnostics);
    (tree, layout.comments, diagnostics)
}

/// The deepest tree of an expression, and so the most operators in a row.
const MAX_DEPTH: usize = 256;
/// Words behind which an expression may begin anew without a bracket.
const NESTING_WORDS: &[&str] =
    &["after", "all", "any", "average", "count", "ever", "highest", "if", "latest", "lowest", "no", "of", "streak", "sum", "where"];

pub(super) struct Parser<'a> {
    source: &'a str,
    /// What was read of a text that is nearly the same.
    known: Option<&'a Known>,
    /// The text that was laid out.
    text: &'a str,
    comments: &'a [Comment],
    /// Where the layout has found something, in order.
    spots: Vec<Span>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Where the statement that is being parsed begins.
    base: usize,
    /// Whether something was said of this statement already.
    flagged: bool,
    depth: usize,
    pub(super) brackets: usize,
    /// The kind of block that is being read, for messages.
    block: &'static str,
}

impl Parser<'_> {
    /// Parses a statement's head by a rule and builds its node. At most one message is kept.
    fn head<T>(&mut self, statement: &Statement, rule: Rule, build: impl FnOnce(&mut Self, &Pair<'_>) -> T) -> Option<T> {
        let said = self.diagnostics.len();
        if said > Diagnostic::MOST {
            return None;
        }
        self.flagged = statement.flagged || self.has_spot(Span::new(statement.head.clone()));
        let built = self.fragment(statement.head.clone(), rule, build);
        self.diagnostics.truncate(said + usize::from(!self.flagged || built.is_some()));
        built
    }

    /// Parses a part of the text by a rule.
    fn fragment<T>(&mut self, range: std::ops::Range<usize>, rule: Rule, build: impl FnOnce(&mut Self, &Pair<'_>) -> T) -> Option<T> {
        let outer = (self.base, self.depth, self.brackets);
        (self.base, self.depth, self.brackets) = (range.start, 0, 0);
        let text = self.text;
        let built = self.pair(text.get(range).unwrap_or(""), rule).map(|pair| build(self, &pair));
        (self.base, self.depth, self.brackets) = outer;
        built
    }

    fn pair<'t>(&mut self, text: &'t str, rule: Rule) -> Option<Pair<'t>> {
        if nests_too_deep(text) {
            self.too_deep(Span::new(self.base..self.base + text.len()));
            return None;
        }
        match Grammar::parse(rule, text) {
            Ok(mut pairs) => pairs.next(),
            Err(error) => {
                let joined = phrases::joined::find(self.source, text, self.base, rule, &error);
                let found = joined.unwrap_or_else(|| errors::explain(text, self.base, rule, self.block, &error));
                self.diagnostics.push(found);
                None
            }
        }
    }

    fn too_deep(&mut self, span: Span) {
        let message = format!("the statement is nested more than {MAX_NESTING} deep, or has more than {MAX_DEPTH} operators in a row");
        self.diagnostics.push(Diagnostic::new(Code::Nesting, span, message).help("give parts of it a name with `let`"));
    }

    /// Whether the layout has found something in this range.
    fn has_spot(&self, span: Span) -> bool {
        let first = self.spots.partition_point(|spot| spot.end < span.start);
        self.spots.get(first).is_some_and(|spot| spot.start < span.end)
    }

    /// The place of what was parsed, without blanks at its end.
    pub(super) fn span(&self, pair: &Pair<'_>) -> Span {
        let start = self.base + pair.as_span().start();
        whole_characters(self.source, Span::new(start..start + pair.as_str().trim_end().len()))
    }

    /// The text of what was parsed, as a name.
    pub(super) fn name(&self, pair: &Pair<'_>) -> Name {
        Name::new(pair.as_str().trim_end().to_owned(), self.span(pair))
    }

    /// The name in a child; empty where there is none.
    fn name_in(&self, pair: &Pair<'_>, rule: Rule) -> Name {
        child(pair, rule).map(|inner| self.name(&inner)).unwrap_or_default()
    }

    /// The text in a child; empty where there is none.
    fn text_in(&self, pair: &Pair<'_>) -> Name {
        child(pair, Rule::text).map(|inner| self.text(&inner)).unwrap_or_default()
    }

    /// The statements of a block; a missing block is reported.
    fn block<'s>(&mut self, statement: &'s Statement) -> &'s [Statement] {
        if let Some(block) = &statement.block {
            return &block.children;
        }
        if !self.has_spot(Span::new(statement.head.clone())) && !statement.flagged {
            let word = self.word(statement);
            let head = Span::new(statement.head.clone());
            let found = Diagnostic::new(Code::Brace, head, format!("`{word}` needs a block `{{ … }}`"));
            self.diagnostics.push(found.help("put what belongs to it in braces after this line"));
        }
        &[]
    }

    /// Reports a block where a statement has none.
    fn no_block(&mut self, statement: &Statement) {
        if let Some(block) = &statement.block {
            let end = statement.head.end;
            let span = Span::new(end..block.end.max(end));
            let brace = Span::new(end..end + self.text.get(span.range()).and_then(|text| text.find('{')).map_or(0, |at| at + 1));
            let found = Diagnostic::new(Code::Misplaced, brace, format!("`{}` has no block", self.word(statement)));
            self.diagnostics.push(found.help("remove the braces"));
        }
    }

    /// The word that a statement begins with.
    fn word(&self, statement: &Statement) -> &str {
        first_word(self.text.get(statement.head.clone()).unwrap_or(""))
    }

    /// Whether the head holds a text.
    fn head_text(&self, statement: &Statement) -> &str {
        self.text.get(statement.head.clone()).unwrap_or("")
    }

    /// Reports that no statement of this block begins so, with the nearest that does.
    fn unknown(&mut self, statement: &Statement, words: &[&str]) {
        let head = Span::new(statement.head.clone());
        if statement.flagged || self.has_spot(head) || self.diagnostics.len() > Diagnostic::MOST {
            return;
        }
        let found = errors::unknown_word(self.head_text(statement), statement.head.start, self.block, words);
        self.diagnostics.push(found);
    }

    /// The `///` lines right above a place.
    fn doc(&self, start: usize) -> Option<String> {
        let mut from = self.comments.partition_point(|comment| (comment.span.end as usize) <= start);
        let mut lines = Vec::new();
        let mut next = start;
        while let Some(comment) = from.checked_sub(1).and_then(|at| self.comments.get(at)) {
            // Comments are blanks in the text that was laid out, so only other text and empty lines separate.
            let between = self.text.get(comment.span.end as usize..next).unwrap_or("x");
            if comment.kind != CommentKind::Doc || !between.trim().is_empty() || between.matches('\n').count() > 1 {
                break;
            }
            lines.push(comment.text.trim_start_matches('/').trim());
            (from, next) = (from - 1, comment.span.start as usize);
        }
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// Whether parsing would recurse deeper than the limit.
fn nests_too_deep(text: &str) -> bool {
    let mut quoted = false;
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    deepest > MAX_NESTING || words.filter(|word| NESTING_WORDS.contains(word)).count() > MAX_DEPTH / 2
}
