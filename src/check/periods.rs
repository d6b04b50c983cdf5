//! The program's own periods: when they begin and end.

use crate::calendar::{DayRule, TradingCalendar};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{ClockPeriod, ClockSpan, Closing, Event, ExprId, ExprKind, MAX_OWN_PERIODS, OpenedPeriod, Period, PeriodKind, PeriodRow};
use crate::source::Span;
use crate::syntax::ast::{self, ClockUnit, PeriodEnd, PeriodSpan};
use crate::value::{NANOS_PER_DAY, Type, Weekday};
use crate::vocabulary::{Moment, Moments, Occasion};

use super::context::Context;
use super::names::{Declaration, Entity};
use super::{Checker, errors};

impl Checker<'_> {
    /// The period of that word: the program's own first, which may be its own `cycle`.
    pub(super) fn period_named(&self, word: &str) -> Option<Period> {
        match self.names.find(None, word).map(|declaration| declaration.entity) {
            Some(Entity::Period(period)) => Some(period),
            Some(_) => None,
            None => Period::PREDECLARED.into_iter().find(|(_, name)| *name == word).map(|(period, _)| period),
        }
    }

    /// The words of the periods that a reader may name.
    pub(super) fn period_words(&self) -> Vec<String> {
        // A `cycle` of the program's own hides the one that every program has.
        let named = self.periods.iter().enumerate().filter(|(at, row)| self.period_named(&row.name).map(Period::index) == Some(*at));
        named.map(|(_, row)| row.name.clone()).collect()
    }

    /// The name of a period.
    pub(super) fn period_word(&self, period: Period) -> &str {
        &self.periods[period.index()].name
    }

    /// Declares a period; when it turns is looked into once everything has its name.
    pub(super) fn declare_period(&mut self, declared: &ast::PeriodDecl, head: Span) {
        let name = &declared.name;
        if self.periods.len() - Period::PREDECLARED.len() >= usize::from(MAX_OWN_PERIODS) {
            self.report(Diagnostic::new(Code::Limit, head, format!("a program has at most {MAX_OWN_PERIODS} periods of its own")));
            self.names.declare(None, &name.node, Declaration { entity: Entity::Broken, span: name.span });
            return;
        }
        let Ok(number) = u8::try_from(self.periods.len()) else { return };
        self.declare_name(None, name, Entity::Period(Period(number)));
        let (starts, ends) = (Moments::NONE, Moments::NONE);
        self.periods.push(PeriodRow { name: name.node.clone(), kind: PeriodKind::Predeclared, starts, ends, span: head });
    }

    /// Decides when the declared periods turn, in file order.
    pub(super) fn lower_periods<'p>(&mut self, declared: impl Iterator<Item = &'p ast::PeriodDecl>) {
        for (at, declared) in (Period::PREDECLARED.len()..self.periods.len()).zip(declared) {
            let Ok(number) = u8::try_from(at) else { return };
            let period = Period(number);
            let kind = match &declared.span {
                PeriodSpan::Clock { unit, at, zone } => self.clock_period(unit, at, zone.as_ref()),
                PeriodSpan::Every { length, from } => self.repeating(period, length, from),
                PeriodSpan::Opens { on, first, since, closes } => self.opened(period, on, first.is_some(), since.as_ref(), closes),
            };
            let Some(kind) = kind else { continue };
            let (starts, ends) = self.turning(&kind);
            let row = &mut self.periods[at];
            (row.kind, row.starts, row.ends) = (kind, starts, ends);
        }
    }

    fn clock_period(
        &mut self,
        unit: &ClockUnit,
        at: &crate::source::Spanned<crate::value::TimeOfDay>,
        zone: Option<&(ast::Name, i64)>,
    ) -> Option<PeriodKind> {
        let zone = match zone {
            Some((name, shift)) => self.zone(name, *shift)?,
            None => self.header.day.zone,
        };
        let rule = DayRule { zone, opens: at.node, stops: None, settles: None, every_day: true };
        // A day that opens on an evening has the next date.
        let evening = at.node.nanos() % NANOS_PER_DAY != 0;
        let (span, week_starts) = match unit {
            ClockUnit::Day => (ClockSpan::Day, Weekday::Mon),
            ClockUnit::Week(opens) => {
                let mut days = Weekday::ALL.into_iter().cycle().skip_while(|day| day != opens);
                (ClockSpan::Week, days.nth(usize::from(evening)).unwrap_or(*opens))
            }
            ClockUnit::Month(None) => (ClockSpan::Month(1), Weekday::Mon),
            ClockUnit::Month(Some(day)) => match u8::try_from(day.node).ok().filter(|day| (1..=28).contains(day)) {
                Some(first) => (ClockSpan::Month(first + u8::from(evening)), Weekday::Mon),
                None => {
                    let message = "a monthly period opens on one of the days 1 to 28";
                    self.report(
                        Diagnostic::new(Code::Limit, day.span, message).help("write `day 28` or a day before it: every month has these"),
                    );
                    return None;
                }
            },
        };
        Some(PeriodKind::Clock(ClockPeriod { days: TradingCalendar { rule, holidays: None, week_starts }, span }))
    }

    fn repeating(&mut self, period: Period, length: &ast::Expr, from: &ast::EventRef) -> Option<PeriodKind> {
        let opens = self.turn_event(period, from)?;
        let closes = Closing::After(self.length(period, length)?);
        Some(PeriodKind::Opened(OpenedPeriod { opens, since: None, closes, repeats: true }))
    }

    fn opened(
        &mut self,
        period: Period,
        on: &ast::EventRef,
        first: bool,
        since: Option<&ast::EventRef>,
        closes: &PeriodEnd,
    ) -> Option<PeriodKind> {
        let opens = self.turn_event(period, on);
        let since = match since {
            Some(since) => Some(self.turn_event(period, since)?),
            // The first one is that of the phase.
            None => first.then_some(Event::Occasion(Occasion::PhaseStart)),
        };
        let closes = match closes {
            PeriodEnd::On(event) => Closing::On(self.turn_event(period, event)?),
            PeriodEnd::After(length) => Closing::After(self.length(period, length)?),
            PeriodEnd::Flat(length) => Closing::Flat(self.flat_time(length)?),
        };
        Some(PeriodKind::Opened(OpenedPeriod { opens: opens?, since, closes, repeats: false }))
    }

    /// What opens or ends a period: something that is known before rules look at it.
    fn turn_event(&mut self, period: Period, event: &ast::EventRef) -> Option<Event> {
        let found = self.turning_clock(event)?;
        let name = self.period_word(period).to_owned();
        let refusal = match found {
            Event::Breach(_) => Some((
                "cannot open or close on a breach",
                "limits are looked at inside periods: take the event itself, such as `trade` or `exit`",
            )),
            Event::GroupEnd(_) => {
                Some(("cannot open or close with a group", "take the event of the account that ends it, such as `trade`"))
            }
            Event::Occasion(Occasion::Mark) => {
                Some(("cannot open or close on every mark", "take an event of the account, such as `entry`, or a time"))
            }
            Event::Start(other) | Event::End(other) if other == period => {
                Some(("cannot open or close on itself", "for one after the other write `every 14 days from phase start`"))
            }
            Event::Start(other) | Event::End(other) if other > period => {
                Some(("opens or closes with a period that is declared below it", "move the other one above it"))
            }
            _ => None,
        };
        let Some((message, help)) = refusal else { return Some(found) };
        self.report(Diagnostic::new(Code::Contradiction, event.span, format!("`{name}` {message}")).help(help));
        None
    }

    /// An event, or the word of a clock: `close`.
    fn turning_clock(&mut self, event: &ast::EventRef) -> Option<Event> {
        if event.title.is_some() {
            return self.event(&Context::default(), event);
        }
        let clock = ast::Clock { words: event.words.clone(), before: None, time: None, of: None, span: event.span };
        self.clock(&Context::default(), &clock)
    }

    /// What decides a length where a period opens: it may read what is known before the rules look.
    fn length(&mut self, period: Period, length: &ast::Expr) -> Option<ExprId> {
        let context = Context { length_of: Some(period), ..Context::default() };
        let id = self.expr(&context, length);
        match self.ty(id).clone() {
            Type::Error => return None,
            Type::Duration | Type::Days => {}
            other => {
                self.report(errors::wrong_type("a length such as `14 days`, `4 months` or `24h`", &other, length.span));
                return None;
            }
        }
        self.must_be_known(id, length);
        if self.reads_rules(id) {
            let message = "the length of a period is decided where it opens, before rules are looked at";
            self.report(
                Diagnostic::new(Code::Contradiction, length.span, message)
                    .help("it may read its `number`, the plan, options, inputs and values of periods"),
            );
            return None;
        }
        Some(id)
    }

    fn reads_rules(&self, id: ExprId) -> bool {
        let kind = &self.exprs[id.0 as usize].kind;
        matches!(kind, ExprKind::Node(_) | ExprKind::Limit(..) | ExprKind::Goal(..))
            || kind.operands().into_iter().any(|operand| self.reads_rules(operand))
    }

    fn flat_time(&mut self, length: &ast::Expr) -> Option<i64> {
        let written = if let ast::ExprKind::Duration(nanos) = self.written(length).kind { nanos } else { 0 };
        if written <= 0 {
            let message = "how long the account is flat is written in hours or less, not in days";
            self.report(
                Diagnostic::new(Code::Contradiction, length.span, message)
                    .help("such as `closes after 60min flat`, or `closes after 48h flat`"),
            );
            return None;
        }
        Some(written)
    }

    /// The moments in which a period starts and ends.
    fn turning(&self, kind: &PeriodKind) -> (Moments, Moments) {
        let (starting, ending) = (Moments::of(&[Moment::PeriodStart]), Moments::of(&[Moment::PeriodEnd]));
        let PeriodKind::Opened(rule) = kind else { return (starting, ending) };
        let own = |event: Event, due: Moments| {
            let moments = event_moments(event, &self.periods).iter();
            moments.fold(Moments::NONE, |all, moment| match moment {
                Moment::PeriodEnd | Moment::Timer | Moment::PeriodStart => all.with(due),
                other => all.with(Moments::of(&[other])),
            })
        };
        let starts = own(rule.opens, starting);
        let ends = match rule.closes {
            Closing::On(event) => own(event, ending),
            Closing::After(_) | Closing::Flat(_) => ending,
        };
        // What ends and starts with one event starts when the rules have looked: all is judged then.
        let later = if starts == starting { Moments::NONE } else { Moments::of(&[Moment::Judge]) };
        (if rule.repeats { starts.with(starting) } else { starts }.with(later), ends)
    }

    /// Why the next start of a period is not known.
    pub(super) fn unforeseen(&mut self, period: Period, name: &ast::Name) -> Diagnostic {
        let foreseen = self.periods.iter().enumerate().filter_map(|(at, row)| Some((Period(u8::try_from(at).ok()?), row)));
        let words: Vec<String> =
            foreseen.filter(|(period, row)| row.is_foreseen(*period)).map(|(_, row)| format!("`{}`", row.name)).collect();
        let message = format!("when the next {} starts is not known ahead", self.period_word(period));
        Diagnostic::new(Code::Contradiction, name.span, message)
            .help(format!("write `lock until next day`, or with another of {}; or `lock until staff`", words.join(", ")))
    }
}

/// The moments in which an event other than a breach happens.
pub(super) fn event_moments(event: Event, periods: &[PeriodRow]) -> Moments {
    let row = |period: Period| periods.get(period.index());
    match event {
        Event::Occasion(occasion) => occasion.row().moments,
        Event::Host(_) => Moments::of(&[Moment::Host]),
        Event::Input(_) => Moments::of(&[Moment::Input]),
        Event::Schedule(_) => Moments::of(&[Moment::Timer]),
        Event::Start(period) => row(period).map_or(Moments::NONE, |row| row.starts),
        Event::End(period) => row(period).map_or(Moments::NONE, |row| row.ends),
        Event::GroupEnd(_) => Moments::of(&[Moment::Fill, Moment::Protect, Moment::PeriodEnd]),
        Event::Breach(_) => Moments::ALL,
    }
}
