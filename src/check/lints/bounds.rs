//! Bounds of limits that do not limit: those that move with what they watch, are broken from the beginning, or
//! are not known on the first day; and goals that are met at the beginning.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Arithmetic, Comparison, ExprId, ExprKind, Goal, Invariant, Ir, Limit, Node, NodeKind, Per, Requirement};
use crate::source::Span;
use crate::syntax::ast::Bound;
use crate::value::{Decimal, Type};
use crate::vocabulary::{AccountField, PeriodField};

use super::super::Checker;
use super::all_read;
use super::amounts::{self, Compared, Known};
use super::goals::conjuncts;
use super::opening::Opening;

/// The sides of a limit's invariant.
#[derive(Clone, Copy)]
struct Sides {
    left: ExprId,
    bound: Bound,
    right: ExprId,
}

impl Sides {
    const fn of(limit: &Limit) -> Option<Self> {
        match limit.invariant {
            Invariant::Stays { left, bound, right, .. } => Some(Self { left, bound, right }),
            Invariant::Never(_) => None,
        }
    }

    const fn is_lower(self) -> bool {
        matches!(self.bound, Bound::Above | Bound::AtOrAbove)
    }

    /// Whether it holds of a value so far above its bound.
    fn holds(self, gap: Decimal) -> bool {
        match self.bound {
            Bound::Above => gap > Decimal::ZERO,
            Bound::AtOrAbove => gap >= Decimal::ZERO,
            Bound::Below => gap < Decimal::ZERO,
            Bound::AtOrBelow => gap <= Decimal::ZERO,
        }
    }

    const fn words(self) -> &'static str {
        match self.bound {
            Bound::Above => "stay above",
            Bound::AtOrAbove => "stay at or above",
            Bound::Below => "stay below",
            Bound::AtOrBelow => "stay at or below",
        }
    }
}

impl Checker<'_> {
    pub(super) fn bounds_that_do_not_limit(&mut self, ir: &Known) {
        for (at, node) in ir.nodes.iter().enumerate() {
            let found = match &node.kind {
                NodeKind::Limit(limit) => {
                    let Some(sides) = Sides::of(limit) else { continue };
                    moves_along(ir, node, limit)
                        .or_else(|| above_a_floor(ir, node, sides))
                        .or_else(|| broken_at_opening(ir, node, limit, sides))
                        .or_else(|| unknown_on_first_day(ir, node, limit, sides))
                }
                NodeKind::Goal(goal) => met_at_opening(ir, node, goal),
                _ => None,
            };
            if let Some(found) = found {
                self.stand_in(at);
                self.report(found);
            }
        }
        self.current_use = None;
    }
}

/// Where two sides are compared; the head of the statement where one of them was handed to it from elsewhere.
pub(super) fn place(ir: &Ir, node: &Node, (left, right): (ExprId, ExprId)) -> Span {
    let (left, right) = (ir.expr(left).span, ir.expr(right).span);
    let inside = |span: Span| node.span.start <= span.start && span.end <= node.span.end;
    if inside(left) && inside(right) { left.to(right) } else { node.head }
}

/// By how much a value stands above a bound that moves with it: a number, or a percentage of the value itself.
enum Gap {
    Number(Decimal),
    Share(Decimal),
}

impl Gap {
    const fn size(&self) -> Decimal {
        match self {
            Self::Number(size) | Self::Share(size) => *size,
        }
    }
}

fn gap(ir: &Known, sides: Sides, plan: usize) -> Option<Gap> {
    let left = amounts::amount(ir, sides.left, plan)?;
    let right = amounts::amount(ir, sides.right, plan)?;
    if left.moves.is_empty() || right.moves.is_empty() {
        return None;
    }
    let gap = left.less(&right)?;
    if let Some(number) = gap.number() {
        return Some(Gap::Number(number));
    }
    // An account is worth more than nothing: a share of that is so, too.
    let of_account = matches!(ir.expr(sides.left).kind, ExprKind::Account(AccountField::Equity | AccountField::Balance));
    let (class, (share, _)) = gap.moves.first_key_value()?;
    let of_itself = of_account && gap.off.is_zero() && gap.moves.len() == 1 && *class == amounts::sameness(ir, sides.left);
    of_itself.then(|| share.mul(Decimal::from(100)).ok()).flatten().map(Gap::Share)
}

/// Whether the bound of a limit stands at the same distance for ever, so that the limit always holds or never does.
pub(super) fn stands_apart(ir: &Known, limit: &Limit) -> bool {
    Sides::of(limit).is_some_and(|sides| gap(ir, sides, 0).is_some())
}

/// A bound that reads what the limit watches, and nothing else that moves.
fn moves_along(ir: &Known, node: &Node, limit: &Limit) -> Option<Diagnostic> {
    let sides = Sides::of(limit)?;
    let gaps = (0..ir.plans.names.len()).map(|plan| gap(ir, sides, plan)).collect::<Option<Vec<Gap>>>()?;
    let first = gaps.first()?;
    let holds = sides.holds(first.size());
    if gaps.iter().any(|gap| sides.holds(gap.size()) != holds) {
        return None;
    }
    let words = |id: ExprId| ir.source.words(ir.expr(id).span);
    let (left, plan) = (words(sides.left), ir.plans.names.first()?);
    let apart = match first {
        Gap::Number(number) => amounts::written(ir, &ir.expr(sides.right).ty, number.abs()),
        Gap::Share(share) => format!("{} of `{left}`", amounts::written(ir, &Type::Percent, share.abs())),
    };
    let side = if first.size().is_negative() { "above" } else { "below" };
    let claim = if holds { "can never be broken" } else { "is always broken" };
    Some(
        Diagnostic::new(
            Code::MovesAlong,
            place(ir, node, (sides.left, sides.right)),
            format!("\"{}\" {claim}: its bound moves with what it watches", node.name),
        )
        .label(format!("`{left}` stands on both sides"))
        .note(format!("with plan {plan}, the bound is {apart} {side} `{left}`, whatever becomes of it"))
        .help("let the bound stand still while the value moves: write it from `size`, `day.start_balance` or a floor"),
    )
}

/// A floor as a bound from above: whenever it is known, the account stands above it.
fn above_a_floor(ir: &Known, node: &Node, sides: Sides) -> Option<Diagnostic> {
    let of_floor = matches!(ir.expr(sides.right).kind, ExprKind::Node(read) if matches!(ir.node(read).kind, NodeKind::Floor(_)));
    let of_account = matches!(ir.expr(sides.left).kind, ExprKind::Account(AccountField::Equity | AccountField::Balance));
    let known = Opening::all(ir, node).into_iter().any(|mut opening| opening.value(sides.right).is_some());
    (of_floor && of_account && !sides.is_lower() && !known).then(|| {
        let words = |id: ExprId| ir.source.words(ir.expr(id).span);
        let (left, right) = (words(sides.left), words(sides.right));
        let found = Diagnostic::new(
            Code::FromTheFirst,
            place(ir, node, (sides.left, sides.right)),
            format!("\"{}\" is broken as soon as it is in force", node.name),
        );
        let note = format!("`{left}` begins above `{right}`, which is a floor");
        found.note(note).help(format!("a limit on losses bounds from below: write `{left} stays above {right}`, or `stays at or above`"))
    })
}

/// What a limit watches stands beyond the bound before anything has happened.
fn broken_at_opening(ir: &Known, node: &Node, limit: &Limit, sides: Sides) -> Option<Diagnostic> {
    let always = limit.clock.is_none() && limit.guard.is_none() && limit.from.is_none() && limit.lasting.is_none() && limit.cure.is_none();
    if !always || node.per != Per::Account {
        return None;
    }
    let (mut opening, value, bound) = Opening::all(ir, node).into_iter().find_map(|mut opening| {
        let (value, bound) = (opening.value(sides.left)?, opening.value(sides.right)?);
        (!sides.holds(value.sub(bound).ok()?)).then_some((opening, value, bound))
    })?;
    let words = |id: ExprId| ir.source.words(ir.expr(id).span);
    let written = |id: ExprId, number: Decimal| amounts::written(ir, &ir.expr(id).ty, number);
    let right = match &ir.expr(sides.right).kind {
        ExprKind::Constant(_) => written(sides.right, bound),
        _ => format!("`{}`, which is {}", words(sides.right), written(sides.right, bound)),
    };
    let note = format!(
        "with plan {}, `{}` is {} {}, and must {} {right}",
        opening.plan(),
        words(sides.left),
        written(sides.left, value),
        opening.moment(),
        sides.words()
    );
    Some(
        Diagnostic::new(
            Code::FromTheFirst,
            place(ir, node, (sides.left, sides.right)),
            format!("\"{}\" is broken before anything has happened", node.name),
        )
        .note(note)
        .help(turned(ir, &mut opening, sides, value, bound)),
    )
}

/// The bound that was probably meant: with the other sign, on the other side, or one that may be touched.
fn turned(ir: &Known, opening: &mut Opening, sides: Sides, value: Decimal, bound: Decimal) -> String {
    let words = |id: ExprId| ir.source.words(ir.expr(id).span);
    let (left, right) = (words(sides.left), words(sides.right));
    if !sides.is_lower() && value > bound {
        return format!("a limit on losses bounds from below: write `{left} stays above {right}`");
    }
    let other = match ir.expr(sides.right).kind {
        ExprKind::Arithmetic(operation @ (Arithmetic::Add | Arithmetic::Subtract), a, b) => {
            let (operation, sign) = if operation == Arithmetic::Add { (Arithmetic::Subtract, "-") } else { (Arithmetic::Add, "+") };
            let simple = !matches!(ir.expr(b).kind, ExprKind::Arithmetic(..) | ExprKind::Negate(_));
            opening.arithmetic(operation, a, b).filter(|_| simple).map(|other| (other, format!("{} {sign} {}", words(a), words(b))))
        }
        ExprKind::Negate(_) => None,
        _ if !value.is_zero() && sides.is_lower() => {
            return "the bound is above what the value begins with: write what must be left, such as `size - $2,000`".into();
        }
        _ => Some((bound.neg(), format!("-{right}"))),
    };
    match other {
        Some((other, text)) if sides.is_lower() && value > other => format!("a loss is taken off: write `{text}`"),
        _ if value == bound => {
            let other = if sides.is_lower() { "stays at or above" } else { "stays at or below" };
            format!("`{other}` lets the value stand at its bound")
        }
        _ => "write a bound that leaves room from what the value begins with".into(),
    }
}

/// A limit on money whose bound is of the last period, of which there is none on the first day.
fn unknown_on_first_day(ir: &Known, node: &Node, limit: &Limit, sides: Sides) -> Option<Diagnostic> {
    let bound = ir.expr(sides.right);
    if limit.guard.is_some() || limit.from.is_some() || !bound.maybe_missing || !matches!(bound.ty, Type::Money(_)) {
        return None;
    }
    let (id, field) = last_period(ir, sides.right)?;
    let words = ir.source.words(ir.expr(id).span);
    let period = words.strip_prefix("last ").and_then(|rest| rest.split('.').next()).unwrap_or("day");
    let help = match field {
        PeriodField::CloseBalance => format!("write `{period}.start_balance`, which is known from the opening on"),
        PeriodField::CloseEquity => format!("write `{period}.start_equity`, which is known from the opening on"),
        _ => format!("say what holds until then: `({words} else $0)`"),
    };
    Some(
        Diagnostic::new(Code::NotOnTheFirst, ir.expr(id).span, format!("\"{}\" is not in force during the first {period}", node.name))
            .label(format!("missing until a {period} has ended"))
            .note("a limit whose bound is missing is not in force, and nothing else tells of it")
            .help(help),
    )
}

/// A value of the last period that nothing stands in for.
fn last_period(ir: &Ir, id: ExprId) -> Option<(ExprId, PeriodField)> {
    all_read(ir, id).into_iter().find_map(|id| match ir.expr(id).kind {
        ExprKind::LastPeriod(_, field) if matches!(ir.expr(id).ty, Type::Money(_)) => Some((id, field)),
        _ => None,
    })
}

/// A goal of which all is met when an account begins, or that compares the whole balance with what is to be gained.
fn met_at_opening(ir: &Known, node: &Node, goal: &Goal) -> Option<Diagnostic> {
    if goal.guard.is_some() || goal.requirements.iter().any(|requirement| requirement.when.is_some()) {
        return None;
    }
    let waits = goal.clock.is_some() || goal.revocable;
    Opening::all(ir, node).into_iter().find_map(|mut opening| {
        let mut compared = goal.requirements.iter().flat_map(|one| conjuncts(ir, one.condition).into_iter().map(move |found| (one, found)));
        let balance = compared.clone().find(|(_, compared)| compares_whole(ir, &mut opening, *compared).unwrap_or(false));
        if let Some((requirement, compared)) = balance {
            return met(ir, &mut opening, (node, requirement), compared);
        }
        if let Some((requirement, compared)) = compared.clone().find(|(_, compared)| asks_for_less(ir, goal, &mut opening, *compared)) {
            return met(ir, &mut opening, (node, requirement), compared);
        }
        if let Some((requirement, compared)) = compared.clone().find(|(_, compared)| asks_for_nothing(ir, goal, &mut opening, *compared)) {
            return met(ir, &mut opening, (node, requirement), compared);
        }
        let all = !waits && goal.requirements.iter().all(|requirement| opening.holds(requirement.condition) == Some(true));
        let (requirement, compared) = compared.next().filter(|_| all)?;
        met(ir, &mut opening, (node, requirement), compared)
    })
}

/// Whether the balance or equity is asked to be at least what is less than half of it from the beginning.
fn compares_whole(ir: &Known, opening: &mut Opening, compared: Compared) -> Option<bool> {
    let (left, right) = opening.sides(compared)?;
    let more = matches!(compared.comparison, Comparison::AtLeast | Comparison::Above);
    Some(more && reads_whole(ir, compared) && right > Decimal::ZERO && right.add(right).ok()? < left)
}

/// Whether a goal asks that what is gained be at most so much, and nothing asks for more: that holds from the first.
fn asks_for_less(ir: &Known, goal: &Goal, opening: &mut Opening, compared: Compared) -> bool {
    let less = matches!(compared.comparison, Comparison::AtMost | Comparison::Below);
    let gained =
        |id: ExprId| matches!(ir.expr(id).kind, ExprKind::Account(AccountField::Balance | AccountField::Equity | AccountField::Profit));
    let asks_for_more = |other: Compared| gained(other.left) && !matches!(other.comparison, Comparison::AtMost | Comparison::Below);
    let mut others = goal.requirements.iter().flat_map(|requirement| conjuncts(ir, requirement.condition));
    let holds = |(left, right): (Decimal, Decimal)| right > Decimal::ZERO && compared.comparison.holds(left.cmp(&right));
    less && gained(compared.left) && !others.any(asks_for_more) && opening.sides(compared).is_some_and(holds)
}

/// Whether a goal asks for a profit of nothing or less and nothing asks for more, or for no more than no days.
fn asks_for_nothing(ir: &Known, goal: &Goal, opening: &mut Opening, compared: Compared) -> bool {
    let Some((left, right)) = opening.sides(compared).filter(|(left, right)| compared.comparison.holds(left.cmp(right))) else {
        return false;
    };
    let gains = |other: &Compared| matches!(ir.expr(other.left).ty, Type::Money(_)) && super::reads_gain(ir, other.left);
    let rises = |other: &Compared| matches!(other.comparison, Comparison::AtLeast | Comparison::Above);
    if matches!(ir.expr(compared.left).kind, ExprKind::Account(AccountField::Profit)) && rises(&compared) {
        let mut others = goal.requirements.iter().flat_map(|requirement| conjuncts(ir, requirement.condition));
        let another = others.any(|other| gains(&other) && rises(&other) && (other.left, other.right) != (compared.left, compared.right));
        return right.is_negative() || !another;
    }
    ir.expr(compared.left).ty == Type::Count && !rises(&compared) && left.is_zero() && right <= Decimal::ZERO
}

fn reads_whole(ir: &Known, compared: Compared) -> bool {
    matches!(ir.expr(compared.left).kind, ExprKind::Account(AccountField::Balance | AccountField::Equity))
}

fn met(ir: &Known, opening: &mut Opening, (node, requirement): (&Node, &Requirement), compared: Compared) -> Option<Diagnostic> {
    let (left, right) = opening.sides(compared)?;
    let words = |id: ExprId| ir.source.words(ir.expr(id).span);
    let written = |number: Decimal| amounts::written(ir, &ir.expr(compared.left).ty, number);
    let place = place(ir, node, (compared.left, compared.right));
    let comparison = compared.comparison.words();
    let asked = comparison.strip_prefix("is ").unwrap_or("exactly");
    let found =
        Diagnostic::new(Code::FromTheFirst, place, format!("\"{}\" is met before anything has happened", requirement.title)).note(format!(
            "with plan {}, `{}` is {} {}, and {asked} {} is asked for",
            opening.plan(),
            words(compared.left),
            written(left),
            opening.moment(),
            written(right)
        ));
    if matches!(compared.comparison, Comparison::AtMost | Comparison::Below) {
        return Some(found.help("a goal that asks for a gain says `is at least`; what may not be exceeded is a limit"));
    }
    Some(if reads_whole(ir, compared) && compared.percent.is_none() {
        let (left, right) = (words(compared.left), words(compared.right));
        found.help(format!("what was gained is `profit {comparison} {right}`, or `{left} {comparison} size + {right}`"))
    } else {
        found.help(match ir.expr(compared.left).ty {
            Type::Money(_) => "write what is to be gained, without a sign: `profit is at least 8% of size`, or a column of the plans",
            Type::Count => "write how many are asked for, as in `days_traded is at least 5`",
            _ => "ask for what an account does not begin with",
        })
    })
}
