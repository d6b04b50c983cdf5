//! Rhai with decimals: the script parsed and optimised once, run on a scope that is filled for each state.

use std::ops::Range;

use anyhow::{Result, anyhow};
use rhai::{AST, Engine, INT, OptimizationLevel, Scope};
use rust_decimal::Decimal;

use crate::contest::{Contestant, Mask};
use crate::state::{self, Counts, NUMBERS, State};

const TEXT: &str = include_str!("../../programs/p12.rhai");

struct Script {
    engine: Engine,
    ast: AST,
    names: Vec<String>,
    scope: Scope<'static>,
    states: Vec<[Decimal; NUMBERS]>,
    wholes: Vec<[i64; NUMBERS]>,
}

/// # Errors
/// When the script does not parse.
pub(crate) fn new(states: &[State]) -> Result<Box<dyn Contestant>> {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::Full);
    let ast = engine.compile(TEXT)?;
    let mut scope = Scope::new();
    scope.push_constant("zero", Decimal::ZERO);
    let wholes = states.iter().map(State::numbers).collect();
    Ok(Box::new(Script { engine, ast, names: state::names(), scope, states: states.iter().map(state::decimals).collect(), wholes }))
}

impl Contestant for Script {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (number, mask) in range.zip(masks) {
            self.scope.rewind(1);
            for (at, name) in self.names.iter().enumerate() {
                match state::counts(at) {
                    Counts::Decimals => self.scope.push_constant(name.as_str(), self.states[number][at]),
                    Counts::Wholes => self.scope.push_constant(name.as_str(), self.wholes[number][at]),
                };
            }
            let decided: INT = self.engine.eval_ast_with_scope(&mut self.scope, &self.ast).map_err(|error| anyhow!("{error}"))?;
            *mask = Mask::try_from(decided)?;
        }
        Ok(())
    }
}
