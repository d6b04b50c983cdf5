//! Floors that never rise, and floors that start elsewhere than at their distance.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{ExprId, Floor, Node, NodeKind};
use crate::value::Decimal;

use super::super::Checker;
use super::amounts::{self, Known};
use super::opening::Opening;

impl Checker<'_> {
    /// Floors whose lines are out of step with each other.
    pub(super) fn floors_out_of_step(&mut self, ir: &Known) {
        for (at, node) in ir.nodes.iter().enumerate() {
            let NodeKind::Floor(floor) = &node.kind else { continue };
            // Where a floor jumps, or starts in several ways, its lines are for other moments too.
            if !floor.starts_when.is_empty() || !floor.jumps.is_empty() || floor.trails.is_empty() {
                continue;
            }
            if let Some(found) = never_rises(ir, node, floor).or_else(|| another_distance(ir, node, floor)) {
                self.stand_in(at);
                self.report(found);
            }
        }
        self.current_use = None;
    }
}

/// Two values of a floor for each plan; nothing where one of them is not known.
fn for_each_plan(
    ir: &Known,
    node: &Node,
    of: impl Fn(&mut Opening) -> Option<(Decimal, Decimal)>,
) -> Option<Vec<(String, Decimal, Decimal)>> {
    let all = Opening::all(ir, node).into_iter().map(|mut opening| of(&mut opening).map(|(a, b)| (opening.plan().to_owned(), a, b)));
    all.collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())
}

fn words(ir: &Known, id: ExprId, amount: Decimal) -> String {
    amounts::written(ir, &ir.expr(id).ty, amount)
}

/// A floor that starts where its cap stands, or above, with each plan.
fn never_rises(ir: &Known, node: &Node, floor: &Floor) -> Option<Diagnostic> {
    let cap = floor.caps.iter().find(|(_, when)| when.is_none()).map(|(cap, _)| *cap)?;
    let all = for_each_plan(ir, node, |opening| {
        let starts = opening.value(floor.starts)?;
        // One that starts above the account is broken from the first, and told as that.
        let below = floor.trails.iter().all(|trail| opening.value(trail.followed).is_none_or(|followed| starts <= followed));
        Some((starts, opening.value(cap)?)).filter(|_| below)
    })?;
    let (plan, starts, capped) = all.first().filter(|_| all.iter().all(|(_, starts, capped)| capped <= starts))?;
    let found = Diagnostic::new(Code::FloorOutOfStep, ir.expr(cap).span, format!("`{}` never rises", node.name));
    Some(
        found
            .label(format!("no higher than {}", words(ir, cap, *capped)))
            .other(ir.expr(floor.starts).span, format!("starts at {}", words(ir, cap, *starts)))
            .note(format!("with plan {plan}, it starts at {} and is capped at {}", words(ir, cap, *starts), words(ir, cap, *capped)))
            .help("a floor is capped at the highest that it may come to, such as `size`; for one that stands still write the amount in the limit"),
    )
}

/// Whether of two distances one is at least half as large again as the other.
fn apart(one: Decimal, other: Decimal) -> bool {
    let half_more = |amount: Decimal| amount.mul(Decimal::from(3)).and_then(|thrice| thrice.div(Decimal::from(2))).ok();
    let (less, more) = (one.min(other), one.max(other));
    less > Decimal::ZERO && half_more(less).is_some_and(|bound| more >= bound)
}

/// A floor that follows at another distance than it starts at, with each plan.
fn another_distance(ir: &Known, node: &Node, floor: &Floor) -> Option<Diagnostic> {
    let [trail] = floor.trails.as_slice() else { return None };
    if trail.of_itself || trail.when.is_some() {
        return None;
    }
    let all = for_each_plan(ir, node, |opening| {
        let followed = opening.value(trail.followed)?;
        let room = followed.sub(opening.value(floor.starts)?).ok()?;
        // Where most of the account is left to lose, that is told.
        Some((room, opening.value(trail.distance)?)).filter(|_| room.add(room).is_ok_and(|most| most <= followed))
    })?;
    let (plan, room, distance) = all.first().filter(|_| all.iter().all(|(_, room, distance)| apart(*room, *distance)))?;
    let of = trail.distance;
    let found =
        Diagnostic::new(Code::FloorOutOfStep, ir.expr(of).span, format!("`{}` follows at another distance than it starts at", node.name));
    Some(
        found
            .label(format!("{} behind", words(ir, of, *distance)))
            .other(ir.expr(floor.starts).span, format!("{} behind", words(ir, of, *room)))
            .note(format!("with plan {plan}, it starts {} behind and follows {} behind", words(ir, of, *room), words(ir, of, *distance)))
            .help("write the same in both, as in `starts at size - $2,000` and `trails balance at day end by $2,000`"),
    )
}
