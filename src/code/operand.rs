//! The operands of instructions. Their types say how each is used, so that one row per
//! instruction is enough for the listing and for the verifier.

use crate::ir::{Comparison, InstrumentFact, PayoutFact, Period, Rounding};
use crate::vocabulary::{AccountField, GroupField, PeriodField, RecordField};

/// A register that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Out(pub u8);
/// A register that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct In(pub u8);
/// A register that is read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Both(pub u8);
/// A constant of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooled(pub u16);
/// A cell of the account's slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell(pub u16);
/// How many instructions a jump passes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward(pub u16);
/// A fold of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoldNumber(pub u16);
/// A window around news of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewsNumber(pub u16);
/// A node of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeNumber(pub u16);

/// How an instruction uses an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// As it stands: a field, a comparison, a flag.
    Plain,
    /// Reads a register.
    Reads(u8),
    /// Writes a register.
    Writes(u8),
    /// Reads and writes a register.
    Updates(u8),
    /// Reads a constant.
    Constant(u16),
    /// Reads or writes a cell.
    Cell(u16),
    /// Passes over so many instructions.
    Forward(u16),
    /// Runs a fold.
    Fold(u16),
    /// Asks for news.
    News(u16),
    /// Names a node.
    Node(u16),
}

/// What a listing calls the things that operands name by number.
pub trait Names {
    /// A constant in words.
    fn constant(&self, at: u16) -> String;
    /// A cell by its node and name.
    fn cell(&self, at: u16) -> String;
    /// A node by its name.
    fn node(&self, at: u16) -> String;
}

/// An operand.
pub trait Operand: Copy {
    /// How it is used.
    fn usage(self) -> Use {
        Use::Plain
    }

    /// As a listing shows it.
    fn show(self, names: &dyn Names) -> String;
}

macro_rules! numbered {
    ($( $name:ident $use:ident $show:expr; )*) => { $(
        impl Operand for $name {
            fn usage(self) -> Use {
                Use::$use(self.0)
            }

            fn show(self, names: &dyn Names) -> String {
                let show: fn($name, &dyn Names) -> String = $show;
                show(self, names)
            }
        }
    )* };
}

numbered! {
    Out Writes |out, _| format!("r{}", out.0);
    In Reads |register, _| format!("r{}", register.0);
    Both Updates |register, _| format!("r{}", register.0);
    Pooled Constant |constant, names| names.constant(constant.0);
    Cell Cell |cell, names| names.cell(cell.0);
    Forward Forward |by, _| format!("+{}", by.0);
    FoldNumber Fold |fold, _| format!("fold {}", fold.0);
    NewsNumber News |news, _| format!("news {}", news.0);
    NodeNumber Node |node, names| names.node(node.0);
}

macro_rules! plain {
    ($( $name:ty = $show:expr; )*) => { $(
        impl Operand for $name {
            fn show(self, _: &dyn Names) -> String {
                let show: fn($name) -> String = $show;
                show(self)
            }
        }
    )* };
}

plain! {
    u8 = |number| number.to_string();
    u16 = |number| number.to_string();
    bool = |known| (if known { "known" } else { "or missing" }).to_owned();
    AccountField = |field| field.row().name.to_owned();
    PeriodField = |field| field.row().name.to_owned();
    GroupField = |field| field.row().name.to_owned();
    RecordField = |field| format!("{}.{}", field.record().word(), field.row().name);
    Period = |period| period.word();
    Comparison = |comparison| comparison.words().to_owned();
    PayoutFact = |fact| format!("{fact:?}");
    InstrumentFact = |fact| fact.words();
    Rounding = |rounding| format!("{rounding:?}");
}
