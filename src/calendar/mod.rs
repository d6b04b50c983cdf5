//! Trading days, zones, sessions. (Merged from its own branch.)

/// The rule of the trading day.
#[derive(Clone, Debug)]
pub struct DayRule {}
/// A weekly session.
#[derive(Clone, Debug)]
pub struct WeeklySession {}
