//! Ringfence: an embedded rule engine for the account programs of proprietary trading firms.

pub mod diagnostic;
pub mod event;
pub mod source;
pub mod syntax;
pub mod value;
