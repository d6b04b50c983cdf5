//! How running accounts go over from an earlier version.

use super::Name;
use crate::source::{Span, Spanned};
use crate::value::Date;

/// `migrate from "VERSION" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Migration {
    /// The version that accounts come from.
    pub from: Name,
    /// `applies now | next day | next cycle`
    pub applies: Option<Spanned<Applies>>,
    /// `accounts opened from DATE`, `accounts bought from DATE`: older ones stay with their version.
    pub accounts: Option<(Since, Spanned<Date>)>,
    /// What becomes of what has changed.
    pub lines: Vec<Carried>,
}

/// When an account goes over, once the platform has said that it shall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// At once.
    Now,
    /// When the next day has opened.
    NextDay,
    /// When the next cycle has begun.
    NextCycle,
}

impl Applies {
    /// As it is written.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::NextDay => "next day",
            Self::NextCycle => "next cycle",
        }
    }
}

/// From what on accounts are counted as new enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// When they were opened.
    Opened,
    /// When they were bought.
    Bought,
}

impl Since {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Bought => "bought",
        }
    }
}

/// `keep limit "Maximum loss" in funded was "Max loss"`, `restart tracker best`, `take column loss`
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// What becomes of it.
    pub fate: CarriedFate,
    /// What it is.
    pub what: CarriedKind,
    /// Its title or name in this version.
    pub name: Name,
    /// The phase in which it stands.
    pub phase: Option<Name>,
    /// Its title or name in the earlier version, where that is another.
    pub was: Option<Name>,
    /// The line.
    pub span: Span,
}

/// What becomes of something that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarriedFate {
    /// What is kept for it goes on under its new meaning.
    Keep,
    /// It begins anew, as when its phase is entered.
    Restart,
    /// Of a column: accounts take the cell of this version.
    Take,
}

macro_rules! carried_kinds {
    ($( $(#[doc = $doc:literal])+ $kind:ident $word:literal $($fate:ident)|+; )*) => {
        /// What a line of `migrate` may be about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum CarriedKind { $( $(#[doc = $doc])+ $kind, )* }

        impl CarriedKind {
            /// All of them.
            pub const ALL: &[Self] = &[$( Self::$kind, )*];

            /// As it is written.
            pub const fn word(self) -> &'static str {
                match self { $( Self::$kind => $word, )* }
            }

            /// What may become of it.
            pub const fn fates(self) -> &'static [CarriedFate] {
                match self { $( Self::$kind => &[$( CarriedFate::$fate, )+], )* }
            }
        }
    };
}

carried_kinds! {
    /// A limit: its breaches, and the warnings that were given.
    Limit "limit" Keep | Restart;
    /// A goal: whether it is reached.
    Goal "goal" Keep | Restart;
    /// A floor: where it stands, and whether it is frozen.
    Floor "floor" Keep | Restart;
    /// A tracker: what it has seen.
    Tracker "tracker" Keep | Restart;
    /// A state: its value.
    State "state" Keep | Restart;
    /// A value that takes effect later: the value in force, and what waits.
    Let "let" Keep | Restart;
    /// A period of the program's own: whether it runs, and its records.
    Period "period" Keep | Restart;
    /// A group of trades: its live instances.
    Group "group" Restart;
    /// A phase: accounts in the one of the other name are in this one.
    Phase "phase" Keep;
    /// A column of the plans: the account's cell.
    Column "column" Keep | Take;
}

impl CarriedFate {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Restart => "restart",
            Self::Take => "take",
        }
    }

    /// What a word says.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Keep, Self::Restart, Self::Take].into_iter().find(|fate| fate.word() == word)
    }
}
