//! Payouts.

use super::Parser;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Counted, Payout, PayoutMoment, PayoutStep, PayoutStepKind};
use crate::syntax::grammar::{Pair, Rule, child};
use crate::syntax::skeleton::Statement;

const STEPS: &[&str] = &["require", "pays", "leaves", "minimum", "fee", "split", "also", "review", "at", "deducts", "pending"];

impl Parser<'_> {
    pub(super) fn payout(&mut self, statement: &Statement) -> Option<Payout> {
        let head = self.head(statement, Rule::payout_head, |_, _| ());
        let mut payout = Payout { steps: vec![], moments: vec![], deducts_at: None, pending: vec![] };
        let outer = std::mem::replace(&mut self.block, "payout");
        for step in self.block(statement) {
            self.payout_statement(step, &mut payout);
        }
        self.block = outer;
        head.map(|()| payout)
    }

    /// `counted profit { … }`
    pub(super) fn counted_profit(&mut self, statement: &Statement) -> Option<Counted> {
        let head = self.head(statement, Rule::counted_head, |_, _| ());
        let mut counted = Counted { trades: vec![], days: vec![] };
        let outer = std::mem::replace(&mut self.block, "counted profit");
        for child in self.block(statement) {
            let day = self.head_text(child).split_whitespace().nth(1) == Some("day");
            match self.word(child) {
                "each" => {
                    self.no_block(child);
                    let rule = if day { Rule::counted_day } else { Rule::counted_trade };
                    let clause = self.head(child, rule, |parser, pair| (parser.expr_in(pair), parser.clause(pair, Rule::when_clause)));
                    if day { &mut counted.days } else { &mut counted.trades }.extend(clause);
                }
                _ => self.unknown(child, &["each"]),
            }
        }
        self.block = outer;
        head.map(|()| counted)
    }

    fn payout_statement(&mut self, statement: &Statement, payout: &mut Payout) {
        match self.word(statement) {
            "at" => {
                let moment = self.head(statement, Rule::payout_at, Self::moment_in).flatten();
                if moment.is_none() && statement.block.is_none() {
                    return payout.steps.push(PayoutStep { kind: PayoutStepKind::Broken, when: None, span: statement.span() });
                }
                let actions = self.actions(statement);
                payout.moments.extend(moment.map(|moment| (moment, actions)));
            }
            "deducts" => {
                self.no_block(statement);
                self.once(payout.deducts_at.as_ref().map(|first| first.span), statement);
                payout.deducts_at = self.head(statement, Rule::payout_deducts, Self::moment_in).flatten();
            }
            "pending" => self.pending(statement, payout),
            _ => {
                let step = self.payout_step(statement);
                payout.steps.push(step);
            }
        }
    }

    fn pending(&mut self, statement: &Statement, payout: &mut Payout) {
        self.head(statement, Rule::payout_pending, |_, _| ());
        let outer = std::mem::replace(&mut self.block, "pending");
        for child in self.block(statement) {
            match self.word(child) {
                "require" => payout.pending.extend(self.requirement(child)),
                _ => self.unknown(child, &["require"]),
            }
        }
        self.block = outer;
    }

    fn payout_step(&mut self, statement: &Statement) -> PayoutStep {
        let span = Span::new(statement.head.clone());
        let broken = PayoutStep { kind: PayoutStepKind::Broken, when: None, span };
        let rule = match self.word(statement) {
            "require" => Rule::require,
            "pays" => Rule::payout_pays,
            "leaves" => Rule::payout_leaves,
            "minimum" => Rule::payout_minimum,
            "fee" => Rule::payout_fee,
            "split" => Rule::payout_split,
            "also" => Rule::payout_also,
            "review" => Rule::payout_review,
            "counted" => {
                self.misplaced(statement, "beside `payout`, in the program or a phase");
                return broken;
            }
            _ => {
                self.unknown(statement, STEPS);
                return broken;
            }
        };
        self.no_block(statement);
        let step = self.head(statement, rule, |parser, pair| PayoutStep {
            kind: parser.payout_kind(rule, pair),
            when: parser.clause(pair, Rule::when_clause),
            span,
        });
        step.unwrap_or(broken)
    }

    fn payout_kind(&mut self, rule: Rule, pair: &Pair<'_>) -> PayoutStepKind {
        if rule == Rule::payout_review {
            return PayoutStepKind::Review(self.text_in(pair));
        }
        let amount = self.expr_in(pair);
        match rule {
            Rule::require => PayoutStepKind::Require(self.text_in(pair), amount),
            Rule::payout_pays => PayoutStepKind::PaysAtMost(amount),
            Rule::payout_leaves => PayoutStepKind::LeavesAtLeast(amount),
            Rule::payout_minimum => PayoutStepKind::Minimum(amount),
            Rule::payout_fee => PayoutStepKind::Fee(amount),
            Rule::payout_split => PayoutStepKind::Split(amount),
            _ => PayoutStepKind::AlsoPays(amount),
        }
    }

    fn moment_in(&mut self, pair: &Pair<'_>) -> Option<Spanned<PayoutMoment>> {
        let word = child(pair, Rule::moment)?;
        let moment = match word.as_str().trim_end() {
            "request" => PayoutMoment::Request,
            "approval" => PayoutMoment::Approval,
            "payment" => PayoutMoment::Payment,
            _ => PayoutMoment::Denial,
        };
        Some(Spanned::new(moment, self.span(&word)))
    }
}
