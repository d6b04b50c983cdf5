//! Programs with one slip each: a figure a step off, a word in the place of its neighbour, a condition or a
//! consequence left out. Comments, titles, the header and the scenarios are left as they are.

use std::ops::Range;

/// A slip: what stands there, and what is written in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// Where, in bytes of the file.
    pub(crate) place: Range<usize>,
    /// What is written instead; nothing where words are left out.
    pub(crate) text: String,
}

/// Words and those with which they are mixed up; nothing where they are forgotten.
const SWAPS: &[(&str, &[&str])] = &[
    // What touches, and what crosses.
    ("stays above", &["stays at or above"]),
    ("stays at or above", &["stays above"]),
    ("stays below", &["stays at or below"]),
    ("stays at or below", &["stays below"]),
    ("is at least", &["is above"]),
    ("is above", &["is at least"]),
    ("is at most", &["is below"]),
    ("is below", &["is at most"]),
    ("| above |", &["| from |"]),
    ("| from |", &["| above |"]),
    ("daily_loss_touch", &["daily_loss_cross"]),
    ("daily_loss_cross", &["daily_loss_touch"]),
    ("fixed_floor_touch", &["fixed_floor_cross"]),
    ("fixed_floor_cross", &["fixed_floor_touch"]),
    ("end_of_day_floor_touch", &["end_of_day_floor_cross", "intraday_floor_touch", "realised_floor_touch"]),
    ("end_of_day_floor_cross", &["end_of_day_floor_touch", "intraday_floor_cross", "realised_floor_cross"]),
    ("intraday_floor_cross", &["intraday_floor_touch", "end_of_day_floor_cross", "realised_floor_cross"]),
    ("winning_days_at_least", &["winning_days_above"]),
    ("best_day_at_most", &["best_day_below"]),
    ("best_day_since_payout_at_most", &["best_day_since_payout_below"]),
    ("best_day_since_payout_below", &["best_day_since_payout_at_most"]),
    ("contracts_at_most", &["contracts_closed_down_to"]),
    // What a rule is counted from.
    ("size", &["balance"]),
    ("balance", &["equity", "size"]),
    ("equity", &["balance"]),
    ("start_balance", &["balance"]),
    ("day.start_balance", &["day.start_equity", "balance"]),
    ("day.start_equity", &["day.start_balance", "equity"]),
    ("day.profit", &["day.equity_profit", "profit"]),
    ("day.opened", &["day.closed"]),
    ("profit", &["available", "day.profit"]),
    ("highest", &["latest"]),
    ("latest", &["highest"]),
    ("max", &["min"]),
    ("min", &["max"]),
    ("+", &["-"]),
    ("-", &["+"]),
    ("idea.profit", &["idea.open_profit"]),
    ("by symbol, side", &["by symbol", "by side"]),
    // When.
    ("at day end", &["at mark", "at realised"]),
    ("at mark", &["at realised", "at day end"]),
    ("at realised", &["at mark", "at day end"]),
    ("at exit", &["at entry"]),
    ("at entry", &["at exit"]),
    ("closed days", &["days so far"]),
    ("days so far", &["closed days"]),
    ("traded days", &["closed days", "days with entries"]),
    ("days with entries", &["traded days"]),
    ("since last payout", &["since phase start"]),
    ("since phase start", &["since day start"]),
    ("since trade", &["since phase start"]),
    ("once per day", &["once per phase"]),
    ("once per phase", &["once per day"]),
    ("cycle.date", &["day.date"]),
    ("mon", &["tue"]),
    ("tue", &["wed"]),
    ("wed", &["thu"]),
    ("thu", &["fri"]),
    ("fri", &["sat"]),
    ("sat", &["sun"]),
    ("sun", &["mon"]),
    // How long, and for whom.
    ("until next day", &["until next week", "until staff"]),
    ("until next week", &["until next day"]),
    ("until staff", &["until next day"]),
    ("and freezes", &[""]),
    ("takes effect next day", &[""]),
    ("while account is flat", &[""]),
    ("changeable", &[""]),
    ("losing", &[""]),
    ("high news", &["news"]),
    ("for symbol", &[""]),
    // Conditions.
    ("is not", &["is"]),
    ("and", &["or"]),
    ("or", &["and"]),
    ("yes", &["no"]),
    ("no", &["yes"]),
];

/// The first words of statements that are left out.
const STATEMENTS: &[&str] = &[
    "require",
    "pays",
    "leaves",
    "minimum",
    "allowance",
    "split",
    "also",
    "at",
    "on",
    "use",
    "every",
    "after",
    "limit",
    "refuse",
    "pending",
];

/// The first words of lines that are left as they are.
const HEADER: &[&str] = &["program", "firm", "version", "source", "currency", "timezone", "day", "calendar", "marks", "import"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    Number,
    Time,
    Title,
    Sign,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    place: Range<usize>,
}

/// All slips of a file, in the order of their places.
pub(crate) fn mutants(text: &str) -> Vec<Mutant> {
    let rules = &text[..text.find("\n    scenario \"").unwrap_or(text.len())];
    let tokens = tokens(rules);
    let swaps: Vec<(Vec<&str>, &[&str])> = SWAPS.iter().map(|(from, to)| (words(from), *to)).collect();
    let file = File { text: rules, choices: choices(rules), columns: columns(rules), tokens };
    let mut found: Vec<Mutant> = (0..file.tokens.len())
        .filter(|at| !file.in_header(*at))
        .flat_map(|at| [file.figures(at), file.swapped(at, &swaps), file.chosen(at), file.left_out(at)].concat())
        .collect();
    found.sort_by(|one, other| (one.place.start, one.place.end, &one.text).cmp(&(other.place.start, other.place.end, &other.text)));
    found.dedup();
    found
}

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
            Kind::Number => [1, -1].map(|by| self.mutant(at - usize::from(money), at, stepped(text, by, money))).to_vec(),
            Kind::Time => [1, -1].map(|by| self.mutant(at, at, minute(text, by))).to_vec(),
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
fn stepped(text: &str, by: i128, money: bool) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let decimals = text.find('.').map_or(0, |point| text.len() - point - 1);
    let value = digits.parse::<i128>().unwrap() + by;
    let plain = format!("{:0>width$}", value.abs(), width = decimals + 1);
    let (whole, rest) = plain.split_at(plain.len() - decimals);
    let point = if decimals > 0 { "." } else { "" };
    format!("{}{}{}{point}{rest}", if value < 0 { "-" } else { "" }, if money { "$" } else { "" }, grouped(whole, text.contains(',')))
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
fn minute(text: &str, by: i32) -> String {
    let (hour, rest) = text.split_once(':').unwrap();
    let minutes = hour.parse::<i32>().unwrap() * 60 + rest[..2].parse::<i32>().unwrap() + by;
    let minutes = minutes.rem_euclid(25 * 60);
    format!("{:02}:{:02}{}", minutes / 60, minutes % 60, &rest[2..])
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

fn words(phrase: &str) -> Vec<&str> {
    tokens(phrase).into_iter().map(|token| &phrase[token.place]).collect()
}

/// Words, figures, titles and signs; comments and blanks are passed over.
fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let run = |fits: fn(char) -> bool| rest.find(|next| !fits(next)).unwrap_or(rest.len());
        let in_word: fn(char) -> bool = |next| next.is_ascii_alphanumeric() || next == '_';
        let (kind, length) = match first {
            '/' if rest.starts_with("//") => (None, rest.find('\n').unwrap_or(rest.len())),
            '"' => (Some(Kind::Title), rest[1..].find('"').map_or(rest.len(), |end| end + 2)),
            '0'..='9' => {
                let length = figure(rest);
                let unit = rest[length..].find(|next| !in_word(next)).unwrap_or(rest.len() - length);
                match &rest[length..length + unit] {
                    "" | "s" | "min" | "h" if rest[..length].contains(':') => (Some(Kind::Time), length),
                    "" | "s" | "min" | "h" => (Some(Kind::Number), length),
                    _ => (Some(Kind::Word), length + unit),
                }
            }
            _ if in_word(first) => (Some(Kind::Word), run(in_word)),
            _ if first.is_whitespace() => (None, run(char::is_whitespace)),
            _ => (Some(Kind::Sign), first.len_utf8()),
        };
        found.extend(kind.map(|kind| Token { kind, place: at..at + length }));
        at += length;
    }
    found
}

/// How far a figure reaches: `2,000`, `0.55`, `15:10`; a comma of a list ends it.
fn figure(text: &str) -> usize {
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end) || (text[end..].starts_with([',', '.', ':']) && digit(end + 1)) {
        end += 1;
    }
    end
}

#[test]
fn slips_of_a_line() {
    let line = "limit \"At 5\" { equity stays above 95% of size } // not 5";
    let found: Vec<String> = mutants(line).into_iter().map(|slip| format!("{} -> {}", &line[slip.place], slip.text)).collect();
    let whole = "limit \"At 5\" { equity stays above 95% of size } -> ";
    let expected = [whole, "equity -> balance", "stays above -> stays at or above", "95 -> 94", "95 -> 96", "size -> balance"];
    assert_eq!(found, expected);
}

#[test]
fn figures_keep_their_form() {
    let money = [("1,000", -1), ("999", 1), ("9,999", 1), ("0", -1), ("0.50", 1)].map(|(text, by)| stepped(text, by, true));
    assert_eq!(money, ["$999", "$1000", "$10,000", "-$1", "$0.51"]);
    assert_eq!(["15:59", "16:00", "24:00"].map(|time| minute(time, 1)), ["16:00", "16:01", "24:01"]);
    assert_eq!((minute("16:00", -1), minute("16:59:30", 1)), ("15:59".to_owned(), "17:00:30".to_owned()));
}

#[test]
fn consequences_guards_and_caps_are_left_out() {
    let lines = "use floor(by = 5,\n  cap = max) { flatten, fail }\nrequire \"a\" b when c\n    scenario \"5\" { }";
    let found: Vec<String> = mutants(lines).into_iter().map(|slip| format!("{} -> {}", &lines[slip.place], slip.text)).collect();
    let expected = [
        "use floor(by = 5,\n  cap = max) { flatten, fail } -> ",
        "5 -> 4",
        "5 -> 6",
        ",\n  cap = max -> ",
        "max -> min",
        "flatten, -> ",
        ", fail -> ",
        "require \"a\" b when c -> ",
        "when c -> ",
    ];
    assert_eq!(found, expected);
}
