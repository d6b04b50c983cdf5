//! `close all`: what `flatten` asks a host to do, and the hint that nobody has done it.

use super::Trouble;
use super::course::Course;
use super::session::Session;
use super::world::Decision;
use crate::market::Quote;
use crate::outcome::ActionKind;
use crate::value::{Decimal, Fixed};

/// What is said once where the program asked to flatten and positions stay open.
const HINT: &str = "the program asked to flatten, and a host would do it; here positions stay open until a line closes them: `close all`";

impl Session {
    /// Closes what is open, each at the price at which it can be closed now.
    pub(super) fn close_all(&mut self) -> Result<String, Trouble> {
        self.courses.get_mut(&self.here).into_iter().for_each(Course::adopt);
        let steps = closing(self.course()?)?;
        let shown = self.steps(&steps)?;
        Ok(format!("{steps}\n{shown}"))
    }

    /// The hint, the first time that there is reason for it.
    pub(super) fn flatten_hint(&mut self, before: usize) -> Option<&'static str> {
        let course = self.courses.get(&self.here)?;
        let asked = course.decided_since(before).iter().any(|decision| asks_to_flatten(decision));
        let is_due = asked && !self.told_of_flatten && course.scene.open().next().is_some();
        self.told_of_flatten |= is_due;
        is_due.then_some(HINT)
    }
}

/// The steps that close what is open in a course, each at the price at which it can be closed now.
pub(super) fn closing(course: &Course) -> Result<String, Trouble> {
    let steps: Vec<String> = course
        .scene
        .open()
        .map(|(name, symbol, bought)| Ok(format!("exit {name} @ {}", price(course, symbol, bought)?)))
        .collect::<Result<_, Trouble>>()?;
    if steps.is_empty() {
        let is_open = course.world.account().is_some_and(|account| account.account().open_positions().next().is_some());
        return Err(Trouble::words(if is_open {
            "what is open was opened by loaded events, and events that wait close it: `until end` lets them happen"
        } else {
            "nothing is open"
        }));
    }
    Ok(steps.join("; "))
}

fn asks_to_flatten(decision: &Decision) -> bool {
    decision.outcome.actions.iter().any(|action| matches!(action.kind, ActionKind::Flatten { .. }))
}

/// Where a position can be closed: at the bid what was bought, at the ask what was sold; at the last price where that is not told.
fn price(course: &Course, symbol: &str, bought: bool) -> Result<Decimal, Trouble> {
    let market = course.world.engine.market();
    let quote = market.symbol(symbol).and_then(|id| market.listing(id)).map_or_else(Quote::default, |listing| listing.quote);
    let side = if bought { quote.bid } else { quote.ask };
    let told = [side, quote.last].into_iter().find(|price| *price != Quote::default().last);
    told.and_then(Fixed::from_raw).map(Decimal::from).ok_or_else(|| {
        Trouble::Words(format!("`{symbol}` has no price to close at: tell one by `tick {symbol} PRICE`, or close by `exit NAME @ PRICE`"))
    })
}
