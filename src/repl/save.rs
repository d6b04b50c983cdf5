//! `save as scenario`: the steps of a course, with what was decided as expectations.

use super::course::{Course, Entry};
use super::program::Program;
use super::session::{Session, entry_words};
use super::world::Decision;
use super::{Trouble, findings};
use crate::outcome::{Action, ActionKind, Change, Verdict};
use crate::scenario::{self, ACCOUNT, Interpreter as _};
use crate::source::Source;
use crate::syntax::parse;
use crate::value::{Currency, Instant, NANOS_PER_SECOND, Value};
use std::sync::Arc;

impl Session {
    pub(super) fn save(&mut self, rest: &str) -> Result<String, Trouble> {
        let (title, file) = title_and_file(rest)?;
        let course = self.course()?;
        let block = written(&self.program, &self.opening.head, &title, course)?;
        let Some(file) = file else { return Ok(block) };
        let before = self.desk.text(&file)?.unwrap_or_default();
        if before.contains(&format!("scenario \"{title}\"")) {
            return Err(Trouble::Words(format!("{file} has a scenario \"{title}\": take another title")));
        }
        let gap = if before.is_empty() || before.ends_with("\n\n") { "" } else { "\n" };
        self.desk.write(&file, &format!("{before}{gap}{block}\n"))?;
        Ok(format!("{block}\nis written to {file}"))
    }
}

/// `"TITLE" [to FILE]`
fn title_and_file(rest: &str) -> Result<(String, Option<String>), Trouble> {
    let form = || Trouble::words("write it as `save as scenario \"TITLE\"`, with `to FILE` behind it where it shall be kept");
    let (title, behind) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')).ok_or_else(form)?;
    if title.trim().is_empty() {
        return Err(form());
    }
    let file = match behind.trim() {
        "" => None,
        behind => Some(behind.strip_prefix("to ").ok_or_else(form)?.trim().trim_matches('"').to_owned()),
    };
    Ok((title.to_owned(), file))
}

/// The scenario, tried: an expectation that does not hold there is left out.
fn written(program: &Program, head: &str, title: &str, course: &Course) -> Result<String, Trouble> {
    let mut lines = lines(program, course)?;
    for _ in 0..=lines.len() {
        let block = block(title, head, &lines);
        let failing = failing(program, &block)?;
        if failing.is_empty() {
            return Ok(block);
        }
        let kept = lines.len();
        // The head is the first line of the block.
        let mut number = 1;
        lines.retain(|line| {
            let from = number + 1;
            number += line.text.lines().count();
            !line.added || !failing.iter().any(|failed| (from..=number).contains(failed))
        });
        if lines.len() == kept {
            return Err(Trouble::words("the steps decide otherwise from the beginning than they did here: nothing is written"));
        }
    }
    Err(Trouble::words("the scenario expects nothing that holds: nothing is written"))
}

/// A line of the scenario.
struct Line {
    text: String,
    /// Whether it was not typed: an expectation.
    added: bool,
}

fn block(title: &str, head: &str, lines: &[Line]) -> String {
    let mut out = format!("scenario \"{title}\" {head} {{\n");
    for line in lines.iter().flat_map(|line| line.text.lines()) {
        out.push_str("    ");
        out.push_str(line);
        out.push('\n');
    }
    out.push('}');
    out
}

fn lines(program: &Program, course: &Course) -> Result<Vec<Line>, Trouble> {
    if course.history.is_empty() {
        return Err(Trouble::words("no step was taken yet: there is nothing to write"));
    }
    let mut lines = Vec::new();
    for (place, played) in course.history.iter().enumerate() {
        let text = match &played.entry {
            Entry::Steps(text) => text.clone(),
            Entry::Until(to) => moment(program, *to)?,
            Entry::Load(_) | Entry::Events(_) => {
                let what = entry_words(program, &played.entry);
                return Err(Trouble::Words(format!(
                    "{what} cannot be written as steps: a scenario holds what was typed; `ringfence run` tells of files"
                )));
            }
        };
        lines.push(Line { text, added: false });
        lines.extend(
            expectations(course.decided_by(place), program.ir().header.currency)
                .into_iter()
                .map(|text| Line { text: format!("expect {text}"), added: true }),
        );
    }
    if let Some(balance) = course.world.balance(ACCOUNT) {
        lines.push(Line { text: format!("expect balance is {}", amount(&balance)), added: true });
    }
    Ok(lines)
}

/// `at 2026-03-02 10:15:30`, on the program's clock.
fn moment(program: &Program, to: Instant) -> Result<String, Trouble> {
    let local = program.ir().header.day.zone.to_local(to).to_string();
    if to.nanos() % NANOS_PER_SECOND != 0 {
        return Err(Trouble::Words(format!("{local} is no whole second, which is as fine as a step can say")));
    }
    Ok(format!("at {local}"))
}

/// An amount as programs write it.
fn amount(value: &Value) -> String {
    value.to_string()
}

/// What a line of the session decided, as expectations.
fn expectations(decided: &[Arc<Decision>], currency: Currency) -> Vec<String> {
    let outcomes = || decided.iter().map(|decision| &decision.outcome);
    let changes = || outcomes().flat_map(|outcome| &outcome.changes);
    let mut found: Vec<String> = Vec::new();
    found.extend(outcomes().filter_map(|outcome| outcome.verdict.as_ref()).next_back().map(|verdict| verdict_words(verdict, currency)));
    found.extend(changes().filter_map(|change| match change {
        Change::Breach { limit, .. } => Some(format!("breach \"{limit}\"")),
        Change::Reached { goal, .. } => Some(format!("goal \"{goal}\" reached")),
        Change::Lost { goal, .. } => Some(format!("goal \"{goal}\" open")),
        Change::PayoutReachesFloor { floor, .. } => Some(format!("warned of {floor}")),
        _ => None,
    }));
    let actions: Vec<&Action> = outcomes().flat_map(|outcome| &outcome.actions).collect();
    let named: Vec<String> = actions.iter().filter_map(|action| action_words(&action.kind)).collect();
    if !named.is_empty() {
        found.push(format!("actions {}", named.join(", ")));
    }
    found.extend(actions.iter().filter_map(|action| notice_words(&action.kind)));
    found.extend(changes().filter_map(entered).next_back().map(|phase| format!("phase {phase}")));
    let mut locked = changes().filter_map(|change| if let Change::Locked { locked } = change { Some(*locked) } else { None });
    found.extend(locked.next_back().map(|locked| if locked { "locked".into() } else { "not locked".into() }));
    if outcomes().any(|outcome| !outcome.faults.is_empty()) {
        found.push("fault".into());
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|words| seen.insert(words.clone()));
    found
}

fn entered(change: &Change) -> Option<&str> {
    if let Change::Entered { to, .. } = change { Some(to) } else { None }
}

fn verdict_words(verdict: &Verdict, currency: Currency) -> String {
    let by = |reasons: &[crate::outcome::Reason]| reasons.first().map_or_else(String::new, |reason| format!(" by \"{}\"", reason.rule));
    match verdict {
        Verdict::Allow => "allowed".into(),
        Verdict::Reduce { quantity, .. } => format!("reduced to {quantity}"),
        Verdict::Reject { reasons } => format!("rejected{}", by(reasons)),
        Verdict::Approve(amounts) => format!("approved {}", Value::Money(amounts.amount, currency)),
        Verdict::Deny { reasons, .. } => format!("denied{}", by(reasons)),
        Verdict::Review { .. } => "in review".into(),
    }
}

/// An action other than a message, by its first words.
fn action_words(kind: &ActionKind) -> Option<String> {
    Some(match kind {
        ActionKind::Notify { .. } => return None,
        ActionKind::Promote { phase } => format!("promote to {phase}"),
        ActionKind::Call { action, .. } => action.to_string(),
        other => other.words().to_owned(),
    })
}

fn notice_words(kind: &ActionKind) -> Option<String> {
    let ActionKind::Notify { to, message } = kind else { return None };
    let plain = !message.contains(['"', '\n', '\\']);
    Some(if plain { format!("notify {to} \"{message}\"") } else { format!("notify {to}") })
}

/// The lines of the block, from 1, at which the scenario does not find what it expects behind the program.
fn failing(program: &Program, block: &str) -> Result<Vec<usize>, Trouble> {
    let ir = program.ir();
    let files = ir.source.files();
    let mut texts: Vec<(String, String)> = files.iter().map(|file| (file.name.clone(), ir.source.slice(file.span).to_owned())).collect();
    let Some((_, main)) = texts.first_mut() else { return Ok(Vec::new()) };
    if !main.ends_with('\n') {
        main.push('\n');
    }
    let before = main.lines().count();
    main.push_str(block);
    main.push('\n');
    let source = Source::with_imports(texts, Vec::new());
    let checked = crate::check::check(&source, &parse(&source));
    let lines = |spans: &mut dyn Iterator<Item = crate::source::Span>| -> Vec<usize> {
        spans.map(|span| source.line_column(span.start).0.saturating_sub(before)).collect()
    };
    let Some(checked_ir) = checked.ir else {
        let errors = checked.diagnostics.iter().filter(|found| found.severity() == crate::diagnostic::Severity::Error);
        let found = lines(&mut errors.map(|found| found.span));
        return if found.is_empty() { findings(&source, checked.diagnostics).map(|()| Vec::new()) } else { Ok(found) };
    };
    let compiled = crate::compile::compile(checked_ir).map_err(|found| Trouble::Findings(source.clone(), found))?;
    let compiled = Arc::new(compiled);
    let Some(scenario) = compiled.ir.scenarios.last() else { return Ok(Vec::new()) };
    let mut engine = program.engine();
    engine.load(Arc::clone(&compiled));
    let report = scenario::run(&compiled.ir, &checked.names, scenario, &mut engine);
    Ok(lines(&mut report.failures.iter().map(|failure| failure.span)))
}
