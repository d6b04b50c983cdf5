//! What to type instead: for words of the shell, words that mean a command, and commands that are misspelt.

use super::commands::{COMMANDS, Row};
use super::session::Session;
use super::{Trouble, commands};
use crate::check::nearest;
use crate::diagnostic::Code;
use crate::syntax::{begins_step, is_reserved, step_words};
use crate::vocabulary::AccountField;

/// Commands of the shell, and what does the same here; nothing where nothing does.
pub const OF_THE_SHELL: &[(&str, &str)] = &[
    ("run", "`load events FILE` reads here what it reads, and `until end` lets all of it happen"),
    ("check", "`reload` reads the program again here, and shows what is wrong with it"),
    ("test", "`save as scenario \"TITLE\" to FILE` writes what it runs"),
    ("replay", "`load events FILE` reads the events of one account here"),
    ("repl", "this is the prompt; `fork NAME` goes on in a second course of events"),
    ("fmt", ""),
    ("doc", ""),
    ("diff", "`reload` reads the program again here, and lists what it changes for this account"),
    ("audit", ""),
    ("selftest", ""),
    ("rules", ""),
    ("new", ""),
    ("dump", ""),
];

/// Words that people try, and what is typed for it here.
const INSTEAD: &[(&str, &str)] = &[
    ("room", "headroom"),
    ("left", "headroom"),
    ("limits", "headroom"),
    ("limit", "headroom"),
    ("info", "status"),
    ("show", "status"),
    ("state", "status"),
    ("account", "status"),
    ("goals", "status"),
    ("goal", "status"),
    ("now", "status"),
    ("time", "status"),
    ("bye", "quit"),
    ("q", "quit"),
    ("?", "help"),
    ("commands", "help"),
    ("back", "undo"),
    ("reset", "next reset` or `undo"),
    ("branch", "fork NAME"),
    ("courses", "forks"),
    ("compare", "diff NAME"),
    ("payout", "why not payout` or `request payout"),
    ("largest", "max order ES"),
    ("biggest", "max order ES"),
    ("red", "news \"NFP\" on USD at 14:30 impact high"),
    ("wait", "advance 1h` or `next day"),
    ("close", "close all` or `exit NAME @ PRICE"),
    ("flatten", "close all"),
    ("lose", "what if trade -$500` or `trade -$500"),
    ("win", "what if trade +$500` or `trade +$500"),
    ("earn", "what if trade +$500` or `trade +$500"),
    ("gain", "what if trade +$500` or `trade +$500"),
    ("again", "redo"),
    ("trailing", "headroom"),
    ("drawdown", "headroom"),
    ("floor", "headroom"),
    ("history", "why` or `save as scenario \"TITLE\""),
    ("consistency", "status"),
    ("target", "status"),
    ("day", "day.profit` or `next day"),
    ("today", "day.profit"),
];

/// Words of what people look for, with or without a question around them: one of each group is among them. The first that fits
/// is told.
const PHRASES: &[(&[&[&str]], &str)] = &[
    (&[&["money"], &["out"]], "why not payout"),
    (&[&["midnight", "rollover"]], "next reset"),
    (&[&["day"], &["end", "ends", "over", "closes"]], "next reset"),
    (&[&["profit", "much", "far", "distance", "left", "missing"], &["need", "needed", "target", "pass", "goal"]], "status"),
    (&[&["made", "earned", "gained", "won", "lost"], &["today", "day"]], "day.profit"),
    (&[&["best", "biggest", "highest"], &["day"]], "status"),
    (&[&["trading", "traded", "winning", "profitable"], &["days"]], "status"),
    (&[&["big", "largest", "biggest"], &["on", "go", "order", "position"]], "max order ES"),
    (&[&["courses", "course"], &["two", "other", "which", "my", "the"]], "forks"),
    (&[&["what"], &["changed", "happened"]], "why"),
    (&[&["daily", "max", "maximum", "total", "trailing"], &["loss", "drawdown"]], "headroom"),
    (&[&["what"], &["price"]], "price limit ES"),
    (&[&["go"], &["back"]], "undo"),
];

/// Words with which conditions are written: what holds them is no phrase that people look for.
const OF_CONDITIONS: &[&str] = &["is", "stays", "of", "and", "or", "not", "above", "below", "else", "if", "then"];

/// Words of questions as people ask them, one of each group, and the question to ask here. The first that fits is told.
const QUESTIONS: &[(&[&[&str]], &str)] = &[
    (&[&["why"], &["not", "cannot", "can't", "no", "denied"], &["payout", "paid", "withdraw", "withdrawal"]], "why not payout"),
    (&[&["payout", "withdraw", "withdrawal", "paid"]], "why not payout"),
    (&[&["what"], &["if"], &["lose", "lost", "loss"]], "what if trade -$500"),
    (&[&["what"], &["if"], &["win", "gain", "earn", "make"]], "what if trade +$500"),
    (&[&["why"]], "why"),
    (&[&["many", "size", "largest", "biggest", "max"], &["contracts", "lots", "shares", "order", "buy", "sell", "trade"]], "max order ES"),
    (&[&["price"]], "price limit ES"),
    (&[&["when", "next"]], "next"),
    (&[&["far", "much", "room", "close", "near", "left", "remaining", "limit", "limits", "drawdown", "loss", "floor"]], "headroom"),
    (&[&["how", "where", "what", "which", "is", "am", "are", "can", "do", "does"]], "status"),
];

/// Words of a phrase, at most.
const MOST_WORDS: usize = 6;

/// The words with which questions begin.
const ASKS: &[&str] =
    &["how", "what", "why", "when", "where", "which", "who", "is", "am", "are", "can", "could", "do", "does", "show", "tell"];

impl Session {
    /// A line that has no meaning as an expression may be meant as a command: what to type. The trouble itself otherwise.
    pub(super) fn hinted(&self, line: &str, trouble: Trouble) -> Trouble {
        of_arrow(line)
            .or_else(|| self.instead(line))
            .or_else(|| self.of_another_phase(line))
            .or_else(|| unknown_word(line, &trouble))
            .map_or(trouble, Trouble::Words)
    }

    fn instead(&self, line: &str) -> Option<String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let first = *words.first()?;
        if first == "ringfence" {
            return Some(of_the_shell(words.get(1).copied().unwrap_or("")));
        }
        if let Some(question) = phrased(&words) {
            let kept = self.is_name(&words.join("_")).then(|| words.join("_"));
            return Some(format!("unknown command `{}`: did you mean `{}`?", words.join(" "), kept.unwrap_or(question)));
        }
        if self.is_name(first) || words.get(1).is_some_and(|second| second.starts_with('(')) {
            return None;
        }
        if let Some((word, _)) = OF_THE_SHELL.iter().find(|(word, _)| *word == first) {
            return Some(of_the_shell(word));
        }
        if let Some(row) =
            COMMANDS.iter().find(|row| words.len() < row.name.split(' ').count() && commands::behind(row.name, line).is_some())
        {
            return Some(format!("it goes on: `{}`", row.form()));
        }
        if let Some((word, instead)) = INSTEAD.iter().find(|(word, _)| *word == first) {
            return Some(format!("unknown command `{word}`: did you mean `{instead}`?"));
        }
        if let Some(question) = asked(&words) {
            return Some(format!("questions are asked in few words: `{question}`; `help` lists them"));
        }
        let row = misspelt(&words)?;
        if row.name == first {
            return Some(format!("it is written `{}`", row.form()));
        }
        Some(format!("unknown command `{}`: did you mean `{}`?", words[..words.len().min(2)].join(" "), row.form()))
    }

    /// A name of a phase that the account has left, or not yet entered.
    fn of_another_phase(&self, line: &str) -> Option<String> {
        let here = self.course().ok()?.phase(&self.program);
        let phases = (0..).map(crate::ir::PhaseId).take(self.program.ir().phases.len());
        let other = phases.filter(|phase| *phase != here).find(|phase| self.program.names.is_known_only_in(*phase, line.trim()))?;
        let (other, here) = (&self.program.ir().phase(other).name, &self.program.ir().phase(here).name);
        Some(format!(
            "`{0}` belongs to phase {other}, and the account is in phase {here}: `{other}.{0}` is what it was there, missing where the account was never there",
            line.trim()
        ))
    }

    /// Whether a word is a name of the program or of the language.
    fn is_name(&self, word: &str) -> bool {
        let plain = word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '?');
        let Ok(course) = self.course() else { return true };
        !plain || self.program.names.is_known(course.phase(&self.program), word) || AccountField::find(word).is_some()
    }
}

/// A word alone that nothing declares: at the prompt it may be a command as well, and nothing can be declared.
fn unknown_word(line: &str, trouble: &Trouble) -> Option<String> {
    let Trouble::Findings(_, found) = trouble else { return None };
    let alone = line.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let unknown = found.first().is_some_and(|found| found.code == Code::UnknownName && found.fix.is_none());
    (alone && unknown).then(|| {
        format!("`{line}` is no command, no step and no name of the program: `help` lists the commands, the tab key what can be typed")
    })
}

/// A step, and behind an arrow what is to come of it.
pub(super) fn of_arrow(line: &str) -> Option<String> {
    let at = line.find("=>").or_else(|| line.find("->")).filter(|at| line[..*at].matches('"').count().is_multiple_of(2))?;
    let (step, then) = (line[..at].trim(), line[at + 2..].trim());
    if !begins_step(step) {
        return None;
    }
    let then = if then.starts_with("expect ") { format!("; `{step}; {then}` also checks it") } else { String::new() };
    Some(format!("a step is written alone, and what comes of it is shown below it: `{step}`{then}"))
}

/// The question that a sentence asks, where it is one.
fn asked(words: &[&str]) -> Option<String> {
    let small = in_small(words);
    let asks = ASKS.contains(&small.first()?.as_str()) && small.len() > 2;
    // Why something came is asked of the last decision, whatever else is named.
    let phrases = PHRASES.iter().filter(|_| small.first().is_some_and(|first| first != "why"));
    phrases.chain(QUESTIONS).find(|(groups, _)| asks && holds(&small, groups)).map(|(_, question)| of_symbol(words, question))
}

/// What a phrase without a question looks for: words alone, of which the first is no command and no step.
fn phrased(words: &[&str]) -> Option<String> {
    let small = in_small(words);
    let plain = small.iter().all(|word| word.chars().all(char::is_alphabetic) && !OF_CONDITIONS.contains(&word.as_str()));
    let line = words.join(" ");
    let is_asked = ASKS.contains(&small.first()?.as_str()) && small.len() > 2;
    let stands_alone = !is_asked && (2..=MOST_WORDS).contains(&small.len()) && (!begins_step(&line) || asks_for_a_price(&line));
    PHRASES.iter().find(|(groups, _)| plain && stands_alone && holds(&small, groups)).map(|(_, question)| of_symbol(words, question))
}

fn in_small(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.trim_end_matches(['?', '.', ',']).to_lowercase()).collect()
}

fn holds(small: &[String], groups: &[&[&str]]) -> bool {
    groups.iter().all(|group| small.iter().any(|word| group.contains(&word.as_str())))
}

/// A question about the symbol that is named in capitals.
fn of_symbol(words: &[&str], question: &str) -> String {
    let symbol = words.iter().map(|word| word.trim_end_matches('?')).find(|word| is_symbol(word));
    match (question.strip_suffix("ES"), symbol) {
        (Some(before), Some(symbol)) => format!("{before}{symbol}"),
        _ => question.to_owned(),
    }
}

fn is_symbol(word: &str) -> bool {
    word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// `at what price`, which begins as a step of the clock.
pub(super) fn asks_for_a_price(line: &str) -> bool {
    line.starts_with("at what ")
}

/// Whether what is asked about is that all is closed.
pub(super) fn means_close_all(step: &str) -> bool {
    let small = in_small(&step.split_whitespace().collect::<Vec<_>>()).join(" ");
    let plain = small.strip_prefix("i ").unwrap_or(&small);
    let plain = plain.strip_suffix(" now").unwrap_or(plain);
    [
        "close",
        "close all",
        "close everything",
        "close my positions",
        "flatten",
        "flatten all",
        "sell",
        "sell all",
        "sell everything",
        "get out",
    ]
    .contains(&plain)
}

/// What to ask about instead of what is no step.
pub(super) fn no_step(step: &str) -> String {
    let words: Vec<&str> = step.split_whitespace().collect();
    let small = in_small(&words);
    let amount = words.last().map(|last| last.trim_end_matches('?')).filter(|last| last.contains(|c: char| c.is_ascii_digit()));
    let has = |any: &[&str]| small.iter().any(|word| any.contains(&word.as_str()));
    let symbol = words.first().filter(|first| is_symbol(first));
    let written = match (symbol, amount) {
        (Some(symbol), Some(price)) => format!("tick {symbol} {price}"),
        (None, Some(amount)) if has(&["lose", "lost", "loss"]) => format!("trade -${}", amount.trim_start_matches(['-', '$'])),
        (None, Some(amount)) if has(&["make", "win", "gain", "earn", "profit"]) => {
            format!("trade +${}", amount.trim_start_matches(['+', '$']))
        }
        _ => return format!("`{step}` is no step: write one, such as `what if trade -$2,000`"),
    };
    format!("`{step}` is no step: write `what if {written}`")
}

fn of_the_shell(word: &str) -> String {
    let here = OF_THE_SHELL.iter().find(|(known, _)| *known == word).map_or("", |(_, here)| here);
    let here = if here.is_empty() { String::new() } else { format!("; {here}") };
    format!("`ringfence {word}` is a command of the shell: leave by `quit`, or type it in another window{here}")
        .replace("`ringfence `", "`ringfence`")
}

/// The command, or step, that the first words are nearest to: with blanks between them or not.
fn misspelt(words: &[&str]) -> Option<Row> {
    let squeezed = |text: &str| text.replace(' ', "");
    let names: Vec<(String, Row)> = COMMANDS.iter().map(|row| (squeezed(row.name), *row)).collect();
    let typed: Vec<String> = (1..=words.len().min(3)).rev().map(|count| words[..count].concat()).collect();
    let exact = typed.iter().find_map(|typed| names.iter().find(|(name, _)| name == typed));
    if let Some((_, row)) = exact {
        return Some(*row);
    }
    let first = *words.first()?;
    if is_reserved(first) {
        return None;
    }
    let known = COMMANDS.iter().filter_map(|row| row.name.split(' ').next()).chain(step_words());
    let near = nearest(first, known)?;
    let row = COMMANDS.iter().find(|row| row.name.split(' ').next() == Some(near)).copied();
    row.or_else(|| Some(Row { name: near, arguments: "", ..*COMMANDS.first()? }))
}
