//! Periods: spans of an account's life with values of their own.

use crate::calendar::TradingCalendar;
use crate::source::Span;
use crate::value::{Date, Instant};
use crate::vocabulary::{Moments, Occasion};

use super::{Event, ExprId};

/// The number of a period among [`super::Ir::periods`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(pub u8);

/// As many periods of its own as a program may declare: their starts and ends fit the set of occasions.
pub const MAX_OWN_PERIODS: u8 = 15;

/// The number of the first period that a program declares itself.
const FIRST_OWN: u8 = 4;

/// The first bit that the starts and ends of a program's own periods have among occasions.
const FIRST_BIT: u32 = 32;

impl Period {
    /// A trading day.
    pub const DAY: Self = Self(0);
    /// A week of trading days.
    pub const WEEK: Self = Self(1);
    /// A month of trading days.
    pub const MONTH: Self = Self(2);
    /// From the phase's start or the last payment to the next payment.
    pub const CYCLE: Self = Self(3);
    /// The periods that every program has, with their words.
    pub const PREDECLARED: [(Self, &'static str); 4] =
        [(Self::DAY, "day"), (Self::WEEK, "week"), (Self::MONTH, "month"), (Self::CYCLE, "cycle")];

    /// Its place in a list of periods.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether the program declares it.
    pub const fn is_own(self) -> bool {
        self.0 >= FIRST_OWN
    }

    /// The bit of its start among the occasions of a moment.
    pub const fn start_bit(self) -> u64 {
        match self {
            Self::DAY => Occasion::DayStart.bit(),
            Self::WEEK => Occasion::WeekStart.bit(),
            Self::MONTH => Occasion::MonthStart.bit(),
            Self::CYCLE => Occasion::CycleStart.bit(),
            own => 1 << own.own_bit(),
        }
    }

    /// The bit of its end among the occasions of a moment.
    pub const fn end_bit(self) -> u64 {
        match self {
            Self::DAY => Occasion::DayEnd.bit(),
            Self::WEEK => Occasion::WeekEnd.bit(),
            Self::MONTH => Occasion::MonthEnd.bit(),
            Self::CYCLE => Occasion::CycleEnd.bit(),
            own => 2 << own.own_bit(),
        }
    }

    const fn own_bit(self) -> u32 {
        let own = self.0.saturating_sub(FIRST_OWN);
        // Numbers beyond the named limit, which no checked program has, share the last bits.
        FIRST_BIT + 2 * if own < MAX_OWN_PERIODS { own as u32 } else { MAX_OWN_PERIODS as u32 - 1 }
    }

    /// What listings call it, where the program is not at hand.
    pub fn word(self) -> String {
        let predeclared = Self::PREDECLARED.into_iter().find(|(period, _)| *period == self);
        predeclared.map_or_else(|| format!("period {}", self.0), |(_, word)| word.to_owned())
    }
}

/// A period of a program.
#[derive(Clone, Debug)]
pub struct PeriodRow {
    /// Its name.
    pub name: String,
    /// When it begins and ends.
    pub kind: PeriodKind,
    /// The moments in which it can start.
    pub starts: Moments,
    /// The moments in which it can end.
    pub ends: Moments,
    /// Where it is declared; nowhere for predeclared ones.
    pub span: Span,
}

/// When a period begins and ends.
#[derive(Clone, Debug)]
pub enum PeriodKind {
    /// One of the periods that every program has.
    Predeclared,
    /// Days, weeks or months of another clock: always running, each begins where the last one ends.
    Clock(ClockPeriod),
    /// It opens on an event.
    Opened(OpenedPeriod),
}

/// Days, weeks or months of a clock of their own, weekends and holidays included.
#[derive(Clone, Debug)]
pub struct ClockPeriod {
    /// The clock's days, and the weekday of the date with which its weeks begin.
    pub days: TradingCalendar,
    /// How many of them make one.
    pub span: ClockSpan,
}

/// How many days of a clock make a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClockSpan {
    /// One.
    Day,
    /// Seven.
    Week,
    /// A month, from that day of the month on: 1 to 28.
    Month(u8),
}

/// A period that opens on an event.
#[derive(Clone, Copy, Debug)]
pub struct OpenedPeriod {
    /// What opens it while it does not run.
    pub opens: Event,
    /// It opens only once after each such event, and once from the phase's start.
    pub since: Option<Event>,
    /// What ends it.
    pub closes: Closing,
    /// Whether the next one begins where it ends, without an event.
    pub repeats: bool,
}

/// What ends a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// An event.
    On(Event),
    /// So long after its opening, decided there: a duration, or days, which end it at the opening of
    /// the day so many days after its date.
    After(ExprId),
    /// When the account has been flat for so many nanoseconds.
    Flat(i64),
}

impl PeriodRow {
    /// The rows of the periods that every program has.
    pub fn predeclared() -> Vec<Self> {
        let row = |(period, word): (Period, &str)| {
            let moments = |bit: u64| {
                let rows = crate::vocabulary::OCCASIONS.iter().filter(|row| row.occasion.bit() == bit);
                rows.fold(Moments::NONE, |all, row| all.with(row.moments))
            };
            Self {
                name: word.to_owned(),
                kind: PeriodKind::Predeclared,
                starts: moments(period.start_bit()),
                ends: moments(period.end_bit()),
                span: Span::default(),
            }
        };
        Period::PREDECLARED.into_iter().map(row).collect()
    }

    /// What decides its length at its opening.
    pub const fn length(&self) -> Option<ExprId> {
        match &self.kind {
            PeriodKind::Opened(OpenedPeriod { closes: Closing::After(length), .. }) => Some(*length),
            _ => None,
        }
    }

    /// Whether its next start is known ahead.
    pub const fn is_foreseen(&self, period: Period) -> bool {
        match &self.kind {
            PeriodKind::Predeclared => !matches!(period, Period::CYCLE),
            PeriodKind::Clock(_) => true,
            PeriodKind::Opened(_) => false,
        }
    }
}

impl ClockPeriod {
    /// The instant at which the period that runs at an instant ends, and the next begins.
    pub fn ends_after(&self, at: Instant) -> Instant {
        let mut day = self.days.day_at(at);
        let number = self.number(day.date);
        // A month has at most 31 days, and a zone may have skipped a date.
        for _ in 0..40 {
            if self.number(day.date) != number {
                break;
            }
            day = self.days.day_after(&day);
        }
        day.opens
    }

    /// The date of the first day of the period that runs at an instant.
    pub fn date_at(&self, at: Instant) -> Date {
        let mut day = self.days.day_at(at);
        for _ in 0..40 {
            let before = self.days.day_before(&day);
            if self.number(before.date) != self.number(day.date) {
                break;
            }
            day = before;
        }
        day.date
    }

    /// A number that all dates of one period share.
    fn number(&self, date: Date) -> i64 {
        match self.span {
            ClockSpan::Day => i64::from(date.days()),
            ClockSpan::Week => self.days.week_index(date),
            ClockSpan::Month(first) => self.days.month_index(date.plus(1 - i32::from(first))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{DayRule, Zone};
    use crate::value::{TimeOfDay, Weekday};

    fn clock(zone: &str, hour: i64, week_starts: Weekday, span: ClockSpan) -> ClockPeriod {
        let opens = TimeOfDay::from_nanos(hour * 3_600_000_000_000).unwrap();
        let rule = DayRule { zone: Zone::parse(zone).unwrap(), opens, stops: None, settles: None, every_day: true };
        ClockPeriod { days: TradingCalendar { rule, holidays: None, week_starts }, span }
    }

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn starts_and_ends_have_bits_of_their_own() {
        assert_eq!(usize::from(FIRST_OWN), Period::PREDECLARED.len());
        let last = FIRST_OWN + MAX_OWN_PERIODS - 1;
        let all: Vec<u64> = (0..=last).map(Period).flat_map(|period| [period.start_bit(), period.end_bit()]).collect();
        let together = all.iter().fold(0_u64, |bits, bit| bits | bit);
        assert_eq!(together.count_ones() as usize, all.len());
        assert!(i64::try_from(together).is_ok(), "the sign is free");
        let others = crate::vocabulary::OCCASIONS.iter().map(|row| row.occasion.bit());
        assert!(others.map(u64::trailing_zeros).all(|bit| bit < FIRST_BIT));
    }

    #[test]
    fn a_day_of_a_clock_lasts_from_its_time_to_its_time() {
        // In New York 8 March 2026 has 23 hours: 20:00 is 01:00 UTC before and 00:00 UTC after it.
        let day = clock("America/New_York", 20, Weekday::Mon, ClockSpan::Day);
        assert_eq!(day.ends_after(at("2026-03-07T12:00:00Z")), at("2026-03-08T01:00:00Z"));
        assert_eq!(day.ends_after(at("2026-03-08T00:59:59Z")), at("2026-03-08T01:00:00Z"));
        assert_eq!(day.ends_after(at("2026-03-08T01:00:00Z")), at("2026-03-09T00:00:00Z"));
        assert_eq!(day.date_at(at("2026-03-08T01:00:00Z")).to_string(), "2026-03-08");
    }

    #[test]
    fn weeks_and_months_of_a_clock() {
        // A week that opens on Sunday at 17:00 begins with Monday's date.
        let week = clock("America/New_York", 17, Weekday::Mon, ClockSpan::Week);
        assert_eq!(week.ends_after(at("2026-03-04T12:00:00Z")), at("2026-03-08T21:00:00Z"));
        assert_eq!(week.date_at(at("2026-03-04T12:00:00Z")).to_string(), "2026-03-02");
        let month = clock("UTC", 0, Weekday::Mon, ClockSpan::Month(1));
        assert_eq!(month.ends_after(at("2026-02-28T23:59:59Z")), at("2026-03-01T00:00:00Z"));
        let billing = clock("UTC", 0, Weekday::Mon, ClockSpan::Month(28));
        assert_eq!(billing.ends_after(at("2026-02-27T23:59:59Z")), at("2026-02-28T00:00:00Z"));
        assert_eq!(billing.ends_after(at("2026-02-28T00:00:00Z")), at("2026-03-28T00:00:00Z"));
        // From the 28th at 17:00: the first of its days has the next date, 1 March.
        let evening = clock("UTC", 17, Weekday::Mon, ClockSpan::Month(29));
        assert_eq!(evening.ends_after(at("2026-02-28T16:59:59Z")), at("2026-02-28T17:00:00Z"));
        assert_eq!(evening.ends_after(at("2026-02-28T17:00:00Z")), at("2026-03-28T17:00:00Z"));
    }
}
