//! Ringfence: an embedded rule engine for the account programs of proprietary trading firms.

pub mod diagnostic;
pub mod source;
pub mod syntax;
pub mod value;
