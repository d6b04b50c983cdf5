//! The prompt at a terminal: completion, several lines, Ctrl-C, errors, and a history that is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{ControlCode, Expect as _, Regex, Session};

use crate::shipped::root;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("repl").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A session at a pseudo-terminal.
fn begun(history: &Path) -> OsSession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence"));
    command
        .args(["repl", "rules/ftmo/two-step.fence", "--plan", "100K", "--history"])
        .arg(history)
        .current_dir(root())
        .env("TERM", "xterm");
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_mins(1)));
    session.expect("FTMO 2-Step").unwrap();
    session.expect("> ").unwrap();
    session
}

fn typed(session: &mut OsSession, line: &str, answer: &str) {
    session.send(format!("{line}\r")).unwrap();
    session.expect(answer).unwrap_or_else(|error| panic!("{line}: {answer}: {error}"));
    session.expect("> ").unwrap();
}

/// Ends the session as a person does, and tells its exit.
fn left(mut session: OsSession) -> WaitStatus {
    session.send("quit\r").unwrap();
    session.expect(expectrl::Eof).unwrap();
    session.get_process().wait().unwrap()
}

#[test]
fn errors_and_interrupts_end_no_session() {
    let mut session = begun(&folder("errors").join("history"));
    typed(&mut session, "staus", "did you mean `status`?");
    typed(&mut session, "5% of sise", "did you mean `size`?");
    session.send("trade -$9").unwrap();
    session.send(ControlCode::EndOfText).unwrap();
    // What is typed before the prompt is there again would be given up with the line.
    session.expect(Regex("\n[^\n]*> ")).unwrap();
    typed(&mut session, "size", "$100,000.00  (money in USD)");
    assert!(matches!(left(session), WaitStatus::Exited(_, 0)));
}

#[test]
fn a_tab_completes_what_is_typed() {
    let mut session = begun(&folder("tab").join("history"));
    session.send("max o\t").unwrap();
    typed(&mut session, " EURUSD", "`EURUSD` has no price yet");
    session.send("day.start_b\t").unwrap();
    typed(&mut session, "", "$100,000.00  (money in USD)");
    left(session);
}

#[test]
fn an_open_brace_goes_on_in_the_next_line() {
    let mut session = begun(&folder("lines").join("history"));
    session.send("3 times {\r").unwrap();
    session.send("trade +$500\r").unwrap();
    typed(&mut session, "}", "balance $101,500.00");
    left(session);
}

#[test]
fn what_was_typed_is_there_in_the_next_session() {
    let history = folder("history").join("in").join("history");
    let mut first = begun(&history);
    typed(&mut first, "size * 2", "$200,000.00");
    left(first);
    assert!(fs::read_to_string(&history).unwrap().contains("size * 2"));
    let mut second = begun(&history);
    // Up twice: `quit`, then the line before it.
    second.send("\x1b[A\x1b[A\r").unwrap();
    second.expect("$200,000.00").unwrap();
    left(second);
}
