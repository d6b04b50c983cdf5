//! The instruction table: one row per instruction gives the enum, the listing, the verifier's
//! input and the reference rows. Registers are `rN`, cells belong to nodes, jumps go forward only.
//!
//! A register holds an `i64` as [`crate::ir::ExprKind`]'s module says; *missing* spreads through
//! arithmetic and is a fault in comparisons and conditions. A load with `known` is a fault when
//! what it loads is missing.

use super::operand::{Both, Cell, FoldNumber, Forward, In, Names, NewsNumber, NodeNumber, Operand, Out, Pooled, Use};
use crate::ir::{Comparison, InstrumentFact, PayoutFact, Period, Rounding};
use crate::vocabulary::{AccountField, GroupField, PeriodField, RecordField};

/// A row of the reference of instructions.
#[derive(Clone, Copy, Debug)]
pub struct OpRow {
    /// Its name.
    pub name: &'static str,
    /// Its operands: name and type.
    pub operands: &'static [(&'static str, &'static str)],
    /// What it does.
    pub doc: &'static str,
}

macro_rules! ops {
    ($( $(#[doc = $doc:literal])+ $name:ident { $($field:ident: $ty:ty),* } )*) => {
        /// One instruction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Op { $(
            $(#[doc = $doc])+
            $name { $(
                #[doc = concat!("The operand `", stringify!($field), "`.")]
                $field: $ty,
            )* },
        )* }

        /// The rows of all instructions, in the order of [`Op`].
        pub const OPS: &[OpRow] = &[$( OpRow {
            name: stringify!($name),
            operands: &[$( (stringify!($field), stringify!($ty)) ),*],
            doc: concat!($($doc),+),
        }, )*];

        impl Op {
            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name { .. } => stringify!($name), )* }
            }

            /// Gives each of its operands to a function.
            pub fn operands(self, mut visit: impl FnMut(Use)) {
                match self { $( Self::$name { $($field),* } => { $( visit($field.usage()); )* let _ = &mut visit; } )* }
            }

            /// As a listing shows it.
            pub fn show(self, names: &dyn Names) -> String {
                match self { $( Self::$name { $($field),* } => {
                    let operands: &[String] = &[$( $field.show(names) ),*];
                    format!("{:<24} {}", stringify!($name), operands.join(", "))
                } )* }
            }

            /// The same instruction with another jump; itself if it does not jump.
            pub(crate) fn with_forward(mut self, forward: Forward) -> Self {
                match &mut self {
                    Self::Jump { by } | Self::JumpIf { by, .. } | Self::JumpUnless { by, .. } | Self::JumpMissing { by, .. }
                    | Self::JumpKnown { by, .. } | Self::UnlessCompare { by, .. } | Self::UnlessCompareConstant { by, .. }
                    | Self::UnlessCompareCell { by, .. } | Self::UnlessComparePercent { by, .. } | Self::UnlessOccasion { by, .. }
                    | Self::UnlessGroupEnd { by, .. } | Self::UnlessSchedule { by, .. } | Self::UnlessHost { by, .. } | Self::UnlessInput { by, .. }
                    | Self::UnlessBreach { by, .. } | Self::JumpKeeps { by, .. } | Self::JumpKeepsAccount { by, .. }
                    | Self::UnlessRises { by, .. } | Self::UnlessRisesAccount { by, .. } | Self::JumpFollows { by, .. } | Self::UnlessOpen { by, .. }
                    | Self::UnlessUnmet { by, .. } | Self::UnlessRuns { by, .. } | Self::UnlessOut { by, .. } | Self::UnlessSet { by, .. } | Self::UnlessHolds { by, .. }
                    | Self::UnlessHoldsPercent { by, .. } | Self::WarnRatio { by, .. } | Self::WarnAllowance { by, .. } => *by = forward,
                    _ => {}
                }
                self
            }
        }
    };
}

ops! {
    /// A constant.
    Constant { d: Out, k: Pooled }
    /// The value of another register.
    Copy { d: Out, a: In }
    /// The value of a node. Missing because the node is faulted is the fault `dependent`.
    Value { d: Out, s: Cell, known: bool }
    /// A cell as it stands.
    Raw { d: Out, s: Cell }
    /// The fault `dependent` if the node with this value cell is faulted.
    Guard { s: Cell }
    /// A cell of a node `for each`, of the instance at hand; the fault `dependent` if that is faulted.
    Instance { d: Out, node: NodeNumber, cell: u8, known: bool }
    /// A value of the account.
    Account { d: Out, field: AccountField, known: bool }
    /// A value of the running period.
    Period { d: Out, period: Period, field: PeriodField, known: bool }
    /// A value of the last ended period.
    LastPeriod { d: Out, period: Period, field: PeriodField, known: bool }
    /// A field of the record at hand.
    Record { d: Out, field: RecordField, known: bool }
    /// A value of the instance of a group at hand.
    Group { d: Out, group: u16, field: GroupField, known: bool }
    /// A field that the host added to a record.
    Extension { d: Out, record: u16, field: u16, known: bool }
    /// A field of the host event at hand.
    HostField { d: Out, event: u16, field: u16, known: bool }
    /// A fact about payouts.
    Payout { d: Out, fact: PayoutFact, known: bool }
    /// What remains of the payout request so far.
    Running { d: Out }
    /// A value of the account when a phase was left last.
    PhaseFinal { d: Out, phase: u16, field: AccountField, known: bool }
    /// The plan's name.
    PlanName { d: Out }
    /// A cell of the plan.
    Plan { d: Out, column: u16, known: bool }
    /// An option.
    Option { d: Out, option: u16, known: bool }
    /// An input; tells when it turns stale.
    Input { d: Out, input: u16, known: bool }
    /// The account's number of a symbol that the program names.
    Symbol { d: Out, symbol: u16 }

    /// `a + b`, exactly.
    Add { d: Out, a: In, b: In }
    /// `a − b`, exactly.
    Subtract { d: Out, a: In, b: In }
    /// `a × b`, rounded once.
    Multiply { d: Out, a: In, b: In }
    /// `a ÷ b`, rounded once.
    Divide { d: Out, a: In, b: In }
    /// The dates between b and a, as a count.
    DaysBetween { d: Out, a: In, b: In }
    /// `a% of b`, rounded once.
    Percent { d: Out, a: In, b: In }
    /// A constant percentage of a value of the account that is always there, rounded once.
    PercentOfAccount { d: Out, k: Pooled, field: AccountField }
    /// `−a`
    Negate { d: Out, a: In }
    /// The distance of a from zero.
    Absolute { d: Out, a: In }
    /// Yes for no, no for yes.
    Not { d: Out, a: In }
    /// a to a whole multiple of b.
    Round { d: Out, a: In, b: In, mode: Rounding }
    /// Whether a compares so with b.
    Compare { d: Out, how: Comparison, a: In, b: In }
    /// Whether a compares so with `b% of c`, exactly.
    ComparePercent { d: Out, how: Comparison, a: In, b: In, c: In }
    /// The time from a to now.
    Elapsed { d: Out, a: In }
    /// Whether the time from a to now compares so with b; tells when that changes.
    CompareElapsed { d: Out, how: Comparison, a: In, b: In }
    /// Whether a is missing.
    IsMissing { d: Out, a: In }
    /// The lesser of d and a; missing ones are skipped.
    Lesser { d: Both, a: In }
    /// The greater of d and a; missing ones are skipped.
    Greater { d: Both, a: In }
    /// An aggregate over positions or orders: runs its blocks for each.
    Fold { d: Out, fold: FoldNumber }
    /// Whether a session is open; tells the next edge.
    Session { d: Out, session: u16 }
    /// When the open session closes.
    SessionCloses { d: Out, session: u16 }
    /// Whether news is near, for symbol a or any if missing; tells the next edge.
    News { d: Out, a: In, news: NewsNumber }
    /// The date a days after date b.
    DaysAfter { d: Out, a: In, b: In }
    /// The opening of the day of date a.
    OpeningOf { d: Out, a: In }
    /// The date of instant a.
    DateOf { d: Out, a: In }
    /// The share that a is of b, in percent; missing unless b is above zero.
    UsedRatio { d: Out, a: In, b: In }
    /// The share used of allowance a with room b left, in percent, at least zero; missing unless a is above zero.
    UsedAllowance { d: Out, a: In, b: In }
    /// A fact about the instrument of symbol a.
    Instrument { d: Out, a: In, fact: InstrumentFact }
    /// The fault `missing` if a is missing.
    Require { a: In }

    /// Jumps.
    Jump { by: Forward }
    /// Jumps if a.
    JumpIf { a: In, by: Forward }
    /// Jumps unless a.
    JumpUnless { a: In, by: Forward }
    /// Jumps if a is missing.
    JumpMissing { a: In, by: Forward }
    /// Jumps if a is not missing.
    JumpKnown { a: In, by: Forward }
    /// Jumps unless a compares so with b.
    UnlessCompare { how: Comparison, a: In, b: In, by: Forward }
    /// Jumps unless a compares so with a constant.
    UnlessCompareConstant { how: Comparison, a: In, k: Pooled, by: Forward }
    /// Jumps unless a compares so with the value of a node.
    UnlessCompareCell { how: Comparison, a: In, s: Cell, by: Forward }
    /// Jumps unless a compares so with `b% of c`, exactly.
    UnlessComparePercent { how: Comparison, a: In, b: In, c: In, by: Forward }
    /// Jumps unless one of the occasions whose bits the constant has happens.
    UnlessOccasion { k: Pooled, by: Forward }
    /// Jumps unless a schedule is due.
    UnlessSchedule { schedule: u16, by: Forward }
    /// Jumps unless an instance of a group ends.
    UnlessGroupEnd { group: u16, by: Forward }
    /// Jumps unless a host event is at hand.
    UnlessHost { event: u16, by: Forward }
    /// Jumps unless an input has changed.
    UnlessInput { input: u16, by: Forward }
    /// Jumps unless a limit was breached earlier in this moment.
    UnlessBreach { node: NodeNumber, by: Forward }

    /// Jumps if a cell is zero.
    UnlessSet { s: Cell, by: Forward }
    /// Jumps unless its own condition is known to keep the limit with this cell `quiet` out of force.
    UnlessOut { s: Cell, by: Forward }
    /// The limit with this cell `quiet` is in force and quiet.
    Quiet { s: Cell }
    /// Jumps unless a limit holds: if a does not compare so with b, or one is missing.
    UnlessHolds { how: Comparison, a: In, b: In, by: Forward }
    /// Jumps unless a limit holds: if a does not compare so with `b% of c`, or one is missing.
    UnlessHoldsPercent { how: Comparison, a: In, b: In, c: In, by: Forward }
    /// Jumps if a leaves more room to the bound that the limit with this value cell keeps than it must step
    /// with, and sets the room. The bound is one from above if `below` says so.
    JumpKeeps { below: bool, a: In, s: Cell, by: Forward }
    /// The same as [`Op::JumpKeeps`] of a value of the account.
    JumpKeepsAccount { below: bool, field: AccountField, s: Cell, by: Forward }
    /// Keeps bound a for the limit with this value cell, and how near to it the next percentage of allowance
    /// b lets it come: what [`Op::JumpKeeps`] reads. A side that touching breaks is `strict`.
    Keep { strict: bool, a: In, b: In, s: Cell }
    /// Jumps unless a may raise the floor with this value cell.
    UnlessRises { a: In, s: Cell, by: Forward }
    /// The same as [`Op::UnlessRises`] of a value of the account.
    UnlessRisesAccount { field: AccountField, s: Cell, by: Forward }
    /// Jumps if a at distance b, capped at c, does not move the floor with this value cell; keeps what raises it then.
    JumpFollows { a: In, b: In, c: In, s: Cell, by: Forward }
    /// Jumps unless the goal with this value cell has begun, is sound and not reached, and the account has not ended.
    UnlessOpen { s: Cell, by: Forward }
    /// Jumps unless a requirements of the goal with this value cell are not met; keeps how many they are.
    UnlessUnmet { a: In, s: Cell, by: Forward }
    /// Jumps unless the tracker with this value cell has begun, is sound, and counts the running day.
    UnlessRuns { s: Cell, by: Forward }
    /// What raises the floor with this value cell must be found anew.
    Forget { s: Cell }
    /// The room left `a − b` of a limit, into its cell too.
    Headroom { d: Out, a: In, b: In, s: Cell }
    /// Jumps if a has reached the share of b that a cell names as next.
    WarnRatio { a: In, b: In, s: Cell, by: Forward }
    /// Jumps if allowance a with room b left is used up to the share that a cell names as next.
    WarnAllowance { a: In, b: In, s: Cell, by: Forward }
    /// Sets the value of a node.
    Store { a: In, s: Cell }
    /// Sets a cell to zero.
    Clear { s: Cell }
    /// Ends the fault of the node with this value cell: it was evaluated without one.
    Sound { s: Cell }
    /// Sets a cell to the least instant at which something evaluated since the node's start may change.
    Due { s: Cell }
    /// Everything else of a node: its state, and what it fires.
    Step { node: NodeNumber }
    /// Ends a block with its value.
    Return { a: In }
}

const _: () = assert!(size_of::<Op>() <= 8);
