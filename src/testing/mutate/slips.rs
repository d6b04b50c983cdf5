//! The slips of a file: each is one change of its rules.

use super::Mutant;
use super::tokens::{Kind, Token, tokens, words};
use super::words::{HEADER, STATEMENTS, SWAPS};

/// All slips of a file, in the order of their places.
pub fn mutants(text: &str) -> Vec<Mutant> {
    let tokens = without_scenarios(text, tokens(text));
    let swaps: Vec<(Vec<&str>, &[&str])> = SWAPS.iter().map(|(from, to)| (words(from), *to)).collect();
    let file = File { text, choices: choices(text), columns: columns(text), tokens };
    let mut found: Vec<Mutant> = (0..file.tokens.len())
        .filter(|at| !file.in_header(*at))
        .flat_map(|at| [file.figures(at), file.swapped(at, &swaps), file.chosen(at), file.left_out(at)].concat())
        .collect();
    found.sort_by(|one, other| (one.place.start, one.place.end, &one.text).cmp(&(other.place.start, other.place.end, &other.text)));
    found.dedup();
    found
}

/// The tokens of rules: scenarios say what rules do, and are left as they are.
fn without_scenarios(text: &str, tokens: Vec<Token>) -> Vec<Token> {
    let word = |token: &Token| &text[token.place.clone()];
    let mut kept = Vec::new();
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        if word(&token) != "scenario" || rest.peek().is_none_or(|next| next.kind != Kind::Title) {
            kept.push(token);
            continue;
        }
        let mut depth = 0_usize;
        for inner in rest.by_ref() {
            match word(&inner) {
                "{" => depth += 1,
                "}" if depth <= 1 => break,
                "}" => depth -= 1,
                _ => {}
            }
        }
    }
    kept
}

/// A file's rules.
struct File<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// The words of each option of several.
    choices: Vec<Vec<&'a str>>,
    /// The columns of the plans, in order.
    columns: Vec<&'a str>,
}

impl File<'_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &self.text[token.place.clone()])
    }

    fn previous(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |before| self.word(before))
    }

    fn mutant(&self, first: usize, last: usize, text: impl Into<String>) -> Mutant {
        Mutant { place: self.tokens[first].place.start..self.tokens[last].place.end, text: text.into() }
    }

    /// The line up to a token.
    fn line_before(&self, at: usize) -> &str {
        let before = &self.text[..self.tokens[at].place.start];
        before[before.rfind('\n').map_or(0, |end| end + 1)..].trim_start()
    }

    fn first_of_line(&self, at: usize) -> bool {
        self.line_before(at).is_empty()
    }

    fn in_header(&self, at: usize) -> bool {
        let line = self.line_before(at);
        let first = if line.is_empty() { self.word(at) } else { line.split_whitespace().next().unwrap_or("") };
        HEADER.contains(&first)
    }

    /// A figure one step of its last digit up and down, a time of day a minute.
    fn figures(&self, at: usize) -> Vec<Mutant> {
        let text = self.word(at);
        let money = self.previous(at) == "$";
        match self.tokens[at].kind {
            Kind::Number => {
                let both = [1, -1].into_iter().filter_map(|by| stepped(text, by, money));
                both.map(|figure| self.mutant(at - usize::from(money), at, figure)).collect()
            }
            Kind::Time => [1, -1].into_iter().filter_map(|by| minute(text, by)).map(|time| self.mutant(at, at, time)).collect(),
            Kind::Word | Kind::Title | Kind::Sign => Vec::new(),
        }
    }

    /// Words in the place of their neighbours.
    fn swapped(&self, at: usize, swaps: &[(Vec<&str>, &[&str])]) -> Vec<Mutant> {
        if self.previous(at) == "." {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (from, to) in swaps {
            let last = at + from.len() - 1;
            if (0..from.len()).all(|offset| self.word(at + offset) == from[offset]) && self.word(last + 1) != "." {
                found.extend(to.iter().map(|to| self.mutant(at, last, *to)));
            }
        }
        found
    }

    /// Another choice of an option, another column of the plans.
    fn chosen(&self, at: usize) -> Vec<Mutant> {
        let word = self.word(at);
        let mut found = Vec::new();
        if ["is", "="].contains(&self.previous(at)) {
            let others = self.choices.iter().filter(|choices| choices.contains(&word)).flatten();
            found.extend(others.filter(|other| **other != word).map(|other| self.mutant(at, at, *other)));
        }
        if let Some(column) = self.columns.iter().position(|column| *column == word)
            && ![".", "|"].contains(&self.previous(at))
        {
            let near = [column.checked_sub(1), Some(column + 1)].into_iter().flatten().filter_map(|near| self.columns.get(near));
            found.extend(near.map(|near| self.mutant(at, at, *near)));
        }
        found
    }

    /// A statement, a guard, a cap, one of several consequences.
    fn left_out(&self, at: usize) -> Vec<Mutant> {
        let until = |stops: &[&str]| {
            let end = (at + 1..self.tokens.len()).find(|next| stops.contains(&self.word(*next)) || self.first_of_line(*next));
            vec![self.mutant(at, end.unwrap_or(self.tokens.len()) - 1, "")]
        };
        match self.word(at) {
            "when" if !self.first_of_line(at) => until(&["{"]),
            word if self.first_of_line(at) && STATEMENTS.contains(&word) => vec![self.mutant(at, self.end_of_statement(at), "")],
            "for" if self.tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Number) => until(&["{"]),
            "," if self.word(at + 1) == "cap" => {
                (at..self.tokens.len()).find(|end| self.word(*end) == ")").map(|end| self.mutant(at, end - 1, "")).into_iter().collect()
            }
            "{" => self.consequences(at),
            _ => Vec::new(),
        }
    }

    /// The last token of the statement that begins here, its block with it.
    fn end_of_statement(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for next in at..self.tokens.len() {
            match self.word(next) {
                "{" | "(" => depth += 1,
                "}" | ")" if depth == 0 => return next - 1,
                "}" | ")" => depth -= 1,
                _ if depth == 0 && next > at && self.first_of_line(next) => return next - 1,
                _ => {}
            }
        }
        self.tokens.len() - 1
    }

    /// One of several consequences left out.
    fn consequences(&self, open: usize) -> Vec<Mutant> {
        let Some(close) = (open + 1..self.tokens.len()).find(|at| ["{", "}"].contains(&self.word(*at))) else { return Vec::new() };
        if self.word(close) == "{" {
            return Vec::new();
        }
        let commas: Vec<usize> = (open..close).filter(|at| self.word(*at) == ",").collect();
        let Some(first) = commas.first() else { return Vec::new() };
        let ends = commas.iter().skip(1).copied().chain([close]);
        let later = commas.iter().zip(ends).map(|(comma, end)| self.mutant(*comma, end - 1, ""));
        [self.mutant(open + 1, *first, "")].into_iter().chain(later).collect()
    }
}

/// A figure a step of its last digit further; below nothing the minus stands before the currency.
pub(super) fn stepped(text: &str, by: i128, money: bool) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let decimals = text.find('.').map_or(0, |point| text.len() - point - 1);
    let value = digits.parse::<i128>().ok()?.checked_add(by)?;
    let plain = format!("{:0>width$}", value.abs(), width = decimals + 1);
    let (whole, rest) = plain.split_at(plain.len() - decimals);
    let point = if decimals > 0 { "." } else { "" };
    let (minus, currency) = (if value < 0 { "-" } else { "" }, if money { "$" } else { "" });
    Some(format!("{minus}{currency}{}{point}{rest}", grouped(whole, text.contains(','))))
}

/// Thousands apart, as the figure was written.
fn grouped(whole: &str, commas: bool) -> String {
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if commas && at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time of day a minute later or earlier.
pub(super) fn minute(text: &str, by: i32) -> Option<String> {
    let (hour, rest) = text.split_once(':')?;
    let minutes = hour.parse::<i32>().ok()?.checked_mul(60)? + rest.get(..2)?.parse::<i32>().ok()? + by;
    let minutes = minutes.rem_euclid(25 * 60);
    Some(format!("{:02}:{:02}{}", minutes / 60, minutes % 60, &rest[2..]))
}

/// The words of every `one of (…)`.
fn choices(text: &str) -> Vec<Vec<&str>> {
    let lists = text.split(": one of (").skip(1).filter_map(|rest| rest.split_once(')'));
    lists.map(|(list, _)| list.split(',').map(str::trim).collect()).collect()
}

/// The columns of the plans.
fn columns(text: &str) -> Vec<&str> {
    let head = text.split_once("plans\n").and_then(|(_, rest)| rest.lines().next());
    head.map_or(Vec::new(), |line| line.split('|').map(str::trim).filter(|name| !name.is_empty() && *name != "plan").collect())
}
