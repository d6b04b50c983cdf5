//! The commands of the prompt: one row each drives what is understood, the help, the completion and
//! the table of `docs/repl.md`.

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Status,
    Why,
    WhyNotPayout,
    Headroom,
    MaxOrder,
    PriceLimit,
    Next,
    NextReset,
    WhatIf,
    Fork,
    Forks,
    Switch,
    Undo,
    Redo,
    Diff,
    LoadEvents,
    Step,
    Until,
    CloseAll,
    Save,
    Reload,
    Let,
    Explain,
    Help,
    Quit,
}

/// A command: its row in the help.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub(super) command: Command,
    /// The words that it begins with.
    pub name: &'static str,
    /// What is written behind them; what may be left out in brackets.
    pub arguments: &'static str,
    /// What it does, in a line.
    pub help: &'static str,
    /// One that can be typed.
    pub example: &'static str,
}

const fn row(command: Command, name: &'static str, arguments: &'static str, help: &'static str, example: &'static str) -> Row {
    Row { command, name, arguments, help, example }
}

/// All commands, in the order of the help.
pub const COMMANDS: &[Row] = &[
    row(
        Command::Status,
        "status",
        "",
        "phase, money and day; each limit with its room, each goal with what is outstanding, locks",
        "status",
    ),
    row(
        Command::Why,
        "why",
        "[breach | PHASE]",
        "the last decision, the last breach, or what led into a phase: its clause and its figures, down to the events",
        "why failed",
    ),
    row(
        Command::WhyNotPayout,
        "why not payout",
        "[AMOUNT]",
        "each requirement and step of the payout, as a request of all that is available, or of an amount, would find it now",
        "why not payout $5,000",
    ),
    row(Command::Headroom, "headroom", "", "the room that each limit leaves", "headroom"),
    row(Command::MaxOrder, "max order", "SYMBOL", "the largest order, to buy and to sell, that keeps every limit", "max order ES"),
    row(Command::PriceLimit, "price limit", "SYMBOL", "the price of a symbol at which each limit acts", "price limit ES"),
    row(Command::Next, "next", "", "the next instant at which something is due, and what", "next"),
    row(Command::NextReset, "next reset", "", "when the next day opens, and what begins anew then", "next reset"),
    row(
        Command::WhatIf,
        "what if",
        "STEP",
        "what a step, or `close all`, would decide and change; nothing is changed",
        "what if trade -$2,000",
    ),
    row(Command::Fork, "fork", "NAME", "go on in a second course of events; the first stays as it is", "fork careful"),
    row(Command::Forks, "forks", "", "the courses, and how each stands", "forks"),
    row(Command::Switch, "switch", "NAME", "go on in another course", "switch main"),
    row(Command::Undo, "undo", "[N]", "take the last step back, or the last N", "undo 2"),
    row(Command::Redo, "redo", "[N]", "do again what was taken back last, or the last N of it", "redo 2"),
    row(Command::Diff, "diff", "NAME", "values, limits and decisions in which another course differs from this one", "diff main"),
    row(
        Command::LoadEvents,
        "load events",
        "FILE… [of ACCOUNT]",
        "files of events, as `ringfence run` reads them, to happen as time passes",
        "load events fills.jsonl",
    ),
    row(Command::Step, "step", "[N]", "let the next loaded event happen, or the next N", "step 100"),
    row(Command::Until, "until", "breach | decision | end | INSTANT", "let loaded events, or time, go on until then", "until breach"),
    row(Command::CloseAll, "close all", "", "close what is open, at the price of now: what `flatten` asks for", "close all"),
    row(
        Command::Save,
        "save as scenario",
        "\"TITLE\" [to FILE]",
        "the steps as a scenario that expects what was decided",
        "save as scenario \"a bad day\" to two-step.fence",
    ),
    row(Command::Reload, "reload", "", "read the program again, and play the same steps on it", "reload"),
    row(Command::Let, "let", "NAME = EXPRESSION", "a name for an expression, at this prompt", "let half = 50% of size"),
    row(Command::Explain, "explain", "[CODE]", "what the code of a finding means; all codes where it is left out", "explain E0201"),
    row(Command::Help, "help", "[COMMAND]", "the commands, or what one does", "help max order"),
    row(Command::Quit, "quit", "", "leave", "quit"),
    row(Command::Quit, "exit", "", "leave, too; with more behind it, such as `exit a @ 5010`, it is the step", "exit"),
];

/// The command that a line begins with, and what stands behind its words. One without arguments is only
/// itself: with more behind it, such as in `next day`, the line is something else.
pub(super) fn read(line: &str) -> Option<(&'static Row, &str)> {
    let mut rows: Vec<&Row> = COMMANDS.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.name.len()));
    rows.into_iter().find_map(|row| {
        let rest = behind(line, row.name)?;
        (rest.is_empty() || !row.arguments.is_empty()).then_some((row, rest))
    })
}

/// Whether a text is a command of which what is missing is told, or the beginning of a command's words. What is behind `what if`
/// and `let` is of the language, and may go on.
pub(super) fn speaks_of_commands(text: &str) -> bool {
    let begins = |row: &Row| behind(row.name, text.trim()).is_some();
    let holds_language = |command: Command| matches!(command, Command::WhatIf | Command::Let);
    COMMANDS.iter().any(begins) || read(text).is_some_and(|(row, _)| !holds_language(row.command))
}

/// What stands behind words, which may have more than one blank between them.
pub(super) fn behind<'a>(line: &'a str, words: &str) -> Option<&'a str> {
    let mut rest = line.trim();
    for word in words.split(' ') {
        rest = rest.strip_prefix(word)?;
        if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
            return None;
        }
        rest = rest.trim_start();
    }
    Some(rest)
}

impl Row {
    /// How it is written: `max order SYMBOL`.
    pub fn form(&self) -> String {
        format!("{} {}", self.name, self.arguments).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_example_is_read_as_its_command() {
        for row in COMMANDS {
            let (found, rest) = read(row.example).unwrap();
            assert_eq!(found.command, row.command, "{}", row.example);
            assert_eq!(rest.is_empty(), row.arguments.is_empty(), "{}", row.example);
        }
    }

    #[test]
    fn steps_and_expressions_are_no_commands() {
        for line in ["next day", "statuses", "headroom + 1", "why.not", "letter = 5", "day.profit"] {
            assert!(read(line).is_none(), "{line}");
        }
        assert_eq!(read("why  not   payout").unwrap().0.command, Command::WhyNotPayout);
        assert_eq!(read("  max order  ES ").unwrap().1, "ES");
    }
}
