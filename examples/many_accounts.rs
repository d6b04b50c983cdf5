//! Ten thousand accounts on one market, and a new version of their program while they run: a price wakes only the
//! accounts for which it can decide something, and each account stays with the version it was opened under.

use ringfence::book::Book;
use ringfence::event::Event;
use ringfence::source::Source;

/// A version with its share of the size that a day may lose.
fn program(version: &str, share: &str) -> Source {
    let text = format!(
        r#"program "Many" {{
    version   "{version}"
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size     |
        | 100K | $100,000 |

    phase funded {{
        ledger starts at size

        limit "Daily loss" {{
            equity stays at or above day.start_balance - {share} of size
            on breach {{ flatten, fail }}
        }}
    }}
}}"#
    );
    Source::new("many.fence", text)
}

const ACCOUNTS: u32 = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = |source: &Source| ringfence::compile(source).map_err(|found| found[0].message.clone());
    let mut book = Book::new();
    book.load(compiled(&program("1", "5%"))?);
    let tell = |book: &mut Book, line: String| -> Result<usize, serde_json::Error> {
        let event: Event = serde_json::from_str(&line)?;
        let outcomes = book.apply(&event);
        Ok(outcomes.iter().flat_map(|outcome| &outcome.actions).filter(|action| action.kind.words() == "fail").count())
    };
    let instrument = r#"{"id":"i","at":"2026-03-02T07:00:00Z","kind":"instrument","symbol":"EURUSD","class":"forex","unit":"lot","lot_size":"100000",
        "multiplier":"100000","tick_size":"0.00001","pip_size":"0.0001","quantity_step":"0.01","quote_currency":"USD","base_currency":"EUR","weight":"1"}"#;
    tell(&mut book, instrument.into())?;
    for number in 0..ACCOUNTS {
        // The last tenth is opened under the second version, which is loaded while the others run.
        let version = if number < ACCOUNTS / 10 * 9 { "1" } else { "2" };
        if number == ACCOUNTS / 10 * 9 {
            book.load(compiled(&program("2", "4%"))?);
        }
        tell(
            &mut book,
            format!(
                r#"{{"id":"o","account":"A{number}","at":"2026-03-02T08:00:00Z","kind":"open","program":"Many","version":"{version}","plan":"100K",
                "currency":"USD","start_balance":"100000","position_mode":"netting","trader":"T{number}","purchased_at":"2026-03-01T09:00:00Z",
                "swap":"in_position"}}"#
            ),
        )?;
        tell(
            &mut book,
            format!(
                r#"{{"id":"f","account":"A{number}","at":"2026-03-02T08:00:01Z","kind":"fill","fill_id":"f","symbol":"EURUSD","quantity":"1",
                "price":"1.10000","entry":"in","reason":"user"}}"#
            ),
        )?;
    }
    // One lot loses $10 a pip: $4,000 at 1.06000, $5,000 at 1.05000. Touching is no breach.
    let prices = ["1.09000", "1.06000", "1.05999", "1.05000", "1.04999"];
    let mut failed = Vec::new();
    for (number, price) in prices.into_iter().enumerate() {
        let tick = format!(
            r#"{{"id":"t{number}","at":"2026-03-02T09:00:0{number}Z","kind":"tick","symbol":"EURUSD","bid":"{price}","ask":"{price}"}}"#
        );
        failed.push(tell(&mut book, tick)?);
    }
    assert_eq!(failed, [0, 0, 1_000, 0, 9_000]);
    let line = format!("{ACCOUNTS} accounts, {} marks, {} looks at an account\n", book.counts().marks, book.counts().wakes);
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
    Ok(())
}
