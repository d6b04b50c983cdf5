//! Scenarios: the names they use must exist, so that a misspelt expectation cannot pass unnoticed.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Ir, PhaseId};
use crate::source::{Source, Spanned};
use crate::syntax::ast::{Expect, ScenarioHead, Step};

use super::names::Names;
use super::{errors, names};

/// The findings about a program's scenarios.
pub(super) fn check(ir: &Ir, names: &Names, source: &Source) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for scenario in &ir.scenarios {
        head(ir, &scenario.head, &mut found);
        let mut phases = PhasesSeen { start: start_phase(ir, &scenario.head) };
        steps(ir, names, source, &scenario.steps, &mut phases, &mut found);
    }
    found
}

/// In which phases an expectation may stand: the start, or any later one.
struct PhasesSeen {
    start: Option<PhaseId>,
}

fn start_phase(ir: &Ir, head: &[Spanned<ScenarioHead>]) -> Option<PhaseId> {
    let named = head.iter().find_map(|item| match &item.node {
        ScenarioHead::Phase(name) => Some(ir.phase_named(&name.node)),
        _ => None,
    });
    named.unwrap_or(Some(PhaseId(0)))
}

fn head(ir: &Ir, head: &[Spanned<ScenarioHead>], found: &mut Vec<Diagnostic>) {
    let mut planned = ir.plans.names.len() == 1;
    for item in head {
        match &item.node {
            ScenarioHead::Plan(name) => {
                planned = true;
                if !ir.plans.names.contains(&name.node) {
                    found.push(errors::unknown_plan(&name.node, name.span, ir.plans.names.iter().map(String::as_str)));
                }
            }
            ScenarioHead::Phase(name) if ir.phase_named(&name.node).is_none() => {
                found.push(errors::unknown_phase(&name.node, name.span, ir.phases.iter().map(|phase| phase.name.as_str())));
            }
            ScenarioHead::Option(name, _) if !ir.options.iter().chain(&ir.inputs).any(|setting| setting.name == name.node) => {
                let known = ir.options.iter().chain(&ir.inputs).map(|setting| setting.name.as_str());
                found.push(errors::unknown_name(&name.node, name.span, known));
            }
            _ => {}
        }
    }
    if !planned && let Some(first) = head.first() {
        found.push(
            Diagnostic::new(Code::Unsaid, first.span, "the scenario does not say its plan")
                .help(format!("add `plan {}`", ir.plans.names.first().map_or("…", String::as_str))),
        );
    }
}

fn steps(ir: &Ir, names: &Names, source: &Source, list: &[Spanned<Step>], phases: &mut PhasesSeen, found: &mut Vec<Diagnostic>) {
    for step in list {
        match &step.node {
            Step::Times(_, inner) => steps(ir, names, source, inner, phases, found),
            Step::Set(name, _)
                if !ir.inputs.iter().chain(ir.options.iter().filter(|option| option.changeable)).any(|it| it.name == name.node) =>
            {
                found.push(
                    errors::unknown_name(&name.node, name.span, ir.inputs.iter().map(|input| input.name.as_str()))
                        .help("a scenario sets inputs, which the host tells, and options that are `changeable`"),
                );
            }
            Step::Event(name, _) if !ir.events.iter().any(|event| event.name == name.node) => {
                found.push(errors::unknown_event(&name.node, name.span, ir.events.iter().map(|event| event.name.as_str())));
            }
            Step::Expect(expect) => expectation(ir, names, source, expect, phases, found),
            _ => {}
        }
    }
}

fn expectation(ir: &Ir, names: &Names, source: &Source, expect: &Expect, phases: &PhasesSeen, found: &mut Vec<Diagnostic>) {
    let title = |title: &crate::syntax::ast::Name, goal: bool, found: &mut Vec<Diagnostic>| {
        if !names.titles(goal).any(|known| known == title.node) {
            found.push(errors::unknown_title(if goal { "goal" } else { "limit" }, &title.node, title.span, names.titles(goal)));
        }
    };
    match expect {
        Expect::Breach(name) | Expect::NoBreach(Some(name)) => title(name, false, found),
        Expect::Goal(name, _) => title(name, true, found),
        Expect::Phase(name) if ir.phase_named(&name.node).is_none() => {
            found.push(errors::unknown_phase(&name.node, name.span, ir.phases.iter().map(|phase| phase.name.as_str())));
        }
        Expect::Actions(list) => list.iter().for_each(|name| action(ir, name, found)),
        Expect::Action(name) => action(ir, name, found),
        Expect::Condition(expr) => {
            // It is judged in the phase the account is in then: it must have a meaning in one of them.
            let all = (0..).map(PhaseId).take(ir.phases.len());
            let order = phases.start.into_iter().chain(all);
            let mut first = None;
            for phase in order {
                match super::check_expression(ir, names, source, phase, expr) {
                    Ok(_) => return,
                    Err(errors) => first = first.or(Some(errors)),
                }
            }
            found.extend(first.into_iter().flatten());
        }
        _ => {}
    }
}

const ACTIONS: &[&str] = &[
    "flatten",
    "cancel orders",
    "reject",
    "reduce",
    "lock",
    "unlock",
    "fail",
    "promote",
    "close account",
    "restart",
    "notify",
    "review",
    "pay",
    "resize",
    "reset ledger",
    "adjust balance",
    "roll back",
    "call",
];

fn action(ir: &Ir, name: &crate::syntax::ast::Name, found: &mut Vec<Diagnostic>) {
    let known = ACTIONS.iter().copied().chain(ir.actions.iter().map(|action| action.name.as_str()));
    let words = name.node.as_str();
    if known.clone().any(|known| words == known || words.starts_with(&format!("{known} "))) {
        return;
    }
    let help = names::nearest(words, known).map(|near| format!("did you mean `{near}`?"));
    let mut diagnostic = Diagnostic::new(Code::UnknownName, name.span, format!("unknown action `{words}`"));
    diagnostic.help = help.or_else(|| Some(format!("actions: {}", ACTIONS.join(", "))));
    found.push(diagnostic);
}
