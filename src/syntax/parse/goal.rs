//! Goals and requirements.

use super::Parser;
use crate::source::Span;
use crate::syntax::ast::{Goal, Name, Requirement};
use crate::syntax::grammar::{Pair, Rule, child, has};
use crate::syntax::skeleton::Statement;

const CLAUSES: &[&str] = &["require", "on"];

impl Parser<'_> {
    pub(super) fn goal(&mut self, statement: &Statement) -> Option<Goal> {
        let goal = self.head(statement, Rule::goal_head, Self::goal_head);
        let known = goal.is_some();
        let mut goal = goal.unwrap_or_else(nameless);
        let outer = std::mem::replace(&mut self.block, "goal");
        for clause in self.block(statement) {
            match self.word(clause) {
                "require" => {
                    let requirement = self.requirement(clause);
                    goal.broken |= requirement.is_none();
                    goal.requirements.extend(requirement);
                }
                "on" => self.goal_on(clause, &mut goal),
                _ => {
                    self.unknown(clause, CLAUSES);
                    goal.broken = true;
                }
            }
        }
        self.block = outer;
        known.then_some(goal)
    }

    fn goal_head(&mut self, pair: &Pair<'_>) -> Goal {
        Goal {
            title: self.text_in(pair),
            cites: child(pair, Rule::cites_clause).map(|cites| self.text_in(&cites)),
            at: child(pair, Rule::at_clock).map(|at| self.clock_in(&at)),
            when: self.clause(pair, Rule::when_clause),
            revocable: has(pair, Rule::w_revocable),
            ..nameless()
        }
    }

    fn goal_on(&mut self, statement: &Statement, goal: &mut Goal) {
        let reached = self.head(statement, Rule::goal_on, |_, pair| has(pair, Rule::w_reached));
        let actions = self.actions(statement);
        let list = match reached {
            Some(true) => &mut goal.on_reached,
            Some(false) => &mut goal.on_lost,
            None => return,
        };
        let first = list.first().map(|action| action.span);
        list.extend(actions);
        self.once(first, statement);
    }

    /// `require "title" C [when C]`
    pub(super) fn requirement(&mut self, statement: &Statement) -> Option<Requirement> {
        self.no_block(statement);
        let span = Span::new(statement.head.clone());
        self.head(statement, Rule::require, |parser, pair| Requirement {
            title: parser.text_in(pair),
            condition: parser.expr_in(pair),
            when: parser.clause(pair, Rule::when_clause),
            span,
        })
    }
}

fn nameless() -> Goal {
    Goal {
        title: Name::default(),
        cites: None,
        at: None,
        when: None,
        revocable: false,
        requirements: vec![],
        on_reached: vec![],
        on_lost: vec![],
        broken: false,
    }
}
