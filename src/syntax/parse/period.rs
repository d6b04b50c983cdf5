//! `period`: spans of the program's own.

use super::Parser;
use super::expression::broken;
use crate::syntax::ast::{ClockUnit, PeriodDecl, PeriodEnd, PeriodSpan};
use crate::syntax::grammar::{Pair, Rule, child, children, has};
use crate::syntax::skeleton::Statement;

impl Parser<'_> {
    /// `period NAME …`, on one line.
    pub(super) fn period_item(&mut self, statement: &Statement) -> Option<PeriodDecl> {
        self.no_block(statement);
        self.head(statement, Rule::period_item, |parser, pair| {
            let name = child(pair, Rule::w_cycle).map(|cycle| parser.name(&cycle));
            let name = name.unwrap_or_else(|| parser.name_in(pair, Rule::ident));
            Some(PeriodDecl { name, span: parser.period_span(pair)? })
        })
        .flatten()
    }

    fn period_span(&mut self, pair: &Pair<'_>) -> Option<PeriodSpan> {
        if let Some(clock) = child(pair, Rule::period_clock) {
            return self.period_clock(&clock);
        }
        if let Some(every) = child(pair, Rule::period_every) {
            return Some(PeriodSpan::Every { length: self.bound_in(&every), from: self.event_in(&every) });
        }
        let opens = child(pair, Rule::period_opens)?;
        let closes = match child(&opens, Rule::period_after) {
            Some(after) => self.period_after(&after),
            None => {
                let last = children(&opens, Rule::event).last().map(|event| self.event_of(&event));
                PeriodEnd::On(last?)
            }
        };
        Some(PeriodSpan::Opens {
            on: self.event_in(&opens),
            first: child(&opens, Rule::w_first).map(|first| self.span(&first)),
            since: child(&opens, Rule::since_event).map(|since| self.event_in(&since)),
            closes,
        })
    }

    fn period_after(&mut self, pair: &Pair<'_>) -> PeriodEnd {
        let length = if has(pair, Rule::bound) { self.bound_in(pair) } else { broken(self.span(pair)) };
        if has(pair, Rule::w_flat) { PeriodEnd::Flat(length) } else { PeriodEnd::After(length) }
    }

    fn period_clock(&mut self, pair: &Pair<'_>) -> Option<PeriodSpan> {
        let unit = match child(pair, Rule::weekday) {
            Some(day) => ClockUnit::Week(self.weekday(&day)?.node),
            None if has(pair, Rule::w_month) => ClockUnit::Month(self.count_in(pair)),
            None => ClockUnit::Day,
        };
        let at = self.time(&child(pair, Rule::time)?)?;
        let zone = child(pair, Rule::zone).map(|zone| (self.text_in(&zone), self.shift(&zone)));
        Some(PeriodSpan::Clock { unit, at, zone })
    }
}
