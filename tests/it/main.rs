//! Integration tests, in one binary.

mod demo;
mod differential;
mod random;
