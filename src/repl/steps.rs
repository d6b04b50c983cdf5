//! The amounts that steps compute, looked at before anything is done.

use super::program::Program;
use crate::check::check_expression;
use crate::diagnostic::Diagnostic;
use crate::ir::PhaseId;
use crate::source::{Source, Spanned};
use crate::syntax::ast::Step;

/// What is wrong with the amounts of steps.
pub(super) fn found_in_amounts(program: &Program, source: &Source, phase: PhaseId, steps: &[Spanned<Step>]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for amount in steps.iter().flat_map(|step| step.node.amounts()).filter(|amount| amount.written_amount().is_none()) {
        if let Err(errors) = check_expression(program.ir(), &program.names, source, phase, amount) {
            found.extend(errors);
        }
    }
    found
}
