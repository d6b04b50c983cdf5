//! Goals and payouts that the other rules of the program never let happen.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{
    Action, ActionKind, Comparison, Delay, Event, ExprId, ExprKind, Invariant, Ir, Node, NodeKind, Payout, PayoutFact, PayoutStepKind, Per,
    Period, Requirement, TrackDomain, TrackFunction, Trigger,
};
use crate::source::Span;
use crate::syntax::ast::Bound;
use crate::value::{Decimal, Type};
use crate::vocabulary::{Occasion, PeriodField};

use super::super::Checker;
use super::amounts::{self, Amount, Compared, Known};
use super::{requirements_of, value_of};

/// What ends an account: the comparison that never holds while it goes on, and the statement.
struct Bar<'i> {
    node: &'i Node,
    ends: Compared,
}

impl Checker<'_> {
    pub(super) fn goals_out_of_reach(&mut self, ir: &Known) {
        for (at, node) in ir.nodes.iter().enumerate() {
            self.stand_in(at);
            for requirement in requirements_of(&node.kind).into_iter().filter(|requirement| requirement.when.is_none()) {
                let found = barred(ir, node, requirement).or_else(|| too_many_days(ir, node, requirement));
                if let Some(found) = found {
                    self.report(found);
                }
            }
            if let NodeKind::Payout(payout) = &node.kind
                && let Some(found) = minimum_above_cap(ir, payout)
            {
                self.report(found);
            }
        }
        self.current_use = None;
    }
}

/// The comparisons that must all hold.
pub(super) fn conjuncts(ir: &Known, id: ExprId) -> Vec<Compared> {
    let (mut waiting, mut seen, mut found) = (vec![id], BTreeSet::new(), Vec::new());
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        match ir.expr(id).kind {
            ExprKind::And(left, right) => waiting.extend([right, left]),
            ExprKind::Node(node) => waiting.extend(value_of(ir, node)),
            _ => found.extend(Compared::of(ir, id)),
        }
    }
    found
}

/// What ends the account in the phase of a node, or leaves that phase for good.
fn bars<'i>(ir: &'i Known, of: &Node) -> Vec<Bar<'i>> {
    let holds = |node: &&Node| (node.phase.is_none() || node.phase == of.phase) && node.per == Per::Account;
    ir.nodes.iter().filter(holds).filter_map(|node| Some(Bar { node, ends: ends_at(ir, node)? })).collect()
}

fn ends_at(ir: &Known, node: &Node) -> Option<Compared> {
    let ends = |action: &Action| matches!(action.kind, ActionKind::Fail | ActionKind::CloseAccount);
    match &node.kind {
        NodeKind::Limit(limit) => {
            let always = limit.clock.is_none() && limit.guard.is_none() && limit.from.is_none();
            let at_once = limit.lasting.is_none() && limit.cure.is_none();
            let mut first = limit.on_breach.iter().filter(|handler| handler.from == 1 && handler.when.is_none());
            if !always || !at_once || !first.any(|handler| handler.actions.iter().any(ends)) {
                return None;
            }
            match limit.invariant {
                Invariant::Stays { left, bound, right, .. } => {
                    let broken = match bound {
                        Bound::Above => Comparison::AtMost,
                        Bound::AtOrAbove => Comparison::Below,
                        Bound::Below => Comparison::AtLeast,
                        Bound::AtOrBelow => Comparison::Above,
                    };
                    Some(Compared { comparison: broken, left, right, percent: None })
                }
                Invariant::Never(condition) => Compared::of(ir, condition),
            }
        }
        NodeKind::Rule(rule) if rule.actions.iter().any(ends) => match rule.trigger {
            Trigger::When(condition) => Compared::of(ir, condition),
            _ => None,
        },
        _ => None,
    }
}

/// A comparison as `amount CMP 0`, turned so that it asks for more: at least, or above.
pub(super) fn upward(ir: &Known, compared: Compared, plan: usize) -> Option<(Amount, bool)> {
    let (left, right) = (amounts::amount(ir, compared.left, plan)?, compared.bound(ir, plan)?);
    match compared.comparison {
        Comparison::AtLeast => Some((left.less(&right)?, false)),
        Comparison::Above => Some((left.less(&right)?, true)),
        Comparison::AtMost => Some((right.less(&left)?, false)),
        Comparison::Below => Some((right.less(&left)?, true)),
        Comparison::Equal | Comparison::NotEqual => None,
    }
}

/// A requirement that holds only where the account has ended.
fn barred(ir: &Known, node: &Node, requirement: &Requirement) -> Option<Diagnostic> {
    let plans = 0..ir.plans.names.len();
    let all = bars(ir, node);
    conjuncts(ir, requirement.condition).into_iter().find_map(|wanted| {
        all.iter().find_map(|bar| {
            let plan = plans.clone().find(|plan| is_barred(ir, wanted, bar.ends, *plan).unwrap_or(false))?;
            Some(out_of_reach(ir, requirement, wanted, bar, plan))
        })
    })
}

fn is_barred(ir: &Known, wanted: Compared, ends: Compared, plan: usize) -> Option<bool> {
    let (wanted, above) = upward(ir, wanted, plan)?;
    let (ends, beyond) = upward(ir, ends, plan)?;
    if wanted.moves.is_empty() || wanted.moves.keys().ne(ends.moves.keys()) {
        return None;
    }
    // What is wanted lies so much above what ends the account.
    let gap = ends.less(&wanted)?.number()?;
    Some(gap > Decimal::ZERO || (gap.is_zero() && (above || !beyond)))
}

fn out_of_reach(ir: &Known, requirement: &Requirement, wanted: Compared, bar: &Bar, plan: usize) -> Diagnostic {
    let title = &requirement.title;
    let told = |compared: Compared| {
        let bound = compared.bound(ir, plan).map(|amount| amount.words(ir, &ir.expr(compared.right).ty)).unwrap_or_default();
        format!("`{}` {} {bound}", ir.source.words(ir.expr(compared.left).span), compared.comparison.words())
    };
    let name = ir.plans.names.get(plan).map_or("", String::as_str);
    Diagnostic::new(
        Code::OutOfReach,
        ir.expr(wanted.left).span.to(ir.expr(wanted.right).span),
        format!("\"{title}\" is never met: the account ends before"),
    )
    .label("required here")
    .other(bar.node.head, "ends the account")
    .note(format!("with plan {name}, the goal requires that {}, and the account ends as soon as {}", told(wanted), told(bar.ends)))
    .help("lower what is required, or move the bound that ends the account beyond it")
}

/// So many days, and by when they must have passed.
struct Deadline {
    days: i64,
    span: Span,
}

/// A requirement of more days than a deadline leaves.
fn too_many_days(ir: &Known, node: &Node, requirement: &Requirement) -> Option<Diagnostic> {
    let deadline = deadlines(ir, node).into_iter().min_by_key(|deadline| deadline.days)?;
    conjuncts(ir, requirement.condition).into_iter().find_map(|compared| {
        let Compared { comparison, left, right, .. } = compared;
        let more = match comparison {
            Comparison::AtLeast => 0,
            Comparison::Above => 1,
            _ => return None,
        };
        let asked = (0..ir.plans.names.len()).filter_map(|plan| compared.bound(ir, plan)?.number()).max()?;
        let needed = counts_days(ir, left).then_some(asked)?.add(Decimal::from(more)).ok()?;
        let left_days = Decimal::from(i32::try_from(deadline.days).ok()?);
        (needed > left_days).then(|| {
            Diagnostic::new(
                Code::OutOfReach,
                ir.expr(left).span.to(ir.expr(right).span),
                format!("\"{}\" is never met: its days do not pass in time", requirement.title),
            )
            .label(format!("asks for {needed} days"))
            .other(deadline.span, format!("leaves at most {} days", deadline.days))
            .help("ask for fewer days, or end the account later")
        })
    })
}

/// Whether an expression counts days of the phase.
fn counts_days(ir: &Ir, id: ExprId) -> bool {
    match ir.expr(id).kind {
        ExprKind::Period(Period::DAY, PeriodField::Number) => true,
        ExprKind::Node(node) => match &ir.node(node).kind {
            NodeKind::Value(value) => counts_days(ir, *value),
            NodeKind::Tracker(tracker) => {
                tracker.function == TrackFunction::Count
                    && matches!(tracker.domain, TrackDomain::ClosedDays | TrackDomain::TradedDays | TrackDomain::DaysWithEntries)
                    && tracker.reset == Event::Occasion(Occasion::PhaseStart)
                    && tracker.from.is_none()
            }
            _ => false,
        },
        _ => false,
    }
}

fn deadlines(ir: &Known, of: &Node) -> Vec<Deadline> {
    let holds = |node: &&Node| node.phase.is_none() || node.phase == of.phase;
    ir.nodes.iter().filter(holds).filter_map(|node| Some(Deadline { days: days_left(ir, node)?, span: node.head })).collect()
}

/// How many days can have been closed at most before a statement ends the account.
fn days_left(ir: &Known, node: &Node) -> Option<i64> {
    let every_day = ir.header.day.every_day;
    if let NodeKind::Rule(rule) = &node.kind
        && let Trigger::After { delay, since: Event::Occasion(Occasion::PhaseStart), during: None } = rule.trigger
    {
        let ends = |action: &Action| matches!(action.kind, ActionKind::Fail | ActionKind::CloseAccount);
        if !rule.actions.iter().any(ends) {
            return None;
        }
        let of_dates = |dates: i64| if every_day { dates } else { dates / 7 * 5 + (dates % 7).min(5) };
        return match delay {
            Delay::Dates(dates) => Some(of_dates(dates.into())),
            Delay::TradingDays(days) => Some(days.into()),
            Delay::Weekdays(days) => Some(if every_day { i64::from(days) / 5 * 7 + 7 } else { days.into() }),
            Delay::Months(months) => Some(of_dates(i64::from(months) * 31)),
            Delay::Nanos(_) => None,
        };
    }
    let Compared { comparison, left, right, .. } = ends_at(ir, node)?;
    if !matches!(ir.expr(left).kind, ExprKind::Period(Period::DAY, PeriodField::Number)) {
        return None;
    }
    let latest = (0..ir.plans.names.len()).filter_map(|plan| amounts::amount(ir, right, plan)?.number()).max()?;
    let latest = i64::try_from(latest.get().trunc().mantissa()).ok()?;
    match comparison {
        Comparison::Above => Some(latest),
        Comparison::AtLeast => Some(latest - 1),
        _ => None,
    }
}

/// The least that is paid, by `minimum`, or by a requirement of the amount.
fn minimum_of(ir: &Known, step: &PayoutStepKind) -> Option<ExprId> {
    let of_amount = |id: ExprId| matches!(ir.expr(id).kind, ExprKind::Payout(PayoutFact::Running));
    match step {
        PayoutStepKind::Minimum(minimum) => Some(*minimum),
        PayoutStepKind::Require(required) => {
            let mut asked = conjuncts(ir, required.condition).into_iter();
            let least = asked.find(|one| one.comparison == Comparison::AtLeast && one.percent.is_none() && of_amount(one.left))?;
            Some(least.right)
        }
        _ => None,
    }
}

/// A payout that is lowered to less than what is paid at least.
fn minimum_above_cap(ir: &Known, payout: &Payout) -> Option<Diagnostic> {
    for (at, step) in payout.steps.iter().enumerate() {
        let Some(minimum) = minimum_of(ir, &step.kind) else { continue };
        let caps = payout.steps[..at].iter().filter(|cap| cap.when.is_none() && step.when.is_none());
        for (cap, most) in caps.filter_map(|cap| if let PayoutStepKind::PaysAtMost(most) = cap.kind { Some((cap, most)) } else { None }) {
            let numbers = |plan: usize| Some((amounts::amount(ir, minimum, plan)?.number()?, amounts::amount(ir, most, plan)?.number()?));
            let found = (0..ir.plans.names.len())
                .find_map(|plan| numbers(plan).filter(|(least, most)| least > most && *most > Decimal::ZERO).map(|found| (plan, found)));
            if let Some((plan, (least, most))) = found {
                let money = |amount: Decimal| amounts::written(ir, &Type::Money(ir.header.currency), amount);
                let (least, most) = (money(least), money(most));
                return Some(
                    Diagnostic::new(Code::OutOfReach, step.span, "no payout is ever paid: its minimum is above the most that it pays")
                        .label(format!("at least {least}"))
                        .other(cap.span, format!("lowered to {most} before"))
                        .note(format!("with plan {}, every amount is lowered to {most} and then denied", ir.plans.names[plan]))
                        .help(format!("raise `pays at most` to {least} or more, or lower the minimum to {most} or less")),
                );
            }
        }
    }
    None
}
