//! From text to tree: layout, skeleton, one grammar rule per statement.

pub mod ast;

/// A parsed file.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The tree.
    pub program: ast::Program,
    /// What was found.
    pub diagnostics: Vec<crate::diagnostic::Diagnostic>,
}
