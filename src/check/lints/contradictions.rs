//! Conditions that contradict themselves, so that they never hold or always do.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Comparison, Constant, ExprId, ExprKind, Node, NodeKind, PayoutStepKind, Requirement};
use crate::value::{Decimal, Type};

use super::super::Checker;
use super::super::order::{action_exprs, actions_of, own_exprs};
use super::amounts::{self, Compared, Known, sameness};
use super::goals::upward;

/// A condition that is joined with others, and whether it is to hold.
type Part = (ExprId, bool);

impl Checker<'_> {
    pub(super) fn conditions_that_never_change(&mut self, ir: &Known) {
        let mut seen = BTreeSet::new();
        for (at, node) in ir.nodes.iter().enumerate() {
            self.stand_in(at);
            let of_actions = actions_of(node).into_iter().flat_map(|action| action_exprs(&action.kind));
            let mut waiting: Vec<ExprId> = own_exprs(node).into_iter().chain(of_actions).collect();
            while let Some(id) = waiting.pop() {
                if !seen.insert(id) {
                    continue;
                }
                match fixed(ir, id) {
                    Some(found) => self.report(found),
                    None => waiting.extend(ir.expr(id).kind.operands()),
                }
            }
            if let Some(found) = never_together(ir, node) {
                self.report(found);
            }
        }
        self.current_use = None;
    }
}

/// A condition that never holds, or always.
fn fixed(ir: &Known, id: ExprId) -> Option<Diagnostic> {
    let found = |claim: &str| Diagnostic::new(Code::NeverChanges, ir.expr(id).span, format!("this condition {claim}"));
    match ir.expr(id).kind {
        ExprKind::Compare(comparison, left, right) if sameness(ir, left) == sameness(ir, right) && is_told_in(ir, left) => {
            let holds = comparison.holds(std::cmp::Ordering::Equal);
            let found = found(if holds { "always holds" } else { "never holds" });
            Some(found.label("the same on both sides").help("compare it with what it is to be measured against"))
        }
        ExprKind::Compare(comparison, left, right) if ir.expr(left).ty == Type::Count => {
            let holds = beside_a_count(ir, comparison, right)?;
            let found = found(if holds { "always holds" } else { "never holds" });
            Some(found.label("a count is never below 0").help("write how many are meant, as in `days_traded is at least 5`"))
        }
        ExprKind::And(..) | ExprKind::Or(..) => {
            if let Some((first, second)) = excluding(ir, &joined(ir, id, true)) {
                let help = instead(ir, first, second);
                let [first, second] = [first, second].map(|part| words(ir, part, true));
                return Some(found("never holds").note(format!("{first} and {second} exclude each other")).help(help));
            }
            let (first, second) = excluding(ir, &joined(ir, id, false))?;
            let [first, second] = [first, second].map(|part| words(ir, part, false));
            let found = found("always holds").note(format!("where {first} does not hold, {second} does"));
            Some(found.help("join them with `and` where both are needed, or write the bound that was meant"))
        }
        _ => None,
    }
}

/// Whether a comparison of a count with a number that is written there always holds, or never.
fn beside_a_count(ir: &Known, comparison: Comparison, right: ExprId) -> Option<bool> {
    let ExprKind::Constant(Constant::Decimal(number)) = ir.expr(right).kind else { return None };
    match comparison {
        Comparison::AtLeast if number <= Decimal::ZERO => Some(true),
        Comparison::Above if number.is_negative() => Some(true),
        Comparison::Below if number <= Decimal::ZERO => Some(false),
        Comparison::AtMost if number.is_negative() => Some(false),
        _ => None,
    }
}

/// What was probably meant by two parts that exclude each other.
fn instead(ir: &Known, first: Part, second: Part) -> String {
    let [one, other] = [first, second].map(|part| words(ir, part, true));
    if sameness(ir, first.0) == sameness(ir, second.0) {
        return format!("keep the one that is meant: {one} or {other}");
    }
    let enough = "join them with `or` where one of the two is enough";
    match exchanged(ir, first.0, second.0).filter(|_| first.1 && second.1) {
        Some(between) => format!("for an amount between the two write `{between}`; {enough}"),
        None => format!("{enough}, or write the bound that was meant"),
    }
}

/// Two bounds of one value, each with the amount of the other.
fn exchanged(ir: &Known, first: ExprId, second: ExprId) -> Option<String> {
    let bound = |id: ExprId| match ir.expr(id).kind {
        ExprKind::Compare(comparison, left, right) => Some((comparison, left, right)),
        _ => None,
    };
    let ((one, left, lower), (other, same, upper)) = (bound(first)?, bound(second)?);
    let rises = |comparison| matches!(comparison, Comparison::AtLeast | Comparison::Above);
    let falls = |comparison| matches!(comparison, Comparison::AtMost | Comparison::Below);
    let apart = rises(one) && falls(other) || falls(one) && rises(other);
    let with = |id: ExprId, old: ExprId, new: ExprId| {
        let words = ir.source.words(ir.expr(id).span);
        words.strip_suffix(ir.source.words(ir.expr(old).span).as_str()).map(|rest| format!("{rest}{}", ir.source.words(ir.expr(new).span)))
    };
    (apart && sameness(ir, left) == sameness(ir, same)).then_some(())?;
    Some(format!("{} and {}", with(first, lower, upper)?, with(second, upper, lower)?))
}

/// A part as it stands in a condition whose parts are all to be so.
fn words(ir: &Known, (id, holds): Part, stands: bool) -> String {
    let words = ir.source.words(ir.expr(id).span);
    if holds == stands { format!("`{words}`") } else { format!("`not {words}`") }
}

/// Whether what is compared changes at all, so that it was compared for a reason.
fn is_told_in(ir: &Known, id: ExprId) -> bool {
    !matches!(ir.expr(id).kind, ExprKind::Constant(_))
}

/// The conditions that must all hold, or not hold, for a condition to hold or not to hold.
fn joined(ir: &Known, id: ExprId, holds: bool) -> Vec<Part> {
    let (mut waiting, mut seen, mut found) = (vec![(id, holds)], BTreeSet::new(), Vec::new());
    while let Some((id, holds)) = waiting.pop() {
        if !seen.insert((id, holds)) {
            continue;
        }
        match ir.expr(id).kind {
            ExprKind::And(left, right) if holds => waiting.extend([(right, true), (left, true)]),
            ExprKind::Or(left, right) if !holds => waiting.extend([(right, false), (left, false)]),
            ExprKind::Not(inner) => waiting.push((inner, !holds)),
            ExprKind::Node(node) => match ir.node(node).kind {
                NodeKind::Value(value) => waiting.push((value, holds)),
                _ => found.push((id, holds)),
            },
            _ => found.push((id, holds)),
        }
    }
    found
}

/// The first two parts that are never as they are to be together.
fn excluding(ir: &Known, parts: &[Part]) -> Option<(Part, Part)> {
    let pairs = parts.iter().enumerate().flat_map(|(at, second)| parts[..at].iter().map(move |first| (*first, *second)));
    pairs.into_iter().find(|(first, second)| exclude(ir, *first, *second))
}

fn exclude(ir: &Known, (first, one): Part, (second, other): Part) -> bool {
    if sameness(ir, first) == sameness(ir, second) {
        return one != other;
    }
    let (Some(first), Some(second)) = (as_it_is_to_be(ir, first, one), as_it_is_to_be(ir, second, other)) else { return false };
    if two_words(ir, first, second) {
        return true;
    }
    let plans = 0..ir.plans.names.len();
    let known: Vec<bool> = plans.filter_map(|plan| bounds_exclude(ir, first, second, plan)).collect();
    !known.is_empty() && known.iter().all(|excluded| *excluded)
}

/// A comparison, turned round where it is not to hold.
fn as_it_is_to_be(ir: &Known, id: ExprId, holds: bool) -> Option<Compared> {
    let compared = Compared::of(ir, id)?;
    let comparison = if holds { compared.comparison } else { compared.comparison.opposite() };
    Some(Compared { comparison, ..compared })
}

/// One value that is to be two different words, days or texts.
fn two_words(ir: &Known, first: Compared, second: Compared) -> bool {
    let constant = |id: ExprId| if let ExprKind::Constant(constant) = &ir.expr(id).kind { Some(constant.clone()) } else { None };
    let both = first.comparison == Comparison::Equal && second.comparison == Comparison::Equal;
    let unlike = constant(first.right).zip(constant(second.right)).is_some_and(|(a, b)| a != b);
    both && unlike && first.percent.is_none() && second.percent.is_none() && sameness(ir, first.left) == sameness(ir, second.left)
}

/// Whether no value lies within both bounds.
fn bounds_exclude(ir: &Known, first: Compared, second: Compared, plan: usize) -> Option<bool> {
    let mut known = None;
    for (one, above) in bounds(ir, first, plan) {
        for (other, beyond) in bounds(ir, second, plan) {
            let Some(room) = one.plus(&other).and_then(|sum| sum.number()).filter(|_| !one.moves.is_empty()) else { continue };
            let excluded = room.is_negative() || (room.is_zero() && (above || beyond));
            known = Some(excluded || known.unwrap_or(false));
        }
    }
    known
}

/// A comparison as amounts that are at least zero, or above it; `is` is two of them.
fn bounds(ir: &Known, compared: Compared, plan: usize) -> Vec<(amounts::Amount, bool)> {
    let ways = match compared.comparison {
        Comparison::Equal => vec![Comparison::AtLeast, Comparison::AtMost],
        comparison => vec![comparison],
    };
    ways.into_iter().filter_map(|comparison| upward(ir, Compared { comparison, ..compared }, plan)).collect()
}

/// Two requirements of a goal, or of a payout at its request, that never hold together.
fn never_together(ir: &Known, node: &Node) -> Option<Diagnostic> {
    let requirements: Vec<&Requirement> = match &node.kind {
        NodeKind::Goal(goal) => goal.requirements.iter().filter(|requirement| requirement.when.is_none()).collect(),
        NodeKind::Payout(payout) => {
            let steps = payout.steps.iter().filter(|step| step.when.is_none());
            steps.filter_map(|step| if let PayoutStepKind::Require(requirement) = &step.kind { Some(requirement) } else { None }).collect()
        }
        _ => return None,
    };
    let pairs = requirements.iter().enumerate().flat_map(|(at, second)| requirements[..at].iter().map(move |first| (*first, *second)));
    pairs.into_iter().find_map(|(first, second)| {
        let (ones, others) = (joined(ir, first.condition, true), joined(ir, second.condition, true));
        let mut both = ones.iter().flat_map(|one| others.iter().map(move |other| (*one, *other)));
        let (one, other) = both.find(|(one, other)| exclude(ir, *one, *other))?;
        Some(
            Diagnostic::new(
                Code::NeverChanges,
                ir.expr(second.condition).span,
                format!("\"{}\" and \"{}\" are never met together", first.title, second.title),
            )
            .label("excludes the other")
            .other(ir.expr(first.condition).span, "required here")
            .note(format!("{} and {} exclude each other", words(ir, one, true), words(ir, other, true)))
            .help("write the bound that was meant, or take one of the two out"),
        )
    })
}
