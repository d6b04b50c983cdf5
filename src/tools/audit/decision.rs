//! One decision by itself: written to a file, and decided again from it.

use std::path::Path;

use serde_json::Value;

use super::super::{Exit, files, render};
use super::show;
use crate::journal::{self, Asked, Proof};

pub(super) fn prove(journal: &Path, asked: &Asked<'_>, out: &Path) -> Result<Exit, String> {
    let proof = match journal::prove(journal, asked) {
        Ok(Some(proof)) => proof,
        Ok(None) => {
            let Asked { account, what, .. } = asked;
            return Err(format!(
                "the journal has no event `{what}` that concerns `{account}`, and no action of that key: `ringfence audit show` lists them"
            ));
        }
        Err(error) => return super::refused(error),
    };
    files::write(out, &(proof.to_json().map_err(|error| error.to_string())? + "\n"))?;
    let (segment, offset) = proof.place();
    let outcomes = render::counted(proof.recorded().len() as u64, "outcome", "outcomes");
    render::line(&format!("{}: {outcomes}, recorded in {segment} at byte {offset}", out.display()));
    render::line(&stands_on(&proof));
    Ok(Exit::Ok)
}

fn stands_on(proof: &Proof) -> String {
    let events = render::counted(proof.steps() as u64, "event", "events");
    if proof.is_from_opening() {
        format!("it stands on all that `{}` has lived through, {events}", proof.account())
    } else {
        format!("it stands on `{}` and the market as they stood, and {events}; `--from-opening` takes all before", proof.account())
    }
}

#[expect(clippy::disallowed_methods, reason = "reading files is what the tools are for")]
pub(super) fn replay(file: &Path) -> Result<Exit, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let within = |error: journal::ProofError| format!("{}: {error}", file.display());
    let proof = Proof::from_json(&text).map_err(within)?;
    let decided = proof.decide().map_err(within)?;
    for outcome in &decided {
        let outcome: Value = serde_json::from_str(outcome).map_err(|error| format!("{}: {error}", file.display()))?;
        show(&outcome);
    }
    let recorded = proof.recorded();
    let Some(number) = (0..decided.len().max(recorded.len())).find(|number| decided.get(*number) != recorded.get(*number)) else {
        let outcomes = render::counted(decided.len() as u64, "outcome", "outcomes");
        render::line(&format!("decided again to the same bytes: {outcomes}"));
        render::line(&format!("the hash of the journal before it: {}", proof.hash()));
        return Ok(Exit::Ok);
    };
    let shown = |outcome: Option<&String>| outcome.cloned().unwrap_or_else(|| "nothing".into());
    render::error(&format!("outcome {} is recorded otherwise than it is decided", number + 1));
    render::line(&format!("recorded: {}", shown(recorded.get(number))));
    render::line(&format!("decided:  {}", shown(decided.get(number))));
    Ok(Exit::Found)
}
