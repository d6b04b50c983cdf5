//! What a program reads anywhere, so that what nothing reads need not be kept from mark to mark.

use super::{ExprKind, Ir, NodeKind, Period};
use crate::vocabulary::{PeriodField, RecordField};

/// Extremes that a program reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The best or worst of positions, open or completed.
    pub extremes_of_positions: bool,
    /// The periods whose highest or lowest equity is read.
    pub extremes_of_periods: Vec<Period>,
    /// Values as they were before the event at hand.
    pub copies_of_events: bool,
}

impl Reads {
    /// What a program reads.
    pub fn of(ir: &Ir) -> Self {
        let copies = ir.nodes.iter().any(|node| matches!(node.kind, NodeKind::EventCopy(_)));
        let mut reads = Self { copies_of_events: copies, ..Self::default() };
        for expr in &ir.exprs {
            match expr.kind {
                ExprKind::Record(
                    RecordField::PositionBest
                    | RecordField::PositionWorst
                    | RecordField::PositionGiveback
                    | RecordField::TradeBest
                    | RecordField::TradeWorst,
                ) => reads.extremes_of_positions = true,
                ExprKind::Period(period, PeriodField::HighEquity | PeriodField::LowEquity)
                | ExprKind::LastPeriod(period, PeriodField::HighEquity | PeriodField::LowEquity)
                    if !reads.extremes_of_periods.contains(&period) =>
                {
                    reads.extremes_of_periods.push(period);
                }
                _ => {}
            }
        }
        reads
    }
}
