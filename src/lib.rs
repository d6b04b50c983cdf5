//! Ringfence: an embedded rule engine, with its own rule language, for the account programs of
//! proprietary trading firms.
//!
//! Text → meaning → code → effect, and nothing knows what stands to its right:
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`source`], [`diagnostic`] | text and places; findings as data |
//! | [`value`], [`vocabulary`] | exact numbers, types, what programs can read |
//! | [`syntax`], [`check`], [`ir`] | from text to tree to meaning |
//! | [`code`], [`mod@compile`], [`vm`] | from meaning to instructions, and their execution |
//! | [`calendar`], [`ledger`], [`market`], [`account`] | days, positions, prices, one account's state |
//! | [`engine`] | the embedder's door: load, apply, advance, ask |
//! | [`mod@reference`], [`selftest`] | the same meaning again, slowly, as an oracle; both side by side |
//! | [`sentences`] | decisions in plain words, with their figures |
//! | [`scenario`], `testing` | tests in the rule language, and what they leave open |
//! | [`recompute`] | late and corrected events |
//! | [`book`], [`replay`] | many accounts on one market: as it goes, and over what was recorded |
//! | [`versions`] | two versions of a program, compared, and what running accounts take along |
//! | [`host`] | the words of a host, declared in Rust |
//! | `hooks` | actions on their way to the platform, and back |
//! | `journal` | events and outcomes on disk, and recovery |
//! | `page`, `report` | a program and a run as pages |
//! | `readers`, `repl`, `tools` | files of events, the prompt, the command |

pub mod account;
pub mod book;
pub mod bytes;
pub mod calendar;
pub mod check;
pub mod code;
pub mod compile;
pub mod diagnostic;
pub mod engine;
pub mod event;
#[cfg(feature = "cli")]
pub mod format;
#[cfg(feature = "hooks")]
pub mod hooks;
pub mod host;
pub mod ir;
#[cfg(feature = "journal")]
pub mod journal;
pub mod ledger;
pub mod market;
pub mod outcome;
#[cfg(feature = "cli")]
pub mod page;
#[cfg(feature = "readers")]
pub mod readers;
pub mod recompute;
pub mod reference;
#[cfg(feature = "cli")]
pub mod repl;
pub mod replay;
#[cfg(feature = "cli")]
pub mod report;
pub mod scenario;
pub mod selftest;
pub mod sentences;
pub mod source;
pub mod syntax;
#[cfg(feature = "cli")]
pub mod testing;
#[cfg(feature = "cli")]
pub mod tools;
pub mod value;
pub mod versions;
pub mod vm;
pub mod vocabulary;

use std::sync::Arc;

/// Parses, checks and compiles a program.
///
/// # Errors
/// Everything that was found, when something of it is an error.
pub fn compile(source: &source::Source) -> Result<Arc<code::Program>, Vec<diagnostic::Diagnostic>> {
    let checked = check::check(source, &syntax::parse(source));
    let ir = checked.ir.ok_or(checked.diagnostics)?;
    compile::compile(ir).map(Arc::new)
}

/// The examples of the front page, compiled and run.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// The examples of the page for embedders, compiled and run.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../docs/embedding.md")]
pub struct Embedding;
