//! Tiers that no value reaches, and values that fall into none.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Comparison, ExprId, ExprKind, Matching, Table};
use crate::value::{Decimal, Type};
use crate::vocabulary::AccountField;

use super::super::Checker;
use super::amounts::{self, Compared, Known, sameness};

/// The values that come to a branch: above or from the first, below or up to the second.
#[derive(Clone, Copy, Debug, Default)]
struct Range {
    from: Option<(Decimal, bool)>,
    to: Option<(Decimal, bool)>,
}

impl Range {
    /// What is left of it where a comparison with a number holds.
    fn within(mut self, comparison: Comparison, bound: Decimal) -> Option<Self> {
        match comparison {
            Comparison::AtLeast => self.raise(bound, true),
            Comparison::Above => self.raise(bound, false),
            Comparison::AtMost => self.lower(bound, true),
            Comparison::Below => self.lower(bound, false),
            Comparison::Equal | Comparison::NotEqual => return None,
        }
        Some(self)
    }

    fn raise(&mut self, bound: Decimal, included: bool) {
        if self.from.is_none_or(|(from, with)| bound > from || (bound == from && with && !included)) {
            self.from = Some((bound, included));
        }
    }

    fn lower(&mut self, bound: Decimal, included: bool) {
        if self.to.is_none_or(|(to, with)| bound < to || (bound == to && with && !included)) {
            self.to = Some((bound, included));
        }
    }

    fn is_empty(self) -> bool {
        let (Some((from, a)), Some((to, b))) = (self.from, self.to) else { return false };
        from > to || (from == to && !(a && b))
    }
}

const fn otherwise(comparison: Comparison) -> Option<Comparison> {
    match comparison {
        Comparison::AtLeast => Some(Comparison::Below),
        Comparison::Above => Some(Comparison::AtMost),
        Comparison::AtMost => Some(Comparison::Above),
        Comparison::Below => Some(Comparison::AtLeast),
        Comparison::Equal | Comparison::NotEqual => None,
    }
}

impl Checker<'_> {
    pub(super) fn tiers_never_reached(&mut self, ir: &Known) {
        let mut told: BTreeSet<ExprId> = BTreeSet::new();
        // A chain is looked at from its first `if`, which stands behind the others.
        for id in (0..ir.exprs.len()).rev().filter_map(|at| u32::try_from(at).ok()).map(ExprId) {
            if matches!(ir.expr(id).kind, ExprKind::If(..))
                && !told.contains(&id)
                && let Some(found) = never_chosen(ir, id, &mut told)
            {
                self.report(found);
            }
        }
        for (at, table) in (0..).zip(&ir.tables) {
            let key = ir.exprs.iter().find_map(|expr| match expr.kind {
                ExprKind::Lookup(looked_up, _, key, _) if looked_up == at => Some(key),
                _ => None,
            });
            for found in row_never_reached(ir, table, key).into_iter().chain(last_slice(ir, table)) {
                self.report(found);
            }
        }
    }
}

/// One branch of a chain: its condition.
struct Branch {
    condition: ExprId,
    compared: Compared,
}

/// The branches of `if … else if …`, as long as they compare one value.
fn chain(ir: &Known, first: ExprId, seen: &mut BTreeSet<ExprId>) -> Vec<Branch> {
    let mut branches: Vec<Branch> = Vec::new();
    let mut at = first;
    while let ExprKind::If(condition, _, otherwise) = ir.expr(at).kind {
        let Some(compared) = Compared::of(ir, condition) else { break };
        if branches.first().is_some_and(|branch| sameness(ir, branch.compared.left) != sameness(ir, compared.left)) {
            break;
        }
        seen.insert(at);
        branches.push(Branch { condition, compared });
        at = otherwise;
    }
    branches
}

/// The first branch of a chain that earlier ones leave nothing to, for every plan.
fn never_chosen(ir: &Known, first: ExprId, seen: &mut BTreeSet<ExprId>) -> Option<Diagnostic> {
    let branches = chain(ir, first, seen);
    (1..branches.len()).find_map(|at| {
        let plans = 0..ir.plans.names.len();
        let earlier = plans.map(|plan| taken_before(ir, &branches, at, plan)).collect::<Option<Vec<usize>>>()?;
        let (branch, before) = (&branches[at], &branches[*earlier.first()?]);
        let words = |branch: &Branch| ir.source.words(ir.expr(branch.condition).span);
        Some(
            Diagnostic::new(Code::NeverReached, ir.expr(branch.condition).span, format!("no value comes to `{}`", words(branch)))
                .label("never chosen")
                .other(ir.expr(before.condition).span, "takes all these values before")
                .help("of `at least` and `above`, put the highest bound first; of `at most` and `below`, the lowest"),
        )
    })
}

/// The earlier branch that takes what would come to a branch, for a plan; nothing where something is left to it.
fn taken_before(ir: &Known, branches: &[Branch], at: usize, plan: usize) -> Option<usize> {
    let bound = |branch: &Branch| branch.compared.bound(ir, plan)?.number();
    let own = Range::default().within(branches[at].compared.comparison, bound(&branches[at])?)?;
    (0..at).find(|earlier| {
        let branch = &branches[*earlier];
        let left = otherwise(branch.compared.comparison).zip(bound(branch)).and_then(|(comparison, bound)| own.within(comparison, bound));
        left.is_some_and(Range::is_empty)
    })
}

/// A row of steps below everything that its value can be, or the row `any` beside all words of a choice.
fn row_never_reached(ir: &Known, table: &Table, key: Option<ExprId>) -> Option<Diagnostic> {
    if let (Matching::Exact, Type::OneOf(words)) = (table.matching, &table.key) {
        let (named, any): (Vec<_>, Vec<_>) = table.rows.iter().partition(|row| row.key.is_some());
        let any = any.first().filter(|_| named.len() == words.len())?;
        let found = Diagnostic::new(Code::NeverReached, any.span, format!("no value comes to the row `any` of `{}`", table.name));
        return Some(found.label("every word has a row of its own").help("take the row out"));
    }
    if !is_never_negative(ir, key?) {
        return None;
    }
    let bounds: Vec<Option<Decimal>> = table.rows.iter().map(|row| amounts::amount(ir, row.key?, 0)?.number()).collect();
    let dead = (0..table.rows.len()).find(|at| {
        let ends = match table.matching {
            Matching::UpTo | Matching::Slices => bounds[*at].map(|bound| (bound, true)),
            Matching::Below => bounds[*at].map(|bound| (bound, false)),
            Matching::From => bounds.get(at + 1).copied().flatten().map(|bound| (bound, false)),
            Matching::Above => bounds.get(at + 1).copied().flatten().map(|bound| (bound, true)),
            Matching::Exact => None,
        };
        ends.is_some_and(|(end, included)| end < Decimal::ZERO || (end.is_zero() && !included))
    })?;
    let row = &table.rows[dead];
    let words = ir.source.words(ir.expr(key?).span);
    let found = Diagnostic::new(Code::NeverReached, row.span, format!("no value comes to this row of `{}`", table.name));
    Some(found.label(format!("`{words}` is never below zero")).help("take the row out, or write the bound that was meant"))
}

fn is_never_negative(ir: &Known, id: ExprId) -> bool {
    match &ir.expr(id).kind {
        ExprKind::Account(field) => {
            use AccountField::{Available, Costs, Deposited, FillCount, PositionCount, TradeCount, Withdrawn};
            matches!(field, Available | Costs | Deposited | FillCount | PositionCount | TradeCount | Withdrawn)
        }
        ExprKind::Payout(_) | ExprKind::Absolute(_) => true,
        ExprKind::Maximum(list) => list
            .iter()
            .any(|one| amounts::amount(ir, *one, 0).and_then(|amount| amount.number()).is_some_and(|number| !number.is_negative())),
        _ => false,
    }
}

/// Slices that end: what lies above is paid nothing, without a word of it.
fn last_slice(ir: &Known, table: &Table) -> Option<Diagnostic> {
    let last = table.rows.last().filter(|row| table.matching == Matching::Slices && row.key.is_some())?;
    let bound = amounts::written(ir, &table.key, amounts::amount(ir, last.key?, 0)?.number()?);
    Some(
        Diagnostic::new(Code::NeverReached, last.span, format!("what is above {bound} falls into no slice of `{}`", table.name))
            .label("the last slice ends here")
            .help("add a row `any` with the rate of what is above, `0%` where nothing is paid for it"),
    )
}
