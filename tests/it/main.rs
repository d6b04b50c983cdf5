//! Integration tests, in one binary.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test by a panic")]
#![expect(clippy::disallowed_methods, reason = "how many pairs a test tries is said by the environment")]

mod broken;
mod commands;
mod damaged;
mod demo;
mod differential;
mod explain;
mod format;
mod generate;
mod kinds;
mod language;
mod library;
mod manual;
mod manual_tables;
mod mutants;
mod mutations;
mod page;
mod published;
mod random;
mod random_events;
mod random_groups;
mod reference;
mod rejected;
mod reports;
mod semantics;
mod shipped;
mod statements;
mod tidy;
