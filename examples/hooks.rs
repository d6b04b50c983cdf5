//! Actions on their way to a platform that fails now and then: nothing is lost, nothing is done twice, and after a
//! restart the host goes on where it stopped.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use ringfence::hooks::{Answer, Delivery, Outbox, Pace, Workers};
use ringfence::journal::{self, JournalError, Journaled, Options};
use ringfence::source::Source;

const PROGRAM: &str = r#"program "Hooks" {
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size    |
        | 10K  | $10,000 |

    phase funded {
        ledger starts at size

        limit "Maximum loss" {
            equity stays above $9,000
            on breach { cancel orders, flatten, fail }
        }
    }
}"#;

/// A platform behind a line that breaks at each first attempt. A key and attempt that it has seen it does not do again.
fn platform() -> impl FnMut(&Delivery) -> Answer + Send + 'static {
    let mut seen = BTreeSet::new();
    move |delivery| {
        if !seen.insert((delivery.key.clone(), delivery.attempt)) {
            return Answer::Done;
        }
        if delivery.attempt == 1 { Answer::Failed("the line broke".into()) } else { Answer::Done }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("ringfence-hooks-{}", std::process::id()));
    let mut host = Journaled::create(&folder, Options::default())?;
    host.load(&Source::new("hooks.fence", PROGRAM))?;
    let opening = r#"{"id":"o","account":"A1","at":"2026-03-02T08:00:00Z","kind":"open","program":"Hooks","version":"","plan":"10K","currency":"USD",
        "start_balance":"10000","position_mode":"netting","trader":"T1","purchased_at":"2026-03-01T09:00:00Z","swap":"in_position"}"#;
    let loss = r#"{"id":"s","account":"A1","at":"2026-03-02T09:00:00Z","kind":"snapshot","balance":"9000","equity":"9000"}"#;
    for line in [opening, loss] {
        host.apply(&serde_json::from_str(line)?)?;
    }
    drop(host); // the process ends before anything went out

    let (mut host, _) = Journaled::open(&folder, Options::default())?;
    let mut outbox = rebuilt(&folder)?;
    let mut workers = Workers::new(2, platform);
    // A real host takes the time from its clock; here a second passes with each look.
    let mut now = "2026-03-02T09:00:01Z".parse::<ringfence::value::Instant>()?;
    let mut told = Vec::new();
    while !outbox.is_empty() {
        for delivery in outbox.due(now) {
            workers.send(delivery);
        }
        for (delivery, answer) in workers.wait(Duration::from_millis(20)) {
            let Some(event) = outbox.answer(&delivery, &answer, now) else { continue };
            told.push(format!("{} attempt {}: {answer:?}", delivery.words(), delivery.attempt));
            host.apply(&event)?; // what became of it is on the record
        }
        now = now.plus(1_000_000_000);
    }
    std::io::stdout().write_all((told.join("\n") + "\n").as_bytes())?;
    let done: Vec<&String> = told.iter().filter(|line| line.ends_with("Done")).collect();
    assert_eq!(done, ["cancel orders attempt 2: Done", "flatten attempt 2: Done", "fail attempt 2: Done"]);
    assert!(rebuilt(&folder)?.is_empty(), "after another restart nothing is sent again");
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// What a journal says is still to be done: the actions of its outcomes, without those that were acknowledged.
fn rebuilt(folder: &Path) -> Result<Outbox, JournalError> {
    let mut outbox = Outbox::new(Pace::default());
    journal::decide_again(folder, |event, outcomes| outbox.recorded(event, outcomes))?;
    Ok(outbox)
}
