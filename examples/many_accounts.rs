//! Ten thousand accounts on one market, and a new version of their program while they run: a price wakes only the
//! accounts for which it can decide something. Each account stays with the version it was opened under until it is taken
//! over, and a dry run tells before what that will lead to.

use ringfence::account::Migration;
use ringfence::book::Book;
use ringfence::event::Event;
use ringfence::outcome::Outcome;
use ringfence::source::Source;

/// A version with its share of the size that a day may lose.
fn program(version: &str, share: &str, migrate: &str) -> Source {
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
    {migrate}
}}"#
    );
    Source::new("many.fence", text)
}

/// How many accounts outcomes fail.
fn fails(outcomes: &[Outcome]) -> usize {
    outcomes.iter().flat_map(|outcome| &outcome.actions).filter(|action| action.kind.words() == "fail").count()
}

const ACCOUNTS: u32 = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let compiled = |source: &Source| ringfence::compile(source).map_err(|found| found[0].message.clone());
    let old = compiled(&program("1", "5%", ""))?;
    let new = compiled(&program("2", "4%", r#"migrate from "1" { applies now; keep limit "Daily loss" }"#))?;
    let mut book = Book::new();
    book.load(old.clone());
    let tell = |book: &mut Book, line: String| -> Result<usize, serde_json::Error> {
        let event: Event = serde_json::from_str(&line)?;
        let outcomes = book.apply(&event);
        Ok(fails(outcomes))
    };
    let instrument = r#"{"id":"i","at":"2026-03-02T07:00:00Z","kind":"instrument","symbol":"EURUSD","class":"forex","unit":"lot","lot_size":"100000",
        "multiplier":"100000","tick_size":"0.00001","pip_size":"0.0001","quantity_step":"0.01","quote_currency":"USD","base_currency":"EUR","weight":"1"}"#;
    tell(&mut book, instrument.into())?;
    for number in 0..ACCOUNTS {
        // The last tenth is opened under the second version, which is loaded while the others run.
        let version = if number < ACCOUNTS / 10 * 9 { "1" } else { "2" };
        if number == ACCOUNTS / 10 * 9 {
            book.load(new.clone());
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
    let tick = |book: &mut Book, number: u32, price: &str| {
        let at = format!("2026-03-02T09:00:0{number}Z");
        tell(book, format!(r#"{{"id":"t{number}","at":"{at}","kind":"tick","symbol":"EURUSD","bid":"{price}","ask":"{price}"}}"#))
    };
    assert_eq!([tick(&mut book, 1, "1.09000")?, tick(&mut book, 2, "1.06000")?], [0, 0]);

    // A tenth of those under the first version goes over at $4,000, which breaks nothing. Then the price falls.
    let over = |book: &mut Book, second: u32, accounts: std::ops::Range<u32>| -> Result<(usize, usize), Box<dyn std::error::Error>> {
        let migration = Migration::new(&old, &new)?;
        let (market, mut foreseen, mut failed) = (book.market().clone(), 0, 0);
        for number in accounts.clone() {
            let account = book.account(&format!("A{number}")).ok_or("it is open")?;
            foreseen += fails(&account.dry_run(&market, &migration)?);
        }
        for number in accounts {
            let go = r#""kind":"migrate","program":"Many","version":"2","who":"risk""#;
            failed += tell(book, format!(r#"{{"id":"m","account":"A{number}","at":"2026-03-02T09:00:0{second}Z",{go}}}"#))?;
        }
        Ok((foreseen, failed))
    };
    assert_eq!(over(&mut book, 3, 0..1_000)?, (0, 0));
    assert_eq!(tick(&mut book, 4, "1.05999")?, 2_000);
    // Now going over breaks the new limit: the dry run counts those that then fail.
    assert_eq!(over(&mut book, 5, 1_000..4_000)?, (3_000, 3_000));
    assert_eq!([tick(&mut book, 6, "1.05000")?, tick(&mut book, 7, "1.04999")?], [0, 5_000]);
    let line = format!("{ACCOUNTS} accounts, {} marks, {} looks at an account\n", book.counts().marks, book.counts().wakes);
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
    Ok(())
}
