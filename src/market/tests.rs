use super::*;
use crate::event::{Impact, News, Tick, TickQuality};
use crate::value::{Decimal, Instant, NANOS_PER_MINUTE, Unit};
use crate::vm::view::MISSING;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn tick(symbol: &str, bid: Option<&str>, ask: Option<&str>, quality: TickQuality) -> Event {
    let tick = Tick { symbol: symbol.into(), bid: bid.map(decimal), ask: ask.map(decimal), last: None, quality, extra: BTreeMap::new() };
    Event::new("t", None, at("2026-03-02T14:30:00Z"), Kind::Tick(tick))
}

fn instrument(symbol: &str, base: &str, quote: &str) -> Event {
    let instrument = Instrument {
        symbol: symbol.into(),
        class: "fx".into(),
        unit: Unit::Lot,
        lot_size: decimal("100000"),
        multiplier: decimal("100000"),
        tick_size: decimal("0.00001"),
        pip_size: None,
        quantity_step: decimal("0.01"),
        min_quantity: None,
        max_quantity: None,
        margin_rate: Some(decimal("0.01")),
        quote_currency: Currency::new(quote).unwrap(),
        base_currency: Currency::new(base),
        root: None,
        weight: None,
        group: None,
        calendar: None,
    };
    Event::new("i", None, at("2026-03-02T00:00:00Z"), Kind::Instrument(instrument))
}

fn news(id: &str, starts: &str, ends: Option<&str>, cancelled: bool) -> Event {
    let news = News {
        news_id: id.into(),
        title: "Payrolls".into(),
        impact: Impact::High,
        currencies: vec![Currency::new("USD").unwrap()],
        symbols: vec!["ES".into()],
        starts: at(starts),
        ends: ends.map(at),
        cancelled: Some(cancelled),
    };
    Event::new("n", None, at("2026-03-01T00:00:00Z"), Kind::News(news))
}

#[test]
fn stale_prices_are_no_marks_and_untold_sides_stay() {
    let mut market = Market::new();
    let id = ListingId(0);
    assert_eq!(market.apply(&tick("ES", Some("5000"), Some("5000.25"), TickQuality::Ok)), MarketChange::Mark(id));
    assert_eq!(market.apply(&tick("ES", Some("1"), None, TickQuality::Stale)), MarketChange::Indication(id));
    assert_eq!(market.apply(&tick("ES", Some("5001"), None, TickQuality::Ok)), MarketChange::Mark(id));
    let quote = market.listing(id).unwrap().quote;
    assert_eq!((quote.bid, quote.ask, quote.last), (500_100_000_000, 500_025_000_000, MISSING));
}

#[test]
fn a_pair_is_found_in_either_order() {
    let mut market = Market::new();
    market.apply(&instrument("USDJPY", "USD", "JPY"));
    let (usd, jpy) = (Currency::new("USD").unwrap(), Currency::new("JPY").unwrap());
    assert_eq!(market.pair(jpy, usd).map(|(id, _)| id), market.symbol("USDJPY"));
    assert_eq!(market.pair(usd, jpy).map(|(id, _)| id), market.symbol("USDJPY"));
    assert!(market.pair(usd, Currency::new("EUR").unwrap()).is_none());
}

#[test]
fn news_windows_hold_both_ends() {
    let mut market = Market::new();
    market.apply(&news("nfp", "2026-03-06T13:30:00Z", Some("2026-03-06T13:40:00Z"), false));
    let window = NewsWindow { before: 2 * NANOS_PER_MINUTE, after: NANOS_PER_MINUTE, impact: 2, symbol: None };
    let item = market.news().first().unwrap().clone();
    let edge = |text: &str| window.edge(&item, at(text).nanos()).unwrap();
    let (from, to) = (at("2026-03-06T13:28:00Z").nanos(), at("2026-03-06T13:41:00Z").nanos());
    assert_eq!(edge("2026-03-06T13:27:59.999999999Z"), crate::vm::view::Edge { now: false, next: from });
    assert_eq!(edge("2026-03-06T13:28:00Z"), crate::vm::view::Edge { now: true, next: to + 1 });
    assert_eq!(edge("2026-03-06T13:41:00Z"), crate::vm::view::Edge { now: true, next: to + 1 });
    assert!(!edge("2026-03-06T13:41:00.000000001Z").now);
    let eur = NewsWindow { symbol: Some(("EURCHF", [Currency::new("EUR"), Currency::new("CHF")])), ..window };
    assert_eq!(eur.edge(&item, from), None);
    let usd = NewsWindow { symbol: Some(("EURUSD", [Currency::new("EUR"), Currency::new("USD")])), ..window };
    assert!(usd.edge(&item, from).unwrap().now);
    market.apply(&news("nfp", "2026-03-06T13:30:00Z", None, true));
    assert!(market.news().is_empty());
}

/// docs/semantics.md: pure.2
#[test]
fn a_snapshot_keeps_everything() {
    let mut market = Market::new();
    market.apply(&tick("ES", Some("5000"), Some("5000.25"), TickQuality::Ok));
    market.apply(&instrument("USDJPY", "USD", "JPY"));
    market.apply(&news("nfp", "2026-03-06T13:30:00Z", None, false));
    let day = CalendarDay { calendar: "CME".into(), date: "2026-12-25".parse().unwrap(), closed: Some(true), early_close: None };
    market.apply(&Event::new("c", None, at("2026-03-01T00:00:00Z"), Kind::Calendar(day)));
    let bytes = market.snapshot().unwrap();
    let restored = Market::restore(&bytes).unwrap();
    assert_eq!(restored.snapshot().unwrap(), bytes);
    assert_eq!(restored.symbol("USDJPY"), Some(ListingId(1)));
    assert!(restored.calendar("CME").unwrap().is_closed("2026-12-25".parse().unwrap()));
}
