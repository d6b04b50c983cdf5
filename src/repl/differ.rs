//! Courses beside each other, and the same course on another program.

use std::collections::BTreeMap;

use super::course::Course;
use super::program::Program;
use super::session::{Session, entry_words};
use super::settings::reason;
use super::{Trouble, show};
use crate::scenario::{ACCOUNT, Interpreter as _};
use crate::sentences::local;

impl Session {
    pub(super) fn fork(&mut self, name: &str) -> Result<String, Trouble> {
        let plain = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'));
        if !plain {
            return Err(Trouble::Words(format!("`{name}` is no name: use letters, digits, `-` and `_`")));
        }
        if self.courses.contains_key(name) {
            return Err(Trouble::Words(format!("there is a course `{name}`: take another name, or `switch {name}`")));
        }
        let copy = self.course()?.clone();
        self.courses.insert(name.to_owned(), copy);
        let left = std::mem::replace(&mut self.here, name.to_owned());
        Ok(format!("`{name}` goes on from here; `{left}` stays as it is"))
    }

    pub(super) fn forks(&self) -> String {
        let rows = self.courses.iter().map(|(name, course)| {
            let mark = if *name == self.here { "*" } else { " " };
            let phase = course.world.phase(ACCOUNT).unwrap_or_default();
            let balance = course.world.balance(ACCOUNT).map_or_else(String::new, |balance| balance.to_string());
            let now = local(self.program.ir(), course.scene.now());
            vec![format!("{mark} {name}"), now, phase, format!("balance {balance}"), format!("{} lines", course.history.len())]
        });
        show::columns(&rows.collect::<Vec<_>>())
    }

    pub(super) fn switch(&mut self, name: &str) -> Result<String, Trouble> {
        self.named(name)?;
        name.clone_into(&mut self.here);
        Ok(format!("`{name}` goes on at {}", self.local(self.course()?.scene.now())))
    }

    fn named(&self, name: &str) -> Result<&Course, Trouble> {
        self.courses.get(name).ok_or_else(|| {
            let known = self.courses.keys().map(String::as_str);
            let hint = match crate::check::nearest(name, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", known.collect::<Vec<_>>().join(", ")),
            };
            Trouble::Words(format!("no course is called `{name}`: {hint}"))
        })
    }

    pub(super) fn diff(&self, name: &str) -> Result<String, Trouble> {
        let (here, other) = (self.course()?, self.named(name)?);
        if *name == self.here {
            return Err(Trouble::Words(format!("`{name}` is this course: name another")));
        }
        let zone = self.program.ir().header.day.zone;
        let (one, second) = (format!("in `{}`", self.here), format!("in `{name}`"));
        let mut out = Vec::new();
        let mut values: Vec<[String; 3]> = Vec::new();
        if here.scene.now() != other.scene.now() {
            values.push(["time".into(), self.local(here.scene.now()), self.local(other.scene.now())]);
        }
        let changed = show::changed(&here.world.state(ACCOUNT), &other.world.state(ACCOUNT));
        let rows = |found: Vec<(String, _, _)>| found.into_iter().map(|(name, a, b)| [name, zone.words(&a), zone.words(&b)]);
        let (limits, others): (Vec<_>, Vec<_>) = changed.into_iter().partition(|(name, ..)| is_of_limit(name));
        values.extend(rows(others));
        for (what, found) in [("values", values), ("limits", rows(limits).collect())] {
            if !found.is_empty() {
                let head = [what.to_owned(), one.clone(), second.clone()];
                out.push(show::columns(&std::iter::once(head).chain(found).map(Vec::from).collect::<Vec<_>>()));
            }
        }
        out.extend(decided_otherwise(&self.program, here, &self.program, other, [&one, &second]));
        if out.is_empty() {
            out.push("nothing differs".into());
        }
        Ok(out.join("\n"))
    }

    /// Reads the program again and plays every course on it.
    pub(super) fn reload(&mut self) -> Result<String, Trouble> {
        let kept = |trouble: Trouble| Trouble::NotReloaded(Box::new(trouble));
        let program = self.desk.program().map_err(kept)?;
        let program = program.ok_or_else(|| Trouble::words("the session has no file: begin it by `ringfence repl PROGRAM`"))?;
        let opening = self.opening.again(&program).map_err(kept)?;
        let mut courses = BTreeMap::new();
        let mut out = vec!["the program is read again".to_owned()];
        for (name, course) in &self.courses {
            let (again, left_out) = replayed(course, &program, &opening).map_err(kept)?;
            let whose = if self.courses.len() > 1 { format!(" of `{name}`") } else { String::new() };
            out.extend(left_out.into_iter().map(|words| format!("left out{whose}: {words}")));
            let differing = decided_otherwise(&self.program, course, &program, &again, ["before", "now"]);
            out.extend(differing.into_iter().map(|words| if whose.is_empty() { words } else { format!("decisions{whose}:\n{words}") }));
            let changed = show::changed(&course.world.state(ACCOUNT), &again.world.state(ACCOUNT));
            if !changed.is_empty() {
                out.push(format!("values{whose}, before -> now:\n{}", show::changes(program.ir().header.day.zone, &changed)));
            }
            courses.insert(name.clone(), again);
        }
        if out.len() == 1 {
            out.push("nothing is decided otherwise, and no value changes".into());
        }
        (self.program, self.opening, self.courses) = (program, opening, courses);
        Ok(out.join("\n"))
    }
}

/// A course on another program, and the lines that cannot be taken there.
fn replayed(course: &Course, program: &Program, opening: &super::program::Opening) -> Result<(Course, Vec<String>), Trouble> {
    let mut again = Course::open(program, opening)?;
    let mut left_out = Vec::new();
    for played in &course.history {
        if let Err(trouble) = again.play(program, opening, played.entry.clone()) {
            left_out.push(format!("{}, {}", entry_words(program, &played.entry), reason(trouble)));
        }
    }
    Ok((again, left_out))
}

fn is_of_limit(name: &str) -> bool {
    name.split_once(": ").map_or(name, |(_, own)| own).starts_with("limit ")
}

/// What only one of two courses decided.
fn decided_otherwise(one: &Program, first: &Course, other: &Program, second: &Course, names: [&str; 2]) -> Option<String> {
    let lines = |program: &Program, course: &Course| -> Vec<String> {
        course.world.decisions().iter().map(|decision| show::decision_lines(program, decision)).collect()
    };
    let (first, second) = (lines(one, first), lines(other, second));
    let mut out = Vec::new();
    for (where_, lines) in [(names[0], only(&first, &second)), (names[1], only(&second, &first))] {
        if !lines.is_empty() {
            let lines: Vec<String> = lines.iter().flat_map(|text| text.lines()).map(|line| format!("  {line}")).collect();
            out.push(format!("decided only {where_}:\n{}", lines.join("\n")));
        }
    }
    (!out.is_empty()).then(|| out.join("\n"))
}

/// What stands among these and not among those, as often as it is more there.
fn only<'a>(these: &'a [String], those: &[String]) -> Vec<&'a str> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for line in those {
        *left.entry(line).or_default() += 1;
    }
    let mut is_new = |line: &str| match left.get_mut(line).filter(|count| **count > 0) {
        Some(count) => {
            *count -= 1;
            false
        }
        None => true,
    };
    these.iter().map(String::as_str).filter(|line| is_new(line)).collect()
}
