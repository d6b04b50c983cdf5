use std::sync::Arc;
use ringfence::check::check;
use ringfence::outcome::Outcome;
use ringfence::reference::Reference;
use ringfence::source::Source;
use ringfence::syntax::parse;
use crate::generate::{Setup, stream};

fn norm(mut o: Vec<Outcome>) -> Vec<Outcome> {
    o.retain(|o| !o.is_quiet());
    for o in &mut o { for f in &mut o.faults { f.detail.clear(); } for a in &mut o.actions { if let ringfence::outcome::ActionKind::Notify { message, .. } = &mut a.kind { if message.starts_with("used") { message.clear(); } } } }
    o
}

#[test]
fn tmp() {
    let files = [("topstep", include_str!("../../rules/topstep/trading-combine.fence"), "50K", 50_000),
     ("apex", include_str!("../../rules/apex/eod.fence"), "50K", 50_000),
     ("ftmo", include_str!("../../rules/ftmo/two-step.fence"), "100K", 100_000)];
    let seeds: u64 = std::env::var("SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(10);
    for (name, text, plan, start) in files {
        let source = Source::new(name, text);
        let ir = check(&source, &parse(&source)).ir.unwrap();
        let program = Arc::new(ringfence::compile::compile(ir.clone()).unwrap_or_else(|e| panic!("{e:?}")));
        for seed in 1..=seeds {
            let phase = if seed % 3 == 0 { ir.phases.get(1).filter(|p| !p.standing).map(|p| p.name.clone()) } else { None };
            let setup = Setup { account: "a".into(), program: ir.title.clone(), version: ir.header.version.clone(), plan: plan.into(), start_balance: start, hedging: seed % 2 == 0, phase, inputs: vec![], from: "2026-02-25T15:00:00Z".parse().unwrap() };
            let mut reference = Reference::new(Arc::new(ir.clone()));
            let mut engine = ringfence::engine::Engine::new();
            engine.load(program.clone());
            for (n, event) in stream(seed, 400, &setup).iter().filter(|e| !format!("{e:?}").contains("\"DAX\"") && !matches!(e.kind, ringfence::event::Kind::Protect(ref p) if p.position_id.starts_with("p"))).enumerate() {
                let a = norm(reference.apply(event));
                let b = norm(engine.apply(event).to_vec());
                let (sa, sb) = (reference.state("a"), engine.account("a").map(|a| a.state()).unwrap_or_default());
                let diff: Vec<_> = sa.iter().filter(|(k, _)| !k.ends_with(".held") && !k.ends_with(".widest_risk") && !k.ends_with(".breaches")).filter(|(k, v)| sb.get(*k) != Some(*v)).map(|(k, v)| (k, v.to_string(), sb.get(k).map(|v| v.to_string()))).collect();
                
                if a != b || !diff.is_empty() {
                    println!("{name} seed {seed} event {n}: {event:?}");
                    if a != b { println!("REF {a:?}\nENG {b:?}"); }
                    println!("DIFF {diff:?}");
                    break;
                }
            }
        }
    }
}

#[test]
fn tmp2() {
    let mut dice = crate::random::Dice::new(std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1));
    let n: usize = std::env::var("N").ok().and_then(|s| s.parse().ok()).unwrap_or(30);
    let mut done = 0;
    let mut bad = 0;
    while done < n && bad < 6 {
        let text = crate::random::program(&mut dice);
        let source = Source::new("random", text.clone());
        let Some(ir) = check(&source, &parse(&source)).ir else { continue };
        let Ok(program) = ringfence::compile::compile(ir.clone()) else { println!("NOCOMPILE"); continue };
        done += 1;
        let seed = dice.below(1000);
        let setup = Setup { account: "a".into(), program: ir.title.clone(), version: ir.header.version.clone(), plan: if seed % 2 == 0 { "A" } else { "B" }.into(), start_balance: 100_000, hedging: seed % 3 == 0, phase: None, inputs: vec![("fact".into(), vec!["1".into(), "250".into(), "-3".into()])], from: "2026-02-25T15:00:00Z".parse().unwrap() };
        let mut reference = Reference::new(Arc::new(ir.clone()));
        let mut engine = ringfence::engine::Engine::new();
        engine.load(Arc::new(program));
        for (n, event) in stream(seed, 250, &setup).iter().filter(|e| !format!("{e:?}").contains("\"DAX\"") && !matches!(e.kind, ringfence::event::Kind::Protect(ref p) if p.position_id.starts_with("p"))).enumerate() {
            let a = norm(reference.apply(event));
            let b = norm(engine.apply(event).to_vec());
            let (sa, sb) = (reference.state("a"), engine.account("a").map(|a| a.state()).unwrap_or_default());
            let diff: Vec<_> = sa.iter().filter(|(k, _)| !k.ends_with(".held") && !k.ends_with(".widest_risk") && !k.ends_with(".breaches")).filter(|(k, v)| sb.get(*k) != Some(*v)).map(|(k, v)| (k, v.to_string(), sb.get(k).map(|v| v.to_string()))).collect();
            if a != b || !diff.is_empty() {
                bad += 1;
                println!("PROGRAM seed {seed} event {n} {} at {}", event.kind.name(), event.at);
                for (x, y) in a.iter().zip(&b) { if x != y {
                    let (x, y) = (format!("{x:?}"), format!("{y:?}"));
                    let same = x.bytes().zip(y.bytes()).take_while(|(a, b)| a == b).count();
                    let cut = |t: &str| t.chars().skip(same.saturating_sub(150)).take(500).collect::<String>();
                    println!("REF {}\nENG {}", cut(&x), cut(&y)); break; } }
                if a.len() != b.len() { println!("COUNT {} {}\nREFS {:?}\nENGS {:?}", a.len(), b.len(), a.last(), b.last()); }
                println!("DIFF {diff:?}");
                std::fs::write(format!("/tmp/bad-{bad}.fence"), &text).unwrap();
                break;
            }
        }
    }
    println!("DONE {done} bad {bad}");
}
