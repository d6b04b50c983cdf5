//! Integration tests, in one binary.

mod differential;
mod random;
