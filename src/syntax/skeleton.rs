//! The second pass: the text is cut into statements by lines, `;` and braces, before the grammar
//! sees any of it. Braces say what belongs together; where one is missing or one too many, indentation
//! tells which, so that one missing brace is one message and every other statement is still parsed.

use std::ops::Range;

use super::layout::MAX_NESTING;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Source, Span};

/// One statement: its own text, and the block behind it.
#[derive(Debug)]
pub(super) struct Statement {
    /// Its text without its block.
    pub(super) head: Range<usize>,
    /// Its block.
    pub(super) block: Option<Block>,
    /// Whether something was said of this line already.
    pub(super) flagged: bool,
    indent: usize,
    line: usize,
}

/// What stands between braces.
#[derive(Debug)]
pub(super) struct Block {
    /// The statements in order.
    pub(super) children: Vec<Statement>,
    /// After the closing brace.
    pub(super) end: usize,
}

impl Statement {
    /// A part of this statement, without its block.
    pub(super) fn part(&self, span: Span) -> Self {
        Self { head: span.range(), block: None, flagged: self.flagged, indent: self.indent, line: self.line }
    }

    /// Moves all its places so many bytes further on.
    fn move_by(&mut self, bytes: u32) {
        self.head = Span::new(self.head.clone()).moved(bytes).range();
        if let Some(block) = &mut self.block {
            block.end += bytes as usize;
            for child in &mut block.children {
                child.move_by(bytes);
            }
        }
    }

    /// The whole statement, with its block.
    pub(super) fn span(&self) -> Span {
        Span::new(self.head.start..self.block.as_ref().map_or(self.head.end, |block| block.end))
    }
}

/// Cuts each file of a text that was laid out.
pub(super) fn cut_files(text: &str, source: &Source) -> (Vec<Vec<Statement>>, Vec<Diagnostic>) {
    let (mut files, mut diagnostics) = (Vec::new(), Vec::new());
    for file in source.files() {
        let (mut statements, found) = cut(text.get(file.span.range()).unwrap_or(""), source.slice(file.span));
        for statement in &mut statements {
            statement.move_by(file.span.start);
        }
        diagnostics.extend(found.into_iter().map(|found| found.moved(file.span.start)));
        files.push(statements);
    }
    (files, diagnostics)
}

/// Cuts a text that was laid out.
///
/// Replaced characters may be wider than what replaced them; statements hold them whole.
fn cut(text: &str, source: &str) -> (Vec<Statement>, Vec<Diagnostic>) {
    let (mut tokens, lines) = tokenize(text);
    for token in &mut tokens {
        if let Token::Text(range) = token {
            *range = whole_characters(source, Span::new(range.clone())).range();
        }
    }
    let balanced = braces_balance(&tokens);
    let by_indentation = !balanced || lacks_braces(text, &tokens, &lines);
    let mut cutter = Cutter { text, source, tokens, lines, by_indentation, balanced, at: 0, diagnostics: vec![] };
    let block = cutter.block(None, 0);
    (block.children, cutter.diagnostics)
}

#[derive(Clone, Debug)]
enum Token {
    Line(usize),
    Text(Range<usize>),
    Semicolon,
    Open(usize),
    Close(usize),
}

struct Line {
    start: usize,
    indent: usize,
    closes: bool,
}

fn tokenize(text: &str) -> (Vec<Token>, Vec<Line>) {
    let (mut tokens, mut lines) = (Vec::new(), Vec::new());
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        if !content.is_empty() {
            let indent = line.len() - line.trim_start().len();
            tokens.push(Token::Line(lines.len()));
            lines.push(Line { start: offset + indent, indent, closes: content.starts_with('}') });
            cut_line(text, offset + indent..offset + indent + content.len(), &mut tokens);
        }
        offset += line.len();
    }
    (tokens, lines)
}

fn cut_line(text: &str, range: Range<usize>, tokens: &mut Vec<Token>) {
    let line = &text[range.clone()];
    if line.starts_with('|') {
        tokens.push(Token::Text(range));
        return;
    }
    let mut quoted = false;
    let mut from = 0;
    for (at, byte) in line.bytes().enumerate() {
        quoted ^= byte == b'"';
        let here = range.start + at;
        let token = match byte {
            _ if quoted => continue,
            b';' => Token::Semicolon,
            b'{' => Token::Open(here),
            b'}' => Token::Close(here),
            _ => continue,
        };
        push_text(text, range.start + from..here, tokens);
        tokens.push(token);
        from = at + 1;
    }
    push_text(text, range.start + from..range.end, tokens);
}

fn push_text(text: &str, range: Range<usize>, tokens: &mut Vec<Token>) {
    let part = &text[range.clone()];
    let start = range.start + part.len() - part.trim_start().len();
    let content = part.trim();
    if !content.is_empty() {
        tokens.push(Token::Text(start..start + content.len()));
    }
}

/// Whether each brace closes one that was opened, and none is left open.
fn braces_balance(tokens: &[Token]) -> bool {
    let depth = tokens.iter().try_fold(0_usize, |depth, token| match token {
        Token::Open(_) => Some(depth + 1),
        Token::Close(_) => depth.checked_sub(1),
        _ => Some(depth),
    });
    depth == Some(0)
}

/// Whether a statement with a block is followed by deeper lines and no brace, as where a block ends with a word or with its indentation.
fn lacks_braces(text: &str, tokens: &[Token], lines: &[Line]) -> bool {
    let mut line = 0;
    tokens.windows(3).any(|next| {
        if let Token::Line(number) = next[0] {
            line = number;
        }
        let [Token::Text(head), Token::Line(behind), Token::Text(inner)] = next else { return false };
        let begins = |words: &[&str]| words.contains(&first_word(&text[head.clone()]));
        let is_deeper = lines.get(*behind).zip(lines.get(line)).is_some_and(|(behind, line)| behind.indent > line.indent);
        is_deeper && begins(WITH_BRACES) && !text[inner.clone()].starts_with('|')
    })
}

/// What opened the block that is being read.
#[derive(Clone, Copy)]
struct Opener {
    indent: usize,
    line: usize,
    /// The place of the `{`; none where it is missing.
    brace: Option<usize>,
    /// The head in front of it.
    head: Span,
}

struct Cutter<'a> {
    text: &'a str,
    source: &'a str,
    tokens: Vec<Token>,
    lines: Vec<Line>,
    /// Whether the braces do not balance, so that indentation has to tell what they do not.
    by_indentation: bool,
    balanced: bool,
    at: usize,
    diagnostics: Vec<Diagnostic>,
}

impl Cutter<'_> {
    fn block(&mut self, opener: Option<Opener>, depth: usize) -> Block {
        let mut children: Vec<Statement> = Vec::new();
        let mut line = opener.map_or(0, |opener| opener.line);
        let mut end = opener.map_or(0, |opener| opener.head.end as usize);
        while let Some(token) = self.tokens.get(self.at).cloned() {
            match token {
                Token::Line(number) => {
                    if let Some(opener) = opener.filter(|opener| self.ends_before(*opener, number)) {
                        self.missing_close(opener, Some(number));
                        return Block { children, end };
                    }
                    line = number;
                    if let Some(parent) = children.last_mut().filter(|last| self.lacks_open(last, opener, number, depth)) {
                        let block = self.missing_open(parent, depth);
                        end = block.end;
                        parent.block = Some(block);
                        continue;
                    }
                }
                Token::Text(range) => {
                    end = range.end;
                    let indent = self.lines.get(line).map_or(0, |line| line.indent);
                    children.push(Statement { head: range, block: None, flagged: false, indent, line });
                }
                Token::Semicolon => {}
                Token::Open(brace) => {
                    end = self.open(&mut children, brace, line, depth);
                    continue;
                }
                Token::Close(brace) => {
                    if opener.is_some_and(|opener| !self.is_extra(opener, brace, line)) {
                        self.at += 1;
                        return Block { children, end: brace + 1 };
                    }
                    self.extra_close(brace, line, &mut children);
                }
            }
            self.at += 1;
        }
        if let Some(opener) = opener {
            self.missing_close(opener, None);
        }
        Block { children, end }
    }

    /// Whether the block of this opener must have ended before this line.
    fn ends_before(&self, opener: Opener, line: usize) -> bool {
        let here = &self.lines[line];
        self.by_indentation && line != opener.line && (here.indent < opener.indent || (here.indent == opener.indent && !here.closes))
    }

    /// Whether this deeper line shows that the statement before it lacks its `{`.
    fn lacks_open(&self, last: &Statement, opener: Option<Opener>, line: usize, depth: usize) -> bool {
        let here = &self.lines[line];
        let is_row = self.text[here.start..].starts_with('|') || self.text[here.start..].starts_with('{');
        let parent = opener.map_or("", |opener| first_word(self.text.get(opener.head.range()).unwrap_or("")));
        let head = &self.text[last.head.clone()];
        self.by_indentation
            && last.block.is_none()
            && here.indent > last.indent
            && !is_row
            && depth < MAX_NESTING
            && opens_block(head, parent)
    }

    fn missing_open(&mut self, parent: &mut Statement, depth: usize) -> Block {
        let words = self.text[parent.head.clone()].trim_end_matches(':').trim_end().len();
        let end = parent.head.end;
        parent.head = whole_characters(self.source, Span::new(parent.head.start..parent.head.start + words)).range();
        let head = Span::new(parent.head.clone());
        let word = first_word(&self.text[parent.head.clone()]).to_owned();
        let said = self.diagnostics.len();
        // The line token is read again inside the block.
        let opener = Opener { indent: parent.indent, line: parent.line, brace: None, head };
        let mut block = self.block(Some(opener), depth + 1);
        let inside = end..block.end.max(end);
        let ends = self.ends_with_a_word(parent.indent);
        block.end = ends.unwrap_or(block.end);
        let found = if self.balanced {
            let gap = if ends.is_some() { self.text.get(inside.end..).unwrap_or("").find("end").unwrap_or(0) } else { 0 };
            let inner = self.source.get(inside.start..inside.end + gap).unwrap_or("");
            let close = if ends.is_some() { "}".to_owned() } else { format!("\n{}}}", " ".repeat(parent.indent)) };
            let place = Span::new(head.end as usize..ends.unwrap_or(inside.end));
            Diagnostic::new(Code::Brace, head, format!("what belongs to `{word}` stands in braces"))
                .label("the lines below belong to it")
                .fix(place, format!(" {{{inner}{close}"), "open the block with `{` at the end of this line, and close it with `}`")
        } else {
            Diagnostic::new(Code::Brace, head, format!("`{word}` lacks its `{{`")).label("the lines below belong to it").fix(
                Span::new(head.end as usize..end),
                " {",
                "end this line with `{`",
            )
        };
        self.diagnostics.insert(said, found);
        self.diagnostics.truncate(Diagnostic::MOST + 1);
        block
    }

    /// Passes over an `end` that stands where `}` is meant; the place behind it.
    fn ends_with_a_word(&mut self, indent: usize) -> Option<usize> {
        let [Token::Line(line), Token::Text(word)] = self.tokens.get(self.at..self.at + 2)? else { return None };
        let is_end = self.text.get(word.clone()) == Some("end") && self.lines.get(*line)?.indent == indent;
        let end = word.end;
        is_end.then(|| {
            self.at += 2;
            end
        })
    }

    /// A block behind the last statement; a brace without a head gives its statements to the block around.
    fn open(&mut self, children: &mut Vec<Statement>, brace: usize, line: usize, depth: usize) -> usize {
        let same_line = self.at > 0 && matches!(self.tokens.get(self.at - 1), Some(Token::Text(_)));
        let brace_span = Span::new(brace..brace + 1);
        self.at += 1;
        let head = children.last().filter(|last| last.block.is_none() && (same_line || last.line + 1 == line));
        let (indent, span) = head.map_or_else(
            || (self.lines.get(line).map_or(0, |line| line.indent), brace_span),
            |head| (head.indent, Span::new(head.head.clone())),
        );
        let has_head = head.is_some();
        if depth >= MAX_NESTING {
            let message = format!("blocks are nested more than {MAX_NESTING} deep");
            self.found(Diagnostic::new(Code::Nesting, brace_span, message).help("close the blocks that are open before it"));
            return brace + 1;
        }
        if has_head && !same_line {
            let found = Diagnostic::new(Code::Brace, brace_span, "`{` stands on a line of its own");
            let gap = Span { start: span.end, end: brace_span.end };
            self.found(found.fix(gap, " {", "put it at the end of the line that opens the block"));
        } else if !has_head {
            self.found(
                Diagnostic::new(Code::Brace, brace_span, "`{` opens a block without a statement before it")
                    .help("write in front of it what it belongs to, such as `on breach {`, or take it out"),
            );
        }
        let block = self.block(Some(Opener { indent, line, brace: Some(brace), head: span }), depth + 1);
        let end = block.end;
        match children.last_mut().filter(|_| has_head) {
            Some(head) => head.block = Some(block),
            None => children.extend(block.children),
        }
        end
    }

    /// Keeps a finding, up to the most that are told.
    fn found(&mut self, found: Diagnostic) {
        if self.diagnostics.len() <= Diagnostic::MOST {
            self.diagnostics.push(found);
        }
    }

    fn missing_close(&mut self, opener: Opener, missed: Option<usize>) {
        let Some(brace) = opener.brace else { return };
        let word = first_word(self.text.get(opener.head.range()).unwrap_or(""));
        let message = if word.is_empty() { "`{` is not closed".to_owned() } else { format!("the block of `{word}` is not closed") };
        let found = Diagnostic::new(Code::Brace, Span::new(brace..brace + 1), message).label("opened here").help("close it with `}`");
        self.found(match missed.and_then(|line| self.lines.get(line)) {
            Some(line) => found.other(Span::new(line.start..line.start + 1), "`}` is missing before this line"),
            None => found,
        });
    }

    /// Whether the indentation of what follows says that this brace closes nothing.
    fn is_extra(&self, opener: Opener, brace: usize, line: usize) -> bool {
        let (Some(here), Some(next)) = (self.lines.get(line), self.lines.get(line + 1)) else { return false };
        if !self.by_indentation || opener.line == line {
            return false;
        }
        let goes_on = !next.closes && next.indent > opener.indent;
        if here.start == brace {
            return here.indent > opener.indent && goes_on;
        }
        goes_on || (next.closes && next.indent == opener.indent)
    }

    fn extra_close(&mut self, brace: usize, line: usize, children: &mut [Statement]) {
        let found = Diagnostic::new(Code::Brace, Span::new(brace..brace + 1), "`}` closes nothing");
        let last = children.last_mut().filter(|last| last.line == line && last.block.is_none());
        self.found(match last {
            Some(last) => {
                last.flagged = true;
                found.help("add the `{` that it closes, or remove it")
            }
            None => found.help("remove it"),
        });
    }
}

/// The span, widened to whole characters of the source.
pub(super) fn whole_characters(source: &str, span: Span) -> Span {
    let mut range = span.range();
    range.end = range.end.min(source.len());
    range.start = range.start.min(range.end);
    while !source.is_char_boundary(range.start) {
        range.start -= 1;
    }
    while !source.is_char_boundary(range.end) {
        range.end += 1;
    }
    Span::new(range)
}

/// The word that a statement begins with, or its first character.
pub(super) fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let first_character = text.chars().next().map_or(0, char::len_utf8);
    &text[..end.max(first_character)]
}

/// Words of statements that never stand without a block.
const WITH_BRACES: &[&str] = &["phase", "limit", "goal", "scenario", "on", "when", "every"];

/// The words of statements with blocks.
const BLOCKS: &[&str] = &[
    "program", "phase", "floor", "limit", "goal", "scenario", "extend", "event", "action", "on", "when", "every", "after", "payout",
    "pending", "at", "migrate",
];

/// Whether a statement that begins like this has a block where it stands.
fn opens_block(head: &str, parent: &str) -> bool {
    let is_times = head.ends_with("times") && head.starts_with(|c: char| c.is_ascii_digit());
    match (first_word(head), parent) {
        (_, "scenario") => is_times,
        (word, _) => is_times || BLOCKS.contains(&word),
    }
}
