//! The engine against the reference evaluator, on the scenarios of real programs.

mod life;
mod loaded;
mod rollback;
