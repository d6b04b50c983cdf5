//! Which conditions, limits, rows and actions of a program its scenarios have shown, each way.
//!
//! What is seen is told by the reference evaluator as it evaluates: nothing is guessed from the text.

mod points;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::Names;
use crate::ir::Ir;
use crate::reference::{Reference, Seen, Sight};
use crate::scenario::{self, Report};
use crate::source::Span;

/// What the scenarios of a program have shown of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many outcomes were seen: a condition true, the same condition false, a row chosen, an action run.
    pub seen: usize,
    /// How many there are.
    pub all: usize,
    /// What was not seen, in the order of the text.
    pub gaps: Vec<Gap>,
}

/// Something in a program of which at least one outcome was never seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Where it stands.
    pub place: Span,
    /// The phase of its rule; none where it holds in all.
    pub phase: Option<String>,
    /// The rule, as in `limit "Maximum loss"`.
    pub rule: String,
    /// What it is, and how it is written in backticks.
    pub what: String,
    /// What never happened, in words.
    pub never: Vec<&'static str>,
}

/// Something that scenarios can show, and each of its outcomes with the sights that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    place: Span,
    phase: Option<String>,
    rule: String,
    what: String,
    outcomes: Vec<(&'static str, Sight)>,
}

/// Runs the scenarios on the reference evaluator, and looks at what they showed.
pub fn run<'a>(
    ir: &Arc<Ir>,
    names: &Names,
    scenarios: impl IntoIterator<Item = &'a crate::syntax::ast::Scenario>,
) -> (Vec<Report>, Coverage) {
    let seen = Arc::new(Seen::default());
    let scenarios = scenarios.into_iter();
    let reports = scenarios.map(|scenario| scenario::run(ir, names, scenario, &mut Reference::watched(Arc::clone(ir), &seen))).collect();
    (reports, Coverage::of(ir, &seen))
}

impl Coverage {
    /// What was seen of a program.
    pub fn of(ir: &Ir, seen: &Seen) -> Self {
        let mut coverage = Self::default();
        for (mut gap, outcomes) in together(points::points(ir)) {
            coverage.all += outcomes.len();
            let never = outcomes.into_iter().filter(|(_, sights)| !sights.iter().any(|sight| seen.holds(*sight)));
            gap.never = never.map(|(words, _)| words).collect();
            coverage.gaps.extend((!gap.never.is_empty()).then_some(gap));
        }
        coverage.seen = coverage.all - coverage.gaps.iter().map(|gap| gap.never.len()).sum::<usize>();
        coverage
    }
}

/// The outcomes of a point, each with the sights that show it.
type Outcomes = Vec<(&'static str, Vec<Sight>)>;

/// What the checker makes of one place more than once is one point: it is seen where any of it is.
fn together(points: Vec<Point>) -> BTreeMap<Gap, Outcomes> {
    let mut all: BTreeMap<Gap, Outcomes> = BTreeMap::new();
    for Point { place, phase, rule, what, outcomes } in points {
        let known = all.entry(Gap { place, phase, rule, what, never: Vec::new() }).or_default();
        for (words, sight) in outcomes {
            match known.iter_mut().find(|(other, _)| *other == words) {
                Some((_, sights)) => sights.push(sight),
                None => known.push((words, vec![sight])),
            }
        }
    }
    all
}
