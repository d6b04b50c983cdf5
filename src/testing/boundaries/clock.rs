//! The cases of the clock: the second before each reset and the reset, and the days of summer time.

use super::stand::Stand;
use super::{Draft, Part};
use crate::calendar::{TradingCalendar, TradingDay, Zone};
use crate::value::{Date, Instant, NANOS_PER_SECOND};

/// The Monday on which scenarios begin that do not say it.
const MONDAY: Date = Date::from_days(20_514);
/// So many days are looked at for a reset: one of each month is among them.
const LOOKED_AT: usize = 45;
/// What is traded, so that a reset shows.
const SPENT: i64 = -1000;

/// The cases of all resets, and of summer time.
pub(super) fn parts(stand: &Stand) -> Vec<Part> {
    let header = &stand.ir().header;
    let calendar = TradingCalendar { rule: header.day, holidays: None, week_starts: header.week };
    let clock = Clock { stand, calendar };
    let mut parts: Vec<Part> = ["day", "week", "month", "cycle"].iter().map(|period| clock.reset(period)).collect();
    let own = stand.ir().own_periods().map(|(_, period)| period.name.clone());
    parts.extend(own.map(|period| clock.reset(&period)));
    parts.extend(clock.summer_time());
    parts
}

struct Clock<'a> {
    stand: &'a Stand<'a>,
    calendar: TradingCalendar,
}

impl Clock<'_> {
    /// The first opening at which the period's profit begins anew.
    fn reset(&self, period: &str) -> Part {
        let head = format!("plan {}, from {MONDAY}", self.stand.plan);
        let trade = format!("trade {}", self.stand.money(self.stand.coins(SPENT)));
        let value = format!("{period}.profit");
        let before = self.stand.value(&head, std::slice::from_ref(&trade), &value);
        let mut day = self.calendar.day_from(MONDAY);
        for _ in 0..LOOKED_AT {
            day = self.calendar.day_after(&day);
            let at = self.at(day.opens);
            let Some(mut shown) = self.stand.play(&head, &[trade.clone(), at.clone()]) else { continue };
            if let Some(end) = shown.end_of_phase() {
                let when = self.calendar.rule.zone.to_local(end.at);
                let why = format!("{} on {when}, before it turns; trade on the way", end.words());
                return Part::Remark(format!("{period}: {why}, and write its cases by hand"));
            }
            let after = self.stand.read(&mut shown, &value);
            if before.is_none() || after == before {
                continue;
            }
            let second = self.at(day.opens.plus(-NANOS_PER_SECOND));
            let mut lines = vec![trade.clone(), second.clone()];
            lines.extend(self.told(&head, &[trade.clone(), second.clone()], &["day.date", &value]));
            lines.push(at.clone());
            lines.extend(self.told(&head, &[trade, second, at], &["day.date", &value]));
            return Part::Scenario(Draft { title: format!("the {period} turns"), head, lines });
        }
        let why = if before.is_none() { "its profit cannot be read" } else { "no opening of the next weeks turns it: an event does" };
        Part::Remark(format!("{period}: {why}; write its cases by hand"))
    }

    /// An instant on the program's clock.
    fn at(&self, instant: Instant) -> String {
        format!("at {}", self.calendar.rule.zone.to_local(instant))
    }

    /// What values are after steps, as expectations.
    fn told(&self, head: &str, steps: &[String], values: &[&str]) -> Vec<String> {
        let told = values.iter().filter_map(|value| Some(format!("expect {value} is {}", self.stand.value(head, steps, value)?)));
        told.collect()
    }

    /// The openings before and after each change of the clock in the year, told in UTC.
    fn summer_time(&self) -> Vec<Part> {
        let Ok(utc) = Zone::parse("UTC") else { return Vec::new() };
        let zone = self.calendar.rule.zone;
        let first = MONDAY.plus(-60);
        let mut day = self.calendar.day_from(first);
        let mut parts = Vec::new();
        while day.date.days() < first.days() + 365 {
            let next = self.calendar.day_after(&day);
            let (before, after) = (zone.offset_at(day.opens), zone.offset_at(next.opens));
            if before != after {
                let name = if after > before { "summer time begins" } else { "summer time ends" };
                parts.push(self.change(utc, name, &day, &next));
            }
            day = next;
        }
        if parts.is_empty() {
            parts.push(Part::Remark(format!("the clock of {zone} knows no summer time")));
        }
        parts
    }

    fn change(&self, utc: Zone, name: &str, day: &TradingDay, next: &TradingDay) -> Part {
        let head = format!("plan {}, from {}", self.stand.plan, self.calendar.day_before(day).date);
        let (mut steps, mut lines) = (Vec::new(), Vec::new());
        for opens in [day.opens, next.opens] {
            for instant in [opens.plus(-NANOS_PER_SECOND), opens] {
                let step = format!("at {} \"UTC\"", utc.to_local(instant));
                steps.push(step.clone());
                lines.push(step);
                lines.extend(self.told(&head, &steps, &["day.date"]));
            }
        }
        Part::Scenario(Draft { title: name.into(), head, lines })
    }
}
