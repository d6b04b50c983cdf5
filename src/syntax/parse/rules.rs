//! Rules outside limits: `when`, `on`, `every`, `after`.

use super::Parser;
use crate::source::Spanned;
use crate::syntax::ast::{BinaryOp, Clock, Expr, ExprKind, Name, Rule as RuleNode, Trigger};
use crate::syntax::grammar::{Pair, Rule, child, has};
use crate::syntax::skeleton::Statement;

impl Parser<'_> {
    pub(super) fn rule(&mut self, statement: &Statement) -> Option<RuleNode> {
        let trigger = match self.word(statement) {
            "when" => self.head(statement, Rule::rule_when, |parser, pair| Trigger::When(parser.expr_in(pair))),
            "on" => self.head(statement, Rule::rule_on, |parser, pair| Trigger::On {
                event: parser.event_in(pair),
                filter: parser.clause(pair, Rule::where_clause),
            }),
            "every" => self.head(statement, Rule::rule_every, Self::every),
            _ => self.head(statement, Rule::rule_after, |parser, pair| Trigger::After {
                delay: parser.bound_in(pair),
                since: parser.event_in(pair),
                during: parser.clause(pair, Rule::while_clause),
            }),
        };
        let actions = self.actions(statement);
        Some(RuleNode { trigger: trigger?, actions })
    }

    fn every(&mut self, pair: &Pair<'_>) -> Trigger {
        let when = self.clause(pair, Rule::when_clause);
        if let Some(day) = child(pair, Rule::every_day) {
            return Trigger::Every { clock: self.every_day(&day), interval: None, when };
        }
        if let Some(weekly) = child(pair, Rule::every_weekday) {
            return self.every_weekday(&weekly, when);
        }
        let Some(bound) = child(pair, Rule::every_bound) else {
            return Trigger::Every { clock: self.clock_words(pair), interval: None, when };
        };
        let length = self.before(&bound);
        let span = self.span(&bound);
        if !has(&bound, Rule::clock_words) {
            let clock = Clock { words: vec![], before: None, time: None, of: None, span };
            return Trigger::Every { clock, interval: Some(length), when };
        }
        let clock = Clock { before: Some(Box::new(length)), span, ..self.clock_words(&bound) };
        Trigger::Every { clock, interval: None, when }
    }

    /// `every fri at close` is `every day at close when day.weekday is fri`.
    fn every_weekday(&mut self, pair: &Pair<'_>, when: Option<Expr>) -> Trigger {
        let clock = self.clock_in(pair);
        let Some(weekday) = child(pair, Rule::weekday) else { return Trigger::Every { clock, interval: None, when } };
        let span = self.span(&weekday);
        let day = self.weekday(&weekday).map_or(ExprKind::Broken, |day| ExprKind::Weekday(day.node));
        let expr = |kind| Expr { kind, span };
        let field = ExprKind::Member(Box::new(expr(ExprKind::Name("day".into()))), Name::new("weekday".into(), span));
        let is = Spanned::new(BinaryOp::Is, span);
        let mut holds = expr(ExprKind::Binary(Box::new(expr(field)), is, Box::new(expr(day))));
        if let Some(when) = when {
            holds = expr(ExprKind::Binary(Box::new(holds), Spanned::new(BinaryOp::And, span), Box::new(when)));
        }
        Trigger::Every { clock, interval: None, when: Some(holds) }
    }

    /// `every day at close` is the clock `close`; `every day at 15:10` is the clock `day at 15:10`.
    fn every_day(&mut self, pair: &Pair<'_>) -> Clock {
        if has(pair, Rule::clock) {
            return self.clock_in(pair);
        }
        let words = child(pair, Rule::w_day).map(|day| self.name(&day)).into_iter().collect();
        let time = child(pair, Rule::time).and_then(|time| self.time(&time));
        Clock { words, before: None, time, of: None, span: self.span(pair) }
    }
}
