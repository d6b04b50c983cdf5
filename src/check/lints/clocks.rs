//! Times of the clock that summer time removes or repeats.

use crate::calendar::{TradingCalendar, Zone};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Event, Ir, PeriodKind, Schedule};
use crate::source::Span;
use crate::syntax::ast::{self, Header, ItemKind};
use crate::value::{Date, NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, TimeOfDay, Weekday};

use super::super::Checker;
use super::super::order::events_of;

/// The dates that are looked at: 2026 and 2027.
const DATES: std::ops::RangeInclusive<i32> = 20_454..=21_183;

/// By how much clocks are put back.
const STEPS: [i64; 3] = [30 * NANOS_PER_MINUTE, NANOS_PER_HOUR, 2 * NANOS_PER_HOUR];

/// What summer time does to a time on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// There is no such time.
    Removed,
    /// It comes twice.
    Repeated,
}

impl Checker<'_> {
    pub(super) fn times_that_summer_time_moves(&mut self, ir: &Ir, program: &ast::Program) {
        let rule = ir.header.day;
        let own = TradingCalendar { rule, holidays: None, week_starts: Weekday::Mon };
        let header = program.header.iter().find_map(|item| match &item.node {
            Header::Day { opens, stops, settles, .. } => Some([Some(opens), stops.as_ref(), settles.as_ref()]),
            _ => None,
        });
        for time in header.into_iter().flatten().flatten() {
            self.time_of_clock(rule.zone, time.node, time.span, |date| own.is_day(date));
        }
        for (at, node) in ir.nodes.iter().enumerate() {
            self.stand_in(at);
            for event in events_of(node) {
                let Event::Schedule(schedule) = event else { continue };
                match ir.schedules.get(usize::from(schedule)) {
                    Some(Schedule::DayAt(nanos)) => self.scheduled(&own, *nanos, None, node.head),
                    Some(Schedule::WeekdayAt(weekday, nanos)) => self.scheduled(&own, *nanos, Some(*weekday), node.head),
                    _ => {}
                }
            }
        }
        self.current_use = None;
        let phases = program.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Phase(phase) => Some(&phase.items),
            _ => None,
        });
        for item in program.items.iter().chain(phases.flatten()) {
            if let ItemKind::Session(session) = &item.kind {
                session.windows.iter().for_each(|window| self.session_window(rule.zone, window));
            }
        }
        for (_, row) in ir.own_periods() {
            if let PeriodKind::Clock(clock) = &row.kind {
                self.time_of_clock(clock.days.rule.zone, clock.days.rule.opens, row.span, |_| true);
            }
        }
    }

    /// The times of a session's window, on its weekdays; one that closes after midnight does so on the day behind them.
    fn session_window(&mut self, zone: Zone, window: &ast::Window) {
        let from = window.from_day.as_ref().map_or(Weekday::Mon, |day| day.node);
        let to = window.to_day.as_ref().map_or(if window.from_day.is_some() { from } else { Weekday::Sun }, |day| day.node);
        let length = i64::from((to as u8 + 7 - from as u8) % 7);
        let first = |date: Date| (0..=length).any(|days| date.plus(-i32::try_from(days).unwrap_or(0)).weekday() == from);
        let next_day = window.closes.node <= window.opens.node;
        self.time_of_clock(zone, window.opens.node, window.opens.span, first);
        self.time_of_clock(zone, window.closes.node, window.closes.span, |date| first(if next_day { date.plus(-1) } else { date }));
    }

    fn scheduled(&mut self, days: &TradingCalendar, nanos: i64, weekday: Option<Weekday>, span: Span) {
        let Some(time) = TimeOfDay::from_nanos(nanos) else { return };
        let on = |date: Date| days.is_day(date) && weekday.is_none_or(|weekday| date.weekday() == weekday);
        self.time_of_clock(days.rule.zone, time, span, on);
    }

    fn time_of_clock(&mut self, zone: Zone, time: TimeOfDay, span: Span, on: impl Fn(Date) -> bool) {
        let dates = DATES.map(Date::from_days).filter(|date| on(*date));
        let found: Vec<(Date, Change)> = dates.filter_map(|date| Some((date, change(zone, date, time)?))).collect();
        let Some((_, first)) = found.first() else { return };
        let claim = if *first == Change::Removed { "is left out" } else { "comes twice" };
        let mut told = Diagnostic::new(Code::SummerTime, span, format!("{time} {claim} where {zone} changes its clocks"));
        for (date, change) in &found {
            told = told.note(sentence(zone, *date, time, *change));
        }
        self.report(told.help("choose a time that every day has once, where the hour is yours to choose"));
    }
}

fn sentence(zone: Zone, date: Date, time: TimeOfDay, change: Change) -> String {
    let (at, next) = (zone.to_instant(date, time), date.plus(1));
    let midnight = |date: Date| zone.to_instant(date, TimeOfDay::MIDNIGHT).nanos();
    let length = (midnight(next) - midnight(date)) / NANOS_PER_MINUTE;
    let hours =
        if length % 60 == 0 { format!("{} hours", length / 60) } else { format!("{} hours and {} minutes", length / 60, length % 60) };
    let day = date.civil().format("%-d %B %Y");
    let taken = zone.to_local(at).to_string();
    let taken = taken.get(11..16).unwrap_or_default();
    match change {
        Change::Removed => format!("on {day} {time} does not exist in {zone}; it is taken as {taken}; the day has {hours}"),
        Change::Repeated => format!("on {day} {time} comes twice in {zone}; the first is taken; the day has {hours}"),
    }
}

fn change(zone: Zone, date: Date, time: TimeOfDay) -> Option<Change> {
    let at = zone.to_instant(date, time);
    let shown = zone.to_local(at);
    let wanted = i64::from(date.days()) * NANOS_PER_DAY + time.nanos();
    if i64::from(shown.date.days()) * NANOS_PER_DAY + shown.nanos != wanted {
        return Some(Change::Removed);
    }
    STEPS.iter().any(|step| zone.to_local(at.plus(*step)) == shown).then_some(Change::Repeated)
}
