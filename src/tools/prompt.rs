//! The prompt at a terminal: completion, hints, colours, several lines, and a history that is kept.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::repl::{show, words};
use super::{Exit, render};
use crate::repl::{Paint, Session, is_open, paint};

/// How many lines of the history are kept.
const KEPT: usize = 2000;

/// The file of the history in the user's data folder.
pub(super) fn kept_history() -> Option<PathBuf> {
    dirs::data_dir().map(|folder| folder.join("ringfence").join("history"))
}

/// Takes lines from the terminal until the session is over.
///
/// # Errors
/// In words, when the terminal cannot be used.
pub(super) fn run(session: Session, history: Option<&Path>) -> Result<Exit, String> {
    let session = Rc::new(RefCell::new(session));
    let mut editor = editor(&session).map_err(|error| format!("the terminal cannot be used: {error}"))?;
    if let Some(file) = history.filter(|file| file.exists())
        && let Err(error) = editor.load_history(file)
    {
        render::note(&format!("the history {} cannot be read: {error}", file.display()));
    }
    loop {
        let prompt = session.borrow().prompt();
        let line = match editor.readline(&prompt) {
            Ok(line) => line,
            // Ctrl-C gives up the line, not the session.
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(format!("the terminal cannot be read: {error}")),
        };
        if !line.trim().is_empty() {
            let _ = editor.add_history_entry(line.as_str());
        }
        let done = session.borrow_mut().enter(&line);
        match done {
            Ok(reply) => {
                show(&reply.text);
                if reply.over {
                    break;
                }
            }
            Err(trouble) => render::line(&words(&trouble)),
        }
    }
    if let Some(file) = history {
        keep(&mut editor, file);
    }
    Ok(Exit::Ok)
}

type Prompt = Editor<AtTerminal, FileHistory>;

fn editor(session: &Rc<RefCell<Session>>) -> rustyline::Result<Prompt> {
    let config = Config::builder().max_history_size(KEPT)?.completion_type(CompletionType::List).build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(AtTerminal { session: Rc::clone(session), files: FilenameCompleter::new() }));
    Ok(editor)
}

fn keep(editor: &mut Prompt, file: &Path) {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), std::fs::create_dir_all).map_err(|error| error.to_string());
    if let Err(error) = made.and_then(|()| editor.save_history(file).map_err(|error| error.to_string())) {
        render::note(&format!("the history cannot be kept in {}: {error}", file.display()));
    }
}

/// What the editor asks while a line is typed.
struct AtTerminal {
    session: Rc<RefCell<Session>>,
    files: FilenameCompleter,
}

impl Helper for AtTerminal {}

impl Completer for AtTerminal {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = line.get(..pos).unwrap_or(line);
        let found = self.session.borrow().complete(typed);
        if found.file {
            return self.files.complete_path(line, pos);
        }
        let pairs = found.words.into_iter().map(|word| Pair { display: word.clone(), replacement: word });
        Ok((found.start, pairs.collect()))
    }
}

impl Hinter for AtTerminal {
    type Hint = String;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<String> {
        if pos < line.len() { None } else { self.session.borrow().hint(line) }
    }
}

impl Highlighter for AtTerminal {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        let mut out = String::new();
        let mut done = 0;
        for (range, kind) in paint(line) {
            let colour = match kind {
                Paint::Command => "1",
                Paint::Text => "32",
                Paint::Number => "36",
                Paint::Comment => "2",
            };
            out.push_str(&line[done..range.start]);
            let _ = write!(out, "\x1b[{colour}m{}\x1b[0m", &line[range.clone()]);
            done = range.end;
        }
        out.push_str(&line[done..]);
        Cow::Owned(out)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("\x1b[2m{hint}\x1b[0m"))
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        true
    }
}

impl Validator for AtTerminal {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if is_open(context.input()) { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}
