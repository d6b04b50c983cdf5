//! Words of the host's own: a fact that it keeps up to date, an event that only it knows, an action that only it can
//! do. The program declares them; the host tells and carries them out by these names.

use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::outcome::{ActionKind, Outcome, Verdict};
use ringfence::source::Source;

/// A trader whose identity is not checked is not paid; a device that two traders use is frozen.
const PROGRAM: &str = r#"program "Own words" {
    currency  USD
    timezone  "UTC"
    day       00:00

    plans
        | plan | size     |
        | 100K | $100,000 |

    input  identity_checked: bool = no per trader
    event  shared_device { device: text, others: count }
    action freeze { reason: text, device: text }

    phase funded {
        ledger starts at size

        on shared_device where shared_device.others is above 0 {
            call freeze(reason = "used by another trader too", device = shared_device.device)
            lock until staff
        }

        payout {
            require "Identity" identity_checked
            split 80% to trader
        }
    }
}"#;

/// What happens, as the host tells it.
const EVENTS: [&str; 7] = [
    r#"{"id":"e1","account":"A1","at":"2026-03-02T08:00:00Z","kind":"open","program":"Own words","version":"","plan":"100K",
        "currency":"USD","start_balance":"100000","position_mode":"netting","trader":"T1","purchased_at":"2026-03-01T09:00:00Z",
        "swap":"in_position"}"#,
    r#"{"id":"e2","account":"A1","at":"2026-03-02T09:00:00Z","kind":"host","name":"shared_device","fields":{"device":"d-81","others":"1"}}"#,
    r#"{"id":"i1","account":"A1","at":"2026-03-02T12:00:00Z","kind":"cash","cash_id":"i1","amount":"500","type":"interest"}"#,
    r#"{"id":"e3","account":"A1","at":"2026-03-03T09:00:00Z","kind":"payout","payout_id":"p1","status":"requested"}"#,
    // The answer changes nothing by itself: the host decides, and tells what it decided.
    r#"{"id":"d1","account":"A1","at":"2026-03-03T09:05:00Z","kind":"payout","payout_id":"p1","status":"denied"}"#,
    r#"{"id":"e4","account":"A1","at":"2026-03-03T10:00:00Z","kind":"input","name":"identity_checked","value":true}"#,
    r#"{"id":"e5","account":"A1","at":"2026-03-03T11:00:00Z","kind":"payout","payout_id":"p2","status":"requested"}"#,
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let program = ringfence::compile(&Source::new("own-words.fence", PROGRAM)).map_err(|found| found[0].message.clone())?;
    let mut engine = Engine::new();
    engine.load(program);
    let mut done = Vec::new();
    for line in EVENTS {
        let event: Event = serde_json::from_str(line)?;
        engine.apply(&event).iter().for_each(|outcome| carry_out(outcome, &mut done));
    }
    std::io::Write::write_all(&mut std::io::stdout(), (done.join("\n") + "\n").as_bytes())?;
    let expected = [
        "freeze (reason: used by another trader too, device: d-81)",
        "lock",
        "denied: Identity",
        "approved: 500, of which 400 to the trader",
    ];
    assert_eq!(done, expected);
    Ok(())
}

/// What the host does about an outcome.
fn carry_out(outcome: &Outcome, done: &mut Vec<String>) {
    for action in &outcome.actions {
        match &action.kind {
            ActionKind::Call { action: name, arguments } => {
                let arguments: Vec<String> = arguments.iter().map(|argument| format!("{}: {}", argument.text, argument.value)).collect();
                done.push(format!("{name} ({})", arguments.join(", ")));
            }
            other => done.push(other.words().to_owned()),
        }
    }
    match &outcome.verdict {
        Some(Verdict::Approve(amounts)) => done.push(format!("approved: {}, of which {} to the trader", amounts.amount, amounts.trader)),
        Some(Verdict::Deny { reasons, .. }) => {
            let missing: Vec<&str> = reasons.iter().map(|reason| &*reason.rule).collect();
            done.push(format!("denied: {}", missing.join(", ")));
        }
        _ => {}
    }
}
