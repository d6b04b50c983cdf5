//! Amounts as lints compare them: what they move with, and how far they stand off it for one plan.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;

use crate::ir::{ActionKind, Arithmetic, Comparison, Constant, ExprId, ExprKind, Ir, NodeKind};
use crate::value::{Decimal, Type, Value};
use crate::vocabulary::AccountField;

use super::super::order::actions_of;

/// A program with what was found out about its expressions: each is looked at once, however many values read it.
pub(super) struct Known<'i> {
    ir: &'i Ir,
    /// The class of an expression: those of one class mean the same.
    classes: RefCell<BTreeMap<ExprId, u32>>,
    /// The classes by what their expressions are made of.
    forms: RefCell<BTreeMap<String, u32>>,
    readings: RefCell<BTreeMap<(ExprId, usize), Option<Reading>>>,
}

impl<'i> Known<'i> {
    pub(super) const fn new(ir: &'i Ir) -> Self {
        Self { ir, classes: RefCell::new(BTreeMap::new()), forms: RefCell::new(BTreeMap::new()), readings: RefCell::new(BTreeMap::new()) }
    }

    /// The program, for as long as it lives.
    pub(super) const fn program(&self) -> &'i Ir {
        self.ir
    }
}

impl Deref for Known<'_> {
    type Target = Ir;

    fn deref(&self) -> &Ir {
        self.ir
    }
}

/// An amount for one plan: so much of each value that moves, and a number besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    /// How much of each moving value, by its class, with its words.
    pub(super) moves: BTreeMap<u32, (Decimal, String)>,
    /// What is added to them.
    pub(super) off: Decimal,
}

/// What is known of an amount for one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// There is none, as in a cell `none`.
    Missing,
    /// It is this.
    Amount(Amount),
}

impl Reading {
    fn pure(off: Decimal) -> Self {
        Self::Amount(Amount { moves: BTreeMap::new(), off })
    }

    /// The amount, where there is one.
    pub(super) fn amount(self) -> Option<Amount> {
        match self {
            Self::Amount(amount) => Some(amount),
            Self::Missing => None,
        }
    }

    fn number(&self) -> Option<Decimal> {
        match self {
            Self::Amount(amount) if amount.moves.is_empty() => Some(amount.off),
            _ => None,
        }
    }
}

impl Amount {
    /// The number, where nothing moves it.
    pub(super) fn number(&self) -> Option<Decimal> {
        self.moves.is_empty().then_some(self.off)
    }

    /// What is left when another amount is taken off.
    pub(super) fn less(&self, other: &Self) -> Option<Self> {
        self.plus(&other.times(Decimal::from(-1))?)
    }

    /// The sum of two amounts.
    pub(super) fn plus(&self, other: &Self) -> Option<Self> {
        let mut moves = self.moves.clone();
        for (class, (share, words)) in &other.moves {
            let sum = moves.get(class).map_or(Ok(*share), |(before, _)| before.add(*share)).ok()?;
            if sum.is_zero() {
                moves.remove(class);
            } else {
                moves.insert(*class, (sum, words.clone()));
            }
        }
        Some(Self { moves, off: self.off.add(other.off).ok()? })
    }

    fn times(&self, factor: Decimal) -> Option<Self> {
        let scaled = |value: Decimal| value.mul(factor).ok();
        let mut moves = BTreeMap::new();
        for (class, (share, words)) in &self.moves {
            moves.insert(*class, (scaled(*share)?, words.clone()));
        }
        moves.retain(|_, (share, _)| !share.is_zero());
        Some(Self { moves, off: scaled(self.off)? })
    }

    /// The words of an account program for it: `day.start_balance - $1,000`.
    pub(super) fn words(&self, ir: &Ir, ty: &Type) -> String {
        let mut out = String::new();
        for (share, words) in self.moves.values() {
            let sign = if share.is_negative() { "-" } else { "+" };
            let part = if share.abs() == Decimal::from(1) { words.clone() } else { format!("{} * {words}", share.abs()) };
            join(&mut out, sign, &part);
        }
        if !self.off.is_zero() || out.is_empty() {
            let sign = if self.off.is_negative() { "-" } else { "+" };
            join(&mut out, sign, &written(ir, ty, self.off.abs()));
        }
        out
    }
}

fn join(out: &mut String, sign: &str, part: &str) {
    match (out.is_empty(), sign) {
        (true, "-") => out.push('-'),
        (true, _) => {}
        (false, sign) => out.extend([" ", sign, " "]),
    }
    out.push_str(part);
}

/// A number of a type as programs write it.
pub(super) fn written(ir: &Ir, ty: &Type, number: Decimal) -> String {
    let value = match ty {
        Type::Money(_) => Value::Money(number, ir.header.currency),
        Type::Percent => Value::Percent(number),
        Type::Quantity(unit) => Value::Quantity(number, *unit),
        _ => Value::Number(number),
    };
    value.to_string().replace(".00", "")
}

/// The size of the account of a plan.
pub(super) fn size(ir: &Known, plan: usize) -> Option<Decimal> {
    let column = ir.plans.columns.iter().position(|column| column.name == "size")?;
    amount(ir, *ir.plans.cells.get(plan)?.get(column)?, plan)?.number()
}

/// What an expression is for a plan. What cannot be computed beforehand is a value that moves.
pub(super) fn reading(ir: &Known, id: ExprId, plan: usize) -> Option<Reading> {
    if let Some(known) = ir.readings.borrow().get(&(id, plan)) {
        return known.clone();
    }
    let read = read(ir, id, plan);
    ir.readings.borrow_mut().insert((id, plan), read.clone());
    read
}

fn read(ir: &Known, id: ExprId, plan: usize) -> Option<Reading> {
    let expr = ir.expr(id);
    if !expr.ty.is_numeric() && expr.ty != Type::Missing {
        return None;
    }
    match &expr.kind {
        ExprKind::Constant(Constant::Decimal(number)) => Some(Reading::pure(*number)),
        ExprKind::Constant(Constant::Missing) => Some(Reading::Missing),
        ExprKind::Plan(column) => reading(ir, *ir.plans.cells.get(plan)?.get(usize::from(*column))?, plan),
        ExprKind::Account(AccountField::Size | AccountField::OriginalSize) if !is_resized(ir) => {
            let column = ir.plans.columns.iter().position(|column| column.name == "size")?;
            reading(ir, *ir.plans.cells.get(plan)?.get(column)?, plan)
        }
        ExprKind::Node(node) => match ir.node(*node).kind {
            NodeKind::Value(value) => reading(ir, value, plan),
            _ => Some(moving(ir, id)),
        },
        ExprKind::Negate(inner) => each(reading(ir, *inner, plan)?, |amount| amount.times(Decimal::from(-1))),
        ExprKind::Absolute(inner) => match reading(ir, *inner, plan)?.number() {
            Some(number) => Some(Reading::pure(number.abs())),
            None => Some(moving(ir, id)),
        },
        ExprKind::Arithmetic(operation, left, right) => computed(ir, id, *operation, (*left, *right), plan),
        ExprKind::Percent(percent, whole) => match reading(ir, *percent, plan)?.number() {
            Some(percent) => each(reading(ir, *whole, plan)?, |amount| amount.times(percent.div(Decimal::from(100)).ok()?)),
            None => Some(moving(ir, id)),
        },
        ExprKind::Minimum(list) | ExprKind::Maximum(list) => {
            let numbers: Option<Vec<Decimal>> = list.iter().map(|one| reading(ir, *one, plan)?.number()).collect();
            let is_minimum = matches!(expr.kind, ExprKind::Minimum(_));
            match numbers.and_then(|numbers| if is_minimum { numbers.into_iter().min() } else { numbers.into_iter().max() }) {
                Some(number) => Some(Reading::pure(number)),
                None => Some(moving(ir, id)),
            }
        }
        ExprKind::If(condition, then, otherwise) => match decided(ir, *condition, plan) {
            Some(holds) => reading(ir, if holds { *then } else { *otherwise }, plan),
            None => Some(moving(ir, id)),
        },
        _ => Some(moving(ir, id)),
    }
}

/// A comparison: both sides, the right one a percentage of what it names where there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared {
    /// How.
    pub(super) comparison: Comparison,
    /// The left side.
    pub(super) left: ExprId,
    /// The right side.
    pub(super) right: ExprId,
    /// The percentage that is taken of it.
    pub(super) percent: Option<ExprId>,
}

impl Compared {
    /// The comparison that an expression is.
    pub(super) fn of(ir: &Known, id: ExprId) -> Option<Self> {
        match ir.expr(id).kind {
            ExprKind::Compare(comparison, left, right) => Some(Self { comparison, left, right, percent: None }),
            ExprKind::ComparePercent(comparison, left, percent, right) => Some(Self { comparison, left, right, percent: Some(percent) }),
            _ => None,
        }
    }

    /// The right side for a plan.
    pub(super) fn bound(&self, ir: &Known, plan: usize) -> Option<Amount> {
        let whole = amount(ir, self.right, plan)?;
        match self.percent {
            Some(percent) => whole.times(amount(ir, percent, plan)?.number()?.div(Decimal::from(100)).ok()?),
            None => Some(whole),
        }
    }
}

/// The amount of an expression for a plan; nothing where it is missing or none.
pub(super) fn amount(ir: &Known, id: ExprId, plan: usize) -> Option<Amount> {
    reading(ir, id, plan)?.amount()
}

fn each(reading: Reading, change: impl FnOnce(&Amount) -> Option<Amount>) -> Option<Reading> {
    match reading {
        Reading::Missing => Some(Reading::Missing),
        Reading::Amount(amount) => change(&amount).map(Reading::Amount),
    }
}

fn computed(ir: &Known, id: ExprId, operation: Arithmetic, (left, right): (ExprId, ExprId), plan: usize) -> Option<Reading> {
    let (Reading::Amount(a), Reading::Amount(b)) = (reading(ir, left, plan)?, reading(ir, right, plan)?) else {
        return Some(Reading::Missing);
    };
    let result = match operation {
        Arithmetic::Add => a.plus(&b),
        Arithmetic::Subtract => a.less(&b),
        Arithmetic::Multiply => match (a.number(), b.number()) {
            (_, Some(factor)) => a.times(factor),
            (Some(factor), None) => b.times(factor),
            (None, None) => return Some(moving(ir, id)),
        },
        Arithmetic::Divide => match b.number() {
            Some(divisor) if !divisor.is_zero() => a.times(Decimal::from(1).div(divisor).ok()?),
            _ => return Some(moving(ir, id)),
        },
    };
    result.map(Reading::Amount)
}

fn moving(ir: &Known, id: ExprId) -> Reading {
    let words = ir.source.words(ir.expr(id).span);
    Reading::Amount(Amount { moves: BTreeMap::from([(sameness(ir, id), (Decimal::from(1), words))]), off: Decimal::ZERO })
}

/// Whether a condition on the plan holds for one; nothing where it reads more than the plan.
fn decided(ir: &Known, condition: ExprId, plan: usize) -> Option<bool> {
    let ExprKind::Compare(comparison, left, right) = &ir.expr(condition).kind else { return None };
    let order = match (&ir.expr(*left).kind, &ir.expr(*right).kind) {
        (ExprKind::PlanName, ExprKind::Constant(Constant::Text(text))) => {
            ir.plans.names.get(plan)?.as_str().cmp(ir.texts.get(usize::try_from(*text).ok()?)?)
        }
        _ => amount(ir, *left, plan)?.less(&amount(ir, *right, plan)?)?.number()?.cmp(&Decimal::ZERO),
    };
    let known = matches!(comparison, Comparison::Equal | Comparison::NotEqual) || ir.expr(*left).ty.is_numeric();
    known.then(|| comparison.holds(order))
}

fn is_resized(ir: &Ir) -> bool {
    ir.nodes.iter().flat_map(actions_of).any(|action| matches!(action.kind, ActionKind::Resize { .. }))
}

/// The class of an expression: two of one class mean the same. `let` is seen through.
pub(super) fn sameness(ir: &Known, id: ExprId) -> u32 {
    if let Some(known) = ir.classes.borrow().get(&id) {
        return *known;
    }
    let kind = &ir.expr(id).kind;
    let class = match kind {
        ExprKind::Node(node) => match ir.node(*node).kind {
            NodeKind::Value(value) => Some(sameness(ir, value)),
            _ => None,
        },
        _ => None,
    };
    let class = class.unwrap_or_else(|| {
        let mut form = format!("{kind:?}");
        for operand in kind.operands() {
            form = form.replacen(&format!("{operand:?}"), &format!("class {}", sameness(ir, operand)), 1);
        }
        let mut forms = ir.forms.borrow_mut();
        let next = u32::try_from(forms.len()).unwrap_or(u32::MAX);
        *forms.entry(form).or_insert(next)
    });
    ir.classes.borrow_mut().insert(id, class);
    class
}
