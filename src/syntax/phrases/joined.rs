//! Names of two words: `daily loss` for the column `daily_loss`.

use pest::Parser as _;
use pest::error::Error;

use super::super::grammar::{Grammar, Rule};
use super::{Token, stops_at, tokenize};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// Words of a name, at most.
const MOST: usize = 3;

/// Words at the place where parsing stopped which, joined by `_`, are a name of the file, or stand there as a heading.
pub(in super::super) fn find(file: &str, text: &str, base: usize, rule: Rule, error: &Error<Rule>) -> Option<Diagnostic> {
    let (at, tokens) = (stops_at(text, error), tokenize(text));
    let here = tokens.partition_point(|token| token.end() <= at);
    let windows = (2..=MOST).rev().flat_map(|length| tokens.windows(length).enumerate());
    windows.into_iter().find_map(|(first, words)| {
        let (start, end) = (words.first()?.start, words.last()?.end());
        let touches = first <= here && here <= first + words.len();
        let apart = words.windows(2).all(|pair| pair[1].start > pair[0].end());
        if !touches || !apart || !words.iter().all(Token::is_word) {
            return None;
        }
        let each: Vec<&str> = words.iter().map(|word| word.text).collect();
        let joined = each.join("_");
        if !is_name(file, &joined) && !is_heading(file, &each.join(" ")) {
            return None;
        }
        let mended = format!("{}{joined}{}", text.get(..start)?, text.get(end..)?);
        let further = Grammar::parse(rule, &mended).err().is_none_or(|error| stops_at(&mended, &error) > end);
        let span = Span::new(base + start..base + end);
        further.then(|| {
            let found = Diagnostic::new(Code::Syntax, span, format!("`{}` is no name: names have no blanks", each.join(" ")));
            found.fix(span, joined.clone(), format!("write `{joined}`")).otherwise("join its words with `_`")
        })
    })
}

fn is_name(file: &str, name: &str) -> bool {
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let ends = |(at, _): (usize, &str)| is_part(file[..at].chars().next_back()) || is_part(file[at + name.len()..].chars().next());
    file.match_indices(name).any(|found| !ends(found))
}

/// Whether a cell of a table holds these words.
fn is_heading(file: &str, words: &str) -> bool {
    let cells = file.lines().filter(|line| line.trim_start().starts_with('|')).flat_map(|line| line.split('|'));
    cells.into_iter().any(|cell| cell.split_whitespace().eq(words.split(' ')))
}
