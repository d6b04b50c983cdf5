//! CEL by cel-interpreter: expressions compiled once, evaluated in a context that is filled for each state.

use std::ops::Range;

use anyhow::{Result, anyhow, bail};
use cel_interpreter::{Context, Program, Value};

use super::expressions::{Line, lines};
use crate::contest::{Contestant, Mask};
use crate::state::{self, NUMBERS, State};

const TEXT: &str = include_str!("../../programs/p12.cel");

struct Expressions {
    lines: Vec<(Option<String>, Program)>,
    names: Vec<String>,
    context: Context<'static>,
    states: Vec<[f64; NUMBERS]>,
}

/// # Errors
/// When an expression does not compile.
pub(crate) fn new(states: &[State]) -> Result<Box<dyn Contestant>> {
    let compiled = |text: &str| Program::compile(text).map_err(|error| anyhow!("{text}: {error}"));
    let compiled = |line: Line| match line {
        Line::Let(name, text) => Ok((Some(name), compiled(&text)?)),
        Line::Rule(text) => Ok((None, compiled(&text)?)),
    };
    let lines = lines(TEXT).into_iter().map(compiled).collect::<Result<_>>()?;
    let states = states.iter().map(state::floats).collect();
    Ok(Box::new(Expressions { lines, names: state::names(), context: Context::default(), states }))
}

impl Contestant for Expressions {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (state, mask) in self.states[range].iter().zip(masks) {
            for (name, number) in self.names.iter().zip(state) {
                self.context.add_variable_from_value(name.as_str(), Value::Float(*number));
            }
            let mut decided = 0;
            let mut bit = 1;
            for (name, program) in &self.lines {
                let value = program.execute(&self.context).map_err(|error| anyhow!("{error}"))?;
                match (name, value) {
                    (Some(name), value) => self.context.add_variable_from_value(name.as_str(), value),
                    (None, Value::Bool(holds)) => {
                        decided |= if holds { bit } else { 0 };
                        bit <<= 1;
                    }
                    (None, value) => bail!("a rule is {value:?}, not true or false"),
                }
            }
            *mask = decided;
        }
        Ok(())
    }
}
