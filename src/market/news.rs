//! Scheduled news and the windows around it.

use serde::{Deserialize, Serialize};

use crate::event::News;
use crate::value::{Currency, Instant, NANOS_PER_DAY};
use crate::vm::view::{Edge, NEVER};

/// How long an item is kept after its end, in nanoseconds: no window reaches further back.
pub const KEPT_AFTER_END: i64 = 31 * NANOS_PER_DAY;

/// An item of news: the closed interval from its start to its end, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewsItem {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// 0 low, 1 medium, 2 high.
    pub impact: i64,
    /// The currencies it is about.
    pub currencies: Vec<Currency>,
    /// The symbols it is about.
    pub symbols: Vec<String>,
    /// When it is due.
    pub starts: i64,
    /// When it ends; its start where it does not last.
    pub ends: i64,
}

/// What a rule asks of news.
#[derive(Clone, Copy, Debug)]
pub struct NewsWindow<'a> {
    /// Nanoseconds before the start.
    pub before: i64,
    /// Nanoseconds after the end.
    pub after: i64,
    /// The least impact.
    pub impact: i64,
    /// Only for this symbol: its name, base and quote currency.
    pub symbol: Option<(&'a str, [Option<Currency>; 2])>,
}

impl NewsItem {
    /// Whether it names the symbol, its base or its quote currency.
    pub fn concerns(&self, name: &str, currencies: [Option<Currency>; 2]) -> bool {
        self.symbols.iter().any(|symbol| symbol == name) || currencies.iter().flatten().any(|currency| self.currencies.contains(currency))
    }
}

impl NewsWindow<'_> {
    /// Whether an instant lies in the window around an item, both ends included, and when that may
    /// change; none for an item that is not asked for.
    pub fn edge(&self, item: &NewsItem, now: i64) -> Option<Edge> {
        let asked = item.impact >= self.impact && self.symbol.is_none_or(|(name, currencies)| item.concerns(name, currencies));
        let from = item.starts.saturating_sub(self.before);
        let to = item.ends.saturating_add(self.after);
        let next = if now < from {
            from
        } else if now <= to {
            to.saturating_add(1)
        } else {
            NEVER
        };
        asked.then(|| Edge { now: (from..=to).contains(&now), next })
    }
}

/// Takes an item in the place of an earlier one with its id, or takes it out where it is cancelled.
pub(super) fn keep(items: &mut Vec<NewsItem>, news: &News, at: Instant) {
    let oldest = at.nanos().saturating_sub(KEPT_AFTER_END);
    items.retain(|item| item.id != news.news_id && item.ends >= oldest);
    if news.cancelled == Some(true) {
        return;
    }
    let item = NewsItem {
        id: news.news_id.clone(),
        title: news.title.clone(),
        impact: news.impact as i64,
        currencies: news.currencies.clone(),
        symbols: news.symbols.clone(),
        starts: news.starts.nanos(),
        ends: news.ends.unwrap_or(news.starts).nanos(),
    };
    let place = items.partition_point(|other| (other.starts, &other.id) <= (item.starts, &item.id));
    items.insert(place, item);
}
