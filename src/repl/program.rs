//! The program of a session, and how its account is opened.

use std::sync::Arc;

use super::world::World;
use super::{Trouble, findings, settings};
use crate::check::{self, Names};
use crate::code;
use crate::engine::Engine;
use crate::ir::Ir;
use crate::scenario::{Scene, Script};
use crate::source::Source;
use crate::syntax::ast::{Scenario, ScenarioHead};
use crate::value::{Date, Decimal};

/// A program that was compiled, with what its names mean.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub code: Arc<code::Program>,
    /// What its names mean.
    pub names: Names,
    /// An engine in which it is loaded, with its exchange's calendar.
    pub engine: Engine,
}

impl Program {
    /// Its meaning.
    pub fn ir(&self) -> &Ir {
        &self.code.ir
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine.clone()
    }
}

/// How the account of a session is opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The plan; the program's first where it is left out.
    pub plan: Option<String>,
    /// The rest of a scenario's head: `phase funded`, `from 2026-03-02`, `daily_limit = yes`.
    pub settings: Vec<String>,
}

/// The head of a scenario that opens the account.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    /// `plan 100K, phase funded`
    pub(super) head: String,
    source: Source,
    scenario: Scenario,
}

impl Opening {
    /// The opening that options ask for.
    pub(super) fn read(program: &Program, options: &Options) -> Result<Self, Trouble> {
        settings::look_at(program, options)?;
        let plan = options.plan.as_ref().or_else(|| program.ir().plans.names.first());
        let plan = plan.ok_or_else(|| Trouble::words("the program has no plan: it can open no account"))?;
        let whole = std::iter::once(format!("plan {}", plan_words(plan))).chain(options.settings.iter().cloned());
        let whole = whole.collect::<Vec<_>>().join(", ");
        Self::of(program, whole).map_err(|trouble| Trouble::Words(format!("the options `--set`: {}", settings::reason(trouble))))
    }

    fn of(program: &Program, head: String) -> Result<Self, Trouble> {
        let (source, scenario) = settings::head(&head)?;
        findings(&source, check::check_scenario_head(program.ir(), &program.names, &source, &scenario))?;
        Ok(Self { head, source, scenario })
    }

    /// The same account, opened for events that begin on a date.
    pub(super) fn for_events(&self, program: &Program, date: Date, hedging: bool, balance: Option<Decimal>) -> Result<Self, Trouble> {
        let kept = self.scenario.head.iter().filter(|item| match &item.node {
            ScenarioHead::From(..) => false,
            ScenarioHead::Mode(_) => !hedging,
            ScenarioHead::StartBalance(_) | ScenarioHead::PlatformBalance(_) => balance.is_none(),
            _ => true,
        });
        let mut settings: Vec<String> = kept.map(|item| self.source.words(item.span)).collect();
        settings.push(format!("from {date}"));
        settings.extend(hedging.then(|| "hedging".to_owned()));
        settings.extend(balance.map(|balance| format!("platform balance {balance}")));
        Self::of(program, settings.join(", "))
    }

    /// The opening of the same head for another program.
    pub(super) fn again(&self, program: &Program) -> Result<Self, Trouble> {
        Self::of(program, self.head.clone())
    }

    /// Opens the account.
    pub(super) fn open(&self, program: &Program, world: &mut World) -> Result<Scene, Trouble> {
        let script = Script { ir: program.ir(), names: &program.names, source: &self.source };
        let scene = script.open(&self.scenario, world).map_err(|failure| Trouble::Words(format!("{} is needed", failure.expected)))?;
        if world.account().is_none() {
            let faults = world.decisions().iter().flat_map(|decision| &decision.outcome.faults);
            let why: Vec<String> = faults.map(ToString::to_string).collect();
            return Err(Trouble::Words(format!("the account cannot be opened: {}", why.join("; "))));
        }
        Ok(scene)
    }
}

/// A plan's name as a head writes it.
fn plan_words(plan: &str) -> String {
    let plain = plan.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-'));
    if plain { plan.to_owned() } else { format!("\"{plan}\"") }
}
