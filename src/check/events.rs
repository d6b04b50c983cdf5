//! The words behind `on`, `at`, `since`, `every`: which event they name.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Event, Period, Schedule};
use crate::syntax::ast;
use crate::value::{NANOS_PER_DAY, Weekday};
use crate::vocabulary::{OCCASIONS, Occasion};

use super::context::Context;
use super::expr::not_yet;
use super::names::Entity;
use super::{Checker, errors};

/// As many schedules as fit the set of those that are due.
const MAX_SCHEDULES: usize = 64;

/// Clocks of everyday speech, and how they are written.
const CLOCKS: &[(&str, &str)] = &[
    ("daily", "day at close"),
    ("night", "day at close"),
    ("midnight", "00:00"),
    ("noon", "12:00"),
    ("weekend", "fri at 16:00"),
    ("friday", "fri at 16:00"),
    ("monday", "mon at 09:30"),
    ("end of week", "week end"),
    ("eod", "day end"),
];

impl Checker<'_> {
    /// The event behind `on` or `since`.
    pub(super) fn event(&mut self, context: &Context, event: &ast::EventRef) -> Option<Event> {
        let words = joined(&event.words);
        if let Some(title) = &event.title {
            return self.breach_of(context, title);
        }
        self.event_words(context, &words, event.span)
    }

    fn breach_of(&mut self, context: &Context, title: &ast::Name) -> Option<Event> {
        let node = self.names.find_title(context.phase, &self.title_text(&title.node), false).map(|titled| titled.node);
        if node.is_none() {
            let known: Vec<String> = self.names.titles(false).map(str::to_owned).collect();
            self.report(errors::unknown_title("limit", &title.node, title.span, known.iter().map(String::as_str)));
        }
        node.map(Event::Breach)
    }

    fn event_words(&mut self, context: &Context, words: &str, span: crate::source::Span) -> Option<Event> {
        if let Some(event) = self.own_period_edge(words) {
            return Some(event);
        }
        if let Some(occasion) = Occasion::find(words) {
            return Some(Event::Occasion(occasion));
        }
        match self.find(context.phase, words).map(|declaration| declaration.entity) {
            Some(Entity::Event(event)) => return Some(Event::Host(event)),
            Some(Entity::Input(input)) => return Some(Event::Input(input)),
            Some(Entity::Broken) => return None,
            _ => {}
        }
        let of_broken = words.split_once(' ').and_then(|(name, _)| self.find(context.phase, name));
        if of_broken.is_some_and(|found| found.entity == Entity::Broken) {
            return None;
        }
        if let Some(name) = words.strip_suffix(" end")
            && let Some(group) = self.group_named(context.phase, name)
        {
            return Some(Event::GroupEnd(group));
        }
        let plain = words.strip_prefix("last ").or_else(|| words.strip_prefix("the ")).filter(|plain| Occasion::find(plain).is_some());
        if let Some(right) = plain {
            let found = Diagnostic::new(Code::UnknownEvent, span, format!("programs do not say `{words}` of an event"));
            self.report(found.fix(span, right, format!("write `{right}`: it is counted from the last one")));
            return None;
        }
        if let Some((wrong, right)) = CLOCKS.iter().find(|(wrong, _)| words.eq_ignore_ascii_case(wrong)) {
            let found = Diagnostic::new(Code::UnknownEvent, span, format!("programs do not say `{wrong}`"));
            let otherwise = "a time of day is `every day at 15:10` or `every fri at 16:00`; events are such as `trade` and `day end`";
            self.report(found.guess(span, *right, format!("write `{right}`")).otherwise(otherwise));
            return None;
        }
        if words == "payout" {
            let found =
                Diagnostic::new(Code::UnknownEvent, span, "`payout` does not say what of it: it is requested, approved, paid or denied");
            self.report(found.help("write `payout request`, `payout approval`, `payout payment` or `payout denial`"));
            return None;
        }
        if let Some((clock, zone)) = words.split_once(' ').filter(|(clock, _)| ["midnight", "noon"].contains(clock)) {
            let right = if clock == "noon" { "12:00" } else { "00:00" };
            let found = Diagnostic::new(Code::UnknownEvent, span, format!("a time of day is written `{right}`"));
            let help = format!(
                "write `{right}`, which is in the zone of the header; where `{zone}` is meant, the header says so, as in `timezone \"Europe/Prague\"`"
            );
            self.report(found.help(help));
            return None;
        }
        let mut known: Vec<String> = OCCASIONS.iter().map(|row| row.words.to_owned()).collect();
        known.extend(self.events.iter().map(|event| event.name.clone()));
        let own = self.periods.iter().skip(Period::PREDECLARED.len());
        known.extend(own.flat_map(|row| [format!("{} start", row.name), format!("{} end", row.name)]));
        self.report(errors::unknown_event(words, span, known.iter().map(String::as_str)));
        None
    }

    /// The start or end of a period of the program's own: `NAME start`, `NAME end`.
    fn own_period_edge(&self, words: &str) -> Option<Event> {
        let (name, edge) = words.rsplit_once(' ')?;
        let period = self.period_named(name).filter(|period| period.is_own())?;
        match edge {
            "start" => Some(Event::Start(period)),
            "end" => Some(Event::End(period)),
            _ => None,
        }
    }

    /// The event behind `at` or `every`: a clock, or any event.
    pub(super) fn clock(&mut self, context: &Context, clock: &ast::Clock) -> Option<Event> {
        let words = joined(&clock.words);
        let schedule = match (words.as_str(), &clock.before, &clock.time, &clock.of) {
            ("close" | "day close" | "day at close", None, None, None) => Schedule::DayClose,
            ("close" | "day close", Some(before), None, None) => Schedule::BeforeClose(self.before_close(before)?),
            ("market close", _, _, Some(_)) => {
                self.report(
                    not_yet("the close of a symbol's own market", clock.span)
                        .help("write its hours as a session, such as `session grains mon to fri 08:30 to 13:20`, and `grains close`, which follows the calendar"),
                );
                return None;
            }
            (name, before, None, None) if self.session_closing(context, name).is_some() => {
                let session = self.session_closing(context, name)?;
                Schedule::SessionClose(session, before.as_ref().map_or(Some(0), |before| self.before_close(before))?)
            }
            ("day" | "", None, Some(time), None) => Schedule::DayAt(time.node.nanos()),
            (word, None, Some(time), None) => match Weekday::ALL.into_iter().find(|day| day.name() == word) {
                Some(day) => Schedule::WeekdayAt(day, time.node.nanos()),
                None => {
                    if let Some(day) =
                        Weekday::ALL.into_iter().find(|day| word.to_lowercase().starts_with(day.name()) && word.ends_with("day"))
                    {
                        let here =
                            crate::source::Span { start: clock.span.start, end: clock.span.start + u32::try_from(word.len()).unwrap_or(0) };
                        let found = Diagnostic::new(Code::UnknownEvent, here, format!("a weekday is written `{day}`"));
                        self.report(found.fix(here, day.name(), format!("write `{day}`")));
                        return None;
                    }
                    self.report(errors::unknown_event(
                        word,
                        clock.span,
                        ["day", "mon", "tue", "wed", "thu", "fri", "sat", "sun"].into_iter(),
                    ));
                    return None;
                }
            },
            ("day", None, None, None) => return Some(Event::Occasion(Occasion::DayStart)),
            ("week", None, None, None) => return Some(Event::Occasion(Occasion::WeekStart)),
            ("month", None, None, None) => return Some(Event::Occasion(Occasion::MonthStart)),
            (name, None, None, None) => {
                // `every NAME { }` happens where a period of the program's own starts.
                let own = self.period_named(name).filter(|period| period.is_own());
                return own.map(Event::Start).or_else(|| self.event_words(context, &words, clock.span));
            }
            _ => {
                self.report(Diagnostic::new(Code::UnknownEvent, clock.span, "this is no clock").help("clocks are events such as `mark`, `fill`, `day end`, and times such as `close`, `5min before close`, `day at 15:10`, `fri at 16:00`"));
                return None;
            }
        };
        self.schedule(schedule, clock.span)
    }

    /// The session of `NAME close`.
    fn session_closing(&self, context: &Context, words: &str) -> Option<u16> {
        words.strip_suffix(" close").and_then(|name| self.session_named(context, name))
    }

    /// The length of `5min before close`, in nanoseconds.
    fn before_close(&mut self, before: &ast::Expr) -> Option<i64> {
        match before.kind {
            ast::ExprKind::Duration(nanos) if nanos > 0 && nanos < NANOS_PER_DAY => Some(nanos),
            _ => {
                self.report(Diagnostic::new(Code::Syntax, before.span, "how long before the close").help("such as `5min before close`"));
                None
            }
        }
    }

    /// The number of a schedule.
    pub(super) fn schedule(&mut self, schedule: Schedule, span: crate::source::Span) -> Option<Event> {
        let known = self.schedules.iter().position(|known| *known == schedule);
        let at = known.unwrap_or_else(|| {
            self.schedules.push(schedule);
            self.schedules.len() - 1
        });
        if at >= MAX_SCHEDULES {
            self.report(Diagnostic::new(Code::Limit, span, format!("a program waits for at most {MAX_SCHEDULES} different times")));
            return None;
        }
        u16::try_from(at).ok().map(Event::Schedule)
    }
}

fn joined(words: &[ast::Name]) -> String {
    words.iter().map(|word| word.node.as_str()).collect::<Vec<_>>().join(" ")
}
