//! Roto, compiled as it is loaded: one call a state, which is the script's context.

use std::ops::Range;

use anyhow::{Result, anyhow};
use roto::{Context, FileSpec, FileTree, Runtime, SourceFile, TypedFunc};

use crate::contest::{Contestant, Mask};
use crate::state::State;

const TEXT: &str = include_str!("../../programs/p12.roto");

#[derive(Clone, Context)]
struct Seen {
    pub size: i64,
    pub balance: i64,
    pub open_profit: i64,
    pub open_costs: i64,
    pub day_start: i64,
    pub peak: i64,
    pub day_end_peak: i64,
    pub best_day: i64,
    pub open_lots: i64,
    pub order_lots: i64,
    pub days: i64,
    pub minute: i64,
    pub news0: i64,
    pub news1: i64,
    pub news2: i64,
    pub news3: i64,
    pub news4: i64,
    pub news5: i64,
    pub news6: i64,
    pub news7: i64,
}

struct Compiled {
    decide: TypedFunc<roto::Ctx<Seen>, fn() -> i64>,
    states: Vec<Seen>,
}

/// # Errors
/// When the script does not compile.
pub(crate) fn new(states: &[State]) -> Result<Box<dyn Contestant>> {
    let runtime = Runtime::new().with_context_type::<Seen>().map_err(|error| anyhow!("{error}"))?;
    let source = SourceFile {
        name: "p12.roto".to_owned(),
        module_name: "pkg".to_owned(),
        contents: TEXT.to_owned(),
        location_offset: 0,
        children: Vec::new(),
    };
    let tree = FileTree::file_spec(FileSpec::File(source));
    let mut package = tree.compile(&runtime).map_err(|report| anyhow!("{report}"))?;
    let decide = package.get_function("decide").map_err(|error| anyhow!("{error}"))?;
    Ok(Box::new(Compiled { decide, states: states.iter().map(seen).collect() }))
}

const fn seen(state: &State) -> Seen {
    let State { size, balance, open_profit, open_costs, day_start, peak, day_end_peak, .. } = *state;
    let State { best_day, open_lots, order_lots, days, minute, news, .. } = *state;
    let [news0, news1, news2, news3, news4, news5, news6, news7] = news;
    Seen {
        size,
        balance,
        open_profit,
        open_costs,
        day_start,
        peak,
        day_end_peak,
        best_day,
        open_lots,
        order_lots,
        days,
        minute,
        news0,
        news1,
        news2,
        news3,
        news4,
        news5,
        news6,
        news7,
    }
}

impl Contestant for Compiled {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (state, mask) in self.states[range].iter_mut().zip(masks) {
            *mask = Mask::try_from(self.decide.call(state))?;
        }
        Ok(())
    }
}
