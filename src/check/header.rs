//! The header: currency, zone, trading day.

use crate::calendar::{DayRule, WeeklySession, Zone};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Header, Horizon};
use crate::source::{Span, Spanned};
use crate::syntax::ast;
use crate::value::{Currency, NANOS_PER_DAY, TimeOfDay, Weekday};

use super::{Checker, errors};

/// What a header is before anything is said.
pub(super) fn empty() -> Header {
    let day = DayRule { zone: Zone::UTC, opens: TimeOfDay::MIDNIGHT, stops: None, settles: None, every_day: false };
    Header {
        firm: String::new(),
        version: String::new(),
        effective: None,
        source: String::new(),
        as_of: None,
        currency: Currency::ACCOUNT,
        day,
        week: Weekday::Mon,
        calendar: None,
        marks: ast::Marks::default(),
        gaps: ast::Gaps::default(),
        corrections: None,
    }
}

impl Checker<'_> {
    /// Takes the header's pairs; what decides the meaning of rules must be said.
    pub(super) fn lower_header(&mut self, program: &ast::Program) {
        let mut said_currency = false;
        let mut said_zone = false;
        self.header_pairs_once(program);
        for pair in &program.header {
            match &pair.node {
                ast::Header::Firm(name) => self.header.firm.clone_from(&name.node),
                ast::Header::Version(name) => self.header.version.clone_from(&name.node),
                ast::Header::Effective(date) => self.header.effective = Some(date.node),
                ast::Header::Source(name) => self.header.source.clone_from(&name.node),
                ast::Header::AsOf(date) => self.header.as_of = Some(date.node),
                ast::Header::Currency(currency) => {
                    self.header.currency = currency.node;
                    said_currency = true;
                }
                ast::Header::CurrencyOfPlan => said_currency = true,
                ast::Header::Timezone(name, shift) => {
                    said_zone = true;
                    if let Some(zone) = self.zone(name, *shift) {
                        self.header.day.zone = zone;
                    }
                }
                ast::Header::Day { opens, stops, settles, every_day } => {
                    self.stamp_after_trading(opens.node, stops.as_ref(), settles.as_ref());
                    self.header.day.opens = opens.node;
                    self.header.day.stops = stops.as_ref().map(|time| time.node);
                    self.header.day.settles = settles.as_ref().map(|time| time.node);
                    self.header.day.every_day = *every_day;
                }
                ast::Header::Week(day) => self.header.week = day.node,
                ast::Header::Calendar(name) => self.header.calendar = Some(name.node.clone()),
                ast::Header::Marks(marks) => self.header.marks = marks.node,
                ast::Header::Trades(trades) => {
                    let help =
                        "leave it out: whether each entry is a position of its own is told as the account is opened (`position_mode`)";
                    self.report(super::expr::not_yet("`trades by`", trades.span).help(help));
                }
                ast::Header::Gaps(gaps) => self.header.gaps = gaps.node,
                ast::Header::Corrections(within) => self.header.corrections = self.horizon(within),
                ast::Header::Broken(word) => {
                    said_currency |= word == "currency";
                    said_zone |= word == "timezone";
                }
                ast::Header::QuantityUnit(unit) => self.report(super::expr::not_yet("`quantity_unit`", unit.span)),
            }
        }
        self.must_be_said(program, said_currency, "currency", "currency USD");
        self.must_be_said(program, said_zone, "timezone", "timezone \"America/New_York\"");
    }

    /// How far back corrections reach.
    fn horizon(&mut self, within: &ast::Expr) -> Option<Horizon> {
        match &within.kind {
            ast::ExprKind::Duration(nanos) if *nanos > 0 => Some(Horizon::Nanos(*nanos)),
            ast::ExprKind::Days(count, unit) if *count > 0 => Some(Horizon::Days(*count, *unit)),
            _ => {
                let message = "how far back corrections reach is a time of its own length";
                self.report(
                    Diagnostic::new(Code::TypeMismatch, within.span, message).help("write a time, as in `24h`, or days, as in `14 days`"),
                );
                None
            }
        }
    }

    /// Each pair of the header stands once: a second one would take the place of the first unseen.
    fn header_pairs_once(&mut self, program: &ast::Program) {
        let mut seen: Vec<(String, Span)> = Vec::new();
        for pair in program.header.iter().filter(|pair| !matches!(pair.node, ast::Header::Broken(_))) {
            let word = self.source.slice(pair.span).split_whitespace().next().unwrap_or_default().to_owned();
            match seen.iter().find(|(other, _)| *other == word).map(|(_, first)| *first) {
                Some(first) => self.report(errors::twice(&word, pair.span, first)),
                None => seen.push((word, pair.span)),
            }
        }
    }

    /// The stamp closes a day, so trading has stopped by then.
    fn stamp_after_trading(&mut self, opens: TimeOfDay, stops: Option<&Spanned<TimeOfDay>>, settles: Option<&Spanned<TimeOfDay>>) {
        let (Some(stops), Some(settles)) = (stops, settles) else { return };
        if after_opening(opens, settles.node) >= after_opening(opens, stops.node) {
            return;
        }
        let message = format!("the day is stamped at {} and trading stops after that, at {}", settles.node, stops.node);
        self.report(
            Diagnostic::new(Code::Contradiction, settles.span, message)
                .label("before trading stops")
                .other(stops.span, "trading stops")
                .help("let it settle when trading stops, or later; without `settles` it is stamped when trading stops"),
        );
    }

    fn must_be_said(&mut self, program: &ast::Program, said: bool, what: &str, example: &str) {
        if !said && !program.title.node.is_empty() {
            self.report(
                Diagnostic::new(Code::Unsaid, program.title.span, format!("the program does not say its {what}"))
                    .help(format!("add `{example}` to its first lines")),
            );
        }
    }

    /// A zone by its name, with a shift in nanoseconds.
    pub(super) fn zone(&mut self, name: &ast::Name, shift: i64) -> Option<Zone> {
        match Zone::parse(&name.node) {
            Ok(zone) => Some(zone.shifted(shift)),
            Err(error) => {
                let found = Diagnostic::new(Code::UnknownZone, name.span, format!("unknown time zone \"{}\"", name.node));
                self.report(match error.suggestion() {
                    Some(zone) => found.guess(name.span, format!("\"{zone}\""), error.to_string()),
                    None => found.help(error.to_string()),
                });
                None
            }
        }
    }

    /// A session's weekly windows.
    pub(super) fn lower_session(&mut self, session: &ast::Session, span: Span) -> Option<WeeklySession> {
        let mut weekly = WeeklySession::new(self.header.day.zone);
        for window in &session.windows {
            let (from, to) = match (&window.from_day, &window.to_day) {
                (Some(from), Some(to)) => (from.node, to.node),
                (Some(from), None) => (from.node, from.node),
                _ => (Weekday::Mon, Weekday::Sun),
            };
            if window.opens.node == window.closes.node {
                self.report(Diagnostic::new(
                    Code::Contradiction,
                    window.opens.span.to(window.closes.span),
                    "a window that opens and closes at the same time",
                ));
                return None;
            }
            weekly.add(from, to, window.opens.node, window.closes.node);
        }
        if session.windows.is_empty() {
            self.report(Diagnostic::new(Code::Unsaid, span, format!("the session `{}` has no window", session.name.node)));
            return None;
        }
        Some(weekly)
    }
}

/// How long after the opening a time of day comes; the opening itself is the next one.
fn after_opening(opens: TimeOfDay, time: TimeOfDay) -> i64 {
    let past = (time.nanos() - opens.nanos()).rem_euclid(NANOS_PER_DAY);
    if past == 0 { NANOS_PER_DAY } else { past }
}
