//! WebAssembly compiled by wasmtime: one call a state, which is copied into the instance's memory.

use std::ops::Range;

use anyhow::{Context, Result, anyhow};
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc};

use crate::contest::{Contestant, Mask};
use crate::state::{NUMBERS, State};

const TEXT: &str = include_str!("../../programs/p12.wat");

struct Wasm {
    store: Store<()>,
    memory: Memory,
    decide: TypedFunc<(), i32>,
    states: Vec<[u8; NUMBERS * 8]>,
}

/// # Errors
/// When the module does not compile.
pub(crate) fn new(states: &[State]) -> Result<Box<dyn Contestant>> {
    let engine = Engine::default();
    let module = Module::new(&engine, TEXT).map_err(|error| anyhow!("{error}"))?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).map_err(|error| anyhow!("{error}"))?;
    let memory = instance.get_memory(&mut store, "memory").context("p12.wat exports no memory")?;
    let decide = instance.get_typed_func(&mut store, "decide").map_err(|error| anyhow!("{error}"))?;
    Ok(Box::new(Wasm { store, memory, decide, states: states.iter().map(bytes).collect() }))
}

fn bytes(state: &State) -> [u8; NUMBERS * 8] {
    let mut bytes = [0; NUMBERS * 8];
    for (place, number) in bytes.chunks_exact_mut(8).zip(state.numbers()) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    bytes
}

impl Contestant for Wasm {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (state, mask) in self.states[range].iter().zip(masks) {
            self.memory.data_mut(&mut self.store)[..state.len()].copy_from_slice(state);
            *mask = Mask::try_from(self.decide.call(&mut self.store, ()).map_err(|error| anyhow!("{error}"))?)?;
        }
        Ok(())
    }
}
