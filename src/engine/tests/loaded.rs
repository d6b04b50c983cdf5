//! A program from its text, and an engine that has it.

use std::sync::Arc;

use crate::check::{Checked, check};
use crate::compile::compile;
use crate::engine::Engine;
use crate::source::Source;
use crate::syntax::parse;

/// A program from its text, checked without errors.
pub(super) fn checked(name: &str, text: &str) -> (Source, Checked) {
    let source = Source::new(name, text);
    let checked = check(&source, &parse(&source));
    assert!(checked.ir.is_some(), "{name}: {:#?}", checked.diagnostics);
    (source, checked)
}

/// An engine with a program loaded.
pub(super) fn engine(checked: &Checked) -> Engine {
    let mut engine = Engine::new();
    let program = compile(checked.ir.clone().unwrap()).unwrap_or_else(|errors| panic!("{errors:#?}"));
    engine.load(Arc::new(program));
    engine
}
