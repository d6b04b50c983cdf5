use super::*;

const TICK: &str = r#"{"id":"ID","at":"AT","kind":"tick","symbol":"EURUSD","bid":"1.1"}"#;

fn tick(id: &str, at: &str) -> String {
    TICK.replace("ID", id).replace("AT", &format!("2026-03-02T{at}Z"))
}

fn ids(events: Events<'_>) -> Vec<String> {
    events.map(|event| event.map_or_else(|error| format!("{}:{:?}", error.file, error.line), |event| event.id)).collect()
}

#[test]
fn a_bad_line_is_reported_and_the_rest_is_read() {
    let text = [
        &tick("1", "10:00:00"),
        "",
        &tick("2", "10:00:00").replace("\"1.1\"", "1.1"),
        &tick("3", "10:00:00").replace("bid", "bidd"),
        &tick("4", "10:00:00").replace(r#""symbol":"EURUSD","#, ""),
        &tick("5", "10:00"),
        &tick("6", "10:00:00").replace("1.1", "1.123456789"),
        &tick("7", "10:00:00").replace(r#""kind""#, r#""bid":"1.2","kind""#),
        r#"{"id":"8","at":"2026-03-02T10:00:00Z","kind":"clock""#,
        "[1]",
        "nonsense",
        &tick("12", "10:00:00").replace("1.1", "92233720368.54775808"),
        &format!("  {}\r", tick("13", "10:00:00")),
    ]
    .join("\n");
    let read = read_with(("events.jsonl", text.as_bytes()), &ReadOptions::default());
    let texts: Vec<_> = read.iter().map(|event| event.as_ref().map_or_else(ToString::to_string, |event| event.id.clone())).collect();
    let expected = [
        "1",
        "events.jsonl:3: field `bid`: found floating point `1.1`, expected a decimal in quotes, such as \"1250.50\" (a bare JSON number has been through a float); write a decimal in quotes with at most 8 decimals, as in \"1250.50\"",
        "events.jsonl:4: field `bidd`: unknown field of a `tick`; did you mean `bid`? its fields are symbol, bid, ask, last, quality, extra, id, account, seq, at, received, trade_date, provenance, corrects, busts, kind, raw; what is the vendor's own goes under `raw`",
        "events.jsonl:5: field `symbol`: is missing; add it to the `tick`: the symbol",
        "events.jsonl:6: field `at`: `2026-03-02T10:00Z` is not a time: write RFC 3339 with a zone, as in 2026-03-02T14:30:00.250Z; write a time with its zone, as in \"2026-03-02T14:30:00.250Z\"",
        "events.jsonl:7: field `bid`: \"1.123456789\" is more than 8 decimals: give the value with at most 8, it is never rounded here; write a decimal in quotes with at most 8 decimals, as in \"1250.50\"",
        "events.jsonl:8: field `bid`: is there twice; keep one of the two",
        "events.jsonl:9: is no JSON at column 52: it ends inside an object; write one event a line, as JSON in UTF-8",
        "events.jsonl:10: is no event; write an object with `id`, `at`, `kind` and the fields of its kind",
        "events.jsonl:11: is no JSON at column 2: expected ident; write one event a line, as JSON in UTF-8",
        "events.jsonl:12: field `bid`: \"92233720368.54775808\" is outside ±92,233,720,368.54775807; write a decimal in quotes with at most 8 decimals, as in \"1250.50\"",
        "13",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn a_line_that_does_not_end_is_passed_over() {
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(3 * 1024 * 1024));
    let text = format!("{}\n{long}\n{}", tick("1", "10:00:00"), tick("2", "10:00:00"));
    let read = read_with(("events.jsonl", text.as_bytes()), &ReadOptions::default());
    assert_eq!(read.len(), 3);
    assert_eq!(read[1].as_ref().unwrap_err().to_string(), "events.jsonl:2: has more than 1048576 bytes; write one event a line");
    assert_eq!(read[2].as_ref().unwrap().id, "2");
}

/// Gives lines without end until it has given a million, and holds none of them.
struct Endless(u32, Vec<u8>);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.1.is_empty() && self.0 < 1_000_000 {
            self.0 += 1;
            self.1 = format!("{}\n", tick(&self.0.to_string(), "10:00:00")).into_bytes();
        }
        let count = self.1.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.1[..count]);
        self.1.drain(..count);
        Ok(count)
    }
}

#[test]
fn a_million_lines_are_streamed() {
    let mut source = Source::open("endless", Endless(0, Vec::new()), &ReadOptions::default()).unwrap();
    assert_eq!(source.format(), Format::Jsonl);
    assert_eq!(source.events().map(Result::unwrap).last().unwrap().id, "1000000");
}

#[test]
fn a_file_is_known_by_its_content_and_not_by_its_name() {
    let (_, zip) = data!("minutes/cme_es_minute_20131006_quote.zip");
    let (_, csv) = data!("statements/mt4-statement.csv");
    let (_, page) = data!("statements/mt5-history.html");
    let jsonl = tick("1", "10:00:00");
    let cases = [
        (zip, "cme.jsonl", Format::Archive),
        (csv, "a.zip", Format::Statement),
        (page, "a.csv", Format::Html),
        (jsonl.as_bytes(), "a.html", Format::Jsonl),
    ];
    for (bytes, name, format) in cases {
        assert_eq!(Source::open(name, bytes, &options()).unwrap().format(), format, "{name}");
    }
    for bytes in [&b"a,b,c\n1,2,3\n"[..], b"\x00\x01", b"  \n"] {
        let error = open_error(("events.jsonl", bytes), &options());
        assert!(error.contains("is of no known format; known are JSON Lines, MT4"), "{error}");
    }
    assert!(open_error(("events.jsonl", b""), &options()).contains("events.jsonl: is empty"));
    assert!(open_error(("page.html", b"<html><p>hello</p></html>"), &options()).contains("holds no table"));
    assert!(open_error(data!("calendars/24-5.csv"), &options()).contains("is an exchange calendar"));
}

/// docs/semantics.md: instant.9
#[test]
fn sources_are_merged_by_time_then_kind_then_seq_then_source() {
    let event = |id: &str, seq: &str, at: &str, rest: &str| format!(r#"{{"id":"{id}","account":"A",{seq}"at":"2026-03-02T{at}Z",{rest}}}"#);
    let cash = r#""kind":"cash","cash_id":"1","amount":"5","type":"deposit""#;
    let fixed = r#""corrects":"c1","kind":"cash","cash_id":"1","amount":"6","type":"deposit""#;
    let first = [
        event("clock", "", "10:00:00", r#""kind":"clock""#),
        event("cash 2", r#""seq":2,"#, "10:00:00", cash),
        "broken".into(),
        event("late", "", "09:00:00", cash),
        event("last", "", "12:00:00", cash),
    ];
    let second = [
        tick("tick", "10:00:00"),
        event("cash 1", r#""seq":1,"#, "10:00:00", cash),
        event("correction", "", "10:00:00", fixed),
        event("clock too", "", "10:00:00", r#""kind":"clock""#),
        event("early", "", "11:00:00", cash),
    ];
    let (first, second) = (first.join("\n"), second.join("\n"));
    let open = |name, text: &'static str| Source::open(name, text.as_bytes(), &ReadOptions::default()).unwrap();
    let (mut first, mut second) = (open("first", first.leak()), open("second", second.leak()));
    let merged = ids(merge(vec![first.events(), second.events()]));
    // The broken line stands after the instant of the line before it.
    let expected = ["correction", "cash 1", "cash 2", "tick", "clock", "clock too", "first:Some(3)", "late", "early", "last"];
    assert_eq!(merged, expected);
}
