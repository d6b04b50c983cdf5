//! Expressions on ranges. Sums, products, quotients and percentages are rounded as ever: rounding keeps
//! the order of numbers, so the ends of a range become the ends of the result.

use super::super::execute;
use super::super::machine::{difference, percent_of, sum};
use super::super::view::{Cursor, MISSING};
use super::{Banded, Range, Ranger, Sure, Unsure};
use crate::code::{CellOf, GoalCell, LimitCell, NodeCell};
use crate::compile::fold_constant;
use crate::ir::{Arithmetic, Collection, Comparison, Constant, ExprId, ExprKind, FoldFunction, LimitFacet, NodeId, NodeKind, PayoutFact};
use crate::value::{Fixed, Type};
use crate::vocabulary::Moment;

const NO: Range = Range::point(0);
const YES: Range = Range::point(1);
const EITHER: Range = Range { low: 0, high: 1 };

impl<V: Banded> Ranger<'_, V> {
    /// The range of an expression. One that may turn out missing, where it was promised, is unsure.
    pub(super) fn value(&mut self, id: ExprId) -> Sure<Range> {
        let ir = &self.machine.program.ir;
        if let Some(value) = fold_constant(ir, id) {
            return Ok(Range::point(value));
        }
        let expr = ir.expr(id);
        let range = self.kind(id, &expr.kind)?;
        if range.is_missing() && !expr.maybe_missing { Err(Unsure) } else { Ok(range) }
    }

    /// Whether a condition holds over the whole range.
    pub(super) fn decided(&mut self, id: ExprId) -> Sure<bool> {
        match self.value(id)? {
            NO => Ok(false),
            YES => Ok(true),
            _ => Err(Unsure),
        }
    }

    /// A value that is only looked at while a condition holds that marks may turn. What changes with time tells when it
    /// does as it is looked at; before that, nothing would wake the account in time.
    fn perhaps(&mut self, id: ExprId) -> Sure<Range> {
        let before = std::mem::take(&mut self.is_timed);
        let range = self.value(id)?;
        if self.is_timed {
            return Err(Unsure);
        }
        self.is_timed = before;
        Ok(range)
    }

    fn kind(&mut self, id: ExprId, kind: &ExprKind) -> Sure<Range> {
        match kind {
            ExprKind::Not(a) => self.value(*a).and_then(truth).map(|a| Range { low: 1 - a.high, high: 1 - a.low }),
            ExprKind::Negate(a) => self.map(*a, |a| Range { low: a.high.wrapping_neg(), high: a.low.wrapping_neg() }),
            ExprKind::Absolute(a) => self.map(*a, absolute),
            ExprKind::IsMissing(a) => self.value(*a).map(|a| Range::point(i64::from(a.is_missing()))),
            ExprKind::Arithmetic(operation, a, b) => self.arithmetic(*operation, *a, *b),
            ExprKind::Percent(a, b) => self.corners(*a, *b, percent),
            ExprKind::Compare(how, a, b) => self.compare(*how, *a, *b),
            ExprKind::ComparePercent(how, a, b, c) => {
                let (a, b, c) = (self.value(*a)?, self.value(*b)?, self.value(*c)?);
                against_percent(*how, a, b, c)
            }
            ExprKind::CompareElapsed(how, a, b) => self.elapsed(*how, *a, *b),
            ExprKind::And(a, b) => match truth(self.value(*a)?)? {
                NO => Ok(NO),
                YES => truth(self.value(*b)?),
                _ => truth(self.perhaps(*b)?).map(|b| Range { low: 0, high: b.high }),
            },
            ExprKind::Or(a, b) => match truth(self.value(*a)?)? {
                YES => Ok(YES),
                NO => truth(self.value(*b)?),
                _ => truth(self.perhaps(*b)?).map(|b| Range { low: b.low, high: 1 }),
            },
            ExprKind::If(condition, a, b) => match truth(self.value(*condition)?)? {
                YES => self.value(*a),
                NO => self.value(*b),
                _ => self.perhaps(*a)?.with(self.perhaps(*b)?),
            },
            ExprKind::Else(a, b) => match self.value(*a)? {
                a if a.is_missing() => self.value(*b),
                a => Ok(a),
            },
            ExprKind::Minimum(list) => self.list(list, |a, b| Range { low: a.low.min(b.low), high: a.high.min(b.high) }),
            ExprKind::Maximum(list) => self.list(list, |a, b| Range { low: a.low.max(b.low), high: a.high.max(b.high) }),
            ExprKind::OneOf(x, list) => self.one_of(*x, list),
            ExprKind::Fold(Collection::OpenPositions, function, what, filter) => self.fold(*function, *what, *filter),
            ExprKind::Limit(node, facet) => self.facet(*node, *facet),
            ExprKind::Goal(node, None) => Ok(Range::point(self.cell_of(*node, GoalCell::Reached)?)),
            ExprKind::Node(node) => self.node_value(*node),
            ExprKind::Account(field) => self.machine.view.account_range(*field).ok_or(Unsure),
            ExprKind::Period(period, field) => self.machine.view.period_range(*period, *field).ok_or(Unsure),
            ExprKind::Record(field) => {
                let cursor = self.machine.cursor_of(field.record());
                self.machine.view.record_range(*field, cursor).ok_or(Unsure)
            }
            ExprKind::Group(group, field) => {
                let cursor = self.machine.cursor_of_group(*group);
                self.machine.view.group_range(*group, *field, cursor).ok_or(Unsure)
            }
            _ => self.standing(id, kind).map(Range::point),
        }
    }

    /// What no price moves, as long as what it is made of stands.
    fn standing(&mut self, id: ExprId, kind: &ExprKind) -> Sure<i64> {
        let view = self.machine.view;
        match kind {
            ExprKind::LastPeriod(period, field) => Ok(view.last_period(*period, *field)),
            ExprKind::Payout(fact) if *fact != PayoutFact::Running => Ok(view.payout(*fact)),
            ExprKind::PhaseFinal(phase, field) => Ok(view.phase_final(*phase, *field)),
            ExprKind::PlanName => Ok(view.plan_name()),
            ExprKind::Plan(column) => Ok(view.plan(*column)),
            ExprKind::Option(option) => Ok(view.option(*option)),
            ExprKind::Input(input) => Ok(view.input(*input).0),
            ExprKind::Constant(Constant::Symbol(symbol)) => Ok(view.symbol(*symbol)),
            ExprKind::SessionOpen(session) => {
                self.is_timed = true;
                Ok(i64::from(view.session(*session).now))
            }
            ExprKind::SessionCloses(session) => {
                self.is_timed = true;
                Ok(view.session_closes(*session))
            }
            _ => {
                self.is_timed = true;
                // Whatever is left is taken as it stands, if prices do not move what it is made of.
                let ir = &self.machine.program.ir;
                if ir.expr(id).moments.contains(Moment::Mark) || self.machine.program.root(id).is_none() {
                    return Err(Unsure);
                }
                self.machine.value(id).map_err(|_| Unsure)
            }
        }
    }

    fn map(&mut self, a: ExprId, map: impl FnOnce(Range) -> Range) -> Sure<Range> {
        let a = self.value(a)?;
        Ok(if a.is_missing() { a } else { map(a) })
    }

    fn arithmetic(&mut self, operation: Arithmetic, a: ExprId, b: ExprId) -> Sure<Range> {
        let ir = &self.machine.program.ir;
        let dates = ir.expr(a).ty == Type::Date && ir.expr(b).ty == Type::Date;
        match operation {
            _ if dates => Err(Unsure),
            Arithmetic::Add => self.corners(a, b, |a, b| sum(a, b).map_err(|_| Unsure)),
            Arithmetic::Subtract => self.corners(a, b, |a, b| difference(a, b).map_err(|_| Unsure)),
            Arithmetic::Multiply => self.corners(a, b, |a, b| execute::product(a, b).map_err(|_| Unsure)),
            Arithmetic::Divide => {
                let divisor = self.value(b)?;
                if !divisor.is_missing() && divisor.low <= 0 && divisor.high >= 0 {
                    return Err(Unsure);
                }
                self.corners(a, b, |a, b| execute::quotient(a, b).map_err(|_| Unsure))
            }
        }
    }

    /// An operation that rises or falls with each side: its extremes lie at the corners.
    fn corners(&mut self, a: ExprId, b: ExprId, operation: impl Fn(i64, i64) -> Sure<i64>) -> Sure<Range> {
        let (a, b) = (self.value(a)?, self.value(b)?);
        if a.is_missing() || b.is_missing() {
            return Ok(Range::point(MISSING));
        }
        let mut range = Range::point(operation(a.low, b.low)?);
        for (a, b) in [(a.low, b.high), (a.high, b.low), (a.high, b.high)] {
            range = range.with(Range::point(operation(a, b)?))?;
        }
        Ok(range)
    }

    fn compare(&mut self, how: Comparison, a: ExprId, b: ExprId) -> Sure<Range> {
        let (a, b) = (self.value(a)?, self.value(b)?);
        holds(how, a, b)
    }

    /// Whether so much time has passed: its next turn is due by itself.
    fn elapsed(&mut self, how: Comparison, from: ExprId, bound: ExprId) -> Sure<Range> {
        self.is_timed = true;
        let (from, bound) = (self.value(from)?, self.value(bound)?);
        if from.is_missing() || !from.is_point() || !bound.is_point() {
            return Err(Unsure);
        }
        let passed = self.machine.now.saturating_sub(from.low);
        holds(how, Range::point(passed), bound)
    }

    fn list(&mut self, list: &[ExprId], join: impl Fn(Range, Range) -> Range) -> Sure<Range> {
        let mut result = Range::point(MISSING);
        for item in list {
            let item = self.value(*item)?;
            result = match (result.is_missing(), item.is_missing()) {
                (true, _) => item,
                (_, true) => result,
                _ => join(result, item),
            };
        }
        Ok(result)
    }

    fn one_of(&mut self, x: ExprId, list: &[ExprId]) -> Sure<Range> {
        let x = self.value(x)?;
        let mut found = NO;
        for item in list {
            let item = self.value(*item)?;
            match holds(Comparison::Equal, x, item)? {
                YES => return Ok(YES),
                NO => {}
                _ => found = EITHER,
            }
        }
        Ok(found)
    }

    fn fold(&mut self, function: FoldFunction, what: Option<ExprId>, filter: Option<ExprId>) -> Sure<Range> {
        self.machine.around.push(self.machine.cursor);
        let result = self.fold_positions(function, what, filter);
        self.machine.cursor = self.machine.around.pop().unwrap_or(Cursor::Event);
        result
    }

    fn fold_positions(&mut self, function: FoldFunction, what: Option<ExprId>, filter: Option<ExprId>) -> Sure<Range> {
        let mut total = match function {
            FoldFunction::Highest | FoldFunction::Lowest => Range::point(MISSING),
            FoldFunction::All => YES,
            _ => NO,
        };
        for index in 0..self.machine.view.len(Collection::OpenPositions) {
            self.machine.cursor = Cursor::Position(index);
            let passes = filter.map_or(Ok(YES), |filter| self.value(filter)).and_then(truth)?;
            if passes == NO {
                continue;
            }
            let value = what.map_or(Ok(YES), |what| if passes == YES { self.value(what) } else { self.perhaps(what) })?;
            if value.is_missing() {
                return Err(Unsure);
            }
            // An element that may or may not pass counts for one that does and for one that does not.
            let value = match function {
                _ if passes == YES => value,
                FoldFunction::Count | FoldFunction::Any => Range { low: 0, high: value.high },
                _ => return Err(Unsure),
            };
            total = match function {
                FoldFunction::Count => Range { low: total.low + Fixed::ONE_RAW * value.low.min(1), high: total.high + Fixed::ONE_RAW },
                FoldFunction::Any => Range { low: total.low | value.low, high: total.high | value.high },
                FoldFunction::All => Range { low: total.low & value.low, high: total.high & value.high },
                FoldFunction::Sum => {
                    let add = |a, b| sum(a, b).map_err(|_| Unsure);
                    Range { low: add(total.low, value.low)?, high: add(total.high, value.high)? }
                }
                FoldFunction::Highest if !total.is_missing() => Range { low: total.low.max(value.low), high: total.high.max(value.high) },
                FoldFunction::Lowest if !total.is_missing() => Range { low: total.low.min(value.low), high: total.high.min(value.high) },
                FoldFunction::Highest | FoldFunction::Lowest => value,
                FoldFunction::Average => return Err(Unsure),
            };
        }
        Ok(total)
    }

    fn facet(&mut self, node: NodeId, facet: LimitFacet) -> Sure<Range> {
        match facet {
            LimitFacet::Headroom => self.node_value(node),
            LimitFacet::Broken => self.cell_of(node, LimitCell::Broken).map(Range::point),
            LimitFacet::Breaches => self.cell_of(node, LimitCell::Count).map(Range::point),
            LimitFacet::Used => Err(Unsure),
        }
    }

    /// The value of a node, of the instance at hand: as it was found to move, else as it stands.
    pub(super) fn node_value(&mut self, node: NodeId) -> Sure<Range> {
        let Some(base) = self.base_of(node)? else { return Ok(Range::point(MISSING)) };
        let mut known = self.known.iter().rev().chain(&self.assumed);
        let moves = known.find(|(known, _)| *known == base).map(|(_, range)| *range);
        if let Some(range) = moves {
            return Ok(range);
        }
        let stands = Range::point(self.machine.slots.values[base + NodeCell::Value.offset()]);
        // What it was before this event is what it is after the one before.
        match self.machine.program.ir.node(node).kind {
            NodeKind::EventCopy(copied) if self.machine.program.ir.expr(copied).moments.contains(Moment::Mark) => {
                self.value(copied)?.with(stands)
            }
            _ => Ok(stands),
        }
    }

    fn cell_of(&mut self, node: NodeId, cell: impl CellOf) -> Sure<i64> {
        let base = self.base_of(node)?.ok_or(Unsure)?;
        Ok(self.machine.slots.values[base + cell.offset()])
    }

    /// The first cell of the instance at hand; one that is faulted is unsure.
    fn base_of(&mut self, node: NodeId) -> Sure<Option<usize>> {
        let base = self.machine.instance(node).map_err(|_| Unsure)?;
        let faulted = base.is_some_and(|base| self.machine.slots.values[base + NodeCell::Fault.offset()] != 0);
        if faulted { Err(Unsure) } else { Ok(base) }
    }
}

/// A comparison over the whole of two ranges.
pub(super) fn holds(how: Comparison, a: Range, b: Range) -> Sure<Range> {
    if a.is_missing() || b.is_missing() {
        return Err(Unsure);
    }
    let always = |yes: bool, no: bool| {
        if yes {
            YES
        } else if no {
            NO
        } else {
            EITHER
        }
    };
    Ok(match how {
        Comparison::Above => always(a.low > b.high, a.high <= b.low),
        Comparison::AtLeast => always(a.low >= b.high, a.high < b.low),
        Comparison::Below => always(a.high < b.low, a.low >= b.high),
        Comparison::AtMost => always(a.high <= b.low, a.low > b.high),
        Comparison::Equal => always(a.is_point() && a == b, a.high < b.low || a.low > b.high),
        Comparison::NotEqual => always(a.high < b.low || a.low > b.high, a.is_point() && a == b),
    })
}

/// A hundred times a value against percent times whole, over the whole of their ranges.
pub(super) fn against_percent(how: Comparison, a: Range, percent: Range, whole: Range) -> Sure<Range> {
    if a.is_missing() || percent.is_missing() || whole.is_missing() {
        return Err(Unsure);
    }
    let product = |percent: i64, whole: i64| i128::from(percent) * i128::from(whole);
    let products = [(percent.low, whole.low), (percent.low, whole.high), (percent.high, whole.low), (percent.high, whole.high)];
    let mut found: Option<bool> = None;
    for (percent, whole) in products {
        for a in [a.low, a.high] {
            let left = i128::from(a) * 100 * i128::from(Fixed::ONE_RAW);
            let holds = how.holds(left.cmp(&product(percent, whole)));
            if found.is_some_and(|found| found != holds) {
                return Ok(EITHER);
            }
            found = Some(holds);
        }
    }
    // Equality may lie between corners that differ.
    let moves = !(a.is_point() && percent.is_point() && whole.is_point());
    if moves && matches!(how, Comparison::Equal | Comparison::NotEqual) {
        return Ok(EITHER);
    }
    found.map(|holds| if holds { YES } else { NO }).ok_or(Unsure)
}

fn percent(percent: i64, whole: i64) -> Sure<i64> {
    percent_of(percent, whole).map_err(|_| Unsure)
}

fn truth(range: Range) -> Sure<Range> {
    if range.is_missing() { Err(Unsure) } else { Ok(range) }
}

fn absolute(a: Range) -> Range {
    let (low, high) = (a.low.wrapping_abs(), a.high.wrapping_abs());
    if a.low <= 0 && a.high >= 0 { Range { low: 0, high: low.max(high) } } else { Range::between(low, high) }
}
