//! From text to tree: layout, skeleton, one grammar rule per statement.

pub mod ast;
