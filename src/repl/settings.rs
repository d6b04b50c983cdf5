//! The options of the command line that open the account, looked at one by one: what is wrong is told of the option.

use super::program::{Options, Program};
use super::{PROMPT, Trouble, findings};
use crate::check::{check_scenario_head, nearest};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Setting;
use crate::source::Source;
use crate::syntax::ast::{ExprKind, ItemKind, Scenario, ScenarioHead};
use crate::syntax::parse;
use crate::value::Type;

/// What a setting may be, besides an option of the program.
const FORMS: &str = "`phase NAME`, `from DATE [TIME]`, `bought DATE`, `payouts N`, `start balance AMOUNT`, `platform balance AMOUNT`, \
                     `hedging`, `netting`, `NAME = VALUE`";

/// A head of a scenario, and the scenario that it opens.
pub(super) fn head(head: &str) -> Result<(Source, Scenario), Trouble> {
    // The text has no program of its own, so that only the head is looked at.
    let source = Source::new(PROMPT, format!("scenario \"prompt\" {head} {{ }}"));
    let parsed = parse(&source);
    findings(&source, parsed.diagnostics.into_iter().filter(|found| found.code != Code::NoProgram).collect())?;
    let mut scenarios = parsed.program.items.into_iter().filter_map(|item| match item.kind {
        ItemKind::Scenario(scenario) => Some(scenario),
        _ => None,
    });
    let scenario = scenarios.next().ok_or_else(|| Trouble::Words(format!("`{head}` opens no account")))?;
    Ok((source, scenario))
}

/// Whether a plan and settings can open an account of a program.
pub(super) fn look_at(program: &Program, options: &Options) -> Result<(), Trouble> {
    if let Some(plan) = &options.plan
        && !program.ir().plans.names.contains(plan)
    {
        let plans: Vec<&str> = program.ir().plans.names.iter().map(String::as_str).collect();
        return Err(Trouble::Words(format!("`--plan {plan}`: {}", not_among("plan", plan, &plans))));
    }
    for setting in &options.settings {
        one(program, setting).map_err(|why| Trouble::Words(format!("`--set \"{setting}\"`: {why}")))?;
    }
    Ok(())
}

/// What is wrong with a setting alone, in words.
fn one(program: &Program, setting: &str) -> Result<(), String> {
    if let Some(plan) = super::commands::behind(setting, "plan") {
        return Err(format!("the plan is an option of its own: `--plan {plan}`"));
    }
    let (source, scenario) = head(setting).map_err(|trouble| format!("{}; a setting is {FORMS}{}", reason(trouble), own(program)))?;
    for item in &scenario.head {
        match &item.node {
            ScenarioHead::Phase(name) if program.ir().phase_named(&name.node).is_none() => {
                let phases: Vec<&str> = program.ir().phases.iter().map(|phase| phase.name.as_str()).collect();
                return Err(not_among("phase", &name.node, &phases));
            }
            ScenarioHead::Option(name, value) => {
                let declared = settings(program).find(|declared| declared.name == name.node);
                let Some(declared) = declared else {
                    let names: Vec<&str> = settings(program).map(|declared| declared.name.as_str()).collect();
                    return Err(not_among("option or input", &name.node, &names));
                };
                if let (Type::OneOf(words), ExprKind::Name(word)) = (&declared.ty, &value.kind)
                    && !words.contains(word)
                {
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    return Err(format!("`{}` is one of {}{}", name.node, words.join(", "), did_you_mean(word, &words)));
                }
            }
            _ => {}
        }
    }
    // The plan is not said here, which is no mistake of the setting.
    let found = check_scenario_head(program.ir(), &program.names, &source, &scenario);
    let found = found.into_iter().filter(|found| found.code != Code::Unsaid).collect();
    findings(&source, found).map_err(|trouble| match &trouble {
        Trouble::Findings(_, found) if found.iter().any(|found| found.code == Code::UnknownName) => {
            format!("{}{}", found[0].message, own(program))
        }
        _ => reason(trouble),
    })
}

fn settings(program: &Program) -> impl Iterator<Item = &Setting> {
    program.ir().options.iter().chain(&program.ir().inputs)
}

/// The options and inputs of a program, with what each can be.
fn own(program: &Program) -> String {
    let each: Vec<String> = settings(program).map(|declared| format!("`{}` ({})", declared.name, values(&declared.ty))).collect();
    if each.is_empty() { "; the program has no options".into() } else { format!("; the program has {}", each.join(", ")) }
}

fn values(ty: &Type) -> String {
    match ty {
        Type::OneOf(words) => words.join(", "),
        other => other.to_string(),
    }
}

fn not_among(what: &str, name: &str, known: &[&str]) -> String {
    if known.is_empty() {
        return format!("the program has no {what}");
    }
    format!("the program has no {what} `{name}`: there is {}{}", known.join(", "), did_you_mean(name, known))
}

fn did_you_mean(name: &str, known: &[&str]) -> String {
    let plain = name.to_lowercase().replace(' ', "");
    let same = known.iter().copied().find(|known| known.to_lowercase() == plain);
    let near = same.or_else(|| nearest(name, known.iter().copied()));
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// The first finding in words.
pub(super) fn reason(trouble: Trouble) -> String {
    let first = |found: Vec<Diagnostic>| found.into_iter().next();
    match trouble {
        Trouble::Words(words) => words,
        Trouble::NotReloaded(inner) => reason(*inner),
        Trouble::Findings(_, found) => first(found).map_or_else(String::new, |found| {
            // What the head is written behind is not of the command line.
            let message = found.message.replace("`scenario` ends too early", "something is missing at its end");
            let more = found.notes.into_iter().next().or(found.help);
            more.map_or_else(|| message.clone(), |more| format!("{message}: {more}"))
        }),
    }
}
