//! Tests of the reference evaluator.

mod programs;
