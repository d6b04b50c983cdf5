//! Tests of the reference evaluator.

mod books;
mod programs;
mod rules;
mod values;
