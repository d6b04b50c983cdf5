//! What the scenarios of a program show of it, and what they leave open.
//!
//! | module | the question |
//! | --- | --- |
//! | [`coverage`] | which conditions, rows and actions no scenario has shown |
//! | [`mutate`] | which slips in the rules no scenario would notice |
//! | [`boundaries`] | what happens one unit before, at and past each limit, as scenarios to review |
//!
//! Nothing here reads files or prints: the command does.

pub mod boundaries;
pub mod coverage;
pub mod mutate;
