//! Rules outside limits: `when`, `on`, `every`, `after`.

use super::Parser;
use crate::syntax::ast::{Clock, Rule as RuleNode, Trigger};
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
