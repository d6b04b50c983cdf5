//! Ringfence: an embedded rule engine for the account programs of proprietary trading firms.

pub mod source;
pub mod value;
