//! Decisions that are decided again from their proofs.

use super::super::{Asked, Journaled, Kind, Options, Proof, SecretKey, Sync, hex, prove, read};
use super::{Folder, corrected, event, program, written};
use crate::source::Source;

/// What a journal records as decided of an account at an event.
fn recorded(folder: &Folder, account: &str, event: &str) -> Vec<String> {
    let (mut outcomes, mut is_it) = (Vec::new(), false);
    read(&folder.0, |record, _| {
        let value: serde_json::Value = serde_json::from_slice(record.payload).unwrap_or_default();
        match record.kind {
            Kind::Outcome if is_it && value["account"] == account => outcomes.push(String::from_utf8(record.payload.to_vec()).unwrap()),
            Kind::Outcome | Kind::Signature => {}
            _ => is_it = value["id"] == event,
        }
        Ok(())
    })
    .unwrap();
    outcomes
}

#[test]
fn a_decision_is_decided_again_from_its_proof_alone() {
    let folder = Folder::new("proof");
    let (source, events) = corrected();
    let options = Options { sync: Sync::System, segment_bytes: 4_096, key: Some(SecretKey::of([1; 32])) };
    let mut engine = Journaled::create(&folder.0, options).unwrap();
    engine.load(&source).unwrap();
    let mut asked: Vec<&crate::event::Event> = Vec::new();
    for event in events.iter().take(220) {
        if !engine.apply(event).unwrap().is_empty() || event.id.ends_with("99") {
            asked.push(event);
        }
    }
    drop(engine);
    let (mut plain, mut anew) = (0, 0);
    for event in asked {
        let account = event.account.as_deref().unwrap();
        for from_opening in [false, true] {
            let proof = prove(&folder.0, &Asked { account, what: &event.id, from_opening }).unwrap().unwrap();
            assert_eq!(proof.recorded(), recorded(&folder, account, &event.id), "{}", event.id);
            // Written and read: nothing but the text is needed.
            let read = Proof::from_json(&proof.to_json().unwrap()).unwrap();
            assert_eq!(read, proof);
            assert_eq!(read.decide().unwrap(), proof.recorded(), "{} {from_opening}", event.id);
            assert_eq!(proof.is_from_opening(), from_opening || event.corrects.is_some());
            let is_anew = proof.recorded().iter().any(|outcome| ["recomputed", "\"late\":true"].iter().any(|part| outcome.contains(part)));
            anew += usize::from(is_anew);
            plain += usize::from(!is_anew && !proof.recorded().is_empty());
        }
    }
    assert!(plain > 5 && anew > 5, "{plain} {anew}");
}

#[test]
fn a_proof_is_of_an_event_or_an_action_of_that_account() {
    let folder = Folder::new("asked");
    written(&folder, 60);
    let ask = |account: &str, what: &str| prove(&folder.0, &Asked { account, what, from_opening: false }).unwrap();
    // Equity at event 5 is 8,900 and 5 times 37: 9,085, more than half of the allowance of 1,000 is used.
    let by_event = ask("A2", "e5").unwrap();
    let outcome: serde_json::Value = serde_json::from_str(&by_event.recorded()[0]).unwrap();
    assert_eq!(outcome["actions"][0]["kind"]["message"], "$85.00 left");
    let key: crate::outcome::Key = serde_json::from_value(outcome["actions"][0]["key"].clone()).unwrap();
    assert_eq!(ask("A2", &key.to_string()), Some(by_event));
    assert_eq!((ask("A1", "e5"), ask("A1", &key.to_string()), ask("A2", "e61")), (None, None, None));
    // The opening itself, of an account that is not there before.
    let opening = ask("A2", "o2").unwrap();
    assert_eq!(opening.decide().unwrap(), opening.recorded());
    // What changes what it holds changes what is decided, or is refused.
    let text = opening.to_json().unwrap();
    let other = Proof::from_json(&text.replace(r#"\"plan\":\"S\""#, r#"\"plan\":\"X\""#)).unwrap();
    assert_ne!(other.decide().unwrap(), opening.recorded());
    for (from, to) in [
        ("\"form\": 1", "\"form\": 2"),
        ("equity stays", "equity"),
        ("\"market\": \"52", "\"market\": \"00"),
        ("{", "["),
        ("\"hash\"", "\"other\""),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        assert!(Proof::from_json(&changed).and_then(|proof| proof.decide()).is_err(), "{from}");
    }
}

/// What time alone leads to, and what a price leads to in two accounts at once.
#[test]
fn a_proof_is_of_time_and_of_prices_too() {
    let folder = Folder::new("due");
    let text = program().text().replace(" limit \"Loss\"", " every day at 12:00 { notify ops \"noon\" }\n limit \"Loss\"");
    let mut engine = Journaled::create(&folder.0, Options { sync: Sync::System, ..Options::default() }).unwrap();
    engine.load(&Source::new("p.fence", text)).unwrap();
    let lines = [
        r#"{"id":"i","at":"2026-03-01T07:00:00Z","kind":"instrument","symbol":"ES","class":"future","unit":"contract","lot_size":"1","multiplier":"50","tick_size":"0.25","quantity_step":"1","quote_currency":"USD"}"#.to_owned(),
        serde_json::to_string(&event(0)).unwrap(),
        serde_json::to_string(&event(1)).unwrap(),
        r#"{"id":"t1","at":"2026-03-02T09:00:00Z","kind":"tick","symbol":"ES","bid":"5000","ask":"5000"}"#.to_owned(),
        r#"{"id":"f0","account":"A0","at":"2026-03-02T09:01:00Z","kind":"fill","fill_id":"f0","symbol":"ES","quantity":"1","price":"5000","entry":"in","reason":"user"}"#.to_owned(),
        r#"{"id":"f1","account":"A1","at":"2026-03-02T09:01:00Z","kind":"fill","fill_id":"f1","symbol":"ES","quantity":"2","price":"5000","entry":"in","reason":"user"}"#.to_owned(),
        // 20.5 points down: 1,025 of one contract, 2,050 of two, more than the 1,000 that are allowed.
        r#"{"id":"t2","at":"2026-03-02T09:02:00Z","kind":"tick","symbol":"ES","bid":"4979.50","ask":"4979.50"}"#.to_owned(),
    ];
    for line in lines {
        engine.apply(&serde_json::from_str(&line).unwrap()).unwrap();
    }
    let noon: crate::value::Instant = "2026-03-02T12:00:00Z".parse().unwrap();
    assert_eq!(engine.advance(noon).unwrap().len(), 2);
    drop(engine);
    let told = |account: &str, what: &str, from_opening: bool| {
        let proof = prove(&folder.0, &Asked { account, what, from_opening }).unwrap().unwrap();
        assert_eq!(proof.decide().unwrap(), proof.recorded(), "{account} {what}");
        let outcomes: Vec<serde_json::Value> = proof.recorded().iter().map(|outcome| serde_json::from_str(outcome).unwrap()).collect();
        assert!(outcomes.iter().all(|outcome| outcome["account"] == account));
        let actions = outcomes.iter().flat_map(|outcome| outcome["actions"].as_array().cloned().unwrap_or_default());
        actions.map(|action| action["kind"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let due = crate::outcome::Cause::Due(noon);
    for from_opening in [false, true] {
        for account in ["A0", "A1"] {
            assert_eq!(told(account, "t2", from_opening)[..2], ["flatten", "lock"]);
            let at_noon = |record: &str| record.contains("noon");
            let outcomes = recorded_at(&folder, account, at_noon);
            let outcome: serde_json::Value = serde_json::from_str(&outcomes[0]).unwrap();
            let key: crate::outcome::Key = serde_json::from_value(outcome["actions"][0]["key"].clone()).unwrap();
            assert_eq!(key.cause, due);
            assert_eq!(told(account, &key.to_string(), from_opening), ["notify"]);
        }
    }
}

/// The outcomes of an account that say something.
fn recorded_at(folder: &Folder, account: &str, says: impl Fn(&str) -> bool) -> Vec<String> {
    let mut outcomes = Vec::new();
    read(&folder.0, |record, _| {
        let text = String::from_utf8_lossy(record.payload);
        if record.kind == Kind::Outcome && text.contains(&format!(r#""account":"{account}""#)) && says(&text) {
            outcomes.push(text.into_owned());
        }
        Ok(())
    })
    .unwrap();
    outcomes
}

/// Bytes of a snapshot with one changed, and with the checksum that fits them: no accident, but somebody's forgery.
fn forged(digits: &str, at: usize, with: u8) -> String {
    let mut bytes = hex::read(digits).unwrap();
    let end = bytes.len() - 8;
    bytes[at] ^= with;
    let sum = crate::bytes::checksum(&bytes[..end]);
    bytes[end..].copy_from_slice(&sum.to_le_bytes());
    hex::of(&bytes)
}

#[test]
fn a_forged_state_is_refused_or_decides_something_and_nothing_panics() {
    let folder = Folder::new("forged");
    written(&folder, 60);
    let proof = prove(&folder.0, &Asked { account: "A2", what: "e5", from_opening: false }).unwrap().unwrap();
    let value: serde_json::Value = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
    let (mut refused, mut other, mut same) = (0, 0, 0);
    for part in ["account", "market"] {
        let digits = value["state"][part].as_str().unwrap();
        for at in 23..digits.len() / 2 - 8 {
            for with in [0x01, 0x80, 0xff] {
                let mut value = value.clone();
                value["state"][part] = forged(digits, at, with).into();
                match Proof::from_json(&value.to_string()).unwrap().decide() {
                    Err(_) => refused += 1,
                    Ok(decided) if decided != proof.recorded() => other += 1,
                    Ok(_) => same += 1,
                }
            }
        }
    }
    // What the decision does not read changes nothing in it; what is not refused is taken as it stands.
    assert!(refused > 0 && other > 0 && same > 0, "{refused} {other} {same}");
}
