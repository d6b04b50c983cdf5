//! Limits that do nothing, and what they allow: nothing, or more than the account holds.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Arithmetic, Event, ExprId, ExprKind, Invariant, Ir, Limit, Node, NodeId, NodeKind, Per, UsedOf};
use crate::source::Span;
use crate::syntax::ast::Bound;
use crate::value::{Decimal, Type};

use super::super::Checker;
use super::super::order::events_of;
use super::amounts::{self, Known};
use super::opening::Opening;

impl Checker<'_> {
    /// Limits that nobody is told of: no action, no order refused, no count, nothing that reads them.
    pub(super) fn limits_without_effect(&mut self, ir: &Ir) {
        for (id, node) in ir.nodes() {
            let NodeKind::Limit(limit) = &node.kind else { continue };
            if does_nothing(limit) && !is_read(ir, id) {
                self.stand_in(usize::from(id.0));
                self.report(
                    Diagnostic::new(Code::NoEffect, node.head, format!("\"{}\" does nothing when it is broken", node.name))
                        .label("no action at the breach, and nothing reads it")
                        .help(what_happens(ir, limit)),
                );
            }
        }
        self.current_use = None;
    }

    /// Limits that allow nothing, or a loss of more than the whole account.
    pub(super) fn allowances_that_are_none(&mut self, ir: &Known) {
        for (at, node) in ir.nodes.iter().enumerate() {
            let NodeKind::Limit(limit) = &node.kind else { continue };
            let found =
                wrong_allowance(ir, node, limit).or_else(|| more_than_all(ir, node, limit)).or_else(|| beside_the_bound(ir, node, limit));
            if let Some(found) = found {
                self.stand_in(at);
                self.report(found);
            }
        }
        self.current_use = None;
    }
}

/// An amount above zero in the place of one that is not.
fn positive(words: &impl Fn(Decimal) -> String, amount: Decimal) -> String {
    if amount == Decimal::ZERO { words(Decimal::from(1_000)) } else { words(amount.neg()) }
}

/// A limit of a day mostly locks until the next one; another one ends the account.
fn what_happens(ir: &Ir, limit: &Limit) -> &'static str {
    let reads_day = |id: ExprId| ir.source.words(ir.expr(id).span).contains("day.");
    let of_day = match limit.invariant {
        Invariant::Stays { left, right, .. } => reads_day(left) || reads_day(right),
        Invariant::Never(condition) => reads_day(condition),
    };
    if of_day {
        "say what happens: `on breach { flatten, lock until next day }`, or `on breach { flatten, fail }` where it ends the account"
    } else {
        "say what happens: `on breach { flatten, fail }`, or `refuse orders that would break it`"
    }
}

fn does_nothing(limit: &Limit) -> bool {
    // What is done before all of it is used does nothing at the breach itself.
    let at_breach = limit.at_used.iter().filter(|(share, _)| *share >= Decimal::from(100));
    let acts =
        limit.on_breach.iter().any(|handler| !handler.actions.is_empty()) || at_breach.into_iter().any(|(_, actions)| !actions.is_empty());
    !acts && !limit.refuses && !limit.reduces && limit.counts_toward.is_none()
}

fn is_read(ir: &Ir, limit: NodeId) -> bool {
    ir.exprs.iter().any(|expr| matches!(expr.kind, ExprKind::Limit(read, _) if read == limit))
        || ir.nodes.iter().flat_map(events_of).any(|event| event == Event::Breach(limit))
        || ir.nodes.iter().any(|node| matches!(&node.kind, NodeKind::Limit(other) if other.counts_toward == Some(limit)))
}

/// An allowance that is not above zero, or above the account's size, for one of the plans.
fn wrong_allowance(ir: &Known, node: &Node, limit: &Limit) -> Option<Diagnostic> {
    let UsedOf::Allowance(id) = limit.used else { return None };
    let span = ir.expr(id).span;
    // Where none is said it is how far the floor stays behind.
    let is_said = node.span.holds(span) || !matches!(limit.invariant, Invariant::Stays { right, .. } if reads_floor(ir, right));
    let (what, how) = if is_said { ("allowance", "`allowance ") } else { ("distance of a floor", "`by ") };
    let is_money = matches!(ir.expr(id).ty, Type::Money(_));
    (0..ir.plans.names.len()).find_map(|plan| {
        let amount = amounts::amount(ir, id, plan)?.number()?;
        let words = |amount: Decimal| amounts::written(ir, &ir.expr(id).ty, amount);
        let found = |message: &str| {
            Diagnostic::new(Code::Allowance, span, format!("this {what} {message}")).note(with_plan(ir, plan, &words(amount)))
        };
        if amount <= Decimal::ZERO {
            return Some(
                found("leaves nothing to use")
                    .help(format!("write what may be used up without a sign: {how}{}`", positive(&words, amount))),
            );
        }
        let size = amounts::size(ir, plan).filter(|size| is_money && *size > Decimal::ZERO && amount > *size)?;
        Some(found("is more than the whole account").help(format!("write how much may be used up, at most {}", words(size))))
    })
}

fn with_plan(ir: &Known, plan: usize, amount: &str) -> String {
    format!("with plan {}, it is {amount}", ir.plans.names.get(plan).map_or("", String::as_str))
}

/// Whether a limit allows the loss of more than the whole account.
pub(super) fn loses_more_than_all(ir: &Known, node: &Node, limit: &Limit) -> bool {
    more_than_all(ir, node, limit).is_some()
}

/// A bound on losses that is further off than the account is large.
fn more_than_all(ir: &Known, node: &Node, limit: &Limit) -> Option<Diagnostic> {
    let Invariant::Stays { left, bound: Bound::Above | Bound::AtOrAbove, right, .. } = limit.invariant else { return None };
    if !matches!(ir.expr(right).ty, Type::Money(_)) {
        return None;
    }
    Opening::all(ir, node).into_iter().find_map(|mut opening| {
        let (value, bound) = (opening.value(left)?, opening.value(right)?);
        let (loss, size) = (value.sub(bound).ok()?, amounts::size(ir, opening.plan_number())?);
        let words = |amount: Decimal| amounts::written(ir, &ir.expr(right).ty, amount);
        // All of it may be lost where the bound is zero; where it is another, and most may be lost, `size -` or a digit is missing.
        let is_most = size > Decimal::ZERO && loss.add(loss).ok()? > size && loss != size;
        is_most.then(|| {
            let claim = if loss > size { "more than all" } else { "more than half of what" };
            Diagnostic::new(
                Code::Allowance,
                sides(ir, node, (left, right)),
                format!("\"{}\" lets the account lose {claim} it has", node.name),
            )
            .note(format!("with plan {}, {} may be lost of {}", opening.plan(), words(loss), words(size)))
            .help("a bound is what must be left, as in `size - 10% of size` or `day.start_balance - $2,000`: look for `size -` left out, or a digit too many")
        })
    })
}

/// An allowance other than what lies between the value and its bound, so that `at 50% used` comes at another amount.
fn beside_the_bound(ir: &Known, node: &Node, limit: &Limit) -> Option<Diagnostic> {
    let UsedOf::Allowance(id) = limit.used else { return None };
    let Invariant::Stays { left, bound, right, .. } = limit.invariant else { return None };
    // A floor may start elsewhere than at its distance.
    if reads_floor(ir, right) || node.per != Per::Account || limit.guard.is_some() || limit.from.is_some() {
        return None;
    }
    Opening::all(ir, node).into_iter().find_map(|mut opening| {
        let (value, stands, allowed) = (opening.value(left)?, opening.value(right)?, opening.value(id)?);
        let lower = matches!(bound, Bound::Above | Bound::AtOrAbove);
        let room = if lower { value.sub(stands) } else { stands.sub(value) }.ok()?;
        if room == allowed || room <= Decimal::ZERO {
            return None;
        }
        let [room, allowed] = [room, allowed].map(|amount| amounts::written(ir, &ir.expr(id).ty, amount));
        let help = match ir.expr(right).kind {
            ExprKind::Arithmetic(Arithmetic::Subtract, _, loss) if lower => {
                format!("write the same in both: `allowance {}`", ir.source.words(ir.expr(loss).span))
            }
            _ => format!("write what lies between the two, which is {room} here"),
        };
        let message = format!("the allowance of \"{}\" is not what its bound leaves", node.name);
        Some(
            Diagnostic::new(Code::Allowance, ir.expr(id).span, message)
                .label(allowed.clone())
                .other(sides(ir, node, (left, right)), format!("leaves {room}"))
                .note(format!("with plan {}, {room} are left {}, and shares are taken of {allowed}", opening.plan(), opening.moment()))
                .help(help),
        )
    })
}

fn reads_floor(ir: &Ir, id: ExprId) -> bool {
    matches!(ir.expr(id).kind, ExprKind::Node(read) if matches!(ir.node(read).kind, NodeKind::Floor(_)))
}

fn sides(ir: &Ir, node: &Node, (left, right): (ExprId, ExprId)) -> Span {
    super::bounds::place(ir, node, (left, right))
}
