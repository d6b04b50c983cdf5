//! The opening of an account.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::event::{Event, Open};
use crate::ir::{ExprId, Ir};
use crate::outcome::{Cause, FaultKind, Outcome};
use crate::value::Decimal;
use crate::vocabulary::Moment;

use super::account::{Account, Facts, Step, Told};
use super::days::NEVER;
use super::draft::Draft;
use super::eval::Cursor;
use super::ledger::{Ledger, Line};
use super::market::Market;
use super::periods::Periods;
use super::seen::{Sight, number};
use super::spans::Spans;
use super::val::Val;

impl Account {
    /// Opens an account: its options and plan are copied, its ledger starts, its first phase is entered.
    pub(super) fn open(ir: &Arc<Ir>, market: &Market, key: &str, event: &Event, open: &Open) -> Result<(Self, Outcome), FaultKind> {
        let row = ir.plans.names.iter().position(|name| *name == open.plan).ok_or(FaultKind::Inconsistent)?;
        market.tell(Sight::Plan(number(row)));
        let phase = open.phase.as_ref().map_or(Some(crate::ir::PhaseId(0)), |name| ir.phase_named(name)).ok_or(FaultKind::Inconsistent)?;
        let mut account = Self::blank(ir, key, event, open);
        for setting in &ir.options {
            let told = open.options.get(&setting.name).map(|value| Val::read(value, &setting.ty).ok_or(FaultKind::Inconsistent));
            let value = told.or_else(|| setting.default.map(|default| account.constant_value(market, default)));
            account.options.push(value.unwrap_or(Ok(Val::Missing))?);
        }
        for cell in ir.plans.cells.get(row).into_iter().flatten() {
            let value = account.constant_value(market, *cell)?;
            account.plan.push(value);
        }
        let size = ir.plans.columns.iter().position(|column| column.name == "size").and_then(|at| account.plan.get(at));
        account.facts.size = size.map_or(Ok(Decimal::ZERO), Val::decimal)?;
        account.ledger.lines.push(Line::Started(open.start_balance));
        account.enter(market, phase, true);
        account.settle(market, None);
        let outcome = account.finish(market);
        Ok((account, outcome))
    }

    fn constant_value(&self, market: &Market, id: ExprId) -> Result<Val, FaultKind> {
        let edge = Cell::new(NEVER);
        self.eval_at(market, Cursor::Event, &edge).value(id)
    }

    fn blank(ir: &Arc<Ir>, key: &str, event: &Event, open: &Open) -> Self {
        let at = event.at.nanos();
        Self {
            key: key.into(),
            ir: Arc::clone(ir),
            facts: Facts {
                plan: open.plan.clone(),
                size: Decimal::ZERO,
                currency: open.currency,
                opened_at: at,
                purchased_at: open.purchased_at.nanos(),
            },
            ledger: Ledger::new(open.position_mode),
            deeds: Vec::new(),
            periods: Periods::default(),
            spans: Spans::default(),
            working: Vec::new(),
            payouts: Vec::new(),
            plan: Vec::new(),
            options: Vec::new(),
            inputs: BTreeMap::new(),
            slots: BTreeMap::new(),
            finals: BTreeMap::new(),
            phase: None,
            left: None,
            phase_started: at,
            locks: Vec::new(),
            promotion: None,
            step: Step::new(Moment::Enter, at, false),
            ordinal: 1,
            served: at,
            clock: at,
            ids: vec![event.id.clone()],
            seq: event.seq,
            supposed: false,
            gap_until: i64::MIN,
            estimated: false,
            asked: false,
            told: Told::default(),
            draft: Draft::new(Cause::Event(event.id.as_str().into())),
            opening: super::rollback::DayOpening::default(),
        }
    }
}
