//! What an account begins a phase with, as far as the program says it.

use std::collections::BTreeMap;

use crate::ir::{Arithmetic, Constant, ExprId, ExprKind, Node, NodeKind, Period, Phase, TrackDomain, TrackFunction};
use crate::value::Decimal;
use crate::vocabulary::{AccountField, PeriodField};

use super::amounts::{self, Compared, Known};

/// An account of a plan at the moment at which it enters a phase: flat, with the balance that the ledger starts with.
pub(super) struct Opening<'k, 'i> {
    ir: &'k Known<'i>,
    /// The number of the plan.
    plan: usize,
    /// The phase.
    phase: &'i Phase,
    balance: Decimal,
    values: BTreeMap<ExprId, Option<Decimal>>,
}

impl<'k, 'i> Opening<'k, 'i> {
    /// Those in which a node holds: of each phase whose ledger starts with a known amount, for each plan.
    pub(super) fn all(ir: &'k Known<'i>, node: &Node) -> Vec<Self> {
        let phases = match node.phase {
            Some(phase) => vec![ir.program().phase(phase)],
            None => ir.program().phases.iter().filter(|phase| !phase.standing).collect(),
        };
        let of = |phase: &'i Phase, plan| {
            let balance = amounts::amount(ir, phase.ledger?, plan)?.number()?;
            Some(Self { ir, plan, phase, balance, values: BTreeMap::new() })
        };
        phases.into_iter().flat_map(|phase| (0..ir.plans.names.len()).filter_map(move |plan| of(phase, plan))).collect()
    }

    /// The name of the plan.
    pub(super) fn plan(&self) -> &'i str {
        self.ir.program().plans.names.get(self.plan).map_or("", String::as_str)
    }

    /// The number of the plan.
    pub(super) const fn plan_number(&self) -> usize {
        self.plan
    }

    /// When this is.
    pub(super) fn moment(&self) -> String {
        let first = self.ir.phases.first().is_some_and(|first| first.name == self.phase.name);
        if first { "at the opening".to_owned() } else { format!("when phase `{}` begins", self.phase.name) }
    }

    /// The number that an expression is.
    pub(super) fn value(&mut self, id: ExprId) -> Option<Decimal> {
        if let Some(known) = self.values.get(&id) {
            return *known;
        }
        let value = self.computed(id);
        self.values.insert(id, value);
        value
    }

    fn computed(&mut self, id: ExprId) -> Option<Decimal> {
        let ir = self.ir;
        match &ir.expr(id).kind {
            ExprKind::Constant(Constant::Decimal(number)) => Some(*number),
            ExprKind::Plan(column) => self.cell(usize::from(*column)),
            ExprKind::Account(field) => self.account(*field),
            ExprKind::Period(Period::DAY | Period::WEEK | Period::MONTH, field) => self.period(*field),
            ExprKind::Node(node) => match &ir.node(*node).kind {
                NodeKind::Value(value) | NodeKind::State(value) => self.value(*value),
                NodeKind::Floor(floor) if floor.starts_when.is_empty() => self.value(floor.starts),
                NodeKind::Tracker(tracker)
                    if matches!(tracker.function, TrackFunction::Count | TrackFunction::Sum)
                        && tracker.domain.is_of_days()
                        && tracker.domain != TrackDomain::DaysSoFar =>
                {
                    tracker.from.map_or(Some(Decimal::ZERO), |from| self.value(from))
                }
                _ => None,
            },
            ExprKind::Negate(inner) => self.value(*inner).map(Decimal::neg),
            ExprKind::Absolute(inner) => self.value(*inner).map(Decimal::abs),
            ExprKind::Arithmetic(operation, left, right) => self.arithmetic(*operation, *left, *right),
            ExprKind::Percent(percent, whole) => {
                let percent = self.value(*percent)?;
                self.value(*whole)?.percent(percent).ok()
            }
            ExprKind::Minimum(list) => self.all_of(list)?.into_iter().min(),
            ExprKind::Maximum(list) => self.all_of(list)?.into_iter().max(),
            ExprKind::If(condition, then, otherwise) => {
                let chosen = if self.holds(*condition)? { then } else { otherwise };
                self.value(*chosen)
            }
            // No period has ended yet.
            ExprKind::Else(first, otherwise) if matches!(ir.expr(*first).kind, ExprKind::LastPeriod(..)) => self.value(*otherwise),
            _ => None,
        }
    }

    /// What it is after an operation on two expressions.
    pub(super) fn arithmetic(&mut self, operation: Arithmetic, left: ExprId, right: ExprId) -> Option<Decimal> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        match operation {
            Arithmetic::Add => left.add(right).ok(),
            Arithmetic::Subtract => left.sub(right).ok(),
            Arithmetic::Multiply => left.mul(right).ok(),
            Arithmetic::Divide => left.div(right).ok(),
        }
    }

    fn all_of(&mut self, list: &[ExprId]) -> Option<Vec<Decimal>> {
        list.iter().map(|one| self.value(*one)).collect()
    }

    fn cell(&mut self, column: usize) -> Option<Decimal> {
        self.value(*self.ir.plans.cells.get(self.plan)?.get(column)?)
    }

    fn account(&mut self, field: AccountField) -> Option<Decimal> {
        use AccountField::{
            Available, Balance, Costs, Deposited, Equity, Exposure, FillCount, OpenProfit, OriginalSize, PhaseStartBalance, PositionCount,
            Profit, Size, TradeCount, WeightedQuantity, Withdrawn,
        };
        match field {
            Balance | Equity | PhaseStartBalance => Some(self.balance),
            Size | OriginalSize => self.cell(self.ir.plans.columns.iter().position(|column| column.name == "size")?),
            Available | Costs | Deposited | Exposure | FillCount | OpenProfit | PositionCount | Profit | TradeCount | WeightedQuantity
            | Withdrawn => Some(Decimal::ZERO),
            _ => None,
        }
    }

    fn period(&self, field: PeriodField) -> Option<Decimal> {
        use PeriodField::{Closed, Entries, EquityProfit, Fills, HighEquity, LowEquity, Number, Opened, Profit, StartBalance, StartEquity};
        match field {
            StartBalance | StartEquity | HighEquity | LowEquity => Some(self.balance),
            Profit | EquityProfit | Opened | Entries | Closed | Fills => Some(Decimal::ZERO),
            Number => Some(Decimal::from(1)),
            _ => None,
        }
    }

    /// Whether a condition holds.
    pub(super) fn holds(&mut self, id: ExprId) -> Option<bool> {
        match self.ir.expr(id).kind {
            ExprKind::Account(AccountField::Flat) => Some(true),
            ExprKind::And(left, right) => Some(self.holds(left)? && self.holds(right)?),
            ExprKind::Or(left, right) => Some(self.holds(left)? || self.holds(right)?),
            ExprKind::Not(inner) => self.holds(inner).map(|holds| !holds),
            ExprKind::Node(node) => match self.ir.node(node).kind {
                NodeKind::Value(value) => self.holds(value),
                _ => None,
            },
            _ => {
                let compared = Compared::of(self.ir, id)?;
                let (left, right) = self.sides(compared)?;
                Some(compared.comparison.holds(left.cmp(&right)))
            }
        }
    }

    /// The numbers on both sides of a comparison.
    pub(super) fn sides(&mut self, compared: Compared) -> Option<(Decimal, Decimal)> {
        let (left, right) = (self.value(compared.left)?, self.value(compared.right)?);
        match compared.percent {
            Some(percent) => Some((left, right.percent(self.value(percent)?).ok()?)),
            None => Some((left, right)),
        }
    }
}
