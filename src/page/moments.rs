//! Events and clocks in words.

use super::Text;
use super::text::{say, spaced};
use super::voice::{Said, Silence, Voice, clock, duration, weekday};
use crate::ir::{Delay, Event, Schedule};
use crate::syntax::ast::DayUnit;
use crate::vocabulary::Occasion;

impl Voice<'_> {
    /// When something is done: `at every fill`.
    pub(super) fn when(&self, event: Event) -> Said {
        Ok(match event {
            Event::Occasion(occasion) => at(occasion).into(),
            Event::Host(event) => say!["when the firm reports “", spaced(self.host_event(event)?), "”"],
            Event::Input(input) => say!["when ", self.input(input)?, " changes"],
            Event::Breach(limit) => say!["when ", self.title_of(limit)?, " is broken"],
            Event::Schedule(schedule) => self.schedule(schedule)?,
            Event::GroupEnd(group) => format!("when a {} has ended", self.group_name(group)?).into(),
            Event::Start(period) => format!("at the start of each {}", self.period(period)).into(),
            Event::End(period) => format!("at the end of each {}", self.period(period)).into(),
        })
    }

    /// What something is counted from: `the last payout`.
    pub(super) fn since(&self, event: Event) -> Said {
        Ok(match event {
            Event::Occasion(occasion) => last(occasion).into(),
            Event::Host(event) => say!["the firm last reported “", spaced(self.host_event(event)?), "”"],
            Event::Input(input) => say!["the last change of ", self.input(input)?],
            Event::Breach(limit) => say!["the last breach of ", self.title_of(limit)?],
            Event::Schedule(schedule) => say!["the last time it was due (", self.schedule(schedule)?, ")"],
            Event::GroupEnd(group) => format!("the end of the last {}", self.group_name(group)?).into(),
            Event::Start(period) => format!("the start of the {}", self.period(period)).into(),
            Event::End(period) => format!("the end of the last {}", self.period(period)).into(),
        })
    }

    /// What happens for the first time since something: `with the first entry`.
    pub(super) fn first(&self, event: Event) -> Said {
        if let Event::Occasion(occasion) = event {
            let at = at(occasion);
            if let Some(what) = at.strip_prefix("at every ") {
                return Ok(format!("at the first {what}").into());
            }
            if let Some(what) = at.strip_prefix("whenever ").or_else(|| at.strip_prefix("when ")) {
                return Ok(format!("the first time that {what}").into());
            }
        }
        Ok(say![self.when(event)?, ", the first time only,"])
    }

    fn schedule(&self, schedule: u16) -> Said {
        let schedule = self.ir.schedules.get(usize::from(schedule)).ok_or(Silence("it waits for a clock that is not there"))?;
        Ok(match *schedule {
            Schedule::DayClose => "at the close of each trading day".into(),
            Schedule::BeforeClose(nanos) => say![Text::figure(duration(nanos)), " before the close of each trading day"],
            Schedule::DayAt(nanos) => say!["at ", Text::figure(clock(nanos)), " on each trading day"],
            Schedule::WeekdayAt(day, nanos) => say!["every ", weekday(day), " at ", Text::figure(clock(nanos))],
            Schedule::Interval(nanos) => say!["every ", Text::figure(duration(nanos))],
            Schedule::SessionClose(session, 0) => say!["at the close of the session ", self.session(session)?],
            Schedule::SessionClose(session, nanos) => {
                say![Text::figure(duration(nanos)), " before the close of the session ", self.session(session)?]
            }
        })
    }

    /// A session's name.
    pub(super) fn session(&self, session: u16) -> Said {
        let (name, _) = self.ir.sessions.get(usize::from(session)).ok_or(Silence("it reads a session that is not there"))?;
        Ok(Text::term(spaced(name), "trading-day"))
    }

    /// The name of an event that the host tells.
    pub(super) fn host_event(&self, event: u16) -> Result<&str, Silence> {
        let record = self.ir.events.get(usize::from(event)).ok_or(Silence("it reads an event that is not there"))?;
        Ok(&record.name)
    }

    /// The name of a group.
    pub(super) fn group_name(&self, group: u16) -> Result<String, Silence> {
        let group = self.ir.groups.get(usize::from(group)).ok_or(Silence("it reads a group that is not there"))?;
        Ok(spaced(&group.name))
    }
}

/// A delay in words.
pub(super) fn delay(delay: Delay) -> String {
    match delay {
        Delay::Nanos(nanos) => duration(nanos),
        Delay::Dates(count) => super::voice::days(count, DayUnit::Days),
        Delay::TradingDays(count) => super::voice::days(count, DayUnit::TradingDays),
        Delay::Weekdays(count) => super::voice::days(count, DayUnit::Weekdays),
        Delay::Months(count) => super::voice::days(count, DayUnit::Months),
    }
}

/// When something is done that an occasion brings.
const fn at(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Mark => "at every change of price",
        Occasion::Fill => "at every fill",
        Occasion::Entry => "at every entry",
        Occasion::Exit => "at every exit",
        Occasion::Trade => "whenever a trade is closed",
        Occasion::Realised => "whenever profit or a cost is booked",
        Occasion::Order => "at every new order",
        Occasion::Deposit => "at every deposit",
        Occasion::Withdrawal => "at every withdrawal",
        Occasion::Resize => "when the account gets another size",
        Occasion::LedgerReset => "when the balance starts anew",
        Occasion::Adjustment => "when the balance is corrected",
        Occasion::RollBack => "when a day is undone",
        Occasion::PayoutRequest => "when a payout is requested",
        Occasion::PayoutApproval => "when a payout is approved",
        Occasion::PayoutPayment => "when a payout is paid",
        Occasion::PayoutDenial => "when a payout is denied",
        Occasion::DayStart => "at the start of each day",
        Occasion::DayEnd => "at the end of each day",
        Occasion::WeekStart => "at the start of each week",
        Occasion::WeekEnd => "at the end of each week",
        Occasion::MonthStart => "at the start of each month",
        Occasion::MonthEnd => "at the end of each month",
        Occasion::QuarterEnd => "at the end of each quarter",
        Occasion::YearEnd => "at the end of each year",
        Occasion::CycleStart => "at the start of each payout cycle",
        Occasion::CycleEnd => "at the end of each payout cycle",
        Occasion::PhaseStart => "when the phase begins",
        Occasion::AccountStart => "when the account is opened",
    }
}

/// What was, when an occasion came last.
const fn last(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Mark => "the last change of price",
        Occasion::Fill => "the last fill",
        Occasion::Entry => "the last entry",
        Occasion::Exit => "the last exit",
        Occasion::Trade => "the last closed trade",
        Occasion::Realised => "profit or a cost was last booked",
        Occasion::Order => "the last order",
        Occasion::Deposit => "the last deposit",
        Occasion::Withdrawal => "the last withdrawal",
        Occasion::Resize => "the last change of the account size",
        Occasion::LedgerReset => "the balance last started anew",
        Occasion::Adjustment => "the last correction of the balance",
        Occasion::RollBack => "a day was last undone",
        Occasion::PayoutRequest => "the last payout request",
        Occasion::PayoutApproval => "the last approved payout",
        Occasion::PayoutPayment => "the last payout",
        Occasion::PayoutDenial => "the last denied payout",
        Occasion::DayStart => "the start of the day",
        Occasion::DayEnd => "the end of the last day",
        Occasion::WeekStart => "the start of the week",
        Occasion::WeekEnd => "the end of the last week",
        Occasion::MonthStart => "the start of the month",
        Occasion::MonthEnd => "the end of the last month",
        Occasion::QuarterEnd => "the end of the last quarter",
        Occasion::YearEnd => "the end of the last year",
        Occasion::CycleStart => "the start of the payout cycle",
        Occasion::CycleEnd => "the end of the last payout cycle",
        Occasion::PhaseStart => "the start of the phase",
        Occasion::AccountStart => "the opening of the account",
    }
}
