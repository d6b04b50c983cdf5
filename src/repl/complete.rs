//! What may be typed next.

use super::commands::{self, COMMANDS, Command};
use super::session::Session;
use crate::syntax::step_words;
use crate::vocabulary::{AccountField, FUNCTIONS, PeriodField};

/// What may stand at a place of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// From where on a word replaces what was typed.
    pub start: usize,
    /// The words, in order.
    pub words: Vec<String>,
    /// Whether the name of a file may stand there.
    pub file: bool,
}

impl Session {
    /// What may be typed at the end of a line.
    pub fn complete(&self, line: &str) -> Completion {
        let start = line
            .rfind(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '.' | '-'))
            .map_or(0, |at| at + line[at..].chars().next().map_or(1, char::len_utf8));
        if let Some((row, _)) = commands::read(line).filter(|_| line.ends_with(char::is_whitespace) || start > 0)
            && let Some(found) = self.arguments(row.command, line, start)
        {
            return found;
        }
        let typed = line.trim_start();
        let mut words: Vec<String> = Vec::new();
        let begin = line.len() - typed.len();
        // What a command needs is typed behind it at once.
        let gap = |row: &commands::Row| if row.arguments.is_empty() || row.arguments.starts_with('[') { "" } else { " " };
        let rows = COMMANDS.iter().filter(|row| row.name.starts_with(typed) && row.name != typed);
        let rows = rows.map(|row| format!("{}{}", row.name, gap(row)));
        let names: Vec<String> = rows.collect();
        if typed.contains(' ') && !names.is_empty() {
            return Completion { start: begin, words: names, file: false };
        }
        let word = &line[start..];
        if start == begin {
            words.extend(names);
            words.extend(step_words().filter(|step| step.starts_with(word)).map(str::to_owned));
        }
        words.extend(self.names().into_iter().filter(|name| name.starts_with(word) && !word.is_empty()));
        sorted(Completion { start, words, file: false })
    }

    /// What a command takes.
    fn arguments(&self, command: Command, line: &str, start: usize) -> Option<Completion> {
        let word = &line[start..];
        let words: Vec<String> = match command {
            Command::Switch | Command::Diff => self.courses.keys().filter(|name| **name != self.here).cloned().collect(),
            Command::Help => COMMANDS.iter().map(|row| row.name.to_owned()).collect(),
            Command::MaxOrder | Command::PriceLimit => self.symbols(),
            Command::Until => ["breach", "decision", "end"].map(str::to_owned).to_vec(),
            Command::LoadEvents => return Some(Completion { start, words: Vec::new(), file: true }),
            Command::Save if line.trim_end().ends_with(" to") || line.rsplit_once(" to ").is_some() => {
                return Some(Completion { start, words: Vec::new(), file: true });
            }
            _ => return None,
        };
        Some(sorted(Completion { start, words: words.into_iter().filter(|name| name.starts_with(word)).collect(), file: false }))
    }

    /// What stands behind a line that is being typed, in grey: what a command takes.
    pub fn hint(&self, line: &str) -> Option<String> {
        let (row, rest) = commands::read(line)?;
        let gap = if line.ends_with(char::is_whitespace) { "" } else { " " };
        (rest.is_empty() && !row.arguments.is_empty()).then(|| format!("{gap}{}", row.arguments))
    }

    fn symbols(&self) -> Vec<String> {
        let course = self.courses.get(&self.here);
        let listings = course.into_iter().flat_map(|course| course.world.engine.market().listings());
        listings.map(|listing| listing.name.clone()).collect()
    }

    /// Every name that an expression may begin with.
    fn names(&self) -> Vec<String> {
        let Some(course) = self.courses.get(&self.here) else { return Vec::new() };
        let phase = course.phase(&self.program);
        let mut names: Vec<String> = self.program.names.known_in(phase).map(str::to_owned).collect();
        names.extend(self.lets.keys().cloned());
        names.extend(course.scene.positions().map(str::to_owned));
        names.extend(self.symbols());
        names.extend(AccountField::ALL.iter().map(|field| field.row().name.to_owned()));
        for (_, period) in self.program.ir().all_periods() {
            names.extend(PeriodField::ALL.iter().map(|field| format!("{}.{}", period.name, field.row().name)));
        }
        names.extend(FUNCTIONS.iter().map(|row| row.name.to_owned()));
        names
    }
}

fn sorted(mut completion: Completion) -> Completion {
    completion.words.sort();
    completion.words.dedup();
    completion
}
