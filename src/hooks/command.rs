//! A hook that runs a command of the system for each delivery.

use std::io::Write;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use super::{Answer, Delivery, Hook};

/// How long is waited before a command is looked at again.
const LOOK: Duration = Duration::from_millis(5);

/// Runs a command for each delivery, which reads it as one line of JSON from its standard input.
///
/// Exit code 0 says that it is done, 75 (a temporary failure, by the convention of mail systems) that it may succeed
/// later, any other that it never will. A command that takes longer than it may is ended, and has not answered.
#[derive(Clone, Debug)]
pub struct RunCommand {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// How long it may take.
    pub at_most: Duration,
}

/// The exit code of what may succeed later: `EX_TEMPFAIL` of sysexits.h.
const LATER: i32 = 75;

impl Hook for RunCommand {
    fn deliver(&mut self, delivery: &Delivery) -> Answer {
        let Ok(mut line) = serde_json::to_vec(delivery) else { return Answer::Impossible("it has no form in JSON".into()) };
        line.push(b'\n');
        let child =
            Command::new(&self.program).args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => return Answer::Failed(format!("`{}` cannot be started: {error}", self.program)),
        };
        if let Some(mut input) = child.stdin.take() {
            // A command that reads nothing has closed it: its exit code says what it made of it.
            let _ = input.write_all(&line);
        }
        match finished(&mut child, self.at_most) {
            Some(status) if status.success() => Answer::Done,
            Some(status) if status.code() == Some(LATER) => Answer::Failed(format!("`{}` says: later", self.program)),
            Some(status) => Answer::Impossible(format!("`{}` ended with {status}", self.program)),
            None => Answer::Silence,
        }
    }
}

/// How a command ended, if it did in time; else it is ended.
fn finished(child: &mut Child, at_most: Duration) -> Option<ExitStatus> {
    let mut waited = Duration::ZERO;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if waited < at_most => {
                thread::sleep(LOOK);
                waited += LOOK;
            }
            _ => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}
