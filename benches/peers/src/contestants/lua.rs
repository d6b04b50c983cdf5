//! Lua through mlua, LuaJIT or 5.4 by what this build has: a call with all numbers as arguments.

use std::ops::Range;

use anyhow::{Result, anyhow};
use mlua::{Function, Lua, Variadic};

use crate::contest::{Contestant, Mask};
use crate::state::{self, NUMBERS, State};

const TEXT: &str = include_str!("../../programs/p12.lua");

struct Script {
    /// Keeps what the function belongs to.
    _lua: Lua,
    decide: Function,
    states: Vec<[f64; NUMBERS]>,
}

/// # Errors
/// When the script does not load.
pub(crate) fn new(states: &[State]) -> Result<Box<dyn Contestant>> {
    let lua = Lua::new();
    let decide = lua.load(TEXT).set_name("p12.lua").eval().map_err(|error| anyhow!("{error}"))?;
    Ok(Box::new(Script { _lua: lua, decide, states: states.iter().map(state::floats).collect() }))
}

impl Contestant for Script {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (state, mask) in self.states[range].iter().zip(masks) {
            let [a, b, c, d, e, f, g, h, i, j, k, l, news @ ..] = *state;
            let news: Variadic<f64> = news.into_iter().collect();
            *mask = self.decide.call((a, b, c, d, e, f, g, h, i, j, k, l, news)).map_err(|error| anyhow!("{error}"))?;
        }
        Ok(())
    }
}
