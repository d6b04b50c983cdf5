//! From text to tree: layout, skeleton, one grammar rule per statement.
//!
//! Parsing never fails: what is wrong is told in diagnostics, a statement with an error becomes a
//! broken node, and its neighbours are unaffected.

pub mod ast;
mod errors;
mod grammar;
mod layout;
mod literals;
mod parse;
mod phrases;
mod reserved;
pub mod reuse;
mod skeleton;
#[cfg(test)]
mod tests;
mod words;

pub use layout::{Comment, CommentKind};
pub use parse::{Known, Parsed, begins_statement, begins_step, parse, parse_expression, parse_steps, step_words};
pub(crate) use reserved::told_once;
pub use reuse::load;
pub(crate) use words::is_another_word;
pub use words::{CONTINUATIONS, KEYWORDS, RECORDS, WEEKDAYS, is_reserved};
