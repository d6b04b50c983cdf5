//! Executes the blocks of a program over the slots of an account.

pub mod view;
