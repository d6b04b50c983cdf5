//! The expressions of the Zen rule engine: compiled once, evaluated on an object that is made for each state.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use rust_decimal::Decimal;
use zen_expression::compiler::Opcode;
use zen_expression::variable::{Symbol, VariableMap};
use zen_expression::{Isolate, Variable};

use super::expressions::{Line, lines};
use crate::contest::{Contestant, Mask};
use crate::state::{self, NUMBERS, State};

const TEXT: &str = include_str!("../../programs/p12.zen");

struct Expressions {
    isolate: Isolate,
    lines: Vec<(Option<Symbol>, Arc<[Opcode]>)>,
    names: Vec<Symbol>,
    states: Vec<[Decimal; NUMBERS]>,
}

/// # Errors
/// When an expression does not compile.
pub(crate) fn new(states: &[State]) -> Result<Box<dyn Contestant>> {
    let mut isolate = Isolate::new();
    let mut compiled = |text: &str| {
        let compiled = isolate.compile_standard(text).map_err(|error| anyhow!("{text}: {error}"))?;
        Ok::<_, anyhow::Error>(Arc::clone(compiled.bytecode()))
    };
    let compiled = |line: Line| match line {
        Line::Let(name, text) => Ok((Some(Symbol::from(name)), compiled(&text)?)),
        Line::Rule(text) => Ok((None, compiled(&text)?)),
    };
    let lines = lines(TEXT).into_iter().map(compiled).collect::<Result<_>>()?;
    let names = state::names().into_iter().map(Symbol::from).collect();
    Ok(Box::new(Expressions { isolate, lines, names, states: states.iter().map(state::decimals).collect() }))
}

impl Contestant for Expressions {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (state, mask) in self.states[range].iter().zip(masks) {
            let numbers = self.names.iter().cloned().zip(state.iter().map(|number| Variable::Number(*number)));
            let seen = Variable::from_object(numbers.collect::<VariableMap>());
            self.isolate.set_environment(seen.clone());
            let mut decided = 0;
            let mut bit = 1;
            for (name, code) in &self.lines {
                let value = self.isolate.run_compiled(code).map_err(|error| anyhow!("{error}"))?;
                match (name, value, &seen) {
                    (Some(name), value, Variable::Object(seen)) => drop(seen.borrow_mut().insert(name.clone(), value)),
                    (None, Variable::Bool(holds), _) => {
                        decided |= if holds { bit } else { 0 };
                        bit <<= 1;
                    }
                    (_, value, _) => bail!("a rule is {value:?}, not true or false"),
                }
            }
            *mask = decided;
        }
        Ok(())
    }
}
