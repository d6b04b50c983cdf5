//! The values of a group of trades.

use super::fields::{FieldRow, FieldType, fields};
use super::{Moment, Moments};

const MEMBERS: Moments = Moments::POSITIONS.with(Moments::of(&[Moment::PeriodEnd]));
const MARKED: Moments = MEMBERS.with(Moments::EQUITY);

// name, type, moments, may be missing, additive, doc
fields! {
    /// Values of a group: over its members, and where it says so over those that are open.
    GroupField {
        Count "count" Count MEMBERS, 0 0 "how many members it has: trades, closed ones included";
        Positions "positions" Count MEMBERS, 0 0 "how many of its members are open";
        Longs "longs" Count MEMBERS, 0 0 "how many open members are long";
        Shorts "shorts" Count MEMBERS, 0 0 "how many open members are short";
        Symbols "symbols" Count MEMBERS, 0 0 "how many different symbols its open members have";
        Symbol "symbol" Symbol MEMBERS, 0 0 "the symbol, where it is one of the keys";
        Side "side" Side MEMBERS, 0 0 "`long` or `short`, where the side is one of the keys";
        Opened "opened" Instant MEMBERS, 0 0 "when its first member was opened";
        Profit "profit" Money MEMBERS, 0 0 "realised: what its members have brought, net of their costs, closed ones included";
        OpenProfit "open_profit" Money MARKED, 0 0 "marked: of its open members, before costs not yet booked";
        Result "result" Money MARKED, 0 0 "profit and open profit together";
        Risk "risk" Money MARKED, 1 0 "risk to the stop over open members; missing where one has no stop";
        Quantity "quantity" Quantity MEMBERS, 0 0 "the largest quantities of its members, summed, closed ones included";
        OpenQuantity "open_quantity" Quantity MEMBERS, 0 0 "the quantities of its open members, summed, without sign";
        Notional "notional" Money MARKED, 0 0 "the notional values of its open members, summed, without sign";
        Margin "margin" Money MARKED, 1 0 "the margins of its open members, summed; missing where a margin rate is";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for field in GroupField::ALL {
            assert_eq!(GroupField::find(field.row().name), Some(*field));
        }
    }
}
