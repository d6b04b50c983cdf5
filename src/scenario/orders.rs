//! Steps on single orders and fills, on news, and what staff decide.

use std::collections::BTreeMap;

use super::instruments::standard_instrument;
use super::stage::{ACCOUNT, OpenPosition, Stage};
use super::steps::Taken;
use crate::event::{self, BalancePolicy, FieldValue, FillEntry, FillReason, Kind, OrderStatus, OrderType, Side, StaffDecision};
use crate::source::Spanned;
use crate::syntax::ast::{self, Step};
use crate::value::{Currency, Decimal, Unit};

/// Fields that the host adds to a record.
pub(super) type Told = BTreeMap<String, FieldValue>;

/// What a fill says besides symbol, quantity and price.
pub(super) struct FillDetail {
    pub(super) entry: FillEntry,
    pub(super) reason: FillReason,
    pub(super) gross_profit: Option<Decimal>,
    pub(super) extra: Told,
}

impl FillDetail {
    pub(super) fn entry() -> Self {
        Self { entry: FillEntry::In, reason: FillReason::User, gross_profit: None, extra: Told::new() }
    }

    pub(super) fn exit(reason: FillReason) -> Self {
        Self { entry: FillEntry::Out, reason, ..Self::entry() }
    }
}

fn number(told: Option<&Spanned<Decimal>>) -> Option<Decimal> {
    told.map(|told| told.node)
}

impl Stage<'_> {
    /// The fields of a step, as a host tells them: written out, or computed now.
    pub(super) fn told(&mut self, fields: &[(ast::Name, ast::Expr)]) -> Result<Told, String> {
        let told = fields.iter().map(|(field, value)| Ok((field.node.clone(), self.field(value)?)));
        told.collect()
    }

    /// A value as a host tells it: written out, or computed now.
    pub(super) fn field(&mut self, value: &ast::Expr) -> Result<FieldValue, String> {
        match self.field_value(value) {
            Some(value) => Ok(value),
            None => Ok(FieldValue::Text(self.amount(value)?.to_string())),
        }
    }

    /// Refuses a quantity in another unit than the symbol is counted in.
    fn counted_in(symbol: &str, (quantity, unit): (Decimal, Option<&Spanned<Unit>>)) -> Taken {
        let counted = standard_instrument(symbol).map(|instrument| instrument.unit);
        match (unit.map(|unit| unit.node), counted) {
            (Some(said), Some(counted)) if said != counted => {
                let word = if quantity == Decimal::from(1) { counted.singular() } else { counted.plural() };
                Err(format!("{symbol} is counted in {}, not in {}: write `{quantity} {word} {symbol}`", counted.plural(), said.plural()))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn enter(&mut self, step: &Step) -> Taken {
        let Step::Trade { buy, quantity, unit, symbol, price, stop, target, fields, name } = step else { return Ok(()) };
        self.announce(&symbol.node)?;
        Self::counted_in(&symbol.node, (quantity.node, unit.as_ref()))?;
        let price = number(price.as_ref()).ok_or("its price is missing: it stands behind `@`, as in `@ 5000.25`")?;
        let symbol = symbol.node.as_str();
        let id = name.as_ref().map_or_else(|| format!("{symbol}-{}", self.scene.positions.len() + 1), |name| name.node.clone());
        let (buy, quantity) = (*buy, quantity.node);
        let signed = if buy { quantity } else { quantity.neg() };
        let detail = FillDetail { entry: FillEntry::Unknown, extra: self.told(fields)?, ..FillDetail::entry() };
        self.fill(&id, symbol, signed, price, detail);
        let (stop_loss, take_profit) = (number(stop.as_ref()), number(target.as_ref()));
        if stop_loss.is_some() || take_profit.is_some() {
            self.send(Some(ACCOUNT), Kind::Protect(event::Protect { position_id: id.clone(), stop_loss, take_profit }));
        }
        self.scene.positions.insert(id.clone(), OpenPosition { id, symbol: symbol.into(), buy, quantity, adopted: false });
        Ok(())
    }

    pub(super) fn fill(&mut self, position: &str, symbol: &str, quantity: Decimal, price: Decimal, detail: FillDetail) {
        let fill = event::Fill {
            fill_id: format!("fill-{}-{}", position, self.scene.all.len()),
            order_id: None,
            position_id: Some(position.into()),
            symbol: symbol.into(),
            quantity,
            price,
            entry: detail.entry,
            closed_quantity: None,
            gross_profit: detail.gross_profit,
            commission: None,
            fee: None,
            tax: None,
            swap: None,
            fx_rate: None,
            reason: detail.reason,
            extra: detail.extra,
        };
        self.send(Some(ACCOUNT), Kind::Fill(fill));
    }

    pub(super) fn order(&mut self, step: &Step) -> Taken {
        let Step::Order { buy, quantity, unit, symbol, price, stop, target, fields, name } = step else { return Ok(()) };
        self.announce(&symbol.node)?;
        Self::counted_in(&symbol.node, (quantity.node, unit.as_ref()))?;
        let name = name.as_ref().map_or_else(|| format!("order-{}", self.events_sent()), |name| name.node.clone());
        let order = event::Order {
            order_id: name.clone(),
            symbol: symbol.node.clone(),
            side: if *buy { Side::Buy } else { Side::Sell },
            order_type: if price.is_some() { OrderType::Limit } else { OrderType::Market },
            quantity: quantity.node,
            price: number(price.as_ref()),
            stop_price: None,
            stop_loss: number(stop.as_ref()),
            take_profit: number(target.as_ref()),
            status: OrderStatus::New,
            parent: None,
            extra: self.told(fields)?,
        };
        self.scene.orders.insert(name, order.clone());
        self.send(Some(ACCOUNT), Kind::Order(order));
        Ok(())
    }

    pub(super) fn cancel_order(&mut self, name: &ast::Name) -> Taken {
        let order = self.scene.orders.remove(&name.node).ok_or_else(|| format!("no order is called `{}`", name.node))?;
        self.send(Some(ACCOUNT), Kind::Order(event::Order { status: OrderStatus::Cancelled, ..order }));
        Ok(())
    }

    pub(super) fn exit(&mut self, step: &Step) -> Taken {
        let Step::Exit { quantity, name, price, by, fields } = step else { return Ok(()) };
        let name = name.node.as_str();
        let open = self.scene.positions.get(name).cloned().ok_or_else(|| format!("no open position is called `{name}`"))?;
        let price = number(price.as_ref()).ok_or("its price is missing: it stands behind `@`, as in `@ 5000.25`")?;
        let quantity = number(quantity.as_ref()).unwrap_or(open.quantity);
        let reason = match by.as_ref().map(|by| by.node.as_str()) {
            Some("stop") => FillReason::StopLoss,
            Some("target") => FillReason::TakeProfit,
            _ => FillReason::User,
        };
        let left = open.quantity.sub(quantity).map_err(|error| error.to_string())?;
        if left.is_negative() {
            return Err(format!("`{name}` has {} open, less than {quantity}", open.quantity));
        }
        let signed = if open.buy { quantity.neg() } else { quantity };
        let extra = self.told(fields)?;
        self.fill(&open.id, &open.symbol, signed, price, FillDetail { extra, ..FillDetail::exit(reason) });
        if left.is_zero() {
            self.scene.positions.remove(name);
        } else if let Some(position) = self.scene.positions.get_mut(name) {
            position.quantity = left;
        }
        Ok(())
    }

    pub(super) fn move_stop(&mut self, name: &str, to: Option<Decimal>) -> Taken {
        let open = self.scene.positions.get(name).ok_or_else(|| format!("no open position is called `{name}`"))?;
        let protect = event::Protect { position_id: open.id.clone(), stop_loss: to, take_profit: None };
        self.send(Some(ACCOUNT), Kind::Protect(protect));
        Ok(())
    }

    /// What a person decides.
    pub(super) fn staff(&mut self, decision: &str, breach: Option<&ast::Name>, reset: bool) {
        let decision = match decision {
            "overrides" => StaffDecision::Override,
            "suspends" => StaffDecision::Suspend,
            _ => StaffDecision::Reinstate,
        };
        let staff = event::Staff {
            decision,
            who: "staff".into(),
            why: "decided in a scenario".into(),
            breach: breach.map(|title| title.node.clone()),
            balance: reset.then_some(BalancePolicy::Reset),
        };
        self.send(Some(ACCOUNT), Kind::Staff(staff));
    }

    pub(super) fn cancel_news(&mut self, title: &ast::Name) -> Taken {
        let news = self.scene.news.remove(&title.node).ok_or_else(|| format!("no news is called `{}`", title.node))?;
        self.send(None, Kind::News(event::News { cancelled: Some(true), ..news }));
        Ok(())
    }

    pub(super) fn news(
        &mut self,
        title: &ast::Name,
        on: &ast::Name,
        at: &ast::When,
        lasting: Option<&ast::Expr>,
        impact: Option<&ast::Name>,
    ) -> Taken {
        let starts = self.instant(at)?;
        let ends = match lasting.map(|lasting| &lasting.kind) {
            Some(ast::ExprKind::Duration(nanos)) => Some(starts.plus(*nanos)),
            Some(_) => return Err("news lasts for a duration such as `10min`".into()),
            None => None,
        };
        let currency = Currency::new(&on.node).filter(|_| on.node.len() == 3);
        let impact = match impact.map(|impact| impact.node.as_str()) {
            Some("low") => event::Impact::Low,
            Some("medium") => event::Impact::Medium,
            _ => event::Impact::High,
        };
        let news = event::News {
            news_id: title.node.clone(),
            title: title.node.clone(),
            impact,
            currencies: currency.into_iter().collect(),
            symbols: if currency.is_some() { Vec::new() } else { vec![on.node.clone()] },
            starts,
            ends,
            cancelled: None,
        };
        self.scene.news.insert(title.node.clone(), news.clone());
        self.send(None, Kind::News(news));
        Ok(())
    }
}
