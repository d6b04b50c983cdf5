//! Working orders: what was asked for and allowed, and is neither filled nor taken back.

use serde::{Deserialize, Serialize};

use crate::event::{Order, OrderType};
use crate::ledger::SymbolId;
use crate::value::{Decimal, Fixed};
use crate::vm::view::MISSING;

/// How many working orders an account keeps; later ones are not counted.
pub const MAX_WORKING_ORDERS: usize = 1024;

/// An order. Prices and quantities count 10⁻⁸; [`MISSING`] where not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WorkingOrder {
    /// Its id.
    pub id: String,
    /// The account's number of its symbol.
    pub symbol: u16,
    /// What is not filled yet: positive buys, negative sells.
    pub quantity: i64,
    /// What was filled, without sign.
    pub filled: i64,
    /// Its own price: the limit, else the price that wakes a stop.
    pub price: i64,
    /// The stop-loss that its position shall have.
    pub stop: i64,
    /// The take-profit that its position shall have.
    pub target: i64,
    /// How it is priced: the number of the word.
    pub order_type: i64,
    /// The values of the fields that the program adds to orders.
    pub extra: Vec<i64>,
    /// The order it depends on.
    pub parent: Option<String>,
}

impl WorkingOrder {
    /// The order of an event; `symbol` is the account's number, `extra` what the host adds.
    pub(super) fn new(order: &Order, symbol: u16, extra: Vec<i64>) -> Self {
        Self {
            id: order.order_id.clone(),
            symbol,
            quantity: Fixed::from(order.signed_quantity()).raw(),
            filled: 0,
            price: raw(order.price.or(order.stop_price)),
            stop: raw(order.stop_loss),
            target: raw(order.take_profit),
            order_type: order_type(order.order_type),
            extra,
            parent: order.parent.clone(),
        }
    }

    /// A market order of so much of a symbol: positive buys.
    pub(super) fn market(symbol: SymbolId, quantity: i64) -> Self {
        Self {
            id: String::new(),
            symbol: symbol.0,
            quantity,
            filled: 0,
            price: MISSING,
            stop: MISSING,
            target: MISSING,
            order_type: 0,
            extra: Vec::new(),
            parent: None,
        }
    }
}

/// The working orders of an account, in the order of their arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Orders {
    working: Vec<WorkingOrder>,
}

impl Orders {
    /// The working orders.
    pub(super) fn working(&self) -> &[WorkingOrder] {
        &self.working
    }

    /// Takes an order in, in the place of one with its id; false when there are too many.
    pub(super) fn put(&mut self, order: WorkingOrder) -> bool {
        let known = self.working.iter().position(|known| known.id == order.id);
        if known.is_none() && self.working.len() >= MAX_WORKING_ORDERS {
            return false;
        }
        match known.and_then(|at| self.working.get_mut(at)) {
            Some(known) => *known = order,
            None => self.working.push(order),
        }
        true
    }

    /// Takes what an order has become, less what was filled of it; an unknown one is none of the account's.
    pub(super) fn change(&mut self, order: &WorkingOrder) {
        let Some(known) = self.working.iter_mut().find(|known| known.id == order.id) else { return };
        let left = order.quantity.saturating_abs().saturating_sub(known.filled).max(0);
        *known = WorkingOrder { quantity: order.quantity.signum() * left, filled: known.filled, ..order.clone() };
    }

    /// Does something with the fields that the program adds to each order.
    pub(super) fn each_extra(&mut self, act: impl FnMut(&mut Vec<i64>)) {
        self.working.iter_mut().map(|order| &mut order.extra).for_each(act);
    }

    /// Takes an order out.
    pub(super) fn remove(&mut self, id: &str) {
        self.working.retain(|order| order.id != id);
    }

    /// Takes what was filled off an order; a filled one is no working order any more.
    pub(super) fn filled(&mut self, id: &str, quantity: i64) {
        let Some(order) = self.working.iter_mut().find(|order| order.id == id) else { return };
        let left = order.quantity.saturating_abs().saturating_sub(quantity.saturating_abs()).max(0);
        order.quantity = order.quantity.signum() * left;
        order.filled = order.filled.saturating_add(quantity.saturating_abs());
        if left == 0 {
            self.remove(id);
        }
    }
}

/// The number of the word; a trailing stop is priced as a stop.
fn order_type(order_type: OrderType) -> i64 {
    match order_type {
        OrderType::Market => 0,
        OrderType::Limit => 1,
        OrderType::Stop | OrderType::TrailingStop => 2,
        OrderType::StopLimit => 3,
    }
}

/// The raw number of an optional decimal.
pub(super) fn raw(value: Option<Decimal>) -> i64 {
    value.map_or(MISSING, |value| Fixed::from(value).raw())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{OrderStatus, Side};

    fn order(id: &str, side: Side, quantity: &str) -> WorkingOrder {
        let order = Order {
            order_id: id.into(),
            symbol: "ES".into(),
            side,
            order_type: OrderType::Limit,
            quantity: quantity.parse().unwrap(),
            price: Some("5000".parse().unwrap()),
            stop_price: None,
            stop_loss: None,
            take_profit: None,
            status: OrderStatus::New,
            parent: None,
            extra: std::collections::BTreeMap::new(),
        };
        WorkingOrder::new(&order, 0, Vec::new())
    }

    #[test]
    fn fills_use_an_order_up() {
        let mut orders = Orders::default();
        assert!(orders.put(order("a", Side::Sell, "3")));
        assert_eq!(orders.working()[0].quantity, -300_000_000);
        orders.filled("a", -100_000_000);
        assert_eq!(orders.working()[0].quantity, -200_000_000);
        orders.filled("b", 100_000_000);
        orders.filled("a", -200_000_000);
        assert!(orders.working().is_empty());
    }

    #[test]
    fn one_order_an_id_and_a_named_limit() {
        let mut orders = Orders::default();
        for at in 0..MAX_WORKING_ORDERS {
            assert!(orders.put(order(&at.to_string(), Side::Buy, "1")));
        }
        assert!(!orders.put(order("more", Side::Buy, "1")));
        assert!(orders.put(order("7", Side::Buy, "2")), "a changed order takes its own place");
        assert_eq!(orders.working().len(), MAX_WORKING_ORDERS);
    }
}
