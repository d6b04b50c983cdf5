//! Where an expression stands: what can be read there, and what is known to hold.

use crate::ir::{Event, Per, Period, PhaseId};
use crate::source::Source;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};
use crate::vocabulary::Record;

/// Where an expression stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    /// The phase, whose names come first.
    pub(super) phase: Option<PhaseId>,
    /// The records at hand.
    pub(super) at_hand: Vec<Record>,
    /// The groups of which an instance is at hand.
    pub(super) groups: Vec<u16>,
    /// The host event at hand.
    pub(super) host_event: Option<u16>,
    /// Inside `payout { }`, where `amount` is the amount so far.
    pub(super) in_payout: bool,
    /// Where an event is handled a running duration may be read; elsewhere it is only compared.
    pub(super) handles_event: bool,
    /// Inside the actions of a limit: the quantity to which positions must come down for it to hold.
    pub(super) fit: Option<crate::ir::ExprId>,
    /// In the length of a period: whose `number` is meant.
    pub(super) length_of: Option<Period>,
    /// Words of expressions that are known not to be missing.
    pub(super) known: Vec<String>,
    /// Words of expressions that are known not to be zero.
    pub(super) nonzero: Vec<String>,
}

impl Context {
    /// The context of a phase.
    pub(super) fn of(phase: Option<PhaseId>) -> Self {
        Self { phase, ..Self::default() }
    }

    /// With a record at hand.
    pub(super) fn with_record(&self, record: Record) -> Self {
        let mut context = self.clone();
        context.at_hand.push(record);
        context
    }

    /// With what something is kept for at hand.
    pub(super) fn for_each(&self, per: Per) -> Self {
        let mut context = self.clone();
        context.at_hand.extend(super::items::record_of(per));
        if let Per::Group(group) = per {
            context.groups = vec![group];
        }
        context
    }

    /// With what a side of a comparison may be: a running duration, alone.
    pub(super) fn comparing(&self, side: &Expr) -> Self {
        let alone = matches!(side.kind, ExprKind::Member(..));
        Self { handles_event: self.handles_event || alone, ..self.clone() }
    }

    /// Takes in what an event brings besides its records.
    pub(super) fn take_in(&mut self, event: Event) {
        match event {
            Event::Host(host) => self.host_event = Some(host),
            Event::GroupEnd(group) if !self.groups.contains(&group) => self.groups.push(group),
            _ => {}
        }
    }

    /// Whether what is kept for each of something can be read: its record, or group, is at hand. A
    /// completed trade still has what was kept for its position.
    pub(super) fn has(&self, per: Per) -> bool {
        match per {
            Per::Account => true,
            Per::Position => self.at_hand.contains(&Record::Position) || self.at_hand.contains(&Record::Trade),
            Per::Symbol => self.at_hand.contains(&Record::Symbol),
            Per::Order => self.at_hand.contains(&Record::Order),
            Per::Group(group) => self.groups.contains(&group),
        }
    }

    /// With what follows from a condition being true (or false).
    pub(super) fn assuming(&self, source: &Source, condition: &Expr, truth: bool) -> Self {
        let mut context = self.clone();
        context.assume(source, condition, truth);
        context
    }

    fn assume(&mut self, source: &Source, condition: &Expr, truth: bool) {
        match &condition.kind {
            ExprKind::Binary(left, op, right) => match (op.node, truth) {
                (BinaryOp::And, true) | (BinaryOp::Or, false) => {
                    self.assume(source, left, truth);
                    self.assume(source, right, truth);
                }
                (op, truth) => self.assume_comparison(source, left, op, right, truth),
            },
            ExprKind::Not(inner) => self.assume(source, inner, !truth),
            ExprKind::IsMissing(inner, missing) if *missing != truth => self.known.push(words(source, inner)),
            _ => {}
        }
    }

    /// `x is above 0`, `x is not 0`, and their likes say that x is not zero.
    fn assume_comparison(&mut self, source: &Source, left: &Expr, op: BinaryOp, right: &Expr, truth: bool) {
        let sign = literal_sign(right);
        let excludes_zero = match (op, truth) {
            (BinaryOp::Above, true) | (BinaryOp::AtMost, false) => sign.is_some_and(|sign| sign >= 0),
            (BinaryOp::AtLeast, true) | (BinaryOp::Below, false) => sign.is_some_and(|sign| sign > 0),
            (BinaryOp::IsNot, true) | (BinaryOp::Is, false) => sign == Some(0),
            _ => false,
        };
        if excludes_zero {
            let left = words(source, left);
            // Where payouts were paid there is a last one.
            if left == "payouts.count" {
                self.known.push("last payout".into());
            }
            self.nonzero.push(left);
        }
    }
}

/// The words of an expression, blanks folded: how messages and evidence call it.
pub(super) fn words(source: &Source, expr: &Expr) -> String {
    source.words(expr.span)
}

fn literal_sign(expr: &Expr) -> Option<i8> {
    let sign = |amount: &crate::value::Decimal| {
        if amount.is_zero() {
            0
        } else if amount.is_negative() {
            -1
        } else {
            1
        }
    };
    match &expr.kind {
        ExprKind::Number(amount) | ExprKind::Money(amount, _) | ExprKind::Percent(amount) | ExprKind::Quantity(amount, _) => {
            Some(sign(amount))
        }
        ExprKind::Duration(nanos) => Some(i8::from(*nanos > 0)),
        _ => None,
    }
}
