//! The reasons of answers that no rule gives.

/// A payout is asked for while another waits.
pub const ONE_AT_A_TIME: &str = "one request at a time";
/// A payout is asked for in a phase without payouts.
pub const NO_PAYOUTS: &str = "no payouts in this phase";
/// A payout of nothing.
pub const NOTHING_TO_PAY: &str = "nothing to pay";
/// An order of an account that staff have locked.
pub const STAFF: &str = "staff";
/// An order while the feed is down.
pub const IN_A_GAP: &str = "gaps refuse new risk";

/// The reason that orders are refused for in a phase in which nothing is traded.
pub fn in_phase(name: &str) -> String {
    format!("phase {name}")
}
