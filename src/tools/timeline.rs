//! What was decided, for people and for machines.

use serde_json::json;

use super::render;
use crate::ir::Ir;
use crate::outcome::Outcome;
use crate::sentences::{self, Told};

/// Prints outcomes in which something was decided.
pub(super) fn print(ir: &Ir, outcomes: &[Outcome]) {
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_quiet()) {
        render::line(&sentences::lines(ir, outcome, &[]).join("\n"));
    }
}

/// Prints outcomes with a sentence for each breach, answer and goal; with
/// `full`, for what rules ask for too.
pub(super) fn print_told(ir: &Ir, outcomes: &[Outcome], full: bool) {
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_quiet()) {
        let told: Vec<Told> = told(ir, outcome).into_iter().filter(|told| full || !told.by_rule).collect();
        render::line(&sentences::lines(ir, outcome, &told).join("\n"));
    }
}

/// The same as JSON, one object a line, with the sentences as `sentence`.
pub(super) fn print_json(ir: &Ir, outcomes: &[Outcome]) {
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_quiet()) {
        let mut object = json!(outcome);
        let sentences: Vec<String> = told(ir, outcome).into_iter().map(|told| told.sentence).collect();
        if let Some(fields) = object.as_object_mut().filter(|_| !sentences.is_empty()) {
            fields.insert("sentence".into(), sentences.join(" ").into());
        }
        render::line(&object.to_string());
    }
}

/// The sentences of an outcome; none of a correction, whose decisions are of an earlier time than it is.
fn told(ir: &Ir, outcome: &Outcome) -> Vec<Told> {
    if outcome.recomputed.is_some() || outcome.actions.iter().any(|action| action.late) {
        return Vec::new();
    }
    sentences::tell(ir, outcome)
}

/// What was decided and why, line by line.
pub(super) fn decided(ir: &Ir, outcome: &Outcome) -> Vec<String> {
    sentences::lines(ir, outcome, &told(ir, outcome)).into_iter().skip(1).map(|line| line.trim_start().to_owned()).collect()
}
