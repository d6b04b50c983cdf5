//! Conditions as jumps, and the choices made of them.

use super::constant;
use super::emit::{Emitter, Patches};
use crate::code::{Forward, In, NodeCell, Op, Out};
use crate::ir::{Comparison, ExprId, ExprKind, Per};
use crate::vm::view::MISSING;

impl Emitter<'_> {
    /// Evaluates a condition and jumps when it comes out as `when`, else falls through. Uses
    /// registers from `r` on.
    pub(super) fn branch(&mut self, id: ExprId, when: bool, r: u8, patches: &mut Patches) {
        match constant::fold(self.ir, id) {
            Some(MISSING) | None => {}
            Some(known) => {
                if (known != 0) == when {
                    self.jump(Op::Jump { by: Forward(0) }, patches);
                }
                return;
            }
        }
        let ir = self.ir;
        match &ir.expr(id).kind {
            ExprKind::Not(a) => self.branch(*a, !when, r, patches),
            ExprKind::And(a, b) => self.both(*a, *b, false, when, r, patches),
            ExprKind::Or(a, b) => self.both(*a, *b, true, when, r, patches),
            ExprKind::Compare(how, a, b) => {
                // `UnlessCompare` jumps when the comparison does not hold.
                let how = if when { how.opposite() } else { *how };
                self.compare(how, *a, *b, r, patches);
            }
            ExprKind::ComparePercent(how, a, b, c) => {
                let how = if when { how.opposite() } else { *how };
                let (second, third) = (self.above(r), self.above(self.above(r)));
                self.value(*a, r);
                self.value(*b, second);
                self.value(*c, third);
                self.jump(Op::UnlessComparePercent { how, a: In(r), b: In(second), c: In(third), by: Forward(0) }, patches);
            }
            ExprKind::OneOf(x, list) => self.one_of(*x, list, when, r, patches),
            _ => {
                self.value(id, r);
                let by = Forward(0);
                self.jump(if when { Op::JumpIf { a: In(r), by } } else { Op::JumpUnless { a: In(r), by } }, patches);
            }
        }
    }

    /// `a and b` (decided by a false side), `a or b` (decided by a true side).
    fn both(&mut self, a: ExprId, b: ExprId, decided_by: bool, when: bool, r: u8, patches: &mut Patches) {
        if decided_by == when {
            self.branch(a, when, r, patches);
            self.branch(b, when, r, patches);
        } else {
            let mut decided = Patches::new();
            self.branch(a, decided_by, r, &mut decided);
            self.branch(b, when, r, patches);
            self.land(decided);
        }
    }

    fn compare(&mut self, how: Comparison, a: ExprId, b: ExprId, r: u8, patches: &mut Patches) {
        self.value(a, r);
        let by = Forward(0);
        let known = constant::fold(self.ir, b);
        let op = match (known, &self.ir.expr(b).kind) {
            (Some(known), _) => Op::UnlessCompareConstant { how, a: In(r), k: self.pool(known), by },
            (None, ExprKind::Node(node)) if matches!(self.ir.node(*node).per, Per::Account | Per::Order) => {
                Op::UnlessCompareCell { how, a: In(r), s: self.cell(*node, NodeCell::Value), by }
            }
            _ => {
                self.value(b, self.above(r));
                Op::UnlessCompare { how, a: In(r), b: In(self.above(r)), by }
            }
        };
        self.jump(op, patches);
    }

    fn one_of(&mut self, x: ExprId, list: &[ExprId], when: bool, r: u8, patches: &mut Patches) {
        self.value(x, r);
        let mut found = Patches::new();
        for item in list {
            self.value(*item, self.above(r));
            let unequal = Op::UnlessCompare { how: Comparison::NotEqual, a: In(r), b: In(self.above(r)), by: Forward(0) };
            self.jump(unequal, if when { &mut *patches } else { &mut found });
        }
        if !when {
            self.jump(Op::Jump { by: Forward(0) }, patches);
            self.land(found);
        }
    }

    /// The value of a condition in a register, by jumps.
    pub(super) fn truth(&mut self, id: ExprId, r: u8) {
        let (no, yes) = (self.pool(0), self.pool(1));
        let (mut otherwise, mut end) = (Patches::new(), Patches::new());
        self.branch(id, false, r, &mut otherwise);
        self.push(Op::Constant { d: Out(r), k: yes });
        self.jump(Op::Jump { by: Forward(0) }, &mut end);
        self.land(otherwise);
        self.push(Op::Constant { d: Out(r), k: no });
        self.land(end);
    }

    pub(super) fn choice(&mut self, condition: ExprId, a: ExprId, b: ExprId, r: u8) {
        let (mut otherwise, mut end) = (Patches::new(), Patches::new());
        self.branch(condition, false, r, &mut otherwise);
        self.value(a, r);
        self.jump(Op::Jump { by: Forward(0) }, &mut end);
        self.land(otherwise);
        self.value(b, r);
        self.land(end);
    }
}
