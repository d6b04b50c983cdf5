//! Limits.

use super::Parser;
use super::expression::broken;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Bound, Invariant, Limit, LimitClause, Name};
use crate::syntax::errors;
use crate::syntax::grammar::{Pair, Rule, child, children, has};
use crate::syntax::skeleton::Statement;

const CLAUSES: &[&str] = &["never", "refuse", "reduce", "allowance", "cure", "counts", "on", "at"];

impl Parser<'_> {
    pub(super) fn limit(&mut self, statement: &Statement) -> Option<Limit> {
        let limit = self.head(statement, Rule::limit_head, Self::limit_head);
        let known = limit.is_some();
        let mut limit = limit.unwrap_or_else(nameless);
        let outer = std::mem::replace(&mut self.block, "limit");
        for clause in self.block(statement) {
            self.limit_statement(clause, &mut limit);
        }
        self.block = outer;
        known.then_some(limit)
    }

    fn limit_head(&mut self, pair: &Pair<'_>) -> Limit {
        Limit {
            title: self.text_in(pair),
            cites: child(pair, Rule::cites_clause).map(|cites| self.text_in(&cites)),
            at: child(pair, Rule::at_clock).map(|at| self.clock_in(&at)),
            for_each: child(pair, Rule::for_each).map(|each| self.name_in(&each, Rule::name)),
            once_per: child(pair, Rule::once_per).map(|per| self.name_in(&per, Rule::name)),
            counted_per: child(pair, Rule::counted_per).map(|per| self.name_in(&per, Rule::name)),
            when: self.clause(pair, Rule::when_clause),
            ..nameless()
        }
    }

    fn limit_statement(&mut self, statement: &Statement, limit: &mut Limit) {
        let span = Span::new(statement.head.clone());
        let rule = match self.word(statement) {
            "never" => return self.invariant(statement, Rule::limit_never, limit),
            "on" => return self.on_breach(statement, limit),
            "at" => return self.at_used(statement, limit),
            "refuse" => Rule::limit_refuse,
            "reduce" => Rule::limit_reduce,
            "allowance" => Rule::limit_allowance,
            "cure" => Rule::limit_cure,
            "counts" => Rule::limit_counts,
            word => {
                if limit.invariant.is_some() || errors::nearest(word, CLAUSES).is_some() && !self.head_text(statement).contains(" stays ") {
                    self.unknown(statement, CLAUSES);
                    limit.clauses.push(Spanned::new(LimitClause::Broken, span));
                } else {
                    self.invariant(statement, Rule::limit_stays, limit);
                }
                return;
            }
        };
        self.no_block(statement);
        let clause = self.head(statement, rule, |parser, pair| parser.limit_clause(rule, pair));
        let clause = clause.unwrap_or(LimitClause::Broken);
        let same = |other: &&Spanned<LimitClause>| std::mem::discriminant(&other.node) == std::mem::discriminant(&clause);
        let first = limit.clauses.iter().find(same).filter(|_| clause != LimitClause::Broken).map(|first| first.span);
        self.once(first, statement);
        limit.clauses.push(Spanned::new(clause, span));
    }

    fn limit_clause(&mut self, rule: Rule, pair: &Pair<'_>) -> LimitClause {
        let with_working_orders = has(pair, Rule::with_working);
        match rule {
            Rule::limit_refuse => LimitClause::Refuse { with_working_orders },
            Rule::limit_reduce => LimitClause::Reduce { with_working_orders },
            Rule::limit_allowance => LimitClause::Allowance(self.expr_in(pair)),
            Rule::limit_counts => LimitClause::CountsToward(self.text_in(pair)),
            _ => LimitClause::Cure {
                within: self.bound_in(pair),
                once_per: child(pair, Rule::once_per).map(|per| self.name_in(&per, Rule::name)),
            },
        }
    }

    fn invariant(&mut self, statement: &Statement, rule: Rule, limit: &mut Limit) {
        self.no_block(statement);
        self.once(limit.invariant.as_ref().map(|first| first.span), statement);
        let span = Span::new(statement.head.clone());
        let built = self.head(statement, rule, |parser, pair| {
            let sides: Vec<_> = children(pair, Rule::expr).map(|side| parser.expr(&side)).collect();
            let lasting = child(pair, Rule::lasting).map(|lasting| parser.bound_in(&lasting));
            let from = child(pair, Rule::from_after).map(|from| (parser.bound_in(&from), parser.expr_in(&from)));
            (sides, child(pair, Rule::stays_bound).map(|bound| stays(&bound)), lasting, from)
        });
        let Some((sides, bound, lasting, from)) = built else {
            limit.clauses.push(Spanned::new(LimitClause::Broken, span));
            return;
        };
        let mut sides = sides.into_iter();
        let left = sides.next().unwrap_or_else(|| broken(span));
        let invariant = match (bound, sides.next()) {
            (Some(bound), Some(right)) => Invariant::Stays { left, bound, right },
            _ => Invariant::Never(left),
        };
        (limit.invariant, limit.lasting, limit.from) = (Some(Spanned::new(invariant, span)), lasting, from);
    }

    fn on_breach(&mut self, statement: &Statement, limit: &mut Limit) {
        let head = self.head(statement, Rule::limit_on, |parser, pair| {
            let nth = child(pair, Rule::ordinal).and_then(|nth| parser.whole(&nth));
            (nth, has(pair, Rule::w_later), parser.clause(pair, Rule::when_clause))
        });
        let actions = self.actions(statement);
        let clause = match head {
            Some((nth, and_later, when)) => LimitClause::OnBreach { nth, and_later, when, actions },
            None => LimitClause::Broken,
        };
        limit.clauses.push(Spanned::new(clause, statement.span()));
    }

    fn at_used(&mut self, statement: &Statement, limit: &mut Limit) {
        let percent = self.head(statement, Rule::limit_at, |parser, pair| child(pair, Rule::number).and_then(|n| parser.decimal(&n)));
        let actions = self.actions(statement);
        let clause = percent.flatten().map_or(LimitClause::Broken, |percent| LimitClause::AtUsed { percent, actions });
        limit.clauses.push(Spanned::new(clause, statement.span()));
    }
}

fn nameless() -> Limit {
    Limit {
        title: Name::default(),
        cites: None,
        at: None,
        for_each: None,
        once_per: None,
        counted_per: None,
        when: None,
        invariant: None,
        lasting: None,
        from: None,
        clauses: vec![],
    }
}

fn stays(pair: &Pair<'_>) -> Bound {
    match (has(pair, Rule::w_at), has(pair, Rule::w_above)) {
        (false, true) => Bound::Above,
        (true, true) => Bound::AtOrAbove,
        (false, false) => Bound::Below,
        (true, false) => Bound::AtOrBelow,
    }
}
