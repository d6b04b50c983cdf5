//! Where scenarios are tried: the engine with the program, a new account each time.

use std::sync::Arc;

use super::Draft;
use crate::check::{Names, check, check_expression};
use crate::code::Program;
use crate::engine::Engine;
use crate::ir::{Ir, PhaseId};
use crate::outcome::{ActionKind, Change, Outcome, Verdict};
use crate::scenario::{self, Interpreter};
use crate::source::Source;
use crate::syntax::ast::{ItemKind, Scenario, ScenarioHead};
use crate::syntax::{load, parse, parse_expression};
use crate::value::{Currency, Decimal, Instant, Value};

/// The account of a scenario.
const ACCOUNT: &str = "scenario";
/// When scenarios begin that do not say it: a Monday.
const FROM: &str = "from 2026-03-02";

/// A program on the engine.
pub(super) struct Stand<'a> {
    source: &'a Source,
    names: &'a Names,
    program: &'a Arc<Program>,
    /// The plan of all accounts.
    pub(super) plan: &'a str,
}

/// What a scenario led to.
pub(super) struct Shown {
    outcomes: Vec<Outcome>,
    engine: Engine,
    /// Whether every step could be taken, and no fault was met.
    pub(super) sound: bool,
}

impl<'a> Stand<'a> {
    pub(super) const fn new(source: &'a Source, names: &'a Names, program: &'a Arc<Program>, plan: &'a str) -> Self {
        Self { source, names, program, plan }
    }

    pub(super) fn ir(&self) -> &Ir {
        &self.program.ir
    }

    pub(super) fn words(&self, span: crate::source::Span) -> String {
        self.source.words(span)
    }

    /// The file and line of a place; only the line in the program's own file.
    pub(super) fn place(&self, span: crate::source::Span) -> String {
        let (file, line) = (&self.source.file_at(span.start).name, self.source.line_column(span.start).0);
        if file == self.source.name() { format!("line {line}") } else { format!("{file}, line {line}") }
    }

    /// The currency of scenarios' accounts.
    pub(super) fn currency(&self) -> Currency {
        let currency = self.ir().header.currency;
        if currency == Currency::ACCOUNT { Currency::new("USD").unwrap_or(currency) } else { currency }
    }

    /// So many of the currency's smallest coins.
    pub(super) fn coins(&self, count: i64) -> Decimal {
        let places = usize::from(self.currency().minor_digits());
        let text = format!("{:0>width$}", count.abs(), width = places + 1);
        let (whole, part) = text.split_at(text.len() - places);
        let amount: Decimal = format!("{whole}.{part}").trim_end_matches('.').parse().unwrap_or_default();
        if count < 0 { amount.neg() } else { amount }
    }

    /// An amount as programs write it.
    pub(super) fn money(&self, amount: Decimal) -> String {
        Value::Money(amount, self.currency()).to_string()
    }

    /// The heads to try in a phase: the plain one, and those of the program's own scenarios.
    pub(super) fn heads(&self, phase: &str) -> Vec<String> {
        let first = self.ir().phases.first().map_or("", |phase| phase.name.as_str());
        let within = if phase == first { String::new() } else { format!(", phase {phase}") };
        let mut heads = vec![format!("plan {}{within}, {FROM}", self.plan), format!("plan {}{within}, {FROM}, hedging", self.plan)];
        for scenario in &self.ir().scenarios {
            let of_phase = scenario.head.iter().find_map(|item| match &item.node {
                ScenarioHead::Phase(name) => Some(name.node.as_str()),
                _ => None,
            });
            if of_phase.unwrap_or(first) != phase {
                continue;
            }
            let rest = scenario.head.iter().filter(|item| !matches!(item.node, ScenarioHead::Plan(_)));
            let rest = rest.map(|item| self.source.words(item.span));
            let head = std::iter::once(format!("plan {}", self.plan)).chain(rest).collect::<Vec<_>>().join(", ");
            if !heads.contains(&head) {
                heads.push(head);
            }
        }
        heads
    }

    /// Takes steps with a new account.
    pub(super) fn play(&self, head: &str, steps: &[String]) -> Option<Shown> {
        let scenario = read(head, steps)?;
        let mut engine = Engine::new();
        engine.load(Arc::clone(self.program));
        let report = scenario::run(self.ir(), self.names, &scenario, &mut engine);
        let sound = report.failures.iter().all(|failure| failure.span == scenario.title.span && failure.expected.contains("`expect`"));
        Some(Shown { outcomes: report.outcomes, engine, sound })
    }

    /// A value after steps, as programs write it.
    pub(super) fn value(&self, head: &str, steps: &[String], expression: &str) -> Option<String> {
        self.read(&mut self.play(head, steps)?, expression)
    }

    /// A value where steps have led, as programs write it.
    pub(super) fn read(&self, shown: &mut Shown, expression: &str) -> Option<String> {
        if !shown.sound {
            return None;
        }
        let (parsed, problems) = parse_expression(&Source::new("a value", expression));
        let phase = shown.phase().and_then(|name| self.ir().phase_named(&name)).unwrap_or(PhaseId(0));
        let checked = check_expression(self.ir(), self.names, &self.ir().source, phase, &parsed?).ok().filter(|_| problems.is_empty())?;
        Interpreter::evaluate(&mut shown.engine, ACCOUNT, &checked).ok().map(|value| value.to_string())
    }

    /// A scenario's text if it holds behind the program; else a remark that it could not be made.
    pub(super) fn kept(&self, draft: &Draft) -> String {
        let text = draft.text();
        if self.holds(&text) { text } else { format!("    // {}: no scenario that the program accepts; write it by hand\n", draft.title) }
    }

    fn holds(&self, text: &str) -> bool {
        let mut files = self.source.files().iter().map(|file| (file.name.clone(), self.source.slice(file.span).to_owned()));
        let Some((name, own)) = files.next() else { return false };
        let Some(end) = own.rfind('}') else { return false };
        let rest: Vec<(String, String)> = files.collect();
        let with = Source::new(name, format!("{}\n{text}{}", &own[..end], &own[end..]));
        let with = load(with, &mut |wanted| {
            rest.iter().find(|(name, _)| name == wanted).map(|(_, text)| text.clone()).ok_or_else(|| "not read".to_owned())
        });
        let checked = check(&with, &parse(&with));
        let Some(ir) = checked.ir else { return false };
        let Some(scenario) = ir.scenarios.last() else { return false };
        let mut engine = Engine::new();
        engine.load(Arc::clone(self.program));
        scenario::run(&ir, &checked.names, scenario, &mut engine).passed()
    }
}

/// How a phase ended.
pub(super) struct End {
    pub(super) at: Instant,
    /// The rule that ended it, where one did.
    by: Option<String>,
    entered: String,
}

impl End {
    /// What ended the phase, and what was entered.
    pub(super) fn words(&self) -> String {
        let by = self.by.as_ref().map_or_else(|| "an event".to_owned(), |rule| format!("\"{rule}\""));
        format!("{by} ends the phase, and `{}` is entered", self.entered)
    }
}

/// A scenario, parsed alone.
fn read(head: &str, steps: &[String]) -> Option<Scenario> {
    let text = format!("program \"P\" {{\n    scenario \"P\" {head} {{\n{}\n    }}\n}}\n", steps.join("\n"));
    let parsed = parse(&Source::new("a scenario", text)).program;
    parsed.items.into_iter().find_map(|item| match item.kind {
        ItemKind::Scenario(scenario) => Some(scenario),
        _ => None,
    })
}

impl Shown {
    fn changes(&self) -> impl Iterator<Item = &Change> {
        self.outcomes.iter().flat_map(|outcome| &outcome.changes)
    }

    /// What ended the phase in which the account was opened: when, by which rule, and what was entered; nothing while it goes on.
    pub(super) fn end_of_phase(&self) -> Option<End> {
        self.outcomes.iter().find_map(|outcome| {
            let entered = outcome.changes.iter().find_map(|change| match change {
                Change::Entered { from, to } if !from.is_empty() => Some(to.to_string()),
                _ => None,
            })?;
            let ends = |kind: &ActionKind| {
                matches!(kind, ActionKind::Fail | ActionKind::Promote { .. } | ActionKind::CloseAccount | ActionKind::Restart)
            };
            let by = outcome.actions.iter().find(|action| ends(&action.kind)).map(|action| action.rule.to_string());
            Some(End { at: outcome.at, by, entered })
        })
    }

    /// The limits that were breached in the phase in which the account was opened, each once.
    pub(super) fn breaches(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let until_left = self.changes().take_while(|change| !matches!(change, Change::Entered { from, .. } if !from.is_empty()));
        for change in until_left {
            if let Change::Breach { limit, .. } = change
                && !found.iter().any(|known| **known == **limit)
            {
                found.push(limit.to_string());
            }
        }
        found
    }

    /// The answer to the last question.
    pub(super) fn verdict(&self) -> Option<&Verdict> {
        self.outcomes.iter().rev().find_map(|outcome| outcome.verdict.as_ref())
    }

    pub(super) fn phase(&self) -> Option<String> {
        Interpreter::phase(&self.engine, ACCOUNT)
    }

    pub(super) fn is_locked(&self) -> bool {
        Interpreter::is_locked(&self.engine, ACCOUNT)
    }

    /// What the account holds.
    pub(super) fn balance(&self) -> Option<Decimal> {
        match Interpreter::balance(&self.engine, ACCOUNT)? {
            Value::Money(balance, _) => Some(balance),
            _ => None,
        }
    }
}
