//! A host that loses nothing: events and outcomes are on the disk before anybody acts on them, a restart goes on
//! where the host stopped, and a correction that comes late is computed from what was recorded.

use ringfence::event::Event;
use ringfence::journal::{Journaled, Options, verify};
use ringfence::source::Source;

const PROGRAM: &str = r#"program "Durable" {
    currency     USD
    timezone     "UTC"
    day          00:00
    corrections  within 2 days

    plans
        | plan | size    |
        | 10K  | $10,000 |

    phase funded {
        ledger starts at size

        limit "Maximum loss" {
            equity stays above $9,000
            on breach { flatten, fail }
        }
    }
}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("ringfence-durable-{}", std::process::id()));
    let mut host = Journaled::create(&folder, Options::default())?;
    host.load(&Source::new("durable.fence", PROGRAM))?;
    let opened = r#"{"id":"o","account":"A1","at":"2026-03-02T08:00:00Z","kind":"open","program":"Durable","version":"","plan":"10K","currency":"USD",
        "start_balance":"10000","position_mode":"netting","trader":"T1","purchased_at":"2026-03-01T09:00:00Z","swap":"in_position"}"#;
    let fee = r#"{"id":"fee","account":"A1","at":"2026-03-02T09:00:00Z","kind":"cash","cash_id":"c1","amount":"-1000","type":"fee"}"#;
    let mut asked = Vec::new();
    for line in [opened, fee] {
        let event: Event = serde_json::from_str(line)?;
        // When this returns the outcomes are on the disk: under their keys, sending them twice is harmless.
        asked.extend(host.apply(&event)?.iter().flat_map(|outcome| &outcome.actions).map(|action| action.kind.words().to_owned()));
    }
    assert_eq!(asked, ["flatten", "fail"]);
    host.snapshot()?;
    drop(host); // or the power goes

    let (mut host, recovery) = Journaled::open(&folder, Options::default())?;
    // The fee was 100, not 1,000: the account has not failed, and what was asked for is taken back by key.
    let right = r#"{"id":"right","corrects":"fee","account":"A1","at":"2026-03-02T10:00:00Z","kind":"cash","cash_id":"c1","amount":"-100","type":"fee"}"#;
    let event: Event = serde_json::from_str(right)?;
    let outcomes = host.apply(&event)?;
    let withdrawn = outcomes.iter().filter_map(|outcome| outcome.recomputed.as_deref()).flat_map(|recomputed| &recomputed.withdrawn);
    let withdrawn: Vec<&str> = withdrawn.map(|gone| gone.kind.words()).collect();
    assert_eq!(withdrawn, ["flatten", "fail"]);
    let phase = host.engine().account("A1").ok_or("the account is open")?.status().phase;
    let line = format!("{} events after the snapshot; in phase {phase}; {} events verified\n", recovery.events, verify(&folder)?.events);
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
