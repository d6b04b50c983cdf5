//! Programs with one slip each: a figure a step off, a word in the place of its neighbour, a condition or a
//! consequence left out. Comments, titles, the header and the scenarios are left as they are.
//!
//! A slip that no scenario notices is a figure or a word that nothing pins down.

mod cells;
mod slips;
#[cfg(test)]
mod tests;
mod tokens;
mod trial;
mod words;

use std::ops::Range;

pub use cells::Cell;
pub use slips::mutants;
pub use trial::{Fate, Slip, Trial};

/// A slip: what stands there, and what is written in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// Where, in bytes of the file.
    pub place: Range<usize>,
    /// What is written instead; nothing where words are left out.
    pub text: String,
}
