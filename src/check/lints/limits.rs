//! Limits of which another is always tighter, and limits that move with what they limit.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Action, ActionKind, ExprId, ExprKind, FlattenTarget, Invariant, Ir, Limit, LockUntil, Node, NodeKind, Per};
use crate::syntax::ast::Bound;
use crate::value::Decimal;
use crate::vocabulary::{AccountField, PeriodField};

use super::super::Checker;
use super::all_read;
use super::allowances::loses_more_than_all;
use super::amounts::{self, Amount, Known, Reading, sameness};
use super::bounds::stands_apart;

/// A limit with its place among the nodes.
type Placed<'i> = (usize, &'i Node, &'i Limit);

impl Checker<'_> {
    /// A limit that another, which holds wherever it does, always breaks before.
    pub(super) fn limits_never_first(&mut self, ir: &Known) {
        let limits: Vec<Placed> = placed(ir).collect();
        // What allows the loss of more than all is told as that.
        for later in limits.iter().filter(|(_, node, limit)| !loses_more_than_all(ir, node, limit)) {
            if let Some((first, plan)) = limits.iter().find_map(|first| Some((first, breaks_before(ir, first, later)?))) {
                self.stand_in(later.0);
                self.report(never_first(ir, later, first, plan));
            }
        }
        self.current_use = None;
    }

    /// A limit on losses whose allowance is a share of what the loss itself makes smaller.
    pub(super) fn moving_bases(&mut self, ir: &Known) {
        for (at, node, limit) in placed(ir).filter(|(_, node, _)| node.per == Per::Account) {
            let Invariant::Stays { left, bound: Bound::Above | Bound::AtOrAbove, right, .. } = limit.invariant else { continue };
            if !reads_equity(ir, left) || limit.clock.is_some() || stands_apart(ir, limit) {
                continue;
            }
            if let Some(share) = share_of_equity(ir, right) {
                self.stand_in(at);
                self.report(moving_base(ir, node, right, share));
            }
        }
        self.current_use = None;
    }
}

fn placed(ir: &Ir) -> impl Iterator<Item = Placed<'_>> {
    ir.nodes.iter().enumerate().filter_map(|(at, node)| match &node.kind {
        NodeKind::Limit(limit) => Some((at, node, limit.as_ref())),
        _ => None,
    })
}

/// The first plan in which the later limit is in force, when the first one is tighter in all of them and leaves
/// the later one nothing to do.
fn breaks_before(ir: &Known, first: &Placed, later: &Placed) -> Option<usize> {
    if first.0 == later.0 || !holds_where(ir, first, later) || !leaves_nothing(first.2, later.2) {
        return None;
    }
    let plans: Vec<usize> = (0..ir.plans.names.len()).filter(|plan| bound_of(ir, later.2, *plan) != Some(Reading::Missing)).collect();
    let tighter = |plan: &usize| tighter(ir, first.2, later.2, *plan).unwrap_or(false);
    plans.iter().all(tighter).then(|| plans.first().copied())?
}

/// Whether one limit is in force and judged whenever the other is, of the same value.
fn holds_where(ir: &Known, (_, first, one): &Placed, (_, later, other): &Placed) -> bool {
    let (Invariant::Stays { left: a, bound: x, .. }, Invariant::Stays { left: b, bound: y, .. }) = (&one.invariant, &other.invariant)
    else {
        return false;
    };
    let same = |a: Option<ExprId>, b: Option<ExprId>| a.map(|id| sameness(ir, id)) == b.map(|id| sameness(ir, id));
    (first.phase.is_none() || first.phase == later.phase)
        && first.per == later.per
        && upward(*x) == upward(*y)
        && sameness(ir, *a) == sameness(ir, *b)
        && (one.clock.is_none() || one.clock == other.clock)
        && (one.guard.is_none() || same(one.guard, other.guard))
        && (one.lasting, one.cure) == (None, None)
        && one.from.is_none()
        && one.with_working_orders == other.with_working_orders
}

const fn upward(bound: Bound) -> bool {
    matches!(bound, Bound::Above | Bound::AtOrAbove)
}

fn bound_of(ir: &Known, limit: &Limit, plan: usize) -> Option<Reading> {
    let Invariant::Stays { right, .. } = limit.invariant else { return None };
    amounts::reading(ir, right, plan)
}

/// Whether the first bound is met before the later one on the way down (or up, for upper bounds).
fn tighter(ir: &Known, first: &Limit, later: &Limit, plan: usize) -> Option<bool> {
    let Invariant::Stays { bound, .. } = first.invariant else { return None };
    let gap = bound_of(ir, first, plan)?.amount()?.less(&bound_of(ir, later, plan)?.amount()?)?;
    let gap = match gap.number() {
        Some(gap) => gap,
        // A share more of what an account begins with is an amount more.
        None if gap.off.is_zero() => only_share(&gap).filter(|(words, _)| words.contains("start_"))?.1,
        None => return None,
    };
    Some(if upward(bound) { gap > Decimal::ZERO } else { gap < Decimal::ZERO })
}

fn only_share(amount: &Amount) -> Option<(&str, Decimal)> {
    let mut shares = amount.moves.values();
    let (share, words) = shares.next()?;
    shares.next().is_none().then_some((words, *share))
}

/// Whether nothing that the later limit does is left to do once the first one has broken.
fn leaves_nothing(first: &Limit, later: &Limit) -> bool {
    if !later.at_used.is_empty() || (later.refuses && !first.refuses) || (later.reduces && !first.reduces) {
        return false;
    }
    let at_once: Vec<&Action> = first
        .on_breach
        .iter()
        .filter(|handler| handler.from == 1 && handler.to.is_none() && handler.when.is_none())
        .flat_map(|handler| &handler.actions)
        .collect();
    let ends = |action: &&Action| matches!(action.kind, ActionKind::Fail | ActionKind::CloseAccount);
    if at_once.iter().any(ends) {
        return true;
    }
    let done: Vec<String> = at_once.iter().filter_map(|action| effect(action)).collect();
    let mut wanted = later.on_breach.iter().flat_map(|handler| &handler.actions).map(effect).peekable();
    (wanted.peek().is_some() || later.refuses || later.reduces) && wanted.all(|wanted| wanted.is_some_and(|wanted| done.contains(&wanted)))
}

/// What an action does, where another that does the same makes it needless.
fn effect(action: &Action) -> Option<String> {
    match &action.kind {
        ActionKind::Flatten { target: FlattenTarget::All, down_to: None, .. } => Some("flatten".into()),
        ActionKind::CancelOrders => Some("cancel orders".into()),
        ActionKind::Reject => Some("reject".into()),
        ActionKind::Lock(LockUntil::Next(period)) => Some(format!("lock until next {}", period.0)),
        ActionKind::Lock(LockUntil::Staff) => Some("lock until staff".into()),
        _ => None,
    }
}

fn never_first(ir: &Known, (_, node, later): &Placed, (_, other, first): &Placed, plan: usize) -> Diagnostic {
    let words = |limit: &Limit| match limit.invariant {
        Invariant::Stays { right, .. } => bound_of(ir, limit, plan)
            .and_then(Reading::amount)
            .map_or_else(|| ir.source.words(ir.expr(right).span), |amount| amount.words(ir, &ir.expr(right).ty)),
        Invariant::Never(_) => String::new(),
    };
    let plans = ir.plans.names.get(plan).map_or_else(String::new, |name| format!("with plan {name}: "));
    Diagnostic::new(Code::NeverFirst, node.head, format!("\"{}\" never breaks first: \"{}\" is always tighter", node.name, other.name))
        .label(format!("broken at {}", words(later)))
        .other(other.head, format!("broken before it, at {}", words(first)))
        .note(format!("{plans}\"{}\" is broken at {}, \"{}\" only at {}", other.name, words(first), node.name, words(later)))
        .help("take this limit out, or write the bound that was meant; one that fails may stand beyond one that only warns or locks")
}

/// `P of X` in a bound, where `X` is the equity or balance as it stands: the share, and `X`.
fn share_of_equity(ir: &Ir, id: ExprId) -> Option<(ExprId, ExprId)> {
    all_read(ir, id).into_iter().find_map(|id| match ir.expr(id).kind {
        ExprKind::Percent(percent, whole) if moves_all_day(ir, whole) => Some((percent, whole)),
        _ => None,
    })
}

/// Whether a value is what the account is worth or has gained; an open loss beside a share of the balance is not.
fn reads_equity(ir: &Ir, id: ExprId) -> bool {
    all_read(ir, id).into_iter().any(|id| {
        matches!(
            ir.expr(id).kind,
            ExprKind::Account(AccountField::Equity | AccountField::Balance | AccountField::Profit)
                | ExprKind::Period(_, PeriodField::Profit | PeriodField::EquityProfit)
        )
    })
}

fn moves_all_day(ir: &Ir, id: ExprId) -> bool {
    match ir.expr(id).kind {
        ExprKind::Account(AccountField::Equity | AccountField::Balance) => true,
        ExprKind::Node(node) => matches!(ir.node(node).kind, NodeKind::Value(value) if moves_all_day(ir, value)),
        _ => false,
    }
}

/// A day in numbers: the account has gained before it and loses in it.
struct Example {
    size: Decimal,
    began: Decimal,
    now: Decimal,
    /// What the base of the share is taken to be.
    base: Decimal,
}

fn moving_base(ir: &Known, node: &Node, right: ExprId, (percent, whole): (ExprId, ExprId)) -> Diagnostic {
    let (share, base) = (ir.source.words(ir.expr(percent).span), ir.source.words(ir.expr(whole).span));
    let place = ir.expr(percent).span.to(ir.expr(whole).span);
    let found = Diagnostic::new(Code::MovingBase, place, format!("{share} of `{base}` becomes less as the account loses"))
        .label("its base moves during the day")
        .other(node.head, "the limit on losses")
        .help(format!(
            "write `{share} of size`, or `{share} of {}`, which stays the same from the day's opening to the next",
            start_of(ir, right)
        ));
    match floors(ir, right, whole) {
        Some(note) => found.note(note),
        None => found,
    }
}

/// What the day began with, as the limit itself counts from it.
fn start_of(ir: &Known, right: ExprId) -> &'static str {
    let of_balance = |id: ExprId| matches!(ir.expr(id).kind, ExprKind::Period(_, PeriodField::StartBalance));
    if all_read(ir, right).into_iter().any(of_balance) { "day.start_balance" } else { "day.start_equity" }
}

/// The floor as written and with the two bases that stand still, in numbers of the first plan.
fn floors(ir: &Known, right: ExprId, whole: ExprId) -> Option<String> {
    let size = amounts::size(ir, 0)?;
    let of_size = |percent: i32| size.percent(Decimal::from(percent)).ok();
    let (began, now) = (of_size(104)?, of_size(101)?);
    let floor = |base: Decimal| floor_of(ir, right, whole, &Example { size, began, now, base });
    let money = |amount: Decimal| amounts::written(ir, &ir.expr(right).ty, amount);
    let plan = ir.plans.names.first()?;
    Some(format!(
        "plan {plan}, on a day that began at {}, when {} is left: the floor is {} as written, {} with `size`, {} with `{}`",
        money(began),
        money(now),
        money(floor(now)?),
        money(floor(size)?),
        money(floor(began)?),
        start_of(ir, right)
    ))
}

fn floor_of(ir: &Known, id: ExprId, whole: ExprId, example: &Example) -> Option<Decimal> {
    if id == whole {
        return Some(example.base);
    }
    let value = |id: ExprId| floor_of(ir, id, whole, example);
    match &ir.expr(id).kind {
        ExprKind::Account(AccountField::Equity) => Some(example.now),
        ExprKind::Account(AccountField::Size | AccountField::OriginalSize | AccountField::PhaseStartBalance) => Some(example.size),
        ExprKind::Account(AccountField::Balance) | ExprKind::Period(_, PeriodField::StartBalance | PeriodField::StartEquity) => {
            Some(example.began)
        }
        ExprKind::Negate(inner) => value(*inner).map(Decimal::neg),
        ExprKind::Percent(percent, of) => value(*of)?.percent(value(*percent)?).ok(),
        ExprKind::Arithmetic(operation, left, right) => {
            use crate::ir::Arithmetic::{Add, Divide, Multiply, Subtract};
            let (left, right) = (value(*left)?, value(*right)?);
            match operation {
                Add => left.add(right).ok(),
                Subtract => left.sub(right).ok(),
                Multiply => left.mul(right).ok(),
                Divide => left.div(right).ok(),
            }
        }
        ExprKind::Node(node) => match ir.node(*node).kind {
            NodeKind::Value(inner) => value(inner),
            _ => None,
        },
        _ => amounts::amount(ir, id, 0)?.number(),
    }
}
