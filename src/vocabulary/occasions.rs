//! What can happen inside a moment: the words behind `on`, `at`, `since`.

use super::{Moment, Moments};

/// Something that happens to an account, as rules name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Occasion {
    /// A mark: a tick of a held symbol, a platform snapshot, or a fill (it marks its own position).
    Mark,
    /// A fill.
    Fill,
    /// A fill that opens or adds.
    Entry,
    /// A fill that reduces.
    Exit,
    /// A trade is complete.
    Trade,
    /// Profit or a cost is booked.
    Realised,
    /// A new order.
    Order,
    /// A deposit.
    Deposit,
    /// A withdrawal.
    Withdrawal,
    /// The account has another size.
    Resize,
    /// The ledger starts anew within the phase.
    LedgerReset,
    /// The balance was corrected by hand.
    Adjustment,
    /// A day was undone.
    RollBack,
    /// A payout is requested.
    PayoutRequest,
    /// A payout is approved.
    PayoutApproval,
    /// A payout is paid.
    PayoutPayment,
    /// A payout is denied.
    PayoutDenial,
    /// A trading day opens.
    DayStart,
    /// A trading day is stamped.
    DayEnd,
    /// A week opens.
    WeekStart,
    /// A week's last day is stamped.
    WeekEnd,
    /// A month opens.
    MonthStart,
    /// A month's last day is stamped.
    MonthEnd,
    /// A quarter's last day is stamped.
    QuarterEnd,
    /// A year's last day is stamped.
    YearEnd,
    /// A cycle opens.
    CycleStart,
    /// A cycle ends with a payment or with its phase.
    CycleEnd,
    /// The phase is entered.
    PhaseStart,
    /// The account is opened.
    AccountStart,
}

/// What is known of an occasion.
#[derive(Clone, Copy, Debug)]
pub struct OccasionRow {
    /// Which.
    pub occasion: Occasion,
    /// The words in programs.
    pub words: &'static str,
    /// Other words for the same, where they read better.
    pub also: &'static [&'static str],
    /// The moments in which it can happen.
    pub moments: Moments,
    /// What it means.
    pub doc: &'static str,
}

const fn row(occasion: Occasion, words: &'static str, also: &'static [&'static str], moments: &[Moment], doc: &'static str) -> OccasionRow {
    OccasionRow { occasion, words, also, moments: Moments::of(moments), doc }
}

/// All occasions, in the order of [`Occasion`].
pub const OCCASIONS: &[OccasionRow] = &[
    row(
        Occasion::Mark,
        "mark",
        &[],
        &[Moment::Mark, Moment::Fill],
        "a tick of a held symbol, a platform snapshot, or a fill (it marks its own position)",
    ),
    row(Occasion::Fill, "fill", &[], &[Moment::Fill], "any fill"),
    row(Occasion::Entry, "entry", &[], &[Moment::Fill], "a fill that opens a position or adds to it"),
    row(Occasion::Exit, "exit", &[], &[Moment::Fill], "a fill that reduces a position"),
    row(Occasion::Trade, "trade", &[], &[Moment::Fill], "a trade is complete: its position is flat"),
    row(Occasion::Realised, "realised", &[], &[Moment::Fill, Moment::Cash], "profit or a cost is booked"),
    row(Occasion::Order, "order", &[], &[Moment::Order], "a new order"),
    row(Occasion::Deposit, "deposit", &[], &[Moment::Cash], "a deposit is booked"),
    row(Occasion::Withdrawal, "withdrawal", &[], &[Moment::Cash], "a withdrawal is booked"),
    row(Occasion::Resize, "resize", &[], &[Moment::Cash], "the cash is booked that gives the account another size"),
    row(Occasion::LedgerReset, "ledger reset", &[], &[Moment::Cash], "the cash is booked with which the ledger starts anew"),
    row(Occasion::Adjustment, "adjustment", &[], &[Moment::Cash], "a correction of the balance is booked"),
    row(Occasion::RollBack, "roll back", &[], &[Moment::Cash], "the cash is booked that undoes the running day"),
    row(Occasion::PayoutRequest, "payout request", &["request", "last payout request"], &[Moment::Payout], "a payout is requested"),
    row(Occasion::PayoutApproval, "payout approval", &["approval"], &[Moment::Payout], "a payout is approved"),
    row(Occasion::PayoutPayment, "payout payment", &["payment", "last payout"], &[Moment::Payout], "a payout is paid"),
    row(Occasion::PayoutDenial, "payout denial", &["denial"], &[Moment::Payout], "a payout is denied"),
    row(Occasion::DayStart, "day start", &[], &[Moment::PeriodStart], "a trading day opens"),
    row(Occasion::DayEnd, "day end", &[], &[Moment::PeriodEnd], "a trading day is stamped"),
    row(Occasion::WeekStart, "week start", &[], &[Moment::PeriodStart], "the first day of a week opens"),
    row(Occasion::WeekEnd, "week end", &[], &[Moment::PeriodEnd], "the last day of a week is stamped"),
    row(Occasion::MonthStart, "month start", &[], &[Moment::PeriodStart], "the first day of a month opens"),
    row(Occasion::MonthEnd, "month end", &[], &[Moment::PeriodEnd], "the last day of a month is stamped"),
    row(Occasion::QuarterEnd, "quarter end", &[], &[Moment::PeriodEnd], "the last day of a quarter is stamped"),
    row(Occasion::YearEnd, "year end", &[], &[Moment::PeriodEnd], "the last day of a year is stamped"),
    row(Occasion::CycleStart, "cycle start", &[], &[Moment::Judge, Moment::Enter], "a cycle opens, at the phase's start or with a payment"),
    row(Occasion::CycleEnd, "cycle end", &[], &[Moment::Payout], "a cycle ends with a payment"),
    row(Occasion::PhaseStart, "phase start", &[], &[Moment::Enter], "the phase is entered"),
    row(Occasion::AccountStart, "account start", &[], &[Moment::Enter], "the account is opened"),
];

impl Occasion {
    /// What is known of it.
    pub fn row(self) -> &'static OccasionRow {
        &OCCASIONS[self as usize]
    }

    /// The occasion that these words name.
    pub fn find(words: &str) -> Option<Self> {
        OCCASIONS.iter().find(|row| row.words == words || row.also.contains(&words)).map(|row| row.occasion)
    }

    /// Its bit in a set of occasions.
    pub const fn bit(self) -> u64 {
        1 << self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (at, row) in OCCASIONS.iter().enumerate() {
            assert_eq!(row.occasion as usize, at, "{}", row.words);
            assert_eq!(Occasion::find(row.words), Some(row.occasion));
        }
    }
}
