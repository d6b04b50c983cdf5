//! What a scenario expects.

use super::Parser;
use crate::source::Span;
use crate::syntax::ast::{Expect, Name, OrderAnswer};
use crate::syntax::grammar::{Pair, Rule, child, children, has};

impl Parser<'_> {
    /// The expectation of an `expect` step.
    pub(super) fn expectation(&mut self, step: &Pair<'_>) -> Option<Expect> {
        let pair = &step.clone().into_inner().find(|inner| !matches!(inner.as_rule(), Rule::w_expect | Rule::EOI))?;
        let title = || child(pair, Rule::text).map(|title| self.text(&title));
        let by_title = || child(pair, Rule::by_title).map(|by| self.text_in(&by));
        Some(match pair.as_rule() {
            Rule::ex_no_breach => Expect::NoBreach(title()),
            Rule::ex_no_actions => Expect::NoActions,
            Rule::ex_breach => Expect::Breach(title()?),
            Rule::ex_actions => Expect::Actions(children(pair, Rule::action_name).map(|name| self.action_name(&name)).collect()),
            Rule::ex_action => Expect::Action(self.action_name(&child(pair, Rule::action_name)?)),
            Rule::ex_notify => Expect::Notify(self.receiver(pair), title()),
            Rule::ex_phase => Expect::Phase(self.phase_name(pair)),
            Rule::ex_approved => Expect::Approved(child(pair, Rule::expr).map(|amount| self.expr(&amount))),
            Rule::ex_receives => Expect::Receives(self.expr_in(pair), has(pair, Rule::outside)),
            Rule::ex_denied => Expect::Denied(by_title()),
            Rule::ex_in_review => Expect::InReview,
            Rule::ex_allowed => Expect::Order(OrderAnswer::Allowed),
            Rule::ex_rejected => Expect::Order(OrderAnswer::Rejected(by_title())),
            Rule::ex_reduced => Expect::Order(OrderAnswer::ReducedTo(self.decimal(&child(pair, Rule::number)?)?.node)),
            Rule::ex_goal => Expect::Goal(title()?, has(pair, Rule::w_reached)),
            Rule::ex_requirement => Expect::Requirement(title()?, has(pair, Rule::w_met)),
            Rule::ex_locked => Expect::Locked(true),
            Rule::ex_not_locked => Expect::Locked(false),
            Rule::ex_warned => Expect::Warned(self.name_in(pair, Rule::ident)),
            Rule::ex_fault => Expect::Fault,
            Rule::ex_no_fault => Expect::NoFault,
            _ => Expect::Condition(self.expr_in(pair)),
        })
    }

    /// The words of an action with one blank between them: `cancel orders`.
    fn action_name(&self, pair: &Pair<'_>) -> Name {
        let words: Vec<&str> = pair.as_str().split_whitespace().collect();
        let span: Span = self.span(pair);
        Name::new(words.join(" "), span)
    }
}
