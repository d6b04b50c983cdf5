//! `docs/events.md`: the events as files tell them, written from the rows that the reader reads by.

use std::fmt::Write as _;
use std::fs;

use ringfence::engine::Engine;
use ringfence::event::{ENVELOPE, Event, FieldRow, Presence, Scope, kinds};

use crate::manual::{checked, fences};
use crate::shipped::root;

const PAGE: &str = "docs/events.md";

/// What stands before the tables. The stream is applied by a test.
const BEGINNING: &str = r#"# Events

What happens is told to Ringfence as events: by a host through `Engine::apply`, or in files of JSON Lines, one event a
line, which `ringfence run`, `selftest` and the prompt's `load events` read. Lines stand in the order in which they
happened; an account begins with its `open`. This is a day of one account of the first program of the README:

```jsonl
{"id":"i1","at":"2026-03-02T08:00:00Z","kind":"instrument","symbol":"EURUSD","class":"fx","unit":"lot","lot_size":"100000","multiplier":"100000","tick_size":"0.00001","quantity_step":"0.01","quote_currency":"USD","base_currency":"EUR"}
{"id":"o1","account":"A1","at":"2026-03-02T08:00:00Z","kind":"open","program":"FTMO 2-Step","version":"2026-10","plan":"100K","currency":"USD","start_balance":"100000","position_mode":"hedging","trader":"T1","purchased_at":"2026-03-01T12:00:00Z","swap":"in_position"}
{"id":"t1","at":"2026-03-02T08:59:59Z","kind":"tick","symbol":"EURUSD","bid":"1.09998","ask":"1.10000"}
{"id":"f1","account":"A1","at":"2026-03-02T09:00:00Z","kind":"fill","fill_id":"f1","position_id":"1","symbol":"EURUSD","quantity":"10","price":"1.10000","entry":"in","reason":"user"}
{"id":"t2","at":"2026-03-02T09:00:02Z","kind":"tick","symbol":"EURUSD","bid":"1.09500","ask":"1.09502"}
```

The position of 10 lots loses $100 a pip: with the second tick, 50 pips lower, the account stands at $95,000.00, which
is the maximum daily loss of 5% of $100,000.

- Amounts, prices and quantities are **decimals in quotes**, never numbers of JSON: no reader may round them.
- Times are RFC 3339 with a zone, up to nanoseconds. The `at` of events is the engine's only clock.
- `id` is unique within its account, of market-wide events within the stream. An id among the account's last 256, or a
  `seq` that is not above the last, is a duplicate: ignored, and counted.
- A field that is unknown, missing or wrong is an error that names the line, the field and how to mend it; the other
  lines are read. What a vendor tells besides stands under `raw`, fields that a program declares under `extra`.
- A `fill` of a symbol comes after the symbol's `instrument`.
"#;

fn page() -> String {
    let mut page = format!("{BEGINNING}\nThis page is written by a test from the rows by which events are read.\n");
    let _ = write!(page, "\n## Every event\n\n{}", fields(ENVELOPE));
    for (scope, title) in [(Scope::Market, "Market-wide"), (Scope::Account, "Of one account"), (Scope::Either, "Of one account, or of all")]
    {
        let _ = writeln!(page, "\n## {title}");
        for kind in kinds().iter().filter(|kind| kind.scope == scope) {
            let _ = write!(page, "\n### `{}`\n\n{}\n", kind.name, kind.doc.trim());
            if !kind.fields.is_empty() {
                let _ = write!(page, "\n{}", fields(kind.fields));
            }
        }
    }
    page
}

fn fields(rows: &[FieldRow]) -> String {
    let mut table = String::from("| field | | written as | |\n| --- | --- | --- | --- |\n");
    for row in rows {
        let presence = match row.presence {
            Presence::Required => "required",
            Presence::Optional | Presence::Default => "",
        };
        let cell = |text: &str| text.trim().replace('|', "\\|");
        let _ = writeln!(table, "| `{}` | {presence} | {} | {} |", row.name, cell(&row.ty.to_string()), cell(row.doc));
    }
    table
}

#[test]
fn the_page_lists_every_event_and_field() {
    let (path, page) = (root().join(PAGE), page());
    assert!(kinds().iter().all(|kind| page.contains(&format!("### `{}`", kind.name))));
    if std::env::var("WRITE_PAGES").is_ok() {
        fs::write(&path, &page).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == page, "run `WRITE_PAGES=1 cargo test events_page` and read what changed");
}

#[test]
fn the_page_s_stream_decides_what_the_page_says() {
    let name = "rules/ftmo/two-step.fence";
    let (_, found) = checked(name, fs::read_to_string(root().join(name)).unwrap());
    let mut engine = Engine::new();
    engine.load(ringfence::compile::compile(found.ir.unwrap()).unwrap().into());
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let (_, info, stream) = fences(&page).into_iter().next().unwrap();
    assert_eq!(info, "jsonl");
    let mut outcomes = Vec::new();
    for line in stream.lines() {
        let event: Event = serde_json::from_str(line).unwrap();
        outcomes.extend(engine.apply(&event).iter().map(|outcome| serde_json::to_string(outcome).unwrap()));
    }
    let last = outcomes.last().unwrap();
    assert!(last.contains(r#""event":"t2""#) && last.contains(r#""rule":"Maximum Daily Loss""#) && last.contains(r#""95000""#), "{last}");
}
