//! Facts that are read by a dot and are no fields of a record at hand: of limits, goals, sessions and
//! payouts.

use super::FieldType;

/// A fact and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct FactRow {
    /// Its name, behind the dot.
    pub name: &'static str,
    /// Its type; none where it is that of the two sides of the limit.
    pub ty: Option<FieldType>,
    /// Whether it may be missing.
    pub missing: bool,
    /// What it is.
    pub doc: &'static str,
}

const fn row(name: &'static str, ty: FieldType, missing: bool, doc: &'static str) -> FactRow {
    FactRow { name, ty: Some(ty), missing, doc }
}

/// Facts of `limit("title")`.
pub const LIMIT_FACTS: &[FactRow] = &[
    FactRow { name: "headroom", ty: None, missing: true, doc: "the room left before the bound; missing while the limit is not in force" },
    row("used", FieldType::Percent, true, "the share of its allowance that is used; missing while the limit is not in force"),
    row("broken", FieldType::Bool, false, "whether it is broken now"),
    row("breaches", FieldType::Count, false, "how often it was breached, as `counted per` says"),
];

/// Facts of `goal("title")`.
pub const GOAL_FACTS: &[FactRow] = &[
    row("reached", FieldType::Bool, false, "whether it is reached"),
    row("missing", FieldType::Count, false, "how many of its requirements are not met now"),
];

/// Facts of a session, by its name.
pub const SESSION_FACTS: &[FactRow] =
    &[row("closes", FieldType::Instant, true, "when the window that runs closes; missing while the session is closed")];

/// Facts of `payouts`: all that were paid.
pub const PAYOUTS_FACTS: &[FactRow] = &[
    row("count", FieldType::Count, false, "how many payouts were paid"),
    row("total", FieldType::Money, false, "what they took out of the account in all"),
];

/// Facts of `last payout`: the last that was paid.
pub const LAST_PAYOUT_FACTS: &[FactRow] = &[
    row("amount", FieldType::Money, true, "what it took out of the account"),
    row("at", FieldType::Instant, true, "when it was paid"),
    row("balance", FieldType::Money, true, "the balance it left"),
];
