//! What leads to a limit, and how much of it: found by trying.

use super::stand::{Shown, Stand};
use crate::ir::Limit;
use crate::outcome::Verdict;
use crate::scenario::standard_instrument;
use crate::value::{Decimal, NANOS_PER_SECOND};

/// Symbols that are tried, each with a price of its order of size.
const SYMBOLS: &[(&str, &str)] = &[("ES", "5000"), ("MES", "5000"), ("EURUSD", "1.1"), ("XAUUSD", "2000"), ("AAPL", "200")];
/// How many trades, contracts or hundredths of a lot are tried at most.
const MOST_OF: i64 = 20_000;
/// How many whole trades.
const MOST_TRADES: i64 = 60;

/// What is done more and more of.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// `mark equity`, so far below the balance, or above it.
    Equity { up: bool },
    /// `trade`, one that loses or wins so much.
    Trade { up: bool },
    /// `order buy`, of so many steps of a symbol.
    Order(&'static str, &'static str),
    /// `buy`, the same filled.
    Buy(&'static str, &'static str),
    /// So many trades.
    Trades,
}

/// A way to a limit.
#[derive(Clone, Debug)]
pub(super) struct Drive {
    pub(super) kind: Kind,
    /// What must follow for the limit to be judged.
    pub(super) then: Option<String>,
}

/// The ways that are tried for a limit, the likely ones first.
pub(super) fn drives(limit: &Limit, rises: bool) -> Vec<Drive> {
    let amounts = [Kind::Equity { up: rises }, Kind::Trade { up: rises }];
    let orders = SYMBOLS.iter().map(|(symbol, price)| Kind::Order(symbol, price));
    let fills = SYMBOLS.iter().map(|(symbol, price)| Kind::Buy(symbol, price));
    let others = [Kind::Trades, Kind::Equity { up: !rises }, Kind::Trade { up: !rises }];
    let on_orders = limit.refuses || limit.reduces;
    let mut kinds: Vec<Kind> = Vec::new();
    if on_orders {
        kinds.extend(orders);
    } else {
        kinds.extend(amounts);
        kinds.extend(fills);
        kinds.extend(others);
    }
    let seconds = |nanos: i64| format!("advance {}s", (nanos + NANOS_PER_SECOND - 1) / NANOS_PER_SECOND);
    let then = match (limit.lasting, limit.cure, limit.clock) {
        (Some(nanos), _, _) | (None, Some((nanos, _)), _) => vec![Some(seconds(nanos))],
        (None, None, Some(_)) => vec![Some("end day".to_owned()), Some("next day".to_owned())],
        (None, None, None) => vec![None],
    };
    kinds.into_iter().flat_map(|kind| then.iter().map(move |then| Drive { kind: kind.clone(), then: then.clone() })).collect()
}

impl Drive {
    /// The steps of so many units; nothing where so many cannot be written.
    pub(super) fn steps(&self, stand: &Stand, balance: Decimal, units: i64) -> Option<Vec<String>> {
        let amount = |up: bool| stand.coins(if up { units } else { -units });
        let step = match self.kind {
            Kind::Equity { up } => {
                let equity = balance.add(amount(up)).ok()?;
                if equity.is_negative() {
                    return None;
                }
                format!("mark equity {}", stand.money(equity))
            }
            Kind::Trade { .. } | Kind::Trades | Kind::Order(..) | Kind::Buy(..) if units < 1 => return None,
            Kind::Trade { up } => {
                let amount = stand.money(amount(up));
                format!("trade {}{amount}", if up { "+" } else { "" })
            }
            Kind::Order(symbol, price) => format!("order buy {} {symbol} @ {price} as a", quantity(symbol, units)?),
            Kind::Buy(symbol, price) => format!("buy {} {symbol} @ {price} as a", quantity(symbol, units)?),
            Kind::Trades => format!("{units} times {{ trade +{} }}", stand.money(stand.coins(1))),
        };
        Some([step].into_iter().chain(self.then.clone()).collect())
    }

    /// How many units are tried: twice the balance of money.
    fn most(&self, stand: &Stand, balance: Decimal) -> i64 {
        match self.kind {
            Kind::Equity { .. } | Kind::Trade { .. } => {
                let coins = balance.div(stand.coins(1)).map(|coins| coins.truncated(0).to_string());
                coins.ok().and_then(|coins| coins.parse().ok()).unwrap_or(0)
            }
            Kind::Order(..) | Kind::Buy(..) => MOST_OF,
            Kind::Trades => MOST_TRADES,
        }
    }

    /// Whether so many units break the limit; nothing where they cannot be tried.
    fn breaks(&self, stand: &Stand, head: &str, title: &str, (balance, units): (Decimal, i64)) -> Option<bool> {
        let shown = stand.play(head, &self.steps(stand, balance, units)?).filter(|shown| shown.sound)?;
        Some(self.is_broken(&shown, title))
    }

    fn is_broken(&self, shown: &Shown, title: &str) -> bool {
        if !matches!(self.kind, Kind::Order(..)) {
            return shown.breaches().iter().any(|breached| breached == title);
        }
        match shown.verdict() {
            Some(Verdict::Reject { reasons } | Verdict::Reduce { reasons, .. }) => reasons.iter().any(|reason| *reason.rule == *title),
            _ => false,
        }
    }

    /// The least count of units that breaks a limit which one fewer keeps.
    pub(super) fn least(&self, stand: &Stand, head: &str, title: &str, balance: Decimal) -> Option<i64> {
        let breaks = |units| self.breaks(stand, head, title, (balance, units));
        let most = self.most(stand, balance);
        // From rough to fine: a power of ten, then the shares of the balance that programs use.
        let powers = (0..12).map(|power| 10_i64.pow(power)).take_while(|units| *units < most / 100);
        let shares = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100].map(|share| most / 100 * share);
        let mut kept = 0;
        let mut broken = None;
        for units in powers.chain(shares).filter(|units| *units > 0) {
            match breaks(units) {
                Some(true) => {
                    broken = Some(units);
                    break;
                }
                Some(false) => kept = units,
                None => {}
            }
        }
        let mut broken = broken?;
        while broken - kept > 1 {
            let middle = kept + (broken - kept) / 2;
            if breaks(middle)? { broken = middle } else { kept = middle }
        }
        Some(broken)
    }
}

/// So many steps of a symbol's quantity.
fn quantity(symbol: &str, units: i64) -> Option<String> {
    let step = standard_instrument(symbol)?.quantity_step;
    let units = Decimal::from(i32::try_from(units).ok()?);
    step.mul(units).ok().map(|quantity| quantity.to_string())
}
