//! Likely slips and the right words for them. Asked only about a statement that does not parse,
//! and only near the place where parsing stopped.

mod clauses;
mod first;
pub(super) mod joined;
mod literals;
mod sentences;
mod steps;
mod table;

use pest::Parser as _;
use pest::error::{Error, ErrorVariant, InputLocation};

use super::errors::nearest;
use super::grammar::{Grammar, Rule};
use super::parse::STEPS;
use super::words::{RECORDS, is_reserved};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::vocabulary::ACTIONS;
pub(super) use first::first_word;
use table::{CLAUSE_ORDERS, EITHER, LIMIT_SLIPS, SLIPS, UNITS, VALUES};

/// What a limit is, and what becomes of it at the bound itself.
fn all_the_time(right: &str) -> String {
    let said = "a limit says what must hold all the time";
    match right.trim_end().strip_prefix("stays ") {
        Some("above") => format!("{said}: reaching the value itself breaks `stays above`, and does not break `stays at or above`"),
        Some("below") => format!("{said}: reaching the value itself breaks `stays below`, and does not break `stays at or below`"),
        Some(right @ ("at or above" | "at or below")) => format!("{said}: reaching the value itself does not break `stays {right}`"),
        _ => said.to_owned(),
    }
}

/// The same beside a fix.
fn noted(found: Diagnostic) -> Diagnostic {
    let note = all_the_time(found.fix.as_ref().map_or("", |fix| &fix.text));
    found.note(note)
}

/// A word, number, text or sign of a statement.
#[derive(Clone, Copy, Debug)]
struct Token<'t> {
    text: &'t str,
    start: usize,
}

impl Token<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    }
}

/// A statement that does not parse.
struct Failure<'t> {
    text: &'t str,
    tokens: Vec<Token<'t>>,
    /// Where the statement begins in the file.
    base: usize,
    /// Where parsing stopped, from the statement's beginning.
    at: usize,
    rule: Rule,
    /// The kind of block that it stands in.
    block: &'t str,
    expected: &'t [Rule],
}

impl Failure<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start..self.base + end)
    }

    /// The number of the token at which parsing stopped; one too high at the statement's end.
    fn here(&self) -> usize {
        self.tokens.partition_point(|token| token.end() <= self.at)
    }

    /// Whether an operator could have followed.
    fn after_value(&self) -> bool {
        self.expected.iter().any(|rule| matches!(rule, Rule::infix | Rule::plain_infix | Rule::postfix | Rule::comparison | Rule::w_is))
    }

    /// Whether the text of a finding, where it has one, brings the statement further than the word behind it.
    fn is_mended(&self, found: &Diagnostic, adjoining: usize) -> bool {
        let Some(fix) = &found.fix else { return true };
        let range = fix.span.range();
        let Some(place) = range.start.checked_sub(self.base).zip(range.end.checked_sub(self.base)) else { return true };
        let (Some(before), Some(behind)) = (self.text.get(..place.0), self.text.get(place.1..)) else { return true };
        // Another first word is another statement, and a comma, `;` or brace ends this one, which is whole by then.
        let is_parted = (fix.text == "," || fix.text.starts_with(';') || fix.text.starts_with(" {")) && self.expected.contains(&Rule::EOI);
        if place.0 == 0 || is_parted {
            return true;
        }
        let mended = format!("{before}{}{behind}", fix.text);
        let next = before.len() + fix.text.len() + behind.len() - behind.trim_start().len();
        match Grammar::parse(self.rule, &mended) {
            Ok(_) => true,
            Err(error) if stops_at(&mended, &error) > next => true,
            Err(error) => {
                adjoining > 0
                    && readings(&mended, self.base, self.rule, self.block, &error, adjoining - 1).is_some_and(|next| next.fix.is_some())
            }
        }
    }

    fn slip(&self, start: usize, end: usize, wrong: &str, right: &str) -> Diagnostic {
        let span = self.span(start, end);
        // As the author wrote it, with or without its blanks.
        let written = self.text.get(start..end).unwrap_or(wrong);
        let message = if wrong == "over" { "`over` does not compare".to_owned() } else { format!("programs do not say `{written}`") };
        let found = Diagnostic::new(Code::Syntax, span, message);
        let either = EITHER.iter().find(|(value, _)| *value == right && !wrong.ends_with("size")).map(|(_, help)| (*help).to_owned());
        // How long a lock lasts, what is undone, and what a share is taken of, is for the author to say.
        let decides =
            right.starts_with("lock") || right.starts_with("roll back") || wrong == "unless" || right == "size" || either.is_some();
        let help = either.unwrap_or_else(|| format!("write `{right}`"));
        if decides { found.guess(span, right, help) } else { found.fix(span, right, help) }
    }
}

/// A reading of a statement that does not parse: what was probably meant.
type Reading = fn(&Failure<'_>) -> Option<Diagnostic>;

/// The readings, the likeliest first.
const READINGS: &[Reading] = &[
    bound_first,
    clauses::find,
    steps::find,
    literals::find,
    limit_slips,
    without_stays,
    |failure| in_table(failure, SLIPS),
    |failure| in_table(failure, VALUES),
    without_is,
    equals_sign,
    untitled,
    adjusted,
    rolled_back,
    between,
    unclosed,
    unparted,
    unfinished,
    missing_comma,
    missing_semicolon,
    unit,
    clause_order,
    missing_word,
];

/// How many slips that stand next to each other are mended as one.
const ADJOINING: usize = 3;

/// The message for a known slip at this place. One whose text does not bring the statement further is no reading of it.
pub(super) fn find(text: &str, base: usize, rule: Rule, block: &str, error: &Error<Rule>) -> Option<Diagnostic> {
    readings(text, base, rule, block, error, ADJOINING)
}

fn readings(text: &str, base: usize, rule: Rule, block: &str, error: &Error<Rule>, adjoining: usize) -> Option<Diagnostic> {
    let (at, expected) = (stops_at(text, error), expected(error));
    let failure = Failure { text, tokens: tokenize(text), base, at, rule, block, expected };
    READINGS.iter().filter_map(|reading| reading(&failure)).find(|found| failure.is_mended(found, adjoining))
}

/// Where parsing stopped, in front of what does not fit.
pub(super) fn stops_at(text: &str, error: &Error<Rule>) -> usize {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at.min(text.len()),
    };
    at + text[at..].len() - text[at..].trim_start().len()
}

/// What could have stood there.
pub(super) fn expected(error: &Error<Rule>) -> &[Rule] {
    match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
        ErrorVariant::CustomError { .. } => &[],
    }
}

/// What a sentence of a rulebook asks for, where it stands in a statement.
pub(super) fn asks_for(text: &str) -> Option<String> {
    sentences::asks_for(&tokenize(text))
}

/// `stays above …` without what it is that stays there.
fn bound_first(failure: &Failure<'_>) -> Option<Diagnostic> {
    let first = failure.tokens.first().filter(|first| failure.rule == Rule::limit_stays && first.text == "stays")?;
    let bound = failure.text.split(':').next().unwrap_or(failure.text).trim_end();
    let found = Diagnostic::new(Code::Syntax, failure.span(first.start, first.end()), "what is limited stands before `stays`");
    Some(found.label("something is missing before this").help(format!("write it first: `equity {bound}`")))
}

fn tokenize(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(c) = text[start..].chars().next() {
        let rest = &text[start..];
        let end = match c {
            _ if c.is_whitespace() => {
                start += c.len_utf8();
                continue;
            }
            '"' => rest[1..].find('"').map_or(rest.len(), |at| at + 2),
            _ if c.is_ascii_digit() => rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len()),
            _ if c.is_ascii_alphabetic() || c == '_' => rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len()),
            _ if ["==", "!=", "<>", "&&", "||", ">=", "<="].iter().any(|sign| rest.starts_with(sign)) => 2,
            _ => c.len_utf8(),
        };
        tokens.push(Token { text: &rest[..end], start });
        start += end;
    }
    tokens
}

/// A period whose two halves are not parted.
fn unparted(failure: &Failure<'_>) -> Option<Diagnostic> {
    let token = failure.tokens.get(failure.here()).filter(|token| failure.rule == Rule::period_item && token.text == "closes")?;
    let before = failure.tokens.get(failure.here().checked_sub(1)?).filter(|before| before.text != ",")?;
    let found = Diagnostic::new(Code::Syntax, failure.span(token.start, token.end()), "`,` is missing before `closes`");
    Some(found.fix(failure.span(before.end(), before.end()), ",", "write `opens on EVENT, closes …`"))
}

/// A period that says what opens it, and not what ends it.
fn unclosed(failure: &Failure<'_>) -> Option<Diagnostic> {
    let has = |word: &str| failure.tokens.iter().any(|token| token.text == word);
    let last = failure.tokens.last().filter(|_| failure.here() >= failure.tokens.len())?;
    (failure.rule == Rule::period_item && has("opens") && !has("closes")).then(|| {
        let found = Diagnostic::new(Code::Syntax, failure.span(last.start, last.end()), "the period does not say what ends it");
        found
            .label("something is missing after this")
            .help("go on with `, closes after 14 days`, `, closes after 60min flat` or `, closes on EVENT`")
    })
}

/// The longest slip of a table that touches the place where parsing stopped.
fn in_table(failure: &Failure<'_>, table: &[(&str, &str)]) -> Option<Diagnostic> {
    let tokens = &failure.tokens;
    let mut best: Option<(usize, usize, &str, &str)> = None;
    for (wrong, right) in table {
        let length = wrong.split(' ').count();
        for first in 0..(tokens.len() + 1).saturating_sub(length) {
            let matches = wrong.split(' ').zip(&tokens[first..]).all(|(word, token)| token.text.eq_ignore_ascii_case(word));
            let (start, end) = (tokens[first].start, tokens[first + length - 1].end());
            let touches = first <= failure.here() && failure.here() <= first + length;
            if matches && touches && best.is_none_or(|best| end - start > best.1 - best.0) {
                best = Some((start, end, wrong, right));
            }
        }
    }
    best.map(|(start, end, wrong, right)| {
        // A word is kept apart from one that a sign stood next to.
        let touches_word = tokens.iter().any(|token| token.start == end && token.is_word()) && right.ends_with(char::is_alphanumeric);
        failure.slip(start, end, wrong, &format!("{right}{}", if touches_word { " " } else { "" }))
    })
}

/// Words of published rules in a limit.
fn limit_slips(failure: &Failure<'_>) -> Option<Diagnostic> {
    let is_limit = failure.block == "limit" && failure.rule == Rule::limit_stays;
    in_table(failure, if is_limit { LIMIT_SLIPS } else { &[] }).map(noted)
}

/// A limit that is written as a comparison.
fn without_stays(failure: &Failure<'_>) -> Option<Diagnostic> {
    let says_stays = failure.tokens.iter().any(|token| token.text == "stays");
    if failure.rule != Rule::limit_stays || says_stays || failure.here() < failure.tokens.len() {
        return None;
    }
    let comparisons = [
        ("is at least", "stays at or above"),
        ("is at most", "stays at or below"),
        ("is above", "stays above"),
        ("is below", "stays below"),
    ];
    let signs = [(">=", "stays at or above"), ("<=", "stays at or below"), (">", "stays above"), ("<", "stays below")];
    let found = comparisons.iter().chain(&signs).find_map(|(wrong, right)| {
        let length = wrong.split(' ').count();
        let first = failure.tokens.windows(length).position(|window| wrong.split(' ').eq(window.iter().map(|token| token.text)))?;
        let (start, end) = (failure.tokens[first].start, failure.tokens[first + length - 1].end());
        let found = failure.slip(start, end, wrong, right);
        Some(Diagnostic { message: format!("a limit is not written with `{wrong}`"), ..found })
    });
    found.map(noted)
}

/// `equity below $5`
fn without_is(failure: &Failure<'_>) -> Option<Diagnostic> {
    let token = failure.tokens.get(failure.here()).filter(|token| matches!(token.text, "above" | "below") && failure.after_value())?;
    let word = if failure.rule == Rule::limit_stays { "stays" } else { "is" };
    let place = failure.span(token.start, token.start);
    let found =
        Diagnostic::new(Code::Syntax, failure.span(token.start, token.end()), format!("`{word}` is missing before `{}`", token.text));
    Some(found.fix(place, format!("{word} "), format!("write `{word} {}`", token.text)))
}

/// `=` where `is` compares.
fn equals_sign(failure: &Failure<'_>) -> Option<Diagnostic> {
    let token = failure.tokens.get(failure.here()).filter(|token| token.text == "=" && failure.after_value())?;
    let next = failure.tokens.get(failure.here() + 1)?;
    let span = failure.span(token.start, token.end());
    let found = Diagnostic::new(Code::Syntax, span, "`=` does not compare");
    let before = failure.tokens.get(failure.here().checked_sub(1)?)?;
    let is_choice = next.text.starts_with('"')
        || matches!(
            next.text,
            "yes" | "no" | "long" | "short" | "buy" | "sell" | "flat" | "locked" | "open" | "closed" | "known" | "missing"
        );
    if is_choice || failure.block == "scenario" || matches!(before.text, "plan" | "symbol" | "side" | "phase" | "weekday") {
        return Some(found.fix(span, "is", "write `is`"));
    }
    Some(found.guess(span, "is at least", "write `is at least` where it may be passed, and `is` where it must be exactly this"))
}

/// A title without quotes, or none.
fn untitled(failure: &Failure<'_>) -> Option<Diagnostic> {
    let first = failure.tokens.first()?;
    if !failure.expected.contains(&Rule::text) || failure.here() != 1 {
        return None;
    }
    let start = failure.tokens.get(1).map_or(first.start, |token| token.start);
    let end = failure.tokens.last().map_or(first.end(), Token::end);
    if let Some(title) = failure.tokens[1..].iter().find(|token| token.text.starts_with('"')) {
        let unquoted = failure.text.get(start..title.start)?.trim_end();
        if let Some(words) = unquoted.strip_suffix("cites").map(str::trim_end).filter(|words| !words.is_empty()) {
            let span = failure.span(start, start + words.len());
            let found = Diagnostic::new(Code::Syntax, span, format!("the title of `{}` stands in quotes", first.text));
            return Some(found.fix(span, format!("\"{words}\""), format!("write `\"{words}\"`")));
        }
        let rest: Vec<&str> = failure.tokens[1..].iter().map(|token| token.text).filter(|text| *text != title.text).collect();
        let found =
            Diagnostic::new(Code::Syntax, failure.span(title.start, title.end()), format!("the title comes right after `{}`", first.text));
        return Some(found.label("stands too late").help(format!("write `{} {} {}`", first.text, title.text, spaced(&rest))));
    }
    let is_title = matches!(first.text, "program" | "limit" | "goal" | "scenario" | "require");
    let message = format!("`{}` needs a {} in quotes", first.text, if is_title { "title" } else { "text" });
    let found = Diagnostic::new(Code::Syntax, failure.span(start, end), message);
    Some(match failure.tokens[1..] {
        [only] => found.fix(failure.span(start, end), format!("\"{}\"", only.text), format!("write `\"{}\"`", only.text)),
        _ => found.help(format!("write `{} \"…\"`", first.text)),
    })
}

/// Words and signs as one writes them.
fn spaced(tokens: &[&str]) -> String {
    let mut out = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let joins = at > 0 && (matches!(tokens[at - 1], "$" | "€" | "£" | "." | "(" | ",") || matches!(*token, "." | "," | ")" | "%"));
        out.push_str(if at == 0 || joins { "" } else { " " });
        out.push_str(token);
    }
    out
}

/// An adjustment that says where to instead of by how much, or not why.
fn adjusted(failure: &Failure<'_>) -> Option<Diagnostic> {
    if failure.rule != Rule::act_adjust {
        return None;
    }
    if let Some(token) = failure.tokens.get(2).filter(|token| token.text == "to") {
        let message = "`adjust balance` says by how much, not where to";
        let found = Diagnostic::new(Code::Syntax, failure.span(token.start, token.end()), message);
        return Some(
            found.help(
                "write `adjust balance by size - balance \"why\"`, or `reset ledger to size` to start the ledger anew at that balance",
            ),
        );
    }
    let (first, last) = (failure.tokens.first()?, failure.tokens.last()?);
    let says_why = failure.here() < failure.tokens.len() || !failure.expected.contains(&Rule::text);
    let found = Diagnostic::new(Code::Syntax, failure.span(first.start, last.end()), "`adjust balance` needs a reason in quotes");
    (!says_why).then(|| found.help("write it after the amount: `adjust balance by $100 \"why\"`"))
}

/// `roll back` with another aim than the only one it has.
fn rolled_back(failure: &Failure<'_>) -> Option<Diagnostic> {
    let (first, last) = (failure.tokens.first()?, failure.tokens.last()?);
    let span = failure.span(first.start, last.end());
    let found = Diagnostic::new(Code::Syntax, span, "`roll back` goes to the start of the running day, and nowhere else");
    let right = "roll back to day start";
    (failure.rule == Rule::act_roll).then(|| found.fix(span, right, format!("write `{right}`")))
}

/// `x between a and b`
fn between(failure: &Failure<'_>) -> Option<Diagnostic> {
    let token = failure.tokens.iter().find(|token| token.text == "between" && token.start <= failure.at)?;
    let found =
        Diagnostic::new(Code::Syntax, failure.span(token.start, token.end()), "`between` does not say whether its ends belong to it");
    Some(found.help("write `x is at least a and x is at most b`"))
}

/// A statement that ends with an operator.
fn unfinished(failure: &Failure<'_>) -> Option<Diagnostic> {
    let last = failure.tokens.last().filter(|_| failure.here() >= failure.tokens.len())?;
    if !matches!(last.text, "+" | "-" | "*" | "/" | "and" | "or" | "not" | "else" | "of") {
        return None;
    }
    let found = Diagnostic::new(Code::Syntax, failure.span(last.start, last.end()), format!("a value is missing after `{}`", last.text));
    Some(match last.text {
        "and" | "or" | "else" => found.help(format!("a statement goes on in the next line where that begins with `{}`", last.text)),
        _ => found.help("a statement ends with its line; brackets `( )` hold it together over several"),
    })
}

/// Two actions without a comma between them.
fn missing_comma(failure: &Failure<'_>) -> Option<Diagnostic> {
    let begins_action = |token: &&Token<'_>| ACTIONS.iter().any(|row| row.words.split(' ').next() == Some(token.text));
    if let Some([and, next]) = failure.tokens.get(failure.here()..failure.here() + 2)
        && matches!(and.text, "and" | "&" | "+" | "then")
        && begins_action(&next)
    {
        let before = failure.tokens.get(failure.here().checked_sub(1)?)?;
        let found = Diagnostic::new(
            Code::Syntax,
            failure.span(and.start, and.end()),
            format!("actions are separated by commas, not by `{}`", and.text),
        );
        return Some(found.fix(failure.span(before.end(), and.end()), ",", "write `,`"));
    }
    let token = failure.tokens.get(failure.here()).filter(begins_action)?;
    let is_action = failure.tokens.first().is_some_and(|first| begins_action(&first));
    if !is_action || !failure.expected.contains(&Rule::EOI) {
        return None;
    }
    let before = failure.tokens.get(failure.here().checked_sub(1)?)?;
    let place = failure.span(before.end(), before.end());
    let found = Diagnostic::new(Code::Syntax, failure.span(token.start, token.end()), format!("`,` is missing before `{}`", token.text));
    Some(found.fix(place, ",", "separate actions by commas or lines"))
}

/// Two steps without a `;` between them.
fn missing_semicolon(failure: &Failure<'_>) -> Option<Diagnostic> {
    let token = failure.tokens.get(failure.here()).filter(|token| failure.block == "scenario" && STEPS.contains(&token.text))?;
    let before = failure.tokens.get(failure.here().checked_sub(1)?)?;
    let place = failure.span(before.end(), before.end());
    let found = Diagnostic::new(Code::Syntax, failure.span(token.start, token.end()), format!("`;` is missing before `{}`", token.text));
    failure.expected.contains(&Rule::EOI).then(|| found.fix(place, ";", "separate steps by `;` or lines"))
}

/// A unit with a slip of the pen.
fn unit(failure: &Failure<'_>) -> Option<Diagnostic> {
    let here = failure.here();
    let token = failure.tokens.get(here).filter(|token| token.is_word())?;
    let number = failure.tokens.get(here.checked_sub(1)?).filter(|before| before.is_number())?;
    let right = nearest(token.text, UNITS).filter(|right| *right != token.text && number.end() < token.start)?;
    Some(failure.slip(token.start, token.end(), token.text, right))
}

/// A clause that stands behind one that it should stand before.
fn clause_order(failure: &Failure<'_>) -> Option<Diagnostic> {
    let token = failure.tokens.get(failure.here())?;
    let (_, clauses) = CLAUSE_ORDERS.iter().find(|(rule, _)| *rule == failure.rule)?;
    if !failure.expected.contains(&Rule::EOI) || !clauses.iter().any(|clause| clause.split(' ').next() == Some(token.text)) {
        return None;
    }
    let found = Diagnostic::new(Code::Syntax, failure.span(token.start, token.end()), format!("`{}` stands too late", token.text));
    let order = clauses.iter().map(|clause| format!("`{clause}`")).collect::<Vec<_>>().join(", ");
    Some(found.help(format!("the order of clauses is {order}")))
}

/// The only word that could have stood here.
fn missing_word(failure: &Failure<'_>) -> Option<Diagnostic> {
    let goes_on = |rule: &Rule| {
        matches!(rule, Rule::infix | Rule::plain_infix | Rule::postfix | Rule::comparison | Rule::member | Rule::arguments | Rule::w_after)
    };
    let required: Vec<Rule> = failure.expected.iter().copied().filter(|rule| !goes_on(rule)).collect();
    let [only] = required[..] else { return None };
    let name = format!("{only:?}");
    let word = name.strip_prefix("w_")?;
    let token = failure.tokens.get(failure.here())?;
    let near = strsim::damerau_levenshtein(token.text, word) <= 1 + word.len() / 4;
    if near {
        return None;
    }
    let span = failure.span(token.start, token.end());
    if !token.is_word() && !token.is_number() && !token.text.starts_with(['"', '(', '$', '+']) {
        let found = Diagnostic::new(Code::Syntax, span, format!("`{}` does not fit here", token.text));
        return Some(found.fix(span, word, format!("write `{word}`")));
    }
    if is_reserved(token.text) && !RECORDS.contains(&token.text) && token.text != "next" {
        let found = Diagnostic::new(Code::Syntax, span, format!("`{word} …` is missing before `{}`", token.text));
        let example = match word {
            "since" => "write since when it is counted, such as `since trade` or `since phase start`".to_owned(),
            "at" => "write when it looks, such as `at day end` or `at mark`".to_owned(),
            _ => format!("write `{word}` and what belongs to it in front of this"),
        };
        return Some(found.help(example));
    }
    let before = failure.span(token.start, token.start);
    let found = Diagnostic::new(Code::Syntax, span, format!("`{word}` is missing before `{}`", token.text));
    Some(found.fix(before, format!("{word} "), format!("write `{word} {}`", token.text)))
}
