//! How a scenario begins: the account is opened as the scenario's head says.

use std::collections::BTreeMap;

use super::Failure;
use super::stage::{ACCOUNT, Scene, Stage};
use crate::calendar::TradingCalendar;
use crate::check::constant;
use crate::event::{self, FieldValue, Kind, PositionMode};
use crate::ir::Ir;
use crate::source::Spanned;
use crate::syntax::ast::{self, ScenarioHead};
use crate::value::{Currency, Date, Decimal, Instant, Weekday};

impl Scene {
    /// The beginning of a scenario: its account is not open yet.
    pub(super) fn before(ir: &Ir, scenario: &ast::Scenario) -> Self {
        let mut scene = Self::new(ir, Instant::default());
        scene.now = start_of(&scene.calendar, &scenario.head);
        // What the opening leads to, a fault as well, stands at the title.
        scene.step = scenario.title.span;
        scene
    }
}

impl Stage<'_> {
    /// Opens the account as the scenario's head says.
    pub(super) fn open(&mut self, scenario: &ast::Scenario) -> Result<(), Failure> {
        let open = self.opening(scenario)?;
        self.send(Some(ACCOUNT), Kind::Open(open));
        self.earlier_payouts(&scenario.head);
        self.inputs(&scenario.head);
        Ok(())
    }

    fn opening(&self, scenario: &ast::Scenario) -> Result<event::Open, Failure> {
        let head = &scenario.head;
        let failure = |expected: &str, found: &str| Failure {
            span: scenario.title.span,
            expected: expected.into(),
            found: found.into(),
            at: self.scene.now,
            decided: 0,
        };
        let plan = head.iter().find_map(|item| match &item.node {
            ScenarioHead::Plan(name) => Some(name.node.clone()),
            _ => None,
        });
        let plan = plan.or_else(|| self.ir.plans.names.first().cloned()).ok_or_else(|| failure("a plan", "a program without plans"))?;
        let phase = head.iter().find_map(|item| match &item.node {
            ScenarioHead::Phase(name) => Some(name.node.clone()),
            _ => None,
        });
        let told = head.iter().find_map(|item| match &item.node {
            ScenarioHead::StartBalance(amount) | ScenarioHead::PlatformBalance(amount) => Some(amount),
            _ => None,
        });
        let start_balance = match told {
            Some(amount) => constant(amount).ok_or_else(|| failure("an amount after `balance`", "something else"))?,
            None => self.size_of(&plan).unwrap_or_default(),
        };
        let bought = head.iter().find_map(|item| match item.node {
            ScenarioHead::Bought(date) => Some(self.scene.calendar.day_from(date).opens),
            _ => None,
        });
        let hedging = head.iter().any(|item| matches!(&item.node, ScenarioHead::Mode(mode) if mode.node == "hedging"));
        let currency = if self.ir.header.currency == Currency::ACCOUNT {
            Currency::new("USD").unwrap_or(Currency::ACCOUNT)
        } else {
            self.ir.header.currency
        };
        Ok(event::Open {
            program: self.ir.title.clone(),
            version: self.ir.header.version.clone(),
            plan,
            options: self.options(head),
            currency,
            start_balance,
            position_mode: if hedging { PositionMode::Hedging } else { PositionMode::Netting },
            trader: "trader".into(),
            household: None,
            phase,
            continues: None,
            purchased_at: bought.unwrap_or(self.scene.now),
            reset_at: None,
            price_paid: None,
            swap: event::SwapMode::InPosition,
        })
    }

    fn options(&self, head: &[Spanned<ScenarioHead>]) -> BTreeMap<String, FieldValue> {
        let told = head.iter().filter_map(|item| match &item.node {
            ScenarioHead::Option(name, value) if self.ir.options.iter().any(|option| option.name == name.node) => {
                Some((name.node.clone(), self.told_at_opening(value)?))
            }
            _ => None,
        });
        told.collect()
    }

    /// Inputs that the head sets.
    fn inputs(&mut self, head: &[Spanned<ScenarioHead>]) {
        for item in head {
            if let ScenarioHead::Option(name, value) = &item.node
                && self.ir.inputs.iter().any(|input| input.name == name.node)
                && let Some(value) = self.told_at_opening(value)
            {
                self.send(Some(ACCOUNT), Kind::Input(event::Input { name: name.node.clone(), value }));
            }
        }
    }

    /// `payouts 2`: two payouts of nothing were paid before the scenario begins.
    fn earlier_payouts(&mut self, head: &[Spanned<ScenarioHead>]) {
        let count = head.iter().find_map(|item| match item.node {
            ScenarioHead::Payouts(count) => Some(count),
            _ => None,
        });
        for number in 1..=count.unwrap_or(0) {
            let payout = event::Payout {
                payout_id: format!("earlier-{number}"),
                status: event::PayoutStatus::Paid,
                amount: Some(Decimal::ZERO),
                reason: None,
            };
            self.send(Some(ACCOUNT), Kind::Payout(payout));
        }
    }

    fn size_of(&self, plan: &str) -> Option<Decimal> {
        let row = self.ir.plans.names.iter().position(|name| name == plan)?;
        let column = self.ir.plans.columns.iter().position(|column| column.name == "size")?;
        let cell = *self.ir.plans.cells.get(row)?.get(column)?;
        match &self.ir.expr(cell).kind {
            crate::ir::ExprKind::Constant(crate::ir::Constant::Decimal(size)) => Some(*size),
            _ => None,
        }
    }
}

/// When a scenario begins: at the opening of its first day, Monday 2 March 2026 when it does not say.
fn start_of(calendar: &TradingCalendar, head: &[Spanned<ScenarioHead>]) -> Instant {
    let told = head.iter().find_map(|item| match item.node {
        ScenarioHead::From(date, time) => Some((date, time)),
        _ => None,
    });
    let (date, time) = told.unwrap_or((Date::from_days(20_514), None));
    debug_assert!(told.is_some() || date.weekday() == Weekday::Mon);
    match time {
        Some(time) => calendar.rule.zone.to_instant(date, time),
        None => calendar.day_from(date).opens,
    }
}
