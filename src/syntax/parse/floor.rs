//! Floors.

use super::Parser;
use crate::source::Span;
use crate::syntax::ast::{AfterJump, Distance, Effect, Expr, ExprKind, Floor, FloorClause, FloorClauseKind, Jump, JumpTo};
use crate::syntax::grammar::{Pair, Rule, child, has};
use crate::syntax::skeleton::Statement;

const CLAUSES: &[&str] = &["starts", "trails", "capped", "freezes", "jumps", "takes"];

impl Parser<'_> {
    pub(super) fn floor(&mut self, statement: &Statement) -> Option<Floor> {
        let name = self.head(statement, Rule::floor_head, |parser, pair| parser.name_in(pair, Rule::ident));
        let outer = std::mem::replace(&mut self.block, "floor");
        let mut clauses = Vec::new();
        let mut starts = None;
        for statement in self.block(statement) {
            let read = self.floor_clause(statement);
            if read.iter().any(|clause| matches!(clause.kind, FloorClauseKind::Starts(_)) && clause.when.is_none()) {
                self.once(starts, statement);
                starts = starts.or(Some(Span::new(statement.head.clone())));
            }
            clauses.extend(read);
        }
        self.block = outer;
        Some(Floor { name: name?, clauses })
    }

    /// A clause, and when the floor takes effect where that stands behind it.
    fn floor_clause(&mut self, statement: &Statement) -> Vec<FloorClause> {
        let rule = match self.word(statement) {
            "starts" => Rule::floor_starts,
            "trails" => Rule::floor_trails,
            "capped" => Rule::floor_capped,
            "freezes" => Rule::floor_freezes,
            "jumps" => Rule::floor_jumps,
            "takes" => Rule::floor_effect,
            _ => {
                self.unknown(statement, CLAUSES);
                return vec![broken(statement)];
            }
        };
        self.no_block(statement);
        let span = Span::new(statement.head.clone());
        let clauses = self.head(statement, rule, |parser, pair| {
            let kind = parser.floor_kind(rule, pair);
            let clause = FloorClause { kind, when: parser.clause(pair, Rule::when_clause), span };
            let behind = child(pair, Rule::effect).filter(|_| rule != Rule::floor_effect);
            let effect = behind.and_then(|effect| parser.effect(&effect));
            let effect = effect.map(|effect| FloorClause { kind: FloorClauseKind::TakesEffect(effect), when: None, span });
            std::iter::once(clause).chain(effect).collect::<Vec<_>>()
        });
        clauses.unwrap_or_else(|| vec![broken(statement)])
    }

    fn floor_kind(&mut self, rule: Rule, pair: &Pair<'_>) -> FloorClauseKind {
        match rule {
            Rule::floor_starts => FloorClauseKind::Starts(self.expr_in(pair)),
            Rule::floor_capped => FloorClauseKind::Capped(self.expr_in(pair)),
            Rule::floor_trails => self.trails(pair),
            Rule::floor_freezes => FloorClauseKind::Freezes,
            Rule::floor_jumps => {
                let on = has(pair, Rule::event).then(|| self.event_in(pair));
                FloorClauseKind::Jumps { jump: self.jump_in(pair), on }
            }
            _ => {
                let effect = child(pair, Rule::effect).and_then(|effect| self.effect(&effect));
                FloorClauseKind::TakesEffect(effect.unwrap_or(Effect::NextDay))
            }
        }
    }

    fn trails(&mut self, pair: &Pair<'_>) -> FloorClauseKind {
        let mut sides = crate::syntax::grammar::children(pair, Rule::expr).map(|side| self.expr(&side)).collect::<Vec<_>>().into_iter();
        let (Some(followed), Some(distance)) = (sides.next(), sides.next()) else { return FloorClauseKind::Broken };
        FloorClauseKind::Trails { followed, clock: self.clock_in(pair), distance: distance_of(distance) }
    }

    /// `jumps to L and freezes`
    pub(super) fn jump_in(&mut self, pair: &Pair<'_>) -> Jump {
        let jump = child(pair, Rule::jump).unwrap_or_else(|| pair.clone());
        let to = match child(&jump, Rule::jump_by) {
            Some(by) => JumpTo::By(self.expr_in(&by)),
            None => JumpTo::To(self.expr_in(&jump)),
        };
        let then = match () {
            () if has(&jump, Rule::w_freezes) => AfterJump::Freezes,
            () if has(&jump, Rule::w_trails) => AfterJump::TrailsAgain,
            () => AfterJump::AsBefore,
        };
        Jump { to, then }
    }
}

/// `6% of itself` is of the followed value.
fn distance_of(expr: Expr) -> Distance {
    match expr.kind {
        ExprKind::Of(share, of) if of.kind == ExprKind::Name("itself".to_owned()) => Distance::OfItself(*share),
        kind => Distance::Amount(Expr { kind, span: expr.span }),
    }
}

fn broken(statement: &Statement) -> FloorClause {
    FloorClause { kind: FloorClauseKind::Broken, when: None, span: Span::new(statement.head.clone()) }
}
