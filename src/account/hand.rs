//! What is at hand in one moment: occasions, and the records of the event. Nothing of it is kept.

use super::groups::Named;
use super::orders::WorkingOrder;
use super::payouts::Payout;
use crate::vm::view::Instance;
use crate::vocabulary::Occasion;

/// What one event, or one step of a due instant, holds for the rules.
#[derive(Clone, Debug, Default)]
pub(super) struct Hand {
    /// The occasions, as bits.
    pub occasions: u64,
    /// The schedules that are due, as bits.
    pub schedules: u64,
    /// Whether time alone led here.
    pub due: bool,
    /// The host event, with its fields.
    pub host: Option<(u16, Vec<i64>)>,
    /// The input that has changed.
    pub input: Option<u16>,
    /// The order.
    pub order: Option<WorkingOrder>,
    /// The fill.
    pub fill: Option<FillRecord>,
    /// The trade that it completed.
    pub trade: Option<TradeRecord>,
    /// The payout.
    pub payout: Option<Payout>,
    /// The position that the event concerns, by serial.
    pub position: Option<u64>,
    /// The position that the event opens or adds to.
    pub added: Option<u64>,
    /// The position that the event reduces.
    pub reduced: Option<u64>,
    /// The position that the event closes.
    pub closed: Option<Instance>,
    /// The instances of groups that it leaves.
    pub left: Vec<Named>,
    /// The instances of groups that end.
    pub ended: Vec<Named>,
    /// The values of the fields that the host adds, by extension.
    pub extra: Vec<(u16, Vec<i64>)>,
}

impl Hand {
    /// Nothing but some occasions.
    pub(super) fn of(occasions: &[Occasion]) -> Self {
        Self { occasions: bits(occasions), ..Self::default() }
    }

    /// Nothing but some occasions of a due instant.
    pub(super) fn due(occasions: u64) -> Self {
        Self { occasions, due: true, ..Self::default() }
    }

    /// Whether the event closes this position.
    pub(super) fn closed_is(&self, serial: u64) -> bool {
        self.closed.is_some_and(|closed| closed.serial == serial)
    }

    /// The instance of a group that ends.
    pub(super) fn ending(&self, group: u16) -> Option<u64> {
        self.ended.iter().find(|(number, _)| *number == group).map(|(_, serial)| *serial)
    }

    /// Adds an occasion.
    pub(super) const fn occurs(&mut self, occasion: Occasion) {
        self.occasions |= occasion.bit();
    }
}

/// The bits of some occasions.
pub(super) fn bits(occasions: &[Occasion]) -> u64 {
    occasions.iter().fold(0, |bits, occasion| bits | occasion.bit())
}

/// A fill as rules read it; amounts and prices count 10⁻⁸.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FillRecord {
    /// The account's number of its symbol.
    pub symbol: i64,
    /// 0 for a buy, 1 for a sell.
    pub side: i64,
    /// Without sign.
    pub quantity: i64,
    /// At what price.
    pub price: i64,
    /// The number of the word.
    pub reason: i64,
    /// Realised by it, net of its costs.
    pub profit: i64,
    /// How long the position it reduces had been open, in nanoseconds; missing for an entry.
    pub held: i64,
}

/// A completed trade as rules read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TradeRecord {
    /// The account's number of its symbol.
    pub symbol: i64,
    /// 0 long, 1 short.
    pub side: i64,
    /// The largest quantity it had.
    pub quantity: i64,
    /// When it was first entered.
    pub opened: i64,
    /// When it was complete.
    pub closed: i64,
    /// Its result, net of its costs.
    pub profit: i64,
    /// Its costs.
    pub costs: i64,
    /// The lowest open profit it had.
    pub worst: i64,
    /// The highest open profit it had.
    pub best: i64,
    /// Why its last fill happened: the number of the word.
    pub reason: i64,
}
