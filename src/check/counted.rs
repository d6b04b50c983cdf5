//! `counted profit`: what goals and payouts count. It is made of ordinary nodes, and changes neither
//! balance nor equity, floors or limits.
//!
//! It is `profit` minus what does not count. What a trade does not count is taken off when it is
//! complete: `each trade counts P` keeps `P of trade.profit`, rounded once. What a day counts is its
//! realised profit minus what its trades did not count, at most the bound; the days are summed, the
//! running one as it stands. What is booked between a stamp and the next opening is the next day's,
//! for the profit as for what does not count.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{
    Arithmetic, Constant, EffectAt, Event, ExprId, ExprKind, Held, NodeKind, Per, Period, TrackDomain, TrackFunction, Tracker, Wait,
};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Decimal, Type};
use crate::vocabulary::{AccountField, Occasion, PeriodField, RecordField};

use super::context::Context;
use super::items::Lowered;
use super::{Checker, Facts};

/// The name by which counted profit is read.
pub(super) const NAME: &str = "counted_profit";

impl Checker<'_> {
    pub(super) fn lower_counted(&mut self, context: &Context, item: &ast::Counted, span: Span) -> Lowered {
        if item.trades.is_empty() && item.days.is_empty() {
            self.report(
                Diagnostic::new(Code::Unsaid, span, "counted profit says nothing of what counts")
                    .help("add `each trade counts 0% when …` or `each day counts at most …`"),
            );
        }
        let excluded = self.excluded(context, &item.trades, span);
        let kind = if item.days.is_empty() {
            let profit = self.push(ExprKind::Account(AccountField::Profit), self.money(), span);
            NodeKind::Value(self.difference(profit, excluded, span))
        } else {
            let day = self.counted_day(context, excluded, span);
            let what = self.capped(context, &item.days, day, span);
            NodeKind::Tracker(sum(what, TrackDomain::DaysSoFar))
        };
        Lowered { kind, facts: Facts { ty: self.money(), maybe_missing: false, per: Per::Account }, per: Per::Account }
    }

    /// What the profit of complete trades does not count, summed since the phase began.
    fn excluded(&mut self, context: &Context, clauses: &[(ast::Expr, Option<ast::Expr>)], span: Span) -> ExprId {
        let at = Event::Occasion(Occasion::Trade);
        let context = Self::handling(context, Some(at));
        let mut what = self.constant(Constant::Decimal(Decimal::ZERO), self.money(), span);
        // The first whose condition holds decides, so the last is asked last.
        for (share, when) in clauses.iter().rev() {
            let when_holds = when.as_ref().map(|when| self.condition(&context, when));
            let inner = when.as_ref().map_or(context.clone(), |when| context.assuming(self.source, when, true));
            let share_id = self.expr_of(&inner, share, &Type::Percent);
            self.must_be_known(share_id, share);
            let profit = self.push(ExprKind::Record(RecordField::TradeProfit), self.money(), share.span);
            let counts = self.push(ExprKind::Percent(share_id, profit), self.money(), share.span);
            let without = self.difference(profit, counts, share.span);
            what = match when_holds {
                Some(when) => self.push(ExprKind::If(when, without, what), self.money(), share.span),
                None => without,
            };
        }
        let kind = NodeKind::Tracker(sum(what, TrackDomain::At(at)));
        self.hidden_money(&context, "what trades do not count", kind, span)
    }

    /// The profit of the day that runs, or ends, without what its trades do not count.
    fn counted_day(&mut self, context: &Context, excluded: ExprId, span: Span) -> ExprId {
        let zero = self.constant(Constant::Decimal(Decimal::ZERO), self.money(), span);
        let at = TrackDomain::At(Event::Occasion(Occasion::DayEnd));
        let stamped = Tracker { function: TrackFunction::Latest, from: Some(zero), ..sum(excluded, at) };
        let stamped = self.hidden_money(context, "what trades had not counted at the stamp", NodeKind::Tracker(stamped), span);
        let wait = Wait { days: None, at: EffectAt::NextDay };
        let before = NodeKind::Held(Held { cause: stamped, sticky: false, up: wait, down: wait });
        let before = self.hidden_money(context, "what trades of earlier days do not count", before, span);
        let profit = self.push(ExprKind::Period(Period::DAY, PeriodField::Profit), self.money(), span);
        let of_day = self.difference(excluded, before, span);
        self.difference(profit, of_day, span)
    }

    fn capped(&mut self, context: &Context, clauses: &[(ast::Expr, Option<ast::Expr>)], day: ExprId, span: Span) -> ExprId {
        let mut value = day;
        for (most, when) in clauses.iter().rev() {
            let when_holds = when.as_ref().map(|when| self.condition(context, when));
            let most = self.expr_of(context, most, &self.money());
            let capped = self.push(ExprKind::Minimum(vec![day, most]), self.money(), span);
            value = match when_holds {
                Some(when) => self.push(ExprKind::If(when, capped, value), self.money(), span),
                None => capped,
            };
        }
        value
    }

    fn hidden_money(&mut self, context: &Context, name: &str, kind: NodeKind, span: Span) -> ExprId {
        let node = self.hidden(context, name.to_owned(), kind, self.money(), false, span);
        self.push(ExprKind::Node(node), self.money(), span)
    }

    fn difference(&mut self, a: ExprId, b: ExprId, span: Span) -> ExprId {
        self.push(ExprKind::Arithmetic(Arithmetic::Subtract, a, b), self.money(), span)
    }

    fn money(&self) -> Type {
        Type::Money(self.header.currency)
    }
}

/// A sum since the phase began.
fn sum(what: ExprId, domain: TrackDomain) -> Tracker {
    Tracker {
        function: TrackFunction::Sum,
        what: Some(what),
        domain,
        reset: Event::Occasion(Occasion::PhaseStart),
        window: None,
        from: None,
        filter: None,
    }
}
