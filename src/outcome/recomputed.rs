//! What a correction takes back: actions, changes and answers that were told and are so no more.

use std::sync::Arc;

use serde::Serialize;

use super::{ActionKind, Cause, Change, Key, Verdict};

/// What was told before an account was computed anew, and is so no more.
///
/// The actions and changes of the outcome beside it are those that should have been told and were not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recomputed {
    /// Actions that should not have been: what of them is not done yet need not be done. What was done stays
    /// done: no action asks for money back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<Withdrawn>,
    /// Breaches, goals and phases that were told and have not come about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undone: Vec<Undone>,
    /// Questions that would have been answered in another way. The answer that was given was acted on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answered>,
}

/// An action that should not have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Withdrawn {
    /// The key under which it was issued.
    pub key: Key,
    /// The attempt that is withdrawn, and with it every one before.
    pub attempt: u32,
    /// What it asked for.
    pub kind: ActionKind,
    /// Why, in words.
    pub reason: Arc<str>,
}

/// A change that has not come about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// What it was told as an outcome of.
    pub cause: Cause,
    /// What was told.
    pub told: Change,
}

/// A question whose answer would have been another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The question.
    pub cause: Cause,
    /// The answer that was given; none where it could not be answered.
    pub was: Option<Verdict>,
    /// The answer that it would have now; none where the question is no more.
    pub is: Option<Verdict>,
}
