//! A program from its text, and an engine that has it.

use std::sync::Arc;

use crate::check::{Checked, check};
use crate::compile::compile;
use crate::engine::Engine;
use crate::source::Source;
use crate::syntax::{load, parse};

/// A program from its text, checked without errors.
pub(super) fn checked(name: &str, text: &str) -> (Source, Checked) {
    let source = Source::new(name, text);
    let checked = check(&source, &parse(&source));
    assert!(checked.ir.is_some(), "{name}: {:#?}", checked.diagnostics);
    (source, checked)
}

/// A shipped program with what it imports, checked without errors.
#[expect(clippy::disallowed_methods, reason = "a test reads the shipped programs")]
pub(super) fn shipped(name: &str) -> (Source, Checked) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut read = |name: &str| std::fs::read_to_string(root.join(name)).map_err(|error| error.to_string());
    let text = read(name).unwrap();
    let source = load(Source::new(name, text), &mut read);
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
