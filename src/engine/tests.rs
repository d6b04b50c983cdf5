//! The engine against the reference evaluator, on the scenarios of real programs.

mod both;
mod life;
mod rollback;
mod scenarios;
