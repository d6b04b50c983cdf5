//! Ringfence: an embedded rule engine for the account programs of proprietary trading firms.

pub mod account;
pub mod bytes;
pub mod calendar;
pub mod check;
pub mod code;
pub mod compile;
pub mod diagnostic;
pub mod engine;
pub mod event;
pub mod ir;
pub mod ledger;
pub mod market;
pub mod outcome;
#[cfg(feature = "readers")]
pub mod readers;
pub mod reference;
pub mod scenario;
pub mod source;
pub mod syntax;
#[cfg(feature = "cli")]
pub mod tools;
pub mod value;
pub mod vm;
pub mod vocabulary;
