//! Events of files, and how far they go on.

use std::sync::Arc;

use super::course::{Course, Entry};
use super::session::Session;
use super::{Loaded, Trouble};
use crate::event::Event;
use crate::scenario::ACCOUNT;
use crate::value::{Instant, NANOS_PER_DAY};

/// How far time goes on alone.
const FARTHEST: i64 = 400 * NANOS_PER_DAY;

/// What `until` waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Breach,
    Decision,
    End,
}

/// How going on ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GoneOn {
    /// What was awaited came.
    Found,
    /// It did not come.
    Ran,
    /// A person stopped it.
    Stopped,
}

impl Session {
    pub(super) fn load(&mut self, rest: &str) -> Result<String, Trouble> {
        let mut files = words(rest);
        let account = match files.iter().position(|word| word == "of") {
            Some(at) => {
                let account =
                    files.get(at + 1).cloned().ok_or_else(|| Trouble::words("say of which account: `load events FILE of ACCOUNT`"))?;
                files.truncate(at);
                Some(account)
            }
            None => None,
        };
        let loaded = of_account(self.desk.events(&files)?, account.as_deref())?;
        let unread = loaded.unread.join("\n");
        let (count, files) = (loaded.events.len(), loaded.files.clone());
        let span = loaded.events.first().zip(loaded.events.last()).map(|(first, last)| (first.at, last.at));
        let opened = self.play(Entry::Load(Arc::new(loaded)))?;
        let Some((first, last)) = span else { return Ok(opened) };
        let mut out = format!(
            "{count} events of {files} are loaded, from {} to {}; they happen as time passes: `step`, `until breach`, `at …`",
            self.local(first),
            self.local(last)
        );
        if !unread.is_empty() {
            out = format!("{unread}\n{out}");
        }
        Ok(out)
    }

    pub(super) fn step(&mut self, rest: &str) -> Result<String, Trouble> {
        let count = match rest {
            "" => 1,
            number => number
                .replace(',', "")
                .parse::<u64>()
                .ok()
                .filter(|count| *count > 0)
                .ok_or_else(|| Trouble::Words(format!("`{number}` is no number of events: write `step`, or `step 100`")))?,
        };
        let waiting = self.course()?.world.waiting().len() as u64;
        if waiting == 0 {
            return Err(nothing_waits());
        }
        let count = count.min(waiting);
        let shown = self.play(Entry::Events(count))?;
        let left = self.course()?.world.waiting().len();
        if left > 0 { Ok(shown) } else { Ok(format!("{shown}\nevery loaded event has happened")) }
    }

    pub(super) fn until(&mut self, rest: &str) -> Result<String, Trouble> {
        let awaited = match rest {
            "breach" => Awaited::Breach,
            "decision" => Awaited::Decision,
            "end" => Awaited::End,
            instant => match instant.parse::<Instant>() {
                Ok(to) if to < self.course()?.scene.now() => {
                    return Err(Trouble::Words(format!("{} lies before now: time only goes forward", self.local(to))));
                }
                Ok(to) => return self.play(Entry::Until(to)),
                Err(_) => return self.steps(&format!("advance to {instant}")),
            },
        };
        let mut course = self.course()?.clone();
        let before = (course.world.clone(), course.scene.clone());
        let decided_before = course.world.decisions().len();
        course.world.line = course.history.len();
        let (entry, end) = go_on(&mut course, awaited, &mut || self.desk.is_stopped())?;
        if let (GoneOn::Ran, Entry::Until(to)) = (end, &entry) {
            let what = if awaited == Awaited::Breach { "no breach comes" } else { "nothing is decided" };
            return Ok(format!("{what} by time alone up to {}: it is still {}", self.local(*to), self.local(before.1.now())));
        }
        course.keep(before, entry, decided_before);
        let shown = self.decided_since(&course, decided_before);
        self.courses.insert(self.here.clone(), course);
        Ok(match (end, awaited) {
            (GoneOn::Found, _) => shown,
            (GoneOn::Stopped, _) => format!("{shown}\nstopped; `undo` takes it back"),
            (GoneOn::Ran, Awaited::Breach) => format!("{shown}\nno breach came"),
            (GoneOn::Ran, _) => format!("{shown}\nevery loaded event has happened"),
        })
    }
}

/// Lets loaded events happen, or time pass where none were loaded, until what is awaited was decided.
fn go_on(course: &mut Course, awaited: Awaited, is_stopped: &mut dyn FnMut() -> bool) -> Result<(Entry, GoneOn), Trouble> {
    let mut seen = course.world.decisions().len();
    let mut came = |course: &Course| {
        let new = course.decided_since(seen);
        let found = match awaited {
            Awaited::Breach => new.iter().any(|decision| decision.has_breach()),
            Awaited::Decision => !new.is_empty(),
            Awaited::End => false,
        };
        seen = course.world.decisions().len();
        found
    };
    if !course.world.waiting().is_empty() {
        let mut count = 0;
        while course.next_event() {
            count += 1;
            if came(course) {
                return Ok((Entry::Events(count), GoneOn::Found));
            }
            if is_stopped() {
                return Ok((Entry::Events(count), GoneOn::Stopped));
            }
        }
        return Ok((Entry::Events(count), GoneOn::Ran));
    }
    if awaited == Awaited::End {
        return Err(nothing_waits());
    }
    let farthest = course.scene.now().plus(FARTHEST);
    loop {
        let due = course.world.account().and_then(|account| account.status().next_due).filter(|due| *due <= farthest);
        let to = due.unwrap_or(farthest);
        course.pass(to);
        if came(course) {
            return Ok((Entry::Until(to), GoneOn::Found));
        }
        if due.is_none() {
            return Ok((Entry::Until(to), GoneOn::Ran));
        }
        if is_stopped() {
            return Ok((Entry::Until(to), GoneOn::Stopped));
        }
    }
}

fn nothing_waits() -> Trouble {
    Trouble::words("no loaded event waits: `load events FILE` first; `next day` and `at 10:15` let time pass")
}

/// The events of one account, and those of the market, as the session's account.
fn of_account(mut loaded: Loaded, account: Option<&str>) -> Result<Loaded, Trouble> {
    let mut names: Vec<String> = loaded.events.iter().filter_map(|event| event.account.clone()).collect();
    names.sort_unstable();
    names.dedup();
    let one = match (account, names.as_slice()) {
        (Some(account), _) if names.iter().any(|name| name == account) => account.to_owned(),
        (Some(account), _) => {
            return Err(Trouble::Words(format!("no event is of the account `{account}`: there are {}", names.join(", "))));
        }
        (None, []) => String::new(),
        (None, [one]) => one.clone(),
        (None, _) => {
            let first = names.first().cloned().unwrap_or_default();
            return Err(Trouble::Words(format!(
                "the events are of the accounts {}: say of which, such as `load events {} of {first}`",
                names.join(", "),
                loaded.files
            )));
        }
    };
    let events = Arc::make_mut(&mut loaded.events);
    events.retain(|event: &Event| event.account.as_ref().is_none_or(|name| *name == one));
    for event in events.iter_mut().filter(|event| event.account.is_some()) {
        event.account = Some(ACCOUNT.to_owned());
    }
    Ok(loaded)
}

/// Words apart by blanks; those in quotes as one.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, part) in text.split('"').enumerate() {
        if at % 2 == 1 {
            found.push(part.to_owned());
        } else {
            found.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    found
}
