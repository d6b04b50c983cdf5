//! What an `open` event says, checked against the program.

use super::setting;
use super::texts::Texts;
use crate::event::Open;
use crate::ir::{Ir, PhaseId};
use crate::value::Currency;
use crate::vm::view::MISSING;

/// An opening that fits its program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    /// The row of the plan.
    pub plan: usize,
    /// The number of its name among the texts.
    pub plan_name: i64,
    /// What was chosen, by option; missing where the default holds.
    pub options: Vec<i64>,
    /// The account's currency.
    pub currency: Currency,
    /// The phase to begin in; none where the program has no phase of its own.
    pub phase: Option<PhaseId>,
}

/// Reads what an `open` event says.
///
/// # Errors
/// What does not fit, in words, with what would.
pub(super) fn read(ir: &Ir, texts: &mut Texts, open: &Open) -> Result<Opening, String> {
    if open.program != ir.title || open.version != ir.header.version {
        return Err(format!(
            "the account is of `{}` version `{}`, this program is `{}` version `{}`: load the one it was opened under",
            open.program, open.version, ir.title, ir.header.version
        ));
    }
    let names = || ir.plans.names.iter().map(String::as_str);
    let plan = names().position(|name| name == open.plan).ok_or_else(|| unknown("plan", &open.plan, names()))?;
    if ir.header.currency != Currency::ACCOUNT && open.currency != ir.header.currency {
        return Err(format!(
            "the account is in {}, the program in {}: open it in {}",
            open.currency, ir.header.currency, ir.header.currency
        ));
    }
    let plan_name =
        texts.intern(&ir.texts, &open.plan).ok_or_else(|| format!("the name of plan `{}` is longer than 64 bytes", open.plan))?;
    let options = options(ir, texts, open)?;
    Ok(Opening { plan, plan_name, options, currency: open.currency, phase: phase(ir, open.phase.as_deref())? })
}

fn options(ir: &Ir, texts: &mut Texts, open: &Open) -> Result<Vec<i64>, String> {
    let mut values = vec![MISSING; ir.options.len()];
    for (name, told) in &open.options {
        let at = ir.options.iter().position(|option| option.name == *name);
        let known = at.and_then(|at| Some((ir.options.get(at)?, values.get_mut(at)?)));
        let Some((option, value)) = known else {
            return Err(unknown("option", name, ir.options.iter().map(|option| option.name.as_str())));
        };
        *value = setting::read(ir, texts, &option.ty, told).map_err(|problem| format!("option `{name}`: {problem}"))?;
    }
    Ok(values)
}

/// The phase of that name, else the first that is not a standing one, else none.
fn phase(ir: &Ir, name: Option<&str>) -> Result<Option<PhaseId>, String> {
    let names = || ir.phases.iter().map(|phase| phase.name.as_str());
    match name {
        Some(name) => ir.phase_named(name).map(Some).ok_or_else(|| unknown("phase", name, names())),
        None => Ok(ir.phases.iter().find(|phase| !phase.standing).and_then(|phase| ir.phase_named(&phase.name))),
    }
}

/// A message about a name that is not known, with those that are.
pub(super) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let near = known.clone().min_by_key(|other| strsim::damerau_levenshtein(name, other));
    let near = near.filter(|other| strsim::damerau_levenshtein(name, other) <= (name.len() / 3).max(1));
    let list = known.collect::<Vec<_>>().join(", ");
    match near {
        Some(near) => format!("no {what} is called `{name}`: did you mean `{near}`?"),
        None if list.is_empty() => format!("no {what} is called `{name}`: the program has none"),
        None => format!("no {what} is called `{name}`: there are {list}"),
    }
}
