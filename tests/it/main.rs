//! Integration tests, in one binary.

mod differential;
mod generate;
mod random;
mod reference;
mod tmp;
