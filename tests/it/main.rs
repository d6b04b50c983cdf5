//! Integration tests, in one binary.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test by a panic")]
#![expect(clippy::disallowed_methods, reason = "how many pairs a test tries is said by the environment")]

mod book;
mod book_ticks;
mod broken;
mod commands;
mod corrections;
mod damaged;
mod demo;
mod dependencies;
mod differential;
mod doubling;
mod events_page;
mod explain;
mod format;
mod fuzz;
mod generate;
mod hooks;
mod journal;
mod kinds;
mod language;
mod library;
mod lints;
mod lints_figures;
mod manual;
mod manual_tables;
mod messages;
mod migrate;
mod mutations;
mod page;
mod published;
mod random;
mod random_events;
mod random_groups;
mod reference;
mod rejected;
mod repl;
#[cfg(unix)]
mod repl_terminal;
mod replay;
mod replays;
mod reports;
mod semantics;
mod senseless;
mod shipped;
mod slips;
mod statements;
mod testing;
mod testing_page;
mod tidy;
mod versions;
mod wakes;
