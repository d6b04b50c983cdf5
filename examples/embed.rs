//! A host in miniature: one account, a day of events, and a line for each action the engine asks for.

use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::source::Source;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let source = Source::new("rules/ftmo/two-step.fence", include_str!("../rules/ftmo/two-step.fence"));
    let program = ringfence::compile(&source).map_err(|findings| format!("{} findings", findings.len()))?;
    let mut engine = Engine::new();
    engine.load(program);
    let mut asked = Vec::new();
    for line in include_str!("data/day.jsonl").lines() {
        let event: Event = serde_json::from_str(line)?;
        for outcome in engine.apply(&event) {
            // A real host sends these to its platform, and tells the engine by `ack` what became of them.
            asked.extend(outcome.actions.iter().map(|action| format!("{} {}: {}", outcome.at, action.rule, action.kind.words())));
        }
    }
    let account = engine.account("A1").ok_or("the account was opened")?;
    for limit in account.limits() {
        asked.push(format!("{}: {} left", limit.title, limit.headroom));
    }
    // Touching 95,000 warned and failed nobody; one tick lower failed the account.
    assert!(asked.iter().any(|line| line.ends_with("fail")), "{asked:?}");
    std::io::Write::write_all(&mut std::io::stdout(), (asked.join("\n") + "\n").as_bytes())?;
    Ok(())
}
