//! What a program declares beside its rules: settings, host events, sessions, periods.

use super::{EventRef, Expr, Name, TypeName};
use crate::source::{Span, Spanned};
use crate::value::{TimeOfDay, Weekday};

/// `option name: type = default [changeable]`
#[derive(Clone, Debug, PartialEq)]
pub struct OptionDecl {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeName,
    /// The value of accounts that do not say.
    pub default: Option<Expr>,
    /// Whether the trader may change it.
    pub changeable: bool,
}

/// `input name: type = default [per trader | per household] [stale after D]`
#[derive(Clone, Debug, PartialEq)]
pub struct InputDecl {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeName,
    /// The value until the host tells one.
    pub default: Option<Expr>,
    /// `trader` or `household`, where it is shared.
    pub per: Option<Name>,
    /// The age from which it counts as missing.
    pub stale_after: Option<Expr>,
}

/// Named fields: of a host event or action, or added to a builtin record.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// The event, action or record.
    pub name: Name,
    /// Its fields.
    pub fields: Vec<(Name, TypeName)>,
}

/// `session rth mon to fri 08:30 to 15:00, …`
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its name.
    pub name: Name,
    /// Its weekly windows.
    pub windows: Vec<Window>,
}

/// A weekly window.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The first weekday; all weekdays when absent.
    pub from_day: Option<Spanned<Weekday>>,
    /// The last weekday.
    pub to_day: Option<Spanned<Weekday>>,
    /// Opening time.
    pub opens: Spanned<TimeOfDay>,
    /// Closing time; not after the opening time it is on the next day.
    pub closes: Spanned<TimeOfDay>,
}

/// `period NAME …`
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodDecl {
    /// Its name.
    pub name: Name,
    /// When it begins and ends.
    pub span: PeriodSpan,
}

/// When a period begins and ends.
#[derive(Clone, Debug, PartialEq)]
pub enum PeriodSpan {
    /// `every day | month [on day N] | sun at 17:00 ["zone"]`
    Clock {
        /// What turns.
        unit: ClockUnit,
        /// At which time of its zone.
        at: Spanned<TimeOfDay>,
        /// The zone with its shift in nanoseconds; the program's when absent.
        zone: Option<(Name, i64)>,
    },
    /// `every LENGTH from EVENT`
    Every {
        /// How long each is.
        length: Expr,
        /// What opens the first.
        from: EventRef,
    },
    /// `opens on [first] EVENT [since EVENT], closes …`
    Opens {
        /// What opens it.
        on: EventRef,
        /// Where `first` stands.
        first: Option<Span>,
        /// It opens once after each such event.
        since: Option<EventRef>,
        /// What ends it.
        closes: PeriodEnd,
    },
}

/// The days, weeks or months of a clock.
#[derive(Clone, Debug, PartialEq)]
pub enum ClockUnit {
    /// `every day`
    Day,
    /// `every sun`: a week that begins on that weekday.
    Week(Weekday),
    /// `every month [on day N]`
    Month(Option<Spanned<u32>>),
}

/// What ends a period.
#[derive(Clone, Debug, PartialEq)]
pub enum PeriodEnd {
    /// `closes on EVENT`
    On(EventRef),
    /// `closes after LENGTH`
    After(Expr),
    /// `closes after LENGTH flat`
    Flat(Expr),
}
