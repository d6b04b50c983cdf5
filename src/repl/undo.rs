//! `undo` and `redo`: steps taken back, and done again.

use super::Trouble;
use super::course::Entry;
use super::session::{Session, entry_words};

impl Session {
    /// Takes the last steps back, all of them or none.
    pub(super) fn undo(&mut self, rest: &str) -> Result<String, Trouble> {
        let count = count(rest, "undo")?;
        let course = self.courses.get_mut(&self.here).ok_or_else(|| Trouble::words("the course is lost"))?;
        let done = course.history.len();
        if count > done.max(1) {
            let all = if done > 1 { format!(": `undo {done}` takes all of them back") } else { String::new() };
            let only = if done > 0 { "only " } else { "" };
            return Err(Trouble::Words(format!("{only}{} done that could be taken back{all}", steps(done))));
        }
        let mut undone = Vec::new();
        for _ in 0..count {
            undone.push(course.undo(&self.program, &self.opening)?);
        }
        let now = course.scene.now();
        Ok(format!("taken back: {}; it is {}", self.words_of(&undone), self.local(now)))
    }

    /// Does again what was taken back, the latest first.
    pub(super) fn redo(&mut self, rest: &str) -> Result<String, Trouble> {
        let count = count(rest, "redo")?;
        let undone = self.course()?.undone.len();
        if undone == 0 {
            return Err(Trouble::words("nothing was taken back since the last step: `undo` takes one back"));
        }
        if count > undone {
            return Err(Trouble::Words(format!("only {} taken back", steps(undone))));
        }
        let mut out = Vec::new();
        for _ in 0..count {
            let mut left = self.course()?.undone.clone();
            let Some(entry) = left.pop() else { break };
            let words = entry_words(&self.program, &entry);
            let shown = self.play(entry)?;
            out.push(format!("done again: {words}\n{shown}"));
            if let Some(course) = self.courses.get_mut(&self.here) {
                course.undone = left;
            }
        }
        Ok(out.join("\n"))
    }

    fn words_of(&self, entries: &[Entry]) -> String {
        entries.iter().map(|entry| entry_words(&self.program, entry)).collect::<Vec<_>>().join(", ")
    }
}

fn steps(count: usize) -> String {
    match count {
        0 => "no step was".into(),
        1 => "one step was".into(),
        several => format!("{several} steps were"),
    }
}

/// How many are meant; one where nothing is said.
fn count(rest: &str, command: &str) -> Result<usize, Trouble> {
    let wrong = || Trouble::Words(format!("`{rest}` is no number of steps: write `{command}`, or `{command} 3`"));
    match rest {
        "" => Ok(1),
        rest => rest.parse().ok().filter(|count| *count > 0).ok_or_else(wrong),
    }
}
