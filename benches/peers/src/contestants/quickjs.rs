//! QuickJS through rquickjs: a call with all numbers as arguments.

use std::ops::Range;

use anyhow::Result;
use rquickjs::function::Args;
use rquickjs::{Context, Function, Persistent, Runtime};

use crate::contest::{Contestant, Mask};
use crate::state::{self, NUMBERS, State};

const TEXT: &str = include_str!("../../programs/p12.js");

struct Script {
    // Before what it belongs to: it is dropped first.
    decide: Persistent<Function<'static>>,
    context: Context,
    states: Vec<[f64; NUMBERS]>,
}

/// # Errors
/// When the script does not load.
pub(crate) fn new(states: &[State]) -> Result<Box<dyn Contestant>> {
    let context = Context::full(&Runtime::new()?)?;
    let decide = context.with(|ctx| {
        ctx.eval::<(), _>(TEXT)?;
        ctx.globals().get::<_, Function<'_>>("decide").map(|decide| Persistent::save(&ctx, decide))
    })?;
    Ok(Box::new(Script { decide, context, states: states.iter().map(state::floats).collect() }))
}

impl Contestant for Script {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        let states = &self.states[range];
        self.context.with(|ctx| {
            let decide = self.decide.clone().restore(&ctx)?;
            for (state, mask) in states.iter().zip(masks) {
                let mut args = Args::new(ctx.clone(), NUMBERS);
                args.push_args(state)?;
                *mask = decide.call_arg(args)?;
            }
            Ok(())
        })
    }
}
