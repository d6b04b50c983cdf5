//! Scenarios: a test and a worked example in the rule language.
//!
//! Each step becomes events of the same schema that platforms send, so that a scenario tests what
//! runs, and nothing besides.

mod answers;
mod expect;
mod instruments;
mod opening;
mod orders;
mod stage;
mod steps;

use std::sync::Arc;

use crate::check::{CheckedExpr, Names};
use crate::event::Event;
use crate::ir::Ir;
use crate::outcome::Outcome;
use crate::source::{Source, Span, Spanned};
use crate::syntax::ast;
use crate::value::{Decimal, Instant, Value};

pub use instruments::standard_instrument;
pub use stage::{ACCOUNT, Held, Scene};

/// What runs a scenario: the engine, or the reference evaluator.
pub trait Interpreter {
    /// Applies an event, after everything that is due before it.
    fn apply(&mut self, event: &Event) -> Vec<Outcome>;
    /// Lets time pass.
    fn advance(&mut self, to: Instant) -> Vec<Outcome>;
    /// The value of an expression now.
    ///
    /// # Errors
    /// In words, when it cannot be computed.
    fn evaluate(&mut self, account: &str, expression: &CheckedExpr) -> Result<Value, String>;
    /// The name of the phase the account is in.
    fn phase(&self, account: &str) -> Option<String>;
    /// The account's balance.
    fn balance(&self, account: &str) -> Option<Value>;
    /// The platform's balance less the program's: a phase's ledger may start with another amount than
    /// the platform holds.
    fn platform_offset(&self, account: &str) -> Decimal;
    /// Whether any lock is in force.
    fn is_locked(&self, account: &str) -> bool;
    /// Whether a goal is reached.
    fn goal_reached(&self, account: &str, goal: &str) -> Option<bool>;
    /// Whether a requirement of a goal is met now.
    fn requirement_met(&self, account: &str, requirement: &str) -> Option<bool>;
    /// Everything that is kept of an account, by name: for reports, and to compare two interpreters.
    fn state(&self, account: &str) -> std::collections::BTreeMap<String, Value>;
}

/// What running a scenario showed.
#[derive(Clone, Debug)]
pub struct Report {
    /// The scenario's title.
    pub title: String,
    /// The published examples it cites.
    pub cites: Vec<String>,
    /// Expectations that did not hold, and steps that could not be taken.
    pub failures: Vec<Failure>,
    /// How many expectations were looked at.
    pub expectations: usize,
    /// Everything that was decided, in order.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// Whether everything held.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// What [`Failure::expected`] says of a step that could not be taken.
pub const A_STEP: &str = "a step that can be taken";

/// An expectation that did not hold, or a step that could not be taken.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The step.
    pub span: Span,
    /// What was expected, or what went wrong.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// When.
    pub at: Instant,
    /// How many of the report's outcomes had been decided by then.
    pub decided: usize,
}

/// A program whose scenarios are run, and the text of the steps, which need not be the program's own.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// The program.
    pub ir: &'a Ir,
    /// What its names mean.
    pub names: &'a Names,
    /// The text of the steps.
    pub source: &'a Source,
}

impl Script<'_> {
    /// Opens an account as a scenario's head says.
    ///
    /// # Errors
    /// When the head does not fit the program.
    pub fn open(self, scenario: &ast::Scenario, interpreter: &mut dyn Interpreter) -> Result<Scene, Failure> {
        let mut scene = Scene::before(self.ir, scenario);
        self.stage(&mut scene, interpreter).open(scenario)?;
        Ok(scene)
    }

    /// Takes steps, and returns what could not be taken or did not hold of them.
    pub fn take(self, steps: &[Spanned<ast::Step>], scene: &mut Scene, interpreter: &mut dyn Interpreter) -> Vec<Failure> {
        self.stage(scene, interpreter).steps(steps);
        std::mem::take(&mut scene.failures)
    }

    /// Whether a scenario holds; the first thing that does not ends it.
    pub fn holds(self, scenario: &ast::Scenario, interpreter: &mut dyn Interpreter) -> bool {
        let mut scene = Scene::before(self.ir, scenario);
        scene.ends_at_failure = true;
        if self.stage(&mut scene, interpreter).open(scenario).is_err() {
            return false;
        }
        self.stage(&mut scene, interpreter).play(&scenario.steps);
        scene.failures.is_empty() && scene.expectations > 0
    }

    fn stage<'a>(self, scene: &'a mut Scene, interpreter: &'a mut dyn Interpreter) -> stage::Stage<'a>
    where
        Self: 'a,
    {
        stage::Stage { ir: self.ir, names: self.names, source: self.source, interpreter, scene }
    }
}

/// Runs a scenario of a program.
pub fn run(ir: &Ir, names: &Names, scenario: &ast::Scenario, interpreter: &mut dyn Interpreter) -> Report {
    let script = Script { ir, names, source: &ir.source };
    let report = |failures, expectations, outcomes| Report {
        title: scenario.title.node.clone(),
        cites: cites(scenario),
        failures,
        expectations,
        outcomes,
    };
    let mut scene = match script.open(scenario, interpreter) {
        Ok(scene) => scene,
        Err(failure) => return report(vec![failure], 0, Vec::new()),
    };
    script.stage(&mut scene, interpreter).play(&scenario.steps);
    if scene.expectations == 0 {
        let (span, at) = (scenario.title.span, scene.now);
        scene.failures.push(Failure {
            span,
            expected: "at least one `expect`".into(),
            found: "a scenario that expects nothing".into(),
            at,
            decided: scene.all.len(),
        });
    }
    scene.recent.clear();
    report(scene.failures, scene.expectations, scene.all.into_iter().map(Arc::unwrap_or_clone).collect())
}

fn cites(scenario: &ast::Scenario) -> Vec<String> {
    scenario.cites.iter().map(|cites| cites.node.clone()).collect()
}
