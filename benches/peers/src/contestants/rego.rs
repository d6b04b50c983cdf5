//! Rego by regorus: compiled once to the instructions of its virtual machine, run on an input object that is
//! made for each state.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};

use crate::contest::{Contestant, Mask};
use crate::state::{self, FIELDS, NUMBERS, State};

const TEXT: &str = include_str!("../../programs/p12.rego");
const ENTRY: &str = "data.p12.broken";

struct Policy {
    vm: RegoVM,
    names: Vec<Value>,
    news: Value,
    states: Vec<[f64; NUMBERS]>,
}

/// # Errors
/// When the policy does not compile.
pub(crate) fn new(states: &[State]) -> Result<Box<dyn Contestant>> {
    let mut engine = Engine::new();
    engine.add_policy("p12.rego".to_owned(), TEXT.to_owned())?;
    let policy = engine.compile_with_entrypoint(&ENTRY.into())?;
    let program = Compiler::compile_from_policy(&policy, &[ENTRY]).map_err(|error| anyhow!("{error}"))?;
    let mut vm = RegoVM::new();
    vm.load_program(Arc::clone(&program));
    let names = FIELDS.iter().map(|(name, _)| Value::from(*name)).collect();
    Ok(Box::new(Policy { vm, names, news: Value::from("news"), states: states.iter().map(state::floats).collect() }))
}

impl Contestant for Policy {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (state, mask) in self.states[range].iter().zip(masks) {
            let (fields, news) = state.split_at(FIELDS.len());
            let mut seen = Value::new_object();
            let object = seen.as_object_mut()?;
            for (name, number) in self.names.iter().zip(fields) {
                object.insert(name.clone(), Value::from(*number));
            }
            object.insert(self.news.clone(), Value::from(news.iter().copied().map(Value::from).collect::<Vec<_>>()));
            self.vm.set_input(seen);
            let broken = self.vm.execute().map_err(|error| anyhow!("{error}"))?;
            let mut decided = 0;
            for bit in broken.as_set().context("`broken` is no set")? {
                decided |= Mask::try_from(bit.as_u64()?)?;
            }
            *mask = decided;
        }
        Ok(())
    }
}
