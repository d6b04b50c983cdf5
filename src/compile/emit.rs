//! Emits the instructions of expressions.
//!
//! An expression puts its value into the register it is told and uses only registers above it, so
//! registers are a stack whose height is known everywhere.

use std::collections::BTreeMap;

use super::{constant, errors, roots};
use crate::code::{
    Block, Both, Cell, CellOf, Code, Fold, FoldNumber, Forward, In, Layout, LimitCell, Limits, NewsNumber, NewsWindow, NodeCell,
    NodeNumber, Op, Out, Pooled,
};
use crate::diagnostic::Diagnostic;
use crate::ir::{Arithmetic, Comparison, ExprId, ExprKind, FoldFunction, Ir, LimitFacet, NewsTest, NodeId, NodeKind, Per};
use crate::source::Span;
use crate::value::Type;
use crate::vm::view::MISSING;
use crate::vocabulary::AccountField;

/// A jump that is told later where to go.
pub(super) type Patches = Vec<usize>;

pub(super) struct Emitter<'a> {
    pub(super) ir: &'a Ir,
    pub(super) layout: &'a Layout,
    pub(super) limits: &'a Limits,
    pub(super) code: Code,
    pub(super) errors: Vec<Diagnostic>,
    pooled: BTreeMap<i64, u16>,
    folds: BTreeMap<ExprId, u16>,
    windows: BTreeMap<ExprId, u16>,
    /// The highest register used in the running block, and one.
    height: usize,
    origin: Option<ExprId>,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(ir: &'a Ir, layout: &'a Layout, limits: &'a Limits) -> Self {
        Self {
            ir,
            layout,
            limits,
            code: Code::default(),
            errors: Vec::new(),
            pooled: BTreeMap::new(),
            folds: BTreeMap::new(),
            windows: BTreeMap::new(),
            height: 0,
            origin: None,
        }
    }

    /// The block of an expression.
    pub(super) fn root(&mut self, id: ExprId) -> Block {
        self.prepare(id);
        let span = self.ir.expr(id).span;
        self.block(span, |emit| {
            emit.value(id, 0);
            emit.push(Op::Return { a: In(0) });
        })
    }

    /// Emits the instructions of a block. What they call must have been prepared.
    pub(super) fn block(&mut self, span: Span, body: impl FnOnce(&mut Self)) -> Block {
        self.height = 0;
        let start = self.code.ops.len();
        body(self);
        let end = self.code.ops.len();
        if end - start > self.limits.instructions {
            self.errors.push(errors::over(span, "instructions", end - start, self.limits.instructions));
        }
        if self.height > self.limits.registers {
            self.errors.push(errors::over(span, "registers", self.height, self.limits.registers));
        }
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Block { start: place(start), end: place(end), registers: u8::try_from(self.height).unwrap_or(u8::MAX) }
    }

    /// Emits the blocks that an expression calls: those of aggregates, innermost first.
    pub(super) fn prepare(&mut self, id: ExprId) {
        let kind = &self.ir.expr(id).kind;
        if let ExprKind::Limit(node, LimitFacet::Used) = kind {
            for side in roots::of_kind(&self.ir.node(*node).kind) {
                self.prepare(side);
            }
        }
        for operand in kind.operands() {
            self.prepare(operand);
        }
        match kind {
            ExprKind::Fold(..) if !self.folds.contains_key(&id) => self.prepare_fold(id, kind),
            ExprKind::News(test) if !self.windows.contains_key(&id) => self.prepare_window(id, test),
            _ => {}
        }
    }

    /// A window around news, its condition emitted.
    fn prepare_window(&mut self, id: ExprId, test: &NewsTest) {
        let filter = test.filter.map(|filter| self.root(filter));
        let number = u16::try_from(self.code.news.len()).unwrap_or(u16::MAX);
        self.code.news.push(NewsWindow { before: test.before, after: test.after, impact: test.impact, filter });
        self.windows.insert(id, number);
    }

    fn prepare_fold(&mut self, id: ExprId, kind: &ExprKind) {
        let ExprKind::Fold(collection, function, what, filter) = kind else { return };
        let (what, filter) = (what.map(|what| self.root(what)), filter.map(|filter| self.root(filter)));
        let number = u16::try_from(self.code.folds.len()).unwrap_or(u16::MAX);
        self.code.folds.push(Fold { collection: *collection, function: *function, what, filter });
        self.folds.insert(id, number);
    }

    pub(super) fn push(&mut self, op: Op) -> usize {
        op.operands(|operand| {
            if let crate::code::Use::Writes(register) | crate::code::Use::Updates(register) = operand {
                self.height = self.height.max(usize::from(register) + 1);
            }
        });
        self.code.ops.push(op);
        self.code.origins.push(self.origin);
        self.code.ops.len() - 1
    }

    /// A jump that goes to where [`Emitter::land`] is called with it.
    pub(super) fn jump(&mut self, op: Op, patches: &mut Patches) {
        patches.push(self.push(op));
    }

    /// Lets jumps go here.
    pub(super) fn land(&mut self, patches: Patches) {
        let here = self.code.ops.len();
        for at in patches {
            // A block over the limit of instructions is refused as a whole.
            let by = u16::try_from(here - at - 1).unwrap_or(u16::MAX);
            self.code.ops[at] = self.code.ops[at].with_forward(Forward(by));
        }
    }

    pub(super) fn pool(&mut self, value: i64) -> Pooled {
        if let Some(at) = self.pooled.get(&value) {
            return Pooled(*at);
        }
        let at = u16::try_from(self.code.constants.len()).unwrap_or(u16::MAX);
        self.code.constants.push(value);
        self.pooled.insert(value, at);
        Pooled(at)
    }

    pub(super) fn cell(&self, node: NodeId, cell: impl CellOf) -> Cell {
        let place = self.layout.place(node);
        Cell(u16::try_from(place.base + cell.offset()).unwrap_or(u16::MAX))
    }

    /// Puts the value of an expression into a register; uses only registers from there on.
    pub(super) fn value(&mut self, id: ExprId, register: u8) {
        let outer = self.origin.replace(id);
        if let Some(value) = constant::fold(self.ir, id) {
            let k = self.pool(value);
            self.push(Op::Constant { d: Out(register), k });
        } else {
            self.kind(id, register);
            if !self.ir.expr(id).maybe_missing && may_turn_out_missing(self.ir, &self.ir.expr(id).kind) {
                self.push(Op::Require { a: In(register) });
            }
        }
        self.origin = outer;
    }

    fn kind(&mut self, id: ExprId, register: u8) {
        let ir = self.ir;
        let expr = ir.expr(id);
        let d = Out(register);
        let op = match &expr.kind {
            ExprKind::Not(a) => self.one(*a, register, |d, a| Op::Not { d, a }),
            ExprKind::Negate(a) => self.one(*a, register, |d, a| Op::Negate { d, a }),
            ExprKind::Absolute(a) => self.one(*a, register, |d, a| Op::Absolute { d, a }),
            ExprKind::Elapsed(a) => self.one(*a, register, |d, a| Op::Elapsed { d, a }),
            ExprKind::IsMissing(a) => self.one(*a, register, |d, a| Op::IsMissing { d, a }),
            ExprKind::OpeningOf(a) => self.one(*a, register, |d, a| Op::OpeningOf { d, a }),
            ExprKind::DateOf(a) => self.one(*a, register, |d, a| Op::DateOf { d, a }),
            ExprKind::Instrument(fact, a) => self.one(*a, register, |d, a| Op::Instrument { d, a, fact: *fact }),
            ExprKind::Arithmetic(operation, a, b) => {
                let dates = *operation == Arithmetic::Subtract && ir.expr(*a).ty == Type::Date && ir.expr(*b).ty == Type::Date;
                let operation = *operation;
                self.two(*a, *b, register, |d, a, b| match operation {
                    Arithmetic::Add => Op::Add { d, a, b },
                    Arithmetic::Subtract if dates => Op::DaysBetween { d, a, b },
                    Arithmetic::Subtract => Op::Subtract { d, a, b },
                    Arithmetic::Multiply => Op::Multiply { d, a, b },
                    Arithmetic::Divide => Op::Divide { d, a, b },
                })
            }
            ExprKind::Percent(a, b) if let Some((k, field)) = self.share_of_size(*a, *b) => Op::PercentOfAccount { d, k, field },
            ExprKind::Percent(a, b) => self.two(*a, *b, register, |d, a, b| Op::Percent { d, a, b }),
            ExprKind::Round(a, b, mode) => self.two(*a, *b, register, |d, a, b| Op::Round { d, a, b, mode: *mode }),
            ExprKind::Compare(how, a, b) => self.two(*a, *b, register, |d, a, b| Op::Compare { d, how: *how, a, b }),
            ExprKind::CompareElapsed(how, a, b) => self.two(*a, *b, register, |d, a, b| Op::CompareElapsed { d, how: *how, a, b }),
            ExprKind::DaysAfter(a, b) => self.two(*a, *b, register, |d, a, b| Op::DaysAfter { d, a, b }),
            ExprKind::ComparePercent(how, a, b, c) => {
                self.value(*a, register);
                let (second, third) = (self.above(register), self.above(self.above(register)));
                self.value(*b, second);
                self.value(*c, third);
                Op::ComparePercent { d, how: *how, a: In(register), b: In(second), c: In(third) }
            }
            ExprKind::And(..) | ExprKind::Or(..) | ExprKind::OneOf(..) => return self.truth(id, register),
            ExprKind::If(condition, a, b) => return self.choice(*condition, *a, *b, register),
            ExprKind::Else(a, b) => {
                self.value(*a, register);
                let mut end = Patches::new();
                self.jump(Op::JumpKnown { a: In(register), by: Forward(0) }, &mut end);
                self.value(*b, register);
                return self.land(end);
            }
            ExprKind::Minimum(list) => return self.list(list, register, |d, a| Op::Lesser { d, a }),
            ExprKind::Maximum(list) => return self.list(list, register, |d, a| Op::Greater { d, a }),
            ExprKind::Lookup(table, column, key, _) => return self.lookup(*table, *column, *key, register),
            ExprKind::News(test) => return self.news(id, test, register),
            ExprKind::Limit(node, facet) => return self.facet(*node, *facet, register),
            ExprKind::Goal(node, what) => return self.goal(*node, what.is_some(), register),
            ExprKind::Node(node) => return self.node(*node, NodeCell::Value.offset(), !expr.maybe_missing, register),
            ExprKind::Fold(..) => Op::Fold { d, fold: FoldNumber(self.folds.get(&id).copied().unwrap_or(u16::MAX)) },
            leaf => self.leaf(leaf, d, !expr.maybe_missing),
        };
        self.push(op);
    }

    /// A constant percentage of the account's size, which is always there.
    fn share_of_size(&mut self, percent: ExprId, whole: ExprId) -> Option<(Pooled, AccountField)> {
        let ExprKind::Account(field @ (AccountField::Size | AccountField::OriginalSize)) = self.ir.expr(whole).kind else { return None };
        let percent = constant::fold(self.ir, percent).filter(|percent| *percent != MISSING)?;
        Some((self.pool(percent), field))
    }

    fn leaf(&mut self, kind: &ExprKind, d: Out, known: bool) -> Op {
        match *kind {
            ExprKind::Account(field) => Op::Account { d, field, known },
            ExprKind::Period(period, field) => Op::Period { d, period, field, known },
            ExprKind::LastPeriod(period, field) => Op::LastPeriod { d, period, field, known },
            ExprKind::Record(field) => Op::Record { d, field, known },
            ExprKind::Group(group, field) => Op::Group { d, group, field, known },
            ExprKind::Extension(record, field) => Op::Extension { d, record, field, known },
            ExprKind::HostField(event, field) => Op::HostField { d, event, field, known },
            ExprKind::Payout(crate::ir::PayoutFact::Running) => Op::Running { d },
            ExprKind::Payout(fact) => Op::Payout { d, fact, known },
            ExprKind::PhaseFinal(phase, field) => Op::PhaseFinal { d, phase: phase.0, field, known },
            ExprKind::PlanName => Op::PlanName { d },
            ExprKind::Plan(column) => Op::Plan { d, column, known },
            ExprKind::Option(option) => Op::Option { d, option, known },
            ExprKind::Input(input) => Op::Input { d, input, known },
            ExprKind::SessionOpen(session) => Op::Session { d, session },
            ExprKind::SessionCloses(session) => Op::SessionCloses { d, session },
            ExprKind::Constant(crate::ir::Constant::Symbol(symbol)) => Op::Symbol { d, symbol: u16::try_from(symbol).unwrap_or(u16::MAX) },
            // A constant `none` where a value was promised: the fault `missing`, at its reader.
            _ => Op::Constant { d, k: self.pool(MISSING) },
        }
    }

    fn one(&mut self, a: ExprId, r: u8, op: impl Fn(Out, In) -> Op) -> Op {
        self.value(a, r);
        op(Out(r), In(r))
    }

    fn two(&mut self, a: ExprId, b: ExprId, r: u8, op: impl Fn(Out, In, In) -> Op) -> Op {
        self.value(a, r);
        self.value(b, self.above(r));
        op(Out(r), In(r), In(self.above(r)))
    }

    /// The next register; beyond the last the block is refused, so it need not be another.
    #[expect(clippy::unused_self, reason = "reads as a property of the running block")]
    pub(super) fn above(&self, r: u8) -> u8 {
        r.saturating_add(1)
    }

    fn list(&mut self, list: &[ExprId], r: u8, op: impl Fn(Both, In) -> Op) {
        let Some((first, rest)) = list.split_first() else {
            let k = self.pool(MISSING);
            self.push(Op::Constant { d: Out(r), k });
            return;
        };
        self.value(*first, r);
        for item in rest {
            self.value(*item, self.above(r));
            self.push(op(Both(r), In(self.above(r))));
        }
    }

    fn news(&mut self, id: ExprId, test: &NewsTest, r: u8) {
        match test.symbol {
            Some(symbol) => self.value(symbol, r),
            None => {
                let k = self.pool(MISSING);
                self.push(Op::Constant { d: Out(r), k });
            }
        }
        let number = self.windows.get(&id).copied().unwrap_or(u16::MAX);
        self.push(Op::News { d: Out(r), a: In(r), news: NewsNumber(number) });
    }

    /// The value of a node, or another of its cells.
    fn node(&mut self, node: NodeId, cell: usize, known: bool, r: u8) {
        let place = self.layout.place(node);
        let d = Out(r);
        if self.ir.node(node).per == Per::Account || self.ir.node(node).per == Per::Order {
            let s = Cell(u16::try_from(place.base + cell).unwrap_or(u16::MAX));
            self.push(if cell == 0 { Op::Value { d, s, known } } else { Op::Raw { d, s } });
        } else {
            let cell = u8::try_from(cell).unwrap_or(u8::MAX);
            self.push(Op::Instance { d, node: NodeNumber(node.0), cell, known });
        }
    }

    /// The fault `dependent` if a node is faulted. Instances guard themselves.
    fn guard(&mut self, node: NodeId) {
        if matches!(self.ir.node(node).per, Per::Account | Per::Order) {
            let s = self.cell(node, NodeCell::Value);
            self.push(Op::Guard { s });
        }
    }

    fn facet(&mut self, node: NodeId, facet: LimitFacet, r: u8) {
        self.guard(node);
        match facet {
            LimitFacet::Headroom => self.node(node, NodeCell::Value.offset(), false, r),
            LimitFacet::Broken => self.node(node, LimitCell::Broken.offset(), false, r),
            LimitFacet::Breaches => self.node(node, LimitCell::Count.offset(), false, r),
            LimitFacet::Used => self.used(node, r),
        }
    }

    fn goal(&mut self, node: NodeId, unmet: bool, r: u8) {
        self.guard(node);
        let cell = if unmet { crate::code::GoalCell::Unmet.offset() } else { crate::code::GoalCell::Reached.offset() };
        self.node(node, cell, false, r);
    }

    /// The share of a limit that is used, from its sides as they stand; missing while it is not in force.
    fn used(&mut self, node: NodeId, r: u8) {
        let ir = self.ir;
        let NodeKind::Limit(limit) = &ir.node(node).kind else { return };
        let crate::ir::Invariant::Stays { left, right, bound, .. } = limit.invariant else {
            let k = self.pool(MISSING);
            self.push(Op::Constant { d: Out(r), k });
            return;
        };
        self.node(node, NodeCell::Value.offset(), false, r);
        let mut end = Patches::new();
        self.jump(Op::JumpMissing { a: In(r), by: Forward(0) }, &mut end);
        let (b, c) = (self.above(r), self.above(self.above(r)));
        match limit.used {
            crate::ir::UsedOf::Unsaid => {
                let k = self.pool(MISSING);
                self.push(Op::Constant { d: Out(r), k });
            }
            crate::ir::UsedOf::Ratio => {
                self.value(left, r);
                self.value(right, b);
                self.push(Op::UsedRatio { d: Out(r), a: In(r), b: In(b) });
            }
            crate::ir::UsedOf::Allowance(allowance) => {
                self.value(left, b);
                self.value(right, c);
                let (more, less) = if below(bound) { (c, b) } else { (b, c) };
                self.push(Op::Subtract { d: Out(b), a: In(more), b: In(less) });
                // Above the headroom: what an expression needs besides lies above its own place.
                self.value(allowance, c);
                self.push(Op::UsedAllowance { d: Out(r), a: In(c), b: In(b) });
            }
        }
        self.land(end);
    }
}

/// Whether a bound limits from above.
pub(super) const fn below(bound: crate::syntax::ast::Bound) -> bool {
    use crate::syntax::ast::Bound;
    matches!(bound, Bound::Below | Bound::AtOrBelow)
}

/// The comparison that a bound asks for.
pub(crate) const fn comparison(bound: crate::syntax::ast::Bound) -> Comparison {
    use crate::syntax::ast::Bound;
    match bound {
        Bound::Above => Comparison::Above,
        Bound::AtOrAbove => Comparison::AtLeast,
        Bound::Below => Comparison::Below,
        Bound::AtOrBelow => Comparison::AtMost,
    }
}

/// Whether an expression that was promised to be there must be checked: it can be missing though its
/// operands are known, or one of those may be missing.
fn may_turn_out_missing(ir: &Ir, kind: &ExprKind) -> bool {
    let missing = |id: &ExprId| ir.expr(*id).maybe_missing;
    match kind {
        ExprKind::Arithmetic(_, a, b) | ExprKind::Percent(a, b) | ExprKind::Round(a, b, _) | ExprKind::If(_, a, b) => {
            missing(a) || missing(b)
        }
        ExprKind::Negate(a) | ExprKind::Absolute(a) | ExprKind::Elapsed(a) => missing(a),
        ExprKind::Else(_, b) => missing(b),
        ExprKind::Minimum(list) | ExprKind::Maximum(list) => list.iter().all(missing),
        ExprKind::Fold(_, function, ..) => {
            matches!(function, FoldFunction::Highest | FoldFunction::Lowest | FoldFunction::Average)
        }
        ExprKind::Lookup(..)
        | ExprKind::SessionCloses(_)
        | ExprKind::Constant(_)
        | ExprKind::Limit(..)
        | ExprKind::Goal(..)
        | ExprKind::PlanName
        | ExprKind::DaysAfter(..)
        | ExprKind::Instrument(..)
        | ExprKind::OpeningOf(_)
        | ExprKind::DateOf(_) => true,
        _ => false,
    }
}
