//! What lines up in lines that follow each other: the words of the header, the names of values, the
//! titles of requirements, the clauses of limits and payouts, what steps expect, the comments behind lines.

use super::line::{Content, Line};
use super::table::width;

/// Words of the header; their values stand two blanks behind the longest.
const HEADER: &[&str] =
    &["firm", "version", "source", "currency", "timezone", "day", "week", "calendar", "marks at", "trades", "gaps", "corrections"];

/// Words within a header's line that stand two blanks behind what is before them.
const APART: &[&str] = &[" effective ", " as of ", " version ", " settles "];

/// Clauses of payouts whose values line up.
const PAYOUT: &[&str] =
    &["pays at most", "leaves at least", "minimum", "fee", "split", "at request", "at approval", "at payment", "at denial"];

/// A kind of lines that line up with their like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Header,
    Let,
    Track,
    Typed,
    Require,
    Limit,
    Payout,
    Step,
}

/// Lines up what follows each other.
pub(super) fn align(lines: &mut [Line]) {
    let keys: Vec<Option<(Kind, usize)>> = (0..lines.len()).map(|at| key(lines, at)).collect();
    let mut at = 0;
    while at < lines.len() {
        let Some((kind, _)) = keys[at] else {
            at += 1;
            continue;
        };
        let run = keys[at..].iter().take_while(|key| key.is_some_and(|(other, _)| other == kind)).count();
        let run = lines[at..at + run].iter().take_while(|line| line.indent == lines[at].indent).count();
        pad(kind, &mut lines[at..at + run], &keys[at..at + run]);
        at += run;
    }
}

fn pad(kind: Kind, lines: &mut [Line], keys: &[Option<(Kind, usize)>]) {
    let split = |line: &Line, key: &Option<(Kind, usize)>| {
        let (before, after) = line.code().split_at(key.map_or(0, |(_, place)| place));
        (before.trim_end().to_owned(), after.trim_start().to_owned())
    };
    let parts: Vec<(String, String)> = lines.iter().zip(keys).map(|(line, key)| split(line, key)).collect();
    let widest = parts.iter().map(|(before, _)| width(before)).filter(|width| *width <= super::WIDEST).max().unwrap_or(0);
    let gap = if matches!(kind, Kind::Header | Kind::Step) { 2 } else { 1 };
    for (line, (before, after)) in lines.iter_mut().zip(parts) {
        let blanks = widest.saturating_sub(width(&before)) + gap;
        let after = if kind == Kind::Header { apart(&after) } else { after };
        line.content = Content::Code(format!("{before}{}{after}", " ".repeat(blanks)));
    }
}

fn apart(text: &str) -> String {
    APART.iter().fold(text.to_owned(), |text, word| match text.find(word).filter(|at| !text[..*at].ends_with(' ')) {
        Some(at) if text[..at].matches('"').count() % 2 == 0 => format!("{} {}", &text[..at], &text[at..]),
        _ => text,
    })
}

/// The kind of a line and the place in its code from which on it lines up.
fn key(lines: &[Line], at: usize) -> Option<(Kind, usize)> {
    let code = lines[at].code();
    // A statement that goes on over several lines, or opens a block of them, stands alone.
    let whole = !code.is_empty() && is_balanced(code) && lines.get(at + 1).is_none_or(|next| !super::line::continues(&lines[..=at], next));
    if !whole {
        return None;
    }
    let word = code.split(' ').next().unwrap_or_default();
    let named = |kind: Kind, sign: char| {
        let place = super::line::outside_texts(code).find(|(_, letter)| *letter == sign)?.0;
        Some((kind, if sign == ':' { place + 1 } else { place }))
    };
    match word {
        "let" => named(Kind::Let, '='),
        "track" => named(Kind::Track, '='),
        "option" | "input" | "state" => named(Kind::Typed, ':'),
        "require" => Some((Kind::Require, code.match_indices('"').nth(1)?.0 + 1)),
        _ if lines[at].indent == super::INDENT && HEADER.iter().any(|known| starts(code, known)) => {
            let known = HEADER.iter().find(|known| starts(code, known))?;
            Some((Kind::Header, known.len()))
        }
        _ => step(code).or_else(|| clause(code).filter(|_| lines[at].indent > super::INDENT)),
    }
}

/// Steps of a scenario line up where the last of them says what is expected.
fn step(code: &str) -> Option<(Kind, usize)> {
    let last = super::line::outside_texts(code).filter(|(_, letter)| *letter == ';').last()?.0;
    code[last + 1..].trim_start().starts_with("expect ").then_some((Kind::Step, last + 1))
}

/// Clauses of limits and payouts.
fn clause(code: &str) -> Option<(Kind, usize)> {
    if let Some(known) = PAYOUT.iter().find(|known| starts(code, known)) {
        return Some((Kind::Payout, known.len()));
    }
    if starts(code, "allowance") {
        return Some((Kind::Limit, "allowance".len()));
    }
    let head = code.split(" {").next().unwrap_or_default();
    let breach = head == "on breach" || (head.starts_with("on ") && head.ends_with(" breach"));
    let used = head.starts_with("at ") && head.ends_with("% used");
    (head.len() < code.len() && (breach || used)).then_some((Kind::Limit, head.len()))
}

fn starts(code: &str, words: &str) -> bool {
    code.strip_prefix(words).is_some_and(|rest| rest.starts_with(' '))
}

fn is_balanced(code: &str) -> bool {
    let mut open = 0;
    for (_, letter) in super::line::outside_texts(code) {
        open += i32::from(matches!(letter, '(' | '{')) - i32::from(matches!(letter, ')' | '}'));
        if open < 0 {
            return false;
        }
    }
    open == 0
}

/// Comments behind lines that follow each other stand in one column.
pub(super) fn align_comments(lines: &mut [Line]) {
    let mut at = 0;
    while at < lines.len() {
        let run = lines[at..].iter().take_while(|line| line.comment.is_some()).count();
        let end = |line: &Line| {
            let text = match &line.content {
                Content::Row(cells) => format!("| {} |", cells.join(" | ")),
                _ => line.code().to_owned(),
            };
            line.indent + width(&text) + 2
        };
        let column = lines[at..at + run].iter().map(end).filter(|column| *column <= super::WIDEST).max().unwrap_or(0);
        for line in &mut lines[at..at + run] {
            line.comment_column = column;
        }
        at += run.max(1);
    }
}
