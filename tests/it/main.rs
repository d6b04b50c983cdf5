//! Integration tests, in one binary.

mod demo;
mod differential;
mod generate;
mod random;
mod reference;
