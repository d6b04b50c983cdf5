use std::io::Write;

use super::*;
use crate::event::TickQuality;
use crate::value::Decimal;

fn ticks(file: (&str, &[u8])) -> Vec<Event> {
    read(file, &ReadOptions::default())
}

fn prices(events: &[Event], of: fn(&crate::event::Tick) -> Option<Decimal>) -> String {
    let ticks = events.iter().filter_map(|event| match &event.kind {
        Kind::Tick(tick) => of(tick),
        _ => None,
    });
    ticks.fold(Decimal::ZERO, |sum, price| sum.add(price).unwrap()).to_string()
}

#[test]
fn fxcm_quotes_are_five_hours_behind_utc_in_summer_too() {
    let events = ticks(data!("ticks/fxcm_eurusd_tick_20140502_quote.zip"));
    assert_eq!(events.len(), 10_689);
    assert_eq!(line(&events[0]), "2014-05-02T12:25:00.546Z 20140502_eurusd_tick_quote/1 tick EURUSD bid 1.38621 ask 1.38624 ok");
    assert_eq!(
        line(events.last().unwrap()),
        "2014-05-02T20:59:11.909Z 20140502_eurusd_tick_quote/10689 tick EURUSD bid 1.38724 ask 1.38731 ok"
    );
    // The payrolls of 12:30 UTC: the widest spread of the day, 0.00167.
    assert_eq!(line(&events[1217]), "2014-05-02T12:30:03.661Z 20140502_eurusd_tick_quote/1218 tick EURUSD bid 1.38288 ask 1.38455 ok");
    assert_eq!(prices(&events, |tick| tick.bid), "14784.29266");
    assert!(events.iter().all(|event| event.account.is_none()));

    let sunday = ticks(data!("ticks/fxcm_eurusd_tick_20140504_quote.zip"));
    assert_eq!(sunday.len(), 8_025);
    assert_eq!(line(&sunday[0]), "2014-05-04T19:00:51.815Z 20140504_eurusd_tick_quote/1 tick EURUSD bid 1.387 ask 1.3879 ok");
}

#[test]
fn months_of_a_future_are_symbols_merged_by_time() {
    let events = ticks(data!("ticks/comex_gc_tick_20131007_trade.zip"));
    assert_eq!(events.len(), 1_490);
    assert!(events.is_sorted_by_key(|event| event.at));
    assert_eq!(line(&events[0]), "2013-10-07T00:00:00.276Z 20131007_gc_tick_trade_201312/1 tick GCZ13 last 1313.7 ok");
    assert_eq!(line(&events[297]), "2013-10-07T00:35:30.102Z 20131007_gc_tick_trade_201312/298 tick GCZ13 last 1315.3 ok");
    // A trade of nothing is no price that anybody dealt at.
    assert_eq!(line(&events[298]), "2013-10-07T00:35:30.102Z 20131007_gc_tick_trade_201402/1 tick GCG14 last 1316.1 indicative");
    assert_eq!(line(events.last().unwrap()), "2013-10-07T22:34:14.537Z 20131007_gc_tick_trade_201311/83 tick GCX13 last 1321.8 indicative");
    assert_eq!(prices(&events, |tick| tick.last), "1962072.9");
    let indicative = |event: &&Event| matches!(&event.kind, Kind::Tick(tick) if tick.quality == TickQuality::Indicative);
    assert_eq!(events.iter().filter(indicative).count(), 55);
}

#[test]
fn one_month_of_a_future_can_be_chosen_and_renamed() {
    let options = ReadOptions { contract: Some("201406".into()), symbol: Some("GC".into()), ..ReadOptions::default() };
    let events = read(data!("ticks/comex_gc_tick_20131007_trade.zip"), &options);
    assert_eq!(events.len(), 11);
    assert_eq!(line(&events[0]), "2013-10-07T02:05:11.420Z 20131007_gc_tick_trade_201406/1 tick GC last 1316 indicative");
    let error = open_error(
        data!("ticks/comex_gc_tick_20131007_trade.zip"),
        &ReadOptions { contract: Some("201407".into()), ..ReadOptions::default() },
    );
    assert!(error.contains("there is no contract `201407` in it"), "{error}");
}

#[test]
fn minutes_of_quotes_are_ticks_at_their_close() {
    let events = ticks(data!("minutes/cme_es_minute_20131006_quote.zip"));
    assert_eq!(events.len(), 330);
    // 19:00 opens the minute; an empty cell is no quote.
    assert_eq!(line(&events[0]), "2013-10-06T19:01:00Z 20131006_es_minute_quote_201312/1 tick ESZ13 bid 1681.5 ask 1682 ok");
    let second = events.iter().find(|event| event.id == "20131006_es_minute_quote_201312/2").unwrap();
    assert_eq!(line(second), "2013-10-06T21:02:00Z 20131006_es_minute_quote_201312/2 tick ESZ13 ask 1682.25 ok");
    let one_sided = |event: &&Event| matches!(&event.kind, Kind::Tick(tick) if tick.bid.is_none() || tick.ask.is_none());
    assert_eq!(events.iter().filter(one_sided).count(), 83);

    let coin = ticks(data!("minutes/bybit_btcusdt_minute_20221213_quote.zip"));
    assert_eq!(coin.len(), 721);
    assert_eq!(line(&coin[0]), "2022-12-13T00:01:00Z 20221213_btcusdt_minute_quote/1 tick BTCUSDT bid 17205.01 ask 17206.77 ok");
    assert_eq!(line(&coin[720]), "2022-12-13T12:01:00Z 20221213_btcusdt_minute_quote/721 tick BTCUSDT bid 17451.17 ask 17452.62 ok");
}

#[test]
fn minutes_of_trades_are_ticks_at_their_close() {
    let events = ticks(data!("minutes/cme_es_minute_20131006_trade.zip"));
    assert_eq!(events.len(), 128);
    assert_eq!(line(&events[0]), "2013-10-06T22:01:00Z 20131006_es_minute_trade_201312/1 tick ESZ13 last 1675.25 ok");
    // The minute from 23:59 ends with the day.
    assert_eq!(line(&events[127]), "2013-10-07T00:00:00Z 20131006_es_minute_trade_201312/118 tick ESZ13 last 1676.5 ok");
}

fn zip(member: &str, rows: impl Iterator<Item = String>) -> Vec<u8> {
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(member, ::zip::write::SimpleFileOptions::default()).unwrap();
    for row in rows {
        writeln!(zip, "{row}").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn three_hundred_thousand_rows_are_streamed() {
    let rows = |count: u32| (0..count).map(|row| format!("{},1.0{:04},1.1", row * 200, row % 10_000));
    let bytes = zip("20260302_eurusd_tick_quote.csv", rows(300_000));
    let mut source = Source::open("oanda.zip", &bytes[..], &ReadOptions::default()).unwrap();
    let (mut count, mut last) = (0, None);
    for event in source.events() {
        last = Some(event.unwrap());
        count += 1;
    }
    assert_eq!(count, 300_000);
    assert_eq!(line(&last.unwrap()), "2026-03-02T16:39:59.800Z 20260302_eurusd_tick_quote/300000 tick EURUSD bid 1.09999 ask 1.1 ok");
    // An archive that breaks off gives what comes before: rows are unpacked as they are read.
    let mut broken = bytes.clone();
    let middle = broken.len() / 2;
    broken[middle..middle + 64].fill(0xFF);
    let read = read_with(("oanda.zip", &broken), &ReadOptions::default());
    assert!(read.len() > 50_000 && read[..50_000].iter().all(Result::is_ok), "{}", read.len());
    let errors: Vec<_> = read.iter().filter_map(|event| event.as_ref().err()).map(ToString::to_string).collect();
    assert!(errors.last().unwrap().contains("check that the file is whole"), "{errors:?}");
}

#[test]
fn a_row_that_cannot_be_read_is_reported_and_the_rest_is_read() {
    let rows = ["0,1.1,1.2", "1,1.1", "2,1.123456789,1.2", "-3,1.1,1.2", "86400001,1.1,1.2", "5,1e5,1.2", "6,,", "7,1.1,1.3"];
    let bytes = zip("20260302_eurusd_tick_quote.csv", rows.iter().map(ToString::to_string));
    let read = read_with(("fxcm.zip", &bytes), &ReadOptions::default());
    let texts: Vec<_> = read.iter().map(|event| event.as_ref().map_or_else(ToString::to_string, |event| event.id.clone())).collect();
    let place = "fxcm.zip/20260302_eurusd_tick_quote.csv";
    assert_eq!(texts.len(), 7);
    assert_eq!(texts[0], "20260302_eurusd_tick_quote/1");
    assert_eq!(texts[1], format!("{place}:2: has 2 columns instead of 3; check that the name says what the rows hold"));
    assert!(texts[2].starts_with(&format!("{place}:3: field `bid`: `1.123456789` is more than 8 decimals")), "{}", texts[2]);
    assert!(texts[3].starts_with(&format!("{place}:4: field `time`: `-3` is no time of the day; write milliseconds")), "{}", texts[3]);
    assert!(texts[4].starts_with(&format!("{place}:5: field `time`: `86400001`")), "{}", texts[4]);
    assert!(texts[5].starts_with(&format!("{place}:6: field `bid`: `1e5` is not a decimal number")), "{}", texts[5]);
    // The row without any quote is no tick.
    assert_eq!(texts[6], "20260302_eurusd_tick_quote/8");
}

#[test]
fn rows_taken_out_of_an_archive_are_read_too() {
    let rows = b"0,1.1,1.2\r\n1000,1.1,1.3\r\n";
    let options = ReadOptions { market: Some("FXCM".into()), ..ReadOptions::default() };
    let events = read(("20260302_eurusd_tick_quote.csv", rows), &options);
    assert_eq!(line(&events[1]), "2026-03-02T05:00:01Z 20260302_eurusd_tick_quote/2 tick EURUSD bid 1.1 ask 1.3 ok");
}

#[test]
fn what_an_archive_leaves_open_must_be_told() {
    let bytes = zip("20260302_eurusd_tick_quote.csv", ["0,1.1,1.2".to_owned()].into_iter());
    let error = open_error(("eurusd.zip", &bytes), &ReadOptions::default());
    assert!(error.contains("does not say by what clock") && error.contains("`fxcm` is UTC-05:00 all year"), "{error}");
    let events = read(("eurusd.zip", &bytes), &options());
    assert_eq!(events[0].at.to_string(), "2026-03-01T22:00:00Z");

    let bytes = zip("eurusd.csv", ["0,1.1,1.2".to_owned()].into_iter());
    let error = open_error(("fxcm.zip", &bytes), &ReadOptions::default());
    assert!(error.contains("`eurusd` does not say what it holds") && error.contains("20140502_eurusd_tick_quote.csv"), "{error}");
    for bad in ["20261302_gc_tick_trade_201312.csv", "20260302_gc_tick_trade_201313.csv", "20260302_gc_hour_trade.csv"] {
        let bytes = zip(bad, ["0,1.1,1".to_owned()].into_iter());
        assert!(open_error(("cme.zip", &bytes), &ReadOptions::default()).contains("does not say what it holds"), "{bad}");
    }
    let error = open_error(("cme.zip", b"PK\x03\x04 and nothing"), &ReadOptions::default());
    assert!(error.contains("cme.zip: is a broken zip"), "{error}");
}
